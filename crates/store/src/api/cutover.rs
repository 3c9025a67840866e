//! Cutovers: what was open when an entity's books began here.

use chrono::NaiveDate;
use tieout_domain::EntityCode;

use crate::{
    db::Db,
    error::Result,
    tieout::{self, OpenItem},
};

impl Db {
    /// What customers owed by billing before a day, per customer and currency; what comes to nothing is left
    /// out. As of the last derivation.
    ///
    /// # Errors
    /// A database error.
    pub fn open_in_billing(&self, entity: &EntityCode, before: NaiveDate) -> Result<Vec<OpenItem>> {
        tieout::open_in_billing(self, entity, before)
    }

    /// The same by the ledger, as far as it was read; as of the last detection.
    ///
    /// # Errors
    /// A database error.
    pub fn open_in_ledger(&self, entity: &EntityCode, before: NaiveDate) -> Result<Vec<OpenItem>> {
        tieout::open_in_ledger(self, entity, before)
    }
}
