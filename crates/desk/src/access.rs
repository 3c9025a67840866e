//! Who acts: people, their secrets, and the judgement of what they may do.

pub mod action;
pub mod actor;
pub mod cards;
pub(crate) mod enrolment;
pub mod judging;
mod names;
pub mod passphrases;
pub mod people;
pub mod restoring;
pub mod rosters;
pub(crate) mod rules;
pub mod seat;
mod unlocking;
