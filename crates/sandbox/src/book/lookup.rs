//! What the servers ask the book about its master data.

use chrono::{DateTime, NaiveDateTime, Utc};
use rusqlite::{OptionalExtension, Row, ToSql};

use super::schema::unmarked;
use super::{Book, BookError};

/// A reference to a record: internal id and name.
pub(crate) type Reference = (i64, String);

/// A period as REST shows it.
#[derive(Clone, Debug)]
pub(crate) struct PeriodRow {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) kind: String,
    /// `YYYY-MM-DD`.
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) closed: bool,
    pub(crate) all_locked: bool,
    pub(crate) ar_locked: bool,
    pub(crate) ap_locked: bool,
    pub(crate) closed_on: Option<DateTime<Utc>>,
}

/// A customer as REST shows it.
#[derive(Clone, Debug)]
pub(crate) struct CustomerRow {
    pub(crate) id: i64,
    pub(crate) external_id: Option<String>,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) subsidiary: Reference,
}

/// What REST shows of a journal besides its [`super::BookedEntry`].
#[derive(Clone, Debug)]
pub(crate) struct EntryNames {
    pub(crate) subsidiary: Reference,
    pub(crate) currency: Reference,
    pub(crate) period: Reference,
    pub(crate) created: DateTime<Utc>,
    pub(crate) modified: DateTime<Utc>,
    pub(crate) reversed_by: Option<i64>,
    /// Per line: account, customer.
    pub(crate) lines: Vec<(Reference, Option<Reference>)>,
    /// Decimals of the transaction currency.
    pub(crate) exponent: u32,
}

/// How a record is named in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key<'a> {
    Internal(i64),
    External(&'a str),
}

impl<'a> Key<'a> {
    /// `123` or `eid:KEY`.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        match text.strip_prefix("eid:") {
            Some(key) => Some(Self::External(key)),
            None => text.parse().ok().map(Self::Internal),
        }
    }

    fn condition(self) -> (&'static str, Box<dyn ToSql + 'a>) {
        match self {
            Self::Internal(id) => ("e.id = ?", Box::new(id)),
            Self::External(key) => ("e.external = ?", Box::new(key)),
        }
    }
}

/// A stored stamp as an instant.
fn instant(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(unmarked(text), "%Y-%m-%d %H:%M:%S").unwrap_or_default().and_utc()
}

fn day(text: &str) -> String {
    unmarked(text).get(..10).unwrap_or_default().to_owned()
}

impl Book {
    /// The transaction currency of a new entry and its decimals; the subsidiary's own when `asked` is absent.
    pub(crate) fn currency_for(&self, subsidiary: i64, asked: Option<i64>) -> Result<(i64, u32), BookError> {
        let book = self.lock();
        let found = book
            .connection
            .prepare_cached(
                "SELECT c.id, c.exponent FROM b_subsidiary s JOIN b_currency c ON c.id = COALESCE(?2,
                s.currency)
                 WHERE s.id = ?1",
            )?
            .query_row((subsidiary, asked), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let known: bool = book
            .connection
            .prepare_cached("SELECT 1 FROM b_subsidiary WHERE id = ?")?
            .exists([subsidiary])?;
        match (found, known) {
            (Some(found), _) => Ok(found),
            (None, false) => Err(BookError::unknown("subsidiary", subsidiary)),
            (None, true) => Err(BookError::unknown("currency", asked.unwrap_or_default())),
        }
    }

    /// The currency with this ISO code or name.
    pub(crate) fn currency_named(&self, name: &str) -> Result<i64, BookError> {
        self.lock()
            .connection
            .prepare_cached("SELECT id FROM b_currency WHERE symbol = ?1 OR name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?
            .ok_or_else(|| BookError::unknown("currency", name))
    }

    /// Internal id of the journal with this key.
    pub(crate) fn entry_id(&self, key: Key<'_>) -> Result<Option<i64>, BookError> {
        let (condition, value) = key.condition();
        let sql = format!("SELECT e.id FROM b_entry e WHERE e.kind = 'Journal' AND {condition}");
        Ok(self.lock().connection.prepare_cached(&sql)?.query_row([value], |row| row.get(0)).optional()?)
    }

    pub(crate) fn entry_names(&self, id: i64) -> Result<Option<EntryNames>, BookError> {
        let book = self.lock();
        let header = book
            .connection
            .prepare_cached(
                "SELECT s.id, s.name, c.id, c.name, p.id, p.name, e.created, e.modified, e.reversed_by,
                c.exponent
                 FROM b_entry e JOIN b_subsidiary s ON s.id = e.subsidiary JOIN b_currency c ON c.id =
                 e.currency
                 JOIN b_period p ON p.id = e.period WHERE e.id = ?",
            )?
            .query_row([id], |row| {
                Ok(EntryNames {
                    subsidiary: (row.get(0)?, row.get(1)?),
                    currency: (row.get(2)?, row.get(3)?),
                    period: (row.get(4)?, row.get(5)?),
                    created: instant(&row.get::<_, String>(6)?),
                    modified: instant(&row.get::<_, String>(7)?),
                    reversed_by: row.get(8)?,
                    lines: Vec::new(),
                    exponent: row.get(9)?,
                })
            })
            .optional()?;
        let Some(mut names) = header else { return Ok(None) };
        names.lines = book
            .connection
            .prepare_cached(
                "SELECT a.id, a.number || ' ' || a.name, c.id, c.name FROM b_line l JOIN b_account a
                 ON a.id = l.account LEFT JOIN b_customer c ON c.id = l.entity WHERE l.entry = ? ORDER BY
                 l.seq",
            )?
            .query_map([id], |row| {
                let customer: Option<i64> = row.get(2)?;
                let name: Option<String> = row.get(3)?;
                Ok(((row.get(0)?, row.get(1)?), customer.zip(name)))
            })?
            .collect::<Result<_, _>>()?;
        Ok(Some(names))
    }

    pub(crate) fn customer(&self, key: Key<'_>) -> Result<Option<CustomerRow>, BookError> {
        let (condition, value) = key.condition();
        let sql = format!(
            "SELECT e.id, e.external, e.name, e.email, s.id, s.name FROM b_customer e
             JOIN b_subsidiary s ON s.id = e.subsidiary WHERE {condition}"
        );
        let book = self.lock();
        let mut statement = book.connection.prepare_cached(&sql)?;
        let found = statement.query_row([value], |row| {
            Ok(CustomerRow {
                id: row.get(0)?,
                external_id: row.get(1)?,
                name: row.get(2)?,
                email: row.get(3)?,
                subsidiary: (row.get(4)?, row.get(5)?),
            })
        });
        Ok(found.optional()?)
    }

    /// All periods, months before quarters before years.
    pub(crate) fn periods(&self) -> Result<Vec<PeriodRow>, BookError> {
        let book = self.lock();
        let mut statement = book.connection.prepare_cached(
            "SELECT id, name, kind, first, last, closed, all_locked, ar_locked, ap_locked, closed_on
             FROM b_period ORDER BY id",
        )?;
        let rows = statement.query_map([], period_row)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

fn period_row(row: &Row<'_>) -> rusqlite::Result<PeriodRow> {
    Ok(PeriodRow {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        first: day(&row.get::<_, String>(3)?),
        last: day(&row.get::<_, String>(4)?),
        closed: row.get(5)?,
        all_locked: row.get(6)?,
        ar_locked: row.get(7)?,
        ap_locked: row.get(8)?,
        closed_on: row.get::<_, Option<String>>(9)?.map(|text| instant(&text)),
    })
}
