//! Table `ledger_customer`: the customers that an ERP holds.

use rusqlite::{OptionalExtension, params};
use tieout_domain::ledger::LedgerCustomer;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE ledger_customer (connection_seq INTEGER NOT NULL, erp_id TEXT NOT NULL,
      external_id TEXT,
            name TEXT NOT NULL, page_seq INTEGER NOT NULL, PRIMARY KEY (connection_seq, erp_id))
              WITHOUT ROWID;",
}];

/// Writes a customer of the ERP; answers whether anything changed.
pub(crate) fn put(
    tx: &Tx<'_>,
    connection_seq: i64,
    customer: &LedgerCustomer,
    page_seq: i64,
) -> Result<bool> {
    let count = tx
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

/// The ERP's id of the customer that it keeps under this external id; `None` where it has none, or several.
pub(crate) fn id_of(db: &Db, connection_seq: i64, external_id: &str) -> Result<Option<String>> {
    let mut statement = db.prepare_cached(
        "SELECT min(erp_id) FROM ledger_customer WHERE connection_seq = ?1 AND external_id = ?2
         HAVING count(*) = 1",
    )?;
    Ok(statement.query_row(params![connection_seq, external_id], |row| row.get(0)).optional()?)
}
