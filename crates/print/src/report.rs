//! What a report says: texts and tables, and nothing of how it looks.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// A report to print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What it is, over its first page and in the file's own description.
    pub title: String,
    /// What it comes to, a sentence each.
    pub says: Vec<String>,
    /// What it is of, as of when and by whom: names with their values.
    pub facts: Vec<(String, String)>,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// At the foot of every page, beside its number.
    pub foot: String,
    /// On pages that lie on their side, for tables of many columns.
    pub wide: bool,
    /// When it was made, UTC: the file's own date.
    #[serde(skip)]
    pub made_at: DateTime<Utc>,
}

/// A part under its own heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The heading.
    pub heading: String,
    /// Sentences before its table.
    pub says: Vec<String>,
    /// Its table.
    pub table: Option<Table>,
}

/// A table; its head stands on every page that it goes over to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// How its cells stand.
    pub of: Cells,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cells {
    /// Numbers and amounts: to the right, on one line.
    Numbers,
    /// Names and codes: on one line.
    Names,
    /// Texts: these columns share what room is left, and go over several lines.
    Texts,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// A text for each column.
    pub cells: Vec<String>,
    /// How it stands among the others.
    pub stands: Stands,
}

/// How a row stands among the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// As one of them.
    #[default]
    Alike,
    /// Over those that follow, which make it up.
    Over,
    /// Under the one before, which it is a part of.
    Under,
}
