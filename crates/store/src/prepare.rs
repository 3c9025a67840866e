//! A page of billing, made ready for its ingest: all that can be worked out without the database, so that
//! another thread can do it while the store writes.

use tieout_domain::{
    ConnectionId,
    document::{Canonical, Document},
};

use crate::{
    error::Result,
    ingest::{BillingPage, add},
    table::{
        document::{DocumentSeq, Keys},
        expectation::DerivedExpectation,
        page::Sums,
        payload::Packed,
    },
};

/// A billing page with its bytes hashed and compressed and its documents named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedPage {
    pub(crate) connection_id: String,
    pub(crate) page: BillingPage,
    pub(crate) packed: Packed,
    pub(crate) totals: Sums,
    /// One for each item; `None` for what is no document.
    pub(crate) made: Vec<Option<Made>>,
}

/// What was worked out of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub keys: Keys,
    pub expected: Option<DerivedExpectation>,
}

impl PreparedPage {
    /// Prepares a page for an ingest of `connection`. `derive` answers what the ledger should hold for a
    /// document, should it be new, as derived from what the ingest itself sees to be in force (the key
    /// that it is given stands for the row to come); `None` leaves it to be derived later.
    ///
    /// # Errors
    /// `store_corrupt` where the bytes cannot be compressed.
    pub fn new(
        connection: &ConnectionId,
        page: BillingPage,
        mut derive: impl FnMut(DocumentSeq, &Document) -> Option<DerivedExpectation>,
    ) -> Result<Self> {
        let connection_id = connection.to_string();
        let packed = Packed::of(&page.page.body)?;
        let mut make = |item: &Canonical| match item {
            Canonical::Document(document) => Some(Made {
                keys: Keys::of(&connection_id, document),
                expected: derive(DocumentSeq(0), document),
            }),
            Canonical::Customer(_)
            | Canonical::Subscription(_)
            | Canonical::Usage(_)
            | Canonical::Dispute(_)
            | Canonical::Fee(_) => None,
        };
        let made = page.items.iter().map(&mut make).collect();
        Ok(Self { totals: totals(&page), connection_id, page, packed, made })
    }

    /// How many items it holds.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.page.items.len() as u64
    }
}

/// The totals of a page's documents, per currency.
pub(crate) fn totals(page: &BillingPage) -> Sums {
    let mut sums = Sums::new();
    for item in &page.items {
        if let Canonical::Document(document) = item {
            add(&mut sums, document.total);
        }
    }
    sums
}
