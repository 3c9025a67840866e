//! How to reach one Stripe account, and what it lists.

use std::time::Duration;

use super::sheet::{STRIPE, VERSION};
use crate::{
    kit::{Limit, Secret, World},
    sheet::Sheet,
    traits::Resource,
};

/// What a connection lists, and the filters that it knows. What is not offered is skipped, no failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The resources, in the order in which they should be read.
    pub resources: Vec<Resource>,
    /// Lists take `created[gte]` and `created[lte]`.
    pub created_filter: bool,
    /// `/v1/events` reaches back 30 days and can serve as the cursor.
    pub events: bool,
    /// `/v1/account` names the account.
    pub account: bool,
    /// `/v1/invoice_payments` links payments to invoices.
    pub invoice_payments: bool,
    /// A finalised invoice always has a number; without one it is schema drift.
    pub invoice_numbers: bool,
    /// A list shows the balance transaction of each payment in full (`expand[]`), and events can be asked for
    /// by their types.
    pub expands: bool,
    /// Customers and subscriptions of test clocks are on lists of their own.
    pub test_clocks: bool,
    /// What an invoice used of its customer's balance is listed by the customer.
    pub customer_balances: bool,
}

/// The resources of a sheet, in its order.
fn resources(sheet: &Sheet) -> Vec<Resource> {
    sheet.resources.iter().map(|known| known.resource).collect()
}

impl Offer {
    /// Stripe as of 2026.
    #[must_use]
    pub fn current() -> Self {
        Self {
            resources: resources(&STRIPE),
            created_filter: true,
            events: true,
            account: true,
            invoice_payments: true,
            invoice_numbers: true,
            expands: true,
            test_clocks: true,
            customer_balances: true,
        }
    }

    /// `localstripe` 1.15.10: older shapes, no credit notes, disputes or meters, unfiltered lists, events
    /// kept without any promise.
    #[must_use]
    pub fn localstripe() -> Self {
        Self {
            resources: resources(&super::sheet::LOCALSTRIPE),
            created_filter: false,
            events: false,
            account: false,
            invoice_payments: false,
            invoice_numbers: false,
            expands: false,
            test_clocks: false,
            customer_balances: false,
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
    /// Sent as `Stripe-Account`: the connected account that a platform's key reads.
    pub connected_account: Option<String>,
    /// The allowed rate.
    pub limit: Limit,
    /// Longest silence while an answer is read.
    pub read_timeout: Duration,
    /// Time and randomness.
    pub world: World,
}

impl StripeOptions {
    /// The present Stripe with the sheet's usual rate.
    #[must_use]
    pub fn new(base_url: impl Into<String>, key: Secret, live: bool, world: World) -> Self {
        Self {
            base_url: base_url.into(),
            key,
            live,
            offer: Offer::current(),
            api_version: Some(VERSION.to_owned()),
            connected_account: None,
            limit: STRIPE.limits.usual,
            read_timeout: Duration::from_secs(60),
            world,
        }
    }
}
