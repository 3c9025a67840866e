//! Why the book refuses.

use std::fmt;

/// Why the book refuses something.
#[derive(Debug)]
pub enum BookError {
    /// No record of this kind has this key.
    Unknown {
        /// `account`, `subsidiary`, `entity`, `postingPeriod`, `currency`, `journalEntry`.
        what: &'static str,
        /// The key that was given.
        key: String,
    },
    /// Another record has this external id.
    DuplicateExternalId(String),
    /// The lines do not sum to zero; the difference in minor units of the transaction currency.
    Unbalanced(i128),
    /// An entry needs at least two lines with amounts.
    TooFewLines,
    /// An amount or a rate is not possible.
    BadAmount(String),
    /// The period is closed, or locked for what the entry touches.
    PeriodClosed,
    /// The entry is approved; that is final.
    AlreadyApproved,
    /// The database or the record file failed.
    Storage(String),
}

impl BookError {
    /// Stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown_reference",
            Self::DuplicateExternalId(_) => "duplicate_external_id",
            Self::Unbalanced(_) => "unbalanced",
            Self::TooFewLines => "too_few_lines",
            Self::BadAmount(_) => "bad_amount",
            Self::PeriodClosed => "period_closed",
            Self::AlreadyApproved => "already_approved",
            Self::Storage(_) => "storage",
        }
    }

    pub(crate) fn unknown(what: &'static str, key: impl fmt::Display) -> Self {
        Self::Unknown { what, key: key.to_string() }
    }
}

impl fmt::Display for BookError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { what, key } => write!(formatter, "there is no {what} {key}"),
            Self::DuplicateExternalId(key) => write!(formatter, "external id {key} exists already"),
            Self::Unbalanced(difference) => {
                write!(formatter, "debit minus credit is {difference} minor units, not 0")
            }
            Self::TooFewLines => formatter.write_str("an entry needs at least two lines"),
            Self::BadAmount(what) => write!(formatter, "bad amount: {what}"),
            Self::PeriodClosed => formatter.write_str("the period is closed or locked"),
            Self::AlreadyApproved => formatter.write_str("the entry is approved already"),
            Self::Storage(what) => write!(formatter, "the book's storage failed: {what}"),
        }
    }
}

impl std::error::Error for BookError {}

impl From<rusqlite::Error> for BookError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<std::io::Error> for BookError {
    fn from(error: std::io::Error) -> Self {
        Self::Storage(error.to_string())
    }
}
