//! The TOML text of a column map, and what is checked of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use tieout_domain::{
    AccountCode, Currency, EntityCode, Rounding,
    accounts::{AccountMapping, EntityAccounts, EntityRule, LegalEntity, MappingError, RevenueRule},
    calendar::FiscalCalendar,
    document::{DocumentKind, DocumentStatus},
    hash::sha256_hex,
    ledger::EntryStatus,
};

use super::{
    date::{DateFormats, check_format},
    map::{
        BillingRules, BillingSign, ColumnMap, CountryRule, FileFormat, LedgerRules, LedgerSign, LineAmount,
        MapEntity, MapRules, TaxMode, Words,
    },
    map_error::MapError,
    number::{Negative, NumberFormat},
    role::{MapKind, Role},
};

/// `[expect]`: what the ledger should hold for the documents of the file, for every entity alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    receivable: AccountCode,
    revenue: AccountCode,
    tax_payable: Option<AccountCode>,
    deferred_revenue: Option<AccountCode>,
    clearing: Option<AccountCode>,
    fees: Option<AccountCode>,
    bad_debt: Option<AccountCode>,
    fx_clearing: Option<AccountCode>,
    #[serde(default)]
    product: Vec<RevenueRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    #[serde(default)]
    group_by: Option<Vec<Role>>,
    #[serde(default)]
    line_amount: Option<LineAmount>,
    #[serde(default)]
    rounding: Option<Rounding>,
    #[serde(default)]
    sign: Option<BillingSign>,
    #[serde(default)]
    tax: Option<TaxMode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Journals {
    #[serde(default)]
    group_by: Option<Vec<Role>>,
    #[serde(default)]
    amount_sign: Option<LedgerSign>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    schema: u32,
    kind: MapKind,
    #[serde(default)]
    file: FileFormat,
    columns: BTreeMap<Role, String>,
    #[serde(default)]
    constants: BTreeMap<Role, String>,
    formats: RawFormats,
    #[serde(default)]
    documents: Option<Documents>,
    #[serde(default)]
    journals: Option<Journals>,
    #[serde(default)]
    status: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    kinds: BTreeMap<String, Vec<String>>,
    #[serde(rename = "entity", default)]
    entities: Vec<MapEntity>,
    #[serde(rename = "entity_rule", default)]
    entity_rules: Vec<CountryRule>,
    #[serde(default)]
    default_entity: Option<EntityCode>,
    #[serde(default)]
    expect: Option<Expect>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFormats {
    dates: Vec<String>,
    #[serde(default)]
    periods: Vec<String>,
    #[serde(default = "super::number::point")]
    decimal: char,
    #[serde(default)]
    thousands: Option<char>,
    #[serde(default)]
    negative: Vec<Negative>,
}

impl ColumnMap {
    /// Reads and checks a map.
    ///
    /// # Errors
    /// [`MapError`], which says where and what to do.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        read(text)
    }
}

fn read(text: &str) -> Result<ColumnMap, MapError> {
    let raw: Raw = toml::from_str(text).map_err(|e| MapError::Syntax(e.to_string()))?;
    if raw.schema != 1 {
        return Err(MapError::Schema(raw.schema));
    }
    check_columns(&raw)?;
    check_file(&raw.file)?;
    check_entities(&raw)?;
    let numbers = numbers(&raw.formats)?;
    let rules = match raw.kind {
        MapKind::Billing => MapRules::Billing(billing_rules(&raw)?),
        MapKind::Gl => MapRules::Gl(ledger_rules(&raw)?),
    };
    let expectation = expectation(&raw)?;
    let group_by = group_by(&raw)?;
    Ok(ColumnMap {
        rules,
        dates: DateFormats::new(&raw.formats.dates)?,
        periods: checked_periods(raw.formats.periods)?,
        numbers,
        file: raw.file,
        columns: raw.columns,
        constants: raw.constants,
        group_by,
        entities: raw.entities,
        expectation,
        text_hash: sha256_hex(text.as_bytes()),
    })
}

impl Raw {
    fn has(&self, role: Role) -> bool {
        self.columns.contains_key(&role) || self.constants.contains_key(&role)
    }

    fn need(&self, role: Role) -> Result<(), MapError> {
        if self.has(role) { Ok(()) } else { Err(MapError::Missing(format!("columns.{}", role.as_str()))) }
    }
}

fn check_columns(raw: &Raw) -> Result<(), MapError> {
    let known = raw.kind.roles();
    for role in raw.columns.keys().chain(raw.constants.keys()) {
        if !known.contains(role) {
            return Err(MapError::WrongRole {
                role: role.as_str(),
                kind: raw.kind.as_str(),
                known: known.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", "),
            });
        }
    }
    for role in raw.constants.keys() {
        if raw.columns.contains_key(role) {
            let role = role.as_str();
            return Err(MapError::Conflict(format!("{role} is both a column and a constant")));
        }
        if !role.may_be_constant() {
            let place = format!("constants.{}", role.as_str());
            return Err(MapError::BadValue { place, message: "this cannot be the same in every row".into() });
        }
    }
    if let Some(code) = raw.constants.get(&Role::Currency) {
        Currency::new(code).map_err(|e| bad("constants.currency", &e))?;
    }
    raw.need(Role::Currency)?;
    match raw.kind {
        MapKind::Billing => [Role::Number, Role::Date].iter().try_for_each(|r| raw.need(*r)),
        MapKind::Gl => {
            let needed = [Role::Journal, Role::Reference, Role::Entity, Role::PostingDate, Role::Account];
            needed.iter().try_for_each(|r| raw.need(*r))
        }
    }
}

fn numbers(formats: &RawFormats) -> Result<NumberFormat, MapError> {
    let (decimal, thousands) = (formats.decimal, formats.thousands);
    let numbers = NumberFormat { decimal, thousands, negative: formats.negative.clone() };
    numbers.check().map_err(|message| bad("formats", &message))?;
    Ok(numbers)
}

fn bad(place: &str, error: &dyn std::fmt::Display) -> MapError {
    MapError::BadValue { place: place.to_owned(), message: error.to_string() }
}

fn check_file(file: &FileFormat) -> Result<(), MapError> {
    if !file.delimiter.is_ascii() || matches!(file.delimiter, '"' | '\n' | '\r') {
        return Err(bad("file.delimiter", &"must be one ASCII character that is no quote or line end"));
    }
    Ok(())
}

fn check_entities(raw: &Raw) -> Result<(), MapError> {
    let mut seen: Vec<&str> = Vec::new();
    for entity in &raw.entities {
        for word in std::iter::once(entity.code.as_str()).chain(entity.aliases.iter().map(String::as_str)) {
            if seen.contains(&word) {
                return Err(MapError::Conflict(format!("\"{word}\" names two entities")));
            }
            seen.push(word);
        }
    }
    let named = raw.entity_rules.iter().map(|rule| &rule.entity).chain(raw.default_entity.as_ref());
    for code in named {
        if !raw.entities.iter().any(|e| e.code == *code) {
            return Err(MapError::Expect(MappingError::UnknownEntity(code.to_string())));
        }
    }
    if let Some(word) = raw.constants.get(&Role::Entity)
        && !raw.entities.iter().any(|e| e.code.as_str() == word)
    {
        return Err(bad("constants.entity", &format!("no [[entity]] has the code \"{word}\"")));
    }
    if raw.entities.is_empty() {
        return Err(MapError::Missing("at least one [[entity]]".into()));
    }
    Ok(())
}

fn billing_rules(raw: &Raw) -> Result<BillingRules, MapError> {
    if raw.journals.is_some() {
        return Err(MapError::Conflict("[journals] belongs to a gl map".into()));
    }
    let documents = raw.documents.as_ref().ok_or_else(|| MapError::Missing("[documents]".into()))?;
    let line_amount =
        documents.line_amount.ok_or_else(|| MapError::Missing("documents.line_amount".into()))?;
    match line_amount {
        LineAmount::QuantityTimesPrice => {
            raw.need(Role::Quantity)?;
            raw.need(Role::UnitPrice)?;
        }
        LineAmount::Amount => raw.need(Role::Amount)?,
    }
    let rules = BillingRules {
        line_amount,
        rounding: documents.rounding.ok_or_else(|| MapError::Missing("documents.rounding".into()))?,
        sign: documents.sign.unwrap_or_default(),
        tax: documents.tax.unwrap_or_default(),
        status: Words::read("status", &raw.status, DocumentStatus::parse)?,
        kinds: Words::read("kinds", &raw.kinds, DocumentKind::parse)?,
    };
    let has_kind = raw.columns.contains_key(&Role::Kind);
    if rules.sign == BillingSign::ByKind && !has_kind {
        return Err(MapError::Missing("columns.kind, since documents.sign is \"by_kind\"".into()));
    }
    if has_kind && raw.kinds.is_empty() {
        return Err(MapError::Missing("[kinds]: which word of the kind column means what".into()));
    }
    status_words_said(raw)?;
    let routed = !raw.entity_rules.is_empty() || raw.default_entity.is_some() || raw.has(Role::Entity);
    if !routed {
        return Err(MapError::Missing("an entity column, [[entity_rule]]s or a default_entity".into()));
    }
    Ok(rules)
}

fn status_words_said(raw: &Raw) -> Result<(), MapError> {
    if raw.columns.contains_key(&Role::Status) && raw.status.is_empty() {
        return Err(MapError::Missing("[status]: which word of the status column means what".into()));
    }
    Ok(())
}

fn ledger_rules(raw: &Raw) -> Result<LedgerRules, MapError> {
    let billing_only = raw.documents.is_some() || !raw.kinds.is_empty() || !raw.entity_rules.is_empty();
    if billing_only || raw.default_entity.is_some() {
        let what = "[documents], [kinds], [[entity_rule]] and default_entity belong to a billing map";
        return Err(MapError::Conflict(what.into()));
    }
    let has = |role| raw.columns.contains_key(&role);
    let pairs = [
        (Role::Debit, Role::Credit, Role::Amount),
        (Role::FunctionalDebit, Role::FunctionalCredit, Role::FunctionalAmount),
    ];
    for (debit, credit, amount) in pairs {
        if has(amount) && (has(debit) || has(credit)) {
            let what = format!("name either {} or {} and {}", amount, debit, credit);
            return Err(MapError::Conflict(what));
        }
        if has(debit) != has(credit) {
            return Err(MapError::Missing(format!("both columns.{debit} and columns.{credit}")));
        }
    }
    if !has(Role::Amount) && !has(Role::Debit) {
        return Err(MapError::Missing("columns.debit and columns.credit, or columns.amount".into()));
    }
    status_words_said(raw)?;
    let sign = raw.journals.as_ref().and_then(|j| j.amount_sign).unwrap_or_default();
    Ok(LedgerRules { sign, status: Words::read("status", &raw.status, entry_status)? })
}

fn entry_status(name: &str) -> Option<EntryStatus> {
    [EntryStatus::Booked, EntryStatus::Unbooked, EntryStatus::Void].into_iter().find(|s| s.as_str() == name)
}

fn group_by(raw: &Raw) -> Result<Vec<Role>, MapError> {
    let (given, default) = match raw.kind {
        MapKind::Billing => (raw.documents.as_ref().and_then(|d| d.group_by.clone()), Role::Number),
        MapKind::Gl => (raw.journals.as_ref().and_then(|j| j.group_by.clone()), Role::Journal),
    };
    let roles = given.unwrap_or_else(|| vec![default]);
    if roles.is_empty() {
        return Err(bad("group_by", &"must name at least one column"));
    }
    for role in &roles {
        if !raw.columns.contains_key(role) {
            return Err(MapError::Missing(format!("columns.{role}, which group_by names")));
        }
    }
    Ok(roles)
}

fn checked_periods(formats: Vec<String>) -> Result<Vec<String>, MapError> {
    for format in &formats {
        check_format(format).map_err(|message| bad("formats.periods", &message))?;
    }
    Ok(formats)
}

fn expectation(raw: &Raw) -> Result<Option<AccountMapping>, MapError> {
    let Some(expect) = &raw.expect else { return Ok(None) };
    let accounts = EntityAccounts {
        receivable: expect.receivable.clone(),
        deferred_revenue: expect.deferred_revenue.clone(),
        tax_payable: expect.tax_payable.clone(),
        clearing: expect.clearing.clone(),
        fees: expect.fees.clone(),
        bad_debt: expect.bad_debt.clone(),
        fx_clearing: expect.fx_clearing.clone(),
        bank: None,
        fee_tax: None,
        deposits: None,
        transfers: None,
        reserves: None,
        adjustments: None,
    };
    let entities = raw.entities.iter().map(|e| LegalEntity {
        code: e.code.clone(),
        name: e.name.clone(),
        functional_currency: e.functional_currency,
        time_zone: e.time_zone,
        calendar: FiscalCalendar::Monthly,
        erp_id: None,
        erp_connection: None,
        sundry_customer: None,
        accounts: accounts.clone(),
    });
    let rule = |country: Option<&String>, currency, entity: &EntityCode| EntityRule {
        connection: None,
        country: country.cloned(),
        currency,
        entity: entity.clone(),
    };
    let listed = raw
        .entity_rules
        .iter()
        .flat_map(|r| r.countries.iter().map(move |country| rule(Some(country), r.currency, &r.entity)));
    let mut revenue = expect.product.clone();
    revenue.push(RevenueRule {
        entity: "*".into(),
        product: "*".into(),
        tax_code: "*".into(),
        account: expect.revenue.clone(),
        recognition: Default::default(),
    });
    let mapping = AccountMapping {
        schema: 1,
        entities: entities.collect(),
        entity_rules: listed.chain(raw.default_entity.iter().map(|e| rule(None, None, e))).collect(),
        revenue,
        rates: Vec::new(),
    };
    // Through the text, so that a mapping made from a column map passes the very checks of a mapping file.
    let text = toml::to_string(&mapping).map_err(|e| MapError::Syntax(e.to_string()))?;
    Ok(Some(AccountMapping::parse(&text)?))
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
