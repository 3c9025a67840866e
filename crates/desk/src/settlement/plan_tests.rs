use tieout_domain::calendar::PeriodStatus;

use super::*;

const MAPPING: &str = r#"
    schema = 1
    [[entity]]
    code = "GB01"
    functional_currency = "GBP"
    [entity.accounts]
    receivable = "1100"
    [[entity]]
    code = "EU01"
    functional_currency = "GBP"
    [entity.accounts]
    receivable = "1100"
    [[revenue]]
    product = "*"
    account = "4000"
"#;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn code(text: &str) -> AccountCode {
    text.parse().unwrap()
}

fn periods() -> Vec<Period> {
    let mut all = Vec::new();
    for entity in ["GB01", "EU01"] {
        for (month, status) in [
            ("2026-03", PeriodStatus::Closed),
            ("2026-04", PeriodStatus::Open),
            ("2026-05", PeriodStatus::Open),
        ] {
            let starts = day(&format!("{month}-01"));
            all.push(Period {
                entity: entity.parse().unwrap(),
                key: PeriodKey::new(month),
                starts,
                ends: starts + chrono::Duration::days(29),
                status,
                closed_at: None,
            });
        }
    }
    all
}

fn expected(date: &str, minor: i64) -> Expectation {
    Expectation {
        entity: "GB01".parse().unwrap(),
        document_date: day(date),
        period: PeriodKey::month(day(date)),
        late: false,
        currency: Currency::GBP,
        control: code("1100"),
        tax: None,
        lines: vec![(code("1100"), minor), (code("4000"), -minor)],
    }
}

fn held(erp_id: &str, entity: &str, date: &str, minor: i64) -> HeldEntry {
    HeldEntry {
        erp_id: erp_id.into(),
        entity: entity.parse().unwrap(),
        posting_date: day(date),
        period: PeriodKey::month(day(date)),
        currency: Currency::GBP,
        functional_currency: Currency::GBP,
        rate: None,
        lines: vec![(code("1100"), minor, minor), (code("4000"), -minor, -minor)],
    }
}

/// Each step as `reverses entity date period receivable`.
#[track_caller]
fn check(kind: ExceptionKind, expectation: Option<&Expectation>, held: &[HeldEntry], want: &[&str]) {
    let mapping = AccountMapping::parse(MAPPING).unwrap();
    let periods = periods();
    let case = Case {
        kind,
        causes: &[kind],
        reference: "INV-1",
        expectation,
        held,
        periods: &periods,
        mapping: &mapping,
        customer: None,
        goes: None,
    };
    let got: Vec<String> = plan(&case)
        .unwrap()
        .iter()
        .map(|s| {
            let e = &s.entry;
            let undone = s.reverses.as_deref().unwrap_or("-");
            format!("{undone} {} {} {} {}", e.entity(), e.posting_date(), e.period(), e.net_on(&code("1100")))
        })
        .collect();
    assert_eq!(got, want);
}

#[test]
fn an_unposted_document_is_booked_under_its_own_date_while_its_period_is_open() {
    check(
        ExceptionKind::Unposted,
        Some(&expected("2026-04-10", 500)),
        &[],
        &["- GB01 2026-04-10 2026-04 500"],
    );
}

#[test]
fn a_document_of_a_closed_period_goes_to_the_first_open_one() {
    let expectation = expected("2026-03-31", 500);
    check(ExceptionKind::Unposted, Some(&expectation), &[], &["- GB01 2026-04-01 2026-04 500"]);
}

#[test]
fn a_wrong_amount_is_reversed_and_booked_anew_as_one_set() {
    check(
        ExceptionKind::AmountMismatch,
        Some(&expected("2026-04-10", 500)),
        &[held("je1", "GB01", "2026-04-11", 50)],
        &["je1 GB01 2026-04-11 2026-04 -50", "- GB01 2026-04-10 2026-04 500"],
    );
}

#[test]
fn a_reversal_goes_to_an_open_period_when_the_originals_is_closed() {
    check(
        ExceptionKind::WrongEntity,
        Some(&expected("2026-03-10", 500)),
        &[held("je1", "EU01", "2026-03-10", 500)],
        &["je1 EU01 2026-04-01 2026-04 -500", "- GB01 2026-04-01 2026-04 500"],
    );
}

#[test]
fn of_a_duplicate_only_the_surplus_is_reversed() {
    let entries = [held("je1", "EU01", "2026-04-10", 500), held("je2", "GB01", "2026-04-10", 500)];
    check(
        ExceptionKind::DuplicatePosting,
        Some(&expected("2026-04-10", 500)),
        &entries,
        &["je1 EU01 2026-04-10 2026-04 -500"],
    );
}

#[test]
fn an_orphan_is_reversed_and_a_void_leaves_nothing_booked() {
    let entries = [held("je1", "GB01", "2026-04-10", 500)];
    check(ExceptionKind::OrphanJournal, None, &entries, &["je1 GB01 2026-04-10 2026-04 -500"]);
    let void = Expectation { lines: vec![], ..expected("2026-04-10", 500) };
    check(ExceptionKind::ChangedAfterPosting, Some(&void), &entries, &["je1 GB01 2026-04-10 2026-04 -500"]);
}

#[test]
fn kinds_that_no_posting_settles_are_refused_with_a_code() {
    let mapping = AccountMapping::parse(MAPPING).unwrap();
    for (kind, code) in [
        (ExceptionKind::MissingMapping, "propose_needs_mapping"),
        (ExceptionKind::DuplicateCustomer, "nothing_to_post"),
        (ExceptionKind::OrphanJournal, "nothing_to_reverse"),
    ] {
        let case = Case {
            kind,
            causes: &[kind],
            reference: "INV-1",
            expectation: None,
            held: &[],
            periods: &[],
            mapping: &mapping,
            customer: None,
            goes: None,
        };
        assert_eq!(plan(&case).unwrap_err().code, code);
    }
}

#[test]
fn a_reroute_moves_what_is_booked_and_leaves_the_reversal_where_it_is() {
    let mapping = AccountMapping::parse(MAPPING).unwrap();
    let (expectation, entries, periods) =
        (expected("2026-04-10", 500), [held("je1", "GB01", "2026-04-11", 50)], periods());
    let case = Case {
        kind: ExceptionKind::AmountMismatch,
        causes: &[ExceptionKind::AmountMismatch],
        reference: "INV-1",
        expectation: Some(&expectation),
        held: &entries,
        periods: &periods,
        mapping: &mapping,
        customer: None,
        goes: None,
    };
    let steps = plan(&case).unwrap();
    let to = Place { date: day("2026-05-02"), period: PeriodKey::new("2026-05"), moved: true };
    let accounts = BTreeMap::from([(code("4000"), code("4900"))]);
    let moved = rerouted(&steps, &to, &accounts).unwrap();
    assert_eq!(moved[0], steps[0]);
    assert_eq!(moved[1].entry.posting_date(), day("2026-05-02"));
    assert_eq!(moved[1].entry.document_date(), day("2026-04-10"));
    assert_eq!(moved[1].entry.net_on(&code("4900")), -500);
}
