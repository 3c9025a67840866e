//! A secret that a person typed into a request.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::Passphrase;

/// A secret in a request: a passphrase, a credential, an enrolment code. It can be read in and used; it is
/// never written out, printed or compared, and it is zeroised when dropped.
#[derive(Clone, ts_rs::TS)]
#[ts(type = "string")]
pub struct SecretText(#[ts(skip)] Zeroizing<String>);

impl SecretText {
    /// The text itself, for the one place that needs it.
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

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}
