//! One account, or those from one code to another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::AccountCode;

/// Between the two ends of a range.
const TO: &str = "..";

/// Accounts from one code to another, both included; one account where both are the same. Codes of another
/// length than the ends are none of it, so that `110` does not lie in `1000..1999`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountRange {
    from: AccountCode,
    to: AccountCode,
}

/// Why a text is no range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no account and no range of accounts: write a code, or two codes of one length as \
         \"1100..1199\""
)]
pub struct RangeError(String);

impl AccountRange {
    /// Just one account.
    #[must_use]
    pub fn one(account: AccountCode) -> Self {
        Self { from: account.clone(), to: account }
    }

    /// True where the account lies in it.
    #[must_use]
    pub fn holds(&self, account: &AccountCode) -> bool {
        let code = account.as_str();
        code.len() == self.from.as_str().len() && self.from.as_str() <= code && code <= self.to.as_str()
    }

    /// The only account of it, where it is one.
    #[must_use]
    pub fn single(&self) -> Option<&AccountCode> {
        (self.from == self.to).then_some(&self.from)
    }

    /// The first code.
    #[must_use]
    pub fn from(&self) -> &AccountCode {
        &self.from
    }

    /// The last code.
    #[must_use]
    pub fn to(&self) -> &AccountCode {
        &self.to
    }
}

impl FromStr for AccountRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let bad = || RangeError(text.to_owned());
        let code = |part: &str| part.trim().parse::<AccountCode>().map_err(|_| bad());
        let range = match text.split_once(TO) {
            Some((from, to)) => Self { from: code(from)?, to: code(to)? },
            None => Self::one(code(text)?),
        };
        let in_order = range.from.as_str().len() == range.to.as_str().len() && range.from <= range.to;
        if in_order { Ok(range) } else { Err(bad()) }
    }
}

impl TryFrom<String> for AccountRange {
    type Error = RangeError;

    fn try_from(text: String) -> Result<Self, RangeError> {
        text.parse()
    }
}

impl From<AccountRange> for String {
    fn from(range: AccountRange) -> String {
        range.to_string()
    }
}

impl fmt::Display for AccountRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(account) => account.fmt(f),
            None => write!(f, "{}{TO}{}", self.from, self.to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_codes_of_its_length_between_its_ends() {
        let range: AccountRange = "1100..1199".parse().unwrap();
        let holds = |code: &str| range.holds(&code.parse().unwrap());
        assert!(holds("1100") && holds("1150") && holds("1199"));
        assert!(!holds("1200") && !holds("110") && !holds("11500"));
        assert_eq!(range.to_string(), "1100..1199");
        assert_eq!("1100".parse::<AccountRange>().unwrap().to_string(), "1100");
        for bad in ["1200..1100", "1..10", "..", ""] {
            assert!(bad.parse::<AccountRange>().is_err(), "{bad}");
        }
    }
}
