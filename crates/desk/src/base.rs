//! What every room works with: the context, errors and their codes, progress, words.

pub mod about;
pub mod backups;
pub mod clock;
pub mod closed;
pub mod code;
pub mod context;
pub mod error;
pub(crate) mod examining;
pub(crate) mod files;
pub(crate) mod known;
pub mod labels;
pub(crate) mod lent;
pub(crate) mod logged_people;
pub mod machine;
pub mod progress;
pub mod said;
pub mod views;
pub mod when;
pub mod wording;
pub mod workspace;
pub mod written;
