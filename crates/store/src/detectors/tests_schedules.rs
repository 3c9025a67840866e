//! Releases of deferred revenue beside their schedules: both kinds, in both directions, in total and document
//! by document.

use super::fixture::{Books, Doc, Entry, booked, doc, entry, why};
use crate::tieout::{TieOutFilter, tie_out};

const MARCH: &str = "2026-03";

/// An invoice on deferred revenue.
fn invoice(name: &str, minor: i64) -> Doc {
    doc(name, minor).with(|d| d.lines = vec![("1100", d.total), ("2400", -d.total)])
}

fn billed(name: &str, minor: i64) -> Entry {
    entry(name, &[("1100", minor), ("2400", -minor)])
}

fn release(name: &str, minor: i64) -> Entry {
    entry(name, &[("2400", minor), ("4000", -minor)])
}

/// Books whose mapping asks for schedules; each document releases this much in a period.
fn books(docs: &[Doc], entries: &[Entry], releases: &[(&str, &str, i64)]) -> Books {
    let books = Books::with(docs, entries);
    books.run("INSERT INTO house_schedule (entity, account) VALUES ('GB01', '2400')", []);
    for (reference, period, minor) in releases {
        scheduled(&books, reference, period, *minor);
    }
    books
}

fn scheduled(books: &Books, reference: &str, period: &str, minor: i64) {
    books.run(
        "INSERT INTO schedule_line (document_seq, what, revenue, period, account, due_at, counts, minor)
         SELECT seq, 'released', '4000', ?2, '2400', CASE ?2 WHEN '2026-03' THEN 1775433600000
             ELSE 1804896000000 END, 1, ?3 FROM document WHERE reference = ?1",
        rusqlite::params![reference, period, minor],
    );
}

#[track_caller]
fn check(books: &Books, want: &str) {
    books.detect();
    assert_eq!(books.open(), want);
    ties_out(books);
}

/// Every cell is explained, whatever is wrong.
#[track_caller]
fn ties_out(books: &Books) {
    for cell in tie_out(&books.db, &TieOutFilter::default()).unwrap() {
        assert_eq!(cell.unexplained_minor, 0, "{cell:?}");
    }
}

fn two() -> [Doc; 2] {
    [invoice("A", 12_000), invoice("B", 2_400)]
}

fn both() -> [Entry; 2] {
    [billed("A", 12_000), billed("B", 2_400)]
}

const BOTH: [(&str, &str, i64); 2] = [("A", MARCH, 1_000), ("B", MARCH, 200)];

#[test]
fn right_books_have_no_exception_released_in_total_or_document_by_document() {
    let total = [both().to_vec(), vec![release("REL-03", 1_200)]].concat();
    check(&books(&two(), &total, &BOTH), "");
    let parts = [both().to_vec(), vec![release("REL-03", 1_000), release("REL-04", 200)]].concat();
    check(&books(&two(), &parts, &BOTH), "");
    let each = [both().to_vec(), vec![release("A", 1_000), release("B", 200)]].concat();
    check(&books(&two(), &each, &BOTH), "");
}

#[test]
fn a_release_that_nobody_booked_is_missing_once_it_is_due() {
    let found = books(&two(), &both(), &BOTH);
    check(&found, "2400 2026-03 schedule_missing");
    assert_eq!(
        why(&found),
        "Revenue schedules release 12.00 GBP from deferred revenue (account 2400) in 2026-03, and no entry \
         books it; it was due on 2026-04-06 00:00 UTC."
    );
    assert_eq!(found.list("SELECT amount_minor || ' ' || variance_minor FROM exception"), "1200 -1200");
    found.detect_at("2026-04-05T23:59:59Z");
    assert_eq!(found.open(), "", "it is not due yet");
    found.book(&release("REL-03", 1_200));
    check(&found, "");
}

#[test]
fn a_release_of_another_amount_differs_by_just_that() {
    let wrong = [both().to_vec(), vec![release("REL-03", 1_020)]].concat();
    let found = books(&two(), &wrong, &BOTH);
    check(&found, "2400 2026-03 schedule_mismatch");
    assert_eq!(
        why(&found),
        "Revenue schedules put 12.00 GBP on account 2400 in 2026-03, and the ledger has 10.20 GBP there by \
         one entry: -1.80 GBP is between them."
    );
    found.book(&release("REL-03b", 180));
    check(&found, "");
}

#[test]
fn a_release_to_another_revenue_account_is_told_of_both_accounts() {
    let other = entry("REL-03", &[("2400", 1_200), ("4010", -1_200)]);
    let found = books(&two(), &[both().to_vec(), vec![other]].concat(), &BOTH);
    check(&found, "4000 2026-03 schedule_mismatch, 4010 2026-03 schedule_mismatch");
}

#[test]
fn where_each_release_names_its_document_each_is_judged_by_itself() {
    // In total right: 1,200.
    let swapped = [both().to_vec(), vec![release("A", 900), release("B", 300)]].concat();
    check(&books(&two(), &swapped, &BOTH), "A 2026-03 schedule_mismatch, B 2026-03 schedule_mismatch");
    let one = [both().to_vec(), vec![release("A", 1_000)]].concat();
    check(&books(&two(), &one, &BOTH), "B 2026-03 schedule_missing");
}

#[test]
fn what_is_released_though_nothing_is_scheduled_differs() {
    let more = [both().to_vec(), vec![release("REL-03", 1_200)]].concat();
    check(&books(&two(), &more, &[]), "2400 2026-03 schedule_mismatch");
}

#[test]
fn a_release_ahead_of_its_time_is_on_its_way() {
    let early = release("REL-12", 1_000).with(|e| e.period = "2026-12");
    let found = books(&two(), &[both().to_vec(), vec![early]].concat(), &[("A", "2026-12", 999)]);
    check(&found, "");
}

#[test]
fn a_release_that_was_reversed_is_missing_again() {
    let found = books(&two(), &both(), &BOTH);
    found.book(&release("REL-03", 1_200));
    check(&found, "");
    found.book(&release("REL-03", -1_200));
    check(&found, "2400 2026-03 schedule_missing");
}

#[test]
fn a_document_on_a_wrong_receivable_is_that_and_no_release() {
    let astray = entry("A", &[("1300", 12_000), ("2400", -12_000)]);
    let right = [billed("B", 2_400), release("REL-03", 1_200)];
    let found = books(&two(), &[vec![astray], right.to_vec()].concat(), &BOTH);
    found.detect();
    assert_eq!(found.open(), "A wrong_account");
}

#[test]
fn within_the_tolerance_nothing_is_told_and_the_difference_stands_as_tolerated() {
    let near = [both().to_vec(), vec![release("REL-03", 1_201)]].concat();
    let found = books(&two(), &near, &BOTH);
    found.run("INSERT INTO house_tolerance (entity, currency, minor) VALUES ('GB01', 'GBP', 1)", []);
    check(&found, "");
    let cells = tie_out(&found.db, &TieOutFilter::default()).unwrap();
    let tolerated: Vec<(&str, i64)> =
        cells.iter().filter(|c| c.tolerated_minor != 0).map(|c| (&*c.account, c.tolerated_minor)).collect();
    assert_eq!(tolerated, [("2400", 1), ("4000", -1)]);
}

#[test]
fn without_a_mapping_that_asks_for_schedules_nothing_changes() {
    let released = [both().to_vec(), vec![release("REL-03", 5)]].concat();
    let books = Books::with(&two(), &released);
    books.detect();
    assert_eq!(books.open(), "");
    assert_eq!(books.list("SELECT count(*) || '' FROM set_apart"), "0");
}

#[test]
fn an_invoice_that_is_not_booked_is_no_matter_of_its_release() {
    let found = books(&two(), &[booked("X", 5), release("REL-03", 1_200)], &BOTH);
    found.detect();
    assert_eq!(found.open(), "A unposted, B unposted, X orphan_journal");
}
