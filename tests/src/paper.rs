//! What is printed, as another reader has it.

use std::{path::Path, process::Command};

/// The text of a PDF, each line as it stands on its page, by poppler's `pdftotext`.
///
/// # Errors
/// Where there is no `pdftotext` (`cargo xtask setup` installs it), or it is no PDF that poppler reads.
pub fn printed(path: &Path) -> Result<String, String> {
    let read = Command::new("pdftotext").arg("-layout").arg(path).arg("-").output();
    let read = read.map_err(|e| format!("pdftotext: {e}"))?;
    if !read.status.success() {
        return Err(format!("{}: {}", path.display(), String::from_utf8_lossy(&read.stderr)));
    }
    Ok(String::from_utf8_lossy(&read.stdout).into_owned())
}
