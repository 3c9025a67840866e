//! One document that is wrong in a journal of many: only its difference is booked, once, and the journal
//! stays as it is. The journal is that of a nightly job, over a day's invoices of one company in one
//! currency.

use std::collections::BTreeMap;

use serde_json::Value;
use tieout_sandbox::{
    book::{Approval, BookedEntry, NewEntry, NewLine},
    company::{Company, Currency},
    stripe::Command,
};

use crate::{
    binary::{Ran, text},
    company::as_of,
    judge::told,
    office::{Attack, approve, mapping, post, remap, standing, sync, went_back},
    papers::{Doc, RECEIVABLE, account_id, attacked},
};

const REVENUE: &str = "2400";

/// A day's invoices of GB01, and the batch that they are.
struct Day {
    it: Attack,
    docs: Vec<Doc>,
    /// How the ERP's journal begins, and is told from others.
    memo: &'static str,
}

/// Whose amounts the journal has, and how: a document's account to what is added to it.
type Wrong<'a> = &'a [(usize, i64)];

impl Day {
    /// In pounds, the books' own currency, or in dollars.
    fn of(currency: Currency) -> Self {
        let it = Attack::begin();
        let (company, papers) = attacked();
        let docs = match currency {
            Currency::Usd => papers.foreign.clone(),
            _ => [papers.gb.clone(), vec![papers.twins.1.clone()]].concat(),
        };
        nothing_else_that_day(&company, &docs);
        let rule = "\n[[batch]]\nname = \"sales gb\"\nconnection = \"stripe-gb01\"\nby = \"day\"\n\
                    entity = \"GB01\"\nbegins_with = \"Daily sales\"\n";
        remap(&it.desk, "cora", "carl", &(mapping() + rule));
        Self { it, docs, memo: "Daily sales 2026-09-10 of GB01" }
    }

    /// Books the day's journal, a line for each account, with these amounts off.
    fn journal(&self, without: &[usize], wrong: Wrong<'_>) -> i64 {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for (at, doc) in self.docs.iter().enumerate().filter(|(at, _)| !without.contains(at)) {
            for (account, amount) in off(doc, at, wrong) {
                *sums.entry(account).or_default() += amount;
            }
        }
        self.commit(sums.into_iter().map(|(account, amount)| line(&account, amount, None)).collect())
    }

    /// The same with a line on receivables for each document, under its number.
    fn journal_by_line(&self, wrong: Wrong<'_>) -> i64 {
        let mut lines = Vec::new();
        for (at, doc) in self.docs.iter().enumerate() {
            let all = off(doc, at, wrong);
            lines.extend(all.iter().map(|(account, amount)| line(account, *amount, Some(&doc.reference))));
        }
        self.commit(lines)
    }

    fn commit(&self, lines: Vec<NewLine>) -> i64 {
        let entry = NewEntry {
            external_id: None,
            memo: self.memo.to_owned(),
            approval: Approval::Approved,
            lines,
            ..self.docs[0].entry(self.it.book())
        };
        self.it.commit(&entry)
    }

    /// The day's only exception, where there is one; none of its documents has one of its own.
    #[track_caller]
    fn exception(&self) -> Option<Value> {
        let all = self.it.desk.exceptions(&as_of());
        let currency = self.docs[0].currency.code();
        let about = |e: &&Value| {
            let is = |doc: &Doc| e["external_ref"] == *doc.reference && e["entity"] == doc.entity;
            self.docs.iter().any(is) || (e["external_ref"] == format!("sales gb 2026-09-10 GB01 {currency}"))
        };
        let found: Vec<&Value> = all.iter().filter(about).collect();
        assert!(found.len() <= 1, "more than one exception: {found:#?}");
        let one = found.first().map(|one| (*one).clone())?;
        assert_eq!(one["kind"], "batch_mismatch", "{one}");
        Some(one)
    }

    #[track_caller]
    fn id(&self) -> String {
        text(&self.exception().expect("the batch differs"), "id")
    }

    /// All is right: nothing is open, and receivables of the company tie out.
    #[track_caller]
    fn is_right(&self) {
        sync(&self.it.desk);
        assert_eq!(self.exception(), None);
        for cell in self.it.desk.run(None, ["tie-out", "--as-of", &as_of()]).ok().lines() {
            let own = cell["entity"] == "GB01" && cell["account"] == RECEIVABLE;
            assert!(!own || cell["unexplained_minor"] == 0, "{cell}");
        }
    }

    fn propose(&self, document: Option<&Doc>) -> Ran {
        let id = self.id();
        let mut args = vec!["propose", &id];
        args.extend(document.into_iter().flat_map(|doc| ["--document", doc.reference.as_str()]));
        self.it.desk.run(Some("ana"), args)
    }

    /// Prepared by ana, approved by carl.
    #[track_caller]
    fn approved(&self, document: Option<&Doc>) -> String {
        let posting = text(&self.propose(document).ok().one(), "posting");
        approve(&self.it.desk, &posting);
        posting
    }

    /// What the ERP holds under a document's own name.
    fn under(&self, doc: &Doc) -> Vec<BookedEntry> {
        let mut entries = self.it.book().entries_by_reference(&doc.reference).expect("the book answers");
        entries.retain(|entry| entry.is_booked() && entry.subsidiary == doc.subsidiary);
        entries
    }

    /// Sends; what was booked under the document's name is one entry of these amounts, and the journal is as
    /// it was.
    #[track_caller]
    fn books(&self, doc: &Doc, journal: i64, amounts: &[(&str, i64)]) {
        let (held, before) = (self.under(doc).len(), self.entry(journal));
        post(&self.it.desk);
        post(&self.it.desk);
        let own = self.under(doc);
        assert_eq!(own.len(), held + 1, "{}", told(&own));
        let booked = own.last().expect("it is booked");
        let nets: BTreeMap<&str, i64> =
            booked.lines.iter().map(|line| (line.account.as_str(), line.amount)).collect();
        assert_eq!(nets, amounts.iter().copied().collect(), "{}", told(&own));
        let key = booked.external_id.clone().expect("a key");
        assert!(key.starts_with("TD") && key.len() == 20, "{key}");
        assert_eq!(self.it.book().entries_by_external_id(&key).expect("the book answers").len(), 1);
        assert_eq!((booked.date, &booked.currency), (doc.day, &doc.currency.code().to_owned()));
        assert_eq!(self.entry(journal), before, "the journal stays as it is");
    }

    fn entry(&self, id: i64) -> Option<BookedEntry> {
        self.it.book().entry(id).expect("the book answers")
    }

    /// Sends, and nothing is sent: what the book holds under the document's name is what it held.
    #[track_caller]
    fn sends_nothing(&self, doc: &Doc, posting: &str) {
        let before = self.under(doc);
        post(&self.it.desk);
        assert_eq!(self.under(doc), before, "something was sent");
        went_back(&self.it.desk, posting, "basis_moved");
    }
}

/// What the journal has of a document: its amounts, with the receivable and the revenue off by so much.
fn off(doc: &Doc, at: usize, wrong: Wrong<'_>) -> BTreeMap<String, i64> {
    let by: i64 = wrong.iter().filter(|(which, _)| *which == at).map(|(_, by)| by).sum();
    let mut lines = doc.lines.clone();
    *lines.entry(RECEIVABLE.to_owned()).or_default() += by;
    *lines.entry(REVENUE.to_owned()).or_default() -= by;
    lines
}

fn line(account: &str, amount: i64, memo: Option<&str>) -> NewLine {
    let memo = memo.map(str::to_owned);
    NewLine { account: account_id(account), amount, functional: None, memo, entity: None }
}

/// The batch is these documents alone.
fn nothing_else_that_day(company: &Company, docs: &[Doc]) {
    let (day, currency) = (docs[0].day, docs[0].currency);
    for invoice in &company.invoices {
        let own = docs.iter().any(|doc| doc.id == invoice.id.to_string());
        let dated = invoice.dated_at().and_then(|at| chrono::DateTime::from_timestamp(at, 0));
        let there = invoice.entity == 1 && invoice.currency == currency;
        let same_day = dated.is_some_and(|at| (at.date_naive() - day).num_days().abs() < 1);
        assert!(own || !there || !same_day, "{} is of that day, too", invoice.id);
    }
}

/// All of a document, or all of it taken back.
fn whole(doc: &Doc, sign: i64) -> Vec<(&str, i64)> {
    doc.lines.iter().map(|(account, amount)| (account.as_str(), sign * amount)).collect()
}

#[test]
fn a_journal_that_has_every_document_right_gives_nothing_to_correct() {
    let day = Day::of(Currency::Gbp);
    day.journal(&[], &[]);
    day.is_right();
}

#[test]
fn a_journal_that_has_a_right_line_for_every_document_gives_nothing_to_correct() {
    let day = Day::of(Currency::Gbp);
    day.journal_by_line(&[]);
    day.is_right();
}

#[test]
fn only_the_difference_of_the_one_wrong_document_is_booked_once_and_can_be_taken_back() {
    let day = Day::of(Currency::Gbp);
    let doc = day.docs[0].clone();
    let journal = day.journal(&[], &[(0, -500)]);
    sync(&day.it.desk);
    // Nobody can tell from the sums which document it is.
    day.propose(None).refused("batch_document_needed");
    let posting = day.approved(Some(&doc));
    // While that one lives there is no second one.
    day.propose(Some(&day.docs[1])).refused("posting_in_progress");
    day.books(&doc, journal, &[(RECEIVABLE, 500), (REVENUE, -500)]);
    day.is_right();
    assert_eq!(standing(&day.it.desk, &posting).0, "settled");
    let replayed = day.it.desk.run(Some("ana"), ["replay", &posting]);
    assert_ne!(replayed.status, 0, "what is booked is not sent again: {replayed:?}");
    post(&day.it.desk);
    assert_eq!(day.under(&doc).len(), 1);

    let reverse = ["reverse", &posting, "--reason", "it was another document"];
    let reversal = text(&day.it.desk.run(Some("ana"), reverse).ok().one(), "posting");
    approve(&day.it.desk, &reversal);
    post(&day.it.desk);
    sync(&day.it.desk);
    let own = day.under(&doc);
    assert_eq!(own.iter().map(|entry| entry.amount_on(RECEIVABLE)).collect::<Vec<_>>(), [500, -500]);
    assert!(day.exception().is_some(), "what was taken back is missing again");
    let other = day.docs[1].clone();
    day.approved(Some(&other));
    day.books(&other, journal, &[(RECEIVABLE, 500), (REVENUE, -500)]);
    day.is_right();
    // And the first one again, once the journal is wrong about it: under a key of its own.
    day.it.book().edit(journal, |entry| shift(entry, -40)).expect("an edit");
    sync(&day.it.desk);
    day.approved(Some(&doc));
    day.books(&doc, journal, &[(RECEIVABLE, 40), (REVENUE, -40)]);
    day.is_right();
}

/// Moves so much from revenue to receivables.
fn shift(entry: &mut BookedEntry, by: i64) {
    for line in &mut entry.lines {
        let sign = i64::from(line.account == RECEIVABLE) - i64::from(line.account == REVENUE);
        line.amount += sign * by;
        line.functional += sign * by;
    }
}

#[test]
fn what_is_too_much_is_taken_back_by_its_difference() {
    let day = Day::of(Currency::Gbp);
    let journal = day.journal(&[], &[(2, 700)]);
    sync(&day.it.desk);
    day.approved(Some(&day.docs[2]));
    day.books(&day.docs[2], journal, &[(RECEIVABLE, -700), (REVENUE, 700)]);
    day.is_right();
}

#[test]
fn a_document_that_the_journal_lacks_is_told_by_its_amounts_and_booked_whole() {
    let day = Day::of(Currency::Gbp);
    let journal = day.journal(&[1], &[]);
    sync(&day.it.desk);
    day.approved(None);
    day.books(&day.docs[1], journal, &whole(&day.docs[1], 1));
    day.is_right();
}

#[test]
fn of_two_wrong_documents_each_is_corrected_by_its_own() {
    let day = Day::of(Currency::Gbp);
    let (first, second) = (day.docs[0].clone(), day.docs[2].clone());
    let journal = day.journal(&[0, 2], &[]);
    sync(&day.it.desk);
    day.approved(Some(&first));
    day.books(&first, journal, &whole(&first, 1));
    sync(&day.it.desk);
    day.approved(None);
    day.books(&second, journal, &whole(&second, 1));
    day.is_right();
}

/// By what the journal's lines say of the documents that they name: one too low, one too high.
#[test]
fn of_two_documents_with_wrong_lines_each_is_corrected_by_its_own() {
    let day = Day::of(Currency::Gbp);
    let (first, second) = (day.docs[0].clone(), day.docs[2].clone());
    let journal = day.journal_by_line(&[(0, -300), (2, 450)]);
    sync(&day.it.desk);
    day.propose(None).refused("batch_document_needed");
    day.propose(Some(&day.docs[1])).refused("nothing_to_post");
    day.approved(Some(&first));
    day.books(&first, journal, &[(RECEIVABLE, 300), (REVENUE, -300)]);
    sync(&day.it.desk);
    day.approved(None);
    day.books(&second, journal, &[(RECEIVABLE, -450), (REVENUE, 450)]);
    day.is_right();
}

#[test]
fn two_wrong_amounts_that_cancel_out_on_receivables_are_no_difference_of_the_batch() {
    let day = Day::of(Currency::Gbp);
    day.journal_by_line(&[(0, -300), (2, 300)]);
    day.is_right();
}

#[test]
fn a_difference_in_another_currency_is_booked_in_the_documents_own() {
    let day = Day::of(Currency::Usd);
    let journal = day.journal(&[], &[(1, -1_001)]);
    sync(&day.it.desk);
    day.approved(Some(&day.docs[1]));
    day.books(&day.docs[1], journal, &[(RECEIVABLE, 1_001), (REVENUE, -1_001)]);
    day.is_right();
}

#[test]
fn a_document_that_was_voided_is_taken_out_of_the_journal_whole() {
    let day = Day::of(Currency::Gbp);
    let doc = day.docs[0].clone();
    let journal = day.journal(&[], &[]);
    day.is_right();
    day.it.bill(Command::VoidInvoice { invoice: doc.id.clone() });
    sync(&day.it.desk);
    day.approved(Some(&doc));
    day.books(&doc, journal, &whole(&doc, -1));
    day.is_right();
}

#[test]
fn a_document_that_was_amended_after_the_journal_is_corrected_by_the_amendment() {
    let day = Day::of(Currency::Gbp);
    let doc = day.docs[1].clone();
    let journal = day.journal(&[], &[]);
    day.it.bill(Command::AmendInvoice { invoice: doc.id.clone(), by: 1_000 });
    sync(&day.it.desk);
    day.approved(Some(&doc));
    day.books(&doc, journal, &[(RECEIVABLE, 1_200), (REVENUE, -1_000), ("2200", -200)]);
    day.is_right();
}

#[test]
fn what_somebody_mended_in_the_erp_after_the_approval_is_not_booked_a_second_time() {
    type InTheErp = fn(&Day, i64);
    let mendings: [InTheErp; 4] = [
        // The journal itself.
        |day, journal| day.it.book().edit(journal, |entry| shift(entry, 500)).expect("an edit"),
        // Another journal of the day beside it.
        |day, _| _ = day.commit(vec![line(RECEIVABLE, 500, None), line(REVENUE, -500, None)]),
        // By hand under the document's number.
        |day, _| {
            let entry = day.docs[0].entry(day.it.book());
            let lines = vec![line(RECEIVABLE, 500, None), line(REVENUE, -500, None)];
            _ = day.it.commit(&NewEntry { lines, ..entry });
        },
        // The journal is gone, and all of it is to be booked.
        |day, journal| day.it.book().delete_entry(journal).expect("a deletion"),
    ];
    for (which, mend) in mendings.into_iter().enumerate() {
        let day = Day::of(Currency::Gbp);
        let doc = day.docs[0].clone();
        let journal = day.journal(&[], &[(0, -500)]);
        sync(&day.it.desk);
        let posting = day.approved(Some(&doc));
        mend(&day, journal);
        day.sends_nothing(&doc, &posting);
        if which < 2 {
            day.is_right();
        }
    }
}

#[test]
fn what_moved_in_billing_after_the_approval_sends_it_back() {
    let day = Day::of(Currency::Gbp);
    let doc = day.docs[0].clone();
    day.journal(&[], &[(0, -500)]);
    sync(&day.it.desk);
    let posting = day.approved(Some(&doc));
    day.it.bill(Command::AmendInvoice { invoice: doc.id.clone(), by: -100 });
    day.sends_nothing(&doc, &posting);
}

/// Another document of the day is wrong by as much the other way: altogether nothing differs any more.
#[test]
fn what_evens_out_altogether_after_the_approval_sends_it_back() {
    let day = Day::of(Currency::Gbp);
    let doc = day.docs[0].clone();
    day.journal(&[], &[(0, -500)]);
    sync(&day.it.desk);
    let posting = day.approved(Some(&doc));
    day.it.bill(Command::VoidInvoice { invoice: day.docs[1].id.clone() });
    sync(&day.it.desk);
    day.sends_nothing(&doc, &posting);
}
