//! Who acts: people, their secrets, and the judgement of what they may do.

pub mod action;
pub mod actor;
pub mod judging;
mod names;
pub mod people;
pub mod seat;
