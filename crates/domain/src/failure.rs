//! How a call to a vendor failed. Every such failure is exactly one of three classes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What may be done after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The vendor refused and will refuse again: a person must change something.
    Terminal,
    /// Certainly nothing happened there, and the same call may succeed later.
    Retryable,
    /// It may or may not have happened: look up by key before anything is sent again.
    Unknown,
}

impl FailureClass {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FailureClass::Terminal => "terminal",
            FailureClass::Retryable => "retryable",
            FailureClass::Unknown => "unknown",
        }
    }
}

/// A failed vendor call, in words that may be shown and stored: it never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct VendorFailure {
    /// What may be done next.
    pub class: FailureClass,
    /// A stable snake_case code of ours (`rate_limited`, `period_closed`, `timed_out`, `schema_drift` …).
    pub code: &'static str,
    /// The vendor's own words where it gave any, else ours; says what, where and what to do.
    pub message: String,
    /// How long the vendor asked us to wait.
    pub retry_after: Option<Duration>,
    /// The vendor's request id, for its support.
    pub request_id: Option<String>,
}

impl VendorFailure {
    /// A failure of `class` with our `code`.
    #[must_use]
    pub fn new(class: FailureClass, code: &'static str, message: impl Into<String>) -> Self {
        Self { class, code, message: message.into(), retry_after: None, request_id: None }
    }

    /// A failure that stays until a person changes something.
    #[must_use]
    pub fn terminal(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(FailureClass::Terminal, code, message)
    }

    /// A failure after which nothing happened at the vendor.
    #[must_use]
    pub fn retryable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(FailureClass::Retryable, code, message)
    }

    /// A failure whose outcome at the vendor is not known.
    #[must_use]
    pub fn unknown(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(FailureClass::Unknown, code, message)
    }
}
