//! Two copies of one workspace. They went different ways, and the ERP is slow: one entry per document all the
//! same. And what stops a send is an entry of the same role, not any entry of the same name.

use std::time::Duration;

use tieout_sandbox::{
    book::NewEntry,
    fault::{FaultKind, FaultPlan, ScriptedFault, plan::Tuning},
};

use crate::{
    binary::{Bench, text},
    judge::{booked, stands_once, undoings, untouched},
    office::{
        Attack, Lanes, about, approve, approved, approved_all, copy_of, in_october, off_by, only, post,
        post_briefly, post_together, propose, standing, sync,
    },
    papers::{Doc, account_id},
};

/// Prepares them, takes them back, prepares them again, and has them approved: the same content, and another
/// past.
fn approved_again(desk: &Bench, docs: &[&Doc]) {
    let mut cancel = vec!["post".to_owned(), "--cancel".to_owned()];
    cancel.extend(approved_all(desk, docs));
    desk.run(Some("ana"), cancel).ok();
    approved_all(desk, docs);
}

/// The ERP takes journals from the n-th on only when it is told to, and lets go of the caller at once.
fn late(it: &Attack, journals: u64) {
    let script = (1..=journals).map(|n| ScriptedFault::post(n, "journalEntry", FaultKind::LateCommit));
    let tuning = Tuning { late_after_requests: 1_000_000, late_after_ms: 600_000, ..Tuning::default() };
    it.faults().set_plan(FaultPlan::script(script).tuned(tuning));
}

/// The first desk's journals land only after the second desk has sent its own.
fn the_first_lands_late(lanes: Lanes) {
    let it = Attack::with(lanes);
    let docs = [&it.papers.us[0], &it.papers.gb[0], &it.papers.jp[0]];
    let other = copy_of(&it.desk);
    approved_again(&it.desk, &docs);
    approved_all(&other, &docs);
    late(&it, docs.len() as u64);
    post_briefly(&it.desk);
    assert_eq!(it.faults().injected_of(FaultKind::LateCommit), docs.len() as u64, "all were on their way");
    it.faults().set_plan(FaultPlan::default());
    post(&other);
    it.flush();
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 0));
    // And each of them finds what stands.
    post(&it.desk);
    post(&other);
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 0));
}

#[test]
fn two_desks_that_went_different_ways_book_one_entry_when_the_first_lands_late() {
    the_first_lands_late(Lanes::Default);
}

#[test]
fn two_desks_that_went_different_ways_book_one_entry_when_the_first_lands_late_with_one_lane() {
    the_first_lands_late(Lanes::One);
}

fn both_at_once(lanes: Lanes) {
    let it = Attack::slow(lanes, Duration::from_millis(700));
    let papers = &it.papers;
    let docs = [&papers.us[1], &papers.notes[0], &papers.payments[0]];
    let other = copy_of(&it.desk);
    approved_again(&it.desk, &docs);
    approved_all(&other, &docs);
    post_together(&it.desk, &other);
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 0));
}

#[test]
fn two_desks_that_went_different_ways_and_send_at_once_book_one_entry_of_each() {
    both_at_once(Lanes::Default);
}

#[test]
fn two_desks_that_went_different_ways_and_send_at_once_book_one_entry_of_each_with_one_lane() {
    both_at_once(Lanes::One);
}

#[test]
fn two_desks_that_correct_one_entry_reverse_it_once_when_the_first_lands_late() {
    let it = Attack::begin();
    let doc = it.papers.us[2].clone();
    let wrong = it.commit(&off_by(doc.entry(it.book()), 1_100));
    sync(&it.desk);
    let other = copy_of(&it.desk);
    approved_again(&it.desk, &[&doc]);
    approved(&other, &doc);
    late(&it, 1);
    post_briefly(&it.desk);
    assert_eq!(it.faults().injected_of(FaultKind::LateCommit), 1, "the reversal was on its way");
    it.faults().set_plan(FaultPlan::default());
    post(&other);
    it.flush();
    post(&it.desk);
    assert_eq!(undoings(it.book(), wrong), 1, "entry {wrong} is undone once");
    stands_once(it.book(), &doc, 1);
}

/// What is sent differs between them, and still one of them only can book it.
#[test]
fn two_desks_with_other_content_for_one_document_book_one_entry() {
    let it = Attack::begin();
    let doc = it.papers.gb[1].clone();
    let other = copy_of(&it.desk);
    let first = propose(&it.desk, &only(&it.desk, &doc));
    let reroute = ["reroute", &first, "--date", "2026-09-22", "--reason", "by the auditors' wish"];
    let rerouted = text(&it.desk.run(Some("ana"), reroute).ok().one(), "posting");
    approve(&it.desk, &rerouted);
    approved(&other, &doc);
    late(&it, 1);
    post_briefly(&it.desk);
    it.faults().set_plan(FaultPlan::default());
    post(&other);
    it.flush();
    post(&it.desk);
    post(&other);
    stands_once(it.book(), &doc, 0);
}

/// What stands under the key is another desk's, and says something else: this desk's posting is not settled
/// by it, ends refused, and somebody sees it.
#[track_caller]
fn ends_as_a_difference(desk: &Bench, doc: &Doc, posting: &str) {
    sync(desk);
    post(desk);
    sync(desk);
    let seen = standing(desk, posting);
    assert_eq!(seen, ("refused".to_owned(), "key_holds_other_content".to_owned()));
    assert!(about(desk, doc).contains_key("posting_rejected"), "{:?}", about(desk, doc));
}

/// One desk has it rerouted, the other sends it as it is; the first reads what the other has booked.
fn rerouted_here_and_booked_there(how: &[&str], sent: bool) {
    let it = Attack::begin();
    let doc = it.papers.gb[0].clone();
    let other = copy_of(&it.desk);
    let first = propose(&it.desk, &only(&it.desk, &doc));
    let reroute = [&["reroute", &first, "--reason", "by the auditors' wish"], how].concat();
    let rerouted = text(&it.desk.run(Some("ana"), reroute).ok().one(), "posting");
    approve(&it.desk, &rerouted);
    let theirs = approved(&other, &doc);
    if sent {
        late(&it, 1);
        post_briefly(&it.desk);
        assert_eq!(it.faults().injected_of(FaultKind::LateCommit), 1, "it was on its way");
        it.faults().set_plan(FaultPlan::default());
    }
    post(&other);
    it.flush();
    stands_once(it.book(), &doc, 0);
    if !sent {
        sync(&it.desk);
        assert_eq!(standing(&it.desk, &rerouted).0, "queued", "the other desk's entry settles nothing here");
    }
    ends_as_a_difference(&it.desk, &doc, &rerouted);
    stands_once(it.book(), &doc, 0);
    sync(&other);
    assert_eq!(standing(&other, &theirs).0, "settled");
}

#[test]
fn another_date_that_another_desk_booked_under_our_key_does_not_settle_what_waits_here() {
    rerouted_here_and_booked_there(&["--date", "2026-09-22"], false);
}

#[test]
fn another_account_that_another_desk_booked_under_our_key_does_not_settle_what_waits_here() {
    rerouted_here_and_booked_there(&["--account", "2400=4900"], false);
}

#[test]
fn another_date_that_another_desk_booked_under_our_key_is_not_taken_for_what_was_sent_here() {
    rerouted_here_and_booked_there(&["--date", "2026-09-22"], true);
}

#[test]
fn another_account_that_another_desk_booked_under_our_key_is_not_taken_for_what_was_sent_here() {
    rerouted_here_and_booked_there(&["--account", "2400=4900"], true);
}

/// The other direction: the very same content, whoever sent it, in books of the entity's own currency or not.
#[test]
fn the_same_content_that_another_desk_booked_settles_what_waits_here() {
    let it = Attack::begin();
    let docs = [&it.papers.us[0], &it.papers.foreign[0], &it.papers.payments[0], &it.papers.notes[0]];
    let other = copy_of(&it.desk);
    approved_again(&it.desk, &docs);
    let postings = approved_all(&other, &docs);
    post(&it.desk);
    sync(&other);
    for (doc, posting) in docs.iter().zip(&postings) {
        assert_eq!(standing(&other, posting).0, "settled", "{}", doc.reference);
    }
    post(&other);
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 0));
}

/// The same content, and reversed again since: it shows nothing of what waits here.
#[test]
fn what_another_desk_booked_and_reversed_again_does_not_settle_what_waits_here() {
    let it = Attack::begin();
    let doc = it.papers.us[1].clone();
    let waits = approved(&it.desk, &doc);
    let other = copy_of(&it.desk);
    post(&other);
    sync(&other);
    let reverse = ["reverse", &waits, "--reason", "the customer asked for another invoice"];
    let reversal = text(&other.run(Some("ana"), reverse).ok().one(), "posting");
    approve(&other, &reversal);
    post(&other);
    let before = booked(it.book(), &doc);
    assert_eq!(before.len(), 2, "booked and reversed");
    sync(&it.desk);
    assert_eq!(standing(&it.desk, &waits).0, "queued");
    post(&it.desk);
    untouched(it.book(), &doc, &before);
    assert_eq!(standing(&it.desk, &waits), ("refused".to_owned(), "key_spent_in_erp".to_owned()));
}

/// A whole correcting set of another desk's, with the same content, is this desk's as well.
#[test]
fn the_same_set_that_another_desk_booked_settles_or_is_taken_for_what_waits_here() {
    let it = Attack::begin();
    let docs = [it.papers.us[2].clone(), it.papers.gb[1].clone()];
    for doc in &docs {
        it.commit(&in_october(doc.entry(it.book())));
    }
    sync(&it.desk);
    let sets = approved_all(&it.desk, &[&docs[0], &docs[1]]);
    let other = copy_of(&it.desk);
    post(&other);
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 1));
    // One of them looks for itself, and one reads the ledger first.
    let third = copy_of(&it.desk);
    post(&it.desk);
    sets.iter().for_each(|set| assert_eq!(standing(&it.desk, set).0, "booked"));
    sync(&third);
    sets.iter().for_each(|set| assert_eq!(standing(&third, set).0, "settled"));
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 1));
}

/// The other direction: copies that hold the very same posting.
#[test]
fn two_identical_copies_that_send_at_once_book_one_entry() {
    let it = Attack::slow(Lanes::Default, Duration::from_millis(500));
    let docs = [&it.papers.us[3], &it.papers.jp[1]];
    approved_all(&it.desk, &docs);
    let other = copy_of(&it.desk);
    post_together(&it.desk, &other);
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 0));
}

#[test]
fn two_identical_copies_book_one_entry_when_the_first_lands_late() {
    let it = Attack::with(Lanes::One);
    let doc = it.papers.us[0].clone();
    let posting = approved(&it.desk, &doc);
    let other = copy_of(&it.desk);
    late(&it, 1);
    post_briefly(&it.desk);
    it.faults().set_plan(FaultPlan::default());
    post(&other);
    it.flush();
    post(&it.desk);
    stands_once(it.book(), &doc, 0);
    for desk in [&it.desk, &other] {
        assert_eq!(standing(desk, &posting).0, "booked");
    }
}

/// The other direction: what was reversed in the ledger can be booked again.
#[test]
fn what_was_reversed_in_the_ledger_can_be_booked_again() {
    let it = Attack::begin();
    let doc = it.papers.us[1].clone();
    let first = approved(&it.desk, &doc);
    post(&it.desk);
    sync(&it.desk);
    let reverse = ["reverse", &first, "--reason", "the customer asked for another invoice"];
    let reversal = text(&it.desk.run(Some("ana"), reverse).ok().one(), "posting");
    approve(&it.desk, &reversal);
    post(&it.desk);
    sync(&it.desk);
    approved(&it.desk, &doc);
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
}

/// An entry of another connector under the document's name: receivables against clearing.
fn paid(it: &Attack, doc: &Doc) -> NewEntry {
    let right = doc.entry(it.book());
    let mut lines = right.lines.clone();
    lines.retain(|line| line.account == account_id("1100"));
    let control = lines.first().expect("receivables").clone();
    let cash = tieout_sandbox::book::NewLine {
        account: account_id("1050"),
        amount: doc.control(),
        entity: None,
        ..control.clone()
    };
    let lines = vec![tieout_sandbox::book::NewLine { amount: -doc.control(), ..control }, cash];
    in_october(NewEntry { lines, ..right })
}

/// Each document's entries of the desk's own making.
fn ours(it: &Attack, doc: &Doc) -> usize {
    booked(it.book(), doc).iter().filter(|entry| entry.external_id.is_some()).count()
}

#[test]
fn a_payment_under_the_invoices_number_does_not_stop_the_invoice() {
    let it = Attack::begin();
    let docs = [&it.papers.us[0], &it.papers.jp[0]];
    let postings = approved_all(&it.desk, &docs);
    for doc in docs {
        it.commit(&paid(&it, doc));
    }
    post(&it.desk);
    for (doc, posting) in docs.iter().zip(&postings) {
        let told = crate::judge::told(&booked(it.book(), doc));
        assert_eq!(ours(&it, doc), 1, "{:?} of {}:{told}", standing(&it.desk, posting), doc.reference);
    }
}

/// The other direction: an invoice that another connector has booked does.
#[test]
fn an_invoice_of_another_connector_stops_the_send() {
    let it = Attack::begin();
    let docs = [&it.papers.gb[0], &it.papers.notes[1], &it.papers.payments[1]];
    let postings = approved_all(&it.desk, &docs);
    for doc in docs {
        // Not to the cent, and in another month: it is the same document all the same.
        it.commit(&in_october(off_by(doc.entry(it.book()), 1)));
    }
    let before: Vec<_> = docs.iter().map(|doc| booked(it.book(), doc)).collect();
    post(&it.desk);
    for ((doc, posting), before) in docs.iter().zip(&postings).zip(&before) {
        untouched(it.book(), doc, before);
        assert_eq!(standing(&it.desk, posting), ("refused".to_owned(), "already_in_ledger".to_owned()));
    }
}

/// Both stand under one number: the payment lets the invoice pass, the invoice does not.
#[test]
fn an_invoice_beside_its_payment_stops_the_send() {
    let it = Attack::begin();
    let doc = it.papers.us[3].clone();
    approved(&it.desk, &doc);
    it.commit(&paid(&it, &doc));
    it.commit(&doc.entry(it.book()));
    let before = booked(it.book(), &doc);
    post(&it.desk);
    untouched(it.book(), &doc, &before);
}
