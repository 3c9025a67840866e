//! The hash of the rows that belong to one row of another table: a document's lines, an entry's, those of an
//! expectation. It stands in that row as `lines_hash` (absent where there are no lines), and that row is
//! sealed.

use rusqlite::params;
use tieout_domain::{AccountCode, ledger::LedgerLine};
use tieout_evidence::{LinesHash, Value};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sealed::{BOUND, Bound},
    sealing::value_of,
};

/// The version in which the hashes came.
pub(crate) const SINCE: i64 = 5;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: SINCE,
    sql: "ALTER TABLE document ADD COLUMN lines_hash BLOB;
          ALTER TABLE entry ADD COLUMN lines_hash BLOB;
          ALTER TABLE expectation ADD COLUMN lines_hash BLOB;",
}];

/// Lines between two times that a reading asks whether to go on.
const CHUNK: u64 = 5_000;

/// The hash of the lines.
pub(crate) type Hash = Option<[u8; 32]>;

fn number(index: usize) -> i64 {
    i64::try_from(index + 1).unwrap_or(i64::MAX)
}

/// Of a document's lines as `document_lines` keeps them.
pub(crate) fn of_document(lines: &str, moves: bool) -> Hash {
    let mut hash = LinesHash::of("document_lines");
    if !lines.is_empty() {
        hash.line([Value::word(lines), Value::Integer(moves.into())]);
    }
    hash.finish()
}

/// Of an entry's lines as `entry_line` keeps them.
pub(crate) fn of_entry(lines: &[LedgerLine]) -> Hash {
    let mut hash = LinesHash::of("entry_line");
    for (index, line) in lines.iter().enumerate() {
        hash.line([
            Value::Integer(number(index)),
            Value::text(Some(line.account.as_str())),
            Value::Integer(line.transaction_minor),
            Value::Integer(line.functional_minor),
            Value::text(line.memo.as_deref()),
        ]);
    }
    hash.finish()
}

/// Of an expectation's lines as `expected_line` keeps them: by account.
pub(crate) fn of_expectation(lines: &[(AccountCode, i64)]) -> Hash {
    let mut sorted: Vec<(&str, i64)> =
        lines.iter().map(|(account, minor)| (account.as_str(), *minor)).collect();
    sorted.sort_unstable();
    let mut hash = LinesHash::of("expected_line");
    for (account, minor) in sorted {
        hash.line([Value::text(Some(account)), Value::Integer(minor)]);
    }
    hash.finish()
}

/// Hands out whose lines there are, with their hash, in the order of the internal keys. `more` is told how
/// many lines were read; false where it says to stop.
pub(crate) fn each(
    db: &Db,
    bound: &Bound,
    found: &mut dyn FnMut(i64, [u8; 32]) -> Result<()>,
    more: &mut dyn FnMut(u64) -> bool,
) -> Result<bool> {
    let mut statement = db.prepare(&format!("SELECT * FROM {} ORDER BY 1, 2", bound.table))?;
    let mut rows = statement.query([])?;
    let (mut under_way, mut told): (Option<(i64, LinesHash)>, u64) = (None, 0);
    while let Some(row) = rows.next()? {
        let whose: i64 = row.get(0)?;
        let same = under_way.as_ref().is_some_and(|(before, _)| *before == whose);
        if !same && let Some((before, hash)) = under_way.replace((whose, LinesHash::of(bound.table))) {
            hash.finish().map_or(Ok(()), |hash| found(before, hash))?;
        }
        if let Some((_, hash)) = &mut under_way {
            let width = row.as_ref().column_count();
            let values: Vec<_> =
                (1..width).map(|at| Ok(value_of(row.get_ref(at)?))).collect::<rusqlite::Result<_>>()?;
            hash.line(values);
        }
        told += 1;
        if told == CHUNK {
            told = 0;
            if !more(CHUNK) {
                return Ok(false);
            }
        }
    }
    if let Some((whose, hash)) = under_way {
        hash.finish().map_or(Ok(()), |hash| found(whose, hash))?;
    }
    Ok(more(told))
}

/// Hashes the lines of a file of before there were hashes.
pub(crate) fn hash_those_without(tx: &Tx<'_>) -> Result<()> {
    for bound in BOUND {
        let mut write = tx.prepare_cached(&format!(
            "UPDATE {} SET lines_hash = ?2 WHERE {} = ?1",
            bound.parent, bound.parent_key
        ))?;
        let mut keep = |whose: i64, hash: [u8; 32]| -> Result<()> {
            write.execute(params![whose, &hash[..]])?;
            Ok(())
        };
        each(tx, bound, &mut keep, &mut |_| true)?;
    }
    Ok(())
}
