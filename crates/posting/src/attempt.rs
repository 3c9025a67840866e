//! What is attempted in the ERP, and how a failure of it is kept.

use serde::{Deserialize, Serialize};
use tieout_connectors::ProtocolAction;
use tieout_domain::failure::{FailureClass, VendorFailure};

/// One call that changes something in the ERP: its own durable attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptAction {
    /// Makes sure that the ERP knows the customer. Repeating it changes nothing.
    EnsureCustomer,
    /// Creates a draft that is not booked.
    CreateDraft,
    /// Books the draft.
    PostDraft,
    /// Removes a surplus draft.
    DeleteDraft,
    /// Creates and books in one call.
    CreateBooked,
}

impl AttemptAction {
    /// All of them.
    pub const ALL: [AttemptAction; 5] = [
        AttemptAction::EnsureCustomer,
        AttemptAction::CreateDraft,
        AttemptAction::PostDraft,
        AttemptAction::DeleteDraft,
        AttemptAction::CreateBooked,
    ];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AttemptAction::EnsureCustomer => "ensure_customer",
            AttemptAction::CreateDraft => ProtocolAction::CreateDraft.as_str(),
            AttemptAction::PostDraft => ProtocolAction::PostDraft.as_str(),
            AttemptAction::DeleteDraft => ProtocolAction::DeleteDraft.as_str(),
            AttemptAction::CreateBooked => ProtocolAction::CreateBooked.as_str(),
        }
    }

    /// The action of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }

    /// True where an unknown outcome leaves the posting in doubt: something may be, or may yet appear, in
    /// the ledger. A customer or a deleted draft books nothing.
    #[must_use]
    pub fn may_book(self) -> bool {
        match self {
            AttemptAction::CreateDraft | AttemptAction::PostDraft | AttemptAction::CreateBooked => true,
            AttemptAction::EnsureCustomer | AttemptAction::DeleteDraft => false,
        }
    }
}

/// A failure as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureNote {
    /// What may be done next.
    pub class: FailureClass,
    /// Our stable code, or the code of the rule that refused.
    pub code: String,
    /// The ERP's own words where it gave any, else ours.
    pub message: String,
    /// The vendor's request id.
    pub request_id: Option<String>,
}

impl FailureNote {
    /// A note in our own words.
    #[must_use]
    pub fn new(class: FailureClass, code: &str, message: impl Into<String>) -> Self {
        Self { class, code: code.to_owned(), message: message.into(), request_id: None }
    }
}

impl From<&VendorFailure> for FailureNote {
    fn from(failure: &VendorFailure) -> Self {
        Self {
            class: failure.class,
            code: failure.code.to_owned(),
            message: failure.message.clone(),
            request_id: failure.request_id.clone(),
        }
    }
}
