//! The files that the user handed to the window: chosen in the system's dialog, dropped, opened with it, or
//! pasted. The page names files by their paths, and no command reads one for it that nobody handed over.

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tieout_desk::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// The most bytes that are taken from a clipboard.
const MOST_PASTED: usize = 64 << 20;

/// The fields of requests that name a file which the desk reads.
const READ: [&str; 4] = ["file", "map", "mapping", "sheet_file"];

/// The file that a request names.
pub(super) fn file_of(request: &Value) -> Option<PathBuf> {
    request.get("file").and_then(Value::as_str).map(PathBuf::from)
}

/// True for the answer of an import: the file's hash, and by what it is taken back.
pub(super) fn took_over(answer: &Value) -> bool {
    ["sha256", "import", "rejected_rows"].iter().all(|field| answer.get(field).is_some())
}

/// What was handed over since the program began.
#[derive(Default)]
pub(super) struct Handed {
    paths: Mutex<BTreeSet<PathBuf>>,
    pasted: Mutex<Option<tempfile::TempDir>>,
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Handed {
    /// Notes that the user handed a file over.
    pub(super) fn take(&self, path: &Path) {
        lock(&self.paths).insert(path.to_owned());
    }

    /// Refuses a request that would have a file read which nobody handed over.
    pub(super) fn check(&self, request: &Value) -> DeskResult<()> {
        let paths = lock(&self.paths);
        for field in READ {
            let Some(path) = request.get(field).and_then(Value::as_str) else { continue };
            if !paths.contains(Path::new(path)) {
                let message =
                    format!("{path} was not chosen here: choose the file, or drop it on the window");
                return Err(DeskError::new(Code::FileNotChosen, message));
            }
        }
        Ok(())
    }

    /// Removes rows that were pasted, once they were imported; any other file is the user's, and stays.
    pub(super) fn imported(&self, file: Option<&Path>) {
        let (Some(path), pasted) = (file, lock(&self.pasted)) else { return };
        if pasted.as_ref().is_some_and(|folder| path.parent() == Some(folder.path())) {
            lock(&self.paths).remove(path);
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(%error, "rows that were pasted are still on the disk");
            }
        }
    }

    /// Removes all that was pasted.
    pub(super) fn forget_pasted(&self) {
        let Some(folder) = lock(&self.pasted).take() else { return };
        lock(&self.paths).retain(|path| path.parent() != Some(folder.path()));
        if let Err(error) = folder.close() {
            tracing::warn!(%error, "rows that were pasted are still on the disk");
        }
    }

    /// Keeps rows that were pasted as a file that only this account may read, until they are imported or the
    /// program ends.
    pub(super) fn paste(&self, text: &str) -> DeskResult<PathBuf> {
        if text.trim().is_empty() || text.len() > MOST_PASTED {
            return Err(DeskError::new(Code::BadRequest, "what was pasted holds no rows, or too many"));
        }
        let unusable = |e: std::io::Error| DeskError::new(Code::FileUnusable, e.to_string());
        let mut folder = lock(&self.pasted);
        let folder = match &mut *folder {
            Some(folder) => folder,
            none => none.insert(tempfile::Builder::new().prefix("tieout-").tempdir().map_err(unusable)?),
        };
        let mut file = tempfile::Builder::new()
            .prefix("pasted-")
            .suffix(".csv")
            .tempfile_in(folder.path())
            .map_err(unusable)?;
        file.write_all(text.as_bytes()).map_err(unusable)?;
        let (_, path) = file.keep().map_err(|e| unusable(e.error))?;
        self.take(&path);
        Ok(path)
    }
}
