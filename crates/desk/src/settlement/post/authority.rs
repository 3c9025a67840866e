//! The authority port: a permit is derived afresh before every send, from the signed decisions, the roster
//! and the policy in force at that moment, read from the store each time.

use std::{collections::BTreeSet, sync::Arc};

use tieout_domain::{
    ChangeId, Money, PersonId, PostingId, basis::BasisMoved, calendar::PeriodStatus, people::Action,
    posting::PostingStep,
};
use tieout_duties::{Decision, Duties, Permit, PermitRequest, Place, PostingFacts, Roster, Standing};
use tieout_posting::{Authority, AuthorityError};
use tieout_store::{ChangeKind, PostingRow, Store, StoreError};

use crate::{
    access::{enrolment, rules::duties_under},
    base::{
        context::Context,
        error::DeskResult,
        lent::{Borrowed, LentStore},
    },
    governance::changes::{MAPPING, governing_mapping},
    settlement::{
        destination,
        post::reread::{Rereading, unavailable},
    },
};

pub(super) struct SignedAuthority {
    store: Arc<LentStore>,
    rereading: Rereading,
}

impl SignedAuthority {
    /// # Errors
    /// A database error.
    pub(super) fn new(desk: &Context) -> DeskResult<Self> {
        Ok(Self { store: Arc::clone(&desk.store), rereading: Rereading::new(desk)? })
    }

    fn store(&self) -> Borrowed<'_> {
        self.store.store()
    }
}

#[async_trait::async_trait]
impl Authority for SignedAuthority {
    async fn reread(&self, posting: &PostingId) -> Result<(), AuthorityError> {
        self.rereading.reread(posting).await
    }

    fn permit(&self, posting: &PostingId, step: u32, period: PeriodStatus) -> Result<Permit, AuthorityError> {
        let store = self.store();
        let row = store.posting(posting).map_err(unavailable)?;
        may_go_on(&store, &row)?;
        let judged = Judged::read(&store, &row).map_err(AuthorityError::Unavailable)?;
        let period = with_the_desks_own(&store, &row, step, period).map_err(unavailable)?;
        let request = judged.request(&row, step, period).map_err(AuthorityError::Unavailable)?;
        Ok(judged.duties.permit(&request, &judged.roster)?)
    }

    fn basis_holds(&self, posting: &PostingId) -> Result<(), AuthorityError> {
        let store = self.store();
        let row = store.posting(posting).map_err(unavailable)?;
        may_go_on(&store, &row)
    }
}

/// Whether nobody holds it, and what it rests on is as it was: before any duty is asked.
fn may_go_on(store: &Store, row: &PostingRow) -> Result<(), AuthorityError> {
    if store.is_held(&row.posting.id).map_err(unavailable)? {
        return Err(AuthorityError::Held);
    }
    match basis_moved(store, row).map_err(AuthorityError::Unavailable)? {
        None => Ok(()),
        Some(moved) => Err(moved.into()),
    }
}

/// The status that the ERP was just read with, or the desk's own soft close where that is stricter.
fn with_the_desks_own(
    store: &Store,
    row: &PostingRow,
    step: u32,
    erps: PeriodStatus,
) -> Result<PeriodStatus, StoreError> {
    let Some(step) = row.posting.steps.iter().find(|s| s.number == step) else { return Ok(erps) };
    let known = store.periods_of(step.entry.entity())?;
    let soft = known.iter().any(|known| known.soft_closed && known.period.key == *step.entry.period());
    Ok(if soft && erps == PeriodStatus::Open { PeriodStatus::SoftClosed } else { erps })
}

/// Whether what a posting rests on has moved, by the mapping in force.
pub(crate) fn basis_moved(store: &Store, row: &PostingRow) -> Result<Option<BasisMoved>, String> {
    let change = store.change_in_force_named(ChangeKind::Mapping, MAPPING).map_err(|e| e.to_string())?;
    let same = |id: &ChangeId| row.mapping_change.as_ref() == Some(id);
    let other = change.filter(|change| !same(&change.id));
    let mapping = governing_mapping(other).map_err(|error| error.message)?;
    destination::basis_moves(store, row, mapping.as_ref().map(|mapping| &*mapping.content))
}

/// Everything that a judgement of a posting rests on, as it stands now.
#[derive(Clone)]
pub(crate) struct Judged {
    pub(crate) duties: Arc<Duties>,
    pub(crate) roster: Roster,
    pub(crate) decisions: Vec<Decision>,
    basis_authors: BTreeSet<PersonId>,
    editors: BTreeSet<PersonId>,
    kind: tieout_domain::exception::ExceptionKind,
}

impl Judged {
    /// Reads roster, policy, decisions (their signatures and their place in the log verified) and the
    /// authors of what the posting rests on.
    pub(crate) fn read(store: &Store, row: &PostingRow) -> Result<Self, String> {
        let words = |e: StoreError| e.to_string();
        let policy = store.change_in_force_named(ChangeKind::Policy, "policy").map_err(words)?;
        let duties = duties_under(policy.as_ref().map(|c| c.content.as_str())).map_err(|e| e.to_string())?;
        let people = store.people().map_err(words)?;
        let mut basis_authors = BTreeSet::new();
        for change in row.mapping_change.iter().chain(policy.as_ref().map(|c| &c.id)) {
            let author = store.change(change).map_err(words)?.author;
            basis_authors.extend(author.parse::<PersonId>().ok());
            // Nobody proved who it was: anybody to whom the OS account belongs.
            if let Some(account) = author.strip_prefix("os:") {
                let theirs = people.iter().filter(|p| p.os_account.as_deref() == Some(account));
                basis_authors.extend(theirs.map(|p| p.id.clone()));
            }
        }
        let editors = store.editors_of(&row.posting.id).map_err(words)?;
        let mut decisions = Vec::new();
        for decision in store.verified_decisions(&row.posting.id).map_err(words)? {
            let Some(action) = Action::parse(&decision.action) else { continue };
            decisions.push(Decision {
                person: decision.person,
                action,
                posting: row.posting.id.clone(),
                content_hash: decision.content_hash,
                at: decision.at,
            });
        }
        Ok(Self {
            duties,
            roster: enrolment::roster(store).map_err(words)?,
            decisions,
            basis_authors,
            editors: editors.into_iter().map(|e| e.person).collect(),
            kind: store.exception(&row.posting.exception).map_err(words)?.kind,
        })
    }

    /// The posting as duties see it, with its period in this status.
    pub(crate) fn facts(&self, row: &PostingRow, period_status: PeriodStatus) -> PostingFacts {
        let booked = |step: &PostingStep| {
            // What cannot be summed is larger than any limit.
            let most = Money::new(i64::MAX, step.entry.functional_currency());
            (step.entry.entity().clone(), step.entry.gross_functional().unwrap_or(most))
        };
        let mut steps = row.posting.steps.iter().map(booked);
        let nothing = || (row.entity.clone(), Money::new(row.gross_minor, row.currency));
        let (entity, gross) = steps.next().unwrap_or_else(nothing);
        let approved = |d: &&Decision| d.action == Action::Approve && d.content_hash == row.content_hash;
        PostingFacts {
            id: row.posting.id.clone(),
            entity,
            kind: self.kind,
            gross,
            further: steps.collect(),
            origin: row.posting.origin,
            preparer: row.posting.preparer.clone(),
            editors: self.editors.clone(),
            basis_authors: self.basis_authors.clone(),
            approved_by: self.decisions.iter().filter(approved).map(|d| d.person.clone()).collect(),
            period_status,
        }
    }

    /// What a permit is asked for: the content hash is taken from the content itself, afresh.
    pub(crate) fn request<'a>(
        &'a self,
        row: &'a PostingRow,
        step: u32,
        period_status: PeriodStatus,
    ) -> Result<PermitRequest<'a>, String> {
        if row.posting.content_hash() != row.content_hash {
            return Err(format!("the stored content of {} is not what its hash says", row.posting.id));
        }
        let found = row.posting.steps.iter().find(|s| s.number == step);
        let entry = &found.ok_or_else(|| format!("{} has no step {step}", row.posting.id))?.entry;
        Ok(PermitRequest {
            facts: self.facts(row, period_status),
            content_hash: &row.content_hash,
            place: Place {
                connection: row.posting.connection.clone(),
                step,
                entity: entry.entity().clone(),
                period: entry.period().clone(),
            },
            decisions: &self.decisions,
        })
    }

    /// How many approvals of the present content there are.
    pub(crate) fn approvals_of(&self, row: &PostingRow) -> usize {
        let of_content = |d: &&Decision| d.action == Action::Approve && d.content_hash == row.content_hash;
        self.decisions.iter().filter(of_content).count()
    }

    /// How far the approvals are.
    pub(crate) fn standing(&self, row: &PostingRow, period_status: PeriodStatus) -> Result<Standing, String> {
        Ok(self.duties.standing(&self.request(row, 1, period_status)?, &self.roster))
    }
}
