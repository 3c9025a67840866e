//! What of a view's cells is due before a time. Of a cell that is due in part, the side is counted that seems
//! the smaller, so that an old backlog costs as little as a fresh one.

use std::collections::HashMap;

use rusqlite::{Row, params, params_from_iter};

use super::{
    filter::Plan,
    sums::{Adder, CurrencySum},
};
use crate::{db::Db, error::Result, table::delta::whole};

/// What of one cell is due.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub held: i64,
    currency: String,
    /// Their amounts together, with and without their signs.
    amounts: (i128, i128),
}

/// What of a view is due before a time.
#[derive(Clone, Debug)]
pub(super) struct Due {
    /// Before this (Unix milliseconds).
    pub before: i64,
    /// By cell, but for cells of which nothing is due.
    cells: HashMap<i64, Part>,
}

/// A cell as it is kept, and the ends of its due times.
struct Cell {
    id: i64,
    whole: Part,
    first: i64,
    last: i64,
}

impl Cell {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let amounts = (whole(row.get(3)?, row.get(4)?), whole(row.get(5)?, row.get(6)?));
        let whole = Part { currency: row.get(1)?, held: row.get(2)?, amounts };
        Ok(Self { id: row.get(0)?, whole, first: row.get(7)?, last: row.get(8)? })
    }

    /// True when more of it seems to lie before a time than after it.
    fn is_mostly_before(&self, time: i64) -> bool {
        i128::from(time) - i128::from(self.first) > i128::from(self.last) - i128::from(time)
    }
}

impl Due {
    /// What of the cells of a view is due before a time.
    pub fn of(db: &Db, plan: &Plan, before: i64) -> Result<Self> {
        let sql = format!(
            "SELECT c.id, c.currency, c.held, c.high, c.low, c.gross_high, c.gross_low,
               coalesce((SELECT min(e.due_at) FROM exception e WHERE e.cell = c.id), 0),
               coalesce((SELECT max(e.due_at) FROM exception e WHERE e.cell = c.id), 0)
             FROM exception_cell c WHERE {} AND c.live = 1",
            plan.cells.sql
        );
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(&plan.cells.values))?;
        let mut cells = HashMap::new();
        while let Some(row) = rows.next()? {
            let cell = Cell::read(row)?;
            let (id, part) = (cell.id, part(db, cell, before)?);
            if part.held > 0 {
                cells.insert(id, part);
            }
        }
        Ok(Self { before, cells })
    }

    /// How many are due.
    pub fn held(&self) -> u64 {
        self.cells.values().map(|part| part.held.unsigned_abs()).sum()
    }

    /// How many of one cell are due.
    pub fn held_of(&self, cell: i64) -> u64 {
        self.cells.get(&cell).map_or(0, |part| part.held.unsigned_abs())
    }

    /// What they come to.
    pub fn sums(&self) -> Vec<CurrencySum> {
        let mut sums = Adder::default();
        for part in self.cells.values() {
            sums.add(&part.currency, part.held, part.amounts);
        }
        sums.done()
    }
}

fn part(db: &Db, cell: Cell, before: i64) -> Result<Part> {
    if cell.last < before {
        return Ok(cell.whole);
    }
    if cell.first >= before {
        return Ok(Part { held: 0, amounts: (0, 0), ..cell.whole });
    }
    let after = cell.is_mostly_before(before);
    let (held, amounts) = counted(db, cell.id, before, after)?;
    let rest = |all: i128, counted: i128| if after { all - counted } else { counted };
    Ok(Part {
        held: if after { cell.whole.held - held } else { held },
        amounts: (rest(cell.whole.amounts.0, amounts.0), rest(cell.whole.amounts.1, amounts.1)),
        currency: cell.whole.currency,
    })
}

/// Those of a cell that are due before a time, or after it, read from one range of an index.
fn counted(db: &Db, cell: i64, time: i64, after: bool) -> Result<(i64, (i128, i128))> {
    let side = if after { ">=" } else { "<" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT count(*), coalesce(sum(e.amount_minor >> 32), 0),
           coalesce(sum(e.amount_minor & 4294967295), 0),
           coalesce(sum(abs(e.amount_minor) >> 32), 0), coalesce(sum(abs(e.amount_minor) & 4294967295), 0)
         FROM exception e WHERE e.cell = ?1 AND e.due_at {side} ?2"
    ))?;
    let read = |row: &Row<'_>| {
        let amounts = (whole(row.get(1)?, row.get(2)?), whole(row.get(3)?, row.get(4)?));
        Ok((row.get(0)?, amounts))
    };
    Ok(statement.query_row(params![cell, time], read)?)
}
