//! The desk's disk: an outbox whose every method commits at one point, before or after which the process
//! may die. What was committed is there after the restart, nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tieout_connectors::CustomerRequest;
use tieout_domain::{
    AttemptId, ConnectionId, PostingId,
    posting::{Posting, PostingEvent, PostingState, transition},
};
use tieout_posting::{
    AttemptIntent, AttemptOutcome, Change, Finding, Memo, Outbox, OutboxError, UnfinishedAttempt, Work,
};

use crate::{
    erp::ENTITY,
    world::{Death, Shared, World, lock},
};

#[derive(Clone)]
pub struct Row {
    pub posting: Posting,
    pub state: PostingState,
    /// As JSON, the way the desk stores it.
    pub memo: String,
    pub next_try_at: Option<DateTime<Utc>>,
    pub after: Option<PostingId>,
    pub customer: Option<CustomerRequest>,
    pub failure: Option<String>,
    pub findings: Vec<Finding>,
}

impl Row {
    pub fn memo(&self) -> Memo {
        serde_json::from_str(&self.memo).unwrap()
    }
}

#[derive(Clone)]
struct Attempt {
    intent: AttemptIntent,
    finished: bool,
}

#[derive(Default)]
pub struct Disk {
    pub rows: BTreeMap<PostingId, Row>,
    due: BTreeSet<(DateTime<Utc>, PostingId)>,
    attempts: BTreeMap<AttemptId, Attempt>,
}

impl Disk {
    pub fn put(&mut self, row: Row) {
        let id = row.posting.id.clone();
        if let Some(before) = self.rows.get(&id)
            && let Some(at) = before.next_try_at
        {
            self.due.remove(&(at, id.clone()));
        }
        if let Some(at) = row.next_try_at {
            self.due.insert((at, id.clone()));
        }
        self.rows.insert(id, row);
    }

    fn blocked(&self, row: &Row) -> bool {
        let booked = |id: &PostingId| self.rows.get(id).is_some_and(|r| r.state == PostingState::Booked);
        row.after.as_ref().is_some_and(|before| !booked(before))
    }

    fn work(&self, row: &Row) -> Work {
        Work {
            posting: row.posting.clone(),
            state: row.state,
            memo: row.memo(),
            entity_erp_ids: vec![ENTITY.to_owned(); row.posting.steps.len()],
            customer: row.customer.clone(),
            waits_for: row.after.iter().filter(|_| self.blocked(row)).cloned().collect(),
        }
    }

    /// True when an attempt at exactly this is on the disk and not finished: nothing may be sent otherwise.
    pub fn has_intent(&self, key: Option<&str>, target: Option<&str>) -> bool {
        self.attempts.values().any(|attempt| {
            !attempt.finished
                && key.is_none_or(|key| attempt.intent.key.as_str() == key)
                && target.is_none_or(|target| attempt.intent.target.as_deref() == Some(target))
        })
    }

    fn prune(&mut self) {
        self.attempts.retain(|_, attempt| !attempt.finished);
    }

    fn apply(&mut self, change: &Change) -> Result<(), OutboxError> {
        let mut row = self.rows[&change.posting].clone();
        for event in &change.events {
            row.state = transition(row.state, *event)?;
        }
        row.memo = serde_json::to_string(&change.memo).unwrap();
        row.next_try_at = change.next_try_at;
        // A later look for strays does not wipe out why it was refused.
        if change.failure.is_some() || !change.events.is_empty() {
            row.failure = change.failure.as_ref().map(|failure| failure.code.clone());
        }
        row.findings.extend(change.findings.iter().cloned());
        self.put(row);
        Ok(())
    }
}

/// A person's act at the desk, between two steps of the worker.
pub fn person(world: &mut World, id: &PostingId, event: PostingEvent) {
    let now = world.now();
    let mut row = world.disk.rows[id].clone();
    let memo = row.memo();
    let allowed = event != PostingEvent::Cancelled || memo.may_cancel();
    let Ok(next) = transition(row.state, event) else { return };
    if !allowed {
        return;
    }
    row.state = next;
    match event {
        PostingEvent::Replayed => {
            row.memo = serde_json::to_string(&memo.replayed()).unwrap();
            row.next_try_at = Some(now);
        }
        _ => row.next_try_at = None,
    }
    world.note(&format!("person {event:?} {id}"));
    world.disk.put(row);
}

pub struct SimOutbox(pub Shared);

impl SimOutbox {
    /// Runs one transaction; the process may die just before or just after its commit. Dying is told to the
    /// driver by the flag; the engine sees a failed store and does nothing more.
    fn commit<T>(
        &self,
        name: &str,
        job: impl FnOnce(&mut World) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        let mut world = lock(&self.0);
        let lost = || OutboxError::Store("the disk did not answer".to_owned());
        let death = world.death();
        let per_mille = world.chaos.disk;
        let (fails, committed) = (world.chance(per_mille, 1000), world.chance(1, 2));
        if death == Death::Before || (fails && !committed) {
            world.note(&format!("{name} lost"));
            world.disk_died |= death == Death::Before;
            return Err(lost());
        }
        let result = job(&mut world);
        let code = result.as_ref().err().map_or("ok", |e| e.code());
        world.note(&format!("{name} {code}"));
        if death == Death::After || fails {
            world.disk_died |= death == Death::After;
            return Err(lost());
        }
        result
    }
}

impl Outbox for SimOutbox {
    fn next_due(
        &self,
        _connection: &ConnectionId,
        now: DateTime<Utc>,
        busy: &[PostingId],
    ) -> Result<Option<Work>, OutboxError> {
        let mut world = lock(&self.0);
        // Once in a while work is handed out too early: the engine must put it off by itself.
        let careless = world.chance(1, 20);
        let disk = &world.disk;
        let due = disk.due.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| &disk.rows[id]);
        let work = due
            .filter(|row| !busy.contains(&row.posting.id))
            .find(|row| careless || !disk.blocked(row) || row.memo().attempts > 0)
            .map(|row| disk.work(row));
        if let Some(work) = &work {
            let text = format!("due {} {}", work.posting.id, work.state.as_str());
            world.note(&text);
        }
        Ok(work)
    }

    fn next_wake(&self, _connection: &ConnectionId) -> Result<Option<DateTime<Utc>>, OutboxError> {
        let world = lock(&self.0);
        let disk = &world.disk;
        let mut wakes = disk.due.iter().filter(|(_, id)| !disk.blocked(&disk.rows[id]));
        Ok(wakes.next().map(|(at, _)| *at))
    }

    fn begin_attempt(&self, intent: &AttemptIntent) -> Result<AttemptId, OutboxError> {
        self.commit(&format!("begin {} {}", intent.action.as_str(), intent.key), |world| {
            let disk = &mut world.disk;
            let mut row = disk.rows[&intent.posting].clone();
            if row.posting.content_hash() != intent.content_hash {
                return Err(OutboxError::ContentChanged);
            }
            if let Some(event) = intent.event {
                row.state = transition(row.state, event)?;
            }
            row.memo = serde_json::to_string(&intent.memo).unwrap();
            disk.put(row);
            let number = intent.attempt_no.to_string();
            let id = AttemptId::derive(&[intent.posting.as_str(), &number, &intent.at.to_rfc3339()]);
            disk.attempts.insert(id.clone(), Attempt { intent: intent.clone(), finished: false });
            Ok(id)
        })
    }

    fn finish_attempt(&self, id: &AttemptId, outcome: &AttemptOutcome) -> Result<(), OutboxError> {
        self.commit(&format!("finish {:?}", outcome.change.events), |world| {
            world.disk.apply(&outcome.change)?;
            if let Some(attempt) = world.disk.attempts.get_mut(id) {
                attempt.finished = true;
            }
            world.disk.prune();
            Ok(())
        })
    }

    fn record(&self, change: &Change) -> Result<(), OutboxError> {
        self.commit(&format!("record {:?}", change.events), |world| world.disk.apply(change))
    }

    fn unfinished_attempts(&self, _connection: &ConnectionId) -> Result<Vec<UnfinishedAttempt>, OutboxError> {
        let world = lock(&self.0);
        let disk = &world.disk;
        let open = disk.attempts.iter().filter(|(_, attempt)| !attempt.finished);
        Ok(open
            .map(|(id, Attempt { intent, .. })| UnfinishedAttempt {
                id: id.clone(),
                action: intent.action,
                step: intent.step,
                at: intent.at,
                work: disk.work(&disk.rows[&intent.posting]),
            })
            .collect())
    }
}
