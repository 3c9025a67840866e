//! A Python environment of its own for the programs that the tests hold ours against.

use std::{fs, path::PathBuf};

use crate::steps::{Failure, program, root};

/// A set of PyPI packages, in an environment of its own.
pub struct Packages {
    folder: &'static str,
    list: &'static [&'static str],
}

/// Independent implementations of what our adapters sign, and a stand-in for a billing system.
pub const TEST: Packages = Packages {
    folder: "python-test",
    list: &["oauthlib==4.0.1", "PyJWT[crypto]==2.15.1", "localstripe==1.15.10"],
};

/// What the benchmark's baseline is written with.
pub const BENCH: Packages = Packages { folder: "python-bench", list: &["pandas==3.1.1"] };

/// The Python of the environment, which is made where it is missing or its list has changed. Under
/// `target/`, so that `cargo clean` takes it away too.
pub fn environment(packages: Packages) -> Result<PathBuf, Failure> {
    let folder = root().join("target").join(packages.folder);
    let python = folder.join("bin").join("python");
    let (stamp, wanted) = (folder.join("installed.txt"), packages.list.join("\n"));
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(python);
    }
    let path = folder.to_string_lossy().into_owned();
    println!("    making {path} with {}", packages.list.join(", "));
    program("python3", &["-m", "venv", "--clear", &path]).succeed()?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    program(&python.to_string_lossy(), &[&install[..], packages.list].concat()).succeed()?;
    fs::write(&stamp, wanted).map_err(|e| Failure(format!("{} cannot be written: {e}", stamp.display())))?;
    Ok(python)
}
