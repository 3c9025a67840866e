//! Where an attack takes place: the attacked company behind servers of its own, and a desk that has read it,
//! with ana (analyst), carl and cora (controllers). Making such a desk takes a dozen commands, so each is a
//! copy of one that was made before, and the servers stand at the ports that the copy knows.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tieout_sandbox::{
    book::{Book, NewEntry},
    fault::{FaultKind, FaultPlan, Faults},
    netsuite::ServerOptions,
    serve::Options,
    stripe::Command,
};

use crate::{
    approval::{self, shown},
    binary::{Bench, Ran, root, text},
    company::{ONE_APPROVER, Served, as_of, connect},
    papers::{Doc, Papers, account_id, attacked},
    switching_on::switch_on,
};

/// How many postings a desk sends at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lanes {
    /// As it comes.
    Default,
    /// One after the other.
    One,
}

/// Servers at once; each attack has its own.
const MOST: usize = 2;

/// Ports for one attack after the other, and the desks that know them.
struct Slot {
    stripe: u16,
    netsuite: u16,
    desks: BTreeMap<Lanes, Bench>,
}

struct Pool {
    idle: Vec<Slot>,
    made: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { idle: Vec::new(), made: 0 });
static FREED: Condvar = Condvar::new();

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static HOLDS: Cell<bool> = const { Cell::new(false) };
}

/// A slot in use; goes back when dropped, whatever happened.
struct Held(Option<Slot>);

impl Held {
    fn take() -> Self {
        // Two tests that each hold one and wait for another would wait for ever.
        assert!(!HOLDS.replace(true), "a test makes one attack at a time");
        let mut pool = pool();
        loop {
            if let Some(slot) = pool.idle.pop() {
                return Self(Some(slot));
            }
            if pool.made < MOST {
                pool.made += 1;
                return Self(Some(Slot { stripe: port(), netsuite: port(), desks: BTreeMap::new() }));
            }
            pool = FREED.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn slot(&mut self) -> &mut Slot {
        self.0.as_mut().expect("it is given back only at the end")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        pool().idle.extend(self.0.take());
        HOLDS.set(false);
        FREED.notify_one();
    }
}

/// A free port below those that the system gives to outgoing connections, so that nobody takes it between
/// two attacks.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 600).expect("below 600") * 16;
    loop {
        let candidate = first + NEXT.fetch_add(1, Ordering::SeqCst);
        assert!(candidate < 32_000, "no free port");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, candidate)).is_ok() {
            return candidate;
        }
    }
}

fn serve(slot: &Slot, latency: Duration) -> (Served, Papers) {
    let (company, papers) = attacked();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, slot.netsuite));
    let netsuite = ServerOptions { address, latency, ..ServerOptions::default() };
    let options = Options { stripe_port: slot.stripe, netsuite, ..Options::default() };
    (Served::start_with(company, options), papers)
}

/// The mapping: the company's, with a customer for what billing names nobody for, and a rate for yen.
pub fn mapping() -> String {
    let file = root().join("fixtures/company/mapping.toml");
    let mut text = fs::read_to_string(file).expect("the mapping is there");
    for (id, entity) in [("1", "US01"), ("2", "GB01"), ("3", "DE01"), ("4", "JP01")] {
        let erp = format!("erp_id = \"{id}\"\n");
        assert!(text.contains(&erp), "the mapping no longer names company {id}");
        text = text.replace(&erp, &format!("{erp}sundry_customer = \"sundry-{entity}\"\n"));
    }
    text + "[[rate]]\nfrom = \"JPY\"\nto = \"USD\"\ndate = \"2020-01-01\"\nrate = \"0.00667\"\n"
}

/// A desk that has read the company.
fn furnished(slot: &Slot, lanes: Lanes) -> Bench {
    let (served, _) = serve(slot, Duration::ZERO);
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller"), ("cora", "controller")]);
    let mut settings = vec!["timeout=20", "settling=1"];
    settings.extend((lanes == Lanes::One).then_some("concurrency=1"));
    connect(&bench, &served, &settings);
    let (mapping, policy) = (bench.file("mapping.toml", &mapping()), bench.file("policy.toml", ONE_APPROVER));
    bench.govern("carl", &mapping, &policy);
    sync(&bench);
    switch_on(&bench, "netsuite", "carl");
    served.stop();
    bench
}

/// Another copy of a desk's whole folder, as it is now.
pub fn copy_of(bench: &Bench) -> Bench {
    let copy = Bench::empty();
    for entry in fs::read_dir(bench.folder.path()).expect("the folder can be listed") {
        let entry = entry.expect("the folder can be listed");
        fs::copy(entry.path(), copy.folder.path().join(entry.file_name())).expect("a file is copied");
    }
    copy
}

/// One attack.
pub struct Attack {
    pub desk: Bench,
    pub papers: Papers,
    served: Option<Served>,
    _slot: Held,
}

impl Attack {
    pub fn begin() -> Self {
        Self::with(Lanes::Default)
    }

    pub fn with(lanes: Lanes) -> Self {
        Self::slow(lanes, Duration::ZERO)
    }

    /// The same, with an ERP that takes this long for every answer.
    pub fn slow(lanes: Lanes, latency: Duration) -> Self {
        let mut held = Held::take();
        let slot = held.slot();
        if !slot.desks.contains_key(&lanes) {
            let made = furnished(slot, lanes);
            slot.desks.insert(lanes, made);
        }
        let desk = copy_of(&slot.desks[&lanes]);
        let (served, papers) = serve(slot, latency);
        Self { desk, papers, served: Some(served), _slot: held }
    }

    fn served(&self) -> &Served {
        self.served.as_ref().expect("it is stopped only at the end")
    }

    /// The ERP's own book.
    pub fn book(&self) -> &Book {
        self.served().sandbox.netsuite.book()
    }

    /// The ERP's faults.
    pub fn faults(&self) -> &Faults {
        self.served().sandbox.netsuite.faults()
    }

    /// Has the ERP keep the answer to whatever is booked to itself, or lets all such answers go.
    pub fn withhold_answers(&self, withheld: bool) {
        self.served().sandbox.netsuite.withhold_answers(withheld);
    }

    /// Lets every late commit land in the book.
    pub fn flush(&self) {
        self.served().flush();
    }

    /// Changes something in billing.
    pub fn bill(&self, command: Command) {
        self.served().sandbox.stripe.control().run(command).expect("billing allows it");
    }

    /// Has billing answer nothing but that it is out of order, or takes that back.
    pub fn break_billing(&self, broken: bool) {
        let always = if broken { 1_000_000 } else { 0 };
        let plan = FaultPlan::rate(1, FaultKind::ErrorBeforeCommit, always);
        self.served().sandbox.stripe.faults().set_plan(plan);
    }

    /// Requests that billing has had so far.
    pub fn billing_requests(&self) -> u64 {
        self.served().sandbox.stripe.faults().requests()
    }

    /// Somebody in the ERP, or another connector, books this; its id.
    pub fn commit(&self, entry: &NewEntry) -> i64 {
        self.book().commit(entry).expect("the book takes it")
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        if let Some(served) = self.served.take() {
            served.stop();
        }
    }
}

/// Reads what changed in billing and in the ERP.
#[track_caller]
pub fn sync(desk: &Bench) {
    desk.run(None, ["sync", "--as-of", &as_of()]).ok();
}

/// The open exceptions about a document, by kind.
#[track_caller]
pub fn about(desk: &Bench, doc: &Doc) -> BTreeMap<String, String> {
    let list = ["exceptions", "--as-of", &as_of(), "--search", &doc.reference];
    let all = desk.run(None, list).ok().lines();
    let own = all.iter().filter(|e| e["external_ref"] == doc.reference && e["entity"] == doc.entity);
    own.map(|e| (text(e, "kind"), text(e, "id"))).collect()
}

/// The document's only open exception.
#[track_caller]
pub fn only(desk: &Bench, doc: &Doc) -> String {
    let all = about(desk, doc);
    assert_eq!(all.len(), 1, "{} has other exceptions than one: {all:?}", doc.reference);
    all.into_values().next().expect("there is one")
}

/// The document's exception of this kind.
#[track_caller]
pub fn of_kind(desk: &Bench, doc: &Doc, kind: &str) -> String {
    let all = about(desk, doc);
    all.get(kind).cloned().unwrap_or_else(|| panic!("{} has no {kind} but {all:?}", doc.reference))
}

/// Ana prepares a posting. `None` where the desk refuses because another one of the document lives; any
/// other refusal is a fault of the test.
#[track_caller]
pub fn may_propose(desk: &Bench, exception: &str) -> Option<String> {
    let ran = desk.run(Some("ana"), ["propose", exception]);
    if ran.codes().iter().any(|code| code == "document_has_live_posting") {
        return None;
    }
    Some(text(&ran.ok().one(), "posting"))
}

/// Ana prepares a posting.
#[track_caller]
pub fn propose(desk: &Bench, exception: &str) -> String {
    text(&desk.run(Some("ana"), ["propose", exception]).ok().one(), "posting")
}

/// Ana prepares the posting of the document's only exception, and carl approves it.
#[track_caller]
pub fn approved(desk: &Bench, doc: &Doc) -> String {
    approved_all(desk, &[doc]).remove(0)
}

/// The same for many at once; the postings, in the order of the documents.
#[track_caller]
pub fn approved_all(desk: &Bench, docs: &[&Doc]) -> Vec<String> {
    let open = desk.exceptions(&as_of());
    let exception = |doc: &&Doc| {
        let own = |e: &&Value| e["external_ref"] == doc.reference && e["entity"] == doc.entity;
        let found: Vec<&Value> = open.iter().filter(own).collect();
        assert_eq!(found.len(), 1, "{} has other exceptions than one: {found:?}", doc.reference);
        text(found[0], "id")
    };
    let exceptions: Vec<String> = docs.iter().map(exception).collect();
    let made = desk.feed(Some("ana"), ["propose", "-"], &exceptions).ok().lines();
    let postings: Vec<String> = made.iter().map(|outcome| text(outcome, "posting")).collect();
    assert_eq!(postings.len(), docs.len(), "one posting each");
    approval::approve_all(desk, "carl", &postings);
    postings
}

/// Ana prepares what she may for each of these exceptions, and carl approves all of it. A posting of one
/// document is refused while another one of it lives, or the same one again; any other refusal is a fault of
/// the test.
#[track_caller]
pub fn settle_all(desk: &Bench, exceptions: &[String]) {
    let ran = desk.feed(Some("ana"), ["propose", "-"], exceptions);
    let mut postings: Vec<String> = Vec::new();
    for outcome in ran.lines() {
        if outcome["result"] != "done" {
            assert_eq!(outcome["code"], "document_has_live_posting", "{outcome}");
        } else if postings.iter().all(|known| outcome["posting"] != known.as_str()) {
            postings.push(text(&outcome, "posting"));
        }
    }
    assert!(!postings.is_empty(), "nothing may be proposed at all: {ran:?}");
    approval::approve_all(desk, "carl", &postings);
}

/// Carl approves what he was shown.
#[track_caller]
pub fn approve(desk: &Bench, posting: &str) {
    approval::approve(desk, "carl", posting).ok();
}

/// Sends what is approved, and goes on for some seconds with what has to be looked up again.
#[track_caller]
pub fn post(desk: &Bench) {
    desk.run(None, ["post", "--wait", "5"]).ok();
}

/// The same, for a moment only.
#[track_caller]
pub fn post_briefly(desk: &Bench) {
    desk.run(None, ["post", "--wait", "1"]).ok();
}

/// Both desks send at the same time.
pub fn post_together(one: &Bench, other: &Bench) {
    let mut children = [one, other].map(|desk| desk.start(["post", "--wait", "20"]));
    for child in &mut children {
        assert!(child.wait().expect("it ends").success(), "`post` failed");
    }
}

/// A posting as the desk shows it.
#[track_caller]
pub fn posting(desk: &Bench, id: &str) -> Value {
    shown(desk, id)
}

/// Where a posting stands, and why.
#[track_caller]
pub fn standing(desk: &Bench, id: &str) -> (String, String) {
    let posting = posting(desk, id);
    (text(&posting, "state"), posting["failure_code"].as_str().unwrap_or_default().to_owned())
}

/// The approvals are void: it waits for a decision again, and says why.
#[track_caller]
pub fn went_back(desk: &Bench, id: &str, code: &str) {
    let posting = posting(desk, id);
    let seen = (&posting["state"], &posting["approved_by"], &posting["failure_code"]);
    let wanted = (&Value::from("proposed"), &Value::Array(Vec::new()), &Value::from(code));
    assert_eq!(seen, wanted, "it does not wait for a new decision: {posting}");
}

/// A new mapping that one controller brings in and the other approves.
#[track_caller]
pub fn remap(desk: &Bench, author: &str, approver: &str, mapping: &str) {
    let file = desk.file("another.toml", mapping);
    let file = file.to_str().expect("a path is text");
    let change = desk.run(Some(author), ["import", "mapping", file]).ok().one();
    let ran: Ran = desk.run(Some(approver), ["approve", &text(&change, "id")]);
    assert_eq!(ran.ok().one()["code"], "in_force");
}

/// The entry with its amount on receivables off by so much, against another of its accounts.
pub fn off_by(mut entry: NewEntry, by: i64) -> NewEntry {
    let control = account_id(crate::papers::RECEIVABLE);
    let (receivable, others): (Vec<_>, Vec<_>) =
        entry.lines.iter_mut().partition(|line| line.account == control);
    receivable.into_iter().next().expect("a line on receivables").amount += by;
    others.into_iter().next().expect("another line").amount -= by;
    entry
}

/// The entry under a day of October.
pub fn in_october(mut entry: NewEntry) -> NewEntry {
    entry.date = "2026-10-14".parse().expect("a date");
    entry
}

/// The entry in another company.
pub fn in_company(mut entry: NewEntry, subsidiary: i64) -> NewEntry {
    entry.subsidiary = subsidiary;
    entry
}
