//! What a look-up shows under the step's own key, sorted for a decision.

use tieout_connectors::Found;
use tieout_domain::{
    ledger::{EntryStatus, LedgerEntry},
    standing::id_order,
};

/// The ERP's entries of our key, by what they are; each list with the lowest id first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) booked: Vec<String>,
    pub(crate) drafts: Vec<String>,
    /// Those of the drafts that say something else than was approved: they are never posted.
    pub(crate) others: Vec<String>,
    pub(crate) void: Vec<String>,
}

impl Sight {
    /// `says_other` tells a draft that is not of the approved content.
    pub(crate) fn of(found: &Found, says_other: impl Fn(&LedgerEntry) -> bool) -> Self {
        let mut sight = Self::default();
        for entry in &found.by_key {
            let list = match entry.status {
                EntryStatus::Booked => &mut sight.booked,
                EntryStatus::Unbooked => &mut sight.drafts,
                EntryStatus::Void => &mut sight.void,
            };
            list.push(entry.erp_id.clone());
            if entry.status == EntryStatus::Unbooked && says_other(entry) {
                sight.others.push(entry.erp_id.clone());
            }
        }
        for list in [&mut sight.booked, &mut sight.drafts, &mut sight.others, &mut sight.void] {
            list.sort_by(|a, b| id_order(a).cmp(&id_order(b)));
            list.dedup();
        }
        sight
    }
}
