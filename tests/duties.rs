//! Nobody approves their own work: seen from outside, through the binary, by people who know the vault's
//! passphrase and try what they should not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/approval.rs"]
mod approval;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::{ffi::OsStr, path::PathBuf};

use approval::content_hash;
use binary::{Bench, Ran, finish, own_passphrase, root, text};
use company::{ONE_APPROVER, Served, as_of, desk};
use serde_json::Value;
use tieout_sandbox::company::{DEFAULT_AS_OF, Spec, generate};

const TWO_APPROVERS: &str = "schema = 1\n[[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"*\"\n\
                             up_to = \"unlimited\"\napprovals = \"two\"\n";

struct Office {
    bench: Bench,
    administrator: String,
    unposted: Vec<String>,
    /// The servers live as long as the office.
    served: Served,
}

impl Office {
    fn open(policy: &str) -> Self {
        let spec = Spec { seed: 5, invoices: 100, as_of: DEFAULT_AS_OF, fault_rate: 2_500 };
        let served = Served::start(generate(&spec));
        let bench = desk(&served, &["timeout=2", "settling=2"], policy);
        // The mapping and the policy are the administrator's, so a second controller is needed.
        bench.people(&[("cora", "controller")]);
        let administrator = bench.administrator();
        let open = bench.exceptions(&as_of());
        let unposted = open.iter().filter(|e| e["kind"] == "unposted").map(|e| text(e, "id"));
        let unposted: Vec<String> = unposted.collect();
        assert!(unposted.len() >= 6, "only {} unposted documents", unposted.len());
        Self { bench, administrator, unposted, served }
    }

    /// Runs a command as this person, with this person's own passphrase.
    fn run<S: AsRef<OsStr>>(&self, person: &str, args: impl IntoIterator<Item = S>) -> Ran {
        let own = if person == self.administrator { "administrator" } else { person };
        self.run_with(person, &own_passphrase(own), args)
    }

    /// Runs a command as this person, with this passphrase.
    fn run_with<S: AsRef<OsStr>>(
        &self,
        person: &str,
        passphrase: &str,
        args: impl IntoIterator<Item = S>,
    ) -> Ran {
        let mut command = self.bench.command(Some(person), args);
        command.env("TIEOUT_PERSON_PASSPHRASE", passphrase);
        finish(command, None)
    }

    /// A posting that this person prepared for the n-th unposted document.
    fn proposed(&self, person: &str, n: usize) -> String {
        text(&self.run(person, ["propose", &self.unposted[n]]).ok().one(), "posting")
    }

    /// This person looks at a posting and approves what they saw.
    #[track_caller]
    fn approve(&self, person: &str, posting: &str) -> Ran {
        let seen = content_hash(&self.bench, posting);
        self.run(person, ["approve", posting, "--content", &seen])
    }

    /// This is refused, under this rule.
    #[track_caller]
    fn refused(&self, person: &str, args: &[&str], rule: &str) -> Value {
        let ran = self.run(person, args);
        assert_eq!(ran.status, 1, "{ran:?}");
        let objects = ran.stdout.lines().chain(ran.stderr.lines());
        let mut found = objects.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let found = found.rfind(|o| o["rule"] == rule);
        found.unwrap_or_else(|| panic!("no refusal by {rule}: {ran:?}"))
    }

    fn posting(&self, id: &str) -> Value {
        let postings = self.bench.run(None, ["post", "--list"]).ok().lines();
        postings.into_iter().find(|p| p["id"] == id).expect("the posting is listed")
    }

    fn log(&self) -> String {
        let file = self.bench.folder.path().join("log.csv");
        self.bench.run(None, ["export", "log", "--force", "--to", file.to_str().unwrap()]).ok();
        std::fs::read_to_string(file).unwrap()
    }

    fn mapping(&self) -> PathBuf {
        root().join("fixtures/company/mapping.toml")
    }

    /// The log is sound and holds at least so many refusals by this rule.
    #[track_caller]
    fn logged(&self, rule: &str, times: usize) {
        assert_eq!(self.bench.run(None, ["verify"]).ok().one()["sound"], true);
        let log = self.log();
        let lines = log.lines().filter(|line| line.contains("refused") && line.contains(rule)).count();
        assert!(lines >= times, "{lines} of {times} refusals by {rule}:\n{log}");
    }

    /// How often the ERP's own book holds what this posting books.
    fn booked(&self, posting: &str) -> usize {
        let book = self.served.sandbox.netsuite.book();
        let steps = self.posting(posting)["steps"].as_array().unwrap().clone();
        steps.iter().map(|s| book.entries_by_external_id(&text(s, "key")).unwrap().len()).sum()
    }
}

#[test]
fn one_person_with_the_vaults_passphrase_cannot_both_prepare_and_approve() {
    let office = Office::open(ONE_APPROVER);
    let posting = office.proposed("ana", 0);
    let seen = content_hash(&office.bench, &posting);
    let approve = ["approve", posting.as_str(), "--content", &seen];

    let refusal = office.refused("ana", &approve, "preparer_is_not_approver");
    let could: Vec<&str> =
        refusal["who_could"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(could, ["carl", "cora"], "not the analyst, not the auditor, not the mapping's author");

    // As somebody else, with what she knows: her own secret and the vault's.
    for guess in [own_passphrase("ana"), binary::VAULT.to_owned()] {
        for other in ["carl", office.administrator.as_str()] {
            let ran = office.run_with(other, &guess, approve);
            assert_eq!(ran.status, 1, "{ran:?}");
            assert!(ran.stderr.contains("person_secret_wrong"), "{ran:?}");
        }
    }
    let mut silent = office.bench.command(Some("carl"), approve);
    silent.env_remove("TIEOUT_PERSON_PASSPHRASE");
    finish(silent, None).refused("passphrase_missing");

    // Through a person of her own making, or another role for herself.
    office.refused("ana", &["person", "add", "eve", "--role", "controller"], "role_may_not");
    office.refused("ana", &["person", "role", "ana", "controller"], "nobody_changes_their_own_role");

    // Through a person who was added and has not set their secret yet.
    let added = office.run(&office.administrator, ["person", "add", "dora", "--role", "controller"]).ok();
    let code = text(&added.one(), "enrolment_code");
    office.run_with("dora", &own_passphrase("ana"), approve).refused("enrolment_code_missing");
    let mut guessed = office.bench.command(Some("dora"), approve);
    guessed.env("TIEOUT_ENROLMENT_CODE", "aaaa-bbbb-cccc-dddd");
    finish(guessed, None).refused("enrolment_code_wrong");

    assert_eq!(office.posting(&posting)["state"], "proposed", "nothing of that approved it");
    office.bench.run(None, ["post", "--wait", "1"]).ok();
    assert_eq!(office.booked(&posting), 0);

    // Dora herself, with the code that was handed to her, is another person.
    let mut enrolled = office.bench.command(Some("dora"), approve);
    enrolled.env("TIEOUT_ENROLMENT_CODE", code);
    finish(enrolled, None).ok();
    office.bench.run(None, ["post", "--wait", "20"]).ok();
    assert_eq!(office.booked(&posting), 1);
    office.logged("preparer_is_not_approver", 1);
}

#[test]
fn no_role_is_above_the_rules() {
    let office = Office::open(ONE_APPROVER);
    let administrator = office.administrator.as_str();
    let posting = office.proposed(administrator, 0);
    office.refused(administrator, &["approve", &posting], "preparer_is_not_approver");
    office.refused(
        administrator,
        &["person", "role", administrator, "controller"],
        "nobody_changes_their_own_role",
    );

    // The auditor reads, and only reads.
    office.run("aud", ["exceptions"]).ok();
    office.run("aud", ["tie-out"]).ok();
    office.run("aud", ["show", &office.unposted[0]]).ok();
    office.run("aud", ["verify"]).ok();
    let one = office.unposted[1].as_str();
    let mapping = office.mapping();
    let attempts: [&[&str]; 8] = [
        &["propose", one],
        &["approve", &posting],
        &["reject", &posting, "--reason", "no"],
        &["hold", one, "--reason", "later"],
        &["dismiss", one, "--reason", "never"],
        &["comment", one, "--text", "hm"],
        &["assign", one, "--to", "ana"],
        &["import", "mapping", mapping.to_str().unwrap()],
    ];
    for attempt in attempts {
        office.refused("aud", attempt, "auditor_reads_only");
    }
    office.logged("auditor_reads_only", attempts.len());
    office.refused("aud", &["import", "periods", "periods.csv"], "auditor_reads_only");
    office.logged("auditor_reads_only", attempts.len() + 1);

    // An analyst prepares, and does not decide; also as people read it, with the rule and who could.
    office.refused("ana", &["approve", &posting], "role_may_not");
    let mut table = binary::bare();
    table.arg("--workspace").arg(&office.bench.workspace).args(["--as", "ana", "approve", &posting]);
    table.env("TIEOUT_PASSPHRASE", binary::VAULT).env("TIEOUT_PERSON_PASSPHRASE", own_passphrase("ana"));
    let said = finish(table, None);
    assert_eq!(said.status, 1, "{said:?}");
    for words in ["The person's role does not allow it", "rule role_may_not", "who could: carl, cora"] {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
    office.approve("carl", &posting).ok();
}

#[test]
fn nobody_approves_what_rests_on_a_change_of_their_own() {
    let office = Office::open(ONE_APPROVER);
    let mapping = std::fs::read_to_string(office.mapping()).unwrap();
    let file = office.bench.file("again.toml", &format!("# Carl's\n{mapping}"));
    let file = file.to_str().unwrap();
    let change = text(&office.run("carl", ["import", "mapping", file]).ok().one(), "id");
    // Who is to approve it reads what would come and go.
    let lines = office.run(&office.administrator, ["show", &change]).ok().lines();
    let added: Vec<_> = lines.iter().filter(|line| line["mark"] != "same").map(|l| text(l, "text")).collect();
    assert_eq!(added, ["# Carl's"]);
    office.refused("carl", &["approve", &change], "author_of_a_change_does_not_decide_it");
    office.run(&office.administrator, ["approve", &change]).ok();
    let posting = office.proposed("ana", 0);
    let refusal = office.refused("carl", &["approve", &posting], "author_of_the_basis_is_not_approver");
    assert_eq!(refusal["who_could"], serde_json::json!(["cora"]));
    office.approve("cora", &posting).ok();

    // Whose author nobody can prove is approved by two different people.
    let file = office.bench.file("unsigned.toml", &format!("# Nobody's\n{mapping}"));
    let unsigned = office.bench.run(None, ["import", "mapping", file.to_str().unwrap()]).ok().one();
    assert_eq!(unsigned["state"], "inert", "{unsigned}");
    let change = text(&unsigned, "id");
    office.run("carl", ["approve", &change]).ok();
    let state = || {
        let changes = office.bench.run(None, ["import", "changes"]).ok().lines();
        let found = changes.into_iter().find(|c| c["id"] == change.as_str()).unwrap();
        text(&found, "state")
    };
    assert_eq!(state(), "inert");
    office.run("carl", ["approve", &change]).refused("already_approved_by_you");
    assert_eq!(state(), "inert");
    // The administrator is whose OS account brought it in: as good as its author.
    let administrator = office.administrator.clone();
    office.refused(&administrator, &["approve", &change], "author_of_a_change_does_not_decide_it");
    office.run("cora", ["approve", &change]).ok();
    assert_eq!(state(), "in_force");
}

#[test]
fn two_approvals_are_two_people_and_a_reroute_voids_them() {
    let office = Office::open(TWO_APPROVERS);
    let first = office.proposed("ana", 0);
    office.approve("carl", &first).ok();
    assert_eq!(office.posting(&first)["state"], "proposed", "one of two");
    office.refused("carl", &["approve", &first], "second_approver_is_another");
    office.bench.run(None, ["post", "--wait", "1"]).ok();
    assert_eq!(office.booked(&first), 0, "half approved is not approved");

    let reroute = ["reroute", &first, "--date", "2026-11-05", "--reason", "by the auditors' wish"];
    let second = text(&office.run("ana", reroute).ok().one(), "posting");
    assert_ne!(second, first);
    assert_eq!(office.posting(&first)["state"], "cancelled");
    assert_eq!(office.posting(&second)["approved_by"], Value::Array(Vec::new()), "the approval is void");
    let stale = office.approve("cora", &first);
    assert_eq!(stale.status, 1, "what was replaced cannot be approved: {stale:?}");

    office.approve("carl", &second).ok();
    office.approve("cora", &second).ok();
    assert_eq!(office.posting(&second)["state"], "queued");

    // Approved to the full, then changed by one of the approvers: he has edited it, and starts no new count.
    let reroute = ["reroute", &second, "--date", "2026-11-06", "--reason", "one day later"];
    let third = text(&office.run("carl", reroute).ok().one(), "posting");
    office.refused("carl", &["approve", &third], "preparer_is_not_approver");
    office.bench.run(None, ["post", "--wait", "5"]).ok();
    for posting in [&first, &second, &third] {
        assert_eq!(office.booked(posting), 0, "{}", office.posting(posting));
    }
    let ran = office.approve("cora", &third).ok();
    assert_eq!(office.posting(&third)["state"], "proposed", "{ran:?}");
    office.logged("second_approver_is_another", 1);
}
