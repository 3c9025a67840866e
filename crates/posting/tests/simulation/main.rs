//! The very same worker as in the desk, under a seeded world: its process dies at random points, the
//! network does what networks do, and a judge with a book of its own looks at the end.
//!
//! `TIEOUT_SIM_SEED` replays one seed, `TIEOUT_SIM_POSTINGS` sets how many postings a run has,
//! `TIEOUT_SIM_TELL` shows every event.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod authority;
mod company;
mod contest;
mod contests;
mod disk;
mod erp;
mod facts;
mod judge;
mod office;
mod scenes;
mod storm;
mod unread;
mod wire;
mod world;

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use chrono::Duration;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tieout_connectors::Protocol;
use tieout_domain::{
    PostingId,
    posting::{PostingEvent, PostingState},
};
use tieout_posting::{Done, Limits, Ports, Worker, WorkerError};

use authority::SimAuthority;
use company::Sort;
use disk::SimOutbox;
use erp::Erp;
use storm::{Ends, judge};
use wire::{Planted, SimLedger};
use world::{Chaos, Shared, SimClock, SimEntropy, SimSleeper, World, lock};

/// The settling window of the simulated desk: nothing but a draft is committed later than this.
pub const SETTLING: Duration = Duration::seconds(60);

#[derive(Clone, Copy)]
struct Run {
    seed: u64,
    postings: u32,
    protocol: Protocol,
    planted: Planted,
    keeps_keys_unique: bool,
}

impl Run {
    fn new(seed: u64, postings: u32, protocol: Protocol) -> Self {
        Self { seed, postings, protocol, planted: Planted::Nothing, keeps_keys_unique: true }
    }
}

struct Outcome {
    verdict: Result<Ends, Vec<String>>,
    crashes: u32,
    unknowns: u32,
    events: u64,
    trace: String,
}

fn limits() -> Limits {
    let seconds = std::time::Duration::from_secs;
    Limits {
        max_failures: 6,
        backoff_cap: seconds(60),
        settling: SETTLING.to_std().unwrap(),
        watch: seconds(120),
        watch_interval: seconds(30),
        ..Limits::default()
    }
}

/// The worker of one desk, in one life of its process.
fn desk_worker(world: &Shared, desk: usize, protocol: Protocol, planted: Planted, seed: u64) -> Worker {
    let ports = Ports {
        ledger: Arc::new(SimLedger { world: world.clone(), desk, protocol, planted }),
        outbox: Arc::new(SimOutbox { world: world.clone(), desk }),
        authority: Arc::new(SimAuthority::new(world.clone(), desk)),
        clock: Arc::new(SimClock(world.clone())),
        entropy: Box::new(SimEntropy(ChaCha8Rng::seed_from_u64(seed))),
        sleeper: Arc::new(SimSleeper(world.clone())),
    };
    Worker::new(company::connection(), limits(), ports)
}

fn worker(run: Run, world: &Shared, life: u64) -> Worker {
    desk_worker(world, 0, run.protocol, run.planted, run.seed ^ (life << 32))
}

/// Polls once: a port that never answers is a process that died in the call.
fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// One life of the process, until it dies (`false`) or nothing is left to do (`true`).
fn live(worker: &Worker, world: &Shared, ids: &[PostingId], budget: &mut u64) -> bool {
    loop {
        *budget = budget.checked_sub(1).expect("the run does not come to rest");
        people(&mut lock(world), ids);
        match poll_once(worker.step()) {
            None => {
                lock(world).died.remove(&0);
                return false;
            }
            Some(Err(WorkerError::Contract { posting, why })) => panic!("{posting}: {why}"),
            Some(Err(WorkerError::Outbox(_))) => {
                if lock(world).died.remove(&0) {
                    return false;
                }
            }
            Some(Ok(Done::Visited { .. })) => {}
            Some(Ok(Done::Idle { wake: Some(wake) })) => lock(world).pass_until(wake),
            Some(Ok(Done::Idle { wake: None })) => {
                let mut world = lock(world);
                if !world.erp.busy() {
                    return true;
                }
                world.pass(Duration::seconds(5));
            }
        }
    }
}

/// What people do while the worker works: cancel, replay, close the books.
fn people(world: &mut World, ids: &[PostingId]) {
    if world.chaos.network == 0 || !world.chance(1, 40) {
        return;
    }
    let id = &ids[usize::try_from(world.roll(u32::try_from(ids.len()).unwrap())).unwrap()];
    match world.roll(3) {
        0 => {
            disk::person(world, 0, id, PostingEvent::Cancelled);
        }
        1 if world.disks[0].rows[id].state == PostingState::DeadLetter => {
            disk::person(world, 0, id, PostingEvent::Replayed);
        }
        _ => {}
    }
    if world.roll(20) == 0 {
        world.erp.close(company::CLOSING);
    }
}

fn simulate(run: Run) -> Outcome {
    let mut erp = Erp::new(run.protocol);
    erp.keeps_keys_unique = run.keeps_keys_unique;
    let world: Shared = Arc::new(Mutex::new(World::new(run.seed, erp)));
    let sorts: BTreeMap<PostingId, Sort> = company::found(&mut lock(&world), run.postings);
    let ids: Vec<PostingId> = sorts.keys().cloned().collect();
    let mut budget = u64::from(run.postings) * 400;
    let mut life = 0;
    for chaos in [Chaos::WILD, Chaos::NONE] {
        lock(&world).chaos = chaos;
        if chaos.network == 0 {
            // The storm is over: what was given up is sent again.
            let mut world = lock(&world);
            for id in &ids {
                if world.disks[0].rows[id].state == PostingState::DeadLetter {
                    disk::person(&mut world, 0, id, PostingEvent::Replayed);
                }
            }
        }
        loop {
            life += 1;
            let worker = worker(run, &world, life);
            if live(&worker, &world, &ids, &mut budget) {
                break;
            }
            let mut world = lock(&world);
            let downtime = i64::from(world.roll(20_000));
            world.note("the process died");
            world.pass(Duration::milliseconds(downtime));
        }
    }
    let world = Arc::into_inner(world).unwrap().into_inner().unwrap();
    let verdict = judge(&world, &sorts);
    Outcome {
        verdict,
        crashes: world.crashes,
        unknowns: world.unknowns,
        events: world.events,
        trace: world.trace_hash(),
    }
}

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

fn postings(default: u32) -> u32 {
    from_env("TIEOUT_SIM_POSTINGS").map_or(default, |n| u32::try_from(n).unwrap())
}

#[track_caller]
fn check(protocol: Protocol, seeds: &[u64], count: u32) {
    let one = from_env("TIEOUT_SIM_SEED");
    for seed in one.as_slice().iter().chain(seeds.iter().filter(|_| one.is_none())) {
        let outcome = simulate(Run::new(*seed, postings(count), protocol));
        let ends = outcome.verdict.unwrap_or_else(|faults| {
            panic!("seed {seed}, {protocol:?}: {} faults:\n{}", faults.len(), faults.join("\n"))
        });
        println!(
            "seed {seed} {protocol:?}: {} crashes, {} unknown outcomes, {} events, trace {}\n{ends:?}",
            outcome.crashes, outcome.unknowns, outcome.events, outcome.trace
        );
        if count >= 500 && one.is_none() {
            assert!(outcome.crashes > 10 && outcome.unknowns > 50, "the world was not hostile");
            let booked = |sort| ends.get(&(sort, "booked")).copied().unwrap_or(0);
            assert!(booked(Sort::Correction) > 0 && booked(Sort::Moved) > 0 && booked(Sort::Payment) > 0);
        }
    }
}

#[test]
fn under_a_unique_key_everything_is_booked_once_or_visibly_not() {
    check(Protocol::UniqueKey, &[1, 2, 3, 4], 1500);
}

#[test]
fn by_draft_and_post_everything_is_booked_once_or_visibly_not_and_no_draft_is_left() {
    check(Protocol::DraftThenPost, &[11, 12, 13, 14], 1500);
}

#[test]
fn a_seed_replays_byte_for_byte() {
    for protocol in [Protocol::UniqueKey, Protocol::DraftThenPost] {
        let run = Run::new(from_env("TIEOUT_SIM_SEED").unwrap_or(7), postings(300), protocol);
        let (first, second) = (simulate(run), simulate(run));
        assert_eq!(first.trace, second.trace);
        assert_eq!(first.events, second.events);
        let other = simulate(Run { seed: run.seed + 1, ..run });
        assert_ne!(first.trace, other.trace, "another seed is another run");
    }
}

#[test]
fn the_judge_sees_a_ledger_port_that_lies_about_what_is_booked() {
    let run = Run::new(21, 400, Protocol::DraftThenPost);
    assert!(simulate(run).verdict.is_ok());
    let faults = simulate(Run { planted: Planted::StaleLookUps, ..run }).verdict.unwrap_err();
    assert!(faults.iter().any(|fault| fault.contains("is booked 2 times")), "{faults:?}");
}

#[test]
fn the_judge_sees_a_vendor_whose_unique_key_is_not() {
    let run = Run::new(22, 400, Protocol::UniqueKey);
    assert!(simulate(run).verdict.is_ok());
    let faults = simulate(Run { keeps_keys_unique: false, ..run }).verdict.unwrap_err();
    assert!(faults.iter().any(|fault| fault.contains("is booked 2 times")), "{faults:?}");
}
