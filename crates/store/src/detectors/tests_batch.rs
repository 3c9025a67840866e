//! Documents that the ledger books together.

use tieout_domain::{
    batch::{BatchRule, BatchSpan},
    document::DocumentKind,
};

use super::fixture::{Books, Doc, Entry, NOW, at, booked, doc, entry, why};
use crate::{
    db::Tx,
    table::batch::keep_rules,
    tieout::{TieOutFilter, tests::kept_agrees, tie_out},
};

fn rule(by: BatchSpan, begins_with: Option<&str>) -> BatchRule {
    BatchRule {
        name: "daily".to_owned(),
        connection: "stripe-1".to_owned(),
        kinds: vec![DocumentKind::Invoice, DocumentKind::CreditNote],
        by,
        entity: None,
        begins_with: begins_with.map(str::to_owned),
    }
}

fn rules(books: &Books, rules: &[BatchRule]) {
    let tx = Tx::begin(&books.db).unwrap();
    if keep_rules(&tx, rules).unwrap() {
        super::state::judge_all_again(&tx).unwrap();
    }
    crate::table::log::commit(tx).unwrap();
}

/// Three invoices of a day, 18 together.
fn three() -> [Doc; 3] {
    [doc("A", 3), doc("B", 5), doc("C", 10)]
}

fn summary(minor: i64) -> Entry {
    booked("SUM-0310", minor)
}

fn daily(docs: &[Doc], entries: &[Entry], want: &str) -> Books {
    let books = Books::with(docs, entries);
    rules(&books, &[rule(BatchSpan::Day, Some("SUM-"))]);
    books.detect();
    assert_eq!(books.open(), want);
    let cells = tie_out(&books.db, &TieOutFilter::default()).unwrap();
    let open: Vec<_> = cells.iter().filter(|cell| cell.unexplained_minor != 0).collect();
    assert!(open.is_empty(), "{want}: {open:?}");
    kept_agrees(&books);
    books
}

#[test]
fn a_summary_journal_of_the_same_sum_books_all_its_documents() {
    daily(&three(), &[summary(18)], "");
    daily(&three(), &[summary(8), summary(10)], "");
    daily(&[doc("A", 3), doc("B", -1)], &[summary(2)], "");
    let without = Books::with(&three(), &[summary(18)]);
    without.detect();
    assert_eq!(
        without.open(),
        "A unposted, B unposted, C unposted, SUM-0310 orphan_journal",
        "nobody said that they belong together"
    );
}

#[test]
fn one_of_another_sum_is_one_exception_that_says_which_documents_would_explain_it() {
    let books = daily(&three(), &[summary(13)], "daily 2026-03-10 GB01 GBP batch_mismatch");
    assert_eq!(
        why(&books),
        "The 3 documents of daily 2026-03-10 GB01 GBP come to 0.18 GBP; the ledger has booked them together \
         with 0.13 GBP, which is 0.05 GBP too little. B would explain it."
    );
    let books = daily(&three(), &[summary(31)], "daily 2026-03-10 GB01 GBP batch_mismatch");
    assert!(
        why(&books).ends_with("which is 0.13 GBP too much. A and C would explain it."),
        "{}",
        why(&books)
    );
    let books = daily(&three(), &[summary(17)], "daily 2026-03-10 GB01 GBP batch_mismatch");
    assert!(why(&books).ends_with("0.01 GBP too little."), "{}", why(&books));
    let other = summary(18).with(|e| e.lines[1].0 = "4900");
    let books = daily(&three(), &[other], "daily 2026-03-10 GB01 GBP batch_mismatch");
    assert!(why(&books).ends_with("but account 4000 differs."), "{}", why(&books));
}

#[test]
fn a_document_that_an_entry_names_is_none_of_the_batch() {
    daily(&three(), &[summary(8), booked("C", 10)], "");
    daily(&three(), &[summary(8), booked("C", 9)], "C amount_mismatch");
    daily(&three(), &[summary(18), booked("C", 10)], "daily 2026-03-10 GB01 GBP batch_mismatch");
}

#[test]
fn an_entry_of_another_day_entity_currency_or_name_is_none_of_it() {
    let all = "A unposted, B unposted, C unposted";
    let orphan = |name: &str| format!("{all}, {name} orphan_journal");
    daily(&three(), &[summary(18).with(|e| e.date = "2026-03-11")], &orphan("SUM-0310"));
    daily(&three(), &[summary(18).with(|e| e.entity = "EU01")], &orphan("SUM-0310"));
    daily(&three(), &[summary(18).with(|e| e.currency = "USD")], &orphan("SUM-0310"));
    daily(&three(), &[booked("MAN-7", 18)], &format!("{all}, MAN-7 orphan_journal"));
    daily(&three(), &[summary(18), booked("MAN-7", 4)], "MAN-7 orphan_journal");
}

#[test]
fn a_month_takes_all_its_days() {
    let books = Books::with(&three(), &[summary(18).with(|e| e.date = "2026-03-31")]);
    rules(&books, &[rule(BatchSpan::Month, None)]);
    books.detect();
    assert_eq!(books.open(), "");
}

#[test]
fn what_comes_goes_or_changes_later_is_judged_with_its_batch() {
    let books = Books::new();
    rules(&books, &[rule(BatchSpan::Day, Some("SUM-"))]);
    let open_is = |want: &str| {
        books.detect_at(NOW);
        assert_eq!(books.open(), want);
        let seen: Vec<String> = ["batch_document", "batch_entry"]
            .map(|table| books.list(&format!("SELECT name || live FROM {table} ORDER BY 1")))
            .to_vec();
        let from_scratch = {
            let tx = Tx::begin(&books.db).unwrap();
            super::run_from_scratch(&tx, &super::DetectInput { as_of: at(NOW), now: at(NOW) }).unwrap();
            crate::table::log::commit(tx).unwrap();
            books.open()
        };
        assert_eq!(from_scratch, want, "step by step and at once");
        seen
    };
    three()[..2].iter().for_each(|doc| books.put(doc));
    open_is("A unposted, B unposted");
    let first = books.book(&summary(18));
    open_is("daily 2026-03-10 GB01 GBP batch_mismatch");
    books.put(&three()[2]);
    open_is("");
    books.put(&doc("B", 6));
    open_is("daily 2026-03-10 GB01 GBP batch_mismatch");
    books.book(&booked("B", 6));
    books.book(&summary(-5));
    open_is("");
    books.restate(first, "void");
    open_is("daily 2026-03-10 GB01 GBP batch_mismatch");
    books.restate(first + 2, "void");
    open_is("A unposted, C unposted");
    rules(&books, &[]);
    books.restate(first, "booked");
    open_is("A unposted, C unposted, SUM-0310 orphan_journal");
    rules(&books, &[rule(BatchSpan::Day, None)]);
    open_is("daily 2026-03-10 GB01 GBP batch_mismatch");
}

#[test]
fn what_takes_a_document_of_the_batch_back_under_its_name_belongs_to_the_batch() {
    let void = doc("B", 5).nothing("void");
    let voided = [doc("A", 3), void.clone(), doc("C", 10)];
    let back = booked("B", -5).with(|e| (e.date, e.period) = ("2026-04-02", "2026-04"));
    daily(&voided, &[summary(18), back.clone()], "");
    daily(&voided, &[summary(13)], "");
    let books = daily(&voided, &[summary(18)], "daily 2026-03-10 GB01 GBP batch_mismatch");
    assert!(why(&books).ends_with("0.05 GBP too much. B would explain it."), "{}", why(&books));
    daily(&voided, &[summary(13), back], "daily 2026-03-10 GB01 GBP batch_mismatch");

    let written_off = [doc("A", 3), doc("B", 5).written_off(), doc("C", 10)];
    let off = entry("B", &[("1100", -5), ("6200", 5)]).with(|e| e.date = "2026-03-28");
    daily(&written_off, &[summary(18), off], "");
    let books = daily(&written_off, &[summary(18)], "daily 2026-03-10 GB01 GBP batch_mismatch");
    assert!(why(&books).ends_with("0.05 GBP too much. B would explain it."), "{}", why(&books));

    // A payment under the invoice's number settles it, and takes nothing out of the batch.
    let paid = entry("B", &[("1010", 5), ("1100", -5)]).with(|e| e.date = "2026-03-20");
    daily(&three(), &[summary(18), paid], "");
}

#[test]
fn a_document_without_an_account_is_an_exception_of_its_own_and_not_of_its_batch() {
    let gap = [doc("A", 3), doc("B", 5).unmapped("product:GB01:prod_x:-"), doc("C", 10)];
    let books = Books::with(&gap, &[summary(18)]);
    rules(&books, &[rule(BatchSpan::Day, Some("SUM-"))]);
    books.detect();
    assert_eq!(books.open(), "B missing_mapping");
}

#[test]
fn a_document_that_was_late_for_its_period_is_none_of_the_batch() {
    let late = [doc("A", 3), doc("B", 5).with(|d| (d.late, d.period) = (true, "2026-04")), doc("C", 10)];
    daily(&late, &[summary(13), booked("B", 5).with(|e| (e.date, e.period) = ("2026-04-01", "2026-04"))], "");
    daily(&late, &[summary(13)], "B late_for_closed_period");
}

#[test]
fn a_batch_is_judged_once_all_its_documents_are_due() {
    let young = doc("B", 5).with(|d| d.due = "2030-01-01T00:00:00Z");
    daily(&[doc("A", 3), young.clone(), doc("C", 10)], &[summary(13)], "");
    daily(&[doc("A", 3), young], &[summary(8)], "");
}
