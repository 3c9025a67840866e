//! The terms of the tie-out, as common table expressions: every figure of it is made of these.

use crate::{
    db::Db,
    error::Result,
    table::{
        house_rule::{LINES_BY_ROLE, has_roles},
        schedule::{schedule_name, schedule_subject},
    },
};

/// A statement that begins with common table expressions, over lines by role where roles have further
/// accounts.
pub(crate) fn by_role(db: &Db, sql: String) -> Result<String> {
    Ok(match has_roles(db)? {
        true => sql.replacen("WITH ", &format!("WITH {LINES_BY_ROLE}, "), 1),
        false => sql,
    })
}

/// What an entry counts for in the tie-out: an SQL expression over the entry `$row`.
macro_rules! home_name {
    ($row:literal) => {
        concat!(
            "coalesce(
                (SELECT ",
            schedule_name!($row),
            " FROM set_apart r
                 WHERE r.entry_seq = ",
            $row,
            ".seq AND r.what = 'released'),
                (SELECT min(d.reference) FROM posting_step s
                 JOIN posting p ON p.seq = s.posting_seq JOIN document d ON d.seq = p.document_seq
                 WHERE s.key = ",
            $row,
            ".external_id AND length(",
            $row,
            ".external_id) = 20),
                (SELECT coalesce(d.reference, ",
            $row,
            ".id) FROM settlement s LEFT JOIN document d ON d.seq = s.document_seq WHERE s.entry_seq = ",
            $row,
            ".seq),
                (SELECT b.name FROM batch_entry b WHERE b.entry_seq = ",
            $row,
            ".seq AND b.live = 1),
                ",
            $row,
            ".reference, ",
            $row,
            ".id)"
        )
    };
}
pub(crate) use home_name;

/// What a document counts for in the tie-out: the same over the document `$row`.
macro_rules! wanted_name {
    ($row:literal) => {
        concat!(
            "coalesce(
                (SELECT b.name FROM batch_document b WHERE b.document_seq = ",
            $row,
            ".seq AND b.live = 1),
                ",
            $row,
            ".reference)"
        )
    };
}
pub(crate) use wanted_name;

/// `home` gives each booked entry the reference that it counts for: that of the document whose posting key
/// it carries, else of the payment that it books under its invoice's name (itself, where billing knows none),
/// else the batch that it books, else its own, else itself; what releases deferred revenue counts for the
/// schedules of its period. `scheduled` is what they release; before it is due it is expected of nobody, and
/// what is booked `early` is on its way. `named` lists what open exceptions of the ledger
/// stand on.
pub(crate) const NAMES: &str = concat!(
    "
    WITH home AS (
        SELECT e.seq, e.entity, e.currency, e.period, e.netted,
            ",
    home_name!("e"),
    " AS name
        FROM entry e WHERE e.status = 'booked'),
    named AS (
        SELECT CASE WHEN x.subject_kind = 'document' THEN d.reference ELSE x.subject END AS name,
            count(*) AS exceptions
        FROM exception x LEFT JOIN document d ON d.seq = x.document_seq
        WHERE x.state IN ('open', 'in_progress', 'on_hold')
            AND x.subject_kind IN ('document', 'reference')
        GROUP BY 1
        UNION ALL
        -- what stands on clearing without a name, where that is an exception as a whole
        SELECT DISTINCT coalesce(e.reference, e.id), 1
        FROM exception x JOIN unmatched_entry u ON u.entity = x.entity AND u.currency = x.currency
            AND x.subject = 'clearing/' || u.entity || '/' || u.account || '/' || u.currency
        JOIN entry e ON e.seq = u.entry_seq
        WHERE x.state IN ('open', 'in_progress', 'on_hold') AND x.kind = 'clearing_mismatch'
            AND NOT EXISTS (
                SELECT 1 FROM exception o WHERE o.subject_kind = 'reference'
                    AND o.subject = coalesce(e.reference, e.id)
                    AND o.state IN ('open', 'in_progress', 'on_hold'))
        UNION ALL
        SELECT ",
    schedule_name!("x"),
    ", count(*) FROM exception x
        WHERE x.state IN ('open', 'in_progress', 'on_hold') AND x.subject_kind = 'connection'
            AND substr(x.subject, 1, 9) = '",
    schedule_subject!(),
    "'
        GROUP BY x.entity, x.period, x.currency),
    scheduled AS (
        -- what schedules release, on both sides: on deferred revenue and on revenue
        SELECT ",
    schedule_name!("s"),
    " AS name, s.entity, s.currency, s.period, s.account,
            sum(s.minor) AS minor, min(s.due) AS due, max(s.due_at) AS due_at
        FROM (
            SELECT x.entity, d.currency, l.period, CASE b.side WHEN 1 THEN l.account ELSE l.revenue END
                    AS account, b.side * l.minor AS minor, l.due_at,
                CASE WHEN l.due_at <= h.reached THEN 1 ELSE 0 END AS due
            FROM schedule_line l JOIN expectation x ON x.document_seq = l.document_seq
            JOIN document d ON d.seq = l.document_seq
            JOIN (SELECT 1 AS side UNION ALL SELECT -1) b
            LEFT JOIN detection_horizon h ON h.entity = x.entity
            WHERE l.what = 'released' AND l.counts = 1) s
        GROUP BY s.entity, s.currency, s.period, s.account),
    released AS (
        SELECT h.name, h.entity, h.currency, h.period, l.account, l.transaction_minor AS minor
        FROM set_apart a JOIN home h ON h.seq = a.entry_seq JOIN entry_line l ON l.entry_seq = h.seq
        WHERE a.what = 'released' AND h.netted = 0),
    early AS (SELECT DISTINCT name FROM scheduled WHERE due = 0),
    effective AS (
        SELECT h.* FROM home h
        WHERE h.netted = 0 AND h.seq NOT IN (SELECT a.entry_seq FROM set_apart a)),
    wanted AS (
        SELECT d.seq, ",
    wanted_name!("d"),
    " AS name, d.total_minor, x.entity, d.currency, x.period, x.due_at,
            h.reached
        FROM document d JOIN expectation x ON x.document_seq = d.seq
        LEFT JOIN detection_horizon h ON h.entity = x.entity
        WHERE d.status <> 'draft' AND x.books = 1),"
);

/// Cells of what is expected and of what is booked; `part` says what each row is.
pub(crate) const BOOKS: &str = "
    billed AS (
        SELECT w.entity, w.currency, w.period, l.account, sum(l.amount_minor) AS minor
        FROM wanted w JOIN expected_line l ON l.document_seq = w.seq
        GROUP BY w.entity, w.currency, w.period, l.account
        UNION ALL
        SELECT entity, currency, period, account, minor FROM scheduled WHERE due = 1),
    ledger AS (
        SELECT h.entity, h.currency, h.period, l.account, sum(l.transaction_minor) AS minor,
            sum(CASE WHEN h.netted = 1 THEN l.transaction_minor ELSE 0 END) AS corrected
        FROM home h JOIN entry_line l ON l.entry_seq = h.seq
        GROUP BY h.entity, h.currency, h.period, l.account),
    settled AS (
        SELECT h.entity, h.currency, h.period, l.account, sum(l.transaction_minor) AS minor
        FROM settlement s JOIN home h ON h.seq = s.entry_seq JOIN entry_line l ON l.entry_seq = s.entry_seq
        WHERE s.document_seq IS NULL AND h.name NOT IN (SELECT name FROM named)
        GROUP BY h.entity, h.currency, h.period, l.account),
    apart AS (
        SELECT h.entity, h.currency, h.period, l.account, a.what, sum(l.transaction_minor) AS minor
        FROM set_apart a JOIN home h ON h.seq = a.entry_seq JOIN entry_line l ON l.entry_seq = a.entry_seq
        WHERE h.netted = 0 GROUP BY h.entity, h.currency, h.period, l.account, a.what),
    watched AS (
        SELECT account FROM billed UNION SELECT account FROM released
        UNION SELECT l.account FROM home h JOIN entry_line l ON l.entry_seq = h.seq
        WHERE EXISTS (
            SELECT 1 FROM entry_line k
            WHERE k.entry_seq = h.seq AND k.account IN (SELECT account FROM control_account))),";

/// Shares of single references: those under an open exception, those in transit (of a batch that is not due,
/// what is missing of it so far), and those of several entries, or of a batch, that add up to what is
/// expected, but not cell by cell.
pub(crate) const SHARES: &str = "
    uneven_release AS (
        SELECT u.name, u.entity, u.currency, u.period, u.account, sum(u.minor) AS minor
        FROM (
            SELECT * FROM released WHERE name NOT IN (SELECT name FROM early)
            UNION ALL
            SELECT name, entity, currency, period, account, 0 - minor FROM scheduled WHERE due = 1) u
        GROUP BY u.name, u.entity, u.currency, u.period, u.account HAVING sum(u.minor) <> 0),
    explained_lines AS (
        SELECT n.name, n.exceptions, f.entity, f.currency, f.period, l.account, l.transaction_minor AS minor
        FROM named n JOIN effective f ON f.name = n.name JOIN entry_line l ON l.entry_seq = f.seq
        UNION ALL
        SELECT n.name, n.exceptions, w.entity, w.currency, w.period, l.account, 0 - l.amount_minor
        FROM named n JOIN wanted w ON w.name = n.name JOIN expected_line l ON l.document_seq = w.seq
        UNION ALL
        SELECT n.name, n.exceptions, r.entity, r.currency, r.period, r.account, r.minor
        FROM named n JOIN uneven_release r ON r.name = n.name),
    explained_cells AS (
        SELECT name, exceptions, entity, currency, period, account, sum(minor) AS minor
        FROM explained_lines GROUP BY name, exceptions, entity, currency, period, account
        HAVING sum(minor) <> 0),
    explained AS (
        SELECT entity, currency, period, account, sum(minor) AS minor, sum(exceptions) AS exceptions
        FROM explained_cells GROUP BY entity, currency, period, account),
    taken AS (
        SELECT t.name, f.entity, f.currency, f.period, l.account, l.transaction_minor AS minor
        FROM tolerated t JOIN effective f ON f.name = t.name JOIN entry_line l ON l.entry_seq = f.seq
        WHERE t.name NOT IN (SELECT name FROM named)
        UNION ALL
        SELECT t.name, w.entity, w.currency, w.period, l.account, 0 - l.amount_minor
        FROM tolerated t JOIN wanted w ON w.name = t.name JOIN expected_line l ON l.document_seq = w.seq
        WHERE t.name NOT IN (SELECT name FROM named)
        UNION ALL
        SELECT r.* FROM uneven_release r
        WHERE r.name NOT IN (SELECT name FROM named) AND NOT EXISTS (
            SELECT 1 FROM uneven_release o
            WHERE o.name = r.name AND abs(o.minor) > coalesce((
                SELECT t.minor FROM house_tolerance t
                WHERE t.entity = o.entity AND t.currency = o.currency), 0))),
    undue AS (
        SELECT DISTINCT w.name FROM wanted w JOIN batch_document b ON b.document_seq = w.seq
        WHERE b.live = 1 AND (w.reached IS NULL OR w.due_at > w.reached)
            AND w.name NOT IN (SELECT name FROM named)),
    undue_lines AS (
        SELECT f.entity, f.currency, f.period, l.account, l.transaction_minor AS minor
        FROM undue u JOIN effective f ON f.name = u.name JOIN entry_line l ON l.entry_seq = f.seq
        UNION ALL
        SELECT w.entity, w.currency, w.period, l.account, 0 - l.amount_minor
        FROM undue u JOIN wanted w ON w.name = u.name JOIN expected_line l ON l.document_seq = w.seq),
    transit AS (
        SELECT w.entity, w.currency, w.period, l.account, 0 - sum(l.amount_minor) AS minor
        FROM wanted w JOIN expected_line l ON l.document_seq = w.seq
        WHERE (w.reached IS NULL OR w.due_at > w.reached)
            AND w.name NOT IN (SELECT name FROM effective) AND w.name NOT IN (SELECT name FROM named)
        GROUP BY w.entity, w.currency, w.period, l.account
        UNION ALL
        SELECT entity, currency, period, account, sum(minor) FROM undue_lines
        GROUP BY entity, currency, period, account
        UNION ALL
        SELECT entity, currency, period, account, sum(minor) FROM released
        WHERE name IN (SELECT name FROM early) GROUP BY entity, currency, period, account),
    several AS (
        SELECT f.name FROM effective f
        WHERE f.name NOT IN (SELECT name FROM named) AND f.name NOT IN (SELECT name FROM tolerated)
            AND EXISTS (
                SELECT 1 FROM document d WHERE d.reference = f.name AND d.status <> 'draft')
        GROUP BY f.name HAVING count(*) > 1
        UNION SELECT b.name FROM batch_entry b
        WHERE b.live = 1 AND b.name NOT IN (SELECT name FROM named)
            AND b.name NOT IN (SELECT name FROM tolerated) AND b.name NOT IN (SELECT name FROM undue)),
    shift_lines AS (
        SELECT v.name, f.entity, f.currency, f.period, l.account, l.transaction_minor AS minor
        FROM several v JOIN effective f ON f.name = v.name JOIN entry_line l ON l.entry_seq = f.seq
        UNION ALL
        SELECT v.name, w.entity, w.currency, w.period, l.account, 0 - l.amount_minor
        FROM several v JOIN wanted w ON w.name = v.name JOIN expected_line l ON l.document_seq = w.seq),
    uneven AS (
        SELECT DISTINCT name FROM (
            SELECT name FROM shift_lines GROUP BY name, entity, currency, account HAVING sum(minor) <> 0) u),
    shifts AS (
        SELECT s.entity, s.currency, s.period, s.account, sum(s.minor) AS minor
        FROM shift_lines s WHERE s.name NOT IN (SELECT name FROM uneven)
        GROUP BY s.entity, s.currency, s.period, s.account)";
