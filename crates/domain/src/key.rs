//! Posting keys: the external id under which an ERP holds what we sent.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::hash::{ContentHasher, base32_lower};

/// At most 20 characters of `[A-Za-z0-9_-]`, which every ERP that we know takes (Business Central's
/// document number is the shortest). Derived, so that two desks make the same key for the same step.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PostingKey(String);

impl PostingKey {
    /// The key of one step: `tenant` is the ERP's own account or company id, `reference` the document's
    /// (or orphan entry's) reference, `version` the content version of the posting, `step` its step.
    #[must_use]
    pub fn derive(tenant: &str, reference: &str, version: u32, step: &str) -> Self {
        let mut hasher = ContentHasher::new("posting-key/1");
        hasher.text(tenant).text(reference).number(i64::from(version)).text(step);
        let text = base32_lower(&hasher.finish()[..12]);
        Self(format!("T{}", &text[..19]))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True where `text` has the shape of our keys: an entry with it was sent by a Tieout desk.
    #[must_use]
    pub fn is_ours(text: &str) -> bool {
        text.parse::<PostingKey>().is_ok()
    }
}

impl fmt::Display for PostingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a posting key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a posting key")]
pub struct KeyError(String);

impl FromStr for PostingKey {
    type Err = KeyError;
    fn from_str(s: &str) -> Result<Self, KeyError> {
        let tail = s.strip_prefix('T').unwrap_or("");
        let base32 = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
        if tail.len() != 19 || !tail.bytes().all(base32) {
            return Err(KeyError(s.to_owned()));
        }
        Ok(Self(s.to_owned()))
    }
}

impl TryFrom<String> for PostingKey {
    type Error = KeyError;
    fn try_from(s: String) -> Result<Self, KeyError> {
        s.parse()
    }
}

impl From<PostingKey> for String {
    fn from(key: PostingKey) -> String {
        key.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_desks_make_the_same_key_of_twenty_characters() {
        let key = PostingKey::derive("1234567_SB1", "INV-1", 1, "post");
        assert_eq!(key, PostingKey::derive("1234567_SB1", "INV-1", 1, "post"));
        assert_eq!(key.as_str().len(), 20);
        assert!(PostingKey::is_ours(key.as_str()));
    }

    #[test]
    fn tenant_document_version_and_step_each_change_the_key() {
        let key = PostingKey::derive("a", "b", 1, "post");
        for other in [
            PostingKey::derive("x", "b", 1, "post"),
            PostingKey::derive("a", "x", 1, "post"),
            PostingKey::derive("a", "b", 2, "post"),
            PostingKey::derive("a", "b", 1, "reverse"),
        ] {
            assert_ne!(key, other);
        }
        assert!(!PostingKey::is_ours("bi-17"));
    }
}
