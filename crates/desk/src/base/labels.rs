//! What kinds, queues and root causes are called in a list. Nobody parses a meaning out of these.

use std::collections::BTreeMap;

use tieout_domain::{
    ConnectionId, Currency, Money,
    calendar::{PeriodStatus, Subledger},
    exception::{ExceptionKind, ExceptionState, Gravity, Queue},
    posting::PostingState,
};
use tieout_store::{Glance, Group, ListedException};

use crate::base::wording;

/// A queue's name.
#[must_use]
pub fn queue_name(queue: Queue) -> &'static str {
    match queue {
        Queue::Unposted => "Unposted",
        Queue::FailedSyncs => "Failed syncs",
        Queue::PeriodClose => "Period close",
        Queue::Mismatch => "Mismatches",
        Queue::MasterData => "Master data",
    }
}

/// What a queue lists, in a sentence.
#[must_use]
pub fn queue_about(queue: Queue) -> &'static str {
    match queue {
        Queue::Unposted => "Documents past their time that the ledger does not show.",
        Queue::FailedSyncs => "Postings that were refused or are in doubt, and syncs that failed.",
        Queue::PeriodClose => {
            "What keeps a period from being closed. Unposted documents of a closed or locked period are \
             listed here too."
        }
        Queue::Mismatch => "Documents that the ledger shows otherwise than billing does.",
        Queue::MasterData => "Accounts that are not mapped, and customers that are missing or there twice.",
    }
}

/// What stands in the way of settling an exception, in two or three words, and how bad that is.
#[must_use]
pub fn in_the_way(one: &ListedException) -> (String, Gravity) {
    let (words, gravity) = match one.row.state {
        ExceptionState::Closed => ("Settled", Gravity::Routine),
        ExceptionState::Dismissed => ("Dismissed", Gravity::Routine),
        ExceptionState::OnHold => ("On hold", Gravity::Doubtful),
        ExceptionState::Open | ExceptionState::InProgress => {
            let behind = match &one.posting {
                Some(posting) => posting.behind.as_ref().filter(|_| posting.state == PostingState::Queued),
                None => one.behind.as_ref().filter(|_| is_not_posted(one.row.kind)),
            };
            if let Some(reference) = behind {
                return (format!("Behind {reference}"), Gravity::Routine);
            }
            one.posting.as_ref().map_or_else(|| without_posting(one), with_posting)
        }
    };
    (words.to_owned(), gravity)
}

fn with_posting(posting: &Glance) -> (&'static str, Gravity) {
    match posting.state {
        PostingState::Proposed => ("Waiting for approval", Gravity::Doubtful),
        PostingState::Queued => ("Waiting to be sent", Gravity::Routine),
        PostingState::Sending => ("Being sent", Gravity::Routine),
        PostingState::InDoubt => ("In doubt", Gravity::Doubtful),
        PostingState::Booked | PostingState::Settled => ("Waiting for sync", Gravity::Routine),
        PostingState::HandedOver => ("Handed over", Gravity::Routine),
        PostingState::Refused => ("Refused by ERP", Gravity::Blocked),
        PostingState::DeadLetter => ("Tries used up", Gravity::Blocked),
        PostingState::Rejected => ("Rejected", Gravity::Blocked),
        PostingState::Cancelled => ("Withdrawn", Gravity::Routine),
    }
}

fn is_not_posted(kind: ExceptionKind) -> bool {
    matches!(kind, ExceptionKind::Unposted | ExceptionKind::LateForClosedPeriod)
}

fn without_posting(one: &ListedException) -> (&'static str, Gravity) {
    if is_not_posted(one.row.kind) { not_posted(one) } else { one.row.kind.in_the_way() }
}

fn not_posted(one: &ListedException) -> (&'static str, Gravity) {
    let late = one.row.period_blocked || one.row.kind == ExceptionKind::LateForClosedPeriod;
    match one.period_status {
        Some(PeriodStatus::Closed) => ("Period closed", Gravity::Blocked),
        Some(PeriodStatus::Locked { gl: true, .. }) => ("GL locked", Gravity::Blocked),
        Some(status @ PeriodStatus::Locked { .. }) if !status.accepts(Subledger::Ar) => {
            ("AR locked", Gravity::Blocked)
        }
        Some(PeriodStatus::SoftClosed) => ("Soft-closed", Gravity::Doubtful),
        _ if late => ("Period closed", Gravity::Blocked),
        _ => ("Propose posting", Gravity::Routine),
    }
}

/// What the exceptions of a root cause have in common. `connections` are the names by id: a root cause names
/// a connection by its id, which says nothing to people.
#[must_use]
pub fn cause_label(group: &Group, connections: &BTreeMap<String, String>) -> String {
    let cause = group.key.split_once(':').map_or("", |(_, cause)| cause);
    let Some(kind) = group.kind else { return group.key.clone() };
    match kind {
        // Its sentence ends with the gap, which is the same for all; the fingerprint is for machines.
        ExceptionKind::MissingMapping => {
            let gap = group.why.as_deref().and_then(|why| why.split_once(": ")).map_or(cause, |(_, gap)| gap);
            capital(gap.trim_end_matches('.'))
        }
        _ => {
            let parts = cause.split(':').filter(|part| !part.is_empty() && *part != "-");
            let said = |part: &str| match connections.get(part) {
                Some(name) => name.clone(),
                None if part.parse::<ConnectionId>().is_ok() => "a connection that was removed".to_owned(),
                None => wording::period(part).replace('>', " → ").replace('_', " "),
            };
            let parts: Vec<String> = parts.map(said).collect();
            match parts.is_empty() {
                true => kind.label().to_owned(),
                false => format!("{} · {}", kind.label(), parts.join(" · ")),
            }
        }
    }
}

/// What a rule of the policy covers, without what it asks for: `unposted, every entity, up to 1000.00 USD`.
pub(crate) fn rule_covers(rule: &str) -> String {
    let covers = |rule: &str| rule.split(": approvals ").next().unwrap_or(rule).to_owned();
    rule.split("; ").map(covers).collect::<Vec<_>>().join("; ")
}

/// A clause as it begins a sentence.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The decimal text of minor units of a currency named by its code; the bare number where the code is not
/// a currency (a connection's exception has none).
#[must_use]
pub fn decimal_text(minor: i64, currency: &str) -> String {
    Currency::new(currency)
        .map_or_else(|_| minor.to_string(), |currency| Money::new(minor, currency).to_decimal().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(key: &str, kind: ExceptionKind, why: &str) -> Group {
        Group {
            key: key.into(),
            kind: Some(kind),
            owner: None,
            count: 1,
            sums: Vec::new(),
            due_at: None,
            why: Some(why.into()),
        }
    }

    #[test]
    fn a_root_cause_is_named_by_what_all_of_it_share() {
        let why = "Invoice A of 1.00 GBP cannot be posted: no revenue account for product “Scale add-on”.";
        let gap = group("missing_mapping:revenue:scale", ExceptionKind::MissingMapping, why);
        let connections = BTreeMap::from([("con_4imz".to_owned(), "netsuite".to_owned())]);
        let cause_label = |group: &Group| super::cause_label(group, &connections);
        assert_eq!(cause_label(&gap), "No revenue account for product “Scale add-on”");
        let of = |key: &str, kind| cause_label(&group(key, kind, "w"));
        assert_eq!(of("unposted:GB01:2026-03", ExceptionKind::Unposted), "Not posted · GB01 · March 2026");
        assert_eq!(of("wrong_entity:GB01>EU01", ExceptionKind::WrongEntity), "Wrong entity · GB01 → EU01");
        let refused = of("posting_rejected:con_4imz:period_closed", ExceptionKind::PostingRejected);
        assert_eq!(refused, "Refused by the ERP · netsuite · period closed");
        assert_eq!(of("unposted:-", ExceptionKind::Unposted), "Not posted");
    }
}
