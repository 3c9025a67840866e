//! Not booked, and finalised in billing after its own period was closed: it needs a place in a later one.

use tieout_domain::{exception::ExceptionKind, said};

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::LateForClosedPeriod,
    query: Query::Comparison(Over {
        when: "c.late = 1 AND c.present = 0 AND c.books = 1 AND c.total_minor <> 0 AND c.due = 1
            AND c.gap_fingerprint IS NULL",
        a: "c.own_period",
        ..Over::SINCE_DUE
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} is of {}, which was closed before it was final; it is not booked, and belongs to {}.",
        facts.document(),
        said::period(facts.a()),
        facts.period()
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Doc, booked, check, doc, why};

    fn late() -> Doc {
        doc("A", 12_000).with(|d| {
            d.own_period = "2026-02";
            d.late = true;
        })
    }

    #[test]
    fn a_late_arrival_that_is_not_booked_is_found_and_blocks_its_period() {
        let books = check(&[late()], &[], "A late_for_closed_period");
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP is of 2026-02, which was closed before it was final; it is not \
             booked, and belongs to 2026-03."
        );
        assert_eq!(books.list("SELECT '' || period_blocked FROM exception"), "1");
    }

    #[test]
    fn a_late_arrival_booked_in_the_next_open_period_is_clean() {
        check(&[late()], &[booked("A", 12_000)], "");
    }

    #[test]
    fn a_late_arrival_within_its_time_is_expected() {
        check(&[late().with(|d| d.due = "2026-07-01T00:00:00Z")], &[], "");
    }
}
