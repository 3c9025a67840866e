//! Months, time zones and closings of the simulated company.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeZone, Weekday};

use super::model::{Entity, Period, PeriodStatus};

/// One day in seconds.
pub(crate) const DAY: i64 = 86_400;
/// One hour in seconds.
pub(crate) const HOUR: i64 = 3_600;
/// Number of months generated, the current one included.
pub(crate) const MONTHS: usize = 13;

/// Thirteen months as four entities see them.
pub(crate) struct Calendar {
    pub(crate) periods: Vec<Period>,
    /// Per entity, the instants at which its local months begin; one more than there are months.
    bounds: Vec<Vec<i64>>,
    zones: Vec<chrono_tz::Tz>,
}

fn first_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

/// The `n`th working day (Monday to Friday) on or after a date.
fn working_day(from: NaiveDate, n: u32) -> NaiveDate {
    let mut day = from;
    let mut left = n;
    loop {
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            left = left.saturating_sub(1);
            if left == 0 {
                return day;
            }
        }
        day = day + Days::new(1);
    }
}

fn midnight(zone: chrono_tz::Tz, date: NaiveDate) -> i64 {
    let naive = date.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&naive).earliest() {
        Some(at) => at.timestamp(),
        None => naive.and_utc().timestamp(),
    }
}

/// The date of an instant in a zone.
pub(crate) fn date_in(zone: chrono_tz::Tz, instant: i64) -> NaiveDate {
    match DateTime::from_timestamp(instant, 0) {
        Some(at) => at.with_timezone(&zone).date_naive(),
        None => NaiveDate::MIN,
    }
}

impl Calendar {
    /// The calendar of a company whose present is `as_of`. The last month is the furthest-east entity's.
    pub(crate) fn new(entities: &[Entity], as_of: i64) -> Self {
        let zones: Vec<_> = entities.iter().map(|entity| entity.tz).collect();
        let today = zones.iter().map(|&zone| date_in(zone, as_of)).max().unwrap_or(NaiveDate::MIN);
        let first = first_of_month(today) - Months::new(MONTHS as u32 - 1);
        let starts: Vec<_> = (0..=MONTHS as u32).map(|m| first + Months::new(m)).collect();
        let bounds =
            zones.iter().map(|&zone| starts.iter().map(|&date| midnight(zone, date)).collect()).collect();
        let mut periods = Vec::with_capacity(MONTHS);
        for (position, pair) in starts.windows(2).enumerate() {
            let closing = working_day(pair[1], 5).and_time(NaiveTime::MIN).and_utc().timestamp() + 17 * HOUR;
            let locking = working_day(pair[1], 3).and_time(NaiveTime::MIN).and_utc().timestamp() + 17 * HOUR;
            let (status, closed_at) = match MONTHS - position {
                1 => (PeriodStatus::Open, None),
                2 if locking <= as_of => (PeriodStatus::ArLocked, None),
                2 => (PeriodStatus::Open, None),
                _ => (PeriodStatus::Closed, Some(closing + position as i64 * 7 * 60)),
            };
            periods.push(Period {
                id: 301 + position as u32,
                year: pair[0].year(),
                month: pair[0].month(),
                start: pair[0],
                end: pair[1] - Days::new(1),
                status,
                closed_at,
            });
        }
        Self { periods, bounds, zones }
    }

    /// Start of a local month.
    pub(crate) fn start(&self, entity: u8, month: usize) -> i64 {
        self.bounds[usize::from(entity)][month.min(MONTHS)]
    }

    /// Position of the period that an instant falls in, in the entity's zone.
    pub(crate) fn period_of(&self, entity: u8, instant: i64) -> u8 {
        let bounds = &self.bounds[usize::from(entity)];
        let after = bounds.partition_point(|&start| start <= instant);
        after.saturating_sub(1).min(MONTHS - 1) as u8
    }

    /// The entity's local date.
    pub(crate) fn date(&self, entity: u8, instant: i64) -> NaiveDate {
        date_in(self.zones[usize::from(entity)], instant)
    }

    /// Whether a document arrives after its period was closed.
    pub(crate) fn is_late(&self, entity: u8, dated_at: i64, finalized_at: i64) -> bool {
        let period = &self.periods[usize::from(self.period_of(entity, dated_at))];
        period.closed_at.is_some_and(|closed| finalized_at > closed)
    }

    /// Where a document belongs: its own month, or for a late arrival the earliest later period that was not
    /// yet closed when it was finalised; and the date to book it with.
    pub(crate) fn belongs(&self, entity: u8, dated_at: i64, finalized_at: i64) -> (u8, NaiveDate) {
        let own = self.period_of(entity, dated_at);
        if !self.is_late(entity, dated_at, finalized_at) {
            return (own, self.date(entity, dated_at));
        }
        let mut position = usize::from(own);
        while self.periods[position].closed_at.is_some_and(|closed| finalized_at > closed) {
            position += 1;
        }
        let period = &self.periods[position];
        (position as u8, self.date(entity, finalized_at).clamp(period.start, period.end))
    }
}

#[cfg(test)]
mod tests {
    use super::super::seed::entities;
    use super::*;

    /// 2026-11-20T12:00:00Z
    const AS_OF: i64 = 1_795_176_000;

    #[test]
    fn thirteen_months_end_with_the_present_one() {
        let calendar = Calendar::new(&entities(), AS_OF);
        assert_eq!(calendar.periods.len(), 13);
        assert_eq!((calendar.periods[0].year, calendar.periods[0].month), (2025, 11));
        assert_eq!((calendar.periods[12].year, calendar.periods[12].month), (2026, 11));
        let closed = calendar.periods.iter().filter(|period| period.status == PeriodStatus::Closed);
        assert_eq!(closed.count(), 11);
        assert_eq!(calendar.periods[11].status, PeriodStatus::ArLocked);
    }

    #[test]
    fn a_month_begins_when_the_entity_says() {
        let calendar = Calendar::new(&entities(), AS_OF);
        // 2026-10-31T16:00Z is the first of November in Tokyo, the last of October elsewhere.
        let instant = 1_793_462_400;
        let months: Vec<_> = (0..4).map(|entity| calendar.period_of(entity, instant)).collect();
        assert_eq!(months, [11, 11, 11, 12]);
    }

    #[test]
    fn a_late_arrival_belongs_to_the_earliest_period_still_open_when_it_came() {
        let calendar = Calendar::new(&entities(), AS_OF);
        let dated = calendar.start(1, 5) + 20 * DAY;
        let check = |finalized: i64, expected: u8| {
            let (period, date) = calendar.belongs(1, dated, finalized);
            assert_eq!(period, expected);
            assert!(calendar.periods[usize::from(period)].start <= date);
            assert!(date <= calendar.periods[usize::from(period)].end);
        };
        check(calendar.start(1, 6) + DAY, 5);
        check(calendar.start(1, 6) + 12 * DAY, 6);
        check(calendar.start(1, 7) + DAY, 6);
        check(calendar.start(1, 7) + 12 * DAY, 7);
    }
}
