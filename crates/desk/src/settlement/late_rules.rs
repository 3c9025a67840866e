//! The rules of a policy for late items as a table: what each takes, up to where, what it does, and how much
//! of its limits is used.

use std::collections::BTreeMap;

use serde::Serialize;
use tieout_domain::{Currency, EntityCode, Money, calendar::PeriodKey, said};
use tieout_duties::{BookState, LateAction, LateBooks, LateRule, Policy};
use tieout_store::ChangeKind;

use crate::{
    base::{
        context::Context,
        error::{DeskError, DeskResult},
        said::Said,
        wording,
    },
    governance::changes,
    settlement::simulate::{self, Simulation},
};

/// What a policy says of late items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LateRulesView {
    /// The rules, in the order in which they are tried.
    pub rules: Vec<LateRuleView>,
    /// What it says of entities' years and tax periods, in sentences.
    pub books: Vec<String>,
    /// What it would have made of the late items when it was brought in; `None` where nothing was kept.
    pub simulation: Option<Simulation>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LateRuleView {
    /// Its name.
    pub rule: String,
    /// What it says.
    pub says: String,
    /// What it takes, in words.
    pub takes: String,
    /// Up to where, in words; empty where it has no limit.
    pub limits: String,
    /// The same in pieces, for a page.
    pub limits_said: Vec<Said>,
    /// What it does, in words.
    pub does: String,
    /// none, one or two: how many have to approve it at least.
    pub approvals: String,
    /// What it has sent into periods so far.
    pub used: Vec<LateUsedView>,
}

/// What a rule has sent into one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LateUsedView {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// How much, gross, in the entity's functional currency, major units.
    pub amount: String,
    /// That currency.
    pub currency: String,
    /// The rule's cap for a period; `None` where it has none.
    pub cap: Option<String>,
    /// The same in pieces, for a page.
    pub cap_said: Vec<Said>,
}

/// The rules of a policy that was brought in, by its id; of the one in force where the id is empty. Any other
/// change has none.
///
/// # Errors
/// `not_found`, `bad_id`, `policy_…`, a database error.
pub fn late_rules(ctx: &Context, id: &str) -> DeskResult<LateRulesView> {
    let ctx = &ctx.asking();
    let change = match id.is_empty() {
        true => changes::policy_change(ctx)?,
        false => Some(ctx.store().change(&id.parse()?)?),
    };
    let nothing = LateRulesView { rules: Vec::new(), books: Vec::new(), simulation: None };
    let Some(change) = change.filter(|change| change.kind == ChangeKind::Policy) else { return Ok(nothing) };
    let policy = Policy::parse(&change.content).map_err(|e| DeskError::below(e.code(), e.to_string()))?;
    let used = used(ctx)?;
    let late = policy.late();
    Ok(LateRulesView {
        rules: late.rules.iter().map(|rule| view(rule, &used)).collect(),
        books: late.books.iter().map(books).collect(),
        simulation: simulate::policy_simulation(ctx, change.id.as_str())?,
    })
}

type Used = BTreeMap<(String, EntityCode, PeriodKey), (Currency, i128)>;

/// What every rule has sent into every period, by what postings say.
fn used(ctx: &Context) -> DeskResult<Used> {
    let mut used = Used::new();
    let Some(mapping) = changes::mapping_in_force(ctx)? else { return Ok(used) };
    for entity in &mapping.content.entities {
        for posting in ctx.store().routed_postings(&entity.code)? {
            let Some(routing) = posting.basis.and_then(|basis| basis.routing) else { continue };
            let Some(rule) = routing.rule.filter(|_| !routing.held) else { continue };
            let key = (rule, entity.code.clone(), routing.into);
            let sum = used.entry(key).or_insert((entity.functional_currency, 0));
            sum.1 += i128::from(routing.gross_minor).abs();
        }
    }
    Ok(used)
}

fn view(rule: &LateRule, used: &Used) -> LateRuleView {
    let money = |minor: i64| {
        rule.currency.map_or_else(String::new, |currency| said::amount(Money::new(minor, currency)))
    };
    let cap = rule.per_period.map(money);
    let limits = limits(rule, money);
    let of_rule = used.iter().filter(|((name, _, _), _)| *name == rule.name);
    let sent = of_rule.map(|((_, entity, period), (currency, minor))| LateUsedView {
        entity: entity.to_string(),
        period: period.to_string(),
        amount: wording::wide_text(*minor, *currency),
        currency: currency.code().to_owned(),
        cap: cap.as_deref().map(said::plain),
        cap_said: cap.as_deref().map(Said::of).unwrap_or_default(),
    });
    LateRuleView {
        rule: rule.name.clone(),
        says: rule.says.clone(),
        takes: takes(rule),
        limits_said: Said::of(&limits),
        limits: said::plain(&limits),
        does: does(rule.action).to_owned(),
        approvals: rule.approvals.as_str().to_owned(),
        used: sent.collect(),
    }
}

fn takes(rule: &LateRule) -> String {
    let mut parts = vec![rule.entity.as_ref().map_or("every entity".to_owned(), ToString::to_string)];
    parts.extend(rule.currency.map(|currency| format!("books in {}", currency.code())));
    if !rule.kinds.is_empty() {
        let kinds: Vec<String> = rule.kinds.iter().map(|kind| kind.label().to_lowercase()).collect();
        parts.push(kinds.join(" or "));
    }
    parts.extend(rule.days_late.map(|days| format!("up to {days} days after the close")));
    for (name, asked) in [("AR", rule.ar), ("AP", rule.ap), ("GL", rule.gl)] {
        parts.extend(asked.map(|state| format!("{name} {}", state_words(state))));
    }
    parts.join(", ")
}

fn state_words(state: BookState) -> &'static str {
    match state {
        BookState::Open => "open",
        BookState::SoftClosed => "soft-closed",
        BookState::Closed => "closed",
    }
}

fn limits(rule: &LateRule, money: impl Fn(i64) -> String) -> String {
    let mut parts = Vec::new();
    match (rule.up_to, rule.per_customer) {
        (Some(each), Some(customer)) if each == customer => {
            parts.push(format!("{} of each document and customer", money(each)));
        }
        (each, customer) => {
            parts.extend(each.map(|each| format!("{} of each document", money(each))));
            parts.extend(customer.map(|customer| format!("{} of each customer", money(customer))));
        }
    }
    parts.extend(rule.per_period.map(|period| format!("{} in a period", money(period))));
    parts.join(", ")
}

fn does(action: LateAction) -> &'static str {
    match action {
        LateAction::OwnPeriod => "into its own period",
        LateAction::NextOpen => "into the next open period",
        LateAction::Hold => "held for a person",
        LateAction::Reopen => "asks for its own period to be opened again",
    }
}

fn books(of: &LateBooks) -> String {
    let mut parts = Vec::new();
    parts.extend(of.year_starts.map(|(month, day)| format!("its year begins on {month:02}-{day:02}")));
    parts.extend(
        of.tax_closed_to.map(|day| format!("its tax periods are closed up to {}", wording::day(day))),
    );
    format!("{}: {}", of.entity, parts.join(", "))
}
