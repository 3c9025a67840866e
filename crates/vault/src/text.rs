//! A secret that arrives within a request: read once, never written, printed or answered.

use std::{fmt, fs::File, io::Read as _, path::Path};

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::{error::SecretError, passphrase::Passphrase};

/// No secret that anybody types or keeps is longer: an RSA key of 16,384 bits has 13 kB as PEM.
const LONGEST_FILE: u64 = 1 << 20;

/// A passphrase or credential in a request. It is wiped when dropped, prints as `…`, and cannot be
/// serialised.
#[derive(Clone, ts_rs::TS)]
#[ts(type = "string")]
pub struct SecretText(#[ts(skip)] Zeroizing<String>);

impl SecretText {
    /// Takes a secret over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret that a file holds, without the line's end that an editor leaves behind it. A pipe
    /// (`/dev/fd/3`) is read as well.
    ///
    /// # Errors
    /// `secrets_io`, `secret_file_exposed` where everybody on this machine may read or write the file.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let failed = |e| SecretError::io("reading", path, e);
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_file() && open_to_everybody(&about) {
            return Err(SecretError::FileExposed { path: path.to_owned() });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(LONGEST_FILE).read_to_string(&mut text).map_err(failed)?;
        let kept = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Self::new(kept.strip_suffix('\r').unwrap_or(kept).to_owned()))
    }

    /// The text, for the moment of use.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The same as a passphrase.
    #[must_use]
    pub fn passphrase(&self) -> Passphrase {
        Passphrase::new(self.0.as_str().to_owned())
    }
}

/// Whether others than a file's owner and group may do anything with it. Windows has no such bits: the
/// folder's rights hold there.
#[cfg(unix)]
fn open_to_everybody(about: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(about) & 0o007 != 0
}

#[cfg(not(unix))]
fn open_to_everybody(_: &std::fs::Metadata) -> bool {
    false
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_and_never_printed() {
        let secret: SecretText = serde_json::from_str("\"hunter2\"").unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(format!("{secret:?}"), "…");
    }
}
