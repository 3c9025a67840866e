//! The simulated company's history in the book, and a book of real size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod netsuite_client;

use std::collections::BTreeMap;
use std::time::Instant;

use netsuite_client::{Bench, JOURNAL, Signer, invoice};
use reqwest::Client;
use tieout_sandbox::book::{Book, BookClock};
use tieout_sandbox::company::{Account, EntryStatus, PeriodStatus, Spec, generate};
use tieout_sandbox::fault::Faults;
use tieout_sandbox::netsuite::{Server, ServerOptions};

const SPEC: Spec = Spec { seed: 7, invoices: 2_000, as_of: 1_795_392_000, fault_rate: 300 };

async fn bench(book: Book) -> Bench {
    let server = Server::start(book, ServerOptions::default(), Faults::none()).await.unwrap();
    Bench { server, client: Client::builder().no_proxy().build().unwrap(), signer: Signer::default() }
}

#[tokio::test]
async fn the_book_of_the_company_holds_its_ledger_line_by_line() {
    let company = generate(&SPEC);
    let book = Book::of_company(&company).unwrap();
    assert_eq!(book.count().unwrap(), company.ledger.len() as u64);
    let mut balances: BTreeMap<(u32, String), i64> = BTreeMap::new();
    for source in &company.ledger {
        let entry = book.entries_by_external_id(&source.external_id()).unwrap().remove(0);
        let lines: Vec<_> =
            entry.lines.iter().map(|line| (line.account.clone(), line.amount, line.functional)).collect();
        let expected =
            source.lines.iter().map(|line| (line.account.number().to_string(), line.amount, line.functional));
        assert_eq!(lines, expected.collect::<Vec<_>>());
        assert_eq!(entry.memo, company.reference_text(&source.reference));
        assert_eq!(entry.is_booked(), source.status == EntryStatus::Booked);
        assert_eq!(entry.reverses, source.reverses.map(i64::from));
        if source.status == EntryStatus::Booked {
            let subsidiary = company.entities[usize::from(source.entity)].subsidiary;
            let control = source.lines.iter().filter(|line| line.account == Account::Receivable);
            let cell = balances.entry((subsidiary, entry.period)).or_default();
            *cell += control.map(|line| line.functional).sum::<i64>();
        }
    }
    for ((subsidiary, period), expected) in balances {
        assert_eq!(
            book.balance("1100", i64::from(subsidiary), &period).unwrap(),
            expected,
            "{subsidiary} {period}"
        );
    }
    assert!(company.ledger.iter().any(|source| source.reverses.is_some()), "the company has reversals");
}

#[tokio::test]
async fn the_companys_periods_and_customers_are_seen_through_suiteql() {
    let company = generate(&SPEC);
    let bench = bench(Book::of_company(&company).unwrap()).await;
    let query = "SELECT id, closed, arlocked, TO_CHAR(closedondate, 'YYYY-MM-DD HH24:MI:SS') AS at
        FROM accountingperiod WHERE isyear = 'F' AND isquarter = 'F' ORDER BY startdate";
    let seen = bench.rows(query, &["id", "closed", "arlocked", "at"]).await;
    let flag = |on: bool| if on { "T" } else { "F" }.to_owned();
    let expected: Vec<Vec<String>> = company
        .periods
        .iter()
        .map(|period| {
            let at = period.closed_at.and_then(|at| chrono::DateTime::from_timestamp(at, 0));
            let at = at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
            let closed = period.status == PeriodStatus::Closed;
            vec![period.id.to_string(), flag(closed), flag(period.status != PeriodStatus::Open), at]
        })
        .collect();
    assert_eq!(seen, expected);
    let known = company.customers.iter().filter(|customer| customer.in_erp).count();
    let rows = bench.rows("SELECT COUNT(*) AS n FROM customer WHERE externalid LIKE 'cus_%'", &["n"]).await;
    assert_eq!(rows, [[known.to_string()]]);
    let sundry = "SELECT externalid, subsidiary FROM customer WHERE externalid LIKE 'sundry-%' ORDER BY id";
    let sundry = bench.rows(sundry, &["externalid", "subsidiary"]).await;
    assert_eq!(sundry.len(), company.entities.len());
    assert_eq!(sundry[0], ["sundry-US01", "1"]);
}

#[tokio::test]
async fn the_books_time_does_not_run_behind_its_own_history() {
    let company = generate(&SPEC);
    let bench = bench(Book::of_company(&company).unwrap()).await;
    let newest = company.ledger.iter().map(|source| source.created).max().unwrap();
    let before = chrono::DateTime::from_timestamp(newest - 86_400, 0).unwrap();
    bench.book().set_clock(BookClock::Fixed(before));
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await.status, 204);
    let query = "SELECT externalid FROM transaction WHERE lastmodifieddate >=
        (SELECT MAX(lastmodifieddate) FROM transaction WHERE externalid LIKE 'bi-%') AND externalid = 'K1'";
    assert_eq!(bench.rows(query, &["externalid"]).await, [["K1"]]);
}

/// Reads many journals as an adapter would, by windows of ids.
#[tokio::test]
async fn many_journals_can_be_held_and_read_window_by_window() {
    // Twenty thousand invoices in CI; the million takes minutes.
    let (invoices, least) = match std::env::var_os("TIEOUT_FULL") {
        Some(_) => (600_000, 1_000_000),
        None => (20_000, 30_000),
    };
    let spec = Spec { invoices, ..SPEC };
    let company = generate(&spec);
    let entries = company.ledger.len();
    assert!(entries >= least, "{entries}");
    let started = Instant::now();
    let book = Book::of_company(&company).unwrap();
    println!("{entries} journals booked in {:?}", started.elapsed());
    drop(company);
    let bench = bench(book).await;
    let started = Instant::now();
    let (mut last, mut seen) = (0_i64, 0_usize);
    loop {
        let query = format!(
            "SELECT t.id, t.externalid, t.memo, tl.subsidiary, tal.account, tal.amount FROM transaction t
             JOIN transactionline tl ON tl.transaction = t.id JOIN transactionaccountingline tal
             ON tal.transaction = tl.transaction AND tal.transactionline = tl.id
             WHERE t.id > {last} AND t.id <= {} AND t.type = 'Journal' ORDER BY t.id, tl.id",
            last + 20_000
        );
        let (mut offset, from) = (0, seen);
        loop {
            let answer = bench.suiteql(&format!("?limit=1000&offset={offset}"), &query).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            seen += answer.body["items"].as_array().unwrap().len();
            offset += 1000;
            if answer.body["hasMore"] == false {
                break;
            }
        }
        last += 20_000;
        if seen == from {
            break;
        }
    }
    println!("{seen} lines read over HTTP in {:?}", started.elapsed());
    assert!(seen >= entries * 2);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
}
