//! Late items: what the workspace's rules for them say of each. The facts that a rule judges are gathered
//! here and nowhere else, so that the queue, a preview, a proposal, the policy's own postings, what is asked
//! again before a send, and a simulation say the same.
//!
//! Limits are shared: all late items of an entity are judged together, in the order in which they came, each
//! after what the rules have sent already and what they will send of those before it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use tieout_domain::{
    EntityCode, ExceptionId, PostingId,
    accounts::{AccountMapping, LegalEntity},
    basis::Routing,
    calendar::{FiscalCalendar, Period, PeriodBook, PeriodStatus, Subledger},
    derive::{Expectation, entry_for},
    entry::JournalEntry,
    exception::{ExceptionKind, ExceptionState, Queue},
};
use tieout_duties::{Approvals, ItemBooks, LateItem, LatePolicy, LateRule, LateUsed, Passed, Verdict};
use tieout_store::{
    ChangeFilter, ChangeKind, ChangeState, ExceptionRow, PostingRow, Store, StoreError, StoredDocument, View,
    ViewFilter,
};

use crate::{
    access::rules::duties_under,
    base::{
        context::Context,
        error::{DeskError, DeskResult},
        wording,
    },
    governance::changes,
    intake::derivation,
};

/// The rules of the policy in force, and which policy that is.
#[derive(Clone)]
pub(crate) struct LateRules {
    pub(crate) policy: Arc<LatePolicy>,
    /// Counted from 1, of those that came in force.
    pub(crate) version: u32,
}

/// What the rules say of one late item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ruled {
    pub(crate) verdict: Verdict,
    /// The rule that decided.
    pub(crate) rule: Option<LateRule>,
    /// What else was meant for it, and why it did not take it.
    pub(crate) passed: Vec<(LateRule, Passed)>,
    pub(crate) version: u32,
    /// The rules that it was judged by.
    pub(crate) policy: Arc<LatePolicy>,
    pub(crate) item: LateItem,
    pub(crate) own: Period,
    /// How its own period stands: `AR closed 7 Aug`.
    pub(crate) own_was: String,
    /// Where a rule sends it.
    pub(crate) into: Option<Period>,
}

impl Ruled {
    /// How many have to approve it, at least.
    pub(crate) fn approvals(&self) -> Approvals {
        self.rule.as_ref().map_or(Approvals::None, |rule| rule.approvals)
    }

    /// The name of the rule that sends it somewhere.
    pub(crate) fn routed_by(&self) -> Option<&str> {
        match self.verdict {
            Verdict::Route { .. } => self.rule.as_ref().map(|rule| rule.name.as_str()),
            Verdict::Hold { .. } | Verdict::Reopen { .. } | Verdict::InTime => None,
        }
    }

    /// True where the rules still have the one that sent it.
    pub(crate) fn has(&self, routing: &Routing) -> bool {
        self.named(routing).is_some()
    }

    /// How many approvals the rule asks for that sent it, as that rule stands now.
    pub(crate) fn asked_by(&self, routing: &Routing) -> Approvals {
        self.named(routing).map_or(Approvals::None, |rule| rule.approvals)
    }

    fn named(&self, routing: &Routing) -> Option<&LateRule> {
        let name = routing.rule.as_ref()?;
        self.policy.rules.iter().find(|rule| rule.name == *name)
    }

    /// What a posting keeps of it that goes into this period.
    pub(crate) fn routing(&self, into: &tieout_domain::calendar::PeriodKey) -> Routing {
        Routing {
            rule: self.rule.as_ref().map(|rule| rule.name.clone()),
            says: self.rule.as_ref().map(|rule| rule.says.clone()).unwrap_or_default(),
            version: self.version,
            held: self.routed_by().is_none(),
            own: self.own.key.clone(),
            own_was: self.own_was.clone(),
            into: into.clone(),
            customer: self.item.customer.clone(),
            gross_minor: self.item.gross.minor(),
        }
    }
}

/// The rules for late items; `None` where no policy in force has any.
///
/// # Errors
/// A database error, a policy that cannot be read.
pub(crate) fn rules(store: &Store) -> DeskResult<Option<LateRules>> {
    let Some(change) = store.change_in_force_named(ChangeKind::Policy, "policy")? else { return Ok(None) };
    let duties =
        duties_under(Some(&change.content)).map_err(|e| DeskError::below(e.code(), e.to_string()))?;
    let Some(policy) = duties.late().filter(|late| !late.rules.is_empty()) else { return Ok(None) };
    let version = version_after(store, change.decided_at)?;
    Ok(Some(LateRules { policy: Arc::new(policy.clone()), version }))
}

/// How many policies came in force until then; all of them, and one more, without an instant.
pub(crate) fn version_after(store: &Store, until: Option<DateTime<Utc>>) -> Result<u32, StoreError> {
    let filter = ChangeFilter { kind: Some(ChangeKind::Policy), ..ChangeFilter::default() };
    let mut all = store.changes(&filter)?;
    all.retain(|change| matches!(change.state, ChangeState::InForce | ChangeState::Superseded));
    let count = |all: &[tieout_store::Change]| u32::try_from(all.len()).unwrap_or(u32::MAX);
    Ok(match until {
        None => count(&all).saturating_add(1),
        Some(until) => {
            all.retain(|change| change.decided_at.is_some_and(|at| at <= until));
            count(&all).max(1)
        }
    })
}

/// An entity's books as late items are judged by them.
pub(crate) struct Books<'m> {
    pub(crate) entity: &'m LegalEntity,
    pub(crate) periods: Vec<Period>,
}

impl<'m> Books<'m> {
    /// As they stand now.
    pub(crate) fn now(
        store: &Store,
        mapping: &'m AccountMapping,
        entity: &EntityCode,
    ) -> Result<Option<Self>, StoreError> {
        let Some(entity) = mapping.entity(entity) else { return Ok(None) };
        let periods = store.periods_of(&entity.code)?.into_iter().map(|stored| stored.period).collect();
        Ok(Some(Self { entity, periods }))
    }

    /// As they stood at an instant, as far as anybody knows: what was closed since was open, and what had
    /// been closed before was closed, whatever it is now.
    pub(crate) fn at(&self, instant: DateTime<Utc>) -> Self {
        let then = |period: &Period| {
            let status = match (period.closed_at, period.status) {
                (Some(closed), _) if closed >= instant => PeriodStatus::Open,
                (Some(_), PeriodStatus::Open | PeriodStatus::SoftClosed) => PeriodStatus::Closed,
                (_, status) => status,
            };
            Period { status, ..period.clone() }
        };
        Self { entity: self.entity, periods: self.periods.iter().map(then).collect() }
    }

    fn calendar(&self) -> &FiscalCalendar {
        &self.entity.calendar
    }

    /// What rules look at of a document and the entry that books it; `None` where no period holds its date.
    pub(crate) fn item(&self, document: &StoredDocument, entry: &JournalEntry) -> Option<LateItem> {
        let zone: Tz = self.entity.time_zone;
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let own = PeriodBook::new(&self.periods).holding(entry.document_date())?;
        let finalized = document.document.finalized_at;
        Some(LateItem {
            kind: document.document.kind,
            customer: document.document.customer.clone(),
            gross: entry.gross_functional().ok()?,
            date: entry.document_date(),
            taxed: document.document.tax_minor != 0,
            after_close: own.closed_before(finalized),
            arrived: finalized.map(day),
            closed_on: own.closed_at.map(day),
        })
    }

    /// What these rules say of it; `None` where it is not late.
    pub(crate) fn ruled(&self, item: LateItem, rules: &LateRules, used: &LateUsed) -> Option<Ruled> {
        let own = PeriodBook::new(&self.periods).holding(item.date)?.clone();
        let books =
            ItemBooks { entity: &self.entity.code, periods: &self.periods, calendar: self.calendar() };
        let verdict = rules.policy.decide(&item, &books, used);
        let into = match &verdict {
            Verdict::InTime => return None,
            Verdict::Route { into, .. } => PeriodBook::new(&self.periods).named(into).cloned(),
            Verdict::Hold { .. } | Verdict::Reopen { .. } => None,
        };
        let rule = verdict.rule().and_then(|at| rules.policy.rule(at)).cloned();
        let passed = match &verdict {
            Verdict::Hold { passed, .. } => passed.as_slice(),
            Verdict::Route { .. } | Verdict::Reopen { .. } | Verdict::InTime => &[],
        };
        let named =
            passed.iter().filter_map(|(at, why)| Some((rules.policy.rule(*at)?.clone(), why.clone())));
        let passed = named.collect();
        let own_was = own_was(&own, item.closed_on, item.date);
        let (version, policy) = (rules.version, Arc::clone(&rules.policy));
        Some(Ruled { verdict, rule, passed, version, policy, item, own, own_was, into })
    }

    /// Counts what a rule sends on.
    pub(crate) fn count(&self, used: &mut LateUsed, ruled: &Ruled) {
        if let (Some(rule), Some(into)) = (ruled.routed_by(), &ruled.into) {
            let of = (ruled.item.customer.as_deref(), ruled.item.gross);
            used.add(rule, (&self.entity.code, &into.key), of);
        }
    }

    /// Counts what postings say that a rule sent.
    fn count_posted(&self, used: &mut LateUsed, routing: &Routing) {
        if let (Some(rule), false) = (&routing.rule, routing.held) {
            let gross = tieout_domain::Money::new(routing.gross_minor, self.entity.functional_currency);
            used.add(rule, (&self.entity.code, &routing.into), (routing.customer.as_deref(), gross));
        }
    }
}

/// How the period stands that a late item is of, with the day on which it was closed.
fn own_was(own: &Period, closed_on: Option<NaiveDate>, date: NaiveDate) -> String {
    let status = match own.status {
        PeriodStatus::Locked { ar: true, gl: false, .. } => "AR closed",
        PeriodStatus::Locked { gl: true, .. } | PeriodStatus::Closed => "closed",
        PeriodStatus::SoftClosed => "soft-closed",
        PeriodStatus::Locked { .. } | PeriodStatus::Open => "open again",
    };
    let closed = !own.status.accepts(Subledger::Ar);
    match closed_on.filter(|_| closed) {
        Some(day) if day.year() == date.year() => format!("{status} {}", wording::short_day(day)),
        Some(day) => format!("{status} {}", wording::day(day)),
        None => status.to_owned(),
    }
}

/// What the rules say of an entity's late items.
pub(crate) type Board = HashMap<ExceptionId, Ruled>;

/// A late item that nothing is proposed for yet.
struct Waiting {
    exception: ExceptionId,
    item: LateItem,
    /// When it came, and what it is called: the order in which limits are used up.
    order: (DateTime<Utc>, String, String),
}

/// What the rules in force say of the late items of an entity that nothing is proposed for; empty where there
/// are no rules.
///
/// # Errors
/// A database error.
pub(crate) fn board(ctx: &Context, entity: &EntityCode) -> DeskResult<Arc<Board>> {
    ctx.known().once("late items", entity.as_str(), || {
        let rules = rules(&ctx.store())?;
        match rules {
            Some(rules) => Ok(Arc::new(board_under(ctx, entity, &rules)?)),
            None => Ok(Arc::default()),
        }
    })
}

/// The same, by rules that need not be in force.
///
/// # Errors
/// A database error.
pub(crate) fn board_under(ctx: &Context, entity: &EntityCode, rules: &LateRules) -> DeskResult<Board> {
    // What all of them rest on is read once.
    let ctx = &ctx.asking();
    let Some(mapping) = changes::mapping_in_force(ctx)? else { return Ok(Board::new()) };
    let Some(books) = Books::now(&ctx.store(), &mapping.content, entity)? else { return Ok(Board::new()) };
    let mut waiting = Vec::new();
    for row in candidates(ctx, entity)? {
        waiting.extend(waits(ctx, &row, (&books, &mapping.content))?);
    }
    waiting.sort_by(|one, other| one.order.cmp(&other.order));
    let mut used = LateUsed::default();
    for posted in ctx.store().routed_postings(entity)? {
        let routing = posted.basis.as_ref().and_then(|basis| basis.routing.as_ref());
        routing.into_iter().for_each(|routing| books.count_posted(&mut used, routing));
    }
    let mut board = Board::new();
    for one in waiting {
        if let Some(ruled) = books.ruled(one.item, rules, &used) {
            books.count(&mut used, &ruled);
            board.insert(one.exception, ruled);
        }
    }
    Ok(board)
}

/// Exceptions that may be late items: not posted, of a period that takes nothing, or that came after it was
/// closed.
fn candidates(ctx: &Context, entity: &EntityCode) -> DeskResult<Vec<ExceptionRow>> {
    let filter = |kinds: Vec<ExceptionKind>, queue: Option<Queue>| ViewFilter {
        states: vec![ExceptionState::Open, ExceptionState::OnHold],
        entity: Some(entity.to_string()),
        kinds,
        queue,
        ..ViewFilter::default()
    };
    let rows = |filter| ctx.store().view_rows(&View { filter, sorts: Vec::new() }, 0, u64::MAX);
    let mut found = rows(filter(vec![ExceptionKind::Unposted], Some(Queue::PeriodClose)))?;
    found.extend(rows(filter(vec![ExceptionKind::LateForClosedPeriod], None))?);
    Ok(found)
}

/// The item, where an entry can be made for it.
fn waits(
    ctx: &Context,
    row: &ExceptionRow,
    (books, mapping): (&Books<'_>, &AccountMapping),
) -> DeskResult<Option<Waiting>> {
    let Some(id) = &row.document else { return Ok(None) };
    let document = ctx.known().document(id)?;
    let Some(expected) = derivation::expectation_of(ctx, Some(&document))? else { return Ok(None) };
    // Another entity's by now: it is of that one's board once it is judged again.
    if expected.entity != books.entity.code {
        return Ok(None);
    }
    let Some(entry) = entry_of(&expected, &document, mapping) else { return Ok(None) };
    let came = document.document.finalized_at.unwrap_or(document.first_seen_at);
    let order = (came, document.document.reference.clone(), document.id.to_string());
    let item = books.item(&document, &entry);
    Ok(item.map(|item| Waiting { exception: row.id.clone(), item, order }))
}

/// The entry that books a document, wherever it goes: its amounts are those of its own date.
pub(crate) fn entry_of(
    expected: &Expectation,
    document: &StoredDocument,
    mapping: &AccountMapping,
) -> Option<JournalEntry> {
    let (date, period) = (expected.document_date, expected.period.clone());
    entry_for(expected, &document.document.reference, None, mapping, date, period).ok()
}

/// True for what a rule can be meant for: a document that is not in the ledger yet.
pub(crate) fn may_be_late(kind: ExceptionKind) -> bool {
    matches!(kind, ExceptionKind::Unposted | ExceptionKind::LateForClosedPeriod)
}

/// True for what may stand on a board.
pub(crate) fn is_candidate(row: &ExceptionRow) -> bool {
    let late = row.period_blocked || row.kind == ExceptionKind::LateForClosedPeriod;
    late && may_be_late(row.kind) && row.state.is_open()
}

/// What the rules say of an exception that nothing is proposed for; `None` where it is not late, or no rules
/// are in force.
///
/// # Errors
/// A database error.
pub(crate) fn of_exception(ctx: &Context, row: &ExceptionRow) -> DeskResult<Option<Ruled>> {
    let Some(entity) = row.entity.as_ref().filter(|_| may_be_late(row.kind)) else { return Ok(None) };
    Ok(board(ctx, entity)?.get(&row.id).cloned())
}

/// The same for screens that list many: kept for as long as no exception moves and nothing is logged.
///
/// # Errors
/// A database error.
pub(crate) fn of_listed(ctx: &Context, row: &ExceptionRow) -> DeskResult<Option<Ruled>> {
    let Some(entity) = row.entity.as_ref().filter(|_| may_be_late(row.kind)) else { return Ok(None) };
    let (generation, head) = {
        let store = ctx.store();
        (store.generation()?, store.log_head()?.number)
    };
    let kept = ctx.shelf.get::<Boards>();
    let stands = (generation, head);
    if let Some(board) = kept.find(entity, stands) {
        return Ok(board.get(&row.id).cloned());
    }
    let board = board(ctx, entity)?;
    kept.keep(entity, stands, &board);
    Ok(board.get(&row.id).cloned())
}

/// The boards of entities, each with the state of the file that it was made of.
#[derive(Default)]
struct Boards(Mutex<HashMap<EntityCode, Kept>>);

/// The generation of the exceptions, the number of the log's head, and what was worked out then.
type Kept = ((u64, i64), Arc<Board>);

impl Boards {
    fn find(&self, entity: &EntityCode, stands: (u64, i64)) -> Option<Arc<Board>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(entity).filter(|(at, _)| *at == stands).map(|(_, board)| Arc::clone(board))
    }

    fn keep(&self, entity: &EntityCode, stands: (u64, i64), board: &Arc<Board>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(entity.clone(), (stands, Arc::clone(board)));
    }
}

/// What the rules in force say now of the document that a posting books, as if nothing that was proposed
/// after it counted; `None` where it is not late, or there are no rules.
///
/// # Errors
/// A database error.
pub(crate) fn of_posting(
    store: &Store,
    row: &PostingRow,
    kind: ExceptionKind,
    mapping: &AccountMapping,
) -> DeskResult<Option<Ruled>> {
    let posting = &row.posting;
    let ([step], Some(document)) = (posting.steps.as_slice(), &row.document) else { return Ok(None) };
    if step.reverses.is_some() || !may_be_late(kind) {
        return Ok(None);
    }
    let Some(rules) = rules(store)? else { return Ok(None) };
    let entity = step.entry.entity();
    let Some(books) = Books::now(store, mapping, entity)? else { return Ok(None) };
    let Some(item) = books.item(&store.document(document)?, &step.entry) else { return Ok(None) };
    let own = PeriodBook::new(&books.periods).holding(item.date);
    if own.is_some_and(|own| own.status.accepts(Subledger::Ar)) && !item.after_close {
        return Ok(None);
    }
    let place = |at: DateTime<Utc>, id: &PostingId| (at, id.to_string());
    let mine = place(posting.proposed_at, &posting.id);
    let mut used = LateUsed::default();
    for other in store.routed_postings(entity)? {
        if place(other.proposed_at, &other.id) >= mine {
            continue;
        }
        let routing = other.basis.as_ref().and_then(|basis| basis.routing.as_ref());
        routing.into_iter().for_each(|routing| books.count_posted(&mut used, routing));
    }
    Ok(books.ruled(item, &rules, &used))
}
