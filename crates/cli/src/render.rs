//! Prints what commands answer: JSON Lines, CSV or aligned columns on standard output. Messages for people
//! go to standard error, so that output can always be piped.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::args::Format;

/// A column of a table: the field, its heading, and whether it is a number to be aligned right.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The JSON field.
    pub field: &'static str,
    /// What people read above it.
    pub title: &'static str,
    /// Aligned right.
    pub number: bool,
}

/// A text column.
pub const fn text(field: &'static str, title: &'static str) -> Column {
    Column { field, title, number: false }
}

/// A column aligned right.
pub const fn number(field: &'static str, title: &'static str) -> Column {
    Column { field, title, number: true }
}

/// The names of those who could do what was refused, in a line.
pub fn who_could(names: &[String]) -> String {
    if names.is_empty() { "nobody in this workspace now".to_owned() } else { names.join(", ") }
}

/// Prints rows. A table shows `columns`; JSON shows every field; CSV shows every field of the first row.
///
/// # Errors
/// When standard output cannot be written (a closed pipe).
pub fn rows<T: Serialize>(format: Format, columns: &[Column], rows: &[T]) -> io::Result<()> {
    let out = io::stdout().lock();
    let mut out = io::BufWriter::new(out);
    match format {
        Format::Json => {
            for row in rows {
                serde_json::to_writer(&mut out, row)?;
                out.write_all(b"\n")?;
            }
        }
        Format::Csv => write_csv(&mut out, columns, rows)?,
        Format::Table => write_table(&mut out, columns, rows)?,
    }
    out.flush()
}

/// Prints one object: its fields one under the other, or as JSON.
///
/// # Errors
/// When standard output cannot be written.
pub fn object<T: Serialize>(format: Format, value: &T) -> io::Result<()> {
    if format != Format::Table {
        return rows(format, &[], std::slice::from_ref(value));
    }
    let value = serde_json::to_value(value)?;
    let mut out = io::stdout().lock();
    write_object(&mut out, &value, 0)?;
    out.flush()
}

/// Shows one object to whoever sits at the terminal, beside what is printed as the result.
///
/// # Errors
/// When standard error cannot be written.
pub fn show(value: &Value) -> io::Result<()> {
    let mut out = io::stderr().lock();
    write_object(&mut out, value, 0)?;
    out.flush()
}

fn write_object(out: &mut dyn Write, value: &Value, indent: usize) -> io::Result<()> {
    let Value::Object(fields) = value else { return writeln!(out, "{:indent$}{}", "", plain(value)) };
    let width = fields.keys().map(String::len).max().unwrap_or(0);
    for (name, field) in fields {
        match field {
            Value::Array(items) if items.iter().all(is_flat) && !items.is_empty() => {
                writeln!(out, "{:indent$}{name}:", "")?;
                write_items(out, items, indent + 2)?;
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                writeln!(out, "{:indent$}{name}:", "")?;
                for item in items {
                    writeln!(out, "{:indent$}  -", "")?;
                    write_object(out, item, indent + 4)?;
                }
            }
            Value::Object(inner) if !inner.is_empty() => {
                writeln!(out, "{:indent$}{name}:", "")?;
                write_object(out, field, indent + 4)?;
            }
            Value::Null => {}
            // Minor units are for programs; the same amount stands beside them as people write it.
            Value::Number(_) if name.ends_with("_minor") => {}
            Value::Array(items) if items.is_empty() => {}
            _ => writeln!(out, "{:indent$}{name:width$}  {}", "", plain(field))?,
        }
    }
    Ok(())
}

/// An object that holds no other object or list of objects.
fn is_flat(value: &Value) -> bool {
    let scalar = |field: &Value| match field {
        Value::Object(_) => false,
        Value::Array(items) => items.iter().all(|i| !i.is_object()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    };
    value.as_object().is_some_and(|fields| fields.values().all(scalar))
}

/// Flat objects as a small table: the fields of the first are its columns.
fn write_items(out: &mut dyn Write, items: &[Value], indent: usize) -> io::Result<()> {
    let first = items.first().and_then(Value::as_object);
    let names: Vec<&String> = first.into_iter().flatten().map(|(name, _)| name).collect();
    let shown: Vec<&String> = names.into_iter().filter(|name| !name.ends_with("_minor")).collect();
    let numeric = |name: &str| matches!(name, "amount" | "debit" | "credit" | "variance");
    let cell = |item: &Value, name: &str| item.get(name).map_or(String::new(), plain);
    let titles: Vec<String> = shown.iter().map(|name| (*name).clone()).collect();
    let rows: Vec<Vec<String>> =
        items.iter().map(|item| shown.iter().map(|name| cell(item, name)).collect()).collect();
    let numbers: Vec<bool> = shown.iter().map(|name| numeric(name)).collect();
    write_aligned(out, &titles, &rows, &numbers, indent)
}

/// A value as people read it: no quotes, lists joined by commas.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => visible(text),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// A text in which nothing can move the cursor or turn the writing round: names come from other systems, and
/// a person decides on what they see.
fn visible(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let one = |c: char| match c {
        '\n' | '\t' => ' ',
        c if c.is_control() || turns(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(one).collect()
}

fn write_csv<T: Serialize>(out: &mut dyn Write, columns: &[Column], rows: &[T]) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let mut header: Vec<String> = columns.iter().map(|c| c.field.to_owned()).collect();
    for (index, row) in rows.iter().enumerate() {
        let value = serde_json::to_value(row)?;
        let Value::Object(fields) = &value else { continue };
        if index == 0 {
            header = fields.keys().cloned().collect();
            csv.write_record(&header)?;
        }
        csv.write_record(header.iter().map(|name| fields.get(name).map_or(String::new(), csv_cell)))?;
    }
    if rows.is_empty() && !header.is_empty() {
        csv.write_record(&header)?;
    }
    csv.flush()
}

/// A cell that a spreadsheet will not run as a formula; numbers stay numbers.
fn csv_cell(value: &Value) -> String {
    match value {
        Value::String(text) => tieout_desk::reports::sheet::formula_safe(text).into_owned(),
        other => plain(other),
    }
}

fn write_table<T: Serialize>(out: &mut dyn Write, columns: &[Column], rows: &[T]) -> io::Result<()> {
    let mut cells: Vec<Vec<String>> = Vec::with_capacity(rows.len());
    for row in rows {
        let value = serde_json::to_value(row)?;
        cells.push(columns.iter().map(|c| value.get(c.field).map_or(String::new(), plain)).collect());
    }
    let titles: Vec<String> = columns.iter().map(|c| c.title.to_owned()).collect();
    let numbers: Vec<bool> = columns.iter().map(|c| c.number).collect();
    write_aligned(out, &titles, &cells, &numbers, 0)
}

fn write_aligned(
    out: &mut dyn Write,
    titles: &[String],
    rows: &[Vec<String>],
    numbers: &[bool],
    indent: usize,
) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0).max(titles[column].chars().count())
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    for row in std::iter::once(titles).chain(rows.iter().map(Vec::as_slice)) {
        let mut line = " ".repeat(indent);
        for ((cell, number), width) in row.iter().zip(numbers).zip(&widths) {
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            match number {
                true => line.extend([pad.as_str(), cell, "  "]),
                false => line.extend([cell, pad.as_str(), "  "]),
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_moves_the_cursor_or_turns_the_writing_round() {
        assert_eq!(visible("Acme\u{1b}[2K\rBeta"), "Acme\u{fffd}[2K\u{fffd}Beta");
        assert_eq!(visible("a\u{202e}b\u{2066}c\td\ne"), "a\u{fffd}b\u{fffd}c d e");
        assert_eq!(visible("Łódź, naïve 北京 עברית"), "Łódź, naïve 北京 עברית");
    }
}
