//! What people decide on postings: approve, reject, cancel, replay. Each is one transaction that holds state,
//! decision, signed log entry, outbox row and the exception's history together.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use tieout_domain::{
    PersonId, PostingId,
    posting::{PostingEvent, PostingState, transition},
};
use tieout_evidence::LogDraft;

use crate::{
    api::withdrawal,
    db::{Db, Tx},
    error::{Result, StoreError},
    table::{
        decision::{self, Decision},
        exception, expectation, log,
        outbox::{self, MemoUpdate},
        posting::{self, Head},
    },
};

/// A person's decision on a posting, as they saw it.
#[derive(Clone, Copy, Debug)]
pub struct NewDecision<'a> {
    /// The posting.
    pub posting: &'a PostingId,
    /// Who decides.
    pub person: &'a PersonId,
    /// The content that they saw.
    pub content_hash: &'a str,
    /// How many approvals of this content there were when the caller judged whether more are needed.
    /// Another number now means that somebody else approved meanwhile: judge again.
    pub seen_approvals: usize,
    /// In whose place they decide, where it is not in their own.
    pub in_place_of: Option<&'a PersonId>,
    /// Approvals given until then count no more, so that the same person may approve anew.
    pub ran_out_until: Option<DateTime<Utc>>,
}

/// What recording a decision came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionRecorded {
    /// The number of its log entry.
    pub log_number: i64,
    /// Where the posting stands now.
    pub state: PostingState,
    /// How many approvals of the present content there are now.
    pub approvals: usize,
}

/// Approvals of the posting's present content.
pub(crate) fn approvals(db: &Db, posting: &PostingId, content_hash: &str) -> Result<Vec<decision::Decision>> {
    let all = decision::of_posting(db, posting)?;
    Ok(all.into_iter().filter(|d| d.action == "approve" && d.content_hash == content_hash).collect())
}

/// Checks one approval; answers how many there were before.
fn check_approval(tx: &Tx<'_>, new: &NewDecision<'_>) -> Result<(Head, usize)> {
    let head = posting::head(tx, new.posting)?;
    transition(head.state, PostingEvent::Approved)?;
    if head.content_hash != new.content_hash {
        return Err(StoreError::ContentChanged { id: new.posting.to_string() });
    }
    let before = approvals(tx, new.posting, new.content_hash)?;
    // Who decided in another's place decided for both.
    let counts = |d: &&Decision| new.ran_out_until.is_none_or(|until| d.at > until);
    let took_part = |who: &PersonId| {
        before.iter().filter(counts).any(|d| d.person == *who || d.in_place_of.as_ref() == Some(who))
    };
    if took_part(new.person) || new.in_place_of.is_some_and(took_part) {
        return Err(StoreError::Duplicate { what: "approval of", id: new.person.to_string() });
    }
    if before.len() != new.seen_approvals {
        return Err(StoreError::DecidedMeanwhile { id: new.posting.to_string() });
    }
    Ok((head, before.len()))
}

/// Writes a decision. Its effects are written before it, so that what the person signs seals them too.
fn record(tx: &Tx<'_>, new: &NewDecision<'_>, action: &str, log: &LogDraft<'_>) -> Result<i64> {
    let subject = decision::Subject::Posting(new.posting);
    decision::record(tx, &subject, (new.person, new.in_place_of), (action, new.content_hash), log)
}

/// Moves an approved posting into the outbox, and has the ledger expected where the posting puts it.
fn enqueue(
    tx: &Tx<'_>,
    head: &Head,
    (actor, at): (&str, DateTime<Utc>),
    told: (&str, &str),
) -> Result<PostingState> {
    let state = posting::step_state(tx, head, PostingEvent::Approved, at)?;
    outbox::enqueue(tx, head, at)?;
    if let Some(document_seq) = head.document_seq
        && let Some(placement) = posting::placement_in_force(tx, document_seq)?
    {
        expectation::follow_posting(tx, document_seq, &placement)?;
    }
    exception::follow_posting(tx, &head.exception, true, (at, actor), told)?;
    Ok(state)
}

impl Db {
    /// All decisions on a posting, oldest first, those on earlier content too: compare `content_hash`.
    ///
    /// # Errors
    /// A database error.
    pub fn decisions_for(&self, posting: &PostingId) -> Result<Vec<Decision>> {
        decision::of_posting(self, posting)
    }

    /// All decisions on each of these postings, as [`Db::decisions_for`], in one read however many they are.
    /// Postings on which nobody decided are left out.
    ///
    /// # Errors
    /// A database error.
    pub fn decisions_for_all(&self, postings: &[PostingId]) -> Result<BTreeMap<PostingId, Vec<Decision>>> {
        decision::of_postings(self, postings)
    }
}

impl Tx<'_> {
    /// Records an approval that is not yet enough.
    ///
    /// # Errors
    /// A transition refusal, `content_changed`, `decided_meanwhile`, `already_exists` for a second
    /// approval by the same person, `log_bad_signature`.
    pub fn record_decision(&self, new: &NewDecision<'_>, log: &LogDraft<'_>) -> Result<DecisionRecorded> {
        self.whole(|tx| {
            let (head, before) = check_approval(tx, new)?;
            let about = ("approved_in_part", new.posting.as_str());
            exception::follow_posting(tx, &head.exception, true, (log.at, log.actor), about)?;
            let log_number = record(tx, new, "approve", log)?;
            Ok(DecisionRecorded { log_number, state: head.state, approvals: before + 1 })
        })
    }

    /// Records the approval that completes what the policy asks for: decision, state, log and outbox
    /// row.
    ///
    /// # Errors
    /// As [`Tx::record_decision`].
    pub fn approve_and_enqueue(&self, new: &NewDecision<'_>, log: &LogDraft<'_>) -> Result<DecisionRecorded> {
        self.whole(|tx| {
            let (head, before) = check_approval(tx, new)?;
            let told = ("approved", new.posting.as_str());
            let state = enqueue(tx, &head, (log.actor, log.at), told)?;
            let log_number = record(tx, new, "approve", log)?;
            Ok(DecisionRecorded { log_number, state, approvals: before + 1 })
        })
    }

    /// Records the approval that completes again what the policy asks for of a posting that was refused
    /// because an earlier one no longer counts; it is sent again with the same keys. `memo` is what the
    /// worker is to remember of it.
    ///
    /// # Errors
    /// As [`Tx::record_decision`].
    pub fn approve_and_send_again(
        &self,
        new: &NewDecision<'_>,
        memo: &MemoUpdate,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.whole(|tx| {
            let (head, before) = check_approval(tx, new)?;
            let told = ("approved", new.posting.as_str());
            let state = enqueue(tx, &head, (log.actor, log.at), told)?;
            posting::forget_failure(tx, head.seq)?;
            outbox::put_memo(tx, &head, memo, Some(log.at), log.at)?;
            let log_number = record(tx, new, "approve", log)?;
            Ok(DecisionRecorded { log_number, state, approvals: before + 1 })
        })
    }

    /// Moves a policy's own posting, which needs no person's approval, into the outbox. `rule` is what the
    /// policy says of it, as the history and every screen tell it.
    ///
    /// # Errors
    /// A transition refusal, `content_changed`.
    pub fn enqueue_by_policy(
        &self,
        id: &PostingId,
        content_hash: &str,
        rule: &str,
        log: &LogDraft<'_>,
    ) -> Result<PostingState> {
        self.whole(|tx| {
            let head = posting::head(tx, id)?;
            if head.content_hash != content_hash {
                return Err(StoreError::ContentChanged { id: id.to_string() });
            }
            let told = format!("released by policy, rule {rule}");
            let state = enqueue(tx, &head, (log.actor, log.at), ("released_by_policy", &told))?;
            posting::set_release_rule(tx, head.seq, rule)?;
            log::append_with(tx, log, &[("content_hash", json!(content_hash))])?;
            Ok(state)
        })
    }

    /// Refuses a posting, for good. Its exception is open again. `memo` is what the worker is to remember of
    /// it, where it was ever in the outbox; likewise below.
    ///
    /// # Errors
    /// A transition refusal, `set_half_booked`, `content_changed`, `log_bad_signature`.
    pub fn reject(
        &self,
        new: &NewDecision<'_>,
        reason: &str,
        memo: Option<&MemoUpdate>,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.decide(new, ("reject", reason), log, |tx, head| {
            withdrawal::withdraw(tx, head, (PostingEvent::Rejected, memo), log.at)
        })
    }

    /// Withdraws a posting. Its exception is open again.
    ///
    /// # Errors
    /// A transition refusal (`posting_in_doubt` while something of it may be in the ledger),
    /// `set_half_booked`, `content_changed`, `log_bad_signature`.
    pub fn cancel(
        &self,
        new: &NewDecision<'_>,
        reason: &str,
        memo: Option<&MemoUpdate>,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.decide(new, ("cancel", reason), log, |tx, head| {
            withdrawal::withdraw(tx, head, (PostingEvent::Cancelled, memo), log.at)
        })
    }

    /// Ends a half-booked set of which nothing is left to be sent: what is booked stays.
    ///
    /// # Errors
    /// As [`Tx::cancel`].
    pub fn end_half_booked(
        &self,
        new: &NewDecision<'_>,
        reason: &str,
        memo: Option<&MemoUpdate>,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.decide(new, ("finish", reason), log, |tx, head| {
            withdrawal::withdraw(tx, head, (PostingEvent::Finished, memo), log.at)
        })
    }

    /// Sends a failed posting again, with the same keys.
    ///
    /// # Errors
    /// A transition refusal, `content_changed`, `log_bad_signature`.
    pub fn replay(
        &self,
        new: &NewDecision<'_>,
        memo: &MemoUpdate,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.send_again("replay", new, memo, log)
    }

    /// Sends what is missing of a failed, half-booked set, with the same keys.
    ///
    /// # Errors
    /// As [`Tx::replay`].
    pub fn finish(
        &self,
        new: &NewDecision<'_>,
        memo: &MemoUpdate,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.send_again("finish", new, memo, log)
    }

    fn send_again(
        &self,
        action: &str,
        new: &NewDecision<'_>,
        memo: &MemoUpdate,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.decide(new, (action, ""), log, |tx, head| {
            let state = posting::step_state(tx, head, PostingEvent::Replayed, log.at)?;
            posting::forget_failure(tx, head.seq)?;
            outbox::put_memo(tx, head, memo, Some(log.at), log.at)?;
            Ok(state)
        })
    }

    /// A decision that is bound to the content seen, its effect, and the exception's history.
    fn decide(
        &self,
        new: &NewDecision<'_>,
        (action, reason): (&str, &str),
        log: &LogDraft<'_>,
        effect: impl FnOnce(&Tx<'_>, &Head) -> Result<PostingState>,
    ) -> Result<DecisionRecorded> {
        self.whole(|tx| {
            let head = posting::head(tx, new.posting)?;
            if head.content_hash != new.content_hash {
                return Err(StoreError::ContentChanged { id: new.posting.to_string() });
            }
            let state = effect(tx, &head)?;
            let words = if reason.is_empty() { new.posting.as_str() } else { reason };
            let lives = !state.is_final();
            exception::follow_posting(tx, &head.exception, lives, (log.at, log.actor), (action, words))?;
            let log_number = record(tx, new, action, log)?;
            let approvals = approvals(tx, new.posting, new.content_hash)?.len();
            Ok(DecisionRecorded { log_number, state, approvals })
        })
    }
}
