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
    said,
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
        labels,
        said::Said,
        views::{HeldView, PeriodsView, PostingView, Preview},
    },
    casefile::{
        history::{self, EventView},
        show::{self, DocumentView},
    },
    governance::changes,
    matching::{listing, views::MatchView},
    queue::{
        attachments::{self, AttachmentView},
        outcome::named,
        record::{self, ExceptionView},
    },
    settlement::{
        batch::{self, Ask},
        by_policy, draft, posting_view,
        preview::{self, kept_view},
        three_periods,
    },
};

/// Everything about one exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExceptionDetail {
    /// The exception.
    pub exception: ExceptionView,
    /// The name of its legal entity, where the mapping has it.
    pub entity_name: Option<String>,
    /// A short title.
    pub title: String,
    /// What happened, in one or two plain sentences.
    pub sentence: String,
    /// The same in pieces, for a page.
    pub said: Vec<Said>,
    /// usage → contract → invoice → posting → journal → payment.
    pub trail: Vec<TrailStep>,
    /// Billing against ledger.
    pub compare: Compare,
    /// Billing's side.
    pub billing: Option<DocumentView>,
    /// The ledger's side.
    pub ledger: Vec<HeldView>,
    /// True where the document's revenue is released by a schedule.
    pub scheduled: bool,
    /// What ties both sides where it is more than one document and its entries: a match that people
    /// confirmed, or a batch.
    pub tie: Option<MatchView>,
    /// The document's own period, where it belongs, and what it posts, or would post, into.
    pub periods: PeriodsView,
    /// What would be booked, by the same code that proposes.
    pub would_post: Option<Preview>,
    /// What the rule of the policy covers that it falls under; `None` where none covers it.
    pub rule: Option<String>,
    /// True where the policy prepares and sends it without a person.
    pub by_itself: bool,
    /// Or why nothing would.
    pub would_post_refusal: Option<DeskError>,
    /// Postings of it, newest last.
    pub postings: Vec<PostingView>,
    /// Files that were put to it, the first first.
    pub attachments: Vec<AttachmentView>,
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
    let (would_post, rule, would_post_refusal) = match would_post(ctx, &row) {
        Ok((preview, rule)) => (Some(preview), rule, None),
        Err(refusal) => (None, None, Some(refusal)),
    };
    let covers = |rule: String| labels::rule_covers(&rule);
    let (rule, by_itself) = rule.map_or((None, false), |(rule, by_itself)| (Some(covers(rule)), by_itself));
    let sentence = words::sentence(&facts);
    Ok(ExceptionDetail {
        title: words::title(&facts),
        sentence: said::plain(&sentence),
        said: Said::of(&sentence),
        trail: trail::trail(ctx, &facts)?,
        compare: compare::compare(ctx, &facts)?,
        billing: document.as_ref().map(|d| show::document_view(ctx, d)).transpose()?,
        ledger: entries.iter().chain(&settling).map(kept_view).collect(),
        scheduled: document.as_ref().map_or(Ok(false), |one| ctx.store().has_schedule(&one.id))?,
        tie: listing::tie_of(ctx, document.as_ref().map(|one| &one.id), &row.external_ref)?,
        periods: three_periods::of_exception(ctx, &row)?,
        would_post,
        rule,
        by_itself,
        entity_name: entity_name(ctx, &row)?,
        would_post_refusal,
        postings: postings.iter().map(|p| posting_view::posting_view(ctx, p)).collect::<DeskResult<_>>()?,
        attachments: attachments::of_exception(ctx, &row.id, &names)?,
        history: history::history(ctx, &row.id, &names)?,
        actions: batch::actions(ctx, row.id.as_str(), &Ask::of_exception()),
        exception: record::listed(ctx, &row)?,
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

fn entity_name(ctx: &Context, row: &ExceptionRow) -> DeskResult<Option<String>> {
    let mapping = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let entity = row.entity.as_ref();
    let named = mapping.zip(entity).and_then(|(mapping, code)| mapping.entity(code).map(|e| e.name.clone()));
    Ok(named.filter(|name| !name.is_empty()))
}

/// What `propose` would make of it, without asking the ERP, and the rule that it falls under.
fn would_post(ctx: &Context, row: &ExceptionRow) -> DeskResult<(Preview, Option<(String, bool)>)> {
    let draft = draft::draft_for(ctx, row, None)?;
    draft::may_be_proposed(&draft)?;
    ctx.store().check_proposal(&row.id, None).map_err(|error| named(error, row))?;
    let posting = draft::posting_of(ctx, &draft, None)?;
    let checks = match actor::acting_person(ctx) {
        Ok(_) => preview::draft_checks(ctx, &draft, Action::Propose)?,
        Err(_) => Vec::new(),
    };
    let mut preview = preview::preview_without_erp(ctx, &posting, checks)?;
    let known = ctx.known().entries_by_reference(&row.external_ref)?;
    preview.already_held = known.iter().map(kept_view).collect();
    Ok((preview, by_policy::rule_of(ctx, row, &draft)?))
}
