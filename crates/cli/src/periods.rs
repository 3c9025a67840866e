//! `tieout period …`: accounting periods, the desk's own soft close of them, and exceptions to it.

use clap::Subcommand;
use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::{call, object, rows},
    args::Format,
    failure::Ran,
    render::{self, text},
};

/// `tieout period …`
#[derive(Subcommand, Debug)]
pub enum PeriodVerb {
    /// List accounting periods, with what each takes.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb period list GB01")]
    List {
        /// The legal entity; all without one.
        entity: Option<String>,
    },
    /// Close a period softly: from then on nothing is sent there but what an exception lets in. A controller
    /// does.
    #[command(
        name = "soft-close",
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl period soft-close GB01 2026-10 \
                      --reason 'Being reviewed'"
    )]
    SoftClose {
        /// The legal entity.
        entity: String,
        /// The period.
        period: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Ask that a soft close is lifted. A controller does, and another one approves (tieout approve chg_…).
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl period lift GB01 2026-10 --reason 'Audit \
                      adjustments'"
    )]
    Lift {
        /// The legal entity.
        entity: String,
        /// The period.
        period: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Ask for an exception to a soft close: what somebody prepares is let in until a time. A controller
    /// approves it who gains nothing by it (tieout approve chg_… --content HASH).
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as ana period except GB01 2026-10 --for ana \
                      --until 2026-11-09T17:00:00Z --reason 'One bill came late'"
    )]
    Except {
        /// The legal entity.
        entity: String,
        /// The period.
        period: String,
        /// Whose postings, by name; give it once for each.
        #[arg(long = "for", value_name = "PERSON", required_unless_present = "everybody")]
        people: Vec<String>,
        /// Everybody's postings, a policy's own too.
        #[arg(long, conflicts_with = "people")]
        everybody: bool,
        /// Until when: an instant, or the end of a day in UTC; within 31 days.
        #[arg(long, value_name = "WHEN")]
        until: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List the periods that are closed softly, by whom and why.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb period locks")]
    Locks,
    /// List the exceptions that were asked for, with whether they hold.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb period exceptions")]
    Exceptions,
    /// End an exception before its time. A controller does.
    #[command(
        name = "end-exception",
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl period end-exception chg_k3v… --reason \
                      Booked"
    )]
    EndException {
        /// Its id (chg_…).
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

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
                text("status", "Status"),
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
