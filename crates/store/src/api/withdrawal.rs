//! Ending a posting that is not booked whole: by who proposes another one in its place, by who cancels it,
//! and by who brings a half-booked set to its end.

use chrono::{DateTime, Utc};
use tieout_domain::{
    PostingId,
    posting::{PostingEvent, PostingState, TransitionRefusal, transition},
};

use crate::{
    api::handover,
    db::{Db, Tx},
    error::{Result, StoreError},
    table::{
        attempt, dirty,
        outbox::{self, MemoUpdate},
        posting::{self, Head},
        posting_step,
    },
};

/// A posting that ends because another one takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// Which.
    pub posting: PostingId,
    /// How it ends: [`PostingEvent::Cancelled`] with nothing booked, else [`PostingEvent::TakenBack`] or
    /// [`PostingEvent::Finished`].
    pub how: PostingEvent,
    /// What the worker is to remember of it; `None` where it was never in the outbox.
    pub memo: Option<MemoUpdate>,
}

/// Refuses to withdraw a posting of which something may be in the ledger.
fn refuse_in_doubt(db: &Db, head: &Head) -> Result<()> {
    if attempt::any_unfinished(db, head.seq)? && !head.state.is_final() {
        return Err(TransitionRefusal::OutcomeStillUnknown.into());
    }
    Ok(())
}

/// Whether so much of the posting is booked as this end asks for: nothing where it is withdrawn, some and not
/// all where a set is taken back or finished.
fn refuse_by_what_is_booked(db: &Db, head: &Head, how: PostingEvent) -> Result<()> {
    let (booked, all) = posting_step::booked_of_all(db, head.seq)?;
    let half = matches!(how, PostingEvent::TakenBack | PostingEvent::Finished);
    match (half, booked) {
        (false, 0) => Ok(()),
        (true, 0) => Err(StoreError::unknown("booked step of posting", &head.id)),
        (_, booked) if booked == all => Err(TransitionRefusal::AlreadyBooked.into()),
        (true, _) => Ok(()),
        (false, _) => Err(StoreError::HalfBooked { id: head.id.clone() }),
    }
}

/// Whether a posting could be ended like this now.
pub(crate) fn check(db: &Db, head: &Head, how: PostingEvent) -> Result<PostingState> {
    refuse_in_doubt(db, head)?;
    handover::refuse_unless_absent(db, head)?;
    let state = transition(head.state, how)?;
    refuse_by_what_is_booked(db, head, how)?;
    Ok(state)
}

/// Ends a posting. Nothing of it may be in doubt. The worker looks once more for what it may have left: it
/// is visited at once where `memo` says until when.
pub(crate) fn withdraw(
    tx: &Tx<'_>,
    head: &Head,
    (how, memo): (PostingEvent, Option<&MemoUpdate>),
    at: DateTime<Utc>,
) -> Result<PostingState> {
    check(tx, head, how)?;
    let state = posting::step_state(tx, head, how, at)?;
    match memo {
        Some(memo) => outbox::put_memo(tx, head, memo, memo.watch_until.map(|_| at), at)?,
        None => outbox::dequeue(tx, head.seq)?,
    }
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
