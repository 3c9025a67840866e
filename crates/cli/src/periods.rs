//! `tieout period …`: accounting periods, the desk's own soft close of them, and exceptions to it.

use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::{call, object, rows},
    args::Format,
    failure::Ran,
    governed_verbs::PeriodVerb,
    render::{self, text},
};

/// Runs one of its verbs.
pub fn run(ctx: &Context, format: Format, verb: PeriodVerb) -> Ran {
    match verb {
        PeriodVerb::List { entity } => {
            let columns = [
                text("entity", "Entity"),
                text("key", "Period"),
                text("starts", "First day"),
                text("ends", "Last day"),
                text("status", "Status"),
                text("says", "Says"),
            ];
            rows(ctx, format, &columns, "periods", json!({ "entity": entity }))
        }
        PeriodVerb::SoftClose { entity, period, reason } => {
            let request = json!({ "entity": entity, "period": period, "reason": reason });
            object(ctx, format, "period_soft_close", request)
        }
        PeriodVerb::Lift { entity, period, reason } => {
            let request = json!({ "entity": entity, "period": period, "reason": reason });
            object(ctx, format, "period_lift", request)
        }
        PeriodVerb::Except { entity, period, people, everybody: _, until, reason } => {
            let request = json!({
                "entity": entity, "period": period, "people": people, "until": until, "reason": reason,
            });
            object(ctx, format, "period_except", request)
        }
        PeriodVerb::EndException { id, reason } => {
            object(ctx, format, "period_exception_end", json!({ "id": id, "reason": reason }))
        }
        PeriodVerb::Locks => {
            let columns = [
                text("entity", "Entity"),
                text("period", "Period"),
                text("state", "State"),
                text("closed_by", "Closed softly by"),
                text("closed_at", "At"),
                text("why", "Why"),
            ];
            rows(ctx, format, &columns, "period_locks", json!({}))
        }
        PeriodVerb::Exceptions => {
            let columns = [
                text("id", "Id"),
                text("entity", "Entity"),
                text("period", "Period"),
                text("people", "For"),
                text("until", "Until"),
                text("state", "State"),
                text("asked_by", "Asked by"),
                text("approved_by", "Approved by"),
                text("why", "Why"),
                text("hash", "Hash"),
            ];
            let locks = call(ctx, "period_locks", json!({}))?;
            Ok(render::rows(format, &columns, &exceptions(&locks))?)
        }
    }
}

/// The exceptions of all locks, each with its entity and period.
fn exceptions(locks: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for lock in locks.as_array().into_iter().flatten() {
        for exception in lock["exceptions"].as_array().into_iter().flatten() {
            let mut exception = exception.clone();
            (exception["entity"], exception["period"]) = (lock["entity"].clone(), lock["period"].clone());
            let people = exception["people"].as_array().filter(|people| !people.is_empty());
            exception["people"] = people.map_or(json!("everybody"), |people| json!(people));
            all.push(exception);
        }
    }
    all
}
