//! The handles: what is read at once is of one instant, and what is written in one transaction is kept whole
//! or not at all.

use std::collections::HashMap;

use tieout_domain::{people::Role, posting::PostingState};
use tieout_store::{Store, StoreError};

use crate::support::{decision, desk, invoice, key, new_posting, now, plain, signed};

#[test]
fn what_is_read_at_once_is_of_one_instant_whatever_others_write_meanwhile() {
    let desk = desk();
    let mut writer = Store::open(&desk.path, &key(1)).unwrap();
    let head = desk.store.log_head().unwrap().number;
    let read = desk.store.read(|db| {
        let before = db.log_head()?.number;
        writer.append_log(&plain("exported", "x"))?;
        Ok::<_, StoreError>((before, db.log_head()?.number, db.log_of("x")?.len()))
    });
    assert_eq!(read.unwrap(), (head, head, 0));
    assert_eq!((desk.store.log_head().unwrap().number, desk.store.log_of("x").unwrap().len()), (head + 1, 1));
}

#[test]
fn writes_of_one_transaction_are_kept_together_or_not_at_all() {
    let mut desk = desk();
    let head = desk.store.log_head().unwrap().number;
    let failed: Result<(), StoreError> = desk.store.write(|tx| {
        tx.append_log(&plain("exported", "x"))?;
        tx.set_connection_paused(&desk.erp, true, &plain("paused", "x"))?;
        assert!(tx.connection(&desk.erp)?.paused, "the transaction sees what it wrote");
        tx.connection(&"con_none".parse().unwrap()).map(|_| ())
    });
    assert_eq!(failed.unwrap_err().code(), "not_found");
    assert_eq!(desk.store.log_head().unwrap().number, head);
    assert!(!desk.store.connection(&desk.erp).unwrap().paused);
    let kept: Result<i64, StoreError> = desk.store.write(|tx| {
        tx.set_connection_paused(&desk.erp, true, &plain("paused", "x"))?;
        tx.append_log(&plain("exported", "x"))
    });
    assert_eq!(kept.unwrap(), head + 2);
    assert!(desk.store.connection(&desk.erp).unwrap().paused);
}

#[test]
fn a_write_that_fails_leaves_nothing_though_its_transaction_goes_on() {
    let mut desk = desk();
    let ben = desk.human("ben", Role::Controller);
    let head = desk.store.log_head().unwrap().number;
    let wrong = |_: &[u8; 32]| [7_u8; 64];
    let done: Result<i64, StoreError> = desk.store.write(|tx| {
        // The connection is paused before its log entry is refused.
        let refused = tx.set_connection_paused(&desk.erp, true, &signed("paused", "x", &ben, &wrong));
        assert_eq!(refused.unwrap_err().code(), "log_bad_signature");
        tx.append_log(&plain("exported", "x"))
    });
    assert_eq!(done.unwrap(), head + 1);
    assert!(!desk.store.connection(&desk.erp).unwrap().paused);
}

#[test]
fn postings_are_counted_and_their_decisions_read_all_at_once() {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    desk.bill(&[invoice("in_1", 12_000), invoice("in_2", 12_000), invoice("in_3", 12_000)]);
    desk.derive();
    desk.ledger(&[]);
    desk.store.detect(now(), now()).unwrap();
    let mut ids = Vec::new();
    for n in 1..=3 {
        let found = desk.exceptions(tieout_store::ViewFilter {
            reference: Some(format!("N-in_{n}")),
            ..tieout_store::ViewFilter::default()
        });
        let new = new_posting(&desk, &format!("in_{n}"), &found[0].id, &ann, 1);
        desk.store.propose_posting(&new, None, &plain("proposed", "x")).unwrap();
        if n == 1 {
            desk.approve(&new, &ben).unwrap();
        }
        if n == 2 {
            let (hash, sign) = (new.posting.content_hash(), ben.sign());
            let log = signed("rejected", "x", &ben, &sign);
            desk.store.reject(&decision(&new, &ben, &hash), "why", None, &log).unwrap();
        }
        ids.push(new.posting.id);
    }
    let want =
        HashMap::from([(PostingState::Queued, 1), (PostingState::Rejected, 1), (PostingState::Proposed, 1)]);
    assert_eq!(desk.store.posting_counts(None).unwrap(), want);
    assert_eq!(desk.store.posting_counts(Some(&desk.erp)).unwrap(), want);
    assert_eq!(desk.store.posting_counts(Some(&desk.billing)).unwrap(), HashMap::new());

    let all = desk.store.decisions_for_all(&ids).unwrap();
    let actions: Vec<&str> = ids.iter().flat_map(|id| all.get(id)).map(|d| d[0].action.as_str()).collect();
    assert_eq!(actions, ["approve", "reject"]);
    for id in &ids {
        assert_eq!(all.get(id).cloned().unwrap_or_default(), desk.store.decisions_for(id).unwrap());
    }
    // Each is verified for itself: a forged one takes nothing from the others.
    let connection = crate::support::attacker(&desk.path, 1);
    connection
        .execute_batch(
            "DROP TRIGGER decision_is_not_updated;
             UPDATE decision SET content_hash = 'other' WHERE action = 'reject'",
        )
        .unwrap();
    drop(connection);
    let verified = desk.store.verified_decisions_for_all(&ids).unwrap();
    assert_eq!(verified.len(), 2);
    assert_eq!(verified[&ids[0]].as_ref().unwrap(), &all[&ids[0]]);
    assert_eq!(verified[&ids[1]].as_ref().unwrap_err().code(), "log_bad_signature");
    assert_eq!(desk.store.verified_decisions(&ids[1]).unwrap_err().code(), "log_bad_signature");
    assert_eq!(desk.store.verified_decisions(&ids[2]).unwrap(), []);
}

#[test]
fn what_a_document_should_book_beyond_what_can_be_kept_is_refused() {
    let mut desk = desk();
    desk.bill(&[invoice("in_1", 1)]);
    let given = desk.store.documents_to_derive(10).unwrap();
    let mut derived = crate::support::expected(&given[0]);
    let control = derived.control.clone().unwrap();
    derived.lines = vec![(control.clone(), i64::MAX), (control, 1)];
    let refused = desk.store.put_expectations(std::slice::from_ref(&derived)).unwrap_err();
    assert_eq!(refused.code(), "money_overflow");
    assert_eq!(desk.store.expectation(&given[0].id).unwrap(), None);
    assert_eq!(desk.store.documents_to_derive(10).unwrap().len(), 1);
}
