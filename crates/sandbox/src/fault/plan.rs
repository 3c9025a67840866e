//! What shall go wrong, and how often.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::layer::RequestClass;

/// The kinds of fault that the sandbox can inject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 429 with a `Retry-After` header; nothing was done.
    TooManyWithRetryAfter,
    /// 429 without a `Retry-After` header; nothing was done.
    TooMany,
    /// 500; nothing was done.
    ErrorBeforeCommit,
    /// The work was done, and then 500.
    ErrorAfterCommit,
    /// The work was done, and then no answer until the client gives up.
    TimeoutAfterCommit,
    /// No answer, and the work is done only later.
    LateCommit,
    /// The connection is cut; nothing was done.
    DropBeforeCommit,
    /// The work was done, and then the connection is cut.
    DropAfterCommit,
    /// The connection is cut in the middle of a page of data.
    DropMidBody,
    /// A page of data comes slowly.
    SlowPage,
    /// The credential in use is expired.
    ExpiredToken,
    /// A page of data has another shape than documented.
    SchemaDrift,
    /// The posting is refused as if its period were closed.
    ClosedPeriod,
    /// The posting is booked into the next open period, without an error.
    PeriodMoved,
}

impl FaultKind {
    /// All kinds, in the order in which chance is asked.
    pub const ALL: [Self; 14] = [
        Self::TooManyWithRetryAfter,
        Self::TooMany,
        Self::ErrorBeforeCommit,
        Self::ErrorAfterCommit,
        Self::TimeoutAfterCommit,
        Self::LateCommit,
        Self::DropBeforeCommit,
        Self::DropAfterCommit,
        Self::DropMidBody,
        Self::SlowPage,
        Self::ExpiredToken,
        Self::SchemaDrift,
        Self::ClosedPeriod,
        Self::PeriodMoved,
    ];

    /// The stable name, as in plans and counters.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooManyWithRetryAfter => "too_many_with_retry_after",
            Self::TooMany => "too_many",
            Self::ErrorBeforeCommit => "error_before_commit",
            Self::ErrorAfterCommit => "error_after_commit",
            Self::TimeoutAfterCommit => "timeout_after_commit",
            Self::LateCommit => "late_commit",
            Self::DropBeforeCommit => "drop_before_commit",
            Self::DropAfterCommit => "drop_after_commit",
            Self::DropMidBody => "drop_mid_body",
            Self::SlowPage => "slow_page",
            Self::ExpiredToken => "expired_token",
            Self::SchemaDrift => "schema_drift",
            Self::ClosedPeriod => "closed_period",
            Self::PeriodMoved => "period_moved",
        }
    }

    /// Whether this fault makes sense for a request of this class.
    #[must_use]
    pub fn fits(self, class: RequestClass) -> bool {
        use RequestClass::{Exempt, Page, Posting, Read, Token, Write};
        match self {
            Self::TooManyWithRetryAfter
            | Self::TooMany
            | Self::ErrorBeforeCommit
            | Self::DropBeforeCommit => class != Exempt,
            Self::ErrorAfterCommit | Self::TimeoutAfterCommit | Self::LateCommit | Self::DropAfterCommit => {
                matches!(class, Write | Posting)
            }
            Self::DropMidBody | Self::SlowPage | Self::SchemaDrift => class == Page,
            Self::ExpiredToken => !matches!(class, Exempt | Token),
            Self::ClosedPeriod | Self::PeriodMoved => match class {
                Posting => true,
                Write | Page | Read | Token | Exempt => false,
            },
        }
    }
}

/// One line of a script: the `nth` request (from 1, counted since the plan was set) whose path contains
/// `path` and whose method is `method` (any when absent) gets `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptedFault {
    /// Part of the path.
    pub path: String,
    /// `GET`, `POST`, …; any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Which of the matching requests, from 1.
    pub nth: u64,
    /// What happens to it.
    pub kind: FaultKind,
}

impl ScriptedFault {
    /// A line for any method.
    #[must_use]
    pub fn nth(nth: u64, path: &str, kind: FaultKind) -> Self {
        Self { path: path.to_owned(), method: None, nth, kind }
    }

    /// The same line for `POST` only.
    #[must_use]
    pub fn post(nth: u64, path: &str, kind: FaultKind) -> Self {
        Self { method: Some("POST".to_owned()), ..Self::nth(nth, path, kind) }
    }

    pub(super) fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method) && path.contains(&self.path)
    }
}

/// How the faults behave in detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tuning {
    /// Seconds in `Retry-After`.
    pub retry_after_s: u64,
    /// A slow page's delay, in milliseconds.
    pub slow_page_ms: u64,
    /// A time-out's longest silence, in milliseconds; then the connection is cut.
    pub silence_ms: u64,
    /// A late commit lands when this many further requests have been answered…
    pub late_after_requests: u64,
    /// …or after this many milliseconds, whichever comes first.
    pub late_after_ms: u64,
    /// A late commit's request stays silent (as a time-out) instead of being cut at once.
    pub late_is_silent: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            retry_after_s: 1,
            slow_page_ms: 750,
            silence_ms: 600_000,
            late_after_requests: 3,
            late_after_ms: 2_000,
            late_is_silent: false,
        }
    }
}

/// What shall go wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FaultPlan {
    /// The seed of chance.
    pub seed: u64,
    /// Parts per million of the requests that fit, per kind.
    pub rates_ppm: BTreeMap<FaultKind, u32>,
    /// Faults at named requests.
    pub script: Vec<ScriptedFault>,
    /// Details.
    pub tuning: Tuning,
}

impl FaultPlan {
    /// Only these scripted faults.
    #[must_use]
    pub fn script(lines: impl IntoIterator<Item = ScriptedFault>) -> Self {
        Self { script: lines.into_iter().collect(), ..Self::default() }
    }

    /// One kind at one rate.
    #[must_use]
    pub fn rate(seed: u64, kind: FaultKind, ppm: u32) -> Self {
        Self { seed, rates_ppm: BTreeMap::from([(kind, ppm)]), ..Self::default() }
    }

    /// Every kind at the same rate.
    #[must_use]
    pub fn storm(seed: u64, ppm: u32) -> Self {
        Self { seed, rates_ppm: FaultKind::ALL.iter().map(|kind| (*kind, ppm)).collect(), ..Self::default() }
    }

    /// The same plan with other details.
    #[must_use]
    pub fn tuned(mut self, tuning: Tuning) -> Self {
        self.tuning = tuning;
        self
    }

    /// What chance says for this request.
    pub(super) fn draw(&self, ordinal: u64, class: RequestClass) -> Option<FaultKind> {
        FaultKind::ALL.into_iter().find(|kind| {
            let rate = self.rates_ppm.get(kind).copied().unwrap_or(0);
            rate > 0 && kind.fits(class) && self.dice(ordinal, *kind) < u64::from(rate)
        })
    }

    /// A number below one million from seed, ordinal and kind, so that kinds do not influence each other.
    fn dice(&self, ordinal: u64, kind: FaultKind) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(ordinal.to_be_bytes());
        hash.update(kind.code().as_bytes());
        let digest = hash.finalize();
        digest.iter().take(8).fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte)) % 1_000_000
    }
}
