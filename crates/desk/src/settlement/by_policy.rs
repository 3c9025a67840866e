//! Postings that the workspace's policy prepares itself, where a tier asks for no approval. They go the same
//! way as everybody's: the permit is derived afresh before each send, and holds only for an open period.
//!
//! What a policy never does: correct or reverse, take what a file brought, put a document into another period
//! than its own, or book what the processor does with its own balance (payouts, fees, transfers): a tier by
//! amount was meant for what customers owe and pay. Those wait for a person.

use serde_json::json;
use tieout_domain::{
    PostingId,
    calendar::PeriodKey,
    document::DocumentKind,
    exception::{ExceptionKind, ExceptionState},
    people::Origin,
};
use tieout_duties::{Approvals, Policy};
use tieout_store::{ExceptionRow, View, ViewFilter};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::changes,
    intake::sync::{self, SyncRequest, SyncView},
    settlement::{
        decide,
        draft::{self, Draft},
    },
};

/// Reads what changed in billing and in the ERP, then prepares what the policy lets pass without a person.
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
    if policy.tiers().iter().all(|tier| tier.approvals != Approvals::None) {
        return Ok(());
    }
    let filter = ViewFilter {
        states: vec![ExceptionState::Open],
        kinds: vec![ExceptionKind::Unposted],
        ..ViewFilter::default()
    };
    let exceptions = ctx.store().view_rows(&View { filter, sorts: Vec::new() }, 0, u64::MAX)?;
    for exception in exceptions {
        // What cannot be prepared waits for a person, who is told why when they propose it.
        let Ok(draft) = draft::draft_for(ctx, &exception, None) else { continue };
        let Some(rule) = passes(ctx, &policy, &exception, &draft)? else { continue };
        let draft = Draft { origin: Origin::Policy, ..draft };
        let Ok(posting) = draft::posting_of(ctx, &draft, None) else { continue };
        match draft::store_posting(ctx, &draft, posting, None) {
            Ok(id) => enqueue_by_policy(ctx, &id, &rule)?,
            Err(error) if is_refused(error.code) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
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
    let Some(document) = &draft.document else { return Ok(None) };
    if !is_of_a_customer(document.document.kind) {
        return Ok(None);
    }
    if ctx.store().connection(&document.connection)?.is_files() {
        return Ok(None);
    }
    let own = ctx.store().expectation(&document.id)?.and_then(|stored| stored.expected.own_period);
    let mut rules = Vec::new();
    for step in &draft.steps {
        let stays = |own: &PeriodKey| own == step.entry.period();
        if step.reverses.is_some() || !own.as_ref().is_some_and(stays) {
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
