//! Where a scan of Stripe goes on, and from where the next one starts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tieout_domain::failure::VendorFailure;

use crate::Cursor;

/// Seconds by which an incremental scan looks back beyond its cursor: events may appear a little late, and
/// clocks differ.
pub(super) const OVERLAP: i64 = 300;
/// Stripe keeps events for 30 days; a cursor older than this (with a day to spare) means reading everything.
pub(super) const EVENTS_REACH: i64 = 29 * 86_400;

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
    List {
        /// After this id.
        after: Option<String>,
        /// Created at or after, unix seconds.
        since: Option<i64>,
        /// When the scan began.
        started: i64,
    },
    /// Objects named by events.
    Events {
        /// After this event.
        after: Option<String>,
        /// Events created after, unix seconds.
        from: i64,
        /// When the scan began.
        started: i64,
    },
    /// Usage of each metered customer.
    Usage(UsagePlace),
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
    /// Go on with subscriptions after this one.
    pub(super) after: Option<String>,
    /// All subscriptions have been read.
    pub(super) done: bool,
    /// Meter and customer still to be asked, the next one last.
    pub(super) queue: Vec<(String, String)>,
    /// Within the next one: after this summary.
    pub(super) summary: Option<String>,
}

pub(super) fn write(value: &impl Serialize) -> Result<Cursor, VendorFailure> {
    let text = serde_json::to_string(value).map_err(|error| {
        VendorFailure::terminal("bad_cursor", format!("a cursor cannot be written: {error}"))
    })?;
    Ok(Cursor(text))
}

pub(super) fn read<T: DeserializeOwned>(cursor: &Cursor) -> Result<T, VendorFailure> {
    serde_json::from_str(&cursor.0).map_err(|error| {
        VendorFailure::terminal(
            "bad_cursor",
            format!("the cursor of this Stripe connection cannot be read ({error}): sync from the start"),
        )
    })
}

/// The midnight (UTC) at or before `at`, unix seconds.
pub(super) fn midnight(at: i64) -> i64 {
    at - at.rem_euclid(86_400)
}

pub(super) fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}
