//! What a run of the detectors is asked, and what it answers.

use chrono::{DateTime, Utc};

/// When a run judges, and when it takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetectInput {
    /// Due times and ages are judged as of this instant.
    pub as_of: DateTime<Utc>,
    /// The real time: events and changes bear it.
    pub now: DateTime<Utc>,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DetectSummary {
    /// References looked at, and entries without one.
    pub looked_at: u64,
    /// Exceptions that are new.
    pub opened: u64,
    /// Exceptions whose facts changed under the same kind.
    pub updated: u64,
    /// Exceptions that are of another kind now.
    pub kind_changed: u64,
    /// Exceptions whose cause came back, or whose facts changed after they were dismissed.
    pub reopened: u64,
    /// Exceptions whose cause is gone.
    pub closed: u64,
}
