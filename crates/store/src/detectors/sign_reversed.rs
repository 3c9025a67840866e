//! Debits and credits are swapped: the control account shows minus what is expected.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::SignReversed,
    query: Query::Comparison(Over {
        when: "c.present = 1 AND c.elsewhere = 0 AND c.control_minor <> 0
            AND c.control_net = 0 - c.control_minor AND c.gap_fingerprint IS NULL",
        fingerprint: "c.entity || ':' || c.kind",
        m: "c.control_minor",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!("{} is booked with debit and credit swapped: as {}.", facts.document(), facts.ledger())
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{booked, check, doc, why};

    #[test]
    fn swapped_sides_are_found() {
        let books = check(&[doc("A", 12_000)], &[booked("A", -12_000)], "A sign_reversed");
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP is booked with debit and credit swapped: as -120.00 GBP."
        );
        assert_eq!(books.list("SELECT '' || variance_minor FROM exception"), "-24000");
    }

    #[test]
    fn a_credit_note_is_negative_by_itself() {
        let note = doc("C1", -318).with(|d| d.kind = "credit_note");
        check(std::slice::from_ref(&note), &[booked("C1", -318)], "");
        check(&[note], &[booked("C1", 318)], "C1 sign_reversed");
    }
}
