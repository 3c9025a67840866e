//! Postings as a list in windows, and one of them whole: its attempts with their transcripts, what the worker
//! remembers, and what may be done.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_connectors::kit::transcript_parts;
use tieout_domain::{PostingId, posting::PostingState};
use tieout_store::{Attempt, PostingBrief, PostingQuery};

use crate::{
    access::{
        action::ActionView,
        actor::{self, Names},
    },
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::{self, decimal_text},
        views::PostingView,
    },
    intake::connections,
    settlement::{batch, posting_view},
};

/// The most rows that one window answers.
pub(crate) const MOST_ROWS: u32 = 1_000;

/// Which postings.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct PostingsRequest {
    /// In this state.
    #[ts(as = "Option<closed::PostingState>")]
    pub state: Option<String>,
    /// To this connection, by name or id.
    pub connection: Option<String>,
    /// Of this legal entity.
    pub entity: Option<String>,
    /// Of documents of this period, or into it.
    pub period: Option<String>,
    /// Containing this.
    pub search: Option<String>,
    /// The first one's place in the list.
    #[serde(default)]
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// A posting in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PostingRow {
    /// Its id.
    pub id: String,
    /// The exception that it settles.
    pub exception: String,
    /// The document's reference.
    pub reference: String,
    /// The customer's name, or the id where billing gives no name.
    pub customer: Option<String>,
    /// Where it stands.
    #[ts(as = "closed::PostingState")]
    pub state: String,
    /// The ERP connection's name.
    pub connection: String,
    /// Where it comes from.
    pub origin: String,
    /// Who prepared it.
    pub preparer: Option<String>,
    /// Who approved this content.
    pub approved_by: Vec<String>,
    /// Whether the policy let it go, which asked for nobody's approval.
    pub released_by_policy: bool,
    /// The control amount in major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
    /// The legal entity.
    pub entity: String,
    /// The document's own period, where it is known.
    pub own_period: Option<String>,
    /// The period that it posts into.
    pub period: String,
    /// What the rule of the policy that let it go covers; `None` where people decided or decide.
    pub rule: Option<String>,
    /// Attempts begun.
    pub tries: u32,
    /// When it is tried or looked up next.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Why it stands still.
    pub failure: Option<String>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
}

/// How many postings are in one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct StateCount {
    /// The state.
    #[ts(as = "closed::PostingState")]
    pub state: String,
    /// How many.
    pub count: u64,
}

/// A window of postings, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PostingsPage {
    /// How many the filters leave.
    pub total: u64,
    /// The first one's place.
    pub start: u64,
    /// The postings.
    pub rows: Vec<PostingRow>,
    /// How many there are in each state, whatever state was asked for.
    pub states: Vec<StateCount>,
}

/// One call that changed, or was to change, something in the ERP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AttemptView {
    /// Its number within the posting, from 1.
    pub number: u32,
    /// The step.
    pub step: u32,
    /// What was called.
    #[ts(as = "closed::AttemptAction")]
    pub action: String,
    /// The key.
    pub key: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When its end was known.
    pub finished_at: Option<DateTime<Utc>>,
    /// done, terminal, retryable or unknown.
    #[ts(as = "Option<closed::AttemptEnd>")]
    pub outcome: Option<String>,
    /// The failure's stable code.
    pub code: Option<String>,
    /// Its words.
    pub message: Option<String>,
    /// The ERP's id of the entry.
    pub erp_id: Option<String>,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// Request and response, without secrets: credentials travel in headers, which are never kept.
    #[ts(skip)]
    pub transcript: Option<String>,
    /// The same in its parts.
    pub exchange: Option<ExchangeView>,
}

/// What was sent and what came back, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExchangeView {
    /// The request: its line and its body.
    pub request: String,
    /// The HTTP status of the answer; `None` where none came.
    pub status: Option<u16>,
    /// The answer: its status line, and what followed.
    pub response: Option<String>,
}

/// Everything about one posting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PostingDetail {
    /// The posting.
    pub posting: PostingView,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptView>,
    /// Attempts begun.
    pub tries: u32,
    /// Look-ups since its outcome became unknown.
    pub lookups: u32,
    /// Since when its outcome is unknown.
    pub doubt_since: Option<DateTime<Utc>>,
    /// When it is tried or looked up next.
    pub next_try_at: Option<DateTime<Utc>>,
    /// References of postings that must be booked first.
    pub waits_for: Vec<String>,
    /// What may be done with it now.
    pub actions: Vec<ActionView>,
}

fn row(brief: &PostingBrief, names: &Names) -> PostingRow {
    PostingRow {
        id: brief.id.to_string(),
        exception: brief.exception.to_string(),
        reference: brief.reference.clone(),
        customer: brief.customer.clone(),
        state: brief.state.as_str().to_owned(),
        connection: brief.connection.clone(),
        origin: brief.origin.clone(),
        preparer: brief.preparer.as_ref().map(|p| names.of(p.as_str())),
        approved_by: brief
            .approved_by
            .iter()
            .map(|(who, other)| names.in_place(who, other.as_ref()))
            .collect(),
        released_by_policy: posting_view::released_by_policy(
            &brief.origin,
            brief.state,
            brief.approved_by.is_empty(),
        ),
        amount: decimal_text(brief.amount_minor, brief.currency.code()),
        currency: brief.currency.code().to_owned(),
        entity: brief.entity.clone(),
        own_period: brief.own_period.clone(),
        period: brief.period.to_string(),
        rule: brief.rule.as_deref().map(labels::rule_covers),
        tries: brief.tries,
        next_try_at: brief.next_try_at,
        failure: brief.failure.clone(),
        proposed_at: brief.proposed_at,
    }
}

fn attempt(attempt: &Attempt) -> AttemptView {
    AttemptView {
        number: attempt.number,
        step: attempt.step,
        action: attempt.action.clone(),
        key: attempt.key.to_string(),
        started_at: attempt.started_at,
        finished_at: attempt.finished_at,
        outcome: attempt.end.map(|end| end.as_str().to_owned()),
        code: attempt.code.clone(),
        message: attempt.message.clone(),
        erp_id: attempt.erp_id.clone(),
        request_id: attempt.request_id.clone(),
        exchange: attempt.transcript.as_deref().map(exchange),
        transcript: attempt.transcript.clone(),
    }
}

fn exchange(transcript: &str) -> ExchangeView {
    let (request, answer) = transcript_parts(transcript);
    let (status, response) = answer.unzip();
    ExchangeView { request: request.to_owned(), status, response: response.map(str::to_owned) }
}

/// A window of postings, newest first.
///
/// # Errors
/// `state_unknown`, `not_found` for the connection.
pub fn postings_page(ctx: &Context, request: &PostingsRequest) -> DeskResult<PostingsPage> {
    let query = posting_query(ctx, request)?;
    let names = actor::names(ctx)?;
    let window = ctx.store().posting_window(&query)?;
    let count =
        |(state, count): &(PostingState, u64)| StateCount { state: state.as_str().to_owned(), count: *count };
    Ok(PostingsPage {
        total: window.total,
        start: request.start,
        rows: window.rows.iter().map(|brief| row(brief, &names)).collect(),
        states: window.states.iter().map(count).collect(),
    })
}

/// Every posting that the filters leave, whole, newest first.
pub(crate) fn postings_of(ctx: &Context, request: &PostingsRequest) -> DeskResult<Vec<PostingView>> {
    // In one read: between two of them there may be a new one, and everything would move.
    let query = PostingQuery { start: 0, limit: u32::MAX, ..posting_query(ctx, request)? };
    let briefs = ctx.store().posting_window(&query)?.rows;
    let whole = |brief: &PostingBrief| {
        let row = ctx.known().posting(&brief.id)?;
        posting_view::posting_view(ctx, &row)
    };
    briefs.iter().map(whole).collect()
}

fn posting_query(ctx: &Context, request: &PostingsRequest) -> DeskResult<PostingQuery> {
    let state = request.state.as_deref().map(|name| {
        PostingState::parse(name).ok_or_else(|| {
            let names: Vec<&str> = PostingState::ALL.iter().map(|s| s.as_str()).collect();
            DeskError::new(
                Code::StateUnknown,
                format!("\"{name}\" is no state; there are {}", names.join(", ")),
            )
        })
    });
    let connection = request.connection.as_deref().map(|name| connections::find_connection(ctx, name));
    Ok(PostingQuery {
        state: state.transpose()?,
        connection: connection.transpose()?.map(|c| c.id),
        entity: request.entity.clone(),
        period: request.period.clone(),
        search: request.search.clone(),
        start: request.start,
        limit: request.limit.min(MOST_ROWS),
    })
}

/// One posting whole.
///
/// # Errors
/// `bad_id`, `not_found`.
pub fn posting_detail(ctx: &Context, id: &str) -> DeskResult<PostingDetail> {
    let ctx = &ctx.asking();
    let posting: PostingId = id.parse()?;
    let figures = ctx.store().outbox_figures(&posting)?;
    let attempts = ctx.store().attempts(&posting)?;
    let row = ctx.known().posting(&posting)?;
    Ok(PostingDetail {
        posting: posting_view::posting_view(ctx, &row)?,
        attempts: attempts.iter().map(attempt).collect(),
        tries: figures.tries,
        lookups: figures.lookups,
        doubt_since: figures.doubt_since,
        next_try_at: figures.next_try_at,
        waits_for: figures.waits_for,
        actions: batch::posting_actions(ctx, id)?,
    })
}

#[cfg(test)]
mod tests {
    use super::exchange;

    #[test]
    fn a_transcript_comes_in_its_parts_and_a_word_within_the_body_is_no_answer() {
        let whole = exchange("POST /entry\n{\"memo\":\"\n\nHTTP soon\"}\n\nHTTP 400\n{\"title\":\"closed\"}");
        assert_eq!(whole.request, "POST /entry\n{\"memo\":\"\n\nHTTP soon\"}");
        assert_eq!(whole.status, Some(400));
        assert_eq!(whole.response.as_deref(), Some("HTTP 400\n{\"title\":\"closed\"}"));

        let unanswered = exchange("POST /entry\n{}");
        assert_eq!((unanswered.request.as_str(), unanswered.status), ("POST /entry\n{}", None));
        assert_eq!(unanswered.response, None);
    }
}
