//! Matches of entries and documents that people confirm, reject and undo; and what could be matched.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use tieout_domain::{AccountCode, DocumentId, EntryId, MatchId, PersonId};
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Tx},
    error::{Result, StoreError},
    suggest::{
        self, Learned, MatchFacts, PayoutContent, SuggestQuery, Suggestion, UnmatchedQuery, UnmatchedWindow,
    },
    table::{
        batch::{self, BatchDocument},
        log,
        matching::{self, MatchState, NewMatch, StoredMatch},
    },
};

impl Db {
    /// Entries and documents that nothing ties, beside each other.
    ///
    /// # Errors
    /// A database error.
    pub fn unmatched(&self, query: &UnmatchedQuery) -> Result<UnmatchedWindow> {
        suggest::window(self, query)
    }

    /// What could belong together, the best first. As of the last detection.
    ///
    /// # Errors
    /// A database error.
    pub fn suggestions(&self, query: &SuggestQuery) -> Result<Vec<Suggestion>> {
        suggest::suggestions(self, query)
    }

    /// What these entries and documents come to as one match.
    ///
    /// # Errors
    /// `match_unfit`.
    pub fn match_facts(&self, entries: &[EntryId], documents: &[DocumentId]) -> Result<MatchFacts> {
        suggest::facts(self, entries, documents, true)
    }

    /// What a match that waits for a second person comes to now.
    ///
    /// # Errors
    /// `match_unfit` where it is not any more what the first person confirmed.
    pub fn match_facts_of(&self, stored: &StoredMatch) -> Result<MatchFacts> {
        let facts = suggest::facts(self, &stored.entries, &stored.documents, false)?;
        match facts.id == stored.id {
            true => Ok(facts),
            false => Err(StoreError::MatchUnfit {
                words: "something of it has changed since it was confirmed first: reject it, and look again"
                    .to_owned(),
            }),
        }
    }

    /// The entries that people name, by id or number, of those that nothing ties.
    ///
    /// # Errors
    /// `match_unfit`.
    pub fn unmatched_entries_named(&self, names: &[String]) -> Result<Vec<EntryId>> {
        suggest::entries_named(self, names)
    }

    /// The documents that people name, by id or reference, of those that nothing ties.
    ///
    /// # Errors
    /// `match_unfit`.
    pub fn unmatched_documents_named(&self, names: &[String]) -> Result<Vec<DocumentId>> {
        suggest::documents_named(self, names)
    }

    /// The match of this id, where people decided on it.
    ///
    /// # Errors
    /// A database error.
    pub fn matching(&self, id: &MatchId) -> Result<Option<StoredMatch>> {
        matching::find(self, id)
    }

    /// The match that counts of this document, or that has this name.
    ///
    /// # Errors
    /// A database error.
    pub fn match_counting(&self, document: Option<&DocumentId>, name: &str) -> Result<Option<StoredMatch>> {
        matching::counting(self, document, name)
    }

    /// The entries and documents that a batch of this name ties; none where there is no such batch.
    ///
    /// # Errors
    /// A database error.
    pub fn batch_members(&self, name: &str) -> Result<(Vec<EntryId>, Vec<DocumentId>)> {
        batch::members(self, name)
    }

    /// The documents of the batch of this name, each with what it is expected at; none where there is none.
    ///
    /// # Errors
    /// A database error.
    pub fn batch_documents(&self, name: &str) -> Result<Vec<BatchDocument>> {
        batch::documents(self, name)
    }

    /// What the entries of the batch of this name book more than its documents expect, by account; minor
    /// units, debit positive. As of the last detection.
    ///
    /// # Errors
    /// A database error.
    pub fn batch_difference(&self, name: &str) -> Result<BTreeMap<AccountCode, i64>> {
        batch::difference(self, name)
    }

    /// What the matches that people confirmed have in common, three of a kind or more.
    ///
    /// # Errors
    /// A database error.
    pub fn learned_patterns(&self) -> Result<Vec<Learned>> {
        suggest::learned(self)
    }

    /// The movements that a payout pays out, as far as their sum proves them; none of any other document.
    ///
    /// # Errors
    /// A database error.
    pub fn payout_content(&self, document: &DocumentId) -> Result<Option<PayoutContent>> {
        suggest::payout_content(self, document)
    }

    /// The matches in these states, the last changed first.
    ///
    /// # Errors
    /// A database error.
    pub fn matchings(&self, states: &[MatchState], limit: u32) -> Result<Vec<StoredMatch>> {
        matching::list(self, states, limit)
    }

    /// A match of the document that came to count, or ceased to, after this instant: its name, what became of
    /// it, and when.
    ///
    /// # Errors
    /// A database error.
    pub fn match_changed_since(
        &self,
        document: &DocumentId,
        since: DateTime<Utc>,
    ) -> Result<Option<(String, MatchState, DateTime<Utc>)>> {
        matching::changed_since(self, document, since)
    }
}

impl Tx<'_> {
    /// Confirms a match: the first of two where two must, else for good. Its entries and documents are
    /// compared again by the next detection.
    ///
    /// # Errors
    /// `match_unfit` where it is not any more what was looked at, `decided_meanwhile`, `log_bad_signature`.
    pub fn confirm_match(&self, new: &NewMatch, person: &PersonId, log: &LogDraft<'_>) -> Result<MatchState> {
        self.whole(|tx| {
            let known = matching::find(tx, &new.id)?;
            let by = (person, log.at);
            let (state, first, second) = match &known {
                Some(known) if known.state == MatchState::Confirmed => {
                    return Err(StoreError::DecidedMeanwhile { id: new.id.to_string() });
                }
                Some(known) if known.state == MatchState::Proposed => {
                    let first = known.first.as_ref().map(|(by, at)| (by, *at));
                    (MatchState::Confirmed, first, Some(by))
                }
                _ if new.needs_two => (MatchState::Proposed, Some(by), None),
                _ => (MatchState::Confirmed, Some(by), None),
            };
            // Before its entry, so that what the person signs seals the rows too.
            matching::put(tx, new, state, (first, second), by)?;
            log::append_with(tx, log, &[("state", json!(state.as_str()))])?;
            Ok(state)
        })
    }

    /// Notes that entries and documents do not belong together, or that a match which counted does not any
    /// more.
    ///
    /// # Errors
    /// `decided_meanwhile`, `log_bad_signature`.
    pub fn refuse_match(
        &self,
        new: &NewMatch,
        state: MatchState,
        person: &PersonId,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            let by = (person, log.at);
            match matching::find(tx, &new.id)? {
                Some(_) => matching::set_state(tx, &new.id, (state, &new.reason), by)?,
                None => matching::put(tx, new, state, (None, None), by)?,
            }
            log::append_with(tx, log, &[("state", json!(state.as_str()))]).map(|_| ())
        })
    }
}
