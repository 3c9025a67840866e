//! Entries that no document explains and that are no exceptions all the same, each with why: a signed note
//! explains it, a rule of the mapping says that it is none of ours or what explains it, or it lies before the
//! day on which the entity's books began here. And differences within the tolerance, which are no exceptions
//! either. Nothing of it vanishes: each is a column of the tie-out. What the ERP itself calls a revaluation
//! of foreign balances, or the reversal of one, is explained by that, without a rule: no billing ever has it.
//!
//! Documents from before the cutover are opening items: nothing is expected of them. What settles one later
//! is a settlement as any other; what else is booked for one later moves the opening difference.

use crate::{
    db::{Db, Tx},
    error::Result,
    table::apart,
};

/// How entries from before the cutover are called.
const BEFORE_NAME: &str = "before the books began";
/// How what is booked later for opening items is called.
const OPENING_NAME: &str = "opening items";
/// How revaluations are called: as their kind is.
const REVALUED: &str = "revaluation";

/// What signed notes explain is looked at by every run: there are few, and a note may have come or gone.
pub(super) fn mark(tx: &Tx<'_>) -> Result<()> {
    for sql in [
        "INSERT INTO work_reference (reference)
         SELECT e.reference FROM explained_entry x CROSS JOIN entry e
         WHERE e.seq = x.entry_seq AND e.reference IS NOT NULL ON CONFLICT DO NOTHING",
        "INSERT INTO work_entry (entry_seq)
         SELECT e.seq FROM explained_entry x CROSS JOIN entry e
         WHERE e.seq = x.entry_seq AND e.reference IS NULL ON CONFLICT DO NOTHING",
        "INSERT INTO work_reference (reference)
         SELECT e.reference FROM set_apart a CROSS JOIN entry e
         WHERE a.what = 'noted' AND e.seq = a.entry_seq AND e.reference IS NOT NULL ON CONFLICT DO NOTHING",
        "INSERT INTO work_entry (entry_seq)
         SELECT e.seq FROM set_apart a CROSS JOIN entry e
         WHERE a.what = 'noted' AND e.seq = a.entry_seq AND e.reference IS NULL ON CONFLICT DO NOTHING",
    ] {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

/// Entries of the work.
const OF_THE_WORK: &str = "
    SELECT e.seq FROM work_reference w CROSS JOIN entry e WHERE e.reference = w.reference
    UNION SELECT entry_seq FROM work_entry";

fn cutover_in_use(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM house_cutover)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Marks opening items, and takes what lies before the cutover out of the comparison. To run once it is known
/// which entries bear which document's name.
pub(super) fn before(tx: &Tx<'_>) -> Result<()> {
    if !cutover_in_use(tx)? {
        return Ok(());
    }
    for sql in [
        "UPDATE work_document SET opening = 1
         WHERE document_date < (
             SELECT c.books_from FROM house_cutover c WHERE c.entity = work_document.entity)"
            .to_owned(),
        format!(
            "INSERT INTO work_apart (entry_seq, what, name)
             SELECT e.seq, 'before', '{BEFORE_NAME}'
             FROM ({OF_THE_WORK}) w CROSS JOIN entry e CROSS JOIN house_cutover c
             WHERE e.seq = w.seq AND e.status = 'booked' AND e.netted = 0 AND c.entity = e.entity
                 AND e.posting_date < c.books_from
             ON CONFLICT DO NOTHING"
        ),
        "DELETE FROM work_effective WHERE entry_seq IN (SELECT entry_seq FROM work_apart)".to_owned(),
    ] {
        tx.prepare_cached(&sql)?.execute([])?;
    }
    Ok(())
}

/// What is left of the entries of opening items, once those that settle them are known.
pub(super) fn opening(tx: &Tx<'_>) -> Result<()> {
    if !cutover_in_use(tx)? {
        return Ok(());
    }
    for sql in [
        format!(
            "INSERT INTO work_apart (entry_seq, what, name)
             SELECT f.entry_seq, 'opening', '{OPENING_NAME}'
             FROM work_effective f CROSS JOIN work_document w
             WHERE w.document_seq = f.document_seq AND w.opening = 1 ON CONFLICT DO NOTHING"
        ),
        "DELETE FROM work_effective WHERE document_seq IN (
             SELECT document_seq FROM work_document WHERE opening = 1)"
            .to_owned(),
    ] {
        tx.prepare_cached(&sql)?.execute([])?;
    }
    Ok(())
}

/// An entry `e` that no document explains and that stands.
const STANDS: &str = "e.seq = u.entry_seq AND e.status = 'booked' AND e.netted = 0
    AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.key = e.external_id)
    AND NOT EXISTS (SELECT 1 FROM work_batch_entry b WHERE b.entry_seq = e.seq AND b.live = 1)";

/// What a rule `r` asks of an entry `e`.
const FITS: &str = "(r.entity IS NULL OR r.entity = e.entity)
    AND (r.connection IS NULL OR r.connection = (
        SELECT c.name FROM connection c WHERE c.seq = e.connection_seq))
    AND (r.kinds = '' OR instr(r.kinds, ',' || e.kind || ',') > 0)
    AND (r.customers = '' OR instr(r.customers, ',' || coalesce(e.counterpart, '') || ',') > 0)
    AND (r.begins_with IS NULL
        OR substr(coalesce(e.reference, ''), 1, length(r.begins_with)) = r.begins_with
        OR substr(coalesce(e.number, ''), 1, length(r.begins_with)) = r.begins_with
        OR substr(coalesce(e.external_id, ''), 1, length(r.begins_with)) = r.begins_with
        OR substr(coalesce(e.memo, ''), 1, length(r.begins_with)) = r.begins_with)
    AND (NOT EXISTS (SELECT 1 FROM house_rule_account a WHERE a.rule_seq = r.seq) OR EXISTS (
        SELECT 1 FROM entry_line l CROSS JOIN house_rule_account a
        WHERE l.entry_seq = e.seq AND a.rule_seq = r.seq AND length(l.account) = length(a.from_code)
            AND l.account BETWEEN a.from_code AND a.to_code))";

/// A SELECT that finds something where a rule keeps an entry `e` out as not ours.
pub(super) fn not_ours() -> String {
    format!("SELECT 1 FROM house_rule r WHERE r.what = 'not_ours' AND {FITS}")
}

/// What the tables hold of the work is made anew, where it changed.
const KEEP: [&str; 2] = [
    "UPDATE set_apart SET what = n.what, name = n.name FROM work_apart n
     WHERE n.entry_seq = set_apart.entry_seq AND (n.what <> set_apart.what OR n.name <> set_apart.name)",
    "INSERT INTO set_apart (entry_seq, what, name)
     SELECT n.entry_seq, n.what, n.name FROM work_apart n
     WHERE NOT EXISTS (SELECT 1 FROM set_apart a WHERE a.entry_seq = n.entry_seq)",
];

/// True where a revaluation is among what no document explains.
fn revalued(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (
        SELECT 1 FROM work_unexplained u CROSS JOIN entry e WHERE e.seq = u.entry_seq AND e.kind = ?1)";
    Ok(db.prepare_cached(sql)?.query_row([REVALUED], |row| row.get(0))?)
}

/// Sets apart what notes and rules explain, and revaluations, and keeps all that is set apart. To run once it
/// is known what is unexplained, and what books a batch.
pub(super) fn run(tx: &Tx<'_>) -> Result<()> {
    if !apart::in_use(tx)? && !revalued(tx)? {
        return Ok(());
    }
    tx.prepare_cached(&format!(
        "INSERT INTO work_apart (entry_seq, what, name)
         SELECT e.seq, 'noted', x.category
         FROM work_unexplained u CROSS JOIN entry e CROSS JOIN explained_entry x
         WHERE {STANDS} AND x.entry_seq = e.seq AND x.lines_hash = e.lines_hash ON CONFLICT DO NOTHING"
    ))?
    .execute([])?;
    tx.prepare_cached(&format!(
        "INSERT INTO work_apart (entry_seq, what, name)
         SELECT e.seq, r.what, coalesce(r.category, r.name)
         FROM work_unexplained u CROSS JOIN entry e CROSS JOIN house_rule r
         WHERE {STANDS} AND {FITS}
         ORDER BY CASE r.what WHEN 'not_ours' THEN 0 ELSE 1 END, r.seq ON CONFLICT DO NOTHING"
    ))?
    .execute([])?;
    tx.prepare_cached(&format!(
        "INSERT INTO work_apart (entry_seq, what, name)
         SELECT e.seq, 'explained', '{REVALUED}' FROM work_unexplained u CROSS JOIN entry e
         WHERE {STANDS} AND e.kind = '{REVALUED}' ON CONFLICT DO NOTHING"
    ))?
    .execute([])?;
    tx.prepare_cached(&format!(
        "DELETE FROM set_apart WHERE entry_seq IN ({OF_THE_WORK})
             AND NOT EXISTS (SELECT 1 FROM work_apart n WHERE n.entry_seq = set_apart.entry_seq)"
    ))?
    .execute([])?;
    for sql in KEEP {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

/// Documents of the work, and batches, whose amount is booked otherwise within the tolerance: in the right
/// entity, period and currency, once.
const WITHIN: [&str; 2] = [
    "INSERT INTO work_tolerated (name)
     SELECT c.reference
     FROM comparison c CROSS JOIN house_tolerance t CROSS JOIN work_document w
     WHERE c.present = 1 AND c.agrees = 0 AND c.gap_fingerprint IS NULL AND c.books = 1
         AND c.elsewhere = 0 AND c.entries = 1 AND t.entity = c.entity AND t.currency = c.currency
         AND c.best_entity = c.entity AND c.best_period = c.period AND c.variance_minor <> 0
         AND abs(c.variance_minor) <= t.minor AND w.document_seq = c.document_seq AND w.shared = 0
     ON CONFLICT DO NOTHING",
    "INSERT INTO work_tolerated (name)
     SELECT b.name FROM work_batch b CROSS JOIN house_tolerance t
     WHERE t.entity = b.entity AND t.currency = b.currency AND b.variance_minor <> 0
         AND abs(b.variance_minor) <= t.minor
         AND NOT EXISTS (SELECT 1 FROM work_batch_account a WHERE a.name = b.name AND abs(a.minor) > t.minor)
     ON CONFLICT DO NOTHING",
];

/// Notes what is within the tolerance. To run once documents and batches are compared.
pub(super) fn tolerate(tx: &Tx<'_>) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM house_tolerance) OR EXISTS (SELECT 1 FROM tolerated)";
    if !tx.prepare_cached(sql)?.query_row([], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    for sql in WITHIN {
        tx.prepare_cached(sql)?.execute([])?;
    }
    for sql in [
        "DELETE FROM tolerated WHERE (name IN (SELECT reference FROM work_reference)
             OR name IN (SELECT name FROM work_batch))
             AND NOT EXISTS (SELECT 1 FROM work_tolerated n WHERE n.name = tolerated.name)",
        "INSERT INTO tolerated (name) SELECT name FROM work_tolerated WHERE true ON CONFLICT DO NOTHING",
    ] {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}
