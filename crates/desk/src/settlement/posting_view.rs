//! A posting whole, as commands answer it.

use tieout_domain::{PostingId, people::Origin, posting::PostingState};
use tieout_store::{PostingFilter, PostingRow};

use crate::{
    access::actor,
    base::{context::Context, error::DeskResult, labels::decimal_text, views::PostingView},
    settlement::{decide, draft, preview::steps_shown, three_periods},
};

/// Whether the policy let a posting go, which asks for no approval of some of those that it prepares.
pub(crate) fn released_by_policy(origin: &str, state: PostingState, unapproved: bool) -> bool {
    use PostingState::{Cancelled, Proposed, Rejected};
    origin == Origin::Policy.as_str() && unapproved && !matches!(state, Proposed | Rejected | Cancelled)
}

/// All postings, newest first.
///
/// # Errors
/// A database error.
pub fn postings(ctx: &Context) -> DeskResult<Vec<PostingView>> {
    let ctx = &ctx.asking();
    let rows = ctx.store().postings(&PostingFilter::default())?;
    rows.iter().map(|row| posting_view(ctx, row)).collect()
}

pub(crate) fn posting_view(ctx: &Context, row: &PostingRow) -> DeskResult<PostingView> {
    let names = actor::names(ctx)?;
    let judged = decide::judged(ctx, row)?;
    let facts = judged.facts(row, decide::known_status(ctx, row)?);
    let periods = draft::all_periods(ctx)?;
    let mut steps = steps_shown(ctx, &row.posting, &periods)?;
    for (step, stored) in steps.iter_mut().zip(&row.steps) {
        step.erp_id.clone_from(&stored.erp_id);
    }
    // Before the view: the store that it asks below stays lent out until the view is whole.
    let periods = three_periods::of_posting(ctx, &row.posting)?;
    Ok(PostingView {
        id: row.posting.id.to_string(),
        exception: row.posting.exception.to_string(),
        reference: row.posting.reference.clone(),
        state: row.state.as_str().to_owned(),
        connection: ctx.known().connection(&row.posting.connection)?.name,
        origin: row.posting.origin.as_str().to_owned(),
        version: row.posting.version,
        content_hash: row.content_hash.clone(),
        preparer: row.posting.preparer.as_ref().map(|p| names.of(p.as_str())),
        approved_by: judged
            .approvals(row)
            .map(|decision| names.in_place(&decision.person, decision.in_place_of.as_ref()))
            .collect(),
        released_by_policy: released_by_policy(
            row.posting.origin.as_str(),
            row.state,
            facts.approved_by.is_empty(),
        ),
        released_by_rule: row.release_rule.clone(),
        approvals_needed: judged.duties.required(&facts).as_str().to_owned(),
        reason: row.posting.reason.clone(),
        amount_minor: row.amount_minor,
        amount: decimal_text(row.amount_minor, row.currency.code()),
        currency: row.currency.code().to_owned(),
        failure: row.failure.clone(),
        failure_code: row.failure_code.clone(),
        proposed_at: row.posting.proposed_at,
        periods,
        steps,
    })
}

/// The posting of this id, or a clear error.
///
/// # Errors
/// `bad_id`, `not_found`.
pub fn posting(ctx: &Context, id: &str) -> DeskResult<PostingView> {
    let ctx = &ctx.asking();
    let id: PostingId = id.parse()?;
    let row = ctx.known().posting(&id)?;
    posting_view(ctx, &row)
}
