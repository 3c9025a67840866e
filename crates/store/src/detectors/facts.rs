//! What a finding says, as the sentences are made from it.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Row;
use tieout_domain::{Currency, Money, document::DocumentKind, exception::ExceptionKind, flow::Flow, said};

use crate::sql::{instant, ms, named, parsed, text, unreadable};

/// One row of `work_finding`.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub seq: i64,
    pub kind: ExceptionKind,
    pub cause: String,
    pub subject_kind: String,
    pub subject: String,
    pub document_seq: Option<i64>,
    pub external_ref: String,
    pub entity: Option<String>,
    pub period: Option<String>,
    pub currency: Currency,
    pub amount_minor: i64,
    pub variance_minor: i64,
    pub since: DateTime<Utc>,
    pub since_known: bool,
    pub blocked: bool,
    pub fingerprint: String,
    pub label: String,
    pub a: Option<String>,
    pub b: Option<String>,
    pub m: Option<i64>,
    pub customer: String,
    pub dated: String,
    /// The business flow that it belongs to; empty where it is none's.
    pub flow: String,
    /// When its period closed, where it is closed: Unix milliseconds, the greatest where nobody says.
    pub period_closed_at: Option<i64>,
    /// As [`crate::table::worth`] has it.
    pub worth: i64,
}

impl Facts {
    /// Reads a row. Where nothing says since when, it is since `as_of`.
    pub fn read(row: &Row<'_>, as_of: DateTime<Utc>) -> rusqlite::Result<Self> {
        let known = match (row.get::<_, Option<i64>>("since")?, row.get_ref("since_date")?.as_str_or_null()?)
        {
            (Some(at), _) => Some(instant(at)?),
            (None, Some(day)) => Some(midnight(parsed(day)?)?),
            (None, None) => None,
        };
        Ok(Self {
            seq: row.get("seq")?,
            kind: named(row, "kind", ExceptionKind::parse)?,
            cause: row.get("cause")?,
            subject_kind: row.get("subject_kind")?,
            subject: row.get("subject")?,
            document_seq: row.get("document_seq")?,
            external_ref: row.get("external_ref")?,
            entity: row.get("entity")?,
            period: row.get("period")?,
            currency: text(row, "currency")?,
            amount_minor: row.get("amount_minor")?,
            variance_minor: row.get("variance_minor")?,
            since: known.map_or_else(|| instant(ms(as_of)), Ok)?,
            since_known: known.is_some(),
            blocked: row.get("blocked")?,
            fingerprint: row.get("fingerprint")?,
            label: row.get("label")?,
            a: row.get("a")?,
            b: row.get("b")?,
            m: row.get("m")?,
            customer: row.get("customer")?,
            dated: row.get("dated")?,
            flow: flow(row)?,
            period_closed_at: row.get("period_closed_at")?,
            worth: -1,
        })
    }

    /// An amount in the document's currency, as a sentence has it.
    pub fn money(&self, minor: i64) -> String {
        said::amount(Money::new(minor, self.currency))
    }

    /// `Invoice INV-1 of 120.00 GBP`.
    pub fn document(&self) -> String {
        let kind = DocumentKind::parse(&self.label).map_or(self.label.as_str(), |kind| kind.label());
        format!("{kind} {} of {}", self.external_ref, self.money(self.amount_minor))
    }

    /// What the ledger holds on the control account.
    pub fn ledger(&self) -> String {
        let minor = self.variance_minor.checked_add(self.expected_minor());
        minor.map_or_else(|| "more than can be kept".to_owned(), |minor| self.money(minor))
    }

    /// What it should hold there, where the detector gives it as `m`; else the document's amount.
    pub fn expected_minor(&self) -> i64 {
        self.m.unwrap_or(self.amount_minor)
    }

    /// The entity, or a dash.
    pub fn entity(&self) -> &str {
        self.entity.as_deref().unwrap_or("-")
    }

    /// The period as a sentence has it, or a dash.
    pub fn period(&self) -> String {
        self.period.as_deref().map_or_else(|| "-".to_owned(), said::period)
    }

    /// The first text, or a dash.
    pub fn a(&self) -> &str {
        self.a.as_deref().unwrap_or("-")
    }

    /// The second text, or a dash.
    pub fn b(&self) -> &str {
        self.b.as_deref().unwrap_or("-")
    }
}

/// The flow that stands still: that of the document, or of a customer.
fn flow(row: &Row<'_>) -> rusqlite::Result<String> {
    let flow = match row.get_ref("document_kind")?.as_str_or_null()? {
        Some("invoice" | "credit_note") => Some(Flow::InvoiceToErp),
        Some(_) => Some(Flow::PaymentsAndCollections),
        None if row.get_ref("subject_kind")?.as_str()? == "customer" => Some(Flow::CustomerActivation),
        None => None,
    };
    Ok(flow.map_or("", Flow::as_str).to_owned())
}

fn midnight(day: NaiveDate) -> rusqlite::Result<DateTime<Utc>> {
    Ok(day.and_hms_opt(0, 0, 0).ok_or_else(|| unreadable(day))?.and_utc())
}
