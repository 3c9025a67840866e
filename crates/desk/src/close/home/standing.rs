//! How much stands in the way of the period that is being closed, in its own currencies and in one, and
//! how it stands in each entity.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tieout_domain::{
    Currency,
    accounts::AccountMapping,
    calendar::{Period, Subledger},
};
use tieout_store::OpenLoad;

use crate::{
    base::wording::{self, wide_text},
    governance::reporting::Reporting,
    queue::{closing::Closing, do_first::DoFirst, exception_views::Sum},
};

/// How many periods are told of, the one that is being closed included.
const PERIODS: usize = 3;

/// How many, and how much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Load {
    /// How many.
    pub count: u64,
    /// Their amounts without signs per currency, major units.
    pub sums: Vec<Sum>,
    /// The same together in the reporting currency, major units; `None` where a rate is missing.
    pub worth: Option<String>,
}

/// Minor units without signs by currency, and how many they are.
pub(super) type Gross = (u64, BTreeMap<Currency, (u64, i128)>);

/// What stands, by its place.
pub(super) struct Stands {
    pub blockers: Load,
    pub later: Load,
    pub backlog: Load,
    /// The blockers together in minor units of the reporting currency.
    pub blockers_minor: Option<i128>,
    blockers_gross: Gross,
}

pub(super) fn loads(loads: &[OpenLoad], later: &[String], reporting: &Reporting) -> Stands {
    let of = |place: &dyn Fn(&OpenLoad) -> bool| {
        let mut gross: Gross = (0, BTreeMap::new());
        for load in loads.iter().filter(|load| place(load)) {
            let sum = gross.1.entry(load.currency).or_default();
            *sum = (sum.0 + load.count, sum.1 + load.gross_minor);
            gross.0 += load.count;
        }
        gross
    };
    let blockers_gross = of(&|load| !load.backlog && !later.contains(&load.period));
    Stands {
        blockers: view(&blockers_gross, reporting),
        later: view(&of(&|load| !load.backlog && later.contains(&load.period)), reporting),
        backlog: view(&of(&|load| load.backlog), reporting),
        blockers_minor: minor(&blockers_gross, reporting),
        blockers_gross,
    }
}

fn minor(gross: &Gross, reporting: &Reporting) -> Option<i128> {
    reporting.gross(gross.1.iter().map(|(currency, sum)| (currency.code(), sum.1)))
}

pub(super) fn view(gross: &Gross, reporting: &Reporting) -> Load {
    let sum = |(currency, (count, minor)): (&Currency, &(u64, i128))| Sum {
        currency: currency.code().to_owned(),
        count: *count,
        amount: wide_text(*minor, *currency),
    };
    let sums = gross.1.iter().filter(|(_, sum)| sum.0 > 0).map(sum).collect();
    Load { count: gross.0, sums, worth: minor(gross, reporting).and_then(|minor| reporting.text(minor)) }
}

/// The items that are done first, together.
pub(super) fn together(first: &[DoFirst], reporting: &Reporting) -> (Load, Gross) {
    let mut gross: Gross = (0, BTreeMap::new());
    for one in first {
        gross.0 += one.frees;
        for (currency, count, minor) in &one.gross {
            let sum = gross.1.entry(*currency).or_default();
            *sum = (sum.0 + count, sum.1 + minor);
        }
    }
    (view(&gross, reporting), gross)
}

/// The blockers without those.
pub(super) fn rest(stands: &Stands, first: &Gross, reporting: &Reporting, count: u64) -> Load {
    let mut gross = stands.blockers_gross.clone();
    gross.0 = gross.0.saturating_sub(count);
    for (currency, (count, minor)) in &first.1 {
        let sum = gross.1.entry(*currency).or_default();
        *sum = (sum.0.saturating_sub(*count), (sum.1 - minor).max(0));
    }
    view(&gross, reporting)
}

/// Each once.
pub(super) fn distinct(met: Vec<Currency>) -> Vec<Currency> {
    met.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// A period as a sentence names it.
pub(super) fn month(key: &str) -> String {
    wording::period(key)
}

/// How one entity stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct EntityStands {
    /// Its code.
    pub entity: String,
    /// Its name, where the mapping has it.
    pub name: Option<String>,
    /// What keeps its period from being closed.
    pub blockers: Load,
    /// The period that is being closed and those before it, the newest first.
    pub periods: Vec<PeriodStands>,
}

/// How one period of an entity stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PeriodStands {
    /// Its name.
    pub period: String,
    /// What it takes, in words.
    pub says: String,
    /// The day on which it was closed, where it is.
    pub closed: Option<String>,
    /// What was open when it closed.
    pub backlog: u64,
}

/// Each entity that has periods or blockers, by its code.
pub(super) fn entities(
    loads: &[OpenLoad],
    periods: &[Period],
    closing: Option<(&Closing, &[String])>,
    (mapping, reporting): (Option<&AccountMapping>, &Reporting),
) -> Vec<EntityStands> {
    let Some((closing, later)) = closing else { return Vec::new() };
    let codes: BTreeSet<&str> = periods
        .iter()
        .map(|period| period.entity.as_str())
        .chain(loads.iter().filter(|load| !load.backlog).map(|load| load.entity.as_str()))
        .filter(|code| !code.is_empty())
        .collect();
    let stands = |code: &str| {
        let named = mapping.and_then(|m| m.entities.iter().find(|e| e.code.as_str() == code));
        let own: Vec<OpenLoad> = loads.iter().filter(|load| load.entity == code).cloned().collect();
        let mut shown: Vec<&Period> = periods
            .iter()
            .filter(|p| p.entity.as_str() == code && p.ends.to_string() <= closing.ends)
            .collect();
        shown.sort_by_key(|p| std::cmp::Reverse(p.ends));
        EntityStands {
            entity: code.to_owned(),
            name: named.map(|e| e.name.clone()).filter(|name| !name.is_empty()),
            blockers: self::loads(&own, later, reporting).blockers,
            periods: shown.into_iter().take(PERIODS).map(|p| period(p, &own)).collect(),
        }
    };
    codes.into_iter().map(stands).collect()
}

fn period(period: &Period, loads: &[OpenLoad]) -> PeriodStands {
    let shut = !period.status.accepts(Subledger::Ar);
    let backlog = loads.iter().filter(|load| load.backlog && load.period == period.key.as_str());
    PeriodStands {
        period: period.key.to_string(),
        says: wording::status(period.status),
        closed: period.closed_at.filter(|_| shut).map(|at| at.date_naive().to_string()),
        backlog: backlog.map(|load| load.count).sum(),
    }
}
