//! Files that one person alone can read (age, X25519). The key for it derives from the seed of the person's
//! own signing key, for this purpose and no other (a hash with its own name), so that whoever may sign as
//! them may read what is for them, and nothing more has to be kept. The signing key itself encrypts nothing.

use std::io::{Read as _, Write as _};

use tieout_domain::hash::ContentHasher;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{error::SecretError, people::Signer};

/// What every age file begins with.
const BEGINS: &[u8] = b"age-encryption.org/v1\n";

/// True of a file that is encrypted.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(BEGINS)
}

/// Encrypts bytes for the person who has this reading key.
///
/// # Errors
/// `secret_seal_failed`.
pub fn seal_for(reading_key: &str, bytes: &[u8]) -> Result<Vec<u8>, SecretError> {
    let failed = |detail: String| SecretError::SealFailed { detail };
    let recipient: age::x25519::Recipient =
        reading_key.parse().map_err(|why: &str| failed(format!("\"{reading_key}\": {why}")))?;
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|e| failed(e.to_string()))?;
    let mut sealed = Vec::with_capacity(bytes.len() + 512);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|e| failed(e.to_string()))?;
    writer.write_all(bytes).map_err(|e| failed(e.to_string()))?;
    writer.finish().map_err(|e| failed(e.to_string()))?;
    Ok(sealed)
}

impl Signer {
    /// The key by which others encrypt for this person.
    ///
    /// # Errors
    /// `secret_seal_failed`.
    pub fn reading_key(&self) -> Result<String, SecretError> {
        Ok(self.reading_identity()?.to_public().to_string())
    }

    /// What a file that was encrypted for this person says.
    ///
    /// # Errors
    /// `packet_not_for_you` where it was encrypted for somebody else, or is damaged.
    pub fn open_sealed(&self, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let identity = self.reading_identity()?;
        let not_for = |_| SecretError::NotForThem { person: self.person().clone() };
        let decryptor = age::Decryptor::new_buffered(sealed).map_err(not_for)?;
        let mut reader =
            decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(not_for)?;
        let mut bytes = Vec::with_capacity(sealed.len());
        let damaged = |_| SecretError::NotForThem { person: self.person().clone() };
        reader.read_to_end(&mut bytes).map_err(damaged)?;
        Ok(bytes)
    }

    fn reading_identity(&self) -> Result<age::x25519::Identity, SecretError> {
        let failed = |detail: &str| SecretError::SealFailed { detail: detail.to_owned() };
        let mut hasher = ContentHasher::new("tieout-reading-key/1");
        hasher.bytes(self.seed().as_slice());
        let secret = Zeroizing::new(hasher.finish());
        let prefix = bech32::Hrp::parse("age-secret-key-").map_err(|_| failed("the prefix is none"))?;
        let mut text = bech32::encode_upper::<bech32::Bech32>(prefix, secret.as_slice())
            .map_err(|_| failed("the key cannot be written"))?;
        let identity = text.parse::<age::x25519::Identity>().map_err(failed);
        text.zeroize();
        identity
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tieout_domain::PersonId;

    use super::*;
    use crate::{
        Protection,
        vault_tests::{typed, vault_in},
    };

    #[test]
    fn what_is_encrypted_for_one_person_opens_with_their_own_secret_and_nobody_else_s() {
        let folder = TempDir::new().unwrap();
        let (_home, store) = vault_in(folder.path());
        let signer = |name: &str| {
            let (person, own) = (PersonId::derive(&[name]), format!("{name} keeps this to themself"));
            let key = store.people().create(&person, &Protection::Passphrase, &typed(&own)).unwrap();
            store.people().unlock(&person, &key, &typed(&own)).unwrap()
        };
        let (ana, ben) = (signer("ana"), signer("ben"));
        let reading = ana.reading_key().unwrap();
        assert!(reading.starts_with("age1"), "{reading}");
        assert_eq!(ana.reading_key().unwrap(), reading, "always the same");
        let sealed = seal_for(&reading, b"a packet").unwrap();
        assert!(is_sealed(&sealed) && !is_sealed(b"a packet"));
        assert_eq!(ana.open_sealed(&sealed).unwrap(), b"a packet");
        assert_eq!(ben.open_sealed(&sealed).unwrap_err().code(), "packet_not_for_you");
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(ana.open_sealed(&changed).unwrap_err().code(), "packet_not_for_you");
        assert_eq!(seal_for("age1nothing", b"x").unwrap_err().code(), "secret_seal_failed");
    }
}
