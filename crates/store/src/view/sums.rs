//! How many and how much: from the cells where they tell, from rows where they do not.

use std::collections::{BTreeMap, HashMap};

use rusqlite::params_from_iter;

use super::{
    bits::Bits,
    filter::{Part, Plan},
    segment::FEW,
};
use crate::{db::Db, error::Result, table::delta::whole};

/// The sum of a currency, exact whatever its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrencySum {
    /// The currency's code.
    pub currency: String,
    /// How many exceptions.
    pub count: u64,
    /// Their signed amounts together, minor units.
    pub minor: i128,
    /// Their amounts together without their signs, minor units.
    pub gross: i128,
}

/// Adds up by currency.
#[derive(Clone, Debug, Default)]
pub(super) struct Adder(BTreeMap<String, (i64, i128, i128)>);

impl Adder {
    /// So many more (or less) of these amounts together, with and without their signs.
    pub fn add(&mut self, currency: &str, count: i64, (minor, gross): (i128, i128)) {
        match self.0.get_mut(currency) {
            Some(sum) => *sum = (sum.0 + count, sum.1 + minor, sum.2 + gross),
            None => {
                self.0.insert(currency.to_owned(), (count, minor, gross));
            }
        }
    }

    /// One more.
    pub fn one(&mut self, currency: &str, amount: i64) {
        self.add(currency, 1, pair(amount));
    }

    pub fn count(&self) -> u64 {
        self.0.values().map(|sum| sum.0).sum::<i64>().unsigned_abs()
    }

    /// The sums by currency, but for those of nothing.
    pub fn done(self) -> Vec<CurrencySum> {
        let sum = |(currency, (count, minor, gross)): (String, (i64, i128, i128))| CurrencySum {
            currency,
            count: count.unsigned_abs(),
            minor,
            gross,
        };
        self.0.into_iter().filter(|(_, sum)| sum.0 != 0).map(sum).collect()
    }
}

/// An amount with and without its sign.
pub(super) fn pair(amount: i64) -> (i128, i128) {
    (i128::from(amount), i128::from(amount).abs())
}

/// How many exceptions these cells hold.
pub(super) fn held(db: &Db, cells: &Part) -> Result<u64> {
    let sql = format!("SELECT coalesce(sum(c.held), 0) FROM exception_cell c WHERE {}", cells.sql);
    let held: i64 = db.prepare_cached(&sql)?.query_row(params_from_iter(&cells.values), |row| row.get(0))?;
    Ok(held.unsigned_abs())
}

/// True when the cell is one of these.
pub(super) fn cell_holds(db: &Db, cells: &Part, cell: i64) -> Result<bool> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM exception_cell c WHERE {} AND c.id = ?)", cells.sql);
    let part = Part::new(sql, cells.values.clone()).with("", [cell.into()]);
    Ok(db.prepare_cached(&part.sql)?.query_row(params_from_iter(&part.values), |row| row.get(0))?)
}

/// The sums of a view that cells tell.
pub(super) fn of_cells(db: &Db, plan: &Plan) -> Result<Vec<CurrencySum>> {
    let mut sums = Adder::default();
    let sql = format!(
        "SELECT c.currency, sum(c.held), sum(c.high), sum(c.low), sum(c.gross_high), sum(c.gross_low)
         FROM exception_cell c WHERE {}
         GROUP BY c.currency",
        plan.cells.sql
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(&plan.cells.values))?;
    while let Some(row) = found.next()? {
        let amounts = (whole(row.get(2)?, row.get(3)?), whole(row.get(4)?, row.get(5)?));
        sums.add(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, row.get(1)?, amounts);
    }
    Ok(sums.done())
}

/// The sums of a set of rows, and how many of them are open and due before `now`, in one pass.
pub(super) fn of_rows(db: &Db, plan: &Plan, rows: &Bits, now: i64) -> Result<(Vec<CurrencySum>, u64)> {
    let (mut sums, mut overdue) = (Adder::default(), 0);
    let currencies = currencies(db)?;
    sweep(db, plan, rows, |swept| {
        overdue += u64::from(swept.live && swept.due_at < now);
        if let Some(currency) = currencies.get(&swept.cell) {
            sums.one(currency, swept.amount);
        }
    })?;
    Ok((sums.done(), overdue))
}

fn currencies(db: &Db) -> Result<HashMap<i64, String>> {
    let mut statement = db.prepare_cached("SELECT id, currency FROM exception_cell")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many of a view that cells tell are open and due before `now`.
pub(super) fn overdue_of_cells(db: &Db, plan: &Plan, now: i64) -> Result<u64> {
    let sql = format!(
        "SELECT coalesce(sum({OVERDUE}), 0) FROM exception_cell c WHERE {} AND c.live = 1",
        plan.cells.sql
    );
    let values = [now.into(), now.into()].into_iter().chain(plan.cells.values.iter().cloned());
    let count: i64 = db.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// How many of a cell `c` are due before a time that is given twice. A cell of which everything is due, as
/// most of an old period are, is not counted through.
pub(super) const OVERDUE: &str = "CASE
    WHEN (SELECT max(e.due_at) FROM exception e WHERE e.cell = c.id) < ? THEN c.held
    ELSE (SELECT count(*) FROM exception e WHERE e.cell = c.id AND e.due_at < ?) END";

/// What the widest index tells of a row.
pub(super) struct Swept<'r> {
    pub cell: i64,
    pub amount: i64,
    pub due_at: i64,
    pub live: bool,
    pub customer: &'r str,
}

/// Shows each row of a set: a few by their keys, many in one pass over the index that has it all.
pub(super) fn sweep(db: &Db, plan: &Plan, rows: &Bits, mut show: impl FnMut(Swept<'_>)) -> Result<()> {
    let columns = "e.seq, e.cell, e.amount_minor, e.due_at, e.live, e.customer";
    let sql = if rows.held() <= FEW {
        let list: Vec<String> = rows.iter().map(|seq| seq.to_string()).collect();
        format!("SELECT {columns} FROM exception e WHERE e.seq IN ({})", list.join(", "))
    } else {
        let lives = plan.live_list();
        format!(
            "SELECT {columns} FROM exception e WHERE e.live IN ({lives}) ORDER BY e.live, e.customer, e.seq"
        )
    };
    let mut statement = db.prepare(&sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        if rows.holds(row.get(0)?) {
            show(Swept {
                cell: row.get(1)?,
                amount: row.get(2)?,
                due_at: row.get(3)?,
                live: row.get(4)?,
                customer: row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?,
            });
        }
    }
    Ok(())
}
