//! A no that says why, and who could.

use tieout_domain::PersonId;

use crate::rules::Rule;

/// Why something was refused, and who could do it instead. Refused attempts are logged with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The rule that refuses, the first that holds in the order of [`Rule`].
    pub rule: Rule,
    /// The id of the policy: the rule's own code, or the workspace policy's id (`workspace:…`).
    pub policy: String,
    /// Why, in words without a capital and an end; the rule and who could are told beside it.
    pub message: String,
    /// Every active member for whom the same request would be allowed, in the roster's order.
    pub who_could: Vec<PersonId>,
}

impl Refusal {
    /// The stable code of the rule.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.rule.code()
    }
}
