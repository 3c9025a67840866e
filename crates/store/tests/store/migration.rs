//! A file of version 1 is brought up to date: its exceptions are filed, shown and found like new ones.

use serde_json::json;
use tieout_domain::{PersonId, exception::ExceptionState, people::Role};
use tieout_store::{
    CurrencySum, GroupBy, LogDraft, LogFault, Person, SecretKind, Store, VerifyInput, View, ViewFilter,
};

use crate::support::{BACK_FROM_5, attacker, desk, key, now, plain};

/// What versions 2 to 5 added, taken out again: the statements below are those of version 1.
const BACK_TO_1: &str = "
    DROP TABLE detection_state; DROP TABLE ledger_entity;
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
    attacker(&path, 1).execute_batch(&format!("{BACK_FROM_5}{BACK_TO_1}")).unwrap();
    let mut store = Store::open(&path, &key(1)).unwrap();
    // The document was put there without a page; of exceptions and cells there is nothing to say.
    assert_eq!(store.integrity_check().unwrap(), ["1 documents without their page"]);
    let all = View::default();
    let totals = store.view_totals(&all, now()).unwrap();
    assert_eq!((totals.total, totals.overdue), (3, 2));
    let minor = i128::from(i64::MAX) + 2;
    assert_eq!(totals.sums, [CurrencySum { currency: "GBP".into(), count: 3, minor, gross: minor + 14 }]);
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

#[test]
fn keys_and_codes_of_people_come_out_of_the_log_of_a_file_of_version_1() {
    let mut desk = desk();
    let (ana, dora) = (desk.human("ana", Role::Analyst).id, PersonId::derive(&["dora"]));
    let person = Person {
        id: dora.clone(),
        name: "dora".into(),
        os_account: None,
        role: Role::Controller,
        active: true,
        verifying_key: None,
        secret_kind: None,
        added_by: "os:test".into(),
        added_at: now(),
    };
    let detail = json!({ "name": "dora", "enrolment_sha256": "abc" });
    let log = LogDraft { detail, ..plain("person_added", dora.as_str()) };
    desk.store.add_person(&person, &log).unwrap();
    let keys = desk.store.verifying_keys().unwrap();
    let path = desk.path.clone();
    drop(desk.store);
    attacker(&path, 1).execute_batch(&format!("{BACK_FROM_5}{BACK_TO_1}")).unwrap();

    let mut store = Store::open(&path, &key(1)).unwrap();
    assert_eq!(store.verifying_keys().unwrap(), keys);
    assert_eq!(store.enrolment(&ana).unwrap(), None, "she set her secret without a code");
    let found = store.enrolment(&dora).unwrap().unwrap();
    assert_eq!((found.code_sha256.as_deref(), found.issued_by.as_str()), (Some("abc"), "os:test"));
    assert!(found.is_confirmed() && !found.restored);
    let log = plain("person_key_set", dora.as_str());
    store.set_person_key(&dora, &[7; 32], SecretKind::Passphrase, &log).unwrap();
    assert_eq!(store.verifying_keys().unwrap().len(), keys.len() + 1);
    let report = store.verify_log_with(&VerifyInput::default(), &mut |_| true).unwrap().unwrap();
    // The entries of this file were hashed with their seals, which are gone.
    assert!(report.findings.iter().all(|found| found.fault == LogFault::Edited), "{:?}", report.findings);
}

/// A table of steps as version 4 had it, with one step of a posting.
const BACK_TO_4: &str = "
    DROP TABLE posting_step;
    CREATE TABLE posting_step (posting_seq INTEGER NOT NULL, number INTEGER NOT NULL,
      key TEXT NOT NULL UNIQUE, role TEXT NOT NULL, reverses TEXT, entity TEXT NOT NULL, period TEXT NOT NULL,
      posting_date TEXT NOT NULL, erp_id TEXT, booked_at INTEGER, booked_period TEXT, difference TEXT,
      PRIMARY KEY (posting_seq, number)) WITHOUT ROWID;
    CREATE INDEX posting_step_moved ON posting_step (posting_seq) WHERE booked_period <> period;
    INSERT INTO posting_step VALUES (7, 1, 'Taaaaaaaaaaaaaaaaaaa', 'reverse', '17', 'GB01', '2026-03',
      '2026-03-02', '18', 5, '2026-04', 'period_moved: words');
    PRAGMA user_version = 4;";

#[test]
fn the_steps_of_a_file_of_version_4_are_kept_and_their_keys_may_be_passed_on() {
    let desk = desk();
    let path = desk.path.clone();
    drop(desk.store);
    attacker(&path, 1).execute_batch(&format!("{BACK_FROM_5}{BACK_TO_4}")).unwrap();
    drop(Store::open(&path, &key(1)).unwrap());
    let file = attacker(&path, 1);
    let kept =
        "SELECT group_concat(posting_seq || key || role || reverses || entity || period || posting_date
        || erp_id || booked_at || booked_period || difference) FROM posting_step";
    let kept: String = file.query_row(kept, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "7Taaaaaaaaaaaaaaaaaaareverse17GB012026-032026-03-021852026-04period_moved: words");
    file.execute_batch(
        "INSERT INTO posting_step SELECT 8, number, key, role, reverses, entity, period, posting_date, NULL,
           NULL, NULL, NULL FROM posting_step",
    )
    .unwrap();
}
