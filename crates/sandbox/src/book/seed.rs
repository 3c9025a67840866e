//! A book that starts with the simulated company's history.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::schema::stamp;
use super::write::Place;
use super::{
    Approval, Book, BookError, Keeper, Month, NewCustomer, NewEntry, NewLine, PeriodState, RecordFacts, Setup,
};
use crate::company::{Account, Company, Currency, EntryStatus, IdKind, LedgerEntry, PeriodStatus, Reference};

/// NetSuite's internal id of a currency.
fn currency_id(currency: Currency) -> i64 {
    match currency {
        Currency::Usd => 1,
        Currency::Gbp => 2,
        Currency::Eur => 3,
        Currency::Jpy => 4,
    }
}

fn instant(unix: i64) -> Result<DateTime<Utc>, BookError> {
    DateTime::from_timestamp(unix, 0)
        .ok_or_else(|| BookError::Storage(format!("instant {unix} is out of range")))
}

impl Book {
    /// The ERP of the simulated company: its chart, its periods with their status, the customers that the ERP
    /// knows, a sundry customer per entity (`sundry-US01`), and the journals of its existing integration.
    ///
    /// # Errors
    /// When the company contradicts itself; a journal out of balance, for one.
    pub fn of_company(company: &Company) -> Result<Self, BookError> {
        Self::kept_by(company, Keeper::Journals)
    }

    /// The same books, kept by somebody else.
    ///
    /// # Errors
    /// As [`Book::of_company`].
    pub fn kept_by(company: &Company, keeper: Keeper) -> Result<Self, BookError> {
        let first = company.periods.first().map(|period| period.start).unwrap_or_default();
        let mut setup = Setup::meridian(first, 0);
        setup.months = company
            .periods
            .iter()
            .map(|period| Month { id: i64::from(period.id), first: period.start })
            .collect();
        let book = Self::new(&setup)?;
        let sundry = book.seed_sundry(company)?;
        let customers = book.seed_customers(company)?;
        book.seed_ledger(company, &History { company, keeper, sundry: &sundry, customers: &customers })?;
        book.seed_period_status(company)?;
        Ok(book)
    }

    fn seed_sundry(&self, company: &Company) -> Result<Vec<i64>, BookError> {
        let created = stamp(instant(company.spec.as_of)?);
        let mut ids = Vec::with_capacity(company.entities.len());
        let mut book = self.lock();
        for entity in &company.entities {
            let sundry = NewCustomer {
                external_id: Some(format!("sundry-{}", entity.code)),
                name: format!("Sundry customers {}", entity.code),
                email: None,
                subsidiary: i64::from(entity.subsidiary),
            };
            ids.push(book.insert_customer(&sundry, &created)?);
        }
        Ok(ids)
    }

    fn seed_customers(&self, company: &Company) -> Result<HashMap<u32, i64>, BookError> {
        let mut ids = HashMap::new();
        let mut book = self.lock();
        book.connection.execute_batch("BEGIN IMMEDIATE")?;
        for (position, customer) in (0_u32..).zip(&company.customers) {
            if !customer.in_erp {
                continue;
            }
            let entity = company.entities.get(usize::from(customer.entity));
            let record = NewCustomer {
                external_id: Some(customer.id.to_string()),
                name: customer.name.clone(),
                email: customer.email.clone(),
                subsidiary: entity.map(|entity| i64::from(entity.subsidiary)).unwrap_or_default(),
            };
            let id = book.insert_customer(&record, &stamp(instant(customer.created)?))?;
            ids.insert(position, id);
        }
        book.connection.execute_batch("COMMIT")?;
        Ok(ids)
    }

    fn seed_ledger(&self, company: &Company, history: &History<'_>) -> Result<(), BookError> {
        self.lock().seed(company.ledger.iter().map(|source| history.entry(source)))
    }

    fn seed_period_status(&self, company: &Company) -> Result<(), BookError> {
        let mut book = self.lock();
        for period in &company.periods {
            let month = period.start.format("%Y-%m").to_string();
            let (state, at) = match period.status {
                PeriodStatus::Open => (PeriodState::Open, None),
                PeriodStatus::ArLocked => (PeriodState::ArLocked, None),
                PeriodStatus::Closed => (PeriodState::Closed, period.closed_at),
            };
            let at = stamp(instant(at.unwrap_or(company.spec.as_of))?);
            book.set_period_at(&month, state, &at)?;
        }
        Ok(())
    }
}

/// What a journal of the existing integration refers to.
struct History<'a> {
    company: &'a Company,
    keeper: Keeper,
    /// Per entity, the internal id of its sundry customer.
    sundry: &'a [i64],
    /// By position in the company's list, the internal id of the customer.
    customers: &'a HashMap<u32, i64>,
}

impl History<'_> {
    /// The book of a company starts empty, so that an entry's internal id is its `n`.
    fn entry(&self, source: &LedgerEntry) -> Result<(NewEntry, Place, Option<RecordFacts>), BookError> {
        let company = self.company;
        let entity = company.entities.get(usize::from(source.entity));
        let entity = entity.ok_or_else(|| BookError::unknown("subsidiary", source.entity))?;
        let period = company.periods.get(usize::from(source.period));
        let period = period.ok_or_else(|| BookError::unknown("postingPeriod", source.period))?;
        let known = source.customer.and_then(|position| self.customers.get(&position));
        let customer = known.or_else(|| self.sundry.get(usize::from(source.entity))).copied();
        let lines = source.lines.iter().map(|line| NewLine {
            account: i64::from(line.account.internal_id()),
            amount: line.amount,
            functional: Some(line.functional),
            memo: None,
            entity: customer,
        });
        let mut entry = NewEntry {
            external_id: Some(source.external_id()),
            subsidiary: i64::from(entity.subsidiary),
            date: source.date,
            period: Some(i64::from(period.id)),
            currency: Some(currency_id(source.currency)),
            rate: Some(Decimal::new(source.rate_micros, 6)),
            memo: company.reference_text(&source.reference),
            approval: match source.status {
                EntryStatus::Booked => Approval::Approved,
                EntryStatus::PendingApproval => Approval::Pending,
            },
            reverses: source.reverses.map(i64::from),
            lines: lines.collect(),
        };
        let place = Place { period: i64::from(period.id), created: stamp(instant(source.created)?) };
        let facts = match self.keeper {
            Keeper::Journals => None,
            Keeper::Records => self.record(source, &mut entry, customer),
        };
        Ok((entry, place, facts))
    }

    /// The record that the billing vendor's own connector makes of a document: an invoice and a credit memo
    /// under the document's number, money under the vendor's id as the other reference. Reversals, write-offs
    /// and what names no document are journals there too.
    fn record(
        &self,
        source: &LedgerEntry,
        entry: &mut NewEntry,
        customer: Option<i64>,
    ) -> Option<RecordFacts> {
        let Reference::Document(id) = &source.reference else { return None };
        if source.reverses.is_some() {
            return None;
        }
        let on = |account: Account| {
            source.lines.iter().filter(|line| line.account == account).map(|line| line.amount).sum::<i64>()
        };
        let (kind, numbered) = match (id.kind, on(Account::Receivable).signum()) {
            (IdKind::Invoice, 1) => ("CustInvc", true),
            (IdKind::CreditNote, -1) => ("CustCred", true),
            (IdKind::Charge, -1) => ("CustPymt", false),
            (IdKind::Refund, 1) => ("CustRfnd", false),
            _ => return None,
        };
        let name = entry.memo.clone();
        entry.memo = format!("made by the connector, {}", source.date.format("%d %B"));
        let facts = RecordFacts { customer, billing_id: Some(id.to_string()), ..RecordFacts::of(kind) };
        Some(match numbered {
            true => RecordFacts { number: Some(name), ..facts },
            false => {
                RecordFacts { number: Some(format!("PMT{}", source.n)), other_reference: Some(name), ..facts }
            }
        })
    }
}
