//! The NetSuite adapter against the sandbox and its own double-entry book.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use chrono::NaiveDate;
use kit_world::{python, run_python, world};
use tieout_connectors::{
    BookRequest, CustomerRequest, LedgerPoster, LedgerSource, Lookup, PageRequest, Resource,
    contract::{self, LedgerHarness, Trouble, WriteTrouble, differences},
    kit::Secret,
    netsuite::{M2m, M2mAlgorithm, NetSuiteAuth, NetSuiteConnection, NetSuiteOptions, TokenAuth},
};
use tieout_domain::{
    Currency, Money,
    calendar::{PeriodKey, PeriodStatus},
    entry::{EntryDraft, JournalEntry, JournalLine},
    failure::FailureClass,
    key::{KeyScope, PostingKey, Slot},
    ledger::{EntityRef, EntryStatus, LedgerAccount, LedgerEntry},
};
use tieout_sandbox::{
    book::{Approval, Book, NewEntry, NewLine, Setup},
    company::{DEFAULT_AS_OF, Spec, generate},
    fault::{FaultKind, FaultPlan, Faults, ScriptedFault},
    netsuite::{M2mClient, Server, ServerOptions},
};

const ACCOUNT: &str = "1234567_SB1";

fn token() -> TokenAuth {
    TokenAuth {
        consumer_key: Secret::new("ck-tieout-sandbox"),
        consumer_secret: Secret::new("cs-tieout-sandbox"),
        token_id: Secret::new("tk-tieout-sandbox"),
        token_secret: Secret::new("ts-tieout-sandbox"),
    }
}

fn connect(url: &str, auth: NetSuiteAuth) -> NetSuiteConnection {
    let mut options = NetSuiteOptions::new(url, ACCOUNT, false, auth, world());
    options.read_timeout = Duration::from_millis(1500);
    NetSuiteConnection::new(options).unwrap()
}

struct Harness {
    server: Server,
    connection: NetSuiteConnection,
}

async fn harness_of(book: Book, faults: Faults) -> Harness {
    let server = Server::start(book, ServerOptions::default(), faults).await.unwrap();
    let connection = connect(&server.url(), NetSuiteAuth::Token(token()));
    Harness { server, connection }
}

/// An empty book from August 2026 on, with September closed.
async fn harness() -> Harness {
    let book = Book::new(&Setup::meridian(day("2026-08-01"), 6)).unwrap();
    book.close_period("2026-09").unwrap();
    harness_of(book, Faults::none()).await
}

fn day(text: &str) -> NaiveDate {
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
fn request_for(
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
    let key = {
        let reference = &format!("INV-{key}");
        let scope = KeyScope { tenant: ACCOUNT, entity_erp_id: entity.1, reference };
        PostingKey::derive(scope, &Slot::Raise, &[])
    };
    let (accounts, options) = Default::default();
    BookRequest { key, entry, entity_erp_id: entity.1.to_owned(), accounts, options, reverses: None }
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn simple(n: u32, date: &str) -> BookRequest {
    let amount = usd(10_007 + i64::from(n));
    request_for(&format!("{n}"), ("US01", "1"), day(date), (amount, amount), ("1100", "4000"))
}

fn lookup(request: &BookRequest) -> Lookup {
    Lookup {
        key: request.key.clone(),
        reference: request.entry.reference().to_owned(),
        other_names: Vec::new(),
        entity: request.entry.entity().clone(),
        entity_erp_id: request.entity_erp_id.clone(),
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
    fn script(&self, fault: ScriptedFault) {
        self.server.faults().set_plan(FaultPlan::script([fault]));
    }

    async fn entries(
        &self,
        resume: Option<tieout_connectors::Cursor>,
    ) -> (Vec<LedgerEntry>, tieout_connectors::Cursor) {
        let mut request = PageRequest { resource: Resource::Entries, next: None, resume, since: None };
        let mut entries = Vec::new();
        loop {
            let page = self.connection.entries(&request).await.unwrap();
            entries.extend(page.items.into_iter().map(|item| item.item.unwrap()));
            match page.next {
                Some(next) => request.next = Some(next),
                None => return (entries, page.resume.unwrap()),
            }
        }
    }

    async fn booked_as_sent(&self, request: &BookRequest) -> LedgerEntry {
        let receipt = self.connection.create(request).await.unwrap();
        let held = self.connection.read_back(&receipt.erp_id.unwrap()).await.unwrap().unwrap();
        assert_eq!(differences(request, &held), Vec::<String>::new());
        held
    }
}

#[async_trait]
impl LedgerHarness for Harness {
    fn source(&self) -> &dyn LedgerSource {
        &self.connection
    }
    fn poster(&self) -> &dyn LedgerPoster {
        &self.connection
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
        commit(self.server.book(), "bi-1", reference, Approval::Approved, None);
    }
}

/// Books past the server: what another integration or a person does.
fn commit(book: &Book, external: &str, memo: &str, approval: Approval, reverses: Option<i64>) -> i64 {
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

#[tokio::test]
async fn the_netsuite_adapter_keeps_the_contract() {
    contract::ledger(&harness().await).await.unwrap();
}

#[tokio::test]
async fn each_currency_is_sent_with_its_own_decimals() {
    let h = harness().await;
    let yen = Money::new(123_457, Currency::JPY);
    let yen = request_for("jp", ("JP01", "4"), day("2026-11-20"), (yen, yen), ("1100", "4000"));
    h.booked_as_sent(&yen).await;
    let dollars = (usd(100_000), Money::new(79_000, Currency::GBP));
    let dollars = request_for("fx", ("GB01", "2"), day("2026-11-20"), dollars, ("1100", "4010"));
    let held = h.booked_as_sent(&dollars).await;
    assert_eq!((held.currency, held.functional_currency), (Currency::USD, Currency::GBP));
    let own = h.server.book().entries_by_external_id(dollars.key.as_str()).unwrap().remove(0);
    assert_eq!((own.currency.as_str(), own.amount_on("1100"), own.rate.as_str()), ("USD", 100_000, "0.79"));
    let functional: Vec<_> = held.lines.iter().map(|l| l.functional_minor).collect();
    assert_eq!(functional, own.lines.iter().map(|l| l.functional).collect::<Vec<_>>());
    let (synced, _) = h.entries(None).await;
    let synced = synced.iter().find(|e| e.external_id.as_deref() == Some(dollars.key.as_str())).unwrap();
    assert_eq!(synced.lines.iter().map(|l| l.functional_minor).collect::<Vec<_>>(), functional);
    assert_eq!((&synced.entity, synced.rate), (&EntityRef::ErpId("2".into()), Some("0.79".parse().unwrap())));
}

#[tokio::test]
async fn an_entry_counts_only_when_it_is_approved() {
    let h = harness().await;
    let pending = commit(h.server.book(), "bi-1", "INV-9 typed by hand", Approval::Pending, None);
    let booked = commit(h.server.book(), "bi-2", "INV-9", Approval::Approved, None);
    let reversal = commit(h.server.book(), "bi-3", "INV-9", Approval::Approved, Some(booked));
    let (entries, _) = h.entries(None).await;
    let status: BTreeMap<_, _> = entries.iter().map(|e| (e.erp_id.as_str(), e.status)).collect();
    assert_eq!(status[pending.to_string().as_str()], EntryStatus::Unbooked);
    assert_eq!(status[booked.to_string().as_str()], EntryStatus::Booked);
    assert!(entries.iter().all(|e| e.reference.as_deref() == Some("INV-9")), "the memo's first word");
    let link: Vec<_> =
        entries.iter().filter_map(|e| e.reverses.clone().map(|r| (e.erp_id.clone(), r))).collect();
    assert_eq!(link, [(reversal.to_string(), booked.to_string())]);
    assert_eq!(
        h.connection.read_back(&pending.to_string()).await.unwrap().unwrap().status,
        EntryStatus::Unbooked
    );
}

#[tokio::test]
async fn a_silent_move_to_another_period_is_seen_in_the_read_back() {
    let h = harness().await;
    h.script(ScriptedFault::post(1, "/journalEntry", FaultKind::PeriodMoved));
    let request = simple(1, "2026-11-20");
    let receipt = h.connection.create(&request).await.unwrap();
    let held = h.connection.read_back(&receipt.erp_id.unwrap()).await.unwrap().unwrap();
    assert_ne!(held.period, *request.entry.period());
    assert!(!differences(&request, &held).is_empty());
}

#[tokio::test]
async fn periods_say_what_may_be_booked() {
    let h = harness().await;
    h.server.book().lock_ar("2026-10").unwrap();
    let page = h.connection.periods().await.unwrap();
    let status: BTreeMap<_, _> = page
        .items
        .into_iter()
        .map(|item| item.item.unwrap())
        .map(|period| (period.key.to_string(), (period.status, period.closed_at.is_some())))
        .collect();
    assert_eq!(status.len(), 6, "neither quarters nor years: {status:?}");
    assert_eq!(status["2026-08"], (PeriodStatus::Open, false));
    assert_eq!(status["2026-09"], (PeriodStatus::Closed, true));
    assert_eq!(status["2026-10"], (PeriodStatus::Locked { ar: true, ap: false, gl: false }, false));
    let october = h.connection.period("1", day("2026-10-31")).await.unwrap();
    assert!(!october.accepts, "receivables are locked");
    assert_eq!(h.connection.period("1", day("2031-01-01")).await.unwrap_err().code, "unknown_period");
}

#[tokio::test]
async fn what_netsuite_does_not_have_is_said_before_anything_is_sent() {
    let h = harness().await;
    let amount = usd(100);
    let unknown = request_for("a", ("US01", "1"), day("2026-11-20"), (amount, amount), ("1100", "4999"));
    let failure = h.connection.create(&unknown).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Terminal, "unknown_account"));
    let early = simple(1, "2020-01-01");
    assert_eq!(h.connection.create(&early).await.unwrap_err().code, "unknown_period");
    let subsidiary = request_for("c", ("US01", "77"), day("2026-11-20"), (amount, amount), ("1100", "4000"));
    let failure = h.connection.create(&subsidiary).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Terminal, "unknown_reference"));
    assert_eq!(h.server.book().count().unwrap(), 0);
}

#[tokio::test]
async fn a_customer_is_made_once_and_named_on_the_receivable_line() {
    let h = harness().await;
    let customer = CustomerRequest {
        external_id: "cus_00042".into(),
        name: "Ada Ltd".into(),
        entity_erp_id: "1".into(),
    };
    let id = h.connection.ensure_customer(&customer).await.unwrap();
    assert_eq!(h.connection.ensure_customer(&customer).await.unwrap(), id);
    assert_eq!(h.server.book().customer_id("cus_00042").unwrap().unwrap().to_string(), id);
    let mut request = simple(1, "2026-11-20");
    let mut draft = request.entry.into_draft();
    draft.customer = Some(id);
    request.entry = JournalEntry::new(draft).unwrap();
    h.booked_as_sent(&request).await;
    let own = h.server.book().entries_by_external_id(request.key.as_str()).unwrap().remove(0);
    let named: Vec<_> = own.lines.iter().map(|l| l.customer.as_deref()).collect();
    assert_eq!(named, [Some("cus_00042"), None]);
    let page = PageRequest { resource: Resource::LedgerCustomers, next: None, resume: None, since: None };
    let customers = h.connection.customers(&page).await.unwrap();
    let listed = customers.items[0].item.clone().unwrap();
    assert_eq!((listed.external_id.as_deref(), listed.name.as_str()), (Some("cus_00042"), "Ada Ltd"));
}

#[tokio::test]
async fn the_chart_names_accounts_without_their_numbers() {
    let h = harness().await;
    let chart = h.connection.accounts().await.unwrap();
    let named = |code: &str| {
        let all = chart.items.iter().map(|item| item.item.as_ref().unwrap());
        all.filter(|account| account.code.as_str() == code).map(|a| a.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(named("1100"), ["Accounts Receivable"]);
    let shown = |text: &str| LedgerAccount::new("7".to_owned(), "1100".parse().unwrap(), text).name;
    assert_eq!(shown("1100 Accounts receivable"), "Accounts receivable");
    assert_eq!(shown("1100 - Accounts receivable"), "Accounts receivable");
    assert_eq!(shown("11000 days"), "11000 days");
}

#[tokio::test]
async fn a_look_up_that_cannot_be_read_never_passes_for_an_absent_entry() {
    let h = harness().await;
    let request = simple(1, "2026-11-20");
    commit(h.server.book(), "bi-1", request.entry.reference(), Approval::Approved, None);
    h.script(ScriptedFault::nth(1, "/suiteql", FaultKind::SchemaDrift));
    let failure = h.connection.find(&lookup(&request)).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Retryable, "schema_drift"));
    let found = h.connection.find(&lookup(&request)).await.unwrap();
    assert_eq!(found.by_reference.len(), 1);
}

#[tokio::test]
async fn a_reference_is_matched_exactly() {
    let h = harness().await;
    let mut request = simple(1, "2026-11-20");
    for (n, memo) in ["re_1A", "reX1A by hand", "RE_1A by hand", "re_1AB", "x re_1A"].iter().enumerate() {
        commit(h.server.book(), &format!("bi-{n}"), memo, Approval::Approved, None);
    }
    commit(h.server.book(), "bi-9", "re_1A by hand", Approval::Approved, None);
    let mut draft = request.entry.into_draft();
    draft.reference = "re_1A".into();
    request.entry = JournalEntry::new(draft).unwrap();
    let found = h.connection.find(&lookup(&request)).await.unwrap().by_reference;
    let memos: Vec<_> = found.iter().map(|e| e.memo.clone().unwrap()).collect();
    assert_eq!(memos, ["re_1A", "re_1A by hand"]);
}

#[tokio::test]
async fn a_companys_whole_history_is_read_once_and_then_only_what_changed() {
    let company = generate(&Spec { seed: 3, invoices: 400, as_of: DEFAULT_AS_OF, fault_rate: 500 });
    let h = harness_of(Book::of_company(&company).unwrap(), Faults::none()).await;
    let (entries, resume) = h.entries(None).await;
    assert_eq!(entries.len() as u64, h.server.book().count().unwrap());
    assert!(entries.len() > 400, "several pages: {}", entries.len());
    for entry in &entries {
        let own = h.server.book().entry(entry.erp_id.parse().unwrap()).unwrap().unwrap();
        let lines: Vec<_> = entry
            .lines
            .iter()
            .map(|l| (l.account.to_string(), l.transaction_minor, l.functional_minor))
            .collect();
        let theirs: Vec<_> = own.lines.iter().map(|l| (l.account.clone(), l.amount, l.functional)).collect();
        assert_eq!(lines, theirs);
        assert_eq!((entry.period.as_str(), entry.posting_date), (own.period.as_str(), own.date));
        assert_eq!(entry.status == EntryStatus::Booked, own.is_booked());
        assert_eq!(entry.reverses, own.reverses.map(|id| id.to_string()));
    }
    let new = commit(h.server.book(), "late-1", "INV-LATE", Approval::Approved, None);
    let (changed, _) = h.entries(Some(resume)).await;
    assert!(changed.iter().any(|entry| entry.erp_id == new.to_string()));
    assert!(changed.len() < entries.len(), "only the changed ones and the overlap: {}", changed.len());
}

/// Makes a key pair: private PKCS #8 PEM, then public PEM.
const KEYS: &str = r#"
import json, sys
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives import serialization as s
elliptic = sys.stdin.read() == "ES256"
key = ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, 3072)
private = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
public = key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
print(json.dumps([private.decode(), public.decode()]))
"#;

#[tokio::test]
async fn an_assertion_signs_in_and_an_expired_token_is_replaced() {
    let Some(python) = python() else { return };
    for (algorithm, name) in [(M2mAlgorithm::Es256, "ES256"), (M2mAlgorithm::Ps256, "PS256")] {
        let keys: [String; 2] = serde_json::from_str(&run_python(&python, KEYS, name)).unwrap();
        let client = M2mClient {
            client_id: "client-1".into(),
            certificate_id: "cert-1".into(),
            public_key_pem: keys[1].clone(),
        };
        let options = ServerOptions { m2m: vec![client], ..ServerOptions::default() };
        let book = Book::new(&Setup::meridian(day("2026-08-01"), 6)).unwrap();
        let server = Server::start(book, options, Faults::none()).await.unwrap();
        let m2m = M2m {
            client_id: "client-1".into(),
            certificate_id: "cert-1".into(),
            algorithm,
            private_key_pem: Secret::new(keys[0].clone()),
        };
        let connection = connect(&server.url(), NetSuiteAuth::M2m(m2m.clone()));
        let me = connection.test().await.unwrap();
        assert_eq!((me.tenant.as_str(), me.live), (ACCOUNT, Some(false)));
        server.expire_access_tokens();
        connection.create(&simple(1, "2026-11-20")).await.unwrap();
        assert_eq!(server.book().count().unwrap(), 1, "the refused call did nothing, the second booked it");
        let stranger = M2m { client_id: "client-2".into(), ..m2m };
        let failure = connect(&server.url(), NetSuiteAuth::M2m(stranger)).test().await.unwrap_err();
        assert_eq!((failure.class, failure.code), (FailureClass::Terminal, "auth_failed"));
    }
}

#[tokio::test]
async fn a_wrong_secret_is_terminal_and_an_account_of_the_other_kind_is_refused() {
    let h = harness().await;
    let wrong = TokenAuth { token_secret: Secret::new("canary-secret"), ..token() };
    let failure = connect(&h.server.url(), NetSuiteAuth::Token(wrong)).test().await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Terminal, "auth_failed"));
    assert!(!format!("{failure:?}").contains("canary"));
    for (account, live) in [(ACCOUNT, true), ("1234567", false), ("TSTDRV1", true)] {
        let options =
            NetSuiteOptions::new(h.server.url(), account, live, NetSuiteAuth::Token(token()), world());
        assert_eq!(NetSuiteConnection::new(options).err().unwrap().code, "test_live_mismatch", "{account}");
    }
}
