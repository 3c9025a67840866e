//! Table `rejected_item`: what could not be read, kept aside with its bytes until it can be.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use tieout_domain::ConnectionId;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, at_opt, ms},
    table::connection,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE rejected_item (seq INTEGER PRIMARY KEY, connection_seq INTEGER NOT NULL,
            page_seq INTEGER NOT NULL, resource TEXT NOT NULL, external_id TEXT NOT NULL, code TEXT NOT
              NULL,
            place TEXT NOT NULL, message TEXT NOT NULL, raw BLOB NOT NULL, at INTEGER NOT NULL,
            resolved_at INTEGER);
          CREATE UNIQUE INDEX rejected_item_waiting ON rejected_item (connection_seq, resource, external_id)
            WHERE resolved_at IS NULL;",
}];

/// An item of a page that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedItem {
    /// The vendor's id, or the row.
    pub external_id: String,
    /// A stable code.
    pub code: String,
    /// Where in the page.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
    /// The item's bytes.
    pub raw: Vec<u8>,
}

/// A rejected item as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRejection {
    /// What was rejected, and why.
    pub item: RejectedItem,
    /// The resource of its page.
    pub resource: String,
    /// When it was rejected last.
    pub at: DateTime<Utc>,
    /// When a later page brought it in a readable shape.
    pub resolved_at: Option<DateTime<Utc>>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<KeptRejection> {
    Ok(KeptRejection {
        item: RejectedItem {
            external_id: row.get("external_id")?,
            code: row.get("code")?,
            place: row.get("place")?,
            message: row.get("message")?,
            raw: row.get("raw")?,
        },
        resource: row.get("resource")?,
        at: at(row, "at")?,
        resolved_at: at_opt(row, "resolved_at")?,
    })
}

/// Which page a rejection was found on.
pub(crate) struct Place<'a> {
    pub connection_seq: i64,
    pub page_seq: i64,
    pub resource: &'a str,
    pub at: DateTime<Utc>,
}

/// Keeps a rejected item; one that already waits is brought up to date. Answers whether anything
/// changed.
pub(crate) fn keep(tx: &Tx<'_>, place: &Place<'_>, item: &RejectedItem) -> Result<bool> {
    let count = tx
        .prepare_cached(
            "INSERT INTO rejected_item (connection_seq, page_seq, resource, external_id, code, place,
              message, raw, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (connection_seq, resource, external_id) WHERE resolved_at IS NULL
             DO UPDATE SET page_seq = excluded.page_seq, code = excluded.code, place = excluded.place,
               message = excluded.message, raw = excluded.raw, at = excluded.at
             WHERE (rejected_item.code, rejected_item.place, rejected_item.message, rejected_item.raw)
               IS DISTINCT FROM (excluded.code, excluded.place, excluded.message, excluded.raw)",
        )?
        .execute(params![
            place.connection_seq,
            place.page_seq,
            place.resource,
            item.external_id,
            item.code,
            item.place,
            item.message,
            item.raw,
            ms(place.at),
        ])?;
    Ok(count > 0)
}

/// True when items of this connection wait: only then is it worth asking whether a page resolves one.
pub(crate) fn any_waiting(db: &Db, connection_seq: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM rejected_item WHERE connection_seq = ?1 AND resolved_at IS NULL)",
        )?
        .query_row([connection_seq], |row| row.get(0))?)
}

/// Notes that a readable item of this id has come; answers whether one waited.
pub(crate) fn resolve(tx: &Tx<'_>, place: &Place<'_>, external_id: &str) -> Result<bool> {
    let count = tx
        .prepare_cached(
            "UPDATE rejected_item SET resolved_at = ?4
             WHERE connection_seq = ?1 AND resource = ?2 AND external_id = ?3 AND resolved_at IS NULL",
        )?
        .execute(params![place.connection_seq, place.resource, external_id, ms(place.at)])?;
    Ok(count > 0)
}

/// The items of a connection that still wait to be read.
pub(crate) fn waiting(db: &Db, id: &ConnectionId) -> Result<Vec<KeptRejection>> {
    let seq = connection::seq(db, id)?;
    let mut statement = db.prepare_cached(
        "SELECT * FROM rejected_item WHERE connection_seq = ?1 AND resolved_at IS NULL ORDER BY seq",
    )?;
    Ok(statement.query_map([seq], read)?.collect::<rusqlite::Result<_>>()?)
}
