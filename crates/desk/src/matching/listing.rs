//! What nothing ties, both sides beside each other; what could belong together; and what people decided.

use std::collections::BTreeSet;

use serde::Deserialize;
use tieout_domain::{Currency, DocumentId, EntityCode, MatchId, Money, PersonId, people::Action};
use tieout_duties::{MatchFacts as JudgedMatch, Subject};
use tieout_store::{MatchFacts, MatchRule, MatchState, StoredMatch, SuggestQuery, UnmatchedQuery};

use crate::{
    access::{
        action::ActionView,
        actor::{self, Names},
        judging,
    },
    base::{context::Context, error::DeskResult, labels::decimal_text, wording},
    matching::{
        limits::Limits,
        members::{self, Members},
        payout,
        views::{MatchListView, MatchView, document_view, entry_view},
    },
};

/// Which of what nothing ties.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(default)]
pub struct MatchListRequest {
    /// Of this entity.
    pub entity: Option<String>,
    /// In this currency.
    pub currency: Option<String>,
    /// Whose number, reference, text or customer contains this.
    pub search: Option<String>,
    /// The first one's place in each list.
    pub start: u32,
    /// At most so many of each list.
    pub limit: Option<u32>,
}

/// So many are listed where nothing is said.
const LISTED: u32 = 200;
/// So many suggestions at most: who has more wants a rule.
const SUGGESTED: usize = 200;
/// So many decided matches are shown.
const DECIDED: u32 = 50;

/// Lists what nothing ties, suggestions, and what people decided.
///
/// # Errors
/// `bad_currency`, a database error.
pub fn match_list(ctx: &Context, request: &MatchListRequest) -> DeskResult<MatchListView> {
    let ctx = &ctx.asking();
    let currency: Option<Currency> = request.currency.as_deref().map(str::parse).transpose()?;
    let query = UnmatchedQuery {
        entity: request.entity.clone(),
        currency,
        search: request.search.clone(),
        start: u64::from(request.start),
        limit: request.limit.unwrap_or(LISTED),
    };
    let names = actor::names(ctx)?;
    let window = ctx.store().unmatched(&query)?;
    let mut suggestions = kept(ctx, &names, &[MatchState::Proposed])?;
    suggestions.extend(suggested(ctx, request, currency)?);
    let decided = [MatchState::Confirmed, MatchState::Rejected, MatchState::Undone];
    Ok(MatchListView {
        entries_total: window.entries_total,
        entries: window.entries.iter().map(entry_view).collect(),
        documents_total: window.documents_total,
        documents: window.documents.iter().map(document_view).collect(),
        suggestions,
        decided: kept(ctx, &names, &decided)?,
    })
}

/// Entries and documents that a person thinks of as one.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct MatchLookRequest {
    /// Entries, by their ids or numbers in the ERP.
    pub entries: Vec<String>,
    /// Documents, by their ids or references.
    pub documents: Vec<String>,
}

/// Shows what entries and documents of one's choice come to as one match: nothing is stored.
///
/// # Errors
/// `match_unfit`.
pub fn match_look(ctx: &Context, request: &MatchLookRequest) -> DeskResult<MatchView> {
    let ctx = &ctx.asking();
    let facts = chosen(ctx, &request.entries, &request.documents)?;
    let actions = judged(ctx, &subject_of_facts(&facts), None, facts.id.as_str());
    Ok(MatchView {
        state: "suggested".to_owned(),
        rule: MatchRule::Hand.as_str().to_owned(),
        second: Limits::in_force(ctx)?.second(&facts),
        actions,
        ..of_facts(&facts)
    })
}

/// What a person chose, as one match.
pub(crate) fn chosen(ctx: &Context, entries: &[String], documents: &[String]) -> DeskResult<MatchFacts> {
    let entries = ctx.store().unmatched_entries_named(entries)?;
    let documents = ctx.store().unmatched_documents_named(documents)?;
    Ok(ctx.store().match_facts(&entries, &documents)?)
}

/// What the desk looks for now.
pub(crate) fn query(limits: &Limits) -> SuggestQuery {
    limits.query(SUGGESTED)
}

fn suggested(
    ctx: &Context,
    request: &MatchListRequest,
    currency: Option<Currency>,
) -> DeskResult<Vec<MatchView>> {
    let limits = Limits::in_force(ctx)?;
    let asked = SuggestQuery { entity: request.entity.clone(), currency, ..query(&limits) };
    let found = ctx.store().suggestions(&asked)?;
    let wanted = request.search.as_deref().unwrap_or_default().trim().to_lowercase();
    let views = found.into_iter().map(|one| {
        let subject = subject_of_facts(&one.facts);
        let actions = judged(ctx, &subject, None, one.facts.id.as_str());
        MatchView {
            state: "suggested".to_owned(),
            rule: one.rule.as_str().to_owned(),
            points: one.points,
            reasons: one.reasons,
            second: limits.second(&one.facts),
            actions,
            ..of_facts(&one.facts)
        }
    });
    Ok(views.filter(|view| wanted.is_empty() || says(view, &wanted)).collect())
}

/// True where a match contains a text in what people read of it.
fn says(view: &MatchView, wanted: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(wanted);
    let any = |text: &Option<String>| text.as_deref().is_some_and(has);
    view.entries.iter().any(|e| has(&e.number) || any(&e.memo) || any(&e.reference) || any(&e.counterpart))
        || view.documents.iter().any(|d| has(&d.reference) || any(&d.customer))
}

/// A match as its sets are, of which nobody has decided anything.
fn of_facts(facts: &MatchFacts) -> MatchView {
    let currency = facts.currency.code();
    let text = |minor: i64| decimal_text(minor, currency);
    MatchView {
        id: facts.id.to_string(),
        state: String::new(),
        rule: String::new(),
        points: 0,
        reasons: Vec::new(),
        reason: String::new(),
        entity: facts.entity.clone(),
        currency: currency.to_owned(),
        account: facts.account.clone(),
        entries: facts.entries.iter().map(entry_view).collect(),
        documents: facts.documents.iter().map(document_view).collect(),
        documents_sum: text(facts.documents_minor),
        entries_sum: text(facts.entries_minor),
        difference: text(facts.entries_minor.saturating_sub(facts.documents_minor)),
        second: None,
        confirmed_by: Vec::new(),
        changed_by: None,
        changed_at: None,
        actions: Vec::new(),
    }
}

/// What people decided on, as it is kept.
fn kept(ctx: &Context, names: &Names, states: &[MatchState]) -> DeskResult<Vec<MatchView>> {
    let stored = ctx.store().matchings(states, DECIDED)?;
    stored.iter().map(|one| stored_view(ctx, names, one)).collect()
}

/// A kept match as it is shown: its members as they are now.
pub(crate) fn stored_view(ctx: &Context, names: &Names, stored: &StoredMatch) -> DeskResult<MatchView> {
    let currency = stored.currency.code();
    let Members { entries, documents, account, entries_minor, documents_minor } = members::of(ctx, stored)?;
    let confirmed = stored.first.iter().chain(&stored.second);
    let by = |person: &PersonId| names.actor(person.as_str());
    Ok(MatchView {
        id: stored.id.to_string(),
        state: stored.state.as_str().to_owned(),
        rule: stored.rule.as_str().to_owned(),
        points: 0,
        reasons: stored.why.split("; ").filter(|why| !why.is_empty()).map(str::to_owned).collect(),
        reason: stored.reason.clone(),
        entity: stored.entity.clone(),
        currency: currency.to_owned(),
        account,
        entries,
        documents,
        documents_sum: wording::wide_text(documents_minor, stored.currency),
        entries_sum: wording::wide_text(entries_minor, stored.currency),
        difference: wording::wide_text(entries_minor - documents_minor, stored.currency),
        second: (stored.state == MatchState::Proposed)
            .then(|| "another person must confirm it too".to_owned()),
        confirmed_by: confirmed.map(|(person, _)| by(person)).collect(),
        changed_by: Some(by(&stored.changed_by)),
        changed_at: Some(stored.changed_at),
        actions: judged(ctx, &subject_of(stored), Some(stored.state), stored.id.as_str()),
    })
}

/// What ties the two sides of an exception together where several documents or entries do: what a payout pays
/// out, a match that people confirmed, or a batch of the mapping.
///
/// # Errors
/// A database error, `money_overflow`.
pub(crate) fn tie_of(
    ctx: &Context,
    document: Option<&DocumentId>,
    name: &str,
) -> DeskResult<Option<MatchView>> {
    if let Some(tied) = document.map(|id| payout::tie(ctx, id)).transpose()?.flatten() {
        return Ok(Some(tied));
    }
    if let Some(stored) = ctx.store().match_counting(document, name)? {
        return Ok(Some(stored_view(ctx, &actor::names(ctx)?, &stored)?));
    }
    let (entries, documents) = ctx.store().batch_members(name)?;
    let first = documents.first().map(|id| ctx.known().expectation(id)).transpose()?.flatten();
    let Some(expected) = first.map(|stored| stored.expected).filter(|_| !entries.is_empty()) else {
        return Ok(None);
    };
    let stored = StoredMatch {
        id: MatchId::derive(&[name]),
        name: name.to_owned(),
        state: MatchState::Confirmed,
        rule: MatchRule::Day,
        entity: expected.entity.as_ref().map(ToString::to_string).unwrap_or_default(),
        currency: expected.currency,
        documents_minor: 0,
        entries_minor: 0,
        needs_two: false,
        why: format!("a batch of the mapping: {name}"),
        reason: String::new(),
        first: None,
        second: None,
        changed_by: PersonId::derive(&[name]),
        changed_at: ctx.clock.now(),
        entries,
        documents,
    };
    let view = stored_view(ctx, &actor::names(ctx)?, &stored)?;
    Ok(Some(MatchView { changed_by: None, changed_at: None, actions: Vec::new(), ..view }))
}

/// A kept match as duties see it.
pub(crate) fn subject_of(stored: &StoredMatch) -> Subject {
    Subject::Match(JudgedMatch {
        id: stored.id.clone(),
        entity: stored.entity.parse::<EntityCode>().ok(),
        amount: Money::new(stored.documents_minor, stored.currency),
        confirmed_by: match stored.state {
            MatchState::Proposed => stored.first.iter().map(|(person, _)| person.clone()).collect(),
            MatchState::Confirmed | MatchState::Rejected | MatchState::Undone => BTreeSet::new(),
        },
    })
}

/// Entries and documents of which nobody has decided anything, as duties see them.
pub(crate) fn subject_of_facts(facts: &MatchFacts) -> Subject {
    Subject::Match(JudgedMatch {
        id: facts.id.clone(),
        entity: facts.entity.parse::<EntityCode>().ok(),
        amount: Money::new(facts.documents_minor, facts.currency),
        confirmed_by: BTreeSet::new(),
    })
}

/// What the acting person may do with a match in this state.
fn judged(ctx: &Context, subject: &Subject, state: Option<MatchState>, about: &str) -> Vec<ActionView> {
    let possible: &[Action] = match state {
        None | Some(MatchState::Proposed) => &[Action::ConfirmMatch, Action::RejectMatch],
        Some(MatchState::Confirmed | MatchState::Rejected) => &[Action::UndoMatch],
        Some(MatchState::Undone) => &[],
    };
    possible.iter().map(|action| judging::may(ctx, *action, subject.clone(), about)).collect()
}
