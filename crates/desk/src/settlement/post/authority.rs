//! The authority port: a permit is derived afresh before every send, from the signed decisions, the roster
//! and the policy in force at that moment, read from the store each time.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use tieout_domain::{
    ChangeId, Money, PersonId, PostingId,
    accounts::AccountMapping,
    basis::{BasisMove, BasisMoved},
    calendar::PeriodStatus,
    exception::ExceptionKind,
    lock::LockPlace,
    people::Action,
    ports::Clock,
    posting::PostingStep,
};
use tieout_duties::{
    Approvals, Decision, Duties, Permit, PermitRequest, Place, PostingFacts, Roster, Standing,
};
use tieout_posting::{Authority, AuthorityError};
use tieout_store::{ChangeKind, PostingRow, Store, StoreError};

use crate::{
    access::{enrolment, rules::duties_under},
    base::{
        context::Context,
        error::DeskResult,
        lent::{Borrowed, LentStore},
        wording,
    },
    governance::{
        changes::{Governing, MAPPING, governing_mapping},
        locks, overriding, posting_switch,
    },
    queue::{late, late_words},
    settlement::{
        destination,
        post::reread::{Rereading, unavailable},
    },
};

pub(super) struct SignedAuthority {
    store: Arc<LentStore>,
    clock: Arc<dyn Clock>,
    rereading: Rereading,
}

impl SignedAuthority {
    /// # Errors
    /// A database error.
    pub(super) fn new(desk: &Context) -> DeskResult<Self> {
        Ok(Self {
            store: Arc::clone(&desk.store),
            clock: Arc::clone(&desk.clock),
            rereading: Rereading::new(desk)?,
        })
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
        let judged = Judged::read(&store, &row, self.clock.now()).map_err(AuthorityError::Unavailable)?;
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
pub(crate) fn may_go_on(store: &Store, row: &PostingRow) -> Result<(), AuthorityError> {
    if store.is_held(&row.posting.id).map_err(unavailable)? {
        return Err(AuthorityError::Held);
    }
    let connection = &row.posting.connection;
    if store.change_in_force_named(ChangeKind::Posting, connection.as_str()).map_err(unavailable)?.is_none() {
        let name = store.connection(connection).map_err(unavailable)?.name;
        return Err(AuthorityError::Unavailable(posting_switch::observes(&name)));
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
    let mapping = mapping_now(store)?;
    let same = |id: &ChangeId| row.mapping_change.as_ref() == Some(id);
    let other = mapping.as_ref().filter(|mapping| !same(&mapping.id));
    let moved = destination::basis_moves(store, row, other.map(|mapping| &*mapping.content))?;
    let late = mapping.as_ref().map(|mapping| rule_moved(store, row, &mapping.content));
    let mut moves = moved.map(|moved| moved.moves).unwrap_or_default();
    moves.extend(late.transpose()?.flatten());
    Ok((!moves.is_empty()).then_some(BasisMoved { moves }))
}

fn mapping_now(store: &Store) -> Result<Option<Governing>, String> {
    let change = store.change_in_force_named(ChangeKind::Mapping, MAPPING).map_err(|e| e.to_string())?;
    governing_mapping(change).map_err(|error| error.message)
}

/// Whether the rule that sent a late item somewhere still sends it there: by the policy in force, the periods
/// as they stand, and what counted in its limits before.
fn rule_moved(
    store: &Store,
    row: &PostingRow,
    mapping: &AccountMapping,
) -> Result<Option<BasisMove>, String> {
    let routing = row.posting.basis.as_ref().and_then(|basis| basis.routing.as_ref());
    let nothing_booked = row.steps.iter().all(|step| step.booked_at.is_none());
    let Some(routing) = routing.filter(|routing| !routing.held && nothing_booked) else { return Ok(None) };
    let kind = store.exception(&row.posting.exception).map_err(|e| e.to_string())?.kind;
    let ruled = late::of_posting(store, row, kind, mapping).map_err(|error| error.message)?;
    let words = match ruled {
        None => format!("{} takes it, or no rules are in force", wording::period(routing.own.as_str())),
        Some(ruled) => {
            // Another rule that would take it now, into the same period, does so only because what had used
            // up its limits was proposed after this.
            let there = ruled.into.as_ref().is_some_and(|into| into.key == routing.into);
            if there && (ruled.routed_by() == routing.rule.as_deref() || ruled.has(routing)) {
                return Ok(None);
            }
            late_words::line(&ruled)
        }
    };
    Ok(Some(BasisMove::Late { words }))
}

/// How many approvals the rule asks for that a late item comes under now.
fn late_approvals(store: &Store, row: &PostingRow, kind: ExceptionKind) -> Result<Approvals, String> {
    if row.state.is_final() || !late::may_be_late(kind) {
        return Ok(Approvals::None);
    }
    let Some(mapping) = mapping_now(store)? else { return Ok(Approvals::None) };
    let ruled = late::of_posting(store, row, kind, &mapping.content).map_err(|error| error.message)?;
    let Some(ruled) = ruled else { return Ok(Approvals::None) };
    let routing = row.posting.basis.as_ref().and_then(|basis| basis.routing.as_ref());
    let sent_by = routing.map_or(Approvals::None, |routing| ruled.asked_by(routing));
    Ok(ruled.approvals().max(sent_by))
}

/// Everything that a judgement of a posting rests on, as it stands now.
#[derive(Clone)]
pub(crate) struct Judged {
    pub(crate) duties: Arc<Duties>,
    pub(crate) roster: Roster,
    pub(crate) decisions: Vec<Decision>,
    basis_authors: BTreeSet<PersonId>,
    editors: BTreeSet<PersonId>,
    kind: ExceptionKind,
    late: Approvals,
    lifted: BTreeSet<String>,
    /// The softly closed periods that no exception lets it into.
    pub(crate) kept_out: Vec<LockPlace>,
    now: DateTime<Utc>,
}

impl Judged {
    /// Reads roster, policy, decisions (their signatures and their place in the log verified) and the
    /// authors of what the posting rests on.
    pub(crate) fn read(store: &Store, row: &PostingRow, now: DateTime<Utc>) -> Result<Self, String> {
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
                in_place_of: decision.in_place_of,
            });
        }
        let kind = store.exception(&row.posting.exception).map_err(words)?.kind;
        Ok(Self {
            lifted: overriding::lifted(store, row, &duties).map_err(words)?,
            duties,
            roster: enrolment::roster(store).map_err(words)?,
            decisions,
            basis_authors,
            editors: editors.into_iter().map(|e| e.person).collect(),
            kind,
            late: late_approvals(store, row, kind)?,
            kept_out: locks::kept_out(store, row, now).map_err(words)?,
            now,
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
            approved_by: self.approvals(row).flat_map(Decision::people).cloned().collect(),
            period_status,
            exempt: self.kept_out.is_empty(),
            lifted: self.lifted.clone(),
            late: self.late,
        }
    }

    /// The approvals of the present content that have not run out.
    pub(crate) fn approvals(&self, row: &PostingRow) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|d| {
            d.action == Action::Approve
                && d.content_hash == row.content_hash
                && !self.duties.ran_out(d, self.now)
        })
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
            now: self.now,
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
