//! Figures against what lists and the tie-out say.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use tieout_desk::{
    Context,
    access::people::{self, AddPersonRequest},
    casefile::{detail, show},
    close::{
        flows::{self, FlowItemView, FlowItemsRequest},
        home::{self, Home, HomeRequest},
        overview::{self, OverviewRequest},
        periods::{self, PeriodsRequest},
        tie_out::{self, CellRequest, TieOutRequest},
    },
    governance::changes::{self, ImportChangeRequest},
    intake::{
        connections::{self, AddConnectionRequest, PauseRequest, RotateRequest, Trying},
        imports::{self, ImportFileRequest, ImportLedgerRequest},
        sync::SyncRequest,
    },
    queue::exception_views::{self, CountsRequest},
    settlement::{
        by_policy,
        decide::{self, DecideRequest},
    },
};
use tieout_vault::SecretText;

use crate::company::Company;

fn secret(text: &str) -> SecretText {
    serde_json::from_value(text.into()).unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn today_of_one_entity_is_its_part_and_the_parts_are_the_whole() {
    let company = Company::synced(500);
    let of = |entity: Option<&str>| {
        let request = HomeRequest { entity: entity.map(str::to_owned) };
        home::home(company.desk(), &request).unwrap()
    };
    let held = |home: &Home| home.blockers.count + home.later.count + home.backlog.count;
    let open = company.open();
    assert_eq!(held(&of(None)), open.len() as u64);
    let codes: BTreeSet<&str> = open.iter().filter_map(|one| one.entity.as_deref()).collect();
    assert!(codes.len() > 1, "{codes:?}");
    for code in codes {
        let here = of(Some(code));
        let own = open.iter().filter(|one| one.entity.as_deref() == Some(code)).count() as u64;
        assert_eq!(held(&here), own, "{code}");
        assert!(!here.first.is_empty(), "{code}");
        let mine = here.first.iter().all(|one| one.exception.entity.as_deref() == Some(code));
        assert!(mine, "{code}: {:?}", here.first);
        assert_eq!(here.posts, of(None).posts, "a sending takes all that is approved");
        assert_eq!(here.entities.iter().map(|one| one.entity.as_str()).collect::<Vec<_>>(), [code]);
    }
    assert_eq!(held(&of(Some("XX99"))), 0);
}

#[test]
fn the_overview_counts_what_the_lists_show() {
    let company = Company::synced(500);
    let open = company.open();
    let overview = overview::overview(company.desk(), &OverviewRequest::default()).unwrap();
    let count = open.len() as u64;
    assert_eq!(overview.ageing.iter().map(|b| b.count).sum::<u64>(), count);
    let beside = exception_views::queue_counts(company.desk(), &CountsRequest::default()).unwrap();
    assert_eq!(beside.open + beside.backlog, count, "each once");
    assert_eq!(beside.backlog, open.iter().filter(|e| e.backlog).count() as u64);
    assert!(beside.queues.iter().map(|queue| queue.count).sum::<u64>() >= beside.open, "queues overlap");
    assert_eq!(beside.overdue, open.iter().filter(|e| e.overdue && !e.backlog).count() as u64);
    assert_eq!(overview.owners.iter().map(|o| o.count).sum::<u64>(), count);
    let overdue = open.iter().filter(|e| e.overdue).count() as u64;
    assert_eq!(overview.ageing.iter().map(|b| b.overdue).sum::<u64>(), overdue);
    // It is later than the last that is overdue was due, and no later than the first that is not.
    let (late, others): (Vec<_>, Vec<_>) = open.iter().partition(|e| e.overdue);
    let within_a_day_of = |now: chrono::DateTime<chrono::Utc>| {
        others.iter().filter(|e| e.due_at < now + chrono::Duration::days(1)).count() as u64
    };
    let least = late.iter().map(|e| e.due_at).max().map_or(0, within_a_day_of);
    let most = others.iter().map(|e| e.due_at).min().map_or(0, within_a_day_of);
    let soon = overview.ageing.iter().map(|b| b.soon).sum::<u64>();
    assert!((least..=most).contains(&soon), "{least} to {most}, {soon}");
    for currency in ["GBP", "USD", "EUR", "JPY"] {
        let own = open.iter().filter(|e| e.currency == currency);
        let wanted: Decimal = own.map(|e| number(&e.amount)).sum();
        let sums = overview.ageing.iter().flat_map(|b| &b.sums).filter(|s| s.currency == currency);
        assert_eq!(sums.map(|s| number(&s.amount)).sum::<Decimal>(), wanted, "{currency}");
    }
    for cell in &overview.close {
        let here = open.iter().filter(|e| {
            e.entity.as_deref() == Some(&cell.entity) && e.period.as_deref() == Some(&cell.period)
        });
        assert_eq!(here.count() as u64, cell.open, "{cell:?}");
        assert_eq!(cell.ready, cell.blocking == 0 && cell.in_transit == 0);
        assert!(cell.says.ends_with('.'), "{cell:?}");
    }
    assert!(overview.close.iter().any(|cell| !cell.ready) && !overview.lag.is_empty());
    assert!(overview.lag.iter().all(|p| p.p50_minutes <= p.p95_minutes && p.count > 0));
    assert_eq!(overview.lag_sla_minutes, 24 * 60);
    broken(&company, &overview.flows);
    let again = overview::overview(company.desk(), &OverviewRequest::default()).unwrap();
    assert_eq!(again, overview, "what was kept is what is worked out");
}

/// What is broken in the two document flows, counted one by one.
fn broken(company: &Company, flows: &[tieout_desk::close::flows::FlowView]) {
    let late = ["unposted", "late_for_closed_period", "customer_not_in_erp"];
    let mut wanted: BTreeMap<&str, u64> = BTreeMap::new();
    for row in company.open().iter().filter(|e| e.document.is_some() && !late.contains(&e.kind.as_str())) {
        let kind = show::show(company.desk(), &row.id).unwrap().billing.unwrap().kind;
        let flow = match kind.as_str() {
            "invoice" | "credit_note" => "invoice_to_erp",
            _ => "payments_and_collections",
        };
        *wanted.entry(flow).or_default() += 1;
    }
    for flow in ["invoice_to_erp", "payments_and_collections"] {
        let found = flows.iter().find(|f| f.flow == flow).unwrap();
        assert_eq!(found.broken, Some(wanted.get(flow).copied().unwrap_or(0)), "{flow}");
        assert!(found.done.unwrap() > 0);
    }
    // Who never bought anything is not waited for: late are those of whom an exception says so.
    let activation = flows.iter().find(|f| f.flow == "customer_activation").unwrap();
    let unknown = company.open().iter().filter(|e| e.kind == "customer_not_in_erp").count();
    assert_eq!(activation.late, Some(unknown as u64));
    assert!(flows.iter().all(|f| f.done.unwrap() > 0), "the company has something for each: {flows:?}");
}

#[test]
fn the_variance_of_the_overview_is_that_of_the_tie_out_on_the_control_account() {
    let company = Company::synced(700);
    company.open();
    let request = TieOutRequest { account: Some("1100".to_owned()), ..TieOutRequest::default() };
    let cells = tie_out::tie_out(company.desk(), &request).unwrap();
    let variance = overview::overview(company.desk(), &OverviewRequest::default()).unwrap().variance;
    let named = |e: &str, c: &str, p: &str| format!("{e} {c} {p}");
    let wanted: BTreeMap<String, [String; 4]> = cells
        .iter()
        .map(|c| {
            let figures = [&c.billing, &c.ledger, &c.variance, &c.unexplained].map(Clone::clone);
            (named(&c.entity, &c.currency, &c.period), figures)
        })
        .collect();
    let found: BTreeMap<String, [String; 4]> = variance
        .iter()
        .map(|c| {
            let figures = [&c.billing, &c.ledger, &c.variance, &c.unexplained].map(Clone::clone);
            (named(&c.entity, &c.currency, &c.period), figures)
        })
        .collect();
    assert!(found.len() > 4);
    assert_eq!(found, wanted);
    for currency in ["GBP", "USD"] {
        let own = variance.iter().filter(|c| c.currency == currency);
        let most = own.clone().map(|c| number(&c.variance).abs()).max().unwrap();
        let full = own.filter(|c| c.weight == 1000).map(|c| number(&c.variance).abs()).max();
        assert!(most.is_zero() || full == Some(most), "{currency}: {full:?} of {most}");
    }
}

#[test]
fn accounts_go_by_the_names_that_the_erp_gives_them() {
    let company = Company::synced(500);
    let open = company.open();
    let cells = tie_out::tie_out(company.desk(), &TieOutRequest::default()).unwrap();
    let names: BTreeMap<&str, &str> =
        cells.iter().map(|c| (c.account.as_str(), c.account_name.as_deref().unwrap_or(""))).collect();
    assert_eq!(names.get("1100"), Some(&"Accounts Receivable"));
    assert_eq!(names.get("2400"), Some(&"Deferred Revenue"));
    assert!(names.values().all(|name| !name.is_empty()), "{names:?}");
    let wrong = open.iter().find(|e| e.kind == "wrong_account").unwrap();
    let detail = detail::exception_detail(company.desk(), &wrong.id).unwrap();
    let accounts = detail.compare.lines.iter().find(|line| line.what == "Accounts").unwrap();
    assert!(accounts.differs, "{accounts:?}");
    let booked = accounts.ledger.as_deref().unwrap();
    assert!(booked.contains("1990 FX Clearing"), "what only the ledger has is named: {booked}");
    assert!(!booked.contains("1100 "), "what both have is not: {booked}");
}

#[test]
fn a_cell_of_the_tie_out_is_the_sum_of_its_documents() {
    let company = Company::synced(500);
    company.open();
    let cells = tie_out::tie_out(company.desk(), &TieOutRequest::default()).unwrap();
    let (mut with_difference, mut explained) = (0, 0);
    let excepted = cells.iter().filter(|c| c.variance_minor != 0 && c.open_exceptions > 0);
    for cell in excepted.take(8).chain(cells.iter().take(4)) {
        let page = |start, limit| {
            let request = CellRequest {
                entity: cell.entity.clone(),
                currency: cell.currency.clone(),
                period: cell.period.clone(),
                account: cell.account.clone(),
                start,
                limit,
            };
            tie_out::tie_out_documents(company.desk(), &request).unwrap()
        };
        let all = page(0, 1_000);
        assert_eq!(all.total, all.rows.len() as u64);
        let sum = |of: fn(&tieout_desk::close::tie_out::CellDocument) -> &str| -> Decimal {
            all.rows.iter().map(|row| number(of(row))).sum()
        };
        assert_eq!(sum(|r| &r.billing), number(&cell.billing), "{cell:?}");
        assert_eq!(sum(|r| &r.ledger), number(&cell.ledger), "{cell:?}");
        assert_eq!(sum(|r| &r.variance), number(&cell.variance), "{cell:?}");
        let sizes: Vec<Decimal> = all.rows.iter().map(|r| number(&r.variance).abs()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "the largest difference comes first");
        if cell.variance_minor != 0 {
            with_difference += 1;
            explained += all.rows.iter().filter(|row| row.exception.is_some()).count();
        }
        assert_eq!(page(1, 1).rows.first(), all.rows.get(1));
    }
    assert!(with_difference > 0 && explained > 0);
}

#[test]
fn periods_say_whether_they_take_receivables() {
    let company = Company::synced(60);
    let all = periods::periods(company.desk(), &PeriodsRequest::default()).unwrap();
    let entity = all[0].entity.clone();
    let own = periods::periods(company.desk(), &PeriodsRequest { entity: Some(entity.clone()) }).unwrap();
    assert!(!own.is_empty() && own.len() < all.len() && own.iter().all(|p| p.entity == entity));
    assert!(own.iter().any(|p| p.accepts) && own.iter().any(|p| !p.accepts));
    assert!(own.iter().all(|p| p.accepts != p.says.contains("takes no entries")));
}

fn find(desk: &Context, name: &str) -> tieout_desk::intake::connections::ConnectionView {
    connections::connections(desk).unwrap().into_iter().find(|c| c.name == name).unwrap()
}

#[test]
fn a_connection_shows_what_was_read_its_allowance_and_what_to_do_when_it_fails() {
    let company = Company::new(60);
    assert_eq!(find(company.desk(), "netsuite").rate.share_percent, None, "nothing was called yet");
    by_policy::sync(company.desk(), &company.sync_request()).unwrap();
    let erp = find(company.desk(), "netsuite");
    assert!(erp.rate.share_percent.is_some() && erp.documents > 0 && erp.url.starts_with("http"));
    assert_eq!(erp.rate.allowed, "4 calls at once");
    let entries = erp.resources.iter().find(|r| r.resource == "entries").unwrap();
    assert!(entries.pages > 0 && entries.items > 0 && entries.complete_through.is_some());
    let reader = company.desk().reader(tieout_desk::Session {
        acting: None,
        passphrases: Box::new(|what: &tieout_vault::PassphraseFor| Err(what.missing())),
        enrolment: Box::new(|_| None),
    });
    let shown = find(&reader.unwrap(), "netsuite").rate;
    assert!(shown.share_percent.is_some(), "one allowance for both desks: {shown:?}");
}

#[test]
fn a_connection_is_paused_and_its_credentials_rotated_by_an_administrator_only() {
    let mut company = Company::synced(60);
    company.demo.seat("carl");
    let stripe =
        connections::connections(company.desk()).unwrap().into_iter().find(|c| c.role == "billing").unwrap();
    let pause = |paused| PauseRequest { id: stripe.id.clone(), paused };
    assert_eq!(connections::connection_pause(company.desk(), &pause(true)).unwrap_err().code, "role_may_not");
    company.seat_administrator();
    assert!(connections::connection_pause(company.desk(), &pause(true)).unwrap().paused);
    let views = by_policy::sync(company.desk(), &company.sync_request()).unwrap();
    assert!(views.iter().all(|v| v.connection != stripe.name));
    assert!(!connections::connection_pause(company.desk(), &pause(false)).unwrap().paused);
    let netsuite = find(company.desk(), "netsuite");
    assert_eq!(netsuite.credentials, ["consumer_key", "consumer_secret", "token_id", "token_secret"]);
    let some = BTreeMap::from([("consumer_key".to_owned(), secret("another key"))]);
    let request = RotateRequest { id: netsuite.id.clone(), credentials: some };
    assert_eq!(
        connections::connection_rotate(company.desk(), &request).unwrap_err().code,
        "credential_missing"
    );
    connections::test_connection(company.desk(), &netsuite.name).expect("what was kept is whole");
    let wrong = BTreeMap::from([("api_key".to_owned(), secret("sk_test_wrong_key_000000"))]);
    let request = RotateRequest { id: stripe.id.clone(), credentials: wrong.clone() };
    connections::connection_rotate(company.desk(), &request).unwrap();
    let only = SyncRequest { connection: Some(stripe.name.clone()), ..company.sync_request() };
    let views = by_policy::sync(company.desk(), &only).unwrap();
    assert!(
        views.iter().any(|v| v.code.as_deref() == Some("auth_failed")),
        "the new key is in use: {views:?}"
    );
    let failed = find(company.desk(), &stripe.name);
    assert!(failed.advice.as_deref().unwrap().contains("Rotate the credentials"), "{failed:?}");

    let request = AddConnectionRequest {
        name: "another".to_owned(),
        vendor: "stripe".to_owned(),
        url: stripe.url.clone(),
        mode: "test".to_owned(),
        settings: BTreeMap::new(),
        credentials: wrong,
        trying: Trying::Untried,
    };
    assert!(!format!("{request:?}").contains("sk_test"), "a credential is never printed");
    assert_eq!(connections::connection_add(company.desk(), &request).unwrap().connection.vendor, "stripe");
    let person = AddPersonRequest {
        name: "eva".to_owned(),
        role: "analyst".to_owned(),
        os_account: None,
        passphrase: Some(secret("a long enough passphrase")),
    };
    let added = people::person_add(company.desk(), &person).unwrap();
    assert_eq!((added.secret.as_str(), added.enrolment_code), ("passphrase", None));
}

#[test]
fn the_overview_of_an_entity_and_a_period_is_what_the_lists_show_of_it() {
    let company = Company::synced(500);
    let open = company.open();
    let of = |entity: Option<&str>, period: Option<&str>| {
        let (entity, period) = (entity.map(str::to_owned), period.map(str::to_owned));
        overview::overview(company.desk(), &OverviewRequest { entity, period }).unwrap()
    };
    let all = of(None, None);
    let lags = |overview: &overview::Overview| overview.lag.iter().map(|p| p.count).sum::<u64>();
    let periods: BTreeSet<&str> = all.close.iter().map(|cell| cell.period.as_str()).collect();
    let entities: BTreeSet<&str> = all.close.iter().map(|cell| cell.entity.as_str()).collect();
    assert!(entities.len() > 1 && periods.len() > 1, "{entities:?} {periods:?}");
    let mut lag = 0;
    for entity in &entities {
        let own = of(Some(entity), None);
        lag += lags(&own);
        let here = open.iter().filter(|e| e.entity.as_deref() == Some(*entity)).count() as u64;
        assert_eq!(own.ageing.iter().map(|b| b.count).sum::<u64>(), here, "{entity}");
        assert_eq!(own.owners.iter().map(|o| o.count).sum::<u64>(), here, "{entity}");
        assert!(own.variance.iter().all(|cell| cell.entity == *entity));
        for flow in &own.flows {
            let request = FlowItemsRequest {
                flow: flow.flow.clone(),
                part: "late".to_owned(),
                entity: Some((*entity).to_owned()),
                start: 0,
                limit: 1_000,
            };
            let listed = flows::flow_items(company.desk(), &request).unwrap();
            assert_eq!(Some(listed.total), flow.late, "{entity} {}", flow.flow);
            assert_eq!(listed.rows.len() as u64, listed.total.min(1_000));
            let others = |row: &&FlowItemView| row.entity.as_deref().is_some_and(|other| other != *entity);
            assert_eq!(listed.rows.iter().find(others), None, "{entity} {}", flow.flow);
        }
        for period in &periods {
            let cell = of(Some(entity), Some(period));
            let here = open
                .iter()
                .filter(|e| e.entity.as_deref() == Some(*entity) && e.period.as_deref() == Some(*period));
            assert_eq!(cell.ageing.iter().map(|b| b.count).sum::<u64>(), here.count() as u64);
            assert!(cell.close.iter().all(|one| one.entity == *entity && one.period == *period));
            assert!(cell.variance.iter().all(|one| one.entity == *entity && one.period == *period));
        }
    }
    assert_eq!(lag, lags(&all), "each journal is of one entity");
    assert_eq!(of(Some("XX99"), None).ageing.iter().map(|b| b.count).sum::<u64>(), 0);
}

#[test]
fn what_is_late_of_a_flow_is_listed_the_longest_late_first() {
    let company = Company::synced(700);
    company.open();
    let ask = |flow: &str, start, limit| {
        let (flow, part) = (flow.to_owned(), "late".to_owned());
        flows::flow_items(company.desk(), &FlowItemsRequest { flow, part, entity: None, start, limit })
    };
    let mut late = 0;
    for flow in overview::overview(company.desk(), &OverviewRequest::default()).unwrap().flows {
        let listed = ask(&flow.flow, 0, 1_000).unwrap();
        assert_eq!(Some(listed.total), flow.late, "{}", flow.flow);
        assert!(listed.rows.is_sorted_by_key(|row| row.due_at), "{}", flow.flow);
        let hours: i64 = flow.limit.strip_suffix(" h").unwrap().parse().unwrap();
        let sla = chrono::Duration::hours(hours);
        let in_time = |row: &FlowItemView| row.since.is_none_or(|since| row.due_at == since + sla);
        assert!(listed.rows.iter().all(in_time), "{}: {:?}", flow.flow, listed.rows.first());
        if !["usage_billing", "subscription_amendment"].contains(&flow.flow.as_str()) {
            continue;
        }
        assert_eq!(listed.rows.len() as u64, listed.total, "{}", flow.flow);
        let by_name = |row: &FlowItemView| row.customer.as_deref().is_some_and(|name| name.contains(' '));
        assert!(listed.rows.iter().all(by_name), "{:?}", listed.rows.first());
        let second = ask(&flow.flow, 1, 1).unwrap();
        assert_eq!(second.rows.first(), listed.rows.get(1), "a window of it");
        late += listed.total;
    }
    assert!(late > 0, "nothing was late");
    assert_eq!(ask("payroll", 0, 1).unwrap_err().code, "flow_unknown");
}

const OTHER_LEDGER: &str = "Journal,Ref,Entity,Date,Account,Name,Amount\n\
    J1,,GB01,2026-03-02,1100,Trade debtors,10.00\nJ1,,GB01,2026-03-02,4000,Sales,-10.00\n";
const OTHER_MAP: &str = r#"
schema = 1
kind = "gl"
[columns]
journal = "Journal"
reference = "Ref"
entity = "Entity"
posting_date = "Date"
account = "Account"
account_name = "Name"
amount = "Amount"
[constants]
currency = "GBP"
[formats]
dates = ["%Y-%m-%d"]
[[entity]]
code = "GB01"
functional_currency = "GBP"
"#;

#[test]
fn where_two_ledgers_name_an_account_otherwise_the_mapping_says_whose_name_holds() {
    let mut company = Company::synced(120);
    company.open();
    let names = |company: &Company, entity: &str| -> Vec<Option<String>> {
        let request = TieOutRequest { entity: Some(entity.to_owned()), ..TieOutRequest::default() };
        let cells = tie_out::tie_out(company.desk(), &request).unwrap();
        cells.into_iter().filter(|cell| cell.account == "1100").map(|cell| cell.account_name).collect()
    };
    let known = |found: &[Option<String>]| {
        !found.is_empty() && found.iter().all(|name| name.as_deref() == Some("Accounts Receivable"))
    };
    assert!(known(&names(&company, "GB01")), "{:?}", names(&company, "GB01"));
    let [file, map, mapping] =
        ["gl.csv", "old-books.toml", "mapping.toml"].map(|name| company.folder.path().join(name));
    std::fs::write(&file, OTHER_LEDGER).unwrap();
    std::fs::write(&map, OTHER_MAP).unwrap();
    company.demo.seat("ana");
    let file = ImportFileRequest { file, map, connection: None, as_of: None };
    let request = ImportLedgerRequest { file, replaces: None };
    assert_eq!(imports::import_gl(company.desk(), &request).unwrap().items, 1);
    assert!(names(&company, "GB01").iter().all(Option::is_none), "two ledgers, two names");

    let text = include_str!("../../../../fixtures/company/mapping.toml");
    std::fs::write(&mapping, text.replace("\nerp_id = ", "\nerp_connection = \"netsuite\"\nerp_id = "))
        .unwrap();
    let change = changes::import_mapping(company.desk(), &ImportChangeRequest { file: mapping }).unwrap();
    company.demo.seat("carl");
    let decision = DecideRequest { ids: vec![change.id], approve: true, ..DecideRequest::default() };
    let decided = decide::decide(company.desk(), &decision).unwrap();
    assert_eq!(decided[0].result, "done", "{decided:?}");
    assert!(known(&names(&company, "GB01")), "{:?}", names(&company, "GB01"));
}
