//! The five flows: how each stands against its time limit, in all and by legal entity, what is about to be
//! late, what is late, what has come to a lead, and what was late.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tieout_domain::{
    EntityCode,
    flow::Flow,
    sla::{Counted, Sla, SlaPolicy},
};
use tieout_store::{Breach, FlowBounds, FlowClock, FlowCounts, FlowItem, FlowPart};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        when,
    },
    governance::changes,
    intake::detection,
    settlement::posting_pages::MOST_ROWS,
};

/// So many breaches are told at most, of each flow.
const MOST_BREACHES: u32 = 100_000;

/// How one of the five flows stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FlowView {
    /// Its stable name.
    pub flow: String,
    /// Its name.
    pub name: String,
    /// The event that starts it.
    pub start: String,
    /// The event that finishes it.
    pub finish: String,
    /// Its time limit where no entity has one of its own, in words: `24 h`, `16 business h`.
    pub limit: String,
    /// Finished; `None` where no source lets us see.
    pub done: Option<u64>,
    /// Under way and in time.
    pub in_time: Option<u64>,
    /// Of those: about to be late.
    pub soon: Option<u64>,
    /// Under way and late.
    pub late: Option<u64>,
    /// Of those: late for so long that they have come to the lead.
    pub escalated: Option<u64>,
    /// Open exceptions of its documents that are no mere lateness.
    pub broken: Option<u64>,
    /// What is missing, where the flow cannot be seen.
    pub note: String,
    /// The same by legal entity, where there is more than one limit or entity.
    pub entities: Vec<FlowEntityView>,
}

/// How a flow stands in one legal entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FlowEntityView {
    /// The entity; empty for what is of none.
    pub entity: String,
    /// Its time limit, in words.
    pub limit: String,
    /// Finished.
    pub done: u64,
    /// Under way and in time.
    pub in_time: u64,
    /// Of those: about to be late.
    pub soon: u64,
    /// Under way and late.
    pub late: u64,
    /// Of those: come to the lead.
    pub escalated: u64,
    /// The lead; `None` where nothing escalates.
    pub lead: Option<String>,
}

/// Which items of which flow.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct FlowItemsRequest {
    /// The flow's stable name.
    pub flow: String,
    /// soon, late or escalated.
    pub part: String,
    /// Only of this legal entity, and of none.
    #[serde(default)]
    pub entity: Option<String>,
    /// The first one's place in the list.
    #[serde(default)]
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// Something that a flow began and did not finish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FlowItemView {
    /// The document's number, or billing's id of the customer, usage summary or subscription.
    pub reference: String,
    /// The customer's name, or billing's id where it has none.
    pub customer: Option<String>,
    /// The legal entity; `None` for what is of none.
    pub entity: Option<String>,
    /// When the flow began; `None` where only the day is known.
    pub since: Option<DateTime<Utc>>,
    /// When it should have ended.
    pub due_at: DateTime<Utc>,
}

/// A window of items, the first due first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FlowItems {
    /// How many there are.
    pub total: u64,
    /// The first one's place.
    pub start: u64,
    /// The items.
    pub rows: Vec<FlowItemView>,
}

/// Of which days breaches are told.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct BreachRequest {
    /// Due on this day (UTC) or later; without it from the beginning.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Due on this day (UTC) or earlier; without it until now.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Only of this flow.
    #[serde(default)]
    pub flow: Option<String>,
}

/// Something that was finished after its time, or is late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BreachView {
    /// The flow's stable name.
    pub flow: String,
    /// The flow's name.
    pub flow_name: String,
    /// What it is, of whom, since when.
    pub item: FlowItemView,
    /// The limit that holds for it now, in words.
    pub limit: String,
    /// When it was finished; `None` while it is not.
    pub finished_at: Option<DateTime<Utc>>,
    /// By how much it was late, or is by now: whole hours by the clock.
    pub hours_late: i64,
}

/// The limits in force, and the zone of each entity.
pub(crate) struct Limits {
    policy: SlaPolicy,
    zones: Vec<(EntityCode, Tz)>,
}

impl Limits {
    pub(crate) fn in_force(ctx: &Context) -> DeskResult<Self> {
        let policy = actor::policy_in_force(ctx)?.map(|policy| policy.sla().clone()).unwrap_or_default();
        let mapping = changes::mapping_in_force(ctx)?;
        let zones = mapping.map(|mapping| {
            mapping.content.entities.iter().map(|one| (one.code.clone(), one.time_zone)).collect()
        });
        Ok(Self { policy, zones: zones.unwrap_or_default() })
    }

    fn zone(&self, entity: Option<&EntityCode>) -> Tz {
        let known = entity.and_then(|code| self.zones.iter().find(|(known, _)| known == code));
        known.map_or(chrono_tz::UTC, |(_, zone)| *zone)
    }

    /// The limit that holds for a stored entity's items.
    fn of(&self, flow: Flow, entity: Option<&str>) -> Sla {
        let code = entity.and_then(|text| text.parse::<EntityCode>().ok());
        self.policy.of(flow, code.as_ref())
    }

    /// The limit of a flow where no entity has one of its own, in words.
    pub(crate) fn words(&self, flow: Flow) -> String {
        limit_words(&self.policy.of(flow, None))
    }

    /// The hours that a flow may take where no entity has a limit of its own.
    pub(crate) fn hours(&self, flow: Flow) -> i64 {
        i64::from(self.policy.of(flow, None).hours)
    }

    /// What was due by when has come to whom, in each entity of the mapping and outside of all.
    pub(crate) fn escalations(
        &self,
        flow: Flow,
        now: DateTime<Utc>,
    ) -> Vec<(Option<EntityCode>, DateTime<Utc>, String)> {
        let entities = self.zones.iter().map(|(code, _)| Some(code.clone())).chain([None]);
        let of = |entity: Option<EntityCode>| {
            let zone = self.zone(entity.as_ref());
            let (due_by, lead) = self.policy.escalated(flow, entity.as_ref(), zone, now)?;
            Some((entity, due_by, lead))
        };
        entities.filter_map(of).collect()
    }

    fn clock(&self, flow: Flow, as_of: DateTime<Utc>) -> FlowClock {
        let bounds = |entity: Option<&EntityCode>| {
            let zone = self.zone(entity);
            FlowBounds {
                entity: entity.map(EntityCode::to_string),
                soon_by: self.policy.soon_by(flow, entity, zone, as_of),
                escalated: self.policy.escalated(flow, entity, zone, as_of).map(|(due_by, _)| due_by),
            }
        };
        let entities = self.zones.iter().map(|(code, _)| bounds(Some(code)));
        FlowClock { as_of, bounds: entities.chain([bounds(None)]).collect() }
    }
}

/// A limit in words.
pub(crate) fn limit_words(sla: &Sla) -> String {
    match sla.counted {
        Counted::AroundTheClock => format!("{} h", sla.hours),
        Counted::BusinessHours => format!("{} business h", sla.hours),
    }
}

/// The five flows, each with its start, finish and time limit; one without a source says so.
///
/// # Errors
/// `bad_instant`, a database error.
pub fn flows(ctx: &Context, as_of: Option<&str>) -> DeskResult<Vec<FlowView>> {
    detection::detect(ctx, as_of)?;
    flows_as_detected(ctx, as_of.map(when::instant).transpose()?.unwrap_or_else(|| ctx.clock.now()), None)
}

/// True where a count is of the entity that is asked for, or of none: whose customers, usage and amendments
/// are is not known.
fn is_of(count: &FlowCounts, entity: Option<&str>) -> bool {
    let own = count.entity.as_deref();
    entity.is_none() || own.is_none() || own == entity
}

/// The same by the state as last detected, of one entity where it is given; writes nothing.
pub(crate) fn flows_as_detected(
    ctx: &Context,
    at: DateTime<Utc>,
    entity: Option<&str>,
) -> DeskResult<Vec<FlowView>> {
    let limits = Limits::in_force(ctx)?;
    let mut views = Vec::with_capacity(Flow::ALL.len());
    for flow in Flow::ALL {
        let mut counts = ctx.store().flow_counts(flow, &limits.clock(flow, at))?;
        if let Some(counts) = &mut counts {
            counts.retain(|one| is_of(one, entity));
        }
        let broken = match counts {
            Some(_) => Some(ctx.store().flow_broken(flow, entity)?),
            None => None,
        };
        views.push(flow_view(flow, counts.as_deref(), broken, &limits));
    }
    Ok(views)
}

fn flow_view(flow: Flow, counts: Option<&[FlowCounts]>, broken: Option<u64>, limits: &Limits) -> FlowView {
    let definition = flow.definition();
    let sum = |part: fn(&FlowCounts) -> u64| counts.map(|counts| counts.iter().map(part).sum());
    let entity_view = |one: &FlowCounts| {
        let sla = limits.of(flow, one.entity.as_deref());
        FlowEntityView {
            entity: one.entity.clone().unwrap_or_default(),
            limit: limit_words(&sla),
            done: one.done,
            in_time: one.in_time,
            soon: one.soon,
            late: one.late,
            escalated: one.escalated,
            lead: sla.escalation.map(|escalation| escalation.lead),
        }
    };
    let entities: Vec<FlowEntityView> = counts.unwrap_or_default().iter().map(entity_view).collect();
    let one_for_all = entities.len() == 1 && entities[0].entity.is_empty();
    FlowView {
        flow: flow.as_str().to_owned(),
        name: definition.name.to_owned(),
        start: definition.start.to_owned(),
        finish: definition.finish.to_owned(),
        limit: limit_words(&limits.policy.of(flow, None)),
        done: sum(|one| one.done),
        in_time: sum(|one| one.in_time),
        soon: sum(|one| one.soon),
        late: sum(|one| one.late),
        escalated: sum(|one| one.escalated),
        broken,
        note: match counts {
            Some(_) => String::new(),
            None => format!("not seen: it needs {}", definition.source),
        },
        entities: if one_for_all { Vec::new() } else { entities },
    }
}

fn named(text: &str) -> DeskResult<Flow> {
    Flow::ALL.into_iter().find(|flow| flow.as_str() == text).ok_or_else(|| {
        let known = Flow::ALL.map(Flow::as_str).join(", ");
        DeskError::new(Code::FlowUnknown, format!("\"{text}\" is no flow: one of {known}"))
    })
}

/// What of a flow is about to be late, late, or with a lead, as last judged.
///
/// # Errors
/// `flow_unknown`, `flow_part_unknown`, a database error.
pub fn flow_items(ctx: &Context, request: &FlowItemsRequest) -> DeskResult<FlowItems> {
    let flow = named(&request.flow)?;
    let (part, count): (FlowPart, fn(&FlowCounts) -> u64) = match request.part.as_str() {
        "soon" => (FlowPart::Soon, |one| one.soon),
        "late" => (FlowPart::Late, |one| one.late),
        "escalated" => (FlowPart::Escalated, |one| one.escalated),
        other => {
            let message = format!("\"{other}\" is no part of a flow: soon, late or escalated");
            return Err(DeskError::new(Code::FlowPartUnknown, message));
        }
    };
    let as_of = ctx.store().judged_as_of()?.unwrap_or_else(|| ctx.clock.now());
    let clock = Limits::in_force(ctx)?.clock(flow, as_of);
    let window = (request.start, request.limit.min(MOST_ROWS));
    let entity = request.entity.as_deref();
    let rows = ctx.store().flow_items(flow, part, (&clock, entity), window)?;
    let counts = ctx.store().flow_counts(flow, &clock)?.unwrap_or_default();
    let total = counts.iter().filter(|one| is_of(one, entity)).map(count).sum();
    Ok(FlowItems { total, start: request.start, rows: rows.into_iter().map(view).collect() })
}

fn view(item: FlowItem) -> FlowItemView {
    let FlowItem { reference, customer, entity, since, due_at } = item;
    FlowItemView { reference, customer, entity, since, due_at }
}

/// What fell due within the days and was finished after its time, or is not finished yet, the flows in their
/// order and each the first due first. What a flow that cannot be seen was late with is not known.
///
/// # Errors
/// `flow_unknown`, a database error.
pub fn flow_breaches(ctx: &Context, request: &BreachRequest) -> DeskResult<Vec<BreachView>> {
    let only = request.flow.as_deref().map(named).transpose()?;
    let as_of = ctx.store().judged_as_of()?.unwrap_or_else(|| ctx.clock.now());
    let limits = Limits::in_force(ctx)?;
    let begin = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let from = request.from.map_or(DateTime::UNIX_EPOCH, begin);
    let to = request.to.and_then(|day| day.succ_opt()).map_or(as_of, begin).min(as_of);
    let mut breaches = Vec::new();
    for flow in Flow::ALL.into_iter().filter(|flow| only.is_none_or(|one| one == *flow)) {
        let clock = limits.clock(flow, as_of);
        let found = ctx.store().flow_breaches(flow, &clock, (from, to), MOST_BREACHES)?;
        breaches.extend(found.into_iter().map(|breach| breach_view(breach, &limits, as_of)));
    }
    Ok(breaches)
}

fn breach_view(breach: Breach, limits: &Limits, as_of: DateTime<Utc>) -> BreachView {
    let Breach { flow, item, finished_at } = breach;
    let late = finished_at.unwrap_or(as_of) - item.due_at;
    BreachView {
        flow: flow.as_str().to_owned(),
        flow_name: flow.definition().name.to_owned(),
        limit: limit_words(&limits.of(flow, item.entity.as_deref())),
        finished_at,
        hours_late: late.num_hours(),
        item: view(item),
    }
}
