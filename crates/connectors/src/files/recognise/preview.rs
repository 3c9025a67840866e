//! A file as a person looks at it before anything is taken of it: its rows as they stand, what each of them
//! is, what is put aside with it and why, and what the file comes to.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use tieout_domain::Currency;

use super::{
    super::{
        error::{FileError, Why},
        flat::{Flat, Kind},
        grid::Grid,
        map::FileFormat,
        number::{Exact, NumberFormat},
        role::{MapKind, Role},
        source::FileSource,
    },
    columns::{self, Found},
    formats::Order,
    hints::Hints,
    sample,
    shown::{Heading, RowKind, Rows, Shown},
    sure::{self, GENERAL, Guess},
    view::{self, ColumnView, Recognition},
    whole::{Whole, whole},
};

/// What lines come to: decimals in major units as the file means them; none where one cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// How many lines.
    pub lines: u64,
    /// Debits of a ledger, amounts of billing.
    pub debits: Option<String>,
    /// Credits of a ledger.
    pub credits: Option<String>,
}

/// A document or journal that is put aside whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// What it is called.
    pub name: String,
    /// Its rows, by their numbers in the file.
    pub rows: Vec<u64>,
    /// The stable code of the first of its rows that cannot be read.
    pub code: String,
    /// Where that is: `row 17, column Date`.
    pub place: String,
    /// What is wrong with it, and what to do.
    pub message: String,
    /// True for a total that does not agree: a row, and no document.
    pub is_total: bool,
    /// What its lines come to.
    pub sides: Sides,
}

/// A row of the file that adds up others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTotal {
    /// Its number.
    pub row: u64,
    /// What it says of itself.
    pub label: String,
    /// What it comes to.
    pub sides: Sides,
    /// True where the lines come to the same.
    pub agrees: bool,
}

/// A file that is looked at.
#[derive(Debug)]
pub struct Preview {
    /// Its name.
    pub name: String,
    /// How it is cut and read.
    pub format: FileFormat,
    /// The sheets of its workbook.
    pub sheets: Vec<String>,
    /// Its kind, where that is known.
    pub kind: Option<MapKind>,
    /// What it is, as far as it is known, and how sure.
    pub is: Option<Guess>,
    /// By which signs.
    pub signs: String,
    /// What else it could be.
    pub others: Vec<Guess>,
    /// How it would be read, where it can be.
    pub found: Option<Recognition>,
    /// What only a person can say, and what keeps it from being read: code and words.
    pub doubts: Vec<(&'static str, String)>,
    /// Its columns, as far as the widest row goes.
    pub columns: Vec<ColumnView>,
    /// The role that rows of their own play for the lines below.
    pub carried: Option<&'static str>,
    /// The row of the header, by its number; none where there is none.
    pub header: Option<u64>,
    /// What is put aside, in the order of the file: the first thousand.
    pub aside: Vec<Aside>,
    /// How many documents or journals are put aside in all.
    pub aside_items: u64,
    /// The totals of the file: those that do not agree, and the last one.
    pub totals: Vec<OwnTotal>,
    /// The first and last day of what would be taken.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// How its dates are written.
    pub dates: Vec<String>,
    /// How many of its dates say which of day and month comes first.
    pub proven: u64,
    /// The currency that the file itself says.
    pub told: Option<Currency>,
    pub(super) grid: Grid,
    pub(super) rows: Rows,
}

/// Looks at a file whatever it is: what is missing before it could be imported is a doubt, and no error.
///
/// # Errors
/// [`FileError`] for a file that cannot be opened at all.
pub fn preview(source: &FileSource, hints: &Hints) -> Result<Preview, FileError> {
    let mut hints = hints.clone();
    let mut doubts = owner(&mut hints);
    loop {
        let error = match whole(source, &hints) {
            Ok(whole) => return made(whole, doubts),
            Err(error) => error,
        };
        let why = match &error {
            FileError::Unsure { why, .. } => Some(*why),
            FileError::NoHeader { .. }
            | FileError::MissingColumns { .. }
            | FileError::DuplicateColumn { .. }
            | FileError::AmbiguousDates { .. } => None,
            _ => return Err(error),
        };
        doubts.push((error.code(), plain(&error)));
        let goes_on = match why {
            Some(Why::Entity) => replace(&mut hints.currency, Currency::USD),
            Some(Why::Dates) => replace(&mut hints.order, Order::DayFirst),
            Some(Why::Numbers) => replace(&mut hints.decimal, '.'),
            Some(Why::Expect) => !std::mem::replace(&mut hints.mapped, true),
            Some(Why::Sheets) => {
                let (.., sheets) = sample::raw(source, None)?;
                let first = sheets.first().cloned().unwrap_or_default();
                replace(&mut hints.sheet, first)
            }
            _ => false,
        };
        if !goes_on {
            return unread(source, &hints, doubts);
        }
    }
}

/// What stands in for what a person has to say, so that the rest can be shown; false where it was said.
fn replace<T>(said: &mut Option<T>, shown: T) -> bool {
    let open = said.is_none();
    said.get_or_insert(shown);
    open
}

fn owner(hints: &mut Hints) -> Vec<(&'static str, String)> {
    let mut doubts = Vec::new();
    let code = Why::Entity.code();
    if hints.entity.is_none() {
        doubts.push((code, "whose books it is of is not said: choose the entity".to_owned()));
        hints.entity = "ENTITY".parse().ok();
    }
    if hints.time_zone.is_none() {
        doubts.push((code, "the entity's time zone is not said".to_owned()));
        hints.time_zone = Some(chrono_tz::Tz::UTC);
    }
    doubts
}

/// An error without the name of the file, which stands above it.
fn plain(error: &FileError) -> String {
    match error {
        FileError::Unsure { message, .. } => message.clone(),
        other => other.to_string(),
    }
}

fn title(found: &Found) -> (String, String) {
    match found.profile {
        Some(profile) => (profile.name.clone(), profile.title.clone()),
        None => (GENERAL.to_owned(), sure::by_headings(found.kind).to_owned()),
    }
}

fn widest(grid: &Grid) -> usize {
    (0..grid.len()).map(|row| grid.width(row)).max().unwrap_or_default()
}

/// The columns of a table, and of the rows beside it that are wider.
fn columns_of(grid: &Grid, mut columns: Vec<ColumnView>) -> Vec<ColumnView> {
    let more = columns.len()..widest(grid).max(columns.len());
    columns.extend(more.map(|_| ColumnView { heading: String::new(), roles: Vec::new() }));
    columns
}

fn made(whole: Whole, doubts: Vec<(&'static str, String)>) -> Result<Preview, FileError> {
    let Whole { sample, draft, map, outcome, notes } = whole;
    let found = view::recognition(&sample, (&draft, &map), &outcome, notes)?;
    let flat = Flat::new(&sample.name, &sample.grid, &map)?;
    let (profile, words) = title(&sample.found);
    let sure = sure::surely(&sample.found, (outcome.summary.rows, outcome.summary.rejected_rows));
    let signs = sure::signs(&sample.grid, &sample.found, Some(&flat));
    let amounts = Amounts::of(&flat, &map.numbers, map.kind());
    let rows = Rows::of(&flat, &sample.grid, &outcome.aside);
    let aside = put_aside(&sample.grid, &amounts, &outcome);
    let mut names: Vec<&String> = outcome.aside.values().collect();
    names.sort_unstable();
    names.dedup();
    let totals = own_totals(&sample.grid, &flat, &amounts, &rows);
    let columns = found.columns.clone();
    let proven = proven(&flat, &sample.grid);
    let aside_items = names.len() as u64;
    let carried = flat.carries();
    let dates = map.dates.texts();
    let told = sample.found.currency();
    let header = Some(sample.grid.number(sample.found.row));
    let grid = sample.grid;
    Ok(Preview {
        name: sample.name,
        format: sample.format,
        sheets: sample.sheets,
        kind: Some(found.kind),
        is: Some(Guess { profile, title: words, sure }),
        signs,
        others: sure::others(&sample.found),
        columns: columns_of(&grid, columns),
        carried,
        header,
        found: Some(found),
        doubts,
        aside,
        aside_items,
        totals,
        days: outcome.days,
        dates,
        proven,
        told,
        grid,
        rows,
    })
}

/// A file that cannot be read as it stands: its rows, and what is known of its columns.
fn unread(
    source: &FileSource,
    hints: &Hints,
    doubts: Vec<(&'static str, String)>,
) -> Result<Preview, FileError> {
    let (name, format, grid, sheets) = sample::raw(source, hints.sheet.as_deref())?;
    let found =
        columns::find(&grid, hints.kind, &hints.said).or_else(|| columns::find(&grid, None, &hints.said));
    let roles = |column: usize| -> Vec<&'static str> {
        let own = found.as_ref().map(Found::of_profile).unwrap_or_default();
        own.iter().filter(|(_, at)| **at == column).map(|(role, _)| role.as_str()).collect()
    };
    let names = found.as_ref().map_or_else(Vec::new, |found| sure::headings(&grid, found.row));
    let columns = names.into_iter().enumerate();
    let columns = columns.map(|(at, heading)| ColumnView { heading, roles: roles(at) }).collect();
    let (lines, aside) = (1, 0);
    let is = found.as_ref().map(|found| {
        let (profile, title) = title(found);
        Guess { profile, title, sure: sure::surely(found, (lines, aside)) }
    });
    let header = found.as_ref().map(|found| (found.row, found.row + found.rows));
    Ok(Preview {
        name,
        format,
        sheets,
        kind: found.as_ref().map(|found| found.kind),
        signs: found.as_ref().map_or_else(String::new, |found| sure::signs(&grid, found, None)),
        others: found.as_ref().map(sure::others).unwrap_or_default(),
        is,
        found: None,
        doubts,
        columns: columns_of(&grid, columns),
        carried: None,
        header: header.map(|(row, _)| grid.number(row)),
        aside: Vec::new(),
        aside_items: 0,
        totals: Vec::new(),
        days: None,
        dates: Vec::new(),
        proven: 0,
        told: found.as_ref().and_then(Found::currency),
        rows: Rows::raw(&grid, header),
        grid,
    })
}

/// Dates by slashes, dashes or points of which only one order makes a day.
fn proven(flat: &Flat<'_>, grid: &Grid) -> u64 {
    let day = [Role::PostingDate, Role::Date].into_iter().find_map(|role| flat.column(role));
    let Some(column) = day else { return 0 };
    let rows = flat.header.below..grid.len();
    let decides = |row: &usize| super::formats::decides(grid.cell(*row, column)).is_some();
    rows.filter(decides).count() as u64
}

/// The columns of a table that hold what its lines come to.
struct Amounts<'f> {
    numbers: &'f NumberFormat,
    debit: Option<usize>,
    credit: Option<usize>,
    amount: Option<usize>,
    ledger: bool,
}

impl<'f> Amounts<'f> {
    fn of(flat: &Flat<'_>, numbers: &'f NumberFormat, kind: MapKind) -> Self {
        let one = |roles: [Role; 2]| roles.into_iter().find_map(|role| flat.column(role));
        Self {
            numbers,
            debit: one([Role::FunctionalDebit, Role::Debit]),
            credit: one([Role::FunctionalCredit, Role::Credit]),
            amount: one([Role::FunctionalAmount, Role::Amount]),
            ledger: kind == MapKind::Gl,
        }
    }

    fn cell(&self, grid: &Grid, row: usize, column: usize) -> Option<Exact> {
        match grid.cell(row, column) {
            text if text.is_empty() || self.numbers.is_nothing(text) => Some(Exact::ZERO),
            text => self.numbers.parse(text).ok(),
        }
    }

    /// What rows come to.
    fn sum(&self, grid: &Grid, rows: &[usize]) -> Sides {
        let add = |column: Option<usize>| {
            let column = column?;
            let each = rows.iter().map(|row| self.cell(grid, *row, column));
            let sum = each.into_iter().try_fold(Exact::ZERO, |sum, one| sum.plus(one?))?;
            sum.decimal().map(|sum| sum.normalize().to_string())
        };
        let lines = rows.len() as u64;
        match (self.debit, self.credit) {
            // Of a ledger nothing says on which side a signed amount stands.
            (None, None) if self.ledger => Sides { lines, debits: None, credits: None },
            (None, None) => Sides { lines, debits: add(self.amount), credits: None },
            (debit, credit) => Sides { lines, debits: add(debit), credits: add(credit) },
        }
    }
}

fn row_of(grid: &Grid, number: u64) -> Option<usize> {
    let (mut low, mut high) = (0, grid.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match grid.number(middle).cmp(&number) {
            std::cmp::Ordering::Equal => return Some(middle),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

/// What is put aside, each document or journal with its rows and why.
fn put_aside(grid: &Grid, amounts: &Amounts<'_>, outcome: &super::trial::Outcome) -> Vec<Aside> {
    let mut rows: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (row, name) in &outcome.aside {
        rows.entry(name).or_default().push(*row);
    }
    let mut aside: Vec<Aside> = Vec::new();
    for why in outcome.summary.rejections.iter().filter(|why| why.code != "document_incomplete") {
        let number = why.place.strip_prefix("row ").unwrap_or_default();
        let number = number.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse().ok();
        let Some(name) = number.and_then(|row: u64| outcome.aside.get(&row)) else { continue };
        let Some(own) = rows.remove(name.as_str()) else { continue };
        let at: Vec<usize> = own.iter().filter_map(|row| row_of(grid, *row)).collect();
        let (code, place, message) = (why.code.clone(), why.place.clone(), why.message.clone());
        let is_total = code == "total_differs";
        aside.push(Aside {
            is_total,
            name: name.clone(),
            rows: own,
            code,
            place,
            message,
            sides: amounts.sum(grid, &at),
        });
    }
    aside
}

/// The totals of the file: those that do not agree, and the last one.
fn own_totals(grid: &Grid, flat: &Flat<'_>, amounts: &Amounts<'_>, rows: &Rows) -> Vec<OwnTotal> {
    let all = (flat.header.below..grid.len()).filter(|row| matches!(flat.kind(*row), Kind::Total(_)));
    let says = |row: &usize| {
        let sides = amounts.sum(grid, &[*row]);
        let cells = [amounts.debit, amounts.credit, amounts.amount];
        let any = cells.iter().flatten().any(|column| !grid.cell(*row, *column).is_empty());
        any.then(|| OwnTotal {
            row: grid.number(*row),
            label: grid.row(*row).find(|text| !text.is_empty()).unwrap_or_default().to_owned(),
            sides: Sides { lines: 0, ..sides },
            agrees: rows.kind(*row) == RowKind::Total,
        })
    };
    let all: Vec<OwnTotal> = all.collect::<Vec<_>>().iter().filter_map(says).collect();
    let last = all.len().saturating_sub(1);
    let shown = all.into_iter().enumerate().filter(|(at, total)| *at == last || !total.agrees);
    shown.map(|(_, total)| total).take(20).collect()
}

impl Preview {
    /// How many rows the file has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.grid.len()
    }

    /// True for a file without a row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.grid.len() == 0
    }

    /// The number of a row, as the file counts it.
    #[must_use]
    pub fn number(&self, row: usize) -> u64 {
        self.grid.number(row)
    }

    /// What a row is.
    #[must_use]
    pub fn kind_of(&self, row: usize) -> RowKind {
        self.rows.kind(row)
    }

    /// The texts of a row's cells, as they stand in the file.
    #[must_use]
    pub fn cells(&self, row: usize) -> Vec<String> {
        self.grid.row(row).map(str::to_owned).collect()
    }

    /// The heading that a row is.
    #[must_use]
    pub fn heading(&self, row: usize) -> Option<&Heading> {
        self.rows.heading_at(row)
    }

    /// What the heading above a line says of it.
    #[must_use]
    pub fn carried_to(&self, row: usize) -> Option<&Heading> {
        match self.kind_of(row) {
            RowKind::Line | RowKind::Aside => self.rows.held_by(row),
            _ => None,
        }
    }

    /// The rows as they are shown: of lines alike the first `head` and the last, the others folded, unless
    /// the fold's first row is one of `open`.
    #[must_use]
    pub fn shown(&self, head: usize, open: &[u64]) -> Vec<Shown> {
        self.rows.shown(head, |row| open.contains(&self.number(row)))
    }

    /// True where only a person can say this.
    #[must_use]
    pub fn in_doubt(&self, why: Why) -> bool {
        self.doubts.iter().any(|(code, _)| *code == why.code())
    }
}
