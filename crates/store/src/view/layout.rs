//! How a view is laid out: as segments of an index where cells say which rows it holds, as a list of rows
//! where more is asked.

use std::collections::HashMap;

use rusqlite::{params_from_iter, types::Value};

use super::{
    bits::Bits,
    filter::{Part, Plan},
    order::Order,
    segment::{FEW, Segment, index, seqs},
};
use crate::{db::Db, error::Result};

pub(super) enum Layout {
    /// Every row in its place.
    Listed(Vec<i64>),
    /// One segment after the other.
    Segments(Vec<Segment>),
}

impl Layout {
    /// Of a view of `total` rows; `rows` are those of a view that cells alone do not tell.
    pub fn of(db: &Db, plan: &Plan, order: &Order, total: u64, rows: Option<&Bits>) -> Result<Self> {
        if total <= FEW {
            return Ok(Layout::Listed(short(db, plan, order, rows)?));
        }
        let by_index = order.more.is_empty();
        match (rows, plan.lives.as_slice()) {
            (None, [live]) if by_index => segments(db, plan, order, *live, total).map(Layout::Segments),
            _ if by_index => Ok(Layout::Listed(swept(db, plan, order, rows)?)),
            _ => Ok(Layout::Listed(sorted(db, plan, order, rows)?)),
        }
    }

    /// The rows from `start` on, at most `limit`.
    pub fn page(&mut self, db: &Db, order: &Order, start: u64, limit: u64) -> Result<Vec<i64>> {
        match self {
            Layout::Listed(rows) => {
                let (start, limit) = (index(start), index(limit));
                Ok(rows.iter().skip(start).take(limit).copied().collect())
            }
            Layout::Segments(segments) => {
                let (mut page, mut before) = (Vec::new(), 0_u64);
                for segment in segments {
                    let wanted = limit - page.len() as u64;
                    if wanted == 0 {
                        break;
                    }
                    let from = start.saturating_sub(before);
                    page.extend(segment.page(db, order, from, wanted)?);
                    before += segment.held;
                }
                Ok(page)
            }
        }
    }

    /// Where a row stands.
    pub fn find(&mut self, db: &Db, order: &Order, (seq, cell): (i64, i64)) -> Result<Option<u64>> {
        match self {
            Layout::Listed(rows) => Ok(rows.iter().position(|row| *row == seq).map(|at| at as u64)),
            Layout::Segments(segments) => {
                let mut before = 0;
                for segment in segments {
                    if segment.holds(db, cell)? {
                        let within = segment.find(db, order, seq)?;
                        return Ok(within.map(|at| before + at));
                    }
                    before += segment.held;
                }
                Ok(None)
            }
        }
    }
}

/// One segment, or one for each value of the lead.
fn segments(db: &Db, plan: &Plan, order: &Order, live: i64, total: u64) -> Result<Vec<Segment>> {
    if order.lead.is_empty() {
        return Ok(vec![Segment::new(total, live, plan.cells.clone(), plan.narrow)]);
    }
    let columns: Vec<&str> = order.lead.iter().map(|by| by.0).collect();
    let names = columns.join(", ");
    let sql = format!(
        "SELECT sum(c.held), {names} FROM exception_cell c WHERE {} GROUP BY {names} ORDER BY {}",
        plan.cells.sql,
        order.of_lead()
    );
    let condition: Vec<String> = columns.iter().map(|column| format!(" AND {column} = ?")).collect();
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(&plan.cells.values), |row| {
        let values: Vec<Value> = (1..=columns.len()).map(|i| row.get(i)).collect::<rusqlite::Result<_>>()?;
        let held: i64 = row.get(0)?;
        let cells = plan.cells.clone().with(&condition.concat(), values);
        Ok(Segment::new(held.unsigned_abs(), live, cells, true))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A few rows, sorted by the database.
fn short(db: &Db, plan: &Plan, order: &Order, rows: Option<&Bits>) -> Result<Vec<i64>> {
    let by = order.full();
    let part = match rows {
        Some(rows) => {
            let list: Vec<String> = rows.iter().map(|seq| seq.to_string()).collect();
            let sql = format!(
                "SELECT e.seq FROM exception e CROSS JOIN exception_cell c
                 WHERE e.seq IN ({}) AND c.id = e.cell ORDER BY {by}",
                list.join(", ")
            );
            let mut statement = db.prepare(&sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            return Ok(rows.collect::<rusqlite::Result<_>>()?);
        }
        None => Part::new(
            format!(
                "SELECT e.seq FROM exception_cell c CROSS JOIN exception e
                 WHERE {} AND e.cell = c.id ORDER BY {by}",
                plan.cells.sql
            ),
            plan.cells.values.clone(),
        ),
    };
    seqs(db, &part)
}

/// Many rows in the order of the tail's index, put together by the values of the lead.
fn swept(db: &Db, plan: &Plan, order: &Order, rows: Option<&Bits>) -> Result<Vec<i64>> {
    let ranks = ranks(db, plan, order)?;
    let lives: Vec<String> = plan.lives.iter().map(i64::to_string).collect();
    let mut part = Part::new(
        format!("SELECT e.seq, e.cell FROM exception e WHERE e.live IN ({})", lives.join(", ")),
        Vec::new(),
    );
    if rows.is_none() && plan.narrow {
        let member = plan.member();
        part = part.with(" AND ", []).with(&member.sql, member.values);
    }
    part = part.with(&format!(" ORDER BY {}", order.of_tail()), []);
    let mut buckets: Vec<Vec<i64>> = vec![Vec::new(); ranks.values().max().map_or(1, |last| last + 1)];
    let mut statement = db.prepare_cached(&part.sql)?;
    let mut found = statement.query(params_from_iter(&part.values))?;
    while let Some(row) = found.next()? {
        let seq: i64 = row.get(0)?;
        if rows.is_some_and(|rows| !rows.holds(seq)) {
            continue;
        }
        let rank = if order.lead.is_empty() { Some(0) } else { ranks.get(&row.get(1)?).copied() };
        if let Some(bucket) = rank.and_then(|rank| buckets.get_mut(rank)) {
            bucket.push(seq);
        }
    }
    Ok(buckets.concat())
}

/// The place of each cell by the values of the lead.
fn ranks(db: &Db, plan: &Plan, order: &Order) -> Result<HashMap<i64, usize>> {
    let mut ranks = HashMap::new();
    if order.lead.is_empty() {
        return Ok(ranks);
    }
    let names: Vec<&str> = order.lead.iter().map(|by| by.0).collect();
    let sql = format!(
        "SELECT c.id, {} FROM exception_cell c WHERE {} ORDER BY {}",
        names.join(", "),
        plan.cells.sql,
        order.of_lead()
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(&plan.cells.values))?;
    let (mut last, mut rank): (Option<Vec<Value>>, usize) = (None, 0);
    while let Some(row) = rows.next()? {
        let values: Vec<Value> = (1..=names.len()).map(|i| row.get(i)).collect::<rusqlite::Result<_>>()?;
        if last.as_ref().is_some_and(|last| *last != values) {
            rank += 1;
        }
        last = Some(values);
        ranks.insert(row.get(0)?, rank);
    }
    Ok(ranks)
}

/// Many rows by keys that no index has together.
fn sorted(db: &Db, plan: &Plan, order: &Order, rows: Option<&Bits>) -> Result<Vec<i64>> {
    let member = plan.member();
    let sql = format!(
        "SELECT e.seq FROM exception e CROSS JOIN exception_cell c WHERE {} AND c.id = e.cell ORDER BY {}",
        member.sql,
        order.full()
    );
    let mut all = seqs(db, &Part::new(sql, member.values))?;
    if let Some(rows) = rows {
        all.retain(|seq| rows.holds(*seq));
    }
    Ok(all)
}
