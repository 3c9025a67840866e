//! What a posting of a difference rests on: the entries that book its document together with others, as they
//! were when the difference was worked out, and whether they still are.

use tieout_domain::{
    ConnectionId,
    basis::{KeptEntry, Within},
    ledger::EntryStatus,
};
use tieout_store::{PostingRow, Store, StoreError, StoredEntry};

/// What a difference is worked out of, and rests on.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) within: Within,
    pub(crate) kept: Vec<KeptEntry>,
    /// The ERP's ids of the document's differences that stand already.
    pub(crate) beside: Vec<String>,
}

/// Why a difference is not any more what it was worked out as, by what is known here.
///
/// # Errors
/// A database error.
pub(crate) fn moved(store: &Store, row: &PostingRow, within: &Within) -> Result<Option<String>, StoreError> {
    let kept = row.posting.basis.as_ref().map(|basis| basis.kept.as_slice()).unwrap_or_default();
    let (entries, _) = store.batch_members(&within.name)?;
    let mut members = Vec::with_capacity(entries.len());
    for id in &entries {
        members.extend(store.entry(id)?);
    }
    members.retain(|stored| stored.connection == row.posting.connection);
    let is_kept = |erp_id: &str| kept.iter().any(|kept| kept.erp_id == erp_id);
    if let Some(new) = members.iter().find(|stored| !is_kept(&stored.entry.erp_id)) {
        let words = format!("entry {} stands in {} now, too", new.entry.erp_id, within.name);
        return Ok(Some(words));
    }
    let mut own = store.entries_by_reference(&row.posting.reference)?;
    own.extend(store.entries_settling(&row.posting.reference)?);
    own.retain(|stored| stored.connection == row.posting.connection);
    let find = |erp_id: &str| members.iter().chain(&own).find(|stored| stored.entry.erp_id == erp_id);
    let counts = |erp_id: &str| {
        find(erp_id).is_some_and(|found| found.entry.status == EntryStatus::Booked && !found.netted)
    };
    let lost = kept.iter().find_map(|kept| kept.lost(find(&kept.erp_id).map(|found| &found.entry), counts));
    if lost.is_some() {
        return Ok(lost);
    }
    let differs = store.batch_difference(&within.name)? != within.difference;
    Ok(differs.then(|| format!("{} does not differ any more by what it did", within.name)))
}

/// True where the ledger of this connection has the entry booked, and nothing has undone it.
pub(crate) fn stands(stored: &StoredEntry, connection: &ConnectionId) -> bool {
    stored.entry.status == EntryStatus::Booked && !stored.netted && stored.connection == *connection
}
