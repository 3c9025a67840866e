//! Files for Excel: CSV and XLSX, safe against formulas, with full precision. `review` reads them back.
//!
//! Amounts are written as text where a spreadsheet's floating point would lose digits (beyond 15) and as
//! numbers otherwise. Ids stay text, so that leading zeros survive. The first rows of a file say what it is
//! and of when, and hold the signature of the workspace over all that the file says: a hash that anybody can
//! make anew would prove nothing.

use std::{borrow::Cow, fs, io::Write as _, path::Path};

use chrono::{DateTime, Utc};
use rust_xlsxwriter::{Format, Workbook};
use tieout_domain::hash::ContentHasher;
use tieout_vault::ExportKey;

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text, or an id that must stay text.
    Text(String),
    /// A decimal amount or a whole number, as exact text.
    Number(String),
}

impl Cell {
    /// A text cell of anything that prints.
    pub fn text(value: impl ToString) -> Self {
        Cell::Text(value.to_string())
    }

    /// A number cell of anything that prints as a plain decimal.
    pub fn number(value: impl ToString) -> Self {
        Cell::Number(value.to_string())
    }

    fn as_str(&self) -> &str {
        match self {
            Cell::Text(text) | Cell::Number(text) => text,
        }
    }
}

/// A table to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is: `exceptions`, `tie-out`, `postings` or `log`.
    pub kind: &'static str,
    /// The workspace's name.
    pub workspace: String,
    /// The workspace's id.
    pub workspace_id: String,
    /// Of when, UTC.
    pub written_at: DateTime<Utc>,
    /// The headings.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// The first column of the rows above the headings, in their order.
pub(super) const PREAMBLE: [&str; 7] = [
    "Tieout export",
    "Workspace",
    "Workspace id",
    "Written at (UTC)",
    "Rows",
    "Signed with key",
    "Signature",
];

/// What a spreadsheet would run as a formula gets an apostrophe in front; everything else, negative numbers
/// included, stays as it is. So does what has such an apostrophe of its own, to be told from it.
#[must_use]
pub fn formula_safe(text: &str) -> Cow<'_, str> {
    if needs_apostrophe(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

pub(super) fn needs_apostrophe(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=' | b'@' | b'\t' | b'\r') => true,
        Some(b'+' | b'-') => !is_plain_number(text),
        Some(b'\'') => needs_apostrophe(&text[1..]),
        _ => false,
    }
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    text.len() - digits.len() <= 1
        && digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// What is signed: the file's preamble, its headings and its rows, each with how many they are.
pub(super) fn content_hash(
    preamble: &[&str],
    columns: &[impl AsRef<str>],
    rows: &[Vec<impl AsRef<str>>],
) -> [u8; 32] {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut hasher = ContentHasher::new("tieout-export/2");
    for text in preamble {
        hasher.text(text);
    }
    hasher.number(number(columns.len()));
    for column in columns {
        hasher.text(column.as_ref());
    }
    hasher.number(number(rows.len()));
    for row in rows {
        hasher.number(number(row.len()));
        for cell in row {
            hasher.text(shortest(cell.as_ref()));
        }
    }
    hasher.finish()
}

/// A number without the trailing zeros of its fraction, which a spreadsheet does not keep.
fn shortest(cell: &str) -> &str {
    match is_plain_number(cell) && cell.contains('.') {
        true => cell.trim_end_matches('0').trim_end_matches('.'),
        false => cell,
    }
}

impl AsRef<str> for Cell {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Sheet {
    /// The rows above the headings; the last one is the signature.
    fn preamble(&self, key: &ExportKey) -> Vec<(&'static str, String)> {
        let told = [
            self.kind.to_owned(),
            self.workspace.clone(),
            self.workspace_id.clone(),
            self.written_at.to_rfc3339(),
            self.rows.len().to_string(),
        ];
        let signed: Vec<&str> = told.iter().map(String::as_str).collect();
        let signature = key.sign(&content_hash(&signed, &self.columns, &self.rows));
        let proof = [hex::encode(key.public()), hex::encode(signature)];
        PREAMBLE.into_iter().zip(told.into_iter().chain(proof)).collect()
    }

    /// Writes the sheet to `path` (`.csv` or `.xlsx`), signed, whole or not at all; answers the signature.
    ///
    /// # Errors
    /// `export_format`, `export_exists` (unless `force`), `file_unusable`, `export_too_long`.
    pub fn write(&self, path: &Path, force: bool, key: &ExportKey) -> DeskResult<String> {
        if path.exists() && !force {
            return Err(DeskError::new(
                Code::ExportExists,
                format!("{} exists: choose another name, or overwrite it with --force", path.display()),
            ));
        }
        let preamble = self.preamble(key);
        let bytes = match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => self.csv(&preamble)?,
            Some("xlsx") => self.xlsx(&preamble)?,
            _ => {
                return Err(DeskError::new(
                    Code::ExportFormat,
                    format!("{}: name the file .csv or .xlsx", path.display()),
                ));
            }
        };
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("export");
        let part = folder.join(format!(".{name}.part"));
        let put = || {
            let mut file = fs::File::create(&part)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&part, path)
        };
        put().map_err(|e| {
            // Nothing half-written stays behind; that it could not be removed adds nothing to the error.
            let _ = fs::remove_file(&part);
            DeskError::file(path, &e)
        })?;
        Ok(preamble.into_iter().next_back().map(|(_, signature)| signature).unwrap_or_default())
    }

    fn csv(&self, preamble: &[(&str, String)]) -> DeskResult<Vec<u8>> {
        let failed = |e: &dyn std::fmt::Display| DeskError::new(Code::ExportFailed, e.to_string());
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for (name, value) in preamble {
            writer.write_record([*name, formula_safe(value).as_ref()]).map_err(|e| failed(&e))?;
        }
        writer.write_record(&self.columns).map_err(|e| failed(&e))?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => formula_safe(text),
                Cell::Number(number) => Cow::Borrowed(number.as_str()),
            });
            writer.write_record(cells.map(Cow::into_owned)).map_err(|e| failed(&e))?;
        }
        writer.into_inner().map_err(|e| failed(&e))
    }

    fn xlsx(&self, preamble: &[(&str, String)]) -> DeskResult<Vec<u8>> {
        /// Excel's last row.
        const MOST_ROWS: usize = 1_048_576;
        if self.rows.len() + preamble.len() + 1 > MOST_ROWS {
            return Err(DeskError::new(
                Code::ExportTooLong,
                format!("{} rows do not fit into one sheet of Excel: export .csv", self.rows.len()),
            ));
        }
        let failed = |e: rust_xlsxwriter::XlsxError| DeskError::new(Code::ExportFailed, e.to_string());
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        let sheet = book.add_worksheet_with_constant_memory().map_err(failed)?;
        sheet.set_name(self.kind).map_err(failed)?;
        let mut at = 0_u32;
        for (name, value) in preamble {
            sheet.write_string(at, 0, *name).map_err(failed)?;
            sheet.write_string(at, 1, value).map_err(failed)?;
            at += 1;
        }
        for (column, title) in (0_u16..).zip(&self.columns) {
            sheet.write_string_with_format(at, column, *title, &bold).map_err(failed)?;
        }
        for row in &self.rows {
            at += 1;
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Text(text) => sheet.write_string(at, column, text),
                    Cell::Number(number) if fits_a_spreadsheet(number) => {
                        write_number(sheet, at, column, number)
                    }
                    Cell::Number(number) => sheet.write_string(at, column, number),
                }
                .map_err(failed)?;
            }
        }
        book.save_to_buffer().map_err(failed)
    }
}

/// Up to 15 significant digits survive a spreadsheet's binary numbers unchanged.
fn fits_a_spreadsheet(number: &str) -> bool {
    let significant = number.bytes().filter(u8::is_ascii_digit).skip_while(|b| *b == b'0').count();
    is_plain_number(number) && significant <= 15
}

/// The one place where an amount becomes the file format's own number: XLSX has no other. The format shows
/// as many decimals as the text has.
fn write_number<'a>(
    sheet: &'a mut rust_xlsxwriter::Worksheet,
    row: u32,
    column: u16,
    text: &str,
) -> Result<&'a mut rust_xlsxwriter::Worksheet, rust_xlsxwriter::XlsxError> {
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let picture = if decimals == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(decimals)) };
    let format = Format::new().set_num_format(picture);
    match text.parse() {
        Ok::<f64, _>(value) => sheet.write_number_with_format(row, column, value, &format),
        Err(_) => sheet.write_string(row, column, text),
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
pub(super) mod tests;
