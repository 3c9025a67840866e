//! Payments, credits and write-offs under a document's own name.

use super::fixture::{Books, Doc, Entry, booked, check, doc, entry};
use crate::tieout::{TieOutFilter, tie_out};

/// A receipt of this amount under the invoice's number: bank to receivables.
fn receipt(reference: &str, minor: i64) -> Entry {
    entry(reference, &[("1010", minor), ("1100", -minor)])
}

fn invoice(total: i64) -> Doc {
    doc("A", total)
}

/// A payment of invoice A that went to clearing 1010.
fn payment(reference: &str, minor: i64) -> Doc {
    let mut payment = doc(reference, minor).payment(0).of("A");
    payment.lines[1].0 = "1010";
    payment
}

/// What each settlement settles and books, as `entry invoice payment`.
fn settlements(books: &Books) -> String {
    books.list(
        "SELECT e.number || ' ' || i.reference || ' ' || coalesce(d.reference, '-') FROM settlement s
         JOIN entry e ON e.seq = s.entry_seq JOIN document i ON i.seq = s.invoice_seq
         LEFT JOIN document d ON d.seq = s.document_seq ORDER BY e.seq",
    )
}

/// Unexplained cells of the tie-out.
fn unexplained(books: &Books) -> Vec<String> {
    let cells = tie_out(&books.db, &TieOutFilter::default()).unwrap();
    let open = cells.into_iter().filter(|cell| cell.unexplained_minor != 0 || cell.variance_minor != 0);
    open.map(|c| format!("{} {} {}", c.period, c.account, c.unexplained_minor)).collect()
}

#[test]
fn a_payment_under_the_invoices_number_is_no_second_booking() {
    for part in [9, 4, 12] {
        let books = check(&[invoice(9)], &[booked("A", 9), receipt("A", part)], "");
        assert_eq!(settlements(&books), "JE2 A -");
        assert_eq!(unexplained(&books), Vec::<String>::new());
    }
    let parts = [booked("A", 9), receipt("A", 4), receipt("A", 5)];
    check(&[invoice(9)], &parts, "");
}

#[test]
fn a_payment_does_not_make_up_for_an_invoice_that_is_not_booked_or_is_booked_twice_or_wrong() {
    check(&[invoice(9)], &[receipt("A", 9)], "A unposted");
    check(&[invoice(9)], &[booked("A", 9), booked("A", 9), receipt("A", 9)], "A duplicate_posting");
    check(&[invoice(9)], &[booked("A", 8), receipt("A", 9)], "A amount_mismatch");
    check(&[invoice(9)], &[receipt("A", 9), booked("A", -9)], "A sign_reversed");
}

#[test]
fn a_credit_note_is_settled_by_what_is_paid_back_under_its_number() {
    let books = check(&[invoice(-9)], &[booked("A", -9), receipt("A", -9)], "");
    assert_eq!(settlements(&books), "JE2 A -");
}

#[test]
fn what_corrects_the_booking_is_no_settlement() {
    // It gives back revenue that the document was booked on, or tax, though not all of it.
    let back = entry("A", &[("1100", -4), ("4000", 4)]);
    check(&[invoice(9)], &[booked("A", 9), back], "A duplicate_posting");
    // The accounts of a booking on other accounts than expected count as well.
    let elsewhere = booked("A", 9).with(|e| e.lines[1].0 = "4900");
    let back = entry("A", &[("1100", -4), ("4900", 4)]);
    check(&[invoice(9)], &[elsewhere.clone(), back], "A duplicate_posting");
    let void = invoice(9).nothing("void");
    let linked = receipt("A", 8).with(|e| e.reverses = Some("one"));
    check(&[invoice(9)], &[elsewhere.with(|e| e.erp_id = Some("one")), linked], "A duplicate_posting");
    // Of a void invoice the booking has to go, and not to another account.
    check(&[void], &[booked("A", 9), receipt("A", 9)], "A wrong_account");
}

#[test]
fn a_write_off_belongs_to_the_invoice_that_billing_wrote_off() {
    let off = entry("A", &[("6200", 9), ("1100", -9)]);
    check(&[invoice(9).written_off()], &[booked("A", 9), off.clone()], "");
    check(&[invoice(9).written_off()], &[booked("A", 9)], "A changed_after_posting");
    // What billing has not written off stands for itself.
    let books = check(&[invoice(9)], &[booked("A", 9), off], "");
    assert_eq!(settlements(&books), "JE2 A -");
}

#[test]
fn it_is_the_payment_that_billing_has_for_the_invoice() {
    let books = check(
        &[invoice(9), payment("P1", 4), payment("P2", 5)],
        &[booked("A", 9), receipt("A", 5), receipt("A", 4)],
        "",
    );
    assert_eq!(settlements(&books), "JE2 A P2, JE3 A P1");
    assert_eq!(unexplained(&books), Vec::<String>::new());
}

#[test]
fn a_payment_that_no_entry_books_is_unposted_and_one_of_another_amount_differs() {
    check(&[invoice(9), payment("P1", 4)], &[booked("A", 9)], "P1 unposted");
    let books =
        check(&[invoice(9), payment("P1", 4)], &[booked("A", 9), receipt("A", 5)], "P1 amount_mismatch");
    assert_eq!(settlements(&books), "JE2 A P1");
    assert_eq!(unexplained(&books), ["2026-03 1010 0", "2026-03 1100 0"], "a variance that is explained");
    check(
        &[invoice(9), payment("P1", 4), payment("P2", 5)],
        &[booked("A", 9), receipt("A", 5)],
        "P1 unposted",
    );
}

#[test]
fn a_payment_that_is_booked_under_its_own_name_takes_no_other() {
    let own = entry("P1", &[("1010", 4), ("1100", -4)]);
    let books = check(&[invoice(9), payment("P1", 4)], &[booked("A", 9), own, receipt("A", 4)], "");
    assert_eq!(settlements(&books), "JE3 A -", "a receipt that billing does not know");
}

#[test]
fn a_payment_that_failed_and_is_booked_under_the_invoices_number_is_told() {
    let failed = || payment("P1", 4).nothing("failed");
    let books =
        check(&[invoice(9), failed()], &[booked("A", 9), receipt("A", 4)], "P1 payment_status_mismatch");
    books.put(&payment("P2", 4));
    books.detect();
    assert_eq!(books.open(), "", "it is the one that succeeded");
    assert_eq!(settlements(&books), "JE2 A P2");
}

#[test]
fn whichever_comes_first_the_end_is_the_same() {
    let orders: [&[u8]; 6] = [&[0, 1, 2], &[0, 2, 1], &[1, 0, 2], &[1, 2, 0], &[2, 0, 1], &[2, 1, 0]];
    for order in orders {
        let books = Books::new();
        for step in order {
            match step {
                0 => books.put(&invoice(9)),
                1 => books.put(&payment("P1", 9)),
                _ => {
                    books.book(&receipt("A", 9));
                    books.book(&booked("A", 9));
                }
            }
            books.detect();
        }
        assert_eq!(books.open(), "", "{order:?}");
        assert!(settlements(&books).ends_with("A P1"), "{order:?}: {}", settlements(&books));
        // And it goes again, as it came.
        books.restate(1, "void");
        books.detect();
        assert_eq!((books.open().as_str(), settlements(&books).as_str()), ("P1 unposted", ""), "{order:?}");
        books.restate(1, "booked");
        books.run("UPDATE document SET invoice = NULL WHERE reference = 'P1'", []);
        books.dirty("P1");
        books.detect();
        assert_eq!(books.open(), "P1 unposted", "{order:?}: it is no payment of this invoice any more");
    }
}

#[test]
fn it_counts_as_settled_in_the_tie_out_where_it_stands() {
    let later = receipt("A", 9).with(|e| (e.period, e.date) = ("2026-04", "2026-04-02"));
    let books = check(&[invoice(9)], &[booked("A", 9), later], "");
    let cells = tie_out(&books.db, &TieOutFilter::default()).unwrap();
    let shown = |c: &crate::TieOutRow| {
        format!("{} {} {} {} {}", c.period, c.account, c.billing_minor, c.settled_minor, c.ledger_minor)
    };
    assert_eq!(
        cells.iter().map(shown).collect::<Vec<_>>(),
        ["2026-03 1100 9 0 9", "2026-03 4000 -9 0 -9", "2026-04 1010 0 9 9", "2026-04 1100 0 -9 -9"]
    );
    assert!(cells.iter().all(|c| c.variance_minor == 0));
    crate::tieout::tests::kept_agrees(&books);
}

#[test]
fn a_revaluation_by_the_erps_own_word_is_apart_without_a_rule_and_a_journal_like_it_is_not() {
    let moved = [("1100", 3), ("7900", -3)];
    let journals = [booked("A", 9), entry("FX-1", &moved)];
    check(&[invoice(9)], &journals, "FX-1 orphan_journal");
    let books = Books::with(&[invoice(9)], &journals);
    books.run("UPDATE entry SET kind = 'revaluation' WHERE reference = 'FX-1'", []);
    books.detect();
    assert_eq!(books.open(), "");
    assert_eq!(books.list("SELECT what || ' ' || name FROM set_apart"), "explained revaluation");
    assert_eq!(unexplained(&books), Vec::<String>::new());
    // Its reversal in the next period is one too; what bears a document's name is that document's.
    books.book(&entry("FX-2", &moved).undone().with(|e| e.period = "2026-04"));
    books.book(&entry("A", &moved));
    books.run("UPDATE entry SET kind = 'revaluation'", []);
    books.detect();
    assert_eq!(books.open(), "A duplicate_posting");
    assert_eq!(books.list("SELECT count(*) || '' FROM set_apart"), "2");
}
