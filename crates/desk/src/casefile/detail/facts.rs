//! What the words, the comparison and the trail of one exception are made of.

use chrono::{DateTime, Utc};
use tieout_domain::{
    AccountCode,
    calendar::{Period, Subledger},
};
use tieout_store::{DerivedExpectation, ExceptionRow, PostingRow, StoredDocument, StoredEntry};

/// Everything that words, comparison and trail are made of.
pub(super) struct Facts<'a> {
    pub(super) row: &'a ExceptionRow,
    pub(super) document: Option<&'a StoredDocument>,
    pub(super) expected: Option<&'a DerivedExpectation>,
    /// Booked entries of the reference that nothing has undone.
    pub(super) held: Vec<&'a StoredEntry>,
    /// Booked entries of the reference that cancel out: each with its reversal.
    pub(super) undone: Vec<&'a StoredEntry>,
    pub(super) postings: &'a [PostingRow],
    /// The period of the document's own date, where it is known.
    pub(super) own_period: Option<Period>,
    /// When that period stopped taking entries of receivables.
    pub(super) locked_at: Option<DateTime<Utc>>,
}

impl Facts<'_> {
    pub(super) fn control(&self) -> Option<&AccountCode> {
        self.expected.and_then(|e| e.control.as_ref())
    }

    /// True where the document's own period takes no more entries of receivables.
    pub(super) fn own_period_shut(&self) -> bool {
        self.own_period.as_ref().is_some_and(|p| !p.status.accepts(Subledger::Ar))
    }
}
