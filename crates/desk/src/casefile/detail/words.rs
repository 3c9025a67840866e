//! What happened, in plain words: a title and a sentence per kind, made of facts only.

use tieout_domain::{exception::ExceptionKind, posting::PostingState, said};
use tieout_store::StoredEntry;

use super::facts::Facts;
use crate::base::wording;

/// `Invoice of 30 Oct`, or the reference where there is no document.
fn noun(facts: &Facts<'_>) -> String {
    match (facts.document, facts.expected) {
        (Some(stored), Some(expected)) => {
            format!(
                "{} of {}",
                wording::kind(stored.document.kind),
                wording::short_day(expected.document_date)
            )
        }
        (Some(stored), None) => {
            format!("{} {}", wording::kind(stored.document.kind), stored.document.reference)
        }
        (None, _) => facts.row.external_ref.clone(),
    }
}

/// The names of the places where the reference is booked, each once.
fn booked(facts: &Facts<'_>, of: impl Fn(&tieout_domain::ledger::LedgerEntry) -> String) -> String {
    let mut places: Vec<String> = facts.held.iter().map(|held| of(&held.entry)).collect();
    places.dedup();
    if places.is_empty() { "the ledger".to_owned() } else { places.join(" and ") }
}

fn entity_of(entry: &tieout_domain::ledger::LedgerEntry) -> String {
    match &entry.entity {
        tieout_domain::ledger::EntityRef::Code(code) => code.to_string(),
        tieout_domain::ledger::EntityRef::ErpId(id) => format!("the ERP's entity {id}"),
    }
}

fn own_period(facts: &Facts<'_>) -> String {
    let key = facts.own_period.as_ref().map(|p| &p.key).or(facts.row.period.as_ref());
    key.map_or_else(|| "its period".to_owned(), |key| wording::period(key.as_str()))
}

/// A short title: the kind's own, filled with what is known; of what is not in the ledger, why not.
pub(super) fn title(facts: &Facts<'_>) -> String {
    let title = match facts.row.kind {
        ExceptionKind::Unposted if undone(facts).is_some() => "{noun} was booked and then reversed",
        ExceptionKind::Unposted if facts.own_period_shut() => {
            "{noun} was not posted before AR closed for {own period}"
        }
        kind => kind.title(),
    };
    filled(title, |name| match name {
        "noun" => noun(facts),
        "reference" => facts.row.external_ref.clone(),
        "own period" => own_period(facts),
        "count" => facts.held.len().max(2).to_string(),
        "currencies" => booked(facts, |e| e.currency.code().to_owned()),
        "entities" => booked(facts, entity_of),
        "periods" => booked(facts, |e| wording::period(e.period.as_str())),
        other => format!("{{{other}}}"),
    })
}

/// A text with what its braces name.
fn filled(text: &str, named: impl Fn(&str) -> String) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, name, after)) = rest
        .split_once('{')
        .and_then(|(before, more)| more.split_once('}').map(|(name, after)| (before, name, after)))
    {
        out.push_str(before);
        out.push_str(&named(name));
        rest = after;
    }
    out + rest
}

/// One or two plain sentences, with signs around their values ([`said`]).
pub(super) fn sentence(facts: &Facts<'_>) -> String {
    use ExceptionKind as K;
    match facts.row.kind {
        K::LateForClosedPeriod | K::Unposted => unbooked(facts),
        _ => match posting(facts) {
            Some(more) => format!("{} {more}", facts.row.said),
            None => facts.row.said.clone(),
        },
    }
}

/// When billing finalised it, when its period was locked, and what became of it here.
fn unbooked(facts: &Facts<'_>) -> String {
    let finalised = facts.document.and_then(|stored| stored.document.finalized_at);
    let mut parts = Vec::new();
    if let Some(at) = finalised {
        parts.push(format!("Billing finalised it on {}", said::instant(at)));
    }
    if let (Some(period), true) = (&facts.own_period, facts.own_period_shut()) {
        let when = facts.locked_at.map(|at| format!(" on {}", said::instant(at))).unwrap_or_default();
        parts.push(format!("{} receivables were locked{when}", period.entity));
    }
    let first = if parts.is_empty() { facts.row.said.clone() } else { format!("{}.", parts.join("; ")) };
    let settled = facts.postings.last().is_some_and(|last| last.state == PostingState::Settled);
    let then = match (undone(facts), posting(facts)) {
        (None, None) => "It was never posted.".to_owned(),
        (None, Some(posting)) => posting,
        // What settled it was undone since: the ledger has the last word.
        (Some(undone), Some(posting)) if !settled => format!("{undone} {posting}"),
        (Some(undone), _) => undone,
    };
    format!("{first} {then}")
}

/// `JE1568 and reversed by JE1569` for each pair of entries that cancel out, in the ledger's order.
fn reversals(facts: &Facts<'_>) -> Option<String> {
    let name = |held: &StoredEntry| held.entry.number.as_ref().unwrap_or(&held.entry.erp_id).clone();
    let undoes = |one: &StoredEntry, other: &StoredEntry| {
        one.connection == other.connection && one.entry.reverses.as_ref() == Some(&other.entry.erp_id)
    };
    let mut left: Vec<&StoredEntry> = facts.undone.clone();
    left.sort_by_key(|held| held.entry.created_at);
    let mut pairs = Vec::new();
    while let Some(first) = left.first().copied() {
        left.remove(0);
        let linked = left.iter().position(|other| undoes(other, first) || undoes(first, other));
        // Without a link, entries that cancel out follow each other.
        let Some(at) = linked.or_else(|| (!left.is_empty()).then_some(0)) else {
            pairs.push(format!("{} and reversed", name(first)));
            break;
        };
        let other = left.remove(at);
        let (original, reversal) = if undoes(first, other) { (other, first) } else { (first, other) };
        pairs.push(format!("{} and reversed by {}", name(original), name(reversal)));
    }
    (!pairs.is_empty()).then(|| pairs.join(", then as "))
}

/// What became of it in the ledger, where what was booked was reversed.
fn undone(facts: &Facts<'_>) -> Option<String> {
    let pairs = reversals(facts).filter(|_| facts.held.is_empty())?;
    Some(format!("Booked as {pairs}."))
}

/// The same for the way of a document, in a few words.
pub(super) fn undone_briefly(facts: &Facts<'_>) -> Option<String> {
    undone(facts).and(reversals(facts)).map(|pairs| pairs.replace(" and reversed", ", reversed"))
}

/// What the last posting of it came to.
fn posting(facts: &Facts<'_>) -> Option<String> {
    let last = facts.postings.last()?;
    let refused = |what: &str| match &last.failure {
        Some(words) => format!("{what}: {}", words.trim_end_matches('.')),
        None => what.to_owned(),
    };
    let words = match last.state {
        PostingState::Proposed => "A posting is prepared and waits for approval".to_owned(),
        PostingState::Queued => "A posting is approved and waits to be sent".to_owned(),
        PostingState::Sending => "A posting is being sent".to_owned(),
        PostingState::InDoubt => "Whether its posting was booked is being looked up".to_owned(),
        PostingState::Booked => "The ERP booked its posting; the ledger's next sync will show it".to_owned(),
        PostingState::HandedOver => refused("Its posting was handed over in a journal file"),
        PostingState::Settled => "Its posting is settled: the ledger shows it".to_owned(),
        PostingState::Refused => refused("The ERP refused its posting"),
        PostingState::DeadLetter => refused("Its posting was tried as often as allowed"),
        PostingState::Rejected => "A person refused its last posting".to_owned(),
        PostingState::Cancelled => "Its last posting was withdrawn".to_owned(),
    };
    Some(format!("{words}."))
}
