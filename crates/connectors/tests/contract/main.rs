//! The contract, run against every vendor of the registry: each by an adapter that the registry built, on a
//! server with a book of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../kit_world/mod.rs"]
mod kit_world;
mod localstripe;
mod netsuite;
mod proxy;
mod stripe;
mod tryton;
mod tryton_peer;

use std::collections::BTreeSet;

use tieout_connectors::{Connector, sheet::Role, vendors};

/// A run answers the vendor whose adapter it put to the contract; nothing where its server cannot be had,
/// which fails in CI.
macro_rules! runs {
    ($($vendor:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $vendor() {
                if let Some(connector) = super::$vendor::keeps_the_contract().await {
                    assert_eq!(super::as_its_sheet_says(&connector), stringify!($vendor));
                }
            }
        )+
        pub const VENDORS: &[&str] = &[$(stringify!($vendor)),+];
    };
}

/// The vendor of an adapter that kept the contract, and that lists what its sheet says.
fn as_its_sheet_says(connector: &Connector) -> &'static str {
    let sheet = connector.sheet();
    let listed: Vec<_> = sheet.resources.iter().map(|known| known.resource).collect();
    assert_eq!(connector.offers(), listed);
    assert_eq!(connector.poster().is_some(), sheet.capabilities.posts);
    assert_eq!(connector.billing_source().is_some(), sheet.role == Role::Billing);
    assert_eq!(connector.ledger_source().is_some(), sheet.role == Role::Erp);
    assert!(connector.snapshot().calls > 0, "it was this adapter that was asked");
    sheet.vendor
}

mod keeps_the_contract {
    runs!(stripe, netsuite, tryton, localstripe);
}

#[test]
fn every_vendor_of_the_registry_has_a_contract_run() {
    let registered: BTreeSet<&str> = vendors::sheets().map(|sheet| sheet.vendor).collect();
    let run: BTreeSet<&str> = keeps_the_contract::VENDORS.iter().copied().collect();
    assert_eq!(registered, run);
}
