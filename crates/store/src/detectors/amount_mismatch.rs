//! Booked with another amount on the control account, in a way that no more specific kind explains.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::AmountMismatch,
    query: Query::Comparison(Over {
        when: "c.present = 1 AND c.agrees = 0 AND c.gap_fingerprint IS NULL
            AND NOT EXISTS (SELECT 1 FROM work_tolerated t WHERE t.name = c.reference)",
        m: "c.control_minor",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} is booked as {} instead of {}.",
        facts.document(),
        facts.ledger(),
        facts.money(facts.expected_minor())
    )
}

#[cfg(test)]
mod tests {
    use tieout_domain::said;

    use crate::detectors::fixture::{booked, check, doc, entry, why};

    #[test]
    fn another_amount_is_found() {
        let books = check(&[doc("A", 12_000)], &[booked("A", 11_900)], "A amount_mismatch");
        assert_eq!(why(&books), "Invoice A of 120.00 GBP is booked as 119.00 GBP instead of 120.00 GBP.");
        assert_eq!(books.list("SELECT '' || variance_minor FROM exception"), "-100");
    }

    #[test]
    fn its_amounts_are_values_in_the_stored_sentence_and_text_in_the_row_and_in_its_history() {
        let books = check(&[doc("A", 12_000)], &[booked("A", 11_900)], "A amount_mismatch");
        let stored: String =
            books.db.raw().query_row("SELECT why FROM exception", [], |row| row.get(0)).unwrap();
        let amounts: Vec<String> = said::parts(&stored)
            .into_iter()
            .filter_map(|part| match part {
                said::Part::Amount(number, currency) => Some(format!("{number} {currency}")),
                _ => None,
            })
            .collect();
        assert_eq!(amounts, ["120.00 GBP", "119.00 GBP", "120.00 GBP"]);
        let history: String =
            books.db.raw().query_row("SELECT detail FROM exception_event", [], |row| row.get(0)).unwrap();
        assert_eq!(history, said::plain(&stored));
        assert_ne!(history, stored);
    }

    #[test]
    fn yen_have_no_decimals() {
        let yen = doc("A", 12_000).with(|d| d.currency = "JPY");
        let books = check(&[yen], &[booked("A", 11_900).with(|e| e.currency = "JPY")], "A amount_mismatch");
        assert_eq!(why(&books), "Invoice A of 12000 JPY is booked as 11900 JPY instead of 12000 JPY.");
    }

    #[test]
    fn what_is_booked_for_a_document_of_nothing_is_found() {
        check(&[doc("A", 0)], &[booked("A", 5)], "A amount_mismatch");
        check(&[doc("A", 7).nothing("void")], &[booked("A", 5)], "A amount_mismatch");
    }

    #[test]
    fn a_wrong_amount_in_the_wrong_entity_and_period_is_three_causes() {
        let wrong = booked("A", 5).with(|e| (e.entity, e.period) = ("EU01", "2026-04"));
        check(&[doc("A", 9)], &[wrong], "A amount_mismatch, A wrong_entity, A wrong_period");
    }

    #[test]
    fn a_wrong_amount_says_nothing_about_accounts() {
        check(&[doc("A", 9)], &[entry("A", &[("1100", 5), ("4900", -5)])], "A amount_mismatch");
    }
}
