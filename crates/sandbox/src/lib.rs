//! Simulated billing and ERP servers with their own independent books, and the generator of a believable
//! company with labelled faults. Depends on no other room: it must not share an adapter's misreading.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod book;
pub mod company;
pub mod control;
pub mod fault;
pub mod labels;
pub mod netsuite;
pub mod serve;
pub mod stripe;
