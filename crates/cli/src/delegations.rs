//! `tieout delegation …`: who decides on postings in whose place.

use clap::Subcommand;
use serde_json::json;
use tieout_desk::Context;

use crate::{
    answers::{object, rows},
    args::Format,
    failure::Ran,
    render::text,
};

/// `tieout delegation …`
#[derive(Subcommand, Debug)]
pub enum DelegationVerb {
    /// Ask that another person decides on postings in your place. A third approves it (tieout approve chg_…
    /// --content HASH). They must be allowed to take each decision themselves.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl delegation give --to cora --until \
                      2027-01-04 --reason 'Away'"
    )]
    Give {
        /// Who is to decide.
        #[arg(long, value_name = "PERSON")]
        to: String,
        /// For postings of this entity; give it once for each, or not at all for every entity.
        #[arg(long, value_name = "CODE")]
        entity: Vec<String>,
        /// From when; at once where it is left out.
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
        /// Until when: an instant, or the end of a day in UTC; within 92 days.
        #[arg(long, value_name = "WHEN")]
        until: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List delegations, the newest first.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb delegation list")]
    List,
    /// End a delegation before its time.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl delegation end chg_k3v… --reason Back"
    )]
    End {
        /// Its id (chg_…).
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

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
