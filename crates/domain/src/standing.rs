//! Which of the entries that bear a document's name still count in the ledger, and which key is free.
//!
//! One rule for everybody who asks: the worker's look before a send, the plan of a correction, and the keys
//! of both. It knows a reversal by the ERP's own link, by our key, or as an exact mirror, in this order.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    key::{KeyScope, PostingKey, Slot},
    ledger::{EntityRef, EntryStatus, LedgerEntry},
};

/// The booked entries of one document's names, and what undoes what among them.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    booked: Vec<&'a LedgerEntry>,
    /// Reversal to reversed, whatever became of the reversal since.
    undoes: BTreeMap<&'a str, String>,
    /// Undone entries, and what undid them: neither counts any more.
    netted: BTreeSet<&'a str>,
}

impl<'a> Standing<'a> {
    /// Sorts out `entries` (in any order, doublets do no harm). `tenant` and `reference` are those of the
    /// keys under which any desk of ours undoes them; `known` has reversals that this desk sent under other
    /// keys (those of earlier versions): external id to the ERP's id of what it undoes.
    #[must_use]
    pub fn new(
        entries: impl IntoIterator<Item = &'a LedgerEntry>,
        (tenant, reference): (&str, &str),
        known: &BTreeMap<String, String>,
    ) -> Self {
        let mut booked: Vec<&LedgerEntry> =
            entries.into_iter().filter(|entry| entry.status == EntryStatus::Booked).collect();
        booked.sort_by(|a, b| id_order(&a.erp_id).cmp(&id_order(&b.erp_id)));
        booked.dedup_by(|a, b| a.erp_id == b.erp_id);
        let mut undoes: BTreeMap<&str, String> = BTreeMap::new();
        for entry in &booked {
            let sent = || known.get(entry.external_id.as_deref()?).cloned();
            if let Some(target) = entry.reverses.clone().or_else(sent) {
                undoes.insert(&entry.erp_id, target);
            }
        }
        for target in &booked {
            for reversal in under_reversal_keys(&booked, target, tenant, reference) {
                undoes.entry(reversal).or_insert_with(|| target.erp_id.clone());
            }
        }
        let mut standing = Self { booked, undoes, netted: BTreeSet::new() };
        standing.net_linked();
        standing.net_mirrors();
        standing
    }

    /// The entries that still count, the lowest id first.
    pub fn entries(&self) -> impl Iterator<Item = &'a LedgerEntry> {
        self.booked.iter().copied().filter(|entry| !self.netted.contains(entry.erp_id.as_str()))
    }

    /// True where the entry is booked and still counts.
    #[must_use]
    pub fn counts(&self, erp_id: &str) -> bool {
        self.entries().any(|entry| entry.erp_id == erp_id)
    }

    /// True where the entry is booked and nothing undoes it that was booked to do so. A reversal that has its
    /// effect does not count any more, and is in force.
    #[must_use]
    pub fn is_in_force(&self, erp_id: &str) -> bool {
        self.get(erp_id).is_some_and(|entry| !self.is_taken_back(entry))
    }

    /// The ERP's id of the entry that this one was booked to undo.
    #[must_use]
    pub fn undone_by(&self, reversal: &str) -> Option<&str> {
        self.undoes.get(reversal).map(String::as_str)
    }

    /// The entry that would count again if this one, which undoes it, were undone. Never reverse such a
    /// reversal: book again what it undid, in that one's slot. So a desk that books the document at the same
    /// moment has the same key.
    #[must_use]
    pub fn restored_without(&self, reversal: &str) -> Option<&'a str> {
        let (reversal, target) = (self.get(reversal)?, self.get(self.undone_by(reversal)?)?);
        let has_effect = target.is_mirrored_by(reversal) && !self.is_taken_back(reversal);
        has_effect.then_some(target.erp_id.as_str())
    }

    /// The entry that already undoes `target`, where one does: linked to it or sent to undo it, even in part;
    /// or a mirror, unless another entry like the target is there for it to have undone.
    #[must_use]
    pub fn reversal_of(&self, target: &LedgerEntry) -> Option<&'a LedgerEntry> {
        let linked = self.booked.iter().find(|entry| {
            self.undone_by(&entry.erp_id) == Some(&target.erp_id) && !self.is_taken_back(entry)
        });
        if linked.is_some() {
            return linked.copied();
        }
        let paired = self.paired();
        let free =
            |entry: &&&LedgerEntry| entry.erp_id != target.erp_id && !paired.contains(entry.erp_id.as_str());
        let others: Vec<&LedgerEntry> = self.booked.iter().filter(free).copied().collect();
        let same = |entry: &&LedgerEntry| {
            entry.entity == target.entity
                && entry.currency == target.currency
                && entry.transaction_nets() == target.transaction_nets()
        };
        let alike = 1 + others.iter().copied().filter(same).count();
        let mut mirrors = others.into_iter().filter(|entry| target.is_mirrored_by(entry));
        let first = mirrors.next()?;
        (1 + mirrors.count() >= alike).then_some(first)
    }

    /// Takes out each reversal that has its effect, with what it undoes.
    fn net_linked(&mut self) {
        self.netted = self.paired();
    }

    fn paired(&self) -> BTreeSet<&'a str> {
        let mut paired = BTreeSet::new();
        for reversal in &self.booked {
            let target = self.undone_by(&reversal.erp_id).and_then(|id| self.get(id));
            if let Some(target) = target
                && target.is_mirrored_by(reversal)
                && !self.is_taken_back(reversal)
            {
                paired.extend([target.erp_id.as_str(), reversal.erp_id.as_str()]);
            }
        }
        paired
    }

    /// Is this reversal itself undone? Then what it undid counts again.
    fn is_taken_back(&self, entry: &LedgerEntry) -> bool {
        self.is_undone(entry, self.booked.len())
    }

    /// `depth` ends the walk where an ERP's links run in a circle.
    fn is_undone(&self, entry: &LedgerEntry, depth: usize) -> bool {
        let undoes = |reversal: &&&LedgerEntry| {
            self.undone_by(&reversal.erp_id) == Some(&entry.erp_id) && entry.is_mirrored_by(reversal)
        };
        depth > 0 && self.booked.iter().filter(undoes).any(|reversal| !self.is_undone(reversal, depth - 1))
    }

    fn net_mirrors(&mut self) {
        loop {
            let live: Vec<&LedgerEntry> = self.entries().collect();
            let pair = live.iter().enumerate().find_map(|(index, first)| {
                let second = live[index + 1..].iter().find(|second| first.is_mirrored_by(second))?;
                Some([first.erp_id.as_str(), second.erp_id.as_str()])
            });
            match pair {
                Some(pair) => self.netted.extend(pair),
                None => return,
            }
        }
    }

    fn get(&self, erp_id: &str) -> Option<&'a LedgerEntry> {
        self.booked.iter().copied().find(|entry| entry.erp_id == erp_id)
    }
}

/// Every desk undoes `target` under the same keys, one after the other: those that are there.
fn under_reversal_keys<'a>(
    booked: &[&'a LedgerEntry],
    target: &LedgerEntry,
    tenant: &str,
    reference: &str,
) -> Vec<&'a str> {
    let entity_erp_id = match &target.entity {
        EntityRef::ErpId(id) => id.as_str(),
        EntityRef::Code(code) => code.as_str(),
    };
    let scope = KeyScope { tenant, entity_erp_id, reference };
    let slot = Slot::Reverse { erp_id: target.erp_id.clone() };
    let mut chain: Vec<String> = Vec::new();
    let mut found: Vec<&str> = Vec::new();
    loop {
        let key = PostingKey::derive(scope, &slot, &chain);
        let of_key: Vec<&str> = booked
            .iter()
            .filter(|entry| entry.external_id.as_deref() == Some(key.as_str()))
            .map(|entry| entry.erp_id.as_str())
            .collect();
        if of_key.is_empty() {
            return found;
        }
        chain.extend(of_key.iter().map(|id| (*id).to_owned()));
        found.extend(of_key);
    }
}

/// The slot already holds an entry that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the ledger already holds this as entry {erp_id}, under key {key}: reverse that first")]
pub struct SlotTaken {
    /// The key under which it is there.
    pub key: PostingKey,
    /// The ERP's id of the entry.
    pub erp_id: String,
}

impl SlotTaken {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "slot_taken"
    }
}

/// The key under which this slot of a document can be booked now. `ledger` are the document's entries there,
/// whatever their status; entries in `undone_first` count as undone, because the same set undoes them before.
///
/// # Errors
/// [`SlotTaken`] where an entry of one of the slot's keys still counts.
pub fn free_key(
    scope: KeyScope<'_>,
    slot: &Slot,
    ledger: &[LedgerEntry],
    known: &BTreeMap<String, String>,
    undone_first: &BTreeSet<String>,
) -> Result<PostingKey, SlotTaken> {
    let standing = Standing::new(ledger, (scope.tenant, scope.reference), known);
    let mut undone: Vec<String> = Vec::new();
    loop {
        let key = PostingKey::derive(scope, slot, &undone);
        let mut spent: Vec<&str> = Vec::new();
        for entry in ledger.iter().filter(|entry| entry.external_id.as_deref() == Some(key.as_str())) {
            match entry.status {
                EntryStatus::Booked
                    if standing.counts(&entry.erp_id) && !undone_first.contains(&entry.erp_id) =>
                {
                    return Err(SlotTaken { key, erp_id: entry.erp_id.clone() });
                }
                EntryStatus::Booked | EntryStatus::Void => spent.push(&entry.erp_id),
                // It is this slot's own, under way or left behind: the worker finds it by this very key.
                EntryStatus::Unbooked => {}
            }
        }
        if spent.is_empty() {
            return Ok(key);
        }
        spent.sort_by(|a, b| id_order(a).cmp(&id_order(b)));
        spent.dedup();
        undone.extend(spent.into_iter().map(str::to_owned));
    }
}

/// ERP ids are mostly numbers as text: the shorter is the lower, then by digits.
#[must_use]
pub fn id_order(id: &str) -> (usize, &str) {
    (id.len(), id)
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
