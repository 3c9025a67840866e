//! How values cross between Rust and the database: instants as Unix milliseconds UTC, dates as
//! `YYYY-MM-DD`, decimals and names as text.

use std::{error::Error, fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rusqlite::{
    Row,
    types::{Type, Value},
};

/// Unix milliseconds of an instant.
pub(crate) fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The instant at which a day (UTC) has ended.
pub(crate) fn end_of(day: NaiveDate) -> DateTime<Utc> {
    day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN).and_utc()
}

/// Unix milliseconds of an instant that may be absent.
pub(crate) fn ms_opt(at: Option<DateTime<Utc>>) -> Option<i64> {
    at.map(ms)
}

#[derive(Debug)]
struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stored value \"{}\" cannot be read", self.0)
    }
}

impl Error for Unreadable {}

pub(crate) fn unreadable(text: impl ToString) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(Unreadable(text.to_string())))
}

/// The instant of Unix milliseconds.
pub(crate) fn instant(ms: i64) -> rusqlite::Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(ms).ok_or_else(|| unreadable(ms))
}

/// The column as an instant.
pub(crate) fn at(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<Utc>> {
    instant(row.get(column)?)
}

/// The column as an instant that may be absent.
pub(crate) fn at_opt(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<DateTime<Utc>>> {
    row.get::<_, Option<i64>>(column)?.map(instant).transpose()
}

/// A stored text as a value that reads itself (ids, codes, currencies, decimals, dates).
pub(crate) fn parsed<T: FromStr>(text: &str) -> rusqlite::Result<T> {
    text.parse().map_err(|_| unreadable(text))
}

/// The column as a value that reads itself.
pub(crate) fn text<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    parsed(row.get_ref(column)?.as_str()?)
}

/// The column as a value that reads itself and may be absent.
pub(crate) fn text_opt<T: FromStr>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    row.get_ref(column)?.as_str_or_null()?.map(parsed).transpose()
}

/// The column as one of a closed set of names.
pub(crate) fn named<T>(row: &Row<'_>, column: &str, parse: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let name = row.get_ref(column)?.as_str()?;
    parse(name).ok_or_else(|| unreadable(name))
}

/// The column as 32 bytes.
pub(crate) fn bytes32(row: &Row<'_>, column: &str) -> rusqlite::Result<[u8; 32]> {
    let bytes = row.get_ref(column)?.as_blob()?;
    bytes.try_into().map_err(|_| unreadable(format!("{} bytes where 32 belong", bytes.len())))
}

/// A date as stored.
pub(crate) fn date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

/// A closed set of names as stored.
macro_rules! stored_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The one of this stable name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}
pub(crate) use stored_enum;

/// Rows that one statement asks for by their keys; more are asked for by several.
pub(crate) const AT_ONCE: usize = 500;

/// As many `?`, for as many values.
pub(crate) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// The pattern of what contains a text, for `LIKE ? ESCAPE '\\'`.
pub(crate) fn containing(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// Conditions with a `?` for each value, in order.
#[derive(Clone, Default)]
pub(crate) struct Where {
    parts: Vec<String>,
    pub values: Vec<Value>,
}

impl Where {
    /// One more condition, with its value.
    pub fn and(&mut self, part: &str, value: impl Into<Value>) {
        self.parts.push(part.to_owned());
        self.values.push(value.into());
    }

    /// Any of the columns is this text.
    pub fn either(&mut self, columns: &[&str], text: &str) {
        let each: Vec<String> = columns.iter().map(|c| format!("{c} = ?")).collect();
        self.parts.push(format!("({})", each.join(" OR ")));
        self.values.extend(columns.iter().map(|_| Value::from(text.to_owned())));
    }

    /// Any of the columns contains the words.
    pub fn contains(&mut self, columns: &[&str], words: &str) {
        let each: Vec<String> = columns.iter().map(|c| format!("{c} LIKE ? ESCAPE '\\'")).collect();
        self.parts.push(format!("({})", each.join(" OR ")));
        self.values.extend(columns.iter().map(|_| Value::from(containing(words))));
    }

    /// The whole condition.
    pub fn sql(&self) -> String {
        if self.parts.is_empty() { "1 = 1".to_owned() } else { self.parts.join(" AND ") }
    }

    /// The values, with those of a window's `LIMIT ? OFFSET ?`.
    pub fn window(&self, start: u64, limit: u32) -> Vec<Value> {
        let mut values = self.values.clone();
        values.push(i64::from(limit).into());
        values.push(i64::try_from(start).unwrap_or(i64::MAX).into());
        values
    }
}
