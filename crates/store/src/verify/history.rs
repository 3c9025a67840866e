//! What the log says of rows, replayed from its first seal; and whether whoever signed an entry may have
//! changed what it says.

use std::collections::BTreeMap;

use rusqlite::Row;
use serde_json::Value as Json;
use tieout_domain::people::Role;
use tieout_evidence::{ChangedRows, LogEntry, Seal};

use super::finding::TableFinding;
use crate::{db::Db, error::Result, table::log};

/// A row as the log says it: each column, with the number of the entry that said it last.
pub(super) type LoggedRow = BTreeMap<String, (i64, Json)>;

/// The rows of a table as the log says them, by their key.
pub(super) type LoggedRows = BTreeMap<String, LoggedRow>;

/// Takes what an entry says of a table's rows into what was said before.
fn follow(rows: &mut LoggedRows, number: i64, changed: &ChangedRows) {
    for (key, row) in changed {
        match row {
            None => {
                rows.remove(key);
            }
            Some(columns) => {
                let row = rows.entry(key.clone()).or_default();
                row.extend(columns.iter().map(|(name, value)| (name.clone(), (number, value.clone()))));
            }
        }
    }
}

/// Every entry that seals, in order.
fn each(db: &Db, each: &mut dyn FnMut(&LogEntry, &Seal)) -> Result<()> {
    let mut statement = db.prepare_cached("SELECT * FROM log WHERE seal IS NOT NULL ORDER BY number")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        // What cannot be read, the walk along the chain tells.
        if let Some((entry, seal)) = read(row) {
            each(&entry, &seal);
        }
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Option<(LogEntry, Seal)> {
    let entry = log::read(row).ok()?;
    let seal = Seal::parse(entry.seal.as_deref()?)?;
    Some((entry, seal))
}

/// The rows of these tables as the log says them. Where it sealed everything, it said everything anew.
pub(super) fn of(db: &Db, tables: &[&str]) -> Result<BTreeMap<String, LoggedRows>> {
    let mut all: BTreeMap<String, LoggedRows> =
        tables.iter().map(|table| ((*table).to_owned(), LoggedRows::new())).collect();
    each(db, &mut |entry, seal| {
        for (table, rows) in &mut all {
            if seal.is_first() && !seal.sets.is_empty() {
                rows.clear();
            }
            if let Some(changed) = seal.rows.get(table) {
                follow(rows, entry.number, changed);
            }
        }
    })?;
    Ok(all)
}

/// Tables whose rows are only ever added, with columns that each new row has.
const ONLY_ADDED: &[(&str, &[&str])] = &[
    ("change_approval", &["seq", "change_id", "person", "log_number"]),
    ("decision", &["person", "action", "content_hash", "log_number"]),
    ("posting_edit", &["seq", "posting_id", "person", "content_hash"]),
    ("exception_event", &["seq", "exception_seq", "actor", "what"]),
    ("period_history", &["seq", "entity", "key", "status"]),
];

/// Tables of which no row ever goes away.
const NEVER_LESS: &[&str] = &["workspace", "change", "posting", "attempt", "outbox"];

/// The roster, connections and changes as they are replayed, to judge the next entry by.
#[derive(Default)]
struct Office {
    person: LoggedRows,
    connection: LoggedRows,
    change: LoggedRows,
    change_approval: LoggedRows,
    /// The schema of the last entry that sealed everything, and that entry's number.
    anew: Option<(i64, i64)>,
}

/// Entries that say of rows what whoever signed them may not do, or what nobody does. People are held
/// against the roster that the log proves (`tieout_evidence::LoggedRoster`), not here.
pub(super) fn who_changed_what(db: &Db) -> Result<Vec<TableFinding>> {
    let (mut office, mut found) = (Office::default(), Vec::new());
    each(db, &mut |entry, seal| {
        if !office.may_seal_everything(entry.number, seal) {
            for (table, rows) in &seal.rows {
                for (key, row) in rows {
                    if let Some(why) = office.judged(entry, table, key, row.as_ref()) {
                        found.push(TableFinding::of_row(
                            table,
                            key,
                            format!("entry {}: {why}", entry.number),
                        ));
                    }
                }
            }
        }
        office.follow(entry.number, seal);
    })?;
    Ok(found)
}

fn text<'r>(row: Option<&'r LoggedRow>, column: &str) -> Option<&'r str> {
    row?.get(column)?.1.as_str()
}

impl Office {
    /// Everything is sealed by the first entry, and once for each newer schema, perhaps by several entries
    /// in a row. Any other entry says only what changed.
    fn may_seal_everything(&self, number: i64, seal: &Seal) -> bool {
        let Some(schema) = seal.schema else { return false };
        match self.anew {
            None => true,
            Some((before, last)) => before < schema || (before == schema && last + 1 == number),
        }
    }

    fn follow(&mut self, number: i64, seal: &Seal) {
        if self.may_seal_everything(number, seal) {
            if !seal.sets.is_empty() {
                *self = Self::default();
            }
            self.anew = seal.schema.map(|schema| (schema, number));
        }
        for (table, rows) in [
            ("person", &mut self.person),
            ("connection", &mut self.connection),
            ("change", &mut self.change),
            ("change_approval", &mut self.change_approval),
        ] {
            if let Some(changed) = seal.rows.get(table) {
                follow(rows, number, changed);
            }
        }
    }

    /// Why this entry cannot have changed a row so; `None` where it can.
    fn judged(
        &self,
        entry: &LogEntry,
        table: &str,
        key: &str,
        row: Option<&BTreeMap<String, Json>>,
    ) -> Option<String> {
        let only_added = ONLY_ADDED.iter().find(|(name, _)| *name == table);
        if row.is_none() && (only_added.is_some() || NEVER_LESS.contains(&table)) {
            return Some("it takes away what is never taken away".to_owned());
        }
        if let (Some((_, whole)), Some(row)) = (only_added, row)
            && !whole.iter().all(|column| row.contains_key(*column))
        {
            return Some("it changes what is never changed".to_owned());
        }
        match table {
            "workspace" => Some("it changes what is never changed".to_owned()),
            "decision" if entry.signature.is_none() => Some("nobody signed the decision".to_owned()),
            // One that was signed elsewhere proves itself and nothing beside it.
            "change_approval" if entry.own_signature().is_none() => {
                Some("nobody signed the decision".to_owned())
            }
            "connection" => self.judged_connection(entry, key, row),
            "change" => self.judged_change(entry, key, row),
            _ => None,
        }
    }

    /// Not signed by an administrator of that time, in words.
    fn no_administrator(&self, entry: &LogEntry) -> Option<String> {
        let signer = entry.own_signature().and(entry.signer.as_ref());
        let Some(signer) = signer else { return Some("nobody signed it".to_owned()) };
        let row = self.person.get(signer.as_str());
        let there = row.and_then(|row| row.get("active")).is_some_and(|(_, active)| *active == 1);
        let manages = text(row, "role") == Some(Role::Administrator.as_str());
        (!there || !manages).then(|| format!("{signer}, who signed it, is no administrator"))
    }

    fn judged_connection(
        &self,
        entry: &LogEntry,
        key: &str,
        row: Option<&BTreeMap<String, Json>>,
    ) -> Option<String> {
        let vendor = match row.and_then(|row| row.get("vendor")) {
            Some(vendor) => vendor.as_str(),
            None => text(self.connection.get(key), "vendor"),
        };
        let was_files = text(self.connection.get(key), "vendor").is_none_or(|vendor| vendor == "files");
        // A file's connection comes with the first import of it, at the OS account.
        if vendor == Some("files") && was_files && row.is_some() {
            return None;
        }
        self.no_administrator(entry).map(|why| format!("it changes a connection, and {why}"))
    }

    /// Whether somebody else than this person, who did not ask for it either, has approved a change.
    fn another_approved(&self, change: &str, person: Option<&str>) -> bool {
        let author = text(self.change.get(change), "author");
        self.change_approval.values().any(|row| {
            let of_it = text(Some(row), "change_id") == Some(change);
            let by = text(Some(row), "person");
            of_it && by != person && by != author
        })
    }

    /// What a person must decide on is in force, or refused, by their own signature only; and its text is
    /// what they saw.
    fn judged_change(
        &self,
        entry: &LogEntry,
        key: &str,
        row: Option<&BTreeMap<String, Json>>,
    ) -> Option<String> {
        let (before, row) = (self.change.get(key), row?);
        let kind = row.get("kind").and_then(Json::as_str).or_else(|| text(before, "kind"));
        let at_once = matches!(kind, Some("column_map" | "expectation" | "open_items" | "simulation"));
        let signer = entry.own_signature().and(entry.signer.as_ref()).map(|signer| signer.as_str());
        let said = |name: &str| row.get(name).and_then(Json::as_str);
        if before.is_some()
            && row.keys().any(|name| !matches!(name.as_str(), "state" | "decided_by" | "decided_at"))
        {
            return Some("it changes the text or the author of what was brought in".to_owned());
        }
        if at_once {
            return None;
        }
        // One controller's own word, in force at once: signed by who says it.
        if kind == Some("soft_close") && said("state") == Some("in_force") {
            let theirs = signer.is_some() && said("author") == signer;
            return (!theirs).then(|| "it closes a period softly, and is not signed by who does".to_owned());
        }
        let decided_by = said("decided_by");
        match said("state") {
            Some("in_force" | "rejected") if signer.is_none() || decided_by != signer => {
                Some("it decides on it, and is not signed by who decided".to_owned())
            }
            Some("in_force") if kind == Some("override") && !self.another_approved(key, signer) => {
                Some("it lifts a limit by the word of one person, and it takes two".to_owned())
            }
            Some("superseded") if signer.is_none() => {
                Some("it puts it out of force, and nobody signed it".to_owned())
            }
            Some("inert") if before.is_some() => Some("it takes a decision back".to_owned()),
            None if decided_by.is_some() => Some("it says who decided, without a decision".to_owned()),
            _ => None,
        }
    }
}
