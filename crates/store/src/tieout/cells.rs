//! The cells of the tie-out.

use std::collections::{BTreeMap, BTreeSet};

use tieout_domain::{AccountCode, Currency, EntityCode, calendar::PeriodKey};

use super::kept;
use crate::{
    db::Db,
    error::{Result, StoreError},
    table::tie_out_cell::Cell,
};

/// Which cells are wanted; `None` takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TieOutFilter {
    /// The legal entity.
    pub entity: Option<EntityCode>,
    /// The accounting period.
    pub period: Option<PeriodKey>,
    /// The transaction currency.
    pub currency: Option<Currency>,
    /// The account.
    pub account: Option<AccountCode>,
    /// The accounts besides that no document and no entry on a control account names, and all of it worked
    /// out from the books, whatever is kept: only the proof that all lines net to nothing asks for it.
    pub unwatched: bool,
}

/// One cell of the tie-out. Amounts are debit-positive minor units of `currency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieOutRow {
    /// The legal entity, as the document expects it or the ledger has it.
    pub entity: String,
    /// The transaction currency.
    pub currency: Currency,
    /// The accounting period.
    pub period: PeriodKey,
    /// The account.
    pub account: String,
    /// What documents expect.
    pub billing_minor: i64,
    /// What is in the ledger and cancels out over periods.
    pub corrections_minor: i64,
    /// What settles documents in the ledger and billing does not know: receipts of which the ERP is the
    /// master.
    pub settled_minor: i64,
    /// What is none of this billing's business, by a rule of the mapping.
    pub not_ours_minor: i64,
    /// What signed notes and rules of the mapping explain.
    pub noted_minor: i64,
    /// Differences within the tolerance.
    pub tolerated_minor: i64,
    /// What was booked before the entity's books began here, and what was booked later for opening items.
    pub opening_minor: i64,
    /// What is booked.
    pub ledger_minor: i64,
    /// Ledger − billing − corrections − settled − not ours − noted − tolerated − opening.
    pub variance_minor: i64,
    /// The part of the variance that open exceptions explain.
    pub explained_minor: i64,
    /// The part that is still on its way within its time.
    pub in_transit_minor: i64,
    /// What nothing explains.
    pub unexplained_minor: i64,
    /// How many open exceptions touch the cell.
    pub open_exceptions: i64,
}

/// A cell as it is told: without what the ledger has on it, where nothing watches its account.
fn told(cell: &Cell, watched: bool) -> Result<TieOutRow> {
    let seen = |minor: i64| if watched { minor } else { 0 };
    let out_of_range = || {
        StoreError::out_of_range("tie-out of", format!("{} {} {}", cell.entity, cell.period, cell.account))
    };
    let less = |from: i64, minor: i64| from.checked_sub(minor).ok_or_else(out_of_range);
    let corrections = cell.shifted.checked_add(seen(cell.corrected)).ok_or_else(out_of_range)?;
    let (not_ours, noted, opening) = (seen(cell.not_ours), seen(cell.noted), seen(cell.opening));
    let ledger = seen(cell.ledger);
    let parts = [cell.billing, corrections, cell.settled, not_ours, noted, cell.tolerated, opening];
    let variance_minor = parts.into_iter().try_fold(ledger, less)?;
    Ok(TieOutRow {
        entity: cell.entity.clone(),
        currency: cell.currency,
        period: PeriodKey::new(&cell.period),
        account: cell.account.clone(),
        billing_minor: cell.billing,
        corrections_minor: corrections,
        settled_minor: cell.settled,
        not_ours_minor: not_ours,
        noted_minor: noted,
        tolerated_minor: cell.tolerated,
        opening_minor: opening,
        ledger_minor: ledger,
        variance_minor,
        explained_minor: cell.explained,
        in_transit_minor: cell.transit,
        unexplained_minor: less(less(variance_minor, cell.explained)?, cell.transit)?,
        open_exceptions: cell.exceptions,
    })
}

fn sorted(mut rows: Vec<TieOutRow>) -> Vec<TieOutRow> {
    rows.sort_by(|a, b| {
        let by_currency = a.currency.code().cmp(b.currency.code());
        let by_period = || a.period.as_str().cmp(b.period.as_str());
        a.entity.cmp(&b.entity).then(by_currency).then_with(by_period).then_with(|| a.account.cmp(&b.account))
    });
    rows
}

/// The tie-out, sorted by entity, currency, period and account.
///
/// The share of exceptions and the netting of reversals are those of the last detection.
///
/// # Errors
/// A database error, `money_overflow`.
pub(crate) fn tie_out(db: &Db, filter: &TieOutFilter) -> Result<Vec<TieOutRow>> {
    let cells = if filter.unwatched { kept::anew(db)? } else { kept::current(db)? };
    let watched: BTreeSet<&str> =
        cells.iter().filter(|cell| cell.watches).map(|cell| cell.account.as_str()).collect();
    let mut rows = Vec::new();
    for cell in &cells {
        let is_watched = filter.unwatched || watched.contains(cell.account.as_str());
        let wanted = filter.entity.as_ref().is_none_or(|entity| entity.as_str() == cell.entity)
            && filter.period.as_ref().is_none_or(|period| period.as_str() == cell.period)
            && filter.currency.is_none_or(|currency| currency == cell.currency)
            && filter.account.as_ref().is_none_or(|account| account.as_str() == cell.account);
        if wanted && (is_watched || cell.stands) {
            rows.push(told(cell, is_watched)?);
        }
    }
    Ok(sorted(rows))
}

/// The control accounts alone, for pictures: their cells added up per entity, currency and period. `account`
/// is empty, and exceptions are not counted.
///
/// # Errors
/// A database error, `money_overflow`.
pub(crate) fn control_tie_out(db: &Db) -> Result<Vec<TieOutRow>> {
    let mut control = db.prepare_cached("SELECT account FROM control_account")?;
    let control: BTreeSet<String> =
        control.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut sums: BTreeMap<(String, String, String), Cell> = BTreeMap::new();
    for cell in kept::current(db)?.into_iter().filter(|cell| control.contains(&cell.account)) {
        let key = (cell.entity.clone(), cell.currency.to_string(), cell.period.clone());
        match sums.get_mut(&key) {
            Some(sum) => add(sum, &cell)?,
            None => {
                sums.insert(key, Cell { account: String::new(), exceptions: 0, ..cell });
            }
        }
    }
    sums.values().map(|cell| told(cell, true)).collect()
}

fn add(sum: &mut Cell, more: &Cell) -> Result<()> {
    let parts = [
        (&mut sum.billing, more.billing),
        (&mut sum.ledger, more.ledger),
        (&mut sum.corrected, more.corrected),
        (&mut sum.not_ours, more.not_ours),
        (&mut sum.noted, more.noted),
        (&mut sum.opening, more.opening),
        (&mut sum.shifted, more.shifted),
        (&mut sum.settled, more.settled),
        (&mut sum.tolerated, more.tolerated),
        (&mut sum.explained, more.explained),
        (&mut sum.transit, more.transit),
    ];
    let what = || StoreError::out_of_range("tie-out of", format!("{} {}", more.entity, more.period));
    for (minor, more) in parts {
        *minor = minor.checked_add(more).ok_or_else(what)?;
    }
    Ok(())
}
