//! Connections to billing systems, ERPs and files: one folder per vendor (`client` is the wire and nothing
//! else, `adapter` turns the wire into the vocabulary of `domain`, `sheet` is what is known of the vendor, as
//! data) behind one registry, one shared kit, one contract suite.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod advice;
pub mod bank;
mod connector;
pub mod contract;
pub mod files;
pub mod kit;
mod settings;
pub mod sheet;
mod traits;
pub mod vendors;

pub use connector::{Connector, Limited};
pub use settings::{Credentials, Wanted};
pub use tieout_domain::{
    absence::{Absence, Listed, Scope, Standing},
    unread::Concerns,
};
pub use traits::*;
