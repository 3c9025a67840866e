//! A part of a view within which rows stand in the order of one index. Any place in it is reached from the
//! nearest *post*: the key of every [`EVERY`]-th row, noted in one pass over the index.

use rusqlite::{params_from_iter, types::Value};

use super::{
    filter::{Part, member},
    order::{Key, Order, Place},
};
use crate::{db::Db, error::Result};

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
    /// Only what is due by this condition.
    due: Option<Part>,
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
pub(super) fn seqs(db: &Db, part: &Part) -> Result<Vec<i64>> {
    let mut statement = db.prepare_cached(&part.sql)?;
    let rows = statement.query_map(params_from_iter(&part.values), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Segment {
    /// `narrow`: false when it holds every row of this `live`.
    pub fn new(held: u64, live: i64, (cells, due): (Part, Option<Part>), narrow: bool) -> Self {
        Self { held, live, cells, due, narrow, body: Body::Unread }
    }

    /// The rows from `start` on, at most `limit`.
    pub fn page(&mut self, db: &Db, order: &Order, start: u64, limit: u64) -> Result<Vec<i64>> {
        let limit = limit.min(self.held.saturating_sub(start));
        if limit == 0 {
            return Ok(Vec::new());
        }
        if self.held <= FEW {
            let listed = self.listed(db, order)?;
            let (start, limit) = (index(start), index(limit));
            return Ok(listed.iter().skip(start).take(limit).copied().collect());
        }
        if start <= NEAR {
            return self.scan(db, order, None, (start, limit), false);
        }
        let after = self.held - start - limit;
        if after <= NEAR {
            let mut rows = self.scan(db, order, None, (after, limit), true)?;
            rows.reverse();
            return Ok(rows);
        }
        let posts = self.posts(db, order)?;
        let post = posts.get(index(start / EVERY)).cloned();
        self.scan(db, order, post.as_ref(), (start % EVERY, limit), false)
    }

    /// Where a row of this segment stands.
    pub fn find(&mut self, db: &Db, order: &Order, seq: i64) -> Result<Option<u64>> {
        if self.held <= FEW {
            let at = self.listed(db, order)?.iter().position(|listed| *listed == seq);
            return Ok(at.map(|at| at as u64));
        }
        let query = format!("SELECT {} FROM exception e WHERE e.seq = ?", order.tail.0);
        let key = db.prepare_cached(&query)?.query_row([seq], |row| Ok(Key::read(row, 0).ok()))?;
        let Some(key) = key else { return Ok(None) };
        let place = Place { key, seq };
        let posts = self.posts(db, order)?;
        let nearest = posts.partition_point(|post| order.compare(post, &place).is_le()).saturating_sub(1);
        let Some(post) = posts.get(nearest).cloned() else { return Ok(None) };
        let between = self.between(db, order, &post, &place)?;
        Ok(Some(nearest as u64 * EVERY + between))
    }

    /// How many rows stand from one place on before another. The rows of one key are counted apart, so that
    /// each count is a range of the index.
    fn between(&self, db: &Db, order: &Order, from: &Place, to: &Place) -> Result<u64> {
        let column = order.tail.0;
        let (on, after, before) = if order.tail.1 { ("<=", "<", ">") } else { (">=", ">", "<") };
        let (from_key, to_key) = (from.key.value(), to.key.value());
        let ranges = if from.key == to.key {
            let range = format!("{column} = ? AND e.seq {on} ? AND e.seq {before} ?");
            vec![(range, vec![from_key, from.seq.into(), to.seq.into()])]
        } else {
            vec![
                (format!("{column} = ? AND e.seq {on} ?"), vec![from_key.clone(), from.seq.into()]),
                (format!("{column} {after} ? AND {column} {before} ?"), vec![from_key, to_key.clone()]),
                (format!("{column} = ? AND e.seq {before} ?"), vec![to_key, to.seq.into()]),
            ]
        };
        let mut count = 0;
        for (range, values) in ranges {
            let part = self.rows("count(*)", &range, values);
            let found: i64 =
                db.prepare_cached(&part.sql)?.query_row(params_from_iter(&part.values), |row| row.get(0))?;
            count += found.unsigned_abs();
        }
        Ok(count)
    }

    /// True when a cell belongs to it.
    pub fn holds(&self, db: &Db, cell: i64) -> Result<bool> {
        let sql =
            format!("SELECT EXISTS (SELECT 1 FROM exception_cell c WHERE {} AND c.id = ?)", self.cells.sql);
        let part = Part::new(sql, self.cells.values.clone()).with("", [cell.into()]);
        Ok(db.prepare_cached(&part.sql)?.query_row(params_from_iter(&part.values), |row| row.get(0))?)
    }

    /// A statement over those of its rows for which `range` holds.
    fn rows(&self, columns: &str, range: &str, values: Vec<Value>) -> Part {
        let live = self.live;
        let mut part =
            Part::new(format!("SELECT {columns} FROM exception e WHERE e.live = {live} AND {range}"), values);
        if let Some(due) = &self.due {
            part = part.with(" AND ", []).with(&due.sql, due.values.clone());
        }
        if !self.narrow {
            return part;
        }
        let member = member(&[self.live], &self.cells, true);
        part.with(" AND ", []).with(&member.sql, member.values)
    }

    /// The statement of a page: `limit` rows after `skip`, from a place on or from an end.
    ///
    /// From a place on there are two ranges of the index, the rest of the place's key and the keys after it,
    /// which the database merges: a comparison of pairs would walk through every row of the key.
    pub fn statement(
        &self,
        order: &Order,
        from: Option<&Place>,
        (skip, limit): (u64, u64),
        backwards: bool,
    ) -> Part {
        let (column, descending) = (order.tail.0, order.tail.1 != backwards);
        let columns = format!("{column} AS key, e.seq AS seq");
        let part = match from {
            None => self.rows(&columns, "true", Vec::new()),
            Some(place) => {
                let (on, after) = if descending { ("<=", "<") } else { (">=", ">") };
                let key = place.key.value();
                let rest = format!("{column} = ? AND e.seq {on} ?");
                let later = self.rows(&columns, &format!("{column} {after} ?"), vec![key.clone()]);
                self.rows(&columns, &rest, vec![key, place.seq.into()])
                    .with(" UNION ALL ", [])
                    .with(&later.sql, later.values)
            }
        };
        let by = if descending { "key DESC, seq DESC" } else { "key, seq" };
        part.with(&format!(" ORDER BY {by} LIMIT ? OFFSET ?"), [number(limit), number(skip)])
    }

    fn scan(
        &self,
        db: &Db,
        order: &Order,
        from: Option<&Place>,
        skip_and_limit: (u64, u64),
        backwards: bool,
    ) -> Result<Vec<i64>> {
        let part = self.statement(order, from, skip_and_limit, backwards);
        let mut statement = db.prepare_cached(&part.sql)?;
        let rows = statement.query_map(params_from_iter(&part.values), |row| row.get("seq"))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn listed(&mut self, db: &Db, order: &Order) -> Result<&[i64]> {
        if !matches!(self.body, Body::Listed(_)) {
            let sql = format!(
                "SELECT e.seq FROM exception_cell c CROSS JOIN exception e WHERE {} AND e.cell = c.id",
                self.cells.sql
            );
            let mut part = Part::new(sql, self.cells.values.clone());
            if let Some(due) = &self.due {
                part = part.with(" AND ", []).with(&due.sql, due.values.clone());
            }
            let part = part.with(&format!(" ORDER BY {}", order.of_tail()), []);
            self.body = Body::Listed(seqs(db, &part)?);
        }
        match &self.body {
            Body::Listed(rows) => Ok(rows),
            Body::Unread | Body::Posts(_) => Ok(&[]),
        }
    }

    fn posts(&mut self, db: &Db, order: &Order) -> Result<&[Place]> {
        if !matches!(self.body, Body::Posts(_)) {
            let part = self
                .rows(&format!("{}, e.seq", order.tail.0), "true", Vec::new())
                .with(&format!(" ORDER BY {}", order.of_tail()), []);
            let mut statement = db.prepare_cached(&part.sql)?;
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
