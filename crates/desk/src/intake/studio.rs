//! The studio: a file looked at before anything of it is taken, read by what a person says of it, and
//! imported by just that.

mod belongs;
pub mod choices;
pub mod controls;
pub mod effect;
mod known;
pub mod look;
mod problems;
mod roles;
pub mod take;
pub mod views;
