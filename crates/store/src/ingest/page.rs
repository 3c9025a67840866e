//! A page as it is ingested: what was received, what could be read of it, what could not. Whatever it lists,
//! it is one type.
//!
//! A page of billing can be made ready on another thread while the store writes: all that can be worked out
//! without the database.

use tieout_domain::{
    ConnectionId, Money,
    absence::Absence,
    document::{Canonical, Document},
    ledger::{LedgerAccount, LedgerCustomer, LedgerEntry},
};

use crate::table::{
    document::{DocumentSeq, Keys},
    expectation::DerivedExpectation,
    page::{PageRecord, Sums},
    payload::Packed,
    period::PeriodItem,
    rejected_item::RejectedItem,
    trial_balance::Balances,
};

/// What could be read of a page, in the vendor's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageItems {
    /// Of a billing system or file.
    Billing(Vec<Canonical>),
    /// An ERP's entries.
    Entries(Vec<LedgerEntry>),
    /// An ERP's customers.
    Customers(Vec<LedgerCustomer>),
    /// An ERP's chart of accounts.
    Accounts(Vec<LedgerAccount>),
    /// Accounting periods, each for one entity.
    Periods(Vec<PeriodItem>),
    /// An ERP's own sums.
    Balances(Balances),
}

impl PageItems {
    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            PageItems::Billing(items) => items.len(),
            PageItems::Entries(items) => items.len(),
            PageItems::Customers(items) => items.len(),
            PageItems::Accounts(items) => items.len(),
            PageItems::Periods(items) => items.len(),
            PageItems::Balances(balances) => balances.rows.len(),
        }
    }

    /// The vendor's ids of what can be found missing.
    fn ids(&self) -> Vec<&str> {
        match self {
            PageItems::Billing(items) => items.iter().filter_map(listed_id).collect(),
            PageItems::Entries(entries) => entries.iter().map(|entry| entry.erp_id.as_str()).collect(),
            PageItems::Customers(_)
            | PageItems::Accounts(_)
            | PageItems::Periods(_)
            | PageItems::Balances(_) => Vec::new(),
        }
    }

    /// Per currency, the totals of documents or the debits of entries; of all else nothing is summed.
    fn totals(&self) -> Sums {
        let mut sums = Sums::new();
        match self {
            PageItems::Billing(items) => {
                for item in items {
                    if let Canonical::Document(document) = item {
                        add(&mut sums, document.total);
                    }
                }
            }
            PageItems::Entries(entries) => {
                for entry in entries {
                    let debits = entry.lines.iter().map(|l| l.transaction_minor).filter(|minor| *minor > 0);
                    debits.for_each(|minor| add(&mut sums, Money::new(minor, entry.currency)));
                }
            }
            PageItems::Customers(_)
            | PageItems::Accounts(_)
            | PageItems::Periods(_)
            | PageItems::Balances(_) => {}
        }
        sums
    }
}

fn listed_id(item: &Canonical) -> Option<&str> {
    match item {
        Canonical::Document(document) => Some(&document.external_id),
        Canonical::Customer(customer) => Some(&customer.external_id),
        Canonical::Subscription(_) | Canonical::Usage(_) | Canonical::Movement(_) => None,
    }
}

fn add(sums: &mut Sums, money: Money) {
    *sums.entry(money.currency()).or_insert(0) += i128::from(money.minor());
}

macro_rules! items_of {
    ($($item:ty => $variant:ident,)*) => {
        $(impl From<Vec<$item>> for PageItems {
            fn from(items: Vec<$item>) -> Self {
                PageItems::$variant(items)
            }
        })*
    };
}
items_of! {
    Canonical => Billing,
    LedgerEntry => Entries,
    LedgerCustomer => Customers,
    LedgerAccount => Accounts,
    PeriodItem => Periods,
}

impl From<Balances> for PageItems {
    fn from(balances: Balances) -> Self {
        PageItems::Balances(balances)
    }
}

/// A page to be ingested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestPage {
    pub(super) record: PageRecord,
    pub(super) items: PageItems,
    pub(super) rejected: Vec<RejectedItem>,
    pub(super) absence: Absence,
    pub(super) ready: Option<Ready>,
}

/// What was worked out of a page without the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ready {
    pub connection_id: String,
    pub totals: Sums,
    /// Its bytes, hashed and compressed; `None` leaves it to the ingest, which tells what went wrong.
    pub packed: Option<Packed>,
    /// One for each item; `None` for what is no document.
    pub made: Vec<Option<Made>>,
}

/// What was worked out of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub keys: Keys,
    pub expected: Option<DerivedExpectation>,
}

impl IngestPage {
    /// A page as received, what could be read of it, and what could not.
    #[must_use]
    pub fn new(record: PageRecord, items: impl Into<PageItems>, rejected: Vec<RejectedItem>) -> Self {
        Self { record, items: items.into(), rejected, absence: Absence::default(), ready: None }
    }

    /// The same page with what it proves of items that are there no more.
    #[must_use]
    pub fn proving(mut self, absence: Absence) -> Self {
        self.absence = absence;
        self
    }

    /// Makes the page ready for an ingest of `connection`: its documents named and their contents hashed.
    /// `derive` answers what the ledger should hold for a document, should it be new, as derived from
    /// what the ingest itself sees to be in force (the key that it is given stands for the row to come);
    /// `None` leaves it to be derived later.
    #[must_use]
    pub fn made_ready(
        mut self,
        connection: &ConnectionId,
        mut derive: impl FnMut(DocumentSeq, &Document) -> Option<DerivedExpectation>,
    ) -> Self {
        let connection_id = connection.to_string();
        let mut make = |item: &Canonical| match item {
            Canonical::Document(document) => Some(Made {
                keys: Keys::of(&connection_id, document),
                expected: derive(DocumentSeq(0), document),
            }),
            Canonical::Customer(_)
            | Canonical::Subscription(_)
            | Canonical::Usage(_)
            | Canonical::Movement(_) => None,
        };
        let made = match &self.items {
            PageItems::Billing(items) => items.iter().map(&mut make).collect(),
            PageItems::Entries(_)
            | PageItems::Customers(_)
            | PageItems::Accounts(_)
            | PageItems::Periods(_)
            | PageItems::Balances(_) => Vec::new(),
        };
        let packed = Packed::of(&self.record.body).ok();
        self.ready = Some(Ready { totals: self.items.totals(), packed, connection_id, made });
        self
    }

    /// The page as received.
    #[must_use]
    pub fn record(&self) -> &PageRecord {
        &self.record
    }

    /// What could be read of it.
    #[must_use]
    pub fn items(&self) -> &PageItems {
        &self.items
    }

    /// What could not be read of it.
    #[must_use]
    pub fn rejected(&self) -> &[RejectedItem] {
        &self.rejected
    }

    /// The ids of everything that it holds, what could not be read too where its id is known.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        let aside = self.rejected.iter().filter_map(|aside| aside.concerns.item.as_deref());
        self.items.ids().into_iter().chain(aside)
    }

    /// The sums that prove the page.
    pub(super) fn totals(&self) -> Sums {
        self.ready.as_ref().map_or_else(|| self.items.totals(), |ready| ready.totals.clone())
    }
}
