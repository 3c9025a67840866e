//! A sheet of a workbook as a grid: XLSX, XLS or ODS, with what is merged downwards filled in.

use std::{
    collections::{BTreeMap, HashMap},
    io::Cursor,
};

use calamine::{Data, DataRef, Dimensions, Reader, Sheets, open_workbook_auto_from_rs};

use super::{
    error::FileError,
    grid::Grid,
    xlsx::{UNCALCULATED, number_of, stands_for},
};

/// Rows that one merged region may fill.
const MOST_MERGED: u32 = 100_000;

/// Cells of a sheet, those that hold nothing included.
const MOST_CELLS: u64 = 100_000_000;

type Bytes = Cursor<Vec<u8>>;

/// An opened workbook.
pub struct Workbook {
    name: String,
    sheets: Sheets<Bytes>,
}

impl Workbook {
    /// Opens the workbook in these bytes.
    ///
    /// # Errors
    /// [`FileError::Workbook`].
    pub fn open(name: &str, bytes: Vec<u8>) -> Result<Self, FileError> {
        match open_workbook_auto_from_rs(Cursor::new(bytes)) {
            Ok(sheets) => Ok(Self { name: name.to_owned(), sheets }),
            Err(e) => Err(FileError::Workbook { file: name.to_owned(), message: e.to_string() }),
        }
    }

    /// The names of its sheets.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.sheets.sheet_names()
    }

    /// A sheet with its numbers written with this mark for decimals, and its dates as ISO 8601 has them.
    ///
    /// # Errors
    /// [`FileError::Workbook`] for a sheet that is not there or cannot be read.
    pub fn grid(&mut self, sheet: &str, decimal: char) -> Result<Grid, FileError> {
        let names = self.sheets.sheet_names();
        if !names.iter().any(|name| name == sheet) {
            return Err(self.refused(format!("it has no sheet \"{sheet}\", but {}", names.join(", "))));
        }
        let mut out = Out::new(merged(&mut self.sheets, sheet));
        match &mut self.sheets {
            Sheets::Xlsx(book) => {
                let refused = |e: calamine::XlsxError| refused(&self.name, e.to_string());
                let mut cells = book.worksheet_cells_reader(sheet).map_err(refused)?;
                while let Some(cell) = cells.next_cell().map_err(refused)? {
                    out.put(&self.name, cell.get_position(), text(cell.get_value(), decimal))?;
                }
                drop(cells);
                out.end_row();
                let mut formulas = book.worksheet_cells_reader(sheet).map_err(refused)?;
                while let Some(cell) = formulas.next_formula().map_err(refused)? {
                    out.formula(cell.get_position(), cell.get_value());
                }
            }
            other => {
                let refused = |e: calamine::Error| refused(&self.name, e.to_string());
                let range = other.worksheet_range(sheet).map_err(refused)?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, column, cell) in range.used_cells() {
                    let at = (top + whole(row), left + whole(column));
                    out.put(&self.name, at, text(&borrowed(cell), decimal))?;
                }
                out.end_row();
                let formulas = other.worksheet_formula(sheet).unwrap_or_default();
                let (top, left) = formulas.start().unwrap_or_default();
                for (row, column, formula) in formulas.used_cells() {
                    out.formula((top + whole(row), left + whole(column)), formula);
                }
            }
        }
        Ok(out.grid)
    }

    fn refused(&self, message: String) -> FileError {
        refused(&self.name, message)
    }
}

fn refused(name: &str, message: String) -> FileError {
    FileError::Workbook { file: name.to_owned(), message }
}

fn whole(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Puts cells into a grid in the order of their places, and fills what is merged downwards.
struct Out {
    grid: Grid,
    row: u32,
    column: u32,
    begun: bool,
    cells: u64,
    /// Where a merged region begins, and its last row.
    regions: HashMap<(u32, u32), u32>,
    /// What fills a column, and down to which row.
    fills: BTreeMap<u32, (u32, String, bool)>,
    /// Cells that hold something.
    full: std::collections::HashSet<(u32, u32)>,
}

impl Out {
    fn new(regions: Vec<Dimensions>) -> Self {
        let regions = regions.into_iter().map(|region| (region.start, region.end.0)).collect();
        let (row, column, begun, cells) = (0, 0, false, 0);
        let (grid, fills, full) = Default::default();
        Self { grid, row, column, begun, cells, regions, fills, full }
    }

    fn put(
        &mut self,
        name: &str,
        (row, column): (u32, u32),
        cell: Result<(String, bool), String>,
    ) -> Result<(), FileError> {
        let (text, native) = match cell {
            Ok((text, _)) if text.is_empty() => return Ok(()),
            Ok(cell) => cell,
            Err(reason) => {
                self.grid.bad.put(row, column, reason);
                (String::new(), false)
            }
        };
        if row < self.row || (row == self.row && column < self.column) {
            return Err(refused(name, "its cells are not in order".to_owned()));
        }
        while self.row < row {
            self.end_row();
        }
        self.begin();
        self.pad(column);
        self.cells += 1;
        if self.cells > MOST_CELLS {
            return Err(refused(name, format!("it has more than {MOST_CELLS} cells")));
        }
        self.full.insert((row, column));
        self.grid.put(&text, native);
        self.column += 1;
        if let Some(last) = self.regions.get(&(row, column)) {
            self.fills.insert(column, (*last, text, native));
        }
        Ok(())
    }

    fn begin(&mut self) {
        if !self.begun {
            self.grid.begin(u64::from(self.row) + 1);
            self.begun = true;
        }
    }

    fn pad(&mut self, column: u32) {
        while self.column < column {
            match self.fills.get(&self.column).filter(|(last, ..)| *last >= self.row) {
                Some((_, text, native)) => self.grid.put(text, *native),
                None => self.grid.put("", false),
            }
            self.cells += 1;
            self.column += 1;
        }
    }

    fn end_row(&mut self) {
        self.begin();
        let row = self.row;
        self.fills.retain(|_, (last, ..)| *last >= row);
        if let Some(last) = self.fills.keys().next_back().copied() {
            self.pad(last + 1);
        }
        (self.row, self.column, self.begun) = (row + 1, 0, false);
    }

    fn formula(&mut self, (row, column): (u32, u32), formula: &str) {
        if !formula.is_empty() && !self.full.contains(&(row, column)) {
            self.grid.bad.put(row, column, UNCALCULATED.to_owned());
        }
    }
}

fn merged(sheets: &mut Sheets<Bytes>, sheet: &str) -> Vec<Dimensions> {
    let all = match sheets {
        Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        Sheets::Xls(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
        Sheets::Ods(_) | Sheets::Xlsb(_) => Vec::new(),
    };
    // Titles that are merged sidewards stay where they stand.
    let down =
        |region: &Dimensions| region.end.0 > region.start.0 && region.end.0 - region.start.0 <= MOST_MERGED;
    all.into_iter().filter(down).collect()
}

fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Empty => DataRef::Empty,
        Data::String(text) => DataRef::SharedString(text),
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
    }
}

/// The text of a cell, and whether the workbook holds it as a number or a date; the error says why it has
/// none.
fn text(cell: &DataRef<'_>, decimal: char) -> Result<(String, bool), String> {
    match cell {
        DataRef::Int(number) => Ok((number_of(&number.to_string(), decimal)?, true)),
        DataRef::Float(number) => Ok((number_of(&number.to_string(), decimal)?, true)),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) => Ok((stands_for(cell)?, true)),
        other => Ok((stands_for(other)?, false)),
    }
}
