//! Table `outbox`: the postings that a worker visits, when next, and what it remembers of each.
//!
//! A row stays when its posting is done: its memo outlives a refusal, and a late commit may still be
//! watched for. `due_at` is [`NEVER`] while no visit is due. `memo` is the worker's own JSON, opaque
//! here; `tries`, `lookups`, `doubt_since` and `watch_until` are what the store itself needs of it.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;
use tieout_domain::{
    AttemptId, ConnectionId, PostingId,
    calendar::PeriodKey,
    posting::{PostingEvent, PostingState, transition},
};

use crate::{
    error::{Result, StoreError},
    migrate::Migration,
    sql::{instant, ms, ms_opt, parsed},
    store::Store,
    table::{
        attempt::{self, AttemptResult, NewAttempt},
        cell, connection, exception,
        log::{self, LogDraft},
        posting::{self, Head, PostingRow},
    },
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE outbox (posting_seq INTEGER PRIMARY KEY, connection_seq INTEGER NOT NULL,
            due_at INTEGER NOT NULL, tries INTEGER NOT NULL, lookups INTEGER NOT NULL, queued_at
              INTEGER NOT NULL,
            doubt_since INTEGER, watch_until INTEGER, memo TEXT NOT NULL);
          CREATE INDEX outbox_by_due ON outbox (connection_seq, due_at, queued_at);",
}];

/// `due_at` of a posting that no visit is due for.
pub(crate) const NEVER: i64 = i64::MAX;

/// Who the log names for what the worker does.
const WORKER: &str = "worker";

/// A posting to visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxItem {
    /// The posting as it stands.
    pub posting: PostingRow,
    /// What the worker remembers of it, as JSON; `{}` before the first visit.
    pub memo: String,
    /// Postings that have to be booked before this one and are not.
    pub waits_for: Vec<PostingId>,
}

/// What the worker remembers of a posting, and what the store needs to know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoUpdate {
    /// The memo as JSON.
    pub json: String,
    /// Attempts begun.
    pub tries: u32,
    /// Look-ups since the outcome became unknown.
    pub lookups: u32,
    /// Since when the outcome is unknown; `None` while it is known.
    pub doubt_since: Option<DateTime<Utc>>,
    /// Until when the ledger is looked at again for this posting, whatever its state.
    pub watch_until: Option<DateTime<Utc>>,
}

/// A step that the ERP's read-back shows booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedStep {
    /// Its number, from 1.
    pub step: u32,
    /// The ERP's id of the entry.
    pub erp_id: String,
    /// The period into which the ERP booked it.
    pub period: PeriodKey,
}

/// Something about a booked step that was not approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFinding {
    /// A stable code (`period_moved`, `amount_differs` …).
    pub code: String,
    /// In words.
    pub message: String,
}

/// Why a visit did not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitFailure {
    /// A stable code.
    pub code: String,
    /// The ERP's own words where it gave any.
    pub message: String,
}

/// What changes with a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The posting.
    pub posting: PostingId,
    /// The step that was worked on, from 1.
    pub step: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// Applied in order through the one transition function.
    pub events: Vec<PostingEvent>,
    /// Replaces the stored memo.
    pub memo: MemoUpdate,
    /// When the next visit is due; `None`: none is.
    pub next_try_at: Option<DateTime<Utc>>,
    /// All steps that are booked so far.
    pub booked: Vec<BookedStep>,
    /// Why it did not go on, where it did not.
    pub failure: Option<VisitFailure>,
    /// What people must see.
    pub findings: Vec<StepFinding>,
}

/// What is due, and what a posting waits for. Live postings come whenever they are due; done ones only
/// while they are watched.
const DUE: &str =
    "SELECT o.posting_seq, o.due_at, p.id, p.state, p.reference FROM outbox o JOIN posting p ON p.seq = o.posting_seq
     WHERE o.connection_seq = ?1 AND o.due_at <= ?2
       AND (p.state IN ('queued', 'sending', 'in_doubt') OR (o.watch_until IS NOT NULL AND p.state
         IN ('proposed', 'booked', 'settled', 'refused', 'dead_letter', 'cancelled')))
     ORDER BY o.due_at, o.queued_at, p.id";

/// Postings to the same ERP of the invoice or payment that this posting's document names, and which are
/// not booked: an ERP takes a payment only for an invoice that it knows.
const WAITS_FOR: &str = "SELECT q.id FROM posting p JOIN document d ON d.seq = p.document_seq
     JOIN document b ON b.connection_seq = d.connection_seq AND b.kind = ?2
       AND b.external_id = CASE WHEN ?2 = 'invoice' THEN d.invoice ELSE d.payment END
     JOIN posting q ON q.document_seq = b.seq
     WHERE p.seq = ?1 AND q.seq <> p.seq AND q.connection_seq = p.connection_seq AND q.rank < p.rank
       AND q.state IN ('proposed', 'queued', 'sending', 'in_doubt', 'refused', 'dead_letter')
     ORDER BY q.seq";

fn waits_for(sqlite: &Connection, posting_seq: i64) -> Result<Vec<PostingId>> {
    let mut found = Vec::new();
    for kind in ["invoice", "payment"] {
        let mut statement = sqlite.prepare_cached(WAITS_FOR)?;
        let mut rows = statement.query(params![posting_seq, kind])?;
        while let Some(row) = rows.next()? {
            found.push(parsed(row.get_ref(0)?.as_str()?)?);
        }
    }
    Ok(found)
}

/// Puts an approved posting into the outbox, due at once. What a worker remembered of it stays.
pub(crate) fn enqueue(sqlite: &Connection, head: &Head, at: DateTime<Utc>) -> Result<()> {
    sqlite
        .prepare_cached(
            "INSERT INTO outbox (posting_seq, connection_seq, due_at, tries, lookups, queued_at, memo)
             VALUES (?1, ?2, ?3, 0, 0, ?3, '{}')
             ON CONFLICT (posting_seq) DO UPDATE SET due_at = excluded.due_at, queued_at =
               excluded.queued_at",
        )?
        .execute(params![head.seq, head.connection_seq, ms(at)])?;
    Ok(())
}

/// No visit is due any more, except to watch.
pub(crate) fn dequeue(sqlite: &Connection, posting_seq: i64) -> Result<()> {
    sqlite
        .prepare_cached("UPDATE outbox SET due_at = ?2 WHERE posting_seq = ?1 AND watch_until IS NULL")?
        .execute(params![posting_seq, NEVER])?;
    Ok(())
}

/// Writes what the worker remembers.
pub(crate) fn put_memo(
    sqlite: &Connection,
    head: &Head,
    memo: &MemoUpdate,
    due_at: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlite
        .prepare_cached(
            "INSERT INTO outbox (posting_seq, connection_seq, due_at, tries, lookups, queued_at,
              doubt_since,
               watch_until, memo)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (posting_seq) DO UPDATE SET due_at = excluded.due_at, tries = excluded.tries,
               lookups = excluded.lookups, doubt_since = excluded.doubt_since, watch_until =
                 excluded.watch_until,
               memo = excluded.memo",
        )?
        .execute(params![
            head.seq,
            head.connection_seq,
            due_at.map_or(NEVER, ms),
            memo.tries,
            memo.lookups,
            ms(at),
            ms_opt(memo.doubt_since),
            ms_opt(memo.watch_until),
            memo.json,
        ])?;
    Ok(())
}

/// Applies a visit inside the caller's transaction.
fn apply(sqlite: &Connection, head: &Head, visit: &Visit) -> Result<PostingState> {
    let mut state = head.state;
    for event in &visit.events {
        state = transition(state, *event)?;
    }
    let failure = visit.failure.as_ref();
    // A visit that neither moved nor failed (looking after a refused posting's drafts) takes nothing back.
    sqlite
        .prepare_cached(
            "UPDATE posting SET state = ?2, changed_at = ?3,
               failure_code = CASE WHEN ?6 THEN failure_code ELSE ?4 END,
               failure = CASE WHEN ?6 THEN failure ELSE ?5 END
             WHERE seq = ?1",
        )?
        .execute(params![
            head.seq,
            state.as_str(),
            ms(visit.at),
            failure.map(|f| &f.code),
            failure.map(|f| &f.message),
            visit.events.is_empty() && failure.is_none(),
        ])?;
    cell::bump(sqlite)?;
    put_memo(sqlite, head, &visit.memo, visit.next_try_at, visit.at)?;
    for booked in &visit.booked {
        sqlite
            .prepare_cached(
                "UPDATE posting_step SET erp_id = ?3, booked_period = ?4, booked_at =
                  coalesce(booked_at, ?5)
                 WHERE posting_seq = ?1 AND number = ?2",
            )?
            .execute(params![head.seq, booked.step, booked.erp_id, booked.period.as_str(), ms(visit.at)])?;
    }
    if !visit.findings.is_empty() {
        let each: Vec<String> = visit.findings.iter().map(|f| format!("{}: {}", f.code, f.message)).collect();
        sqlite
            .prepare_cached(
                "UPDATE posting_step SET difference = ?3 WHERE posting_seq = ?1 AND number
              = ?2",
            )?
            .execute(params![head.seq, visit.step, each.join("\n")])?;
    }
    report(sqlite, head, visit, state)?;
    Ok(state)
}

/// Logs a visit that changed something, and tells the exception of it. A mere wait is not logged: it
/// would only repeat what the attempts say.
fn report(sqlite: &Connection, head: &Head, visit: &Visit, state: PostingState) -> Result<()> {
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
    log_worker(sqlite, &visit.posting, visit.at, ("posting_visited", detail))?;
    if state == head.state {
        return Ok(());
    }
    exception::follow_posting(sqlite, &head.exception, true, (visit.at, WORKER), (state.as_str(), words))
}

fn log_worker(
    sqlite: &Connection,
    posting: &PostingId,
    at: DateTime<Utc>,
    (what, detail): (&str, serde_json::Value),
) -> Result<i64> {
    log::append(
        sqlite,
        &LogDraft { at, actor: WORKER, what, subject: posting.as_str(), detail, signer: None },
    )
}

impl Store {
    /// The next posting of this ERP connection to visit, not counting those whose reference is in `busy`
    /// (another lane works on that document): the one that has been due longest, then the one approved
    /// first. Postings that wait for another one to be booked
    /// are left out while they are queued.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn next_due(
        &self,
        erp: &ConnectionId,
        now: DateTime<Utc>,
        busy: &[String],
    ) -> Result<Option<OutboxItem>> {
        self.first_due(erp, ms(now), busy).map(|found| found.map(|(_, item)| item))
    }

    /// When the next posting that [`Store::next_due`] would give falls due.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn next_wake(&self, erp: &ConnectionId) -> Result<Option<DateTime<Utc>>> {
        match self.first_due(erp, NEVER - 1, &[])? {
            Some((due, _)) => Ok(Some(instant(due)?)),
            None => Ok(None),
        }
    }

    fn first_due(
        &self,
        erp: &ConnectionId,
        until: i64,
        busy: &[String],
    ) -> Result<Option<(i64, OutboxItem)>> {
        let connection_seq = connection::seq(&self.connection, erp)?;
        let mut statement = self.connection.prepare_cached(DUE)?;
        let mut rows = statement.query(params![connection_seq, until])?;
        while let Some(row) = rows.next()? {
            let (seq, due): (i64, i64) = (row.get(0)?, row.get(1)?);
            let (state, reference) = (row.get_ref(3)?.as_str()?, row.get_ref(4)?.as_str()?);
            let waits =
                state == PostingState::Queued.as_str() && !waits_for(&self.connection, seq)?.is_empty();
            if !waits && !busy.iter().any(|busy| busy == reference) {
                return Ok(Some((due, self.item(seq)?)));
            }
        }
        Ok(None)
    }

    fn item(&self, posting_seq: i64) -> Result<OutboxItem> {
        let posting = self.postings_where("p.seq = ?1", vec![posting_seq.into()])?.pop();
        let memo = self
            .connection
            .prepare_cached("SELECT memo FROM outbox WHERE posting_seq = ?1")?
            .query_row([posting_seq], |row| row.get(0))?;
        Ok(OutboxItem {
            posting: posting.ok_or_else(|| StoreError::unknown("posting", posting_seq))?,
            memo,
            waits_for: waits_for(&self.connection, posting_seq)?,
        })
    }

    /// One posting as the outbox has it; `None` when it was never approved.
    ///
    /// # Errors
    /// `not_found`.
    pub fn outbox_item(&self, id: &PostingId) -> Result<Option<OutboxItem>> {
        let head = posting::head(&self.connection, id)?;
        let known: bool = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE posting_seq = ?1)")?
            .query_row([head.seq], |row| row.get(0))?;
        if known { self.item(head.seq).map(Some) } else { Ok(None) }
    }

    /// Makes an attempt durable before its first byte is sent: attempt, state, memo and log entry.
    ///
    /// # Errors
    /// `content_changed` when the posting's content is no longer the intent's, a transition refusal,
    /// `already_exists` when another worker began the same attempt.
    pub fn begin_attempt(
        &mut self,
        new: &NewAttempt,
        event: Option<PostingEvent>,
        memo: &MemoUpdate,
    ) -> Result<AttemptId> {
        self.write(|tx| {
            let head = posting::head(tx, &new.posting)?;
            if head.content_hash != new.content_hash {
                return Err(StoreError::ContentChanged { id: new.posting.to_string() });
            }
            if let Some(event) = event {
                posting::step_state(tx, &head, event, new.at)?;
            }
            let id = attempt::begin(tx, head.seq, new)?;
            put_memo(tx, &head, memo, Some(new.at), new.at)?;
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
        &mut self,
        id: &AttemptId,
        result: &AttemptResult,
        visit: &Visit,
    ) -> Result<PostingState> {
        self.write(|tx| {
            let head = posting::head(tx, &visit.posting)?;
            attempt::finish(tx, id, result, visit.at)?;
            let detail = json!({
                "attempt": id.as_str(), "end": result.end.as_str(), "code": result.code, "erp_id":
                  result.erp_id,
                "request_id": result.request_id,
            });
            log_worker(tx, &visit.posting, visit.at, ("attempt_finished", detail))?;
            apply(tx, &head, visit)
        })
    }

    /// Applies what follows from a visit that sent nothing.
    ///
    /// # Errors
    /// A transition refusal.
    pub fn record_visit(&mut self, visit: &Visit) -> Result<PostingState> {
        self.write(|tx| {
            let head = posting::head(tx, &visit.posting)?;
            apply(tx, &head, visit)
        })
    }

    /// Settles the postings of which the ledger now shows every step as booked under its key. Called
    /// after each sync of a ledger. Answers which were settled.
    ///
    /// # Errors
    /// A database error.
    pub fn settle_postings(&mut self, at: DateTime<Utc>) -> Result<Vec<PostingId>> {
        self.write(|tx| {
            let mut statement = tx.prepare_cached(SHOWN)?;
            let ids: Vec<PostingId> = statement
                .query_map([], |row| parsed(row.get_ref(0)?.as_str()?))?
                .collect::<rusqlite::Result<_>>()?;
            for id in &ids {
                settle(tx, id, at)?;
            }
            Ok(ids)
        })
    }
}

/// Postings after approval of which no step is without a booked entry under its key.
const SHOWN: &str = "SELECT p.id FROM posting p
     WHERE p.state IN ('queued', 'sending', 'in_doubt', 'booked', 'dead_letter')
       AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.posting_seq = p.seq
         AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.external_id = s.key AND length(e.external_id) = 20
           AND e.connection_seq = p.connection_seq AND e.status = 'booked'))
     ORDER BY p.seq";

fn settle(sqlite: &Connection, id: &PostingId, at: DateTime<Utc>) -> Result<()> {
    let head = posting::head(sqlite, id)?;
    posting::step_state(sqlite, &head, PostingEvent::LedgerShows, at)?;
    sqlite
        .prepare_cached(
            "UPDATE posting_step SET booked_at = coalesce(booked_at, ?2),
               erp_id = coalesce(erp_id, (SELECT min(e.erp_id) FROM entry e WHERE e.external_id =
                 posting_step.key
                 AND length(e.external_id) = 20 AND e.status = 'booked')),
               booked_period = coalesce(booked_period, (SELECT min(e.period) FROM entry e
                 WHERE e.external_id = posting_step.key AND length(e.external_id) = 20 AND e.status =
                   'booked'))
             WHERE posting_seq = ?1",
        )?
        .execute(params![head.seq, ms(at)])?;
    dequeue(sqlite, head.seq)?;
    log_worker(sqlite, id, at, ("posting_settled", json!({})))?;
    exception::follow_posting(sqlite, &head.exception, true, (at, WORKER), ("settled", ""))
}
