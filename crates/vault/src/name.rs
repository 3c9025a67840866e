//! What secrets are called. The list is closed: nothing else is ever kept.

use std::{fmt, str::FromStr};

use tieout_domain::{ConnectionId, PersonId};

use crate::error::SecretError;

/// The name of one secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretName {
    /// The key that encrypts the workspace file (32 bytes).
    WorkspaceKey,
    /// One credential of a connection.
    Connection {
        /// Whose.
        id: ConnectionId,
        /// Which (`api_key`, `token_secret` …).
        field: FieldName,
    },
    /// A person's signing key, sealed by that person's own secret.
    PersonSigningKey(PersonId),
    /// The number and hash of the log's last entry, kept here so that a truncated log is noticed.
    Anchor,
}

/// The name of a credential's field: 1 to 40 of `[a-z0-9_-]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldName(String);

impl FieldName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FieldName {
    type Err = SecretError;
    fn from_str(text: &str) -> Result<Self, SecretError> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > 40 || !text.bytes().all(legal) {
            return Err(SecretError::NameInvalid { text: text.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl SecretName {
    /// The name of a connection's credential.
    ///
    /// # Errors
    /// `secret_name_invalid` where `field` is not 1 to 40 of `[a-z0-9_-]`.
    pub fn connection(id: &ConnectionId, field: &str) -> Result<Self, SecretError> {
        Ok(Self::Connection { id: id.clone(), field: field.parse()? })
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretName::WorkspaceKey => f.write_str("workspace-key"),
            SecretName::Connection { id, field } => write!(f, "connection/{id}/{}", field.0),
            SecretName::PersonSigningKey(person) => write!(f, "person/{person}/signing-key"),
            SecretName::Anchor => f.write_str("anchor"),
        }
    }
}

impl FromStr for SecretName {
    type Err = SecretError;
    fn from_str(text: &str) -> Result<Self, SecretError> {
        let invalid = || SecretError::NameInvalid { text: text.to_owned() };
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            ["workspace-key"] => Ok(Self::WorkspaceKey),
            ["anchor"] => Ok(Self::Anchor),
            ["connection", id, field] => {
                Ok(Self::Connection { id: id.parse().map_err(|_| invalid())?, field: field.parse()? })
            }
            ["person", id, "signing-key"] => Ok(Self::PersonSigningKey(id.parse().map_err(|_| invalid())?)),
            _ => Err(invalid()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_as_itself() {
        let connection = ConnectionId::derive(&["a"]);
        for name in [
            SecretName::WorkspaceKey,
            SecretName::Anchor,
            SecretName::connection(&connection, "api_key").unwrap(),
            SecretName::PersonSigningKey(PersonId::derive(&["b"])),
        ] {
            assert_eq!(name.to_string().parse::<SecretName>().unwrap(), name);
        }
    }

    #[test]
    fn a_field_cannot_reach_into_another_name() {
        let connection = ConnectionId::derive(&["a"]);
        for field in ["", "a/b", "API", "a\nb", "../anchor"] {
            let refused = SecretName::connection(&connection, field).unwrap_err();
            assert_eq!(refused.code(), "secret_name_invalid", "{field:?}");
        }
    }
}
