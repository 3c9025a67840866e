//! People's signing keys (ed25519). Each is protected by that person's *own* secret: a passphrase that
//! seals it, or the keyring of their own OS account. Opening the workspace never opens one.

use std::{fmt, str::FromStr};

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use tieout_domain::PersonId;
use zeroize::Zeroizing;

use crate::{
    error::SecretError,
    marker::Backend,
    name::SecretName,
    passphrase::{Passphrase, PassphraseFor, PassphraseSource, Unsealed, random_bytes, seal, unseal},
    process::os_account,
    secrets::SecretStore,
};

const SEALED: &[u8] = b"tieout-person-key/1 sealed\n";
const ACCOUNT: &[u8] = b"tieout-person-key/1 account ";

/// What protects a person's signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// A passphrase of their own seals it. Always so in a vault.
    Passphrase,
    /// It stands in the keyring of their own OS account, which must be the present one.
    OsAccount,
}

/// The public half of a person's key: 32 bytes, in hexadecimal as text. May be stored and shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// From the stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is this key's over `message` (the strict check, which refuses weak keys).
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = SecretError;
    fn from_str(text: &str) -> Result<Self, SecretError> {
        let mut bytes = [0_u8; 32];
        let damaged =
            SecretError::Damaged { name: "public key".to_owned(), detail: "it is not 64 hex digits" };
        hex::decode_to_slice(text, &mut bytes).map_err(|_| damaged)?;
        Ok(Self(bytes))
    }
}

/// A person's unlocked key: it signs, and is zeroised when dropped. Hold it for one decision, or, in a
/// window, for as long as its person sits at the desk.
pub struct Signer {
    person: PersonId,
    key: SigningKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("person", &self.person).finish_non_exhaustive()
    }
}

impl Signer {
    /// Whose key it is.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// Its public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.key.verifying_key().to_bytes())
    }

    /// What the key is made of, for what derives from it.
    pub(crate) fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The ed25519 signature over `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// A person's key, sealed by their next passphrase.
pub struct ResealedKey {
    person: PersonId,
    value: Zeroizing<Vec<u8>>,
}

/// The people's keys of one workspace.
#[derive(Debug)]
pub struct PersonKeys<'a> {
    store: &'a SecretStore,
}

impl SecretStore {
    /// The people's signing keys.
    #[must_use]
    pub fn people(&self) -> PersonKeys<'_> {
        PersonKeys { store: self }
    }
}

impl PersonKeys<'_> {
    /// Whether this person has a key here.
    ///
    /// # Errors
    /// What reading the store can give.
    pub fn exists(&self, person: &PersonId) -> Result<bool, SecretError> {
        Ok(self.store.get(&SecretName::PersonSigningKey(person.clone()))?.is_some())
    }

    /// Makes a person's key and gives its public half, for the roster. Asks for a new passphrase where
    /// one protects it.
    ///
    /// # Errors
    /// In this order: `person_secret_needs_passphrase` (an OS account protects nothing in a vault, nor a
    /// second person), `passphrase_missing`, `passphrase_weak`, `passphrase_reused` (it opens the vault),
    /// `person_secret_exists`.
    pub fn create(
        &self,
        person: &PersonId,
        protection: &Protection,
        source: &dyn PassphraseSource,
    ) -> Result<PublicKey, SecretError> {
        let seed = random_bytes()?;
        let public = PublicKey(SigningKey::from_bytes(&seed).verifying_key().to_bytes());
        let value = match protection {
            Protection::Passphrase => {
                self.sealed(&seed, &PassphraseFor::NewPerson(person.clone()), source)?
            }
            Protection::OsAccount => self.in_account(person, &seed)?,
        };
        self.store.change(&SecretName::PersonSigningKey(person.clone()), |present| match present {
            Some(_) => Err(SecretError::PersonSecretExists { person: person.clone() }),
            None => Ok(Some(value)),
        })?;
        Ok(public)
    }

    /// Opens a person's key with that person's own secret. `known` is the public key that the workspace's
    /// roster has for this person: a key that somebody put in its place is refused.
    ///
    /// # Errors
    /// `person_secret_missing`, `passphrase_missing`, `person_secret_wrong`, `person_secret_foreign`,
    /// `secret_damaged`.
    pub fn unlock(
        &self,
        person: &PersonId,
        known: &PublicKey,
        source: &dyn PassphraseSource,
    ) -> Result<Signer, SecretError> {
        let seed = self.seed(person, source)?;
        let key = SigningKey::from_bytes(&seed);
        if key.verifying_key().as_bytes() != known.as_bytes() {
            return Err(SecretError::PersonSecretForeign { person: person.clone() });
        }
        Ok(Signer { person: person.clone(), key })
    }

    /// Seals an unlocked key by its person's next passphrase; nothing is kept yet. The key itself stays.
    ///
    /// # Errors
    /// `passphrase_missing`, `passphrase_weak`, `passphrase_reused`.
    pub fn reseal(&self, signer: &Signer, source: &dyn PassphraseSource) -> Result<ResealedKey, SecretError> {
        let what = PassphraseFor::NextPerson(signer.person.clone());
        let value = self.sealed(&Zeroizing::new(signer.key.to_bytes()), &what, source)?;
        Ok(ResealedKey { person: signer.person.clone(), value })
    }

    /// Lets the next passphrase of a person take the place of the secret before.
    ///
    /// # Errors
    /// What keeping a secret can give.
    pub fn keep(&self, resealed: ResealedKey) -> Result<(), SecretError> {
        let ResealedKey { person, value } = resealed;
        self.store.change(&SecretName::PersonSigningKey(person), |_| Ok(Some(value)))
    }

    /// Forgets everybody's key: after a restore each person sets a new secret.
    ///
    /// # Errors
    /// What keeping a secret can give.
    pub fn forget_all(&self) -> Result<(), SecretError> {
        for name in self.store.names()? {
            if matches!(name, SecretName::PersonSigningKey(_)) {
                self.store.delete(&name)?;
            }
        }
        Ok(())
    }

    /// Whether one of the people signs with this passphrase.
    pub(super) fn signs_with(&self, passphrase: &Passphrase) -> Result<bool, SecretError> {
        for name in self.store.names()? {
            let of_person = matches!(name, SecretName::PersonSigningKey(_));
            let value = if of_person { self.store.get(&name)? } else { None };
            let sealed = value.as_ref().and_then(|value| value.strip_prefix(SEALED));
            if sealed.is_some_and(|sealed| unseal(sealed, passphrase).is_ok()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn sealed(
        &self,
        seed: &[u8; 32],
        what: &PassphraseFor,
        source: &dyn PassphraseSource,
    ) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let passphrase = source.ask(what)?;
        passphrase.check_new(what)?;
        if self.store.opens_with(&passphrase)? {
            return Err(SecretError::PassphraseReused);
        }
        let sealed = seal(seed, &passphrase, self.store.work_factor())?;
        Ok(Zeroizing::new([SEALED, &sealed].concat()))
    }

    fn in_account(&self, person: &PersonId, seed: &[u8; 32]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let needs = |why| SecretError::PersonSecretNeedsPassphrase { person: person.clone(), why };
        match self.store.backend() {
            Backend::Vault => {
                return Err(needs("whoever opens this workspace's vault could otherwise sign for them"));
            }
            Backend::Keyring => {}
        }
        for name in self.store.names()? {
            let other = matches!(&name, SecretName::PersonSigningKey(other) if other != person);
            if other && self.store.get(&name)?.is_some_and(|value| value.starts_with(ACCOUNT)) {
                return Err(needs("this OS account's keyring already holds another person's key"));
            }
        }
        let account = os_account()?;
        Ok(Zeroizing::new([ACCOUNT, account.as_bytes(), b"\n", seed].concat()))
    }

    fn seed(
        &self,
        person: &PersonId,
        source: &dyn PassphraseSource,
    ) -> Result<Zeroizing<[u8; 32]>, SecretError> {
        let name = SecretName::PersonSigningKey(person.clone());
        let stored = self
            .store
            .get(&name)?
            .ok_or_else(|| SecretError::PersonSecretMissing { person: person.clone() })?;
        let damaged = |detail| SecretError::Damaged { name: name.to_string(), detail };
        let as_seed =
            |bytes: &[u8]| bytes.try_into().map(Zeroizing::new).map_err(|_| damaged("its length is wrong"));
        if let Some(sealed) = stored.strip_prefix(SEALED) {
            let passphrase: Passphrase = source.ask(&PassphraseFor::Person(person.clone()))?;
            let seed = unseal(sealed, &passphrase).map_err(|why| match why {
                Unsealed::WrongPassphrase => SecretError::PersonSecretWrong { person: person.clone() },
                Unsealed::Damaged => damaged("it is cut short or altered"),
            })?;
            return as_seed(&seed);
        }
        let rest = stored.strip_prefix(ACCOUNT).ok_or_else(|| damaged("its kind is not known"))?;
        let split = rest.iter().position(|b| *b == b'\n').ok_or_else(|| damaged("it is cut short"))?;
        let in_keyring = self.store.backend() == Backend::Keyring;
        if !in_keyring || rest.get(..split) != Some(os_account()?.as_bytes()) {
            return Err(SecretError::PersonSecretWrong { person: person.clone() });
        }
        as_seed(rest.get(split + 1..).unwrap_or_default())
    }
}
