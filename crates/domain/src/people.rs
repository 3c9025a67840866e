//! People, roles and the actions that duties judge.

use serde::{Deserialize, Serialize};

macro_rules! named_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The one of this stable name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

named_enum! {
    /// What a person is in a workspace.
    Role {
        /// Works the queues and prepares postings.
        Analyst => "analyst",
        /// Approves postings and governed changes.
        Controller => "controller",
        /// Manages people, connections and rules; approves nothing of their own either.
        Administrator => "administrator",
        /// Reads everything, changes nothing.
        Auditor => "auditor",
    }
}

named_enum! {
    /// What a person may try to do. Reading is not an action: every member of the workspace reads.
    Action {
        /// Give an exception to somebody.
        Assign => "assign",
        /// Write a comment.
        Comment => "comment",
        /// Prepare a posting that settles an exception.
        Propose => "propose",
        /// Approve a posting as it is.
        Approve => "approve",
        /// Refuse a posting.
        Reject => "reject",
        /// Prepare the posting for another date, period, account or entity.
        Reroute => "reroute",
        /// Send a failed posting again.
        Replay => "replay",
        /// Have what is missing of a half-booked set sent, as it is or prepared anew.
        Finish => "finish",
        /// Prepare what undoes the booked steps of a half-booked set.
        TakeBack => "take_back",
        /// Put an exception aside.
        Hold => "hold",
        /// Take a held exception up again.
        Release => "release",
        /// Decide that nothing is to be done.
        Dismiss => "dismiss",
        /// Prepare the reversal of a booked entry.
        Reverse => "reverse",
        /// Withdraw an approved posting that has not been sent.
        Cancel => "cancel",
        /// Say that somebody booked it in the ledger by hand, which its next file is to show.
        BookedElsewhere => "booked_elsewhere",
        /// Write approved postings into a journal file for their ledger.
        HandOver => "hand_over",
        /// Confirm what another person handed over.
        ConfirmHandover => "confirm_handover",
        /// Say that entries of the ledger and documents of billing belong together.
        ConfirmMatch => "confirm_match",
        /// Say that they do not, so that they are not suggested again.
        RejectMatch => "reject_match",
        /// Take a match back that counts.
        UndoMatch => "undo_match",
        /// Add a person or change a role.
        ManagePeople => "manage_people",
        /// Say that a person who has just set their secret is who they should be.
        ConfirmPerson => "confirm_person",
        /// Add a connection or change its credentials.
        ManageConnections => "manage_connections",
        /// Bring in a file of billing lines, of ledger detail or of periods.
        ImportFiles => "import_files",
        /// Keep, replace or forget a view that everybody at the desk sees.
        KeepViews => "keep_views",
        /// Close a period softly: from then on only what an exception lets in is sent there.
        SoftClosePeriod => "soft_close_period",
        /// Have the desk's own soft close of a period lifted.
        ReopenPeriod => "reopen_period",
        /// Sign who may do what here, and where duties came together, as reviewed.
        SignAccessReview => "sign_access_review",
        /// Bring in a mapping, a policy or a duty, which stays inert.
        ProposeChange => "propose_change",
        /// Sign an account of a period as prepared.
        PrepareSignOff => "prepare_sign_off",
        /// Sign what another person prepared as reviewed.
        ReviewSignOff => "review_sign_off",
        /// Put another person's governed change in force.
        ApproveChange => "approve_change",
    }
}

named_enum! {
    /// Where a posting comes from. Only a policy's own may pass without a person's approval.
    Origin {
        /// Prepared by the workspace's policy.
        Policy => "policy",
        /// Prepared by a person.
        Manual => "manual",
        /// Sent elsewhere by a person.
        Reroute => "reroute",
        /// Undoes a booked entry.
        Reversal => "reversal",
        /// Undoes and books anew.
        Correction => "correction",
    }
}
