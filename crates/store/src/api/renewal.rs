//! Postings that an earlier version of Tieout prepared. Their content does not say where they go and what
//! they rest on: they are looked up and watched as they are, and sent only once they were made whole and
//! approved anew. Keys that were kept are never computed anew.

use chrono::{DateTime, Utc};
use serde_json::json;
use tieout_domain::{
    PostingId,
    posting::{Posting, PostingEvent, PostingState},
};
use tieout_evidence::LogDraft;

use crate::{
    api::{decision, withdrawal},
    db::{Db, Tx},
    error::{Result, StoreError},
    table::{
        exception, log, outbox,
        posting::{self, Head},
    },
};

/// What the history of an exception calls it.
const VOID: &str = "approvals_void";

/// What becomes of a posting of an earlier version.
#[derive(Clone, Copy, Debug)]
pub enum Renewal<'a> {
    /// It gets what the earlier version did not keep.
    Whole(&'a Posting),
    /// It cannot be made whole, and stays as it is.
    Unfit,
    /// It is withdrawn: an older one settles its document.
    Withdrawn,
}

/// Answers whether it lives on.
fn renew(tx: &Tx<'_>, head: &Head, renewal: Renewal<'_>, (why, at): (&str, DateTime<Utc>)) -> Result<bool> {
    if let Renewal::Withdrawn = renewal {
        withdrawal::withdraw(tx, head, (PostingEvent::Cancelled, None), at)?;
        posting::void_approvals(tx, head.seq)?;
        return Ok(false);
    }
    posting::step_state(tx, head, PostingEvent::BasisMoved, at)?;
    outbox::dequeue(tx, head.seq)?;
    withdrawal::expect_again(tx, head)?;
    if let Renewal::Whole(whole) = renewal {
        posting::replace_content(tx, head.seq, whole)?;
    } else {
        posting::void_approvals(tx, head.seq)?;
        posting::set_failure(tx, head.seq, ("basis_moved", why))?;
    }
    Ok(true)
}

impl Db {
    /// Postings that wait for an approval or to be sent, and that an earlier version prepared; oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn postings_of_earlier_versions(&self) -> Result<Vec<PostingId>> {
        posting::of_earlier_versions(self)
    }

    /// True where the document of a posting is as it was when the posting was prepared, or where it has none.
    ///
    /// # Errors
    /// A database error.
    pub fn document_is_as_prepared(&self, id: &PostingId) -> Result<bool> {
        posting::is_as_prepared(self, id)
    }
}

impl Tx<'_> {
    /// Takes a posting of an earlier version back to who prepared it, or withdraws it. What was approved is
    /// void, and the exception's history says so.
    ///
    /// # Errors
    /// `content_changed` where it is no longer what was seen, a transition refusal, `not_found`.
    pub fn renew_posting(
        &self,
        (id, seen_hash): (&PostingId, &str),
        renewal: Renewal<'_>,
        why: &str,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            let head = posting::head(tx, id)?;
            if head.content_hash != seen_hash {
                return Err(StoreError::ContentChanged { id: id.to_string() });
            }
            let approvals = decision::approvals(tx, id, seen_hash)?.len();
            let was_approved = approvals > 0 || head.state == PostingState::Queued;
            let lives = renew(tx, &head, renewal, (why, log.at))?;
            if was_approved || !lives {
                let words = format!("approval_of_older_content: {why}");
                let who = (log.at, log.actor);
                exception::follow_posting(tx, &head.exception, lives, who, (VOID, &words))?;
            }
            let hash = posting::head(tx, id)?.content_hash;
            let fields = [
                ("content_hash", json!(hash)),
                ("earlier_content_hash", json!(seen_hash)),
                ("approvals_void", json!(approvals)),
            ];
            log::append_with(tx, log, &fields).map(|_| ())
        })
    }
}
