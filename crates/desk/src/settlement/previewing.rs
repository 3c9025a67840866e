//! What would be booked, by the very code that books: the steps as they would be sent, the checks, and what
//! the ERP holds now. Nothing is stored or logged, and nobody is asked for a secret. Whether one may is
//! another question ([`crate::settlement::batch::may`]), which asks no ERP.

use serde::Deserialize;

use crate::{
    base::{context::Context, error::DeskResult, views::Outcome},
    queue::outcome::{self, Done},
    settlement::{
        decide::{self, ManyRequest},
        half_booked::{self, FinishRequest, HalfBookedRequest},
        propose::{self, ProposeRequest},
        reroute::{self, RerouteRequest},
        reverse::{self, ReverseRequest},
    },
};

/// A request that would act, to be previewed: the same, with the name of its command as `action`.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum PreviewRequest {
    /// Postings that would be prepared.
    Propose(ProposeRequest),
    /// Postings for another place.
    Reroute(RerouteRequest),
    /// Failed postings that would be sent again.
    Replay(ManyRequest),
    /// Half-booked sets whose rest would be sent.
    Finish(FinishRequest),
    /// Half-booked sets that would be undone.
    TakeBack(HalfBookedRequest),
    /// Booked entries that would be reversed.
    Reverse(ReverseRequest),
}

/// Shows what would be booked, of one or many, each with its own outcome.
///
/// # Errors
/// Where the request as a whole cannot be read.
pub fn preview(ctx: &Context, request: &PreviewRequest) -> DeskResult<Vec<Outcome>> {
    let ctx = &ctx.asking();
    let each = |ids: &[String], one: &dyn Fn(&str) -> DeskResult<Done>| {
        ids.iter().map(|id| outcome::outcome(ctx, id, one(id))).collect()
    };
    Ok(match request {
        PreviewRequest::Propose(r) => each(&r.ids, &|id| propose::propose_as_asked(ctx, None, id, r)),
        PreviewRequest::Reroute(r) => reroute::reroute_all(ctx, None, r)?,
        PreviewRequest::Replay(r) => each(&r.ids, &|id| decide::replay_shown(ctx, id)),
        PreviewRequest::Finish(r) => each(&r.ids, &|id| half_booked::finish_as_asked(ctx, None, id, r)),
        PreviewRequest::TakeBack(r) => {
            each(&r.ids, &|id| half_booked::take_back_one(ctx, None, id, r.reason.as_deref()))
        }
        PreviewRequest::Reverse(r) => each(&r.ids, &|id| reverse::reverse_one(ctx, None, id, &r.reason)),
    })
}
