//! The next page of a connection is fetched while the last one is being stored: both take about as long.

use std::sync::Arc;

use tieout_connectors::{BillingSource, LedgerScope, LedgerSource, Page, PageRequest, Resource};
use tieout_domain::{
    document::Canonical,
    failure::VendorFailure,
    ledger::{LedgerAccount, LedgerCustomer, LedgerEntry, PeriodReading},
};
use tokio::task::JoinSet;

/// A connection to read from.
#[derive(Clone)]
pub(super) enum Source {
    Billing(Arc<dyn BillingSource>),
    Ledger(Arc<dyn LedgerSource>),
}

impl Source {
    pub(super) fn offers(&self) -> Vec<Resource> {
        match self {
            Source::Billing(source) => source.offers().to_vec(),
            Source::Ledger(source) => source.offers().to_vec(),
        }
    }
}

/// A page as the vendor gave it.
pub(super) enum Fetched {
    Billing(Page<Canonical>),
    Entries(Page<LedgerEntry>),
    Customers(Page<LedgerCustomer>),
    Periods(Page<PeriodReading>),
    Accounts(Page<LedgerAccount>),
}

impl Fetched {
    /// The request for the page behind it.
    fn next(&self, request: &PageRequest) -> Option<PageRequest> {
        let next = match self {
            Fetched::Billing(page) => &page.next,
            Fetched::Entries(page) => &page.next,
            Fetched::Customers(page) => &page.next,
            Fetched::Periods(page) => &page.next,
            Fetched::Accounts(page) => &page.next,
        };
        next.clone().map(|next| PageRequest { next: Some(next), ..request.clone() })
    }
}

async fn fetch(source: Source, request: &PageRequest, scope: &LedgerScope) -> Result<Fetched, VendorFailure> {
    Ok(match (source, request.resource) {
        (Source::Billing(source), _) => Fetched::Billing(source.page(request).await?),
        (Source::Ledger(source), Resource::Periods) => Fetched::Periods(source.periods().await?),
        (Source::Ledger(source), Resource::Accounts) => Fetched::Accounts(source.accounts().await?),
        (Source::Ledger(source), Resource::LedgerCustomers) => {
            Fetched::Customers(source.customers(request).await?)
        }
        (Source::Ledger(source), _) => Fetched::Entries(source.entries(request, scope).await?),
    })
}

/// The pages of one resource, one after the other, each asked for as soon as the one before is there. What is
/// still under way when this is dropped is given up.
pub(super) struct Pages {
    source: Source,
    scope: Arc<LedgerScope>,
    under_way: JoinSet<(PageRequest, Result<Fetched, VendorFailure>)>,
}

impl Pages {
    pub(super) fn begin(source: &Source, request: PageRequest, scope: LedgerScope) -> Self {
        let mut pages = Self { source: source.clone(), scope: Arc::new(scope), under_way: JoinSet::new() };
        pages.ask(request);
        pages
    }

    fn ask(&mut self, request: PageRequest) {
        let (source, scope) = (self.source.clone(), Arc::clone(&self.scope));
        self.under_way.spawn(async move {
            let page = fetch(source, &request, &scope).await;
            (request, page)
        });
    }

    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// The vendor's failure.
    pub(super) async fn next(&mut self) -> Result<Option<Fetched>, VendorFailure> {
        let Some(joined) = self.under_way.join_next().await else { return Ok(None) };
        let (request, page) = joined.unwrap_or_else(|died| std::panic::resume_unwind(died.into_panic()));
        let page = page?;
        if let Some(next) = page.next(&request) {
            self.ask(next);
        }
        Ok(Some(page))
    }
}
