//! One limiter per connection, shared by reading and posting.
//!
//! A ceiling just under the allowed rate (GCRA: every call reserves its place on a time line), lowered by a
//! tenth after each 429 and given back slowly (AIMD), because other integrations of the customer spend from
//! the same allowance. The reserved place moves when the rate does, which is why this is 60 lines of its own
//! rather than a limiter of a fixed quota with a second one behind it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

/// Calls per span of time that the vendor allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls.
    pub calls: u32,
    /// The span.
    pub per: Duration,
}

/// What a connection may do at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The vendor's rate; `None` where it only limits concurrency (NetSuite).
    pub rate: Option<Rate>,
    /// Calls in flight at once; at least one is always allowed.
    pub concurrency: u32,
}

impl Limit {
    /// `calls` per second, `concurrency` at once.
    #[must_use]
    pub const fn per_second(calls: u32, concurrency: u32) -> Self {
        Self { rate: Some(Rate { calls, per: Duration::from_secs(1) }), concurrency }
    }

    /// No rate, `concurrency` at once.
    #[must_use]
    pub const fn concurrency(concurrency: u32) -> Self {
        Self { rate: None, concurrency }
    }
}

/// What is allowed, in words for people: `25 calls a second, 8 at once`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = |count: u32| format!("{count} {}", if count == 1 { "call" } else { "calls" });
        let at_once = self.concurrency.max(1);
        match self.rate {
            Some(rate) if rate.per.as_secs() == 1 => {
                write!(f, "{} a second, {at_once} at once", calls(rate.calls))
            }
            Some(rate) => {
                write!(f, "{} in {} s, {at_once} at once", calls(rate.calls), rate.per.as_secs())
            }
            None => write!(f, "{} at once", calls(at_once)),
        }
    }
}

/// Parts per million.
const WHOLE: u64 = 1_000_000;
/// How much of the allowed rate is used. Vendors count arrivals in windows of their own, and the network
/// squeezes calls together: the rest is room for that.
const CEILING: u64 = 975_000;
/// What a 429 leaves of the present share.
const CUT_TENTHS: u64 = 9;
/// What comes back every second.
const RECOVERY_PER_SECOND: u64 = 10_000;
/// The share never falls below this, or a connection would stand still.
const LEAST: u64 = 50_000;

struct State {
    /// When the next free place on the time line is.
    next: Instant,
    /// Nothing is sent before this (`Retry-After`).
    blocked_until: Option<Instant>,
    /// Share of the ceiling in use, as of `share_at`.
    share: u64,
    share_at: Instant,
    last_cut: Option<Instant>,
    /// Calls let go since it was made.
    calls: u64,
}

/// What a limiter does at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What the vendor allows.
    pub limit: Limit,
    /// Calls let go since the connection was opened.
    pub calls: u64,
    /// Calls under way.
    pub in_flight: u32,
    /// Share of the allowed rate in use, in percent: lowered after a 429, and given back slowly.
    pub share_percent: u32,
    /// For how long nothing is sent, because the vendor asked for it.
    pub blocked_for: Option<Duration>,
}

/// The limiter of one connection.
pub struct Limiter {
    limit: Limit,
    slots: Arc<Semaphore>,
    state: Mutex<State>,
}

/// Leave to make one call; held until its answer has been read.
pub struct Pass {
    _slot: Option<OwnedSemaphorePermit>,
    /// When the call was let go.
    started: Instant,
}

impl Limiter {
    /// A limiter at full share.
    #[must_use]
    pub fn new(limit: Limit) -> Self {
        let now = Instant::now();
        Self {
            limit,
            slots: Arc::new(Semaphore::new(limit.concurrency.max(1) as usize)),
            state: Mutex::new(State {
                next: now,
                blocked_until: None,
                share: WHOLE,
                share_at: now,
                last_cut: None,
                calls: 0,
            }),
        }
    }

    /// Waits for a place: under the concurrency cap, after any `Retry-After`, within the rate.
    pub async fn pass(&self) -> Pass {
        // The semaphore is never closed; without a slot the rate still holds.
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok();
        loop {
            let (place, blocked) = self.reserve();
            if let Some(until) = blocked {
                sleep_until(until).await;
                continue;
            }
            sleep_until(place).await;
            // A 429 that arrived meanwhile blocks this call too.
            let now = Instant::now();
            let mut state = self.lock();
            if state.blocked_until.is_none_or(|until| until <= now) {
                state.calls = state.calls.saturating_add(1);
                return Pass { _slot: slot, started: now };
            }
        }
    }

    /// Tells the limiter of a 429: the share falls by a tenth (once for all calls that were already under
    /// way), and with `retry_after` nothing more is sent until then.
    pub fn too_many(&self, pass: &Pass, retry_after: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.lock();
        if let Some(until) = retry_after.and_then(|wait| now.checked_add(wait)) {
            state.blocked_until = Some(state.blocked_until.map_or(until, |old| old.max(until)));
        }
        if state.last_cut.is_none_or(|cut| pass.started > cut) {
            let share = recovered(&state, now);
            state.share = (share * CUT_TENTHS / 10).max(LEAST);
            state.share_at = now;
            state.last_cut = Some(now);
        }
    }

    /// The present share of the ceiling, in parts per million.
    #[must_use]
    pub fn share(&self) -> u64 {
        recovered(&self.lock(), Instant::now())
    }

    /// What it does now, for people to see.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let now = Instant::now();
        let state = self.lock();
        let most = self.limit.concurrency.max(1);
        let free = u32::try_from(self.slots.available_permits()).unwrap_or(u32::MAX);
        let blocked = state.blocked_until.map(|until| until.saturating_duration_since(now));
        Snapshot {
            limit: self.limit,
            calls: state.calls,
            in_flight: most.saturating_sub(free),
            share_percent: u32::try_from(recovered(&state, now) / (WHOLE / 100)).unwrap_or(100),
            blocked_for: blocked.filter(|wait| !wait.is_zero()),
        }
    }

    /// The place of one call on the time line, or until when the connection is blocked.
    fn reserve(&self) -> (Instant, Option<Instant>) {
        let now = Instant::now();
        let mut state = self.lock();
        if let Some(until) = state.blocked_until {
            if until > now {
                return (now, Some(until));
            }
            state.blocked_until = None;
        }
        let Some(rate) = self.limit.rate else { return (now, None) };
        let place = state.next.max(now);
        state.next = place + interval(rate, recovered(&state, now));
        (place, None)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn recovered(state: &State, now: Instant) -> u64 {
    let millis = u64::try_from(now.saturating_duration_since(state.share_at).as_millis()).unwrap_or(u64::MAX);
    state.share.saturating_add(millis.saturating_mul(RECOVERY_PER_SECOND) / 1000).min(WHOLE)
}

/// Time between two calls at `share` of the ceiling.
fn interval(rate: Rate, share: u64) -> Duration {
    let nanos = rate.per.as_nanos() * u128::from(WHOLE) * u128::from(WHOLE)
        / (u128::from(rate.calls.max(1)) * u128::from(CEILING) * u128::from(share.max(1)));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls let through in `seconds`, and the most in any window of one second.
    async fn drive(limiter: &Limiter, seconds: u64) -> (usize, usize) {
        let start = Instant::now();
        let mut at = Vec::new();
        loop {
            let pass = limiter.pass().await;
            if pass.started.duration_since(start) >= Duration::from_secs(seconds) {
                break;
            }
            at.push(pass.started);
        }
        let most = at
            .iter()
            .enumerate()
            .map(|(i, from)| at[i..].iter().take_while(|t| **t < *from + Duration::from_secs(1)).count())
            .max()
            .unwrap_or(0);
        (at.len(), most)
    }

    #[test]
    fn a_limit_is_told_in_words() {
        assert_eq!(Limit::per_second(25, 4).to_string(), "25 calls a second, 4 at once");
        assert_eq!(Limit::concurrency(1).to_string(), "1 call at once");
        assert_eq!(Limit::concurrency(11).to_string(), "11 calls at once");
        let slow = Limit { rate: Some(Rate { calls: 60, per: Duration::from_secs(60) }), concurrency: 5 };
        assert_eq!(slow.to_string(), "60 calls in 60 s, 5 at once");
    }

    #[tokio::test(start_paused = true)]
    async fn the_ceiling_uses_at_least_95_percent_and_never_exceeds_a_window() {
        for calls in [5, 25, 100] {
            let limiter = Limiter::new(Limit::per_second(calls, 8));
            let (sent, most) = drive(&limiter, 60).await;
            assert!(sent * 100 >= calls as usize * 60 * 95, "{sent} of {}", calls * 60);
            assert!(most <= calls as usize, "{most} in one second of {calls}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_takes_a_tenth_once_and_it_comes_back_slowly() {
        let limiter = Limiter::new(Limit::per_second(10, 8));
        let (a, b) = (limiter.pass().await, limiter.pass().await);
        limiter.too_many(&a, None);
        tokio::time::advance(Duration::from_millis(1)).await;
        limiter.too_many(&b, None);
        assert!((900_000..901_000).contains(&limiter.share()), "two calls under way are one event");
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!((950_000..951_000).contains(&limiter.share()));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(limiter.share(), WHOLE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_after_blocks_the_whole_connection_until_then() {
        let limiter = Limiter::new(Limit::concurrency(4));
        let start = Instant::now();
        let pass = limiter.pass().await;
        limiter.too_many(&pass, Some(Duration::from_secs(7)));
        assert!(limiter.pass().await.started.duration_since(start) >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_snapshot_tells_calls_share_and_block() {
        let limiter = Limiter::new(Limit::per_second(10, 8));
        assert_eq!(limiter.snapshot().calls, 0);
        let pass = limiter.pass().await;
        limiter.too_many(&pass, Some(Duration::from_secs(7)));
        let seen = limiter.snapshot();
        assert_eq!((seen.calls, seen.in_flight, seen.share_percent), (1, 1, 90));
        assert_eq!(seen.blocked_for, Some(Duration::from_secs(7)));
        drop(pass);
        tokio::time::advance(Duration::from_secs(8)).await;
        assert_eq!((limiter.snapshot().in_flight, limiter.snapshot().blocked_for), (0, None));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_calls_are_in_flight_than_allowed() {
        let limiter = Limiter::new(Limit::concurrency(2));
        let (first, _second) = (limiter.pass().await, limiter.pass().await);
        assert!(tokio::time::timeout(Duration::from_secs(60), limiter.pass()).await.is_err());
        drop(first);
        assert!(tokio::time::timeout(Duration::from_secs(60), limiter.pass()).await.is_ok());
    }
}
