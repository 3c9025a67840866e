//! Booked in another legal entity than expected. What an approved posting of ours says counts as expected.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::WrongEntity,
    query: Query::Comparison(Over {
        when: "c.present = 1 AND c.books = 1 AND c.gap_fingerprint IS NULL AND c.best_entity <> c.entity
            AND (c.approved_entity IS NULL OR c.approved_entity <> c.best_entity)",
        fingerprint: "c.entity || '>' || c.best_entity",
        a: "c.best_entity",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!("{} is booked in {} and belongs to {}.", facts.document(), facts.a(), facts.entity())
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{booked, check, doc, why};

    #[test]
    fn another_entity_is_found() {
        let books =
            check(&[doc("A", 12_000)], &[booked("A", 12_000).with(|e| e.entity = "EU01")], "A wrong_entity");
        assert_eq!(why(&books), "Invoice A of 120.00 GBP is booked in EU01 and belongs to GB01.");
    }

    #[test]
    fn two_documents_of_one_number_each_take_the_entry_of_their_entity() {
        let eu = doc("7", 500).with(|d| (d.connection, d.entity) = (3, Some("EU01")));
        let docs = [doc("7", 12_000), eu];
        let entries = [booked("7", 500).with(|e| e.entity = "EU01"), booked("7", 12_000)];
        check(&docs, &entries, "");
        check(&docs, &entries[1..], "7 unposted");
        check(&docs, &entries[..1], "7 unposted");
    }

    #[test]
    fn two_documents_of_one_number_and_entity_are_told_apart_by_amount() {
        let docs = [doc("7", 12_000), doc("7", 500).with(|d| d.connection = 3)];
        check(&docs, &[booked("7", 500), booked("7", 12_000)], "");
        let books = check(&docs, &[booked("7", 500)], "7 unposted");
        assert_eq!(books.list("SELECT '' || amount_minor FROM exception"), "12000");
    }
}
