//! Files that leave the desk: whole or not at all.

use std::{fs, io::Write as _, path::Path};

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// Writes `bytes` to `path`. `logged` notes it once the file is made and before it stands in its place: no
/// file leaves that no log tells of.
///
/// # Errors
/// `export_exists` (unless `force`), `file_unusable`, and what `logged` gives; nothing is left behind then,
/// and what stood there stays.
pub(crate) fn write_whole(
    path: &Path,
    force: bool,
    bytes: &[u8],
    logged: impl FnOnce() -> DeskResult<()>,
) -> DeskResult<()> {
    not_there(path, force)?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("export");
    let part = folder.join(format!(".{name}.part"));
    let put = || {
        let mut file = fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    let unusable = |e: std::io::Error| DeskError::file(path, &e);
    let written = put().map_err(unusable).and_then(|()| logged());
    written.and_then(|()| fs::rename(&part, path).map_err(unusable)).inspect_err(|_| {
        // Nothing half-written stays behind; that it could not be removed adds nothing to the error.
        let _ = fs::remove_file(&part);
    })
}

/// Refuses a path where something stands that nobody said to overwrite.
///
/// # Errors
/// `export_exists`.
pub(crate) fn not_there(path: &Path, force: bool) -> DeskResult<()> {
    if path.exists() && !force {
        return Err(DeskError::new(
            Code::ExportExists,
            format!("{} exists: choose another name, or overwrite it with --force", path.display()),
        ));
    }
    Ok(())
}
