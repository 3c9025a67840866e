//! One sheet of a workbook as CSV text, so that workbooks and text files are read by the same code.
//!
//! Workbooks keep numbers as binary floats. Their shortest decimal text is the number that a person typed as
//! long as it has no more than 15 digits, which is also all that spreadsheet programs keep and show. What has
//! more is the tail of a binary fraction (`0.1+0.2` is stored as 0.30000000000000004 and shown as 0.3), which
//! is taken off where nothing else can be meant, or a number that the spreadsheet has rounded, which is
//! refused instead of guessed. A formula that was never worked out is no zero: it is refused as well.

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    io::BufReader,
    path::Path,
};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{date::DateFormats, error::FileError, number::NumberFormat};

/// Digits that a number in a workbook can be trusted with.
const DIGITS: usize = 15;

/// Digits, and digits before the point, up to which a longer number is a short one with a binary tail.
const PLAIN_DIGITS: usize = 13;
const PLAIN_WHOLE: usize = 11;

/// Why a formula without a value is refused.
pub const UNCALCULATED: &str = "the cell holds a formula that was never worked out: open the workbook in a \
                            spreadsheet program, save it, and import it again";

/// Cells that cannot be told as exact text: row → (column, reason).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BadCells(BTreeMap<u64, Vec<(usize, String)>>);

impl BadCells {
    /// Why the cell cannot be read, if so.
    #[must_use]
    pub fn reason(&self, row: u64, column: usize) -> Option<&str> {
        let cells = self.0.get(&row)?;
        cells.iter().find(|(c, _)| *c == column).map(|(_, reason)| reason.as_str())
    }

    /// True where any cell of the row cannot be read.
    #[must_use]
    pub fn any(&self, row: u64) -> bool {
        !self.0.is_empty() && self.0.contains_key(&row)
    }

    /// Notes why the cell of this row and column, both counted from nought, cannot be read.
    pub fn put(&mut self, row: u32, column: u32, reason: String) {
        self.0.entry(u64::from(row) + 1).or_default().push((column as usize, reason));
    }
}

/// Writes numbers and dates the way the map says that the file has them.
pub struct CellWriter {
    /// Number format.
    pub numbers: NumberFormat,
    /// Date formats; the first one is written.
    pub dates: DateFormats,
}

/// Turns a sheet into CSV text with its rows at their own numbers.
///
/// # Errors
/// [`FileError::Workbook`], [`FileError::Empty`].
pub fn to_csv(
    path: &Path,
    name: &str,
    sheet: Option<&str>,
    cells: &CellWriter,
) -> Result<(Vec<u8>, BadCells), FileError> {
    let refuse = |message: String| FileError::Workbook { file: name.to_owned(), message };
    let broken = |e: XlsxError| refuse(e.to_string());
    let mut book: Xlsx<BufReader<File>> =
        calamine::open_workbook(path).map_err(|e: XlsxError| refuse(e.to_string()))?;
    let names = book.sheet_names();
    let wanted = match sheet {
        Some(wanted) if names.iter().any(|n| n == wanted) => wanted.to_owned(),
        Some(wanted) => {
            return Err(refuse(format!("it has no sheet \"{wanted}\", but {}", names.join(", "))));
        }
        None => names.first().cloned().ok_or_else(|| refuse("it has no sheet".into()))?,
    };
    let mut reader = book.worksheet_cells_reader(&wanted).map_err(broken)?;
    let (mut out, mut empty) = (Sheet::default(), HashSet::new());
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        if matches!(cell.get_value(), DataRef::Empty) {
            empty.insert((row, column));
        }
        out.put(row, column, cell_text(cell.get_value(), cells));
    }
    drop(reader);
    out.end_row();
    if !empty.is_empty() {
        let mut formulas = book.worksheet_cells_reader(&wanted).map_err(broken)?;
        while let Some(cell) = formulas.next_formula().map_err(broken)? {
            let (row, column) = cell.get_position();
            if !cell.get_value().is_empty() && empty.contains(&(row, column)) {
                out.bad.put(row, column, UNCALCULATED.to_owned());
            }
        }
    }
    if out.width == 0 {
        return Err(FileError::Empty(name.to_owned()));
    }
    Ok((out.text, out.bad))
}

/// Writes cells in order, pads every row to the width of the first one, and keeps empty rows.
#[derive(Default)]
struct Sheet {
    text: Vec<u8>,
    row: u32,
    column: u32,
    width: u32,
    filled: bool,
    bad: BadCells,
}

impl Sheet {
    fn put(&mut self, row: u32, column: u32, cell: Result<String, String>) {
        while self.row < row {
            self.end_row();
        }
        let text = match cell {
            Ok(text) if text.is_empty() => return,
            Ok(text) => text,
            Err(reason) => {
                self.bad.put(row, column, reason);
                String::new()
            }
        };
        self.pad(column);
        self.filled = true;
        if text.contains(['"', ',', '\n', '\r']) {
            self.text.push(b'"');
            self.text.extend_from_slice(text.replace('"', "\"\"").as_bytes());
            self.text.push(b'"');
        } else {
            self.text.extend_from_slice(text.as_bytes());
        }
    }

    fn pad(&mut self, column: u32) {
        while self.column < column {
            self.text.push(b',');
            self.column += 1;
        }
    }

    fn end_row(&mut self) {
        if self.filled {
            if self.width == 0 {
                self.width = self.column + 1;
            }
            self.pad(self.width - 1);
        }
        self.text.push(b'\n');
        (self.row, self.column, self.filled) = (self.row + 1, 0, false);
    }
}

fn cell_text(cell: &DataRef<'_>, cells: &CellWriter) -> Result<String, String> {
    match cell {
        DataRef::Int(number) => Ok(number.to_string()),
        DataRef::Float(number) => number_of(&number.to_string(), cells.numbers.decimal),
        other => written(other, &|at| cells.dates.write(at)),
    }
}

/// The text of a cell that is no number, a date as ISO 8601 has it; the error says why it has none.
///
/// # Errors
/// A text for people.
pub fn stands_for(cell: &DataRef<'_>) -> Result<String, String> {
    written(cell, &|at| match at.time() == NaiveTime::MIN {
        true => at.date().to_string(),
        false => at.format("%Y-%m-%d %H:%M:%S").to_string(),
    })
}

fn written(cell: &DataRef<'_>, date: &dyn Fn(NaiveDateTime) -> String) -> Result<String, String> {
    match cell {
        DataRef::Empty => Ok(String::new()),
        DataRef::String(text) => Ok(text.clone()),
        DataRef::SharedString(text) => Ok((*text).to_owned()),
        DataRef::Bool(truth) => Ok(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTime(at) => Ok(date(moment(at).ok_or("the cell's date is outside the calendar")?)),
        DataRef::DateTimeIso(text) => {
            let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
                .or_else(|_| text.parse::<NaiveDate>().map(NaiveDateTime::from));
            at.map(date).map_err(|_| format!("\"{text}\" is not a date"))
        }
        DataRef::DurationIso(text) => Err(format!("the cell holds a duration ({text})")),
        DataRef::Error(error) => Err(format!("the cell holds the error {error}")),
        DataRef::Int(number) => Ok(number.to_string()),
        DataRef::Float(number) => Ok(number.to_string()),
    }
}

/// The decimal text of a workbook's number, written with this mark; the error says why there is none.
///
/// # Errors
/// A text for people.
pub fn number_of(shortest: &str, decimal: char) -> Result<String, String> {
    let plain = shortest.trim_start_matches('-');
    if !plain.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("the cell's number {shortest} is no amount"));
    }
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    // Trailing zeros count: of a longer whole number a spreadsheet has put them in the place of other digits.
    let exact = match digits.trim_start_matches('0').len() > DIGITS {
        false => shortest.to_owned(),
        true => without_tail(shortest).ok_or_else(|| {
            format!(
                "the cell's number {shortest} has more than {DIGITS} digits, and a spreadsheet keeps no \
                 more: what it was cannot be told; format the column as text where it is made, or \
                 round it there"
            )
        })?,
    };
    Ok(exact.replace('.', &decimal.to_string()))
}

/// The short number that a spreadsheet shows for one with the tail of a binary fraction.
fn without_tail(shortest: &str) -> Option<String> {
    let (sign, plain) = shortest.strip_prefix('-').map_or(("", shortest), |plain| ("-", plain));
    let (whole, fraction) = plain.split_once('.')?;
    let whole_digits = whole.trim_start_matches('0').len();
    if whole_digits > PLAIN_WHOLE {
        return None;
    }
    // Leading zeros of a fraction are no digits that count.
    let leading = if whole_digits > 0 { 0 } else { fraction.len() - fraction.trim_start_matches('0').len() };
    let places = u32::try_from(DIGITS - whole_digits + leading).ok()?;
    let number: rust_decimal::Decimal = format!("{whole}.{fraction}").parse().ok()?;
    let short = number.round_dp(places).normalize().to_string();
    let count = short.chars().filter(char::is_ascii_digit).skip_while(|c| *c == '0').count();
    (count <= PLAIN_DIGITS).then(|| format!("{sign}{short}"))
}

fn moment(at: &ExcelDateTime) -> Option<NaiveDateTime> {
    if !at.is_datetime() {
        return None;
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))?.and_hms_opt(
        u32::from(hour),
        u32::from(minute),
        u32::from(second),
    )
}
