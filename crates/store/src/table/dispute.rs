//! Table `dispute`: chargebacks, which change a payment.

use rusqlite::params;
use tieout_domain::document::Dispute;

use crate::{
    db::{Migration, Tx},
    error::Result,
    sql::ms_opt,
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

/// Writes a dispute; when anything changed, its payment's expectation is to be derived again.
pub(crate) fn put(tx: &Tx<'_>, connection_seq: i64, dispute: &Dispute, page_seq: i64) -> Result<bool> {
    let count = tx
        .prepare_cached(
            "INSERT INTO dispute (connection_seq, external_id, payment, funds_withdrawn, status,
              currency, amount_minor,
               created_at, page_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (connection_seq, external_id) DO UPDATE SET payment = excluded.payment,
               funds_withdrawn = excluded.funds_withdrawn, status = excluded.status, currency =
                 excluded.currency,
               amount_minor = excluded.amount_minor, created_at = excluded.created_at, page_seq =
                 excluded.page_seq
             WHERE (dispute.payment, dispute.funds_withdrawn, dispute.status, dispute.currency,
                 dispute.amount_minor, dispute.created_at)
               IS DISTINCT FROM (excluded.payment, excluded.funds_withdrawn, excluded.status,
                 excluded.currency,
                 excluded.amount_minor, excluded.created_at)",
        )?
        .execute(params![
            connection_seq,
            dispute.external_id,
            dispute.payment,
            dispute.funds_withdrawn,
            dispute.status,
            dispute.amount.currency().code(),
            dispute.amount.minor(),
            ms_opt(dispute.created_at),
            page_seq,
        ])?;
    if count > 0 {
        dirty::mark_payment(tx, connection_seq, &dispute.payment)?;
    }
    Ok(count > 0)
}
