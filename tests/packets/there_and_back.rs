//! A review goes to another machine, comes back signed, and is posted.

use serde_json::Value;

use crate::{
    away::{Away, introduce, met, outcomes, sent},
    binary::text,
    scene::{Desk, ONE},
};

fn done(code: &str) -> (String, String) {
    ("done".to_owned(), code.to_owned())
}

#[test]
fn a_review_travels_comes_back_signed_and_is_posted() {
    let (scene, postings, away) = met(3);
    let packet = sent(&scene.desk, &postings, "remy");
    let begins = std::fs::read(&packet).unwrap();
    assert!(begins.starts_with(b"age-encryption.org/v1"), "only Remy can read it");

    // Somebody else's machine that has the roster too cannot.
    let other = Away::new();
    other.run(["roster", "import", &crate::away::file_of(&scene.desk, "books.tieoutroster")]).ok();
    other.run(["packet", "show", &packet]).refused("packet_not_for_you");

    let shown = away.show(&packet);
    assert_eq!((&shown["made_by"], &shown["reviewer"]), (&Value::from("ana"), &Value::from("remy")));
    let items = shown["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|one| text(one, "posting")).collect::<Vec<_>>(), postings);
    assert_eq!(items[1]["amount"], "200.00");
    assert!(text(&items[0], "why").len() > 10 && items[0]["shown"]["billing"]["reference"].is_string());

    // Bound to what was seen, and a refusal needs a reason.
    away.run(["packet", "decide", &packet, &postings[0], "--approve"]).refused("content_not_shown");
    let wrong = ["packet", "decide", &packet, &postings[0], "--approve", "--content", "00"];
    away.run(wrong).refused("content_changed");
    away.approve(&packet, &postings[0]).ok();
    away.run(["packet", "decide", &packet, &postings[1], "--reject", "not this month"]).ok();
    away.run(["packet", "decide", &packet, &postings[2], "--reject", "seen too fast"]).ok();
    // The last word on an item counts.
    away.approve(&packet, &postings[2]).ok();
    let back = away.decisions(&packet, "back.tieout");
    assert_eq!(away.run(["verify"]).ok().one()["sound"], true);

    let taken = outcomes(&scene.run("ana", ["packet", "import", &back]).ok());
    assert_eq!(taken[&postings[0]], done("queued"));
    assert_eq!(taken[&postings[1]], done("rejected"));
    assert_eq!(taken[&postings[2]], done("queued"));
    assert_eq!(scene.posting(&postings[0])["approved_by"], serde_json::json!(["remy"]));
    assert_eq!(scene.verify()["sound"], true, "{}", scene.verify());

    scene.post().ok();
    scene.sync();
    for (posting, state) in postings.iter().zip(["settled", "rejected", "settled"]) {
        let posting = scene.posting(posting);
        assert_eq!(posting["state"], state);
        let booked = scene.booked(&text(&posting, "reference"));
        assert_eq!(booked.len(), usize::from(state == "settled"));
    }
    assert_eq!(scene.verify()["sound"], true, "{}", scene.verify());

    // A decision by packet is marked as one, and the log holds both files by their hashes.
    let log = scene.log();
    let approved = log.iter().find(|one| one["what"] == "approved" && one["subject"] == postings[0]).unwrap();
    let detail: Value = serde_json::from_str(&approved["detail"]).unwrap();
    assert_eq!((&detail["packet"], &detail["action"]), (&shown["packet"], &Value::from("approve")));
    assert!(log.iter().any(|one| one["what"] == "packet_sent" && one["detail"].contains("\"hash\"")));
    let taken_in = log.iter().filter(|one| one["what"] == "packet_decisions_imported").count();
    assert_eq!(taken_in, 1);
}

#[test]
fn decisions_that_are_taken_in_twice_do_nothing_the_second_time() {
    let (scene, postings, away) = met(2);
    let packet = sent(&scene.desk, &postings, "remy");
    away.approve(&packet, &postings[0]).ok();
    let first = away.decisions(&packet, "first.tieout");
    away.run(["packet", "decide", &packet, &postings[1], "--reject", "no"]).ok();
    let second = away.decisions(&packet, "second.tieout");

    scene.run("ana", ["packet", "import", &second]).ok();
    let before = scene.log().len();
    for again in [&second, &first, &second] {
        let taken = outcomes(&scene.run("greta", ["packet", "import", again]).ok());
        assert!(taken.values().all(|one| *one == done("already_applied")), "{taken:?}");
    }
    // Nothing but the export of the log itself, which looks for what fell due, was noted since.
    let since: Vec<String> = scene.log()[before..].iter().map(|one| one["what"].clone()).collect();
    assert!(since.iter().all(|what| what == "exported" || what == "sealed"), "{since:?}");
    let listed = scene.plainly(["packet", "list"]).ok().one();
    assert_eq!((&listed["side"], &listed["decided"]), (&Value::from("sent"), &Value::from(2)));

    // What was applied stands, whatever is decided afterwards.
    away.run(["packet", "decide", &packet, &postings[0], "--reject", "on second thought"]).ok();
    let third = away.decisions(&packet, "third.tieout");
    let refused = scene.run("ana", ["packet", "import", &third]).refused("packet_item_decided");
    assert_eq!(outcomes(&refused)[&postings[1]], done("already_applied"));
    assert_eq!(scene.posting(&postings[0])["state"], "queued");
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn a_key_that_was_brought_over_counts_once_somebody_else_confirmed_it_and_signs_nothing_here() {
    let desk = Desk::governed(ONE);
    let away = Away::new();
    desk.run("olga", ["person", "add", "remy", "--role", "controller"]).ok();
    desk.run("olga", ["person", "add", "rita", "--role", "controller"]).ok();
    let card = away.file("card");
    away.run(["person", "key", "new", &card]).ok();
    desk.run("ana", ["person", "key", "add", "remy", &card]).refused("role_may_not");
    desk.run("olga", ["person", "key", "add", "remy", &card]).ok();
    desk.run("olga", ["person", "key", "add", "rita", &card]).refused("card_taken");
    desk.run("olga", ["person", "key", "add", "remy", &card]).refused("person_secret_exists");
    let roster = crate::away::file_of(&desk, "roster");
    desk.run("olga", ["roster", "export", &roster]).ok();
    let to = crate::away::file_of(&desk, "p.tieout");
    let export = ["packet", "export", "pst_none", "--for", "remy", "--to", &to];
    desk.run("ana", export).refused("person_unconfirmed");
    // Nobody can act as Remy here, whatever they type.
    desk.run("remy", ["person", "role", "rita", "analyst"]).refused("person_secret_missing");
    let changed = std::fs::read_to_string(&card).unwrap().replace("\"name\":\"", "\"name\":\"x");
    std::fs::write(&card, changed).unwrap();
    desk.run("olga", ["person", "key", "add", "rita", &card]).refused("packet_tampered");
    assert_eq!(desk.verify()["sound"], true);
}

#[test]
fn a_roster_is_taken_in_from_its_administrators_and_never_an_older_one() {
    let desk = Desk::governed(ONE);
    let away = Away::new();
    introduce(&desk, &away);
    let old = crate::away::file_of(&desk, "books.tieoutroster");
    let kept = away.file("old.tieoutroster");
    std::fs::copy(&old, &kept).unwrap();
    desk.run("carl", ["roster", "export", &old, "--force"]).refused("role_may_not");
    desk.run("olga", ["person", "add", "nora", "--role", "analyst"]).ok();
    crate::away::share_roster(&desk, &away);
    away.run(["roster", "import", &kept]).refused("roster_old");
    desk.run("olga", ["roster", "import", &kept]).refused("roster_own");

    // Another desk of that name, whose administrator nobody here knows.
    let text = std::fs::read_to_string(&old).unwrap();
    let tampered = away.file("tampered.tieoutroster");
    for (what, with) in [("\"role\":\"analyst\"", "\"role\":\"controller\""), ("\"ana\"", "\"anb\"")] {
        std::fs::write(&tampered, text.replacen(what, with, 1)).unwrap();
        away.run(["roster", "import", &tampered]).refused("packet_tampered");
    }
    let fresh = Away::new();
    fresh.run(["roster", "import", &old, "--key", &"0".repeat(64)]).refused("roster_signer_unknown");
    let listed = away.run(["roster", "list"]).ok().one();
    fresh.run(["roster", "import", &old, "--key", &text_of(&listed, "key")]).ok();
}

fn text_of(value: &Value, field: &str) -> String {
    text(value, field)
}
