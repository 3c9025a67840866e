//! The keyring of the OS account: Secret Service on Linux, Keychain on macOS, Credential Manager on
//! Windows, through the `keyring` crate.
//!
//! Entries are named `<workspace id>/<secret name>` under the service `tieout`. The crate cannot list
//! entries, so their names are kept in one more entry.
//!
//! A locked keyring asks its user for the password and waits. Where nobody can be asked (SSH, a
//! container) gnome-keyring waits for ever (tried), so every call here has a limit.

use std::{
    path::PathBuf,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use keyring::{Entry, Error};
use tieout_domain::WorkspaceId;
use zeroize::Zeroizing;

use crate::{error::SecretError, lock::ChangeLock, name::SecretName};

const SERVICE: &str = "tieout";
const INDEX: &str = "names";
const PROBE: &str = "probe";

/// How long a person has to answer the keyring's own prompt.
const PATIENCE: Duration = Duration::from_secs(60);

/// The entries of one workspace in the OS account's keyring.
#[derive(Debug)]
pub(super) struct KeyringStore {
    workspace: WorkspaceId,
    marker: PathBuf,
}

/// How many probes this process has made. Two at once (the page asks while somebody else does) must not
/// delete each other's entry.
static PROBES: AtomicU64 = AtomicU64::new(0);

/// Whether the keyring can keep a secret now: writes, reads and deletes one that is worth nothing.
pub(super) fn probe() -> Result<(), SecretError> {
    probe_within(PATIENCE)
}

pub(super) fn probe_within(patience: Duration) -> Result<(), SecretError> {
    within(patience, || {
        let number = PROBES.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PROBE}/{}/{number}", std::process::id());
        let entry = entry(&name)?;
        entry.set_secret(PROBE.as_bytes()).map_err(|e| failed("keep a secret", &e))?;
        let read = entry.get_secret().map_err(|e| failed("read a secret", &e));
        entry.delete_credential().map_err(|e| failed("delete a secret", &e))?;
        if read? == PROBE.as_bytes() {
            return Ok(());
        }
        let detail = "it gave back something else".to_owned();
        Err(SecretError::KeyringFailed { doing: "keep a secret", detail })
    })
}

/// Runs a call to the keyring on a thread of its own and waits for it. One that does not come back is
/// left behind: it can only be waiting for a prompt, and the command ends with an error.
fn within<T: Send + 'static>(
    patience: Duration,
    call: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    let (answer, answered) = mpsc::channel();
    // A receiver that has given up is no reason for the thread to fail.
    thread::spawn(move || answer.send(call()).is_ok());
    answered.recv_timeout(patience).unwrap_or_else(|_| {
        let detail = format!("nobody answered its prompt for {} s", patience.as_secs());
        Err(SecretError::KeyringLocked { detail })
    })
}

fn entry(name: &str) -> Result<Entry, SecretError> {
    if let Err(status) = Entry::store_status() {
        // Entry::new only says "no default store"; the status says why.
        return Err(SecretError::KeyringUnavailable { detail: status.to_string() });
    }
    Entry::new(SERVICE, name).map_err(|e| failed("open an entry", &e))
}

fn failed(doing: &'static str, error: &Error) -> SecretError {
    match error {
        Error::NoStorageAccess(_) => SecretError::KeyringLocked { detail: error.to_string() },
        Error::NoDefaultStore => SecretError::KeyringUnavailable { detail: error.to_string() },
        // These two carry the stored bytes; their Display does not print them, but nothing is risked.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            SecretError::KeyringFailed { doing, detail: "what is stored there is malformed".to_owned() }
        }
        _ => SecretError::KeyringFailed { doing, detail: error.to_string() },
    }
}

impl KeyringStore {
    pub(super) fn open(workspace: &WorkspaceId, marker: PathBuf) -> Result<Self, SecretError> {
        let store = Self { workspace: workspace.clone(), marker };
        let name = store.named(INDEX);
        within(PATIENCE, move || entry(&name).map(|_| ()))?;
        Ok(store)
    }

    fn named(&self, name: &str) -> String {
        format!("{}/{name}", self.workspace)
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        let name = self.named(name);
        within(PATIENCE, move || match entry(&name)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(e) => Err(failed("read a secret", &e)),
        })
    }

    fn write(&self, name: &str, value: &[u8]) -> Result<(), SecretError> {
        let (name, value) = (self.named(name), Zeroizing::new(value.to_vec()));
        within(PATIENCE, move || entry(&name)?.set_secret(&value).map_err(|e| failed("keep a secret", &e)))
    }

    fn index(&self) -> Result<Vec<SecretName>, SecretError> {
        let Some(bytes) = self.read(INDEX)? else { return Ok(Vec::new()) };
        let damaged = || SecretError::Damaged { name: INDEX.to_owned(), detail: "it is not a list of names" };
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged())?;
        text.lines().map(|line| line.parse().map_err(|_| damaged())).collect()
    }

    fn write_index(&self, names: &[SecretName]) -> Result<(), SecretError> {
        let lines: Vec<String> = names.iter().map(ToString::to_string).collect();
        self.write(INDEX, lines.join("\n").as_bytes())
    }

    pub(super) fn get(&self, name: &SecretName) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError> {
        self.read(&name.to_string())
    }

    /// The names whose entries are really there: the list is written first, so it may hold one too many
    /// after a crash, never one too few.
    pub(super) fn names(&self) -> Result<Vec<SecretName>, SecretError> {
        let mut names = Vec::new();
        for name in self.index()? {
            if self.get(&name)?.is_some() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// See [`super::vault::VaultStore::change`].
    pub(super) fn change(
        &self,
        name: &SecretName,
        change: impl FnOnce(Option<&[u8]>) -> Result<Option<Zeroizing<Vec<u8>>>, SecretError>,
    ) -> Result<(), SecretError> {
        let _held = ChangeLock::take(&self.marker)?;
        let present = self.get(name)?;
        let wanted = change(present.as_ref().map(|value| value.as_slice()))?;
        if present == wanted {
            return Ok(());
        }
        let mut names = self.index()?;
        match wanted {
            Some(value) => {
                if !names.contains(name) {
                    names.push(name.clone());
                    self.write_index(&names)?;
                }
                self.write(&name.to_string(), &value)
            }
            None => {
                let entry_name = self.named(&name.to_string());
                within(PATIENCE, move || {
                    entry(&entry_name)?.delete_credential().map_err(|e| failed("delete a secret", &e))
                })?;
                names.retain(|one| one != name);
                self.write_index(&names)
            }
        }
    }
}
