//! Rows of journal files changed with another tool: told by `verify`, and never a way to a settled posting.

use serde_json::Value;

use crate::{
    office::Office,
    tamper::{changed, tamper},
};

#[track_caller]
fn told(office: &Office, table: &str) {
    let answer = office.desk.verify();
    assert_eq!(answer["sound"], Value::Bool(false), "{answer}");
    assert!(serde_json::to_string(&answer).unwrap().contains(table), "{table}: {answer}");
}

#[test]
fn changed_rows_of_journal_files_are_told() {
    for (table, sql) in [
        ("handover", "UPDATE handover SET sha256 = 'ff'"),
        ("handover", "UPDATE handover SET confirmed_by = handed_by, confirmed_at = handed_at"),
        ("handover_posting", "UPDATE handover_posting SET outcome = 'not_shown'"),
        ("handover_posting", "DELETE FROM handover_posting"),
        ("handover", "DELETE FROM handover"),
        ("posting", "UPDATE posting SET state = 'settled'"),
    ] {
        let (office, _) = Office::handed_over("netsuite");
        assert_eq!(office.desk.verify()["sound"], true);
        tamper(&office.desk.bench, |database| changed(database, sql));
        told(&office, table);
    }
}

#[test]
fn a_changed_word_about_what_was_booked_elsewhere_is_told() {
    let office = Office::observing("plain");
    let exception = office.exception("RE-1002");
    office.desk.run("ana", ["booked-elsewhere", &exception, "--reason", "voucher 77"]).ok();
    assert_eq!(office.desk.verify()["sound"], true);
    tamper(&office.desk.bench, |d| changed(d, "UPDATE booked_elsewhere SET reason = 'voucher 78'"));
    told(&office, "booked_elsewhere");
}

#[test]
fn a_ledgers_export_under_our_key_settles_nothing_that_was_never_handed_over() {
    let office = Office::open(crate::ledgers::of("netsuite"));
    let posting = office.approved(&office.exception("RE-1002"));
    // Another desk of the same ledger handed the same posting over: it has the same key.
    let other =
        Office { desk: office.desk.copy(), ledger: office.ledger, connection: office.connection.clone() };
    other.write("greta", "journal.out", &[]).ok();
    let entries = other.read("journal.out");
    office.import(&office.export(&entries), Some("2026-02")).ok();
    assert_eq!(office.state(&posting), "queued", "nobody here handed it over or confirmed it");
    assert_eq!(office.open_of("RE-1002"), Vec::<String>::new(), "the ledger has it");
    office.write("ana", "mine.out", &[&posting]).refused("already_in_ledger");
    assert!(!office.path("mine.out").exists());
    office.cancel("ana", &posting).ok();
}
