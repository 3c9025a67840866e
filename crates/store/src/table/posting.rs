//! Tables `posting`, `posting_step` and `posting_edit`: what was proposed, step by step, and by whom.
//!
//! `content` is the JSON of [`Posting`] and what every decision is bound to, through its hash. `basis`
//! says from which facts of the document it was made (content, fee, dispute): while they are the same,
//! the approved posting says where the ledger should hold the document.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use tieout_domain::{
    AccountCode, ChangeId, ConnectionId, Currency, DocumentId, EntityCode, ExceptionId, PersonId, PostingId,
    calendar::PeriodKey,
    document::DocumentKind,
    key::PostingKey,
    posting::{Posting, PostingEvent, PostingState, transition},
};

use crate::{
    error::{Result, StoreError},
    migrate::Migration,
    sql::{at, at_opt, date, ms, named, text, text_opt, unreadable},
    store::Store,
    table::{cell, connection},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE posting (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, exception_id TEXT NOT
      NULL,
            document_seq INTEGER, basis TEXT, connection_seq INTEGER NOT NULL, reference TEXT NOT NULL,
            version INTEGER NOT NULL, origin TEXT NOT NULL, preparer TEXT, reason TEXT, content_hash
              TEXT NOT NULL,
            content TEXT NOT NULL, state TEXT NOT NULL, entity TEXT NOT NULL, period TEXT NOT NULL,
            currency TEXT NOT NULL, amount_minor INTEGER NOT NULL, gross_minor INTEGER NOT NULL,
            mapping_change TEXT, policy_change TEXT, rank INTEGER NOT NULL, proposed_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL, failure_code TEXT, failure TEXT);
          CREATE INDEX posting_by_exception ON posting (exception_id);
          CREATE INDEX posting_by_reference ON posting (connection_seq, reference);
          CREATE TABLE posting_step (posting_seq INTEGER NOT NULL, number INTEGER NOT NULL,
            key TEXT NOT NULL UNIQUE, role TEXT NOT NULL, reverses TEXT, entity TEXT NOT NULL, period
              TEXT NOT NULL,
            posting_date TEXT NOT NULL, erp_id TEXT, booked_at INTEGER, booked_period TEXT, difference TEXT,
            PRIMARY KEY (posting_seq, number)) WITHOUT ROWID;
          CREATE TABLE posting_edit (seq INTEGER PRIMARY KEY, posting_id TEXT NOT NULL, person TEXT NOT
            NULL,
            what TEXT NOT NULL, content_hash TEXT NOT NULL, at INTEGER NOT NULL);
          CREATE INDEX posting_edit_by_posting ON posting_edit (posting_id);",
}];

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// Its number, from 1.
    pub number: u32,
    /// Its key.
    pub key: PostingKey,
    /// True when it undoes a booked entry.
    pub is_reversal: bool,
    /// The ERP's id of the entry, once booked.
    pub erp_id: Option<String>,
    /// When the read-back showed it booked.
    pub booked_at: Option<DateTime<Utc>>,
    /// The period into which the ERP booked it.
    pub booked_period: Option<PeriodKey>,
    /// How it differs from what was approved: `code: words`, one per line.
    pub difference: Option<String>,
}

/// A posting as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingRow {
    /// What was proposed.
    pub posting: Posting,
    /// The document that it books, where there is one.
    pub document: Option<DocumentId>,
    /// The hash of what was proposed.
    pub content_hash: String,
    /// Where it stands.
    pub state: PostingState,
    /// The entity of the step that remains.
    pub entity: EntityCode,
    /// The period of the step that remains.
    pub period: PeriodKey,
    /// The document's currency.
    pub currency: Currency,
    /// The document's signed amount, minor units.
    pub amount_minor: i64,
    /// The largest step's debits in functional currency, minor units.
    pub gross_minor: i64,
    /// The mapping that it rests on.
    pub mapping_change: Option<ChangeId>,
    /// The policy that it rests on.
    pub policy_change: Option<ChangeId>,
    /// When its state last changed.
    pub changed_at: DateTime<Utc>,
    /// The stable code of the last failure.
    pub failure_code: Option<String>,
    /// Its words.
    pub failure: Option<String>,
    /// What became of its steps.
    pub steps: Vec<StepRow>,
}

/// Somebody who shaped a posting: they may not approve it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingEdit {
    /// Who.
    pub person: PersonId,
    /// What they did: `proposed`, `amended` …
    pub what: String,
    /// The content that came of it.
    pub content_hash: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Which postings to list. Empty lists and `None` ask for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostingFilter {
    /// In any of these states.
    pub states: Vec<PostingState>,
    /// To this ERP connection.
    pub connection: Option<ConnectionId>,
    /// Of this reference.
    pub reference: Option<String>,
    /// Of this exception.
    pub exception: Option<ExceptionId>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// Where an approved posting says that the ledger should hold its document.
pub(crate) struct Placement {
    pub entity: EntityCode,
    pub period: PeriodKey,
    pub lines: Vec<(AccountCode, i64)>,
}

pub(crate) const FROM: &str =
    "SELECT p.*, d.id AS document_id FROM posting p LEFT JOIN document d ON d.seq = p.document_seq";

/// A posting without what became of its steps. Content that no longer has its hash is refused.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<PostingRow> {
    let content = row.get_ref("content")?.as_str()?;
    let posting: Posting = serde_json::from_str(content).map_err(|_| unreadable("a posting's content"))?;
    let content_hash: String = row.get("content_hash")?;
    if posting.content_hash() != content_hash {
        return Err(unreadable(format!("the content of posting {}, which lost its hash", posting.id)));
    }
    Ok(PostingRow {
        posting,
        document: text_opt(row, "document_id")?,
        content_hash,
        state: named(row, "state", PostingState::parse)?,
        entity: text(row, "entity")?,
        period: PeriodKey::new(row.get::<_, String>("period")?),
        currency: text(row, "currency")?,
        amount_minor: row.get("amount_minor")?,
        gross_minor: row.get("gross_minor")?,
        mapping_change: text_opt(row, "mapping_change")?,
        policy_change: text_opt(row, "policy_change")?,
        changed_at: at(row, "changed_at")?,
        failure_code: row.get("failure_code")?,
        failure: row.get("failure")?,
        steps: Vec::new(),
    })
}

pub(crate) fn steps(sqlite: &Connection, posting_seq: i64) -> Result<Vec<StepRow>> {
    let mut statement =
        sqlite.prepare_cached("SELECT * FROM posting_step WHERE posting_seq = ?1 ORDER BY number")?;
    let rows = statement.query_map([posting_seq], |row| {
        Ok(StepRow {
            number: row.get("number")?,
            key: text(row, "key")?,
            is_reversal: row.get_ref("role")?.as_str()? == "reverse",
            erp_id: row.get("erp_id")?,
            booked_at: at_opt(row, "booked_at")?,
            booked_period: row.get::<_, Option<String>>("booked_period")?.map(PeriodKey::new),
            difference: row.get("difference")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The internal key and state of a posting, with its content's hash and its exception.
pub(crate) struct Head {
    pub seq: i64,
    pub state: PostingState,
    pub content_hash: String,
    pub exception: String,
    pub document_seq: Option<i64>,
    pub connection_seq: i64,
}

pub(crate) fn head(sqlite: &Connection, id: &PostingId) -> Result<Head> {
    let found = sqlite
        .prepare_cached(
            "SELECT seq, state, content_hash, exception_id, document_seq, connection_seq FROM posting
              WHERE id = ?1",
        )?
        .query_row([id.as_str()], |row| {
            Ok(Head {
                seq: row.get("seq")?,
                state: named(row, "state", PostingState::parse)?,
                content_hash: row.get("content_hash")?,
                exception: row.get("exception_id")?,
                document_seq: row.get("document_seq")?,
                connection_seq: row.get("connection_seq")?,
            })
        })
        .optional()?;
    found.ok_or_else(|| StoreError::unknown("posting", id))
}

/// Applies one event through the one transition function.
pub(crate) fn step_state(
    sqlite: &Connection,
    head: &Head,
    event: PostingEvent,
    at: DateTime<Utc>,
) -> Result<PostingState> {
    let state = transition(head.state, event)?;
    sqlite
        .prepare_cached("UPDATE posting SET state = ?2, changed_at = ?3 WHERE seq = ?1")?
        .execute(params![head.seq, state.as_str(), ms(at)])?;
    cell::bump(sqlite)?;
    Ok(state)
}

/// The facts of a document that a posting is made from, as text.
pub(crate) fn basis(sqlite: &Connection, document_seq: i64) -> Result<Option<String>> {
    Ok(sqlite
        .prepare_cached(
            "SELECT d.content_hash || '/' || coalesce((SELECT f.fee_minor FROM payment_fee f
                WHERE f.connection_seq = d.connection_seq AND f.payment = d.external_id AND d.kind =
                  'payment'), 0)
               || '/' || EXISTS (SELECT 1 FROM dispute x WHERE x.connection_seq = d.connection_seq
                AND x.payment = d.external_id AND x.funds_withdrawn = 1 AND d.kind = 'payment')
             FROM document d WHERE d.seq = ?1",
        )?
        .query_row([document_seq], |row| row.get(0))
        .optional()?)
}

/// Where the last approved posting of a document puts it, while the document is as it was then.
pub(crate) fn placement_in_force(sqlite: &Connection, document_seq: i64) -> Result<Option<Placement>> {
    let found: Option<(String, Option<String>)> = sqlite
        .prepare_cached(
            "SELECT p.content, p.basis FROM posting p
             WHERE p.document_seq = ?1
               AND p.state IN ('queued', 'sending', 'in_doubt', 'booked', 'settled', 'refused',
                 'dead_letter')
               AND EXISTS (SELECT 1 FROM posting_step s WHERE s.posting_seq = p.seq AND s.role = 'post')
             ORDER BY p.seq DESC LIMIT 1",
        )?
        .query_row([document_seq], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((content, made_from)) = found else { return Ok(None) };
    if made_from != basis(sqlite, document_seq)? {
        return Ok(None);
    }
    let posting: Posting = serde_json::from_str(&content).map_err(|_| unreadable("a posting's content"))?;
    Ok(placement(&posting))
}

/// Where the posting's last booking step puts its document; `None` for one that only reverses.
pub(crate) fn placement(posting: &Posting) -> Option<Placement> {
    let step = posting.steps.iter().rev().find(|step| step.reverses.is_none())?;
    let mut sums: std::collections::BTreeMap<AccountCode, i64> = std::collections::BTreeMap::new();
    let currency = step.entry.currency();
    for line in step.entry.lines().iter().filter(|l| l.transaction.currency() == currency) {
        let sum = sums.entry(line.account.clone()).or_insert(0);
        *sum = sum.saturating_add(line.transaction.minor());
    }
    Some(Placement {
        entity: step.entry.entity().clone(),
        period: step.entry.period().clone(),
        lines: sums.into_iter().filter(|(_, minor)| *minor != 0).collect(),
    })
}

/// The order constraint of the ERPs: what must be booked before what.
pub(crate) fn rank(kind: Option<DocumentKind>) -> i64 {
    match kind {
        Some(DocumentKind::Invoice) => 20,
        Some(DocumentKind::CreditNote) => 30,
        Some(DocumentKind::Payment) => 40,
        Some(DocumentKind::Refund) => 50,
        None => 60,
    }
}

/// Writes the steps of a posting that has none.
pub(crate) fn insert_steps(sqlite: &Connection, posting_seq: i64, posting: &Posting) -> Result<()> {
    for step in &posting.steps {
        let count = sqlite
            .prepare_cached(
                "INSERT INTO posting_step (posting_seq, number, key, role, reverses, entity, period,
                  posting_date)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key) DO NOTHING",
            )?
            .execute(params![
                posting_seq,
                step.number,
                step.key.as_str(),
                if step.reverses.is_some() { "reverse" } else { "post" },
                step.reverses,
                step.entry.entity().as_str(),
                step.entry.period().as_str(),
                date(step.entry.posting_date()),
            ])?;
        if count == 0 {
            let holder: String = sqlite.query_row(
                "SELECT p.id FROM posting_step s JOIN posting p ON p.seq = s.posting_seq WHERE s.key = ?1",
                [step.key.as_str()],
                |row| row.get(0),
            )?;
            return Err(StoreError::KeyConflict { key: step.key.to_string(), posting: holder });
        }
    }
    Ok(())
}

/// Notes that a person shaped a posting.
pub(crate) fn insert_edit(sqlite: &Connection, posting: &PostingId, edit: &PostingEdit) -> Result<()> {
    sqlite
        .prepare_cached(
            "INSERT INTO posting_edit (posting_id, person, what, content_hash, at) VALUES (?1, ?2, ?3,
              ?4, ?5)",
        )?
        .execute(params![
            posting.as_str(),
            edit.person.as_str(),
            edit.what,
            edit.content_hash,
            ms(edit.at)
        ])?;
    Ok(())
}

impl Store {
    /// The posting of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn posting(&self, id: &PostingId) -> Result<PostingRow> {
        let found = self.postings_where("p.id = ?1", vec![id.to_string().into()])?.pop();
        found.ok_or_else(|| StoreError::unknown("posting", id))
    }

    /// The postings that the filter asks for, oldest first.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn postings(&self, filter: &PostingFilter) -> Result<Vec<PostingRow>> {
        let mut parts = vec!["1 = 1".to_owned()];
        let mut values: Vec<rusqlite::types::Value> = Vec::new();
        if !filter.states.is_empty() {
            parts.push(format!("p.state IN ({})", vec!["?"; filter.states.len()].join(", ")));
            values.extend(filter.states.iter().map(|s| s.as_str().to_owned().into()));
        }
        if let Some(id) = &filter.connection {
            parts.push("p.connection_seq = ?".to_owned());
            values.push(connection::seq(&self.connection, id)?.into());
        }
        if let Some(reference) = &filter.reference {
            parts.push("p.reference = ?".to_owned());
            values.push(reference.clone().into());
        }
        if let Some(exception) = &filter.exception {
            parts.push("p.exception_id = ?".to_owned());
            values.push(exception.to_string().into());
        }
        let mut condition = parts.join(" AND ");
        condition.push_str(" ORDER BY p.seq");
        if let Some(limit) = filter.limit {
            condition.push_str(" LIMIT ?");
            values.push(i64::from(limit).into());
        }
        self.postings_where(&condition, values)
    }

    /// The postings that settle, or were to settle, an exception, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn postings_for_exception(&self, id: &ExceptionId) -> Result<Vec<PostingRow>> {
        self.postings_where("p.exception_id = ?1 ORDER BY p.seq", vec![id.to_string().into()])
    }

    pub(crate) fn postings_where(
        &self,
        condition: &str,
        values: Vec<rusqlite::types::Value>,
    ) -> Result<Vec<PostingRow>> {
        let mut statement = self.connection.prepare_cached(&format!("{FROM} WHERE {condition}"))?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut posting = read(row)?;
            posting.steps = steps(&self.connection, row.get("seq")?)?;
            found.push(posting);
        }
        Ok(found)
    }

    /// Everyone who shaped a posting or one that it replaces, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn editors_of(&self, id: &PostingId) -> Result<Vec<PostingEdit>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM posting_edit WHERE posting_id = ?1 ORDER BY seq")?;
        let rows = statement.query_map([id.as_str()], |row| {
            Ok(PostingEdit {
                person: text(row, "person")?,
                what: row.get("what")?,
                content_hash: row.get("content_hash")?,
                at: at(row, "at")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The version that a new posting of this reference needs, so that its keys are new: 1 for the
    /// first.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn next_posting_version(&self, erp: &ConnectionId, reference: &str) -> Result<u32> {
        let seq = connection::seq(&self.connection, erp)?;
        let newest: u32 = self.connection.query_row(
            "SELECT coalesce(max(version), 0) FROM posting WHERE connection_seq = ?1 AND reference = ?2",
            params![seq, reference],
            |row| row.get(0),
        )?;
        Ok(newest + 1)
    }
}
