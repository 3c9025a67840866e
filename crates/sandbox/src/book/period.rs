//! Periods: their states, and into which one an entry is booked.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, params};

use super::schema::{stamp, stamp_date};
use super::{BookError, Inner, PeriodRule};

/// State of a month, for all subsidiaries at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodState {
    /// Open.
    Open,
    /// Receivables are locked.
    ArLocked,
    /// Everything is locked, and the period is closed.
    Closed,
}

struct Found {
    id: i64,
    first: String,
    open: bool,
}

impl Inner {
    pub(super) fn set_period(&mut self, month: &str, state: PeriodState) -> Result<(), BookError> {
        let now = stamp(self.now());
        self.set_period_at(month, state, &now)
    }

    /// `now`: a stamp, becomes the closing time if `state` is closed.
    pub(super) fn set_period_at(
        &mut self,
        month: &str,
        state: PeriodState,
        now: &str,
    ) -> Result<(), BookError> {
        let first = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d")
            .map_err(|_| BookError::unknown("postingPeriod", month))?;
        let (closed, ar_locked) = match state {
            PeriodState::Open => (false, false),
            PeriodState::ArLocked => (false, true),
            PeriodState::Closed => (true, true),
        };
        let changed = self.connection.execute(
            "UPDATE b_period SET closed = ?1, all_locked = ?1, ar_locked = ?2, ap_locked = ?1,
             closed_on = CASE WHEN ?1 THEN ?3 END, modified = ?3 WHERE kind = 'month' AND first = ?4",
            params![closed, ar_locked, now, stamp_date(first)],
        )?;
        self.version += 1;
        if changed == 0 { Err(BookError::unknown("postingPeriod", month)) } else { Ok(()) }
    }

    /// The period into which an entry goes. `touches_ar`: whether a line is on a receivables account.
    pub(super) fn period_for(
        &self,
        date: NaiveDate,
        asked: Option<i64>,
        touches_ar: bool,
        rule: PeriodRule,
    ) -> Result<i64, BookError> {
        let found = match asked {
            Some(id) => by_id(&self.connection, id, touches_ar)?
                .ok_or_else(|| BookError::unknown("postingPeriod", id))?,
            None => by_date(&self.connection, date, touches_ar)?.ok_or(BookError::PeriodClosed)?,
        };
        match rule {
            PeriodRule::Refuse => Err(BookError::PeriodClosed),
            PeriodRule::Move => self.next_open(&found.first, touches_ar),
            PeriodRule::AsItIs if found.open => Ok(found.id),
            PeriodRule::AsItIs if self.silent_move && asked.is_none() => {
                self.next_open(&found.first, touches_ar)
            }
            PeriodRule::AsItIs => Err(BookError::PeriodClosed),
        }
    }

    fn next_open(&self, after: &str, touches_ar: bool) -> Result<i64, BookError> {
        self.connection
            .query_row(
                "SELECT id FROM b_period WHERE kind = 'month' AND first > ?1 AND NOT closed AND NOT all_locked
                 AND NOT (?2 AND ar_locked) ORDER BY first LIMIT 1",
                params![after, touches_ar],
                |row| row.get(0),
            )
            .optional()?
            .ok_or(BookError::PeriodClosed)
    }

    /// Whether the period of a booked entry still takes postings.
    pub(super) fn is_open(&self, period: i64, touches_ar: bool) -> Result<bool, BookError> {
        Ok(by_id(&self.connection, period, touches_ar)?.is_some_and(|found| found.open))
    }
}

const OPEN: &str = "NOT closed AND NOT all_locked AND NOT (?2 AND ar_locked)";

fn by_id(connection: &Connection, id: i64, touches_ar: bool) -> Result<Option<Found>, BookError> {
    let sql = format!("SELECT id, first, {OPEN} FROM b_period WHERE kind = 'month' AND id = ?1");
    find(connection, &sql, params![id, touches_ar])
}

fn by_date(connection: &Connection, date: NaiveDate, touches_ar: bool) -> Result<Option<Found>, BookError> {
    let sql =
        format!("SELECT id, first, {OPEN} FROM b_period WHERE kind = 'month' AND ?1 BETWEEN first AND last");
    find(connection, &sql, params![stamp_date(date), touches_ar])
}

fn find(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Option<Found>, BookError> {
    let found = connection
        .prepare_cached(sql)?
        .query_row(parameters, |row| Ok(Found { id: row.get(0)?, first: row.get(1)?, open: row.get(2)? }))
        .optional()?;
    Ok(found)
}
