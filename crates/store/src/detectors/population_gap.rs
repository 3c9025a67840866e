//! What was read of an account in a period is not what the ERP itself says of it: entries are missing (not
//! read, or kept aside), or there are some that the ERP has no more. One exception per connection, entity,
//! account and period. Amount: what the ERP says moved; variance: what of it was not read.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::PopulationGap,
    query: Query::Rows(
        "SELECT 'connection', c.id || '/' || t.entity || '/' || t.account || '/' || t.period, NULL,
            t.account || ' ' || t.period, t.entity, t.period, t.currency, t.debits_minor - t.credits_minor,
            t.debits_minor - t.credits_minor - t.read_minor, p.received_at, NULL, 0,
            c.id || ':' || t.account, t.account, c.name, t.period, t.read_minor
         FROM trial_balance t JOIN connection c ON c.seq = t.connection_seq JOIN page p ON p.seq = t.page_seq
         WHERE t.debits_minor - t.credits_minor <> t.read_minor AND t.entity NOT LIKE 'erp:%'",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} says that account {} moved by {} in {}, and what was read of it sums up to {}: {} is missing.",
        facts.a(),
        facts.label,
        facts.money(facts.amount_minor),
        facts.b(),
        facts.money(facts.m.unwrap_or_default()),
        facts.money(facts.variance_minor)
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, booked, doc, why};

    fn says(books: &Books, debits: i64, read: i64) {
        books.run("DELETE FROM trial_balance", []);
        books.run(
            "INSERT INTO trial_balance SELECT 2, 'GB01', '1100', '2026-03', 'GBP', 0, ?1, 0, ?1, ?2, page_seq
             FROM entry LIMIT 1",
            [debits, read],
        );
    }

    #[test]
    fn what_was_read_otherwise_than_the_erp_says_is_found_until_it_agrees() {
        let books = Books::with(&[doc("A", 900)], &[booked("A", 900)]);
        says(&books, 900, 900);
        books.detect();
        assert_eq!(books.open(), "");
        says(&books, 1_000, 900);
        books.detect();
        assert_eq!(books.open(), "1100 2026-03 population_gap");
        assert_eq!(
            why(&books),
            "netsuite-2 says that account 1100 moved by 10.00 GBP in 2026-03, and what was read of it sums \
             up to 9.00 GBP: 1.00 GBP is missing."
        );
        says(&books, 900, 900);
        books.detect();
        assert_eq!(books.open(), "");
    }
}
