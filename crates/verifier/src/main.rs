//! `tieout-verifier`: checks what left a workspace, on a machine that has nothing else of Tieout: no
//! workspace, no key of one, no network. It reads one file and says in plain words what it proves, and what
//! it does not.
//!
//! It ends with 0 where the file is what was signed and proves what it tells, with 1 where it is not, with 2
//! where it was called wrongly, and with 3 where the file is none that it can read.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod check;

use std::{path::PathBuf, process::ExitCode};

use check::{Verdict, check};

const USAGE: &str = "\
Usage: tieout-verifier FILE [--key HEX] [--packet FILE]

Checks a packet, decisions on one, a roster, a person's card, an exported log (.csv) or a binder, offline.

  --key HEX       the key that it must be signed with, told by its signer another way than the file came
  --packet FILE   with decisions: the packet that they are on

Exit status: 0 it is what was signed and proves what it tells, 1 it is not, 2 wrong usage, 3 not readable.";

/// What is asked for.
struct Asked {
    file: PathBuf,
    key: Option<String>,
    packet: Option<PathBuf>,
}

fn asked(mut given: impl Iterator<Item = String>) -> Option<Asked> {
    let (mut file, mut key, mut packet) = (None, None, None);
    while let Some(one) = given.next() {
        match one.as_str() {
            "--key" => key = Some(given.next()?),
            "--packet" => packet = Some(PathBuf::from(given.next()?)),
            other if other.starts_with('-') => return None,
            _ if file.is_some() => return None,
            _ => file = Some(PathBuf::from(one)),
        }
    }
    Some(Asked { file: file?, key, packet })
}

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if given.iter().any(|one| one == "--help" || one == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let Some(Asked { file, key, packet }) = asked(given.into_iter()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|error| eprintln!("{}: cannot be read: {error}", path.display()))
    };
    let Ok(bytes) = read(&file) else { return ExitCode::from(3) };
    let packet = match packet.as_ref().map(read).transpose() {
        Ok(packet) => packet,
        Err(()) => return ExitCode::from(3),
    };
    let verdict = check(&bytes, key.as_deref(), packet.as_deref());
    let said = match &verdict {
        Verdict::Sound(said) | Verdict::Unsound(said) | Verdict::Unreadable(said) => said,
    };
    said.iter().for_each(|line| println!("{line}"));
    match verdict {
        Verdict::Sound(_) => {
            println!("SOUND: {}", file.display());
            ExitCode::SUCCESS
        }
        Verdict::Unsound(_) => {
            println!("NOT SOUND: {}", file.display());
            ExitCode::FAILURE
        }
        Verdict::Unreadable(_) => {
            println!("NOT READABLE: {}", file.display());
            ExitCode::from(3)
        }
    }
}
