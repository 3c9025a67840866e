//! What to do next with a step, decided from what is known and nothing else: no port is called here.

use chrono::{DateTime, Utc};
use tieout_connectors::Protocol;

use crate::{
    attempt::AttemptAction,
    limits::Limits,
    memo::{Doubt, Memo},
    sight::Sight,
};

/// The next move of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Entries of our key are booked, more than one only where there must not be: read them back, and take
    /// one for the step.
    Adopt { erp_ids: Vec<String> },
    /// An entry of our key was booked and voided there: the key is spent, a person decides.
    KeyVoided { erp_id: String },
    /// The doubt is over: nothing is booked and nothing sent earlier can book any more.
    EndDoubt,
    /// Too early to tell.
    LookAgain,
    /// The ERP holds the entry, and a person there has to approve it.
    AwaitApproval { erp_id: String },
    /// The ERP holds an entry of our key, not booked, that says something else than was approved, and its key
    /// is unique: a person decides.
    KeyHeld { erp_id: String },
    /// This draft of our key says something else than was approved: it is deleted before another is posted.
    DeleteDraft { erp_id: String },
    /// Send this.
    Send(Sending),
}

/// What is sent to book a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sending {
    /// Create and book in one call, under a key that the vendor keeps unique.
    CreateBooked,
    /// Create a draft.
    CreateDraft,
    /// Book the draft of this id.
    PostDraft(String),
}

impl Sending {
    pub(crate) fn action(&self) -> AttemptAction {
        match self {
            Sending::CreateBooked => AttemptAction::CreateBooked,
            Sending::CreateDraft => AttemptAction::CreateDraft,
            Sending::PostDraft(_) => AttemptAction::PostDraft,
        }
    }

    pub(crate) fn target(&self) -> Option<&str> {
        match self {
            Sending::PostDraft(erp_id) => Some(erp_id),
            Sending::CreateBooked | Sending::CreateDraft => None,
        }
    }
}

/// Decides, from a look-up that was made just now.
pub(crate) fn decide(
    protocol: Protocol,
    memo: &Memo,
    sight: &Sight,
    now: DateTime<Utc>,
    limits: &Limits,
) -> Move {
    if !sight.booked.is_empty() {
        return Move::Adopt { erp_ids: sight.booked.clone() };
    }
    if let Some(erp_id) = sight.void.first() {
        return Move::KeyVoided { erp_id: erp_id.clone() };
    }
    match &memo.doubt {
        Some(doubt) => in_doubt(protocol, doubt, sight, now, limits),
        None => without_doubt(protocol, memo, sight),
    }
}

fn in_doubt(protocol: Protocol, doubt: &Doubt, sight: &Sight, now: DateTime<Utc>, limits: &Limits) -> Move {
    match (protocol, doubt.action) {
        // The unapproved entry of a unique key is the answer to the question; so is a draft whose creation
        // was the question. A further draft that comes late books nothing and is swept later.
        (Protocol::UniqueKey, _) | (Protocol::DraftThenPost, AttemptAction::CreateDraft)
            if !sight.drafts.is_empty() =>
        {
            Move::EndDoubt
        }
        // A draft that is still a draft says nothing of a post that may still be under way.
        (
            Protocol::UniqueKey | Protocol::DraftThenPost,
            AttemptAction::EnsureCustomer
            | AttemptAction::CreateDraft
            | AttemptAction::PostDraft
            | AttemptAction::DeleteDraft
            | AttemptAction::CreateBooked,
        ) => match absence_is_proven(doubt, now, limits) {
            true => Move::EndDoubt,
            false => Move::LookAgain,
        },
    }
}

/// At least [`Limits::look_ups`] look-ups (this one included) answered that nothing is booked, and the last
/// unanswered send is older than [`Limits::settling`]. A vendor with unique keys would refuse a second
/// entry in any case, and a draft that comes late books nothing; so this rule guards the statement "it is
/// not in the ledger", and being wrong about it by a later commit still books nothing twice.
pub(crate) fn absence_is_proven(doubt: &Doubt, now: DateTime<Utc>, limits: &Limits) -> bool {
    let settled = chrono::Duration::from_std(limits.settling).unwrap_or(chrono::Duration::MAX);
    doubt.look_ups.saturating_add(1) >= limits.look_ups && now - doubt.since >= settled
}

fn without_doubt(protocol: Protocol, memo: &Memo, sight: &Sight) -> Move {
    if let Some(erp_id) = sight.others.first().cloned() {
        return match protocol {
            Protocol::UniqueKey => Move::KeyHeld { erp_id },
            Protocol::DraftThenPost => Move::DeleteDraft { erp_id },
        };
    }
    match (protocol, sight.drafts.first()) {
        (Protocol::UniqueKey, None) => Move::Send(Sending::CreateBooked),
        (Protocol::UniqueKey, Some(erp_id)) => Move::AwaitApproval { erp_id: erp_id.clone() },
        (Protocol::DraftThenPost, None) => Move::Send(Sending::CreateDraft),
        (Protocol::DraftThenPost, Some(lowest)) => {
            let chosen = memo.chosen_draft.as_ref().filter(|chosen| sight.drafts.contains(chosen));
            Move::Send(Sending::PostDraft(chosen.unwrap_or(lowest).clone()))
        }
    }
}
