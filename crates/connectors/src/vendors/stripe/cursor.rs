//! Where a scan of Stripe goes on, and from where the next one starts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tieout_domain::failure::VendorFailure;

use crate::traits::{Cursor, Since};

/// Seconds by which an incremental scan looks back beyond its cursor: events may appear a little late, and
/// clocks differ.
pub(super) const OVERLAP: i64 = 300;
/// Stripe keeps events for 30 days; a cursor older than this (with a day to spare) means reading everything.
pub(super) const EVENTS_REACH: i64 = 29 * 86_400;
/// A day.
pub(super) const DAY: i64 = 86_400;

/// From where the next sync starts: the instant (unix seconds) before this scan's first request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Resume {
    pub(super) from: i64,
}

/// Where a scan goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scan", rename_all = "snake_case")]
pub(super) enum Place {
    /// A full list, or one by creation.
    List(ListPlace),
    /// Objects named by events.
    Events(EventsPlace),
    /// Usage of each metered customer.
    Usage(UsagePlace),
}

/// Where a scan of a list goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ListPlace {
    /// After this id.
    pub(super) after: Option<String>,
    /// When that object was created, unix seconds: if it is deleted meanwhile, the scan goes on from there.
    #[serde(default)]
    pub(super) at: Option<i64>,
    /// Created at or after, unix seconds.
    pub(super) since: Option<i64>,
    /// Created at or before, unix seconds: what is newer has been read.
    #[serde(default)]
    pub(super) until: Option<i64>,
    /// When the scan began, by Stripe's clock.
    pub(super) started: i64,
    /// The test clock whose objects are listed.
    #[serde(default)]
    pub(super) clock: Option<String>,
    /// The test clocks that come afterwards, the next one last.
    #[serde(default)]
    pub(super) clocks: Vec<String>,
}

impl Place {
    /// Up to where a list of everything has come that goes on here; `None` where it is no such list.
    pub(super) fn listed(&self) -> Option<String> {
        match self {
            Place::List(list) if list.since.is_none() => {
                let after = list.after.clone().unwrap_or_default();
                Some(list.clock.as_ref().map_or(after.clone(), |clock| format!("{clock}/{after}")))
            }
            Place::List(_) | Place::Events(_) | Place::Usage(_) => None,
        }
    }
}

impl ListPlace {
    /// The same scan without the object that it went on after, which Stripe no longer knows: from that
    /// object's second where lists can be asked so, else from the top.
    pub(super) fn without_its_object(self, by_creation: bool) -> Self {
        let until = self.at.filter(|_| by_creation).or(self.until);
        Self { after: None, at: None, until, ..self }
    }

    /// The list of the next test clock, once this one has come to its end; `None` where there is none.
    pub(super) fn next_clock(mut self) -> Option<Self> {
        let clock = Some(self.clocks.pop()?);
        Some(Self { after: None, at: None, until: None, clock, ..self })
    }
}

/// Where a scan of events goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventsPlace {
    /// After this event.
    pub(super) after: Option<String>,
    /// Events created after, unix seconds.
    pub(super) from: i64,
    /// When the scan began, by Stripe's clock.
    pub(super) started: i64,
    /// Tells this scan from every other.
    #[serde(default)]
    pub(super) id: String,
}

/// Where a scan of usage goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UsagePlace {
    /// When the scan began.
    pub(super) started: i64,
    /// First second of the window, a midnight UTC.
    pub(super) from: i64,
    /// End of the window, excluded, a midnight UTC.
    pub(super) until: i64,
    /// Where the list of subscriptions goes on.
    #[serde(flatten)]
    pub(super) subscriptions: SubscriptionsPlace,
    /// All subscriptions have been read.
    pub(super) done: bool,
    /// Meter and customer still to be asked, the next one last.
    pub(super) queue: Vec<(String, String)>,
    /// Within the next one: after this summary.
    pub(super) summary: Option<String>,
}

/// Where the subscriptions of a scan of usage go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SubscriptionsPlace {
    /// After this one.
    pub(super) after: Option<String>,
    /// When that one was created, unix seconds.
    #[serde(default)]
    pub(super) at: Option<i64>,
    /// Created at or before, unix seconds: those of newer ones have been asked.
    #[serde(default)]
    pub(super) created_until: Option<i64>,
}

pub(super) fn write(value: &impl Serialize) -> Result<Cursor, VendorFailure> {
    let text = serde_json::to_string(value).map_err(|error| {
        VendorFailure::terminal("bad_cursor", format!("a cursor cannot be written: {error}"))
    })?;
    Ok(Cursor(text))
}

/// What a stored cursor says. One that says nothing (of an earlier version, or damaged) is none: the reading
/// begins anew, and nothing is lost.
pub(super) fn read<T: DeserializeOwned>(cursor: &Cursor) -> Option<T> {
    serde_json::from_str(&cursor.0).ok()
}

/// What a resume point says.
pub(crate) fn since(resume: &Cursor) -> Option<Since> {
    let resume: Resume = read(resume)?;
    DateTime::from_timestamp(resume.from, 0).map(Since::At)
}

/// The midnight (UTC) at or before `at`, unix seconds.
pub(super) fn midnight(at: i64) -> i64 {
    at - at.rem_euclid(DAY)
}

pub(super) fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}
