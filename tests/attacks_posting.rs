//! Two promises under attack, through the binary and the simulated ERP's own book alone: a document is
//! booked once, and what is sent is what was approved, while it still holds. The judge is always the book:
//! which entries stand, which are undone and how often; never what the desk believes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/approval.rs"]
mod approval;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/switching_on.rs"]
mod switching_on;

#[path = "attacks_posting/judge.rs"]
mod judge;
#[path = "attacks_posting/office.rs"]
mod office;
#[path = "attacks_posting/papers.rs"]
mod papers;

#[path = "attacks_posting/basis.rs"]
mod basis;
#[path = "attacks_posting/causes.rs"]
mod causes;
#[path = "attacks_posting/consent.rs"]
mod consent;
#[path = "attacks_posting/currency.rs"]
mod currency;
#[path = "attacks_posting/half.rs"]
mod half;
#[path = "attacks_posting/hold.rs"]
mod hold;
#[path = "attacks_posting/numbers.rs"]
mod numbers;
#[path = "attacks_posting/others.rs"]
mod others;
#[path = "attacks_posting/place.rs"]
mod place;
#[path = "attacks_posting/reversed.rs"]
mod reversed;
#[path = "attacks_posting/two_desks.rs"]
mod two_desks;
#[path = "attacks_posting/within.rs"]
mod within;
