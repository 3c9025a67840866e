//! Table `page`: the proof of what each page held. A page that was read before and changes nothing
//! leaves no second proof.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::params;
use tieout_domain::Currency;

use crate::{
    db::{Migration, Tx},
    error::Result,
    sql::ms,
    table::payload::{self, Packed},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE page (seq INTEGER PRIMARY KEY, connection_seq INTEGER NOT NULL, resource TEXT NOT
          NULL,
            payload_hash BLOB NOT NULL, request TEXT NOT NULL, request_id TEXT, api_version TEXT,
            count INTEGER NOT NULL, sums TEXT NOT NULL, received_at INTEGER NOT NULL);
          CREATE INDEX page_by_content ON page (connection_seq, resource, payload_hash, request);",
}];

/// A page as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRecord {
    /// The resource that it lists.
    pub resource: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// The request, without secrets.
    pub request: String,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// The vendor's API version.
    pub api_version: Option<String>,
    /// Number of items.
    pub count: u32,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

/// Sums of a page per currency, wide enough for any page.
pub(crate) type Sums = BTreeMap<Currency, i128>;

fn sums_json(sums: &Sums) -> String {
    let parts: Vec<String> = sums.iter().map(|(currency, sum)| format!("\"{currency}\":{sum}")).collect();
    format!("{{{}}}", parts.join(","))
}

/// Keeps the page and its bytes (`packed`, where they were made ready); answers its internal key.
pub(crate) fn keep(
    tx: &Tx<'_>,
    connection_seq: i64,
    page: &PageRecord,
    (sums, packed): (&Sums, Option<&Packed>),
) -> Result<i64> {
    let hash = payload::keep(tx, &page.body, packed)?;
    tx.prepare_cached(
        "INSERT INTO page (connection_seq, resource, payload_hash, request, request_id,
              api_version, count, sums,
               received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        connection_seq,
        page.resource,
        &hash[..],
        page.request,
        page.request_id,
        page.api_version,
        page.count,
        sums_json(sums),
        ms(page.received_at),
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Takes back a page that changed nothing, where the same answer to the same request is known already.
pub(crate) fn drop_repeated(tx: &Tx<'_>, seq: i64) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM page WHERE seq = ?1 AND EXISTS (SELECT 1 FROM page o WHERE o.seq < page.seq
               AND o.connection_seq = page.connection_seq AND o.resource = page.resource
               AND o.payload_hash = page.payload_hash AND o.request = page.request)",
    )?
    .execute([seq])?;
    Ok(())
}
