//! What keeps the books of an entity and period from being ready: open exceptions, by kind.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::{Currency, difference::Part, exception::ExceptionKind};
use tieout_store::OpenException;

use crate::{
    access::actor::{self, Names},
    base::{context::Context, error::DeskResult, wording},
    close::arithmetic::Books,
    governance::reporting,
    queue::{closing, exception_views::Sum},
};

/// So many customers of a cause are named.
const NAMED: usize = 2;

/// Open exceptions of one kind that keep the period from being ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BlockerView {
    /// Their kind.
    pub kind: String,
    /// In words.
    pub label: String,
    /// How many.
    pub count: u64,
    /// The customers of the largest, or what they are about.
    pub about: Vec<String>,
    /// How many more customers there are.
    pub more: u64,
    /// Their amounts without signs, per currency, major units.
    pub sums: Vec<Sum>,
    /// The same together in the reporting currency; `None` where a rate is missing.
    pub worth: Option<String>,
    /// Who works them; empty: nobody.
    pub owners: Vec<String>,
    /// How many nobody works.
    pub unowned: u64,
    /// Since when the oldest is open.
    pub since: DateTime<Utc>,
    /// How many are past their time.
    pub overdue: u64,
    /// The exception of the largest.
    pub exception: String,
}

/// The open exceptions that keep these books from being ready: those of the entity, or of none, that are of
/// this period or an earlier open one, and that no note explains whole.
pub(crate) fn blocking<'b>(ctx: &Context, books: &'b Books) -> DeskResult<Vec<&'b OpenException>> {
    let end = books.end_of(books.period.as_str());
    let explained: BTreeSet<&str> = {
        let mut by_name: BTreeMap<&str, bool> = BTreeMap::new();
        for item in &books.items {
            let whole = by_name.entry(item.name.as_str()).or_insert(true);
            *whole &= item.note.is_some() && item.part != Some(Part::Unexplained);
        }
        by_name.into_iter().filter_map(|(name, whole)| whole.then_some(name)).collect()
    };
    let all = closing::periods_of(ctx, None)?;
    let later = |period: &str| {
        let own = all.iter().find(|one| one.key.as_str() == period).map(|one| one.ends);
        own.or_else(|| books.end_of(period)).zip(end).is_some_and(|(own, end)| own > end)
    };
    let blocks = |one: &&OpenException| {
        !one.backlog
            && (one.entity.is_empty() || one.entity == books.entity.code.as_str())
            && !later(&one.period)
            && !explained.contains(one.name.as_str())
    };
    Ok(books.exceptions.iter().filter(blocks).collect())
}

/// Blockers by kind with their worth, and all of them together.
pub(crate) fn blockers(
    ctx: &Context,
    books: &Books,
    blocking: &[&OpenException],
) -> DeskResult<(Vec<BlockerView>, Option<String>, Option<String>)> {
    let reporting = reporting::in_force(ctx)?;
    let names = actor::names(ctx)?;
    let worth = |one: &OpenException| reporting.minor(i128::from(one.amount_minor).abs(), one.currency);
    let mut kinds: BTreeMap<ExceptionKind, Vec<&OpenException>> = BTreeMap::new();
    for one in blocking {
        kinds.entry(one.kind).or_default().push(one);
    }
    let mut views = Vec::new();
    for (kind, mut all) in kinds {
        all.sort_by_key(|one| std::cmp::Reverse(worth(one)));
        let together = all.iter().try_fold(0_i128, |sum, one| Some(sum + worth(one)?));
        views.push((together, blocker(books, &names, kind, &all, together.and_then(|m| reporting.text(m)))));
    }
    views.sort_by_key(|(worth, _)| std::cmp::Reverse(*worth));
    let all = blocking.iter().try_fold(0_i128, |sum, one| Some(sum + worth(one)?));
    let currency = reporting.view(&[]).map(|view| view.currency);
    let views = views.into_iter().map(|(_, view)| view).collect();
    Ok((views, all.and_then(|minor| reporting.text(minor)), currency))
}

fn blocker(
    books: &Books,
    names: &Names,
    kind: ExceptionKind,
    all: &[&OpenException],
    worth: Option<String>,
) -> BlockerView {
    let called = |one: &&OpenException| match one.customer.is_empty() {
        true => one.external_ref.clone(),
        false => one.customer.clone(),
    };
    let mut about: Vec<String> = Vec::new();
    for one in all {
        let name = called(one);
        if !about.contains(&name) {
            about.push(name);
        }
    }
    let more = about.len().saturating_sub(NAMED) as u64;
    about.truncate(NAMED);
    let mut sums: BTreeMap<Currency, (u64, i128)> = BTreeMap::new();
    for one in all {
        let sum = sums.entry(one.currency).or_default();
        *sum = (sum.0 + 1, sum.1 + i128::from(one.amount_minor).abs());
    }
    let owners: BTreeSet<String> =
        all.iter().filter(|one| !one.assignee.is_empty()).map(|one| names.of(&one.assignee)).collect();
    BlockerView {
        kind: kind.as_str().to_owned(),
        label: kind.label().to_owned(),
        count: all.len() as u64,
        about,
        more,
        sums: sums
            .into_iter()
            .map(|(currency, (count, minor))| Sum {
                currency: currency.code().to_owned(),
                count,
                amount: wording::wide_text(minor, currency),
            })
            .collect(),
        worth,
        owners: owners.into_iter().collect(),
        unowned: all.iter().filter(|one| one.assignee.is_empty()).count() as u64,
        since: all.iter().map(|one| one.since).min().unwrap_or_default(),
        overdue: all.iter().filter(|one| one.due_at.date_naive() < books.today).count() as u64,
        exception: all.first().map(|one| one.id.to_string()).unwrap_or_default(),
    }
}
