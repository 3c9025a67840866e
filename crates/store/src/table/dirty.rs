//! Tables `dirty_document` and `dirty_reference`: the work for derivation and detection since they last
//! ran, but for documents and entries that are new: those it finds by their keys.
//!
//! `stamp` grows each time a document is marked again, so that an expectation which was derived before
//! the newest change does not take its mark away.

use rusqlite::params;
use tieout_domain::document::{DocumentKind, Nature};

use crate::{
    db::{Migration, Tx},
    error::Result,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE dirty_reference (reference TEXT PRIMARY KEY) WITHOUT ROWID;
          CREATE TABLE dirty_document (document_seq INTEGER PRIMARY KEY, stamp INTEGER NOT NULL DEFAULT
            1);",
}];

/// The document's expectation is to be derived again.
pub(crate) fn mark_document(tx: &Tx<'_>, document_seq: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO dirty_document (document_seq) VALUES (?1)
             ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
    )?
    .execute([document_seq])?;
    Ok(())
}

/// As [`mark_document`], for whatever is money and has this id of the vendor's; nothing when it has not come
/// yet.
pub(crate) fn mark_money(tx: &Tx<'_>, connection_seq: i64, external_id: &str) -> Result<()> {
    let mut mark = tx.prepare_cached(
        "INSERT INTO dirty_document (document_seq)
             SELECT seq FROM document WHERE connection_seq = ?1 AND kind = ?2 AND external_id = ?3
             ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
    )?;
    for kind in DocumentKind::ALL.into_iter().filter(|kind| kind.nature() != Nature::Raises) {
        mark.execute(params![connection_seq, kind.as_str(), external_id])?;
    }
    Ok(())
}

/// Credit notes of this document are to be derived again.
pub(crate) fn mark_credits_of(tx: &Tx<'_>, document_seq: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO dirty_document (document_seq)
             SELECT n.seq FROM document i CROSS JOIN document n
             WHERE i.seq = ?1 AND i.kind = 'invoice' AND n.connection_seq = i.connection_seq
                 AND n.invoice = i.external_id AND n.kind = 'credit_note'
             ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
    )?
    .execute([document_seq])?;
    Ok(())
}

/// Documents and entries of this reference are to be compared again.
pub(crate) fn mark_reference(tx: &Tx<'_>, reference: &str) -> Result<()> {
    tx.prepare_cached("INSERT INTO dirty_reference (reference) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([reference])?;
    Ok(())
}

pub(crate) fn mark_all(tx: &Tx<'_>) -> Result<()> {
    tx.execute(
        "INSERT INTO dirty_document (document_seq) SELECT seq FROM document WHERE true
         ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
        [],
    )?;
    Ok(())
}

/// Documents that lie in a period, belong there, or found none in its entity are to be derived again.
pub(crate) fn mark_period(tx: &Tx<'_>, entity: &str, key: &str) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO dirty_document (document_seq)
             SELECT document_seq FROM expectation
             WHERE (entity = ?1 AND (period = ?2 OR own_period = ?2)) OR gap_fingerprint = 'period:' || ?1
             ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
    )?
    .execute(params![entity, key])?;
    Ok(())
}

/// Documents whose schedule has something in a period, or in the months that stood for its days while it was
/// not known, are to be derived again: its days are new.
pub(crate) fn mark_scheduled(tx: &Tx<'_>, entity: &str, key: &str, days: (&str, &str)) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO dirty_document (document_seq)
             SELECT DISTINCT s.document_seq FROM schedule_line s CROSS JOIN expectation x
             WHERE x.document_seq = s.document_seq AND x.entity = ?1
                 AND s.period IN (?2, substr(?3, 1, 7), substr(?4, 1, 7))
             ON CONFLICT (document_seq) DO UPDATE SET stamp = dirty_document.stamp + 1",
    )?
    .execute(params![entity, key, days.0, days.1])?;
    Ok(())
}

/// As [`mark_reference`], for the reference of this document.
pub(crate) fn mark_reference_of(tx: &Tx<'_>, document_seq: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO dirty_reference (reference) SELECT reference FROM document WHERE seq = ?1
         ON CONFLICT DO NOTHING",
    )?
    .execute([document_seq])?;
    Ok(())
}

/// The document's expectation was derived, unless it was marked again since it had this stamp.
pub(crate) fn unmark_document(tx: &Tx<'_>, document_seq: i64, stamp: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM dirty_document WHERE document_seq = ?1 AND stamp = ?2")?
        .execute(params![document_seq, stamp])?;
    Ok(())
}
