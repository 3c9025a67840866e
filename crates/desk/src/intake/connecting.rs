//! How a connection is removed that nothing ever came by; and the account that a connection opens.

use serde::Serialize;
use serde_json::json;
use tieout_domain::people::Action;
use tieout_duties::Subject;

use crate::{
    access::actor,
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::{
        adapters::Adapters,
        connections::{self, ConnectionView},
        credentials, detection,
    },
};
/// The account that a connection's credentials open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(rename = "AccountIdentity")]
pub struct AccountView {
    /// The vendor's account, tenant or company id.
    pub tenant: String,
    /// Its name, where there is one.
    pub name: Option<String>,
    /// True for a production account, where the vendor tells.
    pub live: Option<bool>,
    /// What the account has and lacks, where the adapter looks.
    pub capabilities: Vec<CapabilityView>,
}

/// What an account of the vendor has or lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(rename = "Capability")]
pub struct CapabilityView {
    /// What: subsidiaries, currencies, approvals, deletions …
    pub what: String,
    /// here, absent (the connection does without), missing (somebody has to give it) or unknown.
    #[ts(as = "closed::CapabilityState")]
    pub state: String,
    /// What that means; where something is missing, which permission or preference to ask for.
    pub says: String,
}

impl From<tieout_connectors::AccountIdentity> for AccountView {
    fn from(identity: tieout_connectors::AccountIdentity) -> Self {
        let capabilities = identity.capabilities.into_iter().map(|one| CapabilityView {
            what: one.what,
            state: one.state.as_str().to_owned(),
            says: one.says,
        });
        Self {
            tenant: identity.tenant,
            name: identity.name,
            live: identity.live,
            capabilities: capabilities.collect(),
        }
    }
}

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
