//! Tables `batch_rule`, `batch_document` and `batch_entry`: documents that the ledger books together, and the
//! entries that book them. The rules are those of the mapping in force; the rest is kept by detection
//! (`detectors/batch.rs`).

use std::collections::BTreeMap;

use rusqlite::params;
use tieout_domain::{AccountCode, DocumentId, EntityCode, EntryId, batch::BatchRule};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{parsed, text, text_opt},
    table::house_rule::by_role,
};

/// `live`: the batch of that name has documents and entries. Without, both stand for themselves.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 6,
    sql: "CREATE TABLE batch_rule (seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
            connection TEXT NOT NULL, kinds TEXT NOT NULL, span TEXT NOT NULL, entity TEXT, begins_with TEXT);
          CREATE TABLE batch_document (document_seq INTEGER PRIMARY KEY, name TEXT NOT NULL,
            live INTEGER NOT NULL);
          CREATE INDEX batch_document_by_name ON batch_document (name);
          CREATE TABLE batch_entry (entry_seq INTEGER PRIMARY KEY, name TEXT NOT NULL, live INTEGER NOT NULL);
          CREATE INDEX batch_entry_by_name ON batch_entry (name);",
}];

/// A rule as it is kept: name, connection, kinds between commas, span, entity, beginning.
type Kept = (String, String, String, String, Option<String>, Option<String>);

fn kept(rule: &BatchRule) -> Kept {
    let kinds = rule.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",");
    let entity = rule.entity.as_ref().map(EntityCode::to_string);
    let span = rule.by.as_str().to_owned();
    (rule.name.clone(), rule.connection.clone(), format!(",{kinds},"), span, entity, rule.begins_with.clone())
}

fn all(db: &Db) -> Result<Vec<Kept>> {
    let query = "SELECT name, connection, kinds, span, entity, begins_with FROM batch_rule ORDER BY seq";
    let mut statement = db.prepare_cached(query)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    };
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Takes the rules over from the mapping in force; true where they changed.
pub(crate) fn keep_rules(tx: &Tx<'_>, rules: &[BatchRule]) -> Result<bool> {
    let wanted: Vec<Kept> = rules.iter().map(kept).collect();
    if all(tx)? == wanted {
        return Ok(false);
    }
    tx.execute("DELETE FROM batch_rule", [])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO batch_rule (name, connection, kinds, span, entity, begins_with)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (name, connection, kinds, span, entity, begins_with) in wanted {
        insert.execute(params![name, connection, kinds, span, entity, begins_with])?;
    }
    Ok(true)
}

/// A document that the ledger books together with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchDocument {
    /// Its id.
    pub id: DocumentId,
    /// How people name it.
    pub reference: String,
    /// The account on which it is compared, where it is known.
    pub control: Option<AccountCode>,
    /// What the ledger should hold for it, by account; minor units, debit positive.
    pub expected: BTreeMap<AccountCode, i64>,
}

/// The documents of the live batch of this name, each with what it is expected at.
pub(crate) fn documents(db: &Db, name: &str) -> Result<Vec<BatchDocument>> {
    let mut found: Vec<BatchDocument> = Vec::new();
    let mut statement = db.prepare_cached(
        "SELECT d.id, d.reference, x.control, l.account, l.amount_minor
         FROM batch_document b JOIN document d ON d.seq = b.document_seq
         LEFT JOIN expectation x ON x.document_seq = d.seq
         LEFT JOIN expected_line l ON l.document_seq = d.seq
         WHERE b.name = ?1 AND b.live = 1 ORDER BY d.seq, l.account",
    )?;
    let mut rows = statement.query([name])?;
    while let Some(row) = rows.next()? {
        let id: DocumentId = text(row, "id")?;
        if found.last().is_none_or(|last| last.id != id) {
            let (reference, control) = (row.get("reference")?, text_opt(row, "control")?);
            found.push(BatchDocument { id, reference, control, expected: BTreeMap::new() });
        }
        let account: Option<AccountCode> = text_opt(row, "account")?;
        if let (Some(account), Some(last)) = (account, found.last_mut()) {
            last.expected.insert(account, row.get("amount_minor")?);
        }
    }
    Ok(found)
}

/// What the entries of the live batch of this name book more than its documents expect, by account.
pub(crate) fn difference(db: &Db, name: &str) -> Result<BTreeMap<AccountCode, i64>> {
    let sql = by_role(
        db,
        "SELECT t.account, sum(t.minor)
         FROM (
             SELECT l.account, l.transaction_minor AS minor
             FROM batch_entry b CROSS JOIN entry_line l
             WHERE b.name = ?1 AND b.live = 1 AND l.entry_seq = b.entry_seq
             UNION ALL
             SELECT x.account, 0 - x.amount_minor
             FROM batch_document b CROSS JOIN expected_line x
             WHERE b.name = ?1 AND b.live = 1 AND x.document_seq = b.document_seq) t
         GROUP BY t.account HAVING sum(t.minor) <> 0",
    )?;
    let mut statement = db.prepare_cached(&sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok((parsed(row.get_ref(0)?.as_str()?)?, row.get(1)?));
    Ok(statement.query_map([name], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The documents and entries of the live batch of this name; none of either where there is none.
pub(crate) fn members(db: &Db, name: &str) -> Result<(Vec<EntryId>, Vec<DocumentId>)> {
    let mut entries = db.prepare_cached(
        "SELECT e.id FROM batch_entry b JOIN entry e ON e.seq = b.entry_seq
         WHERE b.name = ?1 AND b.live = 1 ORDER BY e.posting_date, e.seq",
    )?;
    let mut documents = db.prepare_cached(
        "SELECT d.id FROM batch_document b JOIN document d ON d.seq = b.document_seq
         WHERE b.name = ?1 AND b.live = 1 ORDER BY abs(d.total_minor) DESC, d.seq",
    )?;
    let entries = entries.query_map([name], |row| text(row, "id"))?.collect::<rusqlite::Result<_>>()?;
    let documents = documents.query_map([name], |row| text(row, "id"))?.collect::<rusqlite::Result<_>>()?;
    Ok((entries, documents))
}
