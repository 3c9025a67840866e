//! Table `removal`: what a vendor had and has no more. The row of the item itself stays, as evidence; here is
//! when it was last known to be there, when a read showed that it is not, and by which page.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, ms},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 5,
    sql: "CREATE TABLE removal (seq INTEGER PRIMARY KEY, connection_seq INTEGER NOT NULL,
            resource TEXT NOT NULL, external_id TEXT NOT NULL, status TEXT NOT NULL,
            last_seen_at INTEGER NOT NULL, noticed_at INTEGER NOT NULL, seen_page_seq INTEGER,
            page_seq INTEGER, returned_at INTEGER);
          CREATE UNIQUE INDEX removal_standing ON removal (connection_seq, resource, external_id)
            WHERE returned_at IS NULL;",
}];

/// That a vendor has an item no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// When it was last known to be there.
    pub last_seen_at: DateTime<Utc>,
    /// When a read showed that it is not.
    pub noticed_at: DateTime<Utc>,
}

/// An item that a read no longer had.
pub(crate) struct Removed<'a> {
    pub external_id: &'a str,
    /// What it was until then.
    pub status: &'a str,
    pub last_seen_at: i64,
    /// The page that showed it last.
    pub seen_page_seq: Option<i64>,
}

/// Where and when it was found missing.
#[derive(Clone, Copy)]
pub(crate) struct Noticed<'a> {
    pub connection_seq: i64,
    pub resource: &'a str,
    /// The page that proves it; `None` where the vendor was asked for it alone.
    pub page_seq: Option<i64>,
    pub at: DateTime<Utc>,
}

/// The columns that [`read`] needs, of `removal r`, which may be joined loosely.
pub(crate) const COLUMNS: &str = "r.last_seen_at AS removed_last_seen_at, r.noticed_at AS removed_at";

/// The removal in a row, where there is one.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Option<Removal>> {
    if row.get::<_, Option<i64>>("removed_at")?.is_none() {
        return Ok(None);
    }
    let (last_seen_at, noticed_at) = (at(row, "removed_last_seen_at")?, at(row, "removed_at")?);
    Ok(Some(Removal { last_seen_at, noticed_at }))
}

/// Notes that an item is there no more.
pub(crate) fn note(tx: &Tx<'_>, noticed: Noticed<'_>, removed: &Removed<'_>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO removal (connection_seq, resource, external_id, status, last_seen_at, noticed_at,
           seen_page_seq, page_seq, returned_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL) ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        noticed.connection_seq,
        noticed.resource,
        removed.external_id,
        removed.status,
        removed.last_seen_at,
        ms(noticed.at),
        removed.seen_page_seq,
        noticed.page_seq,
    ])?;
    Ok(())
}

/// Notes that an entry of ours is there no more that no read had shown: it was there when it was read back.
pub(crate) fn note_booked(
    tx: &Tx<'_>,
    noticed: Noticed<'_>,
    (posting_seq, erp_id): (i64, &str),
) -> Result<()> {
    let booked_at: Option<i64> = tx
        .prepare_cached("SELECT min(booked_at) FROM posting_step WHERE posting_seq = ?1 AND erp_id = ?2")?
        .query_row(params![posting_seq, erp_id], |row| row.get(0))?;
    let last_seen_at = booked_at.unwrap_or_else(|| ms(noticed.at));
    note(tx, noticed, &Removed { external_id: erp_id, status: "booked", last_seen_at, seen_page_seq: None })
}

/// True when items of this connection are gone: only then is it worth asking whether one is back.
pub(crate) fn any(db: &Db, connection_seq: i64) -> Result<bool> {
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM removal WHERE connection_seq = ?1 AND returned_at IS NULL)",
    )?;
    Ok(statement.query_row([connection_seq], |row| row.get(0))?)
}

/// Notes that an item is there again.
pub(crate) fn returned(
    tx: &Tx<'_>,
    (connection_seq, resource): (i64, &str),
    external_id: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE removal SET returned_at = ?4
         WHERE connection_seq = ?1 AND resource = ?2 AND external_id = ?3 AND returned_at IS NULL",
    )?
    .execute(params![connection_seq, resource, external_id, ms(at)])?;
    Ok(())
}

/// Takes back that an item is gone: what showed it was taken back.
pub(crate) fn taken_back(
    tx: &Tx<'_>,
    (connection_seq, resource): (i64, &str),
    external_id: &str,
) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM removal
         WHERE connection_seq = ?1 AND resource = ?2 AND external_id = ?3 AND returned_at IS NULL",
    )?
    .execute(params![connection_seq, resource, external_id])?;
    Ok(())
}
