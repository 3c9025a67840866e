//! Sending: everything that has to be true before the first byte, the one call, and what its answer means.

use chrono::{DateTime, Utc};
use tieout_connectors::{BookRequest, Found, PeriodCheck, Receipt};
use tieout_domain::{
    AttemptId,
    calendar::PeriodStatus,
    entry::JournalEntry,
    failure::{FailureClass, VendorFailure},
    ledger::EntryStatus,
    posting::{PostingEvent as Event, PostingState as State},
};
use tieout_duties::{Permit, Place};

use crate::{
    AttemptAction, AttemptIntent, AttemptOutcome, AuthorityError, Change, FailureNote, OutboxError, What,
    Worker, WorkerError,
    decide::Sending,
    readback::compare,
    sight::{Sight, reversal_of, standing_entry},
    visit::{Case, Flow, follow},
};

/// A vendor refuses a second entry of one key with this code: the first may only just have been committed.
pub const DUPLICATE_KEY: &str = "duplicate_external_id";

/// What stops a send before its first byte.
enum Stop {
    /// Terminal: a person must change something.
    Refuse(FailureNote),
    /// Nothing happened; later.
    Later(FailureNote, Option<std::time::Duration>),
}

impl Stop {
    fn refuse(code: &str, message: impl Into<String>) -> Self {
        Stop::Refuse(FailureNote::new(FailureClass::Terminal, code, message))
    }

    /// A read failed: it had no effect, whatever its class says of a change.
    fn read(failure: &VendorFailure) -> Self {
        match failure.class {
            FailureClass::Terminal => Stop::Refuse(failure.into()),
            FailureClass::Retryable | FailureClass::Unknown => {
                Stop::Later(failure.into(), failure.retry_after)
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
    /// Books the step: checks, customer, permit, durable intent, one call, read-back.
    pub(crate) async fn send(
        &self,
        case: &mut Case,
        found: &Found,
        sending: Sending,
    ) -> Result<Flow, WorkerError> {
        let status = match self.check_period(case).await? {
            Ok(status) => status,
            Err(stop) => return self.stop(case, stop).await,
        };
        if let Err(stop) = self.check_ledger(case, found).await? {
            return self.stop(case, stop).await;
        }
        let entry = match self.customer(case, status).await? {
            Ok(entry) => entry,
            Err(flow) => return Ok(flow),
        };
        let permit = match self.permit(case, status)? {
            Ok(permit) => permit,
            Err(stop) => return self.stop(case, stop).await,
        };
        let target = sending.target().map(str::to_owned);
        let Some(begun) = self.begin(case, sending.action(), target, permit)? else {
            return Ok(Flow::Over(What::MovedOn));
        };
        let answer = self.call(case, &sending, entry).await?;
        case.now = self.clock.now();
        match answer {
            Ok(receipt) => self.sent(case, begun, sending, receipt).await,
            Err(failure) => self.not_sent(case, begun, &failure).await,
        }
    }

    /// The one call of a changing kind.
    async fn call(
        &self,
        case: &Case,
        sending: &Sending,
        entry: JournalEntry,
    ) -> Result<Result<Receipt, VendorFailure>, WorkerError> {
        let (step, entity_erp_id) = case.step()?;
        Ok(match sending {
            Sending::CreateBooked | Sending::CreateDraft => {
                let request = BookRequest {
                    key: step.key.clone(),
                    entry,
                    entity_erp_id: entity_erp_id.to_owned(),
                    reverses: step.reverses.clone(),
                };
                self.ledger.create(&request).await
            }
            Sending::PostDraft(erp_id) => self.ledger.post_draft(erp_id).await,
        })
    }

    async fn stop(&self, case: &mut Case, stop: Stop) -> Result<Flow, WorkerError> {
        match stop {
            Stop::Refuse(note) => self.refuse(case, note).await,
            Stop::Later(note, asked) => self.retry_later(case, note, asked).await,
        }
        .map(Flow::Over)
    }

    /// The period's status, read from the ERP now. A closed one is refused here: nothing is sent.
    async fn check_period(&self, case: &Case) -> Result<Result<PeriodStatus, Stop>, WorkerError> {
        let (step, entity_erp_id) = case.step()?;
        let PeriodCheck { period, accepts } =
            match self.ledger.period(entity_erp_id, step.entry.posting_date()).await {
                Ok(check) => check,
                Err(failure) => return Ok(Err(Stop::read(&failure))),
            };
        if period.key != *step.entry.period() {
            let message = format!(
                "approved for period {}, and the ERP keeps {} in period {}: reroute it",
                step.entry.period(),
                step.entry.posting_date(),
                period.key
            );
            return Ok(Err(Stop::refuse("period_differs", message)));
        }
        if !accepts {
            let message = format!(
                "the ERP says that period {} of entity {} is {}: it takes no entry; reroute it",
                period.key,
                step.entry.entity(),
                period.status.as_text()
            );
            return Ok(Err(Stop::refuse("period_closed", message)));
        }
        Ok(Ok(period.status))
    }

    /// Nobody else has booked this document, or, for a step that undoes an entry, the entry is there and
    /// still stands. In a set that corrects, an entry of the same reference is expected.
    async fn check_ledger(&self, case: &Case, found: &Found) -> Result<Result<(), Stop>, WorkerError> {
        let (step, _) = case.step()?;
        let Some(target_id) = &step.reverses else {
            let corrects = case.work.posting.steps.iter().any(|step| step.reverses.is_some());
            if corrects {
                return Ok(Ok(()));
            }
            return Ok(match standing_entry(found, &step.key) {
                None => Ok(()),
                Some(entry) => {
                    let name =
                        entry.number.as_deref().or(entry.external_id.as_deref()).unwrap_or("without number");
                    let message = format!(
                        "the ERP already holds {} as entry {} ({name}): nothing was sent",
                        case.work.posting.reference, entry.erp_id
                    );
                    Err(Stop::refuse("already_in_ledger", message))
                }
            });
        };
        let target = match self.ledger.read_back(target_id).await {
            Ok(target) => target,
            Err(failure) => return Ok(Err(Stop::read(&failure))),
        };
        let Some(target) = target else {
            let message = format!("the entry {target_id} that is to be reversed is not in the ERP");
            return Ok(Err(Stop::refuse("reversed_entry_missing", message)));
        };
        if target.status != EntryStatus::Booked {
            let message =
                format!("the entry {target_id} that is to be reversed is {}", target.status.as_str());
            return Ok(Err(Stop::refuse("reversed_entry_not_booked", message)));
        }
        if let Some(earlier) = reversal_of(found, &step.key, &target) {
            let message = format!("the entry {target_id} is already reversed, by entry {}", earlier.erp_id);
            return Ok(Err(Stop::refuse("already_reversed", message)));
        }
        Ok(Ok(()))
    }

    /// Makes sure that the ERP knows the customer, and answers the entry that names it.
    async fn customer(
        &self,
        case: &mut Case,
        status: PeriodStatus,
    ) -> Result<Result<JournalEntry, Flow>, WorkerError> {
        let entry = case.step()?.0.entry.clone();
        let Some(customer) = case.work.customer.clone() else { return Ok(Ok(entry)) };
        let permit = match self.permit(case, status)? {
            Ok(permit) => permit,
            Err(stop) => return self.stop(case, stop).await.map(Err),
        };
        let Some(begun) = self.begin(case, AttemptAction::EnsureCustomer, None, permit)? else {
            return Ok(Err(Flow::Over(What::MovedOn)));
        };
        let answer = self.ledger.ensure_customer(&customer).await;
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
        if entry.customer().is_some_and(|named| named != erp_id) {
            let named = entry.customer().unwrap_or_default();
            let message =
                format!("approved for the ERP's customer {named}, and {} is {erp_id}", customer.external_id);
            return self.stop(case, Stop::refuse("customer_differs", message)).await.map(Err);
        }
        let mut draft = entry.into_draft();
        draft.customer = Some(erp_id);
        match JournalEntry::new(draft) {
            Ok(entry) => Ok(Ok(entry)),
            Err(error) => self.stop(case, Stop::refuse(error.code(), error.to_string())).await.map(Err),
        }
    }

    /// Asks for leave, now, and checks that it is for exactly this.
    fn permit(&self, case: &Case, status: PeriodStatus) -> Result<Result<Permit, Stop>, WorkerError> {
        let (step, _) = case.step()?;
        let permit = match self.authority.permit(&case.work.posting.id, step.number, status) {
            Ok(permit) => permit,
            Err(AuthorityError::Refused(refusal)) => {
                return Ok(Err(Stop::refuse(refusal.code(), refusal.to_string())));
            }
            Err(AuthorityError::Unavailable(why)) => {
                let note = FailureNote::new(FailureClass::Retryable, "permit_unavailable", why);
                return Ok(Err(Stop::Later(note, None)));
            }
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

    /// Makes the intent durable. The permit is used up. `None`: the posting has moved on, nothing was sent.
    fn begin(
        &self,
        case: &mut Case,
        action: AttemptAction,
        target: Option<String>,
        permit: Permit,
    ) -> Result<Option<Begun>, WorkerError> {
        drop(permit);
        let step = case.step()?.0.clone();
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
        let read = match booked_id {
            Some(erp_id) => self.ledger.read_back(&erp_id).await,
            None => Ok(None),
        };
        let failure = match read {
            Ok(Some(entry)) if entry.status == EntryStatus::Booked => {
                let (step, entity_erp_id) = case.step()?;
                let findings = compare(&step.entry, entity_erp_id, &entry);
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
        let (step, entity_erp_id) = case.step()?;
        Ok(match self.ledger.find(&case.lookup(step, entity_erp_id)).await {
            Err(_) => Believed::NotYet,
            Ok(found) => {
                let sight = Sight::of(&found);
                let unique = self.ledger.protocol() == tieout_connectors::Protocol::UniqueKey;
                match !sight.booked.is_empty() || (unique && !sight.drafts.is_empty()) {
                    true => Believed::Booked,
                    false if failure.code == DUPLICATE_KEY => Believed::NotYet,
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
}

fn failed(note: FailureNote, change: Change) -> AttemptOutcome {
    let request_id = note.request_id.clone();
    AttemptOutcome { failure: Some(note), erp_id: None, request_id, transcript: None, change }
}
