//! Canonical documents: what billing systems hold, in one vocabulary.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
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
    /// What a dispute (chargeback) took back of a payment, less what was given back when it was won.
    Dispute,
    /// A change of what a customer owes that billing keeps outside of its documents (a customer balance that
    /// was credited by hand).
    CustomerBalance,
    /// A fee of the processor's that is no payment's, or the tax on one (then all of it is its tax).
    Fee,
    /// Money that the processor paid out to the bank.
    Payout,
    /// Money paid in to the processor from the bank.
    TopUp,
    /// Money moved to or from another account at the processor.
    Transfer,
    /// Money that the processor keeps back, or lets go again.
    Reserve,
    /// What the processor put right.
    Adjustment,
    /// What the processor made of money in one currency when it settled it in another: the side in the
    /// currency of its balance.
    Conversion,
    /// Any other movement of the processor's balance.
    Movement,
}

impl DocumentKind {
    /// All of them, in the order in which an ERP must hear of them.
    pub const ALL: [DocumentKind; 14] = [
        DocumentKind::Invoice,
        DocumentKind::CreditNote,
        DocumentKind::Payment,
        DocumentKind::Refund,
        DocumentKind::Dispute,
        DocumentKind::CustomerBalance,
        DocumentKind::Fee,
        DocumentKind::Payout,
        DocumentKind::TopUp,
        DocumentKind::Transfer,
        DocumentKind::Reserve,
        DocumentKind::Adjustment,
        DocumentKind::Conversion,
        DocumentKind::Movement,
    ];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DocumentKind::Invoice => "invoice",
            DocumentKind::CreditNote => "credit_note",
            DocumentKind::Payment => "payment",
            DocumentKind::Refund => "refund",
            DocumentKind::Dispute => "dispute",
            DocumentKind::CustomerBalance => "customer_balance",
            DocumentKind::Fee => "fee",
            DocumentKind::Payout => "payout",
            DocumentKind::TopUp => "top_up",
            DocumentKind::Transfer => "transfer",
            DocumentKind::Reserve => "reserve",
            DocumentKind::Adjustment => "adjustment",
            DocumentKind::Conversion => "conversion",
            DocumentKind::Movement => "movement",
        }
    }

    /// What people call it, at the beginning of a sentence.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            DocumentKind::Invoice => "Invoice",
            DocumentKind::CreditNote => "Credit note",
            DocumentKind::Payment => "Payment",
            DocumentKind::Refund => "Refund",
            DocumentKind::Dispute => "Dispute",
            DocumentKind::CustomerBalance => "Customer balance",
            DocumentKind::Fee => "Fee",
            DocumentKind::Payout => "Payout",
            DocumentKind::TopUp => "Top-up",
            DocumentKind::Transfer => "Transfer",
            DocumentKind::Reserve => "Reserve",
            DocumentKind::Adjustment => "Adjustment",
            DocumentKind::Conversion => "Conversion",
            DocumentKind::Movement => "Balance movement",
        }
    }

    /// The kind of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What it does to the books.
    #[must_use]
    pub fn nature(self) -> Nature {
        match self {
            DocumentKind::Invoice | DocumentKind::CreditNote => Nature::Raises,
            DocumentKind::Payment
            | DocumentKind::Refund
            | DocumentKind::Dispute
            | DocumentKind::CustomerBalance => Nature::Settles,
            DocumentKind::Fee
            | DocumentKind::Payout
            | DocumentKind::TopUp
            | DocumentKind::Transfer
            | DocumentKind::Reserve
            | DocumentKind::Adjustment
            | DocumentKind::Conversion
            | DocumentKind::Movement => Nature::Moves,
        }
    }
}

/// What a document does to the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It raises what a customer owes, or lowers it again: the receivable stands against revenue and tax.
    Raises,
    /// It settles what a customer owes, or opens it again: the receivable stands against money.
    Settles,
    /// It moves the processor's balance and concerns no receivable.
    Moves,
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

    /// The calendar date in UTC, where the entity is not known.
    #[must_use]
    pub fn utc_day(self) -> NaiveDate {
        self.in_zone(Tz::UTC)
    }

    /// The text that [`DocumentDate::from_str`] reads: `2026-03-31`, or an instant to the second
    /// (`2026-03-31T22:59:59Z`).
    #[must_use]
    pub fn to_text(self) -> String {
        match self {
            DocumentDate::Instant(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
            DocumentDate::Local(date) => date.to_string(),
        }
    }
}

impl FromStr for DocumentDate {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('T') {
            let at = DateTime::parse_from_rfc3339(text)?;
            return Ok(DocumentDate::Instant(at.with_timezone(&Utc)));
        }
        Ok(DocumentDate::Local(text.parse()?))
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
    /// First day of service, where the line says so: an instant is read in the entity's time zone.
    pub service_starts: Option<DocumentDate>,
    /// Last day of service, included: of an instant, the day that it lies in.
    pub service_ends: Option<DocumentDate>,
}

/// A document that billing holds and a ledger should.
///
/// `total` is positive where the customer owes more, or where money leaves the processor: invoices, refunds,
/// disputes, fees and payouts are positive, credit notes, payments and top-ups negative (a file's sign may
/// say
/// otherwise for a document). So it is the effect on the receivable, debit-positive, of all that touches it,
/// and the opposite of the effect on the processor's balance of all that is money.
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
    /// Effect on the receivable, tax included, debit-positive; of a movement of the processor's balance
    /// what left it, without its fee.
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
    /// The vendor's id of the payment that a refund gives back, a dispute takes back or a conversion settles.
    pub payment: Option<String>,
    /// True for money that did not go through the processor: a payment or refund that billing was told of.
    #[serde(default, skip_serializing_if = "is_false")]
    pub outside: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
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

    /// A line's amount that minor units cannot hold exactly, without its sign, rounded up to whole ones. In
    /// whole numbers, because an import asks it of every line.
    fn unkept(&self, line: &DocumentLine) -> i128 {
        let (quantity, price) = (line.quantity, line.unit_price);
        let digits = quantity.mantissa().unsigned_abs().checked_mul(price.mantissa().unsigned_abs());
        let (scale, exponent) = (quantity.scale() + price.scale(), self.currency().exponent());
        let power = |of: u32| 10_u128.checked_pow(of);
        let minor = match scale.checked_sub(exponent) {
            // Beyond what 128 bits hold it is less than one.
            Some(more) => digits.map(|digits| {
                let rest = u128::from(digits > 0);
                power(more).map_or(rest, |unit| digits.div_ceil(unit))
            }),
            None => digits.zip(power(exponent - scale)).and_then(|(digits, unit)| digits.checked_mul(unit)),
        };
        minor.and_then(|minor| i128::try_from(minor).ok()).unwrap_or(i128::MAX)
    }

    /// True where it moves nothing, on whatever account.
    #[must_use]
    pub fn moves_nothing(&self) -> bool {
        let still = |line: &DocumentLine| match line.amount_minor {
            Some(minor) => minor == 0 && line.tax_minor == 0,
            None => false,
        };
        self.total.is_zero() && self.tax_minor == 0 && self.lines.iter().all(still)
    }

    /// SHA-256 (hex) over what books depend on: the *content version* of the document. What only some
    /// documents have is part of it where they have it, so that those without keep the hash that they had.
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
        if self.outside {
            h.text("outside");
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

/// A movement of the processor's balance, as the processor has it. What it does to the books is its
/// document's
/// to say ([`Movement::document`]); it adds the fee, and tells in which currency the money was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// The vendor's id.
    pub external_id: String,
    /// The vendor's id of the document that books it: the payment, refund, dispute or payout, else itself.
    pub document: String,
    /// The vendor's id of what caused it, where it names something.
    pub source: Option<String>,
    /// The vendor's word for what it is.
    pub category: String,
    /// What came in, before its fee; negative where money left. In the currency of the balance.
    pub gross: Money,
    /// The fee that was kept, negative where one was given back; minor units of the same currency.
    pub fee_minor: i64,
    /// The part of the fee that is tax, minor units.
    pub fee_tax_minor: i64,
    /// Units of the balance's currency for one of the source's, where the money was converted.
    pub rate: Option<Decimal>,
    /// When the balance moved.
    pub at: DateTime<Utc>,
    /// From when on it can be paid out, where the vendor says so.
    #[serde(default)]
    pub available_at: Option<DateTime<Utc>>,
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
    /// A movement of the processor's balance.
    Movement(Movement),
}
