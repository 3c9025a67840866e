//! SuiteQL: a query in NetSuite's dialect is checked, rewritten where SQLite differs, really run on the book,
//! and answered in the vendor's value formats: every value a text, dates in the account's format, numbers in
//! shortest form.

mod functions;
mod rewrite;

use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use chrono::NaiveDateTime;
use rusqlite::types::ValueRef;
use rust_decimal::Decimal;

use crate::book::Book;
use crate::book::schema::DATE_MARK;

/// The most rows that one query gives, over all its pages (vendor's documented limit).
pub const MAX_ROWS: usize = 100_000;
/// How many answers are kept while the book does not change, so that paging does not run a query again.
const KEPT: usize = 4;

/// How the account writes dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DateFormat {
    /// `11/23/2026`
    #[default]
    MonthDayYear,
    /// `23/11/2026`
    DayMonthYear,
    /// `2026-11-23`
    Iso,
}

impl DateFormat {
    fn pattern(self) -> &'static str {
        match self {
            Self::MonthDayYear => "%-m/%-d/%Y",
            Self::DayMonthYear => "%-d/%-m/%Y",
            Self::Iso => "%Y-%m-%d",
        }
    }
}

/// All rows of an answer (at most [`MAX_ROWS`]).
#[derive(Debug)]
pub struct Answer {
    /// Column names in lower case.
    pub columns: Vec<String>,
    /// Rows; a null is `None`.
    pub rows: Vec<Vec<Option<Box<str>>>>,
}

/// Runs queries on one book.
pub struct SuiteQl {
    book: Book,
    dates: DateFormat,
    kept: Mutex<VecDeque<(u64, String, Arc<Answer>)>>,
    /// The role may not see what was deleted.
    deletions_hidden: AtomicBool,
    /// Records and fields that the account does not have.
    lacking: Vec<&'static str>,
    /// Records that the role may not see.
    unseen: Mutex<Vec<String>>,
}

impl SuiteQl {
    /// For this book; registers the dialect's functions on it.
    ///
    /// # Errors
    /// When a function cannot be registered.
    pub fn new(book: Book, dates: DateFormat, lacking: Vec<&'static str>) -> rusqlite::Result<Self> {
        functions::register(&book.lock().connection, dates)?;
        Ok(Self {
            book,
            dates,
            kept: Mutex::default(),
            deletions_hidden: AtomicBool::new(false),
            lacking,
            unseen: Mutex::default(),
        })
    }

    /// From now on the role may not see what was deleted.
    pub fn hide_deletions(&self) {
        self.deletions_hidden.store(true, Ordering::Relaxed);
    }

    /// From now on the role may not see records of this name.
    pub fn hide(&self, record: &str) {
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).push(record.to_owned());
    }

    /// Runs a query.
    ///
    /// # Errors
    /// What the dialect does not allow, in words.
    pub fn run(&self, query: &str) -> Result<Arc<Answer>, String> {
        let hidden = self.deletions_hidden.load(Ordering::Relaxed);
        if hidden && query.to_lowercase().contains("deletedrecord") {
            return Err("Record 'deletedrecord' was not found.".to_owned());
        }
        let unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        rewrite::refuse(query, &self.lacking, &unseen)?;
        let book = self.book.lock();
        {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let same = kept.iter().find(|(version, text, _)| *version == book.version && text == query);
            if let Some((_, _, answer)) = same {
                return Ok(Arc::clone(answer));
            }
        }
        let sql = rewrite::rewrite(query)?;
        let answer = Arc::new(self.read(&book.connection, &sql).map_err(|error| error.to_string())?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(version, _, _)| *version == book.version);
        kept.push_back((book.version, query.to_owned(), Arc::clone(&answer)));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(answer)
    }

    fn read(&self, connection: &rusqlite::Connection, sql: &str) -> rusqlite::Result<Answer> {
        let mut statement = connection.prepare(sql)?;
        if !statement.readonly() {
            return Err(rusqlite::Error::InvalidQuery);
        }
        let columns: Vec<String> = statement.column_names().iter().map(|name| name.to_lowercase()).collect();
        let mut answer = Answer { columns, rows: Vec::new() };
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if answer.rows.len() == MAX_ROWS {
                break;
            }
            let width = answer.columns.len();
            let values = (0..width).map(|column| Ok(text_of(row.get_ref(column)?, self.dates)));
            answer.rows.push(values.collect::<rusqlite::Result<_>>()?);
        }
        Ok(answer)
    }
}

fn text_of(value: ValueRef<'_>, dates: DateFormat) -> Option<Box<str>> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string().into()),
        ValueRef::Real(number) => Some(number_text(&format!("{number:.14e}")).into()),
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            // Oracle, and so SuiteQL, knows no empty text: it is null.
            (!text.is_empty()).then(|| date_text(&text, dates).unwrap_or_else(|| text.into()))
        }
        ValueRef::Blob(_) => None,
    }
}

/// A number in scientific notation with 15 digits as a plain decimal without needless zeros.
pub(super) fn number_text(scientific: &str) -> String {
    match Decimal::from_scientific(scientific).or_else(|_| Decimal::from_str(scientific)) {
        Ok(decimal) => decimal.normalize().to_string(),
        Err(_) => scientific.to_owned(),
    }
}

/// A stored date in the account's format; `None` for other texts.
fn date_text(text: &str, dates: DateFormat) -> Option<Box<str>> {
    let instant = NaiveDateTime::parse_from_str(text.strip_prefix(DATE_MARK)?, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(instant.format(dates.pattern()).to_string().into())
}
