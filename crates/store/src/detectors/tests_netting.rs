//! Entries and their reversals cancel out.

use super::fixture::{Books, Posting, booked, check, doc, posting};

#[test]
fn a_mirror_with_the_same_reference_takes_back_what_it_mirrors() {
    let undone = booked("A", 9).undone();
    check(&[doc("A", 9)], &[booked("A", 9), undone.clone()], "A unposted");
    check(&[doc("A", 9)], &[booked("A", 9), undone.clone(), booked("A", 9)], "");
    check(&[doc("A", 9)], &[booked("A", 9), booked("A", 9), undone], "");
}

#[test]
fn a_mirror_takes_the_latest_entry_before_it() {
    // Booked in April by mistake, then right in March, and the mistake taken back.
    let wrong = booked("A", 9).with(|e| (e.period, e.date) = ("2026-04", "2026-04-02"));
    let undone = wrong.clone().undone();
    check(&[doc("A", 9)], &[wrong.clone(), booked("A", 9), undone.clone()], "");
    check(&[doc("A", 9)], &[booked("A", 9), wrong, undone], "");
}

#[test]
fn a_mirror_must_be_exact() {
    let other = booked("A", -8).with(|e| e.lines = vec![("1100", -9), ("4000", 8), ("4900", 1)]);
    check(&[doc("A", 9)], &[booked("A", 9), other], "A duplicate_posting");
    let elsewhere = booked("A", -9).with(|e| e.entity = "EU01");
    check(&[doc("A", 9)], &[booked("A", 9), elsewhere], "A unposted");
    let dollars = booked("A", -9).with(|e| e.currency = "USD");
    check(&[doc("A", 9)], &[booked("A", 9), dollars], "A duplicate_posting");
    let draft = booked("A", -9).with(|e| e.status = "unbooked");
    check(&[doc("A", 9)], &[booked("A", 9), draft], "");
}

#[test]
fn a_linked_reversal_cancels_out_whatever_its_reference() {
    let first = booked("A", 9).with(|e| e.erp_id = Some("1"));
    let undo = |reference: Option<&str>| {
        first.clone().undone().with(|e| {
            (e.erp_id, e.reverses) = (Some("2"), Some("1"));
            e.reference = reference.map(str::to_owned);
        })
    };
    check(&[doc("A", 9)], &[first.clone(), undo(Some("Reversal"))], "A unposted");
    check(&[doc("A", 9)], &[first.clone(), undo(None)], "A unposted");
}

#[test]
fn a_linked_reversal_of_a_part_stays_visible() {
    let first = booked("A", 9).with(|e| e.erp_id = Some("1"));
    check(&[doc("A", 9)], &[first, booked("A", -4).with(|e| e.reverses = Some("1"))], "A duplicate_posting");
}

#[test]
fn the_reversal_of_a_reversal_leaves_the_original() {
    let first = booked("A", 9).with(|e| e.erp_id = Some("1"));
    let undone = first.clone().undone().with(|e| {
        (e.erp_id, e.reverses, e.period) = (Some("2"), Some("1"), "2026-04");
    });
    let again = first.clone().with(|e| (e.erp_id, e.reverses, e.period) = (Some("3"), Some("2"), "2026-04"));
    check(&[doc("A", 9)], &[first, undone, again], "");
}

#[test]
fn a_reversal_that_comes_later_under_another_name_reopens_the_document() {
    let books = Books::with(&[doc("A", 9)], &[booked("A", 9).with(|e| e.erp_id = Some("1"))]);
    books.detect();
    assert_eq!(books.open(), "");
    let undone = booked("A", -9).with(|e| (e.reverses, e.reference) = (Some("1"), None));
    let reversal = books.book(&undone);
    books.detect();
    assert_eq!(books.open(), "A unposted");
    assert_eq!(books.list("SELECT '' || netted FROM entry"), "1, 1");
    // The ERP takes the reversal back: only the document's own reference is marked.
    books.restate(reversal, "void");
    books.dirty("A");
    books.detect();
    assert_eq!(books.open(), "");
    assert_eq!(books.list("SELECT '' || netted FROM entry"), "0, 0");
}

#[test]
fn our_own_reversal_cancels_out_by_what_the_posting_says() {
    const KEY: &str = "Tfffffffffffffffffff";
    let books =
        Books::with(&[doc("A", 9)], &[booked("A", 9), booked("X", 5).with(|e| e.erp_id = Some("55"))]);
    books.detect();
    assert_eq!(books.open(), "X orphan_journal");
    books.post(&Posting { role: "reverse", reverses: Some("55"), ..posting("X", "settled", KEY) });
    books.book(&booked("X-undone", -5).with(|e| e.external_id = Some(KEY.into())));
    books.detect();
    assert_eq!(books.open(), "");
}
