//! A signature over a file's text, and what every file says of the workspace that it comes from.

use serde::{Deserialize, Serialize};
use tieout_domain::hash::ContentHasher;

use crate::{
    entry::{LogHead, signature_fits},
    file::fault::{FaultKind, FileFault, FileResult},
};

/// What is signed: a hash over the format's name and the bytes.
#[must_use]
pub fn hash_of(format: &str, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = ContentHasher::new(format);
    hasher.bytes(bytes);
    hasher.finish()
}

/// Whose signature stands under a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSignature {
    /// The signer's public key, hex.
    pub key: String,
    /// The ed25519 signature over [`hash_of`], hex.
    pub signature: String,
}

impl FileSignature {
    /// Signs bytes of a format.
    pub fn over(
        (format, bytes): (&str, &[u8]),
        key: &[u8; 32],
        sign: impl FnOnce(&[u8; 32]) -> [u8; 64],
    ) -> Self {
        Self { key: hex::encode(key), signature: hex::encode(sign(&hash_of(format, bytes))) }
    }

    /// The key that it was made with, where it fits.
    ///
    /// # Errors
    /// `packet_tampered`.
    pub fn check(&self, format: &str, bytes: &[u8]) -> FileResult<[u8; 32]> {
        let broken = || FileFault::tampered("the signature is not over what the file says");
        let key = key_of(&self.key).ok_or_else(broken)?;
        let signature = hex::decode(&self.signature).map_err(|_| broken())?;
        if signature_fits(&key, &hash_of(format, bytes), &signature) { Ok(key) } else { Err(broken()) }
    }
}

/// 32 bytes of their hexadecimal text, which is lower case.
#[must_use]
pub fn key_of(text: &str) -> Option<[u8; 32]> {
    let bytes: [u8; 32] = hex::decode(text).ok()?.try_into().ok()?;
    (hex::encode(bytes) == text).then_some(bytes)
}

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfWorkspace {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The end of a workspace's log when a file was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The number of its last entry.
    pub number: i64,
    /// The hash of that, hex.
    pub hash: String,
}

impl Checkpoint {
    /// Of this end.
    #[must_use]
    pub fn of(head: &LogHead) -> Self {
        Self { number: head.number, hash: hex::encode(head.hash) }
    }

    /// The end that it names.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn head(&self) -> FileResult<LogHead> {
        let hash = key_of(&self.hash).ok_or_else(|| FileFault::unreadable("its checkpoint is no hash"))?;
        Ok(LogHead { number: self.number, hash })
    }
}

/// Refuses a file of another format.
///
/// # Errors
/// `packet_unreadable`.
pub fn is_format(found: &str, wanted: &str) -> FileResult<()> {
    if found == wanted {
        return Ok(());
    }
    Err(FileFault::new(FaultKind::Unreadable, format!("its format is {found}, and {wanted} is read here")))
}
