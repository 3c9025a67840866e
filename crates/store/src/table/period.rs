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
    table::dirty,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE period (entity TEXT NOT NULL, key TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT
      NOT NULL,
            status TEXT NOT NULL, ar_accepts INTEGER NOT NULL, gl_accepts INTEGER NOT NULL, closed_at
              INTEGER,
            erp_id TEXT, read_at INTEGER NOT NULL, PRIMARY KEY (entity, key)) WITHOUT ROWID;
          CREATE TABLE period_history (seq INTEGER PRIMARY KEY, entity TEXT NOT NULL, key TEXT NOT NULL,
            status TEXT NOT NULL, closed_at INTEGER, read_at INTEGER NOT NULL);",
    },
    // A soft close was one more status until then, and went with the next sync. Only files brought one in.
    Migration {
        version: 5,
        sql: "ALTER TABLE period ADD COLUMN soft_closed INTEGER NOT NULL DEFAULT 0;
          UPDATE period SET soft_closed = 1, status = 'open' WHERE status = 'soft_closed';",
    },
];

/// A period of one entity as it was read. A calendar that an ERP shares between entities arrives once
/// per entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodItem {
    /// The period.
    pub period: Period,
    /// The ERP's own id of it.
    pub erp_id: Option<String>,
    /// True for the desk's own word (a file of periods): it alone makes and lifts a soft close, which the
    /// ERP's next word leaves as it is.
    pub desks_own: bool,
}

/// A period as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPeriod {
    /// The period; its status is the stricter of the ERP's and the desk's own soft close.
    pub period: Period,
    /// Whether the desk itself has closed it softly, whatever the ERP says.
    pub soft_closed: bool,
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
            status: Said { status: text(row, "status")?, soft_closed: row.get("soft_closed")? }.status(),
            closed_at: at_opt(row, "closed_at")?,
        },
        soft_closed: row.get("soft_closed")?,
        erp_id: row.get("erp_id")?,
        read_at: at(row, "read_at")?,
    })
}

/// What the ERP says of a period, and what the desk does.
#[derive(Clone, Copy)]
struct Said {
    status: PeriodStatus,
    soft_closed: bool,
}

impl Said {
    /// The stricter of the two.
    fn status(self) -> PeriodStatus {
        match self.status {
            PeriodStatus::Open if self.soft_closed => PeriodStatus::SoftClosed,
            other => other,
        }
    }

    /// What is said once this item was read.
    fn after(before: Option<Self>, item: &PeriodItem) -> Self {
        let status = item.period.status;
        let soft_closed = before.is_some_and(|before| before.soft_closed);
        match (item.desks_own, status) {
            (true, PeriodStatus::SoftClosed) => {
                let erps = before.map_or(PeriodStatus::Open, |before| before.status);
                Self { status: erps, soft_closed: true }
            }
            (true, _) => Self { status, soft_closed: false },
            (false, _) => Self { status, soft_closed },
        }
    }
}

/// Writes a period; answers whether its days, status or closing time changed (or it is new).
pub(crate) fn put(tx: &Tx<'_>, item: &PeriodItem, read_at: DateTime<Utc>) -> Result<bool> {
    let period = &item.period;
    let (entity, key) = (period.entity.as_str(), period.key.as_str());
    let before = tx
        .prepare_cached(
            "SELECT starts, ends, status, soft_closed, closed_at FROM period
             WHERE entity = ?1 AND key = ?2",
        )?
        .query_row([entity, key], |row| {
            let said = Said { status: text(row, "status")?, soft_closed: row.get("soft_closed")? };
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, said, row.get::<_, Option<i64>>(4)?))
        })
        .optional()?;
    let said = Said::after(before.as_ref().map(|(_, _, said, _)| *said), item);
    let (starts, ends) = (date(period.starts), date(period.ends));
    let closed_at = match (item.desks_own && said.soft_closed, &before) {
        (true, Some(before)) => before.3,
        _ => ms_opt(period.closed_at),
    };
    let same_status = before.as_ref().is_some_and(|b| b.2.status() == said.status() && b.3 == closed_at);
    let same_days = before.as_ref().is_some_and(|b| b.0 == starts && b.1 == ends);
    tx.prepare_cached(
        "INSERT INTO period (entity, key, starts, ends, status, soft_closed, ar_accepts, gl_accepts,
              closed_at, erp_id, read_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (entity, key) DO UPDATE SET starts = excluded.starts, ends = excluded.ends,
               status = excluded.status, soft_closed = excluded.soft_closed,
               ar_accepts = excluded.ar_accepts, gl_accepts = excluded.gl_accepts,
               closed_at = excluded.closed_at, erp_id = coalesce(excluded.erp_id, period.erp_id),
               read_at = excluded.read_at",
    )?
    .execute(params![
        entity,
        key,
        starts,
        ends,
        said.status.as_text(),
        said.soft_closed,
        said.status.accepts(Subledger::Ar),
        said.status.accepts(Subledger::Gl),
        closed_at,
        item.erp_id,
        ms(read_at),
    ])?;
    if !same_status {
        keep_history(tx, [entity, key], said, closed_at, read_at)?;
    }
    if !same_days {
        dirty::mark_scheduled(tx, entity, key, (&starts, &ends))?;
    }
    Ok(!(same_status && same_days))
}

/// Sets or lifts the desk's own soft close; false where there is no such period.
pub(crate) fn set_soft_close(
    tx: &Tx<'_>,
    (entity, key): (&EntityCode, &PeriodKey),
    soft_closed: bool,
    at: DateTime<Utc>,
) -> Result<bool> {
    let place = [entity.as_str(), key.as_str()];
    let before = tx
        .prepare_cached("SELECT status, soft_closed, closed_at FROM period WHERE entity = ?1 AND key = ?2")?
        .query_row(place, |row| {
            let said = Said { status: text(row, "status")?, soft_closed: row.get("soft_closed")? };
            Ok((said, row.get::<_, Option<i64>>("closed_at")?))
        })
        .optional()?;
    let Some((before, closed_at)) = before else { return Ok(false) };
    let after = Said { soft_closed, ..before };
    tx.prepare_cached("UPDATE period SET soft_closed = ?3 WHERE entity = ?1 AND key = ?2")?
        .execute(params![place[0], place[1], soft_closed])?;
    if before.status() != after.status() {
        keep_history(tx, place, after, closed_at, at)?;
    }
    Ok(true)
}

fn keep_history(
    tx: &Tx<'_>,
    [entity, key]: [&str; 2],
    said: Said,
    closed_at: Option<i64>,
    at: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO period_history (entity, key, status, closed_at, read_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![entity, key, said.status().as_text(), closed_at, ms(at)])?;
    Ok(())
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
