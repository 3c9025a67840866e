//! The tables against what the log sealed of them, and against themselves: each row that is not as it was
//! sealed is named where the log says what it held, or where another row says what it should be.
//!
//! - `history`: what the log says of rows, replayed; and that who signed it may have done it.
//! - `rows`: rows held against that.
//! - `contents`: what is bound by a hash elsewhere (lines, payloads, documents), and what ought to be there.

mod contents;
mod finding;
mod history;
mod rows;

use std::collections::BTreeMap;

use tieout_evidence::Seals;

use crate::{
    db::Db,
    error::Result,
    sealed::{SEALED, Said, Sealed},
    sealing::Layout,
    table::seal,
};

pub use self::finding::TableFinding;
use self::finding::at_most;

/// Tables that are few rows and on which much rests: what the log says of them is always replayed, so that a
/// forged seal does not pass for what it says.
const REPLAYED: &[&str] =
    &["workspace", "person", "person_key", "enrolment", "connection", "change", "change_approval"];

/// Holds every table against what the log sealed of it. `more` is told how many further rows were read;
/// `None` where it says to stop.
pub(crate) fn run(
    db: &Db,
    seals: &Seals,
    more: &mut dyn FnMut(u64) -> bool,
) -> Result<Option<Vec<TableFinding>>> {
    if !seals.any() {
        return Ok(Some(unsealed(db)?));
    }
    let mut found = history::who_changed_what(db)?;
    let layouts: BTreeMap<&str, Layout> =
        Layout::all(db.raw())?.into_iter().map(|layout| (layout.sealed.table, layout)).collect();
    let mut unlike = Vec::new();
    for sealed in SEALED {
        let fits = match layouts.get(sealed.table) {
            None => !seals.tables.contains_key(sealed.table),
            Some(layout) => match fits(db, layout, seals, more) {
                Ok(None) => return Ok(None),
                Ok(Some(fits)) => fits,
                // A damaged page: SQLCipher reads nothing more after it.
                Err(error) => {
                    let why = format!("it cannot be read ({error}), and those after it were not checked");
                    found.push(TableFinding::of_table(sealed.table, why));
                    return Ok(Some(found));
                }
            },
        };
        if !fits {
            unlike.push(sealed);
        }
    }
    found.extend(named(db, &layouts, &unlike, seals)?);
    match contents::check(db, more)? {
        None => Ok(None),
        Some(contents) => {
            found.extend(contents);
            Ok(Some(found))
        }
    }
}

/// A workspace whose log has no seal: right only while the log is empty.
fn unsealed(db: &Db) -> Result<Vec<TableFinding>> {
    let entries: i64 = db.query_row("SELECT count(*) FROM log", [], |row| row.get(0))?;
    let message = "the log seals nothing: it was written by an older version, or its seals were taken out";
    Ok(if entries == 0 { Vec::new() } else { vec![TableFinding::of_table("log", message)] })
}

/// True where the table is as it was sealed; `None` where it was told to stop.
fn fits(db: &Db, layout: &Layout, seals: &Seals, more: &mut dyn FnMut(u64) -> bool) -> Result<Option<bool>> {
    let table = layout.sealed.table;
    let Some(set) = seal::scan(db, layout, more)? else { return Ok(None) };
    Ok(Some(match seals.tables.get(table) {
        None => set.is_nothing(),
        Some((_, sealed)) => seal::of(table, &set) == *sealed,
    }))
}

/// What is to be said of the tables that are not as they were sealed, and of those that are replayed anyway.
fn named(
    db: &Db,
    layouts: &BTreeMap<&str, Layout>,
    unlike: &[&Sealed],
    seals: &Seals,
) -> Result<Vec<TableFinding>> {
    let replayed = |sealed: &&&Sealed| sealed.said != Said::None;
    let mut tables: Vec<&str> = unlike.iter().filter(replayed).map(|sealed| sealed.table).collect();
    tables.extend(REPLAYED.iter().filter(|table| !tables.contains(table)).copied().collect::<Vec<_>>());
    let history = history::of(db, &tables)?;
    let mut found = Vec::new();
    for table in tables {
        if let (Some(layout), Some(said)) = (layouts.get(table), history.get(table)) {
            found.extend(at_most(rows::unlike(db, layout, said)?));
        }
    }
    for sealed in unlike {
        let of_it = match layouts.get(sealed.table) {
            None => vec![TableFinding::of_table(sealed.table, "the table is gone")],
            // A row that was changed until it cannot be read is a finding, no failure of the check.
            Some(_) => contents::of(db, sealed.table).unwrap_or_else(|error| {
                vec![TableFinding::of_table(sealed.table, format!("it cannot be read: {error}"))]
            }),
        };
        found.extend(at_most(of_it));
        if !found.iter().any(|one| one.table == sealed.table) {
            found.push(TableFinding::of_table(sealed.table, words(db, sealed.table, seals)?));
        }
    }
    Ok(found)
}

/// What is said of a table of which no row can be named.
fn words(db: &Db, table: &str, seals: &Seals) -> Result<String> {
    let has: i64 = db.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0))?;
    let sealed = match seals.tables.get(table) {
        None => format!("it has {has} rows, and the log sealed none"),
        Some((number, set)) if set.rows == has => {
            format!("its {has} rows are not those that entry {number} of the log sealed")
        }
        Some((number, set)) => {
            format!("it has {has} rows, and entry {number} of the log sealed {}", set.rows)
        }
    };
    Ok(format!(
        "{sealed}: rows were added, changed or taken away outside Tieout; compare it with an earlier backup"
    ))
}
