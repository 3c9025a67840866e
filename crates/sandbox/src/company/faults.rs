//! Decides which documents and customers something is wrong with, and writes the labels.

use super::calendar::{Calendar, DAY};
use super::dice::Dice;
use super::document::{Document, Life, of};
use super::model::{Account, Company, Currency, FaultKind, Id, IdKind, InvoiceStatus, Label, Product};

/// Nothing is wrong with what is younger than this: it may still be on its way.
const SETTLED: i64 = 3 * DAY;
/// The smallest control amount that can be wrong by a part of itself.
const SMALLEST: i64 = 10;

/// Faults of ordinary documents and their weights.
const ORDINARY: [(FaultKind, u32); 10] = [
    (FaultKind::Unposted, 30),
    (FaultKind::AmountMismatch, 12),
    (FaultKind::WrongPeriod, 12),
    (FaultKind::DuplicatePosting, 10),
    (FaultKind::WrongAccount, 8),
    (FaultKind::TaxMismatch, 8),
    (FaultKind::WrongEntity, 6),
    (FaultKind::MissingMapping, 6),
    (FaultKind::WrongCurrency, 5),
    (FaultKind::SignReversed, 5),
];

/// What is wrong, by position of the document.
pub(crate) struct Fates {
    pub(crate) documents: Vec<Option<FaultKind>>,
    pub(crate) orphans: usize,
}

/// Whether a kind of fault can be given to a document so that it means exactly that.
fn eligible(company: &Company, calendar: &Calendar, document: &Document, kind: FaultKind) -> bool {
    let settled = document.finalized_at <= company.spec.as_of - SETTLED;
    if !settled || document.control().abs() < SMALLEST {
        return false;
    }
    let late = calendar.is_late(document.entity, document.dated_at, document.finalized_at);
    let plain = document.life == Life::Plain && !late;
    let invoice = document.id.kind == IdKind::Invoice;
    match kind {
        FaultKind::Unposted
        | FaultKind::AmountMismatch
        | FaultKind::WrongPeriod
        | FaultKind::DuplicatePosting
        | FaultKind::WrongAccount
        | FaultKind::WrongEntity
        | FaultKind::SignReversed => plain,
        FaultKind::WrongCurrency => plain && document.currency != Currency::Jpy,
        FaultKind::TaxMismatch => plain && of(&document.amounts, Account::Tax).abs() >= 2,
        FaultKind::MissingMapping => plain && invoice && mappable(company, document.id.n as usize).is_some(),
        FaultKind::LateForClosedPeriod => document.life == Life::Plain && late,
        // Twice the longest lag: it was booked before it was changed.
        FaultKind::ChangedAfterPosting => match document.life {
            Life::Void(at) | Life::WrittenOff(at) | Life::Withdrawn(at) => {
                at >= document.finalized_at + 2 * DAY && at <= company.spec.as_of - SETTLED
            }
            Life::Nothing | Life::Plain | Life::Failed | Life::Reinstated(..) | Life::Warned => false,
        },
        FaultKind::PaymentStatusMismatch => document.life == Life::Failed,
        FaultKind::OrphanJournal | FaultKind::DuplicateCustomer | FaultKind::CustomerNotInErp => false,
    }
}

/// The line whose product can become the one that nobody mapped: not of an invoice whose credit notes or
/// original name the same line.
fn mappable(company: &Company, position: usize) -> Option<usize> {
    let invoice = &company.invoices[position];
    if invoice.credit_notes > 0 || invoice.revises.is_some() {
        return None;
    }
    invoice.lines.iter().position(|line| !line.proration && line.product != Product::Usage && line.net() != 0)
}

/// Assigns faults to documents; changes the product of those that get no mapping; writes their labels.
pub(crate) fn assign(company: &mut Company, calendar: &Calendar) -> Fates {
    let mut dice = Dice::new(company.spec.seed, 5);
    let rate = company.spec.fault_rate;
    let count = Document::count(company);
    let mut documents = vec![None; count];
    if rate == 0 {
        return Fates { documents, orphans: 0 };
    }
    let mut seen = [0usize; FaultKind::ALL.len()];
    for (position, fate) in documents.iter_mut().enumerate() {
        let document = Document::at(company, position);
        *fate = toss(&mut dice, company, calendar, &document, rate);
        if let Some(kind) = *fate {
            seen[kind as usize] += 1;
        }
    }
    for kind in FaultKind::ALL {
        let of_documents = !matches!(
            kind,
            FaultKind::OrphanJournal | FaultKind::DuplicateCustomer | FaultKind::CustomerNotInErp
        );
        if of_documents && seen[kind as usize] == 0 {
            force(&mut dice, company, calendar, kind, &mut documents);
        }
    }
    for (position, fate) in documents.iter().enumerate() {
        let Some(kind) = *fate else { continue };
        let document = Document::at(company, position);
        if kind == FaultKind::MissingMapping {
            let line = mappable(company, document.id.n as usize);
            if let Some(line) = line {
                company.invoices[document.id.n as usize].lines[line].product = Product::LegacyAddon;
            }
        }
        let mut label = Label {
            external_ref: company.document_reference(document.id),
            kind,
            entity: document.entity,
            currency: document.currency,
            amount_minor: document.control(),
        };
        // What a dispute took back is a document of its own, and that one was not booked.
        if let (FaultKind::ChangedAfterPosting, Life::Withdrawn(_)) = (kind, document.life) {
            let dispute = company.charges[document.id.n as usize].dispute;
            if let Some(dispute) = dispute {
                label.external_ref = Id::new(IdKind::Dispute, dispute).to_string();
                label.kind = FaultKind::Unposted;
                label.amount_minor = -label.amount_minor;
            }
        }
        company.labels.push(label);
    }
    Fates { documents, orphans: (count * rate as usize / 250_000).max(1) }
}

/// One document's chance of a fault: its own kind's if it has one, else an ordinary one's.
fn toss(
    dice: &mut Dice,
    company: &Company,
    calendar: &Calendar,
    document: &Document,
    rate: u32,
) -> Option<FaultKind> {
    // What rarely happens goes wrong more often than what always happens.
    let special = [
        (FaultKind::LateForClosedPeriod, 8),
        (FaultKind::ChangedAfterPosting, 8),
        (FaultKind::PaymentStatusMismatch, 3),
    ];
    for (kind, times) in special {
        if eligible(company, calendar, document, kind) {
            return dice.chance(rate.saturating_mul(times).min(10_000)).then_some(kind);
        }
    }
    if !dice.chance(rate) {
        return None;
    }
    let weights = ORDINARY.map(|(_, weight)| weight);
    let kind = ORDINARY[dice.weighted(&weights)].0;
    // A kind that does not fit (tax on a payment, say) leaves the document alone.
    eligible(company, calendar, document, kind).then_some(kind)
}

/// Makes sure that a kind occurs, wherever a document allows it.
fn force(
    dice: &mut Dice,
    company: &Company,
    calendar: &Calendar,
    kind: FaultKind,
    documents: &mut [Option<FaultKind>],
) {
    let count = documents.len();
    let from = dice.below(count as u64) as usize;
    for step in 0..count {
        let position = (from + step) % count;
        if documents[position].is_none()
            && eligible(company, calendar, &Document::at(company, position), kind)
        {
            documents[position] = Some(kind);
            return;
        }
    }
}

/// Customers entered twice, and customers that the ERP does not know.
pub(crate) fn customers(company: &mut Company) {
    let rate = company.spec.fault_rate;
    if rate == 0 {
        return;
    }
    let mut dice = Dice::new(company.spec.seed, 8);
    let mut used = vec![false; company.customers.len()];
    let mut newest: [Option<u32>; 4] = [None; 4];
    let mut doubled = 0;
    for position in 0..company.customers.len() {
        let entity = usize::from(company.customers[position].entity);
        if company.customers[position].email.is_none() {
            continue;
        }
        let older = newest[entity].filter(|&older| !used[older as usize]);
        newest[entity] = Some(position as u32);
        let wanted = doubled == 0 || dice.chance(rate * 2 / 5);
        let Some(older) = older.filter(|_| wanted && position > 4) else { continue };
        let apart = company.customers[older as usize].created < company.customers[position].created;
        let Some(email) = company.customers[older as usize].email.clone().filter(|_| apart) else { continue };
        used[older as usize] = true;
        used[position] = true;
        doubled += 1;
        let email = match dice.below(3) {
            0 => email,
            1 => email.to_uppercase(),
            _ => format!(" {email} "),
        };
        company.customers[position].email = Some(email);
        label_customer(company, position, FaultKind::DuplicateCustomer);
    }
    let buys = buyers(company);
    let mut unknown = 0;
    for position in 0..company.customers.len() {
        if used[position] || !buys[position] || !(dice.chance(rate * 3 / 5) || unknown == 0) {
            continue;
        }
        unknown += 1;
        company.customers[position].in_erp = false;
        label_customer(company, position, FaultKind::CustomerNotInErp);
    }
}

/// Which customers have an invoice that must be booked.
fn buyers(company: &Company) -> Vec<bool> {
    let mut buys = vec![false; company.customers.len()];
    for invoice in &company.invoices {
        let live = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Paid);
        let settled = invoice.finalized_at.is_some_and(|at| at <= company.spec.as_of - SETTLED);
        if live && settled && invoice.total() != 0 {
            buys[invoice.customer as usize] = true;
        }
    }
    buys
}

fn label_customer(company: &mut Company, position: usize, kind: FaultKind) {
    let customer = &company.customers[position];
    company.labels.push(Label {
        external_ref: customer.id.to_string(),
        kind,
        entity: customer.entity,
        currency: company.entities[usize::from(customer.entity)].currency,
        amount_minor: 0,
    });
}
