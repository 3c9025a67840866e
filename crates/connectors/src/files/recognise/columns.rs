//! Which row is the header, and which column plays which part.

use std::collections::BTreeMap;

use super::{
    super::{
        grid::Grid,
        header::names,
        role::{MapKind, Role},
    },
    hints::Said,
    profile::{self, Profile},
    words::{Part, alike, currency_of, part, plain},
};

/// Rows among which a header is looked for.
const ROWS: usize = 400;

/// A header that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The kind of file that it is of.
    pub kind: MapKind,
    /// The profile that it is of, if any.
    pub profile: Option<&'static Profile>,
    /// The row of the grid.
    pub row: usize,
    /// Over how many rows it goes.
    pub rows: usize,
    /// What the columns are called.
    pub names: Vec<String>,
    /// What each column is, as far as its heading says.
    pub parts: Vec<Option<Part>>,
    /// How sure its headings make it.
    pub score: usize,
    /// What a person says of columns.
    pub said: Vec<(usize, Option<Role>)>,
}

/// The headings of a row as a map names its columns: a second of a kind is told from the first.
fn told_apart(names: &[String]) -> Vec<String> {
    super::super::header::told_apart(names.to_vec())
}

fn has(parts: &[Option<Part>], any: &[Part]) -> bool {
    parts.iter().flatten().any(|part| any.contains(part))
}

/// What kind of file a header of these parts could be of. A ledger whose accounts are rows of their own has
/// no column of them.
fn kind(parts: &[Option<Part>], wanted: Option<MapKind>) -> Option<MapKind> {
    let dated = has(parts, &[Part::PostingDate, Part::Date, Part::DocumentDate]);
    let numbered = has(parts, &[Part::Journal, Part::Reference, Part::Number]);
    let sides = has(parts, &[Part::Debit]) && has(parts, &[Part::Credit]);
    let amounts = has(parts, &[Part::Amount, Part::LocalAmount, Part::ForeignAmount]);
    let account = has(parts, &[Part::AccountCode, Part::Account]);
    let ledger = has(parts, &[Part::Contra, Part::Flag, Part::Journal, Part::LocalAmount, Part::AccountCode]);
    let billed =
        has(parts, &[Part::Gross, Part::Net, Part::UnitPrice, Part::Tax, Part::Product, Part::Customer]);
    let billing = dated && numbered && (amounts || billed);
    let gl = dated && (sides || (amounts && (account || ledger)));
    match (gl, billing) {
        (true, true) if !sides && !ledger && billed && wanted == Some(MapKind::Billing) => {
            Some(MapKind::Billing)
        }
        (true, _) => Some(MapKind::Gl),
        // Amounts below rows of accounts look like a bill's until those rows are seen.
        (false, true) if wanted == Some(MapKind::Gl) && !billed && amounts => Some(MapKind::Gl),
        (false, true) => Some(MapKind::Billing),
        (false, false) => None,
    }
}

/// Finds the header, by a profile or by its headings.
#[must_use]
pub fn find(grid: &Grid, wanted: Option<MapKind>, said: &Said) -> Option<Found> {
    let may_be = |row: &usize| said.header.is_none_or(|header| grid.number(*row) == header);
    let mut best: Option<Found> = None;
    for row in (0..grid.len().min(ROWS)).filter(|row| grid.width(*row) > 1).filter(may_be) {
        for rows in [1, 2] {
            let Some(found) = at(grid, (row, rows), wanted, said) else { continue };
            if best.as_ref().is_none_or(|best| found.score > best.score) {
                best = Some(found);
            }
        }
    }
    best
}

fn at(grid: &Grid, (row, rows): (usize, usize), wanted: Option<MapKind>, said: &Said) -> Option<Found> {
    let plain_row = |row: usize| {
        let filled = grid.row(row).filter(|text| !text.is_empty());
        filled.clone().count() > 1 && filled.clone().all(is_heading)
    };
    if !plain_row(row) || (rows == 2 && (row + 1 >= grid.len() || !plain_row(row + 1))) {
        return None;
    }
    let names = told_apart(&names(grid, row, rows));
    let profile = match said.profile.as_deref() {
        None => profile::of(&names, wanted),
        Some(name) => profile::all().iter().find(|profile| profile.name == name),
    };
    let of = |(column, name): (usize, &String)| {
        // Below a title that says nothing the heading is what its own row says.
        part(name).or_else(|| (rows == 2).then(|| part(grid.cell(row + 1, column))).flatten())
    };
    let mut parts: Vec<Option<Part>> = names.iter().enumerate().map(of).collect();
    for (column, role) in &said.columns {
        if let Some(part) = parts.get_mut(*column) {
            *part = role.and_then(part_of);
        }
    }
    let mut different: Vec<Part> = parts.iter().flatten().copied().collect();
    different.sort_unstable();
    different.dedup();
    let kind = profile.map(|profile| profile.kind).or_else(|| kind(&parts, wanted))?;
    // Two rows are read as one header only where that says more than either alone.
    let penalty = if rows == 2 { 1 } else { 0 };
    let known = profile.map_or(0, |profile| 4 * profile.needs.len());
    let score = (2 * different.len() + known).saturating_sub(penalty);
    let enough = different.len() >= 3 || profile.is_some() || said.header.is_some();
    enough.then_some(Found { kind, profile, row, rows, names, parts, score, said: said.columns.clone() })
}

/// The part that a column of a role plays.
fn part_of(role: Role) -> Option<Part> {
    Some(match role {
        Role::PostingDate => Part::PostingDate,
        Role::Date => Part::DocumentDate,
        Role::Account => Part::AccountCode,
        Role::AccountName => Part::AccountName,
        Role::AccountType => Part::AccountType,
        Role::ContraAccount => Part::Contra,
        Role::Debit => Part::Debit,
        Role::Credit => Part::Credit,
        Role::Amount => Part::Amount,
        Role::Flag => Part::Flag,
        Role::Currency => Part::Currency,
        Role::Journal => Part::Journal,
        Role::Reference => Part::Reference,
        Role::Number => Part::Number,
        Role::Type | Role::Kind => Part::Type,
        Role::Memo | Role::LineMemo | Role::Description => Part::Memo,
        Role::Entity => Part::Entity,
        Role::Status => Part::Status,
        Role::Customer => Part::Customer,
        Role::Product => Part::Product,
        Role::Country => Part::Country,
        Role::Tax => Part::Tax,
        Role::Quantity => Part::Quantity,
        Role::UnitPrice => Part::UnitPrice,
        _ => return None,
    })
}

/// True for what may stand in a header: no number, no date.
fn is_heading(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && text.chars().filter(char::is_ascii_digit).count() * 2 < text.len()
}

impl Found {
    /// The columns of a part.
    #[must_use]
    pub fn of(&self, part: Part) -> Vec<usize> {
        let is = |(column, own): (usize, &Option<Part>)| (*own == Some(part)).then_some(column);
        self.parts.iter().enumerate().filter_map(is).collect()
    }

    /// The first of these parts that a column plays, and the columns that do.
    #[must_use]
    pub fn first(&self, parts: &[Part]) -> Vec<usize> {
        parts.iter().map(|part| self.of(*part)).find(|columns| !columns.is_empty()).unwrap_or_default()
    }

    /// The column of one of these headings.
    #[must_use]
    pub fn named(&self, headings: &[&str]) -> Option<usize> {
        headings.iter().find_map(|heading| {
            let wanted = plain(heading);
            self.names.iter().position(|name| alike(name).contains(&wanted))
        })
    }

    /// The columns that the profile names, as far as the file has them.
    #[must_use]
    pub fn of_profile(&self) -> BTreeMap<Role, usize> {
        let columns = self.profile.and_then(|profile| profile.map.get("columns")?.as_table());
        let one = |(role, headings): (&String, &toml::Value)| {
            let role: Role = toml::Value::String(role.clone()).try_into().ok()?;
            let headings: Vec<&str> = headings.as_array()?.iter().filter_map(toml::Value::as_str).collect();
            Some((role, self.named(&headings)?))
        };
        let own = columns.into_iter().flatten().filter_map(one);
        let said = |column: usize| self.said.iter().any(|(known, _)| *known == column);
        let mut all: BTreeMap<Role, usize> = own.filter(|(_, column)| !said(*column)).collect();
        all.extend(self.said.iter().filter_map(|(column, role)| Some(((*role)?, *column))));
        all
    }

    /// True where a person says which column plays a role.
    #[must_use]
    pub fn is_said(&self, role: Role) -> bool {
        self.said.iter().any(|(_, known)| *known == Some(role))
    }

    /// All columns that the profile names for a role, the one to be preferred first.
    #[must_use]
    pub fn all_of_profile(&self, role: Role) -> Vec<usize> {
        if let Some((column, _)) = self.said.iter().find(|(_, known)| *known == Some(role)) {
            return vec![*column];
        }
        let columns =
            self.profile.and_then(|profile| profile.map.get("columns")?.get(role.as_str())?.as_array());
        let headings = columns.into_iter().flatten().filter_map(toml::Value::as_str);
        headings.filter_map(|heading| self.named(&[heading])).collect()
    }

    /// The currency that stands behind the heading of an amount.
    #[must_use]
    pub fn currency(&self) -> Option<tieout_domain::Currency> {
        let amounts = [Part::Debit, Part::Credit, Part::Amount, Part::LocalAmount, Part::Gross];
        amounts.iter().flat_map(|part| self.of(*part)).find_map(|column| currency_of(&self.names[column]))
    }
}
