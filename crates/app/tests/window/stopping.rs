//! Work that somebody stops says what was kept, and goes on where it was.

use std::{collections::BTreeMap, fs};

use tieout_desk::{
    base::workspace,
    intake::{
        connections,
        imports::{self, ImportFileRequest},
    },
    settlement::{
        by_policy,
        post::{self, PostRequest},
        propose::{self, ProposeRequest},
    },
};

use crate::company::Company;

#[test]
fn a_stopped_sync_keeps_its_pages_and_goes_on_after_them() {
    let whole = Company::synced(400);
    let pages = |company: &Company| -> BTreeMap<String, (u64, u64)> {
        let all = connections::connections(company.desk()).unwrap();
        let each = all.iter().flat_map(|c| {
            c.resources.iter().map(move |r| (format!("{} {}", c.name, r.resource), (r.pages, r.items)))
        });
        each.collect()
    };
    let company = Company::new(400);
    company.watcher.stop_after(150);
    let stopped = by_policy::sync(company.desk(), &company.sync_request()).unwrap_err();
    assert_eq!(stopped.code, "cancelled");
    assert!(stopped.message.contains("are kept"), "{}", stopped.message);
    let kept = pages(&company);
    assert!(kept.values().map(|(pages, _)| pages).sum::<u64>() > 0);
    assert!(kept.len() < pages(&whole).len(), "it was stopped on its way");
    let failed = connections::connections(company.desk()).unwrap().iter().any(|c| c.last_error.is_some());
    assert!(!failed, "a stop is no failure");
    company.watcher.let_go_on();
    let views = by_policy::sync(company.desk(), &company.sync_request()).unwrap();
    assert!(views.iter().all(|v| v.state == "complete"));
    let read: u64 = views.iter().map(|v| v.pages).sum();
    let all: u64 = pages(&whole).values().map(|(pages, _)| pages).sum();
    assert!(read <= all, "{read} of {all}: what was read is not read again");
    let key = |e: tieout_desk::queue::record::ExceptionView| format!("{} {}", e.external_ref, e.kind);
    let mut once: Vec<String> = whole.open().into_iter().map(key).collect();
    let mut twice: Vec<String> = company.open().into_iter().map(key).collect();
    once.sort();
    twice.sort();
    assert_eq!(once, twice, "the same company, whether stopped on the way or not");
}

#[test]
fn stopped_posting_leaves_the_rest_in_the_outbox() {
    let mut company = Company::synced(200);
    company.demo.seat("ana");
    let ids: Vec<String> = company.unposted().into_iter().take(3).collect();
    let approved = ids.len();
    assert!(approved > 0, "the company has something to post");
    let request = ProposeRequest { ids: ids.clone(), ..ProposeRequest::default() };
    propose::propose(company.desk(), &request).unwrap();
    company.demo.seat("carl");
    assert!(company.approve(ids).iter().all(|o| o.result == "done"));
    company.watcher.stop_after(0);
    let stopped =
        post::post(company.desk(), &PostRequest { connection: None, wait_seconds: 30 }).unwrap_err();
    assert_eq!(stopped.code, "cancelled");
    assert!(stopped.message.contains("(0 booked)"), "{}", stopped.message);
    company.watcher.let_go_on();
    let views = post::post(company.desk(), &PostRequest { connection: None, wait_seconds: 30 }).unwrap();
    assert!(views.iter().map(|v| v.booked).sum::<usize>() >= approved, "{views:?}");
}

#[test]
fn a_stopped_check_of_the_log_and_a_stopped_import_change_nothing() {
    let company = Company::new(30);
    company.watcher.stop_after(0);
    let stopped = workspace::verify(company.desk()).unwrap_err();
    assert_eq!(stopped.code, "cancelled");
    let file = company.folder.path().join("billing.csv");
    let map = company.folder.path().join("lines.toml");
    let maps = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/maps");
    fs::copy(maps.join("online-retail-billing.toml"), &map).unwrap();
    fs::write(
        &file,
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
         536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n",
    )
    .unwrap();
    let request = ImportFileRequest { file, map, connection: None, as_of: None };
    let stopped = imports::import_billing(company.desk(), &request).unwrap_err();
    assert_eq!((stopped.code.as_str(), stopped.message.contains("nothing of the file")), ("cancelled", true));
    let held = |company: &Company| {
        let all = connections::connections(company.desk()).unwrap();
        all.iter().find(|c| c.name == "lines").unwrap().documents
    };
    assert_eq!(held(&company), 0);
    company.watcher.let_go_on();
    let imported = imports::import_billing(company.desk(), &request).unwrap();
    assert_eq!((imported.items, held(&company)), (1, 1));
    assert!(workspace::verify(company.desk()).unwrap().sound);
    assert!(company.watcher.begun.lock().unwrap().contains(&"Checking the log".to_owned()));
}
