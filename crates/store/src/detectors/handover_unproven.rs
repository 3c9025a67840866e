//! What was handed over in a journal file is not in the ledger as it was approved: a whole file of the ledger
//! does not have it, or has something else under its key.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::HandoverUnproven,
    query: Query::Rows(
        "SELECT 'posting', p.id, p.document_seq, p.reference, p.entity, p.period, p.currency,
            p.amount_minor, 0, p.changed_at, NULL, 0, c.id || ':' || p.failure_code, 'posting', p.failure,
            c.name, NULL
         FROM posting p JOIN connection c ON c.seq = p.connection_seq
         WHERE p.state = 'handed_over' AND p.failure_code IS NOT NULL",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "The posting of {} over {} was handed over to {}: {}.",
        facts.external_ref,
        facts.money(facts.amount_minor),
        facts.b(),
        facts.a()
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, Posting, doc, posting};

    #[test]
    fn what_was_handed_over_is_told_once_the_ledger_does_not_show_it_and_only_then() {
        let books = Books::with(&[doc("A", 12_000)], &[]);
        books.post(&posting("A", "handed_over", "Tddddddddddddddddddd"));
        books.detect();
        assert_eq!(books.open(), "A unposted");
        let books = Books::with(&[doc("A", 12_000)], &[]);
        books.post(&Posting {
            failure: Some("the file does not have it"),
            ..posting("A", "handed_over", "Tddddddddddddddddddd")
        });
        books.detect();
        assert_eq!(books.open(), "A handover_unproven, A unposted");
        assert_eq!(
            books.list("SELECT why FROM exception WHERE cause = 'posting'"),
            "The posting of A over 120.00 GBP was handed over to netsuite-2: the file does not have it."
        );
    }
}
