//! The log as it grows; what proves it is in `verify`.

use tieout_evidence::{LogDraft, LogEntry, LogHead};

use crate::{
    db::{Db, Tx},
    error::Result,
    table::log,
};

/// How the log stands to an end of it that was kept elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadHeld {
    /// It holds that entry, and may have grown since.
    Yes,
    /// It ends before it.
    Shorter,
    /// It went another way: the entry of this number is another one.
    Other,
}

impl Db {
    /// Whether the log holds this end. It asks for one entry only: whether the chain leads there is what
    /// [`Db::verify_log_with`] finds.
    ///
    /// # Errors
    /// A database error.
    pub fn log_holds(&self, head: &LogHead) -> Result<HeadHeld> {
        if head.number == 0 {
            let same = log::genesis(self)?.hash == head.hash;
            return Ok(if same { HeadHeld::Yes } else { HeadHeld::Other });
        }
        let entry = log::of_numbers(self, &[head.number])?.remove(&head.number);
        Ok(match entry {
            Some(entry) if entry.hash == head.hash => HeadHeld::Yes,
            Some(_) => HeadHeld::Other,
            None if log::head(self)?.number < head.number => HeadHeld::Shorter,
            None => HeadHeld::Other,
        })
    }

    /// Hands every entry to `each`, in the order of their numbers; one that cannot be read is left out.
    ///
    /// # Errors
    /// A database error.
    pub fn each_log_entry(&self, each: &mut dyn FnMut(&LogEntry)) -> Result<()> {
        log::each(self, each)
    }

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
