//! What is to be posted: thousands of postings of every sort, and who may approve them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use tieout_domain::{
    ConnectionId, Currency, EntityCode, ExceptionId, Money, PersonId, PostingId,
    basis::{Basis, ReversedEntry},
    calendar::PeriodKey,
    destination::{Customer, Destination},
    entry::{EntryDraft, JournalEntry, JournalLine},
    key::{KeyScope, PostingKey, Slot},
    people::Origin,
    posting::{Posting, PostingState, PostingStep},
};
use tieout_posting::{Look, Memo, Name};

use crate::{
    disk::Row,
    erp::{ENTITY, control_accounts},
    world::World,
};

/// What is special about a posting, and so what may become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Plain,
    /// Waits for the posting before it.
    Payment,
    /// Its customer is new to the ERP.
    NewCustomer,
    /// Goes into the period that is closed while the run is under way.
    ClosingPeriod,
    /// The existing integration has posted it already.
    Foreign,
    /// Nobody has approved it.
    Unapproved,
    /// The ERP refuses its content.
    BadAccount,
    /// The ERP moves it into another period without an error.
    Moved,
    /// Undoes an entry.
    Reversal,
    /// Undoes an entry and books anew.
    Correction,
}

impl Sort {
    /// The codes with which it may end refused.
    pub fn may_be_refused(self) -> &'static [&'static str] {
        match self {
            Sort::Foreign => &["already_in_ledger"],
            Sort::Unapproved => &["approvals_missing"],
            Sort::BadAccount => &["validation_failed"],
            Sort::ClosingPeriod => &["period_closed"],
            // Nobody can tell what was moved and never answered from what another desk has booked.
            Sort::Moved => &["key_holds_other_content"],
            Sort::Plain | Sort::Payment | Sort::NewCustomer | Sort::Reversal | Sort::Correction => &[],
        }
    }

    fn draw(world: &mut World) -> Self {
        match world.roll(100) {
            0..4 => Sort::Foreign,
            4..7 => Sort::Unapproved,
            7..9 => Sort::BadAccount,
            9..11 => Sort::Moved,
            11..16 => Sort::Reversal,
            16..26 => Sort::Correction,
            26..36 => Sort::Payment,
            36..41 => Sort::NewCustomer,
            41..47 => Sort::ClosingPeriod,
            _ => Sort::Plain,
        }
    }
}

pub const CLOSING: &str = "2026-02";

pub fn person(name: &str) -> PersonId {
    PersonId::derive(&[name])
}

pub fn connection() -> ConnectionId {
    ConnectionId::derive(&["erp"])
}

fn entity() -> EntityCode {
    "GB01".parse().unwrap()
}

pub fn entry(reference: &str, minor: i64, date: NaiveDate) -> JournalEntry {
    let line = |account: &str, minor: i64| JournalLine {
        account: account.parse().unwrap(),
        transaction: Money::new(minor, Currency::GBP),
        functional: Money::new(minor, Currency::GBP),
        memo: String::new(),
    };
    JournalEntry::new(EntryDraft {
        entity: entity(),
        document_date: date,
        posting_date: date,
        period: PeriodKey::month(date),
        reference: reference.to_owned(),
        customer: None,
        rate: None,
        lines: vec![line("1100", minor), line("4000", -minor)],
    })
    .unwrap()
}

/// Puts `count` postings on the desk's disk, and what they rest on into the ERP.
pub fn found(world: &mut World, count: u32) -> BTreeMap<PostingId, Sort> {
    let mut sorts = BTreeMap::new();
    let mut before: Option<PostingId> = None;
    for number in 0..count {
        let sort = Sort::draw(world);
        let id = add(world, number, sort, before.take());
        before = (sort == Sort::Plain).then(|| id.clone());
        sorts.insert(id, sort);
    }
    sorts
}

/// What the posting of a sort books, and which entries it undoes; the ledger gets what was there before.
fn entries(
    world: &mut World,
    number: u32,
    sort: Sort,
    (reference, date): (&str, NaiveDate),
) -> Vec<(JournalEntry, Option<String>)> {
    let right = entry(reference, 10_000 + i64::from(number), date);
    match sort {
        Sort::Reversal | Sort::Correction => {
            let wrong = entry(reference, 77_000 + i64::from(number), date);
            let target = world.erp.book_foreign(&format!("bi-{number}"), ENTITY, &wrong, reference);
            let undo = wrong.reversed(date, PeriodKey::month(date)).unwrap();
            let mut steps = vec![(undo, Some(target))];
            if sort == Sort::Correction {
                steps.push((right, None));
            }
            steps
        }
        Sort::Foreign => {
            world.erp.book_foreign(&format!("bi-{number}"), ENTITY, &right, reference);
            vec![(right, None)]
        }
        _ => vec![(right, None)],
    }
}

pub fn add(world: &mut World, number: u32, sort: Sort, before: Option<PostingId>) -> PostingId {
    let reference = format!("INV-{number}");
    let month = if sort == Sort::ClosingPeriod { 2 } else { 3 };
    let date = NaiveDate::from_ymd_opt(2026, month, 1 + number % 28).unwrap();
    let steps = entries(world, number, sort, (&reference, date));
    let customer = (sort == Sort::NewCustomer)
        .then(|| Customer::New { external_id: format!("cus_{number}"), name: reference.clone() });
    let reversed = steps.iter().filter_map(|(_, target): &(_, Option<String>)| target.as_ref());
    let reversed = reversed.map(|id| ReversedEntry::of(&world.erp.row(id).unwrap())).collect();
    let steps: Vec<PostingStep> = steps
        .into_iter()
        .zip(1..)
        .map(|((entry, reverses), number)| PostingStep {
            number,
            key: key(&reference, reverses.as_deref()),
            entry,
            reverses,
            destination: Some(Destination { customer: customer.clone(), ..destination(ENTITY, "54") }),
        })
        .collect();
    match sort {
        Sort::BadAccount => world.erp.refuse(steps[0].key.as_str()),
        Sort::Moved => world.erp.move_silently(steps[0].key.as_str()),
        _ => {}
    }
    let posting = Posting {
        id: PostingId::derive(&[&reference]),
        exception: ExceptionId::derive(&[&reference]),
        connection: connection(),
        reference: reference.clone(),
        version: 1,
        origin: Origin::Manual,
        preparer: Some(person("ana")),
        reason: None,
        basis: Some(Basis { reversed, ..Basis::default() }),
        steps,
        proposed_at: world.now(),
    };
    let id = posting.id.clone();
    let approved = (sort != Sort::Unapproved).then(|| posting.content_hash());
    let row = Row {
        posting,
        document: reference.clone(),
        state: PostingState::Queued,
        memo: serde_json::to_string(&Memo::default()).unwrap(),
        next_try_at: Some(world.now()),
        after: before.filter(|_| sort == Sort::Payment),
        approved,
        held: false,
        look: Look {
            names: vec![Name { text: reference, elsewhere: Vec::new() }],
            control_accounts: control_accounts(),
            reversals: BTreeMap::new(),
        },
        failure: None,
        findings: Vec::new(),
    };
    world.disks[0].put(row);
    id
}

/// The key of a step of entity [`ENTITY`], when nothing of its slot was ever booked.
pub fn key(reference: &str, reverses: Option<&str>) -> PostingKey {
    let slot = match reverses {
        Some(erp_id) => Slot::Reverse { erp_id: erp_id.to_owned() },
        None => Slot::Raise,
    };
    PostingKey::derive(KeyScope { tenant: "SIM", entity_erp_id: ENTITY, reference }, &slot, &[])
}

/// Every account that is used here, with its id in the ERP.
pub fn destination(entity_erp_id: &str, revenue: &str) -> Destination {
    let accounts = [("1100", "119"), ("1200", "129"), ("1000", "109"), ("4000", revenue)];
    Destination {
        entity_erp_id: entity_erp_id.to_owned(),
        accounts: accounts.map(|(code, id)| (code.parse().unwrap(), id.to_owned())).into(),
        customer: None,
        options: BTreeMap::new(),
    }
}
