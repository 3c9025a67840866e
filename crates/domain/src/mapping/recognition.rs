//! When revenue is earned.

use serde::{Deserialize, Serialize};

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
