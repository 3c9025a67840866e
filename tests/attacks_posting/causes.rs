//! One document, several exceptions: however many people settle it, and in whatever order, the book ends
//! with one right entry, and undoes the wrong one once.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use tieout_sandbox::book::NewEntry;

use crate::{
    binary::{Bench, text},
    judge::{stands_once, undoings},
    office::{
        Attack, Lanes, about, approve, copy_of, in_company, in_october, may_propose, of_kind, off_by, only,
        post, post_together, propose, settle_all, standing, sync,
    },
    papers::Doc,
};

/// Wrong in amount and period.
fn two_causes(it: &Attack, doc: &Doc) -> NewEntry {
    in_october(off_by(doc.entry(it.book()), 700))
}

/// Wrong in amount, period and company.
fn three_causes(it: &Attack, doc: &Doc) -> NewEntry {
    in_company(two_causes(it, doc), if doc.subsidiary == 1 { 2 } else { 1 })
}

/// Books what is wrong with the document, and reads it; the wrong entry and the exceptions that are found.
fn wrong(it: &Attack, doc: &Doc, entry: &NewEntry, causes: usize) -> (i64, Vec<String>) {
    let id = it.commit(entry);
    sync(&it.desk);
    let found = about(&it.desk, doc);
    assert_eq!(found.len(), causes, "{}: {found:?}", doc.reference);
    (id, found.into_values().collect())
}

/// Everybody settles the exception that they were given; all is approved, and sent together.
fn at_once(lanes: Lanes, causes: usize) {
    let it = Attack::slow(lanes, Duration::from_millis(60));
    let doc = it.papers.us[0].clone();
    let entry = if causes == 2 { two_causes(&it, &doc) } else { three_causes(&it, &doc) };
    let (id, exceptions) = wrong(&it, &doc, &entry, causes);
    settle_all(&it.desk, &exceptions);
    post(&it.desk);
    assert!(undoings(it.book(), id) <= 1, "entry {id} was undone {} times", undoings(it.book(), id));
    stands_once(it.book(), &doc, 1);
    sync(&it.desk);
    assert_eq!(about(&it.desk, &doc).len(), 0, "one set settles all that was wrong");
}

#[test]
fn three_exceptions_of_one_document_book_it_once() {
    at_once(Lanes::Default, 3);
}

#[test]
fn three_exceptions_of_one_document_book_it_once_with_one_lane() {
    at_once(Lanes::One, 3);
}

#[test]
fn two_exceptions_of_one_document_book_it_once() {
    at_once(Lanes::Default, 2);
}

#[test]
fn two_exceptions_of_one_document_book_it_once_with_one_lane() {
    at_once(Lanes::One, 2);
}

/// Each exception is settled and sent before the next is looked at, without a sync in between.
fn one_after_the_other(lanes: Lanes) {
    let it = Attack::with(lanes);
    let doc = it.papers.gb[0].clone();
    let entry = three_causes(&it, &doc);
    let (id, exceptions) = wrong(&it, &doc, &entry, 3);
    for exception in &exceptions {
        let Some(posting) = may_propose(&it.desk, exception) else { continue };
        approve(&it.desk, &posting);
        post(&it.desk);
    }
    assert_eq!(undoings(it.book(), id), 1, "entry {id} is undone once");
    stands_once(it.book(), &doc, 1);
}

#[test]
fn exceptions_of_one_document_settled_one_after_the_other_book_it_once() {
    one_after_the_other(Lanes::Default);
}

#[test]
fn exceptions_of_one_document_settled_one_after_the_other_book_it_once_with_one_lane() {
    one_after_the_other(Lanes::One);
}

/// Booked twice over, both times wrong in the same way: one cause asks for the surplus to be reversed, the
/// others for both to be, and for a right one.
fn twice_wrong(lanes: Lanes, wrong_company: bool) {
    let it = Attack::with(lanes);
    let doc = it.papers.us[3].clone();
    let mut entry = in_october(doc.entry(it.book()));
    if wrong_company {
        entry = in_company(entry, 2);
    }
    it.commit(&entry);
    let (_, exceptions) = wrong(&it, &doc, &entry, if wrong_company { 3 } else { 2 });
    settle_all(&it.desk, &exceptions);
    post(&it.desk);
    stands_once(it.book(), &doc, 2);
}

#[test]
fn a_document_booked_twice_in_the_wrong_month_ends_booked_once() {
    twice_wrong(Lanes::Default, false);
}

#[test]
fn a_document_booked_twice_in_the_wrong_month_ends_booked_once_with_one_lane() {
    twice_wrong(Lanes::One, false);
}

#[test]
fn a_document_booked_twice_in_the_wrong_month_and_company_ends_booked_once() {
    twice_wrong(Lanes::One, true);
}

/// A period is the same wherever the amounts are right: the set's own repost looks just like what it undid.
#[test]
fn a_wrong_period_and_a_wrong_account_of_one_document_book_it_once() {
    let it = Attack::begin();
    let doc = it.papers.us[1].clone();
    let mut entry = in_october(doc.entry(it.book()));
    entry.lines.iter_mut().filter(|line| line.account == 401).for_each(|line| line.account = 490);
    let (id, exceptions) = wrong(&it, &doc, &entry, 2);
    settle_all(&it.desk, &exceptions);
    post(&it.desk);
    assert_eq!(undoings(it.book(), id), 1, "entry {id} is undone once");
    stands_once(it.book(), &doc, 1);
}

#[test]
fn a_second_proposal_for_a_document_is_refused_or_joins_the_first() {
    let it = Attack::begin();
    let doc = it.papers.jp[0].clone();
    let entry = three_causes(&it, &doc);
    let (_, exceptions) = wrong(&it, &doc, &entry, 3);
    let first = propose(&it.desk, &exceptions[0]);
    for exception in &exceptions[1..] {
        let ran = it.desk.run(Some("ana"), ["propose", exception]);
        let outcome = ran.one();
        let joined = outcome["result"] == "done" && outcome["posting"] == first.as_str();
        let refused = outcome["code"] == "document_has_live_posting";
        assert!(joined || refused, "a second posting of {} lives: {outcome}", doc.reference);
    }
}

/// The other direction: one posting is enough for all of them.
#[test]
fn one_correcting_set_settles_every_cause_of_its_document() {
    let it = Attack::begin();
    let doc = it.papers.us[2].clone();
    let entry = three_causes(&it, &doc);
    let (_, exceptions) = wrong(&it, &doc, &entry, 3);
    let posting = propose(&it.desk, &exceptions[1]);
    approve(&it.desk, &posting);
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
    sync(&it.desk);
    assert_eq!(about(&it.desk, &doc).len(), 0);
    assert_eq!(standing(&it.desk, &posting).0, "settled");
}

/// The other direction: once a posting has come to its end, the next one of the document may live.
#[test]
fn a_document_whose_posting_was_withdrawn_can_be_proposed_under_its_other_exception() {
    let it = Attack::begin();
    let doc = it.papers.jp[1].clone();
    let entry = two_causes(&it, &doc);
    let (_, exceptions) = wrong(&it, &doc, &entry, 2);
    let first = propose(&it.desk, &exceptions[0]);
    it.desk.run(Some("ana"), ["post", "--cancel", &first]).ok();
    approve(&it.desk, &propose(&it.desk, &exceptions[1]));
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
}

/// Credit notes, payments, refunds and yen, all together, as somebody does who empties a queue.
#[test]
fn every_kind_of_document_with_two_causes_is_booked_once_when_a_whole_queue_is_settled() {
    let it = Attack::begin();
    let papers = &it.papers;
    let docs = [&papers.notes[0], &papers.payments[0], &papers.refunds[0], &papers.jp[2], &papers.us[3]];
    for doc in docs {
        it.commit(&in_october(off_by(doc.entry(it.book()), 3)));
    }
    sync(&it.desk);
    let exceptions: Vec<String> = docs.iter().flat_map(|doc| about(&it.desk, doc).into_values()).collect();
    assert_eq!(exceptions.len(), 2 * docs.len(), "two causes each");
    settle_all(&it.desk, &exceptions);
    post(&it.desk);
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 1));
}

/// What one of our postings booked is reversed by hand, while a correction of it waits too.
#[test]
fn a_reversal_by_hand_and_a_correction_undo_an_entry_once() {
    let it = Attack::slow(Lanes::Default, Duration::from_millis(60));
    let doc = it.papers.us[0].clone();
    let ours = propose(&it.desk, &only(&it.desk, &doc));
    approve(&it.desk, &ours);
    post(&it.desk);
    let booked = crate::judge::booked(it.book(), &doc);
    let [entry] = booked.as_slice() else { panic!("it is booked once: {booked:?}") };
    it.book().edit(entry.id, |entry| entry.period = "2026-10".to_owned()).expect("an edit");
    sync(&it.desk);
    let mut postings: BTreeSet<String> =
        about(&it.desk, &doc).values().filter_map(|e| may_propose(&it.desk, e)).collect();
    assert_eq!(postings.len(), 1, "its period is wrong now");
    let reverse = ["reverse", &ours, "--reason", "booked in the wrong month"];
    let outcome: Value = it.desk.run(Some("ana"), reverse).one();
    match outcome["result"] == "done" {
        true => postings.extend([text(&outcome, "posting")]),
        false => assert_eq!(outcome["code"], "document_has_live_posting", "{outcome}"),
    }
    postings.iter().for_each(|posting| approve(&it.desk, posting));
    post(&it.desk);
    assert!(undoings(it.book(), entry.id) <= 1, "undone {} times", undoings(it.book(), entry.id));
    stands_once(it.book(), &doc, 1);
}

/// Two desks, each with another of the document's exceptions, and with keys of their own.
fn on_two_desks(lanes: Lanes) {
    let it = Attack::slow(lanes, Duration::from_millis(250));
    let doc = it.papers.gb[1].clone();
    let entry = three_causes(&it, &doc);
    let (id, _) = wrong(&it, &doc, &entry, 3);
    let other = copy_of(&it.desk);
    let settle = |desk: &Bench, kind: &str| approve(desk, &propose(desk, &of_kind(desk, &doc, kind)));
    settle(&it.desk, "wrong_period");
    let taken_back = propose(&other, &of_kind(&other, &doc, "wrong_period"));
    other.run(Some("ana"), ["post", "--cancel", &taken_back]).ok();
    settle(&other, "amount_mismatch");
    post_together(&it.desk, &other);
    assert_eq!(undoings(it.book(), id), 1, "entry {id} is undone once");
    stands_once(it.book(), &doc, 1);
}

#[test]
fn two_desks_that_settle_different_causes_of_one_document_book_it_once() {
    on_two_desks(Lanes::Default);
}

#[test]
fn two_desks_that_settle_different_causes_of_one_document_book_it_once_with_one_lane() {
    on_two_desks(Lanes::One);
}
