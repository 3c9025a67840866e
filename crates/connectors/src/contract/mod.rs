//! The contract that every adapter keeps, as functions over a harness: each states one fact and answers a
//! [`Breach`] where it does not hold. Vendors' tests bring the harness (a server with its own book and its
//! faults) and run the whole list.

mod billing;
mod fact;
mod ledger;
mod together;

pub use billing::{BillingHarness, billing, scan};
pub use fact::{Breach, NO_HURRY, Trouble, standing};
pub use ledger::{LedgerHarness, WriteTrouble, differences, ledger_scan};

/// Runs the whole contract of a ledger.
///
/// # Errors
/// The first [`Breach`].
pub async fn ledger(h: &dyn LedgerHarness) -> Result<(), Breach> {
    ledger::one_by_one(h).await?;
    together::together(h).await
}
