//! A payout on one screen: the movements of the processor's balance that it pays out, with their sum, beside
//! the bank's deposit.

use tieout_domain::{
    DocumentId,
    document::DocumentKind,
    ledger::{EntryStatus, LedgerEntry},
};
use tieout_store::{MatchRule, MatchState, PayoutContent, PayoutMember};

use crate::{
    base::{context::Context, error::DeskResult, wording},
    matching::views::{MatchView, UnmatchedDocumentView, UnmatchedEntryView},
};

/// What a payout is made of, and what the ledger has of it at the bank; `None` of any other document, and
/// where nothing proves what it is made of.
///
/// # Errors
/// A database error.
pub(crate) fn tie(ctx: &Context, document: &DocumentId) -> DeskResult<Option<MatchView>> {
    let Some(content) = ctx.store().payout_content(document)? else { return Ok(None) };
    let stored = ctx.known().document(document)?;
    let Some(expected) = ctx.known().expectation(document)?.map(|stored| stored.expected) else {
        return Ok(None);
    };
    let entity = expected.entity.as_ref().map(ToString::to_string).unwrap_or_default();
    // It is booked between clearing and the bank: the deposit is what stands at the bank.
    let bank = expected.lines.iter().find(|(account, _)| Some(account) != expected.control.as_ref());
    let bank = bank.map(|(account, _)| account.clone());
    let account = bank.as_ref().map(ToString::to_string).unwrap_or_default();
    let currency = content.currency;
    let mut entries = Vec::new();
    let mut entries_minor = 0;
    for held in ctx.known().entries_by_reference(&stored.document.reference)?.iter() {
        let entry: &LedgerEntry = &held.entry;
        if entry.status != EntryStatus::Booked || held.netted {
            continue;
        }
        let lines = entry.lines.iter().filter(|line| Some(&line.account) == bank.as_ref());
        let minor: i128 = lines.map(|line| i128::from(line.transaction_minor)).sum();
        entries_minor += minor;
        entries.push(UnmatchedEntryView {
            id: held.id.to_string(),
            number: entry.number.clone().unwrap_or_else(|| entry.erp_id.clone()),
            connection: ctx.known().connection(&held.connection)?.name,
            kind: entry.kind.name().into_owned(),
            reference: entry.reference.clone(),
            memo: entry.memo.clone(),
            counterpart: None,
            entity: entity.clone(),
            account: account.clone(),
            amount: wording::wide_text(minor, entry.currency),
            currency: entry.currency.code().to_owned(),
            date: entry.posting_date.to_string(),
        });
    }
    let place = (entity.as_str(), account.as_str(), stored.connection_name.as_str());
    let paid = i128::from(content.paid_minor);
    let documents = content.members.iter().map(|one| member(one, &content, place)).collect();
    Ok(Some(MatchView {
        id: document.to_string(),
        state: MatchState::Confirmed.as_str().to_owned(),
        rule: MatchRule::Payout.as_str().to_owned(),
        points: 0,
        reasons: told(&content),
        reason: String::new(),
        currency: currency.code().to_owned(),
        documents,
        documents_sum: wording::wide_text(paid, currency),
        entries_sum: wording::wide_text(entries_minor, currency),
        difference: wording::wide_text(entries_minor - paid, currency),
        entity,
        account,
        entries,
        second: None,
        confirmed_by: Vec::new(),
        changed_by: None,
        changed_at: None,
        actions: Vec::new(),
    }))
}

/// A movement as a member: `place` are entity, account and billing connection.
fn member(
    one: &PayoutMember,
    content: &PayoutContent,
    (entity, account, connection): (&str, &str, &str),
) -> UnmatchedDocumentView {
    UnmatchedDocumentView {
        id: one.document.as_ref().map_or_else(|| one.movement.clone(), ToString::to_string),
        reference: one.reference.clone(),
        connection: connection.to_owned(),
        kind: one.kind.as_str().to_owned(),
        customer: one.customer.clone(),
        entity: entity.to_owned(),
        account: account.to_owned(),
        amount: wording::wide_text(net(one), content.currency),
        currency: content.currency.code().to_owned(),
        date: one.at.date_naive().to_string(),
    }
}

fn net(one: &PayoutMember) -> i128 {
    i128::from(one.gross_minor) - i128::from(one.fee_minor)
}

/// What a payout is made of in words: each kind with how many and what they come to, then the fees that were
/// kept of them.
fn told(content: &PayoutContent) -> Vec<String> {
    let text = |minor| wording::wide_text(minor, content.currency);
    let unit = content.currency.code();
    let of = |kind: DocumentKind| {
        let gross: Vec<i128> = content
            .members
            .iter()
            .filter(|one| one.kind == kind)
            .map(|one| i128::from(one.gross_minor))
            .collect();
        let name = wording::kind(kind).to_lowercase();
        let plural = if gross.len() == 1 || name.ends_with("balance") { "" } else { "s" };
        let sum: i128 = gross.iter().sum();
        (!gross.is_empty()).then(|| format!("{} {name}{plural} {} {unit}", gross.len(), text(sum)))
    };
    let fees: i128 = content.members.iter().map(|one| i128::from(one.fee_minor)).sum();
    let kept = (fees != 0).then(|| format!("fees kept of them {} {unit}", text(-fees)));
    DocumentKind::ALL.into_iter().filter_map(of).chain(kept).collect()
}
