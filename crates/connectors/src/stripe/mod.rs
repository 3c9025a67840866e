//! Stripe, read only.
//!
//! Checked against: Stripe's published fixtures (every resource read here decodes), the sandbox of this
//! project, and `localstripe` 1.15.10 (the shapes of API version 2017-08-15). It has not been run against
//! Stripe itself. Vendor facts: <https://docs.stripe.com/api>, <https://docs.stripe.com/rate-limits>.

mod adapter;
mod client;
mod cursor;
mod decode;
mod invoice;
mod usage;

use std::time::Duration;

pub use adapter::StripeConnection;
pub use decode::{Context, decode};
pub use invoice::SourceLine;

use crate::{
    Resource,
    kit::{Limit, Secret, World},
};

/// What a connection lists, and the filters that it knows. What is not offered is skipped, no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The resources, in the order in which they should be read.
    pub resources: Vec<Resource>,
    /// Lists take `created[gte]`.
    pub created_filter: bool,
    /// `/v1/events` reaches back 30 days and can serve as the cursor.
    pub events: bool,
    /// `/v1/account` names the account.
    pub account: bool,
    /// `/v1/invoice_payments` links payments to invoices.
    pub invoice_payments: bool,
    /// A finalised invoice always has a number; without one it is schema drift.
    pub invoice_numbers: bool,
}

impl Offer {
    /// Stripe as of 2026.
    #[must_use]
    pub fn current() -> Self {
        Self {
            resources: vec![
                Resource::Customers,
                Resource::Subscriptions,
                Resource::Invoices,
                Resource::CreditNotes,
                Resource::Payments,
                Resource::Refunds,
                Resource::Disputes,
                Resource::Fees,
                Resource::Usage,
            ],
            created_filter: true,
            events: true,
            account: true,
            invoice_payments: true,
            invoice_numbers: true,
        }
    }

    /// `localstripe` 1.15.10: older shapes, no credit notes, disputes or meters, unfiltered lists, events
    /// kept without any promise.
    #[must_use]
    pub fn localstripe() -> Self {
        Self {
            resources: vec![
                Resource::Customers,
                Resource::Subscriptions,
                Resource::Invoices,
                Resource::Payments,
                Resource::Refunds,
                Resource::Fees,
            ],
            created_filter: false,
            events: false,
            account: false,
            invoice_payments: false,
            invoice_numbers: false,
        }
    }
}

/// How to reach one Stripe account.
#[derive(Clone)]
pub struct StripeOptions {
    /// `https://api.stripe.com`, or a stand-in on this machine.
    pub base_url: String,
    /// Secret or restricted key. A `…_live_` key is refused on a test connection and the reverse.
    pub key: Secret,
    /// True for a production account.
    pub live: bool,
    /// What the connection lists.
    pub offer: Offer,
    /// Sent as `Stripe-Version`; `None` leaves the account's default.
    pub api_version: Option<String>,
    /// The allowed rate. Stripe: 100/s live, 25/s in a sandbox, 25/s per endpoint.
    pub limit: Limit,
    /// Longest silence while an answer is read.
    pub read_timeout: Duration,
    /// Time and randomness.
    pub world: World,
}

impl StripeOptions {
    /// The present Stripe with the rate of one endpoint (25/s), which also fits a sandbox.
    #[must_use]
    pub fn new(base_url: impl Into<String>, key: Secret, live: bool, world: World) -> Self {
        Self {
            base_url: base_url.into(),
            key,
            live,
            offer: Offer::current(),
            api_version: None,
            limit: Limit::per_second(25, 8),
            read_timeout: Duration::from_secs(60),
            world,
        }
    }
}
