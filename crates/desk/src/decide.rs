//! Decisions on postings and governed changes: approve, reject, replay, cancel. Each is bound to the content
//! that its person saw, and signed by that person's own key.

use serde::Deserialize;
use serde_json::json;
use tieout_domain::{
    ChangeId, Money, PostingId,
    calendar::{Period, PeriodBook, PeriodStatus},
    people::Action,
    posting::{PostingEvent, PostingState, transition},
};
use tieout_duties::{ActionRequest, Decision, Subject};
use tieout_posting::Memo;
use tieout_store::{MemoUpdate, NewDecision, PostingRow};

use crate::{
    actor::{Actor, refused},
    asking::By,
    error::{DeskError, DeskResult},
    exceptions::Done,
    post::{self, authority::Judged},
    views::Outcome,
    workspace::Desk,
};

/// Postings or governed changes to decide on.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct DecideRequest {
    /// Posting, exception or change ids.
    pub ids: Vec<String>,
    /// True to approve, false to refuse.
    pub approve: bool,
    /// Why; needed for a refusal.
    pub reason: Option<String>,
    /// Only say what would become of it.
    #[serde(default)]
    pub dry_run: bool,
}

impl Desk {
    /// Approves or refuses, one or many, each with its own outcome.
    ///
    /// # Errors
    /// Where the acting person cannot be established at all.
    pub fn decide(&self, request: &DecideRequest) -> DeskResult<Vec<Outcome>> {
        let by = self.by(request.dry_run)?;
        let one = |id: &str| self.decide_one(&by, id, request.approve, request.reason.as_deref());
        Ok(request.ids.iter().map(|id| self.outcome(id, one(id))).collect())
    }

    pub(crate) fn decide_one(
        &self,
        by: &By,
        id: &str,
        approve: bool,
        reason: Option<&str>,
    ) -> DeskResult<Done> {
        if let Ok(change) = id.parse::<ChangeId>() {
            let change = self.store().change(&change)?;
            let view = self.decide_change(by, &change, approve, reason)?;
            let done = match (by, approve) {
                (By::Actor(_), _) => Done::new(&view.state, change_is(&view.state)),
                (By::Asking(_), true) => Done::new("dry_run", "Would be approved"),
                (By::Asking(_), false) => Done::new("dry_run", "Would be rejected"),
            };
            return Ok(done.named(&view.name));
        }
        let row = self.posting_to_decide(id)?;
        match approve {
            true => self.approve_posting(by, &row),
            false => self.reject_posting(by, &row, reason.unwrap_or_default()),
        }
    }

    pub(crate) fn posting_to_decide(&self, id: &str) -> DeskResult<PostingRow> {
        if let Ok(posting) = id.parse::<PostingId>() {
            return Ok(self.store().posting(&posting)?);
        }
        let exception = self.find_exception(id)?;
        if let Some(live) = self.live_posting(&exception)? {
            return Ok(live);
        }
        if exception.state.is_open() {
            let message = format!("{} has no posting: propose one first", exception.external_ref);
            return Err(DeskError::new("nothing_to_decide", message));
        }
        // What settled it says best why nothing is to be decided any more.
        let settled = |row: &PostingRow| row.state == PostingState::Settled;
        self.store().postings_for_exception(&exception.id)?.into_iter().rfind(settled).ok_or_else(|| {
            let message =
                format!("{} is {} and has no posting", exception.external_ref, exception.state.as_str());
            DeskError::new("nothing_to_decide", message)
        })
    }

    fn approve_posting(&self, by: &By, row: &PostingRow) -> DeskResult<Done> {
        may_become(row, PostingEvent::Approved)?;
        let mut judged = self.judge_posting(by, Action::Approve, row)?;
        judged.decisions.push(Decision {
            person: by.id().clone(),
            action: Action::Approve,
            posting: row.posting.id.clone(),
            content_hash: row.content_hash.clone(),
            at: self.clock.now(),
        });
        let status = self.known_status(row)?;
        let standing =
            judged.standing(row, status).map_err(|words| DeskError::new("posting_content_damaged", words))?;
        let complete = standing.is_complete();
        let By::Actor(actor) = by else {
            let would = asked(row, "Would be approved");
            return Ok(if complete { would } else { would.halfway() });
        };
        let detail = json!({ "content_hash": row.content_hash, "reference": row.posting.reference });
        let decision = self.decision(actor, row, &judged, 1);
        self.signed(actor, "approved", row.posting.id.as_str(), detail, |store, log| match complete {
            true => store.approve_and_enqueue(&decision, log),
            false => store.record_decision(&decision, log),
        })?;
        let message = match complete {
            true => "Approved, waiting to be sent".to_owned(),
            false => {
                let (given, needed) = (standing.given.len(), standing.required.count());
                format!("Approved: {given} of {needed} approvals, waiting for another person's")
            }
        };
        let state = if complete { PostingState::Queued } else { PostingState::Proposed };
        Ok(Done::new(state.as_str(), message).of_posting(&row.posting.id).named(&row.posting.reference))
    }

    fn reject_posting(&self, by: &By, row: &PostingRow, reason: &str) -> DeskResult<Done> {
        may_become(row, PostingEvent::Rejected)?;
        let judged = self.judge_posting(by, Action::Reject, row)?;
        let By::Actor(actor) = by else { return Ok(asked(row, "Would be rejected")) };
        let detail = json!({ "content_hash": row.content_hash, "reason": reason });
        self.signed(actor, "rejected", row.posting.id.as_str(), detail, |store, log| {
            store.reject(&self.decision(actor, row, &judged, 0), reason, log)
        })?;
        Ok(Done::new(PostingState::Rejected.as_str(), "Rejected")
            .of_posting(&row.posting.id)
            .named(&row.posting.reference))
    }

    /// Sends failed postings again under the same key; their content is the same, so their approvals hold,
    /// and the worker looks each up before it sends anything.
    ///
    /// # Errors
    /// Where the acting person cannot be established at all.
    pub fn replay(&self, ids: &[String], dry_run: bool) -> DeskResult<Vec<Outcome>> {
        let by = if dry_run { None } else { Some(self.by(false)?) };
        let one = |id: &str| -> DeskResult<Done> {
            match &by {
                Some(by) => self.replay_one(by, id),
                None => self.replay_shown(id),
            }
        };
        Ok(ids.iter().map(|id| self.outcome(id, one(id))).collect())
    }

    fn replay_shown(&self, id: &str) -> DeskResult<Done> {
        let row = self.posting_to_decide(id)?;
        may_become(&row, PostingEvent::Replayed)?;
        let preview = self.preview_of_posting(&row, Action::Replay)?;
        let message = "Would be sent again under the same key";
        let done = Done::new("dry_run", message).of_posting(&row.posting.id).with_preview(preview);
        Ok(done.named(&row.posting.reference))
    }

    pub(crate) fn replay_one(&self, by: &By, id: &str) -> DeskResult<Done> {
        let row = self.posting_to_decide(id)?;
        may_become(&row, PostingEvent::Replayed)?;
        let judged = self.judge_posting(by, Action::Replay, &row)?;
        let By::Actor(actor) = by else {
            return Ok(asked(&row, "Would be sent again under the same key"));
        };
        let memo = self.memo_for_replay(&row)?;
        let detail = json!({ "content_hash": row.content_hash });
        self.signed(actor, "replayed", row.posting.id.as_str(), detail, |store, log| {
            store.replay(&self.decision(actor, &row, &judged, 0), &memo, log)
        })?;
        let message = "Waiting to be sent again under the same key";
        Ok(Done::new(PostingState::Queued.as_str(), message)
            .of_posting(&row.posting.id)
            .named(&row.posting.reference))
    }

    /// Withdraws postings that have not been sent, or that failed and are proven unbooked.
    ///
    /// # Errors
    /// Where the acting person cannot be established at all.
    pub fn cancel(&self, ids: &[String]) -> DeskResult<Vec<Outcome>> {
        self.cancel_or_ask(ids, false)
    }

    /// As [`Desk::cancel`]; with `dry_run` only says what would become of it.
    ///
    /// # Errors
    /// As [`Desk::cancel`].
    pub fn cancel_or_ask(&self, ids: &[String], dry_run: bool) -> DeskResult<Vec<Outcome>> {
        let by = self.by(dry_run)?;
        Ok(ids.iter().map(|id| self.outcome(id, self.cancel_one(&by, id))).collect())
    }

    pub(crate) fn cancel_one(&self, by: &By, id: &str) -> DeskResult<Done> {
        let row = self.posting_to_decide(id)?;
        may_become(&row, PostingEvent::Cancelled)?;
        let judged = self.judge_posting(by, Action::Cancel, &row)?;
        self.proven_unbooked(&row)?;
        let By::Actor(actor) = by else { return Ok(asked(&row, "Would be withdrawn")) };
        let detail = json!({ "content_hash": row.content_hash });
        self.signed(actor, "cancelled", row.posting.id.as_str(), detail, |store, log| {
            store.cancel(&self.decision(actor, &row, &judged, 0), "", log)
        })?;
        Ok(Done::new(PostingState::Cancelled.as_str(), "Withdrawn")
            .of_posting(&row.posting.id)
            .named(&row.posting.reference))
    }

    /// The decision as the store takes it. `own` is 1 where the judged decisions already count this one.
    fn decision<'a>(
        &self,
        actor: &'a Actor,
        row: &'a PostingRow,
        judged: &Judged,
        own: usize,
    ) -> NewDecision<'a> {
        let approvals = judged.approvals_of(row);
        NewDecision {
            posting: &row.posting.id,
            person: actor.id(),
            content_hash: &row.content_hash,
            seen_approvals: approvals.saturating_sub(own),
        }
    }

    /// What the engine remembers of the posting.
    fn memo(&self, row: &PostingRow) -> DeskResult<Memo> {
        let item = self.store().outbox_item(&row.posting.id)?;
        let memo = item.map_or_else(|| Ok(Memo::default()), |i| post::outbox::memo(&i.memo));
        memo.map_err(|e| DeskError::new(e.code(), e.to_string()))
    }

    /// The same, made ready for a fresh try.
    fn memo_for_replay(&self, row: &PostingRow) -> DeskResult<MemoUpdate> {
        let memo = self.memo(row)?.replayed();
        post::outbox::memo_update(&memo).map_err(|e| DeskError::new(e.code(), e.to_string()))
    }

    /// A posting may be withdrawn, or replaced by a changed one with another key, only while it is proven
    /// that nothing of it is booked or may yet appear.
    pub(crate) fn proven_unbooked(&self, row: &PostingRow) -> DeskResult<()> {
        if self.memo(row)?.is_proven_unbooked() {
            return Ok(());
        }
        Err(DeskError::new(
            "earlier_attempt_unproven",
            format!(
                "{}: an earlier attempt is booked or may yet appear in the ERP: replay it, or reverse \
                 what the ledger shows, before its content changes",
                row.posting.reference
            ),
        ))
    }

    /// Judges what a person wants to do with a posting; a refusal of somebody who acts is logged.
    fn judge_posting(&self, by: &By, action: Action, row: &PostingRow) -> DeskResult<Judged> {
        let judged = self.judged(row)?;
        let facts = judged.facts(row, self.known_status(row)?);
        let request = ActionRequest { actor: by.id().clone(), action, subject: Subject::Posting(facts) };
        match judged.duties.judge(&request, &judged.roster) {
            Ok(_) => Ok(judged),
            Err(refusal) => {
                if let By::Actor(actor) = by {
                    self.log_refusal(actor, action, row.posting.id.as_str(), &refusal)?;
                }
                Err(refused(&refusal, &judged.roster))
            }
        }
    }

    pub(crate) fn judged(&self, row: &PostingRow) -> DeskResult<Judged> {
        Judged::read(&self.store(), row).map_err(|words| DeskError::new("judgement_impossible", words))
    }

    /// The strictest status, as last synced, of the periods that a posting's steps go to.
    pub(crate) fn known_status(&self, row: &PostingRow) -> DeskResult<PeriodStatus> {
        let periods = self.all_periods()?;
        let statuses = row.posting.steps.iter().map(|step| {
            let own: Vec<Period> =
                periods.iter().filter(|p| p.entity == *step.entry.entity()).cloned().collect();
            PeriodBook::new(&own).named(step.entry.period()).map_or(PeriodStatus::Open, |p| p.status)
        });
        Ok(statuses.max_by_key(|status| strictness(*status)).unwrap_or(PeriodStatus::Open))
    }
}

/// Whether this may happen to the posting at all, whoever asks: said before who may not. A posting that is
/// booked needs no other approver.
fn may_become(row: &PostingRow, event: PostingEvent) -> DeskResult<()> {
    let Err(refusal) = transition(row.state, event) else { return Ok(()) };
    let message = match row.state {
        PostingState::Settled => "It is booked and settled: it can only be reversed",
        PostingState::Booked => "It is booked: it can only be reversed",
        PostingState::Rejected => "It was rejected: propose a new posting",
        PostingState::Cancelled => "It was withdrawn or replaced: nothing more happens to it",
        PostingState::Sending => "It is being sent: wait for its outcome",
        PostingState::InDoubt => "It is not known yet whether it is booked: that is looked up first",
        PostingState::Queued if event == PostingEvent::Approved => "It is already approved",
        PostingState::Refused | PostingState::DeadLetter if event == PostingEvent::Approved => {
            "It is already approved, and failed: replay, reroute or cancel it"
        }
        PostingState::Refused | PostingState::DeadLetter if event == PostingEvent::Rejected => {
            "It is approved, and failed: cancel it instead"
        }
        PostingState::Proposed if event == PostingEvent::Replayed => "It is not approved yet",
        PostingState::Queued if event == PostingEvent::Replayed => "It waits to be sent already",
        _ => return Err(refusal.into()),
    };
    Err(DeskError::new(refusal.code(), message))
}

/// What became of a change that was decided on.
fn change_is(state: &str) -> &str {
    match state {
        "inert" => "Approved once, waiting for another person's approval",
        "in_force" => "Approved and in force",
        "rejected" => "Rejected",
        other => other,
    }
}

/// What would become of a posting, for who only asks.
fn asked(row: &PostingRow, what: &str) -> Done {
    let places = row.posting.steps.iter().map(|s| (s.entry.entity().clone(), s.entry.period().clone()));
    Done::new("dry_run", what)
        .of_posting(&row.posting.id)
        .named(&row.posting.reference)
        .booking(Money::new(row.amount_minor, row.currency), places.collect())
}

fn strictness(status: PeriodStatus) -> u8 {
    match status {
        PeriodStatus::Open => 0,
        PeriodStatus::SoftClosed => 1,
        PeriodStatus::Locked { .. } => 2,
        PeriodStatus::Closed => 3,
    }
}
