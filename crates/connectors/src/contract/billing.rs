//! The contract of a billing system.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use tieout_domain::{
    document::{Canonical, DocumentKind},
    failure::FailureClass,
};

use super::fact::{
    Breach, Kept, SENSELESS, Trouble, evidence_of, fails, kept_aside, must, request, standing, works,
};
use crate::traits::{BillingSource, Cursor, Fetched, Page, PageRequest, Resource};

/// A billing system for the contract: not empty, with none of its faults on.
#[async_trait]
pub trait BillingHarness: Trouble {
    /// The connection.
    fn source(&self) -> &dyn BillingSource;

    /// The same with credentials that the vendor refuses.
    fn stranger(&self) -> Arc<dyn BillingSource>;

    /// How many items of a resource the vendor's own book has, where that can be counted.
    fn count(&self, resource: Resource) -> Option<usize>;

    /// A resource of several pages.
    fn large(&self) -> Resource;

    /// Changes one object of [`BillingHarness::large`] at the vendor, and answers its id; `None` where the
    /// stand-in cannot.
    async fn change_one(&self) -> Option<String>;

    /// Deletes an object of [`BillingHarness::large`] at the vendor; false where the stand-in cannot.
    async fn delete(&self, id: &str) -> bool;
}

/// Runs the whole contract of a billing system.
///
/// # Errors
/// The first [`Breach`].
pub async fn billing(h: &dyn BillingHarness) -> Kept {
    pages_return_each_object_once(h).await?;
    a_document_is_read_again_by_its_id(h).await?;
    evidence_matches_the_body(h).await?;
    a_sync_starts_where_the_last_one_ended(h).await?;
    a_429_is_obeyed(h).await?;
    a_cut_page_is_read_again(h).await?;
    a_malformed_item_is_kept_aside(h).await?;
    what_is_not_offered_is_said(h).await?;
    a_deleted_object_is_proven_absent(h).await?;
    a_scan_goes_on_where_its_place_was_deleted(h).await?;
    a_cursor_that_says_nothing_begins_anew(h).await?;
    refused_credentials_are_terminal(h).await
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
        // An object may be two things: a movement of the balance, and the document that it is.
        let said = |item: &Fetched<Canonical>| item.item.as_ref().ok().map(std::mem::discriminant);
        let items = || pages.iter().flat_map(|page| &page.items);
        let once: BTreeSet<(String, &str)> =
            items().map(|item| (format!("{:?}", said(item)), item.external_id.as_str())).collect();
        must(once.len() == items().count(), "pages return each object once", || {
            format!("{} items, {} different, of {resource:?}", items().count(), once.len())
        })?;
        if let Some(count) = h.count(*resource) {
            let ids: BTreeSet<&str> = items().map(|item| item.external_id.as_str()).collect();
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

/// The kind of the documents of a resource.
fn kind_of(resource: Resource) -> Option<DocumentKind> {
    match resource {
        Resource::Invoices => Some(DocumentKind::Invoice),
        Resource::CreditNotes => Some(DocumentKind::CreditNote),
        Resource::Payments => Some(DocumentKind::Payment),
        Resource::Refunds => Some(DocumentKind::Refund),
        Resource::Disputes => Some(DocumentKind::Dispute),
        Resource::Payouts => Some(DocumentKind::Payout),
        Resource::OutsidePayments => Some(DocumentKind::Payment),
        Resource::Customers
        | Resource::Subscriptions
        | Resource::Fees
        | Resource::Usage
        | Resource::Entries
        | Resource::LedgerCustomers
        | Resource::Periods
        | Resource::Accounts
        | Resource::TrialBalance => None,
    }
}

async fn a_document_is_read_again_by_its_id(h: &dyn BillingHarness) -> Kept {
    for resource in h.source().offers() {
        let Some(kind) = kind_of(*resource) else { continue };
        let page = works(h.source().page(&request(*resource, None)).await, "a first page reads")?;
        for item in page.items.iter().take(3) {
            let Ok(Canonical::Document(listed)) = &item.item else { continue };
            let read = h.source().reread(kind, &listed.external_id).await;
            let read = works(read, "a document is read again by its id")?;
            let pages = read.map(|read| read.pages).unwrap_or_default();
            let first = pages.first();
            must(first.map(|(of, _)| of) == Some(resource), "the document's own page comes first", || {
                format!("{:?} of {resource:?}", pages.iter().map(|(of, _)| of).collect::<Vec<_>>())
            })?;
            let items = first.map(|(_, page)| page.items.as_slice()).unwrap_or_default();
            let same = matches!(items, [one] if matches!(
                &one.item,
                Ok(Canonical::Document(now)) if now.content_hash() == listed.content_hash()
            ));
            must(same, "read again, an unchanged document is what it was", || {
                format!("{listed:?} and {items:?}")
            })?;
            for (of, page) in &pages {
                evidence_of(page)?;
                must(h.source().offers().contains(of), "what is read besides is offered", || {
                    format!("{of:?}")
                })?;
            }
        }
        let none = works(h.source().reread(kind, "nothing_of_this_id").await, "an unknown id is no failure")?;
        must(none.is_none(), "what the vendor does not know is not there", || format!("{none:?}"))?;
    }
    Ok(())
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

async fn a_deleted_object_is_proven_absent(h: &dyn BillingHarness) -> Kept {
    let pages = scan(h.source(), request(h.large(), None)).await?;
    let before = standing(&pages)?;
    let Some(id) = before.iter().nth(before.len() / 2).cloned() else { return Ok(()) };
    if !h.delete(&id).await {
        return Ok(());
    }
    let after = standing(&scan(h.source(), request(h.large(), None)).await?)?;
    let gone: Vec<&String> = before.difference(&after).collect();
    must(gone == [&id], "what was deleted, and nothing else, is proven absent", || format!("{gone:?}"))?;
    let resume = pages.into_iter().next_back().and_then(|page| page.resume);
    let changes = scan(h.source(), request(h.large(), resume)).await?;
    must(standing(&changes).is_err(), "a read of changes proves nothing of what did not change", || {
        format!("{} pages", changes.len())
    })
}

async fn a_cursor_that_says_nothing_begins_anew(h: &dyn BillingHarness) -> Kept {
    let whole = standing(&scan(h.source(), request(h.large(), None)).await?)?;
    for senseless in SENSELESS {
        let cursor = || Some(Cursor(senseless.to_owned()));
        let resumed = standing(&scan(h.source(), request(h.large(), cursor())).await?)?;
        let on = PageRequest { next: cursor(), ..request(h.large(), None) };
        let went_on = standing(&scan(h.source(), on).await?)?;
        must(resumed == whole && went_on == whole, "a cursor that says nothing begins anew", || {
            format!("\"{senseless}\": {} and {} of {}", resumed.len(), went_on.len(), whole.len())
        })?;
    }
    Ok(())
}

fn ids_of(pages: &[Page<Canonical>]) -> Vec<String> {
    pages.iter().flat_map(|page| &page.items).map(|item| item.external_id.clone()).collect()
}

async fn a_scan_goes_on_where_its_place_was_deleted(h: &dyn BillingHarness) -> Kept {
    let first = works(h.source().page(&request(h.large(), None)).await, "a first page reads")?;
    let Some(last) = first.items.last().map(|item| item.external_id.clone()) else { return Ok(()) };
    if !h.delete(&last).await {
        return Ok(());
    }
    let on = PageRequest { next: first.next.clone(), ..request(h.large(), None) };
    let pages = scan(h.source(), on).await?;
    let rest = ids_of(&pages);
    let together: Vec<Page<Canonical>> = std::iter::once(first.clone()).chain(pages).collect();
    standing(&together)?;
    let once: BTreeSet<&String> = rest.iter().collect();
    must(once.len() == rest.len(), "a scan that was begun again reads each object once", || {
        format!("{} items, {} different", rest.len(), once.len())
    })?;
    let seen = ids_of(std::slice::from_ref(&first));
    let twice = seen.iter().filter(|id| once.contains(id)).count();
    must(twice < seen.len(), "a scan whose place was deleted goes on near to it", || {
        format!("{twice} of the {} objects before it came again", seen.len())
    })?;
    let whole = ids_of(&scan(h.source(), request(h.large(), None)).await?);
    let lost: Vec<_> = whole.iter().filter(|id| !seen.contains(id) && !once.contains(id)).collect();
    must(lost.is_empty(), "a scan whose place was deleted loses nothing", || format!("{lost:?}"))
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
