//! What moved between the sending and the coming back is not applied, and says what; what did not, is.

use crate::{
    away::{Away, file_of, met, outcomes, sent, share_roster},
    binary::text,
};

/// Remy approves everything of a packet.
fn approved(away: &Away, packet: &str, postings: &[String]) -> String {
    for posting in postings {
        away.approve(packet, posting).ok();
    }
    away.decisions(packet, "back.tieout")
}

/// What was said of the one that was refused.
fn said(ran: &crate::binary::Ran, posting: &str) -> String {
    let found = ran.lines().into_iter().find(|one| one["id"] == posting);
    text(&found.expect("an outcome for the posting"), "message")
}

#[test]
fn an_item_that_changed_since_is_not_applied_and_says_what_changed() {
    let (scene, postings, away) = met(3);
    let packet = sent(&scene.desk, &postings, "remy");
    let back = approved(&away, &packet, &postings);
    // One goes under another date, one is held; the third stands as it was sent.
    let reroute = ["reroute", &postings[0], "--date", "2026-11-18", "--reason", "the day of the contract"];
    scene.run("cora", reroute).ok();
    let exception = text(&scene.posting(&postings[1]), "exception");
    scene.run("ana", ["hold", &exception, "--reason", "the customer asked"]).ok();

    let taken = scene.run("ana", ["packet", "import", &back]).refused("packet_item_changed");
    let all = outcomes(&taken);
    assert_eq!(all[&postings[2]], ("done".to_owned(), "queued".to_owned()));
    for changed in &postings[..2] {
        assert_eq!(all[changed], ("refused".to_owned(), "packet_item_changed".to_owned()));
    }
    let (first, second) = (said(&taken, &postings[0]), said(&taken, &postings[1]));
    assert!(first.contains("The posting: ") || first.contains("the posting: "), "{first}");
    assert!(second.contains("on hold"), "{second}");
    assert_eq!(scene.posting(&postings[1])["state"], "proposed");
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn a_period_that_was_closed_since_is_told() {
    let (scene, postings, away) = met(1);
    let packet = sent(&scene.desk, &postings, "remy");
    let back = approved(&away, &packet, &postings);
    let period = text(&scene.posting(&postings[0])["steps"][0], "period");
    let (starts, ends) = (format!("{period}-01"), format!("{period}-30"));
    scene.soft_close("US01", &period, (&starts, &ends));
    let taken = scene.run("ana", ["packet", "import", &back]).refused("packet_item_changed");
    let said = said(&taken, &postings[0]);
    assert!(said.contains(&format!("eriod {period} of US01")), "{said}");
}

#[test]
fn a_reviewer_who_was_demoted_since_decides_nothing() {
    let (scene, postings, away) = met(1);
    let packet = sent(&scene.desk, &postings, "remy");
    let back = approved(&away, &packet, &postings);
    scene.run("olga", ["person", "role", "remy", "analyst"]).ok();
    let taken = scene.run("ana", ["packet", "import", &back]).refused("role_may_not");
    assert_eq!(outcomes(&taken)[&postings[0]].0, "refused");
    assert_eq!(scene.posting(&postings[0])["state"], "proposed");
    // Who left is nobody's reviewer any more; who comes back is.
    scene.run("olga", ["person", "role", "remy", "controller"]).ok();
    scene.run("olga", ["person", "remove", "remy"]).ok();
    scene.run("ana", ["packet", "import", &back]).refused("person_inactive");
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn nobody_approves_by_packet_what_they_prepared() {
    let (scene, postings, _away) = met(1);
    let packet = sent(&scene.desk, &postings, "ana");
    let shown = scene.run("ana", ["packet", "show", &packet]).ok().one();
    let content = text(&shown["items"][0], "content_hash");
    let decide = ["packet", "decide", &packet, &postings[0], "--approve", "--content", &content];
    scene.run("ana", decide).refused("preparer_is_not_approver");
    // Nor does anybody decide in another's place.
    scene.run("carl", decide).refused("packet_not_for_you");
    // The one who is asked may decide where they sit, too: the same roster, the same duties.
    let packet = sent(&scene.desk, &postings, "carl");
    scene.run("carl", ["packet", "decide", &packet, &postings[0], "--approve", "--content", &content]).ok();
    let back = file_of(&scene.desk, "back.tieout");
    scene.run("carl", ["packet", "decisions", &packet, "--to", &back]).ok();
    scene.run("ana", ["packet", "import", &back]).ok();
    assert_eq!(scene.posting(&postings[0])["approved_by"], serde_json::json!(["carl"]));
}

#[test]
fn a_packet_by_an_old_roster_is_refused_on_both_sides() {
    let (scene, postings, away) = met(1);
    let packet = sent(&scene.desk, &postings, "remy");
    scene.run("olga", ["person", "add", "nora", "--role", "analyst"]).ok();
    let to = file_of(&scene.desk, "other.tieout");
    let export = ["packet", "export", &postings[0], "--for", "remy", "--to", &to];
    scene.run("ana", export).refused("packet_roster_old");
    share_roster(&scene.desk, &away);
    away.run(["packet", "show", &packet]).refused("packet_roster_old");
    // One by a newer roster than is known there says so.
    scene.run("olga", ["person", "add", "nils", "--role", "analyst"]).ok();
    let roster = file_of(&scene.desk, "newer.tieoutroster");
    scene.run("olga", ["roster", "export", &roster]).ok();
    scene.run("ana", export).ok();
    away.run(["packet", "show", &to]).refused("packet_roster_unknown");
    away.run(["roster", "import", &roster]).ok();
    away.approve(&to, &postings[0]).ok();
}

#[test]
fn another_workspace_s_packet_is_refused() {
    let (scene, postings, away) = met(1);
    let before = scene.copy();
    let packet = sent(&scene.desk, &postings, "remy");
    let back = approved(&away, &packet, &postings);
    Away::new().run(["packet", "import", &back]).refused("packet_of_another");
    // The same workspace, which never sent it.
    before.run("ana", ["packet", "import", &back]).refused("packet_unknown");
    // An installation that knows nobody of it, and the way back taken for the way there.
    Away::new().run(["packet", "show", &packet]).refused("packet_not_for_you");
    away.run(["packet", "show", &back]).refused("packet_unreadable");
    let lines = scene.run("ana", ["packet", "import", &packet]);
    lines.refused("packet_unreadable");
}
