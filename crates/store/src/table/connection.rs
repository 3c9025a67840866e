//! Table `connection`: the billing systems, ERPs and files that are read. It never holds a secret.

use chrono::{DateTime, Utc};
use rusqlite::{Connection as Sqlite, OptionalExtension, Row, params};
use tieout_domain::ConnectionId;

use crate::{
    error::{Result, StoreError},
    migrate::Migration,
    sql::{at, ms, named, stored_enum, text},
    store::Store,
    table::log::{self, LogDraft},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE connection (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL
          UNIQUE,
            vendor TEXT NOT NULL, role TEXT NOT NULL, mode TEXT NOT NULL, tenant TEXT NOT NULL,
            options TEXT NOT NULL, paused INTEGER NOT NULL DEFAULT 0, added_by TEXT NOT NULL,
            added_at INTEGER NOT NULL);",
}];

stored_enum! {
    /// Whose dialect a connection speaks.
    Vendor {
        /// Stripe.
        Stripe => "stripe",
        /// NetSuite.
        NetSuite => "netsuite",
        /// Tryton.
        Tryton => "tryton",
        /// Files: CSV and XLSX.
        Files => "files",
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

fn read(row: &Row<'_>) -> rusqlite::Result<Connection> {
    Ok(Connection {
        id: text(row, "id")?,
        name: row.get("name")?,
        vendor: named(row, "vendor", Vendor::parse)?,
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
pub(crate) fn seq(sqlite: &Sqlite, id: &ConnectionId) -> Result<i64> {
    let mut statement = sqlite.prepare_cached("SELECT seq FROM connection WHERE id = ?1")?;
    let found = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
    found.ok_or_else(|| StoreError::unknown("connection", id))
}

impl Store {
    /// Adds a connection.
    ///
    /// # Errors
    /// `already_exists` when its name or id is taken.
    pub fn add_connection(&mut self, connection: &Connection, log: &LogDraft<'_>) -> Result<()> {
        self.write(|tx| {
            let count = tx.execute(
                "INSERT INTO connection (id, name, vendor, role, mode, tenant, options, paused,
                  added_by, added_at)
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
            log::append(tx, log).map(|_| ())
        })
    }

    /// Removes a connection by which nothing ever came and to which nothing was ever prepared, with what is
    /// known of its failed syncs. Answers whether it did; nothing is logged where it did not.
    ///
    /// # Errors
    /// `not_found`.
    pub fn remove_unused_connection(&mut self, id: &ConnectionId, log: &LogDraft<'_>) -> Result<bool> {
        self.write(|tx| {
            let seq = seq(tx, id)?;
            let removed = tx.execute(
                "DELETE FROM connection WHERE seq = ?1
                   AND NOT EXISTS (SELECT 1 FROM page WHERE connection_seq = ?1)
                   AND NOT EXISTS (SELECT 1 FROM document WHERE connection_seq = ?1)
                   AND NOT EXISTS (SELECT 1 FROM entry WHERE connection_seq = ?1)
                   AND NOT EXISTS (SELECT 1 FROM posting WHERE connection_seq = ?1)",
                [seq],
            )?;
            if removed == 0 {
                return Ok(false);
            }
            tx.execute("DELETE FROM sync_state WHERE connection_seq = ?1", [seq])?;
            log::append(tx, log).map(|_| true)
        })
    }

    /// All connections, by name.
    ///
    /// # Errors
    /// A database error.
    pub fn connections(&self) -> Result<Vec<Connection>> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM connection ORDER BY name")?;
        Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The connection of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn connection(&self, id: &ConnectionId) -> Result<Connection> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM connection WHERE id = ?1")?;
        let found = statement.query_row([id.as_str()], read).optional()?;
        found.ok_or_else(|| StoreError::unknown("connection", id))
    }

    /// The connection of this name.
    ///
    /// # Errors
    /// A database error.
    pub fn connection_by_name(&self, name: &str) -> Result<Option<Connection>> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM connection WHERE name = ?1")?;
        Ok(statement.query_row([name], read).optional()?)
    }

    /// Stops or resumes reading from and posting to a connection.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_connection_paused(
        &mut self,
        id: &ConnectionId,
        paused: bool,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.write(|tx| {
            let seq = seq(tx, id)?;
            tx.execute("UPDATE connection SET paused = ?2 WHERE seq = ?1", params![seq, paused])?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Changes a connection's settings (JSON without secrets) and the tenant that it answered with.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_connection_options(
        &mut self,
        id: &ConnectionId,
        tenant: &str,
        options: &str,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.write(|tx| {
            let seq = seq(tx, id)?;
            tx.execute(
                "UPDATE connection SET tenant = ?2, options = ?3 WHERE seq = ?1",
                params![seq, tenant, options],
            )?;
            log::append(tx, log).map(|_| ())
        })
    }
}
