//! Proposals: a posting for an exception, perhaps in place of another one.

use serde_json::json;
use tieout_domain::{
    DocumentId, ExceptionId, PersonId, PostingId,
    posting::{Posting, PostingEvent, transition},
};
use tieout_evidence::LogDraft;

use crate::{
    api::withdrawal,
    db::{Db, Tx},
    error::{Result, StoreError},
    table::{
        attempt, exception, log, outbox,
        posting::{self, NewPosting, PostingRow},
        posting_edit::{self, PostingEdit},
        posting_step,
    },
};

/// Refuses a posting of a document, or one that undoes an entry, while another live one does, for whatever
/// exception: what several causes ask for is one set.
fn refuse_second_of_document(
    db: &Db,
    new: &Posting,
    document: Option<&DocumentId>,
    replaced: Option<&PostingId>,
) -> Result<()> {
    match posting::live_of_document(db, new, document, replaced)? {
        Some(posting) => Err(StoreError::DocumentInProgress { reference: new.reference.clone(), posting }),
        None => Ok(()),
    }
}

/// Refuses a proposal for an exception that another live posting settles.
fn refuse_second(db: &Db, exception: &ExceptionId, replaced: Option<&PostingId>) -> Result<()> {
    exception::seq_and_state(db, exception)?;
    match posting::other_live(db, exception, replaced)? {
        Some(posting) => Err(StoreError::PostingInProgress { exception: exception.to_string(), posting }),
        None => Ok(()),
    }
}

impl Db {
    /// Whether this very posting could be proposed now, in place of `replaced`, as far as other postings of
    /// its document and of the entries that it undoes go.
    ///
    /// # Errors
    /// `document_has_live_posting`.
    pub fn check_document_free(
        &self,
        new: &Posting,
        document: Option<&DocumentId>,
        replaced: Option<&PostingId>,
    ) -> Result<()> {
        refuse_second_of_document(self, new, document, replaced)
    }

    /// Whether a posting could be proposed for an exception now, in place of `replaced`: what
    /// [`Tx::propose_posting`] would refuse, without writing anything.
    ///
    /// # Errors
    /// `posting_in_progress`, `posting_in_doubt`, a transition refusal, `not_found`.
    pub fn check_proposal(&self, exception: &ExceptionId, replaced: Option<&PostingId>) -> Result<()> {
        refuse_second(self, exception, replaced)?;
        if let Some(old) = replaced {
            let head = posting::head(self, old)?;
            withdrawal::refuse_in_doubt(self, &head)?;
            transition(head.state, PostingEvent::Cancelled)?;
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// Proposes a posting for an exception. Where it replaces another one, that is cancelled.
    ///
    /// # Errors
    /// `posting_in_progress` when another live posting settles the exception, `document_has_live_posting`
    /// when one books its document or undoes the same entry for another exception, `posting_in_doubt` when
    /// the one to be replaced may be in the ledger, `posting_key_conflict` when a key is taken,
    /// `not_found`, `already_exists`.
    pub fn propose_posting(&self, new: &NewPosting, log: &LogDraft<'_>) -> Result<PostingRow> {
        self.whole(|tx| {
            refuse_second(tx, &new.posting.exception, new.supersedes.as_ref())?;
            let replaced = new.supersedes.as_ref();
            refuse_second_of_document(tx, &new.posting, new.document.as_ref(), replaced)?;
            if let Some(old) = &new.supersedes {
                withdrawal::withdraw(tx, &posting::head(tx, old)?, log.at)?;
                posting_edit::inherit(tx, old, &new.posting.id)?;
            }
            let seq = posting::insert(tx, new)?;
            posting_step::insert(tx, seq, &new.posting)?;
            let hash = new.posting.content_hash();
            if let Some(person) = &new.posting.preparer {
                let (person, what) = (person.clone(), "proposed".to_owned());
                let edit = PostingEdit { person, what, content_hash: hash.clone(), at: log.at };
                posting_edit::insert(tx, &new.posting.id, &edit)?;
            }
            let about = ("proposed", new.posting.id.as_str());
            exception::follow_posting(tx, new.posting.exception.as_str(), true, (log.at, log.actor), about)?;
            let fields = [
                ("content_hash", json!(hash)),
                ("exception", json!(new.posting.exception.as_str())),
                ("supersedes", json!(new.supersedes.as_ref().map(PostingId::as_str))),
            ];
            log::append_with(tx, log, &fields)?;
            posting::find(tx, &new.posting.id)
        })
    }

    /// Changes the content of a posting that is not sent. Approvals of the earlier content no longer
    /// count: it waits for approval again.
    ///
    /// # Errors
    /// A transition refusal, `posting_in_doubt` when something of it may be in the ledger,
    /// `posting_key_conflict` when other content would go out under a key that was tried already.
    pub fn amend_posting(
        &self,
        changed: &Posting,
        editor: &PersonId,
        log: &LogDraft<'_>,
    ) -> Result<PostingRow> {
        let id = &changed.id;
        self.whole(|tx| {
            let head = posting::head(tx, id)?;
            withdrawal::refuse_in_doubt(tx, &head)?;
            posting::step_state(tx, &head, PostingEvent::Amended, log.at)?;
            let hash = changed.content_hash();
            for step in &changed.steps {
                if attempt::tried_with_other_content(tx, head.seq, &step.key, &hash)? {
                    let (key, posting) = (step.key.to_string(), id.to_string());
                    return Err(StoreError::KeyConflict { key, posting });
                }
            }
            posting::replace_content(tx, head.seq, changed)?;
            posting_step::replace(tx, head.seq, changed)?;
            let (person, what) = (editor.clone(), "amended".to_owned());
            let edit = PostingEdit { person, what, content_hash: hash.clone(), at: log.at };
            posting_edit::insert(tx, id, &edit)?;
            outbox::dequeue(tx, head.seq)?;
            withdrawal::expect_again(tx, &head)?;
            let about = ("amended", id.as_str());
            exception::follow_posting(tx, &head.exception, true, (log.at, log.actor), about)?;
            log::append_with(tx, log, &[("content_hash", json!(hash))])?;
            posting::find(tx, id)
        })
    }
}
