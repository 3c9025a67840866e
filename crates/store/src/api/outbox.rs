//! The outbox as the worker sees it: what is due, attempts that are durable before their first byte is sent,
//! and what a visit came to.

use chrono::{DateTime, Utc};
use serde_json::json;
use tieout_domain::{
    AttemptId, ConnectionId, PostingId,
    posting::{Posting, PostingEvent, PostingState, transition},
};
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Tx},
    error::{Result, StoreError},
    sql::{instant, ms},
    table::{
        attempt::{self, AttemptResult, NewAttempt},
        connection, exception, log,
        outbox::{self, MemoUpdate, NEVER, OutboxItem, Shown, Visit},
        posting::{self, Head},
        posting_step,
        removal::{self, Noticed},
    },
};

/// Who the log names for what the worker does.
const WORKER: &str = "worker";

impl Db {
    /// The next posting of this ERP connection to visit, not counting those of a reference in `busy`: the one
    /// that has been due longest, then the one approved first. Postings that wait for another one to be
    /// booked are left out while they are queued, and those whose exception is on hold.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn next_due(
        &self,
        erp: &ConnectionId,
        now: DateTime<Utc>,
        busy: &[String],
    ) -> Result<Option<OutboxItem>> {
        let found = outbox::first_due(self, connection::seq(self, erp)?, ms(now), busy)?;
        Ok(found.map(|(_, item)| item))
    }

    /// When the next posting that [`Db::next_due`] would give falls due.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn next_wake(&self, erp: &ConnectionId) -> Result<Option<DateTime<Utc>>> {
        match outbox::first_due(self, connection::seq(self, erp)?, NEVER - 1, &[])? {
            Some((due, _)) => Ok(Some(instant(due)?)),
            None => Ok(None),
        }
    }

    /// One posting as the outbox has it; `None` when it was never approved.
    ///
    /// # Errors
    /// `not_found`.
    pub fn outbox_item(&self, id: &PostingId) -> Result<Option<OutboxItem>> {
        outbox::of_posting(self, id)
    }
}

impl Db {
    /// Postings to this ERP that were read back before its last whole read began and that no read has shown:
    /// by the ERP's id of the entry that is missing. Somebody may have deleted it in between.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn booked_and_missing(&self, erp: &ConnectionId) -> Result<Vec<(PostingId, String)>> {
        outbox::booked_and_missing(self, connection::seq(self, erp)?)
    }

    /// Whether somebody put aside what a posting is about: the exception that it settles, another one about
    /// its document, or one about the posting itself.
    ///
    /// # Errors
    /// `not_found`.
    pub fn is_held(&self, id: &PostingId) -> Result<bool> {
        outbox::is_held(self, posting::head(self, id)?.seq)
    }

    /// Which of a posting's keys a later one has by now, and whether that one is under way: what the ledger
    /// shows under them is that one's.
    ///
    /// # Errors
    /// A database error.
    pub fn keys_passed_on(&self, posting: &Posting) -> Result<Vec<(String, bool)>> {
        let keys: Vec<&str> = posting.steps.iter().map(|step| step.key.as_str()).collect();
        posting_step::passed_on(self, &posting.id, &keys)
    }
}

impl Tx<'_> {
    /// Makes an attempt durable before its first byte is sent: attempt, state, memo and log entry.
    ///
    /// # Errors
    /// `content_changed` when the posting's content is no longer the intent's, a transition refusal,
    /// `already_exists` when another worker began the same attempt.
    pub fn begin_attempt(
        &self,
        new: &NewAttempt,
        event: Option<PostingEvent>,
        memo: &MemoUpdate,
    ) -> Result<AttemptId> {
        self.whole(|tx| {
            let head = posting::head(tx, &new.posting)?;
            if head.content_hash != new.content_hash {
                return Err(StoreError::ContentChanged { id: new.posting.to_string() });
            }
            if let Some(event) = event {
                posting::step_state(tx, &head, event, new.at)?;
            }
            let id = attempt::begin(tx, head.seq, new)?;
            outbox::put_memo(tx, &head, memo, Some(new.at), new.at)?;
            let detail = json!({
                "attempt": id.as_str(), "number": new.number, "step": new.step, "action": new.action,
                "key": new.key.as_str(), "content_hash": new.content_hash,
            });
            log_worker(tx, &new.posting, new.at, ("attempt_begun", detail))?;
            Ok(id)
        })
    }

    /// Ends an attempt and applies what follows for its posting.
    ///
    /// # Errors
    /// `not_found` when it is not unfinished, a transition refusal.
    pub fn finish_attempt(
        &self,
        id: &AttemptId,
        result: &AttemptResult,
        visit: &Visit,
    ) -> Result<PostingState> {
        self.whole(|tx| {
            let head = posting::head(tx, &visit.posting)?;
            attempt::finish(tx, id, result, visit.at)?;
            let detail = json!({
                "attempt": id.as_str(), "end": result.end.as_str(), "code": result.code,
                "erp_id": result.erp_id, "request_id": result.request_id,
            });
            log_worker(tx, &visit.posting, visit.at, ("attempt_finished", detail))?;
            apply(tx, &head, visit)
        })
    }

    /// Applies what follows from a visit that sent nothing.
    ///
    /// # Errors
    /// A transition refusal.
    pub fn record_visit(&self, visit: &Visit) -> Result<PostingState> {
        self.whole(|tx| apply(tx, &posting::head(tx, &visit.posting)?, visit))
    }

    /// Settles the postings of which the ledger now shows every step as booked: by the entry that the ERP's
    /// read-back named, or by one of its key that says just what was approved. Called after each sync of a
    /// ledger. Answers which were settled.
    ///
    /// # Errors
    /// A database error.
    pub fn settle_postings(&self, at: DateTime<Utc>) -> Result<Vec<PostingId>> {
        self.whole(|tx| {
            let shown = outbox::shown_by_the_ledger(tx)?;
            shown.iter().try_for_each(|shown| settle(tx, shown, at))?;
            // An earlier version left them taken up for good, though nothing was under way any more.
            for exception in exception::taken_up_for_nothing(tx)? {
                exception::follow_posting(tx, &exception, false, (at, WORKER), ("settled", ""))?;
            }
            Ok(shown.into_iter().map(|shown| shown.posting).collect())
        })
    }
}

impl Tx<'_> {
    /// Ends a posting whose entry somebody deleted in the ERP before a sync showed it: what it was to settle
    /// is open again.
    ///
    /// # Errors
    /// A transition refusal, `not_found`.
    pub fn posting_removed(&self, id: &PostingId, erp_id: &str, at: DateTime<Utc>) -> Result<()> {
        self.whole(|tx| {
            let head = posting::head(tx, id)?;
            let noticed =
                Noticed { connection_seq: head.connection_seq, resource: "entries", page_seq: None, at };
            removal::note_booked(tx, noticed, (head.seq, erp_id))?;
            posting::step_state(tx, &head, PostingEvent::Removed, at)?;
            outbox::dequeue(tx, head.seq)?;
            log_worker(tx, id, at, ("posting_removed", json!({ "erp_id": erp_id })))?;
            let words = format!("entry {erp_id} is no longer in the ledger");
            exception::follow_posting(tx, &head.exception, false, (at, WORKER), ("removed", &words))
        })
    }
}

fn apply(tx: &Tx<'_>, head: &Head, visit: &Visit) -> Result<PostingState> {
    let mut state = head.state;
    for event in &visit.events {
        state = transition(state, *event)?;
    }
    if visit.events.contains(&PostingEvent::BasisMoved) {
        posting::void_approvals(tx, head.seq)?;
    }
    let failure = visit.failure.as_ref().map(|f| (f.code.as_str(), f.message.as_str()));
    posting::set_visited(tx, head, (state, !visit.events.is_empty()), failure, visit.at)?;
    outbox::put_memo(tx, head, &visit.memo, visit.next_try_at, visit.at)?;
    for booked in &visit.booked {
        posting_step::set_booked(tx, head.seq, (booked.step, &booked.erp_id, &booked.period), visit.at)?;
    }
    if !visit.findings.is_empty() {
        let each: Vec<String> = visit.findings.iter().map(|f| format!("{}: {}", f.code, f.message)).collect();
        posting_step::set_difference(tx, head.seq, visit.step, &each.join("\n"))?;
    }
    report(tx, head, visit, state)?;
    Ok(state)
}

/// Logs a visit that changed something, and tells the exception of it. A mere wait is not logged: it
/// would only repeat what the attempts say.
fn report(tx: &Tx<'_>, head: &Head, visit: &Visit, state: PostingState) -> Result<()> {
    if visit.events.is_empty() && visit.findings.is_empty() {
        return Ok(());
    }
    let detail = json!({
        "step": visit.step,
        "state": state.as_str(),
        "code": visit.failure.as_ref().map(|f| f.code.as_str()),
        "message": visit.failure.as_ref().map(|f| f.message.as_str()),
        "findings": visit.findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(),
    });
    let words = visit.failure.as_ref().map_or("", |f| f.message.as_str());
    if state != head.state {
        let about = (state.as_str(), words);
        exception::follow_posting(tx, &head.exception, true, (visit.at, WORKER), about)?;
    }
    log_worker(tx, &visit.posting, visit.at, ("posting_visited", detail)).map(|_| ())
}

fn settle(tx: &Tx<'_>, shown: &Shown, at: DateTime<Utc>) -> Result<()> {
    let id = &shown.posting;
    let head = posting::head(tx, id)?;
    posting::step_state(tx, &head, PostingEvent::LedgerShows, at)?;
    for step in &shown.steps {
        posting_step::set_booked(tx, head.seq, (step.step, &step.erp_id, &step.period), at)?;
    }
    outbox::dequeue(tx, head.seq)?;
    // It is open again until the comparison says that nothing is left of it.
    exception::follow_posting(tx, &head.exception, false, (at, WORKER), ("settled", ""))?;
    log_worker(tx, id, at, ("posting_settled", json!({}))).map(|_| ())
}

fn log_worker(
    tx: &Tx<'_>,
    posting: &PostingId,
    at: DateTime<Utc>,
    (what, detail): (&str, serde_json::Value),
) -> Result<i64> {
    log::append(tx, &LogDraft { at, actor: WORKER, what, subject: posting.as_str(), detail, signer: None })
}
