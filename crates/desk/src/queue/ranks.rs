//! A view by rank: what to do first, then the others by the view's order, then the backlog. The first
//! ones are taken out of the view's own order, so that no more rows are read than are shown.

use std::sync::{Mutex, PoisonError};

use tieout_store::{CurrencySum, ListedException, Selection, View, ViewPage};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::{changes, reporting},
    queue::{
        closing, do_first,
        exception_query::{self, ExceptionQuery},
    },
};

/// So many rows from the start are looked through for the first ones before each is found by itself.
const NEAR: u64 = 1_024;

/// A view, or a part of one by rank.
pub(crate) enum Part {
    /// All of a view.
    Whole(View),
    /// What of it is to do first, by its places.
    First(View, Vec<u64>),
    /// The others.
    Then(View, Vec<u64>),
}

/// One group of a view by rank.
pub(crate) struct Group {
    pub key: &'static str,
    pub label: &'static str,
    pub count: u64,
    pub sums: Vec<CurrencySum>,
}

/// What a query asks for, its rank considered.
pub(crate) fn part(ctx: &Context, query: &ExceptionQuery) -> DeskResult<Part> {
    let of = |standing: &str| {
        let query = ExceptionQuery { rank: None, standing: Some(standing.to_owned()), ..query.clone() };
        exception_query::view_of(ctx, &query)
    };
    match query.rank.as_deref() {
        None => Ok(Part::Whole(exception_query::view_of(ctx, query)?)),
        Some("backlog") => Ok(Part::Whole(of("backlog")?)),
        Some("first") => {
            let view = of("new")?;
            let places = places(ctx, &view)?;
            Ok(Part::First(view, places))
        }
        Some("then") => {
            let view = of("new")?;
            let places = places(ctx, &view)?;
            Ok(Part::Then(view, places))
        }
        Some(other) => {
            let message = format!("\"{other}\" is no rank; there are first, then, backlog");
            Err(DeskError::new(Code::StandingUnknown, message))
        }
    }
}

impl Part {
    /// A window of it.
    pub(crate) fn page(&self, ctx: &Context, start: u64, limit: u64) -> DeskResult<ViewPage> {
        let (view, runs) = match self {
            Part::Whole(view) => return Ok(ctx.store().view_page(view, start, limit)?),
            Part::First(view, places) => (view, of_first(places, start, limit)),
            Part::Then(view, places) => (view, others(places, start, limit)),
        };
        let mut rows: Vec<ListedException> = Vec::new();
        for (from, run) in runs {
            rows.extend(ctx.store().view_page(view, from, run)?.rows);
        }
        Ok(ViewPage { rows, generation: ctx.store().generation()? })
    }

    /// The ids of a window of it.
    pub(crate) fn ids(&self, ctx: &Context, start: u64, limit: u64) -> DeskResult<Vec<String>> {
        let (view, runs) = match self {
            Part::Whole(view) => (view, vec![(start, limit)]),
            Part::First(view, places) => (view, of_first(places, start, limit)),
            Part::Then(view, places) => (view, others(places, start, limit)),
        };
        let mut ids = Vec::new();
        for (from, run) in runs {
            ids.extend(ctx.store().view_ids(view, from, run)?.iter().map(ToString::to_string));
        }
        Ok(ids)
    }

    /// Where an exception stands in it.
    pub(crate) fn find(&self, ctx: &Context, id: &str) -> DeskResult<Option<u64>> {
        Ok(match self {
            Part::Whole(view) => ctx.store().view_find(view, id)?,
            Part::First(view, places) => {
                let at = ctx.store().view_find(view, id)?;
                at.and_then(|at| places.iter().position(|place| *place == at)).map(|at| at as u64)
            }
            Part::Then(view, places) => {
                ctx.store().view_find(view, id)?.and_then(|at| among_others(places, at))
            }
        })
    }
}

/// A view by rank: those of its groups that hold something.
pub(crate) fn groups(ctx: &Context, query: &ExceptionQuery) -> DeskResult<Vec<Group>> {
    let ranked = |rank: &str| ExceptionQuery { rank: Some(rank.to_owned()), ..query.clone() };
    let first = part(ctx, &ranked("first"))?;
    let ids = first.ids(ctx, 0, u64::MAX)?;
    let mut groups = Vec::new();
    let mut add = |key, label, selection: &Selection| -> DeskResult<()> {
        let selected = ctx.store().selected(selection)?;
        if selected.count > 0 {
            groups.push(Group { key, label, count: selected.count, sums: selected.sums });
        }
        Ok(())
    };
    let others = if ids.is_empty() { "By value" } else { "Then, by value" };
    if query.standing.as_deref() != Some("backlog") {
        add("first", "Do first", &Selection::Ids(ids.clone()))?;
        if let Part::First(view, _) = first {
            add("then", others, &Selection::All { view: Box::new(view), except: ids })?;
        }
    }
    if let Part::Whole(view) = part(ctx, &ranked("backlog"))? {
        add(
            "backlog",
            "Backlog of closed periods",
            &Selection::All { view: Box::new(view), except: Vec::new() },
        )?;
    }
    Ok(groups)
}

/// What was ranked last, and where it stands in the view that was asked for last.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Known>>);

struct Known {
    /// The generation, the minute and the entity that it is of.
    of: (u64, i64, Option<String>),
    ids: Vec<String>,
    places: Option<(View, Vec<u64>)>,
}

/// The places of what to do first within a view, in ascending order.
fn places(ctx: &Context, view: &View) -> DeskResult<Vec<u64>> {
    let entity = view.filter.entity.clone();
    let of = (ctx.store().generation()?, exception_query::this_minute(ctx).timestamp(), entity);
    let shelf = ctx.shelf.get::<Kept>();
    let mut kept = shelf.0.lock().unwrap_or_else(PoisonError::into_inner);
    let known = match kept.take() {
        Some(known) if known.of == of => known,
        _ => Known { ids: first(ctx, of.2.as_deref())?, of, places: None },
    };
    let places = match &known.places {
        Some((asked, places)) if asked == view => places.clone(),
        _ => found(ctx, view, &known.ids)?,
    };
    *kept = Some(Known { places: Some((view.clone(), places.clone())), ..known });
    Ok(places)
}

/// The ids of what to do first, of all entities or one.
fn first(ctx: &Context, entity: Option<&str>) -> DeskResult<Vec<String>> {
    let now = exception_query::this_minute(ctx);
    let mapping = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let reporting = reporting::in_force(ctx)?;
    let closing = closing::closing(ctx, now.date_naive(), entity)?;
    let later = closing.map(|found| found.later).unwrap_or_default();
    let scope = do_first::Scope {
        mapping: mapping.as_deref(),
        reporting: &reporting,
        entity,
        later: &later,
        total: None,
        now,
        me: None,
    };
    let ranked = do_first::ranked(ctx, &scope)?;
    Ok(ranked.first.into_iter().map(|one| one.exception.id).collect())
}

fn found(ctx: &Context, view: &View, ids: &[String]) -> DeskResult<Vec<u64>> {
    let near = ctx.store().view_ids(view, 0, NEAR)?;
    let mut places = Vec::new();
    for id in ids {
        let at = match near.iter().position(|one| one.as_str() == id) {
            Some(at) => Some(at as u64),
            None if (near.len() as u64) < NEAR => None,
            None => ctx.store().view_find(view, id)?,
        };
        places.extend(at);
    }
    places.sort_unstable();
    Ok(places)
}

/// The first ones of a window, each a run by itself.
fn of_first(places: &[u64], start: u64, limit: u64) -> Vec<(u64, u64)> {
    let [start, limit] = [start, limit].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    places.iter().skip(start).take(limit).map(|place| (*place, 1)).collect()
}

/// The runs of a view's own order that are these rows of the others: where each begins, and how long it
/// is.
fn others(places: &[u64], start: u64, limit: u64) -> Vec<(u64, u64)> {
    let (mut runs, mut from, mut left) = (Vec::new(), start, limit);
    let mut skipped = places.iter().peekable();
    while skipped.next_if(|place| **place <= from).is_some() {
        from += 1;
    }
    for place in skipped {
        let run = left.min(place.saturating_sub(from));
        if run > 0 {
            runs.push((from, run));
        }
        left -= run;
        from = place + 1;
    }
    if left > 0 {
        runs.push((from, left));
    }
    runs
}

/// Where a row of a view's own order stands among the others; `None` where it is one of the first.
fn among_others(places: &[u64], at: u64) -> Option<u64> {
    let before = places.iter().filter(|place| **place < at).count() as u64;
    (!places.contains(&at)).then(|| at - before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_are_the_view_without_the_first_ones_in_any_window() {
        for places in [vec![], vec![0], vec![0, 1, 2], vec![2, 3, 9], vec![19], vec![0, 4, 5, 18, 19]] {
            let whole: Vec<u64> = (0..20).filter(|at| !places.contains(at)).collect();
            for start in 0..whole.len() {
                for limit in 1..8 {
                    let want: Vec<u64> = whole.iter().skip(start).take(limit).copied().collect();
                    let runs = others(&places, start as u64, limit as u64);
                    let got: Vec<u64> = runs
                        .into_iter()
                        .flat_map(|(from, run)| from..from + run)
                        .filter(|at| *at < 20)
                        .collect();
                    assert_eq!(got, want, "{places:?} from {start}, {limit}");
                }
            }
            for (index, at) in whole.iter().enumerate() {
                assert_eq!(among_others(&places, *at), Some(index as u64));
            }
            assert!(places.iter().all(|at| among_others(&places, *at).is_none()));
        }
    }
}
