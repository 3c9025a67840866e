//! How a connection is removed that nothing ever came by, and how posting to one is switched on and off.

use serde_json::json;
use tieout_domain::people::Action;
use tieout_duties::Subject;

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::{
        changes::ChangeView,
        posting_switch::{self, ApprovePostingRequest, PostingOffRequest},
    },
    intake::{
        adapters::Adapters,
        connections::{self, ConnectionView},
        credentials, detection,
    },
};

/// Removes a connection by which nothing was ever read or posted: one that was added with a mistake.
///
/// # Errors
/// A refusal, `not_found`, `connection_used`.
pub fn connection_remove(ctx: &Context, name: &str) -> DeskResult<ConnectionView> {
    let actor = actor::actor(ctx)?;
    let connection = connections::find_connection(ctx, name)?;
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, &connection.name)?;
    let view = connections::connection_view(ctx, &connection)?;
    let (vendor, mode) = (connection.vendor.as_str(), connection.mode.as_str());
    let detail = json!({ "name": connection.name, "vendor": vendor, "mode": mode });
    let subject = connection.id.as_str();
    let removed = actor::signed(ctx, &actor, "connection_removed", subject, detail, |store, log| {
        store.remove_unused_connection(&connection.id, log)
    })?;
    if !removed {
        return Err(DeskError::new(
            Code::ConnectionUsed,
            format!(
                "{} was read or posted through: what came by it stays, so that it can only be paused",
                connection.name
            ),
        ));
    }
    ctx.shelf.get::<Adapters>().forget(&connection.id);
    credentials::forget(ctx, &connection.id)?;
    // A sync of it that failed is nobody's concern any more.
    detection::refresh(ctx)?;
    Ok(view)
}

/// Proposes that approved postings are sent to a connection.
///
/// # Errors
/// A refusal, `not_found`, `nothing_to_post`, `ledger_not_read`, `nothing_to_decide`.
pub fn posting_propose(ctx: &Context, name: &str) -> DeskResult<ChangeView> {
    posting_switch::propose(ctx, &connections::find_connection(ctx, name)?)
}

/// Approves that approved postings are sent to a connection, by who saw its figures.
///
/// # Errors
/// A refusal, `not_found`, `nothing_to_decide`, `content_not_shown`, `content_changed`, `figures_moved`.
pub fn posting_approve(ctx: &Context, request: &ApprovePostingRequest) -> DeskResult<ChangeView> {
    let connection = connections::find_connection(ctx, &request.id)?;
    posting_switch::approve(ctx, &connection, request.content.as_deref().map(str::trim))
}

/// Switches posting to a connection off.
///
/// # Errors
/// A refusal, `not_found`, `nothing_to_decide`, `reason_missing`.
pub fn posting_off(ctx: &Context, request: &PostingOffRequest) -> DeskResult<ConnectionView> {
    let connection = connections::find_connection(ctx, &request.id)?;
    posting_switch::off(ctx, &connection, &request.reason)?;
    connections::connection_view(ctx, &connection)
}
