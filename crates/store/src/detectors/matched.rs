//! Matches that people confirmed. Entries of a match with one document count for it as if they bore its
//! reference ([`super::naming`]); a match with several documents is a batch of its own ([`super::batch`]).
//! What people say goes before what an entry names.

use tieout_domain::key::DIFFERENCE;

use crate::{
    db::{Db, Tx},
    error::Result,
};

/// True where somebody ever decided on a match: else nothing here costs anything.
pub(super) fn any(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM matching)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Entries of matches, for whom names are looked at: those of documents of the work, and those of the work.
const SCOPE: [&str; 2] = [
    "INSERT INTO work_naming (entry_seq)
     SELECT k.entry_seq
     FROM work_reference w CROSS JOIN document d CROSS JOIN matching_document m CROSS JOIN matching_entry k
     WHERE d.reference = w.reference AND m.document_seq = d.seq AND k.matching_seq = m.matching_seq
     ON CONFLICT DO NOTHING",
    "INSERT INTO work_naming (entry_seq)
     SELECT k.entry_seq FROM matching_entry k CROSS JOIN entry e CROSS JOIN work_reference w
     WHERE e.seq = k.entry_seq AND w.reference = e.reference
     ON CONFLICT DO NOTHING",
];

/// What a confirmed match with one document says that an entry counts for.
const NAMED: &str = "
    INSERT INTO work_named (entry_seq, reference)
    SELECT n.entry_seq, d.reference
    FROM work_naming n CROSS JOIN matching_entry k CROSS JOIN matching m CROSS JOIN matching_document o
    CROSS JOIN document d
    WHERE k.entry_seq = n.entry_seq AND m.seq = k.matching_seq AND m.state = 'confirmed' AND m.single = 1
        AND o.matching_seq = m.seq AND d.seq = o.document_seq AND d.status <> 'draft'
    ON CONFLICT DO NOTHING";

/// Adds the entries of matches to those whose names are looked at, and says what they count for.
pub(super) fn name(tx: &Tx<'_>) -> Result<()> {
    if !any(tx)? {
        return Ok(());
    }
    for sql in SCOPE.iter().chain([&NAMED]) {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

/// Entries of confirmed matches with several documents, which no name of theirs takes out of it.
pub(super) const OF_SEVERAL: &str = "
    SELECT k.entry_seq FROM matching m JOIN matching_entry k ON k.matching_seq = m.seq
    WHERE m.state = 'confirmed' AND m.single = 0";

/// What hangs together by a match, whatever became of it. Part of what ties the work together.
pub(super) fn tie(tx: &Tx<'_>) -> Result<()> {
    if !any(tx)? {
        return Ok(());
    }
    for sql in [
        "INSERT INTO work_matching (seq)
         SELECT m.matching_seq FROM work_reference w CROSS JOIN document d CROSS JOIN matching_document m
         WHERE d.reference = w.reference AND m.document_seq = d.seq ON CONFLICT DO NOTHING",
        "INSERT INTO work_matching (seq)
         SELECT k.matching_seq FROM matching_entry k CROSS JOIN entry e CROSS JOIN work_reference w
         WHERE e.seq = k.entry_seq AND w.reference = e.reference ON CONFLICT DO NOTHING",
        "INSERT INTO work_matching (seq)
         SELECT k.matching_seq FROM work_entry w CROSS JOIN matching_entry k
         WHERE k.entry_seq = w.entry_seq ON CONFLICT DO NOTHING",
        "INSERT INTO work_reference (reference)
         SELECT m.name FROM work_matching w CROSS JOIN matching m WHERE m.seq = w.seq ON CONFLICT DO NOTHING",
        "INSERT INTO work_reference (reference)
         SELECT d.reference FROM work_matching w CROSS JOIN matching_document m CROSS JOIN document d
         WHERE m.matching_seq = w.seq AND d.seq = m.document_seq ON CONFLICT DO NOTHING",
        "INSERT INTO work_reference (reference)
         SELECT e.reference FROM work_matching w CROSS JOIN matching_entry k CROSS JOIN entry e
         WHERE k.matching_seq = w.seq AND e.seq = k.entry_seq AND e.reference IS NOT NULL
         ON CONFLICT DO NOTHING",
        "INSERT INTO work_entry (entry_seq)
         SELECT e.seq FROM work_matching w CROSS JOIN matching_entry k CROSS JOIN entry e
         WHERE k.matching_seq = w.seq AND e.seq = k.entry_seq AND e.reference IS NULL
         ON CONFLICT DO NOTHING",
    ] {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

/// Where several documents of one reference could take an entry, a match says which.
const CLAIMED: &str = "
    INSERT INTO work_claim (entry_seq, document_seq)
    SELECT k.entry_seq, w.document_seq
    FROM work_document w CROSS JOIN matching_document o CROSS JOIN matching m CROSS JOIN matching_entry k
    WHERE w.shared = 1 AND o.document_seq = w.document_seq AND m.seq = o.matching_seq
        AND m.state = 'confirmed' AND m.single = 1 AND k.matching_seq = m.seq
    ON CONFLICT DO NOTHING";

/// Gives entries to the very documents that they are matched with.
pub(super) fn claim(tx: &Tx<'_>) -> Result<()> {
    if any(tx)? {
        tx.prepare_cached(CLAIMED)?.execute([])?;
    }
    Ok(())
}

/// Entries of matches with several documents say nothing of the document whose name they have.
pub(super) fn no_booking(tx: &Tx<'_>) -> Result<()> {
    if any(tx)? {
        tx.prepare_cached(&format!("DELETE FROM work_effective WHERE entry_seq IN ({OF_SEVERAL})"))?
            .execute([])?;
    }
    Ok(())
}

/// A document that no entry of its own raises: what stands under its name, if anything, takes it back.
pub(super) const NOT_RAISED: &str = "NOT EXISTS (
    SELECT 1 FROM work_effective f CROSS JOIN entry o
    WHERE f.document_seq = w.document_seq AND o.seq = f.entry_seq
        AND (o.external_id IS NULL OR length(o.external_id) <> 20 OR substr(o.external_id, 1, 2) <> 'TD')
        AND sign(f.control_minor) <> 0 - sign(w.total_minor))";

/// The statement above has the beginning of such a key as text.
const _: () = assert!(matches!(DIFFERENCE.as_bytes(), b"TD"));

/// Puts documents and entries of the work into the batches that their matches are.
pub(super) fn batch(tx: &Tx<'_>) -> Result<()> {
    if !any(tx)? {
        return Ok(());
    }
    let documents = format!(
        "INSERT INTO work_batch_document (document_seq, name, live)
         SELECT w.document_seq, m.name, 0
         FROM work_document w CROSS JOIN matching_document o CROSS JOIN matching m
         WHERE o.document_seq = w.document_seq AND m.seq = o.matching_seq AND m.state = 'confirmed'
             AND m.single = 0 AND (w.books = 1 OR w.status = 'void') AND w.entity IS NOT NULL
             AND w.gap_fingerprint IS NULL
             AND EXISTS (SELECT 1 FROM work_batch_entry b WHERE b.name = m.name) AND {NOT_RAISED}
         ON CONFLICT DO NOTHING"
    );
    for sql in [
        "INSERT INTO work_batch_entry (entry_seq, name, live)
         SELECT k.entry_seq, m.name, 0
         FROM matching m CROSS JOIN matching_entry k CROSS JOIN entry e
         WHERE m.state = 'confirmed' AND m.single = 0 AND k.matching_seq = m.seq AND e.seq = k.entry_seq
             AND e.status = 'booked' AND e.netted = 0
             AND (e.reference IN (SELECT reference FROM work_reference)
                 OR e.seq IN (SELECT entry_seq FROM work_entry))
         ON CONFLICT DO NOTHING",
        &documents,
    ] {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}
