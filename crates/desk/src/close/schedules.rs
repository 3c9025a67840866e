//! Deferred revenue beside its revenue schedules: what was deferred, what is released and what is left,
//! period by period, and what the ledger holds. As last detected.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency, EntityCode,
    accounts::{AccountMapping, LegalEntity},
    calendar::PeriodKey,
};
use tieout_store::{DeferredInLedger, ScheduleQuery, ScheduleWhat, ScheduledMovement};

use crate::{
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        wording,
    },
    governance::changes,
    intake::chart,
};

/// At most so many documents in one answer.
const MOST_ROWS: u32 = 1_000;

/// Which schedules.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct SchedulesRequest {
    /// Only this entity.
    pub entity: Option<String>,
    /// Only this period; without, all of them.
    pub period: Option<String>,
    /// Document by document, of this reference or id.
    pub document: Option<String>,
    /// Document by document, of all.
    pub each: bool,
}

/// Deferred revenue of an entity, an account and a currency in a period: of all documents together, or of
/// one. Major units; what is owed in service is positive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ScheduleRow {
    /// The legal entity.
    pub entity: String,
    /// The deferred revenue account.
    pub account: String,
    /// The currency.
    pub currency: String,
    /// The period.
    pub period: String,
    /// The document's reference; none of all together.
    pub document: Option<String>,
    /// The document's id.
    pub document_id: Option<String>,
    /// What was left at the end of the period before.
    pub opening: String,
    /// What documents of this period defer.
    pub deferred: String,
    /// What the schedules release in it.
    pub released: String,
    /// What is left at its end.
    pub closing: String,
    /// Of the closing, what says no service period.
    pub without_term: String,
    /// What entries release in it; of a document, where entries name it.
    pub booked: Option<String>,
    /// What the ledger has left at its end; none of a single document.
    pub ledger: Option<String>,
    /// The ledger's closing less that of the schedules; of a document, what is booked less what is released.
    pub difference: Option<String>,
    /// How it stands.
    #[ts(as = "closed::ScheduleState")]
    pub state: String,
}

/// An account whose balance is held against revenue schedules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ScheduleAccount {
    /// The legal entity.
    pub entity: String,
    /// The deferred revenue account.
    pub account: String,
    /// What its ERP calls it.
    pub account_name: Option<String>,
}

/// Documents whose schedules make up a period, by page.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ScheduleDocumentsRequest {
    /// The legal entity.
    pub entity: String,
    /// The deferred revenue account.
    pub account: String,
    /// The currency.
    pub currency: String,
    /// The period.
    pub period: String,
    /// The first one's place.
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// A page of them: those that differ first, then by what is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ScheduleDocuments {
    /// How many there are.
    pub total: u64,
    /// The first one's place.
    pub start: u64,
    /// The documents' rows of the period.
    pub rows: Vec<ScheduleRow>,
}

/// Where a row stands: entity, account, currency, document.
type Place = (EntityCode, String, Currency, Option<(String, String)>);

/// What happens in one period, debit-positive minor units.
#[derive(Clone, Copy, Default)]
struct Moved {
    deferred: i128,
    released: i128,
    booked: i128,
    ledger: i128,
    /// True once its releases are due.
    due: bool,
    /// True where schedules release something in it.
    scheduled: bool,
    entries: bool,
}

#[derive(Default)]
struct Waterfall {
    periods: BTreeMap<PeriodKey, Moved>,
    /// What has no term, by nothing but its document.
    without_term: i128,
}

/// The schedules and the ledger, by entity, account, currency, document and period. Periods in which nothing
/// moves are left out, but for the one that was asked for.
///
/// # Errors
/// `mapping_required`, `not_found` of an entity without schedules or an unknown document, `bad_id`, a
/// database error.
pub fn close_schedules(ctx: &Context, request: &SchedulesRequest) -> DeskResult<Vec<ScheduleRow>> {
    let mapping = changes::mapping_needed(ctx)?.content;
    let entity: Option<EntityCode> = request.entity.as_deref().map(str::parse).transpose()?;
    asked_for(&mapping, entity.as_ref())?;
    let query =
        ScheduleQuery { entity: entity.clone(), document: request.document.clone(), each: request.each };
    let movements = ctx.store().schedule_movements(&query)?;
    if let Some(name) = request.document.as_ref().filter(|_| movements.is_empty()) {
        let message =
            format!("{name} defers no revenue: see tieout close schedules --each for those that do");
        return Err(DeskError::new(Code::NotFound, message));
    }
    let by_document = request.each || request.document.is_some();
    let ledger = ctx.store().deferred_in_ledger(entity.as_ref())?;
    let mut all = gathered(movements);
    book(&mut all, &ledger, by_document);
    let period = request.period.as_deref().map(PeriodKey::new);
    let rows = all.iter().flat_map(|(place, waterfall)| rows(place, waterfall, period.as_ref()));
    Ok(rows.collect())
}

/// The accounts that the mapping in force has held against schedules; none without a mapping.
///
/// # Errors
/// A database error.
pub fn schedule_accounts(ctx: &Context) -> DeskResult<Vec<ScheduleAccount>> {
    let Some(mapping) = changes::mapping_in_force(ctx)? else { return Ok(Vec::new()) };
    let (charts, erps) = (chart::charts(ctx)?, chart::erps_of_entities(ctx)?);
    let account = |entity: &LegalEntity| {
        let account = entity.schedules.as_ref().and(entity.accounts.deferred_revenue.as_ref())?.as_str();
        let erp = erps.get(entity.code.as_str());
        Some(ScheduleAccount {
            entity: entity.code.to_string(),
            account: account.to_owned(),
            account_name: charts.name(erp, account).map(str::to_owned),
        })
    };
    Ok(mapping.content.entities.iter().filter_map(account).collect())
}

/// The documents whose schedules make up a period of an account, by page.
///
/// # Errors
/// As [`close_schedules`].
pub fn schedule_documents(
    ctx: &Context,
    request: &ScheduleDocumentsRequest,
) -> DeskResult<ScheduleDocuments> {
    let asked = SchedulesRequest {
        entity: Some(request.entity.clone()),
        period: Some(request.period.clone()),
        document: None,
        each: true,
    };
    let mut all = close_schedules(ctx, &asked)?;
    let nothing = |text: &String| !text.contains(|digit: char| ('1'..='9').contains(&digit));
    all.retain(|row| {
        let amounts = [&row.opening, &row.deferred, &row.released, &row.closing];
        row.account == request.account
            && row.currency == request.currency
            && !amounts.into_iter().chain(&row.booked).all(nothing)
    });
    // As long as amounts of one currency are, without their signs: the longer is the larger.
    let size = |text: &str| {
        let digits = text.trim_start_matches('-');
        (digits.len(), digits.to_owned())
    };
    all.sort_by_cached_key(|row| {
        let differs = row.state == "differs";
        (Reverse((differs, size(&row.released))), row.document.clone())
    });
    let limit = usize::try_from(request.limit.min(MOST_ROWS)).unwrap_or_default();
    let from = usize::try_from(request.start).unwrap_or(usize::MAX);
    let total = all.len() as u64;
    Ok(ScheduleDocuments {
        total,
        start: request.start,
        rows: all.into_iter().skip(from).take(limit).collect(),
    })
}

/// Refuses an entity whose mapping asks for no schedules, or a mapping of which no entity does.
fn asked_for(mapping: &AccountMapping, entity: Option<&EntityCode>) -> DeskResult<()> {
    let asks = |code: Option<&EntityCode>| {
        let mut own = mapping.entities.iter().filter(|one| code.is_none_or(|code| one.code == *code));
        own.any(|one| one.schedules.is_some())
    };
    if asks(entity) {
        return Ok(());
    }
    let whose = entity.map_or_else(|| "no entity".to_owned(), |code| format!("not {code}"));
    let message = format!(
        "the mapping in force asks for revenue schedules of {whose}: write [entity.schedules] with a method \
         below the entity in it"
    );
    Err(DeskError::new(Code::NotFound, message))
}

fn gathered(movements: Vec<ScheduledMovement>) -> BTreeMap<Place, Waterfall> {
    let mut all: BTreeMap<Place, Waterfall> = BTreeMap::new();
    for one in movements {
        let document = one.document.map(|(id, reference)| (reference, id.to_string()));
        let place = (one.entity, one.account.to_string(), one.currency, document);
        let waterfall = all.entry(place).or_default();
        let minor = i128::from(one.minor);
        match (one.period, one.what) {
            (Some(period), ScheduleWhat::Deferred) => {
                waterfall.periods.entry(period).or_default().deferred += minor;
            }
            (Some(period), ScheduleWhat::Released) => {
                let moved = waterfall.periods.entry(period).or_default();
                moved.released += minor;
                moved.due |= one.due;
                moved.scheduled = true;
            }
            (_, ScheduleWhat::WithoutTerm) | (None, _) => waterfall.without_term += minor,
        }
    }
    all
}

/// Puts what is booked beside it: of all together all that the account holds, of a document the releases that
/// name it.
fn book(all: &mut BTreeMap<Place, Waterfall>, ledger: &[DeferredInLedger], by_document: bool) {
    for one in ledger {
        let of_account = (one.entity.clone(), one.account.to_string(), one.currency);
        if !by_document {
            let (entity, account, currency) = of_account;
            let waterfall = all.entry((entity, account, currency, None)).or_default();
            let moved = waterfall.periods.entry(one.period.clone()).or_default();
            moved.ledger += i128::from(one.minor);
            moved.booked += i128::from(one.released_minor);
            moved.entries |= one.released_minor != 0;
            continue;
        }
        let Some(reference) = &one.reference else { continue };
        let named = all.iter_mut().find(|((entity, account, currency, document), _)| {
            (entity, account, currency) == (&of_account.0, &of_account.1, &of_account.2)
                && document.as_ref().is_some_and(|(name, _)| name == reference)
        });
        if let Some((_, waterfall)) = named {
            let moved = waterfall.periods.entry(one.period.clone()).or_default();
            moved.booked += i128::from(one.released_minor);
            moved.entries = true;
        }
    }
}

fn rows(place: &Place, waterfall: &Waterfall, only: Option<&PeriodKey>) -> Vec<ScheduleRow> {
    let (entity, account, currency, document) = place;
    let mut keys: BTreeSet<&PeriodKey> = waterfall.periods.keys().collect();
    keys.extend(only);
    let text = |minor: i128| wording::wide_text(minor, *currency);
    let by_document = document.is_some();
    let (mut opening, mut held) = (0_i128, 0_i128);
    let mut found = Vec::new();
    for key in keys {
        let moved = waterfall.periods.get(key).copied().unwrap_or_default();
        let closing = opening + moved.deferred + moved.released;
        held += moved.ledger;
        let difference = match by_document {
            true => moved.booked - moved.released,
            // Owed is positive here, debits are not.
            false => closing - held,
        };
        let known = !by_document || moved.entries;
        if only.is_none_or(|only| only == key) {
            found.push(ScheduleRow {
                entity: entity.to_string(),
                account: account.clone(),
                currency: currency.code().to_owned(),
                period: key.to_string(),
                document: document.as_ref().map(|(reference, _)| reference.clone()),
                document_id: document.as_ref().map(|(_, id)| id.clone()),
                opening: text(-opening),
                deferred: text(-moved.deferred),
                released: text(moved.released),
                closing: text(-closing),
                without_term: text(-waterfall.without_term),
                booked: known.then(|| text(moved.booked)),
                ledger: (!by_document).then(|| text(-held)),
                difference: known.then(|| text(difference)),
                state: state(&moved, difference, known).to_owned(),
            });
        }
        opening = closing;
    }
    found
}

fn state(moved: &Moved, difference: i128, known: bool) -> &'static str {
    match (moved.scheduled && !moved.due, difference) {
        (true, _) => "not_due",
        _ if !known => "in_total",
        (false, 0) => "agrees",
        (false, _) => "differs",
    }
}
