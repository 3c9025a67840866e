//! How much the server takes at once and per time, and what it counts.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::reply::Problem;
use super::{Account, RECORD, TOKEN_PATH};

/// At most `requests` in any window of `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many.
    pub requests: usize,
    /// In how long.
    pub per: Duration,
}

/// What the server has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// All requests, token requests and refused ones included.
    pub requests: u64,
    /// Refused with 429 because too many were in work.
    pub refused_for_concurrency: u64,
    /// Refused with 429 because of the rate.
    pub refused_for_rate: u64,
    /// In work at this moment.
    pub in_work: usize,
}

pub(super) struct Limits {
    concurrency: Option<usize>,
    rate: Option<RateLimit>,
    latency: Duration,
    in_work: Arc<AtomicUsize>,
    admitted: Mutex<VecDeque<Instant>>,
    requests: AtomicU64,
    refused_for_concurrency: AtomicU64,
    refused_for_rate: AtomicU64,
}

/// One request in work; ends when dropped, also when the client goes away.
struct InWork(Arc<AtomicUsize>);

impl Drop for InWork {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Limits {
    pub(super) fn new(concurrency: Option<usize>, rate: Option<RateLimit>, latency: Duration) -> Self {
        Self {
            concurrency,
            rate,
            latency,
            in_work: Arc::default(),
            admitted: Mutex::default(),
            requests: AtomicU64::new(0),
            refused_for_concurrency: AtomicU64::new(0),
            refused_for_rate: AtomicU64::new(0),
        }
    }

    pub(super) fn counters(&self) -> Counters {
        Counters {
            requests: self.requests.load(Ordering::SeqCst),
            refused_for_concurrency: self.refused_for_concurrency.load(Ordering::SeqCst),
            refused_for_rate: self.refused_for_rate.load(Ordering::SeqCst),
            in_work: self.in_work.load(Ordering::SeqCst),
        }
    }

    fn enter(&self) -> Option<InWork> {
        let before = self.in_work.fetch_add(1, Ordering::SeqCst);
        let guard = InWork(Arc::clone(&self.in_work));
        if self.concurrency.is_some_and(|most| before >= most) {
            self.refused_for_concurrency.fetch_add(1, Ordering::SeqCst);
            return None;
        }
        Some(guard)
    }

    fn within_rate(&self) -> bool {
        let Some(rate) = self.rate else { return true };
        let now = Instant::now();
        let mut admitted = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        while admitted.front().is_some_and(|first| now.duration_since(*first) >= rate.per) {
            admitted.pop_front();
        }
        if admitted.len() >= rate.requests {
            self.refused_for_rate.fetch_add(1, Ordering::SeqCst);
            return false;
        }
        admitted.push_back(now);
        true
    }
}

/// The outermost middleware. Token requests are counted but not limited: the vendor governs web services
/// calls.
pub(super) async fn apply(State(account): State<Arc<Account>>, request: Request, next: Next) -> Response {
    let limits = &account.limits;
    limits.requests.fetch_add(1, Ordering::SeqCst);
    if request.uri().path() == TOKEN_PATH {
        return next.run(request).await;
    }
    let Some(_in_work) = limits.enter() else { return Problem::too_many().response() };
    if !limits.within_rate() {
        return Problem::too_many().response();
    }
    if !limits.latency.is_zero() {
        tokio::time::sleep(limits.latency).await;
    }
    let written = request.method() != Method::GET && request.uri().path().starts_with(RECORD);
    let answer = next.run(request).await;
    if written {
        // Its sender lives as long as the account: that it is gone means the server stops.
        let _ = account.withheld.subscribe().wait_for(|withheld| !withheld).await;
    }
    answer
}
