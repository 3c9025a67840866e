//! The vault: one passphrase-encrypted file beside the workspace (age, scrypt).
//!
//! Layout: a magic line, the SHA-256 of all that follows (so that damage is told apart from a wrong
//! passphrase, and before anybody types one), the length of the sealed vault key, the vault key sealed by
//! the passphrase, and the entries sealed by the vault key. The random vault key stands between, so that
//! a change does not cost the passphrase's work again, and the passphrase need not stay in memory.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};
use tieout_domain::WorkspaceId;
use zeroize::Zeroizing;

use crate::{
    error::SecretError,
    lock::ChangeLock,
    name::SecretName,
    passphrase::{Passphrase, Unsealed, WorkFactor, random_bytes, seal, unseal},
};

const MAGIC: &[u8] = b"tieout-vault/1\n";
const DIGEST: usize = 32;
const LENGTH: usize = 4;

type Entries = BTreeMap<SecretName, Zeroizing<Vec<u8>>>;

/// An open vault. It holds the vault key, never the passphrase; the file is read each time, so that what
/// another process stored is seen, and its entries are opened again where they are not as they were.
pub(super) struct VaultStore {
    path: PathBuf,
    marker: PathBuf,
    key: Passphrase,
    opened: Mutex<Opened>,
}

/// Entries as they were sealed, and opened: each opening costs some milliseconds.
#[derive(Default)]
struct Opened {
    sealed: Vec<u8>,
    entries: Entries,
}

impl std::fmt::Debug for VaultStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VaultStore").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The vault key sealed by the next passphrase, and as it was sealed before.
pub(super) struct Resealed {
    was: Vec<u8>,
    sealed: Vec<u8>,
}

impl VaultStore {
    fn new(path: &Path, marker: &Path, key: &[u8; 32]) -> Self {
        let (path, marker) = (path.to_owned(), marker.to_owned());
        Self { path, marker, key: as_passphrase(key), opened: Mutex::default() }
    }

    /// Makes a new vault with no entries. One that is there already is never replaced.
    pub(super) fn create(
        (path, marker): (&Path, &Path),
        workspace: &WorkspaceId,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<Self, SecretError> {
        if path.try_exists().map_err(|e| SecretError::io("looking for", path, e))? {
            return Err(SecretError::AlreadySetUp { path: path.to_owned() });
        }
        let key = random_bytes()?;
        let mut plain = Zeroizing::new(Vec::with_capacity(128));
        plain.extend_from_slice(workspace.as_str().as_bytes());
        plain.push(b'\n');
        plain.extend_from_slice(key.as_slice());
        let sealed = seal(&plain, passphrase, work)?;
        let store = Self::new(path, marker, &key);
        store.write(&sealed, &Entries::new())?;
        Ok(store)
    }

    /// Opens the vault of `workspace`.
    pub(super) fn open(
        sealed: SealedVault,
        marker: &Path,
        workspace: &WorkspaceId,
        passphrase: &Passphrase,
    ) -> Result<Self, SecretError> {
        let SealedVault { path, parts } = sealed;
        let path = path.as_path();
        let wrong = |why| match why {
            Unsealed::WrongPassphrase => SecretError::VaultPassphraseWrong { path: path.to_owned() },
            Unsealed::Damaged => damaged(path, "its key part cannot be read"),
        };
        let plain = unseal(&parts.sealed_key, passphrase).map_err(wrong)?;
        let split = plain.iter().position(|b| *b == b'\n').unwrap_or(plain.len());
        let (owner, key) = plain.split_at(split);
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(
            key.get(1..)
                .and_then(|key| key.try_into().ok())
                .ok_or_else(|| damaged(path, "its key part is too short"))?,
        );
        if owner != workspace.as_str().as_bytes() {
            return Err(SecretError::VaultForeign { path: path.to_owned() });
        }
        let store = Self::new(path, marker, &key);
        store.entries_of(&parts)?;
        Ok(store)
    }

    /// Whether `passphrase` opens this vault: a person's own must not.
    pub(super) fn opens_with(&self, passphrase: &Passphrase) -> Result<bool, SecretError> {
        Ok(unseal(&Parts::read(&self.path)?.sealed_key, passphrase).is_ok())
    }

    /// Seals the vault key by another passphrase; nothing is written yet. The vault key itself stays, so that
    /// who has the vault open goes on.
    pub(super) fn reseal(
        &self,
        old: &Passphrase,
        new: &Passphrase,
        work: WorkFactor,
    ) -> Result<Resealed, SecretError> {
        let was = Parts::read(&self.path)?.sealed_key;
        let plain = unseal(&was, old).map_err(|why| match why {
            Unsealed::WrongPassphrase => SecretError::VaultPassphraseWrong { path: self.path.clone() },
            Unsealed::Damaged => damaged(&self.path, "its key part cannot be read"),
        })?;
        Ok(Resealed { was, sealed: seal(&plain, new, work)? })
    }

    /// Lets the next passphrase take the place of the one before, unless another one has meanwhile.
    pub(super) fn keep(&self, resealed: &Resealed) -> Result<(), SecretError> {
        let _held = ChangeLock::take(&self.marker)?;
        let parts = Parts::read(&self.path)?;
        if parts.sealed_key != resealed.was {
            return Err(SecretError::VaultPassphraseWrong { path: self.path.clone() });
        }
        self.write(&resealed.sealed, &self.entries_of(&parts)?)
    }

    pub(super) fn get(&self, name: &SecretName) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        Ok(self.read()?.remove(name))
    }

    pub(super) fn names(&self) -> Result<Vec<SecretName>, SecretError> {
        Ok(self.read()?.into_keys().collect())
    }

    /// Changes one entry under the lock: `change` is given what is there now (`None`: nothing) and says
    /// what shall be there; the file is replaced only where that differs.
    pub(super) fn change(
        &self,
        name: &SecretName,
        change: impl FnOnce(Option<&[u8]>) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError>,
    ) -> Result<(), SecretError> {
        let _held = ChangeLock::take(&self.marker)?;
        let parts = Parts::read(&self.path)?;
        let mut entries = self.entries_of(&parts)?;
        let wanted = change(entries.get(name).map(|value| value.as_slice()))?;
        if entries.get(name) == wanted.as_ref() {
            return Ok(());
        }
        match wanted {
            Some(value) => entries.insert(name.clone(), value),
            None => entries.remove(name),
        };
        self.write(&parts.sealed_key, &entries)
    }

    fn read(&self) -> Result<Entries, SecretError> {
        self.entries_of(&Parts::read(&self.path)?)
    }

    fn entries_of(&self, parts: &Parts) -> Result<Entries, SecretError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.sealed != parts.body {
            *opened = Opened { entries: self.open_entries(parts)?, sealed: parts.body.clone() };
        }
        Ok(opened.entries.clone())
    }

    fn open_entries(&self, parts: &Parts) -> Result<Entries, SecretError> {
        let plain = unseal(&parts.body, &self.key)
            .map_err(|_| damaged(&self.path, "its entries do not belong to its key"))?;
        decode(&plain).ok_or_else(|| damaged(&self.path, "its entries cannot be read"))
    }

    /// Writes the entries beside the sealed vault key: as it stands in the file now, for another process may
    /// have sealed it by another passphrase since this one opened it.
    fn write(&self, sealed_key: &[u8], entries: &Entries) -> Result<(), SecretError> {
        let body = seal(&encode(entries), &self.key, WorkFactor::NONE)?;
        let mut rest = Vec::with_capacity(LENGTH + sealed_key.len() + body.len());
        rest.extend_from_slice(&length(sealed_key.len()));
        rest.extend_from_slice(sealed_key);
        rest.extend_from_slice(&body);
        let digest = Sha256::digest(&rest);
        replace(&self.path, &[MAGIC, digest.as_slice(), &rest])
            .map_err(|e| SecretError::io("writing", &self.path, e))
    }
}

/// A vault file that was read and is whole, before anybody is asked for its passphrase.
pub(super) struct SealedVault {
    path: PathBuf,
    parts: Parts,
}

impl SealedVault {
    pub(super) fn read(path: &Path) -> Result<Self, SecretError> {
        Ok(Self { path: path.to_owned(), parts: Parts::read(path)? })
    }
}

/// The sealed parts of a vault file whose digest is right.
struct Parts {
    sealed_key: Vec<u8>,
    body: Vec<u8>,
}

impl Parts {
    fn read(path: &Path) -> Result<Self, SecretError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(SecretError::VaultMissing { path: path.to_owned() });
            }
            Err(e) => return Err(SecretError::io("reading", path, e)),
        };
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| damaged(path, "it is not a vault of Tieout"))?;
        let split = rest.split_at_checked(DIGEST).ok_or_else(|| damaged(path, "it is cut short"))?;
        let (digest, rest) = split;
        if digest != Sha256::digest(rest).as_slice() {
            return Err(damaged(path, "its checksum is wrong, it was cut short or altered"));
        }
        let parts = || {
            let (length, rest) = rest.split_first_chunk::<LENGTH>()?;
            rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
        };
        let (sealed_key, body) = parts().ok_or_else(|| damaged(path, "it is cut short"))?;
        Ok(Self { sealed_key: sealed_key.to_vec(), body: body.to_vec() })
    }
}

fn damaged(path: &Path, detail: &'static str) -> SecretError {
    SecretError::VaultDamaged { path: path.to_owned(), detail }
}

/// The vault key as the passphrase of the entries' own age file: 256 random bits in hexadecimal.
fn as_passphrase(key: &[u8; 32]) -> Passphrase {
    Passphrase::new(hex::encode(key))
}

fn length(of: usize) -> [u8; LENGTH] {
    // Secrets are a few kilobytes; saturating keeps this total, and a vault that claims more is refused.
    u32::try_from(of).unwrap_or(u32::MAX).to_be_bytes()
}

/// `length name length value …`. Not JSON: its writers and readers leave copies of what they handle.
fn encode(entries: &Entries) -> Zeroizing<Vec<u8>> {
    let names: Vec<String> = entries.keys().map(ToString::to_string).collect();
    let size = names.iter().zip(entries.values()).map(|(n, v)| n.len() + v.len() + 2 * LENGTH).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(size));
    for (name, value) in names.iter().zip(entries.values()) {
        out.extend_from_slice(&length(name.len()));
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&length(value.len()));
        out.extend_from_slice(value);
    }
    out
}

fn decode(mut bytes: &[u8]) -> Option<Entries> {
    let mut entries = Entries::new();
    while !bytes.is_empty() {
        let name = take(&mut bytes)?;
        let value = take(&mut bytes)?;
        entries.insert(std::str::from_utf8(name).ok()?.parse().ok()?, Zeroizing::new(value.to_vec()));
    }
    Some(entries)
}

fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH>()?;
    let (field, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some(field)
}

/// Replaces a file so that a crash leaves the old one or the new one, whole, readable by its owner only.
fn replace(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    // A temporary file is made with mode 0600, which stays when it takes the name.
    let mut file = tempfile::Builder::new().prefix(".tieoutvault-").tempfile_in(folder(path))?;
    for part in parts {
        file.write_all(part)?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(path)
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// Makes a file's *name* durable. Windows keeps names durable by itself and opens no folder as a file.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}
