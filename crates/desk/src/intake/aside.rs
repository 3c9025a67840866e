//! What was put aside: listed, and settled by people with a reason where nothing will bring it in a shape
//! that can be read: by one where its amounts are within the tolerance, else by two. What it could concern
//! is judged again then. It stays listed, and is tried again by a newer program.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::people::Action;
use tieout_duties::Subject;
use tieout_store::{Connection, KeptRejection};

use crate::{
    access::actor::{self, Actor},
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::changes,
    intake::{detection, house},
};

/// Whose items are meant.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct AsideRequest {
    /// The connection's name.
    pub connection: String,
    /// Those that people have set aside, in the place of those that wait.
    #[serde(default)]
    pub settled: bool,
}

/// An item or a row of a file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AsideView {
    /// By which it is settled.
    #[ts(type = "number")]
    pub id: i64,
    /// What it is of: invoices, entries …
    pub resource: String,
    /// The stable code.
    pub code: String,
    /// Where it stands.
    pub place: String,
    /// What is wrong and what would make it readable.
    pub message: String,
    /// Its document or journal, where that is known.
    pub item: Option<String>,
    /// What the source sent, as text; its first part where it is very long.
    pub raw: String,
    /// When it was put aside, UTC.
    pub at: DateTime<Utc>,
    /// Why a second person must say that it is to be set aside; none where one is enough, or once it is.
    pub second: Option<String>,
    /// Who said so first, where a second person must too.
    pub proposed_by: Option<String>,
    /// By whose word it is set aside; none while it waits.
    pub settled_by: Option<String>,
    /// Why it is set aside.
    pub reason: Option<String>,
}

/// So many characters of what a source sent are shown.
const SHOWN: usize = 20_000;

/// Settles items that wait to be read.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SettleRequest {
    /// The connection's name.
    pub connection: String,
    /// The items; empty: all that wait.
    #[serde(default)]
    #[ts(type = "Array<number>")]
    pub ids: Vec<i64>,
    /// Why nothing more is to come of them.
    pub reason: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SettledView {
    /// How many were settled.
    #[ts(type = "number")]
    pub settled: u64,
    /// How many wait for a second person to say so too.
    #[ts(type = "number")]
    pub proposed: u64,
    /// The same in words.
    pub message: String,
}

/// The items of a connection that wait to be read, oldest first; or those that people have set aside.
///
/// # Errors
/// `not_found`.
pub fn aside(ctx: &Context, request: &AsideRequest) -> DeskResult<Vec<AsideView>> {
    let connection = found(ctx, &request.connection)?;
    let kept = match request.settled {
        true => ctx.store().set_aside_items(&connection.id)?,
        false => ctx.store().rejected_items(&connection.id)?,
    };
    let (names, least) = (actor::names(ctx)?, least_tolerance(ctx)?);
    let view = |kept: KeptRejection| {
        let second = kept.settled.is_none().then(|| second(&kept, least)).flatten();
        let KeptRejection { seq, item, resource, at, proposed_by, settled, .. } = kept;
        let (by, reason) = settled.unzip();
        let name = |person: String| names.of(&person);
        AsideView {
            id: seq,
            resource,
            code: item.code,
            place: item.place,
            message: item.message,
            item: item.concerns.item,
            raw: String::from_utf8_lossy(&item.raw).chars().take(SHOWN).collect(),
            at,
            second,
            proposed_by: proposed_by.map(name),
            settled_by: by.map(name),
            reason,
        }
    };
    Ok(kept.into_iter().map(view).collect())
}

/// Settles items by the acting person's word, signed, with the reason: for good, or, where a second person
/// must say so too, as the first of two. The exception that told of them closes once nothing of it waits.
///
/// # Errors
/// `not_found`, `reason_missing`, `second_confirmer_is_another` where this person said so first, a refusal of
/// who may not bring in files.
pub fn aside_settle(ctx: &Context, request: &SettleRequest) -> DeskResult<SettledView> {
    let connection = found(ctx, &request.connection)?;
    let reason = request.reason.trim();
    if reason.is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why: the reason is kept with what is settled"));
    }
    let actor = actor::actor(ctx)?;
    let about = connection.id.to_string();
    actor::judge(ctx, &actor, Action::ImportFiles, Subject::Workspace, &about)?;
    let mut waiting = ctx.store().rejected_items(&connection.id)?;
    if let Some(id) = request.ids.iter().find(|id| waiting.iter().all(|kept| kept.seq != **id)) {
        let message = format!("nothing of {} waits under {id} (tieout import aside)", connection.name);
        return Err(DeskError::new(Code::NotFound, message));
    }
    waiting.retain(|kept| request.ids.is_empty() || request.ids.contains(&kept.seq));
    let least = least_tolerance(ctx)?;
    let (mut settled, mut first) = (Vec::new(), Vec::new());
    for kept in &waiting {
        match (second(kept, least), &kept.proposed_by) {
            (Some(why), Some(by)) if by == actor.id().as_str() => {
                return Err(DeskError::new(
                    Code::SecondConfirmerIsAnother,
                    format!("you have said so first; another person must say so too, because {why}"),
                ));
            }
            (Some(_), None) => first.push(kept.seq),
            _ => settled.push(kept.seq),
        }
    }
    let whose = (&actor, &connection, reason);
    write(ctx, whose, &first, false)?;
    write(ctx, whose, &settled, true)?;
    detection::refresh(ctx)?;
    let mut message = format!("{} rows or items of {} settled", settled.len(), connection.name);
    if !first.is_empty() {
        let wait = format!("; {} once another person says so too", first.len());
        message.push_str(&wait);
    }
    Ok(SettledView { settled: settled.len() as u64, proposed: first.len() as u64, message })
}

/// Writes what a person says of items, signed: for good, or as the first of two.
fn write(
    ctx: &Context,
    (actor, connection, reason): (&Actor, &Connection, &str),
    items: &[i64],
    for_good: bool,
) -> DeskResult<()> {
    if items.is_empty() {
        return Ok(());
    }
    let about = connection.id.to_string();
    let what = if for_good { "aside_settled" } else { "aside_proposed" };
    let detail = json!({ "connection": connection.name });
    actor::signed(ctx, actor, what, &about, detail, |store, log| match for_good {
        true => store.settle_rejected(&connection.id, items, reason, log),
        false => store.propose_rejected(&connection.id, items, reason, log),
    })?;
    Ok(())
}

/// The least of the tolerances of the mapping in force: an item that cannot be read says neither entity nor
/// currency that could be relied on, so that it is within the tolerance where it would be in any of them.
fn least_tolerance(ctx: &Context) -> DeskResult<Option<i64>> {
    let Some(mapping) = changes::mapping_in_force(ctx)? else { return Ok(None) };
    let rules = house::house_rules(&mapping.content);
    let without = |code| rules.tolerances.iter().all(|(entity, _, _)| entity != code);
    if mapping.content.entities.iter().any(|entity| without(&entity.code)) {
        return Ok(None);
    }
    Ok(rules.tolerances.iter().map(|(_, _, minor)| *minor).min())
}

/// Why a second person must say that an item is to be set aside, in words; `None` where one is enough.
fn second(kept: &KeptRejection, least: Option<i64>) -> Option<String> {
    let amounts = &kept.item.concerns.amounts;
    match (amounts.iter().max(), least) {
        (None, _) => Some("its amount is not known".to_owned()),
        (Some(_), None) => Some("not every entity has a tolerance".to_owned()),
        (Some(most), Some(least)) if *most > least => Some("its amount is above the tolerance".to_owned()),
        _ => None,
    }
}

fn found(ctx: &Context, name: &str) -> DeskResult<Connection> {
    ctx.store()
        .connection_by_name(name)?
        .ok_or_else(|| DeskError::new(Code::NotFound, format!("there is no connection {name}")))
}
