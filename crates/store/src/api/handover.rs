//! Postings for a ledger that is read from files: written into a journal file, confirmed by somebody else,
//! and held against what the ledger's next files show. And what people say was booked there by hand.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::params;
use serde_json::json;
use tieout_domain::{
    ConnectionId, ExceptionId, HandoverId, PersonId, PostingId,
    exception::ExceptionState,
    ledger::LedgerEntry,
    posting::{PostingEvent, PostingState, PostingStep, TransitionRefusal},
};
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Tx},
    error::{Result, StoreError},
    sql::date,
    table::{
        booked_elsewhere::{self, BookedElsewhere, ElsewhereState},
        connection, entry,
        exception::{self, ExceptionMove},
        handover::{self, HandedRow, HandoverOutcome, NewHandover, StoredHandover},
        log, outbox,
        posting::{self, PostingRow},
    },
};

/// Who the log names for what a file of the ledger shows.
const DESK: &str = "desk";

/// What a file of a ledger, or a sync, is the whole of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// It does not say: what it lacks may be there all the same.
    Nothing,
    /// These days, both of them too.
    Days(NaiveDate, NaiveDate),
    /// The ledger.
    Everything,
}

impl Covers {
    fn day(self, day: NaiveDate) -> bool {
        match self {
            Covers::Nothing => false,
            Covers::Days(from, to) => (from..=to).contains(&day),
            Covers::Everything => true,
        }
    }
}

impl Db {
    /// The journal files of a ledger, or of all, the newest first.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn handovers(&self, erp: Option<&ConnectionId>) -> Result<Vec<StoredHandover>> {
        let seq = erp.map(|id| connection::seq(self, id)).transpose()?;
        handover::list(self, seq)
    }

    /// One journal file.
    ///
    /// # Errors
    /// `not_found`.
    pub fn handover(&self, id: &HandoverId) -> Result<StoredHandover> {
        handover::find(self, id)
    }

    /// How a posting stands in the last file that it was written into; `None` where it was in none.
    ///
    /// # Errors
    /// `not_found`.
    pub fn handed(&self, posting: &PostingId) -> Result<Option<HandedRow>> {
        handover::current(self, posting::head(self, posting)?.seq)
    }

    /// The steps of a posting that the ledger, as last read, holds under their keys.
    ///
    /// # Errors
    /// A database error.
    pub fn steps_in_ledger(&self, row: &PostingRow) -> Result<BTreeSet<u32>> {
        let mut found = BTreeSet::new();
        for step in &row.posting.steps {
            if !of_key(self, &row.posting.connection, step)?.is_empty() {
                found.insert(step.number);
            }
        }
        Ok(found)
    }

    /// What people said of an exception that it was booked by hand, the first first.
    ///
    /// # Errors
    /// A database error.
    pub fn booked_elsewhere(&self, exception: &ExceptionId) -> Result<Vec<BookedElsewhere>> {
        booked_elsewhere::of_exception(self, exception)
    }
}

/// The entries of a ledger under a step's key.
fn of_key(db: &Db, erp: &ConnectionId, step: &PostingStep) -> Result<Vec<LedgerEntry>> {
    let all = entry::by_external_id(db, step.key.as_str())?;
    let own = all.into_iter().filter(|stored| stored.connection == *erp && stored.removed.is_none());
    Ok(own.map(|stored| stored.entry).collect())
}

/// Refuses what is handed over and not proven absent: it may be in the ledger by now.
pub(crate) fn refuse_unless_absent(db: &Db, head: &posting::Head) -> Result<()> {
    if head.state != PostingState::HandedOver {
        return Ok(());
    }
    match handover::current(db, head.seq)? {
        Some(row) if row.outcome == HandoverOutcome::NotShown => Ok(()),
        _ => Err(TransitionRefusal::HandedOver.into()),
    }
}

/// What a posting that was handed over has come to.
struct Judgement {
    outcome: HandoverOutcome,
    words: String,
}

/// True where the ledger, as far as it was just read whole, has anything on an account of the step: a file of
/// other accounts says nothing of it.
fn holds_its_accounts(db: &Db, row: &PostingRow, step: &PostingStep, covers: Covers) -> Result<bool> {
    let (from, to) = match covers {
        Covers::Days(from, to) => (date(from), date(to)),
        Covers::Nothing | Covers::Everything => ("0000".to_owned(), "9999".to_owned()),
    };
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM entry e JOIN entry_line l ON l.entry_seq = e.seq
         WHERE e.connection_seq = ?1 AND e.status = 'booked' AND e.posting_date >= ?2
           AND e.posting_date <= ?3 AND l.account = ?4)",
    )?;
    let erp = connection::seq(db, &row.posting.connection)?;
    for line in step.entry.lines() {
        if statement.query_row(params![erp, from, to, line.account.as_str()], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Holds a posting against the ledger as it was last read; `None` where that says nothing of it.
fn judgement(db: &Db, row: &PostingRow, covers: Covers) -> Result<Option<Judgement>> {
    let (mut shown, mut differ, mut lacking) = (0_usize, Vec::new(), Vec::new());
    let steps = &row.posting.steps;
    for step in steps {
        let entries = of_key(db, &row.posting.connection, step)?;
        let of_step = |words: String| match steps.len() {
            1 => words,
            _ => format!("step {}: {words}", step.number),
        };
        match entries.iter().find(|entry| step.is_shown_in_a_file_by(entry)).or(entries.first()) {
            Some(entry) if step.is_shown_in_a_file_by(entry) => shown += 1,
            Some(entry) => {
                let words = step.differences(entry).join("; ");
                differ.push(of_step(format!("entry {} has its key, and {words}", entry.erp_id)));
            }
            None => lacking.push(step),
        }
    }
    let mut absent = true;
    for step in &lacking {
        absent &= covers.day(step.entry.posting_date()) && holds_its_accounts(db, row, step, covers)?;
    }
    Ok(match (differ.is_empty(), lacking.is_empty()) {
        (true, true) => Some(Judgement { outcome: HandoverOutcome::Shown, words: String::new() }),
        (false, _) => Some(Judgement { outcome: HandoverOutcome::Differs, words: differ.join("; ") }),
        (true, false) if absent && shown > 0 => Some(Judgement {
            outcome: HandoverOutcome::Differs,
            words: format!("the ledger shows {shown} of its {} entries", steps.len()),
        }),
        (true, false) if absent => Some(Judgement {
            outcome: HandoverOutcome::NotShown,
            words: "the ledger's file is the whole of its days, and does not have it".to_owned(),
        }),
        (true, false) => None,
    })
}

impl Tx<'_> {
    /// Keeps a journal file with its postings, which are handed over from then on. Called before the file
    /// stands in its place.
    ///
    /// # Errors
    /// `content_changed`, a transition refusal: `posting_handed_over` for one that is in a file already and
    /// comes without a reason.
    pub fn hand_over(&self, new: &NewHandover, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            let seq = handover::insert(tx, new, log.at)?;
            for handed in &new.postings {
                let head = posting::head(tx, &handed.posting)?;
                if head.content_hash != handed.content_hash {
                    return Err(StoreError::ContentChanged { id: handed.posting.to_string() });
                }
                if head.state == PostingState::HandedOver && handed.again.is_none() {
                    return Err(TransitionRefusal::HandedOver.into());
                }
                posting::step_state(tx, &head, PostingEvent::HandedOver, log.at)?;
                posting::forget_failure(tx, head.seq)?;
                outbox::dequeue(tx, head.seq)?;
                handover::insert_posting(tx, (seq, head.seq), handed)?;
                let told = ("handed_over", new.file.as_str());
                exception::follow_posting(tx, &head.exception, true, (log.at, log.actor), told)?;
            }
            let postings: Vec<_> = new
                .postings
                .iter()
                .map(|one| {
                    json!({ "posting": one.posting.as_str(), "content_hash": one.content_hash,
                            "steps": one.steps, "again": one.again })
                })
                .collect();
            let said = [
                ("sha256", json!(new.sha256)),
                ("format", json!(new.format)),
                ("file", json!(new.file)),
                ("postings", json!(postings)),
            ];
            log::append_with(tx, log, &said).map(|_| ())
        })
    }

    /// Notes that another person confirmed a journal file; what the ledger shows of it is settled. Answers
    /// which postings were.
    ///
    /// # Errors
    /// `not_found`, `already_exists` where somebody has confirmed it.
    pub fn confirm_handover(
        &self,
        id: &HandoverId,
        by: &PersonId,
        log: &LogDraft<'_>,
    ) -> Result<Vec<PostingId>> {
        self.whole(|tx| {
            let found = handover::find(tx, id)?;
            if found.confirmed.is_some() {
                return Err(StoreError::Duplicate { what: "confirmation of", id: found.file });
            }
            handover::confirm(tx, found.seq, by, log.at)?;
            log::append_with(tx, log, &[("sha256", json!(found.sha256))])?;
            tx.settle_postings(log.at)
        })
    }

    /// Holds what was handed over to a ledger against what was just read of it. Answers how many postings
    /// stand otherwise than before.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn judge_handovers(&self, erp: &ConnectionId, covers: Covers, at: DateTime<Utc>) -> Result<usize> {
        self.whole(|tx| {
            let condition = "p.state = 'handed_over' AND p.connection_seq = ?1 ORDER BY p.seq";
            let rows = posting::select(tx, condition, vec![connection::seq(tx, erp)?.into()])?;
            let mut moved = 0;
            for row in &rows {
                let head = posting::head(tx, &row.posting.id)?;
                let before = handover::current(tx, head.seq)?;
                let was_there = before.as_ref().is_some_and(|was| was.outcome.is_there());
                // What it showed is not there any more, and nothing says so: an import was undone.
                let unknown = || Judgement { outcome: HandoverOutcome::Waiting, words: String::new() };
                let judged = judgement(tx, row, covers)?.or_else(|| was_there.then(unknown));
                let Some(judged) = judged else { continue };
                if before.is_some_and(|was| was.outcome == judged.outcome && was.words == judged.words) {
                    continue;
                }
                moved += 1;
                handover::judge(tx, head.seq, (judged.outcome, &judged.words), at)?;
                match judged.outcome {
                    HandoverOutcome::Waiting | HandoverOutcome::Shown => {
                        posting::forget_failure(tx, head.seq)?;
                    }
                    HandoverOutcome::Differs => {
                        posting::set_failure(tx, head.seq, ("handover_differs", &judged.words))?;
                    }
                    HandoverOutcome::NotShown => {
                        posting::set_failure(tx, head.seq, ("handover_not_shown", &judged.words))?;
                    }
                }
                let told = (told(judged.outcome), judged.words.as_str());
                exception::follow_posting(tx, &head.exception, true, (at, DESK), told)?;
                let detail = json!({ "outcome": judged.outcome.as_str(), "words": judged.words });
                let subject = row.posting.id.as_str();
                let draft =
                    LogDraft { at, actor: DESK, what: "handover_judged", subject, detail, signer: None };
                log::append(tx, &draft)?;
            }
            Ok(moved)
        })
    }

    /// Puts an exception aside because somebody booked it in the ledger by hand, as a person says.
    ///
    /// # Errors
    /// `not_found`, `exception_state` where its state does not allow it.
    pub fn say_booked_elsewhere(
        &self,
        (id, erp): (&ExceptionId, &ConnectionId),
        reason: &str,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            let (seq, state) = exception::seq_and_state(tx, id)?;
            let target = ExceptionMove::Hold.allowed(id, state)?;
            booked_elsewhere::insert(tx, (id, erp), reason, (log.actor, log.at))?;
            exception::set_state(tx, seq, target, log.at)?;
            exception::event(tx, seq, (log.at, log.actor), ("booked_elsewhere", reason))?;
            log::append_with(tx, log, &[("reason", json!(reason))]).map(|_| ())
        })
    }

    /// Holds what was said to be booked by hand against what detection made of the ledger as it was just
    /// read: what is settled by it is proven; what a whole read of its day does not have is open again.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn judge_booked_elsewhere(
        &self,
        erp: &ConnectionId,
        covers: Covers,
        at: DateTime<Utc>,
    ) -> Result<usize> {
        self.whole(|tx| {
            let mut moved = 0;
            for one in booked_elsewhere::waiting(tx, connection::seq(tx, erp)?)? {
                let (seq, state) = exception::seq_and_state(tx, &one.exception)?;
                let became = match state {
                    ExceptionState::Closed => ElsewhereState::Proven,
                    ExceptionState::OnHold if covers.day(dated(tx, seq)?) => ElsewhereState::Reopened,
                    ExceptionState::OnHold => continue,
                    ExceptionState::Open | ExceptionState::InProgress | ExceptionState::Dismissed => {
                        ElsewhereState::Ended
                    }
                };
                moved += 1;
                booked_elsewhere::judge(tx, one.seq, became, at)?;
                if became == ElsewhereState::Reopened {
                    exception::set_state(tx, seq, ExceptionState::Open, at)?;
                    let words = "It was said to be booked by hand, and the ledger does not show it.";
                    exception::event(tx, seq, (at, DESK), ("reopened", words))?;
                }
                let subject = one.exception.as_str();
                let detail = json!({ "state": became.as_str() });
                let what = "booked_elsewhere_judged";
                log::append(tx, &LogDraft { at, actor: DESK, what, subject, detail, signer: None })?;
            }
            Ok(moved)
        })
    }
}

/// The day that an exception is of.
fn dated(db: &Db, seq: i64) -> Result<NaiveDate> {
    let mut statement = db.prepare_cached("SELECT dated, since FROM exception WHERE seq = ?1")?;
    let (dated, since): (String, i64) = statement.query_row([seq], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let since = || DateTime::from_timestamp_millis(since).unwrap_or_default().date_naive();
    Ok(dated.parse().unwrap_or_else(|_| since()))
}

/// What the history of the exception calls it.
fn told(outcome: HandoverOutcome) -> &'static str {
    match outcome {
        HandoverOutcome::Waiting => "handed_over",
        HandoverOutcome::Shown => "handover_shown",
        HandoverOutcome::Differs => "handover_differs",
        HandoverOutcome::NotShown => "handover_not_shown",
    }
}
