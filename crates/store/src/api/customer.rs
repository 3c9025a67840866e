//! Customers, of billing and of the ERP.

use tieout_domain::{ConnectionId, document::CustomerAccount};

use crate::{
    db::Db,
    error::Result,
    table::{connection, customer, ledger_customer},
};

impl Db {
    /// A customer account by the vendor's id.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn customer(&self, id: &ConnectionId, external_id: &str) -> Result<Option<CustomerAccount>> {
        customer::find(self, id, external_id)
    }

    /// The ERP's id of the customer that it keeps under this external id, as last read; `None` where it has
    /// none, or several.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn erp_customer(&self, erp: &ConnectionId, external_id: &str) -> Result<Option<String>> {
        ledger_customer::id_of(self, connection::seq(self, erp)?, external_id)
    }
}
