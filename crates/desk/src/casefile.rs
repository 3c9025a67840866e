//! One exception on one screen.

pub mod detail;
pub mod history;
pub mod show;
