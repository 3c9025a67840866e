//! The bank's deposit of a payout, which the entry names, has another amount than the processor paid out.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::PayoutMismatch,
    query: Query::Comparison(Over {
        when: "c.kind = 'payout' AND c.present = 1 AND c.agrees = 0 AND c.refused = 0
            AND c.gap_fingerprint IS NULL AND c.control_minor <> 0",
        m: "c.control_minor",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} left the processor's balance as {}, and the ledger has {} at the bank for it.",
        facts.document(),
        facts.money(facts.expected_minor().saturating_neg()),
        facts
            .variance_minor
            .checked_add(facts.expected_minor())
            .map_or_else(|| "more than can be kept".to_owned(), |minor| facts.money(minor.saturating_neg()))
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Doc, check, doc, entry, why};

    fn payout() -> Doc {
        doc("po_1", 7_875).with(|d| {
            d.kind = "payout";
            (d.control, d.control_minor) = (Some("1050"), -7_875);
            d.lines = vec![("1010", 7_875), ("1050", -7_875)];
        })
    }

    #[test]
    fn a_deposit_of_another_amount_is_found_and_the_right_one_is_not() {
        let paid = |minor| entry("po_1", &[("1010", minor), ("1050", -minor)]);
        let books = check(&[payout()], &[paid(7_785)], "po_1 payout_mismatch");
        assert_eq!(
            why(&books),
            "Payout po_1 of 78.75 GBP left the processor's balance as 78.75 GBP, and the ledger has 77.85 \
             GBP at the bank for it."
        );
        assert_eq!(books.list("SELECT '' || variance_minor FROM exception"), "90");
        check(&[payout()], &[paid(7_875)], "");
        check(&[payout()], &[paid(7_875), paid(7_875)], "po_1 duplicate_posting");
    }
}
