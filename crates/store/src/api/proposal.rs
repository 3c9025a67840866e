//! Proposals: a posting for an exception, perhaps in place of another one.

use serde_json::json;
use tieout_domain::{
    DocumentId, ExceptionId, PostingId,
    posting::{Posting, PostingEvent},
};
use tieout_evidence::LogDraft;

use crate::{
    api::withdrawal::{self, Superseded},
    db::{Db, Tx},
    error::{Result, StoreError},
    table::{
        exception, log,
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

    /// Whether a posting could be proposed for an exception now, in place of one that ends so: what
    /// [`Tx::propose_posting`] would refuse, without writing anything.
    ///
    /// # Errors
    /// `posting_in_progress`, `posting_in_doubt`, `set_half_booked`, a transition refusal, `not_found`.
    pub fn check_proposal(
        &self,
        exception: &ExceptionId,
        replaced: Option<(&PostingId, PostingEvent)>,
    ) -> Result<()> {
        refuse_second(self, exception, replaced.map(|(old, _)| old))?;
        if let Some((old, how)) = replaced {
            withdrawal::check(self, &posting::head(self, old)?, how)?;
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// Proposes a posting for an exception. Where it replaces another one, that ends in the same transaction,
    /// so that at no time two of the document are alive.
    ///
    /// # Errors
    /// `posting_in_progress` when another live posting settles the exception, `document_has_live_posting`
    /// when one books its document or undoes the same entry for another exception, `posting_in_doubt` when
    /// the one to be replaced may be in the ledger, `set_half_booked` when some of it is and it was not to
    /// end so, `posting_key_conflict` when a key is taken, `not_found`, `already_exists`.
    pub fn propose_posting(
        &self,
        new: &NewPosting,
        supersedes: Option<&Superseded>,
        log: &LogDraft<'_>,
    ) -> Result<PostingRow> {
        self.whole(|tx| {
            let replaced = supersedes.map(|old| &old.posting);
            refuse_second(tx, &new.posting.exception, replaced)?;
            refuse_second_of_document(tx, &new.posting, new.document.as_ref(), replaced)?;
            if let Some(old) = supersedes {
                let head = posting::head(tx, &old.posting)?;
                withdrawal::withdraw(tx, &head, (old.how, old.memo.as_ref()), log.at)?;
                posting_edit::inherit(tx, &old.posting, &new.posting.id)?;
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
                ("supersedes", json!(replaced.map(PostingId::as_str))),
            ];
            log::append_with(tx, log, &fields)?;
            posting::find(tx, &new.posting.id)
        })
    }
}
