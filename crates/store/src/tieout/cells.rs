//! The cells of the tie-out.

use rusqlite::{Row, Rows, params};
use tieout_domain::{AccountCode, Currency, EntityCode, calendar::PeriodKey};

use super::terms::{BOOKS, NAMES, SHARES, by_role};
use crate::{
    db::Db,
    error::{Result, StoreError},
    sql::text,
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
    /// The accounts besides that no document and no entry on a control account names: only the proof that
    /// all lines net to nothing asks for them.
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

/// What keeps the accounts out that nothing is compared on.
const WATCHED: &str = " WHERE account IN (SELECT account FROM watched)";

const CELLS: &str = "
    SELECT c.entity, c.currency, c.period, c.account, sum(c.billing) AS billing,
        sum(c.corrections) AS corrections, sum(c.settled) AS settled, sum(c.not_ours) AS not_ours,
        sum(c.noted) AS noted, sum(c.tolerated) AS tolerated, sum(c.opening) AS opening,
        sum(c.ledger) AS ledger, sum(c.explained) AS explained, sum(c.transit) AS transit,
        sum(c.exceptions) AS exceptions
    FROM (
        SELECT entity, currency, period, account, minor AS billing, 0 AS corrections, 0 AS settled,
            0 AS not_ours, 0 AS noted, 0 AS tolerated, 0 AS opening, 0 AS ledger, 0 AS explained,
            0 AS transit, 0 AS exceptions FROM billed
        UNION ALL
        SELECT g.entity, g.currency, g.period, g.account, 0, g.corrected, 0, 0, 0, 0, 0, g.minor, 0, 0, 0
        FROM ledger g WHERE account IN (SELECT account FROM watched)
        UNION ALL SELECT entity, currency, period, account, 0, minor, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM shifts
        UNION ALL SELECT entity, currency, period, account, 0, 0, minor, 0, 0, 0, 0, 0, 0, 0, 0 FROM settled
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, CASE what WHEN 'not_ours' THEN minor ELSE 0 END,
            CASE WHEN what IN ('noted', 'explained') THEN minor ELSE 0 END, 0,
            CASE WHEN what IN ('before', 'opening') THEN minor ELSE 0 END, 0, 0, 0, 0
        FROM apart WHERE account IN (SELECT account FROM watched)
        UNION ALL SELECT entity, currency, period, account, 0, 0, 0, 0, 0, minor, 0, 0, 0, 0, 0 FROM taken
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, 0, 0, 0, 0, 0, minor, 0, exceptions FROM explained
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, 0, 0, 0, 0, 0, 0, minor, 0 FROM transit) c
    WHERE (?1 IS NULL OR c.entity = ?1) AND (?2 IS NULL OR c.period = ?2)
        AND (?3 IS NULL OR c.currency = ?3) AND (?4 IS NULL OR c.account = ?4)
    GROUP BY c.entity, c.currency, c.period, c.account
    ORDER BY c.entity, c.currency, c.period, c.account";

/// A cell from its sums, or what is wrong with them.
fn read(row: &Row<'_>) -> Result<TieOutRow> {
    let (billing_minor, corrections_minor): (i64, i64) = (row.get("billing")?, row.get("corrections")?);
    let (ledger_minor, explained_minor): (i64, i64) = (row.get("ledger")?, row.get("explained")?);
    let (settled_minor, in_transit_minor): (i64, i64) = (row.get("settled")?, row.get("transit")?);
    let (entity, account): (String, String) = (row.get("entity")?, row.get("account")?);
    let period = PeriodKey::new(row.get::<_, String>("period")?);
    let less = |from: i64, minor: i64| {
        let what = || StoreError::out_of_range("tie-out of", format!("{entity} {period} {account}"));
        from.checked_sub(minor).ok_or_else(what)
    };
    let (not_ours_minor, noted_minor): (i64, i64) = (row.get("not_ours")?, row.get("noted")?);
    let (tolerated_minor, opening_minor): (i64, i64) = (row.get("tolerated")?, row.get("opening")?);
    let parts = [
        billing_minor,
        corrections_minor,
        settled_minor,
        not_ours_minor,
        noted_minor,
        tolerated_minor,
        opening_minor,
    ];
    let variance_minor = parts.into_iter().try_fold(ledger_minor, less)?;
    let unexplained_minor = less(less(variance_minor, explained_minor)?, in_transit_minor)?;
    Ok(TieOutRow {
        currency: text(row, "currency")?,
        billing_minor,
        corrections_minor,
        settled_minor,
        not_ours_minor,
        noted_minor,
        tolerated_minor,
        opening_minor,
        ledger_minor,
        variance_minor,
        explained_minor,
        in_transit_minor,
        unexplained_minor,
        open_exceptions: row.get("exceptions")?,
        entity,
        period,
        account,
    })
}

/// Every cell of a statement.
pub(super) fn read_all(mut rows: Rows<'_>) -> Result<Vec<TieOutRow>> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Works out the tie-out, sorted by entity, currency, period and account.
///
/// The share of exceptions and the netting of reversals are those of the last detection.
///
/// # Errors
/// A database error, `money_overflow`.
pub(crate) fn tie_out(db: &Db, filter: &TieOutFilter) -> Result<Vec<TieOutRow>> {
    let cells = match filter.unwatched {
        true => CELLS.replace(WATCHED, ""),
        false => CELLS.to_owned(),
    };
    let mut statement = db.prepare(&by_role(db, format!("{NAMES}{BOOKS}{SHARES}{cells}"))?)?;
    read_all(statement.query(params![
        filter.entity.as_ref().map(EntityCode::as_str),
        filter.period.as_ref().map(PeriodKey::as_str),
        filter.currency.as_ref().map(Currency::code),
        filter.account.as_ref().map(AccountCode::as_str),
    ])?)
}
