//! Setting up: the mapping that the desk proposes from what it has read, on its own company, on ledgers that
//! it did not make and on charts that other people publish; what a mapping would change, in sentences and in
//! the tie-out; rates out of a central bank's file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/retail.rs"]
#[allow(dead_code)]
mod retail;
#[path = "common/switching_on.rs"]
mod switching_on;

#[path = "setting_up/charts.rs"]
mod charts;
#[path = "setting_up/first_minute.rs"]
mod first_minute;
#[path = "setting_up/ledgers.rs"]
mod ledgers;
#[path = "setting_up/preview.rs"]
mod preview;
#[path = "setting_up/rates.rs"]
mod rates;
