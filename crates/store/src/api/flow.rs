//! How the five business flows stand: done, under way in time, about to be late, late, and late for so long
//! that a lead has them. A flow whose source is not connected is not seen, which is another answer than zero.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params_from_iter, types::Value};
use tieout_domain::{flow::Flow, sla::SlaPolicy};

use crate::{
    db::{Db, Tx},
    error::Result,
    sql::{at, at_opt, ms},
    table::{dirty, flow_limit},
};

/// How one flow stands in one legal entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowCounts {
    /// The entity; `None` for what is of none.
    pub entity: Option<String>,
    /// Finished.
    pub done: u64,
    /// Under way, within its time.
    pub in_time: u64,
    /// Of those: due so soon that the limit warns of it.
    pub soon: u64,
    /// Under way, past its time.
    pub late: u64,
    /// Of those: past it for so long that they have come to the lead.
    pub escalated: u64,
}

/// By which instants the items of one legal entity are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowBounds {
    /// The entity; `None` for every one that is not named.
    pub entity: Option<String>,
    /// What falls due by then is about to be late.
    pub soon_by: DateTime<Utc>,
    /// What was due by then has come to the lead; `None` where nothing does.
    pub escalated: Option<DateTime<Utc>>,
}

/// When flows are looked at: as of an instant, each entity by its bounds. One of them is of no entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowClock {
    /// As of when.
    pub as_of: DateTime<Utc>,
    /// The bounds.
    pub bounds: Vec<FlowBounds>,
}

/// Which items of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowPart {
    /// Those that are about to be late.
    Soon,
    /// Those that are late.
    Late,
    /// Those that have come to a lead.
    Escalated,
}

/// Something that a flow began and did not finish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowItem {
    /// The document's number, or billing's id.
    pub reference: String,
    /// The customer's name, or billing's id where it has none.
    pub customer: Option<String>,
    /// The legal entity; `None` for what is of none.
    pub entity: Option<String>,
    /// When the flow began; `None` where only a day is known.
    pub since: Option<DateTime<Utc>>,
    /// When it should have ended.
    pub due_at: DateTime<Utc>,
}

/// Something that was finished after its time, or is late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The flow.
    pub flow: Flow,
    /// What, of whom, and since when.
    pub item: FlowItem,
    /// When it was finished; `None` while it is not.
    pub finished_at: Option<DateTime<Utc>>,
}

/// True when both sides of a flow have been read: `?1` and `?2` are resources, or the same one twice.
const SEEN: &str =
    "SELECT (SELECT count(*) FROM sync_state WHERE resource = ?1 AND complete_through IS NOT NULL) > 0
    AND (SELECT count(*) FROM sync_state WHERE resource = ?2 AND complete_through IS NOT NULL) > 0";

/// Documents and the entry that finished them first. `{KINDS}` says which kinds.
const DOCUMENTS: &str = "item AS (
    SELECT d.reference, d.connection_seq, d.customer, e.entity, d.finalized_at AS since, e.due_at,
      EXISTS (SELECT 1 FROM entry x WHERE x.reference = d.reference AND x.status = 'booked'
        AND x.netted = 0) AS done,
      (SELECT min(x.created_at) FROM entry x WHERE x.reference = d.reference AND x.status = 'booked'
        AND x.netted = 0) AS finished_at
    FROM document d JOIN expectation e ON e.document_seq = d.seq
    WHERE d.kind {KINDS} AND e.books = 1)";

/// Who never bought anything is rightly unknown to the ERP (as for the exception, `customer_not_in_erp`).
const CUSTOMERS: &str = "item AS (
    SELECT c.external_id AS reference, c.connection_seq, c.external_id AS customer, NULL AS entity,
      c.created_at AS since, c.due_at,
      EXISTS (SELECT 1 FROM ledger_customer l WHERE l.external_id = c.external_id) AS done,
      NULL AS finished_at
    FROM customer c WHERE c.deleted = 0 AND c.created_at IS NOT NULL AND c.due_at IS NOT NULL
      AND (EXISTS (SELECT 1 FROM ledger_customer l WHERE l.external_id = c.external_id)
        OR EXISTS (SELECT 1 FROM document d JOIN expectation x ON x.document_seq = d.seq
          WHERE d.connection_seq = c.connection_seq AND d.customer = c.external_id
            AND d.status IN ('final', 'written_off') AND d.total_minor <> 0)))";

const USAGE: &str = "item AS (
    SELECT u.external_id AS reference, u.connection_seq, u.customer, NULL AS entity, u.ends_at AS since,
      u.due_at,
      EXISTS (SELECT 1 FROM document d WHERE d.connection_seq = u.connection_seq AND d.customer = u.customer
        AND d.kind = 'invoice' AND d.status = 'final' AND d.finalized_at >= u.ends_at) AS done,
      (SELECT min(d.finalized_at) FROM document d WHERE d.connection_seq = u.connection_seq
        AND d.customer = u.customer AND d.kind = 'invoice' AND d.status = 'final'
        AND d.finalized_at >= u.ends_at) AS finished_at
    FROM usage_summary u WHERE u.ends_at <= :as_of AND u.due_at IS NOT NULL)";

const AMENDMENTS: &str = "item AS (
    SELECT s.external_id AS reference, s.connection_seq, s.customer, NULL AS entity, s.amended_at AS since,
      s.due_at,
      EXISTS (SELECT 1 FROM document d WHERE d.connection_seq = s.connection_seq
        AND d.subscription = s.external_id AND d.kind = 'invoice' AND d.status = 'final'
        AND d.finalized_at >= s.amended_at) AS done,
      (SELECT min(d.finalized_at) FROM document d WHERE d.connection_seq = s.connection_seq
        AND d.subscription = s.external_id AND d.kind = 'invoice' AND d.status = 'final'
        AND d.finalized_at >= s.amended_at) AS finished_at
    FROM subscription s WHERE s.amended_at <= :as_of AND s.due_at IS NOT NULL)";

/// An item beside the bounds of its entity, or those of every other one.
const JUDGED: &str = "judged AS (
    SELECT i.*, coalesce(own.soon_by, other.soon_by) AS soon_by,
      coalesce(own.escalated, other.escalated) AS escalated
    FROM item i JOIN bound other ON other.entity = '' LEFT JOIN bound own ON own.entity = i.entity)";

const COUNT: &str = "SELECT entity, sum(CASE WHEN done THEN 1 ELSE 0 END) AS done,
    sum(CASE WHEN NOT done AND due_at > :as_of THEN 1 ELSE 0 END) AS in_time,
    sum(CASE WHEN NOT done AND due_at > :as_of AND due_at <= soon_by THEN 1 ELSE 0 END) AS soon,
    sum(CASE WHEN NOT done AND due_at <= :as_of THEN 1 ELSE 0 END) AS late,
    sum(CASE WHEN NOT done AND due_at <= :as_of AND due_at <= escalated THEN 1 ELSE 0 END) AS escalated
  FROM judged GROUP BY entity ORDER BY entity";

const CUSTOMER: &str = "coalesce((SELECT c.name FROM customer c
    WHERE c.connection_seq = i.connection_seq AND c.external_id = i.customer), i.customer) AS customer";

impl FlowPart {
    fn condition(self) -> &'static str {
        match self {
            FlowPart::Soon => "NOT done AND due_at > :as_of AND due_at <= soon_by",
            FlowPart::Late => "NOT done AND due_at <= :as_of",
            FlowPart::Escalated => "NOT done AND due_at <= :as_of AND due_at <= escalated",
        }
    }
}

/// The items of a flow, and the two resources without which it is not seen.
fn items(flow: Flow) -> (String, [&'static str; 2]) {
    let documents = |kinds: &str| DOCUMENTS.replace("{KINDS}", kinds);
    match flow {
        Flow::CustomerActivation => (CUSTOMERS.to_owned(), ["customers", "ledger_customers"]),
        Flow::UsageBilling => (USAGE.to_owned(), ["usage", "invoices"]),
        Flow::SubscriptionAmendment => (AMENDMENTS.to_owned(), ["subscriptions", "invoices"]),
        Flow::InvoiceToErp => (documents("IN ('invoice', 'credit_note')"), ["invoices", "entries"]),
        Flow::PaymentsAndCollections => {
            (documents("NOT IN ('invoice', 'credit_note')"), ["payments", "entries"])
        }
    }
}

impl FlowClock {
    /// The bounds as a table, with what stands in its places.
    fn table(&self) -> (String, Vec<Value>) {
        let mut values = Vec::with_capacity(self.bounds.len() * 3);
        for bound in &self.bounds {
            values.push(Value::from(bound.entity.clone().unwrap_or_default()));
            values.push(Value::from(ms(bound.soon_by)));
            // Nothing is as old as this.
            values.push(Value::from(bound.escalated.map_or(i64::MIN, ms)));
        }
        let rows: Vec<&str> = self.bounds.iter().map(|_| "(?, ?, ?)").collect();
        (format!("bound (entity, soon_by, escalated) AS (VALUES {})", rows.join(", ")), values)
    }

    /// A statement over the judged items of a flow, with what stands in its places. `:as_of` may stand
    /// wherever it likes.
    fn statement(&self, flow: Flow, select: &str) -> (String, Vec<Value>) {
        let (table, values) = self.table();
        let sql = format!("WITH {table}, {}, {JUDGED} {select}", items(flow).0);
        (sql.replace(":as_of", &ms(self.as_of).to_string()), values)
    }
}

impl Tx<'_> {
    /// Takes over how long flows may take. Where that changed, what every document, customer, usage and
    /// amendment is due at is worked out anew: documents with their next derivation, the others at once.
    ///
    /// # Errors
    /// A database error.
    pub fn keep_flow_limits(&self, limits: &SlaPolicy) -> Result<()> {
        self.whole(|tx| {
            if flow_limit::keep(tx, limits)? {
                dirty::mark_all(tx)?;
            }
            flow_limit::work_out(tx, limits)
        })
    }
}

impl Db {
    /// True where something waits for [`Tx::keep_flow_limits`].
    ///
    /// # Errors
    /// A database error.
    pub fn flow_limits_wait(&self, limits: &SlaPolicy) -> Result<bool> {
        flow_limit::is_stale(self, limits)
    }

    /// The items of this part of a flow, the first due first: `limit` items from `start` on. Of an entity:
    /// its own, and those of none.
    ///
    /// # Errors
    /// A database error.
    pub fn flow_items(
        &self,
        flow: Flow,
        part: FlowPart,
        (clock, entity): (&FlowClock, Option<&str>),
        (start, limit): (u64, u32),
    ) -> Result<Vec<FlowItem>> {
        let select = format!(
            "SELECT i.reference, i.since, i.due_at, i.entity, {CUSTOMER} FROM judged i
             WHERE {} AND (i.entity IS NULL OR i.entity = coalesce(?, i.entity))
             ORDER BY i.due_at, i.reference LIMIT {limit} OFFSET {start}",
            part.condition()
        );
        let (sql, mut values) = clock.statement(flow, &select);
        values.push(entity.map(str::to_owned).into());
        let mut statement = self.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), item)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What of a flow fell due within the span (from included, to not) and was finished after its time, or
    /// is not finished as of the clock's instant: the first due first, at most `most`. What was finished
    /// without a time (a ledger that says none) is in no list.
    ///
    /// # Errors
    /// A database error.
    pub fn flow_breaches(
        &self,
        flow: Flow,
        clock: &FlowClock,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        most: u32,
    ) -> Result<Vec<Breach>> {
        let select = format!(
            "SELECT i.reference, i.since, i.due_at, i.entity, i.finished_at, {CUSTOMER} FROM judged i
             WHERE i.due_at >= {} AND i.due_at < {} AND ((NOT i.done AND i.due_at <= :as_of)
               OR (i.done AND i.finished_at > i.due_at))
             ORDER BY i.due_at, i.reference LIMIT {most}",
            ms(from),
            ms(to)
        );
        let (sql, values) = clock.statement(flow, &select);
        let mut statement = self.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            Ok(Breach { flow, item: item(row)?, finished_at: at_opt(row, "finished_at")? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How a flow stands in each legal entity; `None` when a source that it needs has never been read.
    ///
    /// # Errors
    /// A database error.
    pub fn flow_counts(&self, flow: Flow, clock: &FlowClock) -> Result<Option<Vec<FlowCounts>>> {
        let seen: bool = self.query_row(SEEN, items(flow).1, |row| row.get(0))?;
        if !seen {
            return Ok(None);
        }
        let (sql, values) = clock.statement(flow, COUNT);
        let mut statement = self.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            let count = |name| row.get::<_, i64>(name).map(i64::unsigned_abs);
            Ok(FlowCounts {
                entity: row.get("entity")?,
                done: count("done")?,
                in_time: count("in_time")?,
                soon: count("soon")?,
                late: count("late")?,
                escalated: count("escalated")?,
            })
        })?;
        Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
    }
}

fn item(row: &Row<'_>) -> rusqlite::Result<FlowItem> {
    Ok(FlowItem {
        reference: row.get("reference")?,
        customer: row.get("customer")?,
        entity: row.get("entity")?,
        since: at_opt(row, "since")?,
        due_at: at(row, "due_at")?,
    })
}
