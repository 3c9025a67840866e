//! The entries and documents of a match that people decided on, or of a batch, as they are now: they may have
//! left the lists of what nothing ties.

use std::collections::BTreeMap;

use tieout_domain::AccountCode;
use tieout_store::{StoredDocument, StoredMatch};

use crate::{
    base::{context::Context, error::DeskResult, labels::decimal_text, wording},
    matching::views::{UnmatchedDocumentView, UnmatchedEntryView},
};

/// The members of a match, and what they come to on the account on which most of it stands.
pub(crate) struct Members {
    pub(crate) entries: Vec<UnmatchedEntryView>,
    pub(crate) documents: Vec<UnmatchedDocumentView>,
    pub(crate) account: String,
    pub(crate) entries_minor: i128,
    pub(crate) documents_minor: i128,
}

/// The members of a match.
///
/// # Errors
/// A database error.
pub(crate) fn of(ctx: &Context, stored: &StoredMatch) -> DeskResult<Members> {
    let mut documents = Vec::new();
    let (mut expected, mut controls) = (BTreeMap::<AccountCode, i128>::new(), Vec::new());
    for id in &stored.documents {
        let document = ctx.known().document(id)?;
        let known = ctx.known().expectation(id)?.map(|stored| stored.expected);
        for (account, minor) in known.iter().flat_map(|one| &one.lines) {
            *expected.entry(account.clone()).or_default() += i128::from(*minor);
        }
        let control = known.as_ref().and_then(|one| one.control.clone());
        let lines = known.iter().flat_map(|one| &one.lines);
        let minor =
            lines.filter(|(account, _)| Some(account) == control.as_ref()).map(|(_, minor)| minor).sum();
        let currency = document.document.currency().code().to_owned();
        documents.push(UnmatchedDocumentView {
            id: id.to_string(),
            reference: document.document.reference.clone(),
            connection: document.connection_name.clone(),
            kind: document.document.kind.as_str().to_owned(),
            customer: customer_of(ctx, &document)?,
            entity: stored.entity.clone(),
            account: control.as_ref().map(ToString::to_string).unwrap_or_default(),
            amount: decimal_text(minor, &currency),
            currency,
            date: known.map_or_else(String::new, |one| one.document_date.to_string()),
        });
        controls.extend(control);
    }
    let sum = |account: &AccountCode| expected.get(account).copied().unwrap_or_default();
    let main = controls.iter().max_by_key(|account| sum(account).unsigned_abs()).cloned();
    let mut entries = Vec::new();
    let mut entries_minor = 0;
    for id in &stored.entries {
        let Some(held) = ctx.store().entry(id)? else { continue };
        let entry = &held.entry;
        let lines = entry.lines.iter().filter(|line| Some(&line.account) == main.as_ref());
        let minor: i128 = lines.map(|line| i128::from(line.transaction_minor)).sum();
        entries_minor += minor;
        entries.push(UnmatchedEntryView {
            id: id.to_string(),
            number: entry.number.clone().unwrap_or_else(|| entry.erp_id.clone()),
            connection: ctx.known().connection(&held.connection)?.name,
            kind: entry.kind.name().into_owned(),
            reference: entry.reference.clone(),
            memo: entry.memo.clone(),
            counterpart: None,
            entity: stored.entity.clone(),
            account: main.as_ref().map(ToString::to_string).unwrap_or_default(),
            amount: wording::wide_text(minor, entry.currency),
            currency: entry.currency.code().to_owned(),
            date: entry.posting_date.to_string(),
        });
    }
    let documents_minor = main.as_ref().map(sum).unwrap_or_default();
    let account = main.map(|account| account.to_string()).unwrap_or_default();
    Ok(Members { entries, documents, account, entries_minor, documents_minor })
}

/// What a document's customer is called, or the vendor's id of them.
fn customer_of(ctx: &Context, stored: &StoredDocument) -> DeskResult<Option<String>> {
    let Some(id) = &stored.document.customer else { return Ok(None) };
    let known = ctx.store().customer(&stored.connection, id)?;
    Ok(Some(known.and_then(|customer| customer.name).unwrap_or_else(|| id.clone())))
}
