#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
//! The Stripe server, seen through HTTP.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tieout_sandbox::company::{Company, Id, IdKind, InvoiceStatus, RefundStatus, Spec, generate};
use tieout_sandbox::fault::{FaultKind, FaultPlan, Faults, ScriptedFault};
use tieout_sandbox::stripe::{Command, Limits, NewLine, Server};

struct Desk {
    server: Server,
    client: reqwest::Client,
    company: Company,
}

impl Desk {
    async fn open(invoices: u32) -> Self {
        let company = generate(&Spec { seed: 5, invoices, ..Spec::default() });
        let server = Server::start(company.clone(), Faults::none()).await.unwrap();
        Self { server, client: reqwest::Client::builder().no_proxy().build().unwrap(), company }
    }

    async fn with_key(&self, key: &str, path: &str) -> (StatusCode, HeaderMap, Value) {
        let url = format!("{}{path}", self.server.url());
        let sent = self.client.get(url).bearer_auth(key).header("Stripe-Version", "2026-09-30.endive");
        let response = sent.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, serde_json::from_str(&response.text().await.unwrap()).unwrap())
    }

    async fn get(&self, entity: usize, path: &str) -> Value {
        let (status, _, body) = self.with_key(self.company.entities[entity].api_key, path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// Every object of a list, page by page.
    async fn all(&self, entity: usize, path: &str, limit: usize) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let cursor = found.last().map(|last| format!("&starting_after={}", last["id"].as_str().unwrap()));
            let url = format!("{path}{joint}limit={limit}{}", cursor.unwrap_or_default());
            let page = self.get(entity, &url).await;
            let data = page["data"].as_array().unwrap();
            assert!(data.len() <= limit);
            found.extend(data.iter().cloned());
            if page["has_more"] == json!(false) {
                return found;
            }
            assert_eq!(data.len(), limit, "{url}");
        }
    }

    fn own<'a, T>(list: &'a [T], entity: u8, of: impl Fn(&T) -> u8 + 'a) -> usize {
        list.iter().filter(|item| of(item) == entity).count()
    }
}

fn ids(list: &[Value]) -> BTreeSet<String> {
    list.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn paging_returns_each_object_once_newest_first() {
    let desk = Desk::open(600).await;
    let company = &desk.company;
    for entity in 0..4u8 {
        let at = usize::from(entity);
        let expected = [
            ("/v1/customers", Desk::own(&company.customers, entity, |it| it.entity)),
            ("/v1/subscriptions?status=all", Desk::own(&company.subscriptions, entity, |it| it.entity)),
            ("/v1/invoices", Desk::own(&company.invoices, entity, |it| it.entity)),
            ("/v1/credit_notes", Desk::own(&company.credit_notes, entity, |it| it.entity)),
            ("/v1/charges", Desk::own(&company.charges, entity, |it| it.entity)),
            ("/v1/refunds", Desk::own(&company.refunds, entity, |it| it.entity)),
            ("/v1/disputes", Desk::own(&company.disputes, entity, |it| it.entity)),
            ("/v1/balance_transactions", Desk::own(&company.transactions, entity, |it| it.entity)),
        ];
        for (path, count) in expected {
            let found = desk.all(at, path, 7).await;
            assert_eq!((found.len(), ids(&found).len()), (count, count), "{path}");
            assert!(found.is_sorted_by(|a, b| a["created"].as_i64() >= b["created"].as_i64()), "{path}");
        }
        let intents = ids(&desk.all(at, "/v1/payment_intents", 100).await);
        let links = desk.all(at, "/v1/invoice_payments", 9).await;
        let linked: BTreeSet<_> =
            links.iter().map(|it| it["payment"]["payment_intent"].as_str().unwrap().to_owned()).collect();
        assert_eq!(intents, linked);
    }
}

#[tokio::test]
async fn spans_of_creation_cut_a_list_exactly() {
    let desk = Desk::open(300).await;
    let all = desk.all(0, "/v1/invoices", 100).await;
    let middle = all[all.len() / 2]["created"].as_i64().unwrap();
    let older = desk.all(0, &format!("/v1/invoices?created[lt]={middle}"), 50).await;
    let newer = desk.all(0, &format!("/v1/invoices?created%5Bgte%5D={middle}"), 50).await;
    assert_eq!(older.len() + newer.len(), all.len());
    assert!(older.iter().all(|it| it["created"].as_i64().unwrap() < middle));
    let same = desk.all(0, &format!("/v1/invoices?created[gte]={middle}&created[lte]={middle}"), 50).await;
    assert!(!same.is_empty() && same.iter().all(|it| it["created"] == json!(middle)));
}

#[tokio::test]
async fn an_invoice_has_stripes_current_fields_and_adds_up() {
    let desk = Desk::open(900).await;
    for entity in 0..4 {
        for invoice in desk.all(entity, "/v1/invoices", 100).await {
            for gone in ["charge", "payment_intent", "paid", "tax"] {
                assert!(invoice.get(gone).is_none(), "{gone}");
            }
            let id = invoice["id"].as_str().unwrap();
            let mut lines = invoice["lines"]["data"].as_array().unwrap().clone();
            if invoice["lines"]["has_more"] == json!(true) {
                assert_eq!(lines.len(), 10);
                lines = desk.all(entity, &format!("/v1/invoices/{id}/lines"), 10).await;
                assert!(lines.len() > 10 && ids(&lines).len() == lines.len());
            }
            let of = |value: &Value| value.as_i64().unwrap();
            let inner = |line: &Value, list: &str| {
                line[list].as_array().unwrap().iter().map(|it| of(&it["amount"])).sum::<i64>()
            };
            let total: i64 = lines
                .iter()
                .map(|it| of(&it["amount"]) - inner(it, "discount_amounts") + inner(it, "taxes"))
                .sum();
            assert_eq!(total, of(&invoice["total"]), "{id}");
            assert_eq!(inner(&invoice, "total_taxes"), total - of(&invoice["total_excluding_tax"]));
            let due = of(&invoice["amount_due"]);
            assert_eq!(of(&invoice["amount_paid"]) + of(&invoice["amount_remaining"]), due);
            assert!(lines.iter().all(|it| it["pricing"]["price_details"]["product"].is_string()));
            assert_eq!(invoice["number"].is_null(), invoice["status"] == json!("draft"));
        }
    }
}

#[tokio::test]
async fn single_objects_are_found_and_foreign_ones_are_not() {
    let desk = Desk::open(200).await;
    let theirs = desk.company.invoices.iter().find(|it| it.entity == 1).unwrap().id;
    let ours = desk.company.invoices.iter().find(|it| it.entity == 0).unwrap().id;
    assert_eq!(desk.get(0, &format!("/v1/invoices/{ours}")).await["id"], json!(ours.to_string()));
    let key = desk.company.entities[0].api_key;
    for path in [format!("/v1/invoices/{theirs}"), format!("/v1/charges/{ours}"), "/v1/invoices/x".into()] {
        let (status, _, body) = desk.with_key(key, &path).await;
        assert_eq!((status, &body["error"]["code"]), (StatusCode::NOT_FOUND, &json!("resource_missing")));
    }
    let (status, _, body) = desk.with_key(key, "/v1/invoices?colour=red").await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::BAD_REQUEST, &json!("parameter_unknown")));
    let (status, _, _) = desk.with_key(key, "/v1/nonsense").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get(2, "/v1/account").await["id"], json!("acct_de01"));
    assert_eq!(desk.get(2, "/v1/tax_rates").await["data"][0]["percentage"], json!(19));
    assert_eq!(desk.get(2, "/v1/products").await["data"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_key_opens_its_own_account_until_it_expires() {
    let desk = Desk::open(50).await;
    let (status, headers, body) = desk.with_key("sk_test_wrong_key", "/v1/invoices").await;
    assert_eq!((status, &body["error"]["type"]), (StatusCode::UNAUTHORIZED, &json!("invalid_request_error")));
    assert!(headers.contains_key("request-id") && headers["stripe-version"] == "2026-09-30.endive");
    assert!(!body.to_string().contains("wrong_key"), "a key is never echoed whole");
    let bare = desk.client.get(format!("{}/v1/invoices", desk.server.url())).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    let key = desk.company.entities[3].api_key;
    let basic = desk.client.get(format!("{}/v1/account", desk.server.url()));
    let basic = basic.basic_auth(key, None::<&str>).send().await.unwrap();
    assert_eq!(basic.status(), StatusCode::OK);
    assert!(desk.server.control().expire_key(key));
    let (status, _, body) = desk.with_key(key, "/v1/invoices").await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::UNAUTHORIZED, &json!("api_key_expired")));
    assert!(desk.server.control().add_key("JP01", "sk_test_jp01_rotated"));
    let (status, _, body) = desk.with_key("sk_test_jp01_rotated", "/v1/account").await;
    assert_eq!((status, &body["id"]), (StatusCode::OK, &json!("acct_jp01")));
}

#[tokio::test]
async fn events_reach_back_thirty_days_and_no_further() {
    let desk = Desk::open(800).await;
    let events = desk.all(0, "/v1/events?created[gt]=0", 100).await;
    let since = desk.company.now - 30 * 86_400;
    assert!(!events.is_empty() && events.iter().all(|it| it["created"].as_i64().unwrap() >= since));
    let recent = desk.company.invoices.iter().filter(|it| it.entity == 0 && it.created > since).count();
    let created: Vec<_> = events.iter().filter(|it| it["type"] == json!("invoice.created")).collect();
    assert_eq!(created.len(), recent);
    let same = desk.all(0, "/v1/events?type=invoice.created", 100).await;
    assert_eq!(same.len(), recent);
    assert!(same.iter().all(|it| it["data"]["object"]["object"] == json!("invoice")));
    desk.server.control().run(Command::Advance { seconds: 31 * 86_400 }).unwrap();
    assert!(desk.all(0, "/v1/events", 100).await.is_empty());
}

#[tokio::test]
async fn what_is_gone_is_not_listed_and_is_no_place_to_go_on_from() {
    let desk = Desk::open(800).await;
    let key = desk.company.entities[0].api_key;
    let customers = desk.all(0, "/v1/customers", 100).await;
    let gone = customers[3]["id"].as_str().unwrap().to_owned();
    desk.server.control().run(Command::DeleteCustomer { customer: gone.clone() }).unwrap();
    assert!(desk.server.control().run(Command::DeleteCustomer { customer: gone.clone() }).is_err(), "once");
    let left = desk.all(0, "/v1/customers", 100).await;
    assert!(left.len() + 1 == customers.len() && !ids(&left).contains(&gone));
    assert_eq!(desk.get(0, &format!("/v1/customers/{gone}")).await["deleted"], json!(true));
    let mut drafts =
        desk.company.invoices.iter().filter(|it| it.entity == 0 && it.status == InvoiceStatus::Draft);
    let draft = drafts.next_back().unwrap().id.to_string();
    desk.server.control().run(Command::DeleteDraft { invoice: draft.clone() }).unwrap();
    let (status, ..) = desk.with_key(key, &format!("/v1/invoices/{draft}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let event = desk.get(0, "/v1/events?limit=1").await["data"][0]["id"].as_str().unwrap().to_owned();
    desk.server.control().run(Command::Advance { seconds: 31 * 86_400 }).unwrap();
    for (list, after) in [("customers", gone), ("invoices", draft), ("events", event)] {
        let (status, _, body) = desk.with_key(key, &format!("/v1/{list}?starting_after={after}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{list}");
        assert_eq!(
            (&body["error"]["code"], &body["error"]["param"]),
            (&json!("resource_missing"), &json!("starting_after"))
        );
    }
}

#[tokio::test]
async fn the_clock_that_an_answer_tells_is_the_companys() {
    let desk = Desk::open(50).await;
    let key = desk.company.entities[0].api_key;
    let told =
        async || desk.with_key(key, "/v1/customers?limit=1").await.1["date"].to_str().unwrap().to_owned();
    assert_eq!(told().await, "Fri, 20 Nov 2026 12:00:00 GMT");
    desk.server.control().run(Command::Advance { seconds: 86_399 }).unwrap();
    assert_eq!(told().await, "Sat, 21 Nov 2026 12:00:00 GMT");
}

#[tokio::test]
async fn usage_is_summed_or_told_by_day() {
    let desk = Desk::open(500).await;
    let usage = desk.company.usage.iter().find(|it| it.meter == 0).unwrap();
    let meter = desk.get(0, "/v1/billing/meters").await["data"][0]["id"].as_str().unwrap().to_owned();
    let customer = Id::new(IdKind::Customer, usage.customer);
    let (start, end) = (usage.start, usage.end);
    let path = format!(
        "/v1/billing/meters/{meter}/event_summaries?customer={customer}&start_time={start}&end_time={end}"
    );
    let whole = desk.all(0, &path, 10).await;
    assert_eq!((whole.len(), whole[0]["aggregated_value"].as_u64()), (1, Some(usage.value)));
    let days = desk.all(0, &format!("{path}&value_grouping_window=day"), 10).await;
    let sum: u64 = days.iter().map(|it| it["aggregated_value"].as_u64().unwrap()).sum();
    assert!(days.len() >= 28 && sum == usage.value && ids(&days).len() == days.len());
    let (status, _, body) = desk
        .with_key(desk.company.entities[0].api_key, &format!("/v1/billing/meters/{meter}/event_summaries"))
        .await;
    assert_eq!((status, &body["error"]["param"]), (StatusCode::BAD_REQUEST, &json!("customer")));
}

#[tokio::test]
async fn the_rate_limit_answers_429_in_stripes_words() {
    let desk = Desk::open(20).await;
    desk.server.control().set_limits(Limits { per_account: Some(0), per_endpoint: None });
    let (status, _, body) = desk.with_key(desk.company.entities[0].api_key, "/v1/invoices").await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limit")));
    desk.server.control().set_limits(Limits::NONE);
    desk.get(0, "/v1/invoices").await;
    assert_eq!(desk.server.control().counts(), (2, 1));
}

#[tokio::test]
async fn faults_come_as_scripted_and_do_no_lasting_harm() {
    let desk = Desk::open(60).await;
    let script = [
        FaultKind::TooManyWithRetryAfter,
        FaultKind::TooMany,
        FaultKind::ErrorBeforeCommit,
        FaultKind::ExpiredToken,
        FaultKind::SchemaDrift,
        FaultKind::DropBeforeCommit,
    ];
    let lines = (1u64..).zip(script).map(|(nth, kind)| ScriptedFault::nth(nth, "/v1/invoices", kind));
    desk.server.faults().set_plan(FaultPlan::script(lines));
    let key = desk.company.entities[0].api_key;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let (status, headers, body) = desk.with_key(key, "/v1/invoices").await;
        assert!(body["error"]["message"].is_string());
        seen.push((status.as_u16(), headers.contains_key("retry-after")));
    }
    assert_eq!(seen, [(429, true), (429, false), (500, false), (401, false)]);
    let (_, _, drifted) = desk.with_key(key, "/v1/invoices").await;
    assert!(drifted["data"][0]["total"].is_string() && drifted["data"][1].get("number").is_none());
    let url = format!("{}/v1/invoices", desk.server.url());
    assert!(desk.client.get(&url).bearer_auth(key).send().await.is_err());
    desk.get(0, "/v1/invoices").await;
}

#[tokio::test]
async fn a_page_can_be_cut_in_the_middle_of_its_body() {
    let desk = Desk::open(200).await;
    let cut = ScriptedFault::nth(1, "/v1/invoices", FaultKind::DropMidBody);
    desk.server.faults().set_plan(FaultPlan::script([cut]));
    let url = format!("{}/v1/invoices?limit=100", desk.server.url());
    let key = desk.company.entities[0].api_key;
    let response = desk.client.get(&url).bearer_auth(key).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "the head comes");
    assert!(response.text().await.is_err(), "the body does not");
    assert_eq!(desk.server.faults().injected_of(FaultKind::DropMidBody), 1);
    desk.get(0, "/v1/invoices?limit=100").await;
}

#[tokio::test]
async fn changes_made_live_show_in_the_object_and_in_the_events() {
    let desk = Desk::open(400).await;
    let control = desk.server.control();
    let customer = desk.company.customers.iter().find(|it| it.entity == 1).unwrap();
    let lines = vec![NewLine { product: "prod_team".into(), amount: 10_000 }];
    let id = customer.id.to_string();
    let add = Command::AddInvoice { customer: id, lines, taxable: true, effective_at: None };
    let invoice = control.run(add).unwrap().to_string();
    let newest = desk.get(1, "/v1/invoices?limit=1").await["data"][0].clone();
    assert_eq!((newest["id"].as_str(), newest["total"].as_i64()), (Some(invoice.as_str()), Some(12_000)));
    control.run(Command::AmendInvoice { invoice: invoice.clone(), by: -2_500 }).unwrap();
    assert_eq!(desk.get(1, &format!("/v1/invoices/{invoice}")).await["total"], json!(9_000));
    let charge = control.run(Command::PayInvoice { invoice: invoice.clone(), succeeds: true }).unwrap();
    let charge = charge.to_string();
    let paid = desk.get(1, &format!("/v1/charges/{charge}?expand[]=balance_transaction")).await;
    assert_eq!(
        (&paid["amount"], &paid["balance_transaction"]),
        (&json!(9_000), &paid["balance_transaction"])
    );
    control.run(Command::RefundCharge { charge: charge.clone(), amount: 1_000 }).unwrap();
    let dispute = control.run(Command::DisputeCharge { charge: charge.clone() }).unwrap().to_string();
    control.run(Command::CloseDispute { dispute, won: true }).unwrap();
    control.run(Command::CreditInvoice { invoice: invoice.clone(), amount: 500 }).unwrap();
    let refused = control.run(Command::VoidInvoice { invoice }).unwrap_err();
    assert_eq!(refused.code(), "wrong_status");
    let path = format!("/v1/events?created[gt]={}", desk.company.now);
    let kinds: Vec<_> = desk.all(1, &path, 100).await.iter().rev().map(|it| it["type"].clone()).collect();
    let expected = [
        "invoice.created",
        "invoice.finalized",
        "invoice.updated",
        "charge.succeeded",
        "invoice.paid",
        "refund.created",
        "charge.dispute.created",
        "charge.dispute.closed",
        "credit_note.created",
    ];
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn a_credit_note_is_voided_and_a_refund_fails_once() {
    let desk = Desk::open(400).await;
    let control = desk.server.control();
    let note = desk.company.credit_notes.iter().find(|it| it.voided_at.is_none()).unwrap();
    let void = Command::VoidCreditNote { credit_note: note.id.to_string() };
    control.run(void.clone()).unwrap();
    let read = desk.get(usize::from(note.entity), &format!("/v1/credit_notes/{}", note.id)).await;
    assert_eq!((&read["status"], read["voided_at"].is_i64()), (&json!("void"), true));
    assert_eq!(control.run(void).unwrap_err().code(), "wrong_status");
    let refund = desk.company.refunds.iter().find(|it| it.status == RefundStatus::Succeeded).unwrap();
    let fail = Command::FailRefund { refund: refund.id.to_string() };
    control.run(fail.clone()).unwrap();
    let read = desk.get(usize::from(refund.entity), &format!("/v1/refunds/{}", refund.id)).await;
    assert_eq!(read["status"], json!("failed"));
    assert_eq!(control.run(fail).unwrap_err().code(), "wrong_status");
    let path = format!("/v1/events?created[gt]={}", desk.company.now);
    let mut kinds = Vec::new();
    for entity in 0..4 {
        kinds.extend(desk.all(entity, &path, 100).await.iter().map(|it| it["type"].clone()));
    }
    kinds.sort_by_key(Value::to_string);
    assert_eq!(kinds, ["credit_note.voided", "refund.failed"]);
}

#[tokio::test]
async fn an_open_invoice_can_be_voided_over_http() {
    let desk = Desk::open(400).await;
    let open = desk.company.invoices.iter().find(|it| it.status == InvoiceStatus::Open).unwrap();
    let url = format!("{}/_sandbox/control", desk.server.url());
    let body = json!({ "do": "void_invoice", "invoice": open.id.to_string() }).to_string();
    let done = desk.client.post(&url).body(body.clone()).send().await.unwrap();
    assert_eq!(done.status(), StatusCode::OK);
    let path = format!("/v1/invoices/{}", open.id);
    let invoice = desk.get(usize::from(open.entity), &path).await;
    assert_eq!(invoice["status"], json!("void"));
    assert!(invoice["status_transitions"]["voided_at"].is_i64());
    let again = desk.client.post(&url).body(body).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::BAD_REQUEST);
}
