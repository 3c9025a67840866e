//! Billing objects as Stripe holds them, reduced to what varies. Amounts are minor units, instants Unix
//! seconds UTC; a "position" is an index into the list of that kind in the company.

use super::model::{Currency, Id, Product};

/// A billing customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// `cus_…`; its number is the position in `Company::customers`.
    pub id: Id,
    /// Position in `Company::entities`.
    pub entity: u8,
    /// Company name.
    pub name: String,
    /// E-mail, absent for some.
    pub email: Option<String>,
    /// ISO country.
    pub country: &'static str,
    /// Currency it is billed in.
    pub currency: Currency,
    /// When billing made it.
    pub created: i64,
    /// Whether the ERP holds a customer record with this id as its `externalId`.
    pub in_erp: bool,
}

/// State of a subscription, in Stripe's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// `active`
    Active,
    /// `past_due`
    PastDue,
    /// `canceled`
    Canceled,
}

/// A subscription: a plan, seats, a billing interval.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// `sub_…`
    pub id: Id,
    /// Position of the customer.
    pub customer: u32,
    /// Position of the entity.
    pub entity: u8,
    /// The plan now.
    pub plan: Product,
    /// Seats now.
    pub seats: u32,
    /// Price of one seat per interval, minor units.
    pub unit_amount: i64,
    /// Whether it is billed by the year (else by the month).
    pub annual: bool,
    /// Whether metered usage is billed with it.
    pub metered: bool,
    /// Currency.
    pub currency: Currency,
    /// Start.
    pub created: i64,
    /// When another plan took the first one's place: a new item, as Stripe's own time of it.
    pub plan_since: Option<i64>,
    /// Cancellation, if any.
    pub canceled_at: Option<i64>,
    /// Status.
    pub status: SubscriptionStatus,
}

/// State of an invoice, in Stripe's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// Not a document yet: no number.
    Draft,
    /// Finalised, not paid.
    Open,
    /// Paid.
    Paid,
    /// Voided.
    Void,
    /// Written off.
    Uncollectible,
}

impl InvoiceStatus {
    /// Stripe's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
        }
    }
}

/// One line of an invoice or credit note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was sold.
    pub product: Product,
    /// Whether the line is a proration (an upgrade's credit or charge).
    pub proration: bool,
    /// Quantity (seats, or units of usage).
    pub quantity: u32,
    /// Before discount and tax; negative for a proration's credit.
    pub amount: i64,
    /// Discount, not negative.
    pub discount: i64,
    /// Tax, exclusive, at the entity's rate.
    pub tax: i64,
    /// Whether the entity's tax rate applies (a line may be taxable with tax rounding to 0).
    pub taxable: bool,
    /// For a credit note: position of the invoice line that is credited; for an invoice 0.
    pub source_line: u16,
    /// Start of the service.
    pub period_start: i64,
    /// End of the service.
    pub period_end: i64,
}

impl Line {
    /// After discount, before tax.
    pub const fn net(&self) -> i64 {
        self.amount - self.discount
    }
}

/// Number of an invoice: `US01-2026-000123`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvoiceNumber {
    /// Position of the entity.
    pub entity: u8,
    /// Year of finalisation in the entity's time zone.
    pub year: u16,
    /// Counts from 1 within entity and year.
    pub seq: u32,
}

/// An invoice.
#[derive(Clone, Debug)]
pub struct Invoice {
    /// `in_…`; its number is the position in `Company::invoices`.
    pub id: Id,
    /// Position of the entity.
    pub entity: u8,
    /// Position of the customer.
    pub customer: u32,
    /// Position of the subscription, if it comes from one.
    pub subscription: Option<u32>,
    /// Number; absent for drafts.
    pub number: Option<InvoiceNumber>,
    /// Status now.
    pub status: InvoiceStatus,
    /// Currency of the document.
    pub currency: Currency,
    /// When the draft was made.
    pub created: i64,
    /// When it became a document.
    pub finalized_at: Option<i64>,
    /// The document's date if it is not the day of finalisation.
    pub effective_at: Option<i64>,
    /// When it was paid.
    pub paid_at: Option<i64>,
    /// When it was voided.
    pub voided_at: Option<i64>,
    /// When it was written off.
    pub uncollectible_at: Option<i64>,
    /// When payment is due.
    pub due_date: i64,
    /// The invoice that this one revises (Stripe's `from_invoice`).
    pub revises: Option<u32>,
    /// The invoice that revises this one (Stripe's `latest_revision`).
    pub revised_by: Option<u32>,
    /// Reduced by credit notes before payment.
    pub pre_payment_credit: i64,
    /// Credited after payment.
    pub post_payment_credit: i64,
    /// Number of credit notes, voided ones included.
    pub credit_notes: u8,
    /// Lines.
    pub lines: Vec<Line>,
}

impl Invoice {
    /// Lines before discount and tax.
    pub fn subtotal(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// Discounts.
    pub fn discount(&self) -> i64 {
        self.lines.iter().map(|line| line.discount).sum()
    }

    /// Tax.
    pub fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax).sum()
    }

    /// After discount, with tax.
    pub fn total(&self) -> i64 {
        self.subtotal() - self.discount() + self.tax()
    }

    /// The instant whose date in the entity's time zone is the document date; `None` for a draft.
    pub const fn dated_at(&self) -> Option<i64> {
        match self.effective_at {
            Some(at) => Some(at),
            None => self.finalized_at,
        }
    }
}

/// A credit note.
#[derive(Clone, Debug)]
pub struct CreditNote {
    /// `cn_…`
    pub id: Id,
    /// Position of the invoice.
    pub invoice: u32,
    /// Counts from 1 within the invoice: number is `<invoice number>-CN-01`.
    pub seq: u8,
    /// Position of the entity.
    pub entity: u8,
    /// Position of the customer.
    pub customer: u32,
    /// Currency.
    pub currency: Currency,
    /// Issued.
    pub created: i64,
    /// The document's date if it is not the day of issue.
    pub effective_at: Option<i64>,
    /// Voided, if it was.
    pub voided_at: Option<i64>,
    /// Whether the invoice had been paid when it was issued.
    pub post_payment: bool,
    /// Lines, positive: what is credited.
    pub lines: Vec<Line>,
}

impl CreditNote {
    /// With tax; positive.
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.net() + line.tax).sum()
    }

    /// Tax; positive.
    pub fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax).sum()
    }
}

/// State of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeStatus {
    /// `succeeded`
    Succeeded,
    /// `pending`
    Pending,
    /// `failed`
    Failed,
}

impl ChargeStatus {
    /// Stripe's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Pending => "pending",
            Self::Failed => "failed",
        }
    }
}

/// A payment attempt for an invoice.
#[derive(Clone, Debug)]
pub struct Charge {
    /// `ch_…`
    pub id: Id,
    /// Position of the invoice.
    pub invoice: u32,
    /// Position of the entity.
    pub entity: u8,
    /// Position of the customer.
    pub customer: u32,
    /// Currency.
    pub currency: Currency,
    /// Amount, minor units.
    pub amount: i64,
    /// Stripe's fee in the same currency (its balance transaction's `fee`); 0 unless it succeeded.
    pub fee: i64,
    /// Refunded so far (succeeded refunds).
    pub refunded: i64,
    /// When.
    pub created: i64,
    /// Status.
    pub status: ChargeStatus,
    /// Position of its balance transaction, if it succeeded.
    pub transaction: Option<u32>,
    /// Position of its dispute, if any.
    pub dispute: Option<u32>,
    /// Number of its payment intent: the attempts on one invoice share one.
    pub intent: u32,
}

/// One payment intent: the attempts to have one invoice paid.
#[derive(Clone, Debug)]
pub struct PaymentIntent {
    /// `pi_…`
    pub id: Id,
    /// Position of the invoice.
    pub invoice: u32,
    /// When.
    pub created: i64,
    /// Position of its latest charge.
    pub latest_charge: u32,
}

/// State of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// `succeeded`
    Succeeded,
    /// `failed`
    Failed,
}

impl RefundStatus {
    /// Stripe's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A refund.
#[derive(Clone, Debug)]
pub struct Refund {
    /// `re_…`
    pub id: Id,
    /// Position of the charge.
    pub charge: u32,
    /// Position of the entity.
    pub entity: u8,
    /// Amount, positive.
    pub amount: i64,
    /// Currency.
    pub currency: Currency,
    /// When.
    pub created: i64,
    /// Status.
    pub status: RefundStatus,
    /// Position of its balance transaction, if it succeeded.
    pub transaction: Option<u32>,
}

/// State of a dispute, in Stripe's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStatus {
    /// `warning_needs_response`: no money has moved.
    WarningNeedsResponse,
    /// `warning_closed`: no money has moved.
    WarningClosed,
    /// `needs_response`: funds withdrawn.
    NeedsResponse,
    /// `under_review`: funds withdrawn.
    UnderReview,
    /// `won`: funds reinstated.
    Won,
    /// `lost`: funds withdrawn for good.
    Lost,
}

impl DisputeStatus {
    /// Whether the funds are withdrawn.
    pub const fn withdrawn(self) -> bool {
        match self {
            Self::NeedsResponse | Self::UnderReview | Self::Lost => true,
            Self::WarningNeedsResponse | Self::WarningClosed | Self::Won => false,
        }
    }

    /// Stripe's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::WarningNeedsResponse => "warning_needs_response",
            Self::WarningClosed => "warning_closed",
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// A dispute of a charge's whole amount.
#[derive(Clone, Debug)]
pub struct Dispute {
    /// `dp_…`
    pub id: Id,
    /// Position of the charge.
    pub charge: u32,
    /// Position of the entity.
    pub entity: u8,
    /// When it was opened.
    pub created: i64,
    /// When it was closed, for won and lost.
    pub closed_at: Option<i64>,
    /// Status now.
    pub status: DisputeStatus,
}

/// Why money moved on a Stripe balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionKind {
    /// `charge`
    Charge,
    /// `refund`
    Refund,
    /// `adjustment`: a dispute's withdrawal.
    DisputeWithdrawal,
    /// `adjustment`: a won dispute's reinstatement.
    DisputeReversal,
    /// `stripe_fee`: for what is no payment's.
    ProcessorFee,
    /// `payout`: to the bank.
    Payout,
}

/// A balance transaction.
#[derive(Clone, Debug)]
pub struct BalanceTransaction {
    /// `txn_…`
    pub id: Id,
    /// Position of the entity.
    pub entity: u8,
    /// Why.
    pub kind: TransactionKind,
    /// The charge, refund, dispute or payout; a fee of the processor's has none.
    pub source: Option<Id>,
    /// Signed: money in is positive.
    pub amount: i64,
    /// Fee, positive.
    pub fee: i64,
    /// Currency.
    pub currency: Currency,
    /// When.
    pub created: i64,
}

/// Money paid out to the bank.
#[derive(Clone, Debug)]
pub struct Payout {
    /// `po_…`
    pub id: Id,
    /// Position of the entity.
    pub entity: u8,
    /// Amount, positive.
    pub amount: i64,
    /// Currency.
    pub currency: Currency,
    /// When the balance moved.
    pub created: i64,
    /// Position of its balance transaction.
    pub transaction: Option<u32>,
}

/// A usage meter of one Stripe account.
#[derive(Clone, Debug)]
pub struct Meter {
    /// `mtr_…`
    pub id: Id,
    /// Position of the entity.
    pub entity: u8,
    /// Name shown to people.
    pub display_name: &'static str,
    /// Name of the event that it counts.
    pub event_name: &'static str,
    /// When it was made.
    pub created: i64,
}

/// Usage of one customer in one span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeterEventSummary {
    /// Position of the meter.
    pub meter: u32,
    /// Position of the customer.
    pub customer: u32,
    /// From (inclusive).
    pub start: i64,
    /// To (exclusive).
    pub end: i64,
    /// Units.
    pub value: u64,
}

/// What happened, in Stripe's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// `customer.created`
    CustomerCreated,
    /// `customer.updated`
    CustomerUpdated,
    /// `customer.deleted`
    CustomerDeleted,
    /// `customer.subscription.created`
    SubscriptionCreated,
    /// `customer.subscription.deleted`
    SubscriptionDeleted,
    /// `invoice.created`
    InvoiceCreated,
    /// `invoice.finalized`
    InvoiceFinalized,
    /// `invoice.updated`
    InvoiceUpdated,
    /// `invoice.deleted`
    InvoiceDeleted,
    /// `invoice.paid`
    InvoicePaid,
    /// `invoice.voided`
    InvoiceVoided,
    /// `invoice.marked_uncollectible`
    InvoiceMarkedUncollectible,
    /// `credit_note.created`
    CreditNoteCreated,
    /// `credit_note.voided`
    CreditNoteVoided,
    /// `charge.succeeded`
    ChargeSucceeded,
    /// `charge.pending`
    ChargePending,
    /// `charge.failed`
    ChargeFailed,
    /// `charge.dispute.created`
    DisputeCreated,
    /// `charge.dispute.closed`
    DisputeClosed,
    /// `refund.created`
    RefundCreated,
    /// `refund.failed`
    RefundFailed,
    /// `payout.created`
    PayoutCreated,
}

impl EventKind {
    /// Stripe's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CustomerCreated => "customer.created",
            Self::CustomerUpdated => "customer.updated",
            Self::CustomerDeleted => "customer.deleted",
            Self::SubscriptionCreated => "customer.subscription.created",
            Self::SubscriptionDeleted => "customer.subscription.deleted",
            Self::InvoiceCreated => "invoice.created",
            Self::InvoiceFinalized => "invoice.finalized",
            Self::InvoiceUpdated => "invoice.updated",
            Self::InvoiceDeleted => "invoice.deleted",
            Self::InvoicePaid => "invoice.paid",
            Self::InvoiceVoided => "invoice.voided",
            Self::InvoiceMarkedUncollectible => "invoice.marked_uncollectible",
            Self::CreditNoteCreated => "credit_note.created",
            Self::CreditNoteVoided => "credit_note.voided",
            Self::ChargeSucceeded => "charge.succeeded",
            Self::ChargePending => "charge.pending",
            Self::ChargeFailed => "charge.failed",
            Self::DisputeCreated => "charge.dispute.created",
            Self::DisputeClosed => "charge.dispute.closed",
            Self::RefundCreated => "refund.created",
            Self::RefundFailed => "refund.failed",
            Self::PayoutCreated => "payout.created",
        }
    }
}

/// An event; the object is rendered when it is read.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// `evt_…`
    pub id: Id,
    /// Position of the entity.
    pub entity: u8,
    /// What.
    pub kind: EventKind,
    /// Which object.
    pub object: Id,
    /// When.
    pub created: i64,
}
