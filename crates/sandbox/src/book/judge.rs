//! What tests ask the book, in exact minor units, past every dialect.

use std::io;

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::schema::unmarked;
use super::{Book, BookError, Inner};

/// An entry as it stands in the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedEntry {
    /// Internal id.
    pub id: i64,
    /// External id.
    pub external_id: Option<String>,
    /// Subsidiary (internal id).
    pub subsidiary: i64,
    /// Transaction date.
    pub date: NaiveDate,
    /// Posting period, `YYYY-MM`.
    pub period: String,
    /// NetSuite's number: 1 pending, 2 approved, 3 rejected. Only 2 counts.
    pub approval: u8,
    /// Header memo, empty when none.
    pub memo: String,
    /// ISO code of the transaction currency.
    pub currency: String,
    /// Functional per transaction currency, a decimal as text.
    pub rate: String,
    /// The entry that this one reverses.
    pub reverses: Option<i64>,
    /// Lines in order.
    pub lines: Vec<BookedLine>,
}

impl BookedEntry {
    /// Whether it counts.
    #[must_use]
    pub fn is_booked(&self) -> bool {
        self.approval == 2
    }

    /// Debit minus credit on an account (number), minor units of the transaction currency.
    #[must_use]
    pub fn amount_on(&self, account: &str) -> i64 {
        self.lines.iter().filter(|line| line.account == account).map(|line| line.amount).sum()
    }
}

/// A line of a booked entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedLine {
    /// Account number.
    pub account: String,
    /// Minor units of the transaction currency, debit positive.
    pub amount: i64,
    /// Minor units of the functional currency, debit positive.
    pub functional: i64,
    /// Line memo.
    pub memo: Option<String>,
    /// External id of the customer.
    pub customer: Option<String>,
}

const ENTRY: &str = "SELECT e.id, e.external, e.subsidiary, e.date, p.first, e.approval, \
                     COALESCE(e.memo, ''), \
                     c.symbol, e.rate, e.reverses FROM b_entry e JOIN b_period p ON p.id = e.period \
                     JOIN b_currency c ON c.id = e.currency";

impl Book {
    /// Entries with this external id: none or one.
    ///
    /// # Errors
    /// When the storage fails; so for all the judge's functions.
    pub fn entries_by_external_id(&self, external: &str) -> Result<Vec<BookedEntry>, BookError> {
        self.lock().entries("e.external = ?1", external)
    }

    /// Entries whose memo's first token is this reference.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn entries_by_reference(&self, reference: &str) -> Result<Vec<BookedEntry>, BookError> {
        self.lock().entries("e.reference = ?1", reference)
    }

    /// Entries that do not count: pending or rejected.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn drafts(&self) -> Result<Vec<BookedEntry>, BookError> {
        self.lock().entries("e.approval <> 2 AND ?1 = ''", "")
    }

    /// Entries with an external id that starts like this, in order of booking.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn entries_with_prefix(&self, prefix: &str) -> Result<Vec<BookedEntry>, BookError> {
        self.lock().entries("substr(e.external, 1, length(?1)) = ?1", prefix)
    }

    /// The internal id of the newest entry; 0 where there is none.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn newest(&self) -> Result<i64, BookError> {
        let book = self.lock();
        Ok(book.connection.query_row("SELECT COALESCE(max(id), 0) FROM b_entry", [], |row| row.get(0))?)
    }

    /// An entry by its internal id.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn entry(&self, id: i64) -> Result<Option<BookedEntry>, BookError> {
        self.lock().entry(id)
    }

    /// Number of entries, drafts included.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn count(&self) -> Result<u64, BookError> {
        let count: i64 =
            self.lock().connection.query_row("SELECT COUNT(*) FROM b_entry", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Debit minus credit in functional minor units, of what counts, on an account (number), in a subsidiary
    /// (internal id) and a period (`YYYY-MM`).
    ///
    /// # Errors
    /// When the storage fails.
    pub fn balance(&self, account: &str, subsidiary: i64, period: &str) -> Result<i64, BookError> {
        Ok(self.lock().connection.query_row(
            "SELECT COALESCE(SUM(l.func), 0) FROM b_entry e JOIN b_line l ON l.entry = e.id
             JOIN b_account a ON a.id = l.account JOIN b_period p ON p.id = e.period
             WHERE e.approval = 2 AND a.number = ?1 AND l.subsidiary = ?2 AND substr(p.first, 2, 7) = ?3",
            params![account, subsidiary, period],
            |row| row.get(0),
        )?)
    }

    /// Internal id of the customer with this external id.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn customer_id(&self, external: &str) -> Result<Option<i64>, BookError> {
        let book = self.lock();
        let mut statement = book.connection.prepare_cached("SELECT id FROM b_customer WHERE external = ?")?;
        Ok(statement.query_row([external], |row| row.get(0)).optional()?)
    }

    /// The subsidiary (internal id) in which the customer with this external id was made.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn customer_subsidiary(&self, external: &str) -> Result<Option<i64>, BookError> {
        let book = self.lock();
        let mut statement =
            book.connection.prepare_cached("SELECT subsidiary FROM b_customer WHERE external = ?")?;
        Ok(statement.query_row([external], |row| row.get(0)).optional()?)
    }

    /// Writes every line of every entry as CSV with a header, in order of booking.
    ///
    /// # Errors
    /// When the storage or the writer fails.
    pub fn write_csv(&self, out: impl io::Write) -> Result<(), BookError> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record([
            "id",
            "external_id",
            "subsidiary",
            "date",
            "period",
            "approval",
            "memo",
            "currency",
            "rate",
            "line",
            "account",
            "amount_minor",
            "functional_minor",
        ])
        .map_err(|error| BookError::Storage(error.to_string()))?;
        let book = self.lock();
        let mut statement = book.connection.prepare(
            "SELECT e.id, e.external, e.subsidiary, substr(e.date, 2, 10), substr(p.first, 2, 7),
            e.approval, e.memo,
             c.symbol, e.rate, l.seq, a.number, l.txn, l.func FROM b_entry e JOIN b_line l ON l.entry = e.id
             JOIN b_account a ON a.id = l.account JOIN b_period p ON p.id = e.period
             JOIN b_currency c ON c.id = e.currency ORDER BY e.id, l.seq",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut fields = Vec::with_capacity(13);
            for column in 0..13 {
                fields.push(match row.get::<_, rusqlite::types::Value>(column)? {
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    rusqlite::types::Value::Text(text) => text,
                    rusqlite::types::Value::Null
                    | rusqlite::types::Value::Real(_)
                    | rusqlite::types::Value::Blob(_) => String::new(),
                });
            }
            csv.write_record(&fields).map_err(|error| BookError::Storage(error.to_string()))?;
        }
        csv.flush()?;
        Ok(())
    }
}

impl Inner {
    pub(crate) fn entry(&self, id: i64) -> Result<Option<BookedEntry>, BookError> {
        Ok(self.entries("e.id = CAST(?1 AS INTEGER)", &id.to_string())?.pop())
    }

    fn entries(&self, condition: &str, parameter: &str) -> Result<Vec<BookedEntry>, BookError> {
        let mut statement =
            self.connection.prepare_cached(&format!("{ENTRY} WHERE {condition} ORDER BY e.id"))?;
        let mut entries = statement.query_map([parameter], header)?.collect::<Result<Vec<_>, _>>()?;
        let mut lines = self.connection.prepare_cached(
            "SELECT a.number, l.txn, l.func, l.memo, c.external FROM b_line l JOIN b_account a ON a.id =
            l.account
             LEFT JOIN b_customer c ON c.id = l.entity WHERE l.entry = ? ORDER BY l.seq",
        )?;
        for entry in &mut entries {
            entry.lines = lines
                .query_map([entry.id], |row| {
                    Ok(BookedLine {
                        account: row.get(0)?,
                        amount: row.get(1)?,
                        functional: row.get(2)?,
                        memo: row.get(3)?,
                        customer: row.get(4)?,
                    })
                })?
                .collect::<Result<Vec<_>, _>>()?;
        }
        Ok(entries)
    }
}

fn header(row: &Row<'_>) -> rusqlite::Result<BookedEntry> {
    let date: String = row.get(3)?;
    let period: String = row.get(4)?;
    let day = unmarked(&date).get(..10).unwrap_or_default();
    Ok(BookedEntry {
        id: row.get(0)?,
        external_id: row.get(1)?,
        subsidiary: row.get(2)?,
        date: day.parse().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(3, rusqlite::types::Type::Text, Box::new(error))
        })?,
        period: unmarked(&period).get(..7).unwrap_or_default().to_owned(),
        approval: row.get(5)?,
        memo: row.get(6)?,
        currency: row.get(7)?,
        rate: row.get(8)?,
        reverses: row.get(9)?,
        lines: Vec::new(),
    })
}
