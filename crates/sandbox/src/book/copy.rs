//! The whole book as text, so that another run can take it up where this one left it: per table a line with
//! its name and columns, then a line per row, each a JSON array. A table may have got columns since a text
//! was written; they take their defaults.

use std::io;

use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, Value as Cell, ValueRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Book, BookError, Setup};

/// A table's first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    table: String,
    columns: Vec<String>,
}

impl Book {
    /// Writes the whole book: chart, periods and their states, customers, entries with their ids and times.
    ///
    /// # Errors
    /// When the storage or the writer fails.
    pub fn write_to(&self, mut out: impl io::Write) -> Result<(), BookError> {
        let book = self.lock();
        for table in tables(&book.connection)? {
            let all = format!("SELECT * FROM {table} ORDER BY 1");
            let second = book.connection.prepare(&all)?.column_count() > 1;
            let mut statement = book.connection.prepare(&if second { format!("{all}, 2") } else { all })?;
            let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
            let count = columns.len();
            line(&mut out, &Head { table, columns })?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let cells: Result<Vec<Value>, BookError> =
                    (0..count).map(|n| value(row.get_ref(n)?)).collect();
                line(&mut out, &cells?)?;
            }
        }
        Ok(out.flush()?)
    }

    /// The book that [`Book::write_to`] wrote. Its clock is the machine's; a silent move of periods is off.
    ///
    /// # Errors
    /// When the text is not one of a book, or the reader fails.
    pub fn read_from(input: impl io::BufRead) -> Result<Self, BookError> {
        let book = Self::new(&Setup::default())?;
        {
            let mut inner = book.lock();
            let known = tables(&inner.connection)?;
            let transaction = inner.connection.transaction()?;
            read_rows(&transaction, &known, input)?;
            transaction.commit()?;
            inner.latest = inner.connection.query_row(
                "SELECT COALESCE(MAX(MAX(created, modified)), '') FROM b_entry",
                [],
                |row| row.get(0),
            )?;
            inner.version += 1;
        }
        Ok(book)
    }
}

/// The book's own tables, in the order in which they were made.
fn tables(connection: &Connection) -> Result<Vec<String>, BookError> {
    let mut statement = connection.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 2) = 'b_' ORDER BY rowid",
    )?;
    let names = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(names)
}

fn read_rows(connection: &Connection, known: &[String], input: impl io::BufRead) -> Result<(), BookError> {
    let mut insert = None;
    for text in input.lines() {
        let text = text?;
        if text.starts_with('{') {
            let head: Head = serde_json::from_str(&text).map_err(|error| unreadable(&text, error))?;
            if !known.contains(&head.table) {
                return Err(unreadable(&text, "no table of a book has this name"));
            }
            let places = vec!["?"; head.columns.len()].join(", ");
            let columns = head.columns.join(", ");
            let sql = format!("INSERT INTO {} ({columns}) VALUES ({places})", head.table);
            insert = Some(connection.prepare(&sql)?);
            continue;
        }
        let cells: Vec<Value> = serde_json::from_str(&text).map_err(|error| unreadable(&text, error))?;
        let cells = cells.iter().map(|cell| stored(cell).ok_or_else(|| unreadable(&text, "a value")));
        let cells: Vec<ToSqlOutput<'_>> = cells.collect::<Result<_, _>>()?;
        let insert = insert.as_mut().ok_or_else(|| unreadable(&text, "a row before any table"))?;
        insert.execute(rusqlite::params_from_iter(cells))?;
    }
    Ok(())
}

/// The book holds whole numbers and texts only.
fn value(cell: ValueRef<'_>) -> Result<Value, BookError> {
    match cell {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(number.into()),
        ValueRef::Text(text) => Ok(String::from_utf8_lossy(text).into_owned().into()),
        ValueRef::Real(_) | ValueRef::Blob(_) => {
            Err(BookError::Storage("the book holds what is neither number nor text".to_owned()))
        }
    }
}

fn stored(value: &Value) -> Option<ToSqlOutput<'_>> {
    match value {
        Value::Null => Some(ToSqlOutput::Owned(Cell::Null)),
        Value::Number(number) => number.as_i64().map(|number| ToSqlOutput::Owned(Cell::Integer(number))),
        Value::String(text) => Some(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn line(out: &mut impl io::Write, what: &impl Serialize) -> Result<(), BookError> {
    serde_json::to_writer(&mut *out, what).map_err(|error| BookError::Storage(error.to_string()))?;
    Ok(out.write_all(b"\n")?)
}

fn unreadable(line: &str, why: impl std::fmt::Display) -> BookError {
    BookError::Storage(format!("a line of a book cannot be read ({why}): {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::{Approval, NewEntry, NewLine};
    use crate::company::{DEFAULT_AS_OF, Spec, generate};

    fn text(book: &Book) -> String {
        let mut bytes = Vec::new();
        book.write_to(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn entry(external: &str) -> NewEntry {
        let line = |account, amount| NewLine { account, amount, functional: None, memo: None, entity: None };
        NewEntry {
            external_id: Some(external.to_owned()),
            subsidiary: 1,
            date: "2026-11-05".parse().unwrap(),
            period: None,
            currency: None,
            rate: None,
            memo: "US01-2026-000001".to_owned(),
            approval: Approval::Approved,
            reverses: None,
            lines: vec![line(110, 700), line(240, -700)],
        }
    }

    #[test]
    fn a_book_goes_on_where_the_one_that_was_written_stood() {
        let spec = Spec { seed: 3, invoices: 60, as_of: DEFAULT_AS_OF, fault_rate: 1_000 };
        let first = Book::of_company(&generate(&spec)).unwrap();
        first.commit(&entry("Tfirst")).unwrap();
        first.close_period("2026-10").unwrap();
        let written = text(&first);
        let second = Book::read_from(written.as_bytes()).unwrap();
        assert_eq!(text(&second), written);
        assert_eq!(second.count().unwrap(), first.count().unwrap());
        let id = |book: &Book| book.entries_by_external_id("Tfirst").unwrap().remove(0).id;
        assert_eq!(id(&second), id(&first));
        assert!(matches!(second.commit(&entry("Tfirst")), Err(BookError::DuplicateExternalId(_))));
        assert_eq!(second.commit(&entry("Tsecond")).unwrap(), first.commit(&entry("Tsecond")).unwrap());
        let late = NewEntry { date: "2026-10-05".parse().unwrap(), ..entry("Tlate") };
        assert!(matches!(second.commit(&late), Err(BookError::PeriodClosed)));
    }

    #[test]
    fn what_is_no_book_is_refused() {
        for text in [
            "[1, 2]\n",
            "{\"table\":\"sqlite_master\",\"columns\":[\"name\"]}\n",
            "{\"table\":\"b_rate\",\"columns\":[\"source\"]}\n[true]\n",
            "{\"table\":\"b_rate\"",
        ] {
            assert!(matches!(Book::read_from(text.as_bytes()), Err(BookError::Storage(_))), "{text}");
        }
    }
}
