//! Work on exceptions: each change with its history and its log entry.

use tieout_domain::{
    exception::{ExceptionKind, ExceptionState, Queue},
    people::Role,
    severity::Severity,
};
use tieout_store::{ExceptionMove, ViewFilter};

use crate::support::{Desk, desk, invoice, now, plain};

fn three() -> Desk {
    let mut desk = desk();
    desk.bill(&[invoice("in_1", 100), invoice("in_2", 200), invoice("in_10", 12_000_000)]);
    desk.derive();
    desk.ledger(&[]);
    desk.store.detect(now(), now()).unwrap();
    desk
}

fn references(desk: &Desk, filter: &ViewFilter) -> Vec<String> {
    desk.exceptions(filter.clone()).into_iter().map(|e| e.external_ref).collect()
}

#[test]
fn exceptions_are_listed_by_what_is_asked_for() {
    let desk = three();
    let all = ViewFilter::default();
    assert_eq!(references(&desk, &all), ["N-in_1", "N-in_2", "N-in_10"]);
    let check = |filter: ViewFilter, want: &[&str]| assert_eq!(references(&desk, &filter), want);
    let none: &[&str] = &[];
    check(ViewFilter { queue: Some(Queue::Unposted), ..all.clone() }, &["N-in_1", "N-in_2", "N-in_10"]);
    check(ViewFilter { queue: Some(Queue::PeriodClose), ..all.clone() }, none);
    check(ViewFilter { kinds: vec![ExceptionKind::AmountMismatch], ..all.clone() }, none);
    check(ViewFilter { states: vec![ExceptionState::Closed], ..all.clone() }, none);
    check(ViewFilter { search: Some("in_1".into()), ..all.clone() }, &["N-in_1", "N-in_10"]);
    check(ViewFilter { search: Some("%".into()), ..all.clone() }, none);
    check(ViewFilter { reference: Some("N-in_1".into()), ..all.clone() }, &["N-in_1"]);
    check(
        ViewFilter { entity: Some("GB01".into()), severities: vec![Severity::Critical], ..all },
        &["N-in_10"],
    );
}

#[test]
fn what_people_do_is_history_and_logged() {
    let mut desk = three();
    let ann = desk.human("ann", Role::Analyst);
    let id = desk.exceptions(ViewFilter::default())[0].id.clone();
    let head = desk.store.log_head().unwrap().number;
    desk.store.assign(&id, Some(&ann.id), &plain("assigned", id.as_str())).unwrap();
    desk.store.comment(&id, ("asked the customer", &[]), &plain("commented", id.as_str())).unwrap();
    let held = desk.store.set_exception_state(&id, ExceptionMove::Hold, "waits", &plain("held", id.as_str()));
    assert_eq!(held.unwrap(), ExceptionState::OnHold);
    let events: Vec<String> = desk
        .store
        .exception_events(&id)
        .unwrap()
        .into_iter()
        .skip(1)
        .map(|e| format!("{} {}", e.what, e.detail))
        .collect();
    assert_eq!(events, [format!("assigned {}", ann.id).as_str(), "comment asked the customer", "held waits"]);
    assert_eq!(desk.store.log_head().unwrap().number, head + 3);
    assert_eq!(desk.store.exception(&id).unwrap().assignee, Some(ann.id));
}

#[test]
fn a_state_that_does_not_allow_it_refuses_and_logs_nothing() {
    let mut desk = three();
    let id = desk.exceptions(ViewFilter::default())[0].id.clone();
    let mut go = |what| {
        let log = plain("moved", "x");
        desk.store
            .set_exception_state(&id, what, "why", &log)
            .map(ExceptionState::as_str)
            .map_err(|e| e.code())
    };
    assert_eq!(go(ExceptionMove::Release), Err("exception_state"));
    assert_eq!(go(ExceptionMove::Dismiss), Ok("dismissed"));
    assert_eq!(go(ExceptionMove::Hold), Err("exception_state"));
    assert_eq!(go(ExceptionMove::Release), Ok("open"));
    assert_eq!(desk.store.log_of("x").unwrap().len(), 2);
}
