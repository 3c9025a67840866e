//! A workspace's own policy file: amount tiers, and Cedar policies that may only forbid.
//!
//! ```toml
//! schema = 1
//! approvals_last_days = 14  # an approval that is older counts no more; without it they do not run out
//!
//! [[tier]]
//! entity = "*"            # a legal entity's code, or every one
//! kind = "unposted"       # an exception kind, or "*"
//! currency = "GBP"        # the entity's functional currency; "*" only with up_to = "unlimited"
//! up_to = "10000.00"      # major units, included, or "unlimited"
//! approvals = "one"       # none, one, two (different people)
//!
//! [[override_reason]]     # by which reasons two people may lift a limit for one posting
//! code = "customer_escalation"
//! says = "A customer's escalation that cannot wait"
//!
//! # [[late]] …           # where late items go: see `late_file`
//! # [[sla]] …            # how long flows may take: see `sla_file`
//!
//! # cedar = """ @id("…") @reason("…") forbid (…) when { … }; """
//! ```
//!
//! A Cedar policy that is annotated with `@limit("…")` is a limit, which an override lifts for one posting;
//! the others, and the built-in rules, are prohibitions, which nothing lifts.

use std::{collections::HashSet, str::FromStr};

use cedar_policy::{Effect, PolicyId, PolicySet};
use chrono::Duration;
use serde::Deserialize;
use tieout_domain::{
    Currency, EntityCode, Money, MoneyError, calendar::PeriodStatus, exception::ExceptionKind,
    hash::sha256_hex, people::Origin, sla::SlaPolicy,
};

use crate::{
    approvals::Approvals,
    cedar::Cedar,
    facts::PostingFacts,
    late::LatePolicy,
    late_file::{self, BooksText, LateText},
    policy_error::PolicyError,
    sla_file::{self, HoursText, SlaText},
};

/// How the ids of a workspace's own Cedar policies begin.
pub(crate) const WORKSPACE: &str = "workspace:";

/// One amount tier. `None` stands for `*` and for `unlimited`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Only for this legal entity.
    pub entity: Option<EntityCode>,
    /// Only for this kind of exception.
    pub kind: Option<ExceptionKind>,
    /// Only for amounts in this currency.
    pub currency: Option<Currency>,
    /// Largest amount, included, minor units of `currency`.
    pub up_to: Option<i64>,
    /// What it asks for.
    pub approvals: Approvals,
}

impl std::fmt::Display for Tier {
    /// As a log names it: `unposted, every entity, up to 1000.00 USD: approvals none`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = self.kind.map_or("every kind", ExceptionKind::as_str);
        let entity = self.entity.as_ref().map_or("every entity", EntityCode::as_str);
        let approvals = self.approvals.as_str();
        match (self.up_to, self.currency) {
            (Some(minor), Some(currency)) => {
                let most = Money::new(minor, currency).to_decimal();
                write!(f, "{kind}, {entity}, up to {most} {}: approvals {approvals}", currency.code())
            }
            (_, Some(currency)) => {
                write!(f, "{kind}, {entity}, any amount of {}: approvals {approvals}", currency.code())
            }
            (_, None) => write!(f, "{kind}, {entity}, any amount: approvals {approvals}"),
        }
    }
}

impl Tier {
    fn matches(&self, entity: &EntityCode, kind: ExceptionKind, gross: Money) -> bool {
        self.entity.as_ref().is_none_or(|e| e == entity)
            && self.kind.is_none_or(|k| k == kind)
            && self.currency.is_none_or(|c| c == gross.currency())
            && self.up_to.is_none_or(|most| gross.minor().unsigned_abs() <= most.unsigned_abs())
    }

    /// Smaller is more exact: a named entity before a named kind before neither; then the smallest
    /// amount; a named currency before any.
    fn rank(&self) -> (bool, bool, u64, bool) {
        let most = self.up_to.map_or(u64::MAX, i64::unsigned_abs);
        (self.entity.is_none(), self.kind.is_none(), most, self.currency.is_none())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    approvals_last_days: Option<u32>,
    #[serde(default)]
    tier: Vec<TierText>,
    #[serde(default)]
    override_reason: Vec<OverrideReason>,
    #[serde(default)]
    late: Vec<LateText>,
    #[serde(default)]
    late_books: Vec<BooksText>,
    #[serde(default)]
    sla: Vec<SlaText>,
    #[serde(default)]
    business_hours: Vec<HoursText>,
    cedar: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TierText {
    entity: String,
    kind: String,
    currency: String,
    up_to: String,
    approvals: Approvals,
}

impl TierText {
    fn read(&self, tier: usize) -> Result<Tier, PolicyError> {
        let any = |text: &str| text.trim() == "*";
        let entity = match any(&self.entity) {
            true => None,
            false => Some(
                self.entity.parse().map_err(|_| PolicyError::Entity { tier, text: self.entity.clone() })?,
            ),
        };
        let kind = match any(&self.kind) {
            true => None,
            false => Some(
                ExceptionKind::parse(self.kind.trim())
                    .ok_or_else(|| PolicyError::Kind { tier, text: self.kind.clone() })?,
            ),
        };
        let bad_currency = || PolicyError::Currency { tier, text: self.currency.clone() };
        let currency = match any(&self.currency) {
            true => None,
            false => Some(Currency::new(&self.currency).map_err(|_| bad_currency())?),
        };
        let up_to = match self.up_to.trim() {
            "unlimited" => None,
            amount => Some(self.amount(tier, amount, currency.ok_or_else(bad_currency)?)?),
        };
        Ok(Tier { entity, kind, currency, up_to, approvals: self.approvals })
    }

    fn amount(&self, tier: usize, text: &str, currency: Currency) -> Result<i64, PolicyError> {
        let bad = |why: String| PolicyError::Amount { tier, text: self.up_to.clone(), why };
        let money = Money::parse(text, currency).map_err(|e: MoneyError| bad(e.to_string()))?;
        if money.minor() < 0 {
            return Err(bad("the amount is negative".to_owned()));
        }
        Ok(money.minor())
    }
}

/// By which reason a limit may be lifted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideReason {
    /// Its code: small letters, digits and `_`.
    pub code: String,
    /// What it says.
    pub says: String,
}

/// A workspace's policy, read and checked.
#[derive(Clone, Debug)]
pub struct Policy {
    tiers: Vec<Tier>,
    late: LatePolicy,
    sla: SlaPolicy,
    approvals_last: Option<Duration>,
    override_reasons: Vec<OverrideReason>,
    forbids: Vec<cedar_policy::Policy>,
}

impl Policy {
    /// Reads and checks a policy file.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: File = toml::from_str(text).map_err(|e| PolicyError::Syntax(e.to_string()))?;
        if file.schema != 1 {
            return Err(PolicyError::Schema(file.schema));
        }
        let tiers: Vec<Tier> =
            file.tier.iter().zip(1..).map(|(tier, number)| tier.read(number)).collect::<Result<_, _>>()?;
        check_tiers(&tiers)?;
        let late = late_file::read(&file.late, &file.late_books)?;
        let sla = sla_file::read(&file.sla, &file.business_hours)?;
        let approvals_last = approvals_last(file.approvals_last_days)?;
        let forbids = match file.cedar.as_deref() {
            None => Vec::new(),
            Some(text) => read_forbids(text)?,
        };
        check_reasons(&file.override_reason)?;
        Ok(Self { tiers, late, sla, approvals_last, override_reasons: file.override_reason, forbids })
    }

    /// The text's identity, by which approvals of the change refer to it.
    #[must_use]
    pub fn text_hash(text: &str) -> String {
        sha256_hex(text.as_bytes())
    }

    /// The tiers, in the file's order.
    #[must_use]
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    /// Where late items go.
    #[must_use]
    pub fn late(&self) -> &LatePolicy {
        &self.late
    }

    /// How long an approval counts; `None` where it does not run out.
    #[must_use]
    pub fn approvals_last(&self) -> Option<Duration> {
        self.approvals_last
    }

    /// How long flows may take.
    #[must_use]
    pub fn sla(&self) -> &SlaPolicy {
        &self.sla
    }

    /// By which reasons a limit may be lifted, in the file's order.
    #[must_use]
    pub fn override_reasons(&self) -> &[OverrideReason] {
        &self.override_reasons
    }

    /// The ids of the Cedar policies that are limits.
    pub(crate) fn limits(&self) -> impl Iterator<Item = String> + '_ {
        let limits = self.forbids.iter().filter(|policy| policy.annotation("limit").is_some());
        limits.map(|policy| policy.id().to_string())
    }

    pub(crate) fn forbids(&self) -> &[cedar_policy::Policy] {
        &self.forbids
    }

    /// The tier for a case: the most exact one that takes the amount, then that of the smallest amount.
    #[must_use]
    pub fn tier(&self, entity: &EntityCode, kind: ExceptionKind, gross: Money) -> Option<&Tier> {
        self.tiers.iter().filter(|t| t.matches(entity, kind, gross)).min_by_key(|t| t.rank())
    }
}

/// What a posting needs. Without a policy: one approver. With a policy that has no tier for the case: two,
/// since an amount or a currency that nobody thought of must not pass more easily than those they did.
/// A tier of none holds only for a policy's own posting into a fully open period, else it counts as one.
/// Each step is judged by its own entity and functional currency; what the strictest asks for holds. So does
/// what the rule asks for that a late item came under.
pub(crate) fn required(policy: Option<&Policy>, facts: &PostingFacts) -> Approvals {
    let by_amount = facts.each_step().map(|step| required_of_step(policy, &step)).max();
    by_amount.unwrap_or(Approvals::Two).max(facts.late)
}

fn required_of_step(policy: Option<&Policy>, facts: &PostingFacts) -> Approvals {
    let Some(policy) = policy else { return Approvals::One };
    let asked =
        policy.tier(&facts.entity, facts.kind, facts.gross).map_or(Approvals::Two, |tier| tier.approvals);
    match asked {
        Approvals::One => Approvals::One,
        Approvals::Two => Approvals::Two,
        Approvals::None => match (facts.origin, facts.period_status) {
            (Origin::Policy, PeriodStatus::Open) => Approvals::None,
            (
                Origin::Policy | Origin::Manual | Origin::Reroute | Origin::Reversal | Origin::Correction,
                PeriodStatus::Open
                | PeriodStatus::SoftClosed
                | PeriodStatus::Locked { .. }
                | PeriodStatus::Closed,
            ) => Approvals::One,
        },
    }
}

/// The longest that an approval may count, days.
const LONGEST_DAYS: u32 = 366;

fn approvals_last(days: Option<u32>) -> Result<Option<Duration>, PolicyError> {
    match days {
        None => Ok(None),
        Some(days) if (1..=LONGEST_DAYS).contains(&days) => Ok(Some(Duration::days(i64::from(days)))),
        Some(days) => Err(PolicyError::ApprovalsLast(days)),
    }
}

fn check_reasons(reasons: &[OverrideReason]) -> Result<(), PolicyError> {
    let of_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    for (at, reason) in reasons.iter().enumerate() {
        let why = match reason {
            one if one.code.is_empty() || !one.code.chars().all(of_code) => {
                "write small letters, digits and _"
            }
            one if one.says.trim().is_empty() => "say what it is for",
            one if reasons[..at].iter().any(|other| other.code == one.code) => "it is there twice",
            _ => continue,
        };
        return Err(PolicyError::OverrideReason { code: reason.code.clone(), why });
    }
    Ok(())
}

fn check_tiers(tiers: &[Tier]) -> Result<(), PolicyError> {
    let same_case = |a: &Tier, b: &Tier| a.entity == b.entity && a.kind == b.kind && a.currency == b.currency;
    for (index, tier) in tiers.iter().enumerate() {
        for (earlier, other) in tiers[..index].iter().enumerate() {
            if !same_case(tier, other) {
                continue;
            }
            if tier.up_to == other.up_to {
                return Err(PolicyError::DuplicateTier { first: earlier + 1, second: index + 1 });
            }
            let (small, large) = match tier.rank() < other.rank() {
                true => ((index, tier), (earlier, other)),
                false => ((earlier, other), (index, tier)),
            };
            if large.1.approvals < small.1.approvals {
                return Err(PolicyError::TierOrder { smaller: small.0 + 1, larger: large.0 + 1 });
            }
        }
    }
    Ok(())
}

fn read_forbids(text: &str) -> Result<Vec<cedar_policy::Policy>, PolicyError> {
    let set = PolicySet::from_str(text).map_err(|e| PolicyError::CedarSyntax(report(&e)))?;
    if let Some(template) = set.templates().next() {
        return Err(PolicyError::CedarTemplate(template.id().to_string()));
    }
    let mut policies: Vec<&cedar_policy::Policy> = set.policies().collect();
    policies.sort_by_key(|policy| (policy.id().to_string().len(), policy.id().to_string()));
    let (mut forbids, mut seen) = (Vec::new(), HashSet::new());
    for policy in policies {
        let name = policy.annotation("id").map_or_else(|| policy.id().to_string(), str::to_owned);
        match policy.effect() {
            Effect::Permit => return Err(PolicyError::CedarPermit(name)),
            Effect::Forbid => {}
        }
        if !seen.insert(name.clone()) {
            return Err(PolicyError::CedarDuplicateId(name));
        }
        forbids.push(policy.new_id(PolicyId::new(format!("{WORKSPACE}{name}"))));
    }
    Cedar::new(&forbids)?;
    Ok(forbids)
}

fn report(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
