//! Tables `exception` and `exception_event`: what detection found, and what people did about it.
//! Detection opens, updates and closes exceptions; the methods here are what people do.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{
    Currency, DocumentId, EntityCode, ExceptionId, PersonId,
    calendar::PeriodKey,
    exception::{ExceptionKind, ExceptionState, OwnerTeam, Queue},
    said,
    severity::Severity,
};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, at_opt, ms, named, stored_enum, text, text_opt},
    table::cell,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE exception (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
            cause TEXT NOT NULL, subject_kind TEXT NOT NULL, subject TEXT NOT NULL, document_seq INTEGER,
            external_ref TEXT NOT NULL, entity TEXT, period TEXT, currency TEXT NOT NULL,
            amount_minor INTEGER NOT NULL, variance_minor INTEGER NOT NULL, severity TEXT NOT NULL,
            owner TEXT NOT NULL, assignee TEXT, state TEXT NOT NULL, period_blocked INTEGER NOT NULL,
            fingerprint TEXT NOT NULL, group_key TEXT NOT NULL, why TEXT NOT NULL, since INTEGER NOT NULL,
            opened_at INTEGER NOT NULL, due_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, closed_at
              INTEGER,
            reopened INTEGER NOT NULL DEFAULT 0, as_of INTEGER NOT NULL);
          CREATE UNIQUE INDEX exception_by_subject ON exception (subject_kind, subject, cause);
          CREATE INDEX exception_by_due ON exception (state, due_at, seq);
          CREATE INDEX exception_by_document ON exception (document_seq) WHERE document_seq IS NOT NULL;
          CREATE TABLE exception_event (seq INTEGER PRIMARY KEY, exception_seq INTEGER NOT NULL,
            at INTEGER NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
          CREATE INDEX exception_event_by_exception ON exception_event (exception_seq, seq);",
    },
    // What lists show and sort by, without a join. The cells and the indexes follow in `cell`.
    Migration {
        version: 2,
        sql: "ALTER TABLE exception ADD COLUMN live INTEGER NOT NULL DEFAULT 1;
          ALTER TABLE exception ADD COLUMN cell INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE exception ADD COLUMN customer TEXT NOT NULL DEFAULT '';
          ALTER TABLE exception ADD COLUMN dated TEXT NOT NULL DEFAULT '';
          ALTER TABLE exception ADD COLUMN flow TEXT NOT NULL DEFAULT '';
          UPDATE exception SET
            live = CASE WHEN state IN ('open', 'in_progress', 'on_hold') THEN 1 ELSE 0 END,
            customer = coalesce(
              (SELECT coalesce(c.name, d.customer) FROM document d LEFT JOIN customer c
                ON c.connection_seq = d.connection_seq AND c.external_id = d.customer
                WHERE d.seq = exception.document_seq),
              (SELECT coalesce(c.name, c.external_id) FROM customer c
                WHERE exception.subject_kind = 'customer' AND c.id = exception.subject), ''),
            flow = CASE
              WHEN subject_kind = 'customer' THEN 'customer_activation'
              WHEN (SELECT d.kind FROM document d WHERE d.seq = exception.document_seq)
                IN ('invoice', 'credit_note') THEN 'invoice_to_erp'
              WHEN document_seq IS NOT NULL THEN 'payments_and_collections' ELSE '' END,
            dated = coalesce(
              (SELECT x.document_date FROM expectation x WHERE x.document_seq = exception.document_seq),
              (SELECT d.date_local FROM document d WHERE d.seq = exception.document_seq), '');
          DROP INDEX exception_by_due;",
    },
    // What was already open when its period closed, and how much each is worth beside the others.
    Migration {
        version: 8,
        sql: "ALTER TABLE exception ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE exception ADD COLUMN worth INTEGER NOT NULL DEFAULT -1;
          UPDATE exception SET backlog = 1 WHERE kind <> 'late_for_closed_period' AND EXISTS (
            SELECT 1 FROM period p WHERE p.entity = exception.entity AND p.key = exception.period
              AND p.ar_accepts = 0 AND exception.since < coalesce(p.closed_at, 9223372036854775807));",
    },
    // Whom a comment asks, so that it is found among what waits for them.
    Migration {
        version: 9,
        sql: "CREATE INDEX exception_event_by_mention ON exception_event (detail, at)
            WHERE what = 'mentioned';",
    },
];

stored_enum! {
    /// What an exception is about.
    SubjectKind {
        /// A document in billing.
        Document => "document",
        /// A reference (or an entry without one) that only the ledger has.
        Reference => "reference",
        /// A customer in billing.
        Customer => "customer",
        /// A posting of ours.
        Posting => "posting",
        /// A connection.
        Connection => "connection",
    }
}

/// An exception as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRow {
    /// Its id.
    pub id: ExceptionId,
    /// What is wrong.
    pub kind: ExceptionKind,
    /// What it is about.
    pub subject_kind: SubjectKind,
    /// The id of that.
    pub subject: String,
    /// The document, where there is one.
    pub document: Option<DocumentId>,
    /// How people name it: the document's reference, the customer's id.
    pub external_ref: String,
    /// The legal entity, where known.
    pub entity: Option<EntityCode>,
    /// The accounting period, where known.
    pub period: Option<PeriodKey>,
    /// The currency of the amounts.
    pub currency: Currency,
    /// The document's signed amount, minor units; for an orphan debit minus credit on the control
    /// account.
    pub amount_minor: i64,
    /// Ledger minus billing, minor units.
    pub variance_minor: i64,
    /// How much it matters.
    pub severity: Severity,
    /// The team that works it.
    pub owner: OwnerTeam,
    /// The person it was given to.
    pub assignee: Option<PersonId>,
    /// Where it stands.
    pub state: ExceptionState,
    /// True when its period takes no more entries of its subledger.
    pub period_blocked: bool,
    /// True when it was already open when its period closed: no blocker of the period that is being closed.
    pub backlog: bool,
    /// What tells the same root cause.
    pub fingerprint: String,
    /// The group of exceptions of one root cause.
    pub group_key: String,
    /// One plain sentence.
    pub why: String,
    /// The same as it is stored, with signs around its values ([`tieout_domain::said`]).
    pub said: String,
    /// When the trouble began.
    pub since: DateTime<Utc>,
    /// When it was found.
    pub opened_at: DateTime<Utc>,
    /// When it should be settled.
    pub due_at: DateTime<Utc>,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
    /// When its cause was gone.
    pub closed_at: Option<DateTime<Utc>>,
    /// How often its cause came back.
    pub reopened: u32,
    /// The instant as of which it was last judged.
    pub as_of: DateTime<Utc>,
}

impl ExceptionRow {
    /// Every queue that shows it, its home first.
    #[must_use]
    pub fn queues(&self) -> Vec<Queue> {
        self.kind.queues(self.period_blocked)
    }
}

/// Something that happened to an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: a person's id, `desk` or `os:<account>`.
    pub actor: String,
    /// What: `opened`, `assigned`, `comment`, `proposed` …
    pub what: String,
    /// More, in words or as JSON.
    pub detail: String,
}

/// What a person does with an exception as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionMove {
    /// Puts it aside.
    Hold,
    /// Takes it up again.
    Release,
    /// Decides that nothing is to be done.
    Dismiss,
}

impl ExceptionMove {
    /// What the history calls it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            ExceptionMove::Hold => "held",
            ExceptionMove::Release => "released",
            ExceptionMove::Dismiss => "dismissed",
        }
    }

    /// Where the move leads from `state`. A posting under way keeps its exception from being dismissed.
    fn target(self, state: ExceptionState) -> Option<ExceptionState> {
        use ExceptionState as S;
        match (self, state) {
            (ExceptionMove::Hold, S::Open | S::InProgress) => Some(S::OnHold),
            (ExceptionMove::Release, S::OnHold | S::Dismissed) => Some(S::Open),
            (ExceptionMove::Dismiss, S::Open | S::OnHold) => Some(S::Dismissed),
            (ExceptionMove::Hold, S::OnHold | S::Dismissed | S::Closed)
            | (ExceptionMove::Release, S::Open | S::InProgress | S::Closed)
            | (ExceptionMove::Dismiss, S::InProgress | S::Dismissed | S::Closed) => None,
        }
    }
}

impl ExceptionMove {
    /// Where the move leads, or why the exception's state does not allow it.
    pub(crate) fn allowed(self, id: &ExceptionId, state: ExceptionState) -> Result<ExceptionState> {
        let wanted = self.word();
        let refused = || StoreError::ExceptionState { id: id.to_string(), state: state.as_str(), wanted };
        self.target(state).ok_or_else(refused)
    }
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<ExceptionRow> {
    let kind = named(row, "kind", ExceptionKind::parse)?;
    let said: String = row.get("why")?;
    Ok(ExceptionRow {
        id: text(row, "id")?,
        kind,
        subject_kind: named(row, "subject_kind", SubjectKind::parse)?,
        subject: row.get("subject")?,
        document: text_opt(row, "document_id")?,
        external_ref: row.get("external_ref")?,
        entity: text_opt(row, "entity")?,
        period: row.get::<_, Option<String>>("period")?.map(PeriodKey::new),
        currency: text(row, "currency")?,
        amount_minor: row.get("amount_minor")?,
        variance_minor: row.get("variance_minor")?,
        severity: named(row, "severity", cell::severity)?,
        owner: kind.owner(),
        assignee: text_opt(row, "assignee")?,
        state: named(row, "state", ExceptionState::parse)?,
        period_blocked: row.get("period_blocked")?,
        backlog: row.get("backlog")?,
        fingerprint: row.get("fingerprint")?,
        group_key: row.get("group_key")?,
        why: said::plain(&said),
        said,
        since: at(row, "since")?,
        opened_at: at(row, "opened_at")?,
        due_at: at(row, "due_at")?,
        changed_at: at(row, "changed_at")?,
        closed_at: at_opt(row, "closed_at")?,
        reopened: row.get("reopened")?,
        as_of: at(row, "as_of")?,
    })
}

const FROM: &str =
    "SELECT e.*, d.id AS document_id FROM exception e LEFT JOIN document d ON d.seq = e.document_seq";

/// The internal key and state of an exception.
pub(crate) fn seq_and_state(db: &Db, id: &ExceptionId) -> Result<(i64, ExceptionState)> {
    let mut statement = db.prepare_cached("SELECT seq, state FROM exception WHERE id = ?1")?;
    let found = statement
        .query_row([id.as_str()], |row| Ok((row.get("seq")?, named(row, "state", ExceptionState::parse)?)))
        .optional()?;
    found.ok_or_else(|| StoreError::unknown("exception", id))
}

/// Writes an event of an exception's history.
pub(crate) fn event(
    tx: &Tx<'_>,
    exception_seq: i64,
    (at, actor): (DateTime<Utc>, &str),
    (what, detail): (&str, &str),
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO exception_event (exception_seq, at, actor, what, detail) VALUES (?1, ?2, ?3,
              ?4, ?5)",
    )?
    .execute(params![exception_seq, ms(at), actor, what, detail])?;
    Ok(())
}

/// Moves an exception to a state because of what happens to its posting: taken up while one lives, open
/// again when it is gone. One that a person put aside or that is closed stays as it is.
pub(crate) fn follow_posting(
    tx: &Tx<'_>,
    id: &str,
    in_progress: bool,
    (at, actor): (DateTime<Utc>, &str),
    (what, detail): (&str, &str),
) -> Result<()> {
    let (from, to) = if in_progress { ("open", "in_progress") } else { ("in_progress", "open") };
    tx.prepare_cached("UPDATE exception SET state = ?3, changed_at = ?4 WHERE id = ?1 AND state = ?2")?
        .execute(params![id, from, to, ms(at)])?;
    let seq: Option<i64> = tx
        .prepare_cached("SELECT seq FROM exception WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    match seq {
        Some(seq) => {
            cell::refile(tx, seq)?;
            event(tx, seq, (at, actor), (what, detail))
        }
        None => Ok(()),
    }
}

/// Exceptions that are taken up although every posting of them has come to its end.
pub(crate) fn taken_up_for_nothing(db: &Db) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(
        "SELECT x.id FROM exception x WHERE x.state = 'in_progress'
           AND EXISTS (SELECT 1 FROM posting p WHERE p.exception_id = x.id)
           AND NOT EXISTS (SELECT 1 FROM posting p WHERE p.exception_id = x.id
             AND p.state NOT IN ('settled', 'rejected', 'cancelled'))
         ORDER BY x.seq",
    )?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The exception of this id.
pub(crate) fn find(db: &Db, id: &ExceptionId) -> Result<ExceptionRow> {
    let query = format!("{FROM} WHERE e.id = ?1");
    let found = db.prepare_cached(&query)?.query_row([id.as_str()], read).optional()?;
    found.ok_or_else(|| StoreError::unknown("exception", id))
}

/// The kind of each open exception, by its id.
pub(crate) fn open_kinds(db: &Db) -> Result<Vec<(String, ExceptionKind)>> {
    let mut statement =
        db.prepare("SELECT id, kind FROM exception WHERE state NOT IN ('closed', 'dismissed')")?;
    let read = |row: &Row<'_>| Ok((row.get("id")?, named(row, "kind", ExceptionKind::parse)?));
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The exceptions about a document itself, whatever their state, oldest first.
pub(crate) fn of_document(db: &Db, document: &DocumentId) -> Result<Vec<ExceptionRow>> {
    let query = format!("{FROM} WHERE e.subject_kind = 'document' AND e.subject = ?1 ORDER BY e.seq");
    let mut statement = db.prepare_cached(&query)?;
    Ok(statement.query_map([document.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The history of an exception, oldest first.
pub(crate) fn events(db: &Db, id: &ExceptionId) -> Result<Vec<ExceptionEvent>> {
    let (seq, _) = seq_and_state(db, id)?;
    let mut statement =
        db.prepare_cached("SELECT * FROM exception_event WHERE exception_seq = ?1 ORDER BY seq")?;
    let rows = statement.query_map([seq], |row| {
        Ok(ExceptionEvent {
            at: at(row, "at")?,
            actor: row.get("actor")?,
            what: row.get("what")?,
            detail: row.get("detail")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Gives an exception to a person, or to nobody.
pub(crate) fn set_assignee(
    tx: &Tx<'_>,
    seq: i64,
    assignee: Option<&PersonId>,
    at: DateTime<Utc>,
) -> Result<()> {
    tx.execute(
        "UPDATE exception SET assignee = ?2, changed_at = ?3 WHERE seq = ?1",
        params![seq, assignee.map(PersonId::as_str), ms(at)],
    )?;
    cell::refile(tx, seq)
}

/// Puts an exception into a state.
pub(crate) fn set_state(tx: &Tx<'_>, seq: i64, state: ExceptionState, at: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "UPDATE exception SET state = ?2, changed_at = ?3 WHERE seq = ?1",
        params![seq, state.as_str(), ms(at)],
    )?;
    cell::refile(tx, seq)
}
