//! `tieout`: the desk without a window. Parses, runs one command of the list, prints what it answers.

mod about;
mod admin_verbs;
mod answers;
mod approve;
mod args;
mod backup;
mod bank;
mod bank_verbs;
mod bar;
mod beginning;
mod close_verbs;
mod closing;
mod delegations;
mod exports;
mod failure;
mod governed_verbs;
mod handover;
mod hint;
mod importing;
mod inspecting;
mod mapping;
mod matching;
mod outcomes;
mod overrides;
mod periods;
mod pilot;
mod policies;
mod posting;
mod prompt;
mod render;
mod run;
mod standing;
mod travel;
mod travel_verbs;
mod updating;
mod verbs;

use std::{io, process::ExitCode};

use args::{Cli, Format};
use clap::Parser as _;
use failure::Failure;
use tieout_desk::DeskError;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("TIEOUT_LOG"))
        .with_writer(io::stderr)
        .init();
    let format = cli.format;
    match run::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(format, &failure);
            ExitCode::FAILURE
        }
    }
}

/// Messages go to standard error, as JSON where results are JSON.
fn report(format: Format, failure: &Failure) {
    match failure {
        Failure::Desk(error) if format == Format::Json => {
            let error = DeskError { message: hint::with_hint(error), ..error.clone() };
            let line = serde_json::to_string(&error).unwrap_or_else(|_| error.message.clone());
            eprintln!("{line}");
        }
        Failure::Desk(error) => {
            eprintln!("{}: {}", error.code, hint::with_hint(error));
            if let Some(rule) = &error.rule {
                eprintln!("  rule: {rule}");
                eprintln!("  who could: {}", render::who_could(&error.who_could));
            }
        }
        Failure::SomeRefused(count) => eprintln!("some_refused: {count} of them refused; each says why"),
        // A reader that has seen enough closes the pipe: nothing is wrong.
        Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Failure::Output(error) => eprintln!("output_failed: {error}"),
    }
}
