//! What the engine needs from the world. The desk implements these over the workspace file, the duties and
//! the real clock; the simulation over a disk in memory. The ledger is
//! [`tieout_connectors::LedgerPoster`], the clock and randomness are [`tieout_domain::ports`].

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tieout_domain::{
    AccountCode, AttemptId, ConnectionId, PostingId,
    basis::BasisMoved,
    calendar::PeriodStatus,
    key::PostingKey,
    ledger::EntityRef,
    posting::{Posting, PostingEvent, PostingState, TransitionRefusal},
};
use tieout_duties::{Permit, Refusal};

pub use crate::attempt::{AttemptAction, FailureNote};
use crate::{finding::Finding, memo::Memo};

/// Where the later posting stands that has a key as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heir {
    /// Approved, and not at its end: a draft of the key may be its own.
    UnderWay,
    /// Booked, failed or not approved: no draft of the key is anybody's.
    AtRest,
}

/// One unit of work, read whole from the store.
#[derive(Clone, Debug)]
pub struct Work {
    /// The posting as stored: its content hash is taken from this, afresh.
    pub posting: Posting,
    /// Where it stands.
    pub state: PostingState,
    /// What the engine stored about it last; [`Memo::default`] before the first visit.
    pub memo: Memo,
    /// What the ledger is looked through for before a step is sent.
    pub look: Look,
    /// Keys of this posting that a later posting of this desk has as well: since keys do not depend on
    /// content, one that was withdrawn unbooked leaves its keys to the next. What the ledger shows under them
    /// is that other posting's.
    pub passed_on: BTreeMap<PostingKey, Heir>,
    /// Postings that have to be booked before this one (customer before invoice, invoice before its
    /// payment and credit note) and are not. `next_due` should leave such work out; where it cannot, the
    /// engine puts the work off.
    pub waits_for: Vec<PostingId>,
}

/// How entries of the same document are recognised in the ledger. Nothing of it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Every name that identifies the document in the ledger. The posting's own reference is looked for in
    /// any case; what is known of it stands here too.
    pub names: Vec<Name>,
    /// The control accounts of all entities: the side on which an entry stands there is its role.
    pub control_accounts: BTreeSet<AccountCode>,
    /// Reversals that this desk sent for this reference: their external id, and the ERP's id of the entry
    /// that each undoes. Those of other desks are known by their keys.
    pub reversals: BTreeMap<String, String>,
}

/// One name of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As the ledger's entries bear it.
    pub text: String,
    /// The *other* entities that have a document of this name: an entry of the name there is theirs. By code
    /// and by the ERP's id, whichever its entries may be read with.
    pub elsewhere: Vec<EntityRef>,
}

/// What is about to be sent. Committed before the first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptIntent {
    /// The posting.
    pub posting: PostingId,
    /// Its step, from 1.
    pub step: u32,
    /// What is called.
    pub action: AttemptAction,
    /// The key under which the ERP will hold the step.
    pub key: PostingKey,
    /// The ERP's id of the draft that is posted or deleted.
    pub target: Option<String>,
    /// Hash of the content that the permit covers.
    pub content_hash: String,
    /// Counts this posting's attempts, from 1.
    pub attempt_no: u32,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// Applied to the state in the same transaction ([`PostingEvent::SendStarted`]), where one is due.
    pub event: Option<PostingEvent>,
    /// Stored in the same transaction.
    pub memo: Memo,
}

/// What changes with a visit: state, memo, the time of the next visit, and what people should see. Applied
/// in one transaction together with the log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The posting.
    pub posting: PostingId,
    /// The step that was worked on, from 1.
    pub step: u32,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// Applied in order through [`tieout_domain::posting::transition`]; often none or one.
    pub events: Vec<PostingEvent>,
    /// Replaces the stored memo.
    pub memo: Memo,
    /// Not before then; `None`: no further visit is due (booked, refused, dead letter).
    pub next_try_at: Option<DateTime<Utc>>,
    /// Why it did not go on, where it did not. `None` together with `events` wipes what was noted; `None`
    /// without any event (a later look for strays) leaves it.
    pub failure: Option<FailureNote>,
    /// What must become an exception although the step is booked, or beside its failure.
    pub findings: Vec<Finding>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptOutcome {
    /// How, as the vendor answered; `None` when it succeeded.
    pub failure: Option<FailureNote>,
    /// The ERP's id of the entry, where the answer has it.
    pub erp_id: Option<String>,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// Request and response as text, without secrets.
    pub transcript: Option<String>,
    /// What follows for the posting.
    pub change: Change,
}

/// An attempt that was begun and never finished: the process died in between.
#[derive(Clone, Debug)]
pub struct UnfinishedAttempt {
    /// Its id.
    pub id: AttemptId,
    /// What was called.
    pub action: AttemptAction,
    /// Its step, from 1.
    pub step: u32,
    /// When it was begun, UTC.
    pub at: DateTime<Utc>,
    /// The posting as it stands.
    pub work: Work,
}

/// Why the outbox did not do it.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The posting has moved on meanwhile (a person cancelled it): nothing was written.
    #[error("the posting has moved on: {0}")]
    Transition(#[from] TransitionRefusal),
    /// The content stored is no longer the content of this work: nothing was written.
    #[error("the posting was changed meanwhile")]
    ContentChanged,
    /// The store failed. What was begun may or may not be there.
    #[error("the outbox cannot be written: {0}")]
    Store(String),
}

impl OutboxError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            OutboxError::Transition(refusal) => refusal.code(),
            OutboxError::ContentChanged => "posting_content_changed",
            OutboxError::Store(_) => "outbox_store_failed",
        }
    }
}

/// A lane's claim: nobody else works on the same document meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Busy {
    /// The posting that is worked on.
    pub posting: PostingId,
    /// Its reference, which all postings of a document have, in whatever entity: a set may reach into two,
    /// and the look before a send goes by name.
    pub reference: String,
}

/// The outbox: each method is one transaction, durable when it returns (WAL, `synchronous=FULL`).
///
/// There is one worker per ERP connection. Whoever builds a worker holds an OS file lock for the connection
/// from before [`crate::Worker::recover`] until the worker is dropped: a posting that is `sending` without
/// an unfinished attempt, and an unfinished attempt, are taken for the remains of a process that died.
pub trait Outbox: Send + Sync {
    /// The next posting of this connection to visit, or `None`. Due is what has no `next_try_at` in the
    /// future and
    /// - is `queued`, and its exception is not held, or
    /// - is `sending` or `in_doubt` (held or not: what was sent must be found), or
    /// - is in any other state with [`Memo::watch_until`] set (stray drafts and late commits are looked for
    ///   until then).
    ///
    /// Left out is every posting whose *reference* is that of one in `busy`: another lane works on that
    /// document.
    /// Postings whose predecessors are not booked are left out. Among the others: the smallest
    /// `next_try_at`, then the oldest approval, then the id.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    fn next_due(
        &self,
        connection: &ConnectionId,
        now: DateTime<Utc>,
        busy: &[Busy],
    ) -> Result<Option<Work>, OutboxError>;

    /// When the next posting that `next_due` would give falls due; `None` when there is none at all.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    fn next_wake(&self, connection: &ConnectionId) -> Result<Option<DateTime<Utc>>, OutboxError>;

    /// Makes the intent durable: attempt row, state, memo and log entry in one transaction. Nothing is sent
    /// before it returns. Also refuses where the stored content's hash is not the intent's.
    ///
    /// # Errors
    /// [`OutboxError`].
    fn begin_attempt(&self, intent: &AttemptIntent) -> Result<AttemptId, OutboxError>;

    /// Ends an attempt and applies what follows, in one transaction. Where the ledger's sync has settled the
    /// posting meanwhile, the change's events are void: attempt, memo and findings are stored, and the state
    /// stays. The same holds for [`Outbox::record`].
    ///
    /// # Errors
    /// [`OutboxError`].
    fn finish_attempt(&self, attempt: &AttemptId, outcome: &AttemptOutcome) -> Result<(), OutboxError>;

    /// Applies what follows from a visit that sent nothing (a look-up, a refusal, a wait), in one
    /// transaction.
    ///
    /// # Errors
    /// [`OutboxError`].
    fn record(&self, change: &Change) -> Result<(), OutboxError>;

    /// The attempts of this connection that were begun and never finished.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    fn unfinished_attempts(&self, connection: &ConnectionId) -> Result<Vec<UnfinishedAttempt>, OutboxError>;
}

/// Why there is no permit.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A rule refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What the posting rests on has moved: it goes back to its preparer, its approvals are void.
    #[error(transparent)]
    BasisMoved(#[from] BasisMoved),
    /// Somebody holds its exception: it stays approved, and nothing is sent until it is released.
    #[error("the exception is on hold: nothing is sent until it is released")]
    Held,
    /// The facts cannot be read now, or the log's signatures do not verify: nothing is sent.
    #[error("no permit can be derived: {0}")]
    Unavailable(String),
    /// Billing could not be asked whether the document is still as it was approved: nothing is sent.
    #[error("whether the document is still as it was approved cannot be asked in billing now: {why}")]
    Unread {
        /// What billing answered.
        why: String,
        /// What it asked to wait.
        retry_after: Option<Duration>,
    },
}

/// Gives permits. Asked before every send; answers from the signed decisions, the roster and the policy in
/// force at that moment, never from memory.
#[async_trait]
pub trait Authority: Send + Sync {
    /// Reads the posting's document again in billing, so that what no sync has read yet counts in what
    /// follows. Asked right before the permit, once a visit where the visit does not take long
    /// ([`crate::Limits::fresh`]). A document that cannot be asked for (it came from a file) is as it is.
    ///
    /// # Errors
    /// [`AuthorityError::BasisMoved`], [`AuthorityError::Unread`], [`AuthorityError::Unavailable`].
    async fn reread(&self, posting: &PostingId) -> Result<(), AuthorityError>;

    /// Leave to send `step` of `posting`. `period` is the status of the step's period as the ERP said a
    /// moment ago. Judged in this order: is it held, does its basis still hold, may it be sent.
    ///
    /// Decisions from before the posting last went back to its preparer count for nothing.
    ///
    /// # Errors
    /// [`AuthorityError`].
    fn permit(&self, posting: &PostingId, step: u32, period: PeriodStatus) -> Result<Permit, AuthorityError>;

    /// Is its exception not held, and does what the posting rests on still hold? Asked once more when the
    /// intent is durable, right before the one call: between the permit and this nothing is asked of the ERP.
    ///
    /// # Errors
    /// [`AuthorityError::BasisMoved`], [`AuthorityError::Held`], [`AuthorityError::Unavailable`].
    fn basis_holds(&self, posting: &PostingId) -> Result<(), AuthorityError>;
}

/// Waits. A port, so that the simulation decides what time it is.
#[async_trait]
pub trait Sleeper: Send + Sync {
    /// Returns at `until` (UTC) or later.
    async fn sleep_until(&self, until: DateTime<Utc>);
}
