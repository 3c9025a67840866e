//! What the engine remembers of a posting between two visits. The outbox stores it as JSON, in the same
//! transaction as the state, and hands it back; nobody else changes it but by the methods here.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{calendar::PeriodKey, posting::Posting};

use crate::attempt::{AttemptAction, FailureNote};

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
    /// The entry that the ERP named when it took the present step, where it did not show it as booked yet.
    pub accepted: Option<String>,
    /// The entry that holds the present step's key with other content than was approved: another's.
    pub held_by: Option<String>,
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

    /// True when an entry under the present step's key may be what this desk sent with this content: an
    /// attempt of it stayed without an answer. Otherwise it is another desk's, however alike.
    #[must_use]
    pub fn may_be_ours(&self) -> bool {
        self.step_attempts > 0 && self.last_unanswered.is_some()
    }

    /// True where this very entry is what the present step's attempts made, whatever it says by now: the ERP
    /// named it, or its draft was chosen to be posted.
    #[must_use]
    pub fn is_known_as_ours(&self, erp_id: &str) -> bool {
        [&self.chosen_draft, &self.accepted].into_iter().any(|known| known.as_deref() == Some(erp_id))
    }

    /// True when the posting may be withdrawn, or replaced by another content: nothing is booked and nothing
    /// is in doubt. Otherwise what is booked has to be finished, taken back or reversed first.
    #[must_use]
    pub fn is_proven_unbooked(&self) -> bool {
        self.booked.is_empty() && self.doubt.is_none()
    }

    /// True when some of a set's steps are in the ledger and others are not.
    #[must_use]
    pub fn is_half_booked(&self, posting: &Posting) -> bool {
        !self.booked.is_empty() && self.booked.len() < posting.steps.len()
    }

    /// May a person finish this set: have the steps that are left sent again (`Replayed`), or, where they are
    /// no longer right, by another posting (`Finished`)?
    ///
    /// # Errors
    /// [`MemoRefusal`], the first that holds in the order of its variants.
    pub fn may_finish(&self, posting: &Posting) -> Result<(), MemoRefusal> {
        self.half_booked(posting)
    }

    /// What a person undoes who takes this set back, the latest first: each is a step of another posting. A
    /// booked entry of the document is undone in its slot [`tieout_domain::key::Slot::Reverse`]. A booked
    /// *reversal* is never reversed: what it undid is booked again, in the document's own slot
    /// ([`tieout_domain::standing::Standing::restored_without`] says why). The set itself ends with
    /// `TakenBack`, in the same transaction that stores the other posting, so that at no time
    /// two postings of the document are alive.
    ///
    /// # Errors
    /// [`MemoRefusal`], the first that holds in the order of its variants.
    pub fn to_take_back(&self, posting: &Posting) -> Result<Vec<&BookedStep>, MemoRefusal> {
        self.half_booked(posting)?;
        Ok(self.booked.iter().rev().collect())
    }

    fn half_booked(&self, posting: &Posting) -> Result<(), MemoRefusal> {
        if self.doubt.is_some() {
            return Err(MemoRefusal::InDoubt);
        }
        if self.booked.is_empty() {
            return Err(MemoRefusal::NothingBooked);
        }
        if self.booked.len() >= posting.steps.len() {
            return Err(MemoRefusal::AllBooked);
        }
        Ok(())
    }

    /// For `Replayed`: the count of failures starts anew; what is booked, what is in doubt and
    /// what was chosen stay.
    #[must_use]
    pub fn replayed(mut self) -> Self {
        self.failures = 0;
        self.held_by = None;
        self
    }

    /// For `BasisMoved`: what is found under the step's key from now on was not sent with what will be
    /// approved next, even if this desk sent it.
    #[must_use]
    pub fn sent_back(mut self, at: DateTime<Utc>) -> Self {
        self.failures = 0;
        self.step_attempts = 0;
        (self.chosen_draft, self.accepted, self.held_by) = (None, None, None);
        self.withdrawn(at)
    }

    /// For `Cancelled`, `Rejected`, `TakenBack` and `Finished`: what was sent may have left a draft that
    /// books nothing and that nobody posts any more. It is looked for at once: the outbox has the posting
    /// visited at [`Memo::watch_until`], whatever its state.
    #[must_use]
    pub fn withdrawn(mut self, at: DateTime<Utc>) -> Self {
        if self.attempts > 0 {
            self.watch_until = Some(self.watch_until.map_or(at, |until| until.max(at)));
        }
        self
    }
}

/// Why a person cannot end a set this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoRefusal {
    /// A step's outcome is not known.
    #[error("a step's outcome is not known yet: it must be looked up in the ERP first")]
    InDoubt,
    /// Nothing of it is in the ledger.
    #[error("none of its steps is booked: change it, replay it or withdraw it")]
    NothingBooked,
    /// All of it is.
    #[error("all of its steps are booked: it can only be reversed")]
    AllBooked,
}

impl MemoRefusal {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            MemoRefusal::InDoubt => "posting_in_doubt",
            MemoRefusal::NothingBooked => "set_nothing_booked",
            MemoRefusal::AllBooked => "posting_already_booked",
        }
    }
}
