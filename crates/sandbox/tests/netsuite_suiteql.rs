//! SuiteQL is really run, in the vendor's dialect, envelope and value formats.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod netsuite_client;

use chrono::{DateTime, Utc};
use netsuite_client::{Answer, Bench, JOURNAL, SUITEQL, invoice};
use reqwest::Method;
use serde_json::json;
use tieout_sandbox::book::{Approval, Book, BookClock, NewEntry, NewLine};
use tieout_sandbox::fault::Faults;
use tieout_sandbox::netsuite::{DateFormat, ServerOptions};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn entry(external: &str, memo: &str, amount: i64) -> NewEntry {
    let line = |account, amount| NewLine { account, amount, functional: None, memo: None, entity: None };
    NewEntry {
        external_id: Some(external.into()),
        subsidiary: 1,
        date: at("2026-11-03T00:00:00Z").date_naive(),
        period: None,
        currency: None,
        rate: None,
        memo: memo.into(),
        approval: Approval::Approved,
        reverses: None,
        lines: vec![line(110, amount), line(400, -amount)],
    }
}

fn fill(book: &Book, count: i64) {
    for n in 1..=count {
        book.commit(&entry(&format!("bi-{n}"), &format!("INV-{n}"), n * 7)).unwrap();
    }
}

#[tokio::test]
async fn pages_cover_every_row_once_and_say_so() {
    let bench = Bench::new().await;
    fill(bench.book(), 25);
    let query = "SELECT t.id, t.externalid FROM transaction t WHERE t.type = 'Journal' ORDER BY t.id";
    let mut seen = Vec::new();
    for (offset, count, more) in [(0, 10, true), (10, 10, true), (20, 5, false)] {
        let answer = bench.suiteql(&format!("?limit=10&offset={offset}"), query).await;
        let body = &answer.body;
        assert_eq!((answer.status, &body["count"], &body["hasMore"]), (200, &json!(count), &json!(more)));
        assert_eq!((&body["offset"], &body["totalResults"]), (&json!(offset), &json!(25)));
        assert_eq!(body["links"].as_array().unwrap().len(), if more { 2 } else { 1 });
        for item in body["items"].as_array().unwrap() {
            assert_eq!(item["links"], json!([]));
            seen.push(item["id"].as_str().unwrap().to_owned());
        }
    }
    let expected: Vec<String> = (1..=25).map(|n| n.to_string()).collect();
    assert_eq!(seen, expected);
    assert_eq!(
        bench.rows(&format!("{query} FETCH FIRST 2 ROWS ONLY"), &["externalid"]).await,
        [["bi-1"], ["bi-2"]]
    );
}

#[tokio::test]
async fn values_are_texts_in_the_accounts_formats() {
    let bench = Bench::new().await;
    bench.book().set_clock(BookClock::Fixed(at("2026-11-05T17:08:09Z")));
    fill(bench.book(), 1);
    let query =
        "SELECT t.id, t.TranID, t.trandate, t.lastmodifieddate, t.posting, t.voided, t.approvalstatus,
        t.reversaldate, t.exchangerate, p.periodname, c.symbol,
        TO_CHAR(t.lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS modified
        FROM transaction t JOIN accountingperiod p ON p.id = t.postingperiod
        JOIN currency c ON c.id = t.currency WHERE t.externalid = 'bi-1'";
    let item = bench.suiteql("", query).await.body["items"][0].clone();
    assert_eq!(
        item,
        json!({
            "links": [], "id": "1", "tranid": "JE1", "trandate": "11/3/2026", "lastmodifieddate": "11/5/2026",
            "posting": "T", "voided": "F", "approvalstatus": "2", "exchangerate": "1",
            "periodname": "Nov 2026",
            "symbol": "USD", "modified": "2026-11-05 17:08:09",
        })
    );
    let lines =
        "SELECT tl.subsidiary, a.acctnumber, a.accttype, tal.debit, tal.credit, tal.amount, tl.foreignamount
        FROM transactionaccountingline tal
        JOIN transactionline tl ON tl.transaction = tal.transaction AND tl.id = tal.transactionline
        JOIN account a ON a.id = tal.account WHERE tal.transaction = 1 AND tal.posting = 'T' ORDER BY tl.id";
    let columns = ["subsidiary", "acctnumber", "accttype", "debit", "credit", "amount", "foreignamount"];
    assert_eq!(
        bench.rows(lines, &columns).await,
        [
            ["1", "1100", "AcctRec", "0.07", "", "0.07", "0.07"],
            ["1", "4000", "Income", "", "0.07", "-0.07", "-0.07"],
        ]
    );
    let options = ServerOptions { dates: DateFormat::Iso, nulls: true, ..ServerOptions::default() };
    let iso = Bench::with(options, Faults::none()).await;
    let periods = "SELECT startdate, enddate FROM accountingperiod WHERE periodname = 'Q4 2026'";
    assert_eq!(iso.rows(periods, &["startdate", "enddate"]).await, [["2026-10-01", "2026-12-31"]]);
    let open = "SELECT closedondate FROM accountingperiod WHERE id = 1";
    let with_nulls = iso.suiteql("", open).await.body["items"].clone();
    assert_eq!(with_nulls, json!([{"links": [], "closedondate": null}]));
}

#[tokio::test]
async fn dates_compare_as_dates_and_sums_are_exact() {
    let bench = Bench::new().await;
    for (day, external) in
        [("2026-11-05T10:00:00Z", "a"), ("2026-11-05T10:00:01Z", "b"), ("2026-11-06T00:00:00Z", "c")]
    {
        bench.book().set_clock(BookClock::Fixed(at(day)));
        bench.book().commit(&entry(external, external, 10)).unwrap();
    }
    let cases = [
        ("lastmodifieddate >= TO_DATE('2026-11-05 10:00:01', 'YYYY-MM-DD HH24:MI:SS')", "b c"),
        ("lastmodifieddate < TO_DATE('11/6/2026', 'MM/DD/YYYY')", "a b"),
        ("TRUNC(lastmodifieddate) = TO_DATE('2026-11-05', 'YYYY-MM-DD')", "a b"),
        (
            "trandate BETWEEN TO_DATE('2026-11-03', 'YYYY-MM-DD') AND TO_DATE('2026-11-03', 'YYYY-MM-DD')",
            "a b c",
        ),
        ("lastmodifieddate > SYSDATE AND id > 0", ""),
        ("memo LIKE 'A%'", ""),
        ("memo LIKE 'a%'", "a"),
        ("NVL(reversal, 0) = 0 AND DECODE(externalid, 'a', 1, 0) = 1", "a"),
    ];
    for (condition, expected) in cases {
        let query = format!("SELECT externalid FROM transaction WHERE {condition} ORDER BY id");
        let rows = bench.rows(&query, &["externalid"]).await;
        assert_eq!(rows.concat().join(" "), expected, "{condition}");
    }
    // Three times 0.10 is 0.30000000000000004 in binary fractions.
    let sums = "SELECT account, SUM(amount) AS total, COUNT(*) AS entries, MAX(debit) AS most
        FROM transactionaccountingline GROUP BY account ORDER BY account";
    let expected = [["110", "0.3", "3", "0.1"], ["400", "-0.3", "3", ""]];
    assert_eq!(bench.rows(sums, &["account", "total", "entries", "most"]).await, expected);
}

#[tokio::test]
async fn periods_show_their_state_and_when_they_were_closed() {
    let bench = Bench::new().await;
    bench.book().set_clock(BookClock::Fixed(at("2026-10-04T08:30:00Z")));
    bench.book().close_period("2026-09").unwrap();
    bench.book().lock_ar("2026-10").unwrap();
    let query = "SELECT id, periodname, closed, alllocked, arlocked, aplocked, closedondate,
        TO_CHAR(closedondate, 'YYYY-MM-DD\"T\"HH24:MI:SS') AS closed_at FROM accountingperiod
        WHERE isyear = 'F' AND isquarter = 'F' AND isadjust = 'F' ORDER BY startdate FETCH FIRST 3 ROWS ONLY";
    let columns = ["periodname", "closed", "alllocked", "arlocked", "aplocked", "closedondate", "closed_at"];
    assert_eq!(
        bench.rows(query, &columns).await,
        [
            ["Sep 2026", "T", "T", "T", "T", "10/4/2026", "2026-10-04T08:30:00"],
            ["Oct 2026", "F", "F", "T", "F", "", ""],
            ["Nov 2026", "F", "F", "F", "F", "", ""],
        ]
    );
    let all = bench.get("/services/rest/record/v1/accountingPeriod").await.body;
    assert_eq!(all["count"], json!(7), "four months, two quarters, one year");
    let september = bench.get("/services/rest/record/v1/accountingPeriod/1").await.body;
    assert_eq!((&september["closed"], &september["isQuarter"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn what_the_dialect_does_not_have_is_refused() {
    let bench = Bench::new().await;
    let good = "SELECT id FROM account";
    let cases = [
        ("", "SELECT id FROM account LIMIT 5"),
        ("", "SELECT nothing FROM account"),
        ("", "SELECT id FROM invoices"),
        ("", "SELECT id FROM b_entry"),
        ("", "SELECT id FROM \"b_entry\""),
        ("", "DELETE FROM account"),
        ("", "SELECT id FROM account; SELECT id FROM account"),
        ("", "SELECT TO_DATE('2026-13-01', 'YYYY-MM-DD') FROM account"),
        ("?limit=1001", good),
        ("?limit=0", good),
        ("?limit=10&offset=5", good),
        ("?limit=1000&offset=100000", good),
        ("?page=2", good),
    ];
    for (parameters, query) in cases {
        let answer = bench.suiteql(parameters, query).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_PARAMETER"), "{parameters} {query}");
    }
    let request = bench.request(Method::POST, SUITEQL).json(&json!({"q": good}));
    assert_eq!(
        Answer::of(request.send().await).await.code(),
        "INVALID_PARAMETER",
        "without Prefer: transient"
    );
}

#[tokio::test]
async fn a_query_sees_what_was_booked_a_moment_before() {
    let bench = Bench::new().await;
    let query = "SELECT id, tranid FROM transaction WHERE externalid = 'K1'";
    assert!(bench.rows(query, &["id"]).await.is_empty());
    assert_eq!(bench.post(JOURNAL, &invoice("K1", "INV-1", "2026-11-03", "10")).await.status, 204);
    assert_eq!(bench.rows(query, &["tranid"]).await, [["JE1"]]);
    let reversal = NewEntry { reverses: Some(1), ..entry("K2", "INV-1", -1_000) };
    bench.book().commit(&reversal).unwrap();
    let linked = "SELECT id, reversal, isreversal, reversaldate FROM transaction ORDER BY id";
    let rows = bench.rows(linked, &["reversal", "isreversal", "reversaldate"]).await;
    assert_eq!(rows, [["2", "F", "11/3/2026"], ["", "T", ""]]);
}

#[tokio::test]
async fn a_deleted_entry_is_gone_from_every_table_and_told_by_one() {
    let bench = Bench::new().await;
    fill(bench.book(), 3);
    let reversal = NewEntry { reverses: Some(2), ..entry("K4", "INV-2", -14) };
    assert_eq!(bench.book().commit(&reversal).unwrap(), 4);
    bench.book().delete_entry(4).unwrap();
    assert_eq!(
        bench.rows("SELECT t.id FROM transaction t ORDER BY t.id", &["id"]).await,
        [["1"], ["2"], ["3"]]
    );
    assert!(
        bench.rows("SELECT tl.id FROM transactionline tl WHERE tl.transaction = 4", &["id"]).await.is_empty()
    );
    let told = "SELECT d.recordid, d.type FROM deletedrecord d ORDER BY d.recordid";
    assert_eq!(bench.rows(told, &["recordid", "type"]).await, [["4", "journalentry"]]);
    let link = "SELECT t.reversal FROM transaction t WHERE t.id = 2";
    assert_eq!(bench.rows(link, &["reversal"]).await, [[""]], "nothing reverses it any more");
    assert_eq!(bench.book().commit(&entry("K5", "INV-5", 5)).unwrap(), 5, "an id is given once");
    bench.book().close_period("2026-11").unwrap();
    assert!(bench.book().delete_entry(1).is_err() && bench.book().delete_entry(99).is_err());
    bench.server.hide_deletions();
    assert_eq!(bench.suiteql("", told).await.status, 400);
}

#[tokio::test]
async fn a_query_gives_a_hundred_thousand_rows_and_no_more() {
    let bench = Bench::new().await;
    fill(bench.book(), 320);
    let query = "SELECT a.id, b.id AS other FROM transaction a CROSS JOIN transaction b ORDER BY a.id, b.id";
    let last = bench.suiteql("?limit=1000&offset=99000", query).await.body;
    let seen = (&last["count"], &last["hasMore"], &last["totalResults"]);
    assert_eq!(seen, (&json!(1000), &json!(false), &json!(100_000)));
    assert_eq!(last["items"][999]["other"], json!("160"), "row 100,000 of 320 x 320");
}
