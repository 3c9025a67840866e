//! The real ERP: a Tryton 8.2 on PostgreSQL that this test starts. One month of EU01's real invoices and what
//! `localstripe` bills are proposed, approved by a second person and posted by the binary, while it is killed
//! and its connections are cut; a period is closed under it; and at the end Tryton's own tables, read with
//! SQL, hold each document in exactly one posted move.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/approval.rs"]
mod approval;
#[path = "real_erp/billing.rs"]
mod billing;
#[path = "common/binary.rs"]
mod binary;
#[path = "real_erp/peer.rs"]
mod peer;
#[path = "common/switching_on.rs"]
mod switching_on;
#[path = "real_erp/wire.rs"]
mod wire;

use std::{collections::BTreeMap, time::Duration};

use billing::{Expected, LocalStripe, retail_month};
use binary::{Bench, finish, own_passphrase, text};
use peer::{PASSWORD, Tryton};
use serde_json::Value;
use wire::{Dice, Proxy};

const SEED: u64 = 20_110_701;
const MONTH: &str = "2011-07";
const RECEIVABLE: &str = "1.2.1";
/// So many documents of the month are kept back until its books close.
const LATE: usize = 6;
/// A person who gives up on a run that never comes to its end.
const RUNS: usize = 60;

const MAPPING: &str = r#"
schema = 1
[[entity]]
code = "EU01"
name = "European countries"
functional_currency = "GBP"
time_zone = "Europe/London"
erp_id = "COMPANY"
sundry_customer = "SUNDRY-EU01"
[entity.accounts]
receivable = "1.2.1"
tax_payable = "2.2.3"
clearing = "1.1.3"
fees = "5.1.3"
bad_debt = "5.2.3"
[[entity_rule]]
connection = "localstripe"
entity = "EU01"
[[entity_rule]]
connection = "online-retail-billing"
entity = "EU01"
[[revenue]]
product = "*"
account = "4.1.1"
"#;

struct Story {
    bench: Bench,
    erp: Tryton,
    proxy: Proxy,
    /// What billing says, by reference.
    expected: Expected,
    dice: Dice,
    kills: usize,
    _stripe: LocalStripe,
}

/// The workspace with its people, billing, the ERP and a mapping that carl approved.
fn begin() -> Option<Story> {
    let bench = Bench::empty();
    let csv = bench.folder.path().join("month.csv");
    let mut expected = retail_month(MONTH, &csv)?;
    let files = bench.folder.path().join("localstripe");
    std::fs::create_dir(&files).unwrap();
    let stripe = LocalStripe::start(&files)?;
    stripe.fill(4);
    let billed = stripe.expected();
    assert!(billed.len() >= 8 && billed.values().any(|minor| *minor < 0), "{billed:?}");
    expected.extend(billed);
    let now = chrono::Utc::now();
    let years = [now, now - chrono::Duration::days(4)].map(|at| at.format("%Y").to_string());
    let erp =
        Tryton::start(&format!("2011 {} {}", years[1], if years[0] == years[1] { "" } else { &years[0] }))?;
    let proxy = Proxy::start(erp.address(), SEED);
    bench.run(None, ["init", "--secrets", "vault"]).ok();
    bench.people(&[("ana", "analyst"), ("carl", "controller")]);
    let story = Story { bench, erp, proxy, expected, dice: Dice(SEED), kills: 0, _stripe: stripe };
    story.connect(&story._stripe.url());
    let map = binary::root().join("fixtures/maps/online-retail-billing.toml");
    let (csv, map) = (csv.display().to_string(), map.display().to_string());
    story.bench.run(None, ["import", "billing", &csv, "--map", &map]).ok();
    Some(story)
}

impl Story {
    fn connect(&self, stripe: &str) {
        let administrator = self.bench.administrator();
        let governed = |args: &[&str], credential: (&str, &str)| {
            let mut command = self.bench.command(Some(&administrator), args);
            command.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase("administrator"));
            finish(command_with(command, credential), None).ok()
        };
        let mapping = MAPPING.replace("COMPANY", &self.erp.company().to_string());
        let mapping = self.bench.file("mapping.toml", &mapping).display().to_string();
        let change = governed(&["import", "mapping", &mapping], ("NONE", "")).one();
        self.bench.run(Some("carl"), ["approve", &text(&change, "id")]).ok();
        let url = self.proxy.url();
        let company = format!("company={}", self.erp.company());
        let mut tryton = vec!["connection", "add", "tryton", "--vendor", "tryton", "--url", &url];
        for setting in ["database=tryton", "login=admin", &company, "settling=2", "timeout=20"] {
            tryton.extend(["--set", setting]);
        }
        governed(&tryton, ("PASSWORD", PASSWORD));
        let local = ["connection", "add", "localstripe", "--vendor", "localstripe", "--url", stripe];
        governed(&local, ("API_KEY", "sk_test_local"));
        assert_eq!(
            text(&self.bench.run(None, ["connection", "test", "tryton"]).ok().one(), "tenant"),
            format!("tryton/{}", self.erp.company())
        );
    }

    /// Syncs until no vendor failure is left, as a scheduler would.
    fn sync(&self) {
        for _ in 0..RUNS {
            let views = self.bench.run(None, ["sync"]).lines();
            if views.iter().all(|view| view["state"] == "complete") {
                assert!(views.iter().all(|view| view["rejected"] == 0), "{views:?}");
                return;
            }
        }
        panic!("the sync never came to its end");
    }

    fn open(&self) -> Vec<Value> {
        self.bench.run(None, ["exceptions"]).ok().lines()
    }

    /// Open exceptions of a kind: id by reference.
    fn of_kind(&self, kind: &str) -> BTreeMap<String, String> {
        let open = self.open().into_iter().filter(|e| e["kind"] == kind);
        open.map(|e| (text(&e, "external_ref"), text(&e, "id"))).collect()
    }

    /// One command over many ids; every outcome must be `done`. Answers the postings by exception or posting.
    #[track_caller]
    fn all(&self, person: &str, verb: &[&str], ids: &[String]) -> Vec<String> {
        let outcomes = self.bench.feed(Some(person), [verb, &["-"]].concat(), ids).ok().lines();
        assert_eq!(outcomes.len(), ids.len());
        assert!(outcomes.iter().all(|o| o["result"] == "done"), "{outcomes:?}");
        outcomes.iter().map(|o| text(o, "posting")).collect()
    }

    /// Carl approves these, each as he was shown it.
    #[track_caller]
    fn all_approved(&self, postings: &[String]) {
        let outcomes = approval::approve_all(&self.bench, "carl", postings).lines();
        assert_eq!(outcomes.len(), postings.len());
        assert!(outcomes.iter().all(|o| o["result"] == "done"), "{outcomes:?}");
    }

    /// Ana proposes, cannot approve it herself, and carl does.
    fn propose_and_approve(&self, exceptions: &[String]) -> Vec<String> {
        let postings = self.all("ana", &["propose"], exceptions);
        let own =
            self.bench.feed(Some("ana"), ["approve", "-"], &postings).refused("preparer_is_not_approver");
        assert!(own.lines().iter().all(|o| o["result"] == "refused"));
        self.all_approved(&postings);
        postings
    }

    fn state(&self, posting: &str) -> Value {
        let all = self.bench.run(None, ["post", "--list"]).ok().lines();
        all.into_iter().find(|one| one["id"] == posting).unwrap()
    }

    /// Kills `tieout post` this often, each time when a drawn number of its requests has come by: before,
    /// while and after Tryton works on one.
    fn storm(&mut self, kills: usize) {
        let goal = self.kills + kills;
        for _ in 0..kills * 3 {
            if self.kills >= goal {
                return;
            }
            while self.proxy.requests.try_recv().is_ok() {}
            let mut child = self.bench.start(["post", "--wait", "5"]);
            for _ in 0..=self.dice.below(24) {
                if self.proxy.requests.recv_timeout(Duration::from_secs(15)).is_err() {
                    break;
                }
            }
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                self.kills += 1;
            }
            child.wait().unwrap();
        }
        panic!("{} of {goal} kills: there was too little to do", self.kills);
    }

    /// Posts until nothing waits any more; the last answer.
    fn post(&self) -> Value {
        for _ in 0..RUNS {
            let view = self.bench.run(None, ["post", "--wait", "60"]).one();
            assert!(view["code"].is_null(), "{view}");
            if view["in_doubt"] == 0 && view["waiting"] == 0 {
                assert_eq!(view["dead_letter"], 0, "{view}");
                return view;
            }
        }
        panic!("posting never came to its end");
    }

    fn posted(&self) -> usize {
        self.erp.one("SELECT count(*) FROM account_move WHERE state = 'posted'").parse().unwrap()
    }
}

fn command_with(mut command: std::process::Command, (field, value): (&str, &str)) -> std::process::Command {
    command.env(format!("TIEOUT_CREDENTIAL_{field}"), value);
    command
}

#[test]
fn each_document_is_in_exactly_one_posted_move_of_a_real_tryton_whatever_breaks() {
    if std::env::var_os("TIEOUT_FULL").is_none() {
        println!("skipped: the whole story takes minutes; `cargo xtask test --full` runs it");
        return;
    }
    let Some(mut story) = begin() else { return };
    story.sync();
    switching_on::switch_on(&story.bench, "tryton", "carl");
    let unposted = story.of_kind("unposted");
    let references: Vec<_> = unposted.keys().collect();
    assert_eq!(references, story.expected.keys().collect::<Vec<_>>(), "what is billed is not booked");
    let late: Vec<_> = unposted.iter().filter(|(r, _)| !r.contains('_')).take(LATE).collect();
    let late: BTreeMap<String, String> = late.into_iter().map(|(r, e)| (r.clone(), e.clone())).collect();
    let now: Vec<String> =
        unposted.iter().filter(|(r, _)| !late.contains_key(*r)).map(|(_, e)| e.clone()).collect();

    story.propose_and_approve(&now);
    story.proxy.cuts(6);
    story.storm(60);
    let view = story.post();
    assert_eq!((&view["refused"], story.posted()), (&0.into(), now.len()), "{view}");

    let ids: Vec<String> = late.values().cloned().collect();
    closed_books(&mut story, &ids);

    story.proxy.cuts(0);
    story.sync();
    story.sync();
    assert_eq!(story.open(), Vec::<Value>::new(), "nothing is left to do");
    tables_hold_each_document_once(&story, late.keys().skip(2).collect());
    let verified = story.bench.run(None, ["verify"]).ok().one();
    assert_eq!(verified["sound"], true, "{verified}");
    eprintln!(
        "{} documents posted once; {} kills, {} cut connections, {} log entries",
        story.expected.len(),
        story.kills,
        story.proxy.cut(),
        verified["entries"]
    );
}

/// The journal is closed, then the whole period: the last documents are refused in words, two are replayed
/// after the journal was opened again, the others rerouted to the next month.
fn closed_books(story: &mut Story, exceptions: &[String]) {
    let postings = story.propose_and_approve(exceptions);
    story.erp.journal_period("REV", MONTH, "close");
    let before = story.posted();
    assert_eq!(story.post()["refused"], LATE);
    let words = format!("You cannot add/modify/delete lines on closed journal-period \"Revenue - {MONTH}\".");
    for posting in &postings {
        let shown = story.state(posting);
        let said = (text(&shown, "state"), text(&shown, "failure_code"), text(&shown, "failure"));
        assert_eq!(said, ("refused".into(), "period_closed".into(), words.clone()));
    }
    assert_eq!(story.posted(), before, "what is refused is not booked");
    story.sync();
    let rejected = story.open().into_iter().filter(|e| e["kind"] == "posting_rejected");
    let rejected: Vec<_> = rejected.map(|e| text(&e, "why")).collect();
    assert!(rejected.len() == LATE && rejected.iter().all(|why| why.contains(&words)), "{rejected:?}");

    story.erp.journal_period("REV", MONTH, "reopen");
    story.all("ana", &["replay"], &postings[..2]);
    assert_eq!(story.post()["refused"], LATE - 2);
    assert_eq!(story.posted(), before + 2, "replayed under their keys");

    story.erp.close_period(MONTH);
    story.all("ana", &["replay"], &postings[2..3]);
    story.post();
    let shown = story.state(&postings[2]);
    assert_eq!(text(&shown, "failure_code"), "period_closed");
    let said = text(&shown, "failure");
    assert!(said.contains(&format!("the ERP says that period {MONTH} of entity EU01 is closed")), "{said}");

    let reroute = ["reroute", "--date", "2011-08-01", "--reason", "July is closed in Tryton"];
    let rerouted = story.all("ana", &reroute, &postings[2..]);
    let own = story.bench.feed(Some("ana"), ["approve", "-"], &rerouted).refused("preparer_is_not_approver");
    assert!(own.lines().iter().all(|o| o["result"] == "refused"));
    story.all_approved(&rerouted);
    story.storm(3);
    assert_eq!(story.post()["in_doubt"], 0);
    assert_eq!(story.posted(), before + LATE);
}

/// Tryton's own tables, past Tryton.
fn tables_hold_each_document_once(story: &Story, moved: Vec<&String>) {
    let rows = story.erp.sql(
        "SELECT split_part(m.description, ' ', 2), m.state, p.name,
                (SELECT sum(l.debit - l.credit) * 100 FROM account_move_line l
                 JOIN account_account a ON a.id = l.account
                 WHERE l.move = m.id AND a.code = '1.2.1')::bigint
         FROM account_move m JOIN account_period p ON p.id = m.period ORDER BY 1",
    );
    let mut held: Expected = BTreeMap::new();
    for row in &rows {
        let [reference, state, period, minor] =
            row.split('|').collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{row}"));
        assert_eq!(state, "posted", "no draft is left over: {row}");
        if moved.iter().any(|one| *one == reference) {
            assert_eq!(period, "2011-08", "{row}");
        } else if !reference.contains('_') {
            assert_eq!(period, MONTH, "{row}");
        }
        let again = held.insert(reference.to_owned(), minor.parse().unwrap());
        assert_eq!(again, None, "{reference} is booked twice");
    }
    assert_eq!(held, story.expected, "the receivable account holds what billing says, document by document");
    let total = format!(
        "SELECT (sum(l.debit - l.credit) * 100)::bigint FROM account_move_line l
         JOIN account_account a ON a.id = l.account WHERE a.code = '{RECEIVABLE}'"
    );
    let billed: i64 = story.expected.values().sum();
    assert_eq!(story.erp.one(&total), billed.to_string(), "and in sum");
    let lines = "SELECT count(*) FROM account_move_line l LEFT JOIN account_move m ON m.id = l.move
                 WHERE m.id IS NULL OR m.state <> 'posted'";
    assert_eq!(story.erp.one(lines), "0", "no line is outside a posted move");
}
