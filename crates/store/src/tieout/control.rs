//! The tie-out of the control accounts alone, for pictures: the same figures as all cells give for these
//! accounts together, from each expectation's control amount and the entries' lines on control accounts.
//! Several times faster than all cells.

use super::{
    cells::{TieOutRow, read_all},
    terms::by_role,
};
use crate::{db::Db, error::Result};

/// `moved`: entries that carry our key of a document with another reference, or settle a document under its
/// name and book another, and count for that one (or for themselves).
/// `looked`: references that open exceptions explain, and those of several entries, which may only shift
/// between periods. `put` is what their documents expect, `share` what each of them puts where. `shifted` is
/// what those of several entries put on any account, because an entry that differs on another account is no
/// mere shift.
const CONTROL: &str = "
    WITH moved AS (
        SELECT DISTINCT e.seq, d.reference AS name
        FROM posting_step s JOIN posting p ON p.seq = s.posting_seq JOIN document d ON d.seq = p.document_seq
        JOIN entry e ON e.external_id = s.key AND length(e.external_id) = 20
        WHERE e.reference IS DISTINCT FROM d.reference
        UNION ALL
        SELECT s.entry_seq, coalesce(d.reference, e.id)
        FROM settlement s JOIN entry e ON e.seq = s.entry_seq LEFT JOIN document d ON d.seq = s.document_seq
        UNION ALL SELECT b.entry_seq, b.name FROM batch_entry b WHERE b.live = 1),
    batched AS (SELECT b.document_seq AS seq, b.name FROM batch_document b WHERE b.live = 1),
    named AS (
        SELECT DISTINCT CASE WHEN x.subject_kind = 'document' THEN d.reference ELSE x.subject END AS name
        FROM exception x LEFT JOIN document d ON d.seq = x.document_seq
        WHERE x.state IN ('open', 'in_progress', 'on_hold') AND x.subject_kind IN ('document', 'reference')),
    wanted AS (
        SELECT d.seq, coalesce((SELECT b.name FROM batched b WHERE b.seq = d.seq), d.reference) AS name,
            x.entity, d.currency, x.period, x.due_at, x.control_minor AS minor
        FROM document d JOIN expectation x ON x.document_seq = d.seq
        WHERE d.status <> 'draft' AND x.books = 1
            AND x.control IN (SELECT account FROM control_account)),
    billed AS (
        SELECT entity, currency, period, sum(minor) AS minor FROM wanted
        GROUP BY entity, currency, period),
    ledger AS (
        SELECT e.entity, e.currency, e.period, sum(l.transaction_minor) AS minor,
            sum(CASE WHEN e.netted = 1 THEN l.transaction_minor ELSE 0 END) AS corrected
        FROM entry e JOIN entry_line l ON l.entry_seq = e.seq
        WHERE e.status = 'booked' AND l.account IN (SELECT account FROM control_account)
        GROUP BY e.entity, e.currency, e.period),
    settled AS (
        SELECT e.entity, e.currency, e.period, sum(l.transaction_minor) AS minor
        FROM settlement s JOIN entry e ON e.seq = s.entry_seq JOIN entry_line l ON l.entry_seq = s.entry_seq
        WHERE s.document_seq IS NULL AND e.status = 'booked' AND e.id NOT IN (SELECT name FROM named)
            AND l.account IN (SELECT account FROM control_account)
        GROUP BY e.entity, e.currency, e.period),
    apart AS (
        SELECT e.entity, e.currency, e.period, a.what, sum(l.transaction_minor) AS minor
        FROM set_apart a JOIN entry e ON e.seq = a.entry_seq JOIN entry_line l ON l.entry_seq = a.entry_seq
        WHERE e.status = 'booked' AND e.netted = 0 AND l.account IN (SELECT account FROM control_account)
        GROUP BY e.entity, e.currency, e.period, a.what),
    several AS (
        SELECT e.reference AS name FROM entry e
        WHERE e.reference IS NOT NULL AND e.status = 'booked' AND e.netted = 0
            AND e.seq NOT IN (SELECT entry_seq FROM set_apart)
        GROUP BY e.reference HAVING count(*) > 1
        UNION SELECT name FROM moved),
    undue AS (
        SELECT DISTINCT b.name FROM batched b JOIN expectation x ON x.document_seq = b.seq
        LEFT JOIN detection_horizon h ON h.entity = x.entity
        WHERE (h.reached IS NULL OR x.due_at > h.reached) AND b.name NOT IN (SELECT name FROM named)),
    looked AS (
        SELECT name, 1 AS excepted FROM named
        UNION ALL SELECT t.name, 2 FROM tolerated t WHERE t.name NOT IN (SELECT name FROM named)
        UNION ALL SELECT s.name, 0 FROM several s
        WHERE s.name NOT IN (SELECT name FROM named) AND s.name NOT IN (SELECT name FROM tolerated)
            AND s.name NOT IN (SELECT name FROM undue) AND (
            EXISTS (SELECT 1 FROM document d WHERE d.reference = s.name AND d.status <> 'draft')
            OR EXISTS (SELECT 1 FROM batch_entry b WHERE b.name = s.name AND b.live = 1))),
    entry_of AS (
        SELECT k.name, k.excepted, e.seq, e.entity, e.currency, e.period
        FROM looked k CROSS JOIN entry e
        WHERE e.reference = k.name AND e.status = 'booked' AND e.netted = 0
            AND e.seq NOT IN (SELECT entry_seq FROM set_apart)
            AND e.seq NOT IN (SELECT seq FROM moved)
        UNION ALL
        SELECT k.name, k.excepted, e.seq, e.entity, e.currency, e.period
        FROM moved m CROSS JOIN looked k CROSS JOIN entry e
        WHERE k.name = m.name AND e.seq = m.seq AND e.status = 'booked' AND e.netted = 0
            AND e.seq NOT IN (SELECT entry_seq FROM set_apart)
        UNION ALL
        SELECT k.name, k.excepted, e.seq, e.entity, e.currency, e.period
        FROM looked k CROSS JOIN entry e
        WHERE e.id = k.name AND e.reference IS NULL AND e.status = 'booked' AND e.netted = 0
            AND e.seq NOT IN (SELECT entry_seq FROM set_apart)
            AND e.seq NOT IN (SELECT seq FROM moved)),
    put AS (
        SELECT k.name, k.excepted, d.seq, x.entity, d.currency, x.period, x.control_minor, x.control
        FROM looked k CROSS JOIN document d CROSS JOIN expectation x
        WHERE d.reference = k.name AND x.document_seq = d.seq AND d.status <> 'draft' AND x.books = 1
            AND d.seq NOT IN (SELECT seq FROM batched)
            AND x.control IN (SELECT account FROM control_account)),
    put_all AS (
        SELECT * FROM put
        UNION ALL
        SELECT k.name, k.excepted, b.seq, x.entity, d.currency, x.period, x.control_minor, x.control
        FROM looked k JOIN batched b ON b.name = k.name JOIN document d ON d.seq = b.seq
        JOIN expectation x ON x.document_seq = b.seq),
    share AS (
        SELECT o.name, o.excepted, o.entity, o.currency, o.period, l.transaction_minor AS minor, 1 AS held
        FROM entry_of o JOIN entry_line l ON l.entry_seq = o.seq
        WHERE l.account IN (SELECT account FROM control_account)
        UNION ALL
        SELECT name, excepted, entity, currency, period, 0 - control_minor, 0 FROM put_all
        WHERE control IN (SELECT account FROM control_account)),
    shifted AS (
        SELECT o.name, o.entity, o.currency, l.account, l.transaction_minor AS minor
        FROM entry_of o JOIN entry_line l ON l.entry_seq = o.seq WHERE o.excepted = 0
        UNION ALL
        SELECT u.name, u.entity, u.currency, l.account, 0 - l.amount_minor
        FROM put_all u JOIN expected_line l ON l.document_seq = u.seq WHERE u.excepted = 0),
    even AS (
        SELECT name FROM (SELECT name, sum(minor) AS minor FROM shifted
            GROUP BY name, entity, currency, account) u
        WHERE name IN (SELECT name FROM entry_of WHERE excepted = 0 GROUP BY name HAVING count(*) > 1)
            OR name IN (SELECT name FROM batched)
        GROUP BY name HAVING max(abs(minor)) = 0),
    shift AS (
        SELECT entity, currency, period, sum(minor) AS minor FROM share
        WHERE excepted = 0 AND name IN (SELECT name FROM even) GROUP BY entity, currency, period),
    explained AS (
        SELECT entity, currency, period, sum(minor) AS minor FROM share WHERE excepted = 1
        GROUP BY entity, currency, period),
    taken AS (
        SELECT entity, currency, period, sum(minor) AS minor FROM share WHERE excepted = 2
        GROUP BY entity, currency, period),
    transit AS (
        SELECT x.entity, d.currency, x.period, 0 - sum(x.control_minor) AS minor
        FROM expectation x LEFT JOIN detection_horizon h ON h.entity = x.entity
        JOIN document d ON d.seq = x.document_seq
        WHERE x.books = 1 AND (h.reached IS NULL OR x.due_at > h.reached)
            AND d.status <> 'draft' AND x.control IN (SELECT account FROM control_account)
            AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.reference = d.reference AND e.status = 'booked'
                AND e.netted = 0 AND e.seq NOT IN (SELECT seq FROM moved)
                AND e.seq NOT IN (SELECT entry_seq FROM set_apart))
            AND d.reference NOT IN (SELECT m.name FROM moved m JOIN entry e ON e.seq = m.seq
                WHERE e.status = 'booked' AND e.netted = 0
                    AND e.seq NOT IN (SELECT entry_seq FROM set_apart))
            AND d.reference NOT IN (SELECT name FROM named)
            AND d.seq NOT IN (SELECT seq FROM batched)
        GROUP BY x.entity, d.currency, x.period
        UNION ALL
        SELECT e.entity, e.currency, e.period, sum(l.transaction_minor)
        FROM undue u JOIN batch_entry b ON b.name = u.name AND b.live = 1 JOIN entry e ON e.seq = b.entry_seq
        JOIN entry_line l ON l.entry_seq = e.seq
        WHERE e.status = 'booked' AND e.netted = 0 AND l.account IN (SELECT account FROM control_account)
        GROUP BY e.entity, e.currency, e.period
        UNION ALL
        SELECT x.entity, d.currency, x.period, 0 - sum(x.control_minor)
        FROM undue u JOIN batched b ON b.name = u.name JOIN expectation x ON x.document_seq = b.seq
        JOIN document d ON d.seq = b.seq
        WHERE x.books = 1 AND d.status <> 'draft'
        GROUP BY x.entity, d.currency, x.period)
    SELECT c.entity, c.currency, c.period, '' AS account, sum(c.billing) AS billing,
        sum(c.corrections) AS corrections, sum(c.settled) AS settled, sum(c.not_ours) AS not_ours,
        sum(c.noted) AS noted, sum(c.tolerated) AS tolerated, sum(c.opening) AS opening,
        sum(c.ledger) AS ledger, sum(c.explained) AS explained, sum(c.transit) AS transit, 0 AS exceptions
    FROM (
        SELECT entity, currency, period, minor AS billing, 0 AS corrections, 0 AS settled, 0 AS not_ours,
            0 AS noted, 0 AS tolerated, 0 AS opening, 0 AS ledger, 0 AS explained, 0 AS transit
        FROM billed
        UNION ALL SELECT entity, currency, period, 0, corrected, 0, 0, 0, 0, 0, minor, 0, 0 FROM ledger
        UNION ALL SELECT entity, currency, period, 0, minor, 0, 0, 0, 0, 0, 0, 0, 0 FROM shift
        UNION ALL SELECT entity, currency, period, 0, 0, minor, 0, 0, 0, 0, 0, 0, 0 FROM settled
        UNION ALL
        SELECT entity, currency, period, 0, 0, 0, CASE what WHEN 'not_ours' THEN minor ELSE 0 END,
            CASE WHEN what IN ('noted', 'explained') THEN minor ELSE 0 END, 0,
            CASE WHEN what IN ('before', 'opening') THEN minor ELSE 0 END, 0, 0, 0 FROM apart
        UNION ALL SELECT entity, currency, period, 0, 0, 0, 0, 0, minor, 0, 0, 0, 0 FROM taken
        UNION ALL SELECT entity, currency, period, 0, 0, 0, 0, 0, 0, 0, 0, minor, 0 FROM explained
        UNION ALL SELECT entity, currency, period, 0, 0, 0, 0, 0, 0, 0, 0, 0, minor FROM transit) c
    GROUP BY c.entity, c.currency, c.period ORDER BY c.entity, c.currency, c.period";

/// Billing, ledger and the difference on the control accounts, per entity, currency and period, as of the
/// last detection. `account` is empty, and exceptions are not counted.
pub(crate) fn control_tie_out(db: &Db) -> Result<Vec<TieOutRow>> {
    let mut statement = db.prepare_cached(&by_role(db, CONTROL.to_owned())?)?;
    read_all(statement.query([])?)
}
