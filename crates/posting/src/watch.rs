//! Looking after a posting that has come to rest: drafts that arrived late are deleted, and an entry that
//! was committed later than anybody reckoned is said.

use tieout_connectors::Protocol;
use tieout_domain::{
    failure::{FailureClass, VendorFailure},
    posting::{PostingEvent as Event, PostingState as State},
};

use crate::{
    attempt::{AttemptAction, FailureNote},
    finding::Finding,
    ports::{AttemptIntent, AttemptOutcome, Change, Heir, OutboxError},
    readback::{compare, is_elsewhere, is_other_content},
    sight::Sight,
    visit::{Case, follow},
    worker::{What, Worker, WorkerError, span},
};

impl Worker {
    /// Looks at every step's key once. Deleting our own draft books nothing and needs no permit: it is done
    /// although the posting was refused or its approver has left.
    pub(crate) async fn watch(&self, case: &mut Case) -> Result<What, WorkerError> {
        let mut findings = Vec::new();
        let mut failed: Option<VendorFailure> = None;
        let mut waits = false;
        for index in 0..case.work.posting.steps.len() {
            // A later posting has this key too: what is there is that one's while it is under way. At rest it
            // may have found nothing, and what came late is still this one's to sweep.
            let key = case.work.posting.steps.get(index).map(|step| &step.key);
            let heir = key.and_then(|key| case.work.passed_on.get(key)).copied();
            if heir == Some(Heir::UnderWay) {
                waits = true;
                continue;
            }
            let sight = match self.look_at(case, index).await? {
                Ok(sight) => sight,
                Err(failure) => {
                    failed = Some(failure);
                    continue;
                }
            };
            if self.ledger.protocol() == Protocol::DraftThenPost {
                for draft in &sight.drafts {
                    match self.delete(case, index, draft).await? {
                        Ok(()) => {}
                        Err(failure) if failure.class == FailureClass::Terminal => {
                            findings.extend(self.left(case, index, draft, failure).await?);
                        }
                        Err(failure) => failed = Some(failure),
                    }
                }
            }
            if heir.is_none()
                && let Some(finding) = self.judge_booked(case, index, &sight).await?
            {
                findings.push(finding);
            }
        }
        self.end_watch(case, findings, (failed, waits)).await
    }

    async fn look_at(&self, case: &Case, index: usize) -> Result<Result<Sight, VendorFailure>, WorkerError> {
        let Some(step) = case.work.posting.steps.get(index) else {
            let why = format!("it has no step {}", index + 1);
            return Err(WorkerError::Contract { posting: case.work.posting.id.clone(), why });
        };
        Ok(self.look_up(&case.lookup(step)).await.map(|looked| Sight::of(&looked.found, |_| false)))
    }

    /// A draft whose deletion was refused: gone already (an unanswered deletion came through), or left.
    async fn left(
        &self,
        case: &Case,
        index: usize,
        draft: &str,
        failure: VendorFailure,
    ) -> Result<Option<Finding>, WorkerError> {
        let still_there = match self.look_at(case, index).await? {
            Ok(sight) => sight.drafts.iter().any(|other| other == draft),
            Err(_) => true,
        };
        Ok(still_there.then(|| Finding::DraftLeft { erp_id: draft.to_owned(), why: failure.message }))
    }

    pub(crate) async fn delete(
        &self,
        case: &mut Case,
        index: usize,
        draft: &str,
    ) -> Result<Result<(), VendorFailure>, WorkerError> {
        let Some(step) = case.work.posting.steps.get(index).cloned() else { return Ok(Ok(())) };
        case.memo.attempts = case.memo.attempts.saturating_add(1);
        let intent = AttemptIntent {
            posting: case.work.posting.id.clone(),
            step: step.number,
            action: AttemptAction::DeleteDraft,
            key: step.key,
            target: Some(draft.to_owned()),
            content_hash: case.content_hash.clone(),
            attempt_no: case.memo.attempts,
            at: self.clock.now(),
            event: None,
            memo: case.memo.clone(),
        };
        let id = match self.outbox.begin_attempt(&intent) {
            Ok(id) => id,
            // A person replays it just now: the drafts are looked after on that way.
            Err(OutboxError::Transition(_) | OutboxError::ContentChanged) => return Ok(Ok(())),
            Err(error) => return Err(error.into()),
        };
        let answer = self.ledger.delete_draft(draft).await;
        case.now = self.clock.now();
        let (failure, receipt) = match &answer {
            Ok(receipt) => (None, Some(receipt)),
            Err(failure) => (Some(FailureNote::from(failure)), None),
        };
        let change = Change { step: step.number, ..case.change(vec![], Some(case.now)) };
        let outcome = AttemptOutcome {
            failure,
            erp_id: Some(draft.to_owned()),
            request_id: receipt.and_then(|r| r.request_id.clone()),
            transcript: receipt.map(|r| r.transcript.clone()),
            change,
        };
        self.outbox.finish_attempt(&id, &outcome)?;
        Ok(answer.map(|_| ()))
    }

    /// Is more booked than this posting's state says?
    async fn judge_booked(
        &self,
        case: &mut Case,
        index: usize,
        sight: &Sight,
    ) -> Result<Option<Finding>, WorkerError> {
        if index < case.memo.booked.len() {
            let twice = sight.booked.len() > 1;
            return Ok(twice.then(|| Finding::BookedTwice { erp_ids: sight.booked.clone() }));
        }
        // Another desk books under the same key: only what was sent without an answer, and says what was
        // sent, can be this desk's. A read that fails leaves it at what the look-up shows.
        if case.memo.last_unanswered.is_none() {
            return Ok(None);
        }
        let untold = |erp_id: &&String| case.memo.held_by.as_ref() != Some(*erp_id);
        for erp_id in sight.booked.iter().filter(untold).cloned().collect::<Vec<_>>() {
            if let Some(finding) = self.booked_after_all(case, index, &erp_id).await? {
                return Ok(Some(finding));
            }
        }
        Ok(None)
    }

    /// Is this entry of the step's key one that this desk sent? A dead letter may end with it.
    async fn booked_after_all(
        &self,
        case: &mut Case,
        index: usize,
        erp_id: &str,
    ) -> Result<Option<Finding>, WorkerError> {
        let read = self.ledger.read_back(erp_id).await.ok().flatten();
        let Some(step) = case.work.posting.steps.get(index) else { return Ok(None) };
        let compared = |entry| compare(&step.entry, step.entity_erp_id(), entry);
        let differences = read.as_ref().map(compared).unwrap_or_default();
        let known = index == case.memo.booked.len() && case.memo.is_known_as_ours(erp_id);
        if !known && is_other_content(&differences) {
            return Ok(None);
        }
        let finding = Finding::BookedAfterAll { erp_id: erp_id.to_owned() };
        let last = index + 1 == case.work.posting.steps.len() && index == case.memo.booked.len();
        let proven = known || !is_elsewhere(&differences);
        if let (Some(entry), State::DeadLetter, true) = (&read, case.state, last && proven) {
            // A dead letter may still be found booked: that is where it ends, with an exception all the same.
            let events = self.book(case, entry);
            let next = Some(case.now);
            let change = Change { findings: vec![finding], ..case.change(events, next) };
            self.outbox.record(&change)?;
            follow(case, &change.events);
            return Ok(None);
        }
        Ok(Some(finding))
    }

    /// The next look, or the end of it. A look that failed, or that waits for a later posting of the same key
    /// to come to its end, is repeated even after the window.
    async fn end_watch(
        &self,
        case: &mut Case,
        findings: Vec<Finding>,
        (failed, waits): (Option<VendorFailure>, bool),
    ) -> Result<What, WorkerError> {
        case.now = self.clock.now();
        let over = case.memo.watch_until.is_none_or(|until| case.now >= until);
        let next = match failed {
            // Not noted as the posting's failure: why it was refused must stay to be read.
            Some(failure) => {
                case.memo.failures = case.memo.failures.saturating_add(1);
                Some(case.now + self.backoff(case.memo.failures, failure.retry_after))
            }
            None if over && waits => Some(case.now + span(self.limits.watch_interval)),
            None if over => {
                case.memo.watch_until = None;
                None
            }
            None => {
                case.memo.failures = 0;
                let until = case.memo.watch_until.unwrap_or(case.now);
                Some(until.min(case.now + span(self.limits.watch_interval)))
            }
        };
        let events: Vec<Event> = Vec::new();
        self.record(case, events, next, None, findings, What::Watched).await
    }
}
