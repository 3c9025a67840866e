//! Connections, reading and importing, what the ledger should hold, detection.

pub mod adapters;
pub mod aside;
pub mod chart;
pub mod connecting;
pub mod connections;
pub mod credentials;
pub mod derivation;
pub mod detection;
pub mod imports;
pub mod pages;
pub mod pipe;
pub(crate) mod settings;
pub mod sync;
pub mod vendors;
