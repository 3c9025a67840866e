//! No account, entity or rate can be determined for a document, whatever the ledger holds. A document that
//! expects nothing to be booked, and of which nothing is booked, needs no mapping.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::MissingMapping,
    query: Query::Comparison(Over {
        when: "c.gap_fingerprint IS NOT NULL
            AND (c.present = 1 OR (c.status IN ('final', 'written_off') AND c.total_minor <> 0))",
        since: "NULL",
        since_date: "c.document_date",
        blocked: "0",
        fingerprint: "c.gap_fingerprint",
        a: "c.gap_message",
        ..Over::SINCE_DUE
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!("{} cannot be judged or posted: {}.", facts.document(), facts.a())
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{booked, check, doc, why};

    #[test]
    fn a_document_without_a_mapping_is_found_whatever_the_ledger_holds() {
        let gap = "no revenue account for product x";
        let books = check(&[doc("A", 12_000).unmapped(gap)], &[], "A missing_mapping");
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP cannot be judged or posted: no revenue account for product x."
        );
        let books = check(&[doc("A", 12_000).unmapped(gap)], &[booked("A", 500)], "A missing_mapping");
        assert_eq!(books.list("SELECT group_key FROM exception"), format!("missing_mapping:{gap}"));
        assert_eq!(books.list("SELECT '' || variance_minor FROM exception"), "-12000");
    }

    #[test]
    fn a_document_of_which_nothing_is_to_be_booked_needs_no_mapping() {
        check(&[doc("A", 0).unmapped("gap")], &[], "");
        check(&[doc("A", 5).unmapped("gap").with(|d| d.status = "void")], &[], "");
        check(&[doc("A", 5).unmapped("gap").with(|d| d.status = "draft")], &[], "");
    }
}
