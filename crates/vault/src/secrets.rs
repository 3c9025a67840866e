//! The secrets of one workspace: set up, opened, read and changed, whichever backend keeps them.

use std::path::Path;

use tieout_domain::WorkspaceId;
use zeroize::Zeroizing;

use crate::{
    error::SecretError,
    keyring::{self, KeyringStore},
    marker::{Backend, Marker, Paths},
    name::SecretName,
    passphrase::{self, Passphrase, PassphraseFor, PassphraseSource, WorkFactor},
    vault::{self, VaultStore},
};

/// Whether this session's keyring keeps secrets, answered within two seconds: one that shows a prompt of its
/// own first does not.
///
/// # Errors
/// `keyring_unavailable`, `keyring_locked`, `keyring_failed`.
pub fn keyring_answers() -> Result<(), SecretError> {
    keyring::probe_within(std::time::Duration::from_secs(2))
}

/// The key that encrypts a workspace file: 32 random bytes, zeroised when dropped.
pub type WorkspaceKey = Zeroizing<[u8; 32]>;

/// Where the secrets of one workspace are, before they are made or opened.
#[derive(Debug)]
pub struct SecretsHome {
    paths: Paths,
    work: WorkFactor,
}

impl SecretsHome {
    /// The secrets of the workspace file at `workspace`: for `W.tieoutdb` (or just `W`) they are told by
    /// `W.secrets.toml`, and a vault is `W.tieoutvault`.
    #[must_use]
    pub fn beside(workspace: &Path) -> Self {
        Self { paths: Paths::beside(workspace), work: WorkFactor::of_new() }
    }

    /// The same with another work factor for what is sealed from now on. For tests.
    #[must_use]
    pub fn with_work_factor(mut self, work: WorkFactor) -> Self {
        self.work = work;
        self
    }

    /// Which backend the marker names.
    ///
    /// # Errors
    /// `secrets_not_set_up`, `secrets_marker_damaged`.
    pub fn backend(&self) -> Result<Backend, SecretError> {
        Ok(Marker::read(&self.paths.marker)?.backend)
    }

    /// The workspace that the marker names.
    ///
    /// # Errors
    /// `secrets_not_set_up`, `secrets_marker_damaged`.
    pub fn workspace_id(&self) -> Result<WorkspaceId, SecretError> {
        Ok(Marker::read(&self.paths.marker)?.workspace)
    }

    /// Sets secrets up for a new workspace, with none in them yet. A vault's passphrase is asked for.
    ///
    /// # Errors
    /// `secrets_already_set_up`; for the keyring `keyring_unavailable` or `keyring_locked`; for the vault
    /// `passphrase_missing` or `passphrase_weak`.
    pub fn create(
        &self,
        workspace: &WorkspaceId,
        backend: Backend,
        source: &dyn PassphraseSource,
    ) -> Result<SecretStore, SecretError> {
        let marker = Marker { version: 1, backend, workspace: workspace.clone() };
        let path = &self.paths.marker;
        if path.try_exists().map_err(|e| SecretError::io("looking for", path, e))? {
            return Err(SecretError::AlreadySetUp { path: path.clone() });
        }
        let kept = match backend {
            Backend::Keyring => {
                keyring::probe()?;
                Kept::Keyring(KeyringStore::open(workspace, path.clone())?)
            }
            Backend::Vault => {
                let passphrase = source.ask(&PassphraseFor::NewVault)?;
                passphrase.check_new(&PassphraseFor::NewVault)?;
                let paths = (self.paths.vault.as_path(), path.as_path());
                Kept::Vault(VaultStore::create(paths, workspace, &passphrase, self.work)?)
            }
        };
        marker.create(path)?;
        Ok(SecretStore { workspace: marker.workspace, kept, work: self.work })
    }

    /// Takes back what [`SecretsHome::create`] made, where the workspace that it was for could not be made.
    /// What a keyring holds stays: it may be another copy's of the same workspace.
    ///
    /// # Errors
    /// `secrets_io`.
    pub fn undo_create(&self) -> Result<(), SecretError> {
        for path in [&self.paths.vault, &self.paths.marker] {
            match std::fs::remove_file(path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(SecretError::io("removing", path, e));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Opens the secrets that were set up. A vault's passphrase is asked for.
    ///
    /// # Errors
    /// `secrets_not_set_up`, `secrets_marker_damaged`; for the keyring `keyring_unavailable`; for the vault
    /// `vault_missing`, `vault_damaged`, `vault_foreign`, `passphrase_missing`, `vault_passphrase_wrong`.
    pub fn open(&self, source: &dyn PassphraseSource) -> Result<SecretStore, SecretError> {
        let path = &self.paths.marker;
        let marker = Marker::read(path)?;
        let kept = match marker.backend {
            Backend::Keyring => Kept::Keyring(KeyringStore::open(&marker.workspace, path.clone())?),
            Backend::Vault => {
                let sealed = vault::SealedVault::read(&self.paths.vault)?;
                let passphrase = source.ask(&PassphraseFor::Vault)?;
                Kept::Vault(VaultStore::open(sealed, path, &marker.workspace, &passphrase)?)
            }
        };
        Ok(SecretStore { workspace: marker.workspace, kept, work: self.work })
    }
}

/// The open secrets of one workspace. Any number of processes may have them open: each change is made
/// under an OS lock, and each read sees what others stored.
#[derive(Debug)]
pub struct SecretStore {
    workspace: WorkspaceId,
    kept: Kept,
    work: WorkFactor,
}

#[derive(Debug)]
enum Kept {
    Keyring(KeyringStore),
    Vault(VaultStore),
}

impl SecretStore {
    /// Where they are kept.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.kept {
            Kept::Keyring(_) => Backend::Keyring,
            Kept::Vault(_) => Backend::Vault,
        }
    }

    /// The workspace that they belong to.
    #[must_use]
    pub fn workspace_id(&self) -> &WorkspaceId {
        &self.workspace
    }

    /// The work factor for what is sealed from now on.
    #[must_use]
    pub fn work_factor(&self) -> WorkFactor {
        self.work
    }

    /// The secret of this name, if there is one.
    ///
    /// # Errors
    /// What the backend gives: `keyring_…`, `vault_…`, `secrets_io`.
    pub fn get(&self, name: &SecretName) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        match &self.kept {
            Kept::Keyring(keyring) => keyring.get(name),
            Kept::Vault(vault) => vault.get(name),
        }
    }

    /// Keeps a secret, durably, in place of one of the same name.
    ///
    /// # Errors
    /// As [`SecretStore::get`].
    pub fn set(&self, name: &SecretName, secret: &[u8]) -> Result<(), SecretError> {
        self.change(name, |_| Ok(Some(Zeroizing::new(secret.to_vec()))))
    }

    /// Forgets a secret; one that is not there is no error.
    ///
    /// # Errors
    /// As [`SecretStore::get`].
    pub fn delete(&self, name: &SecretName) -> Result<(), SecretError> {
        self.change(name, |_| Ok(None))
    }

    /// The names of all secrets kept, sorted.
    ///
    /// # Errors
    /// As [`SecretStore::get`].
    pub fn names(&self) -> Result<Vec<SecretName>, SecretError> {
        match &self.kept {
            Kept::Keyring(keyring) => keyring.names(),
            Kept::Vault(vault) => vault.names(),
        }
    }

    /// The workspace key, made at random the first time it is asked for.
    ///
    /// # Errors
    /// As [`SecretStore::get`], and `secret_damaged`.
    pub fn workspace_key_or_new(&self) -> Result<WorkspaceKey, SecretError> {
        let fresh = passphrase::random_bytes()?;
        self.change(&SecretName::WorkspaceKey, |present| {
            Ok(Some(Zeroizing::new(present.unwrap_or(fresh.as_slice()).to_vec())))
        })?;
        self.workspace_key()?.ok_or(SecretError::Damaged {
            name: SecretName::WorkspaceKey.to_string(),
            detail: "it was deleted while it was made",
        })
    }

    /// The workspace key, if it is there.
    ///
    /// # Errors
    /// As [`SecretStore::get`], and `secret_damaged`.
    pub fn workspace_key(&self) -> Result<Option<WorkspaceKey>, SecretError> {
        let Some(key) = self.get(&SecretName::WorkspaceKey)? else { return Ok(None) };
        let damaged = || SecretError::Damaged {
            name: SecretName::WorkspaceKey.to_string(),
            detail: "it is not 32 bytes long",
        };
        key.as_slice().try_into().map(|key| Some(Zeroizing::new(key))).map_err(|_| damaged())
    }

    /// The anchor of the log, if one was set.
    ///
    /// # Errors
    /// As [`SecretStore::get`], and `secret_damaged`.
    pub fn anchor(&self) -> Result<Option<Anchor>, SecretError> {
        self.get(&SecretName::Anchor)?.map(|bytes| Anchor::decode(&bytes)).transpose()
    }

    /// Moves the anchor forward. An anchor that is further on already stays: of two processes that
    /// appended at once, the one that comes here last must not take the other's entry back.
    ///
    /// # Errors
    /// As [`SecretStore::anchor`].
    pub fn advance_anchor(&self, anchor: &Anchor) -> Result<(), SecretError> {
        self.change(&SecretName::Anchor, |present| {
            let present = present.map(Anchor::decode).transpose()?;
            let later = present.filter(|present| present.number > anchor.number);
            Ok(Some(Zeroizing::new(later.as_ref().unwrap_or(anchor).encode())))
        })
    }

    /// Sets the anchor to what a restored backup says, which may lie behind. Only for `restore`, which
    /// records that it was done.
    ///
    /// # Errors
    /// As [`SecretStore::get`].
    pub fn reset_anchor(&self, anchor: &Anchor) -> Result<(), SecretError> {
        self.set(&SecretName::Anchor, &anchor.encode())
    }

    /// Seals the vault by its next passphrase; nothing is kept yet. The present one is needed.
    ///
    /// # Errors
    /// `secrets_have_no_passphrase` (a keyring); `passphrase_missing`, `vault_passphrase_wrong` for the
    /// present one; `passphrase_missing`, `passphrase_weak`, `passphrase_reused` (a person signs with it) for
    /// the next.
    pub fn reseal(&self, source: &dyn PassphraseSource) -> Result<ResealedVault, SecretError> {
        let Kept::Vault(vault) = &self.kept else { return Err(SecretError::NoPassphrase) };
        let old = source.ask(&PassphraseFor::Vault)?;
        let next = source.ask(&PassphraseFor::NextVault)?;
        let resealed = vault.reseal(&old, &next, self.work)?;
        next.check_new(&PassphraseFor::NextVault)?;
        if self.people().signs_with(&next)? {
            return Err(SecretError::PassphraseOfAPerson);
        }
        Ok(ResealedVault(resealed))
    }

    /// Lets the vault's next passphrase take the place of the one before. Who has it open goes on.
    ///
    /// # Errors
    /// As [`SecretStore::get`], and `vault_passphrase_wrong` where somebody else changed it meanwhile.
    pub fn keep(&self, resealed: &ResealedVault) -> Result<(), SecretError> {
        match &self.kept {
            Kept::Keyring(_) => Err(SecretError::NoPassphrase),
            Kept::Vault(vault) => vault.keep(&resealed.0),
        }
    }

    /// Changes one secret under the lock: `change` is given what is there and says what shall be.
    pub(crate) fn change(
        &self,
        name: &SecretName,
        change: impl FnOnce(Option<&[u8]>) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError>,
    ) -> Result<(), SecretError> {
        match &self.kept {
            Kept::Keyring(keyring) => keyring.change(name, change),
            Kept::Vault(vault) => vault.change(name, change),
        }
    }

    /// Whether this passphrase alone opens the store.
    pub(crate) fn opens_with(&self, passphrase: &Passphrase) -> Result<bool, SecretError> {
        match &self.kept {
            Kept::Keyring(_) => Ok(false),
            Kept::Vault(vault) => vault.opens_with(passphrase),
        }
    }
}

/// The vault's key, sealed by its next passphrase.
pub struct ResealedVault(vault::Resealed);

/// The last entry of the signed log, as kept with the secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The entry's number.
    pub number: u64,
    /// The entry's hash (SHA-256).
    pub hash: [u8; 32],
}

impl Anchor {
    fn encode(&self) -> Vec<u8> {
        [self.number.to_be_bytes().as_slice(), self.hash.as_slice()].concat()
    }

    fn decode(bytes: &[u8]) -> Result<Self, SecretError> {
        let read = || {
            let (number, hash) = bytes.split_first_chunk::<8>()?;
            Some(Self { number: u64::from_be_bytes(*number), hash: hash.try_into().ok()? })
        };
        read().ok_or(SecretError::Damaged {
            name: SecretName::Anchor.to_string(),
            detail: "it is not a number and a hash",
        })
    }
}
