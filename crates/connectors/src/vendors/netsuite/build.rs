//! A NetSuite connection from its settings.

use tieout_domain::failure::VendorFailure;

use super::{
    adapter::NetSuiteConnection,
    auth::{M2m, M2mAlgorithm, TokenAuth},
    options::{NetSuiteAuth, NetSuiteOptions},
};
use crate::{
    connector::Connector,
    settings::{self, Credentials, Wanted},
    sheet::Sheet,
};

/// Builds the adapter. Nothing is sent yet.
pub(crate) fn build(
    sheet: &'static Sheet,
    wanted: &Wanted<'_>,
    credentials: &Credentials<'_>,
) -> Result<Connector, VendorFailure> {
    let chosen = |name| settings::value(sheet, wanted.settings, name);
    let auth = match chosen("auth") {
        Some("m2m") => NetSuiteAuth::M2m(M2m {
            client_id: credentials("client_id")?.expose().to_owned(),
            certificate_id: credentials("certificate_id")?.expose().to_owned(),
            algorithm: match chosen("algorithm") {
                Some("PS256") => M2mAlgorithm::Ps256,
                _ => M2mAlgorithm::Es256,
            },
            private_key_pem: credentials("private_key")?,
        }),
        _ => NetSuiteAuth::Token(TokenAuth {
            consumer_key: credentials("consumer_key")?,
            consumer_secret: credentials("consumer_secret")?,
            token_id: credentials("token_id")?,
            token_secret: credentials("token_secret")?,
        }),
    };
    let world = wanted.world.clone();
    let mut options = NetSuiteOptions::new(wanted.url, wanted.tenant, wanted.live, auth, world);
    options.limit = settings::limit(sheet, wanted.settings)?;
    options.read_timeout = settings::timeout(sheet, wanted.settings)?;
    options.approve = chosen("approve") == Some("true");
    Ok(Connector::ledger(sheet, NetSuiteConnection::new(options)?))
}
