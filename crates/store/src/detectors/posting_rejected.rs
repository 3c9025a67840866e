//! The ERP refused a posting, in its own words.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::PostingRejected,
    query: Query::Rows(
        "SELECT 'posting', p.id, p.document_seq, p.reference, p.entity, p.period, p.currency,
            p.amount_minor, 0,
            coalesce(o.doubt_since, p.changed_at), NULL, 0, c.id || ':' || coalesce(p.failure_code, '-'),
            'posting', p.failure, c.name, NULL
         FROM posting p JOIN connection c ON c.seq = p.connection_seq
         LEFT JOIN outbox o ON o.posting_seq = p.seq
         WHERE p.state = 'refused'",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} refused the posting of {} over {}: {}",
        facts.b(),
        facts.external_ref,
        facts.money(facts.amount_minor),
        facts.a.as_deref().unwrap_or("it gave no reason.")
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, Posting, doc, posting};

    #[test]
    fn a_refused_posting_is_found_with_the_words_of_the_erp() {
        let books = Books::with(&[doc("A", 12_000)], &[]);
        books.post(&Posting {
            failure: Some("The period is closed."),
            ..posting("A", "refused", "Tddddddddddddddddddd")
        });
        books.detect();
        assert_eq!(books.open(), "A posting_rejected, A unposted");
        assert_eq!(
            books.list("SELECT why || ' ' || subject FROM exception WHERE cause = 'posting'"),
            "netsuite-2 refused the posting of A over 120.00 GBP: The period is closed. \
             pst_Tddddddddddddddddddd"
        );
        assert_eq!(
            books.list("SELECT group_key FROM exception WHERE cause = 'posting'"),
            "posting_rejected:con_2:The period is closed."
        );
    }

    #[test]
    fn a_posting_that_a_person_rejected_is_no_failure() {
        let books = Books::with(&[doc("A", 12_000)], &[]);
        books.post(&posting("A", "rejected", "Tddddddddddddddddddd"));
        books.detect();
        assert_eq!(books.open(), "A unposted");
    }
}
