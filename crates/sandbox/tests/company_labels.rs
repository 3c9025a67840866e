#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
//! A naive judge that knows only the rules, not the generator: it compares every document with the journals
//! that name it and must find exactly what the labels say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike};
use tieout_sandbox::company::{
    Account, ChargeStatus, Company, Currency, EntryStatus, FaultKind, Id, InvoiceStatus, LedgerEntry, Line,
    Period, RefundStatus, Spec, TransactionKind, generate,
};

type Amounts = BTreeMap<u32, i64>;
type Finding = (String, FaultKind, u8, Currency, i64);

const CONTROL: u32 = 1100;
const DAY: i64 = 86_400;

/// A document by the rules: what it books now, what it booked when it was issued.
struct Judged {
    reference: String,
    entity: u8,
    currency: Currency,
    dated_at: i64,
    finalized_at: i64,
    now: Amounts,
    issued: Amounts,
    /// Failed or pending: whatever the ledger holds is wrong.
    failed: bool,
    mapped: bool,
}

fn sum(pairs: &[(u32, i64)]) -> Amounts {
    let mut amounts = Amounts::new();
    for &(account, amount) in pairs {
        *amounts.entry(account).or_default() += amount;
    }
    amounts.retain(|_, amount| *amount != 0);
    amounts
}

fn sale(lines: &[Line], sign: i64) -> Amounts {
    let mut pairs = Vec::new();
    for line in lines {
        let account = match line.product.id() {
            "prod_starter" | "prod_team" | "prod_enterprise" => 2400,
            "prod_usage" => 4010,
            "prod_onboarding" => 4000,
            _ => 0,
        };
        let net = line.amount - line.discount;
        pairs.extend([(CONTROL, sign * (net + line.tax)), (account, -sign * net), (2200, -sign * line.tax)]);
    }
    sum(&pairs)
}

fn documents(company: &Company) -> Vec<Judged> {
    let mut all = Vec::new();
    for invoice in &company.invoices {
        let Some(finalized_at) = invoice.finalized_at else { continue };
        let issued = sale(&invoice.lines, 1);
        let total = issued.get(&CONTROL).copied().unwrap_or(0);
        let now = match invoice.status {
            InvoiceStatus::Void => Amounts::new(),
            InvoiceStatus::Uncollectible => {
                let mut now = issued.clone();
                now.remove(&CONTROL);
                now.insert(6200, total);
                now
            }
            _ => issued.clone(),
        };
        all.push(Judged {
            reference: company.invoice_number(invoice).unwrap(),
            entity: invoice.entity,
            currency: invoice.currency,
            dated_at: invoice.effective_at.unwrap_or(finalized_at),
            finalized_at,
            now,
            failed: false,
            mapped: !issued.contains_key(&0),
            issued,
        });
    }
    for note in &company.credit_notes {
        let issued = sale(&note.lines, -1);
        all.push(Judged {
            reference: company.credit_note_number(note),
            entity: note.entity,
            currency: note.currency,
            dated_at: note.effective_at.unwrap_or(note.created),
            finalized_at: note.created,
            now: if note.voided_at.is_some() { Amounts::new() } else { issued.clone() },
            issued,
            failed: false,
            mapped: true,
        });
    }
    payments(company, &mut all);
    all
}

fn payments(company: &Company, all: &mut Vec<Judged>) {
    let mut push = |id: Id, entity, currency, created, issued: Amounts, now: Amounts, failed| {
        all.push(Judged {
            reference: id.to_string(),
            entity,
            currency,
            dated_at: created,
            finalized_at: created,
            now: if failed { Amounts::new() } else { now },
            issued,
            failed,
            mapped: true,
        });
    };
    for it in &company.charges {
        let issued = sum(&[(1050, it.amount - it.fee), (6100, it.fee), (CONTROL, -it.amount)]);
        let failed = it.status != ChargeStatus::Succeeded;
        push(it.id, it.entity, it.currency, it.created, issued.clone(), issued, failed);
    }
    for it in &company.disputes {
        // What was withdrawn stands, what was won came back, and an inquiry moved nothing.
        if !["needs_response", "under_review", "lost"].contains(&it.status.word()) {
            continue;
        }
        let charge = &company.charges[it.charge as usize];
        let issued = sum(&[(CONTROL, charge.amount), (1050, -charge.amount)]);
        push(it.id, it.entity, charge.currency, it.created, issued.clone(), issued, false);
    }
    for it in &company.transactions {
        let (id, other) = match it.kind {
            TransactionKind::Payout => (it.source.unwrap(), 1010),
            TransactionKind::ProcessorFee => (it.id, 6100),
            _ => continue,
        };
        let issued = sum(&[(other, -it.amount), (1050, it.amount)]);
        push(id, it.entity, it.currency, it.created, issued.clone(), issued, false);
    }
    for it in &company.refunds {
        let issued = sum(&[(CONTROL, it.amount), (1050, -it.amount)]);
        let failed = it.status == RefundStatus::Failed;
        push(it.id, it.entity, it.currency, it.created, issued.clone(), issued, failed);
    }
}

fn amounts_of(entry: &LedgerEntry) -> Amounts {
    sum(&entry.lines.iter().map(|line| (line.account.number(), line.amount)).collect::<Vec<_>>())
}

/// Booked entries by reference, without pairs that cancel each other.
fn effective(company: &Company) -> BTreeMap<String, Vec<&LedgerEntry>> {
    let mut found: BTreeMap<String, Vec<&LedgerEntry>> = BTreeMap::new();
    for entry in company.ledger.iter().filter(|entry| entry.status == EntryStatus::Booked) {
        let list = found.entry(company.reference_text(&entry.reference)).or_default();
        let mirror: Amounts = amounts_of(entry).into_iter().map(|(account, it)| (account, -it)).collect();
        let linked = |it: &&LedgerEntry| entry.reverses == Some(it.n) || amounts_of(it) == mirror;
        match list.iter().position(linked) {
            Some(position) => drop(list.remove(position)),
            None => list.push(entry),
        }
    }
    found
}

fn month_of(company: &Company, entity: u8, instant: i64) -> usize {
    let zone = company.entities[usize::from(entity)].tz;
    let date = DateTime::from_timestamp(instant, 0).unwrap().with_timezone(&zone).date_naive();
    let same = |period: &Period| (period.year, period.month) == (date.year(), date.month());
    company.periods.iter().position(same).unwrap()
}

/// The value of a document against the net of its entries.
fn judge(company: &Company, document: &Judged, entries: &[&LedgerEntry]) -> Option<FaultKind> {
    let own = month_of(company, document.entity, document.dated_at);
    let shut = |period: &Period| period.closed_at.is_some_and(|at| document.finalized_at > at);
    let late = shut(&company.periods[own]);
    if !document.mapped {
        return Some(FaultKind::MissingMapping);
    }
    let mut net = Amounts::new();
    for (account, amount) in entries.iter().flat_map(|entry| amounts_of(entry)) {
        *net.entry(account).or_default() += amount;
    }
    net.retain(|_, amount| *amount != 0);
    if entries.is_empty() {
        let in_time = document.finalized_at > company.spec.as_of - DAY;
        return match (document.now.is_empty() || in_time, late) {
            (true, _) => None,
            (false, true) => Some(FaultKind::LateForClosedPeriod),
            (false, false) => Some(FaultKind::Unposted),
        };
    }
    if document.failed {
        return Some(FaultKind::PaymentStatusMismatch);
    }
    if net != document.now && document.now != document.issued {
        assert_eq!(net, document.issued, "{}", document.reference);
        return Some(FaultKind::ChangedAfterPosting);
    }
    if entries.iter().any(|entry| entry.currency != document.currency) {
        return Some(FaultKind::WrongCurrency);
    }
    let of = |amounts: &Amounts, account: u32| amounts.get(&account).copied().unwrap_or(0);
    let (expected, booked) = (of(&document.now, CONTROL), of(&net, CONTROL));
    if booked != expected {
        let matching = entries.iter().filter(|entry| amounts_of(entry) == document.now).count();
        return Some(match matching {
            _ if booked == -expected => FaultKind::SignReversed,
            2.. => FaultKind::DuplicatePosting,
            _ => FaultKind::AmountMismatch,
        });
    }
    if of(&net, 2200) != of(&document.now, 2200) {
        return Some(FaultKind::TaxMismatch);
    }
    if net != document.now {
        return Some(FaultKind::WrongAccount);
    }
    if entries.iter().any(|entry| entry.entity != document.entity) {
        return Some(FaultKind::WrongEntity);
    }
    let expected = (own..).find(|&at| !shut(&company.periods[at])).unwrap();
    let there = entries.iter().any(|entry| usize::from(entry.period) == expected);
    (!there).then_some(FaultKind::WrongPeriod)
}

fn findings(company: &Company) -> BTreeSet<Finding> {
    let mut ledger = effective(company);
    // The integration books what a dispute took back under its payment's name.
    for it in &company.disputes {
        let charge = company.charges[it.charge as usize].id.to_string();
        let Some(entries) = ledger.get_mut(&charge) else { continue };
        let back = entries.iter().position(|it| amounts_of(it).get(&CONTROL).is_some_and(|minor| *minor > 0));
        if let Some(entry) = back.map(|at| entries.remove(at)) {
            ledger.insert(it.id.to_string(), vec![entry]);
        }
    }
    // Manual journals and pending ones name no document; what is left over is an orphan.
    let mut found = BTreeSet::new();
    for document in documents(company) {
        let entries = ledger.remove(&document.reference).unwrap_or_default();
        if let Some(kind) = judge(company, &document, &entries) {
            let amount = document.issued.get(&CONTROL).copied().unwrap_or(0);
            found.insert((document.reference, kind, document.entity, document.currency, amount));
        }
    }
    for (reference, entries) in ledger {
        let control: i64 = entries.iter().filter_map(|it| amounts_of(it).get(&CONTROL).copied()).sum();
        if control != 0 {
            let entry = entries[0];
            found.insert((reference, FaultKind::OrphanJournal, entry.entity, entry.currency, control));
        }
    }
    customers(company, &mut found);
    found
}

fn customers(company: &Company, found: &mut BTreeSet<Finding>) {
    let mut seen = BTreeSet::new();
    let mut order: Vec<_> = company.customers.iter().collect();
    order.sort_by_key(|customer| customer.created);
    for customer in order {
        let email = customer.email.as_deref().map(|email| email.trim().to_lowercase());
        let twice = email.is_some_and(|email| !seen.insert((customer.entity, email)));
        let buys = || {
            company.invoices.iter().any(|invoice| {
                invoice.customer == customer.id.n
                    && invoice.finalized_at.is_some()
                    && invoice.total() != 0
                    && invoice.status != InvoiceStatus::Void
            })
        };
        let kind = match (twice, customer.in_erp) {
            (true, _) => FaultKind::DuplicateCustomer,
            (false, false) if buys() => FaultKind::CustomerNotInErp,
            (false, _) => continue,
        };
        let currency = company.entities[usize::from(customer.entity)].currency;
        found.insert((customer.id.to_string(), kind, customer.entity, currency, 0));
    }
}

fn check(spec: Spec) {
    let company = generate(&spec);
    let labelled: BTreeSet<Finding> = company
        .labels
        .iter()
        .map(|it| (it.external_ref.clone(), it.kind, it.entity, it.currency, it.amount_minor))
        .collect();
    let found = findings(&company);
    let missed: Vec<_> = labelled.difference(&found).collect();
    let false_alarms: Vec<_> = found.difference(&labelled).collect();
    assert!(missed.is_empty() && false_alarms.is_empty(), "missed {missed:#?}\nextra {false_alarms:#?}");
    assert!(spec.fault_rate == 0 || labelled.len() > 16);
}

#[test]
fn a_judge_who_knows_only_the_rules_finds_exactly_the_labels() {
    for seed in [1, 2, 3, 42] {
        check(Spec { seed, invoices: 5_000, ..Spec::default() });
    }
}

#[test]
fn a_clean_company_is_clean() {
    check(Spec { seed: 9, invoices: 3_000, fault_rate: 0, ..Spec::default() });
}

#[test]
fn other_presents_and_rates_agree_as_well() {
    // The first days of a year; the last evening of a month, when Tokyo is already in the next; a leap year.
    for (as_of, fault_rate) in [(1_767_398_400, 250), (1_793_487_600, 600), (1_835_870_400, 1_000)] {
        check(Spec { seed: 6, invoices: 3_000, as_of, fault_rate });
    }
}

#[test]
fn the_control_account_is_the_one_called_receivable() {
    assert_eq!(Account::Receivable.number(), CONTROL);
}
