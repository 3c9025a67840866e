//! Booked more than once: one of the entries is what is expected, the rest is surplus.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::DuplicatePosting,
    query: Query::Comparison(Over {
        when: "c.entries >= 2 AND c.matching >= 1 AND c.control_minor <> 0
            AND (c.control_net <> c.control_minor OR c.elsewhere > 0) AND c.gap_fingerprint IS NULL",
        fingerprint: "c.entity || ':' || c.period",
        m: "c.entries",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} is booked {} times: {} too much stands on the control account.",
        facts.document(),
        facts.m.unwrap_or(2),
        facts.money(facts.variance_minor)
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{booked, check, doc, why};

    #[test]
    fn a_second_entry_is_surplus() {
        let books =
            check(&[doc("A", 12_000)], &[booked("A", 12_000), booked("A", 12_000)], "A duplicate_posting");
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP is booked 2 times: 120.00 GBP too much stands on the control account."
        );
        check(&[doc("A", 9)], &[booked("A", 9), booked("A", 9), booked("A", 9)], "A duplicate_posting");
        check(&[doc("A", 9)], &[booked("A", 9), booked("A", 2)], "A duplicate_posting");
    }

    #[test]
    fn surplus_in_another_entity_or_period_is_no_second_exception() {
        let elsewhere = booked("A", 9).with(|e| (e.entity, e.period) = ("EU01", "2026-04"));
        check(&[doc("A", 9)], &[elsewhere, booked("A", 9)], "A duplicate_posting");
    }

    #[test]
    fn two_parts_that_add_up_are_no_duplicate() {
        check(&[doc("A", 9)], &[booked("A", 4), booked("A", 5)], "");
    }

    #[test]
    fn a_copy_that_is_not_approved_in_the_erp_is_no_duplicate() {
        check(&[doc("A", 9)], &[booked("A", 9), booked("A", 9).with(|e| e.status = "unbooked")], "");
    }
}
