//! What a person or a script meets at the command line: exit statuses, streams, codes, and the ways through
//! the day that need no fault.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/approval.rs"]
mod approval;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/small.rs"]
mod small;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::{
    ffi::OsStr,
    io::Write as _,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use binary::{Bench, Ran, bare, finish, text};
use company::{ONE_APPROVER, Served, as_of, desk};
use serde_json::Value;
use small::{AS_OF, import_ledger, map, workspace};
use tieout_sandbox::{
    company::{DEFAULT_AS_OF, Spec, generate},
    fault::{FaultKind, FaultPlan, ScriptedFault},
};

fn open(bench: &Bench) -> Vec<(String, String, i64)> {
    let one = |e: &Value| (text(e, "external_ref"), text(e, "kind"), e["variance_minor"].as_i64().unwrap());
    let mut all: Vec<_> = bench.exceptions(AS_OF).iter().map(one).collect();
    all.sort();
    all
}

fn wanted() -> Vec<(String, String, i64)> {
    let one = |reference: &str, kind: &str, variance| (reference.to_owned(), kind.to_owned(), variance);
    vec![one("1002", "unposted", -2_000), one("1003", "amount_mismatch", -100), one("=2+3", "unposted", -750)]
}

fn id_of(bench: &Bench, reference: &str) -> String {
    let all = bench.run(None, ["exceptions", "--as-of", AS_OF, "--state", "all"]).ok().lines();
    let found = all.iter().find(|e| e["external_ref"] == reference);
    text(found.unwrap_or_else(|| panic!("no exception about {reference}")), "id")
}

fn state_of(bench: &Bench, reference: &str) -> String {
    let all = bench.run(None, ["exceptions", "--as-of", AS_OF, "--state", "all"]).ok().lines();
    let about: Vec<&Value> = all.iter().filter(|e| e["external_ref"] == reference).collect();
    assert_eq!(about.len(), 1, "one exception per document and cause: {about:?}");
    text(about[0], "state")
}

#[test]
fn wrong_usage_is_2_and_says_how() {
    for args in [&["frobnicate"][..], &[], &["exceptions", "--no-such"], &["import", "gl", "f.csv"]] {
        let mut command = bare();
        command.args(args);
        let ran = finish(command, None);
        assert_eq!(ran.status, 2, "{args:?}: {ran:?}");
        assert!(ran.stdout.is_empty() && ran.stderr.contains("Usage"), "{args:?}: {ran:?}");
    }
    for verb in ["--help", "--version"] {
        let mut command = bare();
        command.arg(verb);
        let ran = finish(command, None).ok();
        assert!(ran.stdout.contains("tieout") && ran.stderr.is_empty(), "{ran:?}");
    }
}

#[track_caller]
fn fails(ran: Ran, code: &str) {
    assert!(ran.stdout.is_empty(), "a failure prints nothing as a result: {ran:?}");
    let error: Value = serde_json::from_str(ran.stderr.lines().last().unwrap_or_default())
        .unwrap_or_else(|e| panic!("the error is one JSON object ({e}): {ran:?}"));
    assert_eq!((ran.status, error["code"].as_str()), (1, Some(code)), "{ran:?}");
    assert!(!text(&error, "message").is_empty());
}

#[test]
fn each_failure_is_1_with_its_code_and_changes_nothing() {
    let bench = workspace();
    let before = open(&bench);
    let gl_map = map("gl");
    let (gl_map, gl) = (gl_map.to_str().unwrap(), bench.folder.path().join("gl.csv"));
    let gl = gl.to_str().unwrap();
    let headless = bench.file("headless.csv", "Journal No,Entity\nJ1,GB01\n");
    let bad_map = bench.file("bad.toml", "schema = 1\nkind = \"gl\"\n[colums]\njournal = \"x\"\n");
    let no_map = bench.file("no.toml", "this is not toml");
    let bad_policy = bench.file("policy.toml", "schema = 1\n[[tier]]\nentity = \"*\"\n");
    let nowhere = bench.folder.path().join("nowhere.csv");
    let cases: [(&[&str], &str); 11] = [
        (&["import", "gl", headless.to_str().unwrap(), "--map", gl_map], "file_missing_columns"),
        (&["import", "gl", gl, "--map", bad_map.to_str().unwrap()], "map_syntax"),
        (&["import", "gl", gl, "--map", no_map.to_str().unwrap()], "map_syntax"),
        (&["import", "billing", gl, "--map", gl_map], "map_wrong_kind"),
        (&["import", "gl", nowhere.to_str().unwrap(), "--map", gl_map], "file_io"),
        (&["import", "gl", gl, "--map", nowhere.to_str().unwrap()], "file_unusable"),
        (&["import", "policy", bad_policy.to_str().unwrap()], "policy_syntax"),
        (&["exceptions", "--state", "forgotten"], "state_unknown"),
        (&["exceptions", "--as-of", "yesterday"], "bad_instant"),
        (&["show", "exc_nothing"], "not_found"),
        (&["init", "--secrets", "vault"], "store_exists"),
    ];
    for (args, code) in cases {
        fails(bench.run(None, args), code);
    }
    assert_eq!(open(&bench), before);

    let mut locked = bench.command(None, ["exceptions"]);
    locked.env("TIEOUT_PASSPHRASE", "not the passphrase of this vault");
    fails(finish(locked, None), "vault_passphrase_wrong");
    let mut mute = bench.command(None, ["exceptions"]);
    mute.env_remove("TIEOUT_PASSPHRASE");
    fails(finish(mute, None), "passphrase_missing");
    let mut lost = bare();
    lost.args(["--format", "json", "exceptions"]);
    fails(finish(lost, None), "workspace_missing");
    let empty = Bench::empty();
    fails(empty.run(None, ["exceptions"]), "store_not_found");
    assert!(!empty.workspace.exists(), "what was not found was not made");
}

#[test]
fn results_are_json_lines_csv_or_a_table_and_messages_go_to_standard_error() {
    let bench = workspace();
    assert_eq!(open(&bench), wanted());
    let fields = [
        "id",
        "kind",
        "queue",
        "queues",
        "group",
        "external_ref",
        "document",
        "entity",
        "period",
        "currency",
        "amount_minor",
        "variance_minor",
        "severity",
        "owner",
        "due_at",
        "state",
    ];
    for exception in bench.exceptions(AS_OF) {
        for field in fields {
            assert!(!exception[field].is_null(), "{field} of {exception}");
        }
    }
    let formatted = |format: &str| {
        let mut command = bare();
        command.arg("--workspace").arg(&bench.workspace).env("TIEOUT_PASSPHRASE", binary::VAULT);
        command.args(["--format", format, "exceptions", "--as-of", AS_OF]);
        finish(command, None).ok()
    };
    let csv = formatted("csv");
    let mut rows = csv::Reader::from_reader(csv.stdout.as_bytes());
    let header = rows.headers().unwrap().clone();
    assert!(fields.iter().all(|f| header.iter().any(|h| h == *f)), "{header:?}");
    assert_eq!(rows.records().count(), 3);
    let table = formatted("table");
    assert_eq!(table.stdout.lines().count(), 4, "{}", table.stdout);
    assert!(table.stderr.contains("3 exceptions") && !table.stdout.contains("3 exceptions"));
    assert!(!table.stdout.contains('\u{1b}'), "no colours where nobody looks");
}

#[test]
fn an_exception_is_held_released_dismissed_and_comes_back_with_its_history() {
    let bench = workspace();
    bench.people(&[("ana", "analyst"), ("carl", "controller")]);
    let (unposted, mismatch) = (id_of(&bench, "1002"), id_of(&bench, "1003"));
    bench.run(Some("ana"), ["assign", &unposted, "--to", "carl"]).ok();
    bench.run(Some("ana"), ["comment", &unposted, "--text", "asked the customer"]).ok();
    bench.run(Some("ana"), ["hold", &unposted, "--reason", "waiting for an answer"]).ok();
    assert_eq!(state_of(&bench, "1002"), "on_hold");
    assert_eq!(open(&bench).len(), 3, "what is on hold is still open");
    bench.run(Some("ana"), ["hold", &unposted, "--release"]).ok();
    assert_ne!(state_of(&bench, "1002"), "on_hold");
    bench
        .feed(Some("carl"), ["dismiss", "-", "--reason", "immaterial"], std::slice::from_ref(&unposted))
        .ok();
    assert_eq!(state_of(&bench, "1002"), "dismissed");
    assert_eq!(open(&bench).len(), 2);
    let shown = bench.run(None, ["show", &unposted]).ok().stdout;
    for word in ["asked the customer", "waiting for an answer", "immaterial", "carl"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }

    // The ledger is put right, and wrong again: the same exception, closed and open again.
    import_ledger(&bench, "30.00").ok();
    assert_eq!(state_of(&bench, "1003"), "closed");
    import_ledger(&bench, "29.00").ok();
    assert_eq!(state_of(&bench, "1003"), "open");
    assert_eq!(id_of(&bench, "1003"), mismatch);
    let history = bench.run(None, ["show", &mismatch]).ok().stdout;
    for word in ["opened", "closed", "reopened"] {
        assert!(history.contains(word), "{word}: {history}");
    }

    // One or many, each with its own outcome.
    let two = [mismatch, "exc_nothing".to_owned()];
    let ran = bench.feed(Some("ana"), ["comment", "-", "--text", "seen"], &two);
    let outcomes: Vec<String> = ran.lines().iter().map(|o| text(o, "result")).collect();
    assert_eq!((ran.status, outcomes), (1, vec!["done".to_owned(), "refused".to_owned()]));
}

#[test]
fn a_backup_becomes_a_workspace_on_another_machine_by_the_recovery_passphrase_alone() {
    let bench = workspace();
    bench.people(&[("ana", "analyst")]);
    let file = bench.folder.path().join("books.tieoutbackup");
    let file = file.to_str().unwrap();
    let recovering = |mut command: std::process::Command, passphrase: &str| {
        command.env("TIEOUT_RECOVERY_PASSPHRASE", passphrase);
        finish(command, None)
    };
    const RECOVERY: &str = "recovery words kept in the safe";
    recovering(bench.command(None, ["backup", "--to", file]), RECOVERY).ok();
    let kept = std::fs::read(file).unwrap();

    let elsewhere = Bench::empty();
    let restore = ["restore", file, "--secrets", "vault"];
    let wrong = recovering(elsewhere.command(None, restore), "words that are not in the safe");
    fails(wrong, "recovery_passphrase_wrong");
    assert!(!elsewhere.workspace.exists(), "nothing half restored");
    recovering(elsewhere.command(None, restore), RECOVERY).ok();
    assert_eq!(open(&elsewhere), wanted());
    assert_eq!(id_of(&elsewhere, "1003"), id_of(&bench, "1003"));
    assert_eq!(elsewhere.run(None, ["verify"]).ok().one()["sound"], true);
    let again = recovering(elsewhere.command(None, restore), RECOVERY);
    fails(again, "store_exists");

    // A person's own secret did not travel: nobody becomes ana by having the file.
    let ran = elsewhere.run(Some("ana"), ["comment", &id_of(&elsewhere, "1003"), "--text", "me?"]);
    assert_eq!(ran.status, 1, "{ran:?}");

    let broken = bench.folder.path().join("broken.tieoutbackup");
    std::fs::write(&broken, &kept[..kept.len() / 2]).unwrap();
    let third = Bench::empty();
    let ran = recovering(
        third.command(None, ["restore", broken.to_str().unwrap(), "--secrets", "vault"]),
        RECOVERY,
    );
    fails(ran, "backup_unusable");
    assert!(!third.workspace.exists());
}

#[test]
fn an_export_is_read_offline_and_a_changed_one_is_noticed() {
    let bench = workspace();
    for name in ["open.csv", "open.xlsx"] {
        let file = bench.folder.path().join(name);
        let file = file.to_str().unwrap();
        bench.run(None, ["export", "exceptions", "--to", file]).ok();
        fails(bench.run(None, ["export", "exceptions", "--to", file]), "export_exists");
        bench.run(None, ["export", "exceptions", "--to", file, "--force"]).ok();
        let mut review = bare();
        review.args(["--format", "json", "review", file]);
        let ran = finish(review, None).ok();
        for reference in ["1002", "1003", "=2+3"] {
            assert!(ran.stdout.contains(reference), "{name}: {reference}: {}", ran.stdout);
        }
        assert_eq!(ran.lines().len(), 3, "{name}");
    }
    let file = bench.folder.path().join("open.csv");
    let csv = std::fs::read_to_string(&file).unwrap();
    let mut rows = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(csv.as_bytes());
    for row in rows.records().map(Result::unwrap) {
        assert!(row.iter().all(|cell| !cell.starts_with('=')), "Excel would work this out: {row:?}");
    }
    assert!(csv.contains("1002"));
    std::fs::write(&file, csv.replacen("1002", "1009", 1)).unwrap();
    let mut review = bare();
    review.args(["--format", "json", "review", file.to_str().unwrap()]);
    finish(review, None).refused("export_changed");

    let tie_out = bench.folder.path().join("tie-out.csv");
    bench.run(None, ["export", "tie-out", "--to", tie_out.to_str().unwrap()]).ok();
    let text = std::fs::read_to_string(tie_out).unwrap();
    assert!(text.contains("-20.00") && text.contains("29.00"), "full precision: {text}");
    assert!(text.contains("1100,Accounts receivable,"), "accounts have the names of the file: {text}");
}

fn sandbox() -> (Served, Bench, Vec<String>) {
    let spec = Spec { seed: 8, invoices: 60, as_of: DEFAULT_AS_OF, fault_rate: 2_500 };
    let served = Served::start(generate(&spec));
    let bench = desk(&served, &["timeout=60", "settling=2"], ONE_APPROVER);
    let open = bench.exceptions(&as_of());
    let unposted = open.iter().filter(|e| e["kind"] == "unposted").map(|e| text(e, "id")).collect();
    (served, bench, unposted)
}

#[test]
fn a_dry_run_shows_the_entry_and_stores_nothing() {
    let (_served, bench, unposted) = sandbox();
    let verified = || bench.run(None, ["verify"]).ok().one()["entries"].as_u64().unwrap();
    let (entries, open) = (verified(), bench.exceptions(&as_of()));
    let mut dry = bench.command(None, ["propose", &unposted[0], "--dry-run"]);
    dry.env_remove("TIEOUT_PERSON_PASSPHRASE");
    let outcome = finish(dry, None).ok().one();
    let steps = outcome["preview"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 1, "{outcome}");
    let lines = steps[0]["lines"].as_array().unwrap();
    let sum: i64 = lines.iter().map(|l| l["transaction_minor"].as_i64().unwrap()).sum();
    assert!(lines.len() >= 2 && sum == 0, "{outcome}");
    assert_eq!(bench.run(None, ["post", "--list"]).ok().lines(), Vec::<Value>::new());
    assert_eq!(bench.exceptions(&as_of()), open);
    let after = verified();
    assert!(after <= entries + 1, "only the check itself may be noted: {entries}, then {after}");

    // What is really proposed is what was shown.
    let posting = text(&bench.run(Some("ana"), ["propose", &unposted[0]]).ok().one(), "posting");
    let made = bench.run(None, ["post", "--list"]).ok().lines().remove(0);
    assert_eq!(made["id"], posting.as_str());
    assert_eq!(made["steps"][0]["lines"], steps[0]["lines"]);
    assert_eq!(made["steps"][0]["key"], steps[0]["key"]);
}

/// Runs a command at a terminal of its own, at which somebody types this; its status, and what is on screen.
fn at_a_terminal(command: &Command, typed: &str) -> (i32, String) {
    let quoted = |word: &OsStr| format!("'{}'", word.to_str().unwrap().replace('\'', "'\\''"));
    let words: Vec<String> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["-qec", &words.join(" "), "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let mut child = script.spawn().expect("`script` of util-linux is there");
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn at_a_terminal_a_posting_is_shown_and_asked_for_before_it_is_approved() {
    let (_served, bench, unposted) = sandbox();
    let posting = text(&bench.run(Some("ana"), ["propose", &unposted[0]]).ok().one(), "posting");
    let state = || text(&approval::shown(&bench, &posting), "state");
    let approve = bench.command(Some("carl"), ["approve", &posting]);
    for answer in ["n\n", "\n", "why\n"] {
        let (status, screen) = at_a_terminal(&approve, answer);
        assert_eq!((status, state()), (1, "proposed".to_owned()), "{screen}");
        for words in ["content_hash", "1100", "customer", "posting_date", "You did not approve it"] {
            assert!(screen.contains(words), "{words} is not on screen: {screen}");
        }
    }
    // By its exception it is the same posting that is shown.
    let by_exception = bench.command(Some("carl"), ["approve", &unposted[0]]);
    let (status, screen) = at_a_terminal(&by_exception, "y\n");
    assert_eq!((status, state()), (0, "queued".to_owned()), "{screen}");
    assert!(screen.contains(&posting), "{screen}");
}

#[test]
fn a_list_is_approved_each_by_the_hash_beside_it() {
    let (_served, bench, unposted) = sandbox();
    let made = bench.feed(Some("ana"), ["propose", "-"], &unposted[..3]).ok().lines();
    let postings: Vec<String> = made.iter().map(|one| text(one, "posting")).collect();
    let mut lines = approval::seen_lines(&bench, &postings);
    // The second has the hash of the third, and nobody looked at the third.
    let third = lines.pop().unwrap();
    let other = third.split_whitespace().last().unwrap().to_owned();
    lines[1] = format!("{} {other}", postings[1]);
    lines.push(postings[2].clone());
    let outcomes = bench.feed(Some("carl"), ["approve", "-"], &lines).lines();
    let codes: Vec<&str> = outcomes.iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["queued", "content_changed", "content_not_shown"]);
    for one in &outcomes[1..] {
        let message = one["message"].as_str().unwrap();
        assert!(message.contains("tieout show") && message.contains("--content"), "what to do: {message}");
    }
    let both = [postings[1].as_str(), &postings[2]];
    let one_for_two = ["approve", both[0], both[1], "--content", &other];
    bench.run(Some("carl"), one_for_two).refused("bad_request");
}

#[test]
fn of_two_processes_that_post_at_once_only_one_sends() {
    let (served, bench, unposted) = sandbox();
    let posting = text(&bench.run(Some("ana"), ["propose", &unposted[0]]).ok().one(), "posting");
    approval::approve(&bench, "carl", &posting).ok();
    let faults = served.sandbox.netsuite.faults();
    faults.set_plan(FaultPlan::script([ScriptedFault::post(
        1,
        "journalEntry",
        FaultKind::TimeoutAfterCommit,
    )]));
    let mut first = bench.start(["post", "--wait", "600"]);
    while faults.injected_of(FaultKind::TimeoutAfterCommit) == 0 {
        assert!(first.try_wait().unwrap().is_none(), "the first ended before it sent anything");
        thread::sleep(Duration::from_millis(2));
    }
    let second = bench.run(None, ["post", "--wait", "1"]);
    second.refused("posting_elsewhere");
    first.kill().unwrap();
    first.wait().unwrap();

    // The lock died with its process; what it had sent is found by its key, not sent again.
    bench.run(None, ["post", "--wait", "30"]).ok();
    let made = bench.run(None, ["post", "--list"]).ok().lines().remove(0);
    assert_eq!(made["state"], "booked", "{made}");
    let key = text(&made["steps"][0], "key");
    assert_eq!(served.sandbox.netsuite.book().entries_with_prefix(&key).unwrap().len(), 1);
    bench.run(None, ["sync", "--as-of", &as_of()]).ok();
    let made = bench.run(None, ["post", "--list"]).ok().lines().remove(0);
    assert_eq!(made["state"], "settled");
    assert!(bench.exceptions(&as_of()).iter().all(|e| e["id"] != unposted[0].as_str()));
}
