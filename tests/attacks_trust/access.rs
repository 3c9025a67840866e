//! An auditor asks who may do what here, since when and by whose hand, and where one hand had two duties: both
//! are told by the log, and what lies apart as it should is not told.

use serde_json::Value;

use crate::{
    binary::text,
    scene::{ADMINISTRATOR, ONE, Scene},
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
