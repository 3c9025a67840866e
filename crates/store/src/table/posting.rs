//! Table `posting`: what was proposed.
//!
//! `content` is the JSON of [`Posting`] and what every decision is bound to, through its hash. `basis`
//! says from which facts of the document it was made (content, fee, dispute): while they are the same,
//! the approved posting says where the ledger should hold the document.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params, params_from_iter, types::Value};
use tieout_domain::{
    AccountCode, ChangeId, ConnectionId, Currency, DocumentId, EntityCode, ExceptionId, PersonId, PostingId,
    calendar::PeriodKey,
    document::DocumentKind,
    posting::{Posting, PostingEvent, PostingState, transition},
};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{AT_ONCE, at, marks, ms, named, text, text_opt, unreadable},
    table::{
        cell, connection, document,
        movement::{CONVERTED, DISPUTED, FEE, FEE_TAX},
        posting_step::{self, StepRow},
    },
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
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
          CREATE INDEX posting_by_reference ON posting (connection_seq, reference);",
    },
    Migration { version: 5, sql: "ALTER TABLE posting ADD COLUMN release_rule TEXT;" },
];

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
    /// The rule of the policy that let it go without a person, in its own words.
    pub release_rule: Option<String>,
    /// When its state last changed.
    pub changed_at: DateTime<Utc>,
    /// The stable code of the last failure.
    pub failure_code: Option<String>,
    /// Its words.
    pub failure: Option<String>,
    /// What became of its steps.
    pub steps: Vec<StepRow>,
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

/// A posting to be proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPosting {
    /// What is proposed.
    pub posting: Posting,
    /// The document that it books, where there is one.
    pub document: Option<DocumentId>,
    /// The document's currency.
    pub currency: Currency,
    /// The document's signed amount, minor units.
    pub amount_minor: i64,
    /// The mapping change that it rests on.
    pub mapping_change: Option<ChangeId>,
    /// The policy change that it rests on.
    pub policy_change: Option<ChangeId>,
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
        release_rule: row.get("release_rule")?,
        changed_at: at(row, "changed_at")?,
        failure_code: row.get("failure_code")?,
        failure: row.get("failure")?,
        steps: Vec::new(),
    })
}

/// The internal key and state of a posting, with its content's hash and its exception.
pub(crate) struct Head {
    pub seq: i64,
    pub id: String,
    pub state: PostingState,
    pub content_hash: String,
    pub exception: String,
    pub document_seq: Option<i64>,
    pub connection_seq: i64,
}

pub(crate) fn head(db: &Db, id: &PostingId) -> Result<Head> {
    let found = db
        .prepare_cached(
            "SELECT seq, state, content_hash, exception_id, document_seq, connection_seq FROM posting
              WHERE id = ?1",
        )?
        .query_row([id.as_str()], |row| {
            Ok(Head {
                seq: row.get("seq")?,
                id: id.to_string(),
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
    tx: &Tx<'_>,
    head: &Head,
    event: PostingEvent,
    at: DateTime<Utc>,
) -> Result<PostingState> {
    let state = transition(head.state, event)?;
    tx.prepare_cached("UPDATE posting SET state = ?2, changed_at = ?3 WHERE seq = ?1")?.execute(params![
        head.seq,
        state.as_str(),
        ms(at)
    ])?;
    cell::bump(tx)?;
    Ok(state)
}

/// Notes the rule of the policy that lets it go without a person.
pub(crate) fn set_release_rule(tx: &Tx<'_>, seq: i64, rule: &str) -> Result<()> {
    tx.prepare_cached("UPDATE posting SET release_rule = ?2 WHERE seq = ?1")?.execute(params![seq, rule])?;
    Ok(())
}

/// The facts of a document that a posting is made from, as text.
pub(crate) fn basis(db: &Db, document_seq: i64) -> Result<Option<String>> {
    // What only some documents have is said of those alone: the text of the others is what it was.
    Ok(db
        .prepare_cached(&format!(
            "SELECT d.content_hash || '/' || {FEE} || '/' || {DISPUTED}
               || CASE WHEN {FEE_TAX} <> 0 OR {CONVERTED} THEN '/' || {FEE_TAX} || '/' || {CONVERTED}
                 ELSE '' END
             FROM document d WHERE d.seq = ?1"
        ))?
        .query_row([document_seq], |row| row.get(0))
        .optional()?)
}

/// Where the last approved posting of a document puts it, while the document is as it was then. What only
/// restores an entry (a set that is taken back) says nothing of where the document belongs.
pub(crate) fn placement_in_force(db: &Db, document_seq: i64) -> Result<Option<Placement>> {
    let found: Option<(String, Option<String>)> = db
        .prepare_cached(
            "SELECT p.content, p.basis FROM posting p
             WHERE p.document_seq = ?1 AND p.origin <> 'reversal'
               AND p.state IN ('queued', 'sending', 'in_doubt', 'booked', 'handed_over', 'settled', 'refused',
                 'dead_letter')
               AND EXISTS (SELECT 1 FROM posting_step s WHERE s.posting_seq = p.seq AND s.role = 'post')
             ORDER BY p.seq DESC LIMIT 1",
        )?
        .query_row([document_seq], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((content, made_from)) = found else { return Ok(None) };
    if made_from != basis(db, document_seq)? {
        return Ok(None);
    }
    let posting: Posting = serde_json::from_str(&content).map_err(|_| unreadable("a posting's content"))?;
    placement(&posting)
}

/// Where the posting's last booking step puts its document; `None` for one that only reverses.
fn placement(posting: &Posting) -> Result<Option<Placement>> {
    let Some(step) = posting.steps.iter().rev().find(|step| step.reverses.is_none()) else { return Ok(None) };
    let mut sums: BTreeMap<AccountCode, i64> = BTreeMap::new();
    let currency = step.entry.currency();
    for line in step.entry.lines().iter().filter(|l| l.transaction.currency() == currency) {
        let sum = sums.entry(line.account.clone()).or_insert(0);
        let too_much = || StoreError::out_of_range("posting", &posting.id);
        *sum = sum.checked_add(line.transaction.minor()).ok_or_else(too_much)?;
    }
    Ok(Some(Placement {
        entity: step.entry.entity().clone(),
        period: step.entry.period().clone(),
        lines: sums.into_iter().filter(|(_, minor)| *minor != 0).collect(),
    }))
}

/// The order constraint of the ERPs: what must be booked before what.
pub(crate) fn rank(kind: Option<DocumentKind>) -> i64 {
    match kind {
        Some(DocumentKind::Invoice) => 20,
        Some(DocumentKind::CreditNote) => 30,
        Some(DocumentKind::Payment) => 40,
        Some(DocumentKind::Refund) => 50,
        Some(
            DocumentKind::Dispute
            | DocumentKind::CustomerBalance
            | DocumentKind::Fee
            | DocumentKind::Payout
            | DocumentKind::TopUp
            | DocumentKind::Transfer
            | DocumentKind::Reserve
            | DocumentKind::Adjustment
            | DocumentKind::Conversion
            | DocumentKind::Movement,
        ) => 55,
        None => 60,
    }
}

/// The posting of this id.
pub(crate) fn find(db: &Db, id: &PostingId) -> Result<PostingRow> {
    let found = select(db, "p.id = ?1", vec![id.to_string().into()])?.pop();
    found.ok_or_else(|| StoreError::unknown("posting", id))
}

/// The postings that the filter asks for, oldest first.
pub(crate) fn list(db: &Db, filter: &PostingFilter) -> Result<Vec<PostingRow>> {
    let mut parts = vec!["1 = 1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    if !filter.states.is_empty() {
        parts.push(format!("p.state IN ({})", marks(filter.states.len())));
        values.extend(filter.states.iter().map(|s| s.as_str().to_owned().into()));
    }
    if let Some(id) = &filter.connection {
        parts.push("p.connection_seq = ?".to_owned());
        values.push(connection::seq(db, id)?.into());
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
    select(db, &condition, values)
}

/// How many postings there are in each state that occurs, of one connection where one is given.
pub(crate) fn count_by_state(db: &Db, connection_seq: Option<i64>) -> Result<HashMap<PostingState, u64>> {
    let mut statement = db.prepare_cached(
        "SELECT state, count(*) AS count FROM posting WHERE connection_seq = coalesce(?1, connection_seq)
         GROUP BY state",
    )?;
    let rows = statement.query_map([connection_seq], |row| {
        Ok((named(row, "state", PostingState::parse)?, row.get::<_, i64>("count")?.unsigned_abs()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The postings that settle, or were to settle, an exception, oldest first.
pub(crate) fn of_exception(db: &Db, id: &ExceptionId) -> Result<Vec<PostingRow>> {
    select(db, "p.exception_id = ?1 ORDER BY p.seq", vec![id.to_string().into()])
}

/// Postings by a condition over `posting p` and its `document d`, with what became of their steps.
pub(crate) fn select(db: &Db, condition: &str, values: Vec<Value>) -> Result<Vec<PostingRow>> {
    let mut statement = db.prepare_cached(&format!("{FROM} WHERE {condition}"))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let (mut found, mut seqs) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        seqs.push(row.get::<_, i64>("seq")?);
        found.push(read(row)?);
    }
    let mut steps = posting_step::of_postings(db, &seqs)?;
    for (posting, seq) in found.iter_mut().zip(seqs) {
        posting.steps = steps.remove(&seq).unwrap_or_default();
    }
    Ok(found)
}

/// The version that a new posting of this reference needs, so that its keys are new: 1 for the first.
pub(crate) fn next_version(db: &Db, connection_seq: i64, reference: &str) -> Result<u32> {
    let newest: u32 = db.query_row(
        "SELECT coalesce(max(version), 0) FROM posting WHERE connection_seq = ?1 AND reference = ?2",
        params![connection_seq, reference],
        |row| row.get(0),
    )?;
    Ok(newest + 1)
}

/// Writes what a visit came to. One that neither moved nor failed (looking after a refused posting's drafts)
/// takes nothing back of an earlier failure.
pub(crate) fn set_visited(
    tx: &Tx<'_>,
    head: &Head,
    (state, moved): (PostingState, bool),
    failure: Option<(&str, &str)>,
    at: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE posting SET state = ?2, changed_at = ?3,
           failure_code = CASE WHEN ?6 THEN failure_code ELSE ?4 END,
           failure = CASE WHEN ?6 THEN failure ELSE ?5 END
         WHERE seq = ?1",
    )?
    .execute(params![
        head.seq,
        state.as_str(),
        ms(at),
        failure.map(|f| f.0),
        failure.map(|f| f.1),
        !moved && failure.is_none(),
    ])?;
    cell::bump(tx)
}

/// Forgets the last failure of a posting that is sent again.
pub(crate) fn forget_failure(tx: &Tx<'_>, seq: i64) -> Result<()> {
    tx.execute("UPDATE posting SET failure_code = NULL, failure = NULL WHERE seq = ?1", [seq])?;
    Ok(())
}

/// A live posting to the same ERP, other than the one to be replaced, that books the same document (or, where
/// neither has one, the same reference in the same entity), or that undoes an entry that the new one undoes.
pub(crate) fn live_of_document(
    db: &Db,
    new: &Posting,
    document: Option<&DocumentId>,
    replaced: Option<&PostingId>,
) -> Result<Option<String>> {
    let replaced = replaced.map(PostingId::as_str);
    let mut statement = db.prepare_cached(
        "SELECT p.id, d.id AS document, p.entity FROM posting p
         JOIN connection c ON c.seq = p.connection_seq LEFT JOIN document d ON d.seq = p.document_seq
         WHERE c.id = ?1 AND p.reference = ?2 AND p.id IS DISTINCT FROM ?3
           AND p.state NOT IN ('settled', 'rejected', 'cancelled') ORDER BY p.seq",
    )?;
    let mut rows = statement.query(params![new.connection.as_str(), new.reference, replaced])?;
    while let Some(row) = rows.next()? {
        let other: Option<String> = row.get("document")?;
        let same = match (&other, document) {
            (Some(other), Some(own)) => other == own.as_str(),
            (None, None) => {
                let entity: String = row.get("entity")?;
                new.steps.iter().any(|step| step.entry.entity().as_str() == entity)
            }
            (Some(_), None) | (None, Some(_)) => false,
        };
        if same {
            return Ok(Some(row.get("id")?));
        }
    }
    let mut statement = db.prepare_cached(
        "SELECT p.id FROM posting_step s JOIN posting p ON p.seq = s.posting_seq
         JOIN connection c ON c.seq = p.connection_seq
         WHERE s.reverses = ?1 AND c.id = ?2 AND p.id IS DISTINCT FROM ?3
           AND p.state NOT IN ('settled', 'rejected', 'cancelled') ORDER BY p.seq LIMIT 1",
    )?;
    for target in new.steps.iter().filter_map(|step| step.reverses.as_deref()) {
        let found = statement.query_row(params![target, new.connection.as_str(), replaced], |row| row.get(0));
        if let Some(other) = found.optional()? {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// Makes every approval of a posting's present content one of an earlier content: its version grows.
pub(crate) fn void_approvals(tx: &Tx<'_>, seq: i64) -> Result<()> {
    let text: String = tx.query_row("SELECT content FROM posting WHERE seq = ?1", [seq], |row| row.get(0))?;
    let mut posting: Posting = serde_json::from_str(&text)
        .map_err(|e| StoreError::Corrupt(format!("the content of a posting cannot be read ({e})")))?;
    posting.version = posting.version.saturating_add(1);
    tx.execute(
        "UPDATE posting SET content = ?2, content_hash = ?3, version = ?4 WHERE seq = ?1",
        params![seq, content(&posting)?, posting.content_hash(), posting.version],
    )?;
    Ok(())
}

/// Writes the changed content of a posting that is not sent.
pub(crate) fn replace_content(tx: &Tx<'_>, seq: i64, changed: &Posting) -> Result<()> {
    let (entity, period) =
        placed(changed).ok_or_else(|| StoreError::unknown("step of posting", &changed.id))?;
    tx.execute(
        "UPDATE posting SET version = ?2, origin = ?3, reason = ?4, content_hash = ?5, content = ?6,
           entity = ?7, period = ?8, gross_minor = ?9, failure_code = NULL, failure = NULL
         WHERE seq = ?1",
        params![
            seq,
            changed.version,
            changed.origin.as_str(),
            changed.reason,
            changed.content_hash(),
            content(changed)?,
            entity,
            period.as_str(),
            gross(changed)?
        ],
    )?;
    Ok(())
}

/// Why it stands still, where no visit said so.
pub(crate) fn set_failure(tx: &Tx<'_>, seq: i64, (code, words): (&str, &str)) -> Result<()> {
    tx.execute(
        "UPDATE posting SET failure_code = ?2, failure = ?3 WHERE seq = ?1",
        params![seq, code, words],
    )?;
    Ok(())
}

/// Postings that wait for an approval or to be sent, whose content is that of an earlier version.
pub(crate) fn of_earlier_versions(db: &Db) -> Result<Vec<PostingId>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM posting WHERE state IN ('proposed', 'queued') AND content NOT LIKE '%\"basis\":{%'
         ORDER BY seq",
    )?;
    Ok(statement.query_map([], |row| text(row, "id"))?.collect::<rusqlite::Result<_>>()?)
}

/// True where the facts of its document are those that it was made from, or where it has no document.
pub(crate) fn is_as_prepared(db: &Db, id: &PostingId) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT document_seq, basis FROM posting WHERE id = ?1")?;
    let found: Option<(Option<i64>, Option<String>)> =
        statement.query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (document, made_from) = found.ok_or_else(|| StoreError::unknown("posting", id))?;
    document.map_or(Ok(true), |document| Ok(basis(db, document)? == made_from))
}

/// The live posting of an exception, other than the one to be replaced.
pub(crate) fn other_live(
    db: &Db,
    exception: &ExceptionId,
    replaced: Option<&PostingId>,
) -> Result<Option<String>> {
    Ok(db
        .prepare_cached(
            "SELECT id FROM posting WHERE exception_id = ?1 AND id IS DISTINCT FROM ?2
               AND state NOT IN ('settled', 'rejected', 'cancelled') ORDER BY seq LIMIT 1",
        )?
        .query_row(params![exception.as_str(), replaced.map(PostingId::as_str)], |row| row.get(0))
        .optional()?)
}

/// The references of these postings, in that order.
pub(crate) fn references(db: &Db, ids: &[PostingId]) -> Result<Vec<String>> {
    let mut found: HashMap<String, String> = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let query = format!("SELECT id, reference FROM posting WHERE id IN ({})", marks(some.len()));
        let mut statement = db.prepare_cached(&query)?;
        let mut rows = statement.query(params_from_iter(some.iter().map(PostingId::as_str)))?;
        while let Some(row) = rows.next()? {
            found.insert(row.get("id")?, row.get("reference")?);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id.as_str())).collect())
}

fn placed(posting: &Posting) -> Option<(String, PeriodKey)> {
    let step = posting.steps.iter().rev().find(|s| s.reverses.is_none()).or(posting.steps.last())?;
    Some((step.entry.entity().to_string(), step.entry.period().clone()))
}

fn content(posting: &Posting) -> Result<String> {
    serde_json::to_string(posting)
        .map_err(|e| StoreError::Sql(rusqlite::Error::ToSqlConversionFailure(Box::new(e))))
}

/// The largest step's debits in functional currency.
fn gross(posting: &Posting) -> Result<i64> {
    posting.gross_minor().map_err(|_| StoreError::out_of_range("posting", &posting.id))
}

/// Writes a posting that is proposed; answers its internal key.
pub(crate) fn insert(tx: &Tx<'_>, new: &NewPosting) -> Result<i64> {
    let posting = &new.posting;
    let document = new.document.as_ref().map(|id| document::seq_and_kind(tx, id)).transpose()?;
    let basis = document.map(|(seq, _)| basis(tx, seq)).transpose()?.flatten();
    let (entity, period) =
        placed(posting).ok_or_else(|| StoreError::unknown("step of posting", &posting.id))?;
    let count = tx
        .prepare_cached(
            "INSERT INTO posting (id, exception_id, document_seq, basis, connection_seq, reference,
              version, origin,
               preparer, reason, content_hash, content, state, entity, period, currency, amount_minor,
                 gross_minor,
               mapping_change, policy_change, rank, proposed_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'proposed', ?13, ?14, ?15, ?16,
               ?17, ?18, ?19,
               ?20, ?21, ?21) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            posting.id.as_str(),
            posting.exception.as_str(),
            document.map(|(seq, _)| seq),
            basis,
            connection::seq(tx, &posting.connection)?,
            posting.reference,
            posting.version,
            posting.origin.as_str(),
            posting.preparer.as_ref().map(PersonId::as_str),
            posting.reason,
            posting.content_hash(),
            content(posting)?,
            entity,
            period.as_str(),
            new.currency.code(),
            new.amount_minor,
            gross(posting)?,
            new.mapping_change.as_ref().map(ChangeId::as_str),
            new.policy_change.as_ref().map(ChangeId::as_str),
            rank(document.map(|(_, kind)| kind)),
            ms(posting.proposed_at),
        ])?;
    if count == 0 {
        return Err(StoreError::Duplicate { what: "posting", id: posting.id.to_string() });
    }
    Ok(tx.last_insert_rowid())
}
