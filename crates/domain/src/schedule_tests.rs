use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::{Currency, document::DocumentDate};

/// The worked schedules: written down before the code.
const WORKED: &str = include_str!("../../../fixtures/schedules/worked.toml");

#[derive(Deserialize)]
struct Worked {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    source: String,
    currency: Currency,
    method: Method,
    #[serde(default)]
    remainder: Remainder,
    #[serde(default)]
    credits: CreditTerm,
    calendar: Option<FiscalCalendar>,
    document: Vec<Doc>,
    released: BTreeMap<String, String>,
    #[serde(default)]
    deferred: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Doc {
    name: String,
    date: NaiveDate,
    credits: Option<String>,
    void: Option<NaiveDate>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    amount: String,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

fn mapping(case: &Case) -> AccountMapping {
    let mut mapping = AccountMapping::parse(&format!(
        r#"
        version = 2
        [[entity]]
        code = "X1"
        functional_currency = "{}"
        [entity.accounts]
        receivable = "1100"
        deferred_revenue = "2400"
        [entity.schedules]
        method = "daily"
        [[revenue]]
        product = "*"
        account = "4000"
        recognition = "over_time"
        "#,
        case.currency
    ))
    .unwrap();
    let entity = &mut mapping.entities[0];
    entity.calendar = case.calendar.clone().unwrap_or(FiscalCalendar::Monthly);
    let (method, remainder, credit_notes) = (case.method, case.remainder, case.credits);
    entity.schedules = Some(Schedules { method, remainder, credit_notes, due_days: 5 });
    mapping
}

fn document(doc: &Doc, currency: Currency) -> Document {
    let minor = |text: &str| Money::parse(text, currency).unwrap().minor();
    let total: i64 = doc.lines.iter().map(|line| minor(&line.amount)).sum();
    let line = |line: &Line| DocumentLine {
        product: Some("plan".into()),
        description: String::new(),
        quantity: Decimal::ONE,
        unit_price: Decimal::ZERO,
        amount_minor: Some(minor(&line.amount)),
        tax_minor: 0,
        tax_code: None,
        service_starts: line.from.map(DocumentDate::Local),
        service_ends: line.to.map(DocumentDate::Local),
    };
    Document {
        kind: if total < 0 { DocumentKind::CreditNote } else { DocumentKind::Invoice },
        external_id: doc.name.clone(),
        reference: doc.name.clone(),
        status: if doc.void.is_some() { DocumentStatus::Void } else { DocumentStatus::Final },
        date: DocumentDate::Local(doc.date),
        finalized_at: None,
        changed_at: doc.void.map(|day| day.and_hms_opt(12, 0, 0).unwrap().and_utc()),
        total: Money::new(total, currency),
        tax_minor: 0,
        lines: doc.lines.iter().map(line).collect(),
        customer: None,
        country: None,
        entity: None,
        subscription: None,
        invoice: doc.credits.clone(),
        payment: None,
        outside: false,
    }
}

/// What each period releases, and what is left at its end, both by the case's documents together.
fn worked_out(case: &Case) -> (BTreeMap<String, i64>, BTreeMap<String, i64>) {
    let mapping = mapping(case);
    let entity = &mapping.entities[0];
    let documents: Vec<Document> = case.document.iter().map(|doc| document(doc, case.currency)).collect();
    let cuts = Cuts::new(&[], &entity.calendar);
    let (mut released, mut moved) = (BTreeMap::new(), BTreeMap::new());
    for (doc, document) in case.document.iter().zip(&documents) {
        let credits = doc.credits.as_ref();
        let credits = credits.map(|name| documents.iter().find(|d| d.reference == *name).unwrap());
        let given = Given {
            document,
            entity,
            mapping: &mapping,
            credits,
            deferred: None,
            belongs: None,
            periods: &[],
        };
        let schedule = given.schedule();
        assert_eq!(schedule.without_term, 0, "{}", case.name);
        for release in schedule.releases {
            assert_eq!(release.revenue.as_str(), "4000");
            *released.entry(release.period.to_string()).or_insert(0) += release.minor;
            *moved.entry(release.period.to_string()).or_insert(0) -= release.minor;
        }
        *moved.entry(cuts.holding(doc.date).key.to_string()).or_insert(0) += document.total.minor();
        if let Some(day) = doc.void {
            *moved.entry(cuts.holding(day).key.to_string()).or_insert(0) -= document.total.minor();
        }
    }
    released.retain(|_, minor| *minor != 0);
    (released, moved)
}

#[test]
fn each_worked_schedule_comes_out_as_it_was_written_down() {
    let worked: Worked = toml::from_str(WORKED).unwrap();
    assert!(worked.case.len() > 30);
    for case in &worked.case {
        assert!(!case.source.is_empty(), "{}: name its source", case.name);
        let text = |minor: &i64| Money::new(*minor, case.currency).to_decimal().to_string();
        let (released, moved) = worked_out(case);
        let got: BTreeMap<String, String> =
            released.iter().map(|(key, minor)| (key.clone(), text(minor))).collect();
        assert_eq!(got, case.released, "{}: released", case.name);
        for (period, left) in &case.deferred {
            let balance: i64 = moved.range(..=period.clone()).map(|(_, minor)| minor).sum();
            assert_eq!(text(&balance), *left, "{}: deferred at the end of {period}", case.name);
        }
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_term_ends_no_earlier_than_it_begins_and_within_a_hundred_years() {
    assert!(Term::new(day("2026-02-01"), day("2026-01-31")).is_none());
    assert!(Term::new(day("2026-02-01"), day("2026-02-01")).is_some());
    assert!(Term::new(day("1926-01-01"), day("2026-12-31")).is_none());
}

fn one(lines: Vec<Line>, change: impl Fn(&mut Document)) -> Schedule {
    let worked: Worked = toml::from_str(WORKED).unwrap();
    let case = &worked.case[0];
    let mapping = mapping(case);
    let doc = Doc { name: "A".into(), date: day("2026-01-01"), credits: None, void: None, lines };
    let mut document = document(&doc, Currency::USD);
    change(&mut document);
    let entity = &mapping.entities[0];
    let (credits, deferred, belongs) = (None, None, None);
    Given { document: &document, entity, mapping: &mapping, credits, deferred, belongs, periods: &[] }
        .schedule()
}

fn quarter(amount: &str) -> Line {
    Line { amount: amount.into(), from: Some(day("2026-01-01")), to: Some(day("2026-03-31")) }
}

#[test]
fn what_says_no_service_period_is_released_by_nobody_and_told() {
    let without = Line { amount: "5.00".into(), from: None, to: None };
    let schedule = one(vec![quarter("90.00"), without], |_| ());
    let released: i64 = schedule.releases.iter().map(|release| release.minor).sum();
    assert_eq!((released, schedule.without_term), (9_000, 500));
}

#[test]
fn a_draft_a_void_that_was_never_final_and_a_payment_release_nothing() {
    assert_eq!(one(vec![quarter("90.00")], |d| d.status = DocumentStatus::Draft), Schedule::default());
    assert_eq!(one(vec![quarter("90.00")], |d| d.status = DocumentStatus::Void), Schedule::default());
    assert_eq!(one(vec![quarter("90.00")], |d| d.kind = DocumentKind::Payment), Schedule::default());
}

#[test]
fn a_write_off_leaves_the_schedule_as_it_was() {
    let schedule = one(vec![quarter("90.00")], |d| d.status = DocumentStatus::WrittenOff);
    assert_eq!(schedule.releases.iter().map(|release| release.minor).sum::<i64>(), 9_000);
}

#[test]
fn beyond_the_known_periods_of_a_custom_calendar_the_month_counts_as_far_as_none_holds_it() {
    let known = [Period {
        entity: "X1".parse().unwrap(),
        key: PeriodKey::new("P1"),
        starts: day("2026-01-05"),
        ends: day("2026-02-10"),
        status: crate::calendar::PeriodStatus::Open,
        closed_at: None,
    }];
    let cuts = Cuts::new(&known, &FiscalCalendar::Custom);
    let term = Term::new(day("2026-01-01"), day("2026-03-31")).unwrap();
    let of: Vec<(String, i64)> =
        cuts.of(term).into_iter().map(|(span, days)| (span.key.to_string(), days)).collect();
    let want = [("2026-01", 4), ("P1", 37), ("2026-02", 18), ("2026-03", 31)];
    assert_eq!(of, want.map(|(key, days)| (key.to_owned(), days)));
}

const METHODS: [Method; 5] =
    [Method::Daily, Method::Monthly, Method::EvenPeriods, Method::Prorated, Method::PeriodRate];
const REMAINDERS: [Remainder; 4] =
    [Remainder::Spread, Remainder::First, Remainder::Last, Remainder::NextToLast];

proptest! {
    /// By every method and remainder: the whole is released, to the minor unit; nothing outside the periods
    /// of the term; nothing of another sign; each period once.
    #[test]
    fn a_schedule_releases_the_whole_within_its_term(
        minor in prop_oneof![-(1_i64 << 60)..(1_i64 << 60), -2_000_i64..2_000],
        begins in 0_u64..20_000,
        days in 0_u64..2_000,
        method in prop::sample::select(METHODS.to_vec()),
        remainder in prop::sample::select(REMAINDERS.to_vec()),
        weeks in any::<bool>(),
    ) {
        let calendar = match weeks {
            true => FiscalCalendar::FourFourFive { month: 2, weekday: 7 },
            false => FiscalCalendar::Monthly,
        };
        let first = day("1999-12-15") + Days::new(begins);
        let term = Term::new(first, first + Days::new(days)).unwrap();
        let cuts = Cuts::new(&[], &calendar);
        let parts = straight_line(minor, term, (method, remainder), &cuts);
        prop_assert_eq!(parts.iter().map(|(_, part)| i128::from(*part)).sum::<i128>(), i128::from(minor));
        prop_assert!(parts.iter().all(|(_, part)| part.signum() == minor.signum()));
        prop_assert!(parts.iter().all(|(span, _)| span.starts <= term.last && span.ends >= term.first));
        prop_assert!(parts.windows(2).all(|two| two[0].0.ends < two[1].0.starts));
    }

    /// Each day earns the same: what is released up to a period's end is what that many days earn.
    #[test]
    fn by_day_what_is_released_is_what_the_days_earned(
        minor in -1_000_000_i64..1_000_000, begins in 0_u64..5_000, days in 0_u64..800,
    ) {
        let first = day("2020-01-01") + Days::new(begins);
        let term = Term::new(first, first + Days::new(days)).unwrap();
        let mut sum = 0;
        let cuts = Cuts::new(&[], &FiscalCalendar::Monthly);
        for (span, part) in straight_line(minor, term, (Method::Daily, Remainder::Spread), &cuts) {
            sum += part;
            let passed = span.ends.min(term.last).signed_duration_since(first).num_days() + 1;
            let (all, passed) = (i128::from(days) + 1, i128::from(passed));
            // Within half a minor unit of the exact amount.
            prop_assert!((2 * (i128::from(sum) * all - i128::from(minor) * passed)).abs() <= all);
        }
    }
}
