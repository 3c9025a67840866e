//! What the engine remembers of a posting between two visits. The outbox stores it as JSON, in the same
//! transaction as the state, and hands it back; nobody else changes it but by the methods here.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::calendar::PeriodKey;

use crate::{AttemptAction, FailureNote};

/// A step that is booked, by the ERP's own read-back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedStep {
    /// The step's number, from 1.
    pub step: u32,
    /// The ERP's id of the entry.
    pub erp_id: String,
    /// The number that finance sees.
    pub number: Option<String>,
    /// The date under which the ERP booked it.
    pub posting_date: NaiveDate,
    /// The period into which the ERP booked it.
    pub period: PeriodKey,
}

/// Something was sent and nobody knows what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What was sent last without an answer.
    pub action: AttemptAction,
    /// When it was sent last, UTC: the settling window runs from here.
    pub since: DateTime<Utc>,
    /// How many look-ups since then have answered and found nothing booked.
    pub look_ups: u32,
    /// How many look-ups in a row have failed.
    pub failed_look_ups: u32,
    /// What the failure said.
    pub failure: FailureNote,
    /// The failure was a refusal that can only be believed once nothing sent earlier can land any more.
    pub refused: bool,
}

/// What is known about a posting's way into the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memo {
    /// The steps that are booked, in order. The present step is the next one.
    pub booked: Vec<BookedStep>,
    /// Attempts begun so far, over all steps.
    pub attempts: u32,
    /// Attempts begun at the present step.
    pub step_attempts: u32,
    /// Failures of the present step since it last made progress.
    pub failures: u32,
    /// Set from an unknown outcome until it is found booked or proven absent.
    pub doubt: Option<Doubt>,
    /// The draft of the present step that was chosen to be posted. Once a post of it was sent no other
    /// draft may be posted while it exists.
    pub chosen_draft: Option<String>,
    /// The last time that a create or post of this posting was sent without an answer, UTC. Kept when the
    /// doubt is over.
    pub last_unanswered: Option<DateTime<Utc>>,
    /// Until then (UTC) the ledger is looked at again for stray drafts and late commits of this posting,
    /// whatever its state. `None`: nothing to watch.
    pub watch_until: Option<DateTime<Utc>>,
}

impl Memo {
    /// The number of the step to do now, from 1.
    #[must_use]
    pub fn next_step(&self) -> u32 {
        u32::try_from(self.booked.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// True while something that was sent may be in the ledger, or may yet appear there. Such a posting
    /// must not be amended or given another key, whatever its state.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// True while a person may still withdraw the posting: nothing of it was ever sent.
    #[must_use]
    pub fn may_cancel(&self) -> bool {
        self.attempts == 0 && self.booked.is_empty()
    }

    /// True when changed content may have a new key without anything else: nothing is booked and nothing is
    /// in doubt. Otherwise what is booked has to be reversed first.
    #[must_use]
    pub fn is_proven_unbooked(&self) -> bool {
        self.booked.is_empty() && self.doubt.is_none()
    }

    /// For [`tieout_domain::posting::PostingEvent::Replayed`]: the count of failures starts anew; what is
    /// booked, what is in doubt and what was chosen stay.
    #[must_use]
    pub fn replayed(mut self) -> Self {
        self.failures = 0;
        self
    }
}
