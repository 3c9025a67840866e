//! What is printed, as another reader has it.

use std::{path::Path, process::Command};

/// The text of a PDF, each line as it stands on its page, by poppler's `pdftotext`.
///
/// # Panics
/// Where it is no PDF that poppler reads.
#[must_use]
pub fn printed(path: &Path) -> String {
    let read = Command::new("pdftotext").arg("-layout").arg(path).arg("-").output();
    let read = read.expect("pdftotext is installed: cargo xtask setup");
    let failed = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{}: {failed}", path.display());
    String::from_utf8_lossy(&read.stdout).into_owned()
}
