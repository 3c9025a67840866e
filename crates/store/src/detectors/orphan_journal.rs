//! A booked entry on a control account that no document explains: its reference is no document's (a draft is
//! none), it does not carry a key of ours, and it books no batch. One exception per reference, however many
//! entries bear it; an entry without a reference stands for itself, under its number. Amounts: debit minus
//! credit on the control accounts, in the currency of the first entry.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::OrphanJournal,
    query: Query::Rows(
        "SELECT 'reference', o.subject, NULL, o.external_ref, o.entity, o.period, o.currency, o.minor,
            o.minor,
            o.created_at, o.posting_date, 0, o.entity, 'journal', o.number, NULL, o.entries
         FROM (
             SELECT t.*, sum(t.control_minor) OVER (PARTITION BY t.subject, t.currency) AS minor,
                 count(*) OVER (PARTITION BY t.subject) AS entries,
                 row_number() OVER (PARTITION BY t.subject ORDER BY t.seq) AS place
             FROM (
                 SELECT e.seq, coalesce(e.reference, e.id) AS subject,
                     coalesce(e.reference, e.number, e.erp_id) AS external_ref, e.entity, e.period,
                         e.currency,
                     e.created_at, e.posting_date, coalesce(e.number, e.erp_id) AS number,
                     (SELECT sum(l.transaction_minor) FROM entry_line l
                      WHERE l.entry_seq = e.seq AND l.account IN (SELECT account FROM control_account)
                     ) AS control_minor
                 FROM work_unexplained u CROSS JOIN entry e
                 WHERE e.seq = u.entry_seq AND e.status = 'booked' AND e.netted = 0
                     AND NOT EXISTS (SELECT 1 FROM posting_step s WHERE s.key = e.external_id)
                     AND NOT EXISTS (
                         SELECT 1 FROM work_batch_entry b WHERE b.entry_seq = e.seq AND b.live = 1)
                     AND NOT EXISTS (SELECT 1 FROM work_apart a WHERE a.entry_seq = e.seq)
                     AND NOT EXISTS (
                         SELECT 1 FROM unread_reference n
                         WHERE n.side = 'billing' AND n.reference = e.reference)
                     AND EXISTS (
                         SELECT 1 FROM entry_line l
                         WHERE l.entry_seq = e.seq AND l.account IN (SELECT account FROM control_account)
                         GROUP BY l.account HAVING sum(l.transaction_minor) <> 0)) t) o
         WHERE o.place = 1",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    let entries = match facts.m {
        Some(more @ 2..) => format!("{more} entries"),
        _ => format!("Entry {}", facts.a()),
    };
    let book = if facts.m.is_some_and(|n| n > 1) { "book" } else { "books" };
    format!(
        "{entries} of reference {} {book} {} on the control account, and billing has no such document.",
        facts.external_ref,
        facts.money(facts.amount_minor)
    )
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, booked, check, doc, entry, posting, why};

    #[test]
    fn an_entry_that_no_document_explains_is_found_once_per_reference() {
        let known = [doc("A", 9)];
        let books = check(&known, &[booked("A", 9), booked("X", 700)], "X orphan_journal");
        assert_eq!(
            why(&books),
            "Entry JE2 of reference X books 7.00 GBP on the control account, and billing has no such \
                document."
        );
        let row = "SELECT subject_kind || ' ' || amount_minor || ' ' || variance_minor FROM exception";
        assert_eq!(books.list(row), "reference 700 700");
        let books = check(&known, &[booked("A", 9), booked("X", 7), booked("X", 8)], "X orphan_journal");
        assert_eq!(books.list("SELECT '' || amount_minor FROM exception"), "15");
    }

    #[test]
    fn an_entry_without_a_reference_is_named_by_its_number() {
        let nameless = booked("X", -700).with(|e| e.reference = None);
        let books = check(&[doc("A", 9)], &[booked("A", 9), nameless], "JE2 orphan_journal");
        books.run("UPDATE entry SET reference = 'A', netted = 0 WHERE seq = 2", []);
        books.dirty("A");
        books.detect();
        assert_eq!(books.open(), "A duplicate_posting");
    }

    #[test]
    fn what_does_not_touch_a_control_account_or_is_not_booked_is_no_orphan() {
        let entries = [
            booked("A", 9),
            entry("BANK-1", &[("6100", 5), ("1050", -5)]),
            booked("X", 7).with(|e| e.status = "unbooked"),
            entry("MOVE-1", &[("1100", 5), ("1100", -5)]),
        ];
        check(&[doc("A", 9)], &entries, "");
    }

    #[test]
    fn an_entry_of_a_draft_is_an_orphan_until_the_document_is_final() {
        let books = Books::with(
            &[doc("A", 9), doc("B", 5).with(|d| d.status = "draft")],
            &[booked("A", 9), booked("B", 5)],
        );
        books.detect();
        assert_eq!(books.open(), "B orphan_journal");
        books.put(&doc("B", 5));
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn an_entry_with_our_key_belongs_to_its_document_whatever_its_text_says() {
        const KEY: &str = "Tbbbbbbbbbbbbbbbbbbb";
        let books = Books::with(&[doc("A", 9)], &[]);
        books.post(&posting("A", "settled", KEY));
        books.book(&booked("renamed", 9).with(|e| e.external_id = Some(KEY.into())));
        books.detect();
        assert_eq!(books.open(), "");
        books.dirty("A");
        books.detect();
        assert_eq!(books.open(), "");
        books.dirty("renamed");
        books.detect();
        assert_eq!(books.open(), "");
    }
}
