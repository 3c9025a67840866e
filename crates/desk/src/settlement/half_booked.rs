//! A set of which some steps are in the ledger and others are not, brought to its end by a person: what is
//! missing is sent (*finish*), or what is booked is undone (*take back*), never both.
//!
//! Finish sends what is missing as it was approved, while that is still right; else what is right now is
//! another posting, which needs approval of its own. Where somebody else filled the gap nothing is sent, and
//! the set ends with what is booked of it. Take back prepares another posting: a booked entry is undone, and
//! what a booked reversal undid is booked again in the document's own slot. A set that the ERP does not let
//! anybody finish, and that cannot be taken back, is left as it is: what is wrong is an exception again.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;
use tieout_domain::{
    AccountCode, EntityCode, PostingId,
    basis::ReversedEntry,
    calendar::{Period, Subledger},
    entry::{EntryDraft, JournalEntry},
    ledger::{EntryStatus, LedgerEntry},
    people::{Action, Origin},
    posting::{PostingEvent, PostingState, PostingStep},
};
use tieout_posting::{BookedStep, Memo};
use tieout_store::{PostingRow, StoredDocument, StoredEntry};

use crate::{
    access::{
        actor,
        judging::{self, By},
    },
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        views::Outcome,
    },
    governance::changes,
    intake::derivation,
    queue::outcome::{self, Done},
    settlement::{
        decide,
        draft::{self, Draft},
        plan::{self, Case, StepDraft},
        post::{authority, outbox},
        preview, propose,
    },
};

/// Half-booked sets to finish.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct FinishRequest {
    /// Postings or their exceptions.
    pub ids: Vec<String>,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// Send nothing more, and end them as they are, where they cannot be taken back; why.
    #[ts(optional)]
    pub leave: Option<String>,
}

/// Half-booked sets to bring to their end.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct HalfBookedRequest {
    /// Postings or their exceptions.
    pub ids: Vec<String>,
    /// Why, in a person's words.
    pub reason: Option<String>,
}

/// Has what is missing of half-booked sets sent.
///
/// # Errors
/// Where the acting person cannot be established at all.
pub fn finish(ctx: &Context, request: &FinishRequest) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    let one = |id: &str| finish_as_asked(ctx, Some(&by), id, request);
    Ok(request.ids.iter().map(|id| outcome::outcome(ctx, id, one(id))).collect())
}

/// Prepares what undoes the booked steps of half-booked sets, which end with that.
///
/// # Errors
/// Where the acting person cannot be established at all.
pub fn take_back(ctx: &Context, request: &HalfBookedRequest) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    let one = |id: &str| take_back_one(ctx, Some(&by), id, request.reason.as_deref());
    Ok(request.ids.iter().map(|id| outcome::outcome(ctx, id, one(id))).collect())
}

/// A half-booked set, and all that its rest is judged by.
struct Set {
    row: PostingRow,
    memo: Memo,
    document: Option<StoredDocument>,
    /// The booked entries of its reference that stand, but for what its booked steps undid.
    standing: Vec<StoredEntry>,
    /// Keys of its reference under which the ledger holds what was voided, or undone since.
    spent: BTreeSet<String>,
    periods: Vec<Period>,
}

impl Set {
    fn read(ctx: &Context, id: &str, event: PostingEvent) -> DeskResult<Self> {
        let row = decide::posting_to_decide(ctx, id)?;
        decide::may_become(&row, event)?;
        let memo = decide::memo(ctx, &row)?;
        memo.may_finish(&row.posting).map_err(|refusal| {
            DeskError::naming(Code::of(refusal.code()), &row.posting.reference, &refusal.to_string())
        })?;
        if row.state == PostingState::Queued {
            let message = "What is missing of it waits to be sent already: wait for its outcome";
            return Err(DeskError::new(Code::PostingNotFailed, message));
        }
        let exception = ctx.known().exception(&row.posting.exception)?;
        let document = row.document.as_ref().map(|id| ctx.known().document(id)).transpose()?;
        let reference = &row.posting.reference;
        let mut standing = draft::standing_entries(ctx, &exception, reference, document.as_ref())?.1;
        let own: Vec<&PostingStep> = row.posting.steps.iter().take(memo.booked.len()).collect();
        let undone = |id: &String| own.iter().any(|step| step.reverses.as_ref() == Some(id));
        let undoes = |id: &str| {
            memo.booked.iter().zip(&own).any(|(booked, step)| booked.erp_id == id && step.reverses.is_some())
        };
        standing.retain(|stored| !undone(&stored.entry.erp_id) && !undoes(&stored.entry.erp_id));
        let spent = spent_keys(ctx, &row)?;
        let periods = draft::all_periods(ctx)?;
        Ok(Self { row, memo, document, standing, spent, periods })
    }

    /// The steps that are still to be sent, as they were approved.
    fn left(&self) -> &[PostingStep] {
        self.row.posting.steps.get(self.memo.booked.len()..).unwrap_or_default()
    }

    fn reference(&self) -> &str {
        &self.row.posting.reference
    }

    /// An entry that stands and has the role of this one, but for those that are undone first.
    fn in_the_way(
        &self,
        entry: &JournalEntry,
        control: &BTreeSet<AccountCode>,
        undone_first: &[&str],
    ) -> Option<&LedgerEntry> {
        let own = entry.side_on(control);
        let same_role = |other: &LedgerEntry| match (own, other.side_on(control)) {
            (Some(own), Some(other)) => own == other,
            (None, _) | (_, None) => true,
        };
        let entries = self.standing.iter().map(|stored| &stored.entry);
        entries.into_iter().find(|other| !undone_first.contains(&other.erp_id.as_str()) && same_role(other))
    }

    /// Whether an entry may go where the step has it, as far as it was last read.
    fn takes(&self, entry: &JournalEntry) -> bool {
        let known = |p: &&Period| p.entity == *entry.entity() && p.key == *entry.period();
        self.periods.iter().find(known).is_none_or(|period| period.status.accepts(Subledger::Ar))
    }

    fn draft(
        &self,
        ctx: &Context,
        steps: Vec<StepDraft>,
        (ends, origin): (PostingEvent, Origin),
        reason: String,
    ) -> DeskResult<Draft> {
        let exception = ctx.known().exception(&self.row.posting.exception)?;
        let connection = ctx.known().connection(&self.row.posting.connection)?;
        Ok(Draft {
            exception,
            reference: self.row.posting.reference.clone(),
            document: self.document.clone(),
            connection,
            steps,
            origin,
            reason: Some(reason),
            replaces: Some(self.row.clone()),
            ends,
            ruled: None,
            within: None,
        })
    }
}

/// What was booked and undone, or voided, holds its key for ever: nothing can be sent under it.
fn spent_keys(ctx: &Context, row: &PostingRow) -> DeskResult<BTreeSet<String>> {
    let entries = ctx.store().entries_by_reference(&row.posting.reference)?;
    let own = entries.into_iter().filter(|stored| stored.connection == row.posting.connection);
    let spent = own.filter(|stored| match stored.entry.status {
        EntryStatus::Void => stored.removed.is_none(),
        EntryStatus::Booked => stored.netted,
        EntryStatus::Unbooked => false,
    });
    Ok(spent.filter_map(|stored| stored.entry.external_id).collect())
}

/// What is left to be sent of a set.
enum Rest {
    /// Just what was approved.
    AsApproved,
    /// Nothing, and why.
    Nothing(String),
    /// Something else than was approved.
    Changed(Vec<StepDraft>),
}

/// Finishes one set, or ends it as it is where that is asked for.
pub(crate) fn finish_as_asked(
    ctx: &Context,
    by: Option<&By>,
    id: &str,
    request: &FinishRequest,
) -> DeskResult<Done> {
    match &request.leave {
        Some(why) => leave_one(ctx, by, id, why),
        None => finish_one(ctx, by, id, request.reason.as_deref()),
    }
}

pub(crate) fn finish_one(ctx: &Context, by: Option<&By>, id: &str, reason: Option<&str>) -> DeskResult<Done> {
    let set = Set::read(ctx, id, PostingEvent::Finished)?;
    match rest(ctx, &set)? {
        Rest::AsApproved if set.row.state == PostingState::Proposed => Err(DeskError::new(
            Code::PostingNotApproved,
            "What is missing of it waits for approval: it is sent once it is approved",
        )),
        Rest::AsApproved => send_again(ctx, by, &set.row),
        Rest::Nothing(why) => end(ctx, by, &set.row, &why),
        Rest::Changed(steps) => {
            let undoes = steps.iter().all(|step| step.reverses.is_some());
            let origin = if undoes { Origin::Reversal } else { Origin::Correction };
            let given = reason.or(set.row.posting.reason.as_deref()).map(str::to_owned);
            let reason = given.unwrap_or_else(|| format!("What is missing of {}", set.row.posting.reference));
            judge(ctx, by, Action::Finish, &set.row)?;
            let draft = set.draft(ctx, steps, (PostingEvent::Finished, origin), reason)?;
            propose::finish_draft(ctx, by, Action::Finish, draft)
        }
    }
}

/// What is left to be sent now: what still stands is undone as it stands now, and the document is booked
/// unless an entry of its role stands already.
fn rest(ctx: &Context, set: &Set) -> DeskResult<Rest> {
    let moved = authority::basis_moved(&ctx.store(), &set.row)
        .map_err(|words| DeskError::new(Code::JudgementImpossible, words))?;
    let mapping = changes::mapping_needed(ctx)?.content;
    let control = outbox::control_accounts(&ctx.store(), &mapping)?;
    let undoing: Vec<&str> = set.left().iter().filter_map(|step| step.reverses.as_deref()).collect();
    let (mut steps, mut why) = (Vec::new(), Vec::new());
    for step in set.left() {
        match &step.reverses {
            Some(target) => match undo_again(set, step, target)? {
                Some(again) => steps.push(again),
                None => why.push(format!("entry {target} does not stand any more")),
            },
            None => match set.in_the_way(&step.entry, &control, &undoing) {
                Some(other) => why.push(format!("{} stands as entry {}", set.reference(), other.erp_id)),
                None => match book_again(ctx, set, step, moved.is_some())? {
                    Some(again) => steps.push(again),
                    None => why.push(format!("{} is not to be booked any more", set.reference())),
                },
            },
        }
    }
    if steps.is_empty() {
        return Ok(Rest::Nothing(why.join("; ")));
    }
    let left = set.left().iter().map(as_draft);
    let spent = set.left().iter().any(|step| set.spent.contains(step.key.as_str()));
    let same = moved.is_none() && why.is_empty() && !spent && left.eq(steps.iter().cloned());
    Ok(if same { Rest::AsApproved } else { Rest::Changed(steps) })
}

fn as_draft(step: &PostingStep) -> StepDraft {
    StepDraft { entry: step.entry.clone(), reverses: step.reverses.clone() }
}

/// The step that undoes an entry: as it was approved while the entry is as it was then, else as it stands
/// now; `None` where it does not stand any more.
fn undo_again(set: &Set, step: &PostingStep, target: &str) -> DeskResult<Option<StepDraft>> {
    let Some(stored) = set.standing.iter().find(|stored| stored.entry.erp_id == target) else {
        return Ok(None);
    };
    let was = set.row.posting.basis.as_ref().and_then(|basis| basis.reversed(target));
    let as_it_was = |was: &ReversedEntry| was.differences(step, &stored.entry).is_empty();
    if was.is_some_and(as_it_was) && set.takes(&step.entry) {
        return Ok(Some(as_draft(step)));
    }
    plan::reversal(&set.periods, set.reference(), &draft::held_entry(stored)?).map(Some)
}

/// The step that books the document: as it was approved while that is right, else as it is expected now;
/// `None` where nothing is to be booked any more.
fn book_again(ctx: &Context, set: &Set, step: &PostingStep, moved: bool) -> DeskResult<Option<StepDraft>> {
    if !moved && set.takes(&step.entry) {
        return Ok(Some(as_draft(step)));
    }
    let expectation = derivation::expectation_of(ctx, set.document.as_ref())?;
    if set.document.is_some() && expectation.as_ref().is_some_and(|expected| expected.lines.is_empty()) {
        return Ok(None);
    }
    let exception = ctx.known().exception(&set.row.posting.exception)?;
    let mapping = changes::mapping_needed(ctx)?.content;
    plan::book_expected(&Case {
        kind: exception.kind,
        causes: &[exception.kind],
        reference: set.reference(),
        expectation: expectation.as_ref(),
        held: &[],
        periods: &set.periods,
        mapping: &mapping,
        customer: None,
        goes: None,
    })
    .map(Some)
}

/// Ends a set as it is, which the ERP does not let anybody finish and which cannot be taken back: what is
/// wrong then is an exception again, and can be settled like any other.
fn leave_one(ctx: &Context, by: Option<&By>, id: &str, why: &str) -> DeskResult<Done> {
    let set = Set::read(ctx, id, PostingEvent::Finished)?;
    match steps_back(ctx, &set) {
        Err(refused) if refused.code == Code::SetNotRestorable => end(ctx, by, &set.row, why),
        Err(other) => Err(other),
        Ok(_) => Err(DeskError::new(
            Code::SetRestorable,
            format!("{} can be taken back: then nothing is left half", set.reference()),
        )),
    }
}

/// Sends what is missing as it was approved; the worker looks first.
fn send_again(ctx: &Context, by: Option<&By>, row: &PostingRow) -> DeskResult<Done> {
    let would = "What is missing would be sent, once the ERP was looked at again";
    let Some(by) = by else {
        let preview = preview::preview_of_posting(ctx, row, Action::Finish)?;
        let done = Done::new("dry_run", would).of_posting(&row.posting.id).with_preview(preview);
        return Ok(done.named(&row.posting.reference));
    };
    decide::sent_to(ctx, row)?;
    let judged = decide::judge_posting(ctx, by, Action::Finish, row)?;
    let By::Actor(actor) = by else { return Ok(decide::asked(row, would)) };
    let detail = json!({ "content_hash": row.content_hash });
    actor::signed(ctx, actor, "finished", row.posting.id.as_str(), detail, |store, log| {
        let decision = decide::decision(ctx, actor, row, &judged, 0);
        store.write(|tx| {
            let memo = outbox::remembered(tx, &row.posting.id, Memo::replayed)?;
            tx.finish(&decision, &memo.unwrap_or_default(), log)
        })
    })?;
    let message = "What is missing waits to be sent, once the ERP was looked at again";
    Ok(done(PostingState::Queued, message, &row.posting.id).named(&row.posting.reference))
}

/// Ends a set of which nothing is left to be sent: what is booked of it stays.
fn end(ctx: &Context, by: Option<&By>, row: &PostingRow, why: &str) -> DeskResult<Done> {
    let would = format!("Nothing is left to be sent, and it would end so: {why}");
    let Some(by) = by else {
        return Ok(Done::new("dry_run", would).of_posting(&row.posting.id).named(&row.posting.reference));
    };
    let judged = decide::judge_posting(ctx, by, Action::Finish, row)?;
    let By::Actor(actor) = by else { return Ok(decide::asked(row, &would)) };
    let detail = json!({ "content_hash": row.content_hash, "reason": why });
    actor::signed(ctx, actor, "finished", row.posting.id.as_str(), detail, |store, log| {
        let decision = decide::decision(ctx, actor, row, &judged, 0);
        store.write(|tx| {
            let memo = outbox::remembered(tx, &row.posting.id, |memo| memo.withdrawn(log.at))?;
            tx.end_half_booked(&decision, why, memo.as_ref(), log)
        })
    })?;
    let message = format!("Ended, and nothing is left to be sent: {why}");
    Ok(done(PostingState::Cancelled, &message, &row.posting.id).named(&row.posting.reference))
}

fn done(state: PostingState, message: &str, posting: &PostingId) -> Done {
    Done::new(state.as_str(), message).of_posting(posting)
}

/// The set itself is judged too, not only the exception that another posting of it would settle.
fn judge(ctx: &Context, by: Option<&By>, action: Action, row: &PostingRow) -> DeskResult<()> {
    match by {
        Some(by) => decide::judge_posting(ctx, by, action, row).map(|_| ()),
        None => Ok(()),
    }
}

pub(crate) fn take_back_one(
    ctx: &Context,
    by: Option<&By>,
    id: &str,
    reason: Option<&str>,
) -> DeskResult<Done> {
    let set = Set::read(ctx, id, PostingEvent::TakenBack)?;
    let steps = steps_back(ctx, &set)?;
    let usual = || format!("Takes back what is booked of {}", set.row.posting.reference);
    let reason = reason.map_or_else(usual, str::to_owned);
    judge(ctx, by, Action::TakeBack, &set.row)?;
    let draft = set.draft(ctx, steps, (PostingEvent::TakenBack, Origin::Reversal), reason)?;
    propose::finish_draft(ctx, by, Action::TakeBack, draft)
}

/// What undoes all that is booked of a set.
fn steps_back(ctx: &Context, set: &Set) -> DeskResult<Vec<StepDraft>> {
    let booked = set.memo.to_take_back(&set.row.posting);
    let booked = booked.map_err(|refusal| DeskError::below(refusal.code(), refusal.to_string()))?;
    let steps = booked.into_iter().map(|step| taken_back(set, step)).collect::<DeskResult<Vec<_>>>()?;
    restores_once(ctx, set, &steps)?;
    Ok(steps)
}

/// What undoes one booked step.
fn taken_back(set: &Set, booked: &BookedStep) -> DeskResult<StepDraft> {
    let found = set.row.posting.steps.iter().find(|step| step.number == booked.step);
    let step = found.ok_or_else(|| {
        DeskError::new(Code::PostingContentDamaged, format!("it has no step {}", booked.step))
    })?;
    match &step.reverses {
        Some(target) => restored(set, step, target),
        None => {
            let entry = set.standing.iter().find(|stored| stored.entry.erp_id == booked.erp_id);
            let entry = entry.ok_or_else(|| {
                let message =
                    format!("entry {}, which it booked, was not read yet: sync first", booked.erp_id);
                DeskError::new(Code::NothingToReverse, message)
            })?;
            plan::reversal(&set.periods, set.reference(), &draft::held_entry(entry)?)
        }
    }
}

/// The entry that a booked reversal undid, booked again where it was, or in the first period that takes it.
fn restored(set: &Set, step: &PostingStep, target: &str) -> DeskResult<StepDraft> {
    let was = set.row.posting.basis.as_ref().and_then(|basis| basis.reversed(target));
    let (date, period) = match was {
        Some(was) => (was.posting_date, was.period.clone()),
        None => (step.entry.posting_date(), step.entry.period().clone()),
    };
    let place = plan::place(&set.periods, step.entry.entity(), date, &period)?;
    let mut draft: EntryDraft = step.entry.reversed(place.date, place.period)?.into_draft();
    for line in &mut draft.lines {
        line.memo = format!("Books {target} again");
    }
    Ok(StepDraft { entry: JournalEntry::new(draft)?, reverses: None })
}

/// A document is booked again at most once, where it belongs, and where nothing of its role stands.
fn restores_once(ctx: &Context, set: &Set, steps: &[StepDraft]) -> DeskResult<()> {
    let refused = |why: String| {
        let message = format!(
            "{}: {why}; finish it instead, or end it as it is where the ERP does not take that",
            set.reference()
        );
        Err(DeskError::new(Code::SetNotRestorable, message))
    };
    let restored: Vec<&StepDraft> = steps.iter().filter(|step| step.reverses.is_none()).collect();
    let [first, more @ ..] = restored.as_slice() else { return Ok(()) };
    if !more.is_empty() {
        return refused(
            "what was undone stood more than once, and would be booked more than once".to_owned(),
        );
    }
    let (entry, own) = (&first.entry, own_entity(ctx, set)?);
    if own.as_ref().is_some_and(|own| own != entry.entity()) {
        return refused(format!("what was undone stood in {}, where it does not belong", entry.entity()));
    }
    let mapping = changes::mapping_needed(ctx)?.content;
    let control = outbox::control_accounts(&ctx.store(), &mapping)?;
    let undone: Vec<&str> = steps.iter().filter_map(|step| step.reverses.as_deref()).collect();
    match set.in_the_way(entry, &control, &undone) {
        Some(other) => refused(format!("entry {} stands now in the place of what was undone", other.erp_id)),
        None => Ok(()),
    }
}

/// The entity to which the set's document belongs; `None` where it has none.
fn own_entity(ctx: &Context, set: &Set) -> DeskResult<Option<EntityCode>> {
    let expected = derivation::expectation_of(ctx, set.document.as_ref())?.map(|expected| expected.entity);
    let booking = set.row.posting.steps.iter().find(|step| step.reverses.is_none());
    Ok(booking.map(|step| step.entry.entity().clone()).or(expected))
}
