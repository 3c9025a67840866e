//! The ERP put a posting of ours into another period than was approved: by the entry that carries our key,
//! or, until the ledger's sync shows that entry, by what the ERP said when it was read back.

use tieout_domain::{exception::ExceptionKind, said};

use super::{
    detector::{Detector, Over, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::PeriodMoved,
    query: Query::Comparison(Over {
        when: "c.gap_fingerprint IS NULL AND ((c.present = 1 AND c.approved_period <> c.best_period)
            OR (c.present = 0 AND c.moved_to IS NOT NULL))",
        fingerprint: "c.entity || ':' || coalesce(c.moved_from, c.approved_period) || '>'
            || coalesce(c.moved_to, c.best_period)",
        since: "CASE WHEN c.present = 1 THEN c.best_at ELSE c.due_at END",
        a: "coalesce(c.moved_to, c.best_period)",
        b: "coalesce(c.moved_from, c.approved_period)",
        ..Over::SINCE_ENTRY
    }),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} was approved for period {}, and the ERP booked it into {}.",
        facts.document(),
        said::period(facts.b()),
        said::period(facts.a())
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, booked, check, doc, posting, why};

    const KEY: &str = "Taaaaaaaaaaaaaaaaaaa";

    #[test]
    fn our_entry_in_another_period_than_approved_is_found() {
        let books = Books::with(&[doc("A", 12_000)], &[]);
        books.post(&posting("A", "settled", KEY));
        books.book(&booked("A", 12_000).with(|e| (e.period, e.external_id) = ("2026-04", Some(KEY.into()))));
        books.detect();
        assert_eq!(books.open(), "A period_moved");
        assert_eq!(
            why(&books),
            "Invoice A of 120.00 GBP was approved for period 2026-03, and the ERP booked it into 2026-04."
        );
    }

    #[test]
    fn a_read_back_in_another_period_is_found_before_the_ledger_shows_it() {
        let books = Books::with(&[doc("A", 12_000)], &[]);
        books.post(&crate::detectors::fixture::Posting {
            booked_period: Some("2026-04"),
            ..posting("A", "booked", KEY)
        });
        books.detect();
        assert_eq!(books.open(), "A period_moved, A unposted");
        let moved = |e: &mut crate::detectors::fixture::Entry| {
            (e.period, e.external_id, e.erp_id) = ("2026-04", Some(KEY.into()), Some("77"));
        };
        books.book(&booked("A", 12_000).with(moved));
        books.detect();
        assert_eq!(books.open(), "A period_moved");
        books.book(&booked("A", -12_000).with(|e| (e.period, e.reverses) = ("2026-04", Some("77"))));
        books.book(&booked("A", 12_000));
        books.detect();
        assert_eq!(books.open(), "", "reversed and booked where it belongs");
    }

    #[test]
    fn an_approved_reroute_to_another_period_and_entity_is_what_is_expected() {
        let books = Books::with(&[doc("A", 9)], &[]);
        books.post(&crate::detectors::fixture::Posting {
            period: "2026-04",
            entity: "EU01",
            ..posting("A", "settled", KEY)
        });
        books.book(&booked("A", 9).with(|e| {
            (e.period, e.entity, e.external_id) = ("2026-04", "EU01", Some(KEY.into()));
        }));
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn an_entry_of_another_integration_is_only_in_the_wrong_period() {
        check(&[doc("A", 9)], &[booked("A", 9).with(|e| e.period = "2026-04")], "A wrong_period");
    }
}
