//! Table `subscription`: subscriptions in billing.

use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{SubscriptionId, document::Subscription};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at_opt, ms_opt, unreadable},
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE subscription (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            connection_seq INTEGER NOT NULL, external_id TEXT NOT NULL, customer TEXT, status TEXT NOT NULL,
            products TEXT NOT NULL, started_at INTEGER, amended_at INTEGER, page_seq INTEGER NOT NULL,
            UNIQUE (connection_seq, external_id));",
    },
    Migration {
        version: 10,
        sql: "ALTER TABLE subscription ADD COLUMN due_at INTEGER;
              CREATE INDEX subscription_without_due ON subscription (seq)
                WHERE due_at IS NULL AND amended_at IS NOT NULL;",
    },
];

fn read(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let products: String = row.get("products")?;
    Ok(Subscription {
        external_id: row.get("external_id")?,
        customer: row.get("customer")?,
        status: row.get("status")?,
        products: serde_json::from_str(&products).map_err(|_| unreadable(&products))?,
        started_at: at_opt(row, "started_at")?,
        amended_at: at_opt(row, "amended_at")?,
    })
}

/// Writes a subscription; answers whether anything changed.
pub(crate) fn put(
    tx: &Tx<'_>,
    (connection_seq, connection_id): (i64, &str),
    subscription: &Subscription,
    page_seq: i64,
) -> Result<bool> {
    let id = SubscriptionId::derive(&[connection_id, &subscription.external_id]);
    let count = tx
        .prepare_cached(
            "INSERT INTO subscription (id, connection_seq, external_id, customer, status, products,
              started_at,
               amended_at, page_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (connection_seq, external_id) DO UPDATE SET customer = excluded.customer,
               status = excluded.status, products = excluded.products, started_at = excluded.started_at,
               amended_at = excluded.amended_at, page_seq = excluded.page_seq, due_at = NULL
             WHERE (subscription.customer, subscription.status, subscription.products,
               subscription.started_at,
                 subscription.amended_at)
               IS DISTINCT FROM (excluded.customer, excluded.status, excluded.products, excluded.started_at,
                 excluded.amended_at)",
        )?
        .execute(params![
            id.as_str(),
            connection_seq,
            subscription.external_id,
            subscription.customer,
            subscription.status,
            serde_json::Value::from(subscription.products.clone()).to_string(),
            ms_opt(subscription.started_at),
            ms_opt(subscription.amended_at),
            page_seq,
        ])?;
    Ok(count > 0)
}

/// The subscription of this vendor's id.
pub(crate) fn find(db: &Db, connection_seq: i64, external_id: &str) -> Result<Option<Subscription>> {
    let mut statement =
        db.prepare_cached("SELECT * FROM subscription WHERE connection_seq = ?1 AND external_id = ?2")?;
    Ok(statement.query_row(params![connection_seq, external_id], read).optional()?)
}
