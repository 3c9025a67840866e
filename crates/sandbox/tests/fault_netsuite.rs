//! Each fault's effect on the wire and on the book.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod netsuite_client;

use std::time::Duration;

use netsuite_client::{Answer, Bench, JOURNAL, SUITEQL, invoice};
use reqwest::Method;
use serde_json::json;
use tieout_sandbox::fault::{FaultKind, FaultPlan, Faults, ScriptedFault, Tuning};

/// Far beyond any test, so that nothing depends on time.
const NEVER: u64 = 3_600_000;

fn at_first_post(kind: FaultKind) -> Faults {
    let tuning =
        Tuning { late_after_ms: NEVER, late_after_requests: 2, silence_ms: NEVER, ..Tuning::default() };
    Faults::new(FaultPlan::script([ScriptedFault::post(1, JOURNAL, kind)]).tuned(tuning))
}

#[tokio::test]
async fn every_fault_of_a_posting_answers_and_commits_as_its_name_says() {
    use FaultKind::{
        ClosedPeriod, DropAfterCommit, DropBeforeCommit, ErrorAfterCommit, ErrorBeforeCommit, ExpiredToken,
        PeriodMoved, TooMany, TooManyWithRetryAfter,
    };
    let cases = [
        (TooManyWithRetryAfter, 429, 0),
        (TooMany, 429, 0),
        (ErrorBeforeCommit, 500, 0),
        (ErrorAfterCommit, 500, 1),
        (DropBeforeCommit, 0, 0),
        (DropAfterCommit, 0, 1),
        (ExpiredToken, 401, 0),
        (ClosedPeriod, 400, 0),
        (PeriodMoved, 204, 1),
    ];
    for (kind, status, booked) in cases {
        let bench = Bench::faulty(at_first_post(kind)).await;
        let body = invoice("K1", "INV-1", "2026-10-03", "10");
        let answer = bench.post(JOURNAL, &body).await;
        assert_eq!((answer.status, answer.timed_out), (status, false), "{kind:?}");
        assert_eq!(answer.retry_after.is_some(), kind == TooManyWithRetryAfter, "{kind:?}");
        assert_eq!(bench.book().count().unwrap(), booked, "{kind:?}");
        assert_eq!(bench.server.faults().injected_of(kind), 1, "{kind:?}");
        let again = bench.post(JOURNAL, &body).await;
        assert_eq!(again.status, if booked == 0 { 204 } else { 400 }, "{kind:?}");
        let entries = bench.book().entries_by_external_id("K1").unwrap();
        let period = if kind == PeriodMoved { "2026-11" } else { "2026-10" };
        assert_eq!((entries.len(), entries[0].period.as_str()), (1, period), "{kind:?}");
    }
}

#[tokio::test]
async fn a_time_out_commits_and_is_silent_until_the_client_gives_up() {
    let bench = Bench::faulty(at_first_post(FaultKind::TimeoutAfterCommit)).await;
    let body = invoice("K1", "INV-1", "2026-11-03", "10");
    let request = bench.request(Method::POST, JOURNAL).timeout(Duration::from_secs(1)).json(&body);
    let answer = Answer::of(request.send().await).await;
    assert!(answer.timed_out);
    assert_eq!(bench.book().count().unwrap(), 1);
    assert_eq!(bench.get(&format!("{JOURNAL}/eid:K1")).await.status, 200, "the server goes on");
}

#[tokio::test]
async fn a_late_commit_lands_after_the_set_number_of_further_requests() {
    let bench = Bench::faulty(at_first_post(FaultKind::LateCommit)).await;
    let look = format!("{JOURNAL}/eid:K1");
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await.status, 0);
    assert_eq!(bench.server.faults().late_pending(), 1);
    assert_eq!(bench.get(&look).await.status, 404);
    assert_eq!(bench.get(&look).await.status, 404, "it lands when this one has been answered");
    assert_eq!(bench.server.faults().late_pending(), 0);
    assert_eq!(bench.get(&look).await.status, 200);
}

#[tokio::test]
async fn a_late_commit_that_was_overtaken_is_refused_as_a_duplicate() {
    let bench = Bench::faulty(at_first_post(FaultKind::LateCommit)).await;
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await.status, 0);
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await.status, 204);
    bench.server.faults().flush_late().await;
    assert_eq!(bench.book().count().unwrap(), 1);
}

#[tokio::test]
async fn a_late_commit_without_a_key_books_twice_as_it_would_at_the_vendor() {
    let bench = Bench::faulty(at_first_post(FaultKind::LateCommit)).await;
    let mut body = invoice("", "INV-1", "2026-11-03", "10");
    body.as_object_mut().unwrap().remove("externalId");
    assert_eq!(bench.post(JOURNAL, &body).await.status, 0);
    assert_eq!(bench.post(JOURNAL, &body).await.status, 204);
    bench.server.faults().flush_late().await;
    assert_eq!(bench.book().entries_by_reference("INV-1").unwrap().len(), 2);
}

#[tokio::test]
async fn a_refused_posting_is_not_hidden_behind_a_fault_after_commit() {
    let bench = Bench::faulty(at_first_post(FaultKind::ErrorAfterCommit)).await;
    bench.book().close_period("2026-11").unwrap();
    let answer = bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await;
    assert_eq!((answer.status, answer.code()), (400, "USER_ERROR"));
    assert!(bench.server.faults().injected().is_empty());
}

#[tokio::test]
async fn pages_come_slowly_and_drift_in_shape() {
    let plan = FaultPlan::script([
        ScriptedFault::nth(1, SUITEQL, FaultKind::SlowPage),
        ScriptedFault::nth(2, SUITEQL, FaultKind::SchemaDrift),
    ]);
    let tuning = Tuning { slow_page_ms: 200, ..Tuning::default() };
    let bench = Bench::faulty(Faults::new(plan.tuned(tuning))).await;
    let query = "SELECT acctnumber, id FROM account WHERE id = 110";
    let started = std::time::Instant::now();
    let expected = json!([{"links": [], "acctnumber": "1100", "id": "110"}]);
    assert_eq!(bench.suiteql("", query).await.body["items"], expected);
    assert!(started.elapsed() >= Duration::from_millis(200));
    let drifted = bench.suiteql("", query).await;
    assert_eq!(drifted.status, 200);
    let expected = json!([{"links": [], "acctnumber_v2": "1100", "id": {"value": "110"}}]);
    assert_eq!(drifted.body["items"], expected);
    assert_eq!(bench.suiteql("", query).await.body["items"][0]["id"], json!("110"));
}

/// A client that does as a desk must: looks up by key before it sends again. The late commits land at random
/// moments.
#[tokio::test]
async fn under_a_storm_of_all_faults_a_careful_client_books_each_key_once() {
    let tuning = Tuning { slow_page_ms: 1, silence_ms: 1, late_after_ms: NEVER, ..Tuning::default() };
    let plan = FaultPlan::storm(42, 60_000).tuned(tuning);
    let bench = Bench::faulty(Faults::new(plan)).await;
    for n in 0..120 {
        let key = format!("T{n}");
        let body = invoice(&key, &format!("INV-{n}"), "2026-10-03", "10");
        let look = format!("{JOURNAL}/eid:{key}");
        loop {
            let found = bench.get(&look).await.status;
            if found == 200 {
                break;
            }
            if found == 404 {
                bench.post(JOURNAL, &body).await;
            }
        }
    }
    bench.server.faults().flush_late().await;
    assert_eq!(bench.book().count().unwrap(), 120);
    let injected = bench.server.faults().injected();
    let of_pages = [FaultKind::SlowPage, FaultKind::SchemaDrift, FaultKind::DropMidBody];
    for kind in FaultKind::ALL.iter().filter(|kind| !of_pages.contains(kind)) {
        assert!(
            injected.get(kind).is_some_and(|count| *count > 0),
            "{kind:?} was not injected: {injected:?}"
        );
    }
    let moved = bench.book().entries_with_prefix("T").unwrap();
    let moved = moved.iter().filter(|entry| entry.period == "2026-11").count() as u64;
    assert_eq!(moved, bench.server.faults().injected_of(FaultKind::PeriodMoved));
}

#[tokio::test]
async fn a_server_that_was_stopped_starts_again_on_its_port_with_its_book() {
    use tieout_sandbox::netsuite::{Server, ServerOptions};
    let bench = Bench::new().await;
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await.status, 204);
    let Bench { server, client, signer } = bench;
    let book = server.book().clone();
    let address = server.url().trim_start_matches("http://").parse().unwrap();
    server.shutdown().await;
    assert!(client.get(format!("http://{address}/")).send().await.is_err());
    let options = ServerOptions { address, ..ServerOptions::default() };
    let server = Server::start(book, options, Faults::none()).await.unwrap();
    let bench = Bench { server, client, signer };
    assert_eq!(bench.get(&format!("{JOURNAL}/eid:K1")).await.status, 200);
}
