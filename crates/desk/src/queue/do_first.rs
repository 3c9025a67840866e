//! What to do first: of everything that blocks, what is worth most beside its entity's materiality, frees
//! most and has least time left. Where one act settles all of a root cause, they are one.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use tieout_domain::{Currency, PersonId, accounts::AccountMapping, exception::Remedy};
use tieout_store::{CauseLoad, ListedException};

use crate::{
    base::{context::Context, error::DeskResult, labels::capital, wording::wide_text},
    governance::reporting::{self, Reporting},
    queue::record::{ExceptionView, Reader},
};

/// How many are shown.
const SHOWN: usize = 5;
/// How many of the most valuable are ranked. What is worth less than all of them, alone and with what it
/// frees, does not come first.
const LOOKED_AT: u32 = 40;
/// How many root causes likewise.
const CAUSES: usize = 12;

/// An entity's materiality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Materiality {
    /// The amount, major units of the entity's currency.
    pub amount: String,
    /// That currency.
    pub currency: String,
    /// How many times that it is worth, in tenths: 25 are 2.5 times.
    pub tenths: u64,
}

/// One thing to do first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct DoFirst {
    /// It; of a root cause, its largest.
    pub exception: ExceptionView,
    /// What to do, its verb first.
    pub act: String,
    /// What is in the way, as a sentence without its dot.
    pub why: String,
    /// How many it settles, itself included.
    pub frees: u64,
    /// Worth of all that it settles in the reporting currency, without signs; `None` where a rate is
    /// missing.
    pub worth: Option<String>,
    /// How much of all blockers that is, in whole percent.
    pub share: Option<u32>,
    /// Beside its entity's materiality, where the mapping says one.
    pub materiality: Option<Materiality>,
    /// True where it is given to the person who acts.
    pub yours: bool,
    /// Minor units without signs, by currency, with how many they are.
    #[serde(skip)]
    #[ts(skip)]
    pub gross: Vec<(Currency, u64, i128)>,
}

/// Within which, and for whom.
pub(crate) struct Scope<'s> {
    pub mapping: Option<&'s AccountMapping>,
    pub reporting: &'s Reporting,
    /// Of this entity alone.
    pub entity: Option<&'s str>,
    /// Periods that are not being closed yet.
    pub later: &'s [String],
    /// The blockers together in the reporting currency.
    pub total: Option<i128>,
    pub now: DateTime<Utc>,
    pub me: Option<&'s PersonId>,
}

/// The first ones, and the largest of the others: its customer and worth.
pub(crate) struct Ranked {
    pub first: Vec<DoFirst>,
    pub largest: Option<(String, String)>,
}

/// What one act settles.
struct Candidate {
    one: ListedException,
    frees: u64,
    gross: Vec<(Currency, u64, i128)>,
    worth: Option<i128>,
    points: i128,
}

pub(crate) fn ranked(ctx: &Context, scope: &Scope<'_>) -> DeskResult<Ranked> {
    let mut found: Vec<Candidate> = Vec::new();
    for (group, sums) in causes(ctx, scope)? {
        let one = ctx.store().most_valuable((Some(&group), scope.entity), scope.later, 1)?.into_iter().next();
        found.extend(one.map(|one| candidate(scope, one, sums)));
    }
    let mut singles = ctx.store().most_valuable((None, scope.entity), scope.later, LOOKED_AT)?;
    singles.retain(|one| !found.iter().any(|known| known.one.row.group_key == one.row.group_key));
    for one in singles {
        let alone = vec![(one.row.currency, 1, i128::from(one.row.amount_minor).abs())];
        found.push(candidate(scope, one, alone));
    }
    found.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.one.row.due_at.cmp(&b.one.row.due_at)));
    let others = found.split_off(found.len().min(SHOWN));
    let reader = Reader::now(ctx)?;
    let largest = others.into_iter().max_by_key(|one| one.worth).and_then(|one| {
        let noun = one.one.document_kind.map(|kind| format!("{} {}", kind.label(), one.one.row.external_ref));
        let name = one.one.customer.or(noun).unwrap_or(one.one.row.external_ref);
        Some((name, scope.reporting.text(one.worth?)?))
    });
    let first = found.into_iter().map(|one| shown(scope, &reader, one)).collect();
    Ok(Ranked { first, largest })
}

type ByCurrency = Vec<(Currency, u64, i128)>;

/// The root causes that are worth most.
fn causes(ctx: &Context, scope: &Scope<'_>) -> DeskResult<Vec<(String, ByCurrency)>> {
    let mut causes: BTreeMap<String, ByCurrency> = BTreeMap::new();
    for CauseLoad { group, currency, count, gross_minor, .. } in ctx.store().cause_loads(scope.entity)? {
        causes.entry(group).or_default().push((currency, count, gross_minor));
    }
    let mut causes: Vec<(String, ByCurrency)> = causes.into_iter().collect();
    causes.sort_by_key(|(_, sums)| std::cmp::Reverse((worth(scope.reporting, sums), count(sums))));
    causes.truncate(CAUSES);
    Ok(causes)
}

fn worth(reporting: &Reporting, sums: &ByCurrency) -> Option<i128> {
    reporting.gross(sums.iter().map(|(currency, _, gross)| (currency.code(), *gross)))
}

fn count(sums: &ByCurrency) -> u64 {
    sums.iter().map(|(_, count, _)| count).sum()
}

fn candidate(scope: &Scope<'_>, one: ListedException, gross: ByCurrency) -> Candidate {
    let (frees, worth) = (count(&gross), worth(scope.reporting, &gross));
    let least = limit(scope, &one).map_or(100_000, |(there, _)| there);
    let points = points(worth, least, frees, one.row.due_at - scope.now);
    Candidate { one, frees, gross, worth, points }
}

fn limit(scope: &Scope<'_>, one: &ListedException) -> Option<(i128, tieout_domain::Money)> {
    reporting::materiality(scope.mapping?, scope.reporting, one.row.entity.as_ref()?.as_str())
}

/// Hundredths of the materiality; a tenth more for each that it frees, up to sixfold; half as much again
/// where less than a day is left, or nothing.
fn points(worth: Option<i128>, least: i128, frees: u64, left: Duration) -> i128 {
    let base = (worth.unwrap_or(0) * 100 / least.max(1)).clamp(1, 1_000_000_000);
    let blocks = 10 + i128::from(frees.saturating_sub(1).min(50));
    let time = if left < Duration::days(1) {
        15
    } else if left < Duration::days(3) {
        12
    } else {
        10
    };
    base * blocks * time
}

fn shown(scope: &Scope<'_>, reader: &Reader, found: Candidate) -> DoFirst {
    let exception = reader.shown(&found.one);
    let share = match (found.worth, scope.total) {
        (Some(worth), Some(total)) if total > 0 => u32::try_from(worth * 100 / total).ok(),
        _ => None,
    };
    let materiality = found.worth.zip(limit(scope, &found.one)).map(|(worth, (there, own))| Materiality {
        amount: wide_text(i128::from(own.minor()), own.currency()),
        currency: own.currency().code().to_owned(),
        tenths: u64::try_from(worth * 10 / there).unwrap_or(u64::MAX),
    });
    let row = &found.one.row;
    DoFirst {
        act: act(&found.one),
        why: why(&found.one, &exception.in_the_way),
        frees: found.frees,
        worth: found.worth.and_then(|worth| scope.reporting.text(worth)),
        share,
        materiality,
        yours: row.assignee.is_some() && row.assignee.as_ref() == scope.me,
        gross: found.gross,
        exception,
    }
}

/// What is missing in the mapping: its sentence ends with it, as a root cause is named by it
/// ([`crate::base::labels::cause_label`]).
fn gap(one: &ListedException) -> Option<&str> {
    let (_, gap) = one.row.why.split_once(": ").filter(|_| one.row.kind.remedy() == Remedy::Map)?;
    let gap = gap.trim_end_matches('.');
    Some(
        gap.split_once(" has ")
            .filter(|(entity, _)| entity.starts_with("entity "))
            .map_or(gap, |(_, gap)| gap),
    )
}

fn act(one: &ListedException) -> String {
    let product = gap(one).and_then(|gap| gap.split_once(" for product "));
    let product =
        product.and_then(|(_, named)| named.split(", ").next()).map(|named| named.trim_matches(['“', '”']));
    product.map_or_else(|| one.row.kind.act().to_owned(), |product| format!("map “{product}”"))
}

fn why(one: &ListedException, in_the_way: &str) -> String {
    match gap(one) {
        Some(gap) => capital(gap.split(" for product ").next().unwrap_or(gap)),
        None if one.posting.is_some() || one.behind.is_some() => in_the_way.to_owned(),
        None if one.row.kind.remedy() == Remedy::Book && !one.row.period_blocked => {
            "Not in the ledger, and past its time".to_owned()
        }
        None => one.row.kind.label().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_beside_materiality_ranks_before_time_and_what_is_freed_adds_to_it() {
        let day = Duration::days(5);
        let large = points(Some(5_000_000), 100_000, 1, day);
        assert!(large > points(Some(5_000_000), 200_000, 1, day), "the stricter materiality first");
        assert!(large > points(Some(100_000), 100_000, 1, -day), "an old trifle does not come first");
        assert!(points(Some(5_000_000), 100_000, 7, day) > large, "one act that frees seven");
        assert!(points(Some(5_000_000), 100_000, 1, Duration::hours(3)) > large, "today");
        assert!(points(None, 100_000, 1, day) < points(Some(1_000), 100_000, 1, -day), "worth is not known");
    }
}
