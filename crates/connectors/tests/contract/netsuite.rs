//! The sandbox's NetSuite on a book of its own, and a connection to it.
#![allow(dead_code)]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::NaiveDate;
use tieout_connectors::{
    BookRequest, Connector, Cursor, LedgerPoster, LedgerScope, LedgerSource, Lookup, PageRequest, Resource,
    Wanted,
    contract::{self, LedgerHarness, NO_HURRY, Trouble, WriteTrouble, differences},
    kit::Secret,
    vendors::{
        self,
        netsuite::{NetSuiteAuth, NetSuiteConnection, NetSuiteOptions, TokenAuth},
    },
};
use tieout_domain::{
    Currency, Money,
    calendar::PeriodKey,
    entry::{EntryDraft, JournalEntry, JournalLine},
    failure::VendorFailure,
    key::{KeyScope, PostingKey, Slot},
    ledger::LedgerEntry,
};
use tieout_sandbox::{
    book::{Approval, Book, NewEntry, NewLine, Setup},
    fault::{FaultKind, FaultPlan, Faults, ScriptedFault},
    netsuite::{Server, ServerOptions},
};

use crate::kit_world::world;

pub async fn keeps_the_contract() -> Option<Connector> {
    let harness = harness().await;
    contract::ledger(&harness).await.unwrap();
    Some(harness.connector.clone())
}

pub const ACCOUNT: &str = "1234567_SB1";

pub fn token() -> TokenAuth {
    TokenAuth {
        consumer_key: Secret::new("ck-tieout-sandbox"),
        consumer_secret: Secret::new("cs-tieout-sandbox"),
        token_id: Secret::new("tk-tieout-sandbox"),
        token_secret: Secret::new("ts-tieout-sandbox"),
    }
}

pub fn connect(url: &str, auth: NetSuiteAuth) -> NetSuiteConnection {
    let mut options = NetSuiteOptions::new(url, ACCOUNT, false, auth, world());
    options.read_timeout = Duration::from_millis(1500);
    NetSuiteConnection::new(options).unwrap()
}

/// As the registry builds it of a form.
fn registered(url: &str) -> Connector {
    let given = [("account", ACCOUNT), ("auth", "tba"), ("timeout", "2")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let (_, settings, tenant) = vendors::admit("netsuite", &given, "erp").unwrap();
    let wanted =
        Wanted { vendor: "netsuite", url, live: false, tenant: &tenant, settings: &settings, world: world() };
    let token = token();
    let secrets = BTreeMap::from([
        ("consumer_key", token.consumer_key),
        ("consumer_secret", token.consumer_secret),
        ("token_id", token.token_id),
        ("token_secret", token.token_secret),
    ]);
    vendors::build(&wanted, |field| Ok::<Secret, VendorFailure>(secrets[field].clone())).unwrap()
}

pub struct Harness {
    pub server: Server,
    pub connection: NetSuiteConnection,
    pub connector: Connector,
    source: Arc<dyn LedgerSource>,
    poster: Arc<dyn LedgerPoster>,
}

pub async fn harness_of(book: Book) -> Harness {
    let server = Server::start(book, ServerOptions::default(), Faults::none()).await.unwrap();
    let connection = connect(&server.url(), NetSuiteAuth::Token(token()));
    let connector = registered(&server.url());
    let (source, poster) = (connector.ledger_source().unwrap(), connector.poster().unwrap());
    Harness { server, connection, connector, source, poster }
}

/// An empty book from August 2026 on, with September closed.
pub async fn harness() -> Harness {
    let book = Book::new(&Setup::meridian(day("2026-08-01"), 6)).unwrap();
    book.close_period("2026-09").unwrap();
    harness_of(book).await
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn line(account: &str, transaction: Money, functional: Money) -> JournalLine {
    JournalLine {
        account: account.parse().unwrap(),
        transaction,
        functional,
        memo: format!("line {account}"),
    }
}

/// A request on `date` for an entity (code, subsidiary): debits the first account, credits the second.
pub fn request_for(
    key: &str,
    entity: (&str, &str),
    date: NaiveDate,
    amounts: (Money, Money),
    accounts: (&str, &str),
) -> BookRequest {
    let (transaction, functional) = amounts;
    let (back, functional_back) = (transaction.checked_neg().unwrap(), functional.checked_neg().unwrap());
    let differ = transaction.currency() != functional.currency();
    let entry = JournalEntry::new(EntryDraft {
        entity: entity.0.parse().unwrap(),
        document_date: date,
        posting_date: date,
        period: PeriodKey::month(date),
        reference: format!("INV-{key}"),
        customer: None,
        rate: differ.then(|| "0.79".parse().unwrap()),
        lines: vec![line(accounts.0, transaction, functional), line(accounts.1, back, functional_back)],
    })
    .unwrap();
    let reference = &format!("INV-{key}");
    let scope = KeyScope { tenant: ACCOUNT, entity_erp_id: entity.1, reference };
    let key = PostingKey::derive(scope, &Slot::Raise, &[]);
    let (accounts, options) = Default::default();
    BookRequest { key, entry, entity_erp_id: entity.1.to_owned(), accounts, options, reverses: None }
}

pub fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

pub fn simple(n: u32, date: &str) -> BookRequest {
    let amount = usd(10_007 + i64::from(n));
    request_for(&format!("{n}"), ("US01", "1"), day(date), (amount, amount), ("1100", "4000"))
}

pub fn lookup(request: &BookRequest) -> Lookup {
    Lookup {
        key: request.key.clone(),
        reference: request.entry.reference().to_owned(),
        other_names: Vec::new(),
        entity: request.entry.entity().clone(),
        entity_erp_id: request.entity_erp_id.clone(),
        sent: true,
    }
}

#[async_trait]
impl Trouble for Harness {
    async fn too_many_next(&self) {
        self.script(ScriptedFault::nth(1, "/services/", FaultKind::TooManyWithRetryAfter));
    }
    async fn cut_next_page(&self) {
        self.script(ScriptedFault::nth(1, "/suiteql", FaultKind::DropMidBody));
    }
    async fn malform_next_page(&self) -> bool {
        self.script(ScriptedFault::nth(1, "/suiteql", FaultKind::SchemaDrift));
        true
    }
    async fn refused(&self) -> u64 {
        self.server.faults().injected_of(FaultKind::TooManyWithRetryAfter)
    }
}

impl Harness {
    pub fn script(&self, fault: ScriptedFault) {
        self.server.faults().set_plan(FaultPlan::script([fault]));
    }

    pub async fn entries(&self, resume: Option<Cursor>) -> (Vec<LedgerEntry>, Cursor) {
        let mut request = PageRequest { resource: Resource::Entries, next: None, resume, since: None };
        let mut entries = Vec::new();
        loop {
            let page = self.connection.entries(&request, &LedgerScope::default()).await.unwrap();
            entries.extend(page.items.into_iter().map(|item| item.item.unwrap()));
            match page.next {
                Some(next) => request.next = Some(next),
                None => return (entries, page.resume.unwrap()),
            }
        }
    }

    pub async fn booked_as_sent(&self, request: &BookRequest) -> LedgerEntry {
        let receipt = self.connection.create(request, NO_HURRY).await.unwrap();
        let held = self.connection.read_back(&receipt.erp_id.unwrap()).await.unwrap().unwrap();
        assert_eq!(differences(request, &held), Vec::<String>::new());
        held
    }
}

#[async_trait]
impl LedgerHarness for Harness {
    fn source(&self) -> &dyn LedgerSource {
        self.source.as_ref()
    }
    fn poster(&self) -> &dyn LedgerPoster {
        self.poster.as_ref()
    }
    fn request(&self, n: u32) -> BookRequest {
        simple(n, "2026-11-20")
    }
    fn closed(&self, n: u32) -> BookRequest {
        simple(n, "2026-09-15")
    }
    fn closed_words(&self) -> &'static str {
        "not within the date range of your accounting period"
    }
    async fn trouble_next_create(&self, trouble: WriteTrouble) -> bool {
        let kind = match trouble {
            WriteTrouble::SilentAfterCommit => FaultKind::TimeoutAfterCommit,
            WriteTrouble::CutAfterCommit => FaultKind::DropAfterCommit,
            WriteTrouble::CutBeforeCommit => FaultKind::DropBeforeCommit,
            WriteTrouble::TooMany => FaultKind::TooMany,
        };
        self.script(ScriptedFault::post(1, "/journalEntry", kind));
        true
    }
    async fn booked(&self, key: &str) -> usize {
        let entries = self.server.book().entries_by_external_id(key).unwrap();
        entries.iter().filter(|entry| entry.is_booked()).count()
    }
    async fn foreign(&self, reference: &str) {
        commit(self.server.book(), &format!("bi of {reference}"), reference, Approval::Approved, None);
    }
    async fn foreign_pages(&self, reference: &str) -> usize {
        // Two rows each, of a thousand to an answer.
        for n in 0..1_100 {
            commit(self.server.book(), &format!("bi-many-{n}"), reference, Approval::Approved, None);
        }
        1_100
    }
    async fn fleeting(&self) -> String {
        commit(self.server.book(), "bi-2", "typed twice", Approval::Approved, None).to_string()
    }
    async fn delete(&self, erp_id: &str) {
        self.server.book().delete_entry(erp_id.parse().unwrap()).unwrap();
    }
}

/// Books past the server: what another integration or a person does.
pub fn commit(book: &Book, external: &str, memo: &str, approval: Approval, reverses: Option<i64>) -> i64 {
    let amount = if reverses.is_some() { -5000 } else { 5000 };
    let of = |account, amount| NewLine { account, amount, functional: None, memo: None, entity: None };
    book.commit(&NewEntry {
        external_id: Some(external.to_owned()),
        subsidiary: 1,
        date: day("2026-11-05"),
        period: None,
        currency: None,
        rate: None,
        memo: memo.to_owned(),
        approval,
        reverses,
        lines: vec![of(110, amount), of(400, -amount)],
    })
    .unwrap()
}
