//! What waits for the person who acts: to approve, to decide, to answer. Never their own work.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use tieout_domain::{
    Currency, EntityCode, PersonId,
    exception::{ExceptionKind, ExceptionState},
    flow::Flow,
    people::{Action, Role},
    posting::PostingState,
};
use tieout_store::{
    ChangeFilter, ChangeState, ConnectionRole, PostingLoad, SortColumn, View, ViewFilter, ViewSort, Waiting,
};

use super::standing::{self, Gross};
use crate::{
    access::{action::ActionView, actor},
    base::{context::Context, error::DeskResult},
    close::flows::Limits,
    governance::{changes, delegating, reporting::Reporting},
    queue::{exception_views::Sum, record::Reader},
    settlement::{
        batch::{self, Ask},
        handover, overrides,
    },
};

/// How many sorts of proposed postings are judged; more of them are counted in the queue alone.
const JUDGED: usize = 24;
/// So far back a comment asks for an answer.
const ASKED_DAYS: i64 = 14;
/// How many of each are named.
const NAMED: u32 = 3;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// Postings to approve.
    Approve,
    /// A change of the mapping or the policy to approve.
    Change,
    /// A posting in doubt.
    Decide,
    /// A comment to answer.
    Answer,
    /// What stayed late for so long that it came to this person.
    Escalated,
    /// Approved postings to hand over in a journal file.
    HandOver,
    /// A journal file that another person handed over, to confirm.
    ConfirmFile,
    /// A limit of the policy that others lifted for a posting, to look at.
    Override,
}

/// One thing that waits for the person who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct WaitsForYou {
    /// What is to be done.
    pub kind: WaitKind,
    /// How many.
    pub count: u64,
    /// Whose it is or what: a customer, or the name of a change.
    pub what: String,
    /// Entities with how many of each, or none.
    pub entities: Vec<(String, u64)>,
    /// More, in words: who proposed, what was asked.
    pub says: String,
    /// Its amounts without signs per currency, major units.
    pub sums: Vec<Sum>,
    /// The same in the reporting currency.
    pub worth: Option<String>,
    /// Since when it waits.
    pub since: Option<DateTime<Utc>>,
    /// The exception to open, where it is one.
    pub exception: Option<String>,
    /// The flow whose late items to open, where it is one.
    pub flow: Option<String>,
}

pub(super) fn waits(
    ctx: &Context,
    reporting: &Reporting,
    me: Option<&PersonId>,
) -> DeskResult<Vec<WaitsForYou>> {
    let Some(me) = me else { return Ok(Vec::new()) };
    let mut waits = Vec::new();
    waits.extend(approvals(ctx, reporting, me)?);
    waits.extend(changes_to_decide(ctx)?);
    waits.extend(overridden(ctx, me)?);
    waits.extend(in_doubt(ctx)?);
    waits.extend(journal_files(ctx, me)?);
    waits.extend(asked(ctx, me, None)?);
    waits.extend(escalated(ctx, reporting, me)?);
    // What was asked of those in whose place this person decides, and what escalates to them.
    for other in delegating::places_of(ctx, me)? {
        waits.extend(asked(ctx, &other.id, Some(&other.name))?);
        let theirs = escalated(ctx, reporting, &other.id)?;
        waits.extend(
            theirs
                .into_iter()
                .map(|wait| WaitsForYou { says: format!("For {}: {}", other.name, wait.says), ..wait }),
        );
    }
    Ok(waits)
}

/// The postings that this person may approve, as one. Those that have the same preparer, entity and
/// period are judged by one of them.
fn approvals(ctx: &Context, reporting: &Reporting, me: &PersonId) -> DeskResult<Option<WaitsForYou>> {
    let loads = ctx.store().posting_loads()?;
    let proposed = loads
        .iter()
        .filter(|load| load.state == PostingState::Proposed && load.preparer.as_ref() != Some(me))
        .take(JUDGED);
    let may = |load: &&PostingLoad| {
        batch::actions(ctx, load.one.as_str(), &[Ask::Approve]).iter().all(|judged| judged.allowed)
    };
    let mine: Vec<&PostingLoad> = proposed.filter(may).collect();
    let Some(since) = mine.iter().map(|load| load.since).min() else { return Ok(None) };
    let names = actor::names(ctx)?;
    let mut gross: Gross = (0, BTreeMap::new());
    let (mut entities, mut people): (BTreeMap<&str, u64>, Vec<String>) = (BTreeMap::new(), Vec::new());
    for load in &mine {
        let sum = gross.1.entry(load.currency).or_default();
        *sum = (sum.0 + load.count, sum.1 + load.gross_minor);
        gross.0 += load.count;
        *entities.entry(&load.entity).or_default() += load.count;
        let name = load.preparer.as_ref().map_or_else(|| "the policy".to_owned(), |id| names.of(id.as_str()));
        if !people.contains(&name) {
            people.push(name);
        }
    }
    let load = standing::view(&gross, reporting);
    Ok(Some(WaitsForYou {
        kind: WaitKind::Approve,
        count: load.count,
        what: if load.count == 1 { "1 posting".to_owned() } else { format!("{} postings", load.count) },
        entities: entities.into_iter().map(|(entity, count)| (entity.to_owned(), count)).collect(),
        says: format!("Proposed by {}", people.join(", ")),
        sums: load.sums,
        worth: load.worth,
        since: Some(since),
        exception: (load.count == 1).then(|| mine[0].exception.to_string()),
        flow: None,
    }))
}

fn changes_to_decide(ctx: &Context) -> DeskResult<Vec<WaitsForYou>> {
    let inert = ChangeFilter { state: Some(ChangeState::Inert), ..ChangeFilter::default() };
    let inert = ctx.store().changes(&inert)?;
    let judged = inert.iter().map(|change| changes::judged_change(ctx, change));
    let judged: Vec<changes::ChangeView> = judged.collect::<DeskResult<_>>()?;
    let open = judged.into_iter().filter(|change| {
        let approve = |judged: &ActionView| judged.action == Action::ApproveChange.as_str() && judged.allowed;
        change.actions.iter().any(approve)
    });
    let wait = |change: changes::ChangeView| WaitsForYou {
        kind: WaitKind::Change,
        count: 1,
        what: format!("the {}", change.kind.replace('_', " ")),
        entities: Vec::new(),
        says: format!("Brought in by {}; it needs {}", change.author, change.needs),
        sums: Vec::new(),
        worth: None,
        since: Some(change.imported_at),
        exception: None,
        flow: None,
    };
    Ok(open.map(wait).collect())
}

/// Limits that others lifted lately: everybody who does not work the queue alone is told of each.
fn overridden(ctx: &Context, me: &PersonId) -> DeskResult<Vec<WaitsForYou>> {
    let people = ctx.known().people()?;
    let Some(own) = people.iter().find(|person| person.id == *me && person.role != Role::Analyst) else {
        return Ok(Vec::new());
    };
    let lately = ctx.clock.now() - Duration::days(ASKED_DAYS);
    let mut all = overrides::overrides(ctx)?;
    all.retain(|one| {
        let others = one.asked_by != own.name && !one.approved_by.contains(&own.name);
        others && one.since.is_some_and(|since| since > lately)
    });
    let mut waits = Vec::with_capacity(all.len());
    for one in all {
        let posting = ctx.known().posting(&one.posting.parse()?)?.posting;
        let (limits, by) = (one.limits.join(", "), one.approved_by.join(" and "));
        waits.push(WaitsForYou {
            kind: WaitKind::Override,
            count: 1,
            what: one.reference,
            entities: Vec::new(),
            says: format!(
                "{by} lifted {limits} for it ({}), as {} asked: {}",
                one.reason, one.asked_by, one.why
            ),
            sums: Vec::new(),
            worth: None,
            since: one.since,
            exception: Some(posting.exception.to_string()),
            flow: None,
        });
    }
    Ok(waits)
}

/// Postings for ledgers that are read from files, and files that somebody else handed over.
fn journal_files(ctx: &Context, me: &PersonId) -> DeskResult<Vec<WaitsForYou>> {
    let wait = |kind: WaitKind, count: u64, what: String, says: String, since| WaitsForYou {
        kind,
        count,
        what,
        entities: Vec::new(),
        says,
        sums: Vec::new(),
        worth: None,
        since,
        exception: None,
        flow: None,
    };
    let mut waits = Vec::new();
    let mut ledgers = ctx.known().connections()?;
    ledgers.retain(|one| one.role == ConnectionRole::Erp && one.is_files());
    for ledger in &ledgers {
        let queued = handover::waiting(ctx, ledger)?;
        let Some(since) = queued.iter().map(|row| row.changed_at).min() else { continue };
        let count = queued.len() as u64;
        let what = if count == 1 { "1 posting".to_owned() } else { format!("{count} postings") };
        let says = format!("Approved: write the journal file for {}", ledger.name);
        waits.push(wait(WaitKind::HandOver, count, what, says, Some(since)));
    }
    let names = actor::names(ctx)?;
    let files = ctx.store().handovers(None)?;
    for file in files.iter().filter(|one| one.confirmed.is_none() && one.by != *me) {
        let says = format!("Handed over by {}: the ledger's files prove it once it is confirmed", {
            names.of(file.by.as_str())
        });
        let count = file.postings.len() as u64;
        waits.push(wait(WaitKind::ConfirmFile, count, file.file.clone(), says, Some(file.at)));
    }
    Ok(waits)
}

fn in_doubt(ctx: &Context) -> DeskResult<Vec<WaitsForYou>> {
    let filter = ViewFilter {
        states: ExceptionState::ALL.into_iter().filter(|state| state.is_open()).collect(),
        waiting: Some(Waiting::InDoubt),
        ..ViewFilter::default()
    };
    let sorts = vec![ViewSort { column: SortColumn::Worth, descending: true }];
    let page = ctx.store().view_page(&View { filter, sorts }, 0, u64::from(NAMED))?;
    let reader = Reader::now(ctx)?;
    let wait = |one: &tieout_store::ListedException| {
        let view = reader.shown(one);
        WaitsForYou {
            kind: WaitKind::Decide,
            count: 1,
            what: view.customer.unwrap_or(view.external_ref),
            entities: view.entity.into_iter().map(|entity| (entity, 1)).collect(),
            says: "It is not known whether the ERP booked it".to_owned(),
            sums: vec![Sum { currency: view.currency, count: 1, amount: view.amount }],
            worth: view.worth,
            since: Some(view.opened_at),
            exception: Some(view.id),
            flow: None,
        }
    };
    Ok(page.rows.iter().map(wait).collect())
}

/// What comments ask of somebody: of the person who acts, or of this other in whose place they decide.
fn asked(ctx: &Context, me: &PersonId, other: Option<&str>) -> DeskResult<Vec<WaitsForYou>> {
    let since = ctx.clock.now() - Duration::days(ASKED_DAYS);
    let asked = ctx.store().asked_of(me, since, NAMED)?;
    let ids: Vec<String> = asked.iter().map(|one| one.exception.to_string()).collect();
    let rows = ctx.store().exceptions_of(&ids)?;
    let (reader, names) = (Reader::now(ctx)?, actor::names(ctx)?);
    let views = rows.iter().map(|row| reader.shown(row));
    let wait = |(view, one): (crate::queue::record::ExceptionView, &tieout_store::Asked)| WaitsForYou {
        kind: WaitKind::Answer,
        count: 1,
        what: format!("{}: {}", names.of(&one.by), view.customer.unwrap_or(view.external_ref)),
        entities: view.entity.into_iter().map(|entity| (entity, 1)).collect(),
        says: match other {
            None => format!("“{}”", one.words),
            Some(other) => format!("For {other}: “{}”", one.words),
        },
        sums: vec![Sum { currency: view.currency, count: 1, amount: view.amount }],
        worth: view.worth,
        since: Some(one.at),
        exception: Some(view.id),
        flow: None,
    };
    Ok(views.zip(&asked).map(wait).collect())
}

/// What stayed late for so long that it comes to this person, flow by flow. Only what is an exception is
/// counted here: the list of a flow that begins and ends in billing has the rest.
fn escalated(ctx: &Context, reporting: &Reporting, me: &PersonId) -> DeskResult<Vec<WaitsForYou>> {
    let (limits, now) = (Limits::in_force(ctx)?, ctx.clock.now());
    let names = actor::names(ctx)?;
    let mut waits = Vec::new();
    for flow in Flow::ALL {
        let mine =
            limits.escalations(flow, now).into_iter().filter(|(.., lead)| names.of(me.as_str()) == *lead);
        let (mut gross, mut entities): (Gross, Vec<(String, u64)>) = ((0, BTreeMap::new()), Vec::new());
        for (entity, due_by, _) in mine {
            // What is of no entity is asked for only where no entity is named.
            let Some(entity) = entity else { continue };
            let count = late_since(ctx, (flow, &entity), (due_by, now), &mut gross.1)?;
            gross.0 += count;
            if count > 0 {
                entities.push((entity.to_string(), count));
            }
        }
        if gross.0 == 0 {
            continue;
        }
        let load = standing::view(&gross, reporting);
        let sla = limits.words(flow);
        waits.push(WaitsForYou {
            kind: WaitKind::Escalated,
            count: load.count,
            what: flow.definition().name.to_owned(),
            entities,
            says: format!("Late against {sla} for so long that the policy brings it to you"),
            sums: load.sums,
            worth: load.worth,
            since: None,
            exception: None,
            flow: Some(flow.as_str().to_owned()),
        });
    }
    Ok(waits)
}

/// Counts and sums what of a flow was late in an entity by then already.
fn late_since(
    ctx: &Context,
    (flow, entity): (Flow, &EntityCode),
    (due_by, now): (DateTime<Utc>, DateTime<Utc>),
    gross: &mut BTreeMap<Currency, (u64, i128)>,
) -> DeskResult<u64> {
    let mut count = 0;
    for kind in ExceptionKind::LATENESS {
        let filter = ViewFilter {
            states: ExceptionState::ALL.into_iter().filter(|state| state.is_open()).collect(),
            kinds: vec![kind],
            entity: Some(entity.to_string()),
            flow: Some(flow),
            // An exception is to be settled so long after its document was due.
            overdue_at: Some(due_by + kind.time_to_settle()),
            ..ViewFilter::default()
        };
        let totals = ctx.store().view_totals(&View { filter, sorts: Vec::new() }, now)?;
        count += totals.total;
        for sum in totals.sums {
            let Ok(currency) = Currency::new(&sum.currency) else { continue };
            let kept = gross.entry(currency).or_default();
            *kept = (kept.0 + sum.count, kept.1 + sum.gross);
        }
    }
    Ok(count)
}
