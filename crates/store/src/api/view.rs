//! Views: what the window and the command line list of exceptions, and what stands beside it.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;
use tieout_domain::{ExceptionId, PersonId};

use crate::{
    db::Db,
    error::Result,
    sql::ms,
    table::{cell, exception::ExceptionRow},
    view::{
        self, CurrencySum, GroupBy, Groups, ListedException, Opened, Selected, Selection, Tallies, View,
        Views,
    },
};

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

impl Db {
    /// Works with a view as it is now, so that a page and its generation belong together.
    fn on_view<T>(&self, view: &View, work: impl FnOnce(&Db, &mut Opened) -> Result<T>) -> Result<(T, u64)> {
        self.at_once(|db| {
            let revision = cell::revision(db)?;
            let answer = db.keeping(|views: &mut Views| work(db, views.open(db, revision, view)?))?;
            Ok((answer, revision.unsigned_abs()))
        })
    }

    /// Which generation of exceptions the file holds: it changes whenever rows may have moved.
    ///
    /// # Errors
    /// A database error.
    pub fn generation(&self) -> Result<u64> {
        Ok(cell::revision(self)?.unsigned_abs())
    }

    /// How many exceptions a view holds, how many of them are overdue at `now`, and their sums.
    ///
    /// # Errors
    /// A database error.
    pub fn view_totals(&self, view: &View, now: DateTime<Utc>) -> Result<ViewTotals> {
        let ((total, overdue, sums), generation) = self.on_view(view, |db, opened| {
            Ok((opened.total(), opened.overdue(db, ms(now))?, opened.sums(db)?))
        })?;
        Ok(ViewTotals { total, overdue, sums, generation })
    }

    /// How many exceptions a view holds.
    ///
    /// # Errors
    /// A database error.
    pub fn view_count(&self, view: &View) -> Result<u64> {
        Ok(self.on_view(view, |_, opened| Ok(opened.total()))?.0)
    }

    /// The rows of a view from `start` on, at most `limit`, with what stands in the way of each.
    ///
    /// # Errors
    /// A database error.
    pub fn view_page(&self, view: &View, start: u64, limit: u64) -> Result<ViewPage> {
        let (rows, generation) =
            self.on_view(view, |db, opened| view::read(db, &opened.page(db, start, limit)?))?;
        Ok(ViewPage { rows, generation })
    }

    /// The exceptions of a view from `start` on, at most `limit`, and nothing beside them.
    ///
    /// # Errors
    /// A database error.
    pub fn view_rows(&self, view: &View, start: u64, limit: u64) -> Result<Vec<ExceptionRow>> {
        Ok(self.on_view(view, |db, opened| view::plain(db, &opened.page(db, start, limit)?))?.0)
    }

    /// The ids of a view's rows from `start` on, at most `limit`.
    ///
    /// # Errors
    /// A database error.
    pub fn view_ids(&self, view: &View, start: u64, limit: u64) -> Result<Vec<ExceptionId>> {
        Ok(self.on_view(view, |db, opened| view::ids(db, &opened.page(db, start, limit)?))?.0)
    }

    /// Where an exception stands in a view; `None` where it is not in it.
    ///
    /// # Errors
    /// A database error.
    pub fn view_find(&self, view: &View, id: &str) -> Result<Option<u64>> {
        let (found, _) = self.on_view(view, |db, opened| {
            let row: Option<(i64, i64)> = db
                .prepare_cached("SELECT seq, cell FROM exception WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            row.map_or(Ok(None), |row| opened.find(db, row))
        })?;
        Ok(found)
    }

    /// The groups of a view: count, sums, owner and first due time of each, the largest first.
    ///
    /// # Errors
    /// A database error.
    pub fn view_groups(&self, view: &View, by: GroupBy) -> Result<Groups> {
        let ((groups, more), generation) = self.on_view(view, |db, opened| view::groups(db, opened, by))?;
        Ok(Groups { groups, more, generation })
    }

    /// How many exceptions a selection holds, and how much. Ids that are not there, or not in the view they
    /// are taken out of, count for nothing.
    ///
    /// # Errors
    /// A database error.
    pub fn selected(&self, selection: &Selection) -> Result<Selected> {
        match selection {
            Selection::Ids(ids) => self.at_once(|db| view::of_ids(db, ids)),
            Selection::All { view, except } => {
                Ok(self.on_view(view, |db, opened| view::all_but(db, opened, except))?.0)
            }
        }
    }

    /// Exceptions by their ids, in that order, each once; those that are not there are left out.
    ///
    /// # Errors
    /// A database error.
    pub fn exceptions_of(&self, ids: &[String]) -> Result<Vec<ListedException>> {
        self.at_once(|db| view::read(db, &view::seqs_of(db, ids)?))
    }

    /// What the queues hold, of one entity and period where one is given; `me` is the person who asks.
    ///
    /// # Errors
    /// A database error.
    pub fn tallies(
        &self,
        within: (Option<&str>, Option<&str>),
        me: Option<&PersonId>,
        now: DateTime<Utc>,
    ) -> Result<Tallies> {
        self.at_once(|db| view::tallies(db, within, me, now))
    }
}
