//! The accounts whose amounts are written in their own natural sign: those that have to be turned so that
//! the journals balance.

use std::collections::{BTreeMap, BTreeSet};

/// Words of accounts that usually stand on the credit side, and of those on the debit side, lower case.
const CREDITS: [&str; 30] = [
    "sales",
    "revenue",
    "income",
    "turnover",
    "payable",
    "liabilit",
    "equity",
    "capital",
    "vat",
    "tax",
    "loan",
    "deferred",
    "retained",
    "accrual",
    "erl\u{f6}s",
    "umsatzsteuer",
    "verbindlich",
    "ertr\u{e4}g",
    "ventes",
    "produits",
    "tva",
    "fournisseurs",
    "dettes",
    "ventas",
    "ingresos",
    "proveedores",
    "iva repercutido",
    "pasivo",
    "credit card",
    "grants",
];
const DEBITS: [&str; 30] = [
    "bank",
    "cash",
    "checking",
    "savings",
    "receivable",
    "debtors",
    "undeposited",
    "expense",
    "cost",
    "fees",
    "wages",
    "rent",
    "inventory",
    "prepaid",
    "asset",
    "clearing",
    "forderung",
    "kasse",
    "aufwand",
    "kosten",
    "clients",
    "banque",
    "caisse",
    "charges",
    "achats",
    "clientes",
    "banco",
    "caja",
    "gastos",
    "compras",
];

/// One journal: what each of its accounts has, as it is written, in minor units.
pub type Written = BTreeMap<String, i128>;

/// How the accounts have to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signs {
    /// Those whose amounts are credits where they are positive.
    Turned(BTreeSet<String>),
    /// Nothing says on which side this account stands.
    Unknown(String),
    /// No signs leave all journals balanced.
    None,
}

/// Finds the signs that leave every journal balanced, from the accounts whose side is known (true for the
/// debit side) and the names of the others.
#[must_use]
pub fn solve(journals: &[Written], known: &[(String, bool)], names: &BTreeMap<String, String>) -> Signs {
    let mut signs: BTreeMap<String, bool> = known.iter().cloned().collect();
    loop {
        match spread(journals, &mut signs) {
            Err(()) => return Signs::None,
            Ok(true) => continue,
            Ok(false) => {}
        }
        let open: BTreeSet<&String> = journals
            .iter()
            .flat_map(BTreeMap::keys)
            .filter(|account| !signs.contains_key(*account))
            .collect();
        let Some(first) = open.iter().next() else { break };
        let by_name = open.iter().find_map(|account| Some(((*account).clone(), by_name(account, names)?)));
        match by_name {
            Some((account, side)) => signs.insert(account, side),
            None => return Signs::Unknown((*first).clone()),
        };
    }
    let balanced = |journal: &Written| {
        journal
            .iter()
            .map(|(account, amount)| signed(*amount, signs.get(account) == Some(&true)))
            .sum::<i128>()
            == 0
    };
    match journals.iter().all(balanced) {
        true => {
            Signs::Turned(signs.into_iter().filter(|(_, debit)| !debit).map(|(account, _)| account).collect())
        }
        false => Signs::None,
    }
}

fn signed(amount: i128, debit: bool) -> i128 {
    if debit { amount } else { -amount }
}

fn by_name(account: &str, names: &BTreeMap<String, String>) -> Option<bool> {
    let text = format!("{account} {}", names.get(account).map_or("", String::as_str)).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match (has(&CREDITS), has(&DEBITS)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

/// Gives a side to the one account of a journal that has none yet; true where it found one.
fn spread(journals: &[Written], signs: &mut BTreeMap<String, bool>) -> Result<bool, ()> {
    let mut found = false;
    for journal in journals {
        let mut open =
            journal.iter().filter(|(account, amount)| **amount != 0 && !signs.contains_key(*account));
        let (Some((account, amount)), None) = (open.next(), open.next()) else { continue };
        let rest: i128 =
            journal.iter().filter_map(|(other, amount)| Some(signed(*amount, *signs.get(other)?))).sum();
        match rest {
            rest if rest == -amount => signs.insert(account.clone(), true),
            rest if rest == *amount => signs.insert(account.clone(), false),
            _ => return Err(()),
        };
        found = true;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(lines: &[(&str, i128)]) -> Written {
        lines.iter().map(|(account, amount)| ((*account).to_owned(), *amount)).collect()
    }

    #[test]
    fn signs_follow_from_journals_that_balance_and_accounts_that_are_known() {
        let journals =
            [journal(&[("1100", 125), ("4000", 100), ("2200", 25)]), journal(&[("1010", 5), ("1100", -5)])];
        let known = |codes: &[(&str, bool)]| -> Vec<(String, bool)> {
            codes.iter().map(|(code, debit)| ((*code).to_owned(), *debit)).collect()
        };
        let turned = Signs::Turned(["2200", "4000"].map(str::to_owned).into());
        let names = BTreeMap::new();
        assert_eq!(solve(&journals, &known(&[("1100", true), ("4000", false)]), &names), turned);
        assert_eq!(solve(&journals, &[], &names), Signs::Unknown("1010".into()));
        let named = [("1100", "Receivables"), ("2200", "VAT"), ("4000", "Sales")];
        let named = named.map(|(code, name)| (code.to_owned(), name.to_lowercase())).into();
        assert_eq!(solve(&journals, &[], &named), turned);
        let wrong = [journal(&[("1100", 100), ("4000", 90)])];
        assert_eq!(solve(&wrong, &known(&[("1100", true)]), &names), Signs::None);
    }
}
