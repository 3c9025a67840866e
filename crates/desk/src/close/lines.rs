//! The lines of the tie-out beside documents: what rules, notes, tolerances and cutovers keep out of the
//! exceptions, each under its name. Nothing of it vanishes.

use serde::Serialize;
use tieout_domain::{Currency, EntityCode};
use tieout_store::{Apart, ChangeKind, LineOf, TieOutLine};

use crate::{
    base::{closed, context::Context, error::DeskResult, labels::decimal_text},
    governance::{changes, figures},
};

/// One line, debit-positive, major units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct TieOutLineView {
    /// What it is.
    #[ts(as = "closed::LineKind")]
    pub kind: String,
    /// The rule, the category, or what it is called.
    pub name: String,
    /// The legal entity.
    pub entity: String,
    /// The currency.
    pub currency: String,
    /// The period; empty for what is carried over periods.
    pub period: String,
    /// The account.
    pub account: String,
    /// The sum.
    pub amount: String,
    /// How many entries or documents it adds up; 0 for what is carried.
    pub count: u64,
}

fn view(line: &TieOutLine) -> TieOutLineView {
    let kind = match line.of {
        LineOf::Entries(apart) => apart.as_str(),
        LineOf::Tolerance => "tolerance",
    };
    TieOutLineView {
        kind: kind.to_owned(),
        name: line.name.clone(),
        entity: line.entity.clone(),
        currency: line.currency.code().to_owned(),
        period: line.period.to_string(),
        account: line.account.clone(),
        amount: decimal_text(line.minor, line.currency.code()),
        count: line.count,
    }
}

/// Every line, as last detected; then the opening differences that are carried.
///
/// # Errors
/// A database error.
pub fn tie_out_lines(ctx: &Context) -> DeskResult<Vec<TieOutLineView>> {
    let lines = ctx.store().tie_out_lines()?;
    let mut views: Vec<TieOutLineView> = lines.iter().map(view).collect();
    let Some(mapping) = changes::mapping_in_force(ctx)? else { return Ok(views) };
    for entity in &mapping.content.entities {
        let Some(day) = entity.books_from else { continue };
        let signed = ctx.store().change_in_force_named(ChangeKind::Cutover, entity.code.as_str())?;
        let signed = signed.filter(|change| figures::is_of_day(&change.content, day));
        let (differences, name) = match &signed {
            Some(change) => {
                (figures::signed_differences(&change.content), format!("cutover of {day}, signed"))
            }
            None => {
                let sides = figures::sides(ctx, &entity.code, day)?;
                (figures::differences(&sides), format!("cutover of {day}, not signed yet"))
            }
        };
        let account = entity.accounts.receivable.as_str();
        for (currency, minor) in differences {
            let cleared = cleared(&lines, &entity.code, currency, account);
            let left = minor.saturating_add(cleared);
            // What has cleared is carried no longer.
            if left != 0 {
                views.push(TieOutLineView {
                    kind: "opening_difference".to_owned(),
                    name: name.clone(),
                    entity: entity.code.to_string(),
                    currency: currency.code().to_owned(),
                    period: String::new(),
                    account: account.to_owned(),
                    amount: decimal_text(left, currency.code()),
                    count: 0,
                });
            }
        }
    }
    Ok(views)
}

/// What has been booked for opening items since the cutover, which moves the opening difference.
fn cleared(lines: &[TieOutLine], entity: &EntityCode, currency: Currency, account: &str) -> i64 {
    let own = lines.iter().filter(|line| {
        line.of == LineOf::Entries(Apart::Opening)
            && line.entity == entity.as_str()
            && line.currency == currency
            && line.account == account
    });
    own.map(|line| line.minor).fold(0, i64::saturating_add)
}
