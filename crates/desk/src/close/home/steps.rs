//! What a workspace needs before it ties anything out: the first run, told as a list until it is done.

use serde::Serialize;
use tieout_domain::people::Role;
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState, Tallies};

use crate::{
    access::actor,
    base::{context::Context, error::DeskResult},
    governance::posting_switch,
};

/// One thing that a workspace needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FirstStep {
    /// Its stable name: billing, ledger, mapping, compared, people, policy, pilot or posting.
    pub step: String,
    /// What it is, its verb first.
    pub title: String,
    /// Why, in a sentence.
    pub says: String,
    /// Who is still needed for it besides whoever acts; empty where nobody is, or it is done.
    pub needs: String,
    /// Whether it is done.
    pub done: bool,
    /// The screen on which it is done.
    pub screen: String,
}

/// All of them in their order; none once all are done.
pub(super) fn steps(ctx: &Context, tallies: &Tallies, mapped: bool) -> DeskResult<Vec<FirstStep>> {
    let connections = ctx.store().connections()?;
    let on = connections.iter().map(|connection| posting_switch::is_on(ctx, connection));
    let posting = on.collect::<DeskResult<Vec<bool>>>()?.contains(&true);
    let files_only = !connections.is_empty() && connections.iter().all(|one| one.is_files());
    let people = ctx.known().people()?.iter().filter(|person| person.active).count();
    let mut steps = vec![
        step(
            "billing",
            "Read billing",
            "Connect the billing system, or import its export.",
            tallies.documents > 0,
            "connections",
        ),
        step(
            "ledger",
            "Read the ledger",
            "Connect the ERP, or import its ledger detail.",
            tallies.entries > 0,
            "connections",
        ),
        step(
            "mapping",
            "Put an account mapping in force",
            "It says on which accounts, and in which entity, billing belongs. Files may bring their own.",
            mapped || files_only,
            if waits(ctx, ChangeKind::Mapping)?.is_empty() { "setup" } else { "governance" },
        ),
        step(
            "compared",
            "Compare the two",
            "What does not tie out is listed in the queues.",
            tallies.checked_at.is_some() && tallies.documents > 0 && tallies.entries > 0,
            "queue",
        ),
        step(
            "people",
            "Bring in a second person",
            "Who prepares a posting does not approve it.",
            people > 1,
            "people",
        ),
    ];
    if !files_only {
        let policy = actor::policy_in_force(ctx)?.is_some();
        steps.extend(to_post(policy, posting));
    }
    if steps.iter().all(|one| one.done) { Ok(Vec::new()) } else { with_needs(ctx, steps) }
}

/// What is needed before anything is posted.
fn to_post(policy: bool, posting: bool) -> [FirstStep; 3] {
    [
        step(
            "policy",
            "Put a policy in force",
            "It says how many approvals an amount needs.",
            policy,
            "governance",
        ),
        step(
            "pilot",
            "Read the pilot's report",
            "What agrees in the last closed period, what does not, why, and by how much.",
            posting,
            "pilot",
        ),
        step(
            "posting",
            "Switch posting on",
            "Two people sign the figures; until then a connection only observes.",
            posting,
            "connections",
        ),
    ]
}

fn step(step: &str, title: &str, says: &str, done: bool, screen: &str) -> FirstStep {
    FirstStep {
        step: step.to_owned(),
        title: title.to_owned(),
        says: says.to_owned(),
        needs: String::new(),
        done,
        screen: screen.to_owned(),
    }
}

fn with_needs(ctx: &Context, mut steps: Vec<FirstStep>) -> DeskResult<Vec<FirstStep>> {
    for step in steps.iter_mut().filter(|step| !step.done) {
        step.needs = needs(ctx, &step.step)?;
    }
    Ok(steps)
}

/// Changes of this kind that wait for an approval.
fn waits(ctx: &Context, kind: ChangeKind) -> DeskResult<Vec<Change>> {
    let filter = ChangeFilter { kind: Some(kind), name: None, state: Some(ChangeState::Inert) };
    Ok(ctx.store().changes(&filter)?)
}

/// Who is still needed for a step: nobody puts a mapping or a policy in force alone, nor posting.
fn needs(ctx: &Context, step: &str) -> DeskResult<String> {
    let kind = match step {
        "mapping" => ChangeKind::Mapping,
        "policy" => ChangeKind::Policy,
        "posting" => ChangeKind::Posting,
        _ => return Ok(String::new()),
    };
    let waiting = waits(ctx, kind)?;
    let people = ctx.known().people()?;
    let deciders: Vec<_> = people
        .iter()
        .filter(|person| person.active && matches!(person.role, Role::Controller | Role::Administrator))
        .collect();
    let Some(change) = waiting.first() else {
        return Ok(match deciders.as_slice() {
            [] | [_] => "You prepare it; a second person, a controller or administrator, has to approve it. \
                 Nobody else is here yet."
                .to_owned(),
            _ => String::new(),
        });
    };
    let names: Vec<&str> = deciders
        .iter()
        .filter(|person| person.id.as_str() != change.author)
        .map(|person| person.name.as_str())
        .collect();
    Ok(match names.as_slice() {
        [] => {
            "It waits for a second person, a controller or administrator: nobody else is here yet.".to_owned()
        }
        some => format!("It waits for an approval by {}.", some.join(" or ")),
    })
}
