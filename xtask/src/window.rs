//! The window: shown where there is a screen, driven and pictured where there is none, and packed.

use std::{fs, path::PathBuf};

use crate::{
    packages, sbom,
    steps::{Failure, Run, Steps, cargo, program, root, target},
    ui,
};

/// With the page inside the program.
pub const FEATURES: [&str; 2] = ["--features", "tieout-window/custom-protocol"];

/// A test target, named beside what else is built so that cargo settles on the features of
/// `cargo test --workspace`: the tests that usually follow then share the build.
pub const SHARED_BUILD: [&str; 4] = ["--test", "labelled_faults", FEATURES[0], FEATURES[1]];

/// Builds the programs.
pub fn build(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("packages to build with", || {
        packages::install(packages::BUILD)?;
        packages::install(packages::WINDOW)
    })?;
    ui::build(steps)?;
    steps.run("build tieout and its window", || {
        let programs = ["--bin", "tieout", "--bin", "tieout-app", "--bin", "screenshots"];
        cargo(&[&["build", "--locked", "--workspace"], &programs[..], &SHARED_BUILD].concat()).succeed()
    })
}

fn built(name: &str) -> String {
    target().join("debug").join(name).to_string_lossy().into_owned()
}

/// The main job: the window on the demo; where there is no screen, the same job without one, and pictures.
pub fn run(steps: &mut Steps) -> Result<(), Failure> {
    build(steps)?;
    if has_screen() {
        println!("The window opens on the demo; close it to end.");
        return steps.run("the window", || program(&built("tieout-app"), &["--demo"]).succeed());
    }
    println!(
        "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set): the same job runs without"
    );
    println!("a window, and pictures of the window are taken on a screen that nobody sees.");
    steps.run("the main job: tieout demo", || program(&built("tieout"), &["demo"]).succeed())?;
    pictures(steps, &["--few"])
}

/// Pictures of every screen, into `target/screenshots`.
pub fn screenshots(steps: &mut Steps) -> Result<(), Failure> {
    build(steps)?;
    pictures(steps, &[])
}

fn pictures(steps: &mut Steps, options: &[&str]) -> Result<(), Failure> {
    let folder = target().join("screenshots");
    steps.run("packages to drive the window with", || packages::install(packages::SCREENLESS))?;
    steps.run("pictures of the window", || {
        let mut run: Run = program(&built("screenshots"), options);
        run.set("TIEOUT_APP", built("tieout-app"));
        run.set("TIEOUT_SCREENSHOTS", &folder);
        run.succeed()
    })?;
    println!("Pictures: {}", folder.display());
    Ok(())
}

fn has_screen() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Which kinds of installers this system's bundler makes.
const BUNDLES: &str = if cfg!(target_os = "macos") {
    "dmg"
} else if cfg!(windows) {
    "nsis,msi"
} else {
    "deb,rpm"
};

/// What is packed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// The window as the tests use it, unoptimised: nothing is compiled for it.
    Built,
    /// The window.
    Window,
    /// The window, the programs without one, and all licence texts; the list of what is shipped beside it.
    Whole,
}

/// Runs the bundler, which compiles the window first but where that is built already.
fn bundle(what: Packing) -> Result<(), Failure> {
    let bundler = root().join("src-tauri/node_modules/.bin/tauri");
    let release = target().join("release");
    // What a package for Linux has besides the window.
    let files = serde_json::json!({ "files": {
        "/usr/bin/tieout": release.join("tieout"),
        "/usr/bin/tieout-verifier": release.join("tieout-verifier"),
        "/usr/share/doc/tieout/THIRD-PARTY-LICENCES.txt": sbom::licence_texts(),
    } });
    let more = serde_json::json!({ "bundle": { "linux": { "deb": files, "rpm": files } } }).to_string();
    let bundles = ["--ci", "--bundles", BUNDLES];
    let words = match what {
        Packing::Built => [&["bundle", "--debug"], &bundles[..]].concat(),
        Packing::Window => [&["build"], &bundles[..], &["--", "--locked"]].concat(),
        Packing::Whole => [&["build", "--config", &more], &bundles[..], &["--", "--locked"]].concat(),
    };
    let mut tauri = program(&bundler.to_string_lossy(), &words);
    tauri.within("src-tauri");
    tauri.set("CARGO_TARGET_DIR", target());
    if program("pkg-config", &["--atleast-version=3", "openssl"]).answers() {
        tauri.set("OPENSSL_NO_VENDOR", "1");
    }
    tauri.succeed()
}

/// The installers for this system. OpenSSL is the system's own, which its security updates reach.
pub fn package(steps: &mut Steps, what: Packing) -> Result<(), Failure> {
    steps.run("packages to build with", || {
        packages::install(packages::BUILD)?;
        packages::install(packages::WINDOW)?;
        packages::install(packages::PACKAGE)
    })?;
    steps.run("packages of the bundler", || ui::install("src-tauri"))?;
    if what == Packing::Whole {
        // Before: the licence texts are in what is packed.
        sbom::make(steps)?;
    }
    let profile = match what {
        Packing::Built => build(steps).map(|()| "debug"),
        Packing::Window | Packing::Whole => ui::build(steps).map(|()| "release"),
    }?;
    let made = target().join(profile).join("bundle");
    if made.exists() {
        fs::remove_dir_all(&made).map_err(|e| Failure(format!("{}: {e}", made.display())))?;
    }
    if what == Packing::Whole {
        // Before the window: of two builds of what both need, this one asks for less of it.
        steps.run("the programs without a window", || {
            let words =
                ["build", "--locked", "--release", "--package", "tieout-cli", "--package", "tieout-verifier"];
            cargo(&words).succeed()
        })?;
    }
    steps.run("the installers", || bundle(what))?;
    let installers = installers(&made)?;
    if what == Packing::Whole {
        steps.run("what is in the installers, beside them", || sbom::beside(&installers))?;
    }
    for installer in installers {
        println!("{}", installer.display());
    }
    Ok(())
}

fn installers(made: &std::path::Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |e: std::io::Error| Failure(format!("{}: {e}", made.display()));
    let mut found = Vec::new();
    for kind in fs::read_dir(made).map_err(failed)? {
        for file in fs::read_dir(kind.map_err(failed)?.path()).map_err(failed)? {
            let path = file.map_err(failed)?.path();
            let named = path.extension().and_then(|extension| extension.to_str());
            if named.is_some_and(|extension| ["deb", "rpm", "dmg", "exe", "msi"].contains(&extension)) {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        return Err(Failure("the bundler left no installer".to_owned()));
    }
    Ok(found)
}
