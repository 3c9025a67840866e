//! Exceptions: listed, viewed, worked.

pub mod exception_open;
pub mod exception_query;
pub mod exception_views;
pub mod exceptions;
pub mod outcome;
pub mod record;
pub mod saved_views;
