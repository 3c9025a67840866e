//! What a posting is made of, before it is one: the exception, its document, the steps and what they rest on.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use tieout_connectors::sheet::Role;
use tieout_domain::{
    PersonId, PostingId,
    basis::Basis,
    calendar::Period,
    exception::ExceptionKind,
    ledger::{EntityRef, EntryStatus},
    people::Origin,
    posting::{Posting, PostingEvent},
};
use tieout_duties::Verdict;
use tieout_store::{
    Connection, ConnectionRole, Db, ExceptionRow, LogDraft, NewPosting, PostingRow, Store, StoreError,
    StoredDocument, StoredEntry, Superseded,
};

use crate::{
    access::actor::{self, Actor},
    base::{
        clock::OsEntropy,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::changes,
    intake::{connections, derivation, vendors},
    queue::{
        exceptions::{self},
        late::{self, Ruled},
        late_words,
    },
    settlement::{
        destination::Resolving,
        ground::Ground,
        plan::{self, Case, HeldEntry, Place, StepDraft},
        post::outbox,
    },
};

/// What a proposal is about to become.
pub(crate) struct Draft {
    pub(crate) exception: ExceptionRow,
    /// The document's, or the orphan's.
    pub(crate) reference: String,
    pub(crate) document: Option<StoredDocument>,
    pub(crate) connection: Connection,
    pub(crate) steps: Vec<StepDraft>,
    pub(crate) origin: Origin,
    pub(crate) reason: Option<String>,
    /// The posting that this one replaces.
    pub(crate) replaces: Option<PostingRow>,
    /// How that one ends.
    pub(crate) ends: PostingEvent,
    /// Of a late item, what the rules of the policy say of it.
    pub(crate) ruled: Option<Ruled>,
    /// Of a difference, what it rests on.
    pub(crate) within: Option<Ground>,
}

impl Draft {
    /// The entries that booked steps of the replaced set have undone, whether the ledger's sync shows it yet
    /// or not.
    fn undone(&self) -> BTreeSet<String> {
        let Some(row) = &self.replaces else { return BTreeSet::new() };
        let booked = |number| row.steps.iter().any(|step| step.number == number && step.erp_id.is_some());
        let steps = row.posting.steps.iter().filter(|step| booked(step.number));
        steps.filter_map(|step| step.reverses.clone()).collect()
    }
}

#[derive(Serialize)]
struct ProposedDetail<'a> {
    exception: &'a str,
    reference: &'a str,
    content_hash: &'a str,
    origin: &'a str,
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<String>,
}

/// The draft that settles an exception.
pub(crate) fn draft_for(ctx: &Context, exception: &ExceptionRow, reason: Option<&str>) -> DeskResult<Draft> {
    draft_under(ctx, exception, reason, late::of_exception(ctx, exception)?)
}

/// The same, where it is known already what the rules for late items say of it.
pub(crate) fn draft_under(
    ctx: &Context,
    exception: &ExceptionRow,
    reason: Option<&str>,
    ruled: Option<Ruled>,
) -> DeskResult<Draft> {
    if !exception.state.is_open() {
        return Err(DeskError::new(
            Code::ExceptionNotOpen,
            format!("{} is {}: nothing is to be settled", exception.external_ref, exception.state.as_str()),
        ));
    }
    let document = document_of(ctx, exception)?;
    let (connection, held) = held_entries(ctx, exception, document.as_ref())?;
    let expectation = derivation::expectation_of(ctx, document.as_ref())?;
    let periods = all_periods(ctx)?;
    let mapping = changes::mapping_needed(ctx)?;
    let causes = causes_of(ctx, exception)?;
    let steps = plan::plan(&Case {
        kind: exception.kind,
        causes: &causes,
        reference: &exception.external_ref,
        expectation: expectation.as_ref(),
        held: &held,
        periods: &periods,
        mapping: &mapping.content,
        // Named when the step is given its destination.
        customer: None,
        goes: ruled.as_ref().and_then(sent_to),
    })?;
    let only_undoes = steps.iter().all(|step| step.reverses.is_some());
    let origin = match exception.kind {
        ExceptionKind::Unposted | ExceptionKind::LateForClosedPeriod | ExceptionKind::RemovedFromLedger => {
            Origin::Manual
        }
        ExceptionKind::DuplicatePosting | ExceptionKind::OrphanJournal if only_undoes => Origin::Reversal,
        _ => Origin::Correction,
    };
    let reason = reason.map(str::to_owned).or_else(|| match origin {
        Origin::Reversal => Some(exception.why.clone()),
        _ => None,
    });
    Ok(Draft {
        exception: exception.clone(),
        reference: exception.external_ref.clone(),
        document,
        connection,
        steps,
        origin,
        reason,
        replaces: None,
        ends: PostingEvent::Cancelled,
        ruled,
        within: None,
    })
}

/// Where a rule sends it. Its own date stays that of the document; it is booked on the nearest day there.
fn sent_to(ruled: &Ruled) -> Option<Place> {
    let into = ruled.into.as_ref()?;
    let date = ruled.item.date.clamp(into.starts, into.ends);
    Some(Place { date, period: into.key.clone(), moved: into.key != ruled.own.key })
}

/// Refuses where a rule for late items asks for the own period to be opened again: a person may still put it
/// elsewhere by rerouting it.
///
/// # Errors
/// `late_reopen_asked`.
pub(crate) fn may_be_proposed(draft: &Draft) -> DeskResult<()> {
    match &draft.ruled {
        Some(ruled) if matches!(ruled.verdict, Verdict::Reopen { .. }) => {
            let words = format!(
                "{}: have it opened in the ERP and sync, or reroute this to another period",
                late_words::line(ruled)
            );
            Err(DeskError::naming(Code::LateReopenAsked, &draft.exception.external_ref, &words))
        }
        _ => Ok(()),
    }
}

/// What is wrong with the exception's document, over all its exceptions that wait for somebody.
fn causes_of(ctx: &Context, exception: &ExceptionRow) -> DeskResult<Vec<ExceptionKind>> {
    let Some(document) = &exception.document else { return Ok(vec![exception.kind]) };
    let all = ctx.known().exceptions_of_document(document)?;
    let mut causes: Vec<ExceptionKind> =
        all.into_iter().filter(|row| row.state.is_open()).map(|row| row.kind).collect();
    if !causes.contains(&exception.kind) {
        causes.push(exception.kind);
    }
    Ok(causes)
}

pub(crate) fn draft_of_posting(
    ctx: &Context,
    exception: &ExceptionRow,
    row: &PostingRow,
) -> DeskResult<Draft> {
    let steps = row.posting.steps.iter();
    let document = row.document.as_ref().or(exception.document.as_ref());
    Ok(Draft {
        exception: exception.clone(),
        reference: row.posting.reference.clone(),
        document: document.map(|id| ctx.known().document(id)).transpose()?,
        connection: ctx.known().connection(&row.posting.connection)?,
        steps: steps.map(|s| StepDraft { entry: s.entry.clone(), reverses: s.reverses.clone() }).collect(),
        origin: row.posting.origin,
        reason: row.posting.reason.clone(),
        replaces: None,
        ends: PostingEvent::Cancelled,
        ruled: None,
        within: None,
    })
}

/// The exception named, or the one that a named posting settles; with its live posting, if it has one.
pub(crate) fn exception_or_its_posting(
    ctx: &Context,
    id: &str,
) -> DeskResult<(ExceptionRow, Option<PostingRow>)> {
    if let Ok(posting) = id.parse::<PostingId>() {
        let row = ctx.known().posting(&posting)?;
        let exception = ctx.known().exception(&row.posting.exception)?;
        return Ok((exception, (!row.state.is_final()).then_some(row)));
    }
    let exception = exceptions::find_exception(ctx, id)?;
    let live = live_posting(ctx, &exception)?;
    Ok((exception, live))
}

/// The posting of an exception that has not come to its end.
pub(crate) fn live_posting(ctx: &Context, exception: &ExceptionRow) -> DeskResult<Option<PostingRow>> {
    // An exception about a posting has that posting as its subject.
    if let Ok(posting) = exception.subject.parse::<PostingId>() {
        let row = ctx.known().posting(&posting)?;
        return Ok((!row.state.is_final()).then_some(row));
    }
    let rows = ctx.known().postings_for_exception(&exception.id)?;
    Ok(rows.into_iter().find(|row| !row.state.is_final()))
}

pub(crate) fn document_of(ctx: &Context, exception: &ExceptionRow) -> DeskResult<Option<StoredDocument>> {
    let document = exception.document.as_ref();
    document.map(|id| ctx.known().document(id)).transpose().map_err(Into::into)
}

pub(crate) fn all_periods(ctx: &Context) -> DeskResult<Vec<Period>> {
    Ok(ctx.known().periods()?.into_iter().map(|p| p.period).collect())
}

/// The booked, not reversed entries of the exception's reference, oldest first, and the ERP connection
/// that a posting for it goes to.
pub(crate) fn held_entries(
    ctx: &Context,
    exception: &ExceptionRow,
    document: Option<&StoredDocument>,
) -> DeskResult<(Connection, Vec<HeldEntry>)> {
    let (connection, entries) = standing_entries(ctx, exception, &exception.external_ref, document)?;
    let held = entries.iter().map(held_entry).collect::<DeskResult<_>>()?;
    Ok((connection, held))
}

/// The same, as the ledger has them.
pub(crate) fn standing_entries(
    ctx: &Context,
    exception: &ExceptionRow,
    reference: &str,
    document: Option<&StoredDocument>,
) -> DeskResult<(Connection, Vec<StoredEntry>)> {
    let mut entries = ctx.known().entries_by_reference(reference)?;
    entries.retain(|e| e.entry.status == EntryStatus::Booked && !e.netted);
    let connection = match entries.first() {
        Some(entry) => ctx.known().connection(&entry.connection)?,
        None => erp_for(ctx, exception, document)?,
    };
    entries.retain(|e| e.connection == connection.id);
    // An entry in an entity that has a document of this number is that one's, unless it is ours as well.
    let own = derivation::expectation_of(ctx, document)?.map(|expected| expected.entity);
    let but = document.map(|document| &document.id);
    let elsewhere = ctx.known().entities_with_reference(reference, but)?;
    entries.retain(|e| match &e.entry.entity {
        EntityRef::Code(code) => own.as_ref() == Some(code) || !elsewhere.iter().any(|e| e == code.as_str()),
        EntityRef::ErpId(_) => true,
    });
    same_mode(ctx, &connection, document)?;
    Ok((connection, entries))
}

/// Test and live never cross.
pub(crate) fn same_mode(
    ctx: &Context,
    erp: &Connection,
    document: Option<&StoredDocument>,
) -> DeskResult<()> {
    let Some(document) = document else { return Ok(()) };
    let billing = ctx.known().connection(&document.connection)?;
    if billing.is_files() || erp.is_files() || billing.mode == erp.mode {
        return Ok(());
    }
    Err(DeskError::new(
        Code::TestAndLiveCross,
        format!(
            "{} is a {} connection and {} a {} one: a posting never crosses",
            billing.name,
            billing.mode.as_str(),
            erp.name,
            erp.mode.as_str()
        ),
    ))
}

pub(crate) fn erp_for(
    ctx: &Context,
    exception: &ExceptionRow,
    document: Option<&StoredDocument>,
) -> DeskResult<Connection> {
    let named = match (&exception.entity, changes::mapping_in_force(ctx)?) {
        (Some(entity), Some(mapping)) => {
            mapping.content.entity(entity).and_then(|e| e.erp_connection.clone())
        }
        _ => None,
    };
    if let Some(name) = named {
        return connections::find_connection(ctx, &name);
    }
    let mode = match document {
        Some(document) => {
            let billing = ctx.known().connection(&document.connection)?;
            (!billing.is_files()).then_some(billing.mode)
        }
        None => None,
    };
    let mut erps = ctx.known().connections()?;
    erps.retain(|c| c.role == ConnectionRole::Erp && (c.is_files() || mode.is_none_or(|m| m == c.mode)));
    // A ledger that is read from files takes what no ERP does that can be called.
    if erps.iter().any(|erp| !erp.is_files()) {
        erps.retain(|erp| !erp.is_files());
    }
    match erps.len() {
        1 => Ok(erps.remove(0)),
        0 => Err(DeskError::new(
            Code::NoErp,
            format!(
                "there is no ERP connection to post to: tieout connection add … --vendor {}, or import the \
                 ledger's files",
                vendors::of_role(Role::Erp).join(" or ")
            ),
        )),
        _ => Err(DeskError::new(
            Code::ErpAmbiguous,
            "several ERP connections could take it: give the entity an erp_connection in the mapping",
        )),
    }
}

/// Gives the draft its keys. Each new version of a posting has new keys, and so new attempts: the store
/// lets a version in only when every earlier one is proven unbooked or reversed.
pub(crate) fn posting_of(ctx: &Context, draft: &Draft, preparer: Option<&PersonId>) -> DeskResult<Posting> {
    if ctx.facts.is_none() {
        return resolved(ctx, draft, preparer);
    }
    // What is asked about a draft several times, its action and what it would book, is answered once.
    let of = format!("{} {:?} {:?}", draft.exception.id, draft.steps, draft.undone());
    ctx.known().once("posting", &of, || resolved(ctx, draft, preparer))
}

fn resolved(ctx: &Context, draft: &Draft, preparer: Option<&PersonId>) -> DeskResult<Posting> {
    let reference = draft.reference.clone();
    let version = ctx.known().next_posting_version(&draft.connection.id, &reference)?;
    let mapping = changes::mapping_needed(ctx)?;
    let policy = changes::policy_change(ctx)?.map(|change| change.id);
    let undone = draft.steps.iter().map(|step| step.reverses.as_ref());
    let about = (&draft.exception, reference.as_str(), draft.document.as_ref());
    let mut stay = those_that_stay(ctx, about, undone)?;
    let undone = draft.undone();
    stay.retain(|id| !undone.contains(id));
    let store = ctx.store();
    let resolving = Resolving {
        store: &store,
        connection: &draft.connection,
        reference: &reference,
        document: draft.document.as_ref(),
        mapping: &mapping.content,
        undone,
        within: draft.within.as_ref(),
    };
    let steps = resolving.steps(&draft.steps)?;
    let routing = draft.ruled.as_ref().zip(steps.first());
    let routing = routing.map(|(ruled, step)| ruled.routing(step.entry.period()));
    let basis = Basis { mapping: Some(mapping.id), policy, routing, ..resolving.basis(&steps, &stay)? };
    drop(store);
    Ok(Posting {
        id: PostingId::random(&mut OsEntropy),
        exception: draft.exception.id.clone(),
        connection: draft.connection.id.clone(),
        version,
        origin: draft.origin,
        preparer: preparer.cloned(),
        reason: draft.reason.clone(),
        basis: Some(basis),
        steps,
        reference,
        proposed_at: ctx.clock.now(),
    })
}

/// The ERP's ids of the entries that still stand of the document after steps that only undo others; what each
/// step undoes is given.
pub(crate) fn those_that_stay<'a>(
    ctx: &Context,
    (exception, reference, document): (&ExceptionRow, &str, Option<&StoredDocument>),
    steps: impl Iterator<Item = Option<&'a String>>,
) -> DeskResult<Vec<String>> {
    let Some(undone) = steps.collect::<Option<Vec<&String>>>() else { return Ok(Vec::new()) };
    let (_, held) = standing_entries(ctx, exception, reference, document)?;
    let ids = held.into_iter().map(|stored| stored.entry.erp_id);
    Ok(ids.filter(|id| !undone.contains(&id)).collect())
}

pub(crate) fn store_posting(
    ctx: &Context,
    draft: &Draft,
    posting: Posting,
    actor: Option<&Actor>,
) -> DeskResult<PostingId> {
    let hash = posting.content_hash();
    let basis = posting.basis.clone().unwrap_or_default();
    let id = posting.id.clone();
    let detail = json!(ProposedDetail {
        exception: posting.exception.as_str(),
        reference: &posting.reference,
        content_hash: &hash,
        origin: posting.origin.as_str(),
        reason: posting.reason.as_deref(),
        late: basis.routing.as_ref().map(|routing| late_words::routing_line(routing, None)),
    });
    let new = NewPosting {
        currency: draft.exception.currency,
        amount_minor: draft.exception.amount_minor,
        document: draft.document.as_ref().map(|d| d.id.clone()),
        mapping_change: basis.mapping,
        policy_change: basis.policy,
        posting,
    };
    let what = match (draft.ends, draft.origin) {
        (PostingEvent::TakenBack, _) => "taken_back",
        (PostingEvent::Finished, _) => "finished",
        (_, Origin::Reroute) => "rerouted",
        (_, Origin::Policy | Origin::Manual | Origin::Reversal | Origin::Correction) => "proposed",
    };
    let store = |store: &mut Store, log: &LogDraft<'_>| {
        store.write(|tx| {
            let replaced = superseded(tx, draft, log.at)?;
            tx.propose_posting(&new, replaced.as_ref(), log)
        })
    };
    match actor {
        Some(actor) => actor::signed(ctx, actor, what, id.as_str(), detail, store)?,
        None => ctx.by_policy(what, id.as_str(), detail, store)?,
    };
    Ok(id)
}

/// The posting that a draft replaces, with what the worker is to remember of it.
fn superseded(db: &Db, draft: &Draft, at: DateTime<Utc>) -> Result<Option<Superseded>, StoreError> {
    let Some(row) = &draft.replaces else { return Ok(None) };
    let posting = row.posting.id.clone();
    let memo = outbox::remembered(db, &posting, |memo| memo.withdrawn(at))?;
    Ok(Some(Superseded { posting, how: draft.ends, memo }))
}

pub(crate) fn held_entry(stored: &StoredEntry) -> DeskResult<HeldEntry> {
    let e = &stored.entry;
    let entity = match &e.entity {
        EntityRef::Code(code) => code.clone(),
        EntityRef::ErpId(id) => {
            return Err(DeskError::new(
                Code::EntityUnmapped,
                format!("entry {} is in the ERP's entity {id}, which the mapping does not name", e.erp_id),
            ));
        }
    };
    Ok(HeldEntry {
        erp_id: e.erp_id.clone(),
        entity,
        posting_date: e.posting_date,
        period: e.period.clone(),
        currency: e.currency,
        functional_currency: e.functional_currency,
        rate: e.rate,
        lines: e.lines.iter().map(|l| (l.account.clone(), l.transaction_minor, l.functional_minor)).collect(),
    })
}
