//! Taking a posting back, by who proposes another one in its place and by who cancels it.

use chrono::{DateTime, Utc};
use tieout_domain::posting::{PostingEvent, PostingState, TransitionRefusal};

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        attempt, dirty, outbox,
        posting::{self, Head},
    },
};

/// Refuses to withdraw a posting of which something may be in the ledger.
pub(crate) fn refuse_in_doubt(db: &Db, head: &Head) -> Result<()> {
    if attempt::any_unfinished(db, head.seq)? && !head.state.is_final() {
        return Err(TransitionRefusal::OutcomeStillUnknown.into());
    }
    Ok(())
}

/// Withdraws a posting. Nothing of it may be in doubt.
pub(crate) fn withdraw(tx: &Tx<'_>, head: &Head, at: DateTime<Utc>) -> Result<PostingState> {
    refuse_in_doubt(tx, head)?;
    let state = posting::step_state(tx, head, PostingEvent::Cancelled, at)?;
    outbox::dequeue(tx, head.seq)?;
    expect_again(tx, head)?;
    Ok(state)
}

/// The posting no longer says where its document belongs: derive it again.
pub(crate) fn expect_again(tx: &Tx<'_>, head: &Head) -> Result<()> {
    match head.document_seq {
        Some(seq) => dirty::mark_document(tx, seq),
        None => Ok(()),
    }
}
