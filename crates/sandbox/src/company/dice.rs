//! Randomness of the generator: ChaCha8 with one stream per phase, integers only, the same on any machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// One phase's own stream, so that a change in one phase leaves the others' choices alone.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of a phase.
    pub(crate) fn new(seed: u64, phase: u64) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(phase);
        Self(rng)
    }

    /// 0 ≤ result < `bound` (0 if `bound` is 0). Own arithmetic rather than a library's distribution, whose
    /// results may change between its versions.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(bound);
        (wide >> 64) as u64
    }

    /// `low` ≤ result ≤ `high`.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0) as u64 + 1;
        low + self.below(span) as i64
    }

    /// True `per_myriad` times in 10,000.
    pub(crate) fn chance(&mut self, per_myriad: u32) -> bool {
        self.below(10_000) < u64::from(per_myriad)
    }

    /// A position, by weight.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().map(|&w| u64::from(w)).sum();
        let mut rest = self.below(total);
        for (position, &weight) in weights.iter().enumerate() {
            if rest < u64::from(weight) {
                return position;
            }
            rest -= u64::from(weight);
        }
        0
    }

    /// One of a list that is not empty.
    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
}
