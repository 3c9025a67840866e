//! "Booked elsewhere": somebody booked it in the ledger by hand, as a person says with a reason. It is put
//! aside, and nothing of it is posted meanwhile; the ledger's next file or sync proves it or opens it again.

use serde::Deserialize;
use serde_json::json;
use tieout_domain::{
    exception::{ExceptionState, Remedy},
    people::Action,
};
use tieout_store::ExceptionMove;

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
    queue::{
        exceptions::{self, item},
        outcome::{self, Done, named},
    },
    settlement::draft,
};

/// What was booked in the ledger by hand.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct BookedElsewhereRequest {
    /// The exceptions that it settles.
    pub ids: Vec<String>,
    /// Why, and where: what the next reader has to know.
    pub reason: String,
}

/// Says that exceptions were settled in the ledger by hand, each with its own outcome.
///
/// # Errors
/// Where the acting person cannot be established at all; what is refused is in the outcomes.
pub fn booked_elsewhere(ctx: &Context, request: &BookedElsewhereRequest) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    let one = |id: &str| elsewhere_one(ctx, &by, id, &request.reason);
    Ok(request.ids.iter().map(|id| outcome::outcome(ctx, id, one(id))).collect())
}

pub(crate) fn elsewhere_one(ctx: &Context, by: &By, id: &str, reason: &str) -> DeskResult<Done> {
    let row = exceptions::find_exception(ctx, id)?;
    let about = row.id.to_string();
    judging::judged_by(ctx, by, Action::BookedElsewhere, item(&row), &about)?;
    if matches!(row.kind.remedy(), Remedy::Map | Remedy::AtSource) {
        let message = format!("{}: no entry settles “{}”", row.external_ref, row.kind.label());
        return Err(DeskError::new(Code::NothingToPost, message));
    }
    if draft::live_posting(ctx, &row)?.is_some() {
        let message = format!("{} has a posting of ours under way: cancel that first", row.external_ref);
        return Err(DeskError::new(Code::PostingInProgress, message));
    }
    let moved = ctx.store().check_exception_move(&row.id, ExceptionMove::Hold);
    moved.map_err(|error| named(error, &row))?;
    let document = draft::document_of(ctx, &row)?;
    let (connection, _) = draft::standing_entries(ctx, &row, &row.external_ref, document.as_ref())?;
    let By::Actor(actor) = by else { return Ok(Done::new("dry_run", "Would be put aside").about(&row)) };
    if reason.trim().is_empty() {
        let message = "say who booked it, and where: the ledger's next file is held against that";
        return Err(DeskError::new(Code::ReasonMissing, message));
    }
    let detail = json!({ "reason": reason, "ledger": connection.name });
    actor::signed(ctx, actor, "booked_elsewhere", &about, detail, |store, log| {
        store.say_booked_elsewhere((&row.id, &connection.id), reason, log)
    })?;
    let message = format!("Put aside until {} shows it", connection.name);
    Ok(Done::new(ExceptionState::OnHold.as_str(), message).about(&row))
}
