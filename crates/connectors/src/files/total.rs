//! Rows that say the sum of the rows above them. They are no documents: where they agree with what was read
//! they are left out, and where they do not, somebody is told.

use std::collections::{HashMap, HashSet};

use super::{
    error::FileError,
    map::ColumnMap,
    number::Exact,
    place::Place,
    rows::{Layout, Rows},
};

/// Which rows of a file were found to be its totals.
#[derive(Default)]
pub struct Totals {
    agreed: HashSet<u64>,
    /// What a total that does not agree says, and what the rows come to.
    differing: HashMap<u64, String>,
}

impl Totals {
    /// True where the row is the sum of the rows that it stands below.
    #[must_use]
    pub fn agrees(&self, row: u64) -> bool {
        self.agreed.contains(&row)
    }

    /// What is wrong with a row that says that it is a total and is not.
    #[must_use]
    pub fn differs(&self, row: u64) -> Option<&str> {
        self.differing.get(&row).map(String::as_str)
    }

    /// Adds the file up and looks at these candidates.
    ///
    /// # Errors
    /// As [`Rows::advance`].
    pub fn check(
        rows: &mut Rows<'_>,
        (layout, map): (&Layout, &ColumnMap),
        candidates: &HashSet<u64>,
    ) -> Result<Self, FileError> {
        let (mut totals, mut key) = (Self::default(), Vec::new());
        let (mut all, mut since) = (Sums::default(), Sums::default());
        while rows.advance()? {
            rows.let_go();
            let place = layout.place(rows, &mut key);
            if place == Place::Blank {
                continue;
            }
            let written = Written::of(rows, layout, map);
            if !candidates.contains(&rows.number()) {
                all.add(&written);
                since.add(&written);
                continue;
            }
            let told = place == Place::Total;
            // One row and a second one of the same amount may be two lines of one document.
            let enough = told || all.rows > 1;
            match (all.agree(&written) && enough, since.agree(&written) && told) {
                (false, false) if told => {
                    totals.differing.insert(rows.number(), all.against(&written));
                }
                (false, false) => {}
                _ => {
                    totals.agreed.insert(rows.number());
                }
            }
            if told {
                since = Sums::default();
            }
        }
        Ok(totals)
    }
}

/// The amounts of one row, by their place among the layout's columns of amounts; what is no number is `Err`.
struct Written {
    currency: String,
    amounts: Vec<Option<Result<Exact, ()>>>,
}

impl Written {
    fn of(rows: &Rows<'_>, layout: &Layout, map: &ColumnMap) -> Self {
        let cell = |column: usize| {
            let text = layout.key_text(rows.record().get(column).unwrap_or_default());
            text.trim().to_owned()
        };
        let amount = |column: &usize| match cell(*column) {
            text if text.is_empty() && !rows.is_bad(*column) => None,
            text => Some(map.numbers.parse(&text).map_err(|_| ())),
        };
        let currency = layout.currency.map(cell).unwrap_or_default();
        Self { currency, amounts: layout.amounts.iter().map(amount).collect() }
    }
}

/// What rows come to, by the currency that they are written in.
#[derive(Default)]
struct Sums {
    rows: u64,
    by_currency: HashMap<String, Vec<Option<Exact>>>,
}

impl Sums {
    fn add(&mut self, written: &Written) {
        self.rows += 1;
        let nothing = || vec![Some(Exact::ZERO); written.amounts.len()];
        let sums = self.by_currency.entry(written.currency.clone()).or_insert_with(nothing);
        for (sum, amount) in sums.iter_mut().zip(&written.amounts) {
            *sum = match amount {
                None => *sum,
                Some(Ok(amount)) => sum.and_then(|sum| sum.plus(*amount)),
                Some(Err(())) => None,
            };
        }
    }

    /// The sum of a column over the rows of a currency, or of all of them; `None` where a row is no number.
    fn of(&self, column: usize, currency: &str) -> Option<Exact> {
        let one = |sums: &Vec<Option<Exact>>| sums.get(column).copied().flatten();
        match self.by_currency.get(currency) {
            Some(sums) => one(sums),
            None => self.by_currency.values().try_fold(Exact::ZERO, |all, sums| all.plus(one(sums)?)),
        }
    }

    /// True where every amount of a total is the sum of its column, as far as that can be told.
    fn agree(&self, total: &Written) -> bool {
        total.amounts.iter().enumerate().all(|(column, amount)| match amount {
            // A sum that was never worked out says nothing that could differ.
            None | Some(Err(())) => true,
            Some(Ok(amount)) => self
                .of(column, &total.currency)
                .is_none_or(|sum| sum.plus(amount.negated()).is_some_and(Exact::is_zero)),
        })
    }

    fn against(&self, total: &Written) -> String {
        let text = |sum: Option<Exact>| sum.and_then(Exact::decimal).map(|sum| sum.normalize().to_string());
        let one = |(column, amount): (usize, &Option<Result<Exact, ()>>)| {
            let says = text(amount.as_ref()?.ok()).unwrap_or_else(|| "what is no number".to_owned());
            let come =
                text(self.of(column, &total.currency)).unwrap_or_else(|| "what cannot be told".to_owned());
            Some(format!("it says {says}, the rows above come to {come}"))
        };
        let each: Vec<String> = total.amounts.iter().enumerate().filter_map(one).collect();
        each.join("; ")
    }
}
