//! The log against somebody who has the key and a tool of their own.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tieout_domain::{people::Role, posting::PostingState};
use tieout_store::{LogHead, LogQuery, Store, VerifyInput};

use crate::support::{Desk, attacker, desk, key, plain, signed};

const FREE: &str = "DROP TRIGGER log_is_not_updated; DROP TRIGGER log_is_not_deleted;
    DROP TRIGGER log_grows_at_its_end; DROP TRIGGER decision_is_not_updated;
    DROP TRIGGER decision_is_not_deleted;";

/// A log with a signed decision in it, and its end.
fn logged() -> (Desk, LogHead) {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    assert_eq!(desk.approve(&new, &ben).unwrap().state, PostingState::Queued);
    for n in 0..4 {
        desk.store.append_log(&plain("exported", &format!("file {n}"))).unwrap();
    }
    let head = desk.store.log_head().unwrap();
    (desk, head)
}

fn findings(desk: &Desk, anchor: Option<LogHead>) -> Vec<String> {
    let store = Store::open(&desk.path, &key(1)).unwrap();
    let input = VerifyInput { anchor, keys: BTreeMap::new() };
    let report = store.verify_log_with(&input, &mut |_| true).unwrap().unwrap();
    report.findings.iter().map(|f| format!("{} {}", f.number, f.fault.code())).collect()
}

/// Tampers with a log of 16 entries, of which entry 12 is the signed approval.
#[track_caller]
fn check(tamper: &str, want: &[&str]) {
    let (desk, head) = logged();
    assert_eq!(head.number, 16);
    assert_eq!(findings(&desk, Some(head)), Vec::<String>::new(), "before");
    attacker(&desk.path, 1).execute_batch(&format!("{FREE} {tamper}")).unwrap();
    assert_eq!(findings(&desk, Some(head)), want);
}

#[test]
fn a_whole_log_verifies_with_its_signature() {
    let (desk, head) = logged();
    let input = VerifyInput { anchor: Some(head), keys: desk.store.verifying_keys().unwrap() };
    let report = desk.store.verify_log_with(&input, &mut |_| true).unwrap().unwrap();
    assert_eq!((report.entries, report.signatures, report.head), (16, 1, head));
    assert_eq!(report.findings, []);
    assert_eq!(desk.store.verify_log_with(&input, &mut |_| false).unwrap(), None, "stopped");
    let query = LogQuery { what: Some("approved".to_owned()), limit: 2, ..LogQuery::default() };
    let approved = desk.store.log_window(&query).unwrap();
    assert_eq!((approved.total, approved.rows[0].signature.is_some()), (1, true));
}

#[test]
fn the_database_itself_refuses_changes_of_log_and_decisions() {
    let (desk, _) = logged();
    let connection = attacker(&desk.path, 1);
    for statement in [
        "UPDATE log SET actor = 'x' WHERE number = 3",
        "DELETE FROM log WHERE number = 16",
        "INSERT INTO log SELECT 18, at, actor, what, subject, detail, previous, hash, signer, signature, seal
           FROM log WHERE number = 16",
        "UPDATE decision SET person = 'x'",
        "DELETE FROM decision",
    ] {
        assert!(connection.execute_batch(statement).is_err(), "{statement}");
    }
}

#[test]
fn an_edit_is_found() {
    check("UPDATE log SET detail = '{\"n\":1}' WHERE number = 14", &["14 log_edited"]);
    check("UPDATE log SET actor = 'per_other' WHERE number = 3", &["3 log_edited"]);
    check("UPDATE log SET at = at + 1 WHERE number = 16", &["16 log_edited"]);
    // What an entry that cannot be read sealed is missing from then on.
    check(
        "UPDATE log SET previous = x'00' WHERE number = 4",
        &["4 log_edited", "5 log_broken_link", "5 log_seal_wrong"],
    );
}

#[test]
fn a_deletion_is_found() {
    check("DELETE FROM log WHERE number = 14", &["15 log_gap"]);
    check(
        "DELETE FROM log WHERE number = 14; UPDATE log SET number = number - 1 WHERE number > 14",
        &["14 log_broken_link", "14 log_edited", "15 log_edited", "16 log_truncated"],
    );
    // The first entry sealed everything.
    check("DELETE FROM log WHERE number = 1", &["2 log_gap", "2 log_seal_wrong"]);
}

#[test]
fn an_insertion_is_found() {
    check(
        "UPDATE log SET number = 17 WHERE number = 16;
         INSERT INTO log SELECT 16, at, actor, what, 'forged', detail, previous, hash, signer, signature, seal
           FROM log WHERE number = 15",
        &["16 log_broken_link", "16 log_edited", "16 log_rewritten", "17 log_edited"],
    );
}

#[test]
fn a_reordering_is_found() {
    check(
        "UPDATE log SET number = 99 WHERE number = 14; UPDATE log SET number = 14 WHERE number = 15;
         UPDATE log SET number = 15 WHERE number = 99",
        &["14 log_broken_link", "14 log_edited", "15 log_broken_link", "15 log_edited", "16 log_broken_link"],
    );
}

#[test]
fn a_cut_off_end_is_found_against_the_anchor_only() {
    check("DELETE FROM log WHERE number > 14", &["16 log_truncated"]);
    let (desk, _) = logged();
    attacker(&desk.path, 1).execute_batch(&format!("{FREE} DELETE FROM log WHERE number > 14")).unwrap();
    assert_eq!(findings(&desk, None), Vec::<String>::new());
}

#[test]
fn a_signature_of_somebody_else_or_none_is_found() {
    check("UPDATE log SET signature = zeroblob(64) WHERE number = 12", &["12 log_bad_signature"]);
    check("UPDATE log SET signature = NULL WHERE number = 12", &["12 log_unsigned_decision"]);
}

#[test]
fn a_decision_that_the_log_does_not_say_is_found() {
    check("UPDATE decision SET content_hash = 'other'", &["12 log_decision_differs"]);
    check(
        "INSERT INTO decision (posting_id, person, action, content_hash, at, log_number)
         SELECT posting_id, 'per_other', action, content_hash, at, 13 FROM decision",
        &["13 log_decision_differs"],
    );
    check("DELETE FROM decision", &["12 log_decision_differs"]);
}

/// What an attacker with the file and its key can do best: change an entry and make the chain anew from
/// there. The encoding is written out here a second time, so that this test does not trust the store's.
fn rehash(connection: &Connection, from: i64) {
    use sha2::{Digest as _, Sha256};
    fn text(hasher: &mut Sha256, bytes: &[u8]) {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    }
    let mut previous: Vec<u8> =
        connection.query_row("SELECT hash FROM log WHERE number = ?1", [from - 1], |r| r.get(0)).unwrap();
    let last: i64 = connection.query_row("SELECT max(number) FROM log", [], |r| r.get(0)).unwrap();
    for number in from..=last {
        let mut hasher = Sha256::new();
        text(&mut hasher, b"tieout-log/2");
        text(&mut hasher, &previous);
        hasher.update(number.to_be_bytes());
        connection
            .query_row(
                "SELECT at, actor, what, subject, detail, seal, signer FROM log WHERE number = ?1",
                [number],
                |row| {
                    hasher.update(row.get::<_, i64>(0)?.to_be_bytes());
                    for column in 1..6 {
                        text(&mut hasher, row.get::<_, String>(column)?.as_bytes());
                    }
                    let signer: Option<String> = row.get(6)?;
                    hasher.update(i64::from(signer.is_some()).to_be_bytes());
                    if let Some(signer) = signer {
                        text(&mut hasher, signer.as_bytes());
                    }
                    Ok(())
                },
            )
            .unwrap();
        let hash = hasher.finalize().to_vec();
        connection
            .execute(
                "UPDATE log SET previous = ?2, hash = ?3 WHERE number = ?1",
                rusqlite::params![number, previous, hash],
            )
            .unwrap();
        previous = hash;
    }
}

#[test]
fn a_chain_made_anew_is_found_by_the_anchor_and_breaks_the_signatures_in_it() {
    for (changed, want, without) in [
        (15, vec!["16 log_rewritten"], vec![]),
        (11, vec!["12 log_bad_signature", "16 log_rewritten"], vec!["12 log_bad_signature"]),
    ] {
        let (desk, head) = logged();
        let connection = attacker(&desk.path, 1);
        connection.execute_batch(FREE).unwrap();
        connection.execute("UPDATE log SET subject = 'forged' WHERE number = ?1", [changed]).unwrap();
        rehash(&connection, changed);
        drop(connection);
        assert_eq!(findings(&desk, Some(head)), want);
        assert_eq!(findings(&desk, None), without);
    }
}

#[test]
fn an_untouched_chain_made_anew_is_the_same_chain() {
    let (desk, head) = logged();
    let connection = attacker(&desk.path, 1);
    connection.execute_batch(FREE).unwrap();
    rehash(&connection, 2);
    drop(connection);
    assert_eq!(findings(&desk, Some(head)), Vec::<String>::new());
}

#[test]
fn a_key_swapped_in_the_roster_does_not_make_a_forgery_good() {
    let (mut desk, _) = logged();
    let eve = desk.human("eve", Role::Analyst);
    let ben = tieout_domain::PersonId::derive(&["ben"]);
    let connection = attacker(&desk.path, 1);
    connection
        .execute(
            "UPDATE person SET verifying_key = (SELECT verifying_key FROM person WHERE id = ?2) WHERE
              id = ?1",
            [ben.as_str(), eve.id.as_str()],
        )
        .unwrap();
    drop(connection);
    // Eve now signs as Ben: the store, which looks at the roster, takes it.
    let sign = eve.sign();
    let forged = tieout_store::LogDraft {
        signer: Some(tieout_store::Signer { person: &ben, sign: &sign }),
        ..signed("approved", "pst_x", &eve, &sign)
    };
    let number = desk.store.append_log(&forged).unwrap();
    // The chain remembers Ben's own key.
    assert_eq!(findings(&desk, None), [format!("{number} log_bad_signature")]);
}

#[test]
fn a_signature_that_does_not_fit_is_not_even_recorded() {
    let (mut desk, head) = logged();
    let ben = desk.human("bea", Role::Controller);
    let before = desk.store.log_head().unwrap();
    let wrong = |_: &[u8; 32]| [7_u8; 64];
    let error = desk.store.append_log(&signed("approved", "pst_x", &ben, &wrong)).unwrap_err();
    assert_eq!(error.code(), "log_bad_signature");
    assert_eq!(desk.store.log_head().unwrap(), before);
    assert!(before.number > head.number);
}
