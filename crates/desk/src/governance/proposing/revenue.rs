//! Where the revenue of each product goes.

use std::collections::{BTreeMap, BTreeSet};

use tieout_domain::{accounts::NO_PRODUCT, ledger::AccountType, mapping::Role};

use super::{
    accounts::{self, Found},
    chart,
    draft::{Draft, Given},
    history::{Book, Seen},
};
use crate::governance::table::{EntityRow, RevenueRow};

/// From so many products on that all go to one account, one rule for all is read more easily than theirs.
const ONE_RULE: usize = 20;
const ANY: &str = "*";

/// Where one product of one entity goes, as the entries show it.
struct Shown {
    account: String,
    count: u64,
    all: u64,
    others: Vec<String>,
}

impl Shown {
    /// True where nothing speaks against it, and more than one entry for it.
    fn is_sure(&self) -> bool {
        self.count >= 2 && self.count * 100 >= self.all * 95
    }
}

/// The one account to which nearly all of many products go, with how many documents say so of how many.
fn one_account(all: &BTreeMap<Option<String>, BTreeMap<usize, Shown>>) -> Option<(usize, String, u64, u64)> {
    let mut counts: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    let mut of = 0;
    for (index, shown) in all.values().flatten() {
        of += shown.all;
        let (_, count) = counts.entry(&shown.account).or_insert((*index, 0));
        *count += shown.count;
    }
    let (account, (index, count)) = counts.into_iter().max_by_key(|(_, (_, count))| *count)?;
    (all.len() >= ONE_RULE && count * 100 >= of * 95).then(|| (index, account.to_owned(), count, of))
}

/// What people call a product.
pub(super) fn called(product: Option<&str>) -> String {
    match product {
        Some(product) => format!("product {product}"),
        None => "lines without a product".to_owned(),
    }
}

/// Adds revenue rules for what no rule takes yet.
pub(super) fn add(given: &Given, draft: &mut Draft) {
    let mut all: BTreeMap<Option<String>, BTreeMap<usize, Shown>> = BTreeMap::new();
    for (index, books) in &draft.kept {
        let products: BTreeSet<Option<String>> = given
            .history
            .products
            .keys()
            .filter(|(book, _)| books.contains(book))
            .map(|(_, product)| product.clone())
            .collect();
        for product in products {
            if let Some(shown) = shown(given, books, &product) {
                all.entry(product).or_default().insert(*index, shown);
            }
        }
    }
    let said = add_said(given, draft, &all);
    all.retain(|product, by_entity| {
        by_entity.retain(|index, shown| {
            let code = draft.table.entity.get(*index).map(|row| row.code.as_str()).unwrap_or_default();
            let ruled = rule_of(&draft.table.revenue, code, product.as_deref());
            ruled.is_none_or(|rule| said && rule.account != shown.account)
        });
        !by_entity.is_empty()
    });
    match one_account(&all) {
        Some((index, account, count, of)) => {
            let mut why =
                format!("{count} of {of} documents with products that entries name are booked there");
            all.retain(|_, by_entity| {
                by_entity.values().any(|shown| shown.account != account && shown.is_sure())
            });
            if !all.is_empty() {
                why.push_str(&format!("; {} products have rules of their own", all.len()));
            }
            push(given, draft, (index, &account), (ANY, ANY), (true, why));
            all.iter()
                .for_each(|(product, by_entity)| add_product(given, draft, product.as_deref(), by_entity));
        }
        None => {
            all.iter().for_each(|(product, entity)| add_product(given, draft, product.as_deref(), entity))
        }
    }
    add_unseen(given, draft);
}

/// What the entries of an entity show of a product.
fn shown(given: &Given, books: &[Book], product: &Option<String>) -> Option<Shown> {
    let mut votes: BTreeMap<String, u64> = BTreeMap::new();
    for book in books {
        let found = given.history.products.get(&(book.clone(), product.clone()));
        for (account, Seen { documents, .. }) in found.into_iter().flatten() {
            *votes.entry(account.to_string()).or_default() += documents;
        }
    }
    let (account, count) = votes.iter().max_by_key(|(_, count)| **count)?;
    let others = votes.keys().filter(|other| *other != account).cloned().collect();
    Some(Shown { account: account.clone(), count: *count, all: votes.values().sum(), others })
}

/// What was said when files were imported; answers whether anything was.
fn add_said(
    given: &Given,
    draft: &mut Draft,
    shown: &BTreeMap<Option<String>, BTreeMap<usize, Shown>>,
) -> bool {
    let mut rules: BTreeMap<(String, String, String, String), BTreeSet<String>> = BTreeMap::new();
    let mut from: BTreeSet<&str> = BTreeSet::new();
    for (connection, mapping) in &given.said {
        for rule in &mapping.revenue {
            let key =
                (rule.product.clone(), rule.tax_code.clone(), rule.account.to_string(), rule.entity.clone());
            let own = mapping.entities.iter().map(|entity| entity.code.to_string());
            rules.entry(key).or_default().extend(own.filter(|code| draft.entity(code).is_some()));
            from.insert(connection);
        }
    }
    let from = from.into_iter().collect::<Vec<_>>().join(" and ");
    let mut any = false;
    for ((product, tax_code, account, entity), entities) in rules {
        let everybody = entities.len() == draft.table.entity.len() && entity == ANY;
        let named = if everybody { vec![ANY.to_owned()] } else { entities.into_iter().collect() };
        for entity in named.into_iter().filter(|code| entity == ANY || *code == entity || everybody) {
            let row = RevenueRow {
                entity: entity.clone(),
                product: product.clone(),
                tax_code: tax_code.clone(),
                account: account.clone(),
                recognition: "at_once".to_owned(),
                schedule: None,
            };
            if draft.table.revenue.iter().any(|known| same_place(known, &row)) {
                continue;
            }
            any = true;
            let against = shown
                .iter()
                .filter(|(of, _)| product == ANY || of.as_deref().unwrap_or(NO_PRODUCT) == product)
                .flat_map(|(_, by_entity)| by_entity.values())
                .filter(|shown| shown.account != account)
                .count();
            let mut why = format!("so it was said when {from} was imported");
            if against > 0 {
                why.push_str(&format!(
                    "; {against} products are booked elsewhere and have rules of their own"
                ));
            }
            push_row(given, draft, row, (true, why));
        }
    }
    any
}

fn same_place(a: &RevenueRow, b: &RevenueRow) -> bool {
    (&a.entity, &a.product, &a.tax_code) == (&b.entity, &b.product, &b.tax_code)
}

/// The place of the rule that takes a product of an entity, whatever its tax code.
pub(super) fn place_of(rules: &[RevenueRow], entity: &str, product: Option<&str>) -> Option<usize> {
    let product = product.unwrap_or(NO_PRODUCT);
    let takes = |rule: &RevenueRow| {
        (rule.entity == ANY || rule.entity == entity) && (rule.product == ANY || rule.product == product)
    };
    let mut best: Option<(usize, (bool, bool, bool))> = None;
    for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| takes(rule)) {
        let rank = (rule.entity != ANY, rule.product != ANY, rule.tax_code == ANY);
        if best.is_none_or(|(_, known)| rank > known) {
            best = Some((place, rank));
        }
    }
    best.map(|(place, _)| place)
}

/// That rule.
pub(super) fn rule_of<'r>(
    rules: &'r [RevenueRow],
    entity: &str,
    product: Option<&str>,
) -> Option<&'r RevenueRow> {
    rules.get(place_of(rules, entity, product)?)
}

fn add_product(given: &Given, draft: &mut Draft, product: Option<&str>, by_entity: &BTreeMap<usize, Shown>) {
    let accounts: BTreeSet<&String> = by_entity.values().map(|shown| &shown.account).collect();
    let name = product.unwrap_or(NO_PRODUCT);
    let reason = |shown: &[&Shown]| {
        let (count, all) = shown.iter().fold((0, 0), |(c, a), one| (c + one.count, a + one.all));
        let mut why = format!("{count} of {all} documents with it that entries name are booked there");
        let others: BTreeSet<&String> = shown.iter().flat_map(|one| &one.others).collect();
        if !others.is_empty() {
            let others = others.into_iter().cloned().collect::<Vec<_>>();
            why.push_str(&format!("; others on {}", others.join(", ")));
        }
        (count * 100 >= all * 95 && count >= 2, why)
    };
    if let (1, Some((index, shown))) = (accounts.len(), by_entity.iter().next()) {
        let all: Vec<&Shown> = by_entity.values().collect();
        let (mut sure, why) = reason(&all);
        // One entry is enough where the account is of the type, or bears the name, of revenue.
        sure |=
            all.iter().all(|one| one.count == one.all) && is_revenue(given, draft, *index, &shown.account);
        return push(given, draft, (*index, &shown.account), (ANY, name), (sure, why));
    }
    for (index, shown) in by_entity {
        let Some(code) = draft.table.entity.get(*index).map(|row| row.code.clone()) else { continue };
        push(given, draft, (*index, &shown.account), (&code, name), reason(&[shown]));
    }
}

fn is_revenue(given: &Given, draft: &Draft, index: usize, account: &str) -> bool {
    let books = draft.kept.get(&index).map_or(&[][..], Vec::as_slice);
    let of_type = given.kind(books, account).is_some_and(|kind| kind == AccountType::Income);
    of_type || chart::pick(Role::Revenue, &given.accounts(books)).is_some_and(|pick| pick.code == account)
}

/// Products of which no entry shows anything: the revenue account of the chart, as a guess that is told.
fn add_unseen(given: &Given, draft: &mut Draft) {
    let mut unseen: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
    for (way, group) in &given.history.groups {
        let Some(index) = entity_of(draft, way) else { continue };
        let code = draft.table.entity.get(index).map(|row| row.code.clone()).unwrap_or_default();
        for product in group.products.keys() {
            let entities = unseen.entry(product.clone()).or_default();
            let ruled = rule_of(&draft.table.revenue, &code, product.as_deref()).is_some();
            if !ruled && !entities.contains(&index) {
                entities.push(index);
            }
        }
    }
    unseen.retain(|_, entities| !entities.is_empty());
    for (product, entities) in unseen {
        for index in entities {
            let Some(row) = draft.table.entity.get(index) else { continue };
            let (code, books) = (row.code.clone(), draft.kept.get(&index).cloned().unwrap_or_default());
            let what = called(product.as_deref());
            match chart::pick(Role::Revenue, &given.accounts(&books)) {
                Some(pick) => {
                    let why =
                        format!("no entry shows where {what} goes; of the chart's accounts, {}", pick.why);
                    let entity = if draft.table.entity.len() == 1 { ANY } else { code.as_str() };
                    let name = product.as_deref().unwrap_or(NO_PRODUCT);
                    push(given, draft, (index, &pick.code), (entity, name), (false, why));
                }
                None => draft
                    .missing
                    .push(format!("where revenue of {what} goes in {code}: nothing speaks for it")),
            }
        }
    }
}

/// Whose the documents of a way are, by the table as it stands.
pub(super) fn entity_of(draft: &Draft, way: &super::history::Way) -> Option<usize> {
    let code = match &way.said {
        Some(code) => code.clone(),
        None => draft.table.entity_rule.iter().find(|rule| super::entities::takes(rule, way))?.entity.clone(),
    };
    draft.entity(&code).map(|(index, _)| index)
}

fn push(
    given: &Given,
    draft: &mut Draft,
    (index, account): (usize, &str),
    (entity, product): (&str, &str),
    (sure, why): (bool, String),
) {
    let books = draft.kept.get(&index).cloned().unwrap_or_default();
    let mut row = RevenueRow {
        entity: entity.to_owned(),
        product: product.to_owned(),
        tax_code: ANY.to_owned(),
        account: account.to_owned(),
        recognition: "at_once".to_owned(),
        schedule: None,
    };
    if !is_deferred(given, draft, index, account) {
        return push_row(given, draft, row, (sure, why));
    }
    // Billing shows that it is deferred, not what it becomes.
    let of_chart = given.accounts(&books);
    let Some(pick) = chart::pick(Role::Revenue, &of_chart) else {
        let account = given.called(&books, account);
        let message =
            format!("which account the revenue of {product} becomes, which is deferred on {account}");
        return draft.missing.push(message);
    };
    let found = Found { account: account.to_owned(), further: Vec::new(), sure, why: why.clone() };
    if draft.table.entity.get(index).is_some_and(|row| !row.accounts.contains_key("deferred_revenue")) {
        accounts::put(given, draft, (index, Role::DeferredRevenue), (&books, found));
    }
    row.account = pick.code;
    row.recognition = "over_time".to_owned();
    let lacks = |entity: &EntityRow| !entity.accounts.contains_key("deferred_revenue");
    if row.entity == ANY && draft.table.entity.iter().any(lacks) {
        row.entity = draft.table.entity.get(index).map(|entity| entity.code.clone()).unwrap_or_default();
    }
    let why = format!("{why}, which is deferred revenue; what it becomes no entry shows: {}", pick.why);
    push_row(given, draft, row, (false, why));
}

fn is_deferred(given: &Given, draft: &Draft, index: usize, account: &str) -> bool {
    let books = draft.kept.get(&index).map_or(&[][..], Vec::as_slice);
    let Some(row) = draft.table.entity.get(index) else { return false };
    let named =
        row.accounts.get("deferred_revenue").is_some_and(|all| all.0.first().is_some_and(|a| a == account));
    let of_type = given.kind(books, account).is_some_and(|kind| kind == AccountType::DeferredRevenue);
    let pick = || chart::pick(Role::DeferredRevenue, &given.accounts(books));
    named || of_type || pick().is_some_and(|pick| pick.code == account && pick.sure)
}

fn push_row(given: &Given, draft: &mut Draft, row: RevenueRow, reason: (bool, String)) {
    let place = format!("revenue {}", draft.table.revenue.len());
    let books: Vec<Book> = match draft.entity(&row.entity) {
        Some((index, _)) => draft.kept.get(&index).cloned().unwrap_or_default(),
        None => draft.kept.values().flatten().cloned().collect(),
    };
    let says = says(&row, &given.called(&books, &row.account));
    draft.table.revenue.push(row);
    draft.line(place, says, reason);
}

/// The rule as a sentence, with the account as it is called.
pub(crate) fn says(row: &RevenueRow, account: &str) -> String {
    let product = match row.product.as_str() {
        ANY => "every product".to_owned(),
        NO_PRODUCT => "lines without a product".to_owned(),
        product => format!("product {product}"),
    };
    let tax_code =
        if row.tax_code == ANY { String::new() } else { format!(" with tax code {}", row.tax_code) };
    let place = if row.entity == ANY { String::new() } else { format!(" in {}", row.entity) };
    let over_time = if row.recognition == "over_time" { ", earned over time" } else { "" };
    format!("Revenue of {product}{tax_code} goes to {account}{place}{over_time}")
}
