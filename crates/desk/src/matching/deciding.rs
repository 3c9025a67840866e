//! Confirming, rejecting and undoing matches: each signed by the acting person over what exactly it is.

use serde::Deserialize;
use serde_json::json;
use tieout_domain::{DocumentId, EntryId, MatchId, people::Action};
use tieout_store::{MatchFacts, MatchRule, MatchState, NewMatch, StoredMatch};

use crate::{
    access::actor::{self, Actor},
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        views::Outcome,
    },
    intake::detection,
    matching::{limits::Limits, listing},
    queue::outcome::{self, Done},
};

/// Matches to be confirmed.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct MatchConfirmRequest {
    /// Suggestions, or matches that wait for a second person, by their ids.
    pub ids: Vec<String>,
    /// Or entries that a person chose, by their ids or numbers in the ERP.
    pub entries: Vec<String>,
    /// And the documents that they book, by their ids or references.
    pub documents: Vec<String>,
    /// Why; needed for what a person chose.
    pub reason: String,
}

/// Matches to be rejected or undone.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct MatchRefuseRequest {
    /// By their ids.
    pub ids: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Entries and documents, and why they are thought to be one.
struct Found {
    rule: MatchRule,
    why: String,
    facts: MatchFacts,
}

/// Confirms matches, each with its own outcome. One over several customers, or whose sides are not the same,
/// counts once another person has confirmed it too.
///
/// # Errors
/// Where the acting person cannot be established; what is refused is in the outcomes.
pub fn match_confirm(ctx: &Context, request: &MatchConfirmRequest) -> DeskResult<Vec<Outcome>> {
    let by_hand = !request.entries.is_empty() || !request.documents.is_empty();
    if !by_hand && request.ids.is_empty() {
        return Err(DeskError::new(
            Code::BadRequest,
            "say which: the id of a suggestion, or entries and documents (tieout match list)",
        ));
    }
    let actor = actor::actor(ctx)?;
    let mut outcomes = Vec::new();
    for id in &request.ids {
        let done = found(ctx, id).and_then(|found| confirm(ctx, &actor, found, &request.reason));
        outcomes.push(outcome::outcome(ctx, id, done));
    }
    if by_hand {
        let done = chosen(ctx, request).and_then(|found| confirm(ctx, &actor, found, &request.reason));
        let id = request.documents.join(", ");
        outcomes.push(outcome::outcome(ctx, &id, done));
    }
    detection::refresh(ctx)?;
    Ok(outcomes)
}

/// Says that suggestions do not belong together: they are not made again while nothing of them changes.
///
/// # Errors
/// As [`match_confirm`]; `reason_missing`.
pub fn match_reject(ctx: &Context, request: &MatchRefuseRequest) -> DeskResult<Vec<Outcome>> {
    refuse(ctx, request, |ctx, actor, id, reason| {
        let (subject, new) = match stored(ctx, id)? {
            Some(stored) if stored.state == MatchState::Proposed => {
                (listing::subject_of(&stored), again(&stored))
            }
            Some(stored) if stored.state != MatchState::Undone => return Err(decided(&stored)),
            _ => {
                let found = found(ctx, id)?;
                let second = Limits::in_force(ctx)?.second(&found.facts);
                (listing::subject_of_facts(&found.facts), new(found, second.is_some()))
            }
        };
        actor::judge(ctx, actor, Action::RejectMatch, subject, new.id.as_str())?;
        write(
            ctx,
            actor,
            ("match_rejected", MatchState::Rejected),
            NewMatch { reason: reason.to_owned(), ..new },
        )?;
        Ok(Done::plainly("rejected", "Rejected: it is not suggested again"))
    })
}

/// Takes matches back that counted, or lets what was rejected be suggested again. Their exceptions come back.
///
/// # Errors
/// As [`match_reject`].
pub fn match_undo(ctx: &Context, request: &MatchRefuseRequest) -> DeskResult<Vec<Outcome>> {
    refuse(ctx, request, |ctx, actor, id, reason| {
        let stored = stored(ctx, id)?.ok_or_else(|| unknown(id))?;
        if !matches!(stored.state, MatchState::Confirmed | MatchState::Rejected) {
            return Err(decided(&stored));
        }
        let subject = listing::subject_of(&stored);
        actor::judge(ctx, actor, Action::UndoMatch, subject, stored.id.as_str())?;
        let new = NewMatch { reason: reason.to_owned(), ..again(&stored) };
        write(ctx, actor, ("match_undone", MatchState::Undone), new)?;
        Ok(Done::plainly("undone", "Undone: what it explained is compared again"))
    })
}

fn refuse(
    ctx: &Context,
    request: &MatchRefuseRequest,
    one: impl Fn(&Context, &Actor, &str, &str) -> DeskResult<Done>,
) -> DeskResult<Vec<Outcome>> {
    let reason = request.reason.trim();
    if reason.is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why: the reason is kept with the match"));
    }
    let actor = actor::actor(ctx)?;
    let each = |id: &String| outcome::outcome(ctx, id, one(ctx, &actor, id, reason));
    let outcomes = request.ids.iter().map(each).collect();
    detection::refresh(ctx)?;
    Ok(outcomes)
}

fn unknown(id: &str) -> DeskError {
    DeskError::new(Code::NotFound, format!("there is no match {id} (tieout match list)"))
}

fn decided(stored: &StoredMatch) -> DeskError {
    DeskError::new(
        Code::MatchUnfit,
        format!("{} is {} already: nothing is to be decided", stored.name, stored.state.as_str()),
    )
}

fn stored(ctx: &Context, id: &str) -> DeskResult<Option<StoredMatch>> {
    let id: MatchId = id.parse().map_err(|_| unknown(id))?;
    Ok(ctx.store().matching(&id)?)
}

/// The suggestion, or the match that waits for a second person, of this id, as it is now.
fn found(ctx: &Context, id: &str) -> DeskResult<Found> {
    if let Some(stored) = stored(ctx, id)?.filter(|stored| stored.state != MatchState::Undone) {
        if stored.state != MatchState::Proposed {
            return Err(decided(&stored));
        }
        let facts = ctx.store().match_facts_of(&stored)?;
        return Ok(Found { rule: stored.rule, why: stored.why, facts });
    }
    let query = listing::query(&Limits::in_force(ctx)?);
    let suggestions = ctx.store().suggestions(&query)?;
    let one = suggestions.into_iter().find(|one| one.facts.id.as_str() == id);
    let one = one.ok_or_else(|| {
        DeskError::new(
            Code::MatchUnfit,
            format!("{id} is not suggested, or not any more: something of it has changed. Look again"),
        )
    })?;
    Ok(Found { rule: one.rule, why: one.reasons.join("; "), facts: one.facts })
}

/// What a person chose.
fn chosen(ctx: &Context, request: &MatchConfirmRequest) -> DeskResult<Found> {
    if request.reason.trim().is_empty() {
        return Err(DeskError::new(
            Code::ReasonMissing,
            "say why these belong together: it is kept with them",
        ));
    }
    let facts = listing::chosen(ctx, &request.entries, &request.documents)?;
    Ok(Found { rule: MatchRule::Hand, why: String::new(), facts })
}

/// What is written of a match that nobody has decided on.
fn new(found: Found, needs_two: bool) -> NewMatch {
    let Found { rule, why, facts } = found;
    let documents: Vec<DocumentId> = facts.documents.iter().map(|one| one.id.clone()).collect();
    let entries: Vec<EntryId> = facts.entries.iter().map(|one| one.id.clone()).collect();
    let number = facts.entries.first().map(|one| one.number.clone()).unwrap_or_default();
    let tail: String = facts.id.as_str().chars().skip(MatchId::PREFIX.len()).take(6).collect();
    NewMatch {
        name: format!("match of {number} ({tail})"),
        rule,
        why,
        reason: String::new(),
        entity: facts.entity,
        currency: facts.currency,
        documents_minor: facts.documents_minor,
        entries_minor: facts.entries_minor,
        needs_two,
        entries,
        documents,
        id: facts.id,
    }
}

/// A kept match, to be written again in another state.
fn again(stored: &StoredMatch) -> NewMatch {
    NewMatch {
        id: stored.id.clone(),
        name: stored.name.clone(),
        rule: stored.rule,
        entity: stored.entity.clone(),
        currency: stored.currency,
        documents_minor: stored.documents_minor,
        entries_minor: stored.entries_minor,
        needs_two: stored.needs_two,
        why: stored.why.clone(),
        reason: stored.reason.clone(),
        entries: stored.entries.clone(),
        documents: stored.documents.clone(),
    }
}

fn confirm(ctx: &Context, actor: &Actor, found: Found, reason: &str) -> DeskResult<Done> {
    let known = ctx.store().matching(&found.facts.id)?;
    let subject = match known.filter(|known| known.state == MatchState::Proposed) {
        Some(known) => listing::subject_of(&known),
        None => listing::subject_of_facts(&found.facts),
    };
    actor::judge(ctx, actor, Action::ConfirmMatch, subject, found.facts.id.as_str())?;
    let second = Limits::in_force(ctx)?.second(&found.facts);
    let new = NewMatch { reason: reason.trim().to_owned(), ..new(found, second.is_some()) };
    let name = new.name.clone();
    let detail = detail(&new);
    let id = new.id.clone();
    let state = actor::signed(ctx, actor, "match_confirmed", id.as_str(), detail, |store, log| {
        store.write(|tx| tx.confirm_match(&new, actor.id(), log))
    })?;
    Ok(match (state, second) {
        (MatchState::Proposed, Some(why)) => Done::new(
            "proposed",
            format!("Confirmed by you; it counts once another person confirms it too, because {why}"),
        )
        .named(&name),
        _ => Done::plainly("confirmed", "Confirmed").named(&name),
    })
}

fn write(ctx: &Context, actor: &Actor, (what, state): (&str, MatchState), new: NewMatch) -> DeskResult<()> {
    let (id, detail) = (new.id.clone(), detail(&new));
    actor::signed(ctx, actor, what, id.as_str(), detail, |store, log| {
        store.write(|tx| tx.refuse_match(&new, state, actor.id(), log))
    })
}

/// What the person signs: exactly these, with what both sides come to.
fn detail(new: &NewMatch) -> serde_json::Value {
    let entries: Vec<&str> = new.entries.iter().map(EntryId::as_str).collect();
    let documents: Vec<&str> = new.documents.iter().map(DocumentId::as_str).collect();
    json!({
        "name": new.name, "entries": entries, "documents": documents, "rule": new.rule.as_str(),
        "entity": new.entity, "currency": new.currency.code(), "documents_minor": new.documents_minor,
        "entries_minor": new.entries_minor, "why": new.why, "reason": new.reason,
    })
}
