//! Booked in another period than the one it belongs to, and not because an approved posting said so.

use tieout_domain::{exception::ExceptionKind, said};

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::WrongPeriod,
    query: Query::Comparison(Over {
        when: "c.present = 1 AND c.books = 1 AND c.gap_fingerprint IS NULL AND c.best_period <> c.period
            AND (c.approved_period IS NULL OR c.approved_period <> c.best_period)",
        fingerprint: "c.entity || ':' || c.period || '>' || c.best_period",
        a: "c.best_period",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} is booked in period {} and belongs to {}.",
        facts.document(),
        said::period(facts.a()),
        facts.period()
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{booked, check, doc, why};

    #[test]
    fn another_period_is_found() {
        let books = check(
            &[doc("A", 12_000)],
            &[booked("A", 12_000).with(|e| e.period = "2026-04")],
            "A wrong_period",
        );
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP is booked in period 2026-04 and belongs to 2026-03."
        );
        assert_eq!(books.list("SELECT group_key FROM exception"), "wrong_period:GB01:2026-03>2026-04");
    }

    #[test]
    fn a_wrong_account_in_the_wrong_period_is_two_causes() {
        let wrong = booked("A", 9).with(|e| {
            e.period = "2026-04";
            e.lines[1].0 = "4900";
        });
        check(&[doc("A", 9)], &[wrong], "A wrong_account, A wrong_period");
    }
}
