//! An entry that settles an invoice under its name and that billing knows no payment for, where billing is
//! the master of receipts. Where the mapping says so, each; where it says nothing and the invoice's billing
//! delivers payments, only what is too much: billing settles invoices by other things than payments (a
//! customer's balance, outside of it), but never with more than their total. Not judged before billing was
//! asked for what it had when the entry was made.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::SettlementNotInBilling,
    query: Query::Rows(
        "SELECT 'reference', e.id, NULL, coalesce(e.number, e.erp_id), e.entity, e.period, e.currency,
            s.minor, s.minor, e.created_at, e.posting_date, 0, e.entity, 'receipt', i.reference, NULL, NULL
         FROM work_settlement s CROSS JOIN entry e CROSS JOIN document i
         WHERE s.document_seq IS NULL AND e.seq = s.entry_seq AND e.status = 'booked' AND e.netted = 0
             AND i.seq = s.invoice_seq
             AND CASE (SELECT r.receipts FROM entity_rule r WHERE r.entity = e.entity)
                 WHEN 'billing' THEN 1 WHEN 'erp' THEN 0
                 ELSE EXISTS (
                     SELECT 1 FROM document p
                     WHERE p.connection_seq = i.connection_seq AND p.kind = 'payment')
                     AND sign(i.total_minor) * (i.total_minor + coalesce((
                         SELECT sum(p.total_minor) FROM document p
                         WHERE p.connection_seq = i.connection_seq AND p.invoice = i.external_id
                             AND p.kind IN ('payment', 'refund', 'credit_note') AND p.status = 'final'), 0)
                         + (SELECT sum(o.minor) FROM work_settlement o
                             WHERE o.invoice_seq = s.invoice_seq AND o.document_seq IS NULL)) < 0 END
             AND NOT EXISTS (
                 SELECT 1 FROM sync_state y
                 WHERE y.connection_seq = i.connection_seq AND y.resource = 'payments'
                     AND (y.complete_through IS NULL OR y.complete_through < e.created_at))",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "Entry {} settles {} with {}, and billing knows no such payment: record it there, or say in the \
         mapping that the ERP is the master of receipts.",
        facts.external_ref,
        facts.a(),
        facts.money(facts.amount_minor.saturating_abs())
    )
}

#[cfg(test)]
mod tests {
    use crate::{
        detectors::fixture::{Books, Entry, booked, doc, entry, why},
        tieout::{TieOutFilter, tests::kept_agrees, tie_out},
    };

    fn wire(reference: &str, minor: i64) -> Entry {
        entry(reference, &[("1010", minor), ("1100", -minor)])
    }

    /// An invoice that is booked and settled by a wire, and a payment of another one, which billing has.
    fn books(master: Option<&str>) -> Books {
        let docs = [doc("INV-1", 900), doc("INV-2", 70), doc("ch_2", 70).payment(0).of("INV-2")];
        let entries = [booked("INV-1", 900), wire("INV-1", 900), booked("INV-2", 70), wire("INV-2", 70)];
        let books = Books::with(&docs, &entries);
        if let Some(master) = master {
            books.run("INSERT INTO entity_rule VALUES ('GB01', ?1, 0)", [master]);
        }
        books
    }

    #[track_caller]
    fn no_cell_is_unexplained(books: &Books) {
        let cells = tie_out(&books.db, &TieOutFilter::default()).unwrap();
        let left: Vec<_> = cells.iter().filter(|cell| cell.unexplained_minor != 0).collect();
        assert!(left.is_empty(), "{left:?}");
        kept_agrees(books);
    }

    #[test]
    fn a_receipt_that_billing_does_not_know_is_found_where_billing_knows_every_one() {
        let books = books(Some("billing"));
        books.detect();
        assert_eq!(books.open(), "JE2 settlement_not_in_billing, ch_2 wrong_account");
        no_cell_is_unexplained(&books);
        books.put(&doc("ch_1", 900).payment(0).of("INV-1").with(|d| d.lines[1].0 = "1010"));
        books.detect();
        assert_eq!(books.open(), "ch_2 wrong_account", "billing has it now");
        no_cell_is_unexplained(&books);
    }

    #[test]
    fn where_the_mapping_says_nothing_only_what_is_more_than_the_invoice_is_none_of_billings() {
        let books = books(None);
        books.detect();
        assert_eq!(books.open(), "ch_2 wrong_account", "paid from a balance, or outside");
        books.book(&wire("INV-2", 70));
        books.detect();
        assert_eq!(books.open(), "JE5 settlement_not_in_billing, ch_2 wrong_account");
        no_cell_is_unexplained(&books);
    }

    #[test]
    fn it_is_none_where_the_erp_is_the_master_or_billing_delivers_no_payments() {
        let books = books(Some("erp"));
        books.detect();
        assert_eq!(books.open(), "ch_2 wrong_account");
        no_cell_is_unexplained(&books);
        let books = Books::with(&[doc("INV-1", 900)], &[booked("INV-1", 900), wire("INV-1", 900)]);
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn it_is_not_judged_before_billing_was_asked() {
        let books = books(Some("billing"));
        books.synced(1, "payments", "2026-03-10T07:00:00Z");
        books.detect();
        assert_eq!(books.open(), "ch_2 wrong_account");
        books.synced(1, "payments", "2026-03-11T00:00:00Z");
        books.dirty("INV-1");
        books.detect();
        assert_eq!(books.open(), "JE2 settlement_not_in_billing, ch_2 wrong_account");
        assert!(why(&books).contains("Entry JE2 settles INV-1 with 9.00 GBP, and billing knows no such"));
    }
}
