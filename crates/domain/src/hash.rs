//! Content hashes over an explicit, versioned encoding, so that they never depend on how a type is
//! serialised today.

use sha2::{Digest, Sha256};

/// A SHA-256 over length-prefixed fields, which are put together first: hashed one by one, short as they are,
/// they would cost twice as much.
pub struct ContentHasher(Vec<u8>);

impl ContentHasher {
    /// Starts a hash of the named, versioned kind of content (`posting/1`).
    #[must_use]
    pub fn new(kind_and_version: &str) -> Self {
        let mut hasher = Self(Vec::with_capacity(256));
        hasher.text(kind_and_version);
        hasher
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Adds a text that may be absent; absence differs from the empty text.
    pub fn optional(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    /// Adds a whole number.
    pub fn number(&mut self, number: i64) -> &mut Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// The 32 bytes of the hash.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// The hash in lower-case hexadecimal, 64 characters.
    #[must_use]
    pub fn finish_hex(self) -> String {
        hex::encode(self.finish())
    }
}

/// SHA-256 of bytes in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// 24 characters of base32 over the hash of `parts`: 120 bits, enough for identifiers.
#[must_use]
pub fn short_hash(kind: &str, parts: &[&str]) -> String {
    let mut hasher = ContentHasher::new(kind);
    for part in parts {
        hasher.text(part);
    }
    base32_lower(&hasher.finish()[..15])
}

/// Base32 (RFC 4648 alphabet, lower case, no padding).
#[must_use]
pub fn base32_lower(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[((buffer >> bits) & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[((buffer << (5 - bits)) & 31) as usize]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_follows_rfc_4648() {
        assert_eq!(base32_lower(b"foobar"), "mzxw6ytboi");
        assert_eq!(base32_lower(b"f"), "my");
    }

    #[test]
    fn fields_cannot_run_into_each_other() {
        assert_ne!(short_hash("t", &["ab", "c"]), short_hash("t", &["a", "bc"]));
        let mut none = ContentHasher::new("t");
        none.optional(None);
        let mut empty = ContentHasher::new("t");
        empty.optional(Some(""));
        assert_ne!(none.finish(), empty.finish());
    }
}
