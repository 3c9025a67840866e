//! Rules for late items: what is taken by which, and what no rule ever does.

use chrono::NaiveDate;
use proptest::prelude::*;
use tieout_domain::{
    Currency, EntityCode, Money,
    calendar::{FiscalCalendar, Period, PeriodKey, PeriodStatus, Subledger},
    document::DocumentKind,
};
use tieout_duties::{Approvals, ItemBooks, LateItem, LatePolicy, LateUsed, Passed, Policy, Verdict};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn gb() -> EntityCode {
    "GB01".parse().unwrap()
}

/// Months of 2026 and the first of 2027, each by the text of its status.
fn months(statuses: &[(&str, &str)]) -> Vec<Period> {
    let month = |(key, status): &(&str, &str)| {
        let starts = date(&format!("{key}-01"));
        Period {
            entity: gb(),
            key: PeriodKey::new(*key),
            starts,
            ends: PeriodKey::new(*key).month_end().unwrap(),
            status: status.parse().unwrap(),
            closed_at: None,
        }
    };
    statuses.iter().map(month).collect()
}

fn summer() -> Vec<Period> {
    months(&[
        ("2026-07", "Locked for AR"),
        ("2026-08", "Closed"),
        ("2026-09", "Soft closed"),
        ("2026-10", "Open"),
    ])
}

fn policy(text: &str) -> LatePolicy {
    Policy::parse(&format!("schema = 1\n{text}")).unwrap().late().clone()
}

const RULES: &str = r#"
[[late]]
rule = "L1"
says = "credit notes are looked at"
kinds = ["credit_note"]
action = "hold"
approvals = "two"
[[late]]
rule = "L2"
says = "its own period, where it takes it again"
ar = "open"
up_to = "unlimited"
action = "own_period"
[[late]]
rule = "L3"
says = "up to 5,000, next open period"
currency = "GBP"
up_to = "5000.00"
per_customer = "6000.00"
per_period = "7000.00"
days_late = 60
gl = "open"
action = "next_open"
[[late]]
rule = "L4"
says = "the whole ledger is closed: ask"
gl = "closed"
up_to = "100000.00"
currency = "GBP"
action = "reopen"
"#;

fn item(day: &str, minor: i64) -> LateItem {
    LateItem {
        kind: DocumentKind::Invoice,
        customer: Some("acme".to_owned()),
        gross: Money::new(minor, Currency::GBP),
        date: date(day),
        taxed: false,
        after_close: true,
        arrived: Some(date("2026-08-12")),
        closed_on: Some(date("2026-08-07")),
    }
}

fn said(policy: &LatePolicy, verdict: &Verdict) -> String {
    let name = |at: &usize| policy.rule(*at).unwrap().name.clone();
    match verdict {
        Verdict::InTime => "in time".to_owned(),
        Verdict::Route { rule, into } => format!("{} by {}", into, name(rule)),
        Verdict::Reopen { rule } => format!("reopen by {}", name(rule)),
        Verdict::Hold { rule: Some(rule), .. } => format!("held by {}", name(rule)),
        Verdict::Hold { rule: None, passed } => {
            let why: Vec<String> = passed.iter().map(|(at, why)| format!("{} {why:?}", name(at))).collect();
            format!("held: {}", why.join(", ")).trim().trim_end_matches(':').to_owned()
        }
    }
}

struct Given<'a> {
    periods: Vec<Period>,
    calendar: FiscalCalendar,
    used: LateUsed,
    rules: &'a str,
}

fn given(periods: Vec<Period>) -> Given<'static> {
    Given { periods, calendar: FiscalCalendar::Monthly, used: LateUsed::default(), rules: RULES }
}

impl Given<'_> {
    fn check(&self, item: &LateItem, want: &str) {
        let policy = policy(self.rules);
        let entity = gb();
        let books = ItemBooks { entity: &entity, periods: &self.periods, calendar: &self.calendar };
        assert_eq!(said(&policy, &policy.decide(item, &books, &self.used)), want, "{item:?}");
    }
}

#[test]
fn the_first_rule_that_fits_takes_it_and_what_none_takes_is_held() {
    let summer = given(summer());
    // The general ledger of July still books, so that L3 takes it: over the soft-closed September.
    summer.check(&item("2026-07-28", 500_000), "2026-10 by L3");
    summer.check(&item("2026-07-28", 500_001), "held: L3 Limit");
    summer.check(&item("2026-07-28", -500_000), "2026-10 by L3");
    // August is closed whole: L3 is not meant for it, and L4 asks.
    summer.check(&item("2026-08-02", 500), "reopen by L4");
    summer.check(&item("2026-08-02", 10_000_001), "held: L4 Limit");
    summer.check(&LateItem { kind: DocumentKind::CreditNote, ..item("2026-07-28", 1) }, "held by L1");
    // Of another currency than the limit's, nothing is compared.
    let euros = Money::new(100, Currency::EUR);
    summer.check(&LateItem { gross: euros, ..item("2026-07-28", 1) }, "held");
}

#[test]
fn days_late_are_counted_from_the_close_of_its_own_period() {
    let late = |day: &str| LateItem { arrived: Some(date(day)), ..item("2026-07-28", 100) };
    given(summer()).check(&late("2026-10-06"), "2026-10 by L3");
    given(summer()).check(&late("2026-10-07"), "held");
    // Nobody says when it was closed: from its last day.
    let unsaid = |day: &str| LateItem { closed_on: None, ..late(day) };
    given(summer()).check(&unsaid("2026-09-29"), "2026-10 by L3");
    given(summer()).check(&unsaid("2026-09-30"), "held");
}

#[test]
fn what_came_in_time_into_an_open_period_is_of_no_rule() {
    let october = LateItem { after_close: false, ..item("2026-10-05", 100) };
    given(summer()).check(&october, "in time");
    // A soft-closed period takes what a controller approves, as ever.
    given(summer()).check(&LateItem { after_close: false, ..item("2026-09-05", 100) }, "in time");
    // It came in time, and its period closed before it was booked.
    given(summer()).check(&LateItem { after_close: false, ..item("2026-07-05", 100) }, "2026-10 by L3");
    // No period holds its date: nobody knows of any.
    given(summer()).check(&item("2025-07-05", 100), "in time");
}

#[test]
fn a_period_that_opens_again_takes_its_own_and_nothing_jumps_over_it() {
    let reopened = || months(&[("2026-07", "Open"), ("2026-08", "Open")]);
    given(reopened()).check(&item("2026-07-28", 100), "2026-07 by L2");
    let only = r#"
[[late]]
rule = "N"
says = "next"
up_to = "unlimited"
action = "next_open"
"#;
    Given { rules: only, ..given(reopened()) }.check(&item("2026-07-28", 100), "held: N OwnOpen");
}

#[test]
fn nothing_crosses_the_end_of_a_year() {
    let turn = || months(&[("2026-12", "Locked for AR"), ("2027-01", "Open")]);
    let december = item("2026-12-28", 100);
    given(turn()).check(&december, "held: L3 YearEnd");
    let april = format!("[[late_books]]\nentity = \"GB01\"\nyear_starts = \"04-01\"\n{RULES}");
    Given { rules: &april, ..given(turn()) }.check(&december, "2027-01 by L3");
    let january = format!("[[late_books]]\nentity = \"US01\"\nyear_starts = \"04-01\"\n{RULES}");
    Given { rules: &january, ..given(turn()) }.check(&december, "held: L3 YearEnd");
    // A custom calendar of which nobody says when its year begins.
    Given { calendar: FiscalCalendar::Custom, ..given(summer()) }
        .check(&item("2026-07-28", 100), "held: L3 YearEnd");
    let said = format!("[[late_books]]\nentity = \"GB01\"\nyear_starts = \"10-01\"\n{RULES}");
    Given { calendar: FiscalCalendar::Custom, rules: &said, ..given(summer()) }
        .check(&item("2026-07-28", 100), "held: L3 YearEnd");
}

#[test]
fn a_4_4_5_year_ends_where_its_calendar_says() {
    let calendar = FiscalCalendar::FourFourFive { month: 2, weekday: 1 };
    let cut = |day: &str, status: &str| {
        let (key, starts, ends) = calendar.locate(date(day)).unwrap();
        Period { entity: gb(), key, starts, ends, status: status.parse().unwrap(), closed_at: None }
    };
    let check = |days: [&str; 2], item_day: &str, want: &str| {
        let periods = vec![cut(days[0], "Locked for AR"), cut(days[1], "Open")];
        Given { calendar: calendar.clone(), ..given(periods) }.check(&item(item_day, 100), want);
    };
    // December 2026 and January 2027 are of one retail year, the last week of January and February of two.
    check(["2026-12-20", "2027-01-10"], "2026-12-20", "2026-12 by L3");
    check(["2027-01-10", "2027-02-10"], "2027-01-10", "held: L3 YearEnd");
}

#[test]
fn a_closed_tax_period_holds_what_carries_tax_and_nothing_else() {
    let closed = format!("[[late_books]]\nentity = \"GB01\"\ntax_closed_to = \"2026-07-28\"\n{RULES}");
    let given = |periods| Given { rules: &closed, ..given(periods) };
    let taxed = |day: &str| LateItem { taxed: true, ..item(day, 100) };
    given(summer()).check(&taxed("2026-07-28"), "held: L3 TaxClosed");
    given(summer()).check(&taxed("2026-07-29"), "2026-10 by L3");
    given(summer()).check(&item("2026-07-28", 100), "2026-10 by L3");
    // Nor does it go into its own period, though that takes it again.
    given(months(&[("2026-07", "Open")])).check(&taxed("2026-07-28"), "held: L2 TaxClosed, L3 OwnOpen");
}

#[test]
fn limits_hold_for_a_customer_and_for_a_whole_period() {
    let entity = gb();
    let october = PeriodKey::new("2026-10");
    let mut used = LateUsed::default();
    used.add("L3", (&entity, &october), (Some("acme"), Money::new(-400_000, Currency::GBP)));
    let after = |used: &LateUsed| Given { used: used.clone(), ..given(summer()) };
    after(&used).check(&item("2026-07-28", 200_000), "2026-10 by L3");
    after(&used).check(&item("2026-07-28", 200_001), "held: L3 Customer");
    let other = |minor| LateItem { customer: Some("bolt".to_owned()), ..item("2026-07-28", minor) };
    after(&used).check(&other(300_000), "2026-10 by L3");
    after(&used).check(&other(300_001), "held: L3 Period");
    // Documents of whom billing says nothing are one customer's.
    let nobody = |minor| LateItem { customer: None, ..item("2026-07-28", minor) };
    used.add("L3", (&entity, &october), (None, Money::new(250_000, Currency::GBP)));
    after(&used).check(&nobody(50_000), "2026-10 by L3");
    after(&used).check(&nobody(50_001), "held: L3 Period");
    // What another rule, or the same into another period or entity, has sent is no part of it.
    let mut elsewhere = LateUsed::default();
    for (rule, entity, into) in
        [("L9", "GB01", "2026-10"), ("L3", "US01", "2026-10"), ("L3", "GB01", "2026-09")]
    {
        let entity: EntityCode = entity.parse().unwrap();
        let gross = Money::new(700_000, Currency::GBP);
        elsewhere.add(rule, (&entity, &PeriodKey::new(into)), (Some("acme"), gross));
    }
    after(&elsewhere).check(&item("2026-07-28", 500_000), "2026-10 by L3");
}

#[test]
fn where_no_later_period_is_open_it_is_held() {
    let shut =
        months(&[("2026-07", "Locked for AR"), ("2026-08", "Locked for AR"), ("2026-09", "Soft closed")]);
    given(shut).check(&item("2026-07-28", 100), "held: L3 NothingOpen");
}

#[test]
fn a_rule_says_how_many_approve_and_one_where_it_does_not() {
    let rules = policy(RULES);
    let asked: Vec<Approvals> = rules.rules.iter().map(|rule| rule.approvals).collect();
    assert_eq!(asked, [Approvals::Two, Approvals::One, Approvals::One, Approvals::One]);
    assert_eq!(rules.approvals(&Verdict::Hold { rule: Some(0), passed: Vec::new() }), Approvals::Two);
    assert_eq!(rules.approvals(&Verdict::Hold { rule: None, passed: Vec::new() }), Approvals::None);
}

#[test]
fn a_policy_of_before_has_no_rules_and_nothing_is_routed() {
    let default = include_str!("../../../../fixtures/policies/default.toml");
    let old = Policy::parse(default).unwrap();
    assert_eq!(old.late(), &LatePolicy::default());
    let late = Given { rules: "", ..given(summer()) };
    late.check(&item("2026-07-28", 1), "held");
}

#[test]
fn a_rule_that_cannot_hold_is_refused_with_what_to_write() {
    fn check(lines: &str, want: &str) {
        let text = format!("schema = 1\n[[late]]\nrule = \"L1\"\nsays = \"x\"\n{lines}");
        let error = Policy::parse(&text).unwrap_err();
        assert_eq!(error.code(), "policy_late_rule", "{lines}");
        assert!(error.to_string().contains(want), "{lines}: {error}");
    }
    check("action = \"accrue_and_reverse\"", "books no accruals");
    check("action = \"anywhere\"", "write own_period, next_open, hold or reopen");
    check("action = \"next_open\"", "up_to");
    check("action = \"next_open\"\nup_to = \"5.00\"", "name the entity's functional one");
    check("action = \"next_open\"\ncurrency = \"GBP\"\nup_to = \"5.00\"", "walked around by splitting");
    check("action = \"next_open\"\ncurrency = \"GBP\"\nup_to = \"5.001\"\nper_period = \"9\"", "up_to");
    check("action = \"next_open\"\ncurrency = \"GBP\"\nup_to = \"-5\"\nper_period = \"9\"", "negative");
    check("action = \"next_open\"\ncurrency = \"GBP\"\nup_to = \"10\"\nper_period = \"9\"", "larger");
    check("action = \"hold\"\napprovals = \"none\"", "write one or two");
    check("action = \"hold\"\nper_period = \"9\"\ncurrency = \"GBP\"", "only what sends items");
    check("action = \"hold\"\nkinds = [\"payout\"]", "write invoice, credit_note, payment or refund");
    check("action = \"hold\"\nar = \"shut\"", "write open, soft_closed or closed");
    check("action = \"hold\"\nentity = \"no such\"", "legal entity's code");
    let twice =
        "schema = 1\n".to_owned() + &"[[late]]\nrule = \"L1\"\nsays = \"x\"\naction = \"hold\"\n".repeat(2);
    assert!(Policy::parse(&twice).unwrap_err().to_string().contains("two rules have this name"));
    let nameless = "schema = 1\n[[late]]\nrule = \"\"\nsays = \"x\"\naction = \"hold\"\n";
    assert_eq!(Policy::parse(nameless).unwrap_err().code(), "policy_late_rule");
    let day = "schema = 1\n[[late_books]]\nentity = \"GB01\"\nyear_starts = \"30 Feb\"\n";
    assert!(Policy::parse(day).unwrap_err().to_string().contains("write month and day"));
    let misspelt = "schema = 1\n[[late]]\nrule = \"L1\"\nsays = \"x\"\naction = \"hold\"\nupto = \"5\"\n";
    assert_eq!(Policy::parse(misspelt).unwrap_err().code(), "policy_syntax");
}

fn any_status() -> impl Strategy<Value = PeriodStatus> {
    prop_oneof![
        Just(PeriodStatus::Open),
        Just(PeriodStatus::SoftClosed),
        Just(PeriodStatus::Closed),
        (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(ar, ap, gl)| PeriodStatus::Locked {
            ar,
            ap,
            gl
        }),
    ]
}

/// Fourteen months from November 2025 on.
fn any_months() -> impl Strategy<Value = Vec<Period>> {
    prop::collection::vec(any_status(), 14).prop_map(|statuses| {
        let first = date("2025-11-01");
        let month = |(at, status): (u32, PeriodStatus)| {
            let starts = first.checked_add_months(chrono::Months::new(at)).unwrap();
            let key = PeriodKey::month(starts);
            let ends = key.month_end().unwrap();
            Period { entity: gb(), key, starts, ends, status, closed_at: None }
        };
        (0..).zip(statuses).map(month).collect()
    })
}

fn any_item() -> impl Strategy<Value = LateItem> {
    let kind =
        prop_oneof![Just(DocumentKind::Invoice), Just(DocumentKind::CreditNote), Just(DocumentKind::Payment)];
    let customer = prop_oneof![Just(None), Just(Some("acme".to_owned())), Just(Some("bolt".to_owned()))];
    let days = (0_u64..420, 0_u64..200, 0_u64..40);
    (kind, customer, -900_000_i64..900_000, days, any::<bool>(), any::<bool>()).prop_map(
        |(kind, customer, minor, (day, arrives, closes), taxed, after_close)| {
            let on = date("2025-11-01") + chrono::Days::new(day);
            LateItem {
                kind,
                customer,
                gross: Money::new(minor, Currency::GBP),
                date: on,
                taxed,
                after_close,
                arrived: Some(on + chrono::Days::new(arrives)),
                closed_on: Some(on + chrono::Days::new(closes)),
            }
        },
    )
}

const LIMITED: &str = r#"
[[late_books]]
entity = "GB01"
tax_closed_to = "2026-03-31"
[[late]]
rule = "OWN"
says = "own"
currency = "GBP"
up_to = "2000.00"
per_period = "4000.00"
action = "own_period"
[[late]]
rule = "NEXT"
says = "next"
currency = "GBP"
up_to = "5000.00"
per_customer = "6000.00"
per_period = "9000.00"
action = "next_open"
"#;

proptest! {
    #[test]
    fn whatever_comes_stays_within_every_limit_and_every_prohibition(
        months in any_months(), items in prop::collection::vec(any_item(), 1..40),
    ) {
        let policy = policy(LIMITED);
        let entity = gb();
        let calendar = FiscalCalendar::Monthly;
        let mut used = LateUsed::default();
        for item in items {
            let books = ItemBooks { entity: &entity, periods: &months, calendar: &calendar };
            let own = months.iter().find(|period| period.contains(item.date)).unwrap();
            let verdict = policy.decide(&item, &books, &used);
            let takes = own.status.accepts(Subledger::Ar);
            prop_assert_eq!(verdict == Verdict::InTime, takes && !item.after_close);
            let Verdict::Route { rule, into } = &verdict else { continue };
            let rule = policy.rule(*rule).unwrap();
            let there = months.iter().find(|period| period.key == *into).unwrap();
            prop_assert!(there.status.accepts(Subledger::Ar));
            prop_assert!(there.starts >= own.starts);
            prop_assert_eq!(&there.key.as_str()[..4], &own.key.as_str()[..4], "a year ends in between");
            prop_assert!(!item.taxed || item.date > date("2026-03-31"), "its tax period is closed");
            if rule.name == "NEXT" {
                prop_assert!(!takes && there.starts > own.ends && there.status != PeriodStatus::SoftClosed);
                let open = |period: &&Period| period.starts > own.ends
                    && period.status.accepts(Subledger::Ar) && period.status != PeriodStatus::SoftClosed;
                prop_assert_eq!(&there.key, &months.iter().find(open).unwrap().key);
            } else {
                prop_assert_eq!(&there.key, &own.key);
            }
            used.add(&rule.name, (&entity, into), (item.customer.as_deref(), item.gross));
            let of = (item.customer.as_deref(), Currency::GBP);
            let (all, customers) = used.of(&rule.name, (&entity, into), of);
            prop_assert!(i128::from(item.gross.minor()).abs() <= i128::from(rule.up_to.unwrap()));
            prop_assert!(all <= i128::from(rule.per_period.unwrap()));
            prop_assert!(customers <= i128::from(rule.per_customer.unwrap()));
        }
    }

    #[test]
    fn splitting_an_amount_over_many_documents_sends_no_more_of_it(
        parts in prop::collection::vec(1_i64..=500_000, 1..60),
        customers in prop::collection::vec(0_u8..4, 60),
    ) {
        let policy = policy(RULES);
        let (entity, calendar, months) = (gb(), FiscalCalendar::Monthly, summer());
        let mut used = LateUsed::default();
        let mut sent = 0_i64;
        for (minor, customer) in parts.into_iter().zip(customers) {
            let one = LateItem { customer: Some(customer.to_string()), ..item("2026-07-28", minor) };
            let books = ItemBooks { entity: &entity, periods: &months, calendar: &calendar };
            if let Verdict::Route { into, .. } = policy.decide(&one, &books, &used) {
                used.add("L3", (&entity, &into), (one.customer.as_deref(), one.gross));
                sent += minor;
            }
        }
        prop_assert!(sent <= 700_000);
    }
}

#[test]
fn why_a_rule_passes_is_said_of_rules_that_are_meant_for_it_alone() {
    let policy = policy(RULES);
    let (entity, calendar, months) = (gb(), FiscalCalendar::Monthly, summer());
    let books = ItemBooks { entity: &entity, periods: &months, calendar: &calendar };
    let verdict = policy.decide(&item("2026-07-28", 500_001), &books, &LateUsed::default());
    assert_eq!(verdict, Verdict::Hold { rule: None, passed: vec![(2, Passed::Limit)] });
}
