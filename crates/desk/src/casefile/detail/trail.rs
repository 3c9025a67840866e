//! The way of a document: usage → contract → invoice → posting → journal → payment, as far as it is known.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::{
    document::{DocumentKind, DocumentStatus},
    exception::Queue,
    posting::PostingState,
};
use tieout_store::{Correlated, PostingRow, StoredDocument};

use super::{facts::Facts, words::undone_briefly};
use crate::base::{context::Context, error::DeskResult, wording};

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

fn step(stage: &str, label: &str, found: Option<(String, Option<DateTime<Utc>>, &str)>) -> TrailStep {
    let (text, at, state) = match found {
        Some((text, at, state)) => (Some(text), at, state),
        None => (None, None, "missing"),
    };
    TrailStep { stage: stage.to_owned(), label: label.to_owned(), text, at, state: state.to_owned() }
}

pub(super) fn trail(ctx: &Context, facts: &Facts<'_>) -> DeskResult<Vec<TrailStep>> {
    let correlated = match facts.document {
        Some(document) => Some(ctx.store().correlated(&document.id)?),
        None => None,
    };
    let all = correlated.as_ref();
    Ok(vec![
        step("usage", "Usage", all.and_then(usage)),
        step("contract", "Contract", all.and_then(contract)),
        document_step(facts, all),
        step("posting", "Posting", posting(facts, all)),
        step("journal", "Journal", journal(facts)),
        step("payment", "Payment", all.and_then(payment)),
    ])
}

type Found = Option<(String, Option<DateTime<Utc>>, &'static str)>;

fn usage(all: &Correlated) -> Found {
    let starts = all.usage.iter().map(|u| u.starts_at).min()?;
    let ends = all.usage.iter().map(|u| u.ends_at).max()?;
    // A span's end is excluded: its last day is the one before.
    let last = (ends - chrono::Duration::milliseconds(1)).date_naive();
    let text = format!("{} – {}", wording::short_day(starts.date_naive()), wording::short_day(last));
    Some((text, Some(ends), "done"))
}

fn contract(all: &Correlated) -> Found {
    let subscription = all.subscriptions.first()?;
    let products = subscription.products.join(", ");
    let text = if products.is_empty() {
        subscription.status.clone()
    } else {
        format!("{products} ({})", subscription.status)
    };
    Some((text, subscription.amended_at.or(subscription.started_at), "done"))
}

fn document_step(facts: &Facts<'_>, all: Option<&Correlated>) -> TrailStep {
    let own = facts.document.filter(|d| d.document.kind != DocumentKind::Payment);
    let invoice = || all?.documents.iter().find(|d| d.document.kind == DocumentKind::Invoice);
    let Some(shown) = own.or_else(invoice) else { return step("invoice", "Invoice", None) };
    let state = match shown.document.status {
        DocumentStatus::Final | DocumentStatus::Draft | DocumentStatus::Pending => "done",
        DocumentStatus::Void | DocumentStatus::WrittenOff | DocumentStatus::Failed => "trouble",
    };
    let found = Some((shown.document.reference.clone(), shown.document.finalized_at, state));
    step("invoice", wording::kind(shown.document.kind), found)
}

fn posting(facts: &Facts<'_>, all: Option<&Correlated>) -> Found {
    let of_document = |row: &&PostingRow| row.posting.reference == facts.row.external_ref;
    let known = all.and_then(|all| all.postings.iter().rfind(of_document));
    let last = facts.postings.last().or(known)?;
    let (text, state) = match last.state {
        PostingState::Proposed => ("waits for approval", "missing"),
        PostingState::Queued => ("approved", "missing"),
        PostingState::Sending => ("being sent", "missing"),
        PostingState::Booked => ("booked, not yet synced", "done"),
        PostingState::HandedOver if last.failure_code.is_some() => ("handed over, not shown", "trouble"),
        PostingState::HandedOver => ("handed over", "missing"),
        PostingState::Settled => ("settled", "done"),
        PostingState::InDoubt => ("in doubt", "trouble"),
        PostingState::Refused => ("refused", "trouble"),
        PostingState::DeadLetter => ("given up", "trouble"),
        PostingState::Rejected => ("refused by a person", "trouble"),
        PostingState::Cancelled => ("withdrawn", "missing"),
    };
    Some((text.to_owned(), Some(last.changed_at), state))
}

fn journal(facts: &Facts<'_>) -> Found {
    let disputed = matches!(facts.row.kind.home(), Queue::Mismatch | Queue::PeriodClose);
    let Some(first) = facts.held.first() else {
        let last = facts.undone.iter().filter_map(|e| e.entry.created_at).max();
        let state = if facts.row.state.is_open() { "trouble" } else { "done" };
        return undone_briefly(facts).map(|text| (text, last, state));
    };
    let name = first.entry.number.as_ref().unwrap_or(&first.entry.erp_id);
    let text = match facts.held.len() {
        1 => name.clone(),
        n => format!("{name} and {} more", n - 1),
    };
    let state = if disputed && facts.row.state.is_open() { "trouble" } else { "done" };
    Some((text, first.entry.created_at, state))
}

/// True where a dispute has taken the payment's money, or a part of it.
fn disputed(payment: &StoredDocument, all: &Correlated) -> bool {
    let takes = |d: &StoredDocument| {
        d.document.kind == DocumentKind::Dispute
            && d.document.status == DocumentStatus::Final
            && d.document.payment.as_ref() == Some(&payment.document.external_id)
    };
    payment.facts.disputed || all.documents.iter().any(takes)
}

fn payment(all: &Correlated) -> Found {
    let payments = || all.documents.iter().filter(|d| d.document.kind == DocumentKind::Payment);
    let succeeded = |d: &&StoredDocument| d.document.status == DocumentStatus::Final;
    let shown = payments().find(succeeded).or_else(|| payments().next_back())?;
    let (text, state) = match (shown.document.status, disputed(shown, all)) {
        (_, true) => ("disputed", "trouble"),
        (DocumentStatus::Final, false) => ("succeeded", "done"),
        (DocumentStatus::Pending | DocumentStatus::Draft, false) => ("pending", "missing"),
        (DocumentStatus::Failed, false) => ("failed", "trouble"),
        (DocumentStatus::Void | DocumentStatus::WrittenOff, false) => ("taken back", "trouble"),
    };
    Some((text.to_owned(), shown.document.finalized_at, state))
}
