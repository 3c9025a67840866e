//! The plain facts of the simulated company: billing objects, the ledger of its existing integration,
//! periods, and the labels of what is wrong. Amounts are integers in minor units of the stated currency;
//! instants are Unix seconds, UTC; nothing here is a float.

use std::collections::BTreeSet;

use chrono_tz::Tz;

pub use super::billing::*;
pub use super::books::*;
pub use super::id::{Id, IdKind};

/// A currency of the simulated company, with ISO 4217's exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// US dollar, exponent 2.
    Usd,
    /// Pound sterling, exponent 2.
    Gbp,
    /// Euro, exponent 2.
    Eur,
    /// Yen, exponent 0: its minor unit is the yen itself.
    Jpy,
}

impl Currency {
    /// ISO code in capitals (`USD`).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Gbp => "GBP",
            Self::Eur => "EUR",
            Self::Jpy => "JPY",
        }
    }

    /// ISO code as Stripe writes it (`usd`).
    pub const fn lower(self) -> &'static str {
        match self {
            Self::Usd => "usd",
            Self::Gbp => "gbp",
            Self::Eur => "eur",
            Self::Jpy => "jpy",
        }
    }

    /// Number of decimal digits of the minor unit.
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Usd | Self::Gbp | Self::Eur => 2,
            Self::Jpy => 0,
        }
    }
}

/// A legal entity: one Stripe account, one NetSuite subsidiary.
#[derive(Clone, Debug)]
pub struct Entity {
    /// `US01`.
    pub code: &'static str,
    /// Legal name.
    pub name: &'static str,
    /// NetSuite internal id of the subsidiary.
    pub subsidiary: u32,
    /// Functional currency.
    pub currency: Currency,
    /// IANA time zone; document dates are dates in it.
    pub tz: Tz,
    /// ISO country.
    pub country: &'static str,
    /// Stripe account id (`acct_us01`).
    pub account: &'static str,
    /// Stripe secret key of the account (a test key of the sandbox).
    pub api_key: &'static str,
    /// Stripe tax rate id (`txr_us`).
    pub tax_rate: &'static str,
    /// Percentage of the tax rate, in hundredths (2000 = 20 %).
    pub tax_hundredths: i64,
}

/// General-ledger accounts of the one NetSuite account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// 1010 the bank.
    Bank,
    /// 1050 payment clearing.
    Clearing,
    /// 1100 accounts receivable: the control account.
    Receivable,
    /// 1990 FX clearing.
    FxClearing,
    /// 2200 tax payable.
    Tax,
    /// 2400 deferred revenue.
    Deferred,
    /// 4000 product revenue.
    ProductRevenue,
    /// 4010 usage revenue.
    UsageRevenue,
    /// 4900 other income.
    OtherIncome,
    /// 6100 payment fees.
    Fees,
    /// 6200 bad debt.
    BadDebt,
}

impl Account {
    /// The chart, in account number order.
    pub const ALL: [Self; 11] = [
        Self::Bank,
        Self::Clearing,
        Self::Receivable,
        Self::FxClearing,
        Self::Tax,
        Self::Deferred,
        Self::ProductRevenue,
        Self::UsageRevenue,
        Self::OtherIncome,
        Self::Fees,
        Self::BadDebt,
    ];

    /// Account number, name, NetSuite account type.
    pub const fn facts(self) -> (u32, &'static str, &'static str) {
        match self {
            Self::Bank => (1010, "Bank", "Bank"),
            Self::Clearing => (1050, "Payment Clearing", "Bank"),
            Self::Receivable => (1100, "Accounts Receivable", "AcctRec"),
            Self::FxClearing => (1990, "FX Clearing", "OthCurrAsset"),
            Self::Tax => (2200, "Tax Payable", "OthCurrLiab"),
            Self::Deferred => (2400, "Deferred Revenue", "DeferRevenue"),
            Self::ProductRevenue => (4000, "Product Revenue", "Income"),
            Self::UsageRevenue => (4010, "Usage Revenue", "Income"),
            Self::OtherIncome => (4900, "Other Income", "OthIncome"),
            Self::Fees => (6100, "Payment Fees", "Expense"),
            Self::BadDebt => (6200, "Bad Debt", "Expense"),
        }
    }

    /// Account number (`1100`).
    pub const fn number(self) -> u32 {
        self.facts().0
    }

    /// NetSuite internal id (`110`).
    pub const fn internal_id(self) -> u32 {
        self.facts().0 / 10
    }
}

/// What is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// Plan; credit goes to deferred revenue.
    Starter,
    /// Plan; credit goes to deferred revenue.
    Team,
    /// Plan; credit goes to deferred revenue.
    Enterprise,
    /// Metered usage; usage revenue.
    Usage,
    /// One-off service; product revenue.
    Onboarding,
    /// Deliberately absent from every mapping.
    LegacyAddon,
}

impl Product {
    /// All products.
    pub const ALL: [Self; 6] =
        [Self::Starter, Self::Team, Self::Enterprise, Self::Usage, Self::Onboarding, Self::LegacyAddon];

    /// Stripe product id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Starter => "prod_starter",
            Self::Team => "prod_team",
            Self::Enterprise => "prod_enterprise",
            Self::Usage => "prod_usage",
            Self::Onboarding => "prod_onboarding",
            Self::LegacyAddon => "prod_legacy_addon",
        }
    }

    /// Name on the invoice.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starter => "Starter plan",
            Self::Team => "Team plan",
            Self::Enterprise => "Enterprise plan",
            Self::Usage => "API calls",
            Self::Onboarding => "Onboarding",
            Self::LegacyAddon => "Legacy add-on",
        }
    }

    /// The revenue-side account that a mapping gives; `None` for the unmapped product.
    pub const fn account(self) -> Option<Account> {
        match self {
            Self::Starter | Self::Team | Self::Enterprise => Some(Account::Deferred),
            Self::Usage => Some(Account::UsageRevenue),
            Self::Onboarding => Some(Account::ProductRevenue),
            Self::LegacyAddon => None,
        }
    }
}

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Same seed, same bytes.
    pub seed: u64,
    /// Exact number of invoices, drafts and voids included.
    pub invoices: u32,
    /// The present of the company, Unix seconds.
    pub as_of: i64,
    /// Share of documents with a fault, in ten-thousandths (250 = 2.5 %); 0 gives a clean company.
    pub fault_rate: u32,
}

/// The whole company. Lists are sorted by `created`, and an object's id holds its position.
#[derive(Clone, Debug)]
pub struct Company {
    /// What it was made from.
    pub spec: Spec,
    /// The present, Unix seconds; starts at the spec's and moves when the company is changed live.
    pub now: i64,
    /// The four legal entities.
    pub entities: Vec<Entity>,
    /// Periods, oldest first.
    pub periods: Vec<Period>,
    /// Customers.
    pub customers: Vec<Customer>,
    /// Subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// Invoices.
    pub invoices: Vec<Invoice>,
    /// Credit notes.
    pub credit_notes: Vec<CreditNote>,
    /// Payment intents.
    pub intents: Vec<PaymentIntent>,
    /// Charges.
    pub charges: Vec<Charge>,
    /// Refunds.
    pub refunds: Vec<Refund>,
    /// Disputes.
    pub disputes: Vec<Dispute>,
    /// Payouts to the bank.
    pub payouts: Vec<Payout>,
    /// Balance transactions.
    pub transactions: Vec<BalanceTransaction>,
    /// Meters, one per entity.
    pub meters: Vec<Meter>,
    /// Usage, sorted by customer, then start.
    pub usage: Vec<MeterEventSummary>,
    /// Events, oldest first (all that happened in the 30 days before `as_of`, and what followed).
    pub events: Vec<Event>,
    /// What was deleted while the company is served: it keeps its place in its list, and is not shown.
    pub deleted: BTreeSet<Id>,
    /// Journals of the existing integration.
    pub ledger: Vec<LedgerEntry>,
    /// What is wrong, sorted.
    pub labels: Vec<Label>,
}

impl Company {
    /// An invoice's number as text; `None` for a draft.
    pub fn invoice_number(&self, invoice: &Invoice) -> Option<String> {
        let number = invoice.number?;
        let entity = self.entities.get(usize::from(number.entity))?;
        Some(format!("{}-{}-{:06}", entity.code, number.year, number.seq))
    }

    /// A credit note's number: `US01-2026-000123-CN-01`.
    pub fn credit_note_number(&self, note: &CreditNote) -> String {
        let invoice = self.invoices.get(note.invoice as usize);
        let number = invoice.and_then(|invoice| self.invoice_number(invoice));
        format!("{}-CN-{:02}", number.unwrap_or_default(), note.seq)
    }

    /// The text by which the ERP names a document: an invoice's or credit note's number, else the id.
    pub fn document_reference(&self, id: Id) -> String {
        match id.kind {
            IdKind::Invoice => {
                let invoice = self.invoices.get(id.n as usize);
                invoice.and_then(|invoice| self.invoice_number(invoice)).unwrap_or_else(|| id.to_string())
            }
            IdKind::CreditNote => match self.credit_notes.get(id.n as usize) {
                Some(note) => self.credit_note_number(note),
                None => id.to_string(),
            },
            IdKind::Customer
            | IdKind::Subscription
            | IdKind::Charge
            | IdKind::PaymentIntent
            | IdKind::Refund
            | IdKind::Dispute
            | IdKind::BalanceTransaction
            | IdKind::InvoicePayment
            | IdKind::Event
            | IdKind::Meter
            | IdKind::MeterSummary
            | IdKind::InvoiceLine
            | IdKind::CreditNoteLine
            | IdKind::SubscriptionItem
            | IdKind::Payout => id.to_string(),
        }
    }

    /// The memo of a journal: its reference as text.
    pub fn reference_text(&self, reference: &Reference) -> String {
        match reference {
            Reference::Document(id) => self.document_reference(*id),
            Reference::Text(text) => text.to_string(),
        }
    }
}
