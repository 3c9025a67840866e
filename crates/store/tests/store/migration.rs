//! A file of version 1 is brought up to date: its exceptions are filed, shown and found like new ones.

use tieout_domain::exception::ExceptionState;
use tieout_store::{CurrencySum, GroupBy, Store, View, ViewFilter};

use crate::support::{attacker, desk, key, now};

/// What versions 2 to 5 added, taken out again: the statements below are those of version 1.
const BACK_TO_1: &str = "
    DROP TABLE detection_state; DROP TABLE ledger_entity; DROP TABLE seal;
    ALTER TABLE log DROP COLUMN seal; ALTER TABLE document DROP COLUMN lines_hash;
    ALTER TABLE entry DROP COLUMN lines_hash; ALTER TABLE expectation DROP COLUMN lines_hash;
    CREATE TABLE detection_state (one INTEGER PRIMARY KEY CHECK (one = 1), as_of INTEGER NOT NULL,
      page_seq INTEGER NOT NULL);
    CREATE TABLE ledger_entity (entity TEXT NOT NULL, connection_seq INTEGER NOT NULL,
      PRIMARY KEY (entity, connection_seq)) WITHOUT ROWID;
    DROP INDEX exception_by_cell; DROP INDEX exception_by_due; DROP INDEX exception_by_opened;
    DROP INDEX exception_by_ref; DROP INDEX exception_by_customer; DROP INDEX exception_by_dated;
    DROP INDEX exception_by_amount; DROP INDEX exception_by_variance;
    DROP TABLE exception_cell; DROP TABLE exception_revision; DROP TABLE exception_search;
    DROP TABLE saved_view; DROP TABLE ledger_account;
    DROP TABLE exception;
    CREATE TABLE exception (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
      cause TEXT NOT NULL, subject_kind TEXT NOT NULL, subject TEXT NOT NULL, document_seq INTEGER,
      external_ref TEXT NOT NULL, entity TEXT, period TEXT, currency TEXT NOT NULL,
      amount_minor INTEGER NOT NULL, variance_minor INTEGER NOT NULL, severity TEXT NOT NULL,
      owner TEXT NOT NULL, assignee TEXT, state TEXT NOT NULL, period_blocked INTEGER NOT NULL,
      fingerprint TEXT NOT NULL, group_key TEXT NOT NULL, why TEXT NOT NULL, since INTEGER NOT NULL,
      opened_at INTEGER NOT NULL, due_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, closed_at INTEGER,
      reopened INTEGER NOT NULL DEFAULT 0, as_of INTEGER NOT NULL);
    CREATE UNIQUE INDEX exception_by_subject ON exception (subject_kind, subject, cause);
    CREATE INDEX exception_by_due ON exception (state, due_at, seq);
    CREATE INDEX exception_by_document ON exception (document_seq) WHERE document_seq IS NOT NULL;
    CREATE INDEX exception_by_age ON exception (since) WHERE state <> 'closed';
    INSERT INTO document (seq, id, connection_seq, kind, external_id, reference, status, date_local, currency,
      total_minor, tax_minor, customer, correlation, content_hash, version, page_seq, first_seen_at)
    VALUES (1, 'doc_1', 1, 'invoice', 'in_1', 'INV-1', 'final', '2026-03-02', 'GBP', 5, 0, 'cus_1', 'c', 'h',
      1, 1, 0);
    INSERT INTO customer (id, connection_seq, external_id, name, deleted, page_seq)
    VALUES ('cus_row', 1, 'cus_1', 'Acme', 0, 1), ('cus_row_2', 1, 'cus_2', NULL, 0, 1);
    INSERT INTO exception (id, kind, cause, subject_kind, subject, document_seq, external_ref, entity, period,
      currency, amount_minor, variance_minor, severity, owner, assignee, state, period_blocked, fingerprint,
      group_key, why, since, opened_at, due_at, changed_at, as_of)
    VALUES
      ('exc_a', 'unposted', 'value', 'document', 'doc_1', 1, 'INV-1', 'GB01', '2026-03', 'GBP',
        9223372036854775807, 0, 'critical', 'integration', NULL, 'open', 1, 'x', 'unposted:x', 'w', 0, 0, 0,
        0, 0),
      ('exc_b', 'unposted', 'value', 'document', 'doc_2', NULL, 'INV-2', NULL, NULL, 'GBP', 9, 0, 'low',
        'integration', 'per_1', 'on_hold', 0, 'x', 'unposted:x', 'w', 0, 0, 5, 0, 0),
      ('exc_c', 'customer_not_in_erp', 'customer', 'customer', 'cus_row_2', NULL, 'cus_2', NULL, NULL, 'GBP',
        -7, 0, 'low', 'integration', NULL, 'closed', 0, 'x', 'customer_not_in_erp:x', 'w', 0, 0, 5, 0, 0);
    DROP INDEX log_by_what;
    DROP INDEX log_by_actor;
    PRAGMA user_version = 1;";

#[test]
fn a_file_of_version_1_shows_its_exceptions_after_it_was_brought_up_to_date() {
    let desk = desk();
    let path = desk.path.clone();
    drop(desk.store);
    attacker(&path, 1).execute_batch(BACK_TO_1).unwrap();
    let mut store = Store::open(&path, &key(1)).unwrap();
    // The document was put there without a page; of exceptions and cells there is nothing to say.
    assert_eq!(store.integrity_check().unwrap(), ["1 documents without their page"]);
    let all = View::default();
    let totals = store.view_totals(&all, now()).unwrap();
    assert_eq!((totals.total, totals.overdue), (3, 2));
    let minor = i128::from(i64::MAX) + 2;
    assert_eq!(totals.sums, [CurrencySum { currency: "GBP".into(), count: 3, minor }]);
    let page = store.view_page(&all, 0, 10).unwrap();
    let told: Vec<String> = page
        .rows
        .iter()
        .map(|one| {
            let (customer, dated) = (one.customer.as_deref(), one.dated.as_deref());
            format!("{} {} {}", one.row.id, customer.unwrap_or("-"), dated.unwrap_or("-"))
        })
        .collect();
    assert_eq!(told, ["exc_a Acme 2026-03-02", "exc_b - -", "exc_c cus_2 -"]);
    let filter = ViewFilter {
        states: ExceptionState::ALL.into_iter().filter(|state| state.is_open()).collect(),
        search: Some("nv-2".into()),
        ..ViewFilter::default()
    };
    let found = store.view_page(&View { filter, sorts: Vec::new() }, 0, 10).unwrap();
    assert_eq!(found.rows.iter().map(|one| one.row.id.as_str()).collect::<Vec<_>>(), ["exc_b"]);
    let groups = store.view_groups(&all, GroupBy::Cause).unwrap();
    assert_eq!(groups.groups.iter().map(|g| g.count).collect::<Vec<_>>(), [2, 1]);
    // What stands is closed by the first run, and leaves the open ones.
    store.detect(now(), now()).unwrap();
    assert_eq!(store.integrity_check().unwrap(), ["1 documents without their page"]);
    assert!(store.generation().unwrap() > totals.generation);
}
