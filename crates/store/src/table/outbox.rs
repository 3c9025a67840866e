//! Table `outbox`: the postings that a worker visits, when next, and what it remembers of each.
//!
//! A row stays when its posting is done: its memo outlives a refusal, and a late commit may still be
//! watched for. `due_at` is [`NEVER`] while no visit is due. `memo` is the worker's own JSON, opaque
//! here; `tries`, `lookups`, `doubt_since` and `watch_until` are what the store itself needs of it.

use chrono::{DateTime, Utc};
use rusqlite::params;
use tieout_domain::{
    PostingId,
    calendar::PeriodKey,
    ledger::LedgerEntry,
    posting::{PostingEvent, PostingState},
    standing::Standing,
};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{ms, ms_opt, parsed},
    table::{
        connection, entry,
        posting::{self, Head, PostingRow},
        posting_step,
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

/// What is due, and what a posting waits for. Live postings come whenever they are due, unless they are held
/// and nothing of them is under way; done ones only while they are watched.
const DUE: &str = "SELECT o.posting_seq, o.due_at, p.state, p.reference
     FROM outbox o JOIN posting p ON p.seq = o.posting_seq
     WHERE o.connection_seq = ?1 AND o.due_at <= ?2
       AND (p.state IN ('queued', 'sending', 'in_doubt') OR o.watch_until IS NOT NULL)
     ORDER BY o.due_at, o.queued_at, p.id";

/// Whether somebody put aside the exception that a posting settles, another one about its document (or, where
/// it has none, its reference), or one about the posting itself. Each part has its index.
const HELD: &str = "SELECT
       EXISTS (SELECT 1 FROM exception x WHERE x.id = p.exception_id AND x.state = 'on_hold')
       OR EXISTS (SELECT 1 FROM exception x
         WHERE x.document_seq = p.document_seq AND x.state = 'on_hold')
       OR EXISTS (SELECT 1 FROM exception x
         WHERE x.subject_kind = 'posting' AND x.subject = p.id AND x.state = 'on_hold')
       OR (p.document_seq IS NULL AND EXISTS (SELECT 1 FROM exception x
         WHERE x.subject_kind = 'reference' AND x.subject = p.reference AND x.state = 'on_hold'))
     FROM posting p WHERE p.seq = ?1";

/// Postings to the same ERP of the invoice or payment that this posting's document names, and which are
/// not booked: an ERP takes a payment only for an invoice that it knows.
const WAITS_FOR: &str = "SELECT q.id FROM posting p JOIN document d ON d.seq = p.document_seq
     JOIN document b ON b.connection_seq = d.connection_seq AND b.kind = ?2
       AND b.external_id = CASE WHEN ?2 = 'invoice' THEN d.invoice ELSE d.payment END
     JOIN posting q ON q.document_seq = b.seq
     WHERE p.seq = ?1 AND q.seq <> p.seq AND q.connection_seq = p.connection_seq AND q.rank < p.rank
       AND q.state IN ('proposed', 'queued', 'sending', 'in_doubt', 'refused', 'dead_letter')
     ORDER BY q.seq";

/// Whether somebody put aside what this posting is about: nothing of it is sent until it is released.
pub(crate) fn is_held(db: &Db, posting_seq: i64) -> Result<bool> {
    Ok(db.prepare_cached(HELD)?.query_row([posting_seq], |row| row.get(0))?)
}

fn waits_for(db: &Db, posting_seq: i64) -> Result<Vec<PostingId>> {
    let mut found = Vec::new();
    for kind in ["invoice", "payment"] {
        let mut statement = db.prepare_cached(WAITS_FOR)?;
        let mut rows = statement.query(params![posting_seq, kind])?;
        while let Some(row) = rows.next()? {
            found.push(parsed(row.get_ref(0)?.as_str()?)?);
        }
    }
    Ok(found)
}

/// Puts an approved posting into the outbox, due at once. What a worker remembered of it stays.
pub(crate) fn enqueue(tx: &Tx<'_>, head: &Head, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO outbox (posting_seq, connection_seq, due_at, tries, lookups, queued_at, memo)
             VALUES (?1, ?2, ?3, 0, 0, ?3, '{}')
             ON CONFLICT (posting_seq) DO UPDATE SET due_at = excluded.due_at, queued_at =
               excluded.queued_at",
    )?
    .execute(params![head.seq, head.connection_seq, ms(at)])?;
    Ok(())
}

/// No visit is due any more, except to watch.
pub(crate) fn dequeue(tx: &Tx<'_>, posting_seq: i64) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET due_at = ?2 WHERE posting_seq = ?1 AND watch_until IS NULL")?
        .execute(params![posting_seq, NEVER])?;
    Ok(())
}

/// Writes what the worker remembers.
pub(crate) fn put_memo(
    tx: &Tx<'_>,
    head: &Head,
    memo: &MemoUpdate,
    due_at: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
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

/// Postings after approval of which each step may be shown by the ledger: by the entry that the ERP's
/// read-back named, or by one under its key, which is to be compared then. What a ledger's file shows counts
/// for what was handed over alone, and once another person has confirmed that.
const MAY_BE_SHOWN: &str = "SELECT p.seq, p.id, EXISTS (SELECT 1 FROM posting_step s
         WHERE s.posting_seq = p.seq AND s.erp_id IS NULL)
     FROM posting p JOIN connection c ON c.seq = p.connection_seq
     WHERE (p.state IN ('queued', 'sending', 'in_doubt', 'booked', 'dead_letter') AND c.vendor <> 'files'
         OR p.state = 'handed_over' AND EXISTS (SELECT 1 FROM handover_posting hp
           JOIN handover h ON h.seq = hp.handover_seq
           WHERE hp.posting_seq = p.seq AND hp.current = 1 AND h.confirmed_by IS NOT NULL))
       AND EXISTS (SELECT 1 FROM posting_step s WHERE s.posting_seq = p.seq)
       AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.posting_seq = p.seq AND s.erp_id IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.connection_seq = p.connection_seq
           AND e.erp_id = s.erp_id AND e.status = 'booked'))
       AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.posting_seq = p.seq AND s.erp_id IS NULL
         AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.external_id = s.key
           AND length(e.external_id) = 20 AND e.connection_seq = p.connection_seq
           AND e.status = 'booked'))
     ORDER BY p.seq";

/// A posting that the ledger shows whole, and what it shows of the steps that no read-back had named.
pub(crate) struct Shown {
    pub posting: PostingId,
    pub steps: Vec<BookedStep>,
}

/// The postings after approval that the ledger shows whole. A step is shown by the entry that the ERP's
/// read-back named; without one only by an entry of its key that says just what was approved: another desk
/// books under the same key, with whatever content it has.
pub(crate) fn shown_by_the_ledger(db: &Db) -> Result<Vec<Shown>> {
    let mut statement = db.prepare_cached(MAY_BE_SHOWN)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let posting: PostingId = parsed(row.get_ref(1)?.as_str()?)?;
        let steps = match row.get::<_, bool>(2)? {
            true => compared(db, row.get(0)?)?,
            false => Some(Vec::new()),
        };
        found.extend(steps.map(|steps| Shown { posting, steps }));
    }
    Ok(found)
}

/// The entries that show those steps of a posting which no read-back has named, and that still count;
/// `None` where one is not shown.
fn compared(db: &Db, posting_seq: i64) -> Result<Option<Vec<BookedStep>>> {
    let Some(row) = posting::select(db, "p.seq = ?1", vec![posting_seq.into()])?.pop() else {
        return Ok(None);
    };
    let PostingRow { posting, steps, .. } = &row;
    let reference = posting.reference.as_str();
    let mut entries = entry::by_reference(db, reference)?;
    for step in &posting.steps {
        entries.extend(entry::by_external_id(db, step.key.as_str())?);
    }
    entries.retain(|stored| stored.connection == posting.connection);
    let tenant = connection::find(db, &posting.connection)?.tenant;
    let known = posting_step::reversals(db, connection::seq(db, &posting.connection)?, reference)?;
    let entries = entries.iter().map(|stored| &stored.entry);
    let standing = Standing::new(entries.clone(), (&tenant, reference), &known);
    let named = |number| steps.iter().any(|step| step.number == number && step.erp_id.is_some());
    let mut shown = Vec::new();
    for step in posting.steps.iter().filter(|step| !named(step.number)) {
        let of_key = |entry: &&LedgerEntry| entry.external_id.as_deref() == Some(step.key.as_str());
        // What was booked and undone again since shows nothing.
        let counts = |entry: &LedgerEntry| match &step.reverses {
            Some(_) => standing.is_in_force(&entry.erp_id),
            None => standing.counts(&entry.erp_id),
        };
        let shows = |entry: &LedgerEntry| match row.state {
            PostingState::HandedOver => step.is_shown_in_a_file_by(entry),
            _ => step.is_shown_by(entry),
        };
        let own = entries.clone().filter(of_key).find(|entry| shows(entry) && counts(entry));
        let Some(entry) = own else { return Ok(None) };
        let (erp_id, period) = (entry.erp_id.clone(), entry.period.clone());
        shown.push(BookedStep { step: step.number, erp_id, period });
    }
    Ok(Some(shown))
}

/// Postings that were read back before the last whole read of this ERP's entries began, with the ERP's id of
/// a step's entry that stands nowhere in what was read.
pub(crate) fn booked_and_missing(db: &Db, connection_seq: i64) -> Result<Vec<(PostingId, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT p.id, min(s.erp_id) FROM full_read f JOIN posting p ON p.connection_seq = f.connection_seq
         JOIN posting_step s ON s.posting_seq = p.seq
         WHERE f.connection_seq = ?1 AND f.resource = 'entries' AND p.state = 'booked'
           AND s.erp_id IS NOT NULL AND s.booked_at < f.completed_at
           AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.connection_seq = p.connection_seq
             AND e.erp_id = s.erp_id AND e.status = 'booked')
         GROUP BY p.id, p.seq ORDER BY p.seq",
    )?;
    let rows =
        statement.query_map([connection_seq], |row| Ok((parsed(row.get_ref(0)?.as_str()?)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The next posting of this ERP connection to visit until then, not counting those of a reference in `busy`
/// (another lane works on that document), and when it falls due: the one that has been due longest, then the
/// one approved first. Postings that are held, or wait for another one to be booked, are left out while they
/// are queued.
pub(crate) fn first_due(
    db: &Db,
    connection_seq: i64,
    until: i64,
    busy: &[String],
) -> Result<Option<(i64, OutboxItem)>> {
    let mut statement = db.prepare_cached(DUE)?;
    let mut rows = statement.query(params![connection_seq, until])?;
    while let Some(row) = rows.next()? {
        let (seq, due): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (state, reference) = (row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str()?);
        if busy.iter().any(|busy| busy == reference) {
            continue;
        }
        let queued = state == PostingState::Queued.as_str();
        if !queued || (!is_held(db, seq)? && waits_for(db, seq)?.is_empty()) {
            return Ok(Some((due, item(db, seq)?)));
        }
    }
    Ok(None)
}

fn item(db: &Db, posting_seq: i64) -> Result<OutboxItem> {
    let posting = posting::select(db, "p.seq = ?1", vec![posting_seq.into()])?.pop();
    let memo = db
        .prepare_cached("SELECT memo FROM outbox WHERE posting_seq = ?1")?
        .query_row([posting_seq], |row| row.get(0))?;
    Ok(OutboxItem {
        posting: posting.ok_or_else(|| StoreError::unknown("posting", posting_seq))?,
        memo,
        waits_for: waits_for(db, posting_seq)?,
    })
}

/// One posting as the outbox has it; `None` when it was never approved.
pub(crate) fn of_posting(db: &Db, id: &PostingId) -> Result<Option<OutboxItem>> {
    let head = posting::head(db, id)?;
    let known: bool = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE posting_seq = ?1)")?
        .query_row([head.seq], |row| row.get(0))?;
    if known { item(db, head.seq).map(Some) } else { Ok(None) }
}
