//! `cargo xtask bench`: what Tieout does per second, each figure beside a peer in the same run. The order is
//! rotated, each figure is told with its median, least and most, and a run whose outputs do not match is
//! refused.
//!
//! Usage: `bench [--rounds N] [import] [retail] [posting] [queues] [match] [tieout] [sync]
//! [fling] [start]`; without a name, all.

#[path = "../bench/bare.rs"]
mod bare;
#[path = "../bench/figures.rs"]
mod figures;
#[cfg(target_os = "linux")]
#[path = "../bench/fling.rs"]
mod fling;
#[path = "../bench/import.rs"]
mod import;
#[path = "../bench/matching.rs"]
mod matching;
#[path = "../bench/place.rs"]
mod place;
#[path = "../bench/posting.rs"]
mod posting;
#[path = "../bench/queues.rs"]
mod queues;
#[path = "../bench/retail.rs"]
mod retail;
#[cfg(target_os = "linux")]
#[path = "../bench/start.rs"]
mod start;
#[path = "../bench/sync.rs"]
mod sync;
#[path = "../bench/tieout.rs"]
mod tieout;

use std::{path::Path, process::ExitCode};

use figures::{HEADING, Line, Outcome};
use place::Place;

// As in the programs that are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "Usage: bench [--rounds N] [import] [retail] [posting] [queues] [match] [tieout] [sync] \
                     [fling] [start]";

/// A part of the benchmark: the place and the number of rounds.
type Part = fn(&Place, usize) -> Outcome<Vec<Line>>;

const PARTS: &[(&str, Part)] = &[
    ("import", import::run),
    ("retail", retail::run),
    // One round is some thousand calls, and takes minutes.
    ("posting", |place, rounds| posting::run(place, rounds.div_ceil(3))),
    ("queues", queues::run),
    ("match", |place, rounds| matching::run(place, rounds.div_ceil(3))),
    ("tieout", tieout::run),
    ("sync", |place, rounds| sync::run(place, rounds.div_ceil(2))),
    // What WebKitGTK and /proc tell.
    #[cfg(target_os = "linux")]
    ("fling", fling::run),
    #[cfg(target_os = "linux")]
    ("start", start::run),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ended = match words.as_slice() {
        ["within", "retail"] => Place::find().and_then(|place| retail::within(&place)),
        ["within", "match", workspace] => matching::within_match(Path::new(workspace)),
        ["within", "files", billing, gl, folder] => Place::find().and_then(|place| {
            matching::within_files(&place, Path::new(billing), Path::new(gl), Path::new(folder))
        }),
        ["--rounds", rounds, names @ ..] => match rounds.parse() {
            Ok(rounds) if rounds > 0 && known(names) => bench(names, rounds),
            _ => return usage(),
        },
        names if known(names) => bench(names, 5),
        _ => return usage(),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(1)
        }
    }
}

fn known(names: &[&str]) -> bool {
    names.iter().all(|name| PARTS.iter().any(|(part, _)| part == name))
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn bench(names: &[&str], rounds: usize) -> Outcome<()> {
    let place = Place::find()?;
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("{cores} cores, {} {}, {rounds} rounds\n", std::env::consts::OS, std::env::consts::ARCH);
    println!("{HEADING}");
    for (name, part) in PARTS.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        eprintln!("measuring: {name}");
        for line in part(&place, rounds)? {
            println!("{line}");
        }
    }
    Ok(())
}
