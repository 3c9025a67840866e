//! A permit exists only while enough valid approvals of exactly this content do.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use tieout_domain::{
    PersonId,
    calendar::{PeriodKey, PeriodStatus},
    people::{Action, Origin},
};
use tieout_duties::{
    Decision, Duties, Member, Permit, PermitRequest, Policy, PostingFacts, Refusal, Roster, Rule,
};

use crate::team::{EVERYBODY, decision, names, people, person, place, posting, roster};

const HASH: &str = "aaaa";

fn permit(policy: Option<&Policy>, facts: PostingFacts, decisions: &[Decision]) -> Result<Permit, Refusal> {
    let request = PermitRequest { facts, content_hash: HASH, place: place(), decisions, now: today() };
    Duties::new(policy).unwrap().permit(&request, &roster())
}

#[track_caller]
fn check(policy: Option<&Policy>, facts: PostingFacts, decisions: &[Decision], want: &str) {
    let got = match permit(policy, facts, decisions) {
        Ok(_) => "permit".to_owned(),
        Err(refusal) => format!("{}: {}", refusal.code(), names(&roster(), &refusal.who_could)),
    };
    assert_eq!(got.trim_end(), want);
}

fn two() -> Policy {
    Policy::parse("schema = 1").unwrap()
}

fn approve(name: &str) -> Decision {
    decision(name, Action::Approve, HASH)
}

#[test]
fn one_valid_approval_is_enough_where_one_is_asked() {
    check(None, posting(), &[], "approvals_missing: cy dot eve");
    check(None, posting(), &[approve("cy")], "permit");
    check(None, posting(), &[approve("eve")], "permit");
}

#[test]
fn two_approvals_are_of_two_people() {
    let policy = two();
    check(Some(&policy), posting(), &[approve("cy")], "approvals_missing: dot eve");
    check(Some(&policy), posting(), &[approve("cy"), approve("cy")], "approvals_missing: dot eve");
    check(Some(&policy), posting(), &[approve("cy"), approve("eve")], "permit");
}

#[test]
fn an_approval_by_somebody_who_may_not_is_none_and_the_refusal_says_why() {
    check(None, posting(), &[approve("ana")], "preparer_is_not_approver: cy dot eve");
    check(None, posting(), &[approve("ben")], "role_may_not: cy dot eve");
    check(None, posting(), &[approve("gus")], "person_inactive: cy dot eve");
    check(None, posting(), &[approve("flo")], "auditor_reads_only: cy dot eve");
    check(None, posting(), &[approve("stranger")], "unknown_person: cy dot eve");
    let mut edited = posting();
    edited.editors = people(&["ana", "cy"]);
    check(None, edited, &[approve("cy")], "editor_is_not_approver: dot eve");
    let mut based = posting();
    based.basis_authors = people(&["cy"]);
    check(None, based, &[approve("cy")], "author_of_the_basis_is_not_approver: dot eve");
}

/// Two weeks after everything was decided.
fn today() -> DateTime<Utc> {
    "2026-04-15T08:00:00Z".parse().unwrap()
}

#[test]
fn an_approval_in_anothers_place_counts_once_and_for_both() {
    let two = Policy::parse("schema = 1").unwrap();
    let for_dot = Decision { in_place_of: Some(person("dot")), ..approve("cy") };
    check(Some(&two), posting(), &[for_dot.clone(), approve("eve")], "permit");
    check(Some(&two), posting(), &[for_dot.clone(), approve("dot")], "approvals_missing: dot eve");
    check(Some(&two), posting(), &[approve("dot"), for_dot.clone()], "approvals_missing: cy eve");
    check(Some(&two), posting(), &[for_dot.clone(), approve("cy")], "approvals_missing: dot eve");
    let for_cy = Decision { in_place_of: Some(person("cy")), ..approve("eve") };
    check(Some(&two), posting(), &[for_dot, for_cy], "approvals_missing: dot eve");
}

#[test]
fn an_approval_counts_for_as_long_as_the_policy_lets_it() {
    let lasting = |days: u32| Policy::parse(&format!("schema = 1\napprovals_last_days = {days}")).unwrap();
    let both = [approve("cy"), approve("eve")];
    check(Some(&lasting(15)), posting(), &both, "permit");
    // To the very moment, no longer.
    check(Some(&lasting(14)), posting(), &both, "approval_ran_out: cy dot eve");
    let anew = Decision { at: today(), ..approve("cy") };
    check(
        Some(&lasting(14)),
        posting(),
        &[approve("cy"), approve("eve"), anew.clone()],
        "approval_ran_out: dot eve",
    );
    let other = Decision { at: today(), ..approve("eve") };
    check(Some(&lasting(14)), posting(), &[approve("cy"), approve("eve"), anew, other], "permit");
    // A rejection does not run out.
    let rejected = decision("cy", Action::Reject, HASH);
    check(Some(&lasting(1)), posting(), &[rejected], "posting_rejected:");
    for days in ["0", "400"] {
        let text = format!("schema = 1\napprovals_last_days = {days}");
        assert_eq!(Policy::parse(&text).unwrap_err().code(), "policy_approvals_last");
    }
}

#[test]
fn an_approval_that_was_signed_before_a_restore_counts_while_its_person_is_not_confirmed_anew() {
    let unconfirmed = |m: &Member| Member { confirmed: false, ..m.clone() };
    let roster = Roster::new(roster().members().iter().map(unconfirmed));
    let permit = |decisions: &[Decision]| {
        let request =
            PermitRequest { facts: posting(), content_hash: HASH, place: place(), decisions, now: today() };
        Duties::new(None).unwrap().permit(&request, &roster).map(|_| ()).map_err(|refusal| refusal.rule)
    };
    assert_eq!(permit(&[approve("cy")]), Ok(()));
    assert_eq!(permit(&[approve("gus")]), Err(Rule::PersonInactive));
}

#[test]
fn the_period_is_judged_as_it_is_now() {
    let mut soft = posting();
    soft.period_status = PeriodStatus::SoftClosed;
    check(None, soft.clone(), &[approve("cy")], "soft_close_holds:");
    soft.exempt = true;
    check(None, soft.clone(), &[approve("eve")], "soft_close_needs_a_controller: cy dot");
    check(None, soft, &[approve("cy")], "permit");
    let mut closed = posting();
    closed.period_status = PeriodStatus::Closed;
    closed.exempt = true;
    check(None, closed, &[approve("cy")], "period_closed:");
}

#[test]
fn a_rejection_of_this_content_stops_it_and_one_of_other_content_does_not() {
    let reject = |hash| decision("dot", Action::Reject, hash);
    check(None, posting(), &[approve("cy"), reject(HASH)], "posting_rejected:");
    check(None, posting(), &[approve("cy"), reject("bbbb")], "permit");
}

#[test]
fn approvals_of_other_content_or_of_another_posting_are_none() {
    let other = decision("cy", Action::Approve, "bbbb");
    check(None, posting(), &[other], "content_changed: cy dot eve");
    let mut foreign = approve("cy");
    foreign.posting = tieout_domain::PostingId::derive(&["another"]);
    check(None, posting(), &[foreign], "approvals_missing: cy dot eve");
}

#[test]
fn a_policys_own_small_posting_needs_nobody() {
    let policy = Policy::parse(include_str!("../../../../fixtures/company/policy.toml")).unwrap();
    let mut facts = posting();
    (facts.origin, facts.preparer) = (Origin::Policy, None);
    check(Some(&policy), facts.clone(), &[], "permit");
    facts.period_status = PeriodStatus::SoftClosed;
    check(Some(&policy), facts.clone(), &[], "soft_close_holds:");
    facts.exempt = true;
    check(Some(&policy), facts.clone(), &[], "approvals_missing: cy dot");
    (facts.period_status, facts.origin) = (PeriodStatus::Open, Origin::Reroute);
    check(Some(&policy), facts, &[], "approvals_missing: cy dot eve");
}

#[test]
fn a_permit_covers_exactly_what_it_was_given_for() {
    let permit = permit(None, posting(), &[approve("cy")]).unwrap();
    let id = posting().id;
    let covers = |hash: &str, change: fn(&mut tieout_duties::Place)| {
        let mut place = place();
        change(&mut place);
        permit.covers(&id, hash, &place).map_err(|mismatch| mismatch.code())
    };
    assert_eq!(covers(HASH, |_| {}), Ok(()));
    assert_eq!(covers("bbbb", |_| {}), Err("permit_other_content"));
    assert_eq!(covers(HASH, |p| p.step = 2), Err("permit_other_step"));
    assert_eq!(covers(HASH, |p| p.entity = "US01".parse().unwrap()), Err("permit_other_entity"));
    assert_eq!(covers(HASH, |p| p.period = PeriodKey::new("2026-04")), Err("permit_other_period"));
    let elsewhere = |p: &mut tieout_duties::Place| p.connection = tieout_domain::ConnectionId::derive(&["b"]);
    assert_eq!(covers(HASH, elsewhere), Err("permit_other_connection"));
    let other = tieout_domain::PostingId::derive(&["another"]);
    assert_eq!(permit.covers(&other, HASH, &place()).unwrap_err().code(), "permit_other_posting");
}

fn any_decision() -> impl Strategy<Value = Decision> {
    let actions = prop::sample::select(vec![Action::Approve, Action::Reject, Action::Propose]);
    let hashes = prop::sample::select(vec![HASH, "bbbb"]);
    (prop::sample::select(EVERYBODY.to_vec()), actions, hashes)
        .prop_map(|(name, action, hash)| decision(name, action, hash))
}

/// Whose decisions there are: at most this one person prepared, edited and decided.
fn of_one_person(name: &str, decisions: Vec<Decision>) -> (PostingFacts, Vec<Decision>) {
    let mut facts = posting();
    facts.preparer = Some(person(name));
    facts.editors.clear();
    let own = decisions.into_iter().map(|d| Decision { person: person(name), ..d }).collect();
    (facts, own)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_set_of_decisions_by_one_person_sends_what_they_prepared(
        name in prop::sample::select(EVERYBODY.to_vec()),
        decisions in prop::collection::vec(any_decision(), 0..8),
    ) {
        let (facts, own) = of_one_person(name, decisions);
        prop_assert!(permit(None, facts, &own).is_err());
    }

    #[test]
    fn no_set_of_decisions_by_one_person_is_two_approvals(
        name in prop::sample::select(EVERYBODY.to_vec()),
        decisions in prop::collection::vec(any_decision(), 0..8),
    ) {
        let own: Vec<Decision> =
            decisions.into_iter().map(|d| Decision { person: person(name), ..d }).collect();
        prop_assert!(permit(Some(&two()), posting(), &own).is_err());
    }

    #[test]
    fn changed_content_voids_every_permit(decisions in prop::collection::vec(any_decision(), 0..8)) {
        let duties = Duties::new(None).unwrap();
        let changed = "cccc";
        let now = today();
        let request = PermitRequest {
            facts: posting(), content_hash: changed, place: place(), decisions: &decisions, now,
        };
        prop_assert!(duties.permit(&request, &roster()).is_err());
    }

    #[test]
    fn a_permit_implies_an_approver_who_neither_prepared_nor_edited(
        decisions in prop::collection::vec(any_decision(), 0..6),
        editors in prop::sample::subsequence(EVERYBODY.to_vec(), 0..4),
    ) {
        let mut facts = posting();
        facts.editors = people(&editors);
        if permit(None, facts.clone(), &decisions).is_ok() {
            let prepared = |id: &PersonId| facts.preparer.as_ref() == Some(id);
            let independent = |id: &PersonId| !facts.editors.contains(id) && !prepared(id);
            let saw = |d: &&Decision| d.action == Action::Approve && d.content_hash == HASH;
            prop_assert!(decisions.iter().filter(saw).any(|d| independent(&d.person)));
        }
    }
}
