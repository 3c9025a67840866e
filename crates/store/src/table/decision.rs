//! Table `decision`: what people decided on postings and changes, each with its signed log entry.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Row, params, params_from_iter};
use tieout_domain::{ChangeId, PersonId, PostingId};
use tieout_evidence::{Decided, LogDraft, carried_at};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{AT_ONCE, at, marks, ms, text, text_opt},
    table::log,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE decision (seq INTEGER PRIMARY KEY, posting_id TEXT, change_id TEXT, person TEXT
      NOT NULL,
            action TEXT NOT NULL, content_hash TEXT NOT NULL, at INTEGER NOT NULL, log_number INTEGER
              NOT NULL);
          CREATE INDEX decision_by_posting ON decision (posting_id) WHERE posting_id IS NOT NULL;
          CREATE TRIGGER decision_is_not_updated BEFORE UPDATE ON decision
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
          CREATE TRIGGER decision_is_not_deleted BEFORE DELETE ON decision
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;",
    },
    Migration { version: 10, sql: "ALTER TABLE decision ADD COLUMN in_place_of TEXT;" },
];

/// What a decision is on.
pub(crate) enum Subject<'a> {
    Posting(&'a PostingId),
    Change(&'a ChangeId),
}

/// A decision as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The posting decided on.
    pub posting: Option<PostingId>,
    /// The change decided on.
    pub change: Option<ChangeId>,
    /// Who decided.
    pub person: PersonId,
    /// What: `approve`, `reject`, `cancel`, `replay`, `finish`, `approve_change`, `reject_change`.
    pub action: String,
    /// The content that it is bound to.
    pub content_hash: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The number of its log entry.
    pub log_number: i64,
    /// In whose place they decided, where it was not in their own.
    pub in_place_of: Option<PersonId>,
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Decision> {
    Ok(Decision {
        posting: text_opt(row, "posting_id")?,
        change: text_opt(row, "change_id")?,
        person: text(row, "person")?,
        action: row.get("action")?,
        content_hash: row.get("content_hash")?,
        at: at(row, "at")?,
        log_number: row.get("log_number")?,
        in_place_of: text_opt(row, "in_place_of")?,
    })
}

/// Writes a decision with its log entry, which the person themself must sign. The entry always says who
/// decided what on which content, whatever the caller's draft says, so that a changed row in this table
/// is found against the log.
pub(crate) fn record(
    tx: &Tx<'_>,
    subject: &Subject<'_>,
    (person, in_place_of): (&PersonId, Option<&PersonId>),
    (action, content_hash): (&str, &str),
    log: &LogDraft<'_>,
) -> Result<i64> {
    if log.signer.as_ref().is_none_or(|signer| signer.person != person) {
        return Err(StoreError::BadSignature { person: person.to_string() });
    }
    let (posting, change) = match subject {
        Subject::Posting(id) => (Some(id.as_str()), None),
        Subject::Change(id) => (None, Some(id.as_str())),
    };
    let draft = LogDraft { subject: posting.or(change).unwrap_or_default(), ..log.clone() };
    let decided = Decided { subject: draft.subject, person, action, content_hash, in_place_of };
    // A decision that was signed elsewhere is as old as its signature, not as its way here.
    let at = carried_at(&log.detail).unwrap_or(log.at);
    // Written before its entry, so that what the person signs seals the row too.
    let number = log::next_number(tx)?;
    tx.prepare_cached(
        "INSERT INTO decision
             (posting_id, change_id, person, action, content_hash, at, log_number, in_place_of)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        posting,
        change,
        person.as_str(),
        action,
        content_hash,
        ms(at),
        number,
        in_place_of.map(PersonId::as_str)
    ])?;
    log::append_with(tx, &draft, &decided.fields())
}

/// All decisions on a posting, oldest first.
pub(crate) fn of_posting(db: &Db, posting: &PostingId) -> Result<Vec<Decision>> {
    let mut statement = db.prepare_cached("SELECT * FROM decision WHERE posting_id = ?1 ORDER BY seq")?;
    Ok(statement.query_map([posting.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
}

/// All decisions on each of these postings, oldest first, in one read however many they are.
pub(crate) fn of_postings(db: &Db, postings: &[PostingId]) -> Result<BTreeMap<PostingId, Vec<Decision>>> {
    let mut found: BTreeMap<PostingId, Vec<Decision>> = BTreeMap::new();
    for some in postings.chunks(AT_ONCE) {
        let query =
            format!("SELECT * FROM decision WHERE posting_id IN ({}) ORDER BY seq", marks(some.len()));
        let mut statement = db.prepare_cached(&query)?;
        let mut rows = statement.query(params_from_iter(some.iter().map(PostingId::as_str)))?;
        while let Some(row) = rows.next()? {
            let decision = read(row)?;
            if let Some(posting) = decision.posting.clone() {
                found.entry(posting).or_default().push(decision);
            }
        }
    }
    Ok(found)
}

impl Decision {
    /// What its log entry must say. `None` for a row that names neither posting nor change.
    pub(crate) fn decided(&self) -> Option<Decided<'_>> {
        let posting = self.posting.as_ref().map(PostingId::as_str);
        Some(Decided {
            subject: posting.or(self.change.as_ref().map(ChangeId::as_str))?,
            person: &self.person,
            action: &self.action,
            content_hash: &self.content_hash,
            in_place_of: self.in_place_of.as_ref(),
        })
    }
}
