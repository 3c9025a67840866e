//! Keeps expectations true: derives anew what the ledger should hold for every document that changed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use tieout_connectors::files::ColumnMap;
use tieout_domain::{
    EntityCode,
    accounts::{AccountMapping, LegalEntity},
    calendar::{Period, PeriodBook, PeriodKey},
    derive::{Expectation, Facts, Gap, control, expect},
    document::{Document, DocumentKind, DocumentStatus, Nature},
    flow::Flow,
    mapping::Schedules,
    schedule::{self, DeferredLine},
    sla::SlaPolicy,
};
use tieout_duties::Policy;
use tieout_store::{
    Change, ChangeKind, Db, DerivedExpectation, DocumentSeq, GapNote, Ingest, StoredDocument, StoredPeriod,
    Tx,
};

use crate::{
    base::{
        context::Context,
        error::{DeskError, DeskResult},
        progress::{Progress, cancelled},
    },
    governance::changes::{Governing, MAPPING, POLICY, governing_mapping},
    intake::schedules,
};

/// How many documents are derived in one transaction.
const BATCH: u32 = 20_000;

/// What derivation goes by: the mapping in force, each file connection's own expectation, the periods, and
/// how long flows may take.
pub(crate) struct Rules {
    approved: Option<Governing>,
    files: HashMap<String, Option<(String, AccountMapping)>>,
    none: AccountMapping,
    periods: HashMap<EntityCode, Vec<Period>>,
    limits: SlaPolicy,
}

impl Rules {
    fn new(mapping: Option<Change>, policy: Option<&Change>, periods: Vec<StoredPeriod>) -> DeskResult<Self> {
        let mut by_entity: HashMap<EntityCode, Vec<Period>> = HashMap::new();
        for stored in periods {
            by_entity.entry(stored.period.entity.clone()).or_default().push(stored.period);
        }
        let none = AccountMapping { schema: 1, ..AccountMapping::default() };
        let approved = governing_mapping(mapping)?;
        let limits = limits(policy)?;
        Ok(Self { approved, files: HashMap::new(), none, periods: by_entity, limits })
    }

    /// What holds for the documents of one connection while an ingest is under way: nobody else can change
    /// it before the ingest ends.
    pub(crate) fn during(ingest: &Ingest<'_>, connection: &str) -> DeskResult<Self> {
        let mapping = ingest.change_in_force_named(ChangeKind::Mapping, MAPPING)?;
        let policy = ingest.change_in_force_named(ChangeKind::Policy, POLICY)?;
        let mut rules = Self::new(mapping, policy.as_ref(), ingest.periods()?)?;
        rules.add_file(connection, ingest.change_in_force_named(ChangeKind::ColumnMap, connection)?);
        Ok(rules)
    }

    fn add_file(&mut self, connection: &str, map: Option<Change>) {
        let expectation = map.and_then(|change| {
            let map = ColumnMap::parse(&change.content).ok()?;
            map.expectation().map(|mapping| (change.hash, mapping))
        });
        self.files.insert(connection.to_owned(), expectation);
    }

    /// The mapping for a document: the approved one where it knows the document's entity, or says which it
    /// is; else what its file's column map expects.
    fn of(&self, document: &Document, connection: &str) -> (&str, &AccountMapping) {
        let own = self.files.get(connection).and_then(Option::as_ref);
        let routed = |mapping: &AccountMapping| {
            mapping.route(connection, document.country.as_deref(), document.currency()).is_some()
        };
        let approved = self.approved.as_ref().filter(|approved| match (&document.entity, own) {
            (Some(entity), Some(_)) => approved.content.entity(entity).is_some(),
            (None, Some(own)) => routed(&approved.content) || !routed(&own.1),
            (_, None) => true,
        });
        match (approved, own) {
            (Some(approved), _) => (&approved.hash, &approved.content),
            (None, Some((hash, expectation))) => (hash, expectation),
            (None, None) => ("", &self.none),
        }
    }

    /// True where the invoice that a credit note credits says over which term it is released.
    fn asks_for_credited(&self, document: &Document, connection: &str) -> bool {
        if document.kind != DocumentKind::CreditNote || document.invoice.is_none() {
            return false;
        }
        let (_, mapping) = self.of(document, connection);
        let entity = entity_of(document, connection, mapping);
        entity.and_then(|code| mapping.entity(&code)).is_some_and(|entity| entity.schedules.is_some())
    }

    /// What the ledger should hold for an invoice or credit note that a file brings; for any other document
    /// more must be known, which its derivation reads.
    pub(crate) fn of_a_file(
        &self,
        seq: DocumentSeq,
        document: &Document,
        (connection, seen_at): (&str, DateTime<Utc>),
    ) -> Option<DerivedExpectation> {
        match document.kind.nature() {
            // Its schedule goes by the invoice that it credits.
            Nature::Raises if self.asks_for_credited(document, connection) => None,
            Nature::Raises => {
                let (facts, credits) = (Facts::default(), None);
                Some(derive(self, Given { seq, stamp: 1, document, connection, facts, seen_at, credits }))
            }
            Nature::Settles | Nature::Moves => None,
        }
    }
}

/// A document, and what else its derivation needs.
struct Given<'d> {
    seq: DocumentSeq,
    stamp: i64,
    document: &'d Document,
    connection: &'d str,
    facts: Facts,
    seen_at: DateTime<Utc>,
    /// The invoice that a credit note credits, where its schedule goes by it.
    credits: Option<StoredDocument>,
}

impl<'d> Given<'d> {
    fn stored(stored: &'d StoredDocument) -> Self {
        Self {
            seq: stored.seq,
            stamp: stored.stamp,
            document: &stored.document,
            connection: &stored.connection_name,
            facts: stored.facts,
            seen_at: stored.first_seen_at,
            credits: None,
        }
    }

    /// The same with the invoice that it credits, where its schedule needs that.
    fn with_credited(stored: &'d StoredDocument, rules: &Rules, db: &Db) -> DeskResult<Self> {
        let credits = match rules.asks_for_credited(&stored.document, &stored.connection_name) {
            true => db.credited_invoice(stored)?,
            false => None,
        };
        Ok(Self { credits, ..Self::stored(stored) })
    }
}

/// What the ledger should hold for a document by the rules in force now: as stored, or, where it was stored
/// under another mapping and waits to be derived anew, derived here. Nothing is stored.
pub(crate) fn current(ctx: &Context, document: &StoredDocument) -> DeskResult<Option<DerivedExpectation>> {
    ctx.known().once("current expectation", document.id.as_str(), || derived_now(ctx, document))
}

fn derived_now(ctx: &Context, document: &StoredDocument) -> DeskResult<Option<DerivedExpectation>> {
    let stored = ctx.known().expectation(&document.id)?.map(|stored| stored.expected);
    let name = &document.connection_name;
    let mapping = ctx.known().change_in_force_named(ChangeKind::Mapping, MAPPING)?;
    let map = ctx.known().change_in_force_named(ChangeKind::ColumnMap, name)?;
    let by_this = |mapping: &Change| stored.as_ref().is_some_and(|kept| kept.mapping_hash == mapping.hash);
    // Only a file has a mapping of its own.
    if map.is_none() && mapping.as_ref().is_some_and(by_this) {
        return Ok(stored);
    }
    let policy = ctx.known().change_in_force_named(ChangeKind::Policy, POLICY)?;
    let mut rules = Rules::new(mapping, policy.as_ref(), ctx.known().periods()?)?;
    rules.add_file(name, map);
    let (hash, _) = rules.of(&document.document, name);
    if stored.as_ref().is_some_and(|stored| stored.mapping_hash == hash) {
        return Ok(stored);
    }
    Ok(Some(derive(&rules, Given::stored(document))))
}

/// The same, where the document has a place and all that an entry needs.
pub(crate) fn expectation_of(
    ctx: &Context,
    document: Option<&StoredDocument>,
) -> DeskResult<Option<Expectation>> {
    let Some(document) = document else { return Ok(None) };
    let Some(e) = current(ctx, document)? else { return Ok(None) };
    let (Some(entity), Some(control), None) = (e.entity, e.control, &e.gap) else { return Ok(None) };
    let period = e.period.unwrap_or_else(|| PeriodKey::month(e.document_date));
    Ok(Some(Expectation {
        entity,
        document_date: e.document_date,
        period,
        late: e.late,
        currency: e.currency,
        control,
        tax: e.tax_account,
        lines: e.lines,
    }))
}

/// What a document defers, part by part, by what it was derived by.
pub(crate) struct Deferred {
    pub(crate) entity: LegalEntity,
    pub(crate) schedules: Schedules,
    /// The reference of the invoice by whose terms a credit note goes.
    pub(crate) credits: Option<String>,
    pub(crate) lines: Vec<DeferredLine>,
}

/// What a document defers; `None` where its entity's mapping asks for no schedules.
pub(crate) fn deferred(ctx: &Context, document: &StoredDocument) -> DeskResult<Option<Deferred>> {
    let name = &document.connection_name;
    let mapping = ctx.known().change_in_force_named(ChangeKind::Mapping, MAPPING)?;
    let mut rules = Rules::new(mapping, None, ctx.known().periods()?)?;
    rules.add_file(name, ctx.known().change_in_force_named(ChangeKind::ColumnMap, name)?);
    let given = Given::with_credited(document, &rules, &ctx.store())?;
    let (_, mapping) = rules.of(given.document, given.connection);
    let code = entity_of(given.document, given.connection, mapping);
    let Some(entity) = code.and_then(|code| mapping.entity(&code)) else { return Ok(None) };
    let Some(schedules) = entity.schedules.clone() else { return Ok(None) };
    let kept = ctx.known().expectation(&document.id)?.map(|stored| stored.expected);
    let expected = kept.as_ref().map_or(&[][..], |kept| kept.lines.as_slice());
    let by = schedule::Given {
        document: given.document,
        entity,
        mapping,
        credits: given.credits.as_ref().map(|stored| &stored.document),
        deferred: schedules::deferred(Some(entity), expected),
        belongs: kept.as_ref().and_then(|kept| kept.period.as_ref()),
        periods: rules.periods.get(&entity.code).map_or(&[][..], Vec::as_slice),
    };
    let lines = by.lines();
    let credits = given.credits.as_ref().map(|stored| stored.document.reference.clone());
    Ok(Some(Deferred { entity: entity.clone(), schedules, credits, lines }))
}

/// Derives what is marked dirty. Safe to stop at any time: each batch is its own transaction.
pub(crate) fn derive_expectations(ctx: &Context) -> DeskResult<u64> {
    let policy = ctx.known().change_in_force_named(ChangeKind::Policy, POLICY)?;
    let limits = limits(policy.as_ref())?;
    if ctx.store().flow_limits_wait(&limits)? {
        ctx.writing()?.keep_flow_limits(&limits)?;
    }
    let mut done = 0;
    let mut documents = ctx.store().documents_to_derive(BATCH)?;
    if documents.is_empty() {
        return Ok(done);
    }
    let mapping = ctx.known().change_in_force_named(ChangeKind::Mapping, MAPPING)?;
    let mut rules = Rules::new(mapping, policy.as_ref(), ctx.known().periods()?)?;
    while !documents.is_empty() {
        for document in &documents {
            let name = &document.connection_name;
            if !rules.files.contains_key(name) {
                let map = ctx.known().change_in_force_named(ChangeKind::ColumnMap, name)?;
                rules.add_file(name, map);
            }
        }
        let derived = derived(&rules, &ctx.store(), &documents)?;
        ctx.writing()?.put_expectations(&derived)?;
        done += documents.len() as u64;
        ctx.progress.advance(documents.len() as u64);
        documents = ctx.store().documents_to_derive(BATCH)?;
    }
    Ok(done)
}

/// Derives what is marked dirty within one piece of work, by what is in force in it.
pub(crate) fn derive_within(tx: &Tx<'_>, progress: &dyn Progress) -> DeskResult<()> {
    let mapping = tx.change_in_force_named(ChangeKind::Mapping, MAPPING)?;
    let policy = tx.change_in_force_named(ChangeKind::Policy, POLICY)?;
    let mut rules = Rules::new(mapping, policy.as_ref(), tx.periods()?)?;
    tx.keep_flow_limits(&rules.limits)?;
    loop {
        let documents = tx.documents_to_derive(BATCH)?;
        if documents.is_empty() {
            return Ok(());
        }
        if progress.cancelled() {
            return Err(cancelled("nothing was compared to its end"));
        }
        for document in &documents {
            let name = &document.connection_name;
            if !rules.files.contains_key(name) {
                rules.add_file(name, tx.change_in_force_named(ChangeKind::ColumnMap, name)?);
            }
        }
        let derived = derived(&rules, tx, &documents)?;
        tx.put_expectations(&derived)?;
        progress.advance(documents.len() as u64);
    }
}

fn derived(rules: &Rules, db: &Db, documents: &[StoredDocument]) -> DeskResult<Vec<DerivedExpectation>> {
    let one = |document| Ok(derive(rules, Given::with_credited(document, rules, db)?));
    documents.iter().map(one).collect()
}

/// How long flows may take by the policy in force.
fn limits(policy: Option<&Change>) -> DeskResult<SlaPolicy> {
    let Some(policy) = policy else { return Ok(SlaPolicy::default()) };
    let read = Policy::parse(&policy.content).map_err(|e| DeskError::below(e.code(), e.to_string()))?;
    Ok(read.sla().clone())
}

fn derive(rules: &Rules, given: Given<'_>) -> DerivedExpectation {
    let Given { seq, stamp, document, connection, facts, seen_at, credits } = given;
    let (mapping_hash, mapping) = rules.of(document, connection);
    let entity = entity_of(document, connection, mapping);
    let own = entity.as_ref().and_then(|code| rules.periods.get(code)).map_or(&[][..], Vec::as_slice);
    let zone = entity.as_ref().and_then(|code| mapping.entity(code)).map_or(chrono_tz::UTC, |e| e.time_zone);
    let document_date = document.date.in_zone(zone);
    let starts = document.finalized_at.unwrap_or_else(|| {
        // A file without times: the end of the document's day.
        document_date.and_hms_opt(23, 59, 59).map_or(seen_at, |at| at.and_utc())
    });
    let base = DerivedExpectation {
        seq,
        stamp,
        entity: entity.clone(),
        document_date,
        period: None,
        own_period: own_period(own, document_date, entity.as_ref(), mapping),
        late: false,
        currency: document.currency(),
        control: None,
        tax_account: None,
        lines: Vec::new(),
        schedule: Vec::new(),
        booked_before_minor: booked_before(document),
        gap: None,
        due_at: rules.limits.due(Flow::of_document(document.kind), entity.as_ref(), zone, starts),
        mapping_hash: mapping_hash.to_owned(),
    };
    let of_mapping = entity.as_ref().and_then(|code| mapping.entity(code));
    let schedule = |deferred: Option<i64>, belongs: Option<&PeriodKey>| {
        let Some(entity) = of_mapping else { return Vec::new() };
        let credits = credits.as_ref().map(|stored| &stored.document);
        let given = schedule::Given { document, entity, mapping, credits, deferred, belongs, periods: own };
        schedules::lines(&given)
    };
    // An opening item: what was before the entity's books began here is not expected.
    if of_mapping.and_then(|e| e.books_from).is_some_and(|day| document_date < day) {
        let (period, own_period) = (base.own_period.clone(), base.own_period.clone());
        let schedule = schedule(None, period.as_ref());
        return DerivedExpectation { period, own_period, schedule, ..base };
    }
    match expect(document, facts, connection, mapping, own) {
        Ok(expected) => DerivedExpectation {
            schedule: schedule(schedules::deferred(of_mapping, &expected.lines), Some(&expected.period)),
            period: Some(expected.period),
            late: expected.late,
            control: Some(expected.control),
            tax_account: expected.tax,
            lines: expected.lines,
            ..base
        },
        // A draft is no document to post yet: nothing is missing for it.
        Err(_) if document.status == DocumentStatus::Draft => base,
        // Where its entity is known, so is the account on which its bookings are looked for.
        Err(gap) => {
            let control = of_mapping.and_then(|entity| control(document.kind, entity).ok());
            DerivedExpectation { gap: Some(note(&gap)), control: control.cloned(), ..base }
        }
    }
}

/// The control amount before a void, write-off or dispute. What moves the processor's balance stands on
/// clearing, from which its total is taken.
fn booked_before(document: &Document) -> i64 {
    match document.kind.nature() {
        Nature::Raises | Nature::Settles => document.total.minor(),
        Nature::Moves => document.total.minor().saturating_neg(),
    }
}

fn note(gap: &Gap) -> GapNote {
    GapNote { fingerprint: gap.fingerprint(), message: gap.to_string() }
}

fn entity_of(document: &Document, connection: &str, mapping: &AccountMapping) -> Option<EntityCode> {
    document.entity.clone().or_else(|| {
        let routed = mapping.route(connection, document.country.as_deref(), document.currency());
        routed.map(|entity| entity.code.clone())
    })
}

fn own_period(
    periods: &[Period],
    date: chrono::NaiveDate,
    entity: Option<&EntityCode>,
    mapping: &AccountMapping,
) -> Option<PeriodKey> {
    let known = PeriodBook::new(periods).holding(date).map(|p| p.key.clone());
    known.or_else(|| mapping.entity(entity?)?.calendar.locate(date).map(|(key, _, _)| key))
}
