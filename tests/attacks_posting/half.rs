//! Correcting sets that are half booked: the reversal is in the book, the repost is not. Whoever fills the
//! gap, the document stands once; and a person can bring the set to an end, either way.

use std::collections::BTreeMap;

use tieout_sandbox::{
    fault::{FaultKind, FaultPlan, ScriptedFault},
    stripe::Command,
};

use crate::{
    binary::{Bench, text},
    judge::{booked, stands_once, undoings, untouched},
    office::{
        Attack, Lanes, about, approve, approved, copy_of, in_company, in_october, may_propose, of_kind,
        off_by, only, post, post_together, posting, propose, standing, sync, went_back,
    },
    papers::Doc,
};

/// Refuses the second journal from now on, as a period that closed in between would.
fn refuse_the_second(it: &Attack) {
    let second = ScriptedFault::post(2, "journalEntry", FaultKind::ClosedPeriod);
    it.faults().set_plan(FaultPlan::script([second]));
}

/// Books the document in the wrong month, approves its correction, and has the ERP take only the reversal.
/// The wrong entry and the posting.
fn half_booked(it: &Attack, doc: &Doc) -> (i64, String) {
    let wrong = it.commit(&in_october(doc.entry(it.book())));
    sync(&it.desk);
    let posting = approved(&it.desk, doc);
    refuse_the_second(it);
    post(&it.desk);
    it.faults().switch(false);
    assert_eq!(undoings(it.book(), wrong), 1, "the reversal is booked");
    assert_eq!(booked(it.book(), doc).len(), 2, "and the repost is not");
    let (state, code) = standing(&it.desk, &posting);
    assert_eq!(state, "refused", "{code}");
    (wrong, posting)
}

fn replay(desk: &Bench, posting: &str) {
    // Refused or not: the book judges.
    desk.run(Some("ana"), ["replay", posting]);
    post(desk);
}

fn filled_in_the_erp(lanes: Lanes) {
    let it = Attack::with(lanes);
    let doc = it.papers.us[0].clone();
    let (_, posting) = half_booked(&it, &doc);
    it.commit(&doc.entry(it.book()));
    replay(&it.desk, &posting);
    stands_once(it.book(), &doc, 1);
}

#[test]
fn a_gap_that_somebody_filled_in_the_erp_is_not_filled_again() {
    filled_in_the_erp(Lanes::Default);
}

#[test]
fn a_gap_that_somebody_filled_in_the_erp_is_not_filled_again_with_one_lane() {
    filled_in_the_erp(Lanes::One);
}

#[test]
fn a_gap_that_another_posting_filled_is_not_filled_again() {
    let it = Attack::begin();
    let doc = it.papers.jp[0].clone();
    let (_, posting) = half_booked(&it, &doc);
    sync(&it.desk);
    // The period is right now that nothing stands; that nothing stands is another exception.
    let unposted = of_kind(&it.desk, &doc, "unposted");
    if let Some(other) = may_propose(&it.desk, &unposted) {
        approve(&it.desk, &other);
        post(&it.desk);
    }
    replay(&it.desk, &posting);
    stands_once(it.book(), &doc, 1);
}

#[test]
fn a_gap_that_another_desk_filled_is_not_filled_again() {
    let it = Attack::begin();
    let doc = it.papers.gb[0].clone();
    let other = copy_of(&it.desk);
    let (_, posting) = half_booked(&it, &doc);
    sync(&other);
    approve(&other, &propose(&other, &only(&other, &doc)));
    post(&other);
    stands_once(it.book(), &doc, 1);
    replay(&it.desk, &posting);
    stands_once(it.book(), &doc, 1);
}

/// The other direction: where nobody filled it, the replay does.
#[test]
fn a_gap_that_nobody_filled_is_filled_by_the_replay() {
    let it = Attack::begin();
    let doc = it.papers.us[1].clone();
    let (_, posting) = half_booked(&it, &doc);
    replay(&it.desk, &posting);
    stands_once(it.book(), &doc, 1);
    assert_eq!(standing(&it.desk, &posting).0, "booked");
}

/// Carl approves whatever of these postings still waits for it, as judged.
fn approve_what_waits(desk: &Bench, postings: &[String]) {
    for id in postings {
        if posting(desk, id)["state"] == "proposed" {
            approve(desk, id);
        }
    }
}

/// What a verb for half-booked sets made: the posting that goes out now, which may be the set itself.
#[track_caller]
fn ends_by(desk: &Bench, verb: &str, set: &str) -> Vec<String> {
    let outcome = desk.run(Some("ana"), [verb, set]).ok().one();
    vec![text(&outcome, "posting")]
}

#[test]
fn a_half_booked_set_is_brought_to_its_end_by_finish() {
    let it = Attack::begin();
    let docs = [it.papers.us[2].clone(), it.papers.notes[0].clone()];
    for doc in &docs {
        let (_, posting) = half_booked(&it, doc);
        let going = ends_by(&it.desk, "finish", &posting);
        approve_what_waits(&it.desk, &going);
        post(&it.desk);
        stands_once(it.book(), doc, 1);
        sync(&it.desk);
        assert_eq!(about(&it.desk, doc).len(), 0, "nothing is left to be done about {}", doc.reference);
    }
}

#[test]
fn finish_does_not_fill_a_gap_that_somebody_filled() {
    let it = Attack::begin();
    let doc = it.papers.us[3].clone();
    let (_, posting) = half_booked(&it, &doc);
    it.commit(&doc.entry(it.book()));
    let ran = it.desk.run(Some("ana"), ["finish", &posting]);
    if ran.status == 0 {
        approve_what_waits(&it.desk, &[text(&ran.one(), "posting")]);
    } else {
        assert_ne!(ran.status, 2, "there is such a command: {ran:?}");
    }
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
}

#[test]
fn what_is_booked_of_a_half_booked_set_is_taken_back_once_it_is_approved() {
    let it = Attack::begin();
    let doc = it.papers.gb[1].clone();
    let wrong = it.commit(&off_by(doc.entry(it.book()), -900));
    sync(&it.desk);
    let posting = approved(&it.desk, &doc);
    refuse_the_second(&it);
    post(&it.desk);
    it.faults().switch(false);
    let half = booked(it.book(), &doc);
    assert_eq!((half.len(), undoings(it.book(), wrong)), (2, 1), "only the reversal is booked");

    let going = ends_by(&it.desk, "take-back", &posting);
    post(&it.desk);
    untouched(it.book(), &doc, &half);
    approve_what_waits(&it.desk, &going);
    post(&it.desk);
    let entries = booked(it.book(), &doc);
    let control: i64 = entries.iter().map(|entry| entry.amount_on("1100")).sum();
    assert_eq!(entries.len(), 3, "the reversal itself is undone:{}", crate::judge::told(&entries));
    assert_eq!(control, doc.control() - 900, "the wrong entry stands again");

    // And from there it can be corrected as if nothing had happened.
    sync(&it.desk);
    approve(&it.desk, &propose(&it.desk, &only(&it.desk, &doc)));
    post(&it.desk);
    let entries = booked(it.book(), &doc);
    let control: i64 = entries.iter().map(|entry| entry.amount_on("1100")).sum();
    assert_eq!((entries.len(), control), (5, doc.control()), "{}", crate::judge::told(&entries));
}

#[test]
fn nobody_takes_back_and_finishes_one_set() {
    let it = Attack::begin();
    let doc = it.papers.us[0].clone();
    let (wrong, posting) = half_booked(&it, &doc);
    let going = ends_by(&it.desk, "take-back", &posting);
    let finish = it.desk.run(Some("ana"), ["finish", &posting]);
    assert_eq!(finish.status, 1, "it is being taken back already: {finish:?}");
    replay(&it.desk, &posting);
    approve_what_waits(&it.desk, &going);
    post(&it.desk);
    let entries = booked(it.book(), &doc);
    assert_eq!(entries.len(), 3, "{}", crate::judge::told(&entries));
    assert_eq!(undoings(it.book(), wrong), 1, "{}", crate::judge::told(&entries));
}

/// What the desk offers on the exception about the posting: each action, and whether it is allowed.
fn offered(desk: &Bench, doc: &Doc) -> BTreeMap<String, bool> {
    let exception = of_kind(desk, doc, "posting_rejected");
    let request = serde_json::json!({ "id": exception }).to_string();
    let detail = desk.run(Some("ana"), ["call", "exception_detail", &request]).ok().one();
    let actions = detail["actions"].as_array().expect("actions").iter();
    actions.map(|it| (text(it, "action"), it["allowed"] == true)).collect()
}

#[test]
fn both_ends_of_a_half_booked_set_are_offered_and_what_would_leave_it_half_is_not() {
    let it = Attack::begin();
    let doc = it.papers.us[0].clone();
    let (_, set) = half_booked(&it, &doc);
    sync(&it.desk);
    let offered = offered(&it.desk, &doc);
    assert_eq!((offered["finish"], offered["take_back"], offered["cancel"]), (true, true, false));
    it.desk.run(Some("ana"), ["post", "--cancel", &set]).refused("set_half_booked");
    let reroute = ["reroute", &set, "--date", "2026-09-22", "--reason", "elsewhere"];
    it.desk.run(Some("ana"), reroute).refused("set_half_booked");
    // Of one that booked nothing neither is.
    let other = propose(&it.desk, &only(&it.desk, &it.papers.us[1]));
    it.desk.run(Some("ana"), ["finish", &other]).refused("set_nothing_booked");
    it.desk.run(Some("ana"), ["take-back", &other]).refused("set_nothing_booked");
}

#[test]
fn a_set_whose_gap_was_filled_and_read_comes_to_its_end_and_sends_nothing() {
    let it = Attack::begin();
    let doc = it.papers.gb[0].clone();
    let (_, set) = half_booked(&it, &doc);
    it.commit(&doc.entry(it.book()));
    sync(&it.desk);
    it.desk.run(Some("ana"), ["take-back", &set]).refused("set_not_restorable");
    assert_eq!(ends_by(&it.desk, "finish", &set), std::slice::from_ref(&set));
    assert_eq!(standing(&it.desk, &set).0, "cancelled");
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
    sync(&it.desk);
    assert_eq!(about(&it.desk, &doc).len(), 0);
}

#[test]
fn a_set_that_is_finished_is_not_taken_back_as_well() {
    let it = Attack::begin();
    let doc = it.papers.notes[1].clone();
    let (_, set) = half_booked(&it, &doc);
    ends_by(&it.desk, "finish", &set);
    let back = it.desk.run(Some("ana"), ["take-back", &set]);
    assert_eq!(back.status, 1, "it is being finished already: {back:?}");
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
    let back = it.desk.run(Some("ana"), ["take-back", &set]);
    assert_eq!(back.status, 1, "it is booked: {back:?}");
}

/// What is missing is no longer what was approved: it is prepared anew, and approved anew.
fn amended_in_between(replayed: bool) {
    let it = Attack::begin();
    let doc = it.papers.jp[1].clone();
    let (wrong, set) = half_booked(&it, &doc);
    it.bill(Command::AmendInvoice { invoice: doc.id.clone(), by: 500 });
    sync(&it.desk);
    if replayed {
        replay(&it.desk, &set);
        went_back(&it.desk, &set, "basis_moved");
    }
    let going = ends_by(&it.desk, "finish", &set);
    assert_ne!(going, std::slice::from_ref(&set), "another posting sends it");
    assert_eq!(
        (standing(&it.desk, &set).0, standing(&it.desk, &going[0]).0),
        ("cancelled".into(), "proposed".into())
    );
    post(&it.desk);
    assert_eq!(booked(it.book(), &doc).len(), 2, "nothing goes out unapproved");
    approve_what_waits(&it.desk, &going);
    post(&it.desk);
    let entries = booked(it.book(), &doc);
    let control: i64 = entries.iter().map(|entry| entry.amount_on("1100")).sum();
    // With its consumption tax of a tenth.
    assert_eq!((entries.len(), control), (3, doc.control() + 550), "{}", crate::judge::told(&entries));
    assert_eq!(undoings(it.book(), wrong), 1);
    sync(&it.desk);
    assert_eq!(about(&it.desk, &doc).len(), 0);
}

#[test]
fn what_is_missing_of_an_amended_document_is_finished_as_it_is_now() {
    amended_in_between(false);
}

#[test]
fn what_came_back_to_its_preparer_half_booked_is_finished_as_it_is_now() {
    amended_in_between(true);
}

/// Two desks end one set the two ways at once: the document stands once, whoever was first.
#[test]
fn two_desks_that_finish_and_take_back_one_set_book_it_once() {
    let it = Attack::begin();
    let doc = it.papers.us[2].clone();
    let (wrong, set) = half_booked(&it, &doc);
    let other = copy_of(&it.desk);
    ends_by(&it.desk, "finish", &set);
    let going = ends_by(&other, "take-back", &set);
    approve_what_waits(&other, &going);
    post_together(&it.desk, &other);
    let entries = booked(it.book(), &doc);
    assert_eq!(entries.len(), 3, "one of them only: {}", crate::judge::told(&entries));
    assert_eq!(undoings(it.book(), wrong), 1);
}

/// Booked for another company, and of its correction the ERP took only the reversal: to be taken back it
/// would have to be booked there again, where it does not belong.
fn half_corrected_elsewhere(it: &Attack, doc: &Doc) -> String {
    let wrong = it.commit(&in_company(doc.entry(it.book()), 2));
    sync(&it.desk);
    let set = approved(&it.desk, doc);
    refuse_the_second(it);
    post(&it.desk);
    it.faults().switch(false);
    assert_eq!((undoings(it.book(), wrong), standing(&it.desk, &set).0), (1, "refused".to_owned()));
    sync(&it.desk);
    it.desk.run(Some("ana"), ["take-back", &set]).refused("set_not_restorable");
    set
}

#[test]
fn a_set_that_can_neither_be_finished_nor_taken_back_is_left_and_its_document_settled_anew() {
    let it = Attack::begin();
    let doc = it.papers.us[1].clone();
    let set = half_corrected_elsewhere(&it, &doc);
    // However often it is finished, the ERP refuses it where it was approved for.
    for _ in 0..2 {
        assert_eq!(ends_by(&it.desk, "finish", &set), std::slice::from_ref(&set));
        it.faults().set_plan(FaultPlan::script([ScriptedFault::post(
            1,
            "journalEntry",
            FaultKind::ClosedPeriod,
        )]));
        post(&it.desk);
        it.faults().switch(false);
        assert_eq!(standing(&it.desk, &set).0, "refused");
    }
    it.desk.run(Some("ana"), ["post", "--cancel", &set]).refused("set_half_booked");
    let left = ["finish", &set, "--leave", "September takes nothing more"];
    assert_eq!(it.desk.run(Some("ana"), left).ok().one()["posting"], set.as_str());
    assert_eq!(standing(&it.desk, &set).0, "cancelled");
    sync(&it.desk);
    let again = text(
        &it.desk
            .run(
                Some("ana"),
                ["reroute", &only(&it.desk, &doc), "--date", "2026-09-22", "--reason", "it goes there"],
            )
            .ok()
            .one(),
        "posting",
    );
    approve(&it.desk, &again);
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
    sync(&it.desk);
    assert_eq!(about(&it.desk, &doc).len(), 0, "nothing is left to be done about it");
}

#[test]
fn a_set_that_can_be_taken_back_is_not_left_half() {
    let it = Attack::begin();
    let doc = it.papers.us[3].clone();
    let (_, set) = half_booked(&it, &doc);
    it.desk.run(Some("ana"), ["finish", &set, "--leave", "enough of it"]).refused("set_restorable");
    assert_eq!(standing(&it.desk, &set).0, "refused");
}

/// Another desk finished the set and reversed that again: the key of what is missing is spent.
#[test]
fn what_is_missing_is_finished_under_a_new_key_where_another_desk_spent_its_own() {
    let it = Attack::begin();
    let doc = it.papers.gb[1].clone();
    let (_, set) = half_booked(&it, &doc);
    let other = copy_of(&it.desk);
    ends_by(&other, "finish", &set);
    post(&other);
    sync(&other);
    let reverse = ["reverse", &set, "--reason", "the customer asked for another invoice"];
    let reversal = other.run(Some("ana"), reverse).ok().lines();
    reversal.iter().for_each(|made| approve(&other, &text(made, "posting")));
    post(&other);
    sync(&it.desk);
    assert_eq!(standing(&it.desk, &set).0, "refused");
    let going = ends_by(&it.desk, "finish", &set);
    assert_ne!(going, std::slice::from_ref(&set), "under the old key it could never be booked");
    approve_what_waits(&it.desk, &going);
    post(&it.desk);
    assert_eq!(standing(&it.desk, &going[0]).0, "booked");
    stands_once(it.book(), &doc, 2);
}
