//! One number in two legal entities: each document has its own entries, whatever is done about the other.

use crate::{
    judge::{absent, booked, stands_once, undoings, untouched},
    office::{
        Attack, Lanes, about, approve, approved, approved_all, copy_of, in_company, of_kind, off_by, only,
        post, propose, standing, sync,
    },
};

/// Entry `of` still counts: nothing undoes it.
#[track_caller]
fn still_stands(it: &Attack, of: i64) {
    assert_eq!(undoings(it.book(), of), 0, "the other entity's entry {of} was reversed");
}

#[test]
fn a_correction_leaves_the_other_entitys_entry_of_the_same_number_alone() {
    let it = Attack::begin();
    let (ours, theirs) = it.papers.twins.clone();
    let wrong = it.commit(&off_by(ours.entry(it.book()), 4_500));
    let right = it.commit(&theirs.entry(it.book()));
    sync(&it.desk);
    assert_eq!(about(&it.desk, &theirs).len(), 0, "the second is right");
    approved(&it.desk, &ours);
    post(&it.desk);
    still_stands(&it, right);
    assert_eq!(undoings(it.book(), wrong), 1);
    stands_once(it.book(), &ours, 1);
    stands_once(it.book(), &theirs, 0);
}

#[test]
fn the_surplus_of_one_entitys_document_is_not_the_others_only_entry() {
    let it = Attack::begin();
    let (ours, theirs) = it.papers.twins.clone();
    it.commit(&ours.entry(it.book()));
    it.commit(&ours.entry(it.book()));
    let right = it.commit(&theirs.entry(it.book()));
    sync(&it.desk);
    approve(&it.desk, &propose(&it.desk, &of_kind(&it.desk, &ours, "duplicate_posting")));
    post(&it.desk);
    still_stands(&it, right);
    stands_once(it.book(), &ours, 1);
    stands_once(it.book(), &theirs, 0);
}

#[test]
fn the_second_document_of_a_number_can_be_booked() {
    let it = Attack::begin();
    let (ours, theirs) = it.papers.twins.clone();
    it.commit(&ours.entry(it.book()));
    sync(&it.desk);
    let posting = approved(&it.desk, &theirs);
    post(&it.desk);
    assert_eq!(standing(&it.desk, &posting).0, "booked", "{:?}", standing(&it.desk, &posting));
    stands_once(it.book(), &theirs, 0);
    stands_once(it.book(), &ours, 0);
}

fn both_at_once(lanes: Lanes) {
    let it = Attack::with(lanes);
    let (ours, theirs) = it.papers.twins.clone();
    approved_all(&it.desk, &[&ours, &theirs]);
    post(&it.desk);
    stands_once(it.book(), &ours, 0);
    stands_once(it.book(), &theirs, 0);
}

#[test]
fn both_documents_of_a_number_are_booked_each_in_its_entity() {
    both_at_once(Lanes::Default);
}

#[test]
fn both_documents_of_a_number_are_booked_each_in_its_entity_with_one_lane() {
    both_at_once(Lanes::One);
}

/// Each desk knows one of them only as its own business: keys tell them apart.
#[test]
fn two_desks_book_both_documents_of_a_number() {
    let it = Attack::begin();
    let (ours, theirs) = it.papers.twins.clone();
    let other = copy_of(&it.desk);
    approved(&it.desk, &ours);
    approved(&other, &theirs);
    post(&it.desk);
    post(&other);
    stands_once(it.book(), &ours, 0);
    stands_once(it.book(), &theirs, 0);
}

/// The number's second entity is no licence: what stands in the document's own entity still stops it.
#[test]
fn an_entry_in_its_own_entity_stops_the_second_document_of_a_number() {
    let it = Attack::begin();
    let (_, theirs) = it.papers.twins.clone();
    approved(&it.desk, &theirs);
    it.commit(&theirs.entry(it.book()));
    let before = booked(it.book(), &theirs);
    post(&it.desk);
    untouched(it.book(), &theirs, &before);
}

/// The other direction: where no document of that entity bears the number, the booking is wrong there.
#[test]
fn a_booking_in_the_wrong_entity_is_found_and_corrected() {
    let it = Attack::begin();
    let doc = it.papers.us[0].clone();
    let wrong = it.commit(&in_company(doc.entry(it.book()), 2));
    sync(&it.desk);
    let exception = of_kind(&it.desk, &doc, "wrong_entity");
    assert_eq!(only(&it.desk, &doc), exception);
    approve(&it.desk, &propose(&it.desk, &exception));
    post(&it.desk);
    assert_eq!(undoings(it.book(), wrong), 1);
    stands_once(it.book(), &doc, 1);
    sync(&it.desk);
    assert_eq!(about(&it.desk, &doc).len(), 0);
}

#[test]
fn a_booking_in_the_wrong_entity_stops_the_send() {
    let it = Attack::begin();
    let doc = it.papers.gb[0].clone();
    let posting = approved(&it.desk, &doc);
    it.commit(&in_company(doc.entry(it.book()), 1));
    let before = booked(it.book(), &doc);
    post(&it.desk);
    untouched(it.book(), &doc, &before);
    assert_eq!(standing(&it.desk, &posting), ("refused".to_owned(), "already_in_ledger".to_owned()));
}

/// The second entity's document is not there: nothing of it may appear when the first is settled.
#[test]
fn a_correction_books_nothing_of_the_other_document() {
    let it = Attack::begin();
    let (ours, theirs) = it.papers.twins.clone();
    it.commit(&off_by(theirs.entry(it.book()), 200));
    sync(&it.desk);
    approve(&it.desk, &propose(&it.desk, &of_kind(&it.desk, &theirs, "amount_mismatch")));
    // The first document is only unposted: it is booked beside that correction.
    approved(&it.desk, &ours);
    post(&it.desk);
    stands_once(it.book(), &theirs, 1);
    stands_once(it.book(), &ours, 0);
    absent(it.book(), &it.papers.us[0]);
}
