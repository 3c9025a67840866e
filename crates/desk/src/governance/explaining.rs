//! Explaining what stays open on a judged account: a signed note with a category, tied to entries. Up to the
//! entity's tolerance it counts with its author's signature; above it, another person approves it first.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    ChangeId, EntryId,
    accounts::AccountMapping,
    explanation::{ExplainedItem, Explanation},
    ledger::{EntityRef, EntryStatus, LedgerEntry},
    mapping::Scope,
    people::Action,
};
use tieout_store::{ChangeKind, ExceptionRow, StoredEntry};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::{
        changes::{self, ChangeView},
        figures, mapping,
    },
};

/// Entries to explain.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ExplainRequest {
    /// Exceptions about entries without a document, or entries, by their ids.
    pub ids: Vec<String>,
    /// Under what they stand in the tie-out, in the house's own word.
    pub category: String,
    /// Why.
    pub note: String,
}

/// A note to take back.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct UnexplainRequest {
    /// The id of the governed change that is the note.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// What a note is about, as it was brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExplainedView {
    /// The governed change that it is.
    pub change: ChangeView,
    /// Under what it stands.
    pub category: String,
    /// How many entries it explains.
    pub entries: u64,
}

/// Explains entries.
///
/// # Errors
/// A refusal, `reason_missing`, `not_found`, `nothing_to_explain`.
pub fn explain(ctx: &Context, request: &ExplainRequest) -> DeskResult<ExplainedView> {
    let actor = actor::actor(ctx)?;
    if request.category.trim().is_empty() || request.note.trim().is_empty() {
        let message = "an explanation has a category and a note: say both";
        return Err(DeskError::new(Code::ReasonMissing, message));
    }
    let mut entries: Vec<StoredEntry> = Vec::new();
    for id in &request.ids {
        entries.extend(entries_of(ctx, id)?);
    }
    entries.retain(|stored| stored.entry.status == EntryStatus::Booked && !stored.netted);
    if entries.is_empty() {
        let message = "nothing booked is named: give exceptions about entries without a document, or entries";
        return Err(DeskError::new(Code::NothingToExplain, message));
    }
    let item = |stored: &StoredEntry| ExplainedItem {
        entry: stored.id.clone(),
        about: figures::about_entry(&stored.entry),
    };
    let said = Explanation::new(&request.category, &request.note, entries.iter().map(item).collect());
    let mapping = mapping::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let alone = entries.iter().all(|stored| is_within(mapping.as_deref(), &stored.entry));
    // Each note is one of its own: none replaces another.
    let name = said.items[0].entry.to_string();
    let view = changes::propose_signed(ctx, &actor, ChangeKind::Explanation, &name, &said.to_string())?;
    if alone {
        let id: ChangeId = view.id.parse()?;
        let detail = json!({ "sha256": view.hash, "category": said.category });
        actor::signed(ctx, &actor, "explained", id.as_str(), detail, |store, log| {
            store.decide_change(&id, true, actor.id(), &view.hash, log)
        })?;
    }
    let change = ctx.store().change(&view.id.parse()?)?;
    Ok(ExplainedView {
        change: changes::judged_change(ctx, &change)?,
        category: said.category,
        entries: said.items.len() as u64,
    })
}

/// Takes a note back: its entries are judged again.
///
/// # Errors
/// A refusal, `not_found`, `reason_missing`, `nothing_to_decide`.
pub fn unexplain(ctx: &Context, request: &UnexplainRequest) -> DeskResult<ChangeView> {
    let actor = actor::actor(ctx)?;
    if request.reason.trim().is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why the explanation is taken back"));
    }
    let change = ctx.store().change(&request.id.parse()?)?;
    if change.kind != ChangeKind::Explanation {
        let message = format!("{} is no explanation", request.id);
        return Err(DeskError::new(Code::NotFound, message));
    }
    let facts = changes::change_facts(&change.id, actor.id(), change.kind);
    actor::judge(ctx, &actor, Action::ProposeChange, facts, change.id.as_str())?;
    let detail = json!({ "reason": request.reason, "sha256": change.hash });
    let subject = change.id.as_str();
    let retired = actor::signed(ctx, &actor, "explanation_taken_back", subject, detail, |store, log| {
        store.retire_change(ChangeKind::Explanation, &change.name, log)
    })?;
    if !retired {
        let message = format!("{} is not in force", request.id);
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    let change = ctx.store().change(&change.id)?;
    changes::judged_change(ctx, &change)
}

/// The entries that an id stands for: an entry, or those of an exception that no document explains.
fn entries_of(ctx: &Context, id: &str) -> DeskResult<Vec<StoredEntry>> {
    if let Ok(entry) = id.parse::<EntryId>() {
        let found = ctx.store().entry(&entry)?;
        let missing = || DeskError::new(Code::NotFound, format!("there is no entry {id}"));
        return Ok(vec![found.ok_or_else(missing)?]);
    }
    let exception: ExceptionRow = ctx.store().exception(&id.parse()?)?;
    if exception.document.is_some() {
        let message = format!(
            "{} is about a document: an explanation is for entries that no document explains",
            exception.external_ref
        );
        return Err(DeskError::new(Code::NothingToExplain, message));
    }
    match exception.subject.parse::<EntryId>() {
        Ok(entry) => Ok(ctx.store().entry(&entry)?.into_iter().collect()),
        Err(_) => Ok(ctx.store().entries_by_reference(&exception.subject)?),
    }
}

/// True where what an entry puts on judged accounts is within its entity's tolerance.
fn is_within(mapping: Option<&AccountMapping>, entry: &LedgerEntry) -> bool {
    let EntityRef::Code(code) = &entry.entity else { return false };
    let Some((mapping, entity)) = mapping.and_then(|m| Some((m, m.entity(code)?))) else { return false };
    let amounts = entity.tolerance.as_ref().and_then(|t| t.amounts(entity.functional_currency).ok());
    let limit = amounts.into_iter().flatten().find(|amount| amount.currency() == entry.currency);
    let Some(limit) = limit else { return false };
    let nets = entry.transaction_nets();
    let judged = nets.iter().filter(|(account, _)| mapping.scope(entity, account) == Some(Scope::Judged));
    judged.map(|(_, minor)| minor.unsigned_abs()).sum::<u128>() <= u128::from(limit.minor().unsigned_abs())
}
