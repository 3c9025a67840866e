//! A new connection observes: it is read and compared, and nothing is prepared, approved or sent.

use serde_json::Value;

use crate::{
    binary::{Ran, text},
    scene::{ADMINISTRATOR, BY_POLICY, ONE, Scene, judged},
};

/// A scene whose connection was switched off again: just as one that was never on.
fn observing(policy: &str) -> Scene {
    let scene = Scene::open(policy, &["US01"]);
    off(&scene).ok();
    scene
}

fn off(scene: &Scene) -> Ran {
    scene.run(ADMINISTRATOR, ["connection", "posting", "off", "netsuite", "--reason", "the audit is here"])
}

fn propose(scene: &Scene, person: &str) -> Ran {
    scene.run(person, ["connection", "posting", "propose", "netsuite"])
}

fn approve(scene: &Scene, person: &str, content: &str) -> Ran {
    scene.run(person, ["connection", "posting", "approve", "netsuite", "--content", content])
}

fn switch(scene: &Scene) -> Value {
    scene.plainly(["connection", "posting", "show", "netsuite"]).ok().one()
}

/// An exception about a document that is not booked.
fn unposted(scene: &Scene) -> (String, String) {
    let sale = scene.sale("US01", 12_300);
    scene.sync();
    (scene.exception(&sale.reference, "unposted"), sale.reference)
}

#[test]
fn nothing_is_prepared_or_sent_before_two_people_have_switched_posting_on() {
    let scene = observing(ONE);
    assert_eq!(text(&switch(&scene), "state"), "observing");
    let (exception, reference) = unposted(&scene);
    let refused = scene.run("ana", ["propose", &exception]).refused("connection_observes");
    let said = text(&refused.lines()[0], "message");
    assert!(said.contains("tieout connection posting propose netsuite"), "{said}");
    // Looking is allowed: what would be booked, and that it is not sent.
    let dry = scene.run("ana", ["propose", &exception, "--dry-run"]).ok().one();
    let checks = dry["preview"]["checks"].as_array().unwrap();
    assert!(
        checks.iter().any(|check| check["passed"] == false && text(check, "check").contains("switched on"))
    );
    assert_eq!(scene.post().ok().one()["booked"], 0);
    scene.plainly(["post", "--connection", "netsuite", "--wait", "1"]).refused("connection_observes");

    propose(&scene, "ana").refused("role_may_not");
    propose(&scene, "carl").refused("role_may_not");
    let proposed = propose(&scene, "olga").ok().one();
    let needs = text(&proposed, "needs");
    assert!(needs.contains("carl") && needs.contains("cora") && !needs.contains("olga"), "{needs}");
    let figures = text(&proposed, "hash");
    assert_eq!(text(&switch(&scene), "state"), "proposed");
    approve(&scene, "olga", &figures).refused("author_of_a_change_does_not_decide_it");
    approve(&scene, "ana", &figures).refused("role_may_not");
    scene.run("carl", ["connection", "posting", "approve", "netsuite"]).refused("content_not_shown");
    approve(&scene, "carl", "0123").refused("content_changed");
    scene.run("carl", ["approve", &text(&proposed, "id")]).refused("content_not_shown");
    scene.run("ana", ["propose", &exception]).refused("connection_observes");
    assert_eq!(text(&approve(&scene, "carl", &figures).ok().one(), "state"), "in_force");

    let on = switch(&scene);
    assert_eq!((text(&on, "state").as_str(), text(&on, "proposed_by").as_str()), ("on", "olga"));
    assert_eq!(on["approved_by"][0], "carl");
    let posting = scene.propose("ana", &exception);
    scene.approve("cora", &posting).ok();
    scene.post().ok();
    assert_eq!(scene.booked(&reference).len(), 1);
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn what_is_approved_is_not_sent_once_posting_is_switched_off_and_goes_on_once_it_is_on_again() {
    let scene = Scene::open(ONE, &["US01"]);
    let (exception, reference) = unposted(&scene);
    let posting = scene.propose("ana", &exception);
    scene.approve("carl", &posting).ok();
    scene.run("carl", ["connection", "posting", "off", "netsuite", "--reason", "no"]).refused("role_may_not");
    off(&scene).ok();
    off(&scene).refused("nothing_to_decide");
    let waits = scene.post().refused("connection_observes").lines().remove(0);
    assert_eq!((&waits["waiting"], &waits["booked"]), (&1.into(), &0.into()));
    assert_eq!(scene.booked(&reference), []);
    let figures = text(&propose(&scene, ADMINISTRATOR).ok().one(), "hash");
    approve(&scene, "olga", &figures).ok();
    scene.post().ok();
    assert_eq!(scene.booked(&reference).len(), 1);
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn figures_that_moved_between_proposal_and_approval_are_refused_with_what_moved() {
    let scene = observing(ONE);
    let figures = text(&propose(&scene, "olga").ok().one(), "hash");
    scene.sale("US01", 77_700);
    scene.sync();
    let refused = approve(&scene, "carl", &figures).refused("figures_moved");
    assert!(refused.stderr.contains("is \\\"US01") || refused.stderr.contains("was \\\"US01"), "{refused:?}");
    let anew = text(&propose(&scene, "olga").ok().one(), "hash");
    assert_ne!(anew, figures);
    approve(&scene, "carl", &figures).refused("content_changed");
    approve(&scene, "carl", &anew).ok();
}

#[test]
fn a_ledger_that_was_never_read_has_no_figures_to_sign() {
    let scene = Scene::open(ONE, &["US01"]);
    let about = scene.served.sandbox.describe();
    let url = text(&about["netsuite"], "url");
    let args = ["connection", "add", "second", "--vendor", "netsuite", "--url", &url, "--mode", "test"];
    let mut add = scene.command(ADMINISTRATOR, args);
    add.args(["--set", "account=TSTDRV9", "--set", "auth=tba"]);
    for field in ["CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET"] {
        add.env(format!("TIEOUT_CREDENTIAL_{field}"), "none");
    }
    crate::binary::finish(add, None).ok();
    scene.run(ADMINISTRATOR, ["connection", "posting", "propose", "second"]).refused("ledger_not_read");
    scene.run(ADMINISTRATOR, ["connection", "posting", "propose", "stripe-us01"]).refused("nothing_to_post");
}

#[test]
fn an_administrator_alone_is_told_who_is_lacking() {
    let scene = observing(ONE);
    for person in ["carl", "cora", "olga"] {
        scene.run(ADMINISTRATOR, ["person", "remove", person]).ok();
    }
    let needs = text(&propose(&scene, ADMINISTRATOR).ok().one(), "needs");
    assert!(needs.contains("nobody else here may give it") && needs.contains("--role controller"), "{needs}");
}

#[test]
fn a_policy_prepares_nothing_for_a_connection_that_observes() {
    let scene = observing(BY_POLICY);
    let (_, reference) = unposted(&scene);
    assert_eq!(scene.postings_of(&reference), Vec::<Value>::new());
    let figures = text(&propose(&scene, "olga").ok().one(), "hash");
    approve(&scene, "carl", &figures).ok();
    scene.sync();
    let made = scene.postings_of(&reference);
    assert_eq!((made.len(), text(&made[0], "origin").as_str()), (1, "policy"));
}

#[test]
fn without_a_policy_of_its_own_a_workspace_prepares_nothing_by_itself() {
    let scene = Scene::open(ONE, &["US01"]);
    let (_, reference) = unposted(&scene);
    scene.plainly(["sync", "--as-of", &judged()]).ok();
    assert_eq!(
        scene.postings_of(&reference),
        Vec::<Value>::new(),
        "one approver everywhere prepares nothing"
    );
}
