//! Table `seal`: the sums over the rows of each sealed table, from which the hash in the log is made. They
//! are kept so that a change costs what changes; nobody believes them: the log says what they were, and a
//! check works them out from the rows.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, params};
use tieout_evidence::{ChangedRows, Fields, RowSet, Seal, SealedSet, Seals, root};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sealing::{Changed, Layout, RowChange},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 5,
    sql: "CREATE TABLE seal (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, sums BLOB NOT NULL,
            hash TEXT NOT NULL) WITHOUT ROWID;",
}];

/// Bytes of what one entry says of rows; more is said by entries after it. A cell of a spreadsheet holds
/// 32767 letters, and an export of the log has each seal in one.
const MOST_SAID: usize = 24_000;

/// Rows between two times that a scan asks whether to go on.
const CHUNK: u64 = 2_000;

/// True where the file has seals: an older one has none.
pub(crate) fn is_kept(db: &Db) -> Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seal')";
    Ok(db.query_row(query, [], |row| row.get(0))?)
}

fn read_set(row: &Row<'_>) -> rusqlite::Result<(String, SealedSet)> {
    Ok((row.get("name")?, SealedSet { rows: row.get("rows")?, hash: row.get("hash")? }))
}

/// The tables as the file says that they were sealed.
fn all(db: &Db) -> Result<BTreeMap<String, SealedSet>> {
    let mut statement = db.prepare_cached("SELECT name, rows, hash FROM seal ORDER BY name")?;
    Ok(statement.query_map([], read_set)?.collect::<rusqlite::Result<_>>()?)
}

fn root_of(sets: &BTreeMap<String, SealedSet>) -> String {
    root(sets.iter().map(|(table, set)| (table.as_str(), set)))
}

/// The root of the newest seal; `None` before the first.
fn last_root(db: &Db) -> Result<Option<String>> {
    let newest: Option<String> = db
        .prepare_cached("SELECT seal FROM log WHERE seal IS NOT NULL ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    // One that cannot be read is no root that anything has.
    Ok(newest.map(|text| Seal::parse(&text).map(|seal| seal.root).unwrap_or_default()))
}

/// The tables as the log sealed them last.
pub(crate) fn logged(db: &Db) -> Result<Seals> {
    let mut seals = Seals::default();
    let mut statement =
        db.prepare_cached("SELECT number, seal FROM log WHERE seal IS NOT NULL ORDER BY number")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(seal) = Seal::parse(row.get_ref("seal")?.as_str().unwrap_or_default()) {
            seals.follow(row.get("number")?, &seal);
        }
    }
    Ok(seals)
}

/// The tables of which the file says otherwise than the log.
fn unlike(db: &Db, sets: &BTreeMap<String, SealedSet>) -> Result<Vec<String>> {
    let logged = logged(db)?.tables;
    let says = |table: &String| logged.get(table).map(|(_, set)| set);
    let mut names: Vec<String> = sets.keys().chain(logged.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| sets.get(name) != says(name));
    Ok(names)
}

/// The set of a table's rows, read through. `more` is told how many were read; `None` where it says to stop.
pub(crate) fn scan(db: &Db, layout: &Layout, more: &mut dyn FnMut(u64) -> bool) -> Result<Option<RowSet>> {
    let query = format!("SELECT {} FROM \"{}\"", layout.list(), layout.sealed.table);
    let mut statement = db.prepare(&query)?;
    let mut rows = statement.query([])?;
    let (mut set, mut fields, mut told) = (RowSet::default(), Fields::default(), 0);
    while let Some(row) = rows.next()? {
        layout.write(&mut fields, |at| row.get_ref(at))?;
        set.add(&fields);
        told += 1;
        if told == CHUNK {
            told = 0;
            if !more(CHUNK) {
                return Ok(None);
            }
        }
    }
    Ok(more(told).then_some(set))
}

/// The tables that are not as they were sealed, or of which the file says otherwise than the log.
pub(crate) fn broken(db: &Db) -> Result<Vec<String>> {
    let sets = all(db)?;
    let mut found = if last_root(db)?.is_some_and(|last| last == root_of(&sets)) {
        Vec::new()
    } else {
        unlike(db, &sets)?
    };
    for layout in Layout::all(db.raw())? {
        let table = layout.sealed.table;
        let Some(set) = scan(db, &layout, &mut |_| true)? else { continue };
        let sealed = sets.get(table).cloned().unwrap_or_else(|| of(table, &RowSet::default()));
        if of(table, &set) != sealed && !found.iter().any(|name| name == table) {
            found.push(table.to_owned());
        }
    }
    Ok(found)
}

/// A set as it is sealed.
pub(crate) fn of(table: &str, set: &RowSet) -> SealedSet {
    SealedSet { rows: set.rows(), hash: hex::encode(set.hash(table)) }
}

fn write(tx: &Tx<'_>, table: &str, set: &RowSet) -> Result<SealedSet> {
    let sealed = of(table, set);
    tx.prepare_cached(
        "INSERT INTO seal (name, rows, sums, hash) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, sums = excluded.sums, hash = excluded.hash",
    )?
    .execute(params![table, sealed.rows, set.to_bytes(), sealed.hash])?;
    Ok(sealed)
}

/// Writes what changed in a table; `None` where the sums that stood there are not those of the hash beside
/// them, so that nothing can be made of them: they begin anew.
fn merge(tx: &Tx<'_>, table: &str, change: &RowSet) -> Result<(SealedSet, bool)> {
    let found: Option<(i64, Vec<u8>, String)> = tx
        .prepare_cached("SELECT rows, sums, hash FROM seal WHERE name = ?1")?
        .query_row([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (mut set, whole) = match found {
        None => (RowSet::default(), true),
        Some((rows, sums, hash)) => {
            let set = RowSet::from_bytes(rows, &sums).unwrap_or_default();
            let whole = of(table, &set).hash == hash;
            (set, whole)
        }
    };
    set.merge(change);
    Ok((write(tx, table, &set)?, whole))
}

/// What the log says of the rows that changed.
fn said(layout: &Layout, changed: &Changed) -> ChangedRows {
    let now = |row: &RowChange| -> Option<Option<BTreeMap<String, serde_json::Value>>> {
        let named = layout.columns.iter().map(|column| column.name.clone());
        match (&row.before, &row.after) {
            (None, None) => None,
            (Some(_), None) => Some(None),
            (None, Some(after)) => {
                let held = named.zip(after.iter().cloned()).filter(|(_, value)| !value.is_null());
                Some(Some(held.collect()))
            }
            (Some(before), Some(after)) => {
                let both = named.zip(before.iter().zip(after));
                let other: BTreeMap<_, _> = both
                    .filter(|(_, (before, after))| before != after)
                    .map(|(name, (_, after))| (name, after.clone()))
                    .collect();
                (!other.is_empty()).then_some(Some(other))
            }
        }
    };
    changed.rows.iter().filter_map(|(key, row)| Some((key.clone(), now(row)?))).collect()
}

/// The seal in as many as it takes, so that none says too much: the first has the sets, each some rows.
fn split(mut seal: Seal) -> Vec<Seal> {
    let all = std::mem::take(&mut seal.rows);
    let rest = Seal { root: seal.root.clone(), schema: seal.schema, ..Seal::default() };
    let (mut seals, mut length) = (vec![seal], 0);
    for (table, rows) in all {
        for (key, row) in rows {
            let more = key.len() + row.as_ref().map_or(0, |row| row.iter().map(said_length).sum());
            if length > 0 && length + more > MOST_SAID {
                seals.push(rest.clone());
                length = 0;
            }
            length += more;
            if let Some(last) = seals.last_mut() {
                last.rows.entry(table.clone()).or_default().insert(key, row);
            }
        }
    }
    seals
}

/// About as long is a column in a seal.
fn said_length((name, value): (&String, &serde_json::Value)) -> usize {
    name.len() + value.to_string().len() + 6
}

/// What the next entry of the log says of the tables: what changed since the last one. Where nothing was ever
/// sealed it is everything. What is more than one entry should say follows in others.
pub(crate) fn next(tx: &Tx<'_>) -> Result<Vec<Seal>> {
    let Some(last) = last_root(tx)? else { return everything(tx) };
    let mut sets = all(tx)?;
    let mut seal = Seal::default();
    if root_of(&sets) != last {
        seal.broken = unlike(tx, &sets)?;
    }
    let (layouts, pending) = tx.take_unsealed();
    for (at, changed) in &pending {
        let Some(layout) = layouts.get(*at).filter(|_| !changed.set.is_nothing()) else { continue };
        let table = layout.sealed.table;
        let (set, whole) = merge(tx, table, &changed.set)?;
        if !whole && !seal.broken.iter().any(|name| name == table) {
            seal.broken.push(table.to_owned());
        }
        sets.insert(table.to_owned(), set.clone());
        seal.sets.insert(table.to_owned(), set);
        let rows = said(layout, changed);
        if !rows.is_empty() {
            seal.rows.insert(table.to_owned(), rows);
        }
    }
    seal.root = root_of(&sets);
    if !seal.broken.is_empty() {
        seal.sets = sets;
    }
    Ok(split(seal))
}

/// Seals every table as it stands.
pub(crate) fn everything(tx: &Tx<'_>) -> Result<Vec<Seal>> {
    // What changed is in what stands.
    tx.take_unsealed();
    tx.execute("DELETE FROM seal", [])?;
    let mut seal =
        Seal { schema: Some(tx.query_row("PRAGMA user_version", [], |row| row.get(0))?), ..Seal::default() };
    for layout in Layout::all(tx.raw())? {
        let table = layout.sealed.table;
        let set = scan(tx, &layout, &mut |_| true)?.unwrap_or_default();
        if set.rows() > 0 {
            seal.sets.insert(table.to_owned(), write(tx, table, &set)?);
        }
        let rows = rows_said(tx, &layout)?;
        if !rows.is_empty() {
            seal.rows.insert(table.to_owned(), rows);
        }
    }
    seal.root = root_of(&seal.sets);
    Ok(split(seal))
}

/// What the log says of every row of a table, where it says anything.
pub(crate) fn rows_said(db: &Db, layout: &Layout) -> Result<ChangedRows> {
    if layout.sealed.said == crate::sealed::Said::None {
        return Ok(ChangedRows::new());
    }
    let mut changed = Changed::default();
    let query = format!("SELECT {} FROM \"{}\"", layout.list(), layout.sealed.table);
    let mut statement = db.prepare(&query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some((key, values)) = layout.say(|at| row.get_ref(at))? {
            changed.rows.insert(key, RowChange { before: None, after: Some(values) });
        }
    }
    Ok(said(layout, &changed))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use serde_json::json;
    use tieout_domain::WorkspaceId;
    use tieout_evidence::{Chain, LogDraft, LogHead, VerifyInput};

    use super::*;
    use crate::{
        schema,
        table::{
            log,
            workspace::{self, NewWorkspace},
        },
    };

    fn draft(what: &str) -> LogDraft<'_> {
        let at = "2026-04-10T12:00:00Z".parse().unwrap();
        LogDraft { at, actor: "os:test", what, subject: "x", detail: json!({}), signer: None }
    }

    fn file() -> Db {
        let db = Db::new(Connection::open_in_memory().unwrap());
        schema::run(&db).unwrap();
        let tx = Tx::begin(&db).unwrap();
        let id = WorkspaceId::derive(&["test"]);
        workspace::insert(&tx, &NewWorkspace { id, name: "Books".into(), demo: false, at: draft("x").at })
            .unwrap();
        log::append(&tx, &draft("workspace_created")).unwrap();
        log::commit(tx).unwrap();
        db
    }

    fn faults(db: &Db) -> Vec<&'static str> {
        let input = VerifyInput::default();
        let mut chain = Chain::new(log::genesis(db).unwrap(), &input);
        let LogHead { number: newest, .. } = log::head(db).unwrap();
        let numbers: Vec<i64> = (1..=newest).collect();
        log::of_numbers(db, &numbers).unwrap().values().for_each(|entry| chain.entry(entry));
        chain.end().report.findings.iter().map(|finding| finding.fault.code()).collect()
    }

    /// As somebody with another tool does it: what our own triggers noted of it is forgotten.
    fn changed_outside(db: &Db, sql: &str) {
        db.raw().execute_batch(sql).unwrap();
    }

    #[test]
    fn a_file_that_was_changed_before_an_upgrade_is_not_sealed_as_if_nothing_were() {
        let db = file();
        assert_eq!(broken(&db).unwrap(), Vec::<String>::new());
        changed_outside(&db, "UPDATE workspace SET demo = 1");
        assert_eq!(broken(&db).unwrap(), ["workspace"]);
        let tx = Tx::begin(&db).unwrap();
        let named = broken(&tx).unwrap();
        log::seal_everything(&tx, 4, named).unwrap();
        log::commit(tx).unwrap();
        assert_eq!(faults(&db), ["log_seal_broken"]);
        assert_eq!(
            broken(&db).unwrap(),
            Vec::<String>::new(),
            "sealed as it stands, and said that it was not so"
        );
    }

    #[test]
    fn sums_that_are_not_the_logs_are_named_before_an_upgrade() {
        let db = file();
        changed_outside(&db, "UPDATE seal SET hash = '00' WHERE name = 'workspace'");
        assert_eq!(broken(&db).unwrap(), ["workspace"]);
        changed_outside(&db, "DELETE FROM seal");
        assert_eq!(broken(&db).unwrap(), ["held_weight", "workspace"], "every table that has rows");
    }

    #[test]
    fn what_is_said_of_many_rows_is_said_by_several_entries() {
        let row = |n: i64| {
            (format!("per_{n:05}"), Some(BTreeMap::from([("name".to_owned(), json!("x".repeat(90)))])))
        };
        let rows: ChangedRows = (0..700).map(row).collect();
        let whole = Seal {
            root: "r".into(),
            schema: Some(5),
            sets: BTreeMap::from([("person".to_owned(), SealedSet { rows: 700, hash: "h".into() })]),
            rows: BTreeMap::from([("person".to_owned(), rows.clone())]),
            ..Seal::default()
        };
        let parts = split(whole.clone());
        assert!(parts.len() > 2 && parts.iter().all(|part| part.to_text().len() < 32_000), "{}", parts.len());
        assert_eq!(parts.iter().filter(|part| !part.sets.is_empty()).count(), 1);
        assert_eq!(
            parts.iter().filter(|part| part.root == "r" && part.schema == Some(5)).count(),
            parts.len()
        );
        let together: ChangedRows =
            parts.into_iter().flat_map(|mut part| part.rows.remove("person").unwrap()).collect();
        assert_eq!(together, rows);
        assert_eq!(split(Seal { rows: BTreeMap::new(), ..whole.clone() }).len(), 1);
    }

    #[test]
    fn a_table_that_was_changed_and_not_sealed_is_not_kept() {
        let db = file();
        let tx = Tx::begin(&db).unwrap();
        tx.execute("UPDATE workspace SET name = 'Other'", []).unwrap();
        assert_eq!(tx.commit().unwrap_err().code(), "store_sql");
        let name: String = db.query_row("SELECT name FROM workspace", [], |row| row.get(0)).unwrap();
        assert_eq!(name, "Books");
    }
}
