//! Connections to billing systems, ERPs and files: one folder per vendor (`client` is the wire and nothing
//! else, `adapter` turns the wire into the vocabulary of `domain`), one shared kit, one contract suite.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod contract;
pub mod files;
pub mod kit;
pub mod netsuite;
pub mod stripe;
mod traits;
pub mod tryton;

pub use traits::*;
