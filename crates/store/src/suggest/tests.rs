//! What is suggested of books as a bookkeeper keeps them: free words, payments that name no charge, deposits
//! without an id.

use super::{SuggestQuery, UnmatchedQuery, suggestions, window};
use crate::detectors::fixture::{Books, Doc, Entry, doc, entry};

/// An entry as QuickBooks or Xero has one: a number of its own and a memo in somebody's words.
fn memo(words: &str, lines: &[(&'static str, i64)]) -> Entry {
    entry(words, lines)
}

fn books(docs: &[Doc], entries: &[Entry]) -> Books {
    let books = Books::new();
    for (id, name) in
        [("cus_acme", "Acme Industries Ltd"), ("cus_blue", "Blue Ocean Shipping"), ("cus_north", "Northwind")]
    {
        books.customer(1, id, None, "2026-01-01T00:00:00Z");
        books.run("UPDATE customer SET name = ?2 WHERE external_id = ?1", [id, name]);
    }
    docs.iter().for_each(|doc| books.put(doc));
    for one in entries {
        let seq = books.book(&one.clone().with(|e| e.reference = None));
        books.run("UPDATE entry SET memo = ?2 WHERE seq = ?1", (seq, &one.reference));
    }
    books.detect();
    books
}

/// Each suggestion as `points rule: entries = documents`, the best first.
fn told(books: &Books) -> Vec<String> {
    let query = SuggestQuery { window_days: 60, limit: 50, ..SuggestQuery::default() };
    let one = |one: super::Suggestion| {
        let documents: Vec<String> = one.facts.documents.iter().map(|d| d.reference.clone()).collect();
        format!(
            "{} {}: {} = {}",
            one.points,
            one.rule.as_str(),
            one.facts.entries[0].number,
            documents.join(" + ")
        )
    };
    suggestions(&books.db, &query).unwrap().into_iter().map(one).collect()
}

fn reasons(books: &Books) -> Vec<String> {
    let query = SuggestQuery { window_days: 60, limit: 50, ..SuggestQuery::default() };
    suggestions(&books.db, &query).unwrap().into_iter().map(|one| one.reasons.join("; ")).collect()
}

fn of(doc: Doc, customer: &'static str) -> Doc {
    doc.with(|d| d.customer = Some(customer))
}

#[test]
fn a_wire_is_found_by_its_amount_and_by_whom_it_names() {
    let paid = |name, minor, who| of(doc(name, minor).payment(0), who);
    let docs = [
        paid("py_1", 144_000, "cus_acme"),
        paid("py_2", 144_000, "cus_blue"),
        paid("py_3", 7_700, "cus_north"),
    ];
    let books = books(&docs, &[memo("FPI ACME INDUST REF 8837", &[("1010", 144_000), ("1100", -144_000)])]);
    assert_eq!(told(&books), ["80 amount: JE1 = py_1", "50 amount: JE1 = py_2"]);
    assert_eq!(
        reasons(&books)[0],
        "same amount; same day; its text names Acme Industries Ltd; 2 open documents have this amount"
    );
}

#[test]
fn an_invoice_booked_under_somebodys_words_is_found() {
    let docs = [of(doc("INV-31", 20_000).taxed(3_333), "cus_north"), doc("INV-32", 1)];
    let raised = memo("March licence Northwind", &[("1100", 20_000), ("4000", -16_667), ("2200", -3_333)]);
    let books = books(&docs, &[raised]);
    assert_eq!(told(&books), ["95 amount: JE1 = INV-31"]);
}

#[test]
fn a_text_that_names_documents_is_taken_at_its_word_where_they_come_to_the_amount() {
    let docs = [doc("INV-1", 300), doc("INV-2", 450), doc("INV-3", 250)];
    let both = memo("Invoices INV-1, INV-2 and (INV-3)", &[("1100", 1_000), ("4000", -1_000)]);
    let books = books(&docs, &[both]);
    assert_eq!(told(&books)[0], "100 name: JE1 = INV-1 + INV-2 + INV-3");
    assert_eq!(reasons(&books)[0], "its text names INV-1, INV-2 and INV-3; same amount; same day");
    // One document alone is named by the memo, and compared.
    let short =
        super::tests::books(&docs, &[memo("Invoice INV-2, short paid", &[("1100", 440), ("4000", -440)])]);
    assert_eq!((told(&short), short.open().contains("INV-2 amount_mismatch")), (vec![], true));
}

#[test]
fn one_customer_pays_all_that_is_open_at_once() {
    let paid = |name, minor, who| of(doc(name, minor).payment(0), who);
    let docs =
        [paid("py_1", 1_100, "cus_blue"), paid("py_2", 2_050, "cus_blue"), paid("py_3", 99, "cus_acme")];
    let books = books(&docs, &[memo("BLUE OCEAN", &[("1010", 3_150), ("1100", -3_150)])]);
    assert_eq!(told(&books), ["90 customer: JE1 = py_1 + py_2"]);
}

#[test]
fn a_days_charges_are_one_deposit() {
    let charge = |name, minor| doc(name, minor).payment(30);
    let docs = [charge("ch_1", 1_000), charge("ch_2", 1_500), charge("ch_3", 500)];
    let lump = memo("STRIPE DEPOSIT", &[("1010", 2_910), ("6100", 90), ("1100", -3_000)]);
    let books = books(&docs, &[lump]);
    assert_eq!(told(&books), ["60 day: JE1 = ch_1 + ch_2 + ch_3"]);
    assert_eq!(reasons(&books), ["the 3 documents of 2026-03-10 come to exactly this; same day"]);
}

#[test]
fn nothing_is_suggested_across_entities_currencies_signs_or_two_months() {
    let docs = [doc("INV-1", 700)];
    let lines: [(&str, i64); 2] = [("1100", 700), ("4000", -700)];
    for other in [
        memo("a", &lines).with(|e| e.entity = "EU01"),
        memo("b", &lines).with(|e| e.currency = "USD"),
        memo("c", &[("1100", -700), ("4000", 700)]),
        memo("d", &lines).with(|e| (e.date, e.period) = ("2026-06-20", "2026-06")),
        memo("e", &[("1100", 701), ("4000", -701)]),
    ] {
        assert_eq!(told(&books(&docs, &[other])), Vec::<String>::new());
    }
}

#[test]
fn a_tolerance_lets_amounts_differ_by_so_much() {
    let books = books(&[doc("INV-1", 700)], &[memo("rounded", &[("1100", 701), ("4000", -701)])]);
    let within = |minor: i64| {
        let tolerance = [(("GB01".to_owned(), tieout_domain::Currency::GBP), minor)].into();
        let query = SuggestQuery { window_days: 60, limit: 9, tolerance, ..SuggestQuery::default() };
        suggestions(&books.db, &query).unwrap().len()
    };
    assert_eq!((within(0), within(1)), (0, 1));
}

#[test]
fn both_sides_are_listed_largest_first_and_found_by_words() {
    let docs = [of(doc("INV-1", 700), "cus_acme"), doc("INV-2", 9_000)];
    let books = books(
        &docs,
        &[memo("Rent", &[("1100", 5), ("4000", -5)]), memo("Acme", &[("1100", 80), ("4000", -80)])],
    );
    let listed = |search: Option<&str>| {
        let query =
            UnmatchedQuery { limit: 10, search: search.map(str::to_owned), ..UnmatchedQuery::default() };
        let window = window(&books.db, &query).unwrap();
        let entries: Vec<String> = window.entries.into_iter().filter_map(|one| one.memo).collect();
        let documents: Vec<String> = window.documents.into_iter().map(|one| one.reference).collect();
        (entries.join(" "), documents.join(" "))
    };
    assert_eq!(listed(None), ("Acme Rent".to_owned(), "INV-2 INV-1".to_owned()));
    assert_eq!(listed(Some("acme")), ("Acme".to_owned(), "INV-1".to_owned()));
}

/// A movement of the processor's balance: what books it, what came and the fee, when, and from when on it
/// can be paid out; days of March.
fn moved(books: &Books, document: &str, (gross, fee): (i64, i64), (came, free): (i64, i64)) {
    let at = |day: i64| 1_772_323_200_000 + day * 86_400_000;
    books.run(
        "INSERT INTO movement (connection_seq, external_id, document, category, currency, gross_minor,
             fee_minor, fee_tax_minor, at, page_seq, available_at)
         VALUES (1, 'txn_' || ?1, ?1, 'x', 'GBP', ?2, ?3, 0, ?4, 0, ?5)",
        (document, gross, fee, at(came), at(free)),
    );
}

fn payout(name: &str, minor: i64) -> Doc {
    doc(name, minor).with(|d| {
        d.kind = "payout";
        (d.control, d.control_minor) = (Some("1050"), -d.total);
        d.lines = vec![("1010", d.total), ("1050", -d.total)];
    })
}

/// What a document pays out, by name.
fn content(books: &Books, reference: &str) -> Option<Vec<String>> {
    let id = books.list(&format!("SELECT id FROM document WHERE reference = '{reference}'"));
    let found = super::payout_content(&books.db, &id.parse().unwrap()).unwrap()?;
    Some(found.members.into_iter().map(|one| one.reference).collect())
}

fn paid_out() -> Books {
    let charge = |name, minor| doc(name, minor).payment(0);
    let docs = [
        charge("ch_1", 10_000),
        charge("ch_2", 5_000),
        charge("ch_3", 1_000),
        doc("re_1", 2_000).with(|d| d.kind = "refund"),
        payout("po_1", 7_700),
        payout("po_2", 5_840),
    ];
    let books = Books::with(&docs, &[]);
    moved(&books, "ch_1", (10_000, 300), (1, 3));
    moved(&books, "re_1", (-2_000, 0), (2, 2));
    moved(&books, "ch_3", (1_000, 10), (3, 5));
    moved(&books, "po_1", (-7_700, 0), (3, 3));
    moved(&books, "ch_2", (5_000, 150), (4, 6));
    moved(&books, "po_2", (-5_840, 0), (6, 6));
    books.detect();
    books
}

#[test]
fn a_payout_is_made_of_what_became_free_since_the_one_before_as_far_as_the_sum_proves_it() {
    let books = paid_out();
    let of = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(content(&books, "po_1"), of(&["ch_1", "re_1"]));
    assert_eq!(content(&books, "po_2"), of(&["ch_3", "ch_2"]));
    assert_eq!(content(&books, "ch_1"), None, "it is no payout");
    books.run("UPDATE movement SET gross_minor = 4999 WHERE document = 'ch_2'", []);
    assert_eq!(content(&books, "po_2"), None, "nothing proves it");
    books.run("UPDATE document SET status = 'failed' WHERE reference = 'po_1'", []);
    assert_eq!(content(&books, "po_1"), None, "it did not stand");
}

#[test]
fn where_no_vendor_says_what_is_free_the_days_on_which_money_came_tell() {
    let books = paid_out();
    books.run("UPDATE movement SET available_at = NULL", []);
    books.run("UPDATE movement SET at = at + 86400000 WHERE document = 'ch_3'", []);
    let names = |name| content(&books, name).map(|all| all.len());
    assert_eq!((names("po_1"), names("po_2")), (Some(2), Some(2)));
}

#[test]
fn a_deposit_without_a_name_is_suggested_for_the_payout_of_its_amount_and_days() {
    let books = paid_out();
    let lump = |words, minor| entry(words, &[("1010", minor), ("1050", -minor)]).with(|e| e.reference = None);
    for (words, minor) in [("FPI STRIPE", 5_840), ("FPI OTHER", 5_841)] {
        let seq = books.book(&lump(words, minor));
        books.run("UPDATE entry SET memo = ?2 WHERE seq = ?1", (seq, words));
    }
    books.detect();
    assert_eq!(told(&books), ["75 payout: JE1 = po_2"]);
    assert_eq!(
        reasons(&books)[0],
        "same amount; same day; the processor paid this out as po_2; nothing else open has this amount"
    );
}
