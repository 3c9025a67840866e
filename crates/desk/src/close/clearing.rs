//! Clearing ties out: the processor's balance per currency beside the clearing account, and what explains the
//! difference. Where no balance was read, nothing is proven, which is no exception.

use serde::{Deserialize, Serialize};
use tieout_domain::{AccountCode, EntityCode};
use tieout_store::{ClearingRow, TieOutFilter};

use crate::base::{closed, context::Context, error::DeskResult, labels::decimal_text, when, wording};

/// Through when.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct ClearingRequest {
    /// Balances through the end of this day (UTC); without, all that was read.
    pub through: Option<String>,
}

/// A clearing account of an entity in one currency. Debit-positive, major units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ClearingView {
    /// The entity.
    pub entity: String,
    /// The account.
    pub account: String,
    /// The currency.
    pub currency: String,
    /// The processor's balance; none where no movement of it was read, or where entities share it.
    pub balance: Option<String>,
    /// What the documents of its movements put on the account: the processor's balance, where all of them
    /// have their place in the mapping.
    pub documents: String,
    /// What the ledger holds on the account.
    pub ledger: String,
    /// What the ledger holds beyond the processor's balance.
    pub difference: Option<String>,
    /// The part of what the ledger holds beyond the documents that open exceptions explain.
    pub explained: String,
    /// The part that is still on its way.
    pub in_transit: String,
    /// The part that rules, notes, tolerances, cutovers and receipts of the ERP account for.
    pub apart: String,
    /// The part that nothing explains.
    pub unexplained: String,
    /// Whether both agree, differ by what is on its way or set apart alone, or otherwise, or it is not
    /// proven.
    #[ts(as = "closed::ClearingState")]
    pub state: String,
}

/// The processors' balances beside the clearing accounts. What explains a difference is told of everything
/// that was read, whatever the day. As last detected.
///
/// # Errors
/// `bad_date`, a database error.
pub fn clearing(ctx: &Context, request: &ClearingRequest) -> DeskResult<Vec<ClearingView>> {
    let through = request.through.as_deref().map(when::date).transpose()?;
    let rows = ctx.store().clearing(through)?;
    rows.iter().map(|row| view(ctx, row)).collect()
}

fn view(ctx: &Context, row: &ClearingRow) -> DeskResult<ClearingView> {
    let filter = TieOutFilter {
        entity: Some(row.entity.parse::<EntityCode>()?),
        currency: Some(row.currency),
        account: Some(row.account.parse::<AccountCode>()?),
        ..TieOutFilter::default()
    };
    let cells = ctx.store().tie_out(&filter)?;
    let sum = |of: &dyn Fn(&tieout_store::TieOutRow) -> i64| -> i128 {
        cells.iter().map(|cell| i128::from(of(cell))).sum()
    };
    let text = |minor: i128| wording::wide_text(minor, row.currency);
    let apart = sum(&|cell| cell.settled_minor)
        + sum(&|cell| cell.not_ours_minor)
        + sum(&|cell| cell.noted_minor)
        + sum(&|cell| cell.tolerated_minor)
        + sum(&|cell| cell.opening_minor);
    let difference = row.balance_minor.map(|minor| i128::from(row.ledger_minor) - i128::from(minor));
    let (open, rest) = (sum(&|cell| cell.explained_minor), sum(&|cell| cell.unexplained_minor));
    let state = match (difference, row.balance_minor) {
        (Some(0), _) => "agrees",
        (Some(_), Some(balance)) if balance == row.documents_minor && open == 0 && rest == 0 => "explained",
        (Some(_), _) => "differs",
        (None, _) => "not_proven",
    };
    let currency = row.currency.code();
    Ok(ClearingView {
        entity: row.entity.clone(),
        account: row.account.clone(),
        currency: currency.to_owned(),
        balance: row.balance_minor.map(|minor| decimal_text(minor, currency)),
        documents: decimal_text(row.documents_minor, currency),
        ledger: decimal_text(row.ledger_minor, currency),
        difference: difference.map(text),
        explained: text(open),
        in_transit: text(sum(&|cell| cell.in_transit_minor)),
        apart: text(apart),
        unexplained: text(rest),
        state: state.to_owned(),
    })
}
