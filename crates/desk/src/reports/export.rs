//! Files for people and machines: XLSX, CSV and Parquet, safe against formulas, with full precision. `review`
//! reads the first two back.
//!
//! In a spreadsheet amounts are written as text where its floating point would lose digits (beyond 15) and
//! as numbers otherwise; dates are dates; ids stay text, so that leading zeros survive. A file says first
//! what it is, of when and by whom, and holds the signature of the workspace over all that it says: a hash
//! that anybody can make anew would prove nothing.

use std::{borrow::Cow, path::Path};

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc};
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use tieout_vault::ExportKey;

use crate::{
    base::{
        code::Code,
        error::{DeskError, DeskResult},
        files,
    },
    reports::{
        parquet_file,
        sheet::{Cell, Sheet, formula_safe, is_plain_number},
    },
};

/// Columns of a spreadsheet are at least and at most so wide, in characters.
const WIDTHS: (usize, usize) = (9, 60);

/// Rows by which a column's width is judged.
const LOOKED_AT: usize = 2_000;

fn failed(error: impl std::fmt::Display) -> DeskError {
    DeskError::new(Code::ExportFailed, error.to_string())
}

impl Sheet {
    /// As [`Sheet::write_logged`], which nobody is told of.
    ///
    /// # Errors
    /// Its own.
    pub fn write(&self, path: &Path, force: bool, key: &ExportKey) -> DeskResult<String> {
        self.write_logged(path, force, key, |_| Ok(()))
    }

    /// Writes the sheet to `path` (`.csv`, `.xlsx` or `.parquet`), signed, whole or not at all; answers the
    /// signature. `logged` notes it once the file is made and before it stands in its place: no file leaves
    /// that no log tells of.
    ///
    /// # Errors
    /// `export_format`, `export_exists` (unless `force`), `file_unusable`, `export_too_long`, and what
    /// `logged` gives; nothing is left behind then, and what stood there stays.
    pub fn write_logged(
        &self,
        path: &Path,
        force: bool,
        key: &ExportKey,
        logged: impl FnOnce(&str) -> DeskResult<()>,
    ) -> DeskResult<String> {
        files::not_there(path, force)?;
        let (bytes, signature) = match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => self.csv(key)?,
            Some("xlsx") => self.xlsx(key)?,
            Some("parquet") => parquet_file::bytes(self, key)?,
            _ => {
                return Err(DeskError::new(
                    Code::ExportFormat,
                    format!("{}: name the file .xlsx, .csv or .parquet", path.display()),
                ));
            }
        };
        files::write_whole(path, force, &bytes, || logged(&signature))?;
        Ok(signature)
    }

    /// The texts of the cells in these places of every row.
    pub(super) fn texts(&self, places: &[usize], text: fn(&Cell) -> Cow<'_, str>) -> Vec<Vec<String>> {
        let of = |row: &Vec<Cell>| places.iter().map(|at| text(&row[*at]).into_owned()).collect();
        self.rows.iter().map(of).collect()
    }

    fn csv(&self, key: &ExportKey) -> DeskResult<(Vec<u8>, String)> {
        let places = self.fields();
        let columns: Vec<String> = places.iter().map(|at| self.columns[*at].field.to_owned()).collect();
        let exact = |row: &Vec<Cell>| row.iter().map(|cell| cell.exact().into_owned()).collect::<Vec<_>>();
        let mut about: Vec<Vec<String>> = self.about().iter().map(exact).collect();
        let proof = Self::proof(key, &about, &columns, &self.texts(&places, Cell::exact));
        let signature = proof[1][1].clone();
        about.extend(proof);
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &about {
            writer.write_record(row.iter().map(|text| formula_safe(text).into_owned())).map_err(failed)?;
        }
        writer.write_record(&columns).map_err(failed)?;
        for row in &self.rows {
            let cells = places.iter().map(|at| match &row[*at] {
                Cell::Number(number) => number.clone(),
                other => formula_safe(&other.exact()).into_owned(),
            });
            writer.write_record(cells).map_err(failed)?;
        }
        Ok((writer.into_inner().map_err(failed)?, signature))
    }

    /// Two sheets: what it is, with the totals; and the table.
    fn xlsx(&self, key: &ExportKey) -> DeskResult<(Vec<u8>, String)> {
        /// Excel's last row.
        const MOST_ROWS: usize = 1_048_576;
        if self.rows.len() + 1 > MOST_ROWS {
            return Err(DeskError::new(
                Code::ExportTooLong,
                format!("{} rows do not fit into one sheet of Excel: export .csv", self.rows.len()),
            ));
        }
        let places = self.titles();
        let columns: Vec<String> = places.iter().map(|at| self.columns[*at].title.to_owned()).collect();
        let mut about = self.about();
        let totals = self.totals();
        if !totals.is_empty() {
            about.push(Vec::new());
            about.extend(totals);
            about.push(Vec::new());
        }
        let shown = |row: &Vec<Cell>| row.iter().map(|cell| cell.shown().into_owned()).collect::<Vec<_>>();
        let texts: Vec<Vec<String>> = about.iter().map(shown).collect();
        let proof = Self::proof(key, &texts, &columns, &self.texts(&places, Cell::shown));
        let signature = proof[1][1].clone();
        about.extend(proof.map(|row| row.iter().map(Cell::text).collect::<Vec<_>>()));

        let mut book = Workbook::new();
        let formats = Formats::new();
        let first = book.add_worksheet();
        self.write_about(first, &about, &formats).map_err(failed)?;
        let table = book.add_worksheet_with_constant_memory();
        self.write_table(table.map_err(failed)?, (&places, &columns), &formats).map_err(failed)?;
        Ok((book.save_to_buffer().map_err(failed)?, signature))
    }

    fn write_about(
        &self,
        sheet: &mut Worksheet,
        about: &[Vec<Cell>],
        formats: &Formats,
    ) -> Result<(), XlsxError> {
        sheet.set_name("About")?;
        sheet.set_column_width(0, 18)?;
        sheet.set_column_range_width(1, 20, 20)?;
        for (at, row) in (0_u32..).zip(about) {
            let heads = at == 0 || row.first().is_some_and(|cell| *cell == Cell::text("Totals"));
            for (column, cell) in (0_u16..).zip(row) {
                match cell {
                    Cell::Text(text) if heads => {
                        sheet.write_string_with_format(at, column, text, &formats.heading)?;
                    }
                    _ => write_cell(sheet, (at, column), cell, formats)?,
                }
            }
        }
        sheet.set_landscape();
        sheet.set_print_fit_to_pages(1, 0);
        Ok(())
    }

    fn write_table(
        &self,
        sheet: &mut Worksheet,
        (places, columns): (&[usize], &[String]),
        formats: &Formats,
    ) -> Result<(), XlsxError> {
        sheet.set_name(title(self.kind))?;
        let last = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let width = u16::try_from(places.len()).unwrap_or(u16::MAX);
        for ((column, at), name) in (0_u16..).zip(places).zip(columns) {
            sheet.set_column_width(column, self.width(*at, name))?;
        }
        sheet.set_freeze_panes(1, 1)?;
        sheet.set_repeat_rows(0, 0)?;
        sheet.set_landscape();
        sheet.set_print_fit_to_pages(1, 0);
        sheet.set_footer(format!("&L{}&C{}&RPage &P of &N", self.workspace, title(self.kind)));
        if width > 0 {
            sheet.autofilter(0, 0, last, width - 1)?;
        }
        for ((column, at), name) in (0_u16..).zip(places).zip(columns) {
            let number = matches!(self.rows.first().map(|row| &row[*at]), Some(Cell::Number(_)));
            let format = if number { &formats.heading_right } else { &formats.heading };
            sheet.write_string_with_format(0, column, name, format)?;
        }
        for (row, cells) in (1_u32..).zip(&self.rows) {
            for (column, at) in (0_u16..).zip(places) {
                write_cell(sheet, (row, column), &cells[*at], formats)?;
            }
        }
        Ok(())
    }

    /// How many characters wide a column is: as its longest text, within reason.
    fn width(&self, at: usize, name: &str) -> u16 {
        let long = |cell: &Cell| match cell {
            Cell::Date(_) => 11,
            Cell::At(_) => 17,
            // With the signs that group its digits.
            Cell::Number(number) => number.len() + number.len() / 3,
            Cell::Text(_) | Cell::Code(_) => cell.shown().chars().count(),
        };
        let cells = self.rows.iter().take(LOOKED_AT).map(|row| long(&row[at]));
        // The filter's button takes the room of three letters.
        let widest = cells.chain([name.len() + 3]).max().unwrap_or(0);
        u16::try_from((widest + 1).clamp(WIDTHS.0, WIDTHS.1)).unwrap_or(u16::MAX)
    }
}

/// What a kind of sheet is called.
fn title(kind: &str) -> &str {
    match kind {
        "exceptions" => "Exceptions",
        "tie-out" => "Tie-out",
        "postings" => "Postings",
        "log" => "Log",
        other => other,
    }
}

/// How cells look.
struct Formats {
    heading: Format,
    heading_right: Format,
    date: Format,
    instant: Format,
}

impl Formats {
    fn new() -> Self {
        let heading = Format::new().set_bold();
        Self {
            heading_right: heading.clone().set_align(FormatAlign::Right),
            heading,
            date: Format::new().set_num_format("d mmm yyyy"),
            instant: Format::new().set_num_format("d mmm yyyy hh:mm"),
        }
    }
}

fn day(date: NaiveDate) -> Option<ExcelDateTime> {
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, month, day).ok()
}

/// To the second: a spreadsheet's people read no more.
fn instant(at: DateTime<Utc>) -> Option<ExcelDateTime> {
    let (hour, minute) = (u16::try_from(at.hour()).ok()?, u8::try_from(at.minute()).ok()?);
    day(at.date_naive())?.and_hms(hour, minute, u8::try_from(at.second().min(59)).ok()?).ok()
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let dated = match cell {
        Cell::Date(date) => day(*date).map(|day| (day, &formats.date)),
        Cell::At(at) => instant(*at).map(|at| (at, &formats.instant)),
        Cell::Text(_) | Cell::Code(_) | Cell::Number(_) => None,
    };
    match (cell, dated) {
        (_, Some((at, format))) => sheet.write_datetime_with_format(row, column, &at, format),
        (Cell::Number(number), _) if fits_a_spreadsheet(number) => write_number(sheet, row, column, number),
        (other, _) => sheet.write_string(row, column, other.shown()),
    }
    .map(|_| ())
}

/// Up to 15 significant digits survive a spreadsheet's binary numbers unchanged.
fn fits_a_spreadsheet(number: &str) -> bool {
    let significant = number.bytes().filter(u8::is_ascii_digit).skip_while(|b| *b == b'0').count();
    is_plain_number(number) && significant <= 15
}

/// The one place where an amount becomes the file format's own number: XLSX has no other. The format shows
/// as many decimals as the text has.
fn write_number<'a>(
    sheet: &'a mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
) -> Result<&'a mut Worksheet, XlsxError> {
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
