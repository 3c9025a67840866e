//! A book that starts with the simulated company's history.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::kept::{self, Bookings, Kept};
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
        let bookings = Bookings::of(company);
        let (sundry, customers, ids) = (&sundry, &customers, HashMap::new());
        let mut history = History { company, keeper, bookings, sundry, customers, ids, made: 0 };
        book.seed_ledger(company, &mut history)?;
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

    fn seed_ledger(&self, company: &Company, history: &mut History<'_>) -> Result<(), BookError> {
        let kept = kept::arrange(company, history.keeper);
        self.lock().seed(kept.into_iter().map(|one| history.transaction(one)))
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

/// What a transaction of the company's books refers to.
struct History<'a> {
    company: &'a Company,
    keeper: Keeper,
    bookings: Bookings<'a>,
    /// Per entity, the internal id of its sundry customer.
    sundry: &'a [i64],
    /// By position in the company's list, the internal id of the customer.
    customers: &'a HashMap<u32, i64>,
    /// By the number of an entry of the company, the internal id of its transaction.
    ids: HashMap<u32, i64>,
    /// How many there are so far.
    made: i64,
}

impl History<'_> {
    /// The next transaction. The book of a company starts empty, so that internal ids count from 1.
    fn transaction(&mut self, kept: Kept<'_>) -> Result<(NewEntry, Place, Option<RecordFacts>), BookError> {
        self.made += 1;
        match kept {
            Kept::One(source, keeper) => {
                let customer = self.customer(source);
                let (mut entry, place) = self.entry(source, source.external_id(), customer)?;
                let facts = match keeper {
                    Keeper::Records => self.record(source, &mut entry, customer),
                    Keeper::ByHand => {
                        entry.memo = self.bookings.by_hand(source);
                        None
                    }
                    Keeper::Journals | Keeper::Summaries | Keeper::Mixed => None,
                };
                self.ids.insert(source.n, self.made);
                Ok((entry, place, facts))
            }
            Kept::Day(day, of) => {
                let last = of.last().ok_or_else(|| BookError::unknown("day", day.date))?;
                let (mut entry, place) = self.entry(last, format!("day-{}", last.n), None)?;
                entry.lines = summed(&of);
                let entity = self.company.entities.get(usize::from(day.entity)).map_or("", |it| it.code);
                entry.memo = format!("Daily sales {} {entity} {}", day.date, day.currency.code());
                Ok((entry, place, None))
            }
        }
    }

    fn customer(&self, source: &LedgerEntry) -> Option<i64> {
        let known = source.customer.and_then(|position| self.customers.get(&position));
        known.or_else(|| self.sundry.get(usize::from(source.entity))).copied()
    }

    fn entry(
        &self,
        source: &LedgerEntry,
        external_id: String,
        customer: Option<i64>,
    ) -> Result<(NewEntry, Place), BookError> {
        let company = self.company;
        let entity = company.entities.get(usize::from(source.entity));
        let entity = entity.ok_or_else(|| BookError::unknown("subsidiary", source.entity))?;
        let period = company.periods.get(usize::from(source.period));
        let period = period.ok_or_else(|| BookError::unknown("postingPeriod", source.period))?;
        let lines = source.lines.iter().map(|line| NewLine {
            account: i64::from(line.account.internal_id()),
            amount: line.amount,
            functional: Some(line.functional),
            memo: None,
            entity: customer,
        });
        let entry = NewEntry {
            external_id: Some(external_id),
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
            // What the day's journal holds cannot be reversed by itself.
            reverses: source.reverses.and_then(|reversed| self.ids.get(&reversed)).copied(),
            lines: lines.collect(),
        };
        Ok((entry, Place { period: i64::from(period.id), created: stamp(instant(source.created)?) }))
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

/// The lines of several entries as those of one: a debit and a credit per account.
fn summed(of: &[&LedgerEntry]) -> Vec<NewLine> {
    let mut sums: BTreeMap<(Account, i64), (i64, i64)> = BTreeMap::new();
    for line in of.iter().flat_map(|entry| &entry.lines) {
        let sum = sums.entry((line.account, line.amount.signum())).or_default();
        sum.0 += line.amount;
        sum.1 += line.functional;
    }
    let line = |((account, _), (amount, functional)): ((Account, i64), (i64, i64))| NewLine {
        account: i64::from(account.internal_id()),
        amount,
        functional: Some(functional),
        memo: None,
        entity: None,
    };
    sums.into_iter().map(line).collect()
}
