//! The rows of a table held against what the log says of them.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};
use serde_json::Value as Json;

use super::{
    finding::TableFinding,
    history::{LoggedRow, LoggedRows},
};
use crate::{db::Db, error::Result, sealing::Layout};

/// The rows that are not what the log says, each with what differs.
pub(super) fn unlike(db: &Db, layout: &Layout, logged: &LoggedRows) -> Result<Vec<TableFinding>> {
    let table = layout.sealed.table;
    let query = format!("SELECT {} FROM \"{table}\"", layout.list());
    let mut statement = db.prepare(&query)?;
    let mut rows = statement.query([])?;
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    while let Some(row) = rows.next()? {
        let Some((key, values)) = layout.say(|at| row.get_ref(at))? else { continue };
        let told = match logged.get(&key) {
            None => Some("no entry of the log says that it came".to_owned()),
            Some(said) => differs(layout, &values, said),
        };
        if let Some(told) = told {
            found.push(TableFinding::of_row(table, named(db, table, &key, None)?, told));
        }
        seen.insert(key);
    }
    for (key, said) in logged.iter().filter(|(key, _)| !seen.contains(*key)) {
        let last = said.values().map(|(number, _)| *number).max().unwrap_or_default();
        let told = format!("it is gone; entry {last} of the log says it last");
        found.push(TableFinding::of_row(table, named(db, table, key, Some(said))?, told));
    }
    Ok(found)
}

/// The columns that hold something else than the log says.
fn differs(layout: &Layout, values: &[Json], said: &LoggedRow) -> Option<String> {
    let mut each = Vec::new();
    for (column, value) in layout.columns.iter().zip(values) {
        match said.get(&column.name) {
            None if value.is_null() => {}
            None => each.push(format!("{} is {value}, and the log says nothing of it", column.name)),
            Some((_, logged)) if logged == value => {}
            Some((number, logged)) => {
                each.push(format!("{} is {value}, and entry {number} of the log says {logged}", column.name));
            }
        }
    }
    (!each.is_empty()).then(|| each.join("; "))
}

/// How people name a row. Where it is gone, the log says what it was about.
fn named(db: &Db, table: &str, key: &str, said: Option<&LoggedRow>) -> Result<String> {
    let of_log = |column: &str| said.and_then(|said| said.get(column)).map(|(_, value)| value.clone());
    let by_query = |query: &str| -> Result<Option<String>> {
        let first = key.split(' ').next().unwrap_or_default();
        Ok(db.prepare_cached(query)?.query_row(params![first], |row| row.get(0)).optional()?)
    };
    let of_posting = "SELECT id FROM posting WHERE seq = CAST(?1 AS INTEGER)";
    let owner = match table {
        "person" => by_query("SELECT name FROM person WHERE id = ?1")?.or_else(|| plain(of_log("name"))),
        "connection" => {
            by_query("SELECT name FROM connection WHERE id = ?1")?.or_else(|| plain(of_log("name")))
        }
        "posting_step" | "outbox" => by_query(of_posting)?,
        "posting_edit" => by_query("SELECT posting_id FROM posting_edit WHERE seq = CAST(?1 AS INTEGER)")?
            .or_else(|| plain(of_log("posting_id"))),
        "attempt" => {
            by_query("SELECT p.id FROM attempt a JOIN posting p ON p.seq = a.posting_seq WHERE a.id = ?1")?
        }
        "decision" => by_query(
            "SELECT coalesce(posting_id, change_id) FROM decision WHERE log_number = CAST(?1 AS INTEGER)",
        )?
        .or_else(|| plain(of_log("posting_id")).or_else(|| plain(of_log("change_id")))),
        "exception_event" => by_query("SELECT id FROM exception WHERE seq = CAST(?1 AS INTEGER)")?,
        _ => None,
    };
    Ok(owner.map_or_else(|| key.to_owned(), |owner| format!("{key} ({owner})")))
}

fn plain(value: Option<Json>) -> Option<String> {
    value.and_then(|value| value.as_str().map(str::to_owned))
}
