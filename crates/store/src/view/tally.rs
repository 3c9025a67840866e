//! What the queues hold, and what they can be filtered by.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use tieout_domain::{
    PersonId,
    exception::{ExceptionKind, Queue},
};

use super::{filter::kinds_of, sums::OVERDUE};
use crate::{
    db::Db,
    error::Result,
    sql::{instant, ms, named},
};

/// Open exceptions of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindTally {
    /// The kind.
    pub kind: ExceptionKind,
    /// Whether their periods are blocked.
    pub blocked: bool,
    /// Whether they were already open when their periods closed.
    pub backlog: bool,
    /// Whether they are given to the person who asks.
    pub mine: bool,
    /// How many.
    pub count: u64,
    /// How many of them are past their time.
    pub overdue: u64,
}

/// Everything that stands beside the queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tallies {
    /// Open exceptions by kind.
    pub kinds: Vec<KindTally>,
    /// Those whose posting waits for an approval.
    pub waiting_approval: u64,
    /// Those whose posting is in doubt.
    pub in_doubt: u64,
    /// Legal entities that have exceptions or periods.
    pub entities: Vec<String>,
    /// Periods that have exceptions, the newest first.
    pub periods: Vec<String>,
    /// Currencies of exceptions.
    pub currencies: Vec<String>,
    /// When detection last judged; `None` before the first time.
    pub checked_at: Option<DateTime<Utc>>,
    /// Documents that were looked at.
    pub documents: u64,
    /// Entries that were looked at.
    pub entries: u64,
}

impl Tallies {
    /// How many new open exceptions a queue shows, and how many of them are overdue.
    #[must_use]
    pub fn of_queue(&self, queue: Queue) -> (u64, u64) {
        let (always, blocked) = kinds_of(queue);
        let shown = |tally: &&KindTally| {
            if tally.backlog {
                return false;
            }
            let name = tally.kind.as_str();
            always.contains(&name) || (tally.blocked && blocked.contains(&name))
        };
        sum(self.kinds.iter().filter(shown))
    }

    /// How many new exceptions are open, and how many of them are overdue: each once, though two queues may
    /// show it.
    #[must_use]
    pub fn all(&self) -> (u64, u64) {
        sum(self.kinds.iter().filter(|tally| !tally.backlog))
    }

    /// How many open exceptions were already open when their periods closed.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        sum(self.kinds.iter().filter(|tally| tally.backlog)).0
    }

    /// How many open exceptions are given to the person who asked, and how many of them are overdue.
    #[must_use]
    pub fn mine(&self) -> (u64, u64) {
        sum(self.kinds.iter().filter(|tally| tally.mine))
    }
}

fn sum<'a>(tallies: impl Iterator<Item = &'a KindTally>) -> (u64, u64) {
    tallies.fold((0, 0), |(count, overdue), tally| (count + tally.count, overdue + tally.overdue))
}

/// Of an entity and a period, where the person looks at one.
struct Within<'a> {
    entity: Option<&'a str>,
    period: Option<&'a str>,
}

fn kinds(db: &Db, within: &Within<'_>, me: &str, now: i64) -> Result<Vec<KindTally>> {
    let sql = format!(
        "SELECT c.kind, c.blocked, c.backlog, CASE WHEN c.assignee = ? THEN 1 ELSE 0 END AS mine,
           sum(c.held) AS count, sum({OVERDUE}) AS overdue
         FROM exception_cell c
         WHERE c.live = 1 AND c.entity = coalesce(?, c.entity) AND c.period = coalesce(?, c.period)
         GROUP BY c.kind, c.blocked, c.backlog, CASE WHEN c.assignee = ? THEN 1 ELSE 0 END"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![me, now, now, within.entity, within.period, me], |row| {
        Ok(KindTally {
            kind: named(row, "kind", ExceptionKind::parse)?,
            blocked: row.get("blocked")?,
            backlog: row.get("backlog")?,
            mine: row.get("mine")?,
            count: row.get::<_, i64>("count")?.unsigned_abs(),
            overdue: row.get::<_, i64>("overdue")?.unsigned_abs(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn waiting(db: &Db, within: &Within<'_>, state: &str) -> Result<u64> {
    let mut statement = db.prepare_cached(
        "SELECT count(DISTINCT e.seq) FROM posting p CROSS JOIN exception e
         WHERE p.state = ?1 AND e.id = p.exception_id AND e.live = 1
           AND coalesce(e.entity, '') = coalesce(?2, e.entity, '')
           AND coalesce(e.period, '') = coalesce(?3, e.period, '')",
    )?;
    let count: i64 = statement.query_row(params![state, within.entity, within.period], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn names(db: &Db, sql: &str) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn number(db: &Db, sql: &str) -> Result<u64> {
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// What the queues hold, of one entity and period where one is given; `me` is the person who asks.
pub(crate) fn tallies(
    db: &Db,
    (entity, period): (Option<&str>, Option<&str>),
    me: Option<&PersonId>,
    now: DateTime<Utc>,
) -> Result<Tallies> {
    let within = Within { entity, period };
    // No exception is given to a person without an id.
    let me = me.map_or("nobody", PersonId::as_str);
    let checked: Option<i64> = db
        .prepare_cached("SELECT as_of FROM detection_state WHERE one = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(Tallies {
        kinds: kinds(db, &within, me, ms(now))?,
        waiting_approval: waiting(db, &within, "proposed")?,
        in_doubt: waiting(db, &within, "in_doubt")?,
        entities: names(
            db,
            "SELECT entity FROM exception_cell WHERE entity <> ''
             UNION SELECT entity FROM period ORDER BY 1",
        )?,
        periods: names(db, "SELECT DISTINCT period FROM exception_cell WHERE period <> '' ORDER BY 1 DESC")?,
        currencies: names(db, "SELECT DISTINCT currency FROM exception_cell ORDER BY 1")?,
        checked_at: checked.map(instant).transpose()?,
        // Documents and entries are never deleted, so that their last key is their number.
        documents: number(db, "SELECT coalesce(max(seq), 0) FROM document")?,
        entries: number(db, "SELECT coalesce(max(seq), 0) FROM entry")?,
    })
}
