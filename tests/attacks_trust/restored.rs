//! Part 6: what a restored workspace is good for, and for whom. The way back, as these tests take it:
//! `restore` answers `enrolment_codes` (`person`, `role`, `code`), one for each active person of the logged
//! roster; each sets a new secret with `person enrol`; and `person confirm` by somebody else makes it count.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    binary::{Bench, Ran, finish, own_passphrase, text},
    file::restored,
    scene::{ADMINISTRATOR, Desk},
    tamper::{changed, tamper},
    worked::{Worked, copied},
};

/// Whom the restore gave which role and code.
fn codes(ran: &Ran) -> BTreeMap<String, (String, String)> {
    let answer = ran.stdout.lines().find_map(|line| serde_json::from_str::<Value>(line).ok());
    let answer = answer.unwrap_or_default();
    let all = answer["enrolment_codes"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| (text(one, "person"), (text(one, "role"), text(one, "code")))).collect()
}

fn restored_desk(desk: &Desk) -> (Desk, Ran) {
    let (bench, ran) = restored(desk);
    (Desk { bench, administrator: desk.administrator.clone() }, ran)
}

fn enrol(desk: &Desk, person: &str, code: &str) -> Ran {
    let mut command = desk.command(person, ["person", "enrol", desk.name(person)]);
    command.env("TIEOUT_ENROLMENT_CODE", code);
    finish(command, None)
}

/// The worked desk, restored elsewhere, with everybody's new secret set.
fn enrolled() -> (Desk, &'static Worked) {
    let (desk, worked) = copied();
    let (desk, ran) = restored_desk(&desk);
    let codes = codes(&ran);
    assert!(!codes.is_empty(), "nobody can act on what was restored, and no code was given: {ran:?}");
    for person in [ADMINISTRATOR, "ana", "carl", "cora"] {
        let code = codes.get(desk.name(person)).unwrap_or_else(|| panic!("no code for {person}: {codes:?}"));
        enrol(&desk, person, &code.1).ok();
    }
    (desk, worked)
}

#[test]
fn a_restore_is_logged() {
    let (desk, _) = copied();
    let before = desk.log().len();
    let (desk, ran) = restored_desk(&desk);
    ran.ok();
    let log = desk.log();
    let restored: Vec<_> = log.iter().filter(|row| row["what"].contains("restored")).collect();
    assert_eq!(
        restored.len(),
        1,
        "of {} entries, {before} before, none says that it was restored",
        log.len()
    );
    assert_eq!(desk.verify()["sound"], true);
}

#[test]
fn people_act_again_after_a_restore_once_others_confirmed_them() {
    let (desk, worked) = enrolled();
    desk.run("carl", ["person", "confirm", "ana"]).ok();
    desk.run("ana", ["person", "confirm", "carl"]).ok();
    desk.run("ana", ["comment", &worked.held, "--text", "back at work"]).ok();
    desk.approve("carl", &worked.rerouted).ok();
    assert_eq!(desk.posting(&worked.rerouted)["state"], "queued");
    assert_eq!(desk.verify()["sound"], true);
}

#[test]
fn a_code_of_a_restore_counts_for_nothing_before_somebody_else_confirmed_its_person() {
    let (desk, worked) = enrolled();
    // Whoever restored has every code, and so can be each of them.
    desk.approve("carl", &worked.rerouted).refused("person_unconfirmed");
    assert_eq!(desk.posting(&worked.rerouted)["state"], "proposed");
    assert_eq!(desk.run("carl", ["person", "confirm", "carl"]).status, 1, "nobody confirms themselves");
    let by_issuer = desk.run(ADMINISTRATOR, ["person", "confirm", "carl"]);
    assert_eq!(by_issuer.status, 1, "who gave the code out confirmed its person: {by_issuer:?}");
}

#[test]
fn a_role_that_was_raised_before_the_backup_is_not_restored() {
    let (desk, _) = copied();
    tamper(&desk.bench, |db| changed(db, "UPDATE person SET role = 'controller' WHERE name = 'greta'"));
    let (desk, ran) = restored_desk(&desk);
    if ran.status != 0 {
        return ran.refused_with_words(&["greta"]);
    }
    let people = desk.plainly(["person", "list"]).ok().lines();
    let greta = people.iter().find(|person| person["name"] == "greta").expect("she is on the logged roster");
    assert_eq!(greta["role"], "analyst", "the log says analyst, and nobody noticed: {ran:?}");
}

#[test]
fn a_person_whom_the_log_does_not_know_is_not_restored() {
    let (desk, _) = copied();
    tamper(&desk.bench, |db| {
        changed(
            db,
            "INSERT INTO person (id, name, os_account, role, active, verifying_key, secret_kind, added_by,
               added_at)
             SELECT substr(id, 1, length(id) - 3) || 'aaa', 'mallory', NULL, 'controller', 1, verifying_key,
               secret_kind, added_by, added_at FROM person WHERE name = 'ana'",
        );
    });
    let (desk, ran) = restored_desk(&desk);
    if ran.status != 0 {
        return ran.refused_with_words(&["mallory"]);
    }
    assert!(!codes(&ran).contains_key("mallory"), "a code for somebody whom nobody added: {ran:?}");
    let people = desk.plainly(["person", "list"]).ok().lines();
    let active = people.iter().any(|person| person["name"] == "mallory" && person["active"] == true);
    assert!(!active, "mallory is on the restored roster: {people:#?}");
}

#[test]
fn where_nobody_else_can_confirm_posting_stays_off_and_says_why() {
    let alone = Bench::new();
    let administrator = alone.administrator();
    let desk = Desk { bench: alone, administrator };
    // The only person has a secret of their own, which does not travel.
    let file = crate::scene::mapping();
    desk.run(ADMINISTRATOR, ["import", "mapping", file.to_str().unwrap()]).ok();
    let (desk, ran) = restored_desk(&desk);
    let codes = codes(&ran.ok());
    let (_, code) = codes.get(&desk.administrator).expect("no code for the only person there is");
    enrol(&desk, ADMINISTRATOR, code).ok();
    assert_eq!(desk.run(ADMINISTRATOR, ["person", "confirm", &desk.administrator]).status, 1);
    let off = desk.plainly(["post", "--wait", "1"]).refused("posting_off");
    assert!(off.stderr.contains("confirm"), "it does not say why: {off:?}");
}

impl Ran {
    /// Refused, and its words name these.
    #[track_caller]
    fn refused_with_words(&self, words: &[&str]) {
        assert_eq!(self.status, 1, "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word}: {self:?}");
        }
    }
}

#[test]
fn the_old_personal_secret_opens_nobody_on_another_machine() {
    let (desk, worked) = copied();
    let (desk, ran) = restored_desk(&desk);
    ran.ok();
    let content = text(&desk.posting(&worked.rerouted), "content_hash");
    let mut command = desk.command("carl", ["approve", &worked.rerouted, "--content", &content]);
    command.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase("carl"));
    let approved = finish(command, None);
    assert_eq!(approved.status, 1, "{approved:?}");
    assert_eq!(desk.posting(&worked.rerouted)["state"], "proposed");
}
