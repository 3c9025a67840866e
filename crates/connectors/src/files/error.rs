//! Why a file could not be read at all.

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
    /// Its dates would be read in two orders.
    #[error(
        "{file}: row {row} says \"{text}\", which the column map reads as {one} and as {other}: leave in \
         formats.dates only the one by which the file was written"
    )]
    AmbiguousDates {
        /// The file's name.
        file: String,
        /// The row.
        row: u64,
        /// The cell.
        text: String,
        /// The day that one format makes of it, and the format.
        one: String,
        /// What another makes of it, by which it can be read or which the file needs elsewhere.
        other: String,
    },
    /// More than can be held while its layout is worked out.
    #[error("{0} is larger than 2 GiB: export a shorter time")]
    TooLarge(String),
    /// No row has the names of the map's columns.
    #[error("{file} has no row that holds the names of the columns: {}", quoted(.wanted))]
    NoHeader {
        /// The file's name.
        file: String,
        /// The columns.
        wanted: Vec<String>,
    },
    /// It is not known what the file is, or what it means, and only a person can say.
    #[error("{file}: {message}")]
    Unsure {
        /// The stable code of what is missing.
        why: Why,
        /// The file's name.
        file: String,
        /// What is missing, and how to say it.
        message: String,
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

/// What is missing before a file can be read without a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is no file that is known, and its headings do not say enough.
    NotRecognised,
    /// It is a file of the other kind.
    OtherKind,
    /// Two columns could play one part.
    Columns,
    /// Several sheets could be meant.
    Sheets,
    /// Its dates fit two orders, or have no year.
    Dates,
    /// Its numbers fit two conventions.
    Numbers,
    /// Its amounts contradict the accounts on which they stand, whatever sign is taken.
    Signs,
    /// Whether amounts hold the tax is not said.
    Tax,
    /// Its entity, or the currency or zone of its books, is not said.
    Entity,
    /// The accounts that it is held against are not said.
    Expect,
    /// No way to read it leaves its journals balanced.
    Unbalanced,
}

impl Why {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Why::NotRecognised => "file_not_recognised",
            Why::OtherKind => "file_of_another_kind",
            Why::Columns => "file_ambiguous_columns",
            Why::Sheets => "file_several_sheets",
            Why::Dates => "file_ambiguous_dates",
            Why::Numbers => "file_ambiguous_numbers",
            Why::Signs => "file_ambiguous_signs",
            Why::Tax => "file_ambiguous_tax",
            Why::Entity => "file_needs_entity",
            Why::Expect => "file_needs_expect",
            Why::Unbalanced => "file_unbalanced",
        }
    }
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
            FileError::AmbiguousDates { .. } => "file_ambiguous_dates",
            FileError::TooLarge(_) => "file_too_large",
            FileError::NoHeader { .. } => "file_no_header",
            FileError::Unsure { why, .. } => why.code(),
            FileError::Changed(_) => "file_changed",
            FileError::WrongMap { .. } => "file_wrong_map",
        }
    }
}

/// An error that says what is missing.
#[must_use]
pub fn unsure(why: Why, file: &str, message: impl Into<String>) -> FileError {
    FileError::Unsure { why, file: file.to_owned(), message: message.into() }
}
