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

use tieout_connectors::vendors;

/// A run answers the vendor whose adapter it put to the contract; nothing where its server cannot be had,
/// which fails in CI.
macro_rules! runs {
    ($($vendor:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $vendor() {
                if let Some(vendor) = super::$vendor::keeps_the_contract().await {
                    assert_eq!(vendor, stringify!($vendor));
                }
            }
        )+
        pub const VENDORS: &[&str] = &[$(stringify!($vendor)),+];
    };
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
