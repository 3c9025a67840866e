//! Customers of billing.

use tieout_domain::{ConnectionId, document::CustomerAccount};

use crate::{db::Db, error::Result, table::customer};

impl Db {
    /// A customer account by the vendor's id.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn customer(&self, id: &ConnectionId, external_id: &str) -> Result<Option<CustomerAccount>> {
        customer::find(self, id, external_id)
    }
}
