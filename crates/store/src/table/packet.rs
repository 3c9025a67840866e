//! Tables `packet` and `packet_entry`: packets that were sent to another installation or came from one, and
//! the log of the decisions on each. Their bytes are payloads; how they are made and checked is
//! [`tieout_evidence::file`]'s.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};

use super::payload;
use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, ms, named, stored_enum},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 10,
    sql: "CREATE TABLE packet (id TEXT PRIMARY KEY, side TEXT NOT NULL, workspace TEXT NOT NULL,
            hash TEXT NOT NULL, reviewer TEXT NOT NULL, made_by TEXT NOT NULL, made_at INTEGER NOT NULL,
            valid_until INTEGER NOT NULL, items INTEGER NOT NULL, payload_hash BLOB NOT NULL,
            kept_by TEXT NOT NULL, kept_at INTEGER NOT NULL) WITHOUT ROWID;
          CREATE TABLE packet_entry (packet TEXT NOT NULL, number INTEGER NOT NULL, entry TEXT NOT NULL,
            PRIMARY KEY (packet, number)) WITHOUT ROWID;",
}];

stored_enum! {
    /// Which way a packet went.
    PacketSide {
        /// Sent from here.
        Sent => "sent",
        /// Taken in here, to be decided on.
        Received => "received",
    }
}

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPacket {
    /// Its id.
    pub id: String,
    /// Which way it went.
    pub side: PacketSide,
    /// The workspace that it comes from.
    pub workspace: String,
    /// The hash by which it is named.
    pub hash: String,
    /// Who is to decide: their id in that workspace.
    pub reviewer: String,
    /// Who made it: their id in that workspace.
    pub made_by: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Until when its decisions are taken in.
    pub valid_until: DateTime<Utc>,
    /// How many items it has.
    pub items: u32,
    /// Of its bytes, as they are before they are encrypted.
    pub sha256: [u8; 32],
    /// Who sent it or took it in here: a person's id.
    pub kept_by: String,
    /// When.
    pub kept_at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredPacket> {
    Ok(StoredPacket {
        id: row.get("id")?,
        side: named(row, "side", PacketSide::parse)?,
        workspace: row.get("workspace")?,
        hash: row.get("hash")?,
        reviewer: row.get("reviewer")?,
        made_by: row.get("made_by")?,
        made_at: at(row, "made_at")?,
        valid_until: at(row, "valid_until")?,
        items: row.get("items")?,
        sha256: row.get("payload_hash")?,
        kept_by: row.get("kept_by")?,
        kept_at: at(row, "kept_at")?,
    })
}

/// All packets, the newest first.
pub(crate) fn all(db: &Db) -> Result<Vec<StoredPacket>> {
    let mut statement = db.prepare_cached("SELECT * FROM packet ORDER BY kept_at DESC, id")?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The packet of this id, if it is known here.
pub(crate) fn find(db: &Db, id: &str) -> Result<Option<StoredPacket>> {
    let mut statement = db.prepare_cached("SELECT * FROM packet WHERE id = ?1")?;
    Ok(statement.query_row([id], read).optional()?)
}

/// Its bytes, which are what its hash says.
pub(crate) fn bytes(db: &Db, packet: &StoredPacket) -> Result<Vec<u8>> {
    payload::bytes(db, &packet.sha256)
}

/// Keeps a packet.
pub(crate) fn keep(tx: &Tx<'_>, packet: &StoredPacket, bytes: &[u8]) -> Result<()> {
    let hash = payload::keep(tx, bytes, None)?;
    if hash != packet.sha256 {
        return Err(StoreError::Corrupt(format!("packet {} is not of its hash", packet.id)));
    }
    let count = tx.execute(
        "INSERT INTO packet (id, side, workspace, hash, reviewer, made_by, made_at, valid_until, items,
           payload_hash, kept_by, kept_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT DO NOTHING",
        params![
            packet.id,
            packet.side.as_str(),
            packet.workspace,
            packet.hash,
            packet.reviewer,
            packet.made_by,
            ms(packet.made_at),
            ms(packet.valid_until),
            packet.items,
            &hash[..],
            packet.kept_by,
            ms(packet.kept_at),
        ],
    )?;
    match count {
        0 => Err(StoreError::Duplicate { what: "packet", id: packet.id.clone() }),
        _ => Ok(()),
    }
}

/// The log of its decisions as far as it is known here, each entry as JSON.
pub(crate) fn entries(db: &Db, packet: &str) -> Result<Vec<String>> {
    let mut statement =
        db.prepare_cached("SELECT entry FROM packet_entry WHERE packet = ?1 ORDER BY number")?;
    Ok(statement.query_map([packet], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Adds the next entry to the log of its decisions.
pub(crate) fn add_entry(tx: &Tx<'_>, packet: &str, number: i64, entry: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO packet_entry (packet, number, entry) VALUES (?1, ?2, ?3)",
        params![packet, number, entry],
    )?;
    Ok(())
}
