//! How often, how long, how soon.

use std::time::Duration;

use tieout_domain::ports::Entropy;

/// The engine's bounds. All are upper or lower bounds in wall time; none is a promise of speed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A step that failed this often without progress becomes a dead letter.
    pub max_failures: u32,
    /// First wait after a failure that certainly had no effect; doubles with each further one.
    pub backoff_base: Duration,
    /// Longest wait between two tries, a vendor's Retry-After excepted.
    pub backoff_cap: Duration,
    /// So many look-ups must have answered "nothing booked" before absence is taken for proven.
    pub look_ups: u32,
    /// First wait before a look-up after an unknown outcome; doubles with each further one.
    pub look_up_delay: Duration,
    /// Longest wait between two look-ups.
    pub look_up_cap: Duration,
    /// So long after the last unanswered send a late commit must be reckoned with: absence is not proven
    /// earlier, however many look-ups answered. Must be longer than the vendor works on a request whose
    /// caller has gone. No vendor that we know documents such a bound: the default is a judgement.
    pub settling: Duration,
    /// So long after the last unanswered send the ledger is looked at again for stray drafts and commits
    /// later than `settling`.
    pub watch: Duration,
    /// Wait between two such looks.
    pub watch_interval: Duration,
    /// Wait of a posting that came before its predecessor.
    pub order_wait: Duration,
    /// Wait of a posting whose exception was put on hold after it was handed out. Short: while it is held
    /// it is not handed out again, and once it is released it goes on at once.
    pub hold_wait: Duration,
    /// Wait of an entry that the ERP holds and a person there has not approved.
    pub approval_wait: Duration,
    /// So long within one visit a document counts as read in billing just now. Short: what moves there
    /// meanwhile is booked as it was.
    pub fresh: Duration,
    /// So long what was looked up in the ledger serves a send, from when it was answered to the send's
    /// first byte; later it is looked up again. What others book there meanwhile is not seen before.
    pub look_up_serves: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_failures: 12,
            backoff_base: Duration::from_secs(1),
            backoff_cap: Duration::from_secs(600),
            look_ups: 3,
            look_up_delay: Duration::from_secs(2),
            look_up_cap: Duration::from_secs(60),
            settling: Duration::from_secs(300),
            watch: Duration::from_secs(1800),
            watch_interval: Duration::from_secs(120),
            order_wait: Duration::from_secs(10),
            hold_wait: Duration::from_secs(2),
            approval_wait: Duration::from_secs(300),
            fresh: Duration::from_secs(2),
            look_up_serves: Duration::from_secs(5),
        }
    }
}

impl Limits {
    /// The wait after the `failures`-th failure in a row (from 1): full jitter below a doubling ceiling.
    /// What the vendor asked for is always waited, with a little jitter on top, so that the waiting do not
    /// come back all at once.
    pub fn backoff(
        &self,
        failures: u32,
        retry_after: Option<Duration>,
        entropy: &mut dyn Entropy,
    ) -> Duration {
        match retry_after {
            Some(asked) => asked + jitter(self.backoff_base, entropy),
            None => jitter(doubled(self.backoff_base, failures, self.backoff_cap), entropy),
        }
    }

    /// The wait before the next look-up when `done` have been tried: growing, at least half its ceiling, so
    /// that a look-up is never at once.
    pub fn look_up_wait(&self, done: u32, entropy: &mut dyn Entropy) -> Duration {
        let ceiling = doubled(self.look_up_delay, done.saturating_add(1), self.look_up_cap);
        ceiling / 2 + jitter(ceiling / 2, entropy)
    }
}

/// `base` · 2^(count − 1), at most `cap`.
fn doubled(base: Duration, count: u32, cap: Duration) -> Duration {
    let factor = 1_u32.checked_shl(count.saturating_sub(1)).unwrap_or(u32::MAX);
    base.checked_mul(factor).map_or(cap, |wait| wait.min(cap))
}

fn jitter(ceiling: Duration, entropy: &mut dyn Entropy) -> Duration {
    let millis = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(entropy.below(millis.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn waits_double_up_to_their_cap() {
        let (base, cap) = (Duration::from_secs(1), Duration::from_secs(600));
        let waits: Vec<u64> = (1..=12).map(|n| doubled(base, n, cap).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(doubled(base, 4000, cap), cap);
    }

    #[test]
    fn jitter_is_full_and_never_shortens_what_the_vendor_asked() {
        let limits = Limits::default();
        assert_eq!(limits.backoff(5, None, &mut Fixed(0)), Duration::ZERO);
        assert!(limits.backoff(5, None, &mut Fixed(0x7f)) <= Duration::from_secs(16));
        let asked = Duration::from_secs(30);
        assert!(limits.backoff(1, Some(asked), &mut Fixed(0)) >= asked);
        assert!(limits.backoff(1, Some(asked), &mut Fixed(0x7f)) <= asked + limits.backoff_base);
    }

    #[test]
    fn a_look_up_is_never_at_once() {
        assert!(Limits::default().look_up_wait(0, &mut Fixed(0)) >= Duration::from_secs(1));
    }
}
