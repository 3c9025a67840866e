//! What goes into a binder, gathered as of one end of the log.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::{EntityCode, calendar::PeriodKey};
use tieout_evidence::{
    KEY_SET, LogEntry, LogHead, PERSON_ADDED, PERSON_REMOVED, ROLE_CHANGED, WORKSPACE_CREATED,
    WORKSPACE_RESTORED,
    file::{
        binder::{BinderDecision, BinderPosting, ProvedEntry},
        roster::RosterPerson,
        tree::Tree,
    },
};
use tieout_store::{
    Change, ChangeFilter, ChangeKind, ChangeState, PostingFilter, PostingRow, Selection, View, ViewFilter,
};

use crate::{
    access::{actor, rosters},
    base::{context::Context, error::DeskResult, views::PeriodsView},
    casefile::history::{self, EventView},
    close::{
        cockpit::{self, CloseRequest, CloseView},
        population::{self, PopulationRequest, PopulationView},
        tie_out::{self, TieOutRequest, TieOutView},
    },
    governance::mapping::mapping_in_force,
    queue::{exception_views, record::ExceptionView},
    settlement::three_periods,
};

/// An exception with what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct BoundException {
    pub(super) exception: ExceptionView,
    pub(super) history: Vec<EventView>,
}

/// A late item, and where it went by which rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct BoundLate {
    pub(super) reference: String,
    pub(super) posting: String,
    pub(super) periods: PeriodsView,
}

/// A governed change with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct BoundChange {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) hash: String,
    pub(super) author: String,
    pub(super) proposed_at: DateTime<Utc>,
    pub(super) decided_by: Option<String>,
    pub(super) decided_at: Option<DateTime<Utc>>,
    /// Of what is in force; of what no longer is, its hash says which it was.
    pub(super) text: Option<String>,
}

/// All of it.
pub(super) struct Gathered {
    pub(super) head: LogHead,
    pub(super) root: [u8; 32],
    pub(super) tie_out: Vec<TieOutView>,
    pub(super) population: Vec<PopulationView>,
    pub(super) exceptions: Vec<BoundException>,
    pub(super) late: Vec<BoundLate>,
    pub(super) postings: Vec<BinderPosting>,
    pub(super) decisions: Vec<BinderDecision>,
    pub(super) governance: Vec<BoundChange>,
    /// What was signed of the period's accounts, each with the text that was; the newest first.
    pub(super) sign_offs: Vec<BoundChange>,
    /// The close as it stands: the arithmetic of each account, its proof, who signed, what is in the way.
    pub(super) close: Option<CloseView>,
    pub(super) people: Vec<RosterPerson>,
    pub(super) entries: Vec<ProvedEntry>,
}

impl Gathered {
    /// True where nothing of the entity and period is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.tie_out.is_empty()
            && self.population.is_empty()
            && self.exceptions.is_empty()
            && self.postings.is_empty()
    }
}

/// What the log says of people and of the workspace: always in a binder, because keys and duties rest on it.
const OF_PEOPLE: [&str; 7] = [
    WORKSPACE_CREATED,
    WORKSPACE_RESTORED,
    PERSON_ADDED,
    PERSON_REMOVED,
    ROLE_CHANGED,
    KEY_SET,
    "person_confirmed",
];

/// Gathers the binder of an entity's period.
///
/// # Errors
/// What the sections give.
pub(super) fn gather(ctx: &Context, entity: &EntityCode, period: &PeriodKey) -> DeskResult<Gathered> {
    let (of, at) = (Some(entity.to_string()), Some(period.to_string()));
    let about = TieOutRequest { entity: of.clone(), period: at.clone(), ..TieOutRequest::default() };
    let tie_out = tie_out::tie_out(ctx, &about)?;
    let about = PopulationRequest { entity: of, period: at, account: None };
    let population = population::population(ctx, &about)?;
    let exceptions = exceptions(ctx, entity, period)?;
    let rows = postings(ctx, (entity, period), &exceptions)?;
    let late = late(ctx, &rows)?;
    let governance = governance(ctx, (entity, period), &rows)?;
    let sign_offs = sign_offs(ctx, entity, period)?;
    let close = close(ctx, entity, period)?;
    let people = rosters::people_now(ctx)?;

    let mut subjects: BTreeSet<String> = rows.iter().map(|row| row.posting.id.to_string()).collect();
    subjects.extend(exceptions.iter().map(|one| one.exception.id.clone()));
    subjects.extend(governance.iter().chain(&sign_offs).map(|one| one.id.clone()));
    let (head, hashes, entries) = log_of(ctx, &subjects)?;
    let tree = Tree::over(&hashes);
    let proved = |entry: &LogEntry| {
        let at = usize::try_from(entry.number - 1).unwrap_or_default();
        ProvedEntry::of(entry, &tree.path(at))
    };
    let posting = |row: PostingRow| BinderPosting {
        state: row.state.as_str().to_owned(),
        content_hash: row.content_hash,
        posting: row.posting,
    };
    Ok(Gathered {
        head,
        root: tree.root(),
        tie_out,
        population,
        late,
        decisions: entries.iter().filter_map(decision).collect(),
        entries: entries.iter().map(proved).collect(),
        postings: rows.into_iter().map(posting).collect(),
        exceptions,
        governance,
        sign_offs,
        close,
        people,
    })
}

/// Every exception of the entity's period, whatever its state, with its history.
fn exceptions(ctx: &Context, entity: &EntityCode, period: &PeriodKey) -> DeskResult<Vec<BoundException>> {
    let filter = ViewFilter {
        entity: Some(entity.to_string()),
        period: Some(period.to_string()),
        ..ViewFilter::default()
    };
    let view = View { filter, sorts: Vec::new() };
    let all = Selection::All { view: Box::new(view), except: Vec::new() };
    let mut found = Vec::new();
    exception_views::each_selected(ctx, &all, |one| found.push(one.clone()))?;
    let names = actor::names(ctx)?;
    let whole = |exception: ExceptionView| -> DeskResult<BoundException> {
        let history = history::history(ctx, &exception.id.parse()?, &names)?;
        Ok(BoundException { exception, history })
    };
    found.into_iter().map(whole).collect()
}

/// Postings that settle one of these exceptions, or go into the entity's period.
fn postings(
    ctx: &Context,
    (entity, period): (&EntityCode, &PeriodKey),
    exceptions: &[BoundException],
) -> DeskResult<Vec<PostingRow>> {
    let of: BTreeSet<&str> = exceptions.iter().map(|one| one.exception.id.as_str()).collect();
    let mut rows = ctx.store().postings(&PostingFilter::default())?;
    rows.retain(|row| {
        let there = |step: &tieout_domain::posting::PostingStep| {
            step.entry.entity() == entity && step.entry.period() == period
        };
        of.contains(row.posting.exception.as_str()) || row.posting.steps.iter().any(there)
    });
    Ok(rows)
}

fn late(ctx: &Context, rows: &[PostingRow]) -> DeskResult<Vec<BoundLate>> {
    let mut found = Vec::new();
    for row in rows {
        let periods = three_periods::of_posting(ctx, &row.posting)?;
        if periods.late.is_some() || periods.says.is_some() {
            let (reference, posting) = (row.posting.reference.clone(), row.posting.id.to_string());
            found.push(BoundLate { reference, posting, periods });
        }
    }
    Ok(found)
}

/// Mappings and policies, the newest first, those in force with their text; and what let somebody do more
/// here: locks of the period and the exceptions to them, delegations, limits lifted for one of the postings.
fn governance(
    ctx: &Context,
    (entity, period): (&EntityCode, &PeriodKey),
    postings: &[PostingRow],
) -> DeskResult<Vec<BoundChange>> {
    // As locks are named.
    let place = format!("{entity} {period}");
    let here =
        |name: &str| name.strip_prefix(&place).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let mut found = Vec::new();
    for change in ctx.store().changes(&ChangeFilter::default())? {
        let with_text = match change.kind {
            ChangeKind::Mapping | ChangeKind::Policy => change.state == ChangeState::InForce,
            ChangeKind::SoftClose | ChangeKind::SoftCloseLift | ChangeKind::LockException
                if here(&change.name) =>
            {
                true
            }
            ChangeKind::Override if postings.iter().any(|row| row.posting.id.as_str() == change.name) => true,
            ChangeKind::Delegation => true,
            _ => continue,
        };
        found.push(bound(with_text, change));
    }
    Ok(found)
}

/// What was signed of the accounts of the entity's period, all of it with its text: it says which items and
/// versions, and which figures, two people stood for.
fn sign_offs(ctx: &Context, entity: &EntityCode, period: &PeriodKey) -> DeskResult<Vec<BoundChange>> {
    let filter = ChangeFilter { kind: Some(ChangeKind::SignOff), ..ChangeFilter::default() };
    let mut changes = ctx.store().changes(&filter)?;
    let of = format!("{entity}/{period}/");
    changes.retain(|change| change.name.starts_with(&of));
    Ok(changes.into_iter().map(|change| bound(true, change)).collect())
}

fn bound(with_text: bool, change: Change) -> BoundChange {
    BoundChange {
        id: change.id.to_string(),
        kind: change.kind.as_str().to_owned(),
        name: change.name,
        hash: change.hash,
        author: change.author,
        proposed_at: change.proposed_at,
        decided_by: change.decided_by.map(|person| person.to_string()),
        decided_at: change.decided_at,
        text: with_text.then_some(change.content),
        state: change.state.as_str().to_owned(),
    }
}

/// The close of the entity's period, where a mapping lists the entity.
fn close(ctx: &Context, entity: &EntityCode, period: &PeriodKey) -> DeskResult<Option<CloseView>> {
    let mapping = mapping_in_force(ctx)?;
    if mapping.is_none_or(|mapping| mapping.content.entity(entity).is_none()) {
        return Ok(None);
    }
    let (entity, period) = (Some(entity.to_string()), Some(period.to_string()));
    let asked = CloseRequest { entity, period, as_of: None };
    Ok(Some(cockpit::close_status(ctx, &asked)?))
}

/// The end of the log, the hashes of all its entries, and those that are bound: what is about these, what
/// rests on people, and the last.
fn log_of(ctx: &Context, subjects: &BTreeSet<String>) -> DeskResult<(LogHead, Vec<[u8; 32]>, Vec<LogEntry>)> {
    let (mut hashes, mut entries) = (Vec::new(), Vec::new());
    let mut last: Option<LogEntry> = None;
    ctx.store().each_log_entry(&mut |entry| {
        hashes.push(entry.hash);
        if OF_PEOPLE.contains(&entry.what.as_str()) || subjects.contains(&entry.subject) {
            entries.push(entry.clone());
        }
        last = Some(entry.clone());
    })?;
    let head = ctx.store().log_head()?;
    if let Some(last) = last.filter(|last| entries.last().is_none_or(|bound| bound.number != last.number)) {
        entries.push(last);
    }
    Ok((head, hashes, entries))
}

/// The decision that an entry says, if it says one.
fn decision(entry: &LogEntry) -> Option<BinderDecision> {
    let detail = entry.read_detail();
    let text = |name: &str| detail.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    Some(BinderDecision {
        subject: entry.subject.clone(),
        person: text("person")?.parse().ok()?,
        action: text("action")?,
        content_hash: text("content_hash")?,
        log_number: entry.number,
        in_place_of: text("in_place_of").map(|id| id.parse()).transpose().ok()?,
    })
}
