//! The vocabulary and the rules of Tieout: money, periods, documents, entries, exceptions and the life
//! of a posting.
//!
//! Nothing here performs I/O, reads a clock or draws a random number: time and randomness are arguments
//! (see [`ports`]). Every other room depends on this one; it depends on none of them.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod absence;
pub mod accounts;
pub mod bank;
pub mod bank_reconciliation;
pub mod basis;
pub mod batch;
pub mod calendar;
pub mod checklist;
pub mod decimal;
pub mod delegation;
pub mod derive;
pub mod destination;
pub mod difference;
pub mod document;
pub mod entry;
pub mod entry_kind;
pub mod exception;
pub mod explanation;
pub mod failure;
pub mod flow;
pub mod forecast;
pub mod hash;
pub mod ids;
pub mod key;
pub mod ledger;
pub mod limit_override;
pub mod lock;
pub mod mapping;
pub mod memo;
pub mod money;
pub mod naming;
pub mod payout;
pub mod people;
pub mod ports;
pub mod posting;
pub mod receipts;
pub mod said;
pub mod schedule;
pub mod severity;
pub mod sign_off;
pub mod sla;
pub mod standing;
pub mod step;
pub mod trial_balance;
pub mod unread;
pub mod variance_note;

pub use ids::*;
pub use money::{Currency, Money, MoneyError, Rounding};
