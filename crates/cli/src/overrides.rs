//! `tieout override …`: limits of the policy, lifted for one posting.

use serde_json::json;
use tieout_desk::Context;

use crate::{
    answers::{object, rows},
    args::Format,
    failure::Ran,
    governed_verbs::OverrideVerb,
    render::text,
};

/// Runs one of its verbs.
pub fn run(ctx: &Context, format: Format, verb: OverrideVerb) -> Ran {
    match verb {
        OverrideVerb::Ask { id, reason_code, note } => {
            let request = json!({ "id": id, "reason_code": reason_code, "note": note });
            object(ctx, format, "override_ask", request)
        }
        OverrideVerb::List => {
            let columns = [
                text("id", "Id"),
                text("reference", "Document"),
                text("posting", "Posting"),
                text("limits", "Limits"),
                text("reason", "Reason"),
                text("why", "Why"),
                text("asked_by", "Asked by"),
                text("approved_by", "Approved by"),
                text("since", "Since"),
                text("state", "State"),
                text("hash", "Hash"),
            ];
            rows(ctx, format, &columns, "overrides", json!({}))
        }
    }
}
