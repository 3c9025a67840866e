//! Table `page`: the proof of what each page held. A page that was read before and changes nothing
//! leaves no second proof.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use tieout_domain::{ConnectionId, Currency};

use crate::{
    error::Result,
    migrate::Migration,
    sql::{at, bytes32, ms},
    store::Store,
    table::{connection, payload},
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

/// The proof of a page, as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageEvidence {
    /// The resource.
    pub resource: String,
    /// SHA-256 of the page's bytes: [`Store::payload`] answers them.
    pub payload: [u8; 32],
    /// The request.
    pub request: String,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// The vendor's API version.
    pub api_version: Option<String>,
    /// Number of items.
    pub count: u32,
    /// Per currency, as JSON: the sum of document totals, or of an entry page's debits, minor units.
    pub sums: String,
    /// When it was first received.
    pub received_at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<PageEvidence> {
    Ok(PageEvidence {
        resource: row.get("resource")?,
        payload: bytes32(row, "payload_hash")?,
        request: row.get("request")?,
        request_id: row.get("request_id")?,
        api_version: row.get("api_version")?,
        count: row.get("count")?,
        sums: row.get("sums")?,
        received_at: at(row, "received_at")?,
    })
}

/// Sums of a page per currency, wide enough for any page.
pub(crate) type Sums = BTreeMap<Currency, i128>;

fn sums_json(sums: &Sums) -> String {
    let parts: Vec<String> = sums.iter().map(|(currency, sum)| format!("\"{currency}\":{sum}")).collect();
    format!("{{{}}}", parts.join(","))
}

/// Keeps the page and its bytes, which may have been packed before; answers its internal key.
pub(crate) fn keep(
    connection: &Connection,
    connection_seq: i64,
    page: &PageRecord,
    packed: Option<&payload::Packed>,
    sums: &Sums,
) -> Result<i64> {
    let hash = match packed {
        Some(packed) => payload::keep_packed(connection, packed)?,
        None => payload::keep(connection, &page.body)?,
    };
    connection
        .prepare_cached(
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
    Ok(connection.last_insert_rowid())
}

/// Takes back a page that changed nothing, where the same answer to the same request is known already.
pub(crate) fn drop_repeated(connection: &Connection, seq: i64) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM page WHERE seq = ?1 AND EXISTS (SELECT 1 FROM page o WHERE o.seq < page.seq
               AND o.connection_seq = page.connection_seq AND o.resource = page.resource
               AND o.payload_hash = page.payload_hash AND o.request = page.request)",
        )?
        .execute([seq])?;
    Ok(())
}

impl Store {
    /// The proofs of all pages of a connection, oldest first.
    ///
    /// # Errors
    /// `not_found`.
    pub fn pages(&self, id: &ConnectionId) -> Result<Vec<PageEvidence>> {
        let seq = connection::seq(&self.connection, id)?;
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM page WHERE connection_seq = ?1 ORDER BY seq")?;
        Ok(statement.query_map([seq], read)?.collect::<rusqlite::Result<_>>()?)
    }
}
