//! The outcome of a posting is not known: it is looked up before anything is sent again.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::PostingInDoubt,
    query: Query::Rows(
        "SELECT 'posting', p.id, p.document_seq, p.reference, p.entity, p.period, p.currency,
            p.amount_minor, 0,
            coalesce(o.doubt_since, p.changed_at), NULL, 0, c.id || ':' || coalesce(p.failure_code, '-'),
            'posting', p.failure, c.name, NULL
         FROM posting p JOIN connection c ON c.seq = p.connection_seq
         LEFT JOIN outbox o ON o.posting_seq = p.seq
         WHERE p.state = 'in_doubt'",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    let said = facts.a.as_deref().map(|failure| format!(" ({failure})")).unwrap_or_default();
    format!(
        "It is not known whether {} has booked the posting of {} over {}{said}.",
        facts.b(),
        facts.external_ref,
        facts.money(facts.amount_minor)
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, doc, posting};

    #[test]
    fn a_posting_in_doubt_is_found_beside_its_unposted_document_until_it_moves_on() {
        let books = Books::with(&[doc("A", 12_000)], &[]);
        books.post(&posting("A", "in_doubt", "Tccccccccccccccccccc"));
        books.detect();
        assert_eq!(books.open(), "A posting_in_doubt, A unposted");
        assert_eq!(
            books.list("SELECT why FROM exception WHERE cause = 'posting'"),
            "It is not known whether netsuite-2 has booked the posting of A over 120.00 GBP."
        );
        books.run("UPDATE posting SET state = 'dead_letter', changed_at = changed_at + 5", []);
        books.detect();
        assert_eq!(books.open(), "A dead_letter, A unposted");
        assert_eq!(
            books.list("SELECT what FROM exception_event WHERE detail LIKE 'posting_in_doubt%'"),
            "kind_changed"
        );
        books.run("UPDATE posting SET state = 'queued'", []);
        books.detect();
        assert_eq!(books.open(), "A unposted");
    }
}
