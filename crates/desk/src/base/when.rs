//! Reads instants and dates that people give.

use chrono::{DateTime, NaiveDate, Utc};

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// An RFC 3339 instant, or a date, which means its end in UTC (all of that day is past).
///
/// # Errors
/// `bad_instant`.
pub fn instant(text: &str) -> DeskResult<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let end = text.parse::<NaiveDate>().ok().and_then(|date| date.and_hms_opt(23, 59, 59));
    end.map(|at| at.and_utc()).ok_or_else(|| {
        DeskError::new(
            Code::BadInstant,
            format!("\"{text}\" is no instant: write 2026-10-31 or 2026-10-31T17:00:00Z"),
        )
    })
}

/// A calendar date.
///
/// # Errors
/// `bad_date`.
pub fn date(text: &str) -> DeskResult<NaiveDate> {
    text.parse()
        .map_err(|_| DeskError::new(Code::BadDate, format!("\"{text}\" is no date: write it as 2026-10-31")))
}
