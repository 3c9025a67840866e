//! Table `dispute`: chargebacks as versions kept them that had no documents for them. Each row stays until
//! the
//! dispute is read again.

use rusqlite::{OptionalExtension, params};

use crate::{
    db::{Migration, Tx},
    error::Result,
    table::dirty,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE dispute (seq INTEGER PRIMARY KEY, connection_seq INTEGER NOT NULL, external_id
      TEXT NOT NULL,
            payment TEXT NOT NULL, funds_withdrawn INTEGER NOT NULL, status TEXT NOT NULL, currency
              TEXT NOT NULL,
            amount_minor INTEGER NOT NULL, created_at INTEGER, page_seq INTEGER NOT NULL,
            UNIQUE (connection_seq, external_id));
          CREATE INDEX dispute_by_payment ON dispute (connection_seq, payment);",
}];

/// A document of the dispute has come, which says all that is known of it: what was kept of it before counts
/// no more, and its payment's expectation is to be derived again.
pub(crate) fn superseded(tx: &Tx<'_>, connection_seq: i64, external_id: &str) -> Result<()> {
    let mut take = tx.prepare_cached(
        "DELETE FROM dispute WHERE connection_seq = ?1 AND external_id = ?2 RETURNING payment",
    )?;
    let payment: Option<String> =
        take.query_row(params![connection_seq, external_id], |row| row.get(0)).optional()?;
    payment.map_or(Ok(()), |payment| dirty::mark_money(tx, connection_seq, &payment))
}
