//! A vendor answers in another shape than was agreed: a sync stopped for it, or items were put aside. One
//! exception per connection and resource. A file's bad rows are no drift (see `sync_failed`).

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::SchemaDrift,
    query: Query::Rows(
        "SELECT 'connection', c.id || '/' || t.resource, NULL, c.name || '/' || t.resource, NULL, NULL,
            coalesce(
                (SELECT d.currency FROM document d WHERE d.connection_seq = c.seq LIMIT 1),
                (SELECT e.functional_currency FROM entry e WHERE e.connection_seq = c.seq LIMIT 1), 'USD'),
            0, 0, t.since, NULL, 0, c.id || ':schema_drift', t.resource, c.name, t.message, t.items
         FROM (
             SELECT u.connection_seq, u.resource, min(u.at) AS since, max(u.message) AS message,
                 sum(u.items) AS items
             FROM (
                 SELECT s.connection_seq, s.resource, s.last_attempt_at AS at, s.last_error AS message,
                     0 AS items
                 FROM sync_state s WHERE s.last_error_code = 'schema_drift'
                 UNION ALL
                 SELECT r.connection_seq, r.resource, r.at, r.message, 1
                 FROM rejected_item r WHERE r.resolved_at IS NULL AND r.code = 'schema_drift') u
             GROUP BY u.connection_seq, u.resource) t
         JOIN connection c ON c.seq = t.connection_seq
         WHERE c.vendor <> 'files'",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    match facts.m {
        Some(items @ 1..) => {
            format!("{items} of the {} that {} sent could not be read: {}", facts.label, facts.a(), facts.b())
        }
        _ => format!("The {} that {} sent could not be read: {}", facts.label, facts.a(), facts.b()),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::params;

    use crate::detectors::fixture::{Books, why};

    fn reject(books: &Books, connection: i64, code: &str) {
        books.run(
            "INSERT INTO rejected_item (connection_seq, page_seq, resource, external_id, code, place, message,
                 raw, at)
             SELECT ?1, 0, 'invoices', 'in_' || count(*), ?2, '/total', 'total is no number', x'00', 1000
             FROM rejected_item",
            params![connection, code],
        );
    }

    #[test]
    fn items_that_cannot_be_read_are_one_exception_per_resource_until_they_are_resolved() {
        let books = Books::new();
        reject(&books, 1, "schema_drift");
        reject(&books, 1, "schema_drift");
        books.detect();
        assert_eq!(books.open(), "stripe-1/invoices schema_drift");
        assert_eq!(why(&books), "2 of the invoices that stripe-1 sent could not be read: total is no number");
        books.run("UPDATE rejected_item SET resolved_at = 5", []);
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn bad_rows_of_a_file_are_a_failed_sync() {
        let books = Books::new();
        books.connection(9, "files", "billing");
        reject(&books, 9, "schema_drift");
        reject(&books, 9, "bad_number");
        books.detect();
        assert_eq!(books.open(), "files-9/invoices sync_failed");
        assert_eq!(books.list("SELECT fingerprint FROM exception"), "con_9:rejected_rows");
        assert_eq!(why(&books), "2 rows of the invoices of files-9 were put aside: total is no number");
    }
}
