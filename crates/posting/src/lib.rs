//! The outbox worker: intent → send → read back, and the way out of doubt.
//!
//! The engine owns no clock, no randomness, no store and no vendor: all are ports ([`ports`], and
//! [`tieout_connectors::LedgerPoster`]), so that the very same code runs under a seeded simulation.
//! Settling is not here: a posting is settled when the ledger's own sync shows it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod asking;
mod attempt;
mod decide;
mod finding;
mod limits;
mod look;
mod memo;
#[cfg(feature = "planted")]
pub mod planted;
#[cfg(not(feature = "planted"))]
mod planted;
pub mod ports;
mod readback;
mod send;
mod sight;
mod visit;
mod watch;
mod worker;

pub use attempt::{AttemptAction, FailureNote};
pub use finding::Finding;
pub use limits::Limits;
pub use memo::{BookedStep, Doubt, Memo, MemoRefusal};
pub use ports::{
    AttemptIntent, AttemptOutcome, Authority, AuthorityError, Busy, Change, Heir, Look, Name, Outbox,
    OutboxError, Sleeper, UnfinishedAttempt, Work,
};
pub use readback::compare;
pub use send::DUPLICATE_KEY;
pub use worker::{Done, Ports, What, Worker, WorkerError};
