//! The ERP's server, and beside it the judge's own book, which no port can read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use tieout_connectors::{BookRequest, Protocol};
use tieout_domain::{
    AccountCode,
    calendar::{PeriodKey, PeriodStatus},
    entry::JournalEntry,
    failure::VendorFailure,
    ledger::{EntityRef, EntryKind, EntryStatus, LedgerEntry, LedgerLine, PeriodReading},
};

use crate::judge::Book;

/// The ERP's ids of the two legal entities.
pub const ENTITY: &str = "2";
pub const OTHER_ENTITY: &str = "3";

/// A change that a request asks for.
#[derive(Clone, Debug)]
pub enum Effect {
    /// What is asked, and which document it is for: the judge's knowledge, not the ERP's.
    Create(Box<BookRequest>, String),
    Post(String),
    Delete(String),
    Customer(String),
}

impl Effect {
    pub fn name(&self) -> String {
        match self {
            Effect::Create(request, _) => format!("create {}", request.key),
            Effect::Post(id) => format!("post {id}"),
            Effect::Delete(id) => format!("delete {id}"),
            Effect::Customer(id) => format!("customer {id}"),
        }
    }
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
    /// The judge's book.
    pub book: Book,
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
            book: Book::default(),
            executed: Vec::new(),
        }
    }

    pub fn close(&mut self, period: &str) {
        self.closed.insert(PeriodKey::new(period));
    }

    pub fn open(&mut self, period: &str) {
        self.closed.remove(&PeriodKey::new(period));
    }

    /// Whatever is created under this key is refused.
    pub fn refuse(&mut self, key: &str) {
        self.refuses.insert(key.to_owned());
    }

    pub fn refuse_nothing(&mut self) {
        self.refuses.clear();
    }

    /// Whatever is created under this key goes into the next period, without an error.
    pub fn move_silently(&mut self, key: &str) {
        self.moves.insert(key.to_owned());
    }

    /// An entry that somebody else booked, for a document.
    pub fn book_foreign(
        &mut self,
        external_id: &str,
        entity_erp_id: &str,
        entry: &JournalEntry,
        document: &str,
    ) -> String {
        let id = self.insert(external_id, entity_erp_id, entry, EntryStatus::Booked, None);
        self.book.foreign(&id, document);
        id
    }

    /// Somebody undoes an entry by hand: no link, and functional amounts rounded anew.
    pub fn undo_by_hand(&mut self, target: &str) -> String {
        let mut row = self.rows[target].clone();
        self.next_id += 1;
        row.erp_id = self.next_id.to_string();
        row.external_id = Some(format!("hand-{}", row.erp_id));
        row.reverses = None;
        for line in &mut row.lines {
            line.transaction_minor = -line.transaction_minor;
            line.functional_minor = -line.functional_minor;
        }
        let odd = i64::from(row.currency != row.functional_currency);
        row.lines[0].functional_minor += odd;
        row.lines[1].functional_minor -= odd;
        let id = row.erp_id.clone();
        self.plant(row);
        self.book.undone_by_hand(&id, target);
        id
    }

    /// Somebody changes an entry's amount.
    pub fn edit(&mut self, id: &str, by: i64) {
        let Some(row) = self.rows.get_mut(id) else { return };
        for (line, sign) in row.lines.iter_mut().zip([1, -1]) {
            line.transaction_minor += sign * by;
            line.functional_minor += sign * by;
        }
    }

    /// Somebody deletes a booked entry.
    pub fn delete_booked(&mut self, id: &str) {
        self.remove(id);
        self.book.deleted(id);
    }

    pub fn drafts(&self) -> Vec<String> {
        self.rows.values().filter(|r| r.status == EntryStatus::Unbooked).map(|r| r.erp_id.clone()).collect()
    }

    pub fn all(&self) -> Vec<LedgerEntry> {
        self.rows.values().cloned().collect()
    }

    pub fn busy(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// True while a request for this document is still under way.
    pub fn works_on(&self, reference: &str) -> bool {
        self.in_flight.iter().any(|(_, effect)| match effect {
            Effect::Create(request, _) => request.entry.reference() == reference,
            Effect::Post(id) | Effect::Delete(id) => {
                self.rows.get(id).is_some_and(|row| row.reference.as_deref() == Some(reference))
            }
            Effect::Customer(_) => false,
        })
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
            Effect::Create(request, document) => self.create(request, document).map(Some),
            Effect::Post(id) => self.post(id).map(|()| Some(id.clone())),
            Effect::Delete(id) => self.delete(id).map(|()| None),
            Effect::Customer(id) => {
                let next = format!("c{}", self.customers.len() + 1);
                Ok(Some(self.customers.entry(id.clone()).or_insert(next).clone()))
            }
        }
    }

    fn create(&mut self, request: &BookRequest, document: &str) -> Result<String, VendorFailure> {
        let key = request.key.as_str();
        let taken = self.by_key.get(key).is_some_and(|ids| !ids.is_empty());
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
        let (status, link) = match self.protocol {
            // As NetSuite: a journal of ours is linked to nothing.
            Protocol::UniqueKey => (EntryStatus::Booked, None),
            Protocol::DraftThenPost => (EntryStatus::Unbooked, request.reverses.clone()),
        };
        let id = self.insert(key, &request.entity_erp_id, &request.entry, status, link);
        self.book.written(&id, document, request.reverses.as_deref());
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
        self.remove(id);
        Ok(())
    }

    fn remove(&mut self, id: &str) {
        if let Some(row) = self.rows.remove(id) {
            for (index, name) in
                [(&mut self.by_key, row.external_id), (&mut self.by_reference, row.reference)]
            {
                if let Some(ids) = name.and_then(|name| index.get_mut(&name)) {
                    ids.remove(id);
                }
            }
        }
    }

    fn booked(&mut self, id: &str) {
        let row = &self.rows[id];
        self.book.booked(id, row.external_id.as_deref().unwrap_or_default(), &row.period);
    }

    /// Each line's functional amount is rounded by the ERP itself: in another currency it comes out one
    /// minor unit away from what was sent.
    fn insert(
        &mut self,
        key: &str,
        entity_erp_id: &str,
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
        let foreign = entry.currency() != entry.functional_currency();
        let rounded = i64::from(foreign && self.next_id.is_multiple_of(2));
        let lines = entry.lines().iter().zip([1, -1]).map(|(line, sign)| LedgerLine {
            account: line.account.clone(),
            transaction_minor: line.transaction.minor(),
            functional_minor: line.functional.minor() + sign * rounded,
            memo: None,
        });
        let row = LedgerEntry {
            erp_id: erp_id.clone(),
            number: Some(format!("JE{erp_id}")),
            external_id: Some(key.to_owned()),
            reference: Some(entry.reference().to_owned()),
            entity: EntityRef::ErpId(entity_erp_id.to_owned()),
            posting_date,
            period: PeriodKey::month(posting_date),
            kind: EntryKind::Journal,
            part_of: None,
            status,
            currency: entry.currency(),
            functional_currency: entry.functional_currency(),
            rate: None,
            reverses,
            created_at: None,
            changed_at: None,
            memo: Some(entry.reference().to_owned()),
            names: Vec::new(),
            counterpart: None,
            lines: lines.collect(),
        };
        self.plant(row);
        erp_id
    }

    /// Puts a row there as it is.
    pub fn plant(&mut self, row: LedgerEntry) {
        let key = row.external_id.clone().unwrap_or_default();
        self.by_key.entry(key).or_default().insert(row.erp_id.clone());
        let reference = row.reference.clone().unwrap_or_default();
        self.by_reference.entry(reference).or_default().insert(row.erp_id.clone());
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

/// The control accounts of both entities.
pub fn control_accounts() -> BTreeSet<AccountCode> {
    ["1100", "1200"].map(|code| code.parse().unwrap()).into()
}
