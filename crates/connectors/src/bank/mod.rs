//! Bank statements from files: CAMT.053 of ISO 20022, MT940 of SWIFT, and lists in CSV with a column of
//! balances. What a file is is told by its content, never by its name.
//!
//! A file is taken whole or not at all: what cannot be read is refused with the statement, the line of the
//! file and its text, and so is a statement whose lines do not lead from its opening to its closing balance.
//! Amounts are read as decimals into minor units of the account's currency; one with more decimals than the
//! currency has is refused.

mod camt;
mod error;
mod list;
mod mt940;
mod narrative;

pub use error::{BankError, Why};
pub use list::SaidOfList;

use tieout_domain::bank::BankStatement;

use crate::files::Encoding;

/// What a file of statements is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BankFormat {
    /// ISO 20022, camt.053.
    Camt053,
    /// SWIFT MT940.
    Mt940,
    /// Rows with a balance.
    List,
}

impl BankFormat {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            BankFormat::Camt053 => "camt.053",
            BankFormat::Mt940 => "mt940",
            BankFormat::List => "csv",
        }
    }
}

/// The statements of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankFile {
    /// What the file is.
    pub format: BankFormat,
    /// Its statements, in its order. Each adds up.
    pub statements: Vec<BankStatement>,
}

/// True where the first bytes of a file are those of a statement in CAMT.053 or MT940. Of a list, which could
/// be anything, they do not tell.
#[must_use]
pub fn is_statement(head: &[u8]) -> bool {
    let (text, _) = Encoding::of(head).text(head);
    match text.trim_start().starts_with('<') {
        true => text.contains("BkToCstmrStmt"),
        false => mt940::is_one(&text),
    }
}

/// Reads a file of statements. `said` is of lists alone.
///
/// # Errors
/// [`BankError`], for the first thing that is wrong.
pub fn read_bank(bytes: &[u8], said: &SaidOfList) -> Result<BankFile, BankError> {
    let encoding = Encoding::of(bytes);
    let (text, broken) = encoding.text(bytes);
    if broken || text.contains('\0') {
        return Err(BankError::file(Why::Unknown, "the file is no text"));
    }
    let (format, statements) = match text.trim_start() {
        start if start.starts_with('<') => (BankFormat::Camt053, camt::read(start_of(&text, start))?),
        _ if mt940::is_one(&text) => (BankFormat::Mt940, mt940::read(&text)?),
        _ => (BankFormat::List, list::read(&text, said)?),
    };
    if statements.is_empty() {
        return Err(BankError::file(Why::Unknown, "the file holds no statement"));
    }
    for statement in &statements {
        if let Err(wrong) = statement.adds_up() {
            return Err(BankError {
                why: Why::DoesNotAddUp,
                statement: Some(statement.id.clone()),
                row: statement.lines.first().map(|line| line.row),
                message: format!(
                    "the statement does not add up: its opening balance and its {} lines come to {}, and \
                     its closing balance says {}",
                    statement.lines.len(),
                    wrong.sum,
                    wrong.closing
                ),
            });
        }
    }
    Ok(BankFile { format, statements })
}

/// The text from its first sign that is no space, with its rows counted as before.
fn start_of<'t>(text: &'t str, start: &'t str) -> (u32, &'t str) {
    let skipped = &text[..text.len() - start.len()];
    (u32::try_from(skipped.matches('\n').count()).unwrap_or_default(), start)
}
