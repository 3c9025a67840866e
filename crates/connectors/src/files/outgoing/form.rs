//! A form as its TOML has it.

use std::sync::LazyLock;

use serde::Deserialize;

use super::error::OutgoingError;

/// How a ledger takes entries in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
pub struct Form {
    /// Its stable name.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// Where it is documented.
    pub sources: Vec<String>,
    /// What whoever imports it has to know.
    pub note: String,
    /// How dates are written.
    pub date: String,
    #[serde(default = "comma")]
    pub(super) separator: char,
    #[serde(default = "point")]
    pub(super) decimal: char,
    #[serde(default = "utf8")]
    pub(super) encoding: String,
    #[serde(default)]
    pub(super) crlf: bool,
    /// A row has an account and its contra account.
    #[serde(default)]
    pub(super) pairs: bool,
    /// It takes entries in another currency than that of the books.
    #[serde(default)]
    pub(super) foreign: bool,
    /// It takes entries whose lines are in several currencies.
    #[serde(default)]
    pub(super) mixed: bool,
    /// A file is of one company.
    #[serde(default)]
    pub(super) one_entity: bool,
    /// A file is of one fiscal year.
    #[serde(default)]
    pub(super) one_year: bool,
    #[serde(default)]
    pub(super) most_rows: Option<usize>,
    /// Headings after the columns, of columns that stay empty.
    #[serde(default)]
    pub(super) rest: Vec<String>,
    /// What it has to be told.
    #[serde(default)]
    pub option: Vec<FormOption>,
    /// The cells of a line before the headings.
    #[serde(default)]
    pub(super) head: Vec<Cell>,
    pub(super) column: Vec<Column>,
}

/// What a form has to be told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormOption {
    /// Its stable name.
    pub name: String,
    /// What it is, for people.
    pub label: String,
    /// True where there is no usual value.
    #[serde(default)]
    pub needed: bool,
    /// The usual value.
    #[serde(default)]
    pub usual: Option<String>,
    /// How many digits it has, at least and at most.
    #[serde(default)]
    digits: Option<(usize, usize)>,
}

impl FormOption {
    /// Whether a value can be meant.
    pub(super) fn check(&self, value: &str) -> Result<(), OutgoingError> {
        let wrong =
            |wants: String| Err(OutgoingError::option(format!("{} is {wants}, not \"{value}\"", self.label)));
        if value.chars().any(char::is_control) {
            return wrong("a text without line breaks".to_owned());
        }
        match self.digits {
            Some((least, most))
                if !(least..=most).contains(&value.len()) || !value.bytes().all(|b| b.is_ascii_digit()) =>
            {
                wrong(format!("a number of {least} to {most} digits"))
            }
            _ => Ok(()),
        }
    }
}

/// A cell: what stands in it. Fields are those of `row::value`; `text:…` is a constant, `option:…` an option,
/// `side:D/C` one of two words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cell {
    pub field: String,
    #[serde(default)]
    pub quoted: bool,
}

/// A column.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    pub heading: String,
    pub field: String,
    #[serde(default)]
    pub quoted: bool,
    /// At most so many characters: what is longer is cut at its end.
    #[serde(default)]
    pub most: Option<usize>,
    /// What is longer is not cut: the entry does not fit.
    #[serde(default)]
    pub exact: bool,
}

fn comma() -> char {
    ','
}

fn point() -> char {
    '.'
}

fn utf8() -> String {
    "utf-8".to_owned()
}

impl Form {
    /// True where files that this profile reads come from such a ledger.
    pub(super) fn is_for(&self, profile: &str) -> bool {
        profile.split('-').next() == Some(self.name.as_str())
    }
}

const TEXTS: [&str; 6] = [
    include_str!("forms/plain.toml"),
    include_str!("forms/netsuite.toml"),
    include_str!("forms/quickbooks.toml"),
    include_str!("forms/xero.toml"),
    include_str!("forms/sap.toml"),
    include_str!("forms/datev.toml"),
];

static FORMS: LazyLock<Vec<Form>> =
    LazyLock::new(|| TEXTS.iter().filter_map(|text| toml::from_str(text).ok()).collect());

/// All forms.
pub(super) fn all() -> &'static [Form] {
    &FORMS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_can_be_read_and_says_where_it_is_documented() {
        for text in TEXTS {
            let form: Form = toml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            assert!(form.sources.iter().all(|source| source.contains(':')), "{}", form.name);
            assert!(!form.sources.is_empty() && !form.note.is_empty(), "{}", form.name);
        }
        assert_eq!(all().len(), TEXTS.len());
        assert_eq!(all()[0].name, "plain", "what no profile says goes out plainly");
    }

    #[test]
    fn the_profile_by_which_a_ledger_is_read_says_how_it_is_written() {
        let of = |profile| super::super::usual(profile).name.as_str();
        assert_eq!(of(Some("netsuite-saved-search")), "netsuite");
        assert_eq!(of(Some("quickbooks-desktop-general-ledger")), "quickbooks");
        assert_eq!(of(Some("datev-batch")), "datev");
        assert_eq!(of(Some("odoo-journal-items")), "plain");
        assert_eq!(of(None), "plain");
    }
}
