//! A mapping as a table: what the editor shows and the proposal fills in. It has the shape of the file, every
//! value as it is written there, so that what is half done can be shown too. The file stays the format of
//! exchange: a table becomes one, and is read back by the checks of any mapping.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Deserializer, Serialize};
use tieout_domain::{
    accounts::AccountMapping,
    mapping::{MappingError, Role},
};

use crate::base::error::{DeskError, DeskResult};

/// A whole mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct MappingTable {
    /// The version of its format.
    #[serde(alias = "schema")]
    pub version: u32,
    /// The currency for reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporting_currency: Option<String>,
    /// The legal entities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entity: Vec<EntityRow>,
    /// Which documents are whose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entity_rule: Vec<EntityRuleRow>,
    /// Revenue accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revenue: Vec<RevenueRow>,
    /// Exchange rates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rate: Vec<RateRow>,
    /// Documents that the ledger books together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batch: Vec<BatchRow>,
    /// Entries that are none of this billing's business.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_ours: Vec<EntryRuleRow>,
    /// What explains entries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<EntryRuleRow>,
    /// How names of a ledger are read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<NamesRow>,
    /// What a ledger's texts call customers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alias: Vec<AliasRow>,
}

/// A legal entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct EntityRow {
    /// Its code.
    pub code: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The currency of its books.
    pub functional_currency: String,
    /// Its time zone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
    /// How its year is cut; calendar months without.
    #[serde(default, skip_serializing_if = "is_monthly")]
    pub calendar: Option<CalendarRow>,
    /// The ERP's own id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<String>,
    /// The connection that keeps its books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_connection: Option<String>,
    /// The customer that takes what billing does not name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sundry_customer: Option<String>,
    /// The first day of its books here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub books_from: Option<String>,
    /// The source of its rates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<String>,
    /// Up to which difference amounts are taken as equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<ToleranceCell>,
    /// From which amount on what is unexplained matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub materiality: Option<String>,
    /// What its close is held against.
    #[serde(default, skip_serializing_if = "CloseLimitsRow::is_empty")]
    pub close: CloseLimitsRow,
    /// How its deferred revenue is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedules: Option<SchedulesRow>,
    /// Which side knows every receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts_master: Option<String>,
    /// Whether money is given back only with a credit note.
    #[serde(default, skip_serializing_if = "is_optional")]
    pub credit_notes: Option<String>,
    /// Its accounts by role: the one that is booked on, then further ones.
    #[serde(default)]
    pub accounts: BTreeMap<String, Accounts>,
    /// Scopes that are other than the usual ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<String, String>,
    /// Segments of what is booked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, SegmentCell>,
}

#[allow(clippy::ref_option, reason = "serde hands out a reference")]
fn is_monthly(calendar: &Option<CalendarRow>) -> bool {
    calendar.as_ref().is_none_or(|calendar| calendar.kind == "monthly")
}

#[allow(clippy::ref_option, reason = "serde hands out a reference")]
fn is_optional(credit_notes: &Option<String>) -> bool {
    credit_notes.as_deref().is_none_or(|word| word == "optional")
}

/// What an entity's close is held against, in its functional currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct CloseLimitsRow {
    /// How much may stay open of an account that is signed, by role, account or range.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tolerance: BTreeMap<String, String>,
    /// Up to which amount what moves after a sign-off is listed and signed at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearly_trivial: Option<String>,
}

impl CloseLimitsRow {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How an entity's deferred revenue is released.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SchedulesRow {
    /// daily, monthly, even_periods, prorated or period_rate.
    pub method: String,
    /// spread, first, last or next_to_last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remainder: Option<String>,
    /// catch_up or prospective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_notes: Option<String>,
    /// How many days after a period's end its releases are due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_days: Option<u16>,
}

/// The accounts of a role; the first is booked on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Accounts(pub Vec<String>);

impl<'de> Deserialize<'de> for Accounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(String),
            Many(Vec<String>),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::One(one) => Accounts(vec![one]),
            Written::Many(many) => Accounts(many),
        })
    }
}

/// A fiscal calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct CalendarRow {
    /// monthly, 4-4-5 or custom.
    pub kind: String,
    /// Of 4-4-5, the month near whose first day the year starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<u32>,
    /// And the weekday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<u32>,
}

/// A tolerance: in the currency of the books, or by currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(untagged)]
pub enum ToleranceCell {
    /// In the functional currency.
    One(String),
    /// By currency.
    Each(BTreeMap<String, String>),
}

/// A segment of every line, or those of the lines of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(untagged)]
pub enum SegmentCell {
    /// The ERP's id.
    One(String),
    /// By segment.
    OfRole(BTreeMap<String, String>),
}

/// Which documents are whose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct EntityRuleRow {
    /// Only those of this connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Only those of this country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Only those in this currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whose they are.
    pub entity: String,
}

/// A revenue account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RevenueRow {
    /// Entity or `*`.
    #[serde(default = "any", skip_serializing_if = "is_any")]
    pub entity: String,
    /// Product or `*`.
    pub product: String,
    /// Tax code or `*`.
    #[serde(default = "any", skip_serializing_if = "is_any")]
    pub tax_code: String,
    /// The account.
    pub account: String,
    /// at_once or over_time.
    #[serde(default = "at_once", skip_serializing_if = "is_at_once")]
    pub recognition: String,
    /// How it is released, where otherwise than the entity's schedules say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
}

fn any() -> String {
    "*".to_owned()
}

fn is_any(word: &String) -> bool {
    word == "*"
}

fn at_once() -> String {
    "at_once".to_owned()
}

fn is_at_once(word: &String) -> bool {
    word == "at_once"
}

/// An exchange rate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RateRow {
    /// From this currency …
    pub from: String,
    /// … into this one.
    pub to: String,
    /// First day.
    pub date: String,
    /// The rate.
    pub rate: String,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Documents that the ledger books together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct BatchRow {
    /// Its name.
    pub name: String,
    /// The billing connection.
    pub connection: String,
    /// Which kinds of documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// day or month.
    pub by: String,
    /// The only entity that books so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// With what the entry begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_with: Option<String>,
}

/// A rule about entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct EntryRuleRow {
    /// Its name.
    pub name: String,
    /// Of an explanation, its category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only entries of this connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Only entries of this entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Only entries of these kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Only entries that begin with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_with: Option<String>,
    /// Only entries of these customers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<String>,
    /// Only entries with a line on one of these accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
}

/// How the names of an ERP connection are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct NamesRow {
    /// The ERP connection.
    pub connection: String,
    /// What is taken off before a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strip_prefix: Vec<String>,
    /// What is taken off after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strip_suffix: Vec<String>,
    /// What billing has before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_prefix: Option<String>,
    /// ignored or counts.
    #[serde(default, skip_serializing_if = "counts")]
    pub leading_zeros: Option<String>,
    /// ignored or counts.
    #[serde(default, skip_serializing_if = "counts")]
    pub case: Option<String>,
}

#[allow(clippy::ref_option, reason = "serde hands out a reference")]
fn counts(word: &Option<String>) -> bool {
    word.as_deref().is_none_or(|word| word == "counts")
}

/// What a ledger's texts call a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct AliasRow {
    /// The billing connection.
    pub connection: String,
    /// The customer.
    pub customer: String,
    /// The words.
    pub called: String,
}

impl MappingTable {
    /// A mapping's table.
    ///
    /// # Errors
    /// `mapping_syntax` where it has no text, which a mapping that was read never is.
    pub fn of(mapping: &AccountMapping) -> DeskResult<Self> {
        let syntax = |why: String| DeskError::from(MappingError::Syntax(why));
        let value = toml::Value::try_from(mapping).map_err(|e| syntax(e.to_string()))?;
        let mut table: Self = value.try_into().map_err(|e: toml::de::Error| syntax(e.to_string()))?;
        // What a mapping keeps apart of the accounts that are booked on.
        for (row, entity) in table.entity.iter_mut().zip(&mapping.entities) {
            for role in Role::ALL {
                let further = entity.accounts.further(*role).iter().map(ToString::to_string);
                if let Some(Accounts(all)) = row.accounts.get_mut(role.as_str()) {
                    all.extend(further);
                }
            }
        }
        table.version = 2;
        Ok(table)
    }

    /// Its file, with remarks above what they are about.
    ///
    /// # Errors
    /// `mapping_syntax`.
    pub fn text(&self, remarks: &Remarks) -> DeskResult<String> {
        let plain = toml::to_string(self).map_err(|e| MappingError::Syntax(e.to_string()))?;
        Ok(remarks.put_into(&plain))
    }

    /// The mapping that it is, checked.
    ///
    /// # Errors
    /// `mapping_…`, with the place.
    pub fn mapping(&self) -> DeskResult<AccountMapping> {
        Ok(AccountMapping::parse(&self.text(&Remarks::default())?)?)
    }
}

/// Remarks by what they are about: a row (`revenue 3`), or a value of it (`entity 0 accounts receivable`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks(BTreeMap<String, Vec<String>>);

impl Remarks {
    /// Adds one.
    pub fn add(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.0.entry(place.into()).or_default().push(text.into());
    }

    fn put_into(&self, plain: &str) -> String {
        let (mut text, mut rows) = (String::with_capacity(plain.len()), BTreeMap::<&str, usize>::new());
        let put = |place: &str, text: &mut String| {
            for remark in self.0.get(place).into_iter().flatten() {
                text.push_str("# ");
                text.push_str(&remark.replace(['\r', '\n'], " "));
                text.push('\n');
            }
        };
        let (mut row, mut part) = (String::new(), "");
        for line in plain.lines() {
            if let Some(list) = line.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
                let index = rows.entry(list).and_modify(|count| *count += 1).or_insert(0);
                (row, part) = (format!("{list} {index}"), "");
                put(&row, &mut text);
            } else if let Some(table) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                part = table.split_once('.').map_or("", |(_, part)| part);
            } else if let Some((key, _)) = line.split_once(" = ") {
                let place = [row.as_str(), part, key].into_iter().filter(|word| !word.is_empty());
                put(&place.collect::<Vec<_>>().join(" "), &mut text);
            }
            text.push_str(&as_written(part, line));
            text.push('\n');
        }
        text
    }
}

/// The line as people write it: a list of one account is that account.
fn as_written<'l>(part: &str, line: &'l str) -> Cow<'l, str> {
    let one = line.split_once(" = [").and_then(|(key, rest)| Some((key, rest.strip_suffix(']')?)));
    match one {
        Some((key, value)) if part == "accounts" && !value.contains(", ") && !value.is_empty() => {
            Cow::Owned(format!("{key} = {value}"))
        }
        _ => Cow::Borrowed(line),
    }
}
