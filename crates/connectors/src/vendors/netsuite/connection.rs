//! A connection to one NetSuite account.

use tieout_domain::{Currency, failure::VendorFailure};

use super::{chart::ChartCache, client::Client, options::NetSuiteOptions};
use crate::{
    connector::Limited,
    kit::{Limiter, Together},
};

/// How many of one kind go into one query: the look for names has some ten conditions for each.
pub(super) const AT_ONCE: usize = 25;

/// One NetSuite account: reads and books through one limiter.
pub struct NetSuiteConnection {
    pub(super) client: Client,
    pub(super) chart: ChartCache,
    pub(super) account: String,
    pub(super) zone: chrono_tz::Tz,
    pub(super) approve: String,
    pub(super) name_fields: Vec<String>,
    pub(super) home_currency: Option<Currency>,
    /// Customers that several postings look for at the same time.
    pub(super) customers: Together<String, Option<String>>,
}

impl Limited for NetSuiteConnection {
    fn limiter(&self) -> &Limiter {
        self.client.limiter()
    }
}

impl NetSuiteConnection {
    /// A connection; nothing is sent yet.
    ///
    /// # Errors
    /// `test_live_mismatch` where the account is of the other kind, `bad_address`, `insecure_address`.
    pub fn new(options: NetSuiteOptions) -> Result<Self, VendorFailure> {
        let is_live = is_production(&options.account);
        if is_live != options.live {
            let (is, wants) = if is_live { ("production", "test") } else { ("sandbox", "live") };
            return Err(VendorFailure::terminal(
                "test_live_mismatch",
                format!(
                    "account {} is a {is} account, but the connection is a {wants} one: use another account \
                     or another connection",
                    options.account
                ),
            ));
        }
        Ok(Self {
            client: Client::new(&options)?,
            chart: ChartCache::default(),
            account: options.account,
            zone: options.time_zone,
            approve: options.approve,
            name_fields: options.name_fields,
            home_currency: options.home_currency,
            customers: Together::new(AT_ONCE),
        })
    }
}

/// `1234567` is production; `1234567_SB1`, `1234567_RP` and `TSTDRV1234567` are not.
pub(super) fn is_production(account: &str) -> bool {
    account.bytes().all(|b| b.is_ascii_digit())
}
