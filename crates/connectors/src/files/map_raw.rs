//! A column map's TOML as it is written, before anything of it is checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use tieout_domain::{AccountCode, EntityCode, Rounding, accounts::RevenueRule, document::DocumentKind};

use super::{
    map::{
        BillingSign, CountryRule, Credits, FileFormat, LedgerSign, LineAmount, MapEntity, Rounded, TaxMode,
        Unnumbered,
    },
    map_error::MapError,
    names::NameRules,
    number::{Negative, point},
    role::{MapKind, Role},
    shape::{HeaderPlace, Headings},
};

/// `[expect]`: what the ledger should hold for the documents of the file, for every entity alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    pub(super) receivable: AccountCode,
    pub(super) revenue: AccountCode,
    pub(super) tax_payable: Option<AccountCode>,
    pub(super) deferred_revenue: Option<AccountCode>,
    pub(super) clearing: Option<AccountCode>,
    pub(super) fees: Option<AccountCode>,
    pub(super) bad_debt: Option<AccountCode>,
    pub(super) fx_clearing: Option<AccountCode>,
    pub(super) bank: Option<AccountCode>,
    #[serde(default)]
    pub(super) product: Vec<RevenueRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Documents {
    #[serde(default)]
    pub(super) group_by: Option<Vec<Role>>,
    #[serde(default)]
    pub(super) line_amount: Option<LineAmount>,
    #[serde(default)]
    pub(super) rounding: Option<Rounding>,
    #[serde(default)]
    pub(super) rounded: Option<Rounded>,
    #[serde(default)]
    pub(super) sign: Option<BillingSign>,
    #[serde(default)]
    pub(super) tax: Option<TaxMode>,
    #[serde(default)]
    pub(super) kind: Option<DocumentKind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journals {
    #[serde(default)]
    pub(super) group_by: Option<Vec<Role>>,
    #[serde(default)]
    pub(super) amount_sign: Option<LedgerSign>,
    #[serde(default)]
    pub(super) credits: Option<Credits>,
    #[serde(default)]
    pub(super) without_number: Option<Unnumbered>,
    #[serde(default)]
    pub(super) partial: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) schema: u32,
    pub(super) kind: MapKind,
    #[serde(default)]
    pub(super) file: FileFormat,
    pub(super) columns: BTreeMap<Role, Header>,
    #[serde(default)]
    pub(super) constants: BTreeMap<Role, String>,
    #[serde(default)]
    pub(super) profile: Option<String>,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) table: Option<Table>,
    #[serde(default)]
    pub(super) headings: Option<Headings>,
    #[serde(default)]
    pub(super) flags: Option<Flags>,
    #[serde(default)]
    pub(super) defaults: BTreeMap<Role, String>,
    #[serde(default)]
    pub(super) names: Option<NameRules>,
    #[serde(default)]
    pub(super) accounts: Option<Accounts>,
    pub(super) formats: RawFormats,
    #[serde(default)]
    pub(super) documents: Option<Documents>,
    #[serde(default)]
    pub(super) journals: Option<Journals>,
    #[serde(default)]
    pub(super) status: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) kinds: BTreeMap<String, Vec<String>>,
    #[serde(rename = "entity", default)]
    pub(super) entities: Vec<MapEntity>,
    #[serde(rename = "entity_rule", default)]
    pub(super) entity_rules: Vec<CountryRule>,
    #[serde(default)]
    pub(super) default_entity: Option<EntityCode>,
    #[serde(default)]
    pub(super) expect: Option<Expect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFormats {
    pub(super) dates: Vec<String>,
    #[serde(default)]
    pub(super) zone: Option<chrono_tz::Tz>,
    #[serde(default)]
    pub(super) periods: Vec<String>,
    #[serde(default = "point")]
    pub(super) decimal: char,
    #[serde(default)]
    pub(super) thousands: Option<char>,
    #[serde(default)]
    pub(super) negative: Vec<Negative>,
    #[serde(default)]
    pub(super) currency_signs: bool,
    #[serde(default)]
    pub(super) nothing: Vec<String>,
    #[serde(default)]
    pub(super) year: Option<i32>,
}

/// The name of a column in the header: one, or any of several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Header {
    /// This name.
    One(String),
    /// Any of these.
    Any(Vec<String>),
    /// The one at this place, counted from 1.
    At(usize),
}

impl Header {
    pub(super) fn names(self) -> Vec<String> {
        match self {
            Header::One(name) => vec![name],
            Header::Any(names) => names,
            Header::At(_) => Vec::new(),
        }
    }
}

/// `[table]`: how rows hang together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Table {
    pub(super) carry_down: Vec<Role>,
    pub(super) header: Option<HeaderPlace>,
    pub(super) header_rows: Option<usize>,
    pub(super) optional: Vec<Role>,
    pub(super) leave_out: BTreeMap<Role, Vec<String>>,
    pub(super) banner: Vec<String>,
    pub(super) end: Vec<String>,
    pub(super) totals: Vec<String>,
}

/// `[flags]`: the words of the column that says on which side an amount stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flags {
    pub(super) debit: Vec<String>,
    pub(super) credit: Vec<String>,
}

/// `[accounts]`: what is known of the ledger's accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Accounts {
    pub(super) credit: Vec<String>,
    pub(super) roll_up: BTreeMap<AccountCode, Vec<String>>,
}

impl Raw {
    pub(super) fn has(&self, role: Role) -> bool {
        let heading = self.headings.as_ref().is_some_and(|headings| !headings.of(role).is_empty());
        self.columns.contains_key(&role) || self.constants.contains_key(&role) || heading
    }

    pub(super) fn need(&self, role: Role) -> Result<(), MapError> {
        if self.has(role) { Ok(()) } else { Err(MapError::Missing(format!("columns.{}", role.as_str()))) }
    }
}

pub(super) fn bad(place: &str, error: &dyn std::fmt::Display) -> MapError {
    MapError::BadValue { place: place.to_owned(), message: error.to_string() }
}
