//! The NetSuite adapter against the sandbox and its own double-entry book.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;
#[path = "contract/netsuite.rs"]
mod peer;

use std::collections::{BTreeMap, BTreeSet};

use kit_world::{python, run_python, world};
use peer::{ACCOUNT, commit, connect, day, harness, harness_of, lookup, request_for, simple, token, usd};
use tieout_connectors::{
    CustomerRequest, LedgerPoster, LedgerScope, LedgerSource, PageRequest, Resource,
    contract::{self, NO_HURRY, differences},
    kit::Secret,
    vendors::netsuite::{M2m, M2mAlgorithm, NetSuiteAuth, NetSuiteConnection, NetSuiteOptions, TokenAuth},
};
use tieout_domain::{
    Currency, Money,
    calendar::PeriodStatus,
    entry::JournalEntry,
    failure::FailureClass,
    ledger::{EntityRef, EntryStatus, LedgerAccount},
};
use tieout_sandbox::{
    book::{Approval, Book, NewEntry, NewLine, Setup},
    company::{DEFAULT_AS_OF, Spec, generate},
    fault::{FaultKind, Faults, ScriptedFault},
    netsuite::{M2mClient, Server, ServerOptions},
};

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
    let receipt = h.connection.create(&request, NO_HURRY).await.unwrap();
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
    let failure = h.connection.create(&unknown, NO_HURRY).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Terminal, "unknown_account"));
    let early = simple(1, "2020-01-01");
    assert_eq!(h.connection.create(&early, NO_HURRY).await.unwrap_err().code, "unknown_period");
    let subsidiary = request_for("c", ("US01", "77"), day("2026-11-20"), (amount, amount), ("1100", "4000"));
    let failure = h.connection.create(&subsidiary, NO_HURRY).await.unwrap_err();
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
    assert_eq!(memos, ["re_1A", "x re_1A", "re_1A by hand"], "a whole token, wherever it stands");
}

#[tokio::test]
async fn a_companys_whole_history_is_read_once_and_then_only_what_changed() {
    let company = generate(&Spec { seed: 3, invoices: 400, as_of: DEFAULT_AS_OF, fault_rate: 500 });
    let h = harness_of(Book::of_company(&company).unwrap()).await;
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

/// An entry of many lines: debits of one account, and one credit.
fn long(book: &Book, lines: i64) -> i64 {
    let of = |account, amount| NewLine { account, amount, functional: None, memo: None, entity: None };
    let mut all: Vec<NewLine> = (1..lines).map(|n| of(110, n)).collect();
    all.push(of(400, -(1..lines).sum::<i64>()));
    book.commit(&NewEntry {
        external_id: None,
        subsidiary: 1,
        date: day("2026-11-05"),
        period: None,
        currency: None,
        rate: None,
        memo: format!("long {lines}"),
        approval: Approval::Approved,
        reverses: None,
        lines: all,
    })
    .unwrap()
}

#[tokio::test]
async fn an_entry_is_never_cut_by_the_end_of_an_answer_however_long_it_is() {
    let h = harness().await;
    let lines = [3_i64, 998, 4, 1_000, 1_001, 2, 2_500, 5];
    let ids: Vec<i64> = lines.iter().map(|lines| long(h.server.book(), *lines)).collect();
    let pages = contract::ledger_scan(&h.connection, None).await.unwrap();
    let entries = pages.iter().flat_map(|page| &page.items).map(|item| item.item.as_ref().unwrap());
    let read: Vec<(String, i64)> =
        entries.map(|entry| (entry.erp_id.clone(), i64::try_from(entry.lines.len()).unwrap())).collect();
    let own: Vec<(String, i64)> = ids.iter().map(ToString::to_string).zip(lines).collect();
    assert_eq!(read, own);
    assert_eq!(contract::standing(&pages).unwrap(), ids.iter().map(ToString::to_string).collect());
}

#[tokio::test]
async fn entries_that_are_deleted_while_they_are_read_take_no_other_with_them() {
    let h = harness().await;
    let ids: Vec<i64> = (0..450).map(|_| long(h.server.book(), 5)).collect();
    let mut ask = PageRequest { resource: Resource::Entries, next: None, resume: None, since: None };
    let mut read = BTreeMap::new();
    let mut deleted = BTreeSet::new();
    loop {
        let page = h.connection.entries(&ask, &LedgerScope::default()).await.unwrap();
        for item in &page.items {
            let entry = item.item.as_ref().unwrap();
            assert!(read.insert(entry.erp_id.clone(), entry.lines.len()).is_none(), "{}", entry.erp_id);
        }
        let Some(next) = page.next else { break };
        // The place that the scan goes on from, one before it and one to come.
        let last: i64 = page.items.last().unwrap().external_id.parse().unwrap();
        for id in [last, last - 3, last + 2] {
            if h.server.book().delete_entry(id).is_ok() {
                deleted.insert(id);
            }
        }
        ask.next = Some(next);
    }
    assert!(read.values().all(|lines| *lines == 5), "whole entries only");
    let missing: Vec<_> =
        ids.iter().filter(|id| !read.contains_key(&id.to_string()) && !deleted.contains(id)).collect();
    assert!(missing.is_empty() && deleted.len() > 3, "{missing:?} {deleted:?}");
}

#[tokio::test]
async fn what_was_deleted_is_told_by_the_next_read_of_changes() {
    let h = harness().await;
    let ids: Vec<i64> =
        (0..5).map(|n| commit(h.server.book(), &format!("bi-{n}"), "x", Approval::Approved, None)).collect();
    let (entries, resume) = h.entries(None).await;
    assert_eq!(entries.len(), 5);
    h.server.book().delete_entry(ids[1]).unwrap();
    h.server.book().delete_entry(ids[4]).unwrap();
    // A customer, say, of the same number as an entry that stands.
    h.server.book().note_deleted("customer", ids[2]).unwrap();
    let pages = contract::ledger_scan(&h.connection, Some(resume)).await.unwrap();
    let told: Vec<&String> = pages.iter().flat_map(|page| &page.absence.deleted).collect();
    assert_eq!(told, [&ids[1].to_string(), &ids[4].to_string()]);
    let again = commit(h.server.book(), "bi-9", "x", Approval::Approved, None);
    assert!(again > ids[4], "an id is given once");
}

#[tokio::test]
async fn an_account_that_hides_its_deletions_is_read_all_the_same() {
    let h = harness().await;
    let id = commit(h.server.book(), "bi-1", "x", Approval::Approved, None);
    let (_, resume) = h.entries(None).await;
    h.server.hide_deletions();
    h.server.book().delete_entry(id).unwrap();
    let pages = contract::ledger_scan(&h.connection, Some(resume)).await.unwrap();
    assert!(pages.iter().all(|page| page.absence.deleted.is_empty()));
    let full = contract::ledger_scan(&h.connection, None).await.unwrap();
    assert!(!contract::standing(&full).unwrap().contains(&id.to_string()), "the full read proves it");
}

#[tokio::test]
async fn an_amount_that_could_not_be_summed_is_kept_aside_and_the_ledger_goes_on() {
    let h = harness().await;
    let entry = |key: &str, amount: i64| {
        let of = |account, amount| NewLine { account, amount, functional: None, memo: None, entity: None };
        h.server.book().commit(&NewEntry {
            external_id: Some(key.to_owned()),
            subsidiary: 4,
            date: day("2026-11-05"),
            period: None,
            currency: None,
            rate: None,
            memo: key.to_owned(),
            approval: Approval::Approved,
            reverses: None,
            lines: vec![of(110, amount), of(400, -amount)],
        })
    };
    // Yen: the sandbox shows fifteen digits.
    let fits = entry("fits", 900_000_000_000_000).unwrap().to_string();
    let large = entry("large", 900_000_000_000_000_000).unwrap().to_string();
    let pages = contract::ledger_scan(&h.connection, None).await.unwrap();
    let codes: BTreeMap<&str, Option<&str>> = pages
        .iter()
        .flat_map(|page| &page.items)
        .map(|item| (item.external_id.as_str(), item.item.as_ref().err().map(|r| r.code.as_str())))
        .collect();
    let want = BTreeMap::from([(fits.as_str(), None), (large.as_str(), Some("amount_out_of_range"))]);
    assert_eq!(codes, want);
    assert!(contract::standing(&pages).unwrap().contains(&large), "what cannot be read stands");
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
        connection.create(&simple(1, "2026-11-20"), NO_HURRY).await.unwrap();
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
