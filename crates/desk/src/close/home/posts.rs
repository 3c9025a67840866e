//! What the next sending takes, by whose word and into which period, and what still needs an approval.

use std::collections::BTreeMap;

use serde::Serialize;
use tieout_domain::{PersonId, posting::PostingState};
use tieout_store::PostingLoad;

use super::standing::{self, Gross, Load};
use crate::{
    access::actor,
    base::{context::Context, error::DeskResult, labels},
    governance::reporting::Reporting,
    settlement::batch::{self, Ask},
};

/// How many of an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct EntityCount {
    /// The legal entity.
    pub entity: String,
    /// How many.
    pub count: u64,
}

/// Postings that go together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PostsNext {
    /// True where the next sending takes them; else they wait for an approval.
    pub ready: bool,
    /// What the rule of the policy that let them go covers; `None` where people decided or decide.
    pub rule: Option<String>,
    /// How it is said.
    pub says: String,
    /// The documents' own period; `None` where it is not known.
    pub from: Option<String>,
    /// The period that they post into.
    pub to: String,
    /// The entities.
    pub entities: Vec<EntityCount>,
    /// How many, and how much.
    pub load: Load,
    /// Names of those who could approve; empty where nobody has to.
    pub approvers: Vec<String>,
    /// True where the person who acts could.
    pub yours: bool,
}

type Key<'l> = (bool, Option<&'l str>, Option<&'l str>, &'l str);

pub(super) fn posts(
    ctx: &Context,
    reporting: &Reporting,
    me: Option<&PersonId>,
) -> DeskResult<Vec<PostsNext>> {
    let loads = ctx.store().posting_loads()?;
    let mut groups: BTreeMap<Key<'_>, Vec<&PostingLoad>> = BTreeMap::new();
    for load in &loads {
        let waits = load.state == PostingState::Proposed;
        let key = (waits, load.rule.as_deref(), load.own_period.as_deref(), load.period.as_str());
        groups.entry(key).or_default().push(load);
    }
    let mut posts = Vec::new();
    for ((waits, rule, from, to), loads) in groups {
        let (yours, approvers) = if waits { approvers(ctx, &loads, me)? } else { (false, Vec::new()) };
        let mut gross: Gross = (0, BTreeMap::new());
        let mut entities: BTreeMap<&str, u64> = BTreeMap::new();
        for load in &loads {
            let sum = gross.1.entry(load.currency).or_default();
            *sum = (sum.0 + load.count, sum.1 + load.gross_minor);
            gross.0 += load.count;
            *entities.entry(&load.entity).or_default() += load.count;
        }
        posts.push(PostsNext {
            ready: !waits,
            rule: rule.map(labels::rule_covers),
            says: says(waits, rule, (from, to)),
            from: from.map(str::to_owned),
            to: to.to_owned(),
            entities: entities
                .into_iter()
                .map(|(entity, count)| EntityCount { entity: entity.to_owned(), count })
                .collect(),
            load: standing::view(&gross, reporting),
            approvers,
            yours,
        });
    }
    Ok(posts)
}

fn says(waits: bool, rule: Option<&str>, (from, to): (Option<&str>, &str)) -> String {
    let who = match (waits, rule) {
        (true, _) => "Proposed",
        (false, Some(_)) => "By policy",
        (false, None) => "Approved",
    };
    match from {
        Some(from) if from != to => {
            format!("{who}, late: {} to {}", standing::month(from), standing::month(to))
        }
        _ => format!("{who}, in its own period"),
    }
}

/// Whether the person who acts may approve one of these, and who else could.
fn approvers(
    ctx: &Context,
    loads: &[&PostingLoad],
    me: Option<&PersonId>,
) -> DeskResult<(bool, Vec<String>)> {
    let others = loads.iter().find(|load| me.is_none() || load.preparer.as_ref() != me);
    let Some(load) = others.or(loads.first()) else { return Ok((false, Vec::new())) };
    let judged = batch::actions(ctx, load.one.as_str(), &[Ask::Approve]);
    let yours = judged.iter().all(|one| one.allowed);
    let could = judged.into_iter().flat_map(|one| one.who_could).collect();
    Ok((yours && actor::acting_person(ctx).is_ok(), could))
}
