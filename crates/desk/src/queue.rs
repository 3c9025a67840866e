//! Exceptions: listed, viewed, worked.

pub mod attachments;
pub mod closing;
pub mod do_first;
pub mod exception_open;
pub mod exception_query;
pub mod exception_views;
pub mod exceptions;
pub(crate) mod late;
pub(crate) mod late_words;
pub(crate) mod mentions;
pub mod outcome;
pub(crate) mod ranks;
pub mod record;
pub mod saved_views;
