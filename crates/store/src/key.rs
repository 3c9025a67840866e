//! The workspace key.

use zeroize::Zeroizing;

/// The 32 random bytes that encrypt a workspace file. Wiped when dropped, and never printed: it has no
/// `Debug`.
#[derive(Clone)]
pub struct WorkspaceKey(Zeroizing<[u8; 32]>);

impl WorkspaceKey {
    /// The key of these bytes, which must come from the operating system's randomness.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes, to be kept with the secrets or wrapped for a backup.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The statement that gives SQLCipher the raw key (no passphrase derivation: it is already random).
    /// Source: the SQLCipher API, "Raw Key Data".
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = Zeroizing::new(String::with_capacity(90));
        text.push_str("PRAGMA key = \"x'");
        for byte in self.0.iter() {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        text.push_str("'\"");
        text
    }
}
