//! Postings that the workspace's policy prepares itself, where a tier asks for no approval. They go the same
//! way as everybody's: the permit is derived afresh before each send, and holds only for an open period.

use tieout_domain::{
    Money,
    exception::{ExceptionKind, ExceptionState},
    people::Origin,
};
use tieout_duties::Approvals;
use tieout_store::ExceptionFilter;

use crate::{
    access::actor,
    base::{context::Context, error::DeskResult},
    intake::sync::{self, SyncRequest, SyncView},
    settlement::{decide, draft},
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

/// Prepares what the policy lets pass without a person, and puts it into the outbox. Only unposted
/// documents: corrections and reversals always need a person.
pub(crate) fn prepare_by_policy(ctx: &Context) -> DeskResult<u64> {
    let Some(policy) = actor::policy_in_force(ctx)? else { return Ok(0) };
    if policy.tiers().iter().all(|tier| tier.approvals != Approvals::None) {
        return Ok(0);
    }
    let filter = ExceptionFilter {
        states: vec![ExceptionState::Open],
        kinds: vec![ExceptionKind::Unposted],
        ..ExceptionFilter::default()
    };
    let mut prepared = 0;
    let exceptions = ctx.store().exceptions(&filter)?;
    for exception in exceptions {
        let Some(entity) = &exception.entity else { continue };
        let gross = Money::new(exception.amount_minor.saturating_abs(), exception.currency);
        let tier = policy.tier(entity, exception.kind, gross);
        if tier.is_none_or(|tier| tier.approvals != Approvals::None) {
            continue;
        }
        // What cannot be prepared waits for a person, who is told why when they propose it.
        let Ok(mut draft) = draft::draft_for(ctx, &exception, None) else { continue };
        draft.origin = Origin::Policy;
        let posting = draft::posting_of(ctx, &draft, None)?;
        let id = draft::store_posting(ctx, &draft, posting, None)?;
        if enqueue_by_policy(ctx, &id)? {
            prepared += 1;
        }
    }
    Ok(prepared)
}

/// Into the outbox, if the policy really asks for nobody (its period is fully open, its amount small
/// enough in functional currency); else it waits for approval like any other.
fn enqueue_by_policy(ctx: &Context, id: &tieout_domain::PostingId) -> DeskResult<bool> {
    let row = ctx.store().posting(id)?;
    let judged = decide::judged(ctx, &row)?;
    let facts = judged.facts(&row, decide::known_status(ctx, &row)?);
    if judged.duties.required(&facts) != Approvals::None {
        return Ok(false);
    }
    let detail = serde_json::json!({ "content_hash": row.content_hash });
    ctx.unsigned("released_by_policy", id.as_str(), detail, |store, log| {
        store.enqueue_by_policy(id, &row.content_hash, log)
    })?;
    Ok(true)
}
