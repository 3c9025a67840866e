//! Table `payment_fee`: what the processor kept of each payment, as versions kept it that did not know the
//! movements of its balance. Each row stays until a movement of that payment is read.

use crate::db::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE payment_fee (connection_seq INTEGER NOT NULL, payment TEXT NOT NULL, currency
      TEXT NOT NULL,
            fee_minor INTEGER NOT NULL, page_seq INTEGER NOT NULL, PRIMARY KEY (connection_seq, payment))
            WITHOUT ROWID;",
}];
