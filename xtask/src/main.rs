//! The habits of the house as code: `cargo xtask run`, `test`, `bench`, `setup`.
//!
//! It needs nothing but the standard library, so that it builds in seconds on a fresh machine and can
//! then install what everything else needs.

mod packages;
mod python;
mod steps;

use std::{path::Path, process::ExitCode};

use steps::{Failure, Steps, cargo, root};

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  run            set up what is missing, then run the main job on the embedded sandbox (tieout demo)
  test           set up what is missing, then run all tests that fit CI
  test --full    the long tests too, optimised (an hour or more)
  bench [ARGS]   the benchmarks, optimised; ARGS are passed on
  setup          only set up what is missing";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut steps = Steps::default();
    let outcome = match words.as_slice() {
        ["run"] => run(&mut steps),
        ["test"] => test(&mut steps, false),
        ["test", "--full"] => test(&mut steps, true),
        ["bench", rest @ ..] => bench(&mut steps, rest),
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

/// The main job, end to end. In the dev profile: our dependencies are optimised in it as far as the job
/// needs, and the tests that usually follow share the build, which costs far more than the job itself.
fn run(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("packages to build with", || packages::install(packages::BUILD))?;
    steps.run("build tieout", || cargo(&["build", "--locked", "--package", "tieout-cli"]).succeed())?;
    steps.run("the main job: tieout demo", || {
        cargo(&["run", "--quiet", "--locked", "--package", "tieout-cli", "--", "demo"]).succeed()
    })
}

fn test(steps: &mut Steps, full: bool) -> Result<(), Failure> {
    setup(steps)?;
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
    // The tests drive the program from outside and build it like this themselves; here its time is seen.
    steps.run("build tieout", || with(&["build", "--locked", "--package", "tieout-cli"]).succeed())?;
    steps.run("build the tests", || {
        with(&["test", "--locked", "--workspace", "--no-run", "--quiet"]).succeed()
    })?;
    steps.run("the tests", || with(&["test", "--locked", "--workspace", "--no-fail-fast"]).succeed())
}

fn bench(steps: &mut Steps, rest: &[&str]) -> Result<(), Failure> {
    if !root().join("tests/src/bin/bench.rs").exists() {
        return Err(Failure("there is no benchmark: tests/src/bin/bench.rs is missing".to_owned()));
    }
    setup(steps)?;
    steps.run("Python packages of the baseline", || python::environment(python::BENCH).map(|_| ()))?;
    let python = python::environment(python::BENCH)?;
    let bench = ["--package", "tieout-tests", "--bin", "bench"];
    let release = ["--quiet", "--locked", "--release"];
    steps.run("build tieout, optimised", || {
        cargo(&["build", "--locked", "--release", "--workspace", "--bins"]).succeed()
    })?;
    steps.run("the benchmarks", || {
        let mut command = cargo(&[&["run"], &release[..], &bench, &["--"], rest].concat());
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
