//! Postings through the real binary into the NetSuite sandbox with every fault on, the sending process killed
//! again and again: judged by the sandbox's own book, each approved posting is booked exactly once, or
//! visibly unbooked and absent there; after the reroutes and replays all are booked and every balance agrees.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/approval.rs"]
mod approval;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Child,
    thread,
    time::Duration,
};

use binary::{Bench, Ran, text};
use company::{ONE_APPROVER, Served, as_of, desk};
use serde_json::Value;
use tieout_sandbox::{
    company::{Account, Company, DEFAULT_AS_OF, EntryStatus, Spec, generate},
    fault::{FaultKind, FaultPlan, plan::Tuning},
};

/// Months that are closed between approval and sending: what goes there is refused and must be rerouted.
const CLOSED: [&str; 2] = ["2026-03", "2026-08"];
const OPEN: &str = "2026-11";

struct Size {
    invoices: u32,
    postings: usize,
    kills: usize,
}

/// What the promise is measured by.
const SIZE: Size = Size { invoices: 1_100, postings: 2_000, kills: 200 };

/// A small generator (Knuth's MMIX constants), so that a seed gives the same kills.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

struct Storm {
    served: Served,
    bench: Bench,
    /// What each document moves on receivables in the ledger of the company's own integration, which the
    /// generator wrote: a written-off invoice or a payment that was disputed moves nothing in the end.
    owed: BTreeMap<String, i64>,
    /// References of the documents that are posted.
    wanted: BTreeSet<String>,
}

fn owed(company: &Company) -> BTreeMap<String, i64> {
    let mut owed = BTreeMap::new();
    for entry in company.ledger.iter().filter(|entry| entry.status == EntryStatus::Booked) {
        let lines = entry.lines.iter().filter(|line| line.account == Account::Receivable);
        *owed.entry(company.reference_text(&entry.reference)).or_default() +=
            lines.map(|line| line.amount).sum::<i64>();
    }
    owed
}

impl Storm {
    /// A company whose integration has posted nothing, and whose months are all open.
    fn brewing(size: &Size) -> Self {
        let spec = Spec { seed: 11, invoices: size.invoices, as_of: DEFAULT_AS_OF, fault_rate: 0 };
        let mut company = generate(&spec);
        let owed = owed(&company);
        company.ledger.clear();
        let months: Vec<String> =
            company.periods.iter().map(|p| format!("{:04}-{:02}", p.year, p.month)).collect();
        let served = Served::start(company);
        for month in months {
            served.sandbox.netsuite.book().reopen(&month).expect("a month of the book");
        }
        let settings = ["timeout=1", "settling=4", "rate=1000", "concurrency=4"];
        let bench = desk(&served, &settings, ONE_APPROVER);
        Self { served, bench, owed, wanted: BTreeSet::new() }
    }

    /// Has ana propose and carl approve a posting for each of so many unposted documents.
    fn approve(&mut self, postings: usize) {
        let open = self.bench.exceptions(&as_of());
        let unposted = open.iter().filter(|e| e["kind"] == "unposted");
        let picked: Vec<&Value> = unposted.take(postings).collect();
        assert_eq!(picked.len(), postings, "the company has too few unposted documents");
        let ids: Vec<String> = picked.iter().map(|e| text(e, "id")).collect();
        self.wanted = picked.iter().map(|e| text(e, "external_ref")).collect();
        assert_eq!(self.wanted.len(), postings, "one exception per document");
        self.propose_and_approve(&["propose", "-"], &ids);
    }

    fn propose_and_approve(&self, propose: &[&str], ids: &[String]) {
        if ids.is_empty() {
            return;
        }
        let proposed = self.bench.feed(Some("ana"), propose, ids).ok().lines();
        let made: Vec<String> = proposed.iter().map(|o| text(o, "posting")).collect();
        assert_eq!(made.len(), ids.len());
        approval::approve_all(&self.bench, "carl", &made);
    }

    fn requests(&self) -> u64 {
        self.served.sandbox.netsuite.faults().requests()
    }

    /// Lets `post` run until the ERP has seen so many more requests, then kills it. False if it ended first.
    fn kill_after(&self, requests: u64, jitter: Duration) -> bool {
        let mut child = self.bench.start(["post", "--wait", "600"]);
        let until = self.requests() + requests;
        while self.requests() < until {
            if child.try_wait().expect("the child can be asked").is_some() {
                return false;
            }
            thread::sleep(Duration::from_micros(300));
        }
        // Not to wait for anything: so that it dies at any instant of a request, not at its beginning only.
        thread::sleep(jitter);
        kill(child)
    }

    /// Posts without kills until two runs in a row find nothing more to do. What waits for an invoice that
    /// was refused still waits then, unsent.
    fn post_until_quiet(&self) {
        let mut before = BTreeMap::new();
        for _ in 0..60 {
            self.bench.run(None, ["post", "--wait", "30"]).ok();
            let now = self.states();
            let moving = now.keys().any(|s| s.starts_with("in_doubt") || s.starts_with("sending"));
            if !moving && now == before {
                return;
            }
            before = now;
        }
        panic!("it never came to rest: {before:?}");
    }

    fn postings(&self) -> Vec<Value> {
        self.bench.run(None, ["post", "--list"]).ok().lines()
    }

    fn states(&self) -> BTreeMap<String, usize> {
        let mut states = BTreeMap::new();
        for posting in self.postings() {
            let code = posting["failure_code"].as_str().unwrap_or_default();
            *states.entry(format!("{} {code}", text(&posting, "state"))).or_default() += 1;
        }
        states
    }

    /// How often the ERP's own book holds each of our keys, booked.
    fn booked_keys(&self) -> BTreeMap<String, usize> {
        let entries = self.served.sandbox.netsuite.book().entries_with_prefix("T").expect("the book answers");
        let mut keys = BTreeMap::new();
        for entry in entries.iter().filter(|e| e.is_booked()) {
            *keys.entry(entry.external_id.clone().expect("found by it")).or_default() += 1;
        }
        keys
    }

    /// Each posting is booked exactly once, or visibly unbooked and absent.
    fn each_is_booked_once_or_visibly_absent(&self) {
        let keys = self.booked_keys();
        let mut known = BTreeSet::new();
        for posting in self.postings() {
            let state = text(&posting, "state");
            for step in posting["steps"].as_array().expect("steps") {
                let key = text(step, "key");
                let times = keys.get(&key).copied().unwrap_or(0);
                match state.as_str() {
                    "booked" | "settled" => assert_eq!(times, 1, "{key} of {posting}"),
                    "queued" | "refused" | "dead_letter" | "cancelled" => {
                        assert_eq!(times, 0, "{key} of {posting}");
                    }
                    other => panic!("it is at rest and yet {other}: {posting}"),
                }
                known.insert(key);
            }
        }
        let strangers: Vec<&String> = keys.keys().filter(|key| !known.contains(*key)).collect();
        assert!(strangers.is_empty(), "the book holds keys of no posting: {strangers:?}");
    }

    /// What each document moves on receivables in the ERP's own book is what its own integration would have
    /// moved.
    fn balances_agree(&self) {
        let book = self.served.sandbox.netsuite.book();
        let postings = self.postings();
        for reference in &self.wanted {
            let entries = book.entries_by_reference(reference).expect("the book answers");
            let booked = entries.iter().filter(|e| e.is_booked());
            let net: i64 = booked.map(|e| e.amount_on("1100")).sum();
            let of = |p: &&Value| p["reference"].as_str() == Some(reference);
            assert_eq!(
                Some(&net),
                self.owed.get(reference),
                "{entries:#?}\n{:#?}",
                postings.iter().filter(of).collect::<Vec<_>>()
            );
        }
        assert!(book.drafts().expect("the book answers").is_empty(), "a draft is left over");
    }

    fn stuck(&self) -> Vec<Value> {
        let stuck = ["refused", "dead_letter"];
        let of = |p: &Value| stuck.contains(&p["state"].as_str().unwrap_or_default());
        self.postings().into_iter().filter(of).collect()
    }

    /// What a person does about what stands still: those of a closed month go to an open one, with another
    /// person's approval; the others are tried again under their key.
    fn reroute_and_replay(&self) {
        let closed = |p: &Value| {
            let steps = p["steps"].as_array().expect("steps");
            steps.iter().any(|s| CLOSED.contains(&s["period"].as_str().unwrap_or_default()))
        };
        let (to_reroute, to_replay): (Vec<Value>, Vec<Value>) = self.stuck().into_iter().partition(closed);
        let ids = |of: &[Value]| of.iter().map(|p| text(p, "id")).collect::<Vec<_>>();
        let reroute = ["reroute", "-", "--period", OPEN, "--reason", "its month is closed"];
        self.propose_and_approve(&reroute, &ids(&to_reroute));
        if !to_replay.is_empty() {
            self.bench.feed(Some("ana"), ["replay", "-"], &ids(&to_replay)).ok();
        }
    }

    fn sync(&self) -> Ran {
        self.bench.run(None, ["sync", "--as-of", &as_of()])
    }

    /// Open exceptions about the documents that were posted.
    fn about_ours(&self) -> Vec<Value> {
        let open = self.bench.exceptions(&as_of());
        open.into_iter().filter(|e| self.wanted.contains(&text(e, "external_ref"))).collect()
    }
}

fn kill(mut child: Child) -> bool {
    child.kill().expect("SIGKILL");
    let ended = child.wait().expect("it is gone");
    ended.code().is_none()
}

/// Every kind of fault, at a rate of its own: those that only make everybody wait are rarer, so that the test
/// spends its time on what can go wrong.
fn every_fault() -> FaultPlan {
    let mut plan = FaultPlan::storm(20_261_123, 15_000);
    for kind in [FaultKind::TooManyWithRetryAfter, FaultKind::TooMany, FaultKind::SlowPage] {
        plan.rates_ppm.insert(kind, 1_500);
    }
    plan.tuned(Tuning {
        retry_after_s: 1,
        slow_page_ms: 100,
        silence_ms: 1_500,
        late_after_requests: 5,
        late_after_ms: 1_500,
        late_is_silent: false,
    })
}

#[test]
fn a_storm_of_faults_and_kills_books_each_approved_posting_exactly_once() {
    if std::env::var_os("TIEOUT_FULL").is_none() {
        println!("skipped: the storm takes more time than CI has; `cargo xtask test --full` runs it");
        return;
    }
    let began = std::time::Instant::now();
    let size = SIZE;
    let mut storm = Storm::brewing(&size);
    storm.approve(size.postings);
    println!("approved after {:?}", began.elapsed());
    for month in CLOSED {
        storm.served.sandbox.netsuite.book().close_period(month).expect("a month of the book");
    }
    storm.served.sandbox.netsuite.faults().set_plan(every_fault());

    let mut dice = Dice(2_026);
    let mut killed = 0;
    // So that the last kills still meet work: fewer requests than the postings need, spread over all kills.
    let most = (size.postings * 3 / size.kills) as u64;
    while killed < size.kills {
        let jitter = Duration::from_micros(dice.below(8_000));
        let alive = storm.kill_after(1 + dice.below(most), jitter);
        assert!(alive || killed > 0, "post ended before it could be killed at all");
        killed += usize::from(alive);
        assert!(alive || !storm.all_at_rest(), "all came to rest after {killed} kills: {:?}", storm.states());
    }
    println!("{killed} kills in {:?}: {:?}", began.elapsed(), storm.states());
    storm.post_until_quiet();
    println!("quiet after {:?}: {:?}", began.elapsed(), storm.states());
    let injected = storm.served.sandbox.netsuite.faults().injected();
    println!("injected: {injected:?}");
    storm.served.flush();
    storm.each_is_booked_once_or_visibly_absent();

    storm.served.sandbox.netsuite.faults().switch(false);
    for _ in 0..6 {
        if storm.stuck().is_empty() {
            break;
        }
        storm.reroute_and_replay();
        storm.post_until_quiet();
        println!("rerouted after {:?}: {:?}", began.elapsed(), storm.states());
    }
    assert_eq!(storm.stuck(), Vec::<Value>::new(), "after the reroutes all are booked");
    storm.sync().ok();
    storm.correct_what_moved();
    storm.each_is_booked_once_or_visibly_absent();
    storm.balances_agree();
    assert_eq!(storm.about_ours(), Vec::<Value>::new(), "the ledger shows all of it");
    let unsettled = |p: &Value| !["settled", "cancelled"].contains(&p["state"].as_str().unwrap_or_default());
    assert_eq!(storm.postings().into_iter().filter(unsettled).collect::<Vec<_>>(), Vec::<Value>::new());
    let verified = storm.bench.run(None, ["verify"]).ok().one();
    assert_eq!(verified["sound"], true, "{verified}");
    for kind in FaultKind::ALL.into_iter().filter(|k| *k != FaultKind::SlowPage) {
        assert!(injected.contains_key(&kind), "{} never happened", kind.code());
    }
}

impl Storm {
    fn all_at_rest(&self) -> bool {
        let moving = ["queued", "sending", "in_doubt"];
        self.postings().iter().all(|p| !moving.contains(&p["state"].as_str().unwrap_or_default()))
    }

    /// What the ERP moved to another period without a word is shown, and put right like anything else.
    fn correct_what_moved(&self) {
        let moved: Vec<Value> = self.about_ours();
        println!("{} to correct after the storm", moved.len());
        let strange: Vec<&Value> = moved.iter().filter(|e| e["kind"] != "period_moved").collect();
        assert!(strange.is_empty(), "{strange:#?}");
        let ids: Vec<String> = moved.iter().map(|e| text(e, "id")).collect();
        assert!(!ids.is_empty(), "the ERP moved nothing");
        self.propose_and_approve(&["propose", "-"], &ids);
        self.post_until_quiet();
        self.sync().ok();
    }
}
