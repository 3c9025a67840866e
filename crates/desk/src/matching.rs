//! Matches of entries and documents that no name ties: suggested, confirmed, rejected and undone by people.

pub mod deciding;
pub mod limits;
pub mod listing;
mod members;
mod payout;
pub mod rules;
pub mod views;
