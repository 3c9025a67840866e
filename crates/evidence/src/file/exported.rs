//! Exports: what of a table is signed, so that a file of it can be checked anywhere.

use tieout_domain::hash::ContentHasher;

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
