//! Overrides are asked for, by a reason that the policy names and for the limits that keep one posting from
//! being approved; and listed, with whether they hold.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::limit_override::LimitOverride;
use tieout_duties::{Duties, OverrideReason};
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState, PostingRow};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::changes::{self, ChangeView},
    settlement::{
        decide::{known_status, posting_to_decide},
        post::authority::Judged,
    },
};

/// A limit to lift for a posting.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct OverrideRequest {
    /// The posting (pst_…), or the exception that it settles.
    pub id: String,
    /// By which reason, by its code in the policy.
    pub reason_code: String,
    /// Why, in words.
    pub note: String,
}

/// A posting that is waiting to be approved.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct OverrideOptionRequest {
    /// The posting (pst_…).
    pub posting: String,
}

/// A reason by which the policy lets limits be lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct OverrideReasonView {
    /// Its code.
    pub code: String,
    /// What it says.
    pub says: String,
}

/// What keeps a posting from being approved and may be lifted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct OverrideOption {
    /// The limits, by the policy's names; none where none keeps it.
    pub limits: Vec<String>,
    /// By which reasons they may be lifted; without any, nothing is.
    pub reasons: Vec<OverrideReasonView>,
    /// What was asked for it already, the newest first.
    pub overrides: Vec<OverrideView>,
}

/// Where an override stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum OverrideState {
    /// Waits for two people.
    Asked,
    /// Lifts its limits.
    Holds,
    /// The posting is another by now, or over, or the policy has the reason or the limits no more.
    Lapsed,
    /// It was refused, withdrawn or replaced.
    Over,
}

/// An override.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct OverrideView {
    /// The governed change.
    pub id: String,
    /// The posting.
    pub posting: String,
    /// The document that it books.
    pub reference: String,
    /// The limits that it lifts, by the policy's names.
    pub limits: Vec<String>,
    /// The reason's code.
    pub reason: String,
    /// Why.
    pub why: String,
    /// Who asked for it.
    pub asked_by: String,
    /// Who approved it.
    pub approved_by: Vec<String>,
    /// Since when it holds.
    pub since: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: OverrideState,
    /// The hash of its text: what an approval is under.
    pub hash: String,
}

/// Asks that the limits which keep a posting from being approved are lifted for it.
///
/// # Errors
/// A refusal, `not_found`, `override_reason_unknown`, `reason_missing`, `nothing_to_override` where no limit
/// keeps it from being approved.
pub fn override_ask(ctx: &Context, request: &OverrideRequest) -> DeskResult<ChangeView> {
    let actor = actor::actor(ctx)?;
    let row = posting_to_decide(ctx, &request.id)?;
    let judged = judged(ctx, &row)?;
    let Some(reason) = judged.duties.override_reason(request.reason_code.trim()) else {
        return Err(unknown(&request.reason_code, judged.duties.override_reasons()));
    };
    if request.note.trim().is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why the limit is to be lifted"));
    }
    let limits = limits_met(ctx, &row, &judged)?;
    if limits.is_empty() {
        let message = "no limit of the policy keeps it from being approved: approve it as it is";
        return Err(DeskError::naming(Code::NothingToOverride, &row.posting.reference, message));
    }
    let said = LimitOverride {
        posting: row.posting.id.clone(),
        reference: row.posting.reference.clone(),
        content_hash: row.content_hash.clone(),
        limits,
        reason: reason.code.clone(),
        why: request.note.clone(),
    };
    let name = row.posting.id.to_string();
    changes::withdraw_own(ctx, &actor, ChangeKind::Override, &name)?;
    changes::propose_signed(ctx, &actor, ChangeKind::Override, &name, &said.plain().to_string())
}

fn unknown(code: &str, known: &[OverrideReason]) -> DeskError {
    let known: Vec<String> = known.iter().map(|one| format!("{} ({})", one.code, one.says)).collect();
    let message = match known.as_slice() {
        [] => "the policy names no reason by which a limit may be lifted: none is, until one is approved \
               ([[override_reason]] in the policy)"
            .to_owned(),
        known => format!("the policy has no reason {code:?}; it has {}", known.join(", ")),
    };
    DeskError::new(Code::OverrideReasonUnknown, message)
}

/// What of a posting an override may lift, and what was asked for it already.
///
/// # Errors
/// `not_found`, a database error, a judgement that is impossible.
pub fn override_option(ctx: &Context, request: &OverrideOptionRequest) -> DeskResult<OverrideOption> {
    let duties = actor::duties(ctx)?;
    if duties.override_reasons().is_empty() {
        return Ok(OverrideOption::default());
    }
    let row = ctx.known().posting(&request.posting.parse()?)?;
    let named = ChangeFilter {
        kind: Some(ChangeKind::Override),
        name: Some(row.posting.id.to_string()),
        ..ChangeFilter::default()
    };
    let reason = |one: &OverrideReason| OverrideReasonView { code: one.code.clone(), says: one.says.clone() };
    Ok(OverrideOption {
        limits: if row.state.is_final() { Vec::new() } else { limits_met(ctx, &row, &judged(ctx, &row)?)? },
        reasons: duties.override_reasons().iter().map(reason).collect(),
        overrides: viewed(ctx, &duties, &named)?,
    })
}

fn judged(ctx: &Context, row: &PostingRow) -> DeskResult<Judged> {
    let judged = Judged::read(&ctx.store(), row, ctx.clock.now());
    judged.map_err(|words| DeskError::new(Code::JudgementImpossible, words))
}

fn limits_met(ctx: &Context, row: &PostingRow, judged: &Judged) -> DeskResult<Vec<String>> {
    let facts = judged.facts(row, known_status(ctx, row)?);
    Ok(judged.duties.limits_met(&facts, &judged.roster))
}

/// All overrides, the newest first.
///
/// # Errors
/// A database error, a judgement that is impossible.
pub fn overrides(ctx: &Context) -> DeskResult<Vec<OverrideView>> {
    let all = ChangeFilter { kind: Some(ChangeKind::Override), ..ChangeFilter::default() };
    let duties = actor::duties(ctx)?;
    viewed(ctx, &duties, &all)
}

fn viewed(ctx: &Context, duties: &Duties, filter: &ChangeFilter) -> DeskResult<Vec<OverrideView>> {
    let all = ctx.store().changes(filter)?;
    let mut views = Vec::with_capacity(all.len());
    for change in &all {
        if let Some(said) = LimitOverride::parse(&change.content) {
            views.push(view(ctx, duties, change, said)?);
        }
    }
    Ok(views)
}

fn view(ctx: &Context, duties: &Duties, change: &Change, said: LimitOverride) -> DeskResult<OverrideView> {
    let shown = changes::judged_change(ctx, change)?;
    let row = ctx.known().posting(&said.posting)?;
    let same = row.content_hash == said.content_hash && !row.state.is_final();
    let lifts = duties.lifted(&said.reason, &said.limits).len() == said.limits.len();
    Ok(OverrideView {
        id: shown.id,
        posting: said.posting.to_string(),
        reference: said.reference,
        limits: said.limits,
        reason: said.reason,
        why: said.why,
        asked_by: shown.author,
        approved_by: shown.approved_by,
        since: change.decided_at.filter(|_| change.state == ChangeState::InForce),
        state: match change.state {
            ChangeState::Inert => OverrideState::Asked,
            ChangeState::InForce if same && lifts => OverrideState::Holds,
            ChangeState::InForce => OverrideState::Lapsed,
            ChangeState::Superseded | ChangeState::Rejected => OverrideState::Over,
        },
        hash: shown.hash,
    })
}
