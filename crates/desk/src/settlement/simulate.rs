//! A policy tried on the real late items, before anybody approves it: where each would have gone, by which
//! rule, beside where it went. By the same judgement that routes them once it is in force.

use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency, DocumentId, EntityCode,
    accounts::AccountMapping,
    calendar::{PeriodKey, Subledger},
    ledger::{EntityRef, EntryStatus},
};
use tieout_duties::{LateAction, LateUsed, Policy, Verdict};
use tieout_store::{ChangeKind, StoredDocument};

use crate::{
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        wording::wide_text,
    },
    governance::changes::{self, ChangeView, ImportChangeRequest},
    intake::derivation,
    queue::{
        late::{self, Books, LateRules, Ruled},
        late_words,
    },
};

/// Over how many closed periods of each entity it looks, where nobody says.
const PERIODS: u32 = 3;

/// Which policy is tried, and over how many closed periods of each entity.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SimulateRequest {
    /// A policy file.
    pub file: Option<PathBuf>,
    /// Or a policy that was brought in, by its id; the one in force without either.
    pub change: Option<String>,
    /// So many closed periods; three where nothing is said.
    pub periods: Option<u32>,
}

/// Amounts of one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SimulatedSum {
    /// The currency.
    pub currency: String,
    /// How many documents.
    pub count: u64,
    /// Their amounts without sign, major units.
    pub amount: String,
}

/// What one rule, or none, would have taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SimulatedRule {
    /// Its name; `None` for what no rule takes.
    pub rule: Option<String>,
    /// What it says.
    pub says: String,
    /// own_period, next_open, hold or reopen.
    #[ts(as = "closed::LateActionName")]
    pub action: String,
    /// How many items.
    pub count: u64,
    /// How many of them went, or would go, elsewhere without this policy.
    pub elsewhere: u64,
    /// Their amounts.
    pub sums: Vec<SimulatedSum>,
}

/// What would have been sent out of one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SimulatedPeriod {
    /// The legal entity.
    pub entity: String,
    /// The period of the documents' own dates.
    pub period: String,
    /// How many a rule would have sent into another period.
    pub count: u64,
    /// Their amounts.
    pub sums: Vec<SimulatedSum>,
}

/// One late item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SimulatedItem {
    /// How people name the document.
    pub reference: String,
    /// Billing's id of its customer.
    pub customer: Option<String>,
    /// The legal entity.
    pub entity: String,
    /// invoice, credit_note, payment or refund.
    pub kind: String,
    /// The document's date.
    pub dated: String,
    /// When it was final in billing.
    pub arrived: Option<DateTime<Utc>>,
    /// The period of its date.
    pub own: String,
    /// The document's amount, major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
    /// What counts in limits: its gross amount in the entity's functional currency, major units.
    pub gross: String,
    /// That currency.
    pub functional_currency: String,
    /// True where it waits now; false where it was booked, or is about to be.
    pub waits: bool,
    /// The rule that takes it.
    pub rule: Option<String>,
    /// The period that it would go into; `None` where it is held.
    pub goes: Option<String>,
    /// Where it went, or would go by the policy in force; `None` where it is held.
    pub went: Option<String>,
    /// True where that is not the same.
    pub elsewhere: bool,
    /// In a sentence.
    pub says: String,
}

/// What a policy would have made of the late items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Simulation {
    /// SHA-256 of the policy's text.
    pub policy: String,
    /// As of when.
    pub at: DateTime<Utc>,
    /// Over how many closed periods of each entity.
    pub periods: u32,
    /// How many items there were.
    pub count: u64,
    /// How many of them would have gone elsewhere.
    pub elsewhere: u64,
    /// By rule, in the policy's order, and last what no rule takes.
    pub rules: Vec<SimulatedRule>,
    /// By entity and period of the documents' own dates: what a rule would have sent elsewhere than there.
    pub by_period: Vec<SimulatedPeriod>,
    /// Each item, in the order in which they came.
    pub items: Vec<SimulatedItem>,
}

/// Tries a policy. Nothing is stored.
///
/// # Errors
/// `file_unusable`, `policy_…`, `policy_missing`, `mapping_required`, a database error.
pub fn policy_simulate(ctx: &Context, request: &SimulateRequest) -> DeskResult<Simulation> {
    let ctx = &ctx.asking();
    let text = match (&request.file, &request.change) {
        (Some(file), _) => changes::read_text(file)?,
        (None, Some(id)) => {
            let change = ctx.store().change(&id.parse()?)?;
            match change.kind {
                ChangeKind::Policy => change.content,
                _ => return Err(DeskError::new(Code::NotFound, format!("there is no policy {id}"))),
            }
        }
        (None, None) => match changes::policy_change(ctx)? {
            Some(change) => change.content,
            None => {
                let words = "no policy is in force: name a policy file to try";
                return Err(DeskError::new(Code::PolicyMissing, words));
            }
        },
    };
    simulated(ctx, &text, request.periods.unwrap_or(PERIODS))
}

/// The simulation that was kept with a policy when it was brought in; `None` where there was none.
///
/// # Errors
/// `bad_id`, `not_found`, a database error.
pub fn policy_simulation(ctx: &Context, id: &str) -> DeskResult<Option<Simulation>> {
    let change = ctx.store().change(&id.parse()?)?;
    let kept = ctx.store().change_in_force_named(ChangeKind::Simulation, change.id.as_str())?;
    let read = |text: &str| {
        serde_json::from_str(text).map_err(|e| DeskError::new(Code::StoreCorrupt, format!("simulation: {e}")))
    };
    kept.map(|kept| read(&kept.content)).transpose()
}

/// Brings in a policy, with what it would have made of the late items where it says anything of them.
///
/// # Errors
/// `file_unusable`, `policy_…`, a refusal.
pub fn import_policy(ctx: &Context, request: &ImportChangeRequest) -> DeskResult<ChangeView> {
    let text = changes::read_text(&request.file)?;
    let policy = Policy::parse(&text).map_err(|e| DeskError::below(e.code(), e.to_string()));
    let policy = policy.map_err(|e| e.at(&request.file.display().to_string()))?;
    let asked = !policy.late().rules.is_empty() || late::rules(&ctx.store())?.is_some();
    let tried = match asked && changes::mapping_in_force(ctx)?.is_some() {
        true => Some(simulated(&ctx.asking(), &text, PERIODS)?),
        false => None,
    };
    let tried = tried.map(|tried| serde_json::to_string(&tried)).transpose();
    let tried = tried.map_err(|e| DeskError::new(Code::Internal, e.to_string()))?;
    changes::propose_policy(ctx, &text, tried.as_deref())
}

/// A late item as it was or is judged, and where it went.
struct Judged {
    document: StoredDocument,
    entity: EntityCode,
    functional: Currency,
    ruled: Ruled,
    went: Option<PeriodKey>,
    waits: bool,
}

fn simulated(ctx: &Context, text: &str, periods: u32) -> DeskResult<Simulation> {
    let policy = Policy::parse(text).map_err(|e| DeskError::below(e.code(), e.to_string()))?;
    let version = late::version_after(&ctx.store(), None)?;
    let rules = LateRules { policy: Arc::new(policy.late().clone()), version };
    let mapping = changes::mapping_needed(ctx)?.content;
    let mut judged = Vec::new();
    for entity in &mapping.entities {
        judged.extend(of_entity(ctx, &entity.code, &mapping, &rules, periods)?);
    }
    judged.sort_by_key(|one| (came(&one.document), one.document.document.reference.clone()));
    let items: Vec<SimulatedItem> = judged.iter().map(item).collect();
    Ok(Simulation {
        policy: Policy::text_hash(text),
        at: ctx.clock.now(),
        periods,
        count: items.len() as u64,
        elsewhere: items.iter().filter(|item| item.elsewhere).count() as u64,
        rules: by_rule(&rules, &judged),
        by_period: by_period(&judged),
        items,
    })
}

fn came(document: &StoredDocument) -> DateTime<Utc> {
    document.document.finalized_at.unwrap_or(document.first_seen_at)
}

fn of_entity(
    ctx: &Context,
    entity: &EntityCode,
    mapping: &AccountMapping,
    rules: &LateRules,
    periods: u32,
) -> DeskResult<Vec<Judged>> {
    let Some(books) = Books::now(&ctx.store(), mapping, entity)? else { return Ok(Vec::new()) };
    let functional = books.entity.functional_currency;
    let now = late::board(ctx, entity)?;
    let mut judged = Vec::new();
    let mut waiting = HashSet::new();
    for (exception, ruled) in late::board_under(ctx, entity, rules)? {
        let row = ctx.known().exception(&exception)?;
        let Some(id) = row.document else { continue };
        let document = ctx.known().document(&id)?;
        let went = now.get(&exception).and_then(|ruled| ruled.into.as_ref()).map(|into| into.key.clone());
        waiting.insert(id);
        judged.push(Judged { document, entity: entity.clone(), functional, ruled, went, waits: true });
    }
    let mut closed: Vec<NaiveDate> = books
        .periods
        .iter()
        .filter(|period| !period.status.accepts(Subledger::Ar))
        .map(|period| period.starts)
        .collect();
    closed.sort_unstable_by(|one, other| other.cmp(one));
    let Some(from) = closed.iter().take(periods as usize).next_back() else { return Ok(judged) };
    let ids = ctx.store().late_documents(entity, *from)?;
    let before = ids.into_iter().filter(|id| !waiting.contains(id));
    judged.extend(of_before(ctx, before.collect(), (&books, mapping), rules)?);
    Ok(judged)
}

/// What is booked by now, or about to be: each judged by the periods as they stood when it came.
fn of_before(
    ctx: &Context,
    ids: Vec<DocumentId>,
    (books, mapping): (&Books<'_>, &AccountMapping),
    rules: &LateRules,
) -> DeskResult<Vec<Judged>> {
    let mut documents = Vec::with_capacity(ids.len());
    for id in &ids {
        documents.push(ctx.known().document(id)?);
    }
    documents.sort_by_key(|one| (came(one), one.document.reference.clone(), one.id.to_string()));
    let (mut judged, mut used) = (Vec::new(), LateUsed::default());
    let (entity, functional) = (&books.entity.code, books.entity.functional_currency);
    for document in documents {
        let Some(expected) = derivation::expectation_of(ctx, Some(&document))? else { continue };
        let Some(entry) = late::entry_of(&expected, &document, mapping) else { continue };
        let then = books.at(came(&document));
        let Some(item) = then.item(&document, &entry) else { continue };
        let Some(ruled) = then.ruled(item, rules, &used) else { continue };
        then.count(&mut used, &ruled);
        let went = went(ctx, &document, entity)?;
        let (entity, waits) = (entity.clone(), false);
        judged.push(Judged { document, entity, functional, ruled, went, waits });
    }
    Ok(judged)
}

/// The period into which it was booked, or into which a posting of it goes.
fn went(ctx: &Context, document: &StoredDocument, entity: &EntityCode) -> DeskResult<Option<PeriodKey>> {
    let reference = &document.document.reference;
    let entries = ctx.known().entries_by_reference(reference)?;
    let stands = entries.iter().find(|stored| {
        stored.entry.status == EntryStatus::Booked
            && !stored.netted
            && matches!(&stored.entry.entity, EntityRef::Code(code) if code == entity)
    });
    if let Some(stored) = stands {
        return Ok(Some(stored.entry.period.clone()));
    }
    let expected = ctx.known().expectation(&document.id)?;
    Ok(expected.and_then(|stored| stored.expected.period))
}

fn item(one: &Judged) -> SimulatedItem {
    let document = &one.document.document;
    let goes = one.ruled.into.as_ref().map(|into| into.key.clone());
    let currency = document.currency();
    SimulatedItem {
        reference: document.reference.clone(),
        customer: document.customer.clone(),
        entity: one.entity.to_string(),
        kind: document.kind.as_str().to_owned(),
        dated: one.ruled.item.date.to_string(),
        arrived: document.finalized_at,
        own: one.ruled.own.key.to_string(),
        amount: decimal_text(document.total.minor(), currency.code()),
        currency: currency.code().to_owned(),
        gross: decimal_text(one.ruled.item.gross.minor(), one.functional.code()),
        functional_currency: one.functional.code().to_owned(),
        waits: one.waits,
        rule: one.ruled.rule.as_ref().map(|rule| rule.name.clone()),
        elsewhere: goes != one.went,
        goes: goes.map(|key| key.to_string()),
        went: one.went.as_ref().map(ToString::to_string),
        says: late_words::line(&one.ruled),
    }
}

/// Amounts per currency, exact.
#[derive(Default)]
struct Sums(BTreeMap<Currency, (u64, i128)>);

impl Sums {
    fn of<'a>(judged: impl Iterator<Item = &'a Judged>) -> Vec<SimulatedSum> {
        let mut sums = Self::default();
        for one in judged {
            let total = one.document.document.total;
            let sum = sums.0.entry(total.currency()).or_default();
            sum.0 += 1;
            sum.1 += i128::from(total.minor()).abs();
        }
        let view = |(currency, (count, minor)): (&Currency, &(u64, i128))| SimulatedSum {
            currency: currency.code().to_owned(),
            count: *count,
            amount: wide_text(*minor, *currency),
        };
        sums.0.iter().map(view).collect()
    }
}

fn by_rule(rules: &LateRules, judged: &[Judged]) -> Vec<SimulatedRule> {
    let named = |one: &Judged| one.ruled.rule.as_ref().map(|rule| rule.name.clone());
    let of = |rule: Option<&str>| {
        let rule = rule.map(str::to_owned);
        judged.iter().filter(move |one| named(one) == rule)
    };
    let elsewhere = |one: &&Judged| one.ruled.into.as_ref().map(|into| &into.key) != one.went.as_ref();
    let row = |rule: Option<&str>, says: &str, action: &str| SimulatedRule {
        rule: rule.map(str::to_owned),
        says: says.to_owned(),
        action: action.to_owned(),
        count: of(rule).count() as u64,
        elsewhere: of(rule).filter(elsewhere).count() as u64,
        sums: Sums::of(of(rule)),
    };
    let mut all: Vec<SimulatedRule> = rules
        .policy
        .rules
        .iter()
        .map(|rule| row(Some(&rule.name), &rule.says, action(rule.action)))
        .collect();
    all.push(row(None, "no rule takes it", "hold"));
    all
}

/// The stable name of what a rule does.
pub(crate) fn action(action: LateAction) -> &'static str {
    match action {
        LateAction::OwnPeriod => "own_period",
        LateAction::NextOpen => "next_open",
        LateAction::Hold => "hold",
        LateAction::Reopen => "reopen",
    }
}

fn by_period(judged: &[Judged]) -> Vec<SimulatedPeriod> {
    let mut periods: BTreeMap<(EntityCode, PeriodKey), Vec<&Judged>> = BTreeMap::new();
    for one in judged {
        if let Verdict::Route { into, .. } = &one.ruled.verdict
            && *into != one.ruled.own.key
        {
            periods.entry((one.entity.clone(), one.ruled.own.key.clone())).or_default().push(one);
        }
    }
    let view = |((entity, period), judged): ((EntityCode, PeriodKey), Vec<&Judged>)| SimulatedPeriod {
        entity: entity.to_string(),
        period: period.to_string(),
        count: judged.len() as u64,
        sums: Sums::of(judged.into_iter()),
    };
    periods.into_iter().map(view).collect()
}
