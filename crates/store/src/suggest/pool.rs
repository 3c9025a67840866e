//! The entries and documents that nothing ties, as they are read.

use chrono::NaiveDate;
use rusqlite::{Row, params_from_iter};
use tieout_domain::{Currency, DocumentId, EntryId, document::DocumentKind};

use crate::{
    db::Db,
    error::{Result, StoreError},
    sql::{Where, named, text},
};

/// An entry that names no document, by what it holds on one account on which documents are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedEntry {
    pub(crate) seq: i64,
    /// Its id.
    pub id: EntryId,
    /// The name of its ERP's connection.
    pub connection: String,
    /// Its number in the ERP, or the ERP's id of it.
    pub number: String,
    /// The reference that it bears, which is no document's.
    pub reference: Option<String>,
    /// What it is in the ERP.
    pub kind: String,
    /// Its text.
    pub memo: Option<String>,
    /// The customer whom it is about, as the ERP calls them.
    pub counterpart: Option<String>,
    /// The entity, by its code.
    pub entity: String,
    /// The transaction currency.
    pub currency: Currency,
    /// The account.
    pub account: String,
    /// What it holds there, debit-positive minor units.
    pub minor: i64,
    /// Its posting date.
    pub day: NaiveDate,
}

/// A document that should be booked and of which the ledger holds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedDocument {
    pub(crate) seq: i64,
    /// Its id.
    pub id: DocumentId,
    /// The name of its billing connection.
    pub connection: String,
    /// What it is.
    pub kind: DocumentKind,
    /// How people name it.
    pub reference: String,
    /// Its customer's name, or the vendor's id of them.
    pub customer: Option<String>,
    pub(crate) customer_id: Option<String>,
    /// The entity, by its code.
    pub entity: String,
    /// The transaction currency.
    pub currency: Currency,
    /// The account on which it is compared.
    pub account: String,
    /// What it expects there, debit-positive minor units.
    pub minor: i64,
    /// Its date.
    pub day: NaiveDate,
}

/// Which of them to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnmatchedQuery {
    /// Of this entity.
    pub entity: Option<String>,
    /// In this currency.
    pub currency: Option<Currency>,
    /// Whose number, reference, text or customer contains this.
    pub search: Option<String>,
    /// The first one's place in each list.
    pub start: u64,
    /// At most so many of each.
    pub limit: u32,
}

/// A window of both lists, the largest amounts first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnmatchedWindow {
    /// How many entries there are altogether.
    pub entries_total: u64,
    /// Those of the window.
    pub entries: Vec<UnmatchedEntry>,
    /// How many documents there are altogether.
    pub documents_total: u64,
    /// Those of the window.
    pub documents: Vec<UnmatchedDocument>,
}

/// What stands in no match that counts or waits for a second person.
const FREE_ENTRY: &str =
    "NOT EXISTS (SELECT 1 FROM matching_entry k JOIN matching m ON m.seq = k.matching_seq
    WHERE k.entry_seq = u.entry_seq AND m.state IN ('proposed', 'confirmed'))";

/// The same of documents, none of which is on its way into the ledger by a posting of ours.
const FREE_DOCUMENT: &str = "NOT EXISTS (SELECT 1 FROM matching_document k JOIN matching m
        ON m.seq = k.matching_seq
        WHERE k.document_seq = u.document_seq AND m.state IN ('proposed', 'confirmed'))
    AND NOT EXISTS (SELECT 1 FROM posting p WHERE p.document_seq = u.document_seq
        AND p.state IN ('sending', 'in_doubt', 'booked', 'handed_over'))";

const ENTRIES: &str = "FROM unmatched_entry u JOIN entry e ON e.seq = u.entry_seq
    JOIN connection c ON c.seq = e.connection_seq
    LEFT JOIN ledger_customer k ON k.connection_seq = e.connection_seq AND k.erp_id = e.counterpart";

const ENTRY: &str = "u.entry_seq, u.account, u.entity, u.currency, u.minor, u.day, e.id,
    coalesce(e.number, e.erp_id) AS number, e.reference, e.kind, e.memo, c.name AS connection,
    k.name AS counterpart";

const DOCUMENTS: &str = "FROM unmatched_document u JOIN document d ON d.seq = u.document_seq
    JOIN connection c ON c.seq = d.connection_seq
    LEFT JOIN customer k ON k.connection_seq = d.connection_seq AND k.external_id = d.customer";

const DOCUMENT: &str = "u.document_seq, u.account, u.entity, u.currency, u.minor, u.day, d.id, d.kind,
    d.reference, d.customer AS customer_id, c.name AS connection, coalesce(k.name, d.customer) AS customer";

fn entry(row: &Row<'_>) -> rusqlite::Result<UnmatchedEntry> {
    Ok(UnmatchedEntry {
        seq: row.get("entry_seq")?,
        id: text(row, "id")?,
        connection: row.get("connection")?,
        number: row.get("number")?,
        reference: row.get("reference")?,
        kind: row.get("kind")?,
        memo: row.get("memo")?,
        counterpart: row.get("counterpart")?,
        entity: row.get("entity")?,
        currency: text(row, "currency")?,
        account: row.get("account")?,
        minor: row.get("minor")?,
        day: text(row, "day")?,
    })
}

fn document(row: &Row<'_>) -> rusqlite::Result<UnmatchedDocument> {
    Ok(UnmatchedDocument {
        seq: row.get("document_seq")?,
        id: text(row, "id")?,
        connection: row.get("connection")?,
        kind: named(row, "kind", DocumentKind::parse)?,
        reference: row.get("reference")?,
        customer: row.get("customer")?,
        customer_id: row.get("customer_id")?,
        entity: row.get("entity")?,
        currency: text(row, "currency")?,
        account: row.get("account")?,
        minor: row.get("minor")?,
        day: text(row, "day")?,
    })
}

fn wanted(query: &UnmatchedQuery, columns: &[&str]) -> Where {
    let mut wanted = Where::default();
    if let Some(entity) = &query.entity {
        wanted.and("u.entity = ?", entity.clone());
    }
    if let Some(currency) = &query.currency {
        wanted.and("u.currency = ?", currency.code().to_owned());
    }
    if let Some(words) = query.search.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
        wanted.contains(columns, words);
    }
    wanted
}

/// Entries of a condition, the largest first; without `free` also those of a match that counts or waits.
fn read_entries(
    db: &Db,
    wanted: &Where,
    (start, limit): (u64, u32),
    free: bool,
) -> Result<Vec<UnmatchedEntry>> {
    let free = if free { FREE_ENTRY } else { "1 = 1" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT {ENTRY} {ENTRIES} WHERE {free} AND {}
         ORDER BY abs(u.minor) DESC, u.entry_seq, u.account LIMIT ? OFFSET ?",
        wanted.sql()
    ))?;
    let rows = statement.query_map(params_from_iter(wanted.window(start, limit)), entry)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Entries of a condition that are free to be matched, the largest first.
pub(super) fn entries(db: &Db, wanted: &Where, start: u64, limit: u32) -> Result<Vec<UnmatchedEntry>> {
    read_entries(db, wanted, (start, limit), true)
}

/// Documents of a condition that are free to be matched, in this order.
pub(super) fn documents(
    db: &Db,
    wanted: &Where,
    order: &str,
    window: (u64, u32),
) -> Result<Vec<UnmatchedDocument>> {
    read_documents(db, wanted, order, window, true)
}

/// Documents of a condition, in this order; without `free` also those of a match that counts or waits.
fn read_documents(
    db: &Db,
    wanted: &Where,
    order: &str,
    (start, limit): (u64, u32),
    free: bool,
) -> Result<Vec<UnmatchedDocument>> {
    let free = if free { FREE_DOCUMENT } else { "1 = 1" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT {DOCUMENT} {DOCUMENTS} WHERE {free} AND {}
         ORDER BY {order}, u.document_seq LIMIT ? OFFSET ?",
        wanted.sql()
    ))?;
    let rows = statement.query_map(params_from_iter(wanted.window(start, limit)), document)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn count(db: &Db, of: &str, free: &str, wanted: &Where) -> Result<u64> {
    let mut statement =
        db.prepare_cached(&format!("SELECT count(*) {of} WHERE {free} AND {}", wanted.sql()))?;
    let count: i64 = statement.query_row(params_from_iter(&wanted.values), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// What nothing ties, beside each other.
pub(crate) fn window(db: &Db, query: &UnmatchedQuery) -> Result<UnmatchedWindow> {
    let of_entries = wanted(query, &["e.number", "e.erp_id", "e.reference", "e.memo", "k.name", "u.account"]);
    let of_documents = wanted(query, &["d.reference", "d.external_id", "d.customer", "k.name", "u.account"]);
    Ok(UnmatchedWindow {
        entries_total: count(db, ENTRIES, FREE_ENTRY, &of_entries)?,
        entries: entries(db, &of_entries, query.start, query.limit)?,
        documents_total: count(db, DOCUMENTS, FREE_DOCUMENT, &of_documents)?,
        documents: documents(db, &of_documents, "abs(u.minor) DESC", (query.start, query.limit))?,
    })
}

/// The entries of these ids on any account, in the order of the ids; only what is free where that is asked.
pub(super) fn entries_of(db: &Db, ids: &[EntryId], free: bool) -> Result<Vec<UnmatchedEntry>> {
    let mut found = Vec::new();
    for id in ids {
        let mut one = Where::default();
        one.and("e.id = ?", id.to_string());
        found.extend(read_entries(db, &one, (0, u32::MAX), free)?);
    }
    Ok(found)
}

/// The documents of these ids, in the order of the ids; only what is free where that is asked.
pub(super) fn documents_of(db: &Db, ids: &[DocumentId], free: bool) -> Result<Vec<UnmatchedDocument>> {
    let mut found = Vec::new();
    for id in ids {
        let mut one = Where::default();
        one.and("d.id = ?", id.to_string());
        found.extend(read_documents(db, &one, "u.document_seq", (0, 1), free)?);
    }
    Ok(found)
}

/// Everything that an entry says in words: its texts, its names, and whom it is about.
pub(super) fn words_of(db: &Db, entry: &UnmatchedEntry) -> Result<String> {
    let mut words: Vec<String> =
        [&entry.memo, &entry.reference, &entry.counterpart].into_iter().flatten().cloned().collect();
    for sql in [
        "SELECT memo FROM entry_line WHERE entry_seq = ?1 AND memo IS NOT NULL ORDER BY line_no",
        "SELECT name FROM entry_name WHERE entry_seq = ?1 ORDER BY name",
        "SELECT external_id FROM entry WHERE seq = ?1 AND external_id IS NOT NULL",
    ] {
        let mut statement = db.prepare_cached(sql)?;
        for word in statement.query_map([entry.seq], |row| row.get(0))? {
            words.push(word?);
        }
    }
    Ok(words.join(" "))
}

/// The free entries that people name: by id, by number or by the ERP's id.
pub(crate) fn entries_named(db: &Db, names: &[String]) -> Result<Vec<EntryId>> {
    let one = |name: &String| {
        let mut wanted = Where::default();
        wanted.either(&["e.id", "e.number", "e.erp_id"], name);
        let mut ids: Vec<EntryId> = entries(db, &wanted, 0, 10)?.into_iter().map(|one| one.id).collect();
        ids.dedup();
        only("entry", name, ids)
    };
    names.iter().map(one).collect()
}

/// The free documents that people name: by id or by reference.
pub(crate) fn documents_named(db: &Db, names: &[String]) -> Result<Vec<DocumentId>> {
    let one = |name: &String| {
        let mut wanted = Where::default();
        wanted.either(&["d.id", "d.reference", "d.external_id"], name);
        let found = documents(db, &wanted, "u.document_seq", (0, 10))?;
        only("document", name, found.into_iter().map(|one| one.id).collect())
    };
    names.iter().map(one).collect()
}

fn only<T>(what: &str, name: &str, mut found: Vec<T>) -> Result<T> {
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(StoreError::MatchUnfit {
            words: format!("no {what} {name} is without its other side (tieout match list)"),
        }),
        (Some(_), false) => Err(StoreError::MatchUnfit {
            words: format!("several of the {what}s are called {name}: give the id of the one that is meant"),
        }),
    }
}
