//! Postings into a ledger that another connector writes at the same time, with faults and SIGKILLs: by the
//! book's own word nothing is sent where the other's booking was there to be seen by the look-up before; what
//! falls into the moment between look-up and commit is told as a second booking, and nothing more is sent;
//! nothing is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/approval.rs"]
mod approval;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "attacks_posting/papers.rs"]
#[allow(dead_code)]
mod papers;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use binary::{Bench, text};
use company::{ONE_APPROVER, Served, as_of, desk};
use papers::Doc;
use serde_json::Value;
use tieout_sandbox::{
    book::{Book, NewEntry, RecordFacts},
    company::{Company, DEFAULT_AS_OF, Invoice, InvoiceStatus, Line, PeriodStatus, Product, Spec, generate},
    fault::{FaultKind, FaultPlan, plan::Tuning},
    netsuite::Asked,
};

struct Size {
    invoices: u32,
    postings: usize,
    kills: usize,
}

/// What CI has time for, and what the promise is measured by (`cargo xtask test --full`).
fn size() -> Size {
    match std::env::var_os("TIEOUT_FULL") {
        None => Size { invoices: 130, postings: 60, kills: 4 },
        Some(_) => Size { invoices: 3_200, postings: 2_000, kills: 60 },
    }
}

/// A small generator (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// What was issued before this is due: five days before the company's present.
const DUE: i64 = DEFAULT_AS_OF - 5 * 86_400;

/// The invoices that were issued, as billing has them now: neither drafts, nor void, nor written off, nor
/// with a product that has no account.
fn issued(company: &Company) -> Vec<Doc> {
    let mapped = |line: &Line| line.product != Product::LegacyAddon;
    let stands = |it: &&Invoice| {
        let status = matches!(it.status, InvoiceStatus::Open | InvoiceStatus::Paid);
        let dated = it.dated_at().is_some_and(|at| at < DUE);
        status && dated && it.total() != 0 && it.lines.iter().all(mapped)
    };
    company.invoices.iter().filter(stands).map(|it| Doc::of(company, it.id)).collect()
}

/// The other connector: books invoice records under the documents' numbers, one after every few requests that
/// the ERP sees of us, until it is told to stop. Answers the id of each by its reference.
fn another(
    book: &Book,
    docs: Vec<Doc>,
    stop: &AtomicBool,
    requests: impl Fn() -> u64,
) -> BTreeMap<String, i64> {
    let (mut dice, mut docs, mut booked) = (Dice(77), docs, BTreeMap::new());
    let mut next = 0;
    while !docs.is_empty() && !stop.load(Ordering::SeqCst) {
        if requests() < next {
            thread::sleep(Duration::from_micros(200));
            continue;
        }
        next = requests() + 1 + dice.below(9);
        let doc = docs.swap_remove(usize::try_from(dice.below(docs.len() as u64)).unwrap());
        let entry = NewEntry { memo: "made by the connector".to_owned(), ..doc.entry(book) };
        let facts = RecordFacts { number: Some(doc.reference.clone()), ..RecordFacts::of("CustInvc") };
        booked.insert(doc.reference, book.make_record(&entry, &facts).expect("the book takes it"));
    }
    booked
}

struct Beside {
    served: Served,
    bench: Bench,
    docs: BTreeMap<String, Doc>,
}

impl Beside {
    /// A company of which nothing is booked yet, and approved postings of so many of its invoices.
    fn approved(size: &Size) -> Self {
        let spec = Spec { seed: 23, invoices: size.invoices, as_of: DEFAULT_AS_OF, fault_rate: 0 };
        let mut company = generate(&spec);
        company.ledger.clear();
        for period in &mut company.periods {
            (period.status, period.closed_at) = (PeriodStatus::Open, None);
        }
        let all: BTreeMap<String, Doc> =
            issued(&company).into_iter().map(|doc| (doc.reference.clone(), doc)).collect();
        let served = Served::start(company);
        let settings = ["timeout=1", "settling=2", "rate=1000", "concurrency=4"];
        let bench = desk(&served, &settings, ONE_APPROVER);
        let open = bench.exceptions(&as_of());
        let ours = |one: &&Value| one["kind"] == "unposted" && all.contains_key(&text(one, "external_ref"));
        let picked: Vec<&Value> = open.iter().filter(ours).take(size.postings).collect();
        assert_eq!(picked.len(), size.postings, "the company has too few invoices");
        let ids: Vec<String> = picked.iter().map(|one| text(one, "id")).collect();
        let references = picked.iter().map(|one| text(one, "external_ref"));
        let docs = references.map(|reference| (reference.clone(), all[&reference].clone())).collect();
        let proposed = bench.feed(Some("ana"), ["propose", "-"], &ids).ok().lines();
        let made: Vec<String> = proposed.iter().map(|one| text(one, "posting")).collect();
        approval::approve_all(&bench, "carl", &made);
        Self { served, bench, docs }
    }

    fn book(&self) -> &Book {
        self.served.sandbox.netsuite.book()
    }

    fn postings(&self) -> Vec<Value> {
        self.bench.run(None, ["post", "--list"]).ok().lines()
    }

    /// Kills `post` after the ERP has seen so many more requests. False where it ended before.
    fn kill_after(&self, requests: u64) -> bool {
        let faults = self.served.sandbox.netsuite.faults();
        let mut child = self.bench.start(["post", "--wait", "600"]);
        let until = faults.requests() + requests;
        while faults.requests() < until {
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            thread::sleep(Duration::from_micros(300));
        }
        child.kill().unwrap();
        child.wait().unwrap().code().is_none()
    }

    /// Sends until two runs in a row change nothing.
    fn post_until_quiet(&self) {
        let mut before = Vec::new();
        for _ in 0..60 {
            self.bench.run(None, ["post", "--wait", "30"]).ok();
            let now: Vec<String> = self.postings().iter().map(|one| text(one, "state")).collect();
            if now == before && !now.iter().any(|state| ["sending", "in_doubt"].contains(&state.as_str())) {
                return;
            }
            before = now;
        }
        panic!("it never came to rest");
    }

    /// What stands still because of a fault is tried again, until nothing does but what the other booked.
    fn replay(&self, others: &BTreeMap<String, i64>) {
        for _ in 0..6 {
            let stuck = self.postings().into_iter().filter(|one| {
                let at_rest = ["refused", "dead_letter"].contains(&text(one, "state").as_str());
                at_rest && !others.contains_key(&text(one, "reference"))
            });
            let ids: Vec<String> = stuck.map(|one| text(&one, "id")).collect();
            if ids.is_empty() {
                return;
            }
            self.bench.feed(Some("ana"), ["replay", "-"], &ids).ok();
            self.post_until_quiet();
        }
        panic!("what was refused for a fault is never sent");
    }

    /// The ids of our own entries in the book, by reference.
    fn ours(&self) -> BTreeMap<String, Vec<i64>> {
        let entries = self.book().entries_with_prefix("T").unwrap();
        let id: BTreeMap<String, i64> = entries
            .iter()
            .filter(|e| e.is_booked())
            .map(|e| (e.external_id.clone().unwrap(), e.id))
            .collect();
        let mut ours: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for posting in self.postings() {
            for step in posting["steps"].as_array().unwrap() {
                ours.entry(text(&posting, "reference")).or_default().extend(id.get(&text(step, "key")));
            }
        }
        assert_eq!(ours.values().map(Vec::len).sum::<usize>(), id.len(), "the book holds keys of no posting");
        ours
    }
}

fn faults() -> FaultPlan {
    let mut plan = FaultPlan::storm(20_261_130, 8_000);
    for kind in [FaultKind::TooManyWithRetryAfter, FaultKind::TooMany, FaultKind::SlowPage] {
        plan.rates_ppm.insert(kind, 1_500);
    }
    // What the ERP moves to another period is another test's, and so is what it commits long after it was
    // sent: by then a later look has been made, and the one before the send is not told apart from it.
    plan.rates_ppm.remove(&FaultKind::PeriodMoved);
    plan.rates_ppm.remove(&FaultKind::LateCommit);
    plan.tuned(Tuning {
        retry_after_s: 1,
        slow_page_ms: 100,
        silence_ms: 1_500,
        late_after_requests: 5,
        late_after_ms: 1_500,
        late_is_silent: false,
    })
}

/// The documents that both have booked, and those where the other's booking came first, unseen: by the book's
/// word, and by the last look before each of ours.
fn booked_by_both(
    beside: &Beside,
    ours: &BTreeMap<String, Vec<i64>>,
    others: &BTreeMap<String, i64>,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let asked = beside.served.sandbox.netsuite.asked();
    let mut twice = BTreeSet::new();
    for reference in beside.docs.keys() {
        let own = ours.get(reference).map_or(&[][..], Vec::as_slice);
        assert!(own.len() <= 1, "{reference} was booked twice by ourselves: {own:?}");
        match (own.first(), others.get(reference)) {
            (None, None) => panic!("{reference} is lost: nobody booked it"),
            (Some(own), Some(other)) => {
                // Numbers of one company's invoices are of one length: none is part of another.
                let before = |one: &&Asked| one.newest < *own && one.sql.contains(reference.as_str());
                let looked = asked.iter().rfind(before);
                let looked = looked.unwrap_or_else(|| panic!("{reference} was sent without a look"));
                let seen = *other <= looked.newest;
                assert!(!seen, "{reference}: {own} was sent though {other} was there to be seen");
                if other < own {
                    twice.insert(reference.clone());
                }
            }
            _ => {}
        }
    }
    let both = beside
        .docs
        .keys()
        .filter(|one| others.contains_key(*one) && ours.get(*one).is_some_and(|o| !o.is_empty()));
    (both.cloned().collect(), twice)
}

#[test]
fn beside_another_connector_nothing_is_sent_that_was_seen_and_what_was_not_is_told() {
    let size = size();
    let beside = Beside::approved(&size);
    let netsuite = &beside.served.sandbox.netsuite;
    netsuite.listen();
    netsuite.faults().set_plan(faults());
    // The other one books two of three, in step with us.
    let theirs: Vec<Doc> =
        beside.docs.values().enumerate().filter(|(at, _)| at % 3 != 0).map(|(_, doc)| doc.clone()).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let other = {
        let (book, stop, faults) = (beside.book().clone(), Arc::clone(&stop), netsuite.faults().clone());
        thread::spawn(move || another(&book, theirs, &stop, || faults.requests()))
    };
    let mut dice = Dice(2_026);
    let most = (size.postings * 2 / size.kills) as u64;
    let killed = (0..size.kills).filter(|_| beside.kill_after(1 + dice.below(most))).count();
    beside.post_until_quiet();
    stop.store(true, Ordering::SeqCst);
    let others = other.join().unwrap();
    beside.served.flush();
    netsuite.faults().switch(false);
    beside.replay(&others);

    let ours = beside.ours();
    let (both, twice) = booked_by_both(&beside, &ours, &others);
    println!(
        "{} postings, {killed} kills, {} by the other, {} by both, {} of them between look-up and commit",
        size.postings,
        others.len(),
        both.len(),
        twice.len()
    );
    assert!(killed > 0 && !others.is_empty(), "nothing happened beside us");

    beside.bench.run(None, ["sync", "--as-of", &as_of()]).ok();
    let open = beside.bench.exceptions(&as_of());
    let about: BTreeMap<String, BTreeSet<String>> = open
        .iter()
        .filter(|one| beside.docs.contains_key(&text(one, "external_ref")))
        .fold(BTreeMap::new(), |mut all, one| {
            all.entry(text(one, "external_ref")).or_default().insert(text(one, "kind"));
            all
        });
    let told: BTreeSet<String> = about
        .iter()
        .filter(|(_, kinds)| kinds.contains("duplicate_posting"))
        .map(|(one, _)| one.clone())
        .collect();
    assert_eq!(told, both, "what both have booked is told as a second booking, and nothing else is");
    let unposted = about.values().filter(|kinds| kinds.contains("unposted")).count();
    assert_eq!(unposted, 0, "whoever booked it: it is booked: {about:?}");

    beside.bench.run(None, ["post", "--wait", "30"]).ok();
    assert_eq!(beside.ours(), ours, "nothing more is sent");
    let verified = beside.bench.run(None, ["verify"]).ok().one();
    assert_eq!(verified["sound"], true, "{verified}");
}
