//! The window on the desk: starts the program, and gives the desk what only a window has (dialogs, the
//! clipboard, notifications, the tray). What the desk does is in `tieout_app`; nothing is decided here.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod arguments;
mod autostart;
mod call;
mod graphics;
mod host;
mod logs;
mod menu;
mod places;
mod run;
mod sleep;
mod tray;
mod window;

use std::process::ExitCode;

use arguments::{Arguments, Parsed, USAGE};
use places::Places;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Parsed::Run(arguments) => arguments,
        Parsed::Say(text) => {
            println!("{text}");
            return ExitCode::SUCCESS;
        }
        Parsed::Wrong(what) => {
            eprintln!("{what}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match start(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "could not start");
            eprintln!("tieout-app: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    graphics::without_card();
    let places = Places::of_this_user()?;
    // Held to the end: what is not yet written is written when it is dropped.
    let _logs = logs::start(&places.logs)?;
    graphics::prepare(&places.config, arguments.safe_graphics)?;
    run::run(places, arguments)
}
