//! What a proposed mapping rests on.

use chrono::NaiveDate;
use tieout_domain::Currency;

use crate::{
    db::Db,
    error::Result,
    suggest::{self, BookedDocument, ChartAccount, LedgerBook, LedgerRate, Year},
};

impl Db {
    /// The accounts of all ledgers, of their charts and of their entries, by connection and code.
    ///
    /// # Errors
    /// A database error.
    pub fn chart(&self) -> Result<Vec<ChartAccount>> {
        suggest::chart(self)
    }

    /// The legal entities of all ledgers with the currencies of their books, the most used first.
    ///
    /// # Errors
    /// A database error.
    pub fn ledger_books(&self) -> Result<Vec<LedgerBook>> {
        suggest::books(self)
    }

    /// The twelve months that end with the newest final document; `None` where there is none.
    ///
    /// # Errors
    /// A database error.
    pub fn last_year_of_billing(&self) -> Result<Option<Year>> {
        suggest::last_year(self)
    }

    /// Hands over each final document of a year with its lines and the entries that name it, one after the
    /// other.
    ///
    /// # Errors
    /// A database error.
    pub fn each_booked(&self, year: Year, visit: impl FnMut(BookedDocument)) -> Result<()> {
        suggest::each(self, year, visit)
    }

    /// The rates by which a ledger booked in a year, the first of each month.
    ///
    /// # Errors
    /// A database error.
    pub fn ledger_rates(&self, year: Year) -> Result<Vec<LedgerRate>> {
        suggest::rates(self, year)
    }

    /// The currencies in which anything was billed, and the day of the first document.
    ///
    /// # Errors
    /// A database error.
    pub fn billed_currencies(&self) -> Result<(Vec<Currency>, Option<NaiveDate>)> {
        suggest::billed(self)
    }
}
