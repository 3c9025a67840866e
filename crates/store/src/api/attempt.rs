//! Attempts: the calls that changed something in an ERP, or may have.

use tieout_domain::{ConnectionId, PostingId};

use crate::{
    db::Db,
    error::Result,
    table::attempt::{self, Attempt},
};

impl Db {
    /// All attempts of a posting, in order.
    ///
    /// # Errors
    /// A database error.
    pub fn attempts(&self, posting: &PostingId) -> Result<Vec<Attempt>> {
        attempt::of_posting(self, posting)
    }

    /// The attempts of a connection that were begun and never finished, oldest first.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn unfinished_attempts(&self, erp: &ConnectionId) -> Result<Vec<Attempt>> {
        attempt::unfinished(self, erp)
    }
}
