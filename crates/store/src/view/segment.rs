//! A part of a view within which rows stand in the order of one index. Any place in it is reached from the
//! nearest *post*: the key of every [`EVERY`]-th row, noted in one pass over the index.

use rusqlite::{Connection, params_from_iter, types::Value};

use super::{
    filter::{Part, member},
    order::{Key, Order, Place},
};
use crate::error::Result;

/// Rows from one post to the next.
const EVERY: u64 = 256;
/// So near to an end, rows are counted from there and need no post.
const NEAR: u64 = 1_024;
/// So few rows are listed at once, and not looked for within the index of all.
pub(super) const FEW: u64 = 2_000;

/// What is known of the places.
enum Body {
    Unread,
    /// Every row, of a short segment.
    Listed(Vec<i64>),
    Posts(Vec<Place>),
}

pub(super) struct Segment {
    /// How many rows it has.
    pub held: u64,
    live: i64,
    cells: Part,
    narrow: bool,
    body: Body,
}

/// A number as a vector takes it.
pub(super) fn index(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// A number as the database takes it.
fn number(n: u64) -> Value {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

/// The first column of every row of a statement.
pub(super) fn seqs(conn: &Connection, part: &Part) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached(&part.sql)?;
    let rows = statement.query_map(params_from_iter(&part.values), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Segment {
    /// `narrow`: false when it holds every row of this `live`.
    pub fn new(held: u64, live: i64, cells: Part, narrow: bool) -> Self {
        Self { held, live, cells, narrow, body: Body::Unread }
    }

    /// The rows from `start` on, at most `limit`.
    pub fn page(&mut self, conn: &Connection, order: &Order, start: u64, limit: u64) -> Result<Vec<i64>> {
        let limit = limit.min(self.held.saturating_sub(start));
        if limit == 0 {
            return Ok(Vec::new());
        }
        if self.held <= FEW {
            let listed = self.listed(conn, order)?;
            let (start, limit) = (index(start), index(limit));
            return Ok(listed.iter().skip(start).take(limit).copied().collect());
        }
        if start <= NEAR {
            return self.scan(conn, order, None, (start, limit), false);
        }
        let after = self.held - start - limit;
        if after <= NEAR {
            let mut rows = self.scan(conn, order, None, (after, limit), true)?;
            rows.reverse();
            return Ok(rows);
        }
        let posts = self.posts(conn, order)?;
        let post = posts.get(index(start / EVERY)).cloned();
        self.scan(conn, order, post, (start % EVERY, limit), false)
    }

    /// Where a row of this segment stands.
    pub fn find(&mut self, conn: &Connection, order: &Order, seq: i64) -> Result<Option<u64>> {
        if self.held <= FEW {
            let at = self.listed(conn, order)?.iter().position(|listed| *listed == seq);
            return Ok(at.map(|at| at as u64));
        }
        let query = format!("SELECT {} FROM exception e WHERE e.seq = ?", order.tail.0);
        let key = conn.prepare_cached(&query)?.query_row([seq], |row| {
            Ok(Key::read(row, 0).ok())
        })?;
        let Some(key) = key else { return Ok(None) };
        let place = Place { key, seq };
        let posts = self.posts(conn, order)?;
        let nearest = posts.partition_point(|post| order.compare(post, &place).is_le()).saturating_sub(1);
        let Some(post) = posts.get(nearest).cloned() else { return Ok(None) };
        let (from, before) = if order.tail.1 { ("<=", ">") } else { (">=", "<") };
        let tail = order.tail.0;
        let part = self.rows(&format!("SELECT count(*) FROM exception e WHERE e.live = {}", self.live), [])
            .with(&format!(" AND ({tail}, e.seq) {from} (?, ?)"), [post.key.value(), post.seq.into()])
            .with(&format!(" AND ({tail}, e.seq) {before} (?, ?)"), [place.key.value(), seq.into()]);
        let between: i64 = conn
            .prepare_cached(&part.sql)?
            .query_row(params_from_iter(&part.values), |row| row.get(0))?;
        Ok(Some(nearest as u64 * EVERY + between.unsigned_abs()))
    }

    /// True when a cell belongs to it.
    pub fn holds(&self, conn: &Connection, cell: i64) -> Result<bool> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM exception_cell c WHERE {} AND c.id = ?)", self.cells.sql);
        let part = Part::new(sql, self.cells.values.clone()).with("", [cell.into()]);
        Ok(conn.prepare_cached(&part.sql)?.query_row(params_from_iter(&part.values), |row| row.get(0))?)
    }

    /// A statement over its rows, the condition of membership appended.
    fn rows(&self, head: &str, values: impl IntoIterator<Item = Value>) -> Part {
        let part = Part::new(head, Vec::new()).with("", values);
        if !self.narrow {
            return part;
        }
        let member = member(&[self.live], &self.cells, true);
        part.with(" AND ", []).with(&member.sql, member.values)
    }

    fn scan(
        &self,
        conn: &Connection,
        order: &Order,
        from: Option<Place>,
        (skip, limit): (u64, u64),
        backwards: bool,
    ) -> Result<Vec<i64>> {
        let mut part =
            self.rows(&format!("SELECT e.seq FROM exception e WHERE e.live = {}", self.live), []);
        if let Some(post) = from {
            let from = if order.tail.1 { "<=" } else { ">=" };
            let sql = format!(" AND ({}, e.seq) {from} (?, ?)", order.tail.0);
            part = part.with(&sql, [post.key.value(), post.seq.into()]);
        }
        let by = format!(" ORDER BY {} LIMIT ? OFFSET ?", order.of_tail(backwards));
        seqs(conn, &part.with(&by, [number(limit), number(skip)]))
    }

    fn listed(&mut self, conn: &Connection, order: &Order) -> Result<&[i64]> {
        if !matches!(self.body, Body::Listed(_)) {
            let sql = format!(
                "SELECT e.seq FROM exception_cell c CROSS JOIN exception e WHERE {} AND e.cell = c.id ORDER BY {}",
                self.cells.sql,
                order.of_tail(false)
            );
            self.body = Body::Listed(seqs(conn, &Part::new(sql, self.cells.values.clone()))?);
        }
        match &self.body {
            Body::Listed(rows) => Ok(rows),
            Body::Unread | Body::Posts(_) => Ok(&[]),
        }
    }

    fn posts(&mut self, conn: &Connection, order: &Order) -> Result<&[Place]> {
        if !matches!(self.body, Body::Posts(_)) {
            let head = format!("SELECT {}, e.seq FROM exception e WHERE e.live = {}", order.tail.0, self.live);
            let part = self.rows(&head, []).with(&format!(" ORDER BY {}", order.of_tail(false)), []);
            let mut statement = conn.prepare_cached(&part.sql)?;
            let mut rows = statement.query(params_from_iter(&part.values))?;
            let (mut posts, mut passed) = (Vec::new(), 0_u64);
            while let Some(row) = rows.next()? {
                if passed.is_multiple_of(EVERY) {
                    posts.push(Place { key: Key::read(row, 0)?, seq: row.get(1)? });
                }
                passed += 1;
            }
            self.body = Body::Posts(posts);
        }
        match &self.body {
            Body::Posts(posts) => Ok(posts),
            Body::Unread | Body::Listed(_) => Ok(&[]),
        }
    }
}
