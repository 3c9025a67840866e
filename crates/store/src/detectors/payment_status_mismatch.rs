//! Billing says that a payment or refund failed or is pending, and the ledger holds a booked entry for it.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::PaymentStatusMismatch,
    query: Query::Comparison(Over {
        when: "c.refused = 1 AND c.present = 1 AND c.gap_fingerprint IS NULL",
        fingerprint: "c.entity || ':' || c.status",
        a: "c.status",
        m: "c.control_minor",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} is {} in billing, yet the ledger has booked {} for it.",
        facts.document(),
        facts.a(),
        facts.ledger()
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{check, doc, entry, why};

    #[test]
    fn a_failed_payment_that_is_booked_is_found() {
        let failed = doc("ch_1", 12_000).payment(0).nothing("failed");
        let books = check(
            std::slice::from_ref(&failed),
            &[entry("ch_1", &[("1050", 12_000), ("1100", -12_000)])],
            "ch_1 payment_status_mismatch",
        );
        assert_eq!(
            why(&books),
            "Payment ch_1 of -120.00 GBP is failed in billing, yet the ledger has booked -120.00 GBP for it."
        );
        check(&[failed], &[], "");
    }

    #[test]
    fn a_pending_refund_that_is_booked_on_other_accounts_is_found_once() {
        let pending = doc("re_1", 700).with(|d| d.kind = "refund").nothing("pending");
        check(&[pending], &[entry("re_1", &[("1050", -700), ("4900", 700)])], "re_1 payment_status_mismatch");
    }
}
