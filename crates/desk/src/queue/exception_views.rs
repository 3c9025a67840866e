//! The queues as the window shows them: counts, windows of rows, groups and selections. However many
//! exceptions there are, no more rows are read than are shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency,
    exception::{ExceptionKind, Queue},
};
use tieout_store as store;
use tieout_store::CurrencySum;

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels,
        wording::wide_text,
    },
    governance::reporting::{self, Reporting, ReportingView},
    queue::{
        exception_query::{self, ExceptionQuery},
        ranks,
        record::{ExceptionView, Reader},
    },
};

/// Rows of one page at most.
const PAGE: u32 = 2_000;
/// Ids of one answer at most.
const IDS: u32 = 10_000;

/// Exceptions of one currency: how many, and their amount together as exact decimal text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Sum {
    /// The currency.
    pub currency: String,
    /// How many.
    pub count: u64,
    /// Major units.
    pub amount: String,
}

/// What a queue holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct QueueCount {
    /// Its stable name.
    pub queue: String,
    /// Its name.
    pub name: String,
    /// What it lists, in a sentence.
    pub about: String,
    /// Open exceptions.
    pub count: u64,
    /// Those past their time.
    pub overdue: u64,
}

/// A kind with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct KindName {
    /// Its stable name.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// Everything that stands beside the queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct QueueCounts {
    /// The queues.
    pub queues: Vec<QueueCount>,
    /// New open exceptions, each counted once: two queues may list one. The backlog is in no count but
    /// its own.
    pub open: u64,
    /// Those past their time.
    pub overdue: u64,
    /// Open exceptions of the person who asks.
    pub assigned: u64,
    /// Those past their time.
    pub assigned_overdue: u64,
    /// Those that were already open when their periods closed.
    pub backlog: u64,
    /// Open exceptions whose posting waits for an approval.
    pub waiting_approval: u64,
    /// Open exceptions whose posting is in doubt.
    pub in_doubt: u64,
    /// Legal entities.
    pub entities: Vec<String>,
    /// Periods, the newest first.
    pub periods: Vec<String>,
    /// Currencies.
    pub currencies: Vec<String>,
    /// Kinds.
    pub kinds: Vec<KindName>,
    /// When detection last judged; none before the first time.
    pub checked_at: Option<DateTime<Utc>>,
    /// Documents that were looked at.
    pub documents: u64,
    /// Entries that were looked at.
    pub entries: u64,
}

/// Within which entity and period to count.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct CountsRequest {
    /// Only this entity.
    pub entity: Option<String>,
    /// Only this period.
    pub period: Option<String>,
}

/// A view as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ViewSummary {
    /// How many exceptions.
    pub total: u64,
    /// How many of them are open and past their time.
    pub overdue: u64,
    /// Their amounts by currency.
    pub sums: Vec<Sum>,
    /// Their amounts without signs in the reporting currency; `None` where a rate is missing.
    pub gross: Option<String>,
    /// The reporting currency, where there is one.
    pub reporting: Option<ReportingView>,
    /// Changes whenever rows may have moved.
    pub generation: u64,
}

/// Which view.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ViewRequest {
    /// The query.
    pub query: ExceptionQuery,
}

/// Which window of a view.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct PageRequest {
    /// The query.
    pub query: ExceptionQuery,
    /// The first row, from 0.
    pub start: u32,
    /// So many rows.
    pub limit: u32,
}

/// A window of a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExceptionPage {
    /// The first row, from 0.
    pub start: u32,
    /// The rows.
    pub rows: Vec<ExceptionView>,
    /// Changes whenever rows may have moved.
    pub generation: u64,
}

/// By what a view is put into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// The root cause.
    Cause,
    /// The customer.
    Customer,
    /// The legal entity.
    Entity,
    /// What to do first, then the others, then the backlog.
    Rank,
}

/// Which groups.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct GroupsRequest {
    /// The query.
    pub query: ExceptionQuery,
    /// By what.
    pub by: GroupBy,
}

/// Exceptions that have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct GroupView {
    /// What a query names them by; empty where nothing is known.
    pub key: String,
    /// What they have in common, in words.
    pub label: String,
    /// The team, where it is one.
    pub owner: Option<String>,
    /// How many.
    pub count: u64,
    /// Their amounts by currency.
    pub sums: Vec<Sum>,
    /// Their amounts without signs in the reporting currency; `None` where a rate is missing.
    pub gross: Option<String>,
    /// When the first of them should be settled.
    pub due_at: Option<DateTime<Utc>>,
}

/// The groups of a view, the largest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct GroupsView {
    /// By what.
    pub by: GroupBy,
    /// The groups.
    pub groups: Vec<GroupView>,
    /// Groups that are not listed.
    pub more: u64,
    /// Changes whenever rows may have moved.
    pub generation: u64,
}

/// Where a row stands in a view.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct FindRequest {
    /// The query.
    pub query: ExceptionQuery,
    /// The exception.
    pub id: String,
}

/// Its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Found {
    /// From 0; none where it is not in the view.
    pub index: Option<u64>,
}

/// What a person picked: some rows, or all of a view but some.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(untagged)]
pub enum Selection {
    /// These.
    Ids {
        /// Their ids.
        ids: Vec<String>,
    },
    /// All of a view but these.
    Query {
        /// The query.
        query: Box<ExceptionQuery>,
        /// The ids of those that were taken out.
        #[serde(default)]
        except: Vec<String>,
    },
}

/// Which selection.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct SelectionRequest {
    /// The selection.
    pub selection: Selection,
}

/// A selection as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SelectionSummary {
    /// How many.
    pub count: u64,
    /// Their amounts by currency.
    pub sums: Vec<Sum>,
    /// Their amounts without signs in the reporting currency; `None` where a rate is missing.
    pub gross: Option<String>,
}

/// Which ids of a view.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct IdsRequest {
    /// The query.
    pub query: ExceptionQuery,
    /// The first row, from 0.
    pub start: u32,
    /// So many rows.
    pub limit: u32,
}

/// Ids in the order of a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Ids {
    /// The ids.
    pub ids: Vec<String>,
}

/// The decimal text of a sum of any size.
pub(crate) fn sum_text(minor: i128, currency: &str) -> String {
    Currency::new(currency).map_or_else(|_| minor.to_string(), |currency| wide_text(minor, currency))
}

pub(crate) fn sums(sums: Vec<CurrencySum>) -> Vec<Sum> {
    let sum = |sum: CurrencySum| Sum {
        amount: sum_text(sum.minor, &sum.currency),
        currency: sum.currency,
        count: sum.count,
    };
    sums.into_iter().map(sum).collect()
}

/// What the queues hold, and what they can be filtered by.
///
/// # Errors
/// A database error.
pub fn queue_counts(ctx: &Context, request: &CountsRequest) -> DeskResult<QueueCounts> {
    // Where nobody acts, nothing is theirs.
    let me = actor::acting_person(ctx).ok().map(|person| person.id);
    let within = (request.entity.as_deref(), request.period.as_deref());
    let tallies = ctx.store().tallies(within, me.as_ref(), exception_query::this_minute(ctx))?;
    let queue = |queue: Queue| {
        let (count, overdue) = tallies.of_queue(queue);
        QueueCount {
            queue: queue.as_str().to_owned(),
            name: labels::queue_name(queue).to_owned(),
            about: labels::queue_about(queue).to_owned(),
            count,
            overdue,
        }
    };
    let kind =
        |kind: &ExceptionKind| KindName { kind: kind.as_str().to_owned(), name: kind.label().to_owned() };
    let (assigned, assigned_overdue) = tallies.mine();
    let (open, overdue) = tallies.all();
    Ok(QueueCounts {
        queues: Queue::ALL.into_iter().map(queue).collect(),
        open,
        overdue,
        assigned,
        assigned_overdue,
        backlog: tallies.backlog(),
        waiting_approval: tallies.waiting_approval,
        in_doubt: tallies.in_doubt,
        kinds: ExceptionKind::ALL.iter().map(kind).collect(),
        checked_at: tallies.checked_at,
        documents: tallies.documents,
        entries: tallies.entries,
        entities: tallies.entities,
        periods: tallies.periods,
        currencies: tallies.currencies,
    })
}

/// How many exceptions a view holds, and how much.
///
/// # Errors
/// `queue_unknown` and the like, `bad_amount`, `amount_needs_currency`.
pub fn exception_view(ctx: &Context, request: &ViewRequest) -> DeskResult<ViewSummary> {
    let view = exception_query::view_of(ctx, &request.query)?;
    let totals = ctx.store().view_totals(&view, exception_query::this_minute(ctx))?;
    let reporting = reporting::in_force(ctx)?;
    let met: Vec<Currency> = totals.sums.iter().filter_map(|sum| Currency::new(&sum.currency).ok()).collect();
    Ok(ViewSummary {
        total: totals.total,
        overdue: totals.overdue,
        gross: reporting.gross_text(&totals.sums),
        reporting: reporting.view(&met),
        sums: sums(totals.sums),
        generation: totals.generation,
    })
}

/// A window of a view.
///
/// # Errors
/// As [`exception_view`].
pub fn exception_page(ctx: &Context, request: &PageRequest) -> DeskResult<ExceptionPage> {
    let part = ranks::part(ctx, &request.query)?;
    let reader = Reader::now(ctx)?;
    let limit = request.limit.min(PAGE);
    let page = part.page(ctx, u64::from(request.start), u64::from(limit))?;
    let rows = page.rows.iter().map(|one| reader.shown(one)).collect();
    Ok(ExceptionPage { start: request.start, rows, generation: page.generation })
}

/// A view by root cause, customer or entity.
///
/// # Errors
/// As [`exception_view`].
pub fn view_groups(ctx: &Context, request: &GroupsRequest) -> DeskResult<GroupsView> {
    let reporting = reporting::in_force(ctx)?;
    let by = match request.by {
        GroupBy::Cause => store::GroupBy::Cause,
        GroupBy::Customer => store::GroupBy::Customer,
        GroupBy::Entity => store::GroupBy::Entity,
        GroupBy::Rank => return by_rank(ctx, &request.query, &reporting),
    };
    let view = exception_query::view_of(ctx, &request.query)?;
    let found = ctx.store().view_groups(&view, by)?;
    let connections = ctx.store().connections()?;
    let connections = connections.into_iter().map(|c| (c.id.to_string(), c.name)).collect();
    let group = |group: store::Group| GroupView {
        label: label(&group, request.by, &connections),
        key: group.key,
        owner: group.owner.map(|owner| owner.as_str().to_owned()),
        count: group.count,
        gross: reporting.gross_text(&group.sums),
        sums: sums(group.sums),
        due_at: group.due_at,
    };
    Ok(GroupsView {
        by: request.by,
        groups: found.groups.into_iter().map(group).collect(),
        more: found.more,
        generation: found.generation,
    })
}

fn by_rank(ctx: &Context, query: &ExceptionQuery, reporting: &Reporting) -> DeskResult<GroupsView> {
    let group = |group: ranks::Group| GroupView {
        key: group.key.to_owned(),
        label: group.label.to_owned(),
        owner: None,
        count: group.count,
        gross: reporting.gross_text(&group.sums),
        sums: sums(group.sums),
        due_at: None,
    };
    let groups = ranks::groups(ctx, query)?.into_iter().map(group).collect();
    Ok(GroupsView { by: GroupBy::Rank, groups, more: 0, generation: ctx.store().generation()? })
}

/// Where an exception stands in a view.
///
/// # Errors
/// As [`exception_view`].
pub fn exception_find(ctx: &Context, request: &FindRequest) -> DeskResult<Found> {
    Ok(Found { index: ranks::part(ctx, &request.query)?.find(ctx, &request.id)? })
}

/// The ids of a view's rows, for a selection over more than is shown.
///
/// # Errors
/// As [`exception_view`].
pub fn exception_ids(ctx: &Context, request: &IdsRequest) -> DeskResult<Ids> {
    let part = ranks::part(ctx, &request.query)?;
    let limit = request.limit.min(IDS);
    Ok(Ids { ids: part.ids(ctx, u64::from(request.start), u64::from(limit))? })
}

/// How many exceptions a selection holds, and how much.
///
/// # Errors
/// As [`exception_view`]; `selection_too_long`.
pub fn selection_summary(ctx: &Context, request: &SelectionRequest) -> DeskResult<SelectionSummary> {
    let selection = selection_of(ctx, &request.selection)?;
    let selected = ctx.store().selected(&selection)?;
    let gross = reporting::in_force(ctx)?.gross_text(&selected.sums);
    Ok(SelectionSummary { count: selected.count, gross, sums: sums(selected.sums) })
}

/// The selection as the store understands it.
pub(crate) fn selection_of(ctx: &Context, selection: &Selection) -> DeskResult<store::Selection> {
    let ids = match selection {
        Selection::Ids { ids } => ids,
        Selection::Query { except, .. } => except,
    };
    if ids.len() > IDS as usize {
        let message = format!("{} rows were named one by one; {IDS} is the most", ids.len());
        return Err(DeskError::new(Code::SelectionTooLong, message));
    }
    Ok(match selection {
        Selection::Ids { ids } => store::Selection::Ids(ids.clone()),
        Selection::Query { query, except } => store::Selection::All {
            view: Box::new(exception_query::view_of(ctx, query)?),
            except: except.clone(),
        },
    })
}

/// Shows each exception of a selection, in the view's order, without holding more than a page of them.
pub(crate) fn each_selected(
    ctx: &Context,
    selection: &store::Selection,
    mut show: impl FnMut(&ExceptionView),
) -> DeskResult<u64> {
    let reader = Reader::now(ctx)?;
    let mut count = 0_u64;
    match selection {
        store::Selection::Ids(ids) => {
            for one in ctx.store().exceptions_of(ids)? {
                show(&reader.shown(&one));
                count += 1;
            }
        }
        store::Selection::All { view, except } => {
            let mut start = 0_u64;
            let first = ctx.store().generation()?;
            loop {
                let page = ctx.store().view_page(view, start, u64::from(PAGE))?;
                if page.generation != first {
                    let message = "exceptions changed while they were read: do it again";
                    return Err(DeskError::new(Code::ViewChanged, message));
                }
                for one in &page.rows {
                    let view = reader.shown(one);
                    if !except.contains(&view.id) {
                        show(&view);
                        count += 1;
                    }
                }
                if page.rows.len() < PAGE as usize {
                    break;
                }
                start += page.rows.len() as u64;
            }
        }
    }
    Ok(count)
}

fn label(group: &store::Group, by: GroupBy, connections: &BTreeMap<String, String>) -> String {
    match by {
        GroupBy::Cause => labels::cause_label(group, connections),
        GroupBy::Customer if group.key.is_empty() => "No customer".to_owned(),
        GroupBy::Entity if group.key.is_empty() => "No entity".to_owned(),
        GroupBy::Customer | GroupBy::Entity | GroupBy::Rank => group.key.clone(),
    }
}
