//! Many documents. Not timed: a plan that looks at every pair would not come to its end.

use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::{
    StatementStatus,
    trace::{TraceEvent, TraceEventCodes},
};

use super::fixture::Books;

/// `count` invoices of GB01 with an entry each; every hundredth is unposted, every hundredth and first booked
/// twice. The first `place` of them are in March 2026, as many in March of each year before.
pub(crate) fn fill(books: &Books, count: i64, place: i64) {
    let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)";
    for sql in [
        "INSERT INTO document (seq, id, connection_seq, kind, external_id, reference, status,
            date_local, currency,
             total_minor, tax_minor, customer, correlation, content_hash, version, page_seq, first_seen_at)
         SELECT i, 'doc_' || i, 1, 'invoice', 'in_' || i, 'INV-' || i, 'final', '2026-03-10', 'GBP', i, 0,
             'cus_' || (i % 1000), 'c', 'h', 1, 0, 0 FROM n",
        "INSERT INTO expectation (document_seq, source, entity, document_date, period, own_period,
            late, currency,
             control, tax_account, control_minor, books, booked_before_minor, due_at, mapping_hash)
         SELECT i, 'derived', 'GB01', '2026-03-10', (2026 - (i - 1) / ?2) || '-03', '2026-03', 0, 'GBP',
             '1100', '2200', i, 1, i,
             1773187200000, 'm' FROM n",
        "INSERT INTO expected_line SELECT i, '1100', i FROM n",
        "INSERT INTO expected_line SELECT i, '4000', 0 - i FROM n",
        "INSERT INTO entry (seq, id, connection_seq, erp_id, external_id, reference, entity,
            posting_date, period,
             status, currency, functional_currency, created_at, page_seq)
         SELECT i, 'ent_' || i, 2, 'je' || i, 'bi-' || i, 'INV-' || CASE WHEN i % 100 = 0 THEN i + 1
             ELSE i END,
             'GB01', '2026-03-10', (2026 - (i - 1) / ?2) || '-03', 'booked', 'GBP', 'GBP', 1773100800000,
             0 FROM n",
        "INSERT INTO entry_line (entry_seq, line_no, account, transaction_minor, functional_minor)
         SELECT i, 0, '1100', CASE WHEN i % 100 = 0 THEN i + 1 ELSE i END, 0 FROM n",
        "INSERT INTO entry_line (entry_seq, line_no, account, transaction_minor, functional_minor)
         SELECT i, 1, '4000', 0 - CASE WHEN i % 100 = 0 THEN i + 1 ELSE i END, 0 FROM n",
        "INSERT INTO customer (id, connection_seq, external_id, email_key, created_at, deleted, page_seq)
         SELECT 'cus_' || (i - 1), 1, 'cus_' || (i - 1), 'one@example.com', i, 0, 0 FROM n WHERE i <= 1000",
        "INSERT INTO dirty_reference SELECT 'INV-' || i FROM n",
    ] {
        // The numbers are a common table expression of the SELECT.
        let at = sql.find("SELECT").unwrap();
        // Every statement takes both values.
        let numbers = format!("{numbers}, place (size) AS (SELECT ?2)");
        books.run(&format!("{} {numbers} {}", &sql[..at], &sql[at..]), [count, place]);
    }
}

fn counts(books: &Books) -> String {
    books.list(
        "SELECT kind || ' ' || count(*) FROM exception WHERE state = 'open' GROUP BY kind ORDER BY kind",
    )
}

#[test]
fn a_hundred_thousand_documents_are_judged_and_then_only_what_changes() {
    let count = std::env::var("TIEOUT_SCALE").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let books = Books::new();
    fill(&books, count, count);
    let first = books.detect();
    let doubled = count / 100 - 1;
    assert_eq!(
        counts(&books),
        format!(
            "customer_not_in_erp 1, duplicate_customer 999, duplicate_posting {doubled}, orphan_journal \
                1, unposted {}",
            count / 100
        )
    );
    assert_eq!(first.opened.cast_signed(), 1_000 + doubled + 1 + count / 100);
    let rows = crate::tieout::tie_out(&books.db, &crate::tieout::TieOutFilter::default()).unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.unexplained_minor == 0), "{rows:?}");
    books.dirty("INV-7");
    assert_eq!(books.detect().looked_at, 1);
}

/// Rows that statements stepped over in full scans, since it was last set to zero.
static SCANNED: AtomicI64 = AtomicI64::new(0);

fn count_scans(event: TraceEvent<'_>) {
    if let TraceEvent::Profile(statement, _) = event {
        SCANNED.fetch_add(i64::from(statement.get_status(StatementStatus::FullscanStep)), Ordering::SeqCst);
    }
}

/// How many documents of [`scans_of_one`] are in one entity and period.
const PLACE: i64 = 400;

/// Full scan steps of a run over one marked reference, in books of `count` documents.
fn scans_of_one(count: i64) -> i64 {
    let books = Books::new();
    fill(&books, count, PLACE);
    books.run("DELETE FROM customer", []);
    books.detect();
    books.dirty("INV-7");
    books.db.raw().trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(count_scans));
    SCANNED.store(0, Ordering::SeqCst);
    assert_eq!(books.detect().looked_at, 1);
    SCANNED.load(Ordering::SeqCst)
}

// The cells of the place are worked out again (`crate::tieout`), of all others none. (Small ledgers have
// theirs compared with all books in a debug build.)
#[test]
fn a_run_over_one_reference_scans_as_little_in_big_books_as_in_small_ones() {
    let (small, big) = (scans_of_one(6 * PLACE), scans_of_one(60 * PLACE));
    assert!(big <= 2 * small && small < 2 * PLACE, "{small} steps among 2400 documents, {big} among 24000");
}
