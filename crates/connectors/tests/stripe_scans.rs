//! Scans of the sandbox's Stripe whose place goes away under them, clocks that differ, amounts at their ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;
#[path = "contract/stripe.rs"]
mod peer;

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use kit_world::world_at;
use peer::{Harness, at, connect, harness};
use tieout_connectors::{Cursor, Page, PageRequest, Resource, contract};
use tieout_domain::document::{Canonical, Document};
use tieout_sandbox::{
    company::DEFAULT_AS_OF,
    stripe::{Command, NewLine},
};

fn document(canonical: Canonical) -> Document {
    match canonical {
        Canonical::Document(document) => document,
        other => panic!("{other:?}"),
    }
}

fn request(resource: Resource, next: Option<Cursor>, resume: Option<Cursor>) -> PageRequest {
    PageRequest { resource, next, resume, since: None }
}

/// The first page of the sync that follows, by a desk whose clock is this far from Stripe's.
async fn next_sync(h: &Harness, resume: Option<Cursor>, ahead: Duration) -> Page<Canonical> {
    let key = h.server.control().read(|c| c.entities[usize::from(h.entity)].api_key);
    let desk = connect(&h.server.url(), key, world_at(at(h.server.control().now()) + ahead));
    desk.billing_source().unwrap().page(&request(Resource::Invoices, None, resume)).await.unwrap()
}

async fn full(h: &Harness, resource: Resource) -> Vec<Page<Canonical>> {
    contract::scan(h.connection.as_ref(), request(resource, None, None)).await.unwrap()
}

fn ids(pages: &[Page<Canonical>]) -> Vec<String> {
    pages.iter().flat_map(|page| &page.items).map(|item| item.external_id.clone()).collect()
}

fn advance(h: &Harness, days: i64) {
    h.server.control().run(Command::Advance { seconds: days * 86_400 }).unwrap();
}

#[tokio::test]
async fn the_reach_of_events_is_judged_by_stripes_clock_and_never_by_the_desks() {
    let h = harness(60, 0).await;
    let resume = full(&h, Resource::Invoices).await.pop().unwrap().resume;
    for ahead in [-400, -31, 0, 31, 400] {
        let page = next_sync(&h, resume.clone(), Duration::days(ahead)).await;
        assert!(page.evidence.request.contains("/v1/events?"), "{ahead}: {}", page.evidence.request);
    }
    advance(&h, 31);
    for ahead in [-400, -31, 0, 31] {
        let page = next_sync(&h, resume.clone(), Duration::days(ahead)).await;
        assert!(page.evidence.request.starts_with("GET /v1/invoices?"), "{ahead}: {}", page.evidence.request);
    }
}

#[tokio::test]
async fn a_quiet_accounts_events_go_on_being_read() {
    let h = harness(60, 0).await;
    let mut resume = full(&h, Resource::Invoices).await.pop().unwrap().resume;
    // Nothing happens for months, and somebody syncs every three weeks.
    for _ in 0..4 {
        advance(&h, 20);
        let pages = contract::scan(h.connection.as_ref(), request(Resource::Invoices, None, resume)).await;
        let pages = pages.unwrap();
        assert!(pages[0].evidence.request.contains("/v1/events?"), "{}", pages[0].evidence.request);
        resume = pages.into_iter().next_back().unwrap().resume;
    }
}

#[tokio::test]
async fn a_list_goes_on_where_the_object_that_it_was_to_follow_was_deleted() {
    let h = harness(2_500, 0).await;
    let first = h.connection.page(&request(Resource::Customers, None, None)).await.unwrap();
    let gone = first.items.last().unwrap().external_id.clone();
    h.server.control().run(Command::DeleteCustomer { customer: gone.clone() }).unwrap();
    let rest = request(Resource::Customers, first.next.clone(), None);
    let rest = contract::scan(h.connection.as_ref(), rest).await.unwrap();
    assert!(rest[0].evidence.request.contains("created%5Blte%5D="), "{}", rest[0].evidence.request);
    let (mut seen, again) = (ids(std::slice::from_ref(&first)), ids(&rest));
    assert!(again.iter().all(|id| !seen.contains(id)), "nothing comes twice");
    seen.extend(again);
    seen.retain(|id| *id != gone);
    seen.sort();
    let mut whole = ids(&full(&h, Resource::Customers).await);
    whole.sort();
    assert_eq!(seen, whole, "nothing is lost");
}

#[tokio::test]
async fn a_place_of_an_earlier_version_that_is_gone_begins_its_list_again() {
    let h = harness(2_500, 0).await;
    let first = h.connection.page(&request(Resource::Customers, None, None)).await.unwrap();
    let gone = first.items.last().unwrap().external_id.clone();
    h.server.control().run(Command::DeleteCustomer { customer: gone.clone() }).unwrap();
    let kept =
        format!("{{\"scan\":\"list\",\"after\":\"{gone}\",\"since\":null,\"started\":{DEFAULT_AS_OF}}}");
    let next = request(Resource::Customers, Some(Cursor(kept)), None);
    let pages = contract::scan(h.connection.as_ref(), next).await.unwrap();
    assert_eq!(ids(&pages), ids(&full(&h, Resource::Customers).await));
    let resume = pages.last().unwrap().resume.clone().unwrap();
    assert_eq!(
        resume.0,
        format!("{{\"from\":{DEFAULT_AS_OF}}}"),
        "what changed since it began is the next's"
    );
}

/// Events of many invoices, and the cursor of a full scan before them.
async fn many_events(h: &Harness, invoices: usize) -> Cursor {
    let resume = full(h, Resource::Invoices).await.pop().unwrap().resume.unwrap();
    advance(h, 1);
    let customer = h
        .server
        .control()
        .read(|c| c.customers.iter().find(|it| it.entity == h.entity).unwrap().id.to_string());
    for n in 0..invoices {
        let lines = vec![NewLine { product: "prod_team".into(), amount: 1_000 + n as i64 }];
        let add =
            Command::AddInvoice { customer: customer.clone(), lines, taxable: false, effective_at: None };
        h.server.control().run(add).unwrap();
    }
    resume
}

#[tokio::test]
async fn events_that_went_while_a_scan_stood_still_are_made_good_by_a_full_read() {
    let h = harness(60, 0).await;
    let resume = many_events(&h, 120).await;
    let first = h.connection.page(&request(Resource::Invoices, None, Some(resume))).await.unwrap();
    assert!(first.next.is_some(), "events of two pages");
    advance(&h, 40);
    let on = request(Resource::Invoices, first.next.clone(), None);
    let rest = contract::scan(h.connection.as_ref(), on).await.unwrap();
    assert!(rest[0].evidence.request.starts_with("GET /v1/invoices?"), "{}", rest[0].evidence.request);
    let seen: Vec<String> = ids(std::slice::from_ref(&first)).into_iter().chain(ids(&rest)).collect();
    let whole = ids(&full(&h, Resource::Invoices).await);
    assert!(whole.iter().all(|id| seen.contains(id)), "nothing is lost");
    let again = ids(&rest);
    assert_eq!(again.len(), again.iter().collect::<BTreeSet<_>>().len());
}

#[tokio::test]
async fn a_page_of_events_that_is_asked_for_again_reads_its_objects_again() {
    let h = harness(60, 0).await;
    let resume = many_events(&h, 120).await;
    let first = h.connection.page(&request(Resource::Invoices, None, Some(resume))).await.unwrap();
    let on = request(Resource::Invoices, first.next.clone(), None);
    let second = ids(&[h.connection.page(&on).await.unwrap()]);
    assert!(!second.is_empty());
    // It was not kept: the desk stopped, or its disk was full.
    assert_eq!(ids(&[h.connection.page(&on).await.unwrap()]), second);
    let all: Vec<String> = ids(std::slice::from_ref(&first)).into_iter().chain(second).collect();
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "each once in a scan");
}

#[tokio::test]
async fn an_amount_that_could_not_be_summed_is_kept_aside_and_the_page_goes_on() {
    let h = harness(40, 0).await;
    let customer = h.server.control().read(|c| c.customers.iter().find(|it| it.entity == 0).unwrap().id);
    let add = |amounts: &[i64]| {
        let line = |amount: &i64| NewLine { product: "prod_team".into(), amount: *amount };
        let lines = amounts.iter().map(line).collect();
        let customer = customer.to_string();
        let add = Command::AddInvoice { customer, lines, taxable: false, effective_at: None };
        h.server.control().run(add).unwrap().to_string()
    };
    const LARGEST: i64 = (1 << 58) - 1;
    let (fits, line, sum) = (add(&[LARGEST]), add(&[LARGEST + 1, 5]), add(&[LARGEST, LARGEST]));
    let pages = full(&h, Resource::Invoices).await;
    let items = pages.iter().flat_map(|page| &page.items);
    let read: BTreeMap<&str, Result<i64, &str>> = items
        .map(|item| {
            let amount = item.item.as_ref().map(|item| document(item.clone()).total.minor());
            (item.external_id.as_str(), amount.map_err(|rejection| rejection.code.as_str()))
        })
        .collect();
    assert_eq!(read[fits.as_str()], Ok(LARGEST));
    assert_eq!(read[line.as_str()], Err("amount_out_of_range"), "a line");
    assert_eq!(read[sum.as_str()], Err("amount_out_of_range"), "a sum");
    let others = read.iter().filter(|(id, _)| **id != line && **id != sum);
    assert!(others.clone().count() > 5 && others.clone().all(|(_, amount)| amount.is_ok()));
}
