//! The sandbox ERP's own double-entry book, written apart from every other room so that it can judge them.
//!
//! It is an in-memory SQLite database with exact integer amounts ([`schema`]); the NetSuite server reads it
//! through views with the vendor's names, tests read it through the judge's functions ([`judge`]). Clones
//! share one book.

mod copy;
mod edit;
mod error;
mod foreign;
pub mod judge;
mod kept;
pub(crate) mod lookup;
mod period;
mod record;
pub mod schema;
mod seed;
mod setup;
mod ways;
mod write;

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Connection;
use rust_decimal::Decimal;

pub use error::BookError;
pub use judge::{BookedEntry, BookedLine};
pub use kept::{Day, Told, told};
pub use period::PeriodState;
pub use record::{Record, read_records};
pub use setup::{AccountSetup, CurrencySetup, Month, Setup, SubsidiarySetup};
pub use ways::{Feature, Keeper, RecordFacts};

/// Approval states of a journal; the numbers are NetSuite's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// 1: it does not count yet.
    Pending,
    /// 2: it counts.
    Approved,
    /// 3: it never counts.
    Rejected,
}

impl Approval {
    /// NetSuite's internal id.
    #[must_use]
    pub fn id(self) -> u8 {
        match self {
            Self::Pending => 1,
            Self::Approved => 2,
            Self::Rejected => 3,
        }
    }

    /// From NetSuite's internal id.
    #[must_use]
    pub fn from_id(id: i64) -> Option<Self> {
        match id {
            1 => Some(Self::Pending),
            2 => Some(Self::Approved),
            3 => Some(Self::Rejected),
            _ => None,
        }
    }

    /// NetSuite's label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "Pending Approval",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
        }
    }
}

/// An entry to book. Ids are the ERP's internal ids.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Unique among journals.
    pub external_id: Option<String>,
    /// Whose books.
    pub subsidiary: i64,
    /// The transaction date.
    pub date: NaiveDate,
    /// The posting period; the date's month when absent.
    pub period: Option<i64>,
    /// The transaction currency; the subsidiary's own when absent.
    pub currency: Option<i64>,
    /// Functional per transaction currency; the book's rate when absent.
    pub rate: Option<Decimal>,
    /// The header's memo.
    pub memo: String,
    /// Whether it counts.
    pub approval: Approval,
    /// The entry that this one reverses.
    pub reverses: Option<i64>,
    /// The lines; they sum to zero.
    pub lines: Vec<NewLine>,
}

/// One line of an entry to book.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// Account (internal id).
    pub account: i64,
    /// Minor units of the transaction currency, debit positive.
    pub amount: i64,
    /// The same in functional currency; converted at the entry's rate when absent (all lines or none).
    pub functional: Option<i64>,
    /// The line's memo.
    pub memo: Option<String>,
    /// Customer (internal id).
    pub entity: Option<i64>,
}

/// A customer record to make.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// Unique among customers.
    pub external_id: Option<String>,
    /// Company name.
    pub name: String,
    /// E-mail.
    pub email: Option<String>,
    /// Primary subsidiary.
    pub subsidiary: i64,
}

/// What to do about this entry's period, against the book's own preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PeriodRule {
    /// As the periods' status and the preference say.
    #[default]
    AsItIs,
    /// Refuse as if the period were closed.
    Refuse,
    /// Book it into the next open period, whatever was asked.
    Move,
}

/// What time it is in the book.
#[derive(Clone, Copy, Debug, Default)]
pub enum BookClock {
    /// The machine's clock.
    #[default]
    System,
    /// Always this instant.
    Fixed(DateTime<Utc>),
}

/// The book; clones share it.
#[derive(Clone)]
pub struct Book(Arc<Mutex<Inner>>);

pub(crate) struct Inner {
    pub(crate) connection: Connection,
    /// Counts changes, so that answers can be kept while nothing changed.
    pub(crate) version: u64,
    clock: BookClock,
    /// The latest time of an entry or a customer: the book's time never runs backwards behind its own
    /// history, or who asks for changes since the last one seen would miss the new one.
    latest: String,
    silent_move: bool,
    record: Option<BufWriter<File>>,
}

impl Book {
    /// A new book with this chart and these periods, all open.
    ///
    /// # Errors
    /// When the setup contradicts itself (double ids or numbers).
    pub fn new(setup: &Setup) -> Result<Self, BookError> {
        let connection = Connection::open_in_memory()?;
        // Oracle's LIKE tells case apart; it also lets `memo LIKE 'X%'` use the index.
        connection.execute_batch("PRAGMA case_sensitive_like = ON; PRAGMA temp_store = MEMORY;")?;
        connection.execute_batch(schema::TABLES)?;
        connection.execute_batch(&schema::views())?;
        connection.set_prepared_statement_cache_capacity(64);
        let inner = Inner {
            connection,
            version: 0,
            clock: BookClock::System,
            latest: String::new(),
            silent_move: false,
            record: None,
        };
        let book = Self(Arc::new(Mutex::new(inner)));
        book.lock().apply_setup(setup)?;
        Ok(book)
    }

    /// Books one entry and gives its internal id.
    ///
    /// # Errors
    /// What the ERP would refuse, in this order: unknown references, amounts, balance, external id, period.
    pub fn commit(&self, entry: &NewEntry) -> Result<i64, BookError> {
        self.commit_with(entry, PeriodRule::AsItIs)
    }

    /// Books one entry under this rule for its period.
    ///
    /// # Errors
    /// As [`Book::commit`].
    pub fn commit_with(&self, entry: &NewEntry, rule: PeriodRule) -> Result<i64, BookError> {
        self.lock().commit(entry, rule)
    }

    /// Sets an entry's approval.
    ///
    /// # Errors
    /// When there is no such entry, its period is closed, or it is approved already and would be taken back.
    pub fn set_approval(&self, id: i64, approval: Approval) -> Result<(), BookError> {
        self.lock().set_approval(id, approval)
    }

    /// Deletes an entry, as a person with the right to do so would. Its id is never given again; what it
    /// reversed, or was reversed by, loses the link.
    ///
    /// # Errors
    /// When there is no such entry, or its period is closed.
    pub fn delete_entry(&self, id: i64) -> Result<(), BookError> {
        self.lock().delete_entry(id)
    }

    /// Notes that a record of another kind with this internal id was deleted.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn note_deleted(&self, kind: &str, id: i64) -> Result<(), BookError> {
        self.lock().note_deleted(kind, id, "another record")
    }

    /// Makes a customer record and gives its internal id.
    ///
    /// # Errors
    /// When the external id exists or the subsidiary does not.
    pub fn add_customer(&self, customer: &NewCustomer) -> Result<i64, BookError> {
        self.lock().add_customer(customer)
    }

    /// Closes a month ("YYYY-MM") for all subledgers now.
    ///
    /// # Errors
    /// When there is no such month.
    pub fn close_period(&self, month: &str) -> Result<(), BookError> {
        self.lock().set_period(month, PeriodState::Closed)
    }

    /// Locks a month for receivables.
    ///
    /// # Errors
    /// When there is no such month.
    pub fn lock_ar(&self, month: &str) -> Result<(), BookError> {
        self.lock().set_period(month, PeriodState::ArLocked)
    }

    /// Opens a month again.
    ///
    /// # Errors
    /// When there is no such month.
    pub fn reopen(&self, month: &str) -> Result<(), BookError> {
        self.lock().set_period(month, PeriodState::Open)
    }

    /// The preference "Default Posting Period When Transaction Date in Closed Period": when on, a posting
    /// into a closed month that names no period is booked into the next open one, without an error.
    pub fn set_silent_move(&self, on: bool) {
        self.lock().silent_move = on;
    }

    /// What time the book takes it to be.
    pub fn set_clock(&self, clock: BookClock) {
        self.lock().clock = clock;
    }

    /// The book's now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.lock().now()
    }

    /// Appends every change from now on to this file, one JSON line each, written before the caller knows of
    /// the change. Another process can judge by [`read_records`].
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn record_to(&self, path: &Path) -> io::Result<()> {
        let file = File::options().create(true).append(true).open(path)?;
        self.lock().record = Some(BufWriter::new(file));
        Ok(())
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self.clock {
            BookClock::System => Utc::now(),
            BookClock::Fixed(instant) => instant,
        }
    }

    /// The time to write on a change, as a stamp.
    pub(super) fn change_time(&mut self) -> String {
        let now = schema::stamp(self.now());
        self.saw(&now);
        self.latest.clone()
    }

    /// A stamp that the book's history holds.
    fn saw(&mut self, stamp: &str) {
        if stamp > self.latest.as_str() {
            stamp.clone_into(&mut self.latest);
        }
    }
}
