//! Table `log`: append-only, hash-chained, and signed where a person decided.
//!
//! `hash` is SHA-256 over an explicit encoding, each field with its length before it: the name of the
//! format, the previous hash, number, instant, actor, what, subject, detail and signer. The first
//! entry's previous hash is that of the workspace's id. A signature (ed25519) is over `hash`.

use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, VerifyingKey};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use tieout_domain::{PersonId, hash::ContentHasher};

use crate::{
    error::{Result, StoreError},
    migrate::Migration,
    sql::{at, bytes32, ms, text_opt},
    store::Store,
    table::{person, workspace},
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE log (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, what
      TEXT NOT NULL,
            subject TEXT NOT NULL, detail TEXT NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL,
              signer TEXT,
            signature BLOB);
          CREATE INDEX log_by_subject ON log (subject);
          CREATE TRIGGER log_is_not_updated BEFORE UPDATE ON log
            BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
          CREATE TRIGGER log_is_not_deleted BEFORE DELETE ON log
            BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
          CREATE TRIGGER log_grows_at_its_end BEFORE INSERT ON log
            WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM log)
            BEGIN SELECT RAISE(ABORT, 'the log grows at its end only'); END;",
    },
    Migration {
        version: 2,
        sql: "CREATE INDEX log_by_what ON log (what, number);
          CREATE INDEX log_by_actor ON log (actor, number);",
    },
];

/// `what` of the entry that records a person's verifying key.
pub(crate) const KEY_SET: &str = "person_key_set";

/// Signs a log entry's hash with a person's own secret, which only the caller holds.
#[derive(Clone)]
pub struct Signer<'a> {
    /// Whose signature it is.
    pub person: &'a PersonId,
    /// Makes the ed25519 signature (64 bytes) over the hash.
    pub sign: &'a dyn Fn(&[u8; 32]) -> [u8; 64],
}

/// A log entry to be appended together with what it reports.
#[derive(Clone)]
pub struct LogDraft<'a> {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it: a person's id, `os:<account>` or `desk`.
    pub actor: &'a str,
    /// What was done, snake_case.
    pub what: &'a str,
    /// To what: an id.
    pub subject: &'a str,
    /// More, as a JSON object. Never a secret.
    pub detail: Value,
    /// Who signs it; a decision is always signed.
    pub signer: Option<Signer<'a>>,
}

/// A log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number, from 1 without gaps.
    pub number: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub what: String,
    /// To what.
    pub subject: String,
    /// More, as JSON text.
    pub detail: String,
    /// The hash of the entry before.
    pub previous: [u8; 32],
    /// Its hash.
    pub hash: [u8; 32],
    /// Who signed it.
    pub signer: Option<PersonId>,
    /// The signature.
    pub signature: Option<Vec<u8>>,
}

/// The end of the log. Its number and hash are also kept with the secrets, as the anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// Number of the last entry; 0 for an empty log.
    pub number: i64,
    /// Its hash; that of the genesis for an empty log.
    pub hash: [u8; 32],
}

impl LogEntry {
    /// The hash that the entry's content gives.
    pub(crate) fn computed_hash(&self) -> [u8; 32] {
        let mut h = ContentHasher::new("tieout-log/1");
        h.bytes(&self.previous).number(self.number).number(ms(self.at)).text(&self.actor).text(&self.what);
        h.text(&self.subject).text(&self.detail).optional(self.signer.as_ref().map(PersonId::as_str));
        h.finish()
    }
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<LogEntry> {
    Ok(LogEntry {
        number: row.get("number")?,
        at: at(row, "at")?,
        actor: row.get("actor")?,
        what: row.get("what")?,
        subject: row.get("subject")?,
        detail: row.get("detail")?,
        previous: bytes32(row, "previous")?,
        hash: bytes32(row, "hash")?,
        signer: text_opt(row, "signer")?,
        signature: row.get("signature")?,
    })
}

/// What the first entry's `previous` is.
pub(crate) fn genesis(connection: &Connection) -> Result<[u8; 32]> {
    let mut hasher = ContentHasher::new("tieout-log-genesis/1");
    hasher.text(&workspace::id(connection)?);
    Ok(hasher.finish())
}

pub(crate) fn head(connection: &Connection) -> Result<LogHead> {
    let mut statement =
        connection.prepare_cached("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1")?;
    let last = statement
        .query_row([], |row| Ok(LogHead { number: row.get("number")?, hash: bytes32(row, "hash")? }))
        .optional()?;
    match last {
        Some(head) => Ok(head),
        None => Ok(LogHead { number: 0, hash: genesis(connection)? }),
    }
}

/// Appends an entry inside the caller's transaction and answers its number.
pub(crate) fn append(connection: &Connection, draft: &LogDraft<'_>) -> Result<i64> {
    append_with(connection, draft, &[])
}

/// As [`append`], with fields that the store itself puts into the detail.
pub(crate) fn append_with(
    connection: &Connection,
    draft: &LogDraft<'_>,
    fields: &[(&str, Value)],
) -> Result<i64> {
    let mut detail = match &draft.detail {
        Value::Object(map) => map.clone(),
        Value::Null => serde_json::Map::new(),
        other => serde_json::Map::from_iter([("value".to_owned(), other.clone())]),
    };
    detail.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let head = head(connection)?;
    let mut entry = LogEntry {
        number: head.number + 1,
        at: draft.at,
        actor: draft.actor.to_owned(),
        what: draft.what.to_owned(),
        subject: draft.subject.to_owned(),
        detail: Value::Object(detail).to_string(),
        previous: head.hash,
        hash: [0; 32],
        signer: draft.signer.as_ref().map(|s| s.person.clone()),
        signature: None,
    };
    entry.hash = entry.computed_hash();
    if let Some(signer) = &draft.signer {
        entry.signature = Some(signed(connection, signer, &entry.hash)?.to_vec());
    }
    connection
        .prepare_cached(
            "INSERT INTO log (number, at, actor, what, subject, detail, previous, hash, signer, signature)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            entry.number,
            ms(entry.at),
            entry.actor,
            entry.what,
            entry.subject,
            entry.detail,
            entry.previous,
            entry.hash,
            entry.signer.as_ref().map(PersonId::as_str),
            entry.signature,
        ])?;
    Ok(entry.number)
}

/// Has the hash signed, and refuses a signature that the person's recorded key does not check.
fn signed(connection: &Connection, signer: &Signer<'_>, hash: &[u8; 32]) -> Result<[u8; 64]> {
    let signature = (signer.sign)(hash);
    let key = person::verifying_key(connection, signer.person)?;
    match key {
        Some(key) if signature_fits(&key, hash, &signature) => Ok(signature),
        _ => Err(StoreError::BadSignature { person: signer.person.to_string() }),
    }
}

pub(crate) fn signature_fits(key: &[u8; 32], hash: &[u8; 32], signature: &[u8]) -> bool {
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(hash, &signature).is_ok())
}

impl Store {
    /// Appends an entry that reports something outside the store's other methods (an export, a refused
    /// attempt).
    ///
    /// # Errors
    /// `log_bad_signature`.
    pub fn append_log(&mut self, draft: &LogDraft<'_>) -> Result<i64> {
        self.write(|tx| append(tx, draft))
    }

    /// All entries about one subject, in order.
    ///
    /// # Errors
    /// A database error.
    pub fn log_of(&self, subject: &str) -> Result<Vec<LogEntry>> {
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM log WHERE subject = ?1 ORDER BY number")?;
        Ok(statement.query_map([subject], read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The end of the log.
    ///
    /// # Errors
    /// A database error.
    pub fn log_head(&self) -> Result<LogHead> {
        head(&self.connection)
    }
}
