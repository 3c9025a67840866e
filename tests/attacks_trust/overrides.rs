//! A limit of the workspace's policy, lifted for one posting: by whom, for what, and for how long. A
//! prohibition is never lifted.

use serde_json::Value;

use crate::{
    binary::{Ran, text},
    scene::{Desk, ONE, Scene},
};

/// One approver for anything; nothing above 400 dollars but by an override, and nothing above 900 at all.
fn policy(reasons: &str) -> String {
    let forbid = |id: &str, note: &str, most: u64| {
        format!(
            "@id(\"{id}\") {note} forbid (principal, action == Action::\"approve\", resource is Posting)\n\
             when {{ resource.gross_minor > {most} }};\n"
        )
    };
    let (limit, prohibition) =
        (forbid("over_400", "@limit(\"large\")", 40_000), forbid("over_900", "", 90_000));
    format!("{ONE}{reasons}").replacen(
        "schema = 1\n",
        &format!("schema = 1\ncedar = '''\n{limit}{prohibition}'''\n"),
        1,
    )
}

const REASON: &str = "[[override_reason]]\ncode = \"customer_escalation\"\nsays = \"A customer waits\"\n";

/// A posting of this amount that ana prepared.
fn prepared(reasons: &str, minor: i64) -> (Scene, String, String) {
    let scene = Scene::open(&policy(reasons), &["US01"]);
    let sale = scene.sale("US01", minor);
    scene.sync();
    let posting = scene.propose("ana", &scene.exception(&sale.reference, "unposted"));
    (scene, sale.reference, posting)
}

fn ask(desk: &Desk, person: &str, id: &str, code: &str) -> Ran {
    desk.run(person, ["override", "ask", id, "--reason-code", code, "--note", "they wait for it"])
}

/// Approves a governed change as it reads now.
fn agree(desk: &Desk, person: &str, change: &Value) -> Ran {
    let (id, hash) = (text(change, "id"), text(change, "hash"));
    desk.run(person, ["approve", &id, "--content", &hash])
}

/// A part of a binder.
fn part(binder: &std::path::Path, name: &str) -> Value {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(binder).unwrap()).unwrap();
    serde_json::from_reader(zip.by_name(name).unwrap()).unwrap()
}

fn listed(desk: &Desk) -> Value {
    desk.plainly(["override", "list"]).ok().one()
}

#[test]
fn two_people_without_a_part_in_it_lift_a_limit_for_one_posting_and_all_are_told() {
    let (scene, reference, posting) = prepared(REASON, 60_000);
    let refused = scene.approve("carl", &posting).refused("workspace_policy");
    assert!(format!("{refused:?}").contains("tieout override ask"), "{refused:?}");
    ask(&scene, "aud", &posting, "customer_escalation").refused("auditor_reads_only");
    ask(&scene, "ana", &posting, "because").refused("override_reason_unknown");

    let asked = ask(&scene, "greta", &posting, "customer_escalation").ok().one();
    assert_eq!((&asked["name"], &asked["approvals_needed"]), (&Value::from(reference.clone()), &2.into()));
    // Ana prepared it, greta asked, and an analyst decides nothing.
    agree(&scene, "ana", &asked).refused("who_has_a_part_does_not_override");
    agree(&scene, "greta", &asked).refused("author_of_a_change_does_not_decide_it");
    scene.run("carl", ["approve", &text(&asked, "id")]).refused("content_not_shown");
    agree(&scene, "olga", &asked).ok();
    agree(&scene, "olga", &asked).refused("already_approved_by_you");
    assert_eq!(listed(&scene)["state"], "asked");
    scene.approve("carl", &posting).refused("workspace_policy");
    agree(&scene, "cora", &asked).ok();
    let held = listed(&scene);
    assert_eq!((&held["state"], &held["limits"][0]), (&"holds".into(), &"over_400".into()), "{held}");
    assert_eq!(held["approved_by"], serde_json::json!(["olga", "cora"]));
    let review = scene.plainly(["person", "review", "--conflicts"]).ok().one();
    assert_eq!(
        (&review["conflict"], &review["preparer"]),
        (&"limit_lifted".into(), &"greta".into()),
        "{review}"
    );
    assert_eq!(review["items"], serde_json::json!([reference]));

    // No built-in rule is lifted with it.
    scene.approve("ana", &posting).refused("preparer_is_not_approver");
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    assert_eq!(scene.booked(&reference).len(), 1);
    assert_eq!(scene.verify()["sound"], true);
    // Its binder tells both approvals of the override, each proved by the entry that its person signed.
    let period = text(&scene.posting(&posting)["steps"][0], "period");
    let binder = scene.bench.folder.path().join("binder.tieout");
    scene.run("carl", ["binder", "US01", &period, "--to", binder.to_str().unwrap()]).ok();
    let log = part(&binder, "log.json");
    let signer = |number: &Value| {
        let entry = log.as_array().unwrap().iter().find(|one| one["number"] == *number);
        entry.unwrap_or_else(|| panic!("{number}: {log}"))["signer"].clone()
    };
    let decisions = part(&binder, "decisions.json");
    let on_it: Vec<&Value> =
        decisions.as_array().unwrap().iter().filter(|one| one["subject"] == asked["id"]).collect();
    assert_eq!(on_it.len(), 2, "{decisions}");
    assert_ne!(on_it[0]["person"], on_it[1]["person"]);
    for one in on_it {
        assert_eq!((&one["action"], &one["content_hash"]), (&"approve_change".into(), &asked["hash"]));
        assert_eq!(signer(&one["log_number"]), one["person"]);
    }
    let governance = part(&binder, "governance.json");
    let bound = governance.as_array().unwrap().iter().find(|one| one["kind"] == "override").unwrap();
    assert!(bound["text"].as_str().unwrap().contains("they wait for it"), "{bound}");

    let told = |person: &str| {
        let home = scene.run(person, ["call", "home"]).ok().one();
        home["waits"].as_array().unwrap().iter().any(|wait| wait["kind"] == "override")
    };
    assert!(told("carl") && told("aud"), "who had no part in it is told");
    assert!(!told("olga") && !told("cora") && !told("greta"), "they know");
}

#[test]
fn an_override_lifts_no_prohibition_and_nothing_where_no_limit_is_met() {
    let (scene, _, posting) = prepared(REASON, 95_000);
    scene.approve("carl", &posting).refused("workspace_policy");
    ask(&scene, "greta", &posting, "customer_escalation").refused("nothing_to_override");
    let small = scene.sale("US01", 30_000);
    scene.sync();
    let small = scene.propose("ana", &scene.exception(&small.reference, "unposted"));
    ask(&scene, "greta", &small, "customer_escalation").refused("nothing_to_override");
    scene.approve("carl", &small).ok();
}

#[test]
fn without_reasons_in_the_policy_no_limit_is_lifted() {
    let (scene, _, posting) = prepared("", 60_000);
    ask(&scene, "greta", &posting, "customer_escalation").refused("override_reason_unknown");
}

#[test]
fn who_decided_on_the_posting_has_a_part_and_a_changed_posting_needs_another_override() {
    let (scene, _, posting) = prepared(REASON, 60_000);
    let asked = ask(&scene, "greta", &posting, "customer_escalation").ok().one();
    agree(&scene, "olga", &asked).ok();
    agree(&scene, "cora", &asked).ok();
    assert_eq!(listed(&scene)["state"], "holds");
    // Who lifted it is told for good, though olga has a part in it from now on.
    scene.approve("olga", &posting).ok();
    assert_eq!(listed(&scene)["approved_by"], serde_json::json!(["olga", "cora"]));
    // Another one of the same document is not what was let through.
    let exception = text(&scene.posting(&posting), "exception");
    scene.run("ana", ["post", "--cancel", &posting]).ok();
    let other = scene.propose("greta", &exception);
    assert_eq!(listed(&scene)["state"], "lapsed");
    scene.approve("carl", &other).refused("workspace_policy");
    // Of the next one, greta has a part too.
    let asked = ask(&scene, "ana", &other, "customer_escalation").ok().one();
    agree(&scene, "greta", &asked).refused("who_has_a_part_does_not_override");
}

#[test]
fn a_limit_that_an_override_lifted_holds_again_before_the_send_once_the_policy_drops_the_reason() {
    let (scene, reference, posting) = prepared(REASON, 60_000);
    let asked = ask(&scene, "greta", &posting, "customer_escalation").ok().one();
    agree(&scene, "olga", &asked).ok();
    agree(&scene, "cora", &asked).ok();
    scene.approve("carl", &posting).ok();
    let file = scene.bench.file("without.toml", &policy(""));
    scene.govern("greta", "cora", "policy", &file);
    scene.post();
    assert_eq!(scene.booked(&reference), [], "it was sent although nothing lifts the limit any more");
    assert_eq!(listed(&scene)["state"], "lapsed");
    assert_eq!(scene.posting(&posting)["failure_code"], "workspace_policy");
}
