//! The tie-out: billing against the ledger, cell by cell, and how much of each variance open exceptions
//! explain.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tieout_domain::{Currency, Money, Rounding, accounts::AccountMapping};
use tieout_store::{CellQuery, CellShare, TieOutFilter, TieOutRow};

use crate::{
    base::{context::Context, error::DeskResult, labels::decimal_text},
    governance::changes,
    intake::{chart, detection},
    settlement::posting_pages::MOST_ROWS,
};

/// Which cells.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct TieOutRequest {
    /// Only this entity.
    pub entity: Option<String>,
    /// Only this period.
    pub period: Option<String>,
    /// Only this account.
    pub account: Option<String>,
    /// Only this currency.
    #[serde(default)]
    pub currency: Option<String>,
    /// Only where this is not zero: variance, or unexplained.
    #[serde(default)]
    pub show: Option<Shown>,
    /// Detect first, as of this instant or date; without it the state as last detected is shown.
    pub as_of: Option<String>,
}

/// Which cells are worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// Where billing and ledger differ.
    Variance,
    /// Where neither an exception nor a posting under way explains it.
    Unexplained,
    /// Of these, where it reaches the entity's materiality.
    Material,
}

impl Shown {
    /// In words, after "only".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Shown::Variance => "where billing and ledger differ",
            Shown::Unexplained => "what nothing explains",
            Shown::Material => "what nothing explains and reaches the entity's materiality",
        }
    }
}

/// One cell of the tie-out, and which of its references.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct CellRequest {
    /// The legal entity.
    pub entity: String,
    /// The currency.
    pub currency: String,
    /// The period.
    pub period: String,
    /// The account.
    pub account: String,
    /// The first one's place in the list.
    #[serde(default)]
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// What one reference puts into a cell, debit-positive, major units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CellDocument {
    /// The reference, or the number of an entry without one.
    pub reference: String,
    /// Our id of the document, where billing has one.
    pub document: Option<String>,
    /// What its documents expect here.
    pub billing: String,
    /// What its entries hold here.
    pub ledger: String,
    /// Ledger minus billing, corrections and what is settled.
    pub variance: String,
    /// The open exception that stands on it.
    pub exception: Option<String>,
    /// Its kind.
    pub kind: Option<String>,
}

/// A window of a cell, the largest differences first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CellDocuments {
    /// How many references the cell has.
    pub total: u64,
    /// The first one's place.
    pub start: u64,
    /// The references.
    pub rows: Vec<CellDocument>,
}

/// What the mapping says of a cell's difference: it in the reporting currency, and whether it matters.
struct Read {
    reporting: Option<String>,
    material: bool,
}

fn read(mapping: Option<&AccountMapping>, row: &TieOutRow) -> Read {
    let entity = mapping.and_then(|m| m.entities.iter().find(|e| e.code.as_str() == row.entity));
    let (Some(mapping), Some(entity)) = (mapping, entity) else {
        return Read { reporting: None, material: row.unexplained_minor != 0 };
    };
    let rate = |to: Currency| {
        // As of the last day of its month; a period of another calendar takes the latest rate that there is.
        let day = row.period.month_end().unwrap_or(NaiveDate::MAX);
        mapping.rate_of(entity.rates.as_deref(), (row.currency, to), day)
    };
    let translated = |minor: i64, to: Currency| {
        Money::new(minor, row.currency).convert(rate(to)?, to, Rounding::HalfEven).ok()
    };
    let reporting = mapping.reporting_currency.and_then(|to| translated(row.variance_minor, to));
    let least = entity.materiality.as_ref().and_then(|m| m.of(entity.functional_currency).ok());
    let material = match (least, translated(row.unexplained_minor, entity.functional_currency)) {
        (Some(least), Some(open)) => open.minor().unsigned_abs() >= least.minor().unsigned_abs().max(1),
        // Without a limit, or a rate to hold it against, everything matters.
        _ => row.unexplained_minor != 0,
    };
    Read { reporting: reporting.map(|money| money.to_decimal().to_string()), material }
}

fn view(row: &TieOutRow, account_name: Option<&str>, read: Read) -> TieOutView {
    let currency = row.currency.code();
    let text = |minor| decimal_text(minor, currency);
    TieOutView {
        entity: row.entity.to_string(),
        currency: currency.to_owned(),
        period: row.period.to_string(),
        account: row.account.to_string(),
        account_name: account_name.map(str::to_owned),
        billing_minor: row.billing_minor,
        corrections_minor: row.corrections_minor,
        settled_minor: row.settled_minor,
        ledger_minor: row.ledger_minor,
        variance_minor: row.variance_minor,
        explained_minor: row.explained_minor,
        in_transit_minor: row.in_transit_minor,
        unexplained_minor: row.unexplained_minor,
        open_exceptions: row.open_exceptions,
        billing: text(row.billing_minor),
        ledger: text(row.ledger_minor),
        variance: text(row.variance_minor),
        unexplained: text(row.unexplained_minor),
        corrections: text(row.corrections_minor),
        settled: text(row.settled_minor),
        not_ours: text(row.not_ours_minor),
        noted: text(row.noted_minor),
        tolerated: text(row.tolerated_minor),
        opening: text(row.opening_minor),
        reporting: read.reporting,
        material: read.material,
        explained: text(row.explained_minor),
        in_transit: text(row.in_transit_minor),
    }
}

/// One cell of the tie-out, debit-positive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct TieOutView {
    /// The legal entity.
    pub entity: String,
    /// The currency; no total adds two.
    pub currency: String,
    /// The period.
    pub period: String,
    /// The account.
    pub account: String,
    /// What the ERP calls it, where its chart was read.
    pub account_name: Option<String>,
    /// What billing says the ledger should hold.
    #[ts(skip)]
    pub billing_minor: i64,
    /// Entries and their reversals, which cancel out over periods.
    #[ts(skip)]
    pub corrections_minor: i64,
    /// What settles documents in the ledger and billing does not know.
    #[ts(skip)]
    pub settled_minor: i64,
    /// What the ledger holds.
    #[ts(skip)]
    pub ledger_minor: i64,
    /// Ledger minus billing, corrections, and what is settled, not ours, noted, tolerated or opening.
    #[ts(skip)]
    pub variance_minor: i64,
    /// How much of it open exceptions explain.
    #[ts(skip)]
    pub explained_minor: i64,
    /// How much of it is still on its way: documents within their time, or not yet judgeable.
    #[ts(skip)]
    pub in_transit_minor: i64,
    /// What nothing explains.
    #[ts(skip)]
    pub unexplained_minor: i64,
    /// Open exceptions that touch this cell.
    pub open_exceptions: i64,
    /// The billing total in major units.
    pub billing: String,
    /// The ledger total in major units.
    pub ledger: String,
    /// The variance in major units.
    pub variance: String,
    /// The unexplained part in major units.
    pub unexplained: String,
    /// The corrections in major units.
    pub corrections: String,
    /// What settles documents in the ledger and billing does not know (receipts that the ERP is the master
    /// of), in major units.
    pub settled: String,
    /// What a rule keeps out as none of this billing's business, in major units.
    pub not_ours: String,
    /// What signed notes and rules explain, in major units.
    pub noted: String,
    /// Differences within the tolerance, in major units.
    pub tolerated: String,
    /// What lies before the cutover or is booked for opening items, in major units.
    pub opening: String,
    /// The variance in the mapping's reporting currency, at the rate of the period's end, major units.
    pub reporting: Option<String>,
    /// True where what nothing explains reaches the entity's materiality.
    pub material: bool,
    /// The explained part in major units.
    pub explained: String,
    /// The part on its way in major units.
    pub in_transit: String,
}

/// Per entity, currency, period and account, debit-positive. Writes nothing unless it is asked as of an
/// instant.
///
/// # Errors
/// `bad_id`, `bad_instant`, a database error.
pub fn tie_out(ctx: &Context, request: &TieOutRequest) -> DeskResult<Vec<TieOutView>> {
    let filter = TieOutFilter {
        entity: request.entity.as_deref().map(str::parse).transpose()?,
        period: request.period.as_deref().map(tieout_domain::calendar::PeriodKey::new),
        account: request.account.as_deref().map(str::parse).transpose()?,
        ..TieOutFilter::default()
    };
    if request.as_of.is_some() {
        detection::detect(ctx, request.as_of.as_deref())?;
    }
    let mapping = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let mapping = mapping.as_deref();
    let shown = |row: &&TieOutRow| {
        request.currency.as_deref().is_none_or(|currency| row.currency.code() == currency)
            && request.show.is_none_or(|show| match show {
                Shown::Variance => row.variance_minor != 0,
                Shown::Unexplained => row.unexplained_minor != 0,
                Shown::Material => read(mapping, row).material,
            })
    };
    let (charts, erps) = (chart::charts(ctx)?, chart::erps_of_entities(ctx)?);
    let named =
        |row: &TieOutRow| view(row, charts.name(erps.get(&row.entity), &row.account), read(mapping, row));
    Ok(ctx.store().tie_out(&filter)?.iter().filter(shown).map(named).collect())
}

/// What one cell is made of, as last detected: its references' shares add up to it.
///
/// # Errors
/// `bad_id`, `currency_unknown` …, a database error.
pub fn tie_out_documents(ctx: &Context, request: &CellRequest) -> DeskResult<CellDocuments> {
    let currency = Currency::new(&request.currency)?;
    let query = CellQuery {
        entity: request.entity.parse()?,
        currency,
        period: tieout_domain::calendar::PeriodKey::new(&request.period),
        account: request.account.parse()?,
        start: request.start,
        limit: request.limit.min(MOST_ROWS),
    };
    let text = |minor| decimal_text(minor, currency.code());
    let view = |share: &CellShare| CellDocument {
        reference: share.reference.clone(),
        document: share.document.as_ref().map(ToString::to_string),
        billing: text(share.billing_minor),
        ledger: text(share.ledger_minor),
        variance: text(share.variance_minor),
        exception: share.exception.as_ref().map(|(id, _)| id.to_string()),
        kind: share.exception.as_ref().map(|(_, kind)| kind.as_str().to_owned()),
    };
    let window = ctx.store().cell_window(&query)?;
    Ok(CellDocuments {
        total: window.total,
        start: request.start,
        rows: window.rows.iter().map(view).collect(),
    })
}
