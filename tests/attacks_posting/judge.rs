//! What the ERP's own book says of a document. Nothing here asks the desk.

use std::{collections::BTreeMap, fmt::Write as _};

use tieout_sandbox::book::{Book, BookedEntry};

use crate::papers::{Doc, RECEIVABLE};

/// Subsidiary, currency, period and account.
type Cell = (i64, String, String, String);

/// The booked entries that name the document, oldest first. Of a number that two entities share, those in
/// the document's own entity.
pub fn booked(book: &Book, doc: &Doc) -> Vec<BookedEntry> {
    let mut entries = book.entries_by_reference(&doc.reference).expect("the book answers");
    entries.retain(|entry| entry.is_booked() && (!doc.shared || entry.subsidiary == doc.subsidiary));
    entries
}

/// Entries as a person would read them.
pub fn told(entries: &[BookedEntry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let key = entry.external_id.as_deref().unwrap_or("-");
        write!(text, "\n  #{} {key} in {} {}", entry.id, entry.subsidiary, entry.period).expect("a string");
        let amounts = entry.lines.iter().map(|line| format!("{} {}", line.account, line.amount));
        let amounts: Vec<String> = amounts.collect();
        write!(text, " {}: {} ({})", entry.currency, amounts.join(", "), entry.memo).expect("a string");
    }
    text
}

/// What is left when everything is added up.
fn net(entries: &[BookedEntry]) -> BTreeMap<Cell, i64> {
    let mut sums: BTreeMap<Cell, i64> = BTreeMap::new();
    for entry in entries {
        for line in &entry.lines {
            let (currency, period) = (entry.currency.clone(), entry.period.clone());
            *sums.entry((entry.subsidiary, currency, period, line.account.clone())).or_default() +=
                line.amount;
        }
    }
    sums.retain(|_, amount| *amount != 0);
    sums
}

fn due(doc: &Doc) -> BTreeMap<Cell, i64> {
    let cell =
        |account: &String| (doc.subsidiary, doc.currency.code().to_owned(), doc.period(), account.clone());
    doc.lines.iter().map(|(account, amount)| (cell(account), *amount)).collect()
}

/// The document stands once, with the right content where it belongs, and so many wrong entries of it were
/// undone, each once.
#[track_caller]
pub fn stands_once(book: &Book, doc: &Doc, undone: usize) {
    let entries = booked(book, doc);
    let (held, wanted) = (entries.len(), 2 * undone + 1);
    assert!(
        held == wanted && net(&entries) == due(doc),
        "{}: the book holds {held} entries where {wanted} are due, and {} on receivables where {} is \
         due:{}",
        doc.reference,
        control(&entries),
        doc.control(),
        told(&entries)
    );
}

/// Debit less credit on receivables over all of them.
fn control(entries: &[BookedEntry]) -> i64 {
    entries.iter().map(|entry| entry.amount_on(RECEIVABLE)).sum()
}

/// The book holds of the document just what it held.
#[track_caller]
pub fn untouched(book: &Book, doc: &Doc, before: &[BookedEntry]) {
    let entries = booked(book, doc);
    assert!(
        entries == before,
        "{}: something was sent that should not have been; the book held{}\nand holds{}",
        doc.reference,
        told(before),
        told(&entries)
    );
}

/// The book holds nothing of the document, in any company.
#[track_caller]
pub fn absent(book: &Book, doc: &Doc) {
    untouched(book, doc, &[]);
}

/// How many booked entries undo this one: its amounts with the other sign, in its company and currency.
pub fn undoings(book: &Book, of: i64) -> usize {
    let wrong = book.entry(of).expect("the book answers").expect("the entry is there");
    let sums = |entry: &BookedEntry, sign: i64| {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for line in &entry.lines {
            *sums.entry(line.account.clone()).or_default() += sign * line.amount;
        }
        sums
    };
    let reference = wrong.memo.split_whitespace().next().unwrap_or_default().to_owned();
    let all = book.entries_by_reference(&reference).expect("the book answers");
    let undoes = |entry: &&BookedEntry| {
        entry.is_booked()
            && (entry.subsidiary, &entry.currency) == (wrong.subsidiary, &wrong.currency)
            && sums(entry, 1) == sums(&wrong, -1)
    };
    all.iter().filter(undoes).count()
}
