//! The log as it grows; what proves it is in `verify`.

use tieout_evidence::{LogDraft, LogEntry, LogHead};

use crate::{
    db::{Db, Tx},
    error::Result,
    table::log,
};

impl Db {
    /// All entries about one subject, in order.
    ///
    /// # Errors
    /// A database error.
    pub fn log_of(&self, subject: &str) -> Result<Vec<LogEntry>> {
        log::about(self, subject)
    }

    /// The end of the log.
    ///
    /// # Errors
    /// A database error.
    pub fn log_head(&self) -> Result<LogHead> {
        log::head(self)
    }
}

impl Tx<'_> {
    /// Appends an entry that reports something outside the store's other methods (an export, a refused
    /// attempt).
    ///
    /// # Errors
    /// `log_bad_signature`.
    pub fn append_log(&self, draft: &LogDraft<'_>) -> Result<i64> {
        log::append(self, draft)
    }
}
