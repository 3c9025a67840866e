//! The habits of the house as code: `cargo xtask run`, `test`, `package` and the others of its list.
//!
//! It needs little beside the standard library, so that it builds in seconds on a fresh machine and can
//! then install what everything else needs.

mod licences;
mod packages;
mod python;
mod sbom;
mod steps;
mod ui;
mod window;

use std::{path::Path, process::ExitCode};

use steps::{Failure, Steps, cargo, program, root, target};
use window::Packing;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  run               set up what is missing, then open the window on the demo; without a screen, do the same
                    job without a window (tieout demo) and take a few pictures of it (target/screenshots)
  test              set up what is missing, then run all tests that fit CI
  test --full       the long tests too, optimised (an hour or more)
  bench [ARGS]      the benchmarks, optimised; ARGS are passed on
  screenshots       pictures of every screen, light and dark, in two sizes (target/screenshots)
  package           the installers for this system (target/release/bundle)
  package --whole   the same with the command line, the verifier, all licence texts and a bill of materials
  package --built  of what the tests use, unoptimised, in target/debug/bundle
  sbom              list what is shipped (CycloneDX), with all licence texts (target/sbom)
  sbom --beside FILE...  lay the list that was made beside these installers
  bindings          write the types that the desk shares with the UI (ui/src/bindings)
  bindings --check  compare them with what the desk says
  ui                build the UI and run its checks
  setup             only set up what is missing";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut steps = Steps::default();
    let outcome = match words.as_slice() {
        ["run"] => window::run(&mut steps),
        ["test"] => test(&mut steps, false),
        ["test", "--full"] => test(&mut steps, true),
        ["bench", rest @ ..] => bench(&mut steps, rest),
        ["screenshots"] => window::screenshots(&mut steps),
        ["package"] => window::package(&mut steps, Packing::Window),
        ["package", "--whole"] => window::package(&mut steps, Packing::Whole),
        ["package", "--built"] => window::package(&mut steps, Packing::Built),
        ["sbom"] => sbom::make(&mut steps),
        ["sbom", "--beside", installers @ ..] => {
            sbom::beside(&installers.iter().map(Into::into).collect::<Vec<_>>())
        }
        ["bindings"] => steps.run("the types shared with the UI", || ui::bindings(false)),
        ["bindings", "--check"] => steps.run("the types shared with the UI, compared", || ui::bindings(true)),
        ["ui"] => ui::build(&mut steps).and_then(|()| ui::check(&mut steps)),
        ["setup"] => setup(&mut steps),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    steps.summary();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(text)) => {
            eprintln!("\nxtask: {text}");
            ExitCode::from(1)
        }
    }
}

fn test(steps: &mut Steps, full: bool) -> Result<(), Failure> {
    setup(steps)?;
    ui::build(steps)?;
    ui::check(steps)?;
    let python = python::environment(python::TEST)?;
    let profile: &[&str] = if full { &["--release"] } else { &[] };
    let with = |words: &[&str]| {
        let mut command = cargo(&[words, profile].concat());
        command.set("TIEOUT_PYTHON", &python);
        if full {
            command.set("TIEOUT_FULL", "1");
        }
        if let Some(shared) = shared() {
            command.set("TIEOUT_SHARED", shared);
        }
        command
    };
    let tests = [&["test", "--locked", "--workspace"], &window::FEATURES[..]].concat();
    steps.run("build the tests", || with(&[&tests[..], &["--no-run", "--quiet"]].concat()).succeed())?;
    // The tests drive the programs from outside and build them like this themselves; here its time is seen.
    steps.run("build tieout and its window", || {
        let programs = ["--bin", "tieout", "--bin", "tieout-app"];
        with(&[&["build", "--locked", "--workspace"], &programs[..], &window::SHARED_BUILD].concat())
            .succeed()
    })?;
    // Most of them wait, for windows and for peers that are slow on purpose: so a third of them, by time,
    // are the window's, a third run beside those, and of the last third more at once than there are cores.
    let run = |which: &[&str]| with(&[&tests[..], which, &["--no-fail-fast"]].concat());
    steps.run("the tests", || {
        let (window, beside) = (run(&["--test", "w*"]).begin(), run(&["--test", "[n-vx-z]*"]).begin());
        let mut others = run(&["--lib", "--bins", "--test", "[a-m]*"]);
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        others.set("RUST_TEST_THREADS", (2 * cores).to_string());
        let ended = [others.succeed(), run(&["--doc"]).succeed(), beside.end(), window.end()];
        ended.into_iter().collect()
    })
}

fn bench(steps: &mut Steps, rest: &[&str]) -> Result<(), Failure> {
    if !root().join("tests/src/bin/bench.rs").exists() {
        return Err(Failure("there is no benchmark: tests/src/bin/bench.rs is missing".to_owned()));
    }
    setup(steps)?;
    steps.run("Python packages of the baseline", || python::environment(python::BENCH).map(|_| ()))?;
    let python = python::environment(python::BENCH)?;
    ui::build(steps)?;
    steps.run("build the grids to compare", ui::build_bench)?;
    steps.run("build tieout, optimised", || {
        let features = "tieout-window/custom-protocol,tieout-window/empty-window";
        let programs = ["--bins", "--example", "empty", "--features", features];
        cargo(&[&["build", "--locked", "--release", "--workspace"], &programs[..]].concat()).succeed()
    })?;
    steps.run("the benchmarks", || {
        let mut command = program(&target().join("release").join("bench").to_string_lossy(), rest);
        command.set("TIEOUT_PYTHON", &python);
        if let Some(shared) = shared() {
            command.set("TIEOUT_SHARED", shared);
        }
        command.succeed()
    })
}

fn setup(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("packages to build and test with", || {
        packages::install(packages::BUILD)?;
        packages::install(packages::WINDOW)?;
        packages::install(packages::SCREENLESS)?;
        packages::install(packages::TEST)
    })?;
    steps.run("Python packages of the peers", || python::environment(python::TEST).map(|_| ()))
}

/// The folder of cases and peers that stands beside the checkout, where there is one. Tests that need it
/// say so and skip without it, but fail in CI.
fn shared() -> Option<std::path::PathBuf> {
    if let Some(given) = std::env::var_os("TIEOUT_SHARED") {
        return Some(given.into());
    }
    root().parent().map(|parent| parent.join("shared")).filter(|path| Path::is_dir(path))
}
