//! The account that a connection opens, and what came of trying it.

use serde::Serialize;
use tieout_connectors::{AccountIdentity, advice::advice};
use tieout_domain::failure::VendorFailure;

use crate::base::closed;

/// The account that a connection's credentials open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(rename = "AccountIdentity")]
pub struct AccountView {
    /// The vendor's account, tenant or company id.
    pub tenant: String,
    /// Its name, where there is one.
    pub name: Option<String>,
    /// True for a production account, where the vendor tells.
    pub live: Option<bool>,
    /// What the account has and lacks, where the adapter looks.
    pub capabilities: Vec<CapabilityView>,
}

/// What an account of the vendor has or lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(rename = "Capability")]
pub struct CapabilityView {
    /// What: subsidiaries, currencies, approvals, deletions …
    pub what: String,
    /// here, absent (the connection does without), missing (somebody has to give it) or unknown.
    #[ts(as = "closed::CapabilityState")]
    pub state: String,
    /// What that means; where something is missing, which permission or preference to ask for.
    pub says: String,
}

impl From<AccountIdentity> for AccountView {
    fn from(identity: AccountIdentity) -> Self {
        let capabilities = identity.capabilities.into_iter().map(|one| CapabilityView {
            what: one.what,
            state: one.state.as_str().to_owned(),
            says: one.says,
        });
        Self {
            tenant: identity.tenant,
            name: identity.name,
            live: identity.live,
            capabilities: capabilities.collect(),
        }
    }
}

/// What came of trying a connection: the account, or what stands in the way of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct TriedView {
    /// The account, where it answered.
    pub account: Option<AccountView>,
    /// The failure's stable code, where it did not.
    pub code: Option<String>,
    /// What is wrong: the vendor's own words, or ours of what stands between.
    pub message: String,
    /// What to do about it; empty where nothing is.
    pub advice: String,
}

impl TriedView {
    /// What came of trying the connection `name`.
    pub(crate) fn of(tried: Result<AccountIdentity, VendorFailure>, name: &str) -> Self {
        match tried {
            Ok(identity) => Self {
                account: Some(identity.into()),
                code: None,
                message: String::new(),
                advice: String::new(),
            },
            Err(failure) => Self {
                account: None,
                code: Some(failure.code.to_owned()),
                message: failure.message,
                advice: advice(failure.code, name),
            },
        }
    }
}
