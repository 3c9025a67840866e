//! The NetSuite adapter against books as other people keep them: records of every type, journals over several
//! subsidiaries, accounts without subsidiaries or currencies, older approvals, odd master data.
//!
//! All of it is judged by our own sandbox alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;
#[path = "contract/netsuite.rs"]
mod peer;

use std::collections::{BTreeMap, BTreeSet};

use kit_world::world;
use peer::{ACCOUNT, commit, day, lookup, request_for, simple, token, usd};
use tieout_connectors::{
    CapabilityState, LedgerPoster, LedgerScope, LedgerSource, Lookup, Page, PageRequest, Resource,
    contract::NO_HURRY,
    vendors::netsuite::{NetSuiteAuth, NetSuiteConnection, NetSuiteOptions},
};
use tieout_domain::{
    Currency, Money,
    ledger::{AccountType, EntityRef, EntryKind, EntryStatus, LedgerEntry, NameSource},
    trial_balance::TrialBalance,
};
use tieout_sandbox::{
    book::{Approval, Book, Feature, Keeper, NewEntry, NewLine, RecordFacts, Setup},
    company::{DEFAULT_AS_OF, Spec, generate},
    fault::Faults,
    netsuite::{Server, ServerOptions},
};

struct Peer {
    server: Server,
    connection: NetSuiteConnection,
}

fn meridian() -> Book {
    Book::new(&Setup::meridian(day("2026-08-01"), 6)).unwrap()
}

async fn peer_of(book: Book, options: ServerOptions, change: impl FnOnce(&mut NetSuiteOptions)) -> Peer {
    let server = Server::start(book, options, Faults::none()).await.unwrap();
    let auth = NetSuiteAuth::Token(token());
    let mut options = NetSuiteOptions::new(server.url(), ACCOUNT, false, auth, world());
    options.name_fields = vec!["custbody_billing_id".to_owned()];
    change(&mut options);
    Peer { connection: NetSuiteConnection::new(options).unwrap(), server }
}

async fn peer(book: Book) -> Peer {
    peer_of(book, ServerOptions::default(), |_| {}).await
}

fn scope(accounts: &[&str]) -> LedgerScope {
    LedgerScope { accounts: Some(accounts.iter().map(|code| code.parse().unwrap()).collect()) }
}

/// What a scan read, what it put aside, and what it says is gone.
#[derive(Default)]
struct Read {
    entries: Vec<LedgerEntry>,
    aside: Vec<String>,
    deleted: Vec<String>,
    resume: Option<tieout_connectors::Cursor>,
    listed: bool,
}

impl Peer {
    async fn read(&self, resume: Option<tieout_connectors::Cursor>, scope: &LedgerScope) -> Read {
        let mut ask = PageRequest { resource: Resource::Entries, next: None, resume, since: None };
        let mut read = Read::default();
        loop {
            let page: Page<LedgerEntry> = self.connection.entries(&ask, scope).await.unwrap();
            for item in page.items {
                match item.item {
                    Ok(entry) => read.entries.push(entry),
                    Err(_) => read.aside.push(item.external_id),
                }
            }
            read.listed = page.absence.listed.is_some();
            read.deleted.extend(page.absence.deleted);
            read.resume = page.resume;
            ask.next = page.next;
            if ask.next.is_none() {
                return read;
            }
        }
    }

    fn book(&self) -> &Book {
        self.server.book()
    }
}

fn line(account: i64, amount: i64) -> NewLine {
    NewLine { account, amount, functional: None, memo: None, entity: None }
}

/// Internal ids of accounts by their numbers, as a trial balance or a line names them.
const RECEIVABLE: i64 = 110;
const REVENUE: i64 = 400;

fn entry(external: &str, memo: &str, lines: Vec<NewLine>) -> NewEntry {
    NewEntry {
        external_id: Some(external.to_owned()),
        subsidiary: 1,
        date: day("2026-11-05"),
        period: None,
        currency: None,
        rate: None,
        memo: memo.to_owned(),
        approval: Approval::Approved,
        reverses: None,
        lines,
    }
}

fn sale(external: &str, memo: &str, amount: i64) -> NewEntry {
    entry(external, memo, vec![line(RECEIVABLE, amount), line(REVENUE, -amount)])
}

fn account_named(number: &str) -> i64 {
    let setup = Setup::meridian(day("2026-08-01"), 0);
    setup.accounts.iter().find(|account| account.number == number).unwrap().id
}

#[tokio::test]
async fn every_type_of_record_is_read_with_its_names_and_whom_it_is_about() {
    let p = peer(meridian()).await;
    let invoice = RecordFacts {
        number: Some("INV-77".into()),
        other_reference: Some("PO-9".into()),
        billing_id: Some("in_77".into()),
        customer: Some(5),
        ..RecordFacts::of("CustInvc")
    };
    p.book().make_record(&sale("x-1", "any text", 5_000), &invoice).unwrap();
    let clearing = account_named("1050");
    let pay = entry("x-2", "thanks", vec![line(clearing, 5_000), line(RECEIVABLE, -5_000)]);
    let facts = RecordFacts { other_reference: Some("INV-77".into()), ..RecordFacts::of("CustPymt") };
    p.book().make_record(&pay, &facts).unwrap();
    p.book().make_record(&sale("x-3", "?", 100), &RecordFacts::of("Custom17")).unwrap();
    commit(p.book(), "bi-1", "INV-9 typed", Approval::Approved, None);
    let read = p.read(None, &LedgerScope::default()).await;
    let kinds: Vec<_> = read.entries.iter().map(|e| e.kind.name().into_owned()).collect();
    assert_eq!(kinds, ["invoice", "payment", "other:Custom17", "journal"]);
    let names = |at: usize| read.entries[at].all_names().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(names(0), ["INV-77", "x-1", "INV-77", "PO-9", "in_77"]);
    let from: Vec<_> = read.entries[0].names.iter().map(|name| name.from.clone()).collect();
    assert_eq!(from, [NameSource::OtherReference, NameSource::Field("custbody_billing_id".into())]);
    assert_eq!(read.entries[0].counterpart.as_deref(), Some("5"));
    assert_eq!((read.entries[1].reference.as_deref(), names(1)[2].as_str()), (None, "INV-77"));
    assert_eq!(read.entries[3].reference.as_deref(), Some("INV-9"));
}

#[tokio::test]
async fn what_touches_no_account_in_scope_is_read_only_where_a_document_could_be_named() {
    let p = peer(meridian()).await;
    let (clearing, bank) = (account_named("1050"), account_named("6100"));
    let other = |external, kind: &str, lines| {
        p.book().make_record(&entry(external, "free", lines), &RecordFacts::of(kind)).unwrap()
    };
    let outside = vec![line(bank, 10), line(REVENUE, -10)];
    let bill = other("b-1", "VendBill", outside.clone());
    let deposit = other("d-1", "Deposit", vec![line(bank, 10), line(clearing, -10)]);
    let wrong = other("i-1", "CustInvc", outside);
    let scoped = scope(&["1100", "1050"]);
    let read = p.read(None, &scoped).await;
    let ids: Vec<_> = read.entries.iter().map(|e| e.erp_id.clone()).collect();
    assert_eq!(ids, [deposit.to_string(), wrong.to_string()], "not the bill; an invoice on whatever account");
    assert!(read.listed);
    // It leaves the population by an edit, and an incremental read says so.
    p.book().edit(deposit, |e| e.lines[1].account = "4000".to_owned()).unwrap();
    let changed = p.read(read.resume.clone(), &scoped).await;
    assert!(changed.deleted.contains(&deposit.to_string()), "{:?}", changed.deleted);
    assert!(!changed.deleted.contains(&wrong.to_string()));
    // Another scope is another population: what was read of the first says nothing of it.
    let wider = p.read(read.resume, &scope(&["1100", "1050", "6100"])).await;
    assert!(wider.listed, "it begins anew");
    assert!(wider.entries.iter().any(|e| e.erp_id == bill.to_string()));
}

#[tokio::test]
async fn a_journal_over_several_subsidiaries_is_an_entry_for_each() {
    let p = peer(meridian()).await;
    let (clearing, fees) = (account_named("1050"), account_named("6100"));
    let lines = vec![line(RECEIVABLE, 100), line(clearing, -100), line(clearing, 70), line(fees, -70)];
    let whole = NewEntry { currency: Some(1), ..entry("ic-1", "intercompany", lines) };
    let id = p.book().commit_over(&whole, &[1, 1, 2, 2]).unwrap();
    let read = p.read(None, &LedgerScope::default()).await;
    let told: Vec<_> = read.entries.iter().map(|e| (e.erp_id.clone(), e.part_of.clone())).collect();
    let part = |of: i64| (format!("{id}:{of}"), Some(id.to_string()));
    assert_eq!(told, [part(1), part(2)]);
    let [us, gb] = &read.entries[..] else { panic!() };
    assert_eq!((&us.entity, us.functional_currency), (&EntityRef::ErpId("1".into()), Currency::USD));
    assert_eq!((&gb.entity, gb.functional_currency), (&EntityRef::ErpId("2".into()), Currency::GBP));
    assert_eq!(gb.lines.iter().map(|l| l.transaction_minor).collect::<Vec<_>>(), [70, -70]);
    for part in [us, gb] {
        assert_eq!(part.lines.iter().map(|l| l.functional_minor).sum::<i64>(), 0);
        let back = p.connection.read_back(&part.erp_id).await.unwrap().unwrap();
        assert_eq!(&back, part);
    }
}

#[tokio::test]
async fn a_record_of_another_type_reads_back_and_is_found_before_a_send() {
    let p = peer(meridian()).await;
    let request = simple(1, "2026-11-20");
    let name = request.entry.reference();
    let facts = RecordFacts { number: Some(name.to_owned()), ..RecordFacts::of("CustInvc") };
    let by_number = p.book().make_record(&sale("x-1", "any", 10), &facts).unwrap();
    let facts = RecordFacts { other_reference: Some(name.to_owned()), ..RecordFacts::of("CustPymt") };
    let by_other = p.book().make_record(&sale("x-2", "any", 10), &facts).unwrap();
    let facts = RecordFacts { billing_id: Some("in_1".into()), ..RecordFacts::of("CustInvc") };
    let by_field = p.book().make_record(&sale("x-3", "any", 10), &facts).unwrap();
    let by_external = p.book().make_record(&sale(name, "any", 10), &RecordFacts::of("CashSale")).unwrap();
    let in_memo = commit(p.book(), "bi-1", &format!("paid late ({name})"), Approval::Approved, None);
    commit(p.book(), "bi-2", &format!("{name}0 is another"), Approval::Approved, None);
    let asked = Lookup { other_names: vec!["in_1".to_owned()], ..lookup(&request) };
    let found = p.connection.find(&asked).await.unwrap();
    let ids: BTreeSet<_> = found.by_reference.iter().map(|e| e.erp_id.parse::<i64>().unwrap()).collect();
    assert_eq!(ids, BTreeSet::from([by_number, by_other, by_field, by_external, in_memo]));
    let back = p.connection.read_back(&by_other.to_string()).await.unwrap().unwrap();
    assert_eq!((back.kind, back.status), (EntryKind::Payment, EntryStatus::Booked));
    assert_eq!(p.connection.read_back("99999").await.unwrap(), None);
}

#[tokio::test]
async fn a_company_kept_as_records_is_read_whole() {
    let spec = Spec { seed: 5, invoices: 300, as_of: DEFAULT_AS_OF, fault_rate: 0 };
    let company = generate(&spec);
    let p = peer(Book::kept_by(&company, Keeper::Records).unwrap()).await;
    let scoped = scope(&["1100"]);
    let read = p.read(None, &scoped).await;
    let booked = read.entries.iter().filter(|e| e.status == EntryStatus::Booked).count();
    let drafts = p.book().drafts().unwrap().len();
    assert_eq!(booked, usize::try_from(p.book().count().unwrap()).unwrap() - drafts);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    read.entries.iter().for_each(|e| *kinds.entry(e.kind.name().into_owned()).or_default() += 1);
    for kind in ["invoice", "payment", "journal"] {
        assert!(kinds.contains_key(kind), "{kinds:?}");
    }
    let balances = proven(&p, &scoped).await;
    agree(&balances, &read.entries);
}

async fn proven(p: &Peer, scope: &LedgerScope) -> Vec<TrialBalance> {
    let page = p.connection.trial_balance(scope).await.unwrap().unwrap();
    page.items.into_iter().map(|item| item.item.unwrap()).collect()
}

/// The account's own sums are those of what was read, cell by cell.
#[track_caller]
fn agree(balances: &[TrialBalance], entries: &[LedgerEntry]) {
    assert!(!balances.is_empty());
    let accounts: BTreeSet<_> = balances.iter().map(|row| row.account.clone()).collect();
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.status == EntryStatus::Booked) {
        for line in entry.lines.iter().filter(|line| accounts.contains(&line.account)) {
            let cell = (entry.entity.as_str().to_owned(), line.account.clone(), entry.period.clone());
            *sums.entry(cell).or_default() += line.functional_minor;
        }
    }
    let theirs: BTreeMap<_, i64> = balances
        .iter()
        .map(|row| {
            let cell = (row.entity.as_str().to_owned(), row.account.clone(), row.period.clone());
            (cell, row.debits_minor - row.credits_minor)
        })
        .collect();
    sums.retain(|cell, minor| *minor != 0 || theirs.contains_key(cell));
    assert_eq!(sums, theirs);
    for row in balances {
        assert_eq!(row.opening_minor + row.debits_minor - row.credits_minor, row.closing_minor);
    }
}

#[tokio::test]
async fn the_trial_balance_shows_what_was_not_read() {
    let spec = Spec { seed: 7, invoices: 600, as_of: DEFAULT_AS_OF, fault_rate: 300 };
    let p = peer(Book::of_company(&generate(&spec)).unwrap()).await;
    let scoped = scope(&["1100", "1050", "4000", "2300"]);
    let read = p.read(None, &scoped).await;
    agree(&proven(&p, &scoped).await, &read.entries);
    let gone: i64 = read.entries[3].erp_id.parse().unwrap();
    p.book().vanish(gone).unwrap();
    let now = proven(&p, &scoped).await;
    let without: Vec<_> = read.entries.iter().filter(|e| e.erp_id != gone.to_string()).cloned().collect();
    agree(&now, &without);
    assert!(p.connection.trial_balance(&LedgerScope::default()).await.unwrap().is_none(), "of no accounts");
}

#[tokio::test]
async fn an_account_without_subsidiaries_and_currencies_reads_and_books() {
    let options = ServerOptions { one_world: false, currencies: false, ..ServerOptions::default() };
    let p = peer_of(meridian(), options, |o| o.home_currency = Some(Currency::USD)).await;
    commit(p.book(), "bi-1", "INV-9", Approval::Approved, None);
    let read = p.read(None, &scope(&["1100"])).await;
    assert_eq!(read.entries.len(), 1);
    let one = &read.entries[0];
    assert_eq!((&one.entity, one.currency), (&EntityRef::ErpId("1".into()), Currency::USD));
    let request = simple(1, "2026-11-20");
    let id = p.connection.create(&request, NO_HURRY).await.unwrap().erp_id.unwrap();
    let held = p.connection.read_back(&id).await.unwrap().unwrap();
    assert_eq!(tieout_connectors::contract::differences(&request, &held), Vec::<String>::new());
    let entries = p.read(None, &scope(&["1100"])).await.entries;
    agree(&proven(&p, &scope(&["1100"])).await, &entries);
    let told = p.connection.test().await.unwrap().capabilities;
    let state = |what: &str| told.iter().find(|one| one.what == what).unwrap().state;
    assert_eq!(state("subsidiaries"), CapabilityState::Absent);
    assert_eq!(state("currencies"), CapabilityState::Absent);
    let options = ServerOptions { one_world: false, ..ServerOptions::default() };
    let unsaid = peer_of(meridian(), options, |_| {}).await;
    assert_eq!(unsaid.connection.test().await.unwrap_err().code, "setting_missing");
}

#[tokio::test]
async fn a_permission_that_is_missing_is_told_from_a_feature_that_is_not_there() {
    let p = peer(meridian()).await;
    p.server.hide("subsidiary");
    let failure = p.connection.test().await.unwrap_err();
    assert_eq!(failure.code, "permission_missing");
    assert!(failure.message.contains("Subsidiaries, view"), "{}", failure.message);
    let other = peer(meridian()).await;
    other.server.hide("customer");
    other.server.hide_deletions();
    let told = other.connection.test().await.unwrap().capabilities;
    let customers = told.iter().find(|one| one.what == "customers").unwrap();
    assert_eq!(customers.state, CapabilityState::Missing);
    assert!(customers.says.contains("Customers, view"), "{}", customers.says);
}

#[tokio::test]
async fn older_approvals_are_read_and_sent_as_such() {
    let book = meridian();
    book.set_up(Feature::LegacyApprovals).unwrap();
    let options = ServerOptions { default_approval: Approval::Pending, ..ServerOptions::default() };
    let p = peer_of(book, options, |o| o.approve = "legacy".to_owned()).await;
    let waiting = commit(p.book(), "bi-1", "INV-9", Approval::Pending, None).to_string();
    let held = p.connection.read_back(&waiting).await.unwrap().unwrap();
    assert_eq!(held.status, EntryStatus::Unbooked, "the flag says that it is not approved");
    assert_eq!(p.read(None, &scope(&["1100"])).await.entries[0].status, EntryStatus::Unbooked);
    let request = simple(1, "2026-11-20");
    let id = p.connection.create(&request, NO_HURRY).await.unwrap().erp_id.unwrap();
    assert_eq!(p.connection.read_back(&id).await.unwrap().unwrap().status, EntryStatus::Booked);
    let told = p.connection.test().await.unwrap().capabilities;
    let approvals = told.iter().find(|one| one.what == "approvals").unwrap();
    assert!(approvals.says.contains("legacy"), "{}", approvals.says);
}

#[tokio::test]
async fn one_bad_row_of_master_data_stops_only_what_names_it() {
    let p = peer(meridian()).await;
    let (account, _) = p.book().add_odd_master_data().unwrap();
    let good = commit(p.book(), "bi-1", "INV-9", Approval::Approved, None).to_string();
    let lines = vec![line(account, 100), line(RECEIVABLE, -100)];
    let bad = p.book().commit(&entry("bi-2", "INV-10", lines)).unwrap().to_string();
    let read = p.read(None, &scope(&["1100"])).await;
    assert_eq!(read.entries.iter().map(|e| e.erp_id.clone()).collect::<Vec<_>>(), [good]);
    assert_eq!(read.aside, [bad]);
    let chart = p.connection.accounts().await.unwrap();
    let aside: Vec<_> = chart.items.iter().filter(|item| item.item.is_err()).collect();
    assert_eq!(aside.len(), 1);
    let types: BTreeMap<_, _> = chart
        .items
        .iter()
        .filter_map(|item| item.item.as_ref().ok())
        .map(|account| (account.code.to_string(), account.account_type.clone()))
        .collect();
    assert_eq!(types["1100"], Some(AccountType::Receivable));
    p.connection.create(&simple(1, "2026-11-20"), NO_HURRY).await.unwrap();
}

#[tokio::test]
async fn a_closing_day_ends_in_the_accounts_own_zone() {
    let book = meridian();
    book.set_up(Feature::ClosingDates).unwrap();
    book.close_period("2026-09").unwrap();
    let p = peer_of(book, ServerOptions::default(), |o| o.time_zone = chrono_tz::America::New_York).await;
    let page = p.connection.periods().await.unwrap();
    let closed = page.items.into_iter().filter_map(|item| item.item.unwrap().closed_at).next().unwrap();
    let local = closed.with_timezone(&chrono_tz::America::New_York);
    assert_eq!(local.format("%H:%M:%S").to_string(), "23:59:59");
}

#[tokio::test]
async fn a_journal_of_more_lines_than_its_record_shows_is_read_back_whole() {
    let options = ServerOptions { lines_shown: 3, ..ServerOptions::default() };
    let p = peer_of(meridian(), options, |_| {}).await;
    let lines: Vec<NewLine> = (0..10).flat_map(|_| [line(RECEIVABLE, 5), line(REVENUE, -5)]).collect();
    let id = p.book().commit(&entry("bi-1", "INV-9 many", lines)).unwrap();
    let back = p.connection.read_back(&id.to_string()).await.unwrap().unwrap();
    assert_eq!(back.lines.len(), 20);
}

#[tokio::test]
async fn segments_and_rounding_lines_are_sent_as_netsuite_takes_them() {
    let options =
        ServerOptions { required_segments: vec!["department".to_owned()], ..ServerOptions::default() };
    let p = peer_of(meridian(), options, |_| {}).await;
    let mut request = simple(1, "2026-11-20");
    assert!(p.connection.create(&request, NO_HURRY).await.unwrap_err().message.contains("department"));
    request.options.insert("department".to_owned(), "7".to_owned());
    let id = p.connection.create(&request, NO_HURRY).await.unwrap().erp_id.unwrap();
    assert!(p.connection.read_back(&id).await.unwrap().is_some());
    let amounts = (usd(100_001), Money::new(79_001, Currency::GBP));
    let fx = request_for("fx", ("GB01", "2"), day("2026-11-20"), amounts, ("1100", "4010"));
    let mut draft = fx.entry.clone().into_draft();
    let rounding = |functional| tieout_domain::entry::JournalLine {
        account: "4010".parse().unwrap(),
        transaction: usd(0),
        functional: Money::new(functional, Currency::GBP),
        memo: "rounding".to_owned(),
    };
    draft.lines.extend([rounding(1)]);
    draft.lines[0].functional = Money::new(79_000, Currency::GBP);
    let mut fx = tieout_connectors::BookRequest {
        entry: tieout_domain::entry::JournalEntry::new(draft).unwrap(),
        ..fx
    };
    fx.options.insert("department".to_owned(), "7".to_owned());
    let id = p.connection.create(&fx, NO_HURRY).await.unwrap().erp_id.unwrap();
    let held = p.connection.read_back(&id).await.unwrap().unwrap();
    assert_eq!(held.lines.len(), 2, "NetSuite rounds by itself");
}
