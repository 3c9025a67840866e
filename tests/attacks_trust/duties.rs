//! Part 5: duties, tried from the side.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    binary::{Ran, VAULT, finish, own_passphrase, root, text},
    scene::{ADMINISTRATOR, Desk, ONE, Scene, TWO, mapping},
    tamper::{attacker, value},
};

/// $25,000 or ¥3,750,000 need one approver, more needs two.
const LIMITS: &str = "schema = 1\n\
    [[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"USD\"\nup_to = \"25000.00\"\napprovals = \"one\"\n\
    [[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"JPY\"\nup_to = \"3750000\"\napprovals = \"one\"\n\
    [[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"*\"\nup_to = \"unlimited\"\napprovals = \"two\"\n";
/// The Japanese company in the ERP.
const JP01: i64 = 4;

/// A sale of the American company of which the Japanese one has a stray entry of ¥500: what corrects it.
fn with_a_stray_step(scene: &Scene, minor: i64) -> String {
    let sale = scene.sale("US01", minor);
    scene.book_by_hand(JP01, "2026-11-12", &sale.reference, 500);
    scene.sync();
    let kinds = scene.open_kinds(&sale.reference);
    let exception = scene.exception(&sale.reference, kinds.first().expect("it does not tie out"));
    let posting = scene.propose("ana", &exception);
    let steps = scene.posting(&posting)["steps"].as_array().unwrap().len();
    assert_eq!(steps, 2, "the stray entry is reversed, and the sale booked");
    posting
}

#[test]
fn a_stray_step_in_another_currency_lowers_nobodys_limit() {
    let scene = Scene::open(LIMITS, &["US01"]);
    let posting = with_a_stray_step(&scene, 3_000_000);
    assert_eq!(scene.posting(&posting)["approvals_needed"], "two", "$30,000 beside a stray ¥500");
    scene.approve("carl", &posting).ok();
    assert_eq!(scene.posting(&posting)["state"], "proposed", "one of two");
    scene.approve("cora", &posting).ok();
    assert_eq!(scene.posting(&posting)["state"], "queued");
}

#[test]
fn a_stray_step_in_another_currency_raises_nobodys_limit_either() {
    let scene = Scene::open(LIMITS, &["US01"]);
    let posting = with_a_stray_step(&scene, 2_000_000);
    assert_eq!(scene.posting(&posting)["approvals_needed"], "one", "$20,000 beside a stray ¥500");
}

#[test]
fn a_large_stray_step_is_judged_by_the_limit_of_its_own_currency() {
    let scene = Scene::open(LIMITS, &["US01"]);
    let sale = scene.sale("US01", 50_000);
    scene.book_by_hand(JP01, "2026-11-12", &sale.reference, 4_000_000);
    scene.sync();
    let kinds = scene.open_kinds(&sale.reference);
    let posting = scene.propose("ana", &scene.exception(&sale.reference, &kinds[0]));
    assert_eq!(scene.posting(&posting)["approvals_needed"], "two", "¥4,000,000 is reversed in it");
}

/// The company's mapping with the American deferred revenue on another account.
fn other_mapping(desk: &Desk, account: &str) -> std::path::PathBuf {
    let text = std::fs::read_to_string(mapping()).unwrap();
    let other = text.replacen("deferred_revenue = \"2400\"", &format!("deferred_revenue = \"{account}\""), 1);
    assert_ne!(other, text);
    desk.bench.file(&format!("mapping-{account}.toml"), &other)
}

/// Brings this in as whoever sits at the OS account, unnamed.
fn unnamed_import(desk: &Desk, kind: &str) -> String {
    let file = match kind {
        "policy" => desk.bench.file("stricter.toml", TWO),
        _ => other_mapping(desk, "2490"),
    };
    text(&desk.plainly(["import", kind, file.to_str().unwrap()]).ok().one(), "id")
}

#[track_caller]
fn by_rule(ran: &Ran, rule: &str) {
    let objects = ran.stdout.lines().chain(ran.stderr.lines());
    let mut rules = objects.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    assert!(ran.status == 1 && rules.any(|found| found["rule"] == rule), "not refused by {rule}: {ran:?}");
}

/// Whose own account it is imports this unnamed, and tries to approve it: first, and as the second of two.
#[track_caller]
fn not_by_its_own_author(kind: &str) {
    let desk = Desk::governed(ONE);
    let change = unnamed_import(&desk, kind);
    by_rule(&desk.run(ADMINISTRATOR, ["approve", &change]), "author_of_a_change_does_not_decide_it");
    desk.run("carl", ["approve", &change]).ok();
    if desk.change_state(&change) == "inert" {
        desk.run(ADMINISTRATOR, ["approve", &change]);
        assert_eq!(desk.change_state(&change), "inert", "approved by its own author as the second");
        desk.run("cora", ["approve", &change]).ok();
    }
    assert_eq!(desk.change_state(&change), "in_force", "other people's approvals count");
}

#[test]
fn who_imports_a_mapping_unnamed_at_their_own_account_cannot_approve_it() {
    not_by_its_own_author("mapping");
}

#[test]
fn who_imports_a_policy_unnamed_at_their_own_account_cannot_approve_it() {
    not_by_its_own_author("policy");
}

#[test]
fn who_imported_a_mapping_unnamed_approves_no_posting_that_rests_on_it() {
    let scene = Scene::open(ONE, &["US01"]);
    let change = unnamed_import(&scene, "mapping");
    for person in ["carl", "cora"] {
        scene.run(person, ["approve", &change]);
    }
    assert_eq!(scene.change_state(&change), "in_force");
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let posting = scene.propose("ana", &scene.exception(&sale.reference, "unposted"));
    by_rule(&scene.approve(ADMINISTRATOR, &posting), "author_of_the_basis_is_not_approver");
    scene.approve("olga", &posting).ok();
}

/// A mapping whose author nobody can prove, because the OS account is nobody's any more: it needs two
/// approvals, of which Carl gave one and then `what` became of him. Does Cora's complete it?
fn completed_after(what: &[&str]) -> bool {
    let desk = Desk::governed(ONE);
    let change = unnamed_import_of_nobody(&desk);
    let Some(change) = change else { return false };
    desk.run("carl", ["approve", &change]).ok();
    assert_eq!(desk.change_state(&change), "inert", "one of two");
    desk.run("olga", what.iter().copied()).ok();
    desk.run("cora", ["approve", &change]);
    desk.change_state(&change) == "in_force"
}

/// `None` where such an import is refused.
fn unnamed_import_of_nobody(desk: &Desk) -> Option<String> {
    desk.run("olga", ["person", "remove", &desk.administrator]).ok();
    let file = other_mapping(desk, "2490");
    let ran = desk.plainly(["import", "mapping", file.to_str().unwrap()]);
    (ran.status == 0).then(|| text(&ran.one(), "id"))
}

#[test]
fn an_approval_of_a_change_by_somebody_removed_since_does_not_count() {
    assert!(!completed_after(&["person", "remove", "carl"]), "a removed person's approval completed it");
}

#[test]
fn an_approval_of_a_change_by_somebody_demoted_since_does_not_count() {
    assert!(!completed_after(&["person", "role", "carl", "analyst"]), "an analyst's approval completed it");
}

#[test]
fn an_approval_of_a_posting_by_somebody_demoted_since_does_not_count() {
    let scene = Scene::open(TWO, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let posting = scene.propose("ana", &scene.exception(&sale.reference, "unposted"));
    scene.approve("carl", &posting).ok();
    scene.run("olga", ["person", "role", "carl", "auditor"]).ok();
    scene.approve("cora", &posting).ok();
    assert_eq!(scene.posting(&posting)["state"], "proposed", "an auditor's approval completed it");
    scene.approve("olga", &posting).ok();
    assert_eq!(scene.posting(&posting)["state"], "queued");
}

/// Files of every kind that can be brought in.
fn files(desk: &Desk) -> Vec<Vec<String>> {
    let bench = &desk.bench;
    let path = |file: std::path::PathBuf| file.to_str().unwrap().to_owned();
    let map = |kind: &str| path(root().join(format!("fixtures/maps/online-retail-{kind}.toml")));
    let periods = "Entity,Period,Starts,Ends,Status\nUS01,2026-11,2026-11-01,2026-11-30,Open\n";
    let billing = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
                   A-1,A,Thing,1,2026-11-10 09:00:00,20.00,17,United Kingdom\n";
    let ledger = "Journal No,External Ref,Entity,Posting Date,Period,Account,Account Name,Debit,Credit,\
                  Currency,Memo,Status\n\
                  J1,A-1,GB01,2026-11-10,2026-11,1100,,20.00,,GBP,,Posted\n\
                  J1,A-1,GB01,2026-11-10,2026-11,4000,,,20.00,GBP,,Posted\n";
    let args: [&[String]; 5] = [
        &["mapping".to_owned(), path(other_mapping(desk, "2480"))],
        &["policy".to_owned(), path(bench.file("other-policy.toml", &format!("{ONE}\n# other\n")))],
        &["periods".to_owned(), path(bench.file("p.csv", periods))],
        &["billing".to_owned(), path(bench.file("b.csv", billing)), "--map".to_owned(), map("billing")],
        &["gl".to_owned(), path(bench.file("g.csv", ledger)), "--map".to_owned(), map("gl")],
    ];
    args.iter().map(|args| [&["import".to_owned()], *args].concat()).collect()
}

#[test]
fn an_auditor_brings_in_no_file_of_any_kind() {
    let desk = Desk::governed(ONE);
    for args in files(&desk) {
        let ran = desk.run("aud", args.iter().map(String::as_str));
        by_rule(&ran, "auditor_reads_only");
    }
    assert_eq!(desk.plainly(["import", "changes"]).ok().lines().len(), 2, "only the first two are there");
}

#[test]
fn an_auditor_whose_account_it_is_brings_in_nothing_unnamed_either() {
    let desk = Desk::governed(ONE);
    desk.run("olga", ["person", "role", &desk.administrator, "auditor"]).ok();
    let mut taken = Vec::new();
    for args in files(&desk) {
        let ran = desk.plainly(args.iter().map(String::as_str));
        if ran.status == 0 {
            taken.push(args[1].clone());
        }
    }
    assert_eq!(taken, Vec::<String>::new(), "brought in by an auditor who did not say their name");
    // Somebody else at the same account, by their own name and secret, still does.
    let file = other_mapping(&desk, "2470");
    desk.run("ana", ["import", "mapping", file.to_str().unwrap()]).ok();
}

#[test]
fn an_auditor_whose_account_it_is_brings_in_no_mapping_by_rerouting() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    scene.run("olga", ["person", "role", &scene.administrator, "auditor"]).ok();
    let moved = std::fs::read_to_string(mapping()).unwrap().replacen(
        "connection = \"stripe-us01\"\nentity = \"US01\"",
        "connection = \"stripe-us01\"\nentity = \"GB01\"",
        1,
    );
    let file = scene.bench.file("moved.toml", &moved);
    let before = scene.plainly(["import", "changes"]).ok().lines().len();
    let file = file.to_str().unwrap();
    let args = ["reroute", &exception, "--entity", "GB01", "--mapping", file, "--reason", "it is British"];
    let ran = scene.plainly(args);
    let after = scene.plainly(["import", "changes"]).ok().lines().len();
    assert_eq!(after, before, "an auditor's reroute brought a mapping in: {ran:?}");
}

#[test]
fn an_auditor_keeps_no_view_for_everybody() {
    let desk = Desk::governed(ONE);
    let view = r#"{"id":null,"name":"Nothing to see","query":{},"columns":[]}"#;
    by_rule(&desk.run("aud", ["call", "view_save", view]), "auditor_reads_only");
    let kept: i64 = value(&attacker(&desk.bench), "SELECT count(*) FROM saved_view");
    assert_eq!(kept, 0);
}

/// Accounts of the first step of what is proposed.
fn accounts(posting: &Value) -> Vec<String> {
    posting["steps"][0]["lines"].as_array().unwrap().iter().map(|line| text(line, "account")).collect()
}

#[test]
fn what_is_proposed_right_after_a_mapping_was_approved_uses_it_and_records_it() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.invoice("US01", "prod_team", 45_600, None);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let file = other_mapping(&scene, "2200");
    let change = scene.govern("greta", "carl", "mapping", &file);
    let posting = scene.propose("ana", &exception);
    let used = accounts(&scene.posting(&posting));
    let recorded: String = value(
        &attacker(&scene.bench),
        &format!("SELECT coalesce(mapping_change, '') FROM posting WHERE id = '{posting}'"),
    );
    assert_eq!(recorded, change, "the mapping that it records");
    assert!(used.iter().any(|account| account == "2200"), "it records {change} and uses another: {used:?}");
    assert!(used.iter().all(|account| account != "2400"), "{used:?}");
}

#[test]
fn a_second_person_of_one_account_acts_only_once_an_administrator_confirmed_them() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let posting = scene.propose("ana", &scene.exception(&sale.reference, "unposted"));
    // Whoever sits at the account sets dora's secret themselves: no code is asked for.
    let account = scene.administrator.clone();
    let add = ["person", "add", "dora", "--role", "controller", "--os-account", &account];
    scene.run(ADMINISTRATOR, add).ok();
    let early = scene.approve("dora", &posting);
    assert_eq!(scene.posting(&posting)["state"], "proposed", "nobody confirmed her: {early:?}");
    early.refused("person_unconfirmed");

    scene.run("olga", ["person", "confirm", "dora"]).ok();
    scene.approve("dora", &posting).ok();
    assert_eq!(scene.posting(&posting)["state"], "queued", "confirmed, she decides");
    let decided = scene.log().into_iter().find(|row| row["what"] == "approved").expect("it is logged");
    assert!(decided["detail"].contains("shared_os_account"), "her decision is not marked: {decided:?}");
}

#[test]
fn a_person_of_an_account_of_their_own_needs_nobodys_confirmation() {
    let desk = Desk::of_people();
    let add = ["person", "add", "dora", "--role", "analyst", "--os-account", "dora"];
    desk.run(ADMINISTRATOR, add).ok();
    let people = desk.plainly(["person", "list"]).ok().lines();
    let dora = people.iter().find(|person| person["name"] == "dora").unwrap();
    assert_eq!((&dora["role"], &dora["active"]), (&Value::from("analyst"), &Value::from(true)));
}

/// One try at Carl's decision with a secret that is not his.
fn guess(desk: &Desk, change: &str, secret: &str) -> (Ran, Duration) {
    let mut command = desk.command("carl", ["approve", change]);
    command.env("TIEOUT_PERSON_PASSPHRASE", secret);
    let started = Instant::now();
    (finish(command, None), started.elapsed())
}

#[test]
fn failed_personal_secrets_are_logged_and_slowed_down() {
    let desk = Desk::governed(ONE);
    let file = other_mapping(&desk, "2470");
    let change = text(&desk.run("ana", ["import", "mapping", file.to_str().unwrap()]).ok().one(), "id");
    let mut took = Vec::new();
    let mut told_to_wait = false;
    for n in 0..8 {
        let (ran, time) = guess(&desk, &change, &format!("a wrong guess, number {n}"));
        assert_eq!(ran.status, 1, "{ran:?}");
        told_to_wait |= ran.codes().iter().any(|code| code == "person_secret_slowed");
        took.push(time);
    }
    assert_eq!(desk.change_state(&change), "inert");

    let people = desk.plainly(["person", "list"]).ok().lines();
    let carl = text(people.iter().find(|person| person["name"] == "carl").unwrap(), "id");
    let log = desk.log();
    let failures = |row: &&std::collections::BTreeMap<String, String>| {
        row["subject"] == carl && row["what"].contains("secret")
    };
    let logged = log.iter().filter(failures).count();
    assert!(logged >= took.len() || told_to_wait && logged > 0, "{logged} of {} in the log", took.len());

    let (first, last) = (*took[..3].iter().min().unwrap(), took[7]);
    let slower = last >= first + Duration::from_secs(1);
    assert!(told_to_wait || slower, "the eighth guess took as long as the first: {took:?}");
}

#[test]
fn somebody_elses_wrong_guesses_do_not_keep_a_person_from_their_own_decision() {
    let desk = Desk::governed(ONE);
    let file = other_mapping(&desk, "2470");
    let change = text(&desk.run("ana", ["import", "mapping", file.to_str().unwrap()]).ok().one(), "id");
    guess(&desk, &change, VAULT).0.refused("person_secret_wrong");
    guess(&desk, &change, &own_passphrase("ana"));
    desk.run("cora", ["approve", &change]).ok();
    assert_eq!(desk.change_state(&change), "in_force");
}

#[test]
fn a_wrong_enrolment_code_is_logged() {
    let desk = Desk::of_people();
    let added = desk.run(ADMINISTRATOR, ["person", "add", "dora", "--role", "analyst"]).ok().one();
    let mut enrol = desk.command("dora", ["person", "enrol", "dora"]);
    enrol.env("TIEOUT_ENROLMENT_CODE", "aaaa-bbbb-cccc-dddd");
    finish(enrol, None).refused("enrolment_code_wrong");
    let (id, log) = (text(&added, "id"), desk.log());
    let about: Vec<_> = log.iter().filter(|row| row["subject"] == id).map(|row| &row["what"]).collect();
    assert!(about.len() > 1, "only {about:?} of her is in the log");
}

#[test]
fn a_posting_whose_approver_left_is_approved_by_those_that_it_names() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let posting = scene.propose("ana", &exception);
    scene.approve("carl", &posting).ok();
    scene.run("olga", ["person", "remove", "carl"]).ok();
    scene.post();
    assert_eq!(scene.booked(&sale.reference), [], "his approval no longer counts");
    let stands = scene.posting(&posting);
    let named = stands["failure"].as_str().unwrap_or_default();
    assert!(named.contains("cora"), "it does not say who could approve: {stands}");
    scene.approve("cora", &posting).ok();
    scene.post().ok();
    assert_eq!(scene.booked(&sale.reference).len(), 1, "{}", scene.posting(&posting));
}

#[test]
fn a_note_given_with_an_approval_is_kept() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let posting = scene.propose("ana", &exception);
    let note = "agreed with the customer by telephone";
    let hash = text(&scene.posting(&posting), "content_hash");
    scene.run("carl", ["approve", &posting, "--content", &hash, "--note", note]).ok();
    let shown = scene.plainly(["show", &exception]).ok().stdout;
    assert!(shown.contains(note), "the history does not have it: {shown}");
    assert!(scene.log().iter().any(|row| row["what"] == "approved" && row["detail"].contains(note)));
}

#[test]
fn a_note_given_with_the_approval_of_a_mapping_is_kept() {
    let desk = Desk::governed(ONE);
    let file = other_mapping(&desk, "2470");
    let change = text(&desk.run("ana", ["import", "mapping", file.to_str().unwrap()]).ok().one(), "id");
    let note = "compared with the auditors' list";
    desk.run("carl", ["approve", &change, "--note", note]).ok();
    assert!(desk.log().iter().any(|row| row["subject"] == change && row["detail"].contains(note)));
}

#[test]
fn the_books_of_two_companies_are_judged_each_by_its_own_limit() {
    // What the fixture rests on: without a stray step both currencies are judged as the tiers say.
    let scene = Scene::open(LIMITS, &["US01", "JP01"]);
    let (dollars, yen) = (scene.sale("US01", 3_000_000), scene.sale("JP01", 3_000_000));
    assert_eq!(scene.booked(&dollars.reference), []);
    scene.sync();
    let needed = |reference: &str| {
        let posting = scene.propose("ana", &scene.exception(reference, "unposted"));
        text(&scene.posting(&posting), "approvals_needed")
    };
    assert_eq!((needed(&dollars.reference), needed(&yen.reference)), ("two".to_owned(), "one".to_owned()));
}
