//! Windows over long lists: postings and log entries, newest first. Nothing here writes.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, params_from_iter, types::Value};
use tieout_domain::{
    ConnectionId, Currency, ExceptionId, PersonId, PostingId, calendar::PeriodKey, posting::PostingState,
};

use crate::{
    error::Result,
    sql::{at, instant, ms, named, text, text_opt},
    store::Store,
    table::{
        connection,
        log::{self, LogEntry},
        outbox,
    },
};

/// Which postings, and which of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostingQuery {
    /// In this state.
    pub state: Option<PostingState>,
    /// To this ERP connection.
    pub connection: Option<ConnectionId>,
    /// Whose reference, id, key or failure contains this.
    pub search: Option<String>,
    /// The first one's place in the list.
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// A posting in a list: what its columns say, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingBrief {
    /// Its id.
    pub id: PostingId,
    /// The exception that it settles.
    pub exception: ExceptionId,
    /// The document's reference.
    pub reference: String,
    /// Where it stands.
    pub state: PostingState,
    /// The ERP connection's name.
    pub connection: String,
    /// Where it comes from.
    pub origin: String,
    /// Who prepared it.
    pub preparer: Option<PersonId>,
    /// Who approved the present content, in order.
    pub approved_by: Vec<PersonId>,
    /// The entity of the step that remains.
    pub entity: String,
    /// The period of the step that remains.
    pub period: PeriodKey,
    /// The document's currency.
    pub currency: Currency,
    /// The document's signed amount, minor units.
    pub amount_minor: i64,
    /// Attempts begun.
    pub tries: u32,
    /// When the worker visits it next.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Why it stands still.
    pub failure: Option<String>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
}

/// A window of postings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostingWindow {
    /// How many there are altogether.
    pub total: u64,
    /// Those of the window.
    pub rows: Vec<PostingBrief>,
    /// How many there are in each state, whatever state was asked for.
    pub states: Vec<(PostingState, u64)>,
}

/// What the worker remembers of a posting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// Attempts begun.
    pub tries: u32,
    /// Look-ups since its outcome became unknown.
    pub lookups: u32,
    /// Since when its outcome is unknown.
    pub doubt_since: Option<DateTime<Utc>>,
    /// When it is visited next.
    pub next_try_at: Option<DateTime<Utc>>,
    /// References of postings that have to be booked before it.
    pub waits_for: Vec<String>,
}

/// What an entry of the log is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogReference {
    /// The document's reference.
    pub reference: String,
    /// The exception, or the one that the posting settles.
    pub exception: ExceptionId,
}

/// Which log entries, and which of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// By this actor.
    pub actor: Option<String>,
    /// Of this kind.
    pub what: Option<String>,
    /// Whose subject, kind or detail contains this.
    pub search: Option<String>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
    /// The first one's place in the list.
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// A window of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogWindow {
    /// How many there are altogether.
    pub total: u64,
    /// Those of the window.
    pub rows: Vec<LogEntry>,
    /// Every kind of entry that the log holds.
    pub whats: Vec<String>,
    /// Everybody who acts in it.
    pub actors: Vec<String>,
}

/// Conditions with a `?` for each value, in order.
#[derive(Clone, Default)]
struct Where {
    parts: Vec<String>,
    values: Vec<Value>,
}

impl Where {
    fn and(&mut self, part: &str, value: impl Into<Value>) {
        self.parts.push(part.to_owned());
        self.values.push(value.into());
    }

    /// Any of the columns contains the words.
    fn contains(&mut self, columns: &[&str], words: &str) {
        let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let each: Vec<String> = columns.iter().map(|c| format!("{c} LIKE ? ESCAPE '\\'")).collect();
        self.parts.push(format!("({})", each.join(" OR ")));
        self.values.extend(columns.iter().map(|_| Value::from(format!("%{escaped}%"))));
    }

    fn sql(&self) -> String {
        if self.parts.is_empty() { "1 = 1".to_owned() } else { self.parts.join(" AND ") }
    }

    fn window(&self, start: u64, limit: u32) -> Vec<Value> {
        let mut values = self.values.clone();
        values.push(i64::from(limit).into());
        values.push(i64::try_from(start).unwrap_or(i64::MAX).into());
        values
    }
}

const BRIEF: &str = "SELECT p.id, p.exception_id, p.reference, p.state, c.name AS connection, p.origin,
    p.preparer, p.content_hash, p.entity, p.period, p.currency, p.amount_minor, p.failure, p.proposed_at,
    coalesce(o.tries, 0) AS tries, o.due_at AS due_at
    FROM posting p JOIN connection c ON c.seq = p.connection_seq
    LEFT JOIN outbox o ON o.posting_seq = p.seq";

/// Every value of an indexed column: one probe for each, however long the table is.
const DISTINCT_WHAT: &str = "WITH RECURSIVE v (x) AS (SELECT min(what) FROM log UNION ALL
    SELECT (SELECT min(what) FROM log WHERE what > v.x) FROM v WHERE v.x IS NOT NULL)
    SELECT x FROM v WHERE x IS NOT NULL";
const DISTINCT_ACTOR: &str = "WITH RECURSIVE v (x) AS (SELECT min(actor) FROM log UNION ALL
    SELECT (SELECT min(actor) FROM log WHERE actor > v.x) FROM v WHERE v.x IS NOT NULL)
    SELECT x FROM v WHERE x IS NOT NULL";

/// Where the words of a search may stand in an entry of the log: in itself, or in the reference of the
/// posting or exception that it is about (one probe each, and only where the entry itself lacks them).
const LOG_SEARCHED: [&str; 6] = [
    "l.subject",
    "l.detail",
    "l.what",
    "l.actor",
    "(SELECT p.reference FROM posting p WHERE p.id = l.subject)",
    "(SELECT x.external_ref FROM exception x WHERE x.id = l.subject)",
];

/// When a visit is due, unless none ever is.
fn due(row: &Row<'_>) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let due: Option<i64> = row.get("due_at")?;
    due.filter(|due| *due < outbox::NEVER).map(instant).transpose()
}

impl Store {
    /// A window of the postings, newest first, and how many there are.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn posting_window(&self, query: &PostingQuery) -> Result<PostingWindow> {
        let mut wanted = Where::default();
        if let Some(id) = &query.connection {
            wanted.and("p.connection_seq = ?", connection::seq(&self.connection, id)?);
        }
        if let Some(words) = query.search.as_deref().filter(|words| !words.is_empty()) {
            wanted.contains(&["p.reference", "p.id", "p.failure", "p.exception_id"], words);
        }
        let states = self.posting_states(&wanted)?;
        if let Some(state) = query.state {
            wanted.and("p.state = ?", state.as_str().to_owned());
        }
        let counted = states.iter().filter(|(state, _)| query.state.is_none_or(|wanted| wanted == *state));
        let total = counted.map(|(_, count)| count).sum();
        let sql = format!("{BRIEF} WHERE {} ORDER BY p.seq DESC LIMIT ? OFFSET ?", wanted.sql());
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(wanted.window(query.start, query.limit)))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(self.brief(row)?);
        }
        Ok(PostingWindow { total, rows: found, states })
    }

    fn posting_states(&self, wanted: &Where) -> Result<Vec<(PostingState, u64)>> {
        let sql = format!(
            "SELECT p.state, count(*) AS count FROM posting p WHERE {} GROUP BY p.state ORDER BY p.state",
            wanted.sql()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(wanted.values.clone()), |row| {
            Ok((named(row, "state", PostingState::parse)?, row.get::<_, i64>("count")?.unsigned_abs()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn brief(&self, row: &Row<'_>) -> Result<PostingBrief> {
        let id: PostingId = text(row, "id")?;
        let hash: String = row.get("content_hash")?;
        let decisions = self.decisions_for(&id)?;
        let approved = decisions.into_iter().filter(|d| d.action == "approve" && d.content_hash == hash);
        Ok(PostingBrief {
            approved_by: approved.map(|d| d.person).collect(),
            exception: text(row, "exception_id")?,
            reference: row.get("reference")?,
            state: named(row, "state", PostingState::parse)?,
            connection: row.get("connection")?,
            origin: row.get("origin")?,
            preparer: text_opt(row, "preparer")?,
            entity: row.get("entity")?,
            period: PeriodKey::new(row.get::<_, String>("period")?),
            currency: text(row, "currency")?,
            amount_minor: row.get("amount_minor")?,
            tries: row.get("tries")?,
            next_try_at: due(row)?,
            failure: row.get("failure")?,
            proposed_at: at(row, "proposed_at")?,
            id,
        })
    }

    /// What the worker remembers of a posting; nothing of one that was never approved.
    ///
    /// # Errors
    /// `not_found`.
    pub fn outbox_figures(&self, id: &PostingId) -> Result<OutboxFigures> {
        let Some(item) = self.outbox_item(id)? else { return Ok(OutboxFigures::default()) };
        let mut waits_for = Vec::new();
        for other in &item.waits_for {
            waits_for.push(self.posting(other)?.posting.reference);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT o.tries, o.lookups, o.doubt_since, o.due_at FROM outbox o
             JOIN posting p ON p.seq = o.posting_seq WHERE p.id = ?1",
        )?;
        Ok(statement.query_row([id.as_str()], |row| {
            Ok(OutboxFigures {
                tries: row.get("tries")?,
                lookups: row.get("lookups")?,
                doubt_since: crate::sql::at_opt(row, "doubt_since")?,
                next_try_at: due(row)?,
                waits_for,
            })
        })?)
    }

    /// A window of the log, newest first, and what it can be filtered by.
    ///
    /// # Errors
    /// A database error.
    pub fn log_window(&self, query: &LogQuery) -> Result<LogWindow> {
        let mut wanted = Where::default();
        if let Some(actor) = &query.actor {
            wanted.and("l.actor = ?", actor.clone());
        }
        if let Some(what) = &query.what {
            wanted.and("l.what = ?", what.clone());
        }
        if let Some(from) = query.from {
            wanted.and("l.at >= ?", ms(from));
        }
        if let Some(to) = query.to {
            wanted.and("l.at < ?", ms(to));
        }
        if let Some(words) = query.search.as_deref().filter(|words| !words.is_empty()) {
            wanted.contains(&LOG_SEARCHED, words);
        }
        let condition = wanted.sql();
        let total: i64 = self
            .connection
            .prepare_cached(&format!("SELECT count(*) FROM log l WHERE {condition}"))?
            .query_row(params_from_iter(wanted.values.clone()), |row| row.get(0))?;
        let sql = format!("SELECT l.* FROM log l WHERE {condition} ORDER BY l.number DESC LIMIT ? OFFSET ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let values = params_from_iter(wanted.window(query.start, query.limit));
        let rows = statement.query_map(values, log::read)?.collect::<rusqlite::Result<_>>()?;
        Ok(LogWindow {
            total: total.unsigned_abs(),
            rows,
            whats: self.texts(DISTINCT_WHAT)?,
            actors: self.texts(DISTINCT_ACTOR)?,
        })
    }

    /// What an entry of the log is about, as people name it, where it is about a posting or an exception.
    ///
    /// # Errors
    /// A database error.
    pub fn log_reference(&self, subject: &str) -> Result<Option<LogReference>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT reference, exception_id FROM posting WHERE id = ?1
             UNION ALL SELECT external_ref, id FROM exception WHERE id = ?1",
        )?;
        let found = statement.query_row([subject], |row| {
            Ok(LogReference { reference: row.get("reference")?, exception: text(row, "exception_id")? })
        });
        Ok(found.optional()?)
    }

    fn texts(&self, sql: &str) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }
}
