//! What is bound by a hash elsewhere, and what ought to be there.

use std::{collections::BTreeMap, io::Read};

use sha2::{Digest as _, Sha256};

use super::finding::{MOST, TableFinding, at_most};
use crate::{
    db::Db,
    error::Result,
    sealed::{BOUND, Bound},
    table::{document, lines},
};

/// Payloads between two times that the caller is told.
const CHUNK: u64 = 50;

/// What holds whatever was sealed: lines, payloads, and that every document was derived or waits for it.
pub(super) fn check(db: &Db, more: &mut dyn FnMut(u64) -> bool) -> Result<Option<Vec<TableFinding>>> {
    let mut found = Vec::new();
    for bound in BOUND {
        match check_lines(db, bound, more)? {
            None => return Ok(None),
            Some(of_it) => found.extend(at_most(of_it)),
        }
    }
    match check_payloads(db, more)? {
        None => return Ok(None),
        Some(of_it) => found.extend(at_most(of_it)),
    }
    found.extend(at_most(lost(db)?));
    Ok(Some(found))
}

/// Every row has the lines whose hash it holds, and no line is without its row.
fn check_lines(
    db: &Db,
    bound: &Bound,
    more: &mut dyn FnMut(u64) -> bool,
) -> Result<Option<Vec<TableFinding>>> {
    let Bound { parent, parent_key, .. } = bound;
    let query =
        format!("SELECT {parent_key}, lines_hash FROM {parent} WHERE lines_hash IS NOT NULL ORDER BY 1");
    let mut statement = db.prepare(&query)?;
    let mut parents = statement.query([])?;
    let mut ahead: Option<(i64, Vec<u8>)> = None;
    let mut next_parent = || -> Result<Option<(i64, Vec<u8>)>> {
        Ok(parents.next()?.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?)
    };
    let mut unlike: BTreeMap<i64, &str> = BTreeMap::new();
    const GONE: &str = "lines of it are gone";
    // Both run in the order of the key.
    let mut compare = |whose: i64, hash: [u8; 32]| -> Result<()> {
        loop {
            if ahead.is_none() {
                ahead = next_parent()?;
            }
            match &ahead {
                Some((at, _)) if *at < whose => {
                    unlike.insert(*at, GONE);
                    ahead = None;
                }
                Some((at, held)) if *at == whose => {
                    if held[..] != hash[..] {
                        unlike.insert(whose, "its lines are not those that it was kept with");
                    }
                    ahead = None;
                    return Ok(());
                }
                Some(_) | None => {
                    unlike.insert(whose, "there are lines of it that it was not kept with");
                    return Ok(());
                }
            }
        }
    };
    if !lines::each(db, bound, &mut compare, more)? {
        return Ok(None);
    }
    let rest = ahead.map(|(at, _)| at);
    let mut after = Vec::new();
    while let Some((at, _)) = next_parent()? {
        after.push(at);
    }
    unlike.extend(rest.into_iter().chain(after).map(|at| (at, GONE)));
    let told = unlike
        .into_iter()
        .map(|(whose, why)| Ok(TableFinding::of_row(bound.table, whose_lines(db, bound, whose)?, why)));
    Ok(Some(told.take(MOST + 1).collect::<Result<_>>()?))
}

fn whose_lines(db: &Db, bound: &Bound, whose: i64) -> Result<String> {
    let query = match bound.parent {
        "entry" => "SELECT id FROM entry WHERE seq = ?1",
        _ => "SELECT id FROM document WHERE seq = ?1",
    };
    let mut statement = db.prepare_cached(query)?;
    let mut rows = statement.query([whose])?;
    Ok(match rows.next()? {
        Some(row) => row.get(0)?,
        None => format!("{} {whose}", bound.of),
    })
}

/// Every payload is what its name says.
fn check_payloads(db: &Db, more: &mut dyn FnMut(u64) -> bool) -> Result<Option<Vec<TableFinding>>> {
    let mut statement = db.prepare("SELECT hash, size, zstd FROM payload")?;
    let mut rows = statement.query([])?;
    let (mut found, mut told) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let (hash, size) = (row.get_ref(0)?.as_blob().unwrap_or_default(), row.get::<_, i64>(1)?);
        let zstd = row.get_ref(2)?.as_blob().unwrap_or_default();
        let whole = unpacked(zstd).is_ok_and(|(found, length)| found[..] == *hash && length == size);
        if !whole {
            let why = "its bytes are not those that were received";
            found.push(TableFinding::of_row("payload", hex::encode(hash), why));
        }
        told += 1;
        if told == CHUNK {
            told = 0;
            if !more(CHUNK) {
                return Ok(None);
            }
        }
    }
    Ok(more(told).then_some(found))
}

/// The hash and the length of compressed bytes, a piece at a time: what the file says of their size is not
/// believed.
fn unpacked(zstd: &[u8]) -> std::io::Result<([u8; 32], i64)> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(zstd)?;
    let (mut hasher, mut piece, mut length) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let read = decoder.read(&mut piece)?;
        if read == 0 {
            return Ok((hasher.finalize().into(), length));
        }
        hasher.update(&piece[..read]);
        length += i64::try_from(read).unwrap_or(i64::MAX);
    }
}

/// Documents of which nobody said what the ledger should hold, and which do not wait for it.
fn lost(db: &Db) -> Result<Vec<TableFinding>> {
    let mut statement = db.prepare(
        "SELECT d.id FROM document d LEFT JOIN expectation e ON e.document_seq = d.seq
         LEFT JOIN dirty_document x ON x.document_seq = d.seq
         WHERE e.document_seq IS NULL AND x.document_seq IS NULL ORDER BY d.seq",
    )?;
    let why = "what the ledger should hold for it was never derived, and it does not wait for it";
    let rows = statement
        .query_map([], |row| Ok(TableFinding::of_row("dirty_document", row.get::<_, String>(0)?, why)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The rows of a table that contradict themselves: asked where the table is not as it was sealed.
pub(super) fn of(db: &Db, table: &str) -> Result<Vec<TableFinding>> {
    match table {
        "document" => documents(db),
        "expectation" => texts(db, table, EXPECTATIONS, "its figures are not those of its lines"),
        "exception" => exceptions(db),
        _ => Ok(Vec::new()),
    }
}

/// Documents whose content is not what their hash says.
fn documents(db: &Db) -> Result<Vec<TableFinding>> {
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let some = document::select(db, "d.seq > ?1 AND d.seq <= ?1 + 5000", &[&after])?;
        let newest: i64 = db.query_row("SELECT coalesce(max(seq), 0) FROM document", [], |row| row.get(0))?;
        for stored in &some {
            let kept: String = db
                .prepare_cached("SELECT content_hash FROM document WHERE seq = ?1")?
                .query_row([stored.seq.0], |row| row.get(0))?;
            if stored.document.content_hash() != kept {
                let why = "its content is not what its hash says";
                found.push(TableFinding::of_row("document", stored.id.as_str(), why));
            }
        }
        after += 5_000;
        if after >= newest || found.len() > MOST {
            return Ok(found);
        }
    }
}

/// Expectations whose figures do not follow from their lines.
const EXPECTATIONS: &str = "SELECT d.id FROM expectation e JOIN document d ON d.seq = e.document_seq
    WHERE e.books <> EXISTS (SELECT 1 FROM expected_line l WHERE l.document_seq = e.document_seq)
       OR e.control_minor <> coalesce((SELECT sum(l.amount_minor) FROM expected_line l
         WHERE l.document_seq = e.document_seq AND l.account = e.control), 0)
    ORDER BY d.seq LIMIT 100";

fn texts(db: &Db, table: &str, query: &str, why: &str) -> Result<Vec<TableFinding>> {
    let mut statement = db.prepare(query)?;
    let rows =
        statement.query_map([], |row| Ok(TableFinding::of_row(table, row.get::<_, String>(0)?, why)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Exceptions that the log names and that are gone, and those that stand as a person would have put them,
/// though no entry says so.
fn exceptions(db: &Db) -> Result<Vec<TableFinding>> {
    let gone = "SELECT DISTINCT l.subject FROM log l WHERE l.subject LIKE 'exc\\_%' ESCAPE '\\'
        AND NOT EXISTS (SELECT 1 FROM exception x WHERE x.id = l.subject) ORDER BY 1 LIMIT 100";
    let mut found = texts(db, "exception", gone, "it is gone, though the log tells of it")?;
    let set_aside = "SELECT x.id FROM exception x WHERE x.state IN ('dismissed', 'on_hold')
        AND x.state IS NOT (SELECT l.detail ->> 'state' FROM log l WHERE l.subject = x.id
          AND l.detail ->> 'state' IS NOT NULL ORDER BY l.number DESC LIMIT 1)
        ORDER BY x.seq LIMIT 100";
    let why = "it is put aside, and no entry of the log says by whom";
    found.extend(texts(db, "exception", set_aside, why)?);
    Ok(found)
}
