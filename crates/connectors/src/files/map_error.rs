//! Why a column map is refused.

use tieout_domain::accounts::MappingError;

/// Why a column map was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// Not TOML of this format; the text names the line and the key.
    #[error("the column map cannot be read: {0}")]
    Syntax(String),
    /// A newer format.
    #[error("the column map has schema {0}; this version of Tieout reads schemas 1 and 2")]
    Schema(u32),
    /// A key of the format that is read by a later version.
    #[error(
        "{place}: this key belongs to schema 2 of the column map, and this version of Tieout does not read \
         it yet; without it the file is read as a plain table"
    )]
    Later {
        /// The key.
        place: String,
    },
    /// A role that this kind of file does not have.
    #[error("columns.{role} is not a column of a {kind} map; it knows: {known}")]
    WrongRole {
        /// The role as written.
        role: &'static str,
        /// The map's kind.
        kind: &'static str,
        /// What it may be.
        known: String,
    },
    /// Something that the map must say and does not.
    #[error("the column map must name {0}")]
    Missing(String),
    /// Two statements that exclude each other.
    #[error("the column map contradicts itself: {0}")]
    Conflict(String),
    /// A value that means nothing.
    #[error("{place}: {message}")]
    BadValue {
        /// The key.
        place: String,
        /// What is wrong with it.
        message: String,
    },
    /// What `[expect]` says does not make a mapping.
    #[error("[expect]: {0}")]
    Expect(#[from] MappingError),
}

impl MapError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            MapError::Syntax(_) => "map_syntax",
            MapError::Schema(_) => "map_schema",
            MapError::Later { .. } => "map_key_later",
            MapError::WrongRole { .. } => "map_wrong_column",
            MapError::Missing(_) => "map_missing",
            MapError::Conflict(_) => "map_conflict",
            MapError::BadValue { .. } => "map_bad_value",
            MapError::Expect(_) => "map_expect",
        }
    }
}
