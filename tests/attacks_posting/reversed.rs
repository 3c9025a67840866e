//! The entry that is to be reversed was changed in the ERP after the reversal was approved: what was approved
//! undoes an entry that is no longer there, so nothing goes out.

use tieout_sandbox::book::BookedEntry;

use crate::{
    binary::text,
    judge::{booked, stands_once, undoings, untouched},
    office::{Attack, Lanes, approve, approved, in_october, off_by, post, standing, sync},
    papers::{Doc, RECEIVABLE},
};

/// Another amount on receivables and the line after it.
fn edit_amount(entry: &mut BookedEntry) {
    let at = entry.lines.iter().position(|line| line.account == RECEIVABLE).expect("receivables");
    let other = (at + 1) % entry.lines.len();
    for (line, by) in [(at, 5_000), (other, -5_000)] {
        entry.lines[line].amount += by;
        entry.lines[line].functional += by;
    }
}

/// Another account on the last line.
fn edit_account(entry: &mut BookedEntry) {
    entry.lines.last_mut().expect("a line").account = "4900".to_owned();
}

/// Another month.
fn edit_period(entry: &mut BookedEntry) {
    (entry.period, entry.date) = ("2026-08".to_owned(), "2026-08-20".parse().expect("a date"));
}

/// A wrong entry of the document whose correction is approved, and which is then edited.
fn edited_after_approval(lanes: Lanes, edit: fn(&mut BookedEntry), of: impl Fn(&Attack) -> Doc, read: bool) {
    let it = Attack::with(lanes);
    let doc = of(&it);
    let wrong = it.commit(&off_by(doc.entry(it.book()), 2_000));
    sync(&it.desk);
    let posting = approved(&it.desk, &doc);
    it.book().edit(wrong, edit).expect("an edit");
    if read {
        sync(&it.desk);
    }
    let before = booked(it.book(), &doc);
    post(&it.desk);
    untouched(it.book(), &doc, &before);
    let (state, code) = standing(&it.desk, &posting);
    assert_eq!(code, "reversed_entry_changed", "it is {state}");
}

#[test]
fn an_entry_whose_amount_was_edited_after_approval_is_not_reversed() {
    edited_after_approval(Lanes::Default, edit_amount, |it| it.papers.us[0].clone(), false);
}

#[test]
fn an_entry_whose_amount_was_edited_after_approval_is_not_reversed_with_one_lane() {
    edited_after_approval(Lanes::One, edit_amount, |it| it.papers.notes[0].clone(), false);
}

#[test]
fn an_entry_whose_edit_was_read_after_approval_is_not_reversed() {
    edited_after_approval(Lanes::Default, edit_amount, |it| it.papers.gb[0].clone(), true);
}

#[test]
fn an_entry_whose_account_was_edited_after_approval_is_not_reversed() {
    edited_after_approval(Lanes::Default, edit_account, |it| it.papers.payments[0].clone(), false);
}

#[test]
fn an_entry_that_was_moved_to_another_month_after_approval_is_not_reversed() {
    edited_after_approval(Lanes::Default, edit_period, |it| it.papers.jp[0].clone(), false);
}

/// A reversal alone, of what our own posting booked.
#[test]
fn our_own_entry_that_was_edited_after_approval_is_not_reversed() {
    let it = Attack::begin();
    let doc = it.papers.us[1].clone();
    let first = approved(&it.desk, &doc);
    post(&it.desk);
    sync(&it.desk);
    let reverse = ["reverse", &first, "--reason", "billed to the wrong customer"];
    let reversal = text(&it.desk.run(Some("ana"), reverse).ok().one(), "posting");
    approve(&it.desk, &reversal);
    let ours = booked(it.book(), &doc).remove(0);
    it.book().edit(ours.id, edit_amount).expect("an edit");
    let before = booked(it.book(), &doc);
    post(&it.desk);
    untouched(it.book(), &doc, &before);
    assert_eq!(standing(&it.desk, &reversal).1, "reversed_entry_changed");
}

/// The other direction: an edit of another entry, or one that leaves all that counts as it was, is no reason.
#[test]
fn an_entry_that_is_as_it_was_is_reversed() {
    let it = Attack::begin();
    let doc = it.papers.us[2].clone();
    let wrong = it.commit(&in_october(doc.entry(it.book())));
    let bystander = it.commit(&off_by(it.papers.us[3].entry(it.book()), 300));
    sync(&it.desk);
    approved(&it.desk, &doc);
    it.book().edit(bystander, edit_amount).expect("an edit");
    it.book().edit(wrong, |entry| entry.memo.push_str(" (seen by the auditors)")).expect("an edit");
    post(&it.desk);
    assert_eq!(undoings(it.book(), wrong), 1);
    stands_once(it.book(), &doc, 1);
}
