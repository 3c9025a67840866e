//! `tieout delegation …`: who decides on postings in whose place.

use serde_json::json;
use tieout_desk::Context;

use crate::{
    answers::{object, rows},
    args::Format,
    failure::Ran,
    governed_verbs::DelegationVerb,
    render::text,
};

/// Runs one of its verbs.
pub fn run(ctx: &Context, format: Format, verb: DelegationVerb) -> Ran {
    match verb {
        DelegationVerb::Give { to, entity, since, until, reason } => {
            let request = json!({
                "to": to, "entities": entity, "since": since, "until": until, "reason": reason,
            });
            object(ctx, format, "delegate", request)
        }
        DelegationVerb::List => {
            let columns = [
                text("id", "Id"),
                text("from", "In the place of"),
                text("to", "Decides"),
                text("entities", "Entities"),
                text("since", "Since"),
                text("until", "Until"),
                text("state", "State"),
                text("approved_by", "Approved by"),
                text("why", "Why"),
                text("hash", "Hash"),
            ];
            rows(ctx, format, &columns, "delegations", json!({}))
        }
        DelegationVerb::End { id, reason } => {
            object(ctx, format, "delegation_end", json!({ "id": id, "reason": reason }))
        }
    }
}
