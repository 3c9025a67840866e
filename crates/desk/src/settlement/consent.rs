//! Consent: an approval counts for the content that its person saw, which they say by its hash. Whoever saw
//! something else is told what has moved since.

use tieout_domain::{
    destination::{Customer, Destination},
    entry::JournalLine,
    posting::{Posting, PostingStep},
};
use tieout_store::{PostingFilter, PostingRow};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        wording,
    },
};

/// Refuses an approval of what was not shown, or was shown otherwise.
///
/// # Errors
/// `content_not_shown`, `content_changed`.
pub(crate) fn check_shown(ctx: &Context, row: &PostingRow, shown: Option<&str>) -> DeskResult<()> {
    let reference = &row.posting.reference;
    let Some(shown) = shown else {
        let words = "an approval is bound to what was seen: look at it first, and approve with the hash \
                     of the content that was shown";
        return Err(DeskError::naming(Code::ContentNotShown, reference, words));
    };
    if shown == row.content_hash {
        return Ok(());
    }
    let moved = what_moved(ctx, row, shown)?;
    let message = format!("{reference} is not what you saw: {moved}. Look at it again, and decide anew");
    Err(DeskError::new(Code::ContentChanged, message))
}

/// What became of the content that somebody saw, in words.
fn what_moved(ctx: &Context, row: &PostingRow, shown: &str) -> DeskResult<String> {
    let names = actor::names(ctx)?;
    let preparer = |row: &PostingRow| match &row.posting.preparer {
        Some(person) => names.of(person.as_str()),
        None => "the policy".to_owned(),
    };
    let filter = PostingFilter { reference: Some(row.posting.reference.clone()), ..PostingFilter::default() };
    let others = ctx.store().postings(&filter)?;
    if let Some(seen) = others.iter().find(|other| other.content_hash == shown) {
        if seen.posting.exception != row.posting.exception {
            return Ok(format!("the hash given is that of posting {}", seen.posting.id));
        }
        let by = preparer(row);
        let at = wording::instant(row.posting.proposed_at);
        let changed = differences(&seen.posting, &row.posting);
        let what = if changed.is_empty() { "it was prepared anew".to_owned() } else { changed.join("; ") };
        return Ok(format!("{by} prepared another posting in its place on {at}: {what}"));
    }
    let edits = ctx.store().editors_of(&row.posting.id)?;
    if edits.iter().any(|edit| edit.content_hash == shown)
        && let Some(last) = edits.last()
    {
        let (by, at) = (names.of(last.person.as_str()), wording::instant(last.at));
        return Ok(format!("{by} changed it on {at}"));
    }
    Ok("the hash given is not that of its content".to_owned())
}

/// How a posting differs from the one that was seen: what is sent, and where to.
fn differences(seen: &Posting, now: &Posting) -> Vec<String> {
    if seen.steps.len() != now.steps.len() {
        return vec![format!("{} steps instead of {}", now.steps.len(), seen.steps.len())];
    }
    let pairs = seen.steps.iter().zip(&now.steps);
    pairs.flat_map(|(seen, now)| step_differences(seen, now)).collect()
}

fn step_differences(seen: &PostingStep, now: &PostingStep) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, was: String, is: String| {
        if was != is {
            found.push(format!("{what} {is} instead of {was}"));
        }
    };
    let (was, is) = (&seen.entry, &now.entry);
    let place = |step: &PostingStep| {
        let company = step.entity_erp_id().unwrap_or("-");
        format!("{} (company {company})", step.entry.entity())
    };
    differ("entity", place(seen), place(now));
    differ("period", was.period().to_string(), is.period().to_string());
    differ("posting date", was.posting_date().to_string(), is.posting_date().to_string());
    differ("lines", lines(seen), lines(now));
    let named = |step: &PostingStep| step.destination.as_ref().map_or_else(String::new, customer_words);
    differ("customer", named(seen), named(now));
    let undone = |step: &PostingStep| step.reverses.clone().unwrap_or_else(|| "nothing".to_owned());
    differ("undoes", undone(seen), undone(now));
    let options = |step: &PostingStep| {
        let all = step.destination.iter().flat_map(|to| &to.options);
        all.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
    };
    differ("options", options(seen), options(now));
    found
}

fn lines(step: &PostingStep) -> String {
    let line = |line: &JournalLine| {
        let erp_id = step.destination.as_ref().and_then(|to| to.accounts.get(&line.account));
        let account = match erp_id {
            Some(erp_id) => format!("{} ({erp_id})", line.account),
            None => line.account.to_string(),
        };
        format!("{account} {} {}", line.transaction.to_decimal(), line.transaction.currency().code())
    };
    step.entry.lines().iter().map(line).collect::<Vec<_>>().join(", ")
}

fn customer_words(to: &Destination) -> String {
    match &to.customer {
        None => "nobody".to_owned(),
        Some(Customer::Known { erp_id }) => format!("number {erp_id} of the ERP"),
        Some(Customer::New { external_id, name }) => format!("{external_id} ({name})"),
    }
}
