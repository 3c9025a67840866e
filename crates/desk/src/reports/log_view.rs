//! The signed log as people read it: a window, newest first, with filters.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{ConnectionId, ExceptionId, PostingId};
use tieout_store::{LogEntry, LogQuery};

use crate::{
    access::actor::{self, ActorKind, ActorView, Names},
    base::{context::Context, error::DeskResult, when},
    settlement::posting_pages::MOST_ROWS,
};

/// Which log entries.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct LogRequest {
    /// By this actor (an id of [`LogPage::actors`]).
    pub actor: Option<String>,
    /// Of this kind.
    pub what: Option<String>,
    /// Containing this, or about a posting or an exception whose reference contains it.
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
    #[ts(skip)]
    pub who: String,
    /// Who or what did it.
    pub by: ActorView,
    /// What was done.
    pub what: String,
    /// To what: its id, or a person's name.
    pub subject: String,
    /// The same as people name it: a document's reference, or a connection's name.
    pub reference: Option<String>,
    /// The same where it is a person.
    pub person: Option<ActorView>,
    /// The exception that it is about, also by way of its posting.
    pub exception: Option<String>,
    /// More, as JSON text.
    pub detail: String,
    /// What of it says something at a glance: its plain texts, but no hash or key.
    pub gist: Vec<LogField>,
    /// True where a person's own key signed it.
    pub signed: bool,
    /// Its hash.
    pub hash: String,
}

/// One text of an entry's detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LogField {
    /// What it is.
    pub name: String,
    /// The text.
    pub value: String,
}

/// Somebody who acts in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LogActor {
    /// What the filter takes.
    pub id: String,
    /// The name.
    #[ts(skip)]
    pub name: String,
    /// Who or what it is.
    pub by: ActorView,
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

fn row(entry: &LogEntry, names: &Names, about: About) -> LogRow {
    LogRow {
        reference: about.reference,
        exception: about.exception,
        number: entry.number,
        at: entry.at,
        who: names.of(&entry.actor),
        by: names.actor(&entry.actor),
        what: entry.what.clone(),
        subject: names.of(&entry.subject),
        person: Some(names.actor(&entry.subject)).filter(|one| one.kind == ActorKind::Person),
        gist: gist(&entry.detail),
        detail: entry.detail.clone(),
        signed: entry.signature.is_some(),
        hash: hex::encode(entry.hash),
    }
}

/// Hashes, keys and ids say nothing at a glance; numbers are left to the whole, which shows their own digits.
fn gist(detail: &str) -> Vec<LogField> {
    let silent = |name: &str| ["hash", "key", "signature", "sha256"].iter().any(|part| name.contains(part));
    let field = |(name, value): (String, serde_json::Value)| match value {
        serde_json::Value::String(value) if !value.is_empty() && !silent(&name) && !is_an_id(&value) => {
            Some(LogField { name, value })
        }
        _ => None,
    };
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(detail).unwrap_or_default();
    fields.into_iter().filter_map(field).collect()
}

fn is_an_id(text: &str) -> bool {
    text.parse::<PostingId>().is_ok() || text.parse::<ExceptionId>().is_ok()
}

/// What an entry is about, for people.
#[derive(Default)]
pub(crate) struct About {
    pub(crate) reference: Option<String>,
    exception: Option<String>,
}

/// What the entry of this subject is about: looked up for the few that are shown.
pub(crate) fn log_about(ctx: &Context, subject: &str) -> DeskResult<About> {
    if subject.parse::<PostingId>().is_ok() || subject.parse::<ExceptionId>().is_ok() {
        let found = ctx.store().log_reference(subject)?;
        let (reference, exception) =
            found.map(|found| (found.reference, found.exception.to_string())).unzip();
        return Ok(About { reference, exception });
    }
    if let Ok(connection) = subject.parse::<ConnectionId>() {
        let reference = ctx.store().connection(&connection).ok().map(|found| found.name);
        return Ok(About { reference, exception: None });
    }
    Ok(About::default())
}

/// A window of the log, newest first.
///
/// # Errors
/// `bad_instant`, a database error.
pub fn log_page(ctx: &Context, request: &LogRequest) -> DeskResult<LogPage> {
    let query = log_query(request)?;
    let names = actor::names(ctx)?;
    let window = ctx.store().log_window(&query)?;
    let actor = |id: &String| LogActor { id: id.clone(), name: names.of(id), by: names.actor(id) };
    Ok(LogPage {
        total: window.total,
        start: request.start,
        rows: window
            .rows
            .iter()
            .map(|entry| Ok(row(entry, &names, log_about(ctx, &entry.subject)?)))
            .collect::<DeskResult<_>>()?,
        whats: window.whats,
        actors: window.actors.iter().map(actor).collect(),
    })
}

/// Every entry that the filters leave, oldest first.
pub(crate) fn log_entries_of(ctx: &Context, request: &LogRequest) -> DeskResult<Vec<LogEntry>> {
    // In one read: between two of them the log may grow, and everything would move.
    // With the entries that only seal, so that the chain is whole.
    let query = LogQuery { start: 0, limit: u32::MAX, seals: true, ..log_query(request)? };
    let mut entries = ctx.store().log_window(&query)?.rows;
    entries.reverse();
    Ok(entries)
}

fn log_query(request: &LogRequest) -> DeskResult<LogQuery> {
    let starts = |text: &str| match crate::base::when::date(text) {
        Ok(date) => Ok(date.and_time(chrono::NaiveTime::MIN).and_utc()),
        Err(_) => when::instant(text),
    };
    // A date means all of its day; what is compared is "before".
    let ends = |text: &str| match crate::base::when::date(text) {
        Ok(date) => Ok(date.succ_opt().unwrap_or(date).and_time(chrono::NaiveTime::MIN).and_utc()),
        Err(_) => when::instant(text),
    };
    Ok(LogQuery {
        actor: request.actor.clone(),
        what: request.what.clone(),
        search: request.search.clone(),
        from: request.from.as_deref().map(starts).transpose()?,
        to: request.to.as_deref().map(ends).transpose()?,
        seals: false,
        start: request.start,
        limit: request.limit.min(MOST_ROWS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_at_an_entry_shows_texts_and_neither_hashes_nor_numbers() {
        let said = |detail: &str| {
            gist(detail).into_iter().map(|one| format!("{} {}", one.name, one.value)).collect::<Vec<_>>()
        };
        assert_eq!(said(r#"{"content_hash":"ab12","name":"Stripe UK","amount":12.10}"#), ["name Stripe UK"]);
        assert_eq!(said(r#"{"public_key":"ab","reason":""}"#), Vec::<String>::new());
        assert_eq!(said("no json"), Vec::<String>::new());
        let id = ExceptionId::derive(&["a"]);
        assert_eq!(said(&format!(r#"{{"exception":"{id}","rule":"late"}}"#)), ["rule late"]);
        assert_eq!(said(r#"{"kind":"policy","sha256":"b7e4"}"#), ["kind policy"]);
    }
}
