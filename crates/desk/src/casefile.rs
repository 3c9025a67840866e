//! One exception on one screen.

pub mod detail;
pub mod show;
