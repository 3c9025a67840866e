//! A window over the log, newest first.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params_from_iter};
use tieout_domain::ExceptionId;
use tieout_evidence::{LogEntry, SEALED};

use crate::{
    db::Db,
    error::Result,
    sql::{Where, ms, text},
    table::log,
};

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
    /// With the entries that only seal, which are left out unless `what` asks for them.
    pub seals: bool,
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

fn texts(db: &Db, sql: &str) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

impl Db {
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
        } else if !query.seals {
            wanted.and("l.what <> ?", SEALED.to_owned());
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
            .prepare_cached(&format!("SELECT count(*) FROM log l WHERE {condition}"))?
            .query_row(params_from_iter(&wanted.values), |row| row.get(0))?;
        let sql = format!("SELECT l.* FROM log l WHERE {condition} ORDER BY l.number DESC LIMIT ? OFFSET ?");
        let mut statement = self.prepare_cached(&sql)?;
        let values = params_from_iter(wanted.window(query.start, query.limit));
        let rows = statement.query_map(values, log::read)?.collect::<rusqlite::Result<_>>()?;
        Ok(LogWindow {
            total: total.unsigned_abs(),
            rows,
            whats: texts(self, DISTINCT_WHAT)?,
            actors: texts(self, DISTINCT_ACTOR)?,
        })
    }

    /// What an entry of the log is about, as people name it, where it is about a posting or an exception.
    ///
    /// # Errors
    /// A database error.
    pub fn log_reference(&self, subject: &str) -> Result<Option<LogReference>> {
        let mut statement = self.prepare_cached(
            "SELECT reference, exception_id FROM posting WHERE id = ?1
             UNION ALL SELECT external_ref, id FROM exception WHERE id = ?1",
        )?;
        let found = statement.query_row([subject], |row| {
            Ok(LogReference { reference: row.get("reference")?, exception: text(row, "exception_id")? })
        });
        Ok(found.optional()?)
    }
}
