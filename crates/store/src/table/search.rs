//! Table `exception_search`: which exceptions' references contain a text. The one search module: its index
//! and its conditions are SQLite's own (FTS5 with trigrams); another engine has its own file.
//!
//! Only references are indexed, because they alone differ from row to row. Customers are found among the
//! customers, root causes among the cells, both far fewer; an id by its beginning.

use rusqlite::params;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::containing,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 2,
    sql: "CREATE VIRTUAL TABLE exception_search USING fts5 (external_ref, content = '',
            contentless_delete = 1, tokenize = 'trigram', detail = 'none');
          INSERT INTO exception_search (rowid, external_ref) SELECT seq, external_ref FROM exception;",
}];

/// Customers whose names a search takes up at most.
const CUSTOMERS: i64 = 2_000;
/// References that a search looks at one by one at most.
const CANDIDATES: i64 = 20_000;

/// Makes every exception after this one findable.
pub(crate) fn insert_after(tx: &Tx<'_>, seq: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO exception_search (rowid, external_ref)
         SELECT seq, external_ref FROM exception WHERE seq > ?1",
    )?
    .execute([seq])?;
    Ok(())
}

/// Makes a new exception findable.
pub(crate) fn insert(tx: &Tx<'_>, seq: i64, external_ref: &str) -> Result<()> {
    tx.prepare_cached("INSERT INTO exception_search (rowid, external_ref) VALUES (?1, ?2)")?
        .execute(params![seq, external_ref])?;
    Ok(())
}

/// Makes an exception findable by another reference.
pub(crate) fn replace(tx: &Tx<'_>, seq: i64, external_ref: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM exception_search WHERE rowid = ?1")?.execute([seq])?;
    insert(tx, seq, external_ref)
}

/// A condition over `exception e` with its values.
pub(crate) type Condition = (String, Vec<rusqlite::types::Value>);

/// What a person typed, ready to be looked for: trimmed, without control characters.
pub(crate) fn cleaned(term: &str) -> String {
    term.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
}

/// Every three characters in a row, each as a word that must occur.
fn trigrams(term: &str) -> Option<String> {
    let letters: Vec<char> = term.chars().collect();
    let mut words: Vec<String> = letters
        .windows(3)
        .map(|w| format!("\"{}\"", w.iter().collect::<String>().replace('"', "\"\"")))
        .collect();
    words.dedup();
    (!words.is_empty()).then(|| words.join(" AND "))
}

/// SELECTs of the `seq` of exceptions that a term may mean, each with its values: by reference (containing
/// it; shorter than three characters, beginning with it), by id, by customer and by root cause.
pub(crate) fn selects(db: &Db, term: &str) -> Result<Vec<Condition>> {
    let anywhere = containing(term);
    let mut found = match trigrams(term) {
        Some(words) => vec![by_reference(db, words, anywhere.clone())?],
        None => beginning(term),
    };
    if term.chars().count() >= 3 {
        found.push((
            "SELECT e.seq FROM exception_cell c CROSS JOIN exception e
             WHERE c.group_key LIKE ? ESCAPE '\\' AND instr(c.group_key, ':') > 0
               AND substr(c.group_key, instr(c.group_key, ':') + 1) LIKE ? ESCAPE '\\' AND e.cell = c.id"
                .to_owned(),
            vec![anywhere.clone().into(), anywhere.clone().into()],
        ));
        found.push((
            format!(
                "SELECT e.seq FROM (SELECT DISTINCT coalesce(k.name, k.external_id) AS name FROM customer k
                   WHERE k.name LIKE ? ESCAPE '\\' OR k.external_id LIKE ? ESCAPE '\\' LIMIT {CUSTOMERS}) k
                 CROSS JOIN exception e WHERE e.live IN (0, 1) AND e.customer = k.name"
            ),
            vec![anywhere.clone().into(), anywhere.into()],
        ));
        found.push((
            "SELECT e.seq FROM exception e WHERE e.id >= ? AND e.id < ?".to_owned(),
            vec![term.to_owned().into(), format!("{term}\u{10ffff}").into()],
        ));
    }
    Ok(found)
}

/// References that contain a term. What has all its trigrams is looked at one by one, unless it is so much
/// that reading all references through costs less.
fn by_reference(db: &Db, words: String, anywhere: String) -> Result<Condition> {
    let count =
        "SELECT count(*) FROM (SELECT 1 FROM exception_search WHERE exception_search MATCH ?1 LIMIT ?2)";
    let candidates: i64 =
        db.prepare_cached(count)?.query_row(params![words, CANDIDATES + 1], |row| row.get(0))?;
    if candidates <= CANDIDATES {
        let sql = "SELECT e.seq FROM exception_search s CROSS JOIN exception e
            WHERE s.exception_search MATCH ? AND e.seq = s.rowid AND e.external_ref LIKE ? ESCAPE '\\'";
        return Ok((sql.to_owned(), vec![words.into(), anywhere.into()]));
    }
    let sql = "SELECT e.seq FROM exception e INDEXED BY exception_by_ref
        WHERE e.live IN (0, 1) AND e.external_ref LIKE ? ESCAPE '\\'";
    Ok((sql.to_owned(), vec![anywhere.into()]))
}

/// References that begin with a short term as it was typed, or in capitals.
fn beginning(term: &str) -> Vec<Condition> {
    let mut forms = vec![term.to_owned(), term.to_uppercase(), term.to_lowercase()];
    forms.sort();
    forms.dedup();
    forms
        .into_iter()
        .map(|form| {
            let end = format!("{form}\u{10ffff}");
            (
                "SELECT e.seq FROM exception e WHERE e.live IN (0, 1) AND e.external_ref >= ?
                   AND e.external_ref < ?"
                    .to_owned(),
                vec![form.into(), end.into()],
            )
        })
        .collect()
}
