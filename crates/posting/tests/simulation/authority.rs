//! The real duties, over what the desk's disk says was approved.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::Duration;
use tieout_domain::{
    Money, PostingId,
    basis::{BasisMove, BasisMoved},
    calendar::PeriodStatus,
    exception::ExceptionKind,
    people::{Action, Role},
};
use tieout_duties::{Decision, Duties, Member, Permit, PermitRequest, Place, PostingFacts, Roster};
use tieout_posting::{Authority, AuthorityError};

use crate::{
    company::person,
    erp::ENTITY,
    office::Answer,
    unread,
    world::{Shared, World, lock},
};

pub struct SimAuthority {
    world: Shared,
    desk: usize,
    duties: Duties,
    roster: Roster,
}

impl SimAuthority {
    pub fn new(world: Shared, desk: usize) -> Self {
        let member = |name: &str, role| Member {
            id: person(name),
            name: name.to_owned(),
            role,
            active: true,
            confirmed: true,
        };
        let roster = Roster::new([member("ana", Role::Analyst), member("cy", Role::Controller)]);
        Self { world, desk, duties: Duties::new(None).unwrap(), roster }
    }

    /// Held, then the basis: the order of the port.
    fn holds(&self, world: &mut World, id: &PostingId) -> Result<(), AuthorityError> {
        let per_mille = world.chaos.disk;
        if world.chance(per_mille, 1000) {
            return Err(AuthorityError::Unavailable("the log cannot be read".to_owned()));
        }
        match world.office.script.pop_front() {
            None | Some(Answer::Fine) => {}
            Some(Answer::Moved) => {
                let words = "12.00 and is 13.00".to_owned();
                return Err(BasisMoved::by(BasisMove::DocumentChanged { words }).into());
            }
            Some(Answer::Held) => return Err(AuthorityError::Held),
            // Not what is asked here.
            Some(other @ (Answer::Unread | Answer::Slow)) => world.office.script.push_front(other),
        }
        let row = &world.disks[self.desk].rows[id];
        if row.held && world.office.holds() {
            return Err(AuthorityError::Held);
        }
        match world.office.moved(self.desk, row).filter(|_| world.office.compares()) {
            Some(moved) => Err(moved.into()),
            None => Ok(()),
        }
    }
}

fn no_answer() -> AuthorityError {
    AuthorityError::Unread { why: "no answer".to_owned(), retry_after: None }
}

#[async_trait]
impl Authority for SimAuthority {
    async fn reread(&self, id: &PostingId) -> Result<(), AuthorityError> {
        let mut world = lock(&self.world);
        let per_mille = world.chaos.disk;
        if world.chance(per_mille, 1000) {
            return Err(no_answer());
        }
        if matches!(world.office.script.front(), Some(Answer::Unread)) {
            world.office.script.pop_front();
            return Err(no_answer());
        }
        if matches!(world.office.script.front(), Some(Answer::Slow)) {
            world.office.script.pop_front();
            world.pass(Duration::seconds(30));
            let row = world.disks[self.desk].rows[id].clone();
            let entry = &row.posting.steps[0].entry;
            world.erp.book_foreign("by hand", ENTITY, entry, &row.document);
        }
        unread::reread(&mut world, self.desk, id);
        Ok(())
    }

    fn permit(&self, id: &PostingId, step: u32, period: PeriodStatus) -> Result<Permit, AuthorityError> {
        let mut world = lock(&self.world);
        self.holds(&mut world, id)?;
        let row = &world.disks[self.desk].rows[id];
        let posting = &row.posting;
        let at = &posting.steps[usize::try_from(step - 1).unwrap()].entry;
        let facts = PostingFacts {
            id: id.clone(),
            entity: at.entity().clone(),
            kind: ExceptionKind::Unposted,
            gross: Money::new(posting.gross_minor().unwrap(), at.functional_currency()),
            further: Vec::new(),
            origin: posting.origin,
            preparer: posting.preparer.clone(),
            editors: BTreeSet::new(),
            basis_authors: BTreeSet::new(),
            approved_by: BTreeSet::new(),
            period_status: period,
            exempt: false,
            lifted: BTreeSet::new(),
            late: tieout_duties::Approvals::None,
        };
        let hash = posting.content_hash();
        let decision = row.approved.clone().map(|content_hash| Decision {
            person: person("cy"),
            action: Action::Approve,
            posting: id.clone(),
            content_hash,
            at: posting.proposed_at,
            in_place_of: None,
        });
        let place = Place {
            connection: posting.connection.clone(),
            step,
            entity: at.entity().clone(),
            period: at.period().clone(),
        };
        let request = PermitRequest {
            facts,
            content_hash: &hash,
            place,
            decisions: decision.as_slice(),
            now: posting.proposed_at,
        };
        Ok(self.duties.permit(&request, &self.roster)?)
    }

    fn basis_holds(&self, id: &PostingId) -> Result<(), AuthorityError> {
        self.holds(&mut lock(&self.world), id)
    }
}
