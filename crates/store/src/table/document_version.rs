//! Table `document_version`: the earlier versions of documents that changed.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row};
use tieout_domain::{DocumentId, document::DocumentStatus};

use crate::{
    error::Result,
    migrate::Migration,
    sql::{at, named},
    store::Store,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE document_version (document_seq INTEGER NOT NULL, version INTEGER NOT NULL,
            content_hash TEXT NOT NULL, status TEXT NOT NULL, total_minor INTEGER NOT NULL,
            seen_at INTEGER NOT NULL, page_seq INTEGER NOT NULL, PRIMARY KEY (document_seq, version))
            WITHOUT ROWID;",
}];

/// An earlier version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentVersion {
    /// Its number, from 1.
    pub version: u32,
    /// Its content hash.
    pub content_hash: String,
    /// Its status.
    pub status: DocumentStatus,
    /// Its effect on the control account, minor units.
    pub total_minor: i64,
    /// When the page came that held it.
    pub seen_at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<DocumentVersion> {
    Ok(DocumentVersion {
        version: row.get("version")?,
        content_hash: row.get("content_hash")?,
        status: named(row, "status", DocumentStatus::parse)?,
        total_minor: row.get("total_minor")?,
        seen_at: at(row, "seen_at")?,
    })
}

/// Keeps the document's present version, before it is overwritten.
pub(crate) fn keep(sqlite: &Connection, document_seq: i64) -> Result<()> {
    sqlite
        .prepare_cached(
            "INSERT INTO document_version (document_seq, version, content_hash, status, total_minor,
              seen_at, page_seq)
             SELECT d.seq, d.version, d.content_hash, d.status, d.total_minor, p.received_at, d.page_seq
             FROM document d JOIN page p ON p.seq = d.page_seq WHERE d.seq = ?1",
        )?
        .execute([document_seq])?;
    Ok(())
}

impl Store {
    /// The earlier versions of a document, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn document_versions(&self, id: &DocumentId) -> Result<Vec<DocumentVersion>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT v.* FROM document_version v JOIN document d ON d.seq = v.document_seq
             WHERE d.id = ?1 ORDER BY v.version",
        )?;
        Ok(statement.query_map([id.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
    }
}
