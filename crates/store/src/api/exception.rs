//! What people do with exceptions as such. Lists of them are views.

use serde_json::json;
use tieout_domain::{
    AttachmentId, DocumentId, ExceptionId, PersonId,
    exception::{ExceptionKind, ExceptionState},
};
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        attachment::{self, Attachment},
        exception::{self, ExceptionEvent, ExceptionMove, ExceptionRow},
        log,
    },
};

impl Db {
    /// The exception of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn exception(&self, id: &ExceptionId) -> Result<ExceptionRow> {
        exception::find(self, id)
    }

    /// The exceptions about a document itself, whatever their state, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn exceptions_of_document(&self, document: &DocumentId) -> Result<Vec<ExceptionRow>> {
        exception::of_document(self, document)
    }

    /// The kind of each open exception, by its id.
    ///
    /// # Errors
    /// A database error.
    pub fn open_kinds(&self) -> Result<Vec<(String, ExceptionKind)>> {
        exception::open_kinds(self)
    }

    /// The history of an exception, oldest first.
    ///
    /// # Errors
    /// `not_found`.
    pub fn exception_events(&self, id: &ExceptionId) -> Result<Vec<ExceptionEvent>> {
        exception::events(self, id)
    }

    /// The files that people put to an exception, the first first.
    ///
    /// # Errors
    /// `not_found`.
    pub fn attachments(&self, id: &ExceptionId) -> Result<Vec<Attachment>> {
        attachment::of_exception(self, id)
    }

    /// A file that somebody put to an exception, with its bytes.
    ///
    /// # Errors
    /// `not_found`; `corrupt` where the bytes are not those that were kept.
    pub fn attachment(&self, id: &AttachmentId) -> Result<(Attachment, Vec<u8>)> {
        let found = attachment::find(self, id)?;
        let bytes = attachment::bytes(self, &found)?;
        Ok((found, bytes))
    }

    /// Whether the exception's state allows a move now.
    ///
    /// # Errors
    /// `not_found`, `exception_state`.
    pub fn check_exception_move(&self, id: &ExceptionId, what: ExceptionMove) -> Result<()> {
        let (_, state) = exception::seq_and_state(self, id)?;
        what.allowed(id, state).map(|_| ())
    }
}

impl Tx<'_> {
    /// Gives an exception to a person, or to nobody.
    ///
    /// # Errors
    /// `not_found`.
    pub fn assign(&self, id: &ExceptionId, assignee: Option<&PersonId>, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            let (seq, _) = exception::seq_and_state(tx, id)?;
            exception::set_assignee(tx, seq, assignee, log.at)?;
            let assignee = assignee.map(PersonId::as_str);
            exception::event(tx, seq, (log.at, log.actor), ("assigned", assignee.unwrap_or("")))?;
            log::append_with(tx, log, &[("assignee", json!(assignee))]).map(|_| ())
        })
    }

    /// Writes a comment, and notes whom it asks.
    ///
    /// # Errors
    /// `not_found`.
    pub fn comment(
        &self,
        id: &ExceptionId,
        (words, asks): (&str, &[PersonId]),
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            let (seq, _) = exception::seq_and_state(tx, id)?;
            for person in asks {
                exception::event(tx, seq, (log.at, log.actor), ("mentioned", person.as_str()))?;
            }
            exception::event(tx, seq, (log.at, log.actor), ("comment", words))?;
            log::append_with(tx, log, &[("comment", json!(words))]).map(|_| ())
        })
    }

    /// Puts a file to an exception. The log has its name, size and hash.
    ///
    /// # Errors
    /// `not_found`.
    pub fn attach(
        &self,
        id: &ExceptionId,
        (file, name, bytes): (&AttachmentId, &str, &[u8]),
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            let (seq, _) = exception::seq_and_state(tx, id)?;
            let hash = attachment::keep(tx, seq, (file, name, bytes), (log.actor, log.at))?;
            exception::event(tx, seq, (log.at, log.actor), ("attached", name))?;
            let said = [
                ("attachment", json!(file.as_str())),
                ("name", json!(name)),
                ("size", json!(bytes.len())),
                ("sha256", json!(hex::encode(hash))),
            ];
            log::append_with(tx, log, &said).map(|_| ())
        })
    }

    /// Holds, releases or dismisses an exception, with a reason.
    ///
    /// # Errors
    /// `not_found`, `exception_state` when its state does not allow it.
    pub fn set_exception_state(
        &self,
        id: &ExceptionId,
        what: ExceptionMove,
        reason: &str,
        log: &LogDraft<'_>,
    ) -> Result<ExceptionState> {
        self.whole(|tx| {
            let (seq, state) = exception::seq_and_state(tx, id)?;
            let (target, wanted) = (what.allowed(id, state)?, what.word());
            exception::set_state(tx, seq, target, log.at)?;
            exception::event(tx, seq, (log.at, log.actor), (wanted, reason))?;
            log::append_with(tx, log, &[("reason", json!(reason)), ("state", json!(target.as_str()))])?;
            Ok(target)
        })
    }
}
