//! The contract of a ledger.

use std::collections::BTreeSet;

use async_trait::async_trait;
use tieout_domain::{
    entry::JournalEntry,
    failure::{FailureClass, VendorFailure},
    ledger::{EntityRef, EntryStatus, LedgerEntry},
};

use super::fact::{
    Breach, Kept, NO_HURRY, SENSELESS, Trouble, evidence_of, fails, kept_aside, must, request, standing,
    works,
};
use crate::traits::{
    BookRequest, Cursor, Found, LedgerPoster, LedgerScope, LedgerSource, Lookup, Page, PageRequest, Protocol,
    Receipt, Resource,
};

/// What a changing call can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteTrouble {
    /// It is done, and no answer comes.
    SilentAfterCommit,
    /// It is done, and the connection is cut.
    CutAfterCommit,
    /// It is not done, and the connection is cut.
    CutBeforeCommit,
    /// 429.
    TooMany,
}

/// A ledger for the contract: with a chart, an open and a closed period and some entries, and its own book.
#[async_trait]
pub trait LedgerHarness: Trouble {
    /// The connection, to read.
    fn source(&self) -> &dyn LedgerSource;

    /// The connection, to book.
    fn poster(&self) -> &dyn LedgerPoster;

    /// A balanced entry in an open period, another one for each `n`.
    fn request(&self, n: u32) -> BookRequest;

    /// One in a closed period.
    fn closed(&self, n: u32) -> BookRequest;

    /// A part of the words in which the vendor refuses a closed period.
    fn closed_words(&self) -> &'static str;

    /// The next call that creates an entry meets this. False where the stand-in cannot.
    async fn trouble_next_create(&self, trouble: WriteTrouble) -> bool;

    /// How many entries the vendor's own book has booked under this key.
    async fn booked(&self, key: &str) -> usize;

    /// The customer's existing integration books an entry with this reference.
    async fn foreign(&self, reference: &str);

    /// It books more entries with this reference than one answer has: how many. 0 where an answer has no end.
    async fn foreign_pages(&self, reference: &str) -> usize;

    /// Somebody makes an entry that can be deleted there: its id.
    async fn fleeting(&self) -> String;

    /// Somebody deletes the entry.
    async fn delete(&self, erp_id: &str);
}

/// Runs what one thing after the other is asked for.
pub(super) async fn one_by_one(h: &dyn LedgerHarness) -> Kept {
    a_booked_entry_reads_back_as_sent(h).await?;
    a_second_create_books_nothing_twice(h).await?;
    a_commit_without_an_answer_is_found_by_key(h).await?;
    nothing_is_found_of_what_was_not_done(h).await?;
    a_429_on_a_posting_is_retryable(h).await?;
    a_closed_period_is_refused_in_the_vendors_words(h).await?;
    another_integrations_entry_is_found_by_reference(h).await?;
    entries_are_each_read_once(h).await?;
    a_deleted_entry_is_proven_absent(h).await?;
    a_ledger_cursor_that_says_nothing_begins_anew(h).await?;
    the_chart_has_every_account_that_is_booked_on(h).await?;
    a_ledger_429_is_obeyed(h).await?;
    a_malformed_entry_is_kept_aside(h).await
}

pub(super) fn lookup(request: &BookRequest) -> Lookup {
    Lookup {
        key: request.key.clone(),
        reference: request.entry.reference().to_owned(),
        other_names: Vec::new(),
        entity: request.entry.entity().clone(),
        entity_erp_id: request.entity_erp_id.clone(),
        sent: true,
    }
}

async fn find(h: &dyn LedgerHarness, request: &BookRequest) -> Result<Found, Breach> {
    works(h.poster().find(&lookup(request)).await, "a look-up works")
}

/// Books by the vendor's protocol and answers the ERP's id.
pub(super) async fn book(h: &dyn LedgerHarness, request: &BookRequest) -> Result<String, VendorFailure> {
    let receipt = h.poster().create(request, NO_HURRY).await?;
    settle(h, request, Some(receipt)).await
}

/// What is left to do after a create: nothing, or posting exactly one draft and deleting the others.
async fn settle(
    h: &dyn LedgerHarness,
    request: &BookRequest,
    receipt: Option<Receipt>,
) -> Result<String, VendorFailure> {
    let lost = || VendorFailure::unknown("not_found", "the entry is not there");
    let found = h.poster().find(&lookup(request)).await?.by_key;
    match h.poster().protocol() {
        Protocol::UniqueKey => {
            let id = receipt.and_then(|receipt| receipt.erp_id);
            id.or_else(|| found.into_iter().next().map(|entry| entry.erp_id)).ok_or_else(lost)
        }
        Protocol::DraftThenPost => {
            let booked = found.iter().find(|entry| entry.status == EntryStatus::Booked);
            let id = booked.or(found.first()).ok_or_else(lost)?.erp_id.clone();
            if booked.is_none() {
                h.poster().post_draft(&id, NO_HURRY).await?;
            }
            for entry in found.iter().filter(|entry| entry.erp_id != id) {
                h.poster().delete_draft(&entry.erp_id).await?;
            }
            Ok(id)
        }
    }
}

/// What differs between an entry as sent and as the ERP holds it.
#[must_use]
pub fn differences(request: &BookRequest, booked: &LedgerEntry) -> Vec<String> {
    let entry: &JournalEntry = &request.entry;
    let mut found = Vec::new();
    let mut differ = |what: &str, sent: String, held: String| {
        if sent != held {
            found.push(format!("{what}: sent {sent}, booked {held}"));
        }
    };
    differ("status", EntryStatus::Booked.as_str().to_owned(), booked.status.as_str().to_owned());
    differ("period", entry.period().to_string(), booked.period.to_string());
    differ("date", entry.posting_date().to_string(), booked.posting_date.to_string());
    differ("currency", entry.currency().to_string(), booked.currency.to_string());
    differ("reference", entry.reference().to_owned(), booked.reference.clone().unwrap_or_default());
    differ("key", request.key.to_string(), booked.external_id.clone().unwrap_or_default());
    if let EntityRef::ErpId(id) = &booked.entity {
        differ("entity", request.entity_erp_id.clone(), id.clone());
    }
    let accounts: BTreeSet<_> = entry
        .lines()
        .iter()
        .map(|line| &line.account)
        .chain(booked.lines.iter().map(|line| &line.account))
        .collect();
    for account in accounts {
        let held = booked.lines.iter().filter(|line| line.account == *account);
        let held: i128 = held.map(|line| i128::from(line.transaction_minor)).sum();
        differ(account.as_str(), entry.net_on(account).to_string(), held.to_string());
    }
    found
}

async fn a_booked_entry_reads_back_as_sent(h: &dyn LedgerHarness) -> Kept {
    let request = h.request(1);
    let date = request.entry.posting_date();
    let check = works(h.poster().period(&request.entity_erp_id, date).await, "a period can be read")?;
    must(check.accepts && check.period.key == *request.entry.period(), "an open period accepts", || {
        format!("{check:?}")
    })?;
    let before = find(h, &request).await?;
    must(before.by_key.is_empty() && before.by_reference.is_empty(), "nothing is found before", || {
        format!("{before:?}")
    })?;
    let id = works(book(h, &request).await, "an entry can be booked")?;
    let held = works(h.poster().read_back(&id).await, "an entry can be read back")?;
    let differences = held.map(|held| differences(&request, &held));
    must(differences.as_deref() == Some(&[]), "an entry reads back as sent", || format!("{differences:?}"))?;
    let booked = h.booked(request.key.as_str()).await;
    must(booked == 1, "the vendor's own book has it once", || format!("{booked}"))?;
    let none = works(h.poster().read_back("999999999").await, "an unknown id reads back")?;
    must(none.is_none(), "an unknown id is no entry", || format!("{none:?}"))
}

async fn a_second_create_books_nothing_twice(h: &dyn LedgerHarness) -> Kept {
    let request = h.request(2);
    works(book(h, &request).await, "an entry can be booked")?;
    match h.poster().protocol() {
        Protocol::UniqueKey => {
            let failure = fails(h.poster().create(&request, NO_HURRY).await, "a second create is refused")?;
            must(
                failure.class == FailureClass::Unknown && failure.code == "duplicate_external_id",
                "a duplicate is to be looked up",
                || format!("{:?} {} {failure}", failure.class, failure.code),
            )?;
        }
        Protocol::DraftThenPost => {
            works(h.poster().create(&request, NO_HURRY).await, "a second draft can be made")?;
            let found = find(h, &request).await?.by_key;
            must(found.len() == 2, "every entry with the key is found", || format!("{found:?}"))?;
            works(settle(h, &request, None).await, "the surplus draft is deleted")?;
        }
    }
    let (booked, found) = (h.booked(request.key.as_str()).await, find(h, &request).await?.by_key.len());
    must(booked == 1 && found == 1, "nothing is booked twice", || format!("{booked} booked, {found} found"))
}

async fn a_commit_without_an_answer_is_found_by_key(h: &dyn LedgerHarness) -> Kept {
    for (n, trouble) in [(3, WriteTrouble::SilentAfterCommit), (4, WriteTrouble::CutAfterCommit)] {
        let request = h.request(n);
        if !h.trouble_next_create(trouble).await {
            continue;
        }
        let failure = fails(h.poster().create(&request, NO_HURRY).await, "no answer is no success")?;
        must(failure.class == FailureClass::Unknown, "no answer after sending is unknown", || {
            format!("{trouble:?}: {:?} {}", failure.class, failure.code)
        })?;
        let found = find(h, &request).await?.by_key;
        must(found.len() == 1, "what was committed is found by its key", || format!("{found:?}"))?;
        works(settle(h, &request, None).await, "it can be settled")?;
        let booked = h.booked(request.key.as_str()).await;
        must(booked == 1, "it is booked once", || format!("{booked}"))?;
    }
    Ok(())
}

async fn nothing_is_found_of_what_was_not_done(h: &dyn LedgerHarness) -> Kept {
    let request = h.request(5);
    if !h.trouble_next_create(WriteTrouble::CutBeforeCommit).await {
        return Ok(());
    }
    let failure = fails(h.poster().create(&request, NO_HURRY).await, "a cut connection is no success")?;
    must(failure.class == FailureClass::Unknown, "a connection cut after sending is unknown", || {
        format!("{:?} {}", failure.class, failure.code)
    })?;
    let found = find(h, &request).await?;
    must(found.by_key.is_empty(), "nothing is found of what was not done", || format!("{found:?}"))?;
    works(book(h, &request).await, "it can then be booked under the same key")?;
    Ok(())
}

async fn a_429_on_a_posting_is_retryable(h: &dyn LedgerHarness) -> Kept {
    let request = h.request(6);
    if !h.trouble_next_create(WriteTrouble::TooMany).await {
        return Ok(());
    }
    let failure = fails(h.poster().create(&request, NO_HURRY).await, "a 429 is no success")?;
    must(
        failure.class == FailureClass::Retryable && failure.code == "rate_limited",
        "a 429 on a posting is retryable, and not retried here",
        || format!("{:?} {}", failure.class, failure.code),
    )?;
    let booked = h.booked(request.key.as_str()).await;
    must(booked == 0, "a 429 books nothing", || format!("{booked}"))
}

async fn a_closed_period_is_refused_in_the_vendors_words(h: &dyn LedgerHarness) -> Kept {
    let request = h.closed(7);
    let date = request.entry.posting_date();
    let check = works(h.poster().period(&request.entity_erp_id, date).await, "a closed period can be read")?;
    must(!check.accepts, "a closed period does not accept", || format!("{check:?}"))?;
    let failure = fails(book(h, &request).await, "a closed period refuses")?;
    must(
        failure.class == FailureClass::Terminal && failure.code == "period_closed",
        "a closed period is terminal",
        || format!("{:?} {} {failure}", failure.class, failure.code),
    )?;
    must(failure.message.contains(h.closed_words()), "it is refused in the vendor's words", || {
        failure.message.clone()
    })?;
    let booked = h.booked(request.key.as_str()).await;
    must(booked == 0, "a refused entry is not booked", || format!("{booked}"))
}

async fn another_integrations_entry_is_found_by_reference(h: &dyn LedgerHarness) -> Kept {
    let request = h.request(8);
    h.foreign(request.entry.reference()).await;
    let found = find(h, &request).await?;
    must(
        found.by_key.is_empty() && found.by_reference.len() == 1,
        "another integration's entry is found by the document's reference",
        || format!("{found:?}"),
    )
}

/// All pages of one scan of a ledger.
///
/// # Errors
/// A [`Breach`] where a page fails or the scan does not end.
pub async fn ledger_scan(
    source: &dyn LedgerSource,
    resume: Option<Cursor>,
) -> Result<Vec<Page<LedgerEntry>>, Breach> {
    let mut ask = request(Resource::Entries, resume);
    let mut pages = Vec::new();
    loop {
        let page =
            works(source.entries(&ask, &LedgerScope::default()).await, "a ledger reads page after page")?;
        ask.next.clone_from(&page.next);
        pages.push(page);
        if ask.next.is_none() {
            return Ok(pages);
        }
        must(pages.len() < 10_000, "a scan comes to its end", || "it goes on and on".to_owned())?;
    }
}

async fn entries_are_each_read_once(h: &dyn LedgerHarness) -> Kept {
    let pages = ledger_scan(h.source(), None).await?;
    let mut ids = BTreeSet::new();
    for page in &pages {
        evidence_of(page)?;
        for item in &page.items {
            let entry = item.item.as_ref().map_err(|rejection| Breach {
                fact: "every entry can be read",
                found: rejection.to_string(),
            })?;
            must(ids.insert(entry.erp_id.clone()), "each entry is read once", || entry.erp_id.clone())?;
        }
    }
    let key = h.request(1).key;
    let ours = pages.iter().flat_map(|page| &page.items).filter_map(|item| item.item.as_ref().ok());
    let ours: Vec<_> = ours.filter(|entry| entry.external_id.as_deref() == Some(key.as_str())).collect();
    let differences: Vec<_> = ours.iter().map(|entry| differences(&h.request(1), entry)).collect();
    must(differences == [Vec::<String>::new()], "the sync shows what was booked", || {
        format!("{differences:?}")
    })?;
    let periods = works(h.source().periods().await, "periods can be read")?;
    evidence_of(&periods)?;
    must(!periods.items.is_empty(), "there are periods", || "none".to_owned())
}

async fn a_deleted_entry_is_proven_absent(h: &dyn LedgerHarness) -> Kept {
    let id = h.fleeting().await;
    let pages = ledger_scan(h.source(), None).await?;
    let before = standing(&pages)?;
    must(before.contains(&id), "an entry that is there stands", || id.clone())?;
    let resume = pages.into_iter().next_back().and_then(|page| page.resume);
    h.delete(&id).await;
    let after = standing(&ledger_scan(h.source(), None).await?)?;
    let gone: Vec<&String> = before.difference(&after).collect();
    must(gone == [&id], "what was deleted, and nothing else, is proven absent", || format!("{gone:?}"))?;
    let changes = ledger_scan(h.source(), resume).await?;
    let proven = standing(&changes).is_ok();
    must(!proven, "a read of changes proves nothing of what did not change", || format!("{changes:?}"))?;
    let told: Vec<&String> = changes.iter().flat_map(|page| &page.absence.deleted).collect();
    must(told.iter().all(|told| **told == id), "nothing that stands is told as deleted", || {
        format!("{told:?}")
    })
}

async fn a_ledger_cursor_that_says_nothing_begins_anew(h: &dyn LedgerHarness) -> Kept {
    let whole = standing(&ledger_scan(h.source(), None).await?)?;
    for senseless in SENSELESS {
        let cursor = || Some(Cursor(senseless.to_owned()));
        let resumed = standing(&ledger_scan(h.source(), cursor()).await?)?;
        must(resumed == whole, "a resume cursor that says nothing begins anew", || {
            format!("\"{senseless}\": {resumed:?}")
        })?;
        let on = PageRequest { next: cursor(), ..request(Resource::Entries, None) };
        let first = works(
            h.source().entries(&on, &LedgerScope::default()).await,
            "a place that says nothing begins anew",
        )?;
        let begins = first.absence.listed.as_ref().map(|part| part.after.as_str());
        must(begins == Some(""), "a place that says nothing begins anew", || format!("{begins:?}"))?;
    }
    Ok(())
}

async fn the_chart_has_every_account_that_is_booked_on(h: &dyn LedgerHarness) -> Kept {
    let chart = works(h.source().accounts().await, "the chart of accounts can be read")?;
    evidence_of(&chart)?;
    let accounts: Vec<_> = chart.items.iter().filter_map(|item| item.item.as_ref().ok()).collect();
    must(accounts.len() == chart.items.len(), "every account can be read", || format!("{:?}", chart.items))?;
    for line in h.request(1).entry.lines() {
        let named = accounts.iter().any(|a| a.code == line.account && !a.name.trim().is_empty());
        must(named, "an account that is booked on is in the chart, with a name", || {
            line.account.to_string()
        })?;
    }
    Ok(())
}

async fn a_ledger_429_is_obeyed(h: &dyn LedgerHarness) -> Kept {
    let before = h.refused().await;
    h.too_many_next().await;
    works(h.source().periods().await, "a read goes on after a 429")?;
    let refused = h.refused().await - before;
    must(refused == 1, "nothing is sent before Retry-After is over", || format!("{refused} were refused"))
}

async fn a_malformed_entry_is_kept_aside(h: &dyn LedgerHarness) -> Kept {
    let whole = works(h.source().periods().await, "periods can be read")?;
    if !h.malform_next_page().await {
        return Ok(());
    }
    let page = works(h.source().periods().await, "a page with a malformed item goes on")?;
    kept_aside(&page, whole.items.len())
}
