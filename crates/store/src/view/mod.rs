//! Views: lists of exceptions by any filter and order, of which a window asks for pages. However many rows
//! a view has, no more of them are read than are shown.
//!
//! Which rows belong to a view is told by cells ([`crate::table::cell`]) wherever the filter asks for what
//! cells know, so that totals and sums need no row at all; a search, a customer or an amount makes a set of
//! rows first. Pages come from the index of the order ([`segment`]). What was worked out for a view is kept
//! in the process until the revision of the exceptions changes, by whichever process changed it.
//!
//! Everything here reads, within one transaction, and needs no more than `&self`.

mod bits;
mod filter;
mod groups;
mod layout;
mod order;
mod rows;
mod segment;
mod sums;
mod tally;
#[cfg(test)]
mod tests;

use bits::Bits;
pub(crate) use filter::kinds_of;
pub use filter::{Given, ViewFilter, Waiting};
use filter::{Part, Plan};
pub use groups::{Group, GroupBy, Groups};
use layout::Layout;
use order::Order;
pub use order::{SortColumn, ViewSort};
pub use rows::{Glance, ListedException};
use rusqlite::{Connection, OptionalExtension};
pub use sums::{CurrencySum, Selected, Selection};
pub use tally::{KindTally, Tallies};
use tieout_domain::ExceptionId;

use crate::{
    error::Result,
    sql::ms,
    store::Store,
    table::{cell, search},
};

/// Views that are kept worked out.
const KEPT: usize = 12;

/// A filter with an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct View {
    /// Which exceptions.
    pub filter: ViewFilter,
    /// In which order; the most urgent first where nothing is said.
    pub sorts: Vec<ViewSort>,
}

/// A view as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewTotals {
    /// How many exceptions it holds.
    pub total: u64,
    /// How many of them are open and past their time.
    pub overdue: u64,
    /// Their amounts by currency.
    pub sums: Vec<CurrencySum>,
    /// Changes whenever rows may have moved.
    pub generation: u64,
}

/// Some rows of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewPage {
    /// The rows in the view's order.
    pub rows: Vec<ListedException>,
    /// Changes whenever rows may have moved.
    pub generation: u64,
}

/// A view that was worked out as far as anybody asked.
struct Opened {
    view: View,
    plan: Plan,
    order: Order,
    /// Its rows, where cells alone do not tell them.
    rows: Option<Bits>,
    total: u64,
    sums: Option<Vec<CurrencySum>>,
    /// How many are overdue, as of when.
    overdue: Option<(i64, u64)>,
    layout: Option<Layout>,
}

impl Opened {
    fn of(conn: &Connection, view: &View, known: &[Opened]) -> Result<Self> {
        let (plan, order) = (Plan::of(&view.filter), Order::of(&view.sorts));
        let same = known.iter().find(|opened| opened.view.filter == view.filter);
        let (rows, total, sums, overdue) = match same {
            Some(same) => (same.rows.clone(), same.total, same.sums.clone(), same.overdue),
            None => {
                let total = sums::held(conn, &plan.cells)?;
                // Where they are all that the cells hold, the cells tell the rest.
                let rows = rows_of(conn, &plan)?.filter(|rows| rows.held() < total);
                let total = rows.as_ref().map_or(total, Bits::held);
                (rows, total, None, None)
            }
        };
        Ok(Self { view: view.clone(), plan, order, rows, total, sums, overdue, layout: None })
    }

    /// The internal keys of a page.
    fn page(&mut self, conn: &Connection, start: u64, limit: u64) -> Result<Vec<i64>> {
        let order = self.order.clone();
        self.layout(conn)?.page(conn, &order, start, limit)
    }

    fn layout(&mut self, conn: &Connection) -> Result<&mut Layout> {
        let layout = match self.layout.take() {
            Some(layout) => layout,
            None => Layout::of(conn, &self.plan, &self.order, self.total, self.rows.as_ref())?,
        };
        Ok(self.layout.insert(layout))
    }

    fn sums(&mut self, conn: &Connection) -> Result<Vec<CurrencySum>> {
        let sums = match (self.sums.take(), &self.rows) {
            (Some(sums), _) => sums,
            (None, Some(rows)) => sums::of_rows(conn, &self.plan, rows, i64::MIN)?.0,
            (None, None) => sums::of_cells(conn, &self.plan)?,
        };
        Ok(self.sums.insert(sums).clone())
    }

    /// How many are open and due before `now`. Rows are gone through once for this and for the sums.
    fn overdue(&mut self, conn: &Connection, now: i64) -> Result<u64> {
        let count = match (self.overdue, &self.rows) {
            (Some((at, count)), _) if at == now => count,
            (_, Some(rows)) => {
                let (sums, overdue) = sums::of_rows(conn, &self.plan, rows, now)?;
                self.sums = Some(sums);
                overdue
            }
            (_, None) => sums::overdue_of_cells(conn, &self.plan, now)?,
        };
        self.overdue = Some((now, count));
        Ok(count)
    }

    /// True when the row of this cell belongs to it.
    fn holds(&self, conn: &Connection, seq: i64, cell: i64) -> Result<bool> {
        match &self.rows {
            Some(rows) => Ok(rows.holds(seq)),
            None => sums::cell_holds(conn, &self.plan.cells, cell),
        }
    }
}

/// The rows of a view whose filter asks for more than cells know.
fn rows_of(conn: &Connection, plan: &Plan) -> Result<Option<Bits>> {
    let member = plan.member();
    let mut sets = plan.sets.clone();
    // Where all that the cells hold is overdue, as in an old backlog, no row has to be looked at for it.
    if let Some(at) = plan.overdue
        && sums::overdue_of_cells(conn, plan, at)? < sums::held(conn, &plan.cells)?
    {
        let sql = "SELECT e.seq FROM exception e WHERE e.live = 1 AND e.due_at < ?";
        sets.push(vec![Part::new(sql, vec![at.into()])]);
    }
    if let Some(term) = &plan.term {
        let parts = search::selects(conn, term)?.into_iter().map(|(sql, values)| Part::new(sql, values));
        sets.push(parts.collect());
    }
    let mut all: Option<Bits> = None;
    for selects in &sets {
        let mut set = Bits::default();
        for select in selects {
            let part = select.clone().with(" AND ", []).with(&member.sql, member.values.clone());
            let mut statement = conn.prepare_cached(&part.sql)?;
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
    fn open(&mut self, conn: &Connection, revision: i64, view: &View) -> Result<&mut Opened> {
        if self.revision != revision {
            self.opened.clear();
            self.revision = revision;
        }
        let opened = match self.opened.iter().position(|opened| opened.view == *view) {
            Some(at) => self.opened.remove(at),
            None => Opened::of(conn, view, &self.opened)?,
        };
        if self.opened.len() >= KEPT {
            self.opened.remove(0);
        }
        self.opened.push(opened);
        let last = self.opened.len() - 1;
        Ok(&mut self.opened[last])
    }
}

impl Store {
    /// Reads within one transaction, so that a page and its generation belong together.
    fn viewing<T>(&self, work: impl FnOnce(&Connection, i64) -> Result<T>) -> Result<(T, u64)> {
        let tx = self.connection.unchecked_transaction()?;
        let revision = cell::revision(&tx)?;
        let answer = work(&tx, revision)?;
        Ok((answer, revision.unsigned_abs()))
    }

    fn on_view<T>(
        &self,
        view: &View,
        work: impl FnOnce(&Connection, &mut Opened) -> Result<T>,
    ) -> Result<(T, u64)> {
        self.viewing(|conn, revision| {
            let mut views = self.views.borrow_mut();
            work(conn, views.open(conn, revision, view)?)
        })
    }

    /// Which generation of exceptions the file holds: it changes whenever rows may have moved.
    ///
    /// # Errors
    /// A database error.
    pub fn generation(&self) -> Result<u64> {
        Ok(cell::revision(&self.connection)?.unsigned_abs())
    }

    /// How many exceptions a view holds, how many of them are overdue at `now`, and their sums.
    ///
    /// # Errors
    /// A database error.
    pub fn view_totals(&self, view: &View, now: chrono::DateTime<chrono::Utc>) -> Result<ViewTotals> {
        let (mut totals, generation) = self.on_view(view, |conn, opened| {
            Ok(ViewTotals {
                total: opened.total,
                overdue: opened.overdue(conn, ms(now))?,
                sums: opened.sums(conn)?,
                generation: 0,
            })
        })?;
        totals.generation = generation;
        Ok(totals)
    }

    /// How many exceptions a view holds.
    ///
    /// # Errors
    /// A database error.
    pub fn view_count(&self, view: &View) -> Result<u64> {
        Ok(self.on_view(view, |_, opened| Ok(opened.total))?.0)
    }

    /// The rows of a view from `start` on, at most `limit`.
    ///
    /// # Errors
    /// A database error.
    pub fn view_page(&self, view: &View, start: u64, limit: u64) -> Result<ViewPage> {
        let (rows, generation) = self.on_view(view, |conn, opened| {
            let seqs = opened.page(conn, start, limit)?;
            rows::read(conn, &seqs)
        })?;
        Ok(ViewPage { rows, generation })
    }

    /// The ids of a view's rows from `start` on, at most `limit`.
    ///
    /// # Errors
    /// A database error.
    pub fn view_ids(&self, view: &View, start: u64, limit: u64) -> Result<Vec<ExceptionId>> {
        let (ids, _) = self.on_view(view, |conn, opened| {
            let seqs = opened.page(conn, start, limit)?;
            rows::ids(conn, &seqs)
        })?;
        Ok(ids)
    }

    /// Where an exception stands in a view; `None` where it is not in it.
    ///
    /// # Errors
    /// A database error.
    pub fn view_find(&self, view: &View, id: &str) -> Result<Option<u64>> {
        let (found, _) = self.on_view(view, |conn, opened| {
            let row: Option<(i64, i64)> = conn
                .prepare_cached("SELECT seq, cell FROM exception WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((seq, cell)) = row else { return Ok(None) };
            if !opened.holds(conn, seq, cell)? {
                return Ok(None);
            }
            let order = opened.order.clone();
            opened.layout(conn)?.find(conn, &order, (seq, cell))
        })?;
        Ok(found)
    }

    /// Exceptions by their ids, in that order; those that are not there are left out.
    ///
    /// # Errors
    /// A database error.
    pub fn exceptions_of(&self, ids: &[String]) -> Result<Vec<ListedException>> {
        let (rows, _) = self.viewing(|conn, _| {
            let mut statement = conn.prepare_cached("SELECT seq FROM exception WHERE id = ?1")?;
            let mut seqs = Vec::new();
            for id in ids {
                seqs.extend(statement.query_row([id], |row| row.get::<_, i64>(0)).optional()?);
            }
            rows::read(conn, &seqs)
        })?;
        Ok(rows)
    }
}
