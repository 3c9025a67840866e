//! A file to read, and what was read of it.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use tieout_domain::ledger::LedgerAccount;

use crate::traits::Rejection;

/// A file to read.
#[derive(Clone, Debug)]
pub struct FileSource {
    /// Where it is.
    pub path: PathBuf,
    /// When it was received (the clock of the caller), for the evidence.
    pub received_at: DateTime<Utc>,
    /// The day of judgement: no document is dated more than a year after it.
    pub judged_on: NaiveDate,
    /// Rows to a page.
    pub page_rows: u32,
}

impl FileSource {
    /// The file at `path`, in pages of 5,000 rows, judged on the day on which it was received.
    #[must_use]
    pub fn new(path: impl AsRef<Path>, received_at: DateTime<Utc>) -> Self {
        let judged_on = received_at.date_naive();
        Self { path: path.as_ref().to_owned(), received_at, judged_on, page_rows: 5_000 }
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
