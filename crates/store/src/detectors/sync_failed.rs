//! A sync did not finish, or put items aside for another reason than a changed shape: one exception per
//! connection and cause, whatever it stopped. Of files it is one per resource: all its bad rows
//! (`rejected_rows`).

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};
use crate::table::sync_state::WHOLE_CONNECTION;

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::SyncFailed,
    query: Query::Rows(
        "SELECT 'connection', c.id || '/' || t.code || iif(t.of <> '', '/' || t.of, ''), NULL,
            c.name || iif(t.of <> '', '/' || t.of, ''), NULL,
            NULL,
            coalesce(
                (SELECT d.currency FROM document d WHERE d.connection_seq = c.seq LIMIT 1),
                (SELECT e.functional_currency FROM entry e WHERE e.connection_seq = c.seq LIMIT 1), 'USD'),
            0, 0, t.since, NULL, 0, c.id || ':' || t.code, t.resources, c.name, t.message, t.items
         FROM (
             SELECT u.connection_seq, u.of, u.code, min(u.at) AS since, max(u.message) AS message,
                 sum(u.items) AS items, group_concat(DISTINCT u.resource ORDER BY u.resource) AS resources
             FROM (
                 SELECT s.connection_seq, s.resource, s.last_error_code AS code, s.last_attempt_at AS at,
                     s.last_error AS message, 0 AS items, iif(v.vendor = 'files', s.resource, '') AS of
                 FROM sync_state s JOIN connection v ON v.seq = s.connection_seq
                 WHERE s.last_error_code IS NOT NULL
                     AND (s.last_error_code <> 'schema_drift' OR v.vendor = 'files')
                 UNION ALL
                 SELECT r.connection_seq, r.resource,
                     CASE WHEN v.vendor = 'files' THEN 'rejected_rows' ELSE r.code END, r.at, r.message, 1,
                     iif(v.vendor = 'files', r.resource, '')
                 FROM rejected_item r JOIN connection v ON v.seq = r.connection_seq
                 WHERE r.resolved_at IS NULL AND (r.code <> 'schema_drift' OR v.vendor = 'files')) u
             GROUP BY u.connection_seq, u.of, u.code) t
         JOIN connection c ON c.seq = t.connection_seq",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    let of: Vec<String> = facts.label.split(',').map(|one| one.replace('_', " ")).collect();
    let of = match of.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        one => one.concat(),
    };
    match facts.m {
        Some(items @ 1..) => {
            let rows = if items == 1 { "row" } else { "rows" };
            let were = if items == 1 { "was" } else { "were" };
            format!("{items} {rows} of the {of} of {} {were} put aside: {}", facts.a(), facts.b())
        }
        _ if facts.label.split(',').any(|one| one == WHOLE_CONNECTION) => {
            format!("Nothing of {} can be read: {}", facts.a(), facts.b())
        }
        _ => format!("The sync of the {of} of {} did not finish: {}", facts.a(), facts.b()),
    }
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, millis, why};

    fn fail(books: &Books, code: Option<&str>, at: &str) {
        books.run(
            "UPDATE sync_state SET last_error_code = ?1, last_error = 'the vendor answered 503.',
                 last_attempt_at = ?2 WHERE resource = 'entries'",
            rusqlite::params![code, millis(at)],
        );
    }

    #[test]
    fn a_failing_sync_is_one_exception_since_its_first_failure_until_it_works_again() {
        let books = Books::new();
        fail(&books, Some("vendor_unavailable"), "2026-06-01T00:00:00Z");
        books.detect();
        assert_eq!(books.open(), "netsuite-2 sync_failed");
        assert_eq!(
            why(&books),
            "The sync of the entries of netsuite-2 did not finish: the vendor answered 503."
        );
        fail(&books, Some("vendor_unavailable"), "2026-06-02T00:00:00Z");
        books.detect();
        let since = books.list("SELECT '' || since FROM exception WHERE state = 'open'");
        assert_eq!(since, millis("2026-06-01T00:00:00Z").to_string());
        fail(&books, None, "2026-06-03T00:00:00Z");
        books.detect();
        assert_eq!(books.open(), "");
    }
}
