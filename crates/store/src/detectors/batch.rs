//! Batches: one entry (or a few) that books many documents together, as a rule of the mapping says: those of
//! a connection, by day or month, entity and currency.
//!
//! What a document differs by and was booked beside the batch (under a key of its own kind,
//! `domain::key::DIFFERENCE`) is an entry of the batch, whatever its side.
//!
//! A document that an entry of its own raises is none of a batch, nor is one that was late for its period or
//! whose account nobody knows. A batch is live where it has documents and entries that name none: then its
//! documents are neither absent nor present by themselves, what takes one of them back under its name (a
//! void, a write-off) is an entry of the batch, and its sums are compared account by account
//! ([`super::batch_mismatch`]). Without entries its documents are judged as all others, without documents its
//! entries are.
//!
//! A batch is judged once each of its documents is due; until then what is missing of it is in transit.
//!
//! A document of the batch's day that the mapping lacks something for is an exception of its own. The job has
//! booked it all the same: where there are such, their totals are added on the control account, and nothing
//! is said of the other accounts.

use super::matched::{self, NOT_RAISED};
use crate::{
    db::{Db, Tx},
    error::Result,
    table::house_rule::by_role,
};

/// The name of the batch of a document (`w`, with `document_date`, `entity`, `currency`) by a rule `r`.
macro_rules! name_of {
    ($date:literal, $entity:literal, $currency:literal) => {
        concat!(
            "r.name || ' ' || CASE r.span WHEN 'month' THEN substr(",
            $date,
            ", 1, 7) ELSE ",
            $date,
            " END || ' ' || ",
            $entity,
            " || ' ' || ",
            $currency
        )
    };
}

/// An entry that a rule could be about.
const FITS: &str = "(r.entity IS NULL OR r.entity = e.entity)
    AND (r.begins_with IS NULL
        OR substr(coalesce(e.reference, ''), 1, length(r.begins_with)) = r.begins_with
        OR substr(coalesce(e.number, ''), 1, length(r.begins_with)) = r.begins_with
        OR substr(coalesce(e.memo, ''), 1, length(r.begins_with)) = r.begins_with)";

/// A document that a rule is about.
const COVERED: &str = "r.connection = c.name AND instr(r.kinds, ',' || d.kind || ',') > 0
    AND (r.entity IS NULL OR r.entity = x.entity)";

/// Names of the batches that the work touches, and what belongs to them so far. Part of what ties the work
/// together.
pub(super) fn tie(tx: &Tx<'_>) -> Result<()> {
    if !in_use(tx)? {
        return Ok(());
    }
    let of_documents = name_of!("x.document_date", "x.entity", "d.currency");
    let of_entries = name_of!("e.posting_date", "e.entity", "e.currency");
    let statements = [
        "INSERT INTO work_batch_name (name) SELECT b.name
         FROM work_reference w CROSS JOIN document d CROSS JOIN batch_document b
         WHERE d.reference = w.reference AND b.document_seq = d.seq ON CONFLICT DO NOTHING"
            .to_owned(),
        "INSERT INTO work_batch_name (name) SELECT b.name
         FROM work_reference w CROSS JOIN entry e CROSS JOIN batch_entry b
         WHERE e.reference = w.reference AND b.entry_seq = e.seq ON CONFLICT DO NOTHING"
            .to_owned(),
        "INSERT INTO work_batch_name (name) SELECT b.name
         FROM work_entry w CROSS JOIN batch_entry b WHERE b.entry_seq = w.entry_seq ON CONFLICT DO NOTHING"
            .to_owned(),
        format!(
            "INSERT INTO work_batch_name (name) SELECT {of_documents}
             FROM work_reference w CROSS JOIN document d CROSS JOIN expectation x CROSS JOIN connection c
             CROSS JOIN batch_rule r
             WHERE d.reference = w.reference AND x.document_seq = d.seq AND c.seq = d.connection_seq
                 AND x.entity IS NOT NULL AND {COVERED} ON CONFLICT DO NOTHING"
        ),
        format!(
            "INSERT INTO work_batch_name (name) SELECT {of_entries}
             FROM work_reference w CROSS JOIN entry e CROSS JOIN batch_rule r
             WHERE e.reference = w.reference AND {FITS} ON CONFLICT DO NOTHING"
        ),
        format!(
            "INSERT INTO work_batch_name (name) SELECT {of_entries}
             FROM work_entry w CROSS JOIN entry e CROSS JOIN batch_rule r
             WHERE e.seq = w.entry_seq AND {FITS} ON CONFLICT DO NOTHING"
        ),
        "INSERT INTO work_reference (reference) SELECT name FROM work_batch_name WHERE true
         ON CONFLICT DO NOTHING"
            .to_owned(),
        "INSERT INTO work_reference (reference) SELECT d.reference
         FROM work_batch_name n CROSS JOIN batch_document b CROSS JOIN document d
         WHERE b.name = n.name AND d.seq = b.document_seq ON CONFLICT DO NOTHING"
            .to_owned(),
        "INSERT INTO work_reference (reference) SELECT e.reference
         FROM work_batch_name n CROSS JOIN batch_entry b CROSS JOIN entry e
         WHERE b.name = n.name AND e.seq = b.entry_seq AND e.reference IS NOT NULL ON CONFLICT DO NOTHING"
            .to_owned(),
        "INSERT INTO work_entry (entry_seq) SELECT e.seq
         FROM work_batch_name n CROSS JOIN batch_entry b CROSS JOIN entry e
         WHERE b.name = n.name AND e.seq = b.entry_seq AND e.reference IS NULL ON CONFLICT DO NOTHING"
            .to_owned(),
    ];
    for sql in &statements {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

/// True where there are rules, batches of earlier ones, or matches of people.
fn in_use(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM batch_rule) OR EXISTS (SELECT 1 FROM batch_document)
        OR EXISTS (SELECT 1 FROM batch_entry)";
    Ok(matched::any(db)? || db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// What the tables hold of the work is made anew, where it changed.
const KEEP: [&str; 6] = [
    "DELETE FROM batch_document
     WHERE document_seq IN (
         SELECT document_seq FROM work_document
         UNION ALL SELECT b.document_seq FROM work_batch_name n CROSS JOIN batch_document b
             WHERE b.name = n.name)
         AND NOT EXISTS (
             SELECT 1 FROM work_batch_document n WHERE n.document_seq = batch_document.document_seq)",
    "UPDATE batch_document SET name = n.name, live = n.live FROM work_batch_document n
     WHERE n.document_seq = batch_document.document_seq
         AND (n.name <> batch_document.name OR n.live <> batch_document.live)",
    "INSERT INTO batch_document (document_seq, name, live)
     SELECT n.document_seq, n.name, n.live FROM work_batch_document n
     WHERE NOT EXISTS (SELECT 1 FROM batch_document b WHERE b.document_seq = n.document_seq)",
    "DELETE FROM batch_entry
     WHERE entry_seq IN (
         SELECT e.seq FROM work_reference w CROSS JOIN entry e WHERE e.reference = w.reference
         UNION ALL SELECT entry_seq FROM work_entry)
         AND NOT EXISTS (SELECT 1 FROM work_batch_entry n WHERE n.entry_seq = batch_entry.entry_seq)",
    "UPDATE batch_entry SET name = n.name, live = n.live FROM work_batch_entry n
     WHERE n.entry_seq = batch_entry.entry_seq
         AND (n.name <> batch_entry.name OR n.live <> batch_entry.live)",
    "INSERT INTO batch_entry (entry_seq, name, live)
     SELECT n.entry_seq, n.name, n.live FROM work_batch_entry n
     WHERE NOT EXISTS (SELECT 1 FROM batch_entry b WHERE b.entry_seq = n.entry_seq)",
];

/// What stands under the name of a document of a live batch takes it back, and belongs to the batch.
const TAKEN_BACK: [&str; 2] = [
    "INSERT INTO work_batch_entry (entry_seq, name, live)
     SELECT f.entry_seq, b.name, 1 FROM work_batch_document b CROSS JOIN work_effective f
     WHERE b.live = 1 AND f.document_seq = b.document_seq ON CONFLICT DO NOTHING",
    "DELETE FROM work_effective WHERE document_seq IN (
         SELECT document_seq FROM work_batch_document WHERE live = 1)",
];

/// Per batch: what its documents expect and its entries hold, on the control accounts and on all.
const SUMS: [&str; 4] = [
    "INSERT INTO work_batch_account (name, account, minor)
     SELECT t.name, t.account, sum(t.minor)
     FROM (
         SELECT b.name, l.account, l.transaction_minor AS minor
         FROM work_batch_entry b CROSS JOIN entry_line l WHERE b.live = 1 AND l.entry_seq = b.entry_seq
         UNION ALL
         SELECT b.name, x.account, 0 - x.amount_minor
         FROM work_batch_document b CROSS JOIN expected_line x
         WHERE b.live = 1 AND x.document_seq = b.document_seq) t
     GROUP BY t.name, t.account HAVING sum(t.minor) <> 0",
    // What the mapping lacks something for is booked as its total, on accounts that nobody knows.
    "INSERT INTO work_batch_account (name, account, minor)
     SELECT m.name, m.control, 0 - sum(g.minor)
     FROM (SELECT b.name, min(w.control) AS control
           FROM work_batch_document b CROSS JOIN work_document w
           WHERE b.live = 1 AND w.document_seq = b.document_seq AND w.control IS NOT NULL
           GROUP BY b.name) m CROSS JOIN work_batch_gap g
     WHERE g.name = m.name GROUP BY m.name, m.control
     ON CONFLICT (name, account) DO UPDATE SET minor = minor + excluded.minor",
    "DELETE FROM work_batch_account WHERE minor = 0 OR name IN (SELECT name FROM work_batch_gap)
         AND account NOT IN (SELECT account FROM control_account)",
    "INSERT INTO work_batch (name, entity, currency, period, day, due, documents, expected_minor,
         variance_minor)
     SELECT b.name, min(w.entity), min(w.currency), min(w.period), max(w.document_date),
         min(CASE WHEN w.due_at <= h.reached THEN 1 ELSE 0 END), count(*), sum(w.control_minor),
         coalesce((SELECT sum(a.minor) FROM work_batch_account a
             WHERE a.name = b.name AND a.account IN (SELECT account FROM control_account)), 0)
     FROM work_batch_document b CROSS JOIN work_document w
     LEFT JOIN detection_horizon h ON h.entity = w.entity
     WHERE b.live = 1 AND w.document_seq = b.document_seq GROUP BY b.name",
];

/// Puts documents and entries of the work that no name ties into the batches of the rules. To run once it is
/// known what entries name, and which name nothing.
pub(super) fn run(tx: &Tx<'_>) -> Result<()> {
    if !in_use(tx)? {
        return Ok(());
    }
    matched::batch(tx)?;
    let of_documents = name_of!("w.document_date", "w.entity", "w.currency");
    let of_entries = name_of!("e.posting_date", "e.entity", "e.currency");
    tx.prepare_cached(&format!(
        "INSERT INTO work_batch_document (document_seq, name, live)
         SELECT w.document_seq, {of_documents}, 0
         FROM work_document w CROSS JOIN document d CROSS JOIN connection c CROSS JOIN batch_rule r
         CROSS JOIN expectation x
         WHERE (w.books = 1 OR w.status = 'void') AND w.late = 0 AND w.entity IS NOT NULL
             AND w.gap_fingerprint IS NULL AND d.seq = w.document_seq AND x.document_seq = d.seq
             AND c.seq = d.connection_seq AND {COVERED} AND {NOT_RAISED}
         ORDER BY r.seq ON CONFLICT DO NOTHING"
    ))?
    .execute([])?;
    tx.prepare_cached(&format!(
        "INSERT INTO work_batch_gap (document_seq, name, minor)
         SELECT w.document_seq, {of_documents}, w.total_minor
         FROM work_document w CROSS JOIN document d CROSS JOIN connection c CROSS JOIN batch_rule r
         CROSS JOIN expectation x
         WHERE w.gap_fingerprint IS NOT NULL AND w.entity IS NOT NULL AND w.late = 0 AND w.status = 'final'
             AND d.seq = w.document_seq AND x.document_seq = d.seq AND c.seq = d.connection_seq
             AND {COVERED} AND {NOT_RAISED}
         ORDER BY r.seq ON CONFLICT DO NOTHING"
    ))?
    .execute([])?;
    tx.prepare_cached(&format!(
        "INSERT INTO work_batch_entry (entry_seq, name, live)
         SELECT e.seq, {of_entries}, 0
         FROM work_unexplained u CROSS JOIN entry e CROSS JOIN batch_rule r
         WHERE e.seq = u.entry_seq AND e.status = 'booked' AND e.netted = 0 AND {FITS}
             AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.key = e.external_id)
             AND EXISTS (
                 SELECT 1 FROM entry_line l
                 WHERE l.entry_seq = e.seq AND l.account IN (SELECT account FROM control_account))
         ORDER BY CASE WHEN EXISTS (
                 SELECT 1 FROM work_batch_document b WHERE b.name = {of_entries}) THEN 0 ELSE 1 END,
             CASE WHEN r.begins_with IS NULL THEN 1 ELSE 0 END, r.seq
         ON CONFLICT DO NOTHING"
    ))?
    .execute([])?;
    for sql in [
        "UPDATE work_batch_document SET live = 1 WHERE name IN (SELECT name FROM work_batch_entry)",
        "UPDATE work_batch_entry SET live = 1 WHERE name IN (
             SELECT name FROM work_batch_document UNION ALL SELECT name FROM work_batch_gap)",
    ]
    .iter()
    .chain(&TAKEN_BACK)
    .chain(&KEEP)
    {
        tx.prepare_cached(sql)?.execute([])?;
    }
    for sql in SUMS {
        tx.prepare_cached(&by_role(tx, sql)?)?.execute([])?;
    }
    Ok(())
}
