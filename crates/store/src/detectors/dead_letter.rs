//! A posting was tried as often as allowed, and is not booked as far as we know.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::DeadLetter,
    query: Query::Rows(
        "SELECT 'posting', p.id, p.document_seq, p.reference, p.entity, p.period, p.currency,
            p.amount_minor, 0,
            coalesce(o.doubt_since, p.changed_at), NULL, 0, c.id || ':' || coalesce(p.failure_code, '-'),
            'posting', p.failure, c.name, NULL
         FROM posting p JOIN connection c ON c.seq = p.connection_seq
         LEFT JOIN outbox o ON o.posting_seq = p.seq
         WHERE p.state = 'dead_letter'",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    let last =
        facts.a.as_deref().map(|failure| format!("; the last answer was: {failure}")).unwrap_or_default();
    format!(
        "The posting of {} over {} to {} was given up{last}",
        facts.external_ref,
        facts.money(facts.amount_minor),
        facts.b()
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, Posting, doc, posting};

    #[test]
    fn a_posting_that_was_given_up_is_found_and_closes_when_it_is_replayed() {
        let books = Books::with(&[doc("A", 12_000)], &[]);
        books.post(&Posting { failure: Some("503"), ..posting("A", "dead_letter", "Teeeeeeeeeeeeeeeeeee") });
        books.detect();
        assert_eq!(books.open(), "A dead_letter, A unposted");
        assert_eq!(
            books.list("SELECT why FROM exception WHERE cause = 'posting'"),
            "The posting of A over 120.00 GBP to netsuite-2 was given up; the last answer was: 503"
        );
        books.run("UPDATE posting SET state = 'queued'", []);
        books.detect();
        assert_eq!(books.open(), "A unposted");
    }
}
