//! Table `entry_name`: every further name that an entry carries besides its number, external id and
//! reference.

use std::collections::BTreeMap;

use rusqlite::{Row, params};
use tieout_domain::ledger::EntryName;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::text,
};

/// The key begins with the name, by which entries are looked for; the index serves those who have the entry.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 6,
    sql: "CREATE TABLE entry_name (name TEXT NOT NULL, entry_seq INTEGER NOT NULL, source TEXT NOT NULL,
            PRIMARY KEY (name, entry_seq, source)) WITHOUT ROWID;
          CREATE INDEX entry_name_of ON entry_name (entry_seq);",
}];

/// Writes the further names of an entry that has none yet.
pub(crate) fn put(tx: &Tx<'_>, entry_seq: i64, names: &[EntryName]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let mut insert =
        tx.prepare_cached("INSERT INTO entry_name (name, entry_seq, source) VALUES (?1, ?2, ?3)")?;
    for name in names {
        insert.execute(params![name.name, entry_seq, name.from.name()])?;
    }
    Ok(())
}

/// Writes them in the place of those that it has.
pub(crate) fn replace(tx: &Tx<'_>, entry_seq: i64, names: &[EntryName]) -> Result<()> {
    tx.prepare_cached("DELETE FROM entry_name WHERE entry_seq = ?1")?.execute([entry_seq])?;
    put(tx, entry_seq, names)
}

fn read(row: &Row<'_>) -> rusqlite::Result<EntryName> {
    Ok(EntryName { name: row.get("name")?, from: text(row, "source")? })
}

/// The further names of an entry, in their order.
pub(crate) fn of(db: &Db, entry_seq: i64) -> Result<Vec<EntryName>> {
    let mut statement =
        db.prepare_cached("SELECT name, source FROM entry_name WHERE entry_seq = ?1 ORDER BY name")?;
    Ok(statement.query_map([entry_seq], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Those of all entries of a condition over `entry e`, by the entry's internal key.
pub(crate) fn all_where(db: &Db, condition: &str, value: &str) -> Result<BTreeMap<i64, Vec<EntryName>>> {
    let query = format!(
        "SELECT n.entry_seq, n.name, n.source FROM entry e JOIN entry_name n ON n.entry_seq = e.seq
         WHERE {condition} ORDER BY n.entry_seq, n.name"
    );
    let mut statement = db.prepare_cached(&query)?;
    let mut rows = statement.query([value])?;
    let mut names: BTreeMap<i64, Vec<EntryName>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        names.entry(row.get("entry_seq")?).or_default().push(read(row)?);
    }
    Ok(names)
}
