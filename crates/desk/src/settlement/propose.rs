//! Propose, reroute, reverse: a posting is prepared, and stored, judged or previewed by the same code.

use serde::Deserialize;
use tieout_domain::{Money, exception::Remedy, people::Action};
use tieout_store::ExceptionRow;

use crate::{
    access::judging::{self, By},
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        views::Outcome,
    },
    governance::posting_switch,
    queue::{
        exceptions::{self, item},
        late_words,
        outcome::{self, Done, named},
    },
    settlement::{
        draft::{self, Draft},
        preview, within,
    },
};

/// Exceptions to prepare postings for.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ProposeRequest {
    /// The exceptions.
    pub ids: Vec<String>,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// Of an exception about entries that book many documents together: which of them is corrected, by number
    /// or id. Where nobody says, it has to follow from what is booked.
    #[serde(default)]
    #[ts(optional)]
    pub document: Option<String>,
}

/// Prepares postings, one or many, each with its own outcome.
///
/// # Errors
/// Where the acting person cannot be established at all.
pub fn propose(ctx: &Context, request: &ProposeRequest) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    let one = |id: &str| propose_as_asked(ctx, Some(&by), id, request);
    Ok(request.ids.iter().map(|id| outcome::outcome(ctx, id, one(id))).collect())
}

pub(crate) fn propose_as_asked(
    ctx: &Context,
    by: Option<&By>,
    id: &str,
    request: &ProposeRequest,
) -> DeskResult<Done> {
    let (reason, document) = (request.reason.as_deref(), request.document.as_deref());
    let draft = drafted(ctx, &exceptions::find_exception(ctx, id)?, document, reason)?;
    draft::may_be_proposed(&draft)?;
    finish_draft(ctx, by, Action::Propose, draft)
}

/// The draft that settles an exception; of entries that book many documents together, what one of them
/// differs by.
///
/// # Errors
/// What cannot be drafted, and `bad_request` where a document is named that the exception is not about.
pub(crate) fn drafted(
    ctx: &Context,
    exception: &ExceptionRow,
    document: Option<&str>,
    reason: Option<&str>,
) -> DeskResult<Draft> {
    match (exception.kind.remedy(), document) {
        (Remedy::Difference, document) if exception.state.is_open() => {
            within::draft_of_one(ctx, exception, document, reason)
        }
        (Remedy::Difference, _) | (_, None) => draft::draft_for(ctx, exception, reason),
        (_, Some(_)) => Err(DeskError::naming(
            Code::BadRequest,
            &exception.external_ref,
            "is one document: a document is named only where many are booked together",
        )),
    }
}

/// Judges a draft and stores it; or says what would become of it; or, where nobody is named, previews it.
pub(crate) fn finish_draft(ctx: &Context, by: Option<&By>, action: Action, draft: Draft) -> DeskResult<Done> {
    let reference = draft.reference.clone();
    let Some(by) = by else {
        let posting = draft::posting_of(ctx, &draft, None)?;
        let count = posting.steps.len();
        let message = format!("{count} {}, nothing stored", if count == 1 { "step" } else { "steps" });
        let preview = preview::preview(ctx, &draft, &posting, action)?;
        return Ok(Done::new("dry_run", message).with_preview(preview).named(&reference));
    };
    posting_switch::must_be_on(ctx, &draft.connection)?;
    judging::judged_by(ctx, by, action, item(&draft.exception), draft.exception.id.as_str())?;
    let By::Actor(actor) = by else {
        let replaced = draft.replaces.as_ref().map(|row| &row.posting.id);
        let ends = replaced.map(|id| (id, draft.ends));
        let free = ctx.store().check_proposal(&draft.exception.id, ends);
        free.map_err(|error| named(error, &draft.exception))?;
        let posting = draft::posting_of(ctx, &draft, None)?;
        let document = draft.document.as_ref().map(|document| &document.id);
        ctx.store().check_document_free(&posting, document, replaced)?;
        let places =
            draft.steps.iter().map(|s| (s.entry.entity().clone(), s.entry.period().clone())).collect();
        let amount = Money::new(draft.exception.amount_minor, draft.exception.currency);
        let late = late_words::of_posting(ctx, &posting)?;
        let done = Done::new("dry_run", "Would wait for approval");
        return Ok(done.named(&reference).booking(amount, places).late(late));
    };
    let posting = draft::posting_of(ctx, &draft, Some(actor.id()))?;
    let id = draft::store_posting(ctx, &draft, posting, Some(actor))?;
    let done = Done::new("proposed", "Proposed, waiting for approval");
    Ok(done.of_posting(id).named(&reference))
}
