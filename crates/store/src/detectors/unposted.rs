//! Not booked although its time is up, judged only within the ledger's last complete sync: what was due
//! after that may be there already.

use tieout_domain::{exception::ExceptionKind, said};

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::Unposted,
    query: Query::Comparison(Over {
        when: "c.late = 0 AND c.present = 0 AND c.books = 1 AND c.due = 1
            AND c.gap_fingerprint IS NULL",
        a: "(SELECT max(coalesce(e.number, e.erp_id)) FROM entry e CROSS JOIN removal r
            WHERE e.reference = c.reference AND e.status = 'void' AND r.connection_seq = e.connection_seq
                AND r.resource = 'entries' AND r.external_id = e.erp_id AND r.returned_at IS NULL)",
        ..Over::SINCE_DUE
    }),
    why,
};

fn why(facts: &Facts) -> String {
    let gone = match &facts.a {
        Some(entry) => format!(" Entry {entry}, which booked it, is gone from the ERP."),
        None => String::new(),
    };
    format!(
        "{} is not booked in {}; it was due on {}.{gone}",
        facts.document(),
        facts.entity(),
        said::instant(facts.since)
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, booked, check, doc, entry, why};

    #[test]
    fn a_document_that_no_entry_names_is_found() {
        let books = check(&[doc("A", 12_000), doc("B", 500)], &[booked("B", 500)], "A unposted");
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP is not booked in GB01; it was due on 2026-03-11 00:00 UTC."
        );
        let row = "SELECT amount_minor || ' ' || variance_minor || ' ' || severity || ' ' || owner || ' ' || \
                   due_at FROM exception";
        // 120.00 for more than 90 days is high; due a day after its trouble began.
        assert_eq!(books.list(row), "12000 -12000 high integration 1773273600000");
    }

    #[test]
    fn an_entry_that_is_no_booking_does_not_count() {
        check(&[doc("A", 9)], &[booked("A", 9).with(|e| e.status = "unbooked")], "A unposted");
        check(&[doc("A", 9)], &[booked("A", 9).with(|e| e.status = "void")], "A unposted");
    }

    #[test]
    fn entries_that_add_up_to_nothing_are_nothing() {
        let parts = [booked("A", 9), booked("A", -4), booked("A", -5)];
        check(&[doc("A", 9)], &parts, "A unposted");
    }

    #[test]
    fn a_document_of_nothing_that_moves_revenue_is_missing_until_it_is_booked() {
        let change = doc("A", 0).with(|d| d.lines = vec![("4000", 20), ("4010", -20)]);
        check(std::slice::from_ref(&change), &[], "A unposted");
        check(&[change], &[entry("A", &[("4000", 20), ("4010", -20)])], "");
    }

    #[test]
    fn a_payout_is_compared_on_clearing_in_both_directions() {
        let payout = doc("po_1", 7_875).with(|d| {
            d.kind = "payout";
            (d.control, d.control_minor) = (Some("1050"), -7_875);
            d.lines = vec![("1010", 7_875), ("1050", -7_875)];
        });
        let paid = |minor| entry("po_1", &[("1010", minor), ("1050", -minor)]);
        check(std::slice::from_ref(&payout), &[], "po_1 unposted");
        check(std::slice::from_ref(&payout), &[paid(7_875)], "");
        let wrong = check(std::slice::from_ref(&payout), &[paid(78_750)], "po_1 payout_mismatch");
        assert_eq!(wrong.list("SELECT '' || variance_minor FROM exception"), "-70875");
        check(std::slice::from_ref(&payout), &[paid(7_875), paid(7_875)], "po_1 duplicate_posting");
        let failed = payout.nothing("failed");
        check(std::slice::from_ref(&failed), &[paid(7_875)], "po_1 payment_status_mismatch");
        check(std::slice::from_ref(&failed), &[paid(7_875), paid(-7_875)], "");
        // Clearing holds more than billing knows: an entry there that names nothing is nobody's.
        check(&[doc("A", 5)], &[booked("A", 5), entry("BANK", &[("6100", 9), ("1050", -9)])], "");
    }

    #[test]
    fn nothing_is_missing_where_nothing_is_to_be_booked() {
        check(&[doc("A", 0), doc("B", 7).nothing("void"), doc("C", 7).nothing("draft")], &[], "");
    }

    #[test]
    fn what_is_inside_its_time_or_after_the_last_complete_sync_is_expected() {
        let books = Books::with(&[doc("A", 9)], &[]);
        books.detect_at("2026-03-10T23:59:59Z");
        assert_eq!(books.open(), "");
        books.synced(2, "entries", "2026-03-10T00:00:00Z");
        books.detect();
        assert_eq!(books.open(), "");
        books.synced(2, "entries", "2026-03-11T00:00:00Z");
        books.detect();
        assert_eq!(books.open(), "A unposted");
        books.detect_at("2026-03-01T00:00:00Z");
        assert_eq!(books.open(), "", "an earlier day does not know it yet");
    }

    #[test]
    fn nothing_is_judged_before_a_first_complete_sync_of_the_ledger() {
        let books = Books::with(&[doc("A", 9)], &[]);
        books.run("UPDATE sync_state SET complete_through = NULL", []);
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn each_entity_is_judged_by_the_connections_that_hold_its_entries() {
        let eu = |d: &mut crate::detectors::fixture::Doc| d.entity = Some("EU01");
        let books = Books::with(
            &[doc("A", 9), doc("B", 9).with(eu), doc("A2", 1), doc("B2", 1).with(eu)],
            &[booked("A2", 1), booked("B2", 1).with(|e| (e.entity, e.connection) = ("EU01", 4))],
        );
        books.connection(4, "tryton", "erp");
        books.detect();
        assert_eq!(books.open(), "A unposted", "the other ledger was never read completely");
        books.synced(4, "entries", "2026-06-29T00:00:00Z");
        books.detect();
        assert_eq!(books.open(), "A unposted, B unposted");
    }
}
