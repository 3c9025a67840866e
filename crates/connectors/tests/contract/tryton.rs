//! The Tryton adapter against a real Tryton 8.2 on PostgreSQL, through a proxy that breaks exchanges.
//!
//! One run, because it starts one server. What was booked is counted in Tryton's own tables.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tieout_connectors::{
    BookRequest, Connector, CustomerRequest, LedgerPoster, LedgerScope, LedgerSource, Lookup, PageRequest,
    Resource, Wanted,
    contract::{self, LedgerHarness, NO_HURRY, Trouble, WriteTrouble, differences},
    kit::Secret,
    vendors::{
        self,
        tryton::{TrytonConnection, TrytonOptions},
    },
};
use tieout_domain::{
    Currency, Money,
    calendar::PeriodKey,
    entry::{EntryDraft, JournalEntry, JournalLine},
    failure::{FailureClass, VendorFailure},
    key::{KeyScope, PostingKey, Slot},
    ledger::{EntryKind, EntryStatus, LedgerEntry},
};

use crate::{
    kit_world::{world, world_at},
    proxy::{Fault, Proxy},
    tryton_peer::{Hand, Tryton},
};

const RECEIVABLE: &str = "1.2.1";
const REVENUE: &str = "4.1.1";
const OPEN: &str = "2011-03-15";
const CLOSED: &str = "2011-02-10";

struct Harness {
    tryton: Tryton,
    proxy: Proxy,
    hand: Hand,
    connection: TrytonConnection,
    connector: Connector,
    source: Arc<dyn LedgerSource>,
    poster: Arc<dyn LedgerPoster>,
    party: String,
    run: String,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn options(url: &str, tryton: &Tryton) -> TrytonOptions {
    let password = Secret::new(tryton.password.clone());
    let mut options = TrytonOptions::new(url, "tryton", &tryton.login, password, 1, world());
    options.journal = "MISC".to_owned();
    options.read_timeout = Duration::from_secs(5);
    options
}

/// As the registry builds it of a form.
fn registered(url: &str, tryton: &Tryton) -> Connector {
    let given = [
        ("database", "tryton"),
        ("company", "1"),
        ("login", tryton.login.as_str()),
        ("journal", "MISC"),
        ("timeout", "5"),
    ];
    let given: BTreeMap<String, String> =
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (_, settings, tenant) = vendors::admit("tryton", &given, "erp").unwrap();
    assert_eq!(tenant, "tryton/1");
    let wanted =
        Wanted { vendor: "tryton", url, live: false, tenant: &tenant, settings: &settings, world: world() };
    vendors::build(&wanted, |field| {
        assert_eq!(field, "password");
        Ok::<Secret, VendorFailure>(Secret::new(tryton.password.clone()))
    })
    .unwrap()
}

impl Harness {
    async fn start() -> Option<Self> {
        let tryton = Tryton::start()?;
        let proxy = Proxy::before(tryton.address(), ("\"open\"", "\"ajar\"")).await;
        let hand = Hand::new(&tryton).await;
        let connection = TrytonConnection::new(options(&proxy.url, &tryton)).unwrap();
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let run = format!("{nanos:x}");
        let customer = customer(&run);
        let party = connection.ensure_customer(&customer).await.unwrap();
        assert_eq!(connection.ensure_customer(&customer).await.unwrap(), party, "a party is made once");
        let closed = tryton.period("2011-02");
        if tryton.sql(&format!("select state from account_period where id = {closed}")) == "open" {
            hand.call("model.account.period.close", vec![json!([closed])]).await;
        }
        let connector = registered(&proxy.url, &tryton);
        let (source, poster) = (connector.ledger_source().unwrap(), connector.poster().unwrap());
        Some(Self { tryton, proxy, hand, connection, connector, source, poster, party, run })
    }

    fn key(&self, reference: &str, slot: &Slot) -> PostingKey {
        let scope = KeyScope { tenant: self.connection.tenant(), entity_erp_id: "1", reference };
        PostingKey::derive(scope, slot, &[])
    }

    fn book(&self, name: &str, date: &str, minor: i64) -> BookRequest {
        let pounds = |minor| Money::new(minor, Currency::GBP);
        self.entry(name, date, [(pounds(minor), pounds(minor)), (pounds(-minor), pounds(-minor))])
    }

    fn entry(&self, name: &str, date: &str, amounts: [(Money, Money); 2]) -> BookRequest {
        let reference = format!("{name}-{}", self.run);
        let line = |account: &str, (transaction, functional)| JournalLine {
            account: account.parse().unwrap(),
            transaction,
            functional,
            memo: reference.clone(),
        };
        let foreign = amounts[0].0.currency() != amounts[0].1.currency();
        let entry = JournalEntry::new(EntryDraft {
            entity: "EU01".parse().unwrap(),
            document_date: day(date),
            posting_date: day(date),
            period: PeriodKey::month(day(date)),
            reference: reference.clone(),
            customer: Some(self.party.clone()),
            rate: foreign.then(|| Decimal::new(8, 1)),
            lines: vec![line(RECEIVABLE, amounts[0]), line(REVENUE, amounts[1])],
        });
        let key = self.key(&reference, &Slot::Raise);
        BookRequest {
            key,
            entry: entry.unwrap(),
            entity_erp_id: "1".to_owned(),
            accounts: BTreeMap::new(),
            options: BTreeMap::new(),
            reverses: None,
        }
    }

    async fn booked_as_sent(&self, request: &BookRequest) -> String {
        let id = self.connection.create(request, NO_HURRY).await.unwrap().erp_id.unwrap();
        self.connection.post_draft(&id, NO_HURRY).await.unwrap();
        let held = self.connection.read_back(&id).await.unwrap().unwrap();
        assert_eq!(differences(request, &held), Vec::<String>::new());
        id
    }
}

fn customer(run: &str) -> CustomerRequest {
    CustomerRequest {
        external_id: format!("cus_{run}"),
        name: "A customer".into(),
        entity_erp_id: "1".into(),
    }
}

fn lookup(request: &BookRequest) -> Lookup {
    Lookup {
        key: request.key.clone(),
        reference: request.entry.reference().to_owned(),
        other_names: Vec::new(),
        entity: request.entry.entity().clone(),
        entity_erp_id: "1".to_owned(),
        sent: true,
    }
}

#[async_trait]
impl Trouble for Harness {
    async fn too_many_next(&self) {
        self.proxy.break_next("search_read", Fault::TooMany);
    }
    async fn cut_next_page(&self) {
        self.proxy.break_next("search_read", Fault::CutAnswer);
    }
    async fn malform_next_page(&self) -> bool {
        self.proxy.break_next("account.period", Fault::Malform);
        true
    }
    async fn refused(&self) -> u64 {
        self.proxy.refused()
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
        self.book(&format!("C{n}"), OPEN, 10_050 + i64::from(n))
    }
    fn closed(&self, n: u32) -> BookRequest {
        self.book(&format!("C{n}"), CLOSED, 700)
    }
    fn closed_words(&self) -> &'static str {
        "closed"
    }
    async fn trouble_next_create(&self, trouble: WriteTrouble) -> bool {
        let fault = match trouble {
            WriteTrouble::SilentAfterCommit => Fault::SilentAfter,
            WriteTrouble::CutAfterCommit => Fault::CutAfter,
            WriteTrouble::CutBeforeCommit => Fault::CutBefore,
            WriteTrouble::TooMany => Fault::TooMany,
        };
        self.proxy.break_next("account.move.create", fault);
        true
    }
    async fn booked(&self, key: &str) -> usize {
        let posted = "select count(*) from account_move where state = 'posted' and description like";
        self.tryton.sql(&format!("{posted} '{key} %'")).parse().unwrap()
    }
    async fn foreign(&self, reference: &str) {
        let ids = self.by_hand(&format!("{reference} by hand"), "5").await;
        self.hand.call("model.account.move.post", vec![ids]).await;
    }
    async fn foreign_pages(&self, _reference: &str) -> usize {
        0
    }
    async fn fleeting(&self) -> String {
        // A posted move cannot be deleted in Tryton.
        self.by_hand("a draft by hand", "6").await[0].to_string()
    }
    async fn delete(&self, erp_id: &str) {
        let id: i64 = erp_id.parse().unwrap();
        self.hand.call("model.account.move.delete", vec![json!([id])]).await;
    }
}

impl Harness {
    /// A draft that a person makes.
    async fn by_hand(&self, description: &str, pounds: &str) -> Value {
        let amount = |text: &str| json!({ "__class__": "Decimal", "decimal": text });
        let party: i64 = self.party.parse().unwrap();
        let (receivable, revenue) = (self.tryton.account(RECEIVABLE), self.tryton.account(REVENUE));
        let lines = json!([
            { "account": receivable, "debit": amount(pounds), "credit": amount("0"), "party": party },
            { "account": revenue, "debit": amount("0"), "credit": amount(pounds) },
        ]);
        let body = json!({
            "company": 1,
            "journal": 5,
            "period": self.tryton.period("2011-03"),
            "date": { "__class__": "date", "year": 2011, "month": 3, "day": 9 },
            "description": description,
            "lines": [["create", lines]],
        });
        self.hand.call("model.account.move.create", vec![json!([body])]).await
    }
}

pub async fn keeps_the_contract() -> Option<Connector> {
    let h = Harness::start().await?;
    contract::ledger(&h).await.unwrap();
    a_refused_posting_books_elsewhere_under_the_same_key(&h).await;
    a_journal_can_be_closed_in_an_open_period(&h).await;
    a_second_post_is_looked_up_and_a_posted_move_stays(&h).await;
    an_account_that_needs_a_party_is_refused_before_anything_is_sent(&h).await;
    a_foreign_amount_reads_back_in_its_own_currency(&h).await;
    a_reversal_names_what_it_reverses(&h).await;
    a_lost_session_is_renewed_in_the_middle_of_work(&h).await;
    concurrent_posts_book_each_entry_once(&h).await;
    an_incremental_scan_shows_what_was_posted_since(&h).await;
    the_desks_clock_decides_nothing_of_what_is_read_next(&h).await;
    a_short_reference_finds_only_its_own_entries(&h).await;
    invoices_and_payments_are_named_by_the_invoices_number(&h).await;
    its_trial_balance_is_the_sum_of_what_was_read(&h).await;
    wrong_credentials_are_terminal_and_not_repeated_in_the_message(&h).await;
    Some(h.connector.clone())
}

/// A desk whose clock is a year ahead reads what was booked after its scan, by the server's own clock.
async fn the_desks_clock_decides_nothing_of_what_is_read_next(h: &Harness) {
    let mut ahead = options(&h.proxy.url, &h.tryton);
    ahead.world = world_at(chrono::Utc::now() + chrono::Duration::days(365));
    let desk = TrytonConnection::new(ahead).unwrap();
    let resume = contract::ledger_scan(&desk, None).await.unwrap().pop().unwrap().resume;
    let request = h.book("ahead", OPEN, 620);
    let id = h.booked_as_sent(&request).await;
    let pages = contract::ledger_scan(&desk, resume).await.unwrap();
    let seen = pages.iter().flat_map(|page| &page.items).any(|item| item.external_id == id);
    assert!(seen, "what was booked since is read");
}

async fn a_refused_posting_books_elsewhere_under_the_same_key(h: &Harness) {
    let mut request = h.book("reroute", CLOSED, 1_200);
    let refusal = h.connection.create(&request, NO_HURRY).await.unwrap_err();
    assert_eq!((refusal.class, refusal.code), (FailureClass::Terminal, "period_closed"), "{refusal}");
    assert!(h.connection.find(&lookup(&request)).await.unwrap().by_key.is_empty(), "nothing is left over");
    let open = PeriodKey::month(day(OPEN));
    request.entry = request.entry.rerouted(day(OPEN), open, &Default::default()).unwrap();
    h.booked_as_sent(&request).await;
    assert_eq!(h.booked(request.key.as_str()).await, 1);
}

async fn a_journal_can_be_closed_in_an_open_period(h: &Harness) {
    let domain = json!([["code", "=", "MISC"]]);
    let journal = h.hand.call("model.account.journal.search", vec![domain, json!(0), json!(1), json!(null)]);
    let journal = journal.await[0].clone();
    let of = json!([{ "journal": journal, "period": h.tryton.period("2011-04") }]);
    let made = h.hand.call("model.account.journal.period.create", vec![of]).await;
    h.hand.call("model.account.journal.period.close", vec![made.clone()]).await;
    // Once a close was answered and the next entry booked all the same: what counts is Tryton's own table.
    let closed = format!("select state from account_journal_period where id = {}", made[0]);
    let waiting = std::time::Instant::now();
    while h.tryton.sql(&closed) != "closed" {
        assert!(waiting.elapsed() < Duration::from_secs(20), "the journal is not closed: {closed}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let request = h.book("journal", "2011-04-30", 400);
    let check = h.connection.period("1", day("2011-04-30")).await.unwrap();
    assert!(check.accepts, "the period itself is open: only the booking tells");
    let refusal = h.connection.create(&request, NO_HURRY).await.unwrap_err();
    assert_eq!((refusal.class, refusal.code), (FailureClass::Terminal, "period_closed"), "{refusal}");
    assert!(refusal.message.contains("closed journal-period \"Miscellaneous - 2011-04\""), "{refusal}");
    assert_eq!(h.booked(request.key.as_str()).await, 0);
    h.hand.call("model.account.journal.period.delete", vec![made]).await;
}

async fn a_second_post_is_looked_up_and_a_posted_move_stays(h: &Harness) {
    let request = h.book("twice", OPEN, 300);
    let id = h.booked_as_sent(&request).await;
    let again = h.connection.post_draft(&id, NO_HURRY).await.unwrap_err();
    assert_eq!((again.class, again.code), (FailureClass::Unknown, "already_posted"), "{again}");
    let delete = h.connection.delete_draft(&id).await.unwrap_err();
    assert_eq!(delete.class, FailureClass::Unknown, "{delete}");
    let gone = h.connection.post_draft("999999999", NO_HURRY).await.unwrap_err();
    assert_eq!((gone.class, gone.code), (FailureClass::Unknown, "draft_missing"), "{gone}");
    assert_eq!(h.booked(request.key.as_str()).await, 1);
}

async fn an_account_that_needs_a_party_is_refused_before_anything_is_sent(h: &Harness) {
    let mut request = h.book("nobody", OPEN, 300);
    let mut draft = request.entry.into_draft();
    draft.customer = None;
    request.entry = JournalEntry::new(draft).unwrap();
    let refusal = h.connection.create(&request, NO_HURRY).await.unwrap_err();
    assert_eq!((refusal.class, refusal.code), (FailureClass::Terminal, "customer_missing"), "{refusal}");
    assert!(refusal.message.contains(RECEIVABLE), "{refusal}");
}

async fn a_foreign_amount_reads_back_in_its_own_currency(h: &Harness) {
    if h.tryton.sql("select count(*) from currency_currency where code = 'USD'") == "0" {
        let rounding = json!({ "__class__": "Decimal", "decimal": "0.01" });
        let dollar = json!([{ "name": "US dollar", "code": "USD", "numeric_code": "840", "symbol": "$",
                              "digits": 2, "rounding": rounding }]);
        h.hand.call("model.currency.currency.create", vec![dollar]).await;
    }
    let (usd, gbp) = (|m| Money::new(m, Currency::USD), |m| Money::new(m, Currency::GBP));
    let request = h.entry("dollars", OPEN, [(usd(1_000), gbp(800)), (usd(-1_000), gbp(-800))]);
    let id = h.booked_as_sent(&request).await;
    let held = h.connection.read_back(&id).await.unwrap().unwrap();
    assert_eq!((held.currency, held.functional_currency), (Currency::USD, Currency::GBP));
    let functional: Vec<i64> = held.lines.iter().map(|l| l.functional_minor).collect();
    assert_eq!(functional, [800, -800]);
}

async fn a_reversal_names_what_it_reverses(h: &Harness) {
    let request = h.book("undone", OPEN, 450);
    let id = h.booked_as_sent(&request).await;
    let entry = request.entry.reversed(day("2011-04-01"), PeriodKey::month(day("2011-04-01"))).unwrap();
    let key = h.key(request.entry.reference(), &Slot::Reverse { erp_id: id.clone() });
    let reversal = BookRequest { key, entry, reverses: Some(id.clone()), ..request };
    let undone = h.booked_as_sent(&reversal).await;
    let held = h.connection.read_back(&undone).await.unwrap().unwrap();
    assert_eq!(held.reverses, Some(id));
}

async fn a_lost_session_is_renewed_in_the_middle_of_work(h: &Harness) {
    let request = h.book("session", OPEN, 990);
    let id = h.connection.create(&request, NO_HURRY).await.unwrap().erp_id.unwrap();
    h.tryton.sql("delete from ir_session");
    h.connection.post_draft(&id, NO_HURRY).await.unwrap();
    assert_eq!(h.booked(request.key.as_str()).await, 1);
}

async fn concurrent_posts_book_each_entry_once(h: &Harness) {
    let requests: Vec<BookRequest> = (0..8).map(|n| h.book(&format!("P{n}"), OPEN, 100 + n)).collect();
    let mut tasks = Vec::new();
    for request in requests.clone() {
        let connection = TrytonConnection::new(options(&h.proxy.url, &h.tryton)).unwrap();
        tasks.push(tokio::spawn(async move {
            let id = connection.create(&request, NO_HURRY).await.unwrap().erp_id.unwrap();
            loop {
                match connection.post_draft(&id, NO_HURRY).await {
                    Ok(_) => return,
                    Err(busy) if busy.class == FailureClass::Retryable => {}
                    // Eight at once on two cores may end in a 503 that says nothing more: looked up, as the
                    // worker does, before it is sent again.
                    Err(unsure) if unsure.class == FailureClass::Unknown => {
                        let held = connection.read_back(&id).await.unwrap();
                        if held.is_some_and(|entry| entry.status == EntryStatus::Booked) {
                            return;
                        }
                    }
                    Err(other) => panic!("{:?} {}: {other}", other.class, other.code),
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for request in &requests {
        assert_eq!(h.booked(request.key.as_str()).await, 1);
    }
    let doubled = "select count(*) from (select number from account_move where state = 'posted' \
                   group by number, period having count(*) > 1) twice";
    assert_eq!(h.tryton.sql(doubled), "0", "no number is given twice");
}

async fn an_incremental_scan_shows_what_was_posted_since(h: &Harness) {
    let mut ask = PageRequest { resource: Resource::Entries, next: None, resume: None, since: None };
    let resume = loop {
        let page = h.connection.entries(&ask, &LedgerScope::default()).await.unwrap();
        if page.resume.is_some() {
            break page.resume;
        }
        ask.next = page.next;
    };
    let request = h.book("later", OPEN, 610);
    let id = h.booked_as_sent(&request).await;
    let ask = PageRequest { resource: Resource::Entries, next: None, resume, since: None };
    let page = h.connection.entries(&ask, &LedgerScope::default()).await.unwrap();
    let seen = page.items.iter().find(|item| item.external_id == id).unwrap();
    assert_eq!(seen.item.as_ref().unwrap().status, EntryStatus::Booked);
    let parties = PageRequest { resource: Resource::LedgerCustomers, next: None, resume: None, since: None };
    let parties = h.connection.customers(&parties).await.unwrap();
    let ours = parties.items.iter().find(|item| item.external_id == h.party).unwrap();
    let code = ours.item.as_ref().unwrap().external_id.clone();
    assert_eq!(code, Some(customer(&h.run).external_id));
    let chart = h.connection.accounts().await.unwrap();
    let accounts: Vec<_> = chart.items.iter().map(|item| item.item.clone().unwrap()).collect();
    let receivable = accounts.iter().find(|account| account.code.as_str() == RECEIVABLE).unwrap();
    assert_eq!(receivable.name, "Accounts, Notes And Loans Receivable");
}

async fn a_short_reference_finds_only_its_own_entries(h: &Harness) {
    let mut request = h.book("short", OPEN, 100);
    let mut draft = request.entry.into_draft();
    draft.reference = format!("_%{}", &h.run[..2]);
    request.entry = JournalEntry::new(draft).unwrap();
    let found = h.connection.find(&lookup(&request)).await.unwrap();
    assert_eq!((found.by_key.len(), found.by_reference.len()), (0, 0), "wildcards are letters here");
    let elsewhere = h.book("twice", OPEN, 300);
    let other = h.key(elsewhere.entry.reference(), &Slot::Settle);
    let found = h.connection.find(&Lookup { key: other, ..lookup(&elsewhere) }).await.unwrap();
    assert_eq!((found.by_key.len(), found.by_reference.len()), (0, 1), "our own earlier key is found too");
}

/// What Tryton's own invoices and payments leave in the ledger.
async fn invoices_and_payments_are_named_by_the_invoices_number(h: &Harness) {
    // The session of before was dropped.
    let hand = Hand::new(&h.tryton).await;
    let decimal = |text: &str| json!({ "__class__": "Decimal", "decimal": text });
    let date = json!({ "__class__": "date", "year": 2011, "month": 3, "day": 9 });
    let one = |sql: &str| h.tryton.sql(sql).parse::<i64>().unwrap();
    let party: i64 = h.party.parse().unwrap();
    let (receivable, revenue) = (h.tryton.account(RECEIVABLE), h.tryton.account(REVENUE));
    let address = json!([{ "party": party, "street": "1 High Street" }]);
    let address = hand.call("model.party.address.create", vec![address]).await[0].clone();
    let line = json!({
        "type": "line", "description": "Goods", "quantity": 1.0, "unit_price": decimal("120"),
        "account": revenue, "currency": one("select currency from company_company where id = 1"),
    });
    let invoice = json!({
        "company": 1, "type": "out", "party": party, "invoice_address": address, "account": receivable,
        "journal": one("select id from account_journal where type = 'revenue' order by id limit 1"),
        "currency": one("select currency from company_company where id = 1"), "invoice_date": date,
        "reference": format!("PO-{}", h.run), "lines": [["create", [line]]],
    });
    let ids = hand.call("model.account.invoice.create", vec![json!([invoice])]).await;
    hand.call("model.account.invoice.post", vec![ids.clone()]).await;
    let id = ids[0].as_i64().unwrap();
    let number = h.tryton.sql(&format!("select number from account_invoice where id = {id}"));
    let cash = one("select id from account_journal where type = 'cash' order by id limit 1");
    let lines = json!([
        { "account": receivable, "debit": decimal("0"), "credit": decimal("120"), "party": party },
        { "account": revenue, "debit": decimal("120"), "credit": decimal("0") },
    ]);
    let payment = json!({
        "company": 1, "journal": cash, "period": h.tryton.period("2011-03"), "date": date,
        "description": "thanks", "origin": format!("account.invoice,{id}"), "lines": [["create", lines]],
    });
    let paid = hand.call("model.account.move.create", vec![json!([payment])]).await;
    hand.call("model.account.move.post", vec![paid]).await;

    let pages = contract::ledger_scan(&h.connection, None).await.unwrap();
    let entries = pages.iter().flat_map(|page| &page.items).filter_map(|item| item.item.as_ref().ok());
    // A move's own number counts moves, and may be the same.
    let of = |entry: &&LedgerEntry| {
        let names = entry.names.iter().map(|name| name.name.as_str()).chain(entry.reference.as_deref());
        entry.kind != EntryKind::Journal && names.into_iter().any(|name| name == number)
    };
    let told: Vec<_> = entries
        .filter(of)
        .map(|e| (e.kind.clone(), e.reference.as_deref() == Some(number.as_str()), e.counterpart.clone()))
        .collect();
    let party = Some(h.party.clone());
    assert_eq!(told, [(EntryKind::Invoice, true, party.clone()), (EntryKind::Payment, false, party)]);
    let mut request = h.book("invoiced", OPEN, 12_000);
    let mut draft = request.entry.into_draft();
    draft.reference = number.clone();
    request.entry = JournalEntry::new(draft).unwrap();
    let found = h.connection.find(&lookup(&request)).await.unwrap();
    let kinds: Vec<_> = found.by_reference.iter().map(|entry| entry.kind.clone()).collect();
    assert_eq!(kinds, [EntryKind::Invoice, EntryKind::Payment], "both are seen before a send");
}

/// What Tryton adds up is what its tables hold, and what was read.
async fn its_trial_balance_is_the_sum_of_what_was_read(h: &Harness) {
    let scope = LedgerScope {
        accounts: Some([RECEIVABLE, REVENUE].into_iter().map(|code| code.parse().unwrap()).collect()),
    };
    let page = h.connection.trial_balance(&scope).await.unwrap().unwrap();
    let told: BTreeMap<(String, String), i64> = page
        .items
        .iter()
        .map(|item| item.item.as_ref().unwrap())
        .map(|row| {
            let cell = (row.account.to_string(), row.period.to_string());
            (cell, row.debits_minor - row.credits_minor)
        })
        .collect();
    assert!(told.len() >= 2, "{told:?}");
    let pages = contract::ledger_scan(&h.connection, None).await.unwrap();
    let mut read: BTreeMap<(String, String), i64> = BTreeMap::new();
    for entry in pages.iter().flat_map(|page| &page.items).map(|item| item.item.as_ref().unwrap()) {
        for line in entry.lines.iter().filter(|_| entry.status == EntryStatus::Booked) {
            let cell = (line.account.to_string(), entry.period.to_string());
            *read.entry(cell).or_default() += line.functional_minor;
        }
    }
    for ((account, period), minor) in &told {
        assert_eq!(read.get(&(account.clone(), period.clone())), Some(minor), "{account} {period}");
        let sql = format!(
            "select (coalesce(sum(l.debit - l.credit), 0) * 100)::bigint from account_move_line l
             join account_move m on m.id = l.move join account_account a on a.id = l.account
             join account_period p on p.id = m.period
             where m.state = 'posted' and a.code = '{account}' and p.name = '{period}'"
        );
        assert_eq!(h.tryton.sql(&sql), minor.to_string(), "{account} {period}");
    }
}

async fn wrong_credentials_are_terminal_and_not_repeated_in_the_message(h: &Harness) {
    let wrong = "canary-password-of-nobody";
    let mut options = options(&h.proxy.url, &h.tryton);
    options.password = Secret::new(wrong);
    let failure = TrytonConnection::new(options).unwrap().test().await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Terminal, "auth_failed"), "{failure}");
    assert!(!failure.to_string().contains(wrong));
    let identity = h.connection.test().await.unwrap();
    let name: Value = json!(identity.name);
    assert_eq!((identity.tenant.as_str(), name), ("tryton/1", json!("Northgate Gifts Ltd")));
}
