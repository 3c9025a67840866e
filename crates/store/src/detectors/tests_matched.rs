//! What people say belongs together counts like any other match, until they take it back.

use tieout_domain::{DocumentId, EntryId, MatchId, PersonId};

use super::fixture::{Books, Doc, Entry, NOW, at, booked, doc, entry, why};
use crate::{
    db::Tx,
    suggest::{SuggestQuery, suggestions},
    table::matching::{MatchRule, MatchState, NewMatch, put, set_state},
    tieout::{TieOutFilter, tests::kept_agrees, tie_out},
};

fn person() -> PersonId {
    PersonId::derive(&["ana"])
}

fn ids<T: std::str::FromStr>(books: &Books, table: &str, names: &[&str]) -> Vec<T>
where
    T::Err: std::fmt::Debug,
{
    let one = |name: &&str| {
        let column =
            if table == "entry" { "coalesce(said_reference, reference, number)" } else { "reference" };
        let sql = format!("SELECT id FROM {table} WHERE {column} = ?1 ORDER BY seq LIMIT 1");
        let id: String = books.db.query_row(&sql, [name], |row| row.get(0)).unwrap();
        id.parse().unwrap()
    };
    names.iter().map(one).collect()
}

/// The match of these entries (by reference or number) and documents.
fn of(books: &Books, entries: &[&str], documents: &[&str]) -> NewMatch {
    let entries: Vec<EntryId> = ids(books, "entry", entries);
    let documents: Vec<DocumentId> = ids(books, "document", documents);
    let facts = crate::suggest::facts(&books.db, &entries, &documents, false).unwrap();
    NewMatch {
        name: format!("match of {}", facts.entries[0].number),
        id: facts.id,
        rule: MatchRule::Hand,
        entity: facts.entity,
        currency: facts.currency,
        documents_minor: facts.documents_minor,
        entries_minor: facts.entries_minor,
        needs_two: false,
        why: String::new(),
        reason: String::new(),
        entries,
        documents,
    }
}

fn confirm(books: &Books, entries: &[&str], documents: &[&str]) -> MatchId {
    let new = of(books, entries, documents);
    let (tx, person) = (Tx::begin(&books.db).unwrap(), person());
    put(&tx, &new, MatchState::Confirmed, (Some((&person, at(NOW))), None), (&person, at(NOW))).unwrap();
    crate::table::log::commit(tx).unwrap();
    new.id
}

fn undo(books: &Books, id: &MatchId) {
    let tx = Tx::begin(&books.db).unwrap();
    set_state(&tx, id, (MatchState::Undone, "wrong"), (&person(), at(NOW))).unwrap();
    crate::table::log::commit(tx).unwrap();
}

/// What is open after a run over what changed, which is what a run over everything finds too; and no cell of
/// the tie-out is unexplained.
#[track_caller]
fn open_is(books: &Books, want: &str) {
    books.detect();
    assert_eq!(books.open(), want);
    let lists = |books: &Books| {
        let entries = books.list("SELECT entry_seq || account || minor FROM unmatched_entry ORDER BY 1");
        let documents = "SELECT document_seq || account || minor FROM unmatched_document ORDER BY 1";
        (entries, books.list(documents))
    };
    let step_by_step = lists(books);
    let tx = Tx::begin(&books.db).unwrap();
    super::run_from_scratch(&tx, &super::DetectInput { as_of: at(NOW), now: at(NOW) }).unwrap();
    crate::table::log::commit(tx).unwrap();
    assert_eq!(books.open(), want, "step by step and at once");
    assert_eq!(lists(books), step_by_step, "step by step and at once");
    let cells = tie_out(&books.db, &TieOutFilter::default()).unwrap();
    let left: Vec<_> = cells.iter().filter(|cell| cell.unexplained_minor != 0).collect();
    assert!(left.is_empty(), "{want}: {left:?}");
    kept_agrees(books);
}

/// Two invoices and a payment; the ledger has one of them under its own words, and without a name.
fn books() -> Books {
    let docs = [doc("INV-1", 12_000), doc("INV-2", 500), doc("ch_1", 12_000).payment(0)];
    let nameless = |e: &mut Entry| e.reference = None;
    let books = Books::with(&docs, &[booked("Website March", 12_000), booked("x", 500).with(nameless)]);
    open_is(
        &books,
        "INV-1 unposted, INV-2 unposted, JE2 orphan_journal, Website March orphan_journal, ch_1 unposted",
    );
    books
}

#[test]
fn a_confirmed_match_closes_both_sides_and_an_undone_one_brings_both_back() {
    let books = books();
    let first = confirm(&books, &["Website March"], &["INV-1"]);
    open_is(&books, "INV-2 unposted, JE2 orphan_journal, ch_1 unposted");
    let second = confirm(&books, &["JE2"], &["INV-2"]);
    open_is(&books, "ch_1 unposted");
    assert_eq!(books.list("SELECT reference FROM entry ORDER BY seq"), "INV-1, INV-2");
    undo(&books, &first);
    open_is(&books, "INV-1 unposted, Website March orphan_journal, ch_1 unposted");
    undo(&books, &second);
    let all =
        "INV-1 unposted, INV-2 unposted, JE2 orphan_journal, Website March orphan_journal, ch_1 unposted";
    open_is(&books, all);
    assert_eq!(books.list("SELECT coalesce(reference, '-') FROM entry ORDER BY seq"), "Website March, -");
}

#[test]
fn what_is_matched_is_compared_like_anything_else() {
    let books = books();
    let id = confirm(&books, &["JE2"], &["INV-1"]);
    open_is(&books, "INV-1 amount_mismatch, INV-2 unposted, Website March orphan_journal, ch_1 unposted");
    undo(&books, &id);
    let docs = [doc("INV-1", 12_000)];
    let april = booked("Website", 12_000).with(|e| (e.period, e.date) = ("2026-04", "2026-04-02"));
    let other = booked("Website", 12_000).with(|e| e.lines[1].0 = "4900");
    for (held, want) in [(april, "INV-1 wrong_period"), (other, "INV-1 wrong_account")] {
        let books = Books::with(&docs, &[held]);
        books.detect();
        confirm(&books, &["Website"], &["INV-1"]);
        open_is(&books, want);
    }
}

/// Three charges of a day; what a bookkeeper books of them together, at the bank.
fn deposit(entries: &[Entry]) -> Books {
    let charge = |name: &str, minor| doc(name, minor).payment(30);
    let payout = doc("po_1", 2_910).with(|d: &mut Doc| {
        d.kind = "payout";
        (d.control, d.control_minor) = (Some("1050"), -2_910);
        d.lines = vec![("1010", 2_910), ("1050", -2_910)];
    });
    let docs = [charge("ch_1", 1_000), charge("ch_2", 1_500), charge("ch_3", 500), payout];
    let books = Books::with(&docs, entries);
    books.detect();
    books
}

const FOUR: [&str; 4] = ["ch_1", "ch_2", "ch_3", "po_1"];

#[test]
fn one_deposit_is_three_charges_and_their_payout() {
    let lump = entry("Stripe 10/03", &[("1010", 2_910), ("6100", 90), ("1100", -3_000)]);
    let books = deposit(&[lump]);
    open_is(
        &books,
        "Stripe 10/03 orphan_journal, ch_1 unposted, ch_2 unposted, ch_3 unposted, po_1 unposted",
    );
    let id = confirm(&books, &["Stripe 10/03"], &FOUR);
    open_is(&books, "");
    undo(&books, &id);
    open_is(
        &books,
        "Stripe 10/03 orphan_journal, ch_1 unposted, ch_2 unposted, ch_3 unposted, po_1 unposted",
    );
}

#[test]
fn a_deposit_of_another_sum_is_one_exception_that_names_the_document() {
    let lump = entry("Stripe 10/03", &[("1010", 1_440), ("6100", 60), ("1100", -1_500)]);
    let books = deposit(&[lump]);
    confirm(&books, &["Stripe 10/03"], &["ch_1", "ch_2", "ch_3"]);
    open_is(&books, "match of JE1 batch_mismatch, po_1 unposted");
    assert!(why(&books).contains("The 3 documents of match of JE1 come to -30.00 GBP"), "{}", why(&books));
    assert!(why(&books).contains("15.00 GBP too much. ch_2 would explain it."), "{}", why(&books));
}

#[test]
fn a_deposit_in_the_next_month_leaves_no_unexplained_cell() {
    let lump = entry("Stripe", &[("1010", 2_910), ("6100", 90), ("1100", -3_000)]);
    let books = deposit(&[lump.with(|e| (e.period, e.date) = ("2026-04", "2026-04-01"))]);
    confirm(&books, &["Stripe"], &FOUR);
    open_is(&books, "");
}

#[test]
fn what_becomes_of_its_entry_or_its_documents_later_is_judged_with_the_match() {
    let lump = entry("Stripe", &[("1010", 2_910), ("6100", 90), ("1100", -3_000)]);
    let books = deposit(&[lump]);
    confirm(&books, &["Stripe"], &FOUR);
    open_is(&books, "");
    books.restate(1, "void");
    open_is(&books, "ch_1 unposted, ch_2 unposted, ch_3 unposted, po_1 unposted");
    books.restate(1, "booked");
    open_is(&books, "");
    books.put(&doc("ch_2", 1_400).payment(30));
    open_is(&books, "match of JE1 batch_mismatch");
    books.put(&doc("ch_2", 1_500).payment(30));
    open_is(&books, "");
    // Somebody books one of them by name as well: too much is booked, whichever of the two is wrong.
    books.book(&entry("ch_3", &[("1050", 470), ("6100", 30), ("1100", -500)]));
    open_is(&books, "match of JE1 batch_mismatch");
}

#[test]
fn a_match_goes_before_what_the_entry_names_later() {
    let books = books();
    confirm(&books, &["Website March"], &["INV-1"]);
    books.put(&doc("Website March", 12_000));
    open_is(&books, "INV-2 unposted, JE2 orphan_journal, Website March unposted, ch_1 unposted");
}

#[test]
fn a_second_entry_of_a_matched_document_is_too_much() {
    let books = books();
    confirm(&books, &["Website March"], &["INV-1"]);
    books.book(&booked("INV-1", 12_000));
    open_is(&books, "INV-1 duplicate_posting, INV-2 unposted, JE2 orphan_journal, ch_1 unposted");
}

#[test]
fn a_payment_matched_with_an_invoice_settles_it() {
    let paid = entry("Wire", &[("1010", 900), ("1100", -900)]);
    let books = Books::with(&[doc("INV-9", 900)], &[booked("INV-9", 900), paid]);
    open_is(&books, "Wire orphan_journal");
    // By hand: nothing of the invoice is open, so that no list offers it.
    books.run("INSERT INTO unmatched_document VALUES (1, '1100', 'GB01', 'GBP', 900, '2026-03-10')", []);
    confirm(&books, &["Wire"], &["INV-9"]);
    open_is(&books, "");
    assert_eq!(books.list("SELECT '' || count(*) FROM settlement"), "1");
}

#[test]
fn a_rejected_pair_does_not_come_back_until_it_is_taken_back() {
    let books = books();
    let suggested = || -> Vec<String> {
        let query = SuggestQuery { window_days: 60, limit: 50, ..SuggestQuery::default() };
        let all = suggestions(&books.db, &query).unwrap();
        all.into_iter()
            .map(|one| format!("{} {}", one.facts.entries[0].number, one.facts.documents[0].reference))
            .collect()
    };
    assert_eq!(suggested(), ["JE1 INV-1", "JE2 INV-2"]);
    let new = of(&books, &["Website March"], &["INV-1"]);
    let (tx, person) = (Tx::begin(&books.db).unwrap(), person());
    put(&tx, &new, MatchState::Rejected, (None, None), (&person, at(NOW))).unwrap();
    crate::table::log::commit(tx).unwrap();
    open_is(
        &books,
        "INV-1 unposted, INV-2 unposted, JE2 orphan_journal, Website March orphan_journal, ch_1 unposted",
    );
    assert_eq!(suggested(), ["JE2 INV-2"]);
    undo(&books, &new.id);
    assert_eq!(suggested(), ["JE1 INV-1", "JE2 INV-2"]);
    // With another amount it is another match.
    undo(&books, &confirm(&books, &["JE2"], &["INV-2"]));
    assert_eq!(suggested().len(), 2);
}
