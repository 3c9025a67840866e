//! What is shown of a file that was recognised.

use std::collections::BTreeMap;

use tieout_domain::{Currency, Money};

use super::{
    super::{
        error::FileError,
        flat::{Flat, Kind},
        map::ColumnMap,
        role::{MapKind, Role},
        source::Summary,
    },
    draft::Draft,
    sample::Sample,
    trial::Outcome,
};

/// Lines that are shown.
const SHOWN: usize = 10;

/// A column of the file, and the role it plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnView {
    /// What it is called.
    pub heading: String,
    /// The roles it plays, as a column map names them; none for one that is not read.
    pub roles: Vec<&'static str>,
}

/// What the file comes to in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlTotal {
    /// The currency.
    pub currency: Currency,
    /// Of a ledger the debits, of billing the sum of its documents: a decimal in major units.
    pub debits: String,
    /// Of a ledger the credits, without a sign: a decimal in major units.
    pub credits: Option<String>,
}

/// A file that was recognised.
#[derive(Clone, Debug)]
pub struct Recognition {
    /// What kind of file it is.
    pub kind: MapKind,
    /// The profile's name, or `general`.
    pub profile: String,
    /// What the file is, in words.
    pub title: String,
    /// True where it is of a built-in profile.
    pub built_in: bool,
    /// How its text is encoded; nothing of a workbook.
    pub encoding: Option<&'static str>,
    /// What separates its cells; nothing of a workbook.
    pub delimiter: Option<char>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The number of the row that is the header.
    pub header_row: u64,
    /// Its columns.
    pub columns: Vec<ColumnView>,
    /// The first lines as they are read: by the columns of [`Recognition::shown`].
    pub lines: Vec<Vec<String>>,
    /// The roles whose texts [`Recognition::lines`] holds.
    pub shown: Vec<&'static str>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// What it comes to.
    pub totals: Vec<ControlTotal>,
    /// What was read.
    pub summary: Summary,
    /// The column map.
    pub map: String,
}

/// What a map and its reading come to.
///
/// # Errors
/// [`FileError`] where the header is not found again.
pub fn recognition(
    sample: &Sample,
    (draft, map): (&Draft, &ColumnMap),
    outcome: &Outcome,
    notes: Vec<String>,
) -> Result<Recognition, FileError> {
    let (found, format) = (&sample.found, &sample.format);
    let flat = Flat::new(&sample.name, &sample.grid, map)?;
    let roles: Vec<Role> = map.columns.keys().copied().collect();
    let columns = flat.header.names.iter().enumerate().map(|(n, name)| ColumnView {
        heading: name.clone(),
        roles: roles.iter().filter(|role| flat.column(**role) == Some(n)).map(|role| role.as_str()).collect(),
    });
    let columns: Vec<ColumnView> = columns.collect();
    let rows = (flat.header.below..sample.grid.len()).filter(|row| flat.kind(*row) == Kind::Line);
    let lines =
        rows.take(SHOWN).map(|row| roles.iter().map(|role| flat.cell(row, *role).to_owned()).collect());
    let of_text = format.sheet.is_none();
    Ok(Recognition {
        kind: found.kind,
        profile: found.profile.map_or("general", |profile| &profile.name).to_owned(),
        title: match (found.profile, found.kind) {
            (Some(profile), _) => profile.title.clone(),
            (None, MapKind::Gl) => "a ledger, by its headings".to_owned(),
            (None, MapKind::Billing) => "billing, by its headings".to_owned(),
        },
        built_in: found.profile.is_some(),
        encoding: of_text.then(|| format.encoding.as_str()),
        delimiter: of_text.then_some(format.delimiter),
        sheet: format.sheet.clone(),
        header_row: sample.grid.number(found.row),
        columns,
        lines: lines.collect(),
        shown: roles.iter().map(|role| role.as_str()).collect(),
        notes,
        totals: totals(outcome),
        summary: outcome.summary.clone(),
        map: draft.text(),
    })
}

fn totals(outcome: &Outcome) -> Vec<ControlTotal> {
    let mut sides: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
    for entry in &outcome.entries {
        let (debits, credits) = sides.entry(entry.currency).or_default();
        for minor in entry.lines.iter().map(|line| i128::from(line.transaction_minor)) {
            if minor > 0 { *debits += minor } else { *credits -= minor }
        }
    }
    let decimal = |minor: i128, currency: Currency| match i64::try_from(minor) {
        Ok(minor) => Money::new(minor, currency).to_decimal().to_string(),
        Err(_) => format!("{minor} minor units"),
    };
    let ledger = sides.into_iter().map(|(currency, (debits, credits))| ControlTotal {
        currency,
        debits: decimal(debits, currency),
        credits: Some(decimal(credits, currency)),
    });
    let billing = outcome.documents.iter().filter_map(|(code, sum)| {
        let currency = Currency::new(code).ok()?;
        Some(ControlTotal { currency, debits: decimal(*sum, currency), credits: None })
    });
    ledger.chain(billing).collect()
}
