//! Who may do what to what, and why not.
//!
//! The rules are Cedar policies (`rules.cedar`, part of the program) with a workspace's own policy file on
//! top ([`Policy`]): amount tiers, rules for late items ([`LatePolicy`]), time limits of flows, and Cedar
//! policies that may only forbid. [`Duties::judge`] answers a person's request, [`Duties::permit`] makes the
//! one thing without which nothing is sent: a [`Permit`].
//!
//! Nothing here performs I/O or verifies a signature: the caller hands in facts that it has verified.
//! A rule that cannot be evaluated refuses (Cedar itself would skip it).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod approvals;
mod cedar;
mod duties;
mod facts;
mod late;
mod late_file;
mod permit;
mod policy;
mod policy_error;
mod refusal;
mod roster;
mod rules;
mod sla_file;

pub use approvals::Approvals;
pub use duties::{Allowed, Duties};
pub use facts::{
    ActionRequest, ChangeFacts, ChangeWhat, EnrolmentFacts, HandoverFacts, ItemFacts, MatchFacts,
    PersonFacts, PostingFacts, SignOffFacts, Subject,
};
pub use late::{
    BookState, ItemBooks, LateAction, LateBooks, LateItem, LatePolicy, LateRule, LateUsed, Passed, Verdict,
    days_late,
};
pub use permit::{Decision, Permit, PermitMismatch, PermitRequest, Place, Standing};
pub use policy::{OverrideReason, Policy, Tier};
pub use policy_error::PolicyError;
pub use refusal::Refusal;
pub use roster::{Lack, Member, Roster};
pub use rules::Rule;
