//! The column map: how a billing or general-ledger file is read, in TOML.
//!
//! A map says which column plays which role, how dates and numbers are written, which way the signs run, how
//! lines group into documents, and (in `[expect]`) what the ledger should hold for them. Unknown keys are
//! refused, so that a misspelt one is never ignored. The two maps of the retail case in `fixtures/maps` are
//! the examples to start from; the two of version 2 beside them show every key. Version 1 is read as ever.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tieout_domain::{
    AccountCode, Currency, EntityCode, Rounding,
    accounts::AccountMapping,
    document::{DocumentKind, DocumentStatus},
    ledger::EntryStatus,
};

use super::{
    account::AccountRange,
    date::DateFormats,
    encoding::Encoding,
    map_error::MapError,
    names::NameRules,
    number::NumberFormat,
    role::{MapKind, Role},
    shape::{Metadata, TableShape},
};

/// `[file]`: the shape of the file itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileFormat {
    /// What separates cells of a CSV: one ASCII character.
    pub delimiter: char,
    /// How text is encoded.
    pub encoding: Encoding,
    /// The sheet of a workbook; without it the first one.
    pub sheet: Option<String>,
    /// True for a printed list: bars between cells, rules of dashes between parts.
    pub list: bool,
    /// What the first line says, where it is no row of the table.
    pub metadata: Option<Metadata>,
}

impl Default for FileFormat {
    fn default() -> Self {
        Self { delimiter: ',', encoding: Encoding::Utf8, sheet: None, list: false, metadata: None }
    }
}

/// Where the amount of a document's line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineAmount {
    /// Quantity times unit price, exact; only the document's sum is rounded.
    QuantityTimesPrice,
    /// The amount column.
    Amount,
}

/// What a positive amount of a billing file means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingSign {
    /// The customer owes more: invoices positive, credit notes negative.
    #[default]
    AsWritten,
    /// The customer owes less: the file shows invoices negative.
    Reversed,
    /// Every amount is written without a sign; the kind gives it (needs a kind column).
    ByKind,
}

/// What a positive amount of a general-ledger file means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerSign {
    /// A debit.
    #[default]
    DebitPositive,
    /// A credit.
    CreditPositive,
    /// What the account usually has: a credit on the accounts that `[accounts]` lists as credit accounts, a
    /// debit on all others.
    Natural,
    /// What the functional columns of the row have. In an entry in the entity's own currency they alone
    /// count.
    Functional,
}

impl LedgerSign {
    /// True for what version 1 of the map does not know.
    #[must_use]
    pub fn is_newer(self) -> bool {
        matches!(self, LedgerSign::Natural | LedgerSign::Functional)
    }
}

/// How the column of credits writes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credits {
    /// Without a sign.
    #[default]
    Positive,
    /// With a minus.
    Negative,
}

/// How journals without a number are told apart, where the file has such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unnumbered {
    /// All lines of one day, and of one kind where the file says it, are one journal.
    ByDay,
    /// The lines between two totals or blank rows are one journal.
    InBlocks,
}

/// Whether line amounts hold the tax of the tax column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxMode {
    /// Tax comes on top.
    #[default]
    Exclusive,
    /// Tax is within.
    Inclusive,
}

/// A legal entity of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapEntity {
    /// Its code.
    pub code: EntityCode,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Other words by which the entity column names it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The currency of its books.
    pub functional_currency: Currency,
    /// Its time zone.
    #[serde(default = "utc")]
    pub time_zone: Tz,
}

fn utc() -> Tz {
    Tz::UTC
}

/// Gives documents of some countries (and, if said, of a currency) to an entity. The first that fits wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryRule {
    /// Whose documents they are.
    pub entity: EntityCode,
    /// Countries as the file writes them.
    pub countries: Vec<String>,
    /// Only in this currency.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// When amounts are rounded to what the currency can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounded {
    /// Once, the document's sum.
    #[default]
    Document,
    /// Each line, before lines are added up.
    Line,
}

/// The column of a role, by its name in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Any of these names.
    pub names: Vec<String>,
    /// True where blanks and case make no difference.
    pub loose: bool,
    /// Its place instead, counted from nought.
    pub at: Option<usize>,
}

impl Column {
    /// True where the header's cell is one of the names.
    #[must_use]
    pub fn is(&self, cell: &str) -> bool {
        let plain = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        self.names.iter().any(|name| name.trim() == cell || (self.loose && plain(name) == plain(cell)))
    }
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.at {
            Some(at) => write!(f, "number {}", at + 1),
            None => f.write_str(&self.names.join(" or ")),
        }
    }
}

/// The rules of a billing file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillingRules {
    /// Where line amounts come from.
    pub line_amount: LineAmount,
    /// How an amount is made whole.
    pub rounding: Rounding,
    /// When that is done.
    pub rounded: Rounded,
    /// What a positive amount means.
    pub sign: BillingSign,
    /// Whether amounts hold the tax.
    pub tax: TaxMode,
    /// Words of the status column, lower case.
    pub status: Words<DocumentStatus>,
    /// What every document is, where the file has no kind column.
    pub kind: Option<DocumentKind>,
    /// Words of the kind column, lower case. Without a kind column the sign of the total decides.
    pub kinds: Words<DocumentKind>,
}

/// The rules of a general-ledger file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRules {
    /// What a positive amount means.
    pub sign: LedgerSign,
    /// Words of the status column, lower case.
    pub status: Words<EntryStatus>,
    /// True for a file of some accounts only: its journals are not whole, and need not balance.
    pub partial: bool,
    /// How the column of credits writes them.
    pub credits: Credits,
    /// How journals without a number are told apart.
    pub unnumbered: Option<Unnumbered>,
    /// Accounts whose amounts are credits where the sign is natural.
    pub credit: Vec<AccountRange>,
    /// Words of the flag column, lower case; true for a credit.
    pub flags: Words<bool>,
    /// Accounts that are read as another one, such as those of debtors as the receivable they add up to.
    pub roll_up: Vec<(AccountCode, Vec<AccountRange>)>,
}

/// What a map is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapRules {
    /// Billing lines.
    Billing(BillingRules),
    /// General-ledger detail.
    Gl(LedgerRules),
}

/// Which words of a column mean what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words<T>(Vec<(String, T)>);

impl<T: Copy> Words<T> {
    pub(super) fn read(
        section: &str,
        raw: &BTreeMap<String, Vec<String>>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Self, MapError> {
        let mut words: Vec<(String, T)> = Vec::new();
        for (name, list) in raw {
            let meaning = parse(name).ok_or_else(|| MapError::BadValue {
                place: format!("{section}.{name}"),
                message: format!("\"{name}\" is not a {section} of this kind of file"),
            })?;
            for word in list {
                let word = word.trim().to_lowercase();
                if words.iter().any(|(known, _)| *known == word) {
                    return Err(MapError::Conflict(format!("{section} \"{word}\" has two meanings")));
                }
                words.push((word, meaning));
            }
        }
        Ok(Self(words))
    }

    /// What `word` means, in any case.
    #[must_use]
    pub fn meaning(&self, word: &str) -> Option<T> {
        let found = |(known, _): &&(String, T)| known == word || *known == word.to_lowercase();
        self.0.iter().find(found).map(|(_, meaning)| *meaning)
    }

    /// The words, for a message.
    #[must_use]
    pub fn list(&self) -> String {
        self.0.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A checked column map.
#[derive(Clone, Debug)]
pub struct ColumnMap {
    /// The rules of its kind of file.
    pub rules: MapRules,
    /// What the map is called after, where a built-in profile made it.
    pub profile: Option<String>,
    /// What people call such files, where the next one is to be read by it.
    pub title: Option<String>,
    /// The shape of the file.
    pub file: FileFormat,
    /// How the table stands in it, where it is more than a header and rows.
    pub shape: Option<TableShape>,
    /// Which column (by its name in the header) plays which role.
    pub columns: BTreeMap<Role, Column>,
    /// Values that hold for every row.
    pub constants: BTreeMap<Role, String>,
    /// Values of empty cells.
    pub defaults: BTreeMap<Role, String>,
    /// The columns whose values together name a document or journal.
    pub group_by: Vec<Role>,
    /// Roles whose cells the first row of a document fills for those that continue it.
    pub carry_down: Vec<Role>,
    /// How a document's name is made of what is written.
    pub names: NameRules,
    /// How dates are written.
    pub dates: DateFormats,
    /// The zone of times without one, where the map says it; without it they are the entity's.
    pub zone: Option<Tz>,
    /// How names of periods are written; empty: they are taken as they are.
    pub periods: Vec<String>,
    /// How numbers are written.
    pub numbers: NumberFormat,
    /// The entities.
    pub entities: Vec<MapEntity>,
    pub(super) expectation: Option<AccountMapping>,
    pub(super) text_hash: String,
}

impl ColumnMap {
    /// What kind of file it reads.
    #[must_use]
    pub fn kind(&self) -> MapKind {
        match self.rules {
            MapRules::Billing(_) => MapKind::Billing,
            MapRules::Gl(_) => MapKind::Gl,
        }
    }

    /// How journals without a number are told apart.
    #[must_use]
    pub fn unnumbered(&self) -> Option<Unnumbered> {
        match &self.rules {
            MapRules::Gl(rules) => rules.unnumbered,
            MapRules::Billing(_) => None,
        }
    }

    /// SHA-256 (hex) of the map's text, under which its use is recorded.
    #[must_use]
    pub fn text_hash(&self) -> &str {
        &self.text_hash
    }

    /// What the ledger is expected to hold, as a mapping that `domain::derive` reads: the entities, their
    /// accounts, and the rules that give documents to entities. `None` for a map without `[expect]`.
    #[must_use]
    pub fn expectation(&self) -> Option<AccountMapping> {
        self.expectation.clone()
    }

    /// The entity that a cell names, by code or alias.
    #[must_use]
    pub fn entity_named(&self, word: &str) -> Option<&MapEntity> {
        self.entities.iter().find(|e| e.code.as_str() == word || e.aliases.iter().any(|a| a == word))
    }
}
