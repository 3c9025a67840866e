//! Where the header of a table is, and what its columns are called.

use super::{error::FileError, grid::Grid, map::ColumnMap, shape::HeaderPlace};

/// The header of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The first row below it.
    pub below: usize,
    /// Its rows.
    pub rows: usize,
    /// What its columns are called: no two the same.
    pub names: Vec<String>,
}

/// What the columns are called by one row of names, or by two that are read together: a title of the upper
/// row goes on over the empty cells to its right.
#[must_use]
pub fn names(grid: &Grid, row: usize, rows: usize) -> Vec<String> {
    if rows < 2 {
        return grid.row(row).map(plain).collect();
    }
    let (upper, width) = (grid.row(row), grid.width(row).max(grid.width(row + 1)));
    let (mut title, mut upper) = (String::new(), upper.map(plain));
    let mut joined = |column: usize| {
        match upper.next() {
            Some(text) if !text.is_empty() => title = text,
            Some(_) => {}
            None => title.clear(),
        }
        let lower = plain(grid.cell(row + 1, column));
        if lower.is_empty() { title.clone() } else { format!("{title} {lower}").trim().to_owned() }
    };
    (0..width).map(&mut joined).collect()
}

/// A name without line breaks.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same names, a second one of a kind told from the first by its number.
#[must_use]
pub fn told_apart(names: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let before = out.iter().filter(|known| **known == name).count();
        let again = |n: usize| format!("{name} ({n})");
        let name = match (name.is_empty(), before) {
            (true, _) => format!("column {}", out.len() + 1),
            (false, 0) => name,
            (false, n) => (n + 1..).map(again).find(|name| !out.contains(name)).unwrap_or_default(),
        };
        out.push(name);
    }
    out
}

/// Finds the header as the map describes it.
///
/// # Errors
/// [`FileError::NoHeader`], [`FileError::Empty`].
pub fn find(name: &str, grid: &Grid, map: &ColumnMap) -> Result<Header, FileError> {
    let shape = map.shape.clone().unwrap_or_default();
    let rows = shape.header_rows.max(1);
    let first = (0..grid.len()).find(|row| !grid.is_blank(*row));
    let at = |row: usize| Header { below: row + rows, rows, names: told_apart(names(grid, row, rows)) };
    match (shape.header, first) {
        (_, None) => Err(FileError::Empty(name.to_owned())),
        (HeaderPlace::First, Some(row)) => Ok(at(row + usize::from(shape.metadata.is_some()))),
        (HeaderPlace::Found, Some(_)) => {
            let wanted: Vec<_> = map
                .columns
                .iter()
                .filter(|(role, column)| {
                    column.at.is_none()
                        && !shape.optional.contains(role)
                        && shape.headings.of(**role).is_empty()
                })
                .collect();
            let has_all = |row: &usize| {
                let names = told_apart(names(grid, *row, rows));
                wanted.iter().all(|(_, column)| names.iter().any(|name| column.is(name)))
            };
            let missing = || FileError::NoHeader {
                file: name.to_owned(),
                wanted: wanted.iter().map(|(_, column)| column.to_string()).collect(),
            };
            (0..grid.len()).filter(|row| grid.width(*row) > 1).find(has_all).map(at).ok_or_else(missing)
        }
    }
}
