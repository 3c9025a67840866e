//! Puts what a document should be in the ledger beside what the ledger holds for it: one row of
//! `comparison` per document of the work. The detectors only read that row.
//!
//! Which entries belong to a document: the booked ones that are not netted and carry the key of one of its
//! postings, or its reference; a dispute may be booked under its payment's. Where several documents have one
//! reference (two billing accounts that number alike, numbers that begin again each year), each entry goes to
//! one of them: the same entity first, then the same currency, then the same year, then the same amount, then
//! the same period, then the document seen first. An entry that settles a document under its name
//! ([`settlement`]) is none of its own; it is that of the payment which it books.
//!
//! Amounts are compared in the document's currency on the entries' transaction amounts; an entry in another
//! currency only counts as being *elsewhere*. The *best* entry, by which entity and period are judged, is
//! the one with the right control amount, else the right entity, else the right period, else the first.

use super::{apart, batch, matched, released, settlement, unmatched};
use crate::{db::Tx, error::Result, table::house_rule::by_role};

/// The expected side. Drafts are no documents.
const DOCUMENTS: &str = "
    INSERT INTO work_document (document_seq, id, kind, reference, shared, status, total_minor, currency,
        changed_at, document_date, entity, period, own_period, late, control, tax_account, control_minor,
        books, before_minor, gap_fingerprint, gap_message, due_at)
    SELECT d.seq, d.id, d.kind, d.reference,
        CASE WHEN EXISTS (
            SELECT 1 FROM document o
            WHERE o.reference = d.reference AND o.seq <> d.seq AND o.status <> 'draft') THEN 1 ELSE 0 END,
        d.status, d.total_minor, d.currency, d.changed_at, x.document_date, x.entity, x.period,
        x.own_period, x.late, x.control, x.tax_account, x.control_minor, x.books, x.booked_before_minor,
        x.gap_fingerprint, x.gap_message, x.due_at
    FROM work_reference w CROSS JOIN document d CROSS JOIN expectation x
    WHERE d.reference = w.reference AND x.document_seq = d.seq AND d.status <> 'draft'";

/// Entries that carry the key of a posting of the document, whatever their reference says.
const CLAIMED_BY_KEY: &str = "
    INSERT INTO work_claim (entry_seq, document_seq)
    SELECT e.seq, w.document_seq
    FROM work_document w CROSS JOIN posting p CROSS JOIN posting_step s CROSS JOIN entry e
    WHERE p.document_seq = w.document_seq AND s.posting_seq = p.seq AND e.external_id = s.key
        AND length(e.external_id) = 20 AND e.connection_seq = p.connection_seq
    ON CONFLICT DO NOTHING";

const CLAIMED_BY_ENTITY: &str = "
    INSERT INTO work_claim (entry_seq, document_seq)
    SELECT r.entry_seq, r.document_seq
    FROM (
        SELECT e.seq AS entry_seq, w.document_seq, row_number() OVER (
            PARTITION BY e.seq ORDER BY
                CASE WHEN e.entity = w.entity THEN 0 ELSE 1 END,
                CASE WHEN e.currency = w.currency THEN 0 ELSE 1 END,
                CASE WHEN substr(e.posting_date, 1, 4) = substr(w.document_date, 1, 4) THEN 0 ELSE 1 END,
                CASE WHEN w.control_minor = (
                    SELECT sum(l.transaction_minor) FROM entry_line l
                    WHERE l.entry_seq = e.seq AND l.account = w.control) THEN 0 ELSE 1 END,
                CASE WHEN e.period = w.period THEN 0 ELSE 1 END,
                w.document_seq) AS choice
        FROM work_document w CROSS JOIN entry e
        WHERE e.reference = w.reference AND w.shared = 1) r
    WHERE r.choice = 1
    ON CONFLICT DO NOTHING";

/// What a dispute took back is booked under its own name, or under that of its payment by an entry of the
/// other
/// side than the payment's. Each such entry goes to one dispute: the one of its amount first.
const CLAIMED_BY_DISPUTE: &str = "
    INSERT INTO work_claim (entry_seq, document_seq)
    SELECT r.entry_seq, r.document_seq
    FROM (
        SELECT e.seq AS entry_seq, w.document_seq, row_number() OVER (
            PARTITION BY e.seq ORDER BY
                CASE WHEN w.control_minor = (
                    SELECT sum(l.transaction_minor) FROM entry_line l
                    WHERE l.entry_seq = e.seq AND l.account = w.control) THEN 0 ELSE 1 END,
                w.document_seq) AS choice
        FROM work_document w CROSS JOIN document d CROSS JOIN document p CROSS JOIN entry e
        WHERE w.kind = 'dispute' AND w.control IS NOT NULL AND d.seq = w.document_seq
            AND p.connection_seq = d.connection_seq AND p.kind = 'payment' AND p.external_id = d.payment
            AND e.reference = p.reference AND e.status = 'booked' AND e.netted = 0
            AND e.currency = w.currency
            AND NOT EXISTS (SELECT 1 FROM entry o WHERE o.reference = w.reference AND o.status = 'booked'
                AND o.netted = 0)
            AND (SELECT sum(l.transaction_minor) FROM entry_line l
                WHERE l.entry_seq = e.seq AND l.account = w.control) > 0) r
    WHERE r.choice = 1
    ON CONFLICT DO NOTHING";

/// `place`: 0 in the right entity and period, 1 in another period, 2 in another entity, 3 both. Without a
/// control account of its own (no mapping) any control account counts.
const EFFECTIVE: &str = "
    INSERT INTO work_effective (document_seq, entry_seq, place, same_currency, control_minor)
    SELECT w.document_seq, e.seq,
        CASE WHEN e.entity = w.entity THEN 0 ELSE 2 END + CASE WHEN e.period = w.period THEN 0 ELSE 1 END,
        CASE WHEN e.currency = w.currency THEN 1 ELSE 0 END,
        CASE WHEN w.control IS NULL
            THEN (SELECT coalesce(sum(l.transaction_minor), 0) FROM entry_line l
                WHERE l.entry_seq = e.seq AND l.account IN (SELECT account FROM control_account))
            ELSE (SELECT coalesce(sum(l.transaction_minor), 0) FROM entry_line l
                WHERE l.entry_seq = e.seq AND l.account = w.control) END";

const OF_ONE_DOCUMENT: &str = "
    FROM work_document w CROSS JOIN entry e
    WHERE e.reference = w.reference AND w.shared = 0 AND e.status = 'booked' AND e.netted = 0
        AND NOT EXISTS (SELECT 1 FROM work_claim c WHERE c.entry_seq = e.seq)";

const OF_A_CLAIM: &str = "
    FROM work_claim c CROSS JOIN work_document w CROSS JOIN entry e
    WHERE w.document_seq = c.document_seq AND e.seq = c.entry_seq AND e.status = 'booked'
        AND e.netted = 0";

/// Settlements count for the payments that they book.
const OF_A_SETTLEMENT: &str = "
    FROM work_settlement s CROSS JOIN work_document w CROSS JOIN entry e
    WHERE w.document_seq = s.document_seq AND e.seq = s.entry_seq";

const BOOKED: &str = "
    INSERT INTO work_booked (document_seq, account, minor)
    SELECT f.document_seq, l.account, sum(l.transaction_minor)
    FROM work_effective f CROSS JOIN entry_line l
    WHERE l.entry_seq = f.entry_seq AND f.same_currency = 1
    GROUP BY f.document_seq, l.account";

/// `best` packs the rank of the entry (0 to 7) above its number, so that one `min` finds it.
const TOTALS: &str = "
    INSERT INTO work_total (document_seq, entries, elsewhere, matching, as_before, control_net, best)
    SELECT t.document_seq, count(*), sum(1 - t.same_currency), sum(t.matches), sum(t.as_before),
        sum(t.control_minor * t.same_currency),
        min((4 * (1 - t.matches) + t.place) * 1099511627776 + t.entry_seq)
    FROM (
        SELECT f.document_seq, f.entry_seq, f.place, f.same_currency, f.control_minor,
            CASE WHEN f.same_currency = 1 AND f.control_minor = w.control_minor THEN 1 ELSE 0 END AS matches,
            CASE WHEN f.same_currency = 1 AND f.control_minor = w.before_minor THEN 1 ELSE 0 END AS as_before
        FROM work_effective f CROSS JOIN work_document w
        WHERE w.document_seq = f.document_seq) t
    GROUP BY t.document_seq";

/// Documents of which the ledger holds nothing, not even in a batch.
const ABSENT: &str = "
    INSERT INTO comparison (document_seq, id, kind, reference, status, total_minor, currency, changed_at,
        document_date, entity, period, own_period, late, tax_account, control_minor, books, before_minor,
        gap_fingerprint, gap_message, due_at, due, blocked, entries, elsewhere, matching, as_before,
        control_net, variance_minor, present, refused, agrees, accounts_differ, tax_expected, tax_booked,
        moved_from, moved_to)
    SELECT w.document_seq, w.id, w.kind, w.reference, w.status, w.total_minor, w.currency, w.changed_at,
        w.document_date, w.entity, w.period, w.own_period, w.late, w.tax_account, w.control_minor, w.books,
        w.before_minor, w.gap_fingerprint, w.gap_message, w.due_at,
        CASE WHEN w.due_at <= h.reached THEN 1 ELSE 0 END,
        CASE WHEN p.ar_accepts = 0 THEN 1 ELSE 0 END,
        0, 0, 0, 0, 0,
        CASE WHEN w.gap_fingerprint IS NULL THEN 0 - w.control_minor ELSE 0 - w.total_minor END,
        0, 0, 0, 0, 0, 0, m.period, m.booked_period
    FROM work_document w
    LEFT JOIN work_total t ON t.document_seq = w.document_seq
    LEFT JOIN detection_horizon h ON h.entity = w.entity
    LEFT JOIN period p ON p.entity = w.entity AND p.key = w.own_period
    LEFT JOIN (
        SELECT po.document_seq, min(s.period) AS period, min(s.booked_period) AS booked_period
        FROM posting_step s JOIN posting po ON po.seq = s.posting_seq
        WHERE s.booked_period <> s.period AND s.role = 'post' AND po.state = 'booked'
            AND po.document_seq IS NOT NULL
        GROUP BY po.document_seq) m ON m.document_seq = w.document_seq
    WHERE t.document_seq IS NULL AND NOT EXISTS (
        SELECT 1 FROM work_batch_document b WHERE b.document_seq = w.document_seq AND b.live = 1)";

/// Documents of which the ledger holds something. `present`: it does not cancel out to nothing. `agrees`:
/// the control amount is right, or stands whole on another account and nothing on the control account. Where
/// it was approved is said by the last posting that had the entry's key and was not withdrawn.
const PRESENT: &str = "
    INSERT INTO comparison (document_seq, id, kind, reference, status, total_minor, currency, changed_at,
        document_date, entity, period, own_period, late, tax_account, control_minor, books, before_minor,
        gap_fingerprint, gap_message, due_at, due, blocked, entries, elsewhere, matching, as_before,
        control_net, variance_minor, present, refused, agrees, accounts_differ, tax_expected, tax_booked,
        best_entity, best_period, best_currency, best_at, best_date, approved_entity, approved_period)
    SELECT c.*, e.entity, e.period, e.currency, e.created_at, e.posting_date, s.entity, s.period
    FROM (
        SELECT w.document_seq, w.id, w.kind, w.reference, w.status, w.total_minor, w.currency, w.changed_at,
            w.document_date, w.entity, w.period, w.own_period, w.late, w.tax_account, w.control_minor,
            w.books, w.before_minor, w.gap_fingerprint, w.gap_message, w.due_at,
            CASE WHEN w.due_at <= h.reached THEN 1 ELSE 0 END,
            CASE WHEN p.ar_accepts = 0 THEN 1 ELSE 0 END,
            t.entries, t.elsewhere, t.matching, t.as_before, t.control_net,
            t.control_net - CASE WHEN w.gap_fingerprint IS NULL THEN w.control_minor ELSE w.total_minor END,
            CASE WHEN t.elsewhere > 0 OR EXISTS (
                SELECT 1 FROM work_booked b WHERE b.document_seq = w.document_seq AND b.minor <> 0)
                THEN 1 ELSE 0 END,
            CASE WHEN w.kind NOT IN ('invoice', 'credit_note') AND w.status IN ('pending', 'failed')
                THEN 1 ELSE 0 END,
            CASE WHEN t.elsewhere > 0 THEN 0
                WHEN t.control_net = w.control_minor THEN 1
                WHEN w.control_minor <> 0 AND NOT EXISTS (
                    SELECT 1 FROM work_booked k
                    WHERE k.document_seq = w.document_seq AND k.account = w.control) AND EXISTS (
                    SELECT 1 FROM work_booked b
                    WHERE b.document_seq = w.document_seq AND b.minor = w.control_minor
                        AND NOT EXISTS (
                            SELECT 1 FROM expected_line x
                            WHERE x.document_seq = b.document_seq AND x.account = b.account)) THEN 1
                ELSE 0 END,
            CASE WHEN EXISTS (
                SELECT 1 FROM expected_line x
                LEFT JOIN work_booked b ON b.document_seq = x.document_seq AND b.account = x.account
                WHERE x.document_seq = w.document_seq AND x.amount_minor <> coalesce(b.minor, 0)) THEN 1
                WHEN EXISTS (
                SELECT 1 FROM work_booked b
                WHERE b.document_seq = w.document_seq AND b.minor <> 0 AND NOT EXISTS (
                    SELECT 1 FROM expected_line x
                    WHERE x.document_seq = b.document_seq AND x.account = b.account)) THEN 1
                ELSE 0 END,
            coalesce((SELECT x.amount_minor FROM expected_line x
                WHERE x.document_seq = w.document_seq AND x.account = w.tax_account), 0),
            coalesce((SELECT b.minor FROM work_booked b
                WHERE b.document_seq = w.document_seq AND b.account = w.tax_account), 0)
        FROM work_total t
        JOIN work_document w ON w.document_seq = t.document_seq
        LEFT JOIN detection_horizon h ON h.entity = w.entity
        LEFT JOIN period p ON p.entity = w.entity AND p.key = w.own_period) c
    CROSS JOIN work_total t CROSS JOIN entry e
    LEFT JOIN posting_step s ON s.key = e.external_id AND s.posting_seq = (
        SELECT max(h.posting_seq) FROM posting_step h JOIN posting p ON p.seq = h.posting_seq
        WHERE h.key = e.external_id AND p.connection_seq = e.connection_seq
            AND (h.erp_id = e.erp_id OR p.state NOT IN ('proposed', 'rejected', 'cancelled')))
    WHERE t.document_seq = c.document_seq AND e.seq = t.best % 1099511627776";

/// Entries of the work that name no document (a draft is none), or nothing at all.
const UNEXPLAINED: &str = "
    INSERT INTO work_unexplained (entry_seq)
    SELECT e.seq
    FROM work_reference w CROSS JOIN entry e
    WHERE e.reference = w.reference AND NOT EXISTS (
        SELECT 1 FROM document d WHERE d.reference = w.reference AND d.status <> 'draft')
    UNION ALL SELECT entry_seq FROM work_entry";

/// Fills `comparison` for the work; `all`: for everything.
pub(super) fn run(tx: &Tx<'_>, all: bool) -> Result<()> {
    tx.prepare_cached(DOCUMENTS)?.execute([])?;
    tx.prepare_cached(CLAIMED_BY_KEY)?.execute([])?;
    tx.prepare_cached("INSERT INTO work_key (entry_seq) SELECT entry_seq FROM work_claim")?.execute([])?;
    matched::claim(tx)?;
    let by_role = |sql: &str| by_role(tx, sql);
    tx.prepare_cached(&by_role(CLAIMED_BY_DISPUTE)?)?.execute([])?;
    tx.prepare_cached(&by_role(CLAIMED_BY_ENTITY)?)?.execute([])?;
    for source in [OF_ONE_DOCUMENT, OF_A_CLAIM] {
        tx.prepare_cached(&by_role(&format!("{EFFECTIVE}{source}"))?)?.execute([])?;
    }
    matched::no_booking(tx)?;
    apart::before(tx)?;
    released::set_apart(tx)?;
    settlement::run(tx)?;
    apart::opening(tx)?;
    tx.prepare_cached(&by_role(&format!("{EFFECTIVE}{OF_A_SETTLEMENT}"))?)?.execute([])?;
    tx.prepare_cached(UNEXPLAINED)?.execute([])?;
    batch::run(tx)?;
    apart::run(tx)?;
    tx.prepare_cached(&by_role(BOOKED)?)?.execute([])?;
    for sql in [TOTALS, ABSENT, PRESENT] {
        tx.prepare_cached(sql)?.execute([])?;
    }
    apart::tolerate(tx)?;
    unmatched::run(tx, all)
}
