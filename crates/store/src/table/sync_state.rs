//! Table `sync_state`: how far each resource of a connection has been read.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::ConnectionId;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at_opt, ms, ms_opt},
    table::connection,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE sync_state (connection_seq INTEGER NOT NULL, resource TEXT NOT NULL, next_cursor
      TEXT,
            resume_cursor TEXT, scan_started_at INTEGER, complete_through INTEGER, last_error_code TEXT,
            last_error TEXT, last_attempt_at INTEGER, PRIMARY KEY (connection_seq, resource)) WITHOUT
              ROWID;",
}];

/// Has the next sync read a resource from its beginning.
pub(crate) fn begin_again(tx: &Tx<'_>, connection_seq: i64, resource: &str) -> Result<()> {
    tx.prepare_cached(
        "UPDATE sync_state SET next_cursor = NULL, resume_cursor = NULL, scan_started_at = NULL
         WHERE connection_seq = ?1 AND resource = ?2",
    )?
    .execute(params![connection_seq, resource])?;
    Ok(())
}

/// The resource that is said to have failed where nothing at all of a connection can be read: a host that is
/// not there, credentials that are refused.
pub const WHOLE_CONNECTION: &str = "connection";

/// How far one resource has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncState {
    /// The resource.
    pub resource: String,
    /// Where the scan under way goes on; `None` when none is.
    pub next: Option<String>,
    /// From where the next sync starts.
    pub resume: Option<String>,
    /// When the scan under way began.
    pub scan_started_at: Option<DateTime<Utc>>,
    /// When the last scan that came to its end began: everything up to here has been seen.
    pub complete_through: Option<DateTime<Utc>>,
    /// The stable code of the last failure, until a page succeeds.
    pub last_error_code: Option<String>,
    /// Its words.
    pub last_error: Option<String>,
    /// When it was last tried.
    pub last_attempt_at: Option<DateTime<Utc>>,
}

/// What a page says about where reading goes on. It is stored in the page's own transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorUpdate {
    /// The resource.
    pub resource: String,
    /// Where this scan goes on; `None` at its end.
    pub next: Option<String>,
    /// From where the next sync starts; `None` keeps what is known.
    pub resume: Option<String>,
    /// When this scan began; `None` once it has ended.
    pub scan_started_at: Option<DateTime<Utc>>,
    /// At the end of a scan: when it began. `None` keeps what is known.
    pub complete_through: Option<DateTime<Utc>>,
    /// Now.
    pub at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<SyncState> {
    Ok(SyncState {
        resource: row.get("resource")?,
        next: row.get("next_cursor")?,
        resume: row.get("resume_cursor")?,
        scan_started_at: at_opt(row, "scan_started_at")?,
        complete_through: at_opt(row, "complete_through")?,
        last_error_code: row.get("last_error_code")?,
        last_error: row.get("last_error")?,
        last_attempt_at: at_opt(row, "last_attempt_at")?,
    })
}

pub(crate) fn advance(tx: &Tx<'_>, connection_seq: i64, update: &CursorUpdate) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO sync_state (connection_seq, resource, next_cursor, resume_cursor, scan_started_at,
               complete_through, last_error_code, last_error, last_attempt_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL, ?7)
             ON CONFLICT (connection_seq, resource) DO UPDATE SET next_cursor = excluded.next_cursor,
               resume_cursor = coalesce(excluded.resume_cursor, sync_state.resume_cursor),
               scan_started_at = excluded.scan_started_at,
               complete_through = coalesce(excluded.complete_through, sync_state.complete_through),
               last_error_code = NULL, last_error = NULL, last_attempt_at = excluded.last_attempt_at",
    )?
    .execute(params![
        connection_seq,
        update.resource,
        update.next,
        update.resume,
        ms_opt(update.scan_started_at),
        ms_opt(update.complete_through),
        ms(update.at),
    ])?;
    Ok(())
}

/// How far each resource of a connection has been read.
pub(crate) fn of_connection(db: &Db, id: &ConnectionId) -> Result<Vec<SyncState>> {
    let seq = connection::seq(db, id)?;
    let mut statement =
        db.prepare_cached("SELECT * FROM sync_state WHERE connection_seq = ?1 ORDER BY resource")?;
    Ok(statement.query_map([seq], read)?.collect::<rusqlite::Result<_>>()?)
}

/// How far one resource has been read; all empty when it never was.
pub(crate) fn of_resource(db: &Db, id: &ConnectionId, resource: &str) -> Result<SyncState> {
    let found = of_connection(db, id)?.into_iter().find(|state| state.resource == resource);
    Ok(found.unwrap_or_else(|| SyncState { resource: resource.to_owned(), ..SyncState::default() }))
}

/// Records that reading a resource failed. The cursor stays where it is.
pub(crate) fn failed(
    tx: &Tx<'_>,
    connection_seq: i64,
    resource: &str,
    (code, message): (&str, &str),
    at: DateTime<Utc>,
) -> Result<()> {
    tx.execute(
        "INSERT INTO sync_state (connection_seq, resource, last_error_code, last_error, last_attempt_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (connection_seq, resource) DO UPDATE SET last_error_code = excluded.last_error_code,
           last_error = excluded.last_error, last_attempt_at = excluded.last_attempt_at",
        params![connection_seq, resource, code, message, ms(at)],
    )?;
    Ok(())
}

/// A connection answered: what was wrong with the whole of it is over.
pub(crate) fn reached(tx: &Tx<'_>, connection_seq: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM sync_state WHERE connection_seq = ?1 AND resource = ?2")?
        .execute(params![connection_seq, WHOLE_CONNECTION])?;
    Ok(())
}

/// Up to when a resource was seen through, where it was ever read.
pub(crate) fn complete_through(db: &Db, connection_seq: i64, resource: &str) -> Result<Option<Option<i64>>> {
    let mut statement = db.prepare_cached(
        "SELECT complete_through FROM sync_state WHERE connection_seq = ?1 AND resource = ?2",
    )?;
    Ok(statement.query_row(params![connection_seq, resource], |row| row.get(0)).optional()?)
}

/// A resource is seen through as far as it was once; `None` where it had never been read.
pub(crate) fn put_back(
    tx: &Tx<'_>,
    (connection_seq, resource): (i64, &str),
    was: Option<Option<i64>>,
) -> Result<()> {
    match was {
        Some(through) => tx
            .prepare_cached(
                "UPDATE sync_state SET complete_through = ?3 WHERE connection_seq = ?1 AND resource = ?2",
            )?
            .execute(params![connection_seq, resource, through])?,
        None => tx
            .prepare_cached("DELETE FROM sync_state WHERE connection_seq = ?1 AND resource = ?2")?
            .execute(params![connection_seq, resource])?,
    };
    Ok(())
}
