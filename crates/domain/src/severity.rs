//! Severity from amount and age.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Money;

/// How much an exception matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Small and young.
    Low,
    /// Either of some size or of some age.
    Medium,
    /// Large or old.
    High,
    /// Large and old.
    Critical,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// Points for the amount (major units of its own currency, yen by the hundred) plus points for age:
    /// 1 000, 10 000 and 100 000; 7, 30 and 90 days. 0 points are low, 1–2 medium, 3–4 high, more critical.
    #[must_use]
    pub fn of(amount: Money, since: DateTime<Utc>, now: DateTime<Utc>) -> Severity {
        let points = amount_points(amount) + age_points((now - since).num_days());
        match points {
            0 => Severity::Low,
            1 | 2 => Severity::Medium,
            3 | 4 => Severity::High,
            _ => Severity::Critical,
        }
    }
}

/// Points for the amount alone, 0 to 3. Currencies without minor units are taken by the hundred, so that
/// the same number of minor units weighs about the same in each.
#[must_use]
pub fn amount_points(amount: Money) -> u8 {
    let hundredths = match amount.currency().exponent() {
        3 => amount.minor().unsigned_abs() / 10,
        4 => amount.minor().unsigned_abs() / 100,
        _ => amount.minor().unsigned_abs(),
    };
    match hundredths {
        0..100_000 => 0,
        100_000..1_000_000 => 1,
        1_000_000..10_000_000 => 2,
        _ => 3,
    }
}

/// Points for the age alone in whole days, 0 to 3.
#[must_use]
pub fn age_points(days: i64) -> u8 {
    match days {
        i64::MIN..7 => 0,
        7..30 => 1,
        30..90 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    #[test]
    fn severity_grows_with_amount_and_with_age() {
        let now: DateTime<Utc> = "2026-03-31T00:00:00Z".parse().unwrap();
        let days = |n| now - chrono::Duration::days(n);
        let of = |minor, age| Severity::of(Money::new(minor, Currency::USD), days(age), now).as_str();
        assert_eq!(of(99_999, 0), "low");
        assert_eq!(of(-100_000, 0), "medium");
        assert_eq!(of(1_000_000, 7), "high");
        assert_eq!(of(10_000_000, 30), "critical");
        assert_eq!(of(1, 90), "high");
    }
}
