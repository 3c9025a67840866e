//! An ingest of which nothing is kept.

use super::{Ingest, IngestPage, IngestSummary, Known};
use crate::error::Result;

/// An ingest that is only tried: the very same work, and nothing of it stays.
pub struct Trial<'s>(pub(crate) Ingest<'s>);

impl Trial<'_> {
    /// Takes in a page, as [`Ingest::page`] does.
    ///
    /// # Errors
    /// As there.
    pub fn page(&mut self, page: &IngestPage) -> Result<()> {
        self.0.page(page)
    }

    /// The other connection that has most of it already, as [`Ingest::known_elsewhere`].
    ///
    /// # Errors
    /// A database error.
    pub fn known_elsewhere(&self) -> Result<Option<Known>> {
        self.0.known_elsewhere()
    }

    /// What it would come to.
    #[must_use]
    pub fn summary(&self) -> IngestSummary {
        self.0.summary
    }
}
