//! Table `payment_fee`: what the processor kept of each payment.

use rusqlite::params;
use tieout_domain::document::PaymentFee;

use crate::{
    db::{Migration, Tx},
    error::Result,
    table::dirty,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE payment_fee (connection_seq INTEGER NOT NULL, payment TEXT NOT NULL, currency
      TEXT NOT NULL,
            fee_minor INTEGER NOT NULL, page_seq INTEGER NOT NULL, PRIMARY KEY (connection_seq, payment))
            WITHOUT ROWID;",
}];

/// Writes a fee; when it changed, its payment's expectation is to be derived again.
pub(crate) fn put(tx: &Tx<'_>, connection_seq: i64, fee: &PaymentFee, page_seq: i64) -> Result<bool> {
    let count = tx
        .prepare_cached(
            "INSERT INTO payment_fee (connection_seq, payment, currency, fee_minor, page_seq)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (connection_seq, payment) DO UPDATE SET currency = excluded.currency,
               fee_minor = excluded.fee_minor, page_seq = excluded.page_seq
             WHERE (payment_fee.currency, payment_fee.fee_minor) IS DISTINCT FROM (excluded.currency,
               excluded.fee_minor)",
        )?
        .execute(params![
            connection_seq,
            fee.payment,
            fee.fee.currency().code(),
            fee.fee.minor(),
            page_seq
        ])?;
    if count > 0 {
        dirty::mark_payment(tx, connection_seq, &fee.payment)?;
    }
    Ok(count > 0)
}
