//! Who is refused what, by which rule, and who could.

use tieout_domain::{
    calendar::PeriodStatus,
    people::{Action, Role},
};
use tieout_duties::{Duties, Lack, Member, Policy, PostingFacts, Roster, Rule, Subject};

use crate::team::{
    EVERYBODY, change, enrolment, file_of, item, names, pair, people, person, posting, roster, sign_off,
    target, wants,
};

#[track_caller]
fn check_with(policy: Option<&Policy>, actor: &str, action: Action, subject: &Subject, want: &str) {
    let (duties, roster) = (Duties::new(policy).unwrap(), roster());
    let got = match duties.judge(&wants(actor, action, subject), &roster) {
        Ok(_) => "allowed".to_owned(),
        Err(refusal) => {
            assert!(refusal.message.contains(refusal.rule.says()), "{}", refusal.message);
            format!("{}: {}", refusal.code(), names(&roster, &refusal.who_could))
        }
    };
    assert_eq!(got.trim_end(), want, "{actor} {action:?}");
}

#[track_caller]
fn check(actor: &str, action: Action, subject: &Subject, want: &str) {
    check_with(None, actor, action, subject, want);
}

fn posting_where(change: impl FnOnce(&mut PostingFacts)) -> Subject {
    let mut facts = posting();
    change(&mut facts);
    Subject::Posting(facts)
}

#[test]
fn each_prohibition_names_itself_and_who_could() {
    let plain = posting_where(|_| {});
    let by_cy = posting_where(|p| p.preparer = Some(person("cy")));
    let edited = posting_where(|p| p.editors = people(&["ana", "cy", "eve"]));
    let based = posting_where(|p| p.basis_authors = people(&["cy", "dot"]));
    let half = posting_where(|p| p.approved_by = people(&["dot"]));
    let soft = posting_where(|p| p.period_status = PeriodStatus::SoftClosed);
    check("stranger", Action::Approve, &plain, "unknown_person: cy dot eve");
    check("cy", Action::ManageConnections, &plain, "subject_does_not_fit:");
    check("gus", Action::Approve, &plain, "person_inactive: cy dot eve");
    check("flo", Action::Comment, &item(), "auditor_reads_only: ana ben cy dot eve");
    check("eve", Action::ManagePeople, &target("eve"), "nobody_changes_their_own_role:");
    check("ana", Action::Approve, &plain, "preparer_is_not_approver: cy dot eve");
    check("cy", Action::Approve, &by_cy, "preparer_is_not_approver: dot eve");
    check("eve", Action::Approve, &edited, "editor_is_not_approver: dot");
    check("cy", Action::Approve, &based, "author_of_the_basis_is_not_approver: eve");
    check("cy", Action::ApproveChange, &change("cy"), "author_of_a_change_does_not_decide_it: dot eve");
    check("eve", Action::Reject, &change("eve"), "author_of_a_change_does_not_decide_it: cy dot");
    check("dot", Action::Approve, &half, "second_approver_is_another: cy eve");
    check("eve", Action::Approve, &soft, "soft_close_needs_a_controller: cy dot");
    check("ben", Action::Approve, &plain, "role_may_not: cy dot eve");
    check("cy", Action::ManagePeople, &target("ana"), "role_may_not: eve");
}

#[test]
fn the_second_to_confirm_a_match_is_another_person() {
    let half = pair(&["ana"]);
    check("ana", Action::ConfirmMatch, &half, "second_confirmer_is_another: ben cy dot eve");
    check("ben", Action::ConfirmMatch, &half, "allowed");
    check("ana", Action::RejectMatch, &half, "allowed");
    check("flo", Action::ConfirmMatch, &pair(&[]), "auditor_reads_only: ana ben cy dot eve");
    check("ana", Action::ConfirmMatch, &item(), "subject_does_not_fit:");
}

#[test]
fn whoever_could_have_set_a_secret_does_not_confirm_its_person() {
    let plain = enrolment("ana", &["cy"], |_| {});
    let shared = enrolment("ana", &["cy"], |e| e.by_administrator = true);
    let action = Action::ConfirmPerson;
    check("ana", action, &plain, "nobody_confirms_themselves: ben dot eve");
    check("cy", action, &plain, "issuer_does_not_confirm: ben dot eve");
    check("flo", action, &plain, "auditor_reads_only: ben dot eve");
    check("gus", action, &plain, "person_inactive: ben dot eve");
    check("ben", action, &plain, "allowed");
    check("cy", action, &shared, "issuer_does_not_confirm: eve");
    check("ben", action, &shared, "shared_account_needs_an_administrator: eve");
    check("eve", action, &shared, "allowed");
    check(
        "eve",
        action,
        &enrolment("ana", &["eve"], |e| e.by_administrator = true),
        "issuer_does_not_confirm:",
    );
}

#[test]
fn somebody_unconfirmed_does_nothing_but_confirm_others_after_a_restore() {
    let unconfirmed = |names: &[&str]| {
        let of = |m: &Member| Member { confirmed: !names.contains(&m.name.as_str()), ..m.clone() };
        Roster::new(roster().members().iter().map(of))
    };
    let duties = Duties::new(None).unwrap();
    let judged = |roster: &Roster, actor: &str, action, subject: &Subject| {
        duties.judge(&wants(actor, action, subject), roster).map(|_| ()).map_err(|refusal| refusal.rule)
    };
    let cy = unconfirmed(&["cy"]);
    let (added, restored) = (enrolment("ana", &[], |_| {}), enrolment("ana", &[], |e| e.restored = true));
    let plain = Subject::Posting(posting());
    assert_eq!(judged(&cy, "cy", Action::Approve, &plain), Err(Rule::PersonUnconfirmed));
    assert_eq!(judged(&cy, "cy", Action::ImportFiles, &Subject::Workspace), Err(Rule::PersonUnconfirmed));
    assert_eq!(judged(&cy, "cy", Action::ConfirmPerson, &added), Err(Rule::PersonUnconfirmed));
    assert_eq!(judged(&cy, "cy", Action::ConfirmPerson, &restored), Ok(()));
    let refusal = duties.judge(&wants("cy", Action::Approve, &plain), &cy).unwrap_err();
    assert_eq!(names(&cy, &refusal.who_could), "dot eve", "who is not confirmed could not either");
    assert_eq!(duties.lack(&unconfirmed(&["cy", "dot", "eve"])), Some(Lack::Approver));
}

/// One subject for which every rule on approval holds; lifting them one by one shows the next.
#[test]
fn of_several_rules_the_first_in_the_documented_order_is_named() {
    let mut facts = posting();
    facts.preparer = Some(person("eve"));
    facts.editors = people(&["eve"]);
    facts.basis_authors = people(&["eve"]);
    facts.approved_by = people(&["eve"]);
    facts.period_status = PeriodStatus::SoftClosed;
    let mut lift = |actor: &str, want: &str, next: fn(&mut PostingFacts)| {
        check(actor, Action::Approve, &Subject::Posting(facts.clone()), want);
        next(&mut facts);
    };
    lift("eve", "preparer_is_not_approver: cy dot", |p| p.preparer = None);
    lift("eve", "editor_is_not_approver: cy dot", |p| p.editors.clear());
    lift("eve", "author_of_the_basis_is_not_approver: cy dot", |p| p.basis_authors.clear());
    lift("eve", "second_approver_is_another: cy dot", |p| p.approved_by.clear());
    lift("eve", "soft_close_needs_a_controller: cy dot", |p| p.period_status = PeriodStatus::Open);
    lift("eve", "allowed", |p| p.preparer = Some(person("ana")));
    // A prohibition is named before the missing role, which the preparer could not do anything about.
    lift("ana", "preparer_is_not_approver: cy dot eve", |p| p.preparer = Some(person("flo")));
    lift("flo", "auditor_reads_only: cy dot eve", |_| {});
}

#[test]
fn every_role_may_do_exactly_this() {
    let want = |role: Role, action: Action| match action {
        Action::Approve | Action::Reject | Action::ApproveChange | Action::ReviewSignOff => {
            matches!(role, Role::Controller | Role::Administrator)
        }
        Action::ManagePeople | Action::ManageConnections => role == Role::Administrator,
        Action::SoftClosePeriod | Action::ReopenPeriod | Action::SignAccessReview => role == Role::Controller,
        Action::Assign
        | Action::Comment
        | Action::Propose
        | Action::Reroute
        | Action::Replay
        | Action::Finish
        | Action::TakeBack
        | Action::Hold
        | Action::Release
        | Action::Dismiss
        | Action::BookedElsewhere
        | Action::HandOver
        | Action::ConfirmHandover
        | Action::Reverse
        | Action::Cancel
        | Action::ConfirmMatch
        | Action::RejectMatch
        | Action::UndoMatch
        | Action::ImportFiles
        | Action::KeepViews
        | Action::ConfirmPerson
        | Action::PrepareSignOff
        | Action::ProposeChange => role != Role::Auditor,
    };
    let (duties, roster) = (Duties::new(None).unwrap(), roster());
    for (name, role) in [
        ("ben", Role::Analyst),
        ("cy", Role::Controller),
        ("eve", Role::Administrator),
        ("flo", Role::Auditor),
    ] {
        for action in Action::ALL {
            let subject = match action {
                Action::ManagePeople => target("ana"),
                Action::ManageConnections
                | Action::ImportFiles
                | Action::KeepViews
                | Action::HandOver
                | Action::SoftClosePeriod
                | Action::SignAccessReview
                | Action::ReopenPeriod => Subject::Workspace,
                Action::ConfirmHandover => file_of("ana"),
                Action::ConfirmMatch | Action::RejectMatch | Action::UndoMatch => pair(&[]),
                Action::ConfirmPerson => enrolment("ana", &[], |_| {}),
                Action::ProposeChange | Action::ApproveChange => change("ana"),
                Action::PrepareSignOff | Action::ReviewSignOff => sign_off("ana", &[]),
                _ => Subject::Posting(posting()),
            };
            let got = duties.judge(&wants(name, *action, &subject), &roster).is_ok();
            assert_eq!(got, want(role, *action), "{name} {action:?}");
        }
    }
}

#[test]
fn a_workspace_policy_forbids_more_and_is_named() {
    let policy = Policy::parse(
        r#"schema = 1
        cedar = """
        @id("large_dismissals")
        forbid (principal, action == Action::"dismiss", resource)
        when { resource.gross_minor > 100000 && principal.role != "controller" };
        """"#,
    )
    .unwrap();
    let (duties, roster) = (Duties::new(Some(&policy)).unwrap(), roster());
    let refusal = duties.judge(&wants("ana", Action::Dismiss, &item()), &roster).unwrap_err();
    assert_eq!(
        (refusal.rule, refusal.policy.as_str()),
        (Rule::WorkspacePolicy, "workspace:large_dismissals")
    );
    assert_eq!(names(&roster, &refusal.who_could), "cy dot");
    check_with(Some(&policy), "ana", Action::Hold, &item(), "allowed");
}

#[test]
fn a_policy_that_cannot_be_evaluated_refuses_instead_of_being_skipped() {
    let policy = Policy::parse(
        r#"schema = 1
        cedar = """
        @id("overflows")
        forbid (principal, action == Action::"approve", resource)
        when { resource.gross_minor * 9000000000000000000 == 0 };
        """"#,
    )
    .unwrap();
    let subject = Subject::Posting(posting());
    check_with(Some(&policy), "cy", Action::Approve, &subject, "policy_cannot_be_evaluated:");
    // A definite prohibition is still named first.
    check_with(Some(&policy), "ana", Action::Approve, &subject, "preparer_is_not_approver:");
}

#[test]
fn the_list_of_rules_is_the_list_of_the_cedar_file() {
    let text = include_str!("../../src/rules.cedar");
    let mut in_file: Vec<&str> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(id) = line.strip_prefix("@id(\"").and_then(|l| l.strip_suffix("\")")) else { continue };
        if text.lines().nth(index + 1).is_some_and(|next| next.starts_with("forbid")) {
            in_file.push(id);
        }
    }
    let of_cedar: Vec<&str> =
        Rule::ALL.iter().map(|rule| rule.code()).filter(|code| in_file.contains(code)).collect();
    assert_eq!(in_file, of_cedar, "the same rules in the same order");
    assert_eq!(in_file.len(), 19);
    assert!(Rule::ALL.is_sorted());
}

#[test]
fn who_could_are_exactly_those_who_would_be_allowed() {
    let (duties, roster) = (Duties::new(None).unwrap(), roster());
    let subject = posting_where(|p| p.editors = people(&["dot"]));
    for actor in EVERYBODY {
        let Err(refusal) = duties.judge(&wants(actor, Action::Approve, &subject), &roster) else { continue };
        let allowed = |name: &&str| duties.judge(&wants(name, Action::Approve, &subject), &roster).is_ok();
        let want: Vec<&str> = EVERYBODY.into_iter().filter(|name| allowed(name)).collect();
        assert_eq!(names(&roster, &refusal.who_could), want.join(" "));
    }
}

#[test]
fn a_desk_lacks_somebody_until_two_people_can_prepare_and_approve() {
    use Role::{Administrator, Analyst, Auditor, Controller};
    #[track_caller]
    fn check(roles: &[(Role, bool)], want: Option<Lack>) {
        let member = |(at, &(role, active)): (usize, &(Role, bool))| {
            let name = format!("p{at}");
            Member { id: person(&name), name, role, active, confirmed: true }
        };
        let roster = Roster::new(roles.iter().enumerate().map(member));
        assert_eq!(Duties::new(None).unwrap().lack(&roster), want, "{roles:?}");
    }
    check(&[], Some(Lack::Approver));
    check(&[(Analyst, true), (Analyst, true), (Auditor, true)], Some(Lack::Approver));
    check(&[(Analyst, true), (Controller, false)], Some(Lack::Approver));
    check(&[(Administrator, true)], Some(Lack::SecondPerson));
    check(&[(Controller, true), (Auditor, true)], Some(Lack::SecondPerson));
    check(&[(Controller, true), (Analyst, false)], Some(Lack::SecondPerson));
    check(&[(Analyst, true), (Controller, true)], None);
    check(&[(Administrator, true), (Controller, true)], None);
}
