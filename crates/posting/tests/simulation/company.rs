//! What is to be posted: thousands of postings of every sort, and who may approve them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use tieout_connectors::CustomerRequest;
use tieout_domain::{
    ConnectionId, Currency, EntityCode, ExceptionId, Money, PersonId, PostingId,
    calendar::{PeriodKey, PeriodStatus},
    entry::{EntryDraft, JournalEntry, JournalLine},
    exception::ExceptionKind,
    key::PostingKey,
    people::{Action, Origin, Role},
    posting::{Posting, PostingState, PostingStep},
};
use tieout_duties::{Decision, Duties, Member, Permit, PermitRequest, Place, PostingFacts, Roster};
use tieout_posting::{Authority, AuthorityError, Memo};

use crate::{
    disk::Row,
    world::{Shared, World, lock},
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
            Sort::Plain
            | Sort::Payment
            | Sort::NewCustomer
            | Sort::Moved
            | Sort::Reversal
            | Sort::Correction => &[],
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

fn person(name: &str) -> PersonId {
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

pub fn add(world: &mut World, number: u32, sort: Sort, before: Option<PostingId>) -> PostingId {
    let reference = format!("INV-{number}");
    let month = if sort == Sort::ClosingPeriod { 2 } else { 3 };
    let date = NaiveDate::from_ymd_opt(2026, month, 1 + number % 28).unwrap();
    let right = entry(&reference, 10_000 + i64::from(number), date);
    let steps = match sort {
        Sort::Reversal | Sort::Correction => {
            let wrong = entry(&reference, 77_000 + i64::from(number), date);
            let target = world.erp.book_foreign(&format!("bi-{number}"), &wrong);
            let undo = wrong.reversed(date, PeriodKey::month(date)).unwrap();
            let mut steps = vec![("reverse", undo, Some(target))];
            if sort == Sort::Correction {
                steps.push(("post", right, None));
            }
            steps
        }
        Sort::Foreign => {
            world.erp.book_foreign(&format!("bi-{number}"), &right);
            vec![("post", right, None)]
        }
        _ => vec![("post", right, None)],
    };
    let steps: Vec<PostingStep> = steps
        .into_iter()
        .zip(1..)
        .map(|((role, entry, reverses), number)| PostingStep {
            number,
            key: PostingKey::derive("SIM", &reference, 1, role),
            entry,
            reverses,
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
        steps,
        proposed_at: world.now(),
    };
    let id = posting.id.clone();
    let customer = (sort == Sort::NewCustomer).then(|| CustomerRequest {
        external_id: format!("cus_{number}"),
        name: reference,
        entity_erp_id: crate::erp::ENTITY.to_owned(),
    });
    let row = Row {
        posting,
        state: PostingState::Queued,
        memo: serde_json::to_string(&Memo::default()).unwrap(),
        next_try_at: Some(world.now()),
        after: before.filter(|_| sort == Sort::Payment),
        customer,
        failure: None,
        findings: Vec::new(),
    };
    world.disk.put(row);
    id
}

/// The real duties, over decisions that are given once.
pub struct SimAuthority {
    pub world: Shared,
    duties: Duties,
    roster: Roster,
    unapproved: BTreeSet<PostingId>,
}

impl SimAuthority {
    pub fn new(world: Shared, sorts: &BTreeMap<PostingId, Sort>) -> Self {
        let member =
            |name: &str, role| Member { id: person(name), name: name.to_owned(), role, active: true };
        let roster = Roster::new([member("ana", Role::Analyst), member("cy", Role::Controller)]);
        let unapproved =
            sorts.iter().filter(|(_, sort)| **sort == Sort::Unapproved).map(|(id, _)| id.clone()).collect();
        Self { world, duties: Duties::new(None).unwrap(), roster, unapproved }
    }
}

impl Authority for SimAuthority {
    fn permit(&self, id: &PostingId, step: u32, period: PeriodStatus) -> Result<Permit, AuthorityError> {
        let mut world = lock(&self.world);
        let per_mille = world.chaos.disk;
        if world.chance(per_mille, 1000) {
            return Err(AuthorityError::Unavailable("the log cannot be read".to_owned()));
        }
        let posting = &world.disk.rows[id].posting;
        let at = &posting.steps[usize::try_from(step - 1).unwrap()].entry;
        let facts = PostingFacts {
            id: id.clone(),
            entity: at.entity().clone(),
            kind: ExceptionKind::Unposted,
            gross: Money::new(posting.gross_minor().unwrap(), Currency::GBP),
            further: Vec::new(),
            origin: posting.origin,
            preparer: posting.preparer.clone(),
            editors: BTreeSet::new(),
            basis_authors: BTreeSet::new(),
            approved_by: BTreeSet::new(),
            period_status: period,
        };
        let hash = posting.content_hash();
        let decision = Decision {
            person: person(if self.unapproved.contains(id) { "ana" } else { "cy" }),
            action: Action::Approve,
            posting: id.clone(),
            content_hash: hash.clone(),
            at: posting.proposed_at,
        };
        let place = Place {
            connection: posting.connection.clone(),
            step,
            entity: at.entity().clone(),
            period: at.period().clone(),
        };
        let mut decisions = vec![decision];
        if self.unapproved.contains(id) {
            decisions.clear();
        }
        let request = PermitRequest { facts, content_hash: &hash, place, decisions: &decisions };
        Ok(self.duties.permit(&request, &self.roster)?)
    }
}
