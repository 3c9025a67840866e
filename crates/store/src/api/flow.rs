//! How the five business flows stand: done, under way in time, under way late. A flow whose source is not
//! connected is not seen, which is another answer than zero.

use chrono::{DateTime, Utc};
use rusqlite::params;
use tieout_domain::flow::Flow;

use crate::{
    db::Db,
    error::Result,
    sql::{at, ms},
};

/// How one flow stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowCounts {
    /// Finished.
    pub done: u64,
    /// Under way, within its time.
    pub in_time: u64,
    /// Under way, past its time.
    pub late: u64,
}

/// True when both sides of a flow have been read: `?1` and `?2` are resources, or the same one twice.
const SEEN: &str =
    "SELECT (SELECT count(*) FROM sync_state WHERE resource = ?1 AND complete_through IS NOT NULL) > 0
    AND (SELECT count(*) FROM sync_state WHERE resource = ?2 AND complete_through IS NOT NULL) > 0";

const DOCUMENTS: &str = "WITH item AS (
    SELECT e.due_at, EXISTS (SELECT 1 FROM entry x WHERE x.reference = d.reference AND x.status = 'booked'
      AND x.netted = 0) AS done
    FROM document d JOIN expectation e ON e.document_seq = d.seq
    WHERE d.kind IN (?3, ?4) AND e.books = 1)";

const MONEY: &str = "WITH item AS (
    SELECT e.due_at, EXISTS (SELECT 1 FROM entry x WHERE x.reference = d.reference AND x.status = 'booked'
      AND x.netted = 0) AS done
    FROM document d JOIN expectation e ON e.document_seq = d.seq
    WHERE d.kind NOT IN (?3, ?4) AND e.books = 1)";

/// Who never bought anything is rightly unknown to the ERP (as for the exception, `customer_not_in_erp`).
const CUSTOMERS: &str = "WITH item AS (
    SELECT c.created_at + ?2 AS due_at,
      EXISTS (SELECT 1 FROM ledger_customer l WHERE l.external_id = c.external_id) AS done
    FROM customer c WHERE c.deleted = 0 AND c.created_at IS NOT NULL AND ?3 = ?4
      AND (EXISTS (SELECT 1 FROM ledger_customer l WHERE l.external_id = c.external_id)
        OR EXISTS (SELECT 1 FROM document d JOIN expectation x ON x.document_seq = d.seq
          WHERE d.connection_seq = c.connection_seq AND d.customer = c.external_id
            AND d.status IN ('final', 'written_off') AND d.total_minor <> 0)))";

const USAGE: &str = "WITH item AS (
    SELECT u.external_id AS reference, u.connection_seq, u.customer, u.ends_at AS since,
      u.ends_at + ?2 AS due_at,
      EXISTS (SELECT 1 FROM document d WHERE d.connection_seq = u.connection_seq AND d.customer = u.customer
        AND d.kind = ?3 AND d.status = ?4 AND d.finalized_at >= u.ends_at) AS done
    FROM usage_summary u WHERE u.ends_at <= ?1)";

const AMENDMENTS: &str = "WITH item AS (
    SELECT s.external_id AS reference, s.connection_seq, s.customer, s.amended_at AS since,
      s.amended_at + ?2 AS due_at,
      EXISTS (SELECT 1 FROM document d WHERE d.connection_seq = s.connection_seq
        AND d.subscription = s.external_id AND d.kind = ?3 AND d.status = ?4
        AND d.finalized_at >= s.amended_at) AS done
    FROM subscription s WHERE s.amended_at <= ?1)";

const COUNT: &str = "SELECT coalesce(sum(CASE WHEN done THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN NOT done AND due_at > ?1 THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN NOT done AND due_at <= ?1 THEN 1 ELSE 0 END), 0) FROM item WHERE ?2 IS NOT NULL";

const LATE: &str = "SELECT i.reference, i.since, i.due_at, coalesce((SELECT c.name FROM customer c
      WHERE c.connection_seq = i.connection_seq AND c.external_id = i.customer), i.customer) AS customer
    FROM item i WHERE NOT i.done AND i.due_at <= ?1 ORDER BY i.due_at, i.reference LIMIT ?5 OFFSET ?6";

/// Something that a flow began and that is late, though no exception stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateItem {
    /// Billing's id of the usage summary or of the subscription.
    pub reference: String,
    /// The customer's name, or billing's id where it has none.
    pub customer: Option<String>,
    /// When the flow began.
    pub since: DateTime<Utc>,
    /// When it should have ended.
    pub due_at: DateTime<Utc>,
}

impl Db {
    /// What is late of a flow that begins and ends in billing, the longest late first: `limit` items from
    /// `start` on. `None` for a flow whose late items are exceptions.
    ///
    /// # Errors
    /// A database error.
    pub fn flow_late(
        &self,
        flow: Flow,
        as_of: DateTime<Utc>,
        (start, limit): (u64, u32),
    ) -> Result<Option<Vec<LateItem>>> {
        let items = match flow {
            Flow::UsageBilling => USAGE,
            Flow::SubscriptionAmendment => AMENDMENTS,
            Flow::CustomerActivation | Flow::InvoiceToErp | Flow::PaymentsAndCollections => return Ok(None),
        };
        let sla = flow.sla().num_milliseconds();
        let mut statement = self.prepare_cached(&format!("{items} {LATE}"))?;
        let start = i64::try_from(start).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![ms(as_of), sla, "invoice", "final", limit, start], |row| {
            Ok(LateItem {
                reference: row.get("reference")?,
                customer: row.get("customer")?,
                since: at(row, "since")?,
                due_at: at(row, "due_at")?,
            })
        })?;
        Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
    }

    /// How a flow stands as of an instant; `None` when a source that it needs has never been read.
    ///
    /// # Errors
    /// A database error.
    pub fn flow_counts(&self, flow: Flow, as_of: DateTime<Utc>) -> Result<Option<FlowCounts>> {
        let (resources, items, kinds) = match flow {
            Flow::CustomerActivation => (("customers", "ledger_customers"), CUSTOMERS, ("", "")),
            Flow::UsageBilling => (("usage", "invoices"), USAGE, ("invoice", "final")),
            Flow::SubscriptionAmendment => (("subscriptions", "invoices"), AMENDMENTS, ("invoice", "final")),
            Flow::InvoiceToErp => (("invoices", "entries"), DOCUMENTS, ("invoice", "credit_note")),
            Flow::PaymentsAndCollections => (("payments", "entries"), MONEY, ("invoice", "credit_note")),
        };
        let seen: bool = self.query_row(SEEN, [resources.0, resources.1], |row| row.get(0))?;
        if !seen {
            return Ok(None);
        }
        let sla = flow.sla().num_milliseconds();
        let mut statement = self.prepare_cached(&format!("{items} {COUNT}"))?;
        let counts = statement.query_row(params![ms(as_of), sla, kinds.0, kinds.1], |row| {
            let count = |index| row.get::<_, i64>(index).map(i64::unsigned_abs);
            Ok(FlowCounts { done: count(0)?, in_time: count(1)?, late: count(2)? })
        })?;
        Ok(Some(counts))
    }
}
