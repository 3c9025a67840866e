//! Long work that the window watches and can stop. A command runs on one thread; what it reports of its
//! progress belongs to the job that this thread runs.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Serialize;
use ts_rs::TS;

use super::host::Host;
use tieout_desk::base::progress::Progress;

/// The least time between two events of one job: more would only cost the window.
const BETWEEN: Duration = Duration::from_millis(80);

/// Event `progress`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ProgressEvent {
    /// The job, as the caller named it.
    pub job: String,
    /// What is being done.
    pub what: String,
    /// How much of it is done.
    pub done: u64,
    /// Out of how much, where that is known.
    pub total: Option<u64>,
}

struct Job {
    id: String,
    cancelled: AtomicBool,
    state: Mutex<State>,
}

struct State {
    what: String,
    done: u64,
    total: Option<u64>,
    told: Option<Instant>,
}

thread_local! {
    static JOB: RefCell<Option<Arc<Job>>> = const { RefCell::new(None) };
}

/// The jobs under way.
#[derive(Default)]
pub(super) struct Jobs(Mutex<BTreeMap<String, Arc<Job>>>);

impl Jobs {
    /// Runs `work` as the job of this name, if it has one.
    pub(super) fn run<T>(&self, id: Option<&str>, work: impl FnOnce() -> T) -> T {
        let Some(id) = id else { return work() };
        let state = State { what: String::new(), done: 0, total: None, told: None };
        let job =
            Arc::new(Job { id: id.to_owned(), cancelled: AtomicBool::new(false), state: Mutex::new(state) });
        lock(&self.0).insert(id.to_owned(), Arc::clone(&job));
        let before = JOB.with(|now| now.replace(Some(job)));
        let answer = work();
        JOB.with(|now| now.replace(before));
        lock(&self.0).remove(id);
        answer
    }

    /// Asks a job to stop where it next can. One that is over already is no error.
    pub(super) fn cancel(&self, id: &str) {
        if let Some(job) = lock(&self.0).get(id) {
            job.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Whether anything is under way.
    pub(super) fn busy(&self) -> bool {
        !lock(&self.0).is_empty()
    }
}

/// Progress as events of the window.
pub(super) struct Events(pub(super) Arc<dyn Host>);

impl Events {
    fn tell(&self, always: bool, change: impl FnOnce(&mut State)) {
        let Some(job) = JOB.with(|now| now.borrow().clone()) else { return };
        let mut state = lock(&job.state);
        change(&mut state);
        if always || state.told.is_none_or(|told| told.elapsed() >= BETWEEN) {
            state.told = Some(Instant::now());
            let event = ProgressEvent {
                job: job.id.clone(),
                what: state.what.clone(),
                done: state.done,
                total: state.total,
            };
            self.0.emit("progress", serde_json::to_value(event).unwrap_or_default());
        }
    }
}

impl Progress for Events {
    fn begin(&self, what: &str, total: Option<u64>) {
        self.tell(true, |state| {
            what.clone_into(&mut state.what);
            (state.done, state.total) = (0, total);
        });
    }

    fn advance(&self, by: u64) {
        self.tell(false, |state| state.done = state.done.saturating_add(by));
    }

    fn end(&self) {}

    fn cancelled(&self) -> bool {
        JOB.with(|now| now.borrow().as_ref().is_some_and(|job| job.cancelled.load(Ordering::Relaxed)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
