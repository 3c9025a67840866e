//! Logs: a file a day, the last fourteen kept. The desk never logs a secret; what others log is kept at
//! warnings, so that no dependency's detail (a header, a body) ends up here.

use std::{io, path::Path};

use tracing_appender::{
    non_blocking::WorkerGuard,
    rolling::{RollingFileAppender, Rotation},
};
use tracing_subscriber::EnvFilter;

const KEPT: usize = 14;
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Starts logging into `folder`, a panic included, and goes on until the guard is dropped.
pub fn start(folder: &Path) -> io::Result<WorkerGuard> {
    let (writer, guard) = tracing_appender::non_blocking(files(folder)?);
    let wanted = std::env::var("TIEOUT_LOG").unwrap_or_default();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter(&wanted)))
        .with_ansi(false)
        .with_writer(writer)
        .try_init()
        .map_err(io::Error::other)?;
    log_panics();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    Ok(guard)
}

/// The file of the day; what is older than the newest fourteen goes.
fn files(folder: &Path) -> io::Result<RollingFileAppender> {
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .max_log_files(KEPT)
        .filename_prefix("tieout")
        .filename_suffix("log")
        .build(folder)
        .map_err(io::Error::other)
}

/// Our own crates at the wanted level (or at `info`), all others at warnings.
fn filter(wanted: &str) -> String {
    let wanted = wanted.trim().to_ascii_lowercase();
    let level = LEVELS.iter().find(|level| **level == wanted).unwrap_or(&"info");
    let others = if *level == "off" { "off" } else { "warn" };
    format!("{others},tieout={level}")
}

fn log_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let trace = std::backtrace::Backtrace::force_capture();
        tracing::error!(%place, %trace, "a panic: {}", panic.payload_as_str().unwrap_or("no message"));
        usual(panic);
    }));
}

#[cfg(test)]
mod tests {
    use super::{KEPT, files, filter};

    #[test]
    fn the_logs_of_fourteen_days_are_kept_and_nothing_else_is_touched() {
        let folder = std::env::temp_dir().join(format!("tieout-logs-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for day in 1..=20 {
            std::fs::write(folder.join(format!("tieout.2026-01-{day:02}.log")), "of that day").unwrap();
        }
        std::fs::write(folder.join("notes.txt"), "mine").unwrap();
        drop(files(&folder).unwrap());
        let left = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(left, KEPT + 1);
        assert!(folder.join("notes.txt").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn only_our_own_crates_can_be_made_to_say_more_than_warnings() {
        assert_eq!(filter(""), "warn,tieout=info");
        assert_eq!(filter("DEBUG"), "warn,tieout=debug");
        assert_eq!(filter("hyper=trace"), "warn,tieout=info");
        assert_eq!(filter("off"), "off,tieout=off");
    }
}
