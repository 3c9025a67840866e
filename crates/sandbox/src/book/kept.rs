//! What the company's ledger becomes where others keep it than an integration with a journal per document:
//! people who name documents in the middle of a memo and book payments under the invoice's number, and a
//! nightly job that books all sales of a day together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};

use super::ways::Keeper;
use crate::company::{
    Account, Company, Currency, EntryStatus, FaultKind, Id, IdKind, InvoiceStatus, Label, LedgerEntry,
    Reference,
};

/// A day's sales of an entity in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// Position of the entity.
    pub entity: u8,
    /// The documents' date.
    pub date: NaiveDate,
    /// Their currency.
    pub currency: Currency,
}

/// What a perfect desk would report of books that are kept otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Of a document, an orphan or a customer, as ever.
    Of(Label),
    /// The journal of a day has another sum than its documents.
    Day(Day),
}

/// One transaction of the books.
pub(super) enum Kept<'a> {
    /// An entry of the company's ledger, as this keeper makes it.
    One(&'a LedgerEntry, Keeper),
    /// The journal of a day.
    Day(Day, Vec<&'a LedgerEntry>),
}

/// What is wrong with the sum of a day where it is wrong with one of its documents.
const OF_THE_DAY: [FaultKind; 7] = [
    FaultKind::ChangedAfterPosting,
    FaultKind::Unposted,
    FaultKind::AmountMismatch,
    FaultKind::TaxMismatch,
    FaultKind::WrongAccount,
    FaultKind::SignReversed,
    FaultKind::DuplicatePosting,
];

/// What of a payment can be told where it stands under its invoice's number.
const UNDER_ANOTHER_NUMBER: [FaultKind; 4] =
    [FaultKind::Unposted, FaultKind::AmountMismatch, FaultKind::WrongPeriod, FaultKind::WrongAccount];

impl Keeper {
    /// Who keeps the books of one entity.
    fn of(self, entity: u8) -> Self {
        match (self, entity) {
            (Self::Mixed, 0) => Self::Records,
            (Self::Mixed, 1) => Self::ByHand,
            (Self::Mixed, 2) => Self::Summaries,
            (Self::Mixed, _) => Self::Journals,
            (all, _) => all,
        }
    }
}

/// What is known of a document's bookings.
pub(super) struct Bookings<'a> {
    company: &'a Company,
    faults: BTreeMap<&'a str, FaultKind>,
    /// Documents with entries of which one takes exactly the other back, without a link.
    mirrored: BTreeSet<Id>,
    /// Entries that the ERP ties as a reversal and what it reverses.
    linked: BTreeSet<u32>,
}

fn on_receivable(entry: &LedgerEntry) -> i64 {
    entry.lines.iter().filter(|line| line.account == Account::Receivable).map(|line| line.amount).sum()
}

impl<'a> Bookings<'a> {
    pub(super) fn of(company: &'a Company) -> Self {
        let faults = company.labels.iter().map(|label| (label.external_ref.as_str(), label.kind)).collect();
        let mut linked = BTreeSet::new();
        let mut documents: BTreeMap<Id, Vec<&LedgerEntry>> = BTreeMap::new();
        for entry in &company.ledger {
            linked.extend(entry.reverses.map(|reversed| [entry.n, reversed]).into_iter().flatten());
            if let (Reference::Document(id), EntryStatus::Booked) = (&entry.reference, entry.status) {
                documents.entry(*id).or_default().push(entry);
            }
        }
        let mirrors = |a: &LedgerEntry, b: &LedgerEntry| {
            let amounts =
                |e: &LedgerEntry| e.lines.iter().map(|l| (l.account, l.amount)).collect::<BTreeSet<_>>();
            let back = b.lines.iter().map(|l| (l.account, -l.amount)).collect::<BTreeSet<_>>();
            amounts(a) == back
        };
        let mirrored = documents.into_iter().filter(|(_, entries)| {
            let free: Vec<_> = entries.iter().filter(|entry| !linked.contains(&entry.n)).collect();
            free.iter().any(|a| free.iter().any(|b| mirrors(a, b)))
        });
        let mirrored = mirrored.map(|(id, _)| id).collect();
        Self { company, faults, mirrored, linked }
    }

    fn fault(&self, id: Id) -> Option<FaultKind> {
        self.faults.get(self.company.document_reference(id).as_str()).copied()
    }

    /// Date and currency of an invoice or credit note, and whether it was voided.
    fn sale(&self, id: Id) -> Option<(Day, bool)> {
        let (entity, currency, at, void) = match id.kind {
            IdKind::Invoice => {
                let invoice = self.company.invoices.get(id.n as usize)?;
                (invoice.entity, invoice.currency, invoice.dated_at()?, invoice.status == InvoiceStatus::Void)
            }
            IdKind::CreditNote => {
                let note = self.company.credit_notes.get(id.n as usize)?;
                (
                    note.entity,
                    note.currency,
                    note.effective_at.unwrap_or(note.created),
                    note.voided_at.is_some(),
                )
            }
            _ => return None,
        };
        let zone = self.company.entities.get(usize::from(entity))?.tz;
        let date = DateTime::from_timestamp(at, 0)?.with_timezone(&zone).date_naive();
        Some((Day { entity, date, currency }, void))
    }

    /// The day whose journal holds an entry. What is booked elsewhere, late, or taken back at once stands for
    /// itself.
    fn day(&self, entry: &LedgerEntry) -> Option<Day> {
        let (Reference::Document(id), EntryStatus::Booked) = (&entry.reference, entry.status) else {
            return None;
        };
        let (day, void) = self.sale(*id)?;
        let fault = self.fault(*id);
        let of_the_day =
            fault.is_none_or(|kind| OF_THE_DAY.contains(&kind) || kind == FaultKind::MissingMapping);
        let raises = on_receivable(entry).signum() == if id.kind == IdKind::Invoice { 1 } else { -1 };
        let stands = !self.linked.contains(&entry.n) || void && entry.reverses.is_none();
        let there = (entry.entity, entry.date, entry.currency) == (day.entity, day.date, day.currency);
        let sign = raises || fault == Some(FaultKind::SignReversed);
        (of_the_day && sign && stands && there && !self.mirrored.contains(id)).then_some(day)
    }
}

/// The books in the order in which they were written.
pub(super) fn arrange(company: &Company, keeper: Keeper) -> Vec<Kept<'_>> {
    let bookings = Bookings::of(company);
    let day = |entry: &LedgerEntry| match keeper.of(entry.entity) {
        Keeper::Summaries => bookings.day(entry),
        _ => None,
    };
    let mut days: BTreeMap<Day, Vec<&LedgerEntry>> = BTreeMap::new();
    for entry in &company.ledger {
        if let Some(day) = day(entry) {
            days.entry(day).or_default().push(entry);
        }
    }
    let mut kept = Vec::with_capacity(company.ledger.len());
    for entry in &company.ledger {
        match day(entry) {
            None => kept.push(Kept::One(entry, keeper.of(entry.entity))),
            // The job runs when the last of the day is there.
            Some(day) if days.get(&day).and_then(|of| of.last()).is_some_and(|last| last.n == entry.n) => {
                kept.push(Kept::Day(day, days.remove(&day).unwrap_or_default()));
            }
            Some(_) => {}
        }
    }
    kept
}

/// The labels of the company where its books are kept by this keeper, sorted.
#[must_use]
pub fn told(company: &Company, keeper: Keeper) -> Vec<Told> {
    let bookings = Bookings::of(company);
    let booked: BTreeSet<Day> = arrange(company, keeper)
        .iter()
        .filter_map(|kept| match kept {
            Kept::Day(day, _) => Some(*day),
            Kept::One(..) => None,
        })
        .collect();
    let sales = (0..company.invoices.len())
        .map(|n| Id::new(IdKind::Invoice, n as u32))
        .chain((0..company.credit_notes.len()).map(|n| Id::new(IdKind::CreditNote, n as u32)));
    let days: BTreeMap<String, Day> = sales
        .filter_map(|id| Some((company.document_reference(id), bookings.sale(id)?.0)))
        .filter(|(_, day)| keeper.of(day.entity) == Keeper::Summaries && booked.contains(day))
        .collect();
    let mut told: Vec<Told> = company
        .labels
        .iter()
        .map(|label| match days.get(&label.external_ref) {
            Some(day) if OF_THE_DAY.contains(&label.kind) => Told::Day(*day),
            _ => Told::Of(label.clone()),
        })
        .collect();
    told.sort();
    told.dedup_by(|a, b| matches!(a, Told::Day(_)) && a == b);
    told
}

impl Bookings<'_> {
    /// The memo that people write: the document somewhere in it, a payment and a refund under the number of
    /// the invoice that they belong to.
    pub(super) fn by_hand(&self, entry: &LedgerEntry) -> String {
        let text = self.company.reference_text(&entry.reference);
        let Reference::Document(id) = &entry.reference else { return text };
        let charge = |position: u32| self.company.charges.get(position as usize);
        let refund = |position: u32| self.company.refunds.get(position as usize);
        let (charge, sign) = match id.kind {
            IdKind::Charge => (charge(id.n), -1),
            IdKind::Refund => (refund(id.n).and_then(|refund| charge(refund.charge)), 1),
            IdKind::Invoice => return format!("Invoice {text}, by hand"),
            IdKind::CreditNote => return format!("Credit note ({text})"),
            _ => return text,
        };
        let under = self.fault(*id).is_none_or(|kind| UNDER_ANOTHER_NUMBER.contains(&kind))
            && !self.mirrored.contains(id)
            && on_receivable(entry).signum() == sign;
        let invoice = charge.and_then(|charge| self.company.invoices.get(charge.invoice as usize));
        let number = invoice.and_then(|invoice| self.company.invoice_number(invoice));
        match number.filter(|_| under) {
            None => format!("Processor's {text}"),
            Some(number) if sign > 0 => format!("Refund on {number}"),
            Some(number) if entry.n.is_multiple_of(2) => format!("Payment received, {number}"),
            Some(number) => format!("{number} paid"),
        }
    }
}
