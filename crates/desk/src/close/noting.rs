//! Explaining what an account differs by: a signed note with a category, over items with their amounts and
//! versions. Up to the accounts' tolerances it counts with its author's signature, all that they wrote for
//! the period taken together; above, another person accepts it first. It holds for its items as they were:
//! what moves is to be explained again, and what was accepted goes on into later periods until it clears.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    ChangeId,
    people::Action,
    variance_note::{NoteCategory, NotedItem, VarianceNote},
};
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState};

use crate::{
    access::{
        action::ActionView,
        actor::{self, Actor},
        judging,
    },
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        when,
    },
    close::arithmetic::{Books, Item},
    governance::{changes, figures},
};

/// Items of a difference to explain.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    /// The legal entity.
    pub entity: String,
    /// The period that is closed.
    pub period: String,
    /// The items, by reference or entry number.
    pub items: Vec<String>,
    /// timing, bank_fee, rounding, opening_item or reclassification.
    #[ts(as = "closed::NoteCategory")]
    pub category: String,
    /// Of timing, the day by which it clears.
    #[serde(default)]
    pub clears_by: Option<String>,
    /// Why.
    pub note: String,
    /// The instant or date by which timing is judged; now without one.
    #[serde(default)]
    pub as_of: Option<String>,
}

/// A decision on a note.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct AcceptRequest {
    /// The note's id.
    pub id: String,
    /// False refuses it.
    pub accept: bool,
    /// The hash of what the person saw; who accepts has to give it.
    #[serde(default)]
    pub content: Option<String>,
    /// Why it is refused.
    #[serde(default)]
    pub reason: Option<String>,
    /// The instant or date by which timing is judged; now without one.
    #[serde(default)]
    pub as_of: Option<String>,
}

/// A note to take back.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct TakeBackNoteRequest {
    /// The note's id.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// What one item of a note differs by on one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct NotedItemView {
    /// The item.
    pub item: String,
    /// The account.
    pub account: String,
    /// The currency.
    pub currency: String,
    /// The item's own period.
    pub period: String,
    /// Expected less booked, major units.
    pub amount: String,
}

/// A note that explains items of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct NoteView {
    /// Its id, as a governed change.
    pub id: String,
    /// The legal entity.
    pub entity: String,
    /// The period in whose close it was written.
    pub period: String,
    /// Under what it explains.
    #[ts(as = "closed::NoteCategory")]
    pub category: String,
    /// The day by which it clears.
    pub clears_by: Option<String>,
    /// Why.
    pub note: String,
    /// Its items, account by account.
    pub items: Vec<NotedItemView>,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who accepted it.
    pub accepted_by: Option<String>,
    /// How it stands.
    #[ts(as = "closed::ChangeState")]
    pub state: String,
    /// What it waits for, in words; empty where nothing.
    pub needs: String,
    /// The hash of its text.
    pub hash: String,
    /// What may be done with it now.
    pub actions: Vec<ActionView>,
}

/// A note as a screen shows it; `None` of a text that is none.
pub(crate) fn view(ctx: &Context, change: &Change) -> DeskResult<Option<NoteView>> {
    let Some(said) = VarianceNote::parse(&change.content) else { return Ok(None) };
    let names = actor::names(ctx)?;
    let item = |item: &NotedItem| NotedItemView {
        item: item.name.clone(),
        account: item.account.clone(),
        currency: item.currency.code().to_owned(),
        period: item.period.clone(),
        amount: decimal_text(item.minor, item.currency.code()),
    };
    let waits = change.state == ChangeState::Inert;
    let actions = match (waits, change.author.parse()) {
        (true, Ok(author)) => {
            let facts = changes::change_facts(&change.id, &author, change.kind);
            vec![judging::may(ctx, Action::ApproveChange, facts, change.id.as_str())]
        }
        _ => Vec::new(),
    };
    Ok(Some(NoteView {
        id: change.id.to_string(),
        entity: said.entity.clone(),
        period: said.period.clone(),
        category: said.category.as_str().to_owned(),
        clears_by: said.clears_by.map(|day| day.to_string()),
        note: said.note.clone(),
        items: said.items.iter().map(item).collect(),
        author: names.of(&change.author),
        at: change.proposed_at,
        accepted_by: change.decided_by.as_ref().map(|person| names.of(person.as_str())),
        state: change.state.as_str().to_owned(),
        needs: if waits { "waits for another person, who accepts it".to_owned() } else { String::new() },
        hash: change.hash.clone(),
        actions,
    }))
}

fn viewed(ctx: &Context, id: &ChangeId) -> DeskResult<NoteView> {
    let change = ctx.store().change(id)?;
    view(ctx, &change)?.ok_or_else(|| no_note(id.as_str()))
}

fn no_note(id: &str) -> DeskError {
    DeskError::new(Code::NotFound, format!("{id} explains no items: see tieout close status"))
}

/// The items that are meant by their references or numbers.
fn meant<'b>(books: &'b Books, wanted: &[String]) -> DeskResult<Vec<&'b Item>> {
    let mut found = Vec::new();
    for name in wanted {
        let own = |item: &&Item| {
            item.name == *name || item.shown == *name || item.shown.starts_with(&format!("{name} ("))
        };
        let before = found.len();
        found.extend(books.items.iter().filter(own));
        if found.len() == before {
            let message = format!(
                "{name} is no open item of {} in {}: see tieout close items",
                books.entity.code, books.period
            );
            return Err(DeskError::new(Code::NothingToExplain, message));
        }
    }
    match found.is_empty() {
        true => Err(DeskError::new(Code::NothingToExplain, "name the items that are to be explained")),
        false => Ok(found),
    }
}

/// Explains items of a difference.
///
/// # Errors
/// A refusal, `reason_missing`, `timing_needs_a_date`, `bad_date`, `nothing_to_explain`, `bad_request`.
pub fn close_explain(ctx: &Context, request: &NoteRequest) -> DeskResult<NoteView> {
    let actor = actor::actor(ctx)?;
    if request.note.trim().is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "an explanation has a note: say why"));
    }
    let category = NoteCategory::parse(&request.category).ok_or_else(|| {
        let all: Vec<&str> = NoteCategory::ALL.iter().map(|one| one.as_str()).collect();
        let message = format!("\"{}\" is no category; there are {}", request.category, all.join(", "));
        DeskError::new(Code::BadRequest, message)
    })?;
    let books = Books::of(ctx, (&request.entity, &request.period), request.as_of.as_deref())?;
    let clears_by = request.clears_by.as_deref().map(when::date).transpose()?;
    match (category, clears_by) {
        (NoteCategory::Timing, None) => {
            let message = "timing clears by a day: say which";
            return Err(DeskError::new(Code::TimingNeedsADate, message));
        }
        (NoteCategory::Timing, Some(day)) if day < books.today => {
            let message = format!("{day} has passed: what has not cleared by then is unexplained");
            return Err(DeskError::new(Code::BadDate, message));
        }
        (NoteCategory::Timing, Some(_)) | (_, None) => {}
        (_, Some(_)) => {
            let message = format!("only timing clears by a day, and {} does not", category.as_str());
            return Err(DeskError::new(Code::BadDate, message));
        }
    }
    let items: Vec<NotedItem> = meant(&books, &request.items)?.into_iter().map(Item::noted).collect();
    let place = (books.entity.code.as_str(), books.period.as_str());
    let said = VarianceNote::new(place, (category, clears_by), &request.note, items);
    let first = said.items.first().map_or("", |item| item.name.as_str());
    let name = format!("{}/{}/{first}", place.0, place.1);
    let alone = is_within(&books, &actor, &said);
    let facts = changes::change_facts(&ChangeId::derive(&[&name]), actor.id(), ChangeKind::VarianceNote);
    actor::judge(ctx, &actor, Action::ProposeChange, facts, &name)?;
    changes::withdraw_own(ctx, &actor, ChangeKind::VarianceNote, &name)?;
    let kind = (ChangeKind::VarianceNote, name.as_str());
    let change = changes::keep_signed(ctx, &actor, kind, &said.to_string(), "variance_explained")?;
    if alone {
        changes::decide_signed(ctx, &actor, &change, (true, "variance_within_tolerance"), None)?;
    }
    viewed(ctx, &change.id)
}

/// True where a note counts with its author's signature alone: with all that they accepted alone in this
/// period, each account that is signed stays within its tolerance. Splitting a note does not walk around it.
fn is_within(books: &Books, author: &Actor, said: &VarianceNote) -> bool {
    let own = |note: &&crate::close::arithmetic::Noted| {
        note.said.period == said.period
            && note.change.decided_by.as_ref() == Some(author.id())
            && note.change.author == author.id().as_str()
    };
    let before = books.notes.iter().filter(own).flat_map(|note| &note.said.items);
    let mut sums: BTreeMap<&str, u128> = BTreeMap::new();
    for item in before.chain(&said.items) {
        let Some(minor) = books.functional(item.minor.unsigned_abs().into(), item.currency) else {
            return false;
        };
        let sum = sums.entry(&item.account).or_default();
        *sum = sum.saturating_add(minor);
    }
    sums.iter()
        .filter(|(account, _)| books.role(account).1)
        .all(|(account, sum)| *sum <= u128::from(books.tolerance(account).minor().unsigned_abs()))
}

/// The note of this id.
fn note_of(ctx: &Context, id: &str) -> DeskResult<(Change, VarianceNote)> {
    let change = ctx.store().change(&id.parse().map_err(|_| no_note(id))?)?;
    let said = match change.kind {
        ChangeKind::VarianceNote => VarianceNote::parse(&change.content),
        _ => None,
    };
    let said = said.ok_or_else(|| no_note(id))?;
    Ok((change, said))
}

/// Accepts another person's note, or refuses it.
///
/// # Errors
/// A refusal, `not_found`, `change_already_decided`, `figures_moved`, `content_not_shown`, `reason_missing`.
pub fn close_accept(ctx: &Context, request: &AcceptRequest) -> DeskResult<NoteView> {
    let actor = actor::actor(ctx)?;
    let (change, said) = note_of(ctx, &request.id)?;
    if change.state != ChangeState::Inert {
        let message = format!("{} is decided already", request.id);
        return Err(DeskError::new(Code::ChangeAlreadyDecided, message));
    }
    let author = change.author.parse().map_err(|_| no_note(&request.id))?;
    let facts = changes::change_facts(&change.id, &author, change.kind);
    let action = if request.accept { Action::ApproveChange } else { Action::Reject };
    actor::judge(ctx, &actor, action, facts, change.id.as_str())?;
    if !request.accept {
        let reason = request.reason.as_deref().filter(|reason| !reason.trim().is_empty());
        if reason.is_none() {
            return Err(DeskError::new(Code::ReasonMissing, "say why the explanation is refused"));
        }
        changes::decide_signed(ctx, &actor, &change, (false, "variance_refused"), reason)?;
        return viewed(ctx, &change.id);
    }
    figures::check_shown(&change.name, &change.hash, request.content.as_deref())?;
    let books = Books::of(ctx, (&said.entity, &said.period), request.as_of.as_deref())?;
    let stands = |item: &&NotedItem| !books.items.iter().any(|now| now.noted() == **item);
    if let Some(moved) = said.items.iter().find(stands) {
        let message = format!(
            "{} on {} is not what it was when it was explained: it is to be explained again",
            moved.name, moved.account
        );
        return Err(DeskError::new(Code::FiguresMoved, message));
    }
    changes::decide_signed(ctx, &actor, &change, (true, "variance_accepted"), None)?;
    viewed(ctx, &change.id)
}

/// Takes a note back: its items are open again.
///
/// # Errors
/// A refusal, `not_found`, `reason_missing`, `nothing_to_decide`.
pub fn close_take_back(ctx: &Context, request: &TakeBackNoteRequest) -> DeskResult<NoteView> {
    let actor = actor::actor(ctx)?;
    if request.reason.trim().is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why the explanation is taken back"));
    }
    let (change, _) = note_of(ctx, &request.id)?;
    let facts = changes::change_facts(&change.id, actor.id(), change.kind);
    actor::judge(ctx, &actor, Action::ProposeChange, facts, change.id.as_str())?;
    if change.state != ChangeState::InForce {
        let message = format!("{} is not in force", request.id);
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    let detail = serde_json::json!({ "reason": request.reason, "sha256": change.hash });
    actor::signed(ctx, &actor, "variance_note_taken_back", change.id.as_str(), detail, |store, log| {
        store.retire_change(ChangeKind::VarianceNote, &change.name, log)
    })?;
    viewed(ctx, &change.id)
}

/// The notes of an entity that are in force or wait, the newest first.
pub(crate) fn all(ctx: &Context, entity: &str) -> DeskResult<Vec<NoteView>> {
    let filter = ChangeFilter { kind: Some(ChangeKind::VarianceNote), ..ChangeFilter::default() };
    let mut views = Vec::new();
    let changes = ctx.store().changes(&filter)?;
    for change in changes {
        if !matches!(change.state, ChangeState::Inert | ChangeState::InForce) {
            continue;
        }
        views.extend(view(ctx, &change)?.filter(|note| note.entity == entity));
    }
    Ok(views)
}
