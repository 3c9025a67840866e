//! Table `document_line`: the lines of documents, in the vendor's order.

use std::fmt::Write;

use chrono::NaiveDate;
use rusqlite::{Connection, Row, params};
use tieout_domain::document::DocumentLine;

use crate::{
    error::Result,
    migrate::Migration,
    sql::{date, parsed},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE document_line (document_seq INTEGER NOT NULL, line_no INTEGER NOT NULL, product TEXT,
            description TEXT NOT NULL, quantity TEXT NOT NULL, unit_price TEXT NOT NULL, amount_minor
              INTEGER,
            tax_minor INTEGER NOT NULL, tax_code TEXT, service_starts TEXT, service_ends TEXT,
            PRIMARY KEY (document_seq, line_no)) WITHOUT ROWID;",
}];

/// The columns that [`read`] needs, in its order.
pub(crate) const COLUMNS: &str =
    "l.product, l.description, l.quantity, l.unit_price, l.amount_minor, l.tax_minor,
    l.tax_code, l.service_starts, l.service_ends";

/// A line from the columns that start at `first`.
pub(crate) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<DocumentLine> {
    let day = |index: usize| -> rusqlite::Result<Option<NaiveDate>> {
        row.get_ref(first + index)?.as_str_or_null()?.map(parsed).transpose()
    };
    Ok(DocumentLine {
        product: row.get(first)?,
        description: row.get(first + 1)?,
        quantity: parsed(row.get_ref(first + 2)?.as_str()?)?,
        unit_price: parsed(row.get_ref(first + 3)?.as_str()?)?,
        amount_minor: row.get(first + 4)?,
        tax_minor: row.get(first + 5)?,
        tax_code: row.get(first + 6)?,
        service_starts: day(7)?,
        service_ends: day(8)?,
    })
}

/// Writes the lines of a document that has none. The texts of numbers are made in two buffers that all
/// its lines share: this is the innermost loop of every import.
pub(crate) fn insert(sqlite: &Connection, document_seq: i64, lines: &[DocumentLine]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut statement = sqlite.prepare_cached(
        "INSERT INTO document_line (document_seq, line_no, product, description, quantity, unit_price,
          amount_minor,
           tax_minor, tax_code, service_starts, service_ends)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let (mut quantity, mut price) = (String::with_capacity(24), String::with_capacity(24));
    for (index, line) in lines.iter().enumerate() {
        quantity.clear();
        price.clear();
        // Writing into a `String` cannot fail.
        let _ = write!(quantity, "{}", line.quantity);
        let _ = write!(price, "{}", line.unit_price);
        statement.execute(params![
            document_seq,
            i64::try_from(index + 1).unwrap_or(i64::MAX),
            line.product,
            line.description,
            quantity,
            price,
            line.amount_minor,
            line.tax_minor,
            line.tax_code,
            line.service_starts.map(date),
            line.service_ends.map(date),
        ])?;
    }
    Ok(())
}

/// Writes the lines anew.
pub(crate) fn replace(sqlite: &Connection, document_seq: i64, lines: &[DocumentLine]) -> Result<()> {
    sqlite.prepare_cached("DELETE FROM document_line WHERE document_seq = ?1")?.execute([document_seq])?;
    insert(sqlite, document_seq, lines)
}

/// The lines of a document.
pub(crate) fn of(sqlite: &Connection, document_seq: i64) -> Result<Vec<DocumentLine>> {
    let query = format!(
        "SELECT {COLUMNS} FROM document_line l WHERE l.document_seq = ?1 ORDER BY
      l.line_no"
    );
    let mut statement = sqlite.prepare_cached(&query)?;
    Ok(statement.query_map([document_seq], |row| read(row, 0))?.collect::<rusqlite::Result<_>>()?)
}

/// True when the document has exactly these lines.
pub(crate) fn same(sqlite: &Connection, document_seq: i64, lines: &[DocumentLine]) -> Result<bool> {
    Ok(of(sqlite, document_seq)? == lines)
}
