//! Postings that an earlier version of Tieout prepared get what it did not keep, and wait for their approvals
//! anew. Keys stay as they were kept: what was sent under them is found under them.

use std::collections::BTreeSet;

use serde_json::json;
use tieout_domain::{
    PostingId,
    basis::{Basis, BasisMove},
    posting::Posting,
};
use tieout_store::{LogDraft, PostingRow, Renewal};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::changes,
    settlement::{destination::Resolving, draft},
};

/// Renews what waits. Called where a workspace is opened, and after what was in doubt has come to an end.
///
/// # Errors
/// A database error.
pub fn renew_postings(ctx: &Context) -> DeskResult<()> {
    let waiting = ctx.store().postings_of_earlier_versions()?;
    // The newest first: of several of one document, the oldest stays.
    for id in waiting.iter().rev() {
        let row = ctx.store().posting(id)?;
        let free = ctx.store().check_document_free(&row.posting, row.document.as_ref(), Some(id));
        if let Err(other) = free {
            take_back(ctx, id, &row.content_hash, (Renewal::Withdrawn, &other.to_string()))?;
            continue;
        }
        match renewed(ctx, &row) {
            Ok(whole) => {
                let why = BasisMove::EarlierVersion.to_string();
                take_back(ctx, id, &row.content_hash, (Renewal::Whole(&whole), &why))?;
            }
            // Said before, and nothing has changed since.
            Err(refused) if row.failure.as_deref() == Some(refused.message.as_str()) => {}
            Err(refused) => take_back(ctx, id, &row.content_hash, (Renewal::Unfit, &refused.message))?,
        }
    }
    Ok(())
}

fn take_back(
    ctx: &Context,
    id: &PostingId,
    seen: &str,
    (renewal, why): (Renewal<'_>, &str),
) -> DeskResult<()> {
    let draft = LogDraft {
        at: ctx.clock.now(),
        actor: "desk",
        what: "posting_renewed",
        subject: id.as_str(),
        detail: json!({ "why": why }),
        signer: None,
    };
    Ok(ctx.writing()?.renew_posting((id, seen), renewal, why, &draft)?)
}

/// The posting with all that is approved in its content.
fn renewed(ctx: &Context, row: &PostingRow) -> DeskResult<Posting> {
    let posting = &row.posting;
    let mapping = changes::mapping_needed(ctx)?;
    let policy = changes::policy_change(ctx)?.map(|change| change.id);
    let moved = |words: String| {
        let words = format!("{words}: cancel it, and propose what is right now");
        Err(DeskError::new(Code::BasisMoved, words))
    };
    if !ctx.store().document_is_as_prepared(&posting.id)? {
        return moved(format!("{} has changed in billing since it was prepared", posting.reference));
    }
    let document = row.document.as_ref().map(|id| ctx.store().document(id)).transpose()?;
    let connection = ctx.store().connection(&posting.connection)?;
    let exception = ctx.store().exception(&posting.exception)?;
    let undone = posting.steps.iter().map(|step| step.reverses.as_ref());
    let about = (&exception, posting.reference.as_str(), document.as_ref());
    let stay = draft::those_that_stay(ctx, about, undone)?;
    let store = ctx.store();
    let resolving = Resolving {
        store: &store,
        connection: &connection,
        reference: &posting.reference,
        document: document.as_ref(),
        mapping: &mapping.content,
        // Keys are those that were kept.
        undone: BTreeSet::new(),
        within: None,
    };
    let steps = posting.steps.iter().map(|step| resolving.placed(step)).collect::<DeskResult<Vec<_>>>()?;
    let basis = Basis { mapping: Some(mapping.id), policy, ..resolving.basis(&steps, &stay)? };
    Ok(Posting { basis: Some(basis), steps, ..posting.clone() })
}
