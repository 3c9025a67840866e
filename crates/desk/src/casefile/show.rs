//! One exception or posting whole: what happened, why (both sides), what will happen, who; and the dry run,
//! which shows the same things of a posting that is not stored.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::{ExceptionId, calendar::PeriodKey};
use tieout_store::{ExceptionRow, PostingRow, StoredDocument};

use crate::{
    access::actor,
    base::{
        closed,
        context::Context,
        error::DeskResult,
        labels::decimal_text,
        views::{HeldView, PeriodsView, PostingView},
    },
    casefile::history::{self, EventView},
    queue::record::{self, ExceptionView},
    settlement::{
        draft::{self},
        posting_view,
        preview::kept_view,
        three_periods,
    },
};

/// A document as billing has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct DocumentView {
    /// Our id.
    pub id: String,
    /// The billing connection's name.
    pub connection: String,
    /// The kind of document (`invoice`, `payment`, `payout`).
    #[ts(as = "closed::DocumentKind")]
    pub kind: String,
    /// The vendor's id.
    pub external_id: String,
    /// How an ERP entry names it.
    pub reference: String,
    /// Where it stands in billing.
    #[ts(as = "closed::DocumentStatus")]
    pub status: String,
    /// The signed amount in major units.
    pub amount: String,
    /// The currency.
    pub currency: String,
    /// When billing made it final.
    pub finalized_at: Option<DateTime<Utc>>,
    /// Its content version.
    pub version: u32,
    /// What ties usage, subscription, invoice, posting, journal and payment together.
    pub correlation: String,
    /// Accounts and amounts that the ledger should hold for it.
    pub expected: Vec<ExpectedLine>,
    /// The period in which it belongs.
    pub expected_period: Option<String>,
}

/// One expected account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExpectedLine {
    /// The account.
    pub account: String,
    /// Debit-positive, major units.
    pub amount: String,
}

/// Everything about one exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ShowView {
    /// The exception itself; its `why` is the sentence.
    pub exception: ExceptionView,
    /// Billing's side.
    pub billing: Option<DocumentView>,
    /// The ledger's side.
    pub ledger: Vec<HeldView>,
    /// Postings that settle it, newest last.
    pub postings: Vec<PostingView>,
    /// Its document's own period, where it belongs, and what it posts, or would post, into.
    pub periods: PeriodsView,
    /// Its history, oldest first.
    pub history: Vec<EventView>,
}

/// Shows an exception, or the one that a posting settles, or the open one of a reference.
///
/// # Errors
/// `not_found`, `ambiguous`.
pub fn show(ctx: &Context, id: &str) -> DeskResult<ShowView> {
    let ctx = &ctx.asking();
    let (row, _) = match id.parse::<ExceptionId>() {
        Ok(id) => (ctx.known().exception(&id)?, None),
        Err(_) => draft::exception_or_its_posting(ctx, id)?,
    };
    let names = actor::names(ctx)?;
    let document = draft::document_of(ctx, &row)?;
    let mut ledger = ctx.known().entries_by_reference(&row.external_ref)?;
    ledger.extend(ctx.store().entries_settling(&row.external_ref)?);
    let postings = postings_about(ctx, &row)?;
    Ok(ShowView {
        billing: document.map(|d| document_view(ctx, &d)).transpose()?,
        ledger: ledger.iter().map(kept_view).collect(),
        periods: three_periods::of_exception(ctx, &row)?,
        postings: postings.iter().map(|p| posting_view::posting_view(ctx, p)).collect::<DeskResult<_>>()?,
        history: history::history(ctx, &row.id, &names)?,
        exception: record::listed(ctx, &row)?,
    })
}

/// Postings that settle an exception, or the one that it is about.
pub(crate) fn postings_about(ctx: &Context, row: &ExceptionRow) -> DeskResult<Vec<PostingRow>> {
    match row.subject.parse() {
        Ok(posting) => Ok(vec![ctx.known().posting(&posting)?]),
        Err(_) => Ok(ctx.known().postings_for_exception(&row.id)?),
    }
}

pub(crate) fn document_view(ctx: &Context, stored: &StoredDocument) -> DeskResult<DocumentView> {
    let expected = ctx.known().expectation(&stored.id)?.map(|e| e.expected);
    let d = &stored.document;
    let currency = d.currency();
    let currency = currency.code();
    let lines = expected.iter().flat_map(|e| &e.lines).map(|(account, minor)| ExpectedLine {
        account: account.to_string(),
        amount: decimal_text(*minor, currency),
    });
    Ok(DocumentView {
        id: stored.id.to_string(),
        connection: stored.connection_name.clone(),
        kind: d.kind.as_str().to_owned(),
        external_id: d.external_id.clone(),
        reference: d.reference.clone(),
        status: d.status.as_str().to_owned(),
        amount: d.total.to_decimal().to_string(),
        currency: currency.to_owned(),
        finalized_at: d.finalized_at,
        version: stored.version,
        correlation: stored.correlation.to_string(),
        expected: lines.collect(),
        expected_period: expected.as_ref().and_then(|e| e.period.as_ref()).map(PeriodKey::to_string),
    })
}
