//! The three periods of what an exception is about, the same on every screen: the document's own, where it
//! belongs for the tie-out, and what it posts into.

use tieout_domain::{
    calendar::{Period, PeriodBook, PeriodKey, Subledger},
    entry::JournalEntry,
    posting::Posting,
};
use tieout_store::{ExceptionRow, StoredDocument};

use crate::{
    base::{
        context::Context,
        error::DeskResult,
        views::{LateState, PeriodsView},
        wording,
    },
    queue::{late, late_words},
    settlement::draft,
};

/// Those of an exception: of its live posting, else of what would be proposed now.
pub(crate) fn of_exception(ctx: &Context, exception: &ExceptionRow) -> DeskResult<PeriodsView> {
    if let Some(live) = draft::live_posting(ctx, exception)? {
        return of_posting(ctx, &live.posting);
    }
    let document = draft::document_of(ctx, exception)?;
    // Where nothing can be proposed, nothing is posted into any period.
    let draft = draft::draft_for(ctx, exception, None);
    let draft = draft.and_then(|draft| draft::may_be_proposed(&draft).map(|()| draft));
    let steps = draft.map(|draft| draft.steps).unwrap_or_default();
    let into = placed(steps.iter().map(|step| (&step.entry, &step.reverses)));
    let view = view(ctx, document.as_ref(), into, "would go")?;
    Ok(match late::of_exception(ctx, exception)? {
        None => view,
        Some(ruled) => PeriodsView {
            says: Some(late_words::line(&ruled)),
            routed_by: ruled.rule.as_ref().map(|rule| rule.name.clone()),
            rule_says: ruled.rule.as_ref().map(|rule| rule.says.clone()),
            late: Some(if ruled.routed_by().is_some() { LateState::Routed } else { LateState::Held }),
            ..view
        },
    })
}

/// Those of a posting, stored or not.
pub(crate) fn of_posting(ctx: &Context, posting: &Posting) -> DeskResult<PeriodsView> {
    let exception = ctx.known().exception(&posting.exception)?;
    let document = draft::document_of(ctx, &exception)?;
    let into = placed(posting.steps.iter().map(|step| (&step.entry, &step.reverses)));
    let view = view(ctx, document.as_ref(), into, "goes")?;
    Ok(match posting.basis.as_ref().and_then(|basis| basis.routing.as_ref()) {
        None => view,
        Some(routing) => PeriodsView {
            says: late_words::of_posting(ctx, posting)?,
            routed_by: routing.rule.clone(),
            rule_says: routing.rule.as_ref().map(|_| routing.says.clone()),
            late: Some(if routing.held { LateState::Placed } else { LateState::Routed }),
            ..view
        },
    })
}

/// The period of the step that books; where there are only reversals, of the last one.
fn placed<'a>(
    mut steps: impl DoubleEndedIterator<Item = (&'a JournalEntry, &'a Option<String>)> + Clone,
) -> Option<PeriodKey> {
    let books = steps.clone().rev().find(|(_, reverses)| reverses.is_none());
    books.or_else(|| steps.next_back()).map(|(entry, _)| entry.period().clone())
}

fn view(
    ctx: &Context,
    document: Option<&StoredDocument>,
    posts_into: Option<PeriodKey>,
    goes: &str,
) -> DeskResult<PeriodsView> {
    let posts_into = posts_into.map(|key| key.to_string());
    let Some(document) = document else { return Ok(PeriodsView { posts_into, ..PeriodsView::default() }) };
    let Some(stored) = ctx.known().expectation(&document.id)? else {
        return Ok(PeriodsView { posts_into, ..PeriodsView::default() });
    };
    let expected = stored.expected;
    let periods: Vec<Period> = match &expected.entity {
        Some(entity) => ctx.known().periods_of(entity)?.into_iter().map(|stored| stored.period).collect(),
        None => Vec::new(),
    };
    let book = PeriodBook::new(&periods);
    let (date, finalized) = (expected.document_date, document.document.finalized_at);
    // Not the expectation's own period: an approved posting moves that to where it was put.
    let belongs = book.belonging(date, finalized).map(|period| period.key.clone());
    let own = book.holding(date);
    let view = PeriodsView {
        says: own.and_then(|own| says(own, posts_into.as_deref(), goes)),
        own: own.map(|own| own.key.clone()).or(expected.own_period.clone()).map(|key| key.to_string()),
        belongs: belongs.or(expected.own_period).map(|key| key.to_string()),
        posts_into,
        ..PeriodsView::default()
    };
    Ok(view)
}

/// That its own period is shut, and where it goes instead; `None` where it goes into its own.
fn says(own: &Period, posts_into: Option<&str>, goes: &str) -> Option<String> {
    let (name, status) = (wording::period(own.key.as_str()), wording::status(own.status));
    match posts_into {
        Some(into) if into == own.key.as_str() => None,
        Some(into) if !own.status.accepts(Subledger::Ar) => {
            Some(format!("Its {name} is {status}; it {goes} to {}.", wording::period(into)))
        }
        Some(into) => Some(format!("Its own period is {name}; it {goes} to {}.", wording::period(into))),
        None if !own.status.accepts(Subledger::Ar) => Some(format!("Its {name} is {status}.")),
        None => None,
    }
}
