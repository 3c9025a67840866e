//! Account determination: which legal entity a document belongs to, and which accounts its entry names,
//! from a mapping file by entity × product × tax code.

use chrono::NaiveDate;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{AccountCode, Currency, EntityCode, calendar::FiscalCalendar, hash::sha256_hex};

/// When revenue of a product is earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognition {
    /// With the invoice: the revenue account is credited.
    #[default]
    AtOnce,
    /// Over the service period: the entity's deferred revenue account is credited.
    OverTime,
}

/// The accounts of an entity that do not depend on a product. Only the receivable one is always needed;
/// a document that needs a missing one has no mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// Its accounts.
    pub accounts: EntityAccounts,
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

/// In a rule: a line that names no product, and nothing else ([`RevenueRule::product`]).
pub const NO_PRODUCT: &str = "(none)";

/// What stands for the product of a line that billing has on the whole document only.
pub mod unitemised {
    /// A discount on the whole invoice that no line carries.
    pub const DISCOUNT: &str = "(discount)";
    /// Shipping.
    pub const SHIPPING: &str = "(shipping)";
    /// Credits that billing takes off before tax (credit grants).
    pub const CREDIT: &str = "(credit)";
}

/// The revenue account of a product. `*` matches anything, a line without a product too; the rule with the
/// most exact fields wins, in the order entity, product, tax code; among equals the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevenueRule {
    /// Entity code or `*`.
    #[serde(default = "any")]
    pub entity: String,
    /// Product id or `*`; [`NO_PRODUCT`] for a line without one, or what stands for one ([`unitemised`]).
    pub product: String,
    /// Tax code or `*`.
    #[serde(default = "any")]
    pub tax_code: String,
    /// The revenue account.
    pub account: AccountCode,
    /// When the revenue is earned.
    #[serde(default)]
    pub recognition: Recognition,
}

fn any() -> String {
    "*".to_owned()
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
}

/// A whole mapping file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountMapping {
    /// Version of the format: 1.
    pub schema: u32,
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
}

/// Why a mapping file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not TOML of this format; the text says where.
    #[error("the mapping file cannot be read: {0}")]
    Syntax(String),
    /// A newer format.
    #[error("the mapping file has schema {0}; this version of Tieout reads schema 1")]
    Schema(u32),
    /// The same entity twice.
    #[error("entity {0} is listed twice")]
    DuplicateEntity(EntityCode),
    /// A rule names an entity that is not listed.
    #[error("a rule names entity {0}, which the file does not list")]
    UnknownEntity(String),
    /// A rate that is not positive.
    #[error("the rate {from}→{to} of {date} must be more than zero")]
    BadRate {
        /// From.
        from: Currency,
        /// To.
        to: Currency,
        /// First day.
        date: NaiveDate,
    },
    /// A product is earned over time, but its entity has no deferred revenue account.
    #[error("product {product} is earned over time, but entity {entity} has no deferred_revenue account")]
    NoDeferredAccount {
        /// The entity.
        entity: EntityCode,
        /// The product.
        product: String,
    },
}

impl MappingError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            MappingError::Syntax(_) => "mapping_syntax",
            MappingError::Schema(_) => "mapping_schema",
            MappingError::DuplicateEntity(_) => "mapping_duplicate_entity",
            MappingError::UnknownEntity(_) => "mapping_unknown_entity",
            MappingError::BadRate { .. } => "mapping_bad_rate",
            MappingError::NoDeferredAccount { .. } => "mapping_no_deferred_account",
        }
    }
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
        if self.schema != 1 {
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
        for rule in &self.revenue {
            self.check_revenue(rule)?;
        }
        for rate in &self.rates {
            if rate.rate <= Decimal::ZERO {
                return Err(MappingError::BadRate { from: rate.from, to: rate.to, date: rate.date });
            }
        }
        Ok(())
    }

    fn check_revenue(&self, rule: &RevenueRule) -> Result<(), MappingError> {
        let named = |e: &&LegalEntity| rule.entity == "*" || e.code.as_str() == rule.entity;
        let mut matching = self.entities.iter().filter(named).peekable();
        if matching.peek().is_none() {
            return Err(MappingError::UnknownEntity(rule.entity.clone()));
        }
        if rule.recognition == Recognition::AtOnce {
            return Ok(());
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
        let rule = best?;
        match rule.recognition {
            Recognition::AtOnce => Some(rule.account.clone()),
            Recognition::OverTime => entity.accounts.deferred_revenue.clone(),
        }
    }

    /// The rate on `date`: the latest that holds by then. 1 for equal currencies.
    #[must_use]
    pub fn rate(&self, from: Currency, to: Currency, date: NaiveDate) -> Option<Decimal> {
        if from == to {
            return Some(Decimal::ONE);
        }
        self.rates
            .iter()
            .filter(|r| r.from == from && r.to == to && r.date <= date)
            .max_by_key(|r| r.date)
            .map(|r| r.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        schema = 1
        [[entity]]
        code = "GB01"
        functional_currency = "GBP"
        time_zone = "Europe/London"
        erp_id = "2"
        [entity.accounts]
        receivable = "1100"
        deferred_revenue = "2400"
        [[entity_rule]]
        connection = "stripe-gb"
        entity = "GB01"
        [[revenue]]
        product = "*"
        account = "4000"
        [[revenue]]
        product = "prod_team"
        account = "4005"
        recognition = "over_time"
        [[revenue]]
        product = "prod_team"
        tax_code = "zero"
        account = "4006"
        [[rate]]
        from = "USD"
        to = "GBP"
        date = "2026-01-01"
        rate = "0.79"
    "#;

    #[test]
    fn the_most_exact_rule_names_the_account() {
        let mapping = AccountMapping::parse(FILE).unwrap();
        let entity = mapping.route("stripe-gb", None, Currency::GBP).unwrap();
        for (product, tax, account) in [
            (Some("prod_usage"), None, "4000"),
            (None, None, "4000"),
            (Some("prod_team"), Some("std"), "2400"),
            (Some("prod_team"), Some("zero"), "4006"),
        ] {
            let got = mapping.revenue_account(entity, product, tax).unwrap();
            assert_eq!(got.as_str(), account, "{product:?} {tax:?}");
        }
    }

    #[test]
    fn a_rule_can_name_lines_without_a_product_and_catch_no_unknown_one() {
        let text = FILE.replace(
            "product = \"*\"\n        account = \"4000\"",
            "product = \"(none)\"
        account = \"4900\"",
        );
        let mapping = AccountMapping::parse(&text).unwrap();
        let entity = mapping.route("stripe-gb", None, Currency::GBP).unwrap();
        let account = |product| mapping.revenue_account(entity, product, None).map(|a| a.to_string());
        assert_eq!(account(None).as_deref(), Some("4900"));
        assert_eq!(account(Some("prod_unknown")), None);
        let both = text.replace("[[rate]]", "[[revenue]]\n product = \"*\"\n account = \"4000\"\n [[rate]]");
        let both = AccountMapping::parse(&both).unwrap();
        let account = |product| both.revenue_account(entity, product, None).map(|a| a.to_string());
        assert_eq!(account(None).as_deref(), Some("4900"), "the exact rule wins over the one for anything");
        assert_eq!(account(Some("prod_unknown")).as_deref(), Some("4000"));
    }

    #[test]
    fn the_accounts_of_money_moves_are_read_and_may_be_absent() {
        let text = FILE.replace(
            "receivable = \"1100\"",
            "receivable = \"1100\"\n bank = \"1010\"\n fee_tax = \"1576\"\n deposits = \"2150\"\n \
             transfers = \"1060\"\n reserves = \"1070\"\n adjustments = \"6900\"",
        );
        let read = |text: &str| AccountMapping::parse(text).unwrap().entities[0].accounts.clone();
        assert_eq!(read(&text).bank.unwrap().as_str(), "1010");
        assert_eq!(read(FILE).bank, None);
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused_with_a_code() {
        let cases = [
            (FILE.replace("schema = 1", "schema = 2"), "mapping_schema"),
            (FILE.replace("entity = \"GB01\"", "entity = \"FR01\""), "mapping_unknown_entity"),
            (FILE.replace("deferred_revenue = \"2400\"", ""), "mapping_no_deferred_account"),
            (FILE.replace("0.79", "0"), "mapping_bad_rate"),
            (FILE.replace("receivable", "receivables"), "mapping_syntax"),
        ];
        for (text, code) in cases {
            assert_eq!(AccountMapping::parse(&text).unwrap_err().code(), code);
        }
    }

    #[test]
    fn a_rate_holds_from_its_day_on() {
        let mapping = AccountMapping::parse(FILE).unwrap();
        let on = |day: &str| mapping.rate(Currency::USD, Currency::GBP, day.parse().unwrap());
        assert_eq!(on("2025-12-31"), None);
        assert_eq!(on("2026-06-30").unwrap().to_string(), "0.79");
    }
}
