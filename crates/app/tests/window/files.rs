//! What the window writes to files, and what it reads from them for approval.

use std::{fs, path::PathBuf};

use tieout_desk::{
    access::action::ActionView,
    close::tie_out::{self, TieOutRequest},
    governance::{
        change_text::{self, ChangeMark},
        changes::{self, ChangeView, ImportChangeRequest},
    },
    reports::{
        exporting::{self, ExportRequest},
        log_view::LogRequest,
    },
    settlement::{
        posting_pages::{self, PostingsRequest},
        propose::{self, ProposeRequest},
    },
};

use crate::company::Company;

/// Lines above an export's rows: what it is, and the columns.
const HEAD: usize = 11;

/// The rows that an export wrote.
fn exported(company: &Company, name: &str, request: &ExportRequest) -> Vec<csv::StringRecord> {
    let path = company.folder.path().join(name);
    let request = ExportRequest { path: path.clone(), ..request.clone() };
    let written = exporting::export(company.desk(), &request).unwrap().rows;
    let read = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path);
    let rows: Vec<_> = read.unwrap().into_records().skip(HEAD).map(Result::unwrap).collect();
    assert_eq!(rows.len() as u64, written, "{name}");
    rows
}

fn of(what: &str) -> ExportRequest {
    ExportRequest {
        what: what.to_owned(),
        query: None,
        tie_out: None,
        postings: None,
        log: None,
        breaches: None,
        path: PathBuf::new(),
        force: false,
    }
}

#[test]
fn an_export_holds_what_the_filters_leave() {
    let mut company = Company::synced(300);
    let entity = "GB01";
    let request = TieOutRequest { entity: Some(entity.to_owned()), ..TieOutRequest::default() };
    let shown = tie_out::tie_out(company.desk(), &request).unwrap().len();
    let all = exported(&company, "all-cells.csv", &of("tie_out"));
    let own = exported(&company, "cells.csv", &ExportRequest { tie_out: Some(request), ..of("tie_out") });
    assert!(own.len() == shown && shown > 0 && shown < all.len(), "{shown} of {}", all.len());
    assert!(own.iter().all(|row| &row[0] == entity));
    for row in &own {
        let amount = |at: usize| row[at].parse::<rust_decimal::Decimal>().unwrap();
        let set_apart: rust_decimal::Decimal = (6..=11).map(amount).sum();
        let ledger = amount(5) + set_apart + amount(13);
        assert_eq!(ledger, amount(12), "billing, what is set apart, variance: {row:?}");
        let parts = amount(14) + amount(15) + amount(16);
        assert_eq!(parts, amount(13), "explained, in transit, unexplained: {row:?}");
    }

    let unposted = company.open().into_iter().filter(|e| e.kind == "unposted").take(3);
    let ids = unposted.map(|e| e.id).collect();
    company.demo.seat("ana");
    let request = ProposeRequest { ids, ..ProposeRequest::default() };
    let proposed = propose::propose(company.desk(), &request).unwrap();
    let ids = proposed.into_iter().filter_map(|outcome| outcome.posting).collect();
    company.demo.seat("carl");
    company.approve(ids);
    let request = PostingsRequest { state: Some("queued".to_owned()), ..PostingsRequest::default() };
    let queued = posting_pages::postings_page(company.desk(), &request).unwrap().total;
    let rows = exported(&company, "queued.csv", &ExportRequest { postings: Some(request), ..of("postings") });
    assert!(rows.len() as u64 == queued && queued > 0, "{queued}");
    assert!(rows.iter().all(|row| &row[2] == "queued"));
    let none = PostingsRequest { state: Some("booked".to_owned()), ..PostingsRequest::default() };
    let rows = exported(&company, "none.csv", &ExportRequest { postings: Some(none), ..of("postings") });
    assert_eq!(rows.len(), 0);

    let what = "change_proposed".to_owned();
    let request = LogRequest { what: Some(what.clone()), ..LogRequest::default() };
    let own = exported(&company, "changes.csv", &ExportRequest { log: Some(request), ..of("log") });
    assert!(!own.is_empty() && own.iter().all(|row| row[3] == what));
    let all = exported(&company, "log.csv", &of("log"));
    let numbers: Vec<u64> = all.iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(numbers.iter().copied().eq(1..=all.len() as u64), "the whole log, from its beginning on");
    let proposed = all.iter().find(|row| &row[3] == "proposed").unwrap();
    let last = proposed.len() - 1;
    assert!(!proposed[last].is_empty(), "what is about a posting names its document: {proposed:?}");
}

#[test]
fn a_change_says_who_may_decide_it() {
    let mut company = Company::new(20);
    let file = company.folder.path().join("policy.toml");
    let kept = changes::changes(company.desk()).unwrap();
    assert!(kept.iter().all(|change| change.state != "inert" && change.actions.is_empty()), "{kept:?}");
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/policies/default.toml");
    fs::write(&file, fs::read_to_string(policy).unwrap() + "\n# Another one.\n").unwrap();
    company.demo.seat("carl");
    changes::import_policy(company.desk(), &ImportChangeRequest { file }).unwrap();
    let act = |company: &Company| -> (ChangeView, ActionView) {
        let changes = changes::changes(company.desk()).unwrap();
        let change = changes.into_iter().find(|change| change.state == "inert").unwrap();
        let approve = change.actions.iter().find(|a| a.action == "approve").unwrap().clone();
        (change, approve)
    };
    let (change, own) = act(&company);
    assert!(!own.allowed && own.rule.is_some() && !own.who_could.is_empty(), "{own:?}");
    assert!(!own.who_could.iter().any(|name| name == "carl") && change.author == "carl", "{own:?}");
    let other = own.who_could[0].clone();
    company.demo.seat(&other);
    assert!(act(&company).1.allowed, "{other} may approve");
}

#[test]
fn a_change_is_read_line_by_line_against_what_is_in_force() {
    let mut company = Company::new(20);
    let kept = changes::changes(company.desk()).unwrap();
    let in_force = kept.iter().find(|one| one.kind == "policy" && one.state == "in_force").unwrap();
    let whole = change_text::change_text(company.desk(), &in_force.id).unwrap();
    assert!(whole.against.is_none() && whole.lines.iter().all(|line| line.mark == ChangeMark::Same));
    let mut lines: Vec<&str> = whole.lines.iter().map(|line| line.text.as_str()).collect();
    let removed = lines.remove(1).to_owned();
    lines.push("# Another one.");
    let file = company.folder.path().join("policy.toml");
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    company.demo.seat("carl");
    let change = changes::import_policy(company.desk(), &ImportChangeRequest { file }).unwrap();
    let text = change_text::change_text(company.desk(), &change.id).unwrap();
    assert_eq!(text.against.as_deref(), Some(in_force.hash.as_str()));
    let of = |mark| -> Vec<&str> {
        text.lines.iter().filter(|line| line.mark == mark).map(|line| line.text.as_str()).collect()
    };
    assert_eq!(
        (of(ChangeMark::Removed), of(ChangeMark::Added)),
        (vec![removed.as_str()], vec!["# Another one."])
    );
    assert_eq!(of(ChangeMark::Same).len() + 1, whole.lines.len());
    assert_eq!(change_text::change_text(company.desk(), "chg_none").unwrap_err().code, "not_found");
}
