//! Accounting periods as a form offers them: each with what it takes.

use serde::{Deserialize, Serialize};
use tieout_domain::{EntityCode, calendar::Subledger};

use crate::{
    base::{context::Context, error::DeskResult, views::PeriodState, wording},
    settlement::draft,
};

/// Whose periods.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct PeriodsRequest {
    /// Only of this entity.
    pub entity: Option<String>,
}

/// One accounting period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct OpenPeriod {
    /// The legal entity.
    pub entity: String,
    /// Its name.
    pub key: String,
    /// First day.
    pub starts: String,
    /// Last day, included.
    pub ends: String,
    /// Its status, in words.
    pub status: String,
    /// The same, named.
    pub state: PeriodState,
    /// True where it takes entries of receivables.
    pub accepts: bool,
    /// What that means, in a sentence.
    pub says: String,
}

/// The periods of one entity or of all, by entity and first day.
///
/// # Errors
/// `bad_id`, a database error.
pub fn periods(ctx: &Context, request: &PeriodsRequest) -> DeskResult<Vec<OpenPeriod>> {
    let wanted: Option<EntityCode> = request.entity.as_deref().map(str::parse).transpose()?;
    let mut periods = draft::all_periods(ctx)?;
    periods.retain(|period| wanted.as_ref().is_none_or(|entity| *entity == period.entity));
    let view = |period: &tieout_domain::calendar::Period| OpenPeriod {
        entity: period.entity.to_string(),
        key: period.key.to_string(),
        starts: period.starts.to_string(),
        ends: period.ends.to_string(),
        status: wording::status(period.status),
        state: PeriodState::of(Some(period.status)),
        accepts: period.status.accepts(Subledger::Ar),
        says: wording::says(period),
    };
    Ok(periods.iter().map(view).collect())
}
