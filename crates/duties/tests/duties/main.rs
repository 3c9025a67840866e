//! The rules of duties, from the outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod late;
mod permits;
mod policies;
mod refusals;
mod table;
mod team;
