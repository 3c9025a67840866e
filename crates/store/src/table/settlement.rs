//! Table `settlement`: the entries that stand under a document's name and do not book it but settle it: a
//! payment, credit or write-off under the invoice's number. Detection keeps it (`detectors/settlement.rs`).

use crate::db::Migration;

/// `document_seq`: the payment or refund of billing that the entry books, where billing knows one.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 6,
    sql: "CREATE TABLE settlement (entry_seq INTEGER PRIMARY KEY, invoice_seq INTEGER NOT NULL,
            document_seq INTEGER);
          CREATE INDEX settlement_by_invoice ON settlement (invoice_seq);
          CREATE INDEX settlement_by_document ON settlement (document_seq) WHERE document_seq IS NOT NULL;",
}];
