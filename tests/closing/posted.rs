//! A close over a live ledger: who posted an item does not review its account, and what the ledger books
//! afterwards is told with who posted it.

use serde_json::Value;

use crate::{
    binary::{Ran, text},
    scene::{ONE, Scene, judged},
};

const PERIOD: &str = "2026-11";

fn close<'a>(scene: &Scene, who: &str, verb: &'a str, account: &'a str, content: Option<&'a str>) -> Ran {
    let as_of = judged();
    let mut args = vec!["close", verb, "US01", PERIOD, account, "--as-of", &as_of];
    args.extend(content.into_iter().flat_map(|hash| ["--content", hash]));
    scene.run(who, args)
}

fn status(scene: &Scene) -> Value {
    let as_of = judged();
    scene.plainly(["close", "status", "US01", PERIOD, "--as-of", &as_of]).ok().one()
}

fn review(scene: &Scene, who: &str, account: &str) -> Ran {
    let seen = close(scene, who, "text", account, None).ok().one();
    close(scene, who, "review", account, Some(&text(&seen["sign_off"], "hash")))
}

fn sign_off(close: &Value, account: &str) -> Value {
    let all = close["accounts"].as_array().unwrap().clone();
    all.into_iter().find(|one| one["account"] == account).unwrap_or_else(|| panic!("{account}: {close:#}"))
}

#[test]
fn who_posted_an_item_does_not_review_its_account_and_a_late_item_suspends_it() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 12_300);
    scene.sync();
    let before = status(&scene);
    for proof in before["proof"].as_array().unwrap() {
        assert_eq!(proof["nets"], true, "{:#}", before["rows"]);
    }
    close(&scene, "greta", "prepare", "1100", None).refused("account_over_tolerance");
    let posting = scene.propose("ana", &scene.exception(&sale.reference, "unposted"));
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    scene.sync();
    assert_eq!(scene.posting(&posting)["state"], "settled");
    let close_now = status(&scene);
    let row = close_now["rows"].as_array().unwrap().iter().find(|row| row["account"] == "1100").unwrap();
    assert_eq!(row["open"], "0.00", "{row:#}");
    close(&scene, "greta", "prepare", "1100", None).ok();
    review(&scene, "carl", "1100").refused("who_worked_on_items_does_not_review");
    review(&scene, "greta", "1100").refused("preparer_does_not_review");
    review(&scene, "cora", "1100").ok();
    assert_eq!(sign_off(&status(&scene), "1100")["state"], "reviewed");
    let late = scene.sale("US01", 4_500);
    scene.sync();
    let one = sign_off(&status(&scene), "1100");
    assert_eq!(one["state"], "suspended", "{one:#}");
    let moved: Vec<&str> =
        one["moved"].as_array().unwrap().iter().filter_map(|moved| moved["item"].as_str()).collect();
    assert_eq!(moved, [late.reference.as_str()]);
    assert_eq!(one["moved"][0]["by"], serde_json::json!(["stripe-us01"]));
    assert_eq!(one["moved"][0]["amount"], "45.00");
    // Booked, it is told who booked it.
    let posting = scene.propose("ana", &scene.exception(&late.reference, "unposted"));
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    scene.sync();
    let one = sign_off(&status(&scene), "1100");
    let by = one["moved"][0]["by"].to_string();
    assert!(by.contains("ana") && by.contains("carl") && by.contains("netsuite"), "{by}");
    close(&scene, "greta", "prepare", "1100", None).ok();
    review(&scene, "cora", "1100").ok();
    assert_eq!(sign_off(&status(&scene), "1100")["state"], "reviewed");
    assert_eq!(scene.verify()["sound"], true);
}
