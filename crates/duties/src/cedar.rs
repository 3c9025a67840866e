//! The rules as Cedar sees them: facts become entities, an answer becomes the list of rules that forbid.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    str::FromStr,
};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PolicyId,
    PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use tieout_domain::{Money, PersonId, calendar::PeriodStatus, people::Action};

use crate::{
    facts::{EnrolmentFacts, PostingFacts, SignOffFacts, Subject},
    policy_error::PolicyError,
    roster::{Member, Roster},
    rules::Rule,
};

const RULES: &str = include_str!("rules.cedar");
const SCHEMA: &str = include_str!("rules.cedarschema");

/// What forbids, if anything: the rule, and the id of the policy.
pub(crate) type Answer = Result<String, (Rule, String)>;

/// The built-in rules and a workspace's own, ready to be asked.
pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    schema: Schema,
}

impl Cedar {
    /// Loads the built-in rules and `forbids`, and checks all of them against the schema.
    pub(crate) fn new(forbids: &[Policy]) -> Result<Self, PolicyError> {
        let (schema, _) =
            Schema::from_cedarschema_str(SCHEMA).map_err(|e| PolicyError::BuiltIn(e.to_string()))?;
        let mut policies = PolicySet::new();
        for policy in built_in()? {
            policies.add(policy).map_err(|e| PolicyError::BuiltIn(e.to_string()))?;
        }
        for policy in forbids {
            policies.add(policy.clone()).map_err(|e| PolicyError::CedarInvalid(e.to_string()))?;
        }
        let checked = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !checked.validation_passed() {
            let all: Vec<String> = checked.validation_errors().map(ToString::to_string).collect();
            return Err(PolicyError::CedarInvalid(all.join("; ")));
        }
        Ok(Self { authorizer: Authorizer::new(), policies, schema })
    }

    /// Asks for one member. `Ok` names the policy that allows.
    pub(crate) fn ask(
        &self,
        actor: &Member,
        action: Action,
        subject: &Subject,
        entities: &Entities,
    ) -> Answer {
        let request = uid("Person", actor.id.as_str()).and_then(|principal| {
            let action = uid("Action", action.as_str())?;
            let resource = subject_uid(subject)?;
            Request::new(principal, action, resource, Context::empty(), Some(&self.schema)).ok()
        });
        let Some(request) = request else { return Err(broken(Rule::SubjectDoesNotFit)) };
        let policies = match subject {
            Subject::Posting(facts) if !facts.lifted.is_empty() => Cow::Owned(self.without(&facts.lifted)),
            _ => Cow::Borrowed(&self.policies),
        };
        let response = self.authorizer.is_authorized(&request, &policies, entities);
        let named = |id: &PolicyId| self.name(id);
        let mut reasons: Vec<(Rule, String)> = Vec::new();
        if response.decision() == Decision::Deny {
            // The reasons of a denial are the policies that forbid; none of them means that none permits.
            reasons.extend(response.diagnostics().reason().map(named));
            if reasons.is_empty() {
                reasons.push(broken(Rule::RoleMayNot));
            }
        }
        // Cedar skips a policy that fails to evaluate. A prohibition that cannot be judged refuses here.
        for error in response.diagnostics().errors() {
            let cedar_policy::AuthorizationError::PolicyEvaluationError(error) = error;
            reasons.push((Rule::PolicyCannotBeEvaluated, self.name(error.policy_id()).1));
        }
        match reasons.into_iter().min() {
            Some(first) => Err(first),
            None => Ok(response.diagnostics().reason().map(|id| named(id).1).min().unwrap_or_default()),
        }
    }

    /// All policies but the limits of these ids: what is no limit stays, whatever is asked.
    fn without(&self, lifted: &BTreeSet<String>) -> PolicySet {
        let stays = |policy: &&Policy| {
            policy.annotation("limit").is_none() || !lifted.contains(&policy.id().to_string())
        };
        PolicySet::from_policies(self.policies.policies().filter(stays).cloned()).unwrap_or_default()
    }

    fn name(&self, id: &PolicyId) -> (Rule, String) {
        let text = id.to_string();
        (Rule::parse(&text).unwrap_or(Rule::WorkspacePolicy), text)
    }
}

fn broken(rule: Rule) -> (Rule, String) {
    (rule, rule.code().to_owned())
}

/// The built-in policies, each under the id that it is annotated with.
pub(crate) fn built_in() -> Result<Vec<Policy>, PolicyError> {
    let set = PolicySet::from_str(RULES).map_err(|e| PolicyError::BuiltIn(e.to_string()))?;
    set.policies()
        .map(|policy| match policy.annotation("id") {
            Some(id) => Ok(policy.new_id(PolicyId::new(id))),
            None => Err(PolicyError::BuiltIn(format!("{} has no id", policy.id()))),
        })
        .collect()
}

/// The facts of a judgement as entities: every member, and the subject.
pub(crate) fn entities(roster: &Roster, subject: &Subject) -> Option<Entities> {
    let mut all: Vec<Entity> = Vec::with_capacity(roster.members().len() + 1);
    for member in roster.members() {
        let attributes = HashMap::from([
            ("role".to_owned(), RestrictedExpression::new_string(member.role.as_str().to_owned())),
            ("active".to_owned(), RestrictedExpression::new_bool(member.active)),
            ("confirmed".to_owned(), RestrictedExpression::new_bool(member.confirmed)),
        ]);
        all.push(Entity::new(uid("Person", member.id.as_str())?, attributes, HashSet::new()).ok()?);
    }
    let about = |attributes| Entity::new(subject_uid(subject)?, attributes, HashSet::new()).ok();
    match subject {
        Subject::Item(item) => {
            let entity = item.entity.as_ref().map_or("", |e| e.as_str());
            let mut attributes = money(item.amount);
            attributes.insert("entity".to_owned(), text(entity));
            attributes.insert("kind".to_owned(), text(item.kind.as_str()));
            all.push(about(attributes)?);
        }
        Subject::Posting(facts) => all.push(about(posting(facts)?)?),
        Subject::Match(facts) => {
            let mut attributes = money(Some(facts.amount));
            attributes.insert("entity".to_owned(), text(facts.entity.as_ref().map_or("", |e| e.as_str())));
            attributes.insert("confirmed_by".to_owned(), set_of(&facts.confirmed_by)?);
            all.push(about(attributes)?);
        }
        Subject::Change(change) => {
            let author = RestrictedExpression::new_entity_uid(uid("Person", change.author.as_str())?);
            let attributes = [
                ("author".to_owned(), author),
                ("what".to_owned(), text(change.what.as_str())),
                ("gains".to_owned(), set_of(&change.gains)?),
                ("took_part".to_owned(), set_of(&change.took_part)?),
            ];
            all.push(about(HashMap::from(attributes))?);
        }
        Subject::SignOff(facts) => all.push(about(sign_off(facts)?)?),
        // A member is among the roster already; somebody who is to be added has no attributes yet.
        Subject::Person(_) => {}
        Subject::Enrolment(facts) => all.push(about(enrolment(facts)?)?),
        Subject::Handover(facts) => {
            let by = set_of(&facts.handed_over_by)?;
            all.push(about(HashMap::from([("handed_over_by".to_owned(), by)]))?);
        }
        Subject::Workspace => all.push(about(HashMap::new())?),
    }
    Entities::from_entities(all, None).ok()
}

fn sign_off(facts: &SignOffFacts) -> Option<HashMap<String, RestrictedExpression>> {
    let mut attributes = HashMap::from([
        ("entity".to_owned(), text(facts.entity.as_str())),
        ("worked_on_items".to_owned(), set_of(&facts.worked_on_items)?),
    ]);
    if let Some(preparer) = &facts.preparer {
        let person = RestrictedExpression::new_entity_uid(uid("Person", preparer.as_str())?);
        attributes.insert("preparer".to_owned(), person);
    }
    Some(attributes)
}

fn enrolment(facts: &EnrolmentFacts) -> Option<HashMap<String, RestrictedExpression>> {
    let person = RestrictedExpression::new_entity_uid(uid("Person", facts.person.as_str())?);
    Some(HashMap::from([
        ("person".to_owned(), person),
        ("issuers".to_owned(), set_of(&facts.issuers)?),
        ("by_administrator".to_owned(), RestrictedExpression::new_bool(facts.by_administrator)),
        ("restored".to_owned(), RestrictedExpression::new_bool(facts.restored)),
    ]))
}

fn set_of(people: &BTreeSet<PersonId>) -> Option<RestrictedExpression> {
    let person = |id: &PersonId| uid("Person", id.as_str()).map(RestrictedExpression::new_entity_uid);
    let people: Vec<RestrictedExpression> = people.iter().map(person).collect::<Option<_>>()?;
    Some(RestrictedExpression::new_set(people))
}

fn posting(facts: &PostingFacts) -> Option<HashMap<String, RestrictedExpression>> {
    let status = match facts.period_status {
        PeriodStatus::Open => "open",
        PeriodStatus::SoftClosed => "soft_closed",
        PeriodStatus::Locked { .. } => "locked",
        PeriodStatus::Closed => "closed",
    };
    let mut attributes = money(Some(facts.gross));
    for (name, value) in [
        ("entity", facts.entity.as_str()),
        ("kind", facts.kind.as_str()),
        ("origin", facts.origin.as_str()),
        ("period_status", status),
    ] {
        attributes.insert(name.to_owned(), text(value));
    }
    if let Some(preparer) = &facts.preparer {
        let person = RestrictedExpression::new_entity_uid(uid("Person", preparer.as_str())?);
        attributes.insert("preparer".to_owned(), person);
    }
    for (name, people) in [
        ("editors", &facts.editors),
        ("basis_authors", &facts.basis_authors),
        ("approved_by", &facts.approved_by),
    ] {
        attributes.insert(name.to_owned(), set_of(people)?);
    }
    Some(attributes)
}

fn money(amount: Option<Money>) -> HashMap<String, RestrictedExpression> {
    let gross = amount.map_or(0, |a| i64::try_from(a.minor().unsigned_abs()).unwrap_or(i64::MAX));
    let currency = amount.map_or_else(String::new, |a| a.currency().code().to_owned());
    HashMap::from([
        ("currency".to_owned(), RestrictedExpression::new_string(currency)),
        ("gross_minor".to_owned(), RestrictedExpression::new_long(gross)),
    ])
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn subject_uid(subject: &Subject) -> Option<EntityUid> {
    match subject {
        Subject::Item(item) => uid("Item", item.id.as_str()),
        Subject::Posting(facts) => uid("Posting", facts.id.as_str()),
        Subject::Match(facts) => uid("Match", facts.id.as_str()),
        Subject::Change(change) => uid("Change", change.id.as_str()),
        Subject::SignOff(facts) => uid("SignOff", facts.id.as_str()),
        Subject::Person(person) => uid("Person", person.target.as_str()),
        Subject::Enrolment(facts) => uid("Enrolment", facts.person.as_str()),
        Subject::Handover(facts) => uid("Handover", facts.id.as_str()),
        Subject::Workspace => uid("Workspace", "workspace"),
    }
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let kind = EntityTypeName::from_str(kind).ok()?;
    Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

/// The names of people, in the roster's order.
pub(crate) fn names(roster: &Roster, people: &[PersonId]) -> Vec<String> {
    people.iter().filter_map(|id| roster.get(id)).map(|member| member.name.clone()).collect()
}
