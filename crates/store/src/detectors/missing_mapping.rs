//! No account, entity or rate can be determined for a document, whatever the ledger holds. A document that
//! expects nothing to be booked, and of which nothing is booked, needs no mapping. An account that a kind of
//! money move needs (the bank's, for payouts) is missing once and not once for each of them: the first one
//! says so ([`tieout_domain::derive::Gap::ONCE`]).

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::MissingMapping,
    query: Query::Comparison(Over {
        when: "c.gap_fingerprint IS NOT NULL
            AND (c.present = 1 OR (c.status IN ('final', 'written_off') AND (c.total_minor <> 0 OR EXISTS (
                SELECT 1 FROM document_lines l WHERE l.document_seq = c.document_seq AND l.moves = 1))))
            AND (c.gap_fingerprint NOT LIKE 'role:%' OR NOT EXISTS (
                SELECT 1 FROM expectation x JOIN document d ON d.seq = x.document_seq
                WHERE x.gap_fingerprint = c.gap_fingerprint AND x.document_seq < c.document_seq
                    AND d.status = 'final'))",
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
    fn an_account_that_all_payouts_lack_is_told_once() {
        let payout = |name: &str| doc(name, 500).unmapped("role:GB01:bank").with(|d| d.kind = "payout");
        let books = check(&[payout("po_1"), payout("po_2"), payout("po_3")], &[], "po_1 missing_mapping");
        let why = why(&books);
        assert!(why.starts_with("Payout po_1 of 5.00 GBP cannot be judged or posted"), "{why}");
        let other = doc("po_9", 500).unmapped("role:EU01:bank").with(|d| d.kind = "payout");
        check(&[payout("po_1"), other], &[], "po_1 missing_mapping, po_9 missing_mapping");
    }

    #[test]
    fn a_document_of_which_nothing_is_to_be_booked_needs_no_mapping() {
        check(&[doc("A", 0).unmapped("gap")], &[], "");
        check(&[doc("A", 5).unmapped("gap").with(|d| d.status = "void")], &[], "");
        check(&[doc("A", 5).unmapped("gap").with(|d| d.status = "draft")], &[], "");
    }
}
