//! Billing lines, general-ledger detail and periods from files: CSV (also gzipped) or XLSX.
//!
//! A file is read twice. The first reading checks it whole (a truncated gzip, a missing column or an
//! unclosed quote delivers nothing) and counts the rows of each document, so that the second can deliver a
//! document with the page that holds its last row, wherever its rows are scattered. Memory holds the
//! documents that are still incomplete, not the file.
//!
//! Bad rows are kept aside as [`Rejection`]s with their row number. A document with a bad row would be
//! understated without it, so all of its rows are kept aside (`document_incomplete` for the good ones).
//!
//! Row numbers are those that a spreadsheet shows: the header is row 1, a quoted line break starts no row.

mod billing;
mod content;
mod date;
mod gl;
mod group;
mod map;
mod map_text;
mod number;
mod periods;
mod role;
mod rows;
mod xlsx;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tieout_domain::{
    document::Canonical,
    ledger::{LedgerAccount, LedgerEntry, PeriodReading},
};

use crate::{Page, Rejection};

pub use date::DateFormats;
pub use map::{
    BillingRules, BillingSign, ColumnMap, CountryRule, Encoding, FileFormat, LedgerRules, LedgerSign,
    LineAmount, MapEntity, MapError, MapRules, TaxMode, Words,
};
pub use number::{Exact, Negative, NumberFormat};
pub use role::{MapKind, Role};

/// A file to read.
#[derive(Clone, Debug)]
pub struct FileSource {
    /// Where it is.
    pub path: PathBuf,
    /// When it was received (the clock of the caller), for the evidence.
    pub received_at: DateTime<Utc>,
    /// Rows to a page.
    pub page_rows: u32,
}

impl FileSource {
    /// The file at `path`, in pages of 5,000 rows.
    #[must_use]
    pub fn new(path: impl AsRef<Path>, received_at: DateTime<Utc>) -> Self {
        Self { path: path.as_ref().to_owned(), received_at, page_rows: 5_000 }
    }
}

/// What was read, once a file has come to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// SHA-256 (hex) of the file's bytes.
    pub file_sha256: String,
    /// Rows, without the header.
    pub rows: u64,
    /// Documents, journals or periods delivered.
    pub items: u64,
    /// Rows kept aside.
    pub rejected_rows: u64,
    /// Documents or journals of which rows were kept aside.
    pub rejected_items: u64,
    /// The first [`Summary::LISTED`] of the rejections; the pages held all of them.
    pub rejections: Vec<Rejection>,
    /// The accounts that a ledger names, each as in the first row that has it.
    pub accounts: Vec<LedgerAccount>,
}

impl Summary {
    /// How many rejections a summary lists.
    pub const LISTED: usize = 1_000;
}

/// Why a file could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The system could not read it.
    #[error("{file} cannot be read: {message}")]
    Io {
        /// The file's name.
        file: String,
        /// The system's words.
        message: String,
    },
    /// Nothing in it.
    #[error("{0} is empty: a header row and data were expected")]
    Empty(String),
    /// The gzip stream ends early or is damaged.
    #[error("{0} is a damaged or truncated gzip file: fetch it again; nothing was taken from it")]
    Truncated(String),
    /// Neither CSV nor XLSX.
    #[error("{file} is no CSV or XLSX file: {message}")]
    NotAFile {
        /// The file's name.
        file: String,
        /// What it looks like.
        message: String,
    },
    /// The workbook is damaged or has no such sheet.
    #[error("the workbook {file} cannot be read: {message}")]
    Workbook {
        /// The file's name.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// Columns that the map names are not in the header.
    #[error("{file} has no column {}; its header has: {}", quoted(.missing), quoted(.present))]
    MissingColumns {
        /// The file's name.
        file: String,
        /// Named by the map, absent in the header.
        missing: Vec<String>,
        /// What the header has.
        present: Vec<String>,
    },
    /// The header has a needed column twice.
    #[error("{file} has the column \"{column}\" twice: which one is meant cannot be told")]
    DuplicateColumn {
        /// The file's name.
        file: String,
        /// The column.
        column: String,
    },
    /// A quote that is never closed swallows the rest of the file.
    #[error("{file}: row {row} opens a quote that is never closed; nothing was taken from the file")]
    UnclosedQuote {
        /// The file's name.
        file: String,
        /// The row.
        row: u64,
    },
    /// Someone wrote to it while it was read.
    #[error("{0} changed while it was read: import it again")]
    Changed(String),
    /// A billing map for a ledger file, or the reverse.
    #[error("the column map is for {got} files; a map of kind \"{wanted}\" is needed here")]
    WrongMap {
        /// The kind that was needed.
        wanted: &'static str,
        /// The map's kind.
        got: &'static str,
    },
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ")
}

impl FileError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            FileError::Io { .. } => "file_io",
            FileError::Empty(_) => "file_empty",
            FileError::Truncated(_) => "file_truncated",
            FileError::NotAFile { .. } => "file_not_text",
            FileError::Workbook { .. } => "file_workbook",
            FileError::MissingColumns { .. } => "file_missing_columns",
            FileError::DuplicateColumn { .. } => "file_duplicate_column",
            FileError::UnclosedQuote { .. } => "file_unclosed_quote",
            FileError::Changed(_) => "file_changed",
            FileError::WrongMap { .. } => "file_wrong_map",
        }
    }
}

/// Reads billing lines and hands documents to `sink`, page by page. The body of a page holds the header and
/// the page's rows byte for byte; a document comes with the page of its last row.
///
/// # Errors
/// [`FileError`] as `E` before any page is delivered, or the first error of `sink`.
pub fn read_billing<E: From<FileError>>(
    source: &FileSource,
    map: &ColumnMap,
    sink: impl FnMut(Page<Canonical>) -> Result<(), E>,
) -> Result<Summary, E> {
    let assembler = billing::Billing::new(map)?;
    group::read(source, map, assembler, sink)
}

/// Reads general-ledger detail and hands journals to `sink`, page by page, as [`read_billing`] does.
///
/// # Errors
/// As [`read_billing`].
pub fn read_gl<E: From<FileError>>(
    source: &FileSource,
    map: &ColumnMap,
    sink: impl FnMut(Page<LedgerEntry>) -> Result<(), E>,
) -> Result<Summary, E> {
    let assembler = gl::Ledger::new(map)?;
    group::read(source, map, assembler, sink)
}

/// Reads accounting periods: a file with the columns `Entity`, `Period`, `Starts`, `Ends`, `Status` and
/// optionally `ClosedAt` (UTC, RFC 3339), in any order and case. It needs no map.
///
/// # Errors
/// As [`read_billing`].
pub fn read_periods<E: From<FileError>>(
    source: &FileSource,
    sink: impl FnMut(Page<PeriodReading>) -> Result<(), E>,
) -> Result<Summary, E> {
    periods::read(source, sink)
}
