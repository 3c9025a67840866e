//! What the ledger should hold for each document.

use tieout_domain::DocumentId;

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        document::StoredDocument,
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

    /// What the ledger should hold for a document; `None` until it was derived.
    ///
    /// # Errors
    /// A database error.
    pub fn expectation(&self, id: &DocumentId) -> Result<Option<StoredExpectation>> {
        expectation::of_document(self, id)
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
