//! How to reach one NetSuite account.

use std::time::Duration;

use chrono_tz::Tz;
use tieout_domain::Currency;

use super::{
    auth::{M2m, TokenAuth},
    sheet::NETSUITE,
};
use crate::kit::{Limit, World};

/// How the connection proves who it is.
#[derive(Clone)]
pub enum NetSuiteAuth {
    /// Token-based authentication: OAuth 1.0 with HMAC-SHA256.
    Token(TokenAuth),
    /// OAuth 2.0 client credentials with a signed assertion.
    M2m(M2m),
}

/// How to reach one NetSuite account.
#[derive(Clone)]
pub struct NetSuiteOptions {
    /// `https://1234567-sb1.suitetalk.api.netsuite.com`, or a stand-in on this machine.
    pub base_url: String,
    /// The account as NetSuite writes it: `1234567_SB1`. It is the tenant of every key, and the realm.
    pub account: String,
    /// True for a production account. An account of another kind is refused.
    pub live: bool,
    /// Credentials.
    pub auth: NetSuiteAuth,
    /// Concurrency (5 on the base tier, shared by all integrations) and, where one is known, a rate.
    pub limit: Limit,
    /// Longest silence while an answer is read.
    pub read_timeout: Duration,
    /// Longest time of one call altogether. NetSuite itself gives up after 15 minutes.
    pub total_timeout: Duration,
    /// `true` sends journals as already approved by the account's routing, `legacy` by the older flag.
    /// `false` leaves it to the account, and an entry that waits there reads back as not booked.
    pub approve: String,
    /// The time zone in which the account writes times in queries.
    pub time_zone: Tz,
    /// The ids of fields of the customer's own on transactions that hold names of documents.
    pub name_fields: Vec<String>,
    /// The account's one currency, where it has no list of them or no subsidiaries.
    pub home_currency: Option<Currency>,
    /// Time and randomness.
    pub world: World,
}

impl NetSuiteOptions {
    /// The sheet's usual calls at once, no rate, the account's own approval routing.
    #[must_use]
    pub fn new(
        base_url: impl Into<String>,
        account: impl Into<String>,
        live: bool,
        auth: NetSuiteAuth,
        world: World,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            account: account.into(),
            live,
            auth,
            limit: NETSUITE.limits.usual,
            read_timeout: Duration::from_secs(60),
            total_timeout: Duration::from_secs(120),
            approve: "false".to_owned(),
            time_zone: Tz::UTC,
            name_fields: Vec::new(),
            home_currency: None,
            world,
        }
    }
}
