//! Decisions in another's place: who may take them, what they count for, and that both names stand on them.

use chrono::{Duration, Utc};
use serde_json::Value;

use crate::{
    binary::{Ran, text},
    scene::{Desk, ONE, Scene, TWO},
};

fn in_days(days: i64) -> String {
    (Utc::now() + Duration::days(days)).to_rfc3339()
}

fn give(desk: &Desk, from: &str, to: &str, more: &[&str]) -> Ran {
    let until = in_days(5);
    let mut words = vec!["delegation", "give", "--to", to, "--reason", "away", "--until", &until];
    words.extend(more);
    desk.run(from, words)
}

/// Approves a governed change as it reads now.
fn agree(desk: &Desk, person: &str, change: &Value) -> Ran {
    let (id, hash) = (text(change, "id"), text(change, "hash"));
    desk.run(person, ["approve", &id, "--content", &hash])
}

/// A delegation that holds.
fn given(desk: &Desk, from: &str, to: &str, by: &str, more: &[&str]) -> Value {
    let asked = give(desk, from, to, more).ok().one();
    agree(desk, by, &asked).ok();
    asked
}

/// Approves a posting in another's place.
fn approve_for(desk: &Desk, person: &str, other: &str, posting: &str) -> Ran {
    let content = text(&desk.posting(posting), "content_hash");
    desk.run(person, ["approve", posting, "--content", &content, "--in-place-of", other])
}

/// A posting of this preparer.
fn prepared(scene: &Scene, preparer: &str) -> (String, String) {
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let posting = scene.propose(preparer, &scene.exception(&sale.reference, "unposted"));
    (sale.reference, posting)
}

#[test]
fn a_delegate_decides_for_both_and_both_names_stand_on_it() {
    let scene = Scene::open(TWO, &["US01"]);
    let (reference, posting) = prepared(&scene, "ana");
    approve_for(&scene, "cora", "carl", &posting).refused("not_delegated");
    given(&scene, "carl", "cora", "olga", &[]);
    approve_for(&scene, "cora", "carl", &posting).ok();
    let listed = scene.posting(&posting);
    assert_eq!(listed["approved_by"], serde_json::json!(["cora for carl"]), "{listed}");
    // It counts once, and for both of them.
    scene.approve("carl", &posting).refused("second_approver_is_another");
    scene.approve("cora", &posting).refused("second_approver_is_another");
    scene.approve("olga", &posting).ok();
    scene.post().ok();
    assert_eq!(scene.booked(&reference).len(), 1);
    let both: Vec<_> = scene.log().into_iter().filter(|row| row["what"] == "approved").collect();
    assert!(both[0]["detail"].contains("in_place_of"), "{both:#?}");
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn a_delegation_gives_no_right_and_takes_no_prohibition_away() {
    let scene = Scene::open(ONE, &["US01"]);
    given(&scene, "carl", "ana", "cora", &[]);
    given(&scene, "cora", "ana", "carl", &[]);
    let (_, by_ana) = prepared(&scene, "ana");
    let (_, by_carl) = prepared(&scene, "carl");
    // The delegate prepared it, or lacks the role.
    approve_for(&scene, "ana", "carl", &by_ana).refused("preparer_is_not_approver");
    approve_for(&scene, "ana", "cora", &by_carl).refused("role_may_not");
    // Who gave it prepared it.
    given(&scene, "carl", "cora", "olga", &[]);
    approve_for(&scene, "cora", "carl", &by_carl).refused("preparer_is_not_approver");
    scene.approve("cora", &by_carl).ok();
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn a_delegation_is_approved_by_a_third_and_never_handed_on() {
    let scene = Scene::open(ONE, &["US01"]);
    let asked = give(&scene, "carl", "cora", &[]).ok().one();
    agree(&scene, "carl", &asked).refused("author_of_a_change_does_not_decide_it");
    agree(&scene, "cora", &asked).refused("who_gains_does_not_approve");
    agree(&scene, "ana", &asked).refused("role_may_not");
    let (_, posting) = prepared(&scene, "ana");
    approve_for(&scene, "cora", "carl", &posting).refused("not_delegated");
    agree(&scene, "olga", &asked).ok();
    // What cora holds of carl she cannot hand on.
    given(&scene, "cora", "olga", "carl", &[]);
    approve_for(&scene, "olga", "carl", &posting).refused("not_delegated");
    approve_for(&scene, "olga", "cora", &posting).ok();
}

#[test]
fn a_delegation_holds_for_its_entities_in_its_time_and_until_it_is_ended() {
    let scene = Scene::open(ONE, &["US01"]);
    let (_, posting) = prepared(&scene, "ana");
    let later = in_days(2);
    for more in [["--entity", "GB01"], ["--since", later.as_str()]] {
        given(&scene, "carl", "cora", "olga", &more);
        approve_for(&scene, "cora", "carl", &posting).refused("not_delegated");
    }
    let holds = text(&given(&scene, "carl", "cora", "olga", &["--entity", "US01"]), "id");
    let end = ["delegation", "end", &holds, "--reason", "back again"];
    scene.run("ana", end).refused("role_may_not");
    scene.run("carl", end).ok();
    approve_for(&scene, "cora", "carl", &posting).refused("not_delegated");
    let listed = scene.plainly(["delegation", "list"]).ok().lines();
    assert!(listed.iter().all(|one| one["state"] == "over"), "{listed:#?}");
    give(&scene, "carl", "carl", &[]).refused("delegated_to_self");
    give(&scene, "carl", "nobody", &[]).refused("person_unknown");
    scene
        .run("carl", ["delegation", "give", "--to", "cora", "--reason", "x", "--until", "2030-01-01"])
        .refused("delegation_too_long");
}

#[test]
fn what_is_asked_of_who_is_away_waits_for_their_delegate() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    scene.run("ana", ["comment", &exception, "--text", "@carl is this ours?"]).ok();
    let waits = |person: &str| {
        let home = scene.run(person, ["call", "home", "{}"]).ok().one();
        home["waits"].as_array().unwrap().iter().filter(|one| one["kind"] == "answer").cloned().collect()
    };
    assert_eq!(Vec::<Value>::len(&waits("cora")), 0);
    given(&scene, "carl", "cora", "olga", &[]);
    let waits: Vec<Value> = waits("cora");
    assert_eq!(waits.len(), 1);
    assert!(text(&waits[0], "says").starts_with("For carl: "), "{}", waits[0]);
}
