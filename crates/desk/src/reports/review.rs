//! Exports read back without a workspace: whether they are what was written.

use std::{collections::BTreeMap, fs, path::Path};

use calamine::{Data, Reader as _};
use serde::Serialize;
use tieout_evidence::{Chain, LogEntry, LogFault, LogHead, VerifyInput, signature_fits};

use crate::{
    base::{
        code::Code,
        error::{DeskError, DeskResult},
    },
    reports::export::{PREAMBLE, content_hash, needs_apostrophe},
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

/// Reads an export (`.csv` or `.xlsx`) without a workspace, and works out anew whether it is what was signed.
/// `key` is the one that it should be signed with, where that is known.
///
/// # Errors
/// `file_unusable`, `not_an_export`.
pub fn review(path: &Path, key: Option<&str>) -> DeskResult<Review> {
    let mut lines = match path.extension().and_then(|e| e.to_str()) {
        Some("xlsx") => read_xlsx(path)?,
        _ => read_csv(path)?,
    };
    let not_ours = |why: &str| {
        DeskError::new(
            Code::NotAnExport,
            format!("{} is not an export of Tieout (tieout export …){why}", path.display()),
        )
    };
    if lines.first().and_then(|line| line.first()).is_none_or(|first| first != PREAMBLE[0]) {
        return Err(not_ours(""));
    }
    let told = |at: usize| -> Option<&String> {
        let line = lines.get(at)?;
        line.get(1).filter(|_| line.first().is_some_and(|name| name == PREAMBLE[at]))
    };
    let told: Option<Vec<String>> = (0..PREAMBLE.len()).map(|at| told(at).cloned()).collect();
    let Some(told) = told.filter(|_| lines.len() > PREAMBLE.len()) else {
        return Err(not_ours(", or of a version whose exports were not signed: export it again"));
    };
    let rows = lines.split_off(PREAMBLE.len() + 1);
    let columns = lines.pop().unwrap_or_default();
    let [kind, workspace, workspace_id, written_at, stated, signed_with, _] = &told[..] else {
        return Err(not_ours(""));
    };
    let changed = if key.is_some_and(|key| !key.trim().eq_ignore_ascii_case(signed_with)) {
        Some("it is signed with another key than yours".to_owned())
    } else if !is_signed(&told, &columns, &rows) {
        Some("the signature is not over what it says".to_owned())
    } else if kind == "log" {
        broken_log(workspace_id, &columns, &rows)
    } else {
        None
    };
    Ok(Review {
        kind: kind.clone(),
        workspace: workspace.clone(),
        written_at: written_at.clone(),
        rows_stated: stated.parse().map_err(|_| not_ours(""))?,
        rows_found: rows.len(),
        key: signed_with.clone(),
        changed,
        columns,
        rows,
    })
}

/// True where the key's signature is over exactly this content.
fn is_signed(told: &[String], columns: &[String], rows: &[Vec<String>]) -> bool {
    let (signed, proof) = told.split_at(PREAMBLE.len() - 2);
    let signed: Vec<&str> = signed.iter().map(String::as_str).collect();
    let bytes = |at: usize| proof.get(at).and_then(|text| hex::decode(text).ok());
    let key: Option<[u8; 32]> = bytes(0).and_then(|key| key.try_into().ok());
    let hash = content_hash(&signed, columns, rows);
    key.zip(bytes(1)).is_some_and(|(key, signature)| signature_fits(&key, &hash, &signature))
}

/// Why the entries of a log are not those that were written: each has its own hash and names the one before
/// it, and decisions have their people's signatures, whoever signed the file.
fn broken_log(workspace_id: &str, columns: &[String], rows: &[Vec<String>]) -> Option<String> {
    let places: BTreeMap<&str, usize> =
        columns.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let entries: Option<Vec<LogEntry>> = rows.iter().map(|row| entry(&places, row)).collect();
    let Some(entries) = entries else { return Some("an entry of it cannot be read".to_owned()) };
    let broken = |number: i64, why: &str| Some(format!("entry {number} of it: {why}"));
    let whole = (1..).zip(&entries).all(|(number, entry)| entry.number == number);
    if !whole {
        // Some of them: each for itself, and where two follow each other.
        let edited = entries.iter().find(|entry| entry.computed_hash() != entry.hash);
        let mut pairs = entries.windows(2);
        let apart = pairs.find(|two| two[0].number + 1 == two[1].number && two[1].previous != two[0].hash);
        return match (edited, apart) {
            (Some(entry), _) => broken(entry.number, LogFault::Edited.message()),
            (None, Some(two)) => broken(two[1].number, LogFault::BrokenLink.message()),
            (None, None) => None,
        };
    }
    let input = VerifyInput::default();
    let mut chain = Chain::new(LogHead::genesis(workspace_id), &input);
    entries.iter().for_each(|entry| chain.entry(entry));
    // What the log tells of its workspace is no change of the file.
    let of_file = |fault: &LogFault| {
        !matches!(fault, LogFault::TimeRunsBack | LogFault::SealBroken | LogFault::DecisionDiffers)
    };
    let found = chain.end().report.findings.into_iter().find(|finding| of_file(&finding.fault))?;
    broken(found.number, found.fault.message())
}

fn entry(places: &BTreeMap<&str, usize>, row: &[String]) -> Option<LogEntry> {
    let cell = |name: &str| places.get(name).and_then(|at| row.get(*at));
    let some = |name: &str| cell(name).filter(|text| !text.is_empty());
    let hash = |name: &str| hex::decode(cell(name)?).ok()?.try_into().ok();
    Some(LogEntry {
        number: cell("number")?.parse().ok()?,
        at: cell("at")?.parse().ok()?,
        actor: cell("actor")?.clone(),
        what: cell("what")?.clone(),
        subject: cell("subject")?.clone(),
        detail: cell("detail")?.clone(),
        previous: hash("previous")?,
        hash: hash("hash")?,
        signer: some("signer").map(|signer| signer.parse()).transpose().ok()?,
        signature: some("signature").map(hex::decode).transpose().ok()?,
        seal: some("seal").cloned(),
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

/// Takes the apostrophe of an export off again.
fn unescaped(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| needs_apostrophe(rest)).unwrap_or(cell)
}

fn read_xlsx(path: &Path) -> DeskResult<Vec<Vec<String>>> {
    let bad =
        |e: &dyn std::fmt::Display| DeskError::new(Code::NotAnExport, format!("{}: {e}", path.display()));
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(path).map_err(|e: calamine::XlsxError| bad(&e))?;
    let range = book.worksheet_range_at(0).ok_or_else(|| bad(&"it has no sheet"))?.map_err(|e| bad(&e))?;
    let width = |row: &[Data]| row.iter().rposition(|c| *c != Data::Empty).map_or(0, |last| last + 1);
    let columns = range.rows().nth(PREAMBLE.len()).map_or(0, width);
    Ok(range
        .rows()
        .enumerate()
        .map(|(index, row)| {
            // A row that has more than the headings is read as it stands: what was put there counts.
            let cells = if index < PREAMBLE.len() { 2 } else { columns.max(width(row)) };
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
#[path = "review_tests.rs"]
mod tests;
