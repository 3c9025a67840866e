//! Table `attachment`: files that people put to an exception. Their bytes are payloads, kept once however
//! often they are attached.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{AttachmentId, ExceptionId};

use super::{exception, payload};
use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, ms, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 9,
    sql: "CREATE TABLE attachment (id TEXT PRIMARY KEY, exception_seq INTEGER NOT NULL, name TEXT NOT NULL,
            size INTEGER NOT NULL, payload_hash BLOB NOT NULL, added_by TEXT NOT NULL,
            added_at INTEGER NOT NULL) WITHOUT ROWID;
          CREATE INDEX attachment_by_exception ON attachment (exception_seq, added_at);",
}];

/// A file that somebody put to an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// What the file was called, without its folder.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// Who attached it: a person's id.
    pub added_by: String,
    /// When.
    pub added_at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    Ok(Attachment {
        id: text(row, "id")?,
        name: row.get("name")?,
        size: u64::try_from(row.get::<_, i64>("size")?).unwrap_or(0),
        sha256: row.get("payload_hash")?,
        added_by: row.get("added_by")?,
        added_at: at(row, "added_at")?,
    })
}

/// The files of an exception, the first first.
pub(crate) fn of_exception(db: &Db, id: &ExceptionId) -> Result<Vec<Attachment>> {
    let (seq, _) = exception::seq_and_state(db, id)?;
    let mut statement =
        db.prepare_cached("SELECT * FROM attachment WHERE exception_seq = ?1 ORDER BY added_at, id")?;
    let rows = statement.query_map([seq], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The file of this id.
pub(crate) fn find(db: &Db, id: &AttachmentId) -> Result<Attachment> {
    let mut statement = db.prepare_cached("SELECT * FROM attachment WHERE id = ?1")?;
    let found = statement.query_row([id.as_str()], read).optional()?;
    found.ok_or_else(|| StoreError::unknown("attachment", id))
}

/// Its bytes, which are what its hash says.
pub(crate) fn bytes(db: &Db, one: &Attachment) -> Result<Vec<u8>> {
    payload::bytes(db, &one.sha256)
}

/// Keeps a file; answers the SHA-256 of its bytes.
pub(crate) fn keep(
    tx: &Tx<'_>,
    exception_seq: i64,
    (id, name, bytes): (&AttachmentId, &str, &[u8]),
    (by, when): (&str, DateTime<Utc>),
) -> Result<[u8; 32]> {
    let hash = payload::keep(tx, bytes, None)?;
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "INSERT INTO attachment (id, exception_seq, name, size, payload_hash, added_by, added_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![id.as_str(), exception_seq, name, size, &hash[..], by, ms(when)])?;
    Ok(hash)
}
