//! The adapters of open connections: one per connection, shared by sync, posting, look-ups and tests, because
//! each holds the one limiter of its vendor's allowance. A connection whose settings or credentials change,
//! or that is paused, gets a new one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use tieout_connectors::{
    BillingSource, Connector, LedgerPoster, LedgerSource, Wanted,
    kit::{Snapshot, World},
    vendors,
};
use tieout_domain::ConnectionId;
use tieout_store::{Connection, ConnectionMode};

use crate::{
    base::{
        clock::{OsEntropy, SystemClock},
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        machine::MachinePolicy,
    },
    intake::{credentials, settings::Settings},
};

/// The adapters in use. Desks beside one another on one workspace share them, and so the limiters.
#[derive(Default)]
pub(crate) struct Adapters(Mutex<HashMap<ConnectionId, Kept>>);

struct Kept {
    /// The settings that it was made with.
    options: String,
    /// How often its credentials had been rotated then, by any process.
    rotations: u32,
    connector: Connector,
}

impl Adapters {
    fn kept(&self) -> MutexGuard<'_, HashMap<ConnectionId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a connection's adapter: the next call makes one of the present settings and credentials. Calls
    /// under way keep the one that they have.
    pub(crate) fn forget(&self, connection: &ConnectionId) {
        self.kept().remove(connection);
    }

    /// What the connection's limiter does now; `None` before its first use in this process.
    pub(crate) fn snapshot(&self, connection: &ConnectionId) -> Option<Snapshot> {
        self.kept().get(connection).map(|kept| kept.connector.snapshot())
    }
}

/// The adapter of a connection that can be called.
pub(crate) fn connector(ctx: &Context, connection: &Connection) -> DeskResult<Connector> {
    allowed(connection)?;
    let rotations = ctx.store().credential_rotations(&connection.id)?;
    let adapters = ctx.shelf.get::<Adapters>();
    let mut kept = adapters.kept();
    if let Some(found) = kept.get(&connection.id)
        && found.options == connection.options
        && found.rotations == rotations
    {
        return Ok(found.connector.clone());
    }
    let connector = build(ctx, connection)?;
    let new = Kept { options: connection.options.clone(), rotations, connector: connector.clone() };
    kept.insert(connection.id.clone(), new);
    Ok(connector)
}

/// Refuses a connection that this machine's administrator does not allow, one that was added before included.
fn allowed(connection: &Connection) -> DeskResult<()> {
    if connection.is_files() {
        return Ok(());
    }
    let settings = Settings::of(connection)?;
    let kept = connection.vendor.as_str();
    let vendor = vendors::sheet(kept, &settings.more).map_or(kept, |sheet| sheet.vendor);
    MachinePolicy::read()?.admits_connection(vendor, &settings.url)
}

fn build(ctx: &Context, connection: &Connection) -> DeskResult<Connector> {
    if connection.is_files() {
        return Err(not_a(connection, "system that can be called"));
    }
    let settings = Settings::of(connection)?;
    let wanted = Wanted {
        vendor: connection.vendor.as_str(),
        url: &settings.url,
        live: connection.mode == ConnectionMode::Live,
        tenant: &connection.tenant,
        settings: &settings.more,
        world: World::new(Arc::new(SystemClock), OsEntropy).trusting(MachinePolicy::read()?.trusted()?),
    };
    vendors::build(&wanted, |field| credentials::kept(ctx, connection, field))
}

/// Builds the adapter of a connection whose credentials are kept, and which may not have been added yet:
/// whatever can be known to be wrong without a call is told now, by the very code that would use it.
///
/// # Errors `setting_bad`, `setting_missing`, `bad_address`, `insecure_address`, `test_live_mismatch`,
/// `auth_failed` for an empty key; each names the field. `fixed_by_administrator` for a vendor or host that
/// is not allowed on this machine.
pub(crate) fn usable(ctx: &Context, connection: &Connection) -> DeskResult<Connector> {
    allowed(connection)?;
    build(ctx, connection).map_err(|error| match error.code {
        Code::BadAddress | Code::InsecureAddress => error.at("address"),
        Code::TestLiveMismatch => error.at("mode"),
        _ => error,
    })
}

/// The adapter of a connection, in a part that it plays.
fn part<T>(
    ctx: &Context,
    connection: &Connection,
    what: &str,
    of: impl FnOnce(&Connector) -> Option<T>,
) -> DeskResult<T> {
    let fits = !connection.is_files();
    let found = if fits { of(&connector(ctx, connection)?) } else { None };
    found.ok_or_else(|| not_a(connection, what))
}

/// The adapter of a billing connection.
pub(crate) fn billing_source(ctx: &Context, connection: &Connection) -> DeskResult<Arc<dyn BillingSource>> {
    part(ctx, connection, "billing system", Connector::billing_source)
}

/// The adapter of an ERP connection, to read. Reading and posting share it, and so its rate limiter.
pub(crate) fn ledger_source(ctx: &Context, connection: &Connection) -> DeskResult<Arc<dyn LedgerSource>> {
    part(ctx, connection, "ERP that can be called", Connector::ledger_source)
}

/// The adapter of an ERP connection, to book.
pub(crate) fn poster(ctx: &Context, connection: &Connection) -> DeskResult<Arc<dyn LedgerPoster>> {
    part(ctx, connection, "ERP that can be called", Connector::poster)
}

fn not_a(connection: &Connection, what: &str) -> DeskError {
    DeskError::new(
        Code::ConnectionUnfit,
        format!("{} ({}) is no {what}", connection.name, connection.vendor.as_str()),
    )
}

/// The runtime of all vendor calls of this process. It is one and stays: connections that an adapter keeps
/// open belong to the runtime that opened them, and would break under another command's call if it ended.
///
/// # Errors
/// `runtime_failed`.
pub fn runtime() -> DeskResult<&'static tokio::runtime::Runtime> {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    if let Some(running) = RUNTIME.get() {
        return Ok(running);
    }
    let made = new_runtime()?;
    Ok(RUNTIME.get_or_init(|| made))
}

/// A runtime that ends when it is dropped.
pub(crate) fn new_runtime() -> DeskResult<tokio::runtime::Runtime> {
    let made = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    made.map_err(|e| {
        DeskError::new(Code::RuntimeFailed, format!("the operating system gave no threads: {e}"))
    })
}
