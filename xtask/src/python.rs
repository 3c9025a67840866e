//! A Python environment of its own for the programs that the tests hold ours against.

use std::{fs, path::PathBuf};

use crate::steps::{Failure, program, root};

/// A set of PyPI packages, in an environment of its own.
pub struct Packages {
    folder: &'static str,
    list: &'static [&'static str],
    /// Packages of which only the data is read: without what they depend on, each with the SHA-256 of its
    /// file.
    data: &'static [(&'static str, &'static str)],
}

/// Independent implementations of what our adapters sign, and a stand-in for a billing system.
pub const TEST: Packages = Packages {
    folder: "python-test",
    list: &["oauthlib==4.0.1", "PyJWT[crypto]==2.15.1", "localstripe==1.15.10"],
    data: CHARTS,
};

/// Charts of accounts that Tryton's country modules publish; `fixtures/charts/answers.toml` says what is
/// right in each.
const CHARTS: &[(&str, &str)] = &[
    ("trytond-account-fr==8.2.0", "4983cc9c8f8969cba5fa19e1d4fb148b5f2964273a1878b1f83bf01625f45115"),
    ("trytond-account-be==8.2.0", "f35ef3e6819f6e63704a8352999ef793061facad9a7dc28831a5be249db4f817"),
    ("trytond-account-de-skr03==7.8.1", "f2ccc0f815c1ab1475b476c26b77b0c04440623d0c942c602cc4badcaad7c714"),
    ("trytond-account-es==7.8.1", "7344727ebf615bb41c1e52c3076e9b46d9210815c661c72e209a7f05991709af"),
    ("mds-account-de-skr04==7.0.9", "f5dab451256aa0fca965506916ae4d7965bce65c0bacff7554c70f5975ccbe46"),
    ("trytond-account-syscohada==8.2.0", "35bd263dafd2750c6fb93b0f1ed82f7b1ac63c26634fa2d5715b003afa5841f9"),
];

/// What reads a bill of materials against the official schema.
pub const SBOM: Packages =
    Packages { folder: "python-sbom", list: &["cyclonedx-python-lib[json-validation]==11.12.0"], data: &[] };

/// What the benchmark's peers are written with.
pub const BENCH: Packages =
    Packages { folder: "python-bench", list: &["pandas==3.1.1", "duckdb==2.0.1"], data: &[] };

/// The Python of the environment, which is made where it is missing or its list has changed. Under
/// `target/`, so that `cargo clean` takes it away too.
pub fn environment(packages: Packages) -> Result<PathBuf, Failure> {
    let folder = root().join("target").join(packages.folder);
    let python = folder.join("bin").join("python");
    let pinned = |(package, hash): &(&str, &str)| format!("{package} --hash=sha256:{hash}");
    let data: Vec<String> = packages.data.iter().map(pinned).collect();
    let wanted = packages.list.iter().map(|name| (*name).to_owned()).chain(data.clone());
    let wanted = wanted.collect::<Vec<_>>().join("\n");
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(python);
    }
    let path = folder.to_string_lossy().into_owned();
    println!("    making {path} with {}", packages.list.join(", "));
    program("python3", &["-m", "venv", "--clear", &path]).succeed()?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    program(&python.to_string_lossy(), &[&install[..], packages.list].concat()).succeed()?;
    if !data.is_empty() {
        let list = folder.join("data.txt");
        fs::write(&list, data.join("\n"))
            .map_err(|e| Failure(format!("{} cannot be written: {e}", list.display())))?;
        let list = list.to_string_lossy().into_owned();
        let only = ["--no-deps", "--require-hashes", "--requirement", &list];
        program(&python.to_string_lossy(), &[&install[..], &only].concat()).succeed()?;
    }
    fs::write(&stamp, wanted).map_err(|e| Failure(format!("{} cannot be written: {e}", stamp.display())))?;
    Ok(python)
}
