//! A desk beside a small company whose books are right, made quickly: people, mapping and policy are copied
//! from a workspace that is made once per process. What is wrong, each test adds itself. Entries of entities
//! whose billing is not connected are orphans.
#![allow(dead_code)]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
};

use chrono::NaiveDate;
use serde_json::Value;
use tieout_sandbox::{
    book::{Approval, BookClock, BookedEntry, NewEntry, NewLine as BookLine},
    company::{DEFAULT_AS_OF, Spec, generate},
    stripe::{Command as Billing, NewLine},
};

use super::{
    binary::{Bench, Ran, finish, own_passphrase, root, text},
    company::{Served, instant},
    switching_on::switch_on,
};

/// The company's present when a scene opens: four days before it is judged, so that what happens now is due.
pub const PRESENT: i64 = DEFAULT_AS_OF - 4 * 86_400;

/// As of when everything is judged.
pub fn judged() -> String {
    instant(DEFAULT_AS_OF)
}

/// One approver for anything, and nothing without a person.
pub const ONE: &str = "schema = 1\n[[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"*\"\n\
                       up_to = \"unlimited\"\napprovals = \"one\"\n";
/// Two different approvers for anything.
pub const TWO: &str = "schema = 1\n[[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"*\"\n\
                       up_to = \"unlimited\"\napprovals = \"two\"\n";
/// What is not booked, the policy prepares and releases by itself; anything else needs one approver.
pub const BY_POLICY: &str = "schema = 1\n[[tier]]\nentity = \"*\"\nkind = \"unposted\"\ncurrency = \"*\"\n\
                             up_to = \"unlimited\"\napprovals = \"none\"\n\
                             [[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"*\"\n\
                             up_to = \"unlimited\"\napprovals = \"one\"\n";

/// Everybody but the administrator who made the workspace. Greta brought in mapping and policy, and Carl
/// approved them: nobody else has to do with either.
pub const PEOPLE: [(&str, &str); 6] = [
    ("ana", "analyst"),
    ("greta", "analyst"),
    ("carl", "controller"),
    ("cora", "controller"),
    ("olga", "administrator"),
    ("aud", "auditor"),
];

/// Who made the workspace: the person of this OS account.
pub const ADMINISTRATOR: &str = "administrator";

struct Template {
    bench: Bench,
    administrator: String,
}

/// Every file of a bench in a folder of its own: the same workspace on the same machine.
pub fn copy_of(bench: &Bench) -> Bench {
    let copy = Bench::empty();
    copy_into(bench.folder.path(), copy.folder.path());
    copy
}

/// Every file of one folder in the other.
pub fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A folder that outlives its test but not the next run of the tests: a static is never dropped.
fn kept_folder() -> Bench {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&home).unwrap();
    for entry in fs::read_dir(&home).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix("scene-").and_then(|rest| rest.split('-').next().map(str::to_owned));
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            // Another process of the tests may be at the same: what is gone already is as well.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let prefix = format!("scene-{}-", std::process::id());
    let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(&home).unwrap();
    let workspace = folder.path().join("books.tieoutdb");
    Bench { folder, workspace }
}

/// A workspace with its people; with a policy, also the company's mapping and that policy in force.
fn template(policy: Option<&str>) -> Arc<Template> {
    static MADE: OnceLock<Mutex<HashMap<String, Arc<Template>>>> = OnceLock::new();
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap();
    let people = made.entry(String::new()).or_insert_with(|| {
        let bench = kept_folder();
        bench.run(None, ["init", "--secrets", "vault"]).ok();
        bench.people(&PEOPLE);
        let administrator = bench.administrator();
        Arc::new(Template { bench, administrator })
    });
    let people = Arc::clone(people);
    let Some(policy) = policy else { return people };
    let governed = made.entry(policy.to_owned()).or_insert_with(|| {
        let bench = kept_folder();
        copy_into(people.bench.folder.path(), bench.folder.path());
        let policy = bench.file("policy.toml", policy);
        let mapping = mapping();
        for (verb, file) in [("mapping", &mapping), ("policy", &policy)] {
            let change = bench.run(Some("greta"), ["import", verb, file.to_str().unwrap()]).ok().one();
            bench.run(Some("carl"), ["approve", &text(&change, "id")]).ok();
        }
        Arc::new(Template { bench, administrator: people.administrator.clone() })
    });
    Arc::clone(governed)
}

/// The company's mapping.
pub fn mapping() -> PathBuf {
    root().join("fixtures/company/mapping.toml")
}

/// People at a desk, without a company.
pub struct Desk {
    pub bench: Bench,
    pub administrator: String,
}

/// An invoice that billing has.
#[derive(Clone, Debug)]
pub struct Invoice {
    pub id: String,
    pub reference: String,
}

impl Desk {
    /// People, and nothing else.
    pub fn of_people() -> Self {
        Self::copied(&template(None))
    }

    /// People, mapping and this policy.
    pub fn governed(policy: &str) -> Self {
        Self::copied(&template(Some(policy)))
    }

    fn copied(template: &Template) -> Self {
        Self { bench: copy_of(&template.bench), administrator: template.administrator.clone() }
    }

    /// The same workspace once more, in a folder of its own.
    pub fn copy(&self) -> Self {
        Self { bench: copy_of(&self.bench), administrator: self.administrator.clone() }
    }

    /// The name by which the desk knows this person.
    pub fn name<'a>(&'a self, person: &'a str) -> &'a str {
        if person == ADMINISTRATOR { &self.administrator } else { person }
    }

    /// A command as this person, with their own passphrase.
    pub fn command<'a>(
        &self,
        person: &str,
        args: impl IntoIterator<Item = &'a str>,
    ) -> std::process::Command {
        let mut command = self.bench.command(Some(self.name(person)), args);
        command.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase(person));
        command
    }

    /// Runs a command as this person.
    pub fn run<'a>(&self, person: &str, args: impl IntoIterator<Item = &'a str>) -> Ran {
        finish(self.command(person, args), None)
    }

    /// Runs a command as whoever the OS account belongs to, who is not named.
    pub fn plainly<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Ran {
        self.bench.run(None, args)
    }

    /// Approves what was read just now: bound to its content.
    pub fn approve(&self, person: &str, posting: &str) -> Ran {
        let content = text(&self.posting(posting), "content_hash");
        self.run(person, ["approve", posting, "--content", &content])
    }

    /// Every posting, as listed.
    pub fn postings(&self) -> Vec<Value> {
        self.plainly(["post", "--list"]).ok().lines()
    }

    /// One posting, as listed.
    #[track_caller]
    pub fn posting(&self, id: &str) -> Value {
        let found = self.postings().into_iter().find(|posting| posting["id"] == id);
        found.unwrap_or_else(|| panic!("there is no posting {id}"))
    }

    /// Postings of this reference.
    pub fn postings_of(&self, reference: &str) -> Vec<Value> {
        self.postings().into_iter().filter(|posting| posting["reference"] == reference).collect()
    }

    /// Exceptions of this reference in any state.
    pub fn exceptions_of(&self, reference: &str) -> Vec<Value> {
        let as_of = judged();
        let args = ["exceptions", "--as-of", &as_of, "--state", "all", "--search", reference];
        let mut all = self.plainly(args).ok().lines();
        all.retain(|exception| exception["external_ref"] == reference);
        all
    }

    /// Kinds of the open exceptions of this reference, sorted.
    pub fn open_kinds(&self, reference: &str) -> Vec<String> {
        let open = |e: &&Value| e["state"] != "closed" && e["state"] != "dismissed";
        let mut kinds: Vec<String> =
            self.exceptions_of(reference).iter().filter(open).map(|e| text(e, "kind")).collect();
        kinds.sort();
        kinds
    }

    /// The id of the only exception of this reference and kind.
    #[track_caller]
    pub fn exception(&self, reference: &str, kind: &str) -> String {
        let all = self.exceptions_of(reference);
        let found: Vec<&Value> = all.iter().filter(|exception| exception["kind"] == kind).collect();
        assert_eq!(found.len(), 1, "exceptions of {reference}, of which one should be {kind}: {all:#?}");
        text(found[0], "id")
    }

    /// The posting that this person prepares for an exception.
    #[track_caller]
    pub fn propose(&self, person: &str, exception: &str) -> String {
        text(&self.run(person, ["propose", exception]).ok().one(), "posting")
    }

    /// The log as it is exported: each row by its columns.
    pub fn log(&self) -> Vec<BTreeMap<String, String>> {
        let file = self.bench.folder.path().join("exported-log.csv");
        let to = file.to_str().unwrap();
        self.plainly(["export", "log", "--force", "--to", to]).ok();
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(&file).unwrap();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let head = rows.iter().position(|row| &row[0] == "number").expect("the log has its columns");
        let columns = &rows[head];
        let named = |row: &csv::StringRecord| {
            columns.iter().zip(row.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
        };
        rows[head + 1..].iter().map(named).collect()
    }

    /// What `verify` answers, whether it is content or not.
    #[track_caller]
    pub fn verify(&self) -> Value {
        let ran = self.plainly(["verify"]);
        let answer = ran.stdout.lines().find_map(|line| serde_json::from_str::<Value>(line).ok());
        answer.unwrap_or_else(|| panic!("verify answered nothing: {ran:?}"))
    }

    /// A change of this kind and file, brought in by this person and approved by that one.
    #[track_caller]
    pub fn govern(&self, author: &str, approver: &str, kind: &str, file: &Path) -> String {
        let change = self.run(author, ["import", kind, file.to_str().unwrap()]).ok().one();
        let id = text(&change, "id");
        self.run(approver, ["approve", &id]).ok();
        id
    }

    /// Where a governed change stands.
    #[track_caller]
    pub fn change_state(&self, id: &str) -> String {
        let changes = self.plainly(["import", "changes"]).ok().lines();
        let found = changes.into_iter().find(|change| change["id"] == id);
        text(&found.unwrap_or_else(|| panic!("there is no change {id}")), "state")
    }

    /// The desk's own soft close of a period.
    pub fn soft_close(&self, entity: &str, period: &str, (starts, ends): (&str, &str)) {
        let rows =
            format!("Entity,Period,Starts,Ends,Status\n{entity},{period},{starts},{ends},Soft closed\n");
        let file = self.bench.file("soft-close.csv", &rows);
        self.plainly(["import", "periods", file.to_str().unwrap()]).ok();
    }
}

/// The desk, and the company that it looks at.
pub struct Scene {
    pub desk: Desk,
    pub served: Served,
}

impl std::ops::Deref for Scene {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Scene {
    /// A desk under this policy, connected to NetSuite and to the Stripe accounts of these entities, synced.
    pub fn open(policy: &str, entities: &[&str]) -> Self {
        Self::of(policy, entities, 60)
    }

    /// The same, beside a company of so many invoices.
    pub fn of(policy: &str, entities: &[&str], invoices: u32) -> Self {
        let spec = Spec { seed: 11, invoices, as_of: PRESENT, fault_rate: 0 };
        let served = Served::start(generate(&spec));
        let at = chrono::DateTime::from_timestamp(PRESENT + 86_400, 0).unwrap();
        served.sandbox.netsuite.book().set_clock(BookClock::Fixed(at));
        let desk = Desk::governed(policy);
        let scene = Self { desk, served };
        scene.connect(entities);
        scene.sync();
        switch_on(&scene.desk.bench, "netsuite", "carl");
        if policy == BY_POLICY {
            // Before that it prepared nothing.
            scene.sync();
        }
        scene
    }

    fn connect(&self, entities: &[&str]) {
        let about = self.served.sandbox.describe();
        let url = text(&about["stripe"], "url");
        let accounts = about["stripe"]["accounts"].as_array().unwrap();
        for account in accounts.iter().filter(|a| entities.iter().any(|entity| a["entity"] == *entity)) {
            let name = format!("stripe-{}", text(account, "entity").to_ascii_lowercase());
            let set = format!("account={}", text(account, "account"));
            let args = ["connection", "add", &name, "--vendor", "stripe", "--url", &url, "--mode", "test"];
            let mut add = self.command(ADMINISTRATOR, args);
            add.args(["--set", &set, "--set", "rate=2000"]);
            add.env("TIEOUT_CREDENTIAL_API_KEY", text(account, "api_key"));
            finish(add, None).ok();
        }
        let (url, account) = (text(&about["netsuite"], "url"), text(&about["netsuite"], "account"));
        let args = ["connection", "add", "netsuite", "--vendor", "netsuite", "--url", &url, "--mode", "test"];
        let mut add = self.command(ADMINISTRATOR, args);
        add.args([
            "--set",
            &format!("account={account}"),
            "--set",
            "auth=tba",
            "--set",
            "customers=create",
            "--set",
            "approve=true",
        ]);
        add.args(["--set", "timeout=5", "--set", "settling=2"]);
        let token = &about["netsuite"]["tokens"][0];
        for (field, variable) in [
            ("consumer_key", "TIEOUT_CREDENTIAL_CONSUMER_KEY"),
            ("consumer_secret", "TIEOUT_CREDENTIAL_CONSUMER_SECRET"),
            ("token", "TIEOUT_CREDENTIAL_TOKEN_ID"),
            ("token_secret", "TIEOUT_CREDENTIAL_TOKEN_SECRET"),
        ] {
            add.env(variable, text(token, field));
        }
        finish(add, None).ok();
    }

    /// Reads what changed, and judges.
    pub fn sync(&self) -> Vec<Value> {
        let as_of = judged();
        self.plainly(["sync", "--as-of", &as_of]).ok().lines()
    }

    /// Sends what is approved.
    pub fn post(&self) -> Ran {
        self.plainly(["post", "--wait", "20"])
    }

    /// What the ERP's own book holds under this reference.
    pub fn booked(&self, reference: &str) -> Vec<BookedEntry> {
        self.served.sandbox.netsuite.book().entries_by_reference(reference).unwrap()
    }

    /// A new invoice in billing, for a customer that the ERP knows: whose, of which product, how much, and of
    /// which day where it is not today's.
    pub fn invoice(&self, entity: &str, product: &str, minor: i64, dated: Option<&str>) -> Invoice {
        let billing = self.served.sandbox.stripe.control();
        let customer = billing.read(|company| {
            let at = company.entities.iter().position(|e| e.code == entity).expect("the entity");
            let own = company.entities[at].currency;
            let fits = |c: &&tieout_sandbox::company::Customer| {
                usize::from(c.entity) == at && c.in_erp && c.currency == own
            };
            company.customers.iter().find(fits).expect("a customer that the ERP knows").id.to_string()
        });
        let effective_at = dated.map(|day| {
            let noon = day.parse::<NaiveDate>().unwrap().and_hms_opt(12, 0, 0).unwrap();
            noon.and_utc().timestamp()
        });
        let lines = vec![NewLine { product: product.to_owned(), amount: minor }];
        let id = billing.run(Billing::AddInvoice { customer, lines, taxable: false, effective_at }).unwrap();
        let reference = billing.read(|company| company.document_reference(id));
        Invoice { id: id.to_string(), reference }
    }

    /// The same for onboarding, which is revenue at once.
    pub fn sale(&self, entity: &str, minor: i64) -> Invoice {
        self.invoice(entity, "prod_onboarding", minor, None)
    }

    /// Books an entry in the ERP past the desk: receivable against revenue, in the subsidiary's currency.
    pub fn book_by_hand(&self, subsidiary: i64, date: &str, memo: &str, minor: i64) -> i64 {
        let line = |account, amount| BookLine { account, amount, functional: None, memo: None, entity: None };
        let entry = NewEntry {
            external_id: None,
            subsidiary,
            date: date.parse().unwrap(),
            period: None,
            currency: None,
            rate: None,
            memo: memo.to_owned(),
            approval: Approval::Approved,
            reverses: None,
            lines: vec![line(110, minor), line(400, -minor)],
        };
        self.served.sandbox.netsuite.book().commit(&entry).unwrap()
    }
}

/// Every text in a JSON value.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
