//! The ERP's server, and beside it the judge's own book, which no port can read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use tieout_connectors::{BookRequest, Protocol};
use tieout_domain::{
    Currency,
    calendar::{PeriodKey, PeriodStatus},
    entry::JournalEntry,
    failure::VendorFailure,
    ledger::{EntityRef, EntryStatus, LedgerEntry, LedgerLine, PeriodReading},
};

pub const ENTITY: &str = "2";

/// A change that a request asks for.
#[derive(Clone, Debug)]
pub enum Effect {
    Create(Box<BookRequest>),
    Post(String),
    Delete(String),
    Customer(String),
}

impl Effect {
    pub fn name(&self) -> String {
        match self {
            Effect::Create(request) => format!("create {}", request.key),
            Effect::Post(id) => format!("post {id}"),
            Effect::Delete(id) => format!("delete {id}"),
            Effect::Customer(id) => format!("customer {id}"),
        }
    }
}

/// One booking as the judge saw it happen.
#[derive(Clone, Debug)]
pub struct Booking {
    pub erp_id: String,
    pub order: u32,
    pub period: PeriodKey,
}

pub struct Erp {
    pub protocol: Protocol,
    /// False plants a bug: the vendor's "unique" key is not.
    pub keeps_keys_unique: bool,
    rows: BTreeMap<String, LedgerEntry>,
    by_key: BTreeMap<String, BTreeSet<String>>,
    by_reference: BTreeMap<String, BTreeSet<String>>,
    customers: BTreeMap<String, String>,
    closed: BTreeSet<PeriodKey>,
    refuses: BTreeSet<String>,
    moves: BTreeSet<String>,
    in_flight: Vec<(DateTime<Utc>, Effect)>,
    next_id: u32,
    /// The judge's book: what was booked under which key, in the order in which it happened.
    pub book: BTreeMap<String, Vec<Booking>>,
    bookings: u32,
    /// Every change that was executed, in order.
    pub executed: Vec<String>,
}

impl Erp {
    pub fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            keeps_keys_unique: true,
            rows: BTreeMap::new(),
            by_key: BTreeMap::new(),
            by_reference: BTreeMap::new(),
            customers: BTreeMap::new(),
            closed: BTreeSet::new(),
            refuses: BTreeSet::new(),
            moves: BTreeSet::new(),
            in_flight: Vec::new(),
            next_id: 1000,
            book: BTreeMap::new(),
            bookings: 0,
            executed: Vec::new(),
        }
    }

    pub fn close(&mut self, period: &str) {
        self.closed.insert(PeriodKey::new(period));
    }

    /// Whatever is created under this key is refused.
    pub fn refuse(&mut self, key: &str) {
        self.refuses.insert(key.to_owned());
    }

    /// Whatever is created under this key goes into the next period, without an error.
    pub fn move_silently(&mut self, key: &str) {
        self.moves.insert(key.to_owned());
    }

    /// An entry that somebody else booked.
    pub fn book_foreign(&mut self, external_id: &str, entry: &JournalEntry) -> String {
        self.insert(external_id, entry, EntryStatus::Booked, None)
    }

    pub fn drafts(&self) -> Vec<String> {
        self.rows.values().filter(|r| r.status == EntryStatus::Unbooked).map(|r| r.erp_id.clone()).collect()
    }

    pub fn busy(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Executed later, at `at`.
    pub fn later(&mut self, at: DateTime<Utc>, effect: Effect) {
        self.in_flight.push((at, effect));
    }

    /// Executes what has come due. A refusal of it is heard by nobody.
    pub fn land(&mut self, now: DateTime<Utc>) -> Vec<String> {
        let (mut due, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.in_flight).into_iter().partition(|(at, _)| *at <= now);
        self.in_flight = rest;
        due.sort_by_key(|(at, _)| *at);
        due.into_iter()
            .map(|(_, effect)| {
                let done = self.execute(&effect).is_ok();
                format!("late {} {done}", effect.name())
            })
            .collect()
    }

    pub fn execute(&mut self, effect: &Effect) -> Result<Option<String>, VendorFailure> {
        self.executed.push(effect.name());
        match effect {
            Effect::Create(request) => self.create(request).map(Some),
            Effect::Post(id) => self.post(id).map(|()| Some(id.clone())),
            Effect::Delete(id) => self.delete(id).map(|()| None),
            Effect::Customer(id) => {
                let next = format!("c{}", self.customers.len() + 1);
                Ok(Some(self.customers.entry(id.clone()).or_insert(next).clone()))
            }
        }
    }

    fn create(&mut self, request: &BookRequest) -> Result<String, VendorFailure> {
        let key = request.key.as_str();
        let taken = self.by_key.contains_key(key);
        if self.protocol == Protocol::UniqueKey && self.keeps_keys_unique && taken {
            return Err(VendorFailure::terminal(
                tieout_posting::DUPLICATE_KEY,
                "This record already exists.",
            ));
        }
        if self.closed.contains(request.entry.period()) {
            return Err(VendorFailure::terminal("period_closed", "The period is closed."));
        }
        if self.refuses.contains(key) {
            return Err(VendorFailure::terminal("validation_failed", "Invalid account."));
        }
        let status = match self.protocol {
            Protocol::UniqueKey => EntryStatus::Booked,
            Protocol::DraftThenPost => EntryStatus::Unbooked,
        };
        let id = self.insert(key, &request.entry, status, request.reverses.clone());
        if status == EntryStatus::Booked {
            self.booked(&id);
        }
        Ok(id)
    }

    fn post(&mut self, id: &str) -> Result<(), VendorFailure> {
        let missing = || VendorFailure::terminal("not_found", format!("Record {id} does not exist."));
        let row = self.rows.get_mut(id).ok_or_else(missing)?;
        if row.status != EntryStatus::Unbooked {
            return Err(VendorFailure::terminal("already_posted", "The move is already posted."));
        }
        if self.closed.contains(&row.period) {
            return Err(VendorFailure::terminal("period_closed", "The period is closed."));
        }
        row.status = EntryStatus::Booked;
        self.booked(id);
        Ok(())
    }

    fn delete(&mut self, id: &str) -> Result<(), VendorFailure> {
        let missing = || VendorFailure::terminal("not_found", format!("Record {id} does not exist."));
        let row = self.rows.get(id).ok_or_else(missing)?;
        if row.status != EntryStatus::Unbooked {
            return Err(VendorFailure::terminal("already_posted", "A posted move cannot be deleted."));
        }
        if let Some(row) = self.rows.remove(id) {
            for (index, name) in
                [(&mut self.by_key, row.external_id), (&mut self.by_reference, row.reference)]
            {
                if let Some(ids) = name.and_then(|name| index.get_mut(&name)) {
                    ids.remove(id);
                }
            }
        }
        Ok(())
    }

    fn booked(&mut self, id: &str) {
        let row = &self.rows[id];
        self.bookings += 1;
        let booking = Booking { erp_id: id.to_owned(), order: self.bookings, period: row.period.clone() };
        self.book.entry(row.external_id.clone().unwrap_or_default()).or_default().push(booking);
    }

    fn insert(
        &mut self,
        key: &str,
        entry: &JournalEntry,
        status: EntryStatus,
        reverses: Option<String>,
    ) -> String {
        self.next_id += 1;
        let erp_id = self.next_id.to_string();
        let moved = self.moves.contains(key);
        let posting_date = match moved {
            true => entry.posting_date() + chrono::Months::new(1),
            false => entry.posting_date(),
        };
        let line = |l: &tieout_domain::entry::JournalLine| LedgerLine {
            account: l.account.clone(),
            transaction_minor: l.transaction.minor(),
            functional_minor: l.functional.minor(),
            memo: None,
        };
        let row = LedgerEntry {
            erp_id: erp_id.clone(),
            number: Some(format!("JE{erp_id}")),
            external_id: Some(key.to_owned()),
            reference: Some(entry.reference().to_owned()),
            entity: EntityRef::ErpId(ENTITY.to_owned()),
            posting_date,
            period: PeriodKey::month(posting_date),
            status,
            currency: Currency::GBP,
            functional_currency: Currency::GBP,
            rate: None,
            reverses,
            created_at: None,
            changed_at: None,
            memo: Some(entry.reference().to_owned()),
            lines: entry.lines().iter().map(line).collect(),
        };
        self.by_key.entry(key.to_owned()).or_default().insert(erp_id.clone());
        self.by_reference.entry(entry.reference().to_owned()).or_default().insert(erp_id.clone());
        self.rows.insert(erp_id.clone(), row);
        erp_id
    }

    /// Puts a row there as it is.
    pub fn plant(&mut self, row: LedgerEntry) {
        let key = row.external_id.clone().unwrap_or_default();
        self.by_key.entry(key).or_default().insert(row.erp_id.clone());
        self.rows.insert(row.erp_id.clone(), row);
    }

    pub fn row(&self, id: &str) -> Option<LedgerEntry> {
        self.rows.get(id).cloned()
    }

    pub fn of_key(&self, key: &str) -> Vec<LedgerEntry> {
        self.by_key.get(key).into_iter().flatten().filter_map(|id| self.row(id)).collect()
    }

    pub fn of_reference(&self, reference: &str, but: &str) -> Vec<LedgerEntry> {
        let rows = self.by_reference.get(reference).into_iter().flatten().filter_map(|id| self.row(id));
        rows.filter(|row| row.external_id.as_deref() != Some(but)).collect()
    }

    pub fn period(&self, date: NaiveDate) -> PeriodReading {
        let key = PeriodKey::month(date);
        let status = match self.closed.contains(&key) {
            true => PeriodStatus::Closed,
            false => PeriodStatus::Open,
        };
        PeriodReading {
            erp_id: key.as_str().to_owned(),
            entity: None,
            starts: date,
            ends: date,
            key,
            status,
            closed_at: None,
        }
    }
}
