//! Passphrases, where they come from, and sealing with them (age's scrypt recipient).

use std::io::{Read, Write};

use age::secrecy::{ExposeSecret, SecretString};
use tieout_domain::PersonId;
use zeroize::Zeroizing;

use crate::error::SecretError;

/// The least number of characters in a new passphrase. What slows guessing down is the work factor;
/// this only refuses what is guessed at once.
pub const LEAST_CHARACTERS: usize = 8;
const LEAST_DISTINCT: usize = 4;

/// What a person types. Zeroised when dropped, redacted when printed.
#[derive(Clone, Debug)]
pub struct Passphrase(SecretString);

impl Passphrase {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// Refuses a new passphrase that would be guessed at once (`passphrase_weak`).
    pub(super) fn check_new(&self, what: &PassphraseFor) -> Result<(), SecretError> {
        let text = self.0.expose_secret();
        let distinct = text.chars().collect::<std::collections::BTreeSet<_>>().len();
        if text.chars().count() < LEAST_CHARACTERS || distinct < LEAST_DISTINCT {
            let (least, distinct) = (LEAST_CHARACTERS, LEAST_DISTINCT);
            return Err(SecretError::PassphraseWeak { what: what.words(), least, distinct });
        }
        Ok(())
    }
}

/// Which passphrase is asked for. A *new* one is asked for twice where it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassphraseFor {
    /// The one that a vault is made with.
    NewVault,
    /// The one that opens the vault.
    Vault,
    /// The one that is to open the vault from now on.
    NextVault,
    /// The one that a person's signing key is sealed with.
    NewPerson(PersonId),
    /// The one that unseals a person's signing key.
    Person(PersonId),
    /// The one that is to unseal a person's signing key from now on.
    NextPerson(PersonId),
    /// The one that a backup's key is wrapped with.
    NewRecovery,
    /// The one that unwraps a backup's key.
    Recovery,
}

impl PassphraseFor {
    /// What it is called in a prompt or an error.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            PassphraseFor::NewVault => "a new passphrase for the vault",
            PassphraseFor::Vault => "the passphrase of the vault",
            PassphraseFor::NextVault => "the vault's next passphrase",
            PassphraseFor::NewPerson(_) => "a new personal passphrase",
            PassphraseFor::Person(_) => "the personal passphrase",
            PassphraseFor::NextPerson(_) => "the next personal passphrase",
            PassphraseFor::NewRecovery => "a new recovery passphrase for the backup",
            PassphraseFor::Recovery => "the recovery passphrase of the backup",
        }
    }

    /// The environment variable that may carry it.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        match self {
            PassphraseFor::NewVault | PassphraseFor::Vault => "TIEOUT_PASSPHRASE",
            PassphraseFor::NewPerson(_) | PassphraseFor::Person(_) => "TIEOUT_PERSON_PASSPHRASE",
            PassphraseFor::NextVault => "TIEOUT_NEW_PASSPHRASE",
            PassphraseFor::NextPerson(_) => "TIEOUT_NEW_PERSON_PASSPHRASE",
            PassphraseFor::NewRecovery | PassphraseFor::Recovery => "TIEOUT_RECOVERY_PASSPHRASE",
        }
    }

    /// True for one that is chosen now, and typed twice.
    #[must_use]
    pub fn is_new(&self) -> bool {
        match self {
            PassphraseFor::NewVault
            | PassphraseFor::NextVault
            | PassphraseFor::NewPerson(_)
            | PassphraseFor::NextPerson(_)
            | PassphraseFor::NewRecovery => true,
            PassphraseFor::Vault | PassphraseFor::Person(_) | PassphraseFor::Recovery => false,
        }
    }

    /// The error of a source that has none.
    #[must_use]
    pub fn missing(&self) -> SecretError {
        SecretError::PassphraseMissing { what: self.words() }
    }
}

/// Where passphrases come from: a prompt, the environment, a test.
pub trait PassphraseSource {
    /// The passphrase asked for, or `passphrase_missing` ([`PassphraseFor::missing`]).
    ///
    /// # Errors
    /// `passphrase_missing` where there is none to be had.
    fn ask(&self, what: &PassphraseFor) -> Result<Passphrase, SecretError>;
}

impl<F: Fn(&PassphraseFor) -> Result<Passphrase, SecretError>> PassphraseSource for F {
    fn ask(&self, what: &PassphraseFor) -> Result<Passphrase, SecretError> {
        self(what)
    }
}

/// How much work each guess at a passphrase costs: scrypt with N = 2^this, r = 8, p = 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// 2^17 (128 MiB, a few tenths of a second): the setting that OWASP's password storage cheat sheet
    /// gives for scrypt.
    const STANDARD: Self = Self(17);
    /// What a secret of 256 random bits needs: no stretching makes it harder to guess.
    pub(super) const NONE: Self = Self(1);
    /// A file that asks for more than this (2^22, 4 GiB) is refused, so that a planted file cannot hang us.
    const MOST: u8 = 22;

    /// What is sealed now: the standard. A debug build, which nobody is given, takes another one from
    /// `TIEOUT_DEBUG_WORK_FACTOR` (`.cargo/config.toml` sets it): of a command that a test runs, stretching
    /// was nearly all the work.
    pub(super) fn of_new() -> Self {
        #[cfg(debug_assertions)]
        if let Some(log_n) = std::env::var("TIEOUT_DEBUG_WORK_FACTOR").ok().and_then(|text| text.parse().ok())
        {
            return Self::log_n(log_n);
        }
        Self::STANDARD
    }

    /// Another factor, 1 to 22. Tests use a low one; users always get the standard.
    #[must_use]
    pub fn log_n(log_n: u8) -> Self {
        Self(log_n.clamp(1, Self::MOST))
    }
}

/// Why sealed bytes did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsealed {
    WrongPassphrase,
    Damaged,
}

/// Seals `secret` by `passphrase`: the bytes of an age file.
pub(super) fn seal(secret: &[u8], passphrase: &Passphrase, work: WorkFactor) -> Result<Vec<u8>, SecretError> {
    let failed = |e: &dyn std::fmt::Display| SecretError::SealFailed { detail: e.to_string() };
    let mut recipient = age::scrypt::Recipient::new(passphrase.0.clone());
    recipient.set_work_factor(work.0);
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(|e| failed(&e))?;
    let mut sealed = Vec::with_capacity(secret.len() + 512);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|e| failed(&e))?;
    writer.write_all(secret).map_err(|e| failed(&e))?;
    writer.finish().map_err(|e| failed(&e))?;
    Ok(sealed)
}

/// Opens what [`seal`] sealed.
pub(super) fn unseal(sealed: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, Unsealed> {
    let mut identity = age::scrypt::Identity::new(passphrase.0.clone());
    identity.set_max_work_factor(WorkFactor::MOST);
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(|e| judge(&e))?;
    // As long as the sealed bytes from the start: a buffer that grows would leave copies behind.
    let mut secret = Zeroizing::new(Vec::with_capacity(sealed.len()));
    let mut reader =
        decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|e| judge(&e))?;
    reader.read_to_end(&mut secret).map_err(|_| Unsealed::Damaged)?;
    Ok(secret)
}

fn judge(error: &age::DecryptError) -> Unsealed {
    // The library's list of errors is open: whatever it does not call a failed decryption is damage.
    match error {
        age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed => {
            Unsealed::WrongPassphrase
        }
        _ => Unsealed::Damaged,
    }
}

/// Fills a new array from the operating system's randomness.
pub(super) fn random_bytes() -> Result<Zeroizing<[u8; 32]>, SecretError> {
    use rand::TryRngCore as _;
    let mut bytes = Zeroizing::new([0_u8; 32]);
    rand::rngs::OsRng
        .try_fill_bytes(bytes.as_mut_slice())
        .map_err(|e| SecretError::System { doing: "give randomness", detail: e.to_string() })?;
    Ok(bytes)
}
