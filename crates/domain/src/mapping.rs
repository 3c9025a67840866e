//! What a mapping file says beside entities, revenue and rates: accounts by role, scopes, tolerances,
//! segments and the rules that explain entries. [`crate::accounts::AccountMapping`] holds all of it.

mod amounts;
mod close;
mod error;
mod range;
mod recognition;
mod roles;
mod rules;
mod schedules;
mod segments;
mod written;

pub use amounts::{AmountText, Tolerance};
pub use close::CloseLimits;
pub use error::MappingError;
pub use range::{AccountRange, RangeError};
pub use recognition::{NO_PRODUCT, Recognition, RevenueRule, unitemised};
pub use roles::{AccountKey, Role, RoleAccounts, Scope};
pub use rules::EntryRule;
pub use schedules::{CreditTerm, Method, Remainder, Schedules};
pub use segments::{SEGMENTS, SegmentIds, Segments};
pub use written::WrittenAccounts;
