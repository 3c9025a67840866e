//! One desk under a storm: thousands of postings of every sort, each with its own document.

use std::collections::BTreeMap;

use tieout_domain::{PostingId, posting::PostingState};
use tieout_posting::Finding;

use crate::{company::Sort, disk::Row, world::World};

/// How the postings ended.
pub type Ends = BTreeMap<(Sort, &'static str), u32>;

/// Every posting is booked exactly once, or visibly not and absent; no draft is left; order was kept.
pub fn judge(world: &World, sorts: &BTreeMap<PostingId, Sort>) -> Result<Ends, Vec<String>> {
    let mut ends = Ends::new();
    let mut faults = Vec::new();
    for (id, sort) in sorts {
        let row = &world.disks[0].rows[id];
        *ends.entry((*sort, row.state.as_str())).or_default() += 1;
        faults.extend(
            of_row(world, row, *sort)
                .into_iter()
                .map(|fault| format!("{id} ({sort:?}, {}, {:?}): {fault}", row.state.as_str(), row.failure)),
        );
    }
    let drafts = world.erp.drafts();
    faults.extend(world.erp.book.faults.iter().cloned());
    if !drafts.is_empty() {
        faults.push(format!("drafts left: {drafts:?}"));
    }
    if faults.is_empty() { Ok(ends) } else { Err(faults) }
}

fn of_row(world: &World, row: &Row, sort: Sort) -> Vec<String> {
    let mut faults = Vec::new();
    let done = row.memo().booked.len();
    let all = row.posting.steps.len();
    match row.state {
        PostingState::Booked if done != all => faults.push(format!("booked with {done} of {all} steps")),
        PostingState::Booked | PostingState::DeadLetter | PostingState::Cancelled => {}
        PostingState::Refused => {
            let code = row.failure.as_deref().unwrap_or("");
            if !sort.may_be_refused().contains(&code) {
                faults.push(format!("refused for \"{code}\""));
            }
        }
        PostingState::Queued => {
            let waits = row.after.as_ref().and_then(|before| world.disks[0].rows.get(before));
            if waits.is_none_or(|before| before.state == PostingState::Booked) {
                faults.push("left in the queue".to_owned());
            }
        }
        PostingState::Proposed
        | PostingState::Sending
        | PostingState::InDoubt
        | PostingState::Settled
        | PostingState::HandedOver
        | PostingState::Rejected => faults.push("no end".to_owned()),
    }
    faults.extend(of_steps(world, row, done));
    faults.extend(of_order(world, row));
    if row.findings.iter().any(|f| matches!(f, Finding::BookedTwice { .. } | Finding::BookedAfterAll { .. }))
    {
        faults.push(format!("findings {:?}", row.findings));
    }
    let moved = row.findings.iter().any(|f| matches!(f, Finding::PeriodMoved { .. }));
    if moved != (sort == Sort::Moved && row.state == PostingState::Booked) {
        faults.push(format!("period moved: {moved}"));
    }
    faults
}

/// What the desk takes for booked is booked once, and nothing else is.
fn of_steps(world: &World, row: &Row, done: usize) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, step) in row.posting.steps.iter().enumerate() {
        let bookings = world.erp.book.by_key.get(step.key.as_str()).map_or(&[][..], Vec::as_slice);
        // What holds the key of a refused one is there, as the refusal says.
        let held = row.memo().held_by.is_some() && row.state == PostingState::Refused;
        let want = usize::from(index < done || (held && index == done));
        if bookings.len() != want {
            faults.push(format!("step {} is booked {} times, not {want}", step.number, bookings.len()));
        }
        if let (Some(noted), Some(booking)) = (row.memo().booked.get(index), bookings.first())
            && (noted.erp_id != booking.erp_id || noted.period != booking.period)
        {
            faults.push(format!("step {} is noted as {noted:?} and is {booking:?}", step.number));
        }
    }
    faults
}

fn of_order(world: &World, row: &Row) -> Vec<String> {
    let order = |row: &Row, index: usize| {
        let key = row.posting.steps.get(index)?.key.as_str().to_owned();
        world.erp.book.by_key.get(&key)?.first().map(|booking| booking.order)
    };
    let mut faults = Vec::new();
    let orders: Vec<Option<u32>> = (0..row.posting.steps.len()).map(|index| order(row, index)).collect();
    if orders.windows(2).any(|pair| pair[1].is_some() && pair[1] <= pair[0]) {
        faults.push(format!("steps booked out of order: {orders:?}"));
    }
    if let (Some(own), Some(before)) = (orders[0], &row.after) {
        let earlier = world.disks[0].rows.get(before).and_then(|row| order(row, 0));
        if earlier.is_none_or(|earlier| earlier > own) {
            faults.push("booked before what it waits for".to_owned());
        }
    }
    faults
}
