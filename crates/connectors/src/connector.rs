//! An open connection, whoever its vendor is.

use std::sync::Arc;

use tieout_domain::failure::VendorFailure;

use crate::{
    kit::{Limiter, Snapshot},
    sheet::Sheet,
    traits::{AccountIdentity, BillingSource, LedgerPoster, LedgerSource, Resource},
};

/// What has the one limiter of its vendor's allowance.
pub trait Limited: Send + Sync {
    /// The limiter that all calls of the connection share.
    fn limiter(&self) -> &Limiter;
}

/// An open connection: the one adapter, in each of the parts that it can play, and so one limiter for all of
/// them. Clones are the same connection.
#[derive(Clone)]
pub struct Connector {
    sheet: &'static Sheet,
    part: Part,
    limited: Arc<dyn Limited>,
}

#[derive(Clone)]
enum Part {
    Billing(Arc<dyn BillingSource>),
    Ledger(Arc<dyn LedgerSource>, Arc<dyn LedgerPoster>),
}

impl Connector {
    /// A connection to a billing system.
    #[must_use]
    pub fn billing<T: BillingSource + Limited + 'static>(sheet: &'static Sheet, adapter: T) -> Self {
        let adapter = Arc::new(adapter);
        let limited: Arc<dyn Limited> = adapter.clone();
        Self { sheet, part: Part::Billing(adapter), limited }
    }

    /// A connection to an ERP: its ledger, to read and to book.
    #[must_use]
    pub fn ledger<T: LedgerSource + LedgerPoster + Limited + 'static>(
        sheet: &'static Sheet,
        adapter: T,
    ) -> Self {
        let adapter = Arc::new(adapter);
        let limited: Arc<dyn Limited> = adapter.clone();
        let source: Arc<dyn LedgerSource> = adapter.clone();
        Self { sheet, part: Part::Ledger(source, adapter), limited }
    }

    /// What is known of the vendor.
    #[must_use]
    pub fn sheet(&self) -> &'static Sheet {
        self.sheet
    }

    /// Documents come from it; `None` for an ERP.
    #[must_use]
    pub fn billing_source(&self) -> Option<Arc<dyn BillingSource>> {
        match &self.part {
            Part::Billing(source) => Some(Arc::clone(source)),
            Part::Ledger(..) => None,
        }
    }

    /// Entries, periods, customers and the chart come from it; `None` for a billing system.
    #[must_use]
    pub fn ledger_source(&self) -> Option<Arc<dyn LedgerSource>> {
        match &self.part {
            Part::Ledger(source, _) => Some(Arc::clone(source)),
            Part::Billing(_) => None,
        }
    }

    /// Postings go to it; `None` for a billing system.
    #[must_use]
    pub fn poster(&self) -> Option<Arc<dyn LedgerPoster>> {
        match &self.part {
            Part::Ledger(_, poster) => Some(Arc::clone(poster)),
            Part::Billing(_) => None,
        }
    }

    /// What it lists, in the order in which it should be read.
    #[must_use]
    pub fn offers(&self) -> Vec<Resource> {
        match &self.part {
            Part::Billing(source) => source.offers().to_vec(),
            Part::Ledger(source, _) => source.offers().to_vec(),
        }
    }

    /// Proves that the credentials work, and answers who we are there.
    ///
    /// # Errors
    /// The vendor's own words, with our code.
    pub async fn test(&self) -> Result<AccountIdentity, VendorFailure> {
        match &self.part {
            Part::Billing(source) => source.test().await,
            Part::Ledger(source, _) => source.test().await,
        }
    }

    /// What its limiter does now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.limited.limiter().snapshot()
    }
}
