//! The page that the window shows: its packages, its build, its own checks; and the types that it shares with
//! the desk.

use std::{fs, path::Path, time::SystemTime};

use crate::{
    steps::{Failure, Steps, cargo, program, root, target},
    window,
};

const OLDEST_NODE: u32 = 20;
/// Where the generated types are kept.
const BINDINGS: &str = "ui/src/bindings";
/// Where it is noted which lock file a folder's packages were installed by.
const INSTALLED: &str = "node_modules/.installed";

/// Builds the page into `ui/dist`, unless it is there and nothing that it is made of is newer: what embeds
/// it is compiled again whenever it is written.
pub fn build(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("packages of the UI", || install("ui"))?;
    let ui = root().join("ui");
    let sources = newest(&ui).zip(modified(&ui.join(INSTALLED))).map(|(own, packages)| own.max(packages));
    if modified(&ui.join("dist/index.html")).zip(sources).is_some_and(|(made, sources)| sources < made) {
        println!("==> build the UI: it is up to date");
        return Ok(());
    }
    steps.run("build the UI", || npm(&["run", "build"]))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}

/// When anything in a folder last changed, folders too, since a file that is gone shows only there; but not
/// what is made from it. `None` where it cannot be told.
fn newest(folder: &Path) -> Option<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder).ok()? {
        let path = entry.ok()?.path();
        let name = path.file_name().unwrap_or_default();
        if name == "dist" || name == "node_modules" {
            continue;
        }
        newest = newest.max(modified(&path)?);
        if path.is_dir() {
            newest = newest.max(self::newest(&path)?);
        }
    }
    Some(newest)
}

/// Builds the pages that `cargo xtask bench fling` compares into `ui/bench/dist`.
pub fn build_bench() -> Result<(), Failure> {
    npm(&["run", "build:bench"])
}

/// Its format, its types, its lint and its tests.
pub fn check(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("the UI: format", || npm(&["run", "format:check"]))?;
    steps.run("the UI: types", || npm(&["run", "check"]))?;
    steps.run("the UI: lint", || npm(&["run", "lint"]))?;
    steps.run("the UI: tests", || npm(&["run", "test"]))
}

/// Installs exactly what the lock file of a folder names, unless that is there already.
pub fn install(folder: &str) -> Result<(), Failure> {
    node()?;
    let lock = root().join(folder).join("package-lock.json");
    let wanted = fs::read_to_string(&lock).map_err(|e| Failure(format!("{}: {e}", lock.display())))?;
    let stamp = root().join(folder).join(INSTALLED);
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    let mut npm = program("npm", &["ci", "--no-audit", "--no-fund"]);
    npm.within(folder);
    npm.succeed()?;
    fs::write(&stamp, wanted).map_err(|e| Failure(format!("{}: {e}", stamp.display())))
}

fn npm(words: &[&str]) -> Result<(), Failure> {
    let mut npm = program("npm", words);
    npm.within("ui");
    npm.succeed()
}

/// Debian 12's own Node.js is too old to install it from there.
fn node() -> Result<(), Failure> {
    let found = program("node", &["--version"]).output().unwrap_or_default();
    let major = found.trim_start_matches('v').split('.').next().and_then(|number| number.parse::<u32>().ok());
    if major.is_some_and(|major| major >= OLDEST_NODE) && program("npm", &["--version"]).answers() {
        return Ok(());
    }
    let found = if found.is_empty() { "none".to_owned() } else { found };
    Err(Failure(format!("the UI needs Node.js {OLDEST_NODE} or later with npm; found: {found}")))
}

/// Writes the types that the desk shares with the page, or compares them with those that are kept.
pub fn bindings(compare: bool) -> Result<(), Failure> {
    let example = ["build", "--quiet", "--locked", "--workspace", "--example", "bindings"];
    cargo(&[&example[..], &window::SHARED_BUILD].concat()).succeed()?;
    let example = target().join("debug").join("examples").join("bindings");
    let words: &[&str] = if compare { &[BINDINGS, "--check"] } else { &[BINDINGS] };
    program(&example.to_string_lossy(), words).succeed()
}
