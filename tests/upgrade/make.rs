//! Makes the workspace that the tests of upgrades open: everything that can be in flight, in flight. Drives
//! the binary of this build against the sandbox and writes `fixtures/workspaces/schema-<n>`:
//!
//!     cargo run -p tieout-tests --example make_old_workspace -- 4 cab0d12
//!
//! To be run at the head whose workspaces are to be kept, never later: a workspace that a newer binary made
//! says nothing of the older one's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../common/binary.rs"]
mod binary;
#[path = "../common/company.rs"]
mod company;
#[path = "old.rs"]
mod old;
#[path = "../common/switching_on.rs"]
mod switching_on;

use std::{ffi::OsStr, fs, path::Path, thread, time::Duration};

use binary::{Bench, Ran, finish, own_passphrase, root, text};
use company::{Served, as_of, connect};
use serde_json::{Map, Value, json};
use tieout_sandbox::{
    book::Book,
    company::{Account, Company, EntryStatus, LedgerEntry, Reference},
    fault::{FaultKind, FaultPlan, ScriptedFault, Tuning},
};

/// One approver up to a limit, two above it.
const POLICY: &str = r#"schema = 1
[[tier]]
entity = "*"
kind = "*"
currency = "USD"
up_to = "2500.00"
approvals = "one"
[[tier]]
entity = "*"
kind = "*"
currency = "GBP"
up_to = "2500.00"
approvals = "one"
[[tier]]
entity = "*"
kind = "*"
currency = "EUR"
up_to = "2500.00"
approvals = "one"
[[tier]]
entity = "*"
kind = "*"
currency = "JPY"
up_to = "400000"
approvals = "one"
[[tier]]
entity = "*"
kind = "*"
currency = "*"
up_to = "unlimited"
approvals = "two"
"#;

/// What the second policy adds: the smallest unposted items of one entity pass without a person.
fn by_itself(up_to: i64) -> String {
    let up_to = format!("{}.{:02}", up_to / 100, up_to % 100);
    format!(
        "[[tier]]\nentity = \"US01\"\nkind = \"unposted\"\ncurrency = \"USD\"\nup_to = \"{up_to}\"\n\
         approvals = \"none\"\n"
    )
}

/// Months before this one are closed in the ERP as the generator left them; from here on all are open, so
/// that what is in flight belongs where it goes.
const OPEN_FROM: &str = "2026-01";

struct Maker {
    served: Served,
    bench: Bench,
    administrator: String,
    facts: Map<String, Value>,
    /// Open exceptions that nothing was done with yet.
    open: Vec<Value>,
    /// An invoice that waits for no other document: what is being sent when the process dies.
    last: Value,
    /// Up to which amount the second policy lets pass, minor units; such are left to it.
    smallest: i64,
}

fn main() {
    let argument = |n| std::env::args().nth(n);
    let schema: u32 = argument(1).and_then(|n| n.parse().ok()).expect("the schema's number");
    let head = argument(2).expect("the commit whose desk this is");
    let company = old::company();
    let _alone = old::alone();
    let mut maker = Maker::new(&company);
    maker.people_at_work();
    maker.what_is_done();
    maker.what_failed();
    maker.what_is_in_doubt();
    // Whatever is in the queue when something is sent would be sent, too: so this comes last.
    maker.what_waits();
    maker.what_is_governed();
    maker.note("head", head);
    maker.put_away(&company, &old::folder(schema));
}

/// How many documents the company's own integration has not booked, besides those that the generator chose.
const MORE_UNPOSTED: usize = 14;

/// The company's book: its months open, more of it missing, and one entry wrong in two ways at once.
fn book(company: &Company) -> Book {
    let mut company = company.clone();
    let plain = plain_entries(&company);
    let is_invoice = |n: &&u32| {
        let name = company.reference_text(&company.ledger[**n as usize - 1].reference);
        name.starts_with("US01-") && !name.contains("-CN-")
    };
    let wrong = *plain.iter().rfind(is_invoice).expect("a plain invoice of the first entity");
    let missing: Vec<u32> =
        plain.into_iter().filter(|n| *n != wrong).step_by(2).take(MORE_UNPOSTED).collect();
    assert_eq!(missing.len(), MORE_UNPOSTED);
    damage(&mut company, wrong);
    // An entry's number is its place.
    company.ledger.retain(|entry| !missing.contains(&entry.n));
    let places: Vec<u32> = company.ledger.iter().map(|entry| entry.n).collect();
    let place = |n: u32| {
        let found = places.iter().position(|old| *old == n).expect("nothing that was reversed is missing");
        u32::try_from(found + 1).expect("few entries")
    };
    for entry in &mut company.ledger {
        entry.n = place(entry.n);
        entry.reverses = entry.reverses.map(place);
    }
    let book = Book::of_company(&company).expect("the book");
    for period in &company.periods {
        let month = period.start.format("%Y-%m").to_string();
        if month.as_str() >= OPEN_FROM {
            book.reopen(&month).expect("a month of the book");
        }
    }
    book
}

/// Numbers of the entries that are all there is of a document, right, of an open month and not large.
fn plain_entries(company: &Company) -> Vec<u32> {
    let labelled: Vec<&String> = company.labels.iter().map(|label| &label.external_ref).collect();
    let plain = |entry: &&LedgerEntry| {
        let own = company.ledger.iter().filter(|other| other.reference == entry.reference).count() == 1;
        let month = company.periods[usize::from(entry.period)].start.format("%Y-%m").to_string();
        let control = entry.lines.iter().filter(|line| line.account == Account::Receivable);
        own && matches!(entry.reference, Reference::Document(_))
            && entry.status == EntryStatus::Booked
            && entry.currency == company.entities[usize::from(entry.entity)].currency
            && control.map(|line| line.amount.abs()).sum::<i64>() <= limit(entry.currency.code())
            && entry.created < company.spec.as_of - 7 * 86_400
            && month.as_str() > OPEN_FROM
            && !labelled.contains(&&company.reference_text(&entry.reference))
    };
    company.ledger.iter().filter(plain).map(|entry| entry.n).collect()
}

/// Puts an entry a month early, and books 7.00 too much.
fn damage(company: &mut Company, n: u32) {
    let entry = &mut company.ledger[n as usize - 1];
    entry.period -= 1;
    entry.date = company.periods[usize::from(entry.period)].start;
    let control = entry.lines.iter().position(|line| line.account == Account::Receivable).expect("a control");
    let other = entry.lines.iter().position(|line| line.account != Account::Receivable).expect("a line");
    for (line, more) in [(control, 700), (other, -700)] {
        entry.lines[line].amount += more;
        entry.lines[line].functional += more;
    }
}

/// Whether an exception is open and of this kind, its document's month open, its amount large or not.
fn fits(e: &Value, kind: &str, large: bool) -> bool {
    e["kind"] == kind
        && e["state"] == "open"
        && e["period"].as_str().is_some_and(|period| period >= OPEN_FROM)
        && (minor(e) > limit(e["currency"].as_str().unwrap())) == large
}

/// An exception's amount without its sign.
fn minor(e: &Value) -> i64 {
    e["amount_minor"].as_i64().unwrap().abs()
}

/// Up to which amount one approver is enough, minor units.
fn limit(currency: &str) -> i64 {
    if currency == "JPY" { 400_000 } else { 250_000 }
}

impl Maker {
    fn new(company: &Company) -> Self {
        let served = old::serve(company, &book(company), Duration::ZERO);
        let bench = Bench::new();
        let administrator = bench.administrator();
        bench.people(&[
            ("ana", "analyst"),
            ("carl", "controller"),
            ("cora", "analyst"),
            ("eve", "controller"),
            ("aud", "auditor"),
        ]);
        connect(&bench, &served, &["timeout=2", "settling=2"]);
        bench.govern(
            "carl",
            &root().join("fixtures/company/mapping.toml"),
            &bench.file("policy.toml", POLICY),
        );
        bench.run(None, ["sync", "--as-of", &as_of()]).ok();
        switching_on::switch_on(&bench, "netsuite", "carl");
        let mut open = bench.exceptions(&as_of());
        open.sort_by_key(|e| text(e, "external_ref"));
        let invoice = |e: &Value| text(e, "external_ref").starts_with("US01-");
        let last = open.iter().rposition(|e| fits(e, "unposted", false) && invoice(e)).expect("an invoice");
        let last = open.remove(last);
        let unposted = open.iter().filter(|e| fits(e, "unposted", false) && e["entity"] == "US01");
        let smallest = unposted.map(minor).min().expect("something is unposted");
        Self { served, bench, administrator, facts: Map::new(), open, last, smallest }
    }

    fn run<S: AsRef<OsStr>>(&self, person: &str, args: impl IntoIterator<Item = S>) -> Ran {
        let own = if person == self.administrator { "administrator" } else { person };
        let mut command = self.bench.command(Some(person), args);
        command.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase(own));
        finish(command, None)
    }

    fn note(&mut self, name: &str, value: impl Into<Value>) {
        let before = self.facts.insert(name.to_owned(), value.into());
        assert!(before.is_none(), "{name} twice");
    }

    /// The next open exception of this kind, of a document whose month is open, and large or not. The
    /// smallest are left to the policy.
    fn next(&mut self, kind: &str, large: bool) -> Value {
        let fits = |e: &&Value| fits(e, kind, large) && minor(e) > self.smallest;
        let found = self.open.iter().find(fits).cloned();
        let found = found.unwrap_or_else(|| panic!("no {kind} (large: {large}) is left in {:#?}", self.open));
        self.open.retain(|e| e["external_ref"] != found["external_ref"]);
        found
    }

    fn propose(&self, exception: &Value) -> String {
        text(&self.run("ana", ["propose", &text(exception, "id")]).ok().one(), "posting")
    }

    fn proposed(&mut self, kind: &str) -> String {
        let exception = self.next(kind, false);
        self.propose(&exception)
    }

    fn approved(&mut self, kind: &str, by: &str) -> String {
        let posting = self.proposed(kind);
        self.run(by, ["approve", &posting]).ok();
        posting
    }

    fn posting(&self, id: &str) -> Value {
        let all = self.bench.run(None, ["post", "--list"]).ok().lines();
        all.into_iter().find(|p| p["id"] == id).expect("the posting is listed")
    }

    #[track_caller]
    fn stands(&self, id: &str, state: &str) {
        let posting = self.posting(id);
        assert_eq!(posting["state"], state, "{posting:#}");
    }

    fn faults(&self, script: impl IntoIterator<Item = ScriptedFault>) {
        let tuning = Tuning { silence_ms: 60_000, ..Tuning::default() };
        self.served.sandbox.netsuite.faults().set_plan(FaultPlan::script(script).tuned(tuning));
    }

    fn post(&self, wait: &str) {
        self.bench.run(None, ["post", "--wait", wait]).ok();
    }

    fn at_key(&self, posting: &str, step: usize) -> usize {
        let key = text(&self.posting(posting)["steps"][step], "key");
        self.served.sandbox.netsuite.book().entries_by_external_id(&key).unwrap().len()
    }

    /// Roles given, a secret not set yet, a rotation, and work on exceptions.
    fn people_at_work(&mut self) {
        let administrator = self.administrator.clone();
        self.run(&administrator, ["person", "role", "cora", "controller"]).ok();
        let dora = self.run(&administrator, ["person", "add", "dora", "--role", "controller"]).ok().one();
        self.note("enrolment_code_of_dora", text(&dora, "enrolment_code"));
        let about = self.served.sandbox.describe();
        let account = about["stripe"]["accounts"].as_array().unwrap().iter().find(|a| a["entity"] == "GB01");
        let mut rotate = self.bench.command(Some(&administrator), ["connection", "rotate", "stripe-gb01"]);
        rotate.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase("administrator"));
        rotate.env("TIEOUT_CREDENTIAL_API_KEY", text(account.unwrap(), "api_key"));
        finish(rotate, None).ok();
        let (assigned, held, dismissed) =
            (self.next("unposted", false), self.next("unposted", true), self.next("wrong_account", false));
        let id = |e: &Value| text(e, "id");
        self.run("ana", ["assign", &id(&assigned), "--to", "carl"]).ok();
        self.run("eve", ["comment", &id(&assigned), "--text", "asked the customer"]).ok();
        self.run("ana", ["hold", &id(&held), "--reason", "the customer disputes it"]).ok();
        self.run("carl", ["dismiss", &id(&dismissed), "--reason", "immaterial"]).ok();
        for (name, exception) in [("assigned", assigned), ("on_hold", held), ("dismissed", dismissed)] {
            self.note(name, id(&exception));
        }
    }

    /// Settled with the approval of somebody who has left; rejected; withdrawn.
    fn what_is_done(&mut self) {
        let settled = self.approved("unposted", "eve");
        self.post("30");
        self.bench.run(None, ["sync", "--as-of", &as_of()]).ok();
        self.stands(&settled, "settled");
        let administrator = self.administrator.clone();
        self.run(&administrator, ["person", "remove", "eve"]).ok();
        let rejected = self.proposed("unposted");
        self.run("carl", ["reject", &rejected, "--reason", "wrong customer"]).ok();
        self.stands(&rejected, "rejected");
        for (name, posting) in [("settled", settled), ("rejected", rejected)] {
            self.note(name, posting);
        }
    }

    /// Given up, refused, half booked, and booked but not seen by a sync.
    fn what_failed(&mut self) {
        let dead = self.approved("unposted", "carl");
        self.faults((1..=60).map(|n| ScriptedFault::post(n, "journalEntry", FaultKind::DropBeforeCommit)));
        self.post("300");
        self.stands(&dead, "dead_letter");
        let refused = self.approved("unposted", "carl");
        self.faults([ScriptedFault::post(1, "journalEntry", FaultKind::ClosedPeriod)]);
        self.post("0");
        self.stands(&refused, "refused");
        let half = self.approved("amount_mismatch", "carl");
        self.faults([ScriptedFault::post(2, "journalEntry", FaultKind::ClosedPeriod)]);
        self.post("0");
        self.stands(&half, "refused");
        assert_eq!((self.at_key(&half, 0), self.at_key(&half, 1)), (1, 0), "reversed, not booked anew");
        let booked = self.approved("unposted", "carl");
        self.faults([]);
        self.post("30");
        self.stands(&booked, "booked");
        for (name, posting) in
            [("dead_letter", dead), ("refused", refused), ("half_booked", half), ("booked", booked)]
        {
            self.note(name, posting);
        }
    }

    /// Sent without an answer, booked there or not; and being sent when the process was killed.
    fn what_is_in_doubt(&mut self) {
        let pair = ["in doubt", "in doubt, too"].map(|_| self.proposed("unposted"));
        let interrupted = self.propose(&self.last);
        for posting in &pair {
            self.run("carl", ["approve", posting]).ok();
        }
        // On a slow machine one would be looked up again within the same run: only the first look-up of each
        // is answered.
        let keys = pair.clone().map(|posting| text(&self.posting(&posting)["steps"][0], "key"));
        let unseen = |from: u64| {
            let lines = keys.iter().flat_map(move |key| {
                (from..from + 200).map(move |n| ScriptedFault::nth(n, key, FaultKind::DropBeforeCommit))
            });
            lines.collect::<Vec<_>>()
        };
        let sent = [
            ScriptedFault::post(1, "journalEntry", FaultKind::TimeoutAfterCommit),
            ScriptedFault::post(2, "journalEntry", FaultKind::DropBeforeCommit),
        ];
        self.faults(unseen(2).into_iter().chain(sent));
        self.post("0");
        pair.iter().for_each(|posting| self.stands(posting, "in_doubt"));
        let (there, absent): (Vec<String>, Vec<String>) =
            pair.into_iter().partition(|posting| self.at_key(posting, 0) == 1);
        assert_eq!((there.len(), absent.len()), (1, 1), "one was booked, the other was not");

        self.run("carl", ["approve", &interrupted]).ok();
        let hangs = ScriptedFault::post(1, "journalEntry", FaultKind::TimeoutAfterCommit);
        self.faults(unseen(1).into_iter().chain([hangs]));
        let faults = self.served.sandbox.netsuite.faults();
        let before = faults.injected_of(FaultKind::TimeoutAfterCommit);
        let mut child = self.bench.start(["post", "--wait", "60"]);
        while faults.injected_of(FaultKind::TimeoutAfterCommit) == before {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it sent anything");
            thread::sleep(Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        self.faults([]);
        self.stands(&interrupted, "sending");
        assert_eq!(self.at_key(&interrupted, 0), 1, "it was booked");
        for posting in [&there[0], &absent[0]] {
            self.stands(posting, "in_doubt");
        }
        self.note("in_doubt_booked", there[0].clone());
        self.note("in_doubt_absent", absent[0].clone());
        self.note("interrupted", interrupted);
    }
}

impl Maker {
    /// Approved, half approved and proposed postings that nothing was sent of; two of one document.
    fn what_waits(&mut self) {
        let queued = ["a", "b"].map(|_| self.approved("unposted", "carl"));
        let correction = self.approved("wrong_period", "carl");
        let reversal = self.approved("duplicate_posting", "carl");
        let exception = self.next("unposted", false);
        let on_hold = self.propose(&exception);
        self.run("carl", ["approve", &on_hold]).ok();
        self.run("ana", ["hold", &text(&exception, "id"), "--reason", "the customer called"]).ok();
        let large = self.next("unposted", true);
        let half = self.propose(&large);
        self.run("carl", ["approve", &half]).ok();
        let proposed = self.proposed("unposted");
        let first = self.proposed("unposted");
        let reroute = ["reroute", &first, "--date", "2026-11-05", "--reason", "by the auditors' wish"];
        let rerouted = text(&self.run("ana", reroute).ok().one(), "posting");
        let withdrawn = self.approved("unposted", "carl");
        self.run("ana", ["post", "--cancel", &withdrawn]).ok();
        let twins = self.twins();
        for posting in queued.iter().chain([&correction, &reversal, &on_hold]).chain(&twins) {
            self.stands(posting, "queued");
        }
        for posting in [&half, &proposed, &rerouted] {
            self.stands(posting, "proposed");
        }
        self.stands(&withdrawn, "cancelled");
        self.note("queued", queued.to_vec());
        self.note("twins", twins);
        for (name, posting) in [
            ("queued_correction", correction),
            ("queued_reversal", reversal),
            ("queued_on_hold", on_hold),
            ("half_approved", half),
            ("proposed", proposed),
            ("rerouted", rerouted),
            ("withdrawn", withdrawn),
        ] {
            self.note(name, posting);
        }
    }

    /// Two exceptions of one document, each with its own approved posting.
    fn twins(&mut self) -> Vec<String> {
        let several = |e: &&Value| {
            self.open.iter().filter(|other| other["external_ref"] == e["external_ref"]).count() > 1
        };
        let name =
            text(self.open.iter().find(several).expect("a document with two exceptions"), "external_ref");
        let both: Vec<Value> =
            self.open.iter().filter(|e| e["external_ref"] == name.as_str()).cloned().collect();
        self.open.retain(|e| e["external_ref"] != name.as_str());
        let one = |exception: &Value| {
            let posting = self.propose(exception);
            self.run("carl", ["approve", &posting]).ok();
            posting
        };
        both.iter().map(one).collect()
    }

    /// A policy that lets something pass by itself, and a mapping that one of two people has approved.
    fn what_is_governed(&mut self) {
        let administrator = self.administrator.clone();
        let policy = self.bench.file("policy-2.toml", &format!("{POLICY}{}", by_itself(self.smallest)));
        let args = [OsStr::new("import"), OsStr::new("policy"), policy.as_os_str()];
        let change = text(&self.run(&administrator, args).ok().one(), "id");
        self.run("carl", ["approve", &change]).ok();
        // A sync of billing alone lets the policy do its work and does not show what the ERP booked.
        self.bench.run(None, ["sync", "--connection", "stripe-us01", "--as-of", &as_of()]).ok();
        let all = self.bench.run(None, ["post", "--list"]).ok().lines();
        let released = all.iter().filter(|p| p["released_by_policy"] == true && p["state"] == "queued");
        let released: Vec<String> = released.map(|p| text(p, "id")).collect();
        assert!(!released.is_empty(), "the policy lets nothing pass of {:#?}", self.open);
        self.note("released_by_policy", released);

        let mapping = fs::read_to_string(root().join("fixtures/company/mapping.toml")).unwrap();
        let file = self.bench.file("mapping-2.toml", &format!("# The one of the new year.\n{mapping}"));
        let args = [OsStr::new("import"), OsStr::new("mapping"), file.as_os_str()];
        let change = text(&self.bench.run(None, args).ok().one(), "id");
        self.run("carl", ["approve", &change]).ok();
        self.note("half_approved_mapping", change);
    }

    fn views(&self) -> Value {
        for (name, queue, group) in [
            ("Unposted, the largest first", "unposted", json!("cause")),
            ("Mismatches", "mismatch", json!(null)),
        ] {
            let sort = json!([{ "column": "amount", "descending": true }]);
            let query = json!({ "queue": queue, "state": "open", "sort": sort });
            let columns = json!(["due", "document", "amount"]);
            let view = json!({ "name": name, "query": query, "group_by": group, "columns": columns });
            self.bench.run(None, ["call", "view_save", &view.to_string()]).ok();
        }
        self.bench.run(None, ["call", "saved_views", "{}"]).ok().lines().into()
    }

    /// Writes the workspace with its secrets, the ERP's book, and what this binary says of it.
    fn put_away(&mut self, company: &Company, folder: &Path) {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).unwrap();
        let views = self.views();
        let listed = |args: &[&str]| self.bench.run(None, args).ok().lines();
        let exceptions = listed(&["exceptions", "--state", "all", "--as-of", &as_of()]);
        // Written where no path of the checkout gets into the log.
        let log = self.bench.folder.path().join("log.csv");
        self.bench.run(None, ["export", "log", "--to", log.to_str().unwrap()]).ok();
        let said = json!({
            "log": old::log_entries(&log),
            "exceptions": exceptions,
            "postings": listed(&["post", "--list"]),
            "changes": listed(&["import", "changes"]),
            "people": listed(&["person", "list"]),
            "views": views,
            "verified": self.bench.run(None, ["verify"]).ok().one(),
        });
        self.note("as_of", as_of());
        self.note("billing_sha256", old::billing_hash(company));
        self.note("administrator", self.administrator.clone());
        let facts = json!({ "known": self.facts, "said": said });
        fs::write(folder.join(old::FACTS), lines_of(&facts, 0) + "\n").unwrap();
        for name in old::FILES {
            fs::copy(self.bench.folder.path().join(name), folder.join(name)).unwrap();
        }
        let left: Vec<_> =
            fs::read_dir(self.bench.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(
            !left.iter().any(|name| name.to_string_lossy().ends_with("-wal")),
            "all is in the file: {left:?}"
        );
        let book = fs::File::create(folder.join(old::BOOK)).unwrap();
        self.served.sandbox.netsuite.book().write_to(std::io::BufWriter::new(book)).unwrap();
    }
}

/// JSON with a line for each thing of a list, so that a difference can be read.
fn lines_of(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    match value {
        Value::Object(fields) if depth < 2 => {
            let fields = fields.iter().map(|(name, value)| {
                format!("{indent}{}: {}", Value::from(name.as_str()), lines_of(value, depth + 1))
            });
            format!("{{\n{}\n{end}}}", fields.collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            let items = items.iter().map(|item| format!("{indent}{item}"));
            format!("[\n{}\n{end}]", items.collect::<Vec<_>>().join(",\n"))
        }
        other => other.to_string(),
    }
}
