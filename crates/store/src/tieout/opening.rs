//! Open items at a cutover: what customers owed on the day before an entity's books began here, by billing
//! and by the ledger as it was read, per customer and currency.

use chrono::NaiveDate;
use rusqlite::{Row, params};
use tieout_domain::{Currency, EntityCode};

use crate::{db::Db, error::Result, sql::text, table::house_rule};

/// What one customer owed in one currency, debit-positive minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// Billing's id of the customer where it is known, else the ERP's; empty where nobody says whose it is.
    pub customer: String,
    /// The customer's name, where it is known.
    pub name: Option<String>,
    /// The currency.
    pub currency: Currency,
    /// The amount.
    pub minor: i64,
}

/// Documents that stand: what was issued, less what was paid, credited and given back.
const BILLING: &str = "
    SELECT coalesce(d.customer, '') AS customer, max(c.name) AS name, d.currency, sum(d.total_minor) AS minor
    FROM expectation x JOIN document d ON d.seq = x.document_seq
    LEFT JOIN customer c ON c.connection_seq = d.connection_seq AND c.external_id = d.customer
    WHERE x.entity = ?1 AND x.document_date < ?2 AND d.status = 'final'
        AND d.kind IN ('invoice', 'credit_note', 'payment', 'refund', 'dispute')
    GROUP BY coalesce(d.customer, ''), d.currency HAVING sum(d.total_minor) <> 0
    ORDER BY customer, d.currency";

/// Booked entries on the receivable accounts.
const LEDGER: &str = "
    SELECT coalesce(c.external_id, e.counterpart, '') AS customer, max(c.name) AS name, e.currency,
        sum(l.transaction_minor) AS minor
    FROM entry e JOIN entry_line l ON l.entry_seq = e.seq
    LEFT JOIN ledger_customer c ON c.connection_seq = e.connection_seq AND c.erp_id = e.counterpart
    WHERE e.entity = ?1 AND e.posting_date < ?2 AND e.status = 'booked'
        AND l.account IN (SELECT account FROM control_account)
    GROUP BY coalesce(c.external_id, e.counterpart, ''), e.currency HAVING sum(l.transaction_minor) <> 0
    ORDER BY customer, e.currency";

fn read(row: &Row<'_>) -> rusqlite::Result<OpenItem> {
    Ok(OpenItem {
        customer: row.get("customer")?,
        name: row.get("name")?,
        currency: text(row, "currency")?,
        minor: row.get("minor")?,
    })
}

/// What customers owed by billing before a day.
pub(crate) fn of_billing(db: &Db, entity: &EntityCode, before: NaiveDate) -> Result<Vec<OpenItem>> {
    let mut statement = db.prepare(BILLING)?;
    let rows = statement.query_map(params![entity.as_str(), before.to_string()], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What customers owed by the ledger before a day, as far as it was read.
pub(crate) fn of_ledger(db: &Db, entity: &EntityCode, before: NaiveDate) -> Result<Vec<OpenItem>> {
    let mut statement = db.prepare(&house_rule::by_role(db, LEDGER)?)?;
    let rows = statement.query_map(params![entity.as_str(), before.to_string()], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
