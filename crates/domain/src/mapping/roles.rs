//! Roles of accounts, and which accounts have them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::range::AccountRange;
use crate::AccountCode;

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident => $text:literal: $scope:ident,)*) => {
        /// What an account of an entity is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Role { $($(#[$doc])* $name,)* }

        impl Role {
            /// All of them.
            pub const ALL: &[Role] = &[$(Role::$name,)*];

            /// The stable name, which is the key in a mapping file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Role::$name => $text,)* }
            }

            /// The scope of its accounts where the mapping says nothing else.
            #[must_use]
            pub const fn usual_scope(self) -> Scope {
                match self { $(Role::$name => Scope::$scope,)* }
            }
        }
    };
}

roles! {
    /// What customers owe.
    Receivable => "receivable": Judged,
    /// Revenue that is not yet earned.
    DeferredRevenue => "deferred_revenue": Listed,
    /// Tax payable.
    TaxPayable => "tax_payable": Listed,
    /// The processor's balance.
    Clearing => "clearing": Judged,
    /// The processor's fees.
    Fees => "fees": Ours,
    /// Bad debt expense.
    BadDebt => "bad_debt": Ours,
    /// FX clearing.
    FxClearing => "fx_clearing": Ours,
    /// Realised gains of exchange rates.
    FxGains => "fx_gains": Ours,
    /// Realised losses of exchange rates.
    FxLosses => "fx_losses": Ours,
    /// The bank.
    Bank => "bank": Ours,
    /// Tax on the processor's fees.
    FeeTax => "fee_tax": Ours,
    /// Balances that billing keeps for customers.
    Deposits => "deposits": Ours,
    /// Transfers to and from other accounts at the processor.
    Transfers => "transfers": Ours,
    /// What the processor keeps back.
    Reserves => "reserves": Ours,
    /// What the processor puts right.
    Adjustments => "adjustments": Ours,
    /// Revenue: the accounts of the revenue rules.
    Revenue => "revenue": Listed,
}

impl Role {
    /// The role of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == name)
    }
}

/// How much of an account is read and explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Only what is matched.
    Ours,
    /// Everything is read, so that the population can be proven; what is not matched is no exception.
    Listed,
    /// Everything is read, and must be explained.
    Judged,
}

/// The accounts of one role as they are written: one, or a list of codes and ranges. The first is the one
/// that the desk books on, and no range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAccounts {
    /// The one that the desk books on.
    pub first: AccountCode,
    /// The further ones.
    pub also: Vec<AccountRange>,
}

impl<'de> Deserialize<'de> for RoleAccounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = RoleAccounts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an account, or a list of accounts and ranges")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RoleAccounts, E> {
                let first = AccountCode::from_str(text).map_err(E::custom)?;
                Ok(RoleAccounts { first, also: Vec::new() })
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<RoleAccounts, A::Error> {
                let first: Option<AccountRange> = items.next_element()?;
                let first = first.as_ref().and_then(AccountRange::single).cloned().ok_or_else(|| {
                    de::Error::custom("the first account of a role is the one that is booked on: no range")
                })?;
                let mut also = Vec::new();
                while let Some(range) = items.next_element()? {
                    also.push(range);
                }
                Ok(RoleAccounts { first, also })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// What a scope is given to: all accounts of a role, or some accounts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKey {
    /// All accounts of this role.
    Role(Role),
    /// One account or a range.
    Accounts(AccountRange),
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AccountKey::Role(role) => f.write_str(role.as_str()),
            AccountKey::Accounts(range) => range.fmt(f),
        }
    }
}

impl Serialize for AccountKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AccountKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Some(role) = Role::parse(&text) {
            return Ok(AccountKey::Role(role));
        }
        // A word without a digit is a role that there is not.
        if !text.contains(|c: char| c.is_ascii_digit()) {
            let all: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
            let message = format!("\"{text}\" is no role and no account; the roles are {}", all.join(", "));
            return Err(de::Error::custom(message));
        }
        text.parse().map(AccountKey::Accounts).map_err(de::Error::custom)
    }
}
