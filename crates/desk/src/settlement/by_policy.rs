//! Postings that the workspace's policy prepares itself, where a tier asks for no approval. They go the
//! same way as everybody's: the permit is derived afresh before each send, and holds only for an open
//! period.
//!
//! Late items that a rule of the policy sends somewhere are prepared too, and wait for as many approvals as
//! the rule and the tier ask for.
//!
//! What a policy never does: correct or reverse, take what a file brought, put a document into another
//! period than its own without such a rule, or book what the processor does with its own balance (payouts,
//! fees, transfers): a tier by amount was meant for what customers owe and pay. Those wait for a person.

use std::{collections::HashMap, sync::Arc};

use serde_json::json;
use tieout_domain::{
    EntityCode, PostingId,
    calendar::PeriodKey,
    document::DocumentKind,
    exception::{ExceptionKind, ExceptionState, Queue},
    people::Origin,
    posting::PostingState,
};
use tieout_duties::{Approvals, Policy};
use tieout_store::{ExceptionRow, PostingFilter, PostingRow, Renewal, View, ViewFilter};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::{changes, posting_switch},
    intake::sync::{self, SyncRequest, SyncView},
    queue::late::{self, Board},
    settlement::{
        decide,
        draft::{self, Draft},
        post::authority,
    },
};

/// Reads what changed in billing and in the ERP, then prepares what the policy lets pass without a
/// person.
///
/// # Errors
/// As [`sync::sync`].
pub fn sync(ctx: &Context, request: &SyncRequest) -> DeskResult<Vec<SyncView>> {
    let views = sync::sync(ctx, request)?;
    prepare_by_policy(ctx)?;
    Ok(views)
}

/// Prepares what the policy lets pass without a person, and puts it into the outbox.
fn prepare_by_policy(ctx: &Context) -> DeskResult<()> {
    let Some(policy) = actor::policy_in_force(ctx)? else { return Ok(()) };
    take_back(ctx)?;
    let releases = policy.tiers().iter().any(|tier| tier.approvals == Approvals::None);
    let mut exceptions = if releases { open(ctx, ExceptionKind::Unposted, None)? } else { Vec::new() };
    if !policy.late().rules.is_empty() {
        let late = open(ctx, ExceptionKind::Unposted, Some(Queue::PeriodClose))?;
        exceptions.extend(late.into_iter().filter(|_| !releases));
        exceptions.extend(open(ctx, ExceptionKind::LateForClosedPeriod, None)?);
    }
    // What a rule sends is the same whether it is judged before or after others of the board were prepared.
    let mut boards: HashMap<EntityCode, Arc<Board>> = HashMap::new();
    for exception in exceptions {
        let ruled = match &exception.entity {
            Some(entity) if !boards.contains_key(entity) => {
                let board = late::board(ctx, entity)?;
                let ruled = board.get(&exception.id).cloned();
                boards.insert(entity.clone(), board);
                ruled
            }
            Some(entity) => boards.get(entity).and_then(|board| board.get(&exception.id).cloned()),
            None => None,
        };
        // What cannot be prepared waits for a person, who is told why when they propose it.
        let Ok(draft) = draft::draft_under(ctx, &exception, None, ruled) else { continue };
        if !posting_switch::is_on(ctx, &draft.connection)? {
            continue;
        }
        let released = passes(ctx, &policy, &exception, &draft)?;
        if released.is_none() && !is_routed(ctx, &draft)? {
            continue;
        }
        let draft = Draft { origin: Origin::Policy, ..draft };
        let Ok(posting) = draft::posting_of(ctx, &draft, None) else { continue };
        match (draft::store_posting(ctx, &draft, posting, None), released) {
            (Ok(id), Some(rule)) => enqueue_by_policy(ctx, &id, &rule)?,
            (Ok(_), None) => {}
            (Err(error), _) if is_refused(error.code) => {}
            (Err(error), _) => return Err(error),
        }
    }
    Ok(())
}

/// Open exceptions of a kind, in the order in which they came in.
fn open(ctx: &Context, kind: ExceptionKind, queue: Option<Queue>) -> DeskResult<Vec<ExceptionRow>> {
    let filter =
        ViewFilter { states: vec![ExceptionState::Open], kinds: vec![kind], queue, ..ViewFilter::default() };
    Ok(ctx.store().view_rows(&View { filter, sorts: Vec::new() }, 0, u64::MAX)?)
}

/// Withdraws what the policy prepared of late items and nobody has sent, where its rule does not send them
/// there any more: they are judged anew, and held where no rule takes them.
fn take_back(ctx: &Context) -> DeskResult<()> {
    let filter = PostingFilter { states: vec![PostingState::Proposed], ..PostingFilter::default() };
    let proposed = ctx.store().postings(&filter)?;
    let routed = |row: &&PostingRow| {
        let basis = row.posting.basis.as_ref();
        row.posting.preparer.is_none() && basis.is_some_and(|basis| basis.routing.is_some())
    };
    for row in proposed.iter().filter(routed) {
        let moved = authority::basis_moved(&ctx.store(), row);
        let moved = moved.map_err(|words| DeskError::new(Code::JudgementImpossible, words))?;
        let Some(moved) = moved else { continue };
        if decide::proven_unbooked(ctx, row).is_err() {
            continue;
        }
        let why = moved.to_string();
        let detail = json!({ "why": why });
        ctx.by_policy("posting_renewed", row.posting.id.as_str(), detail, |store, log| {
            store.renew_posting((&row.posting.id, &row.content_hash), Renewal::Withdrawn, &why, log)
        })?;
    }
    Ok(())
}

/// True where a rule for late items sends it somewhere: the policy prepares what customers owe and pay, as
/// billing that is connected has it.
fn is_routed(ctx: &Context, draft: &Draft) -> DeskResult<bool> {
    let routed = draft.ruled.as_ref().is_some_and(|ruled| ruled.routed_by().is_some());
    Ok(routed && is_the_policys(ctx, draft)?)
}

/// What customers owe and pay, as billing that is connected has it.
fn is_the_policys(ctx: &Context, draft: &Draft) -> DeskResult<bool> {
    let Some(document) = &draft.document else { return Ok(false) };
    if !is_of_a_customer(document.document.kind) {
        return Ok(false);
    }
    Ok(!ctx.store().connection(&document.connection)?.is_files())
}

/// Under which rule of the policy a draft falls, in its own words, and whether the policy prepares and
/// sends it without a person; `None` where no rule covers it.
pub(crate) fn rule_of(
    ctx: &Context,
    exception: &ExceptionRow,
    draft: &Draft,
) -> DeskResult<Option<(String, bool)>> {
    let Some(policy) = actor::policy_in_force(ctx)? else { return Ok(None) };
    if late::may_be_late(exception.kind)
        && let Some(rule) = passes(ctx, &policy, exception, draft)?
    {
        return Ok(Some((rule, true)));
    }
    let Some(step) = draft.steps.last() else { return Ok(None) };
    let tier = policy.tier(step.entry.entity(), exception.kind, step.entry.gross_functional()?);
    Ok(tier.map(|tier| (tier.to_string(), false)))
}

/// True where another posting stands in the way: the document waits for it, and for a person.
fn is_refused(code: Code) -> bool {
    matches!(code, Code::DocumentHasLivePosting | Code::PostingInProgress | Code::PostingKeyConflict)
}

/// What a customer owes or pays.
fn is_of_a_customer(kind: DocumentKind) -> bool {
    matches!(
        kind,
        DocumentKind::Invoice | DocumentKind::CreditNote | DocumentKind::Payment | DocumentKind::Refund
    )
}

/// The rule that lets a draft pass without a person; `None` where none does.
fn passes(
    ctx: &Context,
    policy: &Policy,
    exception: &ExceptionRow,
    draft: &Draft,
) -> DeskResult<Option<String>> {
    let Some(document) = draft.document.as_ref().filter(|_| late::may_be_late(exception.kind)) else {
        return Ok(None);
    };
    if !is_the_policys(ctx, draft)? {
        return Ok(None);
    }
    // A rule for late items says itself whether the tiers alone decide; what no rule takes is held.
    let routed = match &draft.ruled {
        None if exception.kind == ExceptionKind::LateForClosedPeriod => return Ok(None),
        None => None,
        Some(ruled) if ruled.approvals() == Approvals::None => ruled.into.as_ref().map(|into| &into.key),
        Some(_) => return Ok(None),
    };
    let own = ctx.store().expectation(&document.id)?.and_then(|stored| stored.expected.own_period);
    let mut rules = Vec::new();
    for step in &draft.steps {
        let goes = |to: &PeriodKey| to == step.entry.period();
        let placed = routed.or(own.as_ref().filter(|_| draft.ruled.is_none())).is_some_and(goes);
        if step.reverses.is_some() || !placed {
            return Ok(None);
        }
        // Limits are of the entity's functional currency: nothing is compared across two.
        let gross = step.entry.gross_functional()?;
        match policy.tier(step.entry.entity(), exception.kind, gross) {
            Some(tier) if tier.approvals == Approvals::None => rules.push(tier.to_string()),
            _ => return Ok(None),
        }
    }
    rules.dedup();
    Ok(Some(rules.join("; ")))
}

/// Into the outbox, if the policy really asks for nobody (its period is fully open, its amount small
/// enough in functional currency); else it waits for approval like any other.
fn enqueue_by_policy(ctx: &Context, id: &PostingId, rule: &str) -> DeskResult<()> {
    let row = ctx.store().posting(id)?;
    let judged = decide::judged(ctx, &row)?;
    let facts = judged.facts(&row, decide::known_status(ctx, &row)?);
    if judged.duties.required(&facts) != Approvals::None {
        return Ok(());
    }
    let change = changes::policy_change(ctx)?.ok_or_else(|| {
        DeskError::new(
            Code::PolicyMissing,
            "the policy that let it pass is not in force any more: sync again",
        )
    })?;
    let detail = json!({
        "content_hash": row.content_hash, "rule": rule, "policy": change.id.as_str(), "sha256": change.hash,
    });
    ctx.by_policy("released_by_policy", id.as_str(), detail, |store, log| {
        store.enqueue_by_policy(id, &row.content_hash, rule, log)
    })?;
    Ok(())
}
