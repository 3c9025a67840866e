//! Why a mapping file is refused.

use chrono::NaiveDate;

use crate::{Currency, EntityCode};

/// Why a mapping file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not TOML of this format; the text says where.
    #[error("the mapping file cannot be read: {0}")]
    Syntax(String),
    /// A newer format.
    #[error("the mapping file has version {0}; this version of Tieout reads versions 1 and 2")]
    Schema(u32),
    /// A key of version 2 in a file of version 1.
    #[error("{at}: {key} is a key of version 2: write version = 2 in the place of schema = 1")]
    OfVersion2 {
        /// Where it stands.
        at: String,
        /// The key.
        key: &'static str,
    },
    /// A value that cannot be.
    #[error("{at}: {key}: {why}")]
    BadValue {
        /// Where it stands.
        at: String,
        /// The key.
        key: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The same entity twice.
    #[error("entity {0} is listed twice")]
    DuplicateEntity(EntityCode),
    /// Two batches of one name.
    #[error("two batches are named {0}: give each a name of its own")]
    DuplicateBatch(String),
    /// Two rules of names for one connection, or one that says nothing.
    #[error(
        "the names of connection \"{0}\" are told twice, or by nothing: give each connection one [[names]]"
    )]
    BadNames(String),
    /// A rule names an entity that is not listed.
    #[error("a rule names entity {0}, which the file does not list")]
    UnknownEntity(String),
    /// A rate that is not positive.
    #[error("the rate {from}→{to} of {date} must be more than zero")]
    BadRate {
        /// From.
        from: Currency,
        /// To.
        to: Currency,
        /// First day.
        date: NaiveDate,
    },
    /// A product is earned over time, but its entity has no deferred revenue account.
    #[error("product {product} is earned over time, but entity {entity} has no deferred_revenue account")]
    NoDeferredAccount {
        /// The entity.
        entity: EntityCode,
        /// The product.
        product: String,
    },
}

impl MappingError {
    /// An alias that names nobody.
    pub(crate) fn of_alias(customer: &str) -> Self {
        MappingError::BadValue {
            at: format!("alias of customer \"{customer}\""),
            key: "called",
            why: "it names connection, customer and at least three letters or digits".to_owned(),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            MappingError::Syntax(_) => "mapping_syntax",
            MappingError::Schema(_) => "mapping_schema",
            MappingError::OfVersion2 { .. } => "mapping_key_too_new",
            MappingError::BadValue { .. } => "mapping_bad_value",
            MappingError::DuplicateEntity(_) => "mapping_duplicate_entity",
            MappingError::DuplicateBatch(_) => "mapping_duplicate_batch",
            MappingError::BadNames(_) => "mapping_bad_names",
            MappingError::UnknownEntity(_) => "mapping_unknown_entity",
            MappingError::BadRate { .. } => "mapping_bad_rate",
            MappingError::NoDeferredAccount { .. } => "mapping_no_deferred_account",
        }
    }
}
