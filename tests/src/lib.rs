//! Tieout from outside: journeys through the binary, real peers, faults, tidiness. The tests are the files
//! beside this folder; the benchmark is `src/bin/bench.rs`.

pub mod paper;
#[cfg(unix)]
pub mod window;
