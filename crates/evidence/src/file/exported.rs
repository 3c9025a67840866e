//! Exports: what of a table is signed, so that a file of it can be checked anywhere.

use std::collections::BTreeMap;

use tieout_domain::hash::ContentHasher;

use crate::{
    chain::{Chain, VerifyInput},
    entry::{LogEntry, LogHead, signature_fits},
    file::signed::key_of,
    finding::LogFault,
};

/// The first cells of the rows that say what a file is, in their order; the last row is the signature over
/// all the others, the headings and the rows.
pub const PREAMBLE: [&str; 10] = [
    "Tieout export",
    "Workspace",
    "Workspace id",
    "Written at (UTC)",
    "Written by",
    "As of (UTC)",
    "Shows",
    "Rows",
    "Signed with key",
    "Signature",
];

/// True of what a spreadsheet would run as a formula, and of what has an apostrophe of its own: it is written
/// with one in front.
#[must_use]
pub fn needs_apostrophe(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=' | b'@' | b'\t' | b'\r') => true,
        Some(b'+' | b'-') => !is_plain_number(text),
        Some(b'\'') => needs_apostrophe(&text[1..]),
        _ => false,
    }
}

/// Takes the apostrophe of an export off again.
#[must_use]
pub fn unescaped(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| needs_apostrophe(rest)).unwrap_or(cell)
}

/// True of digits with a sign and a point at most.
#[must_use]
pub fn is_plain_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    text.len() - digits.len() <= 1
        && digits.bytes().any(|b| b.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// What is signed: the rows that say what the file is, its headings and its rows, each with how many they
/// are. Cells that hold nothing at the end of a row, and rows of nothing, count for nothing: a spreadsheet
/// does not keep them.
#[must_use]
pub fn content_hash(
    about: &[Vec<impl AsRef<str>>],
    columns: &[impl AsRef<str>],
    rows: &[Vec<impl AsRef<str>>],
) -> [u8; 32] {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut hasher = ContentHasher::new("tieout-export/3");
    for row in about {
        let held = row.iter().rposition(|cell| !cell.as_ref().is_empty()).map_or(0, |last| last + 1);
        if held > 0 {
            hasher.number(number(held));
            for cell in row.iter().take(held) {
                hasher.text(plainest(cell.as_ref()));
            }
        }
    }
    hasher.number(0);
    hasher.number(number(columns.len()));
    for column in columns {
        hasher.text(column.as_ref());
    }
    hasher.number(number(rows.len()));
    for row in rows {
        hasher.number(number(row.len()));
        for cell in row {
            hasher.text(plainest(cell.as_ref()));
        }
    }
    hasher.finish()
}

/// A number without the trailing zeros of its fraction, and midnight as its day: a spreadsheet keeps neither.
#[must_use]
pub fn plainest(cell: &str) -> &str {
    match is_plain_number(cell) && cell.contains('.') {
        true => cell.trim_end_matches('0').trim_end_matches('.'),
        false => cell.strip_suffix("T00:00:00Z").unwrap_or(cell),
    }
}

/// An export of which each cell is a text, as a CSV file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedTable {
    /// The rows that say what it is, up to its signature.
    pub about: Vec<Vec<String>>,
    /// The headings.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl ExportedTable {
    /// Of the lines of a CSV file, the apostrophes taken off; `None` where it is no signed export.
    #[must_use]
    pub fn of(mut lines: Vec<Vec<String>>) -> Option<Self> {
        let first = |line: &Vec<String>, name: &str| line.first().is_some_and(|cell| cell == name);
        if !lines.first().is_some_and(|line| first(line, PREAMBLE[0])) {
            return None;
        }
        let at = lines.iter().position(|line| first(line, PREAMBLE[9]))?;
        let mut rest = lines.split_off(at + 1);
        if rest.is_empty() {
            return None;
        }
        let rows = rest.split_off(1);
        Some(Self { about: lines, columns: rest.pop().unwrap_or_default(), rows })
    }

    /// What stands beside a name of its first rows.
    #[must_use]
    pub fn told(&self, name: &str) -> Option<&str> {
        let line = self.about.iter().find(|line| line.first().is_some_and(|first| first == name))?;
        line.get(1).map(String::as_str)
    }

    /// The key whose signature is over exactly this content; `None` where none is.
    #[must_use]
    pub fn signed_with(&self) -> Option<&str> {
        let key = self.told(PREAMBLE[8])?;
        let signature = hex::decode(self.told(PREAMBLE[9])?).ok()?;
        let (_, signed) = self.about.split_last()?;
        let hash = content_hash(signed, &self.columns, &self.rows);
        let stated = self.told(PREAMBLE[7])? == self.rows.len().to_string();
        (stated && signature_fits(&key_of(key)?, &hash, &signature)).then_some(key)
    }
}

/// Why the entries of a log are not those that were written: each has its own hash and names the one before
/// it, and decisions have their people's signatures, whoever signed the file.
#[must_use]
pub fn broken_log(workspace_id: &str, columns: &[String], rows: &[Vec<String>]) -> Option<String> {
    let places: BTreeMap<&str, usize> =
        columns.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let entries: Option<Vec<LogEntry>> = rows.iter().map(|row| entry_of(&places, row)).collect();
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

fn entry_of(places: &BTreeMap<&str, usize>, row: &[String]) -> Option<LogEntry> {
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
