//! Figures that a screen shows of what is stored: of connections, and of one document's page.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use tieout_domain::{ConnectionId, DocumentId};

use crate::{
    db::Db,
    error::{Result, StoreError},
    sql::{at, bytes32},
    table::connection::{self, Vendor},
};

/// What was read of one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceFigures {
    /// The resource.
    pub resource: String,
    /// Pages that are kept as evidence.
    pub pages: u64,
    /// Items that these pages listed.
    pub items: u64,
    /// Items that wait to be readable.
    pub rejected: u64,
    /// The vendor's API version, as its newest page says it.
    pub api_version: Option<String>,
}

/// What came by one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFigures {
    /// Documents or ledger entries.
    pub held: u64,
    /// Per resource, by name.
    pub resources: Vec<ResourceFigures>,
}

/// The page on which a document's newest version came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPage {
    /// Whose dialect it is in.
    pub vendor: Vendor,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// SHA-256 of its bytes ([`Db::payload`]).
    pub payload: [u8; 32],
    /// The document's id at the vendor.
    pub external_id: String,
    /// How an ERP entry names it.
    pub reference: String,
}

impl Db {
    /// How much came by a connection, per resource.
    ///
    /// # Errors
    /// `not_found`.
    pub fn connection_figures(&self, id: &ConnectionId) -> Result<ConnectionFigures> {
        let seq = connection::seq(self, id)?;
        let held: i64 = self
            .prepare_cached(
                "SELECT (SELECT count(*) FROM document WHERE connection_seq = ?1)
                   + (SELECT count(*) FROM entry WHERE connection_seq = ?1)",
            )?
            .query_row([seq], |row| row.get(0))?;
        let mut statement = self.prepare_cached(
            "SELECT g.resource, g.pages, g.items, g.rejected,
               (SELECT p.api_version FROM page p WHERE p.seq = g.newest) AS api_version
             FROM (
               SELECT r.resource, sum(r.pages) AS pages, sum(r.items) AS items, sum(r.rejected) AS rejected,
                 max(r.newest) AS newest
               FROM (
                 SELECT resource, count(*) AS pages, sum(count) AS items, 0 AS rejected, max(seq) AS newest
                 FROM page WHERE connection_seq = ?1 GROUP BY resource
                 UNION ALL
                 SELECT resource, 0, 0, count(*), 0 FROM rejected_item
                 WHERE connection_seq = ?1 AND resolved_at IS NULL GROUP BY resource) r
               GROUP BY r.resource) g
             ORDER BY g.resource",
        )?;
        let rows = statement.query_map([seq], |row| {
            let count = |column: &str| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(ResourceFigures {
                resource: row.get("resource")?,
                pages: count("pages")?,
                items: count("items")?,
                rejected: count("rejected")?,
                api_version: row.get("api_version")?,
            })
        })?;
        Ok(ConnectionFigures { held: held.unsigned_abs(), resources: rows.collect::<rusqlite::Result<_>>()? })
    }

    /// Where a document's newest version came from.
    ///
    /// # Errors
    /// `not_found`.
    pub fn document_page(&self, id: &DocumentId) -> Result<DocumentPage> {
        let found = self
            .prepare_cached(
                "SELECT c.vendor, p.received_at, p.payload_hash, d.external_id, d.reference
                 FROM document d JOIN connection c ON c.seq = d.connection_seq
                 JOIN page p ON p.seq = d.page_seq WHERE d.id = ?1",
            )?
            .query_row(params![id.as_str()], |row| {
                Ok(DocumentPage {
                    vendor: Vendor::new(row.get::<_, String>("vendor")?),
                    received_at: at(row, "received_at")?,
                    payload: bytes32(row, "payload_hash")?,
                    external_id: row.get("external_id")?,
                    reference: row.get("reference")?,
                })
            })
            .optional()?;
        found.ok_or_else(|| StoreError::unknown("document", id))
    }
}
