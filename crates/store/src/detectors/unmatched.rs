//! What neither side ties to the other: documents that should be booked and of which the ledger holds
//! nothing, due or not, and entries on accounts on which documents are compared that name no document. People
//! look there for what belongs together, and suggestions are made of it.

use super::state;
use crate::{db::Tx, error::Result};

/// What was kept of the work.
const GONE: [&str; 2] = [
    "DELETE FROM unmatched_document WHERE document_seq IN (
         SELECT d.seq FROM work_reference w CROSS JOIN document d WHERE d.reference = w.reference)",
    "DELETE FROM unmatched_entry WHERE entry_seq IN (
         SELECT e.seq FROM work_reference w CROSS JOIN entry e WHERE e.reference = w.reference
         UNION ALL SELECT entry_seq FROM work_entry)",
];

const DOCUMENTS: &str = "
    INSERT INTO unmatched_document (document_seq, account, entity, currency, minor, day)
    SELECT c.document_seq, w.control, c.entity, c.currency, c.control_minor, c.document_date
    FROM comparison c CROSS JOIN work_document w
    WHERE c.entries = 0 AND c.books = 1 AND c.gap_fingerprint IS NULL AND c.entity IS NOT NULL
        AND w.document_seq = c.document_seq AND w.control IS NOT NULL";

/// Those that carry a key of ours are ours, whatever became of the posting.
const ENTRIES: &str = "
    INSERT INTO unmatched_entry (entry_seq, account, entity, currency, minor, day)
    SELECT e.seq, l.account, e.entity, e.currency, sum(l.transaction_minor), e.posting_date
    FROM work_unexplained u CROSS JOIN entry e CROSS JOIN entry_line l
    WHERE e.seq = u.entry_seq AND e.status = 'booked' AND e.netted = 0 AND l.entry_seq = e.seq
        AND l.account IN (SELECT account FROM work_control)
        AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.key = e.external_id)
        AND NOT EXISTS (SELECT 1 FROM work_batch_entry b WHERE b.entry_seq = e.seq AND b.live = 1)
        AND NOT EXISTS (SELECT 1 FROM work_effective f WHERE f.entry_seq = e.seq)
    GROUP BY e.seq, l.account HAVING sum(l.transaction_minor) <> 0";

/// Keeps the two lists true of the work; `all`: of everything.
pub(super) fn run(tx: &Tx<'_>, all: bool) -> Result<()> {
    match all {
        true => tx.execute_batch("DELETE FROM unmatched_document; DELETE FROM unmatched_entry")?,
        false => {
            for sql in GONE {
                tx.prepare_cached(sql)?.execute([])?;
            }
        }
    }
    let mut control =
        tx.prepare_cached("INSERT INTO work_control (account) VALUES (?1) ON CONFLICT DO NOTHING")?;
    for (_, account) in state::control_pairs(tx)? {
        control.execute([account])?;
    }
    for sql in [DOCUMENTS, ENTRIES] {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}
