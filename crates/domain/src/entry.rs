//! Journal entries: what is to be booked. They balance, or they are not made.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    AccountCode, Currency, EntityCode, Money, MoneyError,
    calendar::PeriodKey,
    hash::ContentHasher,
    ledger::{self, LedgerEntry, Side},
};

/// One line. Debits are positive, credits negative, on both amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLine {
    /// The account.
    pub account: AccountCode,
    /// Amount in the transaction currency.
    pub transaction: Money,
    /// Amount in the entity's functional currency.
    pub functional: Money,
    /// What the line is for.
    pub memo: String,
}

/// A balanced entry with its place in the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    entity: EntityCode,
    document_date: NaiveDate,
    posting_date: NaiveDate,
    period: PeriodKey,
    reference: String,
    customer: Option<String>,
    rate: Option<Decimal>,
    lines: Vec<JournalLine>,
}

/// What an entry is made of, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDraft {
    /// The legal entity.
    pub entity: EntityCode,
    /// The document's own date; it never changes.
    pub document_date: NaiveDate,
    /// The date under which it is booked.
    pub posting_date: NaiveDate,
    /// The period into which it is booked.
    pub period: PeriodKey,
    /// The document's reference.
    pub reference: String,
    /// The ERP's id of the customer on the receivable line.
    pub customer: Option<String>,
    /// Functional per transaction unit, where the two differ.
    pub rate: Option<Decimal>,
    /// The lines.
    pub lines: Vec<JournalLine>,
}

/// Why an entry was refused, in the order in which it is checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Fewer than two lines.
    #[error("a journal entry needs at least two lines")]
    TooFewLines,
    /// A line of nothing.
    #[error("the line on account {0} has no amount")]
    EmptyLine(AccountCode),
    /// Lines in more than one functional currency.
    #[error("the lines carry functional amounts in {0} and {1}")]
    MixedFunctional(Currency, Currency),
    /// Debits and credits differ in the functional currency.
    #[error("debits and credits differ by {0} in the functional currency")]
    UnbalancedFunctional(Money),
    /// Debits and credits differ in a transaction currency.
    #[error("debits and credits differ by {0}: an FX clearing line is missing")]
    UnbalancedTransaction(Money),
    /// An amount was outside its range.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl EntryError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            EntryError::TooFewLines => "entry_too_few_lines",
            EntryError::EmptyLine(_) => "entry_empty_line",
            EntryError::MixedFunctional(..) => "entry_mixed_functional",
            EntryError::UnbalancedFunctional(_) => "entry_unbalanced",
            EntryError::UnbalancedTransaction(_) => "entry_unbalanced_transaction",
            EntryError::Money(error) => error.code(),
        }
    }
}

impl JournalEntry {
    /// Checks a draft: it balances in the functional currency and in each transaction currency.
    ///
    /// # Errors
    /// [`EntryError`], the first that holds in the order of its variants.
    pub fn new(draft: EntryDraft) -> Result<Self, EntryError> {
        let EntryDraft { entity, document_date, posting_date, period, reference, customer, rate, lines } =
            draft;
        let Some(first) = lines.first() else { return Err(EntryError::TooFewLines) };
        if lines.len() < 2 {
            return Err(EntryError::TooFewLines);
        }
        let functional = first.functional.currency();
        for line in &lines {
            if line.transaction.is_zero() && line.functional.is_zero() {
                return Err(EntryError::EmptyLine(line.account.clone()));
            }
            if line.functional.currency() != functional {
                return Err(EntryError::MixedFunctional(functional, line.functional.currency()));
            }
        }
        let off = Money::sum(functional, lines.iter().map(|l| l.functional))?;
        if !off.is_zero() {
            return Err(EntryError::UnbalancedFunctional(off));
        }
        let mut by_currency: BTreeMap<Currency, Money> = BTreeMap::new();
        for line in &lines {
            let currency = line.transaction.currency();
            let sum = by_currency.entry(currency).or_insert(Money::zero(currency));
            *sum = sum.checked_add(line.transaction)?;
        }
        if let Some(off) = by_currency.into_values().find(|sum| !sum.is_zero()) {
            return Err(EntryError::UnbalancedTransaction(off));
        }
        Ok(Self { entity, document_date, posting_date, period, reference, customer, rate, lines })
    }

    /// The legal entity.
    #[must_use]
    pub fn entity(&self) -> &EntityCode {
        &self.entity
    }

    /// The document's own date.
    #[must_use]
    pub fn document_date(&self) -> NaiveDate {
        self.document_date
    }

    /// The date under which it is booked.
    #[must_use]
    pub fn posting_date(&self) -> NaiveDate {
        self.posting_date
    }

    /// The period into which it is booked.
    #[must_use]
    pub fn period(&self) -> &PeriodKey {
        &self.period
    }

    /// The document's reference.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The ERP's id of the customer.
    #[must_use]
    pub fn customer(&self) -> Option<&str> {
        self.customer.as_deref()
    }

    /// Functional per transaction unit, where the two differ.
    #[must_use]
    pub fn rate(&self) -> Option<Decimal> {
        self.rate
    }

    /// The lines.
    #[must_use]
    pub fn lines(&self) -> &[JournalLine] {
        &self.lines
    }

    /// The transaction currency of the first line, which is the document's.
    #[must_use]
    pub fn currency(&self) -> Currency {
        // `new` refuses an entry without lines.
        self.lines.first().map_or(Currency::USD, |l| l.transaction.currency())
    }

    /// The functional currency.
    #[must_use]
    pub fn functional_currency(&self) -> Currency {
        self.lines.first().map_or(Currency::USD, |l| l.functional.currency())
    }

    /// Debit minus credit on `account`, in the transaction currency, minor units.
    #[must_use]
    pub fn net_on(&self, account: &AccountCode) -> i128 {
        let on = self.lines.iter().filter(|line| line.account == *account);
        on.map(|line| i128::from(line.transaction.minor())).sum()
    }

    /// Net per account in the transaction currency, minor units, accounts of nothing left out. `None` where
    /// the lines have more than one.
    #[must_use]
    pub fn transaction_nets(&self) -> Option<BTreeMap<&AccountCode, i128>> {
        let one = self.lines.iter().all(|line| line.transaction.currency() == self.currency());
        one.then(|| ledger::nets(self.lines.iter().map(|l| (&l.account, l.transaction.minor()))))
    }

    /// Net per account in the functional currency, minor units, accounts of nothing left out.
    #[must_use]
    pub fn functional_nets(&self) -> BTreeMap<&AccountCode, i128> {
        ledger::nets(self.lines.iter().map(|l| (&l.account, l.functional.minor())))
    }

    /// True where a ledger's entry has exactly these amounts: the same debits and the same credits on each
    /// account, in the document's currency where all lines are in it (the ERP rounds functional amounts by
    /// itself), else in the functional currency.
    #[must_use]
    pub fn has_the_amounts_of(&self, booked: &LedgerEntry) -> bool {
        let one = self.lines.iter().all(|line| line.transaction.currency() == self.currency());
        let (own, theirs) = match one {
            true => (
                sides(self.lines.iter().map(|l| (&l.account, l.transaction.minor()))),
                sides(booked.lines.iter().map(|l| (&l.account, l.transaction_minor))),
            ),
            false => (
                sides(self.lines.iter().map(|l| (&l.account, l.functional.minor()))),
                sides(booked.lines.iter().map(|l| (&l.account, l.functional_minor))),
            ),
        };
        let same_currency = match one {
            true => booked.currency == self.currency(),
            false => booked.functional_currency == self.functional_currency(),
        };
        same_currency && own == theirs
    }

    /// Where a ledger's entry has other amounts than these, in words: each account with both of its sides.
    pub(crate) fn other_amounts(&self, booked: &LedgerEntry) -> Vec<String> {
        let own = sides(self.lines.iter().map(|l| (&l.account, l.transaction.minor())));
        let theirs = sides(booked.lines.iter().map(|l| (&l.account, l.transaction_minor)));
        let accounts: BTreeSet<&AccountCode> = own.keys().chain(theirs.keys()).copied().collect();
        let of = |side: Option<&(i128, i128)>| side.copied().unwrap_or_default();
        let differ = accounts.into_iter().filter(|account| of(own.get(account)) != of(theirs.get(account)));
        let words = |account: &AccountCode| {
            let ((was_debit, was_credit), (debit, credit)) = (of(own.get(account)), of(theirs.get(account)));
            format!(
                "account {account} was approved with debits of {was_debit} and credits of {}, and has \
                 {debit} and {} (minor units of {})",
                -was_credit,
                -credit,
                self.currency()
            )
        };
        differ.map(words).collect()
    }

    /// On which side of these control accounts the entry stands, in the document's currency; `None` where it
    /// leaves them as they are.
    #[must_use]
    pub fn side_on(&self, control: &BTreeSet<AccountCode>) -> Option<Side> {
        let own = self.lines.iter().filter(|line| line.transaction.currency() == self.currency());
        Side::of(own.map(|line| (&line.account, line.transaction.minor())), control)
    }

    /// Sum of the debits in the functional currency: the size by which approval tiers judge.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn gross_functional(&self) -> Result<Money, MoneyError> {
        let debits = self.lines.iter().map(|l| l.functional).filter(|m| m.minor() > 0);
        Money::sum(self.functional_currency(), debits)
    }

    /// The same entry placed elsewhere: other posting date and period, other accounts. The document date
    /// and the reference stay.
    ///
    /// # Errors
    /// As [`JournalEntry::new`].
    pub fn rerouted(
        &self,
        posting_date: NaiveDate,
        period: PeriodKey,
        accounts: &BTreeMap<AccountCode, AccountCode>,
    ) -> Result<Self, EntryError> {
        let mut draft = self.clone().into_draft();
        draft.posting_date = posting_date;
        draft.period = period;
        for line in &mut draft.lines {
            if let Some(other) = accounts.get(&line.account) {
                line.account = other.clone();
            }
        }
        Self::new(draft)
    }

    /// The entry that undoes this one, booked under `posting_date` in `period`.
    ///
    /// # Errors
    /// As [`JournalEntry::new`].
    pub fn reversed(&self, posting_date: NaiveDate, period: PeriodKey) -> Result<Self, EntryError> {
        let mut draft = self.clone().into_draft();
        draft.posting_date = posting_date;
        draft.period = period;
        for line in &mut draft.lines {
            line.transaction = line.transaction.checked_neg()?;
            line.functional = line.functional.checked_neg()?;
        }
        Self::new(draft)
    }

    /// Takes the entry apart, to change and check it anew.
    #[must_use]
    pub fn into_draft(self) -> EntryDraft {
        EntryDraft {
            entity: self.entity,
            document_date: self.document_date,
            posting_date: self.posting_date,
            period: self.period,
            reference: self.reference,
            customer: self.customer,
            rate: self.rate,
            lines: self.lines,
        }
    }

    /// Feeds everything that is booked into a content hash.
    pub fn hash_into(&self, h: &mut ContentHasher) {
        h.text(self.entity.as_str()).text(&self.document_date.to_string());
        h.text(&self.posting_date.to_string()).text(self.period.as_str()).text(&self.reference);
        h.optional(self.customer.as_deref());
        h.optional(self.rate.map(|r| r.normalize().to_string()).as_deref());
        h.number(i64::try_from(self.lines.len()).unwrap_or(i64::MAX));
        for line in &self.lines {
            h.text(line.account.as_str()).text(&line.memo);
            for amount in [line.transaction, line.functional] {
                h.text(amount.currency().code()).number(amount.minor());
            }
        }
    }
}

/// Debits and credits of each account, minor units, accounts without either left out.
fn sides<'a>(lines: impl Iterator<Item = (&'a AccountCode, i64)>) -> BTreeMap<&'a AccountCode, (i128, i128)> {
    let mut sides: BTreeMap<&AccountCode, (i128, i128)> = BTreeMap::new();
    for (account, minor) in lines.filter(|(_, minor)| *minor != 0) {
        let (debit, credit) = sides.entry(account).or_default();
        *(if minor > 0 { debit } else { credit }) += i128::from(minor);
    }
    sides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(account: &str, transaction: (i64, Currency), functional: (i64, Currency)) -> JournalLine {
        JournalLine {
            account: account.parse().unwrap(),
            transaction: Money::new(transaction.0, transaction.1),
            functional: Money::new(functional.0, functional.1),
            memo: String::new(),
        }
    }

    #[track_caller]
    fn check(lines: Vec<JournalLine>, want: Result<(), &str>) {
        let day: NaiveDate = "2026-03-31".parse().unwrap();
        let draft = EntryDraft {
            entity: "GB01".parse().unwrap(),
            document_date: day,
            posting_date: day,
            period: PeriodKey::month(day),
            reference: "INV-1".into(),
            customer: None,
            rate: None,
            lines,
        };
        assert_eq!(JournalEntry::new(draft).map(|_| ()).map_err(|e| e.code()), want);
    }

    const GBP: Currency = Currency::GBP;
    const USD: Currency = Currency::USD;

    #[test]
    fn refusals_come_in_their_documented_order() {
        check(vec![], Err("entry_too_few_lines"));
        check(vec![line("1", (5, GBP), (5, GBP))], Err("entry_too_few_lines"));
        check(vec![line("1", (0, GBP), (0, GBP)), line("2", (-5, USD), (-5, USD))], Err("entry_empty_line"));
        check(
            vec![line("1", (5, GBP), (5, GBP)), line("2", (-5, USD), (-5, USD))],
            Err("entry_mixed_functional"),
        );
        check(vec![line("1", (5, GBP), (5, GBP)), line("2", (-4, GBP), (-4, GBP))], Err("entry_unbalanced"));
        check(vec![line("1", (5, GBP), (5, GBP)), line("2", (-5, GBP), (-5, GBP))], Ok(()));
    }

    #[test]
    fn a_second_transaction_currency_needs_fx_clearing_lines() {
        let receivable = line("1100", (1000, USD), (790, GBP));
        let revenue = line("4000", (-790, GBP), (-790, GBP));
        check(vec![receivable.clone(), revenue.clone()], Err("entry_unbalanced_transaction"));
        check(
            vec![
                receivable,
                line("1990", (-1000, USD), (-790, GBP)),
                line("1990", (790, GBP), (790, GBP)),
                revenue,
            ],
            Ok(()),
        );
    }
}
