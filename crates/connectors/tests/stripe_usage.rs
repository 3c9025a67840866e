//! What the sandbox's company has too little of: long invoices, metered usage, refunds told by their charge.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{StatusCode, Uri, header},
    response::IntoResponse,
};
use kit_world::world_at;
use serde_json::{Value, json};
use tieout_connectors::{
    BillingSource, Cursor, Page, PageRequest, Resource, contract,
    kit::{Limit, Secret},
    vendors::stripe::{StripeConnection, StripeOptions},
};
use tieout_domain::{
    document::{Canonical, Document},
    failure::FailureClass,
};

/// Answers by path and query without `limit`; those that are given once before them; and what was asked.
#[derive(Default)]
struct Answers {
    always: BTreeMap<String, Value>,
    first: Mutex<BTreeMap<String, (StatusCode, Value)>>,
    asked: Mutex<Vec<String>>,
}

type Table = Arc<Answers>;

async fn answer(State(table): State<Table>, uri: Uri, RawQuery(query): RawQuery) -> impl IntoResponse {
    let query = query.unwrap_or_default();
    let rest: Vec<&str> = query.split('&').filter(|p| !p.is_empty() && !p.starts_with("limit=")).collect();
    let asked = match rest.is_empty() {
        true => uri.path().to_owned(),
        false => format!("{}?{}", uri.path(), rest.join("&")),
    };
    table.asked.lock().unwrap().push(asked.clone());
    let (status, value) = match table.first.lock().unwrap().remove(&asked) {
        Some((status, value)) => (status, value.to_string()),
        None => always(&table, &asked),
    };
    // The vendor's own clock.
    let now = chrono::DateTime::from_timestamp(NOW, 0).unwrap();
    (status, [(header::DATE, now.format("%a, %d %b %Y %H:%M:%S GMT").to_string())], value)
}

fn always(table: &Answers, asked: &str) -> (StatusCode, String) {
    match table.always.get(asked) {
        Some(value) => (StatusCode::OK, value.to_string()),
        None => (StatusCode::NOT_FOUND, json!({"error": {"message": format!("no {asked}")}}).to_string()),
    }
}

const NOW: i64 = 1_795_435_200; // 2026-11-23T12:00:00Z
const MIDNIGHT: i64 = NOW - 43_200;

async fn connection(answers: Vec<(&str, Value)>) -> (StripeConnection, Table) {
    let always = answers.into_iter().map(|(asked, value)| (asked.to_owned(), value)).collect();
    let table: Table = Arc::new(Answers { always, ..Answers::default() });
    let router = Router::new().fallback(answer).with_state(Arc::clone(&table));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let now = chrono::DateTime::from_timestamp(NOW, 0).unwrap();
    let mut options = StripeOptions::new(url, Secret::new("sk_test_stub"), false, world_at(now));
    options.limit = Limit::concurrency(4);
    (StripeConnection::new(options).unwrap(), table)
}

fn list(items: Value, has_more: bool) -> Value {
    json!({"object": "list", "data": items, "has_more": has_more})
}

async fn scan(
    connection: &StripeConnection,
    resource: Resource,
    resume: Option<Cursor>,
) -> Vec<Page<Canonical>> {
    let request = PageRequest { resource, next: None, resume, since: None };
    contract::scan(connection, request).await.unwrap()
}

fn documents(pages: Vec<Page<Canonical>>) -> Vec<Document> {
    let items = pages.into_iter().flat_map(|page| page.items);
    items
        .map(|item| match item.item.unwrap() {
            Canonical::Document(document) => document,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn line(id: &str, amount: i64) -> Value {
    json!({"id": id, "amount": amount, "quantity": 1, "discount_amounts": [], "taxes": [],
           "pricing": {"price_details": {"product": "prod_team"}}})
}

#[tokio::test]
async fn a_long_invoice_has_all_its_lines_and_keeps_their_bytes() {
    let invoice = json!({"id": "in_1", "object": "invoice", "created": 1000, "currency": "usd",
        "number": "A-1", "status": "open", "total": 600, "total_taxes": [],
        "status_transitions": {"finalized_at": 1000},
        "lines": list(json!([line("il_1", 100)]), true)});
    let (connection, _) = connection(vec![
        ("/v1/events", list(json!([]), false)),
        ("/v1/invoices", list(json!([invoice]), false)),
        ("/v1/invoices/in_1/lines?starting_after=il_1", list(json!([line("il_2", 200)]), true)),
        ("/v1/invoices/in_1/lines?starting_after=il_2", list(json!([line("il_3", 300)]), false)),
    ])
    .await;
    let pages = scan(&connection, Resource::Invoices, None).await;
    let raw = String::from_utf8(pages[0].items[0].raw.clone()).unwrap();
    assert!(raw.contains("il_1") && raw.contains("il_2") && raw.contains("il_3"));
    let amounts: Vec<_> = documents(pages)[0].lines.iter().map(|l| l.amount_minor.unwrap()).collect();
    assert_eq!(amounts, [100, 200, 300]);
}

#[tokio::test]
async fn a_page_is_read_again_where_lines_of_it_were_deleted_meanwhile() {
    let invoice = |lines: Value, total: i64| {
        json!({"id": "in_1", "object": "invoice", "created": 1000, "currency": "usd", "number": null,
            "status": "draft", "total": total, "total_taxes": [], "status_transitions": {}, "lines": lines})
    };
    let before = invoice(list(json!([line("il_1", 100)]), true), 300);
    let after = invoice(list(json!([line("il_2", 200)]), false), 200);
    let (connection, table) = connection(vec![
        ("/v1/events", list(json!([]), false)),
        ("/v1/invoices", list(json!([after]), false)),
    ])
    .await;
    let gone =
        json!({"error": {"code": "resource_missing", "param": "starting_after", "message": "No such"}});
    let first = [
        ("/v1/invoices", StatusCode::OK, list(json!([before]), false)),
        ("/v1/invoices/in_1/lines?starting_after=il_1", StatusCode::BAD_REQUEST, gone),
    ];
    let first = first.map(|(asked, status, value)| (asked.to_owned(), (status, value)));
    *table.first.lock().unwrap() = BTreeMap::from(first);
    let documents = documents(scan(&connection, Resource::Invoices, None).await);
    let amounts: Vec<_> = documents[0].lines.iter().map(|l| l.amount_minor.unwrap()).collect();
    assert_eq!((documents.len(), amounts), (1, vec![200]), "as it is now");
}

#[tokio::test]
async fn a_list_that_never_stands_still_is_left_to_the_next_sync() {
    let invoice = json!({"id": "in_1", "object": "invoice", "created": 1000, "currency": "usd",
        "number": "A-1", "status": "open", "total": 300, "total_taxes": [], "status_transitions": {},
        "lines": list(json!([line("il_1", 100)]), true)});
    let (connection, _) = connection(vec![
        ("/v1/events", list(json!([]), false)),
        ("/v1/invoices", list(json!([invoice]), false)),
    ])
    .await;
    let request = PageRequest { resource: Resource::Invoices, next: None, resume: None, since: None };
    let failure = connection.page(&request).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Retryable, "listing_moves"), "{failure}");
}

fn subscription(id: &str, customer: &str, usage_type: &str, meter: Value) -> Value {
    let licensed = json!({"usage_type": "licensed", "meter": null});
    json!({"id": id, "customer": customer, "status": "active", "items": list(json!([
        {"id": "si_1", "price": {"product": "prod_team", "recurring": licensed}},
        {"id": "si_2", "price": {"product": "prod_usage",
                                 "recurring": {"usage_type": usage_type, "meter": meter}}}]), false)})
}

fn day(meter: &str, n: i64, value: Value) -> Value {
    let start = MIDNIGHT - n * 86_400;
    json!({"id": format!("mtrusg_{n}"), "meter": meter, "aggregated_value": value,
           "start_time": start, "end_time": start + 86_400, "object": "billing.meter_event_summary"})
}

#[tokio::test]
async fn usage_is_read_for_the_metered_customers_and_again_from_a_few_days_back() {
    let from = MIDNIGHT - 400 * 86_400;
    let asked = |meter: &str, customer: &str, from: i64, rest: &str| {
        format!(
            "/v1/billing/meters/{meter}/event_summaries?customer={customer}&start_time={from}\
             &end_time={MIDNIGHT}&value_grouping_window=day{rest}"
        )
    };
    let later = MIDNIGHT - 3 * 86_400;
    let [a, b, c, d] = [
        asked("mtr_1", "cus_1", from, ""),
        asked("mtr_1", "cus_1", from, "&starting_after=mtrusg_1"),
        asked("mtr_2", "cus_3", from, ""),
        asked("mtr_1", "cus_1", later, ""),
    ];
    let e = asked("mtr_2", "cus_3", later, "");
    let subscriptions = json!([
        subscription("sub_1", "cus_1", "metered", json!("mtr_1")),
        subscription("sub_2", "cus_2", "licensed", Value::Null),
        subscription("sub_3", "cus_3", "metered", json!("mtr_2")),
    ]);
    let (connection, table) = connection(vec![
        ("/v1/events", list(json!([{"id": "evt_1", "created": NOW}]), false)),
        ("/v1/subscriptions?status=all", list(subscriptions, false)),
        (&a, list(json!([day("mtr_1", 1, json!(12.5))]), true)),
        (&b, list(json!([day("mtr_1", 2, json!(3))]), false)),
        (&c, list(json!([]), false)),
        (&d, list(json!([day("mtr_1", 1, json!(14))]), false)),
        (&e, list(json!([]), false)),
    ])
    .await;
    let pages = scan(&connection, Resource::Usage, None).await;
    let resume = pages.last().unwrap().resume.clone();
    let read: Vec<_> = pages
        .into_iter()
        .flat_map(|page| page.items)
        .map(|item| match item.item.unwrap() {
            Canonical::Usage(usage) => (usage.external_id, usage.customer, usage.value.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    let first = format!("mtr_1:cus_1:{}", MIDNIGHT - 86_400);
    let second = format!("mtr_1:cus_1:{}", MIDNIGHT - 2 * 86_400);
    let want = |id: &str, value: &str| (id.to_owned(), "cus_1".to_owned(), value.to_owned());
    assert_eq!(read, [want(&first, "12.5"), want(&second, "3")]);
    assert!(
        !table.asked.lock().unwrap().iter().any(|asked| asked.contains("cus_2")),
        "no usage, no question"
    );
    let again = scan(&connection, Resource::Usage, resume).await;
    assert_eq!(again.iter().map(|page| page.items.len()).sum::<usize>(), 1, "late usage replaces the day");
}

#[tokio::test]
async fn a_refund_that_only_its_charge_tells_of_is_read() {
    let refund = json!({"id": "re_1", "object": "refund", "amount": 5, "currency": "usd", "created": NOW,
                        "charge": "ch_1", "status": "succeeded"});
    let event = json!({"id": "evt_1", "type": "charge.refunded", "created": NOW,
                       "data": {"object": {"object": "charge", "id": "ch_1"}}});
    let other = json!({"id": "evt_2", "type": "charge.updated", "created": NOW,
                       "data": {"object": {"object": "charge", "id": "ch_2"}}});
    let types =
        ["charge.refund.updated", "charge.refunded", "refund.created", "refund.failed", "refund.updated"];
    let types: String = types.iter().map(|of| format!("&types%5B%5D={of}")).collect();
    let since = format!("/v1/events?created%5Bgt%5D={}{types}", NOW - 600 - 300);
    let (connection, table) = connection(vec![
        ("/v1/events", list(json!([event]), false)),
        (&since, list(json!([event, other]), false)),
        ("/v1/refunds?charge=ch_1&expand%5B%5D=data.balance_transaction", list(json!([refund]), false)),
    ])
    .await;
    let resume = Cursor(format!("{{\"from\":{}}}", NOW - 600));
    let found = documents(scan(&connection, Resource::Refunds, Some(resume)).await);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].total.minor(), found[0].payment.as_deref()), (5, Some("ch_1")));
    // A place that nobody here wrote is none to go on from: the list is read from its beginning.
    let next = Some(Cursor("elsewhere".into()));
    let strange = PageRequest { resource: Resource::Refunds, next, resume: None, since: None };
    let answer = connection.page(&strange).await;
    let asked = table.asked.lock().unwrap().last().cloned().unwrap();
    assert!(asked.starts_with("/v1/refunds") && !asked.contains("starting_after"), "{asked}: {answer:?}");
}
