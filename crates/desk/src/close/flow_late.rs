//! What is late of the flows that begin and end in billing (usage, amendments). No exception stands for it,
//! so that the overview's figure opens this list instead of a queue.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::flow::Flow;
use tieout_store::LateItem;

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    settlement::posting_pages::MOST_ROWS,
};

/// Which flow, and which of its late items.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct FlowLateRequest {
    /// The flow's stable name.
    pub flow: String,
    /// The first one's place in the list.
    #[serde(default)]
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// Something that a flow began and that is late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LateView {
    /// Billing's id of the usage summary or of the subscription.
    pub reference: String,
    /// The customer's name, or billing's id where it has none.
    pub customer: Option<String>,
    /// When the flow began: the usage ended, the subscription was amended.
    pub since: DateTime<Utc>,
    /// When it should have been on a final invoice.
    pub due_at: DateTime<Utc>,
}

/// A window of what is late, the longest late first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FlowLate {
    /// How many are late.
    pub total: u64,
    /// The first one's place.
    pub start: u64,
    /// The items.
    pub rows: Vec<LateView>,
}

/// What is late of usage billing or of subscription amendments, as last judged.
///
/// # Errors
/// `flow_unknown`; `flow_has_a_queue` for a flow whose late items are exceptions; a database error.
pub fn flow_late(ctx: &Context, request: &FlowLateRequest) -> DeskResult<FlowLate> {
    let flow = Flow::ALL.into_iter().find(|flow| flow.as_str() == request.flow).ok_or_else(|| {
        let known = Flow::ALL.map(Flow::as_str).join(", ");
        DeskError::new(Code::FlowUnknown, format!("\"{}\" is no flow: one of {known}", request.flow))
    })?;
    let as_of = ctx.store().judged_as_of()?.unwrap_or_else(|| ctx.clock.now());
    let window = (request.start, request.limit.min(MOST_ROWS));
    let items = ctx.store().flow_late(flow, as_of, window)?.ok_or_else(|| {
        let name = flow.definition().name;
        DeskError::new(Code::FlowHasAQueue, format!("{name}: what is late of it is in the queues"))
    })?;
    let total = ctx.store().flow_counts(flow, as_of)?.map_or(0, |counts| counts.late);
    Ok(FlowLate { total, start: request.start, rows: items.into_iter().map(view).collect() })
}

fn view(item: LateItem) -> LateView {
    let LateItem { reference, customer, since, due_at } = item;
    LateView { reference, customer, since, due_at }
}
