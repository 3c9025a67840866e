//! The queues at a million exceptions, in an encrypted workspace: what a person waits for, beside the naive
//! way (ORDER BY with OFFSET) over the same file in the same run.
//!
//! The company is made by SQL (`queues.sql`), its exceptions by detection, as at a customer's.

use std::{path::Path, time::Instant};

use rusqlite::Connection;
use serde_json::{Value, json};
use tieout_desk::{
    Context,
    intake::detection,
    queue::exception_views::{self, CountsRequest, GroupBy, GroupsRequest, PageRequest, ViewRequest},
};

use crate::{
    bare,
    figures::{Line, Outcome, Series, require},
    place::{Place, init, open},
};

/// Rows of a window.
const WINDOW: u32 = 100;
/// Pages at random positions, for each order.
const JUMPS: u64 = 60;

/// How many documents: `TIEOUT_BENCH_EXCEPTIONS`, or a million.
fn count() -> u64 {
    std::env::var("TIEOUT_BENCH_EXCEPTIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000)
}

/// Measures opening, paging, sorting, filtering, searching and grouping.
///
/// # Errors
/// What does not match, or went wrong.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let workspace = init(&place.fresh("queues")?)?;
    let key = bare::key(&workspace)?;
    let now = chrono::Utc::now().timestamp_millis();
    let made = bare::open(&workspace, &key)?;
    let sql = include_str!("queues.sql").replace(":count", &count().to_string());
    made.execute_batch(&format!("BEGIN; {} COMMIT;", sql.replace(":now", &now.to_string())))?;
    drop(made);
    let desk = open(&workspace)?;
    let began = Instant::now();
    detection::detect(&desk, None)?;
    eprintln!("    detection opened {} exceptions in {} s", count(), began.elapsed().as_secs());
    Queues { workspace: &workspace, key: &key, total: count() }.measure(&desk, rounds)
}

struct Queues<'a> {
    workspace: &'a Path,
    key: &'a [u8; 32],
    total: u64,
}

/// Microseconds that `work` takes.
fn timed<T>(series: &mut Series, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let began = Instant::now();
    let answer = work()?;
    series.push(u64::try_from(began.elapsed().as_micros())?);
    Ok(answer)
}

fn page(desk: &Context, query: &Value, start: u64) -> Outcome<Vec<String>> {
    let request = PageRequest {
        query: serde_json::from_value(query.clone())?,
        start: u32::try_from(start)?,
        limit: WINDOW,
    };
    Ok(exception_views::exception_page(desk, &request)?.rows.into_iter().map(|row| row.id).collect())
}

/// The first page with total and sums: what a person sees after a change of queue, order or filter.
fn shown(desk: &Context, query: &Value) -> Outcome<u64> {
    page(desk, query, 0)?;
    Ok(exception_views::exception_view(desk, &ViewRequest { query: serde_json::from_value(query.clone())? })?
        .total)
}

/// The naive way: the same page by ORDER BY and OFFSET.
fn offset(naive: &Connection, order: &str, start: u64) -> Outcome<Vec<String>> {
    let sql = format!(
        "SELECT * FROM exception WHERE live = 1
         ORDER BY {order}, seq LIMIT {WINDOW} OFFSET {start}"
    );
    let mut statement = naive.prepare_cached(&sql)?;
    let ids = statement.query_map([], |row| row.get("id"))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

impl Queues<'_> {
    fn measure(&self, desk: &Context, rounds: usize) -> Outcome<Vec<Line>> {
        let by =
            |column: &str| json!({ "state": "open", "sort": [{ "column": column, "descending": false }] });
        let mut lines = self.opening(rounds)?;
        let total = shown(desk, &by("due"))?;
        require(total == self.total, || format!("{total} exceptions are open, not {}", self.total))?;
        lines.extend(self.jumping(desk, &by("amount"), "amount_minor")?);
        let columns = ["opened", "document", "customer", "entity", "period", "dated", "severity", "kind"];
        lines.extend(told("a change of the order", "≤ 100 ms", &each(desk, columns.map(by))?));
        let filters = [
            json!({ "queue": "unposted" }),
            json!({ "queue": "mismatch", "sort": [{ "column": "amount", "descending": true }] }),
            json!({ "entity": "E01", "currency": "USD" }),
            json!({ "period": "2025-11", "sort": [{ "column": "dated" }] }),
            json!({ "severity": ["critical"] }),
            json!({ "kinds": ["late_for_closed_period"], "entity": "E00" }),
        ];
        lines.extend(told("a change of the filter", "≤ 100 ms", &each(desk, filters)?));
        lines.extend(told("a filter of overdue alone", "", &each(desk, [json!({ "overdue": true })])?));
        let terms = ["INV-0001234", "1234", "cobalt 17", "product “p7”", "exc_a1"]
            .map(|term| json!({ "search": term }));
        lines.extend(told("a search", "", &each(desk, terms)?));
        lines.extend(told("a search that finds all", "", &each(desk, [json!({ "search": "INV" })])?));
        for grouping in [GroupBy::Cause, GroupBy::Customer, GroupBy::Entity] {
            let mut series = Series::default();
            let query = serde_json::from_value(by("due"))?;
            timed(&mut series, || {
                Ok(exception_views::view_groups(desk, &GroupsRequest { query, by: grouping })?)
            })?;
            lines.extend(told(&format!("groups by {grouping:?}"), "", &series));
        }
        Ok(lines)
    }

    /// A queue for the first time in a process: counts, first page, total and sums.
    fn opening(&self, rounds: usize) -> Outcome<Vec<Line>> {
        let mut series = Series::default();
        for _ in 0..rounds {
            let desk = open(self.workspace)?;
            timed(&mut series, || {
                exception_views::queue_counts(&desk, &CountsRequest::default())?;
                shown(&desk, &json!({ "queue": "unposted" }))
            })?;
        }
        Ok(told("opening a queue in a new process", "", &series))
    }

    /// Pages at random positions and the last one, ours and by OFFSET; both must show the same rows.
    fn jumping(&self, desk: &Context, query: &Value, order: &str) -> Outcome<Vec<Line>> {
        let naive = bare::open(self.workspace, self.key)?;
        let (mut first, mut last, mut random, mut peer) =
            (Series::default(), Series::default(), Series::default(), Series::default());
        let end = self.total.saturating_sub(u64::from(WINDOW));
        timed(&mut last, || page(desk, query, end))?;
        timed(&mut first, || page(desk, query, self.total / 2))?;
        for jump in 0..JUMPS {
            let start = jump * 7_919 * 104_729 % self.total.max(1);
            let ours = timed(&mut random, || page(desk, query, start))?;
            if jump % 10 == 0 {
                let theirs = timed(&mut peer, || offset(&naive, order, start))?;
                require(ours == theirs, || format!("the page from {start} is another by OFFSET"))?;
            }
        }
        let mut lines = told("the last page of an order", "≤ 10 ms", &last);
        lines.extend(told("the first jump into an order", "", &first));
        lines.extend(told("a page at a random position", "≤ 10 ms", &random));
        lines.extend(told("the same by OFFSET", "", &peer));
        Ok(lines)
    }
}

/// Each query once, as a person comes to it.
fn each<const N: usize>(desk: &Context, queries: [Value; N]) -> Outcome<Series> {
    let mut series = Series::default();
    for query in queries {
        timed(&mut series, || shown(desk, &query))?;
    }
    Ok(series)
}

/// A figure with its 99th percentile.
fn told(what: &str, aim: &str, series: &Series) -> Vec<Line> {
    let mut high = Series::default();
    high.push(series.percentile(99));
    vec![Line::millis(what, series).aim(aim), Line::millis(format!("{what}, p99"), &high)]
}
