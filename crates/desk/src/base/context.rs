//! What every use case works with: an open workspace, who sits in front of it, its secrets, the clock, and
//! who watches.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tieout_domain::ports::Clock;
use tieout_store::{LogDraft, Store, StoreError, WorkspaceKey};

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
    known::{Facts, Known},
    lent::{Borrowed, LentStore, Writing},
    progress::Progress,
};
use tieout_vault::{PassphraseFor, PassphraseSource, SecretStore, Signer};

/// How the log names the workspace's policy where it acted by itself.
pub(crate) const POLICY_ACTOR: &str = "policy";

/// Asks for the one-time enrolment code of the named person; `None` where nobody can answer.
pub type EnrolmentSource = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Who sits at the desk, and how they are asked for secrets.
pub struct Session {
    /// Who acts, by name or id; `None`: the person who belongs to this OS account.
    pub acting: Option<String>,
    /// Gives passphrases.
    pub passphrases: Box<dyn PassphraseSource + Send + Sync>,
    /// Gives enrolment codes.
    pub enrolment: Box<EnrolmentSource>,
}

/// An open workspace.
pub struct Context {
    pub(crate) path: PathBuf,
    pub(crate) store: Arc<LentStore>,
    pub(crate) secrets: Arc<SecretStore>,
    pub(crate) session: Arc<Session>,
    /// The key of the person who sits here, where they unlocked it to stay so until they leave.
    pub(crate) kept: Mutex<Option<Arc<Signer>>>,
    pub(crate) os_account: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) progress: Arc<dyn Progress>,
    /// What rooms keep while it is open; desks beside one another share it.
    pub(crate) shelf: Arc<Shelf>,
    /// What was read for the question that is being answered, where it is one.
    pub(crate) facts: Option<Facts>,
    /// True for who only reads or asks: nothing that writes is given out.
    pub(crate) reads_only: bool,
}

/// What the rooms above keep for as long as a workspace is open, each under its own type.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Shelf {
    /// What is kept of this type; made at the first use.
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let any = Arc::clone(kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::<T>::default()));
        drop(kept);
        any.downcast().unwrap_or_default()
    }
}

impl Context {
    /// Who acts, by name or id, where the session says it.
    #[must_use]
    pub fn acting(&self) -> Option<&str> {
        self.session.acting.as_deref()
    }

    /// The workspace file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The OS account that this process runs under.
    #[must_use]
    pub fn os_account(&self) -> &str {
        &self.os_account
    }

    /// The same desk with somebody watching its long work.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// The same desk with another person in front of it (the demo, and a shared machine). What the one
    /// before had unlocked is locked again.
    pub fn seat(&mut self, session: Session) {
        self.session = Arc::new(session);
        self.kept = Mutex::new(None);
    }

    /// A desk over the same open workspace with another person in front of it; work that goes on at this
    /// one is not disturbed.
    #[must_use]
    pub fn beside(&self, session: Session) -> Self {
        self.sharing(Arc::new(session))
    }

    fn sharing(&self, session: Arc<Session>) -> Self {
        Self {
            path: self.path.clone(),
            store: Arc::clone(&self.store),
            secrets: Arc::clone(&self.secrets),
            session,
            kept: Mutex::new(None),
            os_account: self.os_account.clone(),
            clock: Arc::clone(&self.clock),
            progress: Arc::clone(&self.progress),
            shelf: Arc::clone(&self.shelf),
            facts: None,
            reads_only: false,
        }
    }

    /// The same desk for one question: whatever judgements rest on is read once for all of them, and nobody
    /// is asked for a secret.
    pub(crate) fn asking(&self) -> Self {
        let session = Session {
            acting: self.session.acting.clone(),
            passphrases: Box::new(|what: &PassphraseFor| Err(what.missing())),
            enrolment: Box::new(|_| None),
        };
        Self { facts: Some(Facts::default()), reads_only: true, ..self.beside(session) }
    }

    /// What judgements rest on.
    pub(crate) fn known(&self) -> Known<'_> {
        Known { facts: self.facts.as_ref(), store: &self.store }
    }

    /// A desk with a connection of its own to the same file, so that reading goes on while this one writes.
    ///
    /// # Errors
    /// As [`crate::base::workspace::open`].
    pub fn reader(&self, session: Session) -> DeskResult<Self> {
        let key = self.secrets.workspace_key()?.ok_or_else(|| {
            DeskError::new(Code::WorkspaceKeyMissing, "the secrets hold no key for this workspace")
        })?;
        let store = Store::open(&self.path, &WorkspaceKey::new(key.clone()))?;
        Ok(Self { store: Arc::new(LentStore::new(store)), ..self.beside(session) })
    }

    /// Takes over what another desk's person unlocked; for the same person only.
    pub fn keep_unlocked(&self, other: &Context) {
        let kept = other.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }

    /// The store to read, for one call, and never two at a time: see [`LentStore::store`].
    pub(crate) fn store(&self) -> Borrowed<'_> {
        self.store.store()
    }

    /// The store to write, for one call.
    ///
    /// # Errors
    /// `store_read_only` for who only reads or asks.
    pub(crate) fn writing(&self) -> DeskResult<Writing<'_>> {
        self.may_write()?;
        Ok(self.store.writing())
    }

    /// Refuses who only reads or asks.
    ///
    /// # Errors
    /// `store_read_only`.
    pub(crate) fn may_write(&self) -> DeskResult<()> {
        match self.reads_only {
            false => Ok(()),
            true => Err(DeskError::new(Code::StoreReadOnly, "what only reads was about to write")),
        }
    }

    /// The same desk for a command that reads: whatever it does, it gets nothing that writes.
    #[must_use]
    pub fn reading(&self) -> Self {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { kept: Mutex::new(kept), reads_only: true, ..self.sharing(Arc::clone(&self.session)) }
    }

    /// How many statements have read the workspace by this desk so far.
    #[must_use]
    pub fn statements_read(&self) -> u64 {
        self.store().statements_read()
    }

    /// Logs something under the OS account: what needs no person's secret.
    pub(crate) fn note(&self, what: &str, subject: &str, detail: Value) -> DeskResult<()> {
        self.note_of(&self.account_actor(), what, subject, detail)
    }

    /// Logs something that needs no person's secret under this actor.
    pub(crate) fn note_of(&self, actor: &str, what: &str, subject: &str, detail: Value) -> DeskResult<()> {
        let draft = LogDraft { at: self.clock.now(), actor, what, subject, detail, signer: None };
        self.writing()?.append_log(&draft)?;
        Ok(())
    }

    /// Runs one store method with a log entry whose actor is the workspace's policy: nobody decided it.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn by_policy<T>(
        &self,
        what: &str,
        subject: &str,
        detail: Value,
        run: impl FnOnce(&mut Store, &LogDraft<'_>) -> Result<T, StoreError>,
    ) -> DeskResult<T> {
        let draft =
            LogDraft { at: self.clock.now(), actor: POLICY_ACTOR, what, subject, detail, signer: None };
        Ok(run(&mut *self.writing()?, &draft)?)
    }

    /// Now, to the millisecond, which is what hashes are over.
    pub(crate) fn now_to_the_millisecond(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    /// The OS account as an actor of the log.
    pub(crate) fn account_actor(&self) -> String {
        format!("os:{}", self.os_account)
    }

    /// Runs one store method with a log entry under the OS account: what needs no person's secret.
    pub(crate) fn unsigned<T>(
        &self,
        what: &str,
        subject: &str,
        detail: Value,
        run: impl FnOnce(&mut Store, &LogDraft<'_>) -> Result<T, tieout_store::StoreError>,
    ) -> DeskResult<T> {
        let actor = self.account_actor();
        let draft = LogDraft { at: self.clock.now(), actor: &actor, what, subject, detail, signer: None };
        Ok(run(&mut *self.writing()?, &draft)?)
    }
}
