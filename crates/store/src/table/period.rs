//! Tables `period` and `period_history`: accounting periods per entity, and what their status was
//! before.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{
    EntityCode,
    calendar::{Period, PeriodKey, PeriodStatus, Subledger},
};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, at_opt, date, ms, ms_opt, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE period (entity TEXT NOT NULL, key TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT
      NOT NULL,
            status TEXT NOT NULL, ar_accepts INTEGER NOT NULL, gl_accepts INTEGER NOT NULL, closed_at
              INTEGER,
            erp_id TEXT, read_at INTEGER NOT NULL, PRIMARY KEY (entity, key)) WITHOUT ROWID;
          CREATE TABLE period_history (seq INTEGER PRIMARY KEY, entity TEXT NOT NULL, key TEXT NOT NULL,
            status TEXT NOT NULL, closed_at INTEGER, read_at INTEGER NOT NULL);",
}];

/// A period of one entity as it was read. A calendar that an ERP shares between entities arrives once
/// per entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodItem {
    /// The period.
    pub period: Period,
    /// The ERP's own id of it.
    pub erp_id: Option<String>,
}

/// A period as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPeriod {
    /// The period.
    pub period: Period,
    /// The ERP's own id of it.
    pub erp_id: Option<String>,
    /// When it was last read.
    pub read_at: DateTime<Utc>,
}

/// What a period's status was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodHistory {
    /// The status.
    pub status: PeriodStatus,
    /// When it was closed, as the ERP said then.
    pub closed_at: Option<DateTime<Utc>>,
    /// When this was first read.
    pub read_at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredPeriod> {
    Ok(StoredPeriod {
        period: Period {
            entity: text(row, "entity")?,
            key: PeriodKey::new(row.get::<_, String>("key")?),
            starts: text(row, "starts")?,
            ends: text(row, "ends")?,
            status: text(row, "status")?,
            closed_at: at_opt(row, "closed_at")?,
        },
        erp_id: row.get("erp_id")?,
        read_at: at(row, "read_at")?,
    })
}

/// Writes a period; answers whether its days, status or closing time changed (or it is new).
pub(crate) fn put(tx: &Tx<'_>, item: &PeriodItem, read_at: DateTime<Utc>) -> Result<bool> {
    let period = &item.period;
    let (entity, key) = (period.entity.as_str(), period.key.as_str());
    let (starts, ends) = (date(period.starts), date(period.ends));
    let (status, closed_at) = (period.status.as_text(), ms_opt(period.closed_at));
    let before: Option<(String, String, String, Option<i64>)> = tx
        .prepare_cached(
            "SELECT starts, ends, status, closed_at FROM period WHERE entity = ?1 AND key =
          ?2",
        )?
        .query_row([entity, key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let now = (starts, ends, status, closed_at);
    let same_status = before.as_ref().is_some_and(|b| b.2 == now.2 && b.3 == now.3);
    let changed = before.as_ref() != Some(&now);
    tx.prepare_cached(
        "INSERT INTO period (entity, key, starts, ends, status, ar_accepts, gl_accepts, closed_at,
              erp_id, read_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (entity, key) DO UPDATE SET starts = excluded.starts, ends = excluded.ends,
               status = excluded.status, ar_accepts = excluded.ar_accepts, gl_accepts = excluded.gl_accepts,
               closed_at = excluded.closed_at, erp_id = coalesce(excluded.erp_id, period.erp_id),
               read_at = excluded.read_at",
    )?
    .execute(params![
        entity,
        key,
        now.0,
        now.1,
        now.2,
        period.status.accepts(Subledger::Ar),
        period.status.accepts(Subledger::Gl),
        now.3,
        item.erp_id,
        ms(read_at),
    ])?;
    if !same_status {
        tx.prepare_cached(
            "INSERT INTO period_history (entity, key, status, closed_at, read_at) VALUES (?1, ?2,
                  ?3, ?4, ?5)",
        )?
        .execute(params![entity, key, now.2, now.3, ms(read_at)])?;
    }
    Ok(changed)
}

pub(crate) fn all(db: &Db) -> Result<Vec<StoredPeriod>> {
    let mut statement = db.prepare_cached("SELECT * FROM period ORDER BY entity, starts, key")?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The periods of one entity, by first day.
pub(crate) fn of_entity(db: &Db, entity: &EntityCode) -> Result<Vec<StoredPeriod>> {
    let mut statement = db.prepare_cached("SELECT * FROM period WHERE entity = ?1 ORDER BY starts, key")?;
    Ok(statement.query_map([entity.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Every status that a period was read with, oldest first; the last is the present one.
pub(crate) fn history(db: &Db, entity: &EntityCode, key: &PeriodKey) -> Result<Vec<PeriodHistory>> {
    let mut statement =
        db.prepare_cached("SELECT * FROM period_history WHERE entity = ?1 AND key = ?2 ORDER BY seq")?;
    let rows = statement.query_map([entity.as_str(), key.as_str()], |row| {
        Ok(PeriodHistory {
            status: text(row, "status")?,
            closed_at: at_opt(row, "closed_at")?,
            read_at: at(row, "read_at")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
