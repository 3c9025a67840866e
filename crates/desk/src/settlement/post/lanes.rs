//! How many postings a worker has under way at once.

use std::time::Duration;

use tieout_connectors::kit::{Limit, Rate};

/// For each call at once, where the ledger is asked for several postings in one call.
const LANES_A_CALL: usize = 3;

/// As many as calls, where the ledger takes one call at once (the sheet says where concurrent posts would
/// only collide) or is asked for each posting alone. Else more: while some wait for their turn to send,
/// others gather, and what they ask goes into one call. Never so many that what was looked up would be too
/// old by the time at which the allowed rate lets it be sent.
pub(super) fn of(limit: Limit, asked_at_once: usize, look_up_serves: Duration) -> usize {
    let calls = limit.concurrency.max(1) as usize;
    if calls == 1 || asked_at_once == 1 {
        return calls;
    }
    let in_time = |rate: Rate| {
        let calls = u128::from(rate.calls) * (look_up_serves / 2).as_millis() / rate.per.as_millis().max(1);
        usize::try_from(calls).unwrap_or(usize::MAX)
    };
    (calls * LANES_A_CALL).min(limit.rate.map_or(usize::MAX, in_time)).max(calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_gather_where_they_are_asked_for_together_and_the_rate_lets_them() {
        let serves = Duration::from_secs(5);
        assert_eq!(of(Limit::per_second(40, 10), 25, serves), 30);
        assert_eq!(of(Limit::concurrency(4), 25, serves), 12, "no rate is known");
        assert_eq!(of(Limit::per_second(6, 10), 25, serves), 15, "2.5 s of 6 calls");
        assert_eq!(of(Limit::per_second(1, 10), 25, serves), 10, "never fewer than calls");
        assert_eq!(of(Limit::concurrency(4), 1, serves), 4, "each is asked for alone");
        assert_eq!(of(Limit::concurrency(1), 25, serves), 1, "concurrent posts would collide");
    }
}
