//! The program under test.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The checkout's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// The program: the one that `TIEOUT_APP` names (an installed one), or that of this build with the UI inside,
/// built once per test process if need be.
pub fn program() -> Result<&'static Path, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BUILT.get_or_init(find).as_deref().map_err(Clone::clone)
}

fn find() -> Result<PathBuf, String> {
    if let Some(given) = std::env::var_os("TIEOUT_APP") {
        let given = PathBuf::from(given);
        return if given.is_file() { Ok(given) } else { Err(format!("{} is no file", given.display())) };
    }
    if !root().join("ui/dist/index.html").exists() {
        return Err("the UI is not built: cargo xtask ui".to_owned());
    }
    let mine = std::env::current_exe().map_err(|e| e.to_string())?;
    // A test lies in <profile>/deps, a program in <profile>.
    let above = mine.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
    let folder = above.ok_or("a test lies in the target folder")?.to_path_buf();
    let target = folder.parent().ok_or("the profile's folder lies in the target folder")?;
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The same features as xtask's `cargo test --workspace`, so that no dependency is built a second time.
    build.args(["build", "--quiet", "--workspace", "--bin", "tieout-app", "--test", "labelled_faults"]);
    build.args(["--features", "tieout-window/custom-protocol"]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    build.current_dir(root()).env("CARGO_TARGET_DIR", target);
    match build.status() {
        Ok(status) if status.success() => Ok(folder.join("tieout-app")),
        Ok(status) => Err(format!("the program could not be built: {status}")),
        Err(error) => Err(format!("cargo does not run: {error}")),
    }
}
