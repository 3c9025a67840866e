//! Booked entries are undone.

use serde::Deserialize;
use tieout_domain::{
    people::{Action, Origin},
    posting::PostingEvent,
};

use crate::{
    access::judging::{self, By},
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        views::Outcome,
    },
    queue::outcome::{self, Done},
    settlement::{
        draft::{self, Draft},
        plan::{self},
        propose, within,
    },
};

/// Booked postings (or exceptions whose entries are booked) to undo.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ReverseRequest {
    /// Postings or exceptions.
    pub ids: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Prepares the reversal of booked entries.
///
/// # Errors
/// Where the acting person cannot be established at all.
pub fn reverse(ctx: &Context, request: &ReverseRequest) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    let one = |id: &str| reverse_one(ctx, Some(&by), id, &request.reason);
    Ok(request.ids.iter().map(|id| outcome::outcome(ctx, id, one(id))).collect())
}

pub(crate) fn reverse_one(ctx: &Context, by: Option<&By>, id: &str, reason: &str) -> DeskResult<Done> {
    let (exception, _) = draft::exception_or_its_posting(ctx, id)?;
    // Of a difference its own entry alone: what books the document with others stays.
    let (reference, document, connection, held) = match within::posting_of_difference(ctx, id)? {
        Some(row) => {
            let document = row.document.as_ref().map(|id| ctx.known().document(id)).transpose()?;
            let connection = ctx.known().connection(&row.posting.connection)?;
            let held = within::booked_by(ctx, &row)?;
            (row.posting.reference, document, connection, held)
        }
        None => {
            let document = draft::document_of(ctx, &exception)?;
            let (connection, held) = draft::held_entries(ctx, &exception, document.as_ref())?;
            (exception.external_ref.clone(), document, connection, held)
        }
    };
    if held.is_empty() {
        return Err(DeskError::naming(
            Code::NothingToReverse,
            &reference,
            "the ledger shows no booked entry; sync first",
        ));
    }
    let periods = draft::all_periods(ctx)?;
    let steps =
        held.iter().map(|entry| plan::reversal(&periods, &reference, entry)).collect::<DeskResult<_>>()?;
    let draft = Draft {
        exception,
        reference,
        document,
        connection,
        steps,
        origin: Origin::Reversal,
        reason: Some(reason.to_owned()),
        replaces: None,
        ends: PostingEvent::Cancelled,
        ruled: None,
        within: None,
    };
    propose::finish_draft(ctx, by, Action::Reverse, draft)
}
