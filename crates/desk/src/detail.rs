//! One exception on one screen: what happened in plain words, why (both sides), what would be booked, who did
//! what, and what may be done now. It reads only: nothing is asked of the ERP, nothing is logged, and no
//! secret is needed.

mod compare;
mod payload;
mod trail;
mod words;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::{
    AccountCode, ExceptionId,
    calendar::{Period, PeriodKey, Subledger},
    ledger::EntryStatus,
    people::Action,
};
use tieout_store::{DerivedExpectation, ExceptionRow, PostingRow, StoredDocument, StoredEntry};

pub use self::payload::{Payload, PayloadRequest};
use crate::{
    actor::Names,
    batch::Ask,
    error::{DeskError, DeskResult},
    exception_views::{ExceptionView, shown},
    exceptions::named,
    show::{DocumentView, EventView, held_view},
    views::{HeldView, PostingView, Preview},
    workspace::Desk,
};

/// What may be done now, and for what may not, why and who could.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ActionView {
    /// The action's stable name.
    pub action: String,
    /// True where the acting person may do it now.
    pub allowed: bool,
    /// The code of the refusal: a rule's, or that of a state that does not allow it.
    pub code: Option<String>,
    /// The refusal in words.
    pub message: Option<String>,
    /// The rule, where a duty refuses.
    pub rule: Option<String>,
    /// Names of those who could.
    pub who_could: Vec<String>,
}

impl ActionView {
    /// The answer to who asked whether they may.
    pub(crate) fn of(action: Action, refusal: Option<DeskError>) -> Self {
        let (code, message) = refusal.as_ref().map(|r| (r.code.clone(), r.message.clone())).unzip();
        Self {
            action: action.as_str().to_owned(),
            allowed: refusal.is_none(),
            code,
            message,
            rule: refusal.as_ref().and_then(|r| r.rule.clone()),
            who_could: refusal.map(|r| r.who_could).unwrap_or_default(),
        }
    }
}

/// One line of billing against ledger. Texts are ready to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CompareLine {
    /// What is compared.
    pub what: String,
    /// Billing's side; `None` where it has none.
    pub billing: Option<String>,
    /// The ledger's side.
    pub ledger: Option<String>,
    /// True where this is the difference.
    pub differs: bool,
    /// True where both are decimal text in the comparison's currency.
    pub money: bool,
}

/// Billing and ledger side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Compare {
    /// The billing connection's name.
    pub billing_name: Option<String>,
    /// The ERP connection's name.
    pub ledger_name: Option<String>,
    /// The currency of money lines.
    pub currency: String,
    /// The lines.
    pub lines: Vec<CompareLine>,
}

/// One stage of a document's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct TrailStep {
    /// usage, contract, invoice, posting, journal or payment.
    #[ts(type = "\"usage\" | \"contract\" | \"invoice\" | \"posting\" | \"journal\" | \"payment\"")]
    pub stage: String,
    /// What it is called.
    pub label: String,
    /// What is there, in a few words.
    pub text: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// done, trouble or missing.
    #[ts(type = "\"done\" | \"trouble\" | \"missing\"")]
    pub state: String,
}

/// Everything about one exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExceptionDetail {
    /// The exception.
    pub exception: ExceptionView,
    /// A short title.
    pub title: String,
    /// What happened, in one or two plain sentences.
    pub sentence: String,
    /// usage → contract → invoice → posting → journal → payment.
    pub trail: Vec<TrailStep>,
    /// Billing against ledger.
    pub compare: Compare,
    /// Billing's side.
    pub billing: Option<DocumentView>,
    /// The ledger's side.
    pub ledger: Vec<HeldView>,
    /// What would be booked, by the same code that proposes.
    pub would_post: Option<Preview>,
    /// Or why nothing would.
    pub would_post_refusal: Option<DeskError>,
    /// Postings of it, newest last.
    pub postings: Vec<PostingView>,
    /// What happened, oldest first.
    pub history: Vec<EventView>,
    /// What may be done now.
    pub actions: Vec<ActionView>,
}

/// Everything that words, comparison and trail are made of.
struct Facts<'a> {
    row: &'a ExceptionRow,
    document: Option<&'a StoredDocument>,
    expected: Option<&'a DerivedExpectation>,
    /// Booked entries of the reference that nothing has undone.
    held: Vec<&'a StoredEntry>,
    /// Booked entries of the reference that cancel out: each with its reversal.
    undone: Vec<&'a StoredEntry>,
    postings: &'a [PostingRow],
    /// The period of the document's own date, where it is known.
    own_period: Option<Period>,
    /// When that period stopped taking entries of receivables.
    locked_at: Option<DateTime<Utc>>,
}

impl Facts<'_> {
    fn control(&self) -> Option<&AccountCode> {
        self.expected.and_then(|e| e.control.as_ref())
    }

    /// True where the document's own period takes no more entries of receivables.
    fn own_period_shut(&self) -> bool {
        self.own_period.as_ref().is_some_and(|p| !p.status.accepts(Subledger::Ar))
    }
}

impl Desk {
    /// Everything about one exception, by its id.
    ///
    /// # Errors
    /// `bad_id`, `not_found`.
    pub fn exception_detail(&self, id: &str) -> DeskResult<ExceptionDetail> {
        let id: ExceptionId = id.parse()?;
        let row = self.store().exception(&id)?;
        let names = self.names()?;
        let document = self.document_of(&row)?;
        let entries = self.store().entries_by_reference(&row.external_ref)?;
        let postings = self.postings_about(&row)?;
        let expected = match &document {
            Some(document) => self.store().expectation(&document.id)?.map(|stored| stored.expected),
            None => None,
        };
        let (own_period, locked_at) = self.own_period(&row, expected.as_ref())?;
        let booked = || entries.iter().filter(|e| e.entry.status == EntryStatus::Booked);
        let facts = Facts {
            row: &row,
            document: document.as_ref(),
            expected: expected.as_ref(),
            held: booked().filter(|e| !e.netted).collect(),
            undone: booked().filter(|e| e.netted).collect(),
            postings: &postings,
            own_period,
            locked_at,
        };
        let (would_post, would_post_refusal) = match self.would_post(&row) {
            Ok(preview) => (Some(preview), None),
            Err(refusal) => (None, Some(refusal)),
        };
        let history = self.store().exception_events(&row.id)?;
        Ok(ExceptionDetail {
            title: words::title(&facts),
            sentence: words::sentence(&facts),
            trail: self.trail(&facts)?,
            compare: self.compare(&facts)?,
            billing: document.as_ref().map(|d| self.document_view(d)).transpose()?,
            ledger: entries.iter().map(|e| held_view(&e.entry)).collect(),
            would_post,
            would_post_refusal,
            postings: postings.iter().map(|p| self.posting_view(p)).collect::<DeskResult<_>>()?,
            history: history
                .into_iter()
                .map(|e| EventView { at: e.at, who: names.of(&e.actor), what: e.what, detail: e.detail })
                .collect(),
            actions: self.actions(row.id.as_str(), &Ask::of_exception()),
            exception: self.listed(&row, &names)?,
        })
    }

    /// The exception as the grid shows it.
    fn listed(&self, row: &ExceptionRow, names: &Names) -> DeskResult<ExceptionView> {
        let listed = self.store().exceptions_of(&[row.id.to_string()])?;
        let one = listed.first().ok_or_else(|| DeskError::new("not_found", "it is gone by now"))?;
        Ok(shown(one, names, self.clock.now()))
    }

    /// Postings that settle an exception, or the one that it is about.
    fn postings_about(&self, row: &ExceptionRow) -> DeskResult<Vec<PostingRow>> {
        match row.subject.parse() {
            Ok(posting) => Ok(vec![self.store().posting(&posting)?]),
            Err(_) => Ok(self.store().postings_for_exception(&row.id)?),
        }
    }

    /// The period of the document's own date, and when it stopped taking entries: as the ERP says, else when
    /// it was first read so.
    fn own_period(
        &self,
        row: &ExceptionRow,
        expected: Option<&DerivedExpectation>,
    ) -> DeskResult<(Option<Period>, Option<DateTime<Utc>>)> {
        let key: Option<PeriodKey> = expected.and_then(|e| e.own_period.clone()).or(row.period.clone());
        let entity = expected.and_then(|e| e.entity.clone()).or(row.entity.clone());
        let (Some(entity), Some(key)) = (entity, key) else { return Ok((None, None)) };
        let periods = self.store().periods_of(&entity)?;
        let Some(found) = periods.into_iter().map(|p| p.period).find(|p| p.key == key) else {
            return Ok((None, None));
        };
        if found.status.accepts(Subledger::Ar) {
            return Ok((Some(found), None));
        }
        let history = self.store().period_history(&entity, &key)?;
        let opened_last = history.iter().rposition(|h| h.status.accepts(Subledger::Ar));
        let first_shut = history.get(opened_last.map_or(0, |at| at + 1));
        let locked = found.closed_at.or(first_shut.map(|h| h.closed_at.unwrap_or(h.read_at)));
        Ok((Some(found), locked))
    }

    /// What `propose` would make of it, without asking the ERP.
    fn would_post(&self, row: &ExceptionRow) -> DeskResult<Preview> {
        let draft = self.draft_for(row, None)?;
        self.store().check_proposal(&row.id, None).map_err(|error| named(error, row))?;
        let posting = self.posting_of(&draft, None)?;
        let checks = match self.acting_person() {
            Ok(_) => self.draft_checks(&draft, Action::Propose)?,
            Err(_) => Vec::new(),
        };
        let mut preview = self.preview_without_erp(&posting, checks)?;
        let known = self.store().entries_by_reference(&row.external_ref)?;
        preview.already_held = known.iter().map(|e| held_view(&e.entry)).collect();
        Ok(preview)
    }

    /// What the acting person may do with an item, by the very code that would do it.
    fn actions(&self, id: &str, asks: &[Ask]) -> Vec<ActionView> {
        let by = self.by(true);
        let judged = |ask: &Ask| {
            let refusal = match &by {
                Ok(by) => self.ask(by, ask, id).err(),
                Err(nobody) => Some(nobody.clone()),
            };
            ActionView::of(ask.action(), refusal)
        };
        asks.iter().map(judged).collect()
    }

    /// The same for a posting.
    pub(crate) fn posting_actions(&self, id: &str) -> DeskResult<Vec<ActionView>> {
        Ok(self.actions(id, &Ask::of_posting()))
    }

    /// The same for a change that waits for approval.
    pub(crate) fn change_actions(&self, id: &str) -> Vec<ActionView> {
        self.actions(id, &Ask::of_change())
    }
}
