//! Tables `exception` and `exception_event`: what detection found, and what people did about it.
//! Detection opens, updates and closes exceptions; the methods here are what people do.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;
use tieout_domain::{
    Currency, DocumentId, EntityCode, ExceptionId, PersonId,
    calendar::PeriodKey,
    exception::{ExceptionKind, ExceptionState, OwnerTeam, Queue},
    severity::Severity,
};

use crate::{
    error::{Result, StoreError},
    migrate::Migration,
    sql::{at, at_opt, ms, named, stored_enum, text, text_opt},
    store::Store,
    table::{
        cell,
        log::{self, LogDraft},
    },
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
    /// What tells the same root cause.
    pub fingerprint: String,
    /// The group of exceptions of one root cause.
    pub group_key: String,
    /// One plain sentence.
    pub why: String,
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

/// Which exceptions to list. Empty lists and `None` ask for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExceptionFilter {
    /// Any of these states.
    pub states: Vec<ExceptionState>,
    /// Any of these kinds.
    pub kinds: Vec<ExceptionKind>,
    /// Shown in this queue, whether as its home or also.
    pub queue: Option<Queue>,
    /// Of this entity.
    pub entity: Option<EntityCode>,
    /// Of this period.
    pub period: Option<PeriodKey>,
    /// Given to this person.
    pub assignee: Option<PersonId>,
    /// Of this group.
    pub group: Option<String>,
    /// Whose reference, id, subject or sentence contains this.
    pub search: Option<String>,
    /// At most so many.
    pub limit: Option<u32>,
    /// After this one in the list's order (due time, then age).
    pub after: Option<ExceptionId>,
}

/// How many open exceptions there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExceptionCount {
    /// The kind.
    pub kind: ExceptionKind,
    /// Whether its period is blocked, which shows unposted ones in period close too.
    pub period_blocked: bool,
    /// The severity.
    pub severity: Severity,
    /// How many.
    pub count: u64,
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
    fn word(self) -> &'static str {
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

pub(crate) fn severity(name: &str) -> Option<Severity> {
    let all = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    all.into_iter().find(|s| s.as_str() == name)
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<ExceptionRow> {
    let kind = named(row, "kind", ExceptionKind::parse)?;
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
        severity: named(row, "severity", severity)?,
        owner: kind.owner(),
        assignee: text_opt(row, "assignee")?,
        state: named(row, "state", ExceptionState::parse)?,
        period_blocked: row.get("period_blocked")?,
        fingerprint: row.get("fingerprint")?,
        group_key: row.get("group_key")?,
        why: row.get("why")?,
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
pub(crate) fn seq_and_state(sqlite: &Connection, id: &ExceptionId) -> Result<(i64, ExceptionState)> {
    let mut statement = sqlite.prepare_cached("SELECT seq, state FROM exception WHERE id = ?1")?;
    let found = statement
        .query_row([id.as_str()], |row| Ok((row.get("seq")?, named(row, "state", ExceptionState::parse)?)))
        .optional()?;
    found.ok_or_else(|| StoreError::unknown("exception", id))
}

/// Writes an event of an exception's history.
pub(crate) fn event(
    sqlite: &Connection,
    exception_seq: i64,
    (at, actor): (DateTime<Utc>, &str),
    (what, detail): (&str, &str),
) -> Result<()> {
    sqlite
        .prepare_cached(
            "INSERT INTO exception_event (exception_seq, at, actor, what, detail) VALUES (?1, ?2, ?3,
              ?4, ?5)",
        )?
        .execute(params![exception_seq, ms(at), actor, what, detail])?;
    Ok(())
}

/// Moves an exception to a state because of what happens to its posting: taken up while one lives, open
/// again when it is gone. One that a person put aside or that is closed stays as it is.
pub(crate) fn follow_posting(
    sqlite: &Connection,
    id: &str,
    in_progress: bool,
    (at, actor): (DateTime<Utc>, &str),
    (what, detail): (&str, &str),
) -> Result<()> {
    let (from, to) = if in_progress { ("open", "in_progress") } else { ("in_progress", "open") };
    sqlite
        .prepare_cached("UPDATE exception SET state = ?3, changed_at = ?4 WHERE id = ?1 AND state = ?2")?
        .execute(params![id, from, to, ms(at)])?;
    let seq: Option<i64> = sqlite
        .prepare_cached("SELECT seq FROM exception WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    match seq {
        Some(seq) => {
            cell::refile(sqlite, seq)?;
            event(sqlite, seq, (at, actor), (what, detail))
        }
        None => Ok(()),
    }
}

impl Store {
    /// The exceptions that the filter asks for, the most urgent first.
    ///
    /// # Errors
    /// `not_found` for `after`.
    pub fn exceptions(&self, filter: &ExceptionFilter) -> Result<Vec<ExceptionRow>> {
        let (condition, mut values) = conditions(filter);
        let mut query = format!("{FROM} WHERE {condition}");
        if let Some(after) = &filter.after {
            let (due, seq) = self.place(after)?;
            query.push_str(" AND (e.due_at, e.seq) > (?, ?)");
            values.extend([due.into(), seq.into()]);
        }
        query.push_str(" ORDER BY e.due_at, e.seq");
        if let Some(limit) = filter.limit {
            query.push_str(" LIMIT ?");
            values.push(i64::from(limit).into());
        }
        let mut statement = self.connection.prepare_cached(&query)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn place(&self, id: &ExceptionId) -> Result<(i64, i64)> {
        let mut statement =
            self.connection.prepare_cached("SELECT due_at, seq FROM exception WHERE id = ?1")?;
        let found = statement.query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        found.ok_or_else(|| StoreError::unknown("exception", id))
    }

    /// The exception of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn exception(&self, id: &ExceptionId) -> Result<ExceptionRow> {
        let query = format!("{FROM} WHERE e.id = ?1");
        let found = self.connection.prepare_cached(&query)?.query_row([id.as_str()], read).optional()?;
        found.ok_or_else(|| StoreError::unknown("exception", id))
    }

    /// The history of an exception, oldest first.
    ///
    /// # Errors
    /// `not_found`.
    pub fn exception_events(&self, id: &ExceptionId) -> Result<Vec<ExceptionEvent>> {
        let (seq, _) = seq_and_state(&self.connection, id)?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM exception_event WHERE exception_seq = ?1 ORDER BY seq")?;
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

    /// How many open exceptions there are of each kind and severity.
    ///
    /// # Errors
    /// A database error.
    pub fn exception_counts(&self) -> Result<Vec<ExceptionCount>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT kind, period_blocked, severity, count(*) AS count FROM exception
             WHERE state IN ('open', 'in_progress', 'on_hold') GROUP BY kind, period_blocked, severity
             ORDER BY kind, period_blocked, severity",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(ExceptionCount {
                kind: named(row, "kind", ExceptionKind::parse)?,
                period_blocked: row.get("period_blocked")?,
                severity: named(row, "severity", severity)?,
                count: row.get::<_, i64>("count")?.unsigned_abs(),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Gives an exception to a person, or to nobody.
    ///
    /// # Errors
    /// `not_found`.
    pub fn assign(
        &mut self,
        id: &ExceptionId,
        assignee: Option<&PersonId>,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.write(|tx| {
            let (seq, _) = seq_and_state(tx, id)?;
            let assignee = assignee.map(PersonId::as_str);
            tx.execute(
                "UPDATE exception SET assignee = ?2, changed_at = ?3 WHERE seq = ?1",
                params![seq, assignee, ms(log.at)],
            )?;
            cell::refile(tx, seq)?;
            event(tx, seq, (log.at, log.actor), ("assigned", assignee.unwrap_or("")))?;
            log::append_with(tx, log, &[("assignee", json!(assignee))]).map(|_| ())
        })
    }

    /// Writes a comment.
    ///
    /// # Errors
    /// `not_found`.
    pub fn comment(&mut self, id: &ExceptionId, words: &str, log: &LogDraft<'_>) -> Result<()> {
        self.write(|tx| {
            let (seq, _) = seq_and_state(tx, id)?;
            event(tx, seq, (log.at, log.actor), ("comment", words))?;
            log::append_with(tx, log, &[("comment", json!(words))]).map(|_| ())
        })
    }

    /// Holds, releases or dismisses an exception, with a reason.
    ///
    /// # Errors
    /// `not_found`, `exception_state` when its state does not allow it.
    pub fn set_exception_state(
        &mut self,
        id: &ExceptionId,
        what: ExceptionMove,
        reason: &str,
        log: &LogDraft<'_>,
    ) -> Result<ExceptionState> {
        self.write(|tx| {
            let (seq, state) = seq_and_state(tx, id)?;
            let (target, wanted) = (what.allowed(id, state)?, what.word());
            tx.execute(
                "UPDATE exception SET state = ?2, changed_at = ?3 WHERE seq = ?1",
                params![seq, target.as_str(), ms(log.at)],
            )?;
            cell::refile(tx, seq)?;
            event(tx, seq, (log.at, log.actor), (wanted, reason))?;
            log::append_with(tx, log, &[("reason", json!(reason)), ("state", json!(target.as_str()))])?;
            Ok(target)
        })
    }
}

type Values = Vec<rusqlite::types::Value>;

/// The filter as a condition with `?` for each value, in order.
fn conditions(filter: &ExceptionFilter) -> (String, Values) {
    let mut parts = vec!["1 = 1".to_owned()];
    let mut values: Values = Vec::new();
    let mut any_of = |column: &str, names: Vec<&'static str>, parts: &mut Vec<String>| {
        if !names.is_empty() {
            parts.push(format!("{column} IN ({})", vec!["?"; names.len()].join(", ")));
            values.extend(names.into_iter().map(|name| name.to_owned().into()));
        }
    };
    if !filter.states.is_empty() && filter.states.iter().all(|state| state.is_open()) {
        parts.push("e.live = 1".to_owned());
    }
    any_of("e.state", filter.states.iter().map(|s| s.as_str()).collect(), &mut parts);
    any_of("e.kind", filter.kinds.iter().map(|k| k.as_str()).collect(), &mut parts);
    if let Some(queue) = filter.queue {
        let shown = |blocked: bool| -> Vec<&'static str> {
            let shows = |k: &&ExceptionKind| k.queues(blocked).contains(&queue);
            ExceptionKind::ALL.iter().filter(shows).map(|k| k.as_str()).collect()
        };
        let (always, blocked) = (shown(false), shown(true));
        let marks = |names: &[&str]| vec!["?"; names.len()].join(", ");
        parts.push(format!(
            "(e.kind IN ({}) OR (e.period_blocked = 1 AND e.kind IN ({})))",
            marks(&always),
            marks(&blocked)
        ));
        values.extend(always.into_iter().chain(blocked).map(|name| name.to_owned().into()));
    }
    let exact = [
        ("e.entity", filter.entity.as_ref().map(ToString::to_string)),
        ("e.period", filter.period.as_ref().map(ToString::to_string)),
        ("e.assignee", filter.assignee.as_ref().map(ToString::to_string)),
        ("e.group_key", filter.group.clone()),
    ];
    for (column, value) in exact {
        if let Some(value) = value {
            parts.push(format!("{column} = ?"));
            values.push(value.into());
        }
    }
    if let Some(search) = &filter.search {
        let escaped = search.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let columns = ["e.external_ref", "e.id", "e.subject", "e.why"];
        let each: Vec<String> = columns.iter().map(|c| format!("{c} LIKE ? ESCAPE '\\'")).collect();
        parts.push(format!("({})", each.join(" OR ")));
        values.extend(columns.iter().map(|_| format!("%{escaped}%").into()));
    }
    (parts.join(" AND "), values)
}
