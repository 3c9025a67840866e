//! One visit of one posting: look first, then do what [`crate::decide`] says, until it is booked, has
//! failed or has to wait.

use chrono::{DateTime, Utc};
use tieout_connectors::Lookup;
use tieout_domain::{
    basis::BasisMoved,
    failure::{FailureClass, VendorFailure},
    ledger::{EntryStatus, LedgerEntry},
    posting::{PostingEvent as Event, PostingState as State, PostingStep, transition},
};

use crate::{
    asking::{Looked, When},
    attempt::{AttemptAction, FailureNote},
    decide::{Move, absence_is_proven, decide},
    finding::Finding,
    limits::Limits,
    look::Seen,
    memo::{BookedStep, Doubt, Memo},
    planted::Fault,
    ports::{AuthorityError, Change, Work},
    readback::{compare, is_elsewhere, is_not_as_approved, is_other_content},
    sight::Sight,
    worker::{What, Worker, WorkerError, span},
};

/// A posting while it is being visited: what is stored of it, and what this visit has changed.
pub(crate) struct Case {
    pub(crate) work: Work,
    pub(crate) state: State,
    pub(crate) memo: Memo,
    pub(crate) now: DateTime<Utc>,
    pub(crate) content_hash: String,
    /// The ERP's id of the present step's customer, once this visit has made sure of it.
    pub(crate) customer: Option<String>,
    /// When this visit last read the document again in billing.
    pub(crate) reread: Option<DateTime<Utc>>,
    /// When the ledger was looked through for what is to be sent now.
    pub(crate) looked: Option<When>,
}

/// Whether the visit goes on.
pub(crate) enum Flow {
    /// Look again and go on at once.
    Again,
    /// This visit is over.
    Over(What),
}

impl Case {
    pub(crate) fn new(work: Work, now: DateTime<Utc>) -> Self {
        let content_hash = work.posting.content_hash();
        let (state, memo) = (work.state, work.memo.clone());
        Self { state, memo, now, content_hash, customer: None, reread: None, looked: None, work }
    }

    /// The step to do now.
    pub(crate) fn step(&self) -> Result<&PostingStep, WorkerError> {
        self.work.posting.steps.get(self.memo.booked.len()).ok_or_else(|| WorkerError::Contract {
            posting: self.work.posting.id.clone(),
            why: format!("it has no step {}", self.memo.next_step()),
        })
    }

    pub(crate) fn lookup(&self, step: &PostingStep) -> Lookup {
        let reference = self.work.posting.reference.clone();
        // Of a difference the names of the entries that book its document with others, too: what stands
        // beside them now counts in it.
        let within = self.work.posting.basis.as_ref().and_then(|basis| basis.within.as_ref());
        let beside = within.filter(|_| step.reverses.is_none()).map(|within| within.names.as_slice());
        let names = self.work.look.names.iter().map(|name| name.text.clone());
        let names = names.chain(beside.unwrap_or_default().iter().cloned());
        Lookup {
            key: step.key.clone(),
            other_names: names.filter(|name| *name != reference).collect(),
            reference,
            entity: step.entry.entity().clone(),
            entity_erp_id: step.entity_erp_id().unwrap_or_default().to_owned(),
            sent: self.memo.step_attempts > 0 || self.memo.doubt.is_some() || self.memo.watch_until.is_some(),
        }
    }

    /// Does a draft under the step's key say something else than was approved? One that this content was
    /// sent with may have been moved by the ERP: that shows when it is read back.
    pub(crate) fn is_other_draft(&self, step: &PostingStep, draft: &LedgerEntry) -> bool {
        let findings = compare(&step.entry, step.entity_erp_id(), draft);
        is_other_content(&findings) || (self.memo.step_attempts == 0 && is_elsewhere(&findings))
    }

    /// Something was sent at `since` and its outcome is not known.
    pub(crate) fn enter_doubt(
        &mut self,
        action: AttemptAction,
        since: DateTime<Utc>,
        failure: FailureNote,
        limits: &Limits,
    ) {
        let refused = failure.class == FailureClass::Terminal;
        self.memo.failures = self.memo.failures.saturating_add(1);
        self.memo.doubt = Some(Doubt { action, since, look_ups: 0, failed_look_ups: 0, failure, refused });
        self.memo.last_unanswered = Some(since);
        self.watch_at_least_until(since + span(limits.settling) + span(limits.watch));
    }

    pub(crate) fn watch_at_least_until(&mut self, until: DateTime<Utc>) {
        self.memo.watch_until = Some(self.memo.watch_until.map_or(until, |earlier| earlier.max(until)));
    }

    pub(crate) fn change(&self, events: Vec<Event>, next_try_at: Option<DateTime<Utc>>) -> Change {
        Change {
            posting: self.work.posting.id.clone(),
            step: self.memo.next_step().min(u32::try_from(self.work.posting.steps.len()).unwrap_or(1)),
            at: self.now,
            events,
            memo: self.memo.clone(),
            next_try_at,
            failure: None,
            findings: Vec::new(),
        }
    }
}

impl Worker {
    pub(crate) async fn visit(&self, work: Work) -> Result<What, WorkerError> {
        let mut case = Case::new(work, self.clock.now());
        match case.state {
            State::Queued | State::Sending | State::InDoubt => {}
            // Back at its preparer, or rejected after that, it may have left a draft.
            State::Proposed
            | State::Booked
            | State::HandedOver
            | State::Settled
            | State::Refused
            | State::DeadLetter
            | State::Rejected
            | State::Cancelled => return self.watch(&mut case).await,
        }
        if !case.work.waits_for.is_empty() && case.memo.attempts == 0 {
            let later = case.now + span(self.limits.order_wait);
            return self.record(&mut case, vec![], Some(later), None, vec![], What::WaitsInOrder).await;
        }
        // Each step takes at most a create, a post and a closing look; twice that is a loop.
        for _ in 0..case.work.posting.steps.len().saturating_mul(8) {
            case.now = self.clock.now();
            match self.advance(&mut case).await? {
                Flow::Again => {}
                Flow::Over(what) => return Ok(what),
            }
        }
        let note = FailureNote::new(FailureClass::Retryable, "no_progress", "the ERP's answers contradict");
        self.retry_later(&mut case, note, None).await
    }

    async fn advance(&self, case: &mut Case) -> Result<Flow, WorkerError> {
        let step = case.step()?;
        let mut lookup = case.lookup(step);
        if self.is_out(Fault::OneName) {
            lookup.other_names.clear();
        }
        let Looked { found, when } = match self.look_up(&lookup).await {
            Ok(looked) => looked,
            Err(failure) => return self.look_up_failed(case, &failure).await.map(Flow::Over),
        };
        case.looked = Some(when);
        let step = case.step()?;
        let posts_any = self.is_out(Fault::AnyDraft);
        let sight = Sight::of(&found, |draft| !posts_any && case.is_other_draft(step, draft));
        // More than the one that is, or will be, booked: another desk's way to the same end, or a late one.
        if sight.drafts.len() + sight.booked.len() > 1 {
            case.watch_at_least_until(case.now);
        }
        match decide(self.ledger.protocol(), &case.memo, &sight, case.now, &self.limits) {
            Move::Adopt { erp_ids } => self.adopt(case, &Seen::of(&found), erp_ids).await,
            Move::EndDoubt => self.end_doubt(case).await,
            Move::LookAgain => self.look_again(case).await.map(Flow::Over),
            Move::KeyVoided { erp_id } => {
                let message = format!("the ERP holds entry {erp_id} of this key as void: its key is spent");
                let note = FailureNote::new(FailureClass::Terminal, "key_voided_in_erp", message);
                self.refuse(case, note).await.map(Flow::Over)
            }
            Move::AwaitApproval { erp_id } => self.await_approval(case, erp_id).await.map(Flow::Over),
            Move::KeyHeld { erp_id } => self.key_held(case, &erp_id, &[]).await.map(Flow::Over),
            Move::DeleteDraft { erp_id } => self.delete_other_draft(case, &erp_id).await,
            Move::Send(sending) => self.send(case, &found, sending).await,
        }
    }

    /// Reads back the entries of our key that are booked, and takes one for the step: that which is known to
    /// be ours, or says just what was approved and still counts.
    pub(crate) async fn adopt(
        &self,
        case: &mut Case,
        seen: &Seen,
        mut erp_ids: Vec<String>,
    ) -> Result<Flow, WorkerError> {
        let step = case.step()?;
        erp_ids.sort_by_key(|erp_id| !case.memo.is_known_as_ours(erp_id));
        let (mut ours, mut undone, mut other) = (None, None, None);
        for erp_id in &erp_ids {
            let booked = match self.read_booked(erp_id).await {
                Ok(booked) => booked,
                Err(failure) => return self.unreadable(case, &failure).await.map(Flow::Over),
            };
            let findings = compare(&step.entry, step.entity_erp_id(), &booked);
            let known = case.memo.is_known_as_ours(erp_id) || self.is_out(Fault::AnyOfKey);
            if !known && is_not_as_approved(&findings) {
                other = other.or(Some((erp_id.clone(), findings)));
            } else if self.is_spent(case, step, seen, &booked) {
                undone = undone.or(Some(erp_id.clone()));
            } else {
                ours = Some((booked, findings));
                break;
            }
        }
        let Some((booked, mut findings)) = ours else {
            return self.none_of_key(case, undone, other).await.map(Flow::Over);
        };
        if erp_ids.len() > 1 {
            findings.push(Finding::BookedTwice { erp_ids });
        }
        let events = self.book(case, &booked);
        let (next, flow) = self.after_booking(case);
        self.commit(case, events, next, None, findings).await?;
        Ok(flow)
    }

    /// Entries of our key are booked and none of them books the step: one that would was undone since, or
    /// another's says something else.
    async fn none_of_key(
        &self,
        case: &mut Case,
        undone: Option<String>,
        other: Option<(String, Vec<Finding>)>,
    ) -> Result<What, WorkerError> {
        if let Some(erp_id) = undone {
            let message = format!(
                "entry {erp_id} of this key is in the ERP and was undone there since: sync, prepare it again"
            );
            let note = FailureNote::new(FailureClass::Terminal, "key_spent_in_erp", message);
            return self.refuse(case, note).await;
        }
        let (erp_id, findings) = other.unwrap_or_default();
        self.held_by_another(case, &erp_id, &findings).await
    }

    async fn read_booked(&self, erp_id: &str) -> Result<LedgerEntry, VendorFailure> {
        match self.ask_booked(erp_id).await? {
            Some(entry) if entry.status == EntryStatus::Booked => Ok(entry),
            Some(_) | None => {
                let message = format!("the look-up shows entry {erp_id} as booked and reading it does not");
                Err(VendorFailure::retryable("read_back_differs", message))
            }
        }
    }

    /// An entry of our key that nobody can prove to be what this desk sent, and that is not what was
    /// approved. A draft of ours whose post may still be under way is waited for, since its key is not
    /// unique.
    async fn held_by_another(
        &self,
        case: &mut Case,
        erp_id: &str,
        findings: &[Finding],
    ) -> Result<What, WorkerError> {
        let drafts = self.ledger.protocol() == tieout_connectors::Protocol::DraftThenPost;
        let pending = |doubt: &Doubt| drafts && !absence_is_proven(doubt, case.now, &self.limits);
        match case.memo.doubt.as_ref().is_some_and(pending) {
            true => self.look_again(case).await,
            false => self.key_held(case, erp_id, findings).await,
        }
    }

    async fn key_held(
        &self,
        case: &mut Case,
        erp_id: &str,
        findings: &[Finding],
    ) -> Result<What, WorkerError> {
        let differences: Vec<String> = findings.iter().map(Finding::message).collect();
        let message = format!(
            "the ERP holds entry {erp_id} under this key, and it is not what was approved{}{}: another desk \
             was there first, or it was changed there; sync, and look at what is there",
            if differences.is_empty() { "" } else { " — " },
            differences.join("; ")
        );
        case.memo.held_by = Some(erp_id.to_owned());
        let note = FailureNote::new(FailureClass::Terminal, "key_holds_other_content", message);
        self.refuse(case, note).await
    }

    /// Deletes a draft that was not approved like this, and looks again: whoever made it may just have posted
    /// it, and then it cannot be deleted.
    async fn delete_other_draft(&self, case: &mut Case, erp_id: &str) -> Result<Flow, WorkerError> {
        let index = case.memo.booked.len();
        match self.delete(case, index, erp_id).await? {
            Ok(()) => Ok(Flow::Again),
            Err(failure) => {
                let asked = failure.retry_after;
                self.retry_later(case, FailureNote::from(&failure), asked).await.map(Flow::Over)
            }
        }
    }

    /// Our entry is booked there and cannot be read now. It is neither refused nor given up: it is in the
    /// ledger, only its proof is missing.
    async fn unreadable(&self, case: &mut Case, failure: &VendorFailure) -> Result<What, WorkerError> {
        case.memo.failures = case.memo.failures.saturating_add(1);
        let next = case.now + self.backoff(case.memo.failures, failure.retry_after);
        self.record(case, vec![], Some(next), Some(failure.into()), vec![], What::InDoubt).await
    }

    /// Notes a step as booked; the events that lead there from the present state.
    pub(crate) fn book(&self, case: &mut Case, booked: &LedgerEntry) -> Vec<Event> {
        let step = case.memo.next_step();
        case.memo.booked.push(BookedStep {
            step,
            erp_id: booked.erp_id.clone(),
            number: booked.number.clone(),
            posting_date: booked.posting_date,
            period: booked.period.clone(),
        });
        case.customer = None;
        case.memo.doubt = None;
        (case.memo.chosen_draft, case.memo.accepted, case.memo.held_by) = (None, None, None);
        case.memo.failures = 0;
        case.memo.step_attempts = 0;
        let last = case.memo.booked.len() >= case.work.posting.steps.len();
        let event = if last { Event::AllBooked } else { Event::StepBooked };
        match case.state {
            // Found in the ledger before anything was sent in this life of the process.
            State::Queued => vec![Event::SendStarted, event],
            State::Proposed
            | State::Sending
            | State::InDoubt
            | State::Booked
            | State::HandedOver
            | State::Settled
            | State::Refused
            | State::DeadLetter
            | State::Rejected
            | State::Cancelled => vec![event],
        }
    }

    /// When to come back after a step is booked, and whether this visit goes on.
    pub(crate) fn after_booking(&self, case: &Case) -> (Option<DateTime<Utc>>, Flow) {
        if case.memo.booked.len() < case.work.posting.steps.len() {
            return (Some(case.now), Flow::Again);
        }
        (case.memo.watch_until.map(|_| case.now), Flow::Over(What::Booked))
    }

    /// Nothing of what was sent is booked, or can be any more.
    async fn end_doubt(&self, case: &mut Case) -> Result<Flow, WorkerError> {
        let Some(doubt) = case.memo.doubt.take() else { return Ok(Flow::Again) };
        if doubt.refused {
            return self.refuse_after(case, vec![Event::ProvenUnbooked], doubt.failure).await.map(Flow::Over);
        }
        if case.memo.failures >= self.limits.max_failures {
            let events = vec![Event::ProvenUnbooked, Event::AttemptsExhausted];
            let next = case.memo.watch_until.map(|_| case.now);
            let note = Some(doubt.failure);
            return self.record(case, events, next, note, vec![], What::DeadLetter).await.map(Flow::Over);
        }
        self.commit(case, vec![Event::ProvenUnbooked], Some(case.now), None, vec![]).await?;
        Ok(Flow::Again)
    }

    async fn look_again(&self, case: &mut Case) -> Result<What, WorkerError> {
        let mut done = 0;
        if let Some(doubt) = &mut case.memo.doubt {
            doubt.look_ups = doubt.look_ups.saturating_add(1);
            doubt.failed_look_ups = 0;
            done = doubt.look_ups;
        }
        let next = case.now + self.look_up_wait(done);
        let note = case.memo.doubt.as_ref().map(|doubt| doubt.failure.clone());
        self.record(case, vec![], Some(next), note, vec![], What::InDoubt).await
    }

    /// A read failed. It changed nothing; in doubt it is repeated as long as it takes, since only an answer
    /// can end the doubt.
    pub(crate) async fn look_up_failed(
        &self,
        case: &mut Case,
        failure: &VendorFailure,
    ) -> Result<What, WorkerError> {
        let note = FailureNote::from(failure);
        if let Some(doubt) = &mut case.memo.doubt {
            doubt.failed_look_ups = doubt.failed_look_ups.saturating_add(1);
            let wait = self.backoff(doubt.failed_look_ups, failure.retry_after);
            return self.record(case, vec![], Some(case.now + wait), Some(note), vec![], What::InDoubt).await;
        }
        match failure.class {
            FailureClass::Terminal => self.refuse(case, note).await,
            FailureClass::Retryable | FailureClass::Unknown => {
                self.retry_later(case, note, failure.retry_after).await
            }
        }
    }

    async fn await_approval(&self, case: &mut Case, erp_id: String) -> Result<What, WorkerError> {
        let finding = Finding::NotBooked { erp_id };
        let note = FailureNote::new(FailureClass::Retryable, finding.code(), finding.message());
        let next = Some(case.now + span(self.limits.approval_wait));
        let events = retry_events(case.state);
        self.record(case, events, next, Some(note), vec![finding], What::AwaitsApproval).await
    }

    /// Nothing happened: try again later, or give up after [`Limits::max_failures`].
    pub(crate) async fn retry_later(
        &self,
        case: &mut Case,
        note: FailureNote,
        asked: Option<std::time::Duration>,
    ) -> Result<What, WorkerError> {
        let (events, next, what) = self.after_failure(case, asked);
        self.record(case, events, next, Some(note), vec![], what).await
    }

    /// Counts a failure that had no effect; what follows.
    pub(crate) fn after_failure(
        &self,
        case: &mut Case,
        asked: Option<std::time::Duration>,
    ) -> (Vec<Event>, Option<DateTime<Utc>>, What) {
        case.memo.failures = case.memo.failures.saturating_add(1);
        if case.memo.failures >= self.limits.max_failures {
            self.watch_drafts(case);
            let next = case.memo.watch_until.map(|_| case.now);
            return (vec![Event::AttemptsExhausted], next, What::DeadLetter);
        }
        let next = case.now + self.backoff(case.memo.failures, asked);
        (retry_events(case.state), Some(next), What::WillRetry)
    }

    /// What was approved is no longer what would be right: back to the preparer, approvals void.
    pub(crate) async fn send_back(&self, case: &mut Case, moved: &BasisMoved) -> Result<What, WorkerError> {
        let note = FailureNote::new(FailureClass::Terminal, moved.code(), moved.to_string());
        case.memo = std::mem::take(&mut case.memo).sent_back(case.now);
        let next = case.memo.watch_until.map(|_| case.now);
        self.record(case, vec![Event::BasisMoved], next, Some(note), vec![], What::BackToPreparer).await
    }

    /// Somebody put its exception on hold: it keeps its approvals, and nothing counts as a failure.
    pub(crate) async fn hold(&self, case: &mut Case) -> Result<What, WorkerError> {
        let words = AuthorityError::Held.to_string();
        let note = FailureNote::new(FailureClass::Retryable, "exception_held", words);
        let next = Some(case.now + span(self.limits.hold_wait));
        self.record(case, retry_events(case.state), next, Some(note), vec![], What::Held).await
    }

    /// It is not booked and will not be by itself: a person must change something.
    pub(crate) async fn refuse(&self, case: &mut Case, note: FailureNote) -> Result<What, WorkerError> {
        let events = match case.state {
            State::InDoubt => vec![Event::ProvenUnbooked],
            State::Proposed
            | State::Queued
            | State::Sending
            | State::Booked
            | State::HandedOver
            | State::Settled
            | State::Refused
            | State::DeadLetter
            | State::Rejected
            | State::Cancelled => Vec::new(),
        };
        self.refuse_after(case, events, note).await
    }

    async fn refuse_after(
        &self,
        case: &mut Case,
        mut events: Vec<Event>,
        note: FailureNote,
    ) -> Result<What, WorkerError> {
        events.push(Event::RefusedByErp);
        case.memo.doubt = None;
        self.watch_drafts(case);
        let next = case.memo.watch_until.map(|_| case.now);
        self.record(case, events, next, Some(note), vec![], What::Refused).await
    }

    /// A posting that ends unbooked may have left a draft: it is looked for at once.
    pub(crate) fn watch_drafts(&self, case: &mut Case) {
        if self.ledger.protocol() == tieout_connectors::Protocol::DraftThenPost && case.memo.attempts > 0 {
            case.watch_at_least_until(case.now);
        }
    }

    /// [`Worker::commit`] as the end of a visit.
    pub(crate) async fn record(
        &self,
        case: &mut Case,
        events: Vec<Event>,
        next_try_at: Option<DateTime<Utc>>,
        failure: Option<FailureNote>,
        findings: Vec<Finding>,
        what: What,
    ) -> Result<What, WorkerError> {
        match self.commit(case, events, next_try_at, failure, findings).await {
            Ok(()) => Ok(what),
            Err(WorkerError::Outbox(crate::ports::OutboxError::Transition(_))) => Ok(What::MovedOn),
            Err(error) => Err(error),
        }
    }

    /// Stores what this visit has found out, in one transaction, and follows the state.
    async fn commit(
        &self,
        case: &mut Case,
        events: Vec<Event>,
        next_try_at: Option<DateTime<Utc>>,
        failure: Option<FailureNote>,
        findings: Vec<Finding>,
    ) -> Result<(), WorkerError> {
        let change = Change { failure, findings, ..case.change(events, next_try_at) };
        self.outbox.record(&change)?;
        follow(case, &change.events);
        Ok(())
    }
}

/// Mirrors what the outbox has just stored. A refusal cannot differ from the outbox's own: it would have
/// refused the change.
pub(crate) fn follow(case: &mut Case, events: &[Event]) {
    for event in events {
        if let Ok(next) = transition(case.state, *event) {
            case.state = next;
        }
    }
}

/// Back to the queue.
pub(crate) fn retry_events(state: State) -> Vec<Event> {
    match state {
        State::Sending => vec![Event::WillRetry],
        State::Proposed
        | State::Queued
        | State::InDoubt
        | State::Booked
        | State::HandedOver
        | State::Settled
        | State::Refused
        | State::DeadLetter
        | State::Rejected
        | State::Cancelled => Vec::new(),
    }
}
