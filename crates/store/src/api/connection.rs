//! Connections and the charts of accounts that came by them.

use std::collections::BTreeMap;

use tieout_domain::{AccountCode, ConnectionId};
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        connection::{self, Connection},
        ledger_account::{self, AccountName},
        log,
    },
};

impl Db {
    /// How often a connection's credentials were replaced, by any process.
    ///
    /// # Errors
    /// `not_found`.
    pub fn credential_rotations(&self, id: &ConnectionId) -> Result<u32> {
        connection::rotations(self, id)
    }

    /// All connections, by name.
    ///
    /// # Errors
    /// A database error.
    pub fn connections(&self) -> Result<Vec<Connection>> {
        connection::all(self)
    }

    /// The connection of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn connection(&self, id: &ConnectionId) -> Result<Connection> {
        connection::find(self, id)
    }

    /// The connection of this name.
    ///
    /// # Errors
    /// A database error.
    pub fn connection_by_name(&self, name: &str) -> Result<Option<Connection>> {
        connection::by_name(self, name)
    }

    /// The legal entities of which a connection's ledger holds entries, as of the last detection, sorted.
    ///
    /// # Errors
    /// `not_found`.
    pub fn entities_of_ledger(&self, id: &ConnectionId) -> Result<Vec<String>> {
        let seq = connection::seq(self, id)?;
        let mut statement = self
            .prepare_cached("SELECT entity FROM ledger_entity WHERE connection_seq = ?1 ORDER BY entity")?;
        Ok(statement.query_map([seq], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// The names of all accounts of all charts, those of one chart together.
    ///
    /// # Errors
    /// A database error.
    pub fn account_names(&self) -> Result<Vec<AccountName>> {
        ledger_account::names(self)
    }

    /// The ERP's ids of the accounts of its chart as last read, by their codes; a code that two accounts have
    /// is left out.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn account_ids(&self, erp: &ConnectionId) -> Result<BTreeMap<AccountCode, String>> {
        ledger_account::ids(self, connection::seq(self, erp)?)
    }
}

impl Tx<'_> {
    /// Adds a connection.
    ///
    /// # Errors
    /// `already_exists` when its name or id is taken.
    pub fn add_connection(&self, connection: &Connection, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            connection::insert(tx, connection)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Notes that a connection's credentials were replaced: whoever holds an adapter made with the old ones
    /// makes it anew.
    ///
    /// # Errors
    /// `not_found`, `log_bad_signature`.
    pub fn credentials_rotated(&self, id: &ConnectionId, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            connection::rotated(tx, connection::seq(tx, id)?)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Removes a connection by which nothing ever came and to which nothing was ever prepared, with what is
    /// known of its failed syncs. Answers whether it did; nothing is logged where it did not.
    ///
    /// # Errors
    /// `not_found`.
    pub fn remove_unused_connection(&self, id: &ConnectionId, log: &LogDraft<'_>) -> Result<bool> {
        self.whole(|tx| {
            if !connection::remove_unused(tx, connection::seq(tx, id)?)? {
                return Ok(false);
            }
            log::append(tx, log).map(|_| true)
        })
    }

    /// Stops or resumes reading from and posting to a connection.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_connection_paused(&self, id: &ConnectionId, paused: bool, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            connection::set_paused(tx, connection::seq(tx, id)?, paused)?;
            log::append(tx, log).map(|_| ())
        })
    }
}
