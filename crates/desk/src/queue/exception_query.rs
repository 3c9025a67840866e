//! What the window asks of the queues, as the store understands it.

use chrono::{DateTime, Duration, DurationRound, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency,
    exception::{ExceptionKind, ExceptionState, OwnerTeam, Queue},
    flow::Flow,
    severity::Severity,
};
use tieout_store::{Given, SortColumn, View, ViewFilter, ViewSort, Waiting};

use crate::{
    access::actor,
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels,
    },
};

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SortKey {
    /// By this: due, opened, document, customer …
    #[ts(type = "\"due\" | \"opened\" | \"document\" | \"customer\" | \"entity\" | \"period\" | \"dated\" \
      | \"amount\" | \"worth\" | \"variance\" | \"severity\" | \"kind\" | \"state\" | \"owner\" \
      | \"assignee\"")]
    pub column: String,
    /// The greatest first.
    #[serde(default)]
    pub descending: bool,
}

/// Which exceptions, and in which order. What is absent asks for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
pub struct ExceptionQuery {
    /// Shown in this queue.
    pub queue: Option<String>,
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// Of this entity; empty: of none.
    pub entity: Option<String>,
    /// Of this period; empty: of none.
    pub period: Option<String>,
    /// open, one state, or all.
    #[ts(as = "closed::StateAsked")]
    pub state: String,
    /// A person's id, "me", "nobody", or anyone.
    pub assignee: Option<String>,
    /// Of this team.
    pub owner: Option<String>,
    /// Of these severities.
    #[ts(as = "Vec<closed::Severity>")]
    pub severity: Vec<String>,
    /// Only those past their time.
    pub overdue: bool,
    /// In this currency.
    pub currency: Option<String>,
    /// Decimal text: the absolute amount is at least this, in `currency`.
    pub amount_from: Option<String>,
    /// approval or in_doubt: what a posting waits for.
    #[ts(type = "\"approval\" | \"in_doubt\" | null")]
    pub waiting: Option<String>,
    /// Of this customer; empty: of none.
    pub customer: Option<String>,
    /// new: but for what was already open when its period closed; backlog: only that; absent: both.
    #[ts(type = "\"new\" | \"backlog\" | null")]
    pub standing: Option<String>,
    /// Of a view by rank, where a window of it is asked for: first, then or backlog.
    #[ts(type = "\"first\" | \"then\" | \"backlog\" | null")]
    pub rank: Option<String>,
    /// Of this root cause.
    pub group: Option<String>,
    /// Of this business flow.
    pub flow: Option<String>,
    /// Whose document's date lies so many days back (UTC) or more; without a date, when it was found.
    pub age_from_days: Option<u32>,
    /// Whose document's date lies less than so many days back.
    pub age_to_days: Option<u32>,
    /// Whose reference, customer or root cause contains this, or whose id begins with it.
    pub search: Option<String>,
    /// The order; the most urgent first where nothing is said.
    pub sort: Vec<SortKey>,
}

fn unknown<'a>(code: Code, what: &str, text: &str, names: impl Iterator<Item = &'a str>) -> DeskError {
    let names: Vec<&str> = names.collect();
    DeskError::new(code, format!("\"{text}\" is no {what}; there are {}", names.join(", ")))
}

fn states(text: &str) -> DeskResult<Vec<ExceptionState>> {
    match text {
        "" | "open" => Ok(ExceptionState::ALL.into_iter().filter(|s| s.is_open()).collect()),
        "all" => Ok(Vec::new()),
        name => match ExceptionState::parse(name) {
            Some(state) => Ok(vec![state]),
            None => Err(unknown(
                Code::StateUnknown,
                "state",
                name,
                ExceptionState::ALL.iter().map(|s| s.as_str()).chain(["all"]),
            )),
        },
    }
}

fn kind(name: &str) -> DeskResult<ExceptionKind> {
    ExceptionKind::parse(name).ok_or_else(|| {
        unknown(Code::KindUnknown, "kind", name, ExceptionKind::ALL.iter().map(|k| k.as_str()))
    })
}

fn queue(name: &str) -> DeskResult<Queue> {
    Queue::parse(name)
        .ok_or_else(|| unknown(Code::QueueUnknown, "queue", name, Queue::ALL.iter().map(|q| q.as_str())))
}

fn owner(name: &str) -> DeskResult<OwnerTeam> {
    let all = [OwnerTeam::Integration, OwnerTeam::FinanceOperations];
    all.into_iter()
        .find(|team| team.as_str() == name)
        .ok_or_else(|| unknown(Code::OwnerUnknown, "owner", name, all.iter().map(|team| team.as_str())))
}

fn severity(name: &str) -> DeskResult<Severity> {
    let all = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    all.into_iter()
        .find(|one| one.as_str() == name)
        .ok_or_else(|| unknown(Code::SeverityUnknown, "severity", name, all.iter().map(|one| one.as_str())))
}

fn flow(name: &str) -> DeskResult<Flow> {
    Flow::ALL
        .into_iter()
        .find(|flow| flow.as_str() == name)
        .ok_or_else(|| unknown(Code::FlowUnknown, "flow", name, Flow::ALL.iter().map(|flow| flow.as_str())))
}

fn waiting(name: &str) -> DeskResult<Waiting> {
    match name {
        "approval" => Ok(Waiting::Approval),
        "in_doubt" => Ok(Waiting::InDoubt),
        other => Err(unknown(Code::WaitingUnknown, "waiting", other, ["approval", "in_doubt"].into_iter())),
    }
}

fn backlog(name: &str) -> DeskResult<bool> {
    match name {
        "new" => Ok(false),
        "backlog" => Ok(true),
        other => Err(unknown(Code::StandingUnknown, "standing", other, ["new", "backlog"].into_iter())),
    }
}

fn sort(key: &SortKey) -> DeskResult<ViewSort> {
    let column = SortColumn::parse(&key.column).ok_or_else(|| {
        unknown(Code::ColumnUnknown, "column", &key.column, SortColumn::ALL.iter().map(|c| c.as_str()))
    })?;
    Ok(ViewSort { column, descending: key.descending })
}

/// The amount in minor units, rounded up: a fraction of a minor unit is reached by none below it.
fn amount(query: &ExceptionQuery) -> DeskResult<Option<i64>> {
    let Some(text) = query.amount_from.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let Some(currency) = &query.currency else {
        return Err(DeskError::new(
            Code::AmountNeedsCurrency,
            "an amount is compared within one currency: choose it",
        ));
    };
    let bad = || DeskError::new(Code::BadAmount, format!("\"{text}\" is no amount of {currency}"));
    let currency = Currency::new(currency).map_err(|_| bad())?;
    let amount = Decimal::from_str_exact(text).map_err(|_| bad())?;
    let units = Decimal::from(10_i64.pow(currency.exponent()));
    let minor = amount.abs().checked_mul(units).ok_or_else(bad)?.ceil();
    i64::try_from(minor).map(Some).map_err(|_| bad())
}

/// Now, to the minute: what is overdue is worked out once a minute at most.
pub(crate) fn this_minute(ctx: &Context) -> DateTime<Utc> {
    let now = ctx.clock.now();
    now.duration_trunc(Duration::minutes(1)).unwrap_or(now)
}

/// What a query asks for, in words: what, and which. Nothing for what it leaves open.
///
/// # Errors
/// A database error.
pub(crate) fn words(ctx: &Context, query: &ExceptionQuery) -> DeskResult<Vec<(&'static str, String)>> {
    let capital = |name: &str| labels::capital(&name.replace('_', " "));
    let names = |of: &[String]| of.iter().map(|one| capital(one)).collect::<Vec<_>>().join(", ");
    let kinds = |of: &[String]| {
        let label = |name: &String| {
            ExceptionKind::parse(name).map_or_else(|| name.clone(), |kind| kind.label().to_owned())
        };
        of.iter().map(label).collect::<Vec<_>>().join(", ")
    };
    let some = |text: &Option<String>, empty: &str| {
        text.as_ref().map(|text| if text.is_empty() { empty.to_owned() } else { text.clone() })
    };
    let standing = |name: &str| match name {
        "new" => "without the backlog of closed periods".to_owned(),
        _ => "only the backlog of closed periods".to_owned(),
    };
    let people = actor::names(ctx)?;
    let state = if query.state.is_empty() { "open" } else { &query.state };
    let listed = |of: &[String], text: String| (!of.is_empty()).then_some(text);
    let all = [
        ("State", Some(capital(state))),
        (
            "Queue",
            query.queue.as_deref().and_then(Queue::parse).map(|queue| labels::queue_name(queue).to_owned()),
        ),
        ("Kind", listed(&query.kinds, kinds(&query.kinds))),
        ("Entity", some(&query.entity, "none")),
        ("Period", some(&query.period, "none")),
        ("Customer", some(&query.customer, "none")),
        ("Currency", query.currency.clone()),
        ("Amount from", query.amount_from.clone()),
        ("Severity", listed(&query.severity, names(&query.severity))),
        ("Assigned to", query.assignee.as_ref().map(|id| people.of(id))),
        ("Owner", query.owner.as_deref().map(capital)),
        ("Waiting for", query.waiting.as_deref().map(capital)),
        ("Root cause", query.group.clone()),
        ("Standing", query.standing.as_deref().map(standing)),
        ("Flow", query.flow.as_deref().map(capital)),
        ("Days old, at least", query.age_from_days.map(|days| days.to_string())),
        ("Days old, less than", query.age_to_days.map(|days| days.to_string())),
        ("Overdue", query.overdue.then(|| "only those".to_owned())),
        ("Containing", query.search.clone()),
    ];
    Ok(all.into_iter().filter_map(|(what, which)| Some((what, which?))).collect())
}

/// The query as the store understands it.
pub(crate) fn view_of(ctx: &Context, query: &ExceptionQuery) -> DeskResult<View> {
    let now = this_minute(ctx);
    let days = |days: u32| now.date_naive() - Duration::days(i64::from(days));
    let given = match query.assignee.as_deref() {
        None => None,
        Some("nobody") => Some(Given::Nobody),
        Some("me") => Some(Given::To(actor::acting_person(ctx)?.id)),
        Some(id) => Some(Given::To(
            id.parse()
                .map_err(|_| DeskError::new(Code::PersonUnknown, format!("\"{id}\" is no person's id")))?,
        )),
    };
    let filter = ViewFilter {
        states: states(&query.state)?,
        kinds: query.kinds.iter().map(|name| kind(name)).collect::<DeskResult<_>>()?,
        queue: query.queue.as_deref().map(queue).transpose()?,
        entity: query.entity.clone(),
        period: query.period.clone(),
        given,
        owner: query.owner.as_deref().map(owner).transpose()?,
        severities: query.severity.iter().map(|name| severity(name)).collect::<DeskResult<_>>()?,
        overdue_at: query.overdue.then_some(now),
        currency: query.currency.clone(),
        amount_from: amount(query)?,
        waiting: query.waiting.as_deref().map(waiting).transpose()?,
        customer: query.customer.clone(),
        flow: query.flow.as_deref().map(flow).transpose()?,
        aged_until: query.age_from_days.filter(|n| *n > 0).map(days),
        aged_after: query.age_to_days.map(days),
        backlog: query.standing.as_deref().map(backlog).transpose()?,
        group: query.group.clone(),
        reference: None,
        search: query.search.clone().filter(|term| !term.trim().is_empty()),
    };
    Ok(View { filter, sorts: query.sort.iter().map(sort).collect::<DeskResult<_>>()? })
}
