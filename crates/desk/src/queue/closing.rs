//! Which period is being closed.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use tieout_domain::calendar::{Period, PeriodStatus, Subledger};

use crate::base::{context::Context, error::DeskResult, wording};

/// The period that is being closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Closing {
    /// Its name, `2026-11`.
    pub period: String,
    /// The same as a sentence says it: `November 2026`.
    pub name: String,
    /// Its last day.
    pub ends: String,
    /// True once that day is past.
    pub ended: bool,
    /// The entities whose receivables it still takes.
    pub open: Vec<String>,
    /// The entities whose receivables it takes no more.
    pub closed: Vec<String>,
}

/// The same, with the periods that come after it.
pub(crate) struct Found {
    pub view: Closing,
    pub later: Vec<String>,
}

/// The last period that has ended and that some entity, or the one that is given, has not closed; else the
/// one that holds today.
pub(crate) fn closing(ctx: &Context, today: NaiveDate, entity: Option<&str>) -> DeskResult<Option<Found>> {
    Ok(found(&periods_of(ctx, entity)?, today))
}

fn found(periods: &[Period], today: NaiveDate) -> Option<Found> {
    let open = |p: &&Period| p.status != PeriodStatus::Closed && p.status.accepts(Subledger::Ar);
    let ended = periods.iter().filter(|p| p.ends < today).filter(open).max_by_key(|p| p.ends);
    // What ended long ago and was never closed in the ERP is not being closed now.
    let ended = ended.filter(|p| (today - p.ends).num_days() <= 45);
    let chosen = ended.or_else(|| periods.iter().find(|p| p.starts <= today && today <= p.ends))?;
    let of = periods.iter().filter(|p| p.key == chosen.key);
    let (open, closed): (Vec<&Period>, Vec<&Period>) = of.partition(open);
    let names = |all: Vec<&Period>| all.iter().map(|p| p.entity.to_string()).collect();
    let later: BTreeSet<String> =
        periods.iter().filter(|p| p.starts > chosen.ends).map(|p| p.key.to_string()).collect();
    let view = Closing {
        period: chosen.key.to_string(),
        name: wording::period(chosen.key.as_str()),
        ends: chosen.ends.to_string(),
        ended: chosen.ends < today,
        open: names(open),
        closed: names(closed),
    };
    Some(Found { view, later: later.into_iter().collect() })
}

/// Every period that a ledger or a file said, of all entities or one, by entity and first day.
pub(crate) fn periods_of(ctx: &Context, entity: Option<&str>) -> DeskResult<Vec<Period>> {
    let all = ctx.known().periods()?.into_iter().map(|stored| stored.period);
    Ok(all.filter(|period| entity.is_none_or(|one| one == period.entity.as_str())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(entity: &str, key: &str, days: (&str, &str), status: PeriodStatus) -> Period {
        Period {
            entity: entity.parse().unwrap(),
            key: tieout_domain::calendar::PeriodKey::new(key),
            starts: days.0.parse().unwrap(),
            ends: days.1.parse().unwrap(),
            status,
            closed_at: None,
        }
    }

    fn books(november: PeriodStatus) -> Vec<Period> {
        vec![
            period("GB01", "2024-01", ("2024-01-01", "2024-01-31"), PeriodStatus::Open),
            period("GB01", "2026-10", ("2026-10-01", "2026-10-31"), PeriodStatus::Closed),
            period("GB01", "2026-11", ("2026-11-01", "2026-11-30"), november),
            period("US01", "2026-11", ("2026-11-01", "2026-11-30"), PeriodStatus::Closed),
            period("GB01", "2026-12", ("2026-12-01", "2026-12-31"), PeriodStatus::Open),
        ]
    }

    #[test]
    fn the_period_being_closed_is_the_last_one_that_ended_and_is_open_somewhere() {
        let today = "2026-12-03".parse().unwrap();
        let now = found(&books(PeriodStatus::Open), today).unwrap();
        assert_eq!((now.view.period.as_str(), now.view.ended), ("2026-11", true));
        assert_eq!((now.view.open, now.view.closed), (vec!["GB01".to_owned()], vec!["US01".to_owned()]));
        assert_eq!(now.later, ["2026-12"]);
        let closed = found(&books(PeriodStatus::Closed), today).unwrap();
        assert_eq!((closed.view.period.as_str(), closed.view.ended), ("2026-12", false));
        assert!(found(&[], today).is_none());
    }
}
