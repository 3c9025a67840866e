//! Which document an entry names. Its own reference comes first. Where that is no document's, each of its
//! other names is tried: external id, the other side's reference, the fields that the connection lists; its
//! own number is the ERP's and names nothing. A name is a document's reference or the vendor's id of it, and
//! must be equal. Where none of them is a document's, the words of the memo are tried ([`memo`]).
//!
//! In a ledger that is read from files an entry under a key of ours is its posting's, whatever its own
//! reference says: it may have nothing else of us.
//!
//! A record of a payment that names its charge and its invoice is the charge's; one that names two documents
//! of one kind names none. What an entry counts for stands as its `reference`, what the ERP said in
//! `said_reference`; where the name is no document's any more, what was said stands again.

use tieout_domain::document::DocumentKind;

use super::{
    forms::{self, NAMED},
    matched::{self, OF_SEVERAL},
    memo,
};
use crate::{db::Tx, error::Result};

/// The names of an entry `e`, as (entry, name).
const NAMES: &str = "
    SELECT e.seq AS entry_seq, e.external_id AS name FROM scope s CROSS JOIN entry e
    WHERE e.seq = s.entry_seq AND e.external_id IS NOT NULL
    UNION ALL
    SELECT n.entry_seq, n.name FROM scope s CROSS JOIN entry_name n WHERE n.entry_seq = s.entry_seq
    UNION ALL
    SELECT e.seq, p.reference
    FROM scope s CROSS JOIN entry e CROSS JOIN posting_step k CROSS JOIN posting p CROSS JOIN connection c
    WHERE e.seq = s.entry_seq AND k.key = e.external_id AND p.seq = k.posting_seq
        AND p.connection_seq = e.connection_seq AND c.seq = p.connection_seq AND c.vendor = 'files'";

/// Entries whose names are to be looked at: those of the work that could have others, and those that carry a
/// name of a document of the work.
const SCOPE: [&str; 7] = [
    "INSERT INTO work_naming (entry_seq)
     SELECT e.seq FROM work_reference w CROSS JOIN entry e
     WHERE e.reference = w.reference AND (e.renamed = 1 OR e.external_id IS NOT NULL
         OR EXISTS (SELECT 1 FROM entry_name n WHERE n.entry_seq = e.seq)
         OR EXISTS (SELECT 1 FROM entry_token t WHERE t.entry_seq = e.seq)
         OR NOT EXISTS (
             SELECT 1 FROM document d WHERE d.reference = e.reference AND d.status <> 'draft')
             AND (e.memo IS NOT NULL OR EXISTS (
                 SELECT 1 FROM entry_line l WHERE l.entry_seq = e.seq AND l.memo IS NOT NULL)))
     ON CONFLICT DO NOTHING",
    "INSERT INTO work_naming (entry_seq)
     SELECT t.entry_seq FROM work_reference w CROSS JOIN document d CROSS JOIN entry_token t
     WHERE d.reference = w.reference AND t.token IN (d.reference, d.external_id)
     ON CONFLICT DO NOTHING",
    "INSERT INTO work_naming (entry_seq) SELECT entry_seq FROM work_entry WHERE true ON CONFLICT DO NOTHING",
    "INSERT INTO work_naming (entry_seq)
     SELECT n.entry_seq FROM work_reference w CROSS JOIN entry_name n WHERE n.name = w.reference
     ON CONFLICT DO NOTHING",
    "INSERT INTO work_naming (entry_seq)
     SELECT n.entry_seq FROM work_reference w CROSS JOIN document d CROSS JOIN entry_name n
     WHERE d.reference = w.reference AND n.name = d.external_id
     ON CONFLICT DO NOTHING",
    "INSERT INTO work_naming (entry_seq)
     SELECT e.seq FROM work_reference w CROSS JOIN document d CROSS JOIN entry e
     WHERE d.reference = w.reference AND e.external_id IN (d.reference, d.external_id)
     ON CONFLICT DO NOTHING",
    "INSERT INTO work_naming (entry_seq)
     SELECT e.seq
     FROM work_reference w CROSS JOIN connection c CROSS JOIN posting p CROSS JOIN posting_step k
     CROSS JOIN entry e
     WHERE c.vendor = 'files' AND p.connection_seq = c.seq AND p.reference = w.reference
         AND k.posting_seq = p.seq AND e.external_id = k.key AND e.connection_seq = c.seq
     ON CONFLICT DO NOTHING",
];

/// The same where the work is everything: no other name is asked of an entry whose own reference, as the ERP
/// says it, is a document's.
const EVERYTHING: [&str; 1] = ["INSERT INTO work_naming (entry_seq)
     SELECT e.seq FROM entry e
     WHERE e.renamed = 1 OR EXISTS (SELECT 1 FROM entry_token t WHERE t.entry_seq = e.seq)
         OR NOT EXISTS (
             SELECT 1 FROM document d WHERE d.reference = e.reference AND d.status <> 'draft')"];

/// What each of them counts for by these names, where neither its own reference nor an earlier one says it.
/// Words of a memo may name several documents; then `by_amount` prefers the one of the entry's amount.
fn found(names: &str, by_amount: bool) -> String {
    let amount = match by_amount {
        false => "0",
        true => {
            "CASE WHEN m.total_minor = (
                 SELECT sum(l.transaction_minor) FROM entry_line l WHERE l.entry_seq = m.entry_seq
                     AND l.account IN (SELECT account FROM control_account)) THEN 0 ELSE 2 END"
        }
    };
    format!(
        "WITH scope AS (
             SELECT n.entry_seq FROM work_naming n CROSS JOIN entry e
             WHERE e.seq = n.entry_seq AND NOT EXISTS (
                 SELECT 1 FROM document d
                 WHERE d.reference = CASE WHEN e.renamed = 1 THEN e.said_reference ELSE e.reference END
                     AND d.status <> 'draft')
                 AND NOT EXISTS (SELECT 1 FROM work_named k WHERE k.entry_seq = n.entry_seq)
                 AND n.entry_seq NOT IN ({OF_SEVERAL})),
         name AS ({names}),
         named AS (
             SELECT n.entry_seq, d.seq, d.reference, d.kind, d.total_minor
             FROM name n CROSS JOIN document d WHERE d.reference = n.name AND d.status <> 'draft'
             UNION
             SELECT n.entry_seq, d.seq, d.reference, d.kind, d.total_minor
             FROM name n CROSS JOIN connection c CROSS JOIN work_kind k CROSS JOIN document d
             WHERE d.connection_seq = c.seq AND d.kind = k.kind AND d.external_id = n.name
                 AND d.status <> 'draft'
             UNION {NAMED}),
         fit AS (
             SELECT m.entry_seq, m.reference, {amount} + CASE
                 WHEN e.kind IN ('payment', 'customer_refund', 'customer_deposit', 'deposit_application',
                         'deposit', 'transfer', 'check')
                     AND m.kind NOT IN ('invoice', 'credit_note') THEN 0
                 WHEN e.kind IN ('invoice', 'credit_memo', 'cash_sale', 'cash_refund', 'journal')
                     AND m.kind IN ('invoice', 'credit_note') THEN 0
                 ELSE 1 END AS rank
             FROM named m CROSS JOIN entry e WHERE e.seq = m.entry_seq)
         INSERT INTO work_named (entry_seq, reference)
         SELECT f.entry_seq, min(f.reference) FROM fit f
         WHERE f.rank = (SELECT min(o.rank) FROM fit o WHERE o.entry_seq = f.entry_seq)
         GROUP BY f.entry_seq HAVING min(f.reference) = max(f.reference)"
    )
}

/// The entries of the work bear what they count for, and what they counted for is looked at too.
const KEEP: [&str; 7] = [
    "INSERT INTO work_reference (reference)
     SELECT e.reference FROM work_naming n CROSS JOIN entry e LEFT JOIN work_named w ON w.entry_seq = e.seq
     WHERE e.seq = n.entry_seq AND e.reference IS NOT NULL
         AND e.reference IS NOT coalesce(w.reference, CASE WHEN e.renamed = 1 THEN e.said_reference
             ELSE e.reference END)
     ON CONFLICT DO NOTHING",
    "UPDATE entry SET reference = said_reference, said_reference = NULL, renamed = 0
     WHERE seq IN (
         SELECT n.entry_seq FROM work_naming n CROSS JOIN entry e
         WHERE e.seq = n.entry_seq AND e.renamed = 1 AND NOT EXISTS (
             SELECT 1 FROM work_named w WHERE w.entry_seq = n.entry_seq))",
    "UPDATE entry SET said_reference = CASE WHEN renamed = 1 THEN said_reference ELSE reference END,
         reference = (SELECT w.reference FROM work_named w WHERE w.entry_seq = entry.seq), renamed = 1
     WHERE seq IN (
         SELECT w.entry_seq FROM work_named w CROSS JOIN entry e
         WHERE e.seq = w.entry_seq AND w.reference IS NOT e.reference)",
    "INSERT INTO work_reference (reference) SELECT reference FROM work_named WHERE true
     ON CONFLICT DO NOTHING",
    "INSERT INTO work_reference (reference)
     SELECT e.reference FROM work_naming n CROSS JOIN entry e
     WHERE e.seq = n.entry_seq AND e.reference IS NOT NULL ON CONFLICT DO NOTHING",
    "INSERT INTO work_entry (entry_seq)
     SELECT e.seq FROM work_naming n CROSS JOIN entry e
     WHERE e.seq = n.entry_seq AND e.reference IS NULL ON CONFLICT DO NOTHING",
    "DELETE FROM work_entry WHERE entry_seq IN (
         SELECT e.seq FROM work_named n CROSS JOIN entry e WHERE e.seq = n.entry_seq)",
];

/// Gives the entries of the work the references of the documents that they name otherwise. `all`: the work is
/// everything.
pub(super) fn run(tx: &Tx<'_>, all: bool) -> Result<()> {
    let mut kinds = tx.prepare_cached("INSERT INTO work_kind (kind) VALUES (?1)")?;
    for kind in DocumentKind::ALL {
        kinds.execute([kind.as_str()])?;
    }
    for sql in if all { &EVERYTHING[..] } else { &SCOPE[..] } {
        tx.prepare_cached(sql)?.execute([])?;
    }
    forms::run(tx, all)?;
    matched::name(tx)?;
    tx.prepare_cached(&found(NAMES, false))?.execute([])?;
    memo::keep(tx)?;
    tx.prepare_cached(&found(memo::WORDS, true))?.execute([])?;
    for sql in KEEP {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}
