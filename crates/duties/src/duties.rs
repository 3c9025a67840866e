//! Judging a request, and deriving a permit.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use tieout_domain::{PersonId, calendar::PeriodStatus, people::Action};

use crate::{
    approvals::Approvals,
    cedar::{self, Answer, Cedar},
    facts::{ActionRequest, ItemFacts, PostingFacts, Subject},
    late::LatePolicy,
    permit::{Decision, Permit, PermitRequest, Standing},
    policy::{self, OverrideReason, Policy, WORKSPACE},
    policy_error::PolicyError,
    refusal::Refusal,
    roster::{Lack, Member, Roster},
    rules::Rule,
};

/// A yes, and the policy that gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The id of the Cedar policy that permits.
    pub policy: String,
}

/// The rules in force: the built-in ones and the workspace's policy.
pub struct Duties {
    cedar: Cedar,
    policy: Option<Policy>,
}

impl Duties {
    /// The built-in rules, with the workspace's policy where one is in force.
    ///
    /// # Errors
    /// [`PolicyError::CedarInvalid`] cannot happen for a parsed policy and [`PolicyError::BuiltIn`] not for
    /// a tested program; they are returned rather than assumed away.
    pub fn new(policy: Option<&Policy>) -> Result<Self, PolicyError> {
        let forbids = policy.map_or(&[][..], Policy::forbids);
        Ok(Self { cedar: Cedar::new(forbids)?, policy: policy.cloned() })
    }

    /// May the actor do it?
    ///
    /// # Errors
    /// A [`Refusal`] that names the first rule that holds, in the order of [`Rule::ALL`], and everybody who
    /// could do it instead.
    pub fn judge(&self, request: &ActionRequest, roster: &Roster) -> Result<Allowed, Refusal> {
        let judged = self.answer(roster.get(&request.actor), request.action, &request.subject, roster);
        judged
            .map(|policy| Allowed { policy })
            .map_err(|(rule, policy)| self.refuse(rule, policy, request.action, &request.subject, roster))
    }

    /// Every active member who could do it, in the roster's order.
    #[must_use]
    pub fn who_could(&self, action: Action, subject: &Subject, roster: &Roster) -> Vec<PersonId> {
        let could = |member: &&Member| self.answer(Some(member), action, subject, roster).is_ok();
        roster.members().iter().filter(could).map(|member| member.id.clone()).collect()
    }

    /// What keeps the members from settling even the plainest exception (one minor unit, an open period,
    /// no entity that a policy knows) by two people; `None` when nothing does.
    #[must_use]
    pub fn lack(&self, roster: &Roster) -> Option<Lack> {
        let approvers = |preparer: Option<PersonId>| match PostingFacts::plainest(preparer) {
            Some(facts) => self.who_could(Action::Approve, &Subject::Posting(facts), roster),
            None => Vec::new(),
        };
        if approvers(None).is_empty() {
            return Some(Lack::Approver);
        }
        let preparers = self.who_could(Action::Propose, &Subject::Item(ItemFacts::plainest()), roster);
        let alone = preparers.into_iter().all(|preparer| approvers(Some(preparer)).is_empty());
        alone.then_some(Lack::SecondPerson)
    }

    /// What the policy says of this reason for an override; `None` where it has no such reason.
    #[must_use]
    pub fn override_reason(&self, code: &str) -> Option<&OverrideReason> {
        self.override_reasons().iter().find(|reason| reason.code == code)
    }

    /// By which reasons a limit may be lifted.
    #[must_use]
    pub fn override_reasons(&self) -> &[OverrideReason] {
        self.policy.as_ref().map_or(&[], Policy::override_reasons)
    }

    /// The ids of those of these limits, by name, that an override for this reason lifts: those that the
    /// policy has as limits, while it has the reason.
    #[must_use]
    pub fn lifted(&self, reason: &str, limits: &[String]) -> BTreeSet<String> {
        if self.override_reason(reason).is_none() {
            return BTreeSet::new();
        }
        let all = self.policy.iter().flat_map(Policy::limits);
        all.filter(|id| limits.iter().any(|name| id.strip_prefix(WORKSPACE) == Some(name))).collect()
    }

    /// The limits, by name, that keep people from approving a posting who could without any; all of them, so
    /// that one override is enough.
    #[must_use]
    pub fn limits_met(&self, facts: &PostingFacts, roster: &Roster) -> Vec<String> {
        let limits: BTreeSet<String> = self.policy.iter().flat_map(Policy::limits).collect();
        let without = |lifted: &BTreeSet<String>| {
            let (lifted, approved_by) = (lifted.clone(), BTreeSet::new());
            Subject::Posting(PostingFacts { lifted, approved_by, ..facts.clone() })
        };
        let able = self.who_could(Action::Approve, &without(&limits), roster);
        let mut met = BTreeSet::new();
        loop {
            let subject = without(&met);
            let answers =
                able.iter().map(|id| self.answer(roster.get(id), Action::Approve, &subject, roster));
            let further: Vec<String> = answers.filter_map(Result::err).map(|(_, id)| id).collect();
            if further.is_empty() {
                break;
            }
            met.extend(further);
        }
        met.iter().filter_map(|id| id.strip_prefix(WORKSPACE)).map(str::to_owned).collect()
    }

    /// Where late items go; `None` where no policy is in force.
    #[must_use]
    pub fn late(&self) -> Option<&LatePolicy> {
        self.policy.as_ref().map(Policy::late)
    }

    /// What the policy asks for this posting.
    #[must_use]
    pub fn required(&self, facts: &PostingFacts) -> Approvals {
        policy::required(self.policy.as_ref(), facts)
    }

    /// How far the posting's approvals are: what is asked, and whose count. An approval counts when the
    /// person may approve it by today's rules and roster and saw exactly this content; each person once.
    #[must_use]
    pub fn standing(&self, request: &PermitRequest<'_>, roster: &Roster) -> Standing {
        Standing {
            required: self.required(&request.facts),
            given: self.valid(request, Action::Approve, roster, true),
        }
    }

    /// True of an approval that counts no more: the policy lets it count for so long, and it is older. A
    /// rejection does not run out.
    #[must_use]
    pub fn ran_out(&self, decision: &Decision, now: DateTime<Utc>) -> bool {
        decision.action == Action::Approve && self.ran_out_until(now).is_some_and(|last| decision.at <= last)
    }

    /// The instant until which approvals were given that count no more by now; `None` where the policy lets
    /// them count for ever.
    #[must_use]
    pub fn ran_out_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let last = self.policy.as_ref().and_then(Policy::approvals_last)?;
        now.checked_sub_signed(last)
    }

    /// Leave to send one step, derived afresh from the decisions, the roster and the policy in force.
    ///
    /// # Errors
    /// A [`Refusal`] by [`Rule::PeriodClosed`], [`Rule::SoftCloseHolds`], [`Rule::PostingRejected`],
    /// [`Rule::ContentChanged`] or [`Rule::ApprovalsMissing`] (in this order), or by the rule that voids the
    /// approvals that there are.
    pub fn permit(&self, request: &PermitRequest<'_>, roster: &Roster) -> Result<Permit, Refusal> {
        if request.facts.period_status == PeriodStatus::Closed {
            return Err(self.refuse_permit(Rule::PeriodClosed, request, &[], roster));
        }
        if request.facts.period_status == PeriodStatus::SoftClosed && !request.facts.exempt {
            return Err(self.refuse_permit(Rule::SoftCloseHolds, request, &[], roster));
        }
        if !self.valid(request, Action::Reject, roster, true).is_empty() {
            return Err(self.refuse_permit(Rule::PostingRejected, request, &[], roster));
        }
        let standing = self.standing(request, roster);
        if standing.is_complete() {
            let hash = request.content_hash.to_owned();
            return Ok(Permit::new(request.facts.id.clone(), hash, request.place.clone()));
        }
        let of_any_content = self.valid(request, Action::Approve, roster, false);
        let rule = match of_any_content.len() >= standing.required.count() {
            true => Rule::ContentChanged,
            false => self.what_voids(request, roster).unwrap_or(Rule::ApprovalsMissing),
        };
        Err(self.refuse_permit(rule, request, &standing.given, roster))
    }

    /// The people whose decision counts, each once, in the decisions' order.
    fn valid(
        &self,
        request: &PermitRequest<'_>,
        action: Action,
        roster: &Roster,
        exact: bool,
    ) -> Vec<PersonId> {
        let subject = counting(&request.facts);
        let roster = &roster.as_confirmed();
        let (mut people, mut took_part): (Vec<PersonId>, BTreeSet<&PersonId>) = Default::default();
        for decision in request.decisions.iter().filter(|d| d.action == action) {
            if self.ran_out(decision, request.now) {
                continue;
            }
            let saw = decision.content_hash == request.content_hash || !exact;
            let again = decision.people().any(|person| took_part.contains(person));
            if !saw || decision.posting != request.facts.id || again {
                continue;
            }
            if self.answer(roster.get(&decision.person), action, &subject, roster).is_ok() {
                people.push(decision.person.clone());
                took_part.extend(decision.people());
            }
        }
        people
    }

    /// The first rule that voids an approval of exactly this content.
    fn what_voids(&self, request: &PermitRequest<'_>, roster: &Roster) -> Option<Rule> {
        let subject = counting(&request.facts);
        let roster = &roster.as_confirmed();
        let exact = |d: &&Decision| {
            d.action == Action::Approve
                && d.content_hash == request.content_hash
                && d.posting == request.facts.id
        };
        let voided = request.decisions.iter().filter(exact).filter_map(|decision| {
            if self.ran_out(decision, request.now) {
                return Some((Rule::ApprovalRanOut, String::new()));
            }
            self.answer(roster.get(&decision.person), Action::Approve, &subject, roster).err()
        });
        voided.map(|(rule, _)| rule).min()
    }

    fn answer(&self, actor: Option<&Member>, action: Action, subject: &Subject, roster: &Roster) -> Answer {
        let Some(actor) = actor else {
            return Err((Rule::UnknownPerson, Rule::UnknownPerson.code().to_owned()));
        };
        let asked = |subject: &Subject| match cedar::entities(roster, subject) {
            Some(entities) => self.cedar.ask(actor, action, subject, &entities),
            None => Err((Rule::SubjectDoesNotFit, Rule::SubjectDoesNotFit.code().to_owned())),
        };
        let Subject::Posting(facts) = subject else { return asked(subject) };
        let mut answer = asked(&Subject::Posting(facts.clone()));
        for step in facts.each_step().skip(1) {
            answer = match (answer, asked(&Subject::Posting(step))) {
                (Err(one), Err(other)) => Err(one.min(other)),
                (Err(refused), Ok(_)) | (Ok(_), Err(refused)) => Err(refused),
                (Ok(allowed), Ok(_)) => Ok(allowed),
            };
        }
        answer
    }

    fn refuse(
        &self,
        rule: Rule,
        policy: String,
        action: Action,
        subject: &Subject,
        roster: &Roster,
    ) -> Refusal {
        let who_could = self.who_could(action, subject, roster);
        let mut message = rule.says().to_owned();
        let is_limit = self.policy.iter().flat_map(Policy::limits).any(|id| id == policy);
        if is_limit && !self.override_reasons().is_empty() && matches!(subject, Subject::Posting(_)) {
            message += ", which two people may lift for it (tieout override ask)";
        }
        Refusal { rule, policy, message, who_could }
    }

    /// A refused permit says who could approve now, beside those who validly did.
    fn refuse_permit(
        &self,
        rule: Rule,
        request: &PermitRequest<'_>,
        given: &[PersonId],
        roster: &Roster,
    ) -> Refusal {
        let required = self.required(&request.facts);
        let mut facts = request.facts.clone();
        facts.approved_by = given.iter().cloned().collect();
        let who_could = match rule {
            Rule::PeriodClosed | Rule::SoftCloseHolds | Rule::PostingRejected => Vec::new(),
            _ => self.who_could(Action::Approve, &Subject::Posting(facts), roster),
        };
        let who = match cedar::names(roster, &who_could).as_slice() {
            [] => String::new(),
            names => format!("; these could approve it: {}", names.join(", ")),
        };
        let count = format!("{} of {} approvals", given.len(), required.count());
        let message = format!("sending refused: {} ({count}){who}", rule.says());
        Refusal { rule, policy: rule.code().to_owned(), message, who_could }
    }
}

/// The posting as it is judged for one decision alone: who else approved is counted apart.
fn counting(facts: &PostingFacts) -> Subject {
    let mut facts = facts.clone();
    facts.approved_by.clear();
    Subject::Posting(facts)
}
