//! Table `document_version`: the earlier versions of documents that changed.

use crate::{
    db::{Migration, Tx},
    error::Result,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE document_version (document_seq INTEGER NOT NULL, version INTEGER NOT NULL,
            content_hash TEXT NOT NULL, status TEXT NOT NULL, total_minor INTEGER NOT NULL,
            seen_at INTEGER NOT NULL, page_seq INTEGER NOT NULL, PRIMARY KEY (document_seq, version))
            WITHOUT ROWID;",
}];

/// Keeps the document's present version, before it is overwritten.
pub(crate) fn keep(tx: &Tx<'_>, document_seq: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO document_version (document_seq, version, content_hash, status, total_minor,
              seen_at, page_seq)
             SELECT d.seq, d.version, d.content_hash, d.status, d.total_minor, p.received_at, d.page_seq
             FROM document d JOIN page p ON p.seq = d.page_seq WHERE d.seq = ?1",
    )?
    .execute([document_seq])?;
    Ok(())
}
