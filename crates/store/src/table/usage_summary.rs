//! Table `usage_summary`: usage of one meter by one customer over a span of time.

use rusqlite::{Row, params};
use tieout_domain::{UsageId, document::UsageSummary};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, ms, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE usage_summary (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            connection_seq INTEGER NOT NULL, external_id TEXT NOT NULL, meter TEXT NOT NULL,
            customer TEXT NOT NULL, starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, value TEXT
              NOT NULL,
            page_seq INTEGER NOT NULL, UNIQUE (connection_seq, external_id));
          CREATE INDEX usage_summary_by_customer ON usage_summary (connection_seq, customer, starts_at);",
    },
    Migration {
        version: 10,
        sql: "ALTER TABLE usage_summary ADD COLUMN due_at INTEGER;
              CREATE INDEX usage_summary_without_due ON usage_summary (seq) WHERE due_at IS NULL;",
    },
];

fn read(row: &Row<'_>) -> rusqlite::Result<UsageSummary> {
    Ok(UsageSummary {
        external_id: row.get("external_id")?,
        meter: row.get("meter")?,
        customer: row.get("customer")?,
        starts_at: at(row, "starts_at")?,
        ends_at: at(row, "ends_at")?,
        value: text(row, "value")?,
    })
}

/// Writes a usage summary; answers whether anything changed.
pub(crate) fn put(
    tx: &Tx<'_>,
    (connection_seq, connection_id): (i64, &str),
    usage: &UsageSummary,
    page_seq: i64,
) -> Result<bool> {
    let id = UsageId::derive(&[connection_id, &usage.external_id]);
    let count = tx
        .prepare_cached(
            "INSERT INTO usage_summary (id, connection_seq, external_id, meter, customer, starts_at,
              ends_at, value,
               page_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (connection_seq, external_id) DO UPDATE SET meter = excluded.meter,
               customer = excluded.customer, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
               value = excluded.value, page_seq = excluded.page_seq, due_at = NULL
             WHERE (usage_summary.meter, usage_summary.customer, usage_summary.starts_at,
               usage_summary.ends_at,
                 usage_summary.value)
               IS DISTINCT FROM (excluded.meter, excluded.customer, excluded.starts_at,
                 excluded.ends_at, excluded.value)",
        )?
        .execute(params![
            id.as_str(),
            connection_seq,
            usage.external_id,
            usage.meter,
            usage.customer,
            ms(usage.starts_at),
            ms(usage.ends_at),
            usage.value.to_string(),
            page_seq,
        ])?;
    Ok(count > 0)
}

/// Usage of a customer that lies within these instants (Unix milliseconds), by its start.
pub(crate) fn between(
    db: &Db,
    connection_seq: i64,
    customer: &str,
    (from, to): (i64, i64),
) -> Result<Vec<UsageSummary>> {
    let mut statement = db.prepare_cached(
        "SELECT * FROM usage_summary WHERE connection_seq = ?1 AND customer = ?2 AND starts_at >= ?3
           AND ends_at <= ?4 ORDER BY starts_at, seq",
    )?;
    let rows = statement.query_map(params![connection_seq, customer, from, to], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
