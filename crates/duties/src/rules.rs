//! The rules that refuse, in the order in which a refusal names them.

/// Why something is refused. Where several hold, a refusal names the first in the order of the variants:
/// first what is wrong with the request, then the prohibitions that nobody can switch off, then the role,
/// then the workspace's own policies, then what only a permit asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The acting person is not of this workspace.
    UnknownPerson,
    /// The action does not apply to such a subject.
    SubjectDoesNotFit,
    /// The person has left.
    PersonInactive,
    /// Nobody else has confirmed the person yet.
    PersonUnconfirmed,
    /// An auditor reads and does nothing else.
    AuditorReadsOnly,
    /// Nobody changes their own role, nor their own membership.
    NobodyChangesTheirOwnRole,
    /// Nobody says of themselves that they are who they should be.
    NobodyConfirmsThemselves,
    /// Who could have set a person's secret does not confirm them.
    IssuerDoesNotConfirm,
    /// Who shares an OS account with others is confirmed by an administrator.
    SharedAccountNeedsAnAdministrator,
    /// Who prepared a posting does not approve it.
    PreparerIsNotApprover,
    /// Who edited or rerouted any version of a posting does not approve it.
    EditorIsNotApprover,
    /// Who wrote the mapping or policy that a posting rests on does not approve it.
    AuthorOfTheBasisIsNotApprover,
    /// Who proposed a governed change neither approves nor rejects it.
    AuthorOfAChangeDoesNotDecideIt,
    /// For whom an exception is made does not approve it.
    WhoGainsDoesNotApprove,
    /// Who has a part in a posting does not lift a limit for it.
    WhoHasAPartDoesNotOverride,
    /// Who approved already is not the second approver.
    SecondApproverIsAnother,
    /// Who confirmed a match already is not the second to confirm it.
    SecondConfirmerIsAnother,
    /// Who handed a file over does not confirm it.
    WhoHandsOverDoesNotConfirm,
    /// Who prepared a sign-off does not review it.
    PreparerDoesNotReview,
    /// Who posted, explained or accepted an item of an account does not review the account.
    WhoWorkedOnItemsDoesNotReview,
    /// What goes into a soft-closed period, and what opens it, is approved by controllers.
    SoftCloseNeedsAController,
    /// No rule lets this role do it.
    RoleMayNot,
    /// A policy of the workspace forbids it.
    WorkspacePolicy,
    /// A policy could not be evaluated for this case, so that it is refused.
    PolicyCannotBeEvaluated,
    /// Permit only: the period is closed.
    PeriodClosed,
    /// Permit only: the desk has closed the period softly, and no exception lets the posting in.
    SoftCloseHolds,
    /// Permit only: somebody refused exactly this content.
    PostingRejected,
    /// Permit only: there were enough approvals, but they saw other content.
    ContentChanged,
    /// Permit only: an approval is older than the policy lets it count.
    ApprovalRanOut,
    /// Permit only: fewer valid approvals than the policy asks for.
    ApprovalsMissing,
}

impl Rule {
    /// All of them, in order.
    pub const ALL: [Rule; 30] = [
        Rule::UnknownPerson,
        Rule::SubjectDoesNotFit,
        Rule::PersonInactive,
        Rule::PersonUnconfirmed,
        Rule::AuditorReadsOnly,
        Rule::NobodyChangesTheirOwnRole,
        Rule::NobodyConfirmsThemselves,
        Rule::IssuerDoesNotConfirm,
        Rule::SharedAccountNeedsAnAdministrator,
        Rule::PreparerIsNotApprover,
        Rule::EditorIsNotApprover,
        Rule::AuthorOfTheBasisIsNotApprover,
        Rule::AuthorOfAChangeDoesNotDecideIt,
        Rule::WhoGainsDoesNotApprove,
        Rule::WhoHasAPartDoesNotOverride,
        Rule::SecondApproverIsAnother,
        Rule::SecondConfirmerIsAnother,
        Rule::WhoHandsOverDoesNotConfirm,
        Rule::PreparerDoesNotReview,
        Rule::WhoWorkedOnItemsDoesNotReview,
        Rule::SoftCloseNeedsAController,
        Rule::RoleMayNot,
        Rule::WorkspacePolicy,
        Rule::PolicyCannotBeEvaluated,
        Rule::PeriodClosed,
        Rule::SoftCloseHolds,
        Rule::PostingRejected,
        Rule::ContentChanged,
        Rule::ApprovalRanOut,
        Rule::ApprovalsMissing,
    ];

    /// The stable code; for the built-in prohibitions also the id of the Cedar policy.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Rule::UnknownPerson => "unknown_person",
            Rule::SubjectDoesNotFit => "subject_does_not_fit",
            Rule::PersonInactive => "person_inactive",
            Rule::PersonUnconfirmed => "person_unconfirmed",
            Rule::AuditorReadsOnly => "auditor_reads_only",
            Rule::NobodyChangesTheirOwnRole => "nobody_changes_their_own_role",
            Rule::NobodyConfirmsThemselves => "nobody_confirms_themselves",
            Rule::IssuerDoesNotConfirm => "issuer_does_not_confirm",
            Rule::SharedAccountNeedsAnAdministrator => "shared_account_needs_an_administrator",
            Rule::PreparerIsNotApprover => "preparer_is_not_approver",
            Rule::EditorIsNotApprover => "editor_is_not_approver",
            Rule::AuthorOfTheBasisIsNotApprover => "author_of_the_basis_is_not_approver",
            Rule::AuthorOfAChangeDoesNotDecideIt => "author_of_a_change_does_not_decide_it",
            Rule::WhoGainsDoesNotApprove => "who_gains_does_not_approve",
            Rule::WhoHasAPartDoesNotOverride => "who_has_a_part_does_not_override",
            Rule::SecondApproverIsAnother => "second_approver_is_another",
            Rule::SecondConfirmerIsAnother => "second_confirmer_is_another",
            Rule::WhoHandsOverDoesNotConfirm => "who_hands_over_does_not_confirm",
            Rule::PreparerDoesNotReview => "preparer_does_not_review",
            Rule::WhoWorkedOnItemsDoesNotReview => "who_worked_on_items_does_not_review",
            Rule::SoftCloseNeedsAController => "soft_close_needs_a_controller",
            Rule::RoleMayNot => "role_may_not",
            Rule::WorkspacePolicy => "workspace_policy",
            Rule::PolicyCannotBeEvaluated => "policy_cannot_be_evaluated",
            Rule::PeriodClosed => "period_closed",
            Rule::SoftCloseHolds => "soft_close_holds",
            Rule::PostingRejected => "posting_rejected",
            Rule::ContentChanged => "content_changed",
            Rule::ApprovalRanOut => "approval_ran_out",
            Rule::ApprovalsMissing => "approvals_missing",
        }
    }

    /// What the rule says, as a sentence without its end.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Rule::UnknownPerson => "the acting person is not a member of this workspace",
            Rule::SubjectDoesNotFit => "the action does not apply to this",
            Rule::PersonInactive => "the person is no longer active in this workspace",
            Rule::PersonUnconfirmed => {
                "nobody else has confirmed yet that this is the person whose name it is: somebody who knows \
                 them must confirm them first"
            }
            Rule::AuditorReadsOnly => "an auditor reads and does nothing else",
            Rule::NobodyChangesTheirOwnRole => "nobody changes their own role or membership",
            Rule::NobodyConfirmsThemselves => "nobody confirms themselves",
            Rule::IssuerDoesNotConfirm => {
                "who gave out the code, or shares the OS account, could have set the secret and does not \
                 confirm its person"
            }
            Rule::SharedAccountNeedsAnAdministrator => {
                "a person who shares an OS account is confirmed by an administrator"
            }
            Rule::PreparerIsNotApprover => "who prepared a posting does not approve it",
            Rule::EditorIsNotApprover => "who edited a posting does not approve it",
            Rule::AuthorOfTheBasisIsNotApprover => {
                "who wrote the mapping or policy that a posting rests on does not approve it"
            }
            Rule::AuthorOfAChangeDoesNotDecideIt => "who proposed a change does not decide it",
            Rule::WhoGainsDoesNotApprove => "for whom an exception is made does not approve it",
            Rule::WhoHasAPartDoesNotOverride => {
                "who prepared, edited, approved or rejected a posting does not lift a limit for it"
            }
            Rule::SecondApproverIsAnother => "who has approved already cannot be the second approver",
            Rule::SecondConfirmerIsAnother => {
                "who has confirmed a match already cannot be the second to confirm it"
            }
            Rule::WhoHandsOverDoesNotConfirm => "who handed a file over does not confirm it",
            Rule::PreparerDoesNotReview => "who prepared a sign-off does not review it",
            Rule::WhoWorkedOnItemsDoesNotReview => {
                "who posted (approving counts), explained or accepted an item does not review its account"
            }
            Rule::SoftCloseNeedsAController => {
                "the period is soft-closed: what goes into it, and what opens it, is approved by a controller"
            }
            Rule::RoleMayNot => "the person's role does not allow it",
            Rule::WorkspacePolicy => "a policy of this workspace forbids it",
            Rule::PolicyCannotBeEvaluated => {
                "a policy could not be evaluated for this case, and what cannot be judged is refused"
            }
            Rule::PeriodClosed => "the period is closed: reroute the posting to an open one",
            Rule::SoftCloseHolds => {
                "the period is soft-closed: nothing is sent there but what an exception lets in, which \
                 another person asks for (tieout period except) and a controller approves"
            }
            Rule::PostingRejected => "the posting was rejected with exactly this content",
            Rule::ContentChanged => {
                "the posting was changed after it was approved: it needs its approvals anew"
            }
            Rule::ApprovalRanOut => {
                "an approval is older than the workspace's policy lets it count: approve it anew"
            }
            Rule::ApprovalsMissing => "the posting lacks valid approvals",
        }
    }

    /// The rule of this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }
}
