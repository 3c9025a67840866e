//! Ingest: pages become documents, entries and periods. One `Ingest` is one transaction: pages, proofs,
//! what changed, marks for detection and cursors all come in, or none of it.

mod absent;
mod heavy;
mod page;
mod record;
pub(crate) mod trial;
mod twice;
pub(crate) mod undo;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
pub use page::{IngestPage, PageItems};
use tieout_domain::{
    ConnectionId,
    document::{Canonical, Document, DocumentKind, Nature},
    ledger::{LedgerAccount, LedgerCustomer, LedgerEntry},
    money::weight,
};
use tieout_evidence::LogDraft;
pub use twice::Known;

use self::{heavy::Rows, page::Made};
use crate::{
    db::Tx,
    error::{Result, StoreError},
    table::{
        change::{self, Change, ChangeKind},
        connection, customer, dirty, dispute, document, entry, expectation,
        held_weight::{FEE_LINES, Held, Side},
        ledger_account, ledger_customer, log, movement,
        page::{self as page_table, PageRecord},
        period::{self, PeriodItem, StoredPeriod},
        rejected_item::{self, RejectedItem},
        removal, subscription,
        sync_state::{self, CursorUpdate},
        trial_balance::{self, Balances},
        usage_summary,
    },
};

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
    /// Items that are there no more.
    pub removed: u64,
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
        self.new + self.changed + self.removed
    }
}

/// An ingest under way. Dropped without [`Ingest::commit`], nothing of it is kept.
pub struct Ingest<'s> {
    tx: Tx<'s>,
    connection_seq: i64,
    connection_id: String,
    summary: IngestSummary,
    waiting_rejections: bool,
    any_removed: bool,
    /// A transaction of the connection is kept as an entry for each of its entities.
    any_parts: bool,
    any_money: bool,
    changed_periods: BTreeSet<(String, String)>,
    billing: Held,
    ledger: Held,
    /// Of the page under way.
    refused: Vec<RejectedItem>,
    refused_items: Vec<RejectedItem>,
    rows: Rows,
    first_page: Option<i64>,
    last_page: i64,
    /// Under which key what is changed is kept as it was before.
    recording: Option<i64>,
}

/// The page under way: its internal key and its record.
#[derive(Clone, Copy)]
struct On<'p> {
    page_seq: i64,
    record: &'p PageRecord,
}

impl<'s> Ingest<'s> {
    /// Begins an ingest from one connection.
    pub(crate) fn begin(tx: Tx<'s>, connection: &ConnectionId) -> Result<Self> {
        let connection_seq = connection::seq(&tx, connection)?;
        let waiting_rejections = rejected_item::any_waiting(&tx, connection_seq)?;
        Ok(Ingest {
            any_removed: removal::any(&tx, connection_seq)?,
            any_parts: entry::any_parts(&tx, connection_seq)?,
            billing: Held::read(&tx, Side::Billing)?,
            ledger: Held::read(&tx, Side::Ledger)?,
            refused: Vec::new(),
            refused_items: Vec::new(),
            rows: Rows::default(),
            first_page: None,
            last_page: 0,
            recording: None,
            tx,
            connection_seq,
            connection_id: connection.to_string(),
            summary: IngestSummary::default(),
            waiting_rejections,
            any_money: false,
            changed_periods: BTreeSet::new(),
        })
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

    /// Takes in a page. Of one that was made ready, a new document takes the expectation that came with it;
    /// any other is derived again, as always.
    ///
    /// # Errors
    /// `not_found` where it was made ready for another connection, or a database error.
    pub fn page(&mut self, page: &IngestPage) -> Result<()> {
        let ready = page.ready.as_ref();
        if ready.is_some_and(|ready| ready.connection_id != self.connection_id) {
            return Err(StoreError::unknown("page made ready for", &self.connection_id));
        }
        self.summary.pages += 1;
        let record = &page.record;
        let packed = ready.and_then(|ready| ready.packed.as_ref());
        let evidence = (&page.totals(), packed);
        let page_seq = page_table::keep(&self.tx, self.connection_seq, record, evidence)?;
        self.first_page.get_or_insert(page_seq);
        self.last_page = page_seq;
        let (on, before) = (On { page_seq, record }, self.summary.touched());
        match &page.items {
            PageItems::Billing(items) => {
                let made = |at: usize| ready.and_then(|ready| ready.made.get(at)?.as_ref());
                let mut each = items.iter().enumerate();
                each.try_for_each(|(at, item)| self.billing_item(item, made(at), on))?;
            }
            PageItems::Entries(entries) => entries.iter().try_for_each(|one| self.entry(one, on))?,
            PageItems::Customers(all) => all.iter().try_for_each(|one| self.ledger_customer(one, on))?,
            PageItems::Accounts(all) => all.iter().try_for_each(|one| self.account(one, on))?,
            PageItems::Periods(all) => all.iter().try_for_each(|one| self.period(one, on))?,
            PageItems::Balances(balances) => self.balances(balances, on)?,
        }
        let refused = std::mem::take(&mut self.refused);
        let mut new_rejections = false;
        for item in page.rejected.iter().chain(&refused) {
            self.waited(on, item)?;
            new_rejections |= rejected_item::keep(&self.tx, &self.place(on), item)?;
        }
        self.waiting_rejections |= new_rejections;
        self.summary.rejected += (page.rejected.len() + refused.len()) as u64;
        self.refused_items.extend(refused);
        self.rows.note(page);
        let removed = absent::take(self.at(on), page)?;
        self.any_removed |= removed > 0;
        self.summary.removed += removed;
        if self.summary.touched() == before && !new_rejections {
            page_table::drop_repeated(&self.tx, page_seq)?;
        }
        Ok(())
    }

    fn document(&mut self, document: &Document, made: Option<&Made>, on: On<'_>) -> Result<()> {
        self.any_money |= document.kind.nature() != Nature::Raises;
        if document.kind == DocumentKind::Dispute {
            dispute::superseded(&self.tx, self.connection_seq, &document.external_id)?;
        }
        let (connection_seq, page_seq) = (self.connection_seq, on.page_seq);
        let source = document::Source { connection_seq, page_seq, received_at: on.record.received_at };
        let keys = match made {
            Some(made) => &made.keys,
            None => &document::Keys::of(&self.connection_id, document),
        };
        if self.is_too_heavy(document, keys.weight)? {
            return Ok(());
        }
        let put = document::put(&self.tx, &source, (document, keys))?;
        self.billing.add(keys.weight, put.weighed());
        self.was_document(&put)?;
        if let document::Put::New(seq) = put {
            match made.and_then(|made| made.expected.as_ref()) {
                Some(expected) => expectation::insert(&self.tx, seq, expected)?,
                None => dirty::mark_document(&self.tx, seq)?,
            }
        }
        self.summary.count(matches!(put, document::Put::New(_)), !matches!(put, document::Put::Same(_)));
        self.resolve(on, &document.external_id)
    }

    /// True where a document is refused, which is noted.
    fn is_too_heavy(&mut self, one: &Document, weight: i128) -> Result<bool> {
        if self.billing.takes(weight) {
            return Ok(false);
        }
        // What it replaces makes room.
        let replaced = document::weight_of(&self.tx, self.connection_seq, one)?;
        if self.billing.takes(weight.saturating_sub(replaced)) {
            return Ok(false);
        }
        self.refused.push(heavy::document(one));
        Ok(true)
    }

    fn billing_item(&mut self, item: &Canonical, made: Option<&Made>, on: On<'_>) -> Result<()> {
        if let Canonical::Movement(movement) = item {
            self.was_movement(movement)?;
        }
        let Self { tx, connection_seq, connection_id, .. } = self;
        let (source, page_seq) = ((*connection_seq, connection_id.as_str()), on.page_seq);
        let (external_id, changed) = match item {
            Canonical::Document(document) => return self.document(document, made, on),
            Canonical::Customer(customer) => {
                (&customer.external_id, customer::put(tx, source, customer, page_seq)?)
            }
            Canonical::Subscription(one) => (&one.external_id, subscription::put(tx, source, one, page_seq)?),
            Canonical::Usage(usage) => (&usage.external_id, usage_summary::put(tx, source, usage, page_seq)?),
            Canonical::Movement(one) => {
                let weight_of = |fee: i64| FEE_LINES * weight([fee]);
                let weight = weight_of(one.fee_minor);
                if !self.billing.takes(weight) {
                    self.refused.push(heavy::movement(one));
                    return Ok(());
                }
                let (changed, before) = movement::put(tx, source.0, one, page_seq)?;
                self.billing.add(weight, weight_of(before));
                (&one.external_id, changed)
            }
        };
        self.summary.count(false, changed);
        self.resolve(on, external_id)
    }

    fn entry(&mut self, entry: &LedgerEntry, on: On<'_>) -> Result<()> {
        self.reshaped(entry, on)?;
        let whose = (self.connection_seq, self.connection_id.as_str());
        let weight = entry.weight();
        // What it replaces makes room, where it has to be asked.
        if !self.ledger.takes(weight)
            && !self.ledger.takes(weight - entry::weight_of(&self.tx, whose.0, &entry.erp_id)?)
        {
            self.refused.push(heavy::entry(entry));
            return Ok(());
        }
        let put = entry::put(&self.tx, whose, entry, on.page_seq)?;
        match &put {
            entry::Put::New => self.ledger.add(weight, 0),
            entry::Put::Changed(was) => {
                self.was_entry(was)?;
                self.ledger.add(weight, was.item.weight());
            }
            entry::Put::Same => {}
        }
        self.summary.count(put == entry::Put::New, matches!(put, entry::Put::Changed(_)));
        if let Some(whole) = entry.part_of.as_ref().filter(|_| self.waiting_rejections) {
            rejected_item::resolve(&self.tx, &self.place(on), whole)?;
        }
        self.resolve(on, &entry.erp_id)
    }

    /// A transaction that was an entry and is several now, or the other way round: what it is no longer goes.
    fn reshaped(&mut self, entry: &LedgerEntry, on: On<'_>) -> Result<()> {
        self.any_parts |= entry.part_of.is_some();
        if self.any_parts {
            let on_page = self.at(on);
            let removed = absent::reshaped(on_page, entry)?;
            self.any_removed |= removed > 0;
            self.summary.removed += removed;
        }
        Ok(())
    }

    fn ledger_customer(&mut self, customer: &LedgerCustomer, on: On<'_>) -> Result<()> {
        let changed = ledger_customer::put(&self.tx, self.connection_seq, customer, on.page_seq)?;
        self.summary.count(false, changed);
        self.resolve(on, &customer.erp_id)
    }

    fn account(&mut self, account: &LedgerAccount, on: On<'_>) -> Result<()> {
        let changed = ledger_account::put(&self.tx, self.connection_seq, account)?;
        self.summary.count(false, changed);
        self.resolve(on, &account.erp_id)
    }

    /// Holds the ERP's own sums against what is there of its entries.
    fn balances(&mut self, balances: &Balances, on: On<'_>) -> Result<()> {
        let changed = trial_balance::replace(&self.tx, self.connection_seq, balances, on.page_seq)?;
        self.summary.count(false, changed);
        Ok(())
    }

    /// What depends on a changed period is to be derived again.
    fn period(&mut self, item: &PeriodItem, on: On<'_>) -> Result<()> {
        let changed = period::put(&self.tx, item, on.record.received_at)?;
        self.summary.count(false, changed);
        if changed {
            let key = (item.period.entity.to_string(), item.period.key.to_string());
            self.changed_periods.insert(key);
        }
        Ok(())
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

    /// What was refused although it could be read: with it, amounts could no longer be summed.
    #[must_use]
    pub fn refused_items(&self) -> &[RejectedItem] {
        &self.refused_items
    }

    /// The other connection that has most of what is new or changed here already, as it stands.
    ///
    /// # Errors
    /// A database error.
    pub fn known_elsewhere(&self) -> Result<Option<Known>> {
        match self.first_page {
            Some(first_page) => twice::known(&self.tx, self.connection_seq, first_page),
            None => Ok(None),
        }
    }

    /// Settles the rows that an earlier file of this connection left aside and that belong to no document or
    /// journal: where this file reaches over their day and does not have them aside as well.
    ///
    /// # Errors
    /// A database error.
    pub fn settle_rows(&self, resource: &str, at: DateTime<Utc>) -> Result<()> {
        let place = rejected_item::Place { connection_seq: self.connection_seq, page_seq: 0, resource, at };
        rejected_item::settle_rows(&self.tx, &place, &self.rows.aside, self.rows.span)
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
        if self.any_money {
            document::link_to_payments(&self.tx, self.connection_seq)?;
        }
        for (entity, key) in &self.changed_periods {
            dirty::mark_period(&self.tx, entity, key)?;
        }
        self.billing.keep(&self.tx)?;
        self.ledger.keep(&self.tx)?;
        log::commit(self.tx)?;
        Ok(self.summary)
    }

    fn at<'p>(&'p self, on: On<'p>) -> absent::On<'p> {
        absent::On {
            tx: &self.tx,
            connection_seq: self.connection_seq,
            connection_id: &self.connection_id,
            page_seq: on.page_seq,
            record: on.record,
        }
    }

    fn place<'p>(&self, on: On<'p>) -> rejected_item::Place<'p> {
        rejected_item::Place {
            connection_seq: self.connection_seq,
            page_seq: on.page_seq,
            resource: &on.record.resource,
            at: on.record.received_at,
        }
    }

    /// Notes that an item of this id came in a readable shape, and is there.
    fn resolve(&self, on: On<'_>, external_id: &str) -> Result<()> {
        if self.waiting_rejections {
            rejected_item::resolve(&self.tx, &self.place(on), external_id)?;
        }
        if self.any_removed {
            let resource = on.record.resource.as_str();
            let at = on.record.received_at;
            removal::returned(&self.tx, (self.connection_seq, resource), external_id, at)?;
        }
        Ok(())
    }
}
