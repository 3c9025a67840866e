//! Journals and customers over HTTP, judged in the server's own book.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod netsuite_client;

use std::time::Duration;

use netsuite_client::{Answer, Bench, CUSTOMER, JOURNAL, invoice};
use reqwest::Method;
use serde_json::{Value, json};
use tieout_sandbox::book::read_records;
use tieout_sandbox::fault::Faults;
use tieout_sandbox::netsuite::{RateLimit, ServerOptions};

#[tokio::test]
async fn a_journal_is_booked_to_the_minor_unit_and_read_back() {
    let bench = Bench::new().await;
    let answer = bench.post(JOURNAL, &invoice("K1", "INV-1 by hand", "2026-11-03", "1234567890.07")).await;
    assert_eq!(answer.status, 204);
    let location = answer.location.unwrap();
    assert!(location.starts_with(&bench.server.url()), "{location}");
    let path = location.strip_prefix(&bench.server.url()).unwrap().to_owned();
    let read = bench.get(&path).await.body;
    assert_eq!(read, bench.get(&format!("{JOURNAL}/eid:K1")).await.body);
    assert_eq!((&read["postingPeriod"]["refName"], &read["approved"]), (&json!("Nov 2026"), &json!(true)));
    assert_eq!(read["line"].get("items"), None);
    let lines = bench.get(&format!("{JOURNAL}/eid:K1?expandSubResources=true")).await.body["line"].clone();
    assert_eq!(lines["items"][0]["debit"].to_string(), "1234567890.07");
    assert_eq!(lines["items"][1]["credit"].to_string(), "1234567890.07");
    let booked = bench.book().entries_by_external_id("K1").unwrap();
    assert_eq!(booked.len(), 1);
    assert_eq!(
        (booked[0].amount_on("1100"), booked[0].amount_on("4000")),
        (123_456_789_007, -123_456_789_007)
    );
    assert_eq!(bench.book().entries_by_reference("INV-1").unwrap(), booked);
    assert_eq!(bench.book().balance("1100", 1, "2026-11").unwrap(), 123_456_789_007);
    assert_eq!(bench.get(&format!("{JOURNAL}/eid:K2")).await.code(), "NONEXISTENT_ID");
}

#[tokio::test]
async fn what_the_erp_refuses_is_not_booked() {
    let bench = Bench::new().await;
    assert_eq!(bench.post(JOURNAL, &invoice("K0", "INV-0", "2026-11-03", "5")).await.status, 204);
    type Spoil = fn(&mut Value);
    let cases: [(&str, Spoil, &str, &str); 13] = [
        ("same external id", |b| b["externalId"] = json!("K0"), "USER_ERROR", "already exists"),
        ("unbalanced", |b| b["line"]["items"][0]["debit"] = json!(11), "USER_ERROR", "must balance"),
        (
            "account",
            |b| b["line"]["items"][0]["account"]["id"] = json!("999"),
            "INVALID_KEY_OR_REF",
            "account",
        ),
        ("subsidiary", |b| b["subsidiary"]["id"] = json!("9"), "INVALID_KEY_OR_REF", "subsidiary"),
        ("currency", |b| b["currency"] = json!({"id": "9"}), "INVALID_KEY_OR_REF", "currency"),
        (
            "customer",
            |b| b["line"]["items"][0]["entity"] = json!({"id": "77"}),
            "INVALID_KEY_OR_REF",
            "entity",
        ),
        ("period", |b| b["postingPeriod"] = json!({"id": "77"}), "INVALID_KEY_OR_REF", "postingPeriod"),
        ("a quarter", |b| b["postingPeriod"] = json!({"id": "10001"}), "INVALID_KEY_OR_REF", "postingPeriod"),
        ("a string", |b| b["line"]["items"][0]["debit"] = json!("10"), "INVALID_CONTENT", "number"),
        ("cents of cents", |b| b["line"]["items"][0]["debit"] = json!(10.001), "INVALID_CONTENT", "10.001"),
        ("negative", |b| b["line"]["items"][0]["debit"] = json!(-10), "INVALID_CONTENT", "-10"),
        ("no month for it", |b| b["tranDate"] = json!("2031-01-01"), "USER_ERROR", "accounting period"),
        ("bad date", |b| b["tranDate"] = json!("11/03/2026"), "INVALID_CONTENT", "11/03/2026"),
    ];
    for (what, spoil, code, words) in cases {
        let mut body = invoice("K1", "INV-1", "2026-11-03", "10");
        spoil(&mut body);
        let answer = bench.post(JOURNAL, &body).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{what}: {}", answer.detail());
        assert!(answer.detail().contains(words), "{what}: {}", answer.detail());
    }
    assert_eq!(bench.book().count().unwrap(), 1);
    let put = bench.request(Method::PUT, &format!("{JOURNAL}/eid:K0")).json(&json!({})).send().await.unwrap();
    assert_eq!(put.status().as_u16(), 405);
}

const CLOSED: &str =
    "The transaction date you specified is not within the date range of your accounting period.";

#[tokio::test]
async fn closed_and_locked_periods_refuse_in_the_vendors_words() {
    let bench = Bench::new().await;
    let october = |key: &str| invoice(key, "INV-1", "2026-10-31", "10");
    bench.book().close_period("2026-10").unwrap();
    let answer = bench.post(JOURNAL, &october("K1")).await;
    assert_eq!((answer.status, answer.code()), (400, "USER_ERROR"));
    assert!(answer.detail().contains(CLOSED));
    let mut into_november = october("K2");
    into_november["postingPeriod"] = json!({"id": "3"});
    assert_eq!(bench.post(JOURNAL, &into_november).await.status, 204);
    assert_eq!(bench.book().entries_by_external_id("K2").unwrap()[0].period, "2026-11");

    bench.book().reopen("2026-10").unwrap();
    bench.book().lock_ar("2026-10").unwrap();
    assert!(bench.post(JOURNAL, &october("K3")).await.detail().contains(CLOSED));
    let mut no_receivable = october("K4");
    no_receivable["line"]["items"][0]["account"]["id"] = json!("105");
    assert_eq!(bench.post(JOURNAL, &no_receivable).await.status, 204);
    bench.book().reopen("2026-10").unwrap();
    assert_eq!(bench.post(JOURNAL, &october("K3")).await.status, 204);
}

#[tokio::test]
async fn the_silent_move_books_into_the_next_open_period_without_an_error() {
    let bench = Bench::new().await;
    bench.book().set_silent_move(true);
    bench.book().close_period("2026-09").unwrap();
    bench.book().lock_ar("2026-10").unwrap();
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-09-30", "10")).await.status, 204);
    let read = bench.get(&format!("{JOURNAL}/eid:K1")).await.body;
    let seen = (&read["tranDate"], &read["postingPeriod"]["refName"]);
    assert_eq!(seen, (&json!("2026-09-30"), &json!("Nov 2026")));
    let mut asked = invoice("K2", "INV-2", "2026-09-30", "10");
    asked["postingPeriod"] = json!({"id": "1"});
    assert!(bench.post(JOURNAL, &asked).await.detail().contains(CLOSED), "what was asked for is not moved");
}

#[tokio::test]
async fn a_journal_that_a_person_edits_is_read_as_edited() {
    let bench = Bench::new().await;
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await.status, 204);
    let booked = bench.book().entries_by_external_id("K1").unwrap().remove(0);
    let edit = |by: i64| {
        bench.book().edit(booked.id, |entry| {
            entry.lines[0].amount += by;
            entry.lines[0].functional += by;
        })
    };
    assert_eq!(edit(5).unwrap_err().code(), "unbalanced");
    bench
        .book()
        .edit(booked.id, |entry| {
            for (line, by) in entry.lines.iter_mut().zip([250, -250]) {
                line.amount += by;
                line.functional += by;
            }
            (entry.period, entry.memo) = ("2026-10".to_owned(), "INV-2 mended".to_owned());
        })
        .unwrap();
    let read = bench.get(&format!("{JOURNAL}/eid:K1?expandSubResources=true")).await.body;
    assert_eq!(read["line"]["items"][0]["debit"].to_string(), "12.5");
    assert_eq!(read["postingPeriod"]["refName"], json!("Oct 2026"));
    assert_eq!(bench.book().entries_by_reference("INV-2").unwrap().len(), 1);
    assert!(bench.book().entries_by_reference("INV-1").unwrap().is_empty());
    let elsewhere = bench.book().edit(booked.id, |entry| entry.lines[1].account = "9999".to_owned());
    assert_eq!(elsewhere.unwrap_err().code(), "unknown_reference");

    bench.book().swap_account_numbers("4000", "4900").unwrap();
    let entry = bench.book().entries_by_external_id("K1").unwrap().remove(0);
    assert_eq!((entry.amount_on("4000"), entry.amount_on("4900")), (0, -1_250), "it stays on its account");
    assert_eq!(bench.book().swap_account_numbers("4000", "9999").unwrap_err().code(), "unknown_reference");
}

#[tokio::test]
async fn a_journal_awaiting_approval_does_not_count_until_it_is_approved() {
    let bench = Bench::new().await;
    let mut body = invoice("K1", "INV-1", "2026-11-03", "10");
    body["approvalStatus"] = json!({"id": "1"});
    assert_eq!(bench.post(JOURNAL, &body).await.status, 204);
    assert_eq!(bench.get(&format!("{JOURNAL}/eid:K1")).await.body["approved"], json!(false));
    assert_eq!(bench.book().drafts().unwrap().len(), 1);
    assert_eq!(bench.book().balance("1100", 1, "2026-11").unwrap(), 0);
    let approve = json!({"approvalStatus": {"id": "2"}});
    bench.book().close_period("2026-11").unwrap();
    assert!(bench.patch(&format!("{JOURNAL}/eid:K1"), &approve).await.detail().contains(CLOSED));
    bench.book().reopen("2026-11").unwrap();
    assert_eq!(bench.patch(&format!("{JOURNAL}/eid:K1"), &approve).await.status, 204);
    assert_eq!(bench.book().balance("1100", 1, "2026-11").unwrap(), 1_000);
    assert!(bench.book().drafts().unwrap().is_empty());
    let back = json!({"approvalStatus": {"id": "1"}});
    assert_eq!(bench.patch(&format!("{JOURNAL}/eid:K1"), &back).await.status, 400);
    assert_eq!(bench.patch(&format!("{JOURNAL}/eid:K1"), &json!({"memo": "x"})).await.status, 400);
}

#[tokio::test]
async fn a_foreign_currency_is_booked_in_both_currencies() {
    let bench = Bench::new().await;
    let line = |id: &str, side: &str, amount: &str| {
        let number: Value = serde_json::from_str(amount).unwrap();
        json!({"account": {"id": id}, side: number})
    };
    let items = [line("110", "debit", "0.03"), line("400", "credit", "0.01"), line("220", "credit", "0.02")];
    let body = json!({
        "subsidiary": {"id": "2"}, "externalId": "K1", "trandate": "2026-11-03", "memo": "INV-1",
        "currency": {"refName": "USD"}, "exchangeRate": serde_json::from_str::<Value>("0.5").unwrap(),
        "line": {"items": items},
    });
    assert_eq!(bench.post(JOURNAL, &body).await.status, 204);
    let booked = bench.book().entries_by_external_id("K1").unwrap().remove(0);
    assert_eq!((booked.currency.as_str(), booked.rate.as_str()), ("USD", "0.5"));
    let amounts: Vec<_> = booked.lines.iter().map(|line| (line.amount, line.functional)).collect();
    assert_eq!(amounts, [(3, 2), (-1, -1), (-2, -1)], "rounded half away from zero, and balanced");
    let yen = |amount: Value| {
        json!({"subsidiary": {"id": "4"}, "tranDate": "2026-11-03", "memo": "J", "line": {"items": [
            {"account": {"id": "110"}, "debit": amount}, {"account": {"id": "400"}, "credit": amount}]}})
    };
    assert_eq!(bench.post(JOURNAL, &yen(json!(1000))).await.status, 204);
    assert_eq!(bench.post(JOURNAL, &yen(json!(10.5))).await.code(), "INVALID_CONTENT");
    assert_eq!(bench.book().balance("1100", 4, "2026-11").unwrap(), 1_000);
}

#[tokio::test]
async fn customers_are_unique_by_external_id_and_name_lines() {
    let bench = Bench::new().await;
    let body = json!({
        "externalId": "cus_1", "companyName": "Acme", "email": "a@acme.test", "subsidiary": {"id": "1"},
    });
    let answer = bench.post(CUSTOMER, &body).await;
    assert_eq!(answer.status, 204);
    assert!(bench.post(CUSTOMER, &body).await.detail().contains("This entity already exists."));
    let read = bench.get(&format!("{CUSTOMER}/eid:cus_1")).await.body;
    assert_eq!((&read["companyName"], &read["subsidiary"]["id"]), (&json!("Acme"), &json!("1")));
    let mut journal = invoice("K1", "INV-1", "2026-11-03", "10");
    journal["line"]["items"][0]["entity"] = json!({"id": read["id"]});
    assert_eq!(bench.post(JOURNAL, &journal).await.status, 204);
    let booked = bench.book().entries_by_external_id("K1").unwrap();
    assert_eq!(booked[0].lines[0].customer.as_deref(), Some("cus_1"));
}

#[tokio::test]
async fn an_idempotency_key_counts_only_for_asynchronous_requests() {
    let bench = Bench::new().await;
    let send = async |external: &str, prefer: &str| {
        let request = bench.request(Method::POST, JOURNAL).header("X-NetSuite-Idempotency-Key", "same");
        let body = invoice(external, "INV-1", "2026-11-03", "10");
        Answer::of(request.header("Prefer", prefer).json(&body).send().await).await
    };
    assert_eq!(send("K1", "transient").await.status, 204);
    assert_eq!(send("K2", "transient").await.status, 204);
    let first = send("K3", "respond-async").await;
    assert_eq!(first.status, 202);
    let again = send("K4", "respond-async").await;
    assert_eq!((again.status, again.code()), (400, "IDEMPOTENCY_ERROR"));
    assert_eq!((&again.body["title"], &again.location), (&json!("Conflict"), &first.location));
    assert_eq!(bench.book().count().unwrap(), 3);
    let job = first.location.unwrap();
    let path = job.strip_prefix(&bench.server.url()).unwrap();
    assert_eq!(bench.get(path).await.body["progress"], json!("succeeded"));
}

#[tokio::test]
async fn too_many_at_once_and_too_many_per_time_are_refused_and_counted() {
    let path = format!("{JOURNAL}/1");
    let latency = Duration::from_secs(600);
    let options = ServerOptions { concurrency: Some(1), latency, ..ServerOptions::default() };
    let bench = Bench::with(options, Faults::none()).await;
    let held = tokio::spawn(bench.request(Method::GET, &path).timeout(latency).send());
    while bench.server.counters().in_work < 1 {
        tokio::task::yield_now().await;
    }
    let refused = bench.get(&path).await;
    assert_eq!((refused.status, refused.code()), (429, "CONCURRENCY_LIMIT_EXCEEDED"));
    assert_eq!(bench.server.counters().refused_for_concurrency, 1);
    held.abort();
    while bench.server.counters().in_work > 0 {
        tokio::task::yield_now().await;
    }

    let rate = RateLimit { requests: 3, per: Duration::from_secs(3600) };
    let bench =
        Bench::with(ServerOptions { rate: Some(rate), ..ServerOptions::default() }, Faults::none()).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(bench.get(&path).await.status);
    }
    assert_eq!(statuses, [404, 404, 404, 429, 429]);
    assert_eq!((bench.server.counters().requests, bench.server.counters().refused_for_rate), (5, 2));
}

#[tokio::test]
async fn the_record_file_and_the_csv_say_what_the_book_says() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("book.jsonl");
    let bench = Bench::new().await;
    bench.book().record_to(&path).unwrap();
    let mut draft = invoice("K2", "INV-2", "2026-11-04", "7.5");
    draft["approvalStatus"] = json!({"id": "1"});
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await.status, 204);
    assert_eq!(bench.post(JOURNAL, &draft).await.status, 204);
    let approve = json!({"approvalStatus": {"id": "2"}});
    assert_eq!(bench.patch(&format!("{JOURNAL}/eid:K2"), &approve).await.status, 204);
    let recorded: Vec<_> = read_records(&path).unwrap().into_values().collect();
    assert_eq!(recorded, bench.book().entries_with_prefix("K").unwrap());
    let mut csv = Vec::new();
    bench.book().write_csv(&mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert_eq!(csv.lines().nth(3), Some("2,K2,1,2026-11-04,2026-11,2,INV-2,USD,1,0,1100,750,750"));
    bench.book().delete_entry(1).unwrap();
    let left: Vec<_> = read_records(&path).unwrap().into_values().map(|entry| entry.id).collect();
    assert_eq!(left, [2]);
}
