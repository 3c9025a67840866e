//! Account determination: which legal entity a document belongs to, and which accounts its entry names,
//! from a mapping file by entity × product × tax code.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    AccountCode, Currency, EntityCode,
    batch::BatchRule,
    calendar::FiscalCalendar,
    hash::sha256_hex,
    mapping::{
        AccountKey, AccountRange, AmountText, CloseLimits, EntryRule, Role, RoleAccounts, Schedules, Scope,
        Segments, Tolerance, WrittenAccounts,
    },
    naming::{self, AliasRule, NameRule},
    receipts::{CreditNotes, ReceiptsMaster},
};

pub use crate::mapping::{MappingError, NO_PRODUCT, Recognition, RevenueRule, unitemised};

/// The accounts of an entity that do not depend on a product. Only the receivable one is always needed;
/// a document that needs a missing one has no mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenAccounts")]
pub struct EntityAccounts {
    /// Accounts receivable: the control account of the tie-out.
    pub receivable: AccountCode,
    /// Deferred revenue.
    pub deferred_revenue: Option<AccountCode>,
    /// Tax payable.
    pub tax_payable: Option<AccountCode>,
    /// Payment clearing (the processor's balance).
    pub clearing: Option<AccountCode>,
    /// Payment fees expense.
    pub fees: Option<AccountCode>,
    /// Bad debt expense, for write-offs.
    pub bad_debt: Option<AccountCode>,
    /// FX clearing, for entries in two transaction currencies, and between money in one currency and what the
    /// processor settled it as in another: what is left there is the difference of the rates.
    pub fx_clearing: Option<AccountCode>,
    /// The bank: the other side of payouts and top-ups, and of money that did not go through the processor.
    pub bank: Option<AccountCode>,
    /// Tax on the processor's fees, where it is deducted as input tax; without it that tax is a fee.
    pub fee_tax: Option<AccountCode>,
    /// The other side of balances that billing keeps for customers and that were credited by hand (deposits,
    /// goodwill); without it they are not expected in the ledger.
    pub deposits: Option<AccountCode>,
    /// The other side of transfers to and from other accounts at the processor.
    pub transfers: Option<AccountCode>,
    /// What the processor keeps back as a reserve.
    pub reserves: Option<AccountCode>,
    /// The other side of what the processor put right, and of movements of its balance of any other kind.
    pub adjustments: Option<AccountCode>,
    /// Realised gains of exchange rates; read and proven where their scope says so.
    pub fx_gains: Option<AccountCode>,
    /// Realised losses of exchange rates, likewise.
    pub fx_losses: Option<AccountCode>,
    /// Further accounts of roles: what stands on one of them stands on the role's first. The desk itself
    /// never books on them.
    #[serde(skip)]
    pub also: BTreeMap<Role, Vec<AccountRange>>,
}

impl From<WrittenAccounts> for EntityAccounts {
    fn from(written: WrittenAccounts) -> Self {
        let mut also = BTreeMap::new();
        let mut first = |role: Role, accounts: Option<RoleAccounts>| {
            let accounts = accounts?;
            if !accounts.also.is_empty() {
                also.insert(role, accounts.also);
            }
            Some(accounts.first)
        };
        let receivable = written.receivable.first.clone();
        first(Role::Receivable, Some(written.receivable));
        Self {
            receivable,
            deferred_revenue: first(Role::DeferredRevenue, written.deferred_revenue),
            tax_payable: first(Role::TaxPayable, written.tax_payable),
            clearing: first(Role::Clearing, written.clearing),
            fees: first(Role::Fees, written.fees),
            bad_debt: first(Role::BadDebt, written.bad_debt),
            fx_clearing: first(Role::FxClearing, written.fx_clearing),
            bank: first(Role::Bank, written.bank),
            fee_tax: first(Role::FeeTax, written.fee_tax),
            deposits: first(Role::Deposits, written.deposits),
            transfers: first(Role::Transfers, written.transfers),
            reserves: first(Role::Reserves, written.reserves),
            adjustments: first(Role::Adjustments, written.adjustments),
            fx_gains: first(Role::FxGains, written.fx_gains),
            fx_losses: first(Role::FxLosses, written.fx_losses),
            also,
        }
    }
}

impl EntityAccounts {
    /// The receivable, and no other account.
    #[must_use]
    pub fn on(receivable: AccountCode) -> Self {
        Self {
            receivable,
            deferred_revenue: None,
            tax_payable: None,
            clearing: None,
            fees: None,
            bad_debt: None,
            fx_clearing: None,
            bank: None,
            fee_tax: None,
            deposits: None,
            transfers: None,
            reserves: None,
            adjustments: None,
            fx_gains: None,
            fx_losses: None,
            also: BTreeMap::new(),
        }
    }

    /// The account of a role that the desk books on; of revenue there is none that depends on no product.
    #[must_use]
    pub fn first(&self, role: Role) -> Option<&AccountCode> {
        match role {
            Role::Receivable => Some(&self.receivable),
            Role::DeferredRevenue => self.deferred_revenue.as_ref(),
            Role::TaxPayable => self.tax_payable.as_ref(),
            Role::Clearing => self.clearing.as_ref(),
            Role::Fees => self.fees.as_ref(),
            Role::BadDebt => self.bad_debt.as_ref(),
            Role::FxClearing => self.fx_clearing.as_ref(),
            Role::FxGains => self.fx_gains.as_ref(),
            Role::FxLosses => self.fx_losses.as_ref(),
            Role::Bank => self.bank.as_ref(),
            Role::FeeTax => self.fee_tax.as_ref(),
            Role::Deposits => self.deposits.as_ref(),
            Role::Transfers => self.transfers.as_ref(),
            Role::Reserves => self.reserves.as_ref(),
            Role::Adjustments => self.adjustments.as_ref(),
            Role::Revenue => None,
        }
    }

    /// The further accounts of a role.
    #[must_use]
    pub fn further(&self, role: Role) -> &[AccountRange] {
        self.also.get(&role).map_or(&[], Vec::as_slice)
    }
}

/// A legal entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalEntity {
    /// Its code.
    pub code: EntityCode,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The currency of its books.
    pub functional_currency: Currency,
    /// Its time zone, IANA name.
    #[serde(default = "utc")]
    pub time_zone: Tz,
    /// How its year is cut.
    #[serde(default = "monthly")]
    pub calendar: FiscalCalendar,
    /// The ERP's own id of it (NetSuite subsidiary, Tryton company), where postings are made.
    #[serde(default)]
    pub erp_id: Option<String>,
    /// The name of the ERP connection that keeps its books; needed only where there are several.
    #[serde(default)]
    pub erp_connection: Option<String>,
    /// The ERP's id of the customer that takes what billing does not name.
    #[serde(default)]
    pub sundry_customer: Option<String>,
    /// The first day of its books here: what is dated before is an opening item. Without, everything counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub books_from: Option<NaiveDate>,
    /// The source of its exchange rates, as [`FxRate::source`] names it; without, those without a source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<String>,
    /// Up to which difference an amount that is booked is taken as equal; without, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Tolerance>,
    /// From which amount of its functional currency on what is unexplained matters; without, from the first
    /// minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub materiality: Option<AmountText>,
    /// What its close is held against.
    #[serde(default, skip_serializing_if = "CloseLimits::is_empty")]
    pub close: CloseLimits,
    /// How its deferred revenue is released; without, nothing is expected of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedules: Option<Schedules>,
    /// Which side knows every receipt. Where nothing is said: billing, where an invoice's billing delivers
    /// payments.
    #[serde(default)]
    pub receipts_master: Option<ReceiptsMaster>,
    /// Whether money is given back only with a credit note.
    #[serde(default)]
    pub credit_notes: CreditNotes,
    /// Its accounts.
    pub accounts: EntityAccounts,
    /// Scopes of accounts that are other than the usual ones of their roles. The most exact key counts: an
    /// account before a range before a role.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<AccountKey, Scope>,
    /// Segments (department, class, location) of what is booked, by the ERP's ids, beside those of its
    /// connection: of every line, and under the name of a role those of lines on that role's account.
    #[serde(default, skip_serializing_if = "Segments::is_empty")]
    pub segments: Segments,
}

fn utc() -> Tz {
    Tz::UTC
}

fn monthly() -> FiscalCalendar {
    FiscalCalendar::Monthly
}

/// Gives documents that match all of its conditions to an entity. The first rule that matches wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityRule {
    /// Name of the connection.
    #[serde(default)]
    pub connection: Option<String>,
    /// Country of the document.
    #[serde(default)]
    pub country: Option<String>,
    /// Currency of the document.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// Whose document it is then.
    pub entity: EntityCode,
}

/// An exchange rate that holds from `date` on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FxRate {
    /// From this currency …
    pub from: Currency,
    /// … into this one.
    pub to: Currency,
    /// First day.
    pub date: NaiveDate,
    /// Units of `to` per unit of `from`.
    pub rate: Decimal,
    /// Where it comes from: an entity that names a source takes rates of that source only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A whole mapping file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountMapping {
    /// Version of the format: 2 (`version`), or 1 (`schema`).
    #[serde(alias = "version")]
    pub schema: u32,
    /// The currency into which differences are translated for reading; nothing is compared or posted by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporting_currency: Option<Currency>,
    /// The legal entities.
    #[serde(rename = "entity", default)]
    pub entities: Vec<LegalEntity>,
    /// Rules that give documents to entities.
    #[serde(rename = "entity_rule", default)]
    pub entity_rules: Vec<EntityRule>,
    /// Revenue accounts by product.
    #[serde(rename = "revenue", default)]
    pub revenue: Vec<RevenueRule>,
    /// Exchange rates for entries in another currency than the entity's.
    #[serde(rename = "rate", default)]
    pub rates: Vec<FxRate>,
    /// Documents that the ledger books together.
    #[serde(rename = "batch", default, skip_serializing_if = "Vec::is_empty")]
    pub batches: Vec<BatchRule>,
    /// Entries that are none of this billing's business.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_ours: Vec<EntryRule>,
    /// What explains entries that no document does.
    #[serde(rename = "explanation", default, skip_serializing_if = "Vec::is_empty")]
    pub explanations: Vec<EntryRule>,
    /// How names of a ledger are made billing's.
    #[serde(rename = "names", default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<NameRule>,
    /// What a ledger's texts call customers besides.
    #[serde(rename = "alias", default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<AliasRule>,
}

impl AccountMapping {
    /// Reads and checks a mapping file.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text).map_err(|e| MappingError::Syntax(e.to_string()))?;
        mapping.check()?;
        Ok(mapping)
    }

    /// The text's identity, by which approvals refer to it.
    #[must_use]
    pub fn text_hash(text: &str) -> String {
        sha256_hex(text.as_bytes())
    }

    fn check(&self) -> Result<(), MappingError> {
        if !matches!(self.schema, 1 | 2) {
            return Err(MappingError::Schema(self.schema));
        }
        for (index, entity) in self.entities.iter().enumerate() {
            if self.entities[..index].iter().any(|other| other.code == entity.code) {
                return Err(MappingError::DuplicateEntity(entity.code.clone()));
            }
        }
        for rule in &self.entity_rules {
            if self.entity(&rule.entity).is_none() {
                return Err(MappingError::UnknownEntity(rule.entity.to_string()));
            }
        }
        for (index, rule) in self.batches.iter().enumerate() {
            if self.batches[..index].iter().any(|other| other.name == rule.name) {
                return Err(MappingError::DuplicateBatch(rule.name.clone()));
            }
            if let Some(entity) = rule.entity.as_ref().filter(|code| self.entity(code).is_none()) {
                return Err(MappingError::UnknownEntity(entity.to_string()));
            }
        }
        naming::check(&self.names, &self.aliases)?;
        for rule in &self.revenue {
            self.check_revenue(rule)?;
        }
        for rate in &self.rates {
            if rate.rate <= Decimal::ZERO {
                return Err(MappingError::BadRate { from: rate.from, to: rate.to, date: rate.date });
            }
        }
        self.entities.iter().try_for_each(|entity| self.check_entity(entity))?;
        self.check_rules()
    }

    /// What version 2 says of an entity.
    fn check_entity(&self, entity: &LegalEntity) -> Result<(), MappingError> {
        let at = format!("entity {}", entity.code);
        let version_2 = [
            ("books_from", entity.books_from.is_some()),
            ("rates", entity.rates.is_some()),
            ("tolerance", entity.tolerance.is_some()),
            ("materiality", entity.materiality.is_some()),
            ("close", !entity.close.is_empty()),
            ("schedules", entity.schedules.is_some()),
            ("scopes", !entity.scopes.is_empty()),
            ("segments", !entity.segments.is_empty()),
            ("accounts.fx_gains", entity.accounts.fx_gains.is_some()),
            ("accounts.fx_losses", entity.accounts.fx_losses.is_some()),
            ("accounts (a list)", !entity.accounts.also.is_empty()),
        ];
        self.only_version_2(&at, &version_2)?;
        let bad = |key, why: String| MappingError::BadValue { at: at.clone(), key, why };
        if let Some(tolerance) = &entity.tolerance {
            tolerance.amounts(entity.functional_currency).map_err(|why| bad("tolerance", why))?;
        }
        if let Some(materiality) = &entity.materiality {
            materiality.of(entity.functional_currency).map_err(|why| bad("materiality", why))?;
        }
        entity.close.check(entity.functional_currency).map_err(|(key, why)| bad(key, why))?;
        self.check_schedules(entity).map_err(|(key, why)| bad(key, why))?;
        if let Some(source) = &entity.rates
            && !self.rates.iter().any(|rate| rate.source.as_ref() == Some(source))
        {
            return Err(bad("rates", format!("no [[rate]] has the source \"{source}\"")));
        }
        Ok(())
    }

    /// Schedules need an account to release from, and one that is read whole.
    fn check_schedules(&self, entity: &LegalEntity) -> Result<(), (&'static str, String)> {
        let Some(schedules) = &entity.schedules else { return Ok(()) };
        schedules.check()?;
        let Some(account) = &entity.accounts.deferred_revenue else {
            return Err(("schedules", "there is no deferred_revenue account to release from".to_owned()));
        };
        match self.scope(entity, account) {
            Some(Scope::Judged | Scope::Listed) => Ok(()),
            _ => Err((
                "schedules",
                format!("account {account} must be listed or judged: it is read whole then"),
            )),
        }
    }

    fn only_version_2(&self, at: &str, keys: &[(&'static str, bool)]) -> Result<(), MappingError> {
        match keys.iter().find(|(_, used)| *used) {
            Some((key, _)) if self.schema < 2 => Err(MappingError::OfVersion2 { at: at.to_owned(), key }),
            _ => Ok(()),
        }
    }

    /// What version 2 says beside entities.
    fn check_rules(&self) -> Result<(), MappingError> {
        let file = [
            ("reporting_currency", self.reporting_currency.is_some()),
            ("rate.source", self.rates.iter().any(|rate| rate.source.is_some())),
            ("not_ours", !self.not_ours.is_empty()),
            ("explanation", !self.explanations.is_empty()),
            ("alias", !self.aliases.is_empty()),
            ("revenue.schedule", self.revenue.iter().any(|rule| rule.schedule.is_some())),
        ];
        self.only_version_2("the file", &file)?;
        let mut names: Vec<&str> = Vec::new();
        let kinds = [("not_ours", &self.not_ours), ("explanation", &self.explanations)];
        for (kind, rule) in kinds.into_iter().flat_map(|(kind, rules)| rules.iter().map(move |r| (kind, r))) {
            let bad = |key, why: &str| MappingError::BadValue {
                at: format!("{kind} \"{}\"", rule.name),
                key,
                why: why.to_owned(),
            };
            if names.contains(&rule.name.as_str()) {
                return Err(bad("name", "two rules have this name"));
            }
            names.push(&rule.name);
            if rule.takes_everything() {
                let why = "it would take every entry: give it kinds, begins_with, customers or accounts";
                return Err(bad("name", why));
            }
            if rule.category.is_some() != (kind == "explanation") {
                return Err(bad("category", "an explanation has one, and nothing else does"));
            }
            if let Some(code) = rule.entity.as_ref().filter(|code| self.entity(code).is_none()) {
                return Err(MappingError::UnknownEntity(code.to_string()));
            }
        }
        Ok(())
    }

    /// The scope of an account in an entity: as the entity's scopes say it, else the usual one of its role;
    /// `None` of an account that has no role there and no scope.
    #[must_use]
    pub fn scope(&self, entity: &LegalEntity, account: &AccountCode) -> Option<Scope> {
        let exact = |single: bool| {
            entity.scopes.iter().find_map(|(key, scope)| match key {
                AccountKey::Accounts(range) if range.single().is_some() == single && range.holds(account) => {
                    Some(*scope)
                }
                _ => None,
            })
        };
        let by_role = || {
            let role = self.role_of(entity, account)?;
            Some(entity.scopes.get(&AccountKey::Role(role)).copied().unwrap_or_else(|| role.usual_scope()))
        };
        exact(true).or_else(|| exact(false)).or_else(by_role)
    }

    /// The role that an account has in an entity: the first of those that it has.
    #[must_use]
    pub fn role_of(&self, entity: &LegalEntity, account: &AccountCode) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| match role {
            Role::Revenue => self.revenue.iter().any(|rule| {
                (rule.entity == "*" || rule.entity == entity.code.as_str()) && rule.account == *account
            }),
            role => {
                entity.accounts.first(*role) == Some(account)
                    || entity.accounts.further(*role).iter().any(|range| range.holds(account))
            }
        })
    }

    /// The rate for an entity's books on a day: of its source of rates.
    #[must_use]
    pub fn rate_for(&self, entity: &LegalEntity, from: Currency, date: NaiveDate) -> Option<Decimal> {
        self.rate_of(entity.rates.as_deref(), (from, entity.functional_currency), date)
    }

    fn check_revenue(&self, rule: &RevenueRule) -> Result<(), MappingError> {
        let named = |e: &&LegalEntity| rule.entity == "*" || e.code.as_str() == rule.entity;
        let mut matching = self.entities.iter().filter(named).peekable();
        if matching.peek().is_none() {
            return Err(MappingError::UnknownEntity(rule.entity.clone()));
        }
        if rule.recognition == Recognition::AtOnce {
            let bad = |why: &str| MappingError::BadValue {
                at: format!("revenue of product {}", rule.product),
                key: "schedule",
                why: why.to_owned(),
            };
            let why = "it is earned at once: write recognition = \"over_time\" beside it, or leave it out";
            return rule.schedule.map_or(Ok(()), |_| Err(bad(why)));
        }
        match matching.find(|e| e.accounts.deferred_revenue.is_none()) {
            None => Ok(()),
            Some(entity) => Err(MappingError::NoDeferredAccount {
                entity: entity.code.clone(),
                product: rule.product.clone(),
            }),
        }
    }

    /// The entity of this code.
    #[must_use]
    pub fn entity(&self, code: &EntityCode) -> Option<&LegalEntity> {
        self.entities.iter().find(|e| e.code == *code)
    }

    /// The entity that the rules give a document to.
    #[must_use]
    pub fn route(&self, connection: &str, country: Option<&str>, currency: Currency) -> Option<&LegalEntity> {
        let matches = |rule: &&EntityRule| {
            rule.connection.as_deref().is_none_or(|c| c == connection)
                && rule.country.as_deref().is_none_or(|c| Some(c) == country)
                && rule.currency.is_none_or(|c| c == currency)
        };
        self.entity_rules.iter().find(matches).and_then(|rule| self.entity(&rule.entity))
    }

    /// The account that a line's revenue is credited to: the revenue account, or the deferred one.
    #[must_use]
    pub fn revenue_account(
        &self,
        entity: &LegalEntity,
        product: Option<&str>,
        tax_code: Option<&str>,
    ) -> Option<AccountCode> {
        let rule = self.revenue_rule(entity, product, tax_code)?;
        match rule.recognition {
            Recognition::AtOnce => Some(rule.account.clone()),
            Recognition::OverTime => entity.accounts.deferred_revenue.clone(),
        }
    }

    /// What is said of a line's revenue.
    #[must_use]
    pub fn revenue_rule(
        &self,
        entity: &LegalEntity,
        product: Option<&str>,
        tax_code: Option<&str>,
    ) -> Option<&RevenueRule> {
        let fits = |pattern: &str, value: Option<&str>| pattern == "*" || Some(pattern) == value;
        let product = Some(product.unwrap_or(NO_PRODUCT));
        let rank = |rule: &RevenueRule| (rule.entity != "*", rule.product != "*", rule.tax_code != "*");
        let mut best: Option<&RevenueRule> = None;
        for rule in &self.revenue {
            let matches = fits(&rule.entity, Some(entity.code.as_str()))
                && fits(&rule.product, product)
                && fits(&rule.tax_code, tax_code);
            if matches && best.is_none_or(|b| rank(rule) > rank(b)) {
                best = Some(rule);
            }
        }
        best
    }

    /// The rate on `date` of the rates without a source: the latest that holds by then. 1 for equal
    /// currencies.
    #[must_use]
    pub fn rate(&self, from: Currency, to: Currency, date: NaiveDate) -> Option<Decimal> {
        self.rate_of(None, (from, to), date)
    }

    /// The same of the rates of this source.
    #[must_use]
    pub fn rate_of(
        &self,
        source: Option<&str>,
        (from, to): (Currency, Currency),
        date: NaiveDate,
    ) -> Option<Decimal> {
        if from == to {
            return Some(Decimal::ONE);
        }
        self.rates
            .iter()
            .filter(|r| r.source.as_deref() == source)
            .filter(|r| r.from == from && r.to == to && r.date <= date)
            .max_by_key(|r| r.date)
            .map(|r| r.rate)
    }
}

#[cfg(test)]
#[path = "accounts_tests.rs"]
mod tests;
