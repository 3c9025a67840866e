//! Stripe, read only.
//!
//! Checked against: Stripe's published fixtures (every resource read here decodes), the sandbox of this
//! project, and `localstripe` 1.15.10 (the shapes of API version 2017-08-15). It has not been run against
//! Stripe itself. Vendor facts, with their sources: the sheet.

mod adapter;
mod amount;
mod balance;
mod besides;
mod build;
mod client;
mod cursor;
mod decode;
mod events;
mod invoice;
mod money;
mod options;
mod outside;
mod reread;
mod shape;
mod sheet;
mod usage;

pub use adapter::StripeConnection;
pub(super) use build::build;
pub(super) use cursor::since;
pub use decode::decode;
pub use options::{Offer, StripeOptions};
pub use shape::{Context, SourceLine};
pub use sheet::{LOCALSTRIPE, STRIPE, VERSION};
