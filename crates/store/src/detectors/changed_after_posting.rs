//! Billing voided, wrote off, amended or disputed a document after it was booked, and the ledger still shows
//! what it was before: the amount before the change, or the total of an earlier final version.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::ChangedAfterPosting,
    query: Query::Comparison(Over {
        when: "c.present = 1 AND c.refused = 0 AND c.gap_fingerprint IS NULL AND c.elsewhere = 0
            AND c.control_net <> c.control_minor
            AND ((c.before_minor <> c.control_minor
                    AND (c.control_net = c.before_minor OR c.as_before = c.entries))
                OR EXISTS (
                    SELECT 1 FROM document_version v
                    WHERE v.document_seq = c.document_seq AND v.status IN ('final', 'written_off')
                        AND v.total_minor = c.control_net))",
        since: "coalesce(c.changed_at, c.best_at)",
        fingerprint: "c.entity || ':' || c.status",
        a: "CASE WHEN c.status = 'void' THEN 'voided' WHEN c.status = 'written_off' THEN 'written off'
                WHEN c.before_minor <> c.control_minor THEN 'disputed' ELSE 'amended' END",
        m: "c.control_minor",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} was {} in billing after it was booked: the ledger still holds {} instead of {}.",
        facts.document(),
        facts.a(),
        facts.ledger(),
        facts.money(facts.expected_minor())
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{booked, check, doc, entry, why};

    #[test]
    fn a_void_invoice_that_is_still_booked_is_found() {
        let books =
            check(&[doc("A", 12_000).nothing("void")], &[booked("A", 12_000)], "A changed_after_posting");
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP was voided in billing after it was booked: the ledger still holds \
             120.00 GBP instead of 0.00 GBP."
        );
    }

    #[test]
    fn a_written_off_invoice_is_clean_once_the_write_off_is_booked() {
        let written_off = doc("A", 12_000).written_off();
        check(std::slice::from_ref(&written_off), &[booked("A", 12_000)], "A changed_after_posting");
        let off = entry("A", &[("6200", 12_000), ("1100", -12_000)]).with(|e| e.period = "2026-04");
        check(&[written_off], &[booked("A", 12_000), off], "");
    }

    #[test]
    fn a_disputed_payment_is_clean_once_the_withdrawal_is_booked() {
        let payment = entry("ch_1", &[("1050", 970), ("6100", 30), ("1100", -1000)]);
        let disputed = doc("ch_1", 1000).disputed(30);
        check(std::slice::from_ref(&disputed), std::slice::from_ref(&payment), "ch_1 changed_after_posting");
        let withdrawal = entry("ch_1", &[("1050", -1000), ("1100", 1000)]);
        check(&[disputed], &[payment, withdrawal], "");
    }

    #[test]
    fn an_amended_invoice_that_is_booked_as_it_was_is_found() {
        let amended = doc("A", 12_000).with(|d| d.earlier = Some(10_000));
        check(std::slice::from_ref(&amended), &[booked("A", 10_000)], "A changed_after_posting");
        check(&[amended], &[booked("A", 11_000)], "A amount_mismatch");
    }

    #[test]
    fn a_void_invoice_that_was_booked_twice_is_of_the_same_kind() {
        let twice = [booked("A", 12_000), booked("A", 12_000)];
        check(&[doc("A", 12_000).nothing("void")], &twice, "A changed_after_posting");
    }
}
