//! Table `flow_limit`: which time limits of flows everything that is due was worked out by. Documents have
//! their due time with their expectation; customers, usage and subscriptions have it in their own rows.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use tieout_domain::{flow::Flow, sla::SlaPolicy};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, ms},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 10,
    sql: "CREATE TABLE flow_limit (seq INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL);",
}];

/// A table whose rows begin a flow.
struct Beginnings {
    flow: Flow,
    table: &'static str,
    /// The column of the instant at which it begins.
    start: &'static str,
}

const BEGINNINGS: [Beginnings; 3] = [
    Beginnings { flow: Flow::CustomerActivation, table: "customer", start: "created_at" },
    Beginnings { flow: Flow::UsageBilling, table: "usage_summary", start: "ends_at" },
    Beginnings { flow: Flow::SubscriptionAmendment, table: "subscription", start: "amended_at" },
];

impl Beginnings {
    /// The rows without a due time; the index of each table is of them.
    fn waiting(&self) -> String {
        let Self { table, start, .. } = self;
        match self.flow {
            Flow::UsageBilling => format!("FROM {table} WHERE due_at IS NULL"),
            _ => format!("FROM {table} WHERE due_at IS NULL AND {start} IS NOT NULL"),
        }
    }
}

fn kept(db: &Db) -> Result<String> {
    let mut statement = db.prepare_cached("SELECT fingerprint FROM flow_limit")?;
    let found: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or_default())
}

/// True where due times are of other limits than these, or not worked out yet.
pub(crate) fn is_stale(db: &Db, limits: &SlaPolicy) -> Result<bool> {
    if kept(db)? != limits.fingerprint() {
        return Ok(true);
    }
    for of in &BEGINNINGS {
        let sql = format!("SELECT EXISTS (SELECT 1 {})", of.waiting());
        if db.prepare_cached(&sql)?.query_row([], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes the limits over; true where they changed. Then no row has a due time until [`work_out`].
pub(crate) fn keep(tx: &Tx<'_>, limits: &SlaPolicy) -> Result<bool> {
    let wanted = limits.fingerprint();
    if kept(tx)? == wanted {
        return Ok(false);
    }
    tx.execute("DELETE FROM flow_limit", [])?;
    if !wanted.is_empty() {
        tx.execute("INSERT INTO flow_limit (fingerprint) VALUES (?1)", [wanted])?;
    }
    for of in &BEGINNINGS {
        tx.execute(&format!("UPDATE {} SET due_at = NULL WHERE due_at IS NOT NULL", of.table), [])?;
    }
    Ok(true)
}

/// What was worked out, before it is written in one statement: within a long transaction SQLite's cost of a
/// statement of its own for each row grows with all that was written before it.
const WORKED_OUT: &str =
    "CREATE TEMP TABLE IF NOT EXISTS work_flow_due (seq INTEGER PRIMARY KEY, due_at INTEGER);
    DELETE FROM work_flow_due;";

/// Works out when each row without a due time is due. These rows are of no legal entity.
pub(crate) fn work_out(tx: &Tx<'_>, limits: &SlaPolicy) -> Result<()> {
    for of in &BEGINNINGS {
        let Beginnings { table, start, .. } = of;
        let mut read = tx.prepare_cached(&format!("SELECT seq, {start} AS start {}", of.waiting()))?;
        let rows = read.query_map([], |row| Ok((row.get("seq")?, at(row, "start")?)))?;
        let waiting: Vec<(i64, DateTime<Utc>)> = rows.collect::<rusqlite::Result<_>>()?;
        if waiting.is_empty() {
            continue;
        }
        tx.execute_batch(WORKED_OUT)?;
        let mut note = tx.prepare_cached("INSERT INTO work_flow_due (seq, due_at) VALUES (?1, ?2)")?;
        for (seq, start) in waiting {
            note.execute(params![seq, ms(limits.due_of_none(of.flow, start))])?;
        }
        tx.prepare_cached(&format!(
            "UPDATE {table} SET due_at = (SELECT w.due_at FROM work_flow_due w WHERE w.seq = {table}.seq)
             WHERE seq IN (SELECT seq FROM work_flow_due)"
        ))?
        .execute([])?;
    }
    Ok(())
}
