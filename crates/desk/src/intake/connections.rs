//! Connections: added, tested, listed, rotated.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::{AccountIdentity, Connector, Since, advice::advice, sheet::Role, vendors};
use tieout_domain::{ConnectionId, failure::VendorFailure, people::Action};
use tieout_duties::Subject;
use tieout_store::{
    Connection, ConnectionFigures, ConnectionMode, ConnectionRole, SyncState, Vendor, WHOLE_CONNECTION,
};
use tieout_vault::SecretText;
use tokio::time::timeout;

use crate::{
    access::actor::{self, Actor},
    base::{
        clock::OsEntropy,
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::posting_switch::{self, PostingSwitch},
    intake::{
        account::TriedView,
        adapters::{self, Adapters, runtime},
        credentials::{self, CredentialSource},
        settings::Settings,
    },
};

/// So long a connection that is being added is waited for: somebody sits before the form.
const TRIED_FOR: Duration = Duration::from_secs(15);

/// A connection to add.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct AddConnectionRequest {
    /// Its name, unique in the workspace.
    pub name: String,
    /// The stable name of a vendor of the registry (`vendors` lists them).
    pub vendor: String,
    /// The base address.
    pub url: String,
    /// test or live.
    pub mode: String,
    /// Vendor settings.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Credentials by the name of their field; they go straight to the secrets. The command line asks for
    /// them instead.
    #[serde(default)]
    pub credentials: BTreeMap<String, SecretText>,
    /// Whether it is tried as it is added, and what follows from that.
    #[serde(default)]
    #[ts(as = "closed::Trying")]
    pub trying: Trying,
}

/// Whether a connection is tried as it is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trying {
    /// It is added, tried, and the answer says what came of that.
    #[default]
    Tell,
    /// It is added only where it answers as what it was said to be.
    MustAnswer,
    /// It is added without a word to the vendor.
    Untried,
}

/// A connection that was added, and what came of trying it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AddedView {
    /// The connection.
    #[serde(flatten)]
    #[ts(flatten)]
    pub connection: ConnectionView,
    /// What came of trying it; `None` where it was not tried.
    pub tried: Option<TriedView>,
}

/// New credentials of a connection.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct RotateRequest {
    /// The connection's id or name.
    pub id: String,
    /// All its credentials by the name of their field.
    pub credentials: BTreeMap<String, SecretText>,
}

/// A connection to stop reading from and posting to, or to take up again.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct PauseRequest {
    /// The connection's id or name.
    pub id: String,
    /// True to stop.
    pub paused: bool,
}

/// A connection in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ConnectionView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The stable name of the vendor.
    pub vendor: String,
    /// The vendor's own name.
    pub vendor_name: String,
    /// billing or erp.
    #[ts(as = "closed::SystemRole")]
    pub role: String,
    /// test or live.
    pub mode: String,
    /// The vendor's account, tenant or company.
    pub tenant: String,
    /// True while it is neither read nor posted to.
    pub paused: bool,
    /// Everything up to this instant has been seen, in every resource.
    pub complete_through: Option<DateTime<Utc>>,
    /// What last went wrong, in the vendor's own words.
    pub last_error: Option<String>,
    /// The stable code of it, where it concerns the whole connection and no resource of it can be read.
    pub error_code: Option<String>,
    /// What to do about that.
    pub advice: Option<String>,
    /// Its base address; empty for files.
    pub url: String,
    /// When any of its resources was last tried.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// Documents (of billing) or entries (of an ERP) that came by it.
    pub documents: u64,
    /// What it lists, and how far each has been read.
    pub resources: Vec<ResourceView>,
    /// How much of the vendor's allowance it uses.
    pub rate: RateView,
    /// The names of the credentials that it has; what they are is never told.
    pub credentials: Vec<String>,
    /// Whether approved postings are sent to it.
    pub posting: PostingSwitch,
}

/// How far one resource of a connection has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ResourceView {
    /// The resource.
    pub resource: String,
    /// Everything up to this instant has been seen.
    pub complete_through: Option<DateTime<Utc>>,
    /// The cursor from which the next sync starts, as the vendor's lists understand it.
    pub resume: Option<String>,
    /// From when on the next sync reads what changed, where the cursor says an instant.
    pub since: Option<DateTime<Utc>>,
    /// The same where it says a time of the vendor's own account, as the vendor writes it.
    pub since_there: Option<String>,
    /// When the scan began that stopped before its end and goes on with the next sync.
    pub scanning_since: Option<DateTime<Utc>>,
    /// When it was last tried.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// Items that its kept pages listed.
    pub items: u64,
    /// Pages that are kept as evidence.
    pub pages: u64,
    /// Items kept aside because they cannot be read.
    pub rejected: u64,
    /// The vendor's API version, as its newest page says it.
    pub api_version: Option<String>,
    /// The stable code of the last failure.
    pub error_code: Option<String>,
    /// What last went wrong, in the vendor's own words.
    pub error: Option<String>,
    /// What to do about it.
    pub advice: Option<String>,
}

/// How much of the vendor's allowance a connection uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RateView {
    /// Percent of the allowed rate in use now; `None` before the first call of this run.
    pub share_percent: Option<u32>,
    /// Calls under way.
    pub in_flight: u32,
    /// Nothing is sent before this, because the vendor asked for it.
    pub blocked_until: Option<DateTime<Utc>>,
    /// What is allowed, in words.
    pub allowed: String,
}

/// Adds a connection; its credentials go straight to the secrets. It is tried at once, unless the request
/// says otherwise: a mistake shows while the form is still at hand.
///
/// # Errors
/// A refusal, `vendor_unknown`, `mode_unknown`, `setting_missing`, `credential_missing`,
/// `already_exists`, and as [`crate::intake::adapters::usable`]; where it must answer, what stands in
/// the way of that, `test_live_mismatch` included.
pub fn add_connection(
    ctx: &Context,
    request: &AddConnectionRequest,
    given: &CredentialSource<'_>,
) -> DeskResult<AddedView> {
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, &request.name)?;
    let connection = asked_for(ctx, request, &actor)?;
    let fields = Settings::of(&connection)?.credentials(&connection)?;
    credentials::keep(ctx, &connection.id, &fields, given)?;
    let (vendor, mode) = (connection.vendor.as_str(), connection.mode.as_str());
    let detail = json!({ "name": connection.name, "vendor": vendor, "mode": mode });
    let subject = connection.id.to_string();
    let tried = adapters::usable(ctx, &connection).and_then(|connector| {
        let tried = match request.trying {
            Trying::Untried => None,
            Trying::Tell => Some(tried(&connector, connection.mode)?),
            Trying::MustAnswer => Some(Ok(tried(&connector, connection.mode)?.map_err(DeskError::from)?)),
        };
        actor::signed(ctx, &actor, "connection_added", &subject, detail, |s, log| {
            s.add_connection(&connection, log)
        })?;
        Ok(tried)
    });
    if tried.is_err() {
        credentials::forget(ctx, &connection.id)?;
    }
    let tried = tried?;
    if let Some(Ok(identity)) = &tried {
        ctx.note("connection_tested", connection.id.as_str(), json!({ "tenant": identity.tenant }))?;
    }
    let tried = tried.map(|tried| TriedView::of(tried, &connection.name));
    Ok(AddedView { connection: connection_view(ctx, &connection)?, tried })
}

/// The connection that a request asks for, as it will be kept.
fn asked_for(ctx: &Context, request: &AddConnectionRequest, actor: &Actor) -> DeskResult<Connection> {
    let (sheet, more, tenant) = vendors::admit(&request.vendor, &request.settings, &request.name)?;
    let settings = Settings { url: request.url.clone(), more };
    let mode = ConnectionMode::parse(&request.mode).ok_or_else(|| {
        DeskError::new(Code::ModeUnknown, format!("\"{}\" is no mode: write test or live", request.mode))
    })?;
    Ok(Connection {
        id: ConnectionId::random(&mut OsEntropy),
        name: request.name.clone(),
        vendor: Vendor::new(sheet.dialect),
        role: match sheet.role {
            Role::Billing => ConnectionRole::Billing,
            Role::Erp => ConnectionRole::Erp,
        },
        mode,
        tenant,
        options: serde_json::to_string(&settings)?,
        paused: false,
        added_by: actor.id().to_string(),
        added_at: ctx.clock.now(),
    })
}

/// Asks the vendor who a connection is. An account of the other kind than the connection is a failure.
fn tried(connector: &Connector, mode: ConnectionMode) -> DeskResult<Result<AccountIdentity, VendorFailure>> {
    let found = runtime()?.block_on(async { timeout(TRIED_FOR, connector.test()).await });
    let found = found.unwrap_or_else(|_| {
        let message = format!("no answer within {} seconds", TRIED_FOR.as_secs());
        Err(VendorFailure::retryable("timed_out", message))
    });
    let live = mode == ConnectionMode::Live;
    Ok(found.and_then(|identity| match identity.live {
        Some(there) if there != live => {
            let kind = |live: bool| if live { "live" } else { "test" };
            Err(VendorFailure::terminal(
                "test_live_mismatch",
                format!(
                    "{} is a {} account, and the connection says {}",
                    identity.name.as_deref().unwrap_or(&identity.tenant),
                    kind(there),
                    kind(live)
                ),
            ))
        }
        _ => Ok(identity),
    }))
}

/// Replaces a connection's credentials.
///
/// # Errors
/// A refusal, `credential_missing`, `not_found`.
pub fn rotate_connection(
    ctx: &Context,
    name: &str,
    given: &CredentialSource<'_>,
) -> DeskResult<ConnectionView> {
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, name)?;
    let connection = find_connection(ctx, name)?;
    let fields = Settings::of(&connection)?.credentials(&connection)?;
    credentials::keep(ctx, &connection.id, &fields, given)?;
    let subject = connection.id.to_string();
    actor::signed(
        ctx,
        &actor,
        "credentials_rotated",
        &subject,
        json!({ "fields": fields }),
        |store, log| store.credentials_rotated(&connection.id, log),
    )?;
    ctx.shelf.get::<Adapters>().forget(&connection.id);
    connection_view(ctx, &connection)
}

/// Adds a connection whose credentials come with the request.
///
/// # Errors
/// As [`add_connection`].
pub fn connection_add(ctx: &Context, request: &AddConnectionRequest) -> DeskResult<AddedView> {
    add_connection(ctx, request, &|field| credentials::given(&request.credentials, field))
}

/// Replaces a connection's credentials by those of the request.
///
/// # Errors
/// As [`rotate_connection`].
pub fn connection_rotate(ctx: &Context, request: &RotateRequest) -> DeskResult<ConnectionView> {
    let name = find_connection(ctx, &request.id)?.name;
    rotate_connection(ctx, &name, &|field| credentials::given(&request.credentials, field))
}

/// Stops reading from and posting to a connection, or takes it up again. Calls under way end.
///
/// # Errors
/// A refusal, `not_found`.
pub fn connection_pause(ctx: &Context, request: &PauseRequest) -> DeskResult<ConnectionView> {
    let actor = actor::actor(ctx)?;
    let connection = find_connection(ctx, &request.id)?;
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, &connection.name)?;
    let what = if request.paused { "connection_paused" } else { "connection_resumed" };
    let detail = json!({ "name": connection.name });
    actor::signed(ctx, &actor, what, connection.id.as_str(), detail, |store, log| {
        store.set_connection_paused(&connection.id, request.paused, log)
    })?;
    ctx.shelf.get::<Adapters>().forget(&connection.id);
    connection_view(ctx, &find_connection(ctx, connection.id.as_str())?)
}

/// Tries a connection's credentials.
///
/// # Errors
/// The vendor's own words, with our code.
pub fn test_connection(ctx: &Context, name: &str) -> DeskResult<AccountIdentity> {
    let connection = find_connection(ctx, name)?;
    let connector = adapters::connector(ctx, &connection)?;
    let identity = runtime()?.block_on(connector.test());
    let identity = identity.map_err(|failure| DeskError::from(failure).at(name))?;
    ctx.note("connection_tested", connection.id.as_str(), json!({ "tenant": identity.tenant }))?;
    Ok(identity)
}

/// All connections with their last sync.
///
/// # Errors
/// A database error.
pub fn connections(ctx: &Context) -> DeskResult<Vec<ConnectionView>> {
    let connections = ctx.known().connections()?;
    connections.iter().map(|connection| connection_view(ctx, connection)).collect()
}

pub(crate) fn connection_view(ctx: &Context, connection: &Connection) -> DeskResult<ConnectionView> {
    let states = ctx.store().sync_states(&connection.id)?;
    let figures = ctx.store().connection_figures(&connection.id)?;
    let (whole, states): (Vec<_>, Vec<_>) =
        states.into_iter().partition(|state| state.resource == WHOLE_CONNECTION);
    let whole = whole.into_iter().next();
    let complete = states.iter().map(|s| s.complete_through).min().flatten();
    let of_one = || states.iter().find_map(|s| s.last_error.clone().map(|e| format!("{}: {e}", s.resource)));
    let error = whole.as_ref().and_then(|whole| whole.last_error.clone()).or_else(of_one);
    let error_code = whole.as_ref().and_then(|whole| whole.last_error_code.clone());
    let settings = Settings::of(connection).ok();
    let sheet = settings.as_ref().and_then(|settings| settings.sheet(connection));
    Ok(ConnectionView {
        id: connection.id.to_string(),
        name: connection.name.clone(),
        vendor: connection.vendor.as_str().to_owned(),
        vendor_name: sheet.map_or("Files", |sheet| sheet.name).to_owned(),
        role: connection.role.as_str().to_owned(),
        mode: connection.mode.as_str().to_owned(),
        tenant: connection.tenant.clone(),
        paused: connection.paused,
        complete_through: complete,
        last_error: error,
        advice: error_code.as_deref().map(|code| advice(code, &connection.name)),
        error_code,
        url: settings.as_ref().map(|s| s.url.clone()).unwrap_or_default(),
        last_attempt_at: states.iter().chain(&whole).filter_map(|s| s.last_attempt_at).max(),
        documents: figures.held,
        resources: states
            .iter()
            .map(|state| {
                let since = settings.as_ref().zip(state.resume.as_deref());
                let since = since.and_then(|(settings, resume)| settings.since(connection, resume));
                resource_view(connection, state, &figures, since)
            })
            .collect(),
        credentials: settings
            .as_ref()
            .and_then(|settings| settings.credentials(connection).ok())
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        rate: rate_view(ctx, connection, settings.as_ref()),
        posting: posting_switch::switch_view(ctx, connection)?,
    })
}

fn rate_view(ctx: &Context, connection: &Connection, settings: Option<&Settings>) -> RateView {
    let seen = ctx.shelf.get::<Adapters>().snapshot(&connection.id);
    let limit = seen.map(|seen| seen.limit).or_else(|| settings?.limit(connection).ok());
    let blocked = seen.and_then(|s| s.blocked_for).and_then(|wait| chrono::Duration::from_std(wait).ok());
    RateView {
        share_percent: seen.filter(|s| s.calls > 0).map(|s| s.share_percent),
        in_flight: seen.map_or(0, |s| s.in_flight),
        blocked_until: blocked.map(|wait| ctx.clock.now() + wait),
        allowed: limit
            .map_or_else(|| "a file is read from this machine".to_owned(), |limit| limit.to_string()),
    }
}

/// The connection of this name or id.
pub(crate) fn find_connection(ctx: &Context, name: &str) -> DeskResult<Connection> {
    if let Some(found) = ctx.store().connection_by_name(name)? {
        return Ok(found);
    }
    match name.parse::<ConnectionId>() {
        Ok(id) => Ok(ctx.known().connection(&id)?),
        Err(_) => Err(DeskError::new(Code::NotFound, format!("there is no connection {name}"))),
    }
}

fn resource_view(
    connection: &Connection,
    state: &SyncState,
    figures: &ConnectionFigures,
    since: Option<Since>,
) -> ResourceView {
    let (since, since_there) = match since {
        Some(Since::At(at)) => (Some(at), None),
        Some(Since::There(time)) => (None, Some(time)),
        None => (None, None),
    };
    let found = figures.resources.iter().find(|f| f.resource == state.resource);
    let code = state.last_error_code.as_deref();
    ResourceView {
        resource: state.resource.clone(),
        complete_through: state.complete_through,
        resume: state.resume.clone(),
        since,
        since_there,
        scanning_since: state.scan_started_at.filter(|_| state.next.is_some()),
        last_attempt_at: state.last_attempt_at,
        items: found.map_or(0, |f| f.items),
        pages: found.map_or(0, |f| f.pages),
        rejected: found.map_or(0, |f| f.rejected),
        api_version: found.and_then(|f| f.api_version.clone()),
        error_code: state.last_error_code.clone(),
        error: state.last_error.clone(),
        advice: code.map(|code| advice(code, &connection.name)),
    }
}
