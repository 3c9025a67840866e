//! The overview: business states, each figure from the state as last detected. It writes nothing.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency,
    calendar::{Period, Subledger},
    exception::OwnerTeam,
    flow::Flow,
};
use tieout_store::{AgeRow, LagRow, OwnerRow, PeriodLoad, TieOutRow, Within};

use crate::{
    access::actor::{self, Names},
    base::{
        context::Context,
        error::DeskResult,
        labels::decimal_text,
        wording::{self, wide_text},
    },
    close::flows::{self, FlowView, Limits},
    queue::exception_views::Sum,
    settlement::draft,
};

/// How far back the posting lag looks.
const LAG_DAYS: i64 = 90;
/// Where the buckets of age begin, in whole days.
const AGES: [i64; 5] = [0, 4, 8, 31, 91];
/// How many of an entity's periods that have begun are shown although nothing stands in them.
const RECENT_PERIODS: usize = 3;

/// How long invoices took to the ledger, of those booked on one day: from the document being final in billing
/// to its journal being made in the ERP, which is what the flow's time limit means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LagPoint {
    /// The day, UTC.
    pub day: String,
    /// Half of them took no longer, in minutes.
    pub p50_minutes: u64,
    /// 95 of 100 took no longer, in minutes.
    pub p95_minutes: u64,
    /// How many there were.
    pub count: u64,
}

/// Open exceptions of one age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AgeBucket {
    /// The bucket, in words.
    pub label: String,
    /// Days since their document's date (since they were found, where there is none), at least.
    pub from_days: i64,
    /// How many.
    pub count: u64,
    /// How many of them are past due.
    pub overdue: u64,
    /// How many of the others fall due within a day.
    pub soon: u64,
    /// Their amounts per currency.
    pub sums: Vec<Sum>,
}

/// Open exceptions of one owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct OwnerCount {
    /// The team.
    pub owner: String,
    /// The person's name, or the team's where nobody has them.
    pub name: String,
    /// The person's id.
    pub assignee: Option<String>,
    /// How many.
    pub count: u64,
    /// How many of them are past due.
    pub overdue: u64,
}

/// How ready one period of one entity is to be closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CloseCell {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// Its status, in words.
    pub status: String,
    /// Receivables: open, soft-closed, locked or closed.
    pub ar: String,
    /// The general ledger: the same.
    pub gl: String,
    /// Open exceptions.
    pub open: u64,
    /// Those that keep it from being closed: all but low ones.
    pub blocking: u64,
    /// Documents still on their way, in time.
    pub in_transit: u64,
    /// True where nothing keeps it from being closed.
    pub ready: bool,
    /// All that in one sentence.
    pub says: String,
}

/// Billing against the ledger on the control accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct VarianceCell {
    /// The legal entity.
    pub entity: String,
    /// The currency.
    pub currency: String,
    /// The period.
    pub period: String,
    /// What billing says, major units.
    pub billing: String,
    /// What was corrected: in the ledger, and cancelling out over periods.
    pub corrections: String,
    /// What settles documents in the ledger and billing does not know.
    pub settled: String,
    /// What the ledger holds.
    pub ledger: String,
    /// Ledger minus billing, corrections and what is settled.
    pub variance: String,
    /// What nothing explains.
    pub unexplained: String,
    /// Share of the largest absolute variance of its currency, 0 to 1000, for drawing.
    pub weight: u32,
}

/// Of what the overview is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ts_rs::TS)]
pub struct OverviewRequest {
    /// Only of this legal entity.
    #[serde(default)]
    pub entity: Option<String>,
    /// Only of this period; the flows are those of all periods.
    #[serde(default)]
    pub period: Option<String>,
}

impl OverviewRequest {
    fn within(&self) -> Within<'_> {
        Within { entity: self.entity.as_deref(), period: self.period.as_deref() }
    }

    fn holds(&self, entity: &str, period: &str) -> bool {
        let is = |asked: &Option<String>, found: &str| asked.as_deref().is_none_or(|asked| asked == found);
        is(&self.entity, entity) && is(&self.period, period)
    }
}

/// Everything that the overview shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Overview {
    /// The five flows.
    pub flows: Vec<FlowView>,
    /// Invoice to ledger, per day, over at most the last 90 days.
    pub lag: Vec<LagPoint>,
    /// The time limit of that flow, in minutes.
    pub lag_sla_minutes: i64,
    /// Open exceptions by age.
    pub ageing: Vec<AgeBucket>,
    /// Open exceptions by owner, the most first.
    pub owners: Vec<OwnerCount>,
    /// Close readiness.
    pub close: Vec<CloseCell>,
    /// Billing against the ledger.
    pub variance: Vec<VarianceCell>,
    /// As of when exceptions were last judged.
    pub checked_at: Option<DateTime<Utc>>,
}

/// What [`overview`] worked out last. Desks on one workspace share it.
#[derive(Default)]
pub(crate) struct Figures(Mutex<Option<Arc<Slow>>>);

struct Slow {
    /// The state of detection that they are of, and what of it.
    stamp: (String, OverviewRequest),
    checked_at: Option<DateTime<Utc>>,
    flows: Vec<FlowView>,
    lag: Vec<LagRow>,
    loads: Vec<PeriodLoad>,
    variance: Vec<TieOutRow>,
}

/// The overview by the state as last detected. Ages and what is overdue are counted from now, as lists
/// show them; flows, transit and lag by the instant as of which exceptions were last judged.
///
/// # Errors
/// A database error.
pub fn overview(ctx: &Context, request: &OverviewRequest) -> DeskResult<Overview> {
    let now = ctx.clock.now();
    let slow = slow_figures(ctx, request, now)?;
    let ages = ctx.store().exception_ages(now, &AGES, request.within())?;
    let owners = ctx.store().exception_owners(now, request.within())?;
    let names = actor::names(ctx)?;
    Ok(Overview {
        flows: slow.flows.clone(),
        lag: slow.lag.iter().map(lag_point).collect(),
        lag_sla_minutes: Limits::in_force(ctx)?.hours(Flow::InvoiceToErp) * 60,
        ageing: AGES.iter().enumerate().map(|(i, from)| bucket(*from, AGES.get(i + 1), &ages)).collect(),
        owners: owners.iter().map(|row| owner(row, &names)).collect(),
        close: close(&draft::all_periods(ctx)?, &slow.loads, slow.checked_at.unwrap_or(now), request),
        variance: variances(&slow.variance),
        checked_at: slow.checked_at,
    })
}

/// The figures that look at every document and entry, worked out once per state of detection.
fn slow_figures(ctx: &Context, request: &OverviewRequest, now: DateTime<Utc>) -> DeskResult<Arc<Slow>> {
    let stamp = (ctx.store().detection_stamp()?, request.clone());
    let figures = ctx.shelf.get::<Figures>();
    let mut kept = figures.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = kept.as_ref().filter(|slow| slow.stamp == stamp) {
        return Ok(Arc::clone(found));
    }
    let checked_at = ctx.store().judged_as_of()?;
    let as_of = checked_at.unwrap_or(now);
    // One statement each: a guard of the store lives to the end of the statement that took it.
    let flows = flows::flows_as_detected(ctx, as_of, request.entity.as_deref())?;
    let lag = ctx.store().posting_lag((as_of - Duration::days(LAG_DAYS), as_of), request.within())?;
    let loads = ctx.store().period_loads()?;
    let mut variance = ctx.store().control_tie_out()?;
    variance.retain(|row| request.holds(&row.entity, row.period.as_str()));
    let slow = Arc::new(Slow { stamp, checked_at, flows, lag, loads, variance });
    *kept = Some(Arc::clone(&slow));
    Ok(slow)
}

fn lag_point(row: &LagRow) -> LagPoint {
    let minutes = |ms: i64| u64::try_from(ms / 60_000).unwrap_or(0);
    LagPoint {
        day: row.day.to_string(),
        p50_minutes: minutes(row.p50_ms),
        p95_minutes: minutes(row.p95_ms),
        count: row.count,
    }
}

fn bucket(from: i64, to: Option<&i64>, ages: &[AgeRow]) -> AgeBucket {
    let own: Vec<&AgeRow> = ages.iter().filter(|row| row.from_days == from).collect();
    let sum = |row: &&AgeRow| Sum {
        currency: row.currency.code().to_owned(),
        count: row.count,
        amount: wide_text(row.amount_minor, row.currency),
    };
    AgeBucket {
        label: match to {
            Some(to) => format!("{from}–{} days", to - 1),
            None => format!("{from} days and more"),
        },
        from_days: from,
        count: own.iter().map(|row| row.count).sum(),
        overdue: own.iter().map(|row| row.overdue).sum(),
        soon: own.iter().map(|row| row.soon).sum(),
        sums: own.iter().map(sum).collect(),
    }
}

fn owner(row: &OwnerRow, names: &Names) -> OwnerCount {
    let team = match row.owner {
        OwnerTeam::Integration => "Integration",
        OwnerTeam::FinanceOperations => "Finance operations",
    };
    OwnerCount {
        owner: row.owner.as_str().to_owned(),
        name: row.assignee.as_ref().map_or_else(|| team.to_owned(), |id| names.of(id.as_str())),
        assignee: row.assignee.as_ref().map(ToString::to_string),
        count: row.count,
        overdue: row.overdue,
    }
}

/// The periods in which something stands, and the last ones that have begun, by entity and first day; a
/// period that is asked for in any case.
fn close(
    periods: &[Period],
    loads: &[PeriodLoad],
    as_of: DateTime<Utc>,
    request: &OverviewRequest,
) -> Vec<CloseCell> {
    let none = PeriodLoad::default();
    let mut cells = Vec::new();
    for (index, period) in periods.iter().enumerate() {
        let begun = |p: &Period| p.entity == period.entity && p.starts <= as_of.date_naive();
        let later = periods.iter().skip(index + 1).filter(|p| begun(p)).count();
        let recent = begun(period) && later < RECENT_PERIODS;
        let stands = |l: &&PeriodLoad| l.entity == period.entity.as_str() && l.period == period.key.as_str();
        let load = loads.iter().find(stands);
        let asked = request.holds(period.entity.as_str(), period.key.as_str());
        if asked && (recent || load.is_some() || request.period.is_some()) {
            cells.push(close_cell(period, load.unwrap_or(&none)));
        }
    }
    cells
}

fn close_cell(period: &Period, load: &PeriodLoad) -> CloseCell {
    let name = wording::period(period.key.as_str());
    let plural =
        |n: u64, one: &str, many: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {many}") };
    let ready = load.blocking == 0 && load.in_transit == 0;
    let says = match (ready, load.blocking, load.in_transit) {
        (true, _, _) if period.status == tieout_domain::calendar::PeriodStatus::Closed => {
            format!("{name} is closed, and nothing stands against it.")
        }
        (true, _, _) if load.open > 0 => {
            format!(
                "{name} can be closed: only {} of low severity.",
                plural(load.open, "exception", "exceptions")
            )
        }
        (true, _, _) => format!("{name} can be closed: nothing stands against it."),
        (false, 0, transit) => {
            format!("{name} waits for {}.", plural(transit, "document on its way", "documents on their way"))
        }
        (false, blocking, 0) => {
            format!("{} must be settled first.", plural(blocking, "exception", "exceptions"))
        }
        (false, blocking, transit) => format!(
            "{} must be settled first, and {}.",
            plural(blocking, "exception", "exceptions"),
            plural(transit, "document is still on its way", "documents are still on their way")
        ),
    };
    CloseCell {
        entity: period.entity.to_string(),
        period: period.key.to_string(),
        status: wording::status(period.status),
        ar: wording::book(period.status, Subledger::Ar).to_owned(),
        gl: wording::book(period.status, Subledger::Gl).to_owned(),
        open: load.open,
        blocking: load.blocking,
        in_transit: load.in_transit,
        ready,
        says,
    }
}

fn variances(rows: &[TieOutRow]) -> Vec<VarianceCell> {
    let size = |row: &TieOutRow| u128::from(row.variance_minor.unsigned_abs());
    let largest = |currency: Currency| {
        rows.iter().filter(|row| row.currency == currency).map(size).max().unwrap_or(0).max(1)
    };
    let view = |row: &TieOutRow| {
        let text = |minor| decimal_text(minor, row.currency.code());
        VarianceCell {
            entity: row.entity.clone(),
            currency: row.currency.code().to_owned(),
            period: row.period.to_string(),
            billing: text(row.billing_minor),
            corrections: text(row.corrections_minor),
            settled: text(row.settled_minor),
            ledger: text(row.ledger_minor),
            variance: text(row.variance_minor),
            unexplained: text(row.unexplained_minor),
            weight: u32::try_from(size(row) * 1000 / largest(row.currency)).unwrap_or(1000),
        }
    };
    rows.iter().map(view).collect()
}
