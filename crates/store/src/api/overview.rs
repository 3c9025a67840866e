//! The figures of the overview, each one set-based statement over the state as last detected. Nothing here
//! writes.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{
    Currency, PersonId,
    exception::{ExceptionKind, OwnerTeam},
    flow::Flow,
};

use crate::{
    db::Db,
    error::Result,
    sql::{end_of, instant, ms, named, text, text_opt},
};

/// How long invoices took from final to booked, of those booked on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LagRow {
    /// The day (UTC) on which the ERP made the journals.
    pub day: NaiveDate,
    /// Half of them took no longer, in milliseconds.
    pub p50_ms: i64,
    /// 95 of 100 took no longer.
    pub p95_ms: i64,
    /// How many there were.
    pub count: u64,
}

/// Open exceptions of one age and currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeRow {
    /// The first day of the bucket: one of the bounds asked for.
    pub from_days: i64,
    /// The currency.
    pub currency: Currency,
    /// How many.
    pub count: u64,
    /// How many of them are past due.
    pub overdue: u64,
    /// How many of the others fall due within a day.
    pub soon: u64,
    /// Their amounts together, minor units.
    pub amount_minor: i128,
}

/// Open exceptions of one owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerRow {
    /// The team.
    pub owner: OwnerTeam,
    /// The person it was given to.
    pub assignee: Option<PersonId>,
    /// How many.
    pub count: u64,
    /// How many of them are past due.
    pub overdue: u64,
}

/// What stands in one period of one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeriodLoad {
    /// The legal entity.
    pub entity: String,
    /// The accounting period.
    pub period: String,
    /// Open exceptions.
    pub open: u64,
    /// Those among them that keep it from being closed.
    pub blocking: u64,
    /// Documents on their way within their time.
    pub in_transit: u64,
}

/// Of which entity and period figures are; `None` takes all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Within<'a> {
    /// The legal entity, by its code.
    pub entity: Option<&'a str>,
    /// The accounting period.
    pub period: Option<&'a str>,
}

const DAY_MS: i64 = 86_400_000;

/// Entries whose document became final before them: the time between, per day of the entry. A reference that
/// was booked before the span is not counted again.
const LAG: &str = "
    WITH booked AS (
        SELECT e.reference, min(e.created_at) AS at FROM entry e
        WHERE e.created_at >= ?1 AND e.created_at <= ?2 AND e.status = 'booked' AND e.netted = 0
            AND e.reference IS NOT NULL AND (?3 IS NULL OR e.entity = ?3) AND (?4 IS NULL OR e.period = ?4)
        GROUP BY e.reference),
    took AS (
        SELECT b.at / 86400000 AS day, b.at - d.finalized_at AS lag
        FROM booked b JOIN document d ON d.reference = b.reference
        WHERE d.kind IN ('invoice', 'credit_note') AND d.finalized_at <= b.at
            AND NOT EXISTS (SELECT 1 FROM entry o WHERE o.reference = b.reference AND o.created_at < ?1
                AND o.status = 'booked' AND o.netted = 0)),
    ranked AS (
        SELECT day, lag, row_number() OVER (PARTITION BY day ORDER BY lag) AS place,
            count(*) OVER (PARTITION BY day) AS n
        FROM took)
    SELECT day, max(CASE WHEN place = (n + 1) / 2 THEN lag END) AS p50,
        max(CASE WHEN place = (95 * n + 99) / 100 THEN lag END) AS p95, max(n) AS count
    FROM ranked GROUP BY day ORDER BY day";

const OWNERS: &str = "
    SELECT kind, assignee, count(*) AS count, sum(CASE WHEN due_at < ?1 THEN 1 ELSE 0 END) AS overdue
    FROM exception
    WHERE state IN ('open', 'in_progress', 'on_hold')
        AND (?2 IS NULL OR entity = ?2) AND (?3 IS NULL OR period = ?3)
    GROUP BY kind, assignee";

/// `?1`: the severity that does not keep a period open.
const LOADS: &str = "
    SELECT c.entity, c.period, sum(c.open) AS open, sum(c.blocking) AS blocking, sum(c.transit) AS transit
    FROM (
        SELECT entity, period, count(*) AS open,
            sum(CASE WHEN severity <> ?1 OR period_blocked = 1 THEN 1 ELSE 0 END) AS blocking, 0 AS transit
        FROM exception WHERE state IN ('open', 'in_progress', 'on_hold')
            AND entity IS NOT NULL AND period IS NOT NULL
        GROUP BY entity, period
        UNION ALL
        SELECT x.entity, x.period, 0, 0, count(*)
        FROM expectation x JOIN document d ON d.seq = x.document_seq
        LEFT JOIN detection_horizon h ON h.entity = x.entity
        WHERE x.books = 1 AND x.period IS NOT NULL AND d.status <> 'draft'
            AND (h.reached IS NULL OR x.due_at > h.reached)
            AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.reference = d.reference AND e.status = 'booked'
                AND e.netted = 0)
        GROUP BY x.entity, x.period) c
    WHERE c.entity IS NOT NULL GROUP BY c.entity, c.period ORDER BY c.entity, c.period";

fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}

fn named_kinds(kinds: impl Iterator<Item = ExceptionKind>) -> String {
    let names: Vec<String> = kinds.map(|kind| format!("'{}'", kind.as_str())).collect();
    names.join(", ")
}

impl Db {
    /// Changes whenever the state as last detected does: a run of the detectors, or anything that people or
    /// the worker did to an exception.
    ///
    /// # Errors
    /// A database error.
    pub fn detection_stamp(&self) -> Result<String> {
        let mut statement = self.prepare_cached(
            "SELECT coalesce((SELECT as_of || '/' || page_seq FROM detection_state), '-') || '/' ||
               coalesce((SELECT max(seq) FROM exception_event), 0) || '/' ||
               coalesce((SELECT max(seq) FROM change), 0)",
        )?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// As of when exceptions were last judged; `None` before the first detection.
    ///
    /// # Errors
    /// A database error.
    pub fn judged_as_of(&self) -> Result<Option<DateTime<Utc>>> {
        let mut statement = self.prepare_cached("SELECT as_of FROM detection_state")?;
        let found: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?;
        Ok(found.map(instant).transpose()?)
    }

    /// From document final to journal booked, as the ledger shows it, per day of the journals made between
    /// the two instants. Percentiles are by nearest rank.
    ///
    /// # Errors
    /// A database error.
    pub fn posting_lag(
        &self,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        of: Within<'_>,
    ) -> Result<Vec<LagRow>> {
        let mut statement = self.prepare_cached(LAG)?;
        let rows = statement.query_map(params![ms(from), ms(to), of.entity, of.period], |row| {
            let day: i64 = row.get("day")?;
            Ok(LagRow {
                day: instant(day * DAY_MS)?.date_naive(),
                p50_ms: row.get("p50")?,
                p95_ms: row.get("p95")?,
                count: count(row, "count")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Open exceptions by age in whole days since their document's date (since they were found, UTC, where
    /// there is none), in buckets that start at `bounds` (which ascend from 0), per currency.
    ///
    /// # Errors
    /// A database error.
    pub fn exception_ages(&self, now: DateTime<Utc>, bounds: &[i64], of: Within<'_>) -> Result<Vec<AgeRow>> {
        let today = now.date_naive();
        let whens: Vec<String> = bounds
            .iter()
            .rev()
            .map(|from| {
                let last = today - Duration::days(*from);
                let found = ms(end_of(last));
                format!(
                    "WHEN dated BETWEEN '0' AND '{last}' OR (dated = '' AND opened_at < {found}) THEN {from}"
                )
            })
            .collect();
        // Amounts are summed in two parts, which no sum of a workspace can overflow.
        let sql = format!(
            "SELECT CASE {} ELSE 0 END AS age, currency, count(*) AS count,
                 sum(CASE WHEN due_at < ?1 THEN 1 ELSE 0 END) AS overdue,
                 sum(CASE WHEN due_at >= ?1 AND due_at < ?1 + {DAY_MS} THEN 1 ELSE 0 END) AS soon,
                 sum(amount_minor / 1000000000) AS high, sum(amount_minor % 1000000000) AS low
             FROM exception
             WHERE live = 1 AND (?2 IS NULL OR entity = ?2) AND (?3 IS NULL OR period = ?3)
             GROUP BY 1, currency ORDER BY 1, currency",
            whens.join(" ")
        );
        let mut statement = self.prepare_cached(&sql)?;
        let rows = statement.query_map(params![ms(now), of.entity, of.period], |row| {
            let (high, low): (i64, i64) = (row.get("high")?, row.get("low")?);
            Ok(AgeRow {
                from_days: row.get("age")?,
                currency: text(row, "currency")?,
                count: count(row, "count")?,
                overdue: count(row, "overdue")?,
                soon: count(row, "soon")?,
                amount_minor: i128::from(high) * 1_000_000_000 + i128::from(low),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Open exceptions by team and person.
    ///
    /// # Errors
    /// A database error.
    pub fn exception_owners(&self, now: DateTime<Utc>, of: Within<'_>) -> Result<Vec<OwnerRow>> {
        let mut statement = self.prepare_cached(OWNERS)?;
        let mut rows = statement.query(params![ms(now), of.entity, of.period])?;
        let mut owners: Vec<OwnerRow> = Vec::new();
        while let Some(row) = rows.next()? {
            let kind = named(row, "kind", ExceptionKind::parse)?;
            let (owner, assignee) = (kind.owner(), text_opt(row, "assignee")?);
            let (more, overdue) = (count(row, "count")?, count(row, "overdue")?);
            match owners.iter_mut().find(|o| o.owner == owner && o.assignee == assignee) {
                Some(known) => {
                    known.count += more;
                    known.overdue += overdue;
                }
                None => owners.push(OwnerRow { owner, assignee, count: more, overdue }),
            }
        }
        owners.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.assignee.cmp(&b.assignee)));
        Ok(owners)
    }

    /// What stands in each period of each entity: open exceptions, those that keep it from being closed
    /// (all but those of low severity in a period that still takes entries), and documents on their way.
    ///
    /// # Errors
    /// A database error.
    pub fn period_loads(&self) -> Result<Vec<PeriodLoad>> {
        let mut statement = self.prepare_cached(LOADS)?;
        let rows = statement.query_map([tieout_domain::severity::Severity::Low.as_str()], |row| {
            Ok(PeriodLoad {
                entity: row.get("entity")?,
                period: row.get("period")?,
                open: count(row, "open")?,
                blocking: count(row, "blocking")?,
                in_transit: count(row, "transit")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Open exceptions of a flow's documents or customers that are more than lateness. Customers are of no
    /// entity, so that all of them count whichever is asked for.
    ///
    /// # Errors
    /// A database error.
    pub fn flow_broken(&self, flow: Flow, entity: Option<&str>) -> Result<u64> {
        let late = named_kinds(ExceptionKind::LATENESS.into_iter());
        let (kinds, sql) = match flow {
            Flow::CustomerActivation => {
                let of_customers = |k: &ExceptionKind| {
                    k.cause() == tieout_domain::exception::Cause::Customer
                        && !ExceptionKind::LATENESS.contains(k)
                };
                let kinds = named_kinds(ExceptionKind::ALL.iter().copied().filter(of_customers));
                (("", ""), format!("SELECT count(*) FROM exception x WHERE x.kind IN ({kinds}) AND ?1 = ?2"))
            }
            // Nothing that is judged here stands on usage or a subscription itself.
            Flow::UsageBilling | Flow::SubscriptionAmendment => return Ok(0),
            Flow::InvoiceToErp => (RAISED, of_documents("IN", &late)),
            Flow::PaymentsAndCollections => (RAISED, of_documents("NOT IN", &late)),
        };
        let sql = format!(
            "{sql} AND x.state IN ('open', 'in_progress', 'on_hold')
               AND (?3 IS NULL OR x.entity = ?3)"
        );
        let entity = entity.filter(|_| flow != Flow::CustomerActivation);
        let mut statement = self.prepare_cached(&sql)?;
        let found: i64 = statement.query_row(params![kinds.0, kinds.1, entity], |row| row.get(0))?;
        Ok(found.unsigned_abs())
    }
}

/// The kinds of documents that raise what a customer owes; all others settle it or move money.
const RAISED: (&str, &str) = ("invoice", "credit_note");

fn of_documents(which: &str, late: &str) -> String {
    format!(
        "SELECT count(*) FROM exception x JOIN document d ON d.seq = x.document_seq
         WHERE d.kind {which} (?1, ?2) AND x.kind NOT IN ({late})"
    )
}
