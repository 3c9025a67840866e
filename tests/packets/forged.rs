//! Somebody who has the sender's workspace file, its key and an SQL tool of their own: what came in by packet
//! proves itself, and nothing is sent on what does not.

use serde_json::{Value, json};

use crate::{
    away::{Away, met, sent},
    scene::Scene,
    tamper::{changed, tamper, value},
};

/// A desk at which Remy's approval by packet waits to be sent.
fn approved() -> (Scene, Vec<String>, Away) {
    let (scene, postings, away) = met(2);
    let packet = sent(&scene.desk, &postings, "remy");
    away.approve(&packet, &postings[0]).ok();
    let back = away.decisions(&packet, "back.tieout");
    scene.run("ana", ["packet", "import", &back]).ok();
    (scene, postings, away)
}

/// Changes something in a copy of the workspace, and has it verified.
#[track_caller]
fn told(scene: &Scene, sql: &str) {
    let copy = scene.copy();
    assert_eq!(copy.verify()["sound"], true);
    tamper(&copy.bench, |database| changed(database, sql));
    let answer = copy.verify();
    assert_eq!(answer["sound"], false, "{sql} is not told: {answer}");
}

#[test]
fn what_is_kept_of_packets_is_sealed_by_the_log() {
    let (scene, _, _) = approved();
    for sql in [
        "UPDATE packet SET reviewer = made_by",
        "DELETE FROM packet",
        "UPDATE packet_entry SET entry = replace(entry, 'approve', 'reject')",
        "DELETE FROM packet_entry",
        "UPDATE known_roster SET content = replace(content, 'analyst', 'controller')",
        "UPDATE person_card SET card = replace(card, 'age1', 'age2')",
        "UPDATE person SET verifying_key = (SELECT verifying_key FROM person WHERE name = 'ana')
         WHERE name = 'remy'",
        "UPDATE log SET detail = replace(detail, '\"number\":1', '\"number\":2')
         WHERE detail LIKE '%carried%'",
        "UPDATE log SET signature = NULL WHERE detail LIKE '%carried%'",
        "UPDATE decision SET person = (SELECT id FROM person WHERE name = 'cora')
         WHERE person = (SELECT id FROM person WHERE name = 'remy')",
    ] {
        told(&scene, sql);
    }
}

#[test]
fn nothing_is_sent_on_a_carried_approval_that_was_changed() {
    let (scene, postings, _) = approved();
    let reference = scene.posting(&postings[0])["reference"].as_str().unwrap().to_owned();
    tamper(&scene.bench, |database| {
        let sql = "SELECT detail FROM log WHERE what = 'approved' AND detail LIKE '%carried%'";
        let detail: String = value(database, sql);
        let mut detail: Value = serde_json::from_str(&detail).unwrap();
        // A moment later: nothing else is said, and Remy never signed it.
        detail["carried"]["at"] = json!("2026-11-30T23:59:59.000Z");
        let done = database
            .execute(
                "UPDATE log SET detail = ?1 WHERE what = 'approved' AND detail LIKE '%carried%'",
                [detail.to_string()],
            )
            .unwrap();
        assert_eq!(done, 1);
    });
    let ran = scene.post();
    assert!(scene.booked(&reference).is_empty(), "it was booked: {ran:?}");
    assert_eq!(scene.verify()["sound"], false);
}
