//! What a mapping would change, as sentences: every key of the format is said, with accounts as they are
//! called. A policy's stand in `policy_sentences`.

use std::collections::{BTreeMap, BTreeSet};

use tieout_domain::mapping::{Method, Role};

use crate::governance::{
    proposing::{entity_rule_says, revenue_says, role_words},
    table::{
        AliasRow, BatchRow, EntityRow, EntryRuleRow, MappingTable, NamesRow, RateRow, RevenueRow,
        SchedulesRow, SegmentCell, ToleranceCell,
    },
};

/// How an account is called, beside its code.
pub(crate) type Called<'c> = dyn Fn(&str) -> String + 'c;

/// So many rates of one pair are said one by one; more are said together.
const FEW: usize = 3;

/// What changes from one mapping to another; everything where there was none.
pub(crate) fn of_mapping(
    before: Option<&MappingTable>,
    after: &MappingTable,
    called: &Called<'_>,
) -> Vec<String> {
    let none = MappingTable::default();
    let before = before.unwrap_or(&none);
    let mut said = Vec::new();
    let currency = |word: &str| format!("Figures of several currencies are read in {word}");
    changed(&mut said, before.reporting_currency.as_deref(), after.reporting_currency.as_deref(), currency);
    let codes =
        before.entity.iter().chain(&after.entity).map(|row| row.code.as_str()).collect::<BTreeSet<_>>();
    for code in codes {
        let find = |table: &'_ MappingTable| table.entity.iter().position(|row| row.code == code);
        match (find(before).and_then(|i| before.entity.get(i)), find(after).and_then(|i| after.entity.get(i)))
        {
            (Some(_), None) => said.push(format!("{code} goes, with all that is said of it")),
            (before, Some(after)) => of_entity(&mut said, before, after, called),
            (None, None) => {}
        }
    }
    let rules = |table: &MappingTable| table.entity_rule.iter().map(entity_rule_says).collect::<Vec<_>>();
    of_list(&mut said, &rules(before), &rules(after), &|rule| first_upper(rule));
    of_revenue(&mut said, &before.revenue, &after.revenue, called);
    of_rates(&mut said, &before.rate, &after.rate);
    let batches = |table: &MappingTable| table.batch.iter().map(batch).collect::<Vec<_>>();
    of_list(&mut said, &batches(before), &batches(after), &|text| text.to_owned());
    for (what, of) in [("none of ours", false), ("explained", true)] {
        let rules = |table: &MappingTable| {
            let list = if of { &table.explanation } else { &table.not_ours };
            list.iter().map(|rule| entry_rule(rule, what, called)).collect::<Vec<_>>()
        };
        of_list(&mut said, &rules(before), &rules(after), &|text| text.to_owned());
    }
    let names = |table: &MappingTable| table.names.iter().flat_map(names).collect::<Vec<_>>();
    of_list(&mut said, &names(before), &names(after), &|text| text.to_owned());
    let aliases = |table: &MappingTable| table.alias.iter().map(alias).collect::<Vec<_>>();
    of_list(&mut said, &aliases(before), &aliases(after), &|text| text.to_owned());
    said
}

/// The sentence of a value that comes, goes or is replaced.
pub(super) fn changed(
    said: &mut Vec<String>,
    before: Option<&str>,
    after: Option<&str>,
    sentence: impl Fn(&str) -> String,
) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(before), Some(after)) => said.push(format!("{} instead of {before}", sentence(after))),
        (None, Some(after)) => said.push(sentence(after)),
        (Some(before), None) => said.push(format!("No longer: {}", first_lower(&sentence(before)))),
        (None, None) => {}
    }
}

/// Sentences that come or go. Where all are there and only their order changed, the order is said: the first
/// that fits counts.
fn of_list(said: &mut Vec<String>, before: &[String], after: &[String], says: &dyn Fn(&str) -> String) {
    let gone = before.iter().filter(|one| !after.contains(one));
    let (gone, come): (Vec<_>, Vec<_>) =
        (gone.collect(), after.iter().filter(|one| !before.contains(one)).collect());
    if gone.is_empty() && come.is_empty() && before != after {
        let order = after.iter().map(|one| first_lower(one)).collect::<Vec<_>>().join("; then ");
        said.push(format!("The order changes, and the first that fits counts: {order}"));
    }
    said.extend(gone.iter().map(|one| format!("No longer: {}", first_lower(one))));
    said.extend(come.iter().map(|one| says(one)));
}

pub(super) fn first_upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

pub(super) fn first_lower(text: &str) -> String {
    // A code or a name keeps its capitals.
    let first = text.split_whitespace().next().unwrap_or_default();
    if first.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn of_entity(said: &mut Vec<String>, before: Option<&EntityRow>, after: &EntityRow, called: &Called<'_>) {
    let code = &after.code;
    let none = EntityRow::default();
    let was = before.unwrap_or(&none);
    if before.is_none() {
        said.push(format!("{code} comes"));
    }
    let filled = |text: &'_ String| -> Option<String> { (!text.is_empty()).then(|| text.clone()) };
    let each = |row: &EntityRow| -> Vec<Option<String>> {
        vec![
            filled(&row.name),
            filled(&row.functional_currency),
            filled(&row.time_zone),
            row.calendar.as_ref().map(|c| match (c.month, c.weekday) {
                (Some(month), Some(weekday)) => {
                    format!("{} (it starts near month {month}, on weekday {weekday})", c.kind)
                }
                _ => c.kind.clone(),
            }),
            row.erp_id.clone(),
            row.erp_connection.clone(),
            row.sundry_customer.clone(),
            row.books_from.clone(),
            row.rates.clone(),
            row.tolerance.as_ref().map(|tolerance| amounts(tolerance, &row.functional_currency)),
            row.materiality.as_ref().map(|amount| format!("{amount} {}", row.functional_currency)),
            row.receipts_master.clone(),
            row.credit_notes.clone(),
            row.close.clearly_trivial.as_ref().map(|amount| format!("{amount} {}", row.functional_currency)),
            row.schedules.as_ref().map(schedules),
        ]
    };
    let sentences: [&dyn Fn(&str) -> String; 15] = [
        &|v| format!("{code} is called {v}"),
        &|v| format!("{code} keeps its books in {v}"),
        &|v| format!("Days of {code} are those of {v}"),
        &|v| format!("The year of {code} is cut by the calendar {v}"),
        &|v| format!("The ERP knows {code} by the id {v}"),
        &|v| format!("The books of {code} are kept by the connection {v}"),
        &|v| format!("What billing names no customer for goes to customer {v} in {code}"),
        &|v| format!("The books of {code} begin here on {v}"),
        &|v| format!("{code} takes its exchange rates from {v}"),
        &|v| format!("Differences in {code} are taken as equal up to {v}"),
        &|v| format!("What is unexplained in {code} matters from {v} on"),
        &|v| format!("Receipts of {code} are those that {v} knows"),
        &|v| format!("Credit notes for refunds of {code} are {v}"),
        &|v| format!("What moves in {code} after a sign-off is clearly trivial up to {v}"),
        &|v| format!("Deferred revenue of {code} is expected to be released {v}"),
    ];
    for ((before, after), sentence) in each(was).iter().zip(each(after)).zip(sentences) {
        changed(said, before.as_deref(), after.as_deref(), sentence);
    }
    of_accounts(said, was, after, called);
}

/// How deferred revenue is released.
fn schedules(row: &SchedulesRow) -> String {
    let method = method(&row.method);
    let remainder = match row.remainder.as_deref() {
        Some("first") => "the first period takes what does not come out even",
        Some("last") => "the last period takes what does not come out even",
        Some("next_to_last") => "the last period but one takes what does not come out even",
        _ => "rounded as it is earned",
    };
    let credits = match row.credit_notes.as_deref() {
        Some("prospective") => "credit notes over what is left of a term",
        _ => "credit notes over the whole term that they credit",
    };
    let days = row.due_days.map_or_else(String::new, |days| format!(", {days} days after a period's end"));
    format!("{method} ({remainder}; {credits}){days}")
}

fn method(word: &str) -> String {
    let method: Option<Method> = serde_json::from_value(word.into()).ok();
    method.map_or_else(|| word.to_owned(), |method| method.words().to_owned())
}

/// What changes of an entity's accounts, their scopes and their segments.
fn of_accounts(said: &mut Vec<String>, was: &EntityRow, after: &EntityRow, called: &Called<'_>) {
    let code = &after.code;
    for role in Role::ALL {
        let list = |row: &EntityRow| {
            let all = row.accounts.get(role.as_str()).filter(|all| !all.0.is_empty())?;
            Some(all.0.iter().map(|code| called(code)).collect::<Vec<_>>().join(" and "))
        };
        let (before, after) = (list(was), list(after));
        let sentence = |v: &str| first_upper(&format!("{} of {code} is {v}", role_words(*role)));
        changed(said, before.as_deref(), after.as_deref(), sentence);
    }
    for key in was.scopes.keys().chain(after.scopes.keys()).collect::<BTreeSet<_>>() {
        let what =
            Role::parse(key).map_or_else(|| format!("account {}", called(key)), |r| role_words(r).to_owned());
        let sentence = |v: &str| first_upper(&format!("{what} of {code} is {}", scope(v)));
        let (before, after) = (was.scopes.get(key), after.scopes.get(key));
        changed(said, before.map(String::as_str), after.map(String::as_str), sentence);
    }
    for key in was.close.tolerance.keys().chain(after.close.tolerance.keys()).collect::<BTreeSet<_>>() {
        let what =
            Role::parse(key).map_or_else(|| format!("account {}", called(key)), |r| role_words(r).to_owned());
        let sentence = |v: &str| {
            format!(
                "Up to {v} {} may stay open on {what} of {code} when it is signed",
                after.functional_currency
            )
        };
        let (before, after) = (was.close.tolerance.get(key), after.close.tolerance.get(key));
        changed(said, before.map(String::as_str), after.map(String::as_str), sentence);
    }
    let (before, after) = (segments(was), segments(after));
    for ((role, name), _) in before.iter().chain(&after).collect::<BTreeMap<_, _>>() {
        let lines = match role.as_str() {
            "" => "Lines".to_owned(),
            role => format!("Lines on {}", Role::parse(role).map_or(role, |role| role_words(role))),
        };
        let key = (role.clone(), name.clone());
        let sentence = |v: &str| format!("{lines} of {code} are booked with {name} {v}");
        changed(said, before.get(&key).map(String::as_str), after.get(&key).map(String::as_str), sentence);
    }
}

fn scope(word: &str) -> &str {
    match word {
        "judged" => "read whole, and all of it has to be explained (judged)",
        "listed" => "read whole, so that it can be proven (listed)",
        "ours" => "read only as far as it is matched (ours)",
        other => other,
    }
}

fn amounts(tolerance: &ToleranceCell, functional: &str) -> String {
    match tolerance {
        ToleranceCell::One(amount) => format!("{amount} {functional}"),
        ToleranceCell::Each(all) => {
            let each = all.iter().map(|(currency, amount)| format!("{amount} {currency}"));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

fn segments(row: &EntityRow) -> BTreeMap<(String, String), String> {
    let mut all = BTreeMap::new();
    for (key, cell) in &row.segments {
        match cell {
            SegmentCell::One(id) => {
                all.insert((String::new(), key.clone()), id.clone());
            }
            SegmentCell::OfRole(ids) => {
                all.extend(ids.iter().map(|(name, id)| ((key.clone(), name.clone()), id.clone())));
            }
        }
    }
    all
}

fn of_revenue(said: &mut Vec<String>, before: &[RevenueRow], after: &[RevenueRow], called: &Called<'_>) {
    let key = |row: &RevenueRow| (row.entity.clone(), row.product.clone(), row.tax_code.clone());
    // Among equals the first counts, so that a second of one place says nothing.
    let first = |rows: &[RevenueRow]| {
        let mut map: BTreeMap<_, RevenueRow> = BTreeMap::new();
        rows.iter().for_each(|row| {
            map.entry(key(row)).or_insert_with(|| row.clone());
        });
        map
    };
    let (was, is) = (first(before), first(after));
    for key in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        match (was.get(key), is.get(key)) {
            (Some(row), None) => {
                said.push(format!("No longer: {}", first_lower(&revenue_says(row, &called(&row.account)))));
            }
            (None, Some(row)) => {
                let released = row.schedule.as_deref().map(|word| format!(", released {}", method(word)));
                let says = revenue_says(row, &called(&row.account));
                said.push(format!("{says}{}", released.unwrap_or_default()));
            }
            (Some(before), Some(after)) if before != after => {
                let account = match before.account == after.account {
                    true => called(&after.account),
                    false => format!("{} instead of {}", called(&after.account), called(&before.account)),
                };
                let recognition = match (before.recognition.as_str(), after.recognition.as_str()) {
                    ("over_time", "at_once") => " at once instead of over time",
                    ("at_once", "over_time") => " (it was earned at once)",
                    _ => "",
                };
                let schedule = match (&before.schedule, &after.schedule) {
                    (before, Some(after)) if before.as_ref() != Some(after) => {
                        format!(", released {}", method(after))
                    }
                    (Some(_), None) => ", released as its entity's schedules say".to_owned(),
                    _ => String::new(),
                };
                said.push(format!("{}{recognition}{schedule}", revenue_says(after, &account)));
            }
            _ => {}
        }
    }
}

/// The rates of one pair of currencies and one source, by day.
type Rates<'r> = BTreeMap<(&'r str, &'r str, Option<&'r str>), BTreeMap<&'r str, &'r str>>;

fn by_pair(rates: &[RateRow]) -> Rates<'_> {
    let mut all = Rates::new();
    for row in rates {
        let pair = (row.from.as_str(), row.to.as_str(), row.source.as_deref());
        all.entry(pair).or_default().insert(&row.date, &row.rate);
    }
    all
}

fn of_rates(said: &mut Vec<String>, before: &[RateRow], after: &[RateRow]) {
    let (was, is) = (by_pair(before), by_pair(after));
    for pair in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let none = BTreeMap::new();
        let (was, is) = (was.get(pair).unwrap_or(&none), is.get(pair).unwrap_or(&none));
        let (from, to, source) = pair;
        let by = source.map_or_else(String::new, |source| format!(" ({source})"));
        let (mut come, mut gone) = (Vec::new(), Vec::new());
        for day in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
            match (was.get(day), is.get(day)) {
                (None, Some(rate)) => come.push((*day, *rate)),
                (Some(rate), None) => gone.push((*day, *rate)),
                (Some(before), Some(after)) if before != after => {
                    said.push(format!("From {day} on, 1 {from} is {after} instead of {before} {to}{by}"));
                }
                _ => {}
            }
        }
        let one = |day: &str, rate: &str| format!("rom {day} on, 1 {from} is {rate} {to}{by}");
        for (list, begins, verb) in [(&come, "F", "come"), (&gone, "No longer: f", "go")] {
            match (list.first(), list.last()) {
                (Some((first, _)), Some((last, _))) if list.len() > FEW => said.push(format!(
                    "{} rates from {from} to {to}{by} {verb}, of {first} to {last}",
                    list.len()
                )),
                _ => said.extend(list.iter().map(|(day, rate)| format!("{begins}{}", one(day, rate)))),
            }
        }
    }
}

fn batch(row: &BatchRow) -> String {
    let kinds =
        if row.kinds.is_empty() { "invoices and credit notes".to_owned() } else { row.kinds.join(", ") };
    let of = row.entity.as_ref().map_or_else(String::new, |entity| format!(" of {entity}"));
    let begins =
        row.begins_with.as_ref().map_or_else(String::new, |b| format!(" in entries that begin with {b}"));
    format!(
        "The ledger books {kinds} of {}{of} together by {} ({}){begins}",
        row.connection, row.by, row.name
    )
}

fn entry_rule(row: &EntryRuleRow, what: &str, called: &Called<'_>) -> String {
    let mut entries = String::from("Entries");
    for (word, value) in
        [("of connection", &row.connection), ("of", &row.entity), ("that begin with", &row.begins_with)]
    {
        if let Some(value) = value {
            entries.push_str(&format!(" {word} {value}"));
        }
    }
    let accounts: Vec<String> = row.accounts.iter().map(|code| called(code)).collect();
    for (word, list) in [("of kind", &row.kinds), ("of customer", &row.customers), ("on", &accounts)] {
        if !list.is_empty() {
            entries.push_str(&format!(" {word} {}", list.join(" or ")));
        }
    }
    let under = row.category.as_ref().map_or_else(String::new, |category| format!(" as {category}"));
    format!("{entries} are {what}{under} ({})", row.name)
}

fn names(row: &NamesRow) -> Vec<String> {
    let mut said = Vec::new();
    let connection = &row.connection;
    for (list, place) in [(&row.strip_prefix, "before"), (&row.strip_suffix, "after")] {
        said.extend(
            list.iter().map(|text| format!("{connection} writes {text} {place} the names of documents")),
        );
    }
    said.extend(
        row.add_prefix
            .iter()
            .map(|text| format!("{connection} leaves out {text} before the names of documents")),
    );
    for (word, what) in [(&row.leading_zeros, "zeros in front"), (&row.case, "capitals")] {
        if word.as_deref() == Some("ignored") {
            said.push(format!("In names of {connection}, {what} do not count"));
        }
    }
    said
}

fn alias(row: &AliasRow) -> String {
    format!("The ledger's texts call customer {} of {} {}", row.customer, row.connection, row.called)
}

#[cfg(test)]
#[path = "sentences_tests.rs"]
mod tests;
