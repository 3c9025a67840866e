//! A desk's disk: an outbox whose every method commits at one point, before or after which the process may
//! die. What was committed is there after the restart, nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use tieout_domain::{
    AttemptId, ConnectionId, PostingId,
    key::PostingKey,
    posting::{Posting, PostingEvent, PostingState, transition},
};
use tieout_posting::{
    AttemptIntent, AttemptOutcome, Busy, Change, Finding, Heir, Look, Memo, Outbox, OutboxError,
    UnfinishedAttempt, Work,
};

use crate::{
    office,
    world::{Death, Shared, World, lock},
};

#[derive(Clone)]
pub struct Row {
    pub posting: Posting,
    /// The document that it is for, whatever its number.
    pub document: String,
    pub state: PostingState,
    /// As JSON, the way the desk stores it.
    pub memo: String,
    pub next_try_at: Option<DateTime<Utc>>,
    pub after: Option<PostingId>,
    /// The content that was approved. A return to the preparer voids it.
    pub approved: Option<String>,
    /// The exception is on hold.
    pub held: bool,
    pub look: Look,
    pub failure: Option<String>,
    pub findings: Vec<Finding>,
}

impl Row {
    pub fn memo(&self) -> Memo {
        serde_json::from_str(&self.memo).unwrap()
    }

    pub fn remember(&mut self, memo: &Memo) {
        self.memo = serde_json::to_string(memo).unwrap();
    }
}

#[derive(Clone)]
struct Attempt {
    intent: AttemptIntent,
    finished: bool,
}

/// What a lane works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub desk: usize,
    pub posting: PostingId,
    pub reference: String,
}

fn is_under_way(row: &Row) -> bool {
    matches!(row.state, PostingState::Queued | PostingState::Sending | PostingState::InDoubt)
}

#[derive(Default)]
pub struct Disk {
    pub rows: BTreeMap<PostingId, Row>,
    due: BTreeSet<(DateTime<Utc>, PostingId)>,
    attempts: BTreeMap<AttemptId, Attempt>,
    /// The postings of each reference, in the order in which they were stored.
    of_reference: BTreeMap<String, Vec<PostingId>>,
    /// The posting that has a key now.
    of_key: BTreeMap<PostingKey, PostingId>,
}

impl Disk {
    pub fn put(&mut self, row: Row) {
        let id = row.posting.id.clone();
        match self.rows.get(&id) {
            Some(before) => {
                if let Some(at) = before.next_try_at {
                    self.due.remove(&(at, id.clone()));
                }
            }
            None => {
                let reference = row.posting.reference.clone();
                self.of_reference.entry(reference).or_default().push(id.clone());
            }
        }
        let keys = |row: &Row| row.posting.steps.iter().map(|step| step.key.clone()).collect::<Vec<_>>();
        let before = self.rows.get(&id).map(keys).unwrap_or_default();
        for key in keys(&row).into_iter().filter(|key| !before.contains(key)) {
            self.of_key.insert(key, id.clone());
        }
        if let Some(at) = row.next_try_at {
            self.due.insert((at, id.clone()));
        }
        self.rows.insert(id, row);
    }

    /// The posting that has this key now.
    pub fn holder(&self, key: &PostingKey) -> Option<&Row> {
        self.of_key.get(key).map(|id| &self.rows[id])
    }

    pub fn document_of(&self, key: &PostingKey) -> String {
        self.holder(key).map(|row| row.document.clone()).unwrap_or_default()
    }

    /// What this desk sent to undo entries of the reference: key to what is undone.
    pub fn reversals(&self, reference: &str) -> BTreeMap<String, String> {
        let steps = self.of(reference).flat_map(|row| &row.posting.steps);
        steps.filter_map(|step| Some((step.key.to_string(), step.reverses.clone()?))).collect()
    }

    fn of<'a>(&'a self, reference: &str) -> impl Iterator<Item = &'a Row> + use<'a> {
        self.of_reference.get(reference).into_iter().flatten().map(|id| &self.rows[id])
    }

    /// The later postings that have a key of this one as well, but for those that were withdrawn.
    fn heirs<'a>(&'a self, row: &'a Row, key: &'a PostingKey) -> impl Iterator<Item = &'a Row> {
        let later = self.of(&row.posting.reference).skip_while(|other| other.posting.id != row.posting.id);
        later.skip(1).filter(move |other| {
            let withdrawn = matches!(other.state, PostingState::Cancelled | PostingState::Rejected);
            !withdrawn && other.posting.steps.iter().any(|step| step.key == *key)
        })
    }

    fn stands<'a>(heirs: impl Iterator<Item = &'a Row>) -> Option<Heir> {
        let all = heirs.map(|heir| if is_under_way(heir) { Heir::UnderWay } else { Heir::AtRest });
        all.reduce(|one, other| if one == Heir::UnderWay { one } else { other })
    }

    fn blocked(&self, row: &Row) -> bool {
        let booked = |id: &PostingId| self.rows.get(id).is_some_and(|r| r.state == PostingState::Booked);
        row.after.as_ref().is_some_and(|before| !booked(before))
    }

    fn work(&self, row: &Row) -> Work {
        let keys = row.posting.steps.iter().map(|step| &step.key);
        let heir = |key: &PostingKey| Some((key.clone(), Self::stands(self.heirs(row, key))?));
        let mut look = row.look.clone();
        look.reversals = self.reversals(&row.posting.reference);
        Work {
            posting: row.posting.clone(),
            state: row.state,
            memo: row.memo(),
            look,
            passed_on: keys.filter_map(heir).collect(),
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

    /// The posting whose attempt this is, and the key of its step.
    pub fn intent(&self, key: Option<&str>, target: Option<&str>) -> Option<(&Row, &PostingKey)> {
        let mut open =
            self.attempts.values().filter(|attempt| !attempt.finished).map(|attempt| &attempt.intent);
        let of = |intent: &&AttemptIntent| {
            key.is_none_or(|key| intent.key.as_str() == key)
                && target.is_none_or(|target| intent.target.as_deref() == Some(target))
        };
        open.rfind(of).map(|intent| (&self.rows[&intent.posting], &intent.key))
    }

    /// True while an attempt for this reference is not finished, or its outcome not known.
    pub fn works_on(&self, reference: &str) -> bool {
        let open = self.attempts.values().any(|attempt| {
            !attempt.finished && self.rows[&attempt.intent.posting].posting.reference == reference
        });
        open || self.of(reference).any(|row| row.memo().is_in_doubt())
    }

    /// True while a visit is still due, now or later, of a posting that is not on hold.
    pub fn has_due(&self, holds: bool) -> bool {
        let held = |row: &Row| holds && row.held && row.state == PostingState::Queued;
        // What looks after a key that such a one has as well waits as long.
        let waits = |row: &Row| {
            let mut keys = row.posting.steps.iter().map(|step| &step.key);
            !is_under_way(row) && keys.any(|key| self.heirs(row, key).any(held))
        };
        self.due.iter().map(|(_, id)| &self.rows[id]).any(|row| !held(row) && !waits(row))
    }

    fn prune(&mut self) {
        self.attempts.retain(|_, attempt| !attempt.finished);
    }

    fn apply(&mut self, change: &Change) -> Result<(), OutboxError> {
        let mut row = self.rows[&change.posting].clone();
        for event in &change.events {
            row.state = transition(row.state, *event)?;
            if *event == PostingEvent::BasisMoved {
                row.approved = None;
            }
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

/// A person's act at the desk, between two steps of the worker: by the same rule as in production.
pub fn person(world: &mut World, desk: usize, id: &PostingId, event: PostingEvent) -> bool {
    let now = world.now();
    let mut row = world.disks[desk].rows[id].clone();
    let memo = row.memo();
    let allowed = match event {
        PostingEvent::Cancelled => memo.is_proven_unbooked(),
        PostingEvent::TakenBack | PostingEvent::Finished => memo.to_take_back(&row.posting).is_ok(),
        _ => true,
    };
    let Ok(next) = transition(row.state, event) else { return false };
    if !allowed || world.disks[desk].has_open_attempt(id) {
        return false;
    }
    row.state = next;
    match event {
        PostingEvent::Replayed => {
            row.remember(&memo.replayed());
            row.next_try_at = Some(now);
        }
        PostingEvent::Approved => row.next_try_at = Some(now),
        _ => {
            let memo = memo.withdrawn(now);
            row.remember(&memo);
            row.next_try_at = memo.watch_until.map(|_| now);
        }
    }
    world.note(&format!("person {desk} {event:?} {id}"));
    world.disks[desk].put(row);
    true
}

impl Disk {
    fn has_open_attempt(&self, id: &PostingId) -> bool {
        self.attempts.values().any(|attempt| !attempt.finished && attempt.intent.posting == *id)
    }
}

pub struct SimOutbox {
    pub world: Shared,
    pub desk: usize,
}

impl SimOutbox {
    /// Runs one transaction; the process may die just before or just after its commit. Dying is told to the
    /// driver by the flag; the engine sees a failed store and does nothing more.
    fn commit<T>(
        &self,
        name: &str,
        job: impl FnOnce(&mut World) -> Result<T, OutboxError>,
    ) -> Result<T, OutboxError> {
        let mut world = lock(&self.world);
        let lost = || OutboxError::Store("the disk did not answer".to_owned());
        let death = world.death();
        let per_mille = world.chaos.disk;
        let (fails, committed) = (world.chance(per_mille, 1000), world.chance(1, 2));
        if death == Death::Before || (fails && !committed) {
            world.note(&format!("{name} lost"));
            if death == Death::Before {
                world.died.insert(self.desk);
            }
            return Err(lost());
        }
        let result = job(&mut world);
        let code = result.as_ref().err().map_or("ok", |e| e.code());
        world.note(&format!("{name} {code}"));
        if death == Death::After || fails {
            if death == Death::After {
                world.died.insert(self.desk);
            }
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
        busy: &[Busy],
    ) -> Result<Option<Work>, OutboxError> {
        let mut world = lock(&self.world);
        // Once in a while work is handed out too early: the engine must put it off by itself.
        let careless = world.chance(1, 20);
        let holds = world.office.holds();
        let disk = &world.disks[self.desk];
        let due = disk.due.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| &disk.rows[id]);
        let free = |row: &&Row| {
            let (id, reference) = (&row.posting.id, &row.posting.reference);
            !busy.iter().any(|busy| busy.posting == *id || busy.reference == *reference)
        };
        let held = |row: &Row| holds && row.held && row.state == PostingState::Queued;
        let work = due
            .filter(free)
            .filter(|row| !held(row) || careless)
            .find(|row| careless || !disk.blocked(row) || row.memo().attempts > 0)
            .map(|row| disk.work(row));
        if let Some(work) = &work {
            let text = format!("due {} {}", work.posting.id, work.state.as_str());
            world.note(&text);
            let (posting, reference) = (work.posting.id.clone(), work.posting.reference.clone());
            world.claims.push(Claim { desk: self.desk, posting, reference });
        }
        Ok(work)
    }

    fn next_wake(&self, _connection: &ConnectionId) -> Result<Option<DateTime<Utc>>, OutboxError> {
        let world = lock(&self.world);
        let holds = world.office.holds();
        let disk = &world.disks[self.desk];
        let held = |row: &Row| holds && row.held && row.state == PostingState::Queued;
        let rows = disk.due.iter().map(|(at, id)| (at, &disk.rows[id]));
        let mut wakes = rows.filter(|(_, row)| !disk.blocked(row) && !held(row));
        Ok(wakes.next().map(|(at, _)| *at))
    }

    fn begin_attempt(&self, intent: &AttemptIntent) -> Result<AttemptId, OutboxError> {
        let begun = self.commit(&format!("begin {} {}", intent.action.as_str(), intent.key), |world| {
            let disk = &mut world.disks[self.desk];
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
        });
        // Another process of the desk may sync between the permit and the call.
        office::just_before(&mut lock(&self.world), self.desk, &intent.posting);
        begun
    }

    fn finish_attempt(&self, id: &AttemptId, outcome: &AttemptOutcome) -> Result<(), OutboxError> {
        self.commit(&format!("finish {:?}", outcome.change.events), |world| {
            office::judge_booked(world, self.desk, &outcome.change, outcome.erp_id.as_deref());
            let disk = &mut world.disks[self.desk];
            disk.apply(&outcome.change)?;
            if let Some(attempt) = disk.attempts.get_mut(id) {
                attempt.finished = true;
            }
            disk.prune();
            Ok(())
        })
    }

    fn record(&self, change: &Change) -> Result<(), OutboxError> {
        let name = format!("record {:?}", change.events);
        self.commit(&name, |world| {
            office::judge_booked(world, self.desk, change, None);
            world.disks[self.desk].apply(change)
        })
    }

    fn unfinished_attempts(&self, _connection: &ConnectionId) -> Result<Vec<UnfinishedAttempt>, OutboxError> {
        let world = lock(&self.world);
        let disk = &world.disks[self.desk];
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
