//! A customer with the e-mail of an older one in the same legal entity. Reported on the newer.
//!
//! Customers carry no entity: theirs is that of their first document, else that of a document of their
//! connection, else the connection itself. Listed in the entity's functional currency.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::DuplicateCustomer,
    query: Query::Rows(
        "SELECT 'customer', t.id, NULL, t.external_id, t.entity, NULL,
            coalesce((SELECT l.currency FROM ledger_entity l WHERE l.entity = t.entity), t.currency, 'USD'),
            0, 0, t.created_at, NULL, 0, coalesce(t.entity, t.home), 'customer', t.name, t.older, NULL
         FROM (
             SELECT p.*,
                 row_number() OVER (PARTITION BY p.email_key, p.home ORDER BY p.born, p.seq) AS place,
                 first_value(p.external_id) OVER (
                     PARTITION BY p.email_key, p.home ORDER BY p.born, p.seq) AS older
             FROM (
                 SELECT h.*, coalesce(h.entity, 'connection ' || h.connection_seq) AS home,
                     coalesce(h.created_at, 9223372036854775807) AS born
                 FROM (
                     SELECT c.*,
                         coalesce(
                             (SELECT x.entity FROM document d JOIN expectation x ON x.document_seq = d.seq
                              WHERE d.connection_seq = c.connection_seq AND d.customer = c.external_id
                                  AND x.entity IS NOT NULL ORDER BY d.seq LIMIT 1),
                             (SELECT x.entity FROM document d JOIN expectation x ON x.document_seq = d.seq
                              WHERE d.connection_seq = c.connection_seq AND x.entity IS NOT NULL
                              ORDER BY d.kind, d.external_id LIMIT 1)) AS entity,
                         (SELECT d.currency FROM document d WHERE d.connection_seq = c.connection_seq
                          ORDER BY d.kind, d.external_id LIMIT 1) AS currency
                     FROM customer c
                     WHERE c.deleted = 0 AND c.email_key IN (
                         SELECT g.email_key FROM customer g
                         WHERE g.deleted = 0 AND g.email_key IS NOT NULL
                         GROUP BY g.email_key HAVING count(*) > 1)) h) p) t
         WHERE t.place > 1",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    format!("Customer {} has the e-mail address of the older customer {}.", facts.external_ref, facts.b())
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, booked, doc, why};

    fn books() -> Books {
        let books = Books::with(
            &[doc("A", 0), doc("E", 0).with(|d| (d.connection, d.entity) = (3, Some("EU01")))],
            &[],
        );
        books.customer(1, "cus_1", Some("Ann@Example.com"), "2025-01-01T00:00:00Z");
        books
    }

    #[test]
    fn a_duplicate_is_listed_in_the_currency_of_its_entity_whatever_comes_first() {
        let books = Books::with(&[doc("A", 9).with(|d| d.currency = "USD")], &[booked("B", 9)]);
        books.customer(1, "cus_1", Some("ann@example.com"), "2025-01-01T00:00:00Z");
        books.customer(1, "cus_2", Some("ann@example.com"), "2025-01-02T00:00:00Z");
        books.detect();
        assert_eq!(books.list("SELECT currency FROM exception WHERE kind = 'duplicate_customer'"), "GBP");
    }

    #[test]
    fn the_newer_of_two_with_one_address_is_found_whatever_case_and_blanks() {
        let books = books();
        books.customer(1, "cus_0", Some(" ann@example.COM "), "2025-02-01T00:00:00Z");
        books.customer(1, "cus_2", None, "2025-02-01T00:00:00Z");
        books.customer(1, "cus_3", None, "2025-02-01T00:00:00Z");
        books.detect();
        assert_eq!(books.open(), "cus_0 duplicate_customer");
        assert_eq!(why(&books), "Customer cus_0 has the e-mail address of the older customer cus_1.");
        books.run("UPDATE customer SET deleted = 1 WHERE external_id = 'cus_1'", []);
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn the_same_address_in_another_entity_is_another_customer() {
        let books = books();
        books.customer(3, "cus_9", Some("ann@example.com"), "2025-02-01T00:00:00Z");
        books.detect();
        assert_eq!(books.open(), "");
    }
}
