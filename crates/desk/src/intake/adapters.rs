//! The adapters of open connections: one per connection, shared by sync, posting, look-ups and tests, because
//! each holds the one limiter of its vendor's allowance. A connection whose settings or credentials change,
//! or that is paused, gets a new one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use tieout_connectors::{
    BillingSource, Limited,
    kit::{Limit, Snapshot},
    vendors::stripe::StripeConnection,
};
use tieout_domain::ConnectionId;
use tieout_store::{Connection, Vendor};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::connections::{self, Ledger, not_a},
};

/// The adapters in use. Desks beside one another on one workspace share them, and so the limiters.
#[derive(Default)]
pub(crate) struct Adapters(Mutex<HashMap<ConnectionId, Kept>>);

struct Kept {
    /// The settings that it was made with.
    options: String,
    /// How often its credentials had been rotated then, by any process.
    rotations: u32,
    adapter: Adapter,
}

/// The adapter of one connection.
#[derive(Clone)]
pub(crate) enum Adapter {
    Stripe(Arc<StripeConnection>),
    Ledger(Ledger),
}

impl Adapter {
    fn snapshot(&self) -> Snapshot {
        match self {
            Adapter::Stripe(one) => one.limiter().snapshot(),
            Adapter::Ledger(Ledger::NetSuite(one)) => one.limiter().snapshot(),
            Adapter::Ledger(Ledger::Tryton(one)) => one.limiter().snapshot(),
        }
    }
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
        self.kept().get(connection).map(|kept| kept.adapter.snapshot())
    }
}

fn adapter(ctx: &Context, connection: &Connection) -> DeskResult<Adapter> {
    let rotations = ctx.store().credential_rotations(&connection.id)?;
    let adapters = ctx.shelf.get::<Adapters>();
    let mut kept = adapters.kept();
    if let Some(found) = kept.get(&connection.id)
        && found.options == connection.options
        && found.rotations == rotations
    {
        return Ok(found.adapter.clone());
    }
    let adapter = match connection.vendor {
        Vendor::Stripe => Adapter::Stripe(Arc::new(connections::stripe(ctx, connection)?)),
        Vendor::NetSuite => {
            Adapter::Ledger(Ledger::NetSuite(Arc::new(connections::netsuite(ctx, connection)?)))
        }
        Vendor::Tryton => Adapter::Ledger(Ledger::Tryton(Arc::new(connections::tryton(ctx, connection)?))),
        Vendor::Files => return Err(not_a(connection, "system that can be called")),
    };
    let new = Kept { options: connection.options.clone(), rotations, adapter: adapter.clone() };
    kept.insert(connection.id.clone(), new);
    Ok(adapter)
}

/// The adapter of a billing connection.
pub(crate) fn billing_source(ctx: &Context, connection: &Connection) -> DeskResult<Arc<dyn BillingSource>> {
    match connection.vendor {
        Vendor::Stripe => match adapter(ctx, connection)? {
            Adapter::Stripe(one) => Ok(one),
            Adapter::Ledger(_) => Err(not_a(connection, "billing system")),
        },
        Vendor::NetSuite | Vendor::Tryton | Vendor::Files => Err(not_a(connection, "billing system")),
    }
}

/// The adapter of an ERP connection. Reading and posting share it, and so its rate limiter.
pub(crate) fn ledger(ctx: &Context, connection: &Connection) -> DeskResult<Ledger> {
    match connection.vendor {
        Vendor::NetSuite | Vendor::Tryton => match adapter(ctx, connection)? {
            Adapter::Ledger(ledger) => Ok(ledger),
            Adapter::Stripe(_) => Err(not_a(connection, "ERP that can be called")),
        },
        Vendor::Stripe | Vendor::Files => Err(not_a(connection, "ERP that can be called")),
    }
}

/// What a limit allows, in words.
pub(crate) fn allowed(limit: Limit) -> String {
    let at_once = limit.concurrency.max(1);
    match limit.rate {
        Some(rate) if rate.per.as_secs() == 1 => {
            format!("{} a second, {at_once} at once", calls(rate.calls))
        }
        Some(rate) => format!("{} in {} s, {at_once} at once", calls(rate.calls), rate.per.as_secs()),
        None => format!("{} at once", calls(at_once)),
    }
}

fn calls(count: u32) -> String {
    format!("{count} {}", if count == 1 { "call" } else { "calls" })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_in_words() {
        assert_eq!(allowed(Limit::per_second(25, 4)), "25 calls a second, 4 at once");
        assert_eq!(allowed(Limit::concurrency(1)), "1 call at once");
        assert_eq!(allowed(Limit::concurrency(11)), "11 calls at once");
    }
}
