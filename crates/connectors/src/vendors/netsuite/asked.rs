//! What is asked together where several postings are on their way.

use chrono::NaiveDate;
use tieout_domain::ledger::LedgerEntry;

use crate::{
    kit::Together,
    traits::{Found, Lookup, PeriodCheck},
};

/// What lanes that book side by side ask at the same time.
pub(super) struct Asked {
    pub(super) finds: Together<Lookup, Found>,
    pub(super) entries: Together<String, Option<LedgerEntry>>,
    pub(super) periods: Together<NaiveDate, Option<PeriodCheck>>,
    pub(super) customers: Together<String, Option<String>>,
}

/// How many of one kind go into one query: the look for names has some ten conditions for each.
const MOST: usize = 25;

impl Default for Asked {
    fn default() -> Self {
        Self {
            finds: Together::new(MOST),
            entries: Together::new(MOST),
            periods: Together::new(MOST),
            customers: Together::new(MOST),
        }
    }
}
