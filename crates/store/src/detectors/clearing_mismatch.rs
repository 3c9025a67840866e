//! The clearing account does not hold what the processor's balance holds: entries on it name no movement, and
//! what is not booked yet does not make up for them. One exception per entity, account and currency, only
//! where the mapping has the account judged and the processor delivers the movements of its balance, and only
//! of what is dated since the first of them.
//!
//! Each movement's document is compared by itself; so the two balances differ by what is not booked of them,
//! which the documents' own exceptions tell, and by what the ledger holds besides, which is told here. An
//! entry that stands on a receivable too is told by what it is there.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

/// `judged`: clearing accounts that are judged and on which something stands without a name. `waiting` are
/// documents of movements up to the last such entry that nothing books: what a deposit without a name may
/// be of. Nothing is said where some days' documents, the oldest first, come to just what stands there.
pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::ClearingMismatch,
    query: Query::Rows(
        "WITH judged AS (
             SELECT k.entity, k.account, (
                 SELECT min(x.document_date) FROM expectation x
                 WHERE x.entity = k.entity AND x.control = k.account) AS since
             FROM house_clearing k
             WHERE EXISTS (
                 SELECT 1 FROM unmatched_entry v WHERE v.entity = k.entity AND v.account = k.account)),
         source AS (
             SELECT j.entity, j.account, c.seq AS connection_seq
             FROM judged j CROSS JOIN connection c
             WHERE EXISTS (SELECT 1 FROM movement m WHERE m.connection_seq = c.seq)
                 AND EXISTS (
                     SELECT 1 FROM expectation x CROSS JOIN document d
                     WHERE x.entity = j.entity AND x.control = j.account AND d.seq = x.document_seq
                         AND d.connection_seq = c.seq)),
         unnamed AS (
             SELECT u.entity, u.account, u.currency, sum(u.minor) AS minor, max(u.day) AS day,
                 count(*) AS entries
             FROM judged j CROSS JOIN unmatched_entry u
             WHERE u.entity = j.entity AND u.account = j.account AND u.day >= j.since
                 AND u.entry_seq NOT IN (SELECT entry_seq FROM set_apart)
                 AND NOT EXISTS (
                     SELECT 1 FROM unmatched_entry r
                     WHERE r.entry_seq = u.entry_seq AND r.account IN (SELECT account FROM control_account))
             GROUP BY u.entity, u.account, u.currency),
         waiting AS (
             SELECT u.entity, u.account, u.currency, o.day, sum(o.minor) AS minor
             FROM unnamed u CROSS JOIN unmatched_document o
             WHERE o.entity = u.entity AND o.account = u.account AND o.currency = u.currency
             GROUP BY u.entity, u.account, u.currency, o.day),
         sums AS (
             SELECT w.entity, w.account, w.currency, w.day, (
                 SELECT sum(p.minor) FROM waiting p
                 WHERE p.entity = w.entity AND p.account = w.account AND p.currency = w.currency
                     AND p.day <= w.day) AS minor
             FROM waiting w)
         SELECT 'connection', 'clearing/' || t.entity || '/' || t.account || '/' || t.currency, NULL,
            t.account || ' ' || t.currency, t.entity, NULL, t.currency, coalesce((
                SELECT sum(m.gross_minor - m.fee_minor) FROM source s CROSS JOIN movement m
                WHERE s.entity = t.entity AND s.account = t.account AND m.connection_seq = s.connection_seq
                    AND m.currency = t.currency), 0),
            t.minor - t.waiting, NULL, t.day, 0, t.entity || ':' || t.account, t.account, '' || t.waiting,
            NULL, t.entries
         FROM (
             SELECT u.*, coalesce((
                 SELECT s.minor FROM sums s
                 WHERE s.entity = u.entity AND s.account = u.account AND s.currency = u.currency
                     AND s.day <= u.day ORDER BY s.day DESC LIMIT 1), 0) AS waiting
             FROM unnamed u) t
         WHERE t.minor <> 0 AND EXISTS (
                 SELECT 1 FROM source s WHERE s.entity = t.entity AND s.account = t.account)
             AND NOT EXISTS (
                 SELECT 1 FROM sums s WHERE s.entity = t.entity AND s.account = t.account
                     AND s.currency = t.currency AND s.minor = t.minor)",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    let entries = match facts.m {
        Some(1) | None => "one entry that names".to_owned(),
        Some(more) => format!("{more} entries that name"),
    };
    let waiting: i64 = facts.a().parse().unwrap_or_default();
    let held = facts.variance_minor.saturating_add(waiting);
    let rest = match waiting {
        0 => String::new(),
        minor => format!(", and {} of the processor's movements is not booked", facts.money(minor)),
    };
    format!(
        "The processor's balance is {}. Account {} holds {} by {entries} none of its movements{rest}: {} \
         stays unexplained.",
        facts.money(facts.amount_minor),
        facts.label,
        facts.money(held),
        facts.money(facts.variance_minor)
    )
}

#[cfg(test)]
mod tests {
    use crate::{
        detectors::fixture::{Books, Doc, Entry, booked, doc, entry, why},
        tieout::{TieOutFilter, tests::kept_agrees, tie_out},
    };

    fn payout(name: &str, minor: i64) -> Doc {
        doc(name, minor).with(|d| {
            d.kind = "payout";
            (d.control, d.control_minor) = (Some("1050"), -d.total);
            d.lines = vec![("1010", d.total), ("1050", -d.total)];
        })
    }

    fn charge() -> Doc {
        doc("ch_1", 10_000).payment(300)
    }

    fn charged() -> Entry {
        entry("ch_1", &[("1100", -10_000), ("1050", 9_700), ("6100", 300)])
    }

    /// A charge and its payout, with the processor's own movements where it delivers them, on a clearing
    /// account that is judged, or not.
    fn books((movements, judged): (bool, bool), entries: &[Entry]) -> Books {
        let books = Books::with(&[charge(), payout("po_1", 9_700)], entries);
        if movements {
            for (id, gross, fee) in [("ch_1", 10_000_i64, 300_i64), ("po_1", -9_700, 0)] {
                books.run(
                    "INSERT INTO movement (connection_seq, external_id, document, category, currency,
                         gross_minor, fee_minor, fee_tax_minor, at, page_seq)
                     VALUES (1, 'txn_' || ?1, ?1, 'x', 'GBP', ?2, ?3, 0, 0, 0)",
                    (id, gross, fee),
                );
            }
        }
        if judged {
            books.run("INSERT INTO house_clearing (entity, account) VALUES ('GB01', '1050')", []);
        }
        books.detect();
        books
    }

    const KNOWN: (bool, bool) = (true, true);

    #[test]
    fn what_the_ledger_holds_on_clearing_besides_is_found_and_what_it_should_hold_is_not() {
        let paid = entry("po_1", &[("1010", 9_700), ("1050", -9_700)]);
        assert_eq!(books(KNOWN, &[charged(), paid.clone()]).open(), "");
        let month = entry("STRIPE FEES MAR", &[("6100", 300), ("1050", -300)]);
        let wrong = books(KNOWN, &[charged(), paid.clone(), month.clone()]);
        assert_eq!(wrong.open(), "1050 GBP clearing_mismatch");
        assert_eq!(
            why(&wrong),
            "The processor's balance is 0.00 GBP. Account 1050 holds -3.00 GBP by one entry that names none \
             of its movements: -3.00 GBP stays unexplained."
        );
        let cells = tie_out(&wrong.db, &TieOutFilter::default()).unwrap();
        assert!(cells.iter().all(|cell| cell.unexplained_minor == 0), "{cells:?}");
        kept_agrees(&wrong);
        wrong.restate(3, "void");
        wrong.detect();
        assert_eq!(wrong.open(), "");
        let unknown = books((false, true), &[charged(), paid.clone(), month.clone()]);
        assert_eq!(unknown.open(), "", "nobody says what the balance is: not proven");
        assert_eq!(books((true, false), &[charged(), paid, month]).open(), "", "the account is not judged");
    }

    #[test]
    fn a_deposit_without_a_name_leaves_the_balances_equal_and_its_payout_open() {
        let lump = entry("FPI STRIPE", &[("1010", 9_700), ("1050", -9_700)]);
        assert_eq!(books(KNOWN, &[charged(), lump]).open(), "po_1 unposted");
        let short = entry("FPI STRIPE", &[("1010", 9_000), ("1050", -9_000)]);
        let books = books(KNOWN, &[charged(), short]);
        assert_eq!(books.open(), "1050 GBP clearing_mismatch, po_1 unposted");
        assert!(why(&books).contains("7.00 GBP stays unexplained"), "{}", why(&books));
    }

    #[test]
    fn a_payout_that_is_still_on_its_way_is_no_part_of_an_older_deposit() {
        let lump = entry("FPI STRIPE", &[("1010", 9_700), ("1050", -9_700)]);
        let books = books(KNOWN, &[charged(), lump]);
        books.put(&payout("po_2", 400).with(|d| d.due = "2027-01-01T00:00:00Z"));
        books.run(
            "UPDATE expectation SET document_date = '2026-03-20'
             WHERE document_seq = (SELECT seq FROM document WHERE reference = 'po_2')",
            [],
        );
        books.detect();
        assert_eq!(books.open(), "po_1 unposted");
    }

    #[test]
    fn receivables_are_none_of_it() {
        let paid = entry("po_1", &[("1010", 9_700), ("1050", -9_700)]);
        let both = entry("MAN 2", &[("1100", -5), ("1050", 5)]);
        let wrong = books(KNOWN, &[charged(), paid, booked("MAN", 5), both]);
        assert_eq!(wrong.open(), "MAN 2 orphan_journal, MAN orphan_journal", "each is told once");
    }
}
