use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn office(zone: Tz) -> BusinessHours {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
    BusinessHours {
        entity: None,
        days: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
        from: time(9),
        to: time(17),
        zone: Some(zone),
        holidays: BTreeSet::from(["2026-12-25".parse().expect("a day")]),
    }
}

fn limits(limits: &[(Flow, Option<&str>, u32, Counted)], hours: Vec<BusinessHours>) -> SlaPolicy {
    let limit = |(flow, entity, hours, counted): &(Flow, Option<&str>, u32, Counted)| Sla {
        flow: *flow,
        entity: entity.map(|code| code.parse().expect("a code")),
        hours: *hours,
        counted: *counted,
        warn_hours: 4,
        escalation: Some(Escalation { after_hours: 8, lead: "Carl".to_owned() }),
    };
    SlaPolicy { limits: limits.iter().map(limit).collect(), hours }
}

const ERP: Flow = Flow::InvoiceToErp;

/// What begins, what falls due; by eight business hours of New York, nine to five.
const EIGHT_HOURS_IN_NEW_YORK: &[(&str, &str)] = &[
    // In the middle of a Wednesday: the same time on Thursday.
    ("2026-11-18T15:00:00Z", "2026-11-19T15:00:00Z"),
    // Before the office opens: that evening.
    ("2026-11-18T07:00:00Z", "2026-11-18T22:00:00Z"),
    // On a Friday evening: Monday evening.
    ("2026-11-20T23:30:00Z", "2026-11-23T22:00:00Z"),
    // At the very end of a Friday.
    ("2026-11-20T22:00:00Z", "2026-11-23T22:00:00Z"),
    // Over a holiday and a weekend: Christmas Eve 2026 is a Thursday.
    ("2026-12-24T20:00:00Z", "2026-12-28T20:00:00Z"),
    // Over the end of summer time, 1 November 2026: nine is an hour later by UTC.
    ("2026-10-30T19:00:00Z", "2026-11-02T20:00:00Z"),
];

#[test]
fn business_hours_pass_only_while_somebody_works() {
    let policy =
        limits(&[(ERP, None, 8, Counted::BusinessHours)], vec![office(chrono_tz::America::New_York)]);
    for (start, due) in EIGHT_HOURS_IN_NEW_YORK {
        assert_eq!(policy.due(ERP, None, chrono_tz::UTC, at(start)), at(due), "from {start}");
    }
}

#[test]
fn every_hour_passes_around_the_clock() {
    let policy = limits(&[(ERP, None, 36, Counted::AroundTheClock)], vec![office(chrono_tz::UTC)]);
    let due = policy.due(ERP, None, chrono_tz::UTC, at("2026-11-20T23:30:00Z"));
    assert_eq!(due, at("2026-11-22T11:30:00Z"));
}

#[test]
fn an_entity_has_its_own_limit_and_every_other_one_the_common() {
    let policy = limits(
        &[(ERP, None, 24, Counted::AroundTheClock), (ERP, Some("GB01"), 2, Counted::AroundTheClock)],
        vec![],
    );
    let hours = |entity: Option<&str>| {
        policy.of(ERP, entity.map(|code| code.parse().expect("a code")).as_ref()).hours
    };
    assert_eq!((hours(Some("GB01")), hours(Some("US01")), hours(None)), (2, 24, 24));
    assert_eq!(policy.of(Flow::UsageBilling, None).hours, 72);
}

#[test]
fn without_business_hours_of_its_own_zone_the_entitys_zone_counts() {
    let mut here = office(chrono_tz::UTC);
    here.zone = None;
    let policy = limits(&[(ERP, None, 8, Counted::BusinessHours)], vec![here]);
    let start = at("2026-11-18T07:00:00Z");
    assert_eq!(policy.due(ERP, None, chrono_tz::America::New_York, start), at("2026-11-18T22:00:00Z"));
    assert_eq!(policy.due(ERP, None, chrono_tz::Asia::Tokyo, start), at("2026-11-19T07:00:00Z"));
}

#[test]
fn a_warning_comes_that_many_hours_before_and_the_lead_so_many_after() {
    let policy = limits(&[(ERP, None, 8, Counted::BusinessHours)], vec![office(chrono_tz::UTC)]);
    // On Friday at two, what is due by Monday at ten is warned of.
    let soon_by = policy.soon_by(ERP, None, chrono_tz::UTC, at("2026-11-20T14:00:00Z"));
    assert_eq!(soon_by, at("2026-11-23T10:00:00Z"));
    // On Tuesday at ten, what was due by Monday at ten has come to Carl.
    let escalated = policy.escalated(ERP, None, chrono_tz::UTC, at("2026-11-24T10:00:00Z"));
    assert_eq!(escalated, Some((at("2026-11-23T10:00:00Z"), "Carl".to_owned())));
    let now = at("2026-11-24T10:00:00Z");
    assert_eq!(SlaPolicy::default().escalated(ERP, None, chrono_tz::UTC, now), None);
    assert_eq!(SlaPolicy::default().soon_by(ERP, None, chrono_tz::UTC, now), now);
}

#[test]
fn what_begins_later_never_falls_due_earlier() {
    let policy = limits(&[(ERP, None, 30, Counted::BusinessHours)], vec![office(chrono_tz::Europe::Berlin)]);
    let begin = at("2026-03-20T00:00:00Z");
    let due = |minutes| policy.due(ERP, None, chrono_tz::UTC, begin + Duration::minutes(minutes));
    for minutes in (0..60 * 24 * 14).step_by(17) {
        assert!(due(minutes) <= due(minutes + 17), "{minutes} minutes on");
    }
}
