//! What becomes of an exception from run to run.

use super::fixture::{Books, Doc, NOW, booked, doc};

fn history(books: &Books) -> String {
    books.list("SELECT what FROM exception_event ORDER BY seq")
}

fn unposted() -> Books {
    let books = Books::with(&[doc("A", 12_000)], &[]);
    books.detect();
    books
}

#[test]
fn an_exception_closes_when_the_ledger_shows_it_and_reopens_with_its_history() {
    let books = unposted();
    let entry = books.book(&booked("A", 12_000));
    assert_eq!(books.detect().closed, 1);
    assert_eq!(books.open(), "");
    assert_eq!(books.list("SELECT state FROM exception WHERE closed_at IS NOT NULL"), "closed");
    books.restate(entry, "void");
    assert_eq!(books.detect().reopened, 1);
    assert_eq!(books.open(), "A unposted");
    assert_eq!(history(&books), "opened, closed, reopened");
    assert_eq!(books.list("SELECT '' || count(*) || ' ' || sum(reopened) FROM exception"), "1 1");
}

#[test]
fn a_second_run_changes_nothing() {
    let books = unposted();
    assert_eq!(books.detect(), crate::detectors::DetectSummary::default());
    books.dirty("A");
    let again = books.detect();
    assert_eq!((again.looked_at, again.opened + again.updated + again.closed), (1, 0));
    assert_eq!(history(&books), "opened");
}

#[test]
fn what_an_earlier_head_had_no_kind_for_is_found_in_what_was_there_before() {
    let books = Books::with(&[doc("A", 12_000)], &[booked("A", 12_000).with(|e| e.currency = "USD")]);
    books.detect();
    // As a head left it that did not look for this.
    books.run("DELETE FROM exception", []);
    books.run("UPDATE detection_state SET detectors = 'of an earlier head'", []);
    books.detect();
    assert_eq!(books.open(), "A wrong_currency");
    assert_eq!(books.detect().looked_at, 0, "once");
}

#[test]
fn another_kind_of_the_same_cause_is_the_same_exception() {
    let books = unposted();
    books.book(&booked("A", 11_000));
    assert_eq!(books.detect().kind_changed, 1);
    assert_eq!(books.open(), "A amount_mismatch");
    assert_eq!(
        books.list("SELECT detail FROM exception_event WHERE what = 'kind_changed'"),
        "unposted → amount_mismatch: Invoice A of 120.00 GBP is booked as 110.00 GBP instead of 120.00 GBP."
    );
    books.book(&booked("A", 500));
    assert_eq!(books.detect().updated, 1);
    assert_eq!(books.list("SELECT '' || variance_minor FROM exception"), "-500");
}

#[test]
fn what_people_set_stays_while_the_cause_holds() {
    let books = unposted();
    for state in ["in_progress", "on_hold"] {
        books.run("UPDATE exception SET state = ?1, assignee = 'per_1'", [state]);
        books.put(&doc("A", 13_000));
        books.detect();
        let row = books.list("SELECT state || ' ' || assignee || ' ' || amount_minor FROM exception");
        assert_eq!(row, format!("{state} per_1 13000"));
    }
    books.book(&booked("A", 13_000));
    books.detect();
    assert_eq!(books.list("SELECT state FROM exception"), "closed");
}

#[test]
fn a_dismissed_exception_stays_so_until_its_facts_change() {
    let books = unposted();
    books.run("UPDATE exception SET state = 'dismissed'", []);
    books.dirty("A");
    books.detect();
    assert_eq!(books.open(), "");
    books.book(&booked("A", 11_000));
    assert_eq!(books.detect().reopened, 1);
    assert_eq!(books.open(), "A amount_mismatch");
    books.run("UPDATE exception SET state = 'dismissed'", []);
    books.dirty("A");
    books.detect();
    assert_eq!(books.open(), "");
    books.book(&booked("A", 1));
    books.detect();
    assert_eq!(books.open(), "A amount_mismatch", "another variance is another question");
}

#[test]
fn a_dismissed_exception_closes_when_its_cause_is_gone() {
    let books = unposted();
    books.run("UPDATE exception SET state = 'dismissed'", []);
    books.book(&booked("A", 12_000));
    books.detect();
    assert_eq!(books.list("SELECT state FROM exception"), "closed");
}

#[test]
fn severity_grows_with_age_though_nothing_else_changes() {
    let books = Books::with(&[doc("A", 12_000)], &[]);
    let severity = |books: &Books| books.list("SELECT severity FROM exception");
    // Due 11 March: high from 90 days on, medium from 7.
    for (day, want) in [
        ("2026-03-12T00:00:00Z", "low"),
        ("2026-03-17T23:59:59Z", "low"),
        ("2026-03-18T00:00:00Z", "medium"),
        ("2026-06-09T00:00:00Z", "high"),
        ("2026-03-20T00:00:00Z", "medium"),
    ] {
        books.detect_at(day);
        assert_eq!(severity(&books), want, "{day}");
    }
    assert_eq!(history(&books), "opened");
}

#[test]
fn a_period_that_closes_blocks_its_unposted_documents() {
    let books = unposted();
    let blocked = |books: &Books| books.list("SELECT '' || period_blocked FROM exception");
    assert_eq!(blocked(&books), "0");
    books.period("GB01", "2026-03", 0);
    books.dirty("A");
    books.detect();
    assert_eq!(blocked(&books), "1");
    assert_eq!(history(&books), "opened", "no news of the document itself");
}

#[test]
fn a_document_that_becomes_a_draft_again_or_of_nothing_is_no_exception() {
    let books = unposted();
    books.put(&doc("A", 12_000).with(|d| d.status = "draft"));
    books.detect();
    assert_eq!(books.open(), "");
    books.put(&doc("A", 12_000));
    books.detect();
    books.put(&doc("A", 12_000).nothing("void"));
    books.detect();
    assert_eq!(books.open(), "");
}

#[test]
fn a_new_control_account_brings_its_orphans() {
    let books =
        Books::with(&[doc("A", 9)], &[booked("A", 9), booked("X", 7).with(|e| e.lines[0].0 = "1101")]);
    books.detect();
    assert_eq!(books.open(), "");
    let other = |d: &mut Doc| (d.control, d.lines[0].0) = (Some("1101"), "1101");
    books.put(&doc("B", 0).with(other));
    books.detect();
    assert_eq!(books.open(), "X orphan_journal");
}

#[test]
fn the_same_subject_and_cause_always_make_the_same_id() {
    let id = |books: &Books| books.list("SELECT id FROM exception");
    assert_eq!(id(&unposted()), id(&unposted()));
    assert!(id(&unposted()).starts_with("exc_"));
    assert_eq!(unposted().list("SELECT '' || (opened_at = changed_at) FROM exception"), "1");
    let books = unposted();
    assert_eq!(books.list("SELECT '' || opened_at FROM exception"), super::fixture::millis(NOW).to_string());
}
