//! Table `booked_elsewhere`: what people said was booked in the ledger by hand, and what its next file, or
//! its next sync, showed of it.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use tieout_domain::{ConnectionId, ExceptionId};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, at_opt, ms, named, stored_enum, text},
    table::connection,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 10,
    sql: "CREATE TABLE booked_elsewhere (seq INTEGER PRIMARY KEY, exception_id TEXT NOT NULL,
            connection_seq INTEGER NOT NULL, said_by TEXT NOT NULL, said_at INTEGER NOT NULL,
            reason TEXT NOT NULL, state TEXT NOT NULL, judged_at INTEGER);
          CREATE INDEX booked_elsewhere_by_exception ON booked_elsewhere (exception_id);",
}];

stored_enum! {
    /// What became of it.
    ElsewhereState {
        /// The ledger has not been read since, as far as it concerns.
        Waiting => "waiting",
        /// The ledger shows it: nothing is wrong any more.
        Proven => "proven",
        /// The ledger does not show it: the exception is open again.
        Reopened => "reopened",
        /// A person took the exception up again.
        Ended => "ended",
    }
}

/// What somebody said was booked by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedElsewhere {
    /// The exception that it settles.
    pub exception: ExceptionId,
    /// The ledger in which it should be.
    pub connection: ConnectionId,
    /// Who said it: a person's id.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in their words.
    pub reason: String,
    /// What became of it.
    pub state: ElsewhereState,
    /// When that was judged.
    pub judged_at: Option<DateTime<Utc>>,
    pub(crate) seq: i64,
}

fn read(row: &Row<'_>) -> rusqlite::Result<BookedElsewhere> {
    Ok(BookedElsewhere {
        exception: text(row, "exception_id")?,
        connection: text(row, "connection_id")?,
        by: row.get("said_by")?,
        at: at(row, "said_at")?,
        reason: row.get("reason")?,
        state: named(row, "state", ElsewhereState::parse)?,
        judged_at: at_opt(row, "judged_at")?,
        seq: row.get("seq")?,
    })
}

const FROM: &str = "SELECT b.*, c.id AS connection_id FROM booked_elsewhere b
     JOIN connection c ON c.seq = b.connection_seq";

/// What was said of an exception, the first first.
pub(crate) fn of_exception(db: &Db, id: &ExceptionId) -> Result<Vec<BookedElsewhere>> {
    let mut statement = db.prepare_cached(&format!("{FROM} WHERE b.exception_id = ?1 ORDER BY b.seq"))?;
    Ok(statement.query_map([id.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
}

/// What waits for a ledger to be read.
pub(crate) fn waiting(db: &Db, connection_seq: i64) -> Result<Vec<BookedElsewhere>> {
    let query = format!("{FROM} WHERE b.connection_seq = ?1 AND b.state = 'waiting' ORDER BY b.seq");
    let mut statement = db.prepare_cached(&query)?;
    Ok(statement.query_map([connection_seq], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Keeps what somebody said.
pub(crate) fn insert(
    tx: &Tx<'_>,
    (exception, erp): (&ExceptionId, &ConnectionId),
    reason: &str,
    (by, when): (&str, DateTime<Utc>),
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO booked_elsewhere (exception_id, connection_seq, said_by, said_at, reason, state)
         VALUES (?1, ?2, ?3, ?4, ?5, 'waiting')",
    )?
    .execute(params![exception.as_str(), connection::seq(tx, erp)?, by, ms(when), reason])?;
    Ok(())
}

/// Notes what became of it.
pub(crate) fn judge(tx: &Tx<'_>, seq: i64, state: ElsewhereState, when: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE booked_elsewhere SET state = ?2, judged_at = ?3 WHERE seq = ?1")?
        .execute(params![seq, state.as_str(), ms(when)])?;
    Ok(())
}
