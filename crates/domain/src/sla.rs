//! How long a flow may take: by flow and legal entity, around the clock or in business hours, with a warning
//! before and whom it comes to after.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use crate::{flow::Flow, hash::sha256_hex, ids::EntityCode};

/// No flow is given more time than this, hours.
pub const MOST_HOURS: u32 = 24 * 92;

/// Business hours of a week are no fewer, so that every limit ends.
pub const LEAST_HOURS_A_WEEK: i64 = 10;

/// Days that are looked through for one moment of business: beyond them a calendar has none.
const MOST_DAYS: u32 = 10 * 366;

/// How the hours of a limit are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Every hour.
    AroundTheClock,
    /// Those of the entity's business hours.
    BusinessHours,
}

/// Whom an item comes to that stays late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Hours after it fell due, counted as the limit's are.
    pub after_hours: u32,
    /// The person's name, as the workspace knows them.
    pub lead: String,
}

/// The time limit of one flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sla {
    /// Of which flow.
    pub flow: Flow,
    /// Only in this legal entity; `None` for every other one.
    pub entity: Option<EntityCode>,
    /// Hours from start to finish, 1 to [`MOST_HOURS`].
    pub hours: u32,
    /// Which hours count.
    pub counted: Counted,
    /// So many of them before it falls due, an item is told as about to be late; 0 for never.
    pub warn_hours: u32,
    /// Whom it comes to when it stays late.
    pub escalation: Option<Escalation>,
}

/// When a legal entity works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessHours {
    /// Of this entity; `None` for every other one.
    pub entity: Option<EntityCode>,
    /// The days of the week.
    pub days: Vec<Weekday>,
    /// From this time on.
    pub from: NaiveTime,
    /// Until this time, on the same day.
    pub to: NaiveTime,
    /// In which zone; `None` for the entity's own.
    pub zone: Option<Tz>,
    /// Days on which nobody works.
    pub holidays: BTreeSet<NaiveDate>,
}

/// The time limits of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlaPolicy {
    /// The limits.
    pub limits: Vec<Sla>,
    /// The business hours.
    pub hours: Vec<BusinessHours>,
}

impl SlaPolicy {
    /// The limit of a flow in an entity: its own, else the one for every entity, else what [`Flow::definition`]
    /// says, around the clock and without a warning.
    #[must_use]
    pub fn of(&self, flow: Flow, entity: Option<&EntityCode>) -> Sla {
        let of = |wanted: Option<&EntityCode>| {
            self.limits.iter().find(|sla| sla.flow == flow && sla.entity.as_ref() == wanted)
        };
        let found = entity.and_then(|_| of(entity)).or_else(|| of(None));
        found.cloned().unwrap_or_else(|| Sla {
            flow,
            entity: None,
            hours: flow.definition().sla_hours,
            counted: Counted::AroundTheClock,
            warn_hours: 0,
            escalation: None,
        })
    }

    /// When what began at `start` should be finished. `zone` is the entity's own.
    #[must_use]
    pub fn due(
        &self,
        flow: Flow,
        entity: Option<&EntityCode>,
        zone: Tz,
        start: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let sla = self.of(flow, entity);
        self.after(&sla, entity, zone, start, sla.hours)
    }

    /// The same for what is of no legal entity: in UTC, where the business hours say no zone.
    #[must_use]
    pub fn due_of_none(&self, flow: Flow, start: DateTime<Utc>) -> DateTime<Utc> {
        self.due(flow, None, chrono_tz::UTC, start)
    }

    /// Until when what falls due after `now` is told as about to be late; `now` where nothing warns.
    #[must_use]
    pub fn soon_by(
        &self,
        flow: Flow,
        entity: Option<&EntityCode>,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let sla = self.of(flow, entity);
        self.after(&sla, entity, zone, now, sla.warn_hours)
    }

    /// What was due by then and still is not finished at `now` has come to this lead; `None` where nothing
    /// escalates.
    #[must_use]
    pub fn escalated(
        &self,
        flow: Flow,
        entity: Option<&EntityCode>,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, String)> {
        let sla = self.of(flow, entity);
        let Escalation { after_hours, lead } = sla.escalation?;
        let ago = Duration::hours(i64::from(after_hours));
        let due_by = match (sla.counted, self.business(entity)) {
            (Counted::BusinessHours, Some(hours)) => hours.before(now, ago, hours.zone.unwrap_or(zone)),
            _ => now - ago,
        };
        Some((due_by, lead))
    }

    /// Says which limits these are: two that say the same have one, none has the empty one.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        match *self == Self::default() {
            true => String::new(),
            false => sha256_hex(format!("{self:?}").as_bytes()),
        }
    }

    fn after(
        &self,
        sla: &Sla,
        entity: Option<&EntityCode>,
        zone: Tz,
        start: DateTime<Utc>,
        hours: u32,
    ) -> DateTime<Utc> {
        let long = Duration::hours(i64::from(hours));
        match (sla.counted, self.business(entity)) {
            (Counted::BusinessHours, Some(business)) => {
                business.after(start, long, business.zone.unwrap_or(zone))
            }
            _ => start + long,
        }
    }

    /// An entity's business hours: its own, else those for every entity.
    #[must_use]
    pub fn business(&self, entity: Option<&EntityCode>) -> Option<&BusinessHours> {
        let of = |wanted: Option<&EntityCode>| self.hours.iter().find(|one| one.entity.as_ref() == wanted);
        entity.and_then(|_| of(entity)).or_else(|| of(None))
    }
}

impl BusinessHours {
    /// The working time of a day, as instants; `None` on a day without any. Where the clock goes forward over
    /// an end of it, the next instant that there is.
    fn open(&self, day: NaiveDate, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if !self.days.contains(&day.weekday()) || self.holidays.contains(&day) {
            return None;
        }
        let (from, to) = (instant(day, self.from, zone), instant(day, self.to, zone));
        (from < to).then_some((from, to))
    }

    /// The instant at which `long` of working time has passed since `start`. Where the calendar has no
    /// working day left, `long` by the clock.
    fn after(&self, start: DateTime<Utc>, long: Duration, zone: Tz) -> DateTime<Utc> {
        let mut left = long;
        let mut day = start.with_timezone(&zone).date_naive();
        for _ in 0..MOST_DAYS {
            if let Some((from, to)) = self.open(day, zone) {
                let from = from.max(start);
                // What begins at the end of a day begins on the next.
                if from < to {
                    if from + left <= to {
                        return from + left;
                    }
                    left -= to - from;
                }
            }
            let Some(next) = day.checked_add_days(Days::new(1)) else { break };
            day = next;
        }
        start + long
    }

    /// The instant since which `long` of working time passes until `end`.
    fn before(&self, end: DateTime<Utc>, long: Duration, zone: Tz) -> DateTime<Utc> {
        let mut left = long;
        let mut day = end.with_timezone(&zone).date_naive();
        for _ in 0..MOST_DAYS {
            if let Some((from, to)) = self.open(day, zone) {
                let to = to.min(end);
                if from < to {
                    if to - left >= from {
                        return to - left;
                    }
                    left -= to - from;
                }
            }
            let Some(last) = day.checked_sub_days(Days::new(1)) else { break };
            day = last;
        }
        end - long
    }
}

/// A time zone of the IANA database by its name (`Europe/London`).
#[must_use]
pub fn zone(name: &str) -> Option<Tz> {
    name.trim().parse().ok()
}

/// A local time as an instant: the earlier of two, and where there is none the first that there is after it.
fn instant(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(time);
    (0..=4)
        .find_map(|halves| zone.from_local_datetime(&(local + Duration::minutes(30 * halves))).earliest())
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
#[path = "sla_tests.rs"]
mod tests;
