//! Decisions on postings and governed changes: approve, reject, replay, cancel. Each is bound to the content
//! that its person saw, and signed by that person's own key.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use tieout_domain::{
    ChangeId, Money, PersonId, PostingId,
    calendar::{Period, PeriodBook, PeriodStatus},
    people::Action,
    posting::{PostingEvent, PostingState, transition},
};
use tieout_duties::{ActionRequest, Decision, Subject};
use tieout_posting::Memo;
use tieout_store::{NewDecision, PostingRow};

use crate::{
    access::{
        actor::{self, Actor, refused},
        judging::{self, By},
    },
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::capital,
        views::Outcome,
        wording,
    },
    governance::{changes, delegating, posting_switch},
    queue::{
        exceptions, late_words,
        outcome::{self, Done},
    },
    settlement::{
        consent, draft,
        post::{
            self,
            authority::{Judged, basis_moved},
        },
        preview,
    },
};

/// Postings or governed changes to decide on.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DecideRequest {
    /// Posting, exception or change ids.
    pub ids: Vec<String>,
    /// True to approve, false to refuse.
    pub approve: bool,
    /// Why: needed for a refusal, kept as a note with an approval.
    pub reason: Option<String>,
    /// By id, the hash of the content that the person saw: a posting is approved only as it was shown.
    #[serde(default)]
    pub content: BTreeMap<String, String>,
    /// In whose place, by name or id, where a delegation lets the acting person: postings alone.
    #[serde(default)]
    #[ts(optional)]
    pub in_place_of: Option<String>,
}

/// Several things, by their ids.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ManyRequest {
    /// The ids.
    pub ids: Vec<String>,
}

/// Approves or refuses, one or many, each with its own outcome.
///
/// # Errors
/// Where the acting person cannot be established at all.
pub fn decide(ctx: &Context, request: &DecideRequest) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    let place = request.in_place_of.as_deref().filter(|name| !name.trim().is_empty());
    let one = |id: &str| {
        let decision = match request.approve {
            true => Decide::Approve { shown: request.content.get(id).map(|hash| hash.trim()) },
            false => Decide::Reject,
        };
        decide_in(ctx, (&by, place), id, decision, request.reason.as_deref())
    };
    Ok(request.ids.iter().map(|id| outcome::outcome(ctx, id, one(id))).collect())
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decide<'a> {
    /// Yes, to the content of this hash, which was shown.
    Approve { shown: Option<&'a str> },
    /// No.
    Reject,
}

pub(crate) fn decide_one(
    ctx: &Context,
    by: &By,
    id: &str,
    decision: Decide<'_>,
    reason: Option<&str>,
) -> DeskResult<Done> {
    decide_in(ctx, (by, None), id, decision, reason)
}

fn decide_in(
    ctx: &Context,
    (by, place): (&By, Option<&str>),
    id: &str,
    decision: Decide<'_>,
    reason: Option<&str>,
) -> DeskResult<Done> {
    if let Ok(change) = id.parse::<ChangeId>() {
        if place.is_some() {
            let message = "governed changes are decided in one's own place: leave --in-place-of out";
            return Err(DeskError::new(Code::NotDelegated, message));
        }
        let change = ctx.store().change(&change)?;
        let approve = decision != Decide::Reject;
        if let (Decide::Approve { shown }, By::Actor(_)) = (decision, by) {
            changes::check_seen(&change, &change.name, shown)?;
        }
        let view = changes::decide_change(ctx, by, &change, approve, reason)?;
        let done = match (by, approve) {
            (By::Actor(_), _) => Done::new(&view.state, change_is(&view.state)),
            (By::Asking(_), true) => Done::new("dry_run", "Would be approved"),
            (By::Asking(_), false) => Done::new("dry_run", "Would be rejected"),
        };
        return Ok(done.named(&view.name));
    }
    let row = posting_to_decide(ctx, id)?;
    let place = place.map(|other| delegating::in_place_of(ctx, by.id(), other, &row)).transpose()?;
    let whose = Whose { by, place: place.as_ref() };
    match decision {
        Decide::Approve { shown } => approve_posting(ctx, whose, &row, shown, reason),
        Decide::Reject => reject_posting(ctx, whose, &row, reason.unwrap_or_default()),
    }
}

/// Who decides, and in whose place where it is not their own.
#[derive(Clone, Copy)]
struct Whose<'a> {
    by: &'a By,
    place: Option<&'a PersonId>,
}

impl Whose<'_> {
    /// Judges both: a delegation hands on no more than its giver has, and lends the delegate nothing.
    fn judge(self, ctx: &Context, action: Action, row: &PostingRow) -> DeskResult<Judged> {
        let judged = judge_posting(ctx, self.by, action, row)?;
        if let Some(other) = self.place {
            let facts = judged.facts(row, known_status(ctx, row)?);
            let request = ActionRequest { actor: other.clone(), action, subject: Subject::Posting(facts) };
            if let Err(refusal) = judged.duties.judge(&request, &judged.roster) {
                if let By::Actor(actor) = self.by {
                    actor::log_refusal(ctx, actor, action, row.posting.id.as_str(), &refusal)?;
                }
                let mut error = refused(&refusal, &judged.roster);
                let name = actor::names(ctx)?.of(other.as_str());
                error.message = format!("in the place of {name}: {}", error.message);
                return Err(error);
            }
        }
        Ok(judged)
    }
}

pub(crate) fn posting_to_decide(ctx: &Context, id: &str) -> DeskResult<PostingRow> {
    if let Ok(posting) = id.parse::<PostingId>() {
        return Ok(ctx.known().posting(&posting)?);
    }
    let exception = exceptions::find_exception(ctx, id)?;
    if let Some(live) = draft::live_posting(ctx, &exception)? {
        return Ok(live);
    }
    if exception.state.is_open() {
        let message = format!("{} has no posting: propose one first", exception.external_ref);
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    // What settled it says best why nothing is to be decided any more.
    let settled = |row: &PostingRow| row.state == PostingState::Settled;
    ctx.known().postings_for_exception(&exception.id)?.into_iter().rfind(settled).ok_or_else(|| {
        let message =
            format!("{} is {} and has no posting", exception.external_ref, exception.state.as_str());
        DeskError::new(Code::NothingToDecide, message)
    })
}

/// State, basis, duty, and last of all whether this very content was shown: what nobody may do is said
/// before what this person has not looked at.
fn approve_posting(
    ctx: &Context,
    whose: Whose<'_>,
    row: &PostingRow,
    shown: Option<&str>,
    note: Option<&str>,
) -> DeskResult<Done> {
    let by = whose.by;
    may_be_approved(ctx, row)?;
    let moved = ctx.known().once("moved", row.posting.id.as_str(), || basis_moved(&ctx.store(), row));
    if let Some(moved) = moved.map_err(|words| DeskError::new(Code::JudgementImpossible, words))? {
        let moves: Vec<String> = moved.moves.iter().map(ToString::to_string).collect();
        let message = format!("{}: cancel it and propose it again", moves.join("; "));
        return Err(DeskError::new(Code::BasisMoved, capital(&message)));
    }
    let mut judged = whose.judge(ctx, Action::Approve, row)?;
    let_in(&judged)?;
    // Who only asks has not decided yet.
    if shown.is_some() || matches!(by, By::Actor(_)) {
        consent::check_shown(ctx, row, shown)?;
    }
    count_own(ctx, whose, row, &mut judged)?;
    let status = known_status(ctx, row)?;
    let standing =
        judged.standing(row, status).map_err(|words| DeskError::new(Code::PostingContentDamaged, words))?;
    let complete = standing.is_complete();
    let By::Actor(actor) = by else {
        let would = asked(row, "Would be approved").late(late_words::of_posting(ctx, &row.posting)?);
        return Ok(if complete { would } else { would.halfway() });
    };
    let note = note.filter(|note| !note.trim().is_empty());
    let mut detail = json!({ "content_hash": row.content_hash, "reference": row.posting.reference });
    if let Some(note) = note {
        detail["note"] = json!(note);
    }
    let decision = NewDecision { in_place_of: whose.place, ..decision(ctx, actor, row, &judged, 1) };
    let refused = row.state == PostingState::Refused;
    actor::signed(ctx, actor, "approved", row.posting.id.as_str(), detail, |store, log| {
        if !complete {
            return store.record_decision(&decision, log);
        }
        if !refused {
            return store.approve_and_enqueue(&decision, log);
        }
        store.write(|tx| {
            let memo = post::outbox::remembered(tx, &row.posting.id, Memo::replayed)?;
            tx.approve_and_send_again(&decision, &memo.unwrap_or_default(), log)
        })
    })?;
    if let Some(note) = note.filter(|_| actor.carried().is_none()) {
        let exception = &row.posting.exception;
        let detail = json!({ "text": note, "posting": row.posting.id.as_str() });
        actor::signed(ctx, actor, "comment", exception.as_str(), detail, |store, log| {
            store.comment(exception, (note, &[]), log)
        })?;
    }
    let message = match complete {
        true => "Approved, waiting to be sent".to_owned(),
        false => {
            let (given, needed) = (standing.given.len(), standing.required.count());
            format!("Approved: {given} of {needed} approvals, waiting for another person's")
        }
    };
    let state = if complete { PostingState::Queued } else { row.state };
    Ok(Done::new(state.as_str(), message).of_posting(&row.posting.id).named(&row.posting.reference))
}

/// Refuses to approve what would be kept out of a softly closed period all the same.
fn let_in(judged: &Judged) -> DeskResult<()> {
    let Some(place) = judged.kept_out.first() else { return Ok(()) };
    let period = wording::period(place.period.as_str());
    let message = format!(
        "{period} of {} is soft-closed, and no exception lets this in: ask for one (tieout period except \
         {place} --for … --until … --reason …), or reroute the posting",
        place.entity
    );
    Err(DeskError::new(Code::SoftCloseHolds, message))
}

/// Counts the approval that is being given with those that there are, unless it is too old already.
fn count_own(ctx: &Context, whose: Whose<'_>, row: &PostingRow, judged: &mut Judged) -> DeskResult<()> {
    let own = Decision {
        person: whose.by.id().clone(),
        in_place_of: whose.place.cloned(),
        action: Action::Approve,
        posting: row.posting.id.clone(),
        content_hash: row.content_hash.clone(),
        at: signed_at(ctx, whose.by),
    };
    if judged.duties.ran_out(&own, ctx.clock.now()) {
        let words = "the approval is older than the policy lets one count: have it given again";
        return Err(DeskError::naming(Code::ApprovalRanOut, &row.posting.reference, words));
    }
    judged.decisions.push(own);
    Ok(())
}

/// When a decision is made: now, or when it was signed on another machine.
fn signed_at(ctx: &Context, by: &By) -> DateTime<Utc> {
    let carried = match by {
        By::Actor(actor) => actor.carried().map(|entry| entry.at),
        By::Asking(_) => None,
    };
    carried.unwrap_or_else(|| ctx.clock.now())
}

/// Refuses where nothing is sent to its connection.
pub(crate) fn sent_to(ctx: &Context, row: &PostingRow) -> DeskResult<()> {
    posting_switch::must_be_on(ctx, &ctx.known().connection(&row.posting.connection)?)
}

/// One that was refused is approved again only where approvals that it had no longer count.
fn may_be_approved(ctx: &Context, row: &PostingRow) -> DeskResult<()> {
    may_become(row, PostingEvent::Approved)?;
    sent_to(ctx, row)?;
    if row.state != PostingState::Refused {
        return Ok(());
    }
    let standing = judged(ctx, row)?.standing(row, known_status(ctx, row)?);
    let standing = standing.map_err(|words| DeskError::new(Code::PostingContentDamaged, words))?;
    match standing.is_complete() {
        true => Err(DeskError::new(
            Code::PostingAlreadyApproved,
            "It is already approved, and failed: replay, reroute or cancel it",
        )),
        false => Ok(()),
    }
}

fn reject_posting(ctx: &Context, whose: Whose<'_>, row: &PostingRow, reason: &str) -> DeskResult<Done> {
    may_become(row, PostingEvent::Rejected)?;
    let judged = whose.judge(ctx, Action::Reject, row)?;
    let By::Actor(actor) = whose.by else { return Ok(asked(row, "Would be rejected")) };
    let detail = json!({ "content_hash": row.content_hash, "reason": reason });
    actor::signed(ctx, actor, "rejected", row.posting.id.as_str(), detail, |store, log| {
        let decision = NewDecision { in_place_of: whose.place, ..decision(ctx, actor, row, &judged, 0) };
        store.write(|tx| {
            let memo = post::outbox::remembered(tx, &row.posting.id, |memo| memo.withdrawn(log.at))?;
            tx.reject(&decision, reason, memo.as_ref(), log)
        })
    })?;
    Ok(Done::plainly(PostingState::Rejected.as_str(), "Rejected")
        .of_posting(&row.posting.id)
        .named(&row.posting.reference))
}

/// Sends failed postings again under the same key; their content is the same, so their approvals hold,
/// and the worker looks each up before it sends anything.
///
/// # Errors
/// Where the acting person cannot be established at all.
pub fn replay(ctx: &Context, ids: &[String]) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    Ok(ids.iter().map(|id| outcome::outcome(ctx, id, replay_one(ctx, &by, id))).collect())
}

/// What would be sent again.
pub(crate) fn replay_shown(ctx: &Context, id: &str) -> DeskResult<Done> {
    let row = posting_to_decide(ctx, id)?;
    may_become(&row, PostingEvent::Replayed)?;
    let preview = preview::preview_of_posting(ctx, &row, Action::Replay)?;
    let message = "Would be sent again under the same key";
    let done = Done::new("dry_run", message).of_posting(&row.posting.id).with_preview(preview);
    Ok(done.named(&row.posting.reference))
}

pub(crate) fn replay_one(ctx: &Context, by: &By, id: &str) -> DeskResult<Done> {
    let row = posting_to_decide(ctx, id)?;
    may_become(&row, PostingEvent::Replayed)?;
    sent_to(ctx, &row)?;
    let judged = judge_posting(ctx, by, Action::Replay, &row)?;
    let By::Actor(actor) = by else {
        return Ok(asked(&row, "Would be sent again under the same key"));
    };
    let detail = json!({ "content_hash": row.content_hash });
    actor::signed(ctx, actor, "replayed", row.posting.id.as_str(), detail, |store, log| {
        let decision = decision(ctx, actor, &row, &judged, 0);
        store.write(|tx| {
            let memo = post::outbox::remembered(tx, &row.posting.id, Memo::replayed)?;
            tx.replay(&decision, &memo.unwrap_or_default(), log)
        })
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
pub fn cancel(ctx: &Context, ids: &[String]) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    Ok(ids.iter().map(|id| outcome::outcome(ctx, id, cancel_one(ctx, &by, id))).collect())
}

pub(crate) fn cancel_one(ctx: &Context, by: &By, id: &str) -> DeskResult<Done> {
    let row = posting_to_decide(ctx, id)?;
    may_become(&row, PostingEvent::Cancelled)?;
    let judged = judge_posting(ctx, by, Action::Cancel, &row)?;
    proven_unbooked(ctx, &row)?;
    let By::Actor(actor) = by else { return Ok(asked(&row, "Would be withdrawn")) };
    let detail = json!({ "content_hash": row.content_hash });
    actor::signed(ctx, actor, "cancelled", row.posting.id.as_str(), detail, |store, log| {
        let decision = decision(ctx, actor, &row, &judged, 0);
        store.write(|tx| {
            let memo = post::outbox::remembered(tx, &row.posting.id, |memo| memo.withdrawn(log.at))?;
            tx.cancel(&decision, "", memo.as_ref(), log)
        })
    })?;
    Ok(Done::plainly(PostingState::Cancelled.as_str(), "Withdrawn")
        .of_posting(&row.posting.id)
        .named(&row.posting.reference))
}

/// The decision as the store takes it. `own` is 1 where the judged decisions already count this one.
pub(crate) fn decision<'a>(
    ctx: &Context,
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
        in_place_of: None,
        ran_out_until: judged.duties.ran_out_until(ctx.clock.now()),
    }
}

/// What the engine remembers of the posting.
pub(crate) fn memo(ctx: &Context, row: &PostingRow) -> DeskResult<Memo> {
    let posting = &row.posting.id;
    let item = ctx.known().once("outbox item", posting.as_str(), || ctx.store().outbox_item(posting))?;
    let memo = item.map_or_else(|| Ok(Memo::default()), |i| post::outbox::memo(&i.memo));
    memo.map_err(|e| DeskError::below(e.code(), e.to_string()))
}

/// A posting may be withdrawn, or replaced by a changed one with another key, only while it is proven
/// that nothing of it is booked or may yet appear.
pub(crate) fn proven_unbooked(ctx: &Context, row: &PostingRow) -> DeskResult<()> {
    if row.state == PostingState::HandedOver && row.failure_code.as_deref() != Some("handover_not_shown") {
        let message = "It is in a journal file, and may be in the ledger: import the ledger's next file";
        return Err(DeskError::new(Code::PostingHandedOver, message));
    }
    let memo = memo(ctx, row)?;
    if memo.is_proven_unbooked() {
        return Ok(());
    }
    if memo.is_half_booked(&row.posting) {
        let message = "Some of its steps are booked: finish it, or take it back";
        return Err(DeskError::new(Code::SetHalfBooked, message));
    }
    Err(DeskError::new(
        Code::EarlierAttemptUnproven,
        format!(
            "{}: an earlier attempt is booked or may yet appear in the ERP: replay it, or reverse \
             what the ledger shows, before its content changes",
            row.posting.reference
        ),
    ))
}

/// Judges what a person wants to do with a posting; a refusal of somebody who acts is logged.
pub(crate) fn judge_posting(ctx: &Context, by: &By, action: Action, row: &PostingRow) -> DeskResult<Judged> {
    let judged = judged(ctx, row)?;
    let facts = judged.facts(row, known_status(ctx, row)?);
    let request = ActionRequest { actor: by.id().clone(), action, subject: Subject::Posting(facts) };
    match judged.duties.judge(&request, &judged.roster) {
        Ok(_) => Ok(judged),
        Err(refusal) => {
            if let By::Actor(actor) = by {
                actor::log_refusal(ctx, actor, action, row.posting.id.as_str(), &refusal)?;
            }
            Err(refused(&refusal, &judged.roster))
        }
    }
}

pub(crate) fn judged(ctx: &Context, row: &PostingRow) -> DeskResult<Judged> {
    let judged = ctx
        .known()
        .once("judged", row.posting.id.as_str(), || Judged::read(&ctx.store(), row, ctx.clock.now()));
    judged.map_err(|words| DeskError::new(Code::JudgementImpossible, words))
}

/// The strictest status, as last synced, of the periods that a posting's steps go to.
pub(crate) fn known_status(ctx: &Context, row: &PostingRow) -> DeskResult<PeriodStatus> {
    let periods = draft::all_periods(ctx)?;
    let statuses = row.posting.steps.iter().map(|step| {
        let own: Vec<Period> = periods.iter().filter(|p| p.entity == *step.entry.entity()).cloned().collect();
        PeriodBook::new(&own).named(step.entry.period()).map_or(PeriodStatus::Open, |p| p.status)
    });
    Ok(statuses.max_by_key(|status| strictness(*status)).unwrap_or(PeriodStatus::Open))
}

/// Whether this may happen to the posting at all, whoever asks: said before who may not. A posting that is
/// booked needs no other approver.
pub(crate) fn may_become(row: &PostingRow, event: PostingEvent) -> DeskResult<()> {
    let Err(refusal) = transition(row.state, event) else { return Ok(()) };
    let message = match row.state {
        PostingState::Settled => "It is booked and settled: it can only be reversed",
        PostingState::Booked => "It is booked: it can only be reversed",
        PostingState::HandedOver => "It is handed over: the ledger's next file says what became of it",
        PostingState::Rejected => "It was rejected: propose a new posting",
        PostingState::Cancelled => "It was withdrawn or replaced: nothing more happens to it",
        PostingState::Sending => "It is being sent: wait for its outcome",
        PostingState::InDoubt => "It is not known yet whether it is booked: that is looked up first",
        PostingState::Queued if event == PostingEvent::Approved => "It is already approved",
        PostingState::DeadLetter if event == PostingEvent::Approved => {
            "It is already approved, and failed: replay, reroute or cancel it"
        }
        PostingState::Refused | PostingState::DeadLetter if event == PostingEvent::Rejected => {
            "It is approved, and failed: cancel it instead"
        }
        PostingState::Proposed if event == PostingEvent::Replayed => "It is not approved yet",
        PostingState::Queued if event == PostingEvent::Replayed => "It waits to be sent already",
        _ => return Err(refusal.into()),
    };
    Err(DeskError::below(refusal.code(), message))
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
pub(crate) fn asked(row: &PostingRow, what: &str) -> Done {
    let places = row.posting.steps.iter().map(|s| (s.entry.entity().clone(), s.entry.period().clone()));
    Done::new("dry_run", what)
        .of_posting(&row.posting.id)
        .named(&row.posting.reference)
        .showing(&row.content_hash)
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
