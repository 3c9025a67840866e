//! One item on a screen, a batch of them, postings and the log.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use tieout_desk::{
    base::{code::Code, said::Said},
    casefile::detail::{self, ExceptionDetail, PayloadRequest},
    queue::{
        exception_open::{self, OpenViewRequest},
        exception_query::ExceptionQuery,
        exception_views::{self, GroupBy, GroupsRequest, PageRequest, ViewRequest},
        exceptions::{self, Work, WorkRequest},
    },
    reports::log_view::{self, LogRequest},
    settlement::{
        batch::{self, BatchRequest},
        decide::{self, DecideRequest},
        post::{self, PostRequest},
        posting_pages::{self, PostingRow, PostingsPage, PostingsRequest},
        posting_view,
        propose::{self, ProposeRequest},
    },
};

use crate::company::Company;

const ACTIONS: [&str; 15] = [
    "propose",
    "approve",
    "reject",
    "reroute",
    "replay",
    "finish",
    "take_back",
    "reverse",
    "cancel",
    "assign",
    "comment",
    "hold",
    "release",
    "dismiss",
    "booked_elsewhere",
];

fn check_words(detail: &ExceptionDetail) {
    let about =
        format!("{} {}: {} / {}", detail.exception.kind, detail.exception.id, detail.title, detail.sentence);
    assert!(!detail.title.is_empty() && !detail.title.ends_with('.'), "{about}");
    assert!(detail.sentence.ends_with(['.', ')', '"']) || detail.sentence.contains(':'), "{about}");
    assert!(!about.contains("None") && !about.contains("Some("), "{about}");
    let stages: Vec<&str> = detail.trail.iter().map(|s| s.stage.as_str()).collect();
    assert_eq!(stages, ["usage", "contract", "invoice", "posting", "journal", "payment"]);
}

fn check_actions(detail: &ExceptionDetail) {
    let names: Vec<&str> = detail.actions.iter().map(|a| a.action.as_str()).collect();
    assert_eq!(names, ACTIONS);
    for action in &detail.actions {
        assert_eq!(action.allowed, action.code.is_none(), "{action:?}");
        assert_eq!(action.allowed, action.message.is_none(), "{action:?}");
    }
}

fn check_would_post(detail: &ExceptionDetail) {
    assert_ne!(detail.would_post.is_some(), detail.would_post_refusal.is_some(), "{}", detail.exception.id);
    let Some(preview) = &detail.would_post else { return };
    assert_eq!(preview.looked_up_at, None, "the ERP was not asked");
    for step in &preview.steps {
        assert_eq!(step.debit_total, step.credit_total, "{step:?}");
        assert!(!step.debit_total.is_empty() && step.currency.len() == 3);
        for line in &step.lines {
            assert!(line.name.as_deref().is_some_and(|name| !name.is_empty()), "the ERP's name: {line:?}");
            let receivable = line.name.as_deref() == Some("Accounts Receivable");
            assert_eq!(receivable, line.account == "1100", "{line:?}");
        }
    }
}

#[test]
fn the_detail_of_every_kind_has_words_a_trail_and_every_action_and_leaves_no_trace() {
    let mut company = Company::synced(400);
    company.demo.seat("ana");
    let (open, logged) = (company.open(), company.logged());
    let kinds: BTreeSet<&str> = open.iter().map(|e| e.kind.as_str()).collect();
    assert!(kinds.len() >= 8, "too few kinds to prove anything: {kinds:?}");
    let mut seen = BTreeSet::new();
    for row in &open {
        if !seen.insert((row.kind.clone(), row.queues.len())) {
            continue;
        }
        let detail = detail::exception_detail(company.desk(), &row.id).unwrap();
        check_words(&detail);
        check_actions(&detail);
        check_would_post(&detail);
        if detail.postings.is_empty() {
            let approve = detail.actions.iter().find(|a| a.action == "approve").unwrap();
            assert_eq!(approve.code, Some(Code::NothingToDecide));
        }
        if let Some(document) = &detail.billing {
            let payload =
                detail::payload(company.desk(), &PayloadRequest { document: document.id.clone() }).unwrap();
            assert!(payload.text.contains(&document.external_id), "{}", document.id);
            assert_eq!(payload.vendor, "stripe");
        }
    }
    assert_eq!(company.logged(), logged, "looking leaves no trace");
}

/// How many statements one answer reads.
fn read_by<T>(company: &Company, ask: impl FnOnce() -> T) -> u64 {
    let before = company.desk().statements_read();
    drop(ask());
    company.desk().statements_read() - before
}

#[test]
fn fifteen_actions_of_one_detail_are_judged_by_facts_that_were_read_once() {
    let mut company = Company::synced(400);
    company.demo.seat("ana");
    let ids: Vec<String> = company.unposted().into_iter().take(2).collect();
    let bare = read_by(&company, || detail::exception_detail(company.desk(), &ids[0]).unwrap());
    let request = ProposeRequest { ids: ids.clone(), ..ProposeRequest::default() };
    propose::propose(company.desk(), &request).unwrap();
    let prepared = read_by(&company, || detail::exception_detail(company.desk(), &ids[0]).unwrap());
    let list = read_by(&company, || posting_view::postings(company.desk()).unwrap());
    // 283 and 270 when each action read for itself.
    assert!(bare <= 95 && prepared <= 122, "{bare}, and {prepared} with a posting");
    assert!(list <= 66, "{list} for two postings");
}

#[test]
fn an_amount_that_differs_is_marked_and_a_late_invoice_says_when_its_period_was_locked() {
    let company = Company::synced(600);
    let open = company.open();
    let of = |kind: &str| {
        let found = open.iter().find(|e| e.kind == kind).unwrap_or_else(|| panic!("no {kind}"));
        detail::exception_detail(company.desk(), &found.id).unwrap()
    };
    let differs = |detail: &ExceptionDetail| -> Vec<String> {
        detail.compare.lines.iter().filter(|l| l.differs).map(|l| l.what.clone()).collect()
    };
    let amount = of("amount_mismatch");
    assert!(differs(&amount).contains(&"Amount".to_owned()), "{:?}", amount.compare);
    let line = amount.compare.lines.iter().find(|l| l.what == "Amount").unwrap();
    let number = |text: &Option<String>| text.as_ref().unwrap().parse::<Decimal>().unwrap();
    let variance: Decimal = amount.exception.variance.parse().unwrap();
    assert_eq!(number(&line.ledger) - number(&line.billing), variance);
    let late = of("late_for_closed_period");
    assert!(late.title.contains("arrived after AR closed for"), "{}", late.title);
    assert!(late.sentence.starts_with("Billing finalised it on "), "{}", late.sentence);
    assert!(late.sentence.contains("receivables were locked on"), "{}", late.sentence);
    assert!(late.sentence.ends_with("It was never posted."), "{}", late.sentence);
    assert_eq!(differs(&late), ["Period"], "{:?}", late.compare);
    // A page has the same in pieces, whose values it writes as its reader has them.
    let instants = late.said.iter().filter(|part| matches!(part, Said::Instant(_))).count();
    assert!(instants >= 2, "{:?}", late.said);
    let amounts = amount.said.iter().filter(|part| matches!(part, Said::Amount { .. })).count();
    assert!(amounts >= 3, "{:?}", amount.said);
    let plain = |text: &str| text.chars().all(|c| !('\u{2061}'..='\u{2064}').contains(&c));
    assert!(plain(&late.sentence) && plain(&amount.sentence) && open.iter().all(|one| plain(&one.why)));
}

#[test]
fn a_batch_tells_beforehand_what_the_action_then_does() {
    let mut company = Company::synced(400);
    company.demo.seat("ana");
    let open = company.open();
    let other =
        open.iter().find(|e| e.kind == "customer_not_in_erp" || e.kind == "duplicate_customer").unwrap();
    let mut ids: Vec<String> = company.unposted().into_iter().take(4).collect();
    assert_eq!(ids.len(), 4);
    ids.push(other.id.clone());
    let logged = company.logged();
    let told = batch::may(company.desk(), &BatchRequest::Propose { ids: ids.clone() }).unwrap();
    assert_eq!((told.count, told.refusals.len()), (4, 1));
    assert_eq!(told.refusals[0].code, "nothing_to_post");
    assert_eq!(told.refusals[0].reference.as_deref(), Some(other.external_ref.as_str()));
    assert_eq!(told.periods.iter().map(|p| p.count).sum::<u64>(), 4);
    let sum: i64 = open.iter().filter(|e| ids[..4].contains(&e.id)).map(|e| e.amount_minor).sum();
    let told_sum: Decimal = told.sums.iter().map(|s| s.amount.parse::<Decimal>().unwrap()).sum();
    if told.sums.len() == 1 && told.sums[0].currency != "JPY" {
        assert_eq!(told_sum, Decimal::new(sum, 2));
    }
    assert_eq!(told.sums.iter().map(|s| s.count).sum::<u64>(), 4);
    assert_eq!(company.logged(), logged, "asking leaves no trace");

    let request = ProposeRequest { ids: ids.clone(), ..ProposeRequest::default() };
    let done = propose::propose(company.desk(), &request).unwrap();
    let refused: Vec<&str> = done.iter().filter(|o| o.result == "refused").map(|o| o.id.as_str()).collect();
    assert_eq!(refused, [other.id.as_str()]);
    let again = batch::may(company.desk(), &BatchRequest::Propose { ids: ids.clone() }).unwrap();
    assert_eq!(again.count, 0, "each has a posting under way");
    assert!(again.refusals.iter().filter(|r| r.code == "posting_in_progress").count() == 4, "{again:?}");

    let approve = BatchRequest::Approve { ids: ids.clone() };
    let own = batch::may(company.desk(), &approve).unwrap();
    assert_eq!(own.count, 0);
    let rule = own.refusals.iter().find(|r| r.rule.is_some()).unwrap();
    assert!(rule.rule.as_deref().unwrap().contains("preparer"), "{rule:?}");
    assert!(rule.who_could.contains(&"carl".to_owned()), "{rule:?}");
    company.demo.seat("carl");
    let others = batch::may(company.desk(), &approve).unwrap();
    assert_eq!((others.count, others.refusals.len(), others.approvals.len()), (4, 1, 4));
    // Each as it is now: bound to it, and to nothing else.
    for one in &others.approvals {
        let shown = detail::exception_detail(company.desk(), &one.id).unwrap().postings.remove(0);
        assert_eq!((&one.content_hash, &one.amount), (&shown.content_hash, &shown.amount));
        assert_eq!(one.places[0].period, shown.steps[0].period);
        assert_eq!(one.reference, shown.reference);
    }
    let unseen = DecideRequest { ids: ids.clone(), approve: true, ..DecideRequest::default() };
    let unseen = decide::decide(company.desk(), &unseen).unwrap();
    assert_eq!(unseen.iter().filter(|o| o.code == "content_not_shown").count(), 4, "{unseen:?}");
    let [first, second] = [&others.approvals[0], &others.approvals[1]];
    let content = [(first.id.clone(), second.content_hash.clone())].into();
    let swapped =
        DecideRequest { ids: vec![first.id.clone()], approve: true, content, ..DecideRequest::default() };
    let swapped = decide::decide(company.desk(), &swapped).unwrap().remove(0);
    assert_eq!(swapped.code, "content_changed", "{swapped:?}");
    let release = BatchRequest::Release { ids: vec![ids[0].clone()] };
    let held = batch::may(company.desk(), &release).unwrap();
    assert_eq!((held.count, held.refusals[0].code.as_str()), (0, "exception_state"));
}

/// All postings within an entity and a period.
fn narrowed(company: &Company, entity: &str, period: Option<&str>) -> PostingsPage {
    let request = PostingsRequest {
        entity: Some(entity.to_owned()),
        period: period.map(str::to_owned),
        limit: 1_000,
        ..PostingsRequest::default()
    };
    posting_pages::postings_page(company.desk(), &request).unwrap()
}

#[test]
fn postings_are_narrowed_to_an_entity_and_a_period_their_documents_or_that_they_post_into() {
    let mut company = Company::synced(300);
    company.demo.seat("ana");
    let ids: Vec<String> = company.unposted().into_iter().take(3).collect();
    propose::propose(company.desk(), &ProposeRequest { ids, ..ProposeRequest::default() }).unwrap();
    let every = PostingsRequest { limit: 1_000, ..PostingsRequest::default() };
    let all = posting_pages::postings_page(company.desk(), &every).unwrap().rows;
    assert!(all.len() >= 3);
    for row in &all {
        for period in [Some(&row.period), row.own_period.as_ref()].into_iter().flatten() {
            let found = narrowed(&company, &row.entity, Some(period));
            let of_it = |one: &PostingRow| {
                one.entity == row.entity && (one.period == *period || one.own_period.as_ref() == Some(period))
            };
            assert!(found.rows.iter().any(|one| one.id == row.id), "{row:?}");
            assert!(found.rows.iter().all(of_it), "{found:?}");
            assert_eq!(found.total, found.rows.len() as u64);
        }
    }
    assert_eq!(narrowed(&company, "XX99", None).total, 0);
}

#[test]
fn postings_come_in_windows_and_one_of_them_shows_its_attempts() {
    let mut company = Company::synced(300);
    // The policy lets small ones into the outbox by itself.
    let first = PostingsRequest { limit: 1, ..PostingsRequest::default() };
    let earlier = posting_pages::postings_page(company.desk(), &first).unwrap().total;
    company.demo.seat("ana");
    let ids: Vec<String> = company.unposted().into_iter().take(3).collect();
    let request = ProposeRequest { ids: ids.clone(), ..ProposeRequest::default() };
    let proposed = propose::propose(company.desk(), &request).unwrap();
    let postings: Vec<String> = proposed.iter().filter_map(|o| o.posting.clone()).collect();
    assert_eq!(postings.len(), 3, "{proposed:?}");
    company.demo.seat("carl");
    let decided = company.approve(vec![postings[0].clone()]);
    assert_eq!(decided[0].code, "queued", "{decided:?}");

    let page = |state: Option<&str>, start, limit| {
        let state = state.map(str::to_owned);
        let request = PostingsRequest { state, start, limit, ..PostingsRequest::default() };
        posting_pages::postings_page(company.desk(), &request).unwrap()
    };
    let all = page(None, 0, 2);
    assert_eq!((all.total, all.rows.len()), (earlier + 3, 2));
    assert_eq!(page(None, earlier + 2, 2).rows.len(), 1);
    let queued = page(Some("queued"), 0, 10);
    assert_eq!((queued.total, queued.rows[0].id.as_str()), (earlier + 1, postings[0].as_str()));
    assert_eq!(queued.rows[0].approved_by, ["carl"]);
    let counts: Vec<(&str, u64)> = queued.states.iter().map(|s| (s.state.as_str(), s.count)).collect();
    assert_eq!(counts, [("proposed", 2), ("queued", earlier + 1)]);
    let search = PostingsRequest {
        search: Some(queued.rows[0].reference.clone()),
        limit: 5,
        ..PostingsRequest::default()
    };
    assert_eq!(posting_pages::postings_page(company.desk(), &search).unwrap().total, 1);

    let before = posting_pages::posting_detail(company.desk(), &postings[0]).unwrap();
    let cancel = before.actions.iter().find(|a| a.action == "cancel").unwrap();
    assert!(before.attempts.is_empty() && cancel.allowed, "{cancel:?}");
    post::post(company.desk(), &PostRequest { connection: None, wait_seconds: 30 }).unwrap();
    let after = posting_pages::posting_detail(company.desk(), &postings[0]).unwrap();
    assert_eq!(after.posting.state, "booked");
    let created = after.attempts.iter().find(|a| a.action.starts_with("create")).unwrap();
    assert_eq!(created.outcome.as_deref(), Some("done"));
    let transcript = created.transcript.as_deref().unwrap();
    assert!(
        transcript.contains("journalEntry") && !transcript.to_lowercase().contains("oauth"),
        "{transcript}"
    );
    let cancel = after.actions.iter().find(|a| a.action == "cancel").unwrap();
    assert_eq!(cancel.code, Some(Code::PostingAlreadyBooked));
}

#[test]
fn the_log_is_read_in_windows_newest_first_and_filtered() {
    let mut company = Company::synced(60);
    company.demo.seat("carl");
    let id = company.open()[0].id.clone();
    let work = Work::Comment("asked the vendor about it".to_owned());
    exceptions::work(company.desk(), &WorkRequest { ids: vec![id.clone()], work }).unwrap();
    let page = |request: LogRequest| {
        log_view::log_page(company.desk(), &LogRequest { limit: 3, ..request }).unwrap()
    };
    let all = page(LogRequest::default());
    assert_eq!(all.rows.len(), 3);
    assert!(all.rows.is_sorted_by(|newer, older| newer.number > older.number));
    assert!(all.rows.iter().all(|row| row.what != "sealed"), "what only seals is left out");
    let seals = page(LogRequest { what: Some("sealed".to_owned()), ..LogRequest::default() });
    let newest = all.rows[0].number.max(seals.rows[0].number);
    assert_eq!(u64::try_from(newest).unwrap(), all.total + seals.total);
    let next = page(LogRequest { start: 3, ..LogRequest::default() });
    assert!(next.rows[0].number < all.rows[2].number);
    assert!(all.whats.contains(&"comment".to_owned()) && all.whats.is_sorted());
    let carl = all.actors.iter().find(|a| a.name == "carl").unwrap();
    let his = page(LogRequest {
        actor: Some(carl.id.clone()),
        what: Some("comment".to_owned()),
        search: Some("the vendor".to_owned()),
        ..LogRequest::default()
    });
    assert_eq!((his.total, his.rows[0].subject.as_str(), his.rows[0].signed), (1, id.as_str(), true));
    assert_eq!(page(LogRequest { to: Some("2001-01-01".to_owned()), ..LogRequest::default() }).total, 0);
    assert_eq!(
        page(LogRequest { from: Some("2001-01-01".to_owned()), ..LogRequest::default() }).total,
        all.total
    );
}

#[test]
fn a_view_opens_with_its_sum_its_groups_and_the_rows_that_its_pages_hold() {
    let company = Company::synced(300);
    company.open();
    let desk = company.desk();
    let ways = [GroupBy::Cause, GroupBy::Customer, GroupBy::Entity, GroupBy::Rank].map(Some);
    for by in std::iter::once(None).chain(ways) {
        let query = ExceptionQuery { state: "open".to_owned(), ..ExceptionQuery::default() };
        let ask = |lines| OpenViewRequest { query: query.clone(), by, lines, page: 20 };
        let opened = exception_open::exception_open(desk, &ask(48)).unwrap();
        assert_eq!(
            opened.summary,
            exception_views::exception_view(desk, &ViewRequest { query: query.clone() }).unwrap()
        );
        let groups = by.map(|by| {
            exception_views::view_groups(desk, &GroupsRequest { query: query.clone(), by }).unwrap()
        });
        assert_eq!(opened.groups, groups);
        let lines: usize = opened.first.iter().map(|first| first.rows.len() + 1).sum();
        let all = groups.as_ref().is_none_or(|found| found.groups.len() == opened.first.len());
        assert!(all || lines >= 48, "{by:?}: {lines}");
        for first in &opened.first {
            let key = first.key.clone();
            let query = match by {
                None => query.clone(),
                Some(GroupBy::Cause) => ExceptionQuery { group: key, ..query.clone() },
                Some(GroupBy::Customer) => ExceptionQuery { customer: key, ..query.clone() },
                Some(GroupBy::Entity) => ExceptionQuery { entity: key, ..query.clone() },
                Some(GroupBy::Rank) => ExceptionQuery { rank: key, ..query.clone() },
            };
            let page = PageRequest { query, start: 0, limit: 20 };
            assert_eq!(
                first.rows,
                exception_views::exception_page(desk, &page).unwrap().rows,
                "{by:?} {:?}",
                first.key
            );
        }
        let keys: Vec<_> = opened.first.iter().map(|first| first.key.clone()).collect();
        let listed = groups.iter().flat_map(|found| &found.groups).map(|group| Some(group.key.clone()));
        let listed: Vec<_> = if by.is_none() { vec![None] } else { listed.take(keys.len()).collect() };
        assert_eq!(keys, listed, "in the order of the screen");
        assert!(
            exception_open::exception_open(desk, &ask(0)).unwrap().first.is_empty(),
            "none are asked for"
        );
    }
    let nothing = ExceptionQuery {
        state: "open".to_owned(),
        search: Some("no such".to_owned()),
        ..ExceptionQuery::default()
    };
    let opened = exception_open::exception_open(
        desk,
        &OpenViewRequest { query: nothing, by: None, lines: 48, page: 20 },
    )
    .unwrap();
    assert_eq!((opened.summary.total, opened.first.len()), (0, 0));
}
