//! Ingest: pages become documents, entries and periods. One `Ingest` is one transaction: pages, proofs,
//! what changed, marks for detection and cursors all come in, or none of it.

use std::collections::BTreeSet;

use rusqlite::{Transaction, TransactionBehavior};
use tieout_domain::{
    ConnectionId, Money,
    document::{Canonical, Document, DocumentKind},
    ledger::{LedgerAccount, LedgerCustomer, LedgerEntry},
};

use crate::{
    error::{Result, StoreError},
    prepare::{self, PreparedPage},
    store::Store,
    table::{
        change::{self, Change, ChangeKind},
        connection, customer, dirty, dispute, document, entry,
        expectation::DerivedExpectation,
        ledger_account, ledger_customer,
        log::{self, LogDraft},
        page::{self, PageRecord, Sums},
        payload::Packed,
        payment_fee,
        period::{self, PeriodItem, StoredPeriod},
        rejected_item::{self, RejectedItem},
        subscription,
        sync_state::{self, CursorUpdate},
        usage_summary,
    },
};

/// A page of a billing system or file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillingPage {
    /// The page as received.
    pub page: PageRecord,
    /// What could be read of it, in the vendor's order.
    pub items: Vec<Canonical>,
    /// What could not.
    pub rejected: Vec<RejectedItem>,
}

/// A page of an ERP's entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerPage {
    /// The page as received.
    pub page: PageRecord,
    /// What could be read of it.
    pub entries: Vec<LedgerEntry>,
    /// What could not.
    pub rejected: Vec<RejectedItem>,
}

/// A page of an ERP's customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerCustomerPage {
    /// The page as received.
    pub page: PageRecord,
    /// What could be read of it.
    pub customers: Vec<LedgerCustomer>,
    /// What could not.
    pub rejected: Vec<RejectedItem>,
}

/// An ERP's chart of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartPage {
    /// The page as received.
    pub page: PageRecord,
    /// What could be read of it.
    pub accounts: Vec<LedgerAccount>,
    /// What could not.
    pub rejected: Vec<RejectedItem>,
}

/// A page of accounting periods, each for one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodPage {
    /// The page as received.
    pub page: PageRecord,
    /// What could be read of it.
    pub periods: Vec<PeriodItem>,
    /// What could not.
    pub rejected: Vec<RejectedItem>,
}

/// What came of an ingest. An item is counted once: new, changed, or as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IngestSummary {
    /// Pages.
    pub pages: u64,
    /// Items that were not there before.
    pub new: u64,
    /// Items that changed.
    pub changed: u64,
    /// Items that were there as they are.
    pub unchanged: u64,
    /// Items that could not be read and were kept aside.
    pub rejected: u64,
}

impl IngestSummary {
    fn count(&mut self, new: bool, changed: bool) {
        match (new, changed) {
            (true, _) => self.new += 1,
            (false, true) => self.changed += 1,
            (false, false) => self.unchanged += 1,
        }
    }

    fn touched(&self) -> u64 {
        self.new + self.changed
    }
}

/// An ingest under way. Dropped without [`Ingest::commit`], nothing of it is kept.
pub struct Ingest<'s> {
    tx: Transaction<'s>,
    connection_seq: i64,
    connection_id: String,
    summary: IngestSummary,
    waiting_rejections: bool,
    refunds_or_payments: bool,
    changed_periods: BTreeSet<(String, String)>,
}

impl Store {
    /// Begins an ingest from one connection. The store takes no other write until it is committed or
    /// dropped.
    ///
    /// # Errors
    /// `not_found` for the connection, `store_busy`.
    pub fn begin_ingest(&mut self, connection: &ConnectionId) -> Result<Ingest<'_>> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let connection_seq = connection::seq(&tx, connection)?;
        let waiting_rejections = rejected_item::any_waiting(&tx, connection_seq)?;
        Ok(Ingest {
            tx,
            connection_seq,
            connection_id: connection.to_string(),
            summary: IngestSummary::default(),
            waiting_rejections,
            refunds_or_payments: false,
            changed_periods: BTreeSet::new(),
        })
    }

    /// Ingests billing pages and their cursor in one transaction.
    ///
    /// # Errors
    /// `not_found` for the connection, or a database error; nothing was kept then.
    pub fn ingest_billing<'p>(
        &mut self,
        connection: &ConnectionId,
        pages: impl IntoIterator<Item = &'p BillingPage>,
        cursor: Option<&CursorUpdate>,
    ) -> Result<IngestSummary> {
        let mut ingest = self.begin_ingest(connection)?;
        for page in pages {
            ingest.billing_page(page)?;
        }
        ingest.finish(cursor)
    }

    /// Ingests pages of ledger entries and their cursor in one transaction.
    ///
    /// # Errors
    /// As [`Store::ingest_billing`].
    pub fn ingest_ledger<'p>(
        &mut self,
        connection: &ConnectionId,
        pages: impl IntoIterator<Item = &'p LedgerPage>,
        cursor: Option<&CursorUpdate>,
    ) -> Result<IngestSummary> {
        let mut ingest = self.begin_ingest(connection)?;
        for page in pages {
            ingest.ledger_page(page)?;
        }
        ingest.finish(cursor)
    }

    /// Ingests pages of an ERP's customers and their cursor in one transaction.
    ///
    /// # Errors
    /// As [`Store::ingest_billing`].
    pub fn ingest_ledger_customers<'p>(
        &mut self,
        connection: &ConnectionId,
        pages: impl IntoIterator<Item = &'p LedgerCustomerPage>,
        cursor: Option<&CursorUpdate>,
    ) -> Result<IngestSummary> {
        let mut ingest = self.begin_ingest(connection)?;
        for page in pages {
            ingest.ledger_customer_page(page)?;
        }
        ingest.finish(cursor)
    }

    /// Ingests an ERP's chart of accounts in one transaction.
    ///
    /// # Errors
    /// As [`Store::ingest_billing`].
    pub fn ingest_chart(
        &mut self,
        connection: &ConnectionId,
        page: &ChartPage,
        cursor: Option<&CursorUpdate>,
    ) -> Result<IngestSummary> {
        let mut ingest = self.begin_ingest(connection)?;
        ingest.chart_page(page)?;
        ingest.finish(cursor)
    }

    /// Ingests a page of periods in one transaction. What depends on a changed one is to be derived
    /// again.
    ///
    /// # Errors
    /// As [`Store::ingest_billing`].
    pub fn ingest_periods(
        &mut self,
        connection: &ConnectionId,
        page: &PeriodPage,
        cursor: Option<&CursorUpdate>,
    ) -> Result<IngestSummary> {
        let mut ingest = self.begin_ingest(connection)?;
        ingest.period_page(page)?;
        ingest.finish(cursor)
    }
}

impl Ingest<'_> {
    fn finish(self, cursor: Option<&CursorUpdate>) -> Result<IngestSummary> {
        if let Some(cursor) = cursor {
            self.cursor(cursor)?;
        }
        self.commit()
    }

    /// The periods, as this ingest sees them.
    ///
    /// # Errors
    /// A database error.
    pub fn periods(&self) -> Result<Vec<StoredPeriod>> {
        period::all(&self.tx)
    }

    /// The change of this kind and name that is in force, and stays so until the ingest ends: nobody else
    /// writes meanwhile.
    ///
    /// # Errors
    /// A database error.
    pub fn change_in_force_named(&self, kind: ChangeKind, name: &str) -> Result<Option<Change>> {
        change::in_force_named(&self.tx, kind, name)
    }

    /// Takes in a page of billing.
    ///
    /// # Errors
    /// A database error.
    pub fn billing_page(&mut self, page: &BillingPage) -> Result<()> {
        let (page_seq, before) = self.begin_page(&page.page, None, &prepare::totals(page))?;
        for item in &page.items {
            self.billing_item(item, page_seq, &page.page)?;
        }
        self.end_page(page_seq, before, &page.page, &page.rejected)
    }

    /// As [`Ingest::billing_page`], of a page that was prepared for the same connection. A new document
    /// takes the expectation that came with it; any other is derived again, as always.
    ///
    /// # Errors
    /// `not_found` where it was prepared for another connection, or a database error.
    pub fn prepared_page(&mut self, prepared: &PreparedPage) -> Result<()> {
        if prepared.connection_id != self.connection_id {
            return Err(StoreError::unknown("page prepared for", &self.connection_id));
        }
        let page = &prepared.page;
        let (page_seq, before) = self.begin_page(&page.page, Some(&prepared.packed), &prepared.totals)?;
        for (item, made) in page.items.iter().zip(&prepared.made) {
            match (item, made) {
                (Canonical::Document(document), Some(made)) => {
                    let expected = made.expected.as_ref();
                    self.document((document, &made.keys), expected, page_seq, &page.page)?;
                }
                _ => self.billing_item(item, page_seq, &page.page)?,
            }
        }
        self.end_page(page_seq, before, &page.page, &page.rejected)
    }

    fn document(
        &mut self,
        (document, keys): (&Document, &document::Keys),
        expected: Option<&DerivedExpectation>,
        page_seq: i64,
        page: &PageRecord,
    ) -> Result<()> {
        self.refunds_or_payments |= matches!(document.kind, DocumentKind::Payment | DocumentKind::Refund);
        let connection_seq = self.connection_seq;
        let source = document::Source { connection_seq, page_seq, received_at: page.received_at };
        let put = document::put(&self.tx, &source, (document, keys), expected)?;
        self.summary.count(put == document::Put::New, put != document::Put::Same);
        self.resolve(page_seq, page, &document.external_id)
    }

    fn billing_item(&mut self, item: &Canonical, page_seq: i64, page: &PageRecord) -> Result<()> {
        let Self { tx, connection_seq, connection_id, .. } = self;
        let source = (*connection_seq, connection_id.as_str());
        let (external_id, changed) = match item {
            Canonical::Document(document) => {
                let keys = document::Keys::of(connection_id, document);
                return self.document((document, &keys), None, page_seq, page);
            }
            Canonical::Customer(customer) => {
                (&customer.external_id, customer::put(tx, source, customer, page_seq)?)
            }
            Canonical::Subscription(one) => (&one.external_id, subscription::put(tx, source, one, page_seq)?),
            Canonical::Usage(usage) => (&usage.external_id, usage_summary::put(tx, source, usage, page_seq)?),
            Canonical::Dispute(one) => (&one.external_id, dispute::put(tx, source.0, one, page_seq)?),
            Canonical::Fee(fee) => (&fee.payment, payment_fee::put(tx, source.0, fee, page_seq)?),
        };
        self.summary.count(false, changed);
        self.resolve(page_seq, page, external_id)
    }

    /// Takes in a page of ledger entries.
    ///
    /// # Errors
    /// A database error.
    pub fn ledger_page(&mut self, page: &LedgerPage) -> Result<()> {
        let mut sums = Sums::new();
        for entry in &page.entries {
            let debits = entry.lines.iter().map(|l| l.transaction_minor).filter(|minor| *minor > 0);
            debits.for_each(|minor| add(&mut sums, Money::new(minor, entry.currency)));
        }
        let (page_seq, before) = self.begin_page(&page.page, None, &sums)?;
        for entry in &page.entries {
            let put = entry::put(&self.tx, (self.connection_seq, &self.connection_id), entry, page_seq)?;
            self.summary.count(put == entry::Put::New, put == entry::Put::Changed);
            self.resolve(page_seq, &page.page, &entry.erp_id)?;
        }
        self.end_page(page_seq, before, &page.page, &page.rejected)
    }

    /// Takes in a page of an ERP's customers.
    ///
    /// # Errors
    /// A database error.
    pub fn ledger_customer_page(&mut self, page: &LedgerCustomerPage) -> Result<()> {
        let (page_seq, before) = self.begin_page(&page.page, None, &Sums::new())?;
        for customer in &page.customers {
            let changed = ledger_customer::put(&self.tx, self.connection_seq, customer, page_seq)?;
            self.summary.count(false, changed);
            self.resolve(page_seq, &page.page, &customer.erp_id)?;
        }
        self.end_page(page_seq, before, &page.page, &page.rejected)
    }

    /// Takes in a chart of accounts.
    ///
    /// # Errors
    /// A database error.
    pub fn chart_page(&mut self, page: &ChartPage) -> Result<()> {
        let (page_seq, before) = self.begin_page(&page.page, None, &Sums::new())?;
        for account in &page.accounts {
            let changed = ledger_account::put(&self.tx, self.connection_seq, account)?;
            self.summary.count(false, changed);
            self.resolve(page_seq, &page.page, &account.erp_id)?;
        }
        self.end_page(page_seq, before, &page.page, &page.rejected)
    }

    /// Takes in the names of accounts that came with entries.
    ///
    /// # Errors
    /// A database error.
    pub fn account_names(&self, accounts: &[LedgerAccount]) -> Result<()> {
        for account in accounts {
            ledger_account::put(&self.tx, self.connection_seq, account)?;
        }
        Ok(())
    }

    /// Takes in a page of periods.
    ///
    /// # Errors
    /// A database error.
    pub fn period_page(&mut self, page: &PeriodPage) -> Result<()> {
        let (page_seq, before) = self.begin_page(&page.page, None, &Sums::new())?;
        for item in &page.periods {
            let changed = period::put(&self.tx, item, page.page.received_at)?;
            self.summary.count(false, changed);
            if changed {
                let key = (item.period.entity.to_string(), item.period.key.to_string());
                self.changed_periods.insert(key);
            }
        }
        self.end_page(page_seq, before, &page.page, &page.rejected)
    }

    /// Notes where reading goes on.
    ///
    /// # Errors
    /// A database error.
    pub fn cursor(&self, update: &CursorUpdate) -> Result<()> {
        sync_state::advance(&self.tx, self.connection_seq, update)
    }

    /// Appends a log entry, such as who imported which file.
    ///
    /// # Errors
    /// `log_bad_signature`.
    pub fn log(&self, draft: &LogDraft<'_>) -> Result<i64> {
        log::append(&self.tx, draft)
    }

    /// Keeps everything.
    ///
    /// # Errors
    /// A database error; nothing was kept then.
    pub fn commit(self) -> Result<IngestSummary> {
        if self.refunds_or_payments {
            document::link_refunds(&self.tx, self.connection_seq)?;
        }
        for (entity, key) in &self.changed_periods {
            dirty::mark_period(&self.tx, entity, key)?;
        }
        self.tx.commit()?;
        Ok(self.summary)
    }

    fn begin_page(&mut self, page: &PageRecord, packed: Option<&Packed>, sums: &Sums) -> Result<(i64, u64)> {
        self.summary.pages += 1;
        let seq = page::keep(&self.tx, self.connection_seq, page, packed, sums)?;
        Ok((seq, self.summary.touched()))
    }

    fn end_page(
        &mut self,
        page_seq: i64,
        touched_before: u64,
        page: &PageRecord,
        rejected: &[RejectedItem],
    ) -> Result<()> {
        let place = self.place(page_seq, page);
        let mut new_rejections = false;
        for item in rejected {
            new_rejections |= rejected_item::keep(&self.tx, &place, item)?;
        }
        self.waiting_rejections |= new_rejections;
        self.summary.rejected += rejected.len() as u64;
        if self.summary.touched() == touched_before && !new_rejections {
            page::drop_repeated(&self.tx, page_seq)?;
        }
        Ok(())
    }

    fn place<'p>(&self, page_seq: i64, page: &'p PageRecord) -> rejected_item::Place<'p> {
        rejected_item::Place {
            connection_seq: self.connection_seq,
            page_seq,
            resource: &page.resource,
            at: page.received_at,
        }
    }

    fn resolve(&self, page_seq: i64, page: &PageRecord, external_id: &str) -> Result<()> {
        if self.waiting_rejections {
            rejected_item::resolve(&self.tx, &self.place(page_seq, page), external_id)?;
        }
        Ok(())
    }
}

pub(crate) fn add(sums: &mut Sums, money: Money) {
    *sums.entry(money.currency()).or_insert(0) += i128::from(money.minor());
}
