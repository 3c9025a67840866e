//! The signed log as people read it: a window, newest first, with filters.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_store::{LogEntry, LogQuery};

use crate::{actor::Names, error::DeskResult, posting_views::MOST_ROWS, when, workspace::Desk};

/// Which log entries.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct LogRequest {
    /// By this actor (an id of [`LogPage::actors`]).
    pub actor: Option<String>,
    /// Of this kind.
    pub what: Option<String>,
    /// Containing this.
    pub search: Option<String>,
    /// From this instant or date on.
    pub from: Option<String>,
    /// Until this instant, or through this date.
    pub to: Option<String>,
    /// The first one's place in the list.
    #[serde(default)]
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// One log entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LogRow {
    /// Its number.
    pub number: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by name.
    pub who: String,
    /// What was done.
    pub what: String,
    /// To what.
    pub subject: String,
    /// More, as JSON text.
    pub detail: String,
    /// True where a person's own key signed it.
    pub signed: bool,
    /// Its hash.
    pub hash: String,
}

/// Somebody who acts in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LogActor {
    /// What the filter takes.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A window of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LogPage {
    /// How many entries the filters leave.
    pub total: u64,
    /// The first one's place.
    pub start: u64,
    /// The entries, newest first.
    pub rows: Vec<LogRow>,
    /// Every kind of entry there is.
    pub whats: Vec<String>,
    /// Everybody who acts.
    pub actors: Vec<LogActor>,
}

fn row(entry: &LogEntry, names: &Names) -> LogRow {
    LogRow {
        number: entry.number,
        at: entry.at,
        who: names.of(&entry.actor),
        what: entry.what.clone(),
        subject: names.of(&entry.subject),
        detail: entry.detail.clone(),
        signed: entry.signature.is_some(),
        hash: hex::encode(entry.hash),
    }
}

impl Desk {
    /// A window of the log, newest first.
    ///
    /// # Errors
    /// `bad_instant`, a database error.
    pub fn log_page(&self, request: &LogRequest) -> DeskResult<LogPage> {
        let query = log_query(request)?;
        let names = self.names()?;
        let window = self.store().log_window(&query)?;
        let actor = |id: &String| LogActor { id: id.clone(), name: names.of(id) };
        Ok(LogPage {
            total: window.total,
            start: request.start,
            rows: window.rows.iter().map(|entry| row(entry, &names)).collect(),
            whats: window.whats,
            actors: window.actors.iter().map(actor).collect(),
        })
    }

    /// Every entry that the filters leave, oldest first.
    pub(crate) fn log_entries_of(&self, request: &LogRequest) -> DeskResult<Vec<LogEntry>> {
        // In one read: between two of them the log may grow, and everything would move.
        let query = LogQuery { start: 0, limit: u32::MAX, ..log_query(request)? };
        let mut entries = self.store().log_window(&query)?.rows;
        entries.reverse();
        Ok(entries)
    }
}

fn log_query(request: &LogRequest) -> DeskResult<LogQuery> {
    let starts = |text: &str| match crate::when::date(text) {
        Ok(date) => Ok(date.and_time(chrono::NaiveTime::MIN).and_utc()),
        Err(_) => when::instant(text),
    };
    // A date means all of its day; what is compared is "before".
    let ends = |text: &str| match crate::when::date(text) {
        Ok(date) => Ok(date.succ_opt().unwrap_or(date).and_time(chrono::NaiveTime::MIN).and_utc()),
        Err(_) => when::instant(text),
    };
    Ok(LogQuery {
        actor: request.actor.clone(),
        what: request.what.clone(),
        search: request.search.clone(),
        from: request.from.as_deref().map(starts).transpose()?,
        to: request.to.as_deref().map(ends).transpose()?,
        start: request.start,
        limit: request.limit.min(MOST_ROWS),
    })
}
