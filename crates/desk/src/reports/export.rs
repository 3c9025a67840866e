//! Files for Excel: CSV and XLSX, safe against formulas, with full precision; and reading them back offline.
//!
//! Amounts are written as text where a spreadsheet's floating point would lose digits (beyond 15) and as
//! numbers otherwise. Ids stay text, so that leading zeros survive. The first rows of a file say what it is,
//! of when, and the hash over its rows, so that `review` can tell whether somebody changed it.

use std::{borrow::Cow, fs, io::Write as _, path::Path};

use calamine::{Data, Reader as _};
use chrono::{DateTime, Utc};
use rust_xlsxwriter::{Format, Workbook};
use serde::Serialize;
use tieout_domain::hash::ContentHasher;

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
    /// Of when, UTC.
    pub written_at: DateTime<Utc>,
    /// The headings.
    pub columns: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// What a spreadsheet would run as a formula gets an apostrophe in front; everything else, negative numbers
/// included, stays as it is.
#[must_use]
pub fn formula_safe(text: &str) -> Cow<'_, str> {
    let dangerous = match text.as_bytes().first() {
        Some(b'=' | b'@' | b'\t' | b'\r') => true,
        Some(b'+' | b'-') => !is_plain_number(text),
        _ => false,
    };
    if dangerous { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    text.len() - digits.len() <= 1
        && digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// The hash that the file carries, over headings and rows.
fn sheet_hash<'a>(columns: &[impl AsRef<str>], rows: impl Iterator<Item = Vec<&'a str>>) -> String {
    let mut hasher = ContentHasher::new("export/1");
    for column in columns {
        hasher.text(column.as_ref());
    }
    for row in rows {
        for cell in row {
            hasher.text(shortest(cell));
        }
    }
    hasher.finish_hex()
}

/// A number without the trailing zeros of its fraction, which a spreadsheet does not keep.
fn shortest(cell: &str) -> &str {
    match is_plain_number(cell) && cell.contains('.') {
        true => cell.trim_end_matches('0').trim_end_matches('.'),
        false => cell,
    }
}

impl Sheet {
    fn preamble(&self) -> Vec<(&'static str, String)> {
        let hash = sheet_hash(&self.columns, self.rows.iter().map(|r| r.iter().map(Cell::as_str).collect()));
        vec![
            ("Tieout export", self.kind.to_owned()),
            ("Workspace", self.workspace.clone()),
            ("Written at (UTC)", self.written_at.to_rfc3339()),
            ("Rows", self.rows.len().to_string()),
            ("SHA-256 of the rows", hash),
        ]
    }

    /// Writes the sheet to `path` (`.csv` or `.xlsx`), whole or not at all.
    ///
    /// # Errors
    /// `export_format`, `export_exists` (unless `force`), `file_unusable`, `export_too_long`.
    pub fn write(&self, path: &Path, force: bool) -> DeskResult<u64> {
        if path.exists() && !force {
            return Err(DeskError::new(
                Code::ExportExists,
                format!("{} exists: choose another name, or overwrite it with --force", path.display()),
            ));
        }
        let bytes = match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => self.csv()?,
            Some("xlsx") => self.xlsx()?,
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
        Ok(self.rows.len() as u64)
    }

    fn csv(&self) -> DeskResult<Vec<u8>> {
        let failed = |e: &dyn std::fmt::Display| DeskError::new(Code::ExportFailed, e.to_string());
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for (name, value) in self.preamble() {
            writer.write_record([name, formula_safe(&value).as_ref()]).map_err(|e| failed(&e))?;
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

    fn xlsx(&self) -> DeskResult<Vec<u8>> {
        /// Excel's last row.
        const MOST_ROWS: usize = 1_048_576;
        let preamble = self.preamble();
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
        for (name, value) in &preamble {
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

/// What an export says when it is read offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Review {
    /// What it is.
    pub kind: String,
    /// The workspace's name.
    pub workspace: String,
    /// Of when.
    pub written_at: String,
    /// Rows that the file says it has.
    pub rows_stated: usize,
    /// Rows that it has.
    pub rows_found: usize,
    /// True when the rows are those that were written.
    pub unchanged: bool,
    /// The headings.
    pub columns: Vec<String>,
    /// The rows, as text.
    #[serde(skip)]
    pub rows: Vec<Vec<String>>,
}

/// Reads an export (`.csv` or `.xlsx`) without a workspace.
///
/// # Errors
/// `file_unusable`, `not_an_export`.
pub fn review(path: &Path) -> DeskResult<Review> {
    let lines = match path.extension().and_then(|e| e.to_str()) {
        Some("xlsx") => read_xlsx(path)?,
        _ => read_csv(path)?,
    };
    let not_ours = || {
        DeskError::new(
            Code::NotAnExport,
            format!("{} is not an export of Tieout (tieout export …)", path.display()),
        )
    };
    let cell = |row: usize, column: usize| {
        lines.get(row).and_then(|line| line.get(column)).cloned().ok_or_else(not_ours)
    };
    if cell(0, 0)? != "Tieout export" {
        return Err(not_ours());
    }
    let columns = lines.get(5).cloned().ok_or_else(not_ours)?;
    let rows: Vec<Vec<String>> = lines[6..].to_vec();
    let hash = sheet_hash(&columns, rows.iter().map(|row| row.iter().map(String::as_str).collect()));
    Ok(Review {
        kind: cell(0, 1)?,
        workspace: cell(1, 1)?,
        written_at: cell(2, 1)?,
        rows_stated: cell(3, 1)?.parse().map_err(|_| not_ours())?,
        rows_found: rows.len(),
        unchanged: hash == cell(4, 1)?,
        columns,
        rows,
    })
}

fn read_csv(path: &Path) -> DeskResult<Vec<Vec<String>>> {
    let bytes = fs::read(path).map_err(|e| DeskError::file(path, &e))?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
    reader
        .records()
        .map(|record| {
            let record =
                record.map_err(|e| DeskError::new(Code::NotAnExport, format!("{}: {e}", path.display())))?;
            Ok(record.iter().map(|cell| unescaped(cell).to_owned()).collect())
        })
        .collect()
}

/// Takes the apostrophe of [`formula_safe`] off again.
fn unescaped(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if formula_safe(rest) != rest => rest,
        _ => cell,
    }
}

fn read_xlsx(path: &Path) -> DeskResult<Vec<Vec<String>>> {
    let bad =
        |e: &dyn std::fmt::Display| DeskError::new(Code::NotAnExport, format!("{}: {e}", path.display()));
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(path).map_err(|e: calamine::XlsxError| bad(&e))?;
    let range = book.worksheet_range_at(0).ok_or_else(|| bad(&"it has no sheet"))?.map_err(|e| bad(&e))?;
    let width = |row: &[Data]| row.iter().rposition(|c| *c != Data::Empty).map_or(0, |last| last + 1);
    let columns = range.rows().nth(5).map_or(0, width);
    Ok(range
        .rows()
        .enumerate()
        .map(|(index, row)| {
            let cells = if index < 5 { 2 } else { columns };
            row.iter().take(cells).map(cell_text).collect()
        })
        .collect())
}

/// A cell as it was written. Numbers were written with at most 15 digits, so their shortest decimal text is
/// the one that was written, but for trailing zeros of the fraction.
fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
