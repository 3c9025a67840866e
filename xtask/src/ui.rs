//! The page that the window shows: its packages, its build, its own checks; and the types that it shares with
//! the desk.

use std::{fs, path::Path};

use crate::steps::{Failure, Steps, cargo, program, root, target};

const OLDEST_NODE: u32 = 20;
/// Where the generated types are kept.
const BINDINGS: &str = "ui/src/bindings";

/// Builds the page into `ui/dist`.
pub fn build(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("packages of the UI", || install("ui"))?;
    steps.run("build the UI", || npm(&["run", "build"]))
}

/// Its types, its lint and its tests.
pub fn check(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("the UI: types", || npm(&["run", "check"]))?;
    steps.run("the UI: lint", || npm(&["run", "lint"]))?;
    steps.run("the UI: tests", || npm(&["run", "test"]))
}

/// Installs exactly what the lock file of a folder names, unless that is there already.
pub fn install(folder: &str) -> Result<(), Failure> {
    node()?;
    let lock = root().join(folder).join("package-lock.json");
    let wanted = fs::read_to_string(&lock).map_err(|e| Failure(format!("{}: {e}", lock.display())))?;
    let stamp = root().join(folder).join("node_modules").join(".installed");
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
    if !compare {
        return generate(&root().join(BINDINGS));
    }
    let fresh = target().join("bindings");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(|e| Failure(format!("{}: {e}", fresh.display())))?;
    }
    generate(&fresh)?;
    let kept = root().join(BINDINGS);
    let (fresh, kept) = (files(&fresh)?, files(&kept)?);
    if fresh.is_empty() {
        return Err(Failure("the desk generated nothing".to_owned()));
    }
    if fresh == kept {
        return Ok(());
    }
    let differs = |(name, text): &&(String, String)| !kept.contains(&(name.clone(), text.clone()));
    let mut names: Vec<&str> = fresh.iter().filter(differs).map(|(name, _)| name.as_str()).collect();
    names.extend(
        kept.iter().map(|(name, _)| name.as_str()).filter(|name| fresh.iter().all(|(n, _)| n != name)),
    );
    Err(Failure(format!("{BINDINGS} is not what the desk says ({}): cargo xtask bindings", names.join(", "))))
}

fn generate(folder: &Path) -> Result<(), Failure> {
    let folder = folder.to_string_lossy();
    let example = ["run", "--quiet", "--locked", "--package", "tieout-desk", "--example", "bindings", "--"];
    cargo(&[&example[..], &[&folder]].concat()).succeed()
}

/// The files of a folder by name, with what they say.
fn files(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let failed = |e: std::io::Error| Failure(format!("{}: {e}", folder.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let text = fs::read_to_string(entry.path()).map_err(failed)?;
        found.push((entry.file_name().to_string_lossy().into_owned(), text));
    }
    found.sort();
    Ok(found)
}
