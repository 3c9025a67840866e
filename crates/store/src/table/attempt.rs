//! Table `attempt`: every call that changes something in an ERP, durable before its first byte is sent.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use tieout_domain::{AttemptId, ConnectionId, PostingId, key::PostingKey};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, at_opt, ms, stored_enum, text},
    table::connection,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE attempt (id TEXT PRIMARY KEY, posting_seq INTEGER NOT NULL, step INTEGER NOT NULL,
            number INTEGER NOT NULL, action TEXT NOT NULL, key TEXT NOT NULL, target TEXT,
            content_hash TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER, outcome TEXT,
              code TEXT,
            message TEXT, erp_id TEXT, request_id TEXT, transcript TEXT, UNIQUE (posting_seq, number));
          CREATE INDEX attempt_unfinished ON attempt (posting_seq) WHERE finished_at IS NULL;",
}];

stored_enum! {
    /// How an attempt ended.
    AttemptEnd {
        /// The call succeeded.
        Done => "done",
        /// The ERP refused, and will refuse again.
        Terminal => "terminal",
        /// Certainly nothing happened.
        Retryable => "retryable",
        /// Nobody knows.
        Unknown => "unknown",
    }
}

/// What is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttempt {
    /// The posting.
    pub posting: PostingId,
    /// Its step, from 1.
    pub step: u32,
    /// Counts the posting's attempts, from 1.
    pub number: u32,
    /// What is called.
    pub action: String,
    /// The step's key.
    pub key: PostingKey,
    /// The ERP's id of the draft that is posted or deleted.
    pub target: Option<String>,
    /// The content that the permit covers.
    pub content_hash: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// An attempt as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The posting.
    pub posting: PostingId,
    /// Its step, from 1.
    pub step: u32,
    /// Its number within the posting, from 1.
    pub number: u32,
    /// What was called.
    pub action: String,
    /// The step's key.
    pub key: PostingKey,
    /// The ERP's id of the draft that was posted or deleted.
    pub target: Option<String>,
    /// The content that was sent.
    pub content_hash: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its end was known; `None` when the process died in between, or it is under way.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended.
    pub end: Option<AttemptEnd>,
    /// The stable code of its failure.
    pub code: Option<String>,
    /// The failure's words.
    pub message: Option<String>,
    /// The ERP's id of the entry.
    pub erp_id: Option<String>,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// Request and response, without secrets.
    pub transcript: Option<String>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let end: Option<String> = row.get("outcome")?;
    Ok(Attempt {
        id: text(row, "id")?,
        posting: text(row, "posting_id")?,
        step: row.get("step")?,
        number: row.get("number")?,
        action: row.get("action")?,
        key: text(row, "key")?,
        target: row.get("target")?,
        content_hash: row.get("content_hash")?,
        started_at: at(row, "started_at")?,
        finished_at: at_opt(row, "finished_at")?,
        end: end.as_deref().and_then(AttemptEnd::parse),
        code: row.get("code")?,
        message: row.get("message")?,
        erp_id: row.get("erp_id")?,
        request_id: row.get("request_id")?,
        transcript: row.get("transcript")?,
    })
}

/// Writes the intent. A second attempt of the same number is refused: two workers are at the same
/// posting.
pub(crate) fn begin(tx: &Tx<'_>, posting_seq: i64, new: &NewAttempt) -> Result<AttemptId> {
    let id = AttemptId::derive(&[new.posting.as_str(), &new.number.to_string()]);
    let count = tx
        .prepare_cached(
            "INSERT INTO attempt (id, posting_seq, step, number, action, key, target, content_hash,
              started_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            id.as_str(),
            posting_seq,
            new.step,
            new.number,
            new.action,
            new.key.as_str(),
            new.target,
            new.content_hash,
            ms(new.at),
        ])?;
    if count == 0 {
        return Err(StoreError::Duplicate {
            what: "attempt",
            id: format!("{} of {}", new.number, new.posting),
        });
    }
    Ok(id)
}

/// How an attempt ended, for the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptResult {
    /// How.
    pub end: AttemptEnd,
    /// The stable code of its failure.
    pub code: Option<String>,
    /// The failure's words.
    pub message: Option<String>,
    /// The ERP's id of the entry, where the answer has it.
    pub erp_id: Option<String>,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// Request and response, without secrets.
    pub transcript: Option<String>,
}

pub(crate) fn finish(tx: &Tx<'_>, id: &AttemptId, result: &AttemptResult, at: DateTime<Utc>) -> Result<()> {
    let count = tx
        .prepare_cached(
            "UPDATE attempt SET finished_at = ?2, outcome = ?3, code = ?4, message = ?5, erp_id = ?6,
              request_id = ?7,
               transcript = ?8 WHERE id = ?1 AND finished_at IS NULL",
        )?
        .execute(params![
            id.as_str(),
            ms(at),
            result.end.as_str(),
            result.code,
            result.message,
            result.erp_id,
            result.request_id,
            result.transcript,
        ])?;
    if count == 0 {
        return Err(StoreError::unknown("unfinished attempt", id));
    }
    Ok(())
}

/// True while nobody knows what became of an attempt of this posting that may have booked something:
/// one that was never finished, or ended unknown with nothing booked or proven since (`in_doubt` of the
/// outbox).
pub(crate) fn any_unfinished(db: &Db, posting_seq: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM attempt WHERE posting_seq = ?1 AND finished_at IS NULL)
               OR EXISTS (SELECT 1 FROM outbox WHERE posting_seq = ?1 AND doubt_since IS NOT NULL)",
        )?
        .query_row([posting_seq], |row| row.get(0))?)
}

const FROM: &str = "SELECT a.*, p.id AS posting_id FROM attempt a JOIN posting p ON p.seq = a.posting_seq";

/// All attempts of a posting, in order.
pub(crate) fn of_posting(db: &Db, posting: &PostingId) -> Result<Vec<Attempt>> {
    let query = format!("{FROM} WHERE p.id = ?1 ORDER BY a.number");
    let mut statement = db.prepare_cached(&query)?;
    Ok(statement.query_map([posting.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The attempts of a connection that were begun and never finished, oldest first.
pub(crate) fn unfinished(db: &Db, erp: &ConnectionId) -> Result<Vec<Attempt>> {
    let seq = connection::seq(db, erp)?;
    let query =
        format!("{FROM} WHERE a.finished_at IS NULL AND p.connection_seq = ?1 ORDER BY a.started_at, a.id");
    let mut statement = db.prepare_cached(&query)?;
    Ok(statement.query_map([seq], read)?.collect::<rusqlite::Result<_>>()?)
}
