//! What a look-up shows, sorted for a decision.

use std::collections::BTreeMap;

use tieout_connectors::Found;
use tieout_domain::{
    AccountCode, Currency,
    key::PostingKey,
    ledger::{EntryStatus, LedgerEntry},
};

/// The ERP's entries of our key, by what they are; each list with the lowest id first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) booked: Vec<String>,
    pub(crate) drafts: Vec<String>,
    pub(crate) void: Vec<String>,
}

impl Sight {
    pub(crate) fn of(found: &Found) -> Self {
        let mut sight = Self::default();
        for entry in &found.by_key {
            let list = match entry.status {
                EntryStatus::Booked => &mut sight.booked,
                EntryStatus::Unbooked => &mut sight.drafts,
                EntryStatus::Void => &mut sight.void,
            };
            list.push(entry.erp_id.clone());
        }
        for list in [&mut sight.booked, &mut sight.drafts, &mut sight.void] {
            list.sort_by(|a, b| id_order(a).cmp(&id_order(b)));
            list.dedup();
        }
        sight
    }
}

/// ERP ids are mostly numbers as text: the shorter is the lower, then by digits.
fn id_order(id: &str) -> (usize, &str) {
    (id.len(), id)
}

/// An entry of others that the document's reference names and that still counts: booked, and not netted by
/// a reversal (linked by the ERP, or an exact mirror).
pub(crate) fn standing_entry<'a>(found: &'a Found, key: &PostingKey) -> Option<&'a LedgerEntry> {
    let mut live: Vec<&LedgerEntry> = unlinked(found, key);
    while let Some((first, second)) = mirror_pair(&live) {
        live.retain(|entry| entry.erp_id != first && entry.erp_id != second);
    }
    live.into_iter().min_by(|a, b| id_order(&a.erp_id).cmp(&id_order(&b.erp_id)))
}

/// The entry that already undoes `target`, if there is one: linked to it by the ERP, or an exact mirror
/// while no other entry like the target is there for it to have undone.
pub(crate) fn reversal_of<'a>(
    found: &'a Found,
    key: &PostingKey,
    target: &LedgerEntry,
) -> Option<&'a LedgerEntry> {
    let linked =
        booked_of_others(found, key).into_iter().find(|e| e.reverses.as_deref() == Some(&target.erp_id));
    if linked.is_some() {
        return linked;
    }
    let others: Vec<&LedgerEntry> =
        unlinked(found, key).into_iter().filter(|e| e.erp_id != target.erp_id).collect();
    let alike = 1 + others.iter().filter(|e| e.entity == target.entity && nets(e) == nets(target)).count();
    let mirrors: Vec<&LedgerEntry> = others.into_iter().filter(|e| mirrors(e, target)).collect();
    if mirrors.len() < alike {
        return None;
    }
    mirrors.first().copied()
}

fn booked_of_others<'a>(found: &'a Found, key: &PostingKey) -> Vec<&'a LedgerEntry> {
    let ours = |entry: &&LedgerEntry| entry.external_id.as_deref() == Some(key.as_str());
    found.by_reference.iter().filter(|e| e.status == EntryStatus::Booked && !ours(e)).collect()
}

/// Booked entries of others without the pairs that the ERP links.
fn unlinked<'a>(found: &'a Found, key: &PostingKey) -> Vec<&'a LedgerEntry> {
    let all = booked_of_others(found, key);
    let has = |id: &str| all.iter().any(|e| e.erp_id == id);
    let undone = |id: &str| all.iter().any(|e| e.reverses.as_deref() == Some(id));
    let in_a_pair = |e: &&LedgerEntry| undone(&e.erp_id) || e.reverses.as_deref().is_some_and(has);
    all.iter().copied().filter(|entry| !in_a_pair(entry)).collect()
}

fn mirror_pair(live: &[&LedgerEntry]) -> Option<(String, String)> {
    live.iter().enumerate().find_map(|(index, first)| {
        let second = live[index + 1..].iter().find(|second| mirrors(first, second))?;
        Some((first.erp_id.clone(), second.erp_id.clone()))
    })
}

fn mirrors(a: &LedgerEntry, b: &LedgerEntry) -> bool {
    let negated: Nets =
        nets(b).into_iter().map(|(place, (t, f))| (place, (t.wrapping_neg(), f.wrapping_neg()))).collect();
    a.entity == b.entity && nets(a) == negated
}

type Nets = BTreeMap<(AccountCode, Currency), (i64, i64)>;

/// Transaction and functional net per account, accounts of nothing left out.
fn nets(entry: &LedgerEntry) -> Nets {
    let mut nets = Nets::new();
    for line in &entry.lines {
        let net = nets.entry((line.account.clone(), entry.currency)).or_default();
        net.0 = net.0.saturating_add(line.transaction_minor);
        net.1 = net.1.saturating_add(line.functional_minor);
    }
    nets.retain(|_, net| *net != (0, 0));
    nets
}
