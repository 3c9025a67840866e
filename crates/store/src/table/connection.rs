//! Table `connection`: the billing systems, ERPs and files that are read. It never holds a secret.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::ConnectionId;

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, ms, named, stored_enum, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE connection (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL
          UNIQUE,
            vendor TEXT NOT NULL, role TEXT NOT NULL, mode TEXT NOT NULL, tenant TEXT NOT NULL,
            options TEXT NOT NULL, paused INTEGER NOT NULL DEFAULT 0, added_by TEXT NOT NULL,
            added_at INTEGER NOT NULL);",
    },
    // Until then the log alone knew how often.
    Migration {
        version: 5,
        sql: "ALTER TABLE connection ADD COLUMN rotations INTEGER NOT NULL DEFAULT 0;
          UPDATE connection SET rotations = (SELECT count(*) FROM log
            WHERE log.subject = connection.id AND log.what = 'credentials_rotated');",
    },
];

/// Whose dialect a connection speaks: a vendor of the connectors' registry, or files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vendor(Cow<'static, str>);

impl Vendor {
    /// Files: CSV and XLSX.
    pub const FILES: Self = Self(Cow::Borrowed("files"));

    /// The dialect of this stable name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The stable name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

stored_enum! {
    /// What a connection is for.
    ConnectionRole {
        /// Documents come from it.
        Billing => "billing",
        /// Journals come from it, and postings go to it.
        Erp => "erp",
    }
}

stored_enum! {
    /// Test and live never meet: a posting does not cross.
    ConnectionMode {
        /// A sandbox.
        Test => "test",
        /// The real thing.
        Live => "live",
    }
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Its name, unique in the workspace; the mapping's entity rules name it.
    pub name: String,
    /// Whose dialect it speaks.
    pub vendor: Vendor,
    /// What it is for.
    pub role: ConnectionRole,
    /// Test or live.
    pub mode: ConnectionMode,
    /// The vendor's account, tenant or company id: part of every posting key.
    pub tenant: String,
    /// Settings as JSON, without secrets.
    pub options: String,
    /// True while it is neither read nor posted to.
    pub paused: bool,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub added_at: DateTime<Utc>,
}

impl Connection {
    /// True where it is read from files and nothing can be asked of it.
    #[must_use]
    pub fn is_files(&self) -> bool {
        self.vendor == Vendor::FILES
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Connection> {
    Ok(Connection {
        id: text(row, "id")?,
        name: row.get("name")?,
        vendor: Vendor::new(row.get::<_, String>("vendor")?),
        role: named(row, "role", ConnectionRole::parse)?,
        mode: named(row, "mode", ConnectionMode::parse)?,
        tenant: row.get("tenant")?,
        options: row.get("options")?,
        paused: row.get("paused")?,
        added_by: row.get("added_by")?,
        added_at: at(row, "added_at")?,
    })
}

/// The internal key of a connection.
pub(crate) fn seq(db: &Db, id: &ConnectionId) -> Result<i64> {
    let mut statement = db.prepare_cached("SELECT seq FROM connection WHERE id = ?1")?;
    let found = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
    found.ok_or_else(|| StoreError::unknown("connection", id))
}

/// All connections, by name.
pub(crate) fn all(db: &Db) -> Result<Vec<Connection>> {
    let mut statement = db.prepare_cached("SELECT * FROM connection ORDER BY name")?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The connection of this id.
pub(crate) fn find(db: &Db, id: &ConnectionId) -> Result<Connection> {
    let mut statement = db.prepare_cached("SELECT * FROM connection WHERE id = ?1")?;
    let found = statement.query_row([id.as_str()], read).optional()?;
    found.ok_or_else(|| StoreError::unknown("connection", id))
}

/// The connection of this name.
pub(crate) fn by_name(db: &Db, name: &str) -> Result<Option<Connection>> {
    let mut statement = db.prepare_cached("SELECT * FROM connection WHERE name = ?1")?;
    Ok(statement.query_row([name], read).optional()?)
}

/// Adds a connection.
pub(crate) fn insert(tx: &Tx<'_>, connection: &Connection) -> Result<()> {
    let count = tx.execute(
        "INSERT INTO connection (id, name, vendor, role, mode, tenant, options, paused, added_by, added_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
        params![
            connection.id.as_str(),
            connection.name,
            connection.vendor.as_str(),
            connection.role.as_str(),
            connection.mode.as_str(),
            connection.tenant,
            connection.options,
            connection.paused,
            connection.added_by,
            ms(connection.added_at),
        ],
    )?;
    if count == 0 {
        return Err(StoreError::Duplicate { what: "connection", id: connection.name.clone() });
    }
    Ok(())
}

/// Removes a connection by which nothing ever came and to which nothing was ever prepared, with what is
/// known of its failed syncs. Answers whether it did.
pub(crate) fn remove_unused(tx: &Tx<'_>, seq: i64) -> Result<bool> {
    let removed = tx.execute(
        "DELETE FROM connection WHERE seq = ?1
           AND NOT EXISTS (SELECT 1 FROM page WHERE connection_seq = ?1)
           AND NOT EXISTS (SELECT 1 FROM document WHERE connection_seq = ?1)
           AND NOT EXISTS (SELECT 1 FROM entry WHERE connection_seq = ?1)
           AND NOT EXISTS (SELECT 1 FROM posting WHERE connection_seq = ?1)",
        [seq],
    )?;
    if removed > 0 {
        tx.execute("DELETE FROM sync_state WHERE connection_seq = ?1", [seq])?;
    }
    Ok(removed > 0)
}

/// How often a connection's credentials were replaced.
pub(crate) fn rotations(db: &Db, id: &ConnectionId) -> Result<u32> {
    let mut statement = db.prepare_cached("SELECT rotations FROM connection WHERE id = ?1")?;
    let found = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
    found.ok_or_else(|| StoreError::unknown("connection", id))
}

/// Counts one more replacement of a connection's credentials.
pub(crate) fn rotated(tx: &Tx<'_>, seq: i64) -> Result<()> {
    tx.execute("UPDATE connection SET rotations = rotations + 1 WHERE seq = ?1", [seq])?;
    Ok(())
}

/// Stops or resumes reading from and posting to a connection.
pub(crate) fn set_paused(tx: &Tx<'_>, seq: i64, paused: bool) -> Result<()> {
    tx.execute("UPDATE connection SET paused = ?2 WHERE seq = ?1", params![seq, paused])?;
    Ok(())
}
