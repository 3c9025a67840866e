//! How a view is laid out: as segments of an index where cells say which rows it holds, as a list of rows
//! where more is asked.

use std::collections::HashMap;

use rusqlite::{params_from_iter, types::Value};

use super::{
    bits::Bits,
    due::Due,
    filter::{Part, Plan},
    order::Order,
    segment::{FEW, Segment, index, seqs},
};
use crate::{db::Db, error::Result};

/// Which rows belong to a view.
#[derive(Clone, Copy)]
pub(super) enum Members<'o> {
    /// All that its cells hold.
    OfCells,
    /// Of these, what is due.
    Due(&'o Due),
    /// Just these.
    Rows(&'o Bits),
}

pub(super) enum Layout {
    /// Every row in its place.
    Listed(Vec<i64>),
    /// One segment after the other.
    Segments(Vec<Segment>),
}

impl Layout {
    /// Of a view of `total` rows.
    pub fn of(db: &Db, plan: &Plan, order: &Order, total: u64, members: Members<'_>) -> Result<Self> {
        if total <= FEW {
            return Ok(Layout::Listed(short(db, plan, order, members)?));
        }
        let (rows, due) = match members {
            Members::OfCells => (None, None),
            Members::Due(due) => (None, Some(due)),
            Members::Rows(rows) => (Some(rows), None),
        };
        let by_index = order.more.is_empty();
        match (rows, plan.lives.as_slice()) {
            (None, [live]) if by_index => {
                segments(db, (plan, due), order, *live, total).map(Layout::Segments)
            }
            _ if by_index => Ok(Layout::Listed(swept(db, plan, order, rows)?)),
            _ => Ok(Layout::Listed(sorted(db, plan, order, rows)?)),
        }
    }

    /// True where what is due of a view is found while the index of its order is read: in the order of due
    /// times, or where it is most of what there is.
    pub fn finds_due(order: &Order, total: u64, most: bool) -> bool {
        let by_due = order.lead.is_empty() && order.is_by_due();
        total <= FEW || (order.more.is_empty() && (most || by_due))
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
fn segments(
    db: &Db,
    (plan, due): (&Plan, Option<&Due>),
    order: &Order,
    live: i64,
    total: u64,
) -> Result<Vec<Segment>> {
    // In another order than that of due times it is judged row by row, or another index would be taken.
    let index = if order.is_by_due() { "e.due_at < ?" } else { "+e.due_at < ?" };
    let is_due = due.map(|due| Part::new(index, vec![due.before.into()]));
    if order.lead.is_empty() {
        return Ok(vec![Segment::new(total, live, (plan.cells.clone(), is_due), plan.narrow)]);
    }
    let columns: Vec<&str> = order.lead.iter().map(|by| by.0).collect();
    let sql = format!(
        "SELECT c.id, c.held, {} FROM exception_cell c WHERE {} ORDER BY {}",
        columns.join(", "),
        plan.cells.sql,
        order.of_lead()
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(&plan.cells.values))?;
    let mut held_by: Vec<(Vec<Value>, u64)> = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (2..columns.len() + 2).map(|i| row.get(i)).collect::<rusqlite::Result<Vec<Value>>>()?;
        let held = match due {
            Some(due) => due.held_of(row.get(0)?),
            None => row.get::<_, i64>(1)?.unsigned_abs(),
        };
        match held_by.last_mut() {
            Some((last, sum)) if *last == values => *sum += held,
            _ => held_by.push((values, held)),
        }
    }
    let condition: Vec<String> = columns.iter().map(|column| format!(" AND {column} = ?")).collect();
    let segment = |(values, held): (Vec<Value>, u64)| {
        let cells = plan.cells.clone().with(&condition.concat(), values);
        Segment::new(held, live, (cells, is_due.clone()), true)
    };
    Ok(held_by.into_iter().map(segment).collect())
}

/// A few rows, sorted by the database.
fn short(db: &Db, plan: &Plan, order: &Order, members: Members<'_>) -> Result<Vec<i64>> {
    let by = order.full();
    let due = match members {
        Members::OfCells => Part::default(),
        Members::Due(due) => Part::new(" AND e.due_at < ?", vec![due.before.into()]),
        Members::Rows(rows) => {
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
    };
    let sql = format!(
        "SELECT e.seq FROM exception_cell c CROSS JOIN exception e WHERE {} AND e.cell = c.id",
        plan.cells.sql
    );
    let part = Part::new(sql, plan.cells.values.clone()).with(&due.sql, due.values);
    seqs(db, &part.with(&format!(" ORDER BY {by}"), []))
}

/// Many rows in the order of the tail's index, put together by the values of the lead.
fn swept(db: &Db, plan: &Plan, order: &Order, rows: Option<&Bits>) -> Result<Vec<i64>> {
    let ranks = ranks(db, plan, order)?;
    let mut part = Part::new(
        format!("SELECT e.seq, e.cell FROM exception e WHERE e.live IN ({})", plan.live_list()),
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
