//! Which account has which role: as entries that name documents show it, else as somebody said it when they
//! imported a file, else as the chart says it by types and names.

use std::collections::BTreeSet;

use tieout_domain::{AccountCode, document::DocumentKind, mapping::Role};

use super::{
    chart::{self, Account},
    draft::{Draft, Given},
    history::{Book, Seen, Votes},
};
use crate::governance::table::Accounts;

/// From so many entries on that agree, nothing else is needed.
const ENOUGH: u64 = 2;
/// So many of a hundred have to agree.
const AGREE: u64 = 95;
/// So many of a hundred a further account of a role has.
const SHARE: u64 = 2;
/// More accounts of one role than that are no list for a person to read.
const MOST_FURTHER: usize = 20;

/// An account that is proposed for a role.
pub(super) struct Found {
    pub(super) account: String,
    pub(super) further: Vec<String>,
    pub(super) sure: bool,
    pub(super) why: String,
}

/// Adds the roles that an entity's accounts do not have yet.
pub(super) fn add(given: &Given, draft: &mut Draft, index: usize) {
    let books = draft.kept.get(&index).cloned().unwrap_or_default();
    let accounts = given.accounts(&books);
    for role in Role::ALL {
        let Some(row) = draft.table.entity.get(index) else { return };
        if row.accounts.contains_key(role.as_str()) || *role == Role::Revenue {
            continue;
        }
        let code = row.code.clone();
        let needed = is_needed(given, *role);
        let Some(found) = find(given, &books, &accounts, (*role, &code)) else {
            if needed {
                draft
                    .missing
                    .push(format!("{code} has no account for {}: nothing speaks for one", words(*role)));
            }
            continue;
        };
        // What is neither sure nor needed is left to be said by somebody who wants it.
        if !found.sure && !needed {
            continue;
        }
        put(given, draft, (index, *role), (&books, found));
    }
}

/// Puts a role's account into the table.
pub(super) fn put(
    given: &Given,
    draft: &mut Draft,
    (index, role): (usize, Role),
    (books, found): (&[Book], Found),
) {
    let Some(row) = draft.table.entity.get_mut(index) else { return };
    let mut all = vec![found.account.clone()];
    all.extend(found.further.iter().cloned());
    row.accounts.insert(role.as_str().to_owned(), Accounts(all));
    let further: Vec<String> = found.further.iter().map(|code| given.called(books, code)).collect();
    let besides = match further.as_slice() {
        [] => String::new(),
        some => format!(", besides {}", some.join(", ")),
    };
    let says = format!("{} of {} is {}{besides}", words(role), row.code, given.called(books, &found.account));
    let says = says[..1].to_uppercase() + &says[1..];
    draft.line(format!("entity {index} accounts {}", role.as_str()), says, (found.sure, found.why));
}

/// What people call a role.
pub(crate) fn words(role: Role) -> &'static str {
    match role {
        Role::Receivable => "the receivable",
        Role::DeferredRevenue => "deferred revenue",
        Role::TaxPayable => "tax payable",
        Role::Clearing => "clearing",
        Role::Fees => "the processor's fees",
        Role::BadDebt => "bad debt",
        Role::FxClearing => "FX clearing",
        Role::FxGains => "exchange gains",
        Role::FxLosses => "exchange losses",
        Role::Bank => "the bank",
        Role::FeeTax => "tax on fees",
        Role::Deposits => "customers' deposits",
        Role::Transfers => "transfers",
        Role::Reserves => "reserves",
        Role::Adjustments => "adjustments",
        Role::Revenue => "revenue",
    }
}

/// True where documents of this billing cannot be expected without it.
fn is_needed(given: &Given, role: Role) -> bool {
    let history = &given.history;
    let there = |kinds: &[DocumentKind]| kinds.iter().any(|kind| history.kinds.contains(kind));
    let money = [DocumentKind::Payment, DocumentKind::Refund, DocumentKind::Dispute, DocumentKind::Payout];
    match role {
        Role::Receivable => true,
        Role::TaxPayable => history.groups.values().any(|group| group.taxed.documents > 0),
        Role::Clearing => there(&money),
        Role::Fees => history.fees || there(&[DocumentKind::Fee]),
        Role::Bank => there(&[DocumentKind::Payout, DocumentKind::TopUp]),
        Role::FxClearing => there(&[DocumentKind::Conversion]),
        _ => false,
    }
}

fn find(given: &Given, books: &[Book], accounts: &[Account], (role, code): (Role, &str)) -> Option<Found> {
    let by_chart = chart::pick(role, accounts);
    let shown = shown(given, books, accounts, role, by_chart.as_ref());
    let said = given.said.iter().find_map(|(connection, mapping)| {
        let entity = mapping.entities.iter().find(|entity| entity.code.as_str() == code)?;
        Some((entity.accounts.first(role)?.to_string(), connection))
    });
    match (said, shown) {
        (Some((account, connection)), Some(shown)) if shown.account != account => {
            let seen = given.called(books, &shown.account);
            let why =
                format!("so it was said when {connection} was imported, but {seen} is what {}", shown.why);
            Some(Found { account, further: Vec::new(), sure: false, why })
        }
        (Some((account, connection)), shown) => {
            let mut why = format!("so it was said when {connection} was imported");
            let further = shown.map(|shown| {
                why.push_str(&format!(", and {}", shown.why));
                shown.further
            });
            Some(Found { account, further: further.unwrap_or_default(), sure: true, why })
        }
        (None, Some(shown)) => Some(shown),
        (None, None) => {
            let pick = by_chart?;
            Some(Found { account: pick.code, further: Vec::new(), sure: pick.sure, why: pick.why })
        }
    }
}

/// What the entries show.
fn shown(
    given: &Given,
    books: &[Book],
    accounts: &[Account],
    role: Role,
    by_chart: Option<&chart::Pick>,
) -> Option<Found> {
    let votes = votes(given, books, role);
    let all: u64 = votes.values().map(|seen| seen.documents).sum();
    let (account, seen) = votes.iter().max_by_key(|(_, seen)| seen.documents)?;
    let (account, count) = (account.to_string(), seen.documents);
    let agrees = count * 100 >= all * AGREE;
    // A further account is one that is used again and again, and for nothing else: what was booked the wrong
    // way round once makes none.
    let again = |(code, seen): &(&AccountCode, &Seen)| {
        code.as_str() != account
            && seen.documents >= ENOUGH
            && (role == Role::TaxPayable || seen.documents * 100 >= all * SHARE)
            && !is_sold_on(given, books, code)
    };
    let further = votes.iter().filter(again).map(|(code, _)| code.to_string()).collect::<Vec<_>>();
    let others: Vec<String> = votes.keys().map(ToString::to_string).filter(|code| *code != account).collect();
    let listed: u64 = votes
        .iter()
        .filter(|(code, _)| further.iter().any(|one| one == code.as_str()))
        .map(|(_, seen)| seen.documents)
        .sum();
    let lists = matches!(role, Role::Receivable | Role::TaxPayable)
        && further.len() < MOST_FURTHER
        && (count + listed) * 100 >= all * AGREE;
    let sure = (agrees || lists) && (all >= ENOUGH || by_chart.is_some_and(|pick| pick.code == account));
    let mut why = format!("{count} of {all} documents that entries name have it there");
    if role == Role::TaxPayable {
        why.push_str(&rates(given, books, &votes));
    }
    if let (false, Some(other)) = (agrees || lists, others.first()) {
        why.push_str(&format!("; others have it on {}", given.called(books, other)));
    }
    let known = accounts.iter().any(|one| one.code == account);
    Some(Found { account, further: if lists { further } else { Vec::new() }, sure: sure && known, why })
}

/// True where revenue of a product stands on the account.
fn is_sold_on(given: &Given, books: &[Book], account: &AccountCode) -> bool {
    given.history.products.iter().any(|((of, _), votes)| books.contains(of) && votes.contains_key(account))
}

/// The votes for a role over all books of an entity.
fn votes(given: &Given, books: &[Book], role: Role) -> Votes {
    let mut votes = Votes::new();
    for book in books {
        for (account, seen) in given.history.roles.get(&(book.clone(), role)).into_iter().flatten() {
            let sum: &mut Seen = votes.entry(account.clone()).or_default();
            sum.documents += seen.documents;
            super::history::join(&mut sum.amounts, &seen.amounts);
        }
    }
    if role == Role::BadDebt {
        // An invoice that was written off shows its receivable and its revenue the same way.
        let taken: BTreeSet<_> = [Role::Receivable, Role::Clearing, Role::TaxPayable]
            .into_iter()
            .flat_map(|role| books.iter().map(move |book| (book.clone(), role)))
            .filter_map(|key| given.history.roles.get(&key))
            .flat_map(|votes| votes.keys().cloned())
            .collect();
        let sold = |account: &AccountCode| is_sold_on(given, books, account);
        votes.retain(|account, _| !taken.contains(account) && !sold(account));
    }
    votes
}

/// At which rates tax stands on the accounts.
fn rates(given: &Given, books: &[Book], votes: &Votes) -> String {
    let mut told = Vec::new();
    for account in votes.keys() {
        let found =
            books.iter().filter_map(|book| given.history.tax_rates.get(&(book.clone(), account.clone())));
        let rates: BTreeSet<i128> = found.flatten().copied().collect();
        let written: Vec<String> = rates.iter().take(4).map(|rate| format!("{} %", tenths(*rate))).collect();
        if !written.is_empty() {
            told.push(format!("{} on {account}", written.join(", ")));
        }
    }
    if told.is_empty() { String::new() } else { format!(" ({})", told.join("; ")) }
}

/// Tenths as people write them.
pub(super) fn tenths(tenths: i128) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10)
}
