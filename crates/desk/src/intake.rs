//! Connections, reading and importing, what the ledger should hold, detection.

pub mod account;
pub mod adapters;
pub mod aside;
pub mod bank;
pub mod chart;
pub mod connecting;
pub mod connections;
pub mod credentials;
pub mod derivation;
pub mod detection;
mod fetch;
pub(crate) mod house;
pub mod import_periods;
pub mod imports;
pub mod pages;
pub mod pipe;
pub mod recognition;
pub mod releases;
mod schedules;
pub(crate) mod settings;
pub mod studio;
pub mod sync;
pub mod undo;
pub mod vendors;
