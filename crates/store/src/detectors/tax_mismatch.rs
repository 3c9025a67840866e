//! The total is right, but tax and net are split otherwise.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::TaxMismatch,
    query: Query::Comparison(Over {
        when: "c.present = 1 AND c.agrees = 1 AND c.refused = 0 AND c.tax_booked <> c.tax_expected
            AND c.gap_fingerprint IS NULL",
        fingerprint: "c.entity || ':' || c.tax_account",
        a: "c.tax_account",
        b: "'' || (0 - c.tax_booked)",
        m: "0 - c.tax_expected",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    let booked: i64 = facts.b().parse().unwrap_or_default();
    format!(
        "{} has {} tax on account {} instead of {}.",
        facts.document(),
        facts.money(booked),
        facts.a(),
        facts.money(facts.expected_minor())
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{check, doc, entry, why};

    #[test]
    fn another_split_of_tax_and_net_is_found_once() {
        let taxed = doc("A", 12_000).taxed(2_000);
        let right = entry("A", &[("1100", 12_000), ("2200", -2_000), ("4000", -10_000)]);
        check(std::slice::from_ref(&taxed), &[right], "");
        let wrong = entry("A", &[("1100", 12_000), ("2200", -1_900), ("4000", -10_100)]);
        let books = check(std::slice::from_ref(&taxed), &[wrong], "A tax_mismatch");
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP has 19.00 GBP tax on account 2200 instead of 20.00 GBP."
        );
        let none = entry("A", &[("1100", 12_000), ("4000", -12_000)]);
        check(&[taxed], &[none], "A tax_mismatch");
    }
}
