//! Account mappings, policies and other governed changes.

pub mod change_text;
pub mod changes;
