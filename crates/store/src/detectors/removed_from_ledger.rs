//! A document of which the ledger holds nothing any more, although people had confirmed that the entry which
//! is gone is its own. Any other document whose entry is gone, one that we posted too, is not posted, and is
//! posted again as such.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

/// The ERP's number of the entry that is gone, and that people had answered for.
macro_rules! gone {
    () => {
        "(SELECT max(coalesce(e.number, e.erp_id))
            FROM matching_document o CROSS JOIN matching m CROSS JOIN matching_entry k CROSS JOIN entry e
            CROSS JOIN removal r
            WHERE o.document_seq = c.document_seq AND m.seq = o.matching_seq AND m.state = 'confirmed'
                AND k.matching_seq = m.seq AND e.seq = k.entry_seq AND r.connection_seq = e.connection_seq
                AND r.resource = 'entries' AND r.external_id = e.erp_id AND r.returned_at IS NULL)"
    };
}

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::RemovedFromLedger,
    query: Query::Comparison(Over {
        when: concat!(
            "c.entries = 0 AND c.books = 1 AND c.due = 1 AND c.gap_fingerprint IS NULL AND ",
            gone!(),
            " IS NOT NULL"
        ),
        a: gone!(),
        ..Over::SINCE_DUE
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} was booked in {} by entry {}, for which people had answered; the ERP has that entry no more.",
        facts.document(),
        facts.entity(),
        facts.a()
    )
}

#[cfg(test)]
mod tests {
    use rusqlite::params;

    use crate::detectors::fixture::{Books, booked, doc, posting, why};

    const KEY: &str = "TO1234567890ABCDEFGH";

    /// A document that was booked by our posting, whose entry the ERP has no more.
    fn books(state: &'static str) -> Books {
        let ours = booked("A", 9).with(|e| e.external_id = Some(KEY.to_owned()));
        let books = Books::with(&[doc("A", 9), doc("B", 9)], &[ours, booked("B", 9)]);
        books.post(&posting("A", state, KEY));
        books.run("UPDATE posting_step SET erp_id = 'je1'", []);
        books.detect();
        assert_eq!(books.open(), "");
        books
    }

    fn remove(books: &Books, seq: i64) {
        books.restate(seq, "void");
        books.run(
            "INSERT INTO removal (connection_seq, resource, external_id, status, last_seen_at, noticed_at)
             VALUES (2, 'entries', ?1, 'booked', 0, 1)",
            params![format!("je{seq}")],
        );
        books.detect();
    }

    #[test]
    fn a_document_whose_posting_is_gone_is_unposted_and_says_so() {
        let books = books("settled");
        remove(&books, 1);
        assert_eq!(books.open(), "A unposted");
        assert!(
            why(&books).ends_with("Entry JE1, which booked it, is gone from the ERP."),
            "{}",
            why(&books)
        );
        books.run("UPDATE removal SET returned_at = 5", []);
        books.restate(1, "booked");
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn one_that_nobody_answered_for_leaves_its_document_unposted() {
        let books = books("settled");
        remove(&books, 2);
        assert_eq!(books.open(), "B unposted");
        assert!(
            why(&books).ends_with("Entry JE2, which booked it, is gone from the ERP."),
            "{}",
            why(&books)
        );
    }
}
