//! The lines of the tie-out beside documents: what rules, notes, tolerances and cutovers keep out of the
//! exceptions, each summed under its name.

use rusqlite::Row;
use tieout_domain::{Currency, calendar::PeriodKey};

use super::terms::{BOOKS, NAMES, SHARES, by_role};
use crate::{db::Db, error::Result, sql::text, table::house_rule::Apart};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineOf {
    /// Entries that are set apart.
    Entries(Apart),
    /// Differences within the tolerance.
    Tolerance,
}

/// One line. Debit-positive minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieOutLine {
    /// What it is.
    pub of: LineOf,
    /// The rule, the category or what it is called.
    pub name: String,
    /// The legal entity.
    pub entity: String,
    /// The transaction currency.
    pub currency: Currency,
    /// The accounting period.
    pub period: PeriodKey,
    /// The account.
    pub account: String,
    /// The sum.
    pub minor: i64,
    /// How many entries (or documents) it adds up.
    pub count: u64,
}

const LINES: &str = ",
    line AS (
        SELECT a.what, a.name, h.entity, h.currency, h.period, l.account, sum(l.transaction_minor) AS minor,
            count(DISTINCT h.seq) AS entries
        FROM set_apart a JOIN home h ON h.seq = a.entry_seq JOIN entry_line l ON l.entry_seq = a.entry_seq
        WHERE h.netted = 0 AND a.what <> 'released' AND l.account IN (SELECT account FROM watched)
        GROUP BY a.what, a.name, h.entity, h.currency, h.period, l.account
        UNION ALL
        SELECT 'tolerance', 'within the tolerance', t.entity, t.currency, t.period, t.account, sum(t.minor),
            count(DISTINCT t.name)
        FROM taken t GROUP BY t.entity, t.currency, t.period, t.account)
    SELECT * FROM line WHERE minor <> 0 OR what <> 'tolerance'
    ORDER BY entity, what, name, currency, period, account";

fn read(row: &Row<'_>) -> rusqlite::Result<TieOutLine> {
    let what: String = row.get("what")?;
    Ok(TieOutLine {
        of: Apart::parse(&what).map_or(LineOf::Tolerance, LineOf::Entries),
        name: row.get("name")?,
        entity: row.get("entity")?,
        currency: text(row, "currency")?,
        period: PeriodKey::new(row.get::<_, String>("period")?),
        account: row.get("account")?,
        minor: row.get("minor")?,
        count: row.get::<_, i64>("entries")?.unsigned_abs(),
    })
}

/// Every line, as of the last detection.
pub(crate) fn lines(db: &Db) -> Result<Vec<TieOutLine>> {
    let mut statement = db.prepare(&by_role(db, format!("{NAMES}{BOOKS}{SHARES}{LINES}"))?)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}
