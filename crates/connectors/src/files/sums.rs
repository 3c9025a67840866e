//! What the lines of a report come to, since the last total, within the accounts that are open, and in all.

use std::collections::HashMap;

use super::{
    grid::Grid,
    number::{Exact, NumberFormat},
};

/// One sum per column; `None` where a line is no number.
type Columns = Vec<Option<Exact>>;

/// Sums of lines, by the currency that they are written in and over all of them.
#[derive(Default)]
struct Level(HashMap<String, Columns>);

/// The name under which the sum over all currencies is kept.
const ALL: &str = "";

impl Level {
    fn add(&mut self, currency: &str, line: &[Option<Result<Exact, ()>>]) {
        for name in [ALL, currency].iter().take(if currency.is_empty() { 1 } else { 2 }) {
            let nothing = || vec![Some(Exact::ZERO); line.len()];
            let sums = self.0.entry((*name).to_owned()).or_insert_with(nothing);
            for (sum, cell) in sums.iter_mut().zip(line) {
                *sum = match cell {
                    None => *sum,
                    Some(Ok(amount)) => sum.and_then(|sum| sum.plus(*amount)),
                    Some(Err(())) => None,
                };
            }
        }
    }

    fn agrees(&self, currency: &str, total: &[Option<Result<Exact, ()>>]) -> bool {
        let equal = |sums: Option<&Columns>| {
            total.iter().enumerate().all(|(column, cell)| match cell {
                // A sum that was never worked out says nothing that could differ.
                None | Some(Err(())) => true,
                Some(Ok(amount)) => {
                    match sums.map_or(Some(Exact::ZERO), |sums| sums.get(column).copied().flatten()) {
                        None => true,
                        Some(sum) => sum.plus(amount.negated()).is_some_and(Exact::is_zero),
                    }
                }
            })
        };
        equal(self.0.get(ALL)) || (!currency.is_empty() && equal(self.0.get(currency)))
    }
}

/// The sums of a report as far as it was read.
pub struct Sums {
    columns: Vec<usize>,
    all: Level,
    since: Level,
    open: Vec<Level>,
}

impl Sums {
    /// Nothing yet, of these columns.
    #[must_use]
    pub fn new(columns: Vec<usize>) -> Self {
        Self { columns, all: Level::default(), since: Level::default(), open: Vec::new() }
    }

    fn read(&self, grid: &Grid, row: usize, numbers: &NumberFormat) -> Vec<Option<Result<Exact, ()>>> {
        let cell = |column: &usize| match grid.cell(row, *column) {
            _ if grid.bad.reason(grid.number(row), *column).is_some() => Some(Err(())),
            text if text.is_empty() || numbers.is_nothing(text) => None,
            text => Some(numbers.parse(text).map_err(|_| ())),
        };
        self.columns.iter().map(cell).collect()
    }

    /// Adds a line.
    pub fn add(&mut self, grid: &Grid, row: usize, currency: &str, numbers: &NumberFormat) {
        let line = self.read(grid, row, numbers);
        for level in [&mut self.all, &mut self.since].into_iter().chain(&mut self.open) {
            level.add(currency, &line);
        }
    }

    /// An account was opened, which makes so many.
    pub fn opened(&mut self, open: usize) {
        self.since = Level::default();
        self.open.truncate(open.saturating_sub(1));
        self.open.resize_with(open, Level::default);
    }

    /// A total was read while so many accounts were open.
    pub fn closed(&mut self, open: usize) {
        self.since = Level::default();
        self.open.truncate(open);
    }

    /// True where a total is the sum of what it could close.
    #[must_use]
    pub fn agree(&self, grid: &Grid, row: usize, currency: &str, numbers: &NumberFormat) -> bool {
        let total = self.read(grid, row, numbers);
        [&self.since, &self.all].into_iter().chain(&self.open).any(|level| level.agrees(currency, &total))
    }
}
