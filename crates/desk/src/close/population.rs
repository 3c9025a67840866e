//! The proof that a ledger was read whole: what each ERP itself says of the accounts in scope, held against
//! the sum of what was read of its entries.

use serde::{Deserialize, Serialize};

use crate::{
    base::{context::Context, error::DeskResult, labels::decimal_text},
    intake::chart,
};

/// Which of the proof.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct PopulationRequest {
    /// Only this entity.
    #[serde(default)]
    pub entity: Option<String>,
    /// Only this period.
    #[serde(default)]
    pub period: Option<String>,
    /// Only this account.
    #[serde(default)]
    pub account: Option<String>,
}

/// One account of one entity in one period: opening and what moved are the closing, and what moved was read.
/// Functional currency, debit-positive, major units. What is not listed is not proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PopulationView {
    /// The name of the ERP's connection.
    pub connection: String,
    /// The entity, by its code, or the ERP's id of one that no mapping names.
    pub entity: String,
    /// The account.
    pub account: String,
    /// What the ERP calls it, where its chart was read.
    pub account_name: Option<String>,
    /// The period.
    pub period: String,
    /// The functional currency.
    pub currency: String,
    /// What the ERP says earlier periods left.
    pub opening: String,
    /// What the ERP says was debited.
    pub debits: String,
    /// What the ERP says was credited, positive.
    pub credits: String,
    /// What the ERP says the period left.
    pub closing: String,
    /// The sum of what was read of booked entries.
    pub read: String,
    /// What the ERP has and was not read.
    pub gap: String,
    /// True where nothing is missing.
    pub whole: bool,
}

/// What the ERPs themselves say of the accounts in scope, and what was read.
///
/// # Errors
/// A database error.
pub fn population(ctx: &Context, request: &PopulationRequest) -> DeskResult<Vec<PopulationView>> {
    let connections = ctx.store().connections()?;
    let charts = chart::charts(ctx)?;
    let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
    let mut views = Vec::new();
    for proven in ctx.store().trial_balances()? {
        let row = &proven.balance;
        let fits = is(&request.entity, row.entity.as_str())
            && is(&request.period, row.period.as_str())
            && is(&request.account, row.account.as_str());
        if !fits {
            continue;
        }
        let connection = connections.iter().find(|one| one.id == proven.connection);
        let name = charts.name(Some(&proven.connection), row.account.as_str());
        let text = |minor| decimal_text(minor, row.currency.code());
        views.push(PopulationView {
            connection: connection.map(|one| one.name.clone()).unwrap_or_default(),
            entity: row.entity.as_str().to_owned(),
            account: row.account.to_string(),
            account_name: name.map(str::to_owned),
            period: row.period.to_string(),
            currency: row.currency.code().to_owned(),
            opening: text(row.opening_minor),
            debits: text(row.debits_minor),
            credits: text(row.credits_minor),
            closing: text(row.closing_minor),
            read: text(proven.read_minor),
            gap: text(proven.gap_minor()),
            whole: proven.gap_minor() == 0,
        });
    }
    Ok(views)
}
