//! Reads instants and dates that people give.

use chrono::{DateTime, Months, NaiveDate, Utc};

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

/// A month (`2026-10`) or some days (`2026-10-05..2026-10-31`), first and last.
///
/// # Errors
/// `bad_date`.
pub fn span(text: &str) -> DeskResult<(NaiveDate, NaiveDate)> {
    let days = match text.split_once("..") {
        Some((from, to)) => from.parse().ok().zip(to.parse().ok()),
        None => {
            let first: Option<NaiveDate> = format!("{text}-01").parse().ok();
            first.and_then(|first| Some((first, first.checked_add_months(Months::new(1))?.pred_opt()?)))
        }
    };
    days.filter(|(from, to)| from <= to).ok_or_else(|| {
        let message =
            format!("\"{text}\" is no month or span of days: write 2026-10 or 2026-10-05..2026-10-31");
        DeskError::new(Code::BadDate, message)
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
