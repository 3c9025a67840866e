//! A column map under way: its TOML, and the small things that both kinds of file need.

use toml::{Table, Value};

use super::{
    super::{
        grid::Grid,
        number::{Negative, NumberFormat},
        phrase::{is_balance, total_of},
        role::Role,
    },
    columns::Found,
    formats::{self, Doubt},
    hints::{Hints, Said},
    sample::Sample,
};

/// A column map that is being made.
#[derive(Clone, Debug, Default)]
pub struct Draft(pub Table);

impl Draft {
    /// The map that a profile begins, or an empty one.
    #[must_use]
    pub fn begin(sample: &Sample, said: &Said) -> Self {
        let found = &sample.found;
        let mut draft = Self(found.profile.map_or_else(Table::new, |profile| profile.map.clone()));
        draft.0.remove("columns");
        draft.0.insert("schema".into(), 2.into());
        draft.0.insert("kind".into(), found.kind.as_str().into());
        draft.0.insert("profile".into(), found.profile.map_or("general", |profile| &profile.name).into());
        let format = &sample.format;
        draft.set("file", "encoding", format.encoding.as_str());
        draft.set("file", "delimiter", format.delimiter.to_string());
        if format.list {
            draft.set("file", "list", true);
        }
        if format.metadata.is_some() {
            draft.set("file", "metadata", "datev");
        }
        if let Some(sheet) = &format.sheet {
            draft.set("file", "sheet", sheet.as_str());
        }
        draft.set("table", "header", "found");
        if found.rows > 1 {
            draft.set("table", "header_rows", 2);
        }
        for (key, words) in [("banner", &said.banner), ("totals", &said.totals)] {
            if !words.is_empty() {
                draft.list("table", key, words.iter().map(String::as_str));
            }
        }
        if let Some(title) = &said.title {
            draft.0.insert("title".into(), title.as_str().into());
        }
        draft
    }

    /// Sets a key of a section.
    pub fn set(&mut self, section: &str, key: &str, value: impl Into<Value>) {
        let table = self.0.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Some(table) = table.as_table_mut() {
            table.insert(key.to_owned(), value.into());
        }
    }

    /// True where a section has a key.
    #[must_use]
    pub fn has(&self, section: &str, key: &str) -> bool {
        self.0.get(section).is_some_and(|section| section.get(key).is_some())
    }

    /// Takes a key out of a section.
    pub fn unset(&mut self, section: &str, key: &str) {
        if let Some(table) = self.0.get_mut(section).and_then(Value::as_table_mut) {
            table.remove(key);
            if table.is_empty() {
                self.0.remove(section);
            }
        }
    }

    /// Gives a role the column at this place, by its name.
    pub fn column(&mut self, role: Role, found: &Found, column: usize) {
        match found.names.get(column) {
            Some(name) if name != &format!("column {}", column + 1) => {
                self.set("columns", role.as_str(), name.as_str());
            }
            _ => self.set("columns", role.as_str(), i64::try_from(column + 1).unwrap_or(1)),
        }
    }

    /// A list of words.
    pub fn list<'w>(&mut self, section: &str, key: &str, words: impl IntoIterator<Item = &'w str>) {
        let words: Vec<Value> = words.into_iter().map(Value::from).collect();
        self.set(section, key, words);
    }

    /// How dates and numbers are written.
    pub fn formats(&mut self, dates: &[String], numbers: &NumberFormat) {
        self.list("formats", "dates", dates.iter().map(String::as_str));
        if dates.iter().any(|format| format.ends_with(" UTC")) {
            self.set("formats", "zone", "UTC");
        }
        self.set("formats", "decimal", numbers.decimal.to_string());
        if let Some(thousands) = numbers.thousands {
            self.set("formats", "thousands", thousands.to_string());
        }
        let negative = numbers.negative.iter().map(|way| match way {
            Negative::TrailingMinus => "trailing_minus",
            Negative::Parentheses => "parentheses",
        });
        self.list("formats", "negative", negative);
        self.set("formats", "currency_signs", true);
        self.list("formats", "nothing", numbers.nothing.iter().map(String::as_str));
    }

    /// The entity, and what its ledger should hold.
    pub fn owner(&mut self, hints: &Hints, (code, currency, zone): (&str, &str, &str), expects: bool) {
        let mut entity = Table::new();
        entity.insert("code".into(), code.into());
        entity.insert("functional_currency".into(), currency.into());
        entity.insert("time_zone".into(), zone.into());
        self.0.insert("entity".into(), Value::Array(vec![Value::Table(entity)]));
        if expects && hints.expected("receivable").is_some() && hints.expected("revenue").is_some() {
            for (role, account) in &hints.expect {
                self.set("expect", role, account.as_str());
            }
        }
    }

    /// The map's text.
    #[must_use]
    pub fn text(&self) -> String {
        toml::to_string(&self.0).unwrap_or_default()
    }
}

/// The cells of a column below the header.
pub fn cells<'g>(
    grid: &'g Grid,
    found: &Found,
    column: usize,
) -> impl Iterator<Item = (usize, &'g str)> + Clone {
    (found.row + found.rows..grid.len()).map(move |row| (row, grid.cell(row, column)))
}

/// True where any cell of these columns holds something that is no word for nothing.
#[must_use]
pub fn has_any(grid: &Grid, row: usize, columns: &[usize]) -> bool {
    columns.iter().any(|column| grid.cell(row, *column).chars().any(|c| c.is_ascii_digit()))
}

/// The formats of the dates of these columns, in rows that have amounts.
///
/// # Errors
/// [`Doubt`].
pub fn dates(
    sample: &Sample,
    (column, others, amounts): (usize, &[usize], &[usize]),
    hints: &Hints,
    judged_on: chrono::NaiveDate,
) -> Result<Vec<String>, Doubt> {
    let (grid, found) = (&sample.grid, &sample.found);
    let dated = |(row, text): &(usize, &str)| {
        has_any(grid, *row, amounts)
            && !is_balance(text)
            && total_of(text).is_none()
            && text.chars().any(char::is_numeric)
    };
    let own = cells(grid, found, column).filter(dated).map(|(_, text)| text);
    if sample.format.metadata.is_some() {
        let whole = own.clone().any(|text| text.len() > 5);
        let day_and_month = ["%d%m".to_owned()];
        return Ok(day_and_month.into_iter().chain(whole.then(|| "%d%m%Y".to_owned())).collect());
    }
    let banner = (0..found.row.min(40)).flat_map(|row| grid.row(row));
    let beside = others.iter().flat_map(|column| cells(grid, found, *column).map(|(_, text)| text));
    formats::dates(own, banner.chain(beside), hints.order, judged_on)
}

/// The format of the numbers of these columns; `others` may decide.
///
/// # Errors
/// [`Doubt`].
pub fn numbers(
    sample: &Sample,
    (columns, others): (&[usize], &[usize]),
    hints: &Hints,
) -> Result<NumberFormat, Doubt> {
    let (grid, found) = (&sample.grid, &sample.found);
    let of = |column: &usize| {
        let column = *column;
        cells(grid, found, column).filter(move |(row, _)| !grid.is_native(*row, column)).map(|(_, text)| text)
    };
    let (own, beside) = (columns.iter().flat_map(of), others.iter().flat_map(of));
    formats::numbers(own, beside, hints.decimal)
}

/// The distinct texts of a column, in rows that have amounts, and whether any of those rows has none.
#[must_use]
pub fn distinct<'g>(sample: &'g Sample, column: usize, amounts: &[usize]) -> (Vec<&'g str>, bool) {
    let mut seen: Vec<&str> = Vec::new();
    let mut blank = false;
    for (row, text) in cells(&sample.grid, &sample.found, column) {
        if !has_any(&sample.grid, row, amounts)
            || sample.found.names.get(column).is_some_and(|name| name == text)
        {
            continue;
        }
        match text {
            "" => blank = true,
            text if seen.len() < 1_000 && !seen.contains(&text) && total_of(text).is_none() => {
                seen.push(text)
            }
            _ => {}
        }
    }
    (seen, blank)
}
