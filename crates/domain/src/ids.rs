//! Prefixed identifiers. Each is a newtype, so that one kind can never be passed for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{hash::base32_lower, ports::Entropy};

/// The text given is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not an identifier of the form {prefix}…")]
pub struct IdError {
    text: String,
    prefix: &'static str,
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every identifier of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The identifier that follows from `parts`: the same parts always give the same one.
            #[must_use]
            pub fn derive(parts: &[&str]) -> Self {
                Self(format!("{}{}", $prefix, crate::hash::short_hash($prefix, parts)))
            }

            /// A new identifier that nobody can guess.
            #[must_use]
            pub fn random(entropy: &mut dyn Entropy) -> Self {
                let mut bytes = [0_u8; 15];
                entropy.fill(&mut bytes);
                Self(format!("{}{}", $prefix, base32_lower(&bytes)))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                let tail = s.strip_prefix($prefix).unwrap_or("");
                let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
                if tail.is_empty() || tail.len() > 64 || !tail.bytes().all(legal) {
                    return Err(IdError { text: s.to_owned(), prefix: $prefix });
                }
                Ok(Self(s.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(s: String) -> Result<Self, IdError> {
                s.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

id_type!(
    /// A canonical document from billing: derived from its connection, kind and the vendor's id.
    DocumentId, "doc_");
id_type!(
    /// A customer account in billing.
    CustomerId, "cus_");
id_type!(
    /// A subscription in billing.
    SubscriptionId, "sub_");
id_type!(
    /// A usage summary in billing.
    UsageId, "use_");
id_type!(
    /// An entry that an ERP's ledger holds.
    EntryId, "ent_");
id_type!(
    /// An exception: derived from its subject and cause, so that it reopens rather than doubles.
    ExceptionId, "exc_");
id_type!(
    /// A posting request.
    PostingId, "pst_");
id_type!(
    /// One durable attempt at one step of a posting.
    AttemptId, "att_");
id_type!(
    /// A person of the workspace.
    PersonId, "per_");
id_type!(
    /// A connection to a billing system, an ERP or a file.
    ConnectionId, "con_");
id_type!(
    /// A governed change: a mapping, a policy or a duty that waits for another person.
    ChangeId, "chg_");
id_type!(
    /// A match of entries and documents: derived from both and their amounts, so that another amount is
    /// another match.
    MatchId, "mat_");
id_type!(
    /// One import of one file.
    ImportId, "imp_");
id_type!(
    /// A journal file that was written for a ledger.
    HandoverId, "hnd_");
id_type!(
    /// A file that somebody put to an exception.
    AttachmentId, "fil_");
id_type!(
    /// What ties usage, subscription, invoice, posting, journal and payment together.
    CorrelationId, "cor_");
id_type!(
    /// One raw page or file, named by its content.
    PayloadId, "raw_");
id_type!(
    /// A workspace.
    WorkspaceId, "wsp_");

/// The code of a legal entity, as finance writes it (`GB01`): 1 to 16 of `[A-Za-z0-9_-]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EntityCode(String);

/// An account number or code in the chart of accounts (`1100`, `1.2.1`), or the name of one without a number:
/// 1 to 255 bytes of printable characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountCode(String);

macro_rules! code_type {
    ($name:ident, $what:literal, $max:literal, $legal:expr) => {
        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(s: &str) -> Result<Self, IdError> {
                let s = s.trim();
                let legal: fn(char) -> bool = $legal;
                if s.is_empty() || s.len() > $max || !s.chars().all(legal) {
                    return Err(IdError { text: s.to_owned(), prefix: $what });
                }
                Ok(Self(s.to_owned()))
            }
        }
        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(s: String) -> Result<Self, IdError> {
                s.parse()
            }
        }
        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.0
            }
        }
    };
}

code_type!(EntityCode, "entity code ", 16, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
code_type!(AccountCode, "account code ", 255, |c| !c.is_control());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_identifier_and_others_another() {
        let a = DocumentId::derive(&["con_a", "invoice", "in_1"]);
        assert_eq!(a, DocumentId::derive(&["con_a", "invoice", "in_1"]));
        assert_ne!(a, DocumentId::derive(&["con_a", "invoic", "ein_1"]));
        assert_eq!(a.as_str().parse::<DocumentId>().unwrap(), a);
    }

    #[test]
    fn one_kind_of_identifier_is_not_read_as_another() {
        let posting = PostingId::derive(&["x"]);
        assert!(posting.as_str().parse::<ExceptionId>().is_err());
        assert!("GB 01".parse::<EntityCode>().is_err());
    }
}
