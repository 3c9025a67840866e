//! Detection and the tie-out.

use chrono::{DateTime, Utc};
use tieout_domain::batch::BatchRule;

use crate::{
    db::{Db, Tx},
    detectors::{self, DetectInput, DetectSummary},
    error::Result,
    table::batch,
    tieout::{self, CellQuery, CellWindow, TieOutFilter, TieOutRow},
};

impl Db {
    /// Billing, ledger and the difference per entity, currency, period and account, and how much of it
    /// open exceptions explain. As of the last detection.
    ///
    /// # Errors
    /// A database error, `money_overflow`.
    pub fn tie_out(&self, filter: &TieOutFilter) -> Result<Vec<TieOutRow>> {
        tieout::tie_out(self, filter)
    }

    /// Billing, ledger and the difference on the control accounts, per entity, currency and period, as of the
    /// last detection. `account` is empty, and exceptions are not counted.
    ///
    /// # Errors
    /// A database error, `money_overflow`.
    pub fn control_tie_out(&self) -> Result<Vec<TieOutRow>> {
        tieout::control_tie_out(self)
    }

    /// What a cell of the tie-out is made of, the largest differences first. As of the last detection.
    ///
    /// # Errors
    /// A database error.
    pub fn cell_window(&self, query: &CellQuery) -> Result<CellWindow> {
        tieout::cell_window(self, query)
    }
}

impl Tx<'_> {
    /// Takes over which documents the ledger books together, as the mapping in force says; the next detection
    /// looks at everything where that changed.
    ///
    /// # Errors
    /// A database error.
    pub fn keep_batch_rules(&self, rules: &[BatchRule]) -> Result<()> {
        self.whole(|tx| match batch::keep_rules(tx, rules)? {
            true => detectors::state::judge_all_again(tx),
            false => Ok(()),
        })
    }

    /// Looks at what changed, what fell due and what a period's change of status touches, and opens,
    /// updates and closes exceptions. Due times and ages are judged as of `as_of`; the history bears
    /// `now`.
    ///
    /// # Errors
    /// A database error; nothing was changed then.
    pub fn detect(&self, as_of: DateTime<Utc>, now: DateTime<Utc>) -> Result<DetectSummary> {
        self.whole(|tx| detectors::run(tx, &DetectInput { as_of, now }))
    }
}
