//! How many people have to say yes.

use serde::Deserialize;

/// How many different people have to approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approvals {
    /// Nobody: only ever for a policy's own posting into a fully open period.
    None,
    /// One.
    One,
    /// Two.
    Two,
}

impl Approvals {
    /// As a number.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Approvals::None => 0,
            Approvals::One => 1,
            Approvals::Two => 2,
        }
    }

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Approvals::None => "none",
            Approvals::One => "one",
            Approvals::Two => "two",
        }
    }
}
