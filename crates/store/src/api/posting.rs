//! Postings as they are kept.

use std::collections::HashMap;

use tieout_domain::{ConnectionId, ExceptionId, PostingId, posting::PostingState};

use crate::{
    db::Db,
    error::Result,
    table::{
        connection,
        posting::{self, PostingFilter, PostingRow},
        posting_edit::{self, PostingEdit},
    },
};

impl Db {
    /// The posting of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn posting(&self, id: &PostingId) -> Result<PostingRow> {
        posting::find(self, id)
    }

    /// The postings that the filter asks for, oldest first.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn postings(&self, filter: &PostingFilter) -> Result<Vec<PostingRow>> {
        posting::list(self, filter)
    }

    /// The postings that settle, or were to settle, an exception, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn postings_for_exception(&self, id: &ExceptionId) -> Result<Vec<PostingRow>> {
        posting::of_exception(self, id)
    }

    /// How many postings there are in each state that occurs, of one ERP connection where one is given.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn posting_counts(&self, erp: Option<&ConnectionId>) -> Result<HashMap<PostingState, u64>> {
        let seq = erp.map(|id| connection::seq(self, id)).transpose()?;
        posting::count_by_state(self, seq)
    }

    /// Everyone who shaped a posting or one that it replaces, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn editors_of(&self, id: &PostingId) -> Result<Vec<PostingEdit>> {
        posting_edit::of_posting(self, id)
    }

    /// The version that a new posting of this reference needs, so that its keys are new: 1 for the
    /// first.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn next_posting_version(&self, erp: &ConnectionId, reference: &str) -> Result<u32> {
        posting::next_version(self, connection::seq(self, erp)?, reference)
    }
}
