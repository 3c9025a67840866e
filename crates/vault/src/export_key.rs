//! The key with which a workspace signs the files that it writes for others.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use tieout_domain::hash::ContentHasher;
use zeroize::Zeroizing;

/// Signs exports. It derives from the workspace key, so that every desk that opens the workspace has it, also
/// after a restore, and nobody else.
pub struct ExportKey(SigningKey);

impl fmt::Debug for ExportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExportKey").field(&hex::encode(self.public())).finish()
    }
}

impl ExportKey {
    /// The export key of the workspace of this key.
    #[must_use]
    pub fn of(workspace_key: &[u8; 32]) -> Self {
        let mut hasher = ContentHasher::new("tieout-export-key/1");
        hasher.bytes(workspace_key);
        let seed = Zeroizing::new(hasher.finish());
        Self(SigningKey::from_bytes(&seed))
    }

    /// Its public half, by which others check.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The ed25519 signature over a hash.
    #[must_use]
    pub fn sign(&self, hash: &[u8; 32]) -> [u8; 64] {
        self.0.sign(hash).to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workspace_has_its_own_and_always_the_same() {
        let (one, other) = (ExportKey::of(&[1; 32]), ExportKey::of(&[2; 32]));
        assert_eq!(one.public(), ExportKey::of(&[1; 32]).public());
        assert_ne!(one.public(), other.public());
        assert_eq!(one.sign(&[7; 32]), ExportKey::of(&[1; 32]).sign(&[7; 32]));
        assert!(!format!("{one:?}").contains(&hex::encode([1; 32])));
    }
}
