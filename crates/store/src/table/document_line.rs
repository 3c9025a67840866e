//! Table `document_line`: the lines of documents, in the vendor's order.

use std::collections::BTreeMap;

use rusqlite::{Row, params, params_from_iter};
use tieout_domain::{
    decimal,
    document::{DocumentDate, DocumentLine},
};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{AT_ONCE, marks, parsed},
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
    let day = |index: usize| -> rusqlite::Result<Option<DocumentDate>> {
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

/// The texts of the lines' quantities and unit prices as they are kept, in one piece: an import needs them
/// twice for each line, for its row and for the hash over it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    texts: String,
    /// Where the quantity of a line ends, and where its price does.
    ends: Vec<(usize, usize)>,
}

impl Numbers {
    pub(crate) fn of(lines: &[DocumentLine]) -> Self {
        let mut numbers =
            Self { texts: String::with_capacity(lines.len() * 8), ends: Vec::with_capacity(lines.len()) };
        for line in lines {
            decimal::push(&mut numbers.texts, line.quantity);
            let quantity = numbers.texts.len();
            decimal::push(&mut numbers.texts, line.unit_price);
            numbers.ends.push((quantity, numbers.texts.len()));
        }
        numbers
    }

    /// Quantity and unit price of each line.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, price)| *price));
        starts.zip(&self.ends).map(|(start, (quantity, price))| {
            let part = |from: usize, to: usize| self.texts.get(from..to).unwrap_or_default();
            (part(start, *quantity), part(*quantity, *price))
        })
    }
}

/// Writes the lines of a document that has none: this is the innermost loop of every import.
pub(crate) fn insert(
    tx: &Tx<'_>,
    document_seq: i64,
    (lines, numbers): (&[DocumentLine], &Numbers),
) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut statement = tx.prepare_cached(
        "INSERT INTO document_line (document_seq, line_no, product, description, quantity, unit_price,
          amount_minor,
           tax_minor, tax_code, service_starts, service_ends)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for ((index, line), (quantity, price)) in lines.iter().enumerate().zip(numbers.each()) {
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
            line.service_starts.map(DocumentDate::to_text),
            line.service_ends.map(DocumentDate::to_text),
        ])?;
    }
    Ok(())
}

/// Writes the lines anew.
pub(crate) fn replace(tx: &Tx<'_>, document_seq: i64, lines: (&[DocumentLine], &Numbers)) -> Result<()> {
    tx.prepare_cached("DELETE FROM document_line WHERE document_seq = ?1")?.execute([document_seq])?;
    insert(tx, document_seq, lines)
}

/// The lines of a document.
fn of(db: &Db, document_seq: i64) -> Result<Vec<DocumentLine>> {
    let query = format!(
        "SELECT {COLUMNS} FROM document_line l WHERE l.document_seq = ?1 ORDER BY
      l.line_no"
    );
    let mut statement = db.prepare_cached(&query)?;
    Ok(statement.query_map([document_seq], |row| read(row, 0))?.collect::<rusqlite::Result<_>>()?)
}

/// The lines of each of these documents, by the document's internal key, in one read however many they are.
pub(crate) fn of_documents(db: &Db, seqs: &[i64]) -> Result<BTreeMap<i64, Vec<DocumentLine>>> {
    let mut lines: BTreeMap<i64, Vec<DocumentLine>> = BTreeMap::new();
    for some in seqs.chunks(AT_ONCE) {
        let query = format!(
            "SELECT l.document_seq, {COLUMNS} FROM document_line l WHERE l.document_seq IN ({})
             ORDER BY l.document_seq, l.line_no",
            marks(some.len())
        );
        let mut statement = db.prepare_cached(&query)?;
        let mut rows = statement.query(params_from_iter(some))?;
        while let Some(row) = rows.next()? {
            lines.entry(row.get(0)?).or_default().push(read(row, 1)?);
        }
    }
    Ok(lines)
}

/// True when the document has exactly these lines.
pub(crate) fn same(db: &Db, document_seq: i64, lines: &[DocumentLine]) -> Result<bool> {
    Ok(of(db, document_seq)? == lines)
}
