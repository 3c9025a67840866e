//! Table `document_lines`: the lines of each document in one text, in the vendor's order. A document has some
//! twenty of them and they are only ever read together, so that a row for each would be most of what an
//! import writes.
//!
//! The text is a JSON array of arrays: product, description, quantity, unit price (both as decimal texts),
//! amount and tax in minor units, tax code, first and last day of service; the last three as far as there are
//! any.

use std::{borrow::Cow, collections::BTreeMap};

use rusqlite::{OptionalExtension, Row, params, params_from_iter, types::Type};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeSeq as _};
use tieout_domain::{
    decimal,
    document::{DocumentDate, DocumentLine},
};
use tieout_evidence::LinesHash;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sealing::value_of,
    sql::{AT_ONCE, marks, parsed},
    table::lines,
};

/// The version in which a document's lines came into one row.
pub(crate) const SINCE: i64 = 7;

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE document_line (document_seq INTEGER NOT NULL, line_no INTEGER NOT NULL,
            product TEXT, description TEXT NOT NULL, quantity TEXT NOT NULL, unit_price TEXT NOT NULL,
            amount_minor INTEGER, tax_minor INTEGER NOT NULL, tax_code TEXT, service_starts TEXT,
            service_ends TEXT, PRIMARY KEY (document_seq, line_no)) WITHOUT ROWID;",
    },
    // `moves`: 1 where a line has an amount, a tax, or an amount that only the document's total rounds.
    Migration {
        version: SINCE,
        sql: "CREATE TABLE document_lines (document_seq INTEGER PRIMARY KEY, lines TEXT NOT NULL,
            moves INTEGER NOT NULL);",
    },
];

/// A line as it is read: what its end lacks is nothing.
#[derive(Deserialize)]
struct Cells<'l>(
    #[serde(borrow)] Option<Cow<'l, str>>,
    #[serde(borrow)] Cow<'l, str>,
    #[serde(borrow)] Cow<'l, str>,
    #[serde(borrow)] Cow<'l, str>,
    Option<i64>,
    i64,
    #[serde(borrow, default)] Option<Cow<'l, str>>,
    #[serde(borrow, default)] Option<Cow<'l, str>>,
    #[serde(borrow, default)] Option<Cow<'l, str>>,
);

/// A line as it is written, with its quantity and its price as texts.
struct Written<'l>(&'l DocumentLine, &'l str, &'l str);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let Self(line, quantity, price) = self;
        let day = |date: Option<DocumentDate>| date.map(DocumentDate::to_text);
        let end = [line.tax_code.clone(), day(line.service_starts), day(line.service_ends)];
        // What is nothing at the end of a line is not written: it is so in most of them.
        let held = end.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let mut cells = serializer.serialize_seq(None)?;
        cells.serialize_element(&line.product)?;
        cells.serialize_element(&line.description)?;
        cells.serialize_element(quantity)?;
        cells.serialize_element(price)?;
        cells.serialize_element(&line.amount_minor)?;
        cells.serialize_element(&line.tax_minor)?;
        for cell in end.iter().take(held) {
            cells.serialize_element(cell)?;
        }
        cells.end()
    }
}

/// The lines of a document as they are kept, made without the database; empty where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    lines: String,
    moves: bool,
}

impl Text {
    pub(crate) fn of(all: &[DocumentLine]) -> Self {
        if all.is_empty() {
            return Self::default();
        }
        let (mut lines, mut numbers) = (Vec::with_capacity(all.len() * 64), String::new());
        for line in all {
            numbers.clear();
            decimal::push(&mut numbers, line.quantity);
            let quantity = numbers.len();
            decimal::push(&mut numbers, line.unit_price);
            let (quantity, price) = numbers.split_at(quantity);
            lines.push(if lines.is_empty() { b'[' } else { b',' });
            // Texts and numbers written into memory: nothing of it can fail.
            let _ = serde_json::to_writer(&mut lines, &Written(line, quantity, price));
        }
        lines.push(b']');
        let moves = all.iter().any(|line| line.amount_minor != Some(0) || line.tax_minor != 0);
        Self { lines: String::from_utf8(lines).unwrap_or_default(), moves }
    }

    /// The hash that the document's row holds.
    pub(crate) fn hash(&self) -> lines::Hash {
        lines::of_document(&self.lines, self.moves)
    }
}

/// The column that [`read`] needs.
pub(crate) const COLUMN: &str = "l.lines";

/// The lines of the column at `index`; none where it is null.
pub(crate) fn read(row: &Row<'_>, index: usize) -> rusqlite::Result<Vec<DocumentLine>> {
    let Some(text) = row.get_ref(index)?.as_str_or_null()? else { return Ok(Vec::new()) };
    let wrong = |e: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, e.into());
    let all: Vec<Cells<'_>> = serde_json::from_str(text).map_err(wrong)?;
    all.into_iter().map(line).collect()
}

fn line(cells: Cells<'_>) -> rusqlite::Result<DocumentLine> {
    let Cells(product, description, quantity, price, amount_minor, tax_minor, tax_code, starts, ends) = cells;
    let day = |text: Option<Cow<'_, str>>| text.map(|text| parsed(&text)).transpose();
    Ok(DocumentLine {
        product: product.map(Cow::into_owned),
        description: description.into_owned(),
        quantity: parsed(&quantity)?,
        unit_price: parsed(&price)?,
        amount_minor,
        tax_minor,
        tax_code: tax_code.map(Cow::into_owned),
        service_starts: day(starts)?,
        service_ends: day(ends)?,
    })
}

/// Writes the lines of a document that has none.
pub(crate) fn insert(tx: &Tx<'_>, document_seq: i64, text: &Text) -> Result<()> {
    if !text.lines.is_empty() {
        tx.prepare_cached("INSERT INTO document_lines (document_seq, lines, moves) VALUES (?1, ?2, ?3)")?
            .execute(params![document_seq, text.lines, text.moves])?;
    }
    Ok(())
}

/// Writes the lines anew.
pub(crate) fn replace(tx: &Tx<'_>, document_seq: i64, text: &Text) -> Result<()> {
    tx.prepare_cached("DELETE FROM document_lines WHERE document_seq = ?1")?.execute([document_seq])?;
    insert(tx, document_seq, text)
}

/// The lines of each of these documents, by the document's internal key, in one read however many they are.
pub(crate) fn of_documents(db: &Db, seqs: &[i64]) -> Result<BTreeMap<i64, Vec<DocumentLine>>> {
    let mut found = BTreeMap::new();
    for some in seqs.chunks(AT_ONCE) {
        let query = format!(
            "SELECT l.document_seq, {COLUMN} FROM document_lines l WHERE l.document_seq IN ({})",
            marks(some.len())
        );
        let mut statement = db.prepare_cached(&query)?;
        let mut rows = statement.query(params_from_iter(some))?;
        while let Some(row) = rows.next()? {
            found.insert(row.get(0)?, read(row, 1)?);
        }
    }
    Ok(found)
}

/// True when the document has exactly these lines.
pub(crate) fn same(db: &Db, document_seq: i64, text: &Text) -> Result<bool> {
    let kept: Option<String> = db
        .prepare_cached("SELECT lines FROM document_lines WHERE document_seq = ?1")?
        .query_row([document_seq], |row| row.get(0))
        .optional()?;
    Ok(kept.unwrap_or_default() == text.lines)
}

/// Takes over the lines of a file that has a row for each, and their hashes; that table goes. False where
/// they were not those that their documents hold the hash of: somebody changed them before.
pub(crate) fn take_over(tx: &Tx<'_>) -> Result<bool> {
    let sound = each_of_before(tx)?;
    let gone: i64 = tx.query_row(
        "SELECT count(*) FROM document d WHERE d.lines_hash IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM document_line l WHERE l.document_seq = d.seq)",
        [],
        |row| row.get(0),
    )?;
    tx.execute_batch("DROP TABLE document_line")?;
    Ok(sound && gone == 0)
}

/// The lines of one document of before, and the hash over them as it was made then.
struct Before {
    whose: i64,
    kept: Option<Vec<u8>>,
    lines: Vec<DocumentLine>,
    hash: LinesHash,
}

fn each_of_before(tx: &Tx<'_>) -> Result<bool> {
    let mut statement = tx.prepare(
        "SELECT l.document_seq, l.product, l.description, l.quantity, l.unit_price, l.amount_minor,
            l.tax_minor, l.tax_code, l.service_starts, l.service_ends, l.line_no, d.lines_hash
         FROM document_line l LEFT JOIN document d ON d.seq = l.document_seq
         ORDER BY l.document_seq, l.line_no",
    )?;
    let mut rows = statement.query([])?;
    let mut hashed = tx.prepare_cached("UPDATE document SET lines_hash = ?2 WHERE seq = ?1")?;
    let mut sound = true;
    let mut keep = |before: Before| -> Result<bool> {
        let text = Text::of(&before.lines);
        hashed.execute(params![before.whose, text.hash().as_ref().map(|hash| &hash[..])])?;
        insert(tx, before.whose, &text)?;
        // A file of before there were hashes has none to hold the lines against.
        Ok(before.kept.is_none_or(|kept| before.hash.finish().is_some_and(|hash| kept == hash)))
    };
    let mut under_way: Option<Before> = None;
    while let Some(row) = rows.next()? {
        let whose: i64 = row.get(0)?;
        if let Some(done) = under_way.take_if(|before| before.whose != whose) {
            sound &= keep(done)?;
        }
        let lines = LinesHash::of("document_line");
        let kept = row.get("lines_hash")?;
        let before = under_way.get_or_insert_with(|| Before { whose, kept, lines: Vec::new(), hash: lines });
        before.lines.push(row_of_before(row)?);
        let cells = std::iter::once(10).chain(1..10).map(|at| Ok(value_of(row.get_ref(at)?)));
        before.hash.line(cells.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    if let Some(last) = under_way {
        sound &= keep(last)?;
    }
    Ok(sound)
}

/// A line from a row of its own.
fn row_of_before(row: &Row<'_>) -> rusqlite::Result<DocumentLine> {
    let day = |index: usize| -> rusqlite::Result<Option<DocumentDate>> {
        row.get_ref(index)?.as_str_or_null()?.map(parsed).transpose()
    };
    Ok(DocumentLine {
        product: row.get(1)?,
        description: row.get(2)?,
        quantity: parsed(row.get_ref(3)?.as_str()?)?,
        unit_price: parsed(row.get_ref(4)?.as_str()?)?,
        amount_minor: row.get(5)?,
        tax_minor: row.get(6)?,
        tax_code: row.get(7)?,
        service_starts: day(8)?,
        service_ends: day(9)?,
    })
}

#[cfg(test)]
#[path = "document_lines_tests.rs"]
mod tests;
