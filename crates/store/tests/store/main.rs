//! The store from outside: only its public methods, and a second connection that plays the attacker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod backup;
mod decide;
mod file;
mod handles;
mod ingest;
mod log;
mod migration;
mod outbox;
mod population;
mod removal;
mod schema;
mod seal;
mod sealed_desk;
mod support;
mod work;
