//! A table as it leaves the desk, whatever the file's format: what it is, of when, who wrote it, what it
//! shows, its columns, rows and totals.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;
use tieout_vault::ExportKey;

use crate::base::labels::capital;
pub(super) use tieout_evidence::file::exported::{
    PREAMBLE, content_hash, is_plain_number, needs_apostrophe, plainest, unescaped,
};

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text, or an id that must stay text.
    Text(String),
    /// A stable name of ours: people read it as words.
    Code(String),
    /// A decimal amount or a whole number, as exact text.
    Number(String),
    /// A calendar day.
    Date(NaiveDate),
    /// An instant, UTC.
    At(DateTime<Utc>),
}

impl Cell {
    /// A text cell of anything that prints.
    pub fn text(value: impl ToString) -> Self {
        Cell::Text(value.to_string())
    }

    /// A text cell, empty where there is nothing.
    pub fn optional(value: Option<&str>) -> Self {
        Cell::text(value.unwrap_or_default())
    }

    /// A number cell of anything that prints as a plain decimal.
    pub fn number(value: impl ToString) -> Self {
        Cell::Number(value.to_string())
    }

    /// A day, or the text where it is none.
    #[must_use]
    pub fn day(text: &str) -> Self {
        text.parse().map_or_else(|_| Cell::text(text), Cell::Date)
    }

    /// Exact text, for a machine.
    pub(super) fn exact(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(text) | Cell::Code(text) | Cell::Number(text) => Cow::Borrowed(text),
            Cell::Date(day) => Cow::Owned(day.to_string()),
            Cell::At(at) => Cow::Owned(at.to_rfc3339()),
        }
    }

    /// What stands in a spreadsheet's cell, as text: names as words, instants to the second.
    pub(super) fn shown(&self) -> Cow<'_, str> {
        match self {
            Cell::Code(name) => Cow::Owned(capital(&name.replace('_', " "))),
            Cell::At(at) => Cow::Owned(at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            Cell::Text(_) | Cell::Number(_) | Cell::Date(_) => self.exact(),
        }
    }
}

/// A column of a table of `R`.
pub(crate) struct Column<R> {
    /// The screen's id of it; empty where no screen has it.
    pub id: &'static str,
    /// Its name in a CSV file; empty where that has it not.
    pub field: &'static str,
    /// Its heading for people, as the screen has it; empty where only machines read it.
    pub title: &'static str,
    /// Summed in the totals.
    pub summed: bool,
    /// What it holds.
    pub cell: fn(&R) -> Cell,
}

/// The heading of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// In a CSV file; empty where that has it not.
    pub field: &'static str,
    /// For people; empty where only machines read it.
    pub title: &'static str,
    /// Summed in the totals.
    pub summed: bool,
}

/// A table to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is: `exceptions`, `tie-out`, `postings`, `log`, `breaches`, `access` or `conflicts`.
    pub kind: &'static str,
    /// The workspace's name.
    pub workspace: String,
    /// The workspace's id.
    pub workspace_id: String,
    /// Of when, UTC.
    pub written_at: DateTime<Utc>,
    /// Who wrote it.
    pub written_by: String,
    /// As of when the ledgers were last compared, UTC.
    pub as_of: Option<DateTime<Utc>>,
    /// What it shows, in words.
    pub shows: String,
    /// The titles of the columns by which totals are told apart; the first is the currency.
    pub totals_by: &'static [&'static str],
    /// The columns.
    pub columns: Vec<Heading>,
    /// The rows: a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// Adds a row.
    pub(crate) fn push<R>(&mut self, columns: &[Column<R>], row: &R) {
        self.rows.push(columns.iter().map(|column| (column.cell)(row)).collect());
    }

    /// The places of the columns of a CSV file.
    pub(super) fn fields(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| !self.columns[*at].field.is_empty()).collect()
    }

    /// The places of the columns that people read; our own ids come last.
    pub(super) fn titles(&self) -> Vec<usize> {
        let mut places: Vec<usize> =
            (0..self.columns.len()).filter(|at| !self.columns[*at].title.is_empty()).collect();
        places.sort_by_key(|at| self.columns[*at].field == "id");
        places
    }

    /// The rows that say what the file is, without the two that prove it.
    pub(super) fn about(&self) -> Vec<Vec<Cell>> {
        let told = [
            Cell::text(self.kind),
            Cell::text(&self.workspace),
            Cell::text(&self.workspace_id),
            Cell::At(self.written_at),
            Cell::text(&self.written_by),
            self.as_of.map_or_else(|| Cell::text("not compared yet"), Cell::At),
            Cell::text(&self.shows),
            Cell::number(self.rows.len()),
        ];
        PREAMBLE.into_iter().zip(told).map(|(name, cell)| vec![Cell::text(name), cell]).collect()
    }

    /// The two rows that prove a file of these texts: by which key it is signed, and its signature.
    pub(super) fn proof(
        key: &ExportKey,
        about: &[Vec<String>],
        columns: &[String],
        rows: &[Vec<String>],
    ) -> [Vec<String>; 2] {
        let row = |at: usize, bytes: &[u8]| vec![PREAMBLE[at].to_owned(), hex::encode(bytes)];
        let with = row(PREAMBLE.len() - 2, &key.public());
        let mut signed = about.to_vec();
        signed.push(with.clone());
        let signature = key.sign(&content_hash(&signed, columns, rows));
        [with, row(PREAMBLE.len() - 1, &signature)]
    }

    /// Rows and sums by currency (and what else tells totals apart), under headings of their own; nothing
    /// where nothing is summed. Sums are exact.
    pub(super) fn totals(&self) -> Vec<Vec<Cell>> {
        let place = |title: &&str| self.columns.iter().position(|column| column.title == *title);
        let by: Vec<usize> = self.totals_by.iter().filter_map(place).collect();
        let summed: Vec<usize> = (0..self.columns.len()).filter(|at| self.columns[*at].summed).collect();
        if by.is_empty() || summed.is_empty() || self.rows.is_empty() {
            return Vec::new();
        }
        // How many rows, and the sums as far as they can be made.
        type Summed = (u64, Vec<Option<Decimal>>);
        let mut groups: BTreeMap<Vec<Cow<'_, str>>, Summed> = BTreeMap::new();
        for row in &self.rows {
            let key = by.iter().map(|at| row[*at].exact()).collect();
            let (count, sums) =
                groups.entry(key).or_insert_with(|| (0, vec![Some(Decimal::ZERO); summed.len()]));
            *count += 1;
            for (sum, at) in sums.iter_mut().zip(&summed) {
                let added = row[*at].exact().parse::<Decimal>().ok();
                *sum = sum.zip(added).and_then(|(sum, added)| sum.checked_add(added));
            }
        }
        let title = |at: &usize| Cell::text(self.columns[*at].title);
        let mut lines = vec![[vec![Cell::text("Totals")], by.iter().map(title).collect()].concat()];
        lines[0].push(Cell::text("Rows"));
        lines[0].extend(summed.iter().map(title));
        for (key, (count, sums)) in groups {
            let mut line = vec![Cell::text("")];
            line.extend(key.iter().map(Cell::text));
            line.push(Cell::number(count));
            line.extend(sums.into_iter().map(|sum| match sum {
                Some(sum) => Cell::number(sum),
                None => Cell::text("no sum"),
            }));
            lines.push(line);
        }
        lines
    }
}

/// What a spreadsheet would run as a formula gets an apostrophe in front; everything else, negative numbers
/// included, stays as it is. So does what has such an apostrophe of its own, to be told from it.
#[must_use]
pub fn formula_safe(text: &str) -> Cow<'_, str> {
    if needs_apostrophe(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}
