//! Why a policy is refused.

/// Why a policy file was refused, in the order in which it is checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is not TOML of this shape.
    #[error("the policy file cannot be read: {0}")]
    Syntax(String),
    /// It was written for another version of Tieout.
    #[error("the policy file has schema {0}; this version reads schema 1")]
    Schema(u32),
    /// A tier's entity is not a code.
    #[error("tier {tier}: \"{text}\" is no legal entity's code; write a code or \"*\"")]
    Entity {
        /// Which tier, from 1.
        tier: usize,
        /// As written.
        text: String,
    },
    /// A tier's kind is unknown.
    #[error(
        "tier {tier}: \"{text}\" is no exception kind; write one as `tieout exceptions` prints it, or \"*\""
    )]
    Kind {
        /// Which tier, from 1.
        tier: usize,
        /// As written.
        text: String,
    },
    /// A tier's currency is unknown, or `*` with an amount.
    #[error("tier {tier}: currency \"{text}\": write an ISO 4217 code, or \"*\" with up_to = \"unlimited\"")]
    Currency {
        /// Which tier, from 1.
        tier: usize,
        /// As written.
        text: String,
    },
    /// A tier's amount is no amount of its currency, or negative.
    #[error("tier {tier}: up_to = \"{text}\": {why}")]
    Amount {
        /// Which tier, from 1.
        tier: usize,
        /// As written.
        text: String,
        /// What is wrong.
        why: String,
    },
    /// Two tiers for the same case.
    #[error("tier {second} is for the same entity, kind, currency and amount as tier {first}: remove one")]
    DuplicateTier {
        /// The earlier, from 1.
        first: usize,
        /// The later, from 1.
        second: usize,
    },
    /// A larger amount would need fewer approvals than a smaller one of the same entity, kind, currency.
    #[error("tier {larger} is for larger amounts than tier {smaller} and asks for fewer approvals")]
    TierOrder {
        /// The tier of the smaller amount, from 1.
        smaller: usize,
        /// The tier of the larger amount, from 1.
        larger: usize,
    },
    /// A rule for late items says something that cannot be done.
    #[error("late rule {rule}: {field}: {why}")]
    Late {
        /// Which rule, as written.
        rule: String,
        /// Which field of it.
        field: &'static str,
        /// What is wrong, and what to write.
        why: String,
    },
    /// Approvals count for no days, or for years.
    #[error("approvals_last_days = {0}: write 1 to 366, or leave it out where approvals do not run out")]
    ApprovalsLast(u32),
    /// A time limit of a flow, or the business hours, say something that cannot be done.
    #[error("time limit {what}: {field}: {why}")]
    Sla {
        /// Which flow, or what else, as written.
        what: String,
        /// Which field of it.
        field: &'static str,
        /// What is wrong, and what to write.
        why: String,
    },
    /// A reason for overrides cannot be used.
    #[error("override_reason {code:?}: {why}")]
    OverrideReason {
        /// Its code, as written.
        code: String,
        /// What is wrong, and what to write.
        why: &'static str,
    },
    /// The Cedar text cannot be parsed.
    #[error("the policy file's cedar text cannot be parsed: {0}")]
    CedarSyntax(String),
    /// The Cedar text holds a template.
    #[error("the policy file's cedar text holds a template ({0}): write a policy without slots")]
    CedarTemplate(String),
    /// The Cedar text allows something.
    #[error("cedar policy \"{0}\" permits: a workspace's policies may only forbid")]
    CedarPermit(String),
    /// Two Cedar policies of one id.
    #[error("two cedar policies have the id \"{0}\"")]
    CedarDuplicateId(String),
    /// The Cedar text does not fit the schema.
    #[error("the policy file's cedar text does not fit the schema: {0}")]
    CedarInvalid(String),
    /// The program's own rules do not parse: the program is broken, not the file.
    #[error("the built-in rules cannot be loaded: {0}")]
    BuiltIn(String),
}

impl PolicyError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            PolicyError::Syntax(_) => "policy_syntax",
            PolicyError::Schema(_) => "policy_schema",
            PolicyError::Entity { .. } => "policy_unknown_entity",
            PolicyError::Kind { .. } => "policy_unknown_kind",
            PolicyError::Currency { .. } => "policy_bad_currency",
            PolicyError::Amount { .. } => "policy_bad_amount",
            PolicyError::DuplicateTier { .. } => "policy_duplicate_tier",
            PolicyError::TierOrder { .. } => "policy_tier_order",
            PolicyError::Late { .. } => "policy_late_rule",
            PolicyError::ApprovalsLast(_) => "policy_approvals_last",
            PolicyError::Sla { .. } => "policy_sla",
            PolicyError::OverrideReason { .. } => "policy_override_reason",
            PolicyError::CedarSyntax(_) => "policy_cedar_syntax",
            PolicyError::CedarTemplate(_) => "policy_cedar_template",
            PolicyError::CedarPermit(_) => "policy_cedar_permit",
            PolicyError::CedarDuplicateId(_) => "policy_cedar_duplicate_id",
            PolicyError::CedarInvalid(_) => "policy_cedar_invalid",
            PolicyError::BuiltIn(_) => "policy_built_in",
        }
    }
}
