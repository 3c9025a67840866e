//! An auditor asks who may do what here, since when and by whose hand, and where one hand had two duties:
//! both are told by the log, and what lies apart as it should is not told.

use chrono::{Duration, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    binary::{finish, text},
    scene::{ADMINISTRATOR, Desk, ONE, Scene},
};

fn review(scene: &Scene) -> Vec<Value> {
    scene.plainly(["person", "review"]).ok().lines()
}

fn conflicts(scene: &Scene) -> Vec<Value> {
    scene.plainly(["person", "review", "--conflicts"]).ok().lines()
}

/// One posting prepared by one and approved by the other.
fn together(scene: &Scene, preparer: &str, approver: &str) -> String {
    let sale = scene.sale("US01", 12_300);
    scene.sync();
    let posting = scene.propose(preparer, &scene.exception(&sale.reference, "unposted"));
    scene.approve(approver, &posting).ok();
    sale.reference
}

#[test]
fn an_access_review_says_since_when_by_whom_and_last_used_when() {
    let scene = Scene::open(ONE, &["US01"]);
    let of = |rows: &[Value], name: &str| {
        rows.iter().find(|row| row["person"] == name).unwrap_or_else(|| panic!("{name}: {rows:#?}")).clone()
    };
    let before = review(&scene);
    assert_eq!(before.len(), 7, "the administrator and six more");
    let cora = of(&before, "cora");
    assert_eq!(
        (text(&cora, "role"), text(&cora, "given_by")),
        ("controller".into(), scene.administrator.clone())
    );
    let used = |row: &Value| row["last_used"].clone();
    scene.run(ADMINISTRATOR, ["person", "role", "cora", "analyst"]).ok();
    together(&scene, "ana", "carl");
    let after = review(&scene);
    let now = of(&after, "cora");
    assert_eq!(text(&now, "role"), "analyst");
    assert!(text(&now, "since") > text(&cora, "since"), "the role is new: {now:#}");
    assert_eq!(used(&now), used(&cora), "she did nothing");
    for name in ["ana", "carl"] {
        let (was, is) = (of(&before, name), of(&after, name));
        assert_ne!(used(&was), used(&is), "{name}");
        assert!(was["entries"].as_u64() < is["entries"].as_u64(), "{name}");
        assert_eq!(was["since"], is["since"], "{name}");
    }
    scene.run(ADMINISTRATOR, ["person", "remove", "cora"]).ok();
    assert_eq!(of(&review(&scene), "cora")["active"], false, "who left is told too");
    let to = scene.bench.folder.path().join("access.xlsx");
    scene.plainly(["export", "access", "--to", to.to_str().unwrap()]).ok();
    assert!(scene.plainly(["review", to.to_str().unwrap()]).ok().stdout.contains("cora"));
}

#[test]
fn duties_that_lie_apart_are_no_conflict_and_an_administrator_who_approves_is_one() {
    let scene = Scene::open(ONE, &["US01"]);
    together(&scene, "ana", "carl");
    assert_eq!(conflicts(&scene), Vec::<Value>::new());
    let reference = together(&scene, "ana", "olga");
    let found = conflicts(&scene);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(text(&found[0], "conflict"), "administrator_approves");
    assert_eq!((text(&found[0], "approver"), text(&found[0], "preparer")), ("olga".into(), "ana".into()));
    assert_eq!(found[0]["items"][0], reference.as_str());
    let to = scene.bench.folder.path().join("conflicts.csv");
    scene.plainly(["export", "conflicts", "--to", to.to_str().unwrap()]).ok();
    assert!(std::fs::read_to_string(&to).unwrap().contains(&reference));
}

#[test]
fn two_people_of_one_account_and_the_giver_of_a_code_are_conflicts_with_their_documents() {
    let scene = Scene::open(ONE, &["US01"]);
    let account = scene.administrator.clone();
    let add = ["person", "add", "dora", "--role", "controller", "--os-account", &account];
    scene.run(ADMINISTRATOR, add).ok();
    scene.run("dora", ["person", "enrol", "dora"]).ok();
    scene.run("olga", ["person", "confirm", "dora"]).ok();
    let shared = together(&scene, ADMINISTRATOR, "dora");
    let found = conflicts(&scene);
    // Olga confirmed her, so that whose code it was is no conflict any more.
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(text(&found[0], "conflict"), "shared_account");
    assert_eq!((text(&found[0], "approver"), text(&found[0], "preparer")), ("dora".into(), account.clone()));
    assert_eq!(found[0]["items"][0], shared.as_str());

    let added = scene.run(ADMINISTRATOR, ["person", "add", "eva", "--role", "analyst"]).ok().one();
    let sale = scene.sale("US01", 4_500);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let mut propose = scene.command("eva", ["propose", &exception]);
    propose.env("TIEOUT_ENROLMENT_CODE", text(&added, "enrolment_code"));
    let posting = text(&finish(propose, None).ok().one(), "posting");
    scene.approve(ADMINISTRATOR, &posting).ok();
    let told = |rows: &[Value]| rows.iter().map(|row| text(row, "conflict")).collect::<Vec<_>>();
    let all = conflicts(&scene);
    assert_eq!(
        told(&all),
        ["shared_account", "approver_issued_the_code", "administrator_approves"],
        "{all:#?}"
    );
    assert_eq!(all[1]["items"][0], sale.reference.as_str());
}

#[test]
fn a_controller_signs_the_review_as_it_was_seen_and_that_holds_until_rights_are_others() {
    let scene = Scene::open(ONE, &["US01"]);
    let seen = || scene.plainly(["call", "access_review"]).ok().one();
    let sign = |person: &str, content: &str| scene.run(person, ["person", "review", "--sign", content]);
    assert_eq!(seen()["signed"], Value::Null);
    let content = text(&seen(), "content_hash");
    sign("ana", &content).refused("role_may_not");
    // Who gives people their roles does not say that they are right.
    sign("olga", &content).refused("role_may_not");
    sign("aud", &content).refused("auditor_reads_only");
    sign("carl", &"0".repeat(64)).refused("content_changed");
    assert_eq!(seen()["signed"], Value::Null);
    sign("carl", &content).ok();
    let stands = || (text(&seen()["signed"], "by"), seen()["signed"]["holds"].clone());
    assert_eq!(stands(), ("carl".to_owned(), true.into()));

    // Rights that are used stay the same rights; the export says who reviewed them.
    together(&scene, "ana", "carl");
    assert_eq!(stands(), ("carl".to_owned(), true.into()));
    let to = scene.bench.folder.path().join("signed.csv");
    scene.plainly(["export", "access", "--to", to.to_str().unwrap()]).ok();
    assert!(std::fs::read_to_string(&to).unwrap().contains("Reviewed: by carl on "));

    scene.run(ADMINISTRATOR, ["person", "role", "cora", "analyst"]).ok();
    assert_eq!(stands(), ("carl".to_owned(), false.into()));
    sign("carl", &content).refused("content_changed");
    sign("carl", &text(&seen(), "content_hash")).ok();
    assert_eq!(stands(), ("carl".to_owned(), true.into()));
    // A conflict is another content too.
    together(&scene, "ana", "olga");
    assert_eq!(stands(), ("carl".to_owned(), false.into()));
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn what_is_signed_is_the_text_that_is_shown_and_who_decides_in_whose_place_is_in_it() {
    let desk = Desk::governed(ONE);
    let seen = || desk.plainly(["call", "access_review"]).ok().one();
    let may = |person: &str| {
        let review = desk.run(person, ["call", "access_review"]).ok().one();
        (review["actions"][0]["allowed"].clone(), review["actions"][0]["who_could"].clone())
    };
    let sign = || {
        let content = text(&seen(), "content_hash");
        desk.run("carl", ["person", "review", "--sign", &content]).ok();
    };
    let holding = || -> Vec<Value> {
        seen()["signatures"].as_array().unwrap().iter().map(|one| one["holds"].clone()).collect()
    };
    assert_eq!(may("carl"), (true.into(), serde_json::json!([])));
    assert_eq!(may("ana"), (false.into(), serde_json::json!(["carl", "cora"])));
    let alone = text(&seen(), "text");
    assert_eq!(hex::encode(Sha256::digest(alone.as_bytes())), text(&seen(), "content_hash"));
    assert!(alone.contains("Person ana: analyst, works here, since "), "{alone}");
    assert!(alone.contains("Nobody decides in another's place.\nNo duties came together.\n"), "{alone}");
    sign();
    assert_eq!(holding(), [Value::from(true)]);

    // What was asked for is no right yet; what holds is, and is not what carl signed.
    let until = (Utc::now() + Duration::days(5)).to_rfc3339();
    let give = ["delegation", "give", "--to", "cora", "--until", &until, "--reason", "away"];
    let asked = desk.run("carl", give).ok().one();
    assert_eq!(holding(), [Value::from(true)]);
    let (id, hash) = (text(&asked, "id"), text(&asked, "hash"));
    desk.run("olga", ["approve", &id, "--content", &hash]).ok();
    let told = text(&seen(), "text");
    assert!(told.contains("Delegation: cora decides in the place of carl for every entity, from "), "{told}");
    assert_eq!((text(&seen()["delegations"][0], "to"), holding()), ("cora".into(), vec![false.into()]));
    sign();
    assert_eq!(holding(), [Value::from(true), Value::from(false)]);
    // Once it is over the first is right again, and the last is not.
    desk.run("carl", ["delegation", "end", &id, "--reason", "back"]).ok();
    assert_eq!((text(&seen(), "text"), holding()), (alone, vec![false.into(), true.into()]));
    assert_eq!(desk.verify()["sound"], true);
}
