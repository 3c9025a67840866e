//! The first screen: where the period that is being closed stands, what to do first, what waits for the
//! person who sits here, and what the next sending takes. It writes nothing, and reads no more rows
//! than it shows.

mod posts;
mod standing;
mod steps;
mod waits;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::Currency;

pub use posts::{EntityCount, PostsNext};
pub use standing::{EntityStands, Load, PeriodStands};
pub use steps::FirstStep;
pub use waits::{WaitKind, WaitsForYou};

use crate::{
    access::actor,
    base::{context::Context, error::DeskResult},
    governance::{
        changes,
        reporting::{self, ReportingView},
    },
    queue::{
        closing::{self, Closing},
        do_first::{self, DoFirst},
        exception_query,
    },
};

/// What of it is asked for.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct HomeRequest {
    /// One legal entity's part. What waits for the person who acts, and what the next sending takes, is told
    /// of all: neither is narrowed.
    #[serde(default)]
    pub entity: Option<String>,
}

/// Everything that the first screen says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Home {
    /// The period that is being closed; `None` where no ledger said any.
    pub closing: Option<Closing>,
    /// In which currency totals are, and by which rates; `None` where there is no one currency.
    pub reporting: Option<ReportingView>,
    /// What keeps it from being closed: open exceptions of it and of earlier open periods, and those of
    /// none.
    pub blockers: Load,
    /// How many of them are past their time.
    pub overdue: u64,
    /// New exceptions of later periods.
    pub later: Load,
    /// What was already open when its period closed; it is in no other figure.
    pub backlog: Load,
    /// What to do first, at most five.
    pub first: Vec<DoFirst>,
    /// Those five together.
    pub first_load: Load,
    /// The other blockers together.
    pub then: Load,
    /// The largest of the others: its customer (or reference) and its worth in the reporting currency.
    pub largest: Option<(String, String)>,
    /// What waits for the person who acts; their own work is not in it.
    pub waits: Vec<WaitsForYou>,
    /// What the next sending takes, and what still needs somebody's approval.
    pub posts: Vec<PostsNext>,
    /// How each entity stands.
    pub entities: Vec<EntityStands>,
    /// What a workspace needs before it can tie anything out, with what of it is done. Empty once all is.
    pub steps: Vec<FirstStep>,
    /// As of when exceptions were last judged.
    pub checked_at: Option<DateTime<Utc>>,
}

/// The first screen, as the state was last detected and for the person who acts.
///
/// # Errors
/// A database error.
pub fn home(ctx: &Context, request: &HomeRequest) -> DeskResult<Home> {
    let ctx = &ctx.asking();
    let entity = request.entity.as_deref();
    let now = exception_query::this_minute(ctx);
    let mapping = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let reporting = reporting::in_force(ctx)?;
    let mut loads = ctx.store().open_loads()?;
    loads.retain(|load| entity.is_none_or(|one| one == load.entity));
    let closing = closing::closing(ctx, now.date_naive(), entity)?;
    let later = closing.as_ref().map(|one| one.later.as_slice()).unwrap_or_default();
    let stands = standing::loads(&loads, later, &reporting);
    let me = actor::acting_person(ctx).ok().map(|person| person.id);
    let met: Vec<Currency> = loads.iter().map(|load| load.currency).collect();
    let tallies = ctx.store().tallies((entity, None), me.as_ref(), now)?;
    let ranked = do_first::ranked(
        ctx,
        &do_first::Scope {
            mapping: mapping.as_deref(),
            reporting: &reporting,
            entity,
            later,
            total: stands.blockers_minor,
            now,
            me: me.as_ref(),
        },
    )?;
    let first_load = standing::together(&ranked.first, &reporting);
    Ok(Home {
        then: standing::rest(&stands, &first_load.1, &reporting, first_load.0.count),
        first_load: first_load.0,
        largest: ranked.largest,
        first: ranked.first,
        waits: waits::waits(ctx, &reporting, me.as_ref())?,
        posts: posts::posts(ctx, &reporting, me.as_ref())?,
        entities: standing::entities(
            &loads,
            &closing::periods_of(ctx, entity)?,
            closing.as_ref().map(|one| (&one.view, one.later.as_slice())),
            (mapping.as_deref(), &reporting),
        ),
        steps: steps::steps(ctx, &tallies, mapping.is_some())?,
        reporting: reporting.view(&standing::distinct(met)),
        closing: closing.map(|one| one.view),
        overdue: tallies.all().1,
        checked_at: tallies.checked_at,
        blockers: stands.blockers,
        later: stands.later,
        backlog: stands.backlog,
    })
}
