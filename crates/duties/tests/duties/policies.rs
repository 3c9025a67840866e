//! The workspace's policy file.

use tieout_domain::{
    Currency, EntityCode, Money,
    calendar::PeriodStatus,
    exception::ExceptionKind,
    people::{Action, Origin},
};
use tieout_duties::{Approvals, Duties, Policy, PostingFacts, Subject};

use crate::team::{self, posting};

fn default_policy() -> Policy {
    Policy::parse(include_str!("../../../../fixtures/policies/default.toml")).unwrap()
}

fn tier(fields: [&str; 5]) -> String {
    let [entity, kind, currency, up_to, approvals] = fields;
    format!(
        "[[tier]]\nentity = \"{entity}\"\nkind = \"{kind}\"\ncurrency = \"{currency}\"\n\
         up_to = \"{up_to}\"\napprovals = \"{approvals}\"\n"
    )
}

fn file(tiers: &[[&str; 5]]) -> String {
    let tiers: String = tiers.iter().map(|fields| tier(*fields)).collect();
    format!("schema = 1\n{tiers}")
}

#[track_caller]
fn check_error(text: &str, code: &str) {
    let error = Policy::parse(text).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
}

#[test]
fn a_bad_file_is_refused_with_its_code() {
    check_error("schema = ", "policy_syntax");
    check_error("schema = 1\nsurprise = 2", "policy_syntax");
    check_error("schema = 2", "policy_schema");
    check_error(&file(&[["G B", "*", "GBP", "1", "one"]]), "policy_unknown_entity");
    check_error(&file(&[["*", "unpostd", "GBP", "1", "one"]]), "policy_unknown_kind");
    check_error(&file(&[["*", "*", "GBX", "1", "one"]]), "policy_bad_currency");
    check_error(&file(&[["*", "*", "*", "1", "one"]]), "policy_bad_currency");
    check_error(&file(&[["*", "*", "JPY", "1.5", "one"]]), "policy_bad_amount");
    check_error(&file(&[["*", "*", "GBP", "-1", "one"]]), "policy_bad_amount");
    check_error(&file(&[["*", "*", "GBP", "1", "three"]]), "policy_syntax");
    let twice = [["*", "*", "GBP", "1", "one"], ["*", "*", "GBP", "1.00", "two"]];
    check_error(&file(&twice), "policy_duplicate_tier");
    let falling = [["*", "*", "GBP", "unlimited", "one"], ["*", "*", "GBP", "1", "two"]];
    check_error(&file(&falling), "policy_tier_order");
}

#[test]
fn a_workspace_policy_may_only_forbid() {
    let cedar = |text: &str| format!("schema = 1\ncedar = '''{text}'''");
    check_error(&cedar("permit (principal, action, resource);"), "policy_cedar_permit");
    check_error(&cedar("forbid (principal, action"), "policy_cedar_syntax");
    check_error(&cedar("forbid (principal == ?principal, action, resource);"), "policy_cedar_template");
    check_error(
        &cedar("forbid (principal, action, resource) when { principal.shoe == 1 };"),
        "policy_cedar_invalid",
    );
    let same = "@id(\"a\") forbid (principal, action, resource) when { principal.role == \"x\" };";
    check_error(&cedar(&format!("{same}{same}")), "policy_cedar_duplicate_id");
    // An id of a built-in rule does not replace it.
    let own = "@id(\"preparer_is_not_approver\") forbid (principal, action, resource) when { false };";
    let policy = Policy::parse(&cedar(own)).unwrap();
    let request = crate::team::wants(
        "ana",
        tieout_domain::people::Action::Approve,
        &tieout_duties::Subject::Posting(posting()),
    );
    let refusal = Duties::new(Some(&policy)).unwrap().judge(&request, &crate::team::roster()).unwrap_err();
    assert_eq!((refusal.code(), refusal.policy.as_str()), ("preparer_is_not_approver", refusal.code()));
}

#[track_caller]
fn check_tier(text: &str, entity: &str, kind: ExceptionKind, minor: i64, want: Approvals) {
    let policy = Policy::parse(text).unwrap();
    let mut facts = posting();
    facts.entity = entity.parse().unwrap();
    facts.kind = kind;
    facts.gross = Money::new(minor, Currency::GBP);
    assert_eq!(Duties::new(Some(&policy)).unwrap().required(&facts), want, "{entity} {kind:?} {minor}");
}

#[test]
fn the_most_exact_tier_wins_and_then_the_smallest_amount() {
    use Approvals::{One, Two};
    use ExceptionKind::{AmountMismatch, Unposted};
    let text = file(&[
        ["*", "*", "*", "unlimited", "two"],
        ["*", "*", "GBP", "100.00", "one"],
        ["*", "unposted", "GBP", "1000.00", "one"],
        ["GB01", "*", "GBP", "500.00", "two"],
    ]);
    check_tier(&text, "US01", AmountMismatch, 10_000, One);
    check_tier(&text, "US01", AmountMismatch, 10_001, Two);
    check_tier(&text, "US01", Unposted, 10_001, One);
    check_tier(&text, "US01", Unposted, -100_000, One);
    check_tier(&text, "US01", Unposted, 100_001, Two);
    check_tier(&text, "GB01", Unposted, 1, Two);
    check_tier(&text, "GB01", Unposted, 50_001, One);
}

#[test]
fn a_case_that_no_tier_takes_needs_two_and_no_policy_at_all_needs_one() {
    check_tier("schema = 1", "GB01", ExceptionKind::Unposted, 1, Approvals::Two);
    let text = file(&[["*", "*", "USD", "unlimited", "one"]]);
    check_tier(&text, "GB01", ExceptionKind::Unposted, 1, Approvals::Two);
    assert_eq!(Duties::new(None).unwrap().required(&posting()), Approvals::One);
}

#[test]
fn none_holds_only_for_the_policys_own_posting_into_a_fully_open_period() {
    let own = Policy::parse(include_str!("../../../../fixtures/company/policy.toml")).unwrap();
    let duties = Duties::new(Some(&own)).unwrap();
    let locked = PeriodStatus::Locked { ar: false, ap: true, gl: false };
    for origin in Origin::ALL {
        for status in [PeriodStatus::Open, PeriodStatus::SoftClosed, locked, PeriodStatus::Closed] {
            let mut facts = posting();
            (facts.origin, facts.period_status) = (*origin, status);
            let free = *origin == Origin::Policy && status == PeriodStatus::Open;
            let want = if free { Approvals::None } else { Approvals::One };
            assert_eq!(duties.required(&facts), want, "{origin:?} {status:?}");
        }
    }
}

#[test]
fn the_default_policy_rises_with_the_amount_in_every_currency_of_the_company() {
    let duties = Duties::new(Some(&default_policy())).unwrap();
    for (code, entity) in [("USD", "US01"), ("GBP", "GB01"), ("EUR", "DE01"), ("JPY", "JP01")] {
        let currency = Currency::new(code).unwrap();
        let required = |major: &str| {
            let mut facts = posting();
            (facts.origin, facts.entity) = (Origin::Policy, entity.parse().unwrap());
            facts.gross = Money::parse(major, currency).unwrap();
            duties.required(&facts)
        };
        assert_eq!(required("100"), Approvals::One, "{code}: nothing passes without a person");
        assert_eq!(required(if code == "JPY" { "200000" } else { "2000" }), Approvals::One, "{code}");
        assert_eq!(required("90000000"), Approvals::Two, "{code}");
    }
}

#[test]
fn a_small_step_in_another_currency_does_not_lower_what_a_large_one_needs() {
    let policy = Policy::parse(&file(&[
        ["*", "*", "JPY", "100000", "one"],
        ["*", "*", "USD", "25000.00", "one"],
        ["*", "*", "*", "unlimited", "two"],
    ]))
    .unwrap();
    let duties = Duties::new(Some(&policy)).unwrap();
    let yen = |minor| ("JP01".parse().unwrap(), Money::new(minor, Currency::new("JPY").unwrap()));
    let dollars = |minor| ("US01".parse().unwrap(), Money::new(minor, Currency::USD));
    let asked = |first: (EntityCode, Money), further: Vec<(EntityCode, Money)>| {
        let mut facts = team::posting();
        (facts.entity, facts.gross) = first;
        facts.further = further;
        duties.required(&facts)
    };
    assert_eq!(asked(yen(500), vec![]), Approvals::One);
    assert_eq!(asked(yen(500), vec![dollars(3_000_000)]), Approvals::Two);
    assert_eq!(asked(dollars(3_000_000), vec![yen(500)]), Approvals::Two);
    assert_eq!(asked(yen(500), vec![dollars(2_500_000)]), Approvals::One);
    assert_eq!(asked(dollars(100), vec![yen(100_001)]), Approvals::Two);
}

#[test]
fn a_workspace_policy_judges_every_step() {
    let policy = Policy::parse(
        "schema = 1\ncedar = \"\"\"\n@id(\"nothing_large\")\n\
         forbid (principal, action == Action::\"approve\", resource)\n\
         when { resource.currency == \"USD\" && resource.gross_minor > 100000 };\n\"\"\"\n",
    )
    .unwrap();
    let duties = Duties::new(Some(&policy)).unwrap();
    let mut facts = team::posting();
    let could = |facts: &PostingFacts| {
        duties.who_could(Action::Approve, &Subject::Posting(facts.clone()), &team::roster()).len()
    };
    let before = could(&facts);
    assert!(before > 0);
    facts.further = vec![("US01".parse().unwrap(), Money::new(100_000, Currency::USD))];
    assert_eq!(could(&facts), before);
    facts.further = vec![("US01".parse().unwrap(), Money::new(100_001, Currency::USD))];
    assert_eq!(could(&facts), 0);
}

/// Two limits and a prohibition on large postings, and a reason for which limits may be lifted.
fn with_limits() -> Policy {
    let forbid = |note: &str, id: &str, when: &str| {
        let whom = "principal, action == Action::\"approve\", resource";
        format!("@id(\"{id}\") {note} forbid ({whom}) when {{ {when} }};\n")
    };
    let cedar = [
        forbid("@limit(\"large\")", "large", "resource.gross_minor > 40000"),
        forbid("@limit(\"manual\")", "manual", "resource.origin == \"manual\""),
        forbid("", "huge", "resource.gross_minor > 60000"),
    ]
    .concat();
    let reason = "[[override_reason]]\ncode = \"escalation\"\nsays = \"A customer waits\"\n";
    Policy::parse(&format!("schema = 1\ncedar = \'\'\'{cedar}\'\'\'\n{reason}")).unwrap()
}

#[test]
fn an_override_lifts_the_limits_that_it_names_and_no_prohibition() {
    let duties = Duties::new(Some(&with_limits())).unwrap();
    let could = |facts: &PostingFacts| {
        let could = duties.who_could(Action::Approve, &Subject::Posting(facts.clone()), &team::roster());
        team::names(&team::roster(), &could)
    };
    let mut facts = team::posting();
    assert_eq!(could(&facts), "");
    let met = duties.limits_met(&facts, &team::roster());
    assert_eq!(met, ["large", "manual"]);
    // One of two is not enough, and a reason that the policy lacks lifts none.
    facts.lifted = duties.lifted("escalation", &met[..1]);
    assert_eq!(could(&facts), "");
    facts.lifted = duties.lifted("because", &met);
    assert_eq!(could(&facts), "");
    facts.lifted = duties.lifted("escalation", &met);
    assert_eq!(could(&facts), "cy dot eve", "and no built-in rule: ana prepared it");
    // A prohibition is none of the limits, whatever is asked to be lifted.
    facts.gross = Money::new(60_001, Currency::GBP);
    assert_eq!(duties.limits_met(&facts, &team::roster()), [] as [&str; 0], "nothing helps");
    facts.lifted = duties.lifted("escalation", &["large".into(), "manual".into(), "huge".into()]);
    facts.lifted.extend(["workspace:huge".to_owned(), "preparer_is_not_approver".to_owned()]);
    assert_eq!(could(&facts), "");
}

#[test]
fn a_reason_for_overrides_has_a_code_and_says_what_it_is_for() {
    let reason = |code: &str, says: &str| {
        format!("schema = 1\n[[override_reason]]\ncode = \"{code}\"\nsays = \"{says}\"\n")
    };
    for text in [reason("", "x"), reason("A b", "x"), reason("a", " ")] {
        check_error(&text, "policy_override_reason");
    }
    let twice = reason("a", "x") + "[[override_reason]]\ncode = \"a\"\nsays = \"y\"\n";
    check_error(&twice, "policy_override_reason");
    assert_eq!(Policy::parse(&reason("a_1", "x")).unwrap().override_reasons()[0].code, "a_1");
}
