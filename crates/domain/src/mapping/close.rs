//! What a close is held against: how much of an account may stay open when it is signed, and what moves too
//! little to matter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    amounts::AmountText,
    roles::{AccountKey, Role},
};
use crate::{AccountCode, Currency};

/// An entity's limits, in its functional currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseLimits {
    /// Up to which amount what is to book and unexplained on an account may stay when it is signed, by role,
    /// account or range. An account that is not named has the entity's tolerance, or none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tolerance: BTreeMap<AccountKey, AmountText>,
    /// Up to which amount what moves after a sign-off is clearly trivial: it is listed and signed once at the
    /// end. Without, nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearly_trivial: Option<AmountText>,
}

impl CloseLimits {
    /// True where it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Checks its amounts.
    ///
    /// # Errors
    /// The key, and what is wrong with it, in words.
    pub fn check(&self, functional: Currency) -> Result<(), (&'static str, String)> {
        for (key, amount) in &self.tolerance {
            amount.of(functional).map_err(|why| ("close.tolerance", format!("{key}: {why}")))?;
        }
        match &self.clearly_trivial {
            Some(amount) => amount.of(functional).map(drop).map_err(|why| ("close.clearly_trivial", why)),
            None => Ok(()),
        }
    }

    /// What is said of an account with this role: the most exact key counts, an account before a range
    /// before a role.
    #[must_use]
    pub fn tolerance_of(&self, account: &AccountCode, role: Option<Role>) -> Option<&AmountText> {
        let of = |single: bool| {
            self.tolerance.iter().find_map(|(key, amount)| match key {
                AccountKey::Accounts(range) if range.single().is_some() == single && range.holds(account) => {
                    Some(amount)
                }
                _ => None,
            })
        };
        let by_role = || self.tolerance.get(&AccountKey::Role(role?));
        of(true).or_else(|| of(false)).or_else(by_role)
    }
}
