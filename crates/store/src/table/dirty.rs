//! Tables `dirty_document` and `dirty_reference`: the work for derivation and detection since they last
//! ran, but for documents and entries that are new: those it finds by their keys.
//!
//! `stamp` grows each time a document is marked again, so that an expectation which was derived before
//! the newest change does not take its mark away.

use rusqlite::{Connection, params};
use tieout_domain::{EntityCode, calendar::PeriodKey};

use crate::{error::Result, migrate::Migration, store::Store};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE dirty_reference (reference TEXT PRIMARY KEY) WITHOUT ROWID;
          CREATE TABLE dirty_document (document_seq INTEGER PRIMARY KEY, stamp INTEGER NOT NULL DEFAULT
            1);",
}];

/// The document's expectation is to be derived again.
pub(crate) fn mark_document(sqlite: &Connection, document_seq: i64) -> Result<()> {
    sqlite
        .prepare_cached(
            "INSERT INTO dirty_document (document_seq) VALUES (?1)
             ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
        )?
        .execute([document_seq])?;
    Ok(())
}

/// As [`mark_document`], for a payment named by the vendor's id; nothing when it has not come yet.
pub(crate) fn mark_payment(sqlite: &Connection, connection_seq: i64, payment: &str) -> Result<()> {
    sqlite
        .prepare_cached(
            "INSERT INTO dirty_document (document_seq)
             SELECT seq FROM document WHERE connection_seq = ?1 AND kind = 'payment' AND external_id = ?2
             ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
        )?
        .execute(params![connection_seq, payment])?;
    Ok(())
}

/// Documents and entries of this reference are to be compared again.
pub(crate) fn mark_reference(sqlite: &Connection, reference: &str) -> Result<()> {
    sqlite
        .prepare_cached("INSERT INTO dirty_reference (reference) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([reference])?;
    Ok(())
}

pub(crate) fn mark_all(sqlite: &Connection) -> Result<()> {
    sqlite.execute(
        "INSERT INTO dirty_document (document_seq) SELECT seq FROM document WHERE true
         ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
        [],
    )?;
    Ok(())
}

/// Documents that lie in a period, belong there, or found none in its entity are to be derived again.
pub(crate) fn mark_period(sqlite: &Connection, entity: &str, key: &str) -> Result<()> {
    sqlite
        .prepare_cached(
            "INSERT INTO dirty_document (document_seq)
             SELECT document_seq FROM expectation
             WHERE (entity = ?1 AND (period = ?2 OR own_period = ?2)) OR gap_fingerprint = 'period:' || ?1
             ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
        )?
        .execute(params![entity, key])?;
    Ok(())
}

impl Store {
    /// Has every document's expectation derived again, as after a change of the mapping.
    ///
    /// # Errors
    /// A database error.
    pub fn mark_all_dirty(&mut self) -> Result<()> {
        self.write(|tx| mark_all(tx))
    }

    /// Has the expectations that depend on one period derived again, as after a change of its status.
    /// Ingesting a changed period does this by itself.
    ///
    /// # Errors
    /// A database error.
    pub fn mark_period_dirty(&mut self, entity: &EntityCode, key: &PeriodKey) -> Result<()> {
        self.write(|tx| mark_period(tx, entity.as_str(), key.as_str()))
    }
}
