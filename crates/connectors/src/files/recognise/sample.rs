//! A file as it could be cut into tables: its encoding, its separator, its sheets.

use super::{
    super::{
        content::bytes,
        encoding::Encoding,
        error::{FileError, Why, unsure},
        grid::{Cut, Grid, Unclosed, cut, separator_line},
        map::FileFormat,
        metadata::Batch,
        open::{is_workbook, text},
        role::MapKind,
        shape::Metadata,
        source::FileSource,
        workbook::Workbook,
    },
    columns::{Found, find},
    hints::{Hints, Said},
};

/// Rows that are looked at before a file is cut whole.
const HEAD: usize = 500;

/// A file that was cut into a table.
pub struct Sample {
    /// The file's name.
    pub name: String,
    /// How it is to be opened.
    pub format: FileFormat,
    /// All of it.
    pub grid: Grid,
    /// Its header.
    pub found: Found,
    /// The sheets of its workbook.
    pub sheets: Vec<String>,
}

/// Opens a file and finds its table.
///
/// # Errors
/// [`FileError`], of what is missing too.
pub fn take(source: &FileSource, hints: &Hints) -> Result<Sample, FileError> {
    let kind = hints.kind;
    let (name, bytes) = bytes(&source.path)?;
    if bytes.is_empty() {
        return Err(FileError::Empty(name));
    }
    let sample = match is_workbook(&bytes) {
        true => of_workbook(name, bytes, hints)?,
        false => of_text(name, &bytes, (kind, &hints.said))?,
    };
    if let Some(kind) = kind.filter(|kind| *kind != sample.found.kind) {
        let (is, verb) = match kind {
            MapKind::Billing => ("a ledger's", "gl"),
            MapKind::Gl => ("billing's", "billing"),
        };
        let what = sample.found.profile.map_or(String::new(), |profile| format!(" ({})", profile.title));
        let message =
            format!("by its headings the file is {is}{what}: import it with `tieout import {verb}`");
        return Err(unsure(Why::OtherKind, &sample.name, message));
    }
    Ok(sample)
}

fn not_found(name: &str) -> FileError {
    let message = "no row of it holds headings that are known for a date, a number and amounts (and, of a \
                   ledger, accounts): write a column map (README, \"Column maps\") and import it with --map";
    unsure(Why::NotRecognised, name, message)
}

fn of_workbook(name: String, bytes: Vec<u8>, hints: &Hints) -> Result<Sample, FileError> {
    let kind = hints.kind;
    let mut book = Workbook::open(&name, bytes)?;
    let sheets = book.names();
    let names = match &hints.sheet {
        Some(sheet) => vec![sheet.clone()],
        None => sheets.clone(),
    };
    let mut tables = Vec::new();
    for sheet in names {
        let grid = book.grid(&sheet, '.')?;
        if let Some(found) =
            find(&grid, kind, &hints.said).filter(|found| found.row + found.rows < grid.len())
        {
            tables.push((sheet, grid, found));
        }
    }
    let fits = |found: &Found| kind.is_none_or(|kind| kind == found.kind);
    if tables.iter().any(|(.., found)| fits(found)) {
        tables.retain(|(.., found)| fits(found));
    }
    if tables.len() > 1 {
        let names: Vec<String> = tables.iter().map(|(name, ..)| format!("\"{name}\"")).collect();
        let message = format!("the sheets {} could each be meant: name one with --sheet", names.join(", "));
        return Err(unsure(Why::Sheets, &name, message));
    }
    let (sheet, grid, found) = tables.pop().ok_or_else(|| not_found(&name))?;
    let format = FileFormat { sheet: Some(sheet), ..FileFormat::default() };
    Ok(Sample { name, format, grid, found, sheets })
}

fn of_text(name: String, bytes: &[u8], (kind, said): (Option<MapKind>, &Said)) -> Result<Sample, FileError> {
    let encoding = Encoding::of(bytes);
    let text = text(&name, bytes, encoding)?;
    let mut best: Option<(Cut, Found, usize)> = None;
    let mut unclosed = None;
    for how in cuts(&text) {
        let grid = match cut(&text, how, HEAD) {
            Ok(grid) => grid,
            Err(Unclosed(row)) => {
                unclosed = Some(row);
                continue;
            }
        };
        let Some(found) = find(&grid, kind, said) else { continue };
        let even = evenness(&grid);
        let better = |(_, known, rows): &(Cut, Found, usize)| (found.score, even) > (known.score, *rows);
        if best.as_ref().is_none_or(better) {
            best = Some((how, found, even));
        }
    }
    let Some((how, found, _)) = best else {
        let cut_off = unclosed.map(|row| FileError::UnclosedQuote { file: name.clone(), row });
        return Err(cut_off.unwrap_or_else(|| not_found(&name)));
    };
    let grid = cut(&text, how, usize::MAX)
        .map_err(|Unclosed(row)| FileError::UnclosedQuote { file: name.clone(), row })?;
    let first: Vec<&str> = grid.row(0).collect();
    let metadata = Batch::read(&first).map(|_| Metadata::Datev);
    let format = FileFormat { delimiter: how.delimiter, encoding, list: how.list, metadata, sheet: None };
    Ok(Sample { name, format, grid, found, sheets: Vec::new() })
}

/// A file as it stands, whatever it is: its rows, how they were cut, and the sheets of its workbook.
///
/// # Errors
/// [`FileError`] where it cannot be read.
pub fn raw(
    source: &FileSource,
    sheet: Option<&str>,
) -> Result<(String, FileFormat, Grid, Vec<String>), FileError> {
    let (name, bytes) = bytes(&source.path)?;
    if bytes.is_empty() {
        return Err(FileError::Empty(name));
    }
    if is_workbook(&bytes) {
        let mut book = Workbook::open(&name, bytes)?;
        let sheets = book.names();
        let own = sheet.map(str::to_owned).or_else(|| sheets.first().cloned()).unwrap_or_default();
        let grid = book.grid(&own, '.')?;
        return Ok((name, FileFormat { sheet: Some(own), ..FileFormat::default() }, grid, sheets));
    }
    let encoding = Encoding::of(&bytes);
    let text = text(&name, &bytes, encoding)?;
    let head = |how: &Cut| cut(&text, *how, HEAD).map_or(0, |grid| evenness(&grid));
    let how = cuts(&text).into_iter().rev().max_by_key(head);
    let how = how.unwrap_or(Cut { delimiter: ',', quotes: true, list: false });
    let grid = cut(&text, how, usize::MAX)
        .map_err(|Unclosed(row)| FileError::UnclosedQuote { file: name.clone(), row })?;
    let format = FileFormat { delimiter: how.delimiter, encoding, list: how.list, ..FileFormat::default() };
    Ok((name, format, grid, Vec::new()))
}

fn cuts(text: &str) -> Vec<Cut> {
    let quoted = |delimiter| Cut { delimiter, quotes: true, list: false };
    if let Some((delimiter, _)) = separator_line(text) {
        return vec![quoted(delimiter)];
    }
    let head = || text.lines().take(HEAD);
    let bars = head().filter(|line| line.trim_start().starts_with('|')).count();
    let is_rule = |line: &&str| line.len() > 9 && line.chars().all(|c| matches!(c, '-' | '|' | '+' | '='));
    let mut all = Vec::new();
    if bars > 1 && head().any(|line| is_rule(&line.trim())) {
        all.push(Cut { delimiter: '|', quotes: false, list: true });
    }
    all.extend([',', ';', '\t', '|'].map(quoted));
    all
}

/// How many rows have as many cells as most have, weighted by how many those are.
fn evenness(grid: &Grid) -> usize {
    let mut widths: Vec<usize> =
        (0..grid.len()).map(|row| grid.width(row)).filter(|width| *width > 1).collect();
    widths.sort_unstable();
    let runs = widths.chunk_by(|one, other| one == other);
    runs.map(|run| run.len() * run.first().copied().unwrap_or_default().min(12)).max().unwrap_or_default()
}
