//! Postings as they are kept.

use std::collections::HashMap;

use tieout_domain::{
    ConnectionId, EntityCode, ExceptionId, PostingId,
    posting::{Posting, PostingState},
};

use crate::{
    db::Db,
    error::Result,
    sql::unreadable,
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

    /// What is proposed, sent or booked of an entity and says by which rule for late items, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn routed_postings(&self, entity: &EntityCode) -> Result<Vec<Posting>> {
        // The text is only looked through to read no more than that.
        let mut statement = self.prepare_cached(
            "SELECT content FROM posting WHERE entity = ?1 AND state NOT IN ('rejected', 'cancelled')
               AND content LIKE '%\"routing\":{%' ORDER BY seq",
        )?;
        let rows = statement.query_map([entity.as_str()], |row| row.get::<_, String>(0))?;
        let read = |content: rusqlite::Result<String>| {
            serde_json::from_str(&content?).map_err(|_| unreadable("a posting's content").into())
        };
        rows.map(read).collect()
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
