//! What cannot be judged because something that waits to be read could concern it: on the ledger's side the
//! documents of which an entry may be there, on billing's side the references of which the document may be.
//! Everything else is judged as always.

use std::collections::BTreeSet;

use rusqlite::params;
use tieout_domain::unread::Concerns;

use crate::{
    db::{Db, Tx},
    error::Result,
    sql::date,
    table::rejected_item,
};

/// References that names of unread entries are, by their kinds of names: a document's own, our key of one of
/// its postings, and what the entry was when it could still be read.
const OF_THE_LEDGER: &[&str] = &[
    "SELECT n.value FROM rejected_item r JOIN connection c ON c.seq = r.connection_seq AND c.role = 'erp'
     JOIN rejected_concern n ON n.rejected_seq = r.seq AND n.what = 'name'
     WHERE r.resolved_at IS NULL AND r.resource = 'entries'
         AND EXISTS (SELECT 1 FROM document d WHERE d.reference = n.value)",
    "SELECT d.reference FROM rejected_item r
     JOIN connection c ON c.seq = r.connection_seq AND c.role = 'erp'
     JOIN rejected_concern n ON n.rejected_seq = r.seq AND n.what = 'name'
     JOIN posting_step s ON s.key = n.value JOIN posting p ON p.seq = s.posting_seq
     JOIN document d ON d.seq = p.document_seq
     WHERE r.resolved_at IS NULL AND r.resource = 'entries'",
    "SELECT e.reference FROM rejected_item r
     JOIN connection c ON c.seq = r.connection_seq AND c.role = 'erp'
     JOIN entry e ON e.connection_seq = r.connection_seq AND e.erp_id = r.item
     WHERE r.resolved_at IS NULL AND r.resource = 'entries' AND e.reference IS NOT NULL",
];

const OF_BILLING: &[&str] = &[
    "SELECT n.value FROM rejected_item r JOIN connection c ON c.seq = r.connection_seq AND c.role = 'billing'
     JOIN rejected_concern n ON n.rejected_seq = r.seq AND n.what = 'name'
     WHERE r.resolved_at IS NULL
         AND r.resource IN ('invoices', 'credit_notes', 'payments', 'outside_payments', 'refunds',
            'disputes', 'payouts', 'fees')
         AND EXISTS (SELECT 1 FROM entry e WHERE e.reference = n.value)",
];

/// Brings the list up to date, and adds to the work what comes into it and what leaves it.
pub(super) fn refresh(tx: &Tx<'_>) -> Result<()> {
    for (side, now) in [("ledger", of_the_ledger(tx)?), ("billing", references(tx, OF_BILLING)?)] {
        let before: BTreeSet<String> = tx
            .prepare_cached("SELECT reference FROM unread_reference WHERE side = ?1")?
            .query_map([side], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut work =
            tx.prepare_cached("INSERT INTO work_reference (reference) VALUES (?1) ON CONFLICT DO NOTHING")?;
        for reference in before.symmetric_difference(&now) {
            work.execute([reference])?;
        }
        let mut add = tx.prepare_cached("INSERT INTO unread_reference (side, reference) VALUES (?1, ?2)")?;
        for reference in now.difference(&before) {
            add.execute(params![side, reference])?;
        }
        let mut take =
            tx.prepare_cached("DELETE FROM unread_reference WHERE side = ?1 AND reference = ?2")?;
        for reference in before.difference(&now) {
            take.execute(params![side, reference])?;
        }
    }
    Ok(())
}

fn references(db: &Db, queries: &[&str]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for sql in queries {
        let mut statement = db.prepare_cached(sql)?;
        for reference in statement.query_map([], |row| row.get(0))? {
            found.insert(reference?);
        }
    }
    Ok(found)
}

fn of_the_ledger(db: &Db) -> Result<BTreeSet<String>> {
    let mut found = references(db, OF_THE_LEDGER)?;
    let nameless = rejected_item::nameless_entries(db)?;
    let sizes: BTreeSet<i64> = nameless.iter().flat_map(Concerns::sizes).collect();
    if !sizes.is_empty() {
        let mut statement =
            db.prepare_cached("SELECT reference, total_minor FROM document WHERE status <> 'draft'")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let total: i64 = row.get(1)?;
            if i64::try_from(total.unsigned_abs()).is_ok_and(|size| sizes.contains(&size)) {
                found.insert(row.get(0)?);
            }
        }
    }
    let spans: BTreeSet<_> = nameless.iter().flat_map(Concerns::spans).collect();
    let mut dated = db.prepare_cached(
        "SELECT d.reference FROM expectation x JOIN document d ON d.seq = x.document_seq
         WHERE x.document_date BETWEEN ?1 AND ?2 AND d.status <> 'draft'",
    )?;
    for (from, to) in spans {
        for reference in dated.query_map([date(from), date(to)], |row| row.get(0))? {
            found.insert(reference?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use rusqlite::params;

    use crate::detectors::fixture::{Books, booked, doc};

    /// An entry (or, of billing, a document) that waits to be read, with what is known of it.
    fn aside(books: &Books, connection: i64, resource: &str, named: bool, about: &[(&str, &str)]) {
        books.run(
            "INSERT INTO rejected_item (connection_seq, page_seq, resource, external_id, code, place, message,
                 raw, at, item, named)
             SELECT ?1, 0, ?2, 'x_' || count(*), 'schema_drift', '', '', x'00', 1000, 'x_' || count(*), ?3
             FROM rejected_item",
            params![connection, resource, named],
        );
        for (what, value) in about {
            books.run(
                "INSERT INTO rejected_concern (rejected_seq, what, value)
                 SELECT max(seq), ?1, ?2 FROM rejected_item",
                params![what, value],
            );
        }
    }

    fn resolve(books: &Books) {
        books.run("UPDATE rejected_item SET resolved_at = 5", []);
    }

    /// The exceptions but for the one that says that something waits.
    fn open(books: &Books) -> String {
        let all = books.open();
        let all = all.split(", ").filter(|one| !one.ends_with("schema_drift"));
        all.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_document_that_an_unread_entry_names_is_not_judged_until_it_can_be_read() {
        let books = Books::with(&[doc("A", 9), doc("B", 9)], &[]);
        books.detect();
        assert_eq!(open(&books), "A unposted, B unposted");
        aside(&books, 2, "entries", true, &[("name", "A"), ("name", "for")]);
        books.detect();
        assert_eq!(open(&books), "B unposted", "the others are judged");
        resolve(&books);
        books.detect();
        assert_eq!(open(&books), "A unposted, B unposted");
    }

    #[test]
    fn what_is_booked_is_not_judged_either_where_an_unread_entry_may_be_a_part_of_it() {
        let books = Books::with(&[doc("A", 9), doc("B", 9)], &[booked("A", 5), booked("B", 5)]);
        aside(&books, 2, "entries", true, &[("name", "A")]);
        books.detect();
        assert_eq!(open(&books), "B amount_mismatch");
    }

    #[test]
    fn an_entry_that_names_nothing_concerns_its_amount_or_else_the_days_up_to_its_own() {
        let docs = [doc("A", 900), doc("B", -900), doc("C", 7)];
        let books = Books::with(&docs, &[]);
        aside(&books, 2, "entries", false, &[("amount", "900"), ("day", "2020-01-01")]);
        books.detect();
        assert_eq!(open(&books), "C unposted");
        let books = Books::with(&docs, &[]);
        books.run("UPDATE expectation SET document_date = '2026-01-05' WHERE document_seq = 3", []);
        aside(&books, 2, "entries", false, &[("day", "2026-03-12")]);
        books.detect();
        assert_eq!(open(&books), "C unposted", "it is of another month");
    }

    #[test]
    fn a_name_that_is_no_documents_limits_nothing_and_neither_does_what_nothing_is_known_of() {
        let books = Books::with(&[doc("A", 9)], &[]);
        aside(&books, 2, "entries", true, &[("name", "other"), ("amount", "9")]);
        aside(&books, 2, "entries", false, &[]);
        aside(&books, 1, "entries", true, &[("name", "A")]);
        aside(&books, 2, "periods", true, &[("name", "A")]);
        books.detect();
        assert_eq!(open(&books), "A unposted");
    }

    #[test]
    fn an_entry_that_can_no_longer_be_read_concerns_what_it_was() {
        let books = Books::with(&[doc("A", 9), doc("B", 9)], &[booked("A", 5), booked("B", 5)]);
        books.run("UPDATE entry SET erp_id = 'x_0' WHERE reference = 'B'", []);
        aside(&books, 2, "entries", true, &[("name", "C")]);
        books.detect();
        assert_eq!(open(&books), "A amount_mismatch");
    }

    #[test]
    fn an_entry_whose_document_waits_to_be_read_is_no_orphan() {
        let books = Books::with(&[doc("A", 9)], &[booked("A", 9), booked("X", 9), booked("Y", 9)]);
        aside(&books, 1, "invoices", true, &[("name", "X")]);
        aside(&books, 1, "customers", true, &[("name", "Y")]);
        books.detect();
        assert_eq!(open(&books), "Y orphan_journal");
        resolve(&books);
        books.detect();
        assert_eq!(open(&books), "X orphan_journal, Y orphan_journal");
    }

    #[test]
    fn a_gap_in_the_mapping_is_no_matter_of_the_ledger() {
        let books = Books::with(&[doc("A", 9).unmapped("gap")], &[]);
        aside(&books, 2, "entries", true, &[("name", "A")]);
        books.detect();
        assert_eq!(open(&books), "A missing_mapping");
    }
}
