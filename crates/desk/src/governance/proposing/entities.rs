//! Which legal entities there are, and which documents are whose.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    draft::{Draft, Given},
    history::{Book, Group, Way, book},
};
use crate::governance::table::{EntityRow, EntityRuleRow};

/// How an ERP's own id of an entity is marked in a book's name.
const BY_ID: &str = "erp:";

/// Adds the entities that the ledgers keep books of, and those that documents or people name.
pub(super) fn add(given: &Given, draft: &mut Draft) {
    let mut currencies: BTreeMap<Book, BTreeMap<String, u64>> = BTreeMap::new();
    for one in &given.books {
        let of = currencies.entry(book(&one.connection, &one.entity)).or_default();
        *of.entry(one.functional.to_string()).or_default() += one.entries;
    }
    let several = currencies.keys().map(|(connection, _)| connection).collect::<BTreeSet<_>>().len() > 1;
    for (book, used) in &currencies {
        add_book(given, draft, book, (used, several));
    }
    let named = given.history.groups.keys().filter_map(|way| way.said.clone()).collect::<BTreeSet<_>>();
    for code in named.iter().filter(|code| given.books.is_empty() || said(given, code).is_some()) {
        add_named(given, draft, code);
    }
    let lost: Vec<&String> = named.iter().filter(|code| draft.entity(code).is_none()).collect();
    let says =
        |code: &&String| format!("no ledger keeps books of {code}, which documents name: add it by hand");
    draft.missing.extend(lost.iter().map(says));
}

/// What somebody said of an entity when they imported a file.
fn said(given: &Given, code: &str) -> Option<(EntityRow, String)> {
    given.maps.iter().find_map(|(connection, map)| {
        let entity = map.entity_named(code).filter(|entity| entity.code.as_str() == code)?;
        let row = EntityRow {
            code: code.to_owned(),
            name: entity.name.clone(),
            functional_currency: entity.functional_currency.to_string(),
            time_zone: entity.time_zone.name().to_owned(),
            ..EntityRow::default()
        };
        Some((row, connection.clone()))
    })
}

/// The code of an entity that an ERP knows by its own id: the one that the documents say which its entries
/// name, where nearly all of them say the same.
fn code_by_documents(given: &Given, book: &Book) -> Option<String> {
    let mut votes: BTreeMap<&str, u64> = BTreeMap::new();
    for (way, group) in &given.history.groups {
        if let (Some(said), Some(count)) = (&way.said, group.books.get(book)) {
            *votes.entry(said).or_default() += count;
        }
    }
    let (code, count) = votes.iter().max_by_key(|(_, count)| **count)?;
    (count * 100 >= votes.values().sum::<u64>() * 95).then(|| (*code).to_owned())
}

fn add_book(given: &Given, draft: &mut Draft, book: &Book, (used, several): (&BTreeMap<String, u64>, bool)) {
    let (connection, name) = book;
    let entries: u64 = used.values().sum();
    let erp_id = name.strip_prefix(BY_ID);
    let there = draft.table.entity.iter().position(|row| match erp_id {
        Some(id) => {
            row.erp_id.as_deref() == Some(id) && row.erp_connection.as_ref().is_none_or(|c| c == connection)
        }
        None => row.code == *name,
    });
    if let Some(index) = there {
        draft.kept.entry(index).or_default().push(book.clone());
        return;
    }
    let by_documents = erp_id.and_then(|_| code_by_documents(given, book));
    let code = match (erp_id, &by_documents) {
        (None, _) => name.clone(),
        (Some(_), Some(code)) => code.clone(),
        (Some(id), None) => format!("E{id}"),
    };
    let Some((functional, _)) = used.iter().max_by_key(|(_, count)| **count) else { return };
    let (known, from) = said(given, &code).unzip();
    let row = EntityRow {
        code: code.clone(),
        functional_currency: functional.clone(),
        time_zone: known.as_ref().map_or_else(|| "UTC".to_owned(), |row| row.time_zone.clone()),
        name: known.as_ref().map(|row| row.name.clone()).unwrap_or_default(),
        erp_id: erp_id.map(str::to_owned),
        erp_connection: several.then(|| connection.clone()),
        ..EntityRow::default()
    };
    let index = draft.table.entity.len();
    draft.kept.insert(index, vec![book.clone()]);
    draft.table.entity.push(row);
    let mut why = format!("{connection} has {entries} entries of it, in {functional}");
    let mut sure = used.len() == 1;
    if !sure {
        let others = used.keys().filter(|other| *other != functional).cloned().collect::<Vec<_>>();
        why.push_str(&format!(" and in {}", others.join(", ")));
    }
    match (erp_id, &by_documents) {
        (Some(id), Some(_)) => {
            why.push_str(&format!("; the documents that its entries name say {code} for {id}"))
        }
        (Some(id), None) => {
            why.push_str(&format!("; the ERP knows it by its id {id} alone: give it the code that you use"));
            sure = false;
        }
        (None, _) => {}
    }
    match from {
        Some(from) => why.push_str(&format!("; its time zone was said when {from} was imported")),
        None => {
            why.push_str("; nothing says its time zone: UTC decides which day a document is of");
            sure = false;
        }
    }
    draft.line(format!("entity {index}"), format!("{code} keeps its books in {functional}"), (sure, why));
}

/// An entity that documents name, of which there are no books yet.
fn add_named(given: &Given, draft: &mut Draft, code: &str) {
    if draft.entity(code).is_some() {
        return;
    }
    let Some((row, from)) = said(given, code) else { return };
    let says = format!("{code} keeps its books in {}", row.functional_currency);
    let index = draft.table.entity.len();
    draft.table.entity.push(row);
    draft.line(format!("entity {index}"), says, (true, format!("so it was said when {from} was imported")));
}

/// Adds the rules that give documents to entities, for those whose source does not say it.
pub(super) fn add_rules(given: &Given, draft: &mut Draft) {
    let mut by_connection: BTreeMap<&str, Vec<(&Way, &Group)>> = BTreeMap::new();
    for (way, group) in given.history.groups.iter().filter(|(way, _)| way.said.is_none()) {
        let ruled = draft.table.entity_rule.iter().any(|rule| takes(rule, way));
        if !ruled {
            by_connection.entry(&way.connection).or_default().push((way, group));
        }
    }
    for (connection, groups) in by_connection {
        if !add_said_rules(given, draft, connection) {
            add_rules_of(draft, connection, &groups);
        }
    }
}

/// True where a rule takes the documents of this way.
pub(super) fn takes(rule: &EntityRuleRow, way: &Way) -> bool {
    rule.connection.as_ref().is_none_or(|connection| *connection == way.connection)
        && rule.country.as_ref().is_none_or(|country| Some(country) == way.country.as_ref())
        && rule.currency.as_ref().is_none_or(|currency| *currency == way.currency.to_string())
}

/// What was said when the file was imported; answers whether anything was.
fn add_said_rules(given: &Given, draft: &mut Draft, connection: &str) -> bool {
    let rules: Vec<EntityRuleRow> = given
        .said
        .iter()
        .filter(|(of, _)| of == connection)
        .flat_map(|(_, mapping)| &mapping.entity_rules)
        .map(|rule| EntityRuleRow {
            connection: Some(connection.to_owned()),
            country: rule.country.clone(),
            currency: rule.currency.map(|currency| currency.to_string()),
            entity: rule.entity.to_string(),
        })
        .filter(|rule| draft.entity(&rule.entity).is_some())
        .collect();
    let any = !rules.is_empty();
    for rule in rules {
        push(draft, rule, (true, format!("so it was said when {connection} was imported")));
    }
    any
}

fn add_rules_of(draft: &mut Draft, connection: &str, groups: &[(&Way, &Group)]) {
    let only = match draft.table.entity.as_slice() {
        [one] => Some(one.code.clone()),
        _ => None,
    };
    let rule = |entity: &str| EntityRuleRow {
        connection: Some(connection.to_owned()),
        entity: entity.to_owned(),
        ..EntityRuleRow::default()
    };
    if let Some(code) = only {
        return push(draft, rule(&code), (true, "there is no other entity".to_owned()));
    }
    if let Some((code, reason)) = agreed(draft, groups) {
        return push(draft, rule(&code), reason);
    }
    // Its documents are in the books of several: by currency, or by country, they may be told apart.
    let by_country = |way: &Way| way.country.clone();
    let by_currency = |way: &Way| Some(way.currency.to_string());
    let (currency, country) =
        (told_apart(draft, groups, &by_currency), told_apart(draft, groups, &by_country));
    let (told, is_currency) = match (currency, country) {
        (Some(told), _) => (told, true),
        (None, Some(told)) => (told, false),
        (None, None) => {
            let message = format!(
                "whose the documents of {connection} are: neither its entries, nor its countries or \
                 currencies say it"
            );
            return draft.missing.push(message);
        }
    };
    for word in told.untold {
        draft.missing.push(format!("whose the documents of {connection} are that come from {word}"));
    }
    for (word, code, reason) in told.rules {
        let (country, currency) = if is_currency { (None, Some(word)) } else { (Some(word), None) };
        push(draft, EntityRuleRow { country, currency, ..rule(&code) }, reason);
    }
}

/// The entity in whose books most of these documents are, how many of how many.
fn winner(draft: &Draft, groups: &[(&Way, &Group)]) -> Option<(String, u64, u64)> {
    let mut votes: BTreeMap<&str, u64> = BTreeMap::new();
    for (book, count) in groups.iter().flat_map(|(_, group)| &group.books) {
        if let Some(code) = draft.keeper(book) {
            *votes.entry(code).or_default() += count;
        }
    }
    let (code, count) = votes.iter().max_by_key(|(_, count)| **count)?;
    Some(((*code).to_owned(), *count, votes.values().sum()))
}

fn reason(count: u64, all: u64) -> (bool, String) {
    let why = format!("{count} of {all} documents that entries name are in its books");
    (count >= 2 && is_most(count, all), why)
}

/// True where next to nothing speaks against it.
fn is_most(count: u64, all: u64) -> bool {
    count * 100 >= all * 95
}

/// The one entity in whose books nearly all of these documents are.
fn agreed(draft: &Draft, groups: &[(&Way, &Group)]) -> Option<(String, (bool, String))> {
    let (code, count, all) = winner(draft, groups)?;
    is_most(count, all).then(|| (code, reason(count, all)))
}

/// What tells the documents of a connection apart: the entity of each word, and words that no entry tells
/// anything of.
struct ToldApart {
    rules: Vec<(String, String, (bool, String))>,
    untold: Vec<String>,
}

/// By what these documents are told apart, where nearly all of them are where their word says.
fn told_apart(
    draft: &Draft,
    groups: &[(&Way, &Group)],
    word: &dyn Fn(&Way) -> Option<String>,
) -> Option<ToldApart> {
    let mut by_word: BTreeMap<String, Vec<(&Way, &Group)>> = BTreeMap::new();
    for (way, group) in groups {
        by_word.entry(word(way)?).or_default().push((way, group));
    }
    let mut told = ToldApart { rules: Vec::new(), untold: Vec::new() };
    let (mut counted, mut of_all) = (0, 0);
    for (word, groups) in by_word {
        let Some((code, count, all)) = winner(draft, &groups) else {
            told.untold.push(word);
            continue;
        };
        (counted, of_all) = (counted + count, of_all + all);
        told.rules.push((word, code, reason(count, all)));
    }
    (told.rules.len() > 1 && is_most(counted, of_all)).then_some(told)
}

fn push(draft: &mut Draft, rule: EntityRuleRow, reason: (bool, String)) {
    let place = format!("entity_rule {}", draft.table.entity_rule.len());
    let says = says(&rule);
    draft.table.entity_rule.push(rule);
    draft.line(place, says, reason);
}

/// The rule as a sentence.
pub(crate) fn says(rule: &EntityRuleRow) -> String {
    let mut what = String::from("Documents");
    for (word, value) in [("of", &rule.connection), ("from", &rule.country), ("in", &rule.currency)] {
        if let Some(value) = value {
            what.push_str(&format!(" {word} {value}"));
        }
    }
    format!("{what} are {}'s", rule.entity)
}
