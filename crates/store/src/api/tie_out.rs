//! Detection and the tie-out.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use tieout_domain::{DocumentId, EntityCode, PersonId, accounts::AccountMapping};

use crate::{
    db::{Db, Tx},
    detectors::{self, DetectInput, DetectSummary},
    error::Result,
    table::{
        batch, entity_rule,
        house_rule::{self, HouseRules},
        name_rule,
        schedule::{self, ScheduleQuery, ScheduledMovement},
        worth::{self, MinorRate},
    },
    tieout::{
        self, Arrived, CellQuery, CellWindow, ClearingRow, DeferredInLedger, MemberQuery, TieOutFilter,
        TieOutLine, TieOutMember, TieOutRow,
    },
    view::{self, OpenException},
};

impl Db {
    /// What revenue schedules put on deferred revenue, by entity, account, currency, document and period.
    ///
    /// # Errors
    /// A database error.
    pub fn schedule_movements(&self, query: &ScheduleQuery) -> Result<Vec<ScheduledMovement>> {
        schedule::movements(self, query)
    }

    /// True where the document has a revenue schedule.
    ///
    /// # Errors
    /// A database error.
    pub fn has_schedule(&self, document: &DocumentId) -> Result<bool> {
        schedule::is_of(self, document)
    }

    /// What the ledger holds on the deferred revenue accounts that are held against schedules, as of the last
    /// detection.
    ///
    /// # Errors
    /// A database error.
    pub fn deferred_in_ledger(&self, entity: Option<&EntityCode>) -> Result<Vec<DeferredInLedger>> {
        tieout::deferred_in_ledger(self, entity)
    }

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

    /// What rules, notes, tolerances and cutovers keep out of the exceptions, summed under their names. As
    /// of the last detection.
    ///
    /// # Errors
    /// A database error.
    pub fn tie_out_lines(&self) -> Result<Vec<TieOutLine>> {
        tieout::lines(self)
    }

    /// The processors' balances beside the clearing accounts, through a day or all that was read.
    ///
    /// # Errors
    /// A database error.
    pub fn clearing(&self, through: Option<NaiveDate>) -> Result<Vec<ClearingRow>> {
        tieout::clearing(self, through)
    }

    /// What an entity's cells are made of, document by document and entry by entry, of names that differ
    /// somewhere or that are of the cell asked for. As of the last detection.
    ///
    /// # Errors
    /// A database error.
    pub fn tie_out_members(&self, query: &MemberQuery) -> Result<Vec<TieOutMember>> {
        tieout::members(self, query)
    }

    /// Who posted, explained, matched or dismissed items of an entity, by the names of the items.
    ///
    /// # Errors
    /// A database error.
    pub fn worked_on_items(&self, entity: &EntityCode) -> Result<Vec<(String, PersonId)>> {
        tieout::worked_on(self, entity)
    }

    /// From where and when what stands under a name was last read, the latest first.
    ///
    /// # Errors
    /// A database error.
    pub fn arrived(&self, name: &str) -> Result<Vec<Arrived>> {
        tieout::arrived(self, name)
    }

    /// Every open exception, as a close looks at them.
    ///
    /// # Errors
    /// A database error.
    pub fn open_exceptions(&self) -> Result<Vec<OpenException>> {
        view::open_exceptions(self)
    }

    /// How many exceptions of an entity came and went since then, by day.
    ///
    /// # Errors
    /// A database error.
    pub fn exceptions_by_day(
        &self,
        entity: &EntityCode,
        since: DateTime<Utc>,
    ) -> Result<BTreeMap<NaiveDate, (u64, u64)>> {
        view::exceptions_by_day(self, entity, since)
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
    /// Takes over by which rules the mapping in force has both sides compared: documents that are booked
    /// together, names that differ, what is said of entities. The next detection looks at everything where
    /// that changed.
    ///
    /// # Errors
    /// A database error.
    pub fn keep_rules(&self, mapping: Option<&AccountMapping>) -> Result<()> {
        self.whole(|tx| {
            let batches = batch::keep_rules(tx, mapping.map_or(&[], |mapping| &mapping.batches))?;
            let names = name_rule::keep(tx, mapping.map_or(&[], |mapping| &mapping.names))?;
            let entities = entity_rule::keep(tx, mapping.map_or(&[], |mapping| &mapping.entities))?;
            match batches || names || entities {
                true => detectors::state::judge_all_again(tx),
                false => Ok(()),
            }
        })
    }

    /// Takes over what the mapping in force says of cutovers, tolerances, rules and accounts of roles; the
    /// next detection looks at everything where that changed.
    ///
    /// # Errors
    /// A database error.
    pub fn keep_house_rules(&self, rules: &HouseRules) -> Result<()> {
        self.whole(|tx| match house_rule::keep(tx, rules)? {
            true => detectors::state::judge_all_again(tx),
            false => Ok(()),
        })
    }

    /// Takes over the rates by which exceptions of several currencies are ordered: one minor unit of each
    /// currency in millionths of one of the reporting currency. None: nothing is known to be worth anything.
    ///
    /// # Errors
    /// A database error.
    pub fn keep_rates(&self, rates: &[MinorRate]) -> Result<()> {
        self.whole(|tx| worth::keep(tx, rates))
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
