//! What is asked of the ERP before a send and after it. Lanes that ask at the same time are asked for
//! together, in one call; a call never answers a question that came after it began. What was looked up serves
//! a send for a few seconds ([`crate::Limits::look_up_serves`]), and how old the oldest was that did is kept.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use chrono::{DateTime, NaiveDate, Utc};
use tieout_connectors::{Each, Found, LedgerPoster, Lookup, PeriodAsked, PeriodCheck, kit::Together};
use tieout_domain::{failure::VendorFailure, ledger::LedgerEntry};

use crate::{
    planted::Fault,
    visit::Case,
    worker::{Worker, span},
};

/// What a look-up showed, and how long ago.
#[derive(Clone)]
pub(crate) struct Looked {
    pub(crate) found: Found,
    pub(crate) when: When,
}

/// When a look-up was made, UTC.
#[derive(Clone, Copy)]
pub(crate) struct When {
    /// The call began: nothing that it shows is older.
    asked: DateTime<Utc>,
    /// It was answered.
    answered: DateTime<Utc>,
}

/// Questions of several lanes, gathered.
pub(crate) struct Asking {
    finds: Together<Lookup, Looked>,
    periods: Together<PeriodAsked, PeriodCheck>,
    booked: Together<String, Option<LedgerEntry>>,
    /// The age in milliseconds of the oldest look-up that something was sent on; less than 0 before.
    oldest: AtomicI64,
}

impl Asking {
    pub(crate) fn of(ledger: &dyn LedgerPoster) -> Self {
        let most = ledger.at_once();
        Self {
            finds: Together::new(most),
            periods: Together::new(most),
            booked: Together::new(most),
            oldest: AtomicI64::new(-1),
        }
    }
}

impl Worker {
    /// Looks the ledger through for a step.
    pub(crate) async fn look_up(&self, lookup: &Lookup) -> Result<Looked, VendorFailure> {
        let ask = |all: Vec<Lookup>| async move { self.find_all(&all).await };
        self.asking.finds.ask(lookup.clone(), ask).await
    }

    async fn find_all(&self, lookups: &[Lookup]) -> Each<Looked> {
        let asked = self.clock.now();
        let each = self.ledger.find_all(lookups).await?;
        let when = When { asked, answered: self.clock.now() };
        Ok(each.into_iter().map(|one| one.map(|found| Looked { found, when })).collect())
    }

    /// The period that holds a date, as the ERP says now.
    pub(crate) async fn ask_period(
        &self,
        entity_erp_id: &str,
        date: NaiveDate,
    ) -> Result<PeriodCheck, VendorFailure> {
        let question = PeriodAsked { entity_erp_id: entity_erp_id.to_owned(), date };
        let ask = |all: Vec<PeriodAsked>| async move { self.ledger.periods_of(&all).await };
        self.asking.periods.ask(question, ask).await
    }

    /// An entry that was just booked, as the ERP holds it.
    pub(crate) async fn ask_booked(&self, erp_id: &str) -> Result<Option<LedgerEntry>, VendorFailure> {
        let ask = |all: Vec<String>| async move { self.ledger.read_booked(&all).await };
        self.asking.booked.ask(erp_id.to_owned(), ask).await
    }

    /// For how long what this visit has looked up still serves a send. Where the clock was set back, not at
    /// all.
    pub(crate) fn serves(&self, case: &Case) -> Duration {
        let Some(when) = case.looked else { return Duration::ZERO };
        let age = self.clock.now() - when.answered;
        if self.is_out(Fault::OldLookUps) {
            return self.limits.look_up_serves;
        }
        match age < chrono::Duration::zero() {
            true => Duration::ZERO,
            false => (span(self.limits.look_up_serves) - age).to_std().unwrap_or(Duration::ZERO),
        }
    }

    /// Notes that something was sent on what this visit has looked up, and was answered just now.
    pub(crate) fn note_age(&self, case: &Case) {
        if let Some(when) = case.looked {
            let age = (self.clock.now() - when.asked).num_milliseconds();
            self.asking.oldest.fetch_max(age, Ordering::Relaxed);
        }
    }

    /// Of everything that was sent: the longest time from the moment at which the ledger began to be looked
    /// through for it to the ERP's answer. What another booked before is seen, and what it books within that
    /// time may not be. `None` while nothing was sent.
    #[must_use]
    pub fn oldest_look_up(&self) -> Option<Duration> {
        u64::try_from(self.asking.oldest.load(Ordering::Relaxed)).ok().map(Duration::from_millis)
    }
}
