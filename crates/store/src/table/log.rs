//! Table `log`: append-only, hash-chained, and signed where a person decided. How an entry is encoded, hashed
//! and signed is [`tieout_evidence`]'s.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, params, params_from_iter};
use serde_json::{Value, json};
use tieout_domain::PersonId;
use tieout_evidence::{LogDraft, LogEntry, LogHead, SEALED, Seal};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{AT_ONCE, at, bytes32, marks, ms, text_opt},
    table::{person, seal, workspace},
};

/// The actor of what nobody asked for: the desk itself.
const DESK: &str = "desk";

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
    // What an entry says of the tables; those of before say nothing.
    Migration { version: 5, sql: "ALTER TABLE log ADD COLUMN seal TEXT;" },
];

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
        seal: row.get("seal")?,
    })
}

/// The end of the workspace's log before its first entry.
pub(crate) fn genesis(db: &Db) -> Result<LogHead> {
    Ok(LogHead::genesis(&workspace::id(db)?))
}

/// The end of the log.
pub(crate) fn head(db: &Db) -> Result<LogHead> {
    let mut statement = db.prepare_cached("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1")?;
    let last = statement
        .query_row([], |row| Ok(LogHead { number: row.get("number")?, hash: bytes32(row, "hash")? }))
        .optional()?;
    last.map_or_else(|| genesis(db), Ok)
}

/// The entries of these numbers, in one read however many they are; what cannot be read is left out.
pub(crate) fn of_numbers(db: &Db, numbers: &[i64]) -> Result<BTreeMap<i64, LogEntry>> {
    let mut entries = BTreeMap::new();
    for some in numbers.chunks(AT_ONCE) {
        let query = format!("SELECT * FROM log WHERE number IN ({})", marks(some.len()));
        let mut statement = db.prepare_cached(&query)?;
        let mut rows = statement.query(params_from_iter(some))?;
        while let Some(row) = rows.next()? {
            if let Ok(entry) = read(row) {
                entries.insert(entry.number, entry);
            }
        }
    }
    Ok(entries)
}

/// Every entry that can be read, in order.
pub(crate) fn each(db: &Db, each: &mut dyn FnMut(&LogEntry)) -> Result<()> {
    let mut statement = db.prepare_cached("SELECT * FROM log ORDER BY number")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Ok(entry) = read(row) {
            each(&entry);
        }
    }
    Ok(())
}

/// All entries about one subject, in order.
pub(crate) fn about(db: &Db, subject: &str) -> Result<Vec<LogEntry>> {
    let mut statement = db.prepare_cached("SELECT * FROM log WHERE subject = ?1 ORDER BY number")?;
    Ok(statement.query_map([subject], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The number of the entry that is appended next.
pub(crate) fn next_number(tx: &Tx<'_>) -> Result<i64> {
    Ok(head(tx)?.number + 1)
}

/// Appends an entry inside the caller's transaction and answers its number.
pub(crate) fn append(tx: &Tx<'_>, draft: &LogDraft<'_>) -> Result<i64> {
    append_with(tx, draft, &[])
}

/// As [`append`], with fields that the store itself puts into the detail. A signature that the person's
/// recorded key does not check is refused. The entry seals what changed in the tables before it.
pub(crate) fn append_with(tx: &Tx<'_>, draft: &LogDraft<'_>, fields: &[(&str, Value)]) -> Result<i64> {
    let mut seals = seal::next(tx)?.into_iter();
    let number = insert(tx, draft, fields, seals.next().unwrap_or_default())?;
    seals.try_for_each(|rest| seal_only(tx, &json!({}), rest))?;
    Ok(number)
}

fn insert(tx: &Tx<'_>, draft: &LogDraft<'_>, fields: &[(&str, Value)], seal: Seal) -> Result<i64> {
    let mut entry = LogEntry::after(&head(tx)?, draft, fields).sealed(seal.to_text());
    if let Some(signer) = &draft.signer {
        let key = person::verifying_key(tx, signer.person)?;
        let refused = |_| StoreError::BadSignature { person: signer.person.to_string() };
        entry.sign(signer, key.as_ref()).map_err(refused)?;
    }
    tx.prepare_cached(
        "INSERT INTO log (number, at, actor, what, subject, detail, previous, hash, signer, signature, seal)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
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
        entry.seal,
    ])?;
    Ok(entry.number)
}

/// Appends an entry that only seals. It says the time of the entry before it: nothing happened in between
/// that the log tells.
fn seal_only(tx: &Tx<'_>, detail: &Value, seal: Seal) -> Result<()> {
    let at = tx
        .prepare_cached("SELECT at FROM log ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| at(row, "at"))?;
    let (actor, subject, detail) = (DESK, "workspace", detail.clone());
    let draft = LogDraft { at, actor, what: SEALED, subject, detail, signer: None };
    insert(tx, &draft, &[], seal).map(|_| ())
}

fn is_empty(db: &Db) -> Result<bool> {
    Ok(db.prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM log)")?.query_row([], |row| row.get(0))?)
}

/// Keeps everything that was written, with an entry that seals what changed after the last one. Before the
/// first entry nothing is sealed: that one seals everything.
pub(crate) fn commit(tx: Tx<'_>) -> Result<()> {
    if !tx.is_sealed() {
        if is_empty(&tx)? {
            tx.take_unsealed();
        } else {
            seal::next(&tx)?.into_iter().try_for_each(|seal| seal_only(&tx, &json!({}), seal))?;
        }
    }
    tx.commit()
}

/// Seals every table as it stands after the schema changed, and names those that were not as they had been
/// sealed before.
pub(crate) fn seal_everything(tx: &Tx<'_>, from: i64, broken: Vec<String>) -> Result<()> {
    if is_empty(tx)? {
        return Ok(());
    }
    let mut seals = seal::everything(tx)?;
    if let Some(first) = seals.first_mut() {
        first.broken = broken;
    }
    let detail = json!({ "from_schema": from });
    seals.into_iter().try_for_each(|seal| seal_only(tx, &detail, seal))
}
