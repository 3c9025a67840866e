//! The table of refusals: who, what, in which state, by which rule. And that no workspace policy, whatever it
//! says, lets any of them pass.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tieout_domain::{
    calendar::PeriodStatus,
    people::{Action, Origin},
};
use tieout_duties::{Duties, Policy, PostingFacts, Rule, Subject};

use crate::team::{
    change, enrolment, exception_for, file_of, item, override_of, pair, people, person, posting, roster,
    sign_off, target, wants,
};

fn posting_where(change: impl FnOnce(&mut PostingFacts)) -> Subject {
    let mut facts = posting();
    change(&mut facts);
    Subject::Posting(facts)
}

/// A state by its name in the table.
fn state(name: &str) -> Subject {
    match name {
        "ana's" => posting_where(|_| {}),
        "cy's" => posting_where(|p| p.preparer = Some(person("cy"))),
        "the policy's" => posting_where(|p| {
            (p.preparer, p.editors, p.origin) = (None, BTreeSet::new(), Origin::Policy);
        }),
        "edited by cy" => posting_where(|p| p.editors = people(&["cy"])),
        "by dot's mapping" => posting_where(|p| p.basis_authors = people(&["dot"])),
        "approved by dot" => posting_where(|p| p.approved_by = people(&["dot"])),
        "into a soft close" => posting_where(|p| p.period_status = PeriodStatus::SoftClosed),
        "an exception" => item(),
        "a change of cy's" => change("cy"),
        "a change of eve's" => change("eve"),
        "a change of ana's" => change("ana"),
        "an exception of ben's for ana" => exception_for("ben", &["ana"]),
        "an override of ben's of dot's work" => override_of("ben", &["ana", "dot"]),
        "an exception of ben's for cy" => exception_for("ben", &["cy"]),
        "an exception of cy's for everybody" => exception_for("cy", &[]),
        "a match" => pair(&[]),
        "a match that ben confirmed" => pair(&["ben"]),
        "a file that ben handed over" => file_of("ben"),
        "1100 by ana" => sign_off("ana", &[]),
        "1100 by cy" => sign_off("cy", &[]),
        "1100 with an item of dot's" => sign_off("ana", &["dot"]),
        "the workspace" => Subject::Workspace,
        "ana as a member" => target("ana"),
        "eve as a member" => target("eve"),
        "ana's secret" => enrolment("ana", &["eve"], |_| {}),
        "ben's secret at a shared account" => enrolment("ben", &[], |e| e.by_administrator = true),
        other => panic!("no state {other}"),
    }
}

use Action::{
    Approve, ApproveChange, Assign, Cancel, Comment, ConfirmHandover, ConfirmMatch, ConfirmPerson, Dismiss,
    Finish, Hold, ImportFiles, KeepViews, ManageConnections, ManagePeople, PrepareSignOff, Propose,
    ProposeChange, Reject, RejectMatch, Release, ReopenPeriod, Replay, Reroute, Reverse, ReviewSignOff,
    SignAccessReview, SoftClosePeriod, TakeBack, UndoMatch,
};

/// Who, what, in which state: by which rule.
const TABLE: &[(&str, Action, &str, Rule)] = &[
    // Preparer and approver.
    ("ana", Approve, "ana's", Rule::PreparerIsNotApprover),
    ("cy", Approve, "cy's", Rule::PreparerIsNotApprover),
    ("ana", Approve, "into a soft close", Rule::PreparerIsNotApprover),
    ("ana", Approve, "approved by dot", Rule::PreparerIsNotApprover),
    ("ana", Approve, "by dot's mapping", Rule::PreparerIsNotApprover),
    ("cy", Approve, "edited by cy", Rule::EditorIsNotApprover),
    ("dot", Approve, "by dot's mapping", Rule::AuthorOfTheBasisIsNotApprover),
    ("dot", Approve, "approved by dot", Rule::SecondApproverIsAnother),
    ("eve", Approve, "into a soft close", Rule::SoftCloseNeedsAController),
    ("ben", Approve, "into a soft close", Rule::SoftCloseNeedsAController),
    ("ben", Approve, "ana's", Rule::RoleMayNot),
    ("ben", Approve, "the policy's", Rule::RoleMayNot),
    ("ben", Approve, "approved by dot", Rule::RoleMayNot),
    ("ben", Reject, "ana's", Rule::RoleMayNot),
    ("ana", Reject, "cy's", Rule::RoleMayNot),
    // Governed changes.
    ("cy", ApproveChange, "a change of cy's", Rule::AuthorOfAChangeDoesNotDecideIt),
    ("cy", Reject, "a change of cy's", Rule::AuthorOfAChangeDoesNotDecideIt),
    ("eve", ApproveChange, "a change of eve's", Rule::AuthorOfAChangeDoesNotDecideIt),
    ("eve", Reject, "a change of eve's", Rule::AuthorOfAChangeDoesNotDecideIt),
    ("ana", ApproveChange, "a change of ana's", Rule::AuthorOfAChangeDoesNotDecideIt),
    ("ben", ApproveChange, "a change of cy's", Rule::RoleMayNot),
    ("ben", Reject, "a change of ana's", Rule::RoleMayNot),
    // Locks.
    ("cy", ApproveChange, "an exception of ben's for cy", Rule::WhoGainsDoesNotApprove),
    ("cy", ApproveChange, "an exception of cy's for everybody", Rule::AuthorOfAChangeDoesNotDecideIt),
    ("ben", ApproveChange, "an exception of ben's for ana", Rule::AuthorOfAChangeDoesNotDecideIt),
    ("ana", ApproveChange, "an exception of ben's for ana", Rule::WhoGainsDoesNotApprove),
    ("eve", ApproveChange, "an exception of ben's for ana", Rule::SoftCloseNeedsAController),
    ("flo", ApproveChange, "an exception of ben's for ana", Rule::AuditorReadsOnly),
    ("ana", SoftClosePeriod, "the workspace", Rule::RoleMayNot),
    // Overrides.
    ("dot", ApproveChange, "an override of ben's of dot's work", Rule::WhoHasAPartDoesNotOverride),
    ("ana", ApproveChange, "an override of ben's of dot's work", Rule::WhoHasAPartDoesNotOverride),
    ("ben", ApproveChange, "an override of ben's of dot's work", Rule::AuthorOfAChangeDoesNotDecideIt),
    ("flo", ApproveChange, "an override of ben's of dot's work", Rule::AuditorReadsOnly),
    ("eve", SoftClosePeriod, "the workspace", Rule::RoleMayNot),
    ("ana", SignAccessReview, "the workspace", Rule::RoleMayNot),
    ("eve", SignAccessReview, "the workspace", Rule::RoleMayNot),
    ("flo", SignAccessReview, "the workspace", Rule::AuditorReadsOnly),
    ("flo", SoftClosePeriod, "the workspace", Rule::AuditorReadsOnly),
    // Sign-offs.
    ("ana", ReviewSignOff, "1100 by ana", Rule::PreparerDoesNotReview),
    ("cy", ReviewSignOff, "1100 by cy", Rule::PreparerDoesNotReview),
    ("dot", ReviewSignOff, "1100 with an item of dot's", Rule::WhoWorkedOnItemsDoesNotReview),
    ("ben", ReviewSignOff, "1100 by ana", Rule::RoleMayNot),
    ("flo", ReviewSignOff, "1100 by ana", Rule::AuditorReadsOnly),
    ("flo", PrepareSignOff, "1100 by ana", Rule::AuditorReadsOnly),
    ("gus", ReviewSignOff, "1100 by ana", Rule::PersonInactive),
    ("stranger", PrepareSignOff, "1100 by ana", Rule::UnknownPerson),
    ("cy", ReviewSignOff, "ana's", Rule::SubjectDoesNotFit),
    ("cy", ApproveChange, "1100 by ana", Rule::SubjectDoesNotFit),
    // Matches.
    ("ben", ConfirmMatch, "a match that ben confirmed", Rule::SecondConfirmerIsAnother),
    ("flo", ConfirmMatch, "a match", Rule::AuditorReadsOnly),
    ("flo", RejectMatch, "a match", Rule::AuditorReadsOnly),
    ("flo", UndoMatch, "a match", Rule::AuditorReadsOnly),
    ("gus", ConfirmMatch, "a match", Rule::PersonInactive),
    // Journal files.
    ("ben", ConfirmHandover, "a file that ben handed over", Rule::WhoHandsOverDoesNotConfirm),
    ("flo", ConfirmHandover, "a file that ben handed over", Rule::AuditorReadsOnly),
    // People.
    ("eve", ManagePeople, "eve as a member", Rule::NobodyChangesTheirOwnRole),
    ("ana", ManagePeople, "ana as a member", Rule::NobodyChangesTheirOwnRole),
    ("cy", ManagePeople, "ana as a member", Rule::RoleMayNot),
    ("ben", ManagePeople, "ana as a member", Rule::RoleMayNot),
    ("flo", ManagePeople, "ana as a member", Rule::AuditorReadsOnly),
    ("gus", ManagePeople, "ana as a member", Rule::PersonInactive),
    ("ana", ConfirmPerson, "ana's secret", Rule::NobodyConfirmsThemselves),
    ("eve", ConfirmPerson, "ana's secret", Rule::IssuerDoesNotConfirm),
    ("flo", ConfirmPerson, "ana's secret", Rule::AuditorReadsOnly),
    ("gus", ConfirmPerson, "ana's secret", Rule::PersonInactive),
    ("cy", ConfirmPerson, "ben's secret at a shared account", Rule::SharedAccountNeedsAnAdministrator),
    ("ben", ConfirmPerson, "ben's secret at a shared account", Rule::NobodyConfirmsThemselves),
    // The workspace.
    ("ana", ReopenPeriod, "the workspace", Rule::RoleMayNot),
    ("eve", ReopenPeriod, "the workspace", Rule::RoleMayNot),
    ("flo", ReopenPeriod, "the workspace", Rule::AuditorReadsOnly),
    ("gus", ReopenPeriod, "the workspace", Rule::PersonInactive),
    ("ana", ManageConnections, "the workspace", Rule::RoleMayNot),
    ("cy", ManageConnections, "the workspace", Rule::RoleMayNot),
    ("flo", ManageConnections, "the workspace", Rule::AuditorReadsOnly),
    ("flo", ImportFiles, "the workspace", Rule::AuditorReadsOnly),
    ("flo", KeepViews, "the workspace", Rule::AuditorReadsOnly),
    ("gus", ImportFiles, "the workspace", Rule::PersonInactive),
    // An auditor reads; who has left does nothing; nobody knows a stranger.
    ("flo", Approve, "ana's", Rule::AuditorReadsOnly),
    ("flo", Reject, "ana's", Rule::AuditorReadsOnly),
    ("flo", Propose, "an exception", Rule::AuditorReadsOnly),
    ("flo", Assign, "an exception", Rule::AuditorReadsOnly),
    ("flo", Comment, "an exception", Rule::AuditorReadsOnly),
    ("flo", Hold, "an exception", Rule::AuditorReadsOnly),
    ("flo", Release, "an exception", Rule::AuditorReadsOnly),
    ("flo", Dismiss, "an exception", Rule::AuditorReadsOnly),
    ("flo", Reroute, "an exception", Rule::AuditorReadsOnly),
    ("flo", Replay, "ana's", Rule::AuditorReadsOnly),
    ("flo", Finish, "ana's", Rule::AuditorReadsOnly),
    ("flo", TakeBack, "ana's", Rule::AuditorReadsOnly),
    ("flo", Reverse, "ana's", Rule::AuditorReadsOnly),
    ("flo", Cancel, "ana's", Rule::AuditorReadsOnly),
    ("flo", ProposeChange, "a change of ana's", Rule::AuditorReadsOnly),
    ("flo", ApproveChange, "a change of ana's", Rule::AuditorReadsOnly),
    ("gus", Approve, "ana's", Rule::PersonInactive),
    ("gus", Approve, "the policy's", Rule::PersonInactive),
    ("gus", Propose, "an exception", Rule::PersonInactive),
    ("gus", ApproveChange, "a change of ana's", Rule::PersonInactive),
    ("gus", ProposeChange, "a change of ana's", Rule::PersonInactive),
    ("stranger", Approve, "ana's", Rule::UnknownPerson),
    ("stranger", Propose, "an exception", Rule::UnknownPerson),
    ("stranger", ApproveChange, "a change of ana's", Rule::UnknownPerson),
    ("stranger", ConfirmMatch, "a match", Rule::UnknownPerson),
    ("cy", ReopenPeriod, "ana's", Rule::SubjectDoesNotFit),
    ("cy", Approve, "an exception", Rule::SubjectDoesNotFit),
    ("eve", ManagePeople, "the workspace", Rule::SubjectDoesNotFit),
];

/// The rule that refuses; none where it may be done.
fn refused(policy: Option<&Policy>, (who, action, what): (&str, Action, &str)) -> Option<Rule> {
    let duties = Duties::new(policy).unwrap();
    duties.judge(&wants(who, action, &state(what)), &roster()).err().map(|refusal| refusal.rule)
}

#[test]
fn each_row_of_the_table_is_refused_by_its_rule() {
    let rows: BTreeSet<(&str, &str, &str)> =
        TABLE.iter().map(|(who, action, what, _)| (*who, action.as_str(), *what)).collect();
    assert_eq!(rows.len(), TABLE.len(), "no row stands twice");
    assert!(TABLE.len() >= 60, "{} rows", TABLE.len());
    for (who, action, what, rule) in TABLE {
        assert_eq!(refused(None, (who, *action, what)), Some(*rule), "{who} {action:?} {what}");
    }
}

#[test]
fn what_stands_beside_the_table_is_allowed() {
    for (who, action, what) in [
        ("cy", Approve, "ana's"),
        ("eve", Approve, "the policy's"),
        ("dot", Approve, "edited by cy"),
        ("cy", Approve, "by dot's mapping"),
        ("cy", Approve, "approved by dot"),
        ("cy", Approve, "into a soft close"),
        ("dot", ApproveChange, "a change of cy's"),
        ("dot", ApproveChange, "an exception of ben's for cy"),
        ("cy", ApproveChange, "an override of ben's of dot's work"),
        ("cy", ApproveChange, "an exception of ben's for ana"),
        ("dot", ApproveChange, "an exception of cy's for everybody"),
        ("cy", SoftClosePeriod, "the workspace"),
        ("cy", SignAccessReview, "the workspace"),
        ("ana", ConfirmMatch, "a match that ben confirmed"),
        ("cy", ReviewSignOff, "1100 with an item of dot's"),
        ("eve", ReviewSignOff, "1100 by ana"),
        ("dot", PrepareSignOff, "1100 with an item of dot's"),
        ("eve", ManagePeople, "ana as a member"),
        ("cy", ConfirmPerson, "ana's secret"),
        ("eve", ConfirmPerson, "ben's secret at a shared account"),
        ("cy", ReopenPeriod, "the workspace"),
        ("eve", ManageConnections, "the workspace"),
        ("ben", Propose, "an exception"),
    ] {
        assert_eq!(refused(None, (who, action, what)), None, "{who} {action:?} {what}");
    }
}

/// Any policy that a workspace can have: tiers of every strictness, rules for late items, and prohibitions of
/// its own.
fn any_policy() -> impl Strategy<Value = Policy> {
    let approvals = || prop_oneof![Just("none"), Just("one"), Just("two")];
    let tiers = prop::collection::vec((1_u32..1_000_000, approvals()), 0..3);
    let late = prop::collection::vec(
        (prop_oneof![Just("next_open"), Just("own_period"), Just("hold"), Just("reopen")], approvals()),
        0..4,
    );
    let action = prop_oneof![Just("approve"), Just("propose"), Just("approve_change"), Just("dismiss")];
    let forbids = prop::collection::vec((action, any::<bool>()), 0..3);
    (tiers, late, forbids).prop_filter_map("it can be read", |(tiers, late, forbids)| {
        let mut text = "schema = 1\n".to_owned();
        for (up_to, approvals) in tiers {
            text += &format!(
                "[[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"GBP\"\nup_to = \"{up_to}\"\n\
                 approvals = \"{approvals}\"\n"
            );
        }
        for (at, (action, approvals)) in late.into_iter().enumerate() {
            text += &format!(
                "[[late]]\nrule = \"L{at}\"\nsays = \"x\"\nup_to = \"unlimited\"\naction = \"{action}\"\n\
                 approvals = \"{approvals}\"\n"
            );
        }
        let forbid = |(at, (action, always)): (usize, (&str, bool))| {
            let when = if always { "" } else { " when { principal.role == \"analyst\" }" };
            format!("@id(\"f{at}\") forbid (principal, action == Action::\"{action}\", resource){when};\n")
        };
        let cedar: String = forbids.into_iter().enumerate().map(forbid).collect();
        let text = if cedar.is_empty() {
            text
        } else {
            text.replacen("schema = 1\n", &format!("schema = 1\ncedar = '''\n{cedar}'''\n"), 1)
        };
        Policy::parse(&text).ok()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_a_workspace_policy_says_each_row_is_refused_by_its_rule(policy in any_policy()) {
        let duties = Duties::new(Some(&policy)).unwrap();
        let roster = roster();
        for (who, action, what, rule) in TABLE {
            let refusal = duties.judge(&wants(who, *action, &state(what)), &roster).unwrap_err();
            // What no role allows a workspace may forbid besides, and is then named by.
            let besides = *rule == Rule::RoleMayNot && refusal.rule == Rule::WorkspacePolicy;
            let told = format!("{who} {action:?} {what}: {:?}", refusal.rule);
            prop_assert!(refusal.rule == *rule || besides, "{}", told);
        }
    }
}
