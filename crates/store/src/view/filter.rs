//! Which exceptions a view holds: the filter, as a condition over cells and, where cells cannot tell, as
//! SELECTs of rows.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::types::Value;
use tieout_domain::{
    PersonId,
    exception::{ExceptionKind, ExceptionState, OwnerTeam, Queue},
    flow::Flow,
    severity::Severity,
};

use crate::{
    sql::{end_of, ms},
    table::{cell, search},
};

/// To whom exceptions were given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Given {
    /// To nobody.
    Nobody,
    /// To this person.
    To(PersonId),
}

/// What a posting of the exception waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// For somebody's approval.
    Approval,
    /// For its outcome to become known.
    InDoubt,
}

impl Waiting {
    fn state(self) -> &'static str {
        match self {
            Waiting::Approval => "proposed",
            Waiting::InDoubt => "in_doubt",
        }
    }
}

/// Which exceptions a view holds. Empty lists and `None` ask for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ViewFilter {
    /// Any of these states.
    pub states: Vec<ExceptionState>,
    /// Any of these kinds.
    pub kinds: Vec<ExceptionKind>,
    /// Shown in this queue, whether as its home or also.
    pub queue: Option<Queue>,
    /// Of this entity.
    pub entity: Option<String>,
    /// Of this period.
    pub period: Option<String>,
    /// Given to this person, or to nobody.
    pub given: Option<Given>,
    /// Of this team.
    pub owner: Option<OwnerTeam>,
    /// Any of these severities.
    pub severities: Vec<Severity>,
    /// Open, and due before this instant.
    pub overdue_at: Option<DateTime<Utc>>,
    /// In this currency.
    pub currency: Option<String>,
    /// Whose amount is at least this, whatever its sign, in minor units.
    pub amount_from: Option<i64>,
    /// Whose posting waits.
    pub waiting: Option<Waiting>,
    /// Of the customer of this name (or id, where billing gives no name).
    pub customer: Option<String>,
    /// Of this business flow.
    pub flow: Option<Flow>,
    /// Whose document has this date or an earlier one; without a date, found on that day (UTC) or before.
    pub aged_until: Option<NaiveDate>,
    /// Whose document has a later date than this; without a date, found on a later day.
    pub aged_after: Option<NaiveDate>,
    /// Of this root cause.
    pub group: Option<String>,
    /// Already open when its period closed, or not.
    pub backlog: Option<bool>,
    /// Of exactly this reference.
    pub reference: Option<String>,
    /// Whose reference, customer or root cause contains this, or whose id begins with it.
    pub search: Option<String>,
}

/// A piece of SQL with a `?` for each value, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Part {
    pub fn new(sql: impl Into<String>, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values }
    }

    /// Appends another piece.
    pub fn with(mut self, sql: &str, values: impl IntoIterator<Item = Value>) -> Self {
        self.sql.push_str(sql);
        self.values.extend(values);
        self
    }
}

/// A filter as the database is asked for it.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// A condition over `exception_cell c`.
    pub cells: Part,
    /// The values of `live` that occur: 1 for open exceptions, 0 for the others.
    pub lives: Vec<i64>,
    /// False when every row of these `live` values belongs to the view.
    pub narrow: bool,
    /// Due before this (Unix milliseconds).
    pub overdue: Option<i64>,
    /// What else cells cannot tell: each set of rows must hold the exception; a set is the union of its
    /// SELECTs.
    pub sets: Vec<Vec<Part>>,
    /// What is searched for, which makes one more such set.
    pub term: Option<String>,
}

fn list(lives: &[i64]) -> String {
    lives.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

fn texts<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    names.into_iter().map(|name| name.to_owned().into()).collect()
}

/// The kinds that a queue shows whatever their period, and those that it also shows when that is blocked.
pub(super) fn kinds_of(queue: Queue) -> (Vec<&'static str>, Vec<&'static str>) {
    let shown = |blocked: bool| {
        let shows = move |k: &&ExceptionKind| k.queues(blocked).contains(&queue);
        ExceptionKind::ALL.iter().filter(shows).map(|k| k.as_str()).collect()
    };
    (shown(false), shown(true))
}

impl Plan {
    pub fn of(filter: &ViewFilter) -> Self {
        let lives = lives(filter);
        let mut parts: Vec<Part> = Vec::new();
        states(filter, &lives, &mut parts);
        facets(filter, &mut parts);
        let narrow = !parts.is_empty();
        let mut cells = Part::new(format!("c.live IN ({})", list(&lives)), Vec::new());
        for part in parts {
            cells = cells.with(" AND ", []).with(&part.sql, part.values);
        }
        let term = filter.search.as_deref().map(search::cleaned).filter(|term| !term.is_empty());
        Self { cells, lives, narrow, overdue: filter.overdue_at.map(ms), sets: sets(filter), term }
    }

    /// The values of `live` that occur, as a list.
    pub fn live_list(&self) -> String {
        list(&self.lives)
    }

    /// True when nothing but cells and due times say what belongs to it.
    pub fn asks_cells(&self) -> bool {
        self.sets.is_empty() && self.term.is_none()
    }

    /// The condition that a row of `exception e` belongs to the view as far as its cell tells, in a form
    /// that leaves the choice of the index to the rest of the statement.
    pub fn member(&self) -> Part {
        member(&self.lives, &self.cells, self.narrow)
    }
}

pub(super) fn member(lives: &[i64], cells: &Part, narrow: bool) -> Part {
    let live = format!("+e.live IN ({})", list(lives));
    if !narrow {
        return Part::new(live, Vec::new());
    }
    let sql = format!("{live} AND +e.cell IN (SELECT c.id FROM exception_cell c WHERE {})", cells.sql);
    Part::new(sql, cells.values.clone())
}

fn lives(filter: &ViewFilter) -> Vec<i64> {
    let asked = |live: bool| filter.states.is_empty() || filter.states.iter().any(|s| s.is_open() == live);
    let mut lives = Vec::new();
    if asked(true) {
        lives.push(1);
    }
    if asked(false) && filter.overdue_at.is_none() {
        lives.push(0);
    }
    lives
}

/// States, where `live` alone does not say it.
fn states(filter: &ViewFilter, lives: &[i64], parts: &mut Vec<Part>) {
    let covered = |s: &ExceptionState| !lives.contains(&i64::from(s.is_open())) || filter.states.contains(s);
    if !filter.states.is_empty() && !ExceptionState::ALL.iter().all(covered) {
        let names = texts(filter.states.iter().map(|s| s.as_str()));
        parts.push(Part::new(format!("c.state IN ({})", marks(names.len())), names));
    }
}

fn facets(filter: &ViewFilter, parts: &mut Vec<Part>) {
    if !filter.kinds.is_empty() {
        let names = texts(filter.kinds.iter().map(|k| k.as_str()));
        parts.push(Part::new(format!("c.kind IN ({})", marks(names.len())), names));
    }
    if let Some(backlog) = filter.backlog {
        parts.push(Part::new("c.backlog = ?", vec![i64::from(backlog).into()]));
    }
    if let Some(queue) = filter.queue {
        let (always, blocked) = kinds_of(queue);
        let sql = format!(
            "(c.kind IN ({}) OR (c.blocked = 1 AND c.kind IN ({})))",
            marks(always.len()),
            marks(blocked.len())
        );
        parts.push(Part::new(sql, texts(always.into_iter().chain(blocked))));
    }
    if !filter.severities.is_empty() {
        let ranks = filter.severities.iter().map(|s| cell::rank(*s).into()).collect::<Vec<Value>>();
        parts.push(Part::new(format!("c.severity IN ({})", marks(ranks.len())), ranks));
    }
    let given = filter.given.as_ref().map(|given| match given {
        Given::Nobody => String::new(),
        Given::To(person) => person.to_string(),
    });
    let exact = [
        ("c.entity = ?", filter.entity.clone()),
        ("c.period = ?", filter.period.clone()),
        ("c.assignee = ?", given),
        ("c.owner = ?", filter.owner.map(|o| o.as_str().to_owned())),
        ("c.currency = ?", filter.currency.clone()),
        ("c.group_key = ?", filter.group.clone()),
        ("c.flow = ?", filter.flow.map(|f| f.as_str().to_owned())),
    ];
    parts.extend(exact.into_iter().filter_map(|(sql, v)| Some(Part::new(sql, vec![v?.into()]))));
}

/// Exceptions of these dates, and those without a date by the day on which they were found.
fn aged(after: Option<NaiveDate>, until: Option<NaiveDate>) -> Vec<Part> {
    let ends = |date: Option<NaiveDate>| date.map(|date| ms(end_of(date)));
    let (found_after, found_until) = (ends(after).unwrap_or(i64::MIN), ends(until).unwrap_or(i64::MAX));
    let date = |date: Option<NaiveDate>, none: &str| date.map_or_else(|| none.to_owned(), |d| d.to_string());
    // Dates are kept as `YYYY-MM-DD`, none as an empty text.
    let (after, until) = (date(after, ""), date(until, "9999-99-99"));
    vec![
        Part::new(
            "SELECT e.seq FROM exception e WHERE e.live IN (0, 1) AND e.dated > ? AND e.dated <= ?",
            vec![after.into(), until.into()],
        ),
        Part::new(
            "SELECT e.seq FROM exception e WHERE e.live IN (0, 1) AND e.dated = ''
               AND e.opened_at >= ? AND e.opened_at < ?",
            vec![found_after.into(), found_until.into()],
        ),
    ]
}

fn sets(filter: &ViewFilter) -> Vec<Vec<Part>> {
    let mut sets = Vec::new();
    if filter.aged_until.is_some() || filter.aged_after.is_some() {
        sets.push(aged(filter.aged_after, filter.aged_until));
    }
    if let Some(least) = filter.amount_from {
        let select = |compare: &str, value: i64| {
            let sql = format!("SELECT e.seq FROM exception e WHERE e.live IN (0, 1) AND {compare}");
            Part::new(sql, vec![value.into()])
        };
        // The negative of the least i64 does not exist; no amount lies below it either.
        let (least, below) = (least.max(0), 0_i64.saturating_sub(least.max(0)));
        sets.push(vec![select("e.amount_minor >= ?", least), select("e.amount_minor <= ?", below)]);
    }
    if let Some(waiting) = filter.waiting {
        let sql =
            "SELECT e.seq FROM posting p CROSS JOIN exception e WHERE p.state = ? AND e.id = p.exception_id";
        sets.push(vec![Part::new(sql, vec![waiting.state().to_owned().into()])]);
    }
    if let Some(reference) = &filter.reference {
        let sql = "SELECT e.seq FROM exception e WHERE e.live IN (0, 1) AND e.external_ref = ?";
        sets.push(vec![Part::new(sql, vec![reference.clone().into()])]);
    }
    if let Some(customer) = &filter.customer {
        let sql = "SELECT e.seq FROM exception e WHERE e.live IN (0, 1) AND e.customer = ?";
        sets.push(vec![Part::new(sql, vec![customer.clone().into()])]);
    }
    sets
}
