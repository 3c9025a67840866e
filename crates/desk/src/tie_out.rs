//! The tie-out: billing against the ledger, cell by cell, and how much of each variance open exceptions
//! explain. And the five flows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::flow::Flow;
use tieout_store::{TieOutFilter, TieOutRow};

use crate::{
    error::DeskResult,
    views::{TieOutView, decimal_text},
    when,
    workspace::Desk,
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
    /// Judge what is due as of this instant or date.
    pub as_of: Option<String>,
}

/// How one of the five flows stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FlowView {
    /// Its stable name.
    pub flow: String,
    /// Its name.
    pub name: String,
    /// The event that starts it.
    pub start: String,
    /// The event that finishes it.
    pub finish: String,
    /// Hours from start to finish.
    pub sla_hours: u32,
    /// Finished; `None` where no source lets us see.
    pub done: Option<u64>,
    /// Under way and in time.
    pub in_time: Option<u64>,
    /// Under way and late.
    pub late: Option<u64>,
    /// What is missing, where the flow cannot be seen.
    pub note: String,
}

fn view(row: &TieOutRow) -> TieOutView {
    let currency = row.currency.code();
    let text = |minor| decimal_text(minor, currency);
    TieOutView {
        entity: row.entity.to_string(),
        currency: currency.to_owned(),
        period: row.period.to_string(),
        account: row.account.to_string(),
        billing_minor: row.billing_minor,
        corrections_minor: row.corrections_minor,
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
    }
}

impl Desk {
    /// Per entity, currency, period and account, debit-positive.
    ///
    /// # Errors
    /// `bad_id`, `bad_instant`, a database error.
    pub fn tie_out(&self, request: &TieOutRequest) -> DeskResult<Vec<TieOutView>> {
        let filter = TieOutFilter {
            entity: request.entity.as_deref().map(str::parse).transpose()?,
            period: request.period.as_deref().map(tieout_domain::calendar::PeriodKey::new),
            account: request.account.as_deref().map(str::parse).transpose()?,
            ..TieOutFilter::default()
        };
        self.detect(request.as_of.as_deref())?;
        Ok(self.store().tie_out(&filter)?.iter().map(view).collect())
    }

    /// The five flows, each with its start, finish and time limit; one without a source says so.
    ///
    /// # Errors
    /// `bad_instant`, a database error.
    pub fn flows(&self, as_of: Option<&str>) -> DeskResult<Vec<FlowView>> {
        self.detect(as_of)?;
        let at: DateTime<Utc> = as_of.map(when::instant).transpose()?.unwrap_or_else(|| self.clock.now());
        let mut views = Vec::with_capacity(Flow::ALL.len());
        for flow in Flow::ALL {
            let definition = flow.definition();
            let counts = self.store().flow_counts(flow, at)?;
            let note = match counts {
                Some(_) => String::new(),
                None => format!("not seen: it needs {}", definition.source),
            };
            views.push(FlowView {
                flow: flow.as_str().to_owned(),
                name: definition.name.to_owned(),
                start: definition.start.to_owned(),
                finish: definition.finish.to_owned(),
                sla_hours: definition.sla_hours,
                done: counts.map(|c| c.done),
                in_time: counts.map(|c| c.in_time),
                late: counts.map(|c| c.late),
                note,
            });
        }
        Ok(views)
    }
}
