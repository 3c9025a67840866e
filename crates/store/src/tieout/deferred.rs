//! The deferred revenue accounts that are held against schedules, as the ledger has them.

use rusqlite::params;
use tieout_domain::{AccountCode, Currency, EntityCode, calendar::PeriodKey};

use crate::{db::Db, error::Result, sql::text, table::house_rule::by_role};

/// What the ledger holds on a deferred revenue account in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferredInLedger {
    /// The legal entity.
    pub entity: EntityCode,
    /// The account.
    pub account: AccountCode,
    /// The transaction currency.
    pub currency: Currency,
    /// The period.
    pub period: PeriodKey,
    /// The document that releases name; `None` of all else.
    pub reference: Option<String>,
    /// Debit-positive minor units: all that is booked.
    pub minor: i64,
    /// What of it releases.
    pub released_minor: i64,
}

const LEDGER: &str = "
    SELECT m.entity, m.account, m.currency, m.period, m.reference, sum(m.minor) AS minor,
        sum(m.released) AS released
    FROM (
        SELECT e.entity, l.account, e.currency, e.period,
            CASE WHEN a.what = 'released' THEN e.reference END AS reference, l.transaction_minor AS minor,
            CASE WHEN a.what = 'released' THEN l.transaction_minor ELSE 0 END AS released
        FROM house_schedule k CROSS JOIN entry e CROSS JOIN entry_line l
        LEFT JOIN set_apart a ON a.entry_seq = e.seq
        WHERE (?1 IS NULL OR k.entity = ?1) AND e.entity = k.entity AND e.status = 'booked'
            AND l.entry_seq = e.seq AND l.account = k.account) m
    GROUP BY m.entity, m.account, m.currency, m.period, m.reference
    ORDER BY m.entity, m.account, m.currency, m.period, m.reference";

/// What the ledger holds on the accounts that are held against schedules. As of the last detection.
pub(crate) fn in_ledger(db: &Db, entity: Option<&EntityCode>) -> Result<Vec<DeferredInLedger>> {
    let mut statement = db.prepare(&by_role(db, LEDGER)?)?;
    let rows = statement.query_map(params![entity.map(EntityCode::as_str)], |row| {
        Ok(DeferredInLedger {
            entity: text(row, "entity")?,
            account: text(row, "account")?,
            currency: text(row, "currency")?,
            period: PeriodKey::new(row.get::<_, String>("period")?),
            reference: row.get("reference")?,
            minor: row.get("minor")?,
            released_minor: row.get("released")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
