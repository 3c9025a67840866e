//! The pilot's report: the first tie-out of a period, account by account: what agrees, what does not, why,
//! and by how much. It reads what the last detection found, and changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency, EntityCode, ExceptionId,
    calendar::{PeriodKey, Subledger},
    exception::ExceptionKind,
    said,
};
use tieout_store::{CellQuery, CellShare, TieOutFilter, TieOutRow};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        said::Said,
        views::PeriodState,
        wording,
    },
    governance::changes,
    intake::chart,
};

/// Which period of which entity.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PilotRequest {
    /// The legal entity; by default the first.
    #[serde(default)]
    pub entity: Option<String>,
    /// The period; by default the last that is closed, else the last that there is.
    #[serde(default)]
    pub period: Option<String>,
}

/// A period that a report can be of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PilotChoice {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// True where it takes no receivables any more.
    pub closed: bool,
}

/// A document, or an entry without one, on which both sides differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PilotItem {
    /// The reference, or the entry's number.
    pub reference: String,
    /// What its documents expect here, major units.
    pub billing: String,
    /// What its entries hold here.
    pub ledger: String,
    /// The difference.
    pub variance: String,
    /// The open exception that stands on it.
    pub exception: Option<String>,
    /// Why, in a sentence.
    pub why: String,
    /// The same in pieces, for a page.
    pub said: Vec<Said>,
}

/// Why some of an account differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PilotReason {
    /// The kind of exception; `None` for what is on its way, and what the ledger alone has.
    pub kind: Option<String>,
    /// The same for people.
    pub label: String,
    /// What a person does about it; empty where nothing is to be done yet.
    pub act: String,
    /// How many documents or entries.
    #[ts(type = "number")]
    pub count: u64,
    /// What billing expects of them, major units.
    pub billing: String,
    /// What the ledger holds of them.
    pub ledger: String,
    /// The difference.
    pub variance: String,
    /// The largest of them.
    pub items: Vec<PilotItem>,
}

/// An amount that stands beside the difference, under its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PilotPart {
    /// What it is.
    pub name: String,
    /// How much, major units.
    pub amount: String,
}

/// One account in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PilotAccount {
    /// The account.
    pub account: String,
    /// Its name in the ledger's chart.
    pub account_name: Option<String>,
    /// The currency.
    pub currency: String,
    /// What billing says that the ledger should hold, major units, debit-positive.
    pub billing: String,
    /// What it holds.
    pub ledger: String,
    /// The difference.
    pub variance: String,
    /// How many documents and entries agree.
    #[ts(type = "number")]
    pub agree: u64,
    /// What they come to, major units.
    pub agrees: String,
    /// How many do not.
    #[ts(type = "number")]
    pub differ: u64,
    /// Why not, the largest difference first.
    pub reasons: Vec<PilotReason>,
    /// What is kept out of the difference, under its name.
    pub beside: Vec<PilotPart>,
}

/// The pilot's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PilotReport {
    /// The legal entity.
    pub entity: String,
    /// Its name.
    pub entity_name: String,
    /// The period.
    pub period: String,
    /// How the period stands, in words.
    #[ts(skip)]
    pub status: String,
    /// The same, named.
    pub state: PeriodState,
    /// As of when the ledgers were last compared.
    pub as_of: Option<DateTime<Utc>>,
    /// What it comes to, in a sentence for each currency.
    pub says: Vec<String>,
    /// The same in pieces, for a page.
    pub said: Vec<Vec<Said>>,
    /// Its accounts.
    pub accounts: Vec<PilotAccount>,
    /// What else a report can be of.
    pub choices: Vec<PilotChoice>,
}

/// So many references are read at once.
const WINDOW: u32 = 1_000;
/// So many of a reason are listed; the file has all.
const LISTED: usize = 50;

/// Why something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// An open exception of this kind stands on it.
    Exception(ExceptionKind),
    /// Billing expects it, and nothing is wrong with that yet.
    OnItsWay,
    /// The ledger has it, and no document of billing is named by it.
    LedgerAlone,
}

impl Why {
    fn of(share: &CellShare) -> Self {
        match &share.exception {
            Some((_, kind)) => Why::Exception(*kind),
            None if share.billing_minor == 0 && share.document.is_none() => Why::LedgerAlone,
            None => Why::OnItsWay,
        }
    }

    /// Its name, and what a person does about it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Why::Exception(kind) => (kind.label(), kind.act()),
            Why::OnItsWay => ("Within its time, or on its way", ""),
            Why::LedgerAlone => ("In the ledger alone, and no exception", ""),
        }
    }
}

/// What one reason comes to.
#[derive(Default)]
struct Sum {
    count: u64,
    billing: i128,
    ledger: i128,
    variance: i128,
    shares: Vec<CellShare>,
}

/// The report of a period.
///
/// # Errors
/// `bad_id`, `ledger_not_read` where nothing was compared yet, `period_unknown`, a database error.
pub fn pilot(ctx: &Context, request: &PilotRequest) -> DeskResult<PilotReport> {
    report(&ctx.asking(), request, LISTED)
}

/// The same, with so many of each reason.
pub(crate) fn report(ctx: &Context, request: &PilotRequest, listed: usize) -> DeskResult<PilotReport> {
    let choices = choices(ctx)?;
    let (entity, period) = chosen(request, &choices)?;
    let filter = TieOutFilter {
        entity: Some(entity.clone()),
        period: Some(period.clone()),
        ..TieOutFilter::default()
    };
    let rows = ctx.store().tie_out(&filter)?;
    let (charts, erps) = (chart::charts(ctx)?, chart::erps_of_entities(ctx)?);
    let mut accounts = Vec::with_capacity(rows.len());
    for row in &rows {
        let name = charts.name(erps.get(&row.entity), &row.account);
        accounts.push(account(ctx, row, name, listed)?);
    }
    let mapping = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let named = mapping.as_ref().and_then(|mapping| mapping.entity(&entity));
    let known = ctx.known().periods_of(&entity)?;
    let status = known.iter().find(|one| one.period.key == period);
    let says = says(&rows, &accounts);
    Ok(PilotReport {
        entity_name: named.map(|entity| entity.name.clone()).unwrap_or_default(),
        entity: entity.to_string(),
        period: period.to_string(),
        state: PeriodState::of(status.map(|one| one.period.status)),
        status: status.map_or_else(|| "not known".to_owned(), |one| wording::status(one.period.status)),
        as_of: ctx.store().judged_as_of()?,
        says: says.iter().map(|one| said::plain(one)).collect(),
        said: says.iter().map(|one| Said::of(one)).collect(),
        accounts,
        choices,
    })
}

/// Every period in which anything was compared.
fn choices(ctx: &Context) -> DeskResult<Vec<PilotChoice>> {
    let rows = ctx.store().tie_out(&TieOutFilter::default())?;
    let all: BTreeSet<(String, String)> =
        rows.iter().map(|row| (row.entity.clone(), row.period.to_string())).collect();
    let known = ctx.known().periods()?;
    let closed = |entity: &str, period: &str| {
        let found = known
            .iter()
            .find(|one| one.period.entity.as_str() == entity && one.period.key.as_str() == period);
        found.is_some_and(|one| !one.period.status.accepts(Subledger::Ar))
    };
    let choice = |(entity, period): (String, String)| {
        let closed = closed(&entity, &period);
        PilotChoice { entity, period, closed }
    };
    Ok(all.into_iter().map(choice).collect())
}

fn chosen(request: &PilotRequest, choices: &[PilotChoice]) -> DeskResult<(EntityCode, PeriodKey)> {
    let first = choices.first().map(|one| one.entity.clone());
    let Some(entity) = request.entity.clone().or(first) else {
        let message = "nothing was compared yet: read billing and the ledger first";
        return Err(DeskError::new(Code::LedgerNotRead, message));
    };
    let own = || choices.iter().filter(|one| one.entity == entity);
    let last = own().rfind(|one| one.closed).or_else(|| own().next_back());
    let period = match &request.period {
        Some(period) if own().any(|one| one.period == *period) => Some(period.clone()),
        Some(period) => {
            let message = format!("{entity} has nothing to compare in {period}");
            return Err(DeskError::new(Code::PeriodUnknown, message));
        }
        None => last.map(|one| one.period.clone()),
    };
    let period = period.ok_or_else(|| {
        DeskError::new(Code::PeriodUnknown, format!("{entity} has no period in which anything was compared"))
    })?;
    Ok((entity.parse()?, PeriodKey::new(period)))
}

/// One account: the references that differ, by why; all others agree.
fn account(ctx: &Context, row: &TieOutRow, name: Option<&str>, listed: usize) -> DeskResult<PilotAccount> {
    let mut sums: BTreeMap<Why, Sum> = BTreeMap::new();
    let (mut total, mut differ, mut differing) = (0, 0_u64, 0_i128);
    let mut start = 0;
    'windows: loop {
        let query = CellQuery {
            entity: row.entity.parse()?,
            currency: row.currency,
            period: row.period.clone(),
            account: row.account.parse()?,
            start,
            limit: WINDOW,
        };
        let window = ctx.store().cell_window(&query)?;
        total = total.max(window.total);
        if window.rows.is_empty() {
            break;
        }
        start += window.rows.len() as u64;
        for share in window.rows {
            // Those that differ come first.
            if share.variance_minor == 0 {
                break 'windows;
            }
            differ += 1;
            differing += i128::from(share.billing_minor);
            let sum = sums.entry(Why::of(&share)).or_default();
            sum.count += 1;
            sum.billing += i128::from(share.billing_minor);
            sum.ledger += i128::from(share.ledger_minor);
            sum.variance += i128::from(share.variance_minor);
            if sum.shares.len() < listed {
                sum.shares.push(share);
            }
        }
    }
    let mut ordered: Vec<_> = sums.into_iter().collect();
    ordered.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.variance.unsigned_abs()));
    let text = |minor: i64| decimal_text(minor, row.currency.code());
    Ok(PilotAccount {
        account: row.account.clone(),
        account_name: name.map(str::to_owned),
        currency: row.currency.code().to_owned(),
        billing: text(row.billing_minor),
        ledger: text(row.ledger_minor),
        variance: text(row.variance_minor),
        agree: total.saturating_sub(differ),
        agrees: wording::wide_text(i128::from(row.billing_minor) - differing, row.currency),
        differ,
        reasons: ordered
            .into_iter()
            .map(|(why, sum)| reason(ctx, why, sum, row.currency))
            .collect::<DeskResult<_>>()?,
        beside: beside(row),
    })
}

fn reason(ctx: &Context, why: Why, sum: Sum, currency: Currency) -> DeskResult<PilotReason> {
    let wide = |minor: i128| wording::wide_text(minor, currency);
    let (label, act) = why.words();
    let kind = match why {
        Why::Exception(kind) => Some(kind.as_str().to_owned()),
        Why::OnItsWay | Why::LedgerAlone => None,
    };
    Ok(PilotReason {
        kind,
        label: label.to_owned(),
        act: act.to_owned(),
        count: sum.count,
        billing: wide(sum.billing),
        ledger: wide(sum.ledger),
        variance: wide(sum.variance),
        items: sum.shares.iter().map(|share| item(ctx, share, currency)).collect::<DeskResult<_>>()?,
    })
}

fn item(ctx: &Context, share: &CellShare, currency: Currency) -> DeskResult<PilotItem> {
    let text = |minor: i64| decimal_text(minor, currency.code());
    let id: Option<&ExceptionId> = share.exception.as_ref().map(|(id, _)| id);
    let why = match id {
        Some(id) => ctx.known().exception(id)?.said,
        None if Why::of(share) == Why::OnItsWay => {
            "No exception stands on it: its time is not up, or a posting of it is on its way.".to_owned()
        }
        None => "The ledger's entry names no document of billing.".to_owned(),
    };
    Ok(PilotItem {
        reference: share.reference.clone(),
        billing: text(share.billing_minor),
        ledger: text(share.ledger_minor),
        variance: text(share.variance_minor),
        exception: id.map(ToString::to_string),
        said: Said::of(&why),
        why: said::plain(&why),
    })
}

/// What the tie-out keeps out of the difference.
fn beside(row: &TieOutRow) -> Vec<PilotPart> {
    let parts = [
        ("Corrections that cancel out over periods", row.corrections_minor),
        ("Settled in the ledger alone", row.settled_minor),
        ("Not of this billing, by a rule", row.not_ours_minor),
        ("Explained by notes and rules", row.noted_minor),
        ("Within the tolerance", row.tolerated_minor),
        ("Before the cutover, or of opening items", row.opening_minor),
    ];
    let part = |(name, minor): (&str, i64)| PilotPart {
        name: name.to_owned(),
        amount: decimal_text(minor, row.currency.code()),
    };
    parts.into_iter().filter(|(_, minor)| *minor != 0).map(part).collect()
}

/// A sentence for each currency.
fn says(rows: &[TieOutRow], accounts: &[PilotAccount]) -> Vec<String> {
    let currencies: BTreeSet<Currency> = rows.iter().map(|row| row.currency).collect();
    let sentence = |currency: Currency| {
        let code = currency.code();
        let own: Vec<&PilotAccount> = accounts.iter().filter(|one| one.currency == code).collect();
        let agree = own.iter().filter(|one| one.differ == 0).count();
        let (alike, differ) =
            (own.iter().map(|one| one.agree).sum::<u64>(), own.iter().map(|one| one.differ));
        let off = rows.iter().filter(|row| row.currency == currency);
        let off: i128 = off.map(|row| i128::from(row.variance_minor.unsigned_abs())).sum();
        format!(
            "{code}: {agree} of {} accounts agree in full; {alike} lines agree and {} do not; differences of \
             {} in all, signs left out",
            own.len(),
            differ.sum::<u64>(),
            said::amount_text(&wording::wide_text(off, currency), currency)
        )
    };
    currencies.into_iter().map(sentence).collect()
}
