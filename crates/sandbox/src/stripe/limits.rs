//! Stripe's rate limits: per account and per endpoint, in fixed windows of a second.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Requests per second; `None` does not limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Per account. Stripe's own: 100 live, 25 in a sandbox.
    pub per_account: Option<u32>,
    /// Per account and endpoint. Stripe's own: 25.
    pub per_endpoint: Option<u32>,
}

impl Limits {
    /// No limits, for speed.
    pub const NONE: Self = Self { per_account: None, per_endpoint: None };
    /// Stripe's documented limits (docs.stripe.com/rate-limits): 100 a second, 25 for each endpoint.
    pub const STRIPE: Self = Self { per_account: Some(100), per_endpoint: Some(25) };
}

struct Window {
    since: Instant,
    used: u32,
}

/// Counts requests in windows.
pub(super) struct Limiter {
    pub(super) limits: Limits,
    windows: BTreeMap<(u8, String), Window>,
    /// How many requests were refused.
    pub(super) refused: u64,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, windows: BTreeMap::new(), refused: 0 }
    }

    /// Counts a request; false if it is one too many. An empty endpoint stands for the whole account.
    pub(super) fn admit(&mut self, entity: u8, endpoint: &str, now: Instant) -> bool {
        let account = self.limits.per_account;
        let own = self.limits.per_endpoint;
        let fits = self.room(entity, "", account, now) && self.room(entity, endpoint, own, now);
        if !fits {
            self.refused += 1;
            return false;
        }
        for (name, limit) in [("", account), (endpoint, own)] {
            if limit.is_some() {
                self.window(entity, name, now).used += 1;
            }
        }
        true
    }

    fn room(&mut self, entity: u8, name: &str, limit: Option<u32>, now: Instant) -> bool {
        limit.is_none_or(|limit| self.window(entity, name, now).used < limit)
    }

    fn window(&mut self, entity: u8, name: &str, now: Instant) -> &mut Window {
        let fresh = || Window { since: now, used: 0 };
        let window = self.windows.entry((entity, name.to_owned())).or_insert_with(fresh);
        if now.duration_since(window.since) >= Duration::from_secs(1) {
            *window = fresh();
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_refused_until_the_next_second() {
        let mut limiter = Limiter::new(Limits { per_account: Some(3), per_endpoint: Some(2) });
        let start = Instant::now();
        let mut admit =
            |endpoint: &str, after: u64| limiter.admit(0, endpoint, start + Duration::from_millis(after));
        assert!(admit("charges", 0) && admit("charges", 1));
        assert!(!admit("charges", 2), "endpoint");
        assert!(admit("refunds", 3));
        assert!(!admit("invoices", 4), "account");
        assert!(admit("charges", 1_001));
        assert_eq!(limiter.refused, 2);
    }
}
