//! Faults that a test can plant: each takes one of the engine's safeguards out, so that the simulation can
//! show that it would see what the safeguard prevents. Without the `planted` feature, which only this crate's
//! own tests have, none can be planted.

/// A safeguard that is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// Lanes exclude each other by posting, not by document.
    LanesByPosting,
    /// A set that corrects is not looked over for entries that others booked meanwhile.
    NoLookInSets,
    /// A reversal is only known by the ERP's link or as a mirror to the minor unit in both currencies.
    ExactMirrors,
    /// An entry to be reversed is not compared with the one that was approved.
    ReversedUnread,
    /// Whether an entry raises or settles plays no part: a payment of the document's name stops it.
    NoRoles,
    /// An entry of the document's name stops the send although a document of its own entity bears the name.
    NoNamesakes,
    /// An entry of another entity never stops the send.
    OwnEntityOnly,
    /// Only the posting's reference is looked for, none of the document's other names.
    OneName,
    /// The basis is not compared again right before the call.
    NoLastLook,
    /// The document is not read again in billing before the call.
    NoReread,
    /// An entry that is to stay is not looked at before the others are undone.
    KeptUnread,
    /// A draft of the key is posted whatever it says.
    AnyDraft,
    /// A booked entry of the key is taken for the step whatever it says.
    AnyOfKey,
    /// What was looked up serves a send however long ago that was.
    OldLookUps,
}

#[cfg(feature = "planted")]
impl crate::worker::Worker {
    /// The same worker, without these safeguards.
    #[must_use]
    pub fn planting(mut self, faults: &[Fault]) -> Self {
        self.faults = faults.to_vec();
        self
    }

    pub(crate) fn is_out(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }
}

#[cfg(not(feature = "planted"))]
impl crate::worker::Worker {
    #[expect(clippy::unused_self, reason = "the same call with the feature on")]
    pub(crate) const fn is_out(&self, _fault: Fault) -> bool {
        false
    }
}
