//! The real clock and the real randomness.

use chrono::{DateTime, SubsecRound, Utc};
use rand::TryRngCore;
use tieout_domain::ports::{Clock, Entropy};

/// The machine's clock, in whole milliseconds (what the store keeps).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        // A machine without randomness must not go on: an all-zero key would be a silent disaster.
        if rand::rngs::OsRng.try_fill_bytes(bytes).is_err() {
            std::process::abort();
        }
    }
}
