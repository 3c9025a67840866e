//! What the desk says in words: of what became of a document, of why something may not be done, of what was
//! done; and that the log can be followed by the words that people use.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tieout_desk::{
    access::people,
    base::{views::Outcome, workspace},
    casefile::detail,
    close::overview,
    intake::{
        connecting,
        connections::{self, AddConnectionRequest, Trying},
        sync::SyncRequest,
    },
    queue::{
        exception_query::ExceptionQuery,
        exception_views::{self, PageRequest},
        exceptions::{self, ExceptionsRequest, Work, WorkRequest},
    },
    reports::log_view::{self, LogPage, LogRequest},
    settlement::{
        batch::{self, BatchRequest},
        by_policy,
        decide::{self, DecideRequest},
        post::{self, PostRequest},
        posting_pages,
        previewing::{self, PreviewRequest},
        propose::{self, ProposeRequest},
    },
};
use tieout_domain::{exception::Gravity, people::Role};

use crate::company::Company;

fn proposed(company: &mut Company, count: usize) -> Vec<Outcome> {
    company.demo.seat("ana");
    let ids: Vec<String> = company.unposted().into_iter().take(count).collect();
    let request = ProposeRequest { ids, ..ProposeRequest::default() };
    propose::propose(company.desk(), &request).unwrap()
}

fn decide(company: &Company, outcome: &Outcome, approve: bool) -> Outcome {
    let ids = vec![outcome.posting.clone().unwrap()];
    if approve {
        return company.approve(ids).remove(0);
    }
    let request =
        DecideRequest { ids, reason: Some("Wrong customer".to_owned()), ..DecideRequest::default() };
    decide::decide(company.desk(), &request).unwrap().remove(0)
}

#[test]
fn an_invoice_that_was_booked_and_reversed_is_not_said_to_be_never_posted() {
    let company = Company::synced(1500);
    let mut reversed = 0;
    for row in company.open() {
        if row.kind != "unposted" && row.kind != "late_for_closed_period" {
            continue;
        }
        let detail = detail::exception_detail(company.desk(), &row.id).unwrap();
        let booked = detail.ledger.iter().filter(|held| held.status == "booked").count();
        let never = detail.sentence.ends_with("It was never posted.");
        assert_eq!(never, booked == 0 && detail.postings.is_empty(), "{}", detail.sentence);
        if booked == 2 {
            let name = |at: usize| {
                let held = &detail.ledger[at];
                held.number.clone().unwrap_or_else(|| held.erp_id.clone())
            };
            let (one, other) = (name(0), name(1));
            let (said, again) = (
                format!("Booked as {one} and reversed by {other}."),
                format!("Booked as {other} and reversed by {one}."),
            );
            assert!(detail.sentence.contains(&said) || detail.sentence.contains(&again), "{detail:?}");
            let journal = detail.trail.iter().find(|step| step.stage == "journal").unwrap();
            assert!(
                journal.text.as_deref().is_some_and(|text| text.contains(", reversed by ")),
                "{journal:?}"
            );
            assert_eq!(journal.state, "trouble");
            reversed += 1;
        }
    }
    assert!(reversed > 0, "the company has no such invoice: nothing is proven");
}

#[test]
fn a_refusal_is_its_reason_alone_with_the_rule_and_who_could_beside_it() {
    let mut company = Company::synced(200);
    let posting = proposed(&mut company, 1).remove(0);
    let own = decide(&company, &posting, true);
    assert_eq!(own.message, "Who prepared a posting does not approve it");
    assert_eq!(own.rule.as_deref(), Some("preparer_is_not_approver"));
    assert_eq!(own.who_could, ["carl", "cora"]);
    assert_eq!(own.reference, posting.reference, "named as people name it");
    let refused = connecting::connection_remove(company.desk(), "netsuite").unwrap_err();
    assert_eq!(refused.message, "The person's role does not allow it");
    assert_eq!(refused.rule.as_deref(), Some("role_may_not"));
}

#[test]
fn who_may_manage_is_told_beforehand_by_the_rules_that_judge() {
    let mut company = Company::synced(200);
    company.demo.seat("ana");
    for told in people::workspace_actions(company.desk()) {
        // An analyst brings in files, too.
        assert_eq!(told.allowed, told.action == "import_files", "{told:?}");
        if told.allowed {
            continue;
        }
        assert_eq!(told.rule.as_deref(), Some("role_may_not"));
        assert_eq!(told.message.as_deref(), Some("The person's role does not allow it"));
    }
    company.seat_administrator();
    let told = people::workspace_actions(company.desk());
    let names: Vec<&str> = told.iter().map(|one| one.action.as_str()).collect();
    assert_eq!(names, ["manage_people", "manage_connections", "import_files"]);
    assert!(told.iter().all(|one| one.allowed), "{told:?}");
    for person in people::people(company.desk()).unwrap() {
        let own = person.role == "administrator";
        let told = &person.actions[0];
        assert_eq!(told.allowed, !own, "{person:?}");
        let rule = own.then_some("nobody_changes_their_own_role");
        assert_eq!(told.rule.as_deref(), rule, "{person:?}");
    }
    assert_eq!(people::set_role(company.desk(), "ana", Role::Controller).unwrap().actions, []);
}

#[test]
fn how_bad_it_is_is_told_apart_from_the_words_for_it() {
    let company = Company::synced(1500);
    let request = PageRequest { query: ExceptionQuery::default(), start: 0, limit: 500 };
    let rows = exception_views::exception_page(company.desk(), &request).unwrap().rows;
    let of = |words: &str| rows.iter().find(|row| row.in_the_way == words).map(|row| row.gravity);
    assert_eq!(of("Propose posting"), Some(Gravity::Routine));
    assert_eq!(of("Booked twice"), Some(Gravity::Blocked));
    assert_eq!(of("Amount differs"), Some(Gravity::Doubtful));
}

#[test]
fn what_is_approved_or_booked_says_so_before_any_duty() {
    let mut company = Company::synced(200);
    let proposed = proposed(&mut company, 1).remove(0);
    let posting = proposed.posting.clone().unwrap();
    company.demo.seat("carl");
    decide(&company, &proposed, true);
    let said = |company: &Company, action: &str| {
        let detail = posting_pages::posting_detail(company.desk(), &posting).unwrap();
        let found = detail.actions.into_iter().find(|a| a.action == action).unwrap();
        assert_eq!((found.rule, found.who_could.len()), (None, 0), "{action}");
        (found.code.unwrap(), found.message.unwrap())
    };
    for person in ["carl", "ana", "aud"] {
        company.demo.seat(person);
        let (code, message) = said(&company, "approve");
        assert_eq!((code.as_str(), message.as_str()), ("posting_already_approved", "It is already approved"));
    }
    post::post(company.desk(), &PostRequest { connection: None, wait_seconds: 30 }).unwrap();
    for action in ["approve", "reject", "cancel"] {
        let (code, message) = said(&company, action);
        assert_eq!(code, "posting_already_booked");
        assert_eq!(message, "It is booked: it can only be reversed");
    }
    by_policy::sync(company.desk(), &company.sync_request()).unwrap();
    let exception = posting_pages::posting_detail(company.desk(), &posting).unwrap().posting.exception;
    let closed = detail::exception_detail(company.desk(), &exception).unwrap();
    let approve = closed.actions.iter().find(|a| a.action == "approve").unwrap();
    assert_eq!(approve.message.as_deref(), Some("It is booked and settled: it can only be reversed"));
}

#[test]
fn what_was_done_is_said_in_plain_words() {
    let mut company = Company::synced(300);
    let postings = proposed(&mut company, 2);
    assert_eq!(postings[0].message, "Proposed, waiting for approval");
    company.demo.seat("carl");
    assert_eq!(decide(&company, &postings[0], true).message, "Approved, waiting to be sent");
    assert_eq!(decide(&company, &postings[1], false).message, "Rejected");
    let one = company.unposted().remove(0);
    let reference = company.open().into_iter().find(|e| e.id == one).unwrap().external_ref;
    let release = BatchRequest::Release { ids: vec![one.clone()] };
    let refused = batch::may(company.desk(), &release).unwrap().refusals.remove(0);
    assert_eq!(refused.reference.as_deref(), Some(reference.as_str()));
    assert_eq!(refused.message, format!("{reference} is open: it cannot be released"));
    let work = |work: Work| {
        let request = WorkRequest { ids: vec![one.clone()], work };
        let outcome = exceptions::work(company.desk(), &request).unwrap().remove(0);
        assert_eq!(outcome.reference.as_deref(), Some(reference.as_str()));
        outcome.message
    };
    assert_eq!(work(Work::Assign("ana".to_owned())), "Assigned to ana");
    assert_eq!(work(Work::Hold("Customer asked".to_owned())), "On hold");
    assert_eq!(work(Work::Release), "Taken up again");
    assert_eq!(work(Work::Dismiss("Immaterial".to_owned())), "Dismissed");
}

#[test]
fn the_log_is_followed_by_a_documents_reference() {
    let mut company = Company::synced(200);
    let posting = proposed(&mut company, 1).remove(0);
    company.demo.seat("carl");
    decide(&company, &posting, true);
    let reference = posting.reference.clone().unwrap();
    let exception = posting_pages::posting_detail(company.desk(), posting.posting.as_ref().unwrap())
        .unwrap()
        .posting
        .exception;
    let work = Work::Comment("asked billing".to_owned());
    exceptions::work(company.desk(), &WorkRequest { ids: vec![exception.clone()], work }).unwrap();
    post::post(company.desk(), &PostRequest { connection: None, wait_seconds: 30 }).unwrap();
    let page = |search: &str| -> LogPage {
        let search = Some(search.to_owned());
        log_view::log_page(company.desk(), &LogRequest { search, limit: 100, ..LogRequest::default() })
            .unwrap()
    };
    let found = page(&reference);
    let whats: Vec<&str> = found.rows.iter().map(|row| row.what.as_str()).collect();
    assert!(["proposed", "approved", "comment"].iter().all(|what| whats.contains(what)), "{whats:?}");
    for row in &found.rows {
        assert_eq!(row.reference.as_deref(), Some(reference.as_str()), "{row:?}");
        assert_eq!(row.exception.as_deref(), Some(exception.as_str()), "{row:?}");
    }
    let by_id = page(posting.posting.as_ref().unwrap());
    assert!(found.total > by_id.total, "the exception's own entries too");
    let added = page("connection_added");
    assert!(added.rows.iter().any(|row| row.reference.as_deref() == Some("netsuite")), "{added:?}");
}

#[test]
fn the_overviews_variance_foots_with_its_corrections() {
    let company = Company::synced(1500);
    let overview = overview::overview(company.desk(), &overview::OverviewRequest::default()).unwrap();
    let number = |text: &str| text.parse::<Decimal>().unwrap();
    for cell in &overview.variance {
        let rest =
            number(&cell.ledger) - number(&cell.billing) - number(&cell.corrections) - number(&cell.settled);
        assert_eq!(rest, number(&cell.variance), "{cell:?}");
    }
    assert!(overview.variance.iter().any(|cell| !number(&cell.corrections).is_zero()), "none is proven");
}

#[test]
fn what_the_erp_holds_is_told_by_the_entitys_code() {
    let company = Company::synced(400);
    let held = company.open().into_iter().find(|e| e.kind == "amount_mismatch").unwrap();
    let request = ProposeRequest { ids: vec![held.id.clone()], ..ProposeRequest::default() };
    let shown = previewing::preview(company.desk(), &PreviewRequest::Propose(request)).unwrap().remove(0);
    let preview = shown.preview.unwrap();
    assert!(preview.looked_up_at.is_some() && !preview.already_held.is_empty(), "{preview:?}");
    for entry in &preview.already_held {
        assert_eq!(Some(&entry.entity), held.entity.as_ref(), "{entry:?}");
    }
}

fn tryton(company: &str) -> AddConnectionRequest {
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    AddConnectionRequest {
        name: "tryton".to_owned(),
        vendor: "tryton".to_owned(),
        url: "http://127.0.0.1:8000".to_owned(),
        mode: "test".to_owned(),
        settings: BTreeMap::from([
            setting("database", "books"),
            setting("company", company),
            setting("login", "tieout"),
        ]),
        credentials: BTreeMap::new(),
        trying: Trying::Untried,
    }
}

#[test]
fn a_connection_with_a_mistake_is_not_added_and_the_field_is_named() {
    let mut company = Company::new(60);
    company.seat_administrator();
    let add = |request: AddConnectionRequest| {
        connections::add_connection(company.desk(), &request, &|_| Ok("sk_test_x".to_owned())).unwrap_err()
    };
    let refused = add(tryton("abc"));
    assert_eq!(refused.code, "setting_bad");
    assert!(refused.message.starts_with("company: ") && refused.message.contains("\"abc\""), "{refused}");
    let refused = add(AddConnectionRequest { url: "erp.example.com".to_owned(), ..tryton("1") });
    assert_eq!(refused.code, "bad_address", "{refused}");
    assert!(refused.message.starts_with("address: "), "{refused}");
    let stripe = AddConnectionRequest {
        name: "billing".to_owned(),
        vendor: "stripe".to_owned(),
        url: "https://api.stripe.com".to_owned(),
        mode: "live".to_owned(),
        settings: BTreeMap::new(),
        credentials: BTreeMap::new(),
        trying: Trying::Untried,
    };
    let refused = add(stripe);
    assert_eq!(refused.code, "test_live_mismatch", "a test key of a live connection");
    let names: Vec<String> =
        connections::connections(company.desk()).unwrap().into_iter().map(|c| c.name).collect();
    assert!(!names.contains(&"tryton".to_owned()) && !names.contains(&"billing".to_owned()), "{names:?}");
}

#[test]
fn a_connection_is_removed_only_while_nothing_came_by_it() {
    let mut company = Company::synced(60);
    company.seat_administrator();
    let used = connecting::connection_remove(company.desk(), "netsuite").unwrap_err();
    assert_eq!(used.code, "connection_used");
    assert!(used.message.contains("only be paused"), "{used}");

    let password = |_: &str| Ok("a password".to_owned());
    // A server, but no Tryton: its answer is final, and nothing is tried again.
    let url = company.demo.sandbox.netsuite.url().to_string();
    connections::add_connection(company.desk(), &AddConnectionRequest { url, ..tryton("7") }, &password)
        .unwrap();
    let sync = SyncRequest { connection: Some("tryton".to_owned()), ..company.sync_request() };
    by_policy::sync(company.desk(), &sync).unwrap();
    let failed = || {
        let request = ExceptionsRequest { kind: Some("sync_failed".to_owned()), ..Default::default() };
        exceptions::exceptions(company.desk(), &request).unwrap().len()
    };
    assert!(failed() > 0, "it is no Tryton");
    let removed = connecting::connection_remove(company.desk(), "tryton").unwrap();
    assert_eq!(removed.name, "tryton");
    assert_eq!(failed(), 0, "its failed sync is nobody's concern any more");
    assert!(connections::connections(company.desk()).unwrap().iter().all(|c| c.name != "tryton"));
    let what = Some("connection_removed".to_owned());
    let logged =
        log_view::log_page(company.desk(), &LogRequest { what, limit: 5, ..LogRequest::default() }).unwrap();
    assert!(logged.total == 1 && logged.rows[0].signed, "{logged:?}");
    workspace::anchor(company.desk()).unwrap();
    assert!(workspace::verify(company.desk()).unwrap().sound);
    // Under the same name, with what is right.
    connections::add_connection(company.desk(), &tryton("8"), &password).unwrap();
}
