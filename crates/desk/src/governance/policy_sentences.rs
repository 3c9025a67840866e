//! What a policy would change, as sentences.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use tieout_domain::{
    Money,
    sla::{Counted, Sla},
};
use tieout_duties::{Approvals, Policy, Tier};

use crate::governance::sentences::{changed, first_lower, first_upper};

/// What changes from one policy to another; everything where there was none.
pub(crate) fn of_policy(before: Option<&str>, after: &str) -> Vec<String> {
    let mut said = Vec::new();
    let (was, is) = (before.map(tiers).unwrap_or_default(), tiers(after));
    for case in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (was.get(case), is.get(case));
        changed(&mut said, before.map(String::as_str), after.map(String::as_str), |approvals| {
            format!("{case} need {approvals}")
        });
    }
    let (was, is) = (before.map(forbids).unwrap_or_default(), forbids(after));
    for name in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        match (was.get(name), is.get(name)) {
            (None, Some((reason, _))) => said.push(format!("The rule {name} forbids besides: {reason}")),
            (Some((reason, _)), None) => said.push(format!("No longer: the rule {name} forbids: {reason}")),
            (Some(before), Some(after)) if before != after => {
                said.push(format!("The rule {name} is worded anew and forbids: {}", after.0));
            }
            _ => {}
        }
    }
    let (was, is) = (before.map(limits).unwrap_or_default(), limits(after));
    for case in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (was.get(case), is.get(case));
        changed(&mut said, before.map(String::as_str), after.map(String::as_str), |limit| {
            format!("{case} may take {limit}")
        });
    }
    let (was, is) = (before.map(others).unwrap_or_default(), others(after));
    said.extend(was.difference(&is).map(|one| format!("No longer: {}", first_lower(one))));
    said.extend(is.difference(&was).map(|one| first_upper(one)));
    said
}

fn tiers(text: &str) -> BTreeMap<String, String> {
    let Ok(policy) = Policy::parse(text) else { return BTreeMap::new() };
    let approvals = |tier: &Tier| match tier.approvals {
        Approvals::None => "no approval (only what a policy prepared itself, into the open period)",
        Approvals::One => "one approval",
        Approvals::Two => "two approvals",
    };
    policy.tiers().iter().map(|tier| (case(tier), approvals(tier).to_owned())).collect()
}

/// What a tier is about.
fn case(tier: &Tier) -> String {
    let kind =
        tier.kind.map_or_else(|| "anything".to_owned(), |kind| format!("\u{201c}{}\u{201d}", kind.label()));
    let place = tier.entity.as_ref().map_or_else(String::new, |entity| format!(" in {entity}"));
    let amount = match (tier.up_to, tier.currency) {
        (Some(minor), Some(currency)) => {
            format!(" up to {} {currency}", Money::new(minor, currency).to_decimal())
        }
        (_, Some(currency)) => format!(" of any amount in {currency}"),
        (_, None) => " of any amount in any currency".to_owned(),
    };
    format!("Postings for {kind}{place}{amount}")
}

/// The time limits of flows, each by its flow and entity.
fn limits(text: &str) -> BTreeMap<String, String> {
    let Ok(policy) = Policy::parse(text) else { return BTreeMap::new() };
    let said = |sla: &Sla| {
        let place = sla.entity.as_ref().map_or_else(String::new, |entity| format!(" in {entity}"));
        let hours = match sla.counted {
            Counted::AroundTheClock => "hours",
            Counted::BusinessHours => "business hours",
        };
        let mut limit = format!("{} {hours}", sla.hours);
        if sla.warn_hours > 0 {
            let _ = write!(limit, ", warned of {} before", sla.warn_hours);
        }
        if let Some(escalation) = &sla.escalation {
            let _ = write!(limit, ", with {} from {} after", escalation.lead, escalation.after_hours);
        }
        (format!("{}{place}", sla.flow.definition().name), limit)
    };
    policy.sla().limits.iter().map(said).collect()
}

/// The rules that forbid: their reason and their text, by name. The text was checked when it was brought in.
fn forbids(text: &str) -> BTreeMap<String, (String, String)> {
    let Ok(table) = text.parse::<toml::Table>() else { return BTreeMap::new() };
    let cedar = table.get("cedar").and_then(toml::Value::as_str).unwrap_or_default();
    let mut rules = BTreeMap::new();
    for (number, rule) in cedar.split_inclusive(';').filter(|rule| rule.contains("forbid")).enumerate() {
        let said = |mark: &str| {
            let (_, rest) = rule.split_once(mark)?;
            rest.split_once("(\"")?.1.split_once("\")").map(|(said, _)| said.to_owned())
        };
        let name = said("@id").unwrap_or_else(|| format!("number {}", number + 1));
        let plain = rule.split_whitespace().collect::<Vec<_>>().join(" ");
        rules.insert(name, (said("@reason").unwrap_or_else(|| plain.clone()), plain));
    }
    rules
}

/// What a policy says beside tiers and rules that forbid, key by key.
fn others(text: &str) -> BTreeSet<String> {
    let Ok(table) = text.parse::<toml::Table>() else { return BTreeSet::new() };
    let known = ["schema", "version", "tier", "cedar", "sla"];
    let mut said = BTreeSet::new();
    for (key, value) in table.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
        match value {
            toml::Value::Array(rows) => {
                said.extend(rows.iter().map(|row| format!("{} {}", key.replace('_', " "), words(row))));
            }
            other => {
                said.insert(format!("{} {}", key.replace('_', " "), words(other)));
            }
        }
    }
    said
}

fn words(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) => {
            let each = table.iter().map(|(key, value)| format!("{} {}", key.replace('_', " "), words(value)));
            each.collect::<Vec<_>>().join(", ")
        }
        toml::Value::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(" and "),
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "policy_sentences_tests.rs"]
mod tests;
