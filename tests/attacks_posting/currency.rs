//! Entries in a foreign currency whose functional amounts the ERP rounded by a minor unit: what undoes them
//! is known all the same, by what it reverses, and by transaction amounts.

use tieout_sandbox::book::{NewEntry, NewLine};

use crate::{
    judge::{booked, stands_once, undoings, untouched},
    office::{
        Attack, Lanes, about, approve, approved, copy_of, in_october, may_propose, of_kind, only, post,
        post_together, propose, settle_all, standing, sync,
    },
    papers::{Doc, account_id},
};

/// An entry under the document's name in October, of these amounts on receivables, revenue and tax. At both
/// rates of the company (0.79 and 0.00667) the parts are converted to a unit more or less than their sum,
/// so that the ERP's own rounding moves the largest line by one.
fn rounded(it: &Attack, doc: &Doc) -> NewEntry {
    let right = doc.entry(it.book());
    let line = |account: &str, amount| NewLine {
        account: account_id(account),
        amount,
        functional: None,
        memo: None,
        entity: None,
    };
    let rate = if doc.subsidiary == 2 { "0.79" } else { "0.00667" };
    let lines = vec![line("1100", 12_004), line("2400", -10_002), line("2200", -2_002)];
    in_october(NewEntry { rate: Some(rate.parse().expect("a rate")), lines, ..right })
}

/// The book's functional amount of receivables is not what the entry's rate makes of it.
#[track_caller]
fn is_rounded(it: &Attack, id: i64) {
    let entry = it.book().entry(id).expect("the book answers").expect("it is there");
    let receivable = entry.lines.iter().find(|line| line.account == "1100").expect("receivables");
    let at_rate = if entry.rate == "0.79" { 9_483 } else { 8_007 };
    assert_eq!((receivable.functional - at_rate).abs(), 1, "{entry:?}");
}

fn two_causes_abroad(lanes: Lanes, of: impl Fn(&Attack) -> Doc) {
    let it = Attack::with(lanes);
    let doc = of(&it);
    let id = it.commit(&rounded(&it, &doc));
    is_rounded(&it, id);
    sync(&it.desk);
    let exceptions = about(&it.desk, &doc);
    assert_eq!(exceptions.len(), 2, "amount and period: {exceptions:?}");
    settle_all(&it.desk, &exceptions.into_values().collect::<Vec<_>>());
    post(&it.desk);
    assert_eq!(undoings(it.book(), id), 1, "entry {id} is undone once");
    stands_once(it.book(), &doc, 1);
}

#[test]
fn a_rounded_foreign_entry_of_two_exceptions_is_reversed_once() {
    two_causes_abroad(Lanes::Default, |it| it.papers.foreign[0].clone());
}

#[test]
fn a_rounded_foreign_entry_of_two_exceptions_is_reversed_once_with_one_lane() {
    two_causes_abroad(Lanes::One, |it| it.papers.foreign[0].clone());
}

#[test]
fn a_rounded_entry_in_yen_in_books_of_dollars_is_reversed_once() {
    two_causes_abroad(Lanes::One, |it| it.papers.yen_in_dollars.clone());
}

#[test]
fn a_rounded_foreign_entry_is_reversed_once_when_it_is_proposed_again_later() {
    let it = Attack::begin();
    let doc = it.papers.foreign[1].clone();
    let id = it.commit(&rounded(&it, &doc));
    sync(&it.desk);
    for exception in about(&it.desk, &doc).values() {
        let Some(posting) = may_propose(&it.desk, exception) else { continue };
        approve(&it.desk, &posting);
        post(&it.desk);
    }
    assert_eq!(undoings(it.book(), id), 1, "entry {id} is undone once");
    stands_once(it.book(), &doc, 1);
    // The other direction: once the ledger's own word is there, nothing is left to be proposed.
    sync(&it.desk);
    assert_eq!(about(&it.desk, &doc).len(), 0, "it is settled");
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
}

#[test]
fn a_rounded_foreign_entry_is_reversed_once_by_two_desks_that_went_different_ways() {
    let it = Attack::begin();
    let doc = it.papers.foreign[2].clone();
    let id = it.commit(&rounded(&it, &doc));
    sync(&it.desk);
    let other = copy_of(&it.desk);
    approve(&it.desk, &propose(&it.desk, &of_kind(&it.desk, &doc, "wrong_period")));
    let withdrawn = propose(&other, &of_kind(&other, &doc, "wrong_period"));
    other.run(Some("ana"), ["post", "--cancel", &withdrawn]).ok();
    approve(&other, &propose(&other, &of_kind(&other, &doc, "wrong_period")));
    // One after the other: the second has nothing to find but the book.
    post(&it.desk);
    post(&other);
    assert_eq!(undoings(it.book(), id), 1, "entry {id} is undone once");
    stands_once(it.book(), &doc, 1);
    post_together(&it.desk, &other);
    stands_once(it.book(), &doc, 1);
}

/// What undoes the entry, as a person in the ERP would book it: unlinked, and rounded otherwise.
fn undone_by_hand(it: &Attack, id: i64) -> NewEntry {
    let entry = it.book().entry(id).expect("the book answers").expect("it is there");
    let line = |(n, line): (usize, &tieout_sandbox::book::BookedLine)| NewLine {
        account: account_id(&line.account),
        amount: -line.amount,
        // One unit more on the first line, and on the second that balances it.
        functional: Some(-line.functional + [1, -1, 0][n.min(2)]),
        memo: None,
        entity: None,
    };
    let reference = entry.memo.split_whitespace().next().unwrap_or_default();
    NewEntry {
        external_id: None,
        subsidiary: entry.subsidiary,
        date: entry.date,
        period: None,
        currency: Some(if entry.currency == "USD" { 1 } else { 4 }),
        rate: Some(entry.rate.parse().expect("a rate")),
        memo: format!("{reference} taken back by hand"),
        approval: tieout_sandbox::book::Approval::Approved,
        reverses: None,
        lines: entry.lines.iter().enumerate().map(line).collect(),
    }
}

#[test]
fn a_foreign_entry_that_somebody_undid_with_another_rounding_is_not_reversed_again() {
    let it = Attack::begin();
    let doc = it.papers.foreign[0].clone();
    // Booked twice over: one is surplus, and its reversal is approved.
    let right = doc.entry(it.book());
    let rate = Some("0.79".parse().expect("a rate"));
    it.commit(&NewEntry { rate, ..right.clone() });
    let surplus = it.commit(&NewEntry { memo: right.memo.clone(), ..rounded(&it, &doc) });
    sync(&it.desk);
    let posting = approved(&it.desk, &doc);
    it.commit(&undone_by_hand(&it, surplus));
    let before = booked(it.book(), &doc);
    post(&it.desk);
    assert_eq!(undoings(it.book(), surplus), 1, "entry {surplus} is undone once, by hand");
    untouched(it.book(), &doc, &before);
    assert_eq!(standing(&it.desk, &posting), ("refused".to_owned(), "already_reversed".to_owned()));
}

/// The other direction: a pair that cancels out, but for a unit of rounding, stands in nobody's way.
#[test]
fn a_foreign_pair_that_cancels_out_does_not_stop_the_invoice() {
    let it = Attack::begin();
    let doc = it.papers.foreign[1].clone();
    let wrong = it.commit(&rounded(&it, &doc));
    it.commit(&undone_by_hand(&it, wrong));
    sync(&it.desk);
    assert_eq!(only(&it.desk, &doc), of_kind(&it.desk, &doc, "unposted"));
    let posting = approved(&it.desk, &doc);
    post(&it.desk);
    assert_eq!(standing(&it.desk, &posting).0, "booked", "{:?}", standing(&it.desk, &posting));
    stands_once(it.book(), &doc, 1);
}

/// The other direction: a foreign entry that nobody undid is still reversed, and booked anew.
#[test]
fn a_rounded_foreign_entry_is_corrected() {
    let it = Attack::begin();
    let doc = it.papers.foreign[1].clone();
    let id = it.commit(&rounded(&it, &doc));
    sync(&it.desk);
    approve(&it.desk, &propose(&it.desk, &of_kind(&it.desk, &doc, "amount_mismatch")));
    post(&it.desk);
    assert_eq!(undoings(it.book(), id), 1);
    stands_once(it.book(), &doc, 1);
}
