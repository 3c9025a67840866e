//! The TOML text of a column map, and what is checked of it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use tieout_domain::{
    AccountCode, Currency, EntityCode,
    accounts::{AccountMapping, EntityAccounts, EntityRule, LegalEntity, MappingError, RevenueRule},
    calendar::FiscalCalendar,
    document::{DocumentKind, DocumentStatus},
    hash::sha256_hex,
    ledger::EntryStatus,
    receipts::CreditNotes,
};

use super::{
    account,
    date::{DateFormats, check_format},
    map::{
        BillingRules, BillingSign, Column, ColumnMap, FileFormat, LedgerRules, LedgerSign, LineAmount,
        MapRules, Words,
    },
    map_error::MapError,
    map_keys,
    map_raw::{Header, Raw, RawFormats, bad},
    number::NumberFormat,
    role::{MapKind, Role},
    shape::{Headings, OF_HEADINGS},
};

impl ColumnMap {
    /// Reads and checks a map.
    ///
    /// # Errors
    /// [`MapError`], which says where and what to do.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        read(text).map_err(|error| map_keys::with_line(text, error))
    }
}

fn read(text: &str) -> Result<ColumnMap, MapError> {
    map_keys::check_schema(text)?;
    let raw: Raw = toml::from_str(text).map_err(|e| MapError::Syntax(e.to_string()))?;
    map_keys::check_version(&raw)?;
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
    let (carry_down, names) = (map_keys::carry_down(&raw)?, map_keys::names(&raw)?);
    let loose = raw.schema > 1;
    let (shape, defaults) = (map_keys::shape(&raw)?, map_keys::defaults(&raw)?);
    let mut columns: BTreeMap<Role, Column> = raw.columns.into_iter().map(|of| column(of, loose)).collect();
    for (role, name) in shape.iter().flat_map(|shape| headings(&shape.headings)) {
        columns.insert(role, Column { names: vec![name.to_owned()], loose: false, at: None });
    }
    let dates = dates(raw.formats.dates, shape.is_some())?.within(raw.formats.year.and_then(whole_year));
    if dates.lacks_year() && raw.file.metadata.is_none() {
        return Err(MapError::Missing("formats.year, since dates are written without a year".into()));
    }
    Ok(ColumnMap {
        rules,
        profile: raw.profile,
        title: raw.title,
        shape,
        defaults,
        carry_down,
        names,
        zone: raw.formats.zone,
        dates,
        periods: checked_periods(raw.formats.periods)?,
        numbers,
        file: raw.file,
        columns,
        constants: raw.constants,
        group_by,
        entities: raw.entities,
        expectation,
        text_hash: sha256_hex(text.as_bytes()),
    })
}

fn column((role, header): (Role, Header), loose: bool) -> (Role, Column) {
    let at = match &header {
        Header::At(place) => place.checked_sub(1),
        Header::One(_) | Header::Any(_) => None,
    };
    (role, Column { names: header.names(), loose, at })
}

/// The columns that headings give.
fn headings(headings: &Headings) -> impl Iterator<Item = (Role, &'static str)> {
    OF_HEADINGS.into_iter().filter(|(role, _)| !headings.of(*role).is_empty())
}

/// The formats of dates. A table that is read by its shape also has dates as workbooks keep them.
fn dates(mut formats: Vec<String>, shaped: bool) -> Result<DateFormats, MapError> {
    let shaped = shaped && !formats.is_empty();
    for own in ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S"].iter().filter(|_| shaped) {
        if !formats.iter().any(|known| known == own) {
            formats.push((*own).to_owned());
        }
    }
    DateFormats::new(&formats)
}

fn whole_year(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?))
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
    let numbers = NumberFormat {
        decimal,
        thousands,
        negative: formats.negative.clone(),
        signs: formats.currency_signs,
        nothing: formats.nothing.clone(),
    };
    numbers.check().map_err(|message| bad("formats", &message))?;
    Ok(numbers)
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
        rounded: documents.rounded.unwrap_or_default(),
        sign: documents.sign.unwrap_or_default(),
        tax: documents.tax.unwrap_or_default(),
        status: Words::read("status", &raw.status, DocumentStatus::parse)?,
        kind: documents.kind,
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
    let partial = raw.journals.as_ref().and_then(|j| j.partial).unwrap_or_default();
    let (credit, roll_up) = map_keys::accounts(raw, sign)?;
    let status = Words::read("status", &raw.status, entry_status)?;
    let credits = raw.journals.as_ref().and_then(|j| j.credits).unwrap_or_default();
    let unnumbered = raw.journals.as_ref().and_then(|j| j.without_number);
    let flags = map_keys::flags(raw)?;
    if sign == LedgerSign::Functional && !has(Role::FunctionalDebit) && !has(Role::FunctionalAmount) {
        return Err(MapError::Missing(
            "functional columns, since journals.amount_sign is \"functional\"".into(),
        ));
    }
    Ok(LedgerRules { sign, status, partial, credit, credits, flags, unnumbered, roll_up })
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
    let code = |account: &Option<AccountCode>| account.as_ref().map(account::code);
    let accounts = EntityAccounts {
        deferred_revenue: code(&expect.deferred_revenue),
        tax_payable: code(&expect.tax_payable),
        clearing: code(&expect.clearing),
        fees: code(&expect.fees),
        bad_debt: code(&expect.bad_debt),
        fx_clearing: code(&expect.fx_clearing),
        bank: code(&expect.bank),
        ..EntityAccounts::on(account::code(&expect.receivable))
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
        books_from: None,
        rates: None,
        tolerance: None,
        materiality: None,
        close: Default::default(),
        schedules: None,
        receipts_master: None,
        credit_notes: CreditNotes::default(),
        accounts: accounts.clone(),
        scopes: Default::default(),
        segments: Default::default(),
    });
    let rule = |country: Option<&String>, currency, entity: &EntityCode| EntityRule {
        connection: None,
        country: country.cloned(),
        currency,
        entity: entity.clone(),
    };
    let rules = raw.entity_rules.iter();
    let listed =
        rules.flat_map(|r| r.countries.iter().map(move |country| rule(Some(country), r.currency, &r.entity)));
    let mut revenue = expect.product.clone();
    revenue.iter_mut().for_each(|rule| rule.account = account::code(&rule.account));
    revenue.push(RevenueRule {
        entity: "*".into(),
        product: "*".into(),
        tax_code: "*".into(),
        account: account::code(&expect.revenue),
        recognition: Default::default(),
        schedule: None,
    });
    let mapping = AccountMapping {
        schema: 1,
        reporting_currency: None,
        entities: entities.collect(),
        entity_rules: listed.chain(raw.default_entity.iter().map(|e| rule(None, None, e))).collect(),
        revenue,
        rates: Vec::new(),
        batches: Vec::new(),
        not_ours: Vec::new(),
        explanations: Vec::new(),
        names: Vec::new(),
        aliases: Vec::new(),
    };
    // Through the text, so that a mapping made from a column map passes the very checks of a mapping file.
    let text = toml::to_string(&mapping).map_err(|e| MapError::Syntax(e.to_string()))?;
    Ok(Some(AccountMapping::parse(&text)?))
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
