//! What changes in a count and the sums that are kept beside it. An amount is kept in two parts
//! (`amount = high · 2³² + low`, the low one never negative), so that no total ever overflows.

/// The change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delta {
    pub held: i64,
    pub high: i64,
    pub low: i64,
    pub gross_high: i64,
    pub gross_low: i64,
}

impl Delta {
    /// So many exceptions of this amount more, or less.
    pub fn add(&mut self, times: i64, amount: i64) {
        let gross = amount.saturating_abs();
        self.held += times;
        self.high += times * high(amount);
        self.low += times * low(amount);
        self.gross_high += times * high(gross);
        self.gross_low += times * low(gross);
    }

    /// As much more as another change.
    pub fn join(&mut self, other: &Delta) {
        self.held += other.held;
        self.high += other.high;
        self.low += other.low;
        self.gross_high += other.gross_high;
        self.gross_low += other.gross_low;
    }
}

fn high(amount: i64) -> i64 {
    amount >> 32
}

fn low(amount: i64) -> i64 {
    amount & 0xffff_ffff
}

/// The amount of two parts, each perhaps a sum of many.
pub(crate) fn whole(high: i64, low: i64) -> i128 {
    (i128::from(high) << 32) + i128::from(low)
}
