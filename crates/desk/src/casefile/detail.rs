//! One exception on one screen: what happened in plain words, why (both sides), what would be booked, who did
//! what, and what may be done now. It reads only: nothing is asked of the ERP, nothing is logged, and no
//! secret is needed.

mod compare;
mod facts;
mod payload;
mod trail;
mod words;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::{
    ExceptionId,
    calendar::{Period, PeriodKey, Subledger},
    ledger::EntryStatus,
    people::Action,
};
use tieout_store::{DerivedExpectation, ExceptionRow};

use self::facts::Facts;
pub use self::{
    compare::{Compare, CompareLine},
    payload::{Payload, PayloadRequest, payload},
    trail::TrailStep,
};
use crate::{
    access::{action::ActionView, actor},
    base::{
        context::Context,
        error::{DeskError, DeskResult},
        views::{HeldView, PeriodsView, PostingView, Preview},
    },
    casefile::{
        history::{self, EventView},
        show::{self, DocumentView},
    },
    queue::{
        outcome::named,
        record::{self, ExceptionView},
    },
    settlement::{
        batch::{self, Ask},
        draft, posting_view,
        preview::{self, kept_view},
        three_periods,
    },
};

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
    /// The document's own period, where it belongs, and what it posts, or would post, into.
    pub periods: PeriodsView,
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

/// Everything about one exception, by its id.
///
/// # Errors
/// `bad_id`, `not_found`.
pub fn exception_detail(ctx: &Context, id: &str) -> DeskResult<ExceptionDetail> {
    let ctx = &ctx.asking();
    let id: ExceptionId = id.parse()?;
    let row = ctx.known().exception(&id)?;
    let names = actor::names(ctx)?;
    let document = draft::document_of(ctx, &row)?;
    let entries = ctx.known().entries_by_reference(&row.external_ref)?;
    let settling = ctx.store().entries_settling(&row.external_ref)?;
    let postings = show::postings_about(ctx, &row)?;
    let expected = match &document {
        Some(document) => ctx.known().expectation(&document.id)?.map(|stored| stored.expected),
        None => None,
    };
    let (own_period, locked_at) = own_period(ctx, &row, expected.as_ref())?;
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
    let (would_post, would_post_refusal) = match would_post(ctx, &row) {
        Ok(preview) => (Some(preview), None),
        Err(refusal) => (None, Some(refusal)),
    };
    Ok(ExceptionDetail {
        title: words::title(&facts),
        sentence: words::sentence(&facts),
        trail: trail::trail(ctx, &facts)?,
        compare: compare::compare(ctx, &facts)?,
        billing: document.as_ref().map(|d| show::document_view(ctx, d)).transpose()?,
        ledger: entries.iter().chain(&settling).map(kept_view).collect(),
        periods: three_periods::of_exception(ctx, &row)?,
        would_post,
        would_post_refusal,
        postings: postings.iter().map(|p| posting_view::posting_view(ctx, p)).collect::<DeskResult<_>>()?,
        history: history::history(ctx, &row.id, &names)?,
        actions: batch::actions(ctx, row.id.as_str(), &Ask::of_exception()),
        exception: record::listed(ctx, &row, &names)?,
    })
}

/// The period of the document's own date, and when it stopped taking entries: as the ERP says, else when
/// it was first read so.
fn own_period(
    ctx: &Context,
    row: &ExceptionRow,
    expected: Option<&DerivedExpectation>,
) -> DeskResult<(Option<Period>, Option<DateTime<Utc>>)> {
    let key: Option<PeriodKey> = expected.and_then(|e| e.own_period.clone()).or(row.period.clone());
    let entity = expected.and_then(|e| e.entity.clone()).or(row.entity.clone());
    let (Some(entity), Some(key)) = (entity, key) else { return Ok((None, None)) };
    let periods = ctx.known().periods_of(&entity)?;
    let Some(found) = periods.into_iter().map(|p| p.period).find(|p| p.key == key) else {
        return Ok((None, None));
    };
    if found.status.accepts(Subledger::Ar) {
        return Ok((Some(found), None));
    }
    let history = ctx.store().period_history(&entity, &key)?;
    let opened_last = history.iter().rposition(|h| h.status.accepts(Subledger::Ar));
    let first_shut = history.get(opened_last.map_or(0, |at| at + 1));
    let locked = found.closed_at.or(first_shut.map(|h| h.closed_at.unwrap_or(h.read_at)));
    Ok((Some(found), locked))
}

/// What `propose` would make of it, without asking the ERP.
fn would_post(ctx: &Context, row: &ExceptionRow) -> DeskResult<Preview> {
    let draft = draft::draft_for(ctx, row, None)?;
    ctx.store().check_proposal(&row.id, None).map_err(|error| named(error, row))?;
    let posting = draft::posting_of(ctx, &draft, None)?;
    let checks = match actor::acting_person(ctx) {
        Ok(_) => preview::draft_checks(ctx, &draft, Action::Propose)?,
        Err(_) => Vec::new(),
    };
    let mut preview = preview::preview_without_erp(ctx, &posting, checks)?;
    let known = ctx.known().entries_by_reference(&row.external_ref)?;
    preview.already_held = known.iter().map(kept_view).collect();
    Ok(preview)
}
