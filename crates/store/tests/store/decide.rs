//! Decisions: state, signed log entry, outbox row and history together, or nothing.

use tieout_domain::{ChangeId, hash::sha256_hex, people::Role, posting::PostingState};
use tieout_store::{
    ChangeKind, ChangeState, ExpectationSource, NewChange, NewDecision, PostingFilter, VerifyInput,
};

use crate::support::{attacker, decision, desk, invoice, new_posting, now, plain, signed, withdrawn};

#[test]
fn an_approval_queues_the_posting_and_takes_up_the_exception() {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    let recorded = desk.approve(&new, &ben).unwrap();
    assert_eq!((recorded.state, recorded.approvals), (PostingState::Queued, 1));
    let item = desk.store.next_due(&desk.erp.clone(), now(), &[]).unwrap().unwrap();
    assert_eq!((item.posting.posting, item.memo.as_str()), (new.posting.clone(), "{}"));
    assert_eq!(desk.store.exception(&exception).unwrap().state.as_str(), "in_progress");
    let events: Vec<_> =
        desk.store.exception_events(&exception).unwrap().into_iter().map(|e| e.what).collect();
    assert_eq!(events, ["opened", "proposed", "approved"]);
    let decisions = desk.store.decisions_for(&new.posting.id).unwrap();
    assert_eq!((decisions.len(), &decisions[0].person), (1, &ben.id));
    assert_eq!(desk.store.editors_of(&new.posting.id).unwrap()[0].person, ann.id);
}

#[test]
fn a_decision_that_cannot_be_signed_leaves_nothing_behind() {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    let head = desk.store.log_head().unwrap();
    let hash = new.posting.content_hash();
    let bad = |_: &[u8; 32]| [0_u8; 64];
    let ann_signs = ann.sign();
    for log in [
        signed("approved", "x", &ben, &bad),
        plain("approved", "x"),
        // Signed by somebody, but not by the person who decides.
        signed("approved", "x", &ann, &ann_signs),
    ] {
        let error = desk.store.approve_and_enqueue(&decision(&new, &ben, &hash), &log).unwrap_err();
        assert_eq!(error.code(), "log_bad_signature");
    }
    assert_eq!(desk.store.log_head().unwrap(), head);
    assert_eq!(desk.store.posting(&new.posting.id).unwrap().state, PostingState::Proposed);
    assert_eq!(desk.store.decisions_for(&new.posting.id).unwrap(), []);
    assert_eq!(desk.store.next_wake(&desk.erp.clone()).unwrap(), None);
}

#[test]
fn a_decision_is_void_if_any_part_of_it_cannot_be_written() {
    let keys =
        [("outbox", "posting_seq"), ("exception_event", "seq"), ("log", "number"), ("decision", "seq")];
    for (table, key) in keys {
        let mut desk = desk();
        let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
        let exception = desk.unposted("in_1");
        let new = desk.propose("in_1", &exception, &ann);
        let head = desk.store.log_head().unwrap();
        // An index whose expression overflows for every row to come: triggers of the file do not run here.
        let connection = attacker(&desk.path, 1);
        let newest: i64 = connection
            .query_row(&format!("SELECT coalesce(max({key}), 0) FROM {table}"), [], |row| row.get(0))
            .unwrap();
        let overflows = format!("abs(-9223372036854775807 - 1 + 0 * {key})");
        let index = format!("CREATE INDEX broken ON {table} ({overflows}) WHERE {key} > {newest}");
        connection.execute_batch(&index).unwrap();
        assert_eq!(desk.approve(&new, &ben).unwrap_err().code(), "store_sql", "{table}");
        assert_eq!(desk.store.posting(&new.posting.id).unwrap().state, PostingState::Proposed, "{table}");
        assert_eq!(desk.store.decisions_for(&new.posting.id).unwrap(), [], "{table}");
        assert_eq!(desk.store.log_head().unwrap(), head, "{table}");
        assert!(desk.store.outbox_item(&new.posting.id).unwrap().is_none(), "{table}");
    }
}

#[test]
fn two_approvers_who_judge_at_once_do_not_overlook_each_other() {
    let mut desk = desk();
    let ann = desk.human("ann", Role::Analyst);
    let (ben, cat) = (desk.human("ben", Role::Controller), desk.human("cat", Role::Controller));
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    let hash = new.posting.content_hash();
    let (ben_signs, cat_signs) = (ben.sign(), cat.sign());
    let ben_log = signed("approved", "x", &ben, &ben_signs);
    let first = desk.store.record_decision(&decision(&new, &ben, &hash), &ben_log).unwrap();
    assert_eq!((first.state, first.approvals), (PostingState::Proposed, 1));
    // Cat had seen none.
    let cat_log = signed("approved", "x", &cat, &cat_signs);
    let stale = desk.store.record_decision(&decision(&new, &cat, &hash), &cat_log).unwrap_err();
    assert_eq!(stale.code(), "decided_meanwhile");
    let judged = NewDecision { seen_approvals: 1, ..decision(&new, &cat, &hash) };
    let second = desk.store.approve_and_enqueue(&judged, &cat_log).unwrap();
    assert_eq!((second.state, second.approvals), (PostingState::Queued, 2));
}

#[test]
fn one_person_counts_once() {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    let hash = new.posting.content_hash();
    let sign = ben.sign();
    let log = signed("approved", "x", &ben, &sign);
    desk.store.record_decision(&decision(&new, &ben, &hash), &log).unwrap();
    let again = NewDecision { seen_approvals: 1, ..decision(&new, &ben, &hash) };
    assert_eq!(desk.store.approve_and_enqueue(&again, &log).unwrap_err().code(), "already_exists");
}

#[test]
fn one_person_approves_anew_what_their_approval_ran_out_for_and_no_sooner() {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    let hash = new.posting.content_hash();
    let sign = ben.sign();
    let log = signed("approved", "x", &ben, &sign);
    desk.store.record_decision(&decision(&new, &ben, &hash), &log).unwrap();
    let given = desk.store.decisions_for(&new.posting.id).unwrap()[0].at;
    let again = |ran_out_until| NewDecision {
        seen_approvals: 1,
        ran_out_until: Some(ran_out_until),
        ..decision(&new, &ben, &hash)
    };
    let sooner = again(given - chrono::Duration::milliseconds(1));
    assert_eq!(desk.store.approve_and_enqueue(&sooner, &log).unwrap_err().code(), "already_exists");
    assert_eq!(desk.store.approve_and_enqueue(&again(given), &log).unwrap().state, PostingState::Queued);
}

#[test]
fn one_exception_has_one_live_posting_and_a_reroute_replaces_it() {
    let mut desk = desk();
    let (ann, dan) = (desk.human("ann", Role::Analyst), desk.human("dan", Role::Analyst));
    let exception = desk.unposted("in_1");
    let first = desk.propose("in_1", &exception, &ann);
    let second = new_posting(&desk, "in_1", &exception, &dan, 2);
    let log = plain("rerouted", "x");
    let refused = desk.store.propose_posting(&second, None, &log).unwrap_err();
    assert_eq!(refused.code(), "posting_in_progress");
    desk.store.propose_posting(&second, Some(&withdrawn(&first.posting.id)), &log).unwrap();
    assert_eq!(desk.store.posting(&first.posting.id).unwrap().state, PostingState::Cancelled);
    let editors: Vec<_> =
        desk.store.editors_of(&second.posting.id).unwrap().into_iter().map(|e| e.person).collect();
    assert_eq!(editors, [ann.id.clone(), dan.id.clone()], "who shaped the first shaped the second");
    assert_eq!(desk.store.next_posting_version(&desk.erp.clone(), "N-in_1").unwrap(), 3);
    assert_eq!(desk.store.postings_for_exception(&exception).unwrap().len(), 2);
    let live = PostingFilter { states: vec![PostingState::Proposed], ..PostingFilter::default() };
    assert_eq!(desk.store.postings(&live).unwrap()[0].posting, second.posting);
}

#[test]
fn a_key_passes_on_to_what_replaces_a_posting_that_booked_nothing_and_to_nobody_while_it_lives() {
    let mut desk = desk();
    let ann = desk.human("ann", Role::Analyst);
    let exception = desk.unposted("in_1");
    let first = desk.propose("in_1", &exception, &ann);
    let key = first.posting.steps[0].key.clone();
    let other = desk.unposted("in_2");
    let mut stranger = new_posting(&desk, "in_2", &other, &ann, 1);
    stranger.posting.steps[0].key = key.clone();
    let error = desk.store.propose_posting(&stranger, None, &plain("proposed", "x")).unwrap_err();
    assert_eq!(error.code(), "posting_key_conflict");

    let mut second = new_posting(&desk, "in_1", &exception, &ann, 2);
    second.posting.steps[0].key = key.clone();
    let old = withdrawn(&first.posting.id);
    let second = desk.store.propose_posting(&second, Some(&old), &plain("rerouted", "x")).unwrap();
    let first = desk.store.posting(&first.posting.id).unwrap();
    assert_eq!((first.state, second.state), (PostingState::Cancelled, PostingState::Proposed));
    assert_eq!(first.posting.steps[0].key, key, "its content keeps the key");
    assert_eq!((first.steps.len(), &first.steps[0].key), (1, &key), "and so do its steps: they are evidence");
    assert_eq!(second.steps[0].key, key);
    assert_eq!(desk.store.keys_passed_on(&first.posting).unwrap(), [(key.to_string(), false)]);
    assert!(desk.store.keys_passed_on(&second.posting).unwrap().is_empty());
    // What was withdrawn as well has nothing to watch: the first looks after its own again.
    let (hash, sign) = (second.posting.content_hash(), ann.sign());
    let log = signed("cancelled", "x", &ann, &sign);
    let seen = NewDecision {
        posting: &second.posting.id,
        person: &ann.id,
        content_hash: &hash,
        seen_approvals: 0,
        in_place_of: None,
        ran_out_until: None,
    };
    desk.store.cancel(&seen, "", None, &log).unwrap();
    assert!(desk.store.keys_passed_on(&first.posting).unwrap().is_empty());
}

#[test]
fn a_document_has_one_live_posting_over_all_its_exceptions() {
    let mut desk = desk();
    let ann = desk.human("ann", Role::Analyst);
    let exception = desk.unposted("in_1");
    let first = desk.propose("in_1", &exception, &ann);
    let other = desk.unposted("in_2");
    let again = new_posting(&desk, "in_1", &other, &ann, 2);
    let error = desk.store.propose_posting(&again, None, &plain("proposed", "x")).unwrap_err();
    assert_eq!(error.code(), "document_has_live_posting", "{error}");
    // Once the first has come to its end, the document is free.
    let old = withdrawn(&first.posting.id);
    desk.store.propose_posting(&again, Some(&old), &plain("proposed", "x")).unwrap();
}

fn mapping(text: &str, at_once: bool) -> NewChange {
    NewChange {
        id: ChangeId::derive(&[text]),
        kind: ChangeKind::Mapping,
        name: "accounts".into(),
        content: text.into(),
        hash: sha256_hex(text.as_bytes()),
        author: "os:test".into(),
        at: now(),
        at_once,
    }
}

#[test]
fn the_ledger_is_expected_where_the_approved_posting_puts_it_while_the_document_is_the_same() {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    let exception = desk.unposted("in_1");
    let first = desk.propose("in_1", &exception, &ann);
    let second = new_posting(&desk, "in_1", &exception, &ann, 2);
    let old = withdrawn(&first.posting.id);
    desk.store.propose_posting(&second, Some(&old), &plain("rerouted", "x")).unwrap();
    let document = second.document.clone().unwrap();
    desk.derive();
    let period = |desk: &crate::support::Desk| {
        let stored = desk.store.expectation(&document).unwrap().unwrap();
        (stored.source, stored.expected.period.unwrap().to_string())
    };
    assert_eq!(period(&desk), (ExpectationSource::Derived, "2026-03".to_owned()));
    desk.approve(&second, &ben).unwrap();
    assert_eq!(period(&desk), (ExpectationSource::Posting, "2026-04".to_owned()));
    // A new mapping has everything derived again.
    desk.store.propose_change(&mapping("new", true), &plain("proposed", "x")).unwrap();
    assert_eq!(desk.derive(), 1);
    assert_eq!(period(&desk), (ExpectationSource::Posting, "2026-04".to_owned()));
    desk.bill(&[invoice("in_1", 15_000)]);
    desk.derive();
    assert_eq!(period(&desk), (ExpectationSource::Derived, "2026-03".to_owned()));
}

#[test]
fn a_rejected_or_cancelled_posting_frees_its_exception() {
    for (cancel, state) in [(false, PostingState::Rejected), (true, PostingState::Cancelled)] {
        let mut desk = desk();
        let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
        let exception = desk.unposted("in_1");
        let new = desk.propose("in_1", &exception, &ann);
        desk.approve(&new, &ben).unwrap();
        let hash = new.posting.content_hash();
        let sign = ben.sign();
        let (log, decided) = (signed("decided", "x", &ben, &sign), decision(&new, &ben, &hash));
        let recorded = if cancel {
            desk.store.cancel(&decided, "not now", None, &log).unwrap()
        } else {
            desk.store.reject(&decided, "wrong account", None, &log).unwrap()
        };
        assert_eq!(recorded.state, state);
        assert_eq!(desk.store.exception(&exception).unwrap().state.as_str(), "open");
        assert_eq!(desk.store.next_wake(&desk.erp.clone()).unwrap(), None);
        assert_eq!(desk.approve(&new, &ben).unwrap_err().code(), "posting_already_final");
        assert_eq!(
            desk.store.verify_log_with(&VerifyInput::default(), &mut |_| true).unwrap().unwrap().findings,
            []
        );
    }
}

#[test]
fn content_changed_behind_the_stores_back_is_not_read_as_a_posting() {
    let mut desk = desk();
    let ann = desk.human("ann", Role::Analyst);
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    attacker(&desk.path, 1)
        .execute_batch("UPDATE posting SET content = replace(content, '12000', '99000')")
        .unwrap();
    let error = desk.store.posting(&new.posting.id).unwrap_err();
    assert!(error.to_string().contains("lost its hash"), "{error}");
}

#[test]
fn a_change_is_inert_until_decided_and_the_newer_supersedes_the_older() {
    let mut desk = desk();
    let ben = desk.human("ben", Role::Controller);
    desk.bill(&[invoice("in_1", 1)]);
    desk.derive();
    let (first, second) = (mapping("one", true), mapping("two", false));
    desk.store.propose_change(&first, &plain("proposed", "x")).unwrap();
    desk.store.propose_change(&second, &plain("proposed", "x")).unwrap();
    let in_force = |desk: &crate::support::Desk| {
        desk.store.change_in_force_named(ChangeKind::Mapping, "accounts").unwrap().unwrap().content
    };
    assert_eq!((in_force(&desk).as_str(), desk.derive()), ("one", 1));
    let sign = ben.sign();
    let log = signed("decided", "x", &ben, &sign);
    let seen = desk.store.decide_change(&second.id, true, &ben.id, &first.hash, &log).unwrap_err();
    assert_eq!(seen.code(), "content_changed");
    desk.store.decide_change(&second.id, true, &ben.id, &second.hash, &log).unwrap();
    assert_eq!((in_force(&desk).as_str(), desk.derive()), ("two", 1));
    assert_eq!(desk.store.change(&first.id).unwrap().state, ChangeState::Superseded);
    let again = desk.store.decide_change(&second.id, false, &ben.id, &second.hash, &log).unwrap_err();
    assert_eq!(again.code(), "decided_meanwhile");
    assert_eq!(
        desk.store.verify_log_with(&VerifyInput::default(), &mut |_| true).unwrap().unwrap().findings,
        []
    );
}
