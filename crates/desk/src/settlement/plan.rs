//! What `propose` makes of an exception: the steps that settle it. Pure: everything it needs is given.
//!
//! Unposted → the entry. Wrong amount, sign, account, tax, currency, entity or period, or changed in
//! billing → reverse what is booked and book what is right, as one set. Duplicate or orphan → reverse the
//! surplus, or, where its document has other causes too, everything, and book what is right: one set settles
//! them all. A reversal goes to the original's period while that takes entries, else to the first that does.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tieout_domain::{
    AccountCode, Currency, EntityCode, Money,
    accounts::AccountMapping,
    calendar::{Period, PeriodBook, PeriodKey, Subledger},
    derive::{Expectation, entry_for},
    entry::{EntryDraft, JournalEntry, JournalLine},
    exception::{ExceptionKind, Remedy},
};

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// An entry that the ledger holds for the reference, as far as a reversal needs it.
#[derive(Clone, Debug)]
pub struct HeldEntry {
    /// The ERP's id.
    pub erp_id: String,
    /// The entity in whose books it is.
    pub entity: EntityCode,
    /// The date under which it is booked.
    pub posting_date: NaiveDate,
    /// The period into which it is booked.
    pub period: PeriodKey,
    /// Transaction currency.
    pub currency: Currency,
    /// Functional currency.
    pub functional_currency: Currency,
    /// Functional per transaction unit.
    pub rate: Option<Decimal>,
    /// Account, transaction and functional minor units, debit-positive.
    pub lines: Vec<(AccountCode, i64, i64)>,
}

impl HeldEntry {
    fn net_on(&self, account: &AccountCode) -> i64 {
        self.lines.iter().filter(|(a, _, _)| a == account).map(|(_, minor, _)| minor).sum()
    }

    fn accounts(&self) -> Vec<&AccountCode> {
        self.lines.iter().map(|(account, _, _)| account).collect()
    }
}

/// Everything that a proposal rests on.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// What is wrong.
    pub kind: ExceptionKind,
    /// Everything that is wrong with the document, this among it.
    pub causes: &'a [ExceptionKind],
    /// The reference of the document or orphan.
    pub reference: &'a str,
    /// What the ledger should hold; `None` for an orphan.
    pub expectation: Option<&'a Expectation>,
    /// Booked entries of the reference that no reversal has undone, oldest first.
    pub held: &'a [HeldEntry],
    /// The periods of every entity concerned.
    pub periods: &'a [Period],
    /// The mapping in force.
    pub mapping: &'a AccountMapping,
    /// The ERP's id of the customer, or the billing id that the ERP keeps as external id.
    pub customer: Option<String>,
    /// Where a rule for late items sends what is booked; without one into its own period, or the first that
    /// takes it.
    pub goes: Option<Place>,
}

/// A step before it has a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepDraft {
    /// What is booked.
    pub entry: JournalEntry,
    /// The ERP's id of the entry that it undoes.
    pub reverses: Option<String>,
}

/// Where an entry goes: date and period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The date under which it is booked.
    pub date: NaiveDate,
    /// The period.
    pub period: PeriodKey,
    /// True when this is not where the entry belongs by its own date.
    pub moved: bool,
}

/// The steps that settle the exception.
///
/// # Errors
/// `nothing_to_post` for kinds that no posting settles, `propose_needs_mapping`, `no_open_period`, and
/// what the mapping or the entry refuses.
pub fn plan(case: &Case<'_>) -> DeskResult<Vec<StepDraft>> {
    match case.kind.remedy() {
        Remedy::Book => Ok(vec![book_expected(case)?]),
        Remedy::Correct => correct(case),
        Remedy::ReverseSurplus if case.causes.iter().any(|cause| cause.remedy() == Remedy::Correct) => {
            correct(case)
        }
        Remedy::ReverseSurplus => reverse_all(case, surplus(case)),
        Remedy::ReverseAll => reverse_all(case, case.held.iter().collect()),
        Remedy::Map => Err(DeskError::new(
            Code::ProposeNeedsMapping,
            format!(
                "{}: no entry can be made until the mapping covers it: import a mapping that does, and have \
                 another person approve it",
                case.reference
            ),
        )),
        Remedy::Difference => Err(DeskError::new(
            Code::NothingToPost,
            format!("{}: only a document of it can be corrected: say which", case.reference),
        )),
        Remedy::AtSource => Err(DeskError::new(
            Code::NothingToPost,
            format!(
                "{}: no posting settles “{}”: replay or reroute a failed posting, or mend the cause at its \
                 source",
                case.reference,
                case.kind.label()
            ),
        )),
    }
}

/// The entry that books what is expected, in its own period or the first that takes it.
///
/// # Errors
/// `propose_needs_mapping`, `no_open_period`, and what the mapping or the entry refuses.
pub(crate) fn book_expected(case: &Case<'_>) -> DeskResult<StepDraft> {
    let expected = case.expectation.ok_or_else(|| {
        DeskError::new(Code::ProposeNeedsMapping, "nothing is known of what should be booked")
    })?;
    let place = match &case.goes {
        Some(sent) => sent.clone(),
        None => place(case.periods, &expected.entity, expected.document_date, &expected.period)?,
    };
    let entry =
        entry_for(expected, case.reference, case.customer.clone(), case.mapping, place.date, place.period)?;
    Ok(StepDraft { entry, reverses: None })
}

fn correct(case: &Case<'_>) -> DeskResult<Vec<StepDraft>> {
    let mut steps = reverse_all(case, case.held.iter().collect())?;
    if case.expectation.is_some_and(|e| !e.lines.is_empty()) {
        steps.push(book_expected(case)?);
    }
    Ok(steps)
}

fn reverse_all(case: &Case<'_>, entries: Vec<&HeldEntry>) -> DeskResult<Vec<StepDraft>> {
    if entries.is_empty() {
        return Err(DeskError::new(
            Code::NothingToReverse,
            format!(
                "{}: the ledger holds no booked entry that could be reversed; sync first",
                case.reference
            ),
        ));
    }
    entries.into_iter().map(|held| reversal(case.periods, case.reference, held)).collect()
}

/// The reversal of one held entry, in its own period or the first that takes it.
///
/// # Errors
/// `no_open_period`, or what the entry refuses.
pub fn reversal(periods: &[Period], reference: &str, held: &HeldEntry) -> DeskResult<StepDraft> {
    let place = place(periods, &held.entity, held.posting_date, &held.period)?;
    let lines = held.lines.iter().map(|(account, transaction, functional)| {
        Ok(JournalLine {
            account: account.clone(),
            transaction: Money::new(*transaction, held.currency).checked_neg()?,
            functional: Money::new(*functional, held.functional_currency).checked_neg()?,
            memo: format!("Reversal of {}", held.erp_id),
        })
    });
    let entry = JournalEntry::new(EntryDraft {
        entity: held.entity.clone(),
        document_date: held.posting_date,
        posting_date: place.date,
        period: place.period,
        reference: reference.to_owned(),
        customer: None,
        rate: held.rate,
        lines: lines.collect::<DeskResult<Vec<_>>>()?,
    })?;
    Ok(StepDraft { entry, reverses: Some(held.erp_id.clone()) })
}

/// All held entries but the one that is right: the one that agrees best with what is expected, the oldest
/// among equals.
fn surplus<'a>(case: &Case<'a>) -> Vec<&'a HeldEntry> {
    let Some(expected) = case.expectation else { return case.held.iter().skip(1).collect() };
    let wanted: i64 =
        expected.lines.iter().filter(|(account, _)| *account == expected.control).map(|(_, m)| m).sum();
    let right_lines: BTreeMap<&AccountCode, i64> = expected.lines.iter().map(|(a, m)| (a, *m)).collect();
    let agreement = |held: &HeldEntry| {
        (
            held.net_on(&expected.control) == wanted,
            held.accounts().into_iter().all(|a| held.net_on(a) == right_lines.get(a).copied().unwrap_or(0)),
            held.entity == expected.entity,
            held.period == expected.period,
        )
    };
    let mut right: Option<usize> = None;
    for (index, held) in case.held.iter().enumerate() {
        if right.is_none_or(|best| agreement(held) > agreement(&case.held[best])) {
            right = Some(index);
        }
    }
    case.held.iter().enumerate().filter(|(index, _)| Some(*index) != right).map(|(_, held)| held).collect()
}

/// Where an entry of `entity` may go that belongs to `period` under `date`: there while the period takes
/// entries of receivables, else on the first day of the first later period that does.
///
/// # Errors
/// `no_open_period`.
pub fn place(
    periods: &[Period],
    entity: &EntityCode,
    date: NaiveDate,
    period: &PeriodKey,
) -> DeskResult<Place> {
    let own: Vec<Period> = periods.iter().filter(|p| p.entity == *entity).cloned().collect();
    let book = PeriodBook::new(&own);
    if own.is_empty() {
        // An ERP whose periods were never read: it decides for itself, and the read-back shows it.
        return Ok(Place { date, period: period.clone(), moved: false });
    }
    let belongs = book.named(period);
    if let Some(home) = belongs.filter(|p| p.status.accepts(Subledger::Ar)) {
        let date = date.clamp(home.starts, home.ends);
        return Ok(Place { date, period: home.key.clone(), moved: false });
    }
    let from = belongs.map_or(date, |p| p.starts);
    let open = book.first_accepting(from, Subledger::Ar).ok_or_else(|| {
        DeskError::new(
            Code::NoOpenPeriod,
            format!("entity {entity} has no period from {from} on that takes receivables; open one first"),
        )
    })?;
    Ok(Place { date: date.clamp(open.starts, open.ends), period: open.key.clone(), moved: true })
}

/// The steps of a posting placed elsewhere by a person: other date, period or accounts on the steps that
/// book (reversals keep their place unless only reversals are there).
///
/// # Errors
/// What the entry refuses.
pub fn rerouted(
    steps: &[StepDraft],
    to: &Place,
    accounts: &BTreeMap<AccountCode, AccountCode>,
) -> DeskResult<Vec<StepDraft>> {
    let only_reversals = steps.iter().all(|s| s.reverses.is_some());
    steps
        .iter()
        .map(|step| {
            let stays = step.reverses.is_some() && !only_reversals;
            let (date, period) = match stays {
                true => (step.entry.posting_date(), step.entry.period().clone()),
                false => (to.date, to.period.clone()),
            };
            let none = BTreeMap::new();
            let accounts = if step.reverses.is_some() { &none } else { accounts };
            let entry = step.entry.rerouted(date, period, accounts)?;
            Ok(StepDraft { entry, reverses: step.reverses.clone() })
        })
        .collect()
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
