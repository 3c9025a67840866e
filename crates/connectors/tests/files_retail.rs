//! The real retail case, read with the maps that the project ships.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use tieout_connectors::{
    Page,
    files::{ColumnMap, FileError, FileSource, Summary, read_billing, read_gl, read_periods},
};
use tieout_domain::{
    calendar::PeriodStatus,
    derive::{Facts, expect},
    document::{Canonical, Document, DocumentKind},
    ledger::{EntryStatus, LedgerEntry, PeriodReading},
};

const BILLING: &str = include_str!("../../../fixtures/maps/online-retail-billing.toml");
const GL: &str = include_str!("../../../fixtures/maps/online-retail-gl.toml");

fn at() -> DateTime<Utc> {
    "2026-01-05T08:00:00Z".parse().unwrap()
}

/// The folder of the retail case; `None` (said aloud) where it is absent, which is a failure under CI.
fn retail() -> Option<PathBuf> {
    let shared = std::env::var_os("TIEOUT_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = shared.join("data/retail");
    if folder.join("billing.csv.gz").exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "CI needs the retail case in {}", folder.display());
    eprintln!("SKIPPED: the retail case is not in {}; set TIEOUT_SHARED", folder.display());
    None
}

fn billing(file: PathBuf) -> (Vec<Document>, Vec<Page<Canonical>>, Summary) {
    let map = ColumnMap::parse(BILLING).unwrap();
    let mut pages = Vec::new();
    let summary = read_billing(&FileSource::new(file, at()), &map, |page| {
        pages.push(page);
        Ok::<(), FileError>(())
    })
    .unwrap();
    let mut documents = Vec::new();
    for item in pages.iter().flat_map(|page| &page.items) {
        match item.item.as_ref().unwrap() {
            Canonical::Document(document) => documents.push(document.clone()),
            other => panic!("{other:?}"),
        }
    }
    (documents, pages, summary)
}

#[test]
fn every_invoice_of_the_retail_case_is_read_to_the_penny() {
    let Some(folder) = retail() else { return };
    let (documents, pages, summary) = billing(folder.join("billing.csv.gz"));
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("summary.json")).unwrap()).unwrap();
    assert_eq!(Some(documents.len() as u64), truth["invoices"].as_u64());
    let total: i64 = documents.iter().map(|d| d.total.minor()).sum();
    assert_eq!(Some(total), truth["billing_total_minor"].as_i64());
    let zero = documents.iter().filter(|d| d.total.is_zero()).count() as u64;
    assert_eq!(Some(zero), truth["counts"]["zero_total"].as_u64());
    assert_eq!((summary.rows, summary.rejected_rows, summary.items), (285_421, 0, 14_722));
    let lines: usize = documents.iter().map(|d| d.lines.len()).sum();
    assert_eq!(lines, 285_421);
    let bytes: usize = pages.iter().map(|p| p.body.len()).sum();
    // Each page repeats the header up to the first character of its line end.
    let header =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country".len() + 1;
    assert_eq!(bytes - header * (pages.len() - 1), 25_064_503, "pages hold every byte of the file");
    assert!(pages.iter().all(|p| p.items.len() <= 5_000), "a page holds no more items than rows");
}

#[test]
fn the_amounts_of_the_labelled_faults_are_those_of_the_documents() {
    let Some(folder) = retail() else { return };
    let (documents, _, _) = billing(folder.join("billing.csv.gz"));
    let by_reference: BTreeMap<&str, &Document> =
        documents.iter().map(|d| (d.reference.as_str(), d)).collect();
    let file = std::fs::File::open(folder.join("truth.csv.gz")).unwrap();
    let mut truth = csv::Reader::from_reader(flate2::read::GzDecoder::new(file));
    let mut judged = 0;
    for record in truth.records() {
        let record = record.unwrap();
        if &record[1] == "orphan_journal" {
            continue;
        }
        let document = by_reference[&record[0]];
        assert_eq!(document.total.minor(), record[2].parse::<i64>().unwrap(), "{record:?}");
        let kind = if document.total.minor() < 0 { DocumentKind::CreditNote } else { DocumentKind::Invoice };
        assert_eq!(document.kind, kind);
        judged += 1;
    }
    assert_eq!(judged, 375 - 14);
}

#[test]
fn what_the_ledger_should_hold_follows_from_the_map_alone() {
    let Some(folder) = retail() else { return };
    let mapping = ColumnMap::parse(BILLING).unwrap().expectation().unwrap();
    let (documents, _, _) = billing(folder.join("billing.csv.gz"));
    let mut control = 0;
    for document in &documents {
        let expectation = expect(document, Facts::default(), "billing", &mapping, &[]).unwrap();
        let net: i64 = expectation.lines.iter().map(|(_, minor)| minor).sum();
        assert_eq!(net, 0, "{} balances", document.reference);
        control +=
            expectation.lines.iter().filter(|(a, _)| a.as_str() == "1100").map(|(_, m)| m).sum::<i64>();
    }
    assert_eq!(control, 507_925_087);
}

#[test]
fn every_journal_of_the_retail_case_is_read() {
    let Some(folder) = retail() else { return };
    let map = ColumnMap::parse(GL).unwrap();
    let mut entries: Vec<LedgerEntry> = Vec::new();
    let source = FileSource::new(folder.join("erp_gl.csv.gz"), at());
    let summary = read_gl(&source, &map, |page| {
        entries.extend(page.items.into_iter().map(|i| i.item.unwrap()));
        Ok::<(), FileError>(())
    })
    .unwrap();
    assert_eq!((summary.items, summary.rejected_rows, entries.len()), (13_308, 0, 13_308));
    for entry in &entries {
        assert_eq!(entry.status, EntryStatus::Booked);
        assert_eq!(entry.lines.iter().map(|l| l.transaction_minor).sum::<i64>(), 0, "{}", entry.erp_id);
    }
}

#[test]
fn the_periods_of_the_retail_case_are_read() {
    let Some(folder) = retail() else { return };
    let mut periods: Vec<PeriodReading> = Vec::new();
    let source = FileSource::new(folder.join("periods.csv.gz"), at());
    let summary = read_periods(&source, |page| {
        periods.extend(page.items.into_iter().map(|i| i.item.unwrap()));
        Ok::<(), FileError>(())
    })
    .unwrap();
    assert_eq!((summary.rows, summary.items), (24, 24));
    let locked = periods.iter().filter(|p| p.status.as_text() == "locked_ar").count();
    let closed = periods.iter().filter(|p| p.status == PeriodStatus::Closed).count();
    assert_eq!((locked, closed), (3, 18));
}
