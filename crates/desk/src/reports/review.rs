//! Exports read back without a workspace: whether they are what was written.

use std::{fs, path::Path};

use calamine::{Data, Range, Reader as _};
use chrono::{NaiveDate, NaiveTime, SecondsFormat, TimeDelta};
use serde::Serialize;
use tieout_domain::hash::ContentHasher;
use tieout_evidence::{file::exported::broken_log, signature_fits};

use crate::{
    base::{
        code::Code,
        error::{DeskError, DeskResult},
    },
    reports::sheet::{PREAMBLE, content_hash, plainest, unescaped},
};

/// What an export says when it is read offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Review {
    /// What it is.
    pub kind: String,
    /// The workspace's name.
    pub workspace: String,
    /// Of when.
    pub written_at: String,
    /// By whom, where it says so.
    pub written_by: Option<String>,
    /// What it shows, where it says so.
    pub shows: Option<String>,
    /// Rows that the file says it has.
    pub rows_stated: usize,
    /// Rows that it has.
    pub rows_found: usize,
    /// The key by which it is signed, hex: `verify` in its workspace tells the same one.
    pub key: String,
    /// Why it is not what was written under that key; nothing where it is.
    pub changed: Option<String>,
    /// The headings.
    pub columns: Vec<String>,
    /// The rows, as text.
    #[serde(skip)]
    pub rows: Vec<Vec<String>>,
}

/// The rows of a file: those that say what it is, up to its signature; its headings; the rows of its table.
struct Parts {
    about: Vec<Vec<String>>,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Sheets that no export has.
    further: bool,
}

/// Rows among which the signature stands, at most: totals stand above it.
const ABOUT_ROWS: usize = 100_000;

impl Parts {
    /// Of one list of rows: the headings follow the signature.
    fn of(mut lines: Vec<Vec<String>>) -> Option<Self> {
        let is_signature = |line: &Vec<String>| line.first().is_some_and(|name| *name == PREAMBLE[9]);
        let at = lines.iter().take(ABOUT_ROWS).position(is_signature)?;
        let mut rest = lines.split_off(at + 1);
        if rest.is_empty() {
            return None;
        }
        let rows = rest.split_off(1);
        Some(Self { about: lines, columns: rest.pop().unwrap_or_default(), rows, further: false })
    }

    /// What stands beside a name.
    fn told(&self, name: &str) -> Option<&String> {
        self.about.iter().find(|line| line.first().is_some_and(|first| first == name))?.get(1)
    }

    /// True where the key's signature is over exactly this content.
    fn is_signed(&self) -> bool {
        let bytes = |name: &str| self.told(name).and_then(|text| hex::decode(text).ok());
        let key: Option<[u8; 32]> = bytes(PREAMBLE[8]).and_then(|key| key.try_into().ok());
        let hash = match self.told(PREAMBLE[4]) {
            Some(_) => {
                let signed = self.about.split_last().map_or(&[][..], |(_, signed)| signed);
                content_hash(signed, &self.columns, &self.rows)
            }
            // Such a file has seven rows above its headings, and says nothing else there.
            None if self.about.len() != 7 => return false,
            None => content_hash_2(&self.about, &self.columns, &self.rows),
        };
        !self.further
            && key.zip(bytes(PREAMBLE[9])).is_some_and(|(key, sign)| signature_fits(&key, &hash, &sign))
    }
}

/// What was signed before a file said who wrote it: the second cells of its first five rows, its headings and
/// its rows.
fn content_hash_2(about: &[Vec<String>], columns: &[String], rows: &[Vec<String>]) -> [u8; 32] {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut hasher = ContentHasher::new("tieout-export/2");
    for text in about.iter().take(5).filter_map(|row| row.get(1)) {
        hasher.text(text);
    }
    hasher.number(number(columns.len()));
    for column in columns {
        hasher.text(column);
    }
    hasher.number(number(rows.len()));
    for row in rows {
        hasher.number(number(row.len()));
        for cell in row {
            hasher.text(plainest(cell));
        }
    }
    hasher.finish()
}

/// Reads an export (`.csv` or `.xlsx`) without a workspace, and works out anew whether it is what was signed.
/// `key` is the one that it should be signed with, where that is known.
///
/// # Errors
/// `file_unusable`, `not_an_export`.
pub fn review(path: &Path, key: Option<&str>) -> DeskResult<Review> {
    let not_ours = |why: &str| {
        DeskError::new(
            Code::NotAnExport,
            format!("{} is not an export of Tieout (tieout export …){why}", path.display()),
        )
    };
    let unsigned = || not_ours(", or of a version whose exports were not signed: export it again");
    let parts = match path.extension().and_then(|e| e.to_str()) {
        Some("xlsx") => read_xlsx(path)?,
        Some("parquet") => {
            return Err(not_ours(": a Parquet file is read by data tools; export .csv or .xlsx to review"));
        }
        _ => {
            let lines = read_csv(path)?;
            if lines.first().and_then(|line| line.first()).is_none_or(|first| first != PREAMBLE[0]) {
                return Err(not_ours(""));
            }
            Parts::of(lines)
        }
    };
    let parts = parts.ok_or_else(unsigned)?;
    let told = |name: &str| parts.told(name).cloned().ok_or_else(unsigned);
    let (kind, workspace, workspace_id) = (told(PREAMBLE[0])?, told(PREAMBLE[1])?, told(PREAMBLE[2])?);
    let (written_at, stated, signed_with) = (told(PREAMBLE[3])?, told(PREAMBLE[7])?, told(PREAMBLE[8])?);
    let changed = if key.is_some_and(|key| !key.trim().eq_ignore_ascii_case(&signed_with)) {
        Some("it is signed with another key than yours".to_owned())
    } else if !parts.is_signed() {
        Some("the signature is not over what it says".to_owned())
    } else if kind == "log" {
        broken_log(&workspace_id, &parts.columns, &parts.rows)
    } else {
        None
    };
    Ok(Review {
        kind,
        workspace,
        written_at,
        written_by: parts.told(PREAMBLE[4]).cloned(),
        shows: parts.told(PREAMBLE[6]).cloned(),
        rows_stated: stated.parse().map_err(|_| not_ours(""))?,
        rows_found: parts.rows.len(),
        key: signed_with,
        changed,
        columns: parts.columns,
        rows: parts.rows,
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

/// `None` where it has no signature.
fn read_xlsx(path: &Path) -> DeskResult<Option<Parts>> {
    let bad =
        |e: &dyn std::fmt::Display| DeskError::new(Code::NotAnExport, format!("{}: {e}", path.display()));
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(path).map_err(|e: calamine::XlsxError| bad(&e))?;
    let sheets = book.sheet_names().len();
    let mut sheet = |at: usize| -> DeskResult<Range<Data>> {
        let there = book.worksheet_range_at(at).ok_or_else(|| bad(&"it has no sheet"))?;
        there.map_err(|e| bad(&e))
    };
    let first = sheet(0)?;
    if first.get_value((0, 0)).map(cell_text).as_deref() != Some(PREAMBLE[0]) {
        return Err(bad(&"it is not an export of Tieout (tieout export …)"));
    }
    let width = |row: &[Data]| row.iter().rposition(|c| *c != Data::Empty).map_or(0, |last| last + 1);
    // A row that has more than the headings is read as it stands: what was put there counts.
    let read = |range: &Range<Data>, columns: usize| -> Vec<Vec<String>> {
        let row = |row: &[Data]| row.iter().take(columns.max(width(row))).map(cell_text).collect();
        range.rows().map(row).collect()
    };
    if sheets == 1 {
        // Of before there was a sheet that says what the file is: seven rows above the headings.
        let columns = first.rows().nth(7).map_or(0, width);
        let mut lines = read(&first, columns);
        lines.iter_mut().take(7).for_each(|line| line.truncate(2));
        return Ok(Parts::of(lines));
    }
    let table = sheet(1)?;
    let columns = table.rows().next().map_or(0, width);
    let mut rows = read(&table, columns);
    let headings = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
    let is_signature = |line: &Vec<String>| line.first().is_some_and(|name| *name == PREAMBLE[9]);
    let about = read(&first, 0);
    let whole = about.iter().position(is_signature).is_some_and(|at| at + 1 == about.len());
    Ok(whole.then_some(Parts { about, columns: headings, rows, further: sheets > 2 }))
}

/// A cell as it was written. Numbers were written with at most 15 digits, so their shortest decimal text is
/// the one that was written, but for trailing zeros of the fraction.
fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::DateTime(at) => {
            // To the nearest second: a spreadsheet keeps a fraction of a day.
            let (year, month, day, hour, minute, second, milli) = at.to_ymd_hms_milli();
            let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()).unwrap_or_default();
            let time = date.and_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into());
            let nearest = time.unwrap_or_default() + TimeDelta::milliseconds(500);
            match nearest.time() < SECOND {
                true => nearest.date().to_string(),
                false => nearest.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true),
            }
        }
        other => other.to_string(),
    }
}

/// The first second of a day.
const SECOND: NaiveTime = match NaiveTime::from_hms_opt(0, 0, 1) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
