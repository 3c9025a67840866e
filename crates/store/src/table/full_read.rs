//! Tables `full_read` and `full_read_item`: how far a read of everything has come without a gap, and what it
//! has listed so far. A read may stop and go on days later, in another process.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::ms,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 5,
    sql: "CREATE TABLE full_read (connection_seq INTEGER NOT NULL, resource TEXT NOT NULL,
            began_at INTEGER, first_page_seq INTEGER, reached TEXT, tracks INTEGER NOT NULL,
            completed_at INTEGER, PRIMARY KEY (connection_seq, resource)) WITHOUT ROWID;
          CREATE TABLE full_read_item (connection_seq INTEGER NOT NULL, resource TEXT NOT NULL,
            external_id TEXT NOT NULL, PRIMARY KEY (connection_seq, resource, external_id)) WITHOUT ROWID;",
}];

/// Of which connection and resource.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    pub connection_seq: i64,
    pub resource: &'a str,
}

/// A read of everything under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnderWay {
    /// When its first page was received, Unix milliseconds.
    pub began_at: i64,
    /// That page.
    pub first_page_seq: i64,
    /// Up to where it has come without a gap.
    pub reached: String,
    /// False where nothing stood before it: then nothing can be missing, and its items are not listed.
    pub tracks: bool,
}

/// The read under way.
pub(crate) fn under_way(db: &Db, of: Of<'_>) -> Result<Option<UnderWay>> {
    let mut statement = db.prepare_cached(
        "SELECT began_at, first_page_seq, reached, tracks FROM full_read
         WHERE connection_seq = ?1 AND resource = ?2 AND reached IS NOT NULL",
    )?;
    let read = statement.query_row(params![of.connection_seq, of.resource], |row| {
        Ok(UnderWay {
            began_at: row.get(0)?,
            first_page_seq: row.get(1)?,
            reached: row.get(2)?,
            tracks: row.get(3)?,
        })
    });
    Ok(read.optional()?)
}

/// Begins a read anew.
pub(crate) fn begin(
    tx: &Tx<'_>,
    of: Of<'_>,
    (at, page_seq): (DateTime<Utc>, i64),
    tracks: bool,
) -> Result<UnderWay> {
    forget_items(tx, of)?;
    tx.prepare_cached(
        "INSERT INTO full_read (connection_seq, resource, began_at, first_page_seq, reached, tracks)
         VALUES (?1, ?2, ?3, ?4, '', ?5)
         ON CONFLICT (connection_seq, resource) DO UPDATE SET began_at = excluded.began_at,
           first_page_seq = excluded.first_page_seq, reached = '', tracks = excluded.tracks",
    )?
    .execute(params![of.connection_seq, of.resource, ms(at), page_seq, tracks])?;
    Ok(UnderWay { began_at: ms(at), first_page_seq: page_seq, reached: String::new(), tracks })
}

/// Notes that an item is there.
pub(crate) fn list(tx: &Tx<'_>, of: Of<'_>, external_id: &str) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO full_read_item (connection_seq, resource, external_id) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![of.connection_seq, of.resource, external_id])?;
    Ok(())
}

/// Notes how far it has come.
pub(crate) fn reach(tx: &Tx<'_>, of: Of<'_>, through: &str) -> Result<()> {
    tx.prepare_cached("UPDATE full_read SET reached = ?3 WHERE connection_seq = ?1 AND resource = ?2")?
        .execute(params![of.connection_seq, of.resource, through])?;
    Ok(())
}

/// Gives up the read under way, if there is one: it has a gap, and proves nothing.
pub(crate) fn give_up(tx: &Tx<'_>, of: Of<'_>) -> Result<()> {
    if under_way(tx, of)?.is_some() {
        forget_items(tx, of)?;
        tx.prepare_cached("UPDATE full_read SET reached = NULL WHERE connection_seq = ?1 AND resource = ?2")?
            .execute(params![of.connection_seq, of.resource])?;
    }
    Ok(())
}

/// Notes that it came to its end: whatever stands was there when it began.
pub(crate) fn complete(tx: &Tx<'_>, of: Of<'_>) -> Result<()> {
    forget_items(tx, of)?;
    tx.prepare_cached(
        "UPDATE full_read SET reached = NULL, completed_at = began_at
         WHERE connection_seq = ?1 AND resource = ?2",
    )?
    .execute(params![of.connection_seq, of.resource])?;
    Ok(())
}

/// When the last read that came to its end began, Unix milliseconds.
pub(crate) fn completed_at(db: &Db, of: Of<'_>) -> Result<Option<i64>> {
    let mut statement =
        db.prepare_cached("SELECT completed_at FROM full_read WHERE connection_seq = ?1 AND resource = ?2")?;
    let found = statement.query_row(params![of.connection_seq, of.resource], |row| row.get(0)).optional()?;
    Ok(found.flatten())
}

fn forget_items(tx: &Tx<'_>, of: Of<'_>) -> Result<()> {
    tx.prepare_cached("DELETE FROM full_read_item WHERE connection_seq = ?1 AND resource = ?2")?
        .execute(params![of.connection_seq, of.resource])?;
    Ok(())
}
