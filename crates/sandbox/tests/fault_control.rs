//! A driver in another process can do all that a test in the same process can.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod netsuite_client;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use netsuite_client::{Answer, Bench, JOURNAL, invoice};
use serde_json::{Value, json};
use tieout_sandbox::book::{Approval, NewEntry, NewLine};
use tieout_sandbox::control::Control;
use tieout_sandbox::fault::{FaultKind, FaultPlan, Faults, ScriptedFault};

#[tokio::test]
async fn faults_periods_and_the_book_are_controlled_over_http() {
    let bench = Bench::faulty(Faults::none()).await;
    let faults = BTreeMap::from([("netsuite".to_owned(), bench.server.faults().clone())]);
    let control = Control { book: bench.book().clone(), faults };
    let control = control.start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let url = |path: &str| format!("{}{path}", control.url());
    let get = async |path: &str| Answer::of(bench.client.get(url(path)).send().await).await;
    let post = async |path: &str| Answer::of(bench.client.post(url(path)).send().await).await.status;
    let put = async |path: &str, body: Value| {
        Answer::of(bench.client.put(url(path)).json(&body).send().await).await
    };

    let plan = FaultPlan::script([ScriptedFault::post(1, JOURNAL, FaultKind::ErrorAfterCommit)]);
    assert_eq!(put("/faults/netsuite", serde_json::to_value(&plan).unwrap()).await.status, 204);
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-10-03", "10")).await.status, 500);
    let faults = get("/faults/netsuite").await.body;
    assert_eq!(faults["injected"], json!({"error_after_commit": 1}));
    assert_eq!(faults["plan"], serde_json::to_value(&plan).unwrap());

    assert_eq!(post("/periods/2026-10/close").await, 204);
    assert_eq!(bench.post(JOURNAL, &invoice("K2", "INV-2", "2026-10-03", "10")).await.status, 400);
    assert_eq!(put("/silent-move", json!({"on": true})).await.status, 204);
    assert_eq!(bench.post(JOURNAL, &invoice("K2", "INV-2", "2026-10-03", "10")).await.status, 204);
    assert_eq!(post("/periods/2026-10/reopen").await, 204);

    assert_eq!(get("/book/count").await.body, json!({"count": 2}));
    assert_eq!(get("/book/entries?external_id=K2").await.body[0]["period"], json!("2026-11"));
    assert_eq!(get("/book/entries?reference=INV-1").await.body[0]["external_id"], json!("K1"));
    assert_eq!(get("/book/entries").await.status, 400);
    assert_eq!(get("/book/drafts").await.body, json!([]));
    let cell = "/book/balance?account=1100&subsidiary=1&period=2026-10";
    assert_eq!(get(cell).await.body, json!({"balance_minor": 1000}));
    let delete = async |path: &str| Answer::of(bench.client.delete(url(path)).send().await).await.status;
    bench.book().commit(&entry_to_delete()).unwrap();
    assert_eq!((delete("/book/entries/3").await, delete("/book/entries/3").await), (204, 404));
    assert_eq!(get("/book/count").await.body, json!({"count": 2}));
    let csv = bench.client.get(url("/book/csv")).send().await.unwrap().text().await.unwrap();
    assert_eq!(csv.lines().count(), 5);

    assert_eq!(put("/faults/netsuite", json!({"rates_ppm": {"too_many": 1_000_000}})).await.status, 204);
    assert_eq!(bench.get(&format!("{JOURNAL}/1")).await.status, 429);
    assert_eq!(post("/faults/netsuite/off").await, 204);
    assert_eq!(bench.get(&format!("{JOURNAL}/1")).await.status, 200);
    assert_eq!((post("/faults/other/off").await, post("/periods/1999-01/close").await), (404, 404));
}

fn entry_to_delete() -> NewEntry {
    let line = |account, amount| NewLine { account, amount, functional: None, memo: None, entity: None };
    NewEntry {
        external_id: None,
        subsidiary: 1,
        date: "2026-11-03".parse().unwrap(),
        period: None,
        currency: None,
        rate: None,
        memo: "typed twice".to_owned(),
        approval: Approval::Approved,
        reverses: None,
        lines: vec![line(110, 500), line(400, -500)],
    }
}
