//! Table `customer`: customer accounts in billing.

use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{ConnectionId, CustomerId, document::CustomerAccount};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at_opt, ms_opt},
    table::connection,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE customer (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, connection_seq
      INTEGER NOT NULL,
            external_id TEXT NOT NULL, name TEXT, email TEXT, email_key TEXT, country TEXT, created_at
              INTEGER,
            deleted INTEGER NOT NULL, page_seq INTEGER NOT NULL, UNIQUE (connection_seq, external_id));
          CREATE INDEX customer_by_email ON customer (email_key) WHERE email_key IS NOT NULL;",
    },
    Migration {
        version: 10,
        sql: "ALTER TABLE customer ADD COLUMN due_at INTEGER;
              CREATE INDEX customer_without_due ON customer (seq)
                WHERE due_at IS NULL AND created_at IS NOT NULL;",
    },
];

/// The e-mail by which duplicates are found: trimmed, lower-case, `None` when empty.
pub(crate) fn email_key(email: Option<&str>) -> Option<String> {
    email.map(|e| e.trim().to_lowercase()).filter(|e| !e.is_empty())
}

fn read(row: &Row<'_>) -> rusqlite::Result<CustomerAccount> {
    Ok(CustomerAccount {
        external_id: row.get("external_id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        country: row.get("country")?,
        created_at: at_opt(row, "created_at")?,
        deleted: row.get("deleted")?,
    })
}

/// Writes a customer; answers whether anything changed.
pub(crate) fn put(
    tx: &Tx<'_>,
    (connection_seq, connection_id): (i64, &str),
    customer: &CustomerAccount,
    page_seq: i64,
) -> Result<bool> {
    let id = CustomerId::derive(&[connection_id, &customer.external_id]);
    let count = tx
        .prepare_cached(
            "INSERT INTO customer (id, connection_seq, external_id, name, email, email_key, country,
              created_at, deleted,
               page_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (connection_seq, external_id) DO UPDATE SET name = excluded.name, email =
               excluded.email,
               email_key = excluded.email_key, country = excluded.country, created_at = excluded.created_at,
               deleted = excluded.deleted, page_seq = excluded.page_seq, due_at = NULL
             WHERE (customer.name, customer.email, customer.country, customer.created_at, customer.deleted)
               IS DISTINCT FROM (excluded.name, excluded.email, excluded.country, excluded.created_at,
                 excluded.deleted)",
        )?
        .execute(params![
            id.as_str(),
            connection_seq,
            customer.external_id,
            customer.name,
            customer.email,
            email_key(customer.email.as_deref()),
            customer.country,
            ms_opt(customer.created_at),
            customer.deleted,
            page_seq,
        ])?;
    Ok(count > 0)
}

/// A customer account by the vendor's id.
pub(crate) fn find(db: &Db, id: &ConnectionId, external_id: &str) -> Result<Option<CustomerAccount>> {
    let seq = connection::seq(db, id)?;
    let mut statement =
        db.prepare_cached("SELECT * FROM customer WHERE connection_seq = ?1 AND external_id = ?2")?;
    Ok(statement.query_row(params![seq, external_id], read).optional()?)
}
