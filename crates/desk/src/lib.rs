//! The use cases of the desk: open a workspace, sync, detect, decide, post, tie out, prove; and the one list
//! of commands ([`commands`]) that the CLI and the window share.
//!
//! This room composes the others: it alone sees both the store and the connectors, and implements the
//! ports of `posting` over them. It holds no SQL and no HTTP.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod actor;
mod adapters;
pub mod app;
mod asking;
pub mod batch;
pub mod bindings;
mod by_policy;
pub mod change_text;
pub mod changes;
mod chart;
pub mod commands;
mod connecting;
pub mod connections;
pub mod copying;
pub mod decide;
pub mod demo;
pub mod detail;
pub mod error;
pub mod exception_open;
pub mod exception_query;
pub mod exception_views;
pub mod exceptions;
mod expect;
pub mod export;
pub mod exporting;
pub mod flow_late;
pub mod imports;
mod ingest;
pub mod log_view;
pub mod overview;
pub mod people;
pub mod periods;
mod pipe;
pub mod post;
pub mod posting_views;
pub mod progress;
pub mod proposal;
pub mod propose;
mod report;
pub mod saved_views;
pub mod secrets;
pub mod show;
pub mod sync;
pub mod tie_out;
mod told;
pub mod vendors;
pub mod views;
mod when;
pub mod words;
pub mod workspace;
pub mod world;

pub use error::{DeskError, DeskResult};
pub use workspace::{Desk, Session};
