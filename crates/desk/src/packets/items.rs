//! A posting as an item of a packet: whole, with how it and its surroundings stand, and what its reviewer is
//! shown.

use std::collections::BTreeMap;

use tieout_evidence::file::packet::PacketItem;
use tieout_store::PostingRow;

use crate::{
    base::{context::Context, error::DeskResult, wording},
    casefile::show,
    queue::late_words,
    settlement::{decide, draft, preview::kept_view},
};

/// The item of a posting.
pub(crate) fn item(ctx: &Context, row: &PostingRow) -> DeskResult<PacketItem> {
    let id = row.posting.id.as_str();
    let mut shown = show::show(ctx, id)?;
    shown.postings.retain(|posting| posting.id == id);
    Ok(PacketItem {
        posting: row.posting.clone(),
        facts: facts(ctx, row)?,
        shown: serde_json::to_value(shown)?,
    })
}

/// How a posting and its surroundings stand, by name: what a decision on it rests on beside its content.
/// Nothing in it changes by itself as time goes by, nor by another person's approval.
pub(crate) fn facts(ctx: &Context, row: &PostingRow) -> DeskResult<BTreeMap<String, String>> {
    let mut facts = BTreeMap::new();
    let mut say = |name: String, value: String| {
        facts.insert(name, value);
    };
    say("the posting".to_owned(), wording::posting(row.state).to_owned());
    say("its content".to_owned(), row.content_hash.clone());
    let exception = ctx.store().exception(&row.posting.exception)?;
    let kind = exception.kind.label();
    say("the exception".to_owned(), format!("{kind}, {}", exception.state.as_str().replace('_', " ")));
    if let Some(document) = draft::document_of(ctx, &exception)? {
        let one = &document.document;
        let amount = format!("{} {}", one.total.to_decimal(), one.total.currency().code());
        let said = format!("{amount}, {}, version {}", one.status.as_str(), document.version);
        say("the document in billing".to_owned(), said);
    }
    let held = ctx.store().entries_by_reference(&row.posting.reference)?;
    let entry = |stored| {
        let held = kept_view(stored);
        let name = held.number.unwrap_or(held.erp_id);
        format!("{name} {} of {} in {}", held.status, held.posting_date, held.period)
    };
    let mut entries: Vec<String> = held.iter().map(entry).collect();
    entries.sort_unstable();
    let entries = if entries.is_empty() { "nothing".to_owned() } else { entries.join("; ") };
    say("what the ledger holds under its name".to_owned(), entries);
    let periods = draft::all_periods(ctx)?;
    for step in &row.posting.steps {
        let (entity, key) = (step.entry.entity(), step.entry.period());
        let period = periods.iter().find(|one| one.entity == *entity && one.key == *key);
        let status = period.map_or_else(|| "not known".to_owned(), |one| wording::status(one.status));
        say(format!("period {key} of {entity}"), status);
    }
    let late = late_words::of_posting(ctx, &row.posting)?.unwrap_or_else(|| "none".to_owned());
    say("the rule for late items".to_owned(), late);
    let judged = decide::judged(ctx, row)?;
    let required = judged.duties.required(&judged.facts(row, decide::known_status(ctx, row)?));
    say("approvals that it needs".to_owned(), required.as_str().to_owned());
    Ok(facts)
}

/// What of an item is otherwise now, each in a clause.
pub(crate) fn moved(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let gone = |name: &String| !now.contains_key(name);
    let names = now.keys().chain(before.keys().filter(|name| gone(name)));
    let differ = |name: &String| -> Option<String> {
        let (was, is) = (before.get(name), now.get(name));
        let text = |one: Option<&String>| one.map_or("not there", String::as_str).to_owned();
        (was != is).then(|| match name.as_str() {
            "its content" => "its content is another".to_owned(),
            _ => format!("{name}: {} instead of {}", text(is), text(was)),
        })
    };
    names.filter_map(differ).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_otherwise_is_told_by_name_and_nothing_else() {
        let facts = |all: &[(&str, &str)]| -> BTreeMap<String, String> {
            all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let before = facts(&[("the posting", "proposed"), ("period 2026-10 of GB01", "Open"), ("gone", "x")]);
        let now = facts(&[("the posting", "proposed"), ("period 2026-10 of GB01", "Closed"), ("new", "y")]);
        assert_eq!(moved(&before, &before), Vec::<String>::new());
        assert_eq!(
            moved(&before, &now),
            [
                "new: y instead of not there",
                "period 2026-10 of GB01: Closed instead of Open",
                "gone: not there instead of x",
            ]
        );
    }
}
