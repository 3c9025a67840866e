//! The use cases of the desk, in rooms of one order: each may use those below it and never one above
//! (`tests/tidy/rooms.rs` reads the imports and proves it).
//!
//! | room, lowest first | what |
//! |---|---|
//! | [`base`] | the context, errors and their codes, progress, words |
//! | [`access`] | who acts: people, their secrets, and the judgement of what they may do |
//! | [`governance`] | account mappings, policies and other governed changes |
//! | [`intake`] | connections, reading and importing, what the ledger should hold, detection |
//! | [`queue`] | exceptions: listed, viewed, worked |
//! | [`matching`] | entries and documents that no name ties: suggested, confirmed, rejected, undone |
//! | [`settlement`] | postings: planned, proposed, decided, rerouted, reversed, sent |
//! | [`casefile`] | one exception on one screen |
//! | [`close`] | periods, the tie-out, the flows and the overview |
//! | [`reports`] | what leaves the desk: files, the clipboard, the log as it is read |
//! | [`packets`] | what travels to other installations and comes back: packets, decisions, binders |
//!
//! They are functions over a [`Context`]. This crate composes the others: it alone sees both the store and
//! the connectors, and implements the ports of `posting` over them. It holds no SQL and no HTTP.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod access;
pub mod base;
pub mod casefile;
pub mod close;
pub mod governance;
pub mod intake;
pub mod matching;
pub mod packets;
pub mod queue;
pub mod reports;
pub mod settlement;

pub use base::{
    context::{Context, Session},
    error::{DeskError, DeskResult},
};
