//! What a chart of accounts says by itself: the account that fits a role best, by its type first and its name
//! second, and how sure that is.

use tieout_connectors::vendors;
use tieout_domain::{ledger::AccountType, mapping::Role};

use super::words::{AGAINST_ALL, ROLES, STRONG, Words, found, words_of};

/// An account as it is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its code.
    pub code: String,
    /// Its name; empty where the ledger says none.
    pub name: String,
    /// Its type, where the chart says it.
    pub kind: Option<AccountType>,
    /// True where something is booked on it.
    pub used: bool,
}

/// What a chart says of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The code.
    pub code: String,
    /// True where nothing else could be meant.
    pub sure: bool,
    /// Why.
    pub why: String,
}

/// Below that nothing speaks for an account.
const ENOUGH: i32 = 20;
/// So much an account is ahead of the next where it is sure.
const AHEAD: i32 = 8;
const OWN_TYPE: i32 = 25;
const FITTING_TYPE: i32 = 5;
const USED: i32 = 12;
const AGAINST: i32 = 40;

/// How much a type speaks for a role; `None` where it rules it out.
fn of_type(role: Role, kind: Option<&AccountType>) -> Option<i32> {
    use AccountType as T;
    let Some(kind) = kind else { return Some(0) };
    // An ERP that only says on which statement an account stands.
    let income_statement = matches!(kind, T::Other(_));
    let (own, fitting): (&[AccountType], &[AccountType]) = match role {
        Role::Receivable => (&[T::Receivable], &[]),
        Role::Revenue => (&[T::Income], &[]),
        Role::DeferredRevenue => (&[T::DeferredRevenue], &[T::OtherCurrentLiability, T::Payable]),
        Role::TaxPayable => (&[], &[T::OtherCurrentLiability, T::Payable]),
        Role::Clearing => (&[], &[T::OtherCurrentAsset, T::Bank, T::OtherCurrentLiability]),
        Role::Bank => (&[T::Bank], &[T::OtherCurrentAsset, T::OtherCurrentLiability]),
        Role::Fees | Role::BadDebt => (&[], &[T::Expense, T::OtherExpense, T::CostOfSales]),
        Role::FxGains | Role::FxLosses => {
            (&[], &[T::Income, T::OtherIncome, T::Expense, T::OtherExpense, T::CostOfSales])
        }
        Role::FxClearing => (&[], &[T::OtherCurrentAsset, T::OtherCurrentLiability, T::Bank]),
        Role::FeeTax | Role::Deposits | Role::Transfers | Role::Reserves | Role::Adjustments => return None,
    };
    let costs = matches!(role, Role::Fees | Role::BadDebt | Role::FxGains | Role::FxLosses);
    if own.contains(kind) {
        Some(OWN_TYPE)
    } else if fitting.contains(kind) || (income_statement && costs) {
        Some(FITTING_TYPE)
    } else {
        None
    }
}

/// Words that make a name no more special.
const SMALL: &[&str] = &[
    "de",
    "des",
    "du",
    "la",
    "le",
    "les",
    "l",
    "d",
    "et",
    "y",
    "und",
    "and",
    "of",
    "the",
    "en",
    "u",
    "a",
    "to",
    "op",
    "van",
    "aus",
    "auf",
    "e",
    "c",
    "v",
    "on",
    "in",
    "euros",
    "euro",
    "or",
    "account",
    "konto",
    "similares",
    "assimiles",
    "uleistung",
    "leistungen",
    "s",
    "vista",
    "cc",
];

/// What accounts are called after the systems that can be connected: their balance, and what they cost.
fn own_processors(role: Role) -> String {
    let named = vendors::sheets().map(|sheet| match role {
        Role::Clearing => sheet.vendor.to_owned(),
        Role::Fees => format!("{} fees", sheet.vendor),
        _ => String::new(),
    });
    named.filter(|phrase| !phrase.is_empty()).collect::<Vec<_>>().join("|")
}

/// How well an account fits a role, with the words by which it does.
fn score(
    role: Role,
    words: &Words,
    account: &Account,
    ledger_is_used: bool,
) -> Option<(i32, Option<String>)> {
    let by_type = of_type(role, account.kind.as_ref())?;
    let name = words_of(&account.name);
    let own = own_processors(role);
    let mut best: Option<(i32, &str)> = None;
    for (strength, phrases) in words.speak_for.iter().copied().chain([(STRONG, own.as_str())]) {
        for phrase in phrases.split('|').map(str::trim) {
            let Some(taken) = found(phrase, &name) else { continue };
            let others = name.iter().filter(|word| !SMALL.contains(&word.as_str())).count();
            let more = others.saturating_sub(taken).min(4);
            let points = strength - 3 * i32::try_from(more).unwrap_or(4);
            if best.is_none_or(|(known, _)| points > known) {
                best = Some((points, phrase));
            }
        }
    }
    let against = [AGAINST_ALL, words.against].into_iter().flat_map(|list| list.split('|'));
    let spoken_against = against.map(str::trim).any(|phrase| {
        // What is part of the very words that speak for it does not speak against it.
        found(phrase, &name).is_some() && best.is_none_or(|(_, own)| found(phrase, &words_of(own)).is_none())
    });
    let used = if account.used && ledger_is_used { USED } else { 0 };
    let points = by_type + best.map_or(0, |(points, _)| points) - if spoken_against { AGAINST } else { 0 };
    // That something is booked on it says nothing by itself.
    let points = if points >= ENOUGH { points + used } else { points };
    (points >= ENOUGH).then(|| (points, best.map(|(_, phrase)| phrase.trim_end_matches('*').to_owned())))
}

/// The account of a chart that fits a role best; `None` where nothing speaks for one.
#[must_use]
pub fn pick(role: Role, chart: &[Account]) -> Option<Pick> {
    let words = ROLES.iter().find(|(of, _)| *of == role)?.1;
    let ledger_is_used = chart.iter().any(|account| account.used);
    let mut fitting: Vec<(i32, Option<String>, &Account)> = chart
        .iter()
        .filter_map(|account| {
            let (points, by) = score(role, words, account, ledger_is_used)?;
            Some((points, by, account))
        })
        .collect();
    // Of two that are alike, the shorter code is the more general account.
    fitting.sort_by(|(a, _, x), (b, _, y)| {
        b.cmp(a).then(x.code.len().cmp(&y.code.len())).then_with(|| x.code.cmp(&y.code))
    });
    let (points, by, best) = fitting.first()?;
    let next = fitting.get(1);
    let is_ahead = next.is_none_or(|(second, ..)| points - second >= AHEAD);
    let only = next.is_none() && of_type(role, best.kind.as_ref()) == Some(OWN_TYPE);
    // An account without a name that its type alone speaks for, beside others of the type, is a guess.
    let sure = is_ahead && (only || (by.is_some() && *points >= STRONG));
    let mut said = Vec::new();
    if let Some(kind) = best.kind.as_ref().filter(|_| of_type(role, best.kind.as_ref()) == Some(OWN_TYPE)) {
        said.push(format!("its type is {}", kind.name()));
    }
    said.extend(by.as_ref().map(|by| format!("its name says \u{201c}{by}\u{201d}")));
    let mut why = said.join(", and ");
    if let (false, Some((_, _, other))) = (sure, next) {
        why.push_str(&format!("; {} could be meant too", full(other)));
    }
    Some(Pick { code: best.code.clone(), sure, why })
}

/// The code with the name.
pub(super) fn full(account: &Account) -> String {
    match account.name.as_str() {
        "" => account.code.clone(),
        name if name == account.code => name.to_owned(),
        name => format!("{} {name}", account.code),
    }
}
