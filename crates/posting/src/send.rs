//! Sending: everything that has to be true before the first byte, the one call, and what its answer means.

use chrono::{DateTime, Utc};
use tieout_connectors::{BookRequest, CustomerRequest, Found, Receipt};
use tieout_domain::{
    AttemptId,
    basis::{BasisMove, BasisMoved},
    calendar::PeriodStatus,
    destination::Customer,
    entry::JournalEntry,
    failure::{FailureClass, VendorFailure},
    ledger::EntryStatus,
    posting::{PostingEvent as Event, PostingState as State},
};
use tieout_duties::{Permit, Place};

use crate::{
    attempt::{AttemptAction, FailureNote},
    decide::Sending,
    planted::Fault,
    ports::{AttemptIntent, AttemptOutcome, AuthorityError, Change, OutboxError},
    readback::compare,
    sight::Sight,
    visit::{Case, Flow, follow},
    worker::{What, Worker, WorkerError, span},
};

/// A vendor refuses a second entry of one key with this code: the first may only just have been committed.
pub const DUPLICATE_KEY: &str = "duplicate_external_id";

/// What stops a send before its first byte.
pub(crate) enum Stop {
    /// Terminal: a person must change something.
    Refuse(FailureNote),
    /// Nothing happened; later.
    Later(FailureNote, Option<std::time::Duration>),
    /// What was approved is no longer what would be right.
    Moved(BasisMoved),
    /// Somebody holds its exception.
    Held,
    /// What was looked up in the ledger is too old by now: it is looked up again.
    LookAgain,
}

impl From<AuthorityError> for Stop {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Refused(refusal) => Stop::refuse(refusal.code(), refusal.to_string()),
            AuthorityError::BasisMoved(moved) => Stop::Moved(moved),
            AuthorityError::Held => Stop::Held,
            AuthorityError::Unavailable(why) => {
                Stop::Later(FailureNote::new(FailureClass::Retryable, "permit_unavailable", why), None)
            }
            unread @ AuthorityError::Unread { retry_after, .. } => {
                let words = unread.to_string();
                Stop::Later(FailureNote::new(FailureClass::Retryable, "billing_not_read", words), retry_after)
            }
        }
    }
}

/// A started attempt.
struct Begun {
    id: AttemptId,
    action: AttemptAction,
}

impl Worker {
    /// Books the step: checks, customer, permit, durable intent, a last look at the basis, one call,
    /// read-back.
    pub(crate) async fn send(
        &self,
        case: &mut Case,
        found: &Found,
        sending: Sending,
    ) -> Result<Flow, WorkerError> {
        if let Err(stop) = prepared(case)? {
            return self.stop(case, stop).await;
        }
        let status = match self.check_period(case).await? {
            Ok(status) => status,
            Err(stop) => return self.stop(case, stop).await,
        };
        let customer = match self.customer(case, &sending, status).await? {
            Ok(customer) => customer,
            Err(flow) => return Ok(flow),
        };
        if let Err(stop) = self.check_ledger(case, found).await? {
            return self.stop(case, stop).await;
        }
        let target = sending.target().map(str::to_owned);
        let begun = match self.begin(case, sending.action(), target, status).await? {
            Ok(begun) => begun,
            Err(flow) => return Ok(flow),
        };
        let answer = match self.call(case, &sending, customer).await? {
            Ok(answer) => answer,
            Err(stop) => return self.withdraw(case, begun, stop).await,
        };
        case.now = self.clock.now();
        if answer.as_ref().err().is_none_or(|failure| failure.class != FailureClass::Retryable) {
            self.note_age(case);
        }
        match answer {
            Ok(receipt) => self.sent(case, begun, sending, receipt).await,
            Err(failure) => self.not_sent(case, begun, &failure).await,
        }
    }

    /// The one call of a changing kind: what was approved, and nothing else.
    async fn call(
        &self,
        case: &Case,
        sending: &Sending,
        customer: Option<String>,
    ) -> Result<Result<Result<Receipt, VendorFailure>, Stop>, WorkerError> {
        let step = case.step()?;
        let erp_id = match sending {
            Sending::PostDraft(erp_id) => {
                return Ok(Ok(self.ledger.post_draft(erp_id, self.serves(case)).await));
            }
            Sending::CreateBooked | Sending::CreateDraft => customer,
        };
        let Some(destination) = step.destination.clone() else {
            return Ok(Err(Stop::Moved(BasisMoved::by(BasisMove::EarlierVersion))));
        };
        let mut draft = step.entry.clone().into_draft();
        draft.customer = erp_id;
        let entry = match JournalEntry::new(draft) {
            Ok(entry) => entry,
            Err(error) => return Ok(Err(Stop::refuse(error.code(), error.to_string()))),
        };
        let request = BookRequest {
            key: step.key.clone(),
            entry,
            entity_erp_id: destination.entity_erp_id,
            accounts: destination.accounts,
            options: destination.options,
            reverses: step.reverses.clone(),
        };
        Ok(Ok(self.ledger.create(&request, self.serves(case)).await))
    }

    pub(crate) async fn stop(&self, case: &mut Case, stop: Stop) -> Result<Flow, WorkerError> {
        match stop {
            Stop::Refuse(note) => self.refuse(case, note).await,
            Stop::Later(note, asked) => self.retry_later(case, note, asked).await,
            Stop::Moved(moved) => self.send_back(case, &moved).await,
            Stop::Held => self.hold(case).await,
            Stop::LookAgain => return Ok(Flow::Again),
        }
        .map(Flow::Over)
    }

    /// The ERP's id of the customer that the entry names. One that was approved as new is made first, and
    /// then the ledger is looked at anew; the same external id never makes two.
    async fn customer(
        &self,
        case: &mut Case,
        sending: &Sending,
        status: PeriodStatus,
    ) -> Result<Result<Option<String>, Flow>, WorkerError> {
        if let (Sending::PostDraft(_), _) | (_, Some(_)) = (sending, &case.customer) {
            return Ok(Ok(case.customer.clone()));
        }
        let destination = case.step()?.destination.clone();
        let request = match destination.map(|to| (to.entity_erp_id, to.customer)) {
            None | Some((_, None)) => return Ok(Ok(None)),
            Some((_, Some(Customer::Known { erp_id }))) => return Ok(Ok(Some(erp_id))),
            Some((entity_erp_id, Some(Customer::New { external_id, name }))) => {
                CustomerRequest { external_id, name, entity_erp_id }
            }
        };
        let begun = match self.begin(case, AttemptAction::EnsureCustomer, None, status).await? {
            Ok(begun) => begun,
            Err(flow) => return Ok(Err(flow)),
        };
        let answer = self.ledger.ensure_customer(&request).await;
        case.now = self.clock.now();
        let erp_id = match answer {
            Ok(erp_id) => erp_id,
            Err(failure) => return self.not_sent(case, begun, &failure).await.map(Err),
        };
        let change = case.change(vec![], Some(case.now));
        let outcome = AttemptOutcome {
            failure: None,
            erp_id: Some(erp_id.clone()),
            request_id: None,
            transcript: None,
            change,
        };
        self.finish(case, &begun, outcome)?;
        case.customer = Some(erp_id);
        Ok(Err(Flow::Again))
    }

    /// Has the document read again in billing, unless this visit did so just now.
    async fn reread(&self, case: &mut Case) -> Result<(), Stop> {
        let fresh = |at: DateTime<Utc>| self.clock.now() - at < span(self.limits.fresh);
        if self.is_out(Fault::NoReread) || case.reread.is_some_and(fresh) {
            return Ok(());
        }
        self.authority.reread(&case.work.posting.id).await?;
        case.reread = Some(self.clock.now());
        Ok(())
    }

    /// Asks for leave, now, and checks that it is for exactly this.
    fn permit(&self, case: &Case, status: PeriodStatus) -> Result<Result<Permit, Stop>, WorkerError> {
        let step = case.step()?;
        let permit = match self.authority.permit(&case.work.posting.id, step.number, status) {
            Ok(permit) => permit,
            Err(error) => return Ok(Err(error.into())),
        };
        let place = Place {
            connection: self.connection.clone(),
            step: step.number,
            entity: step.entry.entity().clone(),
            period: step.entry.period().clone(),
        };
        Ok(match permit.covers(&case.work.posting.id, &case.content_hash, &place) {
            Ok(()) => Ok(permit),
            Err(mismatch) => Err(Stop::refuse(mismatch.code(), mismatch.to_string())),
        })
    }

    /// What billing has now, leave, a durable intent, and a last look at what the posting rests on; then the
    /// call may be made, while what was looked up in the ledger serves it. Or how the visit ends, with
    /// nothing sent.
    async fn begin(
        &self,
        case: &mut Case,
        action: AttemptAction,
        target: Option<String>,
        status: PeriodStatus,
    ) -> Result<Result<Begun, Flow>, WorkerError> {
        if let Err(stop) = self.reread(case).await {
            return self.stop(case, stop).await.map(Err);
        }
        let permit = match self.permit(case, status)? {
            Ok(permit) => permit,
            Err(stop) => return self.stop(case, stop).await.map(Err),
        };
        if self.serves(case).is_zero() {
            return self.stop(case, Stop::LookAgain).await.map(Err);
        }
        let Some(begun) = self.make_durable(case, action, target, permit)? else {
            return Ok(Err(Flow::Over(What::MovedOn)));
        };
        let holds = match self.is_out(Fault::NoLastLook) {
            true => Ok(()),
            false => self.authority.basis_holds(&case.work.posting.id),
        };
        let stop = match holds {
            Ok(()) if self.serves(case).is_zero() => Stop::LookAgain,
            Ok(()) => return Ok(Ok(begun)),
            Err(error) => error.into(),
        };
        self.withdraw(case, begun, stop).await.map(Err)
    }

    /// Makes the intent durable. The permit is used up. `None`: the posting has moved on, nothing was sent.
    fn make_durable(
        &self,
        case: &mut Case,
        action: AttemptAction,
        target: Option<String>,
        permit: Permit,
    ) -> Result<Option<Begun>, WorkerError> {
        drop(permit);
        let step = case.step()?.clone();
        case.memo.attempts = case.memo.attempts.saturating_add(1);
        case.memo.step_attempts = case.memo.step_attempts.saturating_add(1);
        if action == AttemptAction::PostDraft {
            case.memo.chosen_draft.clone_from(&target);
        }
        let event = (case.state == State::Queued).then_some(Event::SendStarted);
        let intent = AttemptIntent {
            posting: case.work.posting.id.clone(),
            step: step.number,
            action,
            key: step.key,
            target,
            content_hash: case.content_hash.clone(),
            attempt_no: case.memo.attempts,
            at: self.clock.now(),
            event,
            memo: case.memo.clone(),
        };
        match self.outbox.begin_attempt(&intent) {
            Ok(id) => {
                follow(case, event.as_slice());
                Ok(Some(Begun { id, action }))
            }
            Err(OutboxError::Transition(_) | OutboxError::ContentChanged) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends an attempt whose call was not made after all.
    async fn withdraw(&self, case: &mut Case, begun: Begun, stop: Stop) -> Result<Flow, WorkerError> {
        case.memo.step_attempts = case.memo.step_attempts.saturating_sub(1);
        let note = FailureNote::new(FailureClass::Retryable, "not_sent", "nothing was sent after all");
        let change = Change { failure: Some(note.clone()), ..case.change(vec![], Some(case.now)) };
        self.finish(case, &begun, failed(note, change))?;
        self.stop(case, stop).await
    }

    fn finish(&self, case: &mut Case, begun: &Begun, outcome: AttemptOutcome) -> Result<(), WorkerError> {
        self.outbox.finish_attempt(&begun.id, &outcome)?;
        follow(case, &outcome.change.events);
        Ok(())
    }

    /// The ERP took it. A booking is believed only when it is read back.
    async fn sent(
        &self,
        case: &mut Case,
        begun: Begun,
        sending: Sending,
        receipt: Receipt,
    ) -> Result<Flow, WorkerError> {
        let booked_id = match &sending {
            Sending::CreateDraft => None,
            Sending::CreateBooked => receipt.erp_id.clone(),
            Sending::PostDraft(erp_id) => Some(erp_id.clone()),
        };
        let outcome = |change: Change, failure: Option<FailureNote>| AttemptOutcome {
            failure,
            erp_id: receipt.erp_id.clone(),
            request_id: receipt.request_id.clone(),
            transcript: Some(receipt.transcript.clone()),
            change,
        };
        if begun.action == AttemptAction::CreateDraft {
            let change = case.change(vec![], Some(case.now));
            self.finish(case, &begun, outcome(change, None))?;
            return Ok(Flow::Again);
        }
        let read = match &booked_id {
            Some(erp_id) => self.ask_booked(erp_id).await,
            None => Ok(None),
        };
        let failure = match read {
            Ok(Some(entry)) if entry.status == EntryStatus::Booked => {
                let step = case.step()?;
                let findings = compare(&step.entry, step.entity_erp_id(), &entry);
                let events = self.book(case, &entry);
                let (next, flow) = self.after_booking(case);
                let change = Change { findings, ..case.change(events, next) };
                self.finish(case, &begun, outcome(change, None))?;
                return Ok(flow);
            }
            Ok(Some(_) | None) => FailureNote::new(
                FailureClass::Unknown,
                "not_seen_after_send",
                "the ERP accepted the entry and does not show it as booked yet",
            ),
            Err(failure) => FailureNote::from(&failure),
        };
        let note = FailureNote { class: FailureClass::Unknown, ..failure };
        case.enter_doubt(begun.action, case.now, note.clone(), &self.limits);
        case.memo.accepted = booked_id;
        // It was accepted: this is no failure of the send, only its proof is missing.
        case.memo.failures = case.memo.failures.saturating_sub(1);
        let next = Some(case.now + self.look_up_wait(0));
        let change = Change { failure: Some(note), ..case.change(vec![Event::OutcomeUnknown], next) };
        self.finish(case, &begun, outcome(change, None))?;
        Ok(Flow::Over(What::InDoubt))
    }

    /// The call failed, in one of the three ways.
    async fn not_sent(
        &self,
        case: &mut Case,
        begun: Begun,
        failure: &VendorFailure,
    ) -> Result<Flow, WorkerError> {
        let note = FailureNote::from(failure);
        let class = match (failure.class, begun.action.may_book()) {
            // A customer that may or may not have been made is asked for again: that changes nothing.
            (FailureClass::Unknown, false) => FailureClass::Retryable,
            (class, _) => class,
        };
        let (events, next, what) = match class {
            FailureClass::Retryable => self.after_failure(case, failure.retry_after),
            FailureClass::Unknown => self.doubt(case, &begun, note.clone()),
            FailureClass::Terminal => match self.is_believable(case, &begun, failure).await? {
                Believed::Refused => self.refused(case),
                Believed::Booked => {
                    let change =
                        Change { failure: Some(note.clone()), ..case.change(vec![], Some(case.now)) };
                    self.finish(case, &begun, failed(note, change))?;
                    return Ok(Flow::Again);
                }
                Believed::NotYet => self.doubt(case, &begun, note.clone()),
                // Another desk took the draft away: nothing of it is booked.
                Believed::Gone => self.after_failure(case, None),
            },
        };
        let change = Change { failure: Some(note.clone()), ..case.change(events, next) };
        self.finish(case, &begun, failed(note, change))?;
        Ok(Flow::Over(what))
    }

    fn refused(&self, case: &mut Case) -> (Vec<Event>, Option<DateTime<Utc>>, What) {
        self.watch_drafts(case);
        (vec![Event::RefusedByErp], case.memo.watch_until.map(|_| case.now), What::Refused)
    }

    fn doubt(
        &self,
        case: &mut Case,
        begun: &Begun,
        note: FailureNote,
    ) -> (Vec<Event>, Option<DateTime<Utc>>, What) {
        case.enter_doubt(begun.action, case.now, note, &self.limits);
        (vec![Event::OutcomeUnknown], Some(case.now + self.look_up_wait(0)), What::InDoubt)
    }

    /// A refusal counts once the ledger agrees: an earlier send of the same key may just have been
    /// committed, and then the vendor refuses the later one ("duplicate", "already posted").
    async fn is_believable(
        &self,
        case: &Case,
        begun: &Begun,
        failure: &VendorFailure,
    ) -> Result<Believed, WorkerError> {
        if !begun.action.may_book() {
            return Ok(Believed::Refused);
        }
        let step = case.step()?;
        Ok(match self.look_up(&case.lookup(step)).await {
            Err(_) => Believed::NotYet,
            Ok(looked) => {
                let sight = Sight::of(&looked.found, |_| false);
                let gone = begun.action == AttemptAction::PostDraft
                    && case.memo.chosen_draft.as_ref().is_some_and(|draft| !sight.drafts.contains(draft));
                let unique = self.ledger.protocol() == tieout_connectors::Protocol::UniqueKey;
                match !sight.booked.is_empty() || (unique && !sight.drafts.is_empty()) {
                    true => Believed::Booked,
                    false if failure.code == DUPLICATE_KEY => Believed::NotYet,
                    false if gone => Believed::Gone,
                    false => Believed::Refused,
                }
            }
        })
    }
}

/// What the ledger says of a refusal.
enum Believed {
    /// Nothing of our key is there.
    Refused,
    /// Our entry is there.
    Booked,
    /// It cannot be told now.
    NotYet,
    /// The draft that was to be posted is there no more.
    Gone,
}

/// All that is to be sent was approved. What an earlier version prepared is not.
fn prepared(case: &Case) -> Result<Result<(), Stop>, WorkerError> {
    let step = case.step()?;
    Ok(match step.destination.as_ref().filter(|_| case.work.posting.is_whole(case.memo.booked.len())) {
        None => Err(Stop::Moved(BasisMoved::by(BasisMove::EarlierVersion))),
        Some(destination) => {
            let covered = destination.covers(&step.entry);
            covered.map_err(|error| Stop::refuse(error.code(), error.to_string()))
        }
    })
}

fn failed(note: FailureNote, change: Change) -> AttemptOutcome {
    let request_id = note.request_id.clone();
    AttemptOutcome { failure: Some(note), erp_id: None, request_id, transcript: None, change }
}
