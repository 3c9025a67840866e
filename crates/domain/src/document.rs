//! Canonical documents: what billing systems hold, in one vocabulary.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Currency, EntityCode, Money, decimal, hash::ContentHasher, money::weight};

/// The kinds of documents that are posted to a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// An invoice.
    Invoice,
    /// A credit note (credit memo in the US).
    CreditNote,
    /// A payment received.
    Payment,
    /// Money given back.
    Refund,
}

impl DocumentKind {
    /// All of them, in the order in which an ERP must hear of them.
    pub const ALL: [DocumentKind; 4] =
        [DocumentKind::Invoice, DocumentKind::CreditNote, DocumentKind::Payment, DocumentKind::Refund];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DocumentKind::Invoice => "invoice",
            DocumentKind::CreditNote => "credit_note",
            DocumentKind::Payment => "payment",
            DocumentKind::Refund => "refund",
        }
    }

    /// The kind of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Where a document stands in billing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    /// Not final: no document to post.
    Draft,
    /// Final: an issued invoice or credit note (paid or not), a payment or refund that succeeded.
    Final,
    /// Voided after it was final.
    Void,
    /// Written off as uncollectible.
    WrittenOff,
    /// A payment or refund under way.
    Pending,
    /// A payment or refund that failed or was cancelled.
    Failed,
}

impl DocumentStatus {
    /// All of them.
    pub const ALL: [DocumentStatus; 6] = [
        DocumentStatus::Draft,
        DocumentStatus::Final,
        DocumentStatus::Void,
        DocumentStatus::WrittenOff,
        DocumentStatus::Pending,
        DocumentStatus::Failed,
    ];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DocumentStatus::Draft => "draft",
            DocumentStatus::Final => "final",
            DocumentStatus::Void => "void",
            DocumentStatus::WrittenOff => "written_off",
            DocumentStatus::Pending => "pending",
            DocumentStatus::Failed => "failed",
        }
    }

    /// The status of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// The document (effective) date: an instant to be read in the entity's time zone, or a plain date of a
/// file that was written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentDate {
    /// An instant, UTC.
    Instant(DateTime<Utc>),
    /// A calendar date of the entity.
    Local(NaiveDate),
}

impl DocumentDate {
    /// The calendar date in `zone`.
    #[must_use]
    pub fn in_zone(self, zone: Tz) -> NaiveDate {
        match self {
            DocumentDate::Instant(at) => at.with_timezone(&zone).date_naive(),
            DocumentDate::Local(date) => date,
        }
    }
}

/// A line of a document. Amounts are signed like the document's total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// The vendor's product id or stock code.
    pub product: Option<String>,
    /// What the customer reads.
    pub description: String,
    /// Quantity; negative where the file has it so.
    pub quantity: Decimal,
    /// Price of one, in major units of the document's currency.
    pub unit_price: Decimal,
    /// Amount after discounts and before (exclusive) tax, minor units; `None` where only the
    /// document's total is rounded and a line has more digits than the currency.
    pub amount_minor: Option<i64>,
    /// Tax on the line, minor units.
    pub tax_minor: i64,
    /// The vendor's tax code or rate id.
    pub tax_code: Option<String>,
    /// First day of service, where the line says so.
    pub service_starts: Option<NaiveDate>,
    /// Last day of service, included.
    pub service_ends: Option<NaiveDate>,
}

/// A document that billing holds and a ledger should.
///
/// `total` is its effect on the control account (accounts receivable), debit-positive: invoices and
/// refunds are positive, credit notes and payments negative (a file's sign may say otherwise for a document).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// The vendor's own id (`in_…`), or the file's key.
    pub external_id: String,
    /// How an ERP entry names it: the invoice number, the charge id.
    pub reference: String,
    /// Where it stands.
    pub status: DocumentStatus,
    /// The finalisation (effective) date.
    pub date: DocumentDate,
    /// When billing made it final, if billing says.
    pub finalized_at: Option<DateTime<Utc>>,
    /// When it was last changed in a way that matters to books (void, write-off, amendment), if known.
    pub changed_at: Option<DateTime<Utc>>,
    /// Effect on the control account, tax included, debit-positive.
    pub total: Money,
    /// Total tax, minor units, signed like the total.
    pub tax_minor: i64,
    /// Lines, in the vendor's order. A payment or refund has none.
    pub lines: Vec<DocumentLine>,
    /// The vendor's id of the customer.
    pub customer: Option<String>,
    /// ISO country code or name, where the document has one.
    pub country: Option<String>,
    /// The legal entity where the source itself says it; otherwise the mapping derives it.
    pub entity: Option<EntityCode>,
    /// The vendor's id of the subscription behind it.
    pub subscription: Option<String>,
    /// The vendor's id of the invoice that a credit note, payment or refund settles.
    pub invoice: Option<String>,
    /// The vendor's id of the payment that a refund gives back.
    pub payment: Option<String>,
}

impl Document {
    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.total.currency()
    }

    /// What it adds to its side's weight ([`crate::money::MOST_HELD`]): total, tax and lines.
    #[must_use]
    pub fn weight(&self) -> i128 {
        let line = |line: &DocumentLine| {
            let net = line.amount_minor.map(i128::from).unwrap_or_else(|| self.unkept(line));
            i128::try_from(net.unsigned_abs()).unwrap_or(i128::MAX).saturating_add(weight([line.tax_minor]))
        };
        let lines = self.lines.iter().map(line).fold(0_i128, i128::saturating_add);
        weight([self.total.minor(), self.tax_minor]).saturating_add(lines)
    }

    /// A line's amount that minor units cannot hold exactly, rounded up to whole ones.
    fn unkept(&self, line: &DocumentLine) -> i128 {
        let unit = Decimal::from(10_i64.pow(self.currency().exponent()));
        let minor = line.quantity.checked_mul(line.unit_price).and_then(|major| major.checked_mul(unit));
        minor.map_or(i128::MAX, |minor| minor.abs().ceil().mantissa())
    }

    /// SHA-256 (hex) over what books depend on: the *content version* of the document.
    #[must_use]
    pub fn content_hash(&self) -> String {
        let mut h = ContentHasher::new("document/1");
        h.text(self.kind.as_str()).text(&self.external_id).text(&self.reference);
        h.text(self.status.as_str()).text(self.currency().code());
        h.number(self.total.minor()).number(self.tax_minor);
        match self.date {
            DocumentDate::Instant(at) => h.text("instant").number(at.timestamp()),
            DocumentDate::Local(date) => h.text("local").text(&date.to_string()),
        };
        h.optional(self.customer.as_deref()).optional(self.country.as_deref());
        h.optional(self.entity.as_ref().map(EntityCode::as_str));
        h.number(i64::try_from(self.lines.len()).unwrap_or(i64::MAX));
        let mut text = String::with_capacity(32);
        let mut shortest = |h: &mut ContentHasher, number| {
            text.clear();
            decimal::push(&mut text, number);
            h.text(decimal::shortest(&text));
        };
        for line in &self.lines {
            h.optional(line.product.as_deref()).optional(line.tax_code.as_deref());
            shortest(&mut h, line.quantity);
            shortest(&mut h, line.unit_price);
            h.number(line.amount_minor.unwrap_or(i64::MIN)).number(line.tax_minor);
        }
        h.finish_hex()
    }
}

/// A customer account in billing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerAccount {
    /// The vendor's id.
    pub external_id: String,
    /// Name.
    pub name: Option<String>,
    /// E-mail, as billing has it.
    pub email: Option<String>,
    /// ISO country code.
    pub country: Option<String>,
    /// When billing created it.
    pub created_at: Option<DateTime<Utc>>,
    /// True once billing deleted it.
    pub deleted: bool,
}

/// A subscription in billing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The vendor's id.
    pub external_id: String,
    /// The vendor's id of the customer.
    pub customer: Option<String>,
    /// The vendor's status word (`active`, `canceled`).
    pub status: String,
    /// Product ids, in order.
    pub products: Vec<String>,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was last amended, where billing says so.
    pub amended_at: Option<DateTime<Utc>>,
}

/// Usage of one meter by one customer over a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageSummary {
    /// The vendor's id, or one made of meter, customer and start.
    pub external_id: String,
    /// The vendor's id of the meter.
    pub meter: String,
    /// The vendor's id of the customer.
    pub customer: String,
    /// Start of the span, UTC, included.
    pub starts_at: DateTime<Utc>,
    /// End of the span, UTC, excluded.
    pub ends_at: DateTime<Utc>,
    /// The aggregated value.
    pub value: Decimal,
}

/// A dispute (chargeback), which changes a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The vendor's id.
    pub external_id: String,
    /// The vendor's id of the payment.
    pub payment: String,
    /// True while the funds are withdrawn (under review, needs response, lost).
    pub funds_withdrawn: bool,
    /// The vendor's status word.
    pub status: String,
    /// Amount in dispute.
    pub amount: Money,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
}

/// The fee that the payment processor kept of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFee {
    /// The vendor's id of the payment.
    pub payment: String,
    /// The fee, positive.
    pub fee: Money,
}

/// Anything that a billing source delivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Canonical {
    /// A customer account.
    Customer(CustomerAccount),
    /// A subscription.
    Subscription(Subscription),
    /// A document to post.
    Document(Document),
    /// A usage summary.
    Usage(UsageSummary),
    /// A dispute of a payment.
    Dispute(Dispute),
    /// A payment's fee.
    Fee(PaymentFee),
}
