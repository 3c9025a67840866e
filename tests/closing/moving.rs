//! What people explain and for how long it holds, what suspends a sign-off, who may sign, and what a check
//! says of rows that somebody changed with a tool of their own.

use serde_json::Value;

use crate::{
    binary::text,
    house::{AS_OF, FEBRUARY, House, JANUARY, booked, right, row},
    tamper,
};

/// 1001 is booked; 1002 is not.
fn one_missing() -> Vec<String> {
    vec![booked("1001", "2011-01-05", "10.00")]
}

fn moved(one: &Value) -> Vec<String> {
    one["moved"].as_array().unwrap().iter().map(|moved| text(moved, "item")).collect()
}

#[test]
fn a_late_change_suspends_a_sign_off_and_names_what_moved_and_two_people_give_it_again() {
    let house = House::new("tolerance = \"0.05\"", &right());
    house.sign("1100");
    assert_eq!(house.state("1100"), "reviewed");
    let late = booked("1001", "2011-01-05", "10.03");
    house.ledger(&[late, right()[1].clone()]);
    let one = house.sign_off("1100");
    assert_eq!(one["state"], "suspended", "{one:#}");
    assert_eq!(moved(&one), ["1001"]);
    let says = text(&one["moved"][0], "says");
    assert!(
        says.contains("10.03 booked") && says.contains("it was GBP 10.00 expected, 10.00 booked"),
        "{says}"
    );
    assert_eq!(one["moved"][0]["amount"], "0.03");
    assert!(!one["moved"][0]["by"].as_array().unwrap().is_empty(), "{one:#}");
    assert!(!one["moved"][0]["since"].is_null());
    let lacks = house.status(JANUARY)["lacks"].to_string();
    assert!(lacks.contains("1100 is suspended"), "{lacks}");
    // It is suspended, not gone: what is right again stands as it was signed.
    house.ledger(&right());
    assert_eq!(house.state("1100"), "reviewed");
    house.ledger(&[booked("1001", "2011-01-05", "10.03"), right()[1].clone()]);
    house.review("dev", "1100").refused("nothing_to_decide");
    house.sign("1100");
    assert_eq!(house.state("1100"), "reviewed");
}

#[test]
fn changes_that_offset_each_other_are_noticed_although_no_figure_moves() {
    let house = House::new("tolerance = \"0.05\"", &right());
    house.sign("1100");
    let figures = row(&house.status(JANUARY), "1100");
    house.ledger(&[booked("1001", "2011-01-05", "10.04"), booked("1002", "2011-01-06", "19.96")]);
    assert_eq!(row(&house.status(JANUARY), "1100"), figures);
    let one = house.sign_off("1100");
    assert_eq!(
        (text(&one, "state").as_str(), moved(&one)),
        ("suspended", vec!["1001".into(), "1002".into()])
    );
}

#[test]
fn what_was_prepared_and_moves_before_its_review_is_not_reviewed() {
    let house = House::new("tolerance = \"0.05\"", &right());
    house.prepare("ana", "1100").ok();
    house.ledger(&[booked("1001", "2011-01-05", "10.04"), right()[1].clone()]);
    let refused = house.review("dev", "1100").refused("figures_moved");
    assert!(refused.stderr.contains("1001"), "{}", refused.stderr);
    assert_eq!(house.state("1100"), "suspended");
    house.sign("1100");
    assert_eq!(house.state("1100"), "reviewed");
}

#[test]
fn clearly_trivial_movements_are_listed_and_signed_once_at_the_end() {
    let limits = "tolerance = \"0.05\"\nclose = { clearly_trivial = \"0.05\" }";
    let house = House::new(limits, &right());
    house.sign("1100");
    house.sign("4000");
    assert_eq!(house.status(JANUARY)["ready"], true);
    house.ledger(&[booked("1001", "2011-01-05", "10.04"), right()[1].clone()]);
    let close = house.status(JANUARY);
    let one = house.sign_off("1100");
    assert_eq!((&one["state"], &one["trivial"]), (&"reviewed".into(), &true.into()), "{one:#}");
    assert_eq!(moved(&one), ["1001"]);
    assert_eq!(close["ready"], false);
    assert_eq!(close["lacks"], serde_json::json!(["small movements of 2 items are to be signed"]));
    house.prepare("ana", "movements").ok();
    house.review("ana", "movements").refused("preparer_does_not_review");
    house.review("dev", "movements").ok();
    assert_eq!(house.status(JANUARY)["ready"], true);
    // Together with the other it is no longer trivial.
    house.ledger(&[booked("1001", "2011-01-05", "10.04"), booked("1002", "2011-01-06", "20.02")]);
    assert_eq!(house.state("1100"), "suspended");
}

#[test]
fn timing_clears_by_its_day_is_brought_forward_with_its_age_and_unexplained_once_the_day_has_passed() {
    let house = House::new("", &one_missing());
    assert_eq!(
        row(&house.status(JANUARY), "1100"),
        "30.00 - 10.00 = 20.00: 0.00 + 20.00 + 0.00 + 0.00 + 0.00 over 0.00"
    );
    house.explain("ana", &["1002"], ("timing", None)).refused("timing_needs_a_date");
    house.explain("ana", &["1002"], ("timing", Some("2011-02-27"))).refused("bad_date");
    house.explain("ana", &["1002"], ("bank_fee", Some("2011-03-04"))).refused("bad_date");
    house.explain("ana", &["1009"], ("timing", Some("2011-03-04"))).refused("nothing_to_explain");
    house.explain("ana", &["1002"], ("manual_journal", None)).refused("bad_request");
    let note = house.explain("ana", &["1002"], ("timing", Some("2011-03-04"))).ok().one();
    assert_eq!(note["state"], "inert", "above the tolerance it needs a second person");
    assert_eq!(note["items"].as_array().unwrap().len(), 2, "on both accounts: {note:#}");
    house.accept("ana", &note).refused("author_of_a_change_does_not_decide_it");
    let id = text(&note, "id");
    let blind = ["close", "accept", &id, "--content", "0000", "--as-of", AS_OF];
    house.bench.run(Some("cora"), blind).refused("content_changed");
    let seen = text(&note, "hash");
    house.bench.run(Some("cora"), ["approve", &id, "--content", &seen]).refused("decided_in_the_close");
    house.accept("cora", &note).ok();
    let close = house.status(JANUARY);
    assert_eq!(row(&close, "1100"), "30.00 - 10.00 = 20.00: 20.00 + 0.00 + 0.00 + 0.00 + 0.00 within 0.00");
    assert_eq!(close["blocker_count"], 0, "what is explained whole blocks no more: {:#}", close["blockers"]);
    assert_eq!(close["proof"][0]["nets"], true);
    let clears = close["rows"].as_array().unwrap().iter().find(|row| row["account"] == "1100").unwrap();
    assert_eq!(clears["clears"], "2011-03-04");
    // In the next period it is brought forward, on the receivable and not on revenue.
    let next = house.status(FEBRUARY);
    assert_eq!(row(&next, "1100"), "30.00 - 10.00 = 20.00: 0.00 + 0.00 + 0.00 + 20.00 + 0.00 within 0.00");
    assert_eq!(next["proof"][0]["nets"], true, "{:#}", next["rows"]);
    let items = house.items(FEBRUARY, "1100");
    assert_eq!((items[0]["item"].as_str(), items[0]["age_days"].as_i64()), (Some("1002"), Some(53)));
    // Its day passes.
    let late = house.status_of(JANUARY, "2011-03-05");
    assert_eq!(row(&late, "1100"), "30.00 - 10.00 = 20.00: 0.00 + 0.00 + 0.00 + 0.00 + 20.00 over 0.00");
    assert_eq!(late["blocker_count"], 1);
    let late = house.status_of(FEBRUARY, "2011-03-05");
    assert_eq!(row(&late, "1100"), "30.00 - 10.00 = 20.00: 0.00 + 0.00 + 0.00 + 0.00 + 20.00 over 0.00");
    // It clears.
    house.ledger(&right());
    assert_eq!(
        row(&house.status(FEBRUARY), "1100"),
        "30.00 - 30.00 = 0.00: 0.00 + 0.00 + 0.00 + 0.00 + 0.00 within 0.00"
    );
}

#[test]
fn within_the_tolerance_one_signature_is_enough_and_splitting_does_not_walk_around_it() {
    let limits = "[entity.close.tolerance]\nreceivable = \"1.00\"\n4000 = \"1.00\"\n";
    let journals = [booked("1001", "2011-01-05", "9.40"), booked("1002", "2011-01-06", "19.40")];
    let house = House::new(limits, &journals);
    let first = house.explain("ana", &["1001"], ("rounding", None)).ok().one();
    assert_eq!(first["state"], "in_force", "0.60 is within 1.00: {first:#}");
    let second = house.explain("ana", &["1002"], ("rounding", None)).ok().one();
    assert_eq!(second["state"], "inert", "1.20 together is not: {second:#}");
    house.accept("cora", &second).ok();
    assert_eq!(
        row(&house.status(JANUARY), "1100"),
        "30.00 - 28.80 = 1.20: 0.00 + 0.00 + 1.20 + 0.00 + 0.00 within 1.00"
    );
    let id = text(&first, "id");
    house.bench.run(Some("ana"), ["close", "take-back", &id, "--reason", "it was a fee"]).ok();
    assert_eq!(
        row(&house.status(JANUARY), "1100"),
        "30.00 - 28.80 = 1.20: 0.00 + 0.60 + 0.60 + 0.00 + 0.00 within 1.00"
    );
}

#[test]
fn a_note_holds_for_its_items_as_they_were() {
    let house = House::new("", &[booked("1001", "2011-01-05", "9.40"), right()[1].clone()]);
    let note = house.explain("ana", &["1001"], ("bank_fee", None)).ok().one();
    house.ledger(&[booked("1001", "2011-01-05", "9.30"), right()[1].clone()]);
    house.accept("cora", &note).refused("figures_moved");
    let note = house.explain("ana", &["1001"], ("bank_fee", None)).ok().one();
    house.accept("cora", &note).ok();
    assert!(row(&house.status(JANUARY), "1100").contains("0.00 + 0.00 + 0.70 + 0.00 + 0.00"));
    house.sign("1100");
    house.ledger(&[booked("1001", "2011-01-05", "9.20"), right()[1].clone()]);
    assert!(row(&house.status(JANUARY), "1100").contains("0.00 + 0.80 + 0.00 + 0.00 + 0.00"));
    assert_eq!(house.state("1100"), "suspended");
}

#[test]
fn who_prepared_explained_or_accepted_does_not_review_and_an_auditor_signs_nothing() {
    let house = House::new("", &[booked("1001", "2011-01-05", "9.40"), right()[1].clone()]);
    let note = house.explain("ana", &["1001"], ("bank_fee", None)).ok().one();
    house.accept("cora", &note).ok();
    house.prepare("aud", "1100").refused("auditor_reads_only");
    house.review("dev", "1100").refused("nothing_to_decide");
    house.prepare("carl", "1100").ok();
    house.prepare("ana", "1100").refused("nothing_to_decide");
    for (who, rule) in [
        ("carl", "preparer_does_not_review"),
        ("cora", "who_worked_on_items_does_not_review"),
        ("ana", "who_worked_on_items_does_not_review"),
        ("aud", "auditor_reads_only"),
    ] {
        let refused = house.review(who, "1100").refused(rule);
        assert!(refused.stderr.contains("dev"), "it says who could: {}", refused.stderr);
    }
    let unseen = ["close", "review", "GB01", JANUARY, "1100", "--as-of", AS_OF];
    house.bench.run(Some("dev"), unseen).refused("content_not_shown");
    house.review("dev", "1100").ok();
    house.prepare("ana", "9999").refused("not_found");
    let nowhere = ["close", "status", "XX99", JANUARY];
    house.bench.run(None, nowhere).refused("not_found");
    assert_eq!(house.bench.run(None, ["verify"]).ok().one()["sound"], true);
}

#[test]
fn sign_offs_and_notes_changed_with_another_tool_are_told_by_verify() {
    let house = House::new("", &[booked("1001", "2011-01-05", "9.40"), right()[1].clone()]);
    let note = house.explain("ana", &["1001"], ("bank_fee", None)).ok().one();
    house.accept("cora", &note).ok();
    house.sign("1100");
    for statement in [
        "UPDATE change SET content = replace(content, '9.40', '9.41') WHERE kind = 'sign_off'",
        "UPDATE change SET state = 'inert' WHERE kind = 'sign_off'",
        "UPDATE change SET decided_by = author WHERE kind = 'sign_off'",
        "UPDATE change SET content = replace(content, '0.60', '0.50') WHERE kind = 'variance_note'",
        "DELETE FROM change WHERE kind = 'variance_note'",
        "DELETE FROM change WHERE kind = 'sign_off'",
    ] {
        let copy = crate::scene::copy_of(&house.bench);
        assert_eq!(copy.run(None, ["verify"]).ok().one()["sound"], true);
        tamper::tamper(&copy, |database| tamper::changed(database, statement));
        let ran = copy.run(None, ["verify"]).refused("log_not_sound");
        assert!(ran.stdout.contains("change"), "{statement}: {}", ran.stdout);
    }
}
