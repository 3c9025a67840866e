//! What can go wrong in the store, each with a stable code.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use tieout_domain::posting::TransitionRefusal;

/// An error of the store. Its text says what happened, where, and what to do; it never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file there.
    #[error("there is no workspace at {}: check the path, or make one with `tieout init`", .0.display())]
    NotFound(PathBuf),
    /// A file is there already, and nothing is ever overwritten.
    #[error("{} exists already: choose another path, or move it away first", .0.display())]
    Exists(PathBuf),
    /// The key does not open the first page.
    #[error("{} cannot be opened: {reason}", path.display())]
    WrongKey {
        /// The file.
        path: PathBuf,
        /// What the file looks like, and what to try.
        reason: String,
    },
    /// Written by a newer version of Tieout.
    #[error(
        "{} has schema {found}, this version of Tieout knows up to {known}: install the newer version",
        path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
    /// The file is truncated or damaged.
    #[error("the workspace file is damaged: {0}. Stop working with it and restore the latest backup")]
    Corrupt(String),
    /// A backup file is not one, or is damaged.
    #[error("{} is no usable backup: {reason}", path.display())]
    BadBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused a file operation.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's own words.
        source: std::io::Error,
    },
    /// Something that was named does not exist.
    #[error("there is no {what} {id}")]
    Unknown {
        /// The kind of thing.
        what: &'static str,
        /// The name given.
        id: String,
    },
    /// It would exist twice.
    #[error("{what} {id} exists already")]
    Duplicate {
        /// The kind of thing.
        what: &'static str,
        /// The name given.
        id: String,
    },
    /// The posting's state does not allow it.
    #[error(transparent)]
    Refused(#[from] TransitionRefusal),
    /// A decision names content that is not what the posting or change now is.
    #[error("{id} changed since it was looked at: look at it again and decide anew")]
    ContentChanged {
        /// The posting or change.
        id: String,
    },
    /// Another decision came in since the caller judged.
    #[error("somebody else decided on {id} meanwhile: judge it again")]
    DecidedMeanwhile {
        /// The posting or change.
        id: String,
    },
    /// The import was taken back before.
    #[error("the import {id} was taken back already")]
    ImportUndone {
        /// The import.
        id: String,
    },
    /// A later file of the same connection changed something.
    #[error(
        "a later file ({file}, import {later}) of the same connection rests on {id}: take that back first"
    )]
    ImportOverlaid {
        /// The import.
        id: String,
        /// The later file.
        file: String,
        /// The later import.
        later: String,
    },
    /// A posting rests on what the import brought.
    #[error("posting {posting} rests on what {id} brought: reject or cancel it first; what is booked stays")]
    ImportInUse {
        /// The import.
        id: String,
        /// The posting.
        posting: String,
    },
    /// Another live posting settles the same exception.
    #[error(
        "exception {exception} is already being settled by posting {posting}: reroute or cancel that one"
    )]
    PostingInProgress {
        /// The exception.
        exception: String,
        /// The live posting.
        posting: String,
    },
    /// Another live posting, of another exception, books the same document or undoes the same entry.
    #[error(
        "{reference} has a posting already that is not at its end ({posting}): it settles what this would; \
         wait for it, or reroute or cancel it"
    )]
    DocumentInProgress {
        /// The document's reference.
        reference: String,
        /// The live posting.
        posting: String,
    },
    /// Another live posting has the same key.
    #[error("key {key} belongs to posting {posting}, which is not at its end: wait for it, or cancel it")]
    KeyConflict {
        /// The key.
        key: String,
        /// The posting that has it.
        posting: String,
    },
    /// Some steps of a set are in the ledger: it cannot be withdrawn or refused any more.
    #[error("some steps of posting {id} are booked: finish it, or take it back")]
    HalfBooked {
        /// The posting.
        id: String,
    },
    /// An exception's state does not allow it.
    #[error("exception {id} is {state}: it cannot be {wanted}")]
    ExceptionState {
        /// The exception.
        id: String,
        /// Its state.
        state: &'static str,
        /// What was wanted of it.
        wanted: &'static str,
    },
    /// Entries and documents that cannot be one match, or not any more.
    #[error("this is no match: {words}")]
    MatchUnfit {
        /// Why, and what to do.
        words: String,
    },
    /// A signature that does not belong to the person's key.
    #[error("the signature of {person} does not fit their key: nothing was recorded")]
    BadSignature {
        /// The person.
        person: String,
    },
    /// Amounts whose sum no stored number holds.
    #[error(
        "the amounts of {what} {id} add up to more than can be kept: look for a wrong amount in it; nothing \
         was recorded"
    )]
    OutOfRange {
        /// The kind of thing.
        what: &'static str,
        /// Its name.
        id: String,
    },
    /// Any other error of the database.
    #[error("the workspace database refused: {0}")]
    Sql(rusqlite::Error),
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            StoreError::NotFound(_) => "store_not_found",
            StoreError::Exists(_) => "store_exists",
            StoreError::WrongKey { .. } => "store_wrong_key",
            StoreError::NewerSchema { .. } => "store_newer_schema",
            StoreError::Corrupt(_) => "store_corrupt",
            StoreError::BadBackup { .. } => "backup_unusable",
            StoreError::Io { .. } => "store_io",
            StoreError::Unknown { .. } => "not_found",
            StoreError::Duplicate { .. } => "already_exists",
            StoreError::Refused(refusal) => refusal.code(),
            StoreError::ContentChanged { .. } => "content_changed",
            StoreError::DecidedMeanwhile { .. } => "decided_meanwhile",
            StoreError::ImportUndone { .. } => "import_undone",
            StoreError::ImportOverlaid { .. } => "import_overlaid",
            StoreError::ImportInUse { .. } => "import_in_use",
            StoreError::PostingInProgress { .. } => "posting_in_progress",
            StoreError::DocumentInProgress { .. } => "document_has_live_posting",
            StoreError::KeyConflict { .. } => "posting_key_conflict",
            StoreError::HalfBooked { .. } => "set_half_booked",
            StoreError::ExceptionState { .. } => "exception_state",
            StoreError::MatchUnfit { .. } => "match_unfit",
            StoreError::BadSignature { .. } => "log_bad_signature",
            StoreError::OutOfRange { .. } => "money_overflow",
            StoreError::Sql(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "store_busy",
                Some(ErrorCode::DiskFull) => "store_disk_full",
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "store_read_only",
                _ => "store_sql",
            },
        }
    }

    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
        move |source| StoreError::Io { what, path: path.to_owned(), source }
    }

    pub(crate) fn unknown(what: &'static str, id: impl ToString) -> StoreError {
        StoreError::Unknown { what, id: id.to_string() }
    }

    pub(crate) fn out_of_range(what: &'static str, id: impl ToString) -> StoreError {
        StoreError::OutOfRange { what, id: id.to_string() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Corrupt(format!("a page cannot be read ({error})"))
            }
            _ => StoreError::Sql(error),
        }
    }
}

impl From<rusqlite::types::FromSqlError> for StoreError {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        StoreError::Corrupt(format!("a stored value cannot be read ({error})"))
    }
}

/// What the store's methods answer.
pub type Result<T> = std::result::Result<T, StoreError>;
