//! What one simulated run consists of: time, chance, the ERP's server, the desk's disk, and the trace.

use std::{
    collections::{BTreeSet, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
};

use async_trait::async_trait;
use chrono::{DateTime, Duration, TimeZone, Utc};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tieout_domain::{
    hash::ContentHasher,
    ports::{Clock, Entropy},
};
use tieout_posting::Sleeper;

use crate::{
    disk::{Claim, Disk},
    erp::Erp,
    office::Office,
};

/// How hostile the world is.
#[derive(Clone, Copy, Debug)]
pub struct Chaos {
    /// Of a thousand port calls, so many kill the process (half of them before the effect, half after).
    pub crashes: u32,
    /// Of a hundred calls to the ERP, so many fail somehow.
    pub network: u32,
    /// Of a thousand writes to the disk, so many fail without killing the process.
    pub disk: u32,
}

impl Chaos {
    pub const WILD: Chaos = Chaos { crashes: 6, network: 22, disk: 2 };
    pub const NONE: Chaos = Chaos { crashes: 0, network: 0, disk: 0 };
}

pub struct World {
    now: DateTime<Utc>,
    rng: ChaCha8Rng,
    trace: ContentHasher,
    pub events: u64,
    pub chaos: Chaos,
    pub crashes: u32,
    pub unknowns: u32,
    /// The processes (by desk) that have died and not been started again.
    pub died: BTreeSet<usize>,
    pub erp: Erp,
    /// Each desk's own.
    pub disks: Vec<Disk>,
    /// What people and billing know and do.
    pub office: Office,
    /// What the lanes work on.
    pub claims: Vec<Claim>,
    /// Calls take turns: what one lane does between two calls of its own, others may do in between.
    pub takes_turns: bool,
    /// For how many postings the ERP was looked through in one call, at most.
    pub most_at_once: usize,
    /// Every event is shown (`TIEOUT_SIM_TELL`).
    tells: bool,
    /// What happens to the next changing calls, one each; chance decides once it is used up.
    pub script: VecDeque<Scripted>,
}

/// The fate of one changing call.
#[derive(Clone, Copy, Debug)]
pub enum Scripted {
    Delivered,
    /// Refused at the door, with a Retry-After of so many seconds.
    Turned(Option<u64>),
    /// No answer, not executed.
    Lost,
    /// No answer, executed.
    Silent,
    /// No answer, executed so many seconds later.
    Late(i64),
    /// The process dies before it is sent.
    DiesBefore,
    /// The process dies after it was executed.
    DiesAfter,
}

/// When in a call the process dies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Death {
    No,
    Before,
    After,
}

impl World {
    pub fn new(seed: u64, erp: Erp) -> Self {
        Self {
            now: Utc.with_ymd_and_hms(2026, 4, 1, 6, 0, 0).unwrap(),
            rng: ChaCha8Rng::seed_from_u64(seed),
            trace: ContentHasher::new("simulation/1"),
            events: 0,
            chaos: Chaos::WILD,
            crashes: 0,
            unknowns: 0,
            died: BTreeSet::new(),
            erp,
            disks: vec![Disk::default()],
            office: Office::default(),
            claims: Vec::new(),
            takes_turns: false,
            most_at_once: 0,
            tells: std::env::var_os("TIEOUT_SIM_TELL").is_some(),
            script: VecDeque::new(),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// A number below `bound`.
    pub fn roll(&mut self, bound: u32) -> u32 {
        self.rng.random_range(0..bound)
    }

    /// True `per` times out of `of`.
    pub fn chance(&mut self, per: u32, of: u32) -> bool {
        self.roll(of) < per
    }

    pub fn note(&mut self, text: &str) {
        self.events += 1;
        let at = self.now.timestamp_millis();
        if self.tells {
            eprintln!("{} {text}", self.now.format("%H:%M:%S%.3f"));
        }
        self.trace.number(at).text(text);
    }

    pub fn trace_hash(self) -> String {
        self.trace.finish_hex()
    }

    /// Time goes on; what the ERP was still working on is committed at its own time.
    pub fn pass(&mut self, span: Duration) {
        self.now += span;
        let landed = self.erp.land(self.now);
        for effect in landed {
            self.note(&effect);
        }
    }

    pub fn pass_until(&mut self, at: DateTime<Utc>) {
        if at > self.now {
            self.pass(at - self.now);
        }
    }

    /// Does the process die in this call?
    pub fn death(&mut self) -> Death {
        if !self.chance(self.chaos.crashes, 1000) {
            return Death::No;
        }
        self.crashes += 1;
        match self.roll(2) {
            0 => Death::Before,
            _ => Death::After,
        }
    }
}

/// Lets others have their turn.
pub struct Turn(pub u32);

impl Future for Turn {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            None => Poll::Ready(()),
            Some(left) => {
                self.0 = left;
                Poll::Pending
            }
        }
    }
}

pub type Shared = Arc<Mutex<World>>;

pub fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap()
}

pub struct SimClock(pub Shared);

impl Clock for SimClock {
    fn now(&self) -> DateTime<Utc> {
        lock(&self.0).now()
    }
}

pub struct SimEntropy(pub ChaCha8Rng);

impl Entropy for SimEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

pub struct SimSleeper(pub Shared);

#[async_trait]
impl Sleeper for SimSleeper {
    async fn sleep_until(&self, until: DateTime<Utc>) {
        lock(&self.0).pass_until(until);
        // What is due already is in another lane's hands, which needs the thread.
        tokio::task::yield_now().await;
    }
}
