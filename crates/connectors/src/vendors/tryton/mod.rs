//! Tryton over JSON-RPC: moves, periods, parties.
//!
//! Checked against a real Tryton 8.2 on PostgreSQL (the project's tests start one). Tryton keeps no unique
//! external id: a draft is created with our key in its description, all drafts of the key are found, one is
//! posted by id and the others are deleted; a second post of one id errors.

mod adapter;
mod build;
mod client;
mod decode;
mod encode;
mod options;
mod poster;
mod sheet;

pub use adapter::TrytonConnection;
pub(super) use adapter::since;
pub(super) use build::build;
pub use options::TrytonOptions;
pub use sheet::TRYTON;
