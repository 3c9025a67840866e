//! The lock under which secrets are changed.

use std::{
    fs::{File, OpenOptions},
    path::Path,
};

use crate::error::SecretError;

/// Held while secrets are changed: an OS lock on the marker, which dies with the process. The vault
/// itself cannot carry it, because every change replaces that file.
pub(super) struct ChangeLock {
    _file: File,
}

impl ChangeLock {
    pub(super) fn take(marker: &Path) -> Result<Self, SecretError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(marker)
            .map_err(|e| SecretError::io("opening", marker, e))?;
        file.lock().map_err(|e| SecretError::io("locking", marker, e))?;
        Ok(Self { _file: file })
    }
}
