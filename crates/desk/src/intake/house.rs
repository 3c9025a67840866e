//! What the mapping in force says to detection and to the tie-out, and which accounts an ERP is read for.

use std::collections::BTreeSet;

use tieout_connectors::LedgerScope;
use tieout_domain::{
    AccountCode,
    accounts::{AccountMapping, LegalEntity},
    mapping::{AccountKey, EntryRule, Role, Scope},
};
use tieout_store::{Apart, HouseRule, HouseRules};

/// What detection and the tie-out go by.
pub(crate) fn house_rules(mapping: &AccountMapping) -> HouseRules {
    let mut rules = HouseRules::default();
    for entity in &mapping.entities {
        rules.cutovers.extend(entity.books_from.map(|day| (entity.code.clone(), day)));
        // Checked when the mapping was read.
        let amounts = entity.tolerance.iter().flat_map(|t| t.amounts(entity.functional_currency));
        let amounts = amounts.flatten().filter(|amount| !amount.is_zero());
        rules.tolerances.extend(amounts.map(|a| (entity.code.clone(), a.currency(), a.minor())));
        let judged = entity.accounts.clearing.iter().filter(|account| has_clearing_judged(entity, account));
        rules.clearing.extend(judged.map(|account| (entity.code.clone(), account.clone())));
        let scheduled = entity.accounts.deferred_revenue.iter().filter(|_| entity.schedules.is_some());
        rules.schedules.extend(scheduled.map(|account| (entity.code.clone(), account.clone())));
        for role in Role::ALL {
            let Some(first) = entity.accounts.first(*role) else { continue };
            let further = entity.accounts.further(*role).iter().cloned();
            rules.roles.extend(further.map(|range| (entity.code.clone(), range, first.clone())));
        }
    }
    rules.rules.extend(mapping.not_ours.iter().map(|rule| kept(rule, Apart::NotOurs)));
    rules.rules.extend(mapping.explanations.iter().map(|rule| kept(rule, Apart::Explained)));
    rules
}

/// True where the mapping itself says that the clearing account is judged. Houses keep other things on
/// clearing than the processor's balance, and nobody has said then that it is to be that.
fn has_clearing_judged(entity: &LegalEntity, account: &AccountCode) -> bool {
    let of_it = |key: &AccountKey| match key {
        AccountKey::Role(role) => *role == Role::Clearing,
        AccountKey::Accounts(range) => range.holds(account),
    };
    let mut said = entity.scopes.iter().filter(|(key, _)| of_it(key));
    said.any(|(_, scope)| *scope == Scope::Judged)
}

fn kept(rule: &EntryRule, what: Apart) -> HouseRule {
    HouseRule {
        what,
        name: rule.name.clone(),
        category: rule.category.clone(),
        connection: rule.connection.clone(),
        entity: rule.entity.clone(),
        kinds: rule.kinds.iter().map(|kind| kind.name().into_owned()).collect(),
        begins_with: rule.begins_with.clone(),
        customers: rule.customers.clone(),
        accounts: rule.accounts.clone(),
    }
}

/// True where this ERP keeps the books of an entity, as far as the mapping says.
pub(crate) fn kept_by(entity: &LegalEntity, connection: &str) -> bool {
    entity.erp_connection.as_deref().is_none_or(|name| name == connection)
}

/// True where the mapping names accounts by ranges, which only a chart can fill.
pub(crate) fn has_ranges(mapping: &AccountMapping) -> bool {
    let in_roles =
        |entity: &LegalEntity| entity.accounts.also.values().flatten().any(|range| range.single().is_none());
    let in_scopes = |entity: &LegalEntity| {
        entity.scopes.keys().any(|key| matches!(key, AccountKey::Accounts(range) if range.single().is_none()))
    };
    mapping.entities.iter().any(|entity| in_roles(entity) || in_scopes(entity))
}

/// Which entries of this ERP are the population: those on the accounts of its entities that are judged or
/// listed. What is ours alone (usually fees, bad debts and exchange differences) is none of it. Ranges hold
/// the accounts of the chart that lie in them. Without entities of its own nobody has said which.
pub(crate) fn ledger_scope(
    mapping: &AccountMapping,
    connection: &str,
    chart: &BTreeSet<AccountCode>,
) -> LedgerScope {
    let mut accounts = BTreeSet::new();
    let mut entities = mapping.entities.iter().filter(|entity| kept_by(entity, connection)).peekable();
    if entities.peek().is_none() {
        return LedgerScope::default();
    }
    for entity in entities {
        let read = |account: &&AccountCode| mapping.scope(entity, account) >= Some(Scope::Listed);
        accounts.extend(named(mapping, entity).iter().chain(chart).filter(read).cloned());
    }
    LedgerScope { accounts: Some(accounts) }
}

/// The accounts that an entity's mapping names one by one.
fn named(mapping: &AccountMapping, entity: &LegalEntity) -> BTreeSet<AccountCode> {
    let first = Role::ALL.iter().filter_map(|role| entity.accounts.first(*role));
    let further = entity.accounts.also.values().flatten().filter_map(|range| range.single());
    let scoped = entity.scopes.keys().filter_map(|key| match key {
        AccountKey::Accounts(range) => range.single(),
        AccountKey::Role(_) => None,
    });
    let revenue = mapping.revenue.iter().map(|rule| &rule.account);
    first.chain(further).chain(scoped).chain(revenue).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = r#"
        version = 2
        [[entity]]
        code = "GB01"
        functional_currency = "GBP"
        tolerance = { GBP = "1.00", USD = "1.20" }
        books_from = "2026-01-01"
        [entity.accounts]
        receivable = ["1100", "1105", "1110..1119"]
        clearing = "1050"
        fees = "6100"
        tax_payable = "2200"
        [entity.scopes]
        fees = "listed"
        clearing = "ours"
        "1115" = "ours"
        [[entity_rule]]
        entity = "GB01"
        [[revenue]]
        product = "*"
        account = "4000"
        [[not_ours]]
        name = "shop"
        begins_with = "POS-"
    "#;

    fn codes(scope: &LedgerScope) -> Vec<String> {
        scope.accounts.iter().flatten().map(ToString::to_string).collect()
    }

    #[test]
    fn the_population_is_what_the_scopes_say_with_the_ranges_that_the_chart_fills() {
        let mapping = AccountMapping::parse(MAPPING).unwrap();
        let chart = ["1100", "1112", "1115", "1500"].map(|code| code.parse().unwrap()).into();
        let scope = ledger_scope(&mapping, "erp", &chart);
        assert_eq!(codes(&scope), ["1100", "1105", "1112", "2200", "4000", "6100"]);
        assert!(has_ranges(&mapping));
    }

    #[test]
    fn a_mapping_without_entities_of_an_erp_reads_everything_of_it() {
        let text =
            MAPPING.replace("code = \"GB01\"\n", "code = \"GB01\"\n        erp_connection = \"other\"\n");
        let mapping = AccountMapping::parse(&text).unwrap();
        assert_eq!(ledger_scope(&mapping, "erp", &BTreeSet::new()), LedgerScope::default());
    }

    #[test]
    fn detection_is_told_of_each_entity() {
        let rules = house_rules(&AccountMapping::parse(MAPPING).unwrap());
        assert_eq!(rules.cutovers.len(), 1);
        let tolerances: Vec<(&str, i64)> =
            rules.tolerances.iter().map(|(_, currency, minor)| (currency.code(), *minor)).collect();
        assert_eq!(tolerances, [("GBP", 100), ("USD", 120)]);
        assert_eq!((rules.roles.len(), rules.rules.len()), (2, 1));
    }
}
