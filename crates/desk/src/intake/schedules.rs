//! A document's revenue schedule as the store keeps it: when each release is due, and what counts.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use tieout_domain::{
    AccountCode,
    accounts::LegalEntity,
    schedule::{Given, due_after},
};
use tieout_store::{ScheduleLine, ScheduleWhat};

/// What an expectation puts on deferred revenue, minor units, positive for an invoice; `None` where it says
/// nothing of it, as of a void document.
pub(crate) fn deferred(entity: Option<&LegalEntity>, expected: &[(AccountCode, i64)]) -> Option<i64> {
    let account = entity?.accounts.deferred_revenue.as_ref()?;
    let (_, minor) = expected.iter().find(|(of, _)| of == account)?;
    minor.checked_neg()
}

/// The lines of its schedule; none where the mapping asks for none.
pub(crate) fn lines(given: &Given<'_>) -> Vec<ScheduleLine> {
    let entity = given.entity;
    let (Some(schedules), Some(account)) = (&entity.schedules, &entity.accounts.deferred_revenue) else {
        return Vec::new();
    };
    let schedule = given.schedule();
    let due = |ends: NaiveDate| midnight(entity, due_after(ends, schedules.due_days));
    let counts = |ends: NaiveDate| entity.books_from.is_none_or(|day| ends >= day);
    let line = |what, ends: NaiveDate, minor| ScheduleLine {
        what,
        account: account.clone(),
        revenue: None,
        period: None,
        due_at: due(ends),
        counts: counts(ends),
        minor,
    };
    let deferrals = schedule.deferrals.into_iter().map(|one| ScheduleLine {
        period: Some(one.period),
        ..line(ScheduleWhat::Deferred, one.ends, one.minor.saturating_neg())
    });
    let releases = schedule.releases.into_iter().map(|one| ScheduleLine {
        period: Some(one.period),
        revenue: Some(one.revenue),
        ..line(ScheduleWhat::Released, one.ends, one.minor)
    });
    let day = given.document.date.in_zone(entity.time_zone);
    let without = (schedule.without_term != 0)
        .then(|| line(ScheduleWhat::WithoutTerm, day, schedule.without_term.saturating_neg()));
    deferrals.chain(releases).chain(without).collect()
}

/// The first instant of a day where the entity is.
fn midnight(entity: &LegalEntity, day: NaiveDate) -> DateTime<Utc> {
    let start = day.and_time(NaiveTime::MIN);
    let local = entity.time_zone.from_local_datetime(&start).earliest();
    // A day that begins later, where the clocks are put forward at midnight.
    local.map_or_else(|| start.and_utc(), |at| at.with_timezone(&Utc))
}
