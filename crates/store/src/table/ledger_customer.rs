//! Table `ledger_customer`: the customers that an ERP holds.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tieout_domain::{ConnectionId, ledger::LedgerCustomer};

use crate::{error::Result, migrate::Migration, store::Store, table::connection};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE ledger_customer (connection_seq INTEGER NOT NULL, erp_id TEXT NOT NULL,
      external_id TEXT,
            name TEXT NOT NULL, page_seq INTEGER NOT NULL, PRIMARY KEY (connection_seq, erp_id))
              WITHOUT ROWID;",
}];

fn read(row: &Row<'_>) -> rusqlite::Result<LedgerCustomer> {
    Ok(LedgerCustomer {
        erp_id: row.get("erp_id")?,
        external_id: row.get("external_id")?,
        name: row.get("name")?,
    })
}

/// Writes a customer of the ERP; answers whether anything changed.
pub(crate) fn put(
    sqlite: &Connection,
    connection_seq: i64,
    customer: &LedgerCustomer,
    page_seq: i64,
) -> Result<bool> {
    let count = sqlite
        .prepare_cached(
            "INSERT INTO ledger_customer (connection_seq, erp_id, external_id, name, page_seq)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (connection_seq, erp_id) DO UPDATE SET external_id = excluded.external_id,
               name = excluded.name, page_seq = excluded.page_seq
             WHERE (ledger_customer.external_id, ledger_customer.name)
               IS DISTINCT FROM (excluded.external_id, excluded.name)",
        )?
        .execute(params![connection_seq, customer.erp_id, customer.external_id, customer.name, page_seq])?;
    Ok(count > 0)
}

impl Store {
    /// The ERP's customer that keeps this billing id.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn ledger_customer(&self, erp: &ConnectionId, external_id: &str) -> Result<Option<LedgerCustomer>> {
        let seq = connection::seq(&self.connection, erp)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM ledger_customer WHERE connection_seq = ?1 AND external_id = ?2 ORDER BY
              erp_id LIMIT 1",
        )?;
        Ok(statement.query_row(params![seq, external_id], read).optional()?)
    }
}
