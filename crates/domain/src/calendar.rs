//! Fiscal calendars, accounting periods and their status per subledger.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::EntityCode;

/// The name of an accounting period within a legal entity's calendar, as finance writes it: `2026-03` for
/// a month or the third period of a 4-4-5 year, or any text of a custom calendar. Names sort by time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PeriodKey(String);

impl PeriodKey {
    /// The period of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The calendar month of `date`: `YYYY-MM`.
    #[must_use]
    pub fn month(date: NaiveDate) -> Self {
        Self(format!("{:04}-{:02}", date.year(), date.month()))
    }

    /// The last day of it, where it is named as a calendar month is.
    #[must_use]
    pub fn month_end(&self) -> Option<NaiveDate> {
        let first = NaiveDate::parse_from_str(&format!("{}-01", self.0), "%Y-%m-%d").ok()?;
        first.checked_add_months(Months::new(1))?.pred_opt()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PeriodKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The books that may be locked on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subledger {
    /// Accounts receivable.
    Ar,
    /// Accounts payable.
    Ap,
    /// The general ledger.
    Gl,
}

/// What may be booked into a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodStatus {
    /// Everything may be booked.
    Open,
    /// The desk itself lets nothing in but under an exception, and with a controller's approval.
    SoftClosed,
    /// Some subledgers take nothing more.
    Locked {
        /// Accounts receivable is locked.
        ar: bool,
        /// Accounts payable is locked.
        ap: bool,
        /// The general ledger is locked.
        gl: bool,
    },
    /// Nothing may be booked.
    Closed,
}

impl PeriodStatus {
    /// True when an entry of `subledger` may be booked; a soft close lets it pass here, and asks for an
    /// exception and a controller elsewhere.
    #[must_use]
    pub fn accepts(self, subledger: Subledger) -> bool {
        match self {
            PeriodStatus::Open | PeriodStatus::SoftClosed => true,
            PeriodStatus::Locked { ar, ap, gl } => match subledger {
                Subledger::Ar => !ar && !gl,
                Subledger::Ap => !ap && !gl,
                Subledger::Gl => !gl,
            },
            PeriodStatus::Closed => false,
        }
    }

    /// The stable name, as stored: `open`, `soft_closed`, `locked_ar_ap_gl` (those that are), `closed`.
    #[must_use]
    pub fn as_text(self) -> String {
        match self {
            PeriodStatus::Open => "open".to_owned(),
            PeriodStatus::SoftClosed => "soft_closed".to_owned(),
            PeriodStatus::Closed => "closed".to_owned(),
            PeriodStatus::Locked { ar, ap, gl } => {
                let parts = [(ar, "_ar"), (ap, "_ap"), (gl, "_gl")];
                let locked: String = parts.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
                format!("locked{locked}")
            }
        }
    }
}

/// The text names no period status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a period status: write Open, Soft closed, Closed, or Locked for AR, AP or GL (several \
     joined by commas)"
)]
pub struct StatusError(String);

impl FromStr for PeriodStatus {
    type Err = StatusError;

    /// Reads the stored names and what finance writes in files (`Locked for AR`, `Soft-closed`).
    fn from_str(s: &str) -> Result<Self, StatusError> {
        let plain = s.trim().to_ascii_lowercase().replace(['-', '_', ','], " ");
        let words: Vec<&str> =
            plain.split_whitespace().filter(|w| !matches!(*w, "for" | "and" | "period")).collect();
        match words.as_slice() {
            ["open"] => Ok(PeriodStatus::Open),
            ["soft", "closed" | "close"] => Ok(PeriodStatus::SoftClosed),
            ["closed"] => Ok(PeriodStatus::Closed),
            ["locked"] | ["locked", "all"] => Ok(PeriodStatus::Locked { ar: true, ap: true, gl: true }),
            ["locked", books @ ..] if books.iter().all(|b| matches!(*b, "ar" | "ap" | "gl")) => {
                let has = |book| books.contains(&book);
                Ok(PeriodStatus::Locked { ar: has("ar"), ap: has("ap"), gl: has("gl") })
            }
            _ => Err(StatusError(s.to_owned())),
        }
    }
}

/// One accounting period of one legal entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Whose period it is.
    pub entity: EntityCode,
    /// Its name.
    pub key: PeriodKey,
    /// First day, in the entity's time zone.
    pub starts: NaiveDate,
    /// Last day, included.
    pub ends: NaiveDate,
    /// What may be booked into it now.
    pub status: PeriodStatus,
    /// When it was closed (UTC), if it is and the ERP says when.
    pub closed_at: Option<DateTime<Utc>>,
}

impl Period {
    /// True when `date` lies within.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.starts <= date && date <= self.ends
    }

    /// The instant-based rule of late arrival: finalised in billing after this period was closed. Either
    /// time unknown: not late.
    #[must_use]
    pub fn closed_before(&self, finalized_at: Option<DateTime<Utc>>) -> bool {
        matches!((self.closed_at, finalized_at), (Some(closed), Some(finalized)) if finalized > closed)
    }
}

/// How a legal entity cuts its year into periods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FiscalCalendar {
    /// Calendar months.
    Monthly,
    /// Quarters of 4, 4 and 5 weeks; a 53rd week goes to the last period. Each year starts on the
    /// `weekday` (1 Monday … 7 Sunday) nearest to the first of `month`.
    #[serde(rename = "4-4-5")]
    FourFourFive {
        /// The month (1–12) near whose first day the year starts.
        month: u32,
        /// The ISO weekday (1–7) on which it starts.
        weekday: u32,
    },
    /// The periods are listed (in a file or by the ERP), nothing is computed.
    Custom,
}

impl FiscalCalendar {
    /// The computed period that holds `date`: name, first and last day. `None` for a custom calendar and
    /// for dates that the calendar cannot place.
    #[must_use]
    pub fn locate(&self, date: NaiveDate) -> Option<(PeriodKey, NaiveDate, NaiveDate)> {
        match self {
            FiscalCalendar::Monthly => {
                let starts = date.with_day(1)?;
                let ends = first_of_next_month(starts)?.pred_opt()?;
                Some((PeriodKey::month(date), starts, ends))
            }
            FiscalCalendar::FourFourFive { month, weekday } => locate_445(date, *month, *weekday),
            FiscalCalendar::Custom => None,
        }
    }

    /// The accounting year of a period: by the 4-4-5 calendar itself, else by the day with which a year
    /// begins (month, day); a period is of the year in which the larger part of it lies. Calendar months
    /// count from January where nothing is said. `None` where nobody knows: of a custom calendar about which
    /// nothing is said.
    #[must_use]
    pub fn year_of(&self, period: &Period, year_starts: Option<(u32, u32)>) -> Option<i32> {
        let (month, day) = match (self, year_starts) {
            (FiscalCalendar::FourFourFive { month, weekday }, None) => {
                return year_445(period.starts, *month, *weekday);
            }
            (_, Some(starts)) => starts,
            (FiscalCalendar::Monthly, None) => (1, 1),
            (FiscalCalendar::Custom, None) => return None,
        };
        let half = period.ends.signed_duration_since(period.starts).num_days() / 2;
        let middle = period.starts.checked_add_days(Days::new(u64::try_from(half).ok()?))?;
        let begins = NaiveDate::from_ymd_opt(middle.year(), month, day)?;
        Some(if middle < begins { middle.year() - 1 } else { middle.year() })
    }
}

fn first_of_next_month(first: NaiveDate) -> Option<NaiveDate> {
    match first.month() {
        12 => NaiveDate::from_ymd_opt(first.year() + 1, 1, 1),
        month => NaiveDate::from_ymd_opt(first.year(), month + 1, 1),
    }
}

/// First day of the 4-4-5 year that starts near the first of `month` of `year`.
fn year_start_445(year: i32, month: u32, weekday: u32) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    let ahead = (7 + weekday - first.weekday().number_from_monday()) % 7;
    if ahead <= 3 {
        first.checked_add_days(Days::new(u64::from(ahead)))
    } else {
        first.checked_sub_days(Days::new(u64::from(7 - ahead)))
    }
}

/// The 4-4-5 year that holds `date`, by the calendar year near whose month it starts.
fn year_445(date: NaiveDate, month: u32, weekday: u32) -> Option<i32> {
    let mut year = date.year() + 1;
    while year_start_445(year, month, weekday)? > date {
        year -= 1;
    }
    Some(year)
}

fn locate_445(date: NaiveDate, month: u32, weekday: u32) -> Option<(PeriodKey, NaiveDate, NaiveDate)> {
    const WEEKS: [u64; 12] = [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5];
    let year = year_445(date, month, weekday)?;
    let next_year = year_start_445(year + 1, month, weekday)?;
    let mut starts = year_start_445(year, month, weekday)?;
    for (index, weeks) in WEEKS.iter().enumerate() {
        let last = index + 1 == WEEKS.len();
        let next = if last { next_year } else { starts.checked_add_days(Days::new(weeks * 7))? };
        if date < next {
            let key = PeriodKey::new(format!("{year:04}-{:02}", index + 1));
            return Some((key, starts, next.pred_opt()?));
        }
        starts = next;
    }
    None
}

/// Where a posting may go, given the periods of one entity.
pub struct PeriodBook<'a>(&'a [Period]);

impl<'a> PeriodBook<'a> {
    /// A view over the periods of one entity, in any order.
    #[must_use]
    pub fn new(periods: &'a [Period]) -> Self {
        Self(periods)
    }

    /// The period that holds `date`.
    #[must_use]
    pub fn holding(&self, date: NaiveDate) -> Option<&'a Period> {
        self.0.iter().find(|p| p.contains(date))
    }

    /// The period of this name.
    #[must_use]
    pub fn named(&self, key: &PeriodKey) -> Option<&'a Period> {
        self.0.iter().find(|p| p.key == *key)
    }

    /// The earliest period from `date` on that takes entries of `subledger`.
    #[must_use]
    pub fn first_accepting(&self, date: NaiveDate, subledger: Subledger) -> Option<&'a Period> {
        self.0.iter().filter(|p| p.ends >= date && p.status.accepts(subledger)).min_by_key(|p| p.starts)
    }

    /// Where a document of this date belongs for the tie-out: its own period, or, for a late arrival, the
    /// earliest from there on that was not yet closed at the instant it was finalised. So the tie-out of a
    /// closed period never changes. `None` where no period holds the date.
    #[must_use]
    pub fn belonging(&self, date: NaiveDate, finalized_at: Option<DateTime<Utc>>) -> Option<&'a Period> {
        let own = self.holding(date)?;
        match finalized_at {
            Some(at) if own.closed_before(finalized_at) => Some(self.open_at(date, at).unwrap_or(own)),
            _ => Some(own),
        }
    }

    /// Where a late arrival belongs: the earliest period from its own on that was not yet closed at the
    /// instant it was finalised.
    #[must_use]
    pub fn open_at(&self, date: NaiveDate, finalized_at: DateTime<Utc>) -> Option<&'a Period> {
        self.0
            .iter()
            .filter(|p| p.ends >= date && p.closed_at.is_none_or(|closed| closed >= finalized_at))
            .min_by_key(|p| p.starts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_has_its_own_first_and_last_day() {
        let (key, starts, ends) = FiscalCalendar::Monthly.locate(date("2024-02-10")).unwrap();
        assert_eq!((key.as_str(), starts, ends), ("2024-02", date("2024-02-01"), date("2024-02-29")));
    }

    #[test]
    fn a_4_4_5_year_of_53_weeks_gives_the_extra_week_to_its_last_period() {
        // Years starting on the Monday nearest 1 February: 2026 runs from 2 Feb 2026 to 31 Jan 2027.
        let calendar = FiscalCalendar::FourFourFive { month: 2, weekday: 1 };
        let (key, starts, ends) = calendar.locate(date("2026-02-02")).unwrap();
        assert_eq!((key.as_str(), starts, ends), ("2026-01", date("2026-02-02"), date("2026-03-01")));
        assert_eq!(calendar.locate(date("2026-02-01")).unwrap().0.as_str(), "2025-12");
    }

    #[test]
    fn a_period_is_of_the_year_in_which_the_larger_part_of_it_lies() {
        let check = |calendar: &FiscalCalendar, days: (&str, &str), starts, want: Option<i32>| {
            let (starts_on, ends) = (date(days.0), date(days.1));
            let period = Period {
                entity: "GB01".parse().unwrap(),
                key: PeriodKey::new("P"),
                starts: starts_on,
                ends,
                status: PeriodStatus::Open,
                closed_at: None,
            };
            assert_eq!(calendar.year_of(&period, starts), want, "{days:?}");
        };
        let (december, january) = (("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-01-31"));
        check(&FiscalCalendar::Monthly, december, None, Some(2026));
        check(&FiscalCalendar::Monthly, january, None, Some(2027));
        check(&FiscalCalendar::Monthly, january, Some((4, 1)), Some(2026));
        check(&FiscalCalendar::Monthly, ("2026-04-01", "2026-04-30"), Some((4, 1)), Some(2026));
        check(&FiscalCalendar::Monthly, ("2026-03-01", "2026-03-31"), Some((4, 1)), Some(2025));
        let retail = FiscalCalendar::FourFourFive { month: 2, weekday: 1 };
        check(&retail, ("2026-12-28", "2027-01-31"), None, Some(2026));
        check(&retail, ("2027-02-01", "2027-02-28"), None, Some(2027));
        check(&FiscalCalendar::Custom, ("2026-12-28", "2027-01-24"), None, None);
        check(&FiscalCalendar::Custom, ("2026-12-28", "2027-01-24"), Some((1, 1)), Some(2027));
        check(&FiscalCalendar::Custom, ("2026-12-01", "2026-12-27"), Some((1, 1)), Some(2026));
    }

    #[test]
    fn statuses_are_read_as_finance_writes_them() {
        for (text, stored) in [
            ("Closed", "closed"),
            ("Locked for AR", "locked_ar"),
            ("Locked for AR, AP", "locked_ar_ap"),
            ("Soft-closed", "soft_closed"),
            ("open", "open"),
            ("locked_ar_ap_gl", "locked_ar_ap_gl"),
        ] {
            assert_eq!(text.parse::<PeriodStatus>().unwrap().as_text(), stored, "{text}");
        }
        assert!("Ajar".parse::<PeriodStatus>().is_err());
    }

    #[test]
    fn a_lock_of_receivables_still_lets_the_general_ledger_book() {
        let locked: PeriodStatus = "Locked for AR".parse().unwrap();
        assert!(!locked.accepts(Subledger::Ar));
        assert!(locked.accepts(Subledger::Gl));
        assert!(!PeriodStatus::Closed.accepts(Subledger::Gl));
    }

    proptest! {
        #[test]
        fn every_day_lies_in_exactly_the_period_that_holds_it(
            days in 0_u64..20_000, month in 1_u32..=12, weekday in 1_u32..=7,
        ) {
            let day = date("1990-01-01").checked_add_days(Days::new(days)).unwrap();
            let calendar = FiscalCalendar::FourFourFive { month, weekday };
            let (key, starts, ends) = calendar.locate(day).unwrap();
            prop_assert!(starts <= day && day <= ends);
            let after = calendar.locate(ends.succ_opt().unwrap()).unwrap();
            prop_assert_eq!(after.1, ends.succ_opt().unwrap());
            prop_assert!(after.0 > key);
        }
    }
}
