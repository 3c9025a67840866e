//! Why a file of statements is not taken.

use std::fmt;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is no statement that is known here.
    Unknown,
    /// Something in it cannot be read.
    Unreadable,
    /// A statement's lines do not lead from its opening to its closing balance.
    DoesNotAddUp,
    /// A list fits two readings, or does not say what is needed.
    Ambiguous,
}

/// A file that is not taken: nothing of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankError {
    /// What is wrong.
    pub why: Why,
    /// The statement, by the bank's name of it, where one had begun.
    pub statement: Option<String>,
    /// The line of the file, from 1.
    pub row: Option<u32>,
    /// What is wrong, with the text of the file that is.
    pub message: String,
}

impl BankError {
    pub(super) fn file(why: Why, message: impl Into<String>) -> Self {
        Self { why, statement: None, row: None, message: message.into() }
    }

    /// Something that cannot be read, in a line of a statement.
    pub(super) fn at(statement: Option<&str>, row: u32, message: impl Into<String>) -> Self {
        let statement = statement.filter(|id| !id.is_empty()).map(str::to_owned);
        Self { why: Why::Unreadable, statement, row: Some(row), message: message.into() }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.why {
            Why::Unknown => "bank_file_unknown",
            Why::Unreadable => "bank_file_unreadable",
            Why::DoesNotAddUp => "bank_statement_unbalanced",
            Why::Ambiguous => "bank_file_ambiguous",
        }
    }
}

impl fmt::Display for BankError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.statement, self.row) {
            (Some(id), Some(row)) => write!(f, "statement {id}, line {row}: ")?,
            (Some(id), None) => write!(f, "statement {id}: ")?,
            (None, Some(row)) => write!(f, "line {row}: ")?,
            (None, None) => {}
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for BankError {}
