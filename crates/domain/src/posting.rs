//! The posting request: what is to be sent, bound to a content hash, and its life.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ConnectionId, ExceptionId, MoneyError, PersonId, PostingId, basis::Basis, hash::ContentHasher,
    people::Origin,
};

pub use crate::step::PostingStep;

/// A posting as proposed: everything that an approval covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Its id.
    pub id: PostingId,
    /// The exception that it settles.
    pub exception: ExceptionId,
    /// The ERP connection that it goes to.
    pub connection: ConnectionId,
    /// The reference of the document (or of the orphan entry).
    pub reference: String,
    /// Grows with each change of the content, so that no approval of an earlier one ever counts again.
    pub version: u32,
    /// Where it comes from.
    pub origin: Origin,
    /// Who prepared it; `None` only for a policy's own.
    pub preparer: Option<PersonId>,
    /// Why, in a person's words: required for a reroute and a reversal.
    pub reason: Option<String>,
    /// What it rests on. `None` only in what an earlier version prepared.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// The steps, in order, at least one.
    pub steps: Vec<PostingStep>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
}

impl Posting {
    /// SHA-256 (hex) over all that is sent and where, what it rests on and who prepared it: what a decision
    /// is bound to. What an earlier version prepared keeps the hash that it had then: approvals of that hash
    /// are approvals of less than is sent, and [`Posting::is_whole`] says so.
    #[must_use]
    pub fn content_hash(&self) -> String {
        let Some(basis) = &self.basis else { return self.earlier_hash() };
        let mut h = ContentHasher::new("posting/2");
        h.text(self.connection.as_str()).text(&self.reference).number(i64::from(self.version));
        h.text(self.exception.as_str()).text(self.origin.as_str());
        h.optional(self.preparer.as_ref().map(PersonId::as_str)).optional(self.reason.as_deref());
        basis.hash_into(&mut h);
        h.number(i64::try_from(self.steps.len()).unwrap_or(i64::MAX));
        for step in &self.steps {
            h.text(step.key.as_str());
            step.hash_sent_into(&mut h);
        }
        h.finish_hex()
    }

    fn earlier_hash(&self) -> String {
        let mut h = ContentHasher::new("posting/1");
        h.text(self.connection.as_str()).text(&self.reference).number(i64::from(self.version));
        h.number(i64::try_from(self.steps.len()).unwrap_or(i64::MAX));
        for step in &self.steps {
            h.number(i64::from(step.number)).text(step.key.as_str());
            h.optional(step.reverses.as_deref());
            step.entry.hash_into(&mut h);
        }
        h.finish_hex()
    }

    /// SHA-256 (hex) over what the ERP is sent and nothing else. Where a plan made afresh has the same, a new
    /// mapping leaves this posting as it is.
    #[must_use]
    pub fn sent_hash(&self) -> String {
        let mut h = ContentHasher::new("posting-sent/1");
        h.text(self.connection.as_str()).text(&self.reference);
        h.number(i64::try_from(self.steps.len()).unwrap_or(i64::MAX));
        for step in &self.steps {
            step.hash_sent_into(&mut h);
        }
        h.finish_hex()
    }

    /// True where all that is still to be sent, `booked` steps being in the ledger, is in the content. Only
    /// such a posting may be approved or sent.
    #[must_use]
    pub fn is_whole(&self, booked: usize) -> bool {
        self.basis.is_some() && self.steps.iter().skip(booked).all(|step| step.destination.is_some())
    }

    /// The largest step's debits in functional currency, minor units: what approval tiers judge.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn gross_minor(&self) -> Result<i64, MoneyError> {
        self.steps.iter().try_fold(0, |most: i64, step| Ok(most.max(step.entry.gross_functional()?.minor())))
    }
}

/// Where a posting stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingState {
    /// Waits for approval.
    Proposed,
    /// Approved and in the outbox.
    Queued,
    /// A step is being sent.
    Sending,
    /// A step's outcome is not known: it is looked up before anything else.
    InDoubt,
    /// All steps are booked, by the ERP's own read-back.
    Booked,
    /// Written into a journal file for a ledger that is read from files. It counts as booked once the
    /// ledger's next file shows it and another person has confirmed that.
    HandedOver,
    /// The ledger's sync shows it. The end.
    Settled,
    /// The ERP refused it.
    Refused,
    /// Tried as often as allowed.
    DeadLetter,
    /// A person refused it. The end.
    Rejected,
    /// Withdrawn, replaced by a changed one, ended half-booked, or deleted in the ERP before a sync showed
    /// it. The end.
    Cancelled,
}

impl PostingState {
    /// All of them.
    pub const ALL: [PostingState; 11] = [
        PostingState::Proposed,
        PostingState::Queued,
        PostingState::Sending,
        PostingState::InDoubt,
        PostingState::Booked,
        PostingState::HandedOver,
        PostingState::Settled,
        PostingState::Refused,
        PostingState::DeadLetter,
        PostingState::Rejected,
        PostingState::Cancelled,
    ];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PostingState::Proposed => "proposed",
            PostingState::Queued => "queued",
            PostingState::Sending => "sending",
            PostingState::InDoubt => "in_doubt",
            PostingState::Booked => "booked",
            PostingState::HandedOver => "handed_over",
            PostingState::Settled => "settled",
            PostingState::Refused => "refused",
            PostingState::DeadLetter => "dead_letter",
            PostingState::Rejected => "rejected",
            PostingState::Cancelled => "cancelled",
        }
    }

    /// The state of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// True where nothing more can happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            PostingState::Settled | PostingState::Rejected | PostingState::Cancelled => true,
            PostingState::Proposed
            | PostingState::Queued
            | PostingState::Sending
            | PostingState::InDoubt
            | PostingState::Booked
            | PostingState::HandedOver
            | PostingState::Refused
            | PostingState::DeadLetter => false,
        }
    }
}

/// What happens to a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PostingEvent {
    /// All approvals that the policy asks for are there.
    Approved,
    /// A person refused it.
    Rejected,
    /// The worker starts a step.
    SendStarted,
    /// A step is booked, more follow.
    StepBooked,
    /// The last step is booked.
    AllBooked,
    /// The ERP refused a step, and nothing of this step is booked.
    RefusedByErp,
    /// A step failed, certainly without effect: it goes back to the queue.
    WillRetry,
    /// A step's outcome is not known.
    OutcomeUnknown,
    /// The look-up proved that the step is not booked.
    ProvenUnbooked,
    /// Attempts are used up.
    AttemptsExhausted,
    /// A person (or the policy of replay) sends it again with the same key.
    Replayed,
    /// A person withdrew it, or a changed posting replaces it.
    Cancelled,
    /// A person ends a set of which some steps are booked; another posting undoes those.
    TakenBack,
    /// A person ends a set of which some steps are booked: nothing of it is left to be sent, or another
    /// posting sends what is.
    Finished,
    /// What it rests on has moved since it was prepared: approvals are void, and nothing was sent.
    BasisMoved,
    /// The ledger's sync shows all steps.
    LedgerShows,
    /// A read of the whole ledger did not have what was booked: somebody deleted it in the ERP.
    Removed,
    /// It is written into a journal file for its ledger: for the first time, or once more by a person who
    /// says why.
    HandedOver,
}

impl PostingEvent {
    /// All of them.
    pub const ALL: [PostingEvent; 18] = [
        PostingEvent::Approved,
        PostingEvent::Rejected,
        PostingEvent::SendStarted,
        PostingEvent::StepBooked,
        PostingEvent::AllBooked,
        PostingEvent::RefusedByErp,
        PostingEvent::WillRetry,
        PostingEvent::OutcomeUnknown,
        PostingEvent::ProvenUnbooked,
        PostingEvent::AttemptsExhausted,
        PostingEvent::Replayed,
        PostingEvent::Cancelled,
        PostingEvent::TakenBack,
        PostingEvent::Finished,
        PostingEvent::BasisMoved,
        PostingEvent::LedgerShows,
        PostingEvent::Removed,
        PostingEvent::HandedOver,
    ];
}

/// Why an event is refused, in the order in which it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionRefusal {
    /// The posting has come to its end.
    #[error("the posting is settled, rejected or cancelled: nothing more can happen to it")]
    AlreadyFinal,
    /// Its outcome is unknown: only a look-up may move it.
    #[error("the posting's outcome is not known yet: it must be looked up in the ERP first")]
    OutcomeStillUnknown,
    /// It is being sent.
    #[error("the posting is being sent: wait for its outcome")]
    BeingSent,
    /// It is in a journal file.
    #[error("the posting is handed over: the ledger's next file says what became of it")]
    HandedOver,
    /// It is booked.
    #[error("the posting is booked: it can only be reversed")]
    AlreadyBooked,
    /// It was not approved.
    #[error("the posting is not approved")]
    NotApproved,
    /// It is already approved.
    #[error("the posting is already approved")]
    AlreadyApproved,
    /// It has not failed.
    #[error("the posting has not failed: there is nothing to replay")]
    NotFailed,
    /// The event does not fit the state.
    #[error("the posting is not being sent")]
    NotBeingSent,
}

impl TransitionRefusal {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            TransitionRefusal::AlreadyFinal => "posting_already_final",
            TransitionRefusal::OutcomeStillUnknown => "posting_in_doubt",
            TransitionRefusal::BeingSent => "posting_being_sent",
            TransitionRefusal::HandedOver => "posting_handed_over",
            TransitionRefusal::AlreadyBooked => "posting_already_booked",
            TransitionRefusal::NotApproved => "posting_not_approved",
            TransitionRefusal::AlreadyApproved => "posting_already_approved",
            TransitionRefusal::NotFailed => "posting_not_failed",
            TransitionRefusal::NotBeingSent => "posting_not_being_sent",
        }
    }
}

/// The one place where a posting's state changes.
///
/// # Errors
/// [`TransitionRefusal`]: the first reason, in the order of its variants.
pub fn transition(state: PostingState, event: PostingEvent) -> Result<PostingState, TransitionRefusal> {
    use PostingEvent as E;
    use PostingState as S;
    if state.is_final() {
        return Err(TransitionRefusal::AlreadyFinal);
    }
    match (state, event) {
        // One that was refused because its approvals no longer count is approved again, and sent.
        (S::Proposed | S::Refused, E::Approved) => Ok(S::Queued),
        (S::Proposed, E::Rejected) => Ok(S::Rejected),
        (S::Proposed | S::Queued | S::Refused | S::DeadLetter, E::Cancelled | E::TakenBack | E::Finished) => {
            Ok(S::Cancelled)
        }
        (S::Proposed | S::Queued | S::Refused | S::DeadLetter, E::BasisMoved) => Ok(S::Proposed),
        // The worker itself, between two calls of one step (a draft is there and is not posted).
        (S::Sending, E::BasisMoved) => Ok(S::Proposed),
        (S::Queued, E::Rejected) => Ok(S::Rejected),
        (S::Queued, E::SendStarted) => Ok(S::Sending),
        // A dead letter of an unknown outcome may still be found booked, or proven absent.
        (S::Sending | S::InDoubt | S::DeadLetter, E::AllBooked) => Ok(S::Booked),
        (S::Sending | S::InDoubt, E::StepBooked) => Ok(S::Queued),
        (S::Sending, E::WillRetry) => Ok(S::Queued),
        (S::Sending | S::Queued, E::RefusedByErp) => Ok(S::Refused),
        (S::Sending, E::OutcomeUnknown) => Ok(S::InDoubt),
        (S::InDoubt, E::OutcomeUnknown) => Ok(S::InDoubt),
        (S::InDoubt, E::ProvenUnbooked) => Ok(S::Queued),
        (S::Sending | S::Queued | S::InDoubt, E::AttemptsExhausted) => Ok(S::DeadLetter),
        (S::Refused | S::DeadLetter, E::Replayed) => Ok(S::Queued),
        (S::Booked, E::LedgerShows) => Ok(S::Settled),
        (S::Booked, E::Removed) => Ok(S::Cancelled),
        (S::Queued | S::HandedOver, E::HandedOver) => Ok(S::HandedOver),
        (S::HandedOver, E::LedgerShows) => Ok(S::Settled),
        // Only where a whole file of the ledger did not show it: the store asks that.
        (S::HandedOver, E::Cancelled) => Ok(S::Cancelled),
        // A crash between read-back and sync: the ledger's word counts in every state after approval.
        (S::Queued | S::Sending | S::InDoubt | S::DeadLetter, E::LedgerShows) => Ok(S::Settled),
        (state, event) => Err(refusal(state, event)),
    }
}

fn refusal(state: PostingState, event: PostingEvent) -> TransitionRefusal {
    use PostingEvent as E;
    use PostingState as S;
    match (state, event) {
        (S::InDoubt, _) => TransitionRefusal::OutcomeStillUnknown,
        (S::Sending, _) => TransitionRefusal::BeingSent,
        (S::HandedOver, _) => TransitionRefusal::HandedOver,
        (S::Booked, _) => TransitionRefusal::AlreadyBooked,
        (S::Queued, E::Approved) => TransitionRefusal::AlreadyApproved,
        (S::Proposed, E::SendStarted | E::Replayed | E::HandedOver) => TransitionRefusal::NotApproved,
        (_, E::Replayed) => TransitionRefusal::NotFailed,
        (S::DeadLetter, E::Approved | E::Rejected) | (S::Refused, E::Rejected) => {
            TransitionRefusal::AlreadyApproved
        }
        _ => TransitionRefusal::NotBeingSent,
    }
}

#[cfg(test)]
#[path = "posting_tests.rs"]
mod content_tests;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(path: &[PostingEvent], want: Result<&str, &str>) {
        let mut state = PostingState::Proposed;
        for (index, event) in path.iter().enumerate() {
            match transition(state, *event) {
                Ok(next) => state = next,
                Err(refusal) => {
                    assert_eq!(index + 1, path.len(), "refused early: {refusal}");
                    return assert_eq!(Err(refusal.code()), want);
                }
            }
        }
        assert_eq!(Ok(state.as_str()), want);
    }

    use PostingEvent as E;

    #[test]
    fn the_straight_way_ends_when_the_ledger_shows_it() {
        check(&[E::Approved, E::SendStarted, E::AllBooked, E::LedgerShows], Ok("settled"));
    }

    #[test]
    fn an_unknown_outcome_is_never_sent_again_before_a_look_up() {
        let doubt = [E::Approved, E::SendStarted, E::OutcomeUnknown];
        let then = |event| [&doubt[..], &[event]].concat();
        check(&then(E::SendStarted), Err("posting_in_doubt"));
        check(&then(E::Replayed), Err("posting_in_doubt"));
        check(&then(E::Cancelled), Err("posting_in_doubt"));
        check(&then(E::Finished), Err("posting_in_doubt"));
        check(&then(E::BasisMoved), Err("posting_in_doubt"));
        check(&then(E::TakenBack), Err("posting_in_doubt"));
        check(&then(E::ProvenUnbooked), Ok("queued"));
        check(&then(E::AllBooked), Ok("booked"));
    }

    #[test]
    fn refusals_come_in_their_documented_order() {
        check(&[E::Rejected, E::Approved], Err("posting_already_final"));
        check(&[E::SendStarted], Err("posting_not_approved"));
        check(&[E::Approved, E::Approved], Err("posting_already_approved"));
        check(&[E::Approved, E::SendStarted, E::Cancelled], Err("posting_being_sent"));
        check(&[E::Approved, E::SendStarted, E::AllBooked, E::Cancelled], Err("posting_already_booked"));
        check(&[E::Approved, E::Replayed], Err("posting_not_failed"));
    }

    #[test]
    fn what_was_refused_for_want_of_approvals_is_approved_again() {
        let refused = [E::Approved, E::RefusedByErp];
        let then = |events: &[PostingEvent]| [&refused[..], events].concat();
        check(&then(&[E::Approved, E::SendStarted, E::AllBooked]), Ok("booked"));
        check(&then(&[E::Rejected]), Err("posting_already_approved"));
        check(&[E::Approved, E::AttemptsExhausted, E::Approved], Err("posting_already_approved"));
    }

    #[test]
    fn a_moved_basis_sends_it_back_from_wherever_it_waits() {
        check(&[E::BasisMoved], Ok("proposed"));
        check(&[E::Approved, E::BasisMoved, E::SendStarted], Err("posting_not_approved"));
        check(&[E::Approved, E::SendStarted, E::BasisMoved, E::SendStarted], Err("posting_not_approved"));
        check(&[E::Approved, E::SendStarted, E::RefusedByErp, E::BasisMoved], Ok("proposed"));
        check(&[E::Approved, E::AttemptsExhausted, E::BasisMoved], Ok("proposed"));
        check(&[E::Approved, E::SendStarted, E::AllBooked, E::BasisMoved], Err("posting_already_booked"));
        check(&[E::Rejected, E::BasisMoved], Err("posting_already_final"));
    }

    #[test]
    fn what_was_deleted_in_the_erp_before_its_sync_showed_it_is_at_its_end() {
        let booked = [E::Approved, E::SendStarted, E::AllBooked];
        let then = |event| [&booked[..], &[event]].concat();
        check(&then(E::Removed), Ok("cancelled"));
        check(&[E::Approved, E::Removed], Err("posting_not_being_sent"));
        check(&[E::Approved, E::SendStarted, E::OutcomeUnknown, E::Removed], Err("posting_in_doubt"));
        check(&[&then(E::LedgerShows)[..], &[E::Removed]].concat(), Err("posting_already_final"));
    }

    #[test]
    fn a_half_booked_set_is_finished_or_taken_back() {
        let half = [E::Approved, E::SendStarted, E::StepBooked, E::SendStarted, E::RefusedByErp];
        let then = |events: &[PostingEvent]| [&half[..], events].concat();
        check(&then(&[E::Replayed, E::SendStarted, E::AllBooked]), Ok("booked"));
        for end in [E::TakenBack, E::Finished] {
            check(&then(&[end]), Ok("cancelled"));
            check(&then(&[end, E::Replayed]), Err("posting_already_final"));
            check(&[E::Approved, E::SendStarted, end], Err("posting_being_sent"));
            check(&[E::Approved, E::SendStarted, E::AllBooked, end], Err("posting_already_booked"));
        }
    }

    #[test]
    fn what_is_handed_over_waits_for_the_ledgers_next_file() {
        let handed = [E::Approved, E::HandedOver];
        let then = |event| [&handed[..], &[event]].concat();
        check(&then(E::LedgerShows), Ok("settled"));
        check(&then(E::HandedOver), Ok("handed_over"));
        check(&then(E::Cancelled), Ok("cancelled"));
        for event in [E::SendStarted, E::Approved, E::Rejected, E::BasisMoved, E::Replayed, E::AllBooked] {
            check(&then(event), Err("posting_handed_over"));
        }
        check(&[E::HandedOver], Err("posting_not_approved"));
        check(&[E::Approved, E::SendStarted, E::HandedOver], Err("posting_being_sent"));
        check(&[E::Approved, E::SendStarted, E::AllBooked, E::HandedOver], Err("posting_already_booked"));
    }

    proptest! {
        #[test]
        fn nothing_is_sent_that_was_not_approved_since_its_last_change(
            events in prop::collection::vec(0_usize..PostingEvent::ALL.len(), 0..40)
        ) {
            let (mut state, mut approved, mut booked) = (PostingState::Proposed, false, false);
            for event in events.into_iter().map(|i| PostingEvent::ALL[i]) {
                let Ok(next) = transition(state, event) else { continue };
                prop_assert!(!state.is_final(), "an end was left");
                match event {
                    E::Approved => approved = true,
                    E::BasisMoved => approved = false,
                    E::SendStarted | E::HandedOver => prop_assert!(approved, "sent without approval"),
                    E::AllBooked => booked = true,
                    _ => {}
                }
                prop_assert!(!(booked && matches!(next, PostingState::Queued | PostingState::Sending)));
                state = next;
            }
        }
    }
}
