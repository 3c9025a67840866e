//! Entries that release deferred revenue: they stand on the account that is held against schedules and on no
//! receivable, so that they book no document, whatever name they have. They are set apart, and compared with
//! what the schedules of all documents release in their period.

use crate::{db::Tx, error::Result, table::schedule};

/// How they are called.
const NAME: &str = "deferred revenue released";

/// What is no release: our own postings; what a signed note explains or a rule keeps out as not ours; and an
/// entry under a document's name that puts the document's whole amount on an account that is none of its own,
/// which is the document on a wrong account.
const RELEASES: &str = "
    INSERT INTO work_apart (entry_seq, what, name)
    SELECT e.seq, 'released', ?1
    FROM (
        SELECT e.seq FROM work_reference w CROSS JOIN entry e WHERE e.reference = w.reference
        UNION SELECT entry_seq FROM work_entry) w
    CROSS JOIN entry e
    WHERE e.seq = w.seq AND e.status = 'booked' AND e.netted = 0
        AND EXISTS (
            SELECT 1 FROM entry_line l CROSS JOIN house_schedule k
            WHERE l.entry_seq = e.seq AND k.entity = e.entity AND k.account = l.account)
        AND NOT EXISTS (
            SELECT 1 FROM entry_line l
            WHERE l.entry_seq = e.seq AND l.account IN (SELECT account FROM control_account))
        AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.key = e.external_id)
        AND NOT EXISTS (
            SELECT 1 FROM explained_entry n WHERE n.entry_seq = e.seq AND n.lines_hash = e.lines_hash)
        AND NOT EXISTS (
            SELECT 1 FROM document d CROSS JOIN expectation x CROSS JOIN entry_line l
            WHERE d.reference = e.reference AND x.document_seq = d.seq AND x.control_minor <> 0
                AND l.entry_seq = e.seq AND l.transaction_minor = x.control_minor
                AND NOT EXISTS (
                    SELECT 1 FROM expected_line o
                    WHERE o.document_seq = d.seq AND o.account = l.account))";

/// Takes them out of the comparison of documents. To run once it is known what lies before a cutover.
pub(super) fn set_apart(tx: &Tx<'_>) -> Result<()> {
    if !schedule::in_use(tx)? {
        return Ok(());
    }
    let not_ours = super::apart::not_ours();
    let sql = format!("{RELEASES} AND NOT EXISTS ({not_ours}) ON CONFLICT DO NOTHING");
    tx.prepare_cached(&crate::table::house_rule::by_role(tx, &sql)?)?.execute([NAME])?;
    tx.prepare_cached(
        "DELETE FROM work_effective WHERE entry_seq IN (
             SELECT entry_seq FROM work_apart WHERE what = 'released')",
    )?
    .execute([])?;
    Ok(())
}

/// What schedules release beside what is booked for it, as common table expressions that end with `pair`: one
/// row for each entity, currency, period and account, and, where every release of a period names a document
/// with a schedule, for each document; `document` is 0 of all together. `expected` and `booked` are
/// debit-positive; `late` is 1 once it is due; `deferred` is 1 of a deferred revenue account.
macro_rules! compared {
    () => {
        "WITH release AS (
             SELECT e.seq, e.entity, e.currency, e.period, e.posting_date, (
                 SELECT min(d.seq) FROM document d CROSS JOIN schedule_line s
                 WHERE d.reference = e.reference AND s.document_seq = d.seq) AS document
             FROM set_apart a CROSS JOIN entry e
             WHERE a.what = 'released' AND e.seq = a.entry_seq AND e.status = 'booked' AND e.netted = 0),
         named AS (
             SELECT entity, currency, period FROM release
             GROUP BY entity, currency, period HAVING count(*) = count(document)),
         line AS (
             SELECT x.entity, d.currency, s.period, s.account, s.revenue, s.minor, s.due_at,
                 CASE WHEN s.due_at <= h.reached THEN 1 ELSE 0 END AS late,
                 CASE WHEN EXISTS (
                     SELECT 1 FROM named n WHERE n.entity = x.entity AND n.currency = d.currency
                         AND n.period = s.period) THEN s.document_seq ELSE 0 END AS document
             FROM schedule_line s CROSS JOIN expectation x CROSS JOIN document d
             LEFT JOIN detection_horizon h ON h.entity = x.entity
             WHERE s.what = 'released' AND s.counts = 1 AND x.document_seq = s.document_seq
                 AND d.seq = s.document_seq),
         side AS (
             SELECT entity, currency, period, account, document, minor AS expected, 0 AS booked,
                 0 AS entries, late, due_at, NULL AS day FROM line
             UNION ALL
             SELECT entity, currency, period, revenue, document, 0 - minor, 0, 0, late, due_at, NULL
             FROM line
             UNION ALL
             SELECT r.entity, r.currency, r.period, l.account, CASE WHEN EXISTS (
                     SELECT 1 FROM named n WHERE n.entity = r.entity AND n.currency = r.currency
                         AND n.period = r.period) THEN r.document ELSE 0 END, 0,
                 sum(l.transaction_minor), 1, NULL, NULL, r.posting_date
             FROM release r CROSS JOIN entry_line l WHERE l.entry_seq = r.seq
             GROUP BY r.seq, r.entity, r.currency, r.period, r.document, r.posting_date, l.account),
         early AS (SELECT DISTINCT entity, currency, period FROM line WHERE late = 0),
         pair AS (
             SELECT s.entity, s.currency, s.period, s.account, s.document, sum(s.expected) AS expected,
                 sum(s.booked) AS booked, sum(s.entries) AS entries, max(s.due_at) AS due_at,
                 max(s.day) AS day, CASE WHEN EXISTS (
                     SELECT 1 FROM house_schedule k
                     WHERE k.entity = s.entity AND k.account = s.account) THEN 1 ELSE 0 END AS deferred,
                 coalesce((
                     SELECT t.minor FROM house_tolerance t
                     WHERE t.entity = s.entity AND t.currency = s.currency), 0) AS tolerance
             FROM side s
             WHERE NOT EXISTS (
                 SELECT 1 FROM early y WHERE y.entity = s.entity AND y.currency = s.currency
                     AND y.period = s.period)
             GROUP BY s.entity, s.currency, s.period, s.account, s.document)"
    };
}
pub(super) use compared;

/// The columns of a finding of a pair `p`, up to the variance, and what groups it.
macro_rules! finding {
    ($since:literal, $day:literal) => {
        concat!(
            " SELECT 'connection', '",
            $crate::table::schedule::schedule_subject!(),
            "' || p.entity || '/' || p.period || '/' || p.currency || '/' || p.account
                 || coalesce('/' || d.id, ''), d.seq, coalesce(d.reference, p.account) || ' ' || p.period,
             p.entity, p.period, p.currency, p.expected, p.booked - p.expected, ",
            $since,
            ", ",
            $day,
            ", 0, p.entity || ':' || p.account, p.account, d.reference, p.period, p.entries
             FROM pair p LEFT JOIN document d ON d.seq = p.document "
        )
    };
}
pub(super) use finding;
