//! In which order a view lists: its columns as SQL, and the keys by which a place in it is named.

use std::cmp::Ordering;

use rusqlite::{Row, types::Value};

use crate::{error::Result, sql::unreadable};

/// What a view can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortColumn {
    /// When it should be settled.
    Due,
    /// When it was found.
    Opened,
    /// The reference by which people name it.
    Document,
    /// The customer.
    Customer,
    /// The legal entity.
    Entity,
    /// The accounting period.
    Period,
    /// The document's date.
    Dated,
    /// The signed amount in minor units, as severity weighs it: whatever the currency.
    Amount,
    /// The variance, likewise.
    Variance,
    /// What it is worth in the reporting currency, without its sign.
    Worth,
    /// How much it matters.
    Severity,
    /// What is wrong.
    Kind,
    /// Where it stands.
    State,
    /// The team.
    Owner,
    /// The person it was given to.
    Assignee,
}

impl SortColumn {
    /// All of them.
    pub const ALL: [SortColumn; 15] = [
        SortColumn::Due,
        SortColumn::Opened,
        SortColumn::Document,
        SortColumn::Customer,
        SortColumn::Entity,
        SortColumn::Period,
        SortColumn::Dated,
        SortColumn::Amount,
        SortColumn::Worth,
        SortColumn::Variance,
        SortColumn::Severity,
        SortColumn::Kind,
        SortColumn::State,
        SortColumn::Owner,
        SortColumn::Assignee,
    ];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SortColumn::Due => "due",
            SortColumn::Opened => "opened",
            SortColumn::Document => "document",
            SortColumn::Customer => "customer",
            SortColumn::Entity => "entity",
            SortColumn::Period => "period",
            SortColumn::Dated => "dated",
            SortColumn::Amount => "amount",
            SortColumn::Worth => "worth",
            SortColumn::Variance => "variance",
            SortColumn::Severity => "severity",
            SortColumn::Kind => "kind",
            SortColumn::State => "state",
            SortColumn::Owner => "owner",
            SortColumn::Assignee => "assignee",
        }
    }

    /// The column of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.as_str() == name)
    }

    /// The column, and whether it belongs to the cell (`c`) instead of the row (`e`).
    fn sql(self) -> (&'static str, bool) {
        match self {
            SortColumn::Due => ("e.due_at", false),
            SortColumn::Opened => ("e.opened_at", false),
            SortColumn::Document => ("e.external_ref", false),
            SortColumn::Customer => ("e.customer", false),
            SortColumn::Dated => ("e.dated", false),
            SortColumn::Amount => ("e.amount_minor", false),
            SortColumn::Worth => ("e.worth", false),
            SortColumn::Variance => ("e.variance_minor", false),
            SortColumn::Entity => ("c.entity", true),
            SortColumn::Period => ("c.period", true),
            SortColumn::Severity => ("c.severity", true),
            SortColumn::Kind => ("c.kind", true),
            SortColumn::State => ("c.state", true),
            SortColumn::Owner => ("c.owner", true),
            SortColumn::Assignee => ("c.assignee", true),
        }
    }
}

/// One key of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ViewSort {
    /// By this.
    pub column: SortColumn,
    /// The greatest first.
    pub descending: bool,
}

/// A column with its direction.
pub(super) type By = (&'static str, bool);

/// An order: first by columns of the cell, then by one column of the row, which has an index.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub lead: Vec<By>,
    pub tail: By,
    /// Keys after the tail. No index has them; they are rare.
    pub more: Vec<By>,
}

impl Order {
    /// Without keys: the most urgent first. Equal keys stand in the order of the tail by age, so that every
    /// row has one place.
    pub fn of(sorts: &[ViewSort]) -> Self {
        let mut order = Self { lead: Vec::new(), tail: ("e.due_at", false), more: Vec::new() };
        let mut tailed = false;
        for (index, sort) in sorts.iter().enumerate() {
            if sorts[..index].iter().any(|earlier| earlier.column == sort.column) {
                continue;
            }
            let (column, of_cell) = sort.column.sql();
            let by = (column, sort.descending);
            match (tailed, of_cell) {
                (false, true) => order.lead.push(by),
                (false, false) => {
                    order.tail = by;
                    tailed = true;
                }
                (true, _) => order.more.push(by),
            }
        }
        order
    }

    /// True where the column of the row is the due time.
    pub fn is_by_due(&self) -> bool {
        self.tail.0 == SortColumn::Due.sql().0
    }

    /// The whole ORDER BY.
    pub fn full(&self) -> String {
        let seq = ("e.seq", self.tail.1);
        let all = self.lead.iter().chain([&self.tail]).chain(&self.more).chain([&seq]);
        all.map(|by| text(*by)).collect::<Vec<_>>().join(", ")
    }

    /// The ORDER BY of the tail alone.
    pub fn of_tail(&self) -> String {
        format!("{}, {}", text(self.tail), text(("e.seq", self.tail.1)))
    }

    /// The ORDER BY of the lead.
    pub fn of_lead(&self) -> String {
        self.lead.iter().map(|by| text(*by)).collect::<Vec<_>>().join(", ")
    }

    /// How two places follow each other in the tail.
    pub fn compare(&self, a: &Place, b: &Place) -> Ordering {
        let forwards = (&a.key, a.seq).cmp(&(&b.key, b.seq));
        if self.tail.1 { forwards.reverse() } else { forwards }
    }
}

fn text((column, descending): By) -> String {
    format!("{column}{}", if descending { " DESC" } else { "" })
}

/// The value of a column, as the database orders it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Int(i64),
    Text(String),
}

impl Key {
    pub fn read(row: &Row<'_>, index: usize) -> Result<Self> {
        match row.get::<_, Value>(index)? {
            Value::Integer(number) => Ok(Key::Int(number)),
            Value::Text(text) => Ok(Key::Text(text)),
            other => Err(unreadable(format!("{other:?}")).into()),
        }
    }

    pub fn value(&self) -> Value {
        match self {
            Key::Int(number) => (*number).into(),
            Key::Text(text) => text.clone().into(),
        }
    }
}

/// A row's place in the order of a tail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub key: Key,
    pub seq: i64,
}
