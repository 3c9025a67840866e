//! How deferred revenue is released, as a mapping file states it.

use serde::{Deserialize, Serialize};

/// How what a term earns is shared out over accounting periods. Nobody's method is the usual one, so that a
/// mapping names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Each day of the term earns the same.
    Daily,
    /// Each service month earns the same, in the period that holds its first day; one that has begun counts
    /// whole (Stripe: by month evenly).
    Monthly,
    /// Each period that the term touches earns the same (NetSuite: by even periods).
    EvenPeriods,
    /// The first and the last period earn by their days of all days, the others the rest in equal parts
    /// (NetSuite: prorate first & last period).
    Prorated,
    /// A period that the term touches in part counts by its days of the period's, any other whole (NetSuite:
    /// prorate first & last period, period-rate).
    PeriodRate,
}

impl Method {
    /// In words: "by day".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Method::Daily => "by day",
            Method::Monthly => "by service month",
            Method::EvenPeriods => "by even periods",
            Method::Prorated => "by period, the first and the last by days",
            Method::PeriodRate => "by period, one touched in part by its rate",
        }
    }
}

/// Where the minor units go that do not come out even.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remainder {
    /// What is earned up to a period's end is rounded, half to even; a period gets what that is more than
    /// before.
    #[default]
    Spread,
    /// Every other period is rounded, half away from zero, and the first takes what is left.
    First,
    /// Every other period is rounded, half away from zero, and the last takes what is left.
    Last,
    /// The same with the last but one (NetSuite); of a single period with that.
    NextToLast,
}

impl Remainder {
    /// In words: "the last period takes what does not come out even".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Remainder::Spread => "what does not come out even is spread over the periods",
            Remainder::First => "the first period takes what does not come out even",
            Remainder::Last => "the last period takes what does not come out even",
            Remainder::NextToLast => "the last period but one takes what does not come out even",
        }
    }
}

/// Over which term a credit note is released that says none itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditTerm {
    /// Over the term of what it credits; what of that is over at once (Stripe).
    #[default]
    CatchUp,
    /// Over what is left of that term; where nothing is left, at once.
    Prospective,
}

/// The most days that a release may wait after its period's end.
const MOST_DUE_DAYS: u16 = 92;

/// Asks for revenue schedules of an entity: what is deferred is expected to be released by them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedules {
    /// How, where a product's revenue says nothing else.
    pub method: Method,
    /// Where remainders go.
    #[serde(default)]
    pub remainder: Remainder,
    /// How credit notes without a term of their own are released.
    #[serde(default)]
    pub credit_notes: CreditTerm,
    /// How many days after a period's end its releases are due: the time of a usual close.
    #[serde(default = "usual_days")]
    pub due_days: u16,
}

fn usual_days() -> u16 {
    5
}

impl Schedules {
    /// Checks its numbers.
    ///
    /// # Errors
    /// The key, and what is wrong with it, in words.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.due_days > MOST_DUE_DAYS {
            let why = format!("releases are due at most {MOST_DUE_DAYS} days after their period's end");
            return Err(("schedules.due_days", why));
        }
        Ok(())
    }
}
