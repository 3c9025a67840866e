//! What a connection can do, as small capabilities. An adapter implements those that its vendor has.
//!
//! One call here is one attempt: nothing in this crate repeats a posting. Reads may be retried by the kit
//! where the vendor certainly did nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    AccountCode, EntityCode,
    absence::Absence,
    document::{Canonical, DocumentKind},
    entry::JournalEntry,
    failure::VendorFailure,
    hash::short_hash,
    key::PostingKey,
    ledger::{LedgerAccount, LedgerCustomer, LedgerEntry, PeriodReading},
    trial_balance::TrialBalance,
    unread::Concerns,
};

/// What a connection lists. A resource that a connection does not offer is no failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Customer accounts.
    Customers,
    /// Subscriptions.
    Subscriptions,
    /// Invoices with their lines and tax.
    Invoices,
    /// Credit notes.
    CreditNotes,
    /// Payments.
    Payments,
    /// Refunds.
    Refunds,
    /// Disputes.
    Disputes,
    /// Movements of the processor's balance, with their fees.
    Fees,
    /// Money paid out to the bank.
    Payouts,
    /// Payments that billing was told of and that did not go through the processor.
    OutsidePayments,
    /// Usage summaries.
    Usage,
    /// Ledger entries.
    Entries,
    /// Customers of the ERP.
    LedgerCustomers,
    /// Accounting periods.
    Periods,
    /// The chart of accounts.
    Accounts,
    /// The ERP's own sums by account and period.
    TrialBalance,
}

/// Where to go on reading. Opaque to everyone but the adapter that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// From when on the next sync reads what changed, as a resume point says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// An instant.
    At(DateTime<Utc>),
    /// A time of the vendor's own account, whose zone is not known, as the vendor writes it.
    There(String),
}

/// Proof of what a page held, kept with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageEvidence {
    /// The request as sent, without secrets: method, path and query.
    pub request: String,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// The vendor's API version, where it says.
    pub api_version: Option<String>,
    /// Number of items.
    pub count: u32,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

/// One item of a page: what it means, or why it could not be read.
#[derive(Clone, Debug)]
pub struct Fetched<T> {
    /// The vendor's id, or `row 17` of a file.
    pub external_id: String,
    /// What it means. An error is schema drift or a bad row: the item is kept aside, the page goes on.
    pub item: Result<T, Rejection>,
    /// The vendor's JSON of this item, or the file's rows, byte for byte.
    pub raw: Vec<u8>,
    /// What it could be about, where it could not be read.
    pub concerns: Concerns,
}

/// Why an item could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Rejection {
    /// A stable code (`schema_drift`, `bad_amount`, `bad_date`, `unknown_entity` …).
    pub code: String,
    /// Where: `row 17, column UnitPrice`, or `invoices/in_1, field total`.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items, in the vendor's order.
    pub items: Vec<Fetched<T>>,
    /// Proof of what it held.
    pub evidence: PageEvidence,
    /// The page as received (compressed and content-addressed by the store).
    pub body: Vec<u8>,
    /// Where this scan goes on; `None` at its end.
    pub next: Option<Cursor>,
    /// From where the *next* sync starts, once this scan has come to its end.
    pub resume: Option<Cursor>,
    /// What the page proves of entries that are gone from the ledger.
    pub absence: Absence,
}

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The resource.
    pub resource: Resource,
    /// Go on within a scan.
    pub next: Option<Cursor>,
    /// Start from where the last complete scan ended; `None` reads everything.
    pub resume: Option<Cursor>,
    /// Earliest creation to read on a full scan.
    pub since: Option<DateTime<Utc>>,
}

/// Reads a billing system.
#[async_trait]
pub trait BillingSource: Send + Sync {
    /// The resources that this connection lists, in the order in which they should be read.
    fn offers(&self) -> &[Resource];

    /// Reads one page. A resume point that the vendor no longer knows (an object that was deleted since, an
    /// event that is too old) restarts the resource by itself: nothing is lost, and what comes a second time
    /// is what it was.
    async fn page(&self, request: &PageRequest) -> Result<Page<Canonical>, VendorFailure>;

    /// Reads one document again by its id, never from a cache, right before an entry of it is sent; `None`
    /// where the vendor no longer knows it.
    async fn reread(&self, kind: DocumentKind, external_id: &str) -> Result<Option<Reread>, VendorFailure>;

    /// Proves that the credentials work, and answers how the vendor names the account.
    async fn test(&self) -> Result<AccountIdentity, VendorFailure>;
}

/// A document as the vendor has it now, and all else that an entry of it is made of.
#[derive(Clone, Debug)]
pub struct Reread {
    /// A page of the document, and where it is money one of the movements of the processor's balance that are
    /// its, each under its resource where the connection offers it.
    pub pages: Vec<(Resource, Page<Canonical>)>,
}

/// Which entries of a ledger are the population: every posted transaction, of whatever type, that touches an
/// account in scope, and all of the types in which a document's name can stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerScope {
    /// The accounts in scope; `None` where nobody has said which: every posted transaction.
    pub accounts: Option<BTreeSet<AccountCode>>,
}

impl LedgerScope {
    /// The scope's identity, by which a place in a scan says what it was a scan of.
    #[must_use]
    pub fn id(&self) -> String {
        match &self.accounts {
            None => "all".to_owned(),
            Some(accounts) => {
                let codes: Vec<&str> = accounts.iter().map(AccountCode::as_str).collect();
                short_hash("ledger_scope/1", &codes)
            }
        }
    }
}

/// What an account of the vendor has or lacks of what the connection can use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capability {
    /// What: `subsidiaries`, `currencies`, `approvals`, `deletions` …
    pub what: String,
    /// What was found.
    pub state: CapabilityState,
    /// What that means, and where something is missing, which permission or preference to ask for.
    pub says: String,
}

/// What was found of a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapabilityState {
    /// It is there.
    Here,
    /// The account does not have it, and the connection does without.
    Absent,
    /// The connection needs it, or does less without it: somebody has to give it.
    Missing,
    /// It could not be told.
    Unknown,
}

impl CapabilityState {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            CapabilityState::Here => "here",
            CapabilityState::Absent => "absent",
            CapabilityState::Missing => "missing",
            CapabilityState::Unknown => "unknown",
        }
    }
}

/// Who we are at the vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountIdentity {
    /// The vendor's account, tenant or company id.
    pub tenant: String,
    /// Its name, where there is one.
    pub name: Option<String>,
    /// True for a production account, where the vendor tells.
    pub live: Option<bool>,
    /// What the account has and lacks, where the adapter looks.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
}

/// Reads an ERP's ledger.
#[async_trait]
pub trait LedgerSource: Send + Sync {
    /// The resources that this connection lists ([`Resource::Entries`], [`Resource::LedgerCustomers`],
    /// [`Resource::Periods`], [`Resource::Accounts`], [`Resource::TrialBalance`]), in the order in which they
    /// should be read.
    fn offers(&self) -> &[Resource];

    /// One page of the entries in scope, changed since the cursor; a cursor of another scope begins anew.
    /// What changed and is outside of the scope is named as deleted: it is no longer of what is read. A full
    /// read ([`PageRequest::resume`] and [`PageRequest::since`] absent) says of each page which ids it lists
    /// completely; one of changes names what was deleted, where the vendor tells ([`crate::Absence`]).
    async fn entries(
        &self,
        request: &PageRequest,
        scope: &LedgerScope,
    ) -> Result<Page<LedgerEntry>, VendorFailure>;

    /// One page of customers.
    async fn customers(&self, request: &PageRequest) -> Result<Page<LedgerCustomer>, VendorFailure>;

    /// All accounting periods with their status.
    async fn periods(&self) -> Result<Page<PeriodReading>, VendorFailure>;

    /// The whole chart of accounts, inactive ones too: old entries name them.
    async fn accounts(&self) -> Result<Page<LedgerAccount>, VendorFailure>;

    /// What the ERP itself has added up of each account in scope, entity and period that something was posted
    /// in; `None` where it is not to be had, or no account is in scope.
    async fn trial_balance(&self, scope: &LedgerScope) -> Result<Option<Page<TrialBalance>>, VendorFailure>;

    /// Proves that the credentials work.
    async fn test(&self) -> Result<AccountIdentity, VendorFailure>;
}

/// One call of a vendor's protocol that changes something: its own durable attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtocolAction {
    /// Creates a draft that is not booked.
    CreateDraft,
    /// Books the draft.
    PostDraft,
    /// Removes a surplus draft.
    DeleteDraft,
    /// Creates and books in one call.
    CreateBooked,
}

impl ProtocolAction {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ProtocolAction::CreateDraft => "create_draft",
            ProtocolAction::PostDraft => "post_draft",
            ProtocolAction::DeleteDraft => "delete_draft",
            ProtocolAction::CreateBooked => "create_booked",
        }
    }
}

/// How a vendor books an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// One call, under an external id that the vendor keeps unique.
    UniqueKey,
    /// Create a draft, find all drafts with the key, post exactly one, delete the others.
    DraftThenPost,
}

/// What to look for in the ERP before a first send, and after an unknown outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Our key.
    pub key: PostingKey,
    /// The document's own reference, by which the customer's existing integration may have posted it.
    pub reference: String,
    /// Every other name that identifies the document, likewise.
    pub other_names: Vec<String>,
    /// The entity of the key. Entries of the names are wanted in *every* entity: a booking in the wrong one
    /// stops the send as well.
    pub entity: EntityCode,
    /// The ERP's id of the entity; empty where an earlier version did not keep it.
    pub entity_erp_id: String,
    /// True where something may have been sent under the key already: what it committed must be found even
    /// where the vendor's lists lag behind.
    pub sent: bool,
}

impl Lookup {
    /// True where `reference` is one of the document's names.
    #[must_use]
    pub fn names(&self, reference: &str) -> bool {
        self.all_names().any(|name| name == reference)
    }

    /// The document's names, its reference first.
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.reference).chain(&self.other_names).map(String::as_str)
    }
}

/// The patterns of `like` under which a text holds a name, with `%` for anything: a name that is long enough
/// to stand alone wherever it is, a short one between white space or the text's ends. What is found is
/// compared again.
#[must_use]
pub fn patterns_of(name: &str) -> Vec<String> {
    const LONG: usize = 5;
    match name.chars().count() {
        LONG.. => vec![format!("%{name}%")],
        _ => vec![name.to_owned(), format!("{name} %"), format!("% {name}"), format!("% {name} %")],
    }
}

/// What a look-up found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Entries with our key, drafts and booked ones.
    pub by_key: Vec<LedgerEntry>,
    /// Entries with one of the document's names, in any entity, without those of `by_key`.
    pub by_reference: Vec<LedgerEntry>,
}

/// One entry to book, as it was approved: an adapter sends these ids and looks up none of its own in their
/// place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookRequest {
    /// Our key.
    pub key: PostingKey,
    /// What to book.
    pub entry: JournalEntry,
    /// The ERP's id of the entity.
    pub entity_erp_id: String,
    /// The ERP's id of each of the entry's accounts.
    pub accounts: BTreeMap<AccountCode, String>,
    /// What the connection's options add to what is sent, by the option's name.
    pub options: BTreeMap<String, String>,
    /// The ERP's id of the entry that this one reverses.
    pub reverses: Option<String>,
}

/// What a changing call answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The ERP's id of the entry, where the answer has it.
    pub erp_id: Option<String>,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// Request and response as text, without secrets, for the list of attempts.
    pub transcript: String,
}

/// A period whose status is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodAsked {
    /// The ERP's id of the entity.
    pub entity_erp_id: String,
    /// A date that it holds.
    pub date: NaiveDate,
}

/// What the ERP says of the place where an entry would go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodCheck {
    /// The period as read just now.
    pub period: PeriodReading,
    /// True when it takes the entry.
    pub accepts: bool,
}

/// What each question of a call came to, in the order of the questions; or why the call as a whole failed,
/// which then is the failure of each of them.
pub type Each<A> = Result<Vec<Result<A, VendorFailure>>, VendorFailure>;

/// The one answer of a call that asked one thing.
///
/// # Errors
/// The call's, the answer's, or that there is not just one.
pub fn only<A>(each: Each<A>) -> Result<A, VendorFailure> {
    let mut answers = each?;
    match (answers.pop(), answers.is_empty()) {
        (Some(answer), true) => answer,
        _ => Err(unlike()),
    }
}

pub(crate) fn unlike() -> VendorFailure {
    VendorFailure::retryable(
        "no_answer",
        "the vendor's answer is not one for each of the things that were asked: try again",
    )
}

/// Books entries in an ERP. The worker in `posting` is its only caller.
#[async_trait]
pub trait LedgerPoster: Send + Sync {
    /// How this vendor books.
    fn protocol(&self) -> Protocol;

    /// The vendor's account, tenant or company id: part of every key.
    fn tenant(&self) -> &str;

    /// So many questions of one kind go into one call.
    fn at_once(&self) -> usize {
        1
    }

    /// Reads the status of each period, now.
    async fn periods_of(&self, asked: &[PeriodAsked]) -> Each<PeriodCheck>;

    /// Looks for entries by key and by names, for several postings in one question. Never from a cache, and
    /// never by a part of the answer: what cannot be read whole is a failure, not an absence.
    async fn find_all(&self, lookups: &[Lookup]) -> Each<Found>;

    /// [`LedgerPoster::find_all`] of one posting.
    async fn find(&self, lookup: &Lookup) -> Result<Found, VendorFailure> {
        only(self.find_all(std::slice::from_ref(lookup)).await)
    }

    /// [`LedgerPoster::periods_of`] of one period.
    async fn period(&self, entity_erp_id: &str, date: NaiveDate) -> Result<PeriodCheck, VendorFailure> {
        let asked = PeriodAsked { entity_erp_id: entity_erp_id.to_owned(), date };
        only(self.periods_of(&[asked]).await)
    }

    /// Creates (and, under [`Protocol::UniqueKey`], books) the entry. One attempt, whose first byte is sent
    /// `within` this time or never: where it has to wait for its turn longer, it fails, retryable, and had no
    /// effect.
    async fn create(&self, request: &BookRequest, within: Duration) -> Result<Receipt, VendorFailure>;

    /// Books the draft `erp_id`, likewise `within` this time or not. Only under [`Protocol::DraftThenPost`].
    async fn post_draft(&self, erp_id: &str, within: Duration) -> Result<Receipt, VendorFailure>;

    /// Deletes the draft `erp_id`. Only under [`Protocol::DraftThenPost`].
    async fn delete_draft(&self, erp_id: &str) -> Result<Receipt, VendorFailure>;

    /// Reads an entry back as the ERP holds it; `None` when there is none of this id.
    async fn read_back(&self, erp_id: &str) -> Result<Option<LedgerEntry>, VendorFailure>;

    /// The same of entries that were just booked, in one question where the vendor can be asked for several.
    async fn read_booked(&self, erp_ids: &[String]) -> Each<Option<LedgerEntry>> {
        let mut each = Vec::with_capacity(erp_ids.len());
        for erp_id in erp_ids {
            each.push(self.read_back(erp_id).await);
        }
        Ok(each)
    }

    /// Makes sure that the ERP knows the customer, before an invoice names it: the ERP's id of it.
    async fn ensure_customer(&self, customer: &CustomerRequest) -> Result<String, VendorFailure>;
}

/// A customer that an entry needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRequest {
    /// The billing system's id, kept as the ERP's external id.
    pub external_id: String,
    /// Name.
    pub name: String,
    /// The ERP's id of the entity.
    pub entity_erp_id: String,
}
