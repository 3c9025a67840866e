//! What the ledger should hold for each document.

use chrono::NaiveDate;
use tieout_domain::{DocumentId, EntityCode};

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        document::{self, StoredDocument},
        expectation::{self, DerivedExpectation, StoredExpectation},
    },
};

impl Db {
    /// Documents whose expectation is to be derived, with their lines, in the order in which they came.
    /// Derive them, hand the result to [`Store::put_expectations`], and ask again until none is left.
    ///
    /// # Errors
    /// A database error.
    pub fn documents_to_derive(&self, limit: u32) -> Result<Vec<StoredDocument>> {
        expectation::to_derive(self, limit)
    }

    /// The invoice that a credit note credits, with its lines, where it names one that has come by the same
    /// connection.
    ///
    /// # Errors
    /// A database error.
    pub fn credited_invoice(&self, note: &StoredDocument) -> Result<Option<StoredDocument>> {
        let Some(invoice) = &note.document.invoice else { return Ok(None) };
        let condition = "d.kind = 'invoice' AND c.id = ?1 AND d.external_id = ?2";
        Ok(document::select(self, condition, &[&note.connection.as_str(), invoice])?.pop())
    }

    /// What the ledger should hold for a document; `None` until it was derived.
    ///
    /// # Errors
    /// A database error.
    pub fn expectation(&self, id: &DocumentId) -> Result<Option<StoredExpectation>> {
        expectation::of_document(self, id)
    }

    /// Documents of an entity, dated from a day on, that were final only after their own period was closed,
    /// in the order in which they came.
    ///
    /// # Errors
    /// A database error.
    pub fn late_documents(&self, entity: &EntityCode, from: NaiveDate) -> Result<Vec<DocumentId>> {
        expectation::late(self, entity, from)
    }
}

impl Tx<'_> {
    /// Keeps what was derived. Where an approved posting of the document's present version exists,
    /// entity, period and accounts stay the posting's. A document that changed since it was given keeps
    /// its mark.
    ///
    /// # Errors
    /// A database error.
    pub fn put_expectations(&self, derived: &[DerivedExpectation]) -> Result<()> {
        self.whole(|tx| derived.iter().try_for_each(|new| expectation::keep(tx, new)))
    }
}
