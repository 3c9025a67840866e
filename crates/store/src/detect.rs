//! Detection and tie-out as the store's methods: each run of the detectors is one transaction.

use chrono::{DateTime, Utc};

use crate::{
    detectors::{self, DetectInput, DetectSummary},
    error::Result,
    store::Store,
    tieout::{self, TieOutFilter, TieOutRow},
};

impl Store {
    /// Looks at what changed, what fell due and what a period's change of status touches, and opens,
    /// updates and closes exceptions. Due times and ages are judged as of `as_of`; the history bears
    /// `now`.
    ///
    /// # Errors
    /// A database error; nothing was changed then.
    pub fn detect(&mut self, as_of: DateTime<Utc>, now: DateTime<Utc>) -> Result<DetectSummary> {
        self.write(|tx| detectors::run(tx, &DetectInput { as_of, now }))
    }

    /// As [`Store::detect`], over everything: the answer must be the same, only later.
    ///
    /// # Errors
    /// A database error; nothing was changed then.
    pub fn detect_from_scratch(&mut self, as_of: DateTime<Utc>, now: DateTime<Utc>) -> Result<DetectSummary> {
        self.write(|tx| detectors::run_from_scratch(tx, &DetectInput { as_of, now }))
    }

    /// Billing, ledger and the difference per entity, currency, period and account, and how much of it
    /// open exceptions explain. As of the last detection.
    ///
    /// # Errors
    /// A database error.
    pub fn tie_out(&self, filter: &TieOutFilter) -> Result<Vec<TieOutRow>> {
        tieout::tie_out(&self.connection, filter)
    }
}
