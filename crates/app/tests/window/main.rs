//! What the window asks of the desk, on the simulated company: each answer against what other answers say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod company;
mod connecting;
mod figures;
mod files;
mod items;
mod stopping;
mod telling;
