//! What billing and the ERP have that no desk has read yet: a desk reads a document again right before it is
//! sent, and the judge knows what it would have found.

use std::collections::BTreeMap;

use chrono::Duration;
use tieout_domain::{PostingId, ledger::LedgerEntry, standing::Standing};

use crate::{disk::Row, world::World};

/// The desk reads the document of a posting again in billing.
pub fn reread(world: &mut World, desk: usize, posting: &PostingId) {
    let document = world.disks[desk].rows[posting].document.clone();
    if let Some(now) = world.office.documents.get(&document).cloned() {
        world.office.desks[desk].known.insert(document, now);
    }
}

/// How long ago billing may have moved a document at most that is sent as it was.
const JUST_NOW: Duration = Duration::seconds(2);

/// Is the document otherwise in billing than the posting has it, for longer than a moment?
pub fn moved_unread(world: &World, row: &Row) -> Option<String> {
    let document = world.office.documents.get(&row.document)?;
    let was = &row.posting.basis.as_ref()?.document.as_ref()?.version;
    let since = world.office.moved_at.get(&row.document)?;
    let differs = *was != document.version_text() && world.now() - *since > JUST_NOW;
    differs.then(|| format!("sent although billing moved it since: {was} → {}", document.version_text()))
}

/// Does a posting that is to leave an entry of the document leave none?
pub fn undoes_the_last(world: &World, row: &Row) -> Option<String> {
    let kept = &row.posting.basis.as_ref()?.kept;
    let (step, document) =
        (row.posting.steps.get(row.memo().booked.len())?, world.office.documents.get(&row.document)?);
    let ledger: Vec<LedgerEntry> =
        world.erp.all().into_iter().filter(|entry| document.is_named(entry)).collect();
    let standing = Standing::new(&ledger, ("SIM", &document.number), &BTreeMap::new());
    let left = standing.entries().filter(|entry| Some(&entry.erp_id) != step.reverses.as_ref()).count();
    (!kept.is_empty() && left == 0).then(|| "undoes the last entry of the document".to_owned())
}
