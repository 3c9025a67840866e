//! Each write of [`Tx`] as a transaction of its own, for who writes one thing.

use chrono::{DateTime, Utc};
use tieout_domain::{
    AttachmentId, AttemptId, ChangeId, ConnectionId, EntityCode, ExceptionId, HandoverId, PersonId,
    PostingId,
    accounts::AccountMapping,
    exception::ExceptionState,
    people::Role,
    posting::{PostingEvent, PostingState},
    sla::SlaPolicy,
};
use tieout_evidence::LogDraft;

use crate::{
    api::{
        bank::{BankCame, NewBankFile},
        decision::{DecisionRecorded, NewDecision},
        handover::Covers,
        person::StartsAnew,
        renewal::Renewal,
        withdrawal::Superseded,
    },
    db::Tx,
    detectors::DetectSummary,
    error::Result,
    store::Store,
    table::{
        attempt::{AttemptResult, NewAttempt},
        change::{ChangeKind, NewChange},
        connection::Connection,
        enrolment::Enrolment,
        exception::ExceptionMove,
        expectation::DerivedExpectation,
        handover::NewHandover,
        house_rule::HouseRules,
        known_roster::KnownRoster,
        outbox::{MemoUpdate, Visit},
        packet::StoredPacket,
        person::{Person, SecretKind},
        posting::{NewPosting, PostingRow},
        saved_view::StoredView,
        worth::MinorRate,
    },
};

macro_rules! each_alone {
    ($($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        impl Store {
            $(
                #[doc = concat!("[`Tx::", stringify!($name), "`] in a transaction of its own.")]
                ///
                /// # Errors
                /// As that one.
                pub fn $name(&mut self, $($argument: $type),*) -> Result<$answer> {
                    self.write(|tx: &Tx<'_>| tx.$name($($argument),*))
                }
            )*
        }
    };
}

each_alone! {
    propose_change(new: &NewChange, log: &LogDraft<'_>) -> ();
    decide_change(
        id: &ChangeId,
        approve: bool,
        person: &PersonId,
        content_hash: &str,
        log: &LogDraft<'_>
    ) -> ();
    retire_change(kind: ChangeKind, name: &str, log: &LogDraft<'_>) -> bool;
    approve_change_in_part(
        id: &ChangeId,
        person: &PersonId,
        content_hash: &str,
        log: &LogDraft<'_>
    ) -> ();
    credentials_rotated(id: &ConnectionId, log: &LogDraft<'_>) -> ();
    add_connection(connection: &Connection, log: &LogDraft<'_>) -> ();
    remove_unused_connection(id: &ConnectionId, log: &LogDraft<'_>) -> bool;
    set_connection_paused(id: &ConnectionId, paused: bool, log: &LogDraft<'_>) -> ();
    record_decision(new: &NewDecision<'_>, log: &LogDraft<'_>) -> DecisionRecorded;
    approve_and_enqueue(new: &NewDecision<'_>, log: &LogDraft<'_>) -> DecisionRecorded;
    approve_and_send_again(
        new: &NewDecision<'_>,
        memo: &MemoUpdate,
        log: &LogDraft<'_>
    ) -> DecisionRecorded;
    enqueue_by_policy(id: &PostingId, content_hash: &str, rule: &str, log: &LogDraft<'_>) -> PostingState;
    reject(
        new: &NewDecision<'_>,
        reason: &str,
        memo: Option<&MemoUpdate>,
        log: &LogDraft<'_>
    ) -> DecisionRecorded;
    cancel(
        new: &NewDecision<'_>,
        reason: &str,
        memo: Option<&MemoUpdate>,
        log: &LogDraft<'_>
    ) -> DecisionRecorded;
    end_half_booked(
        new: &NewDecision<'_>,
        reason: &str,
        memo: Option<&MemoUpdate>,
        log: &LogDraft<'_>
    ) -> DecisionRecorded;
    finish(new: &NewDecision<'_>, memo: &MemoUpdate, log: &LogDraft<'_>) -> DecisionRecorded;
    replay(new: &NewDecision<'_>, memo: &MemoUpdate, log: &LogDraft<'_>) -> DecisionRecorded;
    name_entities(erp: &ConnectionId, names: &[(String, EntityCode)]) -> usize;
    unproven(erp: &ConnectionId) -> ();
    assign(id: &ExceptionId, assignee: Option<&PersonId>, log: &LogDraft<'_>) -> ();
    comment(id: &ExceptionId, words: (&str, &[PersonId]), log: &LogDraft<'_>) -> ();
    keep_packet(packet: &StoredPacket, bytes: &[u8], log: &LogDraft<'_>) -> ();
    add_packet_entries(id: &str, entries: &[(i64, String)], log: &LogDraft<'_>) -> ();
    keep_roster(roster: &KnownRoster, log: &LogDraft<'_>) -> ();
    bring_person_key(
        whose: (&PersonId, &[u8; 32]),
        card: &str,
        enrolment: &Enrolment,
        log: &LogDraft<'_>
    ) -> ();
    attach(id: &ExceptionId, file: (&AttachmentId, &str, &[u8]), log: &LogDraft<'_>) -> ();
    set_exception_state(
        id: &ExceptionId,
        what: ExceptionMove,
        reason: &str,
        log: &LogDraft<'_>
    ) -> ExceptionState;
    put_expectations(derived: &[DerivedExpectation]) -> ();
    keep_flow_limits(limits: &SlaPolicy) -> ();
    append_log(draft: &LogDraft<'_>) -> i64;
    begin_attempt(new: &NewAttempt, event: Option<PostingEvent>, memo: &MemoUpdate) -> AttemptId;
    finish_attempt(id: &AttemptId, result: &AttemptResult, visit: &Visit) -> PostingState;
    record_visit(visit: &Visit) -> PostingState;
    renew_posting(
        seen: (&PostingId, &str),
        renewal: Renewal<'_>,
        why: &str,
        log: &LogDraft<'_>
    ) -> ();
    settle_postings(at: DateTime<Utc>) -> Vec<PostingId>;
    hand_over(new: &NewHandover, log: &LogDraft<'_>) -> ();
    confirm_handover(id: &HandoverId, by: &PersonId, log: &LogDraft<'_>) -> Vec<PostingId>;
    import_bank(file: &NewBankFile, draft: &LogDraft<'_>) -> Vec<BankCame>;
    judge_handovers(erp: &ConnectionId, covers: Covers, at: DateTime<Utc>) -> usize;
    say_booked_elsewhere(
        of: (&ExceptionId, &ConnectionId),
        reason: &str,
        log: &LogDraft<'_>
    ) -> ();
    judge_booked_elsewhere(erp: &ConnectionId, covers: Covers, at: DateTime<Utc>) -> usize;
    posting_removed(id: &PostingId, erp_id: &str, at: DateTime<Utc>) -> ();
    add_person(person: &Person, log: &LogDraft<'_>) -> ();
    invite_person(person: &Person, enrolment: &Enrolment, log: &LogDraft<'_>) -> ();
    confirm_person(id: &PersonId, by: &PersonId, log: &LogDraft<'_>) -> ();
    start_people_anew(people: &[StartsAnew], log: &LogDraft<'_>) -> ();
    secret_failed(id: &PersonId, log: &LogDraft<'_>) -> ();
    secret_given(id: &PersonId) -> ();
    set_secret_kind(id: &PersonId, kind: SecretKind, log: &LogDraft<'_>) -> ();
    set_person_role(id: &PersonId, role: Role, log: &LogDraft<'_>) -> ();
    set_person_active(id: &PersonId, active: bool, log: &LogDraft<'_>) -> ();
    set_person_key(id: &PersonId, key: &[u8; 32], kind: SecretKind, log: &LogDraft<'_>) -> ();
    propose_posting(new: &NewPosting, supersedes: Option<&Superseded>, log: &LogDraft<'_>) -> PostingRow;
    put_saved_view(view: &StoredView) -> ();
    delete_saved_view(id: &str) -> ();
    sync_reached(id: &ConnectionId) -> ();
    sync_failed(id: &ConnectionId, resource: &str, code: &str, message: &str, at: DateTime<Utc>) -> ();
    settle_rejected(id: &ConnectionId, items: &[i64], reason: &str, log: &LogDraft<'_>) -> u64;
    propose_rejected(id: &ConnectionId, items: &[i64], reason: &str, log: &LogDraft<'_>) -> u64;
    try_unread_again(id: &ConnectionId, resource: &str) -> bool;
    keep_rules(mapping: Option<&AccountMapping>) -> ();
    keep_house_rules(rules: &HouseRules) -> ();
    keep_rates(rates: &[MinorRate]) -> ();
    detect(as_of: DateTime<Utc>, now: DateTime<Utc>) -> DetectSummary;
}
