//! The worker of one ERP connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool, atomic::Ordering};

use chrono::{DateTime, Utc};
use tieout_connectors::LedgerPoster;
use tieout_domain::{
    ConnectionId, PostingId,
    failure::FailureClass,
    ports::{Clock, Entropy},
    posting::{PostingEvent, PostingState},
};

use crate::{
    asking::Asking,
    limits::Limits,
    planted::Fault,
    ports::{
        AttemptOutcome, Authority, Busy, Change, FailureNote, Outbox, OutboxError, Sleeper,
        UnfinishedAttempt, Work,
    },
    visit::Case,
};

/// What the worker is made of.
pub struct Ports {
    /// The ERP.
    pub ledger: Arc<dyn LedgerPoster>,
    /// The outbox.
    pub outbox: Arc<dyn Outbox>,
    /// Who gives permits.
    pub authority: Arc<dyn Authority>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness, for jitter only.
    pub entropy: Box<dyn Entropy>,
    /// Waits.
    pub sleeper: Arc<dyn Sleeper>,
}

/// Why the worker stopped. Nothing is lost: what was begun is found again by [`Worker::recover`].
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The outbox failed.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The outbox handed out work that breaks its contract.
    #[error("the outbox handed out posting {posting} that cannot be worked on: {why}")]
    Contract {
        /// Which posting.
        posting: PostingId,
        /// What is wrong with it.
        why: String,
    },
}

impl WorkerError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            WorkerError::Outbox(error) => error.code(),
            WorkerError::Contract { .. } => "outbox_contract_broken",
        }
    }
}

/// What one [`Worker::step`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing is due; the next posting falls due at `wake`, if any.
    Idle {
        /// When, UTC.
        wake: Option<DateTime<Utc>>,
    },
    /// One posting was visited.
    Visited {
        /// Which.
        posting: PostingId,
        /// How it ended.
        what: What,
    },
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// All steps are booked, by the ERP's own read-back.
    Booked,
    /// It came before a posting that has to be booked first.
    WaitsInOrder,
    /// Its exception is on hold.
    Held,
    /// What it rests on has moved: it is back at its preparer, and nothing was sent.
    BackToPreparer,
    /// It failed without effect and is tried again later.
    WillRetry,
    /// The outcome is not known; it is looked up again later.
    InDoubt,
    /// The ERP holds it, and a person there has to approve it.
    AwaitsApproval,
    /// The ERP, the ledger's content or a rule refused it.
    Refused,
    /// Tried as often as allowed.
    DeadLetter,
    /// Looked for stray drafts and late commits.
    Watched,
    /// It was changed or withdrawn meanwhile.
    MovedOn,
}

impl What {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            What::Booked => "booked",
            What::WaitsInOrder => "waits_in_order",
            What::Held => "held",
            What::BackToPreparer => "back_to_preparer",
            What::WillRetry => "will_retry",
            What::InDoubt => "in_doubt",
            What::AwaitsApproval => "awaits_approval",
            What::Refused => "refused",
            What::DeadLetter => "dead_letter",
            What::Watched => "watched",
            What::MovedOn => "moved_on",
        }
    }
}

/// Books the approved postings of one ERP connection.
///
/// There must be one worker per connection over all processes: whoever builds it holds an OS file lock that
/// dies with the process (see [`Outbox`]). Several lanes of one worker may run at once
/// ([`Worker::run_lanes`]): they never work on the same document together, whichever of its postings.
pub struct Worker {
    pub(crate) connection: ConnectionId,
    pub(crate) limits: Limits,
    pub(crate) ledger: Arc<dyn LedgerPoster>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) authority: Arc<dyn Authority>,
    pub(crate) clock: Arc<dyn Clock>,
    entropy: Mutex<Box<dyn Entropy>>,
    sleeper: Arc<dyn Sleeper>,
    busy: Mutex<Vec<Busy>>,
    recovered: AtomicBool,
    #[cfg(feature = "planted")]
    pub(crate) faults: Vec<crate::planted::Fault>,
    stop: Box<dyn Fn() -> bool + Send + Sync>,
    pub(crate) asking: Asking,
}

impl Worker {
    /// A worker for `connection`. Its first step recovers what a dead process left.
    #[must_use]
    pub fn new(connection: ConnectionId, limits: Limits, ports: Ports) -> Self {
        let Ports { ledger, outbox, authority, clock, entropy, sleeper } = ports;
        Self {
            asking: Asking::of(ledger.as_ref()),
            connection,
            limits,
            ledger,
            outbox,
            authority,
            clock,
            entropy: Mutex::new(entropy),
            sleeper,
            busy: Mutex::new(Vec::new()),
            recovered: AtomicBool::new(false),
            #[cfg(feature = "planted")]
            faults: Vec::new(),
            stop: Box::new(|| false),
        }
    }

    /// The same worker, which takes no further posting once `stop` says so. A visit under way always comes to
    /// its end.
    #[must_use]
    pub fn stopping_when(mut self, stop: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.stop = Box::new(stop);
        self
    }

    /// Takes up what a dead process left: every attempt that was begun and not finished has an unknown
    /// outcome. Also done by the first [`Worker::step`], and again after the outbox has failed.
    ///
    /// # Errors
    /// [`WorkerError`].
    pub async fn recover(&self) -> Result<usize, WorkerError> {
        // A lane claims before it begins and lets go after it has finished: who is busy before or after the
        // reading may have had one of these attempts under way.
        let before = lock(&self.busy).clone();
        let mut unfinished = self.outbox.unfinished_attempts(&self.connection)?;
        let after = lock(&self.busy).clone();
        let under_way = |attempt: &UnfinishedAttempt| {
            before.iter().chain(&after).any(|busy| busy.posting == attempt.work.posting.id)
        };
        unfinished.retain(|attempt| !under_way(attempt));
        let count = unfinished.len();
        for attempt in unfinished {
            self.close_unfinished(attempt)?;
        }
        self.recovered.store(true, Ordering::SeqCst);
        Ok(count)
    }

    fn close_unfinished(&self, attempt: UnfinishedAttempt) -> Result<(), WorkerError> {
        let UnfinishedAttempt { id, action, step, at: _, work } = attempt;
        let failure = FailureNote::new(
            FailureClass::Unknown,
            "interrupted",
            format!("the process ended while {} was being sent: its outcome is not known", action.as_str()),
        );
        let mut case = Case::new(work, self.clock.now());
        let sending = case.state == PostingState::Sending;
        let events = match (sending, action.may_book()) {
            (true, true) => vec![PostingEvent::OutcomeUnknown],
            (true, false) => vec![PostingEvent::WillRetry],
            (false, _) => Vec::new(),
        };
        let next_try_at = match action.may_book() {
            true => {
                // Counted from now: it may have been sent at any time until the process ended.
                case.enter_doubt(action, case.now, failure.clone(), &self.limits);
                Some(case.now + self.look_up_wait(0))
            }
            false => Some(case.now),
        };
        if !sending {
            // The ledger's sync has answered meanwhile; what may still arrive is watched for.
            case.memo.doubt = None;
        }
        // An interrupted clean-up of a posting at rest is no failure of the posting.
        let noted = (!events.is_empty()).then(|| failure.clone());
        let change = Change { step, failure: noted, ..case.change(events, next_try_at) };
        let outcome = AttemptOutcome {
            failure: Some(failure),
            erp_id: None,
            request_id: None,
            transcript: None,
            change,
        };
        Ok(self.outbox.finish_attempt(&id, &outcome)?)
    }

    /// Visits the next posting that is due, and works on it until it is booked, has failed or has to wait.
    ///
    /// # Errors
    /// [`WorkerError`]: the outbox failed. The next step recovers first.
    pub async fn step(&self) -> Result<Done, WorkerError> {
        if !self.recovered.load(Ordering::SeqCst) {
            self.recover().await?;
        }
        let Some(work) = self.claim()? else {
            return Ok(Done::Idle { wake: self.outbox.next_wake(&self.connection)? });
        };
        // Until the visit has come to its end, an attempt of it may be left unfinished: by an error of the
        // outbox, or because this future is dropped.
        let mut claim = Claim { worker: self, posting: work.posting.id.clone(), ended: false };
        let what = self.visit(work).await?;
        claim.ended = true;
        Ok(Done::Visited { posting: claim.posting.clone(), what })
    }

    fn claim(&self) -> Result<Option<Work>, WorkerError> {
        let mut busy = lock(&self.busy);
        let work = self.outbox.next_due(&self.connection, self.clock.now(), &busy)?;
        if let Some(Work { posting, .. }) = &work {
            let reference = match self.is_out(Fault::LanesByPosting) {
                true => posting.id.to_string(),
                false => posting.reference.clone(),
            };
            busy.push(Busy { posting: posting.id.clone(), reference });
        }
        Ok(work)
    }

    /// Steps, and waits for what falls due later, until nothing is left that falls due before `deadline`, or
    /// until it is told to stop.
    ///
    /// # Errors
    /// [`WorkerError`].
    pub async fn run_until(&self, deadline: DateTime<Utc>) -> Result<Vec<(PostingId, What)>, WorkerError> {
        let mut visits = Vec::new();
        loop {
            if (self.stop)() {
                return Ok(visits);
            }
            match self.step().await? {
                Done::Visited { posting, what } => visits.push((posting, what)),
                Done::Idle { wake: Some(wake) } if wake <= deadline => self.sleeper.sleep_until(wake).await,
                Done::Idle { .. } => return Ok(visits),
            }
        }
    }

    /// [`Worker::run_until`] in several lanes at once, so that the vendor's allowed rate is used although
    /// each call waits for its answer. The ERP's rate limiter is the connection's own, in `connectors`.
    ///
    /// # Errors
    /// The first [`WorkerError`] of any lane; the other lanes finish what they do.
    pub async fn run_lanes(
        self: &Arc<Self>,
        lanes: usize,
        deadline: DateTime<Utc>,
    ) -> Result<Vec<(PostingId, What)>, WorkerError> {
        self.recover().await?;
        let mut set = tokio::task::JoinSet::new();
        for _ in 0..lanes.max(1) {
            let worker = Arc::clone(self);
            set.spawn(async move { worker.run_until(deadline).await });
        }
        let (mut visits, mut failed) = (Vec::new(), None);
        while let Some(joined) = set.join_next().await {
            match joined {
                Ok(Ok(more)) => visits.extend(more),
                Ok(Err(error)) => failed = failed.or(Some(error)),
                Err(error) => {
                    let died = OutboxError::Store(format!("a lane of the worker died: {error}"));
                    failed = failed.or(Some(died.into()));
                }
            }
        }
        failed.map_or(Ok(visits), Err)
    }

    pub(crate) fn backoff(&self, failures: u32, asked: Option<std::time::Duration>) -> chrono::Duration {
        let wait = self.limits.backoff(failures, asked, lock(&self.entropy).as_mut());
        span(wait)
    }

    pub(crate) fn look_up_wait(&self, done: u32) -> chrono::Duration {
        span(self.limits.look_up_wait(done, lock(&self.entropy).as_mut()))
    }
}

/// The claim of one lane on one posting.
struct Claim<'a> {
    worker: &'a Worker,
    posting: PostingId,
    ended: bool,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        lock(&self.worker.busy).retain(|other| other.posting != self.posting);
        if !self.ended {
            self.worker.recovered.store(false, Ordering::SeqCst);
        }
    }
}

/// A wait as chrono counts it; longer than chrono can say is as good as never.
pub(crate) fn span(wait: std::time::Duration) -> chrono::Duration {
    chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::days(3650))
}

/// A panic elsewhere does not make the data worse: nothing is left half-changed under these locks.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
