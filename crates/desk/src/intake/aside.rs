//! What was put aside: listed, and settled by a person with a reason where nothing will bring it in a shape
//! that can be read. What it could concern is judged again then.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::people::Action;
use tieout_duties::Subject;
use tieout_store::KeptRejection;

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::detection,
};

/// Whose items are meant.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct AsideRequest {
    /// The connection's name.
    pub connection: String,
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
    /// When it was put aside, UTC.
    pub at: DateTime<Utc>,
}

impl From<KeptRejection> for AsideView {
    fn from(kept: KeptRejection) -> Self {
        let KeptRejection { seq, item, resource, at, .. } = kept;
        let of = item.concerns.item;
        Self { id: seq, resource, code: item.code, place: item.place, message: item.message, item: of, at }
    }
}

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
    /// The same in words.
    pub message: String,
}

/// The items of a connection that wait to be read, oldest first.
///
/// # Errors
/// `not_found`.
pub fn aside(ctx: &Context, request: &AsideRequest) -> DeskResult<Vec<AsideView>> {
    let connection = found(ctx, &request.connection)?;
    let kept = ctx.store().rejected_items(&connection.id)?;
    Ok(kept.into_iter().map(AsideView::from).collect())
}

/// Settles items by the acting person's word, signed, with the reason. The exception that told of them closes
/// once nothing of it waits.
///
/// # Errors
/// `not_found`, `reason_missing`, a refusal of who may not bring in files.
pub fn aside_settle(ctx: &Context, request: &SettleRequest) -> DeskResult<SettledView> {
    let connection = found(ctx, &request.connection)?;
    let reason = request.reason.trim();
    if reason.is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why: the reason is kept with what is settled"));
    }
    let actor = actor::actor(ctx)?;
    let about = connection.id.to_string();
    actor::judge(ctx, &actor, Action::ImportFiles, Subject::Workspace, &about)?;
    let waiting = ctx.store().rejected_items(&connection.id)?;
    let items: Vec<i64> = match request.ids.is_empty() {
        true => waiting.iter().map(|kept| kept.seq).collect(),
        false => request.ids.clone(),
    };
    let detail = json!({ "connection": connection.name });
    let settled = actor::signed(ctx, &actor, "aside_settled", &about, detail, |store, log| {
        store.settle_rejected(&connection.id, &items, reason, log)
    })?;
    detection::refresh(ctx)?;
    let message = format!("{settled} rows or items of {} settled", connection.name);
    Ok(SettledView { settled, message })
}

fn found(ctx: &Context, name: &str) -> DeskResult<tieout_store::Connection> {
    ctx.store()
        .connection_by_name(name)?
        .ok_or_else(|| DeskError::new(Code::NotFound, format!("there is no connection {name}")))
}
