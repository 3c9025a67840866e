//! Booked, but in another transaction currency than the document's.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::WrongCurrency,
    query: Query::Comparison(Over {
        when: "c.elsewhere > 0 AND c.elsewhere = c.entries AND c.gap_fingerprint IS NULL",
        fingerprint: "c.entity || ':' || c.currency || '>' || c.best_currency",
        a: "c.best_currency",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!("{} is booked in {}.", facts.document(), facts.a())
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{booked, check, doc, why};

    #[test]
    fn an_entry_in_another_currency_is_found() {
        let dollars = booked("A", 12_000).with(|e| e.currency = "USD");
        let books = check(&[doc("A", 12_000)], std::slice::from_ref(&dollars), "A wrong_currency");
        assert_eq!(why(&books), "Invoice A of 120.00 GBP is booked in USD.");
        assert_eq!(books.list("SELECT '' || variance_minor FROM exception"), "-12000");
        let twice = [dollars, booked("A", 12_000)];
        check(&[doc("A", 12_000)], &twice, "A duplicate_posting");
    }
}
