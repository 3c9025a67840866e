//! Entries of the ledgers.

use tieout_domain::{ConnectionId, EntityCode, EntryId};

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        connection,
        entry::{self, StoredEntry},
        trial_balance::{self, Balances, ProvenBalance},
    },
};

impl Db {
    /// The entries that count for documents of this reference, of all ERP connections, oldest first: those
    /// that carry it and book such a document, and those that book one under the name of what it settles.
    ///
    /// # Errors
    /// A database error.
    pub fn entries_by_reference(&self, reference: &str) -> Result<Vec<StoredEntry>> {
        entry::by_reference(self, reference)
    }

    /// The entries that settle documents of this reference under that name, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn entries_settling(&self, reference: &str) -> Result<Vec<StoredEntry>> {
        entry::settling(self, reference)
    }

    /// What the ERPs themselves say of the accounts in scope, by entity, account and period, and the sum of
    /// what was read of each. Of what is not here completeness is not proven.
    ///
    /// # Errors
    /// A database error.
    pub fn trial_balances(&self) -> Result<Vec<ProvenBalance>> {
        trial_balance::all(self)
    }

    /// The entry of this id.
    ///
    /// # Errors
    /// A database error.
    pub fn entry(&self, id: &EntryId) -> Result<Option<StoredEntry>> {
        entry::find(self, id)
    }
}

impl Tx<'_> {
    /// Forgets what a connection's ERP said of its accounts: it proves nothing of what was read since.
    ///
    /// # Errors
    /// `not_found`.
    pub fn unproven(&self, erp: &ConnectionId) -> Result<()> {
        self.whole(|tx| {
            trial_balance::replace(tx, connection::seq(tx, erp)?, &Balances::default(), 0)?;
            Ok(())
        })
    }

    /// Gives entries whose entity is known only by the ERP's id their code, as a mapping says it.
    /// Answers how many entries were named.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn name_entities(&self, erp: &ConnectionId, names: &[(String, EntityCode)]) -> Result<usize> {
        self.whole(|tx| {
            let seq = connection::seq(tx, erp)?;
            let mut named = 0;
            for (erp_id, code) in names {
                named += entry::name_entity(tx, seq, (erp_id, code))?;
                trial_balance::name_entity(tx, seq, (erp_id, code))?;
            }
            Ok(named)
        })
    }
}
