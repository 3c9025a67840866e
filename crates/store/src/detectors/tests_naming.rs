//! Entries that other connectors made, under names of their own.

use super::fixture::{Books, Doc, Entry, booked, doc, entry};

/// A record of this kind with a number of its own and no reference, as another connector makes it.
fn record(books: &Books, kind: &str, number: &str, entry: Entry, names: &[&str]) -> i64 {
    let seq = books.book(&entry.with(|e| e.reference = None));
    books.run("UPDATE entry SET kind = ?2, number = ?3 WHERE seq = ?1", (seq, kind, number));
    for name in names {
        books.run("INSERT INTO entry_name (name, entry_seq, source) VALUES (?1, ?2, 'line')", (name, seq));
    }
    seq
}

fn payment(reference: &str, minor: i64) -> Doc {
    let mut payment = doc(reference, minor).payment(0).of("A");
    payment.lines[1].0 = "1010";
    payment
}

fn receipt(minor: i64) -> Entry {
    entry("", &[("1010", minor), ("1100", -minor)])
}

fn opened(docs: &[Doc], make: impl Fn(&Books)) -> String {
    // Whichever side comes first.
    let sides = [true, false].map(|documents_first| {
        let books = Books::new();
        if documents_first {
            docs.iter().for_each(|doc| books.put(doc));
            books.detect();
            make(&books);
        } else {
            make(&books);
            books.detect();
            docs.iter().for_each(|doc| books.put(doc));
        }
        books.detect();
        books.open()
    });
    assert_eq!(sides[0], sides[1], "documents first, and entries first");
    let [first, _] = sides;
    first
}

#[test]
fn a_record_that_has_the_documents_number_or_the_vendors_id_in_a_field_books_it() {
    let by_field = |books: &Books| {
        record(books, "invoice", "INV00012", booked("", 9), &["A"]);
    };
    assert_eq!(opened(&[doc("A", 9)], by_field), "");
    let by_external_id = |books: &Books| {
        record(books, "invoice", "INV00012", booked("", 9).with(|e| e.external_id = Some("A".into())), &[]);
    };
    assert_eq!(opened(&[doc("A", 9)], by_external_id), "");
    let another = |books: &Books| {
        record(books, "invoice", "INV00012", booked("", 9), &["B"]);
    };
    assert_eq!(opened(&[doc("A", 9)], another), "A unposted, INV00012 orphan_journal");
}

#[test]
fn an_entrys_own_number_names_nothing() {
    for kind in ["journal", "payment", "invoice"] {
        let make = |books: &Books| {
            record(books, kind, "A", booked("", 9), &[]);
        };
        assert_eq!(opened(&[doc("A", 9)], make), "A orphan_journal, A unposted", "{kind}");
    }
}

#[test]
fn a_payment_record_that_names_charge_and_invoice_is_the_charges_and_else_settles_the_invoice() {
    let both = |books: &Books| {
        books.book(&booked("A", 9));
        record(books, "payment", "PYMT7", receipt(9), &["A", "ch_1"]);
    };
    assert_eq!(opened(&[doc("A", 9), payment("ch_1", 9)], both), "");
    assert_eq!(opened(&[doc("A", 9), payment("ch_2", 9)], both), "", "under the invoice's name");
    assert_eq!(opened(&[doc("A", 9)], both), "");
    let wrong = |books: &Books| {
        books.book(&booked("A", 9));
        record(books, "payment", "PYMT7", receipt(8), &["A", "ch_1"]);
    };
    assert_eq!(opened(&[doc("A", 9), payment("ch_1", 9)], wrong), "ch_1 amount_mismatch");
}

#[test]
fn a_record_that_names_two_invoices_names_none() {
    let make = |books: &Books| {
        record(books, "invoice", "X", booked("", 9), &["A", "B"]);
    };
    assert_eq!(opened(&[doc("A", 9), doc("B", 9)], make), "A unposted, B unposted, X orphan_journal");
}

#[test]
fn its_own_reference_comes_first() {
    let books = Books::with(&[doc("A", 9), doc("B", 9)], &[booked("B", 9)]);
    let seq = books.book(&booked("A", 9));
    books.run("INSERT INTO entry_name (name, entry_seq, source) VALUES ('B', ?1, 'line')", [seq]);
    books.detect();
    assert_eq!(books.open(), "");
}

#[test]
fn a_credit_memo_settles_its_invoice_and_a_refund_under_the_invoices_number_too() {
    let credit = |books: &Books| {
        books.book(&booked("A", 9));
        record(books, "credit_memo", "CM3", booked("", -4), &["A"]);
    };
    assert_eq!(opened(&[doc("A", 9)], credit), "");
    let refund = |books: &Books| {
        books.run(
            "INSERT INTO ledger_account (connection_seq, erp_id, code, name, account_type)
             VALUES (2, '1', '1010', 'Bank', 'bank') ON CONFLICT DO NOTHING",
            [],
        );
        books.book(&booked("A", 9));
        record(books, "payment", "P1", receipt(9), &["A"]);
        record(books, "customer_refund", "R1", receipt(-9), &["A"]);
    };
    assert_eq!(opened(&[doc("A", 9)], refund), "");
    // Against another account it may be a second booking.
    let other = |books: &Books| {
        books.book(&booked("A", 9));
        record(books, "journal", "R1", entry("", &[("1100", 9), ("1999", -9)]), &["A"]);
    };
    assert_eq!(opened(&[doc("A", 9)], other), "A duplicate_posting");
}

#[test]
fn what_was_said_stands_again_once_the_name_is_no_documents() {
    let books = Books::with(&[doc("A", 9)], &[]);
    record(&books, "invoice", "INV7", booked("", 9), &["A"]);
    books.detect();
    assert_eq!(books.open(), "");
    assert_eq!(books.list("SELECT reference || coalesce(said_reference, '-') FROM entry"), "A-");
    books.put(&doc("A", 9).with(|d| d.status = "draft"));
    books.detect();
    assert_eq!(books.list("SELECT coalesce(reference, '-') || renamed FROM entry"), "-0");
    assert_eq!(books.open(), "INV7 orphan_journal");
}

/// A journal that a person wrote: its reference is the memo's first word, as an adapter reads it.
fn by_hand(books: &Books, memo: &str, entry: Entry) -> i64 {
    let first = memo.split_whitespace().next().map(str::to_owned);
    let seq = books.book(&entry.with(|e| e.reference = first));
    books.run("UPDATE entry SET memo = ?2 WHERE seq = ?1", (seq, memo));
    seq
}

#[test]
fn a_number_in_the_memo_names_the_document_where_no_name_does() {
    let memo = |memo: &'static str| {
        move |books: &Books| {
            by_hand(books, memo, booked("", 9));
        }
    };
    assert_eq!(opened(&[doc("INV-1", 9)], memo("Sale of March (INV-1), thanks")), "");
    assert_eq!(opened(&[doc("1001", 9)], memo("Sale, invoice 1001")), "");
    assert_eq!(opened(&[doc("1001", 9)], memo("Rent, suite 1001")), "1001 unposted, Rent, orphan_journal");
    assert_eq!(opened(&[doc("INV-1", 9)], memo("Sale INV-10")), "INV-1 unposted, Sale orphan_journal");
    let paid = |books: &Books| {
        by_hand(books, "Invoice INV-1", booked("", 9));
        by_hand(books, "Payment received INV-1", receipt(9));
    };
    assert_eq!(opened(&[doc("INV-1", 9)], paid), "", "a payment is no second booking");
    let line = |books: &Books| {
        let seq = by_hand(books, "Sale", booked("", 9));
        books.run("UPDATE entry SET memo = NULL WHERE seq = ?1", [seq]);
        books.run("UPDATE entry_line SET memo = 'INV-1' WHERE entry_seq = ?1 AND line_no = 1", [seq]);
    };
    assert_eq!(opened(&[doc("INV-1", 9)], line), "");
}

#[test]
fn a_memo_that_names_two_documents_names_the_one_of_its_amount() {
    let documents = [doc("INV-1", 9), doc("CN-1", -2).with(|d| d.kind = "credit_note")];
    let make = |books: &Books| {
        by_hand(books, "Invoice INV-1", booked("", 9));
        by_hand(books, "Credit note CN-1 on INV-1", booked("", -2));
    };
    assert_eq!(opened(&documents, make), "");
    let alike = |books: &Books| {
        by_hand(books, "Sale INV-1 and INV-2", booked("", 9));
    };
    let open = "INV-1 unposted, INV-2 unposted, Sale orphan_journal";
    assert_eq!(opened(&[doc("INV-1", 9), doc("INV-2", 9)], alike), open);
}
