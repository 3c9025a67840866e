//! A view that was worked out, and what a process keeps of views.

use super::{
    asked::View,
    bits::Bits,
    due::Due,
    filter::{Part, Plan},
    layout::{Layout, Members},
    order::Order,
    sums::{self, CurrencySum},
};
use crate::{db::Db, error::Result, table::search};

/// Views that are kept worked out.
const KEPT: usize = 12;

/// A view that was worked out as far as anybody asked.
pub(crate) struct Opened {
    view: View,
    pub(super) plan: Plan,
    order: Order,
    /// What of the cells is due, where that is what the filter asks for beside what cells know.
    due: Option<Due>,
    /// Its rows, where cells and what of them is due do not tell them, or its order has no index of them.
    pub(super) rows: Option<Bits>,
    total: u64,
    sums: Option<Vec<CurrencySum>>,
    /// How many are overdue, as of when.
    overdue: Option<(i64, u64)>,
    layout: Option<Layout>,
}

impl Opened {
    pub(super) fn of(db: &Db, view: &View, known: &[Opened]) -> Result<Self> {
        let (plan, order) = (Plan::of(&view.filter), Order::of(&view.sorts));
        let opened = Self {
            view: view.clone(),
            plan,
            order,
            due: None,
            rows: None,
            total: 0,
            sums: None,
            overdue: None,
            layout: None,
        };
        if let Some(same) = known.iter().find(|opened| opened.view.filter == view.filter) {
            let (due, rows, sums) = (same.due.clone(), same.rows.clone(), same.sums.clone());
            return Ok(Self { due, rows, total: same.total, sums, overdue: same.overdue, ..opened });
        }
        let held = sums::held(db, &opened.plan.cells)?;
        if let (Some(before), true) = (opened.plan.overdue, opened.plan.asks_cells()) {
            let due = Due::of(db, &opened.plan, before)?;
            let total = due.held();
            // Where all that the cells hold is due, as in an old backlog, the cells tell the rest.
            let due = Some(due).filter(|_| total < held);
            return Ok(Self { due, total, ..opened });
        }
        // Where they are all that the cells hold, the cells tell the rest.
        let rows = rows_of(db, &opened.plan)?.filter(|rows| rows.held() < held);
        let total = rows.as_ref().map_or(held, Bits::held);
        Ok(Self { rows, total, ..opened })
    }

    /// The internal keys of a page.
    pub fn page(&mut self, db: &Db, start: u64, limit: u64) -> Result<Vec<i64>> {
        let order = self.order.clone();
        self.layout(db)?.page(db, &order, start, limit)
    }

    fn layout(&mut self, db: &Db) -> Result<&mut Layout> {
        let layout = match self.layout.take() {
            Some(layout) => layout,
            None => {
                let most = self.total.saturating_mul(2) >= sums::held(db, &self.plan.cells)?;
                let finds = Layout::finds_due(&self.order, self.total, most);
                if !finds {
                    self.read_rows(db)?;
                }
                let members = match (&self.due, &self.rows) {
                    (Some(due), _) if finds => Members::Due(due),
                    (_, Some(rows)) => Members::Rows(rows),
                    (_, None) => Members::OfCells,
                };
                Layout::of(db, &self.plan, &self.order, self.total, members)?
            }
        };
        Ok(self.layout.insert(layout))
    }

    /// Reads which rows it has, where cells do not tell.
    pub(super) fn read_rows(&mut self, db: &Db) -> Result<()> {
        if self.due.is_some() && self.rows.is_none() {
            self.rows = rows_of(db, &self.plan)?;
        }
        Ok(())
    }

    pub fn sums(&mut self, db: &Db) -> Result<Vec<CurrencySum>> {
        let sums = match (self.sums.take(), &self.due, &self.rows) {
            (Some(sums), _, _) => sums,
            (None, Some(due), _) => due.sums(),
            (None, None, Some(rows)) => sums::of_rows(db, &self.plan, rows, i64::MIN)?.0,
            (None, None, None) => sums::of_cells(db, &self.plan)?,
        };
        Ok(self.sums.insert(sums).clone())
    }

    /// How many are open and due before `now`. Rows are gone through once for this and for the sums.
    pub fn overdue(&mut self, db: &Db, now: i64) -> Result<u64> {
        let count = match (self.overdue, &self.rows) {
            (Some((at, count)), _) if at == now => count,
            // What is due before a later time, or an earlier one.
            (_, _) if self.due.as_ref().is_some_and(|due| due.before <= now) => self.total,
            (_, _) if self.due.is_some() => Due::of(db, &self.plan, now)?.held(),
            (_, Some(rows)) => {
                let (sums, overdue) = sums::of_rows(db, &self.plan, rows, now)?;
                self.sums = Some(sums);
                overdue
            }
            (_, None) => sums::overdue_of_cells(db, &self.plan, now)?,
        };
        self.overdue = Some((now, count));
        Ok(count)
    }

    /// How many exceptions it holds.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Where the row of this internal key and cell stands; `None` where it does not belong to it.
    pub fn find(&mut self, db: &Db, (seq, cell): (i64, i64)) -> Result<Option<u64>> {
        if !self.holds(db, seq, cell)? {
            return Ok(None);
        }
        let order = self.order.clone();
        self.layout(db)?.find(db, &order, (seq, cell))
    }

    /// True when the row of this cell belongs to it.
    pub fn holds(&self, db: &Db, seq: i64, cell: i64) -> Result<bool> {
        match (&self.rows, &self.due) {
            (Some(rows), _) => Ok(rows.holds(seq)),
            (None, None) => sums::cell_holds(db, &self.plan.cells, cell),
            (None, Some(due)) => {
                let sql = "SELECT e.due_at < ?2 FROM exception e WHERE e.seq = ?1";
                let is_due = || db.prepare_cached(sql)?.query_row([seq, due.before], |row| row.get(0));
                Ok(due.held_of(cell) > 0 && is_due()?)
            }
        }
    }

    /// True when it holds all that is open, all that is not, or both.
    pub(super) fn is_everything(&self) -> bool {
        self.rows.is_none() && self.due.is_none() && !self.plan.narrow
    }
}

/// The rows of a view whose filter asks for more than cells know.
fn rows_of(db: &Db, plan: &Plan) -> Result<Option<Bits>> {
    let member = plan.member();
    let mut sets = plan.sets.clone();
    if let Some(at) = plan.overdue {
        let sql = "SELECT e.seq FROM exception e WHERE e.live = 1 AND e.due_at < ?";
        sets.push(vec![Part::new(sql, vec![at.into()])]);
    }
    if let Some(term) = &plan.term {
        let parts = search::selects(db, term)?.into_iter().map(|(sql, values)| Part::new(sql, values));
        sets.push(parts.collect());
    }
    let mut all: Option<Bits> = None;
    for selects in &sets {
        let mut set = Bits::default();
        for select in selects {
            let part = select.clone().with(" AND ", []).with(&member.sql, member.values.clone());
            let mut statement = db.prepare_cached(&part.sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(&part.values))?;
            while let Some(row) = rows.next()? {
                set.insert(row.get(0)?);
            }
        }
        all = Some(match all {
            None => set,
            Some(mut all) => {
                all.keep(&set);
                all
            }
        });
    }
    Ok(all)
}

/// What a process knows of views, all of one revision.
#[derive(Default)]
pub(crate) struct Views {
    revision: i64,
    opened: Vec<Opened>,
}

impl Views {
    /// The view, worked out before or now; the one used last stands last.
    pub fn open(&mut self, db: &Db, revision: i64, view: &View) -> Result<&mut Opened> {
        if self.revision != revision {
            self.opened.clear();
            self.revision = revision;
        }
        let opened = match self.opened.iter().position(|opened| opened.view == *view) {
            Some(at) => self.opened.remove(at),
            None => Opened::of(db, view, &self.opened)?,
        };
        if self.opened.len() >= KEPT {
            self.opened.remove(0);
        }
        self.opened.push(opened);
        let last = self.opened.len() - 1;
        Ok(&mut self.opened[last])
    }
}
