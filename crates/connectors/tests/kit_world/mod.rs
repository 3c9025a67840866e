//! The world that the tests give to connections, and python's independent implementations.
#![allow(dead_code)]

use std::{
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use chrono::{DateTime, Utc};
use std::sync::Arc;
use tieout_connectors::kit::World;
use tieout_domain::ports::{Clock, Entropy};

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Always the same instant.
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// SplitMix64, from another start in every process and for every connection: nonces are used once.
pub struct Dice(u64);

impl Dice {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
        Self(nanos ^ COUNT.fetch_add(1, Ordering::Relaxed).rotate_left(40))
    }
}

impl Entropy for Dice {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

/// The machine's time, fresh randomness.
pub fn world() -> World {
    World::new(Arc::new(SystemClock), Dice::new())
}

/// A world in which it is always `at`.
pub fn world_at(at: DateTime<Utc>) -> World {
    World::new(Arc::new(FixedClock(at)), Dice::new())
}

/// True where a missing tool or folder must fail the test instead of skipping it.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// Says why a test does nothing here; fails in CI.
pub fn skip(why: &str) {
    assert!(!in_ci(), "{why}");
    eprintln!("skipped: {why}");
}

/// Python with `oauthlib` and `PyJWT`; `None` (and a message) where it cannot be had.
pub fn python() -> Option<PathBuf> {
    venv("signers-venv", &["oauthlib==3.3.1", "PyJWT[crypto]==2.10.1"], "import oauthlib, jwt, cryptography")
}

/// Python with these packages, in a virtual environment of this name below `target/`; `None` (and a message)
/// where it cannot be had.
pub fn venv(name: &str, packages: &[&str], check: &str) -> Option<PathBuf> {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let venv = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let python = venv.join("bin/python");
    let works = |python: &PathBuf| {
        let check = Command::new(python).args(["-c", check]).output();
        check.is_ok_and(|out| out.status.success())
    };
    if works(&python) {
        return Some(python);
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).output();
    let installed = Command::new(&python).args(["-m", "pip", "-q", "install"]).args(packages).output();
    if works(&python) {
        return Some(python);
    }
    skip(&format!("python3 with venv, pip and {packages:?} is needed: {made:?} {installed:?}"));
    None
}

/// Runs a python script with `input` on its standard input, and answers its output.
pub fn run_python(python: &PathBuf, script: &str, input: &str) -> String {
    use std::{io::Write, process::Stdio};
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}
