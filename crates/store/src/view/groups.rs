//! A view by root cause, customer or entity.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params_from_iter};
use tieout_domain::{
    exception::{ExceptionKind, OwnerTeam},
    said,
};

use super::{
    bits::Bits,
    opened::Opened,
    sums::{Adder, CurrencySum, Swept, pair, sweep},
};
use crate::{
    db::Db,
    error::Result,
    sql::{instant, named},
    table::delta::whole,
};

/// Groups that are listed at most.
const LISTED: usize = 2_000;

/// By what a view is put into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupBy {
    /// The root cause.
    Cause,
    /// The customer's name.
    Customer,
    /// The legal entity.
    Entity,
}

/// Exceptions of a view that have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common; empty where nothing is known.
    pub key: String,
    /// Their kind, where they are of one.
    pub kind: Option<ExceptionKind>,
    /// The team that works them, where it is one.
    pub owner: Option<OwnerTeam>,
    /// How many.
    pub count: u64,
    /// Their amounts by currency.
    pub sums: Vec<CurrencySum>,
    /// When the first of them should be settled.
    pub due_at: Option<DateTime<Utc>>,
    /// The sentence of one of them, for root causes.
    pub why: Option<String>,
}

/// The groups of a view, the largest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Those that are listed.
    pub groups: Vec<Group>,
    /// How many more there are.
    pub more: u64,
    /// Changes whenever rows may have moved.
    pub generation: u64,
}

/// What a cell says of a group.
#[derive(Clone)]
struct Card {
    key: String,
    kind: ExceptionKind,
    currency: String,
}

/// A group while it is put together.
#[derive(Default)]
struct Sheaf {
    kinds: Vec<ExceptionKind>,
    sums: Adder,
    due_at: Option<i64>,
    /// One of its cells, to read a sentence from.
    cell: i64,
}

impl Sheaf {
    fn add(&mut self, card: &Card, (count, amounts): (i64, (i128, i128)), due_at: Option<i64>, cell: i64) {
        if !self.kinds.contains(&card.kind) {
            self.kinds.push(card.kind);
        }
        self.sums.add(&card.currency, count, amounts);
        self.due_at = [self.due_at, due_at].into_iter().flatten().min();
        self.cell = cell;
    }

    fn done(self, key: String) -> Result<Group> {
        let owner = self.kinds.first().map(|kind| kind.owner());
        let kind = self.kinds.first().copied().filter(|_| self.kinds.len() == 1);
        Ok(Group {
            key,
            kind,
            owner: owner.filter(|owner| self.kinds.iter().all(|kind| kind.owner() == *owner)),
            count: self.sums.count(),
            sums: self.sums.done(),
            due_at: self.due_at.map(instant).transpose()?,
            why: None,
        })
    }
}

type Sheaves = HashMap<String, Sheaf>;

/// From the cells alone.
fn of_cells(db: &Db, opened: &Opened, by: GroupBy) -> Result<Sheaves> {
    let sql = format!(
        "SELECT c.id, c.group_key, c.entity, c.kind, c.currency, c.held, c.high, c.low, c.gross_high,
           c.gross_low,
           (SELECT min(e.due_at) FROM exception e WHERE e.cell = c.id) AS due_at
         FROM exception_cell c WHERE {}",
        opened.plan.cells.sql
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(&opened.plan.cells.values))?;
    let mut sheaves = Sheaves::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(if by == GroupBy::Cause { "group_key" } else { "entity" })?;
        let kind = named(row, "kind", ExceptionKind::parse)?;
        let card = Card { key, kind, currency: row.get("currency")? };
        let gross = whole(row.get("gross_high")?, row.get("gross_low")?);
        let sum = (row.get("held")?, (whole(row.get("high")?, row.get("low")?), gross));
        let sheaf = sheaves.entry(card.key.clone()).or_default();
        sheaf.add(&card, sum, row.get("due_at")?, row.get("id")?);
    }
    Ok(sheaves)
}

/// From rows, in one pass.
fn of_rows(db: &Db, opened: &Opened, by: GroupBy) -> Result<Sheaves> {
    let mut cards: HashMap<i64, Card> = HashMap::new();
    {
        let sql = format!(
            "SELECT c.id, c.group_key, c.entity, c.kind, c.currency FROM exception_cell c WHERE {}",
            opened.plan.cells.sql
        );
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(&opened.plan.cells.values))?;
        while let Some(row) = rows.next()? {
            let key: String = row.get(if by == GroupBy::Entity { "entity" } else { "group_key" })?;
            let kind = named(row, "kind", ExceptionKind::parse)?;
            cards.insert(row.get("id")?, Card { key, kind, currency: row.get("currency")? });
        }
    }
    let mut sheaves = Sheaves::new();
    let mut show = |swept: Swept<'_>| {
        let Some(card) = cards.get(&swept.cell) else { return };
        let key = if by == GroupBy::Customer { swept.customer } else { card.key.as_str() };
        let one = (1, pair(swept.amount));
        match sheaves.get_mut(key) {
            Some(sheaf) => sheaf.add(card, one, Some(swept.due_at), swept.cell),
            None => {
                let sheaf = sheaves.entry(key.to_owned()).or_default();
                sheaf.add(card, one, Some(swept.due_at), swept.cell);
            }
        }
    };
    match &opened.rows {
        Some(rows) => sweep(db, &opened.plan, rows, show)?,
        None => sweep(db, &opened.plan, &Bits::everything(), &mut show)?,
    }
    Ok(sheaves)
}

/// By customer from what is kept of each, of a view that holds all that is open, all that is not, or both.
/// When the first is due is not kept.
fn of_customers(db: &Db, opened: &Opened) -> Result<Sheaves> {
    let sql = format!(
        "SELECT s.customer, s.kind, s.currency, s.held, s.high, s.low, s.gross_high, s.gross_low
         FROM exception_customer s WHERE s.live IN ({})",
        opened.plan.live_list()
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut sheaves = Sheaves::new();
    while let Some(row) = rows.next()? {
        let kind = named(row, "kind", ExceptionKind::parse)?;
        let card = Card { key: row.get("customer")?, kind, currency: row.get("currency")? };
        let gross = whole(row.get("gross_high")?, row.get("gross_low")?);
        let sum = (row.get("held")?, (whole(row.get("high")?, row.get("low")?), gross));
        sheaves.entry(card.key.clone()).or_default().add(&card, sum, None, 0);
    }
    Ok(sheaves)
}

/// When the first exception of a customer is due, of such a view.
fn first_due(db: &Db, opened: &Opened, customer: &str) -> Result<Option<i64>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT min(e.due_at) FROM exception e WHERE e.live IN ({}) AND e.customer = ?1",
        opened.plan.live_list()
    ))?;
    Ok(statement.query_row([customer], |row| row.get(0))?)
}

fn sentence(db: &Db, cell: i64) -> Result<Option<String>> {
    let mut statement = db.prepare_cached("SELECT why FROM exception WHERE cell = ?1 LIMIT 1")?;
    let stored: Option<String> = statement.query_row([cell], |row| row.get(0)).optional()?;
    Ok(stored.as_deref().map(said::plain))
}

/// The groups of a view, the largest first, and how many more there are than are listed.
pub(crate) fn groups(db: &Db, opened: &mut Opened, by: GroupBy) -> Result<(Vec<Group>, u64)> {
    let kept = by == GroupBy::Customer && opened.is_everything();
    opened.read_rows(db)?;
    let sheaves = match (by, &opened.rows) {
        (GroupBy::Cause | GroupBy::Entity, None) => of_cells(db, opened, by)?,
        _ if kept => of_customers(db, opened)?,
        _ => of_rows(db, opened, by)?,
    };
    let mut sheaves: Vec<(u64, String, Sheaf)> =
        sheaves.into_iter().map(|(key, sheaf)| (sheaf.sums.count(), key, sheaf)).collect();
    sheaves.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let more = sheaves.len().saturating_sub(LISTED) as u64;
    sheaves.truncate(LISTED);
    let mut groups = Vec::with_capacity(sheaves.len());
    for (_, key, mut sheaf) in sheaves {
        let why = if by == GroupBy::Cause { sentence(db, sheaf.cell)? } else { None };
        if kept {
            sheaf.due_at = first_due(db, opened, &key)?;
        }
        groups.push(Group { why, ..sheaf.done(key)? });
    }
    Ok((groups, more))
}
