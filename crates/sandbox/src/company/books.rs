//! The ledger side: periods, the journals of the company's existing integration, and the labels that say
//! what is wrong with them.

use chrono::NaiveDate;

use super::model::{Account, Currency, Id};

/// State of an accounting period, for all entities at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodStatus {
    /// Open.
    Open,
    /// Receivables are locked; the rest is open.
    ArLocked,
    /// Closed for all.
    Closed,
}

/// A calendar month as an accounting period, account-wide.
#[derive(Clone, Debug)]
pub struct Period {
    /// NetSuite internal id.
    pub id: u32,
    /// Year.
    pub year: i32,
    /// Month, 1–12.
    pub month: u32,
    /// First day.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
    /// Status at `as_of`.
    pub status: PeriodStatus,
    /// When it was closed; `None` unless closed.
    pub closed_at: Option<i64>,
}

/// What an entry names in its memo.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A billing document: `Company::reference_text` gives its text.
    Document(Id),
    /// Free text that names no document.
    Text(Box<str>),
}

/// Approval state of a journal in the ERP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryStatus {
    /// Approved for posting: it counts.
    Booked,
    /// Pending approval: it does not count.
    PendingApproval,
}

/// One line of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryLine {
    /// Account.
    pub account: Account,
    /// Debit positive, credit negative, minor units of the entry's currency.
    pub amount: i64,
    /// The same in the entity's functional currency, minor units.
    pub functional: i64,
}

/// A journal that the company's existing integration wrote in the ERP.
#[derive(Clone, Debug)]
pub struct LedgerEntry {
    /// Counter: `externalId` is `bi-<n>`; equals the position in `Company::ledger` plus 1.
    pub n: u32,
    /// Position of the entity (subsidiary) it is booked in.
    pub entity: u8,
    /// Position of the posting period in `Company::periods`.
    pub period: u8,
    /// Transaction currency.
    pub currency: Currency,
    /// Whether it counts.
    pub status: EntryStatus,
    /// What the memo names, exactly.
    pub reference: Reference,
    /// Position of the customer whose account it is on; `None`: the entity's sundry customer.
    pub customer: Option<u32>,
    /// Transaction date.
    pub date: NaiveDate,
    /// Functional per transaction currency, in millionths, of major units (1_000_000 when they are the same).
    pub rate_micros: i64,
    /// `n` of the entry that this one reverses (the ERP links them).
    pub reverses: Option<u32>,
    /// When it was made (and last modified).
    pub created: i64,
    /// Lines; they sum to zero in `amount` and in `functional`.
    pub lines: Vec<EntryLine>,
}

impl LedgerEntry {
    /// `externalId` in the ERP.
    pub fn external_id(&self) -> String {
        format!("bi-{}", self.n)
    }
}

/// What is wrong with a document; the words are Tieout's exception kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// Nothing booked.
    Unposted,
    /// Nothing booked, and finalised after its period had been closed.
    LateForClosedPeriod,
    /// Booked in another period.
    WrongPeriod,
    /// Another amount on the control account.
    AmountMismatch,
    /// Minus the amount.
    SignReversed,
    /// Booked in another entity.
    WrongEntity,
    /// Another account than the mapping gives.
    WrongAccount,
    /// Booked in another currency.
    WrongCurrency,
    /// Booked twice or more.
    DuplicatePosting,
    /// A journal on the control account that names no document.
    OrphanJournal,
    /// Voided, written off or disputed after booking; the ledger still shows it as before.
    ChangedAfterPosting,
    /// Booked although the payment or refund failed or is pending.
    PaymentStatusMismatch,
    /// Another tax; revenue makes up for it.
    TaxMismatch,
    /// A newer customer with the e-mail of an older one of the same entity.
    DuplicateCustomer,
    /// A customer with documents that the ERP does not know.
    CustomerNotInErp,
    /// No account can be derived.
    MissingMapping,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::Unposted,
        Self::LateForClosedPeriod,
        Self::WrongPeriod,
        Self::AmountMismatch,
        Self::SignReversed,
        Self::WrongEntity,
        Self::WrongAccount,
        Self::WrongCurrency,
        Self::DuplicatePosting,
        Self::OrphanJournal,
        Self::ChangedAfterPosting,
        Self::PaymentStatusMismatch,
        Self::TaxMismatch,
        Self::DuplicateCustomer,
        Self::CustomerNotInErp,
        Self::MissingMapping,
    ];

    /// Tieout's word (`amount_mismatch`).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unposted => "unposted",
            Self::LateForClosedPeriod => "late_for_closed_period",
            Self::WrongPeriod => "wrong_period",
            Self::AmountMismatch => "amount_mismatch",
            Self::SignReversed => "sign_reversed",
            Self::WrongEntity => "wrong_entity",
            Self::WrongAccount => "wrong_account",
            Self::WrongCurrency => "wrong_currency",
            Self::DuplicatePosting => "duplicate_posting",
            Self::OrphanJournal => "orphan_journal",
            Self::ChangedAfterPosting => "changed_after_posting",
            Self::PaymentStatusMismatch => "payment_status_mismatch",
            Self::TaxMismatch => "tax_mismatch",
            Self::DuplicateCustomer => "duplicate_customer",
            Self::CustomerNotInErp => "customer_not_in_erp",
            Self::MissingMapping => "missing_mapping",
        }
    }
}

/// One thing that is wrong, as a perfect desk would report it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The document's reference (invoice or credit note number, charge, refund or customer id), or the
    /// orphan's memo.
    pub external_ref: String,
    /// What is wrong.
    pub kind: FaultKind,
    /// Position of the document's entity (of the journal's, for an orphan).
    pub entity: u8,
    /// The document's currency (the journal's, for an orphan; the entity's, for a customer).
    pub currency: Currency,
    /// The document's amount, signed as it moves the control account (invoice and refund positive, credit
    /// note and payment negative); for an orphan debit minus credit on it; 0 for a customer.
    pub amount_minor: i64,
}
