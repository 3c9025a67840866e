//! Account mappings, policies and other governed changes.

pub(crate) mod central_bank;
pub mod change_text;
pub mod changes;
pub mod cutover;
pub mod delegating;
pub mod editing;
pub mod explaining;
pub(crate) mod figures;
pub mod locks;
pub(crate) mod mapping;
pub mod mapping_check;
pub mod overriding;
mod policy_sentences;
pub mod posting_switch;
pub mod proposing;
pub mod rates;
pub mod reporting;
pub(crate) mod sentences;
pub mod table;
