//! Tables `matching`, `matching_entry` and `matching_document`: which entries and documents people say belong
//! together, or do not. One row per set of entries and documents as they were; the log keeps its history.
//!
//! Tables `unmatched_entry` and `unmatched_document`: what neither side ties to the other, kept by detection
//! (`detectors/unmatched.rs`), where suggestions are looked for.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{Currency, DocumentId, EntryId, MatchId, PersonId};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, at_opt, ms, named, stored_enum, text, text_opt},
};

/// `single`: it has one document, whose name its entries count for; else its `name` is that of a batch.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 7,
    sql: "CREATE TABLE matching (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
            state TEXT NOT NULL, rule TEXT NOT NULL, entity TEXT NOT NULL, currency TEXT NOT NULL,
            documents_minor INTEGER NOT NULL, entries_minor INTEGER NOT NULL, single INTEGER NOT NULL,
            needs_two INTEGER NOT NULL, why TEXT NOT NULL, reason TEXT NOT NULL, first_by TEXT,
            first_at INTEGER, second_by TEXT, second_at INTEGER, changed_by TEXT NOT NULL,
            changed_at INTEGER NOT NULL);
          CREATE TABLE matching_entry (matching_seq INTEGER NOT NULL, entry_seq INTEGER NOT NULL,
            PRIMARY KEY (matching_seq, entry_seq)) WITHOUT ROWID;
          CREATE INDEX matching_entry_by_entry ON matching_entry (entry_seq);
          CREATE TABLE matching_document (matching_seq INTEGER NOT NULL, document_seq INTEGER NOT NULL,
            PRIMARY KEY (matching_seq, document_seq)) WITHOUT ROWID;
          CREATE INDEX matching_document_by_document ON matching_document (document_seq);
          CREATE TABLE unmatched_entry (entry_seq INTEGER NOT NULL, account TEXT NOT NULL,
            entity TEXT NOT NULL, currency TEXT NOT NULL, minor INTEGER NOT NULL, day TEXT NOT NULL,
            PRIMARY KEY (entry_seq, account)) WITHOUT ROWID;
          CREATE TABLE unmatched_document (document_seq INTEGER PRIMARY KEY, account TEXT NOT NULL,
            entity TEXT NOT NULL, currency TEXT NOT NULL, minor INTEGER NOT NULL, day TEXT NOT NULL);
          CREATE INDEX unmatched_document_by_amount
            ON unmatched_document (entity, currency, account, minor, day);
          CREATE INDEX unmatched_document_by_day
            ON unmatched_document (entity, currency, account, day);",
}];

stored_enum! {
    /// Where a match stands.
    MatchState {
        /// One person has confirmed it; another one must, too.
        Proposed => "proposed",
        /// It counts.
        Confirmed => "confirmed",
        /// Somebody said that these do not belong together: it is not suggested again.
        Rejected => "rejected",
        /// It counted, and was taken back.
        Undone => "undone",
    }
}

impl MatchState {
    /// True while nobody else may match its entries or its documents.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, MatchState::Proposed | MatchState::Confirmed)
    }
}

stored_enum! {
    /// By what a match was found.
    MatchRule {
        /// Amount and days.
        Amount => "amount",
        /// The entry's text names the documents.
        Name => "name",
        /// The documents that a payout pays out.
        Payout => "payout",
        /// What one customer has open.
        Customer => "customer",
        /// What one day brought.
        Day => "day",
        /// A person chose entries and documents.
        Hand => "hand",
    }
}

/// A match as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMatch {
    /// Its id: derived from its entries and documents and their amounts.
    pub id: MatchId,
    /// What it is called where several documents are booked together.
    pub name: String,
    /// Where it stands.
    pub state: MatchState,
    /// By what it was found.
    pub rule: MatchRule,
    /// The entity, by its code.
    pub entity: String,
    /// The transaction currency.
    pub currency: Currency,
    /// What its documents expect on their control accounts together, debit-positive minor units.
    pub documents_minor: i64,
    /// What its entries hold there.
    pub entries_minor: i64,
    /// True where another person than the first must confirm it too.
    pub needs_two: bool,
    /// Why it was found, in words.
    pub why: String,
    /// What people said of it last; may be empty.
    pub reason: String,
    /// Who confirmed it first, and when.
    pub first: Option<(PersonId, DateTime<Utc>)>,
    /// Who confirmed it too, and when.
    pub second: Option<(PersonId, DateTime<Utc>)>,
    /// Who changed it last.
    pub changed_by: PersonId,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// Its entries.
    pub entries: Vec<EntryId>,
    /// Its documents.
    pub documents: Vec<DocumentId>,
}

/// A match by its sets and amounts, for who decides on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMatch {
    /// Its id.
    pub id: MatchId,
    /// What it is called where several documents are booked together.
    pub name: String,
    /// By what it was found.
    pub rule: MatchRule,
    /// The entity, by its code.
    pub entity: String,
    /// The transaction currency.
    pub currency: Currency,
    /// What its documents expect on their control accounts together.
    pub documents_minor: i64,
    /// What its entries hold there.
    pub entries_minor: i64,
    /// True where another person than the first must confirm it too.
    pub needs_two: bool,
    /// Why it was found.
    pub why: String,
    /// What the person says.
    pub reason: String,
    /// Its entries.
    pub entries: Vec<EntryId>,
    /// Its documents.
    pub documents: Vec<DocumentId>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, StoredMatch)> {
    let first: Option<PersonId> = text_opt(row, "first_by")?;
    let second: Option<PersonId> = text_opt(row, "second_by")?;
    let stored = StoredMatch {
        id: text(row, "id")?,
        name: row.get("name")?,
        state: named(row, "state", MatchState::parse)?,
        rule: named(row, "rule", MatchRule::parse)?,
        entity: row.get("entity")?,
        currency: text(row, "currency")?,
        documents_minor: row.get("documents_minor")?,
        entries_minor: row.get("entries_minor")?,
        needs_two: row.get("needs_two")?,
        why: row.get("why")?,
        reason: row.get("reason")?,
        first: first.zip(at_opt(row, "first_at")?),
        second: second.zip(at_opt(row, "second_at")?),
        changed_by: text(row, "changed_by")?,
        changed_at: at(row, "changed_at")?,
        entries: Vec::new(),
        documents: Vec::new(),
    };
    Ok((row.get("seq")?, stored))
}

fn members(db: &Db, seq: i64, stored: &mut StoredMatch) -> Result<()> {
    let mut entries = db.prepare_cached(
        "SELECT e.id FROM matching_entry m JOIN entry e ON e.seq = m.entry_seq
         WHERE m.matching_seq = ?1 ORDER BY e.id",
    )?;
    stored.entries = entries.query_map([seq], |row| text(row, "id"))?.collect::<rusqlite::Result<_>>()?;
    let mut documents = db.prepare_cached(
        "SELECT d.id FROM matching_document m JOIN document d ON d.seq = m.document_seq
         WHERE m.matching_seq = ?1 ORDER BY d.id",
    )?;
    stored.documents = documents.query_map([seq], |row| text(row, "id"))?.collect::<rusqlite::Result<_>>()?;
    Ok(())
}

/// The match of this id.
pub(crate) fn find(db: &Db, id: &MatchId) -> Result<Option<StoredMatch>> {
    let mut statement = db.prepare_cached("SELECT * FROM matching WHERE id = ?1")?;
    let Some((seq, mut stored)) = statement.query_row([id.as_str()], read).optional()? else {
        return Ok(None);
    };
    members(db, seq, &mut stored)?;
    Ok(Some(stored))
}

/// The newest matches in these states, at most so many, the last changed first.
pub(crate) fn list(db: &Db, states: &[MatchState], limit: u32) -> Result<Vec<StoredMatch>> {
    let names: Vec<String> = states.iter().map(|state| format!("'{}'", state.as_str())).collect();
    let mut statement = db.prepare(&format!(
        "SELECT * FROM matching WHERE state IN ({}) ORDER BY changed_at DESC, seq DESC LIMIT ?1",
        names.join(", ")
    ))?;
    let found: Vec<(i64, StoredMatch)> =
        statement.query_map([limit], read)?.collect::<rusqlite::Result<_>>()?;
    let whole = |(seq, mut stored): (i64, StoredMatch)| members(db, seq, &mut stored).map(|()| stored);
    found.into_iter().map(whole).collect()
}

/// The match that counts of a document, or that has this name.
pub(crate) fn counting(db: &Db, document: Option<&DocumentId>, name: &str) -> Result<Option<StoredMatch>> {
    let mut statement = db.prepare_cached(
        "SELECT m.* FROM matching m WHERE m.state = 'confirmed' AND (m.name = ?2 OR EXISTS (
             SELECT 1 FROM matching_document k JOIN document d ON d.seq = k.document_seq
             WHERE k.matching_seq = m.seq AND d.id = ?1))
         ORDER BY m.changed_at DESC LIMIT 1",
    )?;
    let values = params![document.map(DocumentId::as_str), name];
    let Some((seq, mut stored)) = statement.query_row(values, read).optional()? else { return Ok(None) };
    members(db, seq, &mut stored)?;
    Ok(Some(stored))
}

/// A match of the document that came to count, or ceased to, after this instant: its name and state.
pub(crate) fn changed_since(
    db: &Db,
    document: &DocumentId,
    since: DateTime<Utc>,
) -> Result<Option<(String, MatchState, DateTime<Utc>)>> {
    let mut statement = db.prepare_cached(
        "SELECT m.name, m.state, m.changed_at
         FROM document d JOIN matching_document k ON k.document_seq = d.seq
         JOIN matching m ON m.seq = k.matching_seq
         WHERE d.id = ?1 AND m.state IN ('confirmed', 'undone') AND m.changed_at > ?2
         ORDER BY m.changed_at DESC LIMIT 1",
    )?;
    let read = |row: &Row<'_>| {
        Ok((row.get("name")?, named(row, "state", MatchState::parse)?, at(row, "changed_at")?))
    };
    Ok(statement.query_row(params![document.as_str(), ms(since)], read).optional()?)
}

/// Who, and when.
type By<'p> = (&'p PersonId, DateTime<Utc>);

/// Writes a match in this state, in the place of the row of the same sets, whatever became of that.
pub(crate) fn put(
    tx: &Tx<'_>,
    new: &NewMatch,
    state: MatchState,
    (first, second): (Option<By<'_>>, Option<By<'_>>),
    (person, now): By<'_>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO matching (id, name, state, rule, entity, currency, documents_minor, entries_minor,
             single, needs_two, why, reason, first_by, first_at, second_by, second_at, changed_by, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, rule = excluded.rule,
             needs_two = excluded.needs_two, why = excluded.why, reason = excluded.reason,
             first_by = excluded.first_by, first_at = excluded.first_at, second_by = excluded.second_by,
             second_at = excluded.second_at, changed_by = excluded.changed_by,
             changed_at = excluded.changed_at",
    )?
    .execute(params![
        new.id.as_str(),
        new.name,
        state.as_str(),
        new.rule.as_str(),
        new.entity,
        new.currency.code(),
        new.documents_minor,
        new.entries_minor,
        new.documents.len() == 1,
        new.needs_two,
        new.why,
        new.reason,
        first.map(|(by, _)| by.as_str()),
        first.map(|(_, at)| ms(at)),
        second.map(|(by, _)| by.as_str()),
        second.map(|(_, at)| ms(at)),
        person.as_str(),
        ms(now),
    ])?;
    let seq: i64 = tx
        .prepare_cached("SELECT seq FROM matching WHERE id = ?1")?
        .query_row([new.id.as_str()], |row| row.get(0))?;
    let mut entry = tx.prepare_cached(
        "INSERT INTO matching_entry (matching_seq, entry_seq) SELECT ?1, seq FROM entry WHERE id = ?2
         ON CONFLICT DO NOTHING",
    )?;
    for id in &new.entries {
        entry.execute(params![seq, id.as_str()])?;
    }
    let mut document = tx.prepare_cached(
        "INSERT INTO matching_document (matching_seq, document_seq)
         SELECT ?1, seq FROM document WHERE id = ?2 ON CONFLICT DO NOTHING",
    )?;
    for id in &new.documents {
        document.execute(params![seq, id.as_str()])?;
    }
    compare_again(tx, seq)
}

/// Sets where a match stands.
pub(crate) fn set_state(
    tx: &Tx<'_>,
    id: &MatchId,
    (state, reason): (MatchState, &str),
    (person, now): (&PersonId, DateTime<Utc>),
) -> Result<()> {
    let seq: i64 = tx
        .prepare_cached("SELECT seq FROM matching WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::unknown("match", id))?;
    tx.prepare_cached(
        "UPDATE matching SET state = ?2, reason = ?3, changed_by = ?4, changed_at = ?5 WHERE seq = ?1",
    )?
    .execute(params![seq, state.as_str(), reason, person.as_str(), ms(now)])?;
    compare_again(tx, seq)
}

/// Its documents and entries are to be compared again. What has no reference is found by its documents.
fn compare_again(tx: &Tx<'_>, seq: i64) -> Result<()> {
    for sql in [
        "INSERT INTO dirty_reference (reference)
         SELECT d.reference FROM matching_document m JOIN document d ON d.seq = m.document_seq
         WHERE m.matching_seq = ?1 ON CONFLICT DO NOTHING",
        "INSERT INTO dirty_reference (reference)
         SELECT e.reference FROM matching_entry m JOIN entry e ON e.seq = m.entry_seq
         WHERE m.matching_seq = ?1 AND e.reference IS NOT NULL ON CONFLICT DO NOTHING",
        "INSERT INTO dirty_reference (reference) SELECT name FROM matching WHERE seq = ?1
         ON CONFLICT DO NOTHING",
    ] {
        tx.prepare_cached(sql)?.execute([seq])?;
    }
    Ok(())
}
