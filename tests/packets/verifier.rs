//! The verifier, from an empty root without network, where it holds nothing else of ours: packets,
//! decisions, rosters, cards, exported logs and binders.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tieout_tests::paper::printed;

use crate::{
    away::{file_of, met, pack, sent, unpack},
    binary::{finish, own_passphrase, text},
    empty_root::Root,
    scene::{ADMINISTRATOR, ONE, Scene},
};

#[test]
fn what_two_people_sent_each_other_is_checked_without_either_of_their_machines() {
    let (scene, postings, away) = met(2);
    let packet = sent(&scene.desk, &postings, "cora");
    let encrypted = away.file("encrypted.tieout");
    fs::rename(sent_to(&scene, &postings), &encrypted).unwrap();
    away.approve(&encrypted, &postings[0]).ok();
    let back = away.decisions(&encrypted, "back.tieout");
    let roster = file_of(&scene.desk, "books.tieoutroster");
    let (card, log) = (away.file("remy.tieoutperson"), file_of(&scene.desk, "log.csv"));
    scene.plainly(["export", "log", "--to", &log]).ok();
    let root = Root::with(&[&packet, &encrypted, &back, &roster, &card, &log]);

    let said = root.run(&["review.tieout"]).sound();
    assert!(said.contains("A packet of 2 postings") && said.contains("Made by ana"), "{said}");
    assert!(said.contains("Whose key that is, the file alone cannot tell"), "{said}");
    let key = said.split("Signed with key ").nth(1).unwrap().split('.').next().unwrap().to_owned();
    root.run(&["review.tieout", "--key", &key]).sound();
    root.run(&["review.tieout", "--key", &"0".repeat(64)]).unsound("packet_signer_unknown");
    let hidden = root.run(&["encrypted.tieout"]);
    assert_eq!((hidden.status, hidden.words.contains("encrypted")), (3, true));

    let said = root.run(&["back.tieout"]).sound();
    assert!(said.contains(&format!("{} approved at", postings[0])), "{said}");
    root.run(&["back.tieout", "--packet", "review.tieout"]).unsound("packet_of_another");
    assert!(root.run(&["books.tieoutroster"]).sound().contains("remy, controller, works there"));
    assert!(root.run(&["remy.tieoutperson"]).sound().contains("The card of"));
    assert!(root.run(&["log.csv"]).sound().contains("An export (log)"));

    // Anything changed is not sound, and what is none of these is not readable.
    let text = fs::read_to_string(root.path("log.csv")).unwrap();
    fs::write(root.path("log.csv"), text.replacen("person_added", "person_addee", 1)).unwrap();
    root.run(&["log.csv"]).unsound("packet_tampered");
    let text = fs::read_to_string(root.path("books.tieoutroster")).unwrap();
    fs::write(root.path("books.tieoutroster"), text.replacen("analyst", "auditor", 1)).unwrap();
    root.run(&["books.tieoutroster"]).unsound("packet_tampered");
    fs::write(root.path("other"), "nothing of ours").unwrap();
    assert_eq!(root.run(&["other"]).status, 3);
    assert_eq!(root.run(&["none"]).status, 3);
    assert_eq!(root.run(&[]).status, 2);
    assert_eq!(root.run(&["a", "b"]).status, 2);
}

/// A packet for Remy, which is encrypted.
fn sent_to(scene: &Scene, postings: &[String]) -> String {
    let to = file_of(&scene.desk, "for-remy.tieout");
    let args = ["packet", "export", &postings[0], "--for", "remy", "--to", &to];
    scene.run("ana", args).ok();
    to
}

/// Greta prepares the account of the receivables, and Carl reviews what she signed.
fn signed_off(scene: &Scene, period: &str) {
    let asked = |content: &str| {
        let content = if content.is_empty() { Value::Null } else { content.into() };
        serde_json::json!({ "entity": "US01", "period": period, "account": "1100", "content": content })
    };
    let prepared = scene.run("greta", ["call", "close_prepare", &asked("").to_string()]).ok().one();
    let hash = text(&prepared, "hash");
    let reviewed = scene.run("carl", ["call", "close_review", &asked(&hash).to_string()]).ok().one();
    assert_eq!(reviewed["state"], "reviewed", "{reviewed}");
}

/// A desk with a packet's decision and one made at the desk, posted; and its binder, signed by Carl.
fn bound() -> (Scene, Vec<String>, String, Value) {
    let (scene, postings, away) = met(3);
    let packet = sent(&scene.desk, &postings[..1], "remy");
    away.approve(&packet, &postings[0]).ok();
    scene.run("ana", ["packet", "import", &away.decisions(&packet, "back.tieout")]).ok();
    scene.approve("cora", &postings[1]).ok();
    scene.approve("cora", &postings[2]).ok();
    scene.post().ok();
    scene.sync();
    let to = file_of(&scene.desk, "binder.tieout");
    let period = text(&scene.posting(&postings[0])["steps"][0], "period");
    signed_off(&scene, &period);
    let made = scene.run("carl", ["binder", "US01", &period, "--to", &to]).ok().one();
    (scene, postings, to, made)
}

#[test]
fn a_binder_is_verified_from_an_empty_root_and_proves_its_decisions() {
    let (scene, postings, binder, made) = bound();
    let root = Root::with(&[&binder]);
    let said = root.run(&["binder.tieout", "--key", &text(&made, "key")]).sound();
    assert!(said.contains("The binder of US01"), "{said}");
    assert!(said.contains("3 postings are what their hashes say"), "{said}");
    let parts = unpack(Path::new(&binder));
    let section = |name: &str| -> Value { serde_json::from_slice(&parts[name]).unwrap() };
    let decisions = section("decisions.json");
    let of =
        |posting: &str| decisions.as_array().unwrap().iter().filter(|one| one["subject"] == posting).count();
    assert_eq!(postings.iter().map(|one| of(one)).collect::<Vec<_>>(), [1, 1, 1]);
    // Mapping and policy stand in it with their text, and what tied out with its figures.
    let texts: Vec<_> =
        section("governance.json").as_array().unwrap().iter().map(|one| one["kind"].clone()).collect();
    assert!(texts.contains(&"mapping".into()) && texts.contains(&"policy".into()), "{texts:?}");
    let signed = section("sign_offs.json");
    assert_eq!((&signed[0]["name"], &signed[0]["state"]), (&"US01/2026-11/1100".into(), &"in_force".into()));
    assert!(signed[0]["text"].as_str().unwrap().contains("1100"), "{signed}");
    assert!(section("tie_out.json").as_array().unwrap().iter().any(|cell| cell["account"] == "1100"));
    assert!(section("people.json").as_array().unwrap().iter().any(|one| one["name"] == "remy"));
    assert!(parts.contains_key("binder.xlsx"));
    let paper = file_of(&scene.desk, "binder.pdf");
    std::fs::write(&paper, &parts["binder.pdf"]).unwrap();
    let paper = printed(Path::new(&paper)).unwrap();
    assert!(paper.contains("Binder of US01, November 2026"), "{paper}");
    for cell in section("tie_out.json").as_array().unwrap().iter().filter(|cell| cell["billing"] != "0.00") {
        assert!(paper.contains(cell["account"].as_str().unwrap()), "{cell}: {paper}");
    }
    for person in ["carl", "remy"] {
        assert!(paper.contains(person), "{paper}");
    }
    // Of what nothing is known there is none; nor is one made over another.
    let other = file_of(&scene.desk, "other.tieout");
    scene.run("carl", ["binder", "US01", "1999-01", "--to", &other]).refused("binder_empty");
    let period = "2026-11";
    scene.run("carl", ["binder", "US01", period, "--to", &binder]).refused("export_exists");
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn a_binder_tells_both_approvals_of_a_change_that_took_two_and_the_verifier_names_them() {
    let (scene, _, _, _) = bound();
    // Brought in by nobody who is proved: such a policy takes two.
    let policy = scene.bench.file("third.toml", &format!("# read again\n{ONE}"));
    let change = scene.plainly(["import", "policy", policy.to_str().unwrap()]).ok().one();
    assert_eq!(change["approvals_needed"], 2, "{change}");
    let (id, hash) = (text(&change, "id"), text(&change, "hash"));
    let binder = |name: &str| {
        let to = file_of(&scene.desk, name);
        scene.run("carl", ["binder", "US01", "2026-11", "--to", &to]).ok();
        to
    };
    scene.run("carl", ["approve", &id, "--content", &hash]).ok();
    assert_eq!(scene.change_state(&id), "inert");
    let halfway = binder("halfway.tieout");
    scene.run("cora", ["approve", &id, "--content", &hash]).ok();
    assert_eq!(scene.change_state(&id), "in_force");
    let whole = binder("whole.tieout");

    let on_it = |binder: &str| -> Vec<Value> {
        let decisions: Value = serde_json::from_slice(&unpack(Path::new(binder))["decisions.json"]).unwrap();
        let mut all = decisions.as_array().unwrap().clone();
        all.retain(|one| one["subject"] == id.as_str());
        all
    };
    let said = |one: &Value| (text(one, "action"), text(one, "content_hash"));
    let approval = ("approve_change".to_owned(), hash.clone());
    assert_eq!(on_it(&halfway).iter().map(said).collect::<Vec<_>>(), std::slice::from_ref(&approval));
    let both = on_it(&whole);
    assert_eq!(both.iter().map(said).collect::<Vec<_>>(), [approval.clone(), approval]);
    assert_ne!(both[0]["person"], both[1]["person"]);

    let root = Root::with(&[&halfway, &whole]);
    let told = |file: &str| {
        let words = root.run(&[file]).sound();
        words.lines().find(|line| line.starts_with("  policy ")).map(str::to_owned)
    };
    let entry = |at: usize| both[at]["log_number"].to_string();
    let (first, last) = (
        format!("approved by carl (log entry {})", entry(0)),
        format!("approved by cora (log entry {})", entry(1)),
    );
    assert!(told("halfway.tieout").unwrap().ends_with(&format!(": {first}")), "{:?}", told("halfway.tieout"));
    assert!(told("whole.tieout").unwrap().ends_with(&format!(": {first}, {last}")));
    assert_eq!(scene.verify()["sound"], true);

    // A binder that keeps the first of them back is not sound.
    let kept_back = forged(&whole, "decisions", |decisions| {
        decisions.as_array_mut().unwrap().retain(|one| one["log_number"] != both[0]["log_number"]);
    });
    fs::copy(kept_back, root.path("kept-back.tieout")).unwrap();
    root.run(&["kept-back.tieout"]).unsound("packet_tampered");
}

/// The binder with a section changed, its hashes and its signature made anew by somebody who is no person of
/// the workspace.
fn forged(binder: &str, section: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut parts = unpack(Path::new(binder));
    let name = format!("{section}.json");
    let mut value: Value = serde_json::from_slice(&parts[&name]).unwrap();
    change(&mut value);
    parts.insert(name, crate::tampered::canonical(&value).into_bytes());
    pack(&PathBuf::from(format!("{binder}.forged")), &parts)
}

#[test]
fn a_binder_of_which_anything_was_changed_is_not_sound() {
    let (_scene, _, binder, _) = bound();
    let root = Root::with(&[&binder]);
    for place in [
        "tie_out/0/billing",
        "exceptions/0/exception/state",
        "postings/0/posting/reference",
        "decisions/0/action",
        "people/0/role",
        "log/0/detail",
        "governance/0/text",
        "sign_offs/0/text",
        "sign_offs/0/hash",
    ] {
        let (section, path) = place.split_at(place.find('/').unwrap());
        let forged = forged(&binder, section, |value| {
            *value.pointer_mut(path).unwrap_or_else(|| panic!("{place}")) = "other".into();
        });
        fs::copy(forged, root.path("forged.tieout")).unwrap();
        root.run(&["forged.tieout"]).unsound("packet_tampered");
    }
}

#[test]
fn a_binder_is_signed_with_the_maker_s_own_secret() {
    let (scene, _, _, _) = bound();
    let to = file_of(&scene.desk, "another.tieout");
    let mut command = scene.command("carl", ["binder", "US01", "2026-11", "--to", &to]);
    command.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase(ADMINISTRATOR));
    finish(command, None).refused("person_secret_wrong");
    assert!(!Path::new(&to).exists());
}
