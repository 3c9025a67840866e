//! When revenue is earned, and on which account.

use serde::{Deserialize, Serialize};

use super::schedules::Method;
use crate::AccountCode;

/// When revenue of a product is earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognition {
    /// With the invoice: the revenue account is credited.
    #[default]
    AtOnce,
    /// Over the service period: the entity's deferred revenue account is credited.
    OverTime,
}

/// In a rule: a line that names no product, and nothing else ([`RevenueRule::product`]).
pub const NO_PRODUCT: &str = "(none)";

/// What stands for the product of a line that billing has on the whole document only.
pub mod unitemised {
    /// A discount on the whole invoice that no line carries.
    pub const DISCOUNT: &str = "(discount)";
    /// Shipping.
    pub const SHIPPING: &str = "(shipping)";
    /// Credits that billing takes off before tax (credit grants).
    pub const CREDIT: &str = "(credit)";
}

/// The revenue account of a product. `*` matches anything, a line without a product too; the rule with the
/// most exact fields wins, in the order entity, product, tax code; among equals the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevenueRule {
    /// Entity code or `*`.
    #[serde(default = "any")]
    pub entity: String,
    /// Product id or `*`; [`NO_PRODUCT`] for a line without one, or what stands for one ([`unitemised`]).
    pub product: String,
    /// Tax code or `*`.
    #[serde(default = "any")]
    pub tax_code: String,
    /// The revenue account.
    pub account: AccountCode,
    /// When the revenue is earned.
    #[serde(default)]
    pub recognition: Recognition,
    /// How it is released, where that is otherwise than the entity's schedules say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Method>,
}

fn any() -> String {
    "*".to_owned()
}
