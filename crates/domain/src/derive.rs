//! From a document to what the ledger should hold for it, and from there to the entry that books it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    AccountCode, Currency, EntityCode, Money, Rounding,
    accounts::{AccountMapping, EntityAccounts, LegalEntity},
    calendar::{Period, PeriodBook, PeriodKey},
    document::{Document, DocumentKind, DocumentStatus, Nature},
    entry::{EntryDraft, EntryError, JournalEntry, JournalLine},
};

/// What else is known of a document, besides itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The fees that the processor kept for it, all added up, less those that it gave back; minor units of
    /// the
    /// document's currency. Fees in another currency are those of its conversion.
    pub fee_minor: i64,
    /// The part of the fees that is tax.
    pub fee_tax_minor: i64,
    /// True while a dispute has withdrawn all of a payment's funds: kept by versions that had no documents
    /// for disputes, until the dispute is read again.
    pub disputed: bool,
    /// True where the processor settled the money in another currency: a conversion books the balance, and
    /// this document stands against it on FX clearing.
    pub converted: bool,
}

/// What the ledger should hold for a document. Without lines: nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// The legal entity.
    pub entity: EntityCode,
    /// The document date in the entity's time zone.
    pub document_date: NaiveDate,
    /// The period in which it belongs; for a late arrival the first that was not closed when it came.
    pub period: PeriodKey,
    /// True when it was finalised after its own period was closed.
    pub late: bool,
    /// The transaction currency.
    pub currency: Currency,
    /// The control account.
    pub control: AccountCode,
    /// The tax account, where the entity has one.
    pub tax: Option<AccountCode>,
    /// Debit-positive minor units per account; no account twice, no zero.
    pub lines: Vec<(AccountCode, i64)>,
}

/// Why nothing can be expected: something is missing in the mapping. One root cause, one fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// No rule gives the document to an entity.
    #[error("no entity rule matches connection {connection}, country {country}, currency {currency}")]
    Entity {
        /// The connection's name.
        connection: String,
        /// The country, or `-`.
        country: String,
        /// The currency.
        currency: Currency,
    },
    /// The document's source names an entity that the mapping does not list.
    #[error("entity {0} is not in the mapping")]
    UnknownEntity(EntityCode),
    /// No revenue rule matches a line.
    #[error("entity {entity} has no revenue account for product {product}, tax code {tax_code}")]
    Product {
        /// The entity.
        entity: EntityCode,
        /// The product, or `-`.
        product: String,
        /// The tax code, or `-`.
        tax_code: String,
    },
    /// The entity lacks one of the accounts that do not depend on a product.
    #[error("entity {entity} has no {role} account")]
    Account {
        /// The entity.
        entity: EntityCode,
        /// The missing role, as in the mapping file.
        role: String,
    },
    /// The entity lacks an account that a kind of money move needs, which is said once for all of them.
    #[error("entity {entity} has no account for the role {role}, which {moves} need: add it to its accounts")]
    Move {
        /// The entity.
        entity: EntityCode,
        /// The missing role, as in the mapping file.
        role: String,
        /// What needs it.
        moves: String,
    },
    /// No period holds the date.
    #[error("entity {entity} has no period for {date}")]
    Period {
        /// The entity.
        entity: EntityCode,
        /// The document date.
        date: NaiveDate,
    },
    /// No exchange rate for the day.
    #[error("no exchange rate {from}→{to} on or before {date}")]
    Rate {
        /// Transaction currency.
        from: Currency,
        /// Functional currency.
        to: Currency,
        /// The document date.
        date: NaiveDate,
    },
    /// Its amounts cannot be added up. What comes in is far smaller (`money::MOST_HELD`); nothing is ever
    /// taken for the largest number instead.
    #[error("the amounts of the document are too large to be added up")]
    Amount,
}

impl Gap {
    /// How the fingerprint begins of what is missing once and not once for each document.
    pub const ONCE: &'static str = "role:";

    /// What groups exceptions of the same missing thing.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        match self {
            Gap::Entity { connection, country, currency } => {
                format!("entity:{connection}:{country}:{currency}")
            }
            Gap::UnknownEntity(entity) => format!("unknown_entity:{entity}"),
            Gap::Product { entity, product, tax_code } => format!("product:{entity}:{product}:{tax_code}"),
            Gap::Account { entity, role } => format!("account:{entity}:{role}"),
            Gap::Move { entity, role, .. } => format!("{}{entity}:{role}", Gap::ONCE),
            Gap::Period { entity, .. } => format!("period:{entity}"),
            Gap::Rate { from, to, .. } => format!("rate:{from}:{to}"),
            Gap::Amount => "amount".to_owned(),
        }
    }
}

/// Works out what the ledger should hold for a document.
///
/// `periods` are those of the document's entity. The rules: an invoice debits
/// receivables and credits revenue or deferred revenue and tax; a credit note is the reverse by its own
/// sign; a payment debits clearing and fees; a refund or dispute reverses; a voided or failed document leaves
/// nothing but fees; a write-off moves the receivable to bad debt. What moves the processor's balance and
/// concerns no receivable stands on clearing against the bank, the fees or the account of its kind.
///
/// Money that the processor settled in another currency is two documents, each in one currency, so that each
/// is an entry that an ERP can hold: the payment puts the receivable against FX clearing in what the customer
/// paid, the conversion puts FX clearing against clearing and fees in what the processor holds, at its own
/// rate. Fees are never taken for amounts of the payment's currency.
///
/// # Errors
/// [`Gap`] when the mapping lacks something that the document needs.
pub fn expect(
    document: &Document,
    facts: Facts,
    connection: &str,
    mapping: &AccountMapping,
    periods: &[Period],
) -> Result<Expectation, Gap> {
    let entity = entity_of(document, connection, mapping)?;
    let date = document.date.in_zone(entity.time_zone);
    let (period, late) = place(document, entity, date, periods)?;
    let mut sums = Sums::new();
    match (document.kind.nature(), document.status) {
        (_, DocumentStatus::Draft) => {}
        (Nature::Raises, DocumentStatus::Final | DocumentStatus::WrittenOff) => {
            // A document that moves nothing needs no posting, and no account.
            if !document.moves_nothing() {
                invoice_lines(document, entity, mapping, &mut sums)?;
            }
        }
        (Nature::Raises, DocumentStatus::Void | DocumentStatus::Pending | DocumentStatus::Failed) => {}
        (Nature::Settles | Nature::Moves, _) => Moved::of(document, facts, entity).book(&mut sums)?,
    }
    Ok(Expectation {
        entity: entity.code.clone(),
        document_date: date,
        period,
        late,
        currency: document.currency(),
        control: control(document.kind, entity)?.clone(),
        tax: entity.accounts.tax_payable.clone(),
        lines: minor_units(sums)?,
    })
}

/// The account on which a document of this kind is compared with the ledger.
///
/// # Errors
/// [`Gap::Account`] where the entity names none.
pub fn control(kind: DocumentKind, entity: &LegalEntity) -> Result<&AccountCode, Gap> {
    match kind.nature() {
        Nature::Raises | Nature::Settles => Ok(&entity.accounts.receivable),
        Nature::Moves => account(entity, "clearing", |a| a.clearing.as_ref()),
    }
}

fn entity_of<'m>(
    document: &Document,
    connection: &str,
    mapping: &'m AccountMapping,
) -> Result<&'m LegalEntity, Gap> {
    if let Some(code) = &document.entity {
        return mapping.entity(code).ok_or_else(|| Gap::UnknownEntity(code.clone()));
    }
    mapping.route(connection, document.country.as_deref(), document.currency()).ok_or_else(|| Gap::Entity {
        connection: connection.to_owned(),
        country: document.country.clone().unwrap_or_else(|| "-".to_owned()),
        currency: document.currency(),
    })
}

fn place(
    document: &Document,
    entity: &LegalEntity,
    date: NaiveDate,
    periods: &[Period],
) -> Result<(PeriodKey, bool), Gap> {
    let book = PeriodBook::new(periods);
    let finalized = document.finalized_at;
    let (Some(own), Some(belongs)) = (book.holding(date), book.belonging(date, finalized)) else {
        let located = entity.calendar.locate(date).map(|(key, _, _)| (key, false));
        return located.ok_or_else(|| Gap::Period { entity: entity.code.clone(), date });
    };
    Ok((belongs.key.clone(), own.closed_before(finalized)))
}

fn account<'a>(
    entity: &'a LegalEntity,
    role: &str,
    pick: fn(&EntityAccounts) -> Option<&AccountCode>,
) -> Result<&'a AccountCode, Gap> {
    pick(&entity.accounts).ok_or_else(|| Gap::Account { entity: entity.code.clone(), role: role.to_owned() })
}

/// Minor units by account, in a width that no sum of a document's amounts leaves.
type Sums = BTreeMap<AccountCode, i128>;

fn add(sums: &mut Sums, account: &AccountCode, minor: i128) {
    *sums.entry(account.clone()).or_insert(0) += minor;
}

fn minor_units(sums: Sums) -> Result<Vec<(AccountCode, i64)>, Gap> {
    let some = sums.into_iter().filter(|(_, minor)| *minor != 0);
    some.map(|(account, minor)| Ok((account, i64::try_from(minor).map_err(|_| Gap::Amount)?))).collect()
}

fn invoice_lines(
    document: &Document,
    entity: &LegalEntity,
    mapping: &AccountMapping,
    sums: &mut Sums,
) -> Result<(), Gap> {
    let total = i128::from(document.total.minor());
    let debit = match document.status {
        DocumentStatus::WrittenOff => account(entity, "bad_debt", |a| a.bad_debt.as_ref())?,
        _ => &entity.accounts.receivable,
    };
    add(sums, debit, total);
    if document.tax_minor != 0 {
        let tax = account(entity, "tax_payable", |a| a.tax_payable.as_ref())?;
        add(sums, tax, -i128::from(document.tax_minor));
    }
    for (revenue, minor) in revenue_split(document, entity, mapping)? {
        add(sums, &revenue, -minor);
    }
    Ok(())
}

/// Splits the document's net amount over revenue accounts so that the parts add up to it: each account's
/// exact sum is rounded half to even, and the largest part takes what rounding left over.
fn revenue_split(
    document: &Document,
    entity: &LegalEntity,
    mapping: &AccountMapping,
) -> Result<Vec<(AccountCode, i128)>, Gap> {
    let net = i128::from(document.total.minor()) - i128::from(document.tax_minor);
    let find = |product: Option<&str>, tax_code: Option<&str>| {
        mapping.revenue_account(entity, product, tax_code).ok_or_else(|| Gap::Product {
            entity: entity.code.clone(),
            product: product.unwrap_or("-").to_owned(),
            tax_code: tax_code.unwrap_or("-").to_owned(),
        })
    };
    if document.lines.is_empty() {
        return Ok(vec![(find(None, None)?, net)]);
    }
    let currency = document.currency();
    let mut exact: BTreeMap<AccountCode, Decimal> = BTreeMap::new();
    let mut last: Option<(Option<&str>, Option<&str>, AccountCode)> = None;
    // A line of nothing (a part of the plan that is free, a difference of tax alone) needs no account.
    for line in document.lines.iter().filter(|line| line.amount_minor != Some(0)) {
        let (product, tax_code) = (line.product.as_deref(), line.tax_code.as_deref());
        let account = match &last {
            Some((p, t, account)) if *p == product && *t == tax_code => account.clone(),
            _ => find(product, tax_code)?,
        };
        let amount = match line.amount_minor {
            Some(minor) => Money::new(minor, currency).to_decimal(),
            None => line.quantity.checked_mul(line.unit_price).ok_or(Gap::Amount)?,
        };
        let sum = exact.entry(account.clone()).or_insert(Decimal::ZERO);
        *sum = sum.checked_add(amount).ok_or(Gap::Amount)?;
        last = Some((product, tax_code, account));
    }
    let mut parts: Vec<(AccountCode, i128)> = exact
        .into_iter()
        .map(|(account, amount)| {
            let part = Money::from_decimal(amount, currency, Rounding::HalfEven).map_err(|_| Gap::Amount)?;
            Ok((account, i128::from(part.minor())))
        })
        .collect::<Result<_, Gap>>()?;
    let left = net - parts.iter().map(|(_, m)| m).sum::<i128>();
    if parts.is_empty() && left != 0 {
        return Ok(vec![(find(None, None)?, left)]);
    }
    if let Some(largest) = parts.iter_mut().max_by_key(|(_, m)| m.unsigned_abs()) {
        largest.1 += left;
    }
    Ok(parts)
}

/// Money, and the accounts of whom it belongs to.
struct Moved<'d> {
    document: &'d Document,
    entity: &'d LegalEntity,
    facts: Facts,
    /// What left the processor, or what the customer owes more: nothing of what does not stand.
    total: i128,
}

impl<'d> Moved<'d> {
    fn of(document: &'d Document, facts: Facts, entity: &'d LegalEntity) -> Self {
        let stands = document.status == DocumentStatus::Final && !facts.disputed;
        let total = if stands { i128::from(document.total.minor()) } else { 0 };
        Self { document, entity, facts, total }
    }

    fn book(&self, sums: &mut Sums) -> Result<(), Gap> {
        if self.total != 0 {
            let (debit, credit) = (self.debit()?, self.credit()?);
            if let (Some(debit), Some(credit)) = (debit, credit) {
                add(sums, debit, self.total);
                add(sums, credit, -self.total);
            }
        }
        let (fee, tax) = (i128::from(self.facts.fee_minor), i128::from(self.facts.fee_tax_minor));
        if fee != 0 || tax != 0 {
            add(sums, self.clearing()?, -fee);
            let fees = account(self.entity, "fees", |a| a.fees.as_ref())?;
            add(sums, fees, fee - tax);
            add(sums, self.entity.accounts.fee_tax.as_ref().unwrap_or(fees), tax);
        }
        Ok(())
    }

    fn clearing(&self) -> Result<&'d AccountCode, Gap> {
        account(self.entity, "clearing", |a| a.clearing.as_ref())
    }

    fn role(
        &self,
        role: &str,
        moves: &str,
        account: Option<&'d AccountCode>,
    ) -> Result<&'d AccountCode, Gap> {
        account.ok_or_else(|| Gap::Move {
            entity: self.entity.code.clone(),
            role: role.to_owned(),
            moves: moves.to_owned(),
        })
    }

    /// What is debited by what left the processor; `None` where the house does not book it.
    fn debit(&self) -> Result<Option<&'d AccountCode>, Gap> {
        let accounts = &self.entity.accounts;
        Ok(Some(match self.document.kind {
            DocumentKind::CustomerBalance if accounts.deposits.is_none() => return Ok(None),
            DocumentKind::Invoice
            | DocumentKind::CreditNote
            | DocumentKind::Payment
            | DocumentKind::Refund
            | DocumentKind::Dispute
            | DocumentKind::CustomerBalance => &accounts.receivable,
            DocumentKind::Fee => {
                let fees = account(self.entity, "fees", |a| a.fees.as_ref())?;
                let all_tax = self.document.tax_minor == self.document.total.minor();
                accounts.fee_tax.as_ref().filter(|_| all_tax).unwrap_or(fees)
            }
            DocumentKind::Payout | DocumentKind::TopUp => self.bank()?,
            DocumentKind::Transfer => self.role("transfers", "transfers", accounts.transfers.as_ref())?,
            DocumentKind::Reserve => self.role("reserves", "reserves", accounts.reserves.as_ref())?,
            DocumentKind::Adjustment | DocumentKind::Movement => {
                let moves = "adjustments and other movements of the processor's balance";
                self.role("adjustments", moves, accounts.adjustments.as_ref())?
            }
            DocumentKind::Conversion => self.fx_clearing()?,
        }))
    }

    /// What is credited by it.
    fn credit(&self) -> Result<Option<&'d AccountCode>, Gap> {
        Ok(match self.document.kind {
            DocumentKind::CustomerBalance => self.entity.accounts.deposits.as_ref(),
            _ if self.document.outside => Some(self.bank()?),
            _ if self.facts.converted => Some(self.fx_clearing()?),
            _ => Some(self.clearing()?),
        })
    }

    fn bank(&self) -> Result<&'d AccountCode, Gap> {
        let moves = "payouts, top-ups and money outside the processor";
        self.role("bank", moves, self.entity.accounts.bank.as_ref())
    }

    fn fx_clearing(&self) -> Result<&'d AccountCode, Gap> {
        let moves = "payments that the processor settles in another currency";
        self.role("fx_clearing", moves, self.entity.accounts.fx_clearing.as_ref())
    }
}

/// Why an expectation could not be made an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryFromError {
    /// Something is missing in the mapping.
    #[error(transparent)]
    Gap(#[from] Gap),
    /// The lines do not make a balanced entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

/// Makes the entry that books `expectation` under `posting_date` in `period`.
///
/// In another currency than the entity's, functional amounts follow from the mapping's rate of the
/// document date; what rounding leaves over goes to the FX clearing account.
///
/// # Errors
/// [`EntryFromError`].
pub fn entry_for(
    expectation: &Expectation,
    reference: &str,
    customer: Option<String>,
    mapping: &AccountMapping,
    posting_date: NaiveDate,
    period: PeriodKey,
) -> Result<JournalEntry, EntryFromError> {
    let entity =
        mapping.entity(&expectation.entity).ok_or_else(|| Gap::UnknownEntity(expectation.entity.clone()))?;
    let (from, to) = (expectation.currency, entity.functional_currency);
    let date = expectation.document_date;
    let rate = mapping.rate_for(entity, from, date).ok_or(Gap::Rate { from, to, date })?;
    let mut lines = Vec::with_capacity(expectation.lines.len() + 1);
    for (account, minor) in &expectation.lines {
        let transaction = Money::new(*minor, from);
        let functional = transaction.convert(rate, to, Rounding::HalfEven).map_err(EntryError::from)?;
        let memo = reference.to_owned();
        lines.push(JournalLine { account: account.clone(), transaction, functional, memo });
    }
    let off = Money::sum(to, lines.iter().map(|l| l.functional)).map_err(EntryError::from)?;
    if from != to && !off.is_zero() {
        let clearing = account(entity, "fx_clearing", |a| a.fx_clearing.as_ref())?.clone();
        lines.push(JournalLine {
            account: clearing,
            transaction: Money::zero(from),
            functional: off.checked_neg().map_err(EntryError::from)?,
            memo: "rounding".to_owned(),
        });
    }
    Ok(JournalEntry::new(EntryDraft {
        entity: expectation.entity.clone(),
        document_date: date,
        posting_date,
        period,
        reference: reference.to_owned(),
        customer,
        rate: (from != to).then_some(rate),
        lines,
    })?)
}

#[cfg(test)]
#[path = "derive_tests.rs"]
mod tests;
