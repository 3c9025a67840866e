//! How a late item's way is told, the same on every screen, in the log and in what is exported.

use tieout_domain::{basis::Routing, calendar::PeriodKey, posting::Posting};
use tieout_duties::{Approvals, Passed, Verdict};

use crate::{
    access::actor,
    base::{context::Context, error::DeskResult, wording},
    queue::late::Ruled,
};

/// Where it goes and by which rule: `July 2026 (AR closed 7 Aug) → November 2026 by L3 "up to 5,000, next
/// open period" (policy 4)`; or who it waits for.
pub(crate) fn line(ruled: &Ruled) -> String {
    let own = own(&ruled.own.key, &ruled.own_was);
    let rule = rule(ruled);
    match (&ruled.verdict, &ruled.into) {
        (Verdict::Route { into, .. }, _) => format!("{own} → {} by {rule}", period(into)),
        (Verdict::Reopen { .. }, _) => {
            format!("{own}, held: {rule} asks for {} to be opened again", period(&ruled.own.key))
        }
        (Verdict::Hold { rule: Some(_), .. }, _) => {
            format!("{own}, held for {} by {rule}", people(ruled.approvals()))
        }
        (Verdict::Hold { rule: None, .. } | Verdict::InTime, _) => {
            let passed: Vec<String> =
                ruled.passed.iter().map(|(rule, why)| not_by(&rule.name, why)).collect();
            match passed.is_empty() {
                true => format!("{own}, held: no rule takes it"),
                false => format!("{own}, held: no rule takes it ({})", passed.join("; ")),
            }
        }
    }
}

/// The same in the few words of a column.
pub(crate) fn short(ruled: &Ruled) -> String {
    let name = ruled.rule.as_ref().map(|rule| rule.name.as_str()).unwrap_or_default();
    match &ruled.verdict {
        Verdict::Route { .. } => format!("Late, {name} routes"),
        Verdict::Reopen { .. } => format!("Late, {name} asks to reopen"),
        Verdict::Hold { rule: Some(_), .. } => format!("Late, {name} holds"),
        Verdict::Hold { rule: None, .. } | Verdict::InTime => "Late, held".to_owned(),
    }
}

/// What a posting keeps of it; `by` is the person who put it where it goes, where a rule did not.
pub(crate) fn routing_line(routing: &Routing, by: Option<&str>) -> String {
    let way = format!("{} → {}", own(&routing.own, &routing.own_was), period(&routing.into));
    let rule = routing.rule.as_ref().map(|name| named(name, &routing.says, routing.version));
    match (rule, routing.held) {
        (Some(rule), false) => format!("{way} by {rule}"),
        (Some(rule), true) => format!("{way} by {}, held by {rule}", by.unwrap_or("a person")),
        (None, _) => format!("{way} by {}, no rule takes it", by.unwrap_or("a person")),
    }
}

/// Of a late item's posting, by which rule it goes where it goes, or who put it there.
///
/// # Errors
/// A database error.
pub(crate) fn of_posting(ctx: &Context, posting: &Posting) -> DeskResult<Option<String>> {
    let Some(routing) = posting.basis.as_ref().and_then(|basis| basis.routing.as_ref()) else {
        return Ok(None);
    };
    let by = match &posting.preparer {
        Some(person) => Some(actor::names(ctx)?.of(person.as_str())),
        None => None,
    };
    Ok(Some(routing_line(routing, by.as_deref())))
}

/// Why a rule that is meant for such items does not take this one.
pub(crate) fn not_by(rule: &str, why: &Passed) -> String {
    let why = match why {
        Passed::Limit => "it is over its limit",
        Passed::Customer => "its customer's limit is used up",
        Passed::Period => "its cap for the period is used up",
        Passed::YearEnd => "a year ends in between",
        Passed::TaxClosed => "its tax period is closed",
        Passed::NothingOpen => "no later period is open",
        Passed::OwnClosed => "its own period takes nothing",
        Passed::OwnOpen => "its own period takes it",
    };
    format!("not {rule}: {why}")
}

fn own(key: &PeriodKey, was: &str) -> String {
    format!("{} ({was})", period(key))
}

fn period(key: &PeriodKey) -> String {
    wording::period(key.as_str())
}

fn rule(ruled: &Ruled) -> String {
    ruled.rule.as_ref().map_or_else(String::new, |rule| named(&rule.name, &rule.says, ruled.version))
}

fn named(name: &str, says: &str, version: u32) -> String {
    format!("{name} \"{says}\" (policy {version})")
}

fn people(approvals: Approvals) -> &'static str {
    match approvals {
        Approvals::None | Approvals::One => "an approver",
        Approvals::Two => "two approvers",
    }
}
