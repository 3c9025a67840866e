//! A customer with a document to post (final, not of nothing) whom the ERP does not know by its billing id.
//! Judged only where every ERP connection that lists customers has read them completely, and only after the
//! time that customer activation may take (by the workspace's limit, from the customer's creation, if billing
//! says when).
//! Listed in the functional currency of their entity, whatever they are billed in.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::CustomerNotInErp,
    query: Query::Rows(
        "SELECT 'customer', t.id, NULL, t.external_id, t.entity, NULL,
            coalesce((SELECT l.currency FROM ledger_entity l WHERE l.entity = t.entity), t.currency), 0, 0,
            t.due_at, NULL, 0,
            coalesce(t.entity, 'connection ' || t.connection_seq), 'customer', t.name, NULL, t.documents
         FROM (
             SELECT c.id, c.external_id, c.connection_seq, c.name, min(x.entity) AS entity,
                 min(d.currency) AS currency, count(*) AS documents,
                 coalesce(min(c.due_at), min(x.due_at)) AS due_at
             FROM customer c CROSS JOIN document d CROSS JOIN expectation x
             WHERE d.connection_seq = c.connection_seq AND d.customer = c.external_id
                 AND x.document_seq = d.seq AND c.deleted = 0 AND d.status IN ('final', 'written_off')
                     AND d.total_minor <> 0
                 AND NOT EXISTS (SELECT 1 FROM ledger_customer l WHERE l.external_id = c.external_id)
             GROUP BY c.id, c.external_id, c.connection_seq, c.name) t
         JOIN work_clock k ON t.due_at <= k.as_of
         JOIN (
             SELECT min(coalesce(s.complete_through, -9223372036854775807)) AS reached
             FROM sync_state s JOIN connection e ON e.seq = s.connection_seq AND e.role = 'erp'
             WHERE s.resource = 'ledger_customers') r ON t.due_at <= r.reached",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    let count = facts.m.unwrap_or(1);
    let documents = if count == 1 { "document" } else { "documents" };
    format!(
        "Customer {} has {count} {documents} to post, and the ERP has no customer with that id.",
        facts.external_ref
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, booked, doc, why};

    fn books() -> Books {
        let by = |d: &mut crate::detectors::fixture::Doc| d.customer = Some("cus_1");
        let books = Books::with(&[doc("A", 9).with(by)], &[booked("A", 9)]);
        books.customer(1, "cus_1", None, "2026-03-01T00:00:00Z");
        books
    }

    #[test]
    fn a_customer_with_a_document_that_the_erp_does_not_know_is_found() {
        let books = books();
        books.customer(1, "cus_2", None, "2026-03-01T00:00:00Z");
        books.detect();
        assert_eq!(books.open(), "cus_1 customer_not_in_erp");
        assert_eq!(
            why(&books),
            "Customer cus_1 has 1 document to post, and the ERP has no customer with that id."
        );
        books.known_in_erp("cus_1");
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn a_customer_is_listed_in_the_currency_of_its_entity_whatever_it_is_billed_in() {
        let in_dollars = |d: &mut crate::detectors::fixture::Doc| {
            d.customer = Some("cus_1");
            d.currency = "USD";
        };
        let books = Books::with(&[doc("A", 9).with(in_dollars)], &[booked("B", 9)]);
        books.customer(1, "cus_1", None, "2026-03-01T00:00:00Z");
        books.detect();
        let listed = "SELECT currency FROM exception WHERE kind = 'customer_not_in_erp'";
        assert_eq!(books.list(listed), "GBP");
    }

    #[test]
    fn nobody_is_missed_in_an_erp_whose_customers_were_not_read_completely() {
        let books = books();
        books.run("UPDATE sync_state SET complete_through = NULL WHERE resource = 'ledger_customers'", []);
        books.detect();
        assert_eq!(books.open(), "");
        books.run("DELETE FROM sync_state WHERE resource = 'ledger_customers'", []);
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn a_new_customer_is_expected_for_two_days() {
        let books = books();
        let later =
            "UPDATE customer SET created_at = created_at + 10368000000, due_at = due_at + 10368000000";
        books.run(later, []);
        books.detect();
        assert_eq!(books.open(), "");
        books.synced(2, "ledger_customers", "2026-07-02T00:00:00Z");
        books.detect_at("2026-07-01T00:00:00Z");
        assert_eq!(books.open(), "cus_1 customer_not_in_erp");
    }

    #[test]
    fn a_duplicate_is_only_reported_as_such() {
        let books = books();
        books.customer(1, "cus_0", Some("a@b.c"), "2026-01-01T00:00:00Z");
        books.run("UPDATE customer SET email_key = 'a@b.c' WHERE external_id = 'cus_1'", []);
        books.detect();
        assert_eq!(books.open(), "cus_1 duplicate_customer");
    }
}
