//! The contract that every adapter keeps, as functions over a harness: each states one fact and answers a
//! [`Breach`] where it does not hold. Vendors' tests bring the harness (a server with its own book and its
//! faults) and run the whole list.

mod billing;
mod fact;
mod ledger;

pub use billing::{BillingHarness, billing, scan};
pub use fact::{Breach, Trouble, standing};
pub use ledger::{LedgerHarness, WriteTrouble, differences, ledger, ledger_scan};
