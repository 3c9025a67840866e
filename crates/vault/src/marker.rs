//! The marker beside a workspace: which backend keeps its secrets. It holds no secret itself.
//!
//! Why a file of its own: the workspace file cannot be opened before its key is had, so it cannot say
//! where the key is; and guessing ("a vault file is there, so use it") would be a silent fallback.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tieout_domain::WorkspaceId;

use crate::{error::SecretError, keyring, vault};

/// Where secrets are kept. Chosen once, by the user; never changed behind their back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Backend {
    /// The keyring of the OS account.
    Keyring,
    /// A passphrase-encrypted file beside the workspace.
    Vault,
}

impl Backend {
    /// Both.
    pub const ALL: &'static [Backend] = &[Backend::Keyring, Backend::Vault];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Backend::Keyring => "keyring",
            Backend::Vault => "vault",
        }
    }

    /// The one of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == name)
    }

    /// What a new workspace uses: the one asked for, else the keyring. Never a silent fallback: where
    /// the keyring is wanted and does not answer, that is an error that says what to do.
    ///
    /// # Errors
    /// `keyring_unavailable` or `keyring_locked`.
    pub fn choose(explicit: Option<Backend>) -> Result<Backend, SecretError> {
        match explicit {
            Some(Backend::Vault) => Ok(Backend::Vault),
            Some(Backend::Keyring) | None => keyring::probe().map(|()| Backend::Keyring),
        }
    }
}

/// What the marker says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marker {
    pub(super) version: u32,
    pub(super) backend: Backend,
    pub(super) workspace: WorkspaceId,
}

/// The files that stand beside a workspace file.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) marker: PathBuf,
    pub(super) vault: PathBuf,
}

impl Paths {
    /// `W.tieoutdb` (or just `W`) has `W.secrets.toml` and `W.tieoutvault`.
    pub(super) fn beside(workspace: &Path) -> Self {
        let stem = match workspace.extension() {
            Some(extension) if extension == "tieoutdb" => workspace.with_extension(""),
            Some(_) | None => workspace.to_owned(),
        };
        let with = |suffix: &str| {
            let mut name = stem.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self { marker: with(".secrets.toml"), vault: with(".tieoutvault") }
    }
}

impl Marker {
    /// Writes a new marker; one that is there already is never replaced.
    pub(super) fn create(&self, path: &Path) -> Result<(), SecretError> {
        let text = format!(
            "# Where this workspace's secrets are kept. This file holds none of them.\n\
             version = {}\nbackend = \"{}\"\nworkspace = \"{}\"\n",
            self.version,
            self.backend.as_str(),
            self.workspace
        );
        let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(SecretError::AlreadySetUp { path: path.to_owned() });
            }
            Err(e) => return Err(SecretError::io("creating", path, e)),
        };
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| vault::sync_folder(path))
            .map_err(|e| SecretError::io("writing", path, e))
    }

    pub(super) fn read(path: &Path) -> Result<Self, SecretError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(SecretError::NotSetUp { path: path.to_owned() });
            }
            Err(e) => return Err(SecretError::io("reading", path, e)),
        };
        let damaged = |detail: String| SecretError::MarkerDamaged { path: path.to_owned(), detail };
        let marker: Marker = toml::from_str(&text).map_err(|e| damaged(e.message().to_owned()))?;
        if marker.version != 1 {
            return Err(damaged(format!("version {} is not known to this program", marker.version)));
        }
        Ok(marker)
    }
}
