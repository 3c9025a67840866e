//! Connections: added, tested, listed, rotated; and the adapters that are built of them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::{
    AccountIdentity, LedgerPoster, LedgerSource,
    kit::{Limit, Secret, World},
    vendors::{
        netsuite::{M2m, M2mAlgorithm, NetSuiteAuth, NetSuiteConnection, NetSuiteOptions, TokenAuth},
        stripe::{Offer, StripeConnection, StripeOptions},
        tryton::{TrytonConnection, TrytonOptions},
    },
};
use tieout_domain::{ConnectionId, people::Action};
use tieout_duties::Subject;
use tieout_store::{Connection, ConnectionFigures, ConnectionMode, ConnectionRole, SyncState, Vendor};

use crate::{
    access::actor,
    base::{
        clock::{OsEntropy, SystemClock},
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::{
        adapters::{self, Adapters, allowed, runtime},
        connecting,
        vendors::advice,
    },
};
use tieout_vault::{SecretName, SecretText};

/// A connection to add.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct AddConnectionRequest {
    /// Its name, unique in the workspace.
    pub name: String,
    /// stripe, localstripe, netsuite or tryton.
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

/// Gives one credential by the name of its field.
pub type CredentialSource<'a> = dyn Fn(&str) -> DeskResult<String> + 'a;

/// A connection in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ConnectionView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The vendor.
    pub vendor: String,
    /// billing or erp.
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

/// The settings of a connection, as stored: no secret is among them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) url: String,
    #[serde(flatten)]
    pub(crate) more: BTreeMap<String, String>,
}

impl Settings {
    fn of(connection: &Connection) -> DeskResult<Self> {
        Ok(serde_json::from_str(&connection.options)?)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.more.get(name).map(String::as_str)
    }

    fn need(&self, name: &str) -> DeskResult<&str> {
        self.get(name).ok_or_else(|| {
            DeskError::new(Code::SettingMissing, format!("this vendor needs the setting {name}"))
        })
    }

    pub(crate) fn number(&self, name: &str) -> DeskResult<Option<u32>> {
        self.get(name)
            .map(|text| {
                text.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                    DeskError::new(
                        Code::SettingBad,
                        format!("{name}={text}: a whole number above 0 is needed"),
                    )
                })
            })
            .transpose()
    }

    /// The allowed rate and concurrency, where set; else `usual`.
    fn limit(&self, usual: Limit) -> DeskResult<Limit> {
        let concurrency = self.number("concurrency")?.unwrap_or(usual.concurrency);
        Ok(match self.number("rate")? {
            Some(rate) => Limit::per_second(rate, concurrency),
            None => Limit { concurrency, ..usual },
        })
    }

    fn seconds(&self, name: &str, usual: u32) -> DeskResult<Duration> {
        Ok(Duration::from_secs(u64::from(self.number(name)?.unwrap_or(usual))))
    }
}

/// The credentials that a vendor needs, by the setting `auth` where it has several ways.
fn credential_fields(vendor: Vendor, settings: &Settings) -> DeskResult<&'static [&'static str]> {
    match (vendor, settings.get("auth")) {
        (Vendor::Stripe, _) => Ok(&["api_key"]),
        (Vendor::Tryton, _) => Ok(&["password"]),
        (Vendor::Files, _) => Ok(&[]),
        (Vendor::NetSuite, None | Some("tba")) => {
            Ok(&["consumer_key", "consumer_secret", "token_id", "token_secret"])
        }
        (Vendor::NetSuite, Some("m2m")) => Ok(&["client_id", "certificate_id", "private_key"]),
        (Vendor::NetSuite, Some(other)) => {
            Err(DeskError::new(Code::SettingBad, format!("auth={other}: netsuite knows tba and m2m")))
        }
    }
}

fn credential_names(connection: &Connection, settings: Option<&Settings>) -> Vec<String> {
    let fields = settings.and_then(|settings| credential_fields(connection.vendor, settings).ok());
    fields.unwrap_or_default().iter().map(|name| (*name).to_owned()).collect()
}

/// Adds a connection; its credentials go straight to the secrets.
///
/// # Errors
/// A refusal, `vendor_unknown`, `mode_unknown`, `setting_missing`, `credential_missing`,
/// `already_exists`, and as [`crate::intake::connecting::check_usable`].
pub fn add_connection(
    ctx: &Context,
    request: &AddConnectionRequest,
    credentials: &CredentialSource<'_>,
) -> DeskResult<ConnectionView> {
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, &request.name)?;
    let mut settings = Settings { url: request.url.clone(), more: request.settings.clone() };
    let (vendor, role) = match request.vendor.as_str() {
        "stripe" => (Vendor::Stripe, ConnectionRole::Billing),
        "localstripe" => {
            settings.more.insert("offer".to_owned(), "localstripe".to_owned());
            (Vendor::Stripe, ConnectionRole::Billing)
        }
        "netsuite" => (Vendor::NetSuite, ConnectionRole::Erp),
        "tryton" => (Vendor::Tryton, ConnectionRole::Erp),
        other => {
            return Err(DeskError::new(
                Code::VendorUnknown,
                format!("\"{other}\" is no vendor here; there are stripe, localstripe, netsuite, tryton"),
            ));
        }
    };
    let mode = ConnectionMode::parse(&request.mode).ok_or_else(|| {
        DeskError::new(Code::ModeUnknown, format!("\"{}\" is no mode: write test or live", request.mode))
    })?;
    let tenant = match vendor {
        Vendor::NetSuite => settings.need("account")?.to_owned(),
        Vendor::Tryton => format!("{}/{}", settings.need("database")?, settings.need("company")?),
        Vendor::Stripe | Vendor::Files => settings.get("account").unwrap_or(&request.name).to_owned(),
    };
    let connection = Connection {
        id: ConnectionId::random(&mut OsEntropy),
        name: request.name.clone(),
        vendor,
        role,
        mode,
        tenant,
        options: serde_json::to_string(&settings)?,
        paused: false,
        added_by: actor.id().to_string(),
        added_at: ctx.clock.now(),
    };
    let fields = credential_fields(vendor, &settings)?;
    keep_credentials(ctx, &connection.id, fields, credentials)?;
    let detail = json!({ "name": connection.name, "vendor": vendor.as_str(), "mode": mode.as_str() });
    let subject = connection.id.to_string();
    let added = connecting::check_usable(ctx, &connection).and_then(|()| {
        actor::signed(ctx, &actor, "connection_added", &subject, detail, |s, log| {
            s.add_connection(&connection, log)
        })
    });
    if added.is_err() {
        connecting::forget_credentials(ctx, &connection.id)?;
    }
    added?;
    connection_view(ctx, &connection)
}

/// Replaces a connection's credentials.
///
/// # Errors
/// A refusal, `credential_missing`, `not_found`.
pub fn rotate_connection(
    ctx: &Context,
    name: &str,
    credentials: &CredentialSource<'_>,
) -> DeskResult<ConnectionView> {
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, name)?;
    let connection = find_connection(ctx, name)?;
    let fields = credential_fields(connection.vendor, &Settings::of(&connection)?)?;
    keep_credentials(ctx, &connection.id, fields, credentials)?;
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
pub fn connection_add(ctx: &Context, request: &AddConnectionRequest) -> DeskResult<ConnectionView> {
    add_connection(ctx, request, &|field| credential_of(&request.credentials, field))
}

/// Replaces a connection's credentials by those of the request.
///
/// # Errors
/// As [`rotate_connection`].
pub fn connection_rotate(ctx: &Context, request: &RotateRequest) -> DeskResult<ConnectionView> {
    let name = find_connection(ctx, &request.id)?.name;
    rotate_connection(ctx, &name, &|field| credential_of(&request.credentials, field))
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

fn keep_credentials(
    ctx: &Context,
    id: &ConnectionId,
    fields: &[&str],
    credentials: &CredentialSource<'_>,
) -> DeskResult<()> {
    // All are there before the first is written: what was kept before stays whole otherwise.
    let given = |field: &&str| credentials(field).map(zeroize::Zeroizing::new);
    let values = fields.iter().map(given).collect::<DeskResult<Vec<_>>>()?;
    for (field, value) in fields.iter().zip(&values) {
        ctx.secrets.set(&SecretName::connection(id, field)?, value.as_bytes())?;
    }
    Ok(())
}

/// Tries a connection's credentials.
///
/// # Errors
/// The vendor's own words, with our code.
pub fn test_connection(ctx: &Context, name: &str) -> DeskResult<AccountIdentity> {
    let connection = find_connection(ctx, name)?;
    let runtime = runtime()?;
    let identity = match connection.role {
        ConnectionRole::Billing => {
            let source = adapters::billing_source(ctx, &connection)?;
            runtime.block_on(source.test())
        }
        ConnectionRole::Erp => {
            let source = adapters::ledger(ctx, &connection)?.source();
            runtime.block_on(source.test())
        }
    };
    let identity = identity.map_err(|failure| DeskError::from(failure).at(name))?;
    ctx.note("connection_tested", connection.id.as_str(), json!({ "tenant": identity.tenant }))?;
    Ok(identity)
}

/// All connections with their last sync.
///
/// # Errors
/// A database error.
pub fn connections(ctx: &Context) -> DeskResult<Vec<ConnectionView>> {
    let connections = ctx.store().connections()?;
    connections.iter().map(|connection| connection_view(ctx, connection)).collect()
}

pub(crate) fn connection_view(ctx: &Context, connection: &Connection) -> DeskResult<ConnectionView> {
    let states = ctx.store().sync_states(&connection.id)?;
    let figures = ctx.store().connection_figures(&connection.id)?;
    let complete = states.iter().map(|s| s.complete_through).min().flatten();
    let error = states.iter().find_map(|s| s.last_error.clone().map(|e| format!("{}: {e}", s.resource)));
    let settings: Option<Settings> = serde_json::from_str(&connection.options).ok();
    Ok(ConnectionView {
        id: connection.id.to_string(),
        name: connection.name.clone(),
        vendor: connection.vendor.as_str().to_owned(),
        role: connection.role.as_str().to_owned(),
        mode: connection.mode.as_str().to_owned(),
        tenant: connection.tenant.clone(),
        paused: connection.paused,
        complete_through: complete,
        last_error: error,
        url: settings.as_ref().map(|s| s.url.clone()).unwrap_or_default(),
        last_attempt_at: states.iter().filter_map(|s| s.last_attempt_at).max(),
        documents: figures.held,
        resources: states.iter().map(|state| resource_view(connection, state, &figures)).collect(),
        credentials: credential_names(connection, settings.as_ref()),
        rate: rate_view(ctx, connection, settings.as_ref()),
    })
}

fn rate_view(ctx: &Context, connection: &Connection, settings: Option<&Settings>) -> RateView {
    let seen = ctx.shelf.get::<Adapters>().snapshot(&connection.id);
    let usual = match connection.vendor {
        Vendor::Stripe => Some(Limit::per_second(25, 8)),
        Vendor::NetSuite => Some(Limit::concurrency(4)),
        Vendor::Tryton => Some(Limit::concurrency(1)),
        Vendor::Files => None,
    };
    let limit = match (seen, connection.vendor, usual, settings) {
        (Some(seen), _, _, _) => Some(seen.limit),
        // Tryton's one call at once is not a setting.
        (None, Vendor::Tryton, usual, _) => usual,
        (None, _, Some(usual), Some(settings)) => settings.limit(usual).ok(),
        (None, _, usual, _) => usual,
    };
    let blocked = seen.and_then(|s| s.blocked_for).and_then(|wait| chrono::Duration::from_std(wait).ok());
    RateView {
        share_percent: seen.filter(|s| s.calls > 0).map(|s| s.share_percent),
        in_flight: seen.map_or(0, |s| s.in_flight),
        blocked_until: blocked.map(|wait| ctx.clock.now() + wait),
        allowed: limit.map_or_else(|| "a file is read from this machine".to_owned(), allowed),
    }
}

/// The connection of this name or id.
pub(crate) fn find_connection(ctx: &Context, name: &str) -> DeskResult<Connection> {
    if let Some(found) = ctx.store().connection_by_name(name)? {
        return Ok(found);
    }
    match name.parse::<ConnectionId>() {
        Ok(id) => Ok(ctx.store().connection(&id)?),
        Err(_) => Err(DeskError::new(Code::NotFound, format!("there is no connection {name}"))),
    }
}

fn credential(ctx: &Context, connection: &Connection, field: &str) -> DeskResult<Secret> {
    let missing = || {
        DeskError::new(
            Code::CredentialMissing,
            format!("the secrets hold no {field} for {}: rotate its credentials", connection.name),
        )
    };
    let bytes = ctx.secrets.get(&SecretName::connection(&connection.id, field)?)?.ok_or_else(missing)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| missing())?;
    Ok(Secret::new(text))
}

pub(crate) fn stripe(ctx: &Context, connection: &Connection) -> DeskResult<StripeConnection> {
    let settings = Settings::of(connection)?;
    let key = credential(ctx, connection, "api_key")?;
    let live = connection.mode == ConnectionMode::Live;
    let mut options = StripeOptions::new(settings.url.clone(), key, live, world());
    if settings.get("offer") == Some("localstripe") {
        options.offer = Offer::localstripe();
    }
    options.limit = settings.limit(options.limit)?;
    options.read_timeout = settings.seconds("timeout", 60)?;
    Ok(StripeConnection::new(options)?)
}

pub(crate) fn netsuite(ctx: &Context, connection: &Connection) -> DeskResult<NetSuiteConnection> {
    let settings = Settings::of(connection)?;
    let field = |name: &str| credential(ctx, connection, name);
    let auth = match settings.get("auth") {
        Some("m2m") => NetSuiteAuth::M2m(M2m {
            client_id: field("client_id")?.expose().to_owned(),
            certificate_id: field("certificate_id")?.expose().to_owned(),
            algorithm: match settings.get("algorithm") {
                Some("PS256") => M2mAlgorithm::Ps256,
                _ => M2mAlgorithm::Es256,
            },
            private_key_pem: field("private_key")?,
        }),
        _ => NetSuiteAuth::Token(TokenAuth {
            consumer_key: field("consumer_key")?,
            consumer_secret: field("consumer_secret")?,
            token_id: field("token_id")?,
            token_secret: field("token_secret")?,
        }),
    };
    let live = connection.mode == ConnectionMode::Live;
    let mut options =
        NetSuiteOptions::new(settings.url.clone(), connection.tenant.clone(), live, auth, world());
    options.limit = settings.limit(options.limit)?;
    options.read_timeout = settings.seconds("timeout", 60)?;
    options.approve = settings.get("approve") == Some("true");
    Ok(NetSuiteConnection::new(options)?)
}

pub(crate) fn tryton(ctx: &Context, connection: &Connection) -> DeskResult<TrytonConnection> {
    let settings = Settings::of(connection)?;
    let company = settings.need("company")?;
    let no_number = format!("company: Tryton's numeric id of it is needed, and \"{company}\" is none");
    let mut options = TrytonOptions::new(
        settings.url.clone(),
        settings.need("database")?,
        settings.need("login")?,
        credential(ctx, connection, "password")?,
        company.parse().map_err(|_| DeskError::new(Code::SettingBad, no_number))?,
        world(),
    );
    if let Some(journal) = settings.get("journal") {
        journal.clone_into(&mut options.journal);
    }
    options.read_timeout = settings.seconds("timeout", 60)?;
    Ok(TrytonConnection::new(options)?)
}

fn credential_of(given: &BTreeMap<String, SecretText>, field: &str) -> DeskResult<String> {
    let found = given.get(field).filter(|text| !text.expose().trim().is_empty());
    let missing = || DeskError::new(Code::CredentialMissing, format!("give the credential {field}"));
    found.map(|text| text.expose().to_owned()).ok_or_else(missing)
}

fn resource_view(connection: &Connection, state: &SyncState, figures: &ConnectionFigures) -> ResourceView {
    let found = figures.resources.iter().find(|f| f.resource == state.resource);
    let code = state.last_error_code.as_deref();
    ResourceView {
        resource: state.resource.clone(),
        complete_through: state.complete_through,
        resume: state.resume.clone(),
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

/// An ERP's adapter, to read and to post.
#[derive(Clone)]
pub(crate) enum Ledger {
    NetSuite(Arc<NetSuiteConnection>),
    Tryton(Arc<TrytonConnection>),
}

impl Ledger {
    pub(crate) fn source(&self) -> Arc<dyn LedgerSource> {
        match self {
            Ledger::NetSuite(one) => Arc::clone(one) as Arc<dyn LedgerSource>,
            Ledger::Tryton(one) => Arc::clone(one) as Arc<dyn LedgerSource>,
        }
    }

    pub(crate) fn poster(&self) -> Arc<dyn LedgerPoster> {
        match self {
            Ledger::NetSuite(one) => Arc::clone(one) as Arc<dyn LedgerPoster>,
            Ledger::Tryton(one) => Arc::clone(one) as Arc<dyn LedgerPoster>,
        }
    }
}

pub(crate) fn not_a(connection: &Connection, what: &str) -> DeskError {
    DeskError::new(
        Code::ConnectionUnfit,
        format!("{} ({}) is no {what}", connection.name, connection.vendor.as_str()),
    )
}

pub(crate) fn world() -> World {
    World::new(Arc::new(SystemClock), OsEntropy)
}
