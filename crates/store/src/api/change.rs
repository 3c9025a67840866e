//! Governed changes: mappings, policies, column maps, expectations.

use chrono::{DateTime, Utc};
use serde_json::json;
use tieout_domain::{
    ChangeId, PersonId,
    explanation::{ExplainedItem, Explanation},
    lock::SoftClose,
};
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Supposing, Tx},
    error::{Result, StoreError},
    table::{
        apart::{self, ExplainedEntry},
        change::{self, Change, ChangeFilter, ChangeKind, ChangeState, NewChange},
        decision, log, period,
    },
};

/// What an approval of a change is called, be it the last or not.
const APPROVE: &str = "approve_change";

impl Db {
    /// The change of this kind and name that is in force.
    ///
    /// # Errors
    /// A database error.
    pub fn change_in_force_named(&self, kind: ChangeKind, name: &str) -> Result<Option<Change>> {
        change::in_force_named(self, kind, name)
    }

    /// The change of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn change(&self, id: &ChangeId) -> Result<Change> {
        change::find(self, id)
    }

    /// The changes that the filter asks for, newest first.
    ///
    /// # Errors
    /// A database error.
    pub fn changes(&self, filter: &ChangeFilter) -> Result<Vec<Change>> {
        change::list(self, filter)
    }

    /// Who approved a change that needs another approval, in order.
    ///
    /// # Errors
    /// A database error.
    pub fn change_approvals(&self, id: &ChangeId) -> Result<Vec<PersonId>> {
        change::approvals(self, id)
    }
}

impl Tx<'_> {
    /// Brings a change in: inert, or at once in force.
    ///
    /// # Errors
    /// `already_exists`.
    pub fn propose_change(&self, new: &NewChange, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            if new.at_once {
                change::supersede(tx, new.kind, &new.name)?;
            }
            let state = if new.at_once { ChangeState::InForce } else { ChangeState::Inert };
            change::insert(tx, new, state)?;
            if new.at_once {
                lock(tx, new.kind, &new.content, log.at)?;
            }
            log::append_with(tx, log, &[("content_hash", json!(new.hash)), ("state", json!(state.as_str()))])
                .map(|_| ())
        })
    }

    /// Puts the change of this kind and name out of force, without another in its place. Answers whether one
    /// was in force; nothing is logged where none was.
    ///
    /// # Errors
    /// `log_bad_signature`.
    pub fn retire_change(&self, kind: ChangeKind, name: &str, log: &LogDraft<'_>) -> Result<bool> {
        self.whole(|tx| {
            let Some(retired) = change::in_force_named(tx, kind, name)? else { return Ok(false) };
            change::supersede(tx, kind, name)?;
            if kind == ChangeKind::Explanation {
                apart::let_go(tx, &retired.id)?;
            }
            log::append(tx, log).map(|_| true)
        })
    }

    /// Records an approval of a change that needs another one: a decision like the last, but the change stays
    /// inert. `content_hash` is that of the text which the person saw.
    ///
    /// # Errors
    /// `not_found`, `content_changed`, `decided_meanwhile` when it is no longer inert,
    /// `log_bad_signature`.
    pub fn approve_change_in_part(
        &self,
        id: &ChangeId,
        person: &PersonId,
        content_hash: &str,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            undecided(tx, id, content_hash)?;
            // Before its entry, so that what the person signs seals the row too.
            change::approve_in_part(tx, id, (person, log.at), log::next_number(tx)?)?;
            let subject = decision::Subject::Change(id);
            decision::record(tx, &subject, (person, None), (APPROVE, content_hash), log).map(|_| ())
        })
    }

    /// Puts an inert change in force, or rejects it. `content_hash` is that of the text which the person
    /// saw. One of the same kind and name that was in force is superseded; after a mapping, every
    /// expectation is to be derived again.
    ///
    /// # Errors
    /// `not_found`, `content_changed`, `decided_meanwhile` when it is no longer inert,
    /// `log_bad_signature`.
    pub fn decide_change(
        &self,
        id: &ChangeId,
        approve: bool,
        person: &PersonId,
        content_hash: &str,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            let change = undecided(tx, id, content_hash)?;
            if approve {
                let before = change::in_force_named(tx, change.kind, &change.name)?;
                change::supersede(tx, change.kind, &change.name)?;
                if let Some(before) = before.filter(|_| change.kind == ChangeKind::Explanation) {
                    apart::let_go(tx, &before.id)?;
                }
            }
            let state = if approve { ChangeState::InForce } else { ChangeState::Rejected };
            change::decide(tx, id, state, (person, log.at))?;
            if approve && change.kind == ChangeKind::Explanation {
                explain(tx, &change)?;
            }
            if approve {
                lock(tx, change.kind, &change.content, log.at)?;
            }
            let action = if approve { APPROVE } else { "reject_change" };
            let subject = decision::Subject::Change(id);
            decision::record(tx, &subject, (person, None), (action, content_hash), log).map(|_| ())
        })
    }
}

impl Supposing<'_> {
    /// Has a change hold from here on, in the place of the one of its kind and name.
    ///
    /// # Errors
    /// `already_exists`.
    pub fn change(&self, new: &NewChange) -> Result<()> {
        self.whole(|tx| {
            change::supersede(tx, new.kind, &new.name)?;
            change::insert(tx, new, ChangeState::InForce)
        })
    }
}

/// The change as the person saw it, on which nobody has decided yet.
fn undecided(tx: &Tx<'_>, id: &ChangeId, content_hash: &str) -> Result<Change> {
    let change = change::find(tx, id)?;
    if change.hash != content_hash {
        return Err(StoreError::ContentChanged { id: id.to_string() });
    }
    if change.state != ChangeState::Inert {
        return Err(StoreError::DecidedMeanwhile { id: id.to_string() });
    }
    Ok(change)
}

/// Closes a period softly, or lifts that: of the two that which came last is in force.
fn lock(tx: &Tx<'_>, kind: ChangeKind, content: &str, at: DateTime<Utc>) -> Result<()> {
    let (closes, other) = match kind {
        ChangeKind::SoftClose => (true, ChangeKind::SoftCloseLift),
        ChangeKind::SoftCloseLift => (false, ChangeKind::SoftClose),
        _ => return Ok(()),
    };
    let said = SoftClose::parse(content);
    let place =
        said.ok_or_else(|| StoreError::Corrupt(format!("a {} that says nothing", kind.as_str())))?.place;
    change::supersede(tx, other, &place.to_string())?;
    match period::set_soft_close(tx, (&place.entity, &place.period), closes, at)? {
        true => Ok(()),
        false => Err(StoreError::unknown("period", &place)),
    }
}

/// Ties a note that has come in force to its entries as they are now.
fn explain(tx: &Tx<'_>, change: &Change) -> Result<()> {
    let said = Explanation::parse(&change.content)
        .ok_or_else(|| StoreError::Corrupt(format!("{} is no explanation", change.id)))?;
    let entry = |item: ExplainedItem| ExplainedEntry { entry: item.entry, category: said.category.clone() };
    let entries: Vec<ExplainedEntry> = said.items.clone().into_iter().map(entry).collect();
    apart::explain(tx, &change.id, &entries)
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
