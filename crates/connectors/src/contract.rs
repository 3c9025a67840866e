//! The contract that every adapter keeps, as functions over a harness: each states one fact and answers a
//! [`Breach`] where it does not hold. Vendors' tests bring the harness (a server with its own book and its
//! faults) and run the whole list.

use std::collections::BTreeSet;

use async_trait::async_trait;
use tieout_domain::{
    document::Canonical,
    entry::JournalEntry,
    failure::{FailureClass, VendorFailure},
    hash::sha256_hex,
    ledger::{EntityRef, EntryStatus, LedgerEntry},
};

use crate::{
    BillingSource, BookRequest, Found, LedgerPoster, LedgerSource, Lookup, Page, PageRequest, Protocol,
    Receipt, Resource,
};

/// A fact that did not hold.
#[derive(Debug, thiserror::Error)]
#[error("{fact}: {found}")]
pub struct Breach {
    /// What must hold.
    pub fact: &'static str,
    /// What was found instead.
    pub found: String,
}

type Kept = Result<(), Breach>;

fn must(holds: bool, fact: &'static str, found: impl FnOnce() -> String) -> Kept {
    if holds { Ok(()) } else { Err(Breach { fact, found: found() }) }
}

fn works<T>(result: Result<T, VendorFailure>, fact: &'static str) -> Result<T, Breach> {
    result.map_err(|failure| Breach { fact, found: format!("{}: {failure}", failure.code) })
}

fn fails<T>(result: Result<T, VendorFailure>, fact: &'static str) -> Result<VendorFailure, Breach> {
    match result {
        Ok(_) => Err(Breach { fact, found: "it succeeded".to_owned() }),
        Err(failure) => Ok(failure),
    }
}

/// What a test of a reading connection can make happen.
#[async_trait]
pub trait Trouble: Send + Sync {
    /// The next request is answered 429 with a `Retry-After`.
    async fn too_many_next(&self);

    /// The next page is cut in the middle of its body.
    async fn cut_next_page(&self);

    /// The next page of data has another shape than documented. False where the vendor's stand-in cannot.
    async fn malform_next_page(&self) -> bool;

    /// Requests that were answered 429 so far.
    async fn refused(&self) -> u64;
}

/// A billing system for the contract: not empty, with none of its faults on.
#[async_trait]
pub trait BillingHarness: Trouble {
    /// The connection.
    fn source(&self) -> &dyn BillingSource;

    /// The same with credentials that the vendor refuses.
    fn stranger(&self) -> Box<dyn BillingSource>;

    /// How many items of a resource the vendor's own book has, where that can be counted.
    fn count(&self, resource: Resource) -> Option<usize>;

    /// A resource of several pages.
    fn large(&self) -> Resource;

    /// Changes one object of [`BillingHarness::large`] at the vendor, and answers its id; `None` where the
    /// stand-in cannot.
    async fn change_one(&self) -> Option<String>;
}

/// Runs the whole contract of a billing system.
///
/// # Errors
/// The first [`Breach`].
pub async fn billing(h: &dyn BillingHarness) -> Kept {
    pages_return_each_object_once(h).await?;
    evidence_matches_the_body(h).await?;
    a_sync_starts_where_the_last_one_ended(h).await?;
    a_429_is_obeyed(h).await?;
    a_cut_page_is_read_again(h).await?;
    a_malformed_item_is_kept_aside(h).await?;
    what_is_not_offered_is_said(h).await?;
    refused_credentials_are_terminal(h).await
}

/// A full read, or one from a cursor.
fn request(resource: Resource, resume: Option<crate::Cursor>) -> PageRequest {
    PageRequest { resource, next: None, resume, since: None }
}

/// All pages of one scan.
///
/// # Errors
/// A [`Breach`] where a page fails or the scan does not end.
pub async fn scan(
    source: &dyn BillingSource,
    mut request: PageRequest,
) -> Result<Vec<Page<Canonical>>, Breach> {
    let mut pages = Vec::new();
    loop {
        let page = works(source.page(&request).await, "a scan reads page after page")?;
        let next = page.next.clone();
        must(
            next.is_some() != page.resume.is_some(),
            "a page has either a next page or a resume cursor",
            || format!("{next:?} and {:?}", page.resume),
        )?;
        pages.push(page);
        match next {
            Some(next) => request.next = Some(next),
            None => return Ok(pages),
        }
        must(pages.len() < 10_000, "a scan comes to its end", || "it goes on and on".to_owned())?;
    }
}

async fn pages_return_each_object_once(h: &dyn BillingHarness) -> Kept {
    for resource in h.source().offers() {
        let pages = scan(h.source(), request(*resource, None)).await?;
        let ids: Vec<&str> =
            pages.iter().flat_map(|page| &page.items).map(|item| item.external_id.as_str()).collect();
        let once: BTreeSet<&str> = ids.iter().copied().collect();
        must(once.len() == ids.len(), "pages return each object once", || {
            format!("{} items, {} different, of {resource:?}", ids.len(), once.len())
        })?;
        if let Some(count) = h.count(*resource) {
            must(ids.len() == count, "pages return every object", || {
                format!("{} of {count} of {resource:?}", ids.len())
            })?;
        }
        for item in pages.iter().flat_map(|page| &page.items) {
            if let Err(rejection) = &item.item {
                return Err(Breach { fact: "every object can be read", found: rejection.to_string() });
            }
        }
        must(*resource != h.large() || pages.len() > 1, "the large resource has several pages", || {
            format!("{}", pages.len())
        })?;
    }
    Ok(())
}

fn evidence_of<T>(page: &Page<T>) -> Kept {
    must(page.evidence.body_sha256 == sha256_hex(&page.body), "evidence is the hash of the body", || {
        page.evidence.request.clone()
    })?;
    must(page.evidence.count as usize >= page.items.len(), "evidence counts the items", || {
        format!("{} for {} items", page.evidence.count, page.items.len())
    })?;
    must(!page.evidence.request.is_empty(), "evidence names the request", || "it is empty".to_owned())
}

async fn evidence_matches_the_body(h: &dyn BillingHarness) -> Kept {
    for resource in h.source().offers() {
        let page = works(h.source().page(&request(*resource, None)).await, "a first page reads")?;
        evidence_of(&page)?;
        let body = String::from_utf8_lossy(&page.body).into_owned();
        for item in &page.items {
            let raw = String::from_utf8_lossy(&item.raw).into_owned();
            let whole = raw.lines().all(|line| body.contains(line.trim())) || body.contains(&raw);
            // Lines of a document that were read besides are not in the page's own body.
            must(whole || raw.contains('\n'), "an item's bytes are those of the page", || raw.clone())?;
        }
    }
    Ok(())
}

async fn a_sync_starts_where_the_last_one_ended(h: &dyn BillingHarness) -> Kept {
    let pages = scan(h.source(), request(h.large(), None)).await?;
    let resume = pages.into_iter().next_back().and_then(|page| page.resume);
    let Some(id) = h.change_one().await else { return Ok(()) };
    let again = scan(h.source(), request(h.large(), resume)).await?;
    let seen = again.iter().flat_map(|page| &page.items).filter(|item| item.external_id == id).count();
    must(seen == 1, "the next sync reads a changed object once", || format!("{seen} times"))
}

async fn a_429_is_obeyed(h: &dyn BillingHarness) -> Kept {
    let before = h.refused().await;
    h.too_many_next().await;
    works(h.source().page(&request(h.large(), None)).await, "a read goes on after a 429")?;
    let refused = h.refused().await - before;
    must(refused == 1, "nothing is sent before Retry-After is over", || format!("{refused} were refused"))
}

async fn a_cut_page_is_read_again(h: &dyn BillingHarness) -> Kept {
    h.cut_next_page().await;
    let page = works(h.source().page(&request(h.large(), None)).await, "a cut page is read again")?;
    must(!page.items.is_empty(), "a page that was cut is complete in the end", || "it is empty".to_owned())
}

async fn a_malformed_item_is_kept_aside(h: &dyn BillingHarness) -> Kept {
    let whole = works(h.source().page(&request(h.large(), None)).await, "a page reads")?;
    if !h.malform_next_page().await {
        return Ok(());
    }
    let page =
        works(h.source().page(&request(h.large(), None)).await, "a page with a malformed item goes on")?;
    kept_aside(&page, whole.items.len())?;
    must(page.next.is_some(), "the scan goes on after a malformed item", || "it ended".to_owned())
}

fn kept_aside<T>(page: &Page<T>, whole: usize) -> Kept {
    must(page.items.len() == whole, "a malformed item is not dropped", || {
        format!("{} of {whole} items", page.items.len())
    })?;
    let aside: Vec<_> = page.items.iter().filter_map(|item| item.item.as_ref().err()).collect();
    must(!aside.is_empty(), "a malformed item is kept aside", || "all were read".to_owned())?;
    must(aside.iter().all(|rejection| rejection.code == "schema_drift"), "its code is schema_drift", || {
        format!("{aside:?}")
    })
}

async fn what_is_not_offered_is_said(h: &dyn BillingHarness) -> Kept {
    let failure = fails(
        h.source().page(&request(Resource::Entries, None)).await,
        "a resource that is not offered cannot be read",
    )?;
    must(failure.code == "not_offered", "its code is not_offered", || failure.code.to_owned())
}

async fn refused_credentials_are_terminal(h: &dyn BillingHarness) -> Kept {
    let failure = fails(h.stranger().test().await, "refused credentials fail")?;
    must(
        failure.class == FailureClass::Terminal && failure.code == "auth_failed",
        "refused credentials are terminal",
        || format!("{:?} {}", failure.class, failure.code),
    )
}

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
}

/// Runs the whole contract of a ledger.
///
/// # Errors
/// The first [`Breach`].
pub async fn ledger(h: &dyn LedgerHarness) -> Kept {
    a_booked_entry_reads_back_as_sent(h).await?;
    a_second_create_books_nothing_twice(h).await?;
    a_commit_without_an_answer_is_found_by_key(h).await?;
    nothing_is_found_of_what_was_not_done(h).await?;
    a_429_on_a_posting_is_retryable(h).await?;
    a_closed_period_is_refused_in_the_vendors_words(h).await?;
    another_integrations_entry_is_found_by_reference(h).await?;
    entries_are_each_read_once(h).await?;
    the_chart_has_every_account_that_is_booked_on(h).await?;
    a_ledger_429_is_obeyed(h).await?;
    a_malformed_entry_is_kept_aside(h).await
}

fn lookup(request: &BookRequest) -> Lookup {
    Lookup {
        key: request.key.clone(),
        reference: request.entry.reference().to_owned(),
        other_names: Vec::new(),
        entity: request.entry.entity().clone(),
        entity_erp_id: request.entity_erp_id.clone(),
    }
}

async fn find(h: &dyn LedgerHarness, request: &BookRequest) -> Result<Found, Breach> {
    works(h.poster().find(&lookup(request)).await, "a look-up works")
}

/// Books by the vendor's protocol and answers the ERP's id.
async fn book(h: &dyn LedgerHarness, request: &BookRequest) -> Result<String, VendorFailure> {
    let receipt = h.poster().create(request).await?;
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
                h.poster().post_draft(&id).await?;
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
        let held: i64 = held.map(|line| line.transaction_minor).sum();
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
            let failure = fails(h.poster().create(&request).await, "a second create is refused")?;
            must(
                failure.class == FailureClass::Unknown && failure.code == "duplicate_external_id",
                "a duplicate is to be looked up",
                || format!("{:?} {} {failure}", failure.class, failure.code),
            )?;
        }
        Protocol::DraftThenPost => {
            works(h.poster().create(&request).await, "a second draft can be made")?;
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
        let failure = fails(h.poster().create(&request).await, "no answer is no success")?;
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
    let failure = fails(h.poster().create(&request).await, "a cut connection is no success")?;
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
    let failure = fails(h.poster().create(&request).await, "a 429 is no success")?;
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

async fn ledger_scan(h: &dyn LedgerHarness) -> Result<Vec<Page<LedgerEntry>>, Breach> {
    let mut ask = request(Resource::Entries, None);
    let mut pages = Vec::new();
    loop {
        let page = works(h.source().entries(&ask).await, "a ledger reads page after page")?;
        ask.next.clone_from(&page.next);
        pages.push(page);
        if ask.next.is_none() {
            return Ok(pages);
        }
        must(pages.len() < 10_000, "a scan comes to its end", || "it goes on and on".to_owned())?;
    }
}

async fn entries_are_each_read_once(h: &dyn LedgerHarness) -> Kept {
    let pages = ledger_scan(h).await?;
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
