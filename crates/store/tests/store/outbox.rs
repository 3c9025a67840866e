//! The outbox: attempts durable before they are sent, and what follows from them.

use chrono::Duration;
use tieout_domain::{
    ExceptionId, PostingId,
    calendar::PeriodKey,
    ledger::{EntityRef, LedgerEntry},
    people::Role,
    posting::{PostingEvent, PostingState},
};
use tieout_store::{
    AttemptEnd, AttemptResult, BookedStep, ExceptionMove, MemoUpdate, NewAttempt, NewDecision, NewPosting,
    StepFinding, Store, Superseded, ViewFilter, Visit, VisitFailure,
};

use crate::support::{
    Desk, Human, decision, desk, entry, key, new_posting, now, payment, plain, signed, withdrawn,
};

/// A desk with one approved posting.
fn queued() -> (Desk, NewPosting, Human) {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    desk.approve(&new, &ben).unwrap();
    (desk, new, ben)
}

fn attempt(new: &NewPosting, number: u32) -> NewAttempt {
    NewAttempt {
        posting: new.posting.id.clone(),
        step: 1,
        number,
        action: "create_booked".into(),
        key: new.posting.steps[0].key.clone(),
        target: None,
        content_hash: new.posting.content_hash(),
        at: now(),
    }
}

fn memo(text: &str) -> MemoUpdate {
    MemoUpdate { json: format!("{{\"note\":\"{text}\"}}"), tries: 1, ..MemoUpdate::default() }
}

fn ended(end: AttemptEnd) -> AttemptResult {
    let code = (end != AttemptEnd::Done).then(|| "timed_out".to_owned());
    AttemptResult {
        end,
        code,
        message: None,
        erp_id: None,
        request_id: Some("r1".into()),
        transcript: Some("POST /je".into()),
    }
}

fn visit(posting: &PostingId, events: &[PostingEvent]) -> Visit {
    Visit {
        posting: posting.clone(),
        step: 1,
        at: now(),
        events: events.to_vec(),
        memo: memo("after"),
        next_try_at: None,
        booked: vec![],
        failure: None,
        findings: vec![],
    }
}

#[test]
fn an_attempt_is_there_for_the_next_process_when_this_one_dies() {
    let (mut desk, new, _) = queued();
    let erp = desk.erp.clone();
    desk.store.begin_attempt(&attempt(&new, 1), Some(PostingEvent::SendStarted), &memo("sent")).unwrap();
    let Desk { store, path, folder, .. } = desk;
    std::mem::forget(store);
    let mut next = Store::open(&path, &key(1)).unwrap();
    let unfinished = next.unfinished_attempts(&erp).unwrap();
    assert_eq!((unfinished.len(), unfinished[0].number), (1, 1));
    let item = next.next_due(&erp, now(), &[]).unwrap().unwrap();
    assert_eq!((item.posting.state, item.memo.as_str()), (PostingState::Sending, "{\"note\":\"sent\"}"));

    let booked = BookedStep { step: 1, erp_id: "77".into(), period: PeriodKey::new("2026-03") };
    let done = Visit { booked: vec![booked], ..visit(&new.posting.id, &[PostingEvent::AllBooked]) };
    let result = AttemptResult { erp_id: Some("77".into()), ..ended(AttemptEnd::Done) };
    let state = next.finish_attempt(&unfinished[0].id, &result, &done).unwrap();
    assert_eq!(state, PostingState::Booked);
    assert_eq!(next.unfinished_attempts(&erp).unwrap(), []);
    assert_eq!(next.next_due(&erp, now(), &[]).unwrap(), None);
    assert_eq!(next.posting(&new.posting.id).unwrap().steps[0].erp_id.as_deref(), Some("77"));
    drop(folder);
}

#[test]
fn an_attempt_is_refused_for_other_content_or_twice() {
    let (mut desk, new, _) = queued();
    let other = NewAttempt { content_hash: "other".into(), ..attempt(&new, 1) };
    let start = Some(PostingEvent::SendStarted);
    assert_eq!(desk.store.begin_attempt(&other, start, &memo("x")).unwrap_err().code(), "content_changed");
    desk.store.begin_attempt(&attempt(&new, 1), start, &memo("x")).unwrap();
    assert_eq!(
        desk.store.begin_attempt(&attempt(&new, 1), None, &memo("x")).unwrap_err().code(),
        "already_exists"
    );
    let again = desk.store.begin_attempt(&attempt(&new, 2), start, &memo("x")).unwrap_err();
    assert_eq!(again.code(), "posting_being_sent");
    assert_eq!(desk.store.attempts(&new.posting.id).unwrap().len(), 1);
}

#[test]
fn a_finish_that_is_refused_leaves_the_attempt_unfinished() {
    let (mut desk, new, _) = queued();
    let id =
        desk.store.begin_attempt(&attempt(&new, 1), Some(PostingEvent::SendStarted), &memo("x")).unwrap();
    let wrong = visit(&new.posting.id, &[PostingEvent::Approved]);
    let error = desk.store.finish_attempt(&id, &ended(AttemptEnd::Done), &wrong).unwrap_err();
    assert_eq!(error.code(), "posting_being_sent");
    assert_eq!(desk.store.unfinished_attempts(&desk.erp.clone()).unwrap().len(), 1);
}

#[test]
fn nobody_withdraws_or_changes_what_may_be_in_the_ledger() {
    let (mut desk, new, ben) = queued();
    let id =
        desk.store.begin_attempt(&attempt(&new, 1), Some(PostingEvent::SendStarted), &memo("x")).unwrap();
    let doubt = MemoUpdate { doubt_since: Some(now()), ..memo("doubt") };
    let unknown = Visit { memo: doubt.clone(), ..visit(&new.posting.id, &[PostingEvent::OutcomeUnknown]) };
    desk.store.finish_attempt(&id, &ended(AttemptEnd::Unknown), &unknown).unwrap();
    let given_up = Visit { memo: doubt, ..visit(&new.posting.id, &[PostingEvent::AttemptsExhausted]) };
    desk.store.record_visit(&given_up).unwrap();
    let hash = new.posting.content_hash();
    let sign = ben.sign();
    let log = signed("cancelled", "x", &ben, &sign);
    let cancel = desk.store.cancel(&decision(&new, &ben, &hash), "why", None, &log).unwrap_err();
    assert_eq!(cancel.code(), "posting_in_doubt");
    let other = new_posting(&desk, "in_1", &new.posting.exception, &ben, 2);
    let old = withdrawn(&new.posting.id);
    let replace = desk.store.propose_posting(&other, Some(&old), &plain("rerouted", "x")).unwrap_err();
    assert_eq!(replace.code(), "posting_in_doubt");
}

/// The ERP refuses what was sent.
fn refused(desk: &mut Desk, new: &NewPosting) {
    let id = desk.store.begin_attempt(&attempt(new, 1), Some(PostingEvent::SendStarted), &memo("x")).unwrap();
    let failure = Some(VisitFailure { code: "period_closed".into(), message: "Period closed".into() });
    let refused = Visit { failure, ..visit(&new.posting.id, &[PostingEvent::RefusedByErp]) };
    desk.store.finish_attempt(&id, &ended(AttemptEnd::Terminal), &refused).unwrap();
}

#[test]
fn what_was_refused_goes_out_again_under_its_key_or_as_another_posting() {
    let (mut desk, new, ben) = queued();
    refused(&mut desk, &new);
    let row = desk.store.posting(&new.posting.id).unwrap();
    assert_eq!((row.state, row.failure_code.as_deref()), (PostingState::Refused, Some("period_closed")));
    let hash = new.posting.content_hash();
    let sign = ben.sign();
    let log = signed("replayed", "x", &ben, &sign);
    let replayed = desk.store.replay(&decision(&new, &ben, &hash), &memo("again"), &log).unwrap();
    assert_eq!(replayed.state, PostingState::Queued);
    let item = desk.store.next_due(&desk.erp.clone(), now(), &[]).unwrap().unwrap();
    assert_eq!(item.memo, "{\"note\":\"again\"}");
    // Changed, it is another posting, under the same key once nothing of the first is booked.
    refused_again(&mut desk, &new);
    let mut changed = new_posting(&desk, "in_1", &new.posting.exception, &ben, 2);
    changed.posting.steps[0].key = new.posting.steps[0].key.clone();
    let old = withdrawn(&new.posting.id);
    desk.store.propose_posting(&changed, Some(&old), &plain("rerouted", "x")).unwrap();
    assert_eq!(desk.store.attempts(&new.posting.id).unwrap().len(), 1, "what was tried is kept");
}

fn refused_again(desk: &mut Desk, new: &NewPosting) {
    let events = [PostingEvent::SendStarted, PostingEvent::RefusedByErp];
    desk.store.record_visit(&visit(&new.posting.id, &events)).unwrap();
}

#[test]
fn what_was_withdrawn_after_it_was_sent_is_looked_after_at_once() {
    for how in ["cancel", "reject", "replace"] {
        let (mut desk, new, ben) = queued();
        let erp = desk.erp.clone();
        refused(&mut desk, &new);
        let watched = MemoUpdate { watch_until: Some(now()), ..memo("withdrawn") };
        let hash = new.posting.content_hash();
        let sign = ben.sign();
        let log = signed(how, "x", &ben, &sign);
        match how {
            "cancel" => {
                desk.store.cancel(&decision(&new, &ben, &hash), "", Some(&watched), &log).unwrap();
            }
            "reject" => {
                // Back at its preparer: nothing of what was sent is booked.
                desk.store.record_visit(&visit(&new.posting.id, &[PostingEvent::BasisMoved])).unwrap();
                let row = desk.store.posting(&new.posting.id).unwrap();
                let seen = NewDecision { content_hash: &row.content_hash, ..decision(&new, &ben, &hash) };
                desk.store.reject(&seen, "", Some(&watched), &log).unwrap();
            }
            _ => {
                let other = new_posting(&desk, "in_1", &new.posting.exception, &ben, 2);
                let old = Superseded { memo: Some(watched), ..withdrawn(&new.posting.id) };
                desk.store.propose_posting(&other, Some(&old), &plain("rerouted", "x")).unwrap();
            }
        }
        let item = desk.store.next_due(&erp, now(), &[]).unwrap().unwrap();
        assert_eq!(
            (&item.posting.posting.id, item.memo.as_str()),
            (&new.posting.id, "{\"note\":\"withdrawn\"}")
        );
        desk.store.record_visit(&visit(&new.posting.id, &[])).unwrap();
        assert_eq!(desk.store.next_due(&erp, now(), &[]).unwrap(), None, "{how}");
    }
}

/// A set of two steps: the first is booked, the second was refused.
fn half_booked() -> (Desk, NewPosting, Human) {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    let exception = desk.unposted("in_1");
    let mut new = new_posting(&desk, "in_1", &exception, &ann, 1);
    let mut second = new_posting(&desk, "in_1", &exception, &ann, 2).posting.steps.remove(0);
    second.number = 2;
    new.posting.steps.push(second);
    desk.store.propose_posting(&new, None, &plain("proposed", "x")).unwrap();
    desk.approve(&new, &ben).unwrap();
    let booked = BookedStep { step: 1, erp_id: "77".into(), period: PeriodKey::new("2026-03") };
    let half = Visit {
        booked: vec![booked],
        ..visit(&new.posting.id, &[PostingEvent::SendStarted, PostingEvent::StepBooked])
    };
    desk.store.record_visit(&half).unwrap();
    refused_again(&mut desk, &new);
    (desk, new, ben)
}

#[test]
fn a_half_booked_set_is_neither_withdrawn_nor_refused_but_finished_or_taken_back() {
    let (mut desk, new, ben) = half_booked();
    let hash = new.posting.content_hash();
    let sign = ben.sign();
    let log = signed("decided", "x", &ben, &sign);
    let seen = decision(&new, &ben, &hash);
    assert_eq!(desk.store.cancel(&seen, "", None, &log).unwrap_err().code(), "set_half_booked");
    let mut other = new_posting(&desk, "in_1", &new.posting.exception, &ben, 3);
    let old = withdrawn(&new.posting.id);
    let replaced = desk.store.propose_posting(&other, Some(&old), &plain("rerouted", "x"));
    assert_eq!(replaced.unwrap_err().code(), "set_half_booked");
    // Finished as it is, and from there taken back no more.
    let finished = desk.store.finish(&seen, &memo("again"), &log).unwrap();
    assert_eq!(finished.state, PostingState::Queued);
    refused_again(&mut desk, &new);
    // Taken back: the other posting lives from the moment on at which this one ends.
    let old = Superseded { how: PostingEvent::TakenBack, ..old };
    other.posting.steps[0].key = new.posting.steps[1].key.clone();
    desk.store.propose_posting(&other, Some(&old), &plain("taken_back", "x")).unwrap();
    let row = desk.store.posting(&new.posting.id).unwrap();
    assert_eq!((row.state, row.steps[0].erp_id.as_deref()), (PostingState::Cancelled, Some("77")));
    assert_eq!(desk.store.finish(&seen, &memo("x"), &log).unwrap_err().code(), "posting_already_final");
}

#[test]
fn a_half_booked_set_ends_where_nothing_is_left_to_be_sent() {
    let (mut desk, new, ben) = half_booked();
    let hash = new.posting.content_hash();
    let sign = ben.sign();
    let log = signed("finished", "x", &ben, &sign);
    let ended = desk.store.end_half_booked(&decision(&new, &ben, &hash), "filled", None, &log).unwrap();
    assert_eq!(ended.state, PostingState::Cancelled);
    let decisions = desk.store.decisions_for(&new.posting.id).unwrap();
    assert_eq!(decisions.last().unwrap().action, "finish");
    // One of which nothing is booked does not end like this.
    let (mut desk, new, ben) = queued();
    let hash = new.posting.content_hash();
    let sign = ben.sign();
    let log = signed("finished", "x", &ben, &sign);
    let refused = desk.store.end_half_booked(&decision(&new, &ben, &hash), "", None, &log).unwrap_err();
    assert_eq!(refused.code(), "not_found");
}

#[test]
fn what_somebody_holds_is_not_due_whichever_exception_of_its_document_they_hold() {
    let (mut desk, new, ben) = queued();
    let erp = desk.erp.clone();
    let hold = |desk: &mut Desk, id: &ExceptionId, what| {
        desk.store.set_exception_state(id, what, "why", &plain("held", "x")).unwrap();
    };
    assert!(!desk.store.is_held(&new.posting.id).unwrap());
    let own = new.posting.exception.clone();
    hold(&mut desk, &own, ExceptionMove::Hold);
    assert!(desk.store.is_held(&new.posting.id).unwrap());
    assert_eq!(desk.store.next_due(&erp, now(), &[]).unwrap(), None);
    assert_eq!(desk.store.next_wake(&erp).unwrap(), None);
    hold(&mut desk, &own, ExceptionMove::Release);
    assert!(desk.store.next_due(&erp, now(), &[]).unwrap().is_some());
    // Another one's hold is its own; one about the posting itself counts.
    let stranger = desk.unposted("in_2");
    hold(&mut desk, &stranger, ExceptionMove::Hold);
    assert!(!desk.store.is_held(&new.posting.id).unwrap());
    refused(&mut desk, &new);
    desk.store.detect(now(), now()).unwrap();
    let about = desk.exceptions(ViewFilter::default()).into_iter();
    let about = about.filter(|row| row.subject == new.posting.id.as_str()).map(|row| row.id).next().unwrap();
    hold(&mut desk, &about, ExceptionMove::Hold);
    let hash = new.posting.content_hash();
    let sign = ben.sign();
    let log = signed("replayed", "x", &ben, &sign);
    desk.store.replay(&decision(&new, &ben, &hash), &memo("again"), &log).unwrap();
    assert!(desk.store.is_held(&new.posting.id).unwrap());
    assert_eq!(desk.store.next_due(&erp, now(), &[]).unwrap(), None);
}

#[test]
fn a_posting_is_visited_when_it_is_due_and_watched_when_it_is_done() {
    let (mut desk, new, _) = queued();
    let erp = desk.erp.clone();
    let id = new.posting.id.clone();
    let busy = [new.posting.reference.clone()];
    assert_eq!(desk.store.next_due(&erp, now(), &busy).unwrap(), None, "its document is in another lane");
    let later = now() + Duration::minutes(5);
    desk.store.record_visit(&Visit { next_try_at: Some(later), ..visit(&id, &[]) }).unwrap();
    assert_eq!(desk.store.next_due(&erp, now(), &[]).unwrap(), None);
    assert_eq!(desk.store.next_wake(&erp).unwrap(), Some(later));
    assert!(desk.store.next_due(&erp, later, &[]).unwrap().is_some());
    let watched = MemoUpdate { watch_until: Some(later + Duration::hours(1)), ..memo("watch") };
    let booked = Visit {
        next_try_at: Some(later),
        memo: watched,
        ..visit(&id, &[PostingEvent::SendStarted, PostingEvent::AllBooked])
    };
    desk.store.record_visit(&booked).unwrap();
    assert!(desk.store.next_due(&erp, later, &[]).unwrap().is_some());
    desk.store.record_visit(&visit(&id, &[])).unwrap();
    assert_eq!(desk.store.next_wake(&erp).unwrap(), None);
}

#[test]
fn a_payment_waits_until_its_invoice_is_booked() {
    let (mut desk, first, ben) = queued();
    let erp = desk.erp.clone();
    desk.bill(&[payment("ch_1", "in_1", 12_000)]);
    desk.derive();
    desk.store.detect(now(), now()).unwrap();
    let filter = ViewFilter { reference: Some("ch_1".into()), ..ViewFilter::default() };
    let exception = desk.exceptions(filter)[0].id.clone();
    let ann = desk.human("amy", Role::Analyst);
    let mut second = new_posting(&desk, "ch_1", &exception, &ann, 1);
    let billing = desk.billing.clone();
    second.document = Some(tieout_domain::DocumentId::derive(&[billing.as_str(), "payment", "ch_1"]));
    desk.store.propose_posting(&second, None, &plain("proposed", "x")).unwrap();
    desk.approve(&second, &ben).unwrap();
    let busy = [first.posting.reference.clone()];
    assert_eq!(desk.store.next_due(&erp, now(), &busy).unwrap(), None);
    let item = desk.store.outbox_item(&second.posting.id).unwrap().unwrap();
    assert_eq!(item.waits_for, std::slice::from_ref(&first.posting.id));
    let events = [PostingEvent::SendStarted, PostingEvent::AllBooked];
    desk.store.record_visit(&visit(&first.posting.id, &events)).unwrap();
    let item = desk.store.next_due(&erp, now(), &[]).unwrap().unwrap();
    assert_eq!(item.posting.posting.id, second.posting.id);
}

#[test]
fn only_the_ledgers_own_sync_settles_a_posting_and_closes_its_exception() {
    let (mut desk, new, _) = queued();
    let events = [PostingEvent::SendStarted, PostingEvent::AllBooked];
    desk.store.record_visit(&visit(&new.posting.id, &events)).unwrap();
    assert_eq!(desk.store.settle_postings(now()).unwrap(), []);
    desk.store.detect(now(), now()).unwrap();
    let exception = new.posting.exception.clone();
    assert_eq!(desk.store.exception(&exception).unwrap().state.as_str(), "in_progress");
    let key = new.posting.steps[0].key.as_str();
    desk.ledger(&[entry("9", "N-in_1", key, 12_000)]);
    assert_eq!(desk.store.settle_postings(now()).unwrap(), std::slice::from_ref(&new.posting.id));
    assert_eq!(desk.store.settle_postings(now()).unwrap(), []);
    desk.store.detect(now(), now()).unwrap();
    assert_eq!(desk.store.exception(&exception).unwrap().state.as_str(), "closed");
    let row = desk.store.posting(&new.posting.id).unwrap();
    assert_eq!((row.state, row.steps[0].erp_id.as_deref()), (PostingState::Settled, Some("9")));
}

#[test]
fn what_another_desk_booked_under_the_key_settles_nothing_but_the_same_content_does() {
    let (mut desk, new, _) = queued();
    let key = new.posting.steps[0].key.as_str().to_owned();
    let there = || entry("9", "N-in_1", &key, 12_000);
    let day = |text: &str| text.parse().unwrap();
    for other in [
        entry("9", "N-in_1", &key, 12_500),
        LedgerEntry { posting_date: day("2026-03-09"), ..there() },
        LedgerEntry { period: PeriodKey::new("2026-04"), posting_date: day("2026-04-02"), ..there() },
        LedgerEntry { entity: EntityRef::Code("EU01".parse().unwrap()), ..there() },
    ] {
        desk.ledger(std::slice::from_ref(&other));
        assert_eq!(desk.store.settle_postings(now()).unwrap(), [], "{other:?}");
    }
    assert_eq!(desk.store.posting(&new.posting.id).unwrap().state, PostingState::Queued);
    desk.ledger(&[there()]);
    assert_eq!(desk.store.settle_postings(now()).unwrap(), std::slice::from_ref(&new.posting.id));
    let step = desk.store.posting(&new.posting.id).unwrap().steps.remove(0);
    assert_eq!((step.erp_id.as_deref(), step.booked_period), (Some("9"), Some(PeriodKey::new("2026-03"))));
}

#[test]
fn what_the_read_back_named_settles_by_its_id_although_the_erp_moved_it() {
    let (mut desk, new, _) = queued();
    let key = new.posting.steps[0].key.as_str().to_owned();
    let booked = BookedStep { step: 1, erp_id: "9".into(), period: PeriodKey::new("2026-04") };
    let events = [PostingEvent::SendStarted, PostingEvent::AllBooked];
    desk.store.record_visit(&Visit { booked: vec![booked], ..visit(&new.posting.id, &events) }).unwrap();
    // Another entry of the key does not stand for the one that was named.
    desk.ledger(&[entry("8", "N-in_1", &key, 12_000)]);
    assert_eq!(desk.store.settle_postings(now()).unwrap(), []);
    let moved = LedgerEntry {
        period: PeriodKey::new("2026-04"),
        posting_date: "2026-04-01".parse().unwrap(),
        ..entry("9", "N-in_1", &key, 12_000)
    };
    desk.ledger(&[moved]);
    assert_eq!(desk.store.settle_postings(now()).unwrap(), std::slice::from_ref(&new.posting.id));
}

#[test]
fn a_draft_in_the_ledger_settles_nothing() {
    let (mut desk, new, _) = queued();
    let mut draft = entry("9", "N-in_1", new.posting.steps[0].key.as_str(), 12_000);
    draft.status = tieout_domain::ledger::EntryStatus::Unbooked;
    desk.ledger(&[draft]);
    assert_eq!(desk.store.settle_postings(now()).unwrap(), []);
}

#[test]
fn findings_stay_with_the_step_and_in_the_log() {
    let (mut desk, new, _) = queued();
    let finding = StepFinding { code: "period_moved".into(), message: "booked into 2026-04".into() };
    let events = vec![PostingEvent::SendStarted, PostingEvent::AllBooked];
    let moved = Visit { findings: vec![finding], ..visit(&new.posting.id, &events) };
    desk.store.record_visit(&moved).unwrap();
    let row = desk.store.posting(&new.posting.id).unwrap();
    assert_eq!(row.steps[0].difference.as_deref(), Some("period_moved: booked into 2026-04"));
    let last = desk.store.log_of(new.posting.id.as_str()).unwrap().pop().unwrap();
    assert!(last.detail.contains("period_moved"), "{}", last.detail);
}

#[test]
fn looking_after_a_refused_postings_drafts_keeps_the_erps_words() {
    let (mut desk, new, _) = queued();
    let words = VisitFailure { code: "period_closed".into(), message: "2026-03 is closed".into() };
    let events = [PostingEvent::SendStarted, PostingEvent::RefusedByErp];
    let refused = Visit { failure: Some(words), ..visit(&new.posting.id, &events) };
    desk.store.record_visit(&refused).unwrap();
    desk.store.record_visit(&visit(&new.posting.id, &[])).unwrap();
    let row = desk.store.posting(&new.posting.id).unwrap();
    assert_eq!(row.failure_code.as_deref(), Some("period_closed"));
    assert_eq!(row.failure.as_deref(), Some("2026-03 is closed"));
}
