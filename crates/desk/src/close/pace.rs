//! When a period will be ready, from how its blockers came and went on the working days before.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use serde::Serialize;
use tieout_domain::{
    checklist::working_day,
    forecast::{DayMoved, forecast},
};

use crate::{
    access::actor,
    base::{context::Context, error::DeskResult, wording},
    close::arithmetic::Books,
};

/// So many working days tell the pace.
const DAYS: usize = 10;
/// They lie within so many days.
const BACK: i64 = 21;

/// When nothing will block a close any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ForecastView {
    /// In a sentence.
    pub says: String,
    /// At the pace of the better days; `None` where no day can be said.
    pub earliest: Option<String>,
    /// At the pace of all days.
    pub likely: Option<String>,
    /// At the pace of the other days.
    pub latest: Option<String>,
}

/// The forecast for so many open blockers; `None` where nothing blocks.
pub(crate) fn view(ctx: &Context, books: &Books, open: u64) -> DeskResult<Option<ForecastView>> {
    if open == 0 {
        return Ok(None);
    }
    let policy = actor::policy_in_force(ctx)?;
    let hours = policy.as_ref().and_then(|policy| policy.sla().business(Some(&books.entity.code)));
    let works = |day: NaiveDate| match hours {
        Some(hours) => hours.days.contains(&day.weekday()) && !hours.holidays.contains(&day),
        None => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
    };
    // The history bears the desk's own clock.
    let now: DateTime<Utc> = ctx.clock.now();
    let today = now.date_naive();
    let moved = ctx.store().exceptions_by_day(&books.entity.code, now - chrono::Duration::days(BACK))?;
    let first = moved.keys().next().copied().unwrap_or(today);
    let back = std::iter::successors(Some(today), |day| day.pred_opt().filter(|day| *day >= first));
    let days: Vec<DayMoved> = back
        .filter(|day| works(*day))
        .take(DAYS)
        .map(|day| {
            let (opened, closed) = moved.get(&day).copied().unwrap_or_default();
            DayMoved { opened, closed }
        })
        .collect();
    let Some(found) = forecast(open, &days) else {
        let says = match days.len() {
            0 | 1 => "When it will be ready cannot be said yet: too few days are known.",
            _ => "At this pace it will not be ready: no fewer blockers come than go.",
        };
        return Ok(Some(ForecastView { says: says.to_owned(), earliest: None, likely: None, latest: None }));
    };
    let day = |n: u64| working_day(today, u32::try_from(n).ok()?, hours);
    let (earliest, likely) = (day(found.earliest), day(found.likely));
    let latest = found.latest.and_then(day);
    let said = |day: Option<NaiveDate>| day.map_or_else(|| "later".to_owned(), wording::day);
    let last = match latest {
        Some(day) => format!("{} at the latest", wording::day(day)),
        None => "or later: on half of the days nothing is settled".to_owned(),
    };
    let says = format!(
        "At the pace of the last {} working days nothing blocks from {} on ({} at the earliest, {last}).",
        days.len(),
        said(likely),
        said(earliest),
    );
    let text = |day: Option<NaiveDate>| day.map(|day| day.to_string());
    Ok(Some(ForecastView { says, earliest: text(earliest), likely: text(likely), latest: text(latest) }))
}
