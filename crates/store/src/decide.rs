//! What people do with postings: propose, amend, approve, reject, cancel, replay. Each is one
//! transaction that holds state, decision, signed log entry, outbox row and the exception's history
//! together.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;
use tieout_domain::{
    ChangeId, Currency, DocumentId, ExceptionId, PersonId, PostingId,
    calendar::PeriodKey,
    document::DocumentKind,
    posting::{Posting, PostingEvent, PostingState, TransitionRefusal, transition},
};

use crate::{
    error::{Result, StoreError},
    sql::{ms, named},
    store::Store,
    table::{
        attempt, connection, decision, dirty, exception, expectation,
        log::{self, LogDraft},
        outbox::{self, MemoUpdate},
        posting::{self, Head, PostingEdit, PostingRow},
    },
};

/// A posting to be proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPosting {
    /// What is proposed.
    pub posting: Posting,
    /// The document that it books, where there is one.
    pub document: Option<DocumentId>,
    /// The document's currency.
    pub currency: Currency,
    /// The document's signed amount, minor units.
    pub amount_minor: i64,
    /// The mapping change that it rests on.
    pub mapping_change: Option<ChangeId>,
    /// The policy change that it rests on.
    pub policy_change: Option<ChangeId>,
    /// The posting that this one replaces: it is cancelled, and who shaped it also shaped this one.
    pub supersedes: Option<PostingId>,
}

/// A person's decision on a posting, as they saw it.
#[derive(Clone, Copy, Debug)]
pub struct NewDecision<'a> {
    /// The posting.
    pub posting: &'a PostingId,
    /// Who decides.
    pub person: &'a PersonId,
    /// The content that they saw.
    pub content_hash: &'a str,
    /// How many approvals of this content there were when the caller judged whether more are needed.
    /// Another number now means that somebody else approved meanwhile: judge again.
    pub seen_approvals: usize,
}

/// What recording a decision came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionRecorded {
    /// The number of its log entry.
    pub log_number: i64,
    /// Where the posting stands now.
    pub state: PostingState,
    /// How many approvals of the present content there are now.
    pub approvals: usize,
}

fn placed(posting: &Posting) -> Option<(String, PeriodKey)> {
    let step = posting.steps.iter().rev().find(|s| s.reverses.is_none()).or(posting.steps.last())?;
    Some((step.entry.entity().to_string(), step.entry.period().clone()))
}

fn content(posting: &Posting) -> Result<String> {
    serde_json::to_string(posting)
        .map_err(|e| StoreError::Sql(rusqlite::Error::ToSqlConversionFailure(Box::new(e))))
}

/// The live posting of the same exception, other than the one to be replaced.
fn other_live(
    sqlite: &Connection,
    exception: &ExceptionId,
    replaced: Option<&PostingId>,
) -> Result<Option<String>> {
    Ok(sqlite
        .prepare_cached(
            "SELECT id FROM posting WHERE exception_id = ?1 AND id IS DISTINCT FROM ?2
               AND state NOT IN ('settled', 'rejected', 'cancelled') ORDER BY seq LIMIT 1",
        )?
        .query_row(params![exception.as_str(), replaced.map(PostingId::as_str)], |row| row.get(0))
        .optional()?)
}

/// Refuses a proposal for an exception that another live posting settles.
fn refuse_second(sqlite: &Connection, exception: &ExceptionId, replaced: Option<&PostingId>) -> Result<()> {
    exception::seq_and_state(sqlite, exception)?;
    match other_live(sqlite, exception, replaced)? {
        Some(posting) => Err(StoreError::PostingInProgress { exception: exception.to_string(), posting }),
        None => Ok(()),
    }
}

/// Refuses to withdraw a posting of which something may be in the ledger.
fn refuse_in_doubt(sqlite: &Connection, head: &Head) -> Result<()> {
    if attempt::any_unfinished(sqlite, head.seq)? && !head.state.is_final() {
        return Err(TransitionRefusal::OutcomeStillUnknown.into());
    }
    Ok(())
}

/// Withdraws a posting. Nothing of it may be in doubt.
fn withdraw(sqlite: &Connection, head: &Head, at: DateTime<Utc>) -> Result<PostingState> {
    refuse_in_doubt(sqlite, head)?;
    let state = posting::step_state(sqlite, head, PostingEvent::Cancelled, at)?;
    outbox::dequeue(sqlite, head.seq)?;
    expect_again(sqlite, head)?;
    Ok(state)
}

/// The posting no longer says where its document belongs: derive it again.
fn expect_again(sqlite: &Connection, head: &Head) -> Result<()> {
    match head.document_seq {
        Some(seq) => dirty::mark_document(sqlite, seq),
        None => Ok(()),
    }
}

fn insert(sqlite: &Connection, new: &NewPosting) -> Result<i64> {
    let posting = &new.posting;
    let document: Option<(i64, DocumentKind)> = match &new.document {
        None => None,
        Some(id) => {
            let found = sqlite
                .prepare_cached("SELECT seq, kind FROM document WHERE id = ?1")?
                .query_row([id.as_str()], |row| {
                    Ok((row.get("seq")?, named(row, "kind", DocumentKind::parse)?))
                })
                .optional()?;
            Some(found.ok_or_else(|| StoreError::unknown("document", id))?)
        }
    };
    let basis = document.map(|(seq, _)| posting::basis(sqlite, seq)).transpose()?.flatten();
    let (entity, period) =
        placed(posting).ok_or_else(|| StoreError::unknown("step of posting", &posting.id))?;
    let count = sqlite
        .prepare_cached(
            "INSERT INTO posting (id, exception_id, document_seq, basis, connection_seq, reference,
              version, origin,
               preparer, reason, content_hash, content, state, entity, period, currency, amount_minor,
                 gross_minor,
               mapping_change, policy_change, rank, proposed_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'proposed', ?13, ?14, ?15, ?16,
               ?17, ?18, ?19,
               ?20, ?21, ?21) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            posting.id.as_str(),
            posting.exception.as_str(),
            document.map(|(seq, _)| seq),
            basis,
            connection::seq(sqlite, &posting.connection)?,
            posting.reference,
            posting.version,
            posting.origin.as_str(),
            posting.preparer.as_ref().map(PersonId::as_str),
            posting.reason,
            posting.content_hash(),
            content(posting)?,
            entity,
            period.as_str(),
            new.currency.code(),
            new.amount_minor,
            posting.gross_minor().unwrap_or(i64::MAX),
            new.mapping_change.as_ref().map(ChangeId::as_str),
            new.policy_change.as_ref().map(ChangeId::as_str),
            posting::rank(document.map(|(_, kind)| kind)),
            ms(posting.proposed_at),
        ])?;
    if count == 0 {
        return Err(StoreError::Duplicate { what: "posting", id: posting.id.to_string() });
    }
    Ok(sqlite.last_insert_rowid())
}

/// Approvals of the posting's present content.
fn approvals(
    sqlite: &Connection,
    posting: &PostingId,
    content_hash: &str,
) -> Result<Vec<decision::Decision>> {
    let all = decision::of_posting(sqlite, posting)?;
    Ok(all.into_iter().filter(|d| d.action == "approve" && d.content_hash == content_hash).collect())
}

/// Checks and writes one approval.
fn approve(
    sqlite: &Connection,
    new: &NewDecision<'_>,
    log: &LogDraft<'_>,
) -> Result<(Head, DecisionRecorded)> {
    let head = posting::head(sqlite, new.posting)?;
    transition(head.state, PostingEvent::Approved)?;
    if head.content_hash != new.content_hash {
        return Err(StoreError::ContentChanged { id: new.posting.to_string() });
    }
    let before = approvals(sqlite, new.posting, new.content_hash)?;
    if before.iter().any(|d| d.person == *new.person) {
        return Err(StoreError::Duplicate { what: "approval of", id: new.person.to_string() });
    }
    if before.len() != new.seen_approvals {
        return Err(StoreError::DecidedMeanwhile { id: new.posting.to_string() });
    }
    let subject = decision::Subject::Posting(new.posting);
    let log_number = decision::record(sqlite, &subject, new.person, ("approve", new.content_hash), log)?;
    let recorded = DecisionRecorded { log_number, state: head.state, approvals: before.len() + 1 };
    Ok((head, recorded))
}

/// Moves an approved posting into the outbox, and has the ledger expected where the posting puts it.
fn enqueue(
    sqlite: &Connection,
    head: &Head,
    (id, actor): (&PostingId, &str),
    at: DateTime<Utc>,
) -> Result<PostingState> {
    let state = posting::step_state(sqlite, head, PostingEvent::Approved, at)?;
    outbox::enqueue(sqlite, head, at)?;
    if let Some(document_seq) = head.document_seq
        && let Some(placement) = posting::placement_in_force(sqlite, document_seq)?
    {
        expectation::follow_posting(sqlite, document_seq, &placement)?;
    }
    exception::follow_posting(sqlite, &head.exception, true, (at, actor), ("approved", id.as_str()))?;
    Ok(state)
}

impl Store {
    /// Proposes a posting for an exception. Where it replaces another one, that is cancelled.
    ///
    /// # Errors
    /// `posting_in_progress` when another live posting settles the exception, `posting_in_doubt` when
    /// the one to be replaced may be in the ledger, `posting_key_conflict` when a key is taken,
    /// `not_found`, `already_exists`.
    pub fn propose_posting(&mut self, new: &NewPosting, log: &LogDraft<'_>) -> Result<PostingRow> {
        self.write(|tx| {
            refuse_second(tx, &new.posting.exception, new.supersedes.as_ref())?;
            if let Some(old) = &new.supersedes {
                withdraw(tx, &posting::head(tx, old)?, log.at)?;
                tx.execute(
                    "INSERT INTO posting_edit (posting_id, person, what, content_hash, at)
                     SELECT ?2, person, what, content_hash, at FROM posting_edit WHERE posting_id = ?1
                       ORDER BY seq",
                    [old.as_str(), new.posting.id.as_str()],
                )?;
            }
            let seq = insert(tx, new)?;
            posting::insert_steps(tx, seq, &new.posting)?;
            let hash = new.posting.content_hash();
            if let Some(person) = &new.posting.preparer {
                let (person, what) = (person.clone(), "proposed".to_owned());
                let edit = PostingEdit { person, what, content_hash: hash.clone(), at: log.at };
                posting::insert_edit(tx, &new.posting.id, &edit)?;
            }
            let about = ("proposed", new.posting.id.as_str());
            exception::follow_posting(tx, new.posting.exception.as_str(), true, (log.at, log.actor), about)?;
            let fields = [
                ("content_hash", json!(hash)),
                ("exception", json!(new.posting.exception.as_str())),
                ("supersedes", json!(new.supersedes.as_ref().map(PostingId::as_str))),
            ];
            log::append_with(tx, log, &fields)
        })?;
        self.posting(&new.posting.id)
    }

    /// Whether a posting could be proposed for an exception now, in place of `replaced`: what
    /// [`Store::propose_posting`] would refuse, without writing anything.
    ///
    /// # Errors
    /// `posting_in_progress`, `posting_in_doubt`, a transition refusal, `not_found`.
    pub fn check_proposal(&self, exception: &ExceptionId, replaced: Option<&PostingId>) -> Result<()> {
        refuse_second(&self.connection, exception, replaced)?;
        if let Some(old) = replaced {
            let head = posting::head(&self.connection, old)?;
            refuse_in_doubt(&self.connection, &head)?;
            transition(head.state, PostingEvent::Cancelled)?;
        }
        Ok(())
    }

    /// Whether the exception's state allows a move now.
    ///
    /// # Errors
    /// `not_found`, `exception_state`.
    pub fn check_exception_move(&self, id: &ExceptionId, what: exception::ExceptionMove) -> Result<()> {
        let (_, state) = exception::seq_and_state(&self.connection, id)?;
        what.allowed(id, state).map(|_| ())
    }

    /// Changes the content of a posting that is not sent. Approvals of the earlier content no longer
    /// count: it waits for approval again.
    ///
    /// # Errors
    /// A transition refusal, `posting_in_doubt` when something of it may be in the ledger,
    /// `posting_key_conflict` when other content would go out under a key that was tried already.
    pub fn amend_posting(
        &mut self,
        changed: &Posting,
        editor: &PersonId,
        log: &LogDraft<'_>,
    ) -> Result<PostingRow> {
        let id = changed.id.clone();
        self.write(|tx| {
            let head = posting::head(tx, &id)?;
            if attempt::any_unfinished(tx, head.seq)? && !head.state.is_final() {
                return Err(TransitionRefusal::OutcomeStillUnknown.into());
            }
            posting::step_state(tx, &head, PostingEvent::Amended, log.at)?;
            let hash = changed.content_hash();
            refuse_tried_keys(tx, &head, changed, &hash)?;
            let (entity, period) =
                placed(changed).ok_or_else(|| StoreError::unknown("step of posting", &id))?;
            tx.execute(
                "UPDATE posting SET version = ?2, origin = ?3, reason = ?4, content_hash = ?5, content
                  = ?6, entity = ?7,
                   period = ?8, gross_minor = ?9, failure_code = NULL, failure = NULL WHERE seq = ?1",
                params![
                    head.seq,
                    changed.version,
                    changed.origin.as_str(),
                    changed.reason,
                    hash,
                    content(changed)?,
                    entity,
                    period.as_str(),
                    changed.gross_minor().unwrap_or(i64::MAX)
                ],
            )?;
            tx.execute("DELETE FROM posting_step WHERE posting_seq = ?1", [head.seq])?;
            posting::insert_steps(tx, head.seq, changed)?;
            let (person, what) = (editor.clone(), "amended".to_owned());
            posting::insert_edit(
                tx,
                &id,
                &PostingEdit { person, what, content_hash: hash.clone(), at: log.at },
            )?;
            outbox::dequeue(tx, head.seq)?;
            expect_again(tx, &head)?;
            let about = ("amended", id.as_str());
            exception::follow_posting(tx, &head.exception, true, (log.at, log.actor), about)?;
            log::append_with(tx, log, &[("content_hash", json!(hash))])
        })?;
        self.posting(&id)
    }

    /// Records an approval that is not yet enough.
    ///
    /// # Errors
    /// A transition refusal, `content_changed`, `decided_meanwhile`, `already_exists` for a second
    /// approval by the same person, `log_bad_signature`.
    pub fn record_decision(&mut self, new: &NewDecision<'_>, log: &LogDraft<'_>) -> Result<DecisionRecorded> {
        self.write(|tx| {
            let (head, recorded) = approve(tx, new, log)?;
            let about = ("approved_in_part", new.posting.as_str());
            exception::follow_posting(tx, &head.exception, true, (log.at, log.actor), about)?;
            Ok(recorded)
        })
    }

    /// Records the approval that completes what the policy asks for: decision, state, log and outbox
    /// row.
    ///
    /// # Errors
    /// As [`Store::record_decision`].
    pub fn approve_and_enqueue(
        &mut self,
        new: &NewDecision<'_>,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.write(|tx| {
            let (head, recorded) = approve(tx, new, log)?;
            let state = enqueue(tx, &head, (new.posting, log.actor), log.at)?;
            Ok(DecisionRecorded { state, ..recorded })
        })
    }

    /// Moves a policy's own posting, which needs no person's approval, into the outbox.
    ///
    /// # Errors
    /// A transition refusal, `content_changed`.
    pub fn enqueue_by_policy(
        &mut self,
        id: &PostingId,
        content_hash: &str,
        log: &LogDraft<'_>,
    ) -> Result<PostingState> {
        self.write(|tx| {
            let head = posting::head(tx, id)?;
            if head.content_hash != content_hash {
                return Err(StoreError::ContentChanged { id: id.to_string() });
            }
            let state = enqueue(tx, &head, (id, log.actor), log.at)?;
            log::append_with(tx, log, &[("content_hash", json!(content_hash))])?;
            Ok(state)
        })
    }

    /// Refuses a posting, for good. Its exception is open again.
    ///
    /// # Errors
    /// A transition refusal, `content_changed`, `log_bad_signature`.
    pub fn reject(
        &mut self,
        new: &NewDecision<'_>,
        reason: &str,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.decide(new, ("reject", reason), log, |tx, head| {
            if attempt::any_unfinished(tx, head.seq)? && !head.state.is_final() {
                return Err(TransitionRefusal::OutcomeStillUnknown.into());
            }
            let state = posting::step_state(tx, head, PostingEvent::Rejected, log.at)?;
            outbox::dequeue(tx, head.seq)?;
            expect_again(tx, head)?;
            Ok(state)
        })
    }

    /// Withdraws a posting. Its exception is open again.
    ///
    /// # Errors
    /// A transition refusal (`posting_in_doubt` while something of it may be in the ledger),
    /// `content_changed`, `log_bad_signature`.
    pub fn cancel(
        &mut self,
        new: &NewDecision<'_>,
        reason: &str,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.decide(new, ("cancel", reason), log, |tx, head| withdraw(tx, head, log.at))
    }

    /// Sends a failed posting again, with the same keys. `memo` is what the worker is to remember of it.
    ///
    /// # Errors
    /// A transition refusal, `content_changed`, `log_bad_signature`.
    pub fn replay(
        &mut self,
        new: &NewDecision<'_>,
        memo: &MemoUpdate,
        log: &LogDraft<'_>,
    ) -> Result<DecisionRecorded> {
        self.decide(new, ("replay", ""), log, |tx, head| {
            let state = posting::step_state(tx, head, PostingEvent::Replayed, log.at)?;
            tx.execute("UPDATE posting SET failure_code = NULL, failure = NULL WHERE seq = ?1", [head.seq])?;
            outbox::put_memo(tx, head, memo, Some(log.at), log.at)?;
            Ok(state)
        })
    }

    /// A decision that is bound to the content seen, its effect, and the exception's history.
    fn decide(
        &mut self,
        new: &NewDecision<'_>,
        (action, reason): (&str, &str),
        log: &LogDraft<'_>,
        effect: impl FnOnce(&Connection, &Head) -> Result<PostingState>,
    ) -> Result<DecisionRecorded> {
        self.write(|tx| {
            let head = posting::head(tx, new.posting)?;
            if head.content_hash != new.content_hash {
                return Err(StoreError::ContentChanged { id: new.posting.to_string() });
            }
            let state = effect(tx, &head)?;
            let subject = decision::Subject::Posting(new.posting);
            let log_number = decision::record(tx, &subject, new.person, (action, new.content_hash), log)?;
            let words = if reason.is_empty() { new.posting.as_str() } else { reason };
            let lives = !state.is_final();
            exception::follow_posting(tx, &head.exception, lives, (log.at, log.actor), (action, words))?;
            let approvals = approvals(tx, new.posting, new.content_hash)?.len();
            Ok(DecisionRecorded { log_number, state, approvals })
        })
    }
}

/// Same key, other content: refused once anything was sent under the key.
fn refuse_tried_keys(sqlite: &Connection, head: &Head, changed: &Posting, hash: &str) -> Result<()> {
    for step in &changed.steps {
        let tried: bool = sqlite
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM attempt WHERE posting_seq = ?1 AND key = ?2 AND
                  content_hash <> ?3)",
            )?
            .query_row(params![head.seq, step.key.as_str(), hash], |row| row.get(0))?;
        if tried {
            let (key, posting) = (step.key.to_string(), changed.id.to_string());
            return Err(StoreError::KeyConflict { key, posting });
        }
    }
    Ok(())
}
